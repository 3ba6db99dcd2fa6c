//! The catalogue of tables that raw feeds: names, classes, columns, natural keys and how each is
//! merged. Load writes by it, digests read by it, and a test compares it with the migrated database.

use crate::{Identifier, TenantId};
use Class::{Derived, Journal, Raw};

use ColumnType::{
    Bool, Date, Factor, Instant, Int, Json, Key, Money, Quantity, Rate, Real, Small, Text, Total,
};

/// What a table's content is a function of, and so who may compare it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// A function of raw; in digests.
    Raw,
    /// A function of raw tables and a day; in digests.
    Derived,
    /// Runs, reports, ledger: what happened here, in backups only.
    Journal,
}

/// How a column is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnType {
    /// `bigint`: a row key, a raw position, a byte count.
    Key,
    /// `text`.
    Text,
    /// `numeric(19,4)`.
    Money,
    /// `numeric(15,3)`.
    Quantity,
    /// `numeric(9,6)`.
    Rate,
    /// `numeric(20,10)`.
    Factor,
    /// `numeric(38,4)`: a sum of money or of quantities, however many.
    Total,
    /// `double precision`.
    Real,
    /// `integer`.
    Int,
    /// `smallint`.
    Small,
    /// `date`.
    Date,
    /// `timestamptz`.
    Instant,
    /// `boolean`.
    Bool,
    /// `jsonb`.
    Json,
}

/// One column.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// Its name.
    pub name: &'static str,
    /// Its type.
    pub ty: ColumnType,
    /// Whether it may be null.
    pub nullable: bool,
}

/// How rows of a table meet rows that are there already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Merge {
    /// A word and nothing else; the earliest version that used it is kept.
    Lookup,
    /// A row that references, embedded records and records of its own may write: the greater
    /// (`source_rank`, version) wins, and among mere references the earliest version.
    Parent,
    /// A document's header: the greater version wins, with the whole set of its children.
    Document,
    /// A part of a document, or of a parent's own record: replaced with it.
    Part {
        /// The table that it is a part of.
        of: TableId,
        /// The column that names the row that it is a part of.
        column: &'static str,
    },
    /// One fact of a day: the greater version wins. Where a register says which delivery of a day is
    /// complete, older rows of the day are gone.
    Observation,
    /// Written by load itself.
    Register,
}

/// One table of the catalogue.
#[derive(Debug)]
pub struct Table {
    /// Which it is.
    pub id: TableId,
    /// Its name.
    pub name: &'static str,
    /// Its class.
    pub class: Class,
    /// How it is merged.
    pub merge: Merge,
    /// The columns that raw gives, in the order of transform's rows.
    pub columns: &'static [Column],
    /// Columns that load works out from other rows.
    pub derived: &'static [Column],
    /// The natural key.
    pub natural_key: &'static [&'static str],
}

impl Table {
    /// The position of a column.
    #[must_use]
    pub fn position(&self, column: &str) -> Option<usize> {
        self.columns.iter().position(|c| c.name == column)
    }

    /// Every column, those that raw gives first.
    pub fn all_columns(&self) -> impl Iterator<Item = &'static Column> {
        self.columns.iter().chain(self.derived)
    }

    /// Whether complete snapshots say which of its rows count.
    #[must_use]
    pub fn has_presence(&self) -> bool {
        self.position("declared_active").is_some()
    }
}

const fn col(name: &'static str, ty: ColumnType) -> Column {
    Column {
        name,
        ty,
        nullable: false,
    }
}

const fn opt(name: &'static str, ty: ColumnType) -> Column {
    Column {
        name,
        ty,
        nullable: true,
    }
}

/// Which raw record the winning version came from: the last columns of every table that raw feeds.
const SOURCE_VERSION: Column = col("source_version", Instant);
const RAW_POSITION: Column = col("raw_position", Key);
/// 0 only referenced, 1 embedded without a usable name, 2 embedded in another record, 3 a record of its own.
const SOURCE_RANK: Column = col("source_rank", Small);
/// What the winning record says, before presence is asked.
const DECLARED_ACTIVE: Column = col("declared_active", Bool);

macro_rules! catalog {
    ($($id:ident $name:literal $class:ident $merge:expr, key $natural:expr, $columns:expr
        $(, derived [$($derived:expr),*])?;)*
        => statistics { $($statistic:ident $statistic_name:literal $statistic_columns:expr),* $(,)? }) => {
        /// A table of the catalogue; the order is that of foreign keys, parents first.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum TableId {
            $(#[doc = concat!("`", $name, "`")] $id,)*
            $(#[doc = concat!("`", $statistic_name, "`, in the statistics schema")] $statistic,)*
        }

        impl TableId {
            /// Every table of a tenant's schema, parents before children.
            pub const ALL: &'static [TableId] = &[$(TableId::$id),*];

            /// Every table of a tenant's statistics schema.
            pub const STATISTICS: &'static [TableId] = &[$(TableId::$statistic),*];

            /// The table's description.
            #[must_use]
            pub fn table(self) -> &'static Table {
                match self {
                    $(TableId::$id => {
                        static TABLE: Table = Table {
                            id: TableId::$id,
                            name: $name,
                            class: $class,
                            merge: $merge,
                            columns: $columns,
                            derived: &[$($($derived),*)?],
                            natural_key: &$natural,
                        };
                        &TABLE
                    })*
                    $(TableId::$statistic => {
                        static TABLE: Table = Table {
                            id: TableId::$statistic,
                            name: $statistic_name,
                            class: Derived,
                            merge: Merge::Register,
                            columns: $statistic_columns,
                            derived: &[],
                            natural_key: &["location_id", "period_start"],
                        };
                        &TABLE
                    })*
                }
            }

            /// Whether a tenant's schema has the table: rates are in the shared one, and of the others
            /// that has only what load itself writes of any delivery.
            #[must_use]
            pub fn is_of(self, tenant: TenantId) -> bool {
                match self {
                    Self::CurrencyRates => tenant == TenantId::GLOBAL,
                    Self::PresenceSnapshots | Self::PresenceKeys | Self::Quarantine | Self::DeliveredDays
                    | Self::LoadLedger | Self::LoadCounts | Self::PipelineRuns | Self::PipelineStepRuns => true,
                    _ => tenant != TenantId::GLOBAL,
                }
            }

            /// The schema of the tenant that has the table.
            #[must_use]
            pub fn schema(self, tenant: TenantId) -> Identifier {
                match self {
                    $(Self::$statistic)|* => tenant.stats_schema(),
                    _ => tenant.schema(),
                }
            }

            /// The table's name.
            #[must_use]
            pub fn name(self) -> &'static str {
                self.table().name
            }
        }
    };
}

const LOOKUP: &[Column] = &[
    col("id", Key),
    col("name", Text),
    SOURCE_VERSION,
    RAW_POSITION,
];

/// What every statistic has: a place (null for all of them), a period, and what it comes to.
const fn statistic(total_value: Column) -> [Column; 6] {
    [
        opt("location_id", Key),
        col("period_start", Date),
        col("period_end", Date),
        col("total_qty", Total),
        total_value,
        col("product_count", Key),
    ]
}

const STATISTIC: &[Column] = &statistic(col("total_value", Total));
/// Stock of products without a known cost has no value.
const STOCK: &[Column] = &statistic(opt("total_value", Total));

catalog! {
    ProductCategoryTypes "product_category_types" Raw Merge::Lookup, key ["name"], LOOKUP;
    ProductStatuses "product_statuses" Raw Merge::Lookup, key ["name"], LOOKUP;
    Genders "genders" Raw Merge::Lookup, key ["name"], LOOKUP;
    PriceTiers "price_tiers" Raw Merge::Lookup, key ["name"], LOOKUP;
    CustomerTypes "customer_types" Raw Merge::Lookup, key ["name"], LOOKUP;
    LocationTypes "location_types" Raw Merge::Lookup, key ["name"], LOOKUP;
    LocationStatuses "location_statuses" Raw Merge::Lookup, key ["name"], LOOKUP;
    SalesOrderTypes "sales_order_types" Raw Merge::Lookup, key ["name"], LOOKUP;
    SalesOrderStatuses "sales_order_statuses" Raw Merge::Lookup, key ["name"], LOOKUP;
    SalesChannels "sales_channels" Raw Merge::Lookup, key ["name"], LOOKUP;
    SalesOrderLineUpdateTypes "sales_order_line_update_types" Raw Merge::Lookup, key ["name"], LOOKUP;
    SupplierStatuses "supplier_statuses" Raw Merge::Lookup, key ["name"], LOOKUP;
    ImageTypes "image_types" Raw Merge::Lookup, key ["name"], LOOKUP;
    LocationRelationshipTypes "location_relationship_types" Raw Merge::Lookup, key ["name"], LOOKUP;
    PurchaseOrderStatuses "purchase_order_statuses" Raw Merge::Lookup, key ["name"], LOOKUP;
    ReceivingOrderStatuses "receiving_order_statuses" Raw Merge::Lookup, key ["name"], LOOKUP;
    StoreOrderStatuses "store_order_statuses" Raw Merge::Lookup, key ["name"], LOOKUP;
    TransferOrderStatuses "transfer_order_statuses" Raw Merge::Lookup, key ["name"], LOOKUP;
    MarketDataSources "market_data_sources" Raw Merge::Lookup, key ["name"], LOOKUP;
    SocialAdPlatforms "social_ad_platforms" Raw Merge::Lookup, key ["name"], LOOKUP;
    Brands "brands" Raw Merge::Parent, key ["name"], &[
        col("id", Key), col("name", Text), opt("country_of_origin", Text), SOURCE_RANK, SOURCE_VERSION, RAW_POSITION];
    ProductCategories "product_categories" Raw Merge::Parent, key ["external_id"], &[
        col("id", Key), col("external_id", Text), col("name", Text), opt("parent_category_id", Key),
        opt("product_category_type_id", Key), col("is_active", Bool), DECLARED_ACTIVE,
        SOURCE_RANK, SOURCE_VERSION, RAW_POSITION];
    Suppliers "suppliers" Raw Merge::Parent, key ["external_id"], &[
        col("id", Key), col("external_id", Text), col("supplier_name", Text), opt("supplier_status_id", Key),
        opt("country", Text), col("direct_shipment", Bool), opt("currency_id", Key), col("is_active", Bool),
        DECLARED_ACTIVE, SOURCE_RANK, SOURCE_VERSION, RAW_POSITION];
    Products "products" Raw Merge::Parent, key ["external_id"], &[
        col("id", Key), col("external_id", Text), opt("product_sku", Text), opt("product_vendor_sku", Text),
        col("product_name", Text), col("product_kind", Text), opt("brand_id", Key), opt("product_category_id", Key),
        opt("birth_date", Date), opt("gender_id", Key), opt("product_status_id", Key), opt("price_tier_id", Key),
        opt("supplier_id", Key), opt("declared_cost", Money), opt("declared_price", Money),
        opt("declared_currency_id", Key), col("is_active", Bool), DECLARED_ACTIVE, SOURCE_RANK, SOURCE_VERSION, RAW_POSITION],
        derived [opt("cost", Money), opt("cost_currency_id", Key), opt("price", Money), opt("currency_id", Key)];
    Locations "locations" Raw Merge::Parent, key ["external_id"], &[
        col("id", Key), col("external_id", Text), col("location_name", Text), opt("location_type_id", Key),
        opt("location_status_id", Key), opt("city", Text), opt("country", Text), opt("opened_date", Date),
        opt("closed_date", Date), col("is_active", Bool), DECLARED_ACTIVE, SOURCE_RANK, SOURCE_VERSION, RAW_POSITION];
    Customers "customers" Raw Merge::Parent, key ["external_id"], &[
        col("id", Key), col("external_id", Text), opt("customer_name", Text), opt("customer_type_id", Key),
        opt("city", Text), opt("country", Text), col("is_active", Bool), DECLARED_ACTIVE,
        SOURCE_RANK, SOURCE_VERSION, RAW_POSITION];
    XSupplierBrands "x_supplier_brands" Raw Merge::Part { of: TableId::Suppliers, column: "supplier_id" },
        key ["supplier_id", "brand_id"], &[
        col("id", Key), col("supplier_id", Key), col("brand_id", Key), SOURCE_VERSION, RAW_POSITION];
    XSupplierProducts "x_supplier_products" Raw Merge::Part { of: TableId::Suppliers, column: "supplier_id" },
        key ["supplier_id", "product_id"], &[
        col("id", Key), col("supplier_id", Key), col("product_id", Key), col("unit_cost", Money),
        col("currency_id", Key), opt("supplier_sku", Text), opt("package_qty", Int), opt("min_order_qty", Int),
        opt("lead_time_days", Int), col("is_default", Bool), SOURCE_VERSION, RAW_POSITION];
    ProductAttributes "product_attributes" Raw Merge::Part { of: TableId::Products, column: "product_id" },
        key ["product_id", "attribute_name"], &[
        col("id", Key), col("product_id", Key), col("attribute_name", Text), col("attribute_value", Text),
        SOURCE_VERSION, RAW_POSITION];
    ProductImages "product_images" Raw Merge::Part { of: TableId::Products, column: "product_id" },
        key ["product_id", "s3_key"], &[
        col("id", Key), col("product_id", Key), col("s3_key", Text), opt("image_type_id", Key), SOURCE_VERSION,
        RAW_POSITION];
    ProductTranslations "product_translations" Raw Merge::Part { of: TableId::Products, column: "product_id" },
        key ["product_id", "field_name", "language_id"], &[
        col("id", Key), col("product_id", Key), col("field_name", Text), col("language_id", Key), col("value", Text),
        SOURCE_VERSION, RAW_POSITION];
    LocationRelationships "location_relationships" Raw Merge::Part { of: TableId::Locations, column: "child_location_id" },
        key ["parent_location_id", "child_location_id", "location_relationship_type_id"], &[
        col("id", Key), col("parent_location_id", Key), col("child_location_id", Key),
        col("location_relationship_type_id", Key), opt("priority", Int), opt("lead_time_days", Int), SOURCE_VERSION,
        RAW_POSITION];
    SupplierPriceLists "supplier_price_lists" Raw Merge::Document, key ["supplier_id", "list_date"], &[
        col("id", Key), col("supplier_id", Key), col("list_date", Date), SOURCE_VERSION, RAW_POSITION];
    SupplierPriceListLines "supplier_price_list_lines" Raw Merge::Part { of: TableId::SupplierPriceLists, column: "supplier_price_list_id" },
        key ["supplier_price_list_id", "product_id"], &[
        col("id", Key), col("supplier_price_list_id", Key), col("supplier_id", Key), col("list_date", Date), col("product_id", Key), col("unit_cost", Money),
        col("currency_id", Key), col("is_default", Bool), SOURCE_VERSION, RAW_POSITION];
    ProductCostRecords "product_cost_records" Raw Merge::Observation, key ["product_id", "record_date"], &[
        col("id", Key), col("product_id", Key), col("record_date", Date), opt("supplier_id", Key),
        opt("unit_cost", Money), opt("currency_id", Key), SOURCE_VERSION, RAW_POSITION];
    PriceKinds "price_kinds" Raw Merge::Parent, key ["name"], &[
        col("id", Key), col("name", Text), col("rank", Int), col("is_active", Bool), SOURCE_RANK, SOURCE_VERSION,
        RAW_POSITION];
    PricingLists "pricing_lists" Raw Merge::Parent,
        key ["product_id", "location_id", "price_kind_id", "from_date"], &[
        col("id", Key), col("product_id", Key), opt("location_id", Key), col("price_kind_id", Key),
        col("price", Money), col("currency_id", Key), col("from_date", Date), opt("thru_date", Date),
        col("is_active", Bool), DECLARED_ACTIVE, SOURCE_RANK, SOURCE_VERSION, RAW_POSITION];
    InventoryQuantities "inventory_quantities" Raw Merge::Observation,
        key ["product_id", "location_id", "snapshot_date", "scope"], &[
        col("id", Key), col("product_id", Key), col("location_id", Key), col("snapshot_date", Date),
        col("scope", Text), col("on_hand_qty", Quantity), opt("reserved_qty", Quantity),
        opt("in_transit_qty", Quantity), SOURCE_VERSION, RAW_POSITION];
    SalesOrders "sales_orders" Raw Merge::Document, key ["external_id"], &[
        col("id", Key), col("external_id", Text), col("sales_order_type_id", Key), opt("customer_id", Key),
        col("location_id", Key), opt("sales_channel_id", Key), opt("sales_order_status_id", Key),
        col("order_date", Date), opt("requested_date", Date), opt("shipped_date", Date),
        opt("freight_value", Money), col("total_value", Money), col("currency_id", Key),
        SOURCE_VERSION, RAW_POSITION];
    SalesOrderLines "sales_order_lines" Raw Merge::Part { of: TableId::SalesOrders, column: "sales_order_id" }, key ["sales_order_id", "line_no"], &[
        col("id", Key), col("sales_order_id", Key), col("line_no", Int), opt("external_id", Text),
        col("product_id", Key), col("qty", Quantity), col("unit_price", Money), opt("discount_rate", Rate),
        col("discount_value", Money), col("line_value", Money), SOURCE_VERSION, RAW_POSITION];
    SalesOrderLineUpdates "sales_order_line_updates" Raw Merge::Part { of: TableId::SalesOrders, column: "sales_order_id" },
        key ["sales_order_line_id", "update_no"], &[
        col("id", Key), col("sales_order_id", Key), col("sales_order_line_id", Key), col("update_no", Int),
        opt("external_id", Text), col("sales_order_line_update_type_id", Key), col("update_date", Date),
        col("qty_delta", Quantity), col("value_delta", Money), SOURCE_VERSION, RAW_POSITION];
    PurchaseOrders "purchase_orders" Raw Merge::Parent, key ["external_id"], &[
        col("id", Key), col("external_id", Text), opt("supplier_id", Key), opt("location_id", Key),
        opt("purchase_order_status_id", Key), opt("order_date", Date), opt("expected_date", Date),
        opt("closed_date", Date), opt("total_value", Money), opt("currency_id", Key), SOURCE_RANK, SOURCE_VERSION,
        RAW_POSITION];
    PurchaseOrderLines "purchase_order_lines" Raw Merge::Part { of: TableId::PurchaseOrders, column: "purchase_order_id" },
        key ["purchase_order_id", "line_no"], &[
        col("id", Key), col("purchase_order_id", Key), col("line_no", Int), opt("external_id", Text),
        col("product_id", Key), col("ordered_qty", Quantity), col("unit_cost", Money), opt("expected_date", Date),
        SOURCE_VERSION, RAW_POSITION],
        derived [col("received_qty", Quantity)];
    ReceivingOrders "receiving_orders" Raw Merge::Document, key ["external_id"], &[
        col("id", Key), col("external_id", Text), opt("purchase_order_id", Key), col("location_id", Key),
        opt("receiving_order_status_id", Key), col("received_date", Date), SOURCE_VERSION, RAW_POSITION],
        derived [opt("supplier_id", Key)];
    ReceivingOrderLines "receiving_order_lines" Raw Merge::Part { of: TableId::ReceivingOrders, column: "receiving_order_id" },
        key ["receiving_order_id", "line_no"], &[
        col("id", Key), col("receiving_order_id", Key), col("line_no", Int), opt("external_id", Text),
        opt("purchase_order_line_no", Int), col("product_id", Key), col("received_qty", Quantity),
        opt("rejected_qty", Quantity), SOURCE_VERSION, RAW_POSITION],
        derived [opt("purchase_order_line_id", Key), opt("unit_cost", Money)];
    StoreOrders "store_orders" Raw Merge::Parent, key ["external_id"], &[
        col("id", Key), col("external_id", Text), opt("location_id", Key), opt("source_location_id", Key),
        opt("store_order_status_id", Key), opt("order_date", Date), opt("requested_date", Date), SOURCE_RANK,
        SOURCE_VERSION, RAW_POSITION];
    StoreOrderLines "store_order_lines" Raw Merge::Part { of: TableId::StoreOrders, column: "store_order_id" },
        key ["store_order_id", "line_no"], &[
        col("id", Key), col("store_order_id", Key), col("line_no", Int), opt("external_id", Text),
        col("product_id", Key), col("requested_qty", Quantity), opt("allocated_qty", Quantity), SOURCE_VERSION,
        RAW_POSITION];
    TransferOrders "transfer_orders" Raw Merge::Document, key ["external_id"], &[
        col("id", Key), col("external_id", Text), opt("store_order_id", Key), col("from_location_id", Key),
        col("to_location_id", Key), opt("transfer_order_status_id", Key), col("shipped_date", Date),
        opt("received_date", Date), SOURCE_VERSION, RAW_POSITION];
    TransferOrderLines "transfer_order_lines" Raw Merge::Part { of: TableId::TransferOrders, column: "transfer_order_id" },
        key ["transfer_order_id", "line_no"], &[
        col("id", Key), col("transfer_order_id", Key), col("line_no", Int), opt("external_id", Text),
        col("product_id", Key), col("shipped_qty", Quantity), opt("received_qty", Quantity), SOURCE_VERSION,
        RAW_POSITION];
    ProductMarketObservations "product_market_observations" Raw Merge::Observation,
        key ["product_id", "market_data_source_id", "observation_date"], &[
        col("id", Key), col("product_id", Key), col("market_data_source_id", Key), col("observation_date", Date),
        opt("market_price", Money), opt("currency_id", Key), opt("search_interest", Real), opt("is_in_stock", Bool),
        SOURCE_VERSION, RAW_POSITION];
    CategoryMarketObservations "category_market_observations" Raw Merge::Observation,
        key ["product_category_id", "market_data_source_id", "observation_date"], &[
        col("id", Key), col("product_category_id", Key), col("market_data_source_id", Key),
        col("observation_date", Date), opt("demand_index", Real), opt("avg_market_price", Money),
        opt("currency_id", Key), SOURCE_VERSION, RAW_POSITION];
    ProductWebAnalyticsDaily "product_web_analytics_daily" Raw Merge::Observation,
        key ["product_id", "analytics_date"], &[
        col("id", Key), col("product_id", Key), col("analytics_date", Date), col("sessions", Int),
        col("page_views", Int), col("add_to_carts", Int), col("purchases", Int), opt("conversion_rate", Real),
        SOURCE_VERSION, RAW_POSITION];
    LocationWebAnalyticsDaily "location_web_analytics_daily" Raw Merge::Observation,
        key ["location_id", "analytics_date"], &[
        col("id", Key), col("location_id", Key), col("analytics_date", Date), col("sessions", Int),
        col("page_views", Int), col("add_to_carts", Int), col("purchases", Int), opt("conversion_rate", Real),
        SOURCE_VERSION, RAW_POSITION];
    ProductSocialAdDaily "product_social_ad_daily" Raw Merge::Observation,
        key ["product_id", "social_ad_platform_id", "ad_date"], &[
        col("id", Key), col("product_id", Key), col("social_ad_platform_id", Key), col("ad_date", Date),
        col("impressions", Int), col("clicks", Int), col("conversions", Int), col("spend", Money),
        col("currency_id", Key), SOURCE_VERSION, RAW_POSITION];
    CategorySocialAdDaily "category_social_ad_daily" Raw Merge::Observation,
        key ["product_category_id", "social_ad_platform_id", "ad_date"], &[
        col("id", Key), col("product_category_id", Key), col("social_ad_platform_id", Key), col("ad_date", Date),
        col("impressions", Int), col("clicks", Int), col("conversions", Int), col("spend", Money),
        col("currency_id", Key), SOURCE_VERSION, RAW_POSITION];
    CurrencyRates "currency_rates" Raw Merge::Observation, key ["from_currency_id", "to_currency_id", "effective_date"], &[
        col("id", Key), col("from_currency_id", Key), col("to_currency_id", Key), col("effective_date", Date),
        col("rate", Factor), SOURCE_VERSION, RAW_POSITION];
    PresenceSnapshots "presence_snapshots" Raw Merge::Register, key ["table_name", "dataset_number", "scope"], &[
        col("table_name", Text), col("dataset_number", Small), col("scope", Text), col("newest_position", Key)];
    PresenceKeys "presence_keys" Raw Merge::Register, key ["table_name", "dataset_number", "scope", "row_id"], &[
        col("table_name", Text), col("dataset_number", Small), col("scope", Text), col("row_id", Key),
        col("newest_position", Key)];
    Quarantine "quarantine" Raw Merge::Register, key ["raw_position", "entity"], &[
        col("raw_position", Key), col("entity", Text), col("business_day", Date), col("object_key", Text),
        col("ordinal", Key), opt("record_key", Text), col("source_rows", Int), col("rule", Text),
        opt("field", Text), opt("value", Text), col("message", Text), col("problems", Json), col("record", Text)];
    InventorySets "inventory_sets" Raw Merge::Register, key ["snapshot_date", "scope"], &[
        col("snapshot_date", Date), col("scope", Text), col("newest_position", Key)];
    DeliveredDays "delivered_days" Raw Merge::Register, key ["entity", "business_day"], &[
        col("entity", Text), col("business_day", Date)];
    ProductCosts "product_costs" Derived Merge::Register, key ["product_id", "from_date"], &[
        col("product_id", Key), col("from_date", Date), opt("thru_date", Date), opt("unit_cost", Money),
        opt("currency_id", Key)];
    LoadLedger "load_ledger" Journal Merge::Register, key ["entry_number"], &[
        col("entry_number", Key), col("entry_sha256", Text), col("business_day", Date), col("mapping_sha256", Text),
        col("transform_version", Int), col("run_id", Text), col("applied_at", Instant)];
    LoadCounts "load_counts" Journal Merge::Register, key ["entry_number", "object_key", "entity"], &[
        col("entry_number", Key), col("object_key", Text), col("entity", Text), col("source_rows", Key),
        col("records_read", Key), col("records_won", Key), col("records_superseded", Key),
        col("records_duplicate", Key), col("records_quarantined", Key), col("rows_quarantined", Key),
        col("rows_skipped", Key), col("versions_cut", Key)];
    StatisticsTouched "statistics_touched" Journal Merge::Register,
        key ["subject", "location_id", "from_day", "thru_day"], &[
        col("id", Key), col("subject", Text), opt("location_id", Key), col("from_day", Date), opt("thru_day", Date)];
    StatisticsState "statistics_state" Journal Merge::Register, key ["base_currency_id"], &[
        col("base_currency_id", Key), col("tables_identity", Key)];
    StatisticsRates "statistics_rates" Journal Merge::Register, key ["currency_id", "effective_date"], &[
        col("currency_id", Key), col("effective_date", Date), col("rate", Factor)];
    PipelineRuns "pipeline_runs" Journal Merge::Register, key ["run_key"], &[
        col("id", Key), col("run_key", Text), col("kind", Text), col("from_day", Date), col("thru_day", Date),
        col("status", Text), opt("error_message", Text), col("started_at", Instant), opt("finished_at", Instant)];
    PipelineStepRuns "pipeline_step_runs" Journal Merge::Register, key ["run_date", "step_number", "attempt"], &[
        col("id", Key), col("pipeline_run_id", Key), col("run_date", Date), col("step_number", Int), col("step_name", Text), col("attempt", Int),
        col("status", Text), opt("rows_in", Key), opt("rows_out", Key), opt("error_message", Text), opt("counts", Json),
        col("started_at", Instant), opt("finished_at", Instant)];
    => statistics {
        DailyInventoryValues "daily_inventory_values" STOCK,
        DailySalesValues "daily_sales_values" STATISTIC,
        DailyPendingPoValues "daily_pending_po_values" STATISTIC,
        DailyExpectedDemand "daily_expected_demand" STATISTIC,
        WeeklyInventoryValues "weekly_inventory_values" STOCK,
        WeeklySalesValues "weekly_sales_values" STATISTIC,
        WeeklyPendingPoValues "weekly_pending_po_values" STATISTIC,
        WeeklyExpectedDemand "weekly_expected_demand" STATISTIC,
        MonthlyInventoryValues "monthly_inventory_values" STOCK,
        MonthlySalesValues "monthly_sales_values" STATISTIC,
        MonthlyPendingPoValues "monthly_pending_po_values" STATISTIC,
        MonthlyExpectedDemand "monthly_expected_demand" STATISTIC,
        QuarterlyInventoryValues "quarterly_inventory_values" STOCK,
        QuarterlySalesValues "quarterly_sales_values" STATISTIC,
        QuarterlyPendingPoValues "quarterly_pending_po_values" STATISTIC,
        QuarterlyExpectedDemand "quarterly_expected_demand" STATISTIC,
    }
}

#[cfg(test)]
mod tests {
    use super::{Class, Merge, TableId};

    #[test]
    fn every_table_that_raw_feeds_ends_in_its_lineage() {
        for id in TableId::ALL {
            let table = id.table();
            let columns: Vec<_> = table.columns.iter().map(|column| column.name).collect();
            if table.merge != Merge::Register {
                assert_eq!(table.class, Class::Raw, "{}", table.name);
                assert_eq!(columns.first(), Some(&"id"), "{}", table.name);
                assert!(
                    columns.ends_with(&["source_version", "raw_position"]),
                    "{}",
                    table.name
                );
            }
            assert_eq!(
                table.merge == Merge::Parent,
                columns.contains(&"source_rank"),
                "{}",
                table.name
            );
            for key in table.natural_key {
                assert!(columns.contains(key), "{}.{key}", table.name);
            }
        }
    }
}
