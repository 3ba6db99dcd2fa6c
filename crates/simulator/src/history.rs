//! The days of a history, one after the other.

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use serde::Serialize;

use crate::{
    Dataset, DayOfHistory, Settings, Totals,
    books::Books,
    buying::Buying,
    calendar::Calendar,
    demand::Demand,
    dirt::Dirt,
    market::Market,
    masters::Masters,
    selling::Selling,
    sheet::Sheets,
    stock::{Level, Stock},
    supply::Supply,
    workday::Workday,
};

/// Of ten days, the one with a second delivery of the products: the first lacks some.
const PRODUCTS_AGAIN_ON: u16 = 6;
const PRODUCTS_LACKING: usize = 2;
/// Of ten days, the one without the stock of one location.
const LOCATION_MISSING_ON: u16 = 3;
/// Of ten days, the one with a second delivery of the inventory: the first lacks a location.
const INVENTORY_AGAIN_ON: u16 = 7;
/// Of ten days, the one without an inventory.
const INVENTORY_MISSING_ON: u16 = 8;
/// Of five days, the one on which a row of the inventory is told twice.
const ROW_TWICE_ON: u16 = 2;

/// A retailer's history: an iterator over its days, and the totals of those that it gave.
#[derive(Clone, Debug)]
pub struct History {
    settings: Settings,
    calendar: Calendar,
    masters: Masters,
    market: Market,
    stock: Stock,
    selling: Selling,
    buying: Buying,
    supply: Supply,
    books: Books,
    demand: Demand,
    /// The next day's index.
    day: u16,
}

#[derive(Serialize)]
struct InventoryRecord<'a> {
    product_external_id: &'a str,
    location_external_id: &'a str,
    on_hand_qty: i64,
    #[serde(skip_serializing_if = "is_zero")]
    reserved_qty: i64,
    #[serde(skip_serializing_if = "is_zero")]
    in_transit_qty: i64,
}

/// A row of an inventory.
type StockRow = (u32, u16, Level);

impl History {
    /// A history from its first day.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        let calendar = Calendar {
            first: settings.first_day,
            days: settings.days,
        };
        // Each desk throws dice of its own, so that a change in one leaves the others as they were.
        let dice = |stream: u64| {
            let seed = settings.seed ^ u64::from(settings.tenant.number()) << 32;
            let mut rng = ChaCha8Rng::seed_from_u64(seed);
            rng.set_stream(stream);
            rng
        };
        let masters = Masters::new(&settings, calendar, dice(0));
        let demand = Demand::new(settings.documents_a_day, &masters);
        Self {
            calendar,
            market: Market::new(&settings.currency, calendar),
            stock: Stock::new(masters.goods(), masters.locations.len()),
            selling: Selling::new(dice(1), settings.documents_a_day),
            buying: Buying::new(dice(2), demand),
            supply: Supply::new(dice(3), demand),
            books: Books::default(),
            demand,
            masters,
            settings,
            day: 0,
        }
    }

    /// What is simulated.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The tenant's file, with the tenant's name: canonical records, so that nothing is mapped.
    #[must_use]
    pub fn tenant_file(&self, name: &str) -> String {
        let Settings {
            tenant,
            currency,
            datasets,
            ..
        } = &self.settings;
        let mut file = format!(
            "# A simulated retailer, whose ERP speaks the canonical records.\nclient = \"{tenant}\"\n\
             name = \"{name}\"\ntime_zone = \"Europe/Berlin\"\nbase_currency = \"{currency}\"\n\n\
             [sources.erp]\nkind = \"files\"\n"
        );
        for (number, dataset) in (1..).zip(Dataset::ALL) {
            if datasets.contains(&dataset) && !dataset.is_shared() {
                let completeness = if dataset.is_snapshot() {
                    "snapshot"
                } else {
                    "delta"
                };
                file.push_str(&format!(
                    "\n[datasets.{dataset}]\nnumber = {number}\nsource = \"erp\"\ncompleteness = \"{completeness}\"\n"
                ));
            }
        }
        file
    }

    /// The totals of the days that were given. Values in foreign currencies are told by the rates that
    /// are known at the end of the history.
    #[must_use]
    pub fn totals(&self) -> Totals {
        let today = self.calendar.date(self.day.saturating_sub(1));
        let purchases = self.buying.purchases();
        self.books
            .totals(&self.masters, &self.market, today, purchases)
    }

    /// What the stock is before the first sale, and what new products and stores begin with: what the
    /// locations like to have, or nothing.
    fn stock_up(&mut self) {
        for product in self.masters.listed(0) {
            for location in 0..self.masters.locations.len() as u16 {
                let is_open = self
                    .masters
                    .locations
                    .get(usize::from(location))
                    .is_some_and(|location| location.is_open(0));
                if is_open && Demand::is_carried(&self.masters, location, product) {
                    let qty = self.demand.target(&self.masters, location, product);
                    self.stock.add(location, product, qty);
                }
            }
        }
    }

    /// The lists of a day.
    fn lists(&mut self, day: u16, dirt: Option<Dirt>, sheets: &mut Sheets) {
        let again = day % 10 == PRODUCTS_AGAIN_ON;
        let lacking = if again { PRODUCTS_LACKING } else { 0 };
        let masters = &self.masters;
        let mut listed = masters.write_products(day, lacking, sheets.of(Dataset::Products));
        if again {
            listed = masters.write_products(day, 0, sheets.again(Dataset::Products));
        }
        let is_whole =
            !dirt.is_some_and(|dirt| dirt.dataset == Dataset::Products && dirt.hides_the_key());
        self.books.products(&listed, is_whole, masters);
        masters.write_suppliers(day, sheets.of(Dataset::Suppliers));
        masters.write_locations(day, sheets.of(Dataset::Locations));
        masters.write_customers(day, sheets.of(Dataset::Customers));
        self.books.lists(masters, day);
        let prices = masters.write_prices(day, sheets.of(Dataset::PricingLists));
        self.books.prices(&prices);
        let rates = self.market.write(day, sheets.of(Dataset::CurrencyRates));
        self.books.rates(rates);
    }

    fn work(&mut self, day: u16, sheets: &mut Sheets) {
        let mut on = Workday {
            day,
            masters: &self.masters,
            market: &self.market,
            stock: &mut self.stock,
            books: &mut self.books,
            sheets,
        };
        self.supply.open(&mut on);
        self.buying.open(&mut on);
        self.selling.work(&mut on);
        self.supply.close(&mut on);
        self.buying.close(&mut on);
    }

    /// The inventory of the evening, as untidy as the day has it.
    fn inventory(&mut self, day: u16, sheets: &mut Sheets) {
        let of_ten = if self.calendar.is_last(day) {
            0
        } else {
            day % 10
        };
        if of_ten == INVENTORY_MISSING_ON {
            return;
        }
        let mut rows = self.stock_rows(day);
        let missing = day / 10 % self.masters.locations.len() as u16;
        let without = |rows: &[StockRow]| -> Vec<StockRow> {
            let there = rows.iter().filter(|(_, location, _)| *location != missing);
            there.copied().collect()
        };
        match of_ten {
            LOCATION_MISSING_ON => rows = without(&rows),
            INVENTORY_AGAIN_ON => {
                self.write_rows(&without(&rows), sheets, false);
                self.write_rows(&rows, sheets, true);
            }
            _ => {}
        }
        if of_ten != INVENTORY_AGAIN_ON {
            self.write_rows(&rows, sheets, false);
            let sheet = sheets.of(Dataset::Inventory);
            let last = sheet.records().next_back().map(str::to_owned);
            if let Some(last) = last.filter(|_| day % 5 == ROW_TWICE_ON) {
                sheet.push_text(&last);
            }
        }
        let date = self.calendar.date(day);
        self.books.inventory(date, &rows, &self.masters);
    }

    /// Every pair of a known product and an open location that has it in its assortment, or has it.
    fn stock_rows(&self, day: u16) -> Vec<StockRow> {
        let mut rows = Vec::new();
        for product in (0..self.masters.goods()).filter(|one| self.masters.is_known(*one, day)) {
            for (location, place) in (0..).zip(&self.masters.locations) {
                let level = self.stock.level(location, product);
                let is_there = level != Level::default()
                    || Demand::is_carried(&self.masters, location, product);
                if place.is_open(day) && is_there {
                    rows.push((product, location, level));
                }
            }
        }
        rows
    }

    fn write_rows(&self, rows: &[StockRow], sheets: &mut Sheets, is_again: bool) {
        let sheet = if is_again {
            sheets.again(Dataset::Inventory)
        } else {
            sheets.of(Dataset::Inventory)
        };
        for (product, location, level) in rows {
            sheet.push(&InventoryRecord {
                product_external_id: self.masters.product_code(*product),
                location_external_id: self.masters.location_code(*location),
                on_hand_qty: level.on_hand,
                reserved_qty: level.reserved,
                in_transit_qty: level.in_transit,
            });
        }
    }

    /// Sends one record wrong, where the day has one that can be.
    fn soil(&mut self, dirt: Dirt, sheets: &mut Sheets) {
        let is_told = self.settings.datasets.contains(&dirt.dataset);
        if is_told && dirt.spoil_one(sheets.of(dirt.dataset)) {
            self.books.refuse(dirt);
        }
    }
}

impl Iterator for History {
    type Item = DayOfHistory;

    fn next(&mut self) -> Option<DayOfHistory> {
        let day = self.day;
        if day >= self.settings.days {
            return None;
        }
        self.day += 1;
        let mut sheets = Sheets::default();
        let dirt = Dirt::of(day);
        if day == 0 {
            self.stock_up();
        }
        self.masters.pass_night(day);
        self.lists(day, dirt, &mut sheets);
        self.work(day, &mut sheets);
        self.inventory(day, &mut sheets);
        if let Some(dirt) = dirt {
            self.soil(dirt, &mut sheets);
        }
        self.books.pass_night(self.calendar.date(day));
        let datasets = &self.settings.datasets;
        let files: Vec<_> = sheets
            .into_files()
            .filter(|file| datasets.contains(&file.dataset))
            .collect();
        for file in &files {
            self.books.file(file.dataset, file.records);
        }
        Some(DayOfHistory {
            day: self.calendar.date(day),
            files,
        })
    }
}

fn is_zero(qty: &i64) -> bool {
    *qty == 0
}
