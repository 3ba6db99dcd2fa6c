//! A real retailer's 44 days through its mapping: the class table of the data's own description.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use catwing_domain::{Cell, RowKey, TableId};
use catwing_transform::{Whole, transform};
use rust_decimal::Decimal;

use crate::real_data::{csv_files, mapping, rows};

/// Documents, rows, quantity, value and customers of a class.
#[derive(Debug, Default, PartialEq)]
struct Class {
    documents: u64,
    rows: u64,
    quantity: Decimal,
    value: Decimal,
    customers: BTreeSet<i64>,
}

fn key(cell: Cell<'_>) -> i64 {
    match cell {
        Cell::Key(key) => key,
        other => panic!("{other:?} is no key"),
    }
}

/// Adds what a day holds to its classes; a day has no rejects and nothing unknown.
fn add_day(whole: &Whole, classes: &mut BTreeMap<String, Class>) {
    assert_eq!(whole.output.rejects, []);
    assert!(whole.summary.drift.is_empty(), "{:?}", whole.summary.drift);
    let type_of = |name: &str| {
        let key = RowKey::of(TableId::SalesOrderTypes, "", &[Some(name)]).unwrap();
        (key.bits(), name.to_owned())
    };
    let types: BTreeMap<_, _> = ["sale", "return", "adjustment"].map(type_of).into();
    let mut class_of_document = BTreeMap::new();
    for order in rows(whole, TableId::SalesOrders) {
        let name = &types[&key(order["sales_order_type_id"])];
        class_of_document.insert(key(order["id"]), name);
        let class = classes.entry(name.clone()).or_default();
        class.documents += 1;
        if order["customer_id"] != Cell::Null {
            class.customers.insert(key(order["customer_id"]));
        }
    }
    for line in rows(whole, TableId::SalesOrderLines) {
        let class = classes
            .get_mut(class_of_document[&key(line["sales_order_id"])])
            .unwrap();
        class.rows += 1;
        let (Cell::Quantity(qty), Cell::Money(value)) = (line["qty"], line["line_value"]) else {
            panic!("{line:?}")
        };
        class.quantity += qty.decimal();
        class.value += value.decimal();
    }
}

#[test]
fn every_class_has_the_figures_of_its_description() {
    let Some(days) = csv_files("online-retail") else {
        return;
    };
    let mapping = mapping("online-retail");
    let (mut classes, mut counted) = (BTreeMap::new(), 0);
    let (mut codes, mut locations, mut services) =
        (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for path in &days {
        let day = path.file_stem().unwrap().to_string_lossy().parse().unwrap();
        let bytes = fs::read(path).unwrap();
        let objects = [("invoices.csv".parse().unwrap(), bytes.as_slice())];
        let whole = transform(&mapping, day, &objects).unwrap();
        add_day(&whole, &mut classes);
        counted += whole
            .summary
            .counts
            .values()
            .map(|counts| counts.source_rows)
            .sum::<u64>();
        codes.extend(rows(&whole, TableId::Products).map(|row| key(row["id"])));
        let service = rows(&whole, TableId::Products)
            .filter(|row| row["product_kind"] == Cell::Text("service"));
        services.extend(service.map(|row| format!("{:?}", row["external_id"])));
        locations.extend(rows(&whole, TableId::Locations).map(|row| key(row["id"])));
    }
    assert_eq!((days.len(), counted), (44, 77_628));
    assert_eq!(
        (codes.len(), locations.len(), services.len()),
        (3_051, 28, 9)
    );
    for (name, documents, rows, quantity, value, customers) in [
        ("return", 586, 1_429, "-95887", "-206153.42", 402),
        ("adjustment", 270, 270, "-272", "0", 0),
        ("sale", 2_645, 75_929, "747353", "1515110.70", 1_302),
    ] {
        let class = &classes[name];
        let found = (class.documents, class.rows, class.customers.len());
        assert_eq!(found, (documents, rows, customers), "{name}");
        let found = (class.quantity, class.value);
        assert_eq!(
            found,
            (quantity.parse().unwrap(), value.parse().unwrap()),
            "{name}"
        );
    }
    let customers: BTreeSet<_> = classes
        .values()
        .flat_map(|class| &class.customers)
        .collect();
    assert_eq!(customers.len(), 1_369);
}
