//! Canonical records: values typed by the entity's fields, with every problem that was met.

use std::borrow::Cow;

use catwing_domain::{Field, FieldType, KEY_BYTES_MAX, Money, Problem, Quantity, Rate, Rule};
use jiff::{Timestamp, civil::Date};
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

use crate::{
    evaluate::{Broken, Evaluator, Value, decimal, empty, shown},
    mapping::{FieldPlan, RecordPlan, is_currency},
    source::{Found, RecordView, View},
};

/// Problems that are told of one record.
const PROBLEMS_MAX: usize = 20;
/// Characters of a value that a problem shows.
const VALUE_CHARS_MAX: usize = 200;
/// Elements that a list of a record may have.
const LIST_MAX: usize = 100_000;

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
    Count(i32),
    Bool(bool),
    Record(Vec<Item<'r>>),
    List(Vec<Vec<Item<'r>>>),
}

/// A record's items beside their fields.
#[derive(Clone, Copy)]
pub(crate) struct Fields<'c, 'r> {
    pub(crate) fields: &'static [Field],
    pub(crate) items: &'c [Item<'r>],
}

impl<'c, 'r> Fields<'c, 'r> {
    pub(crate) fn item(&self, name: &str) -> &'c Item<'r> {
        let position = self.fields.iter().position(|field| field.name == name);
        position
            .and_then(|position| self.items.get(position))
            .unwrap_or(&Item::Absent)
    }

    pub(crate) fn text(&self, name: &str) -> Option<&'c str> {
        match self.item(name) {
            Item::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn date(&self, name: &str) -> Option<Date> {
        match self.item(name) {
            Item::Date(date) => Some(*date),
            _ => None,
        }
    }

    pub(crate) fn instant(&self, name: &str) -> Option<Timestamp> {
        match self.item(name) {
            Item::Instant(at) => Some(*at),
            _ => None,
        }
    }

    pub(crate) fn money(&self, name: &str) -> Option<Money> {
        match self.item(name) {
            Item::Money(value) => Some(*value),
            _ => None,
        }
    }

    pub(crate) fn quantity(&self, name: &str) -> Option<Quantity> {
        match self.item(name) {
            Item::Quantity(value) => Some(*value),
            _ => None,
        }
    }

    pub(crate) fn rate(&self, name: &str) -> Option<Rate> {
        match self.item(name) {
            Item::Rate(value) => Some(*value),
            _ => None,
        }
    }

    pub(crate) fn count(&self, name: &str) -> Option<i32> {
        match self.item(name) {
            Item::Count(value) => Some(*value),
            _ => None,
        }
    }

    pub(crate) fn bool(&self, name: &str) -> Option<bool> {
        match self.item(name) {
            Item::Bool(value) => Some(*value),
            _ => None,
        }
    }

    pub(crate) fn record(&self, name: &str) -> Option<Fields<'c, 'r>> {
        let field = self.fields.iter().find(|field| field.name == name)?;
        match (self.item(name), field.ty) {
            (Item::Record(items), FieldType::Record(fields)) => Some(Fields { fields, items }),
            _ => None,
        }
    }

    pub(crate) fn list(&self, name: &str) -> impl Iterator<Item = Fields<'c, 'r>> {
        let field = self
            .fields
            .iter()
            .find(|field| field.name == name)
            .map(|field| field.ty);
        let (fields, elements): (_, &'c [Vec<Item<'r>>]) = match (self.item(name), field) {
            (Item::List(elements), Some(FieldType::List(fields))) => (fields, elements),
            _ => (&[] as &[Field], &[]),
        };
        elements.iter().map(move |items| Fields { fields, items })
    }
}

/// Collects what is wrong with one record.
#[derive(Debug, Default)]
pub(crate) struct Problems {
    pub(crate) list: Vec<Problem>,
}

impl Problems {
    pub(crate) fn add(
        &mut self,
        rule: Rule,
        field: &str,
        value: Option<&str>,
        message: impl Into<String>,
    ) {
        if self.list.len() < PROBLEMS_MAX {
            let field = (!field.is_empty()).then(|| field.to_owned());
            let value = value.map(|value| shortened(value, VALUE_CHARS_MAX));
            self.list.push(Problem {
                rule,
                field,
                value,
                message: message.into(),
            });
        }
    }
}

/// The first characters of a text, with an ellipsis where more follow; NULs are shown.
pub(crate) fn shortened(text: &str, chars: usize) -> String {
    let mut short: String = text
        .chars()
        .take(chars)
        .map(|c| if c == '\0' { '\u{2400}' } else { c })
        .collect();
    if text.chars().nth(chars).is_some() {
        short.push('\u{2026}');
    }
    short
}

/// Reads a canonical record out of what is in view.
pub(crate) fn read<'r>(
    evaluator: &Evaluator<'_>,
    plan: &'r RecordPlan,
    view: &View<'_, 'r>,
    at: &str,
    problems: &mut Problems,
) -> Vec<Item<'r>> {
    let read = |(field, plan): (&Field, &'r FieldPlan)| {
        let here = if at.is_empty() {
            field.name.to_owned()
        } else {
            format!("{at}.{}", field.name)
        };
        let item = match plan {
            FieldPlan::Absent => Item::Absent,
            FieldPlan::Value(expression) => match evaluator.value(expression, view) {
                Ok(value) => typed(field.ty, value, &here, problems),
                Err(Broken { value, message }) => {
                    problems.add(Rule::Type, &here, Some(&value), message);
                    return Item::Absent;
                }
            },
            FieldPlan::Record(path, plan) => nested(evaluator, *path, plan, view, &here, problems),
            FieldPlan::Each(path, plan) => each(evaluator, *path, plan, view, &here, problems),
            FieldPlan::Rows(plan) => rows(evaluator, plan, view, &here, problems),
        };
        if field.required && item == Item::Absent {
            let told = problems
                .list
                .iter()
                .any(|problem| problem.field.as_deref() == Some(here.as_str()));
            if !told {
                problems.add(
                    Rule::Missing,
                    &here,
                    None,
                    "is required and absent, null or empty",
                );
            }
        }
        item
    };
    plan.fields.iter().zip(&plan.plans).map(read).collect()
}

/// A nested record is absent as a whole where its own key is: nobody could be meant.
fn nested<'r>(
    evaluator: &Evaluator<'_>,
    path: Option<crate::source::PathId>,
    plan: &'r RecordPlan,
    view: &View<'_, 'r>,
    at: &str,
    problems: &mut Problems,
) -> Item<'r> {
    let mut inner = Problems::default();
    let items = match path {
        None => read(evaluator, plan, view, at, &mut inner),
        Some(path) => match view.record.find(evaluator.paths, path) {
            Found::Nothing => return Item::Absent,
            Found::Composite(node @ crate::source::Node::Record(_)) => {
                let within = View {
                    record: RecordView::Node(node),
                    around: Some(view),
                    lines: &[],
                };
                read(evaluator, plan, &within, at, &mut inner)
            }
            _ => {
                problems.add(
                    Rule::Type,
                    at,
                    None,
                    "is not a record: expected an object with fields",
                );
                return Item::Absent;
            }
        },
    };
    let keyed = Fields {
        fields: plan.fields,
        items: &items,
    }
    .text("external_id")
    .is_some();
    let unreadable = inner
        .list
        .iter()
        .any(|problem| problem.rule != Rule::Missing);
    if !keyed && !unreadable {
        return Item::Absent;
    }
    problems.list.extend(inner.list);
    Item::Record(items)
}

fn each<'r>(
    evaluator: &Evaluator<'_>,
    path: crate::source::PathId,
    plan: &'r RecordPlan,
    view: &View<'_, 'r>,
    at: &str,
    problems: &mut Problems,
) -> Item<'r> {
    let elements = match view.record.find(evaluator.paths, path) {
        Found::Nothing => return Item::List(Vec::new()),
        Found::Composite(crate::source::Node::List(elements)) => elements,
        _ => {
            problems.add(Rule::Type, at, None, "is not a list");
            return Item::Absent;
        }
    };
    if elements.len() > LIST_MAX {
        problems.add(
            Rule::Limit,
            at,
            None,
            format!("has {} elements; {LIST_MAX} are admitted", elements.len()),
        );
        return Item::Absent;
    }
    let mut list = Vec::with_capacity(elements.len());
    for (index, node) in elements.iter().enumerate() {
        let at = format!("{at}[{index}]");
        if !matches!(node, crate::source::Node::Record(_)) {
            problems.add(
                Rule::Type,
                &at,
                None,
                "is not a record: expected an object with fields",
            );
            continue;
        }
        let within = View {
            record: RecordView::Node(node),
            around: Some(view),
            lines: &[],
        };
        list.push(read(evaluator, plan, &within, &at, problems));
    }
    Item::List(list)
}

fn rows<'r>(
    evaluator: &Evaluator<'_>,
    plan: &'r RecordPlan,
    view: &View<'_, 'r>,
    at: &str,
    problems: &mut Problems,
) -> Item<'r> {
    let mut list = Vec::with_capacity(view.lines.len());
    for (index, record) in view.lines.iter().enumerate() {
        let within = View {
            record: *record,
            around: Some(view),
            lines: &[],
        };
        let at = format!("{at}[{index}]");
        list.push(read(evaluator, plan, &within, &at, problems));
    }
    Item::List(list)
}

fn typed<'r>(ty: FieldType, value: Value<'r>, at: &str, problems: &mut Problems) -> Item<'r> {
    if empty(&value) {
        return Item::Absent;
    }
    let wrong = |problems: &mut Problems, rule: Rule, message: String| {
        problems.add(rule, at, Some(&shown(&value)), message);
        Item::Absent
    };
    match ty {
        FieldType::Identifier | FieldType::Text(_) | FieldType::Word(_) | FieldType::Currency => {
            text(ty, value, at, problems)
        }
        FieldType::Date => match &value {
            Value::Date(date) => dated(*date, at, problems),
            Value::Text(written) => match iso_date(written) {
                Some(date) => dated(date, at, problems),
                None => wrong(problems, Rule::Type, "is not a date YYYY-MM-DD: declare its form, date = \"%d.%m.%Y\"".to_owned()),
            },
            _ => wrong(problems, Rule::Type, "is not a date".to_owned()),
        },
        FieldType::Instant => match &value {
            Value::Instant(at) => Item::Instant(*at),
            Value::Text(written) => match written.parse::<Timestamp>() {
                Ok(at) => Item::Instant(at),
                Err(_) => wrong(
                    problems,
                    Rule::Type,
                    "is not an RFC 3339 instant with zone: declare its form, instant = \"%Y-%m-%d %H:%M:%S\"".to_owned(),
                ),
            },
            _ => wrong(problems, Rule::Type, "is not an instant".to_owned()),
        },
        FieldType::Bool => match &value {
            Value::Bool(value) => Item::Bool(*value),
            Value::Text(text) if text == "true" => Item::Bool(true),
            Value::Text(text) if text == "false" => Item::Bool(false),
            _ => wrong(problems, Rule::Type, "is not true or false: fold it with words".to_owned()),
        },
        FieldType::Money | FieldType::Quantity | FieldType::Rate | FieldType::Count => number(ty, &value, at, problems),
        FieldType::Record(_) | FieldType::List(_) => {
            wrong(problems, Rule::Type, "is not the record or list that is expected".to_owned())
        }
    }
}

fn number<'r>(ty: FieldType, value: &Value<'_>, at: &str, problems: &mut Problems) -> Item<'r> {
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
            let hint = format!("{error}; where rounding is meant, say round = {scale}");
            problems.add(Rule::Range, at, Some(&shown(value)), hint);
            Item::Absent
        }
    }
}

fn text<'r>(ty: FieldType, value: Value<'r>, at: &str, problems: &mut Problems) -> Item<'r> {
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
    let text = if is_nfc_quick(text.chars()) == IsNormalized::Yes {
        text
    } else {
        Cow::Owned(text.nfc().collect())
    };
    match ty {
        FieldType::Identifier if text.len() > KEY_BYTES_MAX => {
            let message = format!("is longer than the {KEY_BYTES_MAX} bytes that a key may have");
            problems.add(Rule::Limit, at, Some(&text), message);
            Item::Absent
        }
        FieldType::Identifier => Item::Text(text),
        FieldType::Currency if !is_currency(&text) => {
            problems.add(
                Rule::Word,
                at,
                Some(&text),
                "is no ISO 4217 code: three capital letters",
            );
            Item::Absent
        }
        FieldType::Word(words) if !words.contains(&text.as_ref()) => {
            let message = format!("is not one of {}: fold it with words", words.join(", "));
            problems.add(Rule::Word, at, Some(&text), message);
            Item::Absent
        }
        FieldType::Text(chars) => {
            let trimmed = match text {
                Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
                Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
            };
            if trimmed.chars().nth(chars).is_some() {
                let message = format!("is longer than {chars} characters");
                problems.add(Rule::Limit, at, Some(&trimmed), message);
                return Item::Absent;
            }
            if trimmed.is_empty() {
                Item::Absent
            } else {
                Item::Text(trimmed)
            }
        }
        _ => Item::Text(text),
    }
}

/// Dates that the database and every reader of Parquet hold without surprise.
fn dated<'r>(date: Date, at: &str, problems: &mut Problems) -> Item<'r> {
    if !(1900..=2199).contains(&date.year()) {
        problems.add(
            Rule::Range,
            at,
            Some(&date.to_string()),
            "is not a date between the years 1900 and 2199",
        );
        return Item::Absent;
    }
    Item::Date(date)
}

fn iso_date(text: &str) -> Option<Date> {
    let shaped = text.len() == 10
        && text.bytes().enumerate().all(|(i, b)| {
            if i == 4 || i == 7 {
                b == b'-'
            } else {
                b.is_ascii_digit()
            }
        });
    if shaped { text.parse().ok() } else { None }
}

/// The hash that tells whether two records say the same.
pub(crate) fn content(items: &[Item<'_>]) -> i64 {
    let mut hasher = blake3::Hasher::new();
    items.iter().for_each(|item| hash(&mut hasher, item));
    let mut first = [0; 8];
    first.copy_from_slice(&hasher.finalize().as_bytes()[..8]);
    i64::from_le_bytes(first)
}

fn hash(hasher: &mut blake3::Hasher, item: &Item<'_>) {
    let mut tagged = |tag: u8, bytes: &[u8]| {
        hasher.update(&[tag]);
        hasher.update(&(bytes.len() as u64).to_le_bytes());
        hasher.update(bytes);
    };
    match item {
        Item::Absent => tagged(0, &[]),
        Item::Text(text) => tagged(1, text.as_bytes()),
        Item::Date(date) => tagged(2, date.to_string().as_bytes()),
        Item::Instant(at) => tagged(3, &at.as_microsecond().to_le_bytes()),
        Item::Money(value) => tagged(4, &value.units().to_le_bytes()),
        Item::Quantity(value) => tagged(5, &value.units().to_le_bytes()),
        Item::Rate(value) => tagged(6, &value.units().to_le_bytes()),
        Item::Count(value) => tagged(7, &value.to_le_bytes()),
        Item::Bool(value) => tagged(8, &[u8::from(*value)]),
        Item::Record(items) => {
            tagged(9, &(items.len() as u64).to_le_bytes());
            items.iter().for_each(|item| hash(hasher, item));
        }
        Item::List(list) => {
            tagged(10, &(list.len() as u64).to_le_bytes());
            list.iter().flatten().for_each(|item| hash(hasher, item));
        }
    }
}

/// A canonical record as JSON, in canonical shape: what a preview shows.
pub(crate) fn to_json(record: Fields<'_, '_>) -> serde_json::Value {
    let mut object = serde_json::Map::new();
    for (field, item) in record.fields.iter().zip(record.items) {
        let value = match (item, field.ty) {
            (Item::Absent, _) => continue,
            (Item::Text(text), _) => text.to_string().into(),
            (Item::Date(date), _) => date.to_string().into(),
            (Item::Instant(at), _) => at.to_string().into(),
            (Item::Money(value), _) => value.decimal().normalize().to_string().into(),
            (Item::Quantity(value), _) => value.decimal().normalize().to_string().into(),
            (Item::Rate(value), _) => value.decimal().normalize().to_string().into(),
            (Item::Count(value), _) => (*value).into(),
            (Item::Bool(value), _) => (*value).into(),
            (Item::Record(items), FieldType::Record(fields)) => to_json(Fields { fields, items }),
            (Item::List(list), FieldType::List(fields)) => list
                .iter()
                .map(|items| to_json(Fields { fields, items }))
                .collect::<Vec<_>>()
                .into(),
            (Item::Record(_) | Item::List(_), _) => continue,
        };
        object.insert(field.name.to_owned(), value);
    }
    object.into()
}
