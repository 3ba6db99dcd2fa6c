//! The chain, recomputed from bytes, and which entry to blame where it breaks.

use bytes::Bytes;
use catwing_domain::manifest::{Entry, EntryNumber, Sha256Hash};
use futures_util::{StreamExt, TryStreamExt, stream};

use super::{Finding, Judge, State, inventory::Inventory};
use crate::{
    Manifest, RawStoreError,
    manifest::{ENTRIES_IN_FLIGHT, ENTRY_BYTES_MAX, ManifestHead},
};

const ALTERED: &str = "its SHA-256 is not the one that the entry after it names";
const EITHER: &str = "this entry or the one beside it was changed: its successor does not name it";

/// One walk along a tenant's manifest.
pub(super) struct Chain<'a> {
    manifest: &'a Manifest,
    known_head: Option<ManifestHead>,
}

/// An entry on the walk, whatever is left of it.
struct Link {
    key: String,
    sha256: Option<Sha256Hash>,
    previous: Option<Option<Sha256Hash>>,
    blamed: Option<(State, String)>,
}

/// The stored bytes of an entry and the hash that was noted beside them.
type Stored = Option<(Bytes, Option<Sha256Hash>)>;

impl<'a> Chain<'a> {
    pub fn new(manifest: &'a Manifest, known_head: Option<ManifestHead>) -> Self {
        Self {
            manifest,
            known_head,
        }
    }

    /// Judges every entry, and hands what the readable ones say to the inventory. Returns how
    /// many entries there should be.
    pub async fn walk(
        &self,
        judge: &mut Judge<'_>,
        inventory: &mut Inventory,
    ) -> Result<u64, RawStoreError> {
        let listed = self.manifest.newest_number(None).await?;
        let known = self.known_head.map(|head| head.number);
        let last = listed.max(known).map_or(0, |number| number.0);
        let mut fetched = std::pin::pin!(
            stream::iter(1..=last)
                .map(|number| async move {
                    let number = EntryNumber(number);
                    Ok::<_, RawStoreError>((number, self.fetch(number).await?))
                })
                .buffered(ENTRIES_IN_FLIGHT)
        );
        let mut window = Window::default();
        while let Some((number, stored)) = fetched.try_next().await? {
            let (link, entry) = self.examine(number, stored);
            if let Some(entry) = entry {
                inventory.take(&entry, judge);
            }
            window.push(link, judge);
            judge.entries_read(number.0, last);
        }
        let last_is_known = self.known_head.is_some_and(|head| head.number.0 == last);
        window.end(last_is_known, judge);
        Ok(last)
    }

    async fn fetch(&self, number: EntryNumber) -> Result<Stored, RawStoreError> {
        let key = number.key(self.manifest.tenant());
        let mut body = match self.manifest.store().get_stream(&key).await {
            Ok(body) => body,
            Err(RawStoreError::Missing { .. }) => return Ok(None),
            Err(error) => return Err(error),
        };
        match body.collect(ENTRY_BYTES_MAX).await {
            Ok(bytes) => Ok(Some((bytes, body.head().noted_sha256))),
            Err(RawStoreError::TooLarge { .. }) => Ok(Some((Bytes::new(), None))),
            Err(error) => Err(error),
        }
    }

    /// What can be said of an entry on its own.
    fn examine(&self, number: EntryNumber, stored: Stored) -> (Link, Option<Entry>) {
        let tenant = self.manifest.tenant();
        let mut link = Link {
            key: number.key(tenant),
            sha256: None,
            previous: None,
            blamed: None,
        };
        let Some((bytes, noted)) = stored else {
            let detail = "the entry is missing, and with it what it sealed".to_owned();
            link.blamed = Some((State::Lost, detail));
            return (link, None);
        };
        let sha256 = Sha256Hash::of(&bytes);
        link.sha256 = Some(sha256);
        let known = self.known_head.filter(|head| head.number == number);
        if noted.is_some_and(|noted| noted != sha256) {
            link.blame("its SHA-256 is not the one that was noted when it was put");
        }
        if known.is_some_and(|head| head.sha256 != sha256) {
            link.blame("it is not the entry that was known under this number");
        }
        let entry = match Entry::from_bytes(&bytes) {
            Ok(entry) => entry,
            Err(error) => {
                link.blame(&error.to_string());
                return (link, None);
            }
        };
        if entry.number != number || entry.tenant != tenant {
            link.blame(&format!(
                "it says that it is entry {} of {}",
                entry.number, entry.tenant
            ));
        }
        if number == EntryNumber::FIRST && entry.previous.is_some() {
            link.blame("it is the first entry, and names one before it");
        }
        link.previous = Some(entry.previous);
        (link, Some(entry))
    }
}

impl Link {
    /// The first reason stays: it is the most exact one.
    fn blame(&mut self, detail: &str) {
        self.blamed
            .get_or_insert_with(|| (State::Corrupt, detail.to_owned()));
    }

    fn judgement(self) -> Finding {
        match self.blamed {
            None => Finding::new(self.key, State::Ok, ""),
            Some((state, detail)) => Finding::new(self.key, state, detail),
        }
    }
}

/// The end of the walk, kept back until it is clear whom to blame for a broken link. A changed
/// entry breaks the link to its successor; where it was changed in its own reference, the link
/// from its predecessor breaks as well. So of two broken links in a row, the entry between them
/// is to blame, and a single one is the fault of the earlier entry.
#[derive(Default)]
struct Window {
    /// The entry before `newest`, where the link between the two is broken.
    suspect: Option<Link>,
    newest: Option<Link>,
}

impl Window {
    fn push(&mut self, link: Link, judge: &mut Judge<'_>) {
        let Some(mut before) = self.newest.take() else {
            self.newest = Some(link);
            return;
        };
        let follows = follows(&before, &link);
        if let Some(mut suspect) = self.suspect.take() {
            match follows {
                Some(true) => suspect.blame(ALTERED),
                Some(false) => before.blame(ALTERED),
                None => {
                    suspect.blame(EITHER);
                    before.blame(EITHER);
                }
            }
            judge.add(suspect.judgement());
            judge.add(before.judgement());
        } else if follows == Some(false) && before.blamed.is_none() && link.blamed.is_none() {
            self.suspect = Some(before);
        } else {
            judge.add(before.judgement());
        }
        self.newest = Some(link);
    }

    /// Nothing follows the last entry, so nothing clears it, unless its hash is known.
    fn end(self, last_is_known: bool, judge: &mut Judge<'_>) {
        let Some(mut last) = self.newest else { return };
        if let Some(mut suspect) = self.suspect {
            if last_is_known {
                suspect.blame(ALTERED);
            } else {
                suspect.blame(EITHER);
                last.blame(EITHER);
            }
            judge.add(suspect.judgement());
        }
        judge.add(last.judgement());
    }
}

/// Whether an entry names the one before it; unknown where one of them can't be asked.
fn follows(before: &Link, link: &Link) -> Option<bool> {
    Some(link.previous? == Some(before.sha256?))
}
