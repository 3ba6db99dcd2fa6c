//! `catwing demo`: two simulated retailers, from the pages of their ERPs to statistics and Parquet,
//! with their own totals beside what the database has, and a replay that proves it.

mod figures;
mod replay;
mod retailers;
mod summary;

use std::{collections::BTreeMap, time::Instant};

use anyhow::{Result, bail};
use catwing_domain::{BusinessDay, TenantId};
use catwing_recovery::apply::{Grouping, Pending};
use catwing_simulator::Totals;
use futures_util::future::try_join_all;
use sea_orm::sqlx::{self, Connection, PgConnection};
use serde::Serialize;

use super::{
    backfill, fetching,
    holdings::{self, Holdings},
    pipeline,
};
use crate::{
    Console, Session, Settings, cli::DemoArgs, failure::FAILED, journal::StepReport,
    settings::Setting,
};
use replay::Replayed;
use retailers::{Retailer, TENANTS};

pub(super) use retailers::{Address, history_settings, simulate, tenant_file};

/// What the demo did.
#[derive(Debug, Serialize)]
struct Shown {
    good: bool,
    seconds: Seconds,
    tenants: Vec<ShownTenant>,
    shared: Shared,
}

/// What the demo did for a retailer.
#[derive(Debug, Serialize)]
struct ShownTenant {
    client: TenantId,
    name: String,
    landed: Landed,
    simulated: Totals,
    compared: Vec<figures::Subject>,
    refused: Vec<figures::Refused>,
    headlines: Vec<summary::Headline>,
    /// The steps of the last day's run.
    last_day: Vec<StepReport>,
    digest: String,
    replay_is_equal: bool,
}

/// What the demo did for the shared tenant.
#[derive(Debug, Serialize)]
struct Shared {
    landed: Landed,
    rates: u64,
    digest: String,
    replay_is_equal: bool,
}

/// What a tenant's archive holds, and how much of it is new.
#[derive(Clone, Debug, Default, Serialize)]
struct Landed {
    #[serde(flatten)]
    held: Holdings,
    objects_new: u64,
}

#[derive(Debug, Default, Serialize)]
struct Seconds {
    simulate: f64,
    ingest: f64,
    load: f64,
    last_day: f64,
    replay: f64,
}

impl ShownTenant {
    fn is_good(&self) -> bool {
        let figures = |subject: &figures::Subject| subject.figures.len();
        let compared: usize = self.compared.iter().map(figures).sum();
        let mut differing = self.compared.iter().flat_map(figures::Subject::differing);
        self.replay_is_equal && compared > 0 && differing.next().is_none()
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
    let mut session = Session::open(&settings, console).await?;
    let turn = take_turn(&session).await?;
    let shown = Box::pin(demonstrate(&mut session, args, console)).await?;
    turn.close().await?;
    console.result(&shown, || summary::of(&shown, &settings))?;
    Ok(if shown.good { 0 } else { FAILED })
}

async fn demonstrate(session: &mut Session, args: &DemoArgs, console: &Console) -> Result<Shown> {
    let mut seconds = Seconds::default();
    console.say("simulating two retailers, each with an ERP behind HTTP ...");
    let begun = Instant::now();
    let open = |client: &'static str| async move {
        Retailer::open(client.parse()?, &args.simulation).await
    };
    let retailers = try_join_all(TENANTS.map(open)).await?;
    retailers::register(session, &retailers).await?;
    seconds.simulate = begun.elapsed().as_secs_f64();
    let (session, clients) = (&*session, clients(&retailers));
    let before = landed_of_all(session, &clients).await?;

    let begun = Instant::now();
    let (earlier, last) = days_of(&retailers)?;
    ingest(session, &retailers, &earlier, console).await?;
    seconds.ingest = begun.elapsed().as_secs_f64();

    let begun = Instant::now();
    load(session, &clients, console).await?;
    seconds.load = begun.elapsed().as_secs_f64();

    console.say(&format!(
        "running {last} as a scheduler would, all steps ..."
    ));
    let begun = Instant::now();
    let mut last_day = run_day(session, &retailers, last, console).await?;
    seconds.last_day = begun.elapsed().as_secs_f64();

    console.say("replaying the archives, shuffled, into an empty database ...");
    let begun = Instant::now();
    let mut replayed = Box::pin(replay::shuffled(session, &clients)).await?;
    seconds.replay = begun.elapsed().as_secs_f64();

    let mut landed = landed_of_all(session, &clients).await?;
    for (client, landed) in &mut landed {
        let before = before.get(client).map_or(0, |before| before.held.objects);
        landed.objects_new = landed.held.objects.saturating_sub(before);
    }
    let mut tenants = Vec::new();
    for retailer in retailers {
        let client = retailer.client;
        let landed = landed.remove(&client).unwrap_or_default();
        let steps = last_day.remove(&client).unwrap_or_default();
        let replayed = replayed.remove(&client);
        tenants.push(shown(session, &retailer, landed, steps, replayed).await?);
        retailer.server.stop().await?;
    }
    let shared = Shared {
        landed: landed.remove(&TenantId::GLOBAL).unwrap_or_default(),
        rates: summary::rates(session).await?,
        replay_is_equal: replayed
            .get(&TenantId::GLOBAL)
            .is_some_and(|one| one.is_equal),
        digest: replayed
            .remove(&TenantId::GLOBAL)
            .map(|one| one.digest)
            .unwrap_or_default(),
    };
    Ok(Shown {
        good: shared.replay_is_equal && tenants.iter().all(ShownTenant::is_good),
        seconds,
        tenants,
        shared,
    })
}

/// The shared tenant first: the others' statistics read its rates.
fn clients(retailers: &[Retailer]) -> Vec<TenantId> {
    let retailers = retailers.iter().map(|retailer| retailer.client);
    std::iter::once(TenantId::GLOBAL).chain(retailers).collect()
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

/// All days but the last, and the last.
fn days_of(retailers: &[Retailer]) -> Result<(Vec<BusinessDay>, BusinessDay)> {
    let Some(erp) = retailers.first().map(Retailer::erp) else {
        bail!("the demo has no retailer");
    };
    let (first, last) = (erp.settings().first_day, erp.last_day());
    let earlier = (first.number()..last.number()).map(BusinessDay::from_number);
    Ok((earlier.collect(), last))
}

/// Brings days in as they come, for all tenants side by side: the first deliveries of a day, then, on
/// some days, other ones.
async fn ingest(
    session: &Session,
    retailers: &[Retailer],
    days: &[BusinessDay],
    console: &Console,
) -> Result<()> {
    let progress = console.progress_of_days("bringing days in", days.len() as u64);
    let quiet = console.silent();
    for (done, day) in (1..).zip(days) {
        for delivery in deliveries(retailers, *day) {
            retailers
                .iter()
                .for_each(|retailer| retailer.set_clock(*day, delivery));
            let one = |client: TenantId| {
                let quiet = &quiet;
                async move { fetching::days(session, client, &[*day], quiet).await }
            };
            try_join_all(
                clients(retailers)
                    .into_iter()
                    .map(|client| Box::pin(one(client))),
            )
            .await?;
        }
        progress.at(done);
    }
    progress.done();
    Ok(())
}

/// 1, or 1 and 2 on a day with second deliveries.
fn deliveries(retailers: &[Retailer], day: BusinessDay) -> std::ops::RangeInclusive<u8> {
    let second = retailers
        .iter()
        .any(|retailer| retailer.erp().has_second_delivery(day));
    1..=if second { 2 } else { 1 }
}

/// Loads what the database lacks, each tenant as a run of its own.
async fn load(session: &Session, clients: &[TenantId], console: &Console) -> Result<()> {
    let one = |client: TenantId| async move {
        let loader = session.loader();
        let pending = backfill::applier(session, &loader, client, "", Grouping::default())
            .pending()
            .await?;
        let days = pending.iter().map(Pending::day);
        let (Some(first), Some(last)) = (days.clone().min(), days.max()) else {
            return Ok(());
        };
        let way = backfill::Way::default();
        let console = console.of(client);
        backfill::as_run(session, client, &pending, (first, last), way, &console).await?;
        anyhow::Ok(())
    };
    try_join_all(clients.iter().map(|client| Box::pin(one(*client)))).await?;
    Ok(())
}

/// The last day as a scheduler runs it: every step, the shared tenant first.
async fn run_day(
    session: &Session,
    retailers: &[Retailer],
    day: BusinessDay,
    console: &Console,
) -> Result<BTreeMap<TenantId, Vec<StepReport>>> {
    let deliveries = deliveries(retailers, day);
    if deliveries.clone().count() > 1 {
        retailers
            .iter()
            .for_each(|retailer| retailer.set_clock(day, 1));
        for client in clients(retailers) {
            fetching::days(session, client, &[day], console).await?;
        }
    }
    retailers
        .iter()
        .for_each(|retailer| retailer.set_clock(day, *deliveries.end()));
    let mut steps = BTreeMap::new();
    for client in clients(retailers) {
        let console = console.silent();
        let (report, failure) =
            Box::pin(pipeline::whole_day(session, client, day, &console)).await?;
        if let Some(error) = failure {
            return Err(error.context(format!("the run of {client} failed")));
        }
        steps.insert(client, report.steps);
    }
    Ok(steps)
}

async fn shown(
    session: &Session,
    retailer: &Retailer,
    landed: Landed,
    last_day: Vec<StepReport>,
    replayed: Option<Replayed>,
) -> Result<ShownTenant> {
    let client = retailer.client;
    let simulated = retailer.erp().totals().clone();
    Ok(ShownTenant {
        client,
        name: retailer.name.clone(),
        landed,
        compared: figures::compare(session, client, retailer.erp()).await?,
        refused: figures::refused(session, client).await?,
        headlines: summary::headlines(session, client).await?,
        simulated,
        last_day,
        replay_is_equal: replayed.as_ref().is_some_and(|one| one.is_equal),
        digest: replayed.map(|one| one.digest).unwrap_or_default(),
    })
}

async fn landed_of_all(
    session: &Session,
    clients: &[TenantId],
) -> Result<BTreeMap<TenantId, Landed>> {
    let mut all = BTreeMap::new();
    for client in clients {
        let held = holdings::of(session, *client).await?;
        let objects_new = 0;
        all.insert(*client, Landed { held, objects_new });
    }
    Ok(all)
}
