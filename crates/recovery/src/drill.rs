//! What a drill found, kept in the archive: it must outlive the database that it was made of.

use std::collections::BTreeMap;

use catwing_domain::TenantId;
use catwing_raw_store::{RawStoreError, Store};
use futures_util::TryStreamExt;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::RecoveryError;

/// Where reports of drills are, below the bucket.
const PREFIX: &str = "db-backups/drills/";
/// Bytes of a report at the most.
const REPORT_BYTES_MAX: u64 = 16 << 20;

/// A drill of one or all tenants.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DrillReport {
    /// The run that made it.
    pub run_id: String,
    /// When it began.
    pub at: Timestamp,
    /// The backup that was restored; none where there was no good one.
    pub backup: Option<String>,
    /// When that was taken.
    pub backup_taken_at: Option<Timestamp>,
    /// How old the backup was, in seconds: what option A alone would lose without the archive.
    pub data_lag_seconds: Option<i64>,
    /// Entries that the database held and the backup did not.
    pub data_lag_entries: Option<u64>,
    /// Seconds until all tenants stood again from the backup and the archive.
    pub restore_seconds: Option<f64>,
    /// Seconds until all tenants stood again from the archive alone.
    pub rebuild_seconds: Option<f64>,
    /// Each tenant, by both ways.
    pub tenants: BTreeMap<TenantId, TenantDrill>,
    /// What kept a way from being gone to its end.
    pub failures: Vec<String>,
}

/// What a drill found of a tenant.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TenantDrill {
    /// The digest of the live tables.
    pub live: String,
    /// What came back from the backup and the archive.
    pub restored: Option<Way>,
    /// What came back from the archive alone.
    pub rebuilt: Option<Way>,
}

/// One way back of one tenant.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Way {
    /// Its digest.
    pub digest: String,
    /// Tables that differ from the live ones; empty where all is equal.
    pub differing: Vec<String>,
    /// Why the digests can't be compared.
    pub incomparable: Option<String>,
    /// Seconds that it took.
    pub seconds: f64,
}

impl Way {
    /// Whether it led to what stands live.
    #[must_use]
    pub fn is_equal(&self) -> bool {
        self.differing.is_empty() && self.incomparable.is_none()
    }
}

impl DrillReport {
    /// A drill that has gone no way yet, of tenants with the digests of their live tables.
    #[must_use]
    pub fn begun(
        run_id: String,
        at: Timestamp,
        live: impl IntoIterator<Item = (TenantId, String)>,
    ) -> Self {
        let drill = |live| TenantDrill {
            live,
            ..TenantDrill::default()
        };
        Self {
            run_id,
            at,
            backup: None,
            backup_taken_at: None,
            data_lag_seconds: None,
            data_lag_entries: None,
            restore_seconds: None,
            rebuild_seconds: None,
            tenants: live
                .into_iter()
                .map(|(tenant, live)| (tenant, drill(live)))
                .collect(),
            failures: Vec::new(),
        }
    }

    /// Whether both ways led to what stands live, for every tenant.
    #[must_use]
    pub fn is_proof(&self) -> bool {
        let equal = |way: &Option<Way>| way.as_ref().is_some_and(Way::is_equal);
        let proved = |tenant: &TenantDrill| equal(&tenant.restored) && equal(&tenant.rebuilt);
        self.failures.is_empty() && !self.tenants.is_empty() && self.tenants.values().all(proved)
    }

    /// Keeps the report in the archive and returns its key.
    ///
    /// # Errors
    /// [`RecoveryError::BackupStore`].
    pub async fn record(&self, store: &Store) -> Result<String, RecoveryError> {
        let failed = |source| RecoveryError::BackupStore {
            source: Box::new(source),
        };
        let key = format!(
            "{PREFIX}{}-{}.json",
            self.at.strftime("%Y-%m-%dT%H%M%SZ"),
            self.run_id
        );
        let bytes =
            serde_json::to_vec_pretty(self).map_err(|error| RecoveryError::DrillReport {
                key: key.clone(),
                source: error,
            })?;
        let mut upload = store.upload(&key);
        upload.write(&bytes).await.map_err(failed)?;
        upload.publish().await.map_err(failed)?;
        Ok(key)
    }
}

/// The newest drill that proved a tenant, if any did.
///
/// # Errors
/// [`RecoveryError::BackupStore`], [`RecoveryError::DrillReport`].
pub async fn newest_proof(
    store: &Store,
    tenant: TenantId,
) -> Result<Option<DrillReport>, RecoveryError> {
    let failed = |source: RawStoreError| RecoveryError::BackupStore {
        source: Box::new(source),
    };
    let listed = store.list(PREFIX, None);
    let objects: Vec<_> = listed.try_collect().await.map_err(failed)?;
    let mut keys: Vec<String> = objects.into_iter().map(|object| object.key).collect();
    // The names begin with the time.
    keys.sort_unstable_by(|one, other| other.cmp(one));
    for key in keys {
        let bytes = store
            .get_small(&key, REPORT_BYTES_MAX)
            .await
            .map_err(failed)?;
        let report: DrillReport = serde_json::from_slice(&bytes)
            .map_err(|source| RecoveryError::DrillReport { key, source })?;
        let equal = |way: &Option<Way>| way.as_ref().is_some_and(Way::is_equal);
        let proved = report.tenants.get(&tenant);
        if proved.is_some_and(|drill| equal(&drill.restored) && equal(&drill.rebuilt)) {
            return Ok(Some(report));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use catwing_domain::TenantId;

    use super::{DrillReport, TenantDrill, Way};

    #[test]
    fn only_both_ways_of_every_tenant_are_a_proof() {
        let way = Way {
            digest: "d".into(),
            ..Way::default()
        };
        let both = TenantDrill {
            live: "d".into(),
            restored: Some(way.clone()),
            rebuilt: Some(way.clone()),
        };
        let at = "2026-02-24T05:00:00Z".parse().unwrap();
        let tenant: TenantId = "CW-000200".parse().unwrap();
        let begun = DrillReport::begun("r".into(), at, [(tenant, "d".into())]);
        assert_eq!(begun.tenants[&tenant].live, "d");
        assert!(!begun.is_proof());
        let report = |drill: TenantDrill| DrillReport {
            tenants: BTreeMap::from([(tenant, drill)]),
            ..begun.clone()
        };
        assert!(report(both.clone()).is_proof());
        assert!(
            !report(TenantDrill {
                restored: None,
                ..both.clone()
            })
            .is_proof()
        );
        let differs = Way {
            differing: vec!["products".into()],
            ..way.clone()
        };
        assert!(
            !report(TenantDrill {
                rebuilt: Some(differs),
                ..both.clone()
            })
            .is_proof()
        );
        let other = Way {
            incomparable: Some("mappings".into()),
            ..way
        };
        assert!(
            !report(TenantDrill {
                restored: Some(other),
                ..both.clone()
            })
            .is_proof()
        );
        let failed = DrillReport {
            failures: vec!["no backup".into()],
            ..report(both.clone())
        };
        assert!(!failed.is_proof());
        assert!(
            !DrillReport {
                tenants: BTreeMap::new(),
                ..report(both)
            }
            .is_proof()
        );
    }
}
