//! The course of a fetch: what its pages said so far, and whether they agree.

use std::collections::BTreeSet;

use catwing_domain::{manifest::Sha256Hash, tenant_file::FetchFile};

use super::page::{Next, PageFacts};

/// What the pages of one pass over a dataset said.
#[derive(Debug)]
pub(super) struct Course<'a> {
    fetch: &'a FetchFile,
    pages: u32,
    records: u64,
    bytes: u64,
    total: Option<u64>,
    announced_pages: Option<u64>,
    seen: BTreeSet<Sha256Hash>,
}

/// What follows from a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Another page is to be asked for.
    More,
    /// It was the last one.
    Last,
    /// It holds nothing and only says that the one before was the last.
    Behind,
    /// It does not agree with what was said before: the source changed meanwhile.
    Contradiction(String),
    /// It can't be used, now or later.
    Unusable(String),
}

impl<'a> Course<'a> {
    pub fn new(fetch: &'a FetchFile) -> Self {
        Self {
            fetch,
            pages: 0,
            records: 0,
            bytes: 0,
            total: None,
            announced_pages: None,
            seen: BTreeSet::new(),
        }
    }

    /// The number of the page to come, from 1.
    pub fn page(&self) -> u32 {
        self.pages + 1
    }

    /// Records of the pages so far.
    pub fn records(&self) -> u64 {
        self.records
    }

    /// Bytes of the pages so far.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The total that the source announced.
    pub fn total(&self) -> Option<u64> {
        self.total
    }

    /// Takes in the next page; none of its bytes where the source answered that there is nothing.
    pub fn take(&mut self, facts: &PageFacts, bytes: Option<(Sha256Hash, u64)>) -> Verdict {
        let page = self.page();
        let count = facts.records.unwrap_or(0);
        self.pages = page;
        self.records += count;
        if let Some((sha256, size_bytes)) = bytes {
            self.bytes += size_bytes;
            if count > 0 && !self.seen.insert(sha256) {
                return Verdict::Unusable(format!(
                    "page {page} is the same as a page before: the source goes round in a circle"
                ));
            }
        }
        if let Some(verdict) = self.announced(facts, bytes.is_some()) {
            return verdict;
        }
        if let Some(total) = self.total.filter(|_| !self.fetch.is_paged())
            && total != self.records
        {
            return Verdict::Unusable(format!(
                "it announces {total} records and holds {}: say in fetch how pages are asked for",
                self.records
            ));
        }
        let ends = self.ends(facts);
        let is_empty = count == 0;
        let says_end = ends.iter().any(|(_, is_end)| *is_end);
        let says_more = ends.iter().any(|(_, is_end)| !is_end);
        match (says_end, says_more) {
            (true, true) => Verdict::Contradiction(format!(
                "after page {page} the source says both that there is more and that there is not: {}",
                self.told(&ends)
            )),
            (false, true) if is_empty => Verdict::Contradiction(format!(
                "page {page} is empty though the source says that there is more: {}",
                self.told(&ends)
            )),
            (false, true) => Verdict::More,
            (false, false) if self.fetch.is_paged() && !is_empty => Verdict::More,
            _ if is_empty && page > 1 => Verdict::Behind,
            _ => Verdict::Last,
        }
    }

    /// Remembers what the source announces, and compares it with what it announced before.
    fn announced(&mut self, facts: &PageFacts, has_bytes: bool) -> Option<Verdict> {
        let page = self.pages;
        let pairs = [
            (&self.fetch.total, &mut self.total, facts.total, "total"),
            (
                &self.fetch.pages,
                &mut self.announced_pages,
                facts.pages,
                "number of pages",
            ),
        ];
        for (path, known, now, what) in pairs {
            let Some(path) = path else { continue };
            match (*known, now) {
                (Some(before), Some(now)) if before != now => {
                    return Some(Verdict::Contradiction(format!(
                        "the {what} was {before} at first and is {now} on page {page}"
                    )));
                }
                (None, None) if has_bytes => {
                    return Some(Verdict::Unusable(format!("it has no {what} at {path:?}")));
                }
                (None, now) => *known = now,
                _ => {}
            }
        }
        let total = self.total.filter(|total| self.records > *total)?;
        Some(Verdict::Contradiction(format!(
            "the source announced {total} records and gave {} up to page {page}",
            self.records
        )))
    }

    /// What each sign that is configured says: that this is the end, or that it is not.
    fn ends(&self, facts: &PageFacts) -> Vec<(&'static str, bool)> {
        let mut ends = Vec::new();
        if self.fetch.total.is_some() {
            ends.push((
                "total",
                self.total.is_none_or(|total| self.records == total),
            ));
        }
        if self.fetch.pages.is_some() {
            let announced = self.announced_pages;
            ends.push((
                "pages",
                announced.is_none_or(|pages| u64::from(self.pages) >= pages),
            ));
        }
        if self.fetch.next.is_some() {
            ends.push(("next", facts.next == Next::None));
        }
        ends
    }

    fn told(&self, ends: &[(&'static str, bool)]) -> String {
        let told = ends.iter().map(|(sign, is_end)| {
            let says = if *is_end { "ends" } else { "goes on" };
            match (*sign, self.total, self.announced_pages) {
                ("total", Some(total), _) => {
                    format!(
                        "by its total of {total} with {} counted it {says}",
                        self.records
                    )
                }
                ("pages", _, Some(pages)) => format!("by its {pages} pages it {says}"),
                _ => format!("by its link to the next page it {says}"),
            }
        });
        told.collect::<Vec<_>>().join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::{Course, FetchFile, Next, PageFacts, Sha256Hash, Verdict};

    fn fetch(page: bool, total: bool, pages: bool, next: bool) -> FetchFile {
        let name = |wanted: bool, name: &str| wanted.then(|| name.to_owned());
        FetchFile {
            path: "/v1".into(),
            query: Default::default(),
            page: name(page, "page"),
            first_page: 1,
            offset: None,
            total: name(total, "total"),
            pages: name(pages, "pages"),
            next: name(next, "next"),
        }
    }

    fn facts(records: u64, total: Option<u64>, pages: Option<u64>, next: bool) -> PageFacts {
        PageFacts {
            records: Some(records),
            total,
            pages,
            next: if next { Next::Some } else { Next::None },
        }
    }

    fn run(fetch: &FetchFile, pages: &[PageFacts]) -> Vec<String> {
        let mut course = Course::new(fetch);
        let pages = pages.iter().enumerate();
        let verdicts = pages.map(|(at, facts)| {
            let sha256 = Sha256Hash::of(&at.to_le_bytes());
            match course.take(facts, Some((sha256, 1))) {
                Verdict::Contradiction(told) | Verdict::Unusable(told) => told,
                verdict => format!("{verdict:?}"),
            }
        });
        verdicts.collect()
    }

    #[test]
    fn every_sign_ends_a_fetch() {
        let all = fetch(true, true, true, true);
        let page = |records, next| facts(records, Some(3), Some(2), next);
        assert_eq!(
            run(&all, &[page(2, true), page(1, false)]),
            ["More", "Last"]
        );
        let counted = fetch(true, true, false, false);
        let page = |records| facts(records, Some(3), None, false);
        assert_eq!(run(&counted, &[page(2), page(1)]), ["More", "Last"]);
        let blind = fetch(true, false, false, false);
        let page = |records| facts(records, None, None, false);
        assert_eq!(run(&blind, &[page(2), page(0)]), ["More", "Behind"]);
        // A list without an element is a delivery of nothing, not the end of one.
        assert_eq!(run(&blind, &[page(0)]), ["Last"]);
        assert_eq!(run(&all, &[facts(0, Some(0), Some(0), false)]), ["Last"]);
        let single = fetch(false, false, false, false);
        assert_eq!(run(&single, &[page(5)]), ["Last"]);
    }

    #[test]
    fn what_does_not_agree_is_told() {
        let all = fetch(true, true, true, true);
        let told = |pages: &[PageFacts]| run(&all, pages).pop().unwrap();
        let first = facts(2, Some(3), Some(2), true);
        let changed = told(&[first.clone(), facts(1, Some(4), Some(2), false)]);
        assert!(
            changed.contains("3 at first and is 4 on page 2"),
            "{changed}"
        );
        let fewer = told(&[first.clone(), facts(0, Some(3), Some(2), false)]);
        assert!(
            fewer.contains("total of 3 with 2 counted it goes on"),
            "{fewer}"
        );
        let more = told(&[first.clone(), facts(2, Some(3), Some(2), false)]);
        assert!(more.contains("announced 3 records and gave 4"), "{more}");
        let empty = told(&[facts(0, Some(3), Some(2), true)]);
        assert!(empty.contains("page 1 is empty"), "{empty}");
        let silent = told(&[facts(2, None, Some(2), true)]);
        assert!(silent.contains("no total at \"total\""), "{silent}");
        let single = fetch(false, true, false, false);
        let part = run(&single, &[facts(2, Some(3), None, false)])
            .pop()
            .unwrap();
        assert!(part.contains("announces 3 records and holds 2"), "{part}");
    }

    #[test]
    fn a_circle_is_noticed() {
        let blind = fetch(true, false, false, false);
        let mut course = Course::new(&blind);
        let page = facts(2, None, None, false);
        let same = Some((Sha256Hash::of(b"page"), 4));
        assert_eq!(course.take(&page, same), Verdict::More);
        assert!(
            matches!(course.take(&page, same), Verdict::Unusable(told) if told.contains("circle"))
        );
    }
}
