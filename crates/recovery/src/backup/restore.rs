//! Brings one tenant back from a backup, by a ranged read of its members: where it is missing, or beside
//! the live one, which nobody notices.

mod foreign_key;
mod psql;

use catwing_domain::failpoint::{self, failpoint};
use catwing_domain::{Identifier, Site, TenantId};
use catwing_raw_store::Store;
use sea_orm::sqlx::{self, AssertSqlSafe, PgPool};
use tokio::sync::mpsc;

use super::{
    ClientTools, DatabaseAddress, Member, Part, Sidecar, TenantState,
    member::unpack,
    snapshot::{origin, schemas_of},
    sql::Piece,
};
use crate::RecoveryError;
use foreign_key::SharedKey;
use psql::Psql;

/// Pieces of SQL that wait for psql.
const PIECES_WAITING: usize = 16;

/// What a tenant is brought back with.
pub struct Restore<'a> {
    /// The archive of the backup.
    pub store: &'a Store,
    /// The backup.
    pub sidecar: &'a Sidecar,
    /// The database that it goes to.
    pub pool: &'a PgPool,
    /// The same for psql.
    pub address: &'a DatabaseAddress,
    /// psql.
    pub tools: &'a ClientTools,
}

/// A tenant that was brought back.
#[derive(Clone, Debug)]
pub struct Restored {
    /// Where the tenant stood in the backup: what the restored tables must have as their digest.
    pub state: TenantState,
    /// Rows that came back.
    pub rows: u64,
    /// Foreign keys into `cw_global` that were added and validated afterwards.
    pub shared_keys: usize,
}

/// What comes out of a member on its way to psql.
enum Arriving {
    Sql(Vec<u8>),
    SharedKey(SharedKey),
}

impl Restore<'_> {
    /// Brings a tenant back: at [`Site::Live`] under the names that it had, which must be free; at another
    /// site under the names of that, whether or not the live schemas are there. All of it appears in one
    /// transaction; then foreign keys into `cw_global` are added and validated, each for itself, so that no
    /// other tenant waits, and statistics of columns are taken. `watch` hears how many bytes of SQL were
    /// passed on. What was begun and not finished is dropped before it is tried again: schemas at the site
    /// are never replaced.
    ///
    /// The shared tenant comes back only where it is missing. The rows of it that a tenant's rows refer to
    /// come with the tenant.
    ///
    /// # Errors
    /// [`RecoveryError::BackupFlawed`] for bytes that are not those that were written: nothing is restored
    /// then; [`RecoveryError::InTheWay`], [`RecoveryError::SharedMissing`],
    /// [`RecoveryError::RestoreSql`] and others.
    pub async fn restore_member(
        &self,
        client: TenantId,
        site: Site,
        watch: &(dyn Fn(u64) + Send + Sync),
    ) -> Result<Restored, RecoveryError> {
        let state = self.sidecar.tenant(client);
        let ground = self.sidecar.member(client, Part::Ground);
        let schemas = self.sidecar.member(client, Part::Schemas);
        let (Some(state), Some(ground), Some(schemas)) = (state, ground, schemas) else {
            return Err(RecoveryError::NotInBackup {
                client,
                key: self.sidecar.key.clone(),
            });
        };
        self.check_server().await?;
        let moves = Moves::of(state, site);
        let aside = self.check_room(client, &moves).await?;
        self.feed(ground, ["begin;\n", "commit;\n"], &|_| {})
            .await?;
        let before = moves.before(&aside);
        let after = moves.after(&aside);
        let keys = self.feed(schemas, [&before, &after], watch).await?;
        failpoint(failpoint::RESTORE_AFTER_COMMIT);
        for key in &keys {
            key.add(self.pool, client, &moves.site_of(&key.schema))
                .await?;
        }
        failpoint(failpoint::RESTORE_AFTER_KEYS);
        self.analyze(client, &moves).await?;
        Ok(Restored {
            state: state.clone(),
            rows: schemas.rows.values().sum(),
            shared_keys: keys.len(),
        })
    }

    async fn check_server(&self) -> Result<(), RecoveryError> {
        let target = origin(self.pool).await?;
        if target.major() < self.sidecar.server_major
            || self.tools.major < self.sidecar.server_major
        {
            return Err(RecoveryError::OlderThanBackup {
                backup: self.sidecar.server_version.clone(),
                server: target.server_version,
                client: self.tools.version.clone(),
            });
        }
        Ok(())
    }

    /// Makes sure that nothing is where the tenant goes, and returns which live schemas have to step aside.
    async fn check_room(
        &self,
        client: TenantId,
        moves: &Moves,
    ) -> Result<Vec<String>, RecoveryError> {
        let query = "select nspname::text from pg_namespace";
        let there: Vec<String> = sqlx::query_scalar(query)
            .fetch_all(self.pool)
            .await
            .map_err(|source| RecoveryError::RestoreTarget { client, source })?;
        let has = |name: &str| there.iter().any(|found| found == name);
        let needed = moves.sites.iter().cloned();
        let needed = needed.chain(moves.live.iter().map(|name| aside_of(name)));
        let taken: Vec<String> = needed.filter(|name| has(name)).collect();
        if !taken.is_empty() {
            let schemas = taken.join(", ");
            return Err(RecoveryError::InTheWay { client, schemas });
        }
        if client != TenantId::GLOBAL && !has(TenantId::GLOBAL.schema().name()) {
            return Err(RecoveryError::SharedMissing { client });
        }
        Ok(moves
            .live
            .iter()
            .filter(|name| has(name))
            .cloned()
            .collect())
    }

    /// Gives a member to psql between two texts. What is given is not committed before all of it is known
    /// to be right: psql commits when it is told to, and never because its input ends.
    async fn feed(
        &self,
        member: &Member,
        [before, after]: [&str; 2],
        watch: &(dyn Fn(u64) + Send + Sync),
    ) -> Result<Vec<SharedKey>, RecoveryError> {
        let client = member.client;
        let mut psql = Psql::start(self.address, self.tools, client)?;
        psql.write(before.as_bytes()).await?;
        let (pieces, mut arriving) = mpsc::channel(PIECES_WAITING);
        let reading = unpack(self.store, &self.sidecar.key, member, move |piece| {
            let piece = match piece {
                Piece::Rows(bytes) => Arriving::Sql(bytes.to_vec()),
                Piece::Statement(statement) => match SharedKey::of(statement.code) {
                    Some(key) => Arriving::SharedKey(key),
                    None => Arriving::Sql(statement.whole.to_vec()),
                },
            };
            // Where psql has stopped, it says why itself.
            let _ = pieces.blocking_send(piece);
        });
        let writing = async {
            let (mut keys, mut written_bytes) = (Vec::new(), 0);
            while let Some(piece) = arriving.recv().await {
                match piece {
                    Arriving::SharedKey(key) => keys.push(key),
                    Arriving::Sql(bytes) => {
                        psql.write(&bytes).await?;
                        written_bytes += bytes.len() as u64;
                        watch(written_bytes);
                    }
                }
            }
            Ok(keys)
        };
        let ((), keys) = tokio::try_join!(reading, writing)?;
        psql.write(after.as_bytes()).await?;
        psql.finish().await?;
        Ok(keys)
    }

    /// Statistics of columns are in no dump, and all that follows is planned by them.
    async fn analyze(&self, client: TenantId, moves: &Moves) -> Result<(), RecoveryError> {
        let failed = |source| RecoveryError::RestoreTarget { client, source };
        let query = "select format('%I.%I', n.nspname, c.relname) from pg_class as c \
             join pg_namespace as n on n.oid = c.relnamespace \
             where n.nspname = any($1) and c.relkind = 'r'";
        let tables: Vec<String> = sqlx::query_scalar(query)
            .bind(&moves.sites)
            .fetch_all(self.pool)
            .await
            .map_err(failed)?;
        let mut transaction = self.pool.begin().await.map_err(failed)?;
        let statements = format!(
            "set local role {}; analyze {}",
            client.owner_role(),
            tables.join(", ")
        );
        sqlx::raw_sql(AssertSqlSafe(statements))
            .execute(&mut *transaction)
            .await
            .map_err(failed)?;
        transaction.commit().await.map_err(failed)
    }
}

/// Which schemas of a dump become which.
struct Moves {
    /// What they are called in the dump.
    live: Vec<String>,
    /// What they are called in the end, in the same order.
    sites: Vec<String>,
}

impl Moves {
    fn of(state: &TenantState, site: Site) -> Self {
        let at_site = state.client.schemas(site);
        let all = schemas_of(state.client).into_iter().zip(at_site.all());
        let dumped = |name: &String| state.schemas.iter().any(|schema| schema.schema == *name);
        let (live, sites) = all
            .filter(|(live, _)| dumped(live))
            .map(|(live, site)| (live, site.name().to_owned()))
            .unzip();
        Self { live, sites }
    }

    fn is_in_place(&self) -> bool {
        self.live == self.sites
    }

    /// Begins the transaction in which the live schemas, for nobody else, step aside.
    fn before(&self, aside: &[String]) -> String {
        let mut sql = "begin;\n".to_owned();
        if !self.is_in_place() {
            sql.extend(aside.iter().map(|name| rename(name, &aside_of(name))));
        }
        sql
    }

    /// Gives the restored schemas their names, the live ones theirs again, and commits.
    fn after(&self, aside: &[String]) -> String {
        let mut sql = String::new();
        if !self.is_in_place() {
            let restored = self.live.iter().zip(&self.sites);
            sql.extend(restored.map(|(live, site)| rename(live, site)));
            sql.extend(aside.iter().map(|name| rename(&aside_of(name), name)));
        }
        sql + "commit;\n"
    }

    /// What a schema of the dump is called in the end.
    fn site_of(&self, schema: &str) -> String {
        let found = self.live.iter().position(|live| live == schema);
        let site = found.and_then(|index| self.sites.get(index));
        site.map_or(schema, String::as_str).to_owned()
    }
}

fn rename(from: &str, to: &str) -> String {
    let (from, to) = (Identifier::new(from), Identifier::new(to));
    format!("alter schema {from} rename to {to};\n")
}

/// What a live schema is called in a transaction that nobody else sees.
fn aside_of(schema: &str) -> String {
    format!("{schema}_aside")
}
