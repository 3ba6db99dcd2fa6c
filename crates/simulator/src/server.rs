//! The ERP's REST API, as real ones have it: paged, with totals and a link to the next page.
//!
//! | request | answer |
//! | --- | --- |
//! | `GET /v1` | the datasets |
//! | `GET /v1/{dataset}?date=2026-01-07&page=1&page_size=500` | 200 with a page; 204 where nothing is said of that day; 400 with what is wrong; 404 for another dataset |
//! | `GET /clock`, `PUT /clock` `{"day": "2026-01-07", "delivery": 1}`, `DELETE /clock` | how far the time is; set it; everything is known |
//!
//! Where a token is set, every request needs `Authorization: Bearer <token>`, else the answer is 401.

mod request;

use std::sync::Arc;

use axum::{
    Json, Router,
    body::Bytes,
    extract::{Path, RawQuery, Request, State},
    http::{StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::get,
};
use serde_json::json;
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};

use crate::{
    Clock, Dataset, Erp, SimulatorError,
    erp::{Page, PageError},
};
use request::PageRequest;

/// A running server. It stops when it is told to, or dropped.
#[derive(Debug)]
pub struct Server {
    url: String,
    erp: Arc<Erp>,
    stop: oneshot::Sender<()>,
    task: JoinHandle<std::io::Result<()>>,
}

impl Server {
    /// Serves an ERP on a listener, for requests with this token where there is one.
    ///
    /// # Errors
    /// [`SimulatorError::Serve`] where the listener has no address.
    pub fn start(
        erp: Arc<Erp>,
        listener: TcpListener,
        token: Option<String>,
    ) -> Result<Self, SimulatorError> {
        let address = listener
            .local_addr()
            .map_err(|source| SimulatorError::Serve { source })?;
        let (stop, stopped) = oneshot::channel();
        let router = router(Arc::clone(&erp), token);
        let serve = axum::serve(listener, router).with_graceful_shutdown(async move {
            // A handle that was dropped stops the server too.
            let _ = stopped.await;
        });
        Ok(Self {
            url: format!("http://{address}"),
            erp,
            stop,
            task: tokio::spawn(serve.into_future()),
        })
    }

    /// `http://` and the address, without a slash at the end.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The ERP that is served.
    #[must_use]
    pub fn erp(&self) -> &Arc<Erp> {
        &self.erp
    }

    /// Answers the requests that are under way, and stops.
    ///
    /// # Errors
    /// [`SimulatorError::Serve`] where the server broke.
    pub async fn stop(self) -> Result<(), SimulatorError> {
        // Nobody listens where the server ended before.
        let _ = self.stop.send(());
        let ended = self.task.await.map_err(std::io::Error::other);
        let ended = ended.and_then(|served| served);
        ended.map_err(|source| SimulatorError::Serve { source })
    }
}

fn router(erp: Arc<Erp>, token: Option<String>) -> Router {
    let expected: Option<Arc<str>> = token.map(|token| format!("Bearer {token}").into());
    let check = move |request: Request, next: Next| authorize(expected.clone(), request, next);
    let clock = get(show_clock).put(set_clock).delete(forget_clock);
    Router::new()
        .route("/v1", get(datasets))
        .route("/v1/{dataset}", get(page))
        .route("/clock", clock)
        .layer(middleware::from_fn(check))
        .with_state(erp)
}

async fn authorize(expected: Option<Arc<str>>, request: Request, next: Next) -> Response {
    let given = request.headers().get(header::AUTHORIZATION);
    let is_allowed = expected
        .is_none_or(|expected| given.is_some_and(|given| given.as_bytes() == expected.as_bytes()));
    let line = format!("{} {}", request.method(), request.uri());
    let response = if is_allowed {
        next.run(request).await
    } else {
        refusal(
            StatusCode::UNAUTHORIZED,
            "the header Authorization: Bearer <token> is missing or has another token",
        )
    };
    tracing::debug!(
        request = line,
        status = response.status().as_u16(),
        "answered"
    );
    response
}

async fn datasets(State(erp): State<Arc<Erp>>) -> Response {
    let settings = erp.settings();
    let entry = |dataset: &Dataset| {
        json!({
            "dataset": dataset.name(),
            "completeness": if dataset.is_snapshot() { "snapshot" } else { "delta" },
            "url": format!("/v1/{dataset}"),
        })
    };
    let datasets: Vec<_> = settings.datasets.iter().map(entry).collect();
    let body = json!({
        "tenant": settings.tenant.to_string(),
        "currency": settings.currency,
        "first_day": settings.first_day,
        "last_day": erp.last_day(),
        "datasets": datasets,
    });
    Json(body).into_response()
}

async fn page(
    State(erp): State<Arc<Erp>>,
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    let told = Dataset::named(&name).filter(|one| erp.settings().datasets.contains(one));
    let Some(dataset) = told else {
        let message = format!("there is no dataset {name:?}: GET /v1 lists them");
        return refusal(StatusCode::NOT_FOUND, &message);
    };
    let request = match PageRequest::read(query.as_deref().unwrap_or_default()) {
        Ok(request) => request,
        Err(message) => return refusal(StatusCode::BAD_REQUEST, &message),
    };
    let read = tokio::task::spawn_blocking(move || {
        let page = erp.page(dataset, request.date, request.page, request.page_size)?;
        Ok(page.map(|page| body(dataset, &request, page)))
    });
    match read.await {
        Ok(Ok(Some(body))) => ([(header::CONTENT_TYPE, "application/json")], body).into_response(),
        Ok(Ok(None)) => StatusCode::NO_CONTENT.into_response(),
        Ok(Err(PageError::Beyond { pages })) => {
            let message = format!("page is beyond the last one, {pages}");
            refusal(StatusCode::BAD_REQUEST, &message)
        }
        Ok(Err(PageError::Broken(error))) => {
            tracing::error!(error = &error as &dyn std::error::Error, "no page");
            refusal(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string())
        }
        Err(error) => refusal(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string()),
    }
}

/// A page's bytes: fields in this order always, records one a line.
fn body(dataset: Dataset, request: &PageRequest, page: Page) -> Vec<u8> {
    let (date, size) = (request.date, request.page_size);
    let next = if page.number < page.pages {
        let next = page.number + 1;
        format!("\"/v1/{dataset}?date={date}&page={next}&page_size={size}\"")
    } else {
        "null".to_owned()
    };
    let mut body = format!(
        "{{\"dataset\":\"{dataset}\",\"date\":\"{date}\",\"page\":{},\"pages\":{},\"total\":{},\
         \"next\":{next},\"records\":[\n",
        page.number, page.pages, page.total
    )
    .into_bytes();
    body.extend_from_slice(&page.records);
    body.extend_from_slice(b"\n]}\n");
    body
}

async fn show_clock(State(erp): State<Arc<Erp>>) -> Response {
    Json(erp.clock()).into_response()
}

async fn set_clock(State(erp): State<Arc<Erp>>, body: Bytes) -> Response {
    match serde_json::from_slice::<Clock>(&body) {
        Ok(clock) if clock.delivery > 0 => {
            erp.set_clock(Some(clock));
            StatusCode::NO_CONTENT.into_response()
        }
        Ok(_) => refusal(StatusCode::BAD_REQUEST, "delivery is counted from 1"),
        Err(error) => {
            let message = format!(
                "the body is no clock such as {{\"day\": \"2026-01-07\", \"delivery\": 1}}: {error}"
            );
            refusal(StatusCode::BAD_REQUEST, &message)
        }
    }
}

async fn forget_clock(State(erp): State<Arc<Erp>>) -> Response {
    erp.set_clock(None);
    StatusCode::NO_CONTENT.into_response()
}

fn refusal(status: StatusCode, message: &str) -> Response {
    (status, Json(json!({ "error": message }))).into_response()
}
