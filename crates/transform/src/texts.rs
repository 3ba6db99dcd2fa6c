//! Fields that hold several texts: lists of words, and texts by name.

use std::borrow::Cow;

use catwing_domain::{FieldType, Rule};
use toml::Value as Toml;

use crate::{
    canonical::Problems,
    evaluate::Evaluator,
    expression::Expression,
    field_path::FieldPath,
    item::{self, Item},
    record_plan,
    scribe::Scribe,
    source::{Found, Node, PathId, View},
    value::{Broken, Value},
};

/// Characters that the value of an attribute may have.
const ATTRIBUTE: FieldType = FieldType::Text(1_000);

/// How a list of words, or texts by name, are had.
#[derive(Debug)]
pub(crate) enum TextsPlan {
    /// The elements of the list at a path.
    Each(PathId),
    /// One word an expression.
    Listed(Vec<Expression>),
    /// The keys of the object at a path.
    Object(PathId),
    /// One text a name.
    Named(Vec<(String, Expression)>),
}

/// Compiles a list of words: `{ each = "path" }`, or a list of expressions.
pub(crate) fn compile_labels(scribe: &mut Scribe<'_>, at: &str, toml: &Toml) -> Option<TextsPlan> {
    if let Toml::Array(list) = toml {
        let one = |(index, toml)| {
            let at = format!("{at}[{index}]");
            record_plan::compile_value(scribe, &at, FieldType::Label, toml)
        };
        return Some(TextsPlan::Listed(
            list.iter().enumerate().filter_map(one).collect(),
        ));
    }
    let each = toml.get("each").and_then(Toml::as_str);
    let (Some(table), Some(each)) = (toml.as_table(), each) else {
        let help = "a list of words is { each = \"path\" }, or a list of expressions";
        scribe.mistake(at, help);
        return None;
    };
    scribe.only(at, table, &["each"]);
    own_path(scribe, &format!("{at}.each"), each).map(TextsPlan::Each)
}

/// Compiles texts by name: a path to an object of them, or a table of names and expressions.
pub(crate) fn compile_attributes(
    scribe: &mut Scribe<'_>,
    at: &str,
    toml: &Toml,
) -> Option<TextsPlan> {
    match toml {
        Toml::String(path) => own_path(scribe, at, path).map(TextsPlan::Object),
        Toml::Table(table) => {
            let mut named = Vec::with_capacity(table.len());
            for (name, toml) in table {
                let at = format!("{at}.{name}");
                let value = record_plan::compile_value(scribe, &at, ATTRIBUTE, toml);
                named.extend(value.map(|value| (name.clone(), value)));
            }
            Some(TextsPlan::Named(named))
        }
        _ => {
            let help =
                "texts by name are a path to an object of them, or a table { name = EXPRESSION }";
            scribe.mistake(at, help);
            None
        }
    }
}

fn own_path(scribe: &mut Scribe<'_>, at: &str, path: &str) -> Option<PathId> {
    let (id, up) = scribe.path(at, path)?;
    if up > 0 {
        scribe.mistake(at, "a list lies in its own record: no ^ before its path");
    }
    Some(id)
}

impl TextsPlan {
    /// Reads the texts out of what is in view.
    pub(crate) fn read<'r>(
        &'r self,
        evaluator: &Evaluator<'_>,
        view: &View<'_, 'r>,
        at: FieldPath<'_>,
        problems: &mut Problems,
    ) -> Item<'r> {
        match self {
            TextsPlan::Each(path) => match view.record.find(evaluator.paths, *path) {
                Found::Nothing => Item::Labels(Vec::new()),
                Found::Composite(Node::List(nodes)) => {
                    let values = nodes.iter().map(|node| Ok(node.found().value()));
                    labels(values, at, problems)
                }
                _ => {
                    problems.add(
                        Rule::Type,
                        at,
                        None,
                        "is not a list: expected an array of words",
                    );
                    Item::Absent
                }
            },
            TextsPlan::Listed(expressions) => {
                let value = |expression| evaluator.value(expression, view);
                labels(expressions.iter().map(value), at, problems)
            }
            TextsPlan::Object(path) => match view.record.find(evaluator.paths, *path) {
                Found::Nothing => Item::Attributes(Vec::new()),
                Found::Composite(Node::Record(entries)) => {
                    let value = |(name, node): &'r (Cow<'r, str>, Node<'r>)| {
                        (name.as_ref(), Ok(node.found().value()))
                    };
                    attributes(entries.iter().map(value), at, problems)
                }
                _ => {
                    let message = "is not an object of texts by name";
                    problems.add(Rule::Type, at, None, message);
                    Item::Absent
                }
            },
            TextsPlan::Named(named) => {
                let value = |(name, expression): &'r (String, Expression)| {
                    (name.as_str(), evaluator.value(expression, view))
                };
                attributes(named.iter().map(value), at, problems)
            }
        }
    }
}

fn labels<'r>(
    values: impl Iterator<Item = Result<Value<'r>, Broken>>,
    at: FieldPath<'_>,
    problems: &mut Problems,
) -> Item<'r> {
    let mut labels = Vec::new();
    for (index, value) in values.enumerate() {
        let at = at.element(index);
        labels.extend(one_text(FieldType::Label, value, at, problems));
    }
    Item::Labels(labels)
}

/// Texts by name, sorted: the order in which they were delivered says nothing.
fn attributes<'r>(
    values: impl Iterator<Item = (&'r str, Result<Value<'r>, Broken>)>,
    at: FieldPath<'_>,
    problems: &mut Problems,
) -> Item<'r> {
    let mut attributes: Vec<(Cow<'r, str>, Cow<'r, str>)> = Vec::new();
    for (written, value) in values {
        // Numbers and truth values are texts here.
        let value = value.map(|value| match value {
            Value::Bool(value) => Value::Text(Cow::Borrowed(if value { "true" } else { "false" })),
            value => value,
        });
        let Some(value) = one_text(ATTRIBUTE, value, at, problems) else {
            continue;
        };
        let name = Value::Text(Cow::Borrowed(written));
        let Some(name) = one_text(FieldType::Label, Ok(name), at, problems) else {
            if written.trim().is_empty() {
                problems.add(Rule::Missing, at, Some(&value), "is the value of no name");
            }
            continue;
        };
        attributes.push((name, value));
    }
    attributes.sort_unstable();
    let twice = attributes.windows(2).find_map(|pair| match pair {
        [(one, _), (other, _)] if one == other => Some(one),
        _ => None,
    });
    if let Some(name) = twice {
        let message = "is there twice: names differ in more than how they are encoded";
        problems.add(Rule::Repeated, at, Some(name), message);
    }
    Item::Attributes(attributes)
}

/// One text of several; none where it is absent or wrong.
fn one_text<'r>(
    ty: FieldType,
    value: Result<Value<'r>, Broken>,
    at: FieldPath<'_>,
    problems: &mut Problems,
) -> Option<Cow<'r, str>> {
    match value {
        Ok(value) => match item::typed(ty, value, at, problems) {
            Item::Text(text) => Some(text),
            _ => None,
        },
        Err(broken) => {
            problems.add_broken(at, broken);
            None
        }
    }
}
