//! Drafts: pages of a dataset that are stored one by one as they come, and sealed when all are there.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};

use catwing_domain::{
    BusinessDay, DatasetName, ObjectName, Revision, TenantId,
    failpoint::{RAW_AFTER_PUT, failpoint},
    manifest::{Completeness, RawObject, Sha256Hash, SourceFacts},
};
use futures_util::TryStreamExt;
use tokio::{fs::File, io::AsyncWriteExt};

use crate::{
    ObjectBody, Payload, Put, RawStoreError, Store, landing::next_revision, sealed::SealedRevision,
};

/// One dataset of one business day on its way into the archive, page by page. Nothing of it exists
/// before [`crate::Landing::land_with`] seals it.
///
/// - Pages that an earlier draft left behind are taken over, if the first page still is what it was.
/// - While all pages are those of a sealed revision, none is stored again.
/// - Else they become the revision after the greatest that holds anything.
#[derive(Debug)]
pub struct Draft {
    store: Store,
    tenant: TenantId,
    day: BusinessDay,
    dataset: DatasetName,
    extension: String,
    completeness: Completeness,
    sealed: BTreeMap<Revision, SealedRevision>,
    /// Where pages are stored.
    revision: Revision,
    /// Pages of `revision` that nobody sealed.
    left_behind: BTreeSet<Option<u32>>,
    state: State,
    objects: Vec<RawObject>,
    spool: PathBuf,
}

#[derive(Debug)]
enum State {
    /// Nothing was given yet.
    Begun,
    /// These sealed revisions begin with exactly what was given so far.
    Following(Vec<Revision>),
    /// Pages are stored as they are given.
    Storing,
}

/// What a draft is of.
#[derive(Clone, Debug)]
pub struct DraftOf {
    /// The business day.
    pub day: BusinessDay,
    /// The dataset.
    pub dataset: DatasetName,
    /// The extension of its objects, lower case, without the dot.
    pub extension: String,
    /// Whether all pages together hold all there is, or what changed.
    pub completeness: Completeness,
    /// A file for bytes on their way from one revision to another: nobody else uses it, and what is
    /// in it is overwritten.
    pub spool: PathBuf,
}

/// A page of a draft.
#[derive(Clone, Debug)]
pub struct DraftPage {
    /// Its number from 1; none where the dataset comes in one object.
    pub page: Option<u32>,
    /// The bytes.
    pub payload: Payload,
    /// Where it came from.
    pub source: SourceFacts,
    /// Records in it, where they were counted.
    pub record_count: Option<u64>,
}

impl Draft {
    pub(crate) async fn begin(
        store: &Store,
        tenant: TenantId,
        of: DraftOf,
        sealed: BTreeMap<Revision, SealedRevision>,
    ) -> Result<Self, RawStoreError> {
        let mut draft = Self {
            store: store.clone(),
            tenant,
            day: of.day,
            dataset: of.dataset,
            extension: of.extension,
            completeness: of.completeness,
            sealed,
            revision: Revision::FIRST,
            left_behind: BTreeSet::new(),
            state: State::Begun,
            objects: Vec::new(),
            spool: of.spool,
        };
        draft.find_place().await?;
        Ok(draft)
    }

    /// The dataset.
    #[must_use]
    pub fn dataset(&self) -> &DatasetName {
        &self.dataset
    }

    /// The business day.
    #[must_use]
    pub fn day(&self) -> BusinessDay {
        self.day
    }

    /// The pages that were given so far, as the manifest will have them.
    #[must_use]
    pub fn objects(&self) -> &[RawObject] {
        &self.objects
    }

    /// Adds the next page; true where it has its place, false where another one stores other bytes
    /// there at the same time: then [`Self::start_over`] and give all pages again.
    ///
    /// # Errors
    /// [`RawStoreError::Delivery`] where the day has no revision left; else what puts report.
    pub async fn add(&mut self, page: DraftPage) -> Result<bool, RawStoreError> {
        match &self.state {
            State::Begun => self.add_first(page).await,
            State::Storing => self.store_page(page).await,
            State::Following(revisions) => {
                let still = self.having(revisions.iter().copied(), &page);
                if !still.is_empty() {
                    return self.follow(still, page).await;
                }
                if !self.store_followed().await? {
                    return Ok(false);
                }
                self.store_page(page).await
            }
        }
    }

    /// The bytes of the next page as an earlier draft left it behind, to be given to [`Self::keep`]
    /// instead of asking the source again. There is none before the first page was added and found
    /// unchanged.
    ///
    /// # Errors
    /// [`RawStoreError::Request`] where the server fails.
    pub async fn left_behind(&self, page: u32) -> Result<Option<ObjectBody>, RawStoreError> {
        let is_there = matches!(self.state, State::Storing)
            && !self.objects.is_empty()
            && self.left_behind.contains(&Some(page));
        if !is_there {
            return Ok(None);
        }
        let key = self.key(self.revision, Some(page));
        match self.store.get_stream(&key).await {
            Ok(body) => Ok(Some(body)),
            Err(RawStoreError::Missing { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Takes over a page that was left behind, whose bytes the caller has read and found usable.
    pub fn keep(&mut self, page: DraftPage, version_id: Option<String>) {
        let object = self.object(self.revision, page, version_id);
        self.objects.push(object);
    }

    /// Forgets all pages; those that were stored stay behind, and the next ones go to a revision
    /// that holds nothing.
    ///
    /// # Errors
    /// [`RawStoreError::Delivery`] where the day has no revision left.
    pub fn start_over(&mut self) -> Result<(), RawStoreError> {
        if matches!(self.state, State::Storing) || !self.left_behind.is_empty() {
            self.revision = self.next_revision()?;
        }
        self.left_behind.clear();
        self.objects.clear();
        self.state = State::Begun;
        Ok(())
    }

    /// Says that no page follows. False as in [`Self::add`].
    ///
    /// # Errors
    /// As [`Self::add`].
    pub async fn finish(&mut self) -> Result<bool, RawStoreError> {
        let State::Following(revisions) = &self.state else {
            return Ok(true);
        };
        let count = self.objects.len();
        let whole = |revision| {
            let sealed = self.sealed.get(revision);
            sealed.is_some_and(|sealed| sealed.pages.len() == count)
        };
        if revisions.iter().any(whole) {
            return Ok(true);
        }
        self.store_followed().await
    }

    pub(crate) fn hashes(&self) -> BTreeMap<Option<u32>, Sha256Hash> {
        let objects = self.objects.iter();
        objects.map(|object| (object.page, object.sha256)).collect()
    }

    /// The revision that the pages have, where they are not those of a sealed one.
    pub(crate) fn revision(&self) -> Revision {
        self.revision
    }

    /// The greatest revision that holds anything, if pages can be taken over there; else the next.
    async fn find_place(&mut self) -> Result<(), RawStoreError> {
        let sealed = self.sealed.last_key_value().map(|(revision, _)| *revision);
        let folder = format!("raw-data/{}/{}/", self.tenant, self.day);
        let prefix = format!("{folder}{}.", self.dataset);
        let mut orphans: BTreeMap<Revision, BTreeSet<(Option<u32>, String)>> = BTreeMap::new();
        let mut listed = std::pin::pin!(self.store.list(&prefix, None));
        while let Some(object) = listed.try_next().await? {
            let name = object.key.strip_prefix(&folder);
            let name = name.and_then(|name| name.parse::<ObjectName>().ok());
            let Some(name) = name.filter(|name| name.dataset == self.dataset) else {
                continue;
            };
            let pages = orphans.entry(name.revision).or_default();
            pages.insert((name.page, name.extension));
        }
        let newest = orphans
            .pop_last()
            .filter(|(revision, _)| sealed.is_none_or(|sealed| *revision > sealed));
        let Some((revision, names)) = newest else {
            if let Some(sealed) = sealed {
                self.revision = sealed;
                self.revision = self.next_revision()?;
            }
            return Ok(());
        };
        self.revision = revision;
        let ours = names
            .iter()
            .all(|(_, extension)| *extension == self.extension);
        let has_first = names.iter().any(|(page, _)| matches!(page, None | Some(1)));
        if ours && has_first {
            self.left_behind = names.into_iter().map(|(page, _)| page).collect();
        } else {
            self.revision = self.next_revision()?;
        }
        Ok(())
    }

    async fn add_first(&mut self, page: DraftPage) -> Result<bool, RawStoreError> {
        if self.left_behind.contains(&page.page) {
            self.state = State::Storing;
            if self.store_page(page.clone()).await? {
                return Ok(true);
            }
            self.start_over()?;
        } else if !self.left_behind.is_empty() {
            self.start_over()?;
        }
        let following = self.having(self.sealed.keys().copied(), &page);
        if !following.is_empty() {
            return self.follow(following, page).await;
        }
        self.state = State::Storing;
        self.store_page(page).await
    }

    /// The revisions among these that have the same page.
    fn having(&self, revisions: impl Iterator<Item = Revision>, page: &DraftPage) -> Vec<Revision> {
        let has = |revision: &Revision| {
            let sealed = self.sealed.get(revision);
            let object = sealed.and_then(|sealed| sealed.pages.get(&page.page));
            object.is_some_and(|object| object.sha256 == page.payload.sha256())
        };
        revisions.filter(has).collect()
    }

    /// Takes a page for that of sealed revisions, and puts it back where the bucket has lost it.
    async fn follow(
        &mut self,
        revisions: Vec<Revision>,
        page: DraftPage,
    ) -> Result<bool, RawStoreError> {
        for revision in &revisions {
            let sealed = self.sealed.get(revision);
            if let Some(object) = sealed.and_then(|sealed| sealed.pages.get(&page.page)) {
                self.store.make_sure(object, &page.payload).await?;
            }
        }
        if let Some(revision) = revisions.last() {
            let object = self.object(*revision, page, None);
            self.objects.push(object);
        }
        self.state = State::Following(revisions);
        Ok(true)
    }

    /// Stores the pages that were only followed so far under a revision of their own. The archive
    /// has their bytes; they come from there.
    async fn store_followed(&mut self) -> Result<bool, RawStoreError> {
        let State::Following(revisions) = std::mem::replace(&mut self.state, State::Storing) else {
            return Ok(true);
        };
        let Some(from) = revisions
            .last()
            .and_then(|revision| self.sealed.get(revision))
        else {
            return Ok(true);
        };
        let mut objects = Vec::with_capacity(self.objects.len());
        for object in &self.objects {
            let Some(sealed) = from.pages.get(&object.page) else {
                continue;
            };
            let key = self.key(self.revision, object.page);
            let version_id = match self.copy(sealed, &key).await? {
                Put::Taken => return Ok(false),
                Put::Created { version_id } | Put::AlreadyThere { version_id } => version_id,
            };
            failpoint(RAW_AFTER_PUT);
            objects.push(RawObject {
                key,
                revision: self.revision,
                version_id,
                ..object.clone()
            });
        }
        self.objects = objects;
        Ok(true)
    }

    /// Stores the bytes of a sealed object under another key.
    async fn copy(&self, sealed: &RawObject, key: &str) -> Result<Put, RawStoreError> {
        let store = &self.store;
        let mut body = store
            .get_verified(&sealed.key, sealed.size_bytes, sealed.sha256)
            .await?;
        let failed = |source| RawStoreError::Spool {
            path: self.spool.clone(),
            source,
        };
        let mut file = File::create(&self.spool).await.map_err(failed)?;
        while let Some(chunk) = body.chunk().await? {
            file.write_all(&chunk).await.map_err(failed)?;
        }
        file.flush().await.map_err(failed)?;
        let payload = Payload::from_file(&self.spool).await?;
        store.put_new(key, &payload).await
    }

    async fn store_page(&mut self, page: DraftPage) -> Result<bool, RawStoreError> {
        let key = self.key(self.revision, page.page);
        let version_id = match self.store.put_new(&key, &page.payload).await? {
            Put::Taken => return Ok(false),
            Put::Created { version_id } | Put::AlreadyThere { version_id } => version_id,
        };
        failpoint(RAW_AFTER_PUT);
        let object = self.object(self.revision, page, version_id);
        self.objects.push(object);
        Ok(true)
    }

    fn object(&self, revision: Revision, page: DraftPage, version_id: Option<String>) -> RawObject {
        RawObject {
            key: self.key(revision, page.page),
            dataset: self.dataset.clone(),
            revision,
            page: page.page,
            size_bytes: page.payload.size_bytes(),
            sha256: page.payload.sha256(),
            version_id,
            record_count: page.record_count,
            completeness: self.completeness.clone(),
            source: page.source,
        }
    }

    fn key(&self, revision: Revision, page: Option<u32>) -> String {
        let name = ObjectName {
            dataset: self.dataset.clone(),
            revision,
            page,
            extension: self.extension.clone(),
        };
        name.key(self.tenant, self.day)
    }

    fn next_revision(&self) -> Result<Revision, RawStoreError> {
        next_revision(self.day, &self.dataset, self.revision)
    }
}
