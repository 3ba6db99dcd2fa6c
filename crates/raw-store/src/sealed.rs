//! What the manifest has sealed for the business days that a landing is about.

use std::collections::{BTreeMap, BTreeSet};

use catwing_domain::{
    BusinessDay, DatasetName, Revision,
    manifest::{Body, EntryNumber, RawObject, Sha256Hash},
};
use futures_util::TryStreamExt;

use crate::{Manifest, RawStoreError, manifest::ManifestHead};

/// The sealed revisions of some days, kept up with a manifest that others extend.
pub(crate) struct SealedDays {
    manifest: Manifest,
    days: BTreeSet<BusinessDay>,
    head: Option<ManifestHead>,
    revisions: BTreeMap<(BusinessDay, DatasetName), BTreeMap<Revision, SealedRevision>>,
}

/// One sealed delivery of a dataset: its objects by page.
#[derive(Clone, Debug)]
pub(crate) struct SealedRevision {
    pub entry: EntryNumber,
    pub pages: BTreeMap<Option<u32>, RawObject>,
}

impl SealedDays {
    pub fn new(manifest: Manifest, days: BTreeSet<BusinessDay>) -> Self {
        Self {
            manifest,
            days,
            head: None,
            revisions: BTreeMap::new(),
        }
    }

    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The newest entry that was taken in: what a new one has to follow.
    pub fn head(&self) -> Option<ManifestHead> {
        self.head
    }

    /// Takes in the entries that were appended since the last time. A day that was not asked for
    /// before makes it read from the beginning.
    pub async fn refresh(&mut self, day: BusinessDay) -> Result<(), RawStoreError> {
        if self.days.insert(day) {
            self.head = None;
            self.revisions.clear();
        }
        let mut entries = std::pin::pin!(self.manifest.entries_after(self.head));
        while let Some(sealed) = entries.try_next().await? {
            self.head = Some(sealed.head());
            let day = sealed.entry.business_day;
            let Body::Delivery(delivery) = sealed.entry.body else {
                continue;
            };
            if !self.days.contains(&day) {
                continue;
            }
            for object in delivery.objects {
                self.revisions
                    .entry((day, object.dataset.clone()))
                    .or_default()
                    .entry(object.revision)
                    .or_insert_with(|| SealedRevision {
                        entry: sealed.entry.number,
                        pages: BTreeMap::new(),
                    })
                    .pages
                    .insert(object.page, object);
            }
        }
        Ok(())
    }

    /// All sealed revisions of a dataset for a day.
    pub fn revisions(
        &self,
        day: BusinessDay,
        dataset: &DatasetName,
    ) -> BTreeMap<Revision, SealedRevision> {
        let revisions = self.revisions.get(&(day, dataset.clone()));
        revisions.cloned().unwrap_or_default()
    }

    /// The greatest sealed revision of a dataset for a day.
    pub fn greatest(&self, day: BusinessDay, dataset: &DatasetName) -> Option<Revision> {
        let revisions = self.revisions.get(&(day, dataset.clone()))?;
        revisions.last_key_value().map(|(revision, _)| *revision)
    }

    /// The newest sealed revision that consists of exactly these bytes, page by page. Extensions
    /// do not count: the same bytes under another name are the same bytes.
    pub fn identical(
        &self,
        day: BusinessDay,
        dataset: &DatasetName,
        pages: &BTreeMap<Option<u32>, Sha256Hash>,
    ) -> Option<&SealedRevision> {
        let revisions = self.revisions.get(&(day, dataset.clone()))?;
        revisions.values().rev().find(|sealed| {
            sealed.pages.len() == pages.len()
                && sealed
                    .pages
                    .iter()
                    .all(|(page, object)| pages.get(page) == Some(&object.sha256))
        })
    }
}
