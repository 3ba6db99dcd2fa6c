//! A tenant's mapping, compiled: every mistake in the file is found here, before any data is read.

use std::collections::{BTreeMap, BTreeSet};

use catwing_domain::{
    DatasetName, DatasetNumber, DayZone, Entity, Field, FieldType, TenantId,
    manifest::Completeness,
    tenant_file::{CompletenessFile, DatasetFile, FeedFile, FormatFile, TenantFile},
};
use encoding_rs::Encoding;
use toml::{Table, Value as Toml};

use crate::{
    condition::{self, Condition},
    csv::CsvShape,
    expression::{self, Expression, Origin, Pick, looks_like_expression},
    source::{Path, PathId},
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

/// A compiled mapping.
#[derive(Debug)]
pub struct Mapping {
    pub(crate) tenant: TenantId,
    pub(crate) zone: DayZone,
    pub(crate) base_currency: String,
    pub(crate) key_salt: String,
    pub(crate) datasets: BTreeMap<DatasetName, DatasetMapping>,
}

/// A dataset's part of a mapping.
#[derive(Debug)]
pub(crate) struct DatasetMapping {
    pub(crate) number: DatasetNumber,
    pub(crate) completeness: Completeness,
    pub(crate) format: Format,
    pub(crate) paths: Vec<Path>,
    pub(crate) feeds: Vec<Feed>,
}

/// How bytes become records.
#[derive(Debug)]
pub(crate) enum Format {
    Csv {
        shape: CsvShape,
        encoding: &'static Encoding,
        columns: Vec<String>,
    },
    Json {
        records: String,
    },
    Ndjson,
}

/// How a dataset feeds one entity.
#[derive(Debug)]
pub(crate) struct Feed {
    pub(crate) entity: Entity,
    pub(crate) only: Option<Condition>,
    pub(crate) document: Option<Expression>,
    pub(crate) plan: RecordPlan,
}

/// For each canonical field of a record, how it is had.
#[derive(Debug)]
pub(crate) struct RecordPlan {
    pub(crate) fields: &'static [Field],
    pub(crate) plans: Vec<FieldPlan>,
}

/// How one canonical field is had.
#[derive(Debug)]
pub(crate) enum FieldPlan {
    Absent,
    Value(Expression),
    /// A nested record of fields; with a path, relative to that object.
    Record(Option<PathId>, RecordPlan),
    /// A list: the elements at a path.
    Each(PathId, RecordPlan),
    /// A list: the rows of the document.
    Rows(RecordPlan),
}

impl Mapping {
    /// Compiles a tenant's file.
    ///
    /// # Errors
    /// Every mistake that it has, in the order of the file's parts.
    pub fn compile(file: &TenantFile) -> Result<Self, Vec<Mistake>> {
        let mut mistakes = Vec::new();
        let zone = DayZone::named(&file.time_zone);
        if let Err(error) = &zone {
            mistakes.push(Mistake {
                at: "time_zone".to_owned(),
                message: error.to_string(),
            });
        }
        if !is_currency(&file.base_currency) {
            let message = format!(
                "{:?} is no ISO 4217 code: three capital letters",
                file.base_currency
            );
            mistakes.push(Mistake {
                at: "base_currency".to_owned(),
                message,
            });
        }
        check_numbers(file, &mut mistakes);
        let mut datasets = BTreeMap::new();
        for (name, dataset) in &file.datasets {
            let mut scribe = Scribe {
                mistakes: &mut mistakes,
                paths: Vec::new(),
                depth: 0,
            };
            if let Some(source) = dataset
                .source
                .as_ref()
                .filter(|source| !file.sources.contains_key(*source))
            {
                let known: Vec<_> = file.sources.keys().map(String::as_str).collect();
                scribe.unknown(&format!("datasets.{name}.source"), "source", source, &known);
            }
            if let Some(compiled) = compile_dataset(&mut scribe, name, dataset) {
                datasets.insert(name.clone(), compiled);
            }
        }
        match zone {
            Ok(zone) if mistakes.is_empty() => Ok(Self {
                tenant: file.client,
                zone,
                base_currency: file.base_currency.clone(),
                key_salt: file.key_salt.clone(),
                datasets,
            }),
            _ => Err(mistakes),
        }
    }

    /// The time zone of the tenant's days.
    #[must_use]
    pub fn zone(&self) -> &DayZone {
        &self.zone
    }

    /// What the mapping declares of a dataset's deliveries.
    #[must_use]
    pub fn completeness(&self, dataset: &DatasetName) -> Option<Completeness> {
        self.datasets
            .get(dataset)
            .map(|dataset| dataset.completeness.clone())
    }

    /// Whether a dataset has a mapping, or is landed only.
    #[must_use]
    pub fn maps(&self, dataset: &DatasetName) -> bool {
        self.datasets.contains_key(dataset)
    }
}

pub(crate) fn is_currency(code: &str) -> bool {
    code.len() == 3 && code.bytes().all(|b| b.is_ascii_uppercase())
}

fn check_numbers(file: &TenantFile, mistakes: &mut Vec<Mistake>) {
    let mut taken: BTreeMap<u8, &DatasetName> = BTreeMap::new();
    for (name, dataset) in &file.datasets {
        let number = dataset.number.number();
        if let Some(other) = taken.insert(number, name) {
            let message = format!(
                "{number} is the number of dataset {other} already: numbers are given once"
            );
            mistakes.push(Mistake {
                at: format!("datasets.{name}.number"),
                message,
            });
        }
    }
}

/// Takes down paths and mistakes while a dataset is compiled.
pub(crate) struct Scribe<'m> {
    mistakes: &'m mut Vec<Mistake>,
    paths: Vec<Path>,
    /// How many records enclose the one whose fields are being compiled.
    depth: usize,
}

impl Scribe<'_> {
    pub(crate) fn mistake(&mut self, at: &str, message: String) {
        self.mistakes.push(Mistake {
            at: at.to_owned(),
            message,
        });
    }

    pub(crate) fn unknown(&mut self, at: &str, what: &str, name: &str, known: &[&str]) {
        let distance = |other: &&&str| strsim::damerau_levenshtein(name, other);
        let close = known
            .iter()
            .filter(|other| distance(other) <= 2)
            .min_by_key(distance);
        let hint = match close {
            Some(close) => format!("did you mean {close:?}?"),
            None if known.is_empty() => "there is none".to_owned(),
            None => format!("there is {}", known.join(", ")),
        };
        self.mistake(at, format!("unknown {what} {name:?}: {hint}"));
    }

    /// Interns a path; each `^` before it goes one record further out.
    pub(crate) fn path(&mut self, at: &str, text: &str) -> Option<(PathId, usize)> {
        let bare = text.trim_start_matches('^');
        let up = text.len() - bare.len();
        if up > self.depth {
            self.mistake(
                at,
                format!(
                    "{text:?} leads out of the record: there are {} around it",
                    self.depth
                ),
            );
            return None;
        }
        if bare.is_empty() {
            self.mistake(at, "a path can't be empty".to_owned());
            return None;
        }
        let path = Path::new(bare);
        let known = self.paths.iter().position(|other| *other == path);
        let id = known.unwrap_or_else(|| {
            self.paths.push(path);
            self.paths.len() - 1
        });
        Some((PathId(id), up))
    }
}

fn compile_dataset(
    scribe: &mut Scribe<'_>,
    name: &DatasetName,
    file: &DatasetFile,
) -> Option<DatasetMapping> {
    let at = format!("datasets.{name}");
    if !file.scope.is_empty() && file.completeness == CompletenessFile::Delta {
        scribe.mistake(
            &format!("{at}.scope"),
            "a scope goes with completeness = \"snapshot\"".to_owned(),
        );
    }
    let format = compile_format(scribe, &format!("{at}.format"), &file.format)?;
    let identity = BTreeMap::from([(name.to_string(), FeedFile::default())]);
    let files = if file.feeds.is_empty() {
        &identity
    } else {
        &file.feeds
    };
    let mut feeds = Vec::new();
    for (entity_name, feed) in files {
        let at = format!("{at}.feeds.{entity_name}");
        let Some(entity) = Entity::named(entity_name) else {
            let known: Vec<_> = Entity::ALL.iter().map(|entity| entity.name()).collect();
            scribe.unknown(&at, "entity", entity_name, &known);
            continue;
        };
        feeds.extend(compile_feed(scribe, &at, entity, feed, &format));
    }
    let paths = std::mem::take(&mut scribe.paths);
    Some(DatasetMapping {
        number: file.number,
        completeness: file.completeness(),
        format,
        paths,
        feeds,
    })
}

fn compile_format(scribe: &mut Scribe<'_>, at: &str, file: &FormatFile) -> Option<Format> {
    match file {
        FormatFile::Json { records } => Some(Format::Json {
            records: records.clone(),
        }),
        FormatFile::Ndjson {} => Some(Format::Ndjson),
        FormatFile::Csv {
            delimiter,
            quote,
            encoding,
            columns,
        } => {
            let byte = |c: char| {
                u8::try_from(c)
                    .ok()
                    .filter(|b| b.is_ascii() && !matches!(b, b'\n' | b'\r' | 0))
            };
            let shape = match (byte(*delimiter), byte(*quote)) {
                (Some(delimiter), Some(quote)) if delimiter != quote => {
                    CsvShape { delimiter, quote }
                }
                _ => {
                    let message =
                        "delimiter and quote are two different ASCII characters".to_owned();
                    scribe.mistake(at, message);
                    return None;
                }
            };
            let Some(encoding) = Encoding::for_label(encoding.as_bytes()) else {
                let message = format!(
                    "unknown encoding {encoding:?}: use utf-8, windows-1251, utf-16le, ..."
                );
                scribe.mistake(&format!("{at}.encoding"), message);
                return None;
            };
            let mut seen = BTreeSet::new();
            if let Some(twice) = columns.iter().find(|column| !seen.insert(*column)) {
                scribe.mistake(
                    &format!("{at}.columns"),
                    format!("the column {twice:?} is there twice"),
                );
            }
            Some(Format::Csv {
                shape,
                encoding,
                columns: columns.clone(),
            })
        }
    }
}

fn compile_feed(
    scribe: &mut Scribe<'_>,
    at: &str,
    entity: Entity,
    file: &FeedFile,
    format: &Format,
) -> Option<Feed> {
    scribe.depth = 0;
    let only = match &file.only {
        Some(toml) => Some(condition::compile(scribe, &format!("{at}.where"), toml)?),
        None => None,
    };
    let document = match &file.document {
        Some(toml) => Some(expression::compile(
            scribe,
            &format!("{at}.document"),
            toml,
        )?),
        None => None,
    };
    let has_list = entity
        .fields()
        .iter()
        .any(|field| matches!(field.ty, FieldType::List(_)));
    if document.is_some() && !has_list {
        let message = format!(
            "{} has no lines: document goes with documents",
            entity.name()
        );
        scribe.mistake(&format!("{at}.document"), message);
    }
    let plan = match &file.fields {
        Some(table) => compile_record(scribe, &format!("{at}.fields"), entity.fields(), table),
        None if matches!(format, Format::Csv { .. }) && has_list => {
            scribe.mistake(
                at,
                "rows can't hold lines: give fields and document".to_owned(),
            );
            return None;
        }
        None => identity_record(scribe, entity.fields()),
    };
    if document.is_none()
        && plan
            .plans
            .iter()
            .any(|plan| matches!(plan, FieldPlan::Rows(_)))
    {
        scribe.mistake(
            at,
            "lines that are rows need document = \"...\", the column that says whose".to_owned(),
        );
    }
    Some(Feed {
        entity,
        only,
        document,
        plan,
    })
}

fn compile_record(
    scribe: &mut Scribe<'_>,
    at: &str,
    fields: &'static [Field],
    table: &Table,
) -> RecordPlan {
    for key in table
        .keys()
        .filter(|key| fields.iter().all(|field| field.name != key.as_str()))
    {
        let known: Vec<_> = fields.iter().map(|field| field.name).collect();
        scribe.unknown(at, "canonical field", key, &known);
    }
    let plan = |field: &Field| {
        let at = format!("{at}.{}", field.name);
        match (table.get(field.name), field.ty) {
            (None, _) => {
                if field.required {
                    scribe.mistake(
                        &at,
                        "this field is required: say where it comes from".to_owned(),
                    );
                }
                FieldPlan::Absent
            }
            (Some(Toml::Table(nested)), FieldType::Record(fields))
                if !looks_like_expression(nested) =>
            {
                FieldPlan::Record(None, compile_record(scribe, &at, fields, nested))
            }
            (Some(_), FieldType::Record(_)) => {
                scribe.mistake(
                    &at,
                    "this field is a record: give a table of its fields".to_owned(),
                );
                FieldPlan::Absent
            }
            (Some(toml), FieldType::List(fields)) => compile_list(scribe, &at, fields, toml),
            (Some(toml), _) => {
                expression::compile(scribe, &at, toml).map_or(FieldPlan::Absent, |expression| {
                    check_constant(scribe, &at, field, &expression);
                    FieldPlan::Value(expression)
                })
            }
        }
    };
    RecordPlan {
        fields,
        plans: fields.iter().map(plan).collect(),
    }
}

/// A constant that its field can never take is a mistake of the file, not of the data.
fn check_constant(scribe: &mut Scribe<'_>, at: &str, field: &Field, expression: &Expression) {
    let (FieldType::Word(words), Origin::Constant(expression::Constant::Text(word))) =
        (field.ty, &expression.origin)
    else {
        return;
    };
    if !words.contains(&word.as_str()) && expression.steps.is_empty() {
        scribe.unknown(at, "word", word, words);
    }
}

fn compile_list(
    scribe: &mut Scribe<'_>,
    at: &str,
    fields: &'static [Field],
    toml: &Toml,
) -> FieldPlan {
    let help =
        "a list is { each = \"path\", fields = { ... } }, or { rows = true, fields = { ... } }";
    let table = toml.as_table();
    let inner = table
        .and_then(|table| table.get("fields"))
        .and_then(Toml::as_table);
    let (Some(table), Some(inner)) = (table, inner) else {
        scribe.mistake(at, help.to_owned());
        return FieldPlan::Absent;
    };
    for key in table
        .keys()
        .filter(|key| !["each", "rows", "fields"].contains(&key.as_str()))
    {
        scribe.unknown(at, "setting", key, &["each", "rows", "fields"]);
    }
    let here = format!("{at}.fields");
    match (
        table.get("each").and_then(Toml::as_str),
        table.get("rows").and_then(Toml::as_bool),
    ) {
        (Some(each), None) => {
            let Some((id, _)) = scribe.path(&format!("{at}.each"), each) else {
                return FieldPlan::Absent;
            };
            scribe.depth += 1;
            let plan = compile_record(scribe, &here, fields, inner);
            scribe.depth -= 1;
            FieldPlan::Each(id, plan)
        }
        (None, Some(true)) => {
            scribe.depth += 1;
            let plan = compile_record(scribe, &here, fields, inner);
            scribe.depth -= 1;
            FieldPlan::Rows(plan)
        }
        _ => {
            scribe.mistake(at, help.to_owned());
            FieldPlan::Absent
        }
    }
}

/// The plan of a source that speaks canonical records.
fn identity_record(scribe: &mut Scribe<'_>, fields: &'static [Field]) -> RecordPlan {
    let plan = |field: &Field| {
        let Some((id, up)) = scribe.path("", field.name) else {
            return FieldPlan::Absent;
        };
        match field.ty {
            FieldType::Record(fields) => {
                FieldPlan::Record(Some(id), identity_record(scribe, fields))
            }
            FieldType::List(fields) => FieldPlan::Each(id, identity_record(scribe, fields)),
            _ => FieldPlan::Value(Expression {
                when: None,
                origin: Origin::Path { id, up },
                steps: Vec::new(),
                default: None,
                pick: Pick::First,
            }),
        }
    };
    RecordPlan {
        fields,
        plans: fields.iter().map(plan).collect(),
    }
}
