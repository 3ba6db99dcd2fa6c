//! Runs of the pipeline need no rights but those of the tenant's roles: whoever logs in for them owns
//! nothing, is no superuser, and is a member of the tenant's loader and reader alone.

use anyhow::{Context, Result, ensure};
use sea_orm::sqlx::{self, PgConnection};
use serde_json::Value;

use crate::{
    day::{Evening, output},
    sales::CLIENT,
    stand::{Place, succeeded},
};

/// Logs in for one tenant.
const RUNNER: &str = "runner";
/// Logs in for all of them.
const SCHEDULER: &str = "scheduler";
const NOT_PERMITTED: &str = "42501";

/// Another tenant, and the logins. Nothing that PostgreSQL gives to everybody helps them.
const LOGINS: &str = "
    insert into cw_global.client_config
        select 1, 'CW-000331', 'Another', base_currency_id, config
        from cw_global.client_config where client_id = 'CW-000330';
    revoke temporary on database evening from public;
    create role runner login noinherit;
    grant cw_330_loader, cw_330_reader to runner;
    create role scheduler login noinherit;
    grant cw_330_loader, cw_330_reader, cw_global_loader, cw_global_reader to scheduler;";

async fn refused(connection: &mut PgConnection, query: &'static str) {
    let refusal = sqlx::query(query).execute(connection).await;
    let code = refusal
        .as_ref()
        .err()
        .and_then(|error| error.as_database_error()?.code());
    assert_eq!(code.as_deref(), Some(NOT_PERMITTED), "{query}: {refusal:?}");
}

async fn told(evening: &Evening, place: &Place, arguments: &[&str]) -> Result<(i32, String)> {
    let said = output(evening.command(place, arguments)).await?;
    let told = String::from_utf8_lossy(&said.stderr).into_owned();
    Ok((said.status.code().context("an exit code")?, told))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_whole_day_needs_no_rights_but_those_of_the_tenant() -> Result<()> {
    let evening = Evening::come().await?;
    let admin = &evening.place;
    admin.administer(LOGINS).await?;
    let runner = admin.as_login(RUNNER);

    // By itself the login may do nothing at all.
    let mut connection = runner.connect().await?;
    for query in [
        "select from cw_330.products",
        "select from cw_global.client_config",
        "create temporary table mine (id bigint)",
        "set role cw_global_reader",
        "set role postgres",
    ] {
        refused(&mut connection, query).await;
    }
    drop(connection);

    // A day, and all that people ask of it.
    let day = evening.day.clone();
    for arguments in [
        &["run", "--date", &day][..],
        &["run", "--date", &day, "--force"],
        &["ingest", "--date", &day],
        &["backfill"],
        &["stats", "refresh"],
        &["stats", "rebuild"],
        &["export", "--date", &day],
        &["digest"],
        &["status"],
        &["runs", "list"],
        &["quarantine", "list"],
        &["raw", "ls"],
        &["raw", "verify"],
    ] {
        let said = output(evening.command(&runner, arguments)).await?;
        succeeded(said).with_context(|| format!("{arguments:?}"))?;
    }
    ensure!(runner.digest()? == admin.digest()?, "another digest");
    let set = ["settings", "set", "--yes", "--user", "ana@shop.example"];
    let capacity = ["location_settings", "location=L01", "capacity_qty=900"];
    for arguments in [
        &[&set[..], &capacity].concat()[..],
        &["settings", "show"],
        &["settings", "history"],
    ] {
        let said = output(evening.command(&runner, arguments)).await?;
        succeeded(said).with_context(|| format!("{arguments:?}"))?;
    }
    ensure!(
        admin
            .number("select count(*) from pipeline_step_runs where status <> 'skipped'")
            .await?
            > 4,
        "no steps"
    );

    // Of all tenants it sees its own.
    let listed = output(evening.bare_command(&runner, &["tenant", "list"])).await?;
    let listed: Value = serde_json::from_slice(&succeeded(listed)?)?;
    ensure!(listed.as_array().map(Vec::len) == Some(1), "{listed}");
    ensure!(listed[0]["client"] == CLIENT, "{listed}");
    let shown = output(evening.bare_command(&runner, &["tenant", "show", CLIENT])).await?;
    succeeded(shown)?;

    // A missing rate is told by name, which asks for a name once more.
    admin
        .administer("delete from cw_global.currency_rates")
        .await?;
    let (code, told_of) = told(&evening, &runner, &["export", "--date", &day]).await?;
    ensure!(code != 0 && told_of.contains("rate"), "{code} {told_of}");
    ensure!(!told_of.contains("permission"), "{told_of}");

    // What is not the tenant's is refused, with what to grant.
    for client in ["CW-GLOBAL", "CW-000331"] {
        let said =
            output(evening.bare_command(&runner, &["run", "--client", client, "--date", &day]))
                .await?;
        let told_of = String::from_utf8_lossy(&said.stderr);
        ensure!(said.status.code() == Some(2), "{client}: {told_of}");
        let role = "may not act as cw_global_reader";
        let is_told = told_of.contains(role) || told_of.contains("is not in this database");
        ensure!(is_told, "{client}: {told_of}");
    }
    for arguments in [&["migrate"][..], &["tenant", "remove", CLIENT, "--yes"]] {
        let said = output(evening.bare_command(&runner, arguments)).await?;
        ensure!(!said.status.success(), "{arguments:?}");
    }
    ensure!(admin.applied().await? > 0, "somebody removed it");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn one_login_serves_all_tenants_whose_roles_it_may_assume() -> Result<()> {
    let evening = Evening::come().await?;
    evening.place.administer(LOGINS).await?;
    let gone = "delete from cw_global.client_config where client_id = 'CW-000331'";
    evening.place.administer(gone).await?;
    let scheduler = evening.place.as_login(SCHEDULER);
    for arguments in [
        &["run", "--all", "--date", &evening.day][..],
        &["stats", "refresh", "--all"],
        &["status"],
    ] {
        let said = output(evening.bare_command(&scheduler, arguments)).await?;
        let said = succeeded(said).with_context(|| format!("{arguments:?}"))?;
        let said: Value = serde_json::from_slice(&said)?;
        let tenants = said["tenants"].as_array().context("tenants")?;
        ensure!(!tenants.is_empty(), "{said}");
    }
    Ok(())
}
