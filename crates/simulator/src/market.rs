//! Currencies and their rates. Rates follow from the day alone, so that retailers of one market agree.

use catwing_domain::BusinessDay;
use serde::Serialize;

use crate::{
    amount::Micros,
    calendar::{Calendar, is_weekend},
    sheet::Sheet,
};

/// Currencies with rates, and what one is worth in millionths of a euro.
const VALUES: [(&str, i64); 4] = [
    ("EUR", 1_000_000),
    ("USD", 920_000),
    ("CHF", 1_050_000),
    ("GBP", 1_170_000),
];
/// A retailer may keep its books in any other currency, which is worth as much.
const OTHER_VALUE: i64 = 511_292;
/// The first day also tells a rate of so many days before, for the days until the next one.
const BEFORE_DAYS: u16 = 30;
/// A late rate is told so many days after its own.
const LATE_DAYS: u16 = 2;

/// A currency: the retailer's own, or one of those with rates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Currency(Option<u8>);

impl Currency {
    /// The retailer's own.
    pub(crate) const BASE: Self = Self(None);

    /// A currency that isn't the retailer's own.
    pub(crate) fn foreign(base: &str, number: u8) -> Self {
        let foreign = [1u8, 2, 3].into_iter().filter(|index| {
            VALUES
                .get(usize::from(*index))
                .is_some_and(|(code, _)| *code != base)
        });
        Self(foreign.cycle().nth(usize::from(number)))
    }

    pub(crate) fn code(self, base: &str) -> &str {
        self.0
            .and_then(|index| VALUES.get(usize::from(index)))
            .map_or(base, |(code, _)| code)
    }
}

/// The rates of the days of a history.
#[derive(Clone, Debug)]
pub(crate) struct Market {
    pub base: String,
    calendar: Calendar,
}

#[derive(Serialize)]
struct RateRecord<'a> {
    from_currency: &'a str,
    to_currency: &'a str,
    rate: Micros,
    effective_date: BusinessDay,
}

/// When a rate becomes known.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Told {
    Never,
    SameDay,
    Late,
    /// The same day, and with another value the day after.
    Corrected,
}

impl Market {
    pub(crate) fn new(base: &str, calendar: Calendar) -> Self {
        Self {
            base: base.to_owned(),
            calendar,
        }
    }

    /// Writes the rates that become known on a day, and returns how many of them are new.
    pub(crate) fn write(&self, day: u16, sheet: &mut Sheet) -> u64 {
        let mut new = 0;
        let today = self.calendar.date(day);
        if day == 0 {
            let before = self.calendar.before(BEFORE_DAYS);
            new += self.write_pairs(before, |_, _| true, false, sheet);
        }
        if let Some(late) = day
            .checked_sub(LATE_DAYS)
            .map(|late| self.calendar.date(late))
        {
            new += self.write_pairs(
                late,
                |from, to| told(late, from, to) == Told::Late,
                false,
                sheet,
            );
        }
        if let Some(wrong) = day.checked_sub(1).map(|wrong| self.calendar.date(wrong)) {
            let is_wrong = |from: &str, to: &str| told(wrong, from, to) == Told::Corrected;
            self.write_pairs(wrong, is_wrong, true, sheet);
        }
        let is_told =
            |from: &str, to: &str| matches!(told(today, from, to), Told::SameDay | Told::Corrected);
        new + self.write_pairs(today, is_told, false, sheet)
    }

    /// Money of a day, in units of four decimals, in the retailer's own currency: by the newest rate on
    /// or before the day, as it is known at the end of the history.
    pub(crate) fn in_base(&self, currency: Currency, date: BusinessDay, units: i64) -> i64 {
        match currency.0 {
            None => units,
            Some(_) => self.rate(currency.code(&self.base), date).convert(units),
        }
    }

    fn rate(&self, from: &str, date: BusinessDay) -> Micros {
        let to = self.base.as_str();
        let end = self
            .calendar
            .first
            .number()
            .saturating_add(self.calendar.days);
        let first = self.calendar.first.number();
        for number in (first..=date.number()).rev() {
            let day = BusinessDay::from_number(number);
            match told(day, from, to) {
                Told::SameDay => return rate(day, from, to, false),
                Told::Corrected => return rate(day, from, to, number + 1 < end),
                Told::Late if number + LATE_DAYS < end => return rate(day, from, to, false),
                Told::Late | Told::Never => {}
            }
        }
        rate(self.calendar.before(BEFORE_DAYS), from, to, false)
    }

    fn write_pairs(
        &self,
        date: BusinessDay,
        is_told: impl Fn(&str, &str) -> bool,
        is_corrected: bool,
        sheet: &mut Sheet,
    ) -> u64 {
        let codes: Vec<&str> = VALUES.iter().map(|(code, _)| *code).collect();
        let own = Some(self.base.as_str()).filter(|own| !codes.contains(own));
        let all: Vec<&str> = codes.into_iter().chain(own).collect();
        let mut written = 0;
        for from in &all {
            for to in all.iter().filter(|to| *to != from && is_told(from, to)) {
                sheet.push(&RateRecord {
                    from_currency: from,
                    to_currency: to,
                    rate: rate(date, from, to, is_corrected),
                    effective_date: date,
                });
                written += 1;
            }
        }
        written
    }
}

/// Nobody tells rates of a weekend; dollars are late at times, and francs wrong.
fn told(date: BusinessDay, from: &str, to: &str) -> Told {
    let has = |code: &str| from == code || to == code;
    match date.number() {
        _ if is_weekend(date) => Told::Never,
        number if number % 9 == 4 && has("USD") => Told::Late,
        number if number % 11 == 7 && has("CHF") => Told::Corrected,
        _ => Told::SameDay,
    }
}

fn rate(date: BusinessDay, from: &str, to: &str, is_corrected: bool) -> Micros {
    let exact = value(from, date) * 1_000_000 / value(to, date);
    Micros(exact + if is_corrected { 150 } else { 0 })
}

/// What a currency is worth on a date: it moves by up to one percent.
fn value(code: &str, date: BusinessDay) -> i64 {
    let (index, value) = (1..)
        .zip(VALUES)
        .find(|(_, (known, _))| *known == code)
        .map_or((0, OTHER_VALUE), |(index, (_, value))| (index, value));
    let moved = (i64::from(date.number()) * 7_919 + index * 104_729) % 2_001 - 1_000;
    match code {
        "EUR" => value,
        _ => value + value * moved / 100_000,
    }
}
