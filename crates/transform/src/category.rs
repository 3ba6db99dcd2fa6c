//! Product categories: embedded in products, and referred to by observations.

use catwing_domain::{DomainError, RowKey, Rule, TableId, Version};

use crate::{
    canonical::{Fields, Problems},
    field_path::FieldPath,
    parents::{Parents, Rank},
};

/// What a category's row holds beside its key and name.
#[derive(Default)]
struct Details {
    parent: Option<RowKey>,
    category_type: Option<RowKey>,
}

/// Tells of a category that is its own parent: walks up the tree would not end.
pub(crate) fn check(record: Fields<'_, '_>, at: FieldPath<'_>, problems: &mut Problems) {
    let own = record.text("external_id");
    if own.is_some() && own == record.text("parent_external_id") {
        let at = at.field("parent_external_id");
        let message = "is the category itself: where roots name themselves, map that to nothing";
        problems.add(Rule::Consistency, at, own, message);
    }
}

/// The category that a product brings along.
pub(crate) fn embedded(
    record: Fields<'_, '_>,
    version: Version,
    parents: &mut Parents,
) -> Result<Option<RowKey>, DomainError> {
    let Some(external_id) = record.text("external_id") else {
        return Ok(None);
    };
    let parent = record.text("parent_external_id");
    let parent = parent.map(|parent| referenced(parent, version, parents));
    let details = Details {
        parent: parent.transpose()?,
        category_type: parents.optional_word(
            TableId::ProductCategoryTypes,
            record.text("type"),
            version,
        )?,
    };
    let name = record.text("name");
    let says_more = name.is_some() || details.parent.is_some() || details.category_type.is_some();
    let rank = if says_more {
        Rank::Embedded
    } else {
        Rank::Referenced
    };
    let name = name.unwrap_or(external_id);
    write((external_id, name), &details, rank, version, parents).map(Some)
}

/// A category that only a reference names so far is called by its code.
pub(crate) fn referenced(
    external_id: &str,
    version: Version,
    parents: &mut Parents,
) -> Result<RowKey, DomainError> {
    let (named, nothing) = ((external_id, external_id), Details::default());
    write(named, &nothing, Rank::Referenced, version, parents)
}

fn write(
    (external_id, name): (&str, &str),
    details: &Details,
    rank: Rank,
    version: Version,
    parents: &mut Parents,
) -> Result<RowKey, DomainError> {
    let key = parents.named(TableId::ProductCategories, external_id)?;
    parents.offer(TableId::ProductCategories, key, rank, version, |row| {
        row.key(key)
            .text(external_id)
            .text(name)
            .key_or_null(details.parent)
            .key_or_null(details.category_type)
            .bool(true)
            .bool(true)
            .small(rank.bits())
            .version(version);
    });
    Ok(key)
}
