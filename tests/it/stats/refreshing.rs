//! How statistics are refreshed: only what has changed, in turn with loads, for one tenant.

use anyhow::Result;
use catwing_domain::{ErrorClass, TenantId};
use catwing_load::Loader;
use catwing_migrations::{MigrationError, migrate_tenant};
use catwing_recovery::digest::{Comparison, compare, digest};
use catwing_stats::{StatsError, Subject, rebuild, refresh};
use sea_orm::sqlx;

use super::shop::{Sale, Shop};
use crate::database::{b, names_of};

#[tokio::test]
async fn only_what_was_touched_is_written() -> Result<()> {
    let shop = Shop::open().await?;
    let first = shop.refresh().await?;
    assert!(first.is_whole && first.rows_changed() == 0, "{first:?}");
    for (id, day) in [(1, "2026-01-05"), (2, "2026-04-06"), (3, "2026-04-07")] {
        shop.sale(&Sale::of(id, 1, day).line(1, "1", "1")).await?;
    }
    shop.refresh().await?;

    // Where nothing was touched nothing is looked at: a wrong number stays until a rebuild.
    shop.sql("update cw_200_stats.daily_sales_values set total_qty = 9 where period_start = '2026-01-05'")
        .await?;
    shop.sale(&Sale::of(3, 1, "2026-04-07").line(1, "2", "2"))
        .await?;
    let report = shop.refresh().await?;
    assert!(!report.is_whole);
    assert_eq!(report.days[&Subject::Sales], 1);
    for (table, rows) in &report.tables {
        assert_eq!(
            (rows.inserted, rows.updated, rows.deleted),
            (0, 2, 0),
            "{table}"
        );
    }
    assert_eq!(report.tables.len(), 4);
    assert_eq!(
        shop.rows("daily_sales_values").await?[0],
        "all 2026-01-05 2026-01-05 9 1 1"
    );
    // The same document once more changes no row.
    shop.sale(&Sale::of(3, 1, "2026-04-07").line(1, "2", "2"))
        .await?;
    assert_eq!(shop.refresh().await?.rows_changed(), 0);

    shop.sql(
        "insert into cw_200_stats.weekly_expected_demand values (null, '2026-01-05', '2026-01-11', 1, 1, 1)",
    )
    .await?;
    let mended = rebuild(&shop.two.pool, shop.tenant()).await?;
    assert_eq!(mended.rows_changed(), 3, "{:?}", mended.tables);
    shop.is_as_rebuilt().await
}

/// A digest that left statistics out would call two different databases equal.
#[tokio::test]
async fn statistics_are_in_the_digest() -> Result<()> {
    let shop = Shop::open().await?;
    shop.sale(&Sale::of(1, 1, "2026-01-05").line(1, "1", "1"))
        .await?;
    shop.refresh().await?;
    let before = shop.digest().await?;
    assert_eq!(before.tables["daily_sales_values"].rows, 2);
    assert_eq!(before.tables["quarterly_expected_demand"].rows, 0);
    shop.sql(
        "update cw_200_stats.daily_sales_values set total_value = 1.0001 where location_id = 1",
    )
    .await?;
    let Comparison::Different(tables) = compare(&before, &shop.digest().await?)? else {
        panic!("a changed statistic was not seen");
    };
    let names: Vec<_> = tables.iter().map(|table| table.table.as_str()).collect();
    assert_eq!(names, ["daily_sales_values"]);
    Ok(())
}

#[tokio::test]
async fn loads_and_statistics_take_turns() -> Result<()> {
    let shop = Shop::open().await?;
    let load = Loader::new(shop.two.pool.clone())
        .begin(shop.tenant())
        .await?;
    let error = shop.refresh().await.expect_err("a load is under way");
    assert!(matches!(error, StatsError::Locked { .. }), "{error:?}");
    assert_eq!(error.class(), ErrorClass::Locked);
    refresh(&shop.two.pool, b()).await?;
    load.abort().await?;
    shop.refresh().await?;
    Ok(())
}

#[tokio::test]
async fn a_tenant_is_computed_for_itself() -> Result<()> {
    let shop = Shop::open().await?;
    shop.sale(&Sale::of(1, 1, "2026-01-05").line(1, "1", "1"))
        .await?;
    let other = digest(&shop.two.pool, b()).await?;
    shop.refresh().await?;
    assert_eq!(digest(&shop.two.pool, b()).await?, other);

    let error = refresh(&shop.two.pool, TenantId::GLOBAL)
        .await
        .expect_err("shared");
    assert!(matches!(error, StatsError::Global), "{error:?}");
    let stranger: TenantId = "CW-000999".parse()?;
    let error = refresh(&shop.two.pool, stranger)
        .await
        .expect_err("unknown");
    assert!(matches!(error, StatsError::Begin { .. }), "{error:?}");
    shop.sql("delete from cw_global.client_config where id = 201")
        .await?;
    let error = refresh(&shop.two.pool, b())
        .await
        .expect_err("unregistered");
    assert!(
        matches!(error, StatsError::Unregistered { .. }),
        "{error:?}"
    );
    assert_eq!(error.class(), ErrorClass::Operator);
    Ok(())
}

/// The statistics schema can go at any time, and migrations make it again.
#[tokio::test]
async fn a_dropped_schema_is_an_error_that_says_what_to_do() -> Result<()> {
    let shop = Shop::open().await?;
    shop.refresh().await?;
    shop.sql("drop schema cw_200_stats cascade").await?;
    let error = shop.refresh().await.expect_err("no tables");
    assert!(matches!(error, StatsError::NoTables { .. }), "{error:?}");
    assert_eq!(error.class(), ErrorClass::Operator);
    migrate_tenant(&shop.two.pool, &names_of(shop.tenant())).await?;
    assert!(shop.refresh().await?.is_whole);

    // A schema that somebody else has made is not taken.
    shop.sql("drop schema cw_200_stats cascade; create schema cw_200_stats")
        .await?;
    let error = migrate_tenant(&shop.two.pool, &names_of(shop.tenant())).await;
    assert!(matches!(error, Err(MigrationError::Prepare { .. })));
    Ok(())
}

/// Each table refuses a period that is none.
#[tokio::test]
async fn periods_are_whole_days_weeks_months_and_quarters() -> Result<()> {
    let shop = Shop::open().await?;
    for (table, admitted, refused) in [
        (
            "daily",
            ("2026-02-03", "2026-02-03"),
            ("2026-02-03", "2026-02-04"),
        ),
        (
            "weekly",
            ("2025-12-29", "2026-01-04"),
            ("2026-01-01", "2026-01-07"),
        ),
        (
            "weekly",
            ("2026-01-05", "2026-01-11"),
            ("2026-01-05", "2026-01-10"),
        ),
        (
            "monthly",
            ("2024-02-01", "2024-02-29"),
            ("2025-02-01", "2025-02-27"),
        ),
        (
            "quarterly",
            ("2026-01-01", "2026-03-31"),
            ("2026-02-01", "2026-04-30"),
        ),
        (
            "quarterly",
            ("2025-10-01", "2025-12-31"),
            ("2025-10-01", "2025-10-31"),
        ),
    ] {
        for subject in [
            "inventory_values",
            "sales_values",
            "pending_po_values",
            "expected_demand",
        ] {
            let insert = |(start, end): (&str, &str)| {
                format!(
                    "insert into cw_200_stats.{table}_{subject} values (1, '{start}', '{end}', 1, 1, 1)"
                )
            };
            shop.sql(&insert(admitted)).await?;
            let error = shop.sql(&insert(refused)).await.expect_err(table);
            let error = error.downcast::<sqlx::Error>()?;
            assert_eq!(
                crate::database::sqlstate(&error),
                "23514",
                "{table} {refused:?}"
            );
        }
    }
    let twice = "insert into cw_200_stats.daily_sales_values values
        (null, '2026-02-03', '2026-02-03', 1, 1, 1), (null, '2026-02-03', '2026-02-03', 2, 2, 2)";
    let error = shop.sql(twice).await.expect_err("two rows of all places");
    assert_eq!(
        crate::database::sqlstate(&error.downcast::<sqlx::Error>()?),
        "23505"
    );
    Ok(())
}
