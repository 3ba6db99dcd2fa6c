//! Suppliers, their brands, and what they ask for their products.

use rand::Rng;
use rand_chacha::ChaCha8Rng;
use serde::Serialize;

use super::{Masters, product::BRANDS, product::Product};
use crate::{
    amount::Cents,
    calendar::{Calendar, Moment},
    market::Currency,
};

const COUNTRIES: [&str; 4] = ["DE", "US", "FR", "CH"];

/// A supplier.
#[derive(Clone, Debug)]
pub(crate) struct Supplier {
    pub external_id: String,
    index: u32,
    pub currency: Currency,
    currency_code: String,
    updated_at: Moment,
    /// The first day of its record, which may lag behind the orders that name it, and the first
    /// without it.
    listed: (u16, Option<u16>),
    pub offers: Vec<Offer>,
}

/// What a supplier asks for a product.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Offer {
    pub product: u32,
    pub unit_cost: Cents,
    is_default: bool,
}

#[derive(Serialize)]
struct OfferRecord<'a> {
    product_external_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    supplier_sku: Option<String>,
    unit_cost: Cents,
    currency: &'a str,
    package_qty: u32,
    min_order_qty: u32,
    lead_time_days: u32,
    is_default: bool,
}

#[derive(Serialize)]
pub(crate) struct SupplierRecord<'a> {
    external_id: &'a str,
    name: String,
    status: &'static str,
    country: &'static str,
    currency: &'a str,
    brands: Vec<&'static str>,
    products: Vec<OfferRecord<'a>>,
    is_active: bool,
    updated_at: Moment,
}

impl Supplier {
    /// Whether the list of a day has it.
    pub(crate) fn is_listed(&self, day: u16) -> bool {
        let (from, gone) = self.listed;
        day >= from && gone.is_none_or(|gone| day < gone)
    }

    /// Whether the retailer orders from it on a day: from the first, though the record may lag.
    pub(crate) fn sells(&self, day: u16) -> bool {
        let (_, gone) = self.listed;
        gone.is_none_or(|gone| day + 3 < gone)
    }

    pub(crate) fn brands(&self) -> Vec<&'static str> {
        let brand = |step: u32| {
            let index = (self.index + step) as usize % BRANDS.len();
            BRANDS.get(index).map(|(name, _)| *name)
        };
        (0..1 + self.index % 2).filter_map(brand).collect()
    }

    pub(super) fn offer(&mut self, index: u32, product: &Product, is_default: bool) {
        // Whoever isn't the first choice asks more.
        let percent = if is_default { 100 } else { 108 };
        self.offers.push(Offer {
            product: index,
            unit_cost: product.cost.percent(percent),
            is_default,
        });
    }

    /// Once a week some of the unit costs change.
    pub(super) fn change_costs(&mut self, rng: &mut ChaCha8Rng, day: u16, calendar: Calendar) {
        if day == 0 || u32::from(day % 7) != self.index % 7 {
            return;
        }
        let week = u32::from(day / 7);
        for offer in &mut self.offers {
            if (offer.product + week).is_multiple_of(5) {
                offer.unit_cost = offer.unit_cost.percent(rng.random_range(97..=106));
            }
        }
        self.updated_at = calendar.at(rng, day, 5);
    }

    /// Products that the retailer does not list yet are not offered to it either.
    pub(crate) fn offered<'a>(
        &'a self,
        masters: &'a Masters,
        day: u16,
    ) -> impl Iterator<Item = &'a Offer> {
        self.offers
            .iter()
            .filter(move |offer| masters.is_known(offer.product, day))
    }

    pub(super) fn record<'a>(&'a self, masters: &'a Masters, day: u16) -> SupplierRecord<'a> {
        let offer = |offer: &'a Offer| OfferRecord {
            product_external_id: masters.product_code(offer.product),
            supplier_sku: offer
                .product
                .is_multiple_of(2)
                .then(|| format!("{}/{}", self.external_id, offer.product + 1)),
            unit_cost: offer.unit_cost,
            currency: &self.currency_code,
            package_qty: crate::buying::PACKAGE_QTY as u32,
            min_order_qty: crate::buying::PACKAGE_QTY as u32,
            lead_time_days: 2 + self.index % 5,
            is_default: offer.is_default,
        };
        SupplierRecord {
            external_id: &self.external_id,
            name: format!("Supplier {}", self.index + 1),
            status: "active",
            country: COUNTRIES
                .get(self.index as usize % COUNTRIES.len())
                .copied()
                .unwrap_or_default(),
            currency: &self.currency_code,
            brands: self.brands(),
            products: self.offered(masters, day).map(offer).collect(),
            is_active: true,
            updated_at: self.updated_at,
        }
    }
}

/// Every second one is paid in a foreign currency. The third's record lags, the last one leaves.
pub(super) fn supplier(index: u32, calendar: Calendar, base: &str) -> Supplier {
    let currency = match index % 4 {
        1 => Currency::foreign(base, 0),
        3 => Currency::foreign(base, 1),
        _ => Currency::BASE,
    };
    let days = calendar.days;
    Supplier {
        external_id: format!("S{:03}", index + 1),
        index,
        currency,
        currency_code: currency.code(base).to_owned(),
        updated_at: Moment {
            date: calendar.first,
            second: 5 * 3_600,
        },
        listed: match index {
            2 => (2.min(days / 2), None),
            7 => (0, Some(days / 2)),
            _ => (0, None),
        },
        offers: Vec::new(),
    }
}
