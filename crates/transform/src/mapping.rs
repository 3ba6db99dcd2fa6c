//! A tenant's mapping, compiled: every mistake in the file is found here, before any data is read.

use std::collections::{BTreeMap, BTreeSet};

use catwing_domain::{
    DatasetName, DatasetNumber, DayZone, Entity, TenantId,
    manifest::Completeness,
    tenant_file::{CompletenessFile, Contract, DatasetFile, FormatFile, SourceFile, TenantFile},
};
use encoding_rs::Encoding;

use crate::{
    csv::CsvShape,
    feed::{self, Feed},
    lookup::LookupPlan,
    partners,
    scribe::{self, Asked, Mistake, Scribe},
    source::Path,
};

/// The mapping of the UI's writes.
const UI_EVENTS: &str = include_str!("ui_events.toml");
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
    /// What becomes of fields that nobody asks for.
    contracts: BTreeMap<Entity, Contract>,
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
        let contracts = contracts(file, &mut mistakes);
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
                contracts,
            }),
            _ => Err(mistakes),
        }
    }

    /// The time zone of the tenant's days.
    #[must_use]
    pub fn zone(&self) -> &DayZone {
        &self.zone
    }

    /// The currency of records that name none, ISO 4217.
    #[must_use]
    pub fn base_currency(&self) -> &str {
        &self.base_currency
    }

    /// What the mapping declares of a dataset's deliveries.
    #[must_use]
    pub fn completeness(&self, dataset: &DatasetName) -> Option<Completeness> {
        self.datasets
            .get(dataset)
            .map(|dataset| dataset.completeness.clone())
    }

    /// The tenant's contract with the sources of an entity.
    #[must_use]
    pub fn contract(&self, entity: Entity) -> Contract {
        self.contracts.get(&entity).copied().unwrap_or_default()
    }

    /// The other datasets that a dataset asks of: without their objects in the same delivery its
    /// records are refused.
    #[must_use]
    pub fn partners(&self, dataset: &DatasetName) -> BTreeSet<DatasetName> {
        let dataset = self.datasets.get(dataset);
        let partners = dataset.map(|dataset| dataset.partners(&self.lookups));
        let mut partners = partners.unwrap_or_default();
        partners.joined.append(&mut partners.looked_up);
        partners.joined
    }

    /// The other datasets that a dataset asks of for the records of one entity.
    #[must_use]
    pub fn partners_of_feed(&self, dataset: &DatasetName, entity: Entity) -> BTreeSet<DatasetName> {
        let feeds = self.datasets.get(dataset).map(|dataset| &dataset.feeds);
        let feeds = feeds.into_iter().flatten();
        let mut asked = BTreeSet::new();
        for feed in feeds.filter(|feed| feed.entity == entity) {
            asked.extend(feed.join.iter().map(|join| join.dataset.clone()));
            let plans = feed.looked_up.iter();
            let plans = plans.filter_map(|lookup| self.lookups.get(*lookup));
            asked.extend(plans.map(|plan| plan.dataset.clone()));
        }
        asked
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

/// The contracts by the entities that they name.
fn contracts(file: &TenantFile, mistakes: &mut Vec<Mistake>) -> BTreeMap<Entity, Contract> {
    let mut contracts = BTreeMap::new();
    for (name, contract) in &file.contracts {
        let Some(entity) = Entity::named(name) else {
            let known: Vec<_> = Entity::ALL.iter().map(|entity| entity.name()).collect();
            mistakes.push(Mistake {
                at: format!("contracts.{name}"),
                message: scribe::unknown("entity", name, &known),
            });
            continue;
        };
        contracts.insert(entity, *contract);
    }
    contracts
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

/// The file's datasets, and that of the UI's writes, which each tenant has and none declares.
fn with_ui_events(
    file: &TenantFile,
    mistakes: &mut Vec<Mistake>,
) -> BTreeMap<DatasetName, DatasetFile> {
    let mut declared = file.datasets.clone();
    let name = DatasetName::ui_events();
    let mut mistake = |message: String| {
        let at = format!("datasets.{}", DatasetName::ui_events());
        mistakes.push(Mistake { at, message });
    };
    if declared.contains_key(&name) {
        let message = "this name is that of writes made in the UI: give the dataset another";
        mistake(message.to_owned());
        return declared;
    }
    if file.client == TenantId::GLOBAL {
        return declared;
    }
    let number = DatasetNumber::UI_EVENTS;
    match toml::from_str::<DatasetFile>(UI_EVENTS) {
        Ok(built_in) => {
            declared.insert(name, DatasetFile { number, ..built_in });
        }
        Err(error) => mistake(error.to_string()),
    }
    declared
}

/// Everything that is compiled of datasets: they share their paths, since one may ask of another.
type Compiled = (
    BTreeMap<DatasetName, DatasetMapping>,
    Vec<Path>,
    Vec<LookupPlan>,
);

fn compile_datasets(file: &TenantFile, mistakes: &mut Vec<Mistake>) -> Compiled {
    let mut datasets = BTreeMap::new();
    let declared = with_ui_events(file, mistakes);
    let names: Vec<_> = declared.keys().cloned().collect();
    let Some(first) = names.first().cloned() else {
        return (datasets, Vec::new(), Vec::new());
    };
    let mut scribe = Scribe::new(mistakes, names, first);
    for (name, dataset) in &declared {
        scribe.begin(name);
        check_source(&mut scribe, file, name, dataset);
        if let Some(compiled) = compile_dataset(&mut scribe, name, dataset, file.client) {
            datasets.insert(name.clone(), compiled);
        }
    }
    partners::check(&mut scribe, &datasets);
    let (paths, mut asked, lookups) = scribe.into_asked();
    for (name, dataset) in &mut datasets {
        let Asked { paths, keys } = asked.remove(name).unwrap_or_default();
        let keys = keys.numbered();
        dataset.asked = Asked { paths, keys };
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
    let feeds = feed::compile(scribe, &at, name, file, tenant);
    Some(DatasetMapping {
        name: name.clone(),
        number: file.number,
        completeness: file.completeness(),
        format: format?,
        asked: Asked::default(),
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
