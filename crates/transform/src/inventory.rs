//! Stock of a product at a location at the end of a day.

use catwing_domain::{DomainError, Output, Rule, TableId};
use jiff::civil::Date;

use crate::{
    accepted::Accepted,
    canonical::{Fields, Problems},
    location,
    parents::Parents,
    product,
};

/// Checks the rules between fields; what it finds goes to `problems`.
pub(crate) fn check(record: Fields<'_, '_>, day: Date, problems: &mut Problems) {
    if let Some(of) = record.date("snapshot_date").filter(|of| *of > day) {
        let message = format!("is after the business day of the delivery, {day}: stock is counted");
        let of = of.to_string();
        problems.add(Rule::Range, "snapshot_date", Some(&of), message);
    }
}

/// Writes a stock and what it refers to.
pub(crate) fn own(
    accepted: &Accepted<'_, '_>,
    parents: &mut Parents,
    output: &mut Output,
) -> Result<(), DomainError> {
    let (record, version) = (accepted.record, accepted.version);
    let product = record.text("product_external_id").unwrap_or_default();
    let product = product::referenced(product, version, parents)?;
    let location = record.text("location_external_id").unwrap_or_default();
    let location = location::referenced(location, version, parents)?;
    output
        .rows(TableId::InventoryQuantities)
        .row()
        .key(accepted.key)
        .key(product)
        .key(location)
        .date(accepted.day_in("snapshot_date"))
        .text(accepted.scope)
        .quantity(record.quantity("on_hand_qty").unwrap_or_default())
        .quantity_or_null(record.quantity("reserved_qty"))
        .quantity_or_null(record.quantity("in_transit_qty"))
        .version(version);
    Ok(())
}
