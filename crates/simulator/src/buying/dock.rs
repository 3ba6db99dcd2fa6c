//! Where goods come in: receipts and what is wrong with them.

use rand::Rng;

use super::{Buying, Open, tell_receipt};
use crate::{
    document::{Purchase, PurchaseStatus, Receipt, ReceiptLine},
    workday::Workday,
};

/// How the lines of a receipt name those of the order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Naming {
    ByNumber,
    ByProduct,
}

impl Buying {
    /// Goods of an order come in: all that is to come with the last part, though at times short.
    pub(super) fn receive(&mut self, open: &mut Open, parts_left: u16, on: &mut Workday<'_>) {
        let naming = if self.rng.random_ratio(1, 5) {
            Naming::ByProduct
        } else {
            Naming::ByNumber
        };
        let lines = self.unload(&mut open.purchase, parts_left, naming);
        open.purchase.status = match parts_left {
            0 => PurchaseStatus::Received,
            _ if !lines.is_empty() => PurchaseStatus::PartiallyReceived,
            _ => open.purchase.status,
        };
        if parts_left == 0 {
            self.forget(&mut open.purchase);
        }
        if lines.is_empty() {
            return;
        }
        let order_date = open.purchase.order_date;
        let matched = attribute(&mut open.purchase, &lines);
        on.books.received(order_date, matched);
        let number = open.purchase.external_id.clone();
        let receipt = self.receipt(Some(number), open.purchase.location, lines, on);
        let days = self.rng.random_range(1..=2);
        match (self.rng.random_range(0..30), on.later(days)) {
            (0, Some(day)) => self.late.entry(day).or_default().push(receipt),
            (1, Some(day)) => {
                tell_receipt(None, &receipt, on);
                self.wrong.entry(day).or_default().push(receipt);
            }
            _ => tell_receipt(None, &receipt, on),
        }
    }

    /// A receipt that was booked wrong is cancelled, and booked anew under another number.
    pub(super) fn book_anew(&mut self, wrong: &Receipt, on: &mut Workday<'_>) {
        let mut cancelled = wrong.clone();
        cancelled.is_cancelled = true;
        cancelled.updated_at = on.masters.calendar.at(&mut self.rng, on.day, 8);
        tell_receipt(Some(wrong), &cancelled, on);
        for line in &wrong.lines {
            on.stock.add(wrong.location, line.product, -line.qty);
        }
        let lines = wrong.lines.clone();
        let anew = self.receipt(wrong.purchase.clone(), wrong.location, lines, on);
        tell_receipt(None, &anew, on);
    }

    /// A new receipt, whose goods are put into stock.
    pub(super) fn receipt(
        &mut self,
        purchase: Option<String>,
        location: u16,
        lines: Vec<ReceiptLine>,
        on: &mut Workday<'_>,
    ) -> Receipt {
        self.receipts += 1;
        for line in &lines {
            on.stock.add(location, line.product, line.qty);
        }
        Receipt {
            external_id: format!("R-{:06}", self.receipts),
            purchase,
            location,
            received_date: on.date(),
            is_cancelled: false,
            updated_at: on.masters.calendar.at(&mut self.rng, on.day, 9),
            lines,
        }
    }

    /// The goods of a part. Suppliers send too little now and then, rarely too much; a few pieces are
    /// broken and go back.
    fn unload(
        &mut self,
        purchase: &mut Purchase,
        parts_left: u16,
        naming: Naming,
    ) -> Vec<ReceiptLine> {
        let is_short = parts_left == 0 && self.rng.random_ratio(1, 8);
        let mut lines = Vec::with_capacity(purchase.lines.len());
        for (line_no, line) in (1..).zip(&mut purchase.lines) {
            let part = match i64::from(parts_left) {
                0 if is_short => line.to_come - self.rng.random_range(0..=line.to_come.max(0)) / 3,
                left => line.to_come / (left + 1),
            };
            if part <= 0 {
                continue;
            }
            line.to_come -= part;
            *self.coming.entry(line.product).or_default() -= part;
            let rejected = i64::from(part > 1 && self.rng.random_ratio(1, 40));
            let surplus = 2 * i64::from(parts_left == 0 && self.rng.random_ratio(1, 80));
            lines.push(ReceiptLine {
                purchase_line_no: (naming == Naming::ByNumber).then_some(line_no),
                product: line.product,
                qty: part - rejected + surplus,
                rejected,
            });
        }
        lines
    }
}

/// Counts a receipt's lines as received on the order's lines: on the one that is named by number, else
/// on the first with the product. Returns how many pieces found one.
fn attribute(purchase: &mut Purchase, lines: &[ReceiptLine]) -> i64 {
    let mut matched = 0;
    for line in lines {
        let place = match line.purchase_line_no {
            Some(number) => (number as usize).checked_sub(1),
            None => purchase
                .lines
                .iter()
                .position(|own| own.product == line.product),
        };
        if let Some(own) = place.and_then(|place| purchase.lines.get_mut(place)) {
            own.received += line.qty;
            matched += line.qty;
        }
    }
    matched
}
