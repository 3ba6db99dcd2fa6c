//! The ERP over HTTP.

use std::{collections::BTreeMap, sync::Arc};

use catwing_domain::{BusinessDay, TenantId};
use catwing_simulator::{Clock, Dataset, DayOfHistory, Erp, History, Server, Settings};
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use tokio::net::TcpListener;

fn settings() -> Settings {
    let tenant: TenantId = "CW-000200".parse().expect("a tenant");
    Settings {
        days: 9,
        ..Settings::demo(tenant, 3)
    }
}

/// Today, as the number of a day of the history.
fn day(index: u16) -> BusinessDay {
    BusinessDay::from_number(settings().first_day.number() + index)
}

async fn start(token: Option<&str>) -> Server {
    let erp = Erp::new(History::new(settings())).expect("an ERP");
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    Server::start(Arc::new(erp), listener, token.map(str::to_owned)).expect("a server")
}

/// The records of all pages of a day, each as text, and the first page's bytes.
async fn all(
    client: &Client,
    server: &Server,
    dataset: &str,
    day: BusinessDay,
    size: u64,
) -> Vec<String> {
    let mut next = Some(format!("/v1/{dataset}?date={day}&page_size={size}"));
    let (mut records, mut pages) = (Vec::new(), 0);
    while let Some(path) = next {
        let response = client
            .get(format!("{}{path}", server.url()))
            .send()
            .await
            .expect("an answer");
        if response.status() == StatusCode::NO_CONTENT {
            assert_eq!(pages, 0);
            return records;
        }
        assert_eq!(response.status(), StatusCode::OK);
        let text = response.text().await.expect("a body");
        let body: Value = serde_json::from_str(&text).expect("JSON");
        pages += 1;
        assert_eq!(body["page"], pages);
        assert_eq!(body["dataset"], dataset);
        assert_eq!(body["date"], day.to_string());
        let own = body["records"].as_array().expect("records").len() as u64;
        let total = body["total"].as_u64().expect("a total");
        assert_eq!(body["pages"], total.div_ceil(size));
        next = body["next"].as_str().map(str::to_owned);
        assert!(
            own == size || next.is_none(),
            "{own} records on a page of {size}"
        );
        let lines = text.lines().skip(1).take(own as usize);
        records.extend(lines.map(|line| line.strip_suffix(',').unwrap_or(line).to_owned()));
        assert!(next.is_some() || records.len() as u64 == total);
    }
    records
}

/// The records of a day's deliveries as the files have them: of a snapshot the newest, else all.
fn expected(day: &DayOfHistory, dataset: Dataset, deliveries: u8) -> Vec<String> {
    let files = day
        .files
        .iter()
        .filter(|file| file.dataset == dataset && file.revision <= deliveries);
    let lists = files.map(|file| {
        let text = std::str::from_utf8(&file.bytes).expect("text");
        let lines = text.lines().filter(|line| !matches!(*line, "[" | "]"));
        lines
            .map(|line| line.strip_suffix(',').unwrap_or(line).to_owned())
            .collect::<Vec<_>>()
    });
    if dataset.is_snapshot() {
        lists.reduce(|_, newer| newer).unwrap_or_default()
    } else {
        lists.flatten().collect()
    }
}

#[tokio::test]
async fn pages_together_are_the_days_files_in_any_order_of_days() {
    let server = start(None).await;
    let client = Client::new();
    let days: Vec<_> = History::new(settings()).collect();
    let mut told: BTreeMap<&str, u64> = BTreeMap::new();
    for (turn, day) in days.iter().rev().enumerate() {
        for dataset in Dataset::ALL {
            let size = [500, 7, 64][(turn + dataset.name().len()) % 3];
            let records = all(&client, &server, dataset.name(), day.day, size).await;
            assert!(
                records == expected(day, dataset, 2),
                "{dataset} {}",
                day.day
            );
            *told.entry(dataset.name()).or_default() += records.len() as u64;
        }
    }
    assert_eq!(told, server.erp().records());
    assert_eq!(server.erp().totals().rows["locations"], 6);
    server.stop().await.expect("it stops");
}

#[tokio::test]
async fn equal_requests_have_equal_bytes_from_any_server() {
    let (one, other) = (start(None).await, start(None).await);
    let client = Client::new();
    let path = format!("/v1/sales_orders?date={}&page=2&page_size=20", day(3));
    let mut bodies = Vec::new();
    for server in [&one, &other, &one] {
        let response = client
            .get(format!("{}{path}", server.url()))
            .send()
            .await
            .expect("an answer");
        assert_eq!(response.headers()["content-type"], "application/json");
        bodies.push(response.bytes().await.expect("a body"));
    }
    assert!(bodies.iter().all(|body| *body == bodies[0]));
    let text = std::str::from_utf8(&bodies[0]).expect("text");
    let start = format!(
        "{{\"dataset\":\"sales_orders\",\"date\":\"{0}\",\"page\":2,\"pages\":4,\"total\":74,\
         \"next\":\"/v1/sales_orders?date={0}&page=3&page_size=20\",\"records\":[\n{{\"external_id\":",
        day(3)
    );
    assert_eq!(text.get(..start.len()), Some(start.as_str()));
    assert!(text.ends_with("}\n]}\n"));
}

#[tokio::test]
async fn what_cannot_be_answered_is_told_by_its_status() {
    let server = start(None).await;
    let client = Client::new();
    for (path, status) in [
        ("/v1", 200),
        ("/v1/products?date=2026-01-05", 200),
        // The ninth day has no inventory, unless it is the last; a Saturday has no rates of its own.
        ("/v1/inventory?date=2026-01-13", 200),
        ("/v1/currency_rates?date=2026-01-11", 204),
        ("/v1/sales_orders?date=2025-12-31", 204),
        ("/v1/sales_orders?date=2030-01-01", 204),
        ("/v1/customer_orders?date=2026-01-05", 404),
        ("/v2/products?date=2026-01-05", 404),
        ("/v1/products", 400),
        ("/v1/products?date=05.01.2026", 400),
        ("/v1/products?date=2026-01-05&page=0", 400),
        ("/v1/products?date=2026-01-05&page=99", 400),
        ("/v1/products?date=2026-01-05&page_size=100000", 400),
    ] {
        let response = client
            .get(format!("{}{path}", server.url()))
            .send()
            .await
            .expect("an answer");
        assert_eq!(response.status().as_u16(), status, "{path}");
        let body = response.bytes().await.expect("a body");
        match status {
            204 => assert!(body.is_empty()),
            400 => {
                let body: Value = serde_json::from_slice(&body).expect("JSON");
                assert!(
                    body["error"].as_str().is_some_and(|text| !text.is_empty()),
                    "{body}"
                );
            }
            _ => {}
        }
    }
}

#[tokio::test]
async fn the_list_of_datasets_has_those_that_are_told() {
    let mut few = settings();
    few.datasets = vec![Dataset::Customers, Dataset::StoreOrders];
    let erp = Arc::new(Erp::new(History::new(few)).expect("an ERP"));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let server = Server::start(erp, listener, None).expect("a server");
    let response = reqwest::get(format!("{}/v1", server.url()))
        .await
        .expect("an answer");
    let body: Value =
        serde_json::from_slice(&response.bytes().await.expect("a body")).expect("JSON");
    assert_eq!(
        body,
        json!({
            "tenant": "CW-000200", "currency": "EUR",
            "first_day": "2026-01-05", "last_day": "2026-01-13",
            "datasets": [
                { "dataset": "customers", "completeness": "snapshot", "url": "/v1/customers" },
                { "dataset": "store_orders", "completeness": "delta", "url": "/v1/store_orders" },
            ],
        })
    );
    let other = reqwest::get(format!("{}/v1/products?date=2026-01-05", server.url())).await;
    assert_eq!(other.expect("an answer").status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn without_the_token_nothing_is_told() {
    let server = start(Some("moon")).await;
    let client = Client::new();
    for path in [
        "/v1",
        "/v1/products?date=2026-01-05",
        "/clock",
        "/elsewhere",
    ] {
        let url = format!("{}{path}", server.url());
        for given in [None, Some("Bearer sun"), Some("moon"), Some("Bearer moon ")] {
            let request = client.get(&url);
            let request = match given {
                Some(given) => request.header("authorization", given),
                None => request,
            };
            // A header's outer spaces are none of its value.
            let expected = given.is_some_and(|given| given.trim() == "Bearer moon");
            let status = request.send().await.expect("an answer").status();
            assert_eq!(
                status != StatusCode::UNAUTHORIZED,
                expected,
                "{path} {given:?}"
            );
        }
    }
}

#[tokio::test]
async fn the_clock_decides_what_is_known() {
    let server = start(None).await;
    let client = Client::new();
    let days: Vec<_> = History::new(settings()).collect();
    // The sixth day tells sales a second time, the seventh products, the eighth the inventory.
    for (index, dataset) in [
        (5u16, Dataset::SalesOrders),
        (6, Dataset::Products),
        (7, Dataset::Inventory),
    ] {
        let told = &days[usize::from(index)];
        let (first, second) = (expected(told, dataset, 1), expected(told, dataset, 2));
        assert_ne!(first, second, "{dataset}");
        let later = Clock {
            day: day(index + 1),
            delivery: 1,
        };
        for (clock, expected) in [
            (
                Some(Clock {
                    day: day(index - 1),
                    delivery: 2,
                }),
                &Vec::new(),
            ),
            (
                Some(Clock {
                    day: day(index),
                    delivery: 1,
                }),
                &first,
            ),
            (
                Some(Clock {
                    day: day(index),
                    delivery: 2,
                }),
                &second,
            ),
            (Some(later), &second),
            (None, &second),
        ] {
            server.erp().set_clock(clock);
            let records = all(&client, &server, dataset.name(), day(index), 50).await;
            let both = (records.len(), expected.len());
            assert!(
                records == *expected,
                "{dataset} {clock:?}: {both:?} records"
            );
        }
    }
}

#[tokio::test]
async fn the_clock_is_set_over_http() {
    let server = start(None).await;
    let client = Client::new();
    let url = format!("{}/clock", server.url());
    let put = |body: &'static str| client.put(&url).body(body).send();
    let status = put(r#"{"day": "2026-01-07", "delivery": 2}"#)
        .await
        .expect("an answer")
        .status();
    assert_eq!(status, StatusCode::NO_CONTENT);
    let expected = Clock {
        day: day(2),
        delivery: 2,
    };
    assert_eq!(server.erp().clock(), Some(expected));
    put(r#"{"day": "2026-01-08"}"#).await.expect("an answer");
    assert_eq!(
        server.erp().clock(),
        Some(Clock {
            day: day(3),
            delivery: 1
        })
    );
    for wrong in [
        "",
        "{}",
        r#"{"day": "soon"}"#,
        r#"{"day": "2026-01-08", "delivery": 0}"#,
    ] {
        let status = put(wrong).await.expect("an answer").status();
        assert_eq!(status, StatusCode::BAD_REQUEST, "{wrong}");
    }
    let shown = client
        .get(&url)
        .send()
        .await
        .expect("an answer")
        .text()
        .await
        .expect("a body");
    assert_eq!(shown, r#"{"day":"2026-01-08","delivery":1}"#);
    client.delete(&url).send().await.expect("an answer");
    assert_eq!(server.erp().clock(), None);
}

#[tokio::test]
async fn a_stopped_server_answers_no_more() {
    let server = start(None).await;
    let url = format!("{}/v1", server.url());
    let client = Client::new();
    assert_eq!(
        client.get(&url).send().await.expect("an answer").status(),
        StatusCode::OK
    );
    server.stop().await.expect("it stops");
    assert!(client.get(&url).send().await.is_err());
}
