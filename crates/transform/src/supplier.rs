//! Suppliers: records of their own with brands and offers, and those that others refer to.

use std::collections::HashSet;

use catwing_domain::{DomainError, Output, RowKey, Rule, TableId, Version};

use crate::{
    accepted::{self, Accepted},
    brand,
    canonical::{Fields, Problems},
    city,
    field_path::FieldPath,
    natural_key::{self, DAY},
    parents::{Parents, Rank},
    product, range,
    record_plan::RecordPlan,
    translation,
};

/// What a supplier's row holds beside its key and name.
#[derive(Default)]
struct Details<'r> {
    status: Option<RowKey>,
    city: Option<RowKey>,
    country: Option<&'r str>,
    direct_shipment: bool,
    currency: Option<RowKey>,
    inactive: bool,
}

/// Checks the rules between fields; what it finds goes to `problems`.
pub(crate) fn check(record: Fields<'_, '_>, plan: &RecordPlan, problems: &mut Problems) {
    let external_id = record.text("external_id").unwrap_or_default();
    city::check(record, FieldPath::Record, problems);
    translation::check(record, external_id, problems);
    if plan.gives("products") {
        natural_key::check_length("external_id", [external_id, DAY], problems);
    }
    let (list, mut brands) = (FieldPath::Record.field("brands"), HashSet::new());
    for (index, name) in record.labels("brands").enumerate() {
        let at = list.element(index);
        natural_key::check_length(at, [external_id, name], problems);
        if !brands.insert(name) {
            let message = "is an earlier brand of the supplier";
            problems.add(Rule::Repeated, at, Some(name), message);
        }
    }
    let (list, mut products) = (FieldPath::Record.field("products"), HashSet::new());
    for (index, offer) in record.list("products").enumerate() {
        let element = list.element(index);
        range::not_negative(offer, element, &["unit_cost"], problems);
        if offer.count("package_qty") == Some(0) {
            let at = element.field("package_qty");
            problems.add(Rule::Range, at, Some("0"), "is a package of nothing");
        }
        let Some(product) = offer.text("product_external_id") else {
            continue;
        };
        let at = element.field("product_external_id");
        natural_key::check_length(at, [external_id, DAY, product], problems);
        if !products.insert(product) {
            let message = "is offered by an earlier line: a supplier offers a product once";
            problems.add(Rule::Repeated, at, Some(product), message);
        }
    }
}

/// Writes a supplier's own record: its row, its brands and offers, and the dated list of these.
pub(crate) fn own(
    accepted: &Accepted<'_, '_>,
    parents: &mut Parents,
    output: &mut Output,
) -> Result<(), DomainError> {
    let (record, version) = (accepted.record, accepted.version);
    let Some(external_id) = record.text("external_id") else {
        return Ok(());
    };
    let currency = record.text("currency");
    let currency = currency.map(|code| accepted::currency(code, output));
    let details = Details {
        status: parents.optional_word(TableId::SupplierStatuses, record.text("status"), version)?,
        city: city::of(record, output)?,
        country: record.text("country"),
        direct_shipment: record.bool("direct_shipment") == Some(true),
        currency: currency.transpose()?,
        inactive: record.bool("is_active") == Some(false),
    };
    let name = record.text("name").unwrap_or(external_id);
    write(external_id, name, &details, Rank::Own, version, parents)?;
    for name in record.labels("brands") {
        let key = parents.key(TableId::XSupplierBrands, &[Some(external_id), Some(name)])?;
        let brand = brand::named(name, None, version, parents)?;
        accepted
            .part(TableId::XSupplierBrands, output)
            .key(key)
            .key(accepted.key)
            .key(brand)
            .version(version);
    }
    let translations = (TableId::SupplierTranslations, external_id);
    translation::write(accepted, translations, parents, output)?;
    write_offers(accepted, external_id, parents, output)
}

/// A supplier that only a reference names so far is called by its code.
pub(crate) fn referenced(
    external_id: &str,
    version: Version,
    parents: &mut Parents,
) -> Result<RowKey, DomainError> {
    let (rank, nothing) = (Rank::Referenced, Details::default());
    write(external_id, external_id, &nothing, rank, version, parents)
}

/// The offers in force, and the list of them that the history of costs is made of. A feed that has
/// no offers says nothing of them; an empty list ends all that were.
fn write_offers(
    accepted: &Accepted<'_, '_>,
    external_id: &str,
    parents: &mut Parents,
    output: &mut Output,
) -> Result<(), DomainError> {
    if !accepted.plan.gives("products") {
        return Ok(());
    }
    let day = accepted.version_day.to_string();
    let parts = [Some(external_id), Some(day.as_str())];
    let list = parents.key(TableId::SupplierPriceLists, &parts)?;
    output
        .rows(TableId::SupplierPriceLists)
        .row()
        .key(list)
        .key(accepted.key)
        .date(accepted.version_day)
        .version(accepted.version);
    for offer in accepted.record.list("products") {
        write_offer(accepted, offer, (external_id, &day, list), parents, output)?;
    }
    Ok(())
}

fn write_offer(
    accepted: &Accepted<'_, '_>,
    offer: Fields<'_, '_>,
    (external_id, day, list): (&str, &str, RowKey),
    parents: &mut Parents,
    output: &mut Output,
) -> Result<(), DomainError> {
    let version = accepted.version;
    let code = offer.text("product_external_id").unwrap_or_default();
    let product = product::referenced(code, version, parents)?;
    let currency = match offer.text("currency") {
        Some(code) => accepted::currency(code, output)?,
        None => accepted.currency(output)?,
    };
    let cost = offer.money("unit_cost").unwrap_or_default();
    let is_default = offer.bool("is_default") == Some(true);
    let parts = [Some(external_id), Some(code)];
    let key = parents.key(TableId::XSupplierProducts, &parts)?;
    accepted
        .part(TableId::XSupplierProducts, output)
        .key(key)
        .key(accepted.key)
        .key(product)
        .money(cost)
        .key(currency)
        .text_or_null(offer.text("supplier_sku"))
        .int_or_null(offer.count("package_qty"))
        .int_or_null(offer.count("min_order_qty"))
        .int_or_null(offer.count("lead_time_days"))
        .bool(is_default)
        .version(version);
    let parts = [Some(external_id), Some(day), Some(code)];
    let key = parents.key(TableId::SupplierPriceListLines, &parts)?;
    accepted
        .part(TableId::SupplierPriceListLines, output)
        .key(key)
        .key(list)
        .key(accepted.key)
        .date(accepted.version_day)
        .key(product)
        .money(cost)
        .key(currency)
        .bool(is_default)
        .version(version);
    Ok(())
}

fn write(
    external_id: &str,
    name: &str,
    details: &Details<'_>,
    rank: Rank,
    version: Version,
    parents: &mut Parents,
) -> Result<RowKey, DomainError> {
    let key = parents.named(TableId::Suppliers, external_id)?;
    parents.offer(TableId::Suppliers, key, rank, version, |row| {
        row.key(key)
            .text(external_id)
            .text(name)
            .key_or_null(details.status)
            .key_or_null(details.city)
            .text_or_null(details.country)
            .bool(details.direct_shipment)
            .key_or_null(details.currency)
            .bool(!details.inactive)
            .bool(!details.inactive)
            .small(rank.bits())
            .version(version);
    });
    Ok(key)
}
