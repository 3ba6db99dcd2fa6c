//! A tenant's manifest: entries that are numbered by create-only puts and chained by hashes.

use std::collections::BTreeSet;

use catwing_domain::{
    BusinessDay, Clock, TenantId,
    manifest::{Body, Entry, EntryNumber, Sha256Hash},
};
use futures_util::{Stream, StreamExt, TryStreamExt, stream};

use crate::{Payload, Put, RawStoreError, Store};

/// Bytes of one entry at most.
pub const ENTRY_BYTES_MAX: u64 = 8 << 20;
/// Entries that are fetched ahead while a manifest is read.
pub const ENTRIES_IN_FLIGHT: usize = 8;
/// How often an append begins again because another one took its number.
pub const APPENDS_MAX: u32 = 256;

/// One tenant's manifest in the bucket.
#[derive(Clone, Debug)]
pub struct Manifest {
    store: Store,
    tenant: TenantId,
}

/// The newest entry: what the next one follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ManifestHead {
    /// Its number.
    pub number: EntryNumber,
    /// SHA-256 of its bytes.
    pub sha256: Sha256Hash,
}

/// An entry as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedEntry {
    /// What it says.
    pub entry: Entry,
    /// SHA-256 of its bytes.
    pub sha256: Sha256Hash,
}

impl SealedEntry {
    /// The entry as the head of a manifest.
    #[must_use]
    pub fn head(&self) -> ManifestHead {
        ManifestHead {
            number: self.entry.number,
            sha256: self.sha256,
        }
    }
}

/// Who appends an entry, and when.
#[derive(Clone, Copy)]
pub struct Author<'a> {
    /// The run that the entry belongs to. No two runs share it.
    pub run_id: &'a str,
    /// Where the entry's time comes from.
    pub clock: &'a dyn Clock,
}

impl Manifest {
    /// The manifest of a tenant. Nothing is read yet.
    #[must_use]
    pub fn of(store: &Store, tenant: TenantId) -> Self {
        Self {
            store: store.clone(),
            tenant,
        }
    }

    /// Whose manifest this is.
    #[must_use]
    pub fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// The bucket that it is in.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Appends an entry, however many others do the same at the same time.
    ///
    /// # Errors
    /// [`RawStoreError::Contention`] where others were faster [`APPENDS_MAX`] times in a row,
    /// [`RawStoreError::Chain`] where the newest entry can't be read.
    pub async fn append(
        &self,
        body: &Body,
        day: BusinessDay,
        author: Author<'_>,
    ) -> Result<SealedEntry, RawStoreError> {
        let mut known = None;
        for _ in 0..APPENDS_MAX {
            let head = self.head(known).await?;
            if let Some(sealed) = self.try_append(head, body, day, author).await? {
                return Ok(sealed);
            }
            known = head.map(|head| head.number);
        }
        Err(self.contention())
    }

    /// Appends an entry right after `head`; none where another one took that place.
    ///
    /// # Errors
    /// [`RawStoreError::TooLarge`] for an entry over [`ENTRY_BYTES_MAX`];
    /// [`RawStoreError::Request`] where the server fails.
    pub async fn try_append(
        &self,
        head: Option<ManifestHead>,
        body: &Body,
        day: BusinessDay,
        author: Author<'_>,
    ) -> Result<Option<SealedEntry>, RawStoreError> {
        let number = head.map_or(EntryNumber::FIRST, |head| head.number.next());
        let entry = Entry {
            number,
            previous: head.map(|head| head.sha256),
            tenant: self.tenant,
            business_day: day,
            run_id: author.run_id.to_owned(),
            at: author.clock.now(),
            body: body.clone(),
        };
        let bytes = entry
            .to_bytes()
            .map_err(|source| RawStoreError::WriteEntry {
                tenant: self.tenant,
                source,
            })?;
        let key = number.key(self.tenant);
        if bytes.len() as u64 > ENTRY_BYTES_MAX {
            return Err(RawStoreError::TooLarge {
                key,
                limit_bytes: ENTRY_BYTES_MAX,
            });
        }
        let payload = Payload::from_bytes(bytes);
        // A put whose answer was lost is found again by its bytes, which hold our run and time.
        match self.store.put_new(&key, &payload).await? {
            Put::Taken => Ok(None),
            Put::Created { .. } | Put::AlreadyThere { .. } => Ok(Some(SealedEntry {
                entry,
                sha256: payload.sha256(),
            })),
        }
    }

    /// The newest entry, or none in an empty manifest. Only keys are listed, from the entry that
    /// is known on, where one is; the newest one alone is read.
    ///
    /// # Errors
    /// [`RawStoreError::Chain`] where the newest entry is missing or can't be read.
    pub async fn head(
        &self,
        known: Option<EntryNumber>,
    ) -> Result<Option<ManifestHead>, RawStoreError> {
        let Some(newest) = self.newest_number(known).await? else {
            return Ok(None);
        };
        Ok(Some(self.entry(newest).await?.head()))
    }

    /// Reads one entry, without its place in the chain.
    ///
    /// # Errors
    /// [`RawStoreError::Chain`] where it is missing, can't be read, or belongs elsewhere.
    pub async fn entry(&self, number: EntryNumber) -> Result<SealedEntry, RawStoreError> {
        let key = number.key(self.tenant);
        let bytes = match self.store.get_small(&key, ENTRY_BYTES_MAX).await {
            Ok(bytes) => bytes,
            Err(RawStoreError::Missing { .. }) => return Err(broken(key, "the entry is missing")),
            Err(error) => return Err(error),
        };
        let entry = Entry::from_bytes(&bytes).map_err(|error| broken(key.clone(), error))?;
        if entry.number != number || entry.tenant != self.tenant {
            let detail = format!(
                "it says that it is entry {} of {}",
                entry.number, entry.tenant
            );
            return Err(broken(key, detail));
        }
        Ok(SealedEntry {
            entry,
            sha256: Sha256Hash::of(&bytes),
        })
    }

    /// The entries after a number in their order, or all of them. A few are fetched ahead; each
    /// is checked to follow from the one before. The stream ends with the entry that is the
    /// newest when it begins, or with the first error.
    pub fn entries(
        &self,
        after: Option<EntryNumber>,
    ) -> impl Stream<Item = Result<SealedEntry, RawStoreError>> + Send + 'static {
        let manifest = self.clone();
        stream::once(async move {
            let newest = manifest.newest_number(after).await?;
            let previous = match after {
                Some(number) => Some(manifest.entry(number).await?.sha256),
                None => None,
            };
            let first = after.map_or(EntryNumber::FIRST, EntryNumber::next);
            Ok(manifest.chained(first, newest, previous, BTreeSet::new()))
        })
        .try_flatten()
    }

    /// The entries but those that are known to be lost or damaged. That an entry follows from the one
    /// before is checked where that one was read.
    pub fn entries_without(
        &self,
        lost: BTreeSet<EntryNumber>,
    ) -> impl Stream<Item = Result<SealedEntry, RawStoreError>> + Send + use<> {
        let manifest = self.clone();
        stream::once(async move {
            let newest = manifest.newest_number(None).await?;
            Ok(manifest.chained(EntryNumber::FIRST, newest, None, lost))
        })
        .try_flatten()
    }

    /// The entries after a head whose hash is known already.
    pub(crate) fn entries_after(
        &self,
        head: Option<ManifestHead>,
    ) -> impl Stream<Item = Result<SealedEntry, RawStoreError>> + Send + 'static {
        let manifest = self.clone();
        stream::once(async move {
            let newest = manifest.newest_number(head.map(|head| head.number)).await?;
            let first = head.map_or(EntryNumber::FIRST, |head| head.number.next());
            let previous = head.map(|head| head.sha256);
            Ok(manifest.chained(first, newest, previous, BTreeSet::new()))
        })
        .try_flatten()
    }

    /// The greatest number of an entry that is listed, or the known one.
    pub(crate) async fn newest_number(
        &self,
        known: Option<EntryNumber>,
    ) -> Result<Option<EntryNumber>, RawStoreError> {
        let prefix = prefix(self.tenant);
        let mut newest = known;
        let after = known.map(|number| number.key(self.tenant));
        let mut listed = std::pin::pin!(self.store.list(&prefix, after));
        while let Some(object) = listed.try_next().await? {
            if let Some(number) = number_of(self.tenant, &object.key) {
                newest = newest.max(Some(number));
            }
        }
        Ok(newest)
    }

    pub(crate) fn contention(&self) -> RawStoreError {
        RawStoreError::Contention {
            tenant: self.tenant,
            attempts: APPENDS_MAX,
        }
    }

    fn chained(
        self,
        first: EntryNumber,
        newest: Option<EntryNumber>,
        mut previous: Option<Sha256Hash>,
        lost: BTreeSet<EntryNumber>,
    ) -> impl Stream<Item = Result<SealedEntry, RawStoreError>> + Send + 'static {
        let last = newest.map_or(0, |number| number.0);
        let there: Vec<_> = (first.0..=last)
            .map(EntryNumber)
            .filter(|number| !lost.contains(number))
            .collect();
        stream::iter(there)
            .map(move |number| {
                let manifest = self.clone();
                async move { manifest.entry(number).await }
            })
            .buffered(ENTRIES_IN_FLIGHT)
            .map(move |read| {
                let sealed = read?;
                let number = sealed.entry.number;
                let after_a_gap = lost.contains(&EntryNumber(number.0.saturating_sub(1)));
                if sealed.entry.previous != previous && !after_a_gap {
                    let key = sealed.entry.number.key(sealed.entry.tenant);
                    return Err(broken(key, "it does not follow from the entry before"));
                }
                previous = Some(sealed.sha256);
                Ok(sealed)
            })
    }
}

/// Where a tenant's entries are.
pub(crate) fn prefix(tenant: TenantId) -> String {
    format!("raw-data/{tenant}/_manifest/")
}

/// The number of the entry that a key is of, where it is the key of an entry.
pub(crate) fn number_of(tenant: TenantId, key: &str) -> Option<EntryNumber> {
    let digits = key.strip_prefix(&prefix(tenant))?.strip_suffix(".json")?;
    let number = EntryNumber(digits.parse().ok()?);
    (number.0 > 0 && number.key(tenant) == key).then_some(number)
}

fn broken(key: String, detail: impl ToString) -> RawStoreError {
    RawStoreError::Chain {
        key,
        detail: detail.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::{EntryNumber, number_of};

    #[test]
    fn only_an_entrys_own_key_has_a_number() {
        let tenant = "CW-000200".parse().unwrap();
        let of = |name: &str| number_of(tenant, &format!("raw-data/CW-000200/_manifest/{name}"));
        assert_eq!(of("0000000012.json"), Some(EntryNumber(12)));
        for name in [
            "12.json",
            "0000000000.json",
            "+000000012.json",
            "0000000012.json.bak",
            "x",
        ] {
            assert_eq!(of(name), None, "{name}");
        }
        assert_eq!(
            number_of(tenant, "raw-data/CW-000201/_manifest/0000000012.json"),
            None
        );
    }
}
