//! Takes a backup: one snapshot, each tenant dumped from it, read back, and only then put in place.

use std::time::{Duration, Instant};

use catwing_domain::{
    Clock, DayZone,
    failpoint::{BACKUP_AFTER_DUMP, BACKUP_AFTER_UPLOAD, BACKUP_BEFORE_PROMOTE, failpoint},
};
use catwing_raw_store::{Published, Store, Upload};
use jiff::Timestamp;
use sea_orm::sqlx::PgPool;
use tokio::io::AsyncReadExt;

use super::{
    ClientTools, DatabaseAddress, Member, Part, Retention, Sidecar, TenantState,
    member::{Place, pack},
    shelf::{promote, remove, retain, seal, settle_leftovers, tmp_key},
    snapshot::{Origin, Snapshot, Turn, origin},
    verify,
};
use crate::RecoveryError;

/// How long pg_dump waits for a table that somebody holds alone.
const LOCK_WAIT: &str = "--lock-wait-timeout=300s";
/// Bytes of a program's complaints that are told.
const SAID_BYTES_MAX: usize = 4096;

/// What a backup is taken with.
pub struct Backup<'a> {
    /// The archive that it goes to.
    pub store: &'a Store,
    /// The database.
    pub pool: &'a PgPool,
    /// The same for pg_dump.
    pub address: &'a DatabaseAddress,
    /// pg_dump.
    pub tools: &'a ClientTools,
    /// The run that takes it; no two share one.
    pub run_id: &'a str,
    /// Where its day comes from.
    pub clock: &'a dyn Clock,
    /// How many backups stay.
    pub retention: Retention,
}

/// What a backup is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Every tenant's position and digest are read.
    Read,
    /// Tenants are dumped.
    Dump,
    /// The file is read back.
    Verify,
    /// It gets its place, and older ones are removed.
    Promote,
}

/// How far a backup is.
#[derive(Clone, Copy, Debug)]
pub struct BackupProgress {
    /// What it is at.
    pub phase: Phase,
    /// Bytes of SQL dumped, or of the file read back.
    pub done_bytes: u64,
    /// Bytes in all; while dumping, those that the tables take, which is about the same.
    pub total_bytes: u64,
}

/// A backup that was taken.
#[derive(Clone, Debug)]
pub struct Taken {
    /// What it holds, as the first of its keys has it.
    pub sidecar: Sidecar,
    /// Its keys: the day's, and the week's where it is that of the week too.
    pub keys: Vec<String>,
    /// Keys of older ones that were removed.
    pub removed: Vec<String>,
    /// Things that killed backups had left, and that were removed.
    pub leftovers: usize,
    /// How long each phase took, in their order.
    pub phases: Vec<(Phase, Duration)>,
}

/// Hears of progress.
pub type BackupWatch<'w> = &'w (dyn Fn(BackupProgress) + Send + Sync);

impl Backup<'_> {
    /// Takes it. Nothing of the backups that are there is touched before the new one was read back.
    ///
    /// # Errors
    /// [`RecoveryError::BackupRuns`] while another one is under way, [`RecoveryError::ClientOlder`],
    /// [`RecoveryError::Dump`], [`RecoveryError::BackupFlawed`] and others; what was written then is
    /// removed, and is none.
    pub async fn take(&self, watch: BackupWatch<'_>) -> Result<Taken, RecoveryError> {
        let origin = origin(self.pool).await?;
        if self.tools.major < origin.major() {
            return Err(RecoveryError::ClientOlder {
                client: self.tools.version.clone(),
                major: origin.major(),
                server: origin.server_version,
            });
        }
        let mut turn = Turn::take(self.pool).await?;
        let taken = self.take_in_turn(&origin, &mut turn, watch).await;
        turn.give_back().await;
        taken
    }

    async fn take_in_turn(
        &self,
        origin: &Origin,
        turn: &mut Turn,
        watch: BackupWatch<'_>,
    ) -> Result<Taken, RecoveryError> {
        let leftovers = settle_leftovers(self.store).await?;
        let key = tmp_key(self.run_id);
        let mut phases = Vec::new();
        let written = self.write(origin, &key, &mut phases, watch).await;
        let sidecar = match written {
            Ok(sidecar) => sidecar,
            Err(error) => {
                // What is wrong is told; what can't be removed now is at the next backup.
                if let Err(error) = remove(self.store, &key).await {
                    tracing::warn!(%error, key, "a backup that failed stays until the next one");
                }
                return Err(error);
            }
        };
        turn.check().await?;
        let started = Instant::now();
        watch(BackupProgress {
            phase: Phase::Promote,
            done_bytes: 0,
            total_bytes: sidecar.size_bytes,
        });
        seal(self.store, &sidecar).await?;
        failpoint(BACKUP_BEFORE_PROMOTE);
        let keys = promote(self.store, &sidecar).await?;
        let removed = retain(self.store, self.retention, &keys).await?;
        phases.push((Phase::Promote, started.elapsed()));
        Ok(Taken {
            sidecar: keys
                .first()
                .map_or_else(|| sidecar.clone(), |key| sidecar.at(key.clone())),
            keys,
            removed,
            leftovers,
            phases,
        })
    }

    /// Writes the file under its temporary key and reads it back.
    async fn write(
        &self,
        origin: &Origin,
        key: &str,
        phases: &mut Vec<(Phase, Duration)>,
        watch: BackupWatch<'_>,
    ) -> Result<Sidecar, RecoveryError> {
        let started = Instant::now();
        let taken_at = self.clock.now();
        let mut snapshot = Snapshot::take(self.pool).await?;
        let clients = snapshot.tenants().await?;
        let total_bytes = snapshot.size_bytes(&clients).await?;
        let mut tenants = Vec::new();
        watch(BackupProgress {
            phase: Phase::Read,
            done_bytes: 0,
            total_bytes,
        });
        for client in clients {
            tenants.push(snapshot.state(client).await?);
        }
        phases.push((Phase::Read, started.elapsed()));

        let started = Instant::now();
        let mut upload = self.store.upload(key);
        let dumped = self
            .dump_all(&mut snapshot, &tenants, &mut upload, (total_bytes, watch))
            .await;
        let members = match dumped {
            Ok(members) => members,
            Err(error) => {
                upload.abandon().await;
                return Err(error);
            }
        };
        snapshot.end().await;
        let published = upload
            .publish()
            .await
            .map_err(RecoveryError::backup_store)?;
        phases.push((Phase::Dump, started.elapsed()));
        failpoint(BACKUP_AFTER_UPLOAD);

        let started = Instant::now();
        let sidecar = self.describe(origin, key, taken_at, (published, members, tenants))?;
        let total_bytes = sidecar.size_bytes;
        verify(self.store, &sidecar, &[], &|done_bytes| {
            watch(BackupProgress {
                phase: Phase::Verify,
                done_bytes,
                total_bytes,
            });
        })
        .await?;
        phases.push((Phase::Verify, started.elapsed()));
        Ok(sidecar)
    }

    fn describe(
        &self,
        origin: &Origin,
        key: &str,
        taken_at: Timestamp,
        (published, members, tenants): (Published, Vec<Member>, Vec<TenantState>),
    ) -> Result<Sidecar, RecoveryError> {
        let day = DayZone::named("UTC").and_then(|zone| zone.day_of(taken_at));
        Ok(Sidecar {
            key: key.to_owned(),
            run_id: self.run_id.to_owned(),
            taken_at,
            day: day.map_err(|source| RecoveryError::Clock { source })?,
            database: origin.database.clone(),
            server_version: origin.server_version.clone(),
            server_major: origin.major(),
            client_version: self.tools.version.clone(),
            catwing_version: env!("CARGO_PKG_VERSION").to_owned(),
            size_bytes: published.size_bytes,
            sha256: published.sha256,
            members,
            tenants,
        })
    }

    async fn dump_all(
        &self,
        snapshot: &mut Snapshot,
        tenants: &[TenantState],
        upload: &mut Upload,
        (total_bytes, watch): (u64, BackupWatch<'_>),
    ) -> Result<Vec<Member>, RecoveryError> {
        let mut members: Vec<Member> = Vec::new();
        let mut done_bytes = 0;
        for state in tenants {
            let client = state.client;
            let place = |part, members: &[Member]| Place {
                client,
                part,
                offset_bytes: members.iter().map(|member| member.size_bytes).sum(),
            };
            let sql = snapshot.ground(client).await?;
            let ground = pack(client, sql.as_bytes(), upload, &|_| {}).await?;
            members.push(ground.into_member(place(Part::Ground, &members)));
            let told = |bytes| {
                watch(BackupProgress {
                    phase: Phase::Dump,
                    done_bytes: done_bytes + bytes,
                    total_bytes,
                });
            };
            let schemas = self.dump(&snapshot.name, state, upload, &told).await?;
            let schemas = schemas.into_member(place(Part::Schemas, &members));
            done_bytes += schemas.sql_bytes;
            members.push(schemas);
            failpoint(BACKUP_AFTER_DUMP);
        }
        Ok(members)
    }

    /// Dumps the schemas of a tenant as their owner, who sees no other tenant's.
    async fn dump(
        &self,
        snapshot: &str,
        state: &TenantState,
        upload: &mut Upload,
        watch: &(dyn Fn(u64) + Send + Sync),
    ) -> Result<super::member::Packed, RecoveryError> {
        let client = state.client;
        let mut command = self.address.command(&self.tools.pg_dump);
        command
            .args([
                "--format=plain",
                "--encoding=UTF8",
                "--no-password",
                "--strict-names",
                LOCK_WAIT,
            ])
            .arg(format!("--snapshot={snapshot}"))
            .arg(format!("--role={}", client.owner_role().name()))
            .stdout(std::process::Stdio::piped());
        for schema in &state.schemas {
            command.arg(format!("--schema={}", schema.schema));
        }
        let not_started = |source| RecoveryError::StartProgram {
            program: self.tools.pg_dump.clone(),
            source,
        };
        let mut child = command.spawn().map_err(not_started)?;
        let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
        let (Some(stdout), Some(stderr)) = (stdout, stderr) else {
            return Err(not_started(std::io::Error::other("it has no output")));
        };
        let said = tokio::spawn(said(stderr));
        let packed = pack(client, stdout, upload, watch).await;
        if matches!(&packed, Err(error) if !matches!(error, RecoveryError::DumpBroken { .. })) {
            // The archive failed: nobody reads what pg_dump still writes.
            return packed;
        }
        let status = child
            .wait()
            .await
            .map_err(|source| RecoveryError::Pipe { client, source })?;
        let said = said.await.unwrap_or_default();
        if status.success() {
            return packed;
        }
        Err(RecoveryError::Dump { client, said })
    }
}

/// The last of what a program said on its standard error.
pub(super) async fn said(mut stderr: impl tokio::io::AsyncRead + Unpin) -> String {
    let mut said = Vec::new();
    let mut chunk = [0; 1024];
    while let Ok(length @ 1..) = stderr.read(&mut chunk).await {
        said.extend_from_slice(chunk.get(..length).unwrap_or_default());
        let surplus = said.len().saturating_sub(SAID_BYTES_MAX);
        said.drain(..surplus);
    }
    String::from_utf8_lossy(&said).trim().to_owned()
}
