//! Sales documents: header, lines and their later updates, with the rules between their fields.

use std::collections::HashSet;

use catwing_domain::{
    DomainError, KEY_BYTES_MAX, Money, Output, Problem, Quantity, Rate, RawPosition, RowKey, Rule,
    TableId, Version,
};
use rust_decimal::Decimal;

use crate::{
    canonical::{Fields, Problems},
    customer,
    field_path::FieldPath,
    item, location,
    parents::Parents,
    product,
};

/// The type of a document that has none.
const SALE: &str = "sale";
/// Bytes that line and update numbers add to a document's key: ten digits each.
const NUMBER_BYTES_MAX: usize = 20;

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
    let key_bytes_max = KEY_BYTES_MAX - NUMBER_BYTES_MAX;
    if let Some(key) = record
        .text("external_id")
        .filter(|key| key.len() > key_bytes_max)
    {
        let message = format!(
            "is longer than the {key_bytes_max} bytes that a document's key may have beside its line numbers"
        );
        problems.add(Rule::Limit, "external_id", Some(key), message);
    }
    // Of a document whose type can't be read, nobody can say whether it is a sale.
    let sale = is_sale(record) && !problems.tells_of("type");
    let list = FieldPath::Record.field("lines");
    let (mut total, mut numbers, mut lines) = (Decimal::ZERO, HashSet::new(), 0);
    for (index, line) in record.list("lines").enumerate() {
        let at = list.element(index);
        lines += 1;
        check_number(line, at, &mut numbers, problems);
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
            Err(error) => {
                let at = at.field("line_value");
                problems.add(Rule::Range, at, value_of(&error), item::misfit(&error));
            }
        }
    }
    let repeated = |problem: &Problem| problem.rule == Rule::Repeated;
    if !numbers.is_empty() && numbers.len() != lines && !problems.list.iter().any(repeated) {
        let numbered = numbers.len();
        let message =
            format!("{numbered} of {lines} lines have a line_no: either all have one or none");
        problems.add(Rule::Consistency, "lines", None, message);
    }
    if let Err(error) = Money::rounded(total) {
        let message = item::misfit(&error);
        problems.add(Rule::Range, "total_value", value_of(&error), message);
    }
}

fn check_number(
    line: Fields<'_, '_>,
    at: FieldPath<'_>,
    numbers: &mut HashSet<i32>,
    problems: &mut Problems,
) {
    let Some(number) = line.count("line_no") else {
        return;
    };
    if !numbers.insert(number) {
        let at = at.field("line_no");
        let message = "is the number of an earlier line of the document";
        problems.add(Rule::Repeated, at, Some(&number.to_string()), message);
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

/// A number as people write it, without the zeros that its type adds.
fn plain(number: Decimal) -> String {
    number.normalize().to_string()
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

/// The number that an error speaks of.
fn value_of(error: &DomainError) -> Option<&str> {
    match error {
        DomainError::Number { value, .. } => Some(value),
        _ => None,
    }
}

fn is_sale(record: Fields<'_, '_>) -> bool {
    record.text("type").is_none_or(|word| word == SALE)
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
    let line_no = line.count("line_no").unwrap_or_else(|| ordinal(index));
    Ok(LineValues {
        line_no,
        qty,
        unit_price,
        discount_rate,
        discount_value,
        line_value,
    })
}

/// A checked document.
pub(crate) struct Document<'c, 'r> {
    pub(crate) record: Fields<'c, 'r>,
    pub(crate) version: Version,
    /// The position of each line that is a source row of its own; of the others, none.
    pub(crate) line_positions: &'c [RawPosition],
    pub(crate) base_currency: &'c str,
}

/// What the lines of a document have in common.
struct LineContext<'c> {
    external_id: &'c str,
    document: RowKey,
    version: Version,
    /// Only sale documents name products reliably.
    names_count: bool,
}

/// Writes a checked document: its rows, and the parents that it names.
pub(crate) fn emit(
    document: &Document<'_, '_>,
    parents: &mut Parents,
    output: &mut Output,
) -> Result<(), DomainError> {
    let (record, version) = (document.record, document.version);
    let Some(external_id) = record.text("external_id") else {
        return Ok(());
    };
    let key = parents.key(TableId::SalesOrders, &[Some(external_id)])?;
    let total = emit_lines(document, external_id, key, parents, output)?;
    let order_type = record.text("type").unwrap_or(SALE);
    let type_key = parents.word(TableId::SalesOrderTypes, order_type, version)?;
    let customer = match record.record("customer") {
        Some(customer) => customer::embedded(customer, version, parents)?,
        None => None,
    };
    let location = record.text("location_external_id").unwrap_or_default();
    let location = location::referenced(location, version, parents)?;
    let channel = parents.optional_word(TableId::SalesChannels, record.text("channel"), version)?;
    let status =
        parents.optional_word(TableId::SalesOrderStatuses, record.text("status"), version)?;
    let currency = record.text("currency").unwrap_or(document.base_currency);
    let currency_key = currency_key(currency)?;
    output.currencies.insert(currency.to_owned(), currency_key);
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

/// Writes the lines and returns what they come to.
fn emit_lines(
    document: &Document<'_, '_>,
    external_id: &str,
    key: RowKey,
    parents: &mut Parents,
    output: &mut Output,
) -> Result<Money, DomainError> {
    let (record, version) = (document.record, document.version);
    let cancelled = record
        .text("status")
        .is_some_and(|status| status.eq_ignore_ascii_case("cancelled"));
    let context = LineContext {
        external_id,
        document: key,
        version,
        names_count: is_sale(record) && !cancelled,
    };
    let mut total = Decimal::ZERO;
    for (index, line) in record.list("lines").enumerate() {
        let values = values(line, index)?;
        total += values.line_value.decimal();
        let position = document.line_positions.get(index).copied();
        let own = Version {
            raw_position: position.unwrap_or(version.raw_position),
            ..version
        };
        let key = emit_line(line, &values, (&context, own), parents, output)?;
        emit_updates(
            line,
            (key, values.line_no),
            (&context, own),
            parents,
            output,
        )?;
    }
    Money::rounded(total)
}

fn emit_line(
    line: Fields<'_, '_>,
    values: &LineValues,
    (context, own): (&LineContext<'_>, Version),
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
    part_of(context, TableId::SalesOrderLines, output);
    output
        .rows(TableId::SalesOrderLines)
        .row()
        .key(key)
        .key(context.document)
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

fn emit_updates(
    line: Fields<'_, '_>,
    (line_key, line_no): (RowKey, i32),
    (context, own): (&LineContext<'_>, Version),
    parents: &mut Parents,
    output: &mut Output,
) -> Result<(), DomainError> {
    let line_no = line_no.to_string();
    for (index, update) in line.list("updates").enumerate() {
        let update_no = ordinal(index);
        let number = update_no.to_string();
        let parts = [
            Some(context.external_id),
            Some(line_no.as_str()),
            Some(number.as_str()),
        ];
        let key = parents.key(TableId::SalesOrderLineUpdates, &parts)?;
        let word = update.text("type").unwrap_or_default();
        let update_type = parents.word(TableId::SalesOrderLineUpdateTypes, word, own)?;
        part_of(context, TableId::SalesOrderLineUpdates, output);
        output
            .rows(TableId::SalesOrderLineUpdates)
            .row()
            .key(key)
            .key(context.document)
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

/// A part's row says which version of its document it belongs to.
fn part_of(context: &LineContext<'_>, table: TableId, output: &mut Output) {
    let units = output.part_units.entry(table).or_default();
    units.push(context.version.raw_position);
}

/// A list's positions are counted from 1; a list never has more elements than fit.
fn ordinal(index: usize) -> i32 {
    i32::try_from(index + 1).unwrap_or(i32::MAX)
}

/// Currencies are shared by tenants, so no tenant's salt is in their keys.
pub(crate) fn currency_key(code: &str) -> Result<RowKey, DomainError> {
    RowKey::of_shared("currencies", &[Some(code)])
}
