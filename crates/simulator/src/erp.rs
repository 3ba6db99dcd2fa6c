//! A simulated ERP: a whole history that can be asked for any day, in any order.

use std::{
    collections::BTreeMap,
    io,
    num::NonZeroU64,
    sync::{PoisonError, RwLock},
};

use catwing_domain::BusinessDay;
use serde::{Deserialize, Serialize};

use crate::{
    Dataset, History, Settings, SimulatorError, Totals,
    spool::{Answer, Spool, SpoolWriter},
};

/// How far the ERP's time is: it knows the days before, and of this day so many deliveries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Clock {
    /// Today.
    pub day: BusinessDay,
    /// 1, or 2 once the day's second deliveries are there too.
    #[serde(default = "first_delivery")]
    pub delivery: u8,
}

fn first_delivery() -> u8 {
    1
}

/// A simulated ERP. Its records stay in temporary files without a name; memory holds only where each
/// delivery stands.
#[derive(Debug)]
pub struct Erp {
    settings: Settings,
    totals: Totals,
    spool: Spool,
    clock: RwLock<Option<Clock>>,
}

/// One page of what is said of a dataset and a day.
pub(crate) struct Page {
    pub number: u64,
    pub pages: u64,
    pub total: u64,
    /// The records, with what stands between them.
    pub records: Vec<u8>,
}

impl Erp {
    /// Walks a history to its end and keeps what it tells. It takes seconds for a large one: call it
    /// where blocking is allowed.
    ///
    /// # Errors
    /// [`SimulatorError::Spool`] where the temporary files can't be written.
    pub fn new(mut history: History) -> Result<Self, SimulatorError> {
        let spool = |dataset: &'static str| {
            move |source: io::Error| SimulatorError::Spool { dataset, source }
        };
        let mut writer = SpoolWriter::new().map_err(spool("any dataset"))?;
        for day in history.by_ref() {
            for file in &day.files {
                let failed = spool(file.dataset.name());
                writer.add(day.day, file).map_err(failed)?;
            }
        }
        Ok(Self {
            settings: history.settings().clone(),
            totals: history.totals(),
            spool: writer.finish().map_err(spool("any dataset"))?,
            clock: RwLock::new(None),
        })
    }

    /// What is simulated.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// What a right program finds once it has read everything. Its `records` are those of all files;
    /// [`Erp::records`] are those that are answered in the end.
    #[must_use]
    pub fn totals(&self) -> &Totals {
        &self.totals
    }

    /// How far the time is; without a clock everything is known.
    #[must_use]
    pub fn clock(&self) -> Option<Clock> {
        *self.clock.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sets the time, forth or back; without a clock everything is known.
    pub fn set_clock(&self, clock: Option<Clock>) {
        *self.clock.write().unwrap_or_else(PoisonError::into_inner) = clock;
    }

    /// Whether a day has second deliveries, which the clock lets in apart from the first.
    #[must_use]
    pub fn has_second_delivery(&self, day: BusinessDay) -> bool {
        let datasets = self.settings.datasets.iter();
        datasets.copied().any(|dataset| {
            self.spool
                .answer(dataset, day, |revision| revision > 1)
                .total()
                > 0
        })
    }

    /// The last day of the history.
    #[must_use]
    pub fn last_day(&self) -> BusinessDay {
        let first = self.settings.first_day.number();
        BusinessDay::from_number(first.saturating_add(self.settings.days.saturating_sub(1)))
    }

    /// Records that are answered for all days together once everything is known, by dataset. Of a day
    /// with two deliveries of a snapshot those are the second's.
    #[must_use]
    pub fn records(&self) -> BTreeMap<&'static str, u64> {
        let count = |dataset: &Dataset| {
            let days = self.spool.days(*dataset);
            let records = days.map(|day| self.spool.answer(*dataset, day, |_| true).total());
            (dataset.name(), records.sum())
        };
        self.settings.datasets.iter().map(count).collect()
    }

    /// Records that are answered to one who asks each day after each of its deliveries, by dataset, not
    /// counting answers that are the same again.
    #[must_use]
    pub fn records_as_they_come(&self) -> BTreeMap<&'static str, u64> {
        let count = |dataset: &Dataset| {
            let answers = self.spool.days(*dataset).flat_map(|day| {
                let revisions = self.spool.revisions(*dataset, day);
                revisions.map(move |last| self.spool.answer(*dataset, day, |one| one <= last))
            });
            (dataset.name(), answers.map(|answer| answer.total()).sum())
        };
        self.settings.datasets.iter().map(count).collect()
    }

    /// One page of what is known now; `None` where nothing is said, an error where the page is beyond
    /// the last.
    pub(crate) fn page(
        &self,
        dataset: Dataset,
        date: BusinessDay,
        page: NonZeroU64,
        page_size: NonZeroU64,
    ) -> Result<Option<Page>, PageError> {
        let answer = self.answer(dataset, date);
        let (total, number, size) = (answer.total(), page.get(), page_size.get());
        if total == 0 {
            return Ok(None);
        }
        let pages = total.div_ceil(size);
        if number > pages {
            return Err(PageError::Beyond { pages });
        }
        let mut records = Vec::new();
        let from = (number - 1) * size;
        let read = self.spool.read(&answer, from..from + size, &mut records);
        read.map_err(|source| {
            let dataset = dataset.name();
            PageError::Broken(SimulatorError::Read { dataset, source })
        })?;
        Ok(Some(Page {
            number,
            pages,
            total,
            records,
        }))
    }

    fn answer(&self, dataset: Dataset, day: BusinessDay) -> Answer {
        let clock = self.clock();
        self.spool.answer(dataset, day, |delivery| {
            clock.is_none_or(|clock| Clock { day, delivery } <= clock)
        })
    }
}

/// Why there is no such page.
pub(crate) enum PageError {
    /// There are fewer.
    Beyond { pages: u64 },
    /// It can't be read.
    Broken(SimulatorError),
}
