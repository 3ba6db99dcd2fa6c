//! Where the goods are.

use std::collections::BTreeMap;

/// Pieces of goods coming to a location, or leaving it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Flow {
    pub location: u16,
    pub product: u32,
    /// Negative where they leave.
    pub qty: i64,
}

/// Stock of a product at a location. Pieces on hand are never fewer than those reserved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Level {
    pub on_hand: i64,
    /// Promised to a store, but not sent yet.
    pub reserved: i64,
    /// Sent to this location, but not there yet.
    pub in_transit: i64,
}

/// The stock of all goods at all locations.
#[derive(Clone, Debug)]
pub(crate) struct Stock {
    locations: usize,
    levels: Vec<Level>,
}

impl Stock {
    pub(crate) fn new(goods: u32, locations: usize) -> Self {
        Self {
            locations,
            levels: vec![Level::default(); goods as usize * locations],
        }
    }

    pub(crate) fn level(&self, location: u16, product: u32) -> Level {
        self.levels
            .get(self.place(location, product))
            .copied()
            .unwrap_or_default()
    }

    /// Pieces that can be taken away.
    pub(crate) fn available(&self, location: u16, product: u32) -> i64 {
        let level = self.level(location, product);
        level.on_hand - level.reserved
    }

    /// Puts pieces on hand, or takes them away.
    pub(crate) fn add(&mut self, location: u16, product: u32, qty: i64) {
        self.change(location, product, |level| level.on_hand += qty);
    }

    pub(crate) fn reserve(&mut self, location: u16, product: u32, qty: i64) {
        self.change(location, product, |level| level.reserved += qty);
    }

    pub(crate) fn send(&mut self, to: u16, product: u32, qty: i64) {
        self.change(to, product, |level| level.in_transit += qty);
    }

    /// Moves all of these goods, or none where some are not there.
    pub(crate) fn try_all(&mut self, flows: &[Flow]) -> bool {
        let mut sums: BTreeMap<(u16, u32), i64> = BTreeMap::new();
        for flow in flows {
            *sums.entry((flow.location, flow.product)).or_default() += flow.qty;
        }
        let is_there = |((location, product), qty): (&(u16, u32), &i64)| {
            *qty >= 0 || self.available(*location, *product) + qty >= 0
        };
        if !sums.iter().all(is_there) {
            return false;
        }
        for ((location, product), qty) in sums {
            self.add(location, product, qty);
        }
        true
    }

    fn place(&self, location: u16, product: u32) -> usize {
        product as usize * self.locations + usize::from(location)
    }

    fn change(&mut self, location: u16, product: u32, change: impl FnOnce(&mut Level)) {
        let place = self.place(location, product);
        if let Some(level) = self.levels.get_mut(place) {
            change(level);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Flow, Stock};

    #[test]
    fn goods_move_all_together_or_not_at_all() {
        let mut stock = Stock::new(2, 2);
        stock.add(0, 0, 5);
        stock.reserve(0, 0, 2);
        let take = |qty| Flow {
            location: 0,
            product: 0,
            qty,
        };
        assert!(!stock.try_all(&[take(-2), take(-2)]));
        assert_eq!(stock.available(0, 0), 3);
        assert!(stock.try_all(&[take(-4), take(1)]));
        assert_eq!(stock.available(0, 0), 0);
    }
}
