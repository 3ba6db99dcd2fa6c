//! Probes of checks that can't be told from their text alone.

use serde_json::Value;

use crate::refused::{
    catalogue::{Catalogue, Constraint, Kind, Table},
    row::{Row, matches},
};

/// Values of one column.
#[derive(Default)]
pub struct Samples {
    pub refused: Vec<Value>,
    pub admitted: Vec<Value>,
}

/// Values of several columns, in the place of those of a full row.
#[derive(Default)]
pub struct Patches {
    pub refused: Vec<Row>,
    pub admitted: Vec<Row>,
}

/// Checks (`*` stands for any text), and what they refuse (`no`) and admit (`yes`) in a full row.
const CHECKS: &str = r#"
product_categories_active_check no {"declared_active": false, "is_active": true}
product_categories_active_check yes {"declared_active": true, "is_active": false}
products_active_check no {"declared_active": false, "is_active": true}
products_active_check yes {"declared_active": false, "is_active": false}
locations_active_check no {"declared_active": false, "is_active": true}
locations_active_check yes {"declared_active": true, "is_active": false}
customers_active_check no {"declared_active": false, "is_active": true}
customers_active_check yes {"declared_active": true, "is_active": false}
suppliers_active_check no {"declared_active": false, "is_active": true}
suppliers_active_check yes {"declared_active": true, "is_active": false}
pricing_lists_active_check no {"declared_active": false, "is_active": true}
pricing_lists_active_check yes {"declared_active": true, "is_active": false}
product_categories_itself_check no {"id": 2, "parent_category_id": 2}
products_declared_currency_check no {"declared_currency_id": null}
products_declared_currency_check no {"declared_cost": null, "declared_price": null}
products_declared_currency_check yes {"declared_cost": null}
products_declared_currency_check yes {"declared_price": null}
products_cost_currency_check no {"cost_currency_id": null}
products_cost_currency_check no {"cost": null}
products_price_currency_check no {"currency_id": null}
products_price_currency_check no {"price": null}
product_cost_records_currency_check no {"currency_id": null}
product_cost_records_currency_check no {"unit_cost": null}
product_costs_currency_check no {"currency_id": null}
product_costs_currency_check no {"unit_cost": null}
product_market_observations_currency_check no {"currency_id": null}
product_market_observations_currency_check no {"market_price": null}
category_market_observations_currency_check no {"currency_id": null}
category_market_observations_currency_check no {"avg_market_price": null}
supplier_settings_currency_check no {"currency_id": null}
supplier_settings_currency_check no {"min_order_value": null}
currency_rates_pair_check no {"from_currency_id": 2, "to_currency_id": 2}
cities_place_check no {"latitude": null}
cities_place_check no {"longitude": null}
weather_observations_temperature_check no {"temperature_min": 3.5, "temperature_max": 3.4}
weather_observations_temperature_check yes {"temperature_min": -3.5, "temperature_max": -3.5}
weather_observations_apparent_check no {"apparent_temperature_min": 0, "apparent_temperature_max": -1}
weather_observations_apparent_check yes {"apparent_temperature_min": 0, "apparent_temperature_max": 0}
users_email_check1 no {"email": "Ann@example.com"}
users_email_check1 no {"email": "ann"}
users_email_check1 no {"email": "@example.com"}
users_email_check1 no {"email": "ann@"}
users_email_check1 no {"email": "ann@a@b"}
users_email_check1 no {"email": "ann smith@example.com"}
users_email_check1 yes {"email": "ann+x@example.com"}
quarantine_day_check no {"business_day": "1970-01-02"}
quarantine_day_check no {"raw_position": 281474976710655}
quarantine_day_check yes {"raw_position": 281474976710657}
record_fixes_day_check no {"business_day": "1970-01-02"}
record_fixes_day_check no {"raw_position": 281474976710655}
record_fixes_day_check yes {"raw_position": 281474976710658}
record_fixes_number_check no {"raw_position": 281474976710656}
record_fixes_number_check yes {"raw_position": 281474976710671}
schema_drift_kind_check no {"kind": "renamed"}
schema_drift_kind_check yes {"kind": "missing"}
load_counts_conservation_check no {"records_read": 7}
load_counts_conservation_check no {"records_won": 0}
load_counts_conservation_check no {"records_superseded": 3}
load_counts_conservation_check no {"records_duplicate": 0}
load_counts_conservation_check no {"records_quarantined": 3}
load_counts_rows_check no {"source_rows": 3}
load_counts_rows_check no {"rows_quarantined": 3}
load_counts_rows_check no {"rows_skipped": 3}
load_counts_rows_check yes {"source_rows": 5}
pipeline_runs_days_check no {"from_day": "2026-03-10"}
pipeline_runs_days_check yes {"from_day": "2026-03-08"}
pipeline_runs_finished_check no {"finished_at": null}
pipeline_runs_finished_check no {"status": "running"}
pipeline_runs_finished_check yes {"status": "running", "finished_at": null}
pipeline_step_runs_finished_check no {"finished_at": null}
pipeline_step_runs_finished_check no {"status": "running"}
pipeline_step_runs_finished_check yes {"status": "running", "finished_at": null}
product_costs_dates_check no {"from_date": "2026-03-10"}
product_costs_dates_check yes {"thru_date": null}
pricing_lists_dates_check no {"from_date": "2026-03-10"}
pricing_lists_dates_check yes {"from_date": "2026-03-09", "thru_date": "2026-03-09"}
locations_dates_check no {"opened_date": "2026-03-10"}
locations_dates_check yes {"opened_date": null}
purchase_orders_dates_check no {"order_date": "2026-03-10"}
purchase_orders_dates_check yes {"closed_date": null}
purchase_orders_known_check no {"source_rank": 3, "supplier_id": null}
purchase_orders_known_check no {"source_rank": 3, "location_id": null}
purchase_orders_known_check no {"source_rank": 3, "order_date": null}
purchase_orders_known_check no {"source_rank": 3, "total_value": null}
purchase_orders_known_check no {"source_rank": 3, "currency_id": null}
purchase_orders_known_check yes {"source_rank": 3}
store_orders_known_check no {"source_rank": 3, "location_id": null}
store_orders_known_check no {"source_rank": 3, "source_location_id": null}
store_orders_known_check no {"source_rank": 3, "order_date": null}
store_orders_known_check yes {"source_rank": 3}
store_orders_itself_check no {"location_id": 1, "source_location_id": 1}
transfer_orders_dates_check no {"shipped_date": "2026-03-10"}
transfer_orders_dates_check yes {"received_date": null}
transfer_orders_itself_check no {"from_location_id": 1, "to_location_id": 1}
statistics_touched_days_check no {"from_day": "2026-03-10"}
statistics_touched_days_check yes {"thru_day": null}
location_relationships_owner_check no {"event_id": null}
location_relationships_owner_check no {"user_id": null}
location_relationships_owner_check no {"created_at": null}
location_relationships_owner_check yes {"event_id": null, "user_id": null, "created_at": null}
location_relationships_itself_check no {"parent_location_id": 1, "child_location_id": 1}
category_behaviors_active_check no {"active_product_count": 3}
category_behaviors_active_check yes {"product_count": 3}
product_behaviors_supplier_availability_confirmed_check no {"supplier_availability_score": null}
product_behaviors_supplier_availability_confirmed_check yes {"supplier_availability_score": null, "is_supplier_availability_confirmed": false}
product_behaviors_phase_out_recommendation_confirmed_check no {"phase_out_recommendation_score": null}
product_behaviors_phase_out_recommendation_confirmed_check yes {"phase_out_recommendation_score": null, "is_phase_out_recommendation_confirmed": false}
product_behaviors_phase_out_execution_confirmed_check no {"phase_out_execution_score": null}
product_behaviors_phase_out_execution_confirmed_check yes {"phase_out_execution_score": null, "is_phase_out_execution_confirmed": false}
data_quality_runs_counts_check no {"checks_failed": 3}
data_quality_runs_counts_check yes {"checks_total": 3}
data_quality_runs_finished_check no {"finished_at": "2026-03-09T09:59:59Z"}
data_quality_runs_finished_check no {"data_quality_gate_decision_id": null}
data_quality_runs_finished_check no {"finished_at": null}
data_quality_runs_finished_check yes {"finished_at": null, "data_quality_gate_decision_id": null}
demand_forecast_products_period_check no {"period_start": "2026-03-10"}
demand_forecast_products_period_check yes {"period_start": "2026-03-08"}
demand_forecast_products_oos_check no {"expected_qty": 2.001}
demand_forecast_products_oos_check yes {"oos_adjusted_qty": 3}
product_embeddings_numbers_check no {"vector": []}
product_embeddings_numbers_check no {"vector": [1, "2"]}
product_embeddings_numbers_check no {"vector": [null]}
product_embeddings_numbers_check no {"vector": [[1]]}
product_embeddings_numbers_check yes {"vector": [1, -2.5e-3]}
inventory_strategies_numbers_check no {"parameters": {"level": "high"}}
inventory_strategies_numbers_check no {"parameters": {"level": 1, "cover": null}}
inventory_strategies_numbers_check no {"parameters": {"level": [1]}}
inventory_strategies_numbers_check yes {"parameters": {"level": 0.98}}
assortments_dates_check no {"from_date": "2026-03-10"}
assortments_dates_check yes {"thru_date": null}
inventory_targets_order_check no {"safety_stock_qty": 2.001}
inventory_targets_order_check no {"target_qty": 1.999}
inventory_targets_order_check yes {"safety_stock_qty": 1, "target_qty": 3}
inventory_strategy_simulations_dates_check no {"from_date": "2026-03-10"}
inventory_strategy_simulations_dates_check yes {"from_date": "2026-03-08"}
po_recommendations_dates_check no {"snapshot_date": "2026-03-10"}
po_recommendations_dates_check yes {"snapshot_date": "2026-03-08"}
to_recommendations_dates_check no {"snapshot_date": "2026-03-10"}
to_recommendations_dates_check yes {"snapshot_date": "2026-03-08"}
to_recommendations_itself_check no {"from_location_id": 2, "to_location_id": 2}
recommendation_outcomes_one_check no {"to_recommendation_id": null}
recommendation_outcomes_one_check no {"po_recommendation_id": 1, "to_recommendation_id": 1}
recommendation_outcomes_one_check no {"po_recommendation_id": 1, "to_recommendation_id": 1, "assortment_recommendation_id": 1}
recommendation_outcomes_one_check yes {"po_recommendation_id": 1, "to_recommendation_id": null}
uplift_measurements_dates_check no {"from_date": "2026-03-10"}
uplift_measurements_dates_check yes {"from_date": "2026-03-08"}
staging_records_error_check no {"is_valid": true}
staging_records_error_check no {"error_message": null}
staging_records_error_check yes {"is_valid": true, "error_message": null}
staging_column_profiles_numbers_check no {"mean_value": null}
staging_column_profiles_numbers_check no {"stddev_value": null}
staging_column_profiles_numbers_check yes {"mean_value": null, "stddev_value": null}
daily_*_period_check no {"period_end": "2026-03-10"}
daily_*_period_check no {"period_end": "2026-03-08"}
weekly_*_period_check no {"period_start": "2026-03-08", "period_end": "2026-03-14"}
weekly_*_period_check no {"period_end": "2026-03-14"}
weekly_*_period_check no {"period_end": "2026-03-16"}
weekly_*_period_check yes {"period_start": "2025-12-29", "period_end": "2026-01-04"}
monthly_*_period_check no {"period_start": "2026-02-02", "period_end": "2026-03-01"}
monthly_*_period_check no {"period_end": "2026-02-27"}
monthly_*_period_check no {"period_end": "2026-03-01"}
monthly_*_period_check yes {"period_start": "2028-02-01", "period_end": "2028-02-29"}
quarterly_*_period_check no {"period_start": "2026-05-01", "period_end": "2026-07-31"}
quarterly_*_period_check no {"period_start": "2026-04-02", "period_end": "2026-07-01"}
quarterly_*_period_check no {"period_end": "2026-06-29"}
quarterly_*_period_check yes {"period_start": "2028-01-01", "period_end": "2028-03-31"}
"#;

/// Facts that look wrong and are not: tables, and what stands there in a full row.
const UNUSUAL: &str = r#"
sales_order_lines {"qty": -12, "line_value": -30.6}
sales_order_lines {"unit_price": -1, "discount_value": -1}
sales_orders {"freight_value": -3, "total_value": -30.6, "shipped_date": "2026-03-01"}
sales_order_line_updates {"qty_delta": -1, "value_delta": -2.55}
inventory_quantities {"on_hand_qty": -1, "reserved_qty": -1}
receiving_order_lines {"received_qty": -5}
purchase_orders {"expected_date": "2026-03-01"}
presence_keys {"scope": ""}
presence_snapshots {"scope": ""}
inventory_quantities {"scope": ""}
inventory_sets {"scope": ""}
quarantine {"record": "", "record_key": "", "value": ""}
daily_sales_values {"total_qty": -1, "total_value": -1}
daily_inventory_values {"total_qty": -1, "total_value": -1}
"#;

/// Forms that texts have, with texts that have none of them and texts that do.
const PATTERNS: &[(&str, &[&str], &[&str])] = &[
    ("^[A-Z]{2}$", &["", "q", "Q", "QMN", "qm", "Q1"], &["QM"]),
    (
        "^[A-Z]{3}$",
        &["", "eur", "EU", "EURO", "EU1", "EUR "],
        &["XQC"],
    ),
    (
        "^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$",
        &["", "e", "EN", "english", "en-", "en_GB", "en-U"],
        &["qad", "qa-Latn-GB"],
    ),
    (
        "^CW-([0-9]{6}|GLOBAL)$",
        &["", "CW-1", "cw-000200", "CW-0002000", "CW-global"],
        &["CW-999999", "CW-GLOBAL"],
    ),
    (
        "^CW-[0-9]{6}$",
        &["", "CW-1", "cw-000200", "CW-GLOBAL"],
        &["CW-999999"],
    ),
    (
        "^[a-z_]{1,63}$",
        &["", "Range", "out of", "r2"],
        &["range", "a_b"],
    ),
    (
        "^[0-9a-f]{64}$",
        &[
            "",
            "0123456789abcdef",
            "0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef",
            "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0",
        ],
        &["00123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde"],
    ),
];

fn lines() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    CHECKS.lines().filter_map(|line| {
        let (name, rest) = line.split_once(' ')?;
        let (answer, patch) = rest.split_once(' ')?;
        Some((name, answer, patch))
    })
}

/// What is unusual in a table, and has to be admitted.
pub fn unusual(table: &Table) -> impl Iterator<Item = Row> {
    let lines = UNUSUAL.lines().filter_map(|line| line.split_once(' '));
    let of_table = lines.filter(move |(name, _)| *name == table.bare());
    of_table.map(|(_, patch)| serde_json::from_str(patch).expect(patch))
}

/// The probes that are written for a check.
pub fn of(check: &Constraint) -> Option<Patches> {
    let mut patches = Patches::default();
    for (_, answer, patch) in lines().filter(|(name, ..)| matches(name, &check.name)) {
        let patch = serde_json::from_str(patch).unwrap_or_else(|error| panic!("{patch}: {error}"));
        match answer {
            "no" => patches.refused.push(patch),
            _ => patches.admitted.push(patch),
        }
    }
    (!patches.refused.is_empty()).then_some(patches)
}

/// The texts that are written for a pattern.
pub fn of_pattern(pattern: &str) -> Option<Samples> {
    let mut patterns = PATTERNS.iter();
    let (_, refused, admitted) = patterns.find(|(known, ..)| *known == pattern)?;
    let values = |texts: &[&str]| texts.iter().map(|text| Value::from(*text)).collect();
    Some(Samples {
        refused: values(refused),
        admitted: values(admitted),
    })
}

/// What is written for checks that are there no more.
pub fn unused(catalogue: &Catalogue) -> Vec<&'static str> {
    let checks: Vec<_> = catalogue
        .tables
        .iter()
        .flat_map(|table| table.of_kind(Kind::Check))
        .collect();
    let names = lines().map(|(name, ..)| name);
    let unknown = names.filter(|name| !checks.iter().any(|check| matches(name, &check.name)));
    let patterns = PATTERNS.iter().map(|(pattern, ..)| *pattern);
    let unmet = patterns.filter(|pattern| {
        let quoted = format!("'{pattern}'");
        !checks.iter().any(|check| check.condition.contains(&quoted))
    });
    let tables = UNUSUAL.lines().filter_map(|line| line.split_once(' '));
    let is_there = |name: &str| catalogue.tables.iter().any(|table| table.bare() == name);
    let nowhere = tables.map(|(name, _)| name).filter(|name| !is_there(name));
    unknown.chain(unmet).chain(nowhere).collect()
}
