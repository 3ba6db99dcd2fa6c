//! What the tables must say, worked out from the deliveries in memory and in the plainest way: it
//! shares no code with transform and load, so that what both orders get wrong alike is seen here.
//!
//! Rows are texts with bars between their columns, as [`super::tables`] reads them.

use std::collections::{BTreeMap, BTreeSet};

mod sales;
mod supply;

use self::{sales::document, supply::Supply};
use super::{
    deliveries::{Dataset, date},
    history::{Decision, History},
    record::{Key, Master, ORDERED, Order, Record, UPDATES},
};

/// Rows by the name of the query that reads them.
pub type Tables = BTreeMap<&'static str, Vec<String>>;

/// Day, revision, dataset, ordinal, number of the correction.
type Position = (u8, usize, Dataset, usize, u8);
/// The greater one wins.
type Version = (String, Position);
/// By key the record that wins.
type Winners<'a, K, T> = BTreeMap<K, (Version, &'a T)>;

/// A record in its place.
struct Raw<'a> {
    arrival: usize,
    version: Version,
    record: &'a Record,
}

/// The best that is known of a parent: who says it, when, and what.
struct Parent {
    rank: u8,
    version: Version,
    says: String,
    declared_active: bool,
}

#[derive(Default)]
struct World<'a> {
    documents: Winners<'a, u8, Order>,
    parents: BTreeMap<(&'static str, String), Parent>,
    words: BTreeMap<(&'static str, String), Version>,
    supply: Supply<'a>,
    /// By dataset and key: the newest delivery that holds it.
    present: BTreeMap<(Dataset, String), Position>,
    /// By dataset: the newest delivery that holds all there is.
    snapshots: BTreeMap<Dataset, Position>,
    quarantine: Vec<String>,
    fixes: Vec<String>,
    /// By table: records read, refused, repeated.
    counts: BTreeMap<&'static str, (usize, usize, usize)>,
}

/// What the tables must say once all of a history is applied.
pub fn expected(history: &History) -> Tables {
    let mut world = World::default();
    let mut sealed: BTreeMap<(u8, Dataset), Vec<String>> = BTreeMap::new();
    for (number, arrival) in history.arrivals.iter().enumerate() {
        let mut good = Vec::new();
        for (index, object) in arrival.objects.iter().enumerate() {
            let known = sealed.entry((arrival.day, object.dataset)).or_default();
            if known.contains(&object.bytes()) {
                continue;
            }
            known.push(object.bytes());
            if history.refuses(number) {
                continue;
            }
            let of_delivery = (arrival.day, known.len(), object.dataset, 0, 0);
            world.supply.today = world.supply.today.max(Some(arrival.day));
            world.presence(object.complete, of_delivery, &object.records);
            if object.complete && object.dataset == Dataset::Inventory {
                world.supply.hold_stock(of_delivery, &object.records);
            }
            for (ordinal, record) in object.records.iter().enumerate() {
                let position = (arrival.day, known.len(), object.dataset, ordinal, 0);
                good.extend(world.read(number, position, record));
            }
            world.corrections(history, (number, index), of_delivery);
        }
        world.repeated(&good);
        good.into_iter().for_each(|raw| world.take(raw));
    }
    world.writes(&history.decisions);
    world.tables()
}

/// The record's own update time, unless it is more than a day after the end of its business day;
/// else that end.
fn source_version(day: u8, updated: Option<u8>) -> String {
    let limit = format!("2011-01-{}T14:59:59.999999", 11 + day);
    let own = updated.map(|at| UPDATES[usize::from(at)].to_owned());
    own.filter(|at| *at <= limit)
        .unwrap_or_else(|| format!("2011-01-{}T14:59:59.999999", 10 + day))
}

fn win<'a, K: Ord, T>(winners: &mut Winners<'a, K, T>, key: K, version: &Version, record: &'a T) {
    if winners.get(&key).is_none_or(|(held, _)| held < version) {
        winners.insert(key, (version.clone(), record));
    }
}

impl<'a> World<'a> {
    fn count(&mut self, table: &'static str) -> &mut (usize, usize, usize) {
        self.counts.entry(table).or_default()
    }

    /// Counts a record, and refuses it if it has to be.
    fn read(&mut self, arrival: usize, position: Position, record: &'a Record) -> Option<Raw<'a>> {
        self.count(position.2.entity()).0 += 1;
        if !matches!(record.key(), Key::Good(_)) {
            self.refuse(position, record);
            return None;
        }
        let version = (source_version(position.0, record.updated()), position);
        Some(Raw {
            arrival,
            version,
            record,
        })
    }

    /// A correction says what its record says, at the same place; it is there for the snapshot that
    /// its file is, and of its stock.
    fn corrections(&mut self, history: &'a History, of: (usize, usize), of_delivery: Position) {
        let mut numbers: BTreeMap<usize, u8> = BTreeMap::new();
        for decision in &history.decisions {
            let Decision::Fix {
                arrival,
                object,
                ordinal,
                record,
            } = decision
            else {
                continue;
            };
            if (*arrival, *object) != of {
                continue;
            }
            let number = numbers.entry(*ordinal).or_default();
            *number += 1;
            let (day, revision, dataset, ..) = of_delivery;
            let position = (day, revision, dataset, *ordinal, *number);
            let records = std::slice::from_ref(record);
            self.presence(false, of_delivery, records);
            if history.arrivals[of.0].objects[of.1].complete && dataset == Dataset::Inventory {
                self.supply.hold_stock(of_delivery, records);
            }
            let row = format!("{}|{}", shown(position), dataset.entity());
            self.fixes.push(row);
            if let Some(raw) = self.read(of.0, position, record) {
                self.take(raw);
            }
        }
    }

    /// Writes of the UI name their products, and are pages of their day.
    fn writes(&mut self, decisions: &[Decision]) {
        let mut pages: BTreeMap<u8, usize> = BTreeMap::new();
        for decision in decisions {
            if let Decision::Write {
                day,
                product,
                event,
            } = decision
            {
                let page = pages.entry(*day).or_default();
                *page += 1;
                let position = (*day, 1, Dataset::UiEvents, *page << 16, 0);
                let version = (Decision::at(*day, *event), position);
                self.count("product_settings").0 += 1;
                self.refer_product(*product, &version);
            }
        }
    }

    /// All keys that can be read are present, refused or not; one that can't be read leaves open who
    /// is absent.
    fn presence(&mut self, complete: bool, position: Position, records: &[Record]) {
        let dataset = position.2;
        if !dataset.has_presence() {
            return;
        }
        for record in records {
            if let Some(key) = natural_key(record, position.0) {
                let newest = self.present.entry((dataset, key)).or_insert(position);
                *newest = position.max(*newest);
            }
        }
        let readable = records.iter().all(|record| record.key() != Key::Unreadable);
        if complete && readable {
            let newest = self.snapshots.entry(dataset).or_insert(position);
            *newest = position.max(*newest);
        }
    }

    fn refuse(&mut self, position: Position, record: &Record) {
        // A price of all locations has no such part.
        let shown_key = |key: String| key.replace("|-|", "|").replace('|', " / ");
        let key = natural_key(record, position.0).map_or("-".into(), shown_key);
        let entity = position.2.entity();
        self.count(entity).1 += 1;
        self.quarantine
            .push(format!("{}|{entity}|{key}", shown(position)));
    }

    /// Records that the same delivery says again, word for word.
    fn repeated(&mut self, good: &[Raw<'a>]) {
        for (index, raw) in good.iter().enumerate() {
            let entity = raw.version.1.2.entity();
            let again = good[..index].iter().any(|earlier| {
                debug_assert_eq!(earlier.arrival, raw.arrival);
                earlier.version.1.2.entity() == entity && earlier.record == raw.record
            });
            self.count(entity).2 += usize::from(again);
        }
    }

    fn take(&mut self, raw: Raw<'a>) {
        match raw.record {
            Record::Garbage => {}
            Record::Master(master) => self.master(raw.version, master),
            Record::Order(order) => self.order(raw.version, order),
            Record::Supplier(supplier) => self.supplier(raw.version, supplier),
            Record::Price(price) => self.price(raw.version, price),
            Record::Stock(stock) => self.stock(raw.version, stock),
            Record::Purchase(purchase) => self.purchase(raw.version, purchase),
            Record::Receipt(receipt) => self.receipt(raw.version, receipt),
            Record::Transfer(transfer) => self.transfer(raw.version, transfer),
        }
    }

    fn master(&mut self, version: Version, master: &'a Master) {
        let table = version.1.2.entity();
        let (name, mut says) = (master.name, format!("name {}", master.name));
        match (table, master.detail) {
            ("locations", detail) => {
                let word = format!("type {}", detail.unwrap_or(9));
                self.word("location_types", &word, &version);
                says.push_str(&format!("|{word}"));
            }
            ("customers", detail) => {
                says.push_str(&format!(
                    "|{}",
                    detail.map_or("-".into(), |it| it.to_string())
                ));
            }
            (_, Some(0)) => {
                self.parent("brands", "B", 0, &version, "-".into(), true);
                says.push_str("|goods|B|-");
            }
            (_, Some(1)) => {
                self.parent("brands", "B", 2, &version, format!("land {name}"), true);
                says.push_str("|goods|B|-");
            }
            (_, Some(category)) => {
                let category = category.to_string();
                self.parent(
                    "product_categories",
                    "root",
                    0,
                    &version,
                    "root|-".into(),
                    true,
                );
                let said = format!("category {name}|root");
                self.parent("product_categories", &category, 2, &version, said, true);
                says.push_str(&format!("|goods|-|{category}"));
            }
            (_, None) => says.push_str("|goods|-|-"),
        }
        if let Key::Good(key) = master.key {
            if table == "products" {
                self.goods(key, &version, master);
            }
            let active = master.active.unwrap_or(true);
            self.parent(table, &key.to_string(), 3, &version, says, active);
        }
    }

    fn refer_location(&mut self, code: u8, version: &Version) {
        let says = format!("{code}|-");
        self.parent("locations", &code.to_string(), 0, version, says, true);
    }

    fn refer_product(&mut self, code: u8, version: &Version) {
        let says = format!("{code}|goods|-|-");
        self.parent("products", &code.to_string(), 0, version, says, true);
    }

    fn word(&mut self, table: &'static str, word: &str, version: &Version) {
        let first = self.words.entry((table, word.to_owned()));
        let first = first.or_insert_with(|| version.clone());
        if version < first {
            first.clone_from(version);
        }
    }

    /// The higher rank wins, then the newer version; of mere references the oldest.
    fn parent(
        &mut self,
        table: &'static str,
        key: &str,
        rank: u8,
        version: &Version,
        says: String,
        declared_active: bool,
    ) {
        let better = |held: &Parent| {
            rank > held.rank
                || (rank == held.rank && rank > 0 && *version > held.version)
                || (rank == held.rank && rank == 0 && *version < held.version)
        };
        let key = (table, key.to_owned());
        if self.parents.get(&key).is_none_or(better) {
            let version = version.clone();
            let parent = Parent {
                rank,
                version,
                says,
                declared_active,
            };
            self.parents.insert(key, parent);
        }
    }

    /// A row of its own record is active iff that says so, and no newer snapshot lacks its key.
    fn is_active(&self, key: &str, parent: &Parent) -> bool {
        let dataset = parent.version.1.2;
        let held = || {
            let held = self.present.get(&(dataset, key.to_owned()));
            held.is_some() && held >= self.snapshots.get(&dataset)
        };
        parent.declared_active && (parent.rank < 3 || held())
    }

    fn tables(mut self) -> Tables {
        let mut tables = Tables::new();
        self.quarantine.sort();
        tables.insert("quarantine", std::mem::take(&mut self.quarantine));
        tables.insert("record_fixes", std::mem::take(&mut self.fixes));
        tables.retain(|_, rows| !rows.is_empty());
        for ((table, key), parent) in &self.parents {
            let (at, position) = &parent.version;
            let active = match *table {
                "brands" | "price_kinds" | "purchase_orders" => String::new(),
                _ => format!("|{}", self.is_active(key, parent)),
            };
            let (says, rank, position) = (&parent.says, parent.rank, shown(*position));
            let row = format!("{key}|{says}{active}|{rank}|{at}|{position}");
            tables.entry(table).or_default().push(row);
        }
        for ((table, word), (at, position)) in &self.words {
            let row = format!("{table}|{word}|{at}|{}", shown(*position));
            tables.entry("words").or_default().push(row);
        }
        for (key, ((at, position), order)) in &self.documents {
            document(&mut tables, *key, at, *position, order);
        }
        for ((dataset, _), newest) in &self.present {
            let row = format!("{}|{}", dataset.entity(), shown(*newest));
            tables.entry("presence_keys").or_default().push(row);
        }
        for (dataset, newest) in &self.snapshots {
            let row = format!("{}|{}", dataset.entity(), shown(*newest));
            tables.entry("presence_snapshots").or_default().push(row);
        }
        for (table, (read, refused, repeated)) in &self.counts {
            let row = format!("{table}|{read}|{refused}|{repeated}");
            tables.entry("counts").or_default().push(row);
        }
        let active = |(table, key): (&'static str, String)| {
            let parent = self.parents.get(&(table, key.clone()));
            parent.is_some_and(|parent| self.is_active(&key, parent))
        };
        let products = self
            .parents
            .keys()
            .filter(|(table, _)| *table == "products");
        let products: Vec<u8> = products.filter_map(|(_, key)| key.parse().ok()).collect();
        self.supply.tables(&products, &active, &mut tables);
        tables.values_mut().for_each(|rows| rows.sort());
        tables
    }
}

/// A record's key with bars between its parts, if it can be read.
fn natural_key(record: &Record, day: u8) -> Option<String> {
    let (Key::Good(key) | Key::Refused(key)) = record.key() else {
        return None;
    };
    Some(match record {
        Record::Price(price) => {
            let location = price.location.map_or("-".into(), |it| it.to_string());
            format!("{key}|{location}|kind {}|{}", price.kind, price.from())
        }
        Record::Stock(stock) => {
            let of = stock
                .day
                .map_or(date(day), |it| ORDERED[usize::from(it)].to_owned());
            format!("{key}|{}|{of}|", stock.location)
        }
        _ => key.to_string(),
    })
}

fn shown((day, revision, dataset, ordinal, fix): Position) -> String {
    let fix = if fix > 0 {
        format!(".{fix}")
    } else {
        String::new()
    };
    format!(
        "{} r{revision} d{} #{ordinal}{fix}",
        date(day),
        dataset as u8
    )
}

/// What differs between two sets of tables, for a person.
pub fn difference(expected: &Tables, found: &Tables) -> Option<String> {
    let names: BTreeSet<_> = expected.keys().chain(found.keys()).collect();
    let mut told = String::new();
    for name in names {
        let rows = |tables: &Tables| tables.get(name).cloned().unwrap_or_default();
        let (expected, found) = (rows(expected), rows(found));
        let only = |these: &[String], others: &[String], sign: &str| {
            let rows = these.iter().filter(|row| !others.contains(row));
            rows.map(|row| format!("  {sign} {row}\n"))
                .collect::<String>()
        };
        if expected != found {
            told.push_str(&format!("{name} (- expected, + found)\n"));
            told.push_str(&only(&expected, &found, "-"));
            told.push_str(&only(&found, &expected, "+"));
        }
    }
    (!told.is_empty()).then_some(told)
}
