//! Purchase orders: header and lines, and those that only a receipt names so far.

use catwing_domain::{DomainError, Money, Output, RowKey, TableId, Version};
use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::{
    accepted::Accepted,
    canonical::{Fields, Problems},
    field_path::FieldPath,
    lines, location,
    parents::{Parents, Rank},
    product, range, supplier,
};

/// What a purchase order's row holds beside its key.
#[derive(Default)]
struct Details {
    supplier: Option<RowKey>,
    location: Option<RowKey>,
    status: Option<RowKey>,
    order_date: Option<Date>,
    expected_date: Option<Date>,
    closed_date: Option<Date>,
    total: Option<Money>,
    currency: Option<RowKey>,
}

/// Checks the rules between fields; what it finds goes to `problems`.
pub(crate) fn check(record: Fields<'_, '_>, problems: &mut Problems) {
    range::not_before(record, "order_date", "closed_date", problems);
    let mut total = Decimal::ZERO;
    lines::check(record, problems, |line, at, problems| {
        range::not_negative(line, at, &["qty", "unit_cost"], problems);
        match value(line) {
            Ok(value) => total += value.decimal(),
            Err(error) => lines::tell_misfit(at.field("line_value"), &error, problems),
        }
    });
    if let Err(error) = Money::rounded(total) {
        lines::tell_misfit(FieldPath::Record.field("total_value"), &error, problems);
    }
}

/// Line values keep four decimals; quantity and cost are multiplied exactly before.
fn value(line: Fields<'_, '_>) -> Result<Money, DomainError> {
    let qty = line.quantity("qty").unwrap_or_default();
    let cost = line.money("unit_cost").unwrap_or_default();
    Money::rounded(lines::value(qty, cost)?)
}

/// Writes a purchase order's own record: its row, its lines and what they refer to.
pub(crate) fn own(
    accepted: &Accepted<'_, '_>,
    parents: &mut Parents,
    output: &mut Output,
) -> Result<(), DomainError> {
    let (record, version) = (accepted.record, accepted.version);
    let mut total = Decimal::ZERO;
    for line in lines::of(accepted, TableId::PurchaseOrderLines, parents)? {
        let product = line.record.text("product_external_id").unwrap_or_default();
        let product = product::referenced(product, line.version, parents)?;
        total += value(line.record)?.decimal();
        accepted
            .part(TableId::PurchaseOrderLines, output)
            .key(line.key)
            .key(accepted.key)
            .int(line.line_no)
            .text_or_null(line.record.text("external_id"))
            .key(product)
            .quantity(line.record.quantity("qty").unwrap_or_default())
            .money(line.record.money("unit_cost").unwrap_or_default())
            .date_or_null(line.record.date("expected_date"))
            .version(line.version);
    }
    let supplier = record.text("supplier_external_id").unwrap_or_default();
    let location = record.text("location_external_id").unwrap_or_default();
    let details = Details {
        supplier: Some(supplier::referenced(supplier, version, parents)?),
        location: Some(location::referenced(location, version, parents)?),
        status: parents.optional_word(
            TableId::PurchaseOrderStatuses,
            record.text("status"),
            version,
        )?,
        order_date: record.date("order_date"),
        expected_date: record.date("expected_date"),
        closed_date: record.date("closed_date"),
        total: Some(Money::rounded(total)?),
        currency: Some(accepted.currency(output)?),
    };
    let external_id = record.text("external_id").unwrap_or_default();
    write(external_id, &details, Rank::Own, version, parents).map(|_| ())
}

/// A purchase order of which nothing but its key is known.
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
    let key = parents.named(TableId::PurchaseOrders, external_id)?;
    parents.offer(TableId::PurchaseOrders, key, rank, version, |row| {
        row.key(key)
            .text(external_id)
            .key_or_null(details.supplier)
            .key_or_null(details.location)
            .key_or_null(details.status)
            .date_or_null(details.order_date)
            .date_or_null(details.expected_date)
            .date_or_null(details.closed_date)
            .money_or_null(details.total)
            .key_or_null(details.currency)
            .small(rank.bits())
            .version(version);
    });
    Ok(key)
}
