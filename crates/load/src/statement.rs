//! Statements are made of the catalogue's own names and of nothing else; this is the one place that
//! says so to the driver.

use catwing_domain::Table;
use sea_orm::sqlx::{self, AssertSqlSafe, PgConnection, postgres::PgRow};

/// Runs a statement, or several, and returns the rows that were affected.
pub(crate) async fn execute(
    connection: &mut PgConnection,
    statement: String,
) -> Result<u64, sqlx::Error> {
    let done = sqlx::raw_sql(AssertSqlSafe(statement))
        .execute(connection)
        .await?;
    Ok(done.rows_affected())
}

/// Runs a query. It names staging tables, which are others in every transaction, so that a plan of
/// it is not worth keeping.
pub(crate) async fn fetch(
    connection: &mut PgConnection,
    statement: String,
) -> Result<Vec<PgRow>, sqlx::Error> {
    sqlx::query(AssertSqlSafe(statement))
        .persistent(false)
        .fetch_all(connection)
        .await
}

/// The table's columns, each with a prefix such as `s.`, comma-separated.
pub(crate) fn columns(table: &Table, prefix: &str) -> String {
    let names = table.columns.iter().map(|column| column.name);
    list(names, prefix)
}

/// Names, each with a prefix, comma-separated.
pub(crate) fn list<'a>(names: impl Iterator<Item = &'a str>, prefix: &str) -> String {
    let names: Vec<_> = names.map(|name| format!("{prefix}{name}")).collect();
    names.join(", ")
}
