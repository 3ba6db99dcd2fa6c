//! Requests of stores: header and lines, and those that only a transfer names so far.

use catwing_domain::{DomainError, Output, RowKey, TableId, Version};
use jiff::civil::Date;

use crate::{
    accepted::Accepted,
    canonical::{Fields, Problems},
    lines, location,
    parents::{Parents, Rank},
    product, range,
};

/// What a store order's row holds beside its key.
#[derive(Default)]
struct Details {
    location: Option<RowKey>,
    source: Option<RowKey>,
    status: Option<RowKey>,
    order_date: Option<Date>,
    requested_date: Option<Date>,
}

/// Checks the rules between fields; what it finds goes to `problems`.
pub(crate) fn check(record: Fields<'_, '_>, problems: &mut Problems) {
    location::check_apart(
        record,
        ("location_external_id", "source_location_external_id"),
        problems,
    );
    lines::check(record, problems, |line, at, problems| {
        range::not_negative(line, at, &["qty", "qty_fulfilled"], problems);
    });
}

/// Writes a store order's own record: its row, its lines and what they refer to.
pub(crate) fn own(
    accepted: &Accepted<'_, '_>,
    parents: &mut Parents,
    output: &mut Output,
) -> Result<(), DomainError> {
    let (record, version) = (accepted.record, accepted.version);
    for line in lines::of(accepted, TableId::StoreOrderLines, parents)? {
        let product = line.record.text("product_external_id").unwrap_or_default();
        let product = product::referenced(product, line.version, parents)?;
        accepted
            .part(TableId::StoreOrderLines, output)
            .key(line.key)
            .key(accepted.key)
            .int(line.line_no)
            .text_or_null(line.record.text("external_id"))
            .key(product)
            .quantity(line.record.quantity("qty").unwrap_or_default())
            .quantity_or_null(line.record.quantity("qty_fulfilled"))
            .version(line.version);
    }
    let location = record.text("location_external_id").unwrap_or_default();
    let source = record.text("source_location_external_id");
    let source = source.unwrap_or_default();
    let details = Details {
        location: Some(location::referenced(location, version, parents)?),
        source: Some(location::referenced(source, version, parents)?),
        status: parents.optional_word(
            TableId::StoreOrderStatuses,
            record.text("status"),
            version,
        )?,
        order_date: record.date("order_date"),
        requested_date: record.date("requested_date"),
    };
    let external_id = record.text("external_id").unwrap_or_default();
    write(external_id, &details, Rank::Own, version, parents).map(|_| ())
}

/// A store order of which nothing but its key is known.
pub(crate) fn referenced(
    external_id: &str,
    version: Version,
    parents: &mut Parents,
) -> Result<RowKey, DomainError> {
    let (rank, nothing) = (Rank::Referenced, Details::default());
    write(external_id, &nothing, rank, version, parents)
}

fn write(
    external_id: &str,
    details: &Details,
    rank: Rank,
    version: Version,
    parents: &mut Parents,
) -> Result<RowKey, DomainError> {
    let key = parents.named(TableId::StoreOrders, external_id)?;
    parents.offer(TableId::StoreOrders, key, rank, version, |row| {
        row.key(key)
            .text(external_id)
            .key_or_null(details.location)
            .key_or_null(details.source)
            .key_or_null(details.status)
            .date_or_null(details.order_date)
            .date_or_null(details.requested_date)
            .small(rank.bits())
            .version(version);
    });
    Ok(key)
}
