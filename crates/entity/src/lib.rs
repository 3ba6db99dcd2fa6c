//! SeaORM entities of every table that migrations make, one module a table.
//!
//! Entities of a tenant's tables name no schema: the connection's `search_path` says whose rows
//! are meant, and the role says whose may be seen. Those of shared tables name `cw_global`.
//! Raw rows are written by load, in sets; entities serve control tables and point reads. The example
//! `orders` is what another program could start from.
//!
//! ```no_run
//! use catwing_entity::{products, sales_order_lines, sales_orders};
//! use sea_orm::{DatabaseConnection, DbErr, EntityTrait, ModelTrait, QueryFilter, QueryOrder};
//!
//! # async fn example(db: &DatabaseConnection) -> Result<(), DbErr> {
//! let order = sales_orders::Entity::find()
//!     .filter(sales_orders::COLUMN.external_id.eq("536365"))
//!     .one(db)
//!     .await?;
//! if let Some(order) = order {
//!     let lines = order
//!         .find_related(sales_order_lines::Entity)
//!         .find_also_related(products::Entity)
//!         .order_by_asc(sales_order_lines::COLUMN.line_no)
//!         .all(db)
//!         .await?;
//!     for (line, product) in lines {
//!         let name = product.map(|product| product.product_name);
//!         assert!(name.is_some(), "line {} has a product", line.line_no);
//!     }
//! }
//! # Ok(())
//! # }
//! ```

pub mod abc_classes;
pub mod assortment_recommendation_statuses;
pub mod assortment_recommendations;
pub mod assortment_statuses;
pub mod assortments;
pub mod brands;
pub mod category_behaviors;
pub mod category_market_observations;
pub mod category_settings;
pub mod category_social_ad_daily;
pub mod cities;
pub mod client_config;
pub mod client_settings;
pub mod countries;
pub mod currencies;
pub mod currency_rates;
pub mod customer_types;
pub mod customers;
pub mod daily_expected_demand;
pub mod daily_inventory_values;
pub mod daily_pending_po_values;
pub mod daily_sales_values;
pub mod data_health_reports;
pub mod data_health_severities;
pub mod data_quality_check_reports;
pub mod data_quality_check_types;
pub mod data_quality_checks;
pub mod data_quality_gate_decisions;
pub mod data_quality_runs;
pub mod data_quality_severities;
pub mod delivered_days;
pub mod demand_forecast_products;
pub mod demand_forecasts;
pub mod embedding_models;
pub mod fmr_classes;
pub mod forecast_horizons;
pub mod freq_classes;
pub mod genders;
pub mod image_types;
pub mod inventory_quantities;
pub mod inventory_sets;
pub mod inventory_strategies;
pub mod inventory_strategy_simulations;
pub mod inventory_strategy_types;
pub mod inventory_targets;
pub mod languages;
pub mod load_counts;
pub mod load_ledger;
pub mod location_behaviors;
pub mod location_relationship_types;
pub mod location_relationships;
pub mod location_settings;
pub mod location_statuses;
pub mod location_translations;
pub mod location_types;
pub mod location_web_analytics_daily;
pub mod locations;
pub mod market_data_sources;
pub mod match_methods;
pub mod ml_model_runs;
pub mod monthly_expected_demand;
pub mod monthly_inventory_values;
pub mod monthly_pending_po_values;
pub mod monthly_sales_values;
pub mod municipalities;
pub mod pipeline_runs;
pub mod pipeline_step_runs;
pub mod po_recommendation_statuses;
pub mod po_recommendations;
pub mod presence_keys;
pub mod presence_snapshots;
pub mod price_kinds;
pub mod price_tiers;
pub mod pricing_lists;
pub mod product_attributes;
pub mod product_behaviors;
pub mod product_categories;
pub mod product_category_translations;
pub mod product_category_types;
pub mod product_cost_records;
pub mod product_costs;
pub mod product_embeddings;
pub mod product_images;
pub mod product_market_observations;
pub mod product_settings;
pub mod product_social_ad_daily;
pub mod product_statuses;
pub mod product_translations;
pub mod product_web_analytics_daily;
pub mod products;
pub mod purchase_order_lines;
pub mod purchase_order_statuses;
pub mod purchase_orders;
pub mod quarantine;
pub mod quarterly_expected_demand;
pub mod quarterly_inventory_values;
pub mod quarterly_pending_po_values;
pub mod quarterly_sales_values;
pub mod receiving_order_lines;
pub mod receiving_order_statuses;
pub mod receiving_orders;
pub mod recommendation_outcomes;
pub mod record_fixes;
pub mod regions;
pub mod roles;
pub mod sales_channels;
pub mod sales_order_line_update_types;
pub mod sales_order_line_updates;
pub mod sales_order_lines;
pub mod sales_order_statuses;
pub mod sales_order_types;
pub mod sales_orders;
pub mod schema_drift;
pub mod social_ad_platforms;
pub mod staging_batches;
pub mod staging_column_profiles;
pub mod staging_entity_types;
pub mod staging_files;
pub mod staging_records;
pub mod statistics_products;
pub mod statistics_rates;
pub mod statistics_sales_documents;
pub mod statistics_sales_products;
pub mod statistics_state;
pub mod statistics_touched;
pub mod store_order_lines;
pub mod store_order_statuses;
pub mod store_orders;
pub mod supplier_available_products;
pub mod supplier_behaviors;
pub mod supplier_price_list_lines;
pub mod supplier_price_lists;
pub mod supplier_settings;
pub mod supplier_statuses;
pub mod supplier_translations;
pub mod suppliers;
pub mod to_recommendation_statuses;
pub mod to_recommendations;
pub mod transfer_order_lines;
pub mod transfer_order_statuses;
pub mod transfer_orders;
pub mod uplift_measurements;
pub mod users;
pub mod weather_observations;
pub mod weekly_expected_demand;
pub mod weekly_inventory_values;
pub mod weekly_pending_po_values;
pub mod weekly_sales_values;
pub mod x_assortment_products;
pub mod x_supplier_brands;
pub mod x_supplier_products;
pub mod x_user_clients;
pub mod x_user_roles;
pub mod xyz_classes;
