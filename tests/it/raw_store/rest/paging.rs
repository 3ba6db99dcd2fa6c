//! Every way of paging, and what is an end.

use anyhow::{Context, Result, ensure};
use catwing_domain::manifest::{Body, EntryNumber};
use catwing_ingest::{Datasets, DateRule, FetchOutcome, plan_import};
use serde_json::json;

use super::{
    CANARY, PAGED, Stand,
    fake::{Answer, Asked, CLOCK, Fake, erp, erp_page},
    pages,
};
use crate::raw_store::{day, key};

#[tokio::test]
async fn pages_are_landed_byte_for_byte_and_sealed_as_one_delivery() -> Result<()> {
    let stand = Stand::new(Fake::start(erp(5, 2)).await?, PAGED).await?;
    let report = stand.ingest().await??;
    ensure!(report.entries == [EntryNumber(1)] && report.landed() == 3);
    ensure!(report.fetched[0].records == Some(5) && report.fetched[0].requests == 3);
    ensure!(stand.stored().await? == pages("", 3) && stand.sealed().await? == pages("", 3));
    let numbers: Vec<u32> = (1..=5).collect();
    for (chunk, page) in numbers.chunks(2).zip(1..) {
        let bytes = erp_page(chunk, page, 3, 5).to_string().into_bytes();
        let stored = stand.archive.read(&key(&pages("", 3)[page - 1])).await?;
        ensure!(stored == bytes, "page {page} is not what was served");
    }
    let object = stand.archive.sealed().await?.pop().context("an object")?;
    ensure!(object.page == Some(3) && object.record_count == Some(1));
    ensure!(object.source.name == "erp" && object.source.announced_total == Some(5));
    let location = format!(
        "{}/v1/sales_orders?date=2026-02-24&page_size=2&page=3",
        stand.source.url()
    );
    ensure!(
        object.source.location == Some(location),
        "{:?}",
        object.source
    );
    let clock = object.source.clock.context("the source's clock")?;
    ensure!(
        clock.to_string() == "2026-02-24T05:00:00Z",
        "{CLOCK}: {clock}"
    );
    let asked = stand.source.asked();
    let bearer = format!("Bearer {CANARY}");
    ensure!(
        asked
            .iter()
            .all(|asked| asked.authorization.as_ref() == Some(&bearer))
    );
    ensure!(asked.iter().all(|asked| asked.path == "/v1/sales_orders"));
    stand.check().await
}

/// Records from an offset on, three at the most, and nothing that announces an end.
fn by_offset(total: u32) -> impl Fn(&Asked) -> Answer + Send + Sync + 'static {
    move |asked| {
        let from = asked.number("skip") as u32;
        let records: Vec<_> = (from..total).take(3).map(|n| json!({ "n": n })).collect();
        Answer::json(&json!({ "records": records }))
    }
}

#[tokio::test]
async fn an_offset_counts_records_up_to_an_empty_page() -> Result<()> {
    let fetch = r#"fetch = { path = "/v1/sales", offset = "skip" }"#;
    let stand = Stand::new(Fake::start(by_offset(6)).await?, fetch).await?;
    let report = stand.ingest().await??;
    ensure!(stand.source.asked_for("skip") == [0, 3, 6]);
    // The empty page only tells the end.
    ensure!(stand.stored().await? == pages("", 2) && report.fetched[0].records == Some(6));
    let announced = stand.archive.sealed().await?;
    ensure!(
        announced
            .iter()
            .all(|object| object.source.announced_total.is_none())
    );
    stand.check().await
}

/// Pages that are found by links alone, the first relative, the second absolute.
fn by_link(url: String) -> impl Fn(&Asked) -> Answer + Send + Sync + 'static {
    move |asked| {
        let (record, next) = match asked.query.get("cursor").map(String::as_str) {
            None => (1, json!("?cursor=canary-cursor")),
            Some("canary-cursor") => (2, json!(format!("{url}/v1/other?cursor=last&x=1"))),
            Some(_) => (3, json!(null)),
        };
        Answer::json(&json!({ "records": [{ "n": record }], "links": { "next": next } }))
    }
}

#[tokio::test]
async fn links_are_followed_and_their_cursors_are_not_shown() -> Result<()> {
    let fetch =
        r#"fetch = { path = "/v1/sales", query = { date = "{date}" }, next = "links.next" }"#;
    let source = Fake::start(|_: &Asked| Answer::text(500, "")).await?;
    source.now_serves(by_link(source.url()));
    let stand = Stand::new(source, fetch).await?;
    stand.ingest().await??;
    ensure!(stand.sealed().await? == pages("", 3));
    let paths: Vec<_> = stand
        .source
        .asked()
        .into_iter()
        .map(|asked| asked.path)
        .collect();
    ensure!(
        paths == ["/v1/sales", "/v1/sales", "/v1/other"],
        "{paths:?}"
    );
    let shown: Vec<_> = stand.archive.sealed().await?.into_iter().collect();
    let shown: Vec<_> = shown
        .iter()
        .filter_map(|object| object.source.location.clone())
        .collect();
    let url = stand.source.url();
    ensure!(
        shown
            == [
                format!("{url}/v1/sales?date=2026-02-24"),
                format!("{url}/v1/sales?cursor=***"),
                format!("{url}/v1/other?cursor=***&x=***"),
            ],
        "{shown:?}"
    );
    stand.check().await
}

#[tokio::test]
async fn a_day_without_data_is_no_delivery_and_an_empty_list_is_one() -> Result<()> {
    let stand = Stand::new(Fake::start(erp(0, 2)).await?, PAGED).await?;
    let report = stand.ingest().await??;
    ensure!(report.fetched[0].outcome == FetchOutcome::Nothing && report.entries.is_empty());
    ensure!(stand.stored().await?.is_empty() && stand.source.asked().len() == 1);
    stand
        .source
        .now_serves(|_: &Asked| Answer::json(&erp_page(&[], 1, 0, 0)));
    let report = stand.ingest().await??;
    ensure!(matches!(
        report.fetched[0].outcome,
        FetchOutcome::Landed { .. }
    ));
    ensure!(stand.sealed().await? == pages("", 1) && stand.source.asked().len() == 1);
    ensure!(stand.archive.sealed().await?[0].record_count == Some(0));
    stand.check().await
}

#[tokio::test]
async fn one_answer_is_one_object_in_its_own_format() -> Result<()> {
    let fetch = "format = { type = \"csv\" }\nfetch = { path = \"/export/{date}.csv\" }";
    let source = Fake::start(|asked: &Asked| Answer::text(200, asked.path.clone())).await?;
    let stand = Stand::new(source, fetch).await?;
    stand.ingest().await??;
    ensure!(stand.sealed().await? == ["sales_orders.csv"]);
    let bytes = stand.archive.read(&key("sales_orders.csv")).await?;
    ensure!(bytes == b"/export/2026-02-24.csv");
    stand.check().await
}

#[tokio::test]
async fn files_and_datasets_of_a_day_are_one_delivery() -> Result<()> {
    let other = PAGED.replace("sales_orders", "returns");
    let datasets = [("sales_orders", PAGED), ("returns", other.as_str())];
    let stand = Stand::with(Fake::start(erp(3, 2)).await?, "", &datasets).await?;
    let folder = tempfile::tempdir()?;
    std::fs::write(folder.path().join("stock.csv"), "sku;qty\n")?;
    let known = Datasets {
        only: None,
        tenant: &stand.file,
    };
    let plan = plan_import(folder.path(), &known, &DateRule::Day(day()))?;
    let report = stand.ingest_with(&[plan], stand.spool.path()).await??;
    ensure!(report.entries == [EntryNumber(1)] && report.landed() == 5);
    let outcomes: Vec<_> = report.fetched.iter().map(|fetched| fetched.pages).collect();
    ensure!(outcomes == [2, 2] && report.files.len() == 1);
    let entries = stand.archive.entries().await?;
    let Body::Delivery(delivery) = &entries[0].entry.body else {
        anyhow::bail!("no delivery");
    };
    ensure!(entries.len() == 1 && delivery.objects.len() == 5);
    stand.check().await
}

#[tokio::test]
async fn the_same_pages_again_are_there_and_other_ones_are_a_revision() -> Result<()> {
    let stand = Stand::new(Fake::start(erp(5, 2)).await?, PAGED).await?;
    stand.ingest().await??;
    let again = stand.ingest().await??;
    let there = FetchOutcome::AlreadyThere {
        entry: EntryNumber(1),
    };
    ensure!(again.fetched[0].outcome == there && again.entries.is_empty());
    ensure!(
        stand.stored().await? == pages("", 3),
        "something was stored again"
    );

    // The last page alone differs: only then do the others get places beside it.
    stand.source.now_serves(erp(5, 2));
    stand
        .source
        .answer_to(3, Answer::json(&erp_page(&[7], 3, 3, 5)));
    let report = stand.ingest().await??;
    ensure!(report.entries == [EntryNumber(2)] && report.landed() == 3);
    let both = [pages("", 3), pages(".r2", 3)].concat();
    ensure!(stand.sealed().await? == both && stand.stored().await? == both);
    let first = stand.archive.read(&key(&pages("", 1)[0])).await?;
    ensure!(first == stand.archive.read(&key(&pages(".r2", 1)[0])).await?);

    // Fewer pages than any revision has, each of them known, are another delivery.
    stand.source.now_serves(erp(5, 2));
    stand
        .source
        .answer_to(1, Answer::json(&erp_page(&[1, 2], 1, 1, 2)));
    stand.ingest().await??;
    stand.source.now_serves(erp(5, 2));
    ensure!(stand.ingest().await??.fetched[0].outcome == there);
    ensure!(stand.sealed().await?.len() == 7 && stand.stored().await?.len() == 7);
    stand.check().await
}

#[tokio::test]
async fn a_delivery_that_ends_sooner_is_another_one() -> Result<()> {
    let fetch = r#"fetch = { path = "/v1/sales", offset = "skip" }"#;
    let stand = Stand::new(Fake::start(by_offset(9)).await?, fetch).await?;
    stand.ingest().await??;
    // All of its pages are known, but there were more before.
    stand.source.now_serves(by_offset(6));
    stand.ingest().await??;
    ensure!(stand.sealed().await? == [pages("", 3), pages(".r2", 2)].concat());
    let both = stand.ingest().await??;
    let there = FetchOutcome::AlreadyThere {
        entry: EntryNumber(2),
    };
    ensure!(both.fetched[0].outcome == there && stand.stored().await?.len() == 5);
    stand.check().await
}

#[tokio::test]
async fn what_the_bucket_lost_is_put_back_by_fetching_it_again() -> Result<()> {
    let stand = Stand::new(Fake::start(erp(5, 2)).await?, PAGED).await?;
    stand.ingest().await??;
    stand.archive.delete(&key(&pages("", 3)[1])).await?;
    ensure!(stand.ingest().await??.entries.is_empty());
    ensure!(stand.stored().await? == pages("", 3));
    stand.check().await
}
