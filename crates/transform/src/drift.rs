//! Fields that a source has and its mapping does not use, and fields that the mapping names and no
//! record of the source has.

use std::{borrow::Cow, collections::BTreeSet};

use catwing_domain::{DRIFT_FIELDS_MAX, Drift, DriftField, DriftKind, DriftSeen, Entity};

use crate::{canonical::shortened, delivery::RecordPlace, source::Node};

/// Characters of a name that are told.
const NAME_CHARS_MAX: usize = 200;
/// Unknown fields of one record that its refusal tells of.
const UNKNOWN_MAX: usize = 20;

/// The keys that a mapping uses, as they nest in a record, in the order in which it names them.
#[derive(Debug, Default)]
pub(crate) struct KnownKeys {
    keys: Vec<(String, KnownKeys)>,
    /// Whether the mapping names this very path, and has nothing for records without it.
    is_expected: bool,
    /// Its place among all keys of the dataset.
    number: usize,
}

/// A field of a record that the mapping does not use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unknown {
    pub(crate) path: String,
    pub(crate) value: Option<String>,
}

/// Which keys of a dataset the records of an object had.
#[derive(Debug, Default)]
pub(crate) struct SeenKeys {
    /// By number: whether a record had the key.
    had: Vec<bool>,
    /// By number: whether there was a record below it that could have had the keys within.
    entered: Vec<bool>,
}

impl SeenKeys {
    fn mark(marks: &mut Vec<bool>, number: usize) {
        if marks.len() <= number {
            marks.resize(number + 1, false);
        }
        if let Some(mark) = marks.get_mut(number) {
            *mark = true;
        }
    }

    /// Takes over what the records of another object had.
    pub(crate) fn join(&mut self, other: &Self) {
        for (marks, others) in [
            (&mut self.had, &other.had),
            (&mut self.entered, &other.entered),
        ] {
            let numbers = others.iter().enumerate().filter(|(_, mark)| **mark);
            numbers.for_each(|(number, _)| Self::mark(marks, number));
        }
    }

    fn has(marks: &[bool], number: usize) -> bool {
        marks.get(number).copied().unwrap_or_default()
    }
}

impl KnownKeys {
    /// Takes down a path from the record's root.
    pub(crate) fn add<'k>(
        &mut self,
        keys: impl IntoIterator<Item = &'k String>,
        is_expected: bool,
    ) {
        let mut here = self;
        for key in keys {
            let at = match here.keys.iter().position(|(known, _)| known == key) {
                Some(at) => at,
                None => {
                    here.keys.push((key.clone(), Self::default()));
                    here.keys.len() - 1
                }
            };
            here = &mut here.keys[at].1;
        }
        here.is_expected |= is_expected;
    }

    /// Numbers all keys, once they are known.
    pub(crate) fn numbered(mut self) -> Self {
        self.number_from(&mut 0);
        self
    }

    fn number_from(&mut self, next: &mut usize) {
        self.number = *next;
        *next += 1;
        for (_, known) in &mut self.keys {
            known.number_from(next);
        }
    }

    /// Where a key is among those that are known. Records tend to have their keys in the order of the
    /// mapping, so it is looked for from behind the one before it on.
    fn find(&self, key: &str, from: usize) -> Option<(usize, &Self)> {
        let (before, behind) = self
            .keys
            .split_at_checked(from)
            .unwrap_or((&self.keys, &[]));
        let known = |keys: &'_ [(String, Self)]| keys.iter().position(|(known, _)| known == key);
        let at = known(behind)
            .map(|at| from + at)
            .or_else(|| known(before))?;
        Some((at, &self.keys.get(at)?.1))
    }

    /// Looks through a record: which known keys it has, and which others. What lies below a used value
    /// that is no record of the mapping is no field of its own.
    pub(crate) fn look(
        &self,
        record: &Node<'_>,
        seen: &mut SeenKeys,
        unknown: &mut dyn FnMut(&str, &Node<'_>),
    ) {
        self.walk(record, &mut String::new(), seen, unknown);
    }

    fn walk(
        &self,
        node: &Node<'_>,
        at: &mut String,
        seen: &mut SeenKeys,
        unknown: &mut dyn FnMut(&str, &Node<'_>),
    ) {
        let length = at.len();
        match node {
            Node::Record(entries) => {
                SeenKeys::mark(&mut seen.entered, self.number);
                let mut next = 0;
                for (key, inner) in entries {
                    let found = self.find(key, next);
                    next = found.map_or(next, |(at, _)| at + 1);
                    let known = found.map(|(_, known)| known);
                    if let Some(known) = known {
                        SeenKeys::mark(&mut seen.had, known.number);
                        if known.keys.is_empty() {
                            continue;
                        }
                    }
                    if length > 0 {
                        at.push('.');
                    }
                    at.push_str(key);
                    match known {
                        Some(known) => known.walk(inner, at, seen, unknown),
                        None => unknown(at, inner),
                    }
                    at.truncate(length);
                }
            }
            Node::List(list) => {
                at.push_str("[]");
                for inner in list {
                    self.walk(inner, at, seen, unknown);
                }
                at.truncate(length);
            }
            _ => {}
        }
    }

    /// Takes down that rows of delimited text have columns of these names.
    pub(crate) fn had_columns(&self, names: &BTreeSet<&str>, seen: &mut SeenKeys) {
        SeenKeys::mark(&mut seen.entered, self.number);
        self.columns(&mut String::new(), names, seen);
    }

    fn columns(&self, at: &mut String, names: &BTreeSet<&str>, seen: &mut SeenKeys) {
        let length = at.len();
        for (key, known) in &self.keys {
            if length > 0 {
                at.push('.');
            }
            at.push_str(key);
            if names.contains(at.as_str()) {
                SeenKeys::mark(&mut seen.had, known.number);
            }
            // A column's name may hold dots: it is no record, and all below it are columns too.
            SeenKeys::mark(&mut seen.entered, known.number);
            known.columns(at, names, seen);
            at.truncate(length);
        }
    }

    /// The paths that the mapping expects and no record had, of those that one could have had.
    pub(crate) fn missing(&self, seen: &SeenKeys) -> Vec<String> {
        let mut missing = Vec::new();
        self.lacks(&mut String::new(), seen, &mut missing);
        missing
    }

    fn lacks(&self, at: &mut String, seen: &SeenKeys, missing: &mut Vec<String>) {
        if !SeenKeys::has(&seen.entered, self.number) {
            return;
        }
        let length = at.len();
        for (key, known) in &self.keys {
            if length > 0 {
                at.push('.');
            }
            at.push_str(key);
            match SeenKeys::has(&seen.had, known.number) {
                false if known.is_expected => missing.push(at.clone()),
                _ => known.lacks(at, seen, missing),
            }
            at.truncate(length);
        }
    }
}

/// Notes a field of an entity's records; `records` more had it.
pub(crate) fn note(
    drift: &mut Drift,
    (entity, kind, path): (Entity, DriftKind, &str),
    place: RecordPlace,
    records: u64,
) {
    let path = shortened(path, NAME_CHARS_MAX);
    let field = DriftField { entity, kind, path };
    if drift.len() >= DRIFT_FIELDS_MAX && !drift.contains_key(&field) {
        return;
    }
    let seen = drift.entry(field).or_insert(DriftSeen {
        object: place.object,
        ordinal: place.ordinal,
        records: 0,
    });
    seen.records += records;
}

/// Keeps an unknown field for the refusal of its record, once.
pub(crate) fn keep(unknown: &mut Vec<Unknown>, path: &str, value: Option<Cow<'_, str>>) {
    if unknown.len() < UNKNOWN_MAX && unknown.iter().all(|other| other.path != path) {
        unknown.push(Unknown {
            path: path.to_owned(),
            value: value.map(Cow::into_owned),
        });
    }
}
