//! What is simulated.

use catwing_domain::{BusinessDay, TenantId};

use crate::Dataset;

/// 2026-01-05, a Monday.
const FIRST_DAY: u16 = 20_458;

/// What is simulated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Whose history.
    pub tenant: TenantId,
    /// Another seed, another history.
    pub seed: u64,
    /// Its first day.
    pub first_day: BusinessDay,
    /// Days, the first one among them.
    pub days: u16,
    /// Products beside the charge for shipping.
    pub products: u32,
    /// Locations: the first is the warehouse, which also sends what is bought on the web; of three or
    /// more the second is a distribution centre; the others are stores.
    pub locations: u16,
    /// Customers by the last day.
    pub customers: u32,
    /// Suppliers; one at least is simulated.
    pub suppliers: u32,
    /// Sales documents of a usual day; of a weekend day half as many more.
    pub documents_a_day: u32,
    /// The retailer's own currency, ISO 4217.
    pub currency: String,
    /// The datasets that are written. The others happen all the same, but nobody is told of them.
    pub datasets: Vec<Dataset>,
}

impl Settings {
    /// Thirty days of a small retailer, in all datasets.
    #[must_use]
    pub fn demo(tenant: TenantId, seed: u64) -> Self {
        Self {
            tenant,
            seed,
            first_day: BusinessDay::from_number(FIRST_DAY),
            days: 30,
            products: 120,
            locations: 6,
            customers: 400,
            suppliers: 8,
            documents_a_day: 80,
            currency: "EUR".to_owned(),
            datasets: Dataset::ALL.to_vec(),
        }
    }
}
