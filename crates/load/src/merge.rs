//! The merge: staged rows meet the tenant's tables, set by set, parents before children.
//!
//! The statements are made from the catalogue. One load at a time holds the tenant's lock, so that
//! what a statement reads of a table is what it writes to.

pub(crate) mod sql;

use std::collections::{BTreeMap, BTreeSet};

use catwing_domain::{Merge, Table, TableId};
use sea_orm::sqlx::{self, PgConnection, Row};

use crate::{
    LoadError, derive,
    references::{References, triggers_off, triggers_on},
    stage::{ANALYZE_ROWS_MIN, Stage, Staged},
    statement::{execute, fetch},
};
use sql::{
    best_sql, collision_sql, delete_parts_sql, fill_sql, insert_parts_sql, natural, winners_of,
    winners_sql, write_winners_sql,
};

/// Rows written per table.
pub(crate) type Written = BTreeMap<TableId, u64>;

/// Merges all staged rows in the order of foreign keys into tables that have rows, keys and readers.
pub(crate) async fn merge(
    connection: &mut PgConnection,
    stage: &Stage,
) -> Result<Written, LoadError> {
    let references = References::of(connection, stage).await?;
    let switched = |source| {
        let table = "all tables";
        LoadError::Merge { table, source }
    };
    let into = Target {
        bare: &BTreeSet::new(),
        without_triggers: references.is_some(),
    };
    if into.without_triggers {
        triggers_off(connection).await.map_err(switched)?;
    }
    let written = merge_into(connection, stage, into).await?;
    if let Some(references) = references {
        triggers_on(connection).await.map_err(switched)?;
        references.check(connection).await?;
    }
    Ok(written)
}

/// Merges all staged rows of a bulk load; `bare` are the tables that have neither rows nor keys.
pub(crate) async fn merge_bulk(
    connection: &mut PgConnection,
    stage: &Stage,
    bare: &BTreeSet<TableId>,
) -> Result<Written, LoadError> {
    let without_triggers = false;
    let into = Target {
        bare,
        without_triggers,
    };
    merge_into(connection, stage, into).await
}

/// What rows are merged into.
#[derive(Clone, Copy)]
struct Target<'a> {
    /// Tables that have neither rows nor keys.
    bare: &'a BTreeSet<TableId>,
    /// Whether triggers of foreign keys are off where rows are written.
    without_triggers: bool,
}

async fn merge_into(
    connection: &mut PgConnection,
    stage: &Stage,
    into: Target<'_>,
) -> Result<Written, LoadError> {
    // After an error the staged rows must still be there, to find out which keys collide.
    let table = "all tables";
    execute(connection, "savepoint before_merge".to_owned())
        .await
        .map_err(|source| LoadError::Merge { table, source })?;
    let mut written = Written::new();
    for &id in TableId::ALL {
        if !stage.has(Staged::Rows(id)) {
            continue;
        }
        let table = id.table();
        let rows = match merge_table(connection, stage, table, into).await {
            Ok(rows) => rows,
            Err(source) => return Err(explain(connection, table, source).await),
        };
        written.insert(id, rows);
    }
    Ok(written)
}

/// Writes the winners of all that is staged of a table. Of the rows of a bare one only staged ones can win,
/// and those of a record stand in its own table.
async fn merge_table(
    connection: &mut PgConnection,
    stage: &Stage,
    table: &Table,
    into: Target<'_>,
) -> Result<u64, sqlx::Error> {
    let is_bare = into.bare.contains(&table.id);
    match table.merge {
        Merge::Register | Merge::Seeded => Ok(0),
        Merge::Part { of, column } => {
            let mut rows = 0;
            if stage.has(Staged::Rows(of)) {
                let owner = of.table();
                let winners = match into.bare.contains(&of) {
                    true => owner.name.to_owned(),
                    false => winners_of(owner),
                };
                let parts = insert_parts_sql(table, column, owner, &winners, !is_bare);
                rows += execute(connection, parts).await?;
            }
            if table.holds_events() {
                rows += execute(connection, best_of(table, Merge::Event, is_bare)).await?;
            }
            Ok(rows)
        }
        Merge::Document if !is_bare => merge_units(connection, stage, table, into).await,
        Merge::Parent if !is_bare && parts(table).next().is_some() => {
            merge_units(connection, stage, table, into).await
        }
        merge => execute(connection, best_of(table, merge, is_bare)).await,
    }
}

fn best_of(table: &Table, merge: Merge, is_bare: bool) -> String {
    if is_bare {
        fill_sql(table, merge)
    } else {
        best_sql(table, merge)
    }
}

/// Chooses the records that win with all their parts, takes away the parts of those that they
/// replace, and writes their own rows. Their parts follow with the parts' tables.
async fn merge_units(
    connection: &mut PgConnection,
    stage: &Stage,
    table: &Table,
    into: Target<'_>,
) -> Result<u64, sqlx::Error> {
    let winners = execute(connection, winners_sql(table)).await?;
    if winners >= ANALYZE_ROWS_MIN {
        execute(connection, format!("analyze won_{}", table.name)).await?;
    }
    let replaced = format!("select from won_{} where replaces limit 1", table.name);
    if !fetch(connection, replaced).await?.is_empty() {
        // What refers to a part that goes away is a trigger's to say.
        if into.without_triggers {
            triggers_on(connection).await?;
        }
        if let Some(notes) = derive::before_replacing(table.id) {
            execute(connection, notes.to_owned()).await?;
        }
        // Parts of parts first: the catalogue has parents before children.
        for (part, column) in parts(table).rev() {
            let comes_again = stage.has(Staged::Rows(part.id));
            execute(
                connection,
                delete_parts_sql(part, column, table, comes_again),
            )
            .await?;
        }
        if into.without_triggers {
            triggers_off(connection).await?;
        }
    }
    execute(connection, write_winners_sql(table)).await
}

/// The tables of a record's parts, parents before children, with the column that names the record.
fn parts(owner: &Table) -> impl DoubleEndedIterator<Item = (&'static Table, &'static str)> {
    let owner = owner.id;
    TableId::ALL
        .iter()
        .filter_map(move |id| match id.table().merge {
            Merge::Part { of, column } if of == owner => Some((id.table(), column)),
            _ => None,
        })
}

/// Says what an error of the merge means; a collision of keys is looked up by name.
async fn explain(
    connection: &mut PgConnection,
    table: &'static Table,
    source: sqlx::Error,
) -> LoadError {
    let unexplained = |source| LoadError::Merge {
        table: table.name,
        source,
    };
    let doubled = matches!(&source, sqlx::Error::Database(error) if error.is_unique_violation());
    if !doubled {
        return unexplained(source);
    }
    // Should the look-up itself fail, the error at hand says more than that one would.
    match find_collision(connection, table).await {
        Ok(Some((id, first, second))) => LoadError::KeyCollision {
            table: table.name,
            id,
            first,
            second,
        },
        Ok(None) | Err(_) => unexplained(source),
    }
}

async fn find_collision(
    connection: &mut PgConnection,
    table: &Table,
) -> Result<Option<(i64, String, String)>, sqlx::Error> {
    execute(connection, "rollback to savepoint before_merge".to_owned()).await?;
    let rows = fetch(connection, collision_sql(table)).await?;
    let Some(row) = rows.first() else {
        return Ok(None);
    };
    Ok(Some((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?)))
}

/// Looks for two natural keys of a table that have the same id, where its primary key can't be made.
pub(crate) async fn collision_in(
    connection: &mut PgConnection,
    table: &'static Table,
) -> Result<Option<LoadError>, sqlx::Error> {
    let sql = format!(
        "select id, min(key), max(key) from (select id, concat_ws(' / ', {key}) as key from {name}) as known \
         group by id having count(*) > 1 order by id limit 1",
        key = natural(table, ""),
        name = table.name,
    );
    let rows = fetch(connection, sql).await?;
    let Some(row) = rows.first() else {
        return Ok(None);
    };
    Ok(Some(LoadError::KeyCollision {
        table: table.name,
        id: row.try_get(0)?,
        first: row.try_get(1)?,
        second: row.try_get(2)?,
    }))
}
