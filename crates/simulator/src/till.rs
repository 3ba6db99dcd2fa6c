//! What was sold, by day and location, kept while documents come and change.

use std::collections::{BTreeMap, HashMap};

use catwing_domain::{BusinessDay, Money, Quantity};

use crate::{
    document::{Sale, SaleKind},
    market::Market,
    masters::Masters,
    totals::{SalesOfDay, Sold},
};

/// No document changes so many days after what it tells of: by then a day's products are counted.
const OPEN_DAYS: u16 = 30;

/// Rows by product, of a location or of all.
type RowsByProduct = HashMap<(Option<u16>, u32), u32>;

/// Sales by day.
#[derive(Clone, Debug, Default)]
pub(crate) struct Till {
    days: BTreeMap<BusinessDay, BTreeMap<Option<u16>, Sold>>,
    /// Of the days that may still change.
    open: BTreeMap<BusinessDay, RowsByProduct>,
}

/// A line, or a change of one, on its day.
struct Row {
    date: BusinessDay,
    location: u16,
    product: u32,
    qty: i64,
    units: i64,
}

impl Till {
    /// Counts a document, or takes it away.
    pub(crate) fn count(&mut self, sale: &Sale, is_more: bool, market: &Market) {
        if sale.is_cancelled() || sale.kind == SaleKind::Adjustment {
            return;
        }
        for line in &sale.lines {
            let row = |date: BusinessDay, qty: i64, units: i64| Row {
                date,
                location: sale.location,
                product: line.product,
                qty,
                units: market.in_base(sale.currency, date, units),
            };
            self.add(&row(sale.order_date, line.qty, line.value_units()), is_more);
            for update in &line.updates {
                let units = update.value_delta.0 * 100;
                self.add(&row(update.date, update.qty_delta, units), is_more);
            }
        }
    }

    /// Forgets which products were sold on days that no document changes any more.
    pub(crate) fn pass_night(&mut self, today: BusinessDay) {
        let from = BusinessDay::from_number(today.number().saturating_sub(OPEN_DAYS));
        self.open = self.open.split_off(&from);
    }

    pub(crate) fn sales(&self, masters: &Masters) -> BTreeMap<BusinessDay, SalesOfDay> {
        let of_day = |(date, places): (&BusinessDay, &BTreeMap<Option<u16>, Sold>)| {
            let mut day = SalesOfDay::default();
            for (place, sold) in places.iter().filter(|(_, sold)| sold.rows > 0) {
                match place {
                    None => day.all = *sold,
                    Some(location) => {
                        let code = masters.location_code(*location).to_owned();
                        day.locations.insert(code, *sold);
                    }
                }
            }
            (*date, day)
        };
        let is_told = |(_, day): &(BusinessDay, SalesOfDay)| day.all.rows > 0;
        self.days.iter().map(of_day).filter(is_told).collect()
    }

    fn add(&mut self, row: &Row, is_more: bool) {
        let sign = if is_more { 1 } else { -1 };
        let places = self.days.entry(row.date).or_default();
        let products = self.open.entry(row.date).or_default();
        for place in [None, Some(row.location)] {
            let sold = places.entry(place).or_default();
            sold.qty = Quantity::from_units(sold.qty.units() + sign * row.qty * 1_000);
            sold.value = Money::from_units(sold.value.units() + sign * row.units);
            let rows = products.entry((place, row.product)).or_default();
            if is_more {
                sold.rows += 1;
                sold.products += u64::from(*rows == 0);
                *rows += 1;
            } else {
                sold.rows = sold.rows.saturating_sub(1);
                *rows = rows.saturating_sub(1);
                sold.products -= u64::from(*rows == 0).min(sold.products);
            }
        }
    }
}
