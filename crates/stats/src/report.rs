//! What a refresh has done.

use std::collections::BTreeMap;

use catwing_domain::TenantId;
use serde::Serialize;

use crate::Subject;

/// What a refresh, or a rebuild, has done.
#[derive(Clone, Debug, Serialize)]
pub struct StatsReport {
    /// Whose statistics.
    pub client: TenantId,
    /// Whether everything was computed: as asked, the first time, after the base currency has changed,
    /// or because the tables are others than those that were written last.
    pub is_whole: bool,
    /// Days with facts that were computed, by subject; without those that only complete a period.
    pub days: BTreeMap<Subject, u64>,
    /// Rows that differ from those before, by table; tables that were not touched are absent.
    pub tables: BTreeMap<&'static str, RowChanges>,
    /// Among the computed days of stock: products at a place on a day without a known cost. They count
    /// in quantities, not in values.
    pub without_cost: u64,
    /// Rates of exchange that are new, changed or gone since the last time.
    pub changed_rates: u64,
    /// How long it took.
    pub seconds: Seconds,
}

/// Rows of a table that were written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct RowChanges {
    /// Rows of periods and places that had none.
    pub inserted: u64,
    /// Rows with other numbers.
    pub updated: u64,
    /// Rows of periods and places that have no facts any more.
    pub deleted: u64,
}

/// Seconds that the phases of a refresh took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Seconds {
    /// Finding out what has changed, and which periods that concerns.
    pub changes: f64,
    /// Computing and writing sales.
    pub sales: f64,
    /// Computing and writing stock.
    pub inventory: f64,
    /// Computing and writing pending purchase orders.
    pub purchases: f64,
    /// COMMIT.
    pub commit: f64,
}

impl StatsReport {
    /// All rows that were written.
    #[must_use]
    pub fn rows_changed(&self) -> u64 {
        let of = |rows: &RowChanges| rows.inserted + rows.updated + rows.deleted;
        self.tables.values().map(of).sum()
    }
}
