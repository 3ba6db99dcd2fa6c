//! Brands: products and suppliers name them.

use catwing_domain::{DomainError, RowKey, TableId, Version};

use crate::parents::{Parents, Rank};

/// A brand by its name, and its country where the record says that.
pub(crate) fn named(
    name: &str,
    country: Option<&str>,
    version: Version,
    parents: &mut Parents,
) -> Result<RowKey, DomainError> {
    let key = parents.named(TableId::Brands, name)?;
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
