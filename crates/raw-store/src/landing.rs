//! Landing: objects of one business day are put, and sealed together by one manifest entry.

use std::collections::{BTreeMap, BTreeSet};

use catwing_domain::{
    BusinessDay, DatasetName, ObjectName, RawPosition, Revision, TenantId,
    failpoint::{RAW_AFTER_PUT, RAW_AFTER_SEAL, RAW_BEFORE_SEAL, failpoint},
    manifest::{Body, Completeness, Delivery, EntryNumber, RawObject, Sha256Hash, SourceFacts},
};

use crate::{
    Author, Draft, DraftOf, Manifest, Payload, Put, RawStoreError, SealedEntry, Store,
    manifest::APPENDS_MAX, sealed::SealedDays,
};

/// One object that a source delivered, before it is landed.
#[derive(Clone, Debug)]
pub struct Incoming {
    /// The dataset.
    pub dataset: DatasetName,
    /// The page from 1, where the dataset came in pages; all objects of it or none have one.
    pub page: Option<u32>,
    /// As delivered, lower case, without the dot.
    pub extension: String,
    /// The bytes.
    pub payload: Payload,
    /// Whether the dataset's objects together hold all there is, or what changed.
    pub completeness: Completeness,
    /// Where it came from.
    pub source: SourceFacts,
    /// Records in it, where whoever fetched it counted them.
    pub record_count: Option<u64>,
}

/// What became of one incoming object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is part of the new entry.
    Landed,
    /// An earlier entry has the same bytes for this dataset, day and page.
    AlreadyThere {
        /// That entry.
        entry: EntryNumber,
    },
    /// An earlier entry has the same bytes, but the bucket had lost them; now it has them again.
    Restored {
        /// That entry.
        entry: EntryNumber,
    },
}

/// An incoming object in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LandedObject {
    /// Its key in the bucket.
    pub key: String,
    /// The revision that it is part of.
    pub revision: Revision,
    /// What became of it.
    pub outcome: Outcome,
}

/// What a landing did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Landed {
    /// The entry that sealed what was new; none where nothing was.
    pub entry: Option<SealedEntry>,
    /// Every incoming object, in the order in which they were given, and then every page of the
    /// drafts.
    pub objects: Vec<LandedObject>,
}

/// Lands deliveries of one tenant. What is sealed already is read once and then kept up, so one
/// value serves an import of many days.
pub struct Landing {
    store: Store,
    tenant: TenantId,
    sealed: SealedDays,
}

/// The objects of one dataset of a delivery.
struct Set<'a> {
    dataset: DatasetName,
    /// Positions in the list of incoming objects, by page.
    pages: BTreeMap<Option<u32>, (usize, &'a Incoming)>,
    /// Where they were put, once they were.
    placed: Option<Placed>,
}

struct Placed {
    revision: Revision,
    objects: Vec<RawObject>,
}

impl Landing {
    /// A landing of the days that will come; a day that is not named is admitted later, at the
    /// price of reading the manifest again.
    #[must_use]
    pub fn new(
        store: &Store,
        tenant: TenantId,
        days: impl IntoIterator<Item = BusinessDay>,
    ) -> Self {
        Self {
            store: store.clone(),
            tenant,
            sealed: SealedDays::new(Manifest::of(store, tenant), days.into_iter().collect()),
        }
    }

    /// Lands objects for one business day. Datasets whose bytes are sealed already, as any
    /// revision of the day, are left as they are; each other one becomes the revision after the
    /// greatest sealed one. Then one entry seals all that is new. Killed before that, nothing
    /// exists; a second call adopts what lies there. Of two that land the same bytes at once, one
    /// seals them and the other finds them there. Along the manifest, the revisions of a dataset
    /// and day only grow.
    ///
    /// `mapping` is the SHA-256 of the tenant's file that is in force.
    ///
    /// # Errors
    /// [`RawStoreError::Delivery`] for objects that can't be one delivery; else what the puts and
    /// the manifest report.
    pub async fn land(
        &mut self,
        day: BusinessDay,
        mapping: Sha256Hash,
        author: Author<'_>,
        incoming: &[Incoming],
    ) -> Result<Landed, RawStoreError> {
        self.land_with(day, mapping, author, incoming, &[]).await
    }

    /// Begins a draft: a dataset of a business day whose pages are stored as they come, to be
    /// sealed by [`Self::land_with`].
    ///
    /// # Errors
    /// What the manifest and the listing report.
    pub async fn draft(&mut self, of: DraftOf) -> Result<Draft, RawStoreError> {
        self.sealed.refresh(of.day).await?;
        let sealed = self.sealed.revisions(of.day, &of.dataset);
        Draft::begin(&self.store, self.tenant, of, sealed).await
    }

    /// As [`Self::land`], with finished drafts of the same day: one entry seals them together.
    ///
    /// # Errors
    /// [`RawStoreError::Overtaken`] where another delivery took a draft's place meanwhile; else as
    /// [`Self::land`].
    pub async fn land_with(
        &mut self,
        day: BusinessDay,
        mapping: Sha256Hash,
        author: Author<'_>,
        incoming: &[Incoming],
        drafts: &[Draft],
    ) -> Result<Landed, RawStoreError> {
        let mut sets = sets(day, incoming)?;
        check_drafts(day, &sets, drafts)?;
        for _ in 0..APPENDS_MAX {
            self.sealed.refresh(day).await?;
            let mut delivery = Delivery {
                mapping,
                objects: Vec::new(),
            };
            for set in &mut sets {
                delivery.objects.extend(self.place(day, set).await?);
            }
            for draft in drafts {
                delivery.objects.extend(self.drafted(draft)?);
            }
            if delivery.objects.is_empty() {
                return self.finish(day, &sets, drafts, None).await;
            }
            delivery.objects.sort_by(|a, b| a.key.cmp(&b.key));
            failpoint(RAW_BEFORE_SEAL);
            let manifest = self.sealed.manifest().clone();
            let sealed = manifest
                .try_append(self.sealed.head(), &Body::Delivery(delivery), day, author)
                .await?;
            if let Some(sealed) = sealed {
                failpoint(RAW_AFTER_SEAL);
                self.sealed.refresh(day).await?;
                return self.finish(day, &sets, drafts, Some(sealed)).await;
            }
            // Another entry took the number: it may hold the same bytes, or our revision.
        }
        Err(self.sealed.manifest().contention())
    }

    /// Puts the objects of a set, unless they are sealed already, and returns what is to be
    /// sealed. A place that was taken up before is kept while no sealed revision has reached it.
    async fn place(
        &self,
        day: BusinessDay,
        set: &mut Set<'_>,
    ) -> Result<Vec<RawObject>, RawStoreError> {
        if self
            .sealed
            .identical(day, &set.dataset, &set.hashes())
            .is_some()
        {
            return Ok(Vec::new());
        }
        let greatest = self.sealed.greatest(day, &set.dataset);
        let still_free = |placed: &Placed| greatest.is_none_or(|sealed| placed.revision > sealed);
        if let Some(placed) = set.placed.take_if(|placed| still_free(placed)) {
            let objects = placed.objects.clone();
            set.placed = Some(placed);
            return Ok(objects);
        }
        let mut revision = match greatest {
            Some(sealed) => next_revision(day, &set.dataset, sealed)?,
            None => Revision::FIRST,
        };
        loop {
            if let Some(objects) = self.put_set(day, set, revision).await? {
                set.placed = Some(Placed {
                    revision,
                    objects: objects.clone(),
                });
                return Ok(objects);
            }
            // An orphan with other bytes, or another landing under way, has this revision.
            revision = next_revision(day, &set.dataset, revision)?;
        }
    }

    /// Puts every page under one revision; none where one of its keys holds other bytes.
    async fn put_set(
        &self,
        day: BusinessDay,
        set: &Set<'_>,
        revision: Revision,
    ) -> Result<Option<Vec<RawObject>>, RawStoreError> {
        let mut objects = Vec::with_capacity(set.pages.len());
        for (page, (_, incoming)) in &set.pages {
            let name = ObjectName {
                dataset: set.dataset.clone(),
                revision,
                page: *page,
                extension: incoming.extension.clone(),
            };
            let key = name.key(self.tenant, day);
            let version_id = match self.store.put_new(&key, &incoming.payload).await? {
                Put::Taken => return Ok(None),
                Put::Created { version_id } | Put::AlreadyThere { version_id } => version_id,
            };
            failpoint(RAW_AFTER_PUT);
            objects.push(RawObject {
                key,
                dataset: set.dataset.clone(),
                revision,
                page: *page,
                size_bytes: incoming.payload.size_bytes(),
                sha256: incoming.payload.sha256(),
                version_id,
                record_count: incoming.record_count,
                completeness: incoming.completeness.clone(),
                source: incoming.source.clone(),
            });
        }
        Ok(Some(objects))
    }

    /// The pages of a draft that are to be sealed.
    fn drafted(&self, draft: &Draft) -> Result<Vec<RawObject>, RawStoreError> {
        let (day, dataset) = (draft.day(), draft.dataset());
        if self
            .sealed
            .identical(day, dataset, &draft.hashes())
            .is_some()
        {
            return Ok(Vec::new());
        }
        let greatest = self.sealed.greatest(day, dataset);
        if greatest.is_some_and(|sealed| sealed >= draft.revision()) {
            return Err(RawStoreError::Overtaken {
                dataset: dataset.clone(),
                day,
            });
        }
        Ok(draft.objects().to_vec())
    }

    /// Says where every incoming object is, and puts back what the bucket has lost.
    async fn finish(
        &self,
        day: BusinessDay,
        sets: &[Set<'_>],
        drafts: &[Draft],
        entry: Option<SealedEntry>,
    ) -> Result<Landed, RawStoreError> {
        let ours = entry.as_ref().map(|sealed| sealed.entry.number);
        let count = sets.iter().map(|set| set.pages.len()).sum();
        let mut objects = vec![None; count];
        for set in sets {
            let Some(sealed) = self.sealed.identical(day, &set.dataset, &set.hashes()) else {
                continue;
            };
            for (page, (at, incoming)) in &set.pages {
                let (Some(object), Some(slot)) = (sealed.pages.get(page), objects.get_mut(*at))
                else {
                    continue;
                };
                let outcome = if ours == Some(sealed.entry) {
                    Outcome::Landed
                } else if self.store.make_sure(object, &incoming.payload).await? {
                    Outcome::Restored {
                        entry: sealed.entry,
                    }
                } else {
                    Outcome::AlreadyThere {
                        entry: sealed.entry,
                    }
                };
                *slot = Some(LandedObject::of(object, outcome));
            }
        }
        let mut objects: Vec<_> = objects.into_iter().flatten().collect();
        for draft in drafts {
            let hashes = draft.hashes();
            let Some(sealed) = self.sealed.identical(day, draft.dataset(), &hashes) else {
                continue;
            };
            let outcome = if ours == Some(sealed.entry) {
                Outcome::Landed
            } else {
                Outcome::AlreadyThere {
                    entry: sealed.entry,
                }
            };
            let pages = sealed.pages.values();
            objects.extend(pages.map(|object| LandedObject::of(object, outcome)));
        }
        Ok(Landed { entry, objects })
    }
}

impl LandedObject {
    fn of(object: &RawObject, outcome: Outcome) -> Self {
        Self {
            key: object.key.clone(),
            revision: object.revision,
            outcome,
        }
    }
}

impl Set<'_> {
    fn hashes(&self) -> BTreeMap<Option<u32>, Sha256Hash> {
        self.pages
            .iter()
            .map(|(page, (_, incoming))| (*page, incoming.payload.sha256()))
            .collect()
    }
}

/// The revision after another one.
pub(crate) fn next_revision(
    day: BusinessDay,
    dataset: &DatasetName,
    revision: Revision,
) -> Result<Revision, RawStoreError> {
    Revision::new(revision.number() + 1).map_err(|_| RawStoreError::Delivery {
        dataset: dataset.clone(),
        day,
        problem: format!(
            "the day already has {} revisions of it, and no more fit; land it for another day",
            Revision::MAX
        ),
    })
}

/// Refuses drafts that can't be part of one delivery with each other and with these objects.
fn check_drafts(day: BusinessDay, sets: &[Set<'_>], drafts: &[Draft]) -> Result<(), RawStoreError> {
    let mut datasets: BTreeSet<_> = sets.iter().map(|set| &set.dataset).collect();
    for draft in drafts {
        let problem = if draft.day() != day {
            format!("it was begun for {}", draft.day())
        } else if draft.objects().is_empty() {
            "it has no object".to_owned()
        } else if !datasets.insert(draft.dataset()) {
            "two sources deliver it; give each source a dataset of its own".to_owned()
        } else {
            continue;
        };
        return Err(RawStoreError::Delivery {
            dataset: draft.dataset().clone(),
            day,
            problem,
        });
    }
    Ok(())
}

/// Sorts incoming objects by dataset and page, and refuses what can't be one delivery.
fn sets(day: BusinessDay, incoming: &[Incoming]) -> Result<Vec<Set<'_>>, RawStoreError> {
    let mut sets: BTreeMap<&DatasetName, BTreeMap<Option<u32>, (usize, &Incoming)>> =
        BTreeMap::new();
    for (at, object) in incoming.iter().enumerate() {
        let refuse = |problem: String| {
            Err(RawStoreError::Delivery {
                dataset: object.dataset.clone(),
                day,
                problem,
            })
        };
        if object
            .page
            .is_some_and(|page| page == 0 || page > RawPosition::PAGES_MAX)
        {
            return refuse(format!(
                "pages are numbered 1 to {}",
                RawPosition::PAGES_MAX
            ));
        }
        let name = ObjectName {
            dataset: object.dataset.clone(),
            revision: Revision::FIRST,
            page: object.page,
            extension: object.extension.clone(),
        };
        if let Err(error) = name.to_string().parse::<ObjectName>() {
            return refuse(error.to_string());
        }
        let pages = sets.entry(&object.dataset).or_default();
        if pages.insert(object.page, (at, object)).is_some() {
            return refuse(match object.page {
                Some(page) => format!("page {page} is there twice"),
                None => "it is there twice; number the objects as pages, or join them".to_owned(),
            });
        }
        if pages.len() > 1 && pages.contains_key(&None) {
            return refuse("some of its objects are pages and one is not".to_owned());
        }
        let other = |(_, first): &(usize, &Incoming)| first.completeness != object.completeness;
        if pages.values().any(other) {
            return refuse("its pages disagree on what they are complete for".to_owned());
        }
    }
    Ok(sets
        .into_iter()
        .map(|(dataset, pages)| Set {
            dataset: dataset.clone(),
            pages,
            placed: None,
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use catwing_domain::manifest::{Completeness, SourceFacts};

    use super::{Incoming, sets};
    use crate::Payload;

    fn incoming(page: Option<u32>, extension: &str) -> Incoming {
        Incoming {
            dataset: "sales".parse().unwrap(),
            page,
            extension: extension.into(),
            payload: Payload::from_bytes("x"),
            completeness: Completeness::Delta,
            source: SourceFacts::default(),
            record_count: None,
        }
    }

    #[test]
    fn objects_that_can_not_be_one_delivery_are_refused() {
        let day = "2026-02-24".parse().unwrap();
        let refused = |objects: &[Incoming]| sets(day, objects).err().unwrap().to_string();
        assert!(sets(day, &[incoming(Some(1), "csv"), incoming(Some(2), "csv")]).is_ok());
        assert!(refused(&[incoming(None, "csv"), incoming(None, "csv")]).contains("twice"));
        assert!(refused(&[incoming(Some(1), "csv"), incoming(None, "csv")]).contains("pages"));
        assert!(refused(&[incoming(Some(1), "csv"), incoming(Some(1), "csv")]).contains("page 1"));
        assert!(refused(&[incoming(Some(4096), "csv")]).contains("4095"));
        assert!(refused(&[incoming(None, "CSV")]).contains("sales.CSV"));
        assert!(refused(&[incoming(None, "../x")]).contains("name"));
        let mut snapshot = incoming(Some(2), "csv");
        snapshot.completeness = Completeness::Snapshot {
            scope: String::new(),
        };
        assert!(refused(&[incoming(Some(1), "csv"), snapshot]).contains("complete"));
    }
}
