//! What statistics are about.

use catwing_domain::TableId;
use serde::Serialize;

/// The lengths of periods, as the work tables name them.
const GRANULARITIES: [&str; 4] = ["daily", "weekly", "monthly", "quarterly"];

/// One of the four kinds of statistics.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// What was sold, returns included: a flow.
    Sales,
    /// What was in stock, at cost: a stock.
    Inventory,
    /// What purchase orders wait for: a stock.
    Purchases,
    /// What forecasts expect: a flow. There are none yet, so that its tables are empty.
    Demand,
}

impl Subject {
    /// Every subject, in the order of computing.
    pub const ALL: [Self; 4] = [Self::Sales, Self::Inventory, Self::Purchases, Self::Demand];

    /// As the work tables and `statistics_touched` name it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Sales => "sales",
            Self::Inventory => "inventory",
            Self::Purchases => "purchases",
            Self::Demand => "demand",
        }
    }

    /// Its tables with the length of their periods, days first.
    pub(crate) fn tables(self) -> [(&'static str, TableId); 4] {
        let [daily, weekly, monthly, quarterly] = GRANULARITIES;
        use TableId as T;
        match self {
            Self::Sales => [
                (daily, T::DailySalesValues),
                (weekly, T::WeeklySalesValues),
                (monthly, T::MonthlySalesValues),
                (quarterly, T::QuarterlySalesValues),
            ],
            Self::Inventory => [
                (daily, T::DailyInventoryValues),
                (weekly, T::WeeklyInventoryValues),
                (monthly, T::MonthlyInventoryValues),
                (quarterly, T::QuarterlyInventoryValues),
            ],
            Self::Purchases => [
                (daily, T::DailyPendingPoValues),
                (weekly, T::WeeklyPendingPoValues),
                (monthly, T::MonthlyPendingPoValues),
                (quarterly, T::QuarterlyPendingPoValues),
            ],
            Self::Demand => [
                (daily, T::DailyExpectedDemand),
                (weekly, T::WeeklyExpectedDemand),
                (monthly, T::MonthlyExpectedDemand),
                (quarterly, T::QuarterlyExpectedDemand),
            ],
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use catwing_domain::TableId;

    use super::Subject;

    #[test]
    fn every_table_has_one_subject_and_length() {
        let mut named = BTreeSet::new();
        for subject in Subject::ALL {
            for (granularity, table) in subject.tables() {
                assert!(table.name().starts_with(granularity), "{}", table.name());
                named.insert(table);
            }
        }
        assert_eq!(named, TableId::STATISTICS.iter().copied().collect());
    }
}
