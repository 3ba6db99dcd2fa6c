//! Generated deliveries: applied in order and in a random one, in random groups, they give the same
//! digest, statistics among it, and what the model says.

use std::fmt;

use anyhow::{Result, ensure};
use catwing_recovery::apply::{Grouping, Pending};
use catwing_recovery::digest::TenantDigest;
use proptest::{
    prelude::*,
    test_runner::{Config, TestCaseError, TestRunner},
};

use super::{
    chance::{Amount, FOCUSES, arrivals, rates},
    deliveries::{Arrival, Shown, TENANT, land},
    differing,
    model::{Tables, difference, expected},
    record::{CURRENCIES, ORDERED},
    shuffled, tables,
};
use crate::warehouse::Warehouse;

/// Cases where `PROPTEST_CASES` says nothing.
const CASES: u32 = 64;
/// A failure is told within this time, as small as it got until then.
const SHRINKING_MS: u32 = 120_000;
/// A day before all others, from which on every currency has a rate.
const FIRST_RATE: &str = "2010-01-01";

/// Deliveries, and an order and grouping in which to apply them.
pub struct Case {
    pub arrivals: Vec<Arrival>,
    /// Rates of exchange in the order in which they become known.
    pub rates: Vec<Rate>,
    pub seed: u64,
    pub deliveries_max: usize,
}

/// What a currency is worth from a day on.
#[derive(Clone, Debug)]
pub struct Rate {
    pub currency: u8,
    pub day: u8,
    pub rate: u8,
}

impl fmt::Debug for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (seed, groups) = (self.seed, self.deliveries_max);
        writeln!(f, "shuffled by {seed}, {groups} a transaction:")?;
        for rate in &self.rates {
            let (currency, day) = (CURRENCIES[usize::from(rate.currency)], rate.day());
            writeln!(f, "rate of {currency} from {day}: {}", rate.rate)?;
        }
        write!(f, "{}", Shown(&self.arrivals))
    }
}

impl Rate {
    fn day(&self) -> &'static str {
        ORDERED[usize::from(self.day)]
    }

    async fn become_known(&self, warehouse: &Warehouse) -> Result<()> {
        let currency = CURRENCIES[usize::from(self.currency)];
        let rate = format!("{}.25", self.rate);
        warehouse.set_rate(currency, self.day(), &rate).await
    }
}

/// Lands a case in the archive, which nothing else is in, and compares its tables with the model, and
/// its digests with each other.
pub async fn check(warehouse: &Warehouse, case: &Case) -> Result<()> {
    warehouse.archive.empty().await?;
    land(warehouse, &case.arrivals).await?;
    let pending = in_order(warehouse, case).await?;
    let first = warehouse.digest().await?;
    let found = tables::read(warehouse).await?;
    if let Some(told) = difference(&expected(&case.arrivals), &found) {
        anyhow::bail!("in order, in one transaction, the tables say otherwise:\n{told}");
    }
    in_other_order(warehouse, case, &pending).await?;
    must_equal(warehouse, case, &first, "another order").await?;
    warehouse.rebuild_statistics().await?;
    must_equal(warehouse, case, &first, "rebuilt statistics").await?;
    ensure!(
        warehouse.pending().await?.is_empty(),
        "something is left to apply"
    );
    Ok(())
}

/// All deliveries in one transaction, and statistics once after it.
async fn in_order(warehouse: &Warehouse, case: &Case) -> Result<Vec<Pending>> {
    begin_again(warehouse).await?;
    for rate in &case.rates {
        rate.become_known(warehouse).await?;
    }
    let pending = warehouse.pending().await?;
    warehouse.apply(&pending, Grouping::TOGETHER).await?;
    warehouse.refresh_statistics().await?;
    Ok(pending)
}

/// In the order that the case says, and statistics before the first transaction and after each, so
/// that every change of them is an increment. A rate becomes known after each transaction.
async fn in_other_order(warehouse: &Warehouse, case: &Case, pending: &[Pending]) -> Result<()> {
    begin_again(warehouse).await?;
    warehouse.refresh_statistics().await?;
    let mut rates = case.rates.iter();
    for group in shuffled(pending, case.seed).chunks(case.deliveries_max) {
        warehouse.apply(group, Grouping::TOGETHER).await?;
        warehouse.refresh_statistics().await?;
        if let Some(rate) = rates.next() {
            rate.become_known(warehouse).await?;
        }
    }
    for rate in rates {
        rate.become_known(warehouse).await?;
    }
    warehouse.refresh_statistics().await?;
    Ok(())
}

/// Empty tables, and rates that have been known for long.
async fn begin_again(warehouse: &Warehouse) -> Result<()> {
    warehouse.delete().await?;
    warehouse.forget_rates().await?;
    set_first_rates(warehouse).await
}

/// Rates of a day before all others.
pub async fn set_first_rates(warehouse: &Warehouse) -> Result<()> {
    for (currency, rate) in CURRENCIES.iter().zip(["1", "2", "3"]).skip(1) {
        warehouse.set_rate(currency, FIRST_RATE, rate).await?;
    }
    Ok(())
}

/// Compares digests; where they differ, shows the rows.
async fn must_equal(
    warehouse: &Warehouse,
    case: &Case,
    first: &TenantDigest,
    what: &str,
) -> Result<()> {
    let other = warehouse.digest().await?;
    if other == *first {
        return Ok(());
    }
    let differing = differing(first, &other);
    let found = warehouse.dump(&differing).await?;
    in_order(warehouse, case).await?;
    let expected = warehouse.dump(&differing).await?;
    let told = difference(&texts(&expected), &texts(&found)).unwrap_or_default();
    anyhow::bail!("{what} gives another digest:\n{told}")
}

fn texts(dumped: &[(&'static str, Vec<String>)]) -> Tables {
    dumped.iter().cloned().collect()
}

#[test]
fn generated_deliveries_say_the_same_in_any_order() -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let warehouse = runtime.block_on(Warehouse::create(TENANT))?;
    let config = Config {
        cases: match std::env::var_os("PROPTEST_CASES") {
            Some(_) => Config::default().cases,
            None => CASES,
        },
        max_shrink_time: SHRINKING_MS,
        failure_persistence: None,
        ..Config::default()
    };
    let amount = Amount {
        arrivals: 1..7,
        records: 0..4,
        pool: 1..8,
        focuses: FOCUSES,
    };
    let cases = (arrivals(amount), rates(), any::<u64>(), 1..4_usize);
    let cases = cases.prop_map(|(arrivals, rates, seed, deliveries_max)| Case {
        arrivals,
        rates,
        seed,
        deliveries_max,
    });
    let outcome = TestRunner::new(config).run(&cases, |case| {
        let checked = runtime.block_on(check(&warehouse, &case));
        checked.map_err(|error| TestCaseError::fail(format!("{error:#}")))
    });
    // Its pool and database are closed by the runtime.
    runtime.block_on(async { drop(warehouse) });
    outcome.map_err(|error| anyhow::anyhow!("{error}"))
}
