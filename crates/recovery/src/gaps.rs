//! What the archive can't give any more: entries and objects that are lost or damaged, and the
//! deliveries that can't be read for it.

use std::collections::{BTreeMap, BTreeSet};

use catwing_domain::{
    TenantId,
    manifest::{Body, EntryNumber, Verdict},
};
use catwing_raw_store::{
    Author, Finding, Manifest, Progress, State, Store, VerifyOptions, config_key, verify,
};
use futures_util::TryStreamExt;
use serde::Serialize;

use crate::{RecoveryError, apply::Pending};

/// Gaps of a tenant's archive.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Gaps {
    /// All that is lost or damaged and not refused by a verdict, with what exactly is wrong.
    pub findings: Vec<Finding>,
    /// Entries of the manifest that can't be read, nor what they sealed.
    pub lost_entries: BTreeSet<EntryNumber>,
    /// Entries that no verdict refuses and of which something can't be read, with what that is.
    pub damaged: BTreeMap<EntryNumber, Vec<String>>,
}

impl Gaps {
    /// Looks for gaps; `deep` reads every byte.
    ///
    /// # Errors
    /// [`RecoveryError::ReadArchive`] where the server fails.
    pub async fn find(
        store: &Store,
        tenant: TenantId,
        deep: bool,
        watch: &(dyn Fn(Progress<'_>) + Send + Sync),
    ) -> Result<Self, RecoveryError> {
        let failed = |source| RecoveryError::ReadArchive {
            client: tenant,
            source: Box::new(source),
        };
        let options = VerifyOptions {
            deep,
            ..VerifyOptions::default()
        };
        let report = verify(store, tenant, &options, watch)
            .await
            .map_err(failed)?;
        let is_gap = |finding: &Finding| matches!(finding.state, State::Lost | State::Corrupt);
        let findings: Vec<_> = report.findings.into_iter().filter(is_gap).collect();
        let mut gaps = Self {
            findings,
            ..Self::default()
        };
        if gaps.findings.is_empty() {
            return Ok(gaps);
        }
        let keys: BTreeSet<&str> = gaps.findings.iter().map(|gap| gap.key.as_str()).collect();
        let numbers = (1..=report.entries).map(EntryNumber);
        gaps.lost_entries = numbers
            .filter(|number| keys.contains(number.key(tenant).as_str()))
            .collect();
        let mut refused = BTreeSet::new();
        let manifest = Manifest::of(store, tenant);
        let mut entries = std::pin::pin!(manifest.entries_without(gaps.lost_entries.clone()));
        while let Some(sealed) = entries.try_next().await.map_err(failed)? {
            let entry = &sealed.entry;
            if let Body::Verdict(verdict) = &entry.body {
                match verdict.accepted {
                    true => refused.remove(&verdict.delivery),
                    false => refused.insert(verdict.delivery),
                };
            }
            let mapping = match &entry.body {
                Body::Delivery(delivery) => Some(delivery.mapping),
                Body::UiEvent(event) => Some(event.mapping),
                Body::Remap(remap) => Some(remap.mapping),
                Body::Verdict(_) | Body::Fix(_) | Body::Derived(_) => None,
            };
            let mapping = mapping.map(|mapping| config_key(tenant, mapping));
            let objects = entry.body.objects().iter().map(|object| object.key.clone());
            let lost: Vec<_> = objects
                .chain(mapping)
                .filter(|key| keys.contains(key.as_str()))
                .collect();
            if !lost.is_empty() {
                gaps.damaged.insert(entry.number, lost);
            }
        }
        gaps.pass_over(&refused);
        Ok(gaps)
    }

    /// Nobody reads what a verdict refuses: what only such deliveries need is no gap.
    fn pass_over(&mut self, refused: &BTreeSet<EntryNumber>) {
        let damaged = std::mem::take(&mut self.damaged);
        let (passed, damaged): (BTreeMap<_, _>, _) = damaged
            .into_iter()
            .partition(|(number, _)| refused.contains(number));
        let needed: BTreeSet<&String> = damaged.values().flatten().collect();
        let spared: BTreeSet<&String> = passed.values().flatten().collect();
        self.findings
            .retain(|gap| needed.contains(&gap.key) || !spared.contains(&gap.key));
        self.damaged = damaged;
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.findings.is_empty()
    }

    /// Whether something of a delivery can't be read.
    pub(crate) fn is_in(&self, one: &Pending) -> bool {
        let lost = |key: &String| self.findings.iter().any(|gap| gap.key == *key);
        self.damaged.contains_key(&one.sealed.entry.number)
            || one.delivery.objects.iter().any(|object| lost(&object.key))
    }

    /// Refuses, by verdicts in the manifest, what can't be read, so that runs after a rebuild without it
    /// do not fail on it again; a later verdict admits it, once it is found. Nothing can be sealed after
    /// entries that are lost themselves.
    ///
    /// # Errors
    /// [`RecoveryError::ReadArchive`].
    pub async fn refuse(
        &self,
        store: &Store,
        tenant: TenantId,
        author: Author<'_>,
    ) -> Result<Vec<EntryNumber>, RecoveryError> {
        let mut sealed = Vec::new();
        if !self.lost_entries.is_empty() {
            return Ok(sealed);
        }
        for (number, keys) in &self.damaged {
            let verdict = Verdict {
                delivery: *number,
                accepted: false,
                by: "catwing recovery rebuild --allow-gaps".to_owned(),
                reason: format!("lost or damaged: {}", keys.join(", ")),
            };
            let entry = store.seal_verdict(tenant, verdict, author).await;
            let entry = entry.map_err(|source| RecoveryError::ReadArchive {
                client: tenant,
                source: Box::new(source),
            })?;
            sealed.push(entry.entry.number);
        }
        Ok(sealed)
    }
}
