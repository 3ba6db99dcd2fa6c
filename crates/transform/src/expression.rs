//! The mapping's own language: how one canonical field is had from a source's record. An expression
//! has one origin (`path`, `value`, `first_of`, ...) and then steps, always in the same order.

use std::collections::HashMap;

use regex::Regex;
use rust_decimal::Decimal;
use toml::{Table, Value as Toml};

use crate::{
    condition::{self, Condition},
    mapping::Scribe,
    source::PathId,
};

/// One compiled expression.
#[derive(Clone, Debug)]
pub(crate) struct Expression {
    pub(crate) when: Option<Box<Condition>>,
    pub(crate) origin: Origin,
    pub(crate) steps: Vec<Step>,
    pub(crate) default: Option<Constant>,
    pub(crate) pick: Pick,
}

/// Where a value begins.
#[derive(Clone, Debug)]
pub(crate) enum Origin {
    /// A column or key; `up` counts how many records further out.
    Path {
        id: PathId,
        up: usize,
    },
    Constant(Constant),
    FirstOf(Vec<Expression>),
    Join(Vec<Expression>, String),
    Arithmetic(Operator, Vec<Expression>),
}

/// A value that the mapping itself gives.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Constant {
    Text(String),
    Number(Decimal),
    Bool(bool),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operator {
    Add,
    Subtract,
    Multiply,
    Divide,
}

/// Which of a document's rows a header field comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pick {
    First,
    Greatest,
    Least,
}

/// What is done to a value, in this order.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    Null(Vec<String>),
    Trim,
    Strip(Regex),
    Extract(Regex),
    Lower,
    Upper,
    Words(HashMap<String, String>, Otherwise),
    Number(NumberShape),
    Round(u32),
    Date(Vec<TimeShape>),
    Instant(Vec<TimeShape>),
}

/// What becomes of a word that is not in the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Otherwise {
    Keep,
    Refuse,
    Word(String),
}

/// How numbers are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NumberShape {
    pub(crate) decimal: char,
    pub(crate) group: Option<char>,
    pub(crate) percent: bool,
}

/// How dates and instants are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum TimeShape {
    /// RFC 3339 with zone; a date is the tenant's own day.
    Rfc3339,
    /// Seconds since 1970.
    UnixSeconds,
    /// Milliseconds since 1970.
    UnixMilliseconds,
    /// strptime directives, in the tenant's own time.
    Format(String),
}

const ORIGINS: &[&str] = &[
    "path", "value", "first_of", "join", "add", "subtract", "multiply", "divide",
];
const STEPS: &[&str] = &[
    "null",
    "trim",
    "strip",
    "extract",
    "case",
    "words",
    "otherwise",
    "number",
    "round",
    "date",
    "instant",
    "default",
    "when",
    "pick",
    "separator",
];

/// Whether a table is written as an expression rather than as nested fields.
pub(crate) fn looks_like_expression(table: &Table) -> bool {
    table.keys().any(|key| ORIGINS.contains(&key.as_str()))
}

/// Compiles an expression: a string is a path, a table has an origin and steps.
pub(crate) fn compile(scribe: &mut Scribe<'_>, at: &str, toml: &Toml) -> Option<Expression> {
    match toml {
        Toml::String(path) => scribe
            .path(at, path)
            .map(|(id, up)| plain(Origin::Path { id, up })),
        Toml::Table(table) => table_expression(scribe, at, table),
        _ => {
            let hint = "write a column's name in quotes, or { value = ... } for a constant";
            scribe.mistake(at, format!("{toml} is no expression: {hint}"));
            None
        }
    }
}

fn plain(origin: Origin) -> Expression {
    Expression {
        when: None,
        origin,
        steps: Vec::new(),
        default: None,
        pick: Pick::First,
    }
}

fn table_expression(scribe: &mut Scribe<'_>, at: &str, table: &Table) -> Option<Expression> {
    for key in table.keys() {
        if !ORIGINS.contains(&key.as_str()) && !STEPS.contains(&key.as_str()) {
            scribe.unknown(at, "setting", key, &[ORIGINS, STEPS].concat());
        }
    }
    let origins: Vec<_> = ORIGINS
        .iter()
        .filter(|origin| table.contains_key(**origin))
        .collect();
    let [name] = origins.as_slice() else {
        let found = if origins.is_empty() {
            "none".to_owned()
        } else {
            format!("{origins:?}")
        };
        scribe.mistake(
            at,
            format!(
                "an expression needs exactly one of {}; found {found}",
                ORIGINS.join(", ")
            ),
        );
        return None;
    };
    let origin = origin(scribe, at, name, table)?;
    let steps = steps(scribe, at, table);
    let when = match table.get("when") {
        Some(toml) => Some(Box::new(condition::compile(
            scribe,
            &format!("{at}.when"),
            toml,
        )?)),
        None => None,
    };
    let default = table
        .get("default")
        .and_then(|toml| constant(scribe, &format!("{at}.default"), toml));
    let pick = match table
        .get("pick")
        .map(|toml| toml.as_str().unwrap_or_default())
    {
        None | Some("first") => Pick::First,
        Some("greatest") => Pick::Greatest,
        Some("least") => Pick::Least,
        Some(_) => {
            scribe.mistake(
                &format!("{at}.pick"),
                "pick is \"first\", \"greatest\" or \"least\"".to_owned(),
            );
            Pick::First
        }
    };
    Some(Expression {
        when,
        origin,
        steps,
        default,
        pick,
    })
}

fn origin(scribe: &mut Scribe<'_>, at: &str, name: &str, table: &Table) -> Option<Origin> {
    let toml = table.get(name)?;
    let here = format!("{at}.{name}");
    if name == "path" {
        let Some(path) = toml.as_str() else {
            scribe.mistake(
                &here,
                "a path is a string: a column's name, or keys joined by dots".to_owned(),
            );
            return None;
        };
        return scribe
            .path(&here, path)
            .map(|(id, up)| Origin::Path { id, up });
    }
    if name == "value" {
        return constant(scribe, &here, toml).map(Origin::Constant);
    }
    let Some(list) = toml.as_array().filter(|list| !list.is_empty()) else {
        scribe.mistake(&here, format!("{name} takes a list of expressions"));
        return None;
    };
    let compiled: Vec<_> = list
        .iter()
        .enumerate()
        .filter_map(|(i, toml)| compile(scribe, &format!("{here}[{i}]"), toml))
        .collect();
    let operator = match name {
        "first_of" => return Some(Origin::FirstOf(compiled)),
        "join" => {
            let separator = table
                .get("separator")
                .and_then(Toml::as_str)
                .unwrap_or_default();
            return Some(Origin::Join(compiled, separator.to_owned()));
        }
        "add" => Operator::Add,
        "subtract" => Operator::Subtract,
        "multiply" => Operator::Multiply,
        _ => Operator::Divide,
    };
    if list.len() < 2 {
        scribe.mistake(&here, format!("{name} takes two expressions or more"));
    }
    Some(Origin::Arithmetic(operator, compiled))
}

fn steps(scribe: &mut Scribe<'_>, at: &str, table: &Table) -> Vec<Step> {
    let mut steps = Vec::new();
    if let Some(toml) = table.get("null") {
        match texts(toml) {
            Some(texts) => steps.push(Step::Null(texts)),
            None => scribe.mistake(
                &format!("{at}.null"),
                "null takes a text or a list of texts".to_owned(),
            ),
        }
    }
    match table.get("trim") {
        None | Some(Toml::Boolean(false)) => {}
        Some(Toml::Boolean(true)) => steps.push(Step::Trim),
        Some(_) => scribe.mistake(&format!("{at}.trim"), "trim is true or false".to_owned()),
    }
    if let Some(regex) = table
        .get("strip")
        .and_then(|toml| pattern(scribe, &format!("{at}.strip"), toml))
    {
        steps.push(Step::Strip(regex));
    }
    if let Some(regex) = table
        .get("extract")
        .and_then(|toml| pattern(scribe, &format!("{at}.extract"), toml))
    {
        if regex.captures_len() == 2 {
            steps.push(Step::Extract(regex));
        } else {
            scribe.mistake(
                &format!("{at}.extract"),
                "the pattern needs exactly one group in parentheses".to_owned(),
            );
        }
    }
    match table
        .get("case")
        .map(|toml| toml.as_str().unwrap_or_default())
    {
        None => {}
        Some("lower") => steps.push(Step::Lower),
        Some("upper") => steps.push(Step::Upper),
        Some(_) => scribe.mistake(
            &format!("{at}.case"),
            "case is \"lower\" or \"upper\"".to_owned(),
        ),
    }
    steps.extend(words(scribe, at, table));
    if let Some(toml) = table.get("number") {
        steps.extend(number_shape(scribe, &format!("{at}.number"), toml).map(Step::Number));
    }
    if let Some(toml) = table.get("round") {
        match toml
            .as_integer()
            .and_then(|places| u32::try_from(places).ok())
            .filter(|places| *places <= 6)
        {
            Some(places) => steps.push(Step::Round(places)),
            None => scribe.mistake(
                &format!("{at}.round"),
                "round is a number of decimal places, 0 to 6".to_owned(),
            ),
        }
    }
    if let Some(toml) = table.get("date") {
        steps.extend(time_shapes(scribe, &format!("{at}.date"), toml).map(Step::Date));
    }
    if let Some(toml) = table.get("instant") {
        steps.extend(time_shapes(scribe, &format!("{at}.instant"), toml).map(Step::Instant));
    }
    steps
}

fn words(scribe: &mut Scribe<'_>, at: &str, table: &Table) -> Option<Step> {
    let otherwise = match table.get("otherwise") {
        None => Otherwise::Keep,
        Some(Toml::Boolean(false)) => Otherwise::Refuse,
        Some(Toml::String(word)) => Otherwise::Word(word.clone()),
        Some(_) => {
            let help = "otherwise is a word, or false to refuse words that are not in the list";
            scribe.mistake(&format!("{at}.otherwise"), help.to_owned());
            return None;
        }
    };
    let Some(toml) = table.get("words") else {
        if table.contains_key("otherwise") {
            scribe.mistake(
                &format!("{at}.otherwise"),
                "otherwise goes with words".to_owned(),
            );
        }
        return None;
    };
    let folded: Option<HashMap<_, _>> = toml.as_table().and_then(|words| {
        words
            .iter()
            .map(|(word, to)| Some((word.clone(), to.as_str()?.to_owned())))
            .collect()
    });
    if folded.is_none() {
        scribe.mistake(
            &format!("{at}.words"),
            "words is a table of texts, { PAID = \"paid\" }".to_owned(),
        );
    }
    folded.map(|folded| Step::Words(folded, otherwise))
}

fn number_shape(scribe: &mut Scribe<'_>, at: &str, toml: &Toml) -> Option<NumberShape> {
    let help = "number is a table such as { decimal = \",\", group = \".\", percent = true }";
    let Some(table) = toml.as_table() else {
        scribe.mistake(at, help.to_owned());
        return None;
    };
    for key in table
        .keys()
        .filter(|key| !["decimal", "group", "percent"].contains(&key.as_str()))
    {
        scribe.unknown(at, "setting", key, &["decimal", "group", "percent"]);
    }
    let character = |name: &str| {
        table
            .get(name)
            .map(|toml| single(toml.as_str().unwrap_or_default()))
    };
    let (decimal, group) = (
        character("decimal").unwrap_or(Some('.')),
        character("group"),
    );
    let (Some(decimal), Some(group)) = (decimal, group.map_or(Some(None), |group| group.map(Some)))
    else {
        scribe.mistake(at, help.to_owned());
        return None;
    };
    if Some(decimal) == group {
        scribe.mistake(
            at,
            "decimal and group can't be the same character".to_owned(),
        );
        return None;
    }
    let percent = table
        .get("percent")
        .and_then(Toml::as_bool)
        .unwrap_or(false);
    Some(NumberShape {
        decimal,
        group,
        percent,
    })
}

fn single(text: &str) -> Option<char> {
    let mut characters = text.chars();
    characters.next().filter(|_| characters.next().is_none())
}

fn time_shapes(scribe: &mut Scribe<'_>, at: &str, toml: &Toml) -> Option<Vec<TimeShape>> {
    let Some(texts) = texts(toml).filter(|texts| !texts.is_empty()) else {
        scribe.mistake(
            at,
            "takes a format such as \"%d.%m.%Y\", or a list of formats".to_owned(),
        );
        return None;
    };
    let is_date = at.ends_with(".date");
    let shape = |text: String| match text.as_str() {
        "rfc3339" => Ok(TimeShape::Rfc3339),
        "unix_seconds" => Ok(TimeShape::UnixSeconds),
        "unix_milliseconds" => Ok(TimeShape::UnixMilliseconds),
        _ => check_format(&text, is_date).map(|()| TimeShape::Format(text)),
    };
    match texts.into_iter().map(shape).collect() {
        Ok(shapes) => Some(shapes),
        Err(message) => {
            scribe.mistake(at, message);
            None
        }
    }
}

/// A format is good if a known moment is read back from how it writes it.
fn check_format(format: &str, is_date: bool) -> Result<(), String> {
    let moment = jiff::civil::date(2010, 12, 31).at(13, 45, 6, 0);
    let written = jiff::fmt::strtime::format(format, moment)
        .map_err(|error| format!("the format {format:?} is not valid: {error}"))?;
    let back = jiff::fmt::strtime::parse(format, &written)
        .map_err(|error| format!("the format {format:?} can't be read back: {error}"))?;
    if back.to_date().ok() != Some(moment.date()) {
        return Err(format!(
            "the format {format:?} holds no whole date: it needs year, month and day"
        ));
    }
    if !is_date && back.to_datetime().is_err() {
        return Err(format!("the format {format:?} holds no time of day"));
    }
    Ok(())
}

pub(crate) fn pattern(scribe: &mut Scribe<'_>, at: &str, toml: &Toml) -> Option<Regex> {
    let compiled = toml.as_str().map(Regex::new);
    match compiled {
        Some(Ok(regex)) => return Some(regex),
        Some(Err(error)) => scribe.mistake(at, format!("the pattern is not valid: {error}")),
        None => scribe.mistake(at, "a pattern is a regular expression in quotes".to_owned()),
    }
    None
}

pub(crate) fn constant(scribe: &mut Scribe<'_>, at: &str, toml: &Toml) -> Option<Constant> {
    match toml {
        Toml::String(text) => Some(Constant::Text(text.clone())),
        Toml::Boolean(value) => Some(Constant::Bool(*value)),
        Toml::Integer(number) => Some(Constant::Number(Decimal::from(*number))),
        // The shortest text that means this float is what was written, up to 15 digits.
        Toml::Float(number) => match number.to_string().parse() {
            Ok(number) => Some(Constant::Number(number)),
            Err(_) => {
                scribe.mistake(
                    at,
                    format!("{number} is no decimal number: write it in quotes"),
                );
                None
            }
        },
        _ => {
            scribe.mistake(
                at,
                "a constant is a text, a number, true or false".to_owned(),
            );
            None
        }
    }
}

fn texts(toml: &Toml) -> Option<Vec<String>> {
    match toml {
        Toml::String(text) => Some(vec![text.clone()]),
        Toml::Array(list) => list
            .iter()
            .map(|toml| toml.as_str().map(str::to_owned))
            .collect(),
        _ => None,
    }
}
