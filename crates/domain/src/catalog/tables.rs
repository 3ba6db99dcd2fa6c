//! The list of all tables, and what is known of each.

use super::{
    Class::{Derived, Journal, Raw},
    Column,
    ColumnType::{
        Bool, Date, Factor, Instant, Int, Json, Key, Money, Quantity, Rate, Real, Small, Text,
        Total,
    },
    DECLARED_ACTIVE, Merge, RAW_POSITION, SOURCE_RANK, SOURCE_VERSION, Table, col, opt,
    planning::*,
};
use crate::{Identifier, Site, TenantId};

macro_rules! catalog {
    ($($id:ident $name:literal $class:ident $merge:expr, key $natural:expr, $columns:expr
        $(, derived [$($derived:expr),*])?;)*
        => staging { $($staged:ident $staged_name:literal $staged_class:ident $staged_merge:expr, key $staged_natural:expr,
            $staged_columns:expr;)* }
        => statistics { $($statistic:ident $statistic_name:literal $statistic_columns:expr),* $(,)? }) => {
        /// A table of the catalogue; the order is that of foreign keys, parents first.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum TableId {
            $(#[doc = concat!("`", $name, "`")] $id,)*
            $(#[doc = concat!("`", $staged_name, "`, in the staging schema")] $staged,)*
            $(#[doc = concat!("`", $statistic_name, "`, in the statistics schema")] $statistic,)*
        }

        impl TableId {
            /// Every table of a tenant's schema, parents before children.
            pub const ALL: &'static [TableId] = &[$(TableId::$id),*];

            /// Every table of a tenant's staging schema, parents before children.
            pub const STAGING: &'static [TableId] = &[$(TableId::$staged),*];

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
                    $(TableId::$staged => {
                        static TABLE: Table = Table {
                            id: TableId::$staged,
                            name: $staged_name,
                            class: $staged_class,
                            merge: $staged_merge,
                            columns: $staged_columns,
                            derived: &[],
                            natural_key: &$staged_natural,
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

            /// Whether a tenant's schema has the table: rates and weather are in the shared one, and of the others
            /// that has only what load itself writes of any delivery.
            #[must_use]
            pub fn is_of(self, tenant: TenantId) -> bool {
                match self {
                    Self::CurrencyRates | Self::WeatherObservations => tenant == TenantId::GLOBAL,
                    Self::PresenceSnapshots | Self::PresenceKeys | Self::Quarantine | Self::RecordFixes
                    | Self::DeliveredDays | Self::LoadLedger | Self::LoadCounts | Self::PipelineRuns | Self::PipelineStepRuns => true,
                    _ => tenant != TenantId::GLOBAL,
                }
            }

            /// The schema of the tenant that has the table.
            #[must_use]
            pub fn schema(self, tenant: TenantId) -> Identifier {
                self.schema_at(tenant, Site::Live)
            }

            /// The same at a site.
            #[must_use]
            pub fn schema_at(self, tenant: TenantId, site: Site) -> Identifier {
                let schemas = tenant.schemas(site);
                match self {
                    $(Self::$staged)|* => schemas.staging,
                    $(Self::$statistic)|* => schemas.stats,
                    _ => schemas.main,
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
        opt("city_id", Key), opt("country", Text), col("direct_shipment", Bool), opt("currency_id", Key), col("is_active", Bool),
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
        opt("location_status_id", Key), opt("city_id", Key), opt("country", Text), opt("opened_date", Date),
        opt("closed_date", Date), col("is_active", Bool), DECLARED_ACTIVE, SOURCE_RANK, SOURCE_VERSION, RAW_POSITION];
    Customers "customers" Raw Merge::Parent, key ["external_id"], &[
        col("id", Key), col("external_id", Text), opt("customer_name", Text), opt("customer_type_id", Key),
        opt("city_id", Key), opt("country", Text), col("is_active", Bool), DECLARED_ACTIVE,
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
        key ["parent_location_id", "child_location_id", "location_relationship_type_id", "event_id"], &[
        col("id", Key), col("parent_location_id", Key), col("child_location_id", Key),
        col("location_relationship_type_id", Key), opt("priority", Int), opt("lead_time_days", Int),
        col("is_active", Bool), opt("event_id", Text), opt("user_id", Key), opt("created_at", Instant),
        SOURCE_VERSION, RAW_POSITION];
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
    WeatherObservations "weather_observations" Raw Merge::Observation,
        key ["city_id", "observation_date"], WEATHER_OBSERVATIONS;
    FmrClasses "fmr_classes" Raw Merge::Seeded, key ["code"], CLASS;
    AbcClasses "abc_classes" Raw Merge::Seeded, key ["code"], CLASS;
    XyzClasses "xyz_classes" Raw Merge::Seeded, key ["code"], CLASS;
    FreqClasses "freq_classes" Raw Merge::Seeded, key ["code"], CLASS;
    MatchMethods "match_methods" Raw Merge::Seeded, key ["name"], WORD;
    DataQualityCheckTypes "data_quality_check_types" Raw Merge::Seeded, key ["name"], WORD;
    DataQualitySeverities "data_quality_severities" Raw Merge::Seeded, key ["name"], WORD;
    DataQualityGateDecisions "data_quality_gate_decisions" Raw Merge::Seeded, key ["name"], WORD;
    DataHealthSeverities "data_health_severities" Raw Merge::Seeded, key ["name"], WORD;
    ForecastHorizons "forecast_horizons" Raw Merge::Seeded, key ["name"], FORECAST_HORIZONS;
    InventoryStrategyTypes "inventory_strategy_types" Raw Merge::Seeded, key ["name"], WORD;
    AssortmentStatuses "assortment_statuses" Raw Merge::Seeded, key ["name"], WORD;
    PoRecommendationStatuses "po_recommendation_statuses" Raw Merge::Seeded, key ["name"], WORD;
    ToRecommendationStatuses "to_recommendation_statuses" Raw Merge::Seeded, key ["name"], WORD;
    AssortmentRecommendationStatuses "assortment_recommendation_statuses" Raw Merge::Seeded, key ["name"], WORD;
    ProductSettings "product_settings" Raw Merge::Event, key ["product_id", "event_id"], PRODUCT_SETTINGS;
    CategorySettings "category_settings" Raw Merge::Event, key ["product_category_id", "event_id"], CATEGORY_SETTINGS;
    SupplierSettings "supplier_settings" Raw Merge::Event, key ["supplier_id", "event_id"], SUPPLIER_SETTINGS;
    LocationSettings "location_settings" Raw Merge::Event, key ["location_id", "event_id"], LOCATION_SETTINGS;
    InventoryStrategies "inventory_strategies" Raw Merge::Event,
        key ["location_id", "product_id", "event_id"], INVENTORY_STRATEGIES;
    ClientSettings "client_settings" Raw Merge::Event, key ["event_id"], CLIENT_SETTINGS;
    ProductCategoryTranslations "product_category_translations" Raw Merge::Observation,
        key ["product_category_id", "field_name", "language_id"], PRODUCT_CATEGORY_TRANSLATIONS;
    LocationTranslations "location_translations" Raw Merge::Part { of: TableId::Locations, column: "location_id" },
        key ["location_id", "field_name", "language_id"], LOCATION_TRANSLATIONS;
    SupplierTranslations "supplier_translations" Raw Merge::Part { of: TableId::Suppliers, column: "supplier_id" },
        key ["supplier_id", "field_name", "language_id"], SUPPLIER_TRANSLATIONS;
    SupplierAvailableProducts "supplier_available_products" Raw Merge::Observation,
        key ["product_id", "supplier_id", "file_date"], SUPPLIER_AVAILABLE_PRODUCTS;
    ProductBehaviors "product_behaviors" Raw Merge::Observation,
        key ["product_id", "snapshot_date"], PRODUCT_BEHAVIORS;
    LocationBehaviors "location_behaviors" Raw Merge::Observation,
        key ["location_id", "snapshot_date"], LOCATION_BEHAVIORS;
    SupplierBehaviors "supplier_behaviors" Raw Merge::Observation,
        key ["supplier_id", "snapshot_date"], SUPPLIER_BEHAVIORS;
    CategoryBehaviors "category_behaviors" Raw Merge::Observation,
        key ["product_category_id", "snapshot_date"], CATEGORY_BEHAVIORS;
    MlModelRuns "ml_model_runs" Raw Merge::Observation, key ["run_date", "model_name"], ML_MODEL_RUNS;
    DemandForecasts "demand_forecasts" Raw Merge::Document,
        key ["snapshot_date", "forecast_horizon_id"], DEMAND_FORECASTS;
    DemandForecastProducts "demand_forecast_products" Raw Merge::Part { of: TableId::DemandForecasts, column: "demand_forecast_id" },
        key ["demand_forecast_id", "product_id", "location_id", "period_start"], DEMAND_FORECAST_PRODUCTS;
    EmbeddingModels "embedding_models" Raw Merge::Observation, key ["name"], EMBEDDING_MODELS;
    ProductEmbeddings "product_embeddings" Raw Merge::Observation,
        key ["product_id", "embedding_model_id", "snapshot_date"], PRODUCT_EMBEDDINGS;
    Assortments "assortments" Raw Merge::Observation, key ["name"], ASSORTMENTS;
    XAssortmentProducts "x_assortment_products" Raw Merge::Observation,
        key ["assortment_id", "product_id"], X_ASSORTMENT_PRODUCTS;
    InventoryTargets "inventory_targets" Raw Merge::Observation,
        key ["product_id", "location_id", "snapshot_date"], INVENTORY_TARGETS;
    InventoryStrategySimulations "inventory_strategy_simulations" Raw Merge::Observation,
        key ["inventory_strategy_id", "snapshot_date", "from_date", "thru_date"], INVENTORY_STRATEGY_SIMULATIONS;
    PoRecommendations "po_recommendations" Raw Merge::Observation,
        key ["product_id", "supplier_id", "location_id", "snapshot_date"], PO_RECOMMENDATIONS;
    ToRecommendations "to_recommendations" Raw Merge::Observation,
        key ["product_id", "from_location_id", "to_location_id", "snapshot_date"], TO_RECOMMENDATIONS;
    AssortmentRecommendations "assortment_recommendations" Raw Merge::Observation,
        key ["product_id", "location_id", "snapshot_date"], ASSORTMENT_RECOMMENDATIONS;
    RecommendationOutcomes "recommendation_outcomes" Raw Merge::Observation,
        key ["po_recommendation_id", "to_recommendation_id", "assortment_recommendation_id", "measured_date"], RECOMMENDATION_OUTCOMES;
    UpliftMeasurements "uplift_measurements" Raw Merge::Observation,
        key ["location_id", "from_date", "thru_date"], UPLIFT_MEASUREMENTS;
    PresenceSnapshots "presence_snapshots" Raw Merge::Register, key ["table_name", "dataset_number", "scope"], &[
        col("table_name", Text), col("dataset_number", Small), col("scope", Text), col("newest_position", Key)];
    PresenceKeys "presence_keys" Raw Merge::Register, key ["table_name", "dataset_number", "scope", "row_id"], &[
        col("table_name", Text), col("dataset_number", Small), col("scope", Text), col("row_id", Key),
        col("newest_position", Key)];
    Quarantine "quarantine" Raw Merge::Register, key ["raw_position", "entity"], &[
        col("raw_position", Key), col("entity", Text), col("business_day", Date), col("object_key", Text),
        col("ordinal", Key), opt("record_key", Text), col("source_rows", Int), col("rule", Text),
        opt("field", Text), opt("value", Text), col("message", Text), col("problems", Json), col("record", Text)];
    RecordFixes "record_fixes" Raw Merge::Register, key ["raw_position", "entity"], &[
        col("raw_position", Key), col("entity", Text), col("business_day", Date), col("object_key", Text),
        col("ordinal", Key), col("fixed_by", Text)];
    InventorySets "inventory_sets" Raw Merge::Register, key ["snapshot_date", "scope"], &[
        col("snapshot_date", Date), col("scope", Text), col("newest_position", Key)];
    DeliveredDays "delivered_days" Raw Merge::Register, key ["entity", "business_day"], &[
        col("entity", Text), col("business_day", Date)];
    ProductCosts "product_costs" Derived Merge::Register, key ["product_id", "from_date"], &[
        col("product_id", Key), col("from_date", Date), opt("thru_date", Date), opt("unit_cost", Money),
        opt("currency_id", Key)];
    LoadLedger "load_ledger" Journal Merge::Register, key ["entry_number"], &[
        col("entry_number", Key), col("entry_sha256", Text), col("business_day", Date), col("mapping_sha256", Text),
        col("transform_version", Int), col("run_id", Text), col("applied_at", Instant), col("kind", Text)];
    LoadCounts "load_counts" Journal Merge::Register, key ["entry_number", "object_key", "entity"], &[
        col("entry_number", Key), col("object_key", Text), col("entity", Text), col("source_rows", Key),
        col("records_read", Key), col("records_won", Key), col("records_superseded", Key),
        col("records_duplicate", Key), col("records_quarantined", Key), col("rows_quarantined", Key),
        col("rows_skipped", Key), col("versions_cut", Key)];
    SchemaDrift "schema_drift" Journal Merge::Register, key ["entity", "kind", "field", "mapping_sha256"], &[
        col("entity", Text), col("kind", Text), col("field", Text), col("mapping_sha256", Text),
        col("entry_number", Key), col("business_day", Date), col("object_key", Text), col("ordinal", Key),
        col("records", Key), col("found_at", Instant)];
    StatisticsTouched "statistics_touched" Journal Merge::Register,
        key ["subject", "location_id", "from_day", "thru_day"], &[
        col("id", Key), col("subject", Text), opt("location_id", Key), col("from_day", Date), opt("thru_day", Date)];
    StatisticsState "statistics_state" Journal Merge::Register, key ["base_currency_id"], &[
        col("base_currency_id", Key), col("tables_identity", Key)];
    StatisticsRates "statistics_rates" Journal Merge::Register, key ["currency_id", "effective_date"], &[
        col("currency_id", Key), col("effective_date", Date), col("rate", Factor)];
    StatisticsProducts "statistics_products" Journal Merge::Register, key ["product"], &[
        col("product", Key), col("ordinal", Key)];
    StatisticsSalesProducts "statistics_sales_products" Journal Merge::Register, key ["day", "location", "ordinals"], &[
        col("day", Date), col("location", Key), col("ordinals", Key), col("products", Key),
        col("facts", Json)];
    StatisticsSalesDocuments "statistics_sales_documents" Journal Merge::Register, key ["sales_order"], &[
        col("sales_order", Key), opt("facts", Json)];
    PipelineRuns "pipeline_runs" Journal Merge::Register, key ["run_key"], &[
        col("id", Key), col("run_key", Text), col("kind", Text), col("from_day", Date), col("thru_day", Date),
        col("status", Text), opt("error_message", Text), col("started_at", Instant), opt("finished_at", Instant)];
    PipelineStepRuns "pipeline_step_runs" Journal Merge::Register, key ["run_date", "step_number", "attempt"], &[
        col("id", Key), col("pipeline_run_id", Key), col("run_date", Date), col("step_number", Int), col("step_name", Text), col("attempt", Int),
        col("status", Text), opt("rows_in", Key), opt("rows_out", Key), opt("error_message", Text), opt("counts", Json),
        col("started_at", Instant), opt("finished_at", Instant)];
    DataQualityRuns "data_quality_runs" Journal Merge::Register, key ["pipeline_step_run_id"], DATA_QUALITY_RUNS;
    DataQualityChecks "data_quality_checks" Journal Merge::Register, key ["name"], DATA_QUALITY_CHECKS;
    DataQualityCheckReports "data_quality_check_reports" Journal Merge::Register,
        key ["data_quality_run_id", "data_quality_check_id"], DATA_QUALITY_CHECK_REPORTS;
    DataHealthReports "data_health_reports" Journal Merge::Register,
        key ["snapshot_date", "table_name", "metric_name"], DATA_HEALTH_REPORTS;
    => staging {
        StagingEntityTypes "staging_entity_types" Raw Merge::Seeded, key ["name"], STAGING_ENTITY_TYPES;
        StagingBatches "staging_batches" Journal Merge::Register, key ["client_config_id", "batch_date"], STAGING_BATCHES;
        StagingFiles "staging_files" Journal Merge::Register, key ["s3_key"], STAGING_FILES;
        StagingRecords "staging_records" Journal Merge::Register,
            key ["staging_file_id", "record_number"], STAGING_RECORDS;
        StagingColumnProfiles "staging_column_profiles" Journal Merge::Register,
            key ["staging_file_id", "column_name"], STAGING_COLUMN_PROFILES;
    }
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
