//! The retailer's own books: the totals, kept while records are written.

use std::collections::{BTreeMap, BTreeSet};

use catwing_domain::{BusinessDay, Money, Quantity};

use crate::{
    Dataset,
    dirt::Dirt,
    document::{Purchase, Receipt, Sale, StoreOrder, Transfer},
    market::Market,
    masters::{Masters, PriceKey},
    stock::Level,
    till::Till,
    totals::{DocumentTotals, OpenPurchases, Pending, StockAtEnd, StockTotals, Totals, pieces},
};

/// The books.
#[derive(Clone, Debug, Default)]
pub(crate) struct Books {
    totals: Totals,
    till: Till,
    products: Listed,
    suppliers: Listed,
    /// Suppliers that a product or an order named.
    suppliers_named: BTreeSet<u32>,
    /// Offers in the newest record of a supplier.
    offers: BTreeMap<u32, u64>,
    locations: BTreeSet<u16>,
    customers: BTreeSet<u32>,
    prices_told: BTreeSet<PriceKey>,
    prices: u64,
}

/// What lists had, and what the newest one has.
#[derive(Clone, Debug, Default)]
struct Listed {
    known: BTreeSet<u32>,
    active: BTreeSet<u32>,
}

impl Listed {
    /// A list where nobody can tell which rows it lacks retires none.
    fn tell(&mut self, listed: &[u32], is_whole: bool) {
        if is_whole {
            self.active.clear();
        }
        self.active.extend(listed);
        self.known.extend(listed);
    }
}

impl Books {
    pub(crate) fn file(&mut self, dataset: Dataset, records: u64) {
        let own = if dataset.is_shared() {
            &mut self.totals.shared.records
        } else {
            &mut self.totals.records
        };
        *own.entry(dataset.name()).or_default() += records;
    }

    pub(crate) fn refuse(&mut self, dirt: Dirt) {
        *self.totals.refused.entry(dirt.reason).or_default() += 1;
        let dataset = dirt.dataset.name();
        *self.totals.refused_by_dataset.entry(dataset).or_default() += 1;
    }

    pub(crate) fn rates(&mut self, new: u64) {
        self.totals.shared.rates += new;
    }

    /// The newest list of products.
    pub(crate) fn products(&mut self, listed: &[u32], is_whole: bool, masters: &Masters) {
        self.products.tell(listed, is_whole);
        let products = listed
            .iter()
            .filter_map(|one| masters.products.get(*one as usize));
        self.suppliers_named
            .extend(products.filter_map(|product| product.named_supplier()));
    }

    /// The lists of a day that nothing is wrong with.
    pub(crate) fn lists(&mut self, masters: &Masters, day: u16) {
        let listed: Vec<u32> = (0..)
            .zip(&masters.suppliers)
            .filter(|(_, supplier)| supplier.is_listed(day))
            .map(|(index, _)| index)
            .collect();
        self.suppliers.tell(&listed, true);
        for (index, supplier) in (0..).zip(&masters.suppliers) {
            if supplier.is_listed(day) {
                let offered = supplier.offered(masters, day).count();
                self.offers.insert(index, offered as u64);
            }
        }
        let open = (0..)
            .zip(&masters.locations)
            .filter(|(_, location)| location.is_open(day));
        self.locations.extend(open.map(|(index, _)| index));
        self.customers
            .extend(0..masters.listed_customers(day) as u32);
    }

    /// The newest list of prices. A price that left a list never returns.
    pub(crate) fn prices(&mut self, told: &[(PriceKey, bool)]) {
        let keys: BTreeSet<_> = told.iter().map(|(key, _)| *key).collect();
        self.prices += keys.difference(&self.prices_told).count() as u64;
        self.prices_told = keys;
        self.totals.prices_active = told.iter().filter(|(_, is_active)| *is_active).count() as u64;
    }

    /// The inventory of a day; a later one replaces it.
    pub(crate) fn inventory(
        &mut self,
        date: BusinessDay,
        rows: &[(u32, u16, Level)],
        masters: &Masters,
    ) {
        let mut all = StockTotals::default();
        let mut at_end = StockAtEnd {
            day: Some(date),
            ..StockAtEnd::default()
        };
        for (_, location, level) in rows {
            let code = masters.location_code(*location).to_owned();
            let place = at_end.locations.entry(code).or_default();
            place.products += 1;
            for totals in [place, &mut all] {
                totals.rows += 1;
                totals.on_hand = plus(totals.on_hand, level.on_hand);
                totals.reserved = plus(totals.reserved, level.reserved);
                totals.in_transit = plus(totals.in_transit, level.in_transit);
            }
        }
        let products: BTreeSet<_> = rows.iter().map(|(product, ..)| *product).collect();
        all.products = products.len() as u64;
        self.totals.inventory.insert(date, all);
        self.totals.stock = at_end;
    }

    /// A sales document in a newer version, instead of the one that counted until now.
    pub(crate) fn sale(&mut self, old: Option<&Sale>, new: &Sale, market: &Market) {
        for (sale, is_more) in [(old, false), (Some(new), true)] {
            let Some(sale) = sale else { continue };
            let counted = of_sale(sale);
            let by_type = self.totals.documents.entry(sale.kind.word()).or_default();
            by_type.count(&counted, is_more);
            self.count(Dataset::SalesOrders, sale.order_date, &counted, is_more);
            self.till.count(sale, is_more, market);
        }
        self.customers.extend(new.customer);
    }

    /// A purchase order in a newer version.
    pub(crate) fn purchase(&mut self, old: Option<&Purchase>, new: &Purchase) {
        for (purchase, is_more) in [(old, false), (Some(new), true)] {
            let Some(purchase) = purchase else { continue };
            let lines = purchase.lines.iter();
            let value: i64 = lines.map(|line| line.qty * line.unit_cost.0 * 100).sum();
            let qty = purchase.lines.iter().map(|line| line.qty).sum();
            let counted = DocumentTotals {
                value: Money::from_units(value),
                ..counted(purchase.lines.len(), qty, 0)
            };
            self.count(
                Dataset::PurchaseOrders,
                purchase.order_date,
                &counted,
                is_more,
            );
        }
        self.suppliers_named.insert(new.supplier);
    }

    /// Pieces that a receipt's lines bring to lines of an order of a date, or no longer bring.
    pub(crate) fn received(&mut self, order_date: BusinessDay, qty: i64) {
        let totals = self.totals.by_day.entry(Dataset::PurchaseOrders.name());
        let day = totals.or_default().entry(order_date).or_default();
        day.other_qty = plus(day.other_qty, qty);
    }

    /// A receipt in a newer version.
    pub(crate) fn receipt(&mut self, old: Option<&Receipt>, new: &Receipt) {
        for (receipt, is_more) in [(old, false), (Some(new), true)] {
            let Some(receipt) = receipt else { continue };
            let lines = &receipt.lines;
            let (qty, rejected) = (
                lines.iter().map(|line| line.qty).sum(),
                lines.iter().map(|line| line.rejected).sum(),
            );
            let counted = counted(lines.len(), qty, rejected);
            self.count(
                Dataset::ReceivingOrders,
                receipt.received_date,
                &counted,
                is_more,
            );
        }
    }

    /// A store's request in a newer version.
    pub(crate) fn store_order(&mut self, old: Option<&StoreOrder>, new: &StoreOrder) {
        for (order, is_more) in [(old, false), (Some(new), true)] {
            let Some(order) = order else { continue };
            let lines = &order.lines;
            let qty = lines.iter().map(|line| line.qty).sum();
            let fulfilled = lines.iter().filter_map(|line| line.fulfilled).sum();
            let counted = counted(lines.len(), qty, fulfilled);
            self.count(Dataset::StoreOrders, order.order_date, &counted, is_more);
        }
    }

    /// A transfer in a newer version.
    pub(crate) fn transfer(&mut self, old: Option<&Transfer>, new: &Transfer) {
        for (transfer, is_more) in [(old, false), (Some(new), true)] {
            let Some(transfer) = transfer else { continue };
            let lines = &transfer.lines;
            let shipped = lines.iter().map(|line| line.shipped).sum();
            let received = lines.iter().filter_map(|line| line.received).sum();
            let counted = counted(lines.len(), shipped, received);
            self.count(
                Dataset::TransferOrders,
                transfer.ship_date,
                &counted,
                is_more,
            );
        }
    }

    pub(crate) fn pass_night(&mut self, today: BusinessDay) {
        self.till.pass_night(today);
    }

    /// The totals as they are on a day, with the purchase orders that may be open then.
    pub(crate) fn totals<'a>(
        &self,
        masters: &Masters,
        market: &Market,
        today: BusinessDay,
        purchases: impl Iterator<Item = &'a Purchase>,
    ) -> Totals {
        let known = &self.products.known;
        let active = self.products.active.len() as u64;
        let suppliers: BTreeSet<_> = self.suppliers.known.union(&self.suppliers_named).collect();
        Totals {
            rows: self.rows(masters, suppliers.len() as u64),
            products_active: active,
            products_retired: known.len() as u64 - active,
            suppliers_active: self.suppliers.active.len() as u64,
            locations: self.locations.len() as u64,
            customers: self.customers.len() as u64,
            sales: self.till.sales(masters),
            open_purchases: open_purchases(masters, market, today, purchases),
            ..self.totals.clone()
        }
    }

    fn rows(&self, masters: &Masters, suppliers: u64) -> BTreeMap<&'static str, u64> {
        let known = || {
            let known = self.products.known.iter();
            known.filter_map(|one| masters.products.get(*one as usize))
        };
        let sent = || {
            let sent = self.suppliers.known.iter();
            sent.filter_map(|one| masters.suppliers.get(*one as usize))
        };
        let places = self.locations.iter();
        let places = places.filter_map(|one| masters.locations.get(usize::from(*one)));
        let categories: BTreeSet<_> = known().flat_map(|product| product.categories()).collect();
        let mut brands: BTreeSet<_> = known().filter_map(|product| product.brand()).collect();
        brands.extend(sent().flat_map(|supplier| supplier.brands()));
        let mut rows = BTreeMap::from([
            ("products", self.products.known.len() as u64),
            (
                "product_attributes",
                known().map(|one| one.children().attributes).sum(),
            ),
            (
                "product_images",
                known().map(|one| one.children().images).sum(),
            ),
            (
                "product_translations",
                known().map(|one| one.children().translations).sum(),
            ),
            ("product_categories", categories.len() as u64),
            ("brands", brands.len() as u64),
            ("suppliers", suppliers),
            ("x_supplier_products", self.offers.values().sum()),
            (
                "x_supplier_brands",
                sent().map(|one| one.brands().len() as u64).sum(),
            ),
            ("locations", self.locations.len() as u64),
            (
                "location_relationships",
                places.map(|one| one.parents(masters) as u64).sum(),
            ),
            ("customers", self.customers.len() as u64),
            ("pricing_lists", self.prices),
            (
                "inventory_quantities",
                self.totals.inventory.values().map(|day| day.rows).sum(),
            ),
        ]);
        rows.extend(self.document_rows());
        rows
    }

    fn document_rows(&self) -> BTreeMap<&'static str, u64> {
        let mut rows = BTreeMap::new();
        let tables = [
            (Dataset::SalesOrders, "sales_orders", "sales_order_lines"),
            (
                Dataset::PurchaseOrders,
                "purchase_orders",
                "purchase_order_lines",
            ),
            (
                Dataset::ReceivingOrders,
                "receiving_orders",
                "receiving_order_lines",
            ),
            (Dataset::StoreOrders, "store_orders", "store_order_lines"),
            (
                Dataset::TransferOrders,
                "transfer_orders",
                "transfer_order_lines",
            ),
        ];
        for (dataset, documents, lines) in tables {
            let days = self.totals.by_day.get(dataset.name()).into_iter().flatten();
            let (mut document_rows, mut line_rows, mut update_rows) = (0, 0, 0);
            for (_, day) in days {
                document_rows += day.documents;
                line_rows += day.lines;
                update_rows += day.updates;
            }
            rows.extend([(documents, document_rows), (lines, line_rows)]);
            if dataset == Dataset::SalesOrders {
                rows.insert("sales_order_line_updates", update_rows);
            }
        }
        rows
    }

    fn count(
        &mut self,
        dataset: Dataset,
        date: BusinessDay,
        counted: &DocumentTotals,
        is_more: bool,
    ) {
        let days = self.totals.by_day.entry(dataset.name()).or_default();
        let day = days.entry(date).or_default();
        day.count(counted, is_more);
        if *day == DocumentTotals::default() {
            days.remove(&date);
        }
    }
}

fn plus(own: Quantity, more: i64) -> Quantity {
    Quantity::from_units(own.units() + pieces(more).units())
}

fn counted(lines: usize, qty: i64, other_qty: i64) -> DocumentTotals {
    DocumentTotals {
        documents: 1,
        lines: lines as u64,
        qty: pieces(qty),
        other_qty: pieces(other_qty),
        ..DocumentTotals::default()
    }
}

fn of_sale(sale: &Sale) -> DocumentTotals {
    let lines = &sale.lines;
    let updates = || lines.iter().flat_map(|line| &line.updates);
    let value: i64 = lines.iter().map(|line| line.value_units()).sum();
    let updates_value: i64 = updates().map(|update| update.value_delta.0 * 100).sum();
    DocumentTotals {
        value: Money::from_units(value),
        updates: updates().count() as u64,
        updates_value: Money::from_units(updates_value),
        ..counted(lines.len(), lines.iter().map(|line| line.qty).sum(), 0)
    }
}

fn open_purchases<'a>(
    masters: &Masters,
    market: &Market,
    today: BusinessDay,
    purchases: impl Iterator<Item = &'a Purchase>,
) -> OpenPurchases {
    let mut open = OpenPurchases {
        day: Some(today),
        ..OpenPurchases::default()
    };
    let mut products: BTreeSet<(Option<u16>, u32)> = BTreeSet::new();
    for purchase in purchases.filter(|purchase| purchase.is_open()) {
        let code = masters.location_code(purchase.location).to_owned();
        let place = open.locations.entry(code).or_default();
        for (key, pending) in [(None, &mut open.all), (Some(purchase.location), place)] {
            pending.documents += 1;
            for line in &purchase.lines {
                add_line(pending, line.qty - line.received, || {
                    let units = (line.qty - line.received) * line.unit_cost.0 * 100;
                    market.in_base(purchase.currency, today, units)
                });
                if line.qty > line.received {
                    let is_new = products.insert((key, line.product));
                    pending.products += u64::from(is_new);
                }
            }
        }
    }
    open
}

fn add_line(pending: &mut Pending, qty: i64, units: impl FnOnce() -> i64) {
    pending.lines += 1;
    if qty > 0 {
        pending.qty = plus(pending.qty, qty);
        pending.value = Money::from_units(pending.value.units() + units());
    }
}
