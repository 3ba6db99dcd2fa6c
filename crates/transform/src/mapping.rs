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
    expression::{self, Expression},
    join::Join,
    lookup::LookupPlan,
    record_plan::{self, RecordPlan},
    scribe::{Asked, Lines, Mistake, Scribe},
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
    /// Every path of the file: values are known by their positions in it.
    pub(crate) paths: Vec<Path>,
    /// The indexes that values are looked up in.
    pub(crate) lookups: Vec<LookupPlan>,
}

/// A dataset's part of a mapping.
#[derive(Debug)]
pub(crate) struct DatasetMapping {
    pub(crate) name: DatasetName,
    pub(crate) number: DatasetNumber,
    pub(crate) completeness: Completeness,
    pub(crate) format: Format,
    /// What the mapping asks of its records.
    pub(crate) asked: Asked,
    pub(crate) feeds: Vec<Feed>,
}

/// The other datasets that one asks of.
#[derive(Debug, Default)]
pub(crate) struct Partners {
    /// Those whose rows are lines of its records.
    pub(crate) joined: BTreeSet<DatasetName>,
    /// Those that it looks values up in.
    pub(crate) looked_up: BTreeSet<DatasetName>,
}

impl DatasetMapping {
    /// The datasets that its feeds ask of.
    pub(crate) fn partners(&self, lookups: &[LookupPlan]) -> Partners {
        let mut partners = Partners::default();
        for feed in &self.feeds {
            let joined = feed.join.iter().map(|join| join.dataset.clone());
            partners.joined.extend(joined);
            let plans = feed
                .looked_up
                .iter()
                .filter_map(|lookup| lookups.get(*lookup));
            let looked_up = plans.map(|plan| plan.dataset.clone());
            partners.looked_up.extend(looked_up);
        }
        partners
    }
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
    /// Its lines, where they are rows of another dataset.
    pub(crate) join: Option<Join>,
    /// The indexes that its values are looked up in.
    pub(crate) looked_up: BTreeSet<usize>,
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
        let (datasets, paths, lookups) = compile_datasets(file, &mut mistakes);
        match zone {
            Ok(zone) if mistakes.is_empty() => Ok(Self {
                tenant: file.client,
                zone,
                base_currency: file.base_currency.clone(),
                key_salt: file.key_salt.clone(),
                datasets,
                paths,
                lookups,
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

/// Everything that is compiled of datasets: they share their paths, since one may ask of another.
type Compiled = (
    BTreeMap<DatasetName, DatasetMapping>,
    Vec<Path>,
    Vec<LookupPlan>,
);

fn compile_datasets(file: &TenantFile, mistakes: &mut Vec<Mistake>) -> Compiled {
    let mut datasets = BTreeMap::new();
    let names: Vec<_> = file.datasets.keys().cloned().collect();
    let Some(first) = names.first().cloned() else {
        return (datasets, Vec::new(), Vec::new());
    };
    let mut scribe = Scribe::new(mistakes, names, first);
    for (name, dataset) in &file.datasets {
        scribe.begin(name);
        check_source(&mut scribe, file, name, dataset);
        if let Some(compiled) = compile_dataset(&mut scribe, name, dataset, file.client) {
            datasets.insert(name.clone(), compiled);
        }
    }
    check_partners(&mut scribe, &datasets);
    let (paths, mut asked, lookups) = scribe.into_asked();
    for (name, dataset) in &mut datasets {
        dataset.asked = asked.remove(name).unwrap_or_default();
    }
    (datasets, paths, lookups)
}

fn compile_dataset(
    scribe: &mut Scribe<'_>,
    name: &DatasetName,
    file: &DatasetFile,
    tenant: TenantId,
) -> Option<DatasetMapping> {
    let at = format!("datasets.{name}");
    check_scope(scribe, &at, file);
    let format = compile_format(scribe, &format!("{at}.format"), &file.format);
    let feeds = compile_feeds(scribe, &at, name, file, tenant);
    Some(DatasetMapping {
        name: name.clone(),
        number: file.number,
        completeness: file.completeness(),
        format: format?,
        asked: Asked::default(),
        feeds,
    })
}

/// A dataset feeds an entity, or is asked of by one that does. It is asked of by one dataset and in
/// one way, and feeds none of the same entities: each of its rows is accounted for once.
fn check_partners(scribe: &mut Scribe<'_>, datasets: &BTreeMap<DatasetName, DatasetMapping>) {
    let mut uses: BTreeMap<&DatasetName, (&DatasetName, bool)> = BTreeMap::new();
    let lookups: Vec<_> = scribe
        .lookups
        .iter()
        .map(|plan| plan.dataset.clone())
        .collect();
    for dataset in datasets.values() {
        for feed in &dataset.feeds {
            let joined = feed.join.iter().map(|join| (&join.dataset, true));
            let looked_up = feed
                .looked_up
                .iter()
                .filter_map(|lookup| lookups.get(*lookup));
            for (partner, is_join) in joined.chain(looked_up.map(|partner| (partner, false))) {
                let at = format!("datasets.{}.feeds.{}", dataset.name, feed.entity.name());
                let used = *uses.entry(partner).or_insert((&dataset.name, is_join));
                if used != (&dataset.name, is_join) {
                    let by = used.0;
                    let message = format!(
                        "{partner} is asked of already, by {by}: a dataset gives either lines to another or values to be looked up"
                    );
                    scribe.mistake(&at, message);
                }
                let same = |other: &Feed| other.entity == feed.entity;
                if datasets
                    .get(partner)
                    .is_some_and(|partner| partner.feeds.iter().any(same))
                {
                    let entity = feed.entity.name();
                    let message = format!(
                        "{partner} feeds {entity} itself, so it can't be asked of by another one's {entity}"
                    );
                    scribe.mistake(&at, message);
                }
            }
        }
    }
    for dataset in datasets.values() {
        if dataset.feeds.is_empty() && !uses.contains_key(&dataset.name) && scribe.is_good() {
            unknown_entity(
                scribe,
                &format!("datasets.{}", dataset.name),
                dataset.name.as_str(),
            );
        }
    }
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
        // One of no entity's name may be there for others to ask of.
        for (entity, told_by) in Entity::of_dataset(name.as_str()) {
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
        Lines::Rows | Lines::Joined(_) => Lines::None,
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
    let (join, looked_up) = (scribe.take_join(), scribe.take_looked_up());
    if join.is_some() && plan.count_of_rows() > 1 {
        let message =
            "a record has one list of another dataset's rows, and no other list of rows beside it";
        scribe.mistake(at, message);
    }
    Some(Feed {
        entity,
        only,
        document,
        told_by: None,
        join,
        looked_up,
        lines: plan.lines().filter(|_| asked),
        plan,
    })
}
