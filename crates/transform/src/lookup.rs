//! Values that are looked up in the rows of another dataset's objects in the same delivery.

use std::collections::{HashMap, hash_map::Entry};

use catwing_domain::{DatasetName, Rule};
use toml::{Table, Value as Toml};

use crate::{
    evaluate::Evaluator,
    expression::{self, Expression},
    scribe::Scribe,
    source::{PathId, SourceRecord, View},
    value::{Broken, Value, empty, key_text, owned, shown},
};

/// Memory that all rows which a dataset looks values up in may take.
pub(crate) const LOOKUP_BYTES_MAX: usize = 16 << 20;
/// What a row takes beside its texts.
const ROW_OVERHEAD_BYTES: usize = 96;

/// An index of another dataset's rows.
#[derive(Debug)]
pub(crate) struct LookupPlan {
    /// The dataset that looks up.
    pub(crate) owner: DatasetName,
    /// The dataset whose rows are looked at.
    pub(crate) dataset: DatasetName,
    /// What a row is found by.
    key: Expression,
    /// The same as it was written, to know an index again.
    written: String,
    /// What is wanted of a row.
    paths: Vec<PathId>,
}

/// A value of the row that a key leads to.
#[derive(Clone, Debug)]
pub(crate) struct LookedUp {
    lookup: usize,
    /// The value's position among those that are wanted of a row.
    value: usize,
    /// The key that the row must have.
    equals: Expression,
    /// Whether a key may lead nowhere.
    optional: bool,
}

/// Compiles `{ dataset = "categories", key = "id", equals = "category_id", path = "name" }`.
pub(crate) fn compile(scribe: &mut Scribe<'_>, at: &str, toml: &Toml) -> Option<LookedUp> {
    let help = "lookup is { dataset = \"name\", key = EXPRESSION over its rows, equals = EXPRESSION, path = \"what is wanted\" }";
    let part = |name: &str| toml.get(name);
    let name = part("dataset").and_then(Toml::as_str);
    let path = part("path").and_then(Toml::as_str);
    let (Some(table), Some(name), Some(path), Some(key), Some(equals)) =
        (toml.as_table(), name, path, part("key"), part("equals"))
    else {
        scribe.mistake(at, help);
        return None;
    };
    scribe.only(at, table, &["dataset", "key", "equals", "path", "optional"]);
    let optional = optional(scribe, at, table);
    let dataset = scribe.partner(&format!("{at}.dataset"), name)?;
    let equals = expression::compile(scribe, &format!("{at}.equals"), equals);
    let (written, in_key, in_path) = (key.to_string(), format!("{at}.key"), format!("{at}.path"));
    let (key, path) = scribe.apart(&dataset, |scribe| {
        let key = expression::compile(scribe, &in_key, key);
        (key, scribe.path(&in_path, path))
    });
    let (key, (path, _)) = (key?, path?);
    let owner = scribe.owner().clone();
    let known = scribe
        .lookups
        .iter()
        .position(|plan| plan.owner == owner && plan.dataset == dataset && plan.written == written);
    let lookup = known.unwrap_or(scribe.lookups.len());
    if known.is_none() {
        scribe.lookups.push(LookupPlan {
            owner,
            dataset,
            key,
            written,
            paths: Vec::new(),
        });
    }
    let paths = &mut scribe.lookups.get_mut(lookup)?.paths;
    let value = paths.iter().position(|known| *known == path);
    let value = value.unwrap_or_else(|| {
        paths.push(path);
        paths.len() - 1
    });
    scribe.look_up(lookup);
    Some(LookedUp {
        lookup,
        value,
        equals: equals?,
        optional,
    })
}

fn optional(scribe: &mut Scribe<'_>, at: &str, table: &Table) -> bool {
    match table.get("optional").map(Toml::as_bool) {
        None => false,
        Some(Some(optional)) => optional,
        Some(None) => {
            scribe.mistake(&format!("{at}.optional"), "optional is true or false");
            false
        }
    }
}

/// The rows that values are looked up in, while a dataset is read.
#[derive(Debug, Default)]
pub(crate) struct Lookups {
    indexes: HashMap<usize, HashMap<String, Rows>>,
    bytes: usize,
}

/// The rows of a key.
#[derive(Debug)]
enum Rows {
    /// The values that are wanted of the only one.
    One(Vec<Value<'static>>),
    /// There are so many.
    Several(u64),
}

impl Lookups {
    /// Forgets all rows.
    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }

    /// Whether the rows take more memory than they may.
    pub(crate) fn are_too_large(&self) -> bool {
        self.bytes > LOOKUP_BYTES_MAX
    }

    /// An object of the index's dataset is in the delivery.
    pub(crate) fn deliver(&mut self, lookup: usize) {
        self.indexes.entry(lookup).or_default();
    }

    /// Takes down a row with its key.
    pub(crate) fn add(&mut self, lookup: usize, key: String, values: Vec<Value<'static>>) {
        let bytes: usize = values.iter().map(text_bytes).sum();
        self.bytes +=
            ROW_OVERHEAD_BYTES + key.len() + bytes + values.len() * size_of::<Value<'static>>();
        match self.indexes.entry(lookup).or_default().entry(key) {
            Entry::Vacant(entry) => {
                entry.insert(Rows::One(values));
            }
            Entry::Occupied(mut entry) => {
                let rows = match entry.get() {
                    Rows::One(_) => 1,
                    Rows::Several(rows) => *rows,
                };
                entry.insert(Rows::Several(rows + 1));
            }
        }
    }
}

impl LookupPlan {
    /// The key of a row and what is wanted of it.
    ///
    /// # Errors
    /// A row without a key, with a sentence.
    pub(crate) fn row(
        &self,
        evaluator: &Evaluator<'_>,
        record: &SourceRecord<'_>,
    ) -> Result<(String, Vec<Value<'static>>), Broken> {
        let view = View::alone(record);
        let key = key_text(evaluator.value(&self.key, &view)?).ok_or_else(|| Broken {
            rule: Rule::Missing,
            value: String::new(),
            message: "the row has no key to be looked up by".to_owned(),
        })?;
        let value = |path: &PathId| owned(view.record.find(evaluator.paths, *path).value());
        Ok((key, self.paths.iter().map(value).collect()))
    }
}

impl LookedUp {
    /// The value that a record's key leads to; nothing where the record has no key.
    pub(crate) fn value(
        &self,
        evaluator: &Evaluator<'_>,
        view: &View<'_, '_>,
    ) -> Result<Value<'static>, Broken> {
        let equals = evaluator.value(&self.equals, view)?;
        if empty(&equals) {
            return Ok(Value::Null);
        }
        let told = shown(&equals);
        let plan = evaluator.plans.get(self.lookup);
        let dataset = plan.map_or("", |plan| plan.dataset.as_str());
        let broken = |message: String| Broken {
            rule: Rule::Consistency,
            value: told,
            message,
        };
        let Some(index) = evaluator.lookups.indexes.get(&self.lookup) else {
            return Err(broken(format!(
                "is looked up in {dataset}, which the delivery does not have"
            )));
        };
        match key_text(equals).and_then(|key| index.get(&key)) {
            Some(Rows::One(values)) => Ok(values.get(self.value).cloned().unwrap_or(Value::Null)),
            Some(Rows::Several(rows)) => Err(broken(format!(
                "is the key of {rows} rows of {dataset}: nobody can say which is meant"
            ))),
            None if self.optional => Ok(Value::Null),
            None => Err(broken(format!(
                "is the key of no row of {dataset}: where that may be, say optional = true"
            ))),
        }
    }
}

fn text_bytes(value: &Value<'_>) -> usize {
    match value {
        Value::Text(text) | Value::Number(text) => text.len(),
        _ => 0,
    }
}
