//! A source's record as it was delivered: a row of delimited text or a JSON value, and the paths
//! by which a mapping reaches into it.

use std::borrow::Cow;

use crate::{header::Header, spelling, value::Value};

/// A JSON value. Numbers keep their text, so that no float ever stands in between.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Node<'a> {
    Null,
    Bool(bool),
    Number(Cow<'a, str>),
    Text(Cow<'a, str>),
    List(Vec<Node<'a>>),
    Record(Vec<(Cow<'a, str>, Node<'a>)>),
}

impl<'a> Node<'a> {
    /// A single value as text.
    pub(crate) fn shown(&self) -> Option<Cow<'_, str>> {
        match self {
            Node::Bool(value) => Some(Cow::Borrowed(if *value { "true" } else { "false" })),
            Node::Number(text) | Node::Text(text) => Some(Cow::Borrowed(text)),
            Node::Null | Node::List(_) | Node::Record(_) => None,
        }
    }

    /// The value of a key of a record.
    pub(crate) fn get(&self, key: &str) -> Option<&Node<'a>> {
        match self {
            Node::Record(entries) => entries
                .iter()
                .find(|(name, _)| name == key)
                .map(|(_, node)| node),
            _ => None,
        }
    }

    /// Which key of a way is the first that is not there.
    fn lacks(&self, keys: &[String]) -> Option<String> {
        let (key, further) = keys.split_first()?;
        match (self, self.get(key)) {
            (_, Some(inner)) => inner.lacks(further),
            (Node::Record(entries), None) => {
                let names = entries.iter().map(|(name, _)| name.as_ref());
                let absent = spelling::absent("key", key, names);
                Some(format!("is required, and the record has {absent}"))
            }
            _ => None,
        }
    }

    /// As what a path leads to.
    pub(crate) fn found(&self) -> Found<'_> {
        match self {
            Node::Null => Found::Nothing,
            Node::Text(text) => Found::Text(text),
            Node::Number(text) => Found::Number(text),
            Node::Bool(value) => Found::Bool(*value),
            composite => Found::Composite(composite),
        }
    }

    fn at(&self, keys: &[String]) -> Option<&Node<'a>> {
        keys.iter().try_fold(self, |node, key| node.get(key))
    }
}

/// A path that a mapping names, interned per dataset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Path {
    /// As written, without leading `^`: a column's whole name.
    pub(crate) text: String,
    /// The keys to follow in JSON.
    pub(crate) keys: Vec<String>,
}

impl Path {
    pub(crate) fn new(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            keys: text.split('.').map(str::to_owned).collect(),
        }
    }
}

/// A path's index in its dataset's list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct PathId(pub(crate) usize);

/// One source record.
#[derive(Clone, Debug)]
pub(crate) enum SourceRecord<'a> {
    /// Fields of a row, and the columns that they are in.
    Row {
        fields: Vec<&'a str>,
        header: &'a Header,
    },
    /// A JSON value.
    Json(Node<'a>),
}

/// What a path leads to.
#[derive(Clone, Debug)]
pub(crate) enum Found<'r> {
    Nothing,
    Text(&'r str),
    Number(&'r str),
    Bool(bool),
    Composite(&'r Node<'r>),
}

impl<'r> Found<'r> {
    /// As a value.
    pub(crate) fn value(self) -> Value<'r> {
        match self {
            Found::Nothing => Value::Null,
            Found::Text(text) => Value::Text(Cow::Borrowed(text)),
            Found::Number(text) => Value::Number(Cow::Borrowed(text)),
            Found::Bool(value) => Value::Bool(value),
            Found::Composite(_) => Value::Composite,
        }
    }
}

/// A record in view, with the record around it.
#[derive(Clone, Copy)]
pub(crate) struct View<'v, 'r> {
    pub(crate) record: RecordView<'r>,
    pub(crate) around: Option<&'v View<'v, 'r>>,
    /// The lines of the document, for conditions over all of them.
    pub(crate) lines: &'v [RecordView<'r>],
}

impl<'v, 'r> View<'v, 'r> {
    /// A record with nothing around it and no lines.
    pub(crate) fn alone(record: &'r SourceRecord<'r>) -> Self {
        Self {
            record: RecordView::Source(record),
            around: None,
            lines: &[],
        }
    }

    /// A record in the view of this one.
    pub(crate) fn within(&'v self, record: RecordView<'r>) -> View<'v, 'r> {
        View {
            record,
            around: Some(self),
            lines: &[],
        }
    }

    /// The view from `up` records further out.
    pub(crate) fn outward(&self, up: usize) -> Option<&View<'v, 'r>> {
        (0..up).try_fold(self, |view, _| view.around)
    }
}

/// A record, or an element of a list in one.
#[derive(Clone, Copy)]
pub(crate) enum RecordView<'r> {
    Source(&'r SourceRecord<'r>),
    Node(&'r Node<'r>),
}

impl<'r> RecordView<'r> {
    pub(crate) fn find(self, paths: &[Path], id: PathId) -> Found<'r> {
        let node = match self {
            RecordView::Source(SourceRecord::Row { fields, header }) => {
                return header
                    .column(id.0)
                    .and_then(|column| fields.get(column))
                    .map_or(Found::Nothing, |text| Found::Text(text));
            }
            RecordView::Source(SourceRecord::Json(node)) | RecordView::Node(node) => node,
        };
        let found = paths.get(id.0).and_then(|path| node.at(&path.keys));
        found.map_or(Found::Nothing, Node::found)
    }

    /// The elements of the list at a path.
    pub(crate) fn elements(self, paths: &[Path], id: PathId) -> Vec<RecordView<'r>> {
        match self.find(paths, id) {
            Found::Composite(Node::List(nodes)) => nodes.iter().map(RecordView::Node).collect(),
            _ => Vec::new(),
        }
    }

    /// Why a path leads to nothing here, whatever stands there in other records: the file has no
    /// such column, or the record no such key.
    pub(crate) fn lacks(self, paths: &[Path], id: PathId) -> Option<String> {
        let path = paths.get(id.0)?;
        match self {
            RecordView::Source(SourceRecord::Row { header, .. }) => {
                let absent = header.column(id.0).is_none();
                absent.then(|| header.lacks(&path.text))
            }
            RecordView::Source(SourceRecord::Json(node)) | RecordView::Node(node) => {
                node.lacks(&path.keys)
            }
        }
    }
}
