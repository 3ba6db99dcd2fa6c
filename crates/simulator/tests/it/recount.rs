//! The totals, counted once more from the files alone.

use std::collections::{BTreeMap, BTreeSet};

use catwing_domain::TenantId;
use catwing_simulator::{Dataset, DocumentTotals, Pending, Settings, Sold, StockTotals};
use rust_decimal::{Decimal, RoundingStrategy};
use serde_json::Value;

use crate::told::{Book, list, number, text};

fn book(days: u16, seed: u64, currency: &str) -> Book {
    let tenant: TenantId = "CW-000200".parse().expect("a tenant");
    Book::read(Settings {
        days,
        currency: currency.to_owned(),
        ..Settings::demo(tenant, seed)
    })
}

fn rounded(value: Decimal) -> Decimal {
    value.round_dp_with_strategy(4, RoundingStrategy::MidpointAwayFromZero)
}

/// The rates as they are known in the end.
struct Rates(BTreeMap<(String, String), BTreeMap<String, Decimal>>);

impl Rates {
    fn of(book: &Book) -> Self {
        let mut rates: BTreeMap<_, BTreeMap<_, _>> = BTreeMap::new();
        for told in book.good(Dataset::CurrencyRates) {
            let record = &told.record;
            let pair = (
                text(record, "from_currency").to_owned(),
                text(record, "to_currency").to_owned(),
            );
            let date = text(record, "effective_date").to_owned();
            rates
                .entry(pair)
                .or_default()
                .insert(date, number(&record["rate"]));
        }
        Self(rates)
    }

    fn in_base(&self, base: &str, currency: &str, date: &str, value: Decimal) -> Decimal {
        if currency.is_empty() || currency == base {
            return value;
        }
        let rates = &self.0[&(currency.to_owned(), base.to_owned())];
        let (_, rate) = rates.range(..=date.to_owned()).next_back().expect("a rate");
        rounded(value * rate)
    }
}

fn line_value(line: &Value) -> Decimal {
    let gross = number(&line["qty"]) * number(&line["unit_price"]);
    let discount = match &line["discount_rate"] {
        Value::Null => number(&line["discount_value"]),
        rate => rounded(gross * number(rate)),
    };
    gross - discount
}

#[derive(Default, Debug, PartialEq)]
struct Counted {
    documents: u64,
    lines: u64,
    qty: Decimal,
    value: Decimal,
    updates: u64,
    updates_value: Decimal,
    other_qty: Decimal,
}

impl From<&DocumentTotals> for Counted {
    fn from(totals: &DocumentTotals) -> Self {
        Self {
            documents: totals.documents,
            lines: totals.lines,
            qty: totals.qty.decimal(),
            value: totals.value.decimal(),
            updates: totals.updates,
            updates_value: totals.updates_value.decimal(),
            other_qty: totals.other_qty.decimal(),
        }
    }
}

impl Counted {
    fn add(&mut self, dataset: Dataset, document: &Value) {
        self.documents += 1;
        for line in list(document, "lines") {
            self.lines += 1;
            let (qty, other) = match dataset {
                Dataset::ReceivingOrders => ("qty_received", "qty_rejected"),
                Dataset::TransferOrders => ("qty_shipped", "qty_received"),
                _ => ("qty", "qty_fulfilled"),
            };
            self.qty += number(&line[qty]);
            self.other_qty += number(&line[other]);
            self.value += match dataset {
                Dataset::SalesOrders => line_value(line),
                Dataset::PurchaseOrders => number(&line["qty"]) * number(&line["unit_cost"]),
                _ => Decimal::ZERO,
            };
            for update in list(line, "updates") {
                self.updates += 1;
                self.updates_value += number(&update["value_delta"]);
            }
        }
    }
}

/// Pieces received of each line of each order, by the receipts that are not cancelled.
fn received(book: &Book) -> BTreeMap<String, Vec<Decimal>> {
    let orders: BTreeMap<_, _> = book
        .documents(Dataset::PurchaseOrders)
        .into_iter()
        .map(|order| (text(&order, "external_id").to_owned(), order))
        .collect();
    let mut received: BTreeMap<String, Vec<Decimal>> = orders
        .iter()
        .map(|(key, order)| (key.clone(), vec![Decimal::ZERO; list(order, "lines").len()]))
        .collect();
    for receipt in book.documents(Dataset::ReceivingOrders) {
        let key = text(&receipt, "purchase_order_external_id");
        let Some(order) = orders.get(key) else {
            assert_eq!(key, "", "an order that nobody told of");
            continue;
        };
        if text(&receipt, "status") == "cancelled" {
            continue;
        }
        for line in list(&receipt, "lines") {
            let same = |own: &Value| match line["purchase_order_line_no"].as_u64() {
                Some(line_no) => own["line_no"].as_u64() == Some(line_no),
                None => own["product_external_id"] == line["product_external_id"],
            };
            let place = list(order, "lines").iter().position(same).expect("a line");
            received.get_mut(key).expect("the order")[place] += number(&line["qty_received"]);
        }
    }
    received
}

#[test]
fn documents_by_day() {
    let book = book(40, 6, "EUR");
    let received = received(&book);
    for (dataset, date) in [
        (Dataset::SalesOrders, "order_date"),
        (Dataset::PurchaseOrders, "order_date"),
        (Dataset::ReceivingOrders, "received_date"),
        (Dataset::StoreOrders, "order_date"),
        (Dataset::TransferOrders, "ship_date"),
    ] {
        let (mut days, mut all): (BTreeMap<_, Counted>, _) = (BTreeMap::new(), Counted::default());
        let mut kinds: BTreeMap<_, Counted> = BTreeMap::new();
        for document in book.documents(dataset) {
            let day = days.entry(text(&document, date).to_owned()).or_default();
            let kind = kinds.entry(text(&document, "type").to_owned()).or_default();
            for counted in [day, kind, &mut all] {
                counted.add(dataset, &document);
                if dataset == Dataset::PurchaseOrders {
                    let lines = &received[text(&document, "external_id")];
                    counted.other_qty += lines.iter().sum::<Decimal>();
                }
            }
        }
        let own = &book.totals.by_day[dataset.name()];
        assert_eq!(own.len(), days.len());
        for (day, totals) in own {
            assert_eq!(
                Counted::from(totals),
                days[&day.to_string()],
                "{dataset} {day}"
            );
        }
        assert_eq!(book.totals.rows[dataset.name()], all.documents);
        if dataset == Dataset::SalesOrders {
            assert_eq!(book.totals.rows["sales_order_lines"], all.lines);
            assert_eq!(book.totals.rows["sales_order_line_updates"], all.updates);
            for (kind, totals) in &book.totals.documents {
                assert_eq!(Counted::from(totals), kinds[*kind]);
            }
        }
    }
}

#[test]
fn sales_by_day_and_location() {
    // Kept in another currency, in francs, so that rates that were corrected take part.
    for (days, currency) in [(40, "EUR"), (12, "CHF"), (9, "BGN")] {
        let book = book(days, 2, currency);
        let rates = Rates::of(&book);
        type Place = (String, Option<String>);
        let mut sold: BTreeMap<Place, (u64, Decimal, Decimal, BTreeSet<String>)> = BTreeMap::new();
        let mut abroad = 0;
        for sale in book.documents(Dataset::SalesOrders) {
            if text(&sale, "status") == "cancelled" || text(&sale, "type") == "adjustment" {
                continue;
            }
            let own = text(&sale, "currency");
            abroad += usize::from(!own.is_empty() && own != currency);
            let mut add = |date: &str, line: &Value, qty: Decimal, value: Decimal| {
                let product = match text(line, "product_external_id") {
                    "" => text(&line["product"], "external_id"),
                    code => code,
                };
                let location = text(&sale, "location_external_id").to_owned();
                for place in [None, Some(location)] {
                    let sum = sold.entry((date.to_owned(), place)).or_default();
                    sum.0 += 1;
                    sum.1 += qty;
                    sum.2 += rates.in_base(currency, own, date, value);
                    sum.3.insert(product.to_owned());
                }
            };
            for line in list(&sale, "lines") {
                add(
                    text(&sale, "order_date"),
                    line,
                    number(&line["qty"]),
                    line_value(line),
                );
                for update in list(line, "updates") {
                    let value = number(&update["value_delta"]);
                    add(
                        text(update, "date"),
                        line,
                        number(&update["qty_delta"]),
                        value,
                    );
                }
            }
        }
        assert!(abroad > 3, "{abroad} sales abroad");
        let mut compared = 0;
        let mut compare = |date: String, place: Option<String>, totals: &Sold| {
            let (rows, qty, value, products) = &sold[&(date.clone(), place.clone())];
            let own = (totals.rows, totals.qty.decimal(), totals.value.decimal());
            assert_eq!(own, (*rows, *qty, *value), "{date} {place:?}");
            assert_eq!(totals.products, products.len() as u64, "{date} {place:?}");
            compared += 1;
        };
        for (date, day) in &book.totals.sales {
            compare(date.to_string(), None, &day.all);
            for (location, totals) in &day.locations {
                compare(date.to_string(), Some(location.clone()), totals);
            }
        }
        assert_eq!(compared, sold.len());
    }
}

#[test]
fn purchase_orders_open_on_the_last_day() {
    for (days, currency) in [(33, "EUR"), (20, "GBP")] {
        let book = book(days, 4, currency);
        let (rates, received) = (Rates::of(&book), received(&book));
        let last = book.days.last().expect("days").as_str();
        let mut closed_on: BTreeMap<String, String> = BTreeMap::new();
        for receipt in book.documents(Dataset::ReceivingOrders) {
            if text(&receipt, "status") != "cancelled" {
                let key = text(&receipt, "purchase_order_external_id").to_owned();
                let date = text(&receipt, "received_date").to_owned();
                let newest = closed_on.entry(key).or_default();
                *newest = date.max(newest.clone());
            }
        }
        let mut places: BTreeMap<Option<String>, (Pending, BTreeSet<String>)> = BTreeMap::new();
        let (mut qty, mut value) = (BTreeMap::new(), BTreeMap::new());
        for order in book.documents(Dataset::PurchaseOrders) {
            let key = text(&order, "external_id");
            let is_closed = text(&order, "status") == "received" && {
                let declared = text(&order, "closed_date");
                let end = if declared.is_empty() {
                    &closed_on[key]
                } else {
                    declared
                };
                end <= last
            };
            let is_none = matches!(text(&order, "status"), "draft" | "cancelled");
            if is_closed || is_none || text(&order, "order_date") > last {
                continue;
            }
            let location = text(&order, "location_external_id").to_owned();
            for place in [None, Some(location)] {
                let (pending, products) = places.entry(place.clone()).or_default();
                pending.documents += 1;
                for (line, received) in list(&order, "lines").iter().zip(&received[key]) {
                    pending.lines += 1;
                    let left = number(&line["qty"]) - received;
                    if left <= Decimal::ZERO {
                        continue;
                    }
                    products.insert(text(line, "product_external_id").to_owned());
                    let worth = left * number(&line["unit_cost"]);
                    let worth = rates.in_base(currency, text(&order, "currency"), last, worth);
                    *qty.entry(place.clone()).or_insert(Decimal::ZERO) += left;
                    *value.entry(place.clone()).or_insert(Decimal::ZERO) += worth;
                }
            }
        }
        let own = &book.totals.open_purchases;
        assert_eq!(own.day.map(|day| day.to_string()).as_deref(), Some(last));
        assert_eq!(places.len(), own.locations.len() + 1);
        let of_locations = own
            .locations
            .iter()
            .map(|(code, one)| (Some(code.clone()), one));
        for (place, pending) in of_locations.chain([(None, &own.all)]) {
            let (counts, products) = &places[&place];
            assert_eq!(pending.documents, counts.documents, "{place:?}");
            assert_eq!(pending.lines, counts.lines, "{place:?}");
            assert_eq!(pending.products, products.len() as u64, "{place:?}");
            let sums = (pending.qty.decimal(), pending.value.decimal());
            let zero = Decimal::ZERO;
            let expected = (
                qty.get(&place).copied().unwrap_or(zero),
                value.get(&place).copied().unwrap_or(zero),
            );
            assert_eq!(sums, expected, "{place:?}");
        }
        assert!(own.all.documents > 5 && own.all.qty.units() > 0);
    }
}

#[test]
fn inventories() {
    let book = book(30, 7, "EUR");
    let mut days: BTreeMap<String, BTreeMap<(String, String), StockTotals>> = BTreeMap::new();
    for told in book.good(Dataset::Inventory) {
        let newest = book.newest[&(Dataset::Inventory, told.day.clone())];
        if told.revision == newest {
            let pair = (
                text(&told.record, "location_external_id").to_owned(),
                text(&told.record, "product_external_id").to_owned(),
            );
            let quantity = |field: &str| {
                let qty = number(&told.record[field]);
                catwing_domain::Quantity::exact(qty).expect("a quantity")
            };
            let level = StockTotals {
                rows: 1,
                products: 1,
                on_hand: quantity("on_hand_qty"),
                reserved: quantity("reserved_qty"),
                in_transit: quantity("in_transit_qty"),
            };
            days.entry(told.day.clone())
                .or_default()
                .insert(pair, level);
        }
    }
    let sum = |levels: &[&StockTotals], field: fn(&StockTotals) -> catwing_domain::Quantity| {
        levels.iter().map(|level| field(level).units()).sum::<i64>()
    };
    assert_eq!(book.totals.inventory.len(), days.len());
    for (day, totals) in &book.totals.inventory {
        let levels: Vec<_> = days[&day.to_string()].values().collect();
        let products: BTreeSet<_> = days[&day.to_string()].keys().map(|(_, one)| one).collect();
        assert_eq!(totals.rows, levels.len() as u64, "{day}");
        assert_eq!(totals.products, products.len() as u64, "{day}");
        assert_eq!(
            totals.on_hand.units(),
            sum(&levels, |level| level.on_hand),
            "{day}"
        );
        assert_eq!(
            totals.reserved.units(),
            sum(&levels, |level| level.reserved),
            "{day}"
        );
        assert_eq!(
            totals.in_transit.units(),
            sum(&levels, |level| level.in_transit),
            "{day}"
        );
    }
    let (last, pairs) = days.last_key_value().expect("days");
    let stock = &book.totals.stock;
    assert_eq!(stock.day.map(|day| day.to_string()).as_ref(), Some(last));
    for (location, totals) in &stock.locations {
        let of_location = pairs.iter().filter(|((own, _), _)| own == location);
        let levels: Vec<_> = of_location.map(|(_, level)| level).collect();
        assert_eq!(totals.rows, levels.len() as u64);
        assert_eq!(totals.on_hand.units(), sum(&levels, |level| level.on_hand));
    }
    let rows: usize = days.values().map(BTreeMap::len).sum();
    assert_eq!(book.totals.rows["inventory_quantities"], rows as u64);
}

#[test]
fn masters() {
    for days in [3, 8, 26, 45] {
        let book = book(days, 5, "EUR");
        let mut rows = book.totals.rows.clone();
        let mut compare = |table: &'static str, counted: usize| {
            assert_eq!(
                rows.remove(table),
                Some(counted as u64),
                "{table} of {days} days"
            );
        };
        let newest = |dataset: Dataset| {
            let mut records: BTreeMap<String, &Value> = BTreeMap::new();
            for told in book.good(dataset) {
                let key = text(&told.record, "external_id").to_owned();
                records.insert(key, &told.record);
            }
            records
        };
        let products = newest(Dataset::Products);
        let children = |field: &str| -> usize {
            let count = |record: &&Value| match &record[field] {
                Value::Array(list) => list.len(),
                Value::Object(pairs) => pairs.len(),
                _ => 0,
            };
            products.values().map(count).sum()
        };
        compare("products", products.len());
        compare("product_attributes", children("attributes"));
        compare("product_images", children("images"));
        compare("product_translations", children("translations"));
        let codes = products.values().flat_map(|record| {
            let category = &record["category"];
            [&category["external_id"], &category["parent_external_id"]]
        });
        let codes: BTreeSet<_> = codes.filter_map(Value::as_str).collect();
        compare("product_categories", codes.len());
        let suppliers = newest(Dataset::Suppliers);
        let own = products
            .values()
            .filter_map(|record| record["brand"].as_str());
        let mut brands: BTreeSet<_> = own.collect();
        let sold = suppliers.values().flat_map(|record| list(record, "brands"));
        brands.extend(sold.filter_map(Value::as_str));
        compare("brands", brands.len());
        let mut named: BTreeSet<_> = suppliers.keys().map(String::as_str).collect();
        let own = products
            .values()
            .map(|record| text(record, "supplier_external_id"));
        named.extend(own.filter(|code| !code.is_empty()));
        let orders = book.documents(Dataset::PurchaseOrders);
        named.extend(
            orders
                .iter()
                .map(|order| text(order, "supplier_external_id")),
        );
        compare("suppliers", named.len());
        let offers = |field: &str| -> usize {
            suppliers
                .values()
                .map(|record| list(record, field).len())
                .sum()
        };
        compare("x_supplier_products", offers("products"));
        compare("x_supplier_brands", offers("brands"));
        let locations = newest(Dataset::Locations);
        compare("locations", locations.len());
        let parents = locations
            .values()
            .map(|record| list(record, "relationships").len());
        compare("location_relationships", parents.sum());
        let sales = book.good(Dataset::SalesOrders).iter();
        let mut customers: BTreeSet<_> = sales
            .map(|told| text(&told.record["customer"], "external_id"))
            .filter(|code| !code.is_empty())
            .collect();
        let listed = newest(Dataset::Customers);
        customers.extend(listed.keys().map(String::as_str));
        compare("customers", customers.len());
        let key = |record: &Value| {
            [
                "product_external_id",
                "price_kind",
                "location_external_id",
                "from_date",
            ]
            .map(|field| text(record, field).to_owned())
        };
        let prices = book.good(Dataset::PricingLists);
        let keys: BTreeSet<_> = prices.iter().map(|told| key(&told.record)).collect();
        compare("pricing_lists", keys.len());
        let last = book.days.last().expect("days");
        let in_force = prices.iter().filter(|told| told.day == *last);
        let active = in_force
            .filter(|told| told.record["is_active"] == true)
            .count();
        assert_eq!(book.totals.prices_active, active as u64);
        let on_last = |dataset: Dataset| {
            let revision = book.newest[&(dataset, last.clone())];
            // A record that was refused is on the list all the same, where its key can be read.
            let refused = book.refused.get(&dataset).into_iter().flatten();
            let told = book
                .good(dataset)
                .iter()
                .chain(refused.map(|(told, _)| told));
            told.filter(|told| told.day == *last && told.revision == revision)
                .filter(|told| !text(&told.record, "external_id").is_empty())
                .count() as u64
        };
        assert_eq!(book.totals.suppliers_active, on_last(Dataset::Suppliers));
        if days != 26 {
            assert_eq!(book.totals.products_active, on_last(Dataset::Products));
        }
        let all = book.totals.products_active + book.totals.products_retired;
        assert_eq!(all, products.len() as u64);
        let rates = book.good(Dataset::CurrencyRates).iter().map(|told| {
            ["from_currency", "to_currency", "effective_date"]
                .map(|field| text(&told.record, field).to_owned())
        });
        let rates: BTreeSet<_> = rates.collect();
        assert_eq!(book.totals.shared.rates, rates.len() as u64);
    }
}

#[test]
fn a_list_where_a_key_cannot_be_read_retires_nothing() {
    // The 26th day brings a product without a key.
    let (before, after) = (book(25, 5, "EUR"), book(26, 5, "EUR"));
    assert!(after.totals.refused.contains_key("a product without a key"));
    assert!(
        !before
            .totals
            .refused
            .contains_key("a product without a key")
    );
    let last = after.days.last().expect("days");
    let told = after.good(Dataset::Products).iter();
    let listed = told.filter(|told| told.day == *last).count() as u64;
    assert!(after.totals.products_active >= listed);
}
