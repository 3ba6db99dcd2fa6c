//! A scripted source: what it serves, which of its answers go wrong, and what it was asked.

use std::{
    collections::{BTreeMap, HashMap},
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use anyhow::Result;
use axum::{
    Router,
    body::{Body, Bytes},
    extract::{Query, State},
    http::{HeaderMap, Response, StatusCode, Uri},
};
use futures_util::{StreamExt, stream};
use serde_json::json;
use tokio::{net::TcpListener, task::JoinHandle};

/// The source's clock, which every answer tells.
pub const CLOCK: &str = "Tue, 24 Feb 2026 05:00:00 GMT";

/// A request as the source saw it.
#[derive(Clone, Debug)]
pub struct Asked {
    pub path: String,
    pub query: HashMap<String, String>,
    pub authorization: Option<String>,
    pub at: Instant,
}

impl Asked {
    /// A parameter as a number; 0 where it is absent.
    pub fn number(&self, name: &str) -> usize {
        let value = self.query.get(name);
        value.and_then(|value| value.parse().ok()).unwrap_or(0)
    }
}

/// An answer.
#[derive(Clone, Debug)]
pub struct Answer {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: Bytes,
    then: Then,
}

/// How an answer goes on after its body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Then {
    /// It ends.
    End,
    /// The connection breaks, though more was promised.
    Break,
    /// Nothing comes any more, and the connection stays.
    Stall,
    /// The same body again and again, its length not told.
    Repeat,
    /// The same, so slowly that it takes for ever.
    Drip,
}

impl Answer {
    pub fn text(status: u16, body: impl Into<String>) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: body.into().into(),
            then: Then::End,
        }
    }

    pub fn json(body: &serde_json::Value) -> Self {
        Self::text(200, body.to_string()).with("content-type", "application/json")
    }

    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub fn that_breaks(mut self) -> Self {
        self.then = Then::Break;
        self
    }

    pub fn that_stalls(mut self) -> Self {
        self.then = Then::Stall;
        self
    }

    pub fn that_repeats(mut self) -> Self {
        self.then = Then::Repeat;
        self
    }

    pub fn that_drips(mut self) -> Self {
        self.then = Then::Drip;
        self
    }

    fn respond(self) -> Response<Body> {
        let first = stream::once(std::future::ready(Ok(self.body.clone())));
        let body = match self.then {
            Then::End => Body::from(self.body),
            Then::Break => {
                // What was sent already must have left before the connection breaks.
                let broken = stream::once(async {
                    tokio::time::sleep(Duration::from_millis(20)).await;
                    Err(std::io::Error::other("the source went away"))
                });
                Body::from_stream(first.chain(broken))
            }
            Then::Stall => Body::from_stream(first.chain(stream::pending())),
            Then::Drip => {
                let drips = stream::unfold(self.body, |body| async {
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    Some((Ok::<_, std::io::Error>(body.clone()), body))
                });
                Body::from_stream(drips)
            }
            Then::Repeat => {
                let body = self.body;
                Body::from_stream(stream::repeat_with(move || {
                    Ok::<_, std::io::Error>(body.clone())
                }))
            }
        };
        let status = StatusCode::from_u16(self.status).unwrap();
        let mut response = Response::builder().status(status).header("date", CLOCK);
        for (name, value) in self.headers {
            response = response.header(name, value);
        }
        response.body(body).unwrap()
    }
}

type Serve = Arc<dyn Fn(&Asked) -> Answer + Send + Sync>;

struct Script {
    serve: Serve,
    /// Answers that take the place of what is served, by the number of the request from 1.
    instead: BTreeMap<usize, Answer>,
    asked: Vec<Asked>,
}

/// The source; it ends when it is dropped.
pub struct Fake {
    address: SocketAddr,
    script: Arc<Mutex<Script>>,
    serving: JoinHandle<()>,
}

impl Drop for Fake {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Fake {
    pub async fn start(serve: impl Fn(&Asked) -> Answer + Send + Sync + 'static) -> Result<Self> {
        let script = Arc::new(Mutex::new(Script {
            serve: Arc::new(serve),
            instead: BTreeMap::new(),
            asked: Vec::new(),
        }));
        let router = Router::new().fallback(answer).with_state(script.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let serving = tokio::spawn(async move {
            axum::serve(listener, router).await.unwrap();
        });
        Ok(Self {
            address,
            script,
            serving,
        })
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Serves something else from now on, and forgets what it was asked.
    pub fn now_serves(&self, serve: impl Fn(&Asked) -> Answer + Send + Sync + 'static) {
        let mut script = self.script.lock().unwrap();
        script.serve = Arc::new(serve);
        script.instead.clear();
        script.asked.clear();
    }

    /// The answer to the `nth` request from 1, counted since the last change.
    pub fn answer_to(&self, nth: usize, answer: Answer) {
        self.script.lock().unwrap().instead.insert(nth, answer);
    }

    /// What it was asked since the last change.
    pub fn asked(&self) -> Vec<Asked> {
        self.script.lock().unwrap().asked.clone()
    }

    /// The values of a parameter, in the order of requests.
    pub fn asked_for(&self, parameter: &str) -> Vec<usize> {
        let asked = self.asked();
        asked.iter().map(|asked| asked.number(parameter)).collect()
    }
}

async fn answer(
    State(script): State<Arc<Mutex<Script>>>,
    uri: Uri,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Response<Body> {
    let asked = Asked {
        path: uri.path().to_owned(),
        query,
        authorization: headers
            .get("authorization")
            .map(|value| value.to_str().unwrap().to_owned()),
        at: Instant::now(),
    };
    let (serve, instead) = {
        let mut script = script.lock().unwrap();
        script.asked.push(asked.clone());
        let nth = script.asked.len();
        (script.serve.clone(), script.instead.get(&nth).cloned())
    };
    instead.unwrap_or_else(|| serve(&asked)).respond()
}

/// A page as an ERP gives it: records with these numbers of a list of so many.
pub fn erp_page(numbers: &[u32], page: usize, pages: usize, total: usize) -> serde_json::Value {
    let records: Vec<_> = numbers
        .iter()
        .map(|number| json!({ "external_id": format!("SO-{number}"), "note": "é — ü" }))
        .collect();
    json!({
        "page": page, "pages": pages, "total": total,
        "next": (page < pages).then_some(page + 1),
        "records": records,
    })
}

/// An ERP with records 1 to `total`, so many a page; a day without any is answered with 204.
pub fn erp(total: u32, page_size: usize) -> impl Fn(&Asked) -> Answer + Send + Sync + 'static {
    let numbers: Vec<u32> = (1..=total).collect();
    move |asked| {
        if numbers.is_empty() {
            return Answer::text(204, "");
        }
        let pages = numbers.len().div_ceil(page_size);
        let page = asked.number("page");
        let records = numbers.chunks(page_size).nth(page - 1).unwrap_or_default();
        Answer::json(&erp_page(records, page, pages, numbers.len()))
    }
}
