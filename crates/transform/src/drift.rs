//! Fields that a source has and its mapping does not use.

use catwing_domain::Drift;

use crate::{canonical::shortened, source::Node};

/// Names of unknown fields that are told of one delivery.
const NAMES_MAX: usize = 1_000;
/// Characters of a name that are told.
const NAME_CHARS_MAX: usize = 200;

/// The keys that a mapping uses, as they nest in a record, in the order in which it names them.
#[derive(Debug, Default)]
pub(crate) struct KnownKeys(Vec<(String, KnownKeys)>);

impl KnownKeys {
    /// Takes down a path from the record's root.
    pub(crate) fn add<'k>(&mut self, keys: impl IntoIterator<Item = &'k String>) {
        let mut here = self;
        for key in keys {
            let at = match here.0.iter().position(|(known, _)| known == key) {
                Some(at) => at,
                None => {
                    here.0.push((key.clone(), Self::default()));
                    here.0.len() - 1
                }
            };
            here = &mut here.0[at].1;
        }
    }

    /// Where a key is among those that are known. Records tend to have their keys in the order of the
    /// mapping, so it is looked for from behind the one before it on.
    fn find(&self, key: &str, from: usize) -> Option<(usize, &Self)> {
        let (before, behind) = self.0.split_at_checked(from).unwrap_or((&self.0, &[]));
        let known = |keys: &'_ [(String, Self)]| keys.iter().position(|(known, _)| known == key);
        let at = known(behind)
            .map(|at| from + at)
            .or_else(|| known(before))?;
        Some((at, &self.0.get(at)?.1))
    }

    /// Notes every key of a record that no path uses. What lies below a used value that is no
    /// record of the mapping is no field of its own.
    pub(crate) fn note(&self, drift: &mut Drift, record: &Node<'_>, ordinal: u64) {
        self.walk(drift, record, &mut String::new(), ordinal);
    }

    fn walk(&self, drift: &mut Drift, node: &Node<'_>, at: &mut String, ordinal: u64) {
        let length = at.len();
        match node {
            Node::Record(entries) => {
                let mut next = 0;
                for (key, inner) in entries {
                    let found = self.find(key, next);
                    next = found.map_or(next, |(at, _)| at + 1);
                    let known = found.map(|(_, known)| known);
                    if known.is_some_and(|known| known.0.is_empty()) {
                        continue;
                    }
                    if length > 0 {
                        at.push('.');
                    }
                    at.push_str(key);
                    match known {
                        Some(known) => known.walk(drift, inner, at, ordinal),
                        None => note(drift, at, ordinal),
                    }
                    at.truncate(length);
                }
            }
            Node::List(list) => {
                at.push_str("[]");
                for inner in list {
                    self.walk(drift, inner, at, ordinal);
                }
                at.truncate(length);
            }
            _ => {}
        }
    }
}

/// Notes one name with the first record that showed it.
pub(crate) fn note(drift: &mut Drift, name: &str, ordinal: u64) {
    let name = shortened(name, NAME_CHARS_MAX);
    if drift.len() < NAMES_MAX || drift.contains_key(&name) {
        drift.entry(name).or_insert(ordinal);
    }
}
