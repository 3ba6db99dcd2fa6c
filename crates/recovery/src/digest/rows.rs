//! The end of the walk: from a table and a day that differ to the rows that do.
//!
//! Both databases give the rows of the day in the order of their keys, and what they give is compared
//! row by row as it comes: memory does not grow with the day.

use std::{cmp::Ordering, pin::Pin};

use catwing_domain::{BusinessDay, Column, Site, TableId, TenantId};
use futures_util::{Stream, TryStreamExt};
use sea_orm::sqlx::{self, AssertSqlSafe, PgPool, Postgres, Row, Transaction, postgres::PgRow};
use serde::Serialize;

use super::encoding::rows_query;
use crate::RecoveryError;

/// A row that the two databases do not hold alike.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RowDifference {
    /// The values of the row's natural key.
    pub key: Vec<Option<String>>,
    /// Which database has it.
    pub held_by: HeldBy,
    /// The columns that differ, with the value of each side; empty where one side lacks the row.
    pub columns: Vec<ColumnDifference>,
}

/// Which of the two databases has a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum HeldBy {
    /// The first one alone.
    Left,
    /// The second one alone.
    Right,
    /// Both, otherwise.
    Both,
}

/// A column in which two rows of one key differ.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ColumnDifference {
    /// Its name.
    pub column: &'static str,
    /// The value in the first database, as the server shows it.
    pub left: Option<String>,
    /// The value in the second database.
    pub right: Option<String>,
}

/// One side of a comparison of rows.
#[derive(Clone, Copy)]
pub struct RowsOf<'a> {
    /// The database.
    pub pool: &'a PgPool,
    /// Where in it the tables stand.
    pub site: Site,
}

/// The first rows, by their keys, that differ in a table on a day; of all days where the table has
/// none.
///
/// # Errors
/// [`RecoveryError::BeginDigest`], [`RecoveryError::DigestTable`].
pub async fn differing_rows(
    (left, right): (RowsOf<'_>, RowsOf<'_>),
    tenant: TenantId,
    table: TableId,
    day: Option<BusinessDay>,
    limit: usize,
) -> Result<Vec<RowDifference>, RecoveryError> {
    let failed = |source| RecoveryError::DigestTable {
        client: tenant,
        table: table.name(),
        source,
    };
    let mut left_side = begin(left, tenant).await?;
    let mut right_side = begin(right, tenant).await?;
    let query = |site| rows_query(&table.schema_at(tenant, site), table.table(), day);
    let mut left_rows = rows(&mut left_side, query(left.site));
    let mut right_rows = rows(&mut right_side, query(right.site));
    let columns: Vec<&Column> = table.table().all_columns().collect();
    let mut found = Vec::new();
    let mut one = left_rows.try_next().await.map_err(failed)?;
    let mut other = right_rows.try_next().await.map_err(failed)?;
    while found.len() < limit {
        let order = match (&one, &other) {
            (None, None) => break,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(one), Some(other)) => one.order.cmp(&other.order),
        };
        let only = |row: &Given, held_by| RowDifference {
            key: row.key.clone(),
            held_by,
            columns: Vec::new(),
        };
        match (order, &one, &other) {
            (Ordering::Less, Some(row), _) => found.push(only(row, HeldBy::Left)),
            (Ordering::Greater, _, Some(row)) => found.push(only(row, HeldBy::Right)),
            (_, Some(one), Some(other)) if one.values != other.values => {
                found.push(changed(one, other, &columns));
            }
            _ => {}
        }
        if order != Ordering::Greater {
            one = left_rows.try_next().await.map_err(failed)?;
        }
        if order != Ordering::Less {
            other = right_rows.try_next().await.map_err(failed)?;
        }
    }
    Ok(found)
}

/// A row as a database gives it.
struct Given {
    /// What rows are ordered by: the encoded key, byte for byte.
    order: String,
    key: Vec<Option<String>>,
    values: Vec<Option<String>>,
}

fn changed(one: &Given, other: &Given, columns: &[&Column]) -> RowDifference {
    let pairs = one.values.iter().zip(&other.values).zip(columns);
    let columns =
        pairs
            .filter(|((left, right), _)| left != right)
            .map(|((left, right), column)| ColumnDifference {
                column: column.name,
                left: left.clone(),
                right: right.clone(),
            });
    RowDifference {
        key: one.key.clone(),
        held_by: HeldBy::Both,
        columns: columns.collect(),
    }
}

async fn begin(
    side: RowsOf<'_>,
    tenant: TenantId,
) -> Result<Transaction<'static, Postgres>, RecoveryError> {
    let failed = |source| RecoveryError::BeginDigest {
        client: tenant,
        source,
    };
    let begin = "begin isolation level repeatable read read only";
    let mut transaction = side.pool.begin_with(begin).await.map_err(failed)?;
    // Values are shown alike whatever the two servers are set to.
    let settings = format!(
        "set local role {}; set local search_path to pg_catalog, pg_temp; set local timezone to 'UTC'; \
         set local datestyle to 'ISO'; set local extra_float_digits to 1",
        tenant.reader_role()
    );
    sqlx::raw_sql(AssertSqlSafe(settings))
        .execute(&mut *transaction)
        .await
        .map_err(failed)?;
    Ok(transaction)
}

fn rows<'t>(
    transaction: &'t mut Transaction<'static, Postgres>,
    query: String,
) -> Pin<Box<dyn Stream<Item = Result<Given, sqlx::Error>> + Send + 't>> {
    let given = |row: PgRow| {
        Ok(Given {
            order: row.try_get(0)?,
            key: row.try_get(1)?,
            values: row.try_get(2)?,
        })
    };
    let rows = sqlx::query(AssertSqlSafe(query)).persistent(false);
    Box::pin(rows.fetch(&mut **transaction).and_then(move |row| {
        let read = given(row);
        async move { read }
    }))
}
