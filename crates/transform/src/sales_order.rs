//! Sales documents: header, lines and their later updates, with the rules between their fields.

use std::collections::HashSet;

use catwing_domain::{
    DomainError, Money, Output, Quantity, Rate, RawPosition, RowKey, Rule, TableId, Version,
};
use rust_decimal::Decimal;

use crate::{
    canonical::{Fields, Problems},
    customer, location,
    parents::Parents,
    product,
};

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
    let mut numbers = HashSet::new();
    let lines: Vec<_> = record.list("lines").collect();
    let numbered = lines
        .iter()
        .filter(|line| line.count("line_no").is_some())
        .count();
    if numbered != 0 && numbered != lines.len() {
        let message = format!(
            "{numbered} of {} lines have a line_no: either all have one or none",
            lines.len()
        );
        problems.add(Rule::Consistency, "lines", None, message);
    }
    let mut total = Decimal::ZERO;
    for (index, line) in lines.iter().enumerate() {
        let at = |field: &str| format!("lines[{index}].{field}");
        if let Some(number) = line.count("line_no")
            && !numbers.insert(number)
        {
            let message = "is the number of an earlier line of the document";
            problems.add(
                Rule::Repeated,
                &at("line_no"),
                Some(&number.to_string()),
                message,
            );
        }
        check_product(*line, index, problems);
        if is_sale(record) && line.quantity("qty").is_some_and(|qty| qty < Quantity::ZERO) {
            let shown = line.quantity("qty").map(|qty| qty.to_string());
            let message =
                "is negative in a sale: map returns to type \"return\", or to updates of the line";
            problems.add(Rule::Range, &at("qty"), shown.as_deref(), message);
        }
        check_discount(*line, index, problems);
        if line.quantity("qty").is_none() || line.money("unit_price").is_none() {
            continue;
        }
        match values(*line, index) {
            Ok(values) => total += values.line_value.decimal(),
            Err(error) => problems.add(Rule::Range, &at("line_value"), None, error.to_string()),
        }
    }
    if let Err(error) = Money::rounded(total) {
        problems.add(Rule::Range, "total_value", None, error.to_string());
    }
}

fn check_product(line: Fields<'_, '_>, index: usize, problems: &mut Problems) {
    let at = format!("lines[{index}].product_external_id");
    let embedded = line
        .record("product")
        .and_then(|product| product.text("external_id"));
    match (line.text("product_external_id"), embedded) {
        (None, None) => problems.add(
            Rule::Missing,
            &at,
            None,
            "is required, or product with its external_id",
        ),
        (Some(one), Some(other)) if one != other => {
            let message = format!("names another product than product.external_id, {other:?}");
            problems.add(Rule::Consistency, &at, Some(one), message);
        }
        _ => {}
    }
}

fn check_discount(line: Fields<'_, '_>, index: usize, problems: &mut Problems) {
    let Some(rate) = line.rate("discount_rate") else {
        return;
    };
    let at = format!("lines[{index}].discount_rate");
    if line.money("discount_value").is_some() {
        let message = "is there beside discount_value: a line has one or the other";
        problems.add(Rule::Consistency, &at, Some(&rate.to_string()), message);
    }
    if !(0..=1_000_000).contains(&rate.units()) {
        problems.add(
            Rule::Range,
            &at,
            Some(&rate.to_string()),
            "is not a rate from 0 to 1",
        );
    }
}

fn is_sale(record: Fields<'_, '_>) -> bool {
    matches!(record.text("type"), None | Some("sale"))
}

/// Line values keep four decimals; quantity and price are multiplied exactly before.
fn values(line: Fields<'_, '_>, index: usize) -> Result<LineValues, DomainError> {
    let qty = line.quantity("qty").unwrap_or_default();
    let unit_price = line.money("unit_price").unwrap_or_default();
    let too_large = || DomainError::Number {
        value: format!("{qty} x {unit_price}"),
        what: "money",
    };
    let gross = qty
        .decimal()
        .checked_mul(unit_price.decimal())
        .ok_or_else(too_large)?;
    let discount_rate = line.rate("discount_rate");
    let discount_value = match discount_rate {
        Some(rate) => Money::rounded(gross.checked_mul(rate.decimal()).ok_or_else(too_large)?)?,
        None => line.money("discount_value").unwrap_or_default(),
    };
    let line_value = Money::rounded(Money::rounded(gross)?.decimal() - discount_value.decimal())?;
    let ordinal = i32::try_from(index + 1).unwrap_or(i32::MAX);
    let line_no = line.count("line_no").unwrap_or(ordinal);
    Ok(LineValues {
        line_no,
        qty,
        unit_price,
        discount_rate,
        discount_value,
        line_value,
    })
}

/// Writes a checked document: its rows, and the parents that it names.
pub(crate) fn emit(
    record: Fields<'_, '_>,
    version: Version,
    line_positions: &[RawPosition],
    base_currency: &str,
    parents: &mut Parents,
    output: &mut Output,
) -> Result<(), DomainError> {
    let Some(external_id) = record.text("external_id") else {
        return Ok(());
    };
    let key = parents.key(TableId::SalesOrders, &[Some(external_id)])?;
    let order_type = record.text("type").unwrap_or("sale");
    let status = record.text("status");
    let names_count = order_type == "sale"
        && !status.is_some_and(|status| status.eq_ignore_ascii_case("cancelled"));
    let mut total = Decimal::ZERO;
    for (index, line) in record.list("lines").enumerate() {
        let values = values(line, index)?;
        total += values.line_value.decimal();
        let position = line_positions
            .get(index)
            .copied()
            .unwrap_or(version.raw_position);
        let of_document = Document {
            external_id,
            key,
            version,
        };
        emit_line(
            line,
            &values,
            &of_document,
            position,
            names_count,
            parents,
            output,
        )?;
    }
    let type_key = parents.word(TableId::SalesOrderTypes, order_type, version)?;
    let customer = match record.record("customer") {
        Some(customer) => customer::embedded(customer, version, parents)?,
        None => None,
    };
    let location = location::referenced(
        record.text("location_external_id").unwrap_or_default(),
        version,
        parents,
    )?;
    let channel = parents.optional_word(TableId::SalesChannels, record.text("channel"), version)?;
    let status = parents.optional_word(TableId::SalesOrderStatuses, status, version)?;
    let currency = record.text("currency").unwrap_or(base_currency);
    let currency_key = currency_key(currency)?;
    output.currencies.insert(currency.to_owned(), currency_key);
    let total = Money::rounded(total)?;
    output
        .rows(TableId::SalesOrders)
        .row()
        .key(key)
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
        .key(currency_key)
        .version(version);
    Ok(())
}

struct Document<'d> {
    external_id: &'d str,
    key: RowKey,
    version: Version,
}

fn emit_line(
    line: Fields<'_, '_>,
    values: &LineValues,
    document: &Document<'_>,
    position: RawPosition,
    names_count: bool,
    parents: &mut Parents,
    output: &mut Output,
) -> Result<(), DomainError> {
    let line_no = values.line_no.to_string();
    let key = parents.key(
        TableId::SalesOrderLines,
        &[Some(document.external_id), Some(&line_no)],
    )?;
    let own = Version {
        source_version: document.version.source_version,
        raw_position: position,
    };
    let product = match line.record("product") {
        Some(record) => product::embedded(record, names_count, own, parents)?,
        None => None,
    };
    let product = match (product, line.text("product_external_id")) {
        (Some(product), _) => product,
        (None, code) => product::referenced(code.unwrap_or_default(), own, parents)?,
    };
    let of_document = document.version.raw_position;
    output
        .part_units
        .entry(TableId::SalesOrderLines)
        .or_default()
        .push(of_document);
    output
        .rows(TableId::SalesOrderLines)
        .row()
        .key(key)
        .key(document.key)
        .int(values.line_no)
        .text_or_null(line.text("external_id"))
        .key(product)
        .quantity(values.qty)
        .money(values.unit_price)
        .rate_or_null(values.discount_rate)
        .money(values.discount_value)
        .money(values.line_value)
        .version(own);
    for (index, update) in line.list("updates").enumerate() {
        let update_no = i32::try_from(index + 1).unwrap_or(i32::MAX);
        let parts = [
            Some(document.external_id),
            Some(line_no.as_str()),
            Some(&*update_no.to_string()),
        ];
        let update_key = parents.key(TableId::SalesOrderLineUpdates, &parts)?;
        let word = update.text("type").unwrap_or_default();
        let update_type = parents.word(TableId::SalesOrderLineUpdateTypes, word, own)?;
        output
            .part_units
            .entry(TableId::SalesOrderLineUpdates)
            .or_default()
            .push(of_document);
        output
            .rows(TableId::SalesOrderLineUpdates)
            .row()
            .key(update_key)
            .key(document.key)
            .key(key)
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

/// Currencies are shared by tenants, so no tenant's salt is in their keys.
pub(crate) fn currency_key(code: &str) -> Result<RowKey, DomainError> {
    RowKey::of_shared("currencies", &[Some(code)])
}
