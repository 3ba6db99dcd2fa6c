//! Requests for pages: sent again where that helps, and written to a file as they come.

use std::{path::Path, sync::Arc, time::Duration};

use catwing_domain::{Clock, tenant_file::RestFile};
use jiff::Timestamp;
use reqwest::{
    Client as HttpClient, Response, StatusCode, Url,
    header::{
        ACCEPT, AUTHORIZATION, DATE, HeaderMap, HeaderName, HeaderValue, LOCATION, RETRY_AFTER,
    },
    redirect,
};
use secrecy::{ExposeSecret, SecretString};
use tokio::{fs::File, io::AsyncWriteExt};

use super::{
    RestSettings,
    page::{Layout, PageFacts, Unreadable},
    wait::{Waits, http_date, retry_after},
};
use crate::IngestError;

/// Redirects that one request follows, each within the same server.
const REDIRECTS_MAX: usize = 5;
/// Bytes of a refusal that are read.
const REFUSAL_BYTES_MAX: usize = 1 << 10;
/// Characters of an answer that a message shows.
const SHOWN_CHARS_MAX: usize = 200;
const USER_AGENT: &str = concat!("catwing/", env!("CARGO_PKG_VERSION"));
/// What is asked for where pages are JSON.
const ACCEPT_JSON: &str = "application/json, */*;q=0.1";

/// A client of one source.
pub(super) struct Client {
    http: HttpClient,
    authorization: Option<HeaderValue>,
    token: Option<SecretString>,
    limits: RestFile,
    waits: Waits,
    clock: Arc<dyn Clock>,
}

/// What is asked for.
#[derive(Clone, Copy)]
pub(super) struct Question<'a> {
    pub url: &'a Url,
    /// The address as messages and the manifest show it.
    pub shown: &'a str,
    pub layout: &'a Layout,
    /// Where the answer is written to.
    pub spool: &'a Path,
}

/// What a source answered.
#[derive(Debug)]
pub(super) enum Answer {
    /// There is nothing.
    Nothing,
    /// A page, which is in the file now.
    Page {
        facts: PageFacts,
        /// The source's own clock.
        clock: Option<Timestamp>,
    },
}

/// Why an attempt failed.
enum Failure {
    /// Another attempt would end the same.
    Final(IngestError),
    /// Another attempt may succeed, after the wait that the source asks for.
    Again(Again),
}

struct Again {
    problem: String,
    cause: Option<reqwest::Error>,
    wait: Option<Duration>,
}

impl Client {
    pub fn new(settings: &RestSettings, base: &Url, clock: Arc<dyn Clock>) -> Result<Self, String> {
        let limits = settings.file.clone();
        let seconds = |seconds: u32| Duration::from_secs(seconds.into());
        let mut builder = HttpClient::builder()
            .user_agent(USER_AGENT)
            .connect_timeout(seconds(limits.connect_timeout_seconds))
            .read_timeout(seconds(limits.timeout_seconds))
            .timeout(seconds(limits.request_seconds_max))
            // Attempts are counted here and nowhere else.
            .retry(reqwest::retry::never())
            .redirect(redirect::Policy::custom(same_server));
        if is_loopback(base) {
            builder = builder.no_proxy();
        }
        let authorization = match &settings.token {
            None => None,
            Some(token) => Some(bearer(token)?),
        };
        Ok(Self {
            http: builder
                .build()
                .map_err(|error| format!("no HTTP client can be made: {error}"))?,
            authorization,
            token: settings.token.clone(),
            waits: Waits::new(settings.first_pause, settings.jitter_seed),
            limits,
            clock,
        })
    }

    /// Asks until there is an answer, it is refused for good, or the attempts are used up. Returns
    /// it with the number of requests.
    pub async fn ask(&self, question: Question<'_>) -> Result<(Answer, u32), IngestError> {
        let mut attempt = 1;
        loop {
            let again = match self.ask_once(question).await {
                Ok(answer) => return Ok((answer, attempt)),
                Err(Failure::Final(error)) => return Err(error),
                Err(Failure::Again(again)) => again,
            };
            let longest = Duration::from_secs(self.limits.retry_after_seconds_max.into());
            let too_long = again.wait.is_some_and(|wait| wait > longest);
            if attempt >= self.limits.attempts || too_long {
                let mut problem = again.problem;
                if let Some(wait) = again.wait.filter(|_| too_long) {
                    problem.push_str(&format!(
                        "; it asks to wait {} seconds, more than retry_after_seconds_max = {}",
                        wait.as_secs(),
                        self.limits.retry_after_seconds_max
                    ));
                }
                return Err(IngestError::Unanswered {
                    url: question.shown.to_owned(),
                    attempts: attempt,
                    problem,
                    source: again.cause,
                });
            }
            let wait = again.wait.unwrap_or_else(|| self.waits.after(attempt));
            tracing::warn!(
                url = question.shown,
                attempt,
                wait_ms = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX),
                problem = again.problem,
                "a request failed; it is sent again"
            );
            tokio::time::sleep(wait).await;
            attempt += 1;
        }
    }

    /// Waits before a dataset is fetched anew for the `nth` time.
    pub async fn pause(&self, nth: u32) {
        tokio::time::sleep(self.waits.after(nth)).await;
    }

    async fn ask_once(&self, question: Question<'_>) -> Result<Answer, Failure> {
        let mut request = self.http.get(question.url.clone());
        if question.layout.records.is_some() {
            request = request.header(ACCEPT, ACCEPT_JSON);
        }
        if let Some(authorization) = &self.authorization {
            request = request.header(AUTHORIZATION, authorization);
        }
        let sent = request.send().await;
        let mut answer = sent.map_err(|cause| broken(cause, "it does not answer"))?;
        let clock = header(answer.headers(), &DATE).and_then(http_date);
        match answer.status() {
            StatusCode::NO_CONTENT | StatusCode::RESET_CONTENT => Ok(Answer::Nothing),
            StatusCode::OK | StatusCode::NON_AUTHORITATIVE_INFORMATION => {
                self.spool(&mut answer, question).await?;
                let facts = self.read(question).await?;
                Ok(Answer::Page { facts, clock })
            }
            status => Err(self.refusal(status, clock, answer, question.shown).await),
        }
    }

    /// Writes an answer to the file, as long as it is no larger than a page may be.
    async fn spool(&self, answer: &mut Response, question: Question<'_>) -> Result<(), Failure> {
        let limit = self.limits.page_bytes_max;
        let too_large = || {
            self.unusable(
                question,
                &format!("it is larger than page_bytes_max = {limit}; ask for smaller pages"),
                String::new(),
            )
        };
        if answer.content_length().is_some_and(|bytes| bytes > limit) {
            return Err(too_large());
        }
        let failed = |source| {
            Failure::Final(IngestError::Spool {
                path: question.spool.to_owned(),
                source,
            })
        };
        let mut file = File::create(question.spool).await.map_err(failed)?;
        let mut size_bytes = 0;
        loop {
            let chunk = answer.chunk().await;
            let chunk = chunk.map_err(|cause| broken(cause, "its answer broke off"))?;
            let Some(chunk) = chunk else { break };
            size_bytes += chunk.len() as u64;
            if size_bytes > limit {
                return Err(too_large());
            }
            file.write_all(&chunk).await.map_err(failed)?;
        }
        file.flush().await.map_err(failed)
    }

    async fn read(&self, question: Question<'_>) -> Result<PageFacts, Failure> {
        match read_page(question.layout, question.spool).await {
            Ok(facts) => Ok(facts),
            Err(Unreadable::Cut) => Err(Failure::Again(Again {
                problem: "its answer ends in the middle".to_owned(),
                cause: None,
                wait: None,
            })),
            Err(Unreadable::Wrong(problem)) => {
                let start = beginning(question.spool).await;
                Err(self.unusable(question, &problem, self.shown(&start)))
            }
            Err(Unreadable::File(source)) => Err(Failure::Final(IngestError::Spool {
                path: question.spool.to_owned(),
                source,
            })),
        }
    }

    fn unusable(&self, question: Question<'_>, problem: &str, body: String) -> Failure {
        Failure::Final(IngestError::Answer {
            url: question.shown.to_owned(),
            problem: problem.to_owned(),
            body,
        })
    }

    /// What an answer that is no page means.
    async fn refusal(
        &self,
        status: StatusCode,
        clock: Option<Timestamp>,
        mut answer: Response,
        shown: &str,
    ) -> Failure {
        let asked = header(answer.headers(), &RETRY_AFTER);
        let now = clock.unwrap_or_else(|| self.clock.now());
        let wait = asked.and_then(|text| retry_after(text, now));
        let to = header(answer.headers(), &LOCATION).and_then(|to| Url::parse(to).ok());
        let mut body = Vec::new();
        while body.len() < REFUSAL_BYTES_MAX
            && let Ok(Some(chunk)) = answer.chunk().await
        {
            body.extend(chunk.iter().take(REFUSAL_BYTES_MAX));
        }
        let body = self.shown(&body);
        if status.is_server_error()
            || matches!(
                status,
                StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS
            )
        {
            return Failure::Again(Again {
                problem: format!("it answers {status}{}", quoted(&body)),
                cause: None,
                wait,
            });
        }
        let advice = match status {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                "renew the token in the variable that token_env names".to_owned()
            }
            _ if status.is_redirection() => match to {
                Some(to) => format!(
                    "it sends on to {}; write the address that is meant as base_url",
                    to.origin().ascii_serialization()
                ),
                None => "it sends on to another place; check base_url and path".to_owned(),
            },
            _ => "check base_url, and path and query of fetch".to_owned(),
        };
        Failure::Final(IngestError::FetchRefused {
            url: shown.to_owned(),
            status: status.as_u16(),
            advice,
            body,
        })
    }

    /// The beginning of an answer as a message may show it: without the token, should the source
    /// have repeated it.
    fn shown(&self, bytes: &[u8]) -> String {
        let mut text = String::from_utf8_lossy(bytes).into_owned();
        if let Some(token) = &self.token {
            text = text.replace(token.expose_secret().trim(), "***");
        }
        let plain = |c: char| if c.is_control() { ' ' } else { c };
        text.chars().take(SHOWN_CHARS_MAX).map(plain).collect()
    }
}

/// Reads a page's facts without holding up what else runs.
pub(super) async fn read_page(layout: &Layout, path: &Path) -> Result<PageFacts, Unreadable> {
    let (layout, path) = (layout.clone(), path.to_owned());
    tokio::task::spawn_blocking(move || layout.read(&path))
        .await
        .unwrap_or_else(|error| Err(Unreadable::File(std::io::Error::other(error))))
}

/// What follows the status in a message.
pub(crate) fn quoted(body: &str) -> String {
    if body.is_empty() {
        return String::new();
    }
    format!(", beginning {body:?}")
}

fn broken(cause: reqwest::Error, otherwise: &str) -> Failure {
    let problem = if cause.is_connect() {
        "no connection can be made"
    } else if cause.is_timeout() {
        "it takes longer than its time-outs admit"
    } else {
        otherwise
    };
    Failure::Again(Again {
        problem: problem.to_owned(),
        // The address stands in the message already, without its secrets.
        cause: Some(cause.without_url()),
        wait: None,
    })
}

fn bearer(token: &SecretString) -> Result<HeaderValue, String> {
    let text = format!("Bearer {}", token.expose_secret().trim());
    let mut value = HeaderValue::from_str(&text)
        .map_err(|_| "the token has characters that no HTTP header may have".to_owned())?;
    value.set_sensitive(true);
    Ok(value)
}

fn same_server(attempt: redirect::Attempt<'_>) -> redirect::Action {
    let first = attempt.previous().first();
    let stays = first.is_some_and(|first| first.origin() == attempt.url().origin());
    if stays && attempt.previous().len() <= REDIRECTS_MAX {
        attempt.follow()
    } else {
        attempt.stop()
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host_str() {
        Some("localhost") => true,
        Some(host) => host
            .trim_matches(['[', ']'])
            .parse()
            .is_ok_and(|address: std::net::IpAddr| address.is_loopback()),
        None => false,
    }
}

fn header<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    headers.get(name)?.to_str().ok()
}

/// The first bytes of a file, for a message; none where it can't be read.
async fn beginning(path: &Path) -> Vec<u8> {
    use tokio::io::AsyncReadExt;
    let mut bytes = Vec::new();
    if let Ok(file) = File::open(path).await {
        let mut start = file.take(REFUSAL_BYTES_MAX as u64);
        if start.read_to_end(&mut bytes).await.is_err() {
            bytes.clear();
        }
    }
    bytes
}
