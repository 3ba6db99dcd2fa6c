//! Canonical records: values typed by the entity's fields, with every problem that was met.

use std::{borrow::Cow, fmt::Display};

use catwing_domain::{Factor, Field, FieldType, Money, Problem, Quantity, Rate, Real, Rule};
use jiff::{Timestamp, civil::Date};

use crate::{
    evaluate::Evaluator,
    field_path::FieldPath,
    item::{self, Item},
    record_plan::{FieldPlan, RecordPlan},
    source::{Found, Node, PathId, RecordView, View},
    value::Broken,
};

/// Problems that are told of one record.
const PROBLEMS_MAX: usize = 20;
/// Characters of a value that a problem shows.
const VALUE_CHARS_MAX: usize = 200;
/// What is said of anything else where a record should be.
pub(crate) const NO_RECORD: &str = "is not a record: expected an object with fields";
/// Elements that a list of a record may have.
const LIST_MAX: usize = 100_000;

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

    pub(crate) fn factor(&self, name: &str) -> Option<Factor> {
        match self.item(name) {
            Item::Factor(value) => Some(*value),
            _ => None,
        }
    }

    pub(crate) fn real(&self, name: &str) -> Option<Real> {
        match self.item(name) {
            Item::Real(value) => Some(*value),
            _ => None,
        }
    }

    /// The words of a list of them.
    pub(crate) fn labels(&self, name: &str) -> impl Iterator<Item = &'c str> {
        let labels: &'c [Cow<'r, str>] = match self.item(name) {
            Item::Labels(labels) => labels,
            _ => &[],
        };
        labels.iter().map(Cow::as_ref)
    }

    /// Names and texts, sorted by name.
    pub(crate) fn attributes(&self, name: &str) -> impl Iterator<Item = (&'c str, &'c str)> {
        let attributes: &'c [(Cow<'r, str>, Cow<'r, str>)] = match self.item(name) {
            Item::Attributes(attributes) => attributes,
            _ => &[],
        };
        let texts =
            |(name, value): &'c (Cow<'r, str>, Cow<'r, str>)| (name.as_ref(), value.as_ref());
        attributes.iter().map(texts)
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
    /// Whether a problem of this very field is told already.
    pub(crate) fn tells_of(&self, field: impl Display) -> bool {
        let mut fields = self.list.iter().map(|problem| problem.field.as_deref());
        !self.list.is_empty() && {
            let name = field.to_string();
            fields.any(|told| told == Some(name.as_str()))
        }
    }

    /// Takes over problems, as many as are told.
    pub(crate) fn extend(&mut self, more: impl IntoIterator<Item = Problem>) {
        let room = PROBLEMS_MAX.saturating_sub(self.list.len());
        self.list.extend(more.into_iter().take(room));
    }

    /// Tells why an expression has no value.
    pub(crate) fn add_broken(&mut self, field: impl Display, broken: Broken) {
        self.add(broken.rule, field, Some(&broken.value), broken.message);
    }

    pub(crate) fn add(
        &mut self,
        rule: Rule,
        field: impl Display,
        value: Option<&str>,
        message: impl Into<String>,
    ) {
        if self.list.len() < PROBLEMS_MAX {
            let field = Some(field.to_string()).filter(|field| !field.is_empty());
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
    at: FieldPath<'_>,
    problems: &mut Problems,
) -> Vec<Item<'r>> {
    let read = |(field, plan): (&Field, &'r FieldPlan)| {
        let here = at.field(field.name);
        let item = match plan {
            FieldPlan::Absent => Item::Absent,
            FieldPlan::Value(expression) => match evaluator.value(expression, view) {
                Ok(value) => item::typed(field.ty, value, here, problems),
                Err(broken) => {
                    problems.add_broken(here, broken);
                    return Item::Absent;
                }
            },
            FieldPlan::Record(path, plan) => nested(evaluator, *path, plan, view, here, problems),
            FieldPlan::Each(path, plan) => each(evaluator, *path, plan, view, here, problems),
            FieldPlan::Texts(plan) => plan.read(evaluator, view, here, problems),
            FieldPlan::Rows(plan) => rows(evaluator, plan, view, here, problems),
        };
        if field.required && item == Item::Absent && !problems.tells_of(here) {
            let lacks = match plan {
                FieldPlan::Value(expression) => expression.lacks(view, evaluator.paths),
                _ => None,
            };
            let message =
                lacks.unwrap_or_else(|| "is required and absent, null or empty".to_owned());
            problems.add(Rule::Missing, here, None, message);
        }
        item
    };
    plan.fields.iter().zip(&plan.plans).map(read).collect()
}

/// A nested record that the mapping puts together is absent as a whole where its key is: nobody
/// could be meant. One that the source itself delivers is absent only if nothing is in it.
fn nested<'r>(
    evaluator: &Evaluator<'_>,
    path: Option<PathId>,
    plan: &'r RecordPlan,
    view: &View<'_, 'r>,
    at: FieldPath<'_>,
    problems: &mut Problems,
) -> Item<'r> {
    let mut inner = Problems::default();
    let items = match path {
        None => read(evaluator, plan, view, at, &mut inner),
        Some(path) => match view.record.find(evaluator.paths, path) {
            Found::Nothing => return Item::Absent,
            Found::Composite(node @ Node::Record(_)) => {
                let within = view.within(RecordView::Node(node));
                read(evaluator, plan, &within, at, &mut inner)
            }
            _ => {
                problems.add(Rule::Type, at, None, NO_RECORD);
                return Item::Absent;
            }
        },
    };
    let broken = |problem: &Problem| problem.rule != Rule::Missing;
    let meant = match path {
        None => {
            let fields = plan.fields;
            let items = &items;
            Fields { fields, items }.text("external_id").is_some()
        }
        Some(_) => items.iter().any(|item| *item != Item::Absent),
    };
    if !meant && !inner.list.iter().any(broken) {
        return Item::Absent;
    }
    problems.extend(inner.list);
    Item::Record(items)
}

fn each<'r>(
    evaluator: &Evaluator<'_>,
    path: PathId,
    plan: &'r RecordPlan,
    view: &View<'_, 'r>,
    at: FieldPath<'_>,
    problems: &mut Problems,
) -> Item<'r> {
    let elements = match view.record.find(evaluator.paths, path) {
        Found::Nothing => return Item::List(Vec::new()),
        Found::Composite(Node::List(elements)) => elements,
        _ => {
            problems.add(
                Rule::Type,
                at,
                None,
                "is not a list: expected an array of objects with fields",
            );
            return Item::Absent;
        }
    };
    if too_long(elements.len(), at, problems) {
        return Item::Absent;
    }
    let mut list = Vec::with_capacity(elements.len());
    for (index, node) in elements.iter().enumerate() {
        let at = at.element(index);
        if !matches!(node, Node::Record(_)) {
            problems.add(Rule::Type, at, None, NO_RECORD);
            continue;
        }
        let within = view.within(RecordView::Node(node));
        list.push(read(evaluator, plan, &within, at, problems));
    }
    Item::List(list)
}

fn rows<'r>(
    evaluator: &Evaluator<'_>,
    plan: &'r RecordPlan,
    view: &View<'_, 'r>,
    at: FieldPath<'_>,
    problems: &mut Problems,
) -> Item<'r> {
    if too_long(view.lines.len(), at, problems) {
        return Item::Absent;
    }
    let mut list = Vec::with_capacity(view.lines.len());
    for (index, record) in view.lines.iter().enumerate() {
        let at = at.element(index);
        let within = view.within(*record);
        list.push(read(evaluator, plan, &within, at, problems));
    }
    Item::List(list)
}

fn too_long(elements: usize, at: FieldPath<'_>, problems: &mut Problems) -> bool {
    if elements > LIST_MAX {
        let message = format!("has {elements} elements; {LIST_MAX} are admitted");
        problems.add(Rule::Limit, at, None, message);
    }
    elements > LIST_MAX
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
            (Item::Factor(value), _) => value.decimal().normalize().to_string().into(),
            (Item::Real(value), _) => value.number().into(),
            (Item::Count(value), _) => (*value).into(),
            (Item::Bool(value), _) => (*value).into(),
            (Item::Labels(labels), _) => {
                let labels: Vec<&str> = labels.iter().map(AsRef::as_ref).collect();
                labels.into()
            }
            (Item::Attributes(attributes), _) => {
                let entry = |(name, value): &(Cow<'_, str>, Cow<'_, str>)| {
                    (name.to_string(), value.to_string().into())
                };
                let object: serde_json::Map<_, _> = attributes.iter().map(entry).collect();
                object.into()
            }
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
