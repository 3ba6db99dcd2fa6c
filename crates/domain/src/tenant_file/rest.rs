//! How a tenant's file describes a paged REST source: the server (`[sources.NAME]`, kind `rest`) and
//! what each dataset asks of it (`fetch`).

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::FormatFile;
use crate::{BusinessDay, RawPosition};

/// Seconds that a connection may take to be made.
pub const CONNECT_TIMEOUT_SECONDS: u32 = 10;
/// Seconds until an answer begins, and between any two stretches of its body.
pub const TIMEOUT_SECONDS: u32 = 30;
/// Seconds that a whole request may take, however steadily its body drips.
pub const REQUEST_SECONDS_MAX: u32 = 600;
/// How often one request is sent before its failure is that of the fetch.
pub const ATTEMPTS: u32 = 5;
/// The longest wait, in seconds, that a source may ask for with `Retry-After`.
pub const RETRY_AFTER_SECONDS_MAX: u32 = 300;
/// How often a dataset is fetched from its first page on because its pages contradict each other.
pub const FETCHES: u32 = 3;
/// Bytes of one page.
pub const PAGE_BYTES_MAX: u64 = 64 << 20;
/// Bytes of all pages of a dataset for one day.
pub const FETCH_BYTES_MAX: u64 = 16 << 30;
/// The word that stands for the business day, `YYYY-MM-DD`.
const DATE: &str = "{date}";

/// A server that answers `GET` with the records of a business day, in pages. No secret stands here:
/// `token_env` names a variable of the environment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RestFile {
    /// Where it is, `https://erp.example.com/api`; this or `base_url_env`.
    #[serde(default)]
    pub base_url: Option<String>,
    /// The environment variable that says where it is, for servers that move.
    #[serde(default)]
    pub base_url_env: Option<String>,
    /// The environment variable that holds the bearer token, where the source wants one.
    #[serde(default)]
    pub token_env: Option<String>,
    /// Seconds that a connection may take to be made.
    #[serde(default = "connect_timeout_seconds")]
    pub connect_timeout_seconds: u32,
    /// Seconds until an answer begins, and between any two stretches of its body.
    #[serde(default = "timeout_seconds")]
    pub timeout_seconds: u32,
    /// Seconds that a whole request may take.
    #[serde(default = "request_seconds_max")]
    pub request_seconds_max: u32,
    /// How often one request is sent before its failure is that of the fetch.
    #[serde(default = "attempts")]
    pub attempts: u32,
    /// The longest wait, in seconds, that the source may ask for with `Retry-After`.
    #[serde(default = "retry_after_seconds_max")]
    pub retry_after_seconds_max: u32,
    /// How often a dataset is fetched anew because its pages contradict each other.
    #[serde(default = "fetches")]
    pub fetches: u32,
    /// Bytes of one page.
    #[serde(default = "page_bytes_max")]
    pub page_bytes_max: u64,
    /// Bytes of all pages of a dataset for one day.
    #[serde(default = "fetch_bytes_max")]
    pub fetch_bytes_max: u64,
    /// Pages of a dataset for one day.
    #[serde(default = "pages_max")]
    pub pages_max: u32,
}

/// What a dataset asks of its REST source. Without `page`, `offset` and `next`, one answer is all of
/// it; else it comes in pages. Its end is where every sign that is configured says so: `total` records
/// were counted, `pages` pages were read, `next` is null, empty or absent; without a sign, at the first
/// page without records. Signs that disagree make the fetch begin anew.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FetchFile {
    /// Below the source's address; `{date}` stands for the business day.
    pub path: String,
    /// Query parameters; `{date}` stands for the business day in their values.
    #[serde(default)]
    pub query: BTreeMap<String, String>,
    /// The query parameter that counts pages.
    #[serde(default)]
    pub page: Option<String>,
    /// The number of the first page.
    #[serde(default = "first_page")]
    pub first_page: u32,
    /// The query parameter that says how many records to pass over; how many to give at once is
    /// one of `query`.
    #[serde(default)]
    pub offset: Option<String>,
    /// The path in the answer to how many records there are in all pages together.
    #[serde(default)]
    pub total: Option<String>,
    /// The path in the answer to how many pages there are.
    #[serde(default)]
    pub pages: Option<String>,
    /// The path in the answer to the next page's address, absolute or relative. Beside `page` or
    /// `offset` it is only asked whether there is one.
    #[serde(default)]
    pub next: Option<String>,
}

impl RestFile {
    /// What is wrong with the settings: the setting and what it should be.
    #[must_use]
    pub fn mistakes(&self) -> Vec<(&'static str, String)> {
        let mut mistakes = Vec::new();
        match (&self.base_url, &self.base_url_env) {
            (Some(address), None) => {
                let problem = address_problem(address);
                mistakes.extend(problem.map(|problem| ("base_url", problem.to_owned())));
            }
            (None, Some(name)) => mistakes.extend(variable_mistake("base_url_env", name)),
            (Some(_), Some(_)) => mistakes.push((
                "base_url_env",
                "give either base_url or base_url_env".to_owned(),
            )),
            (None, None) => mistakes.push((
                "base_url",
                "say where the source is: base_url = \"https://...\", or base_url_env = \"NAME\" \
                 of the environment variable that says it"
                    .to_owned(),
            )),
        }
        if let Some(name) = &self.token_env {
            mistakes.extend(variable_mistake("token_env", name));
        }
        for (setting, value) in [
            (
                "connect_timeout_seconds",
                u64::from(self.connect_timeout_seconds),
            ),
            ("timeout_seconds", self.timeout_seconds.into()),
            ("request_seconds_max", self.request_seconds_max.into()),
            ("attempts", self.attempts.into()),
            ("fetches", self.fetches.into()),
            ("page_bytes_max", self.page_bytes_max),
            ("fetch_bytes_max", self.fetch_bytes_max),
        ] {
            if value == 0 {
                mistakes.push((setting, "it must be at least 1".to_owned()));
            }
        }
        if self.pages_max == 0 || self.pages_max > RawPosition::PAGES_MAX {
            let message = format!("it must be 1 to {}", RawPosition::PAGES_MAX);
            mistakes.push(("pages_max", message));
        }
        mistakes
    }
}

/// What is wrong with a source's address, without repeating it: it may hold a password.
#[must_use]
pub fn address_problem(address: &str) -> Option<&'static str> {
    let rest = address
        .strip_prefix("http://")
        .or_else(|| address.strip_prefix("https://"));
    let Some(rest) = rest else {
        return Some("the address must begin with http:// or https://");
    };
    let host = rest.split('/').next().unwrap_or_default();
    if host.contains('@') {
        return Some("user and password do not stand in an address: token_env names the variable");
    }
    if host.is_empty() {
        return Some("the address has no host");
    }
    if address.contains(['?', '#', ' ']) {
        return Some("the address ends with its path: what is asked for stands in fetch");
    }
    None
}

impl FetchFile {
    /// What is wrong with it for a dataset of this format: the setting and what it should be.
    #[must_use]
    pub fn mistakes(&self, format: &FormatFile) -> Vec<(&'static str, String)> {
        let mut mistakes = Vec::new();
        if self.path.contains("://")
            || self.path.starts_with("//")
            || self.path.contains(['?', '#'])
        {
            let message = "it is a path below the source's address; parameters stand in query";
            mistakes.push(("path", message.to_owned()));
        }
        let values = self.query.values().map(|value| ("query", value));
        for (setting, text) in [("path", &self.path)].into_iter().chain(values) {
            if text.replace(DATE, "").contains(['{', '}']) {
                let message = format!("{text:?} has braces: only {DATE} stands for something");
                mistakes.push((setting, message));
            }
        }
        let counters = [("page", &self.page), ("offset", &self.offset)];
        for (setting, counter) in counters {
            if let Some(name) = counter
                .as_ref()
                .filter(|name| name.is_empty() || self.query.contains_key(*name))
            {
                let message =
                    format!("{name:?} must be a query parameter that query does not have");
                mistakes.push((setting, message));
            }
        }
        if self.page.is_some() && self.offset.is_some() {
            let message = "pages are asked for by page or by offset, not by both";
            mistakes.push(("offset", message.to_owned()));
        }
        if self.pages.is_some() && self.page.is_none() {
            let message = "a number of pages goes with page, the parameter that counts them";
            mistakes.push(("pages", message.to_owned()));
        }
        let signs = [
            ("total", &self.total),
            ("pages", &self.pages),
            ("next", &self.next),
        ];
        for (setting, path) in signs {
            if path.as_ref().is_some_and(String::is_empty) {
                let message = "it must be a path in the answer, keys joined by dots";
                mistakes.push((setting, message.to_owned()));
            }
        }
        let read = self.is_paged() || signs.iter().any(|(_, path)| path.is_some());
        if read && !matches!(format, FormatFile::Json { .. }) {
            let message = "pages and totals are found in answers of format json only";
            mistakes.push(("path", message.to_owned()));
        }
        mistakes
    }

    /// Whether it comes in pages.
    #[must_use]
    pub fn is_paged(&self) -> bool {
        self.page.is_some() || self.offset.is_some() || self.next.is_some()
    }

    /// The path for a business day, without a slash before it.
    #[must_use]
    pub fn path_of(&self, day: BusinessDay) -> String {
        dated(self.path.trim_start_matches('/'), day)
    }

    /// The query parameters for a business day, without the one that counts.
    #[must_use]
    pub fn query_of(&self, day: BusinessDay) -> Vec<(String, String)> {
        let dated = |(name, value): (&String, &String)| (name.clone(), dated(value, day));
        self.query.iter().map(dated).collect()
    }

    /// The parameters whose values come from this file or are counted: they are no secrets.
    #[must_use]
    pub fn parameters(&self) -> BTreeSet<&str> {
        let counters = self.page.iter().chain(&self.offset);
        let names = self.query.keys().chain(counters);
        names.map(String::as_str).collect()
    }
}

fn dated(text: &str, day: BusinessDay) -> String {
    text.replace(DATE, &day.to_string())
}

fn variable_mistake(setting: &'static str, name: &str) -> Option<(&'static str, String)> {
    let admitted = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    let valid = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.bytes().all(admitted);
    // What is no name may be the secret itself, put here by mistake: it is not repeated.
    (!valid).then(|| {
        let message = "it must be the name of an environment variable, such as ERP_TOKEN";
        (setting, message.to_owned())
    })
}

fn connect_timeout_seconds() -> u32 {
    CONNECT_TIMEOUT_SECONDS
}

fn timeout_seconds() -> u32 {
    TIMEOUT_SECONDS
}

fn request_seconds_max() -> u32 {
    REQUEST_SECONDS_MAX
}

fn attempts() -> u32 {
    ATTEMPTS
}

fn retry_after_seconds_max() -> u32 {
    RETRY_AFTER_SECONDS_MAX
}

fn fetches() -> u32 {
    FETCHES
}

fn page_bytes_max() -> u64 {
    PAGE_BYTES_MAX
}

fn fetch_bytes_max() -> u64 {
    FETCH_BYTES_MAX
}

fn pages_max() -> u32 {
    RawPosition::PAGES_MAX
}

fn first_page() -> u32 {
    1
}

#[cfg(test)]
mod tests {
    use super::super::{SourceFile, TenantFile};

    const FILE: &str = r#"
        client = "CW-000200"
        name = "Shop"
        time_zone = "Europe/Berlin"
        base_currency = "EUR"
        [sources.erp]
        kind = "rest"
        base_url = "https://erp.example.com/api"
        token_env = "ERP_TOKEN"
        timeout_seconds = 7
        [datasets.sales_orders]
        number = 7
        source = "erp"
        format = { type = "json", records = "records" }
        fetch = { path = "/v1/{date}/sales", query = { date = "{date}", page_size = "500" }, page = "page", total = "total" }
    "#;

    /// The mistakes of the file with a text replaced, as `setting: message`.
    fn mistakes(from: &str, to: &str) -> Vec<String> {
        assert!(FILE.contains(from), "{from}");
        let file = TenantFile::parse(&FILE.replace(from, to)).unwrap();
        let mut found = Vec::new();
        if let Some(SourceFile::Rest(rest)) = file.sources.get("erp") {
            found.extend(rest.mistakes());
        }
        for dataset in file.datasets.values() {
            let fetch = dataset.fetch.as_ref().unwrap();
            found.extend(fetch.mistakes(&dataset.format));
        }
        let told = |(setting, message)| format!("{setting}: {message}");
        found.into_iter().map(told).collect()
    }

    #[test]
    fn a_source_and_its_datasets_are_read() {
        assert_eq!(mistakes("erp", "erp"), Vec::<String>::new());
        let file = TenantFile::parse(FILE).unwrap();
        let Some(SourceFile::Rest(rest)) = file.sources.get("erp") else {
            panic!("no REST source");
        };
        assert_eq!((rest.timeout_seconds, rest.attempts), (7, super::ATTEMPTS));
        let dataset = file.datasets.values().next().unwrap();
        let fetch = dataset.fetch.as_ref().unwrap();
        let day = "2026-02-24".parse().unwrap();
        assert_eq!(fetch.path_of(day), "v1/2026-02-24/sales");
        assert_eq!(fetch.query_of(day)[0].1, "2026-02-24");
        assert_eq!(
            fetch.parameters().into_iter().collect::<Vec<_>>(),
            ["date", "page", "page_size"]
        );
    }

    #[test]
    fn each_mistake_is_named() {
        for (from, to, expected) in [
            (
                "https://erp",
                "ftp://erp",
                "base_url: the address must begin",
            ),
            (
                "https://erp",
                "https://u:p@erp",
                "base_url: user and password",
            ),
            ("com/api", "com/api?x=1", "base_url: the address ends"),
            (
                "erp.example.com/api",
                "",
                "base_url: the address has no host",
            ),
            (
                "base_url = \"https://erp.example.com/api\"",
                "",
                "base_url: say where",
            ),
            (
                "kind",
                "base_url_env = \"ERP\"\nkind",
                "base_url_env: give either",
            ),
            (
                "ERP_TOKEN",
                "s3cret-token",
                "token_env: it must be the name",
            ),
            (
                "timeout_seconds = 7",
                "timeout_seconds = 0",
                "timeout_seconds: it must be at least",
            ),
            (
                "timeout_seconds = 7",
                "pages_max = 4096",
                "pages_max: it must be 1 to 4095",
            ),
            (
                "/v1/{date}/sales",
                "https://else.where/",
                "path: it is a path below",
            ),
            (
                "/v1/{date}/sales",
                "/v1/{day}",
                "path: \"/v1/{day}\" has braces",
            ),
            (
                "page_size",
                "page",
                "page: \"page\" must be a query parameter",
            ),
            (
                "total =",
                "offset = \"o\", total =",
                "offset: pages are asked for by page or",
            ),
            (
                "page = \"page\"",
                "pages = \"pages\"",
                "pages: a number of pages",
            ),
            ("\"total\"", "\"\"", "total: it must be a path"),
            (
                "{ type = \"json\", records = \"records\" }",
                "{ type = \"csv\" }",
                "path: pages and totals",
            ),
        ] {
            let found = mistakes(from, to);
            assert!(
                found.iter().any(|mistake| mistake.starts_with(expected)),
                "{to}: {found:?}"
            );
            assert!(
                !found.iter().any(|mistake| mistake.contains("s3cret")),
                "{found:?}"
            );
        }
    }
}
