//! How raw objects are named: `raw-data/CW-000200/2026-02-24/sales_orders.r2.p000001.json`.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{BusinessDay, DomainError, TenantId};

/// What a source delivers as one thing, `sales_orders`. Part of raw keys, so its alphabet is small.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DatasetName(String);

impl DatasetName {
    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The dataset of writes made in the UI.
    #[must_use]
    pub fn ui_events() -> Self {
        Self("ui_events".to_owned())
    }
}

impl FromStr for DatasetName {
    type Err = DomainError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let admitted =
            |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-';
        let valid = (1..=64).contains(&text.len())
            && text.starts_with(|c: char| c.is_ascii_lowercase())
            && text.bytes().all(admitted);
        if !valid {
            return Err(DomainError::Dataset(text.to_owned()));
        }
        Ok(Self(text.to_owned()))
    }
}

impl TryFrom<String> for DatasetName {
    type Error = DomainError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<DatasetName> for String {
    fn from(name: DatasetName) -> Self {
        name.0
    }
}

impl fmt::Display for DatasetName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The ordinal of a delivery of a dataset for a business day, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Revision(u16);

impl Revision {
    /// The first delivery of a day.
    pub const FIRST: Self = Self(1);
    /// What fits the bits of a raw position.
    pub const MAX: u16 = 511;

    /// The revision with this number.
    ///
    /// # Errors
    /// [`DomainError::Limit`] outside of 1 to [`Self::MAX`].
    pub fn new(number: u16) -> Result<Self, DomainError> {
        if number == 0 || number > Self::MAX {
            return Err(DomainError::Limit {
                what: "revision",
                value: number.into(),
                limit: Self::MAX.into(),
            });
        }
        Ok(Self(number))
    }

    /// The number.
    #[must_use]
    pub fn number(self) -> u16 {
        self.0
    }
}

/// A raw object's name below its day: dataset, revision, page and extension.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ObjectName {
    /// The dataset.
    pub dataset: DatasetName,
    /// The revision; the first is not written in the name.
    pub revision: Revision,
    /// The page from 1, or none where the dataset came in one object.
    pub page: Option<u32>,
    /// As delivered, lower case, without the dot: `json`, `csv`, `csv.gz`.
    pub extension: String,
}

impl ObjectName {
    /// The object's whole key in the bucket.
    #[must_use]
    pub fn key(&self, tenant: TenantId, day: BusinessDay) -> String {
        format!("raw-data/{tenant}/{day}/{self}")
    }
}

impl fmt::Display for ObjectName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.dataset)?;
        if self.revision != Revision::FIRST {
            write!(f, ".r{}", self.revision.number())?;
        }
        if let Some(page) = self.page {
            write!(f, ".p{page:06}")?;
        }
        write!(f, ".{}", self.extension)
    }
}

impl FromStr for ObjectName {
    type Err = DomainError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let refused = || DomainError::ObjectName(text.to_owned());
        let (dataset, mut rest) = text.split_once('.').ok_or_else(refused)?;
        let dataset = dataset.parse().map_err(|_| refused())?;
        let mut revision = Revision::FIRST;
        if let Some((part, after)) = rest.split_once('.')
            && let Some(number) = numbered(part, 'r')
        {
            revision = u16::try_from(number)
                .ok()
                .filter(|n| *n > 1)
                .and_then(|n| Revision::new(n).ok())
                .ok_or_else(refused)?;
            rest = after;
        }
        let mut page = None;
        if let Some((part, after)) = rest.split_once('.')
            && part.len() == 7
            && let Some(number) = numbered(part, 'p')
        {
            page = Some(
                u32::try_from(number)
                    .ok()
                    .filter(|n| *n > 0)
                    .ok_or_else(refused)?,
            );
            rest = after;
        }
        let extension = rest.to_owned();
        let admitted = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'.';
        let shaped = (1..=16).contains(&extension.len())
            && extension.bytes().all(admitted)
            && extension.split('.').all(|part| !part.is_empty());
        if !shaped {
            return Err(refused());
        }
        let name = Self {
            dataset,
            revision,
            page,
            extension,
        };
        // One name has one spelling: what would be written differently is refused.
        if name.to_string() != text {
            return Err(refused());
        }
        Ok(name)
    }
}

fn numbered(part: &str, letter: char) -> Option<u64> {
    let digits = part.strip_prefix(letter)?;
    if digits.is_empty() || digits.len() > 9 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::ObjectName;

    #[test]
    fn names_are_read_back_as_they_were_written() {
        for text in [
            "products.json",
            "products.r2.json",
            "sales_orders.p000001.json",
            "sales_orders.r2.p000001.json",
            "sales.csv.gz",
            "a.r.json",
            "a.p1.json",
        ] {
            let name: ObjectName = text.parse().unwrap();
            assert_eq!(name.to_string(), text);
        }
        for text in [
            "",
            "products",
            "products.",
            ".json",
            "products.r1.json",
            "products.r02.json",
            "products.r512.json",
            "p.p000000.json",
            "../x.json",
            "a.JSON",
            "a..json",
            "a/b.json",
        ] {
            assert!(text.parse::<ObjectName>().is_err(), "{text:?} was taken");
        }
    }
}
