//! Receipts of goods: header and lines, and the purchase order that they name.

use catwing_domain::{DomainError, Output, TableId};

use crate::{
    accepted::Accepted,
    canonical::{Fields, Problems},
    lines, location,
    parents::Parents,
    product, purchase_order, range,
};

/// Checks the rules between fields; what it finds goes to `problems`.
pub(crate) fn check(record: Fields<'_, '_>, problems: &mut Problems) {
    lines::check(record, problems, |line, at, problems| {
        range::not_negative(line, at, &["qty_rejected"], problems);
    });
}

/// Writes a receipt, its lines and what they refer to. The purchase order is inferred; its line never
/// is: the line's number stays beside, until load finds the line.
pub(crate) fn own(
    accepted: &Accepted<'_, '_>,
    parents: &mut Parents,
    output: &mut Output,
) -> Result<(), DomainError> {
    let (record, version) = (accepted.record, accepted.version);
    for line in lines::of(accepted, TableId::ReceivingOrderLines, parents)? {
        let product = line.record.text("product_external_id").unwrap_or_default();
        let product = product::referenced(product, line.version, parents)?;
        accepted
            .part(TableId::ReceivingOrderLines, output)
            .key(line.key)
            .key(accepted.key)
            .int(line.line_no)
            .text_or_null(line.record.text("external_id"))
            .int_or_null(line.record.count("purchase_order_line_no"))
            .key(product)
            .quantity(line.record.quantity("qty_received").unwrap_or_default())
            .quantity_or_null(line.record.quantity("qty_rejected"))
            .version(line.version);
    }
    let order = record.text("purchase_order_external_id");
    let order = order.map(|code| purchase_order::referenced(code, version, parents));
    let order = order.transpose()?;
    let location = record.text("location_external_id").unwrap_or_default();
    let location = location::referenced(location, version, parents)?;
    let statuses = TableId::ReceivingOrderStatuses;
    let status = parents.optional_word(statuses, record.text("status"), version)?;
    output
        .rows(TableId::ReceivingOrders)
        .row()
        .key(accepted.key)
        .text(record.text("external_id").unwrap_or_default())
        .key_or_null(order)
        .key(location)
        .key_or_null(status)
        .date_or_null(record.date("received_date"))
        .version(version);
    Ok(())
}
