//! The manifest: per tenant, a hash-chained, numbered sequence of entries. All that decides what
//! the database holds is an entry, written before it takes effect.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{BusinessDay, DatasetName, DomainError, Revision, TenantId};

/// A SHA-256, written in lower-case hex.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Sha256Hash(pub [u8; 32]);

impl Sha256Hash {
    /// The hash of bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }
}

impl TryFrom<String> for Sha256Hash {
    type Error = DomainError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let mut bytes = [0; 32];
        hex::decode_to_slice(&text, &mut bytes)
            .map_err(|_| DomainError::Entry(format!("{text:?} is not a SHA-256 in hex")))?;
        Ok(Self(bytes))
    }
}

impl From<Sha256Hash> for String {
    fn from(hash: Sha256Hash) -> Self {
        hash.to_string()
    }
}

impl std::fmt::Display for Sha256Hash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl std::fmt::Debug for Sha256Hash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self}")
    }
}

/// An entry's number, from 1 without gaps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct EntryNumber(pub u64);

impl EntryNumber {
    /// The first entry of every manifest.
    pub const FIRST: Self = Self(1);

    /// The number after.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }

    /// The entry's key in the bucket.
    #[must_use]
    pub fn key(self, tenant: TenantId) -> String {
        format!("raw-data/{tenant}/_manifest/{:010}.json", self.0)
    }
}

impl std::fmt::Display for EntryNumber {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// One entry of a tenant's manifest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Its number.
    pub number: EntryNumber,
    /// SHA-256 of the bytes of the entry before; none in the first.
    pub previous: Option<Sha256Hash>,
    /// Whose manifest this is.
    pub tenant: TenantId,
    /// The business day that the entry belongs to.
    pub business_day: BusinessDay,
    /// The run that wrote it.
    pub run_id: String,
    /// When it was written. No row depends on it.
    pub at: Timestamp,
    /// What it says.
    pub body: Body,
}

impl Entry {
    /// The bytes that are stored: what the chain hashes.
    ///
    /// # Errors
    /// [`DomainError::Entry`] where the entry can't be written as JSON.
    pub fn to_bytes(&self) -> Result<Vec<u8>, DomainError> {
        let mut bytes = serde_json::to_vec_pretty(self)
            .map_err(|error| DomainError::Entry(error.to_string()))?;
        bytes.push(b'\n');
        Ok(bytes)
    }

    /// Reads stored bytes.
    ///
    /// # Errors
    /// [`DomainError::Entry`] where they are no entry.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DomainError> {
        serde_json::from_slice(bytes).map_err(|error| DomainError::Entry(error.to_string()))
    }
}

/// The kinds of entries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Body {
    /// The objects that one ingest landed for one business day.
    Delivery(Delivery),
    /// The gate's refusal of a delivery, or a person's override.
    Verdict(Verdict),
    /// A corrected record.
    Fix(Fix),
    /// From an entry on, an entity uses another mapping; takes effect by a rebuild.
    Remap(Remap),
    /// A write made in the UI.
    UiEvent(UiEvent),
    /// What a step computed with a model or with the past as known then.
    Derived(Derived),
}

impl Body {
    /// The raw objects that the entry brings in.
    #[must_use]
    pub fn objects(&self) -> &[RawObject] {
        match self {
            Self::Delivery(delivery) => &delivery.objects,
            Self::UiEvent(event) => std::slice::from_ref(&event.object),
            Self::Derived(derived) => &derived.objects,
            Self::Verdict(_) | Self::Fix(_) | Self::Remap(_) => &[],
        }
    }

    /// The kind's name, as stored.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Delivery(_) => "delivery",
            Self::Verdict(_) => "verdict",
            Self::Fix(_) => "fix",
            Self::Remap(_) => "remap",
            Self::UiEvent(_) => "ui_event",
            Self::Derived(_) => "derived",
        }
    }
}

/// The objects that one ingest landed together, and the mapping that was in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Delivery {
    /// SHA-256 of the tenant's file, stored at `client-data/<tenant>/config/<sha256>.toml`.
    pub mapping: Sha256Hash,
    /// What was landed, by key.
    pub objects: Vec<RawObject>,
}

/// One raw object of a delivery.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawObject {
    /// The whole key in the bucket.
    pub key: String,
    /// The dataset.
    pub dataset: DatasetName,
    /// The ordinal of this delivery of the dataset for the day.
    pub revision: Revision,
    /// The page, from 1, where the dataset came in pages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<u32>,
    /// Bytes as stored.
    pub size_bytes: u64,
    /// Ours, computed while streaming.
    pub sha256: Sha256Hash,
    /// Where the bucket keeps versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version_id: Option<String>,
    /// Records in the object, where whoever landed it counted them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record_count: Option<u64>,
    /// Whether it holds all there is, or what changed.
    pub completeness: Completeness,
    /// Where it came from.
    pub source: SourceFacts,
}

/// Whether a delivery of a dataset holds all there is, or what changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Completeness {
    /// Everything within the scope; what is absent is gone.
    Snapshot {
        /// What it is complete for; empty for the whole dataset.
        #[serde(default)]
        scope: String,
    },
    /// Only what changed; what is absent is as before.
    Delta,
}

/// What the source said, without secrets.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SourceFacts {
    /// The source's name in the tenant's file, or how a person brought it.
    pub name: String,
    /// File name or URL without user, password and query secrets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    /// The total that the source announced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub announced_total: Option<u64>,
    /// The source's own clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock: Option<Timestamp>,
}

/// The gate's refusal of a delivery, or a person's override of one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Verdict {
    /// The delivery's entry.
    pub delivery: EntryNumber,
    /// Whether it may be loaded.
    pub accepted: bool,
    /// The gate, or a person.
    pub by: String,
    /// Why.
    pub reason: String,
}

/// A corrected record, in the place of a rejected one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fix {
    /// The raw object of the bad record.
    pub object: String,
    /// The bad record's position in it.
    pub ordinal: u64,
    /// SHA-256 of the bad record's bytes.
    pub sha256: Sha256Hash,
    /// From 1; a later fix of the same record wins.
    pub number: u8,
    /// The corrected record, in the source's own form.
    pub record: String,
    /// Who corrected it.
    pub by: String,
}

/// From an entry on, an entity uses another mapping.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Remap {
    /// The entity.
    pub entity: String,
    /// The first entry that it holds for.
    pub from: EntryNumber,
    /// The mapping's SHA-256.
    pub mapping: Sha256Hash,
}

/// A write made in the UI.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UiEvent {
    /// SHA-256 of the tenant's file then in force: its time zone and salt of keys count.
    pub mapping: Sha256Hash,
    /// The object that holds the writes that were saved together.
    pub object: RawObject,
}

/// Output of a step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Derived {
    /// The step's name.
    pub step: String,
    /// What it wrote.
    pub objects: Vec<RawObject>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_read_back_as_they_were_written() {
        let entry = Entry {
            number: EntryNumber(2),
            previous: Some(Sha256Hash::of(b"before")),
            tenant: "CW-000200".parse().unwrap(),
            business_day: "2026-02-24".parse().unwrap(),
            run_id: "r".into(),
            at: "2026-02-24T05:00:00Z".parse().unwrap(),
            body: Body::Verdict(Verdict {
                delivery: EntryNumber(1),
                accepted: false,
                by: "gate".into(),
                reason: "no rows".into(),
            }),
        };
        let bytes = entry.to_bytes().unwrap();
        assert_eq!(Entry::from_bytes(&bytes).unwrap(), entry);
        assert!(
            String::from_utf8(bytes)
                .unwrap()
                .contains("\"kind\": \"verdict\"")
        );
        assert_eq!(
            entry.number.key(entry.tenant),
            "raw-data/CW-000200/_manifest/0000000002.json"
        );
        assert!(Entry::from_bytes(b"{}").is_err());
    }
}
