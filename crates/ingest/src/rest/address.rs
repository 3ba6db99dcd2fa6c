//! Addresses of pages: what is asked, what a link leads to, and how an address is shown.

use catwing_domain::{
    BusinessDay,
    tenant_file::{FetchFile, address_problem},
};
use reqwest::Url;

/// What stands for a value that may be a secret.
const HIDDEN: &str = "***";

/// Reads a source's address. What is wrong with it is said without repeating it.
pub(super) fn base(text: &str) -> Result<Url, String> {
    let text = text.trim();
    if let Some(problem) = address_problem(text) {
        return Err(problem.to_owned());
    }
    Url::parse(text).map_err(|error| format!("the address is not valid: {error}"))
}

/// The address of a page that is asked for by parameters, `counter` being the one that changes.
pub(super) fn asked(
    base: &Url,
    fetch: &FetchFile,
    day: BusinessDay,
    counter: Option<(&str, u64)>,
) -> Url {
    let mut url = base.clone();
    let path = format!(
        "{}/{}",
        base.path().trim_end_matches('/'),
        fetch.path_of(day)
    );
    url.set_path(&path);
    let query = fetch.query_of(day);
    if !query.is_empty() || counter.is_some() {
        let mut pairs = url.query_pairs_mut();
        pairs.extend_pairs(query);
        if let Some((name, value)) = counter {
            pairs.append_pair(name, &value.to_string());
        }
    }
    url
}

/// What a link in an answer leads to. It may not lead to another server: that one must not see the
/// token, and nobody said that its records are wanted.
pub(super) fn linked(from: &Url, link: &str) -> Result<Url, String> {
    let mut url = from
        .join(link)
        .map_err(|error| format!("its link to the next page is not valid: {error}"))?;
    if url.origin() != from.origin() {
        return Err(format!(
            "its link to the next page leads to another server, {}",
            url.origin().ascii_serialization()
        ));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("its link to the next page holds a user or a password".to_owned());
    }
    url.set_fragment(None);
    Ok(url)
}

/// An address without what may be a secret: values of parameters that only a link brought.
pub(super) fn shown(url: &Url, fetch: &FetchFile) -> String {
    let mut shown = url.clone();
    let known = fetch.parameters();
    if url.query().is_some() {
        let pairs: Vec<_> = url.query_pairs().into_owned().collect();
        let mut query = shown.query_pairs_mut();
        query.clear();
        for (name, value) in &pairs {
            let is_known = known.contains(name.as_str());
            query.append_pair(name, if is_known { value } else { HIDDEN });
        }
    }
    shown.into()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{asked, base, linked, shown};
    use catwing_domain::tenant_file::FetchFile;

    fn fetch() -> FetchFile {
        FetchFile {
            path: "/v1/sales".into(),
            query: BTreeMap::from([("date".into(), "{date}".into())]),
            page: Some("page".into()),
            first_page: 1,
            offset: None,
            total: None,
            pages: None,
            next: None,
        }
    }

    #[test]
    fn pages_are_asked_for_below_the_address() {
        let day = "2026-02-24".parse().unwrap();
        let url = |text: &str, counter| asked(&base(text).unwrap(), &fetch(), day, counter);
        assert_eq!(
            url("http://erp/api/", Some(("page", 2))).as_str(),
            "http://erp/api/v1/sales?date=2026-02-24&page=2"
        );
        assert_eq!(
            url("http://erp", None).as_str(),
            "http://erp/v1/sales?date=2026-02-24"
        );
        assert!(base("http://user:canary@erp").is_err_and(|told| !told.contains("canary")));
        assert!(base("http://erp:99999").is_err());
    }

    #[test]
    fn links_stay_on_the_server() {
        let from = base("https://erp.example.com/v1/sales").unwrap();
        let link = |text: &str| linked(&from, text).map(String::from);
        assert_eq!(
            link("?cursor=2").unwrap(),
            "https://erp.example.com/v1/sales?cursor=2"
        );
        assert_eq!(link("/v2/x#top").unwrap(), "https://erp.example.com/v2/x");
        for foreign in [
            "http://erp.example.com/v1",
            "//else.where/v1",
            "https://erp.example.com:8443/",
            "file:///etc/passwd",
            "https://user@erp.example.com/",
            "https://[",
        ] {
            assert!(link(foreign).is_err(), "{foreign}");
        }
    }

    #[test]
    fn what_a_link_brought_is_not_shown() {
        let url = base("http://erp/v1").unwrap();
        let url = linked(&url, "?date=2026-02-24&cursor=canary").unwrap();
        assert_eq!(
            shown(&url, &fetch()),
            "http://erp/v1?date=2026-02-24&cursor=***"
        );
    }
}
