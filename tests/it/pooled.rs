//! One connection that works for two tenants in turn: each use leaves it as it found it.

use anyhow::{Result, ensure};
use catwing_domain::{Site, SystemClock, TenantId};
use catwing_load::Loader;
use catwing_ml_export::{Window, export};
use catwing_raw_store::{Store, StoreSettings};
use catwing_recovery::digest::{digest, digest_in};
use catwing_tests::servers::TestBucket;
use sea_orm::sqlx::{self, PgPool, postgres::PgPoolOptions};

use crate::database::{TwoTenants, a, b, execute, options};

const TENANTS: &str = "
    select cw_global.infer_currencies(array[1], array['XQA']);
    insert into cw_global.client_config values
        (200, 'CW-000200', 'First', 1, '{}'), (201, 'CW-000201', 'Second', 1, '{}');
    insert into cw_200.genders values (1, 'of the first', now(), 1);";
/// All that work for a tenant sets: role, names' places, limits, locks, temporary tables.
const TRACES: &str = "
    select concat_ws(' ', current_user = session_user, current_setting('role'),
        current_setting('search_path'), current_setting('jit'), current_setting('work_mem'),
        current_setting('client_connection_check_interval'), current_setting('default_statistics_target'),
        (select count(*) from pg_locks where pid = pg_backend_pid() and locktype = 'advisory'),
        (select count(*) from pg_class where relnamespace = pg_my_temp_schema()))";

/// What a connection of the pool is like.
async fn traces(pool: &PgPool) -> Result<String> {
    Ok(sqlx::query_scalar(TRACES).fetch_one(pool).await?)
}

async fn load_and_leave(pool: &PgPool, tenant: TenantId, way: usize) -> Result<()> {
    let loader = Loader::new(pool.clone());
    match way {
        0 => drop(loader.begin(tenant).await?.commit(&SystemClock).await?),
        1 => loader.begin(tenant).await?.abort().await?,
        // Nobody waits for the end of this one: it is rolled back when the connection is next used.
        2 => drop(loader.begin(tenant).await?),
        3 => {
            // A call out of turn: from here on every call fails, and nobody aborts.
            let mut load = loader.begin(tenant).await?;
            let refused = load.end_delivery(&Default::default(), &[]).await;
            ensure!(refused.is_err(), "no delivery was begun");
            ensure!(load.commit(&SystemClock).await.is_err(), "it is unsound");
        }
        _ => drop(loader.applied(tenant).await?),
    }
    Ok(())
}

#[tokio::test]
async fn a_connection_that_changes_tenants_carries_nothing_over() -> Result<()> {
    let two = TwoTenants::create().await?;
    execute(&mut *two.pool.acquire().await?, TENANTS).await?;
    let bucket = TestBucket::create().await?;
    let [_, _, (_, access_key), (_, secret_key)] = bucket.variables();
    let mut settings = StoreSettings::at(bucket.endpoint(), access_key, secret_key.into());
    bucket.name().clone_into(&mut settings.bucket);
    let store = Store::connect(settings).await?;
    let pool = PgPoolOptions::new()
        .max_connections(1)
        .connect_with(options(&two.database)?)
        .await?;
    let clean = traces(&pool).await?;
    ensure!(clean.starts_with("t none \"$user\", public"), "{clean}");
    ensure!(clean.ends_with(" 0 0"), "{clean}");

    let window = Window {
        from: None,
        run_date: "2026-01-05".parse()?,
    };
    let digests = [
        digest(&pool, a()).await?.digest,
        digest(&pool, b()).await?.digest,
    ];
    ensure!(digests[0] != digests[1], "the tenants hold the same");
    for way in 0..5 {
        for (tenant, expected) in [a(), b()].into_iter().zip(&digests) {
            let what = format!("{tenant}, {way}");
            load_and_leave(&pool, tenant, way).await?;
            ensure!(traces(&pool).await? == clean, "{what}: load");
            catwing_stats::refresh(&pool, tenant).await?;
            ensure!(traces(&pool).await? == clean, "{what}: statistics");
            let found = digest(&pool, tenant).await?.digest;
            ensure!(found == *expected, "{what}: another tenant's digest");
            ensure!(traces(&pool).await? == clean, "{what}: digest");
            export(&pool, &store, tenant, window).await?;
            ensure!(traces(&pool).await? == clean, "{what}: export");
        }
    }

    // Statements that fail in the middle, each in the real code, with nobody to clean up.
    execute(
        &mut *two.pool.acquire().await?,
        "drop table cw_200.load_ledger cascade",
    )
    .await?;
    ensure!(
        Loader::new(pool.clone()).applied(a()).await.is_err(),
        "no ledger"
    );
    ensure!(traces(&pool).await? == clean, "a failed load");
    ensure!(digest(&pool, a()).await.is_err(), "no ledger");
    ensure!(traces(&pool).await? == clean, "a failed digest");
    ensure!(
        export(&pool, &store, a(), window).await.is_err(),
        "no ledger"
    );
    ensure!(traces(&pool).await? == clean, "a failed export");
    execute(
        &mut *two.pool.acquire().await?,
        "drop schema cw_200_stats cascade",
    )
    .await?;
    ensure!(
        catwing_stats::refresh(&pool, a()).await.is_err(),
        "no statistics"
    );
    ensure!(traces(&pool).await? == clean, "failed statistics");

    // The other tenant is as it was, also in a transaction that was given a role and then dropped.
    let mut transaction = pool.begin().await?;
    execute(&mut transaction, "set local role cw_201_reader").await?;
    let found = digest_in(&mut transaction, b(), Site::Live).await?.digest;
    ensure!(found == digests[1], "another digest");
    drop(transaction);
    ensure!(traces(&pool).await? == clean, "a dropped transaction");
    Ok(())
}
