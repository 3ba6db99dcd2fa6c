//! The desk that buys: purchase orders, what becomes of them, and the goods that come in.

mod course;
mod dock;

use std::collections::BTreeMap;

use rand::Rng;
use rand_chacha::ChaCha8Rng;

use crate::{
    Dataset,
    demand::Demand,
    document::{Purchase, PurchaseLine, PurchaseStatus, Receipt, ReceiptLine},
    workday::Workday,
};
use course::{Course, Step};

/// Pieces of a package: orders are for whole ones.
pub(crate) const PACKAGE_QTY: i64 = 6;
/// The most lines of an order.
const LINES_MAX: usize = 30;
/// A supplier is asked every third day.
const PAUSE_DAYS: u32 = 3;

/// The desk that buys.
#[derive(Clone, Debug)]
pub(crate) struct Buying {
    rng: ChaCha8Rng,
    demand: Demand,
    numbers: u64,
    receipts: u64,
    /// Orders that something is still to happen to.
    open: Vec<Open>,
    /// Pieces that are to come to the warehouse, by product.
    coming: BTreeMap<u32, i64>,
    /// Receipts that are told later, and what of them is a cancellation, by day.
    late: BTreeMap<u16, Vec<Receipt>>,
    /// Receipts that were booked wrong, by the day on which that is found.
    wrong: BTreeMap<u16, Vec<Receipt>>,
}

/// An order that something is still to happen to.
#[derive(Clone, Debug)]
struct Open {
    purchase: Purchase,
    /// The version that counts, where any was told.
    told: Option<Purchase>,
    course: Course,
}

impl Buying {
    pub(crate) fn new(rng: ChaCha8Rng, demand: Demand) -> Self {
        Self {
            rng,
            demand,
            numbers: 0,
            receipts: 0,
            open: Vec::new(),
            coming: BTreeMap::new(),
            late: BTreeMap::new(),
            wrong: BTreeMap::new(),
        }
    }

    /// The orders that may be open on the newest day: of those that nothing more happens to, none is.
    pub(crate) fn purchases(&self) -> impl Iterator<Item = &Purchase> {
        self.open.iter().map(|open| &open.purchase)
    }

    /// The morning: goods come in, and orders take their course.
    pub(crate) fn open(&mut self, on: &mut Workday<'_>) {
        for receipt in self.late.remove(&on.day).unwrap_or_default() {
            tell_receipt(None, &receipt, on);
        }
        for receipt in self.wrong.remove(&on.day).unwrap_or_default() {
            self.book_anew(&receipt, on);
        }
        for mut open in std::mem::take(&mut self.open) {
            self.proceed(&mut open, on);
            if !open.course.is_over(on.day, on.masters.calendar) {
                self.open.push(open);
            }
        }
        if on.day % 4 == 2 {
            self.sample(on);
        }
    }

    /// The evening: what will be missing is ordered.
    pub(crate) fn close(&mut self, on: &mut Workday<'_>) {
        let mut lacks: BTreeMap<u32, Vec<(u32, i64)>> = BTreeMap::new();
        for product in on.masters.listed(on.day) {
            let supplier = on
                .masters
                .products
                .get(product as usize)
                .map(|one| one.supplier());
            let Some(supplier) = supplier.filter(|one| is_asked(*one, on)) else {
                continue;
            };
            let target = self.demand.target(on.masters, 0, product);
            let coming = self.coming.get(&product).copied().unwrap_or_default();
            let there = on.stock.available(0, product) + coming;
            if there * 10 < target * 7 {
                let qty = (target - there + PACKAGE_QTY - 1) / PACKAGE_QTY * PACKAGE_QTY;
                lacks.entry(supplier).or_default().push((product, qty));
            }
        }
        for (supplier, lines) in lacks {
            for lines in lines.chunks(LINES_MAX) {
                self.order(supplier, lines, on);
            }
        }
    }

    fn order(&mut self, supplier: u32, wanted: &[(u32, i64)], on: &mut Workday<'_>) {
        let calendar = on.masters.calendar;
        self.numbers += 1;
        let course = Course::plan(&mut self.rng, on.day);
        // Of some products half is to come later, on a line of its own.
        let splits = self.rng.random_ratio(1, 6);
        let later = course
            .expected()
            .map(|day| calendar.date(day.saturating_add(3)));
        let mut lines = Vec::with_capacity(wanted.len());
        for (product, qty) in wanted {
            *self.coming.entry(*product).or_default() += qty;
            let unit_cost = on.masters.unit_cost(supplier, *product).unwrap_or_default();
            let mut push = |qty: i64, expected_date| {
                lines.push(PurchaseLine {
                    product: *product,
                    qty,
                    unit_cost,
                    expected_date,
                    to_come: qty,
                    received: 0,
                });
            };
            let second = if splits { qty / 2 } else { 0 };
            push(qty - second, None);
            if second > 0 {
                push(second, later);
            }
        }
        let to_centre = on.masters.source() != 0 && self.rng.random_ratio(1, 12);
        let purchase = Purchase {
            external_id: format!("PO-{:06}", self.numbers),
            supplier,
            location: u16::from(to_centre),
            order_date: on.date(),
            expected_date: course.expected().map(|day| calendar.date(day)),
            status: if course.begins_as_draft() {
                PurchaseStatus::Draft
            } else {
                PurchaseStatus::Sent
            },
            currency: on.masters.supplier_currency(supplier),
            closed_date: None,
            updated_at: calendar.at(&mut self.rng, on.day, 18),
            lines,
        };
        let mut open = Open {
            purchase,
            told: None,
            course,
        };
        open.tell(on);
        self.open.push(open);
    }

    /// What the day brings for an order.
    fn proceed(&mut self, open: &mut Open, on: &mut Workday<'_>) {
        let mut is_changed = open.course.is_told_first_on(on.day, on.masters.calendar);
        while let Some(step) = open.course.due(on.day) {
            is_changed = true;
            open.purchase.updated_at = on.masters.calendar.at(&mut self.rng, on.day, 10);
            match step {
                Step::Send => open.purchase.status = PurchaseStatus::Sent,
                Step::Amend => self.amend(&mut open.purchase),
                Step::Cancel => {
                    open.purchase.status = PurchaseStatus::Cancelled;
                    self.forget(&mut open.purchase);
                }
                Step::Receive { parts_left } => self.receive(open, parts_left, on),
                Step::Close => {
                    open.purchase.status = PurchaseStatus::Received;
                    open.purchase.closed_date = Some(on.date());
                    self.forget(&mut open.purchase);
                }
            }
        }
        if is_changed {
            open.tell(on);
        }
    }

    /// The buyer takes less of the last line.
    fn amend(&mut self, purchase: &mut Purchase) {
        if let Some(line) = purchase
            .lines
            .last_mut()
            .filter(|line| line.qty > PACKAGE_QTY)
        {
            line.qty -= PACKAGE_QTY;
            line.to_come -= PACKAGE_QTY;
            *self.coming.entry(line.product).or_default() -= PACKAGE_QTY;
        }
    }

    /// Nothing more comes of an order.
    fn forget(&mut self, purchase: &mut Purchase) {
        for line in &mut purchase.lines {
            *self.coming.entry(line.product).or_default() -= line.to_come;
            line.to_come = 0;
        }
    }

    /// Goods that nobody ordered.
    fn sample(&mut self, on: &mut Workday<'_>) {
        let listed = on.masters.listed(on.day);
        let chosen = self.rng.random_range(0..listed.len().max(1));
        let Some(product) = listed.get(chosen).copied() else {
            return;
        };
        let line = ReceiptLine {
            purchase_line_no: None,
            product,
            qty: 3,
            rejected: 0,
        };
        let receipt = self.receipt(None, 0, vec![line], on);
        tell_receipt(None, &receipt, on);
    }
}

impl Open {
    /// Tells the order as it is, unless it is told later.
    fn tell(&mut self, on: &mut Workday<'_>) {
        if !self.course.is_told_by(on.day, on.masters.calendar) {
            return;
        }
        let record = self.purchase.record(on.masters, &on.market.base);
        on.sheets.of(Dataset::PurchaseOrders).push(&record);
        on.books.purchase(self.told.as_ref(), &self.purchase);
        self.told = Some(self.purchase.clone());
    }
}

fn is_asked(supplier: u32, on: &Workday<'_>) -> bool {
    let sells = on
        .masters
        .suppliers
        .get(supplier as usize)
        .is_some_and(|supplier| supplier.sells(on.day));
    sells && (u32::from(on.day) + supplier).is_multiple_of(PAUSE_DAYS)
}

/// Tells a receipt in a newer version.
fn tell_receipt(old: Option<&Receipt>, new: &Receipt, on: &mut Workday<'_>) {
    let record = new.record(on.masters);
    on.sheets.of(Dataset::ReceivingOrders).push(&record);
    on.books.receipt(old, new);
}
