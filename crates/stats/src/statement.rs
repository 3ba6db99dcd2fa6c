//! Statements are files of this crate and names of the catalogue, nothing else; this is the one place
//! that says so to the driver.

use sea_orm::sqlx::{self, AssertSqlSafe, PgConnection};

/// Runs a statement, or several, and returns the rows that were affected by the last.
pub(crate) async fn execute(
    connection: &mut PgConnection,
    statement: &str,
) -> Result<u64, sqlx::Error> {
    let done = sqlx::raw_sql(AssertSqlSafe(statement))
        .execute(connection)
        .await?;
    Ok(done.rows_affected())
}

/// Fills the names in braces in.
pub(crate) fn with(template: &str, names: &[(&str, &str)]) -> String {
    names
        .iter()
        .fold(template.to_owned(), |statement, (name, value)| {
            statement.replace(&format!("{{{name}}}"), value)
        })
}
