//! Foreign keys of what a merge writes, checked set by set.
//!
//! A trigger looks up each reference of each row, which is half of the server's work in a large load. So a
//! load of many rows writes with triggers off, then looks up all ids that its rows refer to, table by
//! table, and holds those rows until it commits, as the triggers would. Nothing is weaker for it: rows that
//! are missing fail the load, and the keys stay in force for everybody else.

use std::collections::BTreeMap;

use catwing_domain::{Merge, TableId};
use sea_orm::sqlx::{self, PgConnection, Row};

use crate::{
    LoadError,
    merge::sql::{parts_of_winners, winners_of},
    stage::{Stage, Staged},
    statement::{execute, fetch},
};

/// Staged rows from which on a check of sets is cheaper than triggers.
const ROWS_MIN: u64 = 2_000;

/// The references of staged rows: by the table that they lead to, where they stand.
#[derive(Debug)]
pub(crate) struct References {
    of: BTreeMap<Parent, Vec<Reference>>,
}

/// A table that rows refer to, as this transaction calls it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Parent {
    name: String,
    /// In `cw_global`, whose rows only a function of it may hold.
    is_shared: bool,
}

/// A column that refers to a table, and the staged rows of it, as `s`, that have to lead somewhere.
#[derive(Clone, Debug)]
struct Reference {
    table: TableId,
    column: &'static str,
    rows: String,
}

impl References {
    /// The references of what is staged; none where triggers shall check them: few rows, or a server whose
    /// administrator has not let loads switch triggers off.
    pub(crate) async fn of(
        connection: &mut PgConnection,
        stage: &Stage,
    ) -> Result<Option<Self>, LoadError> {
        let staged: Vec<_> = stage.tables().collect();
        if stage.rows() < ROWS_MIN {
            return Ok(None);
        }
        let names: Vec<_> = staged.iter().map(|id| format!("'{}'", id.name())).collect();
        let keys = format!(
            "select c.relname::text, a.attname::text, k.confrelid::regclass::text, \
             p.relnamespace = 'cw_global'::regnamespace, \
             has_parameter_privilege('session_replication_role', 'SET') \
             and cardinality(k.conkey) = 1 and r.attname = 'id' \
             from pg_constraint as k join pg_class as c on c.oid = k.conrelid \
             join pg_class as p on p.oid = k.confrelid \
             join pg_attribute as a on a.attrelid = k.conrelid and a.attnum = k.conkey[1] \
             join pg_attribute as r on r.attrelid = k.confrelid and r.attnum = k.confkey[1] \
             where k.contype = 'f' and c.relnamespace = current_schema()::regnamespace \
             and c.relname in ({})",
            names.join(", ")
        );
        let mut of: BTreeMap<Parent, Vec<Reference>> = BTreeMap::new();
        for row in fetch(connection, keys).await.map_err(failed)? {
            if !row.try_get::<bool, _>(4).map_err(failed)? {
                return Ok(None);
            }
            let parent = Parent {
                name: get(&row, 2)?,
                is_shared: row.try_get(3).map_err(failed)?,
            };
            let (child, column) = (get(&row, 0)?, get(&row, 1)?);
            let known = staged.iter().find(|id| id.name() == child);
            let reference = known.and_then(|id| Reference::of(*id, &column, &parent, stage));
            if let Some(reference) = reference {
                of.entry(parent).or_default().push(reference);
            }
        }
        Ok(Some(Self { of }))
    }

    /// Looks that all that is referred to is there, and holds it.
    pub(crate) async fn check(&self, connection: &mut PgConnection) -> Result<(), LoadError> {
        for (parent, references) in &self.of {
            let rows = fetch(connection, missing_sql(parent, references))
                .await
                .map_err(failed)?;
            let missing = match rows.first() {
                Some(row) => row.try_get::<Option<i64>, _>(0).map_err(failed)?,
                None => None,
            };
            if let Some(missing) = missing {
                return Err(broken(connection, parent, references, missing).await);
            }
        }
        Ok(())
    }
}

/// Switches the triggers of foreign keys off; those that guard settings stay on always.
pub(crate) async fn triggers_off(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    execute(
        connection,
        "set local session_replication_role to replica".to_owned(),
    )
    .await?;
    Ok(())
}

/// Switches them on again.
pub(crate) async fn triggers_on(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    execute(
        connection,
        "set local session_replication_role to origin".to_owned(),
    )
    .await?;
    Ok(())
}

impl Reference {
    /// A reference that staged rows bring along; what load works out later is checked by triggers.
    ///
    /// Every accepted record brings what it refers to along, so all staged rows have to lead somewhere,
    /// winners or not. Not so a part that refers to another part of its record: both are there only where
    /// the record has won. And the row that a part belongs to is there, because it is written by a join
    /// with it.
    fn of(id: TableId, column: &str, parent: &Parent, stage: &Stage) -> Option<Self> {
        let table = id.table();
        let names = table.columns.iter().map(|known| known.name);
        let column = names.into_iter().find(|name| *name == column)?;
        let staged = Staged::Rows(id).name();
        let mut rows = format!("{staged} as s");
        if let Merge::Part { of, column: own } = table.merge {
            let beside = |other: &&TableId| {
                other.name() == parent.name
                    && matches!(other.table().merge, Merge::Part { of: owner, .. } if owner == of)
            };
            if column == own && !table.holds_events() {
                return None;
            }
            if TableId::ALL.iter().any(|other| beside(&other)) {
                if !stage.has(Staged::Rows(of)) {
                    return None;
                }
                let owner = of.table();
                rows = parts_of_winners(table, own, owner, &winners_of(owner));
            }
        }
        let table = id;
        Some(Self {
            table,
            column,
            rows,
        })
    }
}

/// An id that is referred to and that no row has, or null, or nothing. The ids are gathered once for all
/// that refers to a table.
fn missing_sql(parent: &Parent, references: &[Reference]) -> String {
    let wanted: Vec<_> = references
        .iter()
        .map(|Reference { column, rows, .. }| {
            format!("select s.{column} as id from {rows} where s.{column} is not null")
        })
        .collect();
    let (wanted, name) = (wanted.join(" union "), &parent.name);
    if parent.is_shared {
        return format!(
            "select cw_global.hold_rows('{name}'::regclass, array(select distinct id from ({wanted}) as w))"
        );
    }
    format!(
        "with wanted as materialized (select distinct id from ({wanted}) as w), \
         held as materialized (select p.id from {name} as p \
         where p.id in (select id from wanted) for key share) \
         select w.id from wanted as w left join held as h on h.id = w.id where h.id is null limit 1"
    )
}

/// Says which row leads nowhere.
async fn broken(
    connection: &mut PgConnection,
    parent: &Parent,
    references: &[Reference],
    missing: i64,
) -> LoadError {
    for Reference {
        table,
        column,
        rows,
    } in references
    {
        let row = format!("select s.id from {rows} where s.{column} = {missing} limit 1");
        let rows = match fetch(connection, row).await {
            Ok(rows) => rows,
            Err(source) => return failed(source),
        };
        if let Some(row) = rows.first() {
            return match row.try_get(0) {
                Ok(id) => LoadError::BrokenReference {
                    table: table.name(),
                    id,
                    column,
                    parent: parent.name.clone(),
                    missing,
                },
                Err(source) => failed(source),
            };
        }
    }
    failed(sqlx::Error::RowNotFound)
}

fn get(row: &sqlx::postgres::PgRow, index: usize) -> Result<String, LoadError> {
    row.try_get(index).map_err(failed)
}

fn failed(source: sqlx::Error) -> LoadError {
    LoadError::Merge {
        table: "references",
        source,
    }
}
