//! One tenant in a database of its own.

use std::collections::BTreeMap;

use anyhow::Result;
use catwing_domain::{Class, Clock, Merge, TableId, TenantId};
use catwing_load::{LoadError, LoadReport, Loader};
use catwing_migrations::{TenantNames, migrate_global, migrate_tenant};
use catwing_tests::servers::TestDatabase;
use jiff::Timestamp;
use sea_orm::sqlx::{self, AssertSqlSafe, PgPool, postgres::PgPoolOptions};

use super::delivery::Delivery;
use crate::guards::{Guarded, unguarded};

pub struct Shop {
    pub pool: PgPool,
    pub loader: Loader,
    pub tenant: TenantId,
    /// Dropped last, with its database.
    _database: TestDatabase,
}

/// It is always the same instant.
pub struct Noon;

impl Clock for Noon {
    fn now(&self) -> Timestamp {
        "2026-11-21T12:00:00Z".parse().expect("an instant")
    }
}

impl Shop {
    pub async fn open() -> Result<Self> {
        let database = TestDatabase::create().await?;
        let pool = PgPoolOptions::new()
            .max_connections(4)
            .connect(database.url())
            .await?;
        let tenant: TenantId = "CW-000200".parse()?;
        migrate_global(&pool).await?;
        let names = TenantNames {
            schema: tenant.schema().name().to_owned(),
            staging_schema: tenant.staging_schema().name().to_owned(),
            stats_schema: tenant.stats_schema().name().to_owned(),
            owner_role: tenant.owner_role().name().to_owned(),
            loader_role: tenant.loader_role().name().to_owned(),
            reader_role: tenant.reader_role().name().to_owned(),
        };
        migrate_tenant(&pool, &names).await?;
        Ok(Self {
            loader: Loader::new(pool.clone()),
            pool,
            tenant,
            _database: database,
        })
    }

    /// Loads deliveries in one transaction.
    pub async fn load(&self, deliveries: &[&Delivery]) -> Result<LoadReport, LoadError> {
        let mut load = self.loader.begin(self.tenant).await?;
        for delivery in deliveries {
            if load.begin_delivery(delivery.head()).await? {
                load.stage(&delivery.output).await?;
                load.end_delivery(&delivery.counts, &delivery.presence)
                    .await?;
            }
        }
        load.commit(&Noon).await
    }

    /// Every row of every table that raw feeds, in the order of their text.
    pub async fn content(&self) -> Result<BTreeMap<&'static str, Vec<String>>> {
        let mut content = BTreeMap::new();
        for id in TableId::ALL.iter().filter(|id| id.is_of(self.tenant)) {
            let table = id.table();
            if table.class == Class::Journal || table.merge == Merge::Seeded {
                continue;
            }
            let rows = self
                .texts(&format!("select t::text from cw_200.{} as t", table.name))
                .await?;
            content.insert(table.name, rows);
        }
        Ok(content)
    }

    /// The first column of a query's rows, sorted.
    pub async fn texts(&self, query: &str) -> Result<Vec<String>> {
        let mut rows: Vec<String> = sqlx::query_scalar(AssertSqlSafe(query))
            .fetch_all(&self.pool)
            .await?;
        rows.sort();
        Ok(rows)
    }

    /// Whether a product counts, and how it is called.
    pub async fn product(&self, name: &str) -> Result<(bool, String)> {
        let row = sqlx::query_as(
            "select is_active, product_name from cw_200.products where external_id = $1",
        )
        .bind(name)
        .fetch_one(&self.pool)
        .await?;
        Ok(row)
    }

    /// Empties every table of the tenant: row by row, which is quicker than truncating so many tables.
    pub async fn clear(&self) -> Result<()> {
        let deletes: String = TableId::ALL
            .iter()
            .rev()
            .filter(|id| id.is_of(self.tenant) && id.table().merge != Merge::Seeded)
            .map(|id| format!("delete from {}.{};", id.schema(self.tenant), id.name()))
            .collect();
        let statement = unguarded(self.tenant, Guarded::WithRows, &deletes);
        sqlx::raw_sql(AssertSqlSafe(statement))
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Loads the deliveries in every order and in every grouping into transactions, and returns what
    /// the tables then hold, which must always be the same.
    pub async fn same_in_any_order(
        &self,
        deliveries: &[Delivery],
    ) -> Result<BTreeMap<&'static str, Vec<String>>> {
        let mut first = None;
        for order in permutations(deliveries.len()) {
            // Each bit says whether a transaction ends after a delivery.
            for grouping in 0..1u32 << (deliveries.len() - 1) {
                self.clear().await?;
                let mut group = Vec::new();
                for (index, &delivery) in order.iter().enumerate() {
                    group.push(&deliveries[delivery]);
                    if index + 1 == order.len() || grouping >> index & 1 == 1 {
                        self.load(&group).await?;
                        group.clear();
                    }
                }
                let content = self.content().await?;
                let expected = first.get_or_insert_with(|| content.clone());
                assert_eq!(
                    *expected, content,
                    "order {order:?} in grouping {grouping:b}"
                );
            }
        }
        first.ok_or_else(|| anyhow::anyhow!("no order was tried"))
    }
}

fn permutations(length: usize) -> Vec<Vec<usize>> {
    let mut all = vec![Vec::new()];
    for next in 0..length {
        all = all
            .into_iter()
            .flat_map(|order: Vec<usize>| {
                (0..=order.len()).map(move |at| {
                    let mut longer = order.clone();
                    longer.insert(at, next);
                    longer
                })
            })
            .collect();
    }
    all
}
