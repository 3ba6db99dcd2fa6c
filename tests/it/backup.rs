//! Backups: what is written comes back, by hand or beside the live tenant, and what is not right is refused.

mod flaws;
mod safe;
mod shelf;

use std::process::Command;

use anyhow::{Context, Result, ensure};
use catwing_domain::{Site, TenantId};
use catwing_embedded::Scratch;
use catwing_migrations::{migrate_global, migrate_tenant, ready};
use catwing_recovery::{
    RecoveryError,
    backup::{Part, newest_good},
};
use sea_orm::sqlx::{Connection, PgConnection, PgPool};

use crate::database::{a, b, execute, names_of};
use safe::{CURRENCY, Safe, Target, digest_of, sales, texts};

const TAKEN_AT: &str = "2026-02-24T23:59:59Z";
/// Foreign keys of tables whose schemas' names begin with a text, without that.
const KEYS: &str = "select replace(concat_ws(' ', conrelid::regclass, conname, convalidated, \
     pg_get_constraintdef(oid)), 'cw_200_next', 'cw_200') from pg_constraint \
     where contype = 'f' and connamespace::regnamespace::text ~ '^cw_200";

#[tokio::test(flavor = "multi_thread")]
async fn everything_comes_back_with_gunzip_and_psql_alone() -> Result<()> {
    let safe = Safe::open().await?;
    let taken = safe.back_up_at(TAKEN_AT).await?;
    ensure!(taken.keys[0] == "db-backups/daily/2026-02-24.sql.gz");
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("backup.sql.gz");
    std::fs::write(&file, safe.bytes(&taken.keys[0]).await?)?;

    // A cluster that has never seen a role of ours.
    let cluster = Scratch::start(std::env::var_os("CATWING_PG_BIN").map(Into::into))?;
    let url = &cluster.address().url;
    let script = "set -e; gunzip -c \"$1\" | \"$2\" -X -q -v ON_ERROR_STOP=1 \"$3\"";
    let output = Command::new("sh")
        .args(["-c", script, "sh"])
        .arg(&file)
        .arg(&safe.tools.psql)
        .arg(url)
        .output()?;
    ensure!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );

    let pool = PgPool::connect(url).await?;
    for state in &taken.sidecar.tenants {
        let digest = digest_of(&pool, state.client, Site::Live).await?;
        ensure!(digest == state.digest, "another digest of {}", state.client);
    }
    ensure!(taken.sidecar.tenants.len() == 3);
    ensure!(ready(&pool, &[names_of(a()), names_of(b())]).await? == [true, true]);
    ensure!(migrate_global(&pool).await?.migrations.is_empty());
    ensure!(
        migrate_tenant(&pool, &names_of(a()))
            .await?
            .migrations
            .is_empty()
    );
    let keys = texts(&pool, &format!("{KEYS}' order by 1")).await?;
    ensure!(keys == texts(safe.pool(), &format!("{KEYS}' order by 1")).await?);
    pool.close().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_comes_back_where_it_is_missing_with_the_shared_rows_that_it_refers_to()
-> Result<()> {
    let safe = Safe::open().await?;
    let taken = safe.back_up_at(TAKEN_AT).await?;
    let state = taken.sidecar.tenant(a()).context("the tenant")?;

    // The shared schema is there and has never heard of the tenant's currency, city and people.
    let target = Target::with_shared().await?;
    let to = (&target.pool, &target.address, Site::Live);
    let restored = safe.restore(&taken.sidecar, a(), to).await?;
    ensure!(
        restored.shared_keys > 10 && restored.rows > 30,
        "{restored:?}"
    );
    ensure!(digest_of(&target.pool, a(), Site::Live).await? == state.digest);
    let named = "select code from cw_global.currencies where name = code \
         union all select name from cw_global.cities union all select client_id from cw_global.client_config \
         union all select client_id from cw_global.x_user_clients order by 1";
    ensure!(texts(&target.pool, named).await? == ["CW-000200", "CW-000200", "Plovdiv", CURRENCY]);
    ensure!(ready(&target.pool, &[names_of(a())]).await? == [true]);
    let not_valid = "select conname::text from pg_constraint where not convalidated";
    ensure!(texts(&target.pool, not_valid).await?.is_empty());

    // It is never replaced, and the shared schema neither.
    for client in [a(), TenantId::GLOBAL] {
        let again = safe.restore(&taken.sidecar, client, to).await;
        ensure!(
            matches!(again, Err(RecoveryError::InTheWay { .. })),
            "{client}"
        );
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_shared_schema_comes_back_first() -> Result<()> {
    let safe = Safe::open().await?;
    let taken = safe.back_up_at(TAKEN_AT).await?;
    let target = Target::empty().await?;
    let to = (&target.pool, &target.address, Site::Live);
    let early = safe.restore(&taken.sidecar, b(), to).await;
    ensure!(matches!(early, Err(RecoveryError::SharedMissing { .. })));
    for client in [TenantId::GLOBAL, b(), a()] {
        safe.restore(&taken.sidecar, client, to).await?;
        let state = taken.sidecar.tenant(client).context("a tenant")?;
        ensure!(digest_of(&target.pool, client, Site::Live).await? == state.digest);
    }
    let other: TenantId = "CW-000999".parse()?;
    let unknown = safe.restore(&taken.sidecar, other, to).await;
    ensure!(matches!(unknown, Err(RecoveryError::NotInBackup { .. })));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_comes_back_beside_the_live_one_and_nobody_waits() -> Result<()> {
    let safe = Safe::open().await?;
    let taken = safe.back_up_at(TAKEN_AT).await?;
    let state = taken.sidecar.tenant(a()).context("the tenant")?;
    let later = sales("2026-02-24", 3);
    safe.shop
        .deliver("2026-02-24", &[("sales_orders.json", &later)])
        .await?;
    let live = digest_of(safe.pool(), a(), Site::Live).await?;
    ensure!(live != state.digest);

    // Another tenant's load has just named a currency, and is not at its end.
    let mut loading = PgConnection::connect(safe.shop.warehouse.url()).await?;
    execute(
        &mut loading,
        "begin; insert into cw_global.currencies values (7, 'XQB', 'XQB', null)",
    )
    .await?;
    let address = safe.address()?;
    let to = (safe.pool(), &address, Site::Beside);
    let restoring = safe.restore(&taken.sidecar, a(), to);
    let meanwhile = async {
        let schemas = "select count(*)::text from pg_namespace where nspname ~ '^cw_200(_|$)'";
        loop {
            let seen = texts(safe.pool(), schemas).await?;
            ensure!(seen == ["3"] || seen == ["6"], "{seen:?}");
            if seen == ["6"] {
                break;
            }
            tokio::task::yield_now().await;
        }
        // The restored schemas are there, and their keys wait for the load; who writes there does not wait
        // longer than a key tries.
        let mut other = PgConnection::connect(safe.shop.warehouse.url()).await?;
        let write = "set lock_timeout = '5s'; insert into cw_global.currencies values (8, 'XQC', 'XQC', null)";
        execute(&mut other, write).await?;
        execute(&mut loading, "commit").await?;
        Ok(())
    };
    let (restored, ()) = tokio::try_join!(async { Ok(restoring.await?) }, meanwhile)?;
    ensure!(restored.state == *state);
    ensure!(digest_of(safe.pool(), a(), Site::Beside).await? == state.digest);
    ensure!(digest_of(safe.pool(), a(), Site::Live).await? == live);
    let beside = texts(safe.pool(), &format!("{KEYS}_next' order by 1")).await?;
    let of_live = texts(
        safe.pool(),
        &format!("{KEYS}(_staging|_stats)?$' order by 1"),
    )
    .await?;
    ensure!(
        !beside.is_empty() && beside == of_live,
        "{beside:#?}\n{of_live:#?}"
    );

    // Rights and triggers came along, under the new names.
    let mut connection = PgConnection::connect(safe.shop.warehouse.url()).await?;
    let change = "update cw_200_next.product_settings set package_qty = 9";
    let refused = execute(&mut connection, change)
        .await
        .expect_err("a change of a setting");
    ensure!(refused.to_string().contains("append-only"), "{refused}");
    execute(
        &mut connection,
        "set role cw_200_reader; select from cw_200_next_stats.daily_sales_values",
    )
    .await?;
    execute(&mut connection, "set role cw_201_reader").await?;
    let foreign = execute(&mut connection, "select from cw_200_next.products").await;
    ensure!(foreign.is_err(), "another tenant's reader sees it");

    let again = safe.restore(&taken.sidecar, a(), to).await;
    ensure!(matches!(again, Err(RecoveryError::InTheWay { .. })));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_during_a_load_is_whole_and_says_where_it_stands() -> Result<()> {
    let safe = Safe::open().await?;
    let before = safe.back_up_at("2026-02-24T01:00:00Z").await?;
    // A load that has written everything and not committed, and a run that says that it runs.
    let mut load = PgConnection::connect(safe.shop.warehouse.url()).await?;
    execute(
        &mut load,
        "insert into cw_200.pipeline_runs (run_key, kind, from_day, thru_day, status, started_at) \
         values ('backfill-1', 'backfill', '2026-02-24', '2026-02-24', 'running', now())",
    )
    .await?;
    execute(
        &mut load,
        "begin; delete from cw_200.sales_order_lines; delete from cw_200.load_counts; \
         delete from cw_200.load_ledger",
    )
    .await?;
    let during = safe.back_up_at("2026-02-24T02:00:00Z").await?;
    execute(&mut load, "rollback").await?;
    let [was, is] = [&before, &during].map(|taken| taken.sidecar.tenant(a()));
    let (was, is) = (was.context("before")?, is.context("during")?);
    ensure!(is.running == ["backfill-1"] && was.running.is_empty());
    ensure!(
        is.ledger == was.ledger && is.ledger.len() == 3,
        "{:?}",
        is.ledger
    );
    ensure!(is.digest == was.digest);
    ensure!(is.newest_day == Some("2026-02-24".parse()?));
    // The second one of the day has taken the place of the first.
    let good = newest_good(safe.store(), &[]).await?;
    ensure!(good.sidecar == during.sidecar && good.refused.is_empty());
    ensure!(good.sidecar.member(a(), Part::Schemas).is_some());
    let target = Target::with_shared().await?;
    let to = (&target.pool, &target.address, Site::Live);
    safe.restore(&good.sidecar, a(), to).await?;
    ensure!(digest_of(&target.pool, a(), Site::Live).await? == is.digest);
    Ok(())
}
