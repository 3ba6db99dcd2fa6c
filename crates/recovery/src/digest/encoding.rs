//! The SQL that encodes the rows of a table and sums their hashes.

use catwing_domain::{BusinessDay, Column, ColumnType, Identifier, Table};

/// The seeds of the two 64-bit hashes of a row.
pub(super) const SEEDS: [i64; 2] = [1, 2];

/// What the hash of `catwing` under each seed must be; a server that says otherwise hashes rows
/// otherwise too.
pub(super) const GOLDEN_HASHES: [i64; 2] = [-4_425_704_072_999_741_942, -7_225_238_192_364_188_232];

/// A query for (day, rows, sum, sum) per business day of a table, days since 1970-01-01; the day is
/// null throughout where the table has none. Sums are exact and come as text.
pub(super) fn table_query(schema: &Identifier, table: &Table) -> String {
    let day = match day_column(table) {
        Some(column) => format!("{} >> 47", Identifier::new(column)),
        None => "null::bigint".to_owned(),
    };
    let row = table
        .all_columns()
        .map(|column| format!("coalesce({}, '~') || ';'", field(column)))
        .collect::<Vec<_>>()
        .join(" || ");
    let [first, second] = SEEDS;
    let name = Identifier::new(table.name);
    // `offset 0` keeps the server from encoding every row once for each of the two hashes.
    format!(
        "select day, count(*), \
             sum(hashtextextended(encoded collate \"C\", {first}))::text, \
             sum(hashtextextended(encoded collate \"C\", {second}))::text \
         from (select {day} as day, {row} as encoded from {schema}.{name} offset 0) as encoded_rows \
         group by day"
    )
}

/// A query for (order, key, values) of every row of a table, or of those of a business day, in the order
/// of keys: the key as digests encode it, its values, and all values as the server shows them.
pub(super) fn rows_query(schema: &Identifier, table: &Table, day: Option<BusinessDay>) -> String {
    let key = || {
        table
            .natural_key
            .iter()
            .filter_map(|name| table.all_columns().find(|column| column.name == *name))
    };
    let order: Vec<_> = key()
        .map(|column| format!("coalesce({}, '~') || ';'", field(column)))
        .collect();
    let texts = |columns: Vec<&Column>| {
        let texts: Vec<_> = columns
            .into_iter()
            .map(|column| format!("{}::text", Identifier::new(column.name)))
            .collect();
        texts.join(", ")
    };
    let only = match (day, day_column(table)) {
        (Some(day), Some(column)) => {
            format!(
                " where {} >> 47 = {}",
                Identifier::new(column),
                day.number()
            )
        }
        _ => String::new(),
    };
    format!(
        "select ({order}) collate \"C\" as row_order, array[{key}], array[{values}] from {schema}.{name}{only} order by 1",
        order = order.join(" || "),
        key = texts(key().collect()),
        values = texts(table.all_columns().collect()),
        name = Identifier::new(table.name),
    )
}

/// The column whose upper bits are the business day that a row came from.
fn day_column(table: &Table) -> Option<&'static str> {
    ["raw_position", "newest_position"]
        .into_iter()
        .find(|name| table.position(name).is_some())
}

/// A value as text that no setting of the session changes; null stays null. Text says its length
/// first, and nothing else can hold a semicolon, so that fields never run together.
fn field(column: &Column) -> String {
    let name = Identifier::new(column.name);
    match column.ty {
        ColumnType::Key | ColumnType::Int | ColumnType::Small | ColumnType::Bool => {
            format!("{name}::text")
        }
        ColumnType::Money => format!("{name}::numeric(19,4)::text"),
        ColumnType::Quantity => format!("{name}::numeric(15,3)::text"),
        ColumnType::Rate => format!("{name}::numeric(9,6)::text"),
        ColumnType::Factor => format!("{name}::numeric(20,10)::text"),
        ColumnType::Total => format!("{name}::numeric(38,4)::text"),
        // The bits, so that no setting of the session rounds them.
        ColumnType::Real => format!("encode(float8send({name}), 'hex')"),
        ColumnType::Date => format!("({name} - date '1970-01-01')::text"),
        ColumnType::Instant => format!("(extract(epoch from {name}) * 1000000)::bigint::text"),
        ColumnType::Text => format!("octet_length({name}) || ':' || {name}"),
        ColumnType::Json => format!("octet_length({name}::text) || ':' || {name}::text"),
    }
}

#[cfg(test)]
mod tests {
    use catwing_domain::{Class, TableId, TenantId};

    use super::{day_column, table_query};

    #[test]
    fn every_column_is_encoded_and_rows_with_a_position_have_days() {
        let tenant: TenantId = "CW-000200".parse().unwrap();
        for id in TableId::ALL {
            let table = id.table();
            if table.class == Class::Journal {
                continue;
            }
            let query = table_query(&tenant.schema(), table);
            for column in table.all_columns() {
                assert!(query.contains(&format!("\"{}\"", column.name)), "{query}");
            }
            let dated = day_column(table).is_some();
            assert_eq!(query.contains(">> 47 as day"), dated, "{query}");
            assert!(
                query.contains(&format!("cw_200.\"{}\"", table.name)),
                "{query}"
            );
        }
    }
}
