//! What purchase orders have received, worked out by hand: receipts come before and after their order,
//! name its lines by number or not at all, and are cancelled.

use anyhow::Result;
use catwing_recovery::apply::Grouping;

use crate::warehouse::Warehouse;

const TENANT: &str = r#"
client = "CW-000200"
name = "Receipts"
time_zone = "UTC"
base_currency = "EUR"
[datasets.purchase_orders]
number = 1
[datasets.receiving_orders]
number = 2
"#;

const RECEIVED_FIRST: &str = r#"[
{"external_id": "R1", "purchase_order_external_id": "PO", "location_external_id": "L", "received_date": "2026-03-01",
 "lines": [{"line_no": 1, "purchase_order_line_no": 2, "product_external_id": "A", "qty_received": 3},
           {"line_no": 2, "product_external_id": "A", "qty_received": 4},
           {"line_no": 3, "purchase_order_line_no": 9, "product_external_id": "A", "qty_received": 50}]},
{"external_id": "R2", "purchase_order_external_id": "PO", "location_external_id": "L", "received_date": "2026-03-01",
 "status": "Cancelled", "lines": [{"line_no": 1, "purchase_order_line_no": 1, "product_external_id": "A", "qty_received": 100}]}
]"#;
const ORDERED_LATER: &str = r#"[
{"external_id": "PO", "supplier_external_id": "S", "location_external_id": "L", "order_date": "2026-02-20", "lines": [
 {"line_no": 1, "product_external_id": "A", "qty": 10, "unit_cost": "2.5"},
 {"line_no": 2, "product_external_id": "A", "qty": 5, "unit_cost": "2.25"}]}
]"#;

#[tokio::test]
async fn orders_receive_what_is_not_cancelled_whichever_came_first() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text);
    write("receiving_orders_2026-03-01.json", RECEIVED_FIRST)?;
    write("purchase_orders_2026-03-02.json", ORDERED_LATER)?;
    let warehouse = Warehouse::create(TENANT).await?;
    let imported = warehouse
        .import(folder.path(), "{dataset}_%Y-%m-%d")
        .await?;
    assert_eq!(imported.landed(), 2);
    let pending = warehouse.pending().await?;
    for orders in [pending.clone(), pending.into_iter().rev().collect()] {
        warehouse.clear().await?;
        warehouse.apply(&orders, Grouping::ONE_BY_ONE).await?;
        let ordered = "select line_no, received_qty from purchase_order_lines order by line_no";
        assert_eq!(warehouse.rows(ordered).await?, ["1|4.000", "2|3.000"]);
        let received = "select o.external_id, l.line_no, l.purchase_order_line_no, p.line_no, l.unit_cost \
             from receiving_order_lines as l join receiving_orders as o on o.id = l.receiving_order_id \
             left join purchase_order_lines as p on p.id = l.purchase_order_line_id order by 1, 2";
        assert_eq!(
            warehouse.rows(received).await?,
            [
                "R1|1|2|2|2.2500",
                "R1|2|-|1|2.5000",
                "R1|3|9|-|-",
                "R2|1|1|1|2.5000"
            ]
        );
        let suppliers = "select distinct s.external_id from receiving_orders as r \
             join suppliers as s on s.id = r.supplier_id";
        assert_eq!(warehouse.rows(suppliers).await?, ["S"]);
    }
    Ok(())
}
