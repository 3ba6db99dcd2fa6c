//! A value on its way from source to canonical field.

use std::{borrow::Cow, cmp::Ordering};

use catwing_domain::Rule;
use jiff::{Timestamp, civil::Date};
use rust_decimal::Decimal;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

use crate::number;

/// A value on its way from source to canonical field.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value<'r> {
    Null,
    /// Text as delivered.
    Text(Cow<'r, str>),
    /// A number as delivered.
    Number(Cow<'r, str>),
    /// A number that was computed.
    Decimal(Decimal),
    Bool(bool),
    Date(Date),
    Instant(Timestamp),
    /// A list or record where a single value was expected.
    Composite,
}

/// Why an expression has no value: the value that broke it, and a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Broken {
    pub(crate) rule: Rule,
    pub(crate) value: String,
    pub(crate) message: String,
}

/// Whether there is nothing: absent, null, or an empty text.
pub(crate) fn empty(value: &Value<'_>) -> bool {
    match value {
        Value::Null => true,
        Value::Text(text) => text.is_empty(),
        _ => false,
    }
}

/// A value as text, for people and for comparison.
pub(crate) fn shown(value: &Value<'_>) -> String {
    match value {
        Value::Null => String::new(),
        Value::Text(text) | Value::Number(text) => text.to_string(),
        Value::Decimal(number) => number.to_string(),
        Value::Bool(value) => value.to_string(),
        Value::Date(date) => date.to_string(),
        Value::Instant(at) => at.to_string(),
        Value::Composite => "a list or record".to_owned(),
    }
}

/// A value as the text of a key: equal keys are equal in NFC, as row keys are. A key that was not
/// read whole is nobody's.
pub(crate) fn key_text(value: Value<'_>) -> Option<String> {
    if empty(&value) || matches!(value, Value::Composite) {
        return None;
    }
    match shown(&value) {
        key if key.contains('\u{fffd}') => None,
        key if key.is_ascii() || is_nfc_quick(key.chars()) == IsNormalized::Yes => Some(key),
        key => Some(key.nfc().collect()),
    }
}

/// A value that holds its own text.
pub(crate) fn owned(value: Value<'_>) -> Value<'static> {
    match value {
        Value::Null => Value::Null,
        Value::Text(text) => Value::Text(Cow::Owned(text.into_owned())),
        Value::Number(text) => Value::Number(Cow::Owned(text.into_owned())),
        Value::Decimal(number) => Value::Decimal(number),
        Value::Bool(value) => Value::Bool(value),
        Value::Date(date) => Value::Date(date),
        Value::Instant(at) => Value::Instant(at),
        Value::Composite => Value::Composite,
    }
}

/// A value as an exact decimal.
pub(crate) fn decimal(value: &Value<'_>) -> Result<Decimal, Broken> {
    match value {
        Value::Decimal(number) => Ok(*number),
        Value::Text(text) | Value::Number(text) => number::plain(text),
        other => Err(Broken {
            rule: Rule::Type,
            value: shown(other),
            message: "is not a number".to_owned(),
        }),
    }
}

/// How two values of one field are ordered: as numbers or times where they are, else as text.
pub(crate) fn compare(a: &Value<'_>, b: &Value<'_>) -> Option<Ordering> {
    if let (Ok(a), Ok(b)) = (decimal(a), decimal(b)) {
        return Some(a.cmp(&b));
    }
    match (a, b) {
        (Value::Date(a), Value::Date(b)) => Some(a.cmp(b)),
        (Value::Instant(a), Value::Instant(b)) => Some(a.cmp(b)),
        _ => Some(shown(a).cmp(&shown(b))),
    }
}
