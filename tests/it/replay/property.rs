//! Generated deliveries: applied in order and in a random one, in random groups, they give the same
//! digest, and what the model says.

use std::{fmt, ops::Range};

use anyhow::{Result, ensure};
use catwing_recovery::apply::Grouping;
use proptest::{
    collection::vec,
    option,
    prelude::*,
    sample::Index,
    test_runner::{Config, TestCaseError, TestRunner},
};

use super::{
    deliveries::{
        Arrival, DAYS, Dataset, Key, Line, Master, Object, Order, Record, Shown, TENANT, land,
    },
    model::{difference, expected},
    shuffled, tables,
};
use crate::warehouse::Warehouse;

/// Cases where `PROPTEST_CASES` says nothing.
const CASES: u32 = 64;
/// A failure is told within this time, as small as it got until then.
const SHRINKING_MS: u32 = 120_000;

/// What a file holds: which of the shared records, whether all there is.
type Drawn = Option<(bool, Vec<Index>)>;

/// Deliveries, and an order and grouping in which to apply them.
pub struct Case {
    pub arrivals: Vec<Arrival>,
    pub seed: u64,
    pub deliveries_max: usize,
}

/// How much is made up.
pub struct Amount {
    pub arrivals: Range<usize>,
    /// Records in a file.
    pub records: Range<usize>,
    /// Records that all files draw from, and so the same ones come again: in one file, in another
    /// one, in another revision, on another day.
    pub pool: Range<usize>,
}

/// Deliveries that the amount admits.
pub fn arrivals(amount: Amount) -> impl Strategy<Value = Vec<Arrival>> {
    let Amount {
        arrivals,
        records,
        pool,
    } = amount;
    let drawn =
        move || option::weighted(0.4, (any::<bool>(), vec(any::<Index>(), records.clone())));
    let files = [(); 6].map(|()| drawn());
    let drawn = vec((0..DAYS, files), arrivals);
    (vec(master(), pool.clone()), vec(order(), pool), drawn).prop_map(|(masters, orders, drawn)| {
        let arrival = |(day, files)| arrival(day, files, &masters, &orders);
        drawn.into_iter().map(arrival).collect()
    })
}

fn arrival(day: u8, files: [Drawn; 6], masters: &[Record], orders: &[Record]) -> Arrival {
    let datasets = [
        (Dataset::Products, masters),
        (Dataset::Locations, masters),
        (Dataset::Customers, masters),
        (Dataset::ShopProducts, masters),
        (Dataset::WebOrders, orders),
        (Dataset::Orders, orders),
    ];
    let object = |((dataset, pool), drawn): ((Dataset, &[Record]), Drawn)| {
        let (complete, drawn) = drawn?;
        let records = drawn.iter().map(|index| index.get(pool).clone()).collect();
        // Only what has presence can be complete.
        let complete = complete && dataset.table() != "sales_orders";
        Some(Object {
            dataset,
            complete,
            records,
        })
    };
    let objects = datasets.into_iter().zip(files).filter_map(object).collect();
    Arrival { day, objects }
}

fn key() -> impl Strategy<Value = Key> {
    prop_oneof![
        28 => (0..4_u8).prop_map(Key::Good),
        4 => (0..4_u8).prop_map(Key::Refused),
        1 => Just(Key::Unreadable),
    ]
}

fn updated() -> impl Strategy<Value = Option<u8>> {
    option::weighted(0.5, 0..4_u8)
}

fn master() -> impl Strategy<Value = Record> {
    let said = (
        key(),
        0..3_u8,
        option::of(0..4_u8),
        option::weighted(0.3, any::<bool>()),
        updated(),
    );
    let record = said.prop_map(|(key, name, detail, active, updated)| {
        Record::Master(Master {
            key,
            name,
            detail,
            active,
            updated,
        })
    });
    prop_oneof![30 => record, 1 => Just(Record::Garbage)]
}

fn order() -> impl Strategy<Value = Record> {
    let customer = option::of((0..3_u8, option::of(0..3_u8)));
    let said = (
        key(),
        any::<bool>(),
        0..3_u8,
        0..3_u8,
        customer,
        updated(),
        vec(line(), 0..4),
    );
    let record = said.prop_map(
        |(key, is_return, status, location, customer, updated, lines)| {
            Record::Order(Order {
                key,
                is_return,
                status,
                location,
                customer,
                updated,
                lines,
            })
        },
    );
    prop_oneof![30 => record, 1 => Just(Record::Garbage)]
}

fn line() -> impl Strategy<Value = Line> {
    let embedded = option::of((option::of(0..3_u8), any::<bool>()));
    let said = (0..3_u8, embedded, 1..5_u8, option::weighted(0.6, 1..3_u8));
    said.prop_map(|(product, embedded, qty, taken_back)| Line {
        product,
        embedded,
        qty,
        taken_back,
    })
}

impl fmt::Debug for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (seed, groups) = (self.seed, self.deliveries_max);
        write!(
            f,
            "shuffled by {seed}, {groups} a transaction:\n{}",
            Shown(&self.arrivals)
        )
    }
}

/// Lands a case in the archive, which nothing else is in, and compares its tables with the model, and its digests with
/// each other.
pub async fn check(warehouse: &Warehouse, case: &Case) -> Result<()> {
    warehouse.archive.empty().await?;
    land(warehouse, &case.arrivals).await?;
    warehouse.delete().await?;
    let pending = warehouse.pending().await?;
    warehouse.apply(&pending, Grouping::TOGETHER).await?;
    let in_order = warehouse.digest().await?;
    let found = tables::read(warehouse).await?;
    if let Some(told) = difference(&expected(&case.arrivals), &found) {
        anyhow::bail!("in order, in one transaction, the tables say otherwise:\n{told}");
    }
    warehouse.delete().await?;
    let grouping = Grouping {
        bytes_max: u64::MAX,
        deliveries_max: case.deliveries_max,
    };
    warehouse
        .apply(&shuffled(&pending, case.seed), grouping)
        .await?;
    let other = warehouse.digest().await?;
    if other != in_order {
        let told = difference(&found, &tables::read(warehouse).await?);
        anyhow::bail!(
            "another order gives another digest:\n{}",
            told.unwrap_or_default()
        );
    }
    ensure!(
        warehouse.pending().await?.is_empty(),
        "something is left to apply"
    );
    Ok(())
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
    };
    let cases = (arrivals(amount), any::<u64>(), 1..4_usize);
    let cases = cases.prop_map(|(arrivals, seed, deliveries_max)| Case {
        arrivals,
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
