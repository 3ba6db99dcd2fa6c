//! Takes down paths and mistakes while a dataset's mapping is compiled.

use catwing_domain::FieldType;

use crate::{
    drift::KnownKeys,
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
}

/// Takes down what the compiler finds.
pub(crate) struct Scribe<'m> {
    mistakes: &'m mut Vec<Mistake>,
    paths: Vec<Path>,
    known: KnownKeys,
    /// Keys that lead to the record whose fields are being compiled.
    prefix: Vec<String>,
    /// How many of those keys led to each of the records around it.
    around: Vec<usize>,
    /// What every_line, some_line and pick may ask of.
    lines: Lines,
    /// Whether a condition asked of all lines.
    asked_lines: bool,
}

impl<'m> Scribe<'m> {
    pub(crate) fn new(mistakes: &'m mut Vec<Mistake>) -> Self {
        Self {
            mistakes,
            paths: Vec::new(),
            known: KnownKeys::default(),
            prefix: Vec::new(),
            around: Vec::new(),
            lines: Lines::None,
            asked_lines: false,
        }
    }

    pub(crate) fn mistake(&mut self, at: &str, message: impl Into<String>) {
        self.mistakes.push(Mistake {
            at: at.to_owned(),
            message: message.into(),
        });
    }

    pub(crate) fn unknown(&mut self, at: &str, what: &str, name: &str, known: &[&str]) {
        let hint = match nearest(name, known.iter().copied()) {
            Some(close) => format!("did you mean {close:?}?"),
            None if known.is_empty() => "there is none".to_owned(),
            None => format!("there is {}", known.join(", ")),
        };
        self.mistake(at, format!("unknown {what} {name:?}: {hint}"));
    }

    /// Tells of every key of a table that is none of the known ones.
    pub(crate) fn only(&mut self, at: &str, table: &toml::Table, known: &[&str]) {
        for key in table.keys().filter(|key| !known.contains(&key.as_str())) {
            self.unknown(at, "setting", key, known);
        }
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
        let prefix = match self.around.get(level) {
            Some(keys) => self.prefix.get(..*keys).unwrap_or_default(),
            None => &self.prefix,
        };
        self.known.add(prefix.iter().chain(&path.keys));
        let known = self.paths.iter().position(|other| *other == path);
        let id = known.unwrap_or_else(|| {
            self.paths.push(path);
            self.paths.len() - 1
        });
        Some((PathId(id), up))
    }

    /// Compiles what lies in the records at a path of this one, or in rows of their own.
    pub(crate) fn within<T>(
        &mut self,
        path: Option<&str>,
        compile: impl FnOnce(&mut Self) -> T,
    ) -> T {
        let length = self.prefix.len();
        self.around.push(length);
        if let Some(path) = path {
            self.prefix.extend(path.split('.').map(str::to_owned));
        }
        // From within a line nobody sees the others.
        let lines = std::mem::take(&mut self.lines);
        let compiled = compile(self);
        self.lines = lines;
        self.prefix.truncate(length);
        self.around.pop();
        compiled
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

    /// Everything that was interned.
    pub(crate) fn into_paths(self) -> (Vec<Path>, KnownKeys) {
        (self.paths, self.known)
    }
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
