//! Conditions of a mapping: over one record, or over all lines of a document.

use regex::Regex;
use toml::{Table, Value as Toml};

use crate::{
    expression::{self, Constant, Expression, looks_like_expression},
    scribe::{Lines, Scribe},
};

/// One compiled condition.
#[derive(Clone, Debug)]
pub(crate) enum Condition {
    All(Vec<Condition>),
    Any(Vec<Condition>),
    Not(Box<Condition>),
    EveryLine(Box<Condition>),
    SomeLine(Box<Condition>),
    Test(Box<Expression>, Test),
}

/// What is asked of a value.
#[derive(Clone, Debug)]
pub(crate) enum Test {
    Empty(bool),
    Equal(Constant),
    NotEqual(Constant),
    Less(Constant),
    LessOrEqual(Constant),
    Greater(Constant),
    GreaterOrEqual(Constant),
    OneOf(Vec<Constant>),
    StartsWith(String),
    EndsWith(String),
    Matches(Regex),
}

const GROUPS: &[&str] = &["all", "any", "not", "every_line", "some_line"];
const TESTS: &[&str] = &[
    "empty",
    "eq",
    "ne",
    "lt",
    "le",
    "gt",
    "ge",
    "in",
    "starts_with",
    "ends_with",
    "matches",
];

/// Compiles a condition: `{ path = "x", eq = 0 }`, `{ of = EXPRESSION, empty = true }`, or a group.
pub(crate) fn compile(scribe: &mut Scribe<'_>, at: &str, toml: &Toml) -> Option<Condition> {
    let Some(table) = toml.as_table() else {
        scribe.mistake(
            at,
            "a condition is a table such as { path = \"Price\", eq = 0 }".to_owned(),
        );
        return None;
    };
    let groups: Vec<_> = GROUPS
        .iter()
        .filter(|group| table.contains_key(**group))
        .collect();
    match groups.as_slice() {
        // A condition may ask whether something is there at all.
        [] => scribe.perhaps(true, |scribe| test(scribe, at, table)),
        [name] if table.len() == 1 => group(scribe, at, name, table.get(**name)?),
        _ => {
            scribe.mistake(
                at,
                format!("one of {} stands alone in its table", GROUPS.join(", ")),
            );
            None
        }
    }
}

fn group(scribe: &mut Scribe<'_>, at: &str, name: &str, toml: &Toml) -> Option<Condition> {
    let here = format!("{at}.{name}");
    if name == "not" {
        return compile(scribe, &here, toml).map(|inner| Condition::Not(Box::new(inner)));
    }
    if name.ends_with("_line") {
        let inner = match scribe.ask_lines(&here, name) {
            Lines::Joined(dataset) => {
                scribe.within_rows_of(&dataset, |scribe| compile(scribe, &here, toml))
            }
            Lines::Each(path) => scribe.within(Some(&path), |scribe| compile(scribe, &here, toml)),
            Lines::Rows | Lines::None => scribe.within(None, |scribe| compile(scribe, &here, toml)),
        };
        let inner = Box::new(inner?);
        return Some(if name == "every_line" {
            Condition::EveryLine(inner)
        } else {
            Condition::SomeLine(inner)
        });
    }
    let Some(list) = toml.as_array().filter(|list| !list.is_empty()) else {
        scribe.mistake(&here, format!("{name} takes a list of conditions"));
        return None;
    };
    // Every part is compiled, so that every mistake is told.
    let inner: Vec<_> = list
        .iter()
        .enumerate()
        .map(|(i, toml)| compile(scribe, &format!("{here}[{i}]"), toml))
        .collect();
    let inner: Option<Vec<_>> = inner.into_iter().collect();
    Some(if name == "all" {
        Condition::All(inner?)
    } else {
        Condition::Any(inner?)
    })
}

fn test(scribe: &mut Scribe<'_>, at: &str, table: &Table) -> Option<Condition> {
    scribe.only(at, table, &[TESTS, GROUPS, &["path", "of"]].concat());
    let tests: Vec<_> = TESTS
        .iter()
        .filter(|test| table.contains_key(**test))
        .collect();
    let [name] = tests.as_slice() else {
        scribe.mistake(
            at,
            format!("a condition needs exactly one of {}", TESTS.join(", ")),
        );
        return None;
    };
    let subject = match (table.get("path"), table.get("of")) {
        (Some(path @ Toml::String(_)), None) => {
            expression::compile(scribe, &format!("{at}.path"), path)
        }
        (None, Some(of)) if of.is_str() || of.as_table().is_some_and(looks_like_expression) => {
            expression::compile(scribe, &format!("{at}.of"), of)
        }
        _ => {
            scribe.mistake(
                at,
                "a condition asks of a path = \"...\" or of = EXPRESSION".to_owned(),
            );
            return None;
        }
    };
    let test = asked(scribe, &format!("{at}.{name}"), name, table.get(**name)?);
    Some(Condition::Test(Box::new(subject?), test?))
}

fn asked(scribe: &mut Scribe<'_>, at: &str, name: &str, toml: &Toml) -> Option<Test> {
    match name {
        "empty" => match toml.as_bool() {
            Some(empty) => Some(Test::Empty(empty)),
            None => {
                scribe.mistake(at, "empty is true or false".to_owned());
                None
            }
        },
        "matches" => expression::pattern(scribe, at, toml).map(Test::Matches),
        "in" => {
            let Some(list) = toml.as_array().filter(|list| !list.is_empty()) else {
                scribe.mistake(at, "in takes a list of constants");
                return None;
            };
            let constants = list
                .iter()
                .filter_map(|toml| expression::constant(scribe, at, toml));
            Some(Test::OneOf(constants.collect()))
        }
        "starts_with" | "ends_with" => {
            let Some(text) = toml.as_str() else {
                scribe.mistake(at, format!("{name} takes a text"));
                return None;
            };
            let text = text.to_owned();
            Some(if name == "starts_with" {
                Test::StartsWith(text)
            } else {
                Test::EndsWith(text)
            })
        }
        _ => {
            let constant = expression::constant(scribe, at, toml)?;
            Some(match name {
                "eq" => Test::Equal(constant),
                "ne" => Test::NotEqual(constant),
                "lt" => Test::Less(constant),
                "le" => Test::LessOrEqual(constant),
                "gt" => Test::Greater(constant),
                _ => Test::GreaterOrEqual(constant),
            })
        }
    }
}
