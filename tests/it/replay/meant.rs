//! Cases that were thought of, each for a rule that chance seldom meets: checked as generated ones
//! are, in order and in others.

use anyhow::{Context, Result};

use super::{
    deliveries::{Arrival, Dataset, Object, TENANT},
    history::{Decision, History},
    property::{Case, check},
    record::{Key, Line, Master, Order, Record},
    shuffled,
    supply::{Purchase, Receipt},
};
use crate::warehouse::Warehouse;

/// Orders in which each case is applied after the first time.
const SEEDS: [u64; 3] = [0, 1, 2];

fn product(key: Key, name: u8) -> Record {
    Record::Master(Master {
        key,
        name,
        ..Master::default()
    })
}

fn order(is_return: bool, status: u8, named: Option<u8>) -> Record {
    let line = Line {
        product: 0,
        embedded: Some((named, false)),
        qty: 1,
        taken_back: None,
    };
    Record::Order(Order {
        is_return,
        status,
        lines: vec![line],
        ..Order::default()
    })
}

fn file(day: u8, dataset: Dataset, complete: bool, records: &[Record]) -> Arrival {
    let object = Object {
        dataset,
        complete,
        records: records.to_vec(),
    };
    Arrival {
        day,
        objects: vec![object],
    }
}

fn snapshot(day: u8, records: &[Record]) -> Arrival {
    file(day, Dataset::Products, true, records)
}

fn delta(day: u8, records: &[Record]) -> Arrival {
    file(day, Dataset::Products, false, records)
}

fn orders(day: u8, records: &[Record]) -> Arrival {
    file(day, Dataset::Orders, false, records)
}

/// Deliveries by what they are meant to show.
fn cases() -> Vec<(&'static str, Vec<Arrival>)> {
    let (one, two) = (product(Key::Good(1), 0), product(Key::Good(2), 0));
    let both = [one.clone(), two.clone()];
    let refused = [one.clone(), product(Key::Refused(2), 0)];
    let unreadable = [one.clone(), product(Key::Unreadable, 0)];
    let garbage = [one.clone(), Record::Garbage];
    let only_one = [one.clone()];
    let of_shop = |day, records: &[Record]| file(day, Dataset::ShopProducts, true, records);
    let (sale, cancelled) = (order(false, 0, Some(1)), order(false, 2, Some(2)));
    let back = order(true, 0, Some(2));
    let purchase = Record::Purchase(Purchase {
        key: Key::Good(1),
        lines: vec![(0, 5, 2)],
        ..Purchase::default()
    });
    let receipts = |day, purchase| {
        let receipt = Receipt {
            purchase,
            lines: vec![(Some(1), 0, 3)],
            ..Receipt::default()
        };
        file(
            day,
            Dataset::ReceivingOrders,
            false,
            &[Record::Receipt(receipt)],
        )
    };
    vec![
        (
            "a key that leaves and returns",
            vec![
                snapshot(0, &both),
                snapshot(1, &only_one),
                snapshot(2, &both),
            ],
        ),
        (
            "a refused record is present",
            vec![snapshot(0, &both), snapshot(1, &refused)],
        ),
        (
            "an unreadable key retires nothing",
            vec![snapshot(0, &both), snapshot(1, &unreadable)],
        ),
        (
            "nor does what is no record",
            vec![snapshot(0, &both), snapshot(1, &garbage)],
        ),
        (
            "a delta retires nothing",
            vec![snapshot(0, &both), delta(1, &only_one)],
        ),
        (
            "a later delta counts",
            vec![snapshot(0, &only_one), delta(1, std::slice::from_ref(&two))],
        ),
        (
            "an earlier one does not",
            vec![delta(0, &[two]), snapshot(1, &only_one)],
        ),
        (
            "a second revision of a day is the newer one",
            vec![snapshot(0, &both), snapshot(0, &only_one)],
        ),
        (
            "a source speaks for its own records alone",
            vec![
                of_shop(0, &both),
                snapshot(1, &both),
                snapshot(2, &only_one),
            ],
        ),
        (
            "a receipt that names no purchase order any more has no supplier",
            vec![
                file(0, Dataset::PurchaseOrders, false, &[purchase]),
                receipts(1, Some(1)),
                receipts(2, None),
            ],
        ),
        (
            "a return names no product",
            vec![orders(0, std::slice::from_ref(&sale)), orders(1, &[back])],
        ),
        (
            "nor does what is cancelled",
            vec![orders(0, &[sale]), orders(1, &[cancelled])],
        ),
    ]
}

/// Verdicts and corrections, each where it matters.
fn decided() -> Vec<(&'static str, History)> {
    let good = |key, name| product(Key::Good(key), name);
    let refused = |key| product(Key::Refused(key), 9);
    let fix = |arrival, ordinal, record: Record| Decision::Fix {
        arrival,
        object: 0,
        ordinal,
        record,
    };
    let refuse = |arrival, overridden| Decision::Refuse {
        arrival,
        overridden,
    };
    let history = |arrivals: &[Arrival], decisions: &[Decision]| History {
        arrivals: arrivals.to_vec(),
        decisions: decisions.to_vec(),
    };
    let before = snapshot(0, &[good(0, 1), good(1, 1)]);
    let spoiled = snapshot(1, &[good(0, 2), refused(2)]);
    vec![
        (
            "a corrected key is there for its snapshot, and no other",
            history(
                &[before.clone(), spoiled.clone(), snapshot(2, &[good(0, 3)])],
                &[fix(1, 1, good(1, 5))],
            ),
        ),
        (
            "a correction is as old as its record",
            history(
                &[spoiled.clone(), delta(2, &[good(2, 7)])],
                &[fix(0, 1, good(2, 5))],
            ),
        ),
        (
            "of corrections of one record the last number holds, also a refused one's",
            history(
                std::slice::from_ref(&spoiled),
                &[
                    fix(0, 1, good(2, 4)),
                    fix(0, 1, refused(2)),
                    fix(0, 1, good(2, 6)),
                ],
            ),
        ),
        (
            "a correction of an accepted record replaces it",
            history(std::slice::from_ref(&before), &[fix(0, 0, good(0, 8))]),
        ),
        (
            "a key that becomes readable retires nobody",
            history(
                &[
                    before.clone(),
                    snapshot(1, &[good(0, 1), product(Key::Unreadable, 1)]),
                ],
                &[fix(1, 1, good(0, 2))],
            ),
        ),
        (
            "a correction waits for its delivery to be admitted",
            history(
                &[before.clone(), spoiled.clone()],
                &[refuse(1, true), fix(1, 1, good(3, 1))],
            ),
        ),
        (
            "nothing of what is refused counts, nor its corrections",
            history(
                &[before, spoiled],
                &[refuse(1, false), fix(1, 1, good(3, 1))],
            ),
        ),
    ]
}

fn all_cases() -> impl Iterator<Item = (&'static str, History)> {
    let delivered = cases().into_iter();
    let delivered = delivered.map(|(what, arrivals)| (what, History::from(arrivals)));
    delivered.chain(decided())
}

#[tokio::test(flavor = "multi_thread")]
async fn meant_deliveries_say_what_they_should() -> Result<()> {
    let warehouse = Warehouse::create(TENANT).await?;
    for (what, history) in all_cases() {
        for seed in SEEDS {
            let case = Case {
                history: history.clone(),
                rates: Vec::new(),
                seed,
                deliveries_max: 1,
            };
            check(&warehouse, &case).await.context(what)?;
        }
    }
    Ok(())
}

#[test]
fn two_deliveries_come_in_both_orders() {
    let orders = SEEDS.map(|seed| shuffled(&[1, 2], seed));
    assert!(orders.contains(&vec![1, 2]) && orders.contains(&vec![2, 1]));
}
