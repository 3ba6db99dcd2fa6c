//! Foreign keys of a tenant into the shared schema. In the transaction that restores the tenant they would
//! lock tables that every tenant's load writes to, for as long as all its rows take.

use std::time::Duration;

use catwing_domain::{Identifier, TenantId};
use sea_orm::sqlx::{self, AssertSqlSafe, PgPool};

use crate::RecoveryError;

/// How long a key waits for the shared table. Whoever writes to that waits behind it.
const LOCK_TIMEOUT: &str = "500ms";
/// The pause before it is tried again.
const PAUSE: Duration = Duration::from_millis(500);
/// How often it is tried: a load of another tenant that has just named a new currency may take minutes.
const ATTEMPTS_MAX: u32 = 1200;
/// SQLSTATE of a lock that was not given in time.
const LOCK_NOT_AVAILABLE: &str = "55P03";

/// A foreign key that is added when all rows are there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SharedKey {
    /// The schema of the table in the dump.
    pub schema: String,
    table: String,
    constraint: String,
    /// `FOREIGN KEY (..) REFERENCES ..`, as pg_dump writes it.
    definition: String,
    /// Whether it was valid when it was dumped.
    is_valid: bool,
}

impl SharedKey {
    /// The key that a statement of a dump adds, if it is one into the shared schema.
    pub(super) fn of(code: &[u8]) -> Option<Self> {
        let code = std::str::from_utf8(code).ok()?.trim_end();
        let rest = code.strip_prefix("ALTER TABLE ONLY ")?.strip_suffix(';')?;
        let (table, rest) = rest.split_once(char::is_whitespace)?;
        let (schema, table) = table.split_once('.')?;
        let rest = rest.trim_start().strip_prefix("ADD CONSTRAINT ")?;
        let (constraint, definition) = rest.split_once(" FOREIGN KEY ")?;
        if !definition.contains(" REFERENCES cw_global.") {
            return None;
        }
        let valid = definition.strip_suffix(" NOT VALID");
        let plain = |name: &str| name.replace('"', "");
        Some(Self {
            schema: plain(schema),
            table: plain(table),
            constraint: plain(constraint),
            definition: format!("FOREIGN KEY {}", valid.unwrap_or(definition)),
            is_valid: valid.is_none(),
        })
    }

    /// Adds the key to the table in a schema and then has every row of it checked, in a transaction each.
    pub(super) async fn add(
        &self,
        pool: &PgPool,
        client: TenantId,
        schema: &str,
    ) -> Result<(), RecoveryError> {
        let table = format!(
            "{}.{}",
            Identifier::new(schema),
            Identifier::new(&self.table)
        );
        let constraint = Identifier::new(&self.constraint);
        let add = format!(
            "alter table only {table} add constraint {constraint} {} not valid",
            self.definition
        );
        self.patiently(pool, client, &add).await?;
        if self.is_valid {
            let validate = format!("alter table {table} validate constraint {constraint}");
            self.patiently(pool, client, &validate).await?;
        }
        Ok(())
    }

    /// Runs a statement as the tenant's owner, as often as it needs to get its locks.
    async fn patiently(
        &self,
        pool: &PgPool,
        client: TenantId,
        statement: &str,
    ) -> Result<(), RecoveryError> {
        let mut attempt = 1;
        loop {
            let source = match run(pool, client, statement).await {
                Ok(()) => return Ok(()),
                Err(source) => source,
            };
            let code = source.as_database_error().and_then(|error| error.code());
            let is_busy = code.is_some_and(|code| code == LOCK_NOT_AVAILABLE);
            if !is_busy || attempt == ATTEMPTS_MAX {
                return Err(RecoveryError::SharedKey {
                    client,
                    constraint: self.constraint.clone(),
                    source,
                });
            }
            attempt += 1;
            tokio::time::sleep(PAUSE).await;
        }
    }
}

async fn run(pool: &PgPool, client: TenantId, statement: &str) -> Result<(), sqlx::Error> {
    let mut transaction = pool.begin().await?;
    // Parts of it come from a backup whose bytes were verified, which whoever wrote it could fill anyway.
    let statements = format!(
        "set local role {}; set local lock_timeout = '{LOCK_TIMEOUT}'; {statement}",
        client.owner_role()
    );
    sqlx::raw_sql(AssertSqlSafe(statements))
        .execute(&mut *transaction)
        .await?;
    transaction.commit().await
}

#[cfg(test)]
mod tests {
    use super::SharedKey;

    #[test]
    fn only_keys_into_the_shared_schema_are_held_back() {
        let statement = |parent: &str, end: &str| {
            format!(
                "ALTER TABLE ONLY cw_200.sales_orders\n    ADD CONSTRAINT sales_orders_currency_id_fkey \
                 FOREIGN KEY (currency_id) REFERENCES {parent}(id){end};\n"
            )
        };
        let key = SharedKey::of(statement("cw_global.currencies", "").as_bytes()).unwrap();
        assert_eq!(key.schema, "cw_200");
        assert_eq!(key.table, "sales_orders");
        assert_eq!(key.constraint, "sales_orders_currency_id_fkey");
        assert_eq!(
            key.definition,
            "FOREIGN KEY (currency_id) REFERENCES cw_global.currencies(id)"
        );
        assert!(key.is_valid);
        let late = statement("cw_global.currencies", " ON DELETE CASCADE NOT VALID");
        let late = SharedKey::of(late.as_bytes()).unwrap();
        assert!(!late.is_valid && late.definition.ends_with(" ON DELETE CASCADE"));
        assert_eq!(
            SharedKey::of(statement("cw_200.customers", "").as_bytes()),
            None
        );
        let primary = b"ALTER TABLE ONLY cw_200.a\n    ADD CONSTRAINT a_pkey PRIMARY KEY (id);";
        assert_eq!(SharedKey::of(primary), None);
        assert_eq!(SharedKey::of(b"SET x = 'REFERENCES cw_global.';"), None);
    }
}
