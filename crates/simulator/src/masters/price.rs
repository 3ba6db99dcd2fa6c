//! Prices and their windows. They follow from the product and the day, so that no history is kept.

use catwing_domain::BusinessDay;
use serde::Serialize;

use super::Masters;
use crate::amount::Cents;

/// Regular prices are from so many days before the history.
const REGULAR_BEFORE_DAYS: u16 = 28;
/// An ended price is told this many days more.
const ENDED_TOLD_DAYS: u16 = 2;
/// A promotion is told this many days before it begins.
const PROMO_TOLD_BEFORE_DAYS: u16 = 3;
const PROMO_DAYS: u16 = 7;
/// A product's promotions begin this many days apart.
const PROMO_EVERY_DAYS: u16 = 28;

/// What makes a price row one of its own: product, location, kind and first date.
pub(crate) type PriceKey = (u32, Option<u16>, &'static str, BusinessDay);

/// A price.
#[derive(Clone, Copy, Debug)]
pub(super) struct Price {
    product: u32,
    location: Option<u16>,
    kind: &'static str,
    rank: u32,
    price: Cents,
    from: BusinessDay,
    thru: Option<BusinessDay>,
    pub is_active: bool,
}

#[derive(Serialize)]
pub(super) struct PriceRecord<'a> {
    product_external_id: &'a str,
    price_kind: &'static str,
    rank: u32,
    price: Cents,
    from_date: BusinessDay,
    #[serde(skip_serializing_if = "Option::is_none")]
    thru_date: Option<BusinessDay>,
    #[serde(skip_serializing_if = "Option::is_none")]
    location_external_id: Option<&'a str>,
    is_active: bool,
}

impl Price {
    pub(super) fn key(&self) -> PriceKey {
        (self.product, self.location, self.kind, self.from)
    }

    pub(super) fn record<'a>(&self, masters: &'a Masters) -> PriceRecord<'a> {
        PriceRecord {
            product_external_id: masters.product_code(self.product),
            price_kind: self.kind,
            rank: self.rank,
            price: self.price,
            from_date: self.from,
            thru_date: self.thru,
            location_external_id: self.location.map(|one| masters.location_code(one)),
            is_active: self.is_active,
        }
    }
}

/// The regular prices of a product: the first and, for some, a dearer one from the middle on.
fn regular(masters: &Masters, product: u32) -> (Cents, Option<(u16, Cents)>) {
    let first = masters
        .products
        .get(product as usize)
        .map_or(Cents(0), |product| product.price);
    let change = masters.calendar.days / 2;
    let changes = product % 11 == 3 && change > 0;
    (first, changes.then(|| (change, first.percent(105))))
}

/// The first day of the promotion that is nearest to this day, and whether it was called off.
fn promo(product: u32, day: u16) -> Option<(u16, bool)> {
    if product % 8 != 2 {
        return None;
    }
    let first = (product % 17) as u16;
    let since = (day + PROMO_TOLD_BEFORE_DAYS).checked_sub(first)?;
    Some((
        first + since / PROMO_EVERY_DAYS * PROMO_EVERY_DAYS,
        product % 40 == 18,
    ))
}

/// A third of some products' stores is cheaper: the first store.
fn local(masters: &Masters, product: u32) -> Option<(u16, Cents)> {
    let store = masters.source() + 1;
    let exists = masters.locations.len() > usize::from(store);
    let (first, _) = regular(masters, product);
    (product % 13 == 5 && exists).then(|| (store, first.percent(95)))
}

/// The rows that a day's list has of a product.
pub(super) fn told(masters: &Masters, product: u32, day: u16) -> Vec<Price> {
    let calendar = masters.calendar;
    if !masters.is_known(product, day) {
        return Vec::new();
    }
    let (first, change) = regular(masters, product);
    let row = |price: Cents, from: BusinessDay| Price {
        product,
        location: None,
        kind: "regular",
        rank: 1,
        price,
        from,
        thru: None,
        is_active: true,
    };
    let start = calendar.before(REGULAR_BEFORE_DAYS);
    let mut prices = Vec::with_capacity(2);
    let changed = change.filter(|(from, _)| day >= *from);
    match changed {
        None => prices.push(row(first, start)),
        Some((from, _)) if day <= from + ENDED_TOLD_DAYS => prices.push(Price {
            thru: Some(calendar.date(from - 1)),
            ..row(first, start)
        }),
        Some(_) => {}
    }
    prices.extend(changed.map(|(from, price)| row(price, calendar.date(from))));
    prices.extend(local(masters, product).map(|(store, price)| Price {
        location: Some(store),
        ..row(price, start)
    }));
    let promotion =
        promo(product, day).filter(|(from, _)| day < from + PROMO_DAYS + ENDED_TOLD_DAYS);
    prices.extend(promotion.map(|(from, is_off)| Price {
        kind: "promo",
        rank: 10,
        thru: Some(calendar.date(from + PROMO_DAYS - 1)),
        is_active: !is_off,
        ..row(first.percent(80), calendar.date(from))
    }));
    prices
}

/// What a piece costs: the promotion that is on, else the location's own price, else the regular one.
pub(super) fn in_force(masters: &Masters, product: u32, location: u16, day: u16) -> Cents {
    let (first, change) = regular(masters, product);
    let promotion = promo(product, day)
        .filter(|(from, is_off)| !is_off && (*from..from + PROMO_DAYS).contains(&day));
    let local = local(masters, product).filter(|(store, _)| *store == location);
    match (promotion, local, change) {
        (Some(_), ..) => first.percent(80),
        (None, Some((_, price)), _) => price,
        (None, None, Some((from, price))) if day >= from => price,
        _ => first,
    }
}
