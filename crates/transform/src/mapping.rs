//! A tenant's mapping, compiled: every mistake in the file is found here, before any data is read.

use std::collections::{BTreeMap, BTreeSet};

use catwing_domain::{
    DatasetName, DatasetNumber, DayZone, Entity, FieldType, TenantId,
    manifest::Completeness,
    tenant_file::{CompletenessFile, DatasetFile, FeedFile, FormatFile, SourceFile, TenantFile},
};
use encoding_rs::Encoding;

use crate::{
    condition::{self, Condition},
    csv::CsvShape,
    drift::KnownKeys,
    expression::{self, Expression},
    record_plan::{self, RecordPlan},
    scribe::{Lines, Mistake, Scribe},
    source::{Path, PathId},
};

/// Characters that a tenant's name may have.
const NAME_CHARS_MAX: usize = 1_000;
/// Bytes that a snapshot's scope may have, being part of a key.
const SCOPE_BYTES_MAX: usize = 1_000;

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
    pub(crate) known_keys: KnownKeys,
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
    /// The field that only this entity's records have, where the dataset holds records of several.
    pub(crate) told_by: Option<PathId>,
    pub(crate) plan: RecordPlan,
    /// The list that holds a document's lines, where a condition asks of all of them.
    pub(crate) lines: Option<PathId>,
}

impl Mapping {
    /// Compiles a tenant's file.
    ///
    /// # Errors
    /// Every mistake that it has, in the order of the file's parts.
    pub fn compile(file: &TenantFile) -> Result<Self, Vec<Mistake>> {
        let mut mistakes = Vec::new();
        let mut mistake = |at: &str, message: String| {
            let at = at.to_owned();
            mistakes.push(Mistake { at, message });
        };
        let zone = DayZone::named(&file.time_zone);
        if let Err(error) = &zone {
            mistake("time_zone", error.to_string());
        }
        if !is_currency(&file.base_currency) {
            let code = &file.base_currency;
            let message = format!("{code:?} is no ISO 4217 code: three capital letters");
            mistake("base_currency", message);
        }
        check_name(&file.name, &mut mistakes);
        check_numbers(file, &mut mistakes);
        let mut datasets = BTreeMap::new();
        for (name, dataset) in &file.datasets {
            let mut scribe = Scribe::new(&mut mistakes);
            check_source(&mut scribe, file, name, dataset);
            if let Some(compiled) = compile_dataset(scribe, name, dataset, file.client) {
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

/// What the database would refuse of a tenant's name is a mistake of the file.
fn check_name(name: &str, mistakes: &mut Vec<Mistake>) {
    let message = if name.trim().is_empty() {
        "the tenant needs a name".to_owned()
    } else if name.chars().nth(NAME_CHARS_MAX).is_some() {
        format!("the name is longer than {NAME_CHARS_MAX} characters")
    } else if name.contains('\0') {
        "the name holds a NUL character".to_owned()
    } else {
        return;
    };
    mistakes.push(Mistake {
        at: "name".to_owned(),
        message,
    });
}

fn check_scope(scribe: &mut Scribe<'_>, at: &str, file: &DatasetFile) {
    let at = format!("{at}.scope");
    if !file.scope.is_empty() && file.completeness == CompletenessFile::Delta {
        scribe.mistake(&at, "a scope goes with completeness = \"snapshot\"");
    }
    if file.scope.len() > SCOPE_BYTES_MAX {
        let message = format!("the scope is longer than {SCOPE_BYTES_MAX} bytes");
        scribe.mistake(&at, message);
    }
    if file.scope.contains('\0') {
        scribe.mistake(&at, "the scope holds a NUL character");
    }
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

/// Checks where a dataset comes from. The source itself is checked with the first dataset that it
/// has, so that its mistakes are told once.
fn check_source(
    scribe: &mut Scribe<'_>,
    file: &TenantFile,
    name: &DatasetName,
    dataset: &DatasetFile,
) {
    let at = format!("datasets.{name}");
    let source = dataset.source.as_ref();
    if let (Some(source), None) = (source, source.and_then(|source| file.sources.get(source))) {
        let known: Vec<_> = file.sources.keys().map(String::as_str).collect();
        scribe.unknown(&format!("{at}.source"), "source", source, &known);
        return;
    }
    let rest = source.and_then(|source| match file.sources.get(source) {
        Some(SourceFile::Rest(rest)) => Some((source, rest)),
        _ => None,
    });
    match (rest, &dataset.fetch) {
        (Some(_), Some(fetch)) => {
            for (setting, message) in fetch.mistakes(&dataset.format) {
                scribe.mistake(&format!("{at}.fetch.{setting}"), message);
            }
        }
        (Some((source, _)), None) => {
            let message = format!("say what to ask {source} for: fetch = {{ path = \"/...\" }}");
            scribe.mistake(&at, message);
        }
        (None, Some(_)) => {
            let message = "fetch goes with a source of kind = \"rest\"";
            scribe.mistake(&format!("{at}.fetch"), message);
        }
        (None, None) => {}
    }
    let first = file
        .datasets
        .iter()
        .find(|(_, other)| other.source.as_ref() == source);
    if let Some((source, rest)) = rest
        && first.is_some_and(|(first, _)| first == name)
    {
        for (setting, message) in rest.mistakes() {
            scribe.mistake(&format!("sources.{source}.{setting}"), message);
        }
    }
}

fn compile_dataset(
    mut scribe: Scribe<'_>,
    name: &DatasetName,
    file: &DatasetFile,
    tenant: TenantId,
) -> Option<DatasetMapping> {
    let at = format!("datasets.{name}");
    check_scope(&mut scribe, &at, file);
    let format = compile_format(&mut scribe, &format!("{at}.format"), &file.format);
    let feeds = compile_feeds(&mut scribe, &at, name, file, tenant);
    let (paths, known_keys) = scribe.into_paths();
    Some(DatasetMapping {
        number: file.number,
        completeness: file.completeness(),
        format: format?,
        paths,
        known_keys,
        feeds,
    })
}

/// The feeds that a file gives, else those of the entities that the dataset is named after.
fn compile_feeds(
    scribe: &mut Scribe<'_>,
    at: &str,
    name: &DatasetName,
    file: &DatasetFile,
    tenant: TenantId,
) -> Vec<Feed> {
    let mut feeds = Vec::new();
    if file.feeds.is_empty() {
        let entities = Entity::of_dataset(name.as_str());
        if entities.is_empty() {
            unknown_entity(scribe, at, name.as_str());
        }
        for (entity, told_by) in entities {
            let told_by = told_by.and_then(|field| Some(scribe.path(at, field)?.0));
            check_tenant(scribe, at, entity, tenant);
            let feed = compile_feed(scribe, at, entity, (&FeedFile::default(), &file.format));
            feeds.extend(feed.map(|feed| Feed { told_by, ..feed }));
        }
    }
    for (entity_name, feed) in &file.feeds {
        let at = format!("{at}.feeds.{entity_name}");
        let Some(entity) = Entity::named(entity_name) else {
            unknown_entity(scribe, &at, entity_name);
            continue;
        };
        check_tenant(scribe, &at, entity, tenant);
        feeds.extend(compile_feed(scribe, &at, entity, (feed, &file.format)));
    }
    feeds
}

fn unknown_entity(scribe: &mut Scribe<'_>, at: &str, name: &str) {
    let known: Vec<_> = Entity::ALL.iter().map(|entity| entity.name()).collect();
    scribe.unknown(at, "entity", name, &known);
}

/// What tenants share is fed by the shared tenant alone, and it feeds nothing else.
fn check_tenant(scribe: &mut Scribe<'_>, at: &str, entity: Entity, tenant: TenantId) {
    if entity.table().is_of(tenant) {
        return;
    }
    let name = entity.name();
    let global = TenantId::GLOBAL;
    let message = if tenant == global {
        format!("{global} holds what tenants share: {name} belong to a tenant of their own")
    } else {
        format!("{name} are shared by all tenants: declare this dataset in the file of {global}")
    };
    scribe.mistake(at, message);
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
    (file, format): (&FeedFile, &FormatFile),
) -> Option<Feed> {
    let fields = entity.fields();
    let has_list = fields
        .iter()
        .any(|field| matches!(field.ty, FieldType::List(_)));
    let has_lines = fields.iter().any(|field| field.name == "lines");
    let lines = match &file.fields {
        Some(table) => record_plan::lines_of(fields, table),
        None => Lines::None,
    };
    // A row is asked before its document is together.
    let seen = match &lines {
        Lines::Rows => Lines::None,
        lines => lines.clone(),
    };
    let only = file.only.as_ref().and_then(|toml| {
        scribe.with_lines(seen, |scribe| {
            condition::compile(scribe, &format!("{at}.where"), toml)
        })
    });
    let document = file
        .document
        .as_ref()
        .and_then(|toml| expression::compile(scribe, &format!("{at}.document"), toml));
    if file.document.is_some() && !has_list {
        let message = format!(
            "{} has no lines: document goes with documents",
            entity.name()
        );
        scribe.mistake(&format!("{at}.document"), message);
    }
    let plan = match &file.fields {
        Some(table) => scribe.with_lines(lines, |scribe| {
            record_plan::compile(scribe, &format!("{at}.fields"), fields, table)
        }),
        None if matches!(format, FormatFile::Csv { .. }) && has_lines => {
            scribe.mistake(at, "rows can't hold lines: give fields and document");
            return None;
        }
        None => {
            let rows = matches!(format, FormatFile::Csv { .. });
            record_plan::identity(scribe, fields, rows)
        }
    };
    if file.document.is_none() && plan.has_rows() {
        let message = "lines that are rows need document = \"...\", the column that says whose";
        scribe.mistake(at, message);
    }
    let asked = scribe.take_asked_lines();
    Some(Feed {
        entity,
        only,
        document,
        told_by: None,
        lines: plan.lines().filter(|_| asked),
        plan,
    })
}
