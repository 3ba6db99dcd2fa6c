//! A backup that is not right is refused by name, and the one before it is used.

use anyhow::{Context, Result, ensure};
use catwing_domain::{Site, TenantId};
use catwing_recovery::{
    RecoveryError,
    backup::{Flaw, Part, Sidecar, list, newest_good, verify},
};
use catwing_tests::faults::fault;

use super::safe::{Safe, Target, texts};
use crate::database::{a, b};

const OLDER: &str = "2026-02-22T03:00:00Z";
const NEWER: &str = "2026-02-24T03:00:00Z";
const KEY: &str = "db-backups/daily/2026-02-24.sql.gz";
const SIDECAR: &str = "db-backups/daily/2026-02-24.json";
const WEEKLY: &str = "db-backups/weekly/2026-W09";

/// A safe with two good backups, the newer one only at its day's place.
async fn two_backups() -> Result<(Safe, Sidecar, Sidecar)> {
    let safe = Safe::open().await?;
    let older = safe.back_up_at(OLDER).await?.sidecar;
    let newer = safe.back_up_at(NEWER).await?;
    ensure!(newer.keys.len() == 2, "{:?}", newer.keys);
    for end in [".json", ".sql.gz"] {
        safe.store()
            .remove_output(&format!("{WEEKLY}{end}"))
            .await?;
    }
    Ok((safe, older, newer.sidecar))
}

/// Makes sure that the newer backup is refused with this flaw, and that the older one is used.
async fn check_refused(safe: &Safe, older: &Sidecar, is_flaw: fn(&Flaw) -> bool) -> Result<()> {
    let found = newest_good(safe.store(), &[]).await?;
    ensure!(found.sidecar == *older, "{} is used", found.sidecar.key);
    let [(key, flaw)] = &found.refused[..] else {
        anyhow::bail!("refused: {:?}", found.refused);
    };
    ensure!(key == KEY && is_flaw(flaw), "{key}: {flaw}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_that_was_damaged_is_refused_and_the_older_one_is_used() -> Result<()> {
    let (safe, older, newer) = two_backups().await?;
    let (body, sidecar) = (safe.bytes(KEY).await?, safe.bytes(SIDECAR).await?);
    ensure!(newest_good(safe.store(), &[]).await?.sidecar == newer);

    // One bit of one tenant: only who wants that tenant, or all, is refused.
    let member = newer.member(a(), Part::Schemas).context("a member")?;
    let mut flipped = body.clone();
    let middle = usize::try_from(member.offset_bytes + member.size_bytes / 2)?;
    flipped[middle] ^= 1;
    safe.put(KEY, flipped).await?;
    check_refused(&safe, &older, |flaw| matches!(flaw, Flaw::Sha256 { .. })).await?;
    ensure!(newest_good(safe.store(), &[b()]).await?.sidecar == newer);
    let target = Target::with_shared().await?;
    let to = (&target.pool, &target.address, Site::Live);
    let refused = safe.restore(&newer, a(), to).await;
    ensure!(
        matches!(
            &refused,
            Err(RecoveryError::BackupFlawed { .. } | RecoveryError::RestoreSql { .. })
        ),
        "{refused:?}"
    );
    let there = "select nspname::text from pg_namespace where nspname ~ '^cw_200'";
    ensure!(
        texts(&target.pool, there).await?.is_empty(),
        "something was restored"
    );

    for cut in [0, 1, body.len() / 2, body.len() - 1] {
        safe.put(KEY, body[..cut].to_vec()).await?;
        check_refused(&safe, &older, |flaw| matches!(flaw, Flaw::Size { .. })).await?;
    }
    safe.put(KEY, vec![0; body.len()]).await?;
    check_refused(&safe, &older, |flaw| matches!(flaw, Flaw::Sha256 { .. })).await?;
    // The file of another day.
    safe.put(KEY, safe.bytes(&older.key).await?).await?;
    check_refused(&safe, &older, |flaw| {
        matches!(flaw, Flaw::Size { .. } | Flaw::Sha256 { .. })
    })
    .await?;
    safe.put(KEY, body.clone()).await?;

    // The sidecar of another day, part of one, one that was edited, one of another version, none.
    safe.put(
        SIDECAR,
        safe.bytes("db-backups/daily/2026-02-22.json").await?,
    )
    .await?;
    check_refused(&safe, &older, |flaw| matches!(flaw, Flaw::Stale(_))).await?;
    for cut in [0, sidecar.len() / 2] {
        safe.put(SIDECAR, sidecar[..cut].to_vec()).await?;
        check_refused(&safe, &older, |flaw| {
            matches!(flaw, Flaw::SidecarUnreadable(_))
        })
        .await?;
    }
    let text = String::from_utf8(sidecar.clone())?;
    safe.put(
        SIDECAR,
        text.replacen("\"rows\": 3", "\"rows\": 4", 1).into(),
    )
    .await?;
    check_refused(&safe, &older, |flaw| *flaw == Flaw::SidecarChanged).await?;
    safe.put(
        SIDECAR,
        text.replacen("\"format\": 1", "\"format\": 9", 1).into(),
    )
    .await?;
    check_refused(&safe, &older, |flaw| *flaw == Flaw::Format(9)).await?;
    safe.store().remove_output(SIDECAR).await?;
    check_refused(&safe, &older, |flaw| *flaw == Flaw::Unsealed).await?;
    safe.put(SIDECAR, sidecar.clone()).await?;
    safe.store().remove_output(KEY).await?;
    check_refused(&safe, &older, |flaw| *flaw == Flaw::Missing).await?;

    safe.put(KEY, body).await?;
    ensure!(newest_good(safe.store(), &[]).await?.sidecar == newer);
    drop(fault("F12").faults(14));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_good_backup_every_refusal_is_told() -> Result<()> {
    let safe = Safe::open().await?;
    let none = newest_good(safe.store(), &[]).await;
    ensure!(matches!(none, Err(RecoveryError::NoGoodBackup { .. })));
    let taken = safe.back_up_at(NEWER).await?;
    for key in &taken.keys {
        safe.put(key, b"nothing".to_vec()).await?;
    }
    let refused = newest_good(safe.store(), &[])
        .await
        .expect_err("no good backup");
    let told = refused.to_string();
    for key in &taken.keys {
        ensure!(told.contains(key), "{told}");
    }
    // A tenant that a backup has never heard of is no flaw of it, and no use of it either.
    let stranger: TenantId = "CW-000999".parse()?;
    ensure!(newest_good(safe.store(), &[stranger]).await.is_err());
    let flaw = verify(safe.store(), &taken.sidecar, &[], &|_| {}).await;
    ensure!(matches!(
        flaw,
        Err(RecoveryError::BackupFlawed {
            flaw: Flaw::Size { .. },
            ..
        })
    ));
    ensure!(
        list(safe.store())
            .await?
            .iter()
            .all(|found| found.sidecar.is_err())
    );
    Ok(())
}
