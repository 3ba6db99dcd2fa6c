//! Where backups stand in the archive: their keys, which of them there are and are good, how one takes
//! its place there, and which are removed.

use std::collections::{BTreeMap, BTreeSet};

use catwing_domain::{
    BusinessDay, TenantId,
    failpoint::{BACKUP_AFTER_COPY, BACKUP_AFTER_SEAL, failpoint},
};
use catwing_raw_store::{RawStoreError, Store};
use futures_util::TryStreamExt;

use super::{Flaw, SIDECAR_BYTES_MAX, Sidecar, verify};
use crate::RecoveryError;

/// What the keys of all backups begin with.
const ROOT: &str = "db-backups/";
const BODY: &str = ".sql.gz";
const SIDECAR: &str = ".json";

/// Which shelf a backup stands on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Shelf {
    /// One a day.
    Daily,
    /// One an ISO week.
    Weekly,
    /// Verified, and not yet in its place.
    Tmp,
}

/// A backup that was found.
#[derive(Clone, Debug)]
pub struct Found {
    /// The key of its file.
    pub key: String,
    /// Where it stands.
    pub shelf: Shelf,
    /// Bytes of its file.
    pub size_bytes: u64,
    /// What it holds, or why it is none.
    pub sidecar: Result<Box<Sidecar>, Flaw>,
}

/// The newest backup that was read whole and is right.
#[derive(Clone, Debug)]
pub struct NewestGood {
    /// What it holds.
    pub sidecar: Sidecar,
    /// Keys of those that were refused, and why.
    pub refused: Vec<(String, Flaw)>,
}

/// How many backups stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// Daily ones, at least 1.
    pub daily: usize,
    /// Weekly ones, at least 1.
    pub weekly: usize,
}

impl Default for Retention {
    fn default() -> Self {
        Self {
            daily: 7,
            weekly: 8,
        }
    }
}

impl Shelf {
    /// What the keys on it begin with.
    fn prefix(self) -> String {
        let name = match self {
            Self::Daily => "daily",
            Self::Weekly => "weekly",
            Self::Tmp => "tmp",
        };
        format!("{ROOT}{name}/")
    }
}

/// The key of a backup that is being taken.
pub(super) fn tmp_key(run_id: &str) -> String {
    format!("{}{run_id}{BODY}", Shelf::Tmp.prefix())
}

fn daily_key(day: BusinessDay) -> String {
    format!("{}{day}{BODY}", Shelf::Daily.prefix())
}

fn weekly_key(day: BusinessDay) -> String {
    let week = day.date().iso_week_date();
    let (year, week) = (week.year(), week.week());
    format!("{}{year:04}-W{week:02}{BODY}", Shelf::Weekly.prefix())
}

fn sidecar_key(key: &str) -> String {
    format!("{}{SIDECAR}", key.strip_suffix(BODY).unwrap_or(key))
}

/// Every backup that there is: those that look right first, the newest first; then the others by their
/// keys. Nothing of them but sidecars and sizes is looked at; [`verify`] reads them.
///
/// # Errors
/// [`RecoveryError::BackupStore`].
pub async fn list(store: &Store) -> Result<Vec<Found>, RecoveryError> {
    let mut found = Vec::new();
    for shelf in [Shelf::Daily, Shelf::Weekly, Shelf::Tmp] {
        found.extend(list_shelf(store, shelf).await?);
    }
    found.sort_by_key(|found| {
        let taken_at = found.sidecar.as_ref().ok().map(|sidecar| sidecar.taken_at);
        let newest_first = std::cmp::Reverse(taken_at);
        (newest_first, found.shelf, found.key.clone())
    });
    Ok(found)
}

async fn list_shelf(store: &Store, shelf: Shelf) -> Result<Vec<Found>, RecoveryError> {
    let listed: Vec<_> = store
        .list(&shelf.prefix(), None)
        .try_collect()
        .await
        .map_err(RecoveryError::backup_store)?;
    let sizes: BTreeMap<_, _> = listed
        .into_iter()
        .map(|object| (object.key, object.size_bytes))
        .collect();
    let body_of = |key: &String| {
        let stem = key.strip_suffix(BODY).or_else(|| key.strip_suffix(SIDECAR));
        stem.map(|stem| format!("{stem}{BODY}"))
    };
    let keys: BTreeSet<String> = sizes.keys().filter_map(body_of).collect();
    let mut found = Vec::new();
    for key in keys {
        let has_sidecar = sizes.contains_key(&sidecar_key(&key));
        if shelf == Shelf::Tmp && !has_sidecar {
            // It is being written, or whoever wrote it was killed.
            continue;
        }
        let size_bytes = sizes.get(&key).copied();
        let sidecar = if has_sidecar {
            looked_at(store, &key, size_bytes).await?
        } else {
            Err(Flaw::Unsealed)
        };
        found.push(Found {
            shelf,
            size_bytes: size_bytes.unwrap_or_default(),
            sidecar: sidecar.map(Box::new),
            key,
        });
    }
    Ok(found)
}

/// The sidecar of a file of this size.
async fn looked_at(
    store: &Store,
    key: &str,
    size_bytes: Option<u64>,
) -> Result<Result<Sidecar, Flaw>, RecoveryError> {
    let bytes = match store.get_small(&sidecar_key(key), SIDECAR_BYTES_MAX).await {
        Ok(bytes) => bytes,
        // Removed since it was listed.
        Err(RawStoreError::Missing { .. }) => return Ok(Err(Flaw::Unsealed)),
        Err(error @ RawStoreError::TooLarge { .. }) => {
            return Ok(Err(Flaw::SidecarUnreadable(error.to_string())));
        }
        Err(error) => return Err(RecoveryError::backup_store(error)),
    };
    let sidecar = match Sidecar::from_bytes(&bytes, key) {
        Ok(sidecar) => sidecar,
        Err(flaw) => return Ok(Err(flaw)),
    };
    Ok(match size_bytes {
        None => Err(Flaw::Missing),
        Some(found_bytes) if found_bytes != sidecar.size_bytes => Err(Flaw::Size {
            found_bytes,
            expected_bytes: sidecar.size_bytes,
        }),
        Some(_) => Ok(sidecar),
    })
}

/// The newest backup whose members of these tenants, or of all where none is named, were read and are
/// right. Those that are not are named.
///
/// # Errors
/// [`RecoveryError::NoGoodBackup`], [`RecoveryError::BackupStore`].
pub async fn newest_good(store: &Store, clients: &[TenantId]) -> Result<NewestGood, RecoveryError> {
    let mut refused = Vec::new();
    let mut found = list(store).await?;
    // What is no backup is told whether or not it would have been the newest.
    found.sort_by_key(|found| found.sidecar.is_ok());
    for backup in found {
        let sidecar = match backup.sidecar {
            Ok(sidecar) => *sidecar,
            Err(flaw) => {
                refused.push((backup.key, flaw));
                continue;
            }
        };
        if clients
            .iter()
            .any(|client| sidecar.tenant(*client).is_none())
        {
            continue;
        }
        match verify(store, &sidecar, clients, &|_| {}).await {
            Ok(()) => return Ok(NewestGood { sidecar, refused }),
            Err(RecoveryError::BackupFlawed { key, flaw }) => refused.push((key, flaw)),
            Err(error) => return Err(error),
        }
    }
    Err(RecoveryError::no_good_backup(&refused))
}

/// Puts a sidecar beside its file, which makes it a backup.
pub(super) async fn seal(store: &Store, sidecar: &Sidecar) -> Result<(), RecoveryError> {
    let key = sidecar_key(&sidecar.key);
    let bytes = sidecar.to_bytes();
    let bytes = bytes.map_err(|source| RecoveryError::WriteSidecar { source })?;
    let mut upload = store.upload(&key);
    if let Err(error) = upload.write(&bytes).await {
        upload.abandon().await;
        return Err(RecoveryError::backup_store(error));
    }
    let sealed = upload.publish().await;
    sealed.map(|_| ()).map_err(RecoveryError::backup_store)
}

/// Gives a verified backup its place of the day and, where its week has no good one, of the week. Until
/// it has both, it is good where it is. Returns the keys that it has now.
pub(super) async fn promote(
    store: &Store,
    sidecar: &Sidecar,
) -> Result<Vec<String>, RecoveryError> {
    let mut keys = vec![daily_key(sidecar.day)];
    let weekly = weekly_key(sidecar.day);
    if !is_good(store, &weekly).await? {
        keys.push(weekly);
    }
    for key in &keys {
        // A file never stands beside the sidecar of another one, even if we are killed now.
        remove_key(store, &sidecar_key(key)).await?;
        let copied = store.copy_output(&sidecar.key, key).await;
        copied.map_err(RecoveryError::backup_store)?;
        failpoint(BACKUP_AFTER_COPY);
        seal(store, &sidecar.at(key.clone())).await?;
        failpoint(BACKUP_AFTER_SEAL);
    }
    remove(store, &sidecar.key).await?;
    Ok(keys)
}

async fn is_good(store: &Store, key: &str) -> Result<bool, RecoveryError> {
    let head = store.head(key).await.map_err(RecoveryError::backup_store)?;
    let size_bytes = head.map(|head| head.size_bytes);
    let Ok(sidecar) = looked_at(store, key, size_bytes).await? else {
        return Ok(false);
    };
    match verify(store, &sidecar, &[], &|_| {}).await {
        Ok(()) => Ok(true),
        Err(RecoveryError::BackupFlawed { .. }) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Settles what killed backups left: one that was verified gets its place, unless a later one has it;
/// all else is removed. Whoever calls it has the turn. Returns how many things were removed.
pub(super) async fn settle_leftovers(store: &Store) -> Result<usize, RecoveryError> {
    let given_up = store.abandon_uploads(ROOT).await;
    let mut removed = given_up.map_err(RecoveryError::backup_store)?;
    for found in list_shelf(store, Shelf::Tmp).await? {
        let Ok(sidecar) = found.sidecar else { continue };
        let key = daily_key(sidecar.day);
        let head = store
            .head(&key)
            .await
            .map_err(RecoveryError::backup_store)?;
        let in_place = looked_at(store, &key, head.map(|head| head.size_bytes)).await?;
        if in_place.is_ok_and(|in_place| in_place.taken_at > sidecar.taken_at) {
            continue;
        }
        match verify(store, &sidecar, &[], &|_| {}).await {
            Ok(()) => {
                tracing::info!(key, "a backup that was cut off gets its place");
                promote(store, &sidecar).await?;
            }
            Err(RecoveryError::BackupFlawed { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    let left: Vec<_> = store
        .list(&Shelf::Tmp.prefix(), None)
        .try_collect()
        .await
        .map_err(RecoveryError::backup_store)?;
    for object in left {
        remove_key(store, &object.key).await?;
        removed += 1;
    }
    Ok(removed)
}

/// Removes the backups that are older than those that stay, and returns their keys. Of each shelf the
/// newest stay that look right; `just_taken` stays whatever the clock says, and what is no backup goes
/// where it is older than all that stay.
///
/// # Errors
/// [`RecoveryError::BackupStore`].
pub async fn retain(
    store: &Store,
    retention: Retention,
    just_taken: &[String],
) -> Result<Vec<String>, RecoveryError> {
    let mut removed = Vec::new();
    for (shelf, keep) in [
        (Shelf::Daily, retention.daily.max(1)),
        (Shelf::Weekly, retention.weekly.max(1)),
    ] {
        let mut found = list_shelf(store, shelf).await?;
        // Days and weeks sort as they follow each other.
        found.sort_by(|one, other| other.key.cmp(&one.key));
        for key in expired(&found, keep, just_taken) {
            remove(store, &key).await?;
            removed.push(key);
        }
    }
    Ok(removed)
}

/// The keys that go, of backups from the newest to the oldest.
fn expired(found: &[Found], keep: usize, just_taken: &[String]) -> Vec<String> {
    let mut good = 0;
    let mut expired = Vec::new();
    for backup in found {
        if good >= keep && !just_taken.contains(&backup.key) {
            expired.push(backup.key.clone());
        }
        good += usize::from(backup.sidecar.is_ok());
    }
    expired
}

/// Removes a backup, its sidecar first: from then on it does not exist.
pub(super) async fn remove(store: &Store, key: &str) -> Result<(), RecoveryError> {
    remove_key(store, &sidecar_key(key)).await?;
    remove_key(store, key).await
}

async fn remove_key(store: &Store, key: &str) -> Result<(), RecoveryError> {
    let removed = store.remove_output(key).await;
    removed.map_err(RecoveryError::backup_store)
}

#[cfg(test)]
mod tests {
    use super::{daily_key, sidecar_key, tmp_key, weekly_key};

    #[test]
    fn keys_are_those_of_the_contract() {
        let daily = daily_key("2026-02-24".parse().unwrap());
        assert_eq!(daily, "db-backups/daily/2026-02-24.sql.gz");
        assert_eq!(sidecar_key(&daily), "db-backups/daily/2026-02-24.json");
        assert_eq!(tmp_key("backup-1"), "db-backups/tmp/backup-1.sql.gz");
        for (day, week) in [
            ("2026-02-24", "2026-W09"),
            ("2025-12-29", "2026-W01"),
            ("2027-01-03", "2026-W53"),
        ] {
            let key = weekly_key(day.parse().unwrap());
            assert_eq!(key, format!("db-backups/weekly/{week}.sql.gz"));
        }
    }
}
