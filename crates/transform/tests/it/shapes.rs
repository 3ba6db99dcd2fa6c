//! Sources of other shapes, by nothing but a mapping: what shops, tills, ERPs and APIs really send.

use catwing_domain::TableId;
use catwing_transform::Whole;

use crate::fixture::{column, deliver, drifted, mapping, problems};

/// Columns of a table side by side, a row a line.
fn table(whole: &Whole, table: TableId, columns: &[&str]) -> Vec<String> {
    assert_eq!(problems(whole), [""; 0]);
    let columns: Vec<_> = columns
        .iter()
        .map(|name| column(whole, table, name))
        .collect();
    let rows = columns.first().map_or(0, Vec::len);
    let row = |row: usize| {
        columns
            .iter()
            .map(|cells| cells[row].as_str())
            .collect::<Vec<_>>()
    };
    (0..rows).map(|index| row(index).join(" ")).collect()
}

/// A German ERP: windows-1252, semicolons, decimal commas, a minus behind the number, `dd.mm.yyyy`,
/// codes with leading zeros, percent discounts, words for types.
#[test]
fn an_erp_with_its_own_signs() {
    let mapping = mapping(
        r#"
        [datasets.belege]
        number = 1
        format = { type = "csv", delimiter = ";", encoding = "windows-1252" }
        [datasets.belege.feeds.sales_orders]
        document = { join = ["Art", "Belegnr"], separator = "-" }
        where = { path = "Artikel", matches = '^\d+$' }
        [datasets.belege.feeds.sales_orders.fields]
        external_id = { join = ["Art", "Belegnr"], separator = "-" }
        type = { path = "Art", words = { RE = "sale", GS = "return" }, otherwise = false }
        order_date = { path = "Datum", date = "%d.%m.%Y" }
        location_external_id = { path = "Filiale", strip = '^Filiale ' }
        currency = { path = "Währ", words = { "€" = "EUR" } }
        [datasets.belege.feeds.sales_orders.fields.lines]
        rows = true
        [datasets.belege.feeds.sales_orders.fields.lines.fields]
        line_no = "Pos"
        product = { external_id = "Artikel", name = "Text" }
        unit_price = { path = "Preis", number = { decimal = ",", group = "." } }
        discount_rate = { path = "Rabatt", number = { decimal = ",", percent = true } }
        qty = { first_of = [
            { multiply = [{ path = "Menge", extract = '^(.*)-$', number = { decimal = "," } }, { value = -1 }] },
            { path = "Menge", number = { decimal = "," } },
        ] }
        "#,
    );
    let text = "Art;Belegnr;Pos;Datum;Filiale;Artikel;Text;Menge;Preis;Rabatt;Währ\r\n\
        RE;0017;10;24.02.2026;Filiale 03;000815;Größe \"M\";2,5;1.234,50;10 %;€\r\n\
        RE;0017;20;24.02.2026;Filiale 03;000816;Tüte;1;0,10;;€\r\n\
        RE;0017;;24.02.2026;Filiale 03;Summe;;;;;€\r\n\
        GS;0017;10;25.02.2026;Filiale 03;000815;Größe \"M\";1,000-;1.234,50;;€\r\n";
    let latin: Vec<u8> = text
        .chars()
        .map(|c| {
            if c == '€' {
                0x80
            } else {
                u8::try_from(u32::from(c)).unwrap()
            }
        })
        .collect();
    let whole = deliver(&mapping, "belege.csv", latin);
    assert_eq!(
        table(
            &whole,
            TableId::SalesOrders,
            &["external_id", "order_date", "total_value"]
        ),
        [
            "RE-0017 2026-02-24 2777.7250",
            "GS-0017 2026-02-25 -1234.5000"
        ]
    );
    assert_eq!(
        table(
            &whole,
            TableId::SalesOrderLines,
            &[
                "line_no",
                "qty",
                "discount_rate",
                "discount_value",
                "line_value"
            ]
        ),
        [
            "10 2.500 0.100000 308.6250 2777.6250",
            "20 1.000 - 0.0000 0.1000",
            "10 -1.000 - 0.0000 -1234.5000"
        ]
    );
    assert_eq!(
        table(&whole, TableId::Products, &["external_id", "product_name"]),
        ["000815 Größe \"M\"", "000816 Tüte"]
    );
}

/// Tills: receipts have no number of their own beyond the till's day, and goods are given back on
/// the receipt of another purchase: such lines are a document of type return.
#[test]
fn receipts_that_mix_sales_and_returns() {
    let mapping = mapping(
        r#"
        [datasets.tills]
        number = 1
        format = { type = "csv", delimiter = "\t", columns = ["store", "till", "at", "no", "ean", "qty", "amount"] }
        [datasets.tills.feeds.sales_orders]
        document = { join = ["store", "till", { path = "at", date = "%Y-%m-%dT%H:%M:%S%z" }, "no", { value = "R", when = { path = "qty", lt = 0 } }], separator = "/" }
        [datasets.tills.feeds.sales_orders.fields]
        external_id = { join = ["store", "till", { path = "at", date = "%Y-%m-%dT%H:%M:%S%z" }, "no", { value = "R", when = { path = "qty", lt = 0 } }], separator = "/" }
        type = { first_of = [{ value = "return", when = { path = "qty", lt = 0 } }, { value = "sale" }] }
        order_date = { path = "at", date = "%Y-%m-%dT%H:%M:%S%z" }
        location_external_id = "store"
        channel = { value = "till" }
        [datasets.tills.feeds.sales_orders.fields.lines]
        rows = true
        [datasets.tills.feeds.sales_orders.fields.lines.fields]
        product_external_id = "ean"
        qty = "qty"
        # The till knows what was paid for the line; what rounding leaves is a discount.
        unit_price = { divide = ["amount", "qty"], round = 4 }
        discount_value = { subtract = [{ multiply = ["qty", { divide = ["amount", "qty"], round = 4 }] }, "amount"], round = 4 }
        "#,
    );
    let bytes = "S1\t2\t2026-02-24T23:10:00+0000\t1\t400\t3\t10.00\n\
                 S1\t2\t2026-02-24T23:10:00+0000\t1\t401\t-1\t-4.99\n\
                 S1\t3\t2026-02-24T12:10:00+0000\t1\t400\t1\t3.33\n";
    let whole = deliver(&mapping, "tills.csv", bytes);
    assert_eq!(
        table(
            &whole,
            TableId::SalesOrders,
            &["external_id", "total_value"]
        ),
        [
            "S1/2/2026-02-25/1 10.0000",
            "S1/2/2026-02-25/1/R -4.9900",
            "S1/3/2026-02-24/1 3.3300"
        ]
    );
    assert_eq!(
        column(&whole, TableId::SalesOrderTypes, "name"),
        ["sale", "return"]
    );
}

/// A shop's API: orders nested in an envelope, money in minor units as text, a customer who may be
/// a guest, refunds under each line, a status to fold, fields that nobody mapped.
#[test]
fn an_api_with_nested_orders() {
    let mapping = mapping(
        r#"
        [datasets.orders]
        number = 1
        format = { type = "json", records = "result.orders" }
        [datasets.orders.feeds.sales_orders]
        where = { path = "test", ne = true }
        [datasets.orders.feeds.sales_orders.fields]
        external_id = "id"
        order_date = { path = "created", date = "unix_milliseconds" }
        updated_at = { path = "changed", instant = "unix_milliseconds" }
        location_external_id = { path = "warehouse.code", default = "MAIN" }
        status = { path = "state", case = "lower", words = { cancelled_by_seller = "cancelled", cancelled_by_buyer = "cancelled" } }
        currency = { path = "money.currency", case = "upper" }
        freight_value = { divide = ["money.delivery", { value = 100 }] }
        customer = { external_id = { path = "buyer.email", case = "lower", trim = true }, name = { join = ["buyer.first", "buyer.last"], separator = " " }, country = "buyer.address.country" }
        [datasets.orders.feeds.sales_orders.fields.lines]
        each = "items"
        [datasets.orders.feeds.sales_orders.fields.lines.fields]
        external_id = "uid"
        product = { external_id = { first_of = ["sku", "offer.id"] }, name = "offer.title", kind = { path = "shippable", words = { true = "goods", false = "service" } } }
        qty = "count"
        unit_price = { divide = ["cents", { value = 100 }] }
        [datasets.orders.feeds.sales_orders.fields.lines.fields.updates]
        each = "refunds"
        fields = { external_id = "id", type = { value = "return" }, date = { path = "on", date = ["%Y-%m-%d", "%d/%m/%Y"] }, qty_delta = { multiply = ["count", { value = -1 }] }, value_delta = { divide = [{ multiply = ["^cents", "count"] }, { value = -100 }], round = 4 } }
        "#,
    );
    let bytes = r#"{"result": {"total": 2, "orders": [
        {"id": 9007199254740993, "created": 1771970000000, "changed": "1771971234567", "state": "DELIVERED",
         "warehouse": null, "money": {"currency": "eur", "delivery": "499"}, "note": "x",
         "buyer": {"email": " Ann@Example.org", "first": "Ann", "last": null, "address": {"country": "DE"}},
         "items": [{"uid": "i1", "sku": "", "offer": {"id": "0042", "title": " Mug "}, "shippable": true, "count": 2, "cents": 1250,
                    "refunds": [{"id": "r1", "on": "26/02/2026", "count": 1}]}]},
        {"id": "t", "test": true}
    ]}}"#;
    let whole = deliver(&mapping, "orders.json", bytes);
    assert_eq!(
        table(
            &whole,
            TableId::SalesOrders,
            &[
                "external_id",
                "order_date",
                "freight_value",
                "total_value",
                "source_version"
            ]
        ),
        ["9007199254740993 2026-02-24 4.9900 25.0000 2026-02-24T22:13:54.567Z"]
    );
    assert_eq!(
        table(
            &whole,
            TableId::Customers,
            &["external_id", "customer_name", "country"]
        ),
        ["ann@example.org Ann DE"]
    );
    assert_eq!(
        table(
            &whole,
            TableId::Products,
            &["external_id", "product_name", "product_kind"]
        ),
        ["0042 Mug goods"]
    );
    assert_eq!(
        table(
            &whole,
            TableId::SalesOrderLineUpdates,
            &["external_id", "update_date", "qty_delta", "value_delta"]
        ),
        ["r1 2026-02-26 -1.000 -12.5000"]
    );
    assert_eq!(
        column(&whole, TableId::SalesOrderStatuses, "name"),
        ["delivered"]
    );
    assert_eq!(drifted(&whole), ["sales_orders unknown note 0:0 1"]);
    let counts = whole.summary.counts.values().next().unwrap();
    assert_eq!((counts.source_rows, counts.rows_skipped), (2, 1));
}

/// A trading company's tables: prices are given once they are joined; discount is a rate, a product
/// is discontinued or not, and one location is declared.
#[test]
fn tables_of_a_trading_company() {
    let mapping = mapping(
        r#"
        [datasets.orders]
        number = 1
        format = { type = "csv" }
        [datasets.orders.feeds.sales_orders]
        document = "order_id"
        [datasets.orders.feeds.sales_orders.fields]
        external_id = "order_id"
        order_date = "order_date"
        requested_date = "required_date"
        shipped_date = "shipped_date"
        location_external_id = { value = "MAIN" }
        freight_value = "freight"
        customer = { external_id = "customer_id", country = "ship_country" }
        lines = { rows = true, fields = { product_external_id = "product_id", qty = "quantity", unit_price = "unit_price", discount_rate = "discount" } }
        [datasets.products]
        number = 2
        completeness = "snapshot"
        format = { type = "csv" }
        [datasets.products.feeds.products.fields]
        external_id = "product_id"
        name = "product_name"
        category = { external_id = "category_id" }
        is_active = { path = "discontinued", words = { 0 = "true", 1 = "false" }, otherwise = false }
        "#,
    );
    let orders = "order_id,customer_id,order_date,required_date,shipped_date,freight,ship_country,product_id,unit_price,quantity,discount\n\
        10250,HANAR,1996-07-08,1996-08-05,1996-07-12,65.83,Brazil,41,7.7,10,0\n\
        10250,HANAR,1996-07-08,1996-08-05,1996-07-12,65.83,Brazil,51,42.4,35,0.15\n\
        11008,ERNSH,1998-04-08,1998-05-06,,79.46,Austria,28,45.6,70,0.05\n";
    let whole = deliver(&mapping, "orders.csv", orders);
    assert_eq!(
        table(
            &whole,
            TableId::SalesOrders,
            &[
                "external_id",
                "shipped_date",
                "freight_value",
                "total_value"
            ]
        ),
        [
            "10250 1996-07-12 65.8300 1338.4000",
            "11008 - 79.4600 3032.4000"
        ]
    );
    let products = "product_id,product_name,category_id,discontinued\n1,Chai,8,1\n2,Chang,1,0\n";
    let whole = deliver(&mapping, "products.csv", products);
    assert_eq!(
        table(
            &whole,
            TableId::Products,
            &["external_id", "product_name", "is_active"]
        ),
        ["1 Chai false", "2 Chang true"]
    );
    assert!(whole.presence[0].retires);
}
