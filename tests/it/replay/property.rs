//! Generated deliveries: applied in order and in a random one, in random groups, they give the same
//! digest, statistics among it, and what the model says.

use std::fmt;

use anyhow::{Result, ensure};
use catwing_domain::manifest::EntryNumber;
use catwing_recovery::apply::{Grouping, Pending};
use catwing_recovery::digest::TenantDigest;
use proptest::{
    prelude::*,
    test_runner::{Config, TestCaseError, TestRunner},
};

use super::{
    chance::{Amount, FOCUSES, histories, rates},
    deliveries::TENANT,
    differing,
    history::{History, judge},
    model::{Tables, difference, expected},
    record::{CURRENCIES, ORDERED},
    shuffled, tables,
};
use crate::warehouse::Warehouse;

/// Cases where `PROPTEST_CASES` says nothing.
const CASES: u32 = 48;
/// A failure is told within this time, as small as it got until then.
const SHRINKING_MS: u32 = 120_000;
/// A day before all others, from which on every currency has a rate.
const FIRST_RATE: &str = "2010-01-01";

/// Deliveries, and an order and grouping in which to apply them.
pub struct Case {
    pub history: History,
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
        write!(f, "{}", self.history)
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
    let late = case.history.seal(warehouse).await?;
    in_other_order(warehouse, case, &late).await?;
    let other = warehouse.digest().await?;
    warehouse.rebuild_statistics().await?;
    let rebuilt = warehouse.digest().await?;
    ensure!(
        warehouse.pending().await?.is_empty(),
        "something is left to apply"
    );
    in_order(warehouse, case).await?;
    let first = warehouse.digest().await?;
    let found = tables::read(warehouse).await?;
    if let Some(told) = difference(&expected(&case.history), &found) {
        anyhow::bail!("in order, in one transaction, the tables say otherwise:\n{told}");
    }
    must_equal(warehouse, case, (&first, &other), &late, "another order").await?;
    must_equal(
        warehouse,
        case,
        (&first, &rebuilt),
        &late,
        "rebuilt statistics",
    )
    .await
}

/// All that is in force in one transaction, and statistics once after it.
async fn in_order(warehouse: &Warehouse, case: &Case) -> Result<()> {
    begin_again(warehouse).await?;
    for rate in &case.rates {
        rate.become_known(warehouse).await?;
    }
    let pending = warehouse.pending().await?;
    warehouse.apply(&pending, Grouping::TOGETHER).await?;
    warehouse.refresh_statistics().await?;
    Ok(())
}

/// In the order that the case says, and statistics before the first transaction and after each, so
/// that every change of them is an increment. A rate becomes known after each transaction. What is
/// admitted late comes when all else is there; verdicts that are in force already are sealed no more.
async fn in_other_order(warehouse: &Warehouse, case: &Case, late: &[EntryNumber]) -> Result<()> {
    begin_again(warehouse).await?;
    warehouse.refresh_statistics().await?;
    let mut rates = case.rates.iter();
    let pending = warehouse.pending().await?;
    for group in shuffled(&pending, case.seed).chunks(case.deliveries_max) {
        warehouse.apply(group, Grouping::TOGETHER).await?;
        offer_again(warehouse, &pending, case.seed).await?;
        warehouse.refresh_statistics().await?;
        if let Some(rate) = rates.next() {
            rate.become_known(warehouse).await?;
        }
    }
    for entry in late {
        judge(warehouse, *entry, true).await?;
    }
    let pending = shuffled(&warehouse.pending().await?, case.seed);
    warehouse.apply(&pending, Grouping::ONE_BY_ONE).await?;
    for rate in rates {
        rate.become_known(warehouse).await?;
    }
    warehouse.refresh_statistics().await?;
    Ok(())
}

/// Another one offers something of the same once more, in other groups: what is there stays as it is,
/// and what is not comes in between.
async fn offer_again(warehouse: &Warehouse, pending: &[Pending], seed: u64) -> Result<()> {
    let mut some = shuffled(pending, !seed);
    some.truncate(2);
    some.extend(some.clone());
    warehouse.apply(&some, Grouping::ONE_BY_ONE).await?;
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
    (first, other): (&TenantDigest, &TenantDigest),
    late: &[EntryNumber],
    what: &str,
) -> Result<()> {
    if other == first {
        return Ok(());
    }
    let differing = differing(first, other);
    let expected = warehouse.dump(&differing).await?;
    in_other_order(warehouse, case, late).await?;
    let found = warehouse.dump(&differing).await?;
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
        decisions: 0..6,
    };
    let cases = (histories(amount), rates(), any::<u64>(), 1..4_usize);
    let cases = cases.prop_map(|(history, rates, seed, deliveries_max)| Case {
        history,
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
