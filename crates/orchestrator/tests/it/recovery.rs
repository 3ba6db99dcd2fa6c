//! `catwing recovery`: a database that is lost, one that is wrong, and one of another day.

use std::process::{Command, Output};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::{
    sales::{CLIENT, SCHEMA},
    stand::{Place, Stand, succeeded},
};

fn recovery(place: &Place, more: &[&str]) -> Command {
    let mut command = place.command();
    command.arg("recovery").args(more);
    command
}

fn json(output: Output) -> Result<Value> {
    Ok(serde_json::from_slice(&succeeded(output)?)?)
}

fn code(output: &Output) -> Option<i32> {
    output.status.code()
}

/// Loads everything, and returns the digest of it.
fn loaded(place: &Place) -> Result<String> {
    succeeded(place.backfill().output()?)?;
    place.digest()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_server_comes_back_from_the_archive_and_from_a_backup() -> Result<()> {
    let stand = Stand::build_whole().await?;
    let place = stand.database("live").await?;
    let live = loaded(&place)?;
    succeeded(place.command().arg("backup").output()?)?;

    // Into an empty database, named by a variable; the database in use is not touched.
    let fresh = stand.empty_database("fresh").await?;
    let into = ["rebuild", "--into", "env:FRESH"];
    let output = recovery(&place, &into).env("FRESH", fresh.url()).output()?;
    let rebuilt = json(output)?;
    ensure!(rebuilt[0]["client"] == CLIENT, "{rebuilt}");
    ensure!(rebuilt[0]["state"] == "switched" && rebuilt[0]["switched"]["replaced"] == false);
    ensure!(fresh.digest()? == live, "rebuilt otherwise");
    fresh.check_whole().await?;
    let registered = json(fresh.command().args(["tenant", "list"]).output()?)?;
    ensure!(
        registered.to_string().contains("Killed again"),
        "{registered}"
    );

    // The same from the backup, in the database in use, which is empty.
    let empty = stand.empty_database("from_backup").await?;
    let restored = json(recovery(&empty, &["restore"]).output()?)?;
    ensure!(
        restored["backup"]
            .as_str()
            .context("a key")?
            .starts_with("db-backups/daily/")
    );
    ensure!(
        restored["tenants"][0]["applied"]["deliveries"] == 0,
        "{restored}"
    );
    ensure!(empty.digest()? == live, "restored otherwise");
    // The next day goes on as if nothing had happened.
    succeeded(empty.backfill().output()?)?;
    ensure!(
        empty.digest()? == live,
        "a backfill after it changed something"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_that_is_older_is_brought_to_where_the_archive_is() -> Result<()> {
    let stand = Stand::build_whole().await?;
    let place = stand.database("live").await?;
    let some = ["backfill", "--client", CLIENT, "--to", "2026-01-07"];
    succeeded(place.command().args(some).output()?)?;
    let early = place.applied().await?;
    succeeded(place.command().arg("backup").output()?)?;
    let live = loaded(&place)?;
    ensure!(
        early > 0 && early < place.applied().await?,
        "{early} deliveries in the backup"
    );
    // Wrong rows are gone, and what the backup lacks is there.
    place
        .administer(&format!(
            "update {SCHEMA}.products set product_name = 'wrong'"
        ))
        .await?;
    let one = ["restore", "--client", CLIENT, "--yes"];
    let restored = json(recovery(&place, &one).output()?)?;
    let outcome = &restored["tenants"][0];
    ensure!(outcome["state"] == "switched" && outcome["switched"]["replaced"] == true);
    ensure!(
        outcome["applied"]["deliveries"]
            .as_i64()
            .context("a count")?
            > 0,
        "{restored}"
    );
    ensure!(place.digest()? == live, "restored otherwise");
    let runs = "select count(*) from pipeline_runs";
    ensure!(
        place.number(runs).await? == 2,
        "runs of the live tables are carried over"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_that_is_wrong_is_rebuilt_where_somebody_says_yes() -> Result<()> {
    let stand = Stand::build_whole().await?;
    let place = stand.database("live").await?;
    let live = loaded(&place)?;
    place
        .administer(&format!(
            "update {SCHEMA}.products set product_name = 'wrong'; delete from {SCHEMA}.sales_order_line_updates"
        ))
        .await?;
    ensure!(place.digest()? != live);

    // Nobody can be asked here.
    let unasked = recovery(&place, &["rebuild", "--client", CLIENT]).output()?;
    ensure!(code(&unasked) == Some(2), "{unasked:?}");
    ensure!(String::from_utf8_lossy(&unasked.stderr).contains("repeat with --yes"));

    // Beside, to look at: the difference is named down to rows.
    let beside = json(recovery(&place, &["rebuild", "--client", CLIENT, "--no-switch"]).output()?)?;
    ensure!(beside[0]["state"] == "beside", "{beside}");
    let different = beside[0]["difference"].to_string();
    ensure!(
        different.contains("\"products\"") && !different.contains("\"customers\""),
        "{different}"
    );
    let walk = ["digest", "diff", "live", "beside", "--client", CLIENT];
    let walked = place.command().args(walk).output()?;
    ensure!(code(&walked) == Some(1));
    let walked: Value = serde_json::from_slice(&walked.stdout)?;
    let products = walked["tables"]
        .as_array()
        .and_then(|tables| tables.iter().find(|table| table["table"] == "products"))
        .with_context(|| walked.to_string())?;
    ensure!(
        products["rows"][0]["columns"][0]["column"] == "product_name",
        "{products}"
    );
    ensure!(
        products["rows"][0]["columns"][0]["left"] == "wrong",
        "{products}"
    );

    // One table, what is beside is used again.
    let tables = [
        "rebuild", "--client", CLIENT, "--tables", "products", "--yes",
    ];
    let repaired = json(recovery(&place, &tables).output()?)?;
    ensure!(repaired[0]["state"] == "repaired", "{repaired}");
    ensure!(
        repaired[0]["applied"]["deliveries"] == 0,
        "read again: {repaired}"
    );
    ensure!(
        repaired[0]["repaired"]["products"]["updated"].as_i64() > Some(0),
        "{repaired}"
    );
    let whole = ["rebuild", "--client", CLIENT, "--yes"];
    let rebuilt = json(recovery(&place, &whole).output()?)?;
    ensure!(rebuilt[0]["state"] == "switched", "{rebuilt}");
    ensure!(place.digest()? == live, "rebuilt otherwise");
    let beside = "select count(*) from pg_namespace where nspname like 'cw\\_330\\_next%' or nspname like 'cw\\_330\\_before%'";
    ensure!(place.number(beside).await? == 0, "something is left beside");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_archive_with_gaps_is_refused_or_they_are_told() -> Result<()> {
    let stand = Stand::build_whole().await?;
    let place = stand.database("live").await?;
    let home = stand.new_home("damaged");
    let place = stand.copy_of(&place, "damaged").await?.beside(&home);
    let live = loaded(&place)?;
    let day = place.home.join("s3/catwing-masters/raw-data").join(CLIENT);
    let lost = std::fs::read_dir(&day)?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.file_name().is_some_and(|name| name != "_manifest"))
        .max()
        .context("a day")?;
    let object = std::fs::read_dir(&lost)?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .find(|path| {
            path.file_name()
                .is_some_and(|name| name.to_string_lossy().starts_with("sales_orders"))
        })
        .context("an object")?;
    let kept = stand.new_home("kept");
    std::fs::rename(&object, &kept)?;

    let verified = place
        .command()
        .args(["raw", "verify", "--client", CLIENT])
        .output()?;
    ensure!(code(&verified) == Some(5), "{verified:?}");
    ensure!(String::from_utf8_lossy(&verified.stdout).contains("\"lost\""));
    let refused = recovery(&place, &["rebuild", "--client", CLIENT, "--yes"]).output()?;
    ensure!(code(&refused) == Some(5), "{refused:?}");
    ensure!(
        place.digest()? == live,
        "a refused rebuild changed something"
    );

    let allowed = ["rebuild", "--client", CLIENT, "--yes", "--allow-gaps"];
    let rebuilt = json(recovery(&place, &allowed).output()?)?;
    let gaps = &rebuilt[0]["gaps"];
    ensure!(
        gaps["findings"].as_array().map(Vec::len) == Some(1),
        "{rebuilt}"
    );
    let damaged = gaps["damaged"].as_object().context("entries")?;
    ensure!(damaged.len() == 1, "{rebuilt}");
    ensure!(place.digest()? != live);
    place.check_whole().await?;
    // The next run does not stop at what is lost, and the next rebuild finds no gap: a verdict refuses it.
    succeeded(place.backfill().output()?)?;
    let without = place.digest()?;
    let again = json(recovery(&place, &["rebuild", "--client", CLIENT, "--yes"]).output()?)?;
    ensure!(
        again[0]["gaps"]["findings"] == serde_json::json!([]),
        "{again}"
    );
    ensure!(place.digest()? == without);
    std::fs::rename(&kept, &object)?;
    let verified = place
        .command()
        .args(["raw", "verify", "--deep", "--client", CLIENT])
        .output()?;
    ensure!(code(&verified) == Some(0), "{verified:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_is_registered_by_its_newest_entry_whatever_older_ones_are_lost() -> Result<()> {
    let stand = Stand::build().await?;
    let fresh = stand.empty_database("fresh").await?;
    let manifest = fresh
        .home
        .join("s3/catwing-masters/raw-data")
        .join(CLIENT)
        .join("_manifest");
    std::fs::remove_file(manifest.join("0000000002.json"))?;
    let allowed = ["rebuild", "--client", CLIENT, "--allow-gaps"];
    let rebuilt = json(recovery(&fresh, &allowed).output()?)?;
    ensure!(
        rebuilt[0]["gaps"]["lost_entries"] == serde_json::json!([2]),
        "{rebuilt}"
    );
    let registered = json(fresh.command().args(["tenant", "list"]).output()?)?;
    ensure!(registered.to_string().contains(CLIENT), "{registered}");

    // The newest one may have named another file than those before.
    let entries = std::fs::read_dir(&manifest)?.filter_map(|entry| Some(entry.ok()?.path()));
    let newest = entries.max().context("an entry")?;
    std::fs::write(&newest, "{}")?;
    let other = stand.empty_database("other").await?;
    let refused = recovery(&other, &allowed).output()?;
    ensure!(code(&refused) == Some(5), "{refused:?}");
    let told = String::from_utf8_lossy(&refused.stderr);
    ensure!(told.contains("catwing tenant add FILE.toml"), "{told}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_schedule_expects_and_nobody_delivered_is_late() -> Result<()> {
    let stand = Stand::build().await?;
    let place = stand.database("late").await?;
    let toml = format!(
        "{}[datasets.sales_orders.schedule]\ndays = [\"mon\"]\n",
        crate::sales::TENANT
    );
    stand.add(&place, &toml)?;
    let verified = place
        .command()
        .args(["raw", "verify", "--client", CLIENT])
        .output()?;
    // Late is no damage.
    ensure!(code(&verified) == Some(0), "{verified:?}");
    let report: Value = serde_json::from_slice(&verified.stdout)?;
    let findings = report[0]["findings"].as_array().context("findings")?;
    let late = |day: &str| {
        findings.iter().any(|finding| {
            finding["state"] == "late"
                && finding["key"]
                    .as_str()
                    .is_some_and(|key| key.ends_with(&format!("{day}/sales_orders")))
        })
    };
    // The sales are of 10 to 19 January 2011; the 10th and the 17th were Mondays.
    ensure!(late("2011-01-24") && late("2011-01-31"), "{findings:?}");
    ensure!(!late("2011-01-17") && !late("2011-01-25"), "{findings:?}");
    Ok(())
}
