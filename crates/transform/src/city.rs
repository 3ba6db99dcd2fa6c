//! Cities: shared data, known by name and country as delivered.

use catwing_domain::{City, DomainError, Output, RowKey};

use crate::{
    canonical::{Fields, Problems},
    field_path::FieldPath,
    natural_key,
};

/// Tells of a city whose name and country make no key.
pub(crate) fn check(record: Fields<'_, '_>, at: FieldPath<'_>, problems: &mut Problems) {
    if let Some(name) = record.text("city") {
        let country = record.text("country").unwrap_or_default();
        natural_key::check_length(at.field("city"), [name, country], problems);
    }
}

/// The city that a record names, which tenants share: no tenant's salt is in its key.
pub(crate) fn of(
    record: Fields<'_, '_>,
    output: &mut Output,
) -> Result<Option<RowKey>, DomainError> {
    let Some(name) = record.text("city") else {
        return Ok(None);
    };
    let country = record.text("country");
    let key = RowKey::of_shared("cities", &[Some(name), country])?;
    let city = City {
        name: name.to_owned(),
        country: country.map(str::to_owned),
    };
    output.cities.insert(city, key);
    Ok(Some(key))
}
