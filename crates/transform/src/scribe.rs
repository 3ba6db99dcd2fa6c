//! Takes down paths and mistakes while a dataset's mapping is compiled.

use std::collections::{BTreeMap, BTreeSet};

use catwing_domain::{DatasetName, FieldType};

use crate::{
    drift::KnownKeys,
    join::Join,
    lookup::LookupPlan,
    source::{Path, PathId},
    spelling::nearest,
};

/// One mistake in a tenant's file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// Where: `datasets.sales.feeds.sales_orders.fields.qty`.
    pub at: String,
    /// What is wrong and what would be right.
    pub message: String,
}

impl std::fmt::Display for Mistake {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.at, self.message)
    }
}

/// What the lines of a document are, seen from its header.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Lines {
    /// There are none, or nobody can see them from here.
    #[default]
    None,
    /// The rows that share its key.
    Rows,
    /// The elements at a path.
    Each(String),
    /// Rows of another dataset that share its key.
    Joined(DatasetName),
}

/// What a mapping asks of a dataset's records.
#[derive(Debug, Default)]
pub(crate) struct Asked {
    /// The paths that it names.
    pub(crate) paths: BTreeSet<PathId>,
    /// The same, as they nest.
    pub(crate) keys: KnownKeys,
}

/// The way to a record around the one whose fields are being compiled.
struct Around {
    dataset: DatasetName,
    prefix: Vec<String>,
}

/// Takes down what the compiler finds.
pub(crate) struct Scribe<'m> {
    mistakes: &'m mut Vec<Mistake>,
    /// Every dataset of the file.
    datasets: Vec<DatasetName>,
    paths: Vec<Path>,
    asked: BTreeMap<DatasetName, Asked>,
    /// Indexes that records are looked up in.
    pub(crate) lookups: Vec<LookupPlan>,
    /// The dataset that is being compiled, and the one whose records expressions are about.
    owner: DatasetName,
    dataset: DatasetName,
    /// Keys that lead to the record whose fields are being compiled.
    prefix: Vec<String>,
    /// The same for each of the records around it.
    around: Vec<Around>,
    /// What every_line, some_line and pick may ask of.
    lines: Lines,
    /// Whether a condition asked of all lines.
    asked_lines: bool,
    /// The lines of the record that are rows of another dataset.
    join: Option<Join>,
    /// The indexes that the record's values are looked up in.
    looked_up: BTreeSet<usize>,
    /// How many things around what is compiled say that the source need not have it.
    perhaps: usize,
}

impl<'m> Scribe<'m> {
    /// For a file of these datasets; the first one is begun.
    pub(crate) fn new(
        mistakes: &'m mut Vec<Mistake>,
        datasets: Vec<DatasetName>,
        first: DatasetName,
    ) -> Self {
        Self {
            mistakes,
            datasets,
            paths: Vec::new(),
            asked: BTreeMap::new(),
            lookups: Vec::new(),
            owner: first.clone(),
            dataset: first,
            prefix: Vec::new(),
            around: Vec::new(),
            lines: Lines::None,
            asked_lines: false,
            join: None,
            looked_up: BTreeSet::new(),
            perhaps: 0,
        }
    }

    /// Begins another dataset.
    pub(crate) fn begin(&mut self, dataset: &DatasetName) {
        self.owner = dataset.clone();
        self.dataset = dataset.clone();
    }

    /// The dataset that is being compiled.
    pub(crate) fn owner(&self) -> &DatasetName {
        &self.owner
    }

    pub(crate) fn mistake(&mut self, at: &str, message: impl Into<String>) {
        self.mistakes.push(Mistake {
            at: at.to_owned(),
            message: message.into(),
        });
    }

    pub(crate) fn unknown(&mut self, at: &str, what: &str, name: &str, known: &[&str]) {
        self.mistake(at, unknown(what, name, known));
    }

    /// Whether no mistake was met so far.
    pub(crate) fn is_good(&self) -> bool {
        self.mistakes.is_empty()
    }

    /// Tells of every key of a table that is none of the known ones.
    pub(crate) fn only(&mut self, at: &str, table: &toml::Table, known: &[&str]) {
        for key in table.keys().filter(|key| !known.contains(&key.as_str())) {
            self.unknown(at, "setting", key, known);
        }
    }

    /// Another dataset of the file, by its name.
    pub(crate) fn partner(&mut self, at: &str, name: &str) -> Option<DatasetName> {
        let known = self.datasets.iter().find(|known| known.as_str() == name);
        let Some(partner) = known.cloned() else {
            let known: Vec<_> = self
                .datasets
                .iter()
                .map(|known| known.to_string())
                .collect();
            let known: Vec<_> = known.iter().map(String::as_str).collect();
            self.unknown(at, "dataset", name, &known);
            return None;
        };
        if partner == self.owner {
            self.mistake(at, "is this dataset itself: name another one");
            return None;
        }
        self.asked.entry(partner.clone()).or_default();
        Some(partner)
    }

    /// Interns a path; each `^` before it goes one record further out.
    pub(crate) fn path(&mut self, at: &str, text: &str) -> Option<(PathId, usize)> {
        let bare = text.trim_start_matches('^');
        let up = text.len() - bare.len();
        if bare.is_empty() {
            self.mistake(at, "a path can't be empty: name a column or a key");
            return None;
        }
        let depth = self.around.len();
        let Some(level) = depth.checked_sub(up) else {
            let count = match depth {
                0 => "there is no record around it".to_owned(),
                1 => "there is one record around it".to_owned(),
                _ => format!("there are {depth} records around it"),
            };
            self.mistake(at, format!("{text:?} leads out of the record: {count}"));
            return None;
        };
        let path = Path::new(bare);
        let known = self.paths.iter().position(|other| *other == path);
        let id = PathId(known.unwrap_or(self.paths.len()));
        let (dataset, prefix) = match self.around.get(level) {
            Some(around) => (&around.dataset, &around.prefix),
            None => (&self.dataset, &self.prefix),
        };
        let asked = self.asked.entry(dataset.clone()).or_default();
        asked.paths.insert(id);
        let is_expected = self.perhaps == 0;
        asked.keys.add(prefix.iter().chain(&path.keys), is_expected);
        if known.is_none() {
            self.paths.push(path);
        }
        Some((id, up))
    }

    /// Compiles what a source need not have: another value stands in, or the file does not name it.
    pub(crate) fn perhaps<T>(&mut self, is_so: bool, compile: impl FnOnce(&mut Self) -> T) -> T {
        self.perhaps += usize::from(is_so);
        let compiled = compile(self);
        self.perhaps -= usize::from(is_so);
        compiled
    }

    /// Compiles what lies in the records at a path of this one, or in rows of their own.
    pub(crate) fn within<T>(
        &mut self,
        path: Option<&str>,
        compile: impl FnOnce(&mut Self) -> T,
    ) -> T {
        let mut prefix = self.prefix.clone();
        if let Some(path) = path {
            prefix.extend(path.split('.').map(str::to_owned));
        }
        self.inward(self.dataset.clone(), prefix, compile)
    }

    /// Compiles what lies in rows of another dataset that are lines of this record.
    pub(crate) fn within_rows_of<T>(
        &mut self,
        dataset: &DatasetName,
        compile: impl FnOnce(&mut Self) -> T,
    ) -> T {
        self.inward(dataset.clone(), Vec::new(), compile)
    }

    fn inward<T>(
        &mut self,
        dataset: DatasetName,
        prefix: Vec<String>,
        compile: impl FnOnce(&mut Self) -> T,
    ) -> T {
        self.around.push(Around {
            dataset: std::mem::replace(&mut self.dataset, dataset),
            prefix: std::mem::replace(&mut self.prefix, prefix),
        });
        // From within a line nobody sees the others.
        let lines = std::mem::take(&mut self.lines);
        let compiled = compile(self);
        self.lines = lines;
        if let Some(Around { dataset, prefix }) = self.around.pop() {
            (self.dataset, self.prefix) = (dataset, prefix);
        }
        compiled
    }

    /// Compiles what is asked of another dataset's records by themselves.
    pub(crate) fn apart<T>(
        &mut self,
        dataset: &DatasetName,
        compile: impl FnOnce(&mut Self) -> T,
    ) -> T {
        let around = std::mem::take(&mut self.around);
        let lines = std::mem::take(&mut self.lines);
        let outer = std::mem::replace(&mut self.dataset, dataset.clone());
        let prefix = std::mem::take(&mut self.prefix);
        let compiled = compile(self);
        (self.dataset, self.prefix) = (outer, prefix);
        (self.around, self.lines) = (around, lines);
        compiled
    }

    /// Whether the record that is being compiled is one of its own, and no line of another.
    pub(crate) fn is_outermost(&self) -> bool {
        self.around.is_empty()
    }

    /// Compiles what may ask of all lines of the document.
    pub(crate) fn with_lines<T>(
        &mut self,
        lines: Lines,
        compile: impl FnOnce(&mut Self) -> T,
    ) -> T {
        let before = std::mem::replace(&mut self.lines, lines);
        let compiled = compile(self);
        self.lines = before;
        compiled
    }

    /// A condition asks of all lines: what they are, or a mistake.
    pub(crate) fn ask_lines(&mut self, at: &str, name: &str) -> Lines {
        if self.lines == Lines::None {
            let help = "asks of all lines of a document: only fields of its header can";
            self.mistake(at, format!("{name} {help}"));
        }
        self.asked_lines = true;
        self.lines.clone()
    }

    /// A field picks among the rows of its document.
    pub(crate) fn ask_rows(&mut self, at: &str) {
        if self.lines != Lines::Rows {
            let help = "pick goes with fields of a document's header whose lines are rows";
            self.mistake(at, help);
        }
    }

    /// Whether any condition asked of all lines since this was last called.
    pub(crate) fn take_asked_lines(&mut self) -> bool {
        std::mem::take(&mut self.asked_lines)
    }

    /// The lines of the record are rows of another dataset.
    pub(crate) fn join(&mut self, join: Join) {
        self.join = Some(join);
    }

    /// The other dataset whose rows are lines of the record that was compiled.
    pub(crate) fn take_join(&mut self) -> Option<Join> {
        self.join.take()
    }

    /// A value is looked up in an index.
    pub(crate) fn look_up(&mut self, lookup: usize) {
        self.looked_up.insert(lookup);
    }

    /// The indexes that the record which was compiled looks values up in.
    pub(crate) fn take_looked_up(&mut self) -> BTreeSet<usize> {
        std::mem::take(&mut self.looked_up)
    }

    /// Everything that was interned.
    pub(crate) fn into_asked(self) -> (Vec<Path>, BTreeMap<DatasetName, Asked>, Vec<LookupPlan>) {
        (self.paths, self.asked, self.lookups)
    }
}

/// What is said of a name that there is none of.
pub(crate) fn unknown(what: &str, name: &str, known: &[&str]) -> String {
    let hint = match nearest(name, known.iter().copied()) {
        Some(close) => format!("did you mean {close:?}?"),
        None if known.is_empty() => "there is none".to_owned(),
        None => format!("there is {}", known.join(", ")),
    };
    format!("unknown {what} {name:?}: {hint}")
}

/// How a type is called where a mistake speaks of it.
pub(crate) fn called(ty: FieldType) -> &'static str {
    match ty {
        FieldType::Text(_) => "a text",
        FieldType::Identifier => "an identifier",
        FieldType::Label => "a word",
        FieldType::Word(_) => "one of a few words",
        FieldType::Date => "a date",
        FieldType::Instant => "an instant",
        FieldType::Money => "money",
        FieldType::Quantity => "a quantity",
        FieldType::Rate => "a rate",
        FieldType::Count => "a count",
        FieldType::Bool => "true or false",
        FieldType::Currency => "a currency",
        FieldType::Factor => "a rate of exchange",
        FieldType::Real => "a number",
        FieldType::Language => "a language",
        FieldType::Labels => "a list of words",
        FieldType::Attributes => "texts by name",
        FieldType::Record(_) => "a record",
        FieldType::List(_) => "a list",
    }
}
