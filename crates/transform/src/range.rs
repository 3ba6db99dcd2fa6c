//! Ranges that fields of a record keep to.

use rust_decimal::Decimal;

use catwing_domain::{Real, Rule};
use jiff::civil::Date;

use crate::{
    canonical::{Fields, Problems},
    field_path::FieldPath,
};

/// A number as people write it, without the zeros that its type adds.
pub(crate) fn plain(number: Decimal) -> String {
    number.normalize().to_string()
}

/// Tells of fields of money or quantities that are negative.
pub(crate) fn not_negative(
    record: Fields<'_, '_>,
    at: FieldPath<'_>,
    fields: &[&'static str],
    problems: &mut Problems,
) {
    for field in fields {
        let money = record.money(field).map(|money| money.decimal());
        let quantity = || record.quantity(field).map(|quantity| quantity.decimal());
        let number = money.or_else(quantity);
        if let Some(number) = number.filter(|number| number.is_sign_negative() && !number.is_zero())
        {
            let at = at.field(field);
            problems.add(Rule::Range, at, Some(&plain(number)), "is negative");
        }
    }
}

/// Tells of a number that is not between two others, or below the one where there is no other.
pub(crate) fn within(
    record: Fields<'_, '_>,
    field: &'static str,
    (least, greatest): (f64, Option<f64>),
    problems: &mut Problems,
) {
    let Some(number) = record.real(field).map(Real::number) else {
        return;
    };
    if number >= least && greatest.is_none_or(|greatest| number <= greatest) {
        return;
    }
    let message = match greatest {
        Some(greatest) => format!("is not a number from {least} to {greatest}"),
        None => format!("is not a number from {least} on"),
    };
    problems.add(Rule::Range, field, Some(&number.to_string()), message);
}

/// Tells of a count that is not between two others, or below the one where there is no other.
pub(crate) fn count_within(
    record: Fields<'_, '_>,
    field: &'static str,
    (least, greatest): (i32, Option<i32>),
    problems: &mut Problems,
) {
    let Some(count) = record.count(field) else {
        return;
    };
    if count >= least && greatest.is_none_or(|greatest| count <= greatest) {
        return;
    }
    let message = match greatest {
        Some(greatest) => format!("is not a whole number from {least} to {greatest}"),
        None => format!("is not a whole number from {least} on"),
    };
    problems.add(Rule::Range, field, Some(&count.to_string()), message);
}

/// Tells of a number that is below another one of the record.
pub(crate) fn not_below(
    record: Fields<'_, '_>,
    lesser: &str,
    greater: &'static str,
    problems: &mut Problems,
) {
    let number = |field: &str| record.real(field).map(Real::number);
    if let (Some(least), Some(most)) = (number(lesser), number(greater))
        && most < least
    {
        let message = format!("is below {lesser}, {least}");
        problems.add(Rule::Consistency, greater, Some(&most.to_string()), message);
    }
}

/// Tells of a date that is before another one of the record.
pub(crate) fn not_before(
    record: Fields<'_, '_>,
    earlier: &str,
    later: &'static str,
    problems: &mut Problems,
) {
    let (first, last): (Option<Date>, _) = (record.date(earlier), record.date(later));
    if let (Some(first), Some(last)) = (first, last)
        && last < first
    {
        let message = format!("is before {earlier}, {first}");
        problems.add(Rule::Consistency, later, Some(&last.to_string()), message);
    }
}
