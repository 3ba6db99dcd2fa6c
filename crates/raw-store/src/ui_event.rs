//! Writes made in the UI: each is an object of its own, and sealed at once by an entry of its own.

use catwing_domain::{
    BusinessDay, DatasetName, ObjectName, Revision, TenantId,
    failpoint::{RAW_AFTER_PUT, RAW_AFTER_SEAL, RAW_BEFORE_SEAL, failpoint},
    manifest::{Body, Completeness, RawObject, Sha256Hash, SourceFacts, UiEvent},
};
use futures_util::TryStreamExt;

use crate::{
    Author, Manifest, Payload, Put, RawStoreError, SealedEntry, Store, landing::next_revision,
};

/// Writes of a day that share a revision: as many as a dataset has pages.
const PAGES_MAX: u32 = catwing_domain::RawPosition::PAGES_MAX;

/// What was saved together in the UI, before it is landed.
#[derive(Clone, Debug)]
pub struct Writes {
    /// The tenant's calendar day.
    pub day: BusinessDay,
    /// SHA-256 of the tenant's file in force.
    pub mapping: Sha256Hash,
    /// A JSON array of the writes.
    pub payload: Payload,
    /// How many they are.
    pub record_count: u64,
    /// Who brought them.
    pub source: SourceFacts,
}

impl Store {
    /// Lands writes of the UI. They are durable, and will be in the database, once this returns; killed
    /// before, nothing exists. Each is the next page of the dataset `ui_events` of its day, and after
    /// 4,095 of them the first page of the next revision.
    ///
    /// # Errors
    /// [`RawStoreError::Delivery`] where the day has no place left; else what puts and the manifest
    /// report.
    pub async fn land_writes(
        &self,
        tenant: TenantId,
        writes: Writes,
        author: Author<'_>,
    ) -> Result<SealedEntry, RawStoreError> {
        let dataset = DatasetName::ui_events();
        let mut place = self.last_place(tenant, writes.day, &dataset).await?;
        let object = loop {
            let (revision, page) = match place {
                None => (Revision::FIRST, 1),
                Some((revision, page)) if page < PAGES_MAX => (revision, page + 1),
                Some((revision, _)) => (next_revision(writes.day, &dataset, revision)?, 1),
            };
            place = Some((revision, page));
            let name = ObjectName {
                dataset: dataset.clone(),
                revision,
                page: Some(page),
                extension: "json".to_owned(),
            };
            let key = name.key(tenant, writes.day);
            // Equal bytes there are those of a write that was never sealed: it has an id of its own.
            let version_id = match self.put_new(&key, &writes.payload).await? {
                Put::Taken => continue,
                Put::Created { version_id } | Put::AlreadyThere { version_id } => version_id,
            };
            break RawObject {
                key,
                dataset,
                revision,
                page: Some(page),
                size_bytes: writes.payload.size_bytes(),
                sha256: writes.payload.sha256(),
                version_id,
                record_count: Some(writes.record_count),
                completeness: Completeness::Delta,
                source: writes.source,
            };
        };
        failpoint(RAW_AFTER_PUT);
        let body = Body::UiEvent(UiEvent {
            mapping: writes.mapping,
            object,
        });
        failpoint(RAW_BEFORE_SEAL);
        let sealed = Manifest::of(self, tenant)
            .append(&body, writes.day, author)
            .await?;
        failpoint(RAW_AFTER_SEAL);
        Ok(sealed)
    }

    /// The last place of a day that holds anything, sealed or not.
    async fn last_place(
        &self,
        tenant: TenantId,
        day: BusinessDay,
        dataset: &DatasetName,
    ) -> Result<Option<(Revision, u32)>, RawStoreError> {
        let folder = format!("raw-data/{tenant}/{day}/");
        let prefix = format!("{folder}{dataset}.");
        let mut last = None;
        let mut listed = std::pin::pin!(self.list(&prefix, None));
        while let Some(object) = listed.try_next().await? {
            let name = object.key.strip_prefix(&folder);
            let name = name.and_then(|name| name.parse::<ObjectName>().ok());
            if let Some(name) = name.filter(|name| name.dataset == *dataset) {
                last = last.max(Some((name.revision, name.page.unwrap_or(PAGES_MAX))));
            }
        }
        Ok(last)
    }
}
