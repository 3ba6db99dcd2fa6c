//! The columns of both files: what each is called, holds and means.

use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use serde::{Deserialize, Serialize};

/// What a column holds; it follows the database's own types.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ColumnType {
    /// UTF-8 text.
    Text,
    /// A row's id, 63 bits: Int64.
    Key,
    /// A count: Int64.
    Count,
    /// A small number of the calendar: Int32.
    Int,
    /// A calendar day: Date32.
    Date,
    /// `numeric(15,3)`: Decimal128(15, 3).
    Quantity,
    /// `numeric(19,4)`: Decimal128(19, 4).
    Money,
    /// True or false.
    Bool,
}

/// A column of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: &'static str,
    /// What it holds.
    pub ty: ColumnType,
    /// What it counts in; empty where that makes no sense.
    pub unit: &'static str,
    /// What it means.
    pub meaning: &'static str,
    /// What null means; none where it is never null.
    pub null: Option<&'static str>,
}

/// The columns of `features.parquet`, in order.
pub const FEATURES: &[Column] = &[
    col(
        "product_external_id",
        ColumnType::Text,
        "",
        "Identifier of the product in the source, as delivered",
    ),
    col(
        "location_external_id",
        ColumnType::Text,
        "",
        "Identifier of the location in the source, as delivered",
    ),
    col(
        "product_id",
        ColumnType::Key,
        "",
        "Key of the product in the database",
    ),
    col(
        "location_id",
        ColumnType::Key,
        "",
        "Key of the location in the database",
    ),
    col("date", ColumnType::Date, "", "Business day of the tenant"),
    col(
        "product_kind",
        ColumnType::Text,
        "",
        "goods or service, as known at the export",
    ),
    opt(
        "category_external_id",
        ColumnType::Text,
        "",
        "Category, as known at the export",
        "unknown",
    ),
    opt(
        "brand",
        ColumnType::Text,
        "",
        "Brand, as known at the export",
        "unknown",
    ),
    opt(
        "gender",
        ColumnType::Text,
        "",
        "Whom the product is made for, as known at the export",
        "unknown",
    ),
    opt(
        "price_tier",
        ColumnType::Text,
        "",
        "Price segment, as known at the export",
        "unknown",
    ),
    opt(
        "supplier_external_id",
        ColumnType::Text,
        "",
        "Default supplier, as known at the export",
        "unknown",
    ),
    opt(
        "birth_date",
        ColumnType::Date,
        "",
        "Day on which the product was introduced",
        "unknown",
    ),
    opt(
        "location_type",
        ColumnType::Text,
        "",
        "Kind of location: store, warehouse; as known at the export",
        "unknown",
    ),
    col(
        "sales_qty",
        ColumnType::Quantity,
        "units",
        "Sold on the day: lines of sales by their order date, and changes that add to a sale by their own; without cancelled documents and adjustments",
    ),
    col(
        "sales_value",
        ColumnType::Money,
        "base currency",
        "What sales_qty was sold for, after discounts",
    ),
    col(
        "returns_qty",
        ColumnType::Quantity,
        "units",
        "Returned on the day, negative: lines of returns by their order date, and changes that take from a sale by their own",
    ),
    col(
        "returns_value",
        ColumnType::Money,
        "base currency",
        "Value of the returns, negative",
    ),
    col(
        "sales_orders",
        ColumnType::Count,
        "documents",
        "Distinct sales of the day with a line of the product",
    ),
    opt(
        "on_hand_qty",
        ColumnType::Quantity,
        "units",
        "In stock at the end of the day",
        "no stock was delivered of the product, location and day",
    ),
    opt(
        "reserved_qty",
        ColumnType::Quantity,
        "units",
        "Promised to orders at the end of the day",
        "no stock was delivered, or the source does not say",
    ),
    opt(
        "in_transit_qty",
        ColumnType::Quantity,
        "units",
        "On its way to the location at the end of the day",
        "no stock was delivered, or the source does not say",
    ),
    col(
        "open_po_qty",
        ColumnType::Quantity,
        "units",
        "Ordered from suppliers for the location by the end of the day and not received by then, in orders that are neither drafts nor cancelled nor closed",
    ),
    opt(
        "price",
        ColumnType::Money,
        "base currency a unit",
        "List price in force: of the highest-ranked active kind whose dates hold the day, for the location or for all; ties go to the later first day, then to the smaller key",
        "no list price is in force",
    ),
    opt(
        "unit_cost",
        ColumnType::Money,
        "base currency a unit",
        "Cost of the product in force on the day",
        "no cost is known of the day",
    ),
    col(
        "day_of_week",
        ColumnType::Int,
        "",
        "ISO day of the week: 1 is Monday, 7 is Sunday",
    ),
    col("iso_week", ColumnType::Int, "", "ISO week, 1 to 53"),
    col(
        "iso_year",
        ColumnType::Int,
        "",
        "Year that the ISO week belongs to",
    ),
    col("month", ColumnType::Int, "", "Month, 1 to 12"),
    col("quarter", ColumnType::Int, "", "Quarter, 1 to 4"),
    col(
        "day_of_month",
        ColumnType::Int,
        "",
        "Day of the month, 1 to 31",
    ),
    col(
        "is_weekend",
        ColumnType::Bool,
        "",
        "Whether the day is a Saturday or a Sunday",
    ),
];

/// The columns of `targets.parquet`, in order.
pub const TARGETS: &[Column] = &[
    col(
        "product_external_id",
        ColumnType::Text,
        "",
        "Identifier of the product in the source, as delivered",
    ),
    col(
        "location_external_id",
        ColumnType::Text,
        "",
        "Identifier of the location in the source, as delivered",
    ),
    col(
        "product_id",
        ColumnType::Key,
        "",
        "Key of the product in the database",
    ),
    col(
        "location_id",
        ColumnType::Key,
        "",
        "Key of the location in the database",
    ),
    col("date", ColumnType::Date, "", "Business day of the tenant"),
    col(
        "demand_qty",
        ColumnType::Quantity,
        "units",
        "Gross demand of the day: sales_qty of the features, returns not taken off",
    ),
    opt(
        "demand_next_7_qty",
        ColumnType::Quantity,
        "units",
        "Sum of demand_qty over the 7 days after the day",
        "one of them is after the run date",
    ),
    opt(
        "demand_next_28_qty",
        ColumnType::Quantity,
        "units",
        "Sum of demand_qty over the 28 days after the day",
        "one of them is after the run date",
    ),
];

/// Where both files have the day.
pub(crate) const DATE_POSITION: usize = 4;
/// Columns that rows are sorted by, by position: product, location, date.
pub(crate) const SORTED_BY: [usize; 3] = [0, 1, DATE_POSITION];

impl ColumnType {
    /// The type in Arrow.
    #[must_use]
    pub fn data_type(self) -> DataType {
        match self {
            Self::Text => DataType::Utf8,
            Self::Key | Self::Count => DataType::Int64,
            Self::Int => DataType::Int32,
            Self::Date => DataType::Date32,
            Self::Quantity => DataType::Decimal128(15, 3),
            Self::Money => DataType::Decimal128(19, 4),
            Self::Bool => DataType::Boolean,
        }
    }
}

/// The schema of a file; each field tells its unit, meaning and what null means.
#[must_use]
pub fn schema(columns: &[Column]) -> SchemaRef {
    let fields: Vec<_> = columns.iter().map(field).collect();
    Schema::new(fields).into()
}

fn field(column: &Column) -> Field {
    let said = [
        ("meaning", column.meaning),
        ("null", column.null.unwrap_or_default()),
        ("unit", column.unit),
    ];
    let said = said.into_iter().filter(|(_, text)| !text.is_empty());
    let metadata: std::collections::BTreeMap<_, _> = said
        .map(|(key, text)| (key.to_owned(), text.to_owned()))
        .collect();
    Field::new(column.name, column.ty.data_type(), column.null.is_some()).with_metadata(metadata)
}

const fn col(
    name: &'static str,
    ty: ColumnType,
    unit: &'static str,
    meaning: &'static str,
) -> Column {
    Column {
        name,
        ty,
        unit,
        meaning,
        null: None,
    }
}

const fn opt(
    name: &'static str,
    ty: ColumnType,
    unit: &'static str,
    meaning: &'static str,
    null: &'static str,
) -> Column {
    Column {
        name,
        ty,
        unit,
        meaning,
        null: Some(null),
    }
}

#[cfg(test)]
mod tests {
    use super::{Column, DATE_POSITION, FEATURES, SORTED_BY, TARGETS};

    fn table(columns: &[Column]) -> String {
        let mut table = String::from(
            "| column | type | unit | meaning | null |\n| --- | --- | --- | --- | --- |\n",
        );
        for column in columns {
            let ty = column.ty.data_type();
            let null = column.null.unwrap_or("never");
            let (name, unit, meaning) = (column.name, column.unit, column.meaning);
            table.push_str(&format!(
                "| `{name}` | {ty} | {unit} | {meaning} | {null} |\n"
            ));
        }
        table
    }

    #[test]
    fn the_documentation_lists_every_column_as_it_is() {
        let documented = include_str!("../COLUMNS.md");
        for columns in [FEATURES, TARGETS] {
            assert!(
                documented.contains(&table(columns)),
                "COLUMNS.md should have:\n{}",
                table(columns)
            );
        }
    }

    #[test]
    fn both_files_begin_with_the_same_key() {
        assert_eq!(FEATURES[..=DATE_POSITION], TARGETS[..=DATE_POSITION]);
        let sorted = SORTED_BY.map(|position| FEATURES[position].name);
        assert_eq!(
            sorted,
            ["product_external_id", "location_external_id", "date"]
        );
    }
}
