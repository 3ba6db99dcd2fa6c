//! Sales documents: header, lines and their later updates, with the rules between their fields.

use catwing_domain::{DomainError, Money, Output, Quantity, Rate, RowKey, Rule, TableId, Version};
use rust_decimal::Decimal;

use crate::{
    accepted::Accepted,
    canonical::{Fields, Problems},
    customer,
    field_path::FieldPath,
    lines::{self, LineNumbers},
    location,
    parents::Parents,
    product,
    range::plain,
};

/// The type of a document that has none.
const SALE: &str = "sale";
/// Bytes that line and update numbers add to a document's key.
const NUMBER_BYTES_MAX: usize = 2 * lines::NUMBER_BYTES_MAX;

/// What a line comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct LineValues {
    line_no: i32,
    qty: Quantity,
    unit_price: Money,
    discount_rate: Option<Rate>,
    discount_value: Money,
    line_value: Money,
}

/// Checks the rules between fields; what it finds goes to `problems`.
pub(crate) fn check(record: Fields<'_, '_>, problems: &mut Problems) {
    lines::check_key(record, NUMBER_BYTES_MAX, problems);
    // Of a document whose type can't be read, nobody can say whether it is a sale.
    let sale = is_sale(record) && !problems.tells_of("type");
    let list = FieldPath::Record.field("lines");
    let (mut total, mut numbers) = (Decimal::ZERO, LineNumbers::default());
    for (index, line) in record.list("lines").enumerate() {
        let at = list.element(index);
        numbers.check(line, at, problems);
        check_product(line, at, problems);
        if sale {
            check_sign(line, at, problems);
        }
        check_discount(line, at, problems);
        if line.quantity("qty").is_none() || line.money("unit_price").is_none() {
            continue;
        }
        match values(line, index) {
            Ok(values) => total += values.line_value.decimal(),
            Err(error) => lines::tell_misfit(at.field("line_value"), &error, problems),
        }
    }
    numbers.end(problems);
    if let Err(error) = Money::rounded(total) {
        lines::tell_misfit(FieldPath::Record.field("total_value"), &error, problems);
    }
}

fn check_sign(line: Fields<'_, '_>, at: FieldPath<'_>, problems: &mut Problems) {
    if let Some(qty) = line.quantity("qty").filter(|qty| *qty < Quantity::ZERO) {
        let at = at.field("qty");
        let message =
            "is negative in a sale: map returns to type \"return\", or to updates of the line";
        problems.add(Rule::Range, at, Some(&plain(qty.decimal())), message);
    }
}

fn check_product(line: Fields<'_, '_>, line_at: FieldPath<'_>, problems: &mut Problems) {
    let at = line_at.field("product_external_id");
    let embedded = line
        .record("product")
        .and_then(|product| product.text("external_id"));
    match (line.text("product_external_id"), embedded) {
        (None, None) => {
            let product = line_at.field("product");
            if !problems.tells_of(at) && !problems.tells_of(product.field("external_id")) {
                let message = "is required, or product with its external_id";
                problems.add(Rule::Missing, at, None, message);
            }
        }
        (Some(one), Some(other)) if one != other => {
            let message = format!("names another product than product.external_id, {other:?}");
            problems.add(Rule::Consistency, at, Some(one), message);
        }
        _ => {}
    }
}

fn check_discount(line: Fields<'_, '_>, at: FieldPath<'_>, problems: &mut Problems) {
    let Some(rate) = line.rate("discount_rate") else {
        return;
    };
    let at = at.field("discount_rate");
    let value = plain(rate.decimal());
    if line.money("discount_value").is_some() {
        let message = "is there beside discount_value: a line has one or the other";
        problems.add(Rule::Consistency, at, Some(&value), message);
    }
    if !(0..=1_000_000).contains(&rate.units()) {
        let message = "is not a rate from 0 to 1";
        problems.add(Rule::Range, at, Some(&value), message);
    }
}

fn is_sale(record: Fields<'_, '_>) -> bool {
    record.text("type").is_none_or(|word| word == SALE)
}

/// Line values keep four decimals; quantity and price are multiplied exactly before.
fn values(line: Fields<'_, '_>, index: usize) -> Result<LineValues, DomainError> {
    let qty = line.quantity("qty").unwrap_or_default();
    let unit_price = line.money("unit_price").unwrap_or_default();
    let gross = lines::value(qty, unit_price)?;
    let too_large = || DomainError::Number {
        value: format!("{qty} x {unit_price}"),
        what: "money",
    };
    let discount_rate = line.rate("discount_rate");
    let discount_value = match discount_rate {
        Some(rate) => Money::rounded(gross.checked_mul(rate.decimal()).ok_or_else(too_large)?)?,
        None => line.money("discount_value").unwrap_or_default(),
    };
    let line_value = Money::rounded(Money::rounded(gross)?.decimal() - discount_value.decimal())?;
    let line_no = lines::number(line, index);
    Ok(LineValues {
        line_no,
        qty,
        unit_price,
        discount_rate,
        discount_value,
        line_value,
    })
}

/// What the lines of a document have in common.
struct LineContext<'c, 'r> {
    external_id: &'c str,
    document: &'c Accepted<'c, 'r>,
    /// Only sale documents name products reliably.
    names_count: bool,
}

/// Writes a document: its rows, and the parents that it names.
pub(crate) fn own(
    document: &Accepted<'_, '_>,
    parents: &mut Parents,
    output: &mut Output,
) -> Result<(), DomainError> {
    let (record, version) = (document.record, document.version);
    let Some(external_id) = record.text("external_id") else {
        return Ok(());
    };
    let total = write_lines(document, external_id, parents, output)?;
    let order_type = record.text("type").unwrap_or(SALE);
    let type_key = parents.word(TableId::SalesOrderTypes, order_type, version)?;
    let customer = match record.record("customer") {
        Some(customer) => customer::embedded(customer, version, parents, output)?,
        None => None,
    };
    let location = record.text("location_external_id").unwrap_or_default();
    let location = location::referenced(location, version, parents)?;
    let channel = parents.optional_word(TableId::SalesChannels, record.text("channel"), version)?;
    let status =
        parents.optional_word(TableId::SalesOrderStatuses, record.text("status"), version)?;
    let currency = document.currency(output)?;
    output
        .rows(TableId::SalesOrders)
        .row()
        .key(document.key)
        .text(external_id)
        .key(type_key)
        .key_or_null(customer)
        .key(location)
        .key_or_null(channel)
        .key_or_null(status)
        .date_or_null(record.date("order_date"))
        .date_or_null(record.date("requested_date"))
        .date_or_null(record.date("shipped_date"))
        .money_or_null(record.money("freight_value"))
        .money(total)
        .key(currency)
        .version(version);
    Ok(())
}

/// Writes the lines and returns what they come to.
fn write_lines(
    document: &Accepted<'_, '_>,
    external_id: &str,
    parents: &mut Parents,
    output: &mut Output,
) -> Result<Money, DomainError> {
    let record = document.record;
    let cancelled = record
        .text("status")
        .is_some_and(|status| status.eq_ignore_ascii_case("cancelled"));
    let context = LineContext {
        external_id,
        document,
        names_count: is_sale(record) && !cancelled,
    };
    let mut total = Decimal::ZERO;
    for (index, line) in record.list("lines").enumerate() {
        let values = values(line, index)?;
        total += values.line_value.decimal();
        let own = (&context, document.line_version(index));
        let key = write_line(line, &values, own, parents, output)?;
        write_updates(line, (key, values.line_no), own, parents, output)?;
    }
    Money::rounded(total)
}

fn write_line(
    line: Fields<'_, '_>,
    values: &LineValues,
    (context, own): (&LineContext<'_, '_>, Version),
    parents: &mut Parents,
    output: &mut Output,
) -> Result<RowKey, DomainError> {
    let line_no = values.line_no.to_string();
    let parts = [Some(context.external_id), Some(line_no.as_str())];
    let key = parents.key(TableId::SalesOrderLines, &parts)?;
    let product = match line.record("product") {
        Some(record) => product::embedded(record, context.names_count, own, parents)?,
        None => None,
    };
    let product = match (product, line.text("product_external_id")) {
        (Some(product), _) => product,
        (None, code) => product::referenced(code.unwrap_or_default(), own, parents)?,
    };
    context
        .document
        .part(TableId::SalesOrderLines, output)
        .key(key)
        .key(context.document.key)
        .int(values.line_no)
        .text_or_null(line.text("external_id"))
        .key(product)
        .quantity(values.qty)
        .money(values.unit_price)
        .rate_or_null(values.discount_rate)
        .money(values.discount_value)
        .money(values.line_value)
        .version(own);
    Ok(key)
}

fn write_updates(
    line: Fields<'_, '_>,
    (line_key, line_no): (RowKey, i32),
    (context, own): (&LineContext<'_, '_>, Version),
    parents: &mut Parents,
    output: &mut Output,
) -> Result<(), DomainError> {
    let line_no = line_no.to_string();
    for (index, update) in line.list("updates").enumerate() {
        let update_no = lines::ordinal(index);
        let number = update_no.to_string();
        let parts = [
            Some(context.external_id),
            Some(line_no.as_str()),
            Some(number.as_str()),
        ];
        let key = parents.key(TableId::SalesOrderLineUpdates, &parts)?;
        let word = update.text("type").unwrap_or_default();
        let update_type = parents.word(TableId::SalesOrderLineUpdateTypes, word, own)?;
        context
            .document
            .part(TableId::SalesOrderLineUpdates, output)
            .key(key)
            .key(context.document.key)
            .key(line_key)
            .int(update_no)
            .text_or_null(update.text("external_id"))
            .key(update_type)
            .date_or_null(update.date("date"))
            .quantity(update.quantity("qty_delta").unwrap_or_default())
            .money(update.money("value_delta").unwrap_or_default())
            .version(own);
    }
    Ok(())
}
