//! Rows of settings as they are stored, the newest of each key first, and all of them in order.

use std::{collections::BTreeMap, fmt::Write};

use catwing_domain::TenantId;
use sea_orm::sqlx::{self, AssertSqlSafe, PgConnection, PgPool, Postgres, Transaction};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Change, SettingsError, SettingsTable};

/// Rows that one call reads at the most.
pub const ROWS_MAX: i64 = 10_000;

/// A row: what was set of a key at a time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SettingRow {
    /// Whose row it is; null for all of them.
    pub key: BTreeMap<String, Option<String>>,
    /// Every field; null where nothing is set.
    pub fields: BTreeMap<String, Value>,
    /// The write; null in a row of the source.
    pub event_id: Option<String>,
    /// Who saved it; null in a row of the source.
    pub user: Option<String>,
    /// When it was saved, UTC; null in a row of the source.
    pub at: Option<String>,
    /// The raw record that it came from.
    pub raw_position: i64,
}

/// Which rows are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Which {
    /// Of each key the one in force.
    InForce,
    /// All, oldest first.
    All,
}

/// Opens a transaction in the tenant's schema, as its reader.
pub(crate) async fn begin(
    pool: &PgPool,
    tenant: TenantId,
) -> Result<Transaction<'static, Postgres>, sqlx::Error> {
    let mut transaction = pool
        .begin_with("begin isolation level read committed")
        .await?;
    let settings = format!(
        "set local role {}; set local search_path to {}, pg_temp",
        tenant.reader_role(),
        tenant.schema()
    );
    sqlx::raw_sql(AssertSqlSafe(settings))
        .execute(&mut *transaction)
        .await?;
    Ok(transaction)
}

/// The ids of the key that a change, or a question, names; none for a part that is left out, and
/// `Err` with its name for one that is not there.
pub(crate) async fn key_ids(
    connection: &mut PgConnection,
    change: &Change,
) -> Result<Result<Vec<Option<i64>>, SettingsError>, sqlx::Error> {
    let mut ids = Vec::new();
    for part in change.table.key {
        let Some(value) = change.key.get(part.name) else {
            ids.push(None);
            continue;
        };
        let sql = format!("select id from {} where {} = $1", part.names, part.by);
        let query = sqlx::query_scalar(AssertSqlSafe(sql)).bind(value);
        let id: Option<i64> = query
            .persistent(false)
            .fetch_optional(&mut *connection)
            .await?;
        if id.is_none() && part.must_exist {
            let (name, table) = (part.name, part.names);
            let message = format!(
                "there is no {name} {value:?}: {name} is the {} of a row of {table}",
                part.by
            );
            return Ok(Err(SettingsError::Change(message)));
        }
        // What nothing is called yet has no rows: no id is negative.
        ids.push(Some(id.unwrap_or(-1)));
    }
    Ok(Ok(ids))
}

/// Reads rows; a part of the key without an id is any, unless `exact` takes it for none.
pub(crate) async fn rows(
    connection: &mut PgConnection,
    table: &SettingsTable,
    (ids, exact): (&[Option<i64>], bool),
    which: Which,
) -> Result<Vec<SettingRow>, sqlx::Error> {
    let sql = rows_sql(table, ids, exact, which);
    let found: Vec<String> = sqlx::query_scalar(AssertSqlSafe(sql))
        .persistent(false)
        .fetch_all(connection)
        .await?;
    let read = |text: &String| serde_json::from_str(text);
    let rows: Result<_, serde_json::Error> = found.iter().map(read).collect();
    rows.map_err(|error| sqlx::Error::Decode(error.into()))
}

/// The row of a write, if it is there.
pub(crate) async fn row_of_event(
    connection: &mut PgConnection,
    table: &SettingsTable,
    event_id: &str,
) -> Result<Option<SettingRow>, sqlx::Error> {
    let sql = format!("{} where s.event_id = $1", select_sql(table, table.stored));
    let found: Option<String> = sqlx::query_scalar(AssertSqlSafe(sql))
        .bind(event_id)
        .persistent(false)
        .fetch_optional(connection)
        .await?;
    let row = found.map(|text| serde_json::from_str(&text)).transpose();
    row.map_err(|error| sqlx::Error::Decode(error.into()))
}

fn rows_sql(table: &SettingsTable, ids: &[Option<i64>], exact: bool, which: Which) -> String {
    let columns: Vec<_> = table.key.iter().map(|part| part.column).collect();
    let from = match which {
        // Rows of the UI win over those of the source; of two at one time the greater event does.
        Which::InForce => format!(
            "(select *, row_number() over (partition by {} order by created_at is null, created_at desc, \
             event_id collate \"C\" desc) as recency from {})",
            if columns.is_empty() {
                "true".to_owned()
            } else {
                columns.join(", ")
            },
            table.stored
        ),
        Which::All => table.stored.to_owned(),
    };
    let mut sql = select_sql(table, &from);
    sql.push_str(match which {
        Which::InForce => " where s.recency = 1",
        Which::All => " where true",
    });
    for (column, id) in columns.iter().zip(ids) {
        let _ = match id {
            Some(id) => write!(sql, " and s.{column} = {id}"),
            None if exact => write!(sql, " and s.{column} is null"),
            None => Ok(()),
        };
    }
    let order = match which {
        Which::InForce => "1",
        Which::All => "s.created_at nulls first, s.event_id collate \"C\", s.id",
    };
    let _ = write!(sql, " order by {order} limit {ROWS_MAX}");
    sql
}

fn select_sql(table: &SettingsTable, from: &str) -> String {
    let pairs = |pairs: Vec<String>| format!("jsonb_build_object({})", pairs.join(", "));
    let key = table.key.iter().map(|part| {
        let (name, column) = (part.name, part.column);
        format!(
            "'{name}', (select k.{} from {} as k where k.id = s.{column})",
            part.by, part.names
        )
    });
    let fields = table.fields.iter();
    let fields = fields.map(|field| format!("'{}', {}", field.name, field.shown));
    format!(
        "select jsonb_build_object('key', {key}, 'fields', {fields}, 'event_id', s.event_id, \
         'user', (select email from cw_global.users as u where u.id = s.user_id), \
         'at', to_char(s.created_at at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'), \
         'raw_position', s.raw_position)::text from {from} as s",
        key = pairs(key.collect()),
        fields = pairs(fields.collect()),
    )
}
