//! Some tables of a live tenant brought to what a rebuild beside has, row by row, and all others left as
//! they are: what is right already is not written, so that readers and other tables find it in place.

use std::collections::{BTreeMap, BTreeSet};

use catwing_domain::{Class, Column, Merge, Site, TableId, TenantId};
use sea_orm::sqlx::{self, AssertSqlSafe, PgConnection};
use serde::Serialize;

use crate::{RecoveryError, site::failed, switch::Switch};

/// What a repair has changed in a table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct RepairedRows {
    /// Rows that the archive does not have.
    pub deleted: u64,
    /// Rows that were otherwise.
    pub updated: u64,
    /// Rows that were missing.
    pub inserted: u64,
}

/// What a repair has changed, by table; tables that were right are not named.
pub type Repaired = BTreeMap<&'static str, RepairedRows>;

/// The tables that are repaired together with some: all parts of their records, and what is derived from
/// rows, which may follow from what is repaired.
#[must_use]
pub fn group_of(tables: &BTreeSet<TableId>, tenant: TenantId) -> BTreeSet<TableId> {
    let owner = |id: &TableId| match id.table().merge {
        Merge::Part { of, .. } => of,
        _ => *id,
    };
    let owners: BTreeSet<TableId> = tables.iter().map(owner).collect();
    let all = TableId::ALL.iter().chain(TableId::STATISTICS).copied();
    all.filter(|id| id.is_of(tenant))
        .filter(|id| owners.contains(&owner(id)) || id.table().class == Class::Derived)
        .collect()
}

impl Switch {
    /// Brings tables of the live tenant to what stands beside, and commits. Both must hold the same
    /// entries; see [`Switch::left_behind`] and [`Switch::ahead`].
    ///
    /// # Errors
    /// [`RecoveryError::Site`], also where a row that must go is still referred to by a table that is not
    /// repaired; nothing is changed then.
    pub async fn repair(mut self, tables: &BTreeSet<TableId>) -> Result<Repaired, RecoveryError> {
        let tenant = self.tenant;
        let group = group_of(tables, tenant);
        let broken = || failed(tenant, "repair");
        let connection = &mut *self.transaction;
        execute(
            connection,
            format!("set local role {}", tenant.owner_role()),
        )
        .await
        .map_err(broken())?;
        for id in &group {
            // People's settings refuse to be changed by whoever does not say so aloud.
            let quiet = format!("alter table {} disable trigger user", live(*id, tenant));
            execute(connection, quiet).await.map_err(broken())?;
        }
        let mut repaired = Repaired::new();
        for id in group.iter().rev() {
            let deleted = execute(connection, delete_sql(*id, tenant)).await;
            repaired.entry(id.name()).or_default().deleted = deleted.map_err(broken())?;
        }
        for id in &group {
            let rows = repaired.entry(id.name()).or_default();
            if let Some(sql) = update_sql(*id, tenant) {
                rows.updated = execute(connection, sql).await.map_err(broken())?;
            }
            let inserted = execute(connection, insert_sql(*id, tenant)).await;
            rows.inserted = inserted.map_err(broken())?;
        }
        for id in &group {
            let aloud = format!("alter table {} enable trigger user", live(*id, tenant));
            execute(connection, aloud).await.map_err(broken())?;
        }
        self.transaction.commit().await.map_err(broken())?;
        repaired.retain(|_, rows| *rows != RepairedRows::default());
        Ok(repaired)
    }
}

async fn execute(connection: &mut PgConnection, statement: String) -> Result<u64, sqlx::Error> {
    let done = sqlx::raw_sql(AssertSqlSafe(statement)).execute(connection);
    Ok(done.await?.rows_affected())
}

fn live(id: TableId, tenant: TenantId) -> String {
    format!("{}.{}", id.schema_at(tenant, Site::Live), id.name())
}

fn beside(id: TableId, tenant: TenantId) -> String {
    format!("{}.{}", id.schema_at(tenant, Site::Beside), id.name())
}

/// What a row is known by: its id, else its natural key.
fn key(id: TableId) -> Vec<&'static str> {
    let table = id.table();
    if table.position("id").is_some() {
        vec!["id"]
    } else {
        table.natural_key.to_vec()
    }
}

fn same_key(id: TableId) -> String {
    let nullable = |name: &str| {
        let mut columns = id.table().all_columns();
        columns.any(|column: &Column| column.name == name && column.nullable)
    };
    let same: Vec<_> = key(id)
        .into_iter()
        .map(|name| match nullable(name) {
            true => format!("one.{name} is not distinct from other.{name}"),
            false => format!("one.{name} = other.{name}"),
        })
        .collect();
    same.join(" and ")
}

fn delete_sql(id: TableId, tenant: TenantId) -> String {
    format!(
        "delete from {} as one where not exists (select from {} as other where {})",
        live(id, tenant),
        beside(id, tenant),
        same_key(id)
    )
}

fn update_sql(id: TableId, tenant: TenantId) -> Option<String> {
    let key = key(id);
    let others: Vec<_> = id
        .table()
        .all_columns()
        .map(|column| column.name)
        .filter(|name| !key.contains(name))
        .collect();
    if others.is_empty() {
        return None;
    }
    let list = |prefix: &str| -> String {
        let names: Vec<_> = others
            .iter()
            .map(|name| format!("{prefix}{name}"))
            .collect();
        names.join(", ")
    };
    let set: Vec<_> = others
        .iter()
        .map(|name| format!("{name} = other.{name}"))
        .collect();
    Some(format!(
        "update {} as one set {} from {} as other where {} and ({}) is distinct from ({})",
        live(id, tenant),
        set.join(", "),
        beside(id, tenant),
        same_key(id),
        list("one."),
        list("other."),
    ))
}

fn insert_sql(id: TableId, tenant: TenantId) -> String {
    let columns: Vec<_> = id.table().all_columns().map(|column| column.name).collect();
    let columns = columns.join(", ");
    format!(
        "insert into {live} ({columns}) select {columns} from {beside} as other \
         where not exists (select from {live} as one where {same})",
        live = live(id, tenant),
        beside = beside(id, tenant),
        same = same_key(id)
    )
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use catwing_domain::{TableId, TenantId};

    use super::{group_of, update_sql};

    #[test]
    fn a_group_is_whole_records_and_what_follows_from_rows() {
        let tenant: TenantId = "CW-000200".parse().unwrap();
        let group = group_of(&BTreeSet::from([TableId::SalesOrderLines]), tenant);
        for id in [
            TableId::SalesOrders,
            TableId::SalesOrderLines,
            TableId::SalesOrderLineUpdates,
            TableId::ProductCosts,
            TableId::DailySalesValues,
        ] {
            assert!(group.contains(&id), "{}", id.name());
        }
        assert!(!group.contains(&TableId::Products) && !group.contains(&TableId::LoadLedger));
    }

    #[test]
    fn what_is_right_already_is_not_written() {
        let sql = update_sql(TableId::Genders, "CW-000200".parse().unwrap()).unwrap();
        assert_eq!(
            sql,
            "update cw_200.genders as one set name = other.name, source_version = other.source_version, \
             raw_position = other.raw_position from cw_200_next.genders as other where one.id = other.id \
             and (one.name, one.source_version, one.raw_position) is distinct from \
             (other.name, other.source_version, other.raw_position)"
        );
    }
}
