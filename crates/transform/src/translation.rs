//! Texts of a record in other languages: parts of products, suppliers and locations.

use std::collections::HashSet;

use catwing_domain::{DomainError, Output, Rule, TableId};

use crate::{
    accepted::{self, Accepted},
    canonical::{Fields, Problems},
    field_path::FieldPath,
    natural_key,
    parents::Parents,
};

/// Tells of a field that is translated to a language twice, and of keys that are too long.
pub(crate) fn check(record: Fields<'_, '_>, external_id: &str, problems: &mut Problems) {
    let (list, mut seen) = (FieldPath::Record.field("translations"), HashSet::new());
    for (index, translation) in record.list("translations").enumerate() {
        let (Some(language), Some(field)) =
            (translation.text("language"), translation.text("field"))
        else {
            continue;
        };
        let element = list.element(index);
        let at = element.field("field");
        natural_key::check_length(at, [external_id, field, language], problems);
        if !seen.insert((language, field)) {
            let message = format!("is translated to {language} already");
            problems.add(Rule::Repeated, at, Some(field), message);
        }
    }
}

/// Writes the translations of an own record to the table of its kind.
pub(crate) fn write(
    accepted: &Accepted<'_, '_>,
    (table, external_id): (TableId, &str),
    parents: &Parents,
    output: &mut Output,
) -> Result<(), DomainError> {
    for translation in accepted.record.list("translations") {
        let field = translation.text("field").unwrap_or_default();
        let code = translation.text("language").unwrap_or_default();
        let key = parents.key(table, &[Some(external_id), Some(field), Some(code)])?;
        let language = accepted::language(code, output)?;
        accepted
            .part(table, output)
            .key(key)
            .key(accepted.key)
            .text(field)
            .key(language)
            .text(translation.text("value").unwrap_or_default())
            .version(accepted.version);
    }
    Ok(())
}
