//! What a right program finds in a history.

use std::collections::BTreeMap;

use catwing_domain::{BusinessDay, Money, Quantity};
use serde::Serialize;

/// The totals of a history up to the last day that was written, by plain rules: the newest version of
/// each document counts, the newest list tells what is active.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Totals {
    /// Records in the retailer's files, by dataset; wrong ones and repetitions are among them.
    pub records: BTreeMap<&'static str, u64>,
    /// Records that must be refused, by the reason why.
    pub refused: BTreeMap<&'static str, u64>,
    /// Records that must be refused, by dataset.
    pub refused_by_dataset: BTreeMap<&'static str, u64>,
    /// Rows, by table. Rows that only a reference names are among them.
    pub rows: BTreeMap<&'static str, u64>,
    /// Products that the newest list has.
    pub products_active: u64,
    /// Products that the newest list lacks.
    pub products_retired: u64,
    /// Suppliers that the newest list has.
    pub suppliers_active: u64,
    /// Prices that the newest list has and calls active, whether their window holds the day or not.
    pub prices_active: u64,
    /// Locations.
    pub locations: u64,
    /// Customers that any file names.
    pub customers: u64,
    /// Sales documents in their newest versions, by type.
    pub documents: BTreeMap<&'static str, DocumentTotals>,
    /// Documents in their newest versions, by dataset and the day that they stand for: the order date,
    /// of receipts the day received, of transfers the day shipped.
    pub by_day: BTreeMap<&'static str, BTreeMap<BusinessDay, DocumentTotals>>,
    /// Stock, by the day of the snapshot. A day without an inventory has none.
    pub inventory: BTreeMap<BusinessDay, StockTotals>,
    /// What was sold: by day.
    pub sales: BTreeMap<BusinessDay, SalesOfDay>,
    /// The newest inventory.
    pub stock: StockAtEnd,
    /// The purchase orders that are open on the last day.
    pub open_purchases: OpenPurchases,
    /// What belongs to the shared tenant.
    pub shared: SharedTotals,
}

/// The totals of documents.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct DocumentTotals {
    /// Documents.
    pub documents: u64,
    /// Their lines.
    pub lines: u64,
    /// Sum of the lines' quantities: sold, ordered, received, requested or shipped.
    pub qty: Quantity,
    /// Sum of the lines' values in the documents' own currencies, discounts taken off; of purchase
    /// orders quantity times unit cost; zero where lines have no value.
    pub value: Money,
    /// Changes of lines of sales.
    pub updates: u64,
    /// Sum of the values of those changes.
    pub updates_value: Money,
    /// The other quantity of lines: of purchase orders what was received by receipts that are not
    /// cancelled, of receipts what was rejected, of requests what was fulfilled, of transfers what
    /// arrived.
    pub other_qty: Quantity,
}

/// What was sold on a day: lines of sales and returns that are not cancelled on their order date,
/// changes of lines on their own date.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct SalesOfDay {
    /// At all locations.
    pub all: Sold,
    /// By the location's code.
    pub locations: BTreeMap<String, Sold>,
}

/// Goods and services sold, less those that came back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Sold {
    /// Lines and changes of lines.
    pub rows: u64,
    /// Pieces.
    pub qty: Quantity,
    /// In the retailer's own currency, by the newest rate on or before the day; each row is rounded.
    pub value: Money,
    /// Different products.
    pub products: u64,
}

/// Stock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct StockTotals {
    /// Rows: pairs of product and location.
    pub rows: u64,
    /// Different products.
    pub products: u64,
    /// Pieces on hand.
    pub on_hand: Quantity,
    /// Pieces on hand that are promised.
    pub reserved: Quantity,
    /// Pieces on their way.
    pub in_transit: Quantity,
}

/// The newest inventory.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct StockAtEnd {
    /// Its day.
    pub day: Option<BusinessDay>,
    /// By the location's code.
    pub locations: BTreeMap<String, StockTotals>,
}

/// Purchase orders that are open on a day: ordered by then, neither draft nor cancelled, and not
/// closed by then. One is closed where it is received: since the date that the buyer declared, else
/// since its last receipt.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct OpenPurchases {
    /// The day.
    pub day: Option<BusinessDay>,
    /// At all locations.
    pub all: Pending,
    /// By the code of the location that is to receive them.
    pub locations: BTreeMap<String, Pending>,
}

/// What was ordered and has not come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Pending {
    /// Open orders.
    pub documents: u64,
    /// Their lines, of which nothing may be pending.
    pub lines: u64,
    /// Sum over lines of ordered less received, where that is more than nothing.
    pub qty: Quantity,
    /// The same times unit cost in the retailer's own currency, by the newest rate on or before the
    /// day; each line is rounded.
    pub value: Money,
    /// Different products on lines of which something is pending.
    pub products: u64,
}

/// What belongs to the shared tenant.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct SharedTotals {
    /// Records, by dataset; rates that were told twice are among them.
    pub records: BTreeMap<&'static str, u64>,
    /// Rates: pairs of currencies and days.
    pub rates: u64,
}

impl DocumentTotals {
    /// Adds the other one, or takes it away.
    pub(crate) fn count(&mut self, other: &Self, is_more: bool) {
        let sign = if is_more { 1 } else { -1 };
        let number = |own: u64, other: u64| {
            if is_more {
                own + other
            } else {
                own.saturating_sub(other)
            }
        };
        let money =
            |own: Money, other: Money| Money::from_units(own.units() + sign * other.units());
        let qty = |own: Quantity, other: Quantity| {
            Quantity::from_units(own.units() + sign * other.units())
        };
        *self = Self {
            documents: number(self.documents, other.documents),
            lines: number(self.lines, other.lines),
            qty: qty(self.qty, other.qty),
            value: money(self.value, other.value),
            updates: number(self.updates, other.updates),
            updates_value: money(self.updates_value, other.updates_value),
            other_qty: qty(self.other_qty, other.other_qty),
        };
    }
}

/// Whole pieces as a quantity.
pub(crate) fn pieces(qty: i64) -> Quantity {
    Quantity::from_units(qty * 1_000)
}
