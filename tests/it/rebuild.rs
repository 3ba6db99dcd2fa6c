//! A tenant that is rebuilt beside its live tables, and switched to. That what is rebuilt is the same
//! for all kinds of deliveries is in `replay`.

use std::collections::BTreeSet;

use anyhow::{Context, Result, ensure};
use catwing_domain::{Class, Site, TableId, TenantId, manifest::EntryNumber};
use catwing_load::{LoadError, Loader};
use catwing_recovery::{
    RecoveryError,
    apply::Grouping,
    digest::{HeldBy, RowsOf, differing_rows, digest},
    rebuild::{Exclusive, Extent, Rebuild, RebuildProgress},
    site::{drop_site, stands},
    switch::Switch,
};

use crate::{
    replay::{self, deliveries, history},
    warehouse::Warehouse,
};

/// A tenant with two dozen nasty deliveries, and decisions on them, loaded as on any day.
pub async fn loaded() -> Result<Warehouse> {
    let (warehouse, _) = replay::nasty().await?;
    let pending = warehouse.pending().await?;
    warehouse.apply(&pending, Grouping::default()).await?;
    warehouse.refresh_statistics().await?;
    Ok(warehouse)
}

/// Every constraint, index, trigger, privilege and comment of the tables at a site, without the names
/// of its schemas.
async fn objects(warehouse: &Warehouse, site: Site) -> Result<Vec<String>> {
    let schemas = warehouse.tenant().schemas(site);
    let names = schemas
        .all()
        .map(|schema| format!("'{schema}'::regnamespace"))
        .join(", ");
    let query = format!(
        "select r.relname || ' ' || c.conname || ' ' || c.convalidated || ' ' || pg_get_constraintdef(c.oid) || \
            coalesce(' -- ' || obj_description(c.oid, 'pg_constraint'), '') as object \
         from pg_constraint as c join pg_class as r on r.oid = c.conrelid where r.relnamespace in ({names}) \
         union all select tablename || ' ' || indexdef from pg_indexes \
         where schemaname::regnamespace in ({names}) \
         union all select relname || ' ' || relkind::text || ' ' || relpersistence::text || ' ' || coalesce(relacl::text, '') || \
            coalesce(reloptions::text, '') from pg_class where relnamespace in ({names}) \
         union all select tgrelid::regclass::text || ' ' || pg_get_triggerdef(t.oid) from pg_trigger as t \
         join pg_class as r on r.oid = t.tgrelid where not tgisinternal and r.relnamespace in ({names})"
    );
    let mut rows = warehouse.rows(&query).await?;
    for row in &mut rows {
        for (schema, plain) in schemas.all().into_iter().zip(["main", "staging", "stats"]) {
            *row = row.replace(&format!("{schema}."), &format!("{plain}."));
        }
        // The search path of the query is the live schema, whose names it leaves out.
        *row = row.replace("main.", "");
    }
    rows.sort();
    Ok(rows)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_rebuilt_is_all_that_stood_there() -> Result<()> {
    let warehouse = loaded().await?;
    let live = warehouse.digest().await?;
    let rebuilt = warehouse.rebuild().await?;
    assert_eq!(rebuilt.digest, live);
    let expected = objects(&warehouse, Site::Live).await?;
    let found = objects(&warehouse, Site::Beside).await?;
    let only = |some: &[String], others: &[String]| -> Vec<String> {
        some.iter()
            .filter(|one| !others.contains(one))
            .cloned()
            .collect()
    };
    let (missing, added) = (only(&expected, &found), only(&found, &expected));
    ensure!(expected.len() > 1_000, "{} objects", expected.len());
    assert_eq!((missing, added), (Vec::new(), Vec::new()));

    // It can be loaded and read as before, under the same name, and the next day goes on.
    let switched = Switch::begin(&warehouse.pool, warehouse.tenant())
        .await?
        .commit(false)
        .await?;
    assert_eq!(
        (
            switched.replaced,
            switched.kept_before,
            switched.journals_lost
        ),
        (true, None, None)
    );
    assert!(!stands(&warehouse.pool, warehouse.tenant(), Site::Before).await?);
    assert_eq!(warehouse.digest().await?, live);
    let order = deliveries::Arrival::of_order(9, 9);
    deliveries::land(&warehouse, &[order]).await?;
    let pending = warehouse.pending().await?;
    assert_eq!(pending.len(), 1);
    warehouse.apply(&pending, Grouping::default()).await?;
    warehouse.refresh_statistics().await?;
    let went_on = warehouse.digest().await?;
    assert_eq!(warehouse.rebuild().await?.digest, went_on);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rebuild_goes_on_where_it_was() -> Result<()> {
    let warehouse = loaded().await?;
    let live = warehouse.digest().await?;
    // A third of the deliveries is staged by a process that ends then.
    let rebuilding = warehouse.rebuilding();
    let first = Extent {
        entries: Some((1..=8).map(EntryNumber).collect()),
        ..Extent::default()
    };
    let rebuilt = Rebuild {
        extent: first,
        ..warehouse.rebuilding()
    }
    .run(&|_| {})
    .await?;
    assert_eq!(rebuilt.applied.deliveries, 8);
    // Other terms begin anew; what stood there has no part in it.
    let begun = std::sync::Mutex::new(Vec::new());
    let watch = |at: RebuildProgress| {
        if let RebuildProgress::Begun {
            resumed,
            deliveries,
            ..
        } = at
            && let Ok(mut begun) = begun.lock()
        {
            begun.push((resumed, deliveries));
        }
    };
    let whole = rebuilding.run(&watch).await?;
    assert_eq!(whole.digest, live);
    // The same terms: nothing is read again.
    let again = rebuilding.run(&watch).await?;
    assert_eq!(again.digest, live);
    assert_eq!(again.applied.deliveries, 0);
    let begun = begun
        .into_inner()
        .map_err(|error| anyhow::anyhow!("{error}"))?;
    assert_eq!(begun.len(), 1);
    assert!(!begun[0].0 && begun[0].1 > 20, "{begun:?}");
    Ok(())
}

/// A rebuild that was killed when it had staged all and merged nothing.
async fn stop_before_the_merge(rebuilding: &Rebuild<'_>) {
    let stop = |at: RebuildProgress| {
        assert!(!matches!(at, RebuildProgress::Finishing(_)), "stopped here");
    };
    let run = std::panic::AssertUnwindSafe(rebuilding.run(&stop));
    let stopped = futures_util::FutureExt::catch_unwind(run).await;
    assert!(stopped.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_refused_since_it_was_staged_is_in_no_rebuild() -> Result<()> {
    let warehouse = Warehouse::create(deliveries::TENANT).await?;
    let orders = [0, 1].map(|number| deliveries::Arrival::of_order(number, number));
    let landed = deliveries::land(&warehouse, &orders).await?;
    let sealed = landed[0].entry.as_ref().context("nothing landed")?;
    let first = sealed.entry.number;
    for is_merged in [false, true] {
        drop_site(&warehouse.pool, warehouse.tenant(), Site::Beside).await?;
        history::judge(&warehouse, first, true).await?;
        let rebuilding = warehouse.rebuilding();
        if is_merged {
            assert_eq!(rebuilding.run(&|_| {}).await?.applied.deliveries, 2);
        } else {
            stop_before_the_merge(&rebuilding).await;
        }
        history::judge(&warehouse, first, false).await?;
        let rebuilt = rebuilding.run(&|_| {}).await?;
        assert_eq!(rebuilt.applied.deliveries, 1, "merged: {is_merged}");
        assert_eq!(rebuilt.rebuild_due, []);
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn staged_rows_that_a_crash_has_emptied_are_staged_again() -> Result<()> {
    let warehouse = loaded().await?;
    let live = warehouse.digest().await?;
    let tenant = warehouse.tenant();
    let schemas = tenant.schemas(Site::Beside);
    let rebuilding = warehouse.rebuilding();
    stop_before_the_merge(&rebuilding).await;
    let bulk = Loader::bulk(warehouse.pool.clone(), Site::Beside);
    assert!(bulk.has_bulk(tenant).await?);
    let staged = format!(
        "select count(*) from {}.stage_sales_orders",
        schemas.staging
    );
    assert_ne!(warehouse.row(&staged).await?, "0");
    // So does a server that crashes with its unlogged tables.
    let emptied = format!(
        "truncate {s}.bulk_alive, {s}.stage_sales_orders, {s}.bulk_deliveries",
        s = schemas.staging
    );
    warehouse.execute(emptied).await?;
    let lost = bulk.begin_bulk(tenant).await;
    assert!(matches!(lost, Err(LoadError::BulkLost { .. })), "{lost:?}");
    assert_eq!(rebuilding.run(&|_| {}).await?.digest, live);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_past_day_is_that_of_a_database_which_stopped_there() -> Result<()> {
    let warehouse = loaded().await?;
    let all = {
        drop_site(&warehouse.pool, warehouse.tenant(), Site::Beside).await?;
        warehouse.clear().await?;
        warehouse.pending().await?
    };
    let first = all.iter().map(|one| one.day()).min();
    let first = first.context("no delivery")?;
    let early: Vec<_> = all
        .iter()
        .filter(|one| one.day() <= first)
        .cloned()
        .collect();
    ensure!(!early.is_empty() && early.len() < all.len());
    warehouse.apply(&early, Grouping::default()).await?;
    warehouse.refresh_statistics().await?;
    let stopped = warehouse.digest().await?;
    let extent = Extent {
        until: Some(first),
        ..Extent::default()
    };
    let rebuilt = Rebuild {
        extent,
        ..warehouse.rebuilding()
    }
    .run(&|_| {})
    .await?;
    assert_eq!(rebuilt.digest, stopped);
    // To switch back in time leaves nothing unsaid: what the live tables know is named.
    warehouse.apply(&all, Grouping::default()).await?;
    let mut switch = Switch::begin(&warehouse.pool, warehouse.tenant()).await?;
    let left = switch.left_behind().await?;
    assert_eq!(left.len(), all.len() - early.len());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn one_rebuild_of_a_tenant_at_a_time_and_no_load_while_it_switches() -> Result<()> {
    let warehouse = loaded().await?;
    let tenant: TenantId = warehouse.tenant();
    let held = Exclusive::take(&warehouse.pool, tenant).await?;
    let second = Exclusive::take(&warehouse.pool, tenant).await;
    assert!(matches!(second, Err(RecoveryError::Locked { .. })));
    drop(held);
    warehouse.rebuild().await?;
    let switch = Switch::begin(&warehouse.pool, tenant).await?;
    let load = Loader::new(warehouse.pool.clone()).begin(tenant).await;
    assert!(matches!(load, Err(LoadError::Locked { .. })));
    drop(switch);
    Ok(())
}

/// Rows of some tables were changed, lost and made up by hand: they are brought back, others are left.
#[tokio::test(flavor = "multi_thread")]
async fn some_tables_are_repaired_and_others_left_alone() -> Result<()> {
    let warehouse = loaded().await?;
    let tenant = warehouse.tenant();
    let live = warehouse.digest().await?;
    let schema = tenant.schema();
    let broken = format!(
        "update {schema}.sales_order_lines set qty = qty + 1 where line_no = 1; \
         delete from {schema}.sales_order_line_updates; \
         delete from {schema}.sales_order_lines where line_no > 1; \
         insert into {schema}.sales_orders select (jsonb_populate_record(o, \
             '{{\"id\": 1, \"external_id\": \"made up\"}}')).* from {schema}.sales_orders as o limit 1; \
         update {schema}.products set product_name = 'changed'"
    );
    warehouse.execute(broken).await?;
    warehouse.rebuild().await?;
    let switch = Switch::begin(&warehouse.pool, tenant).await?;
    let asked = BTreeSet::from([TableId::SalesOrderLines]);
    let repaired = switch.repair(&asked).await?;
    assert_eq!(repaired["sales_orders"].deleted, 1);
    assert!(repaired["sales_order_lines"].updated > 0, "{repaired:?}");
    let found = digest(&warehouse.pool, tenant).await?;
    let differing: Vec<_> = live
        .tables
        .iter()
        .filter(|(name, table)| found.tables.get(*name) != Some(table))
        .map(|(name, _)| name.as_str())
        .collect();
    assert_eq!(differing, ["products"]);
    let sides = (
        RowsOf {
            pool: &warehouse.pool,
            site: Site::Live,
        },
        RowsOf {
            pool: &warehouse.pool,
            site: Site::Beside,
        },
    );
    let rows = differing_rows(sides, tenant, TableId::Products, None, 2).await?;
    assert_eq!(rows.len(), 2);
    assert_eq!(rows[0].held_by, HeldBy::Both);
    assert_eq!(rows[0].columns.len(), 1, "{rows:?}");
    assert_eq!(rows[0].columns[0].column, "product_name");
    assert_eq!(rows[0].columns[0].left.as_deref(), Some("changed"));
    // All of it, and nothing is left to repair.
    let switch = Switch::begin(&warehouse.pool, tenant).await?;
    switch.repair(&BTreeSet::from([TableId::Products])).await?;
    assert_eq!(digest(&warehouse.pool, tenant).await?, live);
    let switch = Switch::begin(&warehouse.pool, tenant).await?;
    let everything = TableId::ALL
        .iter()
        .copied()
        .filter(|id| id.table().class == Class::Raw);
    assert_eq!(switch.repair(&everything.collect()).await?.len(), 0);
    Ok(())
}
