//! Products: records of their own with brand and category, and those that a document's line names.

use catwing_domain::{DomainError, RowKey, TableId, Version};
use jiff::civil::Date;

use crate::{
    canonical::Fields,
    parents::{Parents, Rank},
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
    inactive: bool,
}

pub(crate) fn own(
    record: Fields<'_, '_>,
    version: Version,
    parents: &mut Parents,
) -> Result<(), DomainError> {
    let Some(external_id) = record.text("external_id") else {
        return Ok(());
    };
    let brand = match record.text("brand") {
        Some(name) => Some(brand(name, record.text("brand_country"), version, parents)?),
        None => None,
    };
    let category = match record.record("category") {
        Some(category) => category_of(category, version, parents)?,
        None => None,
    };
    let details = Details {
        sku: record.text("sku"),
        vendor_sku: record.text("vendor_sku"),
        kind: record.text("kind"),
        brand,
        category,
        birth_date: record.date("birth_date"),
        gender: parents.optional_word(TableId::Genders, record.text("gender"), version)?,
        status: parents.optional_word(TableId::ProductStatuses, record.text("status"), version)?,
        price_tier: parents.optional_word(
            TableId::PriceTiers,
            record.text("price_tier"),
            version,
        )?,
        inactive: record.bool("is_active") == Some(false),
    };
    write(
        external_id,
        record.text("name").unwrap_or(external_id),
        &details,
        Rank::Own,
        version,
        parents,
    )
    .map(|_| ())
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
    let key = parents.key(TableId::Products, &[Some(external_id)])?;
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
            .bool(!details.inactive)
            .bool(!details.inactive)
            .small(rank.bits())
            .version(version);
    });
    Ok(key)
}

fn brand(
    name: &str,
    country: Option<&str>,
    version: Version,
    parents: &mut Parents,
) -> Result<RowKey, DomainError> {
    let key = parents.key(TableId::Brands, &[Some(name)])?;
    let rank = if country.is_some() {
        Rank::Embedded
    } else {
        Rank::Referenced
    };
    parents.offer(TableId::Brands, key, rank, version, |row| {
        row.key(key)
            .text(name)
            .text_or_null(country)
            .small(rank.bits())
            .version(version);
    });
    Ok(key)
}

fn category_of(
    record: Fields<'_, '_>,
    version: Version,
    parents: &mut Parents,
) -> Result<Option<RowKey>, DomainError> {
    let Some(external_id) = record.text("external_id") else {
        return Ok(None);
    };
    let parent = match record.text("parent_external_id") {
        Some(parent) => Some(category(
            parent,
            parent,
            None,
            None,
            Rank::Referenced,
            version,
            parents,
        )?),
        None => None,
    };
    let category_type =
        parents.optional_word(TableId::ProductCategoryTypes, record.text("type"), version)?;
    let says_more = record.text("name").is_some() || parent.is_some() || category_type.is_some();
    let rank = if says_more {
        Rank::Embedded
    } else {
        Rank::Referenced
    };
    let name = record.text("name").unwrap_or(external_id);
    category(
        external_id,
        name,
        parent,
        category_type,
        rank,
        version,
        parents,
    )
    .map(Some)
}

fn category(
    external_id: &str,
    name: &str,
    parent: Option<RowKey>,
    category_type: Option<RowKey>,
    rank: Rank,
    version: Version,
    parents: &mut Parents,
) -> Result<RowKey, DomainError> {
    let key = parents.key(TableId::ProductCategories, &[Some(external_id)])?;
    parents.offer(TableId::ProductCategories, key, rank, version, |row| {
        row.key(key)
            .text(external_id)
            .text(name)
            .key_or_null(parent)
            .key_or_null(category_type)
            .bool(true)
            .bool(true)
            .small(rank.bits())
            .version(version);
    });
    Ok(key)
}
