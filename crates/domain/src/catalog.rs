//! The catalogue of tables that raw feeds: names, classes, columns, natural keys and how each is
//! merged. Load writes by it, digests read by it, and a test compares it with the migrated database.

use Class::{Journal, Raw};
use ColumnType::{Bool, Date, Instant, Int, Json, Key, Money, Quantity, Rate, Small, Text};

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
    /// A document's part, replaced with its document.
    Part {
        /// The column that names the document.
        document: &'static str,
    },
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
    /// Every column, in the order of the migration and of transform's rows.
    pub columns: &'static [Column],
    /// The natural key.
    pub natural_key: &'static [&'static str],
}

impl Table {
    /// The position of a column.
    #[must_use]
    pub fn position(&self, column: &str) -> Option<usize> {
        self.columns.iter().position(|c| c.name == column)
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
    ($($id:ident $name:literal $class:ident $merge:expr, key $natural:expr, $columns:expr;)*) => {
        /// A table of the catalogue; the order is that of foreign keys, parents first.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum TableId { $(#[doc = concat!("`", $name, "`")] $id),* }

        impl TableId {
            /// Every table, parents before children.
            pub const ALL: &'static [TableId] = &[$(TableId::$id),*];

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
                            natural_key: &$natural,
                        };
                        &TABLE
                    })*
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
    Brands "brands" Raw Merge::Parent, key ["name"], &[
        col("id", Key), col("name", Text), opt("country_of_origin", Text), SOURCE_RANK, SOURCE_VERSION, RAW_POSITION];
    ProductCategories "product_categories" Raw Merge::Parent, key ["external_id"], &[
        col("id", Key), col("external_id", Text), col("name", Text), opt("parent_category_id", Key),
        opt("product_category_type_id", Key), col("is_active", Bool), DECLARED_ACTIVE,
        SOURCE_RANK, SOURCE_VERSION, RAW_POSITION];
    Products "products" Raw Merge::Parent, key ["external_id"], &[
        col("id", Key), col("external_id", Text), opt("product_sku", Text), opt("product_vendor_sku", Text),
        col("product_name", Text), col("product_kind", Text), opt("brand_id", Key), opt("product_category_id", Key),
        opt("birth_date", Date), opt("gender_id", Key), opt("product_status_id", Key), opt("price_tier_id", Key),
        col("is_active", Bool), DECLARED_ACTIVE, SOURCE_RANK, SOURCE_VERSION, RAW_POSITION];
    Locations "locations" Raw Merge::Parent, key ["external_id"], &[
        col("id", Key), col("external_id", Text), col("location_name", Text), opt("location_type_id", Key),
        opt("location_status_id", Key), opt("city", Text), opt("country", Text), opt("opened_date", Date),
        opt("closed_date", Date), col("is_active", Bool), DECLARED_ACTIVE, SOURCE_RANK, SOURCE_VERSION, RAW_POSITION];
    Customers "customers" Raw Merge::Parent, key ["external_id"], &[
        col("id", Key), col("external_id", Text), opt("customer_name", Text), opt("customer_type_id", Key),
        opt("city", Text), opt("country", Text), col("is_active", Bool), DECLARED_ACTIVE,
        SOURCE_RANK, SOURCE_VERSION, RAW_POSITION];
    SalesOrders "sales_orders" Raw Merge::Document, key ["external_id"], &[
        col("id", Key), col("external_id", Text), col("sales_order_type_id", Key), opt("customer_id", Key),
        col("location_id", Key), opt("sales_channel_id", Key), opt("sales_order_status_id", Key),
        col("order_date", Date), opt("requested_date", Date), opt("shipped_date", Date),
        opt("freight_value", Money), col("total_value", Money), col("currency_id", Key),
        SOURCE_VERSION, RAW_POSITION];
    SalesOrderLines "sales_order_lines" Raw Merge::Part { document: "sales_order_id" }, key ["sales_order_id", "line_no"], &[
        col("id", Key), col("sales_order_id", Key), col("line_no", Int), opt("external_id", Text),
        col("product_id", Key), col("qty", Quantity), col("unit_price", Money), opt("discount_rate", Rate),
        col("discount_value", Money), col("line_value", Money), SOURCE_VERSION, RAW_POSITION];
    SalesOrderLineUpdates "sales_order_line_updates" Raw Merge::Part { document: "sales_order_id" },
        key ["sales_order_line_id", "update_no"], &[
        col("id", Key), col("sales_order_id", Key), col("sales_order_line_id", Key), col("update_no", Int),
        opt("external_id", Text), col("sales_order_line_update_type_id", Key), col("update_date", Date),
        col("qty_delta", Quantity), col("value_delta", Money), SOURCE_VERSION, RAW_POSITION];
    PresenceSnapshots "presence_snapshots" Raw Merge::Register, key ["table_name", "dataset_number", "scope"], &[
        col("table_name", Text), col("dataset_number", Small), col("scope", Text), col("newest_position", Key)];
    PresenceKeys "presence_keys" Raw Merge::Register, key ["table_name", "dataset_number", "scope", "row_id"], &[
        col("table_name", Text), col("dataset_number", Small), col("scope", Text), col("row_id", Key),
        col("newest_position", Key)];
    Quarantine "quarantine" Raw Merge::Register, key ["raw_position", "entity"], &[
        col("raw_position", Key), col("entity", Text), col("business_day", Date), col("object_key", Text),
        col("ordinal", Key), opt("record_key", Text), col("source_rows", Int), col("rule", Text),
        opt("field", Text), opt("value", Text), col("message", Text), col("problems", Json), col("record", Text)];
    LoadLedger "load_ledger" Journal Merge::Register, key ["entry_number"], &[
        col("entry_number", Key), col("entry_sha256", Text), col("business_day", Date), col("mapping_sha256", Text),
        col("transform_version", Int), col("run_id", Text), col("applied_at", Instant)];
    LoadCounts "load_counts" Journal Merge::Register, key ["entry_number", "object_key", "entity"], &[
        col("entry_number", Key), col("object_key", Text), col("entity", Text), col("source_rows", Key),
        col("records_read", Key), col("records_won", Key), col("records_superseded", Key),
        col("records_duplicate", Key), col("records_quarantined", Key), col("rows_quarantined", Key),
        col("rows_skipped", Key), col("versions_cut", Key)];
    PipelineRuns "pipeline_runs" Journal Merge::Register, key ["run_key"], &[
        col("id", Key), col("run_key", Text), col("kind", Text), col("from_day", Date), col("thru_day", Date),
        col("status", Text), opt("error_message", Text), col("started_at", Instant), opt("finished_at", Instant)];
    PipelineStepRuns "pipeline_step_runs" Journal Merge::Register, key ["run_date", "step_number", "attempt"], &[
        col("id", Key), col("pipeline_run_id", Key), col("run_date", Date), col("step_number", Int), col("step_name", Text), col("attempt", Int),
        col("status", Text), opt("rows_in", Key), opt("rows_out", Key), opt("error_message", Text), opt("counts", Json),
        col("started_at", Instant), opt("finished_at", Instant)];
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
