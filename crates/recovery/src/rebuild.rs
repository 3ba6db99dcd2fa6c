//! A tenant from its raw archive: everything is read again, with the transform of this version and the
//! mappings that the manifest names, into schemas beside the live ones.
//!
//! Histories are loaded in bulk, and what was landed meanwhile as on any day. A rebuild that was
//! killed goes on where it was when it is asked for under the same terms. Nobody reads what it makes
//! before [`crate::switch::Switch`] has put it in the place of the live schemas.

use std::{collections::BTreeSet, time::Instant};

use catwing_domain::{
    BusinessDay, Clock, Site, TenantId,
    manifest::{EntryNumber, Sha256Hash},
};
use catwing_load::{BulkProgress, LoadError, Loader};
use catwing_raw_store::Store;
use catwing_stats::StatsReport;
use catwing_transform::TRANSFORM_VERSION;
use sea_orm::sqlx::{self, PgConnection, PgPool};
use serde::Serialize;

use crate::{
    RecoveryError,
    apply::{Applier, ApplyProgress, ApplyReport, Grouping, Pending, RebuildReason},
    digest::{TenantDigest, digest_at},
    gaps::Gaps,
    site::{drop_site, failed, make_beside},
    switch::Switch,
};

/// A rebuild of one tenant.
pub struct Rebuild<'a> {
    /// The archive.
    pub store: &'a Store,
    /// The database that gets the schemas beside; `cw_global` and the tenant's registration are there.
    pub pool: &'a PgPool,
    /// Whose archive.
    pub tenant: TenantId,
    /// The run that rebuilds.
    pub run_id: &'a str,
    /// Where the ledger's times come from.
    pub clock: &'a dyn Clock,
    /// Which part of the archive.
    pub extent: Extent,
    /// What of it can't be read, and is left out.
    pub gaps: Gaps,
}

/// Which deliveries a rebuild takes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Extent {
    /// Up to this business day; all days where absent.
    pub until: Option<BusinessDay>,
    /// These entries of the manifest and no others; all entries where absent.
    pub entries: Option<BTreeSet<EntryNumber>>,
}

/// How far a rebuild is.
#[derive(Clone, Copy, Debug)]
pub enum RebuildProgress {
    /// So many deliveries are to be read, of so many bytes.
    Begun {
        /// Whether an earlier rebuild goes on.
        resumed: bool,
        /// Deliveries to read.
        deliveries: usize,
        /// Bytes to read.
        bytes: u64,
    },
    /// Deliveries are read.
    Reading(ApplyProgress),
    /// All are read: the server merges, builds and checks.
    Finishing(BulkProgress),
    /// Statistics are computed.
    Statistics,
    /// The digest is computed.
    Digest,
}

/// Hears of progress.
pub type RebuildWatch<'w> = &'w (dyn Fn(RebuildProgress) + Send + Sync);

/// What a rebuild has made.
#[derive(Clone, Debug, Serialize)]
pub struct Rebuilt {
    /// What the tables beside hold.
    pub digest: TenantDigest,
    /// What was applied; after a resumption, by this process.
    pub applied: ApplyReport,
    /// Why these tables are not what the archive says all the same: a restored backup may hold what was
    /// refused or remapped since it was taken.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rebuild_due: Vec<RebuildReason>,
    /// Seconds of reading, finishing, statistics and digest.
    pub seconds: RebuildSeconds,
}

/// Where the time of a rebuild went.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct RebuildSeconds {
    /// Reading, transforming, copying.
    pub read: f64,
    /// Merging, keys, indexes, foreign keys, books.
    pub finish: f64,
    /// Statistics.
    pub statistics: f64,
    /// The digest.
    pub digest: f64,
}

/// The lock of whoever rebuilds or restores a tenant, held as long as this lives.
pub struct Exclusive {
    _connection: PgConnection,
}

impl Exclusive {
    /// Takes the lock.
    ///
    /// # Errors
    /// [`RecoveryError::Locked`] where another process rebuilds or restores the tenant.
    pub async fn take(pool: &PgPool, tenant: TenantId) -> Result<Self, RecoveryError> {
        let begin = || failed(tenant, "lock");
        let mut connection = pool.acquire().await.map_err(begin())?.detach();
        let free: bool = sqlx::query_scalar("select pg_try_advisory_lock($1)")
            .bind(tenant.rebuild_lock())
            .fetch_one(&mut connection)
            .await
            .map_err(begin())?;
        if free {
            Ok(Self {
                _connection: connection,
            })
        } else {
            Err(RecoveryError::Locked { client: tenant })
        }
    }
}

impl Rebuild<'_> {
    /// Makes the tenant's tables beside the live ones.
    ///
    /// # Errors
    /// Any; what was done stays beside, and the next call under the same terms goes on from there.
    pub async fn run(&self, watch: RebuildWatch<'_>) -> Result<Rebuilt, RecoveryError> {
        let (applied, seconds) = self.bulk(watch).await?;
        self.conclude(applied, seconds, watch).await
    }

    /// Makes the tenant's tables beside the live ones, without statistics and digest: how a history is
    /// loaded the first time.
    ///
    /// # Errors
    /// As [`Rebuild::run`].
    pub async fn load(&self, watch: RebuildWatch<'_>) -> Result<ApplyReport, RecoveryError> {
        let (mut applied, _) = self.bulk(watch).await?;
        let (late, _) = self.load_late().await?;
        applied.add(late);
        Ok(applied)
    }

    /// Loads, under a switch, what the live tables got while those beside were made: nobody writes to them
    /// any more, and nothing that they hold is lost with them.
    ///
    /// # Errors
    /// Those of an apply, and of looking at the ledgers.
    pub async fn bring_over(&mut self, switch: &mut Switch) -> Result<ApplyReport, RecoveryError> {
        let held = switch.left_behind().await?;
        if let Some(entries) = &mut self.extent.entries {
            entries.extend(held.iter().map(|entry| EntryNumber(entry.cast_unsigned())));
        }
        Ok(self.load_late().await?.0)
    }

    async fn bulk(
        &self,
        watch: RebuildWatch<'_>,
    ) -> Result<(ApplyReport, RebuildSeconds), RecoveryError> {
        let mut seconds = RebuildSeconds::default();
        let started = Instant::now();
        let (mut applied, resumed) = self.read_in_bulk(watch).await?;
        seconds.read = started.elapsed().as_secs_f64();

        let started = Instant::now();
        let bulk = Loader::bulk(self.pool.clone(), Site::Beside);
        let finished = bulk
            .finish_bulk(self.tenant, self.clock, &|at| {
                watch(RebuildProgress::Finishing(at));
            })
            .await
            .map_err(|source| self.load_failed(source))?;
        applied.add_load(&finished);
        seconds.finish = started.elapsed().as_secs_f64();
        tracing::info!(tenant = %self.tenant, resumed, "loaded beside the live schemas");
        Ok((applied, seconds))
    }

    /// Loads, as on any day, what was landed since the tables beside were loaded in bulk, or restored.
    async fn load_late(&self) -> Result<(ApplyReport, Vec<RebuildReason>), RecoveryError> {
        let loader = Loader::at(self.pool.clone(), Site::Beside);
        let applier = self.applier(&loader);
        let plan = applier.plan().await?;
        let late = self.within(plan.pending);
        Ok((applier.apply(&late, &|_| {}).await?, plan.rebuild_due))
    }

    /// Loads what the tables beside lack, and computes their statistics and digest: what is left to do
    /// after a restore.
    ///
    /// # Errors
    /// Any of an apply, of statistics, of a digest.
    pub async fn complete(&self, watch: RebuildWatch<'_>) -> Result<Rebuilt, RecoveryError> {
        self.conclude(ApplyReport::default(), RebuildSeconds::default(), watch)
            .await
    }

    /// The same for what was landed since then; none where nothing was, and nothing is computed again.
    ///
    /// # Errors
    /// Those of [`Rebuild::complete`].
    pub async fn catch_up(&self) -> Result<Option<Rebuilt>, RecoveryError> {
        let loader = Loader::at(self.pool.clone(), Site::Beside);
        if self
            .within(self.applier(&loader).pending().await?)
            .is_empty()
        {
            return Ok(None);
        }
        self.complete(&|_| {}).await.map(Some)
    }

    async fn conclude(
        &self,
        mut applied: ApplyReport,
        mut seconds: RebuildSeconds,
        watch: RebuildWatch<'_>,
    ) -> Result<Rebuilt, RecoveryError> {
        let started = Instant::now();
        let (late, rebuild_due) = self.load_late().await?;
        applied.add(late);
        seconds.read += started.elapsed().as_secs_f64();

        if self.tenant != TenantId::GLOBAL {
            let started = Instant::now();
            watch(RebuildProgress::Statistics);
            self.statistics().await?;
            seconds.statistics = started.elapsed().as_secs_f64();
        }
        let started = Instant::now();
        watch(RebuildProgress::Digest);
        let digest = digest_at(self.pool, self.tenant, Site::Beside).await?;
        seconds.digest = started.elapsed().as_secs_f64();
        Ok(Rebuilt {
            digest,
            applied,
            rebuild_due,
            seconds,
        })
    }

    /// Stages all deliveries that no earlier process has staged.
    async fn read_in_bulk(
        &self,
        watch: RebuildWatch<'_>,
    ) -> Result<(ApplyReport, bool), RecoveryError> {
        let loader = Loader::bulk(self.pool.clone(), Site::Beside);
        let resumed = self.begin(&loader).await?;
        if !loader
            .has_bulk(self.tenant)
            .await
            .map_err(|source| self.load_failed(source))?
        {
            return Ok((ApplyReport::default(), resumed));
        }
        let applier = self.applier(&loader);
        let pending = self.within(applier.pending().await?);
        watch(RebuildProgress::Begun {
            resumed,
            deliveries: pending.len(),
            bytes: pending.iter().map(Pending::size_bytes).sum(),
        });
        let report = applier
            .apply(&pending, &|at| watch(RebuildProgress::Reading(at)))
            .await?;
        Ok((report, resumed))
    }

    /// Makes the schemas beside ready, or finds those of an earlier rebuild. True where it goes on.
    async fn begin(&self, loader: &Loader) -> Result<bool, RecoveryError> {
        let terms = self.terms();
        if make_beside(self.pool, self.tenant, &terms).await? {
            let bulk = loader.has_bulk(self.tenant).await;
            let has_bulk = bulk.map_err(|source| self.load_failed(source))?;
            let merged = Loader::at(self.pool.clone(), Site::Beside);
            let ledger = if has_bulk { loader } else { &merged };
            // What stands there may hold what was refused or remapped since it was read.
            let plan = self.applier(ledger).plan().await?;
            if let Some(reason) = plan.rebuild_due.first() {
                tracing::warn!(tenant = %self.tenant, %reason, "the rebuild begins anew");
                drop_site(self.pool, self.tenant, Site::Beside).await?;
                make_beside(self.pool, self.tenant, &terms).await?;
            } else if !has_bulk && plan.holds_any {
                // Its bulk load was finished; without it, it was killed before that began.
                return Ok(true);
            }
        }
        match loader.begin_bulk(self.tenant).await {
            Ok(resumed) => Ok(resumed),
            Err(LoadError::BulkLost { .. }) => {
                tracing::warn!(tenant = %self.tenant, "what was staged is gone: the rebuild begins anew");
                drop_site(self.pool, self.tenant, Site::Beside).await?;
                make_beside(self.pool, self.tenant, &terms).await?;
                let begun = loader.begin_bulk(self.tenant).await;
                begun.map_err(|source| self.load_failed(source))
            }
            Err(source) => Err(self.load_failed(source)),
        }
    }

    async fn statistics(&self) -> Result<StatsReport, RecoveryError> {
        let refreshed = catwing_stats::refresh_at(self.pool, self.tenant, Site::Beside).await;
        refreshed.map_err(|source| RecoveryError::Statistics {
            client: self.tenant,
            source: Box::new(source),
        })
    }

    fn applier<'l>(&'l self, loader: &'l Loader) -> Applier<'l> {
        Applier {
            store: self.store,
            loader,
            tenant: self.tenant,
            run_id: self.run_id,
            clock: self.clock,
            grouping: Grouping::default(),
            lost_entries: self.gaps.lost_entries.clone(),
        }
    }

    fn within(&self, mut pending: Vec<Pending>) -> Vec<Pending> {
        let Extent { until, entries } = &self.extent;
        pending.retain(|one| {
            let number = one.sealed.entry.number;
            !self.gaps.is_in(one)
                && until.is_none_or(|until| one.day() <= until)
                && entries
                    .as_ref()
                    .is_none_or(|entries| entries.contains(&number))
        });
        pending
    }

    /// What a rebuild must have in common with an earlier one to go on with what that has made.
    fn terms(&self) -> String {
        let Extent { until, entries } = &self.extent;
        let until = until.map_or("the last day".to_owned(), |day| day.to_string());
        let entries = entries
            .as_ref()
            .map_or("all entries".to_owned(), |entries| {
                let numbers: Vec<_> = entries.iter().map(ToString::to_string).collect();
                let hash = Sha256Hash::of(numbers.join(" ").as_bytes());
                format!("the {} entries {hash}", numbers.len())
            });
        let gaps = match self.gaps.findings.len() {
            0 => String::new(),
            many => format!(" without {many} that are lost"),
        };
        format!("A rebuild of {entries}{gaps} up to {until} by transform {TRANSFORM_VERSION}")
    }

    fn load_failed(&self, source: LoadError) -> RecoveryError {
        RecoveryError::Load {
            client: self.tenant,
            source,
        }
    }
}
