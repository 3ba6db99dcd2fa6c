//! What is asked for: a day, and a page.

use std::num::NonZeroU64;

use catwing_domain::BusinessDay;

/// Records of a page where the request doesn't say.
const PAGE_SIZE: NonZeroU64 = NonZeroU64::new(500).unwrap();
/// The most records of a page.
const PAGE_SIZE_MAX: u64 = 5_000;

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct PageRequest {
    pub date: BusinessDay,
    /// Counted from 1.
    pub page: NonZeroU64,
    pub page_size: NonZeroU64,
}

impl PageRequest {
    /// Reads a query; no value needs an escape, so none is taken. What is wrong is told in a sentence.
    pub(super) fn read(query: &str) -> Result<Self, String> {
        let (mut date, mut page, mut page_size) = (None, None, None);
        for parameter in query.split('&').filter(|parameter| !parameter.is_empty()) {
            let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            let is_repeated = match name {
                "date" => date.replace(day(value)?).is_some(),
                "page" => page.replace(count(name, value, u64::MAX)?).is_some(),
                "page_size" => page_size
                    .replace(count(name, value, PAGE_SIZE_MAX)?)
                    .is_some(),
                _ => {
                    return Err(format!(
                        "there is no parameter {name:?}: expected date, page, page_size"
                    ));
                }
            };
            if is_repeated {
                return Err(format!("{name} is there twice"));
            }
        }
        Ok(Self {
            date: date.ok_or("date is missing: expected date=YYYY-MM-DD")?,
            page: page.unwrap_or(NonZeroU64::MIN),
            page_size: page_size.unwrap_or(PAGE_SIZE),
        })
    }
}

fn day(value: &str) -> Result<BusinessDay, String> {
    let parsed = value.parse();
    parsed.map_err(|_| format!("date is {value:?}: expected YYYY-MM-DD"))
}

fn count(name: &str, value: &str, max: u64) -> Result<NonZeroU64, String> {
    let parsed: Option<NonZeroU64> = value.parse().ok();
    parsed
        .filter(|count| count.get() <= max)
        .ok_or_else(|| format!("{name} is {value:?}: expected a number from 1 to {max}"))
}

#[cfg(test)]
mod tests {
    use super::PageRequest;

    #[test]
    fn a_request_names_a_day_and_may_name_a_page() {
        let request = PageRequest::read("date=2026-01-07").unwrap();
        assert_eq!((request.page.get(), request.page_size.get()), (1, 500));
        let request = PageRequest::read("page_size=7&date=2026-01-07&page=3").unwrap();
        assert_eq!((request.page.get(), request.page_size.get()), (3, 7));
    }

    #[test]
    fn anything_else_is_refused_with_its_name() {
        for (query, name) in [
            ("", "date"),
            ("date=yesterday", "date"),
            ("date=2026-01-07&date=2026-01-08", "date"),
            ("date=2026-01-07&page=0", "page"),
            ("date=2026-01-07&page=-1", "page"),
            ("date=2026-01-07&page_size=5001", "page_size"),
            ("date=2026-01-07&size=3", "size"),
        ] {
            let message = PageRequest::read(query).unwrap_err();
            assert!(message.contains(name), "{query}: {message}");
        }
    }
}
