//! A day's files while they are written.

use std::collections::BTreeMap;

use catwing_domain::BusinessDay;
use serde::Serialize;

use crate::Dataset;

/// What one day brings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DayOfHistory {
    /// The business day.
    pub day: BusinessDay,
    /// Its files, first deliveries before second ones. A dataset that has nothing to say has none.
    pub files: Vec<DayFile>,
}

/// A file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DayFile {
    /// What it is a delivery of.
    pub dataset: Dataset,
    /// 1, or 2 for a second delivery of the dataset on this day.
    pub revision: u8,
    /// `sales_orders.json`, or `sales_orders.r2.json` for a second delivery of the day.
    pub name: String,
    /// Records in it, wrong ones among them.
    pub records: u64,
    /// A JSON array of canonical records, one a line.
    pub bytes: Vec<u8>,
}

/// The sheets of a day, by revision and dataset.
#[derive(Debug, Default)]
pub(crate) struct Sheets(BTreeMap<(u8, Dataset), Sheet>);

impl Sheets {
    /// The day's delivery of a dataset.
    pub(crate) fn of(&mut self, dataset: Dataset) -> &mut Sheet {
        self.0.entry((1, dataset)).or_default()
    }

    /// The day's second delivery of a dataset.
    pub(crate) fn again(&mut self, dataset: Dataset) -> &mut Sheet {
        self.0.entry((2, dataset)).or_default()
    }

    pub(crate) fn into_files(self) -> impl Iterator<Item = DayFile> {
        let written = |(_, sheet): &(_, Sheet)| sheet.records > 0;
        self.0
            .into_iter()
            .filter(written)
            .map(|((revision, dataset), sheet)| DayFile {
                dataset,
                revision,
                name: match revision {
                    1 => format!("{dataset}.json"),
                    _ => format!("{dataset}.r{revision}.json"),
                },
                records: sheet.records,
                bytes: sheet.into_bytes(),
            })
    }
}

/// Records, one a line.
#[derive(Debug, Default)]
pub(crate) struct Sheet {
    records: u64,
    bytes: Vec<u8>,
}

impl Sheet {
    pub(crate) fn push(&mut self, record: &impl Serialize) {
        self.begin();
        serde_json::to_writer(&mut self.bytes, record)
            .expect("records have text keys, and memory takes all bytes");
    }

    pub(crate) fn push_text(&mut self, record: &str) {
        self.begin();
        self.bytes.extend_from_slice(record.as_bytes());
    }

    /// Takes the last record off.
    pub(crate) fn pop(&mut self) -> Option<String> {
        let text = self.records().next_back()?.to_owned();
        self.bytes.truncate(self.bytes.len() - text.len() - 2);
        self.records -= 1;
        Some(text)
    }

    /// The records as text.
    pub(crate) fn records(&self) -> impl DoubleEndedIterator<Item = &str> {
        let text = std::str::from_utf8(&self.bytes).unwrap_or_default();
        text.strip_prefix("[\n")
            .unwrap_or_default()
            .lines()
            .map(|line| line.strip_suffix(',').unwrap_or(line))
    }

    fn begin(&mut self) {
        let mark: &[u8] = if self.records == 0 { b"[\n" } else { b",\n" };
        self.bytes.extend_from_slice(mark);
        self.records += 1;
    }

    fn into_bytes(mut self) -> Vec<u8> {
        self.bytes.extend_from_slice(b"\n]\n");
        self.bytes
    }
}

/// A record as the text that a sheet has of it.
pub(crate) fn text_of(record: &impl Serialize) -> String {
    serde_json::to_string(record).expect("records have text keys")
}

#[cfg(test)]
mod tests {
    use super::Sheets;
    use crate::Dataset;

    #[test]
    fn records_stand_one_a_line_and_can_be_taken_off() {
        let mut sheets = Sheets::default();
        let sheet = sheets.of(Dataset::Products);
        for number in 1..=3 {
            sheet.push(&number);
        }
        assert_eq!(sheet.pop().as_deref(), Some("3"));
        sheet.push_text("4");
        assert_eq!(sheet.records().collect::<Vec<_>>(), ["1", "2", "4"]);
        sheets.again(Dataset::Products).push(&5);
        sheets.of(Dataset::Customers);
        let files: Vec<_> = sheets.into_files().collect();
        let names: Vec<_> = files.iter().map(|file| file.name.as_str()).collect();
        assert_eq!(names, ["products.json", "products.r2.json"]);
        assert_eq!(files[0].bytes, b"[\n1,\n2,\n4\n]\n");
        assert_eq!(files[0].records, 3);
    }
}
