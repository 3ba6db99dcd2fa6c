//! Queries of what the steps compute: behaviors, forecasts, targets, recommendations, statistics; and of
//! the observations that they compute them from.

use super::{Query, query};

pub(super) const OBSERVATIONS: &[Query] = &[
    query(
        "market_of_day",
        "steps 4 and 9",
        "select product_id, market_price from product_market_observations
         where market_data_source_id = $1 and observation_date = $2",
        "2, '2025-12-29'",
        &["product_market_observations_market_data_source_id_idx"],
    ),
    query(
        "market_of_product",
        "UI: product",
        "select observation_date, market_price from product_market_observations
         where product_id = $1 and market_data_source_id = $2 and observation_date >= $3",
        "100, 2, '2025-12-01'",
        &["product_market_observations_natural_key"],
    ),
    query(
        "category_market_of_day",
        "steps 4 and 9",
        "select product_category_id, demand_index from category_market_observations
         where market_data_source_id = $1 and observation_date = $2",
        "1, '2025-12-29'",
        &["category_market_observations_market_data_source_id_idx"],
    ),
    query(
        "web_of_day",
        "steps 4 and 9",
        "select product_id, sessions from product_web_analytics_daily where analytics_date = $1",
        "'2025-12-29'",
        &["product_web_analytics_daily_analytics_date_idx"],
    ),
    query(
        "web_of_product",
        "UI: product",
        "select analytics_date, sessions from product_web_analytics_daily
         where product_id = $1 and analytics_date >= $2",
        "100, '2025-12-01'",
        &["product_web_analytics_daily_natural_key"],
    ),
    query(
        "location_web_of_day",
        "steps 4 and 9",
        "select location_id, sessions from location_web_analytics_daily where analytics_date = $1",
        "'2025-12-29'",
        &["location_web_analytics_daily_analytics_date_idx"],
    ),
    query(
        "ads_of_day",
        "steps 4 and 9",
        "select product_id, spend from product_social_ad_daily
         where social_ad_platform_id = $1 and ad_date = $2",
        "2, '2025-12-29'",
        &["product_social_ad_daily_social_ad_platform_id_idx"],
    ),
    query(
        "category_ads_of_day",
        "steps 4 and 9",
        "select product_category_id, spend from category_social_ad_daily
         where social_ad_platform_id = $1 and ad_date = $2",
        "1, '2025-12-29'",
        &["category_social_ad_daily_social_ad_platform_id_idx"],
    ),
];

pub(super) const BEHAVIORS: &[Query] = &[
    query(
        "behaviors_of_day",
        "steps 6, 7, 9, 11 and 12",
        "select product_id, velocity, trend from product_behaviors where snapshot_date = $1",
        "'2025-12-29'",
        &["product_behaviors_snapshot_date_idx"],
    ),
    query(
        "newest_behaviors",
        "UI: products",
        "select max(snapshot_date) from product_behaviors",
        "",
        &["product_behaviors_snapshot_date_idx"],
    ),
    query(
        "behavior_of_product",
        "UI: product",
        "select snapshot_date, hotness_score from product_behaviors
         where product_id = $1 order by snapshot_date desc limit 30",
        "123",
        &["product_behaviors_natural_key"],
    ),
    query(
        "products_of_class",
        "UI: products",
        "select product_id from product_behaviors
         where snapshot_date = $1 and abc_class_id = $2 and xyz_class_id = $2",
        "'2025-12-29', 1",
        &["product_behaviors_snapshot_date_idx"],
    ),
    query(
        "locations_of_snapshot",
        "steps 9 and 11, UI: locations",
        "select location_id, fill_rate from location_behaviors where snapshot_date = $1",
        "'2025-12-29'",
        &["location_behaviors_snapshot_date_idx"],
    ),
    query(
        "suppliers_of_snapshot",
        "steps 9, 11 and 12, UI: suppliers",
        "select supplier_id, lead_time_p90 from supplier_behaviors where snapshot_date = $1",
        "'2025-12-29'",
        &["supplier_behaviors_snapshot_date_idx"],
    ),
    query(
        "categories_of_snapshot",
        "steps 6 and 9, UI: categories",
        "select product_category_id, growth_rate from category_behaviors where snapshot_date = $1",
        "'2025-12-29'",
        &["category_behaviors_snapshot_date_idx"],
    ),
];

pub(super) const FORECASTS: &[Query] = &[
    query(
        "forecast_in_force",
        "steps 8, 11 and 12",
        "select id from demand_forecasts where snapshot_date <= $1 and forecast_horizon_id = $2
         order by snapshot_date desc limit 1",
        "'2025-06-30', 2",
        &["demand_forecasts_natural_key"],
    ),
    query(
        "rows_of_forecast",
        "steps 8, 11 and 12",
        "select location_id, product_id, period_start, expected_qty from demand_forecast_products
         where demand_forecast_id = $1",
        "2161",
        &["demand_forecast_products_natural_key"],
    ),
    query(
        "forecasts_of_product",
        "UI: product at a location",
        "select demand_forecast_id, period_start, expected_qty from demand_forecast_products
         where product_id = $1 and location_id = $2 and period_start between $3 and $4",
        "2000, 101, '2025-12-15', '2025-12-31'",
        &["demand_forecast_products_product_id_idx"],
    ),
    query(
        "forecasts_of_location",
        "UI: location, how forecasts of a span have changed",
        "select demand_forecast_id, sum(expected_qty) from demand_forecast_products
         where location_id = $1 and period_start between $2 and $3 group by demand_forecast_id",
        "101, '2025-12-21', '2025-12-27'",
        &["demand_forecast_products_location_id_idx"],
    ),
    query(
        "newest_model",
        "steps 7, 11 and 12",
        "select s3_key from ml_model_runs where run_date <= $1 and model_name = $2
         order by run_date desc limit 1",
        "'2025-06-30', 'regressor'",
        &["ml_model_runs_natural_key"],
    ),
    query(
        "model_of_artifact",
        "UI: models",
        "select * from ml_model_runs where s3_key = $1",
        "'ml-output/CW-000200/500/models/1'",
        &["ml_model_runs_s3_key_idx"],
    ),
    query(
        "embeddings_of_day",
        "steps 7 and 10",
        "select product_id, vector from product_embeddings
         where embedding_model_id = $1 and snapshot_date = $2",
        "1, '2025-12-29'",
        &["product_embeddings_embedding_model_id_idx"],
    ),
    query(
        "targets_of_day",
        "step 12",
        "select product_id, location_id, reorder_point_qty, target_qty from inventory_targets
         where snapshot_date = $1",
        "'2025-12-29'",
        &["inventory_targets_snapshot_date_idx"],
    ),
    query(
        "targets_of_location",
        "UI: location",
        "select product_id, target_qty from inventory_targets where location_id = $1 and snapshot_date = $2",
        "7, '2025-12-29'",
        &["inventory_targets_location_id_idx"],
    ),
    query(
        "target_history",
        "UI: product at a location",
        "select snapshot_date, target_qty from inventory_targets
         where product_id = $1 and location_id = $2 order by snapshot_date",
        "23, 7",
        &["inventory_targets_natural_key"],
    ),
];

pub(super) const RECOMMENDATIONS: &[Query] = &[
    query(
        "orders_recommended",
        "step 13, UI: recommended orders",
        "select * from po_recommendations where snapshot_date = $1 order by recommended_order_date limit 50",
        "'2025-12-29'",
        &["po_recommendations_snapshot_date_idx"],
    ),
    query(
        "orders_to_decide",
        "UI: recommended orders",
        "select * from po_recommendations where po_recommendation_status_id = $1 and snapshot_date = $2",
        "1, '2025-12-29'",
        &["po_recommendations_po_recommendation_status_id_idx"],
    ),
    query(
        "orders_recommended_of_supplier",
        "step 12, UI: supplier",
        "select * from po_recommendations where supplier_id = $1 and snapshot_date = $2",
        "42, '2025-12-29'",
        &["po_recommendations_supplier_id_idx"],
    ),
    query(
        "orders_recommended_of_location",
        "UI: location",
        "select * from po_recommendations where location_id = $1 and snapshot_date = $2",
        "7, '2025-12-29'",
        &["po_recommendations_location_id_idx"],
    ),
    query(
        "transfers_recommended",
        "step 13, UI: recommended transfers",
        "select * from to_recommendations where snapshot_date = $1 order by recommended_ship_date limit 50",
        "'2025-12-29'",
        &["to_recommendations_snapshot_date_idx"],
    ),
    query(
        "transfers_to_decide",
        "UI: recommended transfers",
        "select * from to_recommendations where to_recommendation_status_id = $1 and snapshot_date = $2",
        "1, '2025-12-29'",
        &["to_recommendations_to_recommendation_status_id_idx"],
    ),
    query(
        "transfers_recommended_from",
        "step 12, UI: location",
        "select * from to_recommendations where from_location_id = $1 and snapshot_date = $2",
        "3, '2025-12-29'",
        &["to_recommendations_from_location_id_idx"],
    ),
    query(
        "transfers_recommended_to",
        "UI: location",
        "select * from to_recommendations where to_location_id = $1 and snapshot_date = $2",
        "17, '2025-12-29'",
        &["to_recommendations_to_location_id_idx"],
    ),
    query(
        "assortment_recommended",
        "step 13, UI: assortments",
        "select * from assortment_recommendations where snapshot_date = $1",
        "'2025-12-29'",
        &["assortment_recommendations_snapshot_date_idx"],
    ),
    query(
        "assortment_to_decide",
        "UI: assortments",
        "select * from assortment_recommendations
         where assortment_recommendation_status_id = $1 and snapshot_date = $2",
        "1, '2025-12-29'",
        &["assortment_recommendations_assortment_recommendation_status_idx"],
    ),
    query(
        "assortment_recommended_of_location",
        "UI: location",
        "select * from assortment_recommendations where location_id = $1 and snapshot_date = $2",
        "7, '2025-12-29'",
        &["assortment_recommendations_location_id_idx"],
    ),
    query(
        "outcomes_of_span",
        "step 13",
        "select * from recommendation_outcomes where measured_date between $1 and $2",
        "'2025-12-20', '2025-12-26'",
        &["recommendation_outcomes_measured_date_idx"],
    ),
    query(
        "outcomes_of_order",
        "UI: recommended order",
        "select * from recommendation_outcomes where po_recommendation_id = $1",
        "50123",
        &["recommendation_outcomes_natural_key"],
    ),
];

pub(super) const STATISTICS: &[Query] = &[
    query(
        "statistics_of_location",
        "UI: charts of a location",
        "select period_start, total_value from daily_sales_values
         where location_id = $1 and period_start between $2 and $3 order by period_start",
        "42, '2025-10-01', '2025-12-30'",
        &["daily_sales_values_natural_key"],
    ),
    query(
        "statistics_of_all",
        "UI: charts of the whole",
        "select period_start, total_value from daily_sales_values
         where location_id is null and period_start between $1 and $2 order by period_start",
        "'2025-10-01', '2025-12-30'",
        &["daily_sales_values_natural_key"],
    ),
    query(
        "statistics_of_period",
        "UI: locations compared, step 4",
        "select location_id, total_value from daily_sales_values where period_start = $1",
        "'2025-12-29'",
        &["daily_sales_values_period_start_idx"],
    ),
];
