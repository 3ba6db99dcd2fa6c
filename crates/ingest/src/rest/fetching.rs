//! A fetch of one dataset for one business day: passes over its pages until they agree.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use catwing_domain::{
    BusinessDay, RawPosition,
    failpoint::{FETCH_AFTER_PAGE, failpoint},
    manifest::SourceFacts,
    tenant_file::FormatFile,
};
use catwing_raw_store::{Draft, DraftOf, DraftPage, Landing, Payload, RawStoreError};
use jiff::Timestamp;
use reqwest::Url;
use tokio::{fs::File, io::AsyncWriteExt};

use super::{
    FetchOrder, FetchProgress, FetchWatch, Fetched, address,
    client::{Answer, Question, read_page},
    course::{Course, Verdict},
    page::{Layout, Next, PageFacts},
};
use crate::IngestError;

/// The file of a spool folder that a page is written to.
const PAGE_FILE: &str = "page";
/// The file of a spool folder for pages that go from one revision to another.
const COPY_FILE: &str = "copy";

/// How one pass over a dataset ended.
enum Pass {
    /// The source has nothing for the day.
    Nothing,
    /// All pages are there.
    Complete,
    /// The pages contradict each other.
    Contradiction(String),
}

/// A page that is in the spool file.
struct Came {
    facts: PageFacts,
    clock: Option<Timestamp>,
    /// Where an earlier fetch left it behind: its version, if the bucket keeps versions.
    left_behind: Option<Option<String>>,
}

/// What came when a page was wanted.
enum Coming {
    Page(Came),
    /// The source has nothing there.
    Nothing,
    /// An earlier fetch left something behind that is no page.
    Unreadable(String),
}

/// A fetch under way.
struct Fetching<'a> {
    order: FetchOrder<'a>,
    day: BusinessDay,
    layout: Layout,
    spool: PathBuf,
    draft: Draft,
    watch: FetchWatch<'a>,
    requests: u32,
    taken_over: u32,
}

impl<'a> FetchOrder<'a> {
    /// Fetches the dataset for a business day into a draft, for the caller to seal. `spool` is a
    /// folder that exists, for this fetch alone; what is left there is overwritten.
    ///
    /// # Errors
    /// [`IngestError::Unanswered`] where the source fails again and again,
    /// [`IngestError::FetchRefused`] and [`IngestError::Answer`] for what can't be used,
    /// [`IngestError::Inconsistent`] where its pages never agree, [`IngestError::Land`] where the
    /// archive fails. Pages that came are kept for the next fetch.
    pub async fn fetch(
        self,
        landing: &mut Landing,
        day: BusinessDay,
        spool: &Path,
        watch: FetchWatch<'a>,
    ) -> Result<Fetched, IngestError> {
        let failed = |source| IngestError::Land { day, source };
        let draft = landing.draft(self.draft_of(day, spool)).await;
        let mut fetching = Fetching {
            order: self,
            day,
            layout: Layout::of(self.file, self.fetch),
            spool: spool.join(PAGE_FILE),
            draft: draft.map_err(failed)?,
            watch,
            requests: 0,
            taken_over: 0,
        };
        let mut nth = 1;
        loop {
            let mut course = Course::new(self.fetch);
            let problem = match fetching.pass(&mut course).await? {
                Pass::Nothing => return Ok(fetching.end(&course, false)),
                Pass::Complete => return Ok(fetching.end(&course, true)),
                Pass::Contradiction(problem) => problem,
            };
            if nth >= self.source.limits.fetches {
                return Err(IngestError::Inconsistent {
                    dataset: self.dataset.clone(),
                    day,
                    fetches: nth,
                    problem,
                });
            }
            tracing::warn!(dataset = %self.dataset, %day, nth, problem, "the dataset is fetched anew");
            fetching.draft.start_over().map_err(failed)?;
            self.source.client.pause(nth).await;
            nth += 1;
        }
    }

    fn draft_of(&self, day: BusinessDay, spool: &Path) -> DraftOf {
        let extension = match &self.file.format {
            FormatFile::Json { .. } => "json",
            FormatFile::Ndjson {} => "ndjson",
            FormatFile::Csv { .. } => "csv",
        };
        DraftOf {
            day,
            dataset: self.dataset.clone(),
            extension: extension.to_owned(),
            completeness: self.file.completeness(),
            spool: spool.join(COPY_FILE),
        }
    }
}

impl Fetching<'_> {
    /// Asks for all pages in order and stores each as it comes.
    async fn pass(&mut self, course: &mut Course<'_>) -> Result<Pass, IngestError> {
        self.taken_over = 0;
        let mut url = self.counted(course);
        let mut asked = BTreeSet::from([url.clone()]);
        loop {
            let page = course.page();
            let shown = address::shown(&url, self.order.fetch);
            let (came, payload) = match self.next(&url, &shown, page).await? {
                Coming::Nothing if page == 1 => return Ok(Pass::Nothing),
                Coming::Nothing => match course.take(&PageFacts::default(), None) {
                    Verdict::Behind => return self.complete().await,
                    Verdict::Contradiction(problem) => return Ok(Pass::Contradiction(problem)),
                    _ => return Err(self.unusable(&shown, "it has nothing")),
                },
                Coming::Unreadable(problem) => return Ok(Pass::Contradiction(problem)),
                Coming::Page(came) => {
                    let payload = Payload::from_file(&self.spool).await;
                    (came, payload.map_err(|source| self.failed(source))?)
                }
            };
            failpoint(FETCH_AFTER_PAGE);
            let verdict = course.take(&came.facts, Some((payload.sha256(), payload.size_bytes())));
            match &verdict {
                Verdict::Behind => return self.complete().await,
                Verdict::Contradiction(problem) => {
                    return Ok(Pass::Contradiction(problem.clone()));
                }
                Verdict::Unusable(problem) => return Err(self.unusable(&shown, problem)),
                Verdict::More | Verdict::Last => {}
            }
            self.check_limits(course, &came.facts, &shown, verdict == Verdict::More)?;
            let next = came.facts.next.clone();
            if !self.store(page, came, payload, (&shown, course)).await? {
                return Ok(Pass::Contradiction(
                    "another fetch stores other pages at the same time".to_owned(),
                ));
            }
            if verdict == Verdict::Last {
                return self.complete().await;
            }
            url = match self.is_counted() {
                true => self.counted(course),
                false => self.linked(&url, &next, &shown)?,
            };
            if !asked.insert(url.clone()) {
                let problem = "its link to the next page leads back to a page before";
                return Err(self.unusable(&shown, problem));
            }
        }
    }

    async fn complete(&mut self) -> Result<Pass, IngestError> {
        match self.draft.finish().await {
            Ok(true) => Ok(Pass::Complete),
            Ok(false) => Ok(Pass::Contradiction(
                "another fetch stores other pages at the same time".to_owned(),
            )),
            Err(source) => Err(self.failed(source)),
        }
    }

    /// The next page: what an earlier fetch left behind, or what the source answers.
    async fn next(&mut self, url: &Url, shown: &str, page: u32) -> Result<Coming, IngestError> {
        let left = self.draft.left_behind(page).await;
        if let Some(mut body) = left.map_err(|source| self.failed(source))? {
            let failed = |source| IngestError::Spool {
                path: self.spool.clone(),
                source,
            };
            let mut file = File::create(&self.spool).await.map_err(failed)?;
            while let Some(chunk) = body.chunk().await.map_err(|source| self.failed(source))? {
                file.write_all(&chunk).await.map_err(failed)?;
            }
            file.flush().await.map_err(failed)?;
            let Ok(facts) = read_page(&self.layout, &self.spool).await else {
                return Ok(Coming::Unreadable(format!(
                    "page {page}, which an earlier fetch left behind, can't be read"
                )));
            };
            return Ok(Coming::Page(Came {
                facts,
                clock: None,
                left_behind: Some(body.head().version_id.clone()),
            }));
        }
        let question = Question {
            url,
            shown,
            layout: &self.layout,
            spool: &self.spool,
        };
        let (answer, requests) = self.order.source.client.ask(question).await?;
        self.requests += requests;
        Ok(match answer {
            Answer::Nothing => Coming::Nothing,
            Answer::Page { facts, clock } => Coming::Page(Came {
                facts,
                clock,
                left_behind: None,
            }),
        })
    }

    /// Stores a page, unless it is one that was left behind; false where another fetch is faster.
    async fn store(
        &mut self,
        page: u32,
        came: Came,
        payload: Payload,
        (shown, course): (&str, &Course<'_>),
    ) -> Result<bool, IngestError> {
        let drafted = DraftPage {
            page: self.order.fetch.is_paged().then_some(page),
            payload,
            source: SourceFacts {
                name: self.order.source.name.clone(),
                location: Some(shown.to_owned()),
                announced_total: course.total(),
                clock: came.clock,
            },
            record_count: came.facts.records,
        };
        if let Some(version_id) = came.left_behind {
            self.draft.keep(drafted, version_id);
            self.taken_over += 1;
        } else {
            let added = self.draft.add(drafted).await;
            if !added.map_err(|source| self.failed(source))? {
                return Ok(false);
            }
        }
        (self.watch)(FetchProgress {
            dataset: self.order.dataset,
            day: self.day,
            page,
            records: course.records(),
            size_bytes: course.bytes(),
            announced_total: course.total(),
        });
        Ok(true)
    }

    fn check_limits(
        &self,
        course: &Course<'_>,
        facts: &PageFacts,
        shown: &str,
        goes_on: bool,
    ) -> Result<(), IngestError> {
        let limits = &self.order.source.limits;
        let records_max = match self.order.fetch.is_paged() {
            true => RawPosition::PAGE_ORDINALS_MAX,
            false => RawPosition::ORDINALS_MAX,
        };
        let problem = if facts.records.is_some_and(|records| records > records_max) {
            format!("it has more than {records_max} records; ask for smaller pages")
        } else if course.bytes() > limits.fetch_bytes_max {
            let limit = limits.fetch_bytes_max;
            format!("with it there are more bytes than fetch_bytes_max = {limit}")
        } else if goes_on && course.page() > limits.pages_max {
            let limit = limits.pages_max;
            format!("there are more pages than pages_max = {limit}; ask for larger pages")
        } else {
            return Ok(());
        };
        Err(self.unusable(shown, &problem))
    }

    /// Whether pages are asked for by a parameter.
    fn is_counted(&self) -> bool {
        self.order.fetch.page.is_some() || self.order.fetch.offset.is_some()
    }

    /// The address of the next page by what was counted.
    fn counted(&self, course: &Course<'_>) -> Url {
        let fetch = self.order.fetch;
        let counter = match (&fetch.page, &fetch.offset) {
            (Some(name), _) => {
                let before = u64::from(course.page().saturating_sub(1));
                Some((name.as_str(), u64::from(fetch.first_page) + before))
            }
            (None, Some(name)) => Some((name.as_str(), course.records())),
            (None, None) => None,
        };
        address::asked(&self.order.source.base, fetch, self.day, counter)
    }

    /// The address of the next page by the link to it.
    fn linked(&self, from: &Url, next: &Next, shown: &str) -> Result<Url, IngestError> {
        let Next::Link(link) = next else {
            return Err(self.unusable(shown, "it has no link to the next page"));
        };
        address::linked(from, link).map_err(|problem| self.unusable(shown, &problem))
    }

    fn unusable(&self, shown: &str, problem: &str) -> IngestError {
        IngestError::Answer {
            url: shown.to_owned(),
            problem: problem.to_owned(),
            body: String::new(),
        }
    }

    fn failed(&self, source: RawStoreError) -> IngestError {
        let day = self.day;
        IngestError::Land { day, source }
    }

    fn end(self, course: &Course<'_>, is_complete: bool) -> Fetched {
        let counts = matches!(self.order.file.format, FormatFile::Json { .. });
        Fetched {
            draft: is_complete.then_some(self.draft),
            records: counts.then(|| course.records()),
            size_bytes: course.bytes(),
            taken_over: self.taken_over,
            requests: self.requests,
        }
    }
}
