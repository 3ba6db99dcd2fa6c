//! SeaORM entities of every table that migrations make, one module a table.
//!
//! Entities of a tenant's tables name no schema: the connection's `search_path` says whose rows
//! are meant, and the role says whose may be seen. Those of shared tables name `cw_global`.
//! Raw rows are written by load, in sets; entities serve control tables and point reads.
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

pub mod brands;
pub mod client_config;
pub mod countries;
pub mod currencies;
pub mod customer_types;
pub mod customers;
pub mod genders;
pub mod load_counts;
pub mod load_ledger;
pub mod location_statuses;
pub mod location_types;
pub mod locations;
pub mod pipeline_runs;
pub mod pipeline_step_runs;
pub mod presence_keys;
pub mod presence_snapshots;
pub mod price_tiers;
pub mod product_categories;
pub mod product_category_types;
pub mod product_statuses;
pub mod products;
pub mod quarantine;
pub mod sales_channels;
pub mod sales_order_line_update_types;
pub mod sales_order_line_updates;
pub mod sales_order_lines;
pub mod sales_order_statuses;
pub mod sales_order_types;
pub mod sales_orders;
