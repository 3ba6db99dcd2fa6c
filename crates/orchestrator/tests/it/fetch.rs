//! Days that are fetched from a REST source by the command itself: killed at each failpoint, missing,
//! refused.

use std::{
    collections::{BTreeMap, HashMap},
    net::SocketAddr,
    os::unix::process::ExitStatusExt,
    process::{Command, Output},
    sync::{Arc, Mutex},
};

use anyhow::{Context, Result, ensure};
use axum::{
    Json, Router,
    extract::{Path, Query, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::get,
};
use catwing_domain::failpoint;
use serde_json::{Value, json};
use tokio::{net::TcpListener, task::JoinHandle, task::spawn_blocking};

use crate::{
    faults::fault,
    points::{FETCH, LANDING, points},
    stand::{Place, Stand, succeeded},
};

const CLIENT: &str = "CW-000340";
const DAY: &str = "2026-02-24";
const TOKEN: &str = "canary-9b1e";
const SIGABRT: i32 = 6;
const TENANT: &str = r#"
client = "CW-000340"
name = "Served over HTTP"
time_zone = "Europe/London"
base_currency = "GBP"
[sources.erp]
kind = "rest"
base_url_env = "TEST_ERP_URL"
token_env = "TEST_ERP_TOKEN"
attempts = 1
[datasets.customers]
number = 3
source = "erp"
completeness = "snapshot"
format = { type = "json", records = "records" }
fetch = { path = "/v1/customers", query = { date = "{date}", page_size = "2" }, page = "page", total = "total", next = "next" }
[datasets.sales_orders]
number = 7
source = "erp"
format = { type = "json", records = "records" }
fetch = { path = "/v1/sales_orders", query = { date = "{date}", page_size = "2" }, page = "page", total = "total", next = "next" }
"#;
/// Pages of each dataset and day.
const PAGES: [(&str, usize); 2] = [("customers", 2), ("sales_orders", 3)];
/// The days that the ERP has anything of.
const KNOWN_DAYS: [&str; 3] = ["2026-02-22", DAY, "2026-02-25"];

/// A request: dataset, day and page.
type Asked = (String, String, usize);

/// An ERP with the records of a few days.
struct Erp {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<Asked>>>,
    serving: JoinHandle<()>,
}

impl Drop for Erp {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Erp {
    async fn start() -> Result<Self> {
        let asked = Arc::new(Mutex::new(Vec::new()));
        let router = Router::new()
            .route("/v1/{dataset}", get(serve))
            .with_state(asked.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let serving = tokio::spawn(async move {
            axum::serve(listener, router).await.unwrap();
        });
        Ok(Self {
            address,
            asked,
            serving,
        })
    }

    /// What it was asked since the last time.
    fn asked(&self) -> Vec<Asked> {
        std::mem::take(&mut *self.asked.lock().unwrap())
    }
}

async fn serve(
    State(asked): State<Arc<Mutex<Vec<Asked>>>>,
    Path(dataset): Path<String>,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Response {
    let bearer = format!("Bearer {TOKEN}");
    if headers
        .get("authorization")
        .is_none_or(|value| value != bearer.as_str())
    {
        return (StatusCode::UNAUTHORIZED, "who are you?").into_response();
    }
    let (day, page) = (&query["date"], query["page"].parse::<usize>().unwrap());
    asked
        .lock()
        .unwrap()
        .push((dataset.clone(), day.clone(), page));
    if !KNOWN_DAYS.contains(&day.as_str()) {
        return StatusCode::NO_CONTENT.into_response();
    }
    let records: Vec<Value> = match dataset.as_str() {
        "customers" => (0..4)
            .map(|n| json!({ "external_id": format!("C{n}"), "name": format!("Customer {n}") }))
            .collect(),
        _ => (0..5).map(|n| document(day, n)).collect(),
    };
    let (pages, total) = (records.len().div_ceil(2), records.len());
    let of_page: Vec<_> = records.chunks(2).nth(page - 1).unwrap_or_default().to_vec();
    Json(json!({
        "page": page, "pages": pages, "total": total,
        "next": (page < pages).then_some(page + 1), "records": of_page,
    }))
    .into_response()
}

fn document(day: &str, number: usize) -> Value {
    json!({
        "external_id": format!("{day}-{number}"), "order_date": day,
        "location_external_id": "L1", "customer": { "external_id": format!("C{number}") },
        "lines": [{ "line_no": 1, "product_external_id": "P1", "qty": number, "unit_price": "2.50" }],
    })
}

/// The command with the source in its environment.
fn command(place: &Place, erp: &Erp, arguments: &[&str]) -> Command {
    let mut command = place.command();
    command
        .args(arguments)
        .args(["--client", CLIENT])
        .env("TEST_ERP_URL", format!("http://{}", erp.address))
        .env("TEST_ERP_TOKEN", TOKEN);
    command
}

async fn output(mut command: Command) -> Result<Output> {
    Ok(spawn_blocking(move || command.output()).await??)
}

/// A database and an archive that know the tenant and nothing of it.
async fn place(stand: &Stand, name: &str) -> Result<Place> {
    let place = stand.empty_database(name).await?;
    let place = place.beside(&stand.new_home(name));
    let file = stand.new_home("served.toml");
    std::fs::write(&file, TENANT)?;
    let mut add = place.command();
    add.args(["tenant", "add"]).arg(&file);
    succeeded(output(add).await?)?;
    Ok(place)
}

/// Pages of the day in the archive, sealed or not, by dataset.
fn stored(place: &Place) -> Result<BTreeMap<String, usize>> {
    let folder = format!("s3/catwing-masters/raw-data/{CLIENT}/{DAY}");
    let mut stored = BTreeMap::new();
    let folder = place.home.join(folder);
    if !folder.exists() {
        return Ok(stored);
    }
    for entry in std::fs::read_dir(folder)? {
        let name = entry?.file_name().into_string().ok().context("a name")?;
        let (dataset, rest) = name.split_once('.').context("a page")?;
        ensure!(rest.starts_with("p0000"), "a second revision: {name}");
        *stored.entry(dataset.to_owned()).or_default() += 1;
    }
    Ok(stored)
}

/// Entries of the tenant's manifest.
fn entries(place: &Place) -> Result<usize> {
    let folder = format!("s3/catwing-masters/raw-data/{CLIENT}/_manifest");
    let folder = place.home.join(folder);
    Ok(if folder.exists() {
        std::fs::read_dir(folder)?.count()
    } else {
        0
    })
}

/// What the second command has to ask for: the first page of each dataset and those that are missing;
/// all of them where a delivery is there to compare them with.
fn expected(stored: &BTreeMap<String, usize>, is_sealed: bool) -> Vec<Asked> {
    let mut expected = Vec::new();
    for (dataset, count) in PAGES {
        let have = stored.get(dataset).copied().unwrap_or(0);
        let wanted = (1..=count).filter(|page| is_sealed || *page == 1 || *page > have);
        expected.extend(wanted.map(|page| (dataset.to_owned(), DAY.to_owned(), page)));
    }
    expected
}

/// Passages of a failpoint at which a fetch is aborted: in the first dataset, in the second.
fn passages(point: &str) -> &'static [usize] {
    match point {
        failpoint::RAW_BEFORE_SEAL | failpoint::RAW_AFTER_SEAL => &[1],
        failpoint::FETCH_AFTER_DATASET => &[1, 2],
        _ => &[1, 2, 5],
    }
}

/// Aborts a fetch at the `nth` passage of a failpoint; the same command then brings the day in.
async fn abort_at(place: &Place, erp: &Erp, point: &str, nth: usize, digest: &str) -> Result<()> {
    let ingest = ["ingest", "--date", DAY];
    let mut doomed = command(place, erp, &ingest);
    doomed.env("CATWING_FAILPOINT", format!("{point}:{nth}"));
    let aborted = output(doomed).await?;
    ensure!(
        aborted.status.signal() == Some(SIGABRT),
        "{}",
        aborted.status
    );
    let is_sealed = point == failpoint::RAW_AFTER_SEAL;
    ensure!(entries(place)? == usize::from(is_sealed), "sealed too soon");
    erp.asked();
    let have = stored(place)?;
    succeeded(output(command(place, erp, &ingest)).await?)?;
    let asked = erp.asked();
    ensure!(
        asked == expected(&have, is_sealed),
        "{have:?}, then asked for {asked:?}"
    );
    ensure!(entries(place)? == 1, "not one delivery");
    let verified = command(place, erp, &["raw", "verify", "--deep"]);
    succeeded(output(verified).await?)?;
    succeeded(output(command(place, erp, &["backfill"])).await?)?;
    ensure!(digest_of(place, erp).await? == digest, "another digest");
    let spool = place.home.join("spool").join(CLIENT);
    ensure!(
        std::fs::read_dir(spool)?.next().is_none(),
        "a spool folder is left"
    );
    Ok(())
}

async fn digest_of(place: &Place, erp: &Erp) -> Result<String> {
    let digest = succeeded(output(command(place, erp, &["digest"])).await?)?;
    let digest: Value = serde_json::from_slice(&digest)?;
    Ok(digest["digest"].as_str().context("a digest")?.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fetch_that_is_aborted_goes_on_with_the_first_missing_page() -> Result<()> {
    let stand = Stand::build().await?;
    let erp = Erp::start().await?;
    let untouched = place(&stand, "untouched").await?;
    let undisturbed = stand.copy_of(&untouched, "undisturbed").await?;
    let ran = output(command(&undisturbed, &erp, &["run", "--date", DAY])).await?;
    let ran: Value = serde_json::from_slice(&succeeded(ran)?)?;
    let fetched = &ran["steps"][0]["counts"]["fetched"];
    ensure!(fetched["sales_orders"]["records"] == 5, "{fetched}");
    ensure!(fetched["customers"]["pages"] == 2 && fetched["customers"]["outcome"] == "landed");
    let digest = digest_of(&undisturbed, &erp).await?;
    let mut kills = 0;
    for point in points(&[FETCH, LANDING].concat()) {
        for nth in passages(point) {
            let name = format!("{}_{nth}", point.replace('.', "_"));
            let place = stand.copy_of(&untouched, &name).await?;
            let aborted = abort_at(&place, &erp, point, *nth, &digest).await;
            aborted.with_context(|| format!("{point}:{nth}"))?;
            stand.drop(&place).await?;
            kills += 1;
        }
    }
    fault("F1").kills(kills).digests(kills);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backfill_brings_in_the_days_that_are_missing() -> Result<()> {
    let stand = Stand::build().await?;
    let erp = Erp::start().await?;
    let place = place(&stand, "missing").await?;
    succeeded(output(command(&place, &erp, &["ingest", "--date", DAY])).await?)?;
    erp.asked();
    let days = ["backfill", "--from", "2026-02-21", "--to", "2026-02-25"];
    let dry = [days.as_slice(), &["--dry-run"]].concat();
    let dry = output(command(&place, &erp, &dry)).await?;
    let told = String::from_utf8_lossy(&dry.stderr).into_owned();
    ensure!(
        told.contains("4 days to bring in") && erp.asked().is_empty(),
        "{told}"
    );

    succeeded(output(command(&place, &erp, &days)).await?)?;
    let mut asked: Vec<_> = erp.asked().into_iter().map(|(_, day, _)| day).collect();
    asked.dedup();
    ensure!(
        asked == ["2026-02-25", "2026-02-23", "2026-02-22", "2026-02-21"],
        "{asked:?}"
    );
    ensure!(entries(&place)? == 3, "not three deliveries");
    let mut connection = place.connect().await?;
    let loaded: i64 = sea_orm::sqlx::query_scalar("select count(*) from cw_340.sales_orders")
        .fetch_one(&mut connection)
        .await?;
    ensure!(loaded == 15, "{loaded} documents");

    // Days without data are asked about again; the others are there.
    succeeded(output(command(&place, &erp, &days)).await?)?;
    let mut asked: Vec<_> = erp.asked().into_iter().map(|(_, day, _)| day).collect();
    asked.dedup();
    ensure!(asked == ["2026-02-23", "2026-02-21"], "{asked:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_operator_must_mend_is_told_without_the_secret() -> Result<()> {
    const USAGE: i32 = 2;
    const FAILED: i32 = 1;
    let stand = Stand::build().await?;
    let erp = Erp::start().await?;
    let place = place(&stand, "refused").await?;
    let ingest = ["ingest", "--date", DAY];
    let says = |output: &Output| String::from_utf8_lossy(&output.stderr).into_owned();

    let mut without = command(&place, &erp, &ingest);
    without.env_remove("TEST_ERP_TOKEN");
    let without = output(without).await?;
    ensure!(without.status.code() == Some(USAGE) && says(&without).contains("TEST_ERP_TOKEN"));

    let mut wrong = command(&place, &erp, &ingest);
    wrong.env("TEST_ERP_TOKEN", "canary-wrong");
    let wrong = output(wrong).await?;
    let told = says(&wrong);
    ensure!(
        wrong.status.code() == Some(USAGE) && told.contains("401"),
        "{told}"
    );
    ensure!(
        told.contains("who are you?") && !told.contains("canary"),
        "{told}"
    );

    let mut nobody = command(&place, &erp, &ingest);
    let gone = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    nobody.env("TEST_ERP_URL", format!("http://{gone}"));
    let nobody = output(nobody).await?;
    ensure!(nobody.status.code() == Some(FAILED), "{}", says(&nobody));
    ensure!(entries(&place)? == 0);
    // What failed is recorded, and is repeated by the same command.
    succeeded(output(command(&place, &erp, &ingest)).await?)?;
    ensure!(entries(&place)? == 1);
    Ok(())
}
