//! What one fetch leaves behind, the next one takes over; what it must not, it leaves.

use anyhow::{Result, ensure};
use catwing_domain::manifest::{Completeness, SourceFacts};
use catwing_ingest::FetchOutcome;
use catwing_raw_store::{Author, DraftOf, DraftPage, Landing, Payload, RawStoreError};

use super::{
    PAGED, Stand,
    fake::{Answer, Asked, Fake, erp, erp_page},
    pages,
};
use crate::raw_store::{Still, dataset, day, incoming, key, tenant};

/// Nine records in five pages, of which a first fetch gets three.
async fn broken_off(fetch: &str) -> Result<Stand> {
    let source = Fake::start(erp(9, 2)).await?;
    let stand = Stand::with(source, "attempts = 1", &[("sales_orders", fetch)]).await?;
    stand.source.answer_to(4, Answer::text(500, ""));
    stand.fails().await?;
    ensure!(stand.stored().await? == pages("", 3) && stand.archive.entries().await?.is_empty());
    stand.source.now_serves(erp(9, 2));
    Ok(stand)
}

#[tokio::test]
async fn a_fetch_goes_on_with_the_first_missing_page() -> Result<()> {
    let stand = broken_off(PAGED).await?;
    let report = stand.ingest().await??;
    ensure!(stand.source.asked_for("page") == [1, 4, 5]);
    ensure!(report.fetched[0].taken_over == 2 && report.fetched[0].records == Some(9));
    ensure!(stand.sealed().await? == pages("", 5) && stand.stored().await? == pages("", 5));
    // What was taken over has all its facts but the source's clock, which nobody kept.
    let objects = stand.archive.sealed().await?;
    let counts: Vec<_> = objects.iter().map(|object| object.record_count).collect();
    ensure!(counts == [2, 2, 2, 2, 1].map(Some));
    let clocks: Vec<_> = objects
        .iter()
        .map(|object| object.source.clock.is_some())
        .collect();
    ensure!(clocks == [true, false, false, true, true]);
    ensure!(
        objects
            .iter()
            .all(|object| object.source.announced_total == Some(9))
    );
    stand.check().await
}

#[tokio::test]
async fn links_are_found_in_the_pages_that_were_left_behind() -> Result<()> {
    let linked = r#"fetch = { path = "/v1/sales", next = "next" }"#;
    let serve = |asked: &Asked| {
        let at = asked.number("at");
        let next = (at < 4).then(|| format!("?at={}", at + 1));
        Answer::json(&serde_json::json!({ "records": [at], "next": next }))
    };
    let source = Fake::start(serve).await?;
    let stand = Stand::with(source, "attempts = 1", &[("sales_orders", linked)]).await?;
    stand.source.answer_to(4, Answer::text(500, ""));
    stand.fails().await?;
    stand.source.now_serves(serve);
    stand.ingest().await??;
    ensure!(stand.source.asked_for("at") == [0, 3, 4]);
    ensure!(stand.sealed().await? == pages("", 5));
    stand.check().await
}

#[tokio::test]
async fn a_first_page_that_changed_is_another_fetch() -> Result<()> {
    let stand = broken_off(PAGED).await?;
    stand.source.now_serves(erp(7, 2));
    stand.ingest().await??;
    ensure!(stand.source.asked_for("page") == [1, 2, 3, 4]);
    ensure!(stand.sealed().await? == pages(".r2", 4));
    ensure!(stand.stored().await? == [pages("", 3), pages(".r2", 4)].concat());
    stand.check().await
}

#[tokio::test]
async fn what_was_left_behind_and_does_not_agree_any_more_is_left() -> Result<()> {
    // The first page is as it was, but the total that the fourth one announces is not.
    let stand = broken_off(PAGED).await?;
    stand
        .source
        .answer_to(2, Answer::json(&erp_page(&[7], 4, 5, 8)));
    stand.ingest().await??;
    ensure!(stand.source.asked_for("page") == [1, 4, 1, 2, 3, 4, 5]);
    ensure!(stand.sealed().await? == pages(".r2", 5));
    stand.check().await?;

    // An object of that name that is no page at all.
    let stand = broken_off(PAGED).await?;
    stand.archive.delete(&key(&pages("", 3)[1])).await?;
    let stray = Payload::from_bytes("no page");
    stand
        .archive
        .store
        .put_new(&key(&pages("", 3)[1]), &stray)
        .await?;
    stand.ingest().await??;
    ensure!(stand.sealed().await? == pages(".r2", 5));
    stand.check().await?;

    // The source has nothing any more.
    let stand = broken_off(PAGED).await?;
    stand.source.now_serves(erp(0, 2));
    ensure!(stand.ingest().await??.fetched[0].outcome == FetchOutcome::Nothing);
    ensure!(stand.archive.entries().await?.is_empty());
    stand.check().await
}

#[tokio::test]
async fn one_dataset_that_fails_holds_back_the_day_and_the_others_are_not_fetched_again()
-> Result<()> {
    let other = PAGED.replace("sales_orders", "returns");
    let datasets = [("returns", other.as_str()), ("sales_orders", PAGED)];
    let source = Fake::start(erp(9, 2)).await?;
    let stand = Stand::with(source, "attempts = 1", &datasets).await?;
    // Five pages of returns, two of sales orders.
    stand.source.answer_to(8, Answer::text(500, ""));
    stand.fails().await?;
    ensure!(stand.archive.entries().await?.is_empty() && stand.stored().await?.len() == 7);
    stand.source.now_serves(erp(9, 2));
    let report = stand.ingest().await??;
    ensure!(stand.source.asked_for("page") == [1, 1, 3, 4, 5]);
    let taken: Vec<_> = report
        .fetched
        .iter()
        .map(|fetched| fetched.taken_over)
        .collect();
    ensure!(taken == [4, 1] && report.entries.len() == 1);
    ensure!(stand.sealed().await?.len() == 10);
    stand.check().await
}

#[tokio::test]
async fn a_second_revision_that_broke_off_is_taken_over_as_well() -> Result<()> {
    let source = Fake::start(erp(9, 2)).await?;
    let stand = Stand::with(source, "attempts = 1", &[("sales_orders", PAGED)]).await?;
    stand.ingest().await??;
    // The first two pages are those of the first revision, the third is not; the fourth fails.
    stand.source.now_serves(erp(9, 2));
    stand
        .source
        .answer_to(3, Answer::json(&erp_page(&[50, 60], 3, 5, 9)));
    stand.source.answer_to(4, Answer::text(500, ""));
    stand.fails().await?;
    ensure!(stand.stored().await? == [pages("", 5), pages(".r2", 3)].concat());
    stand.source.now_serves(erp(9, 2));
    stand.ingest().await??;
    ensure!(stand.source.asked_for("page") == [1, 4, 5]);
    ensure!(stand.sealed().await? == [pages("", 5), pages(".r2", 5)].concat());
    stand.check().await
}

#[tokio::test]
async fn two_fetches_at_once_seal_the_same_pages_once() -> Result<()> {
    let stand = Stand::new(Fake::start(erp(9, 2)).await?, PAGED).await?;
    let spool = tempfile::tempdir()?;
    let (one, two) = tokio::join!(stand.ingest(), stand.ingest_with(&[], spool.path()));
    let entries = one??.entries.len() + two??.entries.len();
    ensure!(entries == 1, "{entries} entries");
    ensure!(stand.sealed().await?.len() == 5);
    stand.check().await
}

#[tokio::test]
async fn a_draft_that_was_overtaken_is_not_sealed() -> Result<()> {
    let stand = Stand::new(Fake::start(erp(2, 2)).await?, PAGED).await?;
    let archive = &stand.archive;
    let mut landing = Landing::new(&archive.store, tenant(), [day()]);
    let mut draft = landing
        .draft(DraftOf {
            day: day(),
            dataset: dataset("sales_orders"),
            extension: "json".into(),
            completeness: Completeness::Delta,
            spool: stand.spool.path().join("copy"),
        })
        .await?;
    let page = DraftPage {
        page: Some(1),
        payload: Payload::from_bytes("[1]"),
        source: SourceFacts::default(),
        record_count: Some(1),
    };
    ensure!(draft.add(page).await? && draft.finish().await?);
    // Somebody else lands and seals the same dataset meanwhile.
    archive
        .land("other", &[incoming("sales_orders", None, "x")])
        .await?;
    let mapping = archive.store.put_config(tenant(), "mapping").await?;
    let author = Author {
        run_id: "run",
        clock: &Still,
    };
    let sealed = landing
        .land_with(day(), mapping, author, &[], &[draft])
        .await;
    ensure!(
        matches!(sealed, Err(RawStoreError::Overtaken { .. })),
        "{sealed:?}"
    );
    ensure!(archive.entries().await?.len() == 1);
    Ok(())
}
