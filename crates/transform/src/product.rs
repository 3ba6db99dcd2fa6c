//! Products: records of their own with all that hangs on them, and those that others refer to.

use std::collections::HashSet;

use catwing_domain::{DomainError, Money, Output, RowKey, Rule, TableId, Version};
use jiff::civil::Date;

use crate::{
    accepted::Accepted,
    brand,
    canonical::{Fields, Problems},
    category,
    field_path::FieldPath,
    natural_key,
    parents::{Parents, Rank},
    range,
    record_plan::RecordPlan,
    supplier, translation,
};

/// What a product's row holds beside its key and name.
#[derive(Default)]
struct Details<'r> {
    sku: Option<&'r str>,
    vendor_sku: Option<&'r str>,
    kind: Option<&'r str>,
    brand: Option<RowKey>,
    category: Option<RowKey>,
    birth_date: Option<Date>,
    gender: Option<RowKey>,
    status: Option<RowKey>,
    price_tier: Option<RowKey>,
    supplier: Option<RowKey>,
    cost: Option<Money>,
    price: Option<Money>,
    currency: Option<RowKey>,
    inactive: bool,
}

/// Checks the rules between fields; what it finds goes to `problems`.
pub(crate) fn check(record: Fields<'_, '_>, plan: &RecordPlan, problems: &mut Problems) {
    let external_id = record.text("external_id").unwrap_or_default();
    if says_cost(plan) {
        natural_key::check_length("external_id", [external_id, natural_key::DAY], problems);
    }
    range::not_negative(record, FieldPath::Record, &["cost", "price"], problems);
    if let Some(category) = record.record("category") {
        category::check(category, FieldPath::Record.field("category"), problems);
    }
    for (name, _) in record.attributes("attributes") {
        natural_key::check_length("attributes", [external_id, name], problems);
    }
    let (list, mut images) = (FieldPath::Record.field("images"), HashSet::new());
    for (index, image) in record.list("images").enumerate() {
        let Some(s3_key) = image.text("s3_key") else {
            continue;
        };
        let element = list.element(index);
        let at = element.field("s3_key");
        natural_key::check_length(at, [external_id, s3_key], problems);
        if !images.insert(s3_key) {
            let message = "is the key of an earlier image of the product";
            problems.add(Rule::Repeated, at, Some(s3_key), message);
        }
    }
    translation::check(record, external_id, problems);
}

/// Writes a product's own record: its row, its parts, and what it says of cost.
pub(crate) fn own(
    accepted: &Accepted<'_, '_>,
    parents: &mut Parents,
    output: &mut Output,
) -> Result<(), DomainError> {
    let (record, version) = (accepted.record, accepted.version);
    let Some(external_id) = record.text("external_id") else {
        return Ok(());
    };
    let brand = record.text("brand");
    let brand =
        brand.map(|name| brand::named(name, record.text("brand_country"), version, parents));
    let category = match record.record("category") {
        Some(category) => category::embedded(category, version, parents)?,
        None => None,
    };
    let supplier = record.text("supplier_external_id");
    let supplier = supplier.map(|supplier| supplier::referenced(supplier, version, parents));
    let (cost, price) = (record.money("cost"), record.money("price"));
    let mut word = |table, field| parents.optional_word(table, record.text(field), version);
    let details = Details {
        sku: record.text("sku"),
        vendor_sku: record.text("vendor_sku"),
        kind: record.text("kind"),
        gender: word(TableId::Genders, "gender")?,
        status: word(TableId::ProductStatuses, "status")?,
        price_tier: word(TableId::PriceTiers, "price_tier")?,
        brand: brand.transpose()?,
        category,
        birth_date: record.date("birth_date"),
        supplier: supplier.transpose()?,
        cost,
        price,
        currency: accepted.currency_of(cost.or(price), output)?,
        inactive: record.bool("is_active") == Some(false),
    };
    let name = record.text("name").unwrap_or(external_id);
    write(external_id, name, &details, Rank::Own, version, parents)?;
    write_attributes(accepted, external_id, parents, output)?;
    write_images(accepted, external_id, parents, output)?;
    let translations = (TableId::ProductTranslations, external_id);
    translation::write(accepted, translations, parents, output)?;
    write_cost(accepted, external_id, &details, parents, output)
}

fn write_attributes(
    accepted: &Accepted<'_, '_>,
    external_id: &str,
    parents: &Parents,
    output: &mut Output,
) -> Result<(), DomainError> {
    let table = TableId::ProductAttributes;
    for (name, value) in accepted.record.attributes("attributes") {
        let key = parents.key(table, &[Some(external_id), Some(name)])?;
        accepted
            .part(table, output)
            .key(key)
            .key(accepted.key)
            .text(name)
            .text(value)
            .version(accepted.version);
    }
    Ok(())
}

fn write_images(
    accepted: &Accepted<'_, '_>,
    external_id: &str,
    parents: &mut Parents,
    output: &mut Output,
) -> Result<(), DomainError> {
    let (table, version) = (TableId::ProductImages, accepted.version);
    for image in accepted.record.list("images") {
        let s3_key = image.text("s3_key").unwrap_or_default();
        let key = parents.key(table, &[Some(external_id), Some(s3_key)])?;
        let kind = parents.optional_word(TableId::ImageTypes, image.text("type"), version)?;
        accepted
            .part(table, output)
            .key(key)
            .key(accepted.key)
            .text(s3_key)
            .key_or_null(kind)
            .version(version);
    }
    Ok(())
}

/// Whether a feed can say anything of cost or default supplier.
fn says_cost(plan: &RecordPlan) -> bool {
    plan.gives("cost") || plan.gives("supplier_external_id")
}

/// What the record says of cost and default supplier on its day. A feed that can say neither says
/// nothing: it must not end what another source says.
fn write_cost(
    accepted: &Accepted<'_, '_>,
    external_id: &str,
    details: &Details<'_>,
    parents: &Parents,
    output: &mut Output,
) -> Result<(), DomainError> {
    if !says_cost(accepted.plan) {
        return Ok(());
    }
    let (table, day) = (TableId::ProductCostRecords, accepted.version_day);
    let key = parents.key(table, &[Some(external_id), Some(&day.to_string())])?;
    output
        .rows(table)
        .row()
        .key(key)
        .key(accepted.key)
        .date(day)
        .key_or_null(details.supplier)
        .money_or_null(details.cost)
        .key_or_null(details.currency.filter(|_| details.cost.is_some()))
        .version(accepted.version);
    Ok(())
}

/// A product that a line refers to by its key alone.
pub(crate) fn referenced(
    external_id: &str,
    version: Version,
    parents: &mut Parents,
) -> Result<RowKey, DomainError> {
    write(
        external_id,
        external_id,
        &Details::default(),
        Rank::Referenced,
        version,
        parents,
    )
}

/// A product that a line brings along. Only sale documents name products reliably: what others
/// write there are notes, so the code stands in for the name until a sale or a product file has it.
pub(crate) fn embedded(
    record: Fields<'_, '_>,
    name_counts: bool,
    version: Version,
    parents: &mut Parents,
) -> Result<Option<RowKey>, DomainError> {
    let Some(external_id) = record.text("external_id") else {
        return Ok(None);
    };
    let details = Details {
        kind: record.text("kind"),
        ..Details::default()
    };
    let (name, rank) = match (record.text("name").filter(|_| name_counts), details.kind) {
        (Some(name), _) => (name, Rank::Embedded),
        (None, Some(_)) => (external_id, Rank::Bare),
        (None, None) => (external_id, Rank::Referenced),
    };
    write(external_id, name, &details, rank, version, parents).map(Some)
}

fn write(
    external_id: &str,
    name: &str,
    details: &Details<'_>,
    rank: Rank,
    version: Version,
    parents: &mut Parents,
) -> Result<RowKey, DomainError> {
    let key = parents.named(TableId::Products, external_id)?;
    parents.offer(TableId::Products, key, rank, version, |row| {
        row.key(key)
            .text(external_id)
            .text_or_null(details.sku)
            .text_or_null(details.vendor_sku)
            .text(name)
            .text(details.kind.unwrap_or("goods"))
            .key_or_null(details.brand)
            .key_or_null(details.category)
            .date_or_null(details.birth_date)
            .key_or_null(details.gender)
            .key_or_null(details.status)
            .key_or_null(details.price_tier)
            .key_or_null(details.supplier)
            .money_or_null(details.cost)
            .money_or_null(details.price)
            .key_or_null(details.currency)
            .bool(!details.inactive)
            .bool(!details.inactive)
            .small(rank.bits())
            .version(version);
    });
    Ok(key)
}
