//! What a page says of itself and of the pages to come, read without holding it.

use std::{
    cell::RefCell,
    fmt,
    fs::File,
    io::{BufRead, BufReader},
    path::Path,
};

use catwing_domain::tenant_file::{DatasetFile, FetchFile, FormatFile};
use serde_json::error::Category;

use super::scan::Scan;

const READ_BYTES: usize = 128 << 10;
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// What a page says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct PageFacts {
    /// Records in it; none where its format is not looked into.
    pub records: Option<u64>,
    /// Records of all pages.
    pub total: Option<u64>,
    /// How many pages there are.
    pub pages: Option<u64>,
    /// Whether a page follows.
    pub next: Next,
}

/// What a page says of the one after it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Next {
    /// There is none.
    #[default]
    None,
    /// It is there.
    Link(String),
    /// There is one; where it is, is not said.
    Some,
}

/// Where in a page its facts stand.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    /// The path to the records; none where the format is not JSON.
    pub records: Option<String>,
    pub total: Option<String>,
    pub pages: Option<String>,
    pub next: Option<String>,
}

/// Why a page can't be read.
#[derive(Debug)]
pub(super) enum Unreadable {
    /// It ends in the middle.
    Cut,
    /// It is not what it should be.
    Wrong(String),
    /// The file can't be read.
    File(std::io::Error),
}

impl Layout {
    pub fn of(dataset: &DatasetFile, fetch: &FetchFile) -> Self {
        let records = match &dataset.format {
            FormatFile::Json { records } => Some(records.clone()),
            _ => None,
        };
        Self {
            records,
            total: fetch.total.clone(),
            pages: fetch.pages.clone(),
            next: fetch.next.clone(),
        }
    }

    /// Reads a page's facts from a file, on the calling thread.
    pub fn read(&self, path: &Path) -> Result<PageFacts, Unreadable> {
        let Some(records) = &self.records else {
            return Ok(PageFacts::default());
        };
        let file = File::open(path).map_err(Unreadable::File)?;
        let mut reader = BufReader::with_capacity(READ_BYTES, file);
        let start = reader.fill_buf().map_err(Unreadable::File)?;
        if start.starts_with(BYTE_ORDER_MARK) {
            reader.consume(BYTE_ORDER_MARK.len());
        }
        let found = RefCell::new(Found::default());
        let wanted = [
            (Some(records), Fact::Records),
            (self.total.as_ref(), Fact::Total),
            (self.pages.as_ref(), Fact::Pages),
            (self.next.as_ref(), Fact::Next),
        ];
        let scan = Scan::new(wanted, &found);
        let mut document = serde_json::Deserializer::from_reader(reader);
        let read = scan.document(&mut document).and_then(|()| document.end());
        if let Err(error) = read {
            return Err(match error.classify() {
                Category::Eof => Unreadable::Cut,
                Category::Io => Unreadable::File(error.into()),
                Category::Syntax | Category::Data => {
                    Unreadable::Wrong(format!("it is no JSON document: {error}"))
                }
            });
        }
        found.into_inner().facts(records)
    }
}

/// What may be found in a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fact {
    Records,
    Total,
    Pages,
    Next,
}

/// What was found, as it stands there.
#[derive(Debug, Default)]
pub(super) struct Found {
    records: Option<u64>,
    total: Option<Value>,
    pages: Option<Value>,
    next: Option<Value>,
}

/// A value that stands for a fact.
#[derive(Clone, Debug)]
pub(super) enum Value {
    Null,
    Bool(bool),
    Count(u64),
    Text(String),
    /// A number that counts nothing, a list, an object.
    Other,
}

impl Found {
    pub fn note(&mut self, fact: Fact, value: Value) {
        match fact {
            Fact::Records => self.records = None,
            Fact::Total => self.total = Some(value),
            Fact::Pages => self.pages = Some(value),
            Fact::Next => self.next = Some(value),
        }
    }

    pub fn list(&mut self, fact: Fact, elements: u64) {
        match fact {
            Fact::Records => self.records = Some(elements),
            _ => self.note(fact, Value::Other),
        }
    }

    fn facts(self, records: &str) -> Result<PageFacts, Unreadable> {
        let Some(count) = self.records else {
            let place = if records.is_empty() {
                "it is no list of records".to_owned()
            } else {
                format!("it has no list of records at {records:?}")
            };
            return Err(Unreadable::Wrong(place));
        };
        Ok(PageFacts {
            records: Some(count),
            total: counted(self.total, "total of records")?,
            pages: counted(self.pages, "number of pages")?,
            next: match self.next {
                None | Some(Value::Null | Value::Bool(false)) => Next::None,
                Some(Value::Text(text)) if text.trim().is_empty() => Next::None,
                Some(Value::Text(text)) => Next::Link(text),
                Some(Value::Bool(true) | Value::Count(_)) => Next::Some,
                Some(Value::Other) => {
                    let message = "what it says of the next page is neither a link nor null";
                    return Err(Unreadable::Wrong(message.to_owned()));
                }
            },
        })
    }
}

fn counted(value: Option<Value>, what: &str) -> Result<Option<u64>, Unreadable> {
    let refused = |value: &dyn fmt::Debug| {
        Err(Unreadable::Wrong(format!(
            "its {what} is no whole number: {value:?}"
        )))
    };
    match value {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Count(count)) => Ok(Some(count)),
        Some(Value::Text(text)) => match text.trim().parse() {
            Ok(count) => Ok(Some(count)),
            Err(_) => refused(&text),
        },
        Some(other) => refused(&other),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::{Layout, Next, PageFacts, Unreadable};

    fn read(records: &str, text: &[u8]) -> Result<PageFacts, Unreadable> {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(text).unwrap();
        let path = |text: &str| Some(text.to_owned());
        let layout = Layout {
            records: path(records),
            total: path("meta.total"),
            pages: path("meta.pages"),
            next: path("next"),
        };
        layout.read(file.path())
    }

    fn facts(records: u64, total: Option<u64>, next: Next) -> PageFacts {
        PageFacts {
            records: Some(records),
            total,
            pages: None,
            next,
        }
    }

    #[test]
    fn facts_are_found_wherever_they_stand() {
        let page =
            br#"{"data": {"rows": [1, {"rows": []}, [3]]}, "meta": {"total": "7", "x": [{}]},
            "next": "/p2", "total": 9}"#;
        assert_eq!(
            read("data.rows", page).unwrap(),
            facts(3, Some(7), Next::Link("/p2".into()))
        );
        let bare = read("", b"\xef\xbb\xbf[{}, {}]").unwrap();
        assert_eq!(bare, facts(2, None, Next::None));
        for (next, expected) in [
            ("null", Next::None),
            ("\"\"", Next::None),
            ("false", Next::None),
            ("2", Next::Some),
            ("true", Next::Some),
        ] {
            let page = format!("{{\"rows\": [], \"next\": {next}}}");
            assert_eq!(
                read("rows", page.as_bytes()).unwrap(),
                facts(0, None, expected)
            );
        }
    }

    #[test]
    fn what_is_no_page_is_told() {
        let wrong = |text: &[u8]| match read("rows", text) {
            Err(Unreadable::Wrong(told)) => told,
            other => panic!("{other:?}"),
        };
        assert!(wrong(b"<html>busy</html>").contains("no JSON"));
        assert!(wrong(br#"{"error": "busy"}"#).contains("\"rows\""));
        assert!(wrong(br#"{"rows": {}}"#).contains("\"rows\""));
        assert!(wrong(br#"{"rows": []} {}"#).contains("no JSON"));
        assert!(wrong(br#"{"rows": [], "meta": {"total": -1}}"#).contains("total"));
        assert!(wrong(br#"{"rows": [], "meta": {"pages": "many"}}"#).contains("many"));
        assert!(wrong(br#"{"rows": [], "next": {}}"#).contains("next page"));
        let deep = [b"{\"rows\": [".as_slice(), &vec![b'['; 100_000]].concat();
        assert!(matches!(read("rows", &deep), Err(Unreadable::Cut)));
        for cut in [b"".as_slice(), b"{\"rows\": [1, ", b"{\"rows\": [1]"] {
            assert!(matches!(read("rows", cut), Err(Unreadable::Cut)));
        }
    }
}
