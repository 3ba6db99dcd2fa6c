//! Prices with the days on which they are in force.

use catwing_domain::{DomainError, Output, RowKey, TableId, Version};

use crate::{
    accepted::Accepted,
    canonical::{Fields, Problems},
    field_path::FieldPath,
    location,
    parents::{Parents, Rank},
    product, range,
};

/// Checks the rules between fields; what it finds goes to `problems`.
pub(crate) fn check(record: Fields<'_, '_>, problems: &mut Problems) {
    range::not_negative(record, FieldPath::Record, &["price"], problems);
    range::not_before(record, "from_date", "thru_date", problems);
}

/// Writes a price and what it refers to.
pub(crate) fn own(
    accepted: &Accepted<'_, '_>,
    parents: &mut Parents,
    output: &mut Output,
) -> Result<(), DomainError> {
    let (record, version, key) = (accepted.record, accepted.version, accepted.key);
    let product = record.text("product_external_id").unwrap_or_default();
    let product = product::referenced(product, version, parents)?;
    let location = record.text("location_external_id");
    let location = location.map(|code| location::referenced(code, version, parents));
    let location = location.transpose()?;
    let kind = kind(record, version, parents)?;
    let currency = accepted.currency(output)?;
    let active = record.bool("is_active").unwrap_or(true);
    parents.offer(TableId::PricingLists, key, Rank::Own, version, |row| {
        row.key(key)
            .key(product)
            .key_or_null(location)
            .key(kind)
            .money(record.money("price").unwrap_or_default())
            .key(currency)
            .date_or_null(record.date("from_date"))
            .date_or_null(record.date("thru_date"))
            .bool(active)
            .bool(active)
            .small(Rank::Own.bits())
            .version(version);
    });
    Ok(())
}

/// The kind of a price, ranked where the record says how.
fn kind(
    record: Fields<'_, '_>,
    version: Version,
    parents: &mut Parents,
) -> Result<RowKey, DomainError> {
    let name = record.text("price_kind").unwrap_or_default();
    let key = parents.named(TableId::PriceKinds, name)?;
    let (rank, weight) = match record.count("rank") {
        Some(rank) => (rank, Rank::Embedded),
        None => (0, Rank::Referenced),
    };
    parents.offer(TableId::PriceKinds, key, weight, version, |row| {
        row.key(key)
            .text(name)
            .int(rank)
            .bool(true)
            .small(weight.bits())
            .version(version);
    });
    Ok(key)
}
