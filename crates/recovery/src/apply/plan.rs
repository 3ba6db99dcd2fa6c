//! What a whole manifest says is to be applied to a database, given its ledger.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use catwing_domain::{
    BusinessDay,
    manifest::{Body, Delivery, Entry, EntryNumber, Fix, Sha256Hash, Verdict},
};
use catwing_load::AppliedEntry;
use catwing_raw_store::{Manifest, RawStoreError, SealedEntry};
use catwing_transform::TRANSFORM_VERSION;
use futures_util::{Stream, TryStreamExt};
use serde::Serialize;

use super::{
    Applier,
    remap::{Held, ReadBy, Remaps},
};
use crate::RecoveryError;

/// What is to be applied, and what can't be in place.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// What the database lacks, in the order of entries.
    pub pending: Vec<Pending>,
    /// What it lacks because verdicts refuse it, in the order of entries.
    pub refused: Vec<Refused>,
    /// Why the database is not what the archive says, and won't be before it is rebuilt.
    pub rebuild_due: Vec<RebuildReason>,
    /// Whether the ledger has entries at all.
    pub holds_any: bool,
    /// Number of the manifest's newest entry; 0 where there is none.
    pub newest_entry: u64,
}

/// Why only a rebuild brings a database to what the archive says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "why", rename_all = "snake_case")]
pub enum RebuildReason {
    /// What was loaded was refused by a verdict afterwards.
    Refused {
        /// The entry that was loaded.
        entry: EntryNumber,
        /// That of the verdict.
        verdict: EntryNumber,
    },
    /// What was loaded is read by another mapping since.
    Remapped {
        /// The entry of the remap.
        remap: EntryNumber,
        /// Whose records are read otherwise.
        entity: String,
    },
    /// What was loaded went through another version of transform.
    Transform {
        /// That version.
        loaded: i32,
        /// The version of this program.
        current: i32,
    },
}

impl fmt::Display for RebuildReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused { entry, verdict } => write!(
                f,
                "entry {entry} is loaded, and entry {verdict} refuses it since"
            ),
            Self::Remapped { remap, entity } => write!(
                f,
                "entry {remap} has {entity} read by another mapping than what is loaded was"
            ),
            Self::Transform { loaded, current } => write!(
                f,
                "what is loaded went through transform version {loaded}, and this is version {current}"
            ),
        }
    }
}

/// What the archive has and the database lacks: a delivery, writes of the UI, or a corrected record.
#[derive(Clone, Debug)]
pub struct Pending {
    /// Its entry.
    pub sealed: SealedEntry,
    /// The objects: of a corrected record, those of its delivery.
    pub delivery: Delivery,
    /// What they are read by.
    pub read_by: ReadBy,
    /// The corrected record, where it is one.
    pub fix: Option<Fix>,
    /// The entry of the verdict that admits it; none where nobody decided on it.
    pub admitted_by: Option<EntryNumber>,
    day: BusinessDay,
}

/// A delivery, or writes of the UI, that a verdict keeps out.
#[derive(Clone, Debug)]
pub struct Refused {
    /// What is kept out.
    pub pending: Pending,
    /// The entry of the verdict.
    pub number: EntryNumber,
    /// The verdict.
    pub verdict: Verdict,
}

impl Pending {
    /// A delivery, or writes of the UI, as it was landed.
    fn whole(sealed: &SealedEntry, delivery: &Delivery, read_by: ReadBy) -> Self {
        Self {
            day: sealed.entry.business_day,
            sealed: sealed.clone(),
            delivery: delivery.clone(),
            read_by,
            fix: None,
            admitted_by: None,
        }
    }

    /// Its business day; that of a corrected record is its delivery's.
    #[must_use]
    pub fn day(&self) -> BusinessDay {
        self.day
    }

    /// A correction of one of its records, to look at before it is sealed.
    #[must_use]
    pub fn corrected(&self, fix: Fix) -> Self {
        Self {
            fix: Some(fix),
            ..self.clone()
        }
    }

    /// Bytes of its objects; of a corrected record, of the object that it is in.
    #[must_use]
    pub fn size_bytes(&self) -> u64 {
        let objects = self.delivery.objects.iter();
        let counts = |key: &str| self.fix.as_ref().is_none_or(|fix| fix.object == key);
        objects
            .filter(|object| counts(&object.key))
            .map(|object| object.size_bytes)
            .sum()
    }
}

/// What was read of a manifest.
#[derive(Default)]
struct Contents {
    /// Deliveries and writes that the ledger lacks, refused or not.
    lacking: Vec<(SealedEntry, Delivery)>,
    held: Vec<Held>,
    /// What the ledger has of other entries.
    held_entries: BTreeSet<EntryNumber>,
    /// Corrections that the ledger lacks.
    fixes: Vec<(SealedEntry, Fix)>,
    /// Corrections by record and number, to pass over a second one.
    numbered: BTreeSet<(String, u64, u8)>,
    /// By entry the verdict that holds, and its own entry.
    verdicts: BTreeMap<EntryNumber, (EntryNumber, Verdict)>,
    remaps: Remaps,
    newest_entry: u64,
}

/// A delivery that corrections are of.
struct Corrected {
    sealed: SealedEntry,
    delivery: Delivery,
}

impl Applier<'_> {
    /// The entries of the manifest.
    fn manifest(&self) -> impl Stream<Item = Result<SealedEntry, RawStoreError>> + Send + use<> {
        let manifest = Manifest::of(self.store, self.tenant);
        manifest.entries_without(self.lost_entries.clone())
    }
}

/// The deliveries of a day, loaded or not, as they were landed: each read by its own mapping.
pub(super) async fn landed(
    applier: &Applier<'_>,
    day: BusinessDay,
) -> Result<Vec<Pending>, RecoveryError> {
    let mut landed = Vec::new();
    let mut entries = std::pin::pin!(applier.manifest());
    let read_archive = |source| RecoveryError::ReadArchive {
        client: applier.tenant,
        source: Box::new(source),
    };
    while let Some(sealed) = entries.try_next().await.map_err(read_archive)? {
        if let Body::Delivery(delivery) = &sealed.entry.body
            && sealed.entry.business_day == day
        {
            landed.push(Pending::whole(
                &sealed,
                delivery,
                ReadBy::own(delivery.mapping),
            ));
        }
    }
    Ok(landed)
}

pub(super) async fn plan(applier: &Applier<'_>) -> Result<Plan, RecoveryError> {
    let client = applier.tenant;
    let read_ledger = |source| RecoveryError::ReadLedger { client, source };
    let mut applied = applier.loader.applied(client).await.map_err(read_ledger)?;
    let rebuild_due = other_transforms(&applied);
    let holds_any = !applied.is_empty();
    let contents = Contents::read(applier, &mut applied).await?;
    if let Some(number) = applied.keys().next() {
        let number = *number;
        return Err(RecoveryError::OtherEntry { client, number });
    }
    let wanted = contents.fixes.iter().map(|(_, fix)| fix.object.as_str());
    let corrected = contents.deliveries_of(applier, wanted.collect()).await?;
    let mut plan = contents.plan(&corrected);
    plan.rebuild_due.splice(0..0, rebuild_due);
    plan.holds_any = holds_any;
    Ok(plan)
}

/// The delivery that holds an object, and what the database has it read by; none where no entry has it.
pub(super) async fn delivery_of(
    applier: &Applier<'_>,
    object: &str,
) -> Result<Option<Pending>, RecoveryError> {
    let client = applier.tenant;
    let read_ledger = |source| RecoveryError::ReadLedger { client, source };
    let mut applied = applier.loader.applied(client).await.map_err(read_ledger)?;
    let contents = Contents::read(applier, &mut applied).await?;
    let mut found = contents
        .deliveries_of(applier, BTreeSet::from([object]))
        .await?;
    let count = contents.remaps.in_force(&contents.held);
    Ok(found.remove(object).map(|of| {
        let read_by = contents.read_by(&of.sealed.entry, of.delivery.mapping, count);
        Pending::whole(&of.sealed, &of.delivery, read_by)
    }))
}

/// Versions of transform in the ledger that are not this program's.
pub(super) fn other_transforms(
    applied: &BTreeMap<EntryNumber, AppliedEntry>,
) -> Vec<RebuildReason> {
    let versions: BTreeSet<_> = applied
        .values()
        .map(|held| held.transform_version)
        .collect();
    let others = versions
        .into_iter()
        .filter(|version| *version != TRANSFORM_VERSION);
    let reason = |loaded| RebuildReason::Transform {
        loaded,
        current: TRANSFORM_VERSION,
    };
    others.map(reason).collect()
}

impl Contents {
    /// Reads the manifest, whose chain is checked on the way, and takes from the ledger what it has.
    async fn read(
        applier: &Applier<'_>,
        applied: &mut BTreeMap<EntryNumber, AppliedEntry>,
    ) -> Result<Self, RecoveryError> {
        let client = applier.tenant;
        let mut contents = Self::default();
        let mut entries = std::pin::pin!(applier.manifest());
        let read_archive = |source| RecoveryError::ReadArchive {
            client,
            source: Box::new(source),
        };
        while let Some(sealed) = entries.try_next().await.map_err(read_archive)? {
            let number = sealed.entry.number;
            let held = applied.remove(&number);
            if held.is_some_and(|held| held.entry_sha256 != sealed.sha256) {
                return Err(RecoveryError::OtherEntry { client, number });
            }
            if let Body::Derived(_) = &sealed.entry.body {
                let kind = sealed.entry.body.kind();
                return Err(RecoveryError::UnknownEntry {
                    client,
                    number,
                    kind,
                });
            }
            contents.take(sealed, held);
        }
        Ok(contents)
    }

    fn take(&mut self, sealed: SealedEntry, held: Option<AppliedEntry>) {
        let number = sealed.entry.number;
        self.newest_entry = number.0;
        match (loaded(&sealed.entry.body), held) {
            (Some((delivery, is_delivery)), Some(held)) => {
                self.held_entries.insert(number);
                if is_delivery {
                    self.held.push(Held {
                        number,
                        own: delivery.mapping,
                        read_by: held.mapping_sha256,
                    });
                }
            }
            (Some((delivery, _)), None) => self.lacking.push((sealed, delivery)),
            (None, held) => match sealed.entry.body.clone() {
                Body::Verdict(verdict) => {
                    self.verdicts.insert(verdict.delivery, (number, verdict));
                }
                Body::Remap(remap) => self.remaps.add(number, remap),
                Body::Fix(fix) => {
                    // Of two corrections with one number, which only a hand could seal, the first holds.
                    let of = (fix.object.clone(), fix.ordinal, fix.number);
                    let is_new = self.numbered.insert(of);
                    if held.is_some() {
                        self.held_entries.insert(number);
                    } else if is_new {
                        self.fixes.push((sealed, fix));
                    }
                }
                Body::Delivery(_) | Body::UiEvent(_) | Body::Derived(_) => {}
            },
        }
    }

    /// Whether no verdict refuses an entry, or a later one admits it again.
    fn accepts(&self, number: EntryNumber) -> bool {
        let verdict = self.verdicts.get(&number);
        verdict.is_none_or(|(_, verdict)| verdict.accepted)
    }

    /// The deliveries that hold objects, by object. Where the database holds one already, the manifest is
    /// read once more: entries that are held are not kept in memory.
    async fn deliveries_of(
        &self,
        applier: &Applier<'_>,
        mut wanted: BTreeSet<&str>,
    ) -> Result<BTreeMap<String, Corrected>, RecoveryError> {
        let mut found = BTreeMap::new();
        for (sealed, _) in &self.lacking {
            find(&mut wanted, sealed, &mut found);
        }
        if wanted.is_empty() {
            return Ok(found);
        }
        let client = applier.tenant;
        let mut entries = std::pin::pin!(applier.manifest());
        let read_archive = |source| RecoveryError::ReadArchive {
            client,
            source: Box::new(source),
        };
        while let Some(sealed) = entries.try_next().await.map_err(read_archive)? {
            find(&mut wanted, &sealed, &mut found);
        }
        Ok(found)
    }

    fn plan(self, corrected: &BTreeMap<String, Corrected>) -> Plan {
        let count = self.remaps.in_force(&self.held);
        let (mut pending, mut refused) = (Vec::new(), Vec::new());
        for (sealed, delivery) in &self.lacking {
            let read_by = self.read_by(&sealed.entry, delivery.mapping, count);
            let one = Pending::whole(sealed, delivery, read_by);
            match self.verdicts.get(&sealed.entry.number) {
                Some((number, verdict)) if !verdict.accepted => refused.push(Refused {
                    pending: one,
                    number: *number,
                    verdict: verdict.clone(),
                }),
                verdict => pending.push(Pending {
                    admitted_by: verdict.map(|(number, _)| *number),
                    ..one
                }),
            }
        }
        for (sealed, fix) in &self.fixes {
            let Some(of) = corrected.get(&fix.object) else {
                continue;
            };
            if self.accepts(sealed.entry.number) && self.accepts(of.sealed.entry.number) {
                pending.push(Pending {
                    read_by: self.read_by(&of.sealed.entry, of.delivery.mapping, count),
                    day: of.sealed.entry.business_day,
                    sealed: sealed.clone(),
                    delivery: of.delivery.clone(),
                    fix: Some(fix.clone()),
                    admitted_by: None,
                });
            }
        }
        pending.sort_by_key(|one| one.sealed.entry.number);
        Plan {
            pending,
            refused,
            rebuild_due: self.rebuild_due(),
            holds_any: false,
            newest_entry: self.newest_entry,
        }
    }

    /// What an entry's objects are read by where so many remaps hold; writes of the UI keep their own.
    fn read_by(&self, entry: &Entry, own: Sha256Hash, remaps: usize) -> ReadBy {
        match entry.body {
            Body::Delivery(_) => self.remaps.read_by(entry.number, own, remaps),
            _ => ReadBy::own(own),
        }
    }

    fn rebuild_due(&self) -> Vec<RebuildReason> {
        let refused = self
            .verdicts
            .iter()
            .filter(|(entry, (_, verdict))| !verdict.accepted && self.held_entries.contains(entry));
        let refused = refused.map(|(entry, (verdict, _))| RebuildReason::Refused {
            entry: *entry,
            verdict: *verdict,
        });
        let remapped = self.remaps.due(&self.held).into_iter();
        let remapped = remapped.map(|(number, remap)| RebuildReason::Remapped {
            remap: *number,
            entity: remap.entity.clone(),
        });
        refused.chain(remapped).collect()
    }
}

/// What an entry brings into the database by itself, and whether it is a delivery.
fn loaded(body: &Body) -> Option<(Delivery, bool)> {
    match body {
        Body::Delivery(delivery) => Some((delivery.clone(), true)),
        Body::UiEvent(event) => Some((
            Delivery {
                mapping: event.mapping,
                objects: vec![event.object.clone()],
            },
            false,
        )),
        Body::Verdict(_) | Body::Fix(_) | Body::Remap(_) | Body::Derived(_) => None,
    }
}

/// Takes down an entry for those of its objects that are wanted.
fn find(
    wanted: &mut BTreeSet<&str>,
    sealed: &SealedEntry,
    found: &mut BTreeMap<String, Corrected>,
) {
    for object in sealed.entry.body.objects() {
        if !wanted.remove(object.key.as_str()) {
            continue;
        }
        if let Some((delivery, _)) = loaded(&sealed.entry.body) {
            let of = Corrected {
                sealed: sealed.clone(),
                delivery,
            };
            found.insert(object.key.clone(), of);
        }
    }
}
