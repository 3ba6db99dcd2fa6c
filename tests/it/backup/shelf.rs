//! Where backups stand: one a day, one a week, so many of each, and one at a time.

use std::collections::BTreeSet;

use anyhow::{Result, ensure};
use catwing_recovery::{
    RecoveryError,
    backup::{BACKUP_LOCK, ClientTools, Retention, Shelf, list, newest_good},
};
use futures_util::TryStreamExt;
use sea_orm::sqlx::{Connection, PgConnection};

use super::safe::Safe;
use crate::database::execute;

/// All keys below `db-backups/`, without that.
async fn keys(safe: &Safe) -> Result<BTreeSet<String>> {
    let listed: Vec<_> = safe.store().list("db-backups/", None).try_collect().await?;
    let short = |key: String| key.trim_start_matches("db-backups/").to_owned();
    Ok(listed.into_iter().map(|object| short(object.key)).collect())
}

fn both(stems: &[&str]) -> BTreeSet<String> {
    let ends = |stem: &&str| [format!("{stem}.json"), format!("{stem}.sql.gz")];
    stems.iter().flat_map(ends).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_newest_days_and_weeks_stay() -> Result<()> {
    let safe = Safe::open().await?;
    // Three days and two weeks stay.
    for day in [
        "2026-02-08",
        "2026-02-15",
        "2026-02-21",
        "2026-02-22",
        "2026-02-23",
    ] {
        safe.back_up_at(&format!("{day}T03:00:00Z")).await?;
    }
    let stems = [
        "daily/2026-02-21",
        "daily/2026-02-22",
        "daily/2026-02-23",
        "weekly/2026-W08",
        "weekly/2026-W09",
    ];
    ensure!(
        keys(&safe).await? == both(&stems),
        "{:?}",
        keys(&safe).await?
    );

    // Twice a day: the later one is the day's; the week keeps the first of its own.
    let again = safe.back_up_at("2026-02-23T04:00:00Z").await?;
    ensure!(again.keys == ["db-backups/daily/2026-02-23.sql.gz"] && again.removed.is_empty());
    ensure!(newest_good(safe.store(), &[]).await?.sidecar == again.sidecar);

    // A week whose backup is not right gets another one.
    let weekly = "db-backups/weekly/2026-W09.sql.gz";
    let mut broken = safe.bytes(weekly).await?;
    let last = broken.len() - 1;
    broken[last] ^= 0x80;
    safe.put(weekly, broken).await?;
    let mended = safe.back_up_at("2026-02-24T03:00:00Z").await?;
    ensure!(
        mended.keys.contains(&weekly.to_owned()),
        "{:?}",
        mended.keys
    );
    ensure!(
        mended.removed == ["db-backups/daily/2026-02-21.sql.gz"],
        "{:?}",
        mended.removed
    );

    // A clock that went back: what was just taken stays.
    let late = safe.back_up_at("2026-02-01T03:00:00Z").await?;
    ensure!(keys(&safe).await?.contains("daily/2026-02-01.sql.gz"));
    ensure!(late.removed.is_empty(), "{:?}", late.removed);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn leftovers_go_and_what_was_verified_gets_its_place() -> Result<()> {
    let safe = Safe::open().await?;
    let taken = safe.back_up_at("2026-02-23T03:00:00Z").await?;
    // One killed while it was written, and parts of an upload that nobody ends.
    safe.put("db-backups/tmp/killed.sql.gz", b"half".to_vec())
        .await?;
    let mut upload = safe.store().upload("db-backups/tmp/lost.sql.gz");
    upload.write(&vec![7; 20 << 20]).await?;
    drop(upload);
    ensure!(
        list(safe.store())
            .await?
            .iter()
            .all(|found| found.shelf != Shelf::Tmp)
    );
    let next = safe.back_up_at("2026-02-24T03:00:00Z").await?;
    ensure!(next.leftovers == 2, "{}", next.leftovers);
    ensure!(safe.store().abandon_uploads("db-backups/").await? == 0);
    let stems = ["daily/2026-02-23", "daily/2026-02-24", "weekly/2026-W09"];
    ensure!(
        keys(&safe).await? == both(&stems),
        "{:?}",
        keys(&safe).await?
    );
    ensure!(taken.keys.len() == 2 && next.keys.len() == 1);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn one_backup_at_a_time_and_by_programs_that_are_new_enough() -> Result<()> {
    let safe = Safe::open().await?;
    let mut other = PgConnection::connect(safe.shop.warehouse.url()).await?;
    execute(
        &mut other,
        &format!("select pg_advisory_lock({BACKUP_LOCK})"),
    )
    .await?;
    let second = safe.back_up(&safe.tools, Retention::default()).await;
    ensure!(
        matches!(second, Err(RecoveryError::BackupRuns)),
        "{second:?}"
    );
    other.close().await?;

    let old = ClientTools {
        version: "14.9".into(),
        major: 14,
        ..safe.tools.clone()
    };
    let refused = safe
        .back_up(&old, Retention::default())
        .await
        .expect_err("an old pg_dump");
    let told = refused.to_string();
    let mend = format!("postgresql-client-{}", safe.tools.major);
    ensure!(told.contains("14.9") && told.contains(&mend), "{told}");
    // One that fails is none, and says what was wrong.
    let failing = ClientTools {
        pg_dump: "/bin/false".into(),
        ..safe.tools.clone()
    };
    let failed = safe.back_up(&failing, Retention::default()).await;
    ensure!(
        matches!(failed, Err(RecoveryError::Dump { .. })),
        "{failed:?}"
    );
    let silent = ClientTools {
        pg_dump: "/bin/true".into(),
        ..safe.tools.clone()
    };
    let empty = safe.back_up(&silent, Retention::default()).await;
    ensure!(
        matches!(empty, Err(RecoveryError::BackupFlawed { .. })),
        "{empty:?}"
    );
    ensure!(keys(&safe).await?.is_empty(), "{:?}", keys(&safe).await?);
    Ok(())
}
