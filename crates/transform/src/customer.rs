//! Customers: records of their own, and those that a sales document brings along.

use catwing_domain::{DomainError, RowKey, TableId, Version};

use crate::{
    accepted::Accepted,
    canonical::Fields,
    parents::{Parents, Rank},
};

pub(crate) fn own(accepted: &Accepted<'_, '_>, parents: &mut Parents) -> Result<(), DomainError> {
    write(accepted.record, Rank::Own, accepted.version, parents).map(|_| ())
}

/// The customer of a document: a reference where nothing but its key is said.
pub(crate) fn embedded(
    record: Fields<'_, '_>,
    version: Version,
    parents: &mut Parents,
) -> Result<Option<RowKey>, DomainError> {
    let says_more = ["name", "type", "city", "country"]
        .iter()
        .any(|field| record.text(field).is_some());
    write(
        record,
        if says_more {
            Rank::Embedded
        } else {
            Rank::Referenced
        },
        version,
        parents,
    )
}

fn write(
    record: Fields<'_, '_>,
    rank: Rank,
    version: Version,
    parents: &mut Parents,
) -> Result<Option<RowKey>, DomainError> {
    let Some(external_id) = record.text("external_id") else {
        return Ok(None);
    };
    let key = parents.key(TableId::Customers, &[Some(external_id)])?;
    let customer_type =
        parents.optional_word(TableId::CustomerTypes, record.text("type"), version)?;
    let active = record.bool("is_active").unwrap_or(true);
    parents.offer(TableId::Customers, key, rank, version, |row| {
        row.key(key)
            .text(external_id)
            .text_or_null(record.text("name"))
            .key_or_null(customer_type)
            .text_or_null(record.text("city"))
            .text_or_null(record.text("country"))
            .bool(active)
            .bool(active)
            .small(rank.bits())
            .version(version);
    });
    Ok(Some(key))
}
