//! Many processes on one tenant: those that are not let in say so, and nothing is lost or doubled.

use anyhow::{Result, ensure};
use catwing_domain::TenantId;
use sea_orm::sqlx::{self, Connection};

use crate::{
    faults::fault,
    rebuilds::{Whole, again, recovery},
    sales::CLIENT,
    stand::{Place, Stand, succeeded},
    together::{ended, message, output},
};

const LOCKED: i32 = 4;

/// Runs commands side by side; each succeeds or is told that the tenant is locked. How many succeeded.
async fn side_by_side(commands: Vec<std::process::Command>) -> Result<usize> {
    let children = commands.into_iter().map(|mut command| command.spawn());
    let children = children.collect::<Result<Vec<_>, _>>()?;
    let mut succeeded = 0;
    for child in children {
        let said = ended(child).await?;
        let code = said.status.code();
        ensure!(
            code == Some(0) || code == Some(LOCKED),
            "{}: {}",
            said.status,
            message(&said)
        );
        succeeded += usize::from(code == Some(0));
    }
    Ok(succeeded)
}

#[tokio::test(flavor = "multi_thread")]
async fn up_to_eight_backfills_at_once_load_every_delivery_once() -> Result<()> {
    let stand = Stand::build().await?;
    let undisturbed = stand.database("undisturbed").await?;
    succeeded(output(undisturbed.backfill()).await?)?;
    let expected = undisturbed.digest()?;
    let mut counted = fault("F9");
    for many in [2, 8] {
        let place = stand.database(&format!("of_{many}")).await?;
        let commands = (0..many).map(|_| place.backfill()).collect();
        ensure!(side_by_side(commands).await? > 0, "nobody was let in");
        place.check_whole().await?;
        succeeded(again(|| place.backfill()).await?)?;
        place.check_whole().await?;
        ensure!(place.applied().await? == undisturbed.applied().await?);
        counted = counted.faults(many - 1);
        counted.compare(&place.digest()?, &expected)?;
    }
    Ok(())
}

/// A backfill of a place whose tables are empty, one delivery a transaction.
fn slow_backfill(place: &Place) -> std::process::Command {
    let mut command = place.command();
    command.args(["backfill", "--client", CLIENT, "--per-transaction", "1"]);
    command
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rebuild_beside_a_backfill_and_beside_another_rebuild() -> Result<()> {
    let whole = Whole::build().await?;
    let mut counted = fault("F9");

    let place = whole.stand.database("loading").await?;
    let load = slow_backfill(&place).spawn()?;
    let rebuilt = again(|| recovery(&place, "rebuild")).await?;
    succeeded(rebuilt)?;
    let loaded = ended(load).await?;
    // Of both, the backfill is the one that may find the tables switched.
    let code = loaded.status.code();
    ensure!(
        matches!(code, Some(0 | 1 | LOCKED)),
        "{}: {}",
        loaded.status,
        message(&loaded)
    );
    place.check_whole().await?;
    succeeded(again(|| place.backfill()).await?)?;
    place.check_whole().await?;
    counted.compare(&place.digest()?, &whole.live)?;

    let rebuilds = (0..3).map(|_| recovery(&whole.place, "rebuild")).collect();
    ensure!(side_by_side(rebuilds).await? > 0, "nobody was let in");
    counted.compare(&whole.place.digest()?, &whole.live)?;

    // While somebody rebuilds or restores, the next one is told.
    let mut other = whole.place.connect().await?;
    let tenant: TenantId = CLIENT.parse()?;
    sqlx::query("select pg_advisory_lock($1)")
        .bind(tenant.rebuild_lock())
        .execute(&mut other)
        .await?;
    let told = output(recovery(&whole.place, "rebuild")).await?;
    ensure!(told.status.code() == Some(LOCKED), "{}", told.status);
    other.close().await?;
    let _counted = counted.faults(4);
    Ok(())
}
