//! The one TOML file that describes a tenant: time zone, base currency, sources, and per dataset how
//! it is read and which entities it feeds. The fields of a feed are the mapping's own language, which
//! `transform` compiles; everything around them is plain data and stands here.

mod contract;
mod quality;
mod rest;
mod schedule;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{DatasetName, DatasetNumber, DomainError, TenantId, manifest::Completeness};

pub use contract::Contract;
pub use quality::{CheckFile, QualityFile, SeverityFile};
pub use rest::{
    ATTEMPTS, CONNECT_TIMEOUT_SECONDS, FETCH_BYTES_MAX, FETCHES, FetchFile, PAGE_BYTES_MAX,
    REQUEST_SECONDS_MAX, RETRY_AFTER_SECONDS_MAX, RestFile, TIMEOUT_SECONDS, address_problem,
};

pub use schedule::{ScheduleFile, ScheduledDay, ScheduledTime};

/// A tenant's file, as written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TenantFile {
    /// `CW-000200`.
    pub client: TenantId,
    /// The name that people know.
    pub name: String,
    /// IANA name; business days begin and end by it.
    pub time_zone: String,
    /// ISO 4217; records without a currency are in it, and so are statistics.
    pub base_currency: String,
    /// Part of every row key: empty, unless two natural keys ever met in one id.
    #[serde(default)]
    pub key_salt: String,
    /// What the quality gate is told besides its defaults.
    #[serde(default)]
    pub quality: QualityFile,
    /// Where data comes from.
    #[serde(default)]
    pub sources: BTreeMap<String, SourceFile>,
    /// What comes.
    #[serde(default)]
    pub datasets: BTreeMap<DatasetName, DatasetFile>,
    /// What becomes of fields that the mapping does not use, by entity; they are told of where absent.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub contracts: BTreeMap<String, Contract>,
}

/// A source of datasets.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum SourceFile {
    /// Files that `catwing raw import` or step 1 takes from a folder.
    Files {
        /// The folder that step 1 reads, `{date}` standing for the business day.
        #[serde(default)]
        folder: Option<String>,
    },
    /// A server that step 1 asks for the day's records, page by page.
    Rest(RestFile),
}

/// A dataset.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DatasetFile {
    /// 1 to 63, once and for all: it stands in every row's `raw_position`.
    pub number: DatasetNumber,
    /// The source's name.
    #[serde(default)]
    pub source: Option<String>,
    /// Names of files that belong to it, `*` standing for anything; the dataset's own name where absent.
    #[serde(default)]
    pub files: Vec<String>,
    /// What is asked of a REST source.
    #[serde(default)]
    pub fetch: Option<FetchFile>,
    /// Whether a delivery holds all there is.
    #[serde(default = "delta")]
    pub completeness: CompletenessFile,
    /// What a snapshot is complete for; empty for the whole dataset.
    #[serde(default)]
    pub scope: String,
    /// When it is expected; verification of the archive tells what is late. Nothing where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedule: Option<ScheduleFile>,
    /// How its bytes are read.
    #[serde(default)]
    pub format: FormatFile,
    /// The entities that it feeds; the entity of its own name, in canonical shape, where absent.
    #[serde(default)]
    pub feeds: BTreeMap<String, FeedFile>,
}

impl DatasetFile {
    /// The completeness that a manifest entry declares.
    #[must_use]
    pub fn completeness(&self) -> Completeness {
        match self.completeness {
            CompletenessFile::Snapshot => Completeness::Snapshot {
                scope: self.scope.clone(),
            },
            CompletenessFile::Delta => Completeness::Delta,
        }
    }
}

/// Whether a delivery holds all there is, or what changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CompletenessFile {
    /// Everything; what is absent is gone.
    Snapshot,
    /// Only what changed.
    Delta,
}

/// How a dataset's bytes are read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum FormatFile {
    /// Delimited text.
    Csv {
        /// One ASCII character.
        #[serde(default = "comma")]
        delimiter: char,
        /// One ASCII character.
        #[serde(default = "quote")]
        quote: char,
        /// A name that the WHATWG Encoding Standard knows: `utf-8`, `windows-1251`, `utf-16le`.
        #[serde(default = "utf_8")]
        encoding: String,
        /// The columns' names, where the files have no header row.
        #[serde(default)]
        columns: Vec<String>,
    },
    /// One JSON document with an array of records.
    Json {
        /// The path to the array; the document itself where absent.
        #[serde(default)]
        records: String,
    },
    /// A JSON record a line.
    Ndjson {},
}

impl Default for FormatFile {
    fn default() -> Self {
        Self::Json {
            records: String::new(),
        }
    }
}

/// How a dataset feeds an entity.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FeedFile {
    /// Rows that do not meet this condition make no record.
    #[serde(default, rename = "where")]
    pub only: Option<toml::Value>,
    /// The key of a document that is spread over rows: rows with one key are one document.
    #[serde(default)]
    pub document: Option<toml::Value>,
    /// Canonical field -> expression; the source's records are canonical already where absent.
    #[serde(default)]
    pub fields: Option<toml::Table>,
}

impl TenantFile {
    /// Reads a file's text.
    ///
    /// # Errors
    /// [`DomainError::TenantFile`] with line, column and the line itself.
    pub fn parse(text: &str) -> Result<Self, DomainError> {
        toml::from_str(text)
            .map_err(|error| DomainError::TenantFile(error.to_string().trim_end().to_owned()))
    }

    /// The dataset that a file of this name belongs to: by the patterns, else by the dataset's own name.
    #[must_use]
    pub fn dataset_of_file(&self, file_name: &str) -> Option<&DatasetName> {
        let by_pattern = self.datasets.iter().find(|(_, dataset)| {
            dataset
                .files
                .iter()
                .any(|pattern| matches_pattern(pattern.as_bytes(), file_name.as_bytes()))
        });
        let stem = file_name
            .split_once('.')
            .map_or(file_name, |(stem, _)| stem);
        by_pattern
            .or_else(|| {
                self.datasets
                    .iter()
                    .find(|(name, dataset)| dataset.files.is_empty() && name.as_str() == stem)
            })
            .map(|(name, _)| name)
    }
}

/// `*` stands for any characters; everything else for itself. Only the last star that was met is ever
/// tried again, so a pattern of many stars takes no longer than its length times that of the name.
fn matches_pattern(pattern: &[u8], name: &[u8]) -> bool {
    let (mut at, mut read) = (0, 0);
    let mut star = None;
    while read < name.len() {
        match pattern.get(at) {
            Some(b'*') => {
                star = Some((at, read));
                at += 1;
            }
            Some(byte) if name.get(read) == Some(byte) => {
                (at, read) = (at + 1, read + 1);
            }
            _ => {
                let Some((from, skipped)) = star else {
                    return false;
                };
                star = Some((from, skipped + 1));
                (at, read) = (from + 1, skipped + 1);
            }
        }
    }
    pattern.iter().skip(at).all(|byte| *byte == b'*')
}

fn delta() -> CompletenessFile {
    CompletenessFile::Delta
}

fn comma() -> char {
    ','
}

fn quote() -> char {
    '"'
}

fn utf_8() -> String {
    "utf-8".to_owned()
}

#[cfg(test)]
mod tests {
    use super::TenantFile;

    const FILE: &str = r#"
        client = "CW-000310"
        name = "Gifts"
        time_zone = "Europe/London"
        base_currency = "GBP"
        [datasets.sales]
        number = 20
        files = ["20??-*.csv", "20*.csv"]
        format = { type = "csv" }
        [datasets.products]
        number = 1
    "#;

    #[test]
    fn files_find_their_dataset() {
        let file = TenantFile::parse(FILE).unwrap();
        let dataset = |name: &str| {
            file.dataset_of_file(name)
                .map(|dataset| dataset.as_str().to_owned())
        };
        assert_eq!(dataset("2010-12-01.csv").as_deref(), Some("sales"));
        assert_eq!(dataset("products.json").as_deref(), Some("products"));
        assert_eq!(dataset("sales.csv"), None);
    }

    #[test]
    fn stars_stand_for_anything_and_many_of_them_cost_nothing() {
        let fits =
            |pattern: &str, name: &str| super::matches_pattern(pattern.as_bytes(), name.as_bytes());
        for (pattern, name) in [
            ("*", ""),
            ("**", "x"),
            ("a*c", "abcabc"),
            ("*ab", "aab"),
            ("a*b*c", "axbxbc"),
            ("", ""),
        ] {
            assert!(fits(pattern, name), "{pattern} {name}");
        }
        for (pattern, name) in [
            ("", "x"),
            ("a*", "ba"),
            ("a*c", "abcab"),
            ("*ab*", "a"),
            ("?", "x"),
        ] {
            assert!(!fits(pattern, name), "{pattern} {name}");
        }
        assert!(!fits(
            &"a*".repeat(500),
            &format!("{}b", "c".repeat(10_000))
        ));
        assert!(!fits(
            &format!("{}b", "a*".repeat(500)),
            &"a".repeat(10_000)
        ));
    }

    #[test]
    fn a_mistake_is_shown_where_it_stands() {
        let error = TenantFile::parse(&FILE.replace("number = 20", "nummer = 20"))
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("line 7") && error.contains("nummer") && error.contains("number"),
            "{error}"
        );
        let error = TenantFile::parse(&FILE.replace("number = 20", "number = 64"))
            .unwrap_err()
            .to_string();
        assert!(error.contains("dataset number 64 is not valid"), "{error}");
    }
}
