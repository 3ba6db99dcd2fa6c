//! How much of a product is sold a day: what the desks that order go by.

use crate::masters::{LocationKind, Masters};

/// Pieces of an average document, all its lines together, in tenths.
const PIECES_A_DOCUMENT_TENTHS: i64 = 100;
/// Days of sales that a location likes to have.
const STORE_DAYS: i64 = 7;
const CENTRE_DAYS: i64 = 6;
const WAREHOUSE_DAYS: i64 = 16;

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Demand {
    documents_a_day: i64,
    goods: i64,
    stores: i64,
}

impl Demand {
    pub(crate) fn new(documents_a_day: u32, masters: &Masters) -> Self {
        let is_store = |kind: LocationKind| i64::from(kind == LocationKind::Store);
        let stores: i64 = masters.locations.iter().map(|one| is_store(one.kind)).sum();
        Self {
            documents_a_day: i64::from(documents_a_day),
            goods: i64::from(masters.goods()).max(1),
            stores: stores.max(1),
        }
    }

    /// Pieces that a location likes to have of a product.
    pub(crate) fn target(self, masters: &Masters, location: u16, product: u32) -> i64 {
        let kind = masters
            .locations
            .get(usize::from(location))
            .map(|location| location.kind);
        // The first products of the list are asked for most.
        let weight = 2 * (self.goods - i64::from(product)).max(1);
        let all_days = |days: i64| {
            let documents = self.documents_a_day * days;
            documents * PIECES_A_DOCUMENT_TENTHS * weight / (10 * self.goods * self.goods)
        };
        match kind {
            Some(LocationKind::Store) => 4 + all_days(STORE_DAYS) * 2 / (3 * self.stores),
            Some(LocationKind::Centre) => 10 + all_days(CENTRE_DAYS) * 2 / 3,
            _ => 20 + all_days(WAREHOUSE_DAYS),
        }
    }

    /// Whether a location has products of its assortment: not every store has all.
    pub(crate) fn is_carried(masters: &Masters, location: u16, product: u32) -> bool {
        let is_store = masters
            .locations
            .get(usize::from(location))
            .is_some_and(|location| location.kind == LocationKind::Store);
        !is_store || (product + u32::from(location)) % 5 != 4
    }
}
