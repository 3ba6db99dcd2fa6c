//! What a history tells, read back from its files.

use std::collections::BTreeMap;

use catwing_simulator::{Dataset, History, Settings, Totals};
use rust_decimal::Decimal;
use serde_json::Value;

use crate::shape;

/// A record and where it stood: places grow with day, revision and position.
#[derive(Clone, Debug)]
pub struct Told {
    pub day: String,
    pub revision: u8,
    pub place: (String, u8, usize),
    pub record: Value,
}

/// A whole history.
pub struct Book {
    /// Records in the right shape, by dataset, in the order in which they were told.
    pub good: BTreeMap<Dataset, Vec<Told>>,
    /// Records in a wrong one, with the reason.
    pub refused: BTreeMap<Dataset, Vec<(Told, String)>>,
    /// Records of all kinds.
    pub records: BTreeMap<Dataset, u64>,
    /// Days with a delivery of a dataset, and its newest revision.
    pub newest: BTreeMap<(Dataset, String), u8>,
    pub days: Vec<String>,
    pub totals: Totals,
}

impl Book {
    pub fn read(settings: Settings) -> Self {
        let days = usize::from(settings.days);
        Self::first_days(settings, days)
    }

    /// The first days of a history that goes on.
    pub fn first_days(settings: Settings, days: usize) -> Self {
        let mut history = History::new(settings);
        let mut book = Self {
            good: BTreeMap::new(),
            refused: BTreeMap::new(),
            records: BTreeMap::new(),
            newest: BTreeMap::new(),
            days: Vec::new(),
            totals: Totals::default(),
        };
        for day in history.by_ref().take(days) {
            let date = day.day.to_string();
            book.days.push(date.clone());
            for file in day.files {
                let records: Vec<Value> = serde_json::from_slice(&file.bytes).expect("JSON");
                assert_eq!(records.len() as u64, file.records, "{}", file.name);
                *book.records.entry(file.dataset).or_default() += file.records;
                let newest = book.newest.entry((file.dataset, date.clone())).or_default();
                *newest = file.revision.max(*newest);
                for (position, record) in records.into_iter().enumerate() {
                    let told = Told {
                        day: date.clone(),
                        revision: file.revision,
                        place: (date.clone(), file.revision, position),
                        record,
                    };
                    match shape::refusal(file.dataset, &told.record) {
                        None => book.good.entry(file.dataset).or_default().push(told),
                        Some(why) => {
                            let refused = book.refused.entry(file.dataset).or_default();
                            refused.push((told, why));
                        }
                    }
                }
            }
        }
        book.totals = history.totals();
        book
    }

    pub fn good(&self, dataset: Dataset) -> &[Told] {
        self.good.get(&dataset).map_or(&[], Vec::as_slice)
    }

    /// The versions of each document, the newest last.
    pub fn versions(&self, dataset: Dataset) -> BTreeMap<String, Vec<&Told>> {
        let mut documents: BTreeMap<String, Vec<&Told>> = BTreeMap::new();
        for told in self.good(dataset) {
            let key = text(&told.record, "external_id").to_owned();
            documents.entry(key).or_default().push(told);
        }
        for versions in documents.values_mut() {
            versions.sort_by_key(|told| {
                let at = text(&told.record, "updated_at").to_owned();
                (at, told.place.clone())
            });
        }
        documents
    }

    /// The newest version of each document.
    pub fn documents(&self, dataset: Dataset) -> Vec<Value> {
        let newest = |versions: Vec<&Told>| versions.last().map(|told| told.record.clone());
        let documents = self.versions(dataset).into_values();
        documents.filter_map(newest).collect()
    }
}

pub fn text<'a>(record: &'a Value, field: &str) -> &'a str {
    record[field].as_str().unwrap_or_default()
}

/// A number, which may be told as text; nothing is zero.
pub fn number(value: &Value) -> Decimal {
    match value {
        Value::Null => Decimal::ZERO,
        Value::String(text) => text.parse().expect("a number"),
        other => other.to_string().parse().expect("a number"),
    }
}

pub fn list<'a>(record: &'a Value, field: &str) -> &'a [Value] {
    record[field].as_array().map_or(&[], Vec::as_slice)
}
