//! When a dataset should have been delivered: what verification of the archive calls late.

use jiff::{
    Timestamp,
    civil::{Time, Weekday},
};
use serde::{Deserialize, Serialize};

use crate::{BusinessDay, DayZone};

/// By when a day's data should be there where the file does not say: six in the morning after.
const BY: &str = "06:00";

/// When deliveries of a dataset are expected.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScheduleFile {
    /// Days of the week that have data; all of them where absent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub days: Vec<ScheduledDay>,
    /// The tenant's local time, on the day after the business day, by which its data is there.
    #[serde(default)]
    pub by: ScheduledTime,
    /// The first business day that is expected; the first that was delivered where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<BusinessDay>,
}

/// A day of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScheduledDay {
    /// Monday.
    Mon,
    /// Tuesday.
    Tue,
    /// Wednesday.
    Wed,
    /// Thursday.
    Thu,
    /// Friday.
    Fri,
    /// Saturday.
    Sat,
    /// Sunday.
    Sun,
}

/// A local time, `06:00`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ScheduledTime(Time);

impl Default for ScheduledTime {
    fn default() -> Self {
        Self(Time::constant(6, 0, 0, 0))
    }
}

impl TryFrom<String> for ScheduledTime {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let parsed = Time::strptime("%H:%M", &text);
        parsed
            .map(Self)
            .map_err(|_| format!("{text:?} is no time of day: write it like {BY}"))
    }
}

impl From<ScheduledTime> for String {
    fn from(time: ScheduledTime) -> Self {
        time.0.strftime("%H:%M").to_string()
    }
}

impl ScheduleFile {
    /// The business days that should have been delivered by an instant, `first` being the first that
    /// was.
    #[must_use]
    pub fn due(
        &self,
        zone: &DayZone,
        now: Timestamp,
        first: Option<BusinessDay>,
    ) -> Vec<BusinessDay> {
        let (date, time) = zone.local(now);
        let Some(first) = self.since.or(first) else {
            return Vec::new();
        };
        let Ok(today) = BusinessDay::try_from(date) else {
            return Vec::new();
        };
        // Yesterday's data is due from that time on, and that of the day before already.
        let past = if time >= self.by.0 { 1 } else { 2 };
        let last = today.number().saturating_sub(past);
        (first.number()..=last)
            .map(BusinessDay::from_number)
            .filter(|day| self.expects(*day))
            .collect()
    }

    fn expects(&self, day: BusinessDay) -> bool {
        let weekday = match day.date().weekday() {
            Weekday::Monday => ScheduledDay::Mon,
            Weekday::Tuesday => ScheduledDay::Tue,
            Weekday::Wednesday => ScheduledDay::Wed,
            Weekday::Thursday => ScheduledDay::Thu,
            Weekday::Friday => ScheduledDay::Fri,
            Weekday::Saturday => ScheduledDay::Sat,
            Weekday::Sunday => ScheduledDay::Sun,
        };
        self.days.is_empty() || self.days.contains(&weekday)
    }
}

#[cfg(test)]
mod tests {
    use super::ScheduleFile;
    use crate::{BusinessDay, DayZone};

    fn due(schedule: &str, now: &str, first: Option<&str>) -> Vec<String> {
        let schedule: ScheduleFile = toml::from_str(schedule).unwrap();
        let zone = DayZone::named("Europe/Berlin").unwrap();
        let first = first.map(|day| day.parse::<BusinessDay>().unwrap());
        let days = schedule.due(&zone, now.parse().unwrap(), first);
        days.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn yesterday_is_due_from_its_hour_on_in_the_tenants_zone() {
        // 05:59 and 06:00 in Berlin, in summer.
        let before = due("", "2026-07-04T03:59:59Z", Some("2026-07-02"));
        assert_eq!(before, ["2026-07-02"]);
        let after = due("", "2026-07-04T04:00:00Z", Some("2026-07-02"));
        assert_eq!(after, ["2026-07-02", "2026-07-03"]);
        assert_eq!(
            due("by = '12:30'", "2026-07-04T04:00:00Z", Some("2026-07-02")).len(),
            1
        );
    }

    #[test]
    fn only_days_that_have_data_are_expected_and_none_before_the_first() {
        let schedule = "days = ['mon', 'fri']\nsince = '2026-06-29'";
        let days = due(schedule, "2026-07-07T12:00:00Z", None);
        assert_eq!(days, ["2026-06-29", "2026-07-03", "2026-07-06"]);
        assert!(due("", "2026-07-07T12:00:00Z", None).is_empty());
        assert!(due("since = '2026-08-01'", "2026-07-07T12:00:00Z", None).is_empty());
        for wrong in ["by = '6 am'", "by = '25:00'", "days = ['monday']", "at = 1"] {
            assert!(toml::from_str::<ScheduleFile>(wrong).is_err(), "{wrong}");
        }
    }
}
