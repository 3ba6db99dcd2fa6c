//! The statements of the merge, made from the catalogue.

use catwing_domain::{Merge, Table};

use crate::{
    stage::Staged,
    statement::{columns, list},
};

/// Writes lookups or parents: of each key the best staged row, where it is better than the row that
/// is there. A row with the same id and another natural key is let through on purpose: the primary
/// key then refuses it.
pub(super) fn best_sql(table: &Table, merge: Merge) -> String {
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
pub(super) fn fill_sql(table: &Table, merge: Merge) -> String {
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

/// Chooses of each unit the best staged row, where it is better than the one there, and whether
/// its parts replace others: only a record of its own has parts.
pub(super) fn winners_sql(table: &Table) -> String {
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

pub(super) fn write_winners_sql(table: &Table) -> String {
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
pub(super) fn delete_parts_sql(
    part: &Table,
    column: &str,
    owner: &Table,
    comes_again: bool,
) -> String {
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

/// Writes the parts of the records that have won, whose rows stand in `winners`: in a table of its own,
/// or in the table itself where that was empty before.
pub(super) fn insert_parts_sql(
    part: &Table,
    column: &str,
    owner: &Table,
    winners: &str,
    comes_again: bool,
) -> String {
    let again = match owner.merge {
        Merge::Parent if comes_again => format!(
            " on conflict ({}) do update set {}",
            natural(part, ""),
            assignments(part)
        ),
        _ => String::new(),
    };
    format!(
        "insert into {part} ({columns}) select {staged_columns} from {of_winners}{again}",
        part = part.name,
        columns = columns(part, ""),
        staged_columns = columns(part, "s."),
        of_winners = parts_of_winners(part, column, owner, winners),
    )
}

/// The staged parts `s` of the records that have won.
pub(crate) fn parts_of_winners(part: &Table, column: &str, owner: &Table, winners: &str) -> String {
    format!(
        "{staged} as s join {winners} as w on w.id = s.{column} and w.raw_position = s.unit_position{own}",
        staged = Staged::Rows(part.id).name(),
        own = own(owner, "w.source_rank"),
    )
}

/// Where the winners of a table of records stand until the load commits.
pub(crate) fn winners_of(owner: &Table) -> String {
    format!("won_{}", owner.name)
}

/// Natural keys of the table, staged or there, that share an id with another one.
pub(super) fn collision_sql(table: &Table) -> String {
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

pub(super) fn natural(table: &Table, prefix: &str) -> String {
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
        assert!(
            insert_parts_sql(lines, "sales_order_id", orders, "won_sales_orders", true).ends_with(
                "join won_sales_orders as w on w.id = s.sales_order_id \
             and w.raw_position = s.unit_position"
            )
        );
    }

    #[test]
    fn parts_of_masters_are_updated_in_place() {
        let products = TableId::Products.table();
        let attributes = TableId::ProductAttributes.table();
        let delete = delete_parts_sql(attributes, "product_id", products, true);
        assert!(delete.contains("and not exists (select from stage_product_attributes as s"));
        assert!(!delete_parts_sql(attributes, "product_id", products, false).contains("stage_"));
        let insert = insert_parts_sql(attributes, "product_id", products, "won_products", true);
        assert!(insert.contains("and w.source_rank = 3 on conflict (product_id, attribute_name)"));
        let winners = winners_sql(products);
        assert!(winners.contains("t.id is not null and t.source_rank = 3 as replaces"));
    }
}
