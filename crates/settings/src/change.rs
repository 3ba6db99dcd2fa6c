//! A change of settings as people ask for it, and what it will do.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::{Map, Number, Value};

use crate::{
    FieldRule, SettingsError, SettingsTable, Severity, TABLES, ValueKind, reading::SettingRow,
};

/// Writes that one event may hold: a field, and the parts of its key.
const ASSIGNMENTS_MAX: usize = 32;

/// Some fields of one row, which are to have other values.
#[derive(Clone, Debug)]
pub struct Change {
    pub(crate) table: &'static SettingsTable,
    pub(crate) key: BTreeMap<&'static str, String>,
    pub(crate) fields: BTreeMap<&'static str, Value>,
}

/// What a change does to one field.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FieldChange {
    /// The field.
    pub field: &'static str,
    /// The value in force; null for none.
    pub before: Value,
    /// The value that will be.
    pub after: Value,
    /// How far it goes.
    pub level: Severity,
    /// The steps that the next run makes because of it.
    pub steps: &'static [u8],
    /// What it does.
    pub effect: &'static str,
}

/// What a change will do, before it is saved.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Plan {
    /// The table.
    pub table: &'static str,
    /// Whose row it is.
    pub key: BTreeMap<&'static str, String>,
    /// The fields that will have another value; none where all is so already.
    pub changes: Vec<FieldChange>,
    /// The gravest level of them.
    pub severity: Option<Severity>,
    /// The steps that the next run makes because of them.
    pub steps: BTreeSet<u8>,
    /// Every field as it will be.
    pub fields: Map<String, Value>,
}

impl Change {
    /// A change of a table's row, from `name=value` pairs: parts of the key, and fields. An empty value,
    /// or `null`, takes a field's value away.
    ///
    /// # Errors
    /// [`SettingsError::Change`] that says which names there are, or what a value must look like.
    pub fn parse(table: &str, assignments: &[String]) -> Result<Self, SettingsError> {
        let Some(table) = SettingsTable::named(table) else {
            let known: Vec<_> = TABLES.iter().map(|table| table.name).collect();
            let message = format!(
                "there are no settings {table:?}: there are {}",
                known.join(", ")
            );
            return Err(SettingsError::Change(message));
        };
        if assignments.len() > ASSIGNMENTS_MAX {
            let message = format!("more than {ASSIGNMENTS_MAX} values were given");
            return Err(SettingsError::Change(message));
        }
        let mut change = Self {
            table,
            key: BTreeMap::new(),
            fields: BTreeMap::new(),
        };
        for assignment in assignments {
            change.assign(assignment)?;
        }
        Ok(change)
    }

    /// The table.
    #[must_use]
    pub fn table(&self) -> &'static SettingsTable {
        self.table
    }

    /// Refuses a change that names no whole row, or no field.
    pub(crate) fn check_whole(&self) -> Result<(), SettingsError> {
        for part in self.table.key {
            if !part.optional && !self.key.contains_key(part.name) {
                let message = format!("{} needs {name}=...", self.table.name, name = part.name);
                return Err(SettingsError::Change(message));
            }
        }
        if self.fields.is_empty() && !self.table.source_rows {
            let fields: Vec<_> = self.table.fields.iter().map(|field| field.name).collect();
            let message = format!(
                "no field is set: {} has {}",
                self.table.name,
                fields.join(", ")
            );
            return Err(SettingsError::Change(message));
        }
        Ok(())
    }

    fn assign(&mut self, assignment: &str) -> Result<(), SettingsError> {
        let Some((name, value)) = assignment.split_once('=') else {
            let message = format!("{assignment:?} is not name=value");
            return Err(SettingsError::Change(message));
        };
        let twice = if let Some(part) = self.table.key_part(name) {
            self.key.insert(part.name, value.to_owned()).is_some()
        } else if let Some(field) = self.table.field(name) {
            let value = read_value(field, value)?;
            self.fields.insert(field.name, value).is_some()
        } else {
            let key = self.table.key.iter().map(|part| part.name);
            let names: Vec<_> = key
                .chain(self.table.fields.iter().map(|f| f.name))
                .collect();
            let table = self.table.name;
            let message = format!("{table} has no {name:?}: it has {}", names.join(", "));
            return Err(SettingsError::Change(message));
        };
        if twice {
            return Err(SettingsError::Change(format!("{name} is given twice")));
        }
        Ok(())
    }

    /// What the change does to the row in force.
    pub(crate) fn plan(&self, row: Option<&SettingRow>) -> Plan {
        let (mut changes, mut fields) = (Vec::new(), Map::new());
        for field in self.table.fields {
            let default = default_of(field);
            let before = match row {
                Some(row) => row.fields.get(field.name).cloned().unwrap_or_default(),
                // Who has no settings takes part; where there is no row, nothing is in force.
                None if field.severity == Severity::Gate => default.clone(),
                None => Value::Null,
            };
            let unset = if row.is_some() {
                before.clone()
            } else {
                default
            };
            let after = self.fields.get(field.name).cloned().unwrap_or(unset);
            if !same(&before, &after) {
                changes.push(FieldChange {
                    field: field.name,
                    before,
                    after: after.clone(),
                    level: field.severity,
                    steps: field.steps,
                    effect: field.effect,
                });
            }
            fields.insert(field.name.to_owned(), after);
        }
        Plan {
            table: self.table.name,
            key: self.key.clone(),
            severity: changes.iter().map(|change| change.level).max(),
            steps: changes
                .iter()
                .flat_map(|change| change.steps)
                .copied()
                .collect(),
            changes,
            fields,
        }
    }
}

fn default_of(field: &FieldRule) -> Value {
    let parsed = field.default.map(|text| read_value(field, text));
    parsed.and_then(Result::ok).unwrap_or_default()
}

/// Whether two values are the same, however their numbers are written.
fn same(left: &Value, right: &Value) -> bool {
    let number = |value: &Value| match value {
        Value::Number(number) => number.to_string().parse::<f64>().ok(),
        Value::String(text) => text.parse::<f64>().ok(),
        _ => None,
    };
    match (left, right) {
        (Value::Object(left), Value::Object(right)) => {
            left.len() == right.len()
                && left
                    .iter()
                    .all(|(name, value)| right.get(name).is_some_and(|r| same(value, r)))
        }
        _ => left == right || matches!((number(left), number(right)), (Some(l), Some(r)) if l == r),
    }
}

fn read_value(field: &FieldRule, text: &str) -> Result<Value, SettingsError> {
    if text.is_empty() || text == "null" {
        return Ok(Value::Null);
    }
    let read = match field.kind {
        ValueKind::Bool => text.parse().ok().map(Value::Bool),
        ValueKind::Count => text.parse::<i32>().ok().map(Value::from),
        ValueKind::Number => text.parse::<Number>().ok().map(Value::Number),
        ValueKind::Money => text.parse::<Number>().ok().map(|_| Value::from(text)),
        ValueKind::Word => Some(Value::from(text)),
        ValueKind::Parameters => parameters(text),
    };
    read.ok_or_else(|| {
        let expected = match field.kind {
            ValueKind::Bool => "true or false",
            ValueKind::Count => "a whole number",
            ValueKind::Number | ValueKind::Money => "a number",
            ValueKind::Word => "a word",
            ValueKind::Parameters => "numbers by name, such as days=7,level=0.95",
        };
        SettingsError::Change(format!("{}: {text:?} is not {expected}", field.name))
    })
}

fn parameters(text: &str) -> Option<Value> {
    let pair = |pair: &str| {
        let (name, number) = pair.split_once('=')?;
        number.parse::<Number>().ok()?;
        Some((name.trim().to_owned(), Value::from(number.trim())))
    };
    text.split(',')
        .map(pair)
        .collect::<Option<Map<_, _>>>()
        .map(Value::Object)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Change;
    use crate::Severity;

    fn parsed(table: &str, assignments: &[&str]) -> Result<Change, String> {
        let assignments: Vec<_> = assignments.iter().map(ToString::to_string).collect();
        Change::parse(table, &assignments).map_err(|error| error.to_string())
    }

    #[test]
    fn what_is_asked_for_is_checked_by_name_and_form() {
        for (table, assignments, expected) in [
            (
                "products",
                &["product=P"][..],
                "there are no settings \"products\"",
            ),
            (
                "product_settings",
                &["package_qty"],
                "\"package_qty\" is not name=value",
            ),
            (
                "product_settings",
                &["qty=6"],
                "has no \"qty\": it has product, enabled_for_processing",
            ),
            (
                "product_settings",
                &["package_qty=six"],
                "package_qty: \"six\" is not a whole number",
            ),
            (
                "product_settings",
                &["enabled_for_processing=yes"],
                "is not true or false",
            ),
            (
                "category_settings",
                &["target_service_level=high"],
                "is not a number",
            ),
            (
                "inventory_strategies",
                &["parameters=days"],
                "is not numbers by name",
            ),
            (
                "product_settings",
                &["product=P", "product=Q"],
                "product is given twice",
            ),
        ] {
            let told = parsed(table, assignments).unwrap_err();
            assert!(told.contains(expected), "{told}");
        }
        let whole = |table, assignments| {
            let checked = parsed(table, assignments).unwrap().check_whole();
            checked.map_err(|error| error.to_string())
        };
        let told = whole("product_settings", &["package_qty=6"]).unwrap_err();
        assert_eq!(told, "product_settings needs product=...");
        let told = whole("product_settings", &["product=P"]).unwrap_err();
        assert!(told.starts_with("no field is set: product_settings has enabled_for_processing"));
        assert!(
            whole(
                "location_relationships",
                &["parent=W", "child=S", "type=supplies"]
            )
            .is_ok()
        );
    }

    #[test]
    fn the_gravest_level_counts_and_steps_add_up() {
        let change = parsed(
            "product_settings",
            &[
                "product=P",
                "package_qty=6",
                "min_inv_qty=2",
                "enabled_for_processing=true",
            ],
        );
        let plan = change.unwrap().plan(None);
        assert_eq!(plan.severity, Some(Severity::Moderate));
        assert_eq!(plan.steps.into_iter().collect::<Vec<_>>(), [11, 12]);
        let changed: Vec<_> = plan.changes.iter().map(|change| change.field).collect();
        assert_eq!(
            changed,
            ["package_qty", "min_inv_qty"],
            "who has no settings takes part"
        );
        assert_eq!(plan.fields["enabled_for_processing"], json!(true));
        assert_eq!(plan.fields["first_order_qty"], json!(null));

        let gate = parsed(
            "product_settings",
            &["product=P", "enabled_for_processing=false"],
        );
        let plan = gate.unwrap().plan(None);
        assert_eq!((plan.severity, plan.steps.len()), (Some(Severity::Gate), 8));
    }

    #[test]
    fn a_new_way_of_supply_is_a_change_by_itself() {
        let change = parsed(
            "location_relationships",
            &["parent=W", "child=S", "type=supplies"],
        );
        let plan = change.unwrap().plan(None);
        assert_eq!(plan.severity, Some(Severity::Cascade));
        assert_eq!(plan.fields["is_active"], json!(true));
    }
}
