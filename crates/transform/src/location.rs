//! Locations: records of their own with what supplies them, and those that others refer to.

use std::collections::HashSet;

use catwing_domain::{Cell, DomainError, Output, RowKey, Rule, TableId, Version};

use crate::{
    accepted::Accepted,
    canonical::{Fields, Problems},
    city,
    field_path::FieldPath,
    natural_key,
    parents::{Parents, Rank},
    range, translation,
};

/// Checks the rules between fields; what it finds goes to `problems`.
pub(crate) fn check(record: Fields<'_, '_>, problems: &mut Problems) {
    range::not_before(record, "opened_on", "closed_on", problems);
    city::check(record, FieldPath::Record, problems);
    let child = record.text("external_id").unwrap_or_default();
    translation::check(record, child, problems);
    let (list, mut seen) = (FieldPath::Record.field("relationships"), HashSet::new());
    for (index, relationship) in record.list("relationships").enumerate() {
        let (Some(parent), Some(kind)) = (
            relationship.text("parent_external_id"),
            relationship.text("type"),
        ) else {
            continue;
        };
        let element = list.element(index);
        let at = element.field("parent_external_id");
        natural_key::check_length(at, [parent, child, kind], problems);
        if parent == child {
            let message = "is the location itself: it does not supply itself";
            problems.add(Rule::Consistency, at, Some(parent), message);
        }
        if !seen.insert((parent, kind)) {
            let message = format!("is the parent of an earlier relationship {kind:?} already");
            problems.add(Rule::Repeated, at, Some(parent), message);
        }
    }
}

/// Writes a location's own record: its row, and the locations that supply it.
pub(crate) fn own(
    accepted: &Accepted<'_, '_>,
    parents: &mut Parents,
    output: &mut Output,
) -> Result<(), DomainError> {
    let (record, version, key) = (accepted.record, accepted.version, accepted.key);
    let Some(external_id) = record.text("external_id") else {
        return Ok(());
    };
    let location_type =
        parents.optional_word(TableId::LocationTypes, record.text("type"), version)?;
    let status =
        parents.optional_word(TableId::LocationStatuses, record.text("status"), version)?;
    let active = record.bool("is_active").unwrap_or(true);
    let city = city::of(record, output)?;
    parents.offer(TableId::Locations, key, Rank::Own, version, |row| {
        row.key(key)
            .text(external_id)
            .text(record.text("name").unwrap_or(external_id))
            .key_or_null(location_type)
            .key_or_null(status)
            .key_or_null(city)
            .text_or_null(record.text("country"))
            .date_or_null(record.date("opened_on"))
            .date_or_null(record.date("closed_on"))
            .bool(active)
            .bool(active)
            .small(Rank::Own.bits())
            .version(version);
    });
    let table = TableId::LocationRelationships;
    for relationship in record.list("relationships") {
        let code = relationship.text("parent_external_id").unwrap_or_default();
        let word = relationship.text("type").unwrap_or_default();
        // A row of the source is no write of the UI: it has no event.
        let row = parents.key(table, &[Some(code), Some(external_id), Some(word), None])?;
        let parent = referenced(code, version, parents)?;
        let kind = parents.word(TableId::LocationRelationshipTypes, word, version)?;
        accepted
            .part(table, output)
            .key(row)
            .key(parent)
            .key(key)
            .key(kind)
            .int_or_null(relationship.count("priority"))
            .int_or_null(relationship.count("lead_time_days"))
            .bool(true)
            .text_or_null(None)
            .key_or_null(None)
            .cell(Cell::Null)
            .version(version);
    }
    let translations = (TableId::LocationTranslations, external_id);
    translation::write(accepted, translations, parents, output)
}

/// Tells of goods that do not move: the two locations of a document are one.
pub(crate) fn check_apart(
    record: Fields<'_, '_>,
    (one, other): (&'static str, &'static str),
    problems: &mut Problems,
) {
    let same = record
        .text(other)
        .filter(|code| record.text(one) == Some(*code));
    if same.is_some() {
        let message = format!("is {one} too: nothing is moved");
        problems.add(Rule::Consistency, other, same, message);
    }
}

/// A location that only a reference names so far is called by its code.
pub(crate) fn referenced(
    external_id: &str,
    version: Version,
    parents: &mut Parents,
) -> Result<RowKey, DomainError> {
    let key = parents.named(TableId::Locations, external_id)?;
    parents.offer(TableId::Locations, key, Rank::Referenced, version, |row| {
        row.key(key)
            .text(external_id)
            .text(external_id)
            .key_or_null(None)
            .key_or_null(None)
            .key_or_null(None)
            .text_or_null(None)
            .date_or_null(None)
            .date_or_null(None)
            .bool(true)
            .bool(true)
            .small(Rank::Referenced.bits())
            .version(version);
    });
    Ok(key)
}
