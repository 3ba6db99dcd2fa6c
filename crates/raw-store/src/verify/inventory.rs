//! What the entries say should be there, held against what the bucket lists.

use std::collections::{BTreeMap, BTreeSet};

use catwing_domain::{
    BusinessDay, DatasetName, ObjectName, TenantId,
    manifest::{Body, Entry, EntryNumber, RawObject, Sha256Hash},
};
use futures_util::TryStreamExt;

use super::{Finding, Judge, State};
use crate::{Listed, Manifest, RawStoreError, Store, manifest::number_of};

/// Objects whose bytes are read at the same time.
const DEEP_READS_IN_FLIGHT: usize = 4;

/// Where a tenant's sealed objects may be.
const SEALED_PREFIXES: [&str; 3] = ["raw-data/", "client-data/", "ml-output/"];

/// The objects that entries have.
pub(super) struct Inventory {
    tenant: TenantId,
    objects: BTreeMap<String, Sealed>,
    mappings: BTreeSet<Sha256Hash>,
    expected: BTreeSet<(BusinessDay, DatasetName)>,
    newest: Option<EntryNumber>,
}

#[derive(Clone, Copy)]
struct Sealed {
    size_bytes: u64,
    sha256: Sha256Hash,
    seen: bool,
}

/// What is to be done about a listed key.
enum Check {
    /// An entry of the manifest, which the walk along the chain judges.
    Entry,
    /// It is in no entry.
    Unsealed(Finding),
    /// It is in an entry, and its size or presence decides.
    Judged(Finding),
    /// Its bytes decide.
    Read(String, Sealed),
}

/// What a check came to.
enum Checked {
    Entry,
    Unsealed(Finding),
    Judged(Finding, u64),
}

impl Inventory {
    pub fn expecting(tenant: TenantId, expected: &[(DatasetName, BusinessDay)]) -> Self {
        Self {
            tenant,
            objects: BTreeMap::new(),
            mappings: BTreeSet::new(),
            expected: expected
                .iter()
                .map(|(dataset, day)| (*day, dataset.clone()))
                .collect(),
            newest: None,
        }
    }

    /// Takes in what an entry seals.
    pub fn take(&mut self, entry: &Entry, judge: &mut Judge<'_>) {
        self.newest = self.newest.max(Some(entry.number));
        match &entry.body {
            Body::Delivery(delivery) => {
                self.mappings.insert(delivery.mapping);
                for object in &delivery.objects {
                    self.expected
                        .remove(&(entry.business_day, object.dataset.clone()));
                    self.expect(entry, object, judge);
                }
            }
            Body::UiEvent(event) => {
                self.mappings.insert(event.mapping);
                self.expect(entry, &event.object, judge);
            }
            Body::Derived(derived) => {
                for object in &derived.objects {
                    self.expect(entry, object, judge);
                }
            }
            Body::Remap(remap) => {
                self.mappings.insert(remap.mapping);
            }
            Body::Verdict(_) | Body::Fix(_) => {}
        }
    }

    pub fn count(&self) -> u64 {
        self.objects.len() as u64
    }

    pub fn mappings(&self) -> impl Iterator<Item = Sha256Hash> {
        self.mappings.iter().copied()
    }

    /// Expected deliveries that no entry has.
    pub fn late(&self) -> impl Iterator<Item = &(BusinessDay, DatasetName)> {
        self.expected.iter()
    }

    /// Judges every object of the inventory, and everything else below the raw prefix.
    pub async fn compare(
        &mut self,
        manifest: &Manifest,
        deep: bool,
        judge: &mut Judge<'_>,
    ) -> Result<(), RawStoreError> {
        let store = manifest.store();
        let prefix = format!("raw-data/{}/", self.tenant);
        let mut unsealed = Vec::new();
        {
            let checks = store
                .list(&prefix, None)
                .map_ok(|listed| self.check(listed, deep))
                .map_ok(|check| read(store, check))
                .try_buffer_unordered(DEEP_READS_IN_FLIGHT);
            let mut checks = std::pin::pin!(checks);
            while let Some(checked) = checks.try_next().await? {
                match checked {
                    Checked::Entry => {}
                    Checked::Unsealed(finding) => unsealed.push(finding),
                    Checked::Judged(finding, read_bytes) => {
                        judge.read(read_bytes);
                        judge.object(finding);
                    }
                }
            }
        }
        self.judge_unseen(store, deep, judge).await?;
        self.judge_unsealed(manifest, unsealed, judge).await
    }

    fn expect(&mut self, entry: &Entry, object: &RawObject, judge: &mut Judge<'_>) {
        if !may_be_sealed(self.tenant, &object.key) {
            let detail = format!(
                "it seals {:?}, which can't be an object of the tenant",
                object.key
            );
            judge.add(Finding::new(
                entry.number.key(self.tenant),
                State::Corrupt,
                detail,
            ));
            return;
        }
        let sealed = Sealed {
            size_bytes: object.size_bytes,
            sha256: object.sha256,
            seen: false,
        };
        let first = *self.objects.entry(object.key.clone()).or_insert(sealed);
        if first.sha256 != object.sha256 || first.size_bytes != object.size_bytes {
            let detail = format!("an earlier entry seals {} with other bytes", object.key);
            judge.add(Finding::new(
                entry.number.key(self.tenant),
                State::Corrupt,
                detail,
            ));
        }
    }

    fn check(&mut self, listed: Listed, deep: bool) -> Check {
        if let Some(sealed) = self.objects.get_mut(&listed.key) {
            sealed.seen = true;
            return sealed.check(listed.key, listed.size_bytes, deep);
        }
        if number_of(self.tenant, &listed.key).is_some() {
            return Check::Entry;
        }
        let finding = if is_raw_object(self.tenant, &listed.key) {
            Finding::new(listed.key, State::Orphan, "no entry seals it")
        } else {
            let detail = "it is no raw object and no entry of the manifest";
            Finding::new(listed.key, State::Extra, detail)
        };
        Check::Unsealed(finding)
    }

    /// Objects that the listing did not show: they are elsewhere in the bucket, or lost.
    async fn judge_unseen(
        &mut self,
        store: &Store,
        deep: bool,
        judge: &mut Judge<'_>,
    ) -> Result<(), RawStoreError> {
        for (key, sealed) in self.objects.iter().filter(|(_, sealed)| !sealed.seen) {
            let check = match store.head(key).await? {
                Some(head) => sealed.check(key.clone(), head.size_bytes, deep),
                None => Check::Judged(lost(key.clone())),
            };
            if let Checked::Judged(finding, read_bytes) = read(store, check).await? {
                judge.read(read_bytes);
                judge.object(finding);
            }
        }
        Ok(())
    }

    /// Leaves out what was sealed since the manifest was read.
    async fn judge_unsealed(
        &self,
        manifest: &Manifest,
        unsealed: Vec<Finding>,
        judge: &mut Judge<'_>,
    ) -> Result<(), RawStoreError> {
        if unsealed.is_empty() {
            return Ok(());
        }
        let mut since = BTreeSet::new();
        let newest = manifest.newest_number(self.newest).await?;
        let first = self.newest.map_or(EntryNumber::FIRST, EntryNumber::next);
        for number in first.0..=newest.map_or(0, |number| number.0) {
            match manifest.entry(EntryNumber(number)).await {
                Ok(sealed) => since.extend(keys(&sealed.entry)),
                // The next verification judges it; this one has read the chain already.
                Err(RawStoreError::Chain { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        for finding in unsealed {
            if !since.contains(&finding.key) {
                judge.add(finding);
            }
        }
        Ok(())
    }
}

impl Sealed {
    fn check(self, key: String, size_bytes: u64, deep: bool) -> Check {
        if size_bytes != self.size_bytes {
            return Check::Judged(other_size(key, size_bytes, self.size_bytes));
        }
        if deep {
            return Check::Read(key, self);
        }
        Check::Judged(Finding::new(key, State::Ok, ""))
    }
}

/// Reads an object where its bytes decide.
async fn read(store: &Store, check: Check) -> Result<Checked, RawStoreError> {
    let (key, sealed) = match check {
        Check::Entry => return Ok(Checked::Entry),
        Check::Unsealed(finding) => return Ok(Checked::Unsealed(finding)),
        Check::Judged(finding) => return Ok(Checked::Judged(finding, 0)),
        Check::Read(key, sealed) => (key, sealed),
    };
    let mut body = match store.get_stream(&key).await {
        Ok(body) => body,
        Err(RawStoreError::Missing { .. }) => return Ok(Checked::Judged(lost(key), 0)),
        Err(error) => return Err(error),
    };
    while body.chunk().await?.is_some() {}
    let read_bytes = body.read_bytes();
    let finding = if read_bytes != sealed.size_bytes {
        other_size(key, read_bytes, sealed.size_bytes)
    } else if body.sha256() != sealed.sha256 {
        let detail = format!("its SHA-256 is not {} as sealed", sealed.sha256);
        Finding::new(key, State::Corrupt, detail)
    } else {
        Finding::new(key, State::Ok, "")
    };
    Ok(Checked::Judged(finding, read_bytes))
}

fn lost(key: String) -> Finding {
    let detail = "an entry seals it; import the same file again to put it back";
    Finding::new(key, State::Lost, detail)
}

fn other_size(key: String, size_bytes: u64, sealed_bytes: u64) -> Finding {
    let detail = format!("it has {size_bytes} bytes where {sealed_bytes} were sealed");
    Finding::new(key, State::Corrupt, detail)
}

fn is_raw_object(tenant: TenantId, key: &str) -> bool {
    key.strip_prefix(&format!("raw-data/{tenant}/"))
        .and_then(|rest| rest.split_once('/'))
        .is_some_and(|(day, name)| {
            day.parse::<BusinessDay>().is_ok() && name.parse::<ObjectName>().is_ok()
        })
}

/// Whether a key is one that an entry of the tenant may seal, and that a server can be asked for.
fn may_be_sealed(tenant: TenantId, key: &str) -> bool {
    let is_of_tenant = SEALED_PREFIXES.iter().any(|prefix| {
        key.strip_prefix(prefix)
            .and_then(|rest| rest.strip_prefix(&tenant.to_string()))
            .is_some_and(|rest| rest.starts_with('/'))
    });
    let is_plain = key.bytes().all(|b| b.is_ascii_graphic())
        && key.split('/').all(|part| !matches!(part, "" | "." | ".."));
    is_of_tenant && is_plain
}

fn keys(entry: &Entry) -> Vec<String> {
    let objects = entry.body.objects().iter();
    objects.map(|object| object.key.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::{is_raw_object, may_be_sealed};

    #[test]
    fn only_keys_of_the_tenant_may_be_sealed() {
        let tenant = "CW-000200".parse().unwrap();
        for key in [
            "raw-data/CW-000200/2026-02-24/a.csv",
            "ml-output/CW-000200/x/y.parquet",
        ] {
            assert!(may_be_sealed(tenant, key), "{key}");
        }
        for key in [
            "raw-data/CW-000201/2026-02-24/a.csv",
            "raw-data/CW-0002001/a.csv",
            "raw-data/CW-000200/../CW-000201/a.csv",
            "raw-data/CW-000200//a.csv",
            "ra\u{7}-data/CW-000200/a.csv",
            "db-backups/CW-000200/a",
            "",
        ] {
            assert!(!may_be_sealed(tenant, key), "{key}");
        }
    }

    #[test]
    fn raw_objects_are_told_by_day_and_name() {
        let tenant = "CW-000200".parse().unwrap();
        assert!(is_raw_object(
            tenant,
            "raw-data/CW-000200/2026-02-24/a.r2.csv"
        ));
        for key in [
            "2026-02-24/a",
            "2026-02-30/a.csv",
            "a.csv",
            "2026-02-24/x/a.csv",
        ] {
            assert!(
                !is_raw_object(tenant, &format!("raw-data/CW-000200/{key}")),
                "{key}"
            );
        }
    }
}
