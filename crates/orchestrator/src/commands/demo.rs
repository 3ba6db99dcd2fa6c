//! `catwing demo`: two simulated retailers, from the files of their days to the database, with their
//! own totals beside what the database has, and a replay that proves it.

mod figures;
mod replay;

use std::{path::Path, time::Instant};

use anyhow::{Context, Result, bail};
use catwing_domain::TenantId;
use catwing_ingest::{Datasets, DateRule, plan_import};
use catwing_recovery::apply::{ApplyReport, Grouping, Pending};
use catwing_simulator::{Dataset, History, Settings as HistorySettings, Totals};
use sea_orm::sqlx::{self, Connection, PgConnection};
use serde::Serialize;

use super::{backfill, landing};
use crate::{
    Console, Session, Settings,
    cli::DemoArgs,
    console::{grouped, mebibytes, table},
    failure::{FAILED, Usage},
    registry::{self, count_of},
    settings::Setting,
};
use figures::Figure;

/// The tenants of the demo.
const TENANTS: [&str; 2] = ["CW-000200", "CW-000201"];
/// What the demo's retailers tell of.
const DATASETS: [Dataset; 4] = [
    Dataset::Products,
    Dataset::Locations,
    Dataset::Customers,
    Dataset::SalesOrders,
];
/// Where days and datasets stand in the paths of the demo's files.
const PATH_PATTERN: &str = "%Y-%m-%d/{dataset}";

/// What the demo did for a tenant.
#[derive(Debug, Serialize)]
struct Shown {
    client: TenantId,
    name: String,
    files: usize,
    files_new: usize,
    bytes: u64,
    simulated: Totals,
    figures: Vec<Figure>,
    refused: Vec<figures::Refused>,
    load: Option<ApplyReport>,
    digest: String,
    replay_is_equal: bool,
    seconds: Seconds,
}

#[derive(Debug, Default, Serialize)]
struct Seconds {
    simulate: f64,
    land: f64,
    load: f64,
    replay: f64,
}

impl Shown {
    fn is_good(&self) -> bool {
        self.replay_is_equal && self.figures.iter().all(Figure::agrees)
    }
}

/// Runs the demo on the embedded servers of the home, whatever servers are configured.
pub(super) async fn run(args: &DemoArgs, settings: &Settings, console: &Console) -> Result<u8> {
    let mut settings = settings.clone();
    let configured = settings.database_url.value.is_some() || settings.s3_endpoint.value.is_some();
    if configured {
        console.say("the demo leaves the configured servers alone and uses the embedded ones");
    }
    settings.database_url = unset();
    settings.s3_endpoint = unset();
    settings.access_key = unset();
    let session = Session::open(&settings, console).await?;
    let turn = take_turn(&session).await?;
    let mut shown = Vec::new();
    for client in TENANTS {
        let client: TenantId = client.parse()?;
        console.say(&format!("{client}: {} days", args.days));
        shown.push(tenant(&session, client, args, console).await?);
    }
    turn.close().await?;
    let good = shown.iter().all(Shown::is_good);
    console.result(
        &serde_json::json!({ "good": good, "tenants": shown }),
        || {
            let mut text: String = shown.iter().map(summary).collect();
            text.push_str(&where_to_look(&settings));
            text
        },
    )?;
    Ok(if good { 0 } else { FAILED })
}

/// Demos of one home share its tenants and the database of the replay, so that the second one waits
/// for the first. The lock dies with its connection.
async fn take_turn(session: &Session) -> Result<PgConnection> {
    let mut turn = session.pool.acquire().await?.detach();
    sqlx::query("select pg_advisory_lock(hashtext('catwing demo'))")
        .execute(&mut turn)
        .await?;
    Ok(turn)
}

fn unset<T>() -> Setting<Option<T>> {
    Setting {
        value: None,
        origin: "demo".to_owned(),
    }
}

async fn tenant(
    session: &Session,
    client: TenantId,
    args: &DemoArgs,
    console: &Console,
) -> Result<Shown> {
    let mut seconds = Seconds::default();
    let begun = Instant::now();
    let name = format!("Demo retailer, seed {}, {} days", args.seed, args.days);
    let mut history = History::new(history_of(client, args));
    refuse_another(session, client, &name).await?;
    let folder = session
        .settings
        .home
        .value
        .join("demo")
        .join(client.to_string());
    write(&folder, &mut history)?;
    let file = folder.with_extension("toml");
    std::fs::write(&file, history.tenant_file(&name))?;
    seconds.simulate = begun.elapsed().as_secs_f64();

    let registered = registry::add(session, &registry::check_file(&file)?).await?;
    let begun = Instant::now();
    let (files, files_new, bytes) = land(session, &registered, &folder, console).await?;
    seconds.land = begun.elapsed().as_secs_f64();

    let begun = Instant::now();
    let load = load(session, client, console).await?;
    seconds.load = begun.elapsed().as_secs_f64();

    let begun = Instant::now();
    let (digest, replay_is_equal) = replay::shuffled(session, client).await?;
    seconds.replay = begun.elapsed().as_secs_f64();
    let simulated = history.totals();
    Ok(Shown {
        client,
        name,
        files,
        files_new,
        bytes,
        figures: figures::compare(session, client, &simulated).await?,
        refused: figures::refused(session, client).await?,
        simulated,
        load,
        digest,
        replay_is_equal,
        seconds,
    })
}

/// The second retailer sells more products, in pounds.
fn history_of(client: TenantId, args: &DemoArgs) -> HistorySettings {
    let mut history = HistorySettings {
        days: args.days,
        datasets: DATASETS.to_vec(),
        ..HistorySettings::demo(client, args.seed)
    };
    if client.to_string() != TENANTS[0] {
        history.currency = "GBP".to_owned();
        (history.products, history.documents_a_day) = (200, 60);
    }
    history
}

/// A tenant of this number that is none of the demo's, or the demo of another history, stays alone.
async fn refuse_another(session: &Session, client: TenantId, name: &str) -> Result<()> {
    let known = registry::list(session).await?;
    match known.iter().find(|tenant| tenant.client == client) {
        Some(other) if other.name != name => bail!(Usage(format!(
            "{client} is \"{}\" in this home: give the demo one of its own with --home DIR",
            other.name
        ))),
        _ => Ok(()),
    }
}

/// Writes the days' files below a folder, a folder a day.
fn write(folder: &Path, history: &mut History) -> Result<()> {
    for day in history {
        let day_folder = folder.join(day.day.to_string());
        std::fs::create_dir_all(&day_folder)
            .with_context(|| Usage(format!("failed to make {}", day_folder.display())))?;
        for file in day.files {
            let path = day_folder.join(file.name);
            std::fs::write(&path, file.bytes)
                .with_context(|| Usage(format!("failed to write {}", path.display())))?;
        }
    }
    Ok(())
}

/// Files, new ones among them, and bytes of all.
async fn land(
    session: &Session,
    registered: &registry::Registered,
    folder: &Path,
    console: &Console,
) -> Result<(usize, usize, u64)> {
    let file = registry::file_in_force(session, registered).await?.file;
    let datasets = Datasets {
        only: None,
        tenant: &file,
    };
    let plan = plan_import(
        folder,
        &datasets,
        &DateRule::FromName(PATH_PATTERN.parse()?),
    )?;
    let run_id = session.new_run_id("demo", registered.client);
    let report = landing::land(session, registered, &run_id, &plan, console).await?;
    Ok((report.files.len(), report.landed(), plan.size_bytes()))
}

/// Loads what the database lacks, as a run of its own; nothing where it lacks nothing.
async fn load(
    session: &Session,
    client: TenantId,
    console: &Console,
) -> Result<Option<ApplyReport>> {
    let loader = session.loader();
    let pending = backfill::applier(session, &loader, client, "", Grouping::default())
        .pending()
        .await?;
    let days = pending.iter().map(Pending::day);
    let (Some(first), Some(last)) = (days.clone().min(), days.max()) else {
        return Ok(None);
    };
    let grouping = Grouping::default();
    let (_, report) =
        backfill::as_run(session, client, &pending, (first, last), grouping, console).await?;
    Ok(Some(report))
}

fn summary(shown: &Shown) -> String {
    let seconds = &shown.seconds;
    let mut text = format!(
        "\n{} {}\n{} ({} new), {}; seconds: simulate {:.1}, land {:.1}, load {:.1}, replay {:.1}\n\n",
        shown.client,
        shown.name,
        count_of(shown.files, "file"),
        grouped(shown.files_new as u64),
        mebibytes(shown.bytes),
        seconds.simulate,
        seconds.land,
        seconds.load,
        seconds.replay,
    );
    let row = |figure: &Figure| {
        let verdict = if figure.agrees() { "" } else { "DIFFERENT" };
        [
            figure.what.clone(),
            readable(&figure.simulated),
            readable(&figure.database),
            verdict.to_owned(),
        ]
    };
    let header = ["", "the retailer's own", "database", ""];
    text.push_str(&table(header, shown.figures.iter().map(row)));
    let refused = |one: &figures::Refused| {
        [
            grouped(one.records),
            one.field.clone().unwrap_or_default(),
            one.message.clone(),
        ]
    };
    text.push_str("\n\n");
    text.push_str(&table(
        ["refused", "field", "why"],
        shown.refused.iter().map(refused),
    ));
    let verdict = if shown.replay_is_equal {
        "equal in every table"
    } else {
        "DIFFERENT"
    };
    text.push_str(&format!(
        "\n\nreplayed shuffled into an empty database: {verdict}\ndigest {}\n",
        shown.digest
    ));
    text
}

/// A decimal with thousands apart.
fn readable(figure: &str) -> String {
    let (whole, rest) = figure
        .split_once('.')
        .map_or((figure, None), |(whole, rest)| (whole, Some(rest)));
    let Ok(number) = whole.parse::<i128>() else {
        return figure.to_owned();
    };
    let sign = if whole.starts_with('-') && number == 0 {
        "-"
    } else {
        ""
    };
    let rest = rest.map(|rest| format!(".{rest}")).unwrap_or_default();
    format!("{sign}{}{rest}", grouped(number))
}

fn where_to_look(settings: &Settings) -> String {
    let home = settings.home.value.display();
    let client = TENANTS[0];
    format!(
        "\nwhere to look (add --home {home}, or CATWING_HOME={home}, from elsewhere):\n  \
         catwing status\n  \
         catwing quarantine list --client {client}\n  \
         catwing raw ls --client {client}\n  \
         catwing digest --client {client}\n  \
         catwing db psql -- -c 'select * from cw_200.sales_orders limit 5'\n\
         the database stays until: catwing db down\n"
    )
}

#[cfg(test)]
mod tests {
    use super::readable;

    #[test]
    fn figures_are_read_with_thousands_apart() {
        assert_eq!(readable("830313.3090"), "830,313.3090");
        assert_eq!(readable("-0.5000"), "-0.5000");
        assert_eq!(readable("-30985.1100"), "-30,985.1100");
        assert_eq!(readable("none"), "none");
    }
}
