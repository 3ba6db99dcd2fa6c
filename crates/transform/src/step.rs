//! What is done to a value between its origin and its field.

use std::collections::HashMap;

use jiff::tz::TimeZone;
use regex::Regex;
use toml::{Table, Value as Toml};

use crate::{expression::pattern, scribe::Scribe};

/// The settings of steps, as a table may have them beside its origin.
pub(crate) const STEPS: &[&str] = &[
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
];

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

/// Compiles the steps of an expression, in the order in which they are done.
pub(crate) fn compile(scribe: &mut Scribe<'_>, at: &str, table: &Table) -> Vec<Step> {
    let mut steps = Vec::new();
    steps.extend(null(scribe, at, table));
    match table.get("trim") {
        None | Some(Toml::Boolean(false)) => {}
        Some(Toml::Boolean(true)) => steps.push(Step::Trim),
        Some(_) => scribe.mistake(&format!("{at}.trim"), "trim is true or false"),
    }
    if let Some(toml) = table.get("strip") {
        steps.extend(pattern(scribe, &format!("{at}.strip"), toml).map(Step::Strip));
    }
    steps.extend(extract(scribe, at, table));
    match table.get("case").map(Toml::as_str) {
        None => {}
        Some(Some("lower")) => steps.push(Step::Lower),
        Some(Some("upper")) => steps.push(Step::Upper),
        Some(_) => scribe.mistake(&format!("{at}.case"), "case is \"lower\" or \"upper\""),
    }
    steps.extend(words(scribe, at, table));
    if let Some(toml) = table.get("number") {
        steps.extend(number_shape(scribe, &format!("{at}.number"), toml).map(Step::Number));
    }
    steps.extend(round(scribe, at, table));
    if let Some(toml) = table.get("date") {
        steps.extend(time_shapes(scribe, &format!("{at}.date"), toml, true).map(Step::Date));
    }
    if let Some(toml) = table.get("instant") {
        let shapes = time_shapes(scribe, &format!("{at}.instant"), toml, false);
        steps.extend(shapes.map(Step::Instant));
    }
    steps
}

fn null(scribe: &mut Scribe<'_>, at: &str, table: &Table) -> Option<Step> {
    let texts = texts(table.get("null")?);
    if texts.is_none() {
        let help = "null takes a text or a list of texts";
        scribe.mistake(&format!("{at}.null"), help);
    }
    texts.map(Step::Null)
}

fn extract(scribe: &mut Scribe<'_>, at: &str, table: &Table) -> Option<Step> {
    let at = format!("{at}.extract");
    let regex = pattern(scribe, &at, table.get("extract")?)?;
    if regex.captures_len() != 2 {
        scribe.mistake(&at, "the pattern needs exactly one group in parentheses");
        return None;
    }
    Some(Step::Extract(regex))
}

fn round(scribe: &mut Scribe<'_>, at: &str, table: &Table) -> Option<Step> {
    let places = table.get("round")?.as_integer();
    let places = places.and_then(|places| u32::try_from(places).ok());
    let places = places.filter(|places| *places <= 6);
    if places.is_none() {
        let help = "round is a number of decimal places, 0 to 6";
        scribe.mistake(&format!("{at}.round"), help);
    }
    places.map(Step::Round)
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
    scribe.only(at, table, &["decimal", "group", "percent"]);
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
    let Some(percent) = table.get("percent").map_or(Some(false), Toml::as_bool) else {
        scribe.mistake(at, help);
        return None;
    };
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

fn time_shapes(
    scribe: &mut Scribe<'_>,
    at: &str,
    toml: &Toml,
    is_date: bool,
) -> Option<Vec<TimeShape>> {
    let Some(texts) = texts(toml).filter(|texts| !texts.is_empty()) else {
        scribe.mistake(
            at,
            "takes a format such as \"%d.%m.%Y\", or a list of formats".to_owned(),
        );
        return None;
    };
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
    if format.ends_with("SZ") || format.ends_with("fZ") {
        return Err(format!(
            "the format {format:?} takes Z for a mere letter, and the time for the tenant's own: use \"rfc3339\""
        ));
    }
    let local = jiff::civil::date(2010, 12, 31).at(13, 45, 6, 0);
    let zone = TimeZone::fixed(jiff::tz::offset(2));
    let moment = zone.to_ambiguous_zoned(local).compatible();
    let written = moment
        .and_then(|moment| jiff::fmt::strtime::format(format, &moment))
        .map_err(|error| format!("the format {format:?} is not valid: {error}"))?;
    let back = jiff::fmt::strtime::parse(format, &written)
        .map_err(|error| format!("the format {format:?} can't be read back: {error}"))?;
    let instant = back.to_timestamp().map(|at| at.to_zoned(zone).datetime());
    let date = match &instant {
        Ok(instant) => Some(instant.date()),
        Err(_) => back.to_date().ok(),
    };
    if date != Some(local.date()) {
        return Err(format!(
            "the format {format:?} holds no whole date: it needs year, month and day"
        ));
    }
    let hour = instant.or_else(|_| back.to_datetime()).map(|at| at.hour());
    if !is_date && hour.ok() != Some(local.hour()) {
        return Err(format!("the format {format:?} holds no time of day"));
    }
    Ok(())
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
