//! What the retailer sells, where, to whom, and from whom it buys.

mod customer;
mod location;
mod price;
mod product;
mod supplier;

use catwing_domain::TenantId;
use rand::Rng;
use rand_chacha::ChaCha8Rng;

use crate::{Settings, amount::Cents, calendar::Calendar, market::Currency, sheet::Sheet};
use customer::Customer;
use location::Location;
pub(crate) use location::LocationKind;
pub(crate) use price::PriceKey;
use product::Product;
use supplier::Supplier;

/// Master data as it is on the newest day.
#[derive(Clone, Debug)]
pub(crate) struct Masters {
    pub calendar: Calendar,
    tenant: TenantId,
    rng: ChaCha8Rng,
    pub products: Vec<Product>,
    pub locations: Vec<Location>,
    pub suppliers: Vec<Supplier>,
    customers: Vec<Customer>,
}

impl Masters {
    pub(crate) fn new(settings: &Settings, calendar: Calendar, mut rng: ChaCha8Rng) -> Self {
        let suppliers: Vec<_> = (0..settings.suppliers.max(1))
            .map(|index| supplier::supplier(index, calendar, &settings.currency))
            .collect();
        let mut products: Vec<_> = (0..settings.products)
            .map(|index| product::product(&mut rng, index, suppliers.len() as u32, calendar))
            .collect();
        products.push(product::shipping(calendar));
        let mut masters = Self {
            calendar,
            tenant: settings.tenant,
            locations: location::locations(settings.locations.max(1), calendar),
            customers: (0..settings.customers)
                .map(|index| customer::customer(&mut rng, index))
                .collect(),
            products,
            suppliers,
            rng,
        };
        masters.offer();
        masters
    }

    /// Goods, without the charge for shipping, which comes after them.
    pub(crate) fn goods(&self) -> u32 {
        self.products.len().saturating_sub(1) as u32
    }

    /// The charge for sending goods: a service.
    pub(crate) fn shipping(&self) -> u32 {
        self.goods()
    }

    pub(crate) fn product_code(&self, product: u32) -> &str {
        self.products
            .get(product as usize)
            .map_or("", |product| product.external_id.as_str())
    }

    pub(crate) fn location_code(&self, location: u16) -> &str {
        self.locations
            .get(usize::from(location))
            .map_or("", |location| location.external_id.as_str())
    }

    pub(crate) fn supplier_code(&self, supplier: u32) -> &str {
        self.suppliers
            .get(supplier as usize)
            .map_or("", |supplier| supplier.external_id.as_str())
    }

    /// The goods on the list of a day.
    pub(crate) fn listed(&self, day: u16) -> Vec<u32> {
        (0..self.goods())
            .filter(|product| self.is_listed(*product, day))
            .collect()
    }

    pub(crate) fn is_listed(&self, product: u32, day: u16) -> bool {
        self.products
            .get(product as usize)
            .is_some_and(|product| product.is_listed(day))
    }

    /// Whether the list had the product on this day or before.
    pub(crate) fn is_known(&self, product: u32, day: u16) -> bool {
        self.products
            .get(product as usize)
            .is_some_and(|product| day >= product.listed_from())
    }

    /// The open stores of a day.
    pub(crate) fn stores(&self, day: u16) -> Vec<u16> {
        let is_store = |location: &Location| location.kind == LocationKind::Store;
        (0..)
            .zip(&self.locations)
            .filter(|(_, location)| is_store(location) && location.is_open(day))
            .map(|(index, _)| index)
            .collect()
    }

    /// Where stores get their goods from: the distribution centre, else the warehouse.
    pub(crate) fn source(&self) -> u16 {
        let is_centre = |location: &Location| location.kind == LocationKind::Centre;
        u16::from(self.locations.get(1).is_some_and(is_centre))
    }

    /// What a supplier asks for a product now, in its own currency.
    pub(crate) fn unit_cost(&self, supplier: u32, product: u32) -> Option<Cents> {
        self.suppliers
            .get(supplier as usize)?
            .offers
            .iter()
            .find(|offer| offer.product == product)
            .map(|offer| offer.unit_cost)
    }

    pub(crate) fn supplier_currency(&self, supplier: u32) -> Currency {
        self.suppliers
            .get(supplier as usize)
            .map_or(Currency::BASE, |supplier| supplier.currency)
    }

    /// What changes over night: unit costs.
    pub(crate) fn pass_night(&mut self, day: u16) {
        for supplier in &mut self.suppliers {
            supplier.change_costs(&mut self.rng, day, self.calendar);
        }
    }

    /// A customer who buys on this day: new ones come as the days pass.
    pub(crate) fn customer(&self, rng: &mut ChaCha8Rng, day: u16) -> Option<u32> {
        let known = self.known_customers(day).max(1) as u32;
        let customer = rng.random_range(0..known);
        (!self.customers.is_empty()).then_some(customer)
    }

    pub(crate) fn customer_name(&self, customer: u32) -> &str {
        self.customers
            .get(customer as usize)
            .map_or("", |customer| customer.name.as_str())
    }

    /// Customers that the ERP has by this day: half of them from the start.
    fn known_customers(&self, day: u16) -> usize {
        let (all, days) = (self.customers.len(), usize::from(self.calendar.days.max(1)));
        (all / 2 + all * (usize::from(day) + 1) / (2 * days)).min(all)
    }

    /// Customers on the list of a day, which lags a day behind the documents that name them.
    pub(crate) fn listed_customers(&self, day: u16) -> usize {
        match day.checked_sub(1) {
            Some(before) => self.known_customers(before),
            None => self.customers.len() / 2,
        }
    }

    /// The products on the list of a day, but for some of the last; the charge for shipping ends it.
    pub(crate) fn write_products(&self, day: u16, without: usize, sheet: &mut Sheet) -> Vec<u32> {
        let mut listed = self.listed(day);
        listed.truncate(listed.len().saturating_sub(without));
        listed.push(self.shipping());
        for product in listed
            .iter()
            .filter_map(|index| self.products.get(*index as usize))
        {
            sheet.push(&product.record(self));
        }
        listed
    }

    pub(crate) fn write_suppliers(&self, day: u16, sheet: &mut Sheet) {
        for supplier in self.suppliers.iter().filter(|one| one.is_listed(day)) {
            sheet.push(&supplier.record(self, day));
        }
    }

    pub(crate) fn write_locations(&self, day: u16, sheet: &mut Sheet) {
        for (index, location) in (0..).zip(&self.locations) {
            if location.is_open(day) {
                sheet.push(&location.record(self, index));
            }
        }
    }

    pub(crate) fn write_customers(&self, day: u16, sheet: &mut Sheet) {
        let listed = self.customers.iter().take(self.listed_customers(day));
        for (index, customer) in (0..).zip(listed) {
            sheet.push(&customer.record(index));
        }
    }

    pub(crate) fn write_prices(&self, day: u16, sheet: &mut Sheet) -> Vec<(PriceKey, bool)> {
        let mut keys = Vec::new();
        for product in 0..self.goods() {
            for price in price::told(self, product, day) {
                sheet.push(&price.record(self));
                keys.push((price.key(), price.is_active));
            }
        }
        keys
    }

    /// What a piece costs a customer of a location on a day.
    pub(crate) fn price(&self, product: u32, location: u16, day: u16) -> Cents {
        price::in_force(self, product, location, day)
    }

    /// Every supplier offers the products that are bought from it, and some of another's.
    fn offer(&mut self) {
        for (index, product) in (0..).zip(&self.products) {
            for (supplier, is_default) in product.suppliers() {
                if let Some(supplier) = self.suppliers.get_mut(supplier as usize) {
                    supplier.offer(index, product, is_default);
                }
            }
        }
    }
}

/// The code of a customer.
pub(crate) fn customer_code(customer: u32) -> String {
    customer::code(customer)
}
