//! Customers: records of their own, and those that a sales document brings along.

use catwing_domain::{DomainError, Output, RowKey, TableId, Version};

use crate::{
    accepted::Accepted,
    canonical::{Fields, Problems},
    city,
    field_path::FieldPath,
    parents::{Parents, Rank},
};

/// Checks the rules between fields; what it finds goes to `problems`.
pub(crate) fn check(record: Fields<'_, '_>, at: FieldPath<'_>, problems: &mut Problems) {
    city::check(record, at, problems);
}

pub(crate) fn own(
    accepted: &Accepted<'_, '_>,
    parents: &mut Parents,
    output: &mut Output,
) -> Result<(), DomainError> {
    let row = (Rank::Own, accepted.version);
    write(accepted.record, row, parents, output).map(|_| ())
}

/// The customer of a document: a reference where nothing but its key is said.
pub(crate) fn embedded(
    record: Fields<'_, '_>,
    version: Version,
    parents: &mut Parents,
    output: &mut Output,
) -> Result<Option<RowKey>, DomainError> {
    let says_more = ["name", "type", "city", "country"]
        .iter()
        .any(|field| record.text(field).is_some());
    let rank = if says_more {
        Rank::Embedded
    } else {
        Rank::Referenced
    };
    write(record, (rank, version), parents, output)
}

fn write(
    record: Fields<'_, '_>,
    (rank, version): (Rank, Version),
    parents: &mut Parents,
    output: &mut Output,
) -> Result<Option<RowKey>, DomainError> {
    let Some(external_id) = record.text("external_id") else {
        return Ok(None);
    };
    let key = parents.named(TableId::Customers, external_id)?;
    let customer_type =
        parents.optional_word(TableId::CustomerTypes, record.text("type"), version)?;
    let city = city::of(record, output)?;
    let active = record.bool("is_active").unwrap_or(true);
    parents.offer(TableId::Customers, key, rank, version, |row| {
        row.key(key)
            .text(external_id)
            .text_or_null(record.text("name"))
            .key_or_null(customer_type)
            .key_or_null(city)
            .text_or_null(record.text("country"))
            .bool(active)
            .bool(active)
            .small(rank.bits())
            .version(version);
    });
    Ok(Some(key))
}
