//! Purchase orders, receipts, store orders and transfers: their rules, each with its whole problem,
//! and their rows.

use catwing_domain::{RowKey, TableId};

use crate::fixture::{canonical, cases, column, deliver, problems};

/// A document of a dataset, with what is wrong with it.
const REFUSED: &str = r##"
purchase_orders | {"external_id": "1", "supplier_external_id": "S", "location_external_id": "L", "order_date": "2026-02-24", "closed_date": "2026-02-23"} | consistency closed_date "2026-02-23" is before order_date, 2026-02-24
purchase_orders | {"external_id": "1", "supplier_external_id": "S", "location_external_id": "L", "order_date": "2026-02-24", "lines": [{"product_external_id": "P", "qty": -1, "unit_cost": 1}]} | range lines[0].qty "-1" is negative
purchase_orders | {"external_id": "1", "supplier_external_id": "S", "location_external_id": "L", "order_date": "2026-02-24", "lines": [{"product_external_id": "P", "qty": 1, "unit_cost": "-0.5"}]} | range lines[0].unit_cost "-0.5" is negative
purchase_orders | {"external_id": "1", "supplier_external_id": "S", "location_external_id": "L", "order_date": "2026-02-24", "lines": [{"product_external_id": "P", "qty": 900000000000, "unit_cost": 10000}]} | range lines[0].line_value "9000000000000000.0000000" does not fit money: at most four decimals and 14 digits before them
purchase_orders | {"external_id": "1", "supplier_external_id": "S", "location_external_id": "L", "order_date": "2026-02-24", "lines": [{"product_external_id": "P", "qty": 90000000000, "unit_cost": 9000}, {"product_external_id": "P", "qty": 90000000000, "unit_cost": 9000}]} | range total_value "1620000000000000.0000" does not fit money: at most four decimals and 14 digits before them
purchase_orders | {"external_id": "1", "location_external_id": "L", "order_date": "2026-02-24"} | missing supplier_external_id - is required, and the record has no key "supplier_external_id": it has "external_id", "location_external_id", "order_date"
receiving_orders | {"external_id": "1", "location_external_id": "L", "received_date": "2026-02-24", "lines": [{"product_external_id": "P", "qty_received": 1, "qty_rejected": -1}]} | range lines[0].qty_rejected "-1" is negative
receiving_orders | {"external_id": "1", "location_external_id": "L", "received_date": "2026-02-24", "lines": [{"line_no": 2, "product_external_id": "P", "qty_received": 1}, {"line_no": 2, "product_external_id": "P", "qty_received": 1}]} | repeated lines[1].line_no "2" is the number of an earlier line of the document
store_orders | {"external_id": "1", "location_external_id": "L", "source_location_external_id": "D", "order_date": "2026-02-24", "lines": [{"line_no": 2, "product_external_id": "P", "qty": 1}, {"product_external_id": "P", "qty": 1}]} | consistency lines - 1 of 2 lines have a line_no: either all have one or none
store_orders | {"external_id": "1", "location_external_id": "L", "source_location_external_id": "D", "order_date": "2026-02-24", "lines": [{"product_external_id": "P", "qty": 1, "qty_fulfilled": "-0.001"}]} | range lines[0].qty_fulfilled "-0.001" is negative
transfer_orders | {"external_id": "1", "from_location_external_id": "D", "to_location_external_id": "L", "ship_date": "2026-02-24", "received_date": "2026-02-23"} | consistency received_date "2026-02-23" is before ship_date, 2026-02-24
transfer_orders | {"external_id": "1", "from_location_external_id": "D", "to_location_external_id": "L", "ship_date": "2026-02-24", "lines": [{"product_external_id": "P", "qty_shipped": 1, "qty_received": -1}]} | range lines[0].qty_received "-1" is negative
"##;

#[test]
fn documents_that_are_refused() {
    for [dataset, record, expected] in cases(REFUSED) {
        let file = format!("{dataset}.json");
        let whole = deliver(&canonical(), &file, format!("[{record}]"));
        assert_eq!(problems(&whole), [expected], "{record}");
        assert!(whole.output.rows.is_empty(), "{record}");
        let key = whole.output.rejects[0].record_key.as_deref();
        assert_eq!(key, Some("1"), "{record}");
    }
}

fn key(table: TableId, parts: &[&str]) -> String {
    let parts: Vec<_> = parts.iter().map(|part| Some(*part)).collect();
    RowKey::of(table, "", &parts).unwrap().bits().to_string()
}

#[test]
fn a_purchase_order_is_worth_the_sum_of_its_lines() {
    // A line may be expected before the order itself was: real data has it.
    let bytes = r#"[{"external_id": "7", "supplier_external_id": "S", "location_external_id": "L",
        "order_date": "2026-02-24", "expected_date": "2026-02-20", "status": "open", "currency": "USD",
        "lines": [{"product_external_id": "P", "qty": "1.5", "unit_cost": "0.3333", "external_id": "a"},
                  {"product_external_id": "Q", "qty": 2, "unit_cost": "0.0001", "expected_date": "2026-03-01"}]}]"#;
    let whole = deliver(&canonical(), "purchase_orders.json", bytes);
    assert_eq!(problems(&whole), [""; 0]);
    let one = |name| column(&whole, TableId::PurchaseOrders, name);
    // 0.49995 and 0.0002, each rounded to four decimals.
    assert_eq!(one("total_value"), ["0.5002"]);
    assert_eq!(one("id"), [key(TableId::PurchaseOrders, &["7"])]);
    assert_eq!(one("supplier_id"), [key(TableId::Suppliers, &["S"])]);
    assert_eq!(one("location_id"), [key(TableId::Locations, &["L"])]);
    assert_eq!(
        (one("expected_date"), one("closed_date")),
        (vec!["2026-02-20".to_owned()], vec!["-".to_owned()])
    );
    assert_eq!(one("source_rank"), ["3"]);
    let line = |name| column(&whole, TableId::PurchaseOrderLines, name);
    assert_eq!(line("line_no"), ["1", "2"]);
    assert_eq!(line("external_id"), ["a", "-"]);
    assert_eq!(line("expected_date"), ["-", "2026-03-01"]);
    assert_eq!(line("id")[1], key(TableId::PurchaseOrderLines, &["7", "2"]));
    let suppliers = column(&whole, TableId::Suppliers, "source_rank");
    assert_eq!(suppliers, ["0"]);
    assert!(whole.output.currencies.contains_key("USD") && whole.output.currencies.len() == 1);
    let units = &whole.output.part_units[&TableId::PurchaseOrderLines];
    assert_eq!(units.len(), 2);
    assert!(whole.output.present.is_empty() && whole.presence.is_empty());
}

#[test]
fn a_receipt_infers_its_order_and_never_the_order_s_line() {
    let bytes = r#"[{"external_id": "R", "purchase_order_external_id": "7", "location_external_id": "L",
        "received_date": "2026-02-24", "lines": [
            {"line_no": 4, "purchase_order_line_no": 2, "product_external_id": "P", "qty_received": -1, "qty_rejected": 0}]},
        {"external_id": "T", "location_external_id": "L", "received_date": "2026-02-24"}]"#;
    let whole = deliver(&canonical(), "receiving_orders.json", bytes);
    assert_eq!(problems(&whole), [""; 0]);
    let order = key(TableId::PurchaseOrders, &["7"]);
    assert_eq!(
        column(&whole, TableId::ReceivingOrders, "purchase_order_id"),
        [order.as_str(), "-"]
    );
    for name in [
        "supplier_id",
        "location_id",
        "order_date",
        "total_value",
        "currency_id",
    ] {
        assert_eq!(
            column(&whole, TableId::PurchaseOrders, name),
            ["-"],
            "{name}"
        );
    }
    assert_eq!(
        column(&whole, TableId::PurchaseOrders, "source_rank"),
        ["0"]
    );
    assert!(!whole.output.rows.contains_key(&TableId::PurchaseOrderLines));
    let line = |name| column(&whole, TableId::ReceivingOrderLines, name);
    assert_eq!(
        (line("line_no"), line("purchase_order_line_no")),
        (vec!["4".to_owned()], vec!["2".to_owned()])
    );
    assert_eq!(line("received_qty"), ["-1.000"]);
}

#[test]
fn a_transfer_infers_its_store_order() {
    let bytes = r#"[{"external_id": "T", "store_order_external_id": "9", "from_location_external_id": "D",
        "to_location_external_id": "L", "ship_date": "2026-02-24", "received_date": "2026-02-24",
        "lines": [{"product_external_id": "P", "qty_shipped": 3}]}]"#;
    let whole = deliver(&canonical(), "transfer_orders.json", bytes);
    assert_eq!(problems(&whole), [""; 0]);
    let order = key(TableId::StoreOrders, &["9"]);
    assert_eq!(
        column(&whole, TableId::TransferOrders, "store_order_id"),
        [order]
    );
    assert_eq!(column(&whole, TableId::StoreOrders, "source_rank"), ["0"]);
    assert_eq!(
        column(&whole, TableId::TransferOrderLines, "received_qty"),
        ["-"]
    );
    assert_eq!(column(&whole, TableId::Locations, "external_id").len(), 2);
    let bytes = r#"[{"external_id": "9", "location_external_id": "L", "source_location_external_id": "D",
        "order_date": "2026-02-24", "requested_date": "2026-02-26",
        "lines": [{"product_external_id": "P", "qty": 3, "qty_fulfilled": 2}]}]"#;
    let whole = deliver(&canonical(), "store_orders.json", bytes);
    let one = |name| column(&whole, TableId::StoreOrders, name);
    assert_eq!(
        (one("source_rank"), one("requested_date")),
        (vec!["3".to_owned()], vec!["2026-02-26".to_owned()])
    );
    assert_eq!(
        column(&whole, TableId::StoreOrderLines, "allocated_qty"),
        ["2.000"]
    );
}
