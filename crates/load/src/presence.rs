//! Presence: registers of what the newest deliveries hold, and the activity that follows from them.
//!
//! Both registers only ever grow to the greater position, and activity is a pure function of the
//! registers and of the winning rows, so that the order of deliveries does not show.

use std::collections::BTreeSet;

use catwing_domain::{Entity, Table, TableId};
use sea_orm::sqlx::PgConnection;

use crate::{
    LoadError,
    merge::Written,
    stage::{Stage, Staged, StagedScope, number_of},
    statement::execute,
};

const KEYS_SQL: &str = "insert into presence_keys \
     (table_name, dataset_number, scope, row_id, newest_position) \
     select c.table_name, c.dataset_number, c.scope, m.row_id, max(c.newest_position) \
     from stage_marks as m join stage_scopes as c using (mark_group, table_no) group by 1, 2, 3, 4 \
     on conflict (table_name, dataset_number, scope, row_id) \
     do update set newest_position = excluded.newest_position \
     where presence_keys.newest_position < excluded.newest_position";

const SNAPSHOTS_SQL: &str = "insert into presence_snapshots \
     (table_name, dataset_number, scope, newest_position) \
     select table_name, dataset_number, scope, max(newest_position) \
     from stage_scopes where retires group by 1, 2, 3 \
     on conflict (table_name, dataset_number, scope) \
     do update set newest_position = excluded.newest_position \
     where presence_snapshots.newest_position < excluded.newest_position";

/// Advances the registers by what is staged, and recomputes the activity of rows that may differ.
pub(crate) async fn update(
    connection: &mut PgConnection,
    stage: &Stage,
    scopes: &[StagedScope],
    written: &mut Written,
) -> Result<(), LoadError> {
    let failed = |source| LoadError::Presence { source };
    if stage.has(Staged::Marks) && stage.has(Staged::Scopes) {
        let rows = execute(connection, KEYS_SQL.to_owned()).await;
        written.insert(TableId::PresenceKeys, rows.map_err(failed)?);
    }
    if scopes.iter().any(|staged| staged.scope.retires) {
        let rows = execute(connection, SNAPSHOTS_SQL.to_owned()).await;
        written.insert(TableId::PresenceSnapshots, rows.map_err(failed)?);
    }
    for (table, touched) in touched(stage, scopes) {
        let rows = execute(connection, activity_sql(table, touched)).await;
        *written.entry(table.id).or_default() += rows.map_err(failed)?;
    }
    Ok(())
}

/// Which rows of a table may have another activity than before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Touched {
    /// All: a snapshot may have retired any of them.
    All,
    /// Those that are named by marks, or by units too.
    Named { marks: bool, units: bool },
}

/// The tables that own records feed and that this load may have touched. Rows that only references
/// and embedded records have named are as active as declared, which the merge sees to.
fn touched(stage: &Stage, scopes: &[StagedScope]) -> Vec<(&'static Table, Touched)> {
    let retired: BTreeSet<_> = scopes
        .iter()
        .filter(|staged| staged.scope.retires)
        .map(|staged| staged.scope.table)
        .collect();
    let marked: BTreeSet<_> = scopes.iter().map(|staged| staged.scope.table).collect();
    let tables = Entity::ALL.iter().map(|entity| entity.table());
    tables
        .filter(|table| table.table().has_presence())
        .filter_map(|table| {
            let marks = stage.has(Staged::Marks) && marked.contains(&table);
            let units = stage.has(Staged::units_of(table));
            if retired.contains(&table) {
                Some((table.table(), Touched::All))
            } else if marks || units {
                Some((table.table(), Touched::Named { marks, units }))
            } else {
                None
            }
        })
        .collect()
}

/// A row that its own record wrote is active iff that record says so and a delivery of the record's
/// dataset, not older than the newest snapshot of the same scope, holds its key.
fn activity_sql(table: &Table, touched: Touched) -> String {
    let number = number_of(table.id);
    let candidates = match touched {
        Touched::All => String::new(),
        Touched::Named { marks, units } => {
            let marks =
                marks.then(|| format!("select row_id from stage_marks where table_no = {number}"));
            let units =
                units.then(|| format!("select id from {}", Staged::units_of(table.id).name()));
            let named: Vec<_> = [marks, units].into_iter().flatten().collect();
            format!(" where p.id in ({})", named.join(" union all "))
        }
    };
    format!(
        "with held as (select distinct k.dataset_number, k.row_id from presence_keys as k \
         left join presence_snapshots as n using (table_name, dataset_number, scope) \
         where k.table_name = '{name}' and k.newest_position >= coalesce(n.newest_position, 0)), \
         known as (select p.id, p.declared_active and (p.source_rank < 3 or h.row_id is not null) \
         as is_active from {name} as p left join held as h on h.row_id = p.id \
         and h.dataset_number = (p.raw_position >> 32) & 63{candidates}) \
         update {name} as t set is_active = known.is_active from known \
         where known.id = t.id and known.is_active <> t.is_active",
        name = table.name,
    )
}

#[cfg(test)]
mod tests {
    use catwing_domain::{PresenceScope, RawPosition, TableId};

    use super::{Touched, activity_sql, touched};
    use crate::stage::{Stage, Staged, StagedScope};

    fn scope(table: TableId, retires: bool) -> StagedScope {
        StagedScope {
            group: 1,
            scope: PresenceScope {
                table,
                dataset: 1,
                scope: String::new(),
                position: RawPosition::from_bits(1),
                retires,
            },
        }
    }

    #[test]
    fn only_a_snapshot_asks_for_the_whole_table() {
        let stage = Stage::default();
        assert!(touched(&stage, &[scope(TableId::Products, false)]).is_empty());
        let found = touched(&stage, &[scope(TableId::Products, true)]);
        assert_eq!(found[0].0.name, "products");
        assert_eq!(found[0].1, Touched::All);
        let units = [TableId::SalesOrders, TableId::Customers].map(Staged::units_of);
        let stage = Stage::of(units);
        let found = touched(&stage, &[]);
        assert_eq!(found.len(), 1);
        let (table, touched) = found[0];
        let sql = activity_sql(table, touched);
        assert!(sql.contains("where p.id in (select id from stage_units_of_customers)"));
        assert!(!sql.contains("stage_marks"));
    }
}
