//! Locations: records of their own, and those that documents refer to.

use catwing_domain::{DomainError, RowKey, Rule, TableId, Version};

use crate::{
    canonical::{Fields, Problems},
    parents::{Parents, Rank},
};

/// Checks the rules between fields; what it finds goes to `problems`.
pub(crate) fn check(record: Fields<'_, '_>, problems: &mut Problems) {
    let (opened, closed) = (record.date("opened_on"), record.date("closed_on"));
    if let (Some(opened), Some(closed)) = (opened, closed)
        && closed < opened
    {
        let message = format!("is before opened_on, {opened}");
        problems.add(
            Rule::Consistency,
            "closed_on",
            Some(&closed.to_string()),
            message,
        );
    }
}

pub(crate) fn own(
    record: Fields<'_, '_>,
    version: Version,
    parents: &mut Parents,
) -> Result<(), DomainError> {
    let Some(external_id) = record.text("external_id") else {
        return Ok(());
    };
    let key = parents.key(TableId::Locations, &[Some(external_id)])?;
    let location_type =
        parents.optional_word(TableId::LocationTypes, record.text("type"), version)?;
    let status =
        parents.optional_word(TableId::LocationStatuses, record.text("status"), version)?;
    let active = record.bool("is_active").unwrap_or(true);
    parents.offer(TableId::Locations, key, Rank::Own, version, |row| {
        row.key(key)
            .text(external_id)
            .text(record.text("name").unwrap_or(external_id))
            .key_or_null(location_type)
            .key_or_null(status)
            .text_or_null(record.text("city"))
            .text_or_null(record.text("country"))
            .date_or_null(record.date("opened_on"))
            .date_or_null(record.date("closed_on"))
            .bool(active)
            .bool(active)
            .small(Rank::Own.bits())
            .version(version);
    });
    Ok(())
}

/// A location that only a reference names so far is called by its code.
pub(crate) fn referenced(
    external_id: &str,
    version: Version,
    parents: &mut Parents,
) -> Result<RowKey, DomainError> {
    let key = parents.key(TableId::Locations, &[Some(external_id)])?;
    parents.offer(TableId::Locations, key, Rank::Referenced, version, |row| {
        row.key(key)
            .text(external_id)
            .text(external_id)
            .key_or_null(None)
            .key_or_null(None)
            .text_or_null(None)
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
