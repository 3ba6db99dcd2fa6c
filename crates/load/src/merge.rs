//! The merge: staged rows meet the tenant's tables, set by set, parents before children.
//!
//! The statements are made from the catalogue. One load at a time holds the tenant's lock, so that
//! what a statement reads of a table is what it writes to.

use std::collections::{BTreeMap, BTreeSet};

use catwing_domain::{Merge, Table, TableId};
use sea_orm::sqlx::{self, PgConnection, Row};

use crate::{
    LoadError, derive,
    stage::{ANALYZE_ROWS_MIN, Stage, Staged},
    statement::{columns, execute, fetch, list},
};

/// Rows written per table.
pub(crate) type Written = BTreeMap<TableId, u64>;

/// Merges all staged rows in the order of foreign keys; `bare` are the tables of a bulk load that have
/// neither rows nor keys.
pub(crate) async fn merge(
    connection: &mut PgConnection,
    stage: &Stage,
    bare: &BTreeSet<TableId>,
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
        let merged = if bare.contains(&id) {
            fill_table(connection, stage, table).await
        } else {
            merge_table(connection, stage, table).await
        };
        let rows = match merged {
            Ok(rows) => rows,
            Err(source) => return Err(explain(connection, table, source).await),
        };
        written.insert(id, rows);
    }
    Ok(written)
}

async fn merge_table(
    connection: &mut PgConnection,
    stage: &Stage,
    table: &Table,
) -> Result<u64, sqlx::Error> {
    match table.merge {
        Merge::Document => merge_units(connection, stage, table).await,
        Merge::Parent if parts(table).next().is_some() => {
            merge_units(connection, stage, table).await
        }
        Merge::Lookup | Merge::Parent | Merge::Observation | Merge::Event => {
            execute(connection, best_sql(table, table.merge)).await
        }
        Merge::Part { of, column } => {
            let mut rows = 0;
            if stage.has(Staged::Rows(of)) {
                rows += execute(connection, insert_parts_sql(table, column, of.table())).await?;
            }
            if table.holds_events() {
                rows += execute(connection, best_sql(table, Merge::Event)).await?;
            }
            Ok(rows)
        }
        Merge::Register | Merge::Seeded => Ok(0),
    }
}

/// Writes the winners of all that is staged to a table that has neither rows nor keys.
async fn fill_table(
    connection: &mut PgConnection,
    stage: &Stage,
    table: &Table,
) -> Result<u64, sqlx::Error> {
    match table.merge {
        Merge::Part { of, column } => {
            let mut rows = 0;
            if stage.has(Staged::Rows(of)) {
                rows += execute(connection, fill_parts_sql(table, column, of.table())).await?;
            }
            if table.holds_events() {
                rows += execute(connection, fill_sql(table, Merge::Event)).await?;
            }
            Ok(rows)
        }
        merge => execute(connection, fill_sql(table, merge)).await,
    }
}

/// Chooses the records that win with all their parts, takes away the parts of those that they
/// replace, and writes their own rows. Their parts follow with the parts' tables.
async fn merge_units(
    connection: &mut PgConnection,
    stage: &Stage,
    table: &Table,
) -> Result<u64, sqlx::Error> {
    let winners = execute(connection, winners_sql(table)).await?;
    if winners >= ANALYZE_ROWS_MIN {
        execute(connection, format!("analyze won_{}", table.name)).await?;
    }
    let replaced = format!("select from won_{} where replaces limit 1", table.name);
    if !fetch(connection, replaced).await?.is_empty() {
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

/// Writes lookups or parents: of each key the best staged row, where it is better than the row that
/// is there. A row with the same id and another natural key is let through on purpose: the primary
/// key then refuses it.
fn best_sql(table: &Table, merge: Merge) -> String {
    // Rows that are parts come with their record, and only those of the UI by themselves.
    let only = match table.merge {
        Merge::Part { .. } => "s.event_id is not null and ",
        _ => "",
    };
    format!(
        "insert into {name} ({columns}) select {chosen} from {staged} as s \
         left join {name} as t on t.id = s.id where {only}(t.id is null or {other_key} or {better}) \
         order by {key}, {best_first} on conflict ({natural}) do update set {assignments}",
        name = table.name,
        columns = columns(table, ""),
        chosen = distinct_columns(table),
        staged = Staged::Rows(table.id).name(),
        other_key = other_key(table),
        better = better(merge),
        key = key(table),
        best_first = best_first(table, merge),
        natural = natural(table, ""),
        assignments = assignments(table),
    )
}

/// Writes of each key the best staged row.
fn fill_sql(table: &Table, merge: Merge) -> String {
    format!(
        "insert into {name} ({columns}) select {chosen} from {staged} as s{only} \
         order by {key}, {best_first}",
        name = table.name,
        columns = columns(table, ""),
        chosen = distinct_columns(table),
        staged = Staged::Rows(table.id).name(),
        only = match table.merge {
            Merge::Part { .. } => " where s.event_id is not null",
            _ => "",
        },
        key = key(table),
        best_first = best_first(table, merge),
    )
}

/// Writes the parts of the records that were filled in.
fn fill_parts_sql(part: &Table, column: &str, owner: &Table) -> String {
    format!(
        "insert into {part} ({columns}) select {staged_columns} from {staged} as s \
         join {owner} as w on w.id = s.{column} and w.raw_position = s.unit_position{own}",
        part = part.name,
        columns = columns(part, ""),
        staged_columns = columns(part, "s."),
        staged = Staged::Rows(part.id).name(),
        owner = owner.name,
        own = own(owner, "w.source_rank"),
    )
}

/// Chooses of each unit the best staged row, where it is better than the one there, and whether
/// its parts replace others: only a record of its own has parts.
fn winners_sql(table: &Table) -> String {
    format!(
        "create temp table won_{name} on commit drop as select distinct on ({key}) \
         {chosen}, t.id is not null{own} as replaces from {staged} as s \
         left join {name} as t on t.id = s.id where t.id is null or {other_key} or {better} \
         order by {key}, {best_first}",
        name = table.name,
        key = key(table),
        chosen = columns(table, "s."),
        own = own(table, "t.source_rank"),
        staged = Staged::Rows(table.id).name(),
        other_key = other_key(table),
        better = better(table.merge),
        best_first = best_first(table, table.merge),
    )
}

/// What a row of a unit must meet beside, where others than the unit's own record write to the table.
fn own(table: &Table, rank: &str) -> String {
    match table.merge {
        Merge::Parent => format!(" and {rank} = 3"),
        _ => String::new(),
    }
}

fn write_winners_sql(table: &Table) -> String {
    let chosen = table.columns.iter().map(|column| match column.name {
        // The winners' table has it from the record; presence is asked later.
        "is_active" if table.has_presence() => "declared_active",
        name => name,
    });
    format!(
        "insert into {name} ({columns}) select {chosen} from won_{name} as w \
         on conflict ({natural}) do update set {assignments}",
        name = table.name,
        columns = columns(table, ""),
        chosen = list(chosen, "w."),
        natural = natural(table, ""),
        assignments = assignments(table),
    )
}

/// Takes away the parts of records that are replaced. Parts of a master record mostly come again, and
/// are kept to be updated in place; those of documents mostly change.
fn delete_parts_sql(part: &Table, column: &str, owner: &Table, comes_again: bool) -> String {
    let gone = match owner.merge {
        Merge::Parent if comes_again => format!(
            " and not exists (select from {staged} as s where s.id = t.id \
             and s.{column} = w.id and s.unit_position = w.raw_position)",
            staged = Staged::Rows(part.id).name()
        ),
        _ => String::new(),
    };
    // What people wrote beside is not the record's to take away.
    let own = if part.holds_events() {
        " and t.event_id is null"
    } else {
        ""
    };
    format!(
        "delete from {part} as t using won_{owner} as w \
         where w.replaces and t.{column} = w.id{own}{gone}",
        part = part.name,
        owner = owner.name,
    )
}

fn insert_parts_sql(part: &Table, column: &str, owner: &Table) -> String {
    let again = match owner.merge {
        Merge::Parent => format!(
            " on conflict ({}) do update set {}",
            natural(part, ""),
            assignments(part)
        ),
        _ => String::new(),
    };
    format!(
        "insert into {part} ({columns}) select {staged_columns} from {staged} as s \
         join won_{owner} as w on w.id = s.{column} and w.raw_position = s.unit_position{own}{again}",
        part = part.name,
        columns = columns(part, ""),
        staged_columns = columns(part, "s."),
        staged = Staged::Rows(part.id).name(),
        owner = owner.name,
        own = own(owner, "w.source_rank"),
    )
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

/// Natural keys of the table, staged or there, that share an id with another one.
fn collision_sql(table: &Table) -> String {
    format!(
        "select id, min(key), max(key) from (select s.id, concat_ws(' / ', {staged_key}) as key \
         from {staged} as s union all select t.id, concat_ws(' / ', {key}) from {name} as t \
         where t.id in (select id from {staged})) as known \
         group by id having count(distinct key) > 1 order by id limit 1",
        staged_key = natural(table, "s."),
        staged = Staged::Rows(table.id).name(),
        key = natural(table, "t."),
        name = table.name,
    )
}

fn natural(table: &Table, prefix: &str) -> String {
    list(table.natural_key.iter().copied(), prefix)
}

/// What rows are chosen by: the id, which sorts fast, with the natural key, so that two keys with
/// one id are never taken for one.
fn key(table: &Table) -> String {
    format!("s.id, {}", natural(table, "s."))
}

fn other_key(table: &Table) -> String {
    let nullable = |name: &&str| table.columns.iter().any(|c| c.name == *name && c.nullable);
    let differs = if table.natural_key.iter().any(nullable) {
        "is distinct from"
    } else {
        "<>"
    };
    format!(
        "({}) {differs} ({})",
        natural(table, "t."),
        natural(table, "s.")
    )
}

const STAGED_VERSION: &str = "(s.source_version, s.raw_position)";
const VERSION: &str = "(t.source_version, t.raw_position)";

/// Whether a staged row `s` is better than the row `t` of the same key.
fn better(merge: Merge) -> String {
    match merge {
        Merge::Lookup | Merge::Event => format!("{STAGED_VERSION} < {VERSION}"),
        Merge::Parent => format!(
            "s.source_rank > t.source_rank or (s.source_rank = t.source_rank and case when \
             s.source_rank > 0 then {STAGED_VERSION} > {VERSION} else {STAGED_VERSION} < {VERSION} end)"
        ),
        Merge::Document
        | Merge::Observation
        | Merge::Part { .. }
        | Merge::Register
        | Merge::Seeded => {
            format!("{STAGED_VERSION} > {VERSION}")
        }
    }
}

/// The order that puts the best of the staged rows of a key first.
fn best_first(table: &Table, merge: Merge) -> String {
    match merge {
        Merge::Lookup | Merge::Event => "s.source_version, s.raw_position".to_owned(),
        Merge::Parent => format!(
            "s.source_rank desc, case when s.source_rank > 0 then s.source_version end desc, \
             case when s.source_rank > 0 then s.raw_position end desc, \
             s.source_version, s.raw_position, {}",
            content(table)
        ),
        Merge::Document
        | Merge::Observation
        | Merge::Part { .. }
        | Merge::Register
        | Merge::Seeded => "s.source_version desc, s.raw_position desc".to_owned(),
    }
}

/// The order by all that a row says. One record may embed the same parent twice and say two things
/// of it: the choice must not hang on the order of staging, nor on the server's collation.
fn content(table: &Table) -> String {
    let columns = table.columns.iter().filter(|column| column.name != "id");
    let ordered: Vec<_> = columns
        .map(|column| match column.ty {
            catwing_domain::ColumnType::Text => format!("s.{} collate \"C\"", column.name),
            _ => format!("s.{}", column.name),
        })
        .collect();
    ordered.join(", ")
}

fn distinct_columns(table: &Table) -> String {
    format!("distinct on ({}) {}", key(table), staged_columns(table))
}

/// The staged columns; whether a row is active is what its record declares until presence is asked.
fn staged_columns(table: &Table) -> String {
    let names = table.columns.iter().map(|column| match column.name {
        "is_active" if table.has_presence() => "declared_active",
        name => name,
    });
    list(names, "s.")
}

/// A winner replaces all but the id and the natural key, which are equal.
fn assignments(table: &Table) -> String {
    let replaced: Vec<_> = table
        .columns
        .iter()
        .map(|column| column.name)
        .filter(|name| *name != "id" && !table.natural_key.contains(name))
        .map(|name| format!("{name} = excluded.{name}"))
        .collect();
    replaced.join(", ")
}

#[cfg(test)]
mod tests {
    use catwing_domain::{Merge, TableId};

    use super::{best_sql, delete_parts_sql, insert_parts_sql, winners_sql};

    #[test]
    fn a_part_names_the_record_that_it_belongs_to() {
        for id in TableId::ALL {
            let table = id.table();
            if let Merge::Part { of, column } = table.merge {
                assert!(table.position(column).is_some(), "{}.{column}", table.name);
                assert!(of < *id, "{} stands before what it is part of", table.name);
                assert!(matches!(of.table().merge, Merge::Document | Merge::Parent));
            }
        }
    }

    #[test]
    fn a_lookup_keeps_the_least_version() {
        assert_eq!(
            best_sql(TableId::Genders.table(), Merge::Lookup),
            "insert into genders (id, name, source_version, raw_position) \
             select distinct on (s.id, s.name) s.id, s.name, s.source_version, s.raw_position \
             from stage_genders as s left join genders as t on t.id = s.id \
             where (t.id is null or (t.name) <> (s.name) \
             or (s.source_version, s.raw_position) < (t.source_version, t.raw_position)) \
             order by s.id, s.name, s.source_version, s.raw_position \
             on conflict (name) do update set source_version = excluded.source_version, \
             raw_position = excluded.raw_position"
        );
    }

    #[test]
    fn presence_is_asked_after_the_merge() {
        let sql = best_sql(TableId::Customers.table(), Merge::Parent);
        assert!(sql.contains("s.country, s.declared_active, s.declared_active, s.source_rank"));
        assert!(sql.contains("is_active = excluded.is_active"));
        assert!(!sql.contains(" external_id = excluded"));
    }

    #[test]
    fn documents_are_chosen_once_and_their_parts_follow_the_choice() {
        let orders = TableId::SalesOrders.table();
        let lines = TableId::SalesOrderLines.table();
        assert!(winners_sql(orders).contains(
            "or (s.source_version, s.raw_position) > (t.source_version, t.raw_position) \
             order by s.id, s.external_id, s.source_version desc, s.raw_position desc"
        ));
        assert_eq!(
            delete_parts_sql(lines, "sales_order_id", orders, true),
            "delete from sales_order_lines as t using won_sales_orders as w \
             where w.replaces and t.sales_order_id = w.id"
        );
        assert!(insert_parts_sql(lines, "sales_order_id", orders).ends_with(
            "join won_sales_orders as w on w.id = s.sales_order_id \
             and w.raw_position = s.unit_position"
        ));
    }

    #[test]
    fn parts_of_masters_are_updated_in_place() {
        let products = TableId::Products.table();
        let attributes = TableId::ProductAttributes.table();
        let delete = delete_parts_sql(attributes, "product_id", products, true);
        assert!(delete.contains("and not exists (select from stage_product_attributes as s"));
        assert!(!delete_parts_sql(attributes, "product_id", products, false).contains("stage_"));
        let insert = insert_parts_sql(attributes, "product_id", products);
        assert!(insert.contains("and w.source_rank = 3 on conflict (product_id, attribute_name)"));
        let winners = winners_sql(products);
        assert!(winners.contains("t.id is not null and t.source_rank = 3 as replaces"));
    }
}
