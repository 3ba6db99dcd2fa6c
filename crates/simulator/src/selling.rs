//! The desk that sells: sales documents, and what happens to them later.

mod happening;

use std::collections::BTreeMap;

use rand::{Rng, seq::IndexedRandom};
use rand_chacha::ChaCha8Rng;

use crate::{
    Dataset,
    amount::Cents,
    calendar::is_weekend,
    dirt::Dirt,
    document::{Discount, Sale, SaleKind, SaleLine},
    market::Currency,
    sheet::text_of,
    workday::Workday,
};
use happening::Happening;

/// The most lines of a sale.
const LINES_MAX: u32 = 6;
/// The last day of ten on which a sale is told a second time, in a second delivery.
const TOLD_AGAIN_ON: u16 = 5;
/// Tries to sell anything for that.
const SELL_TRIES: u32 = 20;

/// The desk that sells.
#[derive(Clone, Debug)]
pub(crate) struct Selling {
    rng: ChaCha8Rng,
    documents_a_day: u32,
    numbers: u64,
    /// Documents that something is still to happen to, by day.
    agenda: BTreeMap<u16, Vec<(Happening, Sale)>>,
}

impl Selling {
    pub(crate) fn new(rng: ChaCha8Rng, documents_a_day: u32) -> Self {
        Self {
            rng,
            documents_a_day,
            numbers: 0,
            agenda: BTreeMap::new(),
        }
    }

    /// A day's documents, in the order in which they are told.
    pub(crate) fn work(&mut self, on: &mut Workday<'_>) {
        for (happening, sale) in self.agenda.remove(&on.day).unwrap_or_default() {
            self.happen(happening, sale, on);
        }
        let listed = on.masters.listed(on.day);
        let stores = on.masters.stores(on.day);
        let usual = self.documents_a_day;
        let count = if is_weekend(on.date()) {
            usual + usual / 2
        } else {
            usual
        };
        for _ in 0..count {
            if let Some(sale) = self.sell(on, &listed, &stores) {
                self.hand_in(sale, on);
            }
        }
        if on.day % 10 == TOLD_AGAIN_ON {
            let sold = (0..SELL_TRIES).find_map(|_| self.sell(on, &listed, &stores));
            if let Some(sale) = sold {
                self.tell_again(sale, on);
            }
        }
    }

    /// A new document: a sale, one in 25 a return, one in 100 a write-off. Nothing is sold that isn't
    /// there; where nothing is left of a document, there is none.
    fn sell(&mut self, on: &mut Workday<'_>, listed: &[u32], stores: &[u16]) -> Option<Sale> {
        let is_web = stores.is_empty() || self.rng.random_ratio(1, 3);
        let store = stores.choose(&mut self.rng).copied();
        let location = store.filter(|_| !is_web).unwrap_or(0);
        let kind = match self.rng.random_range(0..100) {
            0..4 => SaleKind::Return,
            4 => SaleKind::Adjustment,
            _ => SaleKind::Sale,
        };
        let mut sale = self.header(on, kind, location, is_web);
        for _ in 0..self.rng.random_range(1..=LINES_MAX) {
            if let Some(product) = self.pick(listed) {
                let line = self.line(on, &sale, product);
                sale.lines.extend(line);
            }
        }
        if sale.lines.is_empty() {
            return None;
        }
        if is_web && kind == SaleKind::Sale {
            self.send(&mut sale, on);
        }
        on.stock.try_all(&sale.flows(on.masters)).then(|| {
            self.numbers += 1;
            sale.external_id =
                format!("{}-{:07}", on.masters.location_code(location), self.numbers);
            sale
        })
    }

    fn header(&mut self, on: &Workday<'_>, kind: SaleKind, location: u16, is_web: bool) -> Sale {
        let is_named = kind != SaleKind::Adjustment && (is_web || self.rng.random_ratio(1, 2));
        let customer = is_named
            .then(|| on.masters.customer(&mut self.rng, on.day))
            .flatten();
        let is_abroad = is_web && self.rng.random_ratio(1, 30);
        let hour = self.rng.random_range(8..18);
        Sale {
            external_id: String::new(),
            kind,
            order_date: on.date(),
            location,
            channel: if is_web { "web" } else { "store" },
            status: if is_web { "shipped" } else { "paid" },
            currency: if is_abroad {
                Currency::foreign(&on.market.base, self.rng.random_range(0..2))
            } else {
                Currency::BASE
            },
            customer,
            requested_date: None,
            shipped_date: None,
            freight: None,
            updated_at: on.masters.calendar.at(&mut self.rng, on.day, hour),
            // A sale abroad must say its currency, which those without numbers leave out.
            is_numbered: is_abroad || !self.rng.random_ratio(1, 50),
            lines: Vec::new(),
        }
    }

    /// Some goods are asked for more often than others: the first of two choices in the list.
    fn pick(&mut self, listed: &[u32]) -> Option<u32> {
        let (one, other) = (
            self.rng.random_range(0..listed.len().max(1)),
            self.rng.random_range(0..listed.len().max(1)),
        );
        listed.get(one.min(other)).copied()
    }

    fn line(&mut self, on: &Workday<'_>, sale: &Sale, product: u32) -> Option<SaleLine> {
        let wanted: i64 = self.rng.random_range(1..=5);
        let taken: i64 = sale
            .lines
            .iter()
            .filter(|line| line.product == product)
            .map(|line| line.qty.abs())
            .sum();
        let there = on.stock.available(sale.location, product) - taken;
        let price = on.masters.price(product, sale.location, on.day);
        let percent = 10 * self.rng.random_range(1..=3);
        let discount = match self.rng.random_range(0..12) {
            0 | 1 => Discount::Percent(percent),
            2 if sale.kind == SaleKind::Sale => Discount::Value(Cents(price.0 / 7)),
            _ => Discount::None,
        };
        let (qty, price, discount) = match sale.kind {
            SaleKind::Sale => (wanted.min(there), price, discount),
            SaleKind::Return => (-wanted, price, discount),
            SaleKind::Adjustment => (-wanted.min(there), Cents(0), Discount::None),
        };
        let is_something = if sale.kind == SaleKind::Return {
            qty < 0
        } else {
            qty != 0 && there > 0
        };
        is_something.then_some(SaleLine {
            product,
            qty,
            price,
            discount,
            updates: Vec::new(),
        })
    }

    /// Goods bought on the web are sent, for a charge.
    fn send(&mut self, sale: &mut Sale, on: &Workday<'_>) {
        let shipping = on.masters.shipping();
        sale.shipped_date = Some(on.date());
        sale.requested_date = on.later(2).map(|day| on.masters.calendar.date(day));
        sale.freight = self.rng.random_ratio(1, 4).then_some(Cents(250));
        sale.lines.push(SaleLine {
            product: shipping,
            qty: 1,
            price: on.masters.price(shipping, sale.location, on.day),
            discount: Discount::None,
            updates: Vec::new(),
        });
    }

    /// Tells a version, in the place of the one that counted until now.
    fn tell(&mut self, old: Option<&Sale>, new: &Sale, on: &mut Workday<'_>) {
        let record = new.record(on.masters, &on.market.base);
        on.sheets.of(Dataset::SalesOrders).push(&record);
        on.books.sale(old, new, on.market);
    }

    /// A second delivery of the day has the document with the same time and one more piece of the first
    /// line where there is one. The later revision counts.
    fn tell_again(&mut self, sale: Sale, on: &mut Workday<'_>) {
        self.tell(None, &sale, on);
        let mut newer = sale.clone();
        if let Some(line) = newer.lines.first_mut() {
            line.qty += line.qty.signum();
        }
        if !happening::is_possible(&sale, &newer, on) {
            newer = sale.clone();
        }
        newer.status = "completed";
        let record = newer.record(on.masters, &on.market.base);
        on.sheets.again(Dataset::SalesOrders).push(&record);
        on.books.sale(Some(&sale), &newer, on.market);
    }

    /// Tells of a new document now or later, and plans what happens to it.
    fn hand_in(&mut self, sale: Sale, on: &mut Workday<'_>) {
        let planned = Happening::plan(&mut self.rng)
            .and_then(|(happening, days)| Some((happening, on.later(days)?)));
        match planned {
            Some((Happening::Arrive, _)) | Some((Happening::Overtake, _)) => {}
            Some((Happening::ComeRight, _)) => {
                let text = text_of(&sale.record(on.masters, &on.market.base));
                let dirt = Dirt::first_try();
                if let Some(spoiled) = dirt.spoil(&text) {
                    on.sheets.of(Dataset::SalesOrders).push_text(&spoiled);
                    on.books.refuse(dirt);
                }
            }
            _ => self.tell(None, &sale, on),
        }
        if let Some((happening, day)) = planned {
            self.agenda.entry(day).or_default().push((happening, sale));
        }
    }
}
