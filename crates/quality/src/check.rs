//! The catalogue of checks: defaults for every kind of record, and what a tenant's file changes.

use std::{collections::BTreeMap, fmt};

use catwing_domain::{
    ColumnType, Entity, Merge, RowKey, TableId,
    tenant_file::{Contract, QualityFile, SeverityFile},
};
use serde::Serialize;

use crate::profile::{Watch, watch_of};

/// Records of a kind that a delivery, or the history it is compared with, must have: fewer say nothing.
pub const RECORDS_MIN: u64 = 20;

/// What a check looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckKind {
    /// Records of a dataset against the median of its last deliveries: the smaller by the larger.
    Volume,
    /// The share of refused records that is too much to load the rest.
    Refused,
    /// The share of refused records that somebody should look at.
    RefusedSome,
    /// A column that used to be filled: how much more of it is empty.
    Nulls,
    /// The share of records whose key came before in the same dataset.
    RepeatedKeys,
    /// The share of products whose SKU another product of the delivery has.
    SharedSkus,
    /// The share of rows with a stock, price or cost below zero.
    Negative,
    /// The share of rows with a quantity beyond ten million, either way.
    AbsurdQuantity,
    /// The share of rows dated more than a day after the business day.
    FutureDates,
    /// The share of products that are referred to and that no record ever described.
    UnknownProducts,
    /// Days from the newest update time to the business day.
    Freshness,
    /// How unusual the records, or their quantity, are among the same weekdays: a z-score.
    Anomaly,
    /// Records that the source announced against those that came.
    ControlTotal,
    /// Records of a snapshot by those of the snapshot before.
    Shrinkage,
    /// Fields that the mapping does not use, or that no record has: made where a contract says `freeze`.
    Contract,
}

/// How grave it is to fail a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// It is told.
    Info,
    /// It is told, and the run goes on.
    Warning,
    /// The delivery is refused.
    Critical,
}

/// One check.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Check {
    /// `sales_orders.volume`.
    pub name: String,
    /// Whose records.
    pub entity: Entity,
    /// What it looks at.
    pub kind: CheckKind,
    /// How grave it is to fail it.
    pub severity: Severity,
    /// The value beyond which it fails.
    pub threshold: f64,
    /// Whether it is made.
    pub is_active: bool,
}

impl CheckKind {
    /// Every kind.
    pub const ALL: &'static [Self] = &[
        Self::Volume,
        Self::Refused,
        Self::RefusedSome,
        Self::Nulls,
        Self::RepeatedKeys,
        Self::SharedSkus,
        Self::Negative,
        Self::AbsurdQuantity,
        Self::FutureDates,
        Self::UnknownProducts,
        Self::Freshness,
        Self::Anomaly,
        Self::ControlTotal,
        Self::Shrinkage,
        Self::Contract,
    ];

    /// Its name, the second part of a check's.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Volume => "volume",
            Self::Refused => "refused",
            Self::RefusedSome => "refused_some",
            Self::Nulls => "nulls",
            Self::RepeatedKeys => "repeated_keys",
            Self::SharedSkus => "shared_skus",
            Self::Negative => "negative",
            Self::AbsurdQuantity => "absurd_quantity",
            Self::FutureDates => "future_dates",
            Self::UnknownProducts => "unknown_products",
            Self::Freshness => "freshness",
            Self::Anomaly => "anomaly",
            Self::ControlTotal => "control_total",
            Self::Shrinkage => "shrinkage",
            Self::Contract => "contract",
        }
    }

    /// Its word in `data_quality_check_types`.
    #[must_use]
    pub fn type_name(self) -> &'static str {
        match self {
            Self::Volume
            | Self::Refused
            | Self::RefusedSome
            | Self::Nulls
            | Self::ControlTotal
            | Self::Shrinkage => "completeness",
            Self::RepeatedKeys
            | Self::SharedSkus
            | Self::Negative
            | Self::AbsurdQuantity
            | Self::FutureDates
            | Self::UnknownProducts
            | Self::Contract => "consistency",
            Self::Freshness => "freshness",
            Self::Anomaly => "statistical anomaly",
        }
    }

    /// How grave it is, and the value beyond which it fails, where nobody says otherwise.
    fn default_of(self) -> (Severity, f64) {
        use Severity::{Critical, Warning};
        match self {
            Self::Volume => (Warning, 0.2),
            Self::Refused => (Critical, 0.5),
            Self::RefusedSome => (Warning, 0.05),
            Self::Nulls => (Warning, 0.3),
            Self::RepeatedKeys => (Warning, 0.05),
            Self::SharedSkus => (Warning, 0.01),
            Self::Negative => (Warning, 0.01),
            Self::AbsurdQuantity => (Critical, 0.01),
            Self::FutureDates => (Warning, 0.01),
            Self::UnknownProducts => (Warning, 0.1),
            Self::Freshness => (Warning, 2.0),
            Self::Anomaly => (Warning, 4.0),
            Self::ControlTotal => (Critical, 0.0),
            Self::Shrinkage => (Critical, 0.5),
            Self::Contract => (Critical, 0.0),
        }
    }

    /// Whether small values fail it, instead of great ones.
    #[must_use]
    pub fn fails_below(self) -> bool {
        matches!(self, Self::Volume | Self::Shrinkage)
    }

    /// Whether records of this kind have what it looks at.
    fn applies_to(self, entity: Entity) -> bool {
        let watches = |watch: Watch| {
            tables_of(entity).any(|table| {
                let columns = table.table().columns.iter();
                columns
                    .filter_map(|column| watch_of(table, column))
                    .any(|of| of == watch)
            })
        };
        match self {
            Self::SharedSkus => entity == Entity::Products,
            Self::Negative => watches(Watch::Price) || watches(Watch::Stock),
            Self::AbsurdQuantity => watches(Watch::Quantity) || watches(Watch::Stock),
            Self::FutureDates => watches(Watch::Date),
            Self::UnknownProducts => {
                entity != Entity::Products
                    && tables_of(entity).any(|table| table.table().position("product_id").is_some())
            }
            _ => true,
        }
    }
}

impl Severity {
    /// Its word in `data_quality_severities`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Critical => "critical",
        }
    }
}

impl From<SeverityFile> for Severity {
    fn from(severity: SeverityFile) -> Self {
        match severity {
            SeverityFile::Info => Self::Info,
            SeverityFile::Warning => Self::Warning,
            SeverityFile::Critical => Self::Critical,
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What a tenant's file says of checks that don't exist, or can't be so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckMistake {
    /// The check's name in the file.
    pub name: String,
    /// What is wrong and what would be right.
    pub message: String,
}

/// The kinds of records that the gate looks at: those that deliveries of a tenant bring. What people
/// write in the UI was judged when it was written.
pub fn entities() -> impl Iterator<Item = Entity> {
    Entity::ALL.iter().copied().filter(|entity| {
        !entity.table().table().holds_events()
            && *entity != Entity::LocationRelationships
            && !matches!(entity, Entity::CurrencyRates | Entity::Weather)
    })
}

/// The tables that rows of a record go to: its own and those of its parts.
pub fn tables_of(entity: Entity) -> impl Iterator<Item = TableId> {
    let own = entity.table();
    let is_part = move |table: &&TableId| match table.table().merge {
        Merge::Part { of, .. } => of == own,
        _ => false,
    };
    std::iter::once(own).chain(TableId::ALL.iter().filter(is_part).copied())
}

/// The entity whose records have rows in a table.
#[must_use]
pub fn entity_of(table: TableId) -> Option<Entity> {
    entities().find(|entity| tables_of(*entity).any(|of| of == table))
}

/// Every check as it is where a tenant's file says nothing.
#[must_use]
pub fn defaults() -> Vec<Check> {
    let of = |entity: Entity| {
        let kinds = CheckKind::ALL.iter().copied();
        kinds
            .filter(move |kind| kind.applies_to(entity))
            .map(move |kind| {
                let (severity, threshold) = kind.default_of();
                Check {
                    name: format!("{}.{}", entity.name(), kind.name()),
                    entity,
                    kind,
                    severity,
                    threshold,
                    is_active: kind != CheckKind::Contract,
                }
            })
    };
    entities().flat_map(of).collect()
}

/// Every check as a tenant's file has it: what it says of checks, and its contracts.
#[must_use]
pub fn in_force(file: &QualityFile, contracts: &BTreeMap<String, Contract>) -> Vec<Check> {
    let mut checks = defaults();
    for check in &mut checks {
        if check.kind == CheckKind::Contract {
            check.is_active = contracts.get(check.entity.name()) == Some(&Contract::Freeze);
        }
        let Some(told) = file.checks.get(&check.name) else {
            continue;
        };
        check.threshold = told.threshold.unwrap_or(check.threshold);
        check.severity = told.severity.map_or(check.severity, Severity::from);
        check.is_active = told.active.unwrap_or(check.is_active);
    }
    checks
}

/// What is wrong with the checks that a tenant's file names.
#[must_use]
pub fn mistakes(file: &QualityFile) -> Vec<CheckMistake> {
    let checks = defaults();
    let mut mistakes = Vec::new();
    for (name, told) in &file.checks {
        if !checks.iter().any(|check| check.name == *name) {
            mistakes.push(CheckMistake {
                name: name.clone(),
                message: "there is no such check; `catwing quality list` names them all".to_owned(),
            });
        }
        let is_amount = |value: f64| value.is_finite() && value >= 0.0;
        if let Some(threshold) = told.threshold.filter(|value| !is_amount(*value)) {
            mistakes.push(CheckMistake {
                name: name.clone(),
                message: format!("the threshold {threshold} must be a number from 0 on"),
            });
        }
    }
    mistakes
}

/// The file of the canonical sources that has records of this kind, as `staging_entity_types` names it.
#[must_use]
pub fn file_kind(entity: Entity) -> &'static str {
    match entity {
        Entity::ProductMarketObservations | Entity::CategoryMarketObservations => "market_data",
        Entity::ProductWebAnalytics | Entity::LocationWebAnalytics => "analytics",
        Entity::ProductSocialAds | Entity::CategorySocialAds => "social_ads",
        _ => entity.name(),
    }
}

/// The key of a word in a table of words, as every machine computes it.
pub(crate) fn word(table: TableId, name: &str) -> i64 {
    RowKey::of(table, "", &[Some(name)]).map_or(0, RowKey::bits)
}

/// The column whose sum says how much a delivery brings of what it is about.
#[must_use]
pub fn main_measure(entity: Entity) -> Option<(TableId, &'static str)> {
    tables_of(entity)
        .filter(|table| entity == Entity::Inventory || *table != entity.table())
        .find_map(|table| {
            let columns = table.table().columns.iter();
            let mut quantities = columns.filter(|column| {
                column.ty == ColumnType::Quantity && !column.nullable && column.name != "qty_delta"
            });
            quantities.next().map(|column| (table, column.name))
        })
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use catwing_domain::{
        Entity, TableId,
        tenant_file::{CheckFile, QualityFile, SeverityFile},
    };

    use super::{Severity, defaults, in_force, main_measure, mistakes, word};

    #[test]
    fn every_kind_of_record_is_checked_under_names_that_are_distinct() {
        let checks = defaults();
        let names: BTreeSet<_> = checks.iter().map(|check| check.name.as_str()).collect();
        assert_eq!(names.len(), checks.len());
        for name in [
            "products.shared_skus",
            "inventory.negative",
            "inventory.absurd_quantity",
            "suppliers.negative",
            "sales_orders.unknown_products",
            "sales_orders.absurd_quantity",
            "purchase_orders.future_dates",
            "transfer_orders.volume",
            "category_social_ads.anomaly",
        ] {
            assert!(names.contains(name), "{name} of {names:?}");
        }
        for name in [
            "customers.shared_skus",
            "products.unknown_products",
            "customers.absurd_quantity",
            "currency_rates.volume",
            "product_settings.volume",
        ] {
            assert!(!names.contains(name), "{name}");
        }
    }

    #[test]
    fn only_what_makes_a_delivery_useless_is_critical() {
        let kinds: BTreeSet<_> = defaults()
            .into_iter()
            .filter(|check| check.severity == Severity::Critical)
            .map(|check| check.kind.name())
            .collect();
        let expected = [
            "absurd_quantity",
            "contract",
            "control_total",
            "refused",
            "shrinkage",
        ];
        assert_eq!(kinds, BTreeSet::from(expected));
    }

    #[test]
    fn a_file_changes_what_it_names_and_nothing_else() {
        let told = CheckFile {
            threshold: Some(0.4),
            severity: Some(SeverityFile::Critical),
            active: Some(false),
        };
        let name = "sales_orders.volume".to_owned();
        let file = QualityFile {
            checks: [(name.clone(), told)].into(),
        };
        assert!(mistakes(&file).is_empty());
        for (check, default) in in_force(&file, &BTreeMap::new()).iter().zip(defaults()) {
            if check.name == name {
                assert_eq!((check.threshold, check.is_active), (0.4, false));
                assert_eq!(check.severity, Severity::Critical);
            } else {
                assert_eq!(*check, default);
            }
        }
    }

    #[test]
    fn unknown_checks_and_thresholds_that_are_none_are_told() {
        let told = |threshold| CheckFile {
            threshold: Some(threshold),
            ..CheckFile::default()
        };
        let file = QualityFile {
            checks: [
                ("sales.volume".to_owned(), told(0.5)),
                ("products.volume".to_owned(), told(-1.0)),
                ("products.nulls".to_owned(), told(f64::NAN)),
            ]
            .into(),
        };
        let names: Vec<_> = mistakes(&file).into_iter().map(|one| one.name).collect();
        assert_eq!(names, ["products.nulls", "products.volume", "sales.volume"]);
    }

    #[test]
    fn words_have_the_keys_that_migrations_gave_them() {
        let key = word(TableId::DataQualitySeverities, "critical");
        assert_eq!(key, 435_575_856_882_963_812);
        let key = word(TableId::StagingEntityTypes, "products");
        assert_eq!(key, 2_220_514_504_266_854_758);
    }

    #[test]
    fn what_is_counted_is_what_a_document_is_about() {
        let of = |entity| main_measure(entity).map(|(table, column)| (table.name(), column));
        assert_eq!(of(Entity::SalesOrders), Some(("sales_order_lines", "qty")));
        assert_eq!(
            of(Entity::Inventory),
            Some(("inventory_quantities", "on_hand_qty"))
        );
        assert_eq!(
            of(Entity::PurchaseOrders),
            Some(("purchase_order_lines", "ordered_qty"))
        );
        assert_eq!(of(Entity::Customers), None);
    }
}
