//! Who wins: the version of a record, and the raw record that it came from packed into 63 bits.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{BusinessDay, DomainError, Revision};

/// A dataset's number in its tenant's mapping, 1 to 63, and 0 for writes of the UI: the order between datasets of one day.
/// It stands in every row's position, so it is given once and never changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "u64", into = "u64")]
pub struct DatasetNumber(u8);

impl DatasetNumber {
    /// That of writes made in the UI, which no tenant's file can give.
    pub const UI_EVENTS: Self = Self(0);

    /// The number as an integer.
    #[must_use]
    pub fn number(self) -> u8 {
        self.0
    }
}

impl TryFrom<u64> for DatasetNumber {
    type Error = DomainError;

    fn try_from(number: u64) -> Result<Self, Self::Error> {
        u8::try_from(number)
            .ok()
            .filter(|n| (1..=63).contains(n))
            .map(Self)
            .ok_or(DomainError::DatasetNumber(number))
    }
}

impl From<DatasetNumber> for u64 {
    fn from(number: DatasetNumber) -> Self {
        number.0.into()
    }
}

/// Where a raw record lies within its delivery's dataset.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The page from 1, or none where the dataset came in one object.
    pub page: Option<u32>,
    /// The record's position in its object, from 0.
    pub ordinal: u64,
}

/// The exact raw record that a row came from, ordered as versions are: by business day, revision,
/// dataset, place and fix.
///
/// | bits | what | limit |
/// | --- | --- | --- |
/// | 62-47 | business day since 1970-01-01 | 2149-06-06 |
/// | 46-38 | revision | 511 |
/// | 37-32 | dataset number | 63 |
/// | 31-4 | ordinal; with pages: page (12 bits) and ordinal (16 bits) | 268,435,455; 4,095 pages of 65,536 |
/// | 3-0 | fix number | 15 |
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RawPosition(i64);

impl RawPosition {
    /// Records that one object without pages may hold.
    pub const ORDINALS_MAX: u64 = 1 << 28;
    /// Pages that a delivery of a dataset may have.
    pub const PAGES_MAX: u32 = (1 << 12) - 1;
    /// Records that one page may hold.
    pub const PAGE_ORDINALS_MAX: u64 = 1 << 16;
    /// Corrections that one raw record may have.
    pub const FIXES_MAX: u8 = 15;

    /// Packs a record's position.
    ///
    /// # Errors
    /// [`DomainError::Limit`] for a page or an ordinal that does not fit.
    pub fn new(
        day: BusinessDay,
        revision: Revision,
        dataset: DatasetNumber,
        place: Place,
    ) -> Result<Self, DomainError> {
        let place = match place.page {
            None => limited(
                "records of an object",
                place.ordinal,
                Self::ORDINALS_MAX - 1,
            )?,
            Some(page) => {
                let page = limited("page", page.into(), Self::PAGES_MAX.into())?;
                let ordinal = limited(
                    "records of a page",
                    place.ordinal,
                    Self::PAGE_ORDINALS_MAX - 1,
                )?;
                (page << 16) | ordinal
            }
        };
        let head = (i64::from(day.number()) << 47)
            | (i64::from(revision.number()) << 38)
            | (i64::from(dataset.number()) << 32);
        Ok(Self(head | (place << 4)))
    }

    /// The position of a correction of this record; 0 is the record as it was delivered.
    ///
    /// # Errors
    /// [`DomainError::Limit`] over [`Self::FIXES_MAX`].
    pub fn with_fix(self, number: u8) -> Result<Self, DomainError> {
        let number = limited(
            "corrections of a record",
            number.into(),
            Self::FIXES_MAX.into(),
        )?;
        Ok(Self(self.0 & !0xf | number))
    }

    /// The number of the correction; 0 for a record as it was delivered.
    #[must_use]
    pub fn fix(self) -> u8 {
        (self.0 & 0xf) as u8
    }

    /// The position of a whole delivery of a dataset: that of its record 0.
    #[must_use]
    pub fn of_delivery(self) -> Self {
        Self(self.0 & !0xffff_ffff)
    }

    /// As the database stores it.
    #[must_use]
    pub fn bits(self) -> i64 {
        self.0
    }

    /// From the database.
    #[must_use]
    pub fn from_bits(bits: i64) -> Self {
        Self(bits & i64::MAX)
    }

    /// The business day of the delivery.
    #[must_use]
    pub fn day(self) -> BusinessDay {
        BusinessDay::from_number((self.0 >> 47) as u16)
    }

    /// The revision within the day.
    #[must_use]
    pub fn revision(self) -> u16 {
        ((self.0 >> 38) & 0x1ff) as u16
    }

    /// The dataset's number in the mapping.
    #[must_use]
    pub fn dataset(self) -> u8 {
        ((self.0 >> 32) & 0x3f) as u8
    }

    /// The place in the delivery; `paged` says whether the dataset came in pages.
    #[must_use]
    pub fn place(self, paged: bool) -> Place {
        let packed = ((self.0 >> 4) & 0xfff_ffff) as u32;
        if paged {
            return Place {
                page: Some(packed >> 16),
                ordinal: u64::from(packed & 0xffff),
            };
        }
        Place {
            page: None,
            ordinal: packed.into(),
        }
    }
}

/// The greater version of a record wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Version {
    /// The record's own update time, or the end of its business day.
    pub source_version: Timestamp,
    /// The raw record.
    pub raw_position: RawPosition,
}

fn limited(what: &'static str, value: u64, limit: u64) -> Result<i64, DomainError> {
    if value > limit {
        return Err(DomainError::Limit { what, value, limit });
    }
    i64::try_from(value).map_err(|_| DomainError::Limit { what, value, limit })
}

#[cfg(test)]
mod tests {
    use super::{DatasetNumber, Place, RawPosition};
    use crate::Revision;

    fn at(day: &str, revision: u16, dataset: u64, page: Option<u32>, ordinal: u64) -> RawPosition {
        let dataset = DatasetNumber::try_from(dataset).unwrap();
        RawPosition::new(
            day.parse().unwrap(),
            Revision::new(revision).unwrap(),
            dataset,
            Place { page, ordinal },
        )
        .unwrap()
    }

    #[test]
    fn positions_order_by_day_then_revision_then_dataset_then_place() {
        let ordered = [
            at("1970-01-01", 1, 1, None, 0),
            at("2011-01-18", 1, 1, None, 268_435_455),
            at("2011-01-18", 1, 2, Some(1), 65_535),
            at("2011-01-18", 1, 2, Some(2), 0),
            at("2011-01-18", 2, 1, None, 0),
            at("2149-06-06", 511, 63, Some(4_095), 65_535),
        ];
        assert!(ordered.is_sorted());
        assert!(ordered.iter().all(|position| position.bits() > 0));
    }

    #[test]
    fn positions_are_read_back() {
        let position = at("2011-01-18", 3, 20, Some(7), 99);
        assert_eq!(position.day().to_string(), "2011-01-18");
        assert_eq!((position.revision(), position.dataset()), (3, 20));
        assert_eq!(
            position.place(true),
            Place {
                page: Some(7),
                ordinal: 99
            }
        );
        assert_eq!(RawPosition::from_bits(position.bits()), position);
        assert_eq!(position.of_delivery(), at("2011-01-18", 3, 20, None, 0));
    }

    #[test]
    fn a_correction_follows_its_record_and_precedes_the_next() {
        let record = at("2011-01-18", 3, 20, Some(7), 99);
        let last = record.with_fix(RawPosition::FIXES_MAX).unwrap();
        assert!(record < record.with_fix(1).unwrap() && record.with_fix(1).unwrap() < last);
        assert!(last < at("2011-01-18", 3, 20, Some(7), 100));
        assert_eq!((last.fix(), last.with_fix(0).unwrap()), (15, record));
        assert_eq!(last.place(true), record.place(true));
        assert_eq!(last.of_delivery(), record.of_delivery());
        assert!(record.with_fix(16).is_err());
    }

    #[test]
    fn limits_have_names() {
        let dataset = DatasetNumber::try_from(1).unwrap();
        let day = "2011-01-18".parse().unwrap();
        let place = Place {
            page: None,
            ordinal: 1 << 28,
        };
        let error = RawPosition::new(day, Revision::FIRST, dataset, place).unwrap_err();
        assert_eq!(
            error.to_string(),
            "records of an object 268435456 is over the limit of 268435455"
        );
        assert!(DatasetNumber::try_from(0).is_err() && DatasetNumber::try_from(64).is_err());
        assert!(Revision::new(512).is_err());
    }
}
