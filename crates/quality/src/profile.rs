//! What a delivery looks like: counted row by row while transform reads it, in memory that does not
//! grow with it.

use std::collections::{BTreeMap, HashMap};

use catwing_domain::{
    BusinessDay, Cell, Column, ColumnType, Entity, Output, RawPosition, Reject, Rows, TableId, Unit,
};

use crate::{
    check::entity_of,
    column::{ColumnProfile, KeySet, hash_of},
};

/// Keys of records, SKUs and products that are remembered of a delivery: some 20 MiB. What comes after
/// so many is not compared any more.
pub const KEYS_MAX: usize = 1 << 19;
/// Places that are kept of each kind of finding.
pub const SAMPLES_MAX: usize = 5;
/// A quantity beyond it, either way, is no quantity of a retailer.
pub const QUANTITY_MAX: f64 = 10_000_000.0;
/// A date may be so many days after the business day: clocks and time zones differ.
pub const FUTURE_DAYS: i32 = 1;
/// Characters of a value that a sample shows.
const VALUE_CHARS_MAX: usize = 100;
/// Characters of a refused record that a sample shows.
const RECORD_CHARS_MAX: usize = 500;
/// The rank of a record of its own.
const OWN: Cell<'static> = Cell::Small(3);
/// The rank of a row that is only referred to.
const REFERENCED: Cell<'static> = Cell::Small(0);
/// Columns of lineage and presence, which say nothing of the data.
const BOOKKEEPING: &[&str] = &[
    "id",
    "source_version",
    "raw_position",
    "source_rank",
    "declared_active",
];

/// What is looked for in a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Watch {
    /// A quantity.
    Quantity,
    /// A quantity that can't be below zero.
    Stock,
    /// A price or cost, which can't be below zero.
    Price,
    /// A day on which something has happened.
    Date,
}

/// What is looked for in a column of a table.
pub(crate) fn watch_of(table: TableId, column: &Column) -> Option<Watch> {
    const HAPPENED: &[&str] = &[
        "order_date",
        "received_date",
        "shipped_date",
        "snapshot_date",
        "observation_date",
        "analytics_date",
        "ad_date",
        "update_date",
    ];
    let is_price = |name: &str| name.contains("price") || name.contains("cost");
    match column.ty {
        ColumnType::Quantity if table == TableId::InventoryQuantities => Some(Watch::Stock),
        ColumnType::Quantity => Some(Watch::Quantity),
        ColumnType::Money if is_price(column.name) => Some(Watch::Price),
        ColumnType::Date if HAPPENED.contains(&column.name) => Some(Watch::Date),
        _ => None,
    }
}

/// What was found somewhere, before it is known which object that is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Spot {
    pub(crate) position: RawPosition,
    /// Index and ordinal, where they are known.
    pub(crate) place: Option<(usize, u64)>,
    pub(crate) key: Option<String>,
    pub(crate) field: Option<String>,
    pub(crate) value: Option<String>,
    pub(crate) message: Option<String>,
    pub(crate) record: Option<String>,
}

/// How often something was found, and where first.
#[derive(Clone, Debug, Default)]
pub(crate) struct Finds {
    pub(crate) count: u64,
    pub(crate) spots: Vec<Spot>,
}

impl Finds {
    fn add(&mut self, spot: impl FnOnce() -> Spot) {
        self.count += 1;
        if self.spots.len() < SAMPLES_MAX {
            self.spots.push(spot());
        }
    }
}

/// What is looked for in rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Flaw {
    Negative,
    AbsurdQuantity,
    FutureDate,
    RepeatedKey,
    SharedSku,
    Refused,
}

/// The rows of one table in a delivery.
pub struct TableProfile {
    /// Rows of records of their own and of their parts.
    pub rows: u64,
    /// What was counted of each column that says something of the data.
    pub columns: Vec<(&'static Column, ColumnProfile)>,
    plan: Vec<Planned>,
    rank: Option<usize>,
    position: usize,
}

/// What becomes of a cell.
#[derive(Clone, Copy)]
struct Planned {
    /// The profile's index.
    profile: Option<usize>,
    watch: Option<Watch>,
}

/// What a delivery looks like.
pub struct Profile {
    day: i32,
    /// By table.
    pub tables: BTreeMap<TableId, TableProfile>,
    /// The newest update time of records, in UTC microseconds since 1970, by table.
    pub newest: BTreeMap<TableId, i64>,
    finds: BTreeMap<(Entity, Flaw), Finds>,
    keys: BTreeMap<TableId, KeySet>,
    /// The product that was first with a SKU.
    skus: HashMap<i64, i64>,
    referred: KeySet,
    described: KeySet,
    /// The delivery of a dataset that an object is, or is a page of.
    objects: BTreeMap<usize, RawPosition>,
    /// The first object that has records of a table.
    first_objects: BTreeMap<TableId, usize>,
    remembered: usize,
}

impl Profile {
    /// Of nothing yet, of a business day.
    #[must_use]
    pub fn new(day: BusinessDay) -> Self {
        Self {
            day: day.number().into(),
            tables: BTreeMap::new(),
            newest: BTreeMap::new(),
            finds: BTreeMap::new(),
            keys: BTreeMap::new(),
            skus: HashMap::new(),
            referred: KeySet::default(),
            described: KeySet::default(),
            objects: BTreeMap::new(),
            first_objects: BTreeMap::new(),
            remembered: 0,
        }
    }

    /// Counts what transform has made of a stretch.
    pub fn look(&mut self, output: &Output) {
        for unit in &output.units {
            self.unit(unit);
        }
        for reject in &output.rejects {
            self.reject(reject);
        }
        for (table, rows) in output.rows.iter().filter(|(_, rows)| !rows.is_empty()) {
            if *table == TableId::Products {
                self.products(rows);
            }
            if let Some(entity) = entity_of(*table) {
                self.rows(*table, entity, rows);
            }
        }
    }

    /// Whether so many keys came that later ones were not compared.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.remembered >= KEYS_MAX
    }

    /// Frees the keys that were remembered, once the delivery is judged: what it looks like stays.
    pub fn forget_keys(&mut self) {
        self.keys.clear();
        self.skus = HashMap::new();
        self.referred = KeySet::default();
        self.described = KeySet::default();
    }

    /// Ids of products that the delivery refers to and does not describe.
    #[must_use]
    pub fn only_referred(&self) -> Vec<i64> {
        self.referred.difference(&self.described).copied().collect()
    }

    /// Products that the delivery refers to or describes.
    #[must_use]
    pub fn products_named(&self) -> u64 {
        self.referred.union(&self.described).count() as u64
    }

    /// The first object that has records of a table.
    #[must_use]
    pub fn first_object(&self, table: TableId) -> Option<usize> {
        self.first_objects.get(&table).copied()
    }

    pub(crate) fn finds(&self, entity: Entity, flaw: Flaw) -> Option<&Finds> {
        self.finds.get(&(entity, flaw))
    }

    /// The object and the ordinal of a position, given the page that each object of the delivery is; none
    /// where no record of its object was read.
    pub(crate) fn place(
        &self,
        position: RawPosition,
        pages: &[Option<u32>],
    ) -> Option<(usize, u64)> {
        let of = position.of_delivery();
        let candidates = self.objects.iter().filter(|(_, delivery)| **delivery == of);
        candidates.into_iter().find_map(|(object, _)| {
            let page = pages.get(*object).copied().flatten();
            let place = position.place(page.is_some());
            (place.page == page).then_some((*object, place.ordinal))
        })
    }

    fn unit(&mut self, unit: &Unit) {
        let position = unit.version.raw_position;
        self.objects
            .entry(unit.object)
            .or_insert(position.of_delivery());
        self.first_objects.entry(unit.table).or_insert(unit.object);
        let newest = self.newest.entry(unit.table).or_insert(i64::MIN);
        *newest = (*newest).max(unit.version.source_version.as_microsecond());
        if self.is_full() {
            return;
        }
        // Another revision of the dataset may say the same again; only one delivery must not.
        let key = unit.id.bits() ^ position.of_delivery().bits();
        if self.keys.entry(unit.table).or_default().insert(key) {
            self.remembered += 1;
        } else if let Some(entity) = entity_of(unit.table) {
            self.found((entity, Flaw::RepeatedKey), || Spot::at(position));
        }
    }

    fn reject(&mut self, reject: &Reject) {
        self.objects
            .entry(reject.object)
            .or_insert(reject.position.of_delivery());
        let first = reject.problems.first();
        self.found((reject.entity, Flaw::Refused), || Spot {
            position: reject.position,
            place: Some((reject.object, reject.ordinal)),
            key: reject.record_key.clone(),
            field: first.and_then(|problem| problem.field.clone()),
            value: first.and_then(|problem| problem.value.clone()),
            message: first.map(|problem| problem.message.clone()),
            record: Some(shortened(&reject.record, RECORD_CHARS_MAX)),
        });
    }

    fn products(&mut self, rows: &Rows) {
        let table = TableId::Products.table();
        let (Some(rank), Some(sku)) =
            (table.position("source_rank"), table.position("product_sku"))
        else {
            return;
        };
        for row in rows.iter() {
            let Some(Cell::Key(id)) = row.clone().next() else {
                continue;
            };
            if self.is_full() {
                return;
            }
            let rank = row.clone().nth(rank).unwrap_or(Cell::Null);
            let set = match rank == REFERENCED {
                true => &mut self.referred,
                false => &mut self.described,
            };
            self.remembered += usize::from(set.insert(id));
            if let (OWN, Some(Cell::Text(text))) = (rank, row.clone().nth(sku)) {
                let sku = hash_of(text);
                let first = *self.skus.entry(sku).or_insert(id);
                self.remembered += usize::from(first == id);
                if first != id {
                    let (key, field) = (text_of(row.clone().nth(1)), "sku");
                    let spot = |value: &str| Spot {
                        key,
                        field: Some(field.to_owned()),
                        value: Some(shortened(value, VALUE_CHARS_MAX)),
                        ..Spot::at(position_of(row.clone().last()))
                    };
                    self.found((Entity::Products, Flaw::SharedSku), || spot(text));
                }
            }
        }
    }

    fn rows(&mut self, table: TableId, entity: Entity, rows: &Rows) {
        let profile = self
            .tables
            .entry(table)
            .or_insert_with(|| TableProfile::new(table));
        let last_day = self.day + FUTURE_DAYS;
        for row in rows.iter() {
            let rank = profile.rank;
            if rank.is_some_and(|rank| row.clone().nth(rank) != Some(OWN)) {
                continue;
            }
            profile.rows += 1;
            for (cell, planned) in row.clone().zip(&profile.plan) {
                let Some((column, counted)) =
                    planned.profile.and_then(|at| profile.columns.get_mut(at))
                else {
                    continue;
                };
                let number = counted.add(cell);
                let Some(flaw) = planned
                    .watch
                    .and_then(|watch| flaw(watch, cell, number, last_day))
                else {
                    continue;
                };
                let finds = self.finds.entry((entity, flaw)).or_default();
                let at = profile.position;
                finds.add(|| Spot {
                    field: Some(format!("{}.{}", table.name(), column.name)),
                    value: Some(shown(cell)),
                    ..Spot::at(position_of(row.clone().nth(at)))
                });
            }
        }
    }

    fn found(&mut self, what: (Entity, Flaw), spot: impl FnOnce() -> Spot) {
        self.finds.entry(what).or_default().add(spot);
    }
}

impl TableProfile {
    fn new(table: TableId) -> Self {
        let columns = table.table().columns;
        let mut profiled = Vec::new();
        let mut plan = Vec::new();
        for column in columns {
            let says_something = !BOOKKEEPING.contains(&column.name);
            plan.push(Planned {
                profile: says_something.then_some(profiled.len()),
                watch: watch_of(table, column),
            });
            if says_something {
                profiled.push((column, ColumnProfile::default()));
            }
        }
        Self {
            rows: 0,
            columns: profiled,
            plan,
            rank: table.table().position("source_rank"),
            position: columns.len().saturating_sub(1),
        }
    }

    /// What was counted of a column.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&ColumnProfile> {
        let found = self.columns.iter().find(|(column, _)| column.name == name);
        found.map(|(_, profile)| profile)
    }
}

impl Spot {
    fn at(position: RawPosition) -> Self {
        Self {
            position,
            place: None,
            key: None,
            field: None,
            value: None,
            message: None,
            record: None,
        }
    }
}

fn flaw(watch: Watch, cell: Cell<'_>, number: Option<f64>, last_day: i32) -> Option<Flaw> {
    let number = number.unwrap_or_default();
    match watch {
        Watch::Quantity | Watch::Stock if number.abs() > QUANTITY_MAX => Some(Flaw::AbsurdQuantity),
        Watch::Stock | Watch::Price if number < 0.0 => Some(Flaw::Negative),
        Watch::Date => match cell {
            Cell::Date(day) if day > last_day => Some(Flaw::FutureDate),
            _ => None,
        },
        Watch::Quantity | Watch::Stock | Watch::Price => None,
    }
}

fn position_of(cell: Option<Cell<'_>>) -> RawPosition {
    match cell {
        Some(Cell::Key(bits)) => RawPosition::from_bits(bits),
        _ => RawPosition::from_bits(0),
    }
}

fn text_of(cell: Option<Cell<'_>>) -> Option<String> {
    match cell {
        Some(Cell::Text(text)) => Some(shortened(text, VALUE_CHARS_MAX)),
        _ => None,
    }
}

fn shown(cell: Cell<'_>) -> String {
    match cell {
        Cell::Money(value) => value.to_string(),
        Cell::Quantity(value) => value.to_string(),
        Cell::Date(day) => u16::try_from(day).map_or_else(
            |_| format!("day {day} from 1970-01-01 on"),
            |day| BusinessDay::from_number(day).to_string(),
        ),
        Cell::Text(text) => shortened(text, VALUE_CHARS_MAX),
        other => format!("{other:?}"),
    }
}

fn shortened(text: &str, chars: usize) -> String {
    text.chars().take(chars).collect()
}

#[cfg(test)]
#[path = "profile/tests.rs"]
mod tests;
