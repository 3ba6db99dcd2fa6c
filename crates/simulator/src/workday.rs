//! What a desk works with on a day.

use catwing_domain::BusinessDay;

use crate::{books::Books, market::Market, masters::Masters, sheet::Sheets, stock::Stock};

/// A day's work: what is, and where it is written.
pub(crate) struct Workday<'a> {
    pub day: u16,
    pub masters: &'a Masters,
    pub market: &'a Market,
    pub stock: &'a mut Stock,
    pub books: &'a mut Books,
    pub sheets: &'a mut Sheets,
}

impl Workday<'_> {
    pub(crate) fn date(&self) -> BusinessDay {
        self.masters.calendar.date(self.day)
    }

    /// The day so many days later, where the history has it.
    pub(crate) fn later(&self, days: u16) -> Option<u16> {
        self.masters.calendar.later(self.day, days)
    }
}
