//! Goods between locations: header and lines, and the store order that they serve.

use catwing_domain::{DomainError, Output, TableId};

use crate::{
    accepted::Accepted,
    canonical::{Fields, Problems},
    lines, location,
    parents::Parents,
    product, range, store_order,
};

/// Checks the rules between fields; what it finds goes to `problems`.
pub(crate) fn check(record: Fields<'_, '_>, problems: &mut Problems) {
    range::not_before(record, "ship_date", "received_date", problems);
    location::check_apart(
        record,
        ("from_location_external_id", "to_location_external_id"),
        problems,
    );
    lines::check(record, problems, |line, at, problems| {
        range::not_negative(line, at, &["qty_shipped", "qty_received"], problems);
    });
}

/// Writes a transfer, its lines and what they refer to; the store order is inferred.
pub(crate) fn own(
    accepted: &Accepted<'_, '_>,
    parents: &mut Parents,
    output: &mut Output,
) -> Result<(), DomainError> {
    let (record, version) = (accepted.record, accepted.version);
    for line in lines::of(accepted, TableId::TransferOrderLines, parents)? {
        let product = line.record.text("product_external_id").unwrap_or_default();
        let product = product::referenced(product, line.version, parents)?;
        accepted
            .part(TableId::TransferOrderLines, output)
            .key(line.key)
            .key(accepted.key)
            .int(line.line_no)
            .text_or_null(line.record.text("external_id"))
            .key(product)
            .quantity(line.record.quantity("qty_shipped").unwrap_or_default())
            .quantity_or_null(line.record.quantity("qty_received"))
            .version(line.version);
    }
    let order = record.text("store_order_external_id");
    let order = order.map(|code| store_order::referenced(code, version, parents));
    let order = order.transpose()?;
    let from = record.text("from_location_external_id").unwrap_or_default();
    let from = location::referenced(from, version, parents)?;
    let to = record.text("to_location_external_id").unwrap_or_default();
    let to = location::referenced(to, version, parents)?;
    let statuses = TableId::TransferOrderStatuses;
    let status = parents.optional_word(statuses, record.text("status"), version)?;
    output
        .rows(TableId::TransferOrders)
        .row()
        .key(accepted.key)
        .text(record.text("external_id").unwrap_or_default())
        .key_or_null(order)
        .key(from)
        .key(to)
        .key_or_null(status)
        .date_or_null(record.date("ship_date"))
        .date_or_null(record.date("received_date"))
        .version(version);
    Ok(())
}
