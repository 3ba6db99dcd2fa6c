//! Reading settings, and writing them: to raw first, then the way of every delivery.

use std::{collections::BTreeMap, time::Duration};

use catwing_domain::{
    BusinessDay, Clock, DatasetName, ErrorClass, ObjectName, Revision, TenantId,
    manifest::{Body, EntryNumber, Sha256Hash, SourceFacts},
};
use catwing_load::Loader;
use catwing_raw_store::{Author, Payload, Store, Writes};
use catwing_recovery::{
    RecoveryError,
    apply::{Applier, Grouping, Pending},
};
use catwing_transform::{Mapping, preview};
use jiff::{SignedDuration, Timestamp};
use sea_orm::sqlx::{self, PgPool, Postgres, Transaction};
use serde::Serialize;
use serde_json::json;
use tokio::time::Instant;

use crate::{
    Change, Plan, SettingRow, SettingsError,
    reading::{self, Which},
};

/// How long a write waits for another one, or for a load between two transactions.
const WAIT_MAX: Duration = Duration::from_secs(30);
/// How often it looks.
const WAIT_STEP: Duration = Duration::from_millis(100);

/// The settings of one tenant.
pub struct Settings<'a> {
    /// The archive.
    pub store: &'a Store,
    /// The database; its role may assume the tenant's.
    pub pool: &'a PgPool,
    /// Whose settings.
    pub tenant: TenantId,
    /// The tenant's file in force, by its hash and compiled.
    pub mapping: (Sha256Hash, &'a Mapping),
    /// When writes are made.
    pub clock: &'a dyn Clock,
}

/// Who writes, and which write it is.
#[derive(Clone, Copy, Debug)]
pub struct Writer<'a> {
    /// E-mail address of the person.
    pub user: &'a str,
    /// The write's own id. The same write sent again is one write.
    pub event_id: &'a str,
    /// The run that the archive and the ledger name.
    pub run_id: &'a str,
}

/// What became of a write.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Saved {
    /// What it changes.
    pub plan: Plan,
    /// Its id.
    pub event_id: String,
    /// The manifest entry that holds it; none where nothing was to be written.
    pub entry: Option<EntryNumber>,
    /// Whether the database has it. If not, it is safe in the archive, and the load that is under way,
    /// or the next one, brings it in.
    pub applied: bool,
}

impl Settings<'_> {
    /// The rows in force, of all keys or of those that the question names.
    ///
    /// # Errors
    /// [`SettingsError::Change`] for a key that is not there, [`SettingsError::Read`].
    pub async fn show(&self, question: &Change) -> Result<Vec<SettingRow>, SettingsError> {
        self.rows(question, Which::InForce).await
    }

    /// Every row that was ever set, oldest first.
    ///
    /// # Errors
    /// As [`Self::show`].
    pub async fn history(&self, question: &Change) -> Result<Vec<SettingRow>, SettingsError> {
        self.rows(question, Which::All).await
    }

    /// What a change would do now. Nothing is written.
    ///
    /// # Errors
    /// [`SettingsError::Change`], [`SettingsError::Refused`], [`SettingsError::Read`].
    pub async fn plan(&self, change: &Change, user: &str) -> Result<Plan, SettingsError> {
        let (plan, newest) = self.planned(change).await?;
        let (day, at) = self.moment(newest.as_ref())?;
        let event = event(&plan, (user, "00000000-0000-0000-0000-000000000000", at));
        self.check(plan.table, day, event.as_bytes())?;
        Ok(plan)
    }

    /// Writes a change: once this returns, no rebuild loses it. A change that changes nothing is not
    /// written, and neither is a write that was made before.
    ///
    /// # Errors
    /// As [`Self::plan`]; [`SettingsError::OtherEvent`], [`SettingsError::Locked`],
    /// [`SettingsError::Archive`], [`SettingsError::Apply`].
    pub async fn save(&self, change: &Change, writer: Writer<'_>) -> Result<Saved, SettingsError> {
        change.check_whole()?;
        let lock = self.lock().await?;
        // What is archived and not loaded yet is in force too.
        if !self.apply_writes(writer.run_id).await? {
            return Err(SettingsError::Locked {
                tenant: self.tenant,
            });
        }
        let (plan, newest) = self.planned(change).await?;
        let saved = |plan: Plan, entry, applied| Saved {
            plan,
            event_id: writer.event_id.to_owned(),
            entry,
            applied,
        };
        if let Some(row) = self.row_of_event(change, writer.event_id).await? {
            let again = change.plan(Some(&row)).changes.is_empty();
            if !again || row.user.as_deref() != Some(writer.user) {
                return Err(SettingsError::OtherEvent {
                    table: plan.table,
                    event_id: writer.event_id.to_owned(),
                });
            }
            return Ok(saved(plan, None, true));
        }
        let (day, at) = self.moment(newest.as_ref())?;
        let event = event(&plan, (writer.user, writer.event_id, at));
        self.check(plan.table, day, event.as_bytes())?;
        if plan.changes.is_empty() {
            return Ok(saved(plan, None, true));
        }
        let author = Author {
            run_id: writer.run_id,
            clock: self.clock,
        };
        let writes = Writes {
            day,
            mapping: self.mapping.0,
            payload: Payload::from_bytes(event),
            record_count: 1,
            source: SourceFacts {
                name: "settings".to_owned(),
                ..SourceFacts::default()
            },
        };
        let sealed = self.store.land_writes(self.tenant, writes, author).await;
        let entry = sealed.map_err(SettingsError::Archive)?.entry.number;
        let applied = self.apply_writes(writer.run_id).await?;
        let unlocked = lock.rollback().await;
        unlocked.map_err(|source| self.read_failed("the lock", source))?;
        Ok(saved(plan, Some(entry), applied))
    }

    async fn rows(
        &self,
        question: &Change,
        which: Which,
    ) -> Result<Vec<SettingRow>, SettingsError> {
        let failed = |source| self.read_failed(question.table.name, source);
        let mut transaction = reading::begin(self.pool, self.tenant)
            .await
            .map_err(failed)?;
        let ids = reading::key_ids(&mut transaction, question)
            .await
            .map_err(failed)??;
        let rows = reading::rows(&mut transaction, question.table, (&ids, false), which).await;
        rows.map_err(failed)
    }

    /// What the change does to the row in force; and of the rows of the UI the newest.
    async fn planned(&self, change: &Change) -> Result<(Plan, Option<SettingRow>), SettingsError> {
        change.check_whole()?;
        let failed = |source| self.read_failed(change.table.name, source);
        let mut transaction = reading::begin(self.pool, self.tenant)
            .await
            .map_err(failed)?;
        let ids = reading::key_ids(&mut transaction, change)
            .await
            .map_err(failed)??;
        let in_force = Which::InForce;
        let rows = reading::rows(&mut transaction, change.table, (&ids, true), in_force).await;
        let row = rows.map_err(failed)?.into_iter().next();
        let row = row.or_else(|| self.of_file(change));
        Ok((change.plan(row.as_ref()), row))
    }

    /// What the tenant's file says, which is in force until somebody sets it.
    fn of_file(&self, change: &Change) -> Option<SettingRow> {
        let code = self.mapping.1.base_currency();
        let field = change.table.field("base_currency")?;
        Some(SettingRow {
            key: BTreeMap::new(),
            fields: BTreeMap::from([(field.name.to_owned(), code.into())]),
            event_id: None,
            user: None,
            at: None,
            raw_position: 0,
        })
    }

    async fn row_of_event(
        &self,
        change: &Change,
        event_id: &str,
    ) -> Result<Option<SettingRow>, SettingsError> {
        let failed = |source| self.read_failed(change.table.name, source);
        let mut transaction = reading::begin(self.pool, self.tenant)
            .await
            .map_err(failed)?;
        let ids = reading::key_ids(&mut transaction, change)
            .await
            .map_err(failed)??;
        let row = reading::row_of_event(&mut transaction, change.table, &ids, event_id).await;
        row.map_err(failed)
    }

    /// Now, and its day for the tenant; later than the row in force, whatever clocks say, since else the
    /// write would never be.
    fn moment(
        &self,
        newest: Option<&SettingRow>,
    ) -> Result<(BusinessDay, Timestamp), SettingsError> {
        let now = self.clock.now();
        let newest: Option<Timestamp> = newest.and_then(|row| row.at.as_ref()?.parse().ok());
        let after = newest.and_then(|at| at.checked_add(SignedDuration::from_micros(1)).ok());
        let at = after.map_or(now, |after| now.max(after));
        let day = self.mapping.1.zone().day_of(at);
        Ok((day.map_err(SettingsError::Event)?, at))
    }

    /// Refuses what every replay would refuse.
    fn check(
        &self,
        table: &'static str,
        day: BusinessDay,
        event: &[u8],
    ) -> Result<(), SettingsError> {
        let name = ObjectName {
            dataset: DatasetName::ui_events(),
            revision: Revision::FIRST,
            page: Some(1),
            extension: "json".to_owned(),
        };
        let previews = preview(self.mapping.1, day, &[(name, event)], 1);
        let previews = previews.map_err(SettingsError::Check)?;
        let problems: Vec<_> = previews
            .iter()
            .flat_map(|one| one.problems.clone())
            .collect();
        if problems.is_empty() {
            return Ok(());
        }
        Err(SettingsError::Refused {
            table,
            problems: problems.join("; "),
        })
    }

    /// Brings archived writes into the database; false where somebody loads all the time.
    async fn apply_writes(&self, run_id: &str) -> Result<bool, SettingsError> {
        let loader = Loader::new(self.pool.clone());
        let applier = Applier {
            store: self.store,
            loader: &loader,
            tenant: self.tenant,
            run_id,
            clock: self.clock,
            grouping: Grouping::default(),
            lost_entries: std::collections::BTreeSet::new(),
        };
        let deadline = Instant::now() + WAIT_MAX;
        loop {
            match apply_pending(&applier).await {
                Ok(()) => return Ok(true),
                Err(error) if error.class() == ErrorClass::Locked => {
                    if Instant::now() >= deadline {
                        return Ok(false);
                    }
                    tokio::time::sleep(WAIT_STEP).await;
                }
                Err(source) => {
                    let tenant = self.tenant;
                    return Err(SettingsError::Apply { tenant, source });
                }
            }
        }
    }

    /// The lock of whoever writes settings: it ends with the transaction, or with the process. Who waits
    /// holds no connection, which the one that has the lock may need.
    async fn lock(&self) -> Result<Transaction<'static, Postgres>, SettingsError> {
        let failed = |source| self.read_failed("the lock", source);
        let deadline = Instant::now() + WAIT_MAX;
        loop {
            let begun = reading::begin(self.pool, self.tenant).await;
            let mut transaction = begun.map_err(failed)?;
            let locked: bool = sqlx::query_scalar("select pg_try_advisory_xact_lock($1)")
                .bind(self.tenant.settings_lock())
                .fetch_one(&mut *transaction)
                .await
                .map_err(failed)?;
            if locked {
                return Ok(transaction);
            }
            transaction.rollback().await.map_err(failed)?;
            if Instant::now() >= deadline {
                let tenant = self.tenant;
                return Err(SettingsError::Locked { tenant });
            }
            tokio::time::sleep(WAIT_STEP).await;
        }
    }

    fn read_failed(&self, what: &'static str, source: sqlx::Error) -> SettingsError {
        SettingsError::Read {
            tenant: self.tenant,
            what,
            source,
        }
    }
}

async fn apply_pending(applier: &Applier<'_>) -> Result<(), RecoveryError> {
    let mut pending = applier.pending().await?;
    pending.retain(is_write);
    if !pending.is_empty() {
        applier.apply(&pending, &|_| {}).await?;
    }
    Ok(())
}

fn is_write(pending: &Pending) -> bool {
    matches!(pending.sealed.entry.body, Body::UiEvent(_))
}

/// The bytes of a write: an array of one, all fields of the row as they will be.
fn event(plan: &Plan, (user, event_id, at): (&str, &str, Timestamp)) -> String {
    let event = json!([{
        "event_id": event_id,
        "table": plan.table,
        "key": plan.key,
        "fields": plan.fields,
        "user": user,
        "at": at.round(jiff::Unit::Microsecond).unwrap_or(at).to_string(),
    }]);
    format!("{event:#}\n")
}
