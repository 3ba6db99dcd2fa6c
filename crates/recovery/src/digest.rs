//! Digests of a tenant's database: equal where every raw and derived row is equal.
//!
//! `docs/DIGEST.md` defines them. They find accidents, by design not adversaries: sums of 64-bit
//! hashes can be forged by one who may choose the rows.

mod compare;
mod encoding;
mod read;
mod rows;

use std::{collections::BTreeMap, fmt, str::FromStr};

use catwing_domain::{BusinessDay, TenantId};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

pub use compare::{Comparison, DayDifference, TableDifference, compare};
pub use read::{digest, digest_and_ledger, digest_at, digest_in};
pub use rows::{ColumnDifference, HeldBy, RowDifference, RowsOf, differing_rows};

/// The version of the encoding of rows; digests of different ones can't be compared.
pub const ENCODING_VERSION: u32 = 1;

/// What a tenant's database holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TenantDigest {
    /// The tenant.
    pub client: TenantId,
    /// SHA-256 over the lines of all tables, hex.
    pub digest: String,
    /// The version of the encoding of rows.
    pub encoding_version: u32,
    /// The versions of transform that the applied deliveries went through; one, unless a rebuild
    /// is due.
    pub transform_versions: Vec<i32>,
    /// SHA-256 of each mapping that the applied deliveries went through, in order.
    pub mappings: Vec<String>,
    /// Every table of the classes raw and derived.
    pub tables: BTreeMap<String, TableDigest>,
}

/// What a table holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableDigest {
    /// How many rows.
    pub rows: u64,
    /// The sum of their hashes.
    pub digest: RowSum,
    /// The same for each business day that rows came from, where that was asked for.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub days: BTreeMap<BusinessDay, DayDigest>,
}

/// What a table holds of one business day: of the raw records that the winning versions came from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayDigest {
    /// How many rows.
    pub rows: u64,
    /// The sum of their hashes.
    pub digest: RowSum,
}

/// A sum of 128-bit row hashes, each half modulo 2^64, written as 32 hex digits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RowSum {
    first: u64,
    second: u64,
}

impl TenantDigest {
    /// The same digest as it is shown and saved where no walk down to days is wanted.
    #[must_use]
    pub fn without_days(mut self) -> Self {
        for table in self.tables.values_mut() {
            table.days.clear();
        }
        self
    }

    /// SHA-256 over one line a table in the order of names, after a line that names the encoding.
    fn of_tables(tables: &BTreeMap<String, TableDigest>) -> String {
        let mut hasher = Sha256::new();
        hasher.update(format!("catwing digest {ENCODING_VERSION}\n"));
        for (name, table) in tables {
            hasher.update(format!("{name} {} {}\n", table.rows, table.digest));
        }
        hex::encode(hasher.finalize())
    }
}

impl RowSum {
    /// The sum of two sets of rows together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            first: self.first.wrapping_add(other.first),
            second: self.second.wrapping_add(other.second),
        }
    }

    /// From the server's exact sums of signed 64-bit hashes: their low 64 bits are the sum modulo 2^64.
    fn from_exact(first: i128, second: i128) -> Self {
        Self {
            first: first as u64,
            second: second as u64,
        }
    }
}

impl fmt::Display for RowSum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}{:016x}", self.first, self.second)
    }
}

impl FromStr for RowSum {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
        let refused = || format!("{text:?} is not a digest: expected 32 hex digits");
        if text.len() != 32 || !text.bytes().all(digits) {
            return Err(refused());
        }
        let bits = u128::from_str_radix(text, 16).map_err(|_| refused())?;
        Ok(Self {
            first: (bits >> 64) as u64,
            second: bits as u64,
        })
    }
}

impl TryFrom<String> for RowSum {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<RowSum> for String {
    fn from(sum: RowSum) -> Self {
        sum.to_string()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{DayDigest, RowSum, TableDigest, TenantDigest};

    #[test]
    fn sums_wrap_in_each_half_and_signs_do_not_matter() {
        let all = RowSum::from_exact(-1, -1);
        assert_eq!(all.to_string(), "f".repeat(32));
        assert_eq!(
            all.and(RowSum::from_exact(1, 0)).to_string(),
            format!("{}{}", "0".repeat(16), "f".repeat(16))
        );
        let big = (1 << 80) + 5;
        assert_eq!(RowSum::from_exact(big, -big), RowSum::from_exact(5, -5));
        assert_eq!(all.to_string().parse(), Ok(all));
        for text in ["", "f", &"F".repeat(32), &"+".repeat(32), &"0".repeat(33)] {
            assert!(text.parse::<RowSum>().is_err(), "{text:?} was taken");
        }
    }

    #[test]
    fn the_json_is_as_the_command_documents_it() {
        let digest = RowSum::from_exact(1, 2);
        let mut tables = BTreeMap::new();
        let days = BTreeMap::from([("2011-01-18".parse().unwrap(), DayDigest { rows: 3, digest })]);
        tables.insert(
            "sales_orders".to_owned(),
            TableDigest {
                rows: 3,
                digest,
                days,
            },
        );
        let whole = TenantDigest {
            client: "CW-000200".parse().unwrap(),
            digest: TenantDigest::of_tables(&tables),
            encoding_version: super::ENCODING_VERSION,
            transform_versions: vec![1],
            mappings: vec!["ab".into()],
            tables,
        };
        let text = serde_json::to_string(&whole).unwrap();
        assert_eq!(serde_json::from_str::<TenantDigest>(&text).unwrap(), whole);

        let short = serde_json::to_value(whole.clone().without_days()).unwrap();
        assert_eq!(
            short,
            serde_json::json!({
                "client": "CW-000200",
                "digest": "8f7d91707028016e2cc40fd13d305840d39e494c88cbc0ecac22bfed87797f81",
                "encoding_version": 1,
                "transform_versions": [1],
                "mappings": ["ab"],
                "tables": {"sales_orders": {"rows": 3, "digest": "00000000000000010000000000000002"}},
            })
        );
    }
}
