//! The switch: schemas that were rebuilt or restored beside take the place of the live ones, in one
//! transaction.
//!
//! Whoever loads waits or is told that the tenant is locked; whoever reads sees the old tables or the
//! new ones. Roles and rights go with the schemas. What no archive holds (runs and their reports) is
//! carried over from the live tables.

use catwing_domain::failpoint::{self, failpoint};
use catwing_domain::{Class, Site, TableId, TenantId};
use sea_orm::sqlx::{self, AssertSqlSafe, PgPool, Postgres, Row, Transaction};

use crate::{
    RecoveryError,
    backup::BACKUP_LOCK,
    site::{drop_site, failed, stands},
};

/// How long the switch waits for loads and readers of the catalog that stand in its way.
const LOCK_TIMEOUT: &str = "30s";

/// Journals that say what was loaded and computed, which the tables beside have of their own.
const OF_THE_LOAD: [TableId; 8] = [
    TableId::LoadLedger,
    TableId::LoadCounts,
    TableId::StatisticsTouched,
    TableId::StatisticsState,
    TableId::StatisticsRates,
    TableId::StatisticsProducts,
    TableId::StatisticsSalesProducts,
    TableId::StatisticsSalesDocuments,
];

/// A switch under way: no run and no load of the live tables can begin until it is committed or dropped.
pub struct Switch {
    pub(crate) transaction: Transaction<'static, Postgres>,
    pool: PgPool,
    pub(crate) tenant: TenantId,
    replaces: bool,
}

/// What a switch has done.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Switched {
    /// Whether live schemas were replaced; false where there were none.
    pub replaced: bool,
    /// Why the schemas that were replaced are still there, as `cw_N_before`; none where they are gone.
    pub kept_before: Option<String>,
    /// Why runs and reports of the live tables could not be carried over; none where they were.
    pub journals_lost: Option<String>,
}

impl Switch {
    /// Keeps runs, loads and writes of the UI away from the live tables.
    ///
    /// # Errors
    /// [`RecoveryError::Locked`] where one of them is under way and does not end soon; [`RecoveryError::Site`].
    pub async fn begin(pool: &PgPool, tenant: TenantId) -> Result<Self, RecoveryError> {
        Self::with_locks(pool, tenant, &[tenant.run_lock()]).await
    }

    /// The same within a run, which holds the lock of runs itself.
    ///
    /// # Errors
    /// As [`Switch::begin`].
    pub async fn within_run(pool: &PgPool, tenant: TenantId) -> Result<Self, RecoveryError> {
        Self::with_locks(pool, tenant, &[]).await
    }

    async fn with_locks(
        pool: &PgPool,
        tenant: TenantId,
        first: &[i64],
    ) -> Result<Self, RecoveryError> {
        let begin = || failed(tenant, "begin to switch");
        let mut transaction = pool.begin().await.map_err(begin())?;
        let settings = format!("set local lock_timeout to '{LOCK_TIMEOUT}'");
        sqlx::raw_sql(AssertSqlSafe(settings))
            .execute(&mut *transaction)
            .await
            .map_err(begin())?;
        // A dump finds tables by name, so none may be under way; several tenants may be switched at once.
        let shared = ("select pg_advisory_xact_lock_shared($1)", BACKUP_LOCK);
        let of_tenant = [tenant.settings_lock(), tenant.apply_lock()];
        let own = first.iter().chain(&of_tenant);
        let own = own.map(|lock| ("select pg_advisory_xact_lock($1)", *lock));
        for (statement, lock) in std::iter::once(shared).chain(own) {
            let taken = sqlx::query(statement)
                .bind(lock)
                .execute(&mut *transaction)
                .await;
            match taken {
                Ok(_) => {}
                Err(sqlx::Error::Database(error)) if error.code().as_deref() == Some("55P03") => {
                    return Err(RecoveryError::Locked { client: tenant });
                }
                Err(error) => return Err(begin()(error)),
            }
        }
        Ok(Self {
            transaction,
            replaces: stands(pool, tenant, Site::Live).await?,
            pool: pool.clone(),
            tenant,
        })
    }

    /// Entries that the live tables hold and those beside do not.
    ///
    /// # Errors
    /// [`RecoveryError::Site`].
    pub async fn left_behind(&mut self) -> Result<Vec<i64>, RecoveryError> {
        if !self.replaces {
            return Ok(Vec::new());
        }
        self.only_in(Site::Live, Site::Beside).await
    }

    /// Entries that the tables beside hold and the live ones do not.
    ///
    /// # Errors
    /// [`RecoveryError::Site`].
    pub async fn ahead(&mut self) -> Result<Vec<i64>, RecoveryError> {
        self.only_in(Site::Beside, Site::Live).await
    }

    async fn only_in(&mut self, one: Site, other: Site) -> Result<Vec<i64>, RecoveryError> {
        let query = format!(
            "select entry_number from {}.load_ledger except select entry_number \
             from {}.load_ledger order by 1",
            self.tenant.schemas(one).main,
            self.tenant.schemas(other).main,
        );
        sqlx::query_scalar(AssertSqlSafe(query))
            .fetch_all(&mut *self.transaction)
            .await
            .map_err(failed(self.tenant, "compare the ledgers of"))
    }

    /// Puts the schemas beside in the place of the live ones, which are dropped after unless they are
    /// to be kept.
    ///
    /// # Errors
    /// [`RecoveryError::Site`], [`RecoveryError::Schemas`]; nothing is switched then.
    pub async fn commit(mut self, keep_before: bool) -> Result<Switched, RecoveryError> {
        let tenant = self.tenant;
        drop_site(&self.pool, tenant, Site::Before).await?;
        let journals_lost = if self.replaces {
            self.carry_journals().await?
        } else {
            None
        };
        let mut renames = String::new();
        if self.replaces {
            renames += &renamed(tenant, Site::Live, Site::Before);
        }
        renames += &renamed(tenant, Site::Beside, Site::Live);
        renames += &format!(
            "comment on schema {} is 'One tenant: what its raw archive says';",
            tenant.schemas(Site::Live).main
        );
        sqlx::raw_sql(AssertSqlSafe(renames))
            .execute(&mut *self.transaction)
            .await
            .map_err(failed(tenant, "rename"))?;
        failpoint(failpoint::SWITCH_BEFORE_COMMIT);
        self.transaction
            .commit()
            .await
            .map_err(failed(tenant, "commit the switch of"))?;
        failpoint(failpoint::SWITCH_AFTER_COMMIT);
        let kept_before = match (self.replaces, keep_before) {
            (false, _) => None,
            (true, true) => Some("as was asked for".to_owned()),
            // The switch is done: what can't be dropped now goes with the next one.
            (true, false) => drop_site(&self.pool, tenant, Site::Before)
                .await
                .err()
                .map(|error| error.to_string()),
        };
        Ok(Switched {
            replaced: self.replaces,
            kept_before,
            journals_lost,
        })
    }

    /// Copies what only the live tables know; where they are too broken for that, says so.
    async fn carry_journals(&mut self) -> Result<Option<String>, RecoveryError> {
        let tenant = self.tenant;
        let carry = carry_sql(tenant);
        let run = async |connection: &mut sqlx::PgConnection, sql: String| {
            sqlx::raw_sql(AssertSqlSafe(sql)).execute(connection).await
        };
        let connection = &mut *self.transaction;
        run(connection, "savepoint journals".to_owned())
            .await
            .map_err(failed(tenant, "carry the journals of"))?;
        let Err(error) = run(connection, carry).await else {
            self.advance_identities().await?;
            return Ok(None);
        };
        run(connection, "rollback to savepoint journals".to_owned())
            .await
            .map_err(failed(tenant, "carry the journals of"))?;
        Ok(Some(error.to_string()))
    }

    /// New runs must not get the numbers of those that were carried over.
    async fn advance_identities(&mut self) -> Result<(), RecoveryError> {
        let tenant = self.tenant;
        let schemas = tenant.schemas(Site::Beside);
        let query = "select format('select setval(%L, greatest((select max(%I) from %I.%I), 1))', \
                pg_get_serial_sequence(format('%I.%I', n.nspname, c.relname), a.attname), \
                a.attname, n.nspname, c.relname) \
            from pg_attribute as a join pg_class as c on c.oid = a.attrelid \
            join pg_namespace as n on n.oid = c.relnamespace \
            where a.attidentity <> '' and n.nspname in ($1, $2)";
        let found = sqlx::query(query)
            .bind(schemas.main.name())
            .bind(schemas.staging.name())
            .fetch_all(&mut *self.transaction)
            .await
            .map_err(failed(tenant, "number the runs of"))?;
        for row in found {
            let statement: String = row
                .try_get(0)
                .map_err(failed(tenant, "number the runs of"))?;
            sqlx::raw_sql(AssertSqlSafe(statement))
                .execute(&mut *self.transaction)
                .await
                .map_err(failed(tenant, "number the runs of"))?;
        }
        Ok(())
    }
}

/// Journals of the catalogue that are copied from the live tables, parents before children.
fn carry_sql(tenant: TenantId) -> String {
    let journals: Vec<TableId> = TableId::ALL
        .iter()
        .chain(TableId::STAGING)
        .copied()
        .filter(|id| id.table().class == Class::Journal && id.is_of(tenant))
        .filter(|id| !OF_THE_LOAD.contains(id))
        .collect();
    let mut sql = String::new();
    for id in journals.iter().rev() {
        sql += &format!(
            "delete from {}.{};",
            id.schema_at(tenant, Site::Beside),
            id.name()
        );
    }
    for id in journals {
        let columns: Vec<_> = id.table().all_columns().map(|column| column.name).collect();
        let columns = columns.join(", ");
        sql += &format!(
            "insert into {beside}.{name} ({columns}) overriding system value select {columns} from {live}.{name};",
            beside = id.schema_at(tenant, Site::Beside),
            live = id.schema_at(tenant, Site::Live),
            name = id.name(),
        );
    }
    sql
}

fn renamed(tenant: TenantId, from: Site, to: Site) -> String {
    let (from, to) = (tenant.schemas(from), tenant.schemas(to));
    let pairs = from.all().into_iter().zip(to.all());
    pairs
        .map(|(from, to)| format!("alter schema {from} rename to {to};"))
        .collect()
}

#[cfg(test)]
mod tests {
    use catwing_domain::{Site, TenantId};

    use super::{carry_sql, renamed};

    #[test]
    fn runs_are_carried_and_what_was_loaded_is_not() {
        let tenant: TenantId = "CW-000200".parse().unwrap();
        let sql = carry_sql(tenant);
        assert!(sql.contains("insert into cw_200_next.pipeline_runs (id, run_key"));
        assert!(sql.contains("from cw_200_staging.staging_files;"));
        assert!(!sql.contains("load_ledger") && !sql.contains("statistics_touched"));
        assert_eq!(
            renamed(tenant, Site::Beside, Site::Live),
            "alter schema cw_200_next rename to cw_200;\
             alter schema cw_200_next_staging rename to cw_200_staging;\
             alter schema cw_200_next_stats rename to cw_200_stats;"
        );
    }
}
