//! What people set in the UI. Each write is a record with all fields of its kind, and becomes one row
//! that nothing changes afterwards.

use catwing_domain::{DomainError, Entity, Output, RowKey, RowWriter, Rule, TableId};
use rust_decimal::Decimal;

use crate::{
    accepted::{self, Accepted},
    canonical::{Fields, Problems},
    category,
    field_path::FieldPath,
    location,
    parents::Parents,
    product, range, supplier,
};

/// Days that a lead time or the time between two orders may take.
const LEAD_DAYS_MAX: i32 = 3_650;
/// Days between two reviews of stock.
const REVIEW_DAYS_MAX: i32 = 366;

/// Checks the rules between fields; what it finds goes to `problems`.
pub(crate) fn check(record: Fields<'_, '_>, problems: &mut Problems) {
    range::not_negative(record, FieldPath::Record, &["min_order_value"], problems);
    range::count_within(record, "package_qty", (1, None), problems);
    range::count_within(
        record,
        "review_period_days",
        (1, Some(REVIEW_DAYS_MAX)),
        problems,
    );
    for field in ["lead_time_days", "reorder_time_days"] {
        range::count_within(record, field, (0, Some(LEAD_DAYS_MAX)), problems);
    }
    if let Some(level) = record
        .real("target_service_level")
        .map(|real| real.number())
        && !(level > 0.0 && level < 1.0)
    {
        let message = "is not a share between 0 and 1, both left out";
        let shown = level.to_string();
        problems.add(Rule::Range, "target_service_level", Some(&shown), message);
    }
    if let Some(user) = record.text("user").filter(|user| !is_address(user)) {
        let message = "is not an e-mail address in lower case and ASCII";
        problems.add(Rule::Format, "user", Some(user), message);
    }
    let parent = record.text("parent_external_id");
    if parent.is_some() && parent == record.text("child_external_id") {
        let message = "is the child too: a location does not supply itself";
        problems.add(Rule::Consistency, "parent_external_id", parent, message);
    }
    for (name, value) in record.attributes("parameters") {
        if Decimal::from_str_exact(value).is_err() {
            let at = FieldPath::Record.field("parameters");
            let message = format!("is no number, and {name} is one");
            problems.add(Rule::Type, at, Some(value), message);
        }
    }
}

/// One `@` with something before and behind it, in ASCII, nothing in upper case, no space. What is a
/// capital or a space beyond ASCII, servers see differently, and none may refuse what is archived.
fn is_address(text: &str) -> bool {
    let plain = |b: u8| b.is_ascii_graphic() && !b.is_ascii_uppercase() && b != b'@';
    text.split_once('@').is_some_and(|(name, host)| {
        !name.is_empty() && !host.is_empty() && name.bytes().chain(host.bytes()).all(plain)
    })
}

/// Writes the row of a write, and what it refers to.
pub(crate) fn own(
    entity: Entity,
    accepted: &Accepted<'_, '_>,
    parents: &mut Parents,
    output: &mut Output,
) -> Result<(), DomainError> {
    let (record, version) = (accepted.record, accepted.version);
    let text = |field| record.text(field).unwrap_or_default();
    let enabled = record.bool("enabled_for_processing").unwrap_or(true);
    match entity {
        Entity::ProductSettings => {
            let product = product::referenced(text("product_external_id"), version, parents)?;
            let write = Write::of(accepted, output)?;
            let row = output.rows(entity.table()).row();
            let row = row.key(accepted.key).key(product).bool(enabled);
            let row = row.int_or_null(record.count("first_order_qty"));
            let row = row.int_or_null(record.count("package_qty"));
            write.end(row.int_or_null(record.count("min_inv_qty")), accepted);
        }
        Entity::CategorySettings => {
            let category = category::referenced(text("category_external_id"), version, parents)?;
            let write = Write::of(accepted, output)?;
            let row = output.rows(entity.table()).row();
            let row = row.key(accepted.key).key(category).bool(enabled);
            let level = record.real("target_service_level");
            write.end(row.real_or_null(level), accepted);
        }
        Entity::SupplierSettings => {
            let supplier = supplier::referenced(text("supplier_external_id"), version, parents)?;
            let value = record.money("min_order_value");
            let currency = accepted.currency_of(value, output)?;
            let write = Write::of(accepted, output)?;
            let row = output.rows(entity.table()).row();
            let row = row.key(accepted.key).key(supplier).bool(enabled);
            let row = row.int_or_null(record.count("lead_time_days"));
            let row = row.int_or_null(record.count("reorder_time_days"));
            let row = row.money_or_null(value).key_or_null(currency);
            write.end(row, accepted);
        }
        Entity::LocationSettings => {
            let location = location::referenced(text("location_external_id"), version, parents)?;
            let write = Write::of(accepted, output)?;
            let row = output.rows(entity.table()).row();
            let row = row.key(accepted.key).key(location).bool(enabled);
            let row = row.int_or_null(record.count("capacity_qty"));
            let row = row.int_or_null(record.count("review_period_days"));
            write.end(row, accepted);
        }
        Entity::InventoryStrategies => strategy(accepted, parents, output)?,
        Entity::LocationRelationships => relationship(accepted, parents, output)?,
        _ => {
            let currency = accepted::currency(text("base_currency"), output)?;
            let write = Write::of(accepted, output)?;
            let row = output.rows(entity.table()).row();
            write.end(row.key(accepted.key).key(currency), accepted);
        }
    }
    Ok(())
}

fn strategy(
    accepted: &Accepted<'_, '_>,
    parents: &mut Parents,
    output: &mut Output,
) -> Result<(), DomainError> {
    let (record, version) = (accepted.record, accepted.version);
    let location = record.text("location_external_id").unwrap_or_default();
    let location = location::referenced(location, version, parents)?;
    let product = record.text("product_external_id");
    let product = product.map(|code| product::referenced(code, version, parents));
    let product = product.transpose()?;
    // Words that migrations fill in have keys without a tenant's salt.
    let word = record.text("strategy_type").unwrap_or_default();
    let strategy_type = RowKey::of_shared("inventory_strategy_types", &[Some(word)])?;
    let write = Write::of(accepted, output)?;
    let row = output.rows(TableId::InventoryStrategies).row();
    let row = row.key(accepted.key).key(location).key_or_null(product);
    let row = row.key(strategy_type).text(&parameters(record));
    write.end(row, accepted);
    Ok(())
}

/// Numbers by name as JSON, in the order of their names, each exactly as it was written.
fn parameters(record: Fields<'_, '_>) -> String {
    let mut numbers: Vec<_> = record.attributes("parameters").collect();
    numbers.sort_unstable();
    let pair = |(name, value): (&str, &str)| {
        let number = Decimal::from_str_exact(value)
            .unwrap_or_default()
            .normalize();
        format!("{}: {number}", serde_json::Value::from(name))
    };
    let pairs: Vec<_> = numbers.into_iter().map(pair).collect();
    format!("{{{}}}", pairs.join(", "))
}

fn relationship(
    accepted: &Accepted<'_, '_>,
    parents: &mut Parents,
    output: &mut Output,
) -> Result<(), DomainError> {
    let (record, version) = (accepted.record, accepted.version);
    let text = |field| record.text(field).unwrap_or_default();
    let parent = location::referenced(text("parent_external_id"), version, parents)?;
    let child = location::referenced(text("child_external_id"), version, parents)?;
    let kind = parents.word(TableId::LocationRelationshipTypes, text("type"), version)?;
    let write = Write::of(accepted, output)?;
    let row = accepted.part(TableId::LocationRelationships, output);
    let row = row.key(accepted.key).key(parent).key(child).key(kind);
    let row = row.int_or_null(record.count("priority"));
    let row = row.int_or_null(record.count("lead_time_days"));
    write.end(row.bool(record.bool("is_active").unwrap_or(true)), accepted);
    Ok(())
}

/// Which write it is, who made it and when: what ends every row of a setting.
struct Write<'r> {
    event_id: &'r str,
    user: RowKey,
}

impl<'r> Write<'r> {
    fn of(accepted: &Accepted<'r, '_>, output: &mut Output) -> Result<Self, DomainError> {
        let email = accepted.record.text("user").unwrap_or_default();
        let user = RowKey::of_shared("users", &[Some(email)])?;
        output.users.insert(email.to_owned(), user);
        let event_id = accepted.record.text("event_id").unwrap_or_default();
        Ok(Self { event_id, user })
    }

    fn end(&self, row: RowWriter<'_>, accepted: &Accepted<'_, '_>) {
        let at = accepted.record.instant("updated_at");
        let at = at.unwrap_or(accepted.version.source_version);
        let row = row.text(self.event_id).key(self.user).instant(at);
        row.version(accepted.version);
    }
}
