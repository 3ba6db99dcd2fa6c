//! For each canonical field of a record, how it is had.

use std::collections::BTreeSet;

use catwing_domain::{Field, FieldType};
use toml::{Table, Value as Toml};

use crate::{
    canonical::Problems,
    evaluate::constant_value,
    expression::{self, Constant, Expression, Origin, looks_like_expression},
    field_path::FieldPath,
    item, join,
    scribe::{Lines, Scribe, called},
    source::PathId,
    step::{Otherwise, Step},
    texts::{self, TextsPlan},
};

/// For each canonical field of a record, how it is had.
#[derive(Debug)]
pub(crate) struct RecordPlan {
    pub(crate) fields: &'static [Field],
    pub(crate) plans: Vec<FieldPlan>,
}

/// How one canonical field is had.
#[derive(Debug)]
pub(crate) enum FieldPlan {
    Absent,
    Value(Expression),
    /// A nested record of fields; with a path, relative to that object.
    Record(Option<PathId>, RecordPlan),
    /// A list: the elements at a path.
    Each(PathId, RecordPlan),
    /// A list: the rows of the document.
    Rows(RecordPlan),
    /// Several texts.
    Texts(TextsPlan),
}

impl RecordPlan {
    /// The path of the elements that are the record's lines, if it has such.
    pub(crate) fn lines(&self) -> Option<PathId> {
        self.plans.iter().find_map(|plan| match plan {
            FieldPlan::Each(path, _) => Some(*path),
            _ => None,
        })
    }

    /// Whether a feed can give a field at all.
    pub(crate) fn gives(&self, name: &str) -> bool {
        let mut plans = self.fields.iter().zip(&self.plans);
        plans.any(|(field, plan)| field.name == name && !matches!(plan, FieldPlan::Absent))
    }

    pub(crate) fn has_rows(&self) -> bool {
        self.count_of_rows() > 0
    }

    /// The list whose elements are rows.
    pub(crate) fn list_of_rows(&self) -> &'static str {
        let mut plans = self.fields.iter().zip(&self.plans);
        let found = plans.find(|(_, plan)| matches!(plan, FieldPlan::Rows(_)));
        found.map_or("lines", |(field, _)| field.name)
    }

    /// How many of the record's lists are rows.
    pub(crate) fn count_of_rows(&self) -> usize {
        let rows = |plan: &&FieldPlan| matches!(plan, FieldPlan::Rows(_));
        self.plans.iter().filter(rows).count()
    }
}

/// Compiles the fields that a mapping gives for a record.
pub(crate) fn compile(
    scribe: &mut Scribe<'_>,
    at: &str,
    fields: &'static [Field],
    table: &Table,
) -> RecordPlan {
    let known: Vec<_> = fields.iter().map(|field| field.name).collect();
    for key in table.keys().filter(|key| !known.contains(&key.as_str())) {
        scribe.unknown(at, "canonical field", key, &known);
    }
    let plan = |field: &Field| match table.get(field.name) {
        Some(toml) => compile_field(scribe, &format!("{at}.{}", field.name), field, toml),
        None => {
            if field.required {
                let at = format!("{at}.{}", field.name);
                scribe.mistake(&at, "this field is required: say where it comes from");
            }
            FieldPlan::Absent
        }
    };
    RecordPlan {
        fields,
        plans: fields.iter().map(plan).collect(),
    }
}

/// What the lines of a document are by the table of its fields.
pub(crate) fn lines_of(fields: &[Field], table: &Table) -> Lines {
    let list = fields
        .iter()
        .find(|field| matches!(field.ty, FieldType::List(_)))
        .and_then(|field| table.get(field.name))
        .and_then(Toml::as_table);
    let joined = list
        .and_then(|list| list.get("dataset"))
        .and_then(Toml::as_str);
    if let Some(dataset) = joined.and_then(|name| name.parse().ok()) {
        return Lines::Joined(dataset);
    }
    let each = list.and_then(|list| list.get("each"));
    let rows = list.and_then(|list| list.get("rows"));
    match (each.and_then(Toml::as_str), rows.and_then(Toml::as_bool)) {
        (Some(each), None) => Lines::Each(each.to_owned()),
        (None, Some(true)) => Lines::Rows,
        _ => Lines::None,
    }
}

fn compile_field(scribe: &mut Scribe<'_>, at: &str, field: &Field, toml: &Toml) -> FieldPlan {
    match (field.ty, toml) {
        (FieldType::Record(fields), Toml::Table(nested)) if !looks_like_expression(nested) => {
            FieldPlan::Record(None, compile(scribe, at, fields, nested))
        }
        (FieldType::Record(_), _) => {
            scribe.mistake(at, "this field is a record: give a table of its fields");
            FieldPlan::Absent
        }
        (FieldType::List(fields), _) => compile_list(scribe, at, fields, toml),
        (FieldType::Labels, _) => {
            texts::compile_labels(scribe, at, toml).map_or(FieldPlan::Absent, FieldPlan::Texts)
        }
        (FieldType::Attributes, _) => {
            texts::compile_attributes(scribe, at, toml).map_or(FieldPlan::Absent, FieldPlan::Texts)
        }
        _ => compile_value(scribe, at, field.ty, toml).map_or(FieldPlan::Absent, FieldPlan::Value),
    }
}

/// Compiles the expression of a value of a type.
pub(crate) fn compile_value(
    scribe: &mut Scribe<'_>,
    at: &str,
    ty: FieldType,
    toml: &Toml,
) -> Option<Expression> {
    let expression = expression::compile(scribe, at, toml)?;
    check_constants(scribe, at, ty, &expression);
    check_steps(scribe, at, ty, &expression.steps);
    Some(expression)
}

/// A constant that its field can never take is a mistake of the file, not of the data.
fn check_constants(scribe: &mut Scribe<'_>, at: &str, ty: FieldType, expression: &Expression) {
    if let Some(constant) = &expression.default {
        check_constant(scribe, &format!("{at}.default"), ty, constant);
    }
    for step in &expression.steps {
        let Step::Words(words, otherwise) = step else {
            continue;
        };
        // In the order of the words, so that a file has the same mistakes each time.
        let words: BTreeSet<_> = words.values().collect();
        for word in words {
            let constant = Constant::Text(word.clone());
            check_constant(scribe, &format!("{at}.words"), ty, &constant);
        }
        if let Otherwise::Word(word) = otherwise {
            let constant = Constant::Text(word.clone());
            check_constant(scribe, &format!("{at}.otherwise"), ty, &constant);
        }
    }
    if !expression.steps.is_empty() {
        return;
    }
    match &expression.origin {
        Origin::Constant(constant) => {
            check_constant(scribe, &format!("{at}.value"), ty, constant);
        }
        Origin::FirstOf(list) => {
            for (index, inner) in list.iter().enumerate() {
                check_constants(scribe, &format!("{at}.first_of[{index}]"), ty, inner);
            }
        }
        _ => {}
    }
}

fn check_constant(scribe: &mut Scribe<'_>, at: &str, ty: FieldType, constant: &Constant) {
    let mut problems = Problems::default();
    item::typed(
        ty,
        constant_value(constant),
        FieldPath::Record,
        &mut problems,
    );
    let Some(problem) = problems.list.first() else {
        return;
    };
    match (ty, constant) {
        (FieldType::Word(words), Constant::Text(word)) => {
            scribe.unknown(at, "word", word, words);
        }
        _ => {
            let value = problem.value.as_deref().unwrap_or_default();
            scribe.mistake(at, format!("{value:?} {}", problem.message));
        }
    }
}

/// A step whose result the field can never take.
fn check_steps(scribe: &mut Scribe<'_>, at: &str, ty: FieldType, steps: &[Step]) {
    use FieldType::{Bool, Currency, Date, Instant, Word};
    let misfit = match steps.last() {
        Some(Step::Date(_)) if ty != Date => "date",
        Some(Step::Instant(_)) if ty != Instant => "instant",
        Some(Step::Number(_)) if matches!(ty, Date | Instant | Bool | Currency | Word(_)) => {
            "number"
        }
        Some(Step::Round(_)) if matches!(ty, Date | Instant | Bool | Currency | Word(_)) => "round",
        _ => return,
    };
    let message = format!(
        "{misfit} does not go with this field, which is {}",
        called(ty)
    );
    scribe.mistake(&format!("{at}.{misfit}"), message);
}

fn compile_list(
    scribe: &mut Scribe<'_>,
    at: &str,
    fields: &'static [Field],
    toml: &Toml,
) -> FieldPlan {
    let help = "a list is { each = \"path\", fields = { ... } }, { rows = true, fields = { ... } }, or { dataset = \"name\", on = EXPRESSION, fields = { ... } }";
    let inner = toml.get("fields").and_then(Toml::as_table);
    let (Some(table), Some(inner)) = (toml.as_table(), inner) else {
        scribe.mistake(at, help);
        return FieldPlan::Absent;
    };
    scribe.only(at, table, &["each", "rows", "dataset", "on", "fields"]);
    let here = format!("{at}.fields");
    if table.contains_key("dataset") || table.contains_key("on") {
        if table.contains_key("each") || table.contains_key("rows") {
            scribe.mistake(at, help);
            return FieldPlan::Absent;
        }
        return join::compile(scribe, at, table).map_or(FieldPlan::Absent, |dataset| {
            let compile = |scribe: &mut Scribe<'_>| compile(scribe, &here, fields, inner);
            FieldPlan::Rows(scribe.within_rows_of(&dataset, compile))
        });
    }
    let each = table.get("each").map(Toml::as_str);
    match (each, table.get("rows").map(Toml::as_bool)) {
        (Some(Some(each)), None) => {
            let at = format!("{at}.each");
            let path = scribe.path(&at, each);
            if path.is_some_and(|(_, up)| up > 0) {
                scribe.mistake(&at, "a list lies in its own record: no ^ before its path");
            }
            let plan = scribe.within(Some(each), |scribe| compile(scribe, &here, fields, inner));
            path.map_or(FieldPlan::Absent, |(id, _)| FieldPlan::Each(id, plan))
        }
        (None, Some(Some(true))) => {
            FieldPlan::Rows(scribe.within(None, |scribe| compile(scribe, &here, fields, inner)))
        }
        _ => {
            scribe.mistake(at, help);
            FieldPlan::Absent
        }
    }
}

/// The plan of a source that speaks canonical records; rows hold neither lists nor objects.
pub(crate) fn identity(
    scribe: &mut Scribe<'_>,
    fields: &'static [Field],
    rows: bool,
) -> RecordPlan {
    let plan = |field: &Field| {
        let several = matches!(
            field.ty,
            FieldType::List(_) | FieldType::Labels | FieldType::Attributes
        );
        if rows && several {
            return FieldPlan::Absent;
        }
        let Some((id, up)) = scribe.path("", field.name) else {
            return FieldPlan::Absent;
        };
        let name = Some(field.name);
        match field.ty {
            FieldType::Record(fields) => {
                let plan = scribe.within(name, |scribe| identity(scribe, fields, rows));
                FieldPlan::Record(Some(id), plan)
            }
            FieldType::List(fields) => {
                let plan = scribe.within(name, |scribe| identity(scribe, fields, rows));
                FieldPlan::Each(id, plan)
            }
            FieldType::Labels => FieldPlan::Texts(TextsPlan::Each(id)),
            FieldType::Attributes => FieldPlan::Texts(TextsPlan::Object(id)),
            _ => FieldPlan::Value(Expression::plain(Origin::Path { id, up })),
        }
    };
    RecordPlan {
        fields,
        plans: fields.iter().map(plan).collect(),
    }
}
