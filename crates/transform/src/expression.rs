//! The mapping's own language: how one canonical field is had from a source's record. An expression
//! has one origin (`path`, `value`, `first_of`, ...) and then steps, always in the same order.

use regex::Regex;
use rust_decimal::Decimal;
use toml::{Table, Value as Toml};

use crate::{
    condition::{self, Condition},
    lookup::{self, LookedUp},
    scribe::Scribe,
    source::{Path, PathId, View},
    step::{self, STEPS, Step},
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

impl Expression {
    /// An origin without steps.
    pub(crate) fn plain(origin: Origin) -> Self {
        Self {
            when: None,
            origin,
            steps: Vec::new(),
            default: None,
            pick: Pick::First,
        }
    }

    /// Why a value that comes straight from a path can't be there: nothing there has its name.
    pub(crate) fn lacks(&self, view: &View<'_, '_>, paths: &[Path]) -> Option<String> {
        match &self.origin {
            Origin::Path { id, up } => view.outward(*up)?.record.lacks(paths, *id),
            _ => None,
        }
    }
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
    LookedUp(Box<LookedUp>),
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

const ORIGINS: &[&str] = &[
    "path", "value", "first_of", "join", "add", "subtract", "multiply", "divide", "lookup",
];
const AROUND: &[&str] = &["default", "when", "pick", "separator"];

/// Whether a table is written as an expression rather than as nested fields.
pub(crate) fn looks_like_expression(table: &Table) -> bool {
    table.keys().any(|key| ORIGINS.contains(&key.as_str()))
}

/// Compiles an expression: a string is a path, a table has an origin and steps.
pub(crate) fn compile(scribe: &mut Scribe<'_>, at: &str, toml: &Toml) -> Option<Expression> {
    match toml {
        Toml::String(path) => scribe
            .path(at, path)
            .map(|(id, up)| Expression::plain(Origin::Path { id, up })),
        Toml::Table(table) => table_expression(scribe, at, table),
        _ => {
            let hint = "write a column's name in quotes, or { value = ... } for a constant";
            scribe.mistake(at, format!("{toml} is no expression: {hint}"));
            None
        }
    }
}

fn table_expression(scribe: &mut Scribe<'_>, at: &str, table: &Table) -> Option<Expression> {
    scribe.only(at, table, &[ORIGINS, STEPS, AROUND].concat());
    let found: Vec<_> = ORIGINS
        .iter()
        .filter(|origin| table.contains_key(**origin))
        .copied()
        .collect();
    // What has a default, a guard or alternatives need not be there.
    let guarded = ["default", "when", "first_of"];
    let perhaps = guarded.iter().any(|setting| table.contains_key(*setting));
    let origin = match found.as_slice() {
        [name] => scribe.perhaps(perhaps, |scribe| origin(scribe, at, name, table)),
        _ => {
            let wanted = ORIGINS.join(", ");
            let found = match found.as_slice() {
                [] => "none".to_owned(),
                several => several.join(" and "),
            };
            let message = format!("an expression needs exactly one of {wanted}; found {found}");
            scribe.mistake(at, message);
            None
        }
    };
    let steps = step::compile(scribe, at, table);
    let when = table.get("when");
    let when = when.map(|toml| condition::compile(scribe, &format!("{at}.when"), toml));
    let default = table.get("default");
    let default = default.map(|toml| constant(scribe, &format!("{at}.default"), toml));
    let pick = pick(scribe, at, table);
    separator(scribe, at, table);
    Some(Expression {
        when: when.map_or(Some(None), |when| Some(Some(Box::new(when?))))?,
        origin: origin?,
        steps,
        default: default.map_or(Some(None), |default| Some(Some(default?)))?,
        pick,
    })
}

fn pick(scribe: &mut Scribe<'_>, at: &str, table: &Table) -> Pick {
    let Some(toml) = table.get("pick") else {
        return Pick::First;
    };
    let at = format!("{at}.pick");
    let pick = match toml.as_str() {
        Some("first") => return Pick::First,
        Some("greatest") => Pick::Greatest,
        Some("least") => Pick::Least,
        _ => {
            scribe.mistake(&at, "pick is \"first\", \"greatest\" or \"least\"");
            return Pick::First;
        }
    };
    scribe.ask_rows(&at);
    pick
}

fn separator(scribe: &mut Scribe<'_>, at: &str, table: &Table) {
    let Some(toml) = table.get("separator") else {
        return;
    };
    if !toml.is_str() || !table.contains_key("join") {
        let help = "separator is a text that goes with join";
        scribe.mistake(&format!("{at}.separator"), help);
    }
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
    if name == "lookup" {
        let looked_up = lookup::compile(scribe, &here, toml)?;
        return Some(Origin::LookedUp(Box::new(looked_up)));
    }
    let Some(list) = toml.as_array().filter(|list| !list.is_empty()) else {
        scribe.mistake(&here, format!("{name} takes a list of expressions"));
        return None;
    };
    let compiled: Vec<_> = list
        .iter()
        .enumerate()
        .filter_map(|(i, toml)| operand(scribe, &format!("{here}[{i}]"), toml))
        .collect();
    let operator = match name {
        "first_of" => return Some(Origin::FirstOf(compiled)),
        "join" => {
            let separator = table.get("separator").map_or(Some(""), Toml::as_str);
            return Some(Origin::Join(
                compiled,
                separator.unwrap_or_default().to_owned(),
            ));
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

/// An expression within another: what is picked among rows is picked as a whole.
fn operand(scribe: &mut Scribe<'_>, at: &str, toml: &Toml) -> Option<Expression> {
    if toml.get("pick").is_some() {
        let help = "pick goes with the whole expression, not with a part of it";
        scribe.mistake(&format!("{at}.pick"), help);
        return None;
    }
    compile(scribe, at, toml)
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
