//! A source that fails, lies or changes: what is in the archive afterwards, and what is said.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use catwing_domain::ErrorClass;
use serde_json::json;

use super::{
    CANARY, PAGED, Stand,
    fake::{Answer, Asked, Fake, erp, erp_page},
    pages,
};

/// The ERP with five records in three pages.
async fn shop() -> Result<Stand> {
    Stand::new(Fake::start(erp(5, 2)).await?, PAGED).await
}

/// The same with further settings of the source.
async fn shop_with(settings: &str) -> Result<Stand> {
    Stand::with(
        Fake::start(erp(5, 2)).await?,
        settings,
        &[("sales_orders", PAGED)],
    )
    .await
}

impl Stand {
    /// All is well in the end, after so many requests.
    async fn recovers(&self, requests: usize) -> Result<()> {
        self.ingest().await??;
        ensure!(self.sealed().await? == pages("", 3));
        let asked = self.source.asked().len();
        ensure!(asked == requests, "{asked} requests");
        self.check().await
    }

    /// It fails in this class and says so; nothing is sealed, and so many pages are left behind.
    async fn refuses(&self, class: ErrorClass, says: &[&str], left: usize) -> Result<()> {
        let (found, told) = self.fails().await?;
        ensure!(found == class, "{found:?}: {told}");
        for part in says {
            ensure!(told.contains(part), "no {part:?} in: {told}");
        }
        ensure!(self.archive.entries().await?.is_empty(), "sealed: {told}");
        let stored = self.stored().await?;
        ensure!(stored.len() == left, "left behind: {stored:?}");
        self.check().await
    }

    /// The time between two requests, counted from 1.
    fn waited(&self, nth: usize) -> Result<Duration> {
        let asked = self.source.asked();
        let (before, after) = (asked.get(nth - 1), asked.get(nth));
        Ok(after.context("a request")?.at - before.context("a request")?.at)
    }
}

#[tokio::test]
async fn a_source_that_asks_to_wait_is_waited_for() -> Result<()> {
    let too_many = || Answer::text(429, "slow down");
    for asks in ["1", "Tue, 24 Feb 2026 05:00:01 GMT"] {
        let stand = shop().await?;
        stand
            .source
            .answer_to(2, too_many().with("retry-after", asks));
        stand.recovers(4).await?;
        ensure!(stand.waited(2)? >= Duration::from_secs(1), "{asks}");
        ensure!(stand.waited(3)? < Duration::from_secs(1), "{asks}");
    }
    let stand = shop().await?;
    stand.source.answer_to(1, too_many());
    stand
        .source
        .answer_to(2, Answer::text(503, "").with("retry-after", "whenever"));
    stand.recovers(5).await
}

#[tokio::test]
async fn a_wait_over_the_limit_is_told_instead() -> Result<()> {
    let stand = shop_with("retry_after_seconds_max = 60").await?;
    stand
        .source
        .answer_to(2, Answer::text(429, "").with("retry-after", "61"));
    let says = [
        "429",
        "asks to wait 61 seconds",
        "retry_after_seconds_max = 60",
    ];
    stand.refuses(ErrorClass::Transient, &says, 1).await?;
    ensure!(stand.source.asked().len() == 2);
    Ok(())
}

#[tokio::test]
async fn failures_in_mid_paging_are_asked_again() -> Result<()> {
    let stand = shop().await?;
    stand.source.answer_to(2, Answer::text(500, "boom"));
    stand.source.answer_to(3, Answer::text(502, ""));
    stand.recovers(5).await?;

    let stand = shop_with("attempts = 3").await?;
    for nth in 2..=4 {
        stand
            .source
            .answer_to(nth, Answer::text(500, format!("boom {CANARY}")));
    }
    let says = ["page=2", "attempts 3", "500", "boom ***"];
    stand.refuses(ErrorClass::Transient, &says, 1).await?;
    ensure!(stand.source.asked().len() == 4);
    Ok(())
}

#[tokio::test]
async fn a_source_that_is_not_there_is_told() -> Result<()> {
    let stand = shop_with("attempts = 2").await?;
    let gone = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    let mut stand = stand;
    if let Some(catwing_domain::tenant_file::SourceFile::Rest(rest)) =
        stand.file.sources.get_mut("erp")
    {
        rest.base_url_env = None;
        rest.base_url = Some(format!("http://{gone}"));
    }
    let says = ["attempts 2", "no connection can be made"];
    stand.refuses(ErrorClass::Transient, &says, 0).await
}

#[tokio::test]
async fn an_answer_that_is_no_page_is_shown_and_never_sealed() -> Result<()> {
    for (body, says) in [
        ("<html>try later</html>", "no JSON document"),
        (
            r#"{"error": "try later"}"#,
            "no list of records at \"records\"",
        ),
        (r#"{"records": [], "next": null}"#, "no total at \"total\""),
        (
            r#"{"records": [], "total": "many"}"#,
            "total of records is no whole number",
        ),
    ] {
        let stand = shop().await?;
        // On the first page, and then, after it was mended, on the second.
        stand.source.answer_to(1, Answer::text(200, body));
        stand
            .refuses(ErrorClass::Data, &[says, "page=1"], 0)
            .await?;
        ensure!(stand.source.asked().len() == 1, "asked again for {body}");
        stand.source.now_serves(erp(5, 2));
        stand.source.answer_to(2, Answer::text(200, body));
        if says.starts_with("no total") {
            // Behind a page that has one, this is a source that changed: it is read anew.
            stand.ingest().await??;
            ensure!(stand.sealed().await? == pages(".r2", 3));
        } else {
            let says = [says, "page=2"];
            stand.refuses(ErrorClass::Data, &says, 1).await?;
        }
    }
    let stand = shop().await?;
    let body = format!("<html>\u{1}{CANARY} {}", "x".repeat(5_000));
    stand.source.answer_to(1, Answer::text(200, body));
    let (_, told) = stand.fails().await?;
    ensure!(
        told.contains("<html> *** xxx") && told.len() < 600,
        "{told}"
    );
    Ok(())
}

#[tokio::test]
async fn a_total_that_never_matches_is_an_error_after_the_last_pass() -> Result<()> {
    let stand = shop().await?;
    stand.source.now_serves(|asked: &Asked| {
        let page = asked.number("page");
        let records: &[u32] = if page == 1 { &[1, 2] } else { &[3] };
        Answer::json(&erp_page(records, page, 2, 4))
    });
    let says = [
        "in each of 3 passes",
        "total of 4 with 3 counted",
        "when the source is at rest",
    ];
    // The last page of each pass is not stored: it is what contradicts.
    stand.refuses(ErrorClass::Transient, &says, 3).await?;
    ensure!(stand.source.asked_for("page") == [1, 2, 1, 2, 1, 2]);
    let names = stand.stored().await?;
    ensure!(
        names == [pages("", 1), pages(".r2", 1), pages(".r3", 1)].concat(),
        "{names:?}"
    );
    Ok(())
}

#[tokio::test]
async fn pages_that_shift_are_fetched_anew_until_they_agree() -> Result<()> {
    // A record comes in while the pages are read: the total on the second page is another one.
    let stand = shop().await?;
    stand
        .source
        .answer_to(2, Answer::json(&erp_page(&[3, 4], 2, 3, 6)));
    let report = stand.ingest().await??;
    ensure!(stand.source.asked_for("page") == [1, 2, 1, 2, 3]);
    ensure!(report.fetched[0].records == Some(5));
    ensure!(stand.sealed().await? == pages(".r2", 3));
    ensure!(stand.stored().await? == [pages("", 1), pages(".r2", 3)].concat());
    stand.check().await?;

    // One goes away: the last page is empty though the total says otherwise.
    let stand = shop().await?;
    stand
        .source
        .answer_to(3, Answer::json(&erp_page(&[], 3, 3, 5)));
    stand.ingest().await??;
    ensure!(stand.source.asked_for("page") == [1, 2, 3, 1, 2, 3]);
    ensure!(stand.sealed().await? == pages(".r2", 3));
    stand.check().await?;

    // In the middle of it, the source has nothing any more, and then has it again.
    let stand = shop().await?;
    stand.source.answer_to(2, Answer::text(204, ""));
    stand.ingest().await??;
    ensure!(stand.sealed().await? == pages(".r2", 3));
    stand.check().await
}

#[tokio::test]
async fn a_source_that_goes_round_in_a_circle_is_left() -> Result<()> {
    let linked = r#"fetch = { path = "/v1/sales", next = "next" }"#;
    let circle = |asked: &Asked| {
        let at = asked.number("at");
        Answer::json(&json!({ "records": [at], "next": format!("?at={}", at % 2 + 1) }))
    };
    let stand = Stand::new(Fake::start(circle).await?, linked).await?;
    let says = ["leads back to a page before"];
    stand.refuses(ErrorClass::Data, &says, 3).await?;
    ensure!(stand.source.asked_for("at") == [0, 1, 2]);

    let counted = r#"fetch = { path = "/v1/sales", page = "page" }"#;
    let deaf = |_: &Asked| Answer::json(&json!({ "records": [1] }));
    let stand = Stand::new(Fake::start(deaf).await?, counted).await?;
    let says = ["page 2 is the same as a page before"];
    stand.refuses(ErrorClass::Data, &says, 1).await?;
    ensure!(stand.source.asked().len() == 2);
    Ok(())
}

#[tokio::test]
async fn a_token_that_expired_is_told_once_and_without_it() -> Result<()> {
    let stand = shop().await?;
    let refusal = Answer::text(
        401,
        format!("{{\"token\": \"{CANARY}\", \"error\": \"expired\"}}"),
    );
    stand.source.answer_to(2, refusal);
    let says = ["401", "expired", "token_env", "***", "page=2"];
    stand.refuses(ErrorClass::Operator, &says, 1).await?;
    ensure!(stand.source.asked().len() == 2);
    let stand = shop().await?;
    stand
        .source
        .answer_to(1, Answer::text(404, "no such dataset"));
    let says = ["404", "no such dataset", "path and query"];
    stand.refuses(ErrorClass::Operator, &says, 0).await
}

#[tokio::test]
async fn a_body_that_stalls_or_drips_runs_into_a_time_out() -> Result<()> {
    let stand = shop_with("timeout_seconds = 1\nattempts = 2").await?;
    let stalls = || Answer::text(200, "{\"records\": [").that_stalls();
    stand.source.answer_to(2, stalls());
    stand.recovers(4).await?;

    let stand = shop_with("timeout_seconds = 1\nattempts = 2").await?;
    stand.source.answer_to(2, stalls());
    stand.source.answer_to(3, stalls());
    let says = ["attempts 2", "longer than its time-outs"];
    stand.refuses(ErrorClass::Transient, &says, 1).await?;

    // Always something within the time-out, and never an end.
    let stand = shop_with("timeout_seconds = 1\nrequest_seconds_max = 2").await?;
    stand
        .source
        .answer_to(2, Answer::text(200, " ").that_drips());
    stand.recovers(4).await?;
    ensure!(stand.waited(2)? >= Duration::from_secs(2));
    Ok(())
}

#[tokio::test]
async fn a_body_that_breaks_off_is_asked_for_again() -> Result<()> {
    let whole = erp_page(&[3, 4], 2, 3, 5).to_string();
    let (half, _) = whole.split_at(whole.len() / 2);
    for cut in [
        // The connection breaks before the end of a body of known and of unknown length.
        Answer::text(200, half)
            .with("content-length", whole.len().to_string())
            .that_breaks(),
        Answer::text(200, half).that_breaks(),
        // The source itself ends in the middle, and calls it whole.
        Answer::text(200, half),
    ] {
        let stand = shop().await?;
        stand.source.answer_to(2, cut);
        stand.recovers(4).await?;
    }
    Ok(())
}

#[tokio::test]
async fn limits_hold_whatever_a_source_sends() -> Result<()> {
    let large = "x".repeat(5_000);
    for answer in [
        Answer::text(200, large.clone()),
        Answer::text(200, large).that_repeats(),
    ] {
        let stand = shop_with("page_bytes_max = 4096").await?;
        stand.source.answer_to(2, answer);
        let says = ["larger than page_bytes_max = 4096"];
        stand.refuses(ErrorClass::Data, &says, 1).await?;
        let spooled = std::fs::metadata(stand.spool.path().join("page"))?.len();
        ensure!(spooled <= 4_096, "{spooled} bytes were kept");
        ensure!(stand.source.asked().len() == 2);
    }
    let stand = shop_with("pages_max = 2").await?;
    let says = ["more pages than pages_max = 2"];
    stand.refuses(ErrorClass::Data, &says, 1).await?;
    let stand = shop_with("fetch_bytes_max = 200").await?;
    let says = ["more bytes than fetch_bytes_max = 200"];
    stand.refuses(ErrorClass::Data, &says, 1).await
}

#[tokio::test]
async fn the_token_stays_on_its_server() -> Result<()> {
    let elsewhere = Fake::start(erp(5, 2)).await?;
    let stand = shop().await?;
    let away = format!(
        "{}/v1/sales_orders?secret=canary-token-5f2a",
        elsewhere.url()
    );
    stand
        .source
        .answer_to(1, Answer::text(302, "").with("location", away));
    let says = ["302", &elsewhere.url(), "base_url"];
    stand.refuses(ErrorClass::Operator, &says, 0).await?;

    let linked = r#"fetch = { path = "/v1/sales", next = "next" }"#;
    let link = elsewhere.url();
    let away = move |_: &Asked| Answer::json(&json!({ "records": [1], "next": &link }));
    let stand = Stand::new(Fake::start(away).await?, linked).await?;
    let says = ["leads to another server"];
    stand.refuses(ErrorClass::Data, &says, 1).await?;
    ensure!(elsewhere.asked().is_empty(), "the other server was asked");

    // Within the server, a redirect is followed, the token with it.
    let stand = shop().await?;
    let here = "/v2/sales_orders?date=2026-02-24&page_size=2&page=1";
    stand
        .source
        .answer_to(1, Answer::text(307, "").with("location", here));
    stand.recovers(4).await?;
    let asked = stand.source.asked();
    ensure!(asked[1].path == "/v2/sales_orders" && asked[1].authorization.is_some());
    Ok(())
}
