//! A pass over a JSON document that notes what stands at a few paths and holds nothing else.

use std::{cell::RefCell, fmt};

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::page::{Fact, Found, Value};

/// What is looked for below a place of the document.
pub(super) struct Scan<'a> {
    /// What is left of each path, and which fact stands at its end.
    paths: Vec<(Vec<&'a str>, Fact)>,
    found: &'a RefCell<Found>,
}

impl<'a> Scan<'a> {
    /// Looks for facts at paths of keys that are joined by dots; an empty one is the document.
    pub fn new<const N: usize>(
        wanted: [(Option<&'a String>, Fact); N],
        found: &'a RefCell<Found>,
    ) -> Self {
        let keys = |path: &'a String| match path.as_str() {
            "" => Vec::new(),
            path => path.split('.').collect(),
        };
        let paths = wanted
            .into_iter()
            .filter_map(|(path, fact)| Some((keys(path?), fact)))
            .collect();
        Self { paths, found }
    }

    /// Reads one document.
    pub fn document<'de, D: Deserializer<'de>>(self, document: D) -> Result<(), D::Error> {
        self.deserialize(document)
    }

    /// What is looked for behind a key.
    fn behind(&self, key: &str) -> Self {
        let paths = self.paths.iter().filter_map(|(path, fact)| {
            let (first, rest) = path.split_first()?;
            (*first == key).then(|| (rest.to_vec(), *fact))
        });
        Self {
            paths: paths.collect(),
            found: self.found,
        }
    }

    /// The facts that stand right here.
    fn here(&self) -> impl Iterator<Item = Fact> {
        let ended = self.paths.iter().filter(|(path, _)| path.is_empty());
        ended.map(|(_, fact)| *fact)
    }

    fn note(&self, value: &Value) {
        for fact in self.here() {
            self.found.borrow_mut().note(fact, value.clone());
        }
    }
}

impl<'de> DeserializeSeed<'de> for Scan<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        if self.paths.is_empty() {
            deserializer.deserialize_ignored_any(IgnoredAny).map(drop)
        } else {
            deserializer.deserialize_any(self)
        }
    }
}

impl<'de> Visitor<'de> for Scan<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        self.note(&Value::Other);
        while let Some(key) = map.next_key::<String>()? {
            map.next_value_seed(self.behind(&key))?;
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let mut elements = 0;
        while list.next_element::<IgnoredAny>()?.is_some() {
            elements += 1;
        }
        for fact in self.here() {
            self.found.borrow_mut().list(fact, elements);
        }
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        self.note(&Value::Null);
        Ok(())
    }

    fn visit_bool<E>(self, value: bool) -> Result<(), E> {
        self.note(&Value::Bool(value));
        Ok(())
    }

    fn visit_u64<E>(self, value: u64) -> Result<(), E> {
        self.note(&Value::Count(value));
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        self.note(&Value::Other);
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        self.note(&Value::Other);
        Ok(())
    }

    fn visit_str<E>(self, value: &str) -> Result<(), E> {
        self.note(&Value::Text(value.to_owned()));
        Ok(())
    }
}
