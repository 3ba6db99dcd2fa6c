//! What is derived from offers, prices, stock, purchase orders and receipts.

use std::collections::{BTreeMap, BTreeSet};

use super::{Position, Tables, Version, Winners, World, shown, win};
use crate::replay::{
    deliveries::date,
    record::{CURRENCIES, Key, Master, ORDERED, Record},
    supply::{
        LATER, Offer, PURCHASE_STATUSES, Price, Purchase, RECEIPT_STATUSES, Receipt, Stock,
        Supplier, Transfer,
    },
};

/// A cost and its currency, where there is one.
type Cost = Option<(u8, &'static str)>;

#[derive(Default)]
pub struct Supply<'a> {
    /// The newest business day.
    pub today: Option<u8>,
    goods: Winners<'a, u8, Master>,
    /// By product and day.
    cost_records: Winners<'a, (u8, String), Master>,
    suppliers: Winners<'a, u8, Supplier>,
    /// By supplier and day.
    lists: Winners<'a, (u8, String), Supplier>,
    prices: Winners<'a, String, Price>,
    /// By kind of prices the rank that was stated last, whether that record's price won or not.
    ranks: BTreeMap<u8, (Version, u8)>,
    /// By product, location and day.
    stock: Winners<'a, (u8, u8, String), Stock>,
    /// By day: the newest delivery that holds all its stock.
    sets: BTreeMap<String, Position>,
    purchases: Winners<'a, u8, Purchase>,
    receipts: Winners<'a, u8, Receipt>,
}

fn good(key: Key) -> u8 {
    match key {
        Key::Good(key) | Key::Refused(key) => key,
        Key::Unreadable => unreachable!("it was refused"),
    }
}

/// The day that a version is of, never after its business day. No update time is of another day in
/// Tokyo than in UTC.
fn day_of((at, position): &Version) -> String {
    at[..10].to_owned().min(date(position.0))
}

fn code(currency: u8) -> &'static str {
    CURRENCIES[usize::from(currency)]
}

fn or_dash(value: Option<impl ToString>) -> String {
    value.map_or("-".into(), |value| value.to_string())
}

impl<'a> World<'a> {
    pub(super) fn goods(&mut self, key: u8, version: &Version, master: &'a Master) {
        if let Some(supplier) = master.goods.supplier {
            self.refer_supplier(supplier, version);
        }
        if master.goods.part.is_some() {
            self.word("image_types", "front", version);
        }
        win(&mut self.supply.goods, key, version, master);
        let of_day = (key, day_of(version));
        win(&mut self.supply.cost_records, of_day, version, master);
    }

    pub(super) fn supplier(&mut self, version: Version, supplier: &'a Supplier) {
        let key = good(supplier.key);
        for offer in &supplier.offers {
            self.refer_product(offer.product, &version);
        }
        let (says, active) = (
            format!("name {}", supplier.name),
            supplier.active.unwrap_or(true),
        );
        self.parent("suppliers", &key.to_string(), 3, &version, says, active);
        win(&mut self.supply.suppliers, key, &version, supplier);
        let of_day = (key, day_of(&version));
        win(&mut self.supply.lists, of_day, &version, supplier);
    }

    pub(super) fn price(&mut self, version: Version, price: &'a Price) {
        self.refer_product(good(price.key), &version);
        if let Some(location) = price.location {
            self.refer_location(location, &version);
        }
        if let Some(rank) = price.stated_rank() {
            let held = self
                .supply
                .ranks
                .entry(price.kind)
                .or_insert((version.clone(), rank));
            *held = held.clone().max((version.clone(), rank));
        }
        let (rank, weight) = price.stated_rank().map_or((0, 0), |rank| (rank, 2));
        let kind = format!("kind {}", price.kind);
        self.parent(
            "price_kinds",
            &kind,
            weight,
            &version,
            rank.to_string(),
            true,
        );
        let key = super::natural_key(&Record::Price(price.clone()), 0).unwrap_or_default();
        let says = format!(
            "{}.0000|{}|{}",
            price.price,
            code(price.currency),
            or_dash(price.thru())
        );
        let active = price.active.unwrap_or(true);
        self.parent("pricing_lists", &key, 3, &version, says, active);
        win(&mut self.supply.prices, key, &version, price);
    }

    pub(super) fn stock(&mut self, version: Version, stock: &'a Stock) {
        self.refer_product(good(stock.key), &version);
        self.refer_location(stock.location, &version);
        let of = (good(stock.key), stock.location, of_day(stock, version.1.0));
        win(&mut self.supply.stock, of, &version, stock);
    }

    pub(super) fn purchase(&mut self, version: Version, purchase: &'a Purchase) {
        self.refer_supplier(purchase.supplier, &version);
        self.refer_location(purchase.location, &version);
        let mut total = 0;
        for (product, qty, cost) in &purchase.lines {
            self.refer_product(*product, &version);
            total += u32::from(*qty) * u32::from(*cost);
        }
        let status = purchase
            .status
            .map(|status| PURCHASE_STATUSES[usize::from(status)]);
        if let Some(status) = status {
            self.word("purchase_order_statuses", status, &version);
        }
        let says = format!(
            "{}|{}|{}|{}|{}|{total}.0000|{}",
            purchase.supplier,
            purchase.location,
            or_dash(status),
            ORDERED[usize::from(purchase.day)],
            or_dash(purchase.closed()),
            code(purchase.currency)
        );
        let key = good(purchase.key);
        self.parent("purchase_orders", &key.to_string(), 3, &version, says, true);
        win(&mut self.supply.purchases, key, &version, purchase);
    }

    pub(super) fn receipt(&mut self, version: Version, receipt: &'a Receipt) {
        self.refer_location(receipt.location, &version);
        for (_, product, _) in &receipt.lines {
            self.refer_product(*product, &version);
        }
        if let Some(purchase) = receipt.purchase {
            let nothing = "-|-|-|-|-|-|-".into();
            self.parent(
                "purchase_orders",
                &purchase.to_string(),
                0,
                &version,
                nothing,
                true,
            );
        }
        if let Some(status) = receipt.status {
            let status = RECEIPT_STATUSES[usize::from(status)];
            self.word("receiving_order_statuses", status, &version);
        }
        win(
            &mut self.supply.receipts,
            good(receipt.key),
            &version,
            receipt,
        );
    }

    /// Transfers and requests are only looked at for what they refer to; digests tell the rest.
    pub(super) fn transfer(&mut self, version: Version, transfer: &'a Transfer) {
        self.refer_location(transfer.from, &version);
        self.refer_location(transfer.to, &version);
        for (product, _) in &transfer.lines {
            self.refer_product(*product, &version);
        }
    }

    fn refer_supplier(&mut self, supplier: u8, version: &Version) {
        let code = supplier.to_string();
        self.parent("suppliers", &code, 0, version, code.clone(), true);
    }
}

fn of_day(stock: &Stock, business_day: u8) -> String {
    let stated = stock.day.map(|day| ORDERED[usize::from(day)].to_owned());
    stated.unwrap_or_else(|| date(business_day))
}

impl<'a> Supply<'a> {
    /// A complete file holds all stock of each day that a good record of it is of; one without any
    /// record says that there is none on its business day.
    pub fn hold_stock(&mut self, position: Position, records: &[Record]) {
        let mut days: BTreeSet<String> = BTreeSet::new();
        for record in records {
            if let (Record::Stock(stock), Key::Good(_)) = (record, record.key()) {
                days.insert(of_day(stock, position.0));
            }
        }
        if records.is_empty() {
            days.insert(date(position.0));
        }
        for day in days {
            let newest = self.sets.entry(day).or_insert(position);
            *newest = position.max(*newest);
        }
    }

    pub fn tables(
        &self,
        products: &[u8],
        is_active: &dyn Fn((&'static str, String)) -> bool,
        tables: &mut Tables,
    ) {
        for product in products {
            let (cost, price) = (self.cost(*product), self.price(*product, is_active));
            let told = |value: Cost| {
                value.map_or("-|-".into(), |(value, code)| format!("{value}.0000|{code}"))
            };
            let row = format!("{product}|{}|{}", told(cost), told(price));
            tables
                .entry("costs and prices of today")
                .or_default()
                .push(row);
            self.cost_history(*product, tables);
        }
        self.parts(tables);
        self.stock_rows(tables);
        self.purchase_lines(tables);
        self.receipt_rows(tables);
    }

    /// The default supplier's offer, else the newest supplier's that calls itself the default, else
    /// what the product says.
    fn cost(&self, product: u8) -> Cost {
        let offer_of = |supplier: &Supplier| {
            let mut offers = supplier.offers.iter();
            offers.find(|offer| offer.product == product).cloned()
        };
        let own = self.goods.get(&product).map(|(_, master)| &master.goods);
        let supplier = own.and_then(|own| own.supplier);
        let chosen = supplier.and_then(|supplier| offer_of(self.suppliers.get(&supplier)?.1));
        let defaults = self.suppliers.values().filter_map(|(version, supplier)| {
            let offer = offer_of(supplier).filter(|offer| offer.is_default)?;
            Some((version, offer))
        });
        let newest = || {
            defaults
                .max_by_key(|(version, _)| *version)
                .map(|(_, offer)| offer)
        };
        match chosen.or_else(newest) {
            Some(offer) => Some((offer.cost, code(offer.currency))),
            None => own.and_then(|own| Some((own.cost?, code(own.currency)))),
        }
    }

    /// The active price of all locations that holds today, of the highest rank, begun last; else what
    /// the product says.
    fn price(&self, product: u8, is_active: &dyn Fn((&'static str, String)) -> bool) -> Cost {
        let today = self.today.map(date).unwrap_or_default();
        let in_force = self.prices.iter().filter(|(key, (_, price))| {
            good(price.key) == product
                && price.location.is_none()
                && price.from() <= today.as_str()
                && price.thru().is_none_or(|thru| thru >= today.as_str())
                && is_active(("pricing_lists", (*key).clone()))
        });
        let best = in_force.max_by_key(|(_, (_, price))| (self.rank(price.kind), price.from()));
        match best {
            Some((_, (_, price))) => Some((price.price, code(price.currency))),
            None => {
                let own = &self.goods.get(&product)?.1.goods;
                Some((own.price?, code(own.currency)))
            }
        }
    }

    fn rank(&self, kind: u8) -> u8 {
        self.ranks.get(&kind).map_or(0, |(_, rank)| *rank)
    }

    /// From each day on which anything is told of it: the newest list until then of the product's
    /// supplier, as it was told until then, else of the newest that calls itself the default, else the
    /// product's own. A supplier that no longer offers it leaves its last cost in force.
    fn cost_history(&self, product: u8, tables: &mut Tables) {
        let told: Vec<(&str, u8, &Version, &Offer)> = self
            .lists
            .iter()
            .flat_map(|((supplier, day), (version, list))| {
                let offers = list.offers.iter().filter(|offer| offer.product == product);
                offers.map(move |offer| (day.as_str(), *supplier, version, offer))
            })
            .collect();
        let records: BTreeMap<&str, &Master> = self
            .cost_records
            .iter()
            .filter(|((of, _), _)| *of == product)
            .map(|((_, day), (_, master))| (day.as_str(), *master))
            .collect();
        let days: BTreeSet<&str> = told
            .iter()
            .map(|(day, ..)| *day)
            .chain(records.keys().copied())
            .collect();
        let mut history: Vec<(&str, Cost)> = Vec::new();
        for day in days {
            let own = records
                .range(..=day)
                .next_back()
                .map(|(_, master)| &master.goods);
            let mut newest: BTreeMap<u8, (&Version, &Offer, &str)> = BTreeMap::new();
            for (of, supplier, version, offer) in told.iter().filter(|(of, ..)| *of <= day) {
                if newest.get(supplier).is_none_or(|(_, _, held)| held < of) {
                    newest.insert(*supplier, (version, offer, of));
                }
            }
            let supplier = own.and_then(|own| own.supplier);
            let chosen = supplier.and_then(|supplier| newest.get(&supplier));
            let defaults = newest.values().filter(|(_, offer, _)| offer.is_default);
            let offer = chosen.or_else(|| defaults.max_by_key(|(version, ..)| *version));
            let cost = match offer {
                Some((_, offer, _)) => Some((offer.cost, code(offer.currency))),
                None => own.and_then(|own| Some((own.cost?, code(own.currency)))),
            };
            if history.last().and_then(|(_, cost)| *cost) != cost {
                history.push((day, cost));
            }
        }
        for (index, (from, cost)) in history.iter().enumerate() {
            let next = history.get(index + 1).map(|(next, _)| day_before(next));
            let cost = cost.map_or("-|-".into(), |(cost, code)| format!("{cost}.0000|{code}"));
            let row = format!("{product}|{from}|{}|{cost}", or_dash(next));
            tables.entry("product_costs").or_default().push(row);
        }
    }

    fn parts(&self, tables: &mut Tables) {
        for (product, (version, master)) in &self.goods {
            let Some(part) = master.goods.part else {
                continue;
            };
            let (at, position) = (&version.0, shown(version.1));
            let rows = [
                format!("{product}|attribute|{part}|{at}|{position}"),
                format!("{product}|image|{part}.jpg|{at}|{position}"),
                format!("{product}|translation|{part}|{at}|{position}"),
            ];
            tables.entry("product_parts").or_default().extend(rows);
        }
        for (supplier, (version, record)) in &self.suppliers {
            for Offer {
                product,
                cost,
                currency,
                is_default,
            } in &record.offers
            {
                let (at, position) = (&version.0, shown(version.1));
                let code = code(*currency);
                let row =
                    format!("{supplier}|{product}|{cost}.0000|{code}|{is_default}|{at}|{position}");
                tables.entry("offers").or_default().push(row);
            }
        }
    }

    fn stock_rows(&self, tables: &mut Tables) {
        for ((product, location, day), (version, stock)) in &self.stock {
            if self.sets.get(day).is_some_and(|newest| version.1 < *newest) {
                continue;
            }
            let (qty, at, position) = (stock.qty, &version.0, shown(version.1));
            let row = format!("{product}|{location}|{day}|{qty}.000|{at}|{position}");
            tables.entry("inventory_quantities").or_default().push(row);
        }
        for (day, newest) in &self.sets {
            let row = format!("{day}|{}", shown(*newest));
            tables.entry("inventory_sets").or_default().push(row);
        }
    }

    /// The number of the line of its purchase order that a line of a receipt is for, and its cost.
    fn line_for(
        &self,
        receipt: &Receipt,
        (of, product, _): &(Option<u8>, u8, u8),
    ) -> Option<(usize, u8)> {
        let (_, purchase) = self.purchases.get(&receipt.purchase?)?;
        let mut lines = (1..).zip(&purchase.lines);
        let found = match of {
            Some(of) => lines.find(|(no, _)| *no == usize::from(*of)),
            None => lines.find(|(_, (ordered, ..))| ordered == product),
        };
        found.map(|(no, (_, _, cost))| (no, *cost))
    }

    fn purchase_lines(&self, tables: &mut Tables) {
        for (key, (version, purchase)) in &self.purchases {
            for (no, (product, qty, cost)) in (1..).zip(&purchase.lines) {
                let mut received = 0;
                for (_, receipt) in self.receipts.values() {
                    if receipt.purchase != Some(*key) || receipt.status == Some(1) {
                        continue;
                    }
                    let of_line = receipt.lines.iter().filter(|line| {
                        self.line_for(receipt, line)
                            .is_some_and(|(found, _)| found == no)
                    });
                    received += of_line.map(|(_, _, qty)| u32::from(*qty)).sum::<u32>();
                }
                let (at, position) = (&version.0, shown(version.1));
                let row = format!(
                    "{key}|{no}|{product}|{qty}.000|{cost}.0000|{received}.000|{at}|{position}"
                );
                tables.entry("purchase_order_lines").or_default().push(row);
            }
        }
    }

    fn receipt_rows(&self, tables: &mut Tables) {
        for (key, (version, receipt)) in &self.receipts {
            let (at, position) = (&version.0, shown(version.1));
            let purchase = receipt
                .purchase
                .and_then(|purchase| self.purchases.get(&purchase));
            let supplier = or_dash(purchase.map(|(_, purchase)| purchase.supplier));
            let status = or_dash(
                receipt
                    .status
                    .map(|status| RECEIPT_STATUSES[usize::from(status)]),
            );
            let (of, location) = (or_dash(receipt.purchase), receipt.location);
            let day = LATER[usize::from(receipt.day)];
            let row = format!("{key}|{of}|{location}|{status}|{day}|{supplier}|{at}|{position}");
            tables.entry("receiving_orders").or_default().push(row);
            for (no, line) in (1..).zip(&receipt.lines) {
                let (_, product, qty) = line;
                let found = self.line_for(receipt, line);
                let of_line = found.map_or("-|-".into(), |(no, cost)| format!("{no}|{cost}.0000"));
                let row = format!("{key}|{no}|{product}|{qty}.000|{of_line}|{at}|{position}");
                tables.entry("receiving_order_lines").or_default().push(row);
            }
        }
    }
}

/// No day here is the first one of its month.
fn day_before(day: &str) -> String {
    let (month, day) = day.split_at(8);
    format!("{month}{:02}", day.parse::<u8>().unwrap_or_default() - 1)
}
