//! The database's schemas, tables and roles, as migrations in SQL files.
//!
//! There are four scopes. *Global* is the schema `cw_global`, which all tenants share. *Tenant* is
//! one tenant's schema. *Staging* is the schema of what is checked before it is loaded. *Stats* is the schema of its statistics, which can be dropped and made again. The same migrations
//! run once for each tenant, those of its three schemas in one transaction. Each schema keeps its own list
//! of what is applied to it, in `seaql_migrations`.
//!
//! Names of schemas and roles are data here: they reach the server as parameters and are quoted
//! there. The SQL files of the tenant scope name no schema; `search_path` says which tenant is meant.
//!
//! ```no_run
//! use catwing_migrations::{Scope, TenantNames, migrate_global, migrate_tenant, status};
//! use sea_orm::sqlx::PgPool;
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let pool = PgPool::connect("postgres://localhost/catwing").await?;
//! migrate_global(&pool).await?;
//!
//! let tenant = TenantNames {
//!     schema: "cw_200".into(),
//!     staging_schema: "cw_200_staging".into(),
//!     stats_schema: "cw_200_stats".into(),
//!     owner_role: "cw_200_owner".into(),
//!     loader_role: "cw_200_loader".into(),
//!     reader_role: "cw_200_reader".into(),
//! };
//! migrate_tenant(&pool, &tenant).await?;
//! assert!(status(&pool, Scope::Tenant(&tenant)).await?.iter().all(|m| m.applied));
//! # Ok(())
//! # }
//! ```

mod error;
mod global;
mod migration;
mod names;
mod ready;
mod run;
mod staging;
mod stats;
mod tenant;

pub use error::MigrationError;
pub use names::{Scope, TenantNames};
pub use ready::ready;
pub use run::{
    Applied, MigrationState, down, migrate_global, migrate_tenant, remove_tenant, status,
};
