//! A small trading company whose tables are delivered together: every figure of the data's own
//! description, in rows.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::PathBuf,
};

use catwing_domain::{Cell, Entity, ObjectName, TableId};
use catwing_transform::{Whole, transform};
use rust_decimal::Decimal;

use crate::{
    fixture::{problems, shown},
    real_data::{csv_files, mapping, rows},
};

/// The last day of the company's books.
const LAST_DAY: &str = "1998-05-06";

/// The delivery of some files, each changed as its dataset's name says.
fn delivered(files: &[PathBuf], change: impl Fn(&str, String) -> Option<String>) -> Whole {
    let objects: Vec<(ObjectName, String)> = files
        .iter()
        .filter_map(|path| {
            let name: ObjectName = path.file_name()?.to_str()?.parse().unwrap();
            let text = fs::read_to_string(path).unwrap();
            let changed = change(name.dataset.as_str(), text)?;
            Some((name, changed))
        })
        .collect();
    let objects: Vec<_> = objects
        .iter()
        .map(|(name, text)| (name.clone(), text.as_bytes()))
        .collect();
    transform(&mapping("northwind"), LAST_DAY.parse().unwrap(), &objects).unwrap()
}

/// The sum of a column's numbers.
fn sum(whole: &Whole, table: TableId, column: &str) -> Decimal {
    let cells = rows(whole, table).map(|row| shown(row[column]));
    cells.map(|cell| cell.parse::<Decimal>().unwrap()).sum()
}

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

#[test]
fn every_figure_of_the_description_is_in_the_rows() {
    let Some(files) = csv_files("northwind") else {
        return;
    };
    let whole = delivered(&files, |_, text| Some(text));
    assert_eq!(problems(&whole), [""; 0]);
    check_counts(&whole, &files);
    check_orders(&whole);
    check_lines(&whole);
    check_masters(&whole);
}

/// Rows of each file, and the records that they make.
fn check_counts(whole: &Whole, files: &[PathBuf]) {
    let mut found = BTreeMap::new();
    for ((object, entity), counts) in &whole.summary.counts {
        let file = files[*object].file_stem().unwrap().to_str().unwrap();
        assert_eq!((counts.records_quarantined, counts.rows_skipped), (0, 0));
        found.insert((file, *entity), (counts.source_rows, counts.records_read));
    }
    let expected = [
        (("customers", Entity::Customers), (91, 91)),
        (("order_details", Entity::SalesOrders), (2_155, 0)),
        (("orders", Entity::SalesOrders), (830, 830)),
        (("products", Entity::Inventory), (77, 77)),
        (("products", Entity::Products), (77, 77)),
        (("suppliers", Entity::Suppliers), (29, 29)),
    ];
    assert_eq!(found, expected.into());
    let unmapped = whole.summary.unmapped.iter();
    let unmapped: Vec<_> = unmapped
        .map(|index| files[*index].file_stem().unwrap())
        .collect();
    let without = [
        "employee_territories",
        "employees",
        "region",
        "shippers",
        "territories",
        "us_states",
    ];
    assert_eq!(unmapped, without);
}

fn check_orders(whole: &Whole) {
    let orders: Vec<_> = rows(whole, TableId::SalesOrders).collect();
    let column = |name: &str| {
        orders
            .iter()
            .map(|order| shown(order[name]))
            .collect::<Vec<_>>()
    };
    let dates = column("order_date");
    assert_eq!(dates.iter().min().unwrap(), "1996-07-04");
    assert_eq!(dates.iter().max().unwrap(), "1998-05-06");
    assert_eq!(dates.iter().collect::<BTreeSet<_>>().len(), 480);
    let shipped = column("shipped_date");
    assert_eq!(shipped.iter().filter(|date| *date == "-").count(), 21);
    let late = shipped.iter().zip(column("requested_date"));
    assert_eq!(
        late.filter(|(shipped, wanted)| *shipped > wanted && *shipped != "-")
            .count(),
        37
    );
    assert_eq!(
        sum(whole, TableId::SalesOrders, "freight_value"),
        decimal("64942.69")
    );
    assert_eq!(
        sum(whole, TableId::SalesOrders, "total_value"),
        decimal("1265793.0395")
    );
    let mut by_year: BTreeMap<&str, Decimal> = BTreeMap::new();
    let totals = column("total_value");
    for (date, total) in dates.iter().zip(&totals) {
        *by_year.entry(&date[..4]).or_default() += decimal(total);
    }
    let expected = [
        ("1996", "208083.9700"),
        ("1997", "617085.2035"),
        ("1998", "440623.8660"),
    ];
    assert_eq!(
        by_year,
        expected.map(|(year, value)| (year, decimal(value))).into()
    );
    let currencies: Vec<_> = whole.output.currencies.keys().collect();
    assert_eq!(currencies, ["USD"]);
    let types: Vec<_> = rows(whole, TableId::SalesOrderTypes)
        .map(|row| shown(row["name"]))
        .collect();
    assert_eq!(types, ["sale"]);
}

fn check_lines(whole: &Whole) {
    let lines = TableId::SalesOrderLines;
    assert_eq!(rows(whole, lines).count(), 2_155);
    assert_eq!(sum(whole, lines, "qty"), decimal("51317"));
    assert_eq!(sum(whole, lines, "discount_value"), decimal("88665.5505"));
    assert_eq!(sum(whole, lines, "line_value"), decimal("1265793.0395"));
    let gross: Decimal = rows(whole, lines)
        .map(|row| decimal(&shown(row["qty"])) * decimal(&shown(row["unit_price"])))
        .sum();
    assert_eq!(gross, decimal("1354458.59"));
    let rates: BTreeSet<_> = rows(whole, lines)
        .map(|row| shown(row["discount_rate"]))
        .collect();
    assert_eq!(rates.first().unwrap(), "0.000000");
    assert_eq!(rates.last().unwrap(), "0.250000");
    let products: BTreeSet<_> = rows(whole, lines)
        .map(|row| shown(row["product_id"]))
        .collect();
    assert_eq!(products.len(), 77);
}

fn check_masters(whole: &Whole) {
    let prices: BTreeMap<_, _> = rows(whole, TableId::Products)
        .map(|row| {
            let active = (
                row["is_active"] == Cell::Bool(true),
                row["product_status_id"],
            );
            (
                shown(row["id"]),
                (decimal(&shown(row["declared_price"])), active),
            )
        })
        .collect();
    assert_eq!(prices.len(), 77);
    let retired: BTreeSet<_> = prices
        .values()
        .filter(|(_, (active, _))| !active)
        .map(|(_, (_, status))| shown(*status))
        .collect();
    assert_eq!(
        prices.values().filter(|(_, (active, _))| !active).count(),
        10
    );
    let discontinued =
        rows(whole, TableId::ProductStatuses).find(|row| row["name"] == Cell::Text("discontinued"));
    assert_eq!(retired, [shown(discontinued.unwrap()["id"])].into());
    assert!(
        rows(whole, TableId::Products)
            .all(|row| row["declared_cost"] == Cell::Null && row["supplier_id"] != Cell::Null)
    );
    let stock = TableId::InventoryQuantities;
    assert_eq!(sum(whole, stock, "on_hand_qty"), decimal("3119"));
    assert!(rows(whole, stock).all(|row| shown(row["snapshot_date"]) == LAST_DAY));
    let value = rows(whole, stock)
        .map(|row| decimal(&shown(row["on_hand_qty"])) * prices[&shown(row["product_id"])].0);
    assert_eq!(value.sum::<Decimal>(), decimal("73953.35"));
    let sets: Vec<_> = whole
        .output
        .inventory_sets
        .iter()
        .map(|set| set.day.to_string())
        .collect();
    assert_eq!(sets, [LAST_DAY]);
    let names = |table| {
        rows(whole, table)
            .map(|row| shown(row["name"]))
            .collect::<BTreeSet<_>>()
    };
    let categories = [
        "Beverages",
        "Condiments",
        "Confections",
        "Dairy Products",
        "Grains/Cereals",
        "Meat/Poultry",
        "Produce",
        "Seafood",
    ];
    assert_eq!(
        names(TableId::ProductCategories),
        categories.map(str::to_owned).into()
    );
    let locations: Vec<_> = rows(whole, TableId::Locations)
        .map(|row| shown(row["external_id"]))
        .collect();
    assert_eq!(locations, ["NORTHWIND"]);
    let suppliers =
        rows(whole, TableId::Suppliers).filter(|row| row["source_rank"] == Cell::Small(3));
    assert_eq!(suppliers.count(), 29);
    // Two customers never ordered.
    let customers: BTreeMap<_, _> = rows(whole, TableId::Customers)
        .map(|row| (shown(row["id"]), shown(row["external_id"])))
        .collect();
    let ordered: BTreeSet<_> = rows(whole, TableId::SalesOrders)
        .map(|row| shown(row["customer_id"]))
        .collect();
    assert_eq!((customers.len(), ordered.len()), (91, 89));
    let never: BTreeSet<_> = customers
        .iter()
        .filter(|(id, _)| !ordered.contains(*id))
        .map(|(_, code)| code.as_str())
        .collect();
    assert_eq!(never, ["FISSA", "PARIS"].into());
}

#[test]
fn a_file_that_is_missing_from_the_delivery_is_told() {
    let Some(files) = csv_files("northwind") else {
        return;
    };
    let without = |absent: &'static str| {
        let whole = delivered(&files, |dataset, text| (dataset != absent).then_some(text));
        let told: BTreeSet<_> = whole
            .output
            .rejects
            .iter()
            .map(|reject| reject.problems[0].message.clone())
            .collect();
        let rows: u64 = whole
            .output
            .rejects
            .iter()
            .map(|reject| reject.source_rows)
            .sum();
        (
            told.into_iter().collect::<Vec<_>>().join("; "),
            whole.output.rejects.len(),
            rows,
        )
    };
    let lines = "are rows of order_details, which the delivery does not have".to_owned();
    assert_eq!(without("order_details"), (lines, 830, 830));
    let orders =
        "is a key of orders, which the delivery does not have, of its lines in order_details";
    assert_eq!(without("orders"), (orders.to_owned(), 830, 2_155));
    let names = "is looked up in categories, which the delivery does not have".to_owned();
    assert_eq!(without("categories"), (names, 77, 77));
}

#[test]
fn an_order_that_is_missing_takes_its_lines_along() {
    let Some(files) = csv_files("northwind") else {
        return;
    };
    let whole = delivered(&files, |dataset, text| {
        let kept = text
            .lines()
            .filter(|line| dataset != "orders" || !line.starts_with("10248,"));
        Some(kept.map(|line| format!("{line}\n")).collect())
    });
    assert_eq!(
        problems(&whole),
        [
            r#"consistency document "10248" is the key of no row of orders, whose lines the rows of order_details are"#
        ]
    );
    let reject = &whole.output.rejects[0];
    assert_eq!(
        (reject.source_rows, reject.record_key.as_deref()),
        (3, Some("10248"))
    );
    assert_eq!(
        sum(&whole, TableId::SalesOrders, "total_value"),
        decimal("1265353.0395")
    );
}
