//! Made up deliveries, as chance has them.

use std::ops::Range;

use proptest::{
    collection::{btree_map, vec},
    option,
    prelude::*,
    sample::{self, Index},
};

use super::{
    deliveries::{Arrival, DAYS, Dataset, Object},
    history::{Decision, History},
    property::Rate,
    record::{Goods, Key, Line, Master, Order, Record},
    supply::{Offer, Price, Purchase, Receipt, Stock, Supplier, Transfer},
};

/// What a file holds: which of the shared records, whether all there is.
type Drawn = Option<(bool, Vec<Index>)>;
const DATASETS: usize = Dataset::ALL.len();
/// Every dataset.
pub const EVERYTHING: &[&[Dataset]] = &[&Dataset::ALL];
/// What touches each other meets more often where there is little else.
pub const FOCUSES: &[&[Dataset]] = &[
    &Dataset::ALL,
    &[
        Dataset::Products,
        Dataset::ShopProducts,
        Dataset::Locations,
        Dataset::Customers,
        Dataset::Orders,
        Dataset::WebOrders,
    ],
    &[
        Dataset::Products,
        Dataset::ShopProducts,
        Dataset::Suppliers,
        Dataset::Agents,
        Dataset::PricingLists,
        Dataset::Inventory,
    ],
    &[
        Dataset::Suppliers,
        Dataset::PurchaseOrders,
        Dataset::ReceivingOrders,
        Dataset::DepotReceipts,
        Dataset::StoreOrders,
        Dataset::TransferOrders,
    ],
];

/// How much is made up.
pub struct Amount {
    pub arrivals: Range<usize>,
    /// Records in a file.
    pub records: Range<usize>,
    /// Records that all files of a kind draw from, and so the same ones come again: in one file, in
    /// another one, in another revision, on another day.
    pub pool: Range<usize>,
    /// Verdicts, corrections and writes of the UI.
    pub decisions: Range<usize>,
    /// Datasets that are delivered, one of these sets a case.
    pub focuses: &'static [&'static [Dataset]],
}

/// Deliveries that the amount admits, and what is decided on them.
pub fn histories(amount: Amount) -> impl Strategy<Value = History> {
    let Amount {
        arrivals,
        records,
        pool,
        focuses,
        decisions,
    } = amount;
    let drawn =
        move || option::weighted(0.5, (any::<bool>(), vec(any::<Index>(), records.clone())));
    let files = [(); DATASETS].map(|()| drawn());
    let pools = [
        readable(product(), pool.clone()),
        readable(place(), pool.clone()),
        readable(supplier(), pool.clone()),
        readable(price(), pool.clone()),
        readable(stock(), pool.clone()),
        readable(order(), pool.clone()),
        readable(purchase(), pool.clone()),
        readable(receipt(), pool.clone()),
        readable(transfer(), pool),
    ];
    let drawn = vec((0..DAYS, files), arrivals);
    let decided = vec(decision(), decisions);
    let all = (pools, drawn, sample::select(focuses), decided);
    all.prop_map(|(pools, drawn, focus, decided)| {
        let arrival = |(day, files)| arrival(day, files, &pools, focus);
        let arrivals = drawn.into_iter().map(arrival).collect();
        history(arrivals, &decided, &pools)
    })
}

/// A decision before it is known what it can be about.
#[derive(Clone, Debug)]
enum Drawing {
    Refuse(Index, bool),
    /// Which record, and what of the pool takes its place.
    Fix(Index, Index),
    /// The same record once more.
    FixAgain(Index),
    Write(u8, u8, u8),
}

fn decision() -> impl Strategy<Value = Drawing> {
    prop_oneof![
        2 => (any::<Index>(), any::<bool>()).prop_map(|(of, late)| Drawing::Refuse(of, late)),
        3 => (any::<Index>(), any::<Index>()).prop_map(|(of, by)| Drawing::Fix(of, by)),
        2 => any::<Index>().prop_map(Drawing::FixAgain),
        2 => (0..DAYS, 0..4_u8, 0..3_u8).prop_map(|(day, of, event)| Drawing::Write(day, of, event)),
    ]
}

fn history(arrivals: Vec<Arrival>, drawn: &[Drawing], pools: &[Vec<Record>; 9]) -> History {
    let records = records_of(&arrivals);
    let mut history = History::from(arrivals);
    let mut last = None;
    for drawing in drawn {
        let fix = match drawing {
            Drawing::Fix(of, by) if !records.is_empty() => Some((*of.get(&records), *by)),
            Drawing::FixAgain(by) => last.map(|of| (of, *by)),
            _ => None,
        };
        if let Some((of, by)) = fix {
            last = Some(of);
            let (arrival, object, ordinal) = of;
            let dataset = history.arrivals[arrival].objects[object].dataset;
            let record = by.get(pool_of(dataset, pools)).clone();
            history.decisions.push(Decision::Fix {
                arrival,
                object,
                ordinal,
                record,
            });
        }
        match drawing {
            Drawing::Refuse(of, overridden) => {
                let arrival = of.index(history.arrivals.len());
                let of_it = |decision: &Decision| matches!(decision, Decision::Refuse { arrival: of, .. } if *of == arrival);
                if !history.decisions.iter().any(of_it) {
                    let overridden = *overridden;
                    history.decisions.push(Decision::Refuse {
                        arrival,
                        overridden,
                    });
                }
            }
            Drawing::Write(day, product, event) => history.decisions.push(Decision::Write {
                day: *day,
                product: *product,
                event: *event,
            }),
            Drawing::Fix(..) | Drawing::FixAgain(_) => {}
        }
    }
    history
}

/// Every record by arrival, file and place, but of files that the archive has already.
fn records_of(arrivals: &[Arrival]) -> Vec<(usize, usize, usize)> {
    let mut known = std::collections::BTreeSet::new();
    let mut records = Vec::new();
    for (number, arrival) in arrivals.iter().enumerate() {
        for (index, object) in arrival.objects.iter().enumerate() {
            if known.insert((arrival.day, object.dataset, object.bytes())) {
                records.extend((0..object.records.len()).map(|ordinal| (number, index, ordinal)));
            }
        }
    }
    records
}

/// The records that files of a dataset draw from.
fn pool_of(dataset: Dataset, pools: &[Vec<Record>; 9]) -> &[Record] {
    let [
        products,
        places,
        suppliers,
        prices,
        stock,
        orders,
        purchases,
        receipts,
        transfers,
    ] = pools;
    match dataset {
        Dataset::UiEvents => &[],
        Dataset::Products | Dataset::ShopProducts => products,
        Dataset::Locations | Dataset::Customers => places,
        Dataset::Suppliers | Dataset::Agents => suppliers,
        Dataset::PricingLists => prices,
        Dataset::Inventory => stock,
        Dataset::Orders | Dataset::WebOrders => orders,
        Dataset::PurchaseOrders => purchases,
        Dataset::ReceivingOrders | Dataset::DepotReceipts => receipts,
        Dataset::StoreOrders | Dataset::TransferOrders => transfers,
    }
}

fn arrival(
    day: u8,
    files: [Drawn; DATASETS],
    pools: &[Vec<Record>; 9],
    focus: &[Dataset],
) -> Arrival {
    let object = |(dataset, drawn): (Dataset, Drawn)| {
        let (complete, drawn) = drawn?;
        let pool = pool_of(dataset, pools);
        let records = drawn.iter().map(|index| index.get(pool).clone()).collect();
        // Documents are never all there are.
        let complete = complete && (dataset.has_presence() || dataset == Dataset::Inventory);
        Some(Object {
            dataset,
            complete,
            records,
        })
    };
    let files = Dataset::ALL.into_iter().zip(files);
    let files = files.filter(|(dataset, _)| focus.contains(dataset));
    let objects = files.filter_map(object).collect();
    Arrival { day, objects }
}

/// Rates that become known one after the other, some of them twice.
pub fn rates() -> impl Strategy<Value = Vec<Rate>> {
    let rate = (1..3_u8, 0..4_u8, 1..9_u8);
    vec(
        rate.prop_map(|(currency, day, rate)| Rate {
            currency,
            day,
            rate,
        }),
        0..4,
    )
}

/// Now and then what should be a record is none.
fn readable(
    record: impl Strategy<Value = Record> + 'static,
    pool: Range<usize>,
) -> BoxedStrategy<Vec<Record>> {
    vec(prop_oneof![30 => record, 1 => Just(Record::Garbage)], pool).boxed()
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

fn active() -> impl Strategy<Value = Option<bool>> {
    option::weighted(0.3, any::<bool>())
}

fn master() -> impl Strategy<Value = Master> {
    let said = (key(), 0..3_u8, option::of(0..4_u8), active(), updated());
    said.prop_map(|(key, name, detail, active, updated)| Master {
        key,
        name,
        detail,
        active,
        updated,
        goods: Goods::default(),
    })
}

fn place() -> impl Strategy<Value = Record> {
    master().prop_map(Record::Master)
}

fn product() -> impl Strategy<Value = Record> {
    let amount = || option::of(1..9_u8);
    let goods = (
        option::of(0..3_u8),
        amount(),
        amount(),
        0..3_u8,
        option::of(0..3_u8),
    );
    let goods = goods.prop_map(|(supplier, cost, price, currency, part)| Goods {
        supplier,
        cost,
        price,
        currency,
        part,
    });
    let product = (master(), goods).prop_map(|(master, goods)| Master { goods, ..master });
    product.prop_map(Record::Master)
}

fn supplier() -> impl Strategy<Value = Record> {
    let offers = btree_map(0..4_u8, (1..9_u8, 0..3_u8, any::<bool>()), 0..4);
    let said = (key(), 0..3_u8, active(), updated(), offers);
    said.prop_map(|(key, name, active, updated, offers)| {
        let offer = |(product, (cost, currency, is_default))| Offer {
            product,
            cost,
            currency,
            is_default,
        };
        let offers = offers.into_iter().map(offer).collect();
        Record::Supplier(Supplier {
            key,
            name,
            active,
            updated,
            offers,
        })
    })
}

fn price() -> impl Strategy<Value = Record> {
    let which = (
        key(),
        option::weighted(0.3, 0..3_u8),
        0..2_u8,
        option::of(0..2_u8),
        0..4_u8,
        option::of(0..4_u8),
    );
    let said = (which, 1..9_u8, 0..3_u8, active(), updated());
    said.prop_map(|(which, price, currency, active, updated)| {
        let (key, location, kind, rank, from, thru) = which;
        Record::Price(Price {
            key,
            location,
            kind,
            rank,
            price,
            currency,
            from,
            thru,
            active,
            updated,
        })
    })
}

fn stock() -> impl Strategy<Value = Record> {
    let said = (key(), 0..3_u8, 0..9_u8, option::of(0..4_u8));
    said.prop_map(|(key, location, qty, day)| {
        Record::Stock(Stock {
            key,
            location,
            qty,
            day,
        })
    })
}

fn order() -> impl Strategy<Value = Record> {
    let customer = option::of((0..3_u8, option::of(0..3_u8)));
    let said = (
        key(),
        any::<bool>(),
        0..3_u8,
        0..3_u8,
        (0..4_u8, 0..3_u8),
        customer,
        updated(),
        vec(line(), 0..4),
    );
    said.prop_map(
        |(key, is_return, status, location, (day, currency), customer, updated, lines)| {
            Record::Order(Order {
                key,
                is_return,
                status,
                location,
                day,
                currency,
                customer,
                updated,
                lines,
            })
        },
    )
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

fn purchase() -> impl Strategy<Value = Record> {
    let said = (
        key(),
        (0..3_u8, 0..3_u8, 0..4_u8),
        option::weighted(0.2, 1..4_u8),
        option::of(0..5_u8),
        0..3_u8,
        updated(),
        vec((0..3_u8, 0..9_u8, 1..9_u8), 0..4),
    );
    said.prop_map(|(key, at, closed, status, currency, updated, lines)| {
        let (supplier, location, day) = at;
        Record::Purchase(Purchase {
            key,
            supplier,
            location,
            day,
            closed,
            status,
            currency,
            updated,
            lines,
        })
    })
}

fn receipt() -> impl Strategy<Value = Record> {
    let said = (
        key(),
        option::weighted(0.8, 0..4_u8),
        0..3_u8,
        0..4_u8,
        option::of(0..2_u8),
        updated(),
        vec((option::of(1..4_u8), 0..3_u8, 0..5_u8), 0..3),
    );
    said.prop_map(|(key, purchase, location, day, status, updated, lines)| {
        Record::Receipt(Receipt {
            key,
            purchase,
            location,
            day,
            status,
            updated,
            lines,
        })
    })
}

fn transfer() -> impl Strategy<Value = Record> {
    let said = (
        key(),
        option::of(0..4_u8),
        0..3_u8,
        // Nothing is moved to where it is.
        1..3_u8,
        0..4_u8,
        updated(),
        vec((0..3_u8, 0..5_u8), 0..3),
    );
    said.prop_map(|(key, request, from, apart, day, updated, lines)| {
        Record::Transfer(Transfer {
            key,
            request,
            from,
            to: (from + apart) % 3,
            day,
            updated,
            lines,
        })
    })
}
