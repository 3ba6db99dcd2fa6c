//! Typed values of canonical fields: what a field's type admits, and the hash of a record.

use std::borrow::Cow;

use catwing_domain::{
    DomainError, Factor, FieldType, KEY_BYTES_MAX, Money, Quantity, Rate, Real, Rule,
};
use jiff::{Timestamp, civil::Date};
use rust_decimal::Decimal;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

use crate::{
    canonical::{NO_RECORD, Problems},
    field_path::FieldPath,
    mapping::is_currency,
    value::{Value, decimal, empty, shown},
};

/// A typed value of a canonical field.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Item<'r> {
    Absent,
    Text(Cow<'r, str>),
    Date(Date),
    Instant(Timestamp),
    Money(Money),
    Quantity(Quantity),
    Rate(Rate),
    Factor(Factor),
    Real(Real),
    Count(i32),
    Bool(bool),
    /// Words, in their order.
    Labels(Vec<Cow<'r, str>>),
    /// Texts by name, sorted by it.
    Attributes(Vec<(Cow<'r, str>, Cow<'r, str>)>),
    Record(Vec<Item<'r>>),
    List(Vec<Vec<Item<'r>>>),
}

/// Takes a value as a field's type; what is wrong goes to `problems`.
pub(crate) fn typed<'r>(
    ty: FieldType,
    value: Value<'r>,
    at: FieldPath<'_>,
    problems: &mut Problems,
) -> Item<'r> {
    if empty(&value) {
        return Item::Absent;
    }
    let wrong = |problems: &mut Problems, rule: Rule, message: &str| {
        problems.add(rule, at, Some(&shown(&value)), message);
        Item::Absent
    };
    match ty {
        FieldType::Identifier
        | FieldType::Label
        | FieldType::Text(_)
        | FieldType::Word(_)
        | FieldType::Language
        | FieldType::Currency => text(ty, value, at, problems),
        FieldType::Date => match date(&value) {
            Ok(date) => dated(date, at, problems),
            Err(message) => wrong(problems, Rule::Type, message),
        },
        FieldType::Instant => match instant(&value) {
            Ok(instant) => instanted(instant, at, problems),
            Err(message) => wrong(problems, Rule::Type, message),
        },
        FieldType::Bool => match &value {
            Value::Bool(value) => Item::Bool(*value),
            Value::Text(text) if text == "true" => Item::Bool(true),
            Value::Text(text) if text == "false" => Item::Bool(false),
            _ => wrong(
                problems,
                Rule::Type,
                "is not true or false: fold it with words",
            ),
        },
        FieldType::Money
        | FieldType::Quantity
        | FieldType::Rate
        | FieldType::Factor
        | FieldType::Real
        | FieldType::Count => number(ty, &value, at, problems),
        FieldType::Record(_) | FieldType::List(_) | FieldType::Labels | FieldType::Attributes => {
            wrong(problems, Rule::Type, NO_RECORD)
        }
    }
}

fn date(value: &Value<'_>) -> Result<Date, &'static str> {
    match value {
        Value::Date(date) => Ok(*date),
        Value::Text(written) => iso_date(written)
            .ok_or("is not a date YYYY-MM-DD: declare its form, date = \"%d.%m.%Y\""),
        Value::Number(_) => Err("is a number and not a date: declare its form, date = \"%Y%m%d\""),
        _ => Err("is not a date YYYY-MM-DD"),
    }
}

fn instant(value: &Value<'_>) -> Result<Timestamp, &'static str> {
    match value {
        Value::Instant(at) => Ok(*at),
        Value::Text(written) => written.parse().map_err(|_| {
            "is not an RFC 3339 instant with zone: declare its form, instant = \"%Y-%m-%d %H:%M:%S\""
        }),
        Value::Number(_) => Err("is a number and not an instant: declare its form, instant = \"unix_seconds\""),
        _ => Err("is not an RFC 3339 instant with zone"),
    }
}

fn number<'r>(
    ty: FieldType,
    value: &Value<'_>,
    at: FieldPath<'_>,
    problems: &mut Problems,
) -> Item<'r> {
    let number = match decimal(value) {
        Ok(number) => number,
        Err(broken) => {
            problems.add(Rule::Type, at, Some(&broken.value), broken.message);
            return Item::Absent;
        }
    };
    let (item, scale) = match ty {
        FieldType::Money => (Money::exact(number).map(Item::Money), Money::SCALE),
        FieldType::Quantity => (Quantity::exact(number).map(Item::Quantity), Quantity::SCALE),
        FieldType::Rate => (Rate::exact(number).map(Item::Rate), Rate::SCALE),
        FieldType::Factor if number <= Decimal::ZERO => {
            let message = "is not above zero, as a rate of exchange is";
            problems.add(Rule::Range, at, Some(&shown(value)), message);
            return Item::Absent;
        }
        FieldType::Factor => (Factor::exact(number).map(Item::Factor), Factor::SCALE),
        FieldType::Real => return Item::Real(Real::nearest(number)),
        _ => {
            let count = Quantity::exact(number)
                .ok()
                .filter(|_| number.is_integer() && !number.is_sign_negative());
            let count = count.and_then(|count| i32::try_from(count.units() / 1_000).ok());
            let Some(count) = count else {
                problems.add(
                    Rule::Range,
                    at,
                    Some(&shown(value)),
                    "is not a whole number from 0 to 2147483647",
                );
                return Item::Absent;
            };
            return Item::Count(count);
        }
    };
    match item {
        Ok(item) => item,
        Err(error) => {
            let mut message = misfit(&error);
            if number.scale() > scale {
                message = format!("{message}; where rounding is meant, say round = {scale}");
            }
            problems.add(Rule::Range, at, Some(&shown(value)), message);
            Item::Absent
        }
    }
}

/// What is said of a number beside its value.
pub(crate) fn misfit(error: &DomainError) -> String {
    match error {
        DomainError::Number { what, .. } => format!("does not fit {what}"),
        other => other.to_string(),
    }
}

fn text<'r>(
    ty: FieldType,
    value: Value<'r>,
    at: FieldPath<'_>,
    problems: &mut Problems,
) -> Item<'r> {
    let text = match value {
        Value::Text(text) | Value::Number(text) => text,
        Value::Decimal(number) => Cow::Owned(number.normalize().to_string()),
        other => {
            problems.add(Rule::Type, at, Some(&shown(&other)), "is not a text");
            return Item::Absent;
        }
    };
    if text.contains('\0') {
        problems.add(
            Rule::Type,
            at,
            Some(&text),
            "holds a NUL character, which no text may",
        );
        return Item::Absent;
    }
    let text = if text.is_ascii() || is_nfc_quick(text.chars()) == IsNormalized::Yes {
        text
    } else {
        Cow::Owned(text.nfc().collect())
    };
    match admitted(ty, &text) {
        Ok(()) if matches!(ty, FieldType::Text(_) | FieldType::Label) => named(text),
        Ok(()) => Item::Text(text),
        Err((rule, message)) => {
            problems.add(rule, at, Some(&text), message);
            Item::Absent
        }
    }
}

/// Whether a text may stand in a field, else the rule and a sentence.
fn admitted(ty: FieldType, text: &str) -> Result<(), (Rule, String)> {
    match ty {
        FieldType::Identifier if text.len() > KEY_BYTES_MAX => Err((
            Rule::Limit,
            format!("is longer than the {KEY_BYTES_MAX} bytes that a key may have"),
        )),
        FieldType::Label if text.trim().len() > KEY_BYTES_MAX => Err((
            Rule::Limit,
            format!("is longer than the {KEY_BYTES_MAX} bytes that such a word may have"),
        )),
        FieldType::Currency if !is_currency(text) => Err((
            Rule::Word,
            "is no ISO 4217 code: three capital letters".to_owned(),
        )),
        FieldType::Language if !is_language(text) => Err((
            Rule::Word,
            "is no language tag such as en or pt-BR".to_owned(),
        )),
        FieldType::Word(words) if !words.contains(&text) => Err((
            Rule::Word,
            format!("is not one of {}: fold it with words", words.join(", ")),
        )),
        // A text of no more bytes than characters are admitted need not be counted.
        FieldType::Text(chars)
            if text.len() > chars && text.trim().chars().nth(chars).is_some() =>
        {
            Err((Rule::Limit, format!("is longer than {chars} characters")))
        }
        _ => Ok(()),
    }
}

/// Whether a text is a BCP 47 tag as the database takes it: a language of two or three small letters,
/// and subtags of two to eight letters or digits.
fn is_language(text: &str) -> bool {
    let mut parts = text.split('-');
    let language = parts.next().unwrap_or_default();
    let named = (2..=3).contains(&language.len());
    text.len() <= LANGUAGE_BYTES_MAX
        && named
        && language.bytes().all(|b| b.is_ascii_lowercase())
        && parts.all(|part| {
            (2..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric())
        })
}

/// Names and free words are trimmed; what is nothing but spaces is absent.
fn named(text: Cow<'_, str>) -> Item<'_> {
    let trimmed = match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
        Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
    };
    if trimmed.is_empty() {
        Item::Absent
    } else {
        Item::Text(trimmed)
    }
}

/// Bytes that a language tag may have.
const LANGUAGE_BYTES_MAX: usize = 35;
/// Bytes that hold most encoded records.
const ENCODED_BYTES_USUAL: usize = 2_048;

/// Years that the database and every reader of Parquet hold without surprise.
const YEARS: std::ops::RangeInclusive<i16> = 1900..=2199;
/// The instants of these years, in UTC.
const INSTANTS: std::ops::Range<Timestamp> =
    Timestamp::constant(-2_208_988_800, 0)..Timestamp::constant(7_258_118_400, 0);

fn dated<'r>(date: Date, at: FieldPath<'_>, problems: &mut Problems) -> Item<'r> {
    if YEARS.contains(&date.year()) {
        return Item::Date(date);
    }
    let message = "is not a date between the years 1900 and 2199";
    problems.add(Rule::Range, at, Some(&date.to_string()), message);
    Item::Absent
}

fn instanted<'r>(instant: Timestamp, at: FieldPath<'_>, problems: &mut Problems) -> Item<'r> {
    if INSTANTS.contains(&instant) {
        return Item::Instant(instant);
    }
    let message = "is not an instant between the years 1900 and 2199";
    problems.add(Rule::Range, at, Some(&instant.to_string()), message);
    Item::Absent
}

fn iso_date(text: &str) -> Option<Date> {
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = text.as_bytes() else {
        return None;
    };
    let number = |digits: &[&u8]| {
        let add = |number, digit: &&u8| {
            let digit = digit.is_ascii_digit().then(|| i16::from(**digit - b'0'))?;
            Some(number * 10 + digit)
        };
        digits.iter().try_fold(0i16, add)
    };
    let (year, month, day) = (
        number(&[y1, y2, y3, y4])?,
        number(&[m1, m2])?,
        number(&[d1, d2])?,
    );
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

/// A date of four-digit years as `YYYY-MM-DD`.
fn iso_text(date: Date) -> [u8; 10] {
    let digit = |number: i16, one: i16| b'0' + (number / one % 10) as u8;
    let (year, month, day) = (date.year(), date.month().into(), date.day().into());
    [
        digit(year, 1_000),
        digit(year, 100),
        digit(year, 10),
        digit(year, 1),
        b'-',
        digit(month, 10),
        digit(month, 1),
        b'-',
        digit(day, 10),
        digit(day, 1),
    ]
}

/// The hash that tells whether two records say the same.
pub(crate) fn content(items: &[Item<'_>]) -> i64 {
    let mut encoded = Vec::with_capacity(ENCODED_BYTES_USUAL);
    items.iter().for_each(|item| encode(&mut encoded, item));
    let mut first = [0; 8];
    first.copy_from_slice(&blake3::hash(&encoded).as_bytes()[..8]);
    i64::from_le_bytes(first)
}

fn encode(encoded: &mut Vec<u8>, item: &Item<'_>) {
    let mut tagged = |tag: u8, bytes: &[u8]| {
        let mut head = [tag; 9];
        head[1..].copy_from_slice(&(bytes.len() as u64).to_le_bytes());
        encoded.extend_from_slice(&head);
        encoded.extend_from_slice(bytes);
    };
    match item {
        Item::Absent => tagged(0, &[]),
        Item::Text(text) => tagged(1, text.as_bytes()),
        Item::Date(date) => tagged(2, &iso_text(*date)),
        Item::Instant(at) => tagged(3, &at.as_microsecond().to_le_bytes()),
        Item::Money(value) => tagged(4, &value.units().to_le_bytes()),
        Item::Quantity(value) => tagged(5, &value.units().to_le_bytes()),
        Item::Rate(value) => tagged(6, &value.units().to_le_bytes()),
        Item::Count(value) => tagged(7, &value.to_le_bytes()),
        Item::Bool(value) => tagged(8, &[u8::from(*value)]),
        Item::Factor(value) => tagged(11, &value.units().to_le_bytes()),
        Item::Real(value) => tagged(12, &value.number().to_bits().to_le_bytes()),
        Item::Labels(labels) => {
            tagged(13, &(labels.len() as u64).to_le_bytes());
            for label in labels {
                tagged(1, label.as_bytes());
            }
        }
        Item::Attributes(attributes) => {
            tagged(14, &(attributes.len() as u64).to_le_bytes());
            for (name, value) in attributes {
                tagged(1, name.as_bytes());
                tagged(1, value.as_bytes());
            }
        }
        Item::Record(items) => {
            tagged(9, &(items.len() as u64).to_le_bytes());
            items.iter().for_each(|item| encode(encoded, item));
        }
        Item::List(list) => {
            tagged(10, &(list.len() as u64).to_le_bytes());
            list.iter().flatten().for_each(|item| encode(encoded, item));
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::{Date, date};

    use super::{INSTANTS, YEARS, iso_date, iso_text};

    #[test]
    fn dates_are_read_and_written_as_iso_8601_has_them() {
        let mut day = date(1899, 12, 25);
        while day < date(2200, 1, 10) {
            let text = day.to_string();
            assert_eq!(iso_date(&text), Some(day));
            assert_eq!(iso_text(day), text.as_bytes());
            day = day.tomorrow().unwrap();
        }
        for text in [
            "0000-01-01",
            "9999-12-31",
            "2024-02-30",
            "2023-02-29",
            "2024-00-01",
            "2024-01-00",
            "2024-13-01",
            "2024-99-99",
        ] {
            assert_eq!(iso_date(text), text.parse::<Date>().ok(), "{text}");
        }
        for text in [
            "",
            "2024-1-01",
            "2024/01/01",
            "2024-01-0x",
            "+024-01-01",
            "2024-01-011",
        ] {
            assert_eq!(iso_date(text), None, "{text}");
        }
    }

    #[test]
    fn instants_are_those_of_the_years() {
        for text in [
            "1899-12-31T23:59:59.999999999Z",
            "1900-01-01T00:00:00Z",
            "2199-12-31T23:59:59.999999999Z",
            "2200-01-01T00:00:00Z",
        ] {
            let at: jiff::Timestamp = text.parse().unwrap();
            let year = at.to_zoned(jiff::tz::TimeZone::UTC).year();
            assert_eq!(INSTANTS.contains(&at), YEARS.contains(&year), "{text}");
        }
    }
}
