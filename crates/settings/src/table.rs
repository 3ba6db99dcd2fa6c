//! The tables that people set, with their keys, their fields, and what a change of each makes run.

use serde::Serialize;

/// How far a change of a field goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Severity {
    /// One step, or only how its output is formatted.
    Local,
    /// Two or three steps, usually from inventory strategy onward.
    Moderate,
    /// Four or more steps; it changes forecasts and recommendations.
    Cascade,
    /// On or off: an entity is in or out of everything. Its history stays; on again, it starts cold.
    Gate,
}

impl Severity {
    /// The word that people know it by.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Local => "LOCAL",
            Self::Moderate => "MODERATE",
            Self::Cascade => "CASCADE",
            Self::Gate => "GATE",
        }
    }
}

/// What a value must look like. What else it must be, the transform's own rules say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueKind {
    /// `true` or `false`.
    Bool,
    /// A whole number.
    Count,
    /// A number.
    Number,
    /// A decimal number, exact.
    Money,
    /// A word or a code.
    Word,
    /// Numbers by name: `days=7,level=0.95`.
    Parameters,
}

/// A part of a table's natural key, as people write it.
#[derive(Debug)]
pub struct KeyPart {
    /// Its name: `product`.
    pub name: &'static str,
    /// The column.
    pub column: &'static str,
    /// The table whose `external_id`, or `name`, it is.
    pub names: &'static str,
    /// The column of that table.
    pub by: &'static str,
    /// Whether it may be left out, which means all of them.
    pub optional: bool,
    /// Whether what it names must be there before.
    pub must_exist: bool,
}

/// A field that people set.
#[derive(Debug)]
pub struct FieldRule {
    /// Its name.
    pub name: &'static str,
    /// What its values look like.
    pub kind: ValueKind,
    /// What stands in force where nobody set it; none where no value does.
    pub default: Option<&'static str>,
    /// How the row shows it, `s` being the row.
    pub shown: &'static str,
    /// How far a change goes.
    pub severity: Severity,
    /// The steps that the next run makes because of it.
    pub steps: &'static [u8],
    /// What it does.
    pub effect: &'static str,
}

/// A table that people set.
#[derive(Debug)]
pub struct SettingsTable {
    /// Its name in events and commands.
    pub name: &'static str,
    /// The table that holds its rows.
    pub stored: &'static str,
    /// Its natural key, without the event.
    pub key: &'static [KeyPart],
    /// Its fields.
    pub fields: &'static [FieldRule],
    /// Whether the source has rows there too, which are in force until somebody sets one.
    pub source_rows: bool,
}

impl SettingsTable {
    /// The table with this name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        TABLES.iter().find(|table| table.name == name)
    }

    /// The field with this name.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&FieldRule> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// The part of the key with this name.
    #[must_use]
    pub fn key_part(&self, name: &str) -> Option<&KeyPart> {
        self.key.iter().find(|part| part.name == name)
    }
}

const fn entity(name: &'static str, column: &'static str, names: &'static str) -> KeyPart {
    KeyPart {
        name,
        column,
        names,
        by: "external_id",
        optional: false,
        must_exist: true,
    }
}

const fn enabled(effect: &'static str) -> FieldRule {
    FieldRule {
        name: "enabled_for_processing",
        kind: ValueKind::Bool,
        default: Some("true"),
        shown: "s.enabled_for_processing",
        severity: Severity::Gate,
        steps: &[5, 6, 7, 8, 9, 10, 11, 12],
        effect,
    }
}

const fn field(
    name: &'static str,
    kind: ValueKind,
    shown: &'static str,
    (severity, steps): (Severity, &'static [u8]),
    effect: &'static str,
) -> FieldRule {
    FieldRule {
        name,
        kind,
        default: None,
        shown,
        severity,
        steps,
        effect,
    }
}

const LOCAL: (Severity, &[u8]) = (Severity::Local, &[12]);
const MODERATE: (Severity, &[u8]) = (Severity::Moderate, &[11, 12]);
const TOPOLOGY: (Severity, &[u8]) = (Severity::Cascade, &[5, 7, 8, 9, 10, 11, 12]);
const LEAD_TIME: (Severity, &[u8]) = (Severity::Cascade, &[5, 9, 10, 11, 12]);

/// Every table that people set.
pub const TABLES: &[SettingsTable] = &[
    SettingsTable {
        name: "product_settings",
        stored: "product_settings",
        key: &[entity("product", "product_id", "products")],
        fields: &[
            enabled("the product is in or out everywhere; history stays"),
            field(
                "first_order_qty",
                ValueKind::Count,
                "s.first_order_qty",
                LOCAL,
                "first order of a new product",
            ),
            field(
                "package_qty",
                ValueKind::Count,
                "s.package_qty",
                LOCAL,
                "order quantity rounded up to whole packages",
            ),
            field(
                "min_inv_qty",
                ValueKind::Count,
                "s.min_inv_qty",
                MODERATE,
                "floor under the target",
            ),
        ],
        source_rows: false,
    },
    SettingsTable {
        name: "category_settings",
        stored: "category_settings",
        key: &[entity(
            "category",
            "product_category_id",
            "product_categories",
        )],
        fields: &[
            enabled("all of that category is in or out; history stays"),
            field(
                "target_service_level",
                ValueKind::Number,
                "s.target_service_level",
                MODERATE,
                "safety stock",
            ),
        ],
        source_rows: false,
    },
    SettingsTable {
        name: "supplier_settings",
        stored: "supplier_settings",
        key: &[entity("supplier", "supplier_id", "suppliers")],
        fields: &[
            enabled("all of that supplier is in or out; history stays"),
            field(
                "lead_time_days",
                ValueKind::Count,
                "s.lead_time_days",
                LEAD_TIME,
                "behavior, features, safety stock, order date",
            ),
            field(
                "reorder_time_days",
                ValueKind::Count,
                "s.reorder_time_days",
                LEAD_TIME,
                "behavior, features, safety stock, order date",
            ),
            field(
                "min_order_value",
                ValueKind::Money,
                "s.min_order_value::text",
                LOCAL,
                "groups or postpones orders",
            ),
            field(
                "currency",
                ValueKind::Word,
                "(select code from cw_global.currencies as c where c.id = s.currency_id)",
                LOCAL,
                "currency of min_order_value",
            ),
        ],
        source_rows: false,
    },
    SettingsTable {
        name: "location_settings",
        stored: "location_settings",
        key: &[entity("location", "location_id", "locations")],
        fields: &[
            enabled("all of that location is in or out; history stays"),
            field(
                "capacity_qty",
                ValueKind::Count,
                "s.capacity_qty",
                MODERATE,
                "caps targets",
            ),
            field(
                "review_period_days",
                ValueKind::Count,
                "s.review_period_days",
                MODERATE,
                "days that targets cover",
            ),
        ],
        source_rows: false,
    },
    SettingsTable {
        name: "location_relationships",
        stored: "location_relationships",
        key: &[
            entity("parent", "parent_location_id", "locations"),
            entity("child", "child_location_id", "locations"),
            KeyPart {
                name: "type",
                column: "location_relationship_type_id",
                names: "location_relationship_types",
                by: "name",
                optional: false,
                must_exist: false,
            },
        ],
        fields: &[
            field(
                "priority",
                ValueKind::Count,
                "s.priority",
                TOPOLOGY,
                "sources, lead times, echelons",
            ),
            field(
                "lead_time_days",
                ValueKind::Count,
                "s.lead_time_days",
                TOPOLOGY,
                "sources, lead times, echelons",
            ),
            FieldRule {
                name: "is_active",
                kind: ValueKind::Bool,
                default: Some("true"),
                shown: "s.is_active",
                severity: Severity::Cascade,
                steps: &[5, 7, 8, 9, 10, 11, 12],
                effect: "whether the child is supplied this way",
            },
        ],
        source_rows: true,
    },
    SettingsTable {
        name: "inventory_strategies",
        stored: "inventory_strategies",
        key: &[
            entity("location", "location_id", "locations"),
            KeyPart {
                optional: true,
                ..entity("product", "product_id", "products")
            },
        ],
        fields: &[
            field(
                "strategy_type",
                ValueKind::Word,
                "(select name from inventory_strategy_types as t where t.id = s.inventory_strategy_type_id)",
                MODERATE,
                "target method",
            ),
            field(
                "parameters",
                ValueKind::Parameters,
                "s.parameters",
                MODERATE,
                "numbers of the method",
            ),
        ],
        source_rows: false,
    },
    SettingsTable {
        name: "client_config",
        stored: "client_settings",
        key: &[],
        fields: &[field(
            "base_currency",
            ValueKind::Word,
            "(select code from cw_global.currencies as c where c.id = s.base_currency_id)",
            (Severity::Moderate, &[8, 9]),
            "all statistics recomputed",
        )],
        source_rows: false,
    },
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{SettingsTable, Severity, TABLES};

    #[test]
    fn how_far_a_change_goes_agrees_with_the_steps_that_it_makes_run() {
        for table in TABLES {
            for field in table.fields {
                let steps = field.steps.len();
                let agrees = match field.severity {
                    Severity::Local => steps == 1,
                    Severity::Moderate => (2..=3).contains(&steps),
                    Severity::Cascade => steps >= 4,
                    Severity::Gate => field.steps == [5, 6, 7, 8, 9, 10, 11, 12],
                };
                assert!(agrees, "{}.{}", table.name, field.name);
            }
        }
    }

    #[test]
    fn names_are_given_once() {
        for table in TABLES {
            let keys = table.key.iter().map(|part| part.name);
            let names: Vec<_> = keys
                .chain(table.fields.iter().map(|field| field.name))
                .collect();
            let once: BTreeSet<_> = names.iter().collect();
            assert_eq!(once.len(), names.len(), "{}", table.name);
        }
    }

    /// What each field does when it changes, as it was asked for.
    const LEVELS: &str = "
product_settings.enabled_for_processing | GATE | 5-12
product_settings.first_order_qty | LOCAL | 12
product_settings.package_qty | LOCAL | 12
product_settings.min_inv_qty | MODERATE | 11, 12
category_settings.enabled_for_processing | GATE | 5-12
location_settings.enabled_for_processing | GATE | 5-12
supplier_settings.enabled_for_processing | GATE | 5-12
category_settings.target_service_level | MODERATE | 11, 12
location_settings.capacity_qty | MODERATE | 11, 12
location_relationships.lead_time_days | CASCADE | 5, 7-12
supplier_settings.lead_time_days | CASCADE | 5, 9-12
supplier_settings.min_order_value | LOCAL | 12
inventory_strategies.strategy_type | MODERATE | 11, 12
client_config.base_currency | MODERATE | 8, 9
";

    #[test]
    fn every_field_has_its_level_and_its_steps() {
        for line in LEVELS.lines().filter(|line| !line.is_empty()) {
            let parts: Vec<_> = line.split(" | ").collect();
            let (table, field) = parts[0].split_once('.').expect("a field");
            let table = SettingsTable::named(table).expect(table);
            let field = table.field(field).expect(field);
            assert_eq!(field.severity.name(), parts[1], "{line}");
            let mut steps = Vec::new();
            for span in parts[2].split(", ") {
                let (first, last) = span.split_once('-').unwrap_or((span, span));
                steps.extend(first.parse::<u8>().expect("a step")..=last.parse().expect("a step"));
            }
            assert_eq!(field.steps, steps, "{line}");
        }
    }
}
