//! Names that are not there: what was wanted, what there is instead, and which of it was meant.

use crate::canonical::shortened;

/// Characters of a name that a message shows.
const NAME_CHARS_MAX: usize = 60;
/// Names that a message lists.
const NAMES_MAX: usize = 20;
/// Names that are looked through for the nearest one.
const COMPARED_MAX: usize = 1_000;

/// The name that was probably meant: the nearest in spelling, case and punctuation aside, where a
/// third of its letters at the most is wrong.
pub(crate) fn nearest<'n>(
    wanted: &str,
    names: impl IntoIterator<Item = &'n str>,
) -> Option<&'n str> {
    let wanted = folded(wanted);
    let errors_max = (wanted.chars().count() / 3).clamp(1, 3);
    let compared = names.into_iter().take(COMPARED_MAX);
    let distance =
        |name: &'n str| strsim::damerau_levenshtein(&wanted, &folded(name)).min(errors_max + 1);
    let (errors, name) = compared
        .map(|name| (distance(name), name))
        .min_by_key(|(errors, _)| *errors)?;
    (errors <= errors_max).then_some(name)
}

/// `no column "qty" (did you mean "Qty"?): it has "Qty", "Price"`, for a sentence to begin with.
pub(crate) fn absent<'n>(
    what: &str,
    wanted: &str,
    names: impl Iterator<Item = &'n str> + Clone,
) -> String {
    let shown = |name: &str| format!("{:?}", shortened(name, NAME_CHARS_MAX));
    let meant = nearest(wanted, names.clone())
        .map(|name| format!(" (did you mean {}?)", shown(name)))
        .unwrap_or_default();
    let wanted = shown(wanted);
    let mut listed: Vec<_> = names.clone().take(NAMES_MAX).map(shown).collect();
    match names.skip(NAMES_MAX).count() {
        0 if listed.is_empty() => listed.push("none at all".to_owned()),
        0 => {}
        more => listed.push(format!("and {more} more")),
    }
    format!("no {what} {wanted}{meant}: it has {}", listed.join(", "))
}

fn folded(name: &str) -> String {
    let letters = name.chars().filter(|c| c.is_alphanumeric());
    let short = letters.take(NAME_CHARS_MAX);
    short.flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn the_name_that_was_meant() {
        let names = ["Invoice No", "Quantity", "UnitPrice", "sku"];
        assert_eq!(nearest("InvoiceNo", names), Some("Invoice No"));
        assert_eq!(nearest("unit_prize", names), Some("UnitPrice"));
        assert_eq!(nearest("SKU", names), Some("sku"));
        assert_eq!(nearest("qty", names), None);
        assert_eq!(nearest("Country", names), None);
        assert_eq!(nearest("x", []), None);
    }
}
