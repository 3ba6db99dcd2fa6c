//! Contracts: what becomes of fields that the mapping does not use, or misses.

use catwing_domain::{Entity, tenant_file::Contract, tenant_file::TenantFile};
use catwing_transform::Mapping;

use crate::fixture::{deliver, drifted, mapping, problems, tenant};

/// Sales documents over rows, prices as canonical JSON, and these contracts.
fn with(contracts: &str) -> Mapping {
    mapping(&format!(
        r#"
        [contracts]
        {contracts}
        [datasets.sales]
        number = 20
        format = {{ type = "csv" }}
        [datasets.sales.feeds.sales_orders]
        document = "doc"
        where = {{ path = "sku", ne = "POST" }}
        [datasets.sales.feeds.sales_orders.fields]
        external_id = "doc"
        order_date = {{ value = "2026-02-24" }}
        location_external_id = {{ first_of = ["shop", {{ value = "S1" }}] }}
        status = {{ path = "state", default = "paid" }}
        lines = {{ rows = true, fields = {{ product_external_id = "sku", qty = "pieces", unit_price = "price" }} }}
        [datasets.orders]
        number = 21
        format = {{ type = "ndjson" }}
        [datasets.orders.feeds.sales_orders.fields]
        external_id = "no"
        order_date = "when.day"
        location_external_id = "shop"
        lines = {{ each = "items", fields = {{ product_external_id = "sku", qty = "pieces", unit_price = "price" }} }}
        [datasets.products]
        number = 1
        [datasets.market_data]
        number = 30
        "#
    ))
}

const ROWS: &str = "doc,sku,pieces,price,note,till\na,X,1,2,new,7\na,POST,1,2,,7\nb,Y,1,2,,8\n";

#[test]
fn unknown_fields_are_told_of_and_loaded_around_unless_a_contract_says_else() {
    for contracts in [
        "",
        "sales_orders = \"evolve\"",
        "sales_orders = \"freeze\"",
        "products = \"quarantine\"",
    ] {
        let whole = deliver(&with(contracts), "sales.csv", ROWS);
        assert_eq!(problems(&whole), [""; 0], "{contracts}");
        assert_eq!(whole.output.units.len(), 2);
        let told = [
            "sales_orders unknown note 0:0 3",
            "sales_orders unknown till 0:0 3",
        ];
        assert_eq!(drifted(&whole), told, "{contracts}");
    }
    let whole = deliver(&with("sales_orders = \"freeze\""), "sales.csv", ROWS);
    let same = deliver(&with(""), "sales.csv", ROWS);
    assert_eq!(format!("{:?}", whole.output), format!("{:?}", same.output));
}

#[test]
fn a_contract_quarantines_documents_with_unknown_columns() {
    let whole = deliver(&with("sales_orders = \"quarantine\""), "sales.csv", ROWS);
    let expected = r#"contract note "new" is a field that the mapping does not use, and contracts.sales_orders = "quarantine" refuses such: map it, or set that to "evolve""#;
    let told = problems(&whole);
    assert_eq!(told.first().map(String::as_str), Some(expected), "{told:?}");
    // The row that `where` leaves out is refused with nobody.
    let rows: Vec<_> = whole
        .output
        .rejects
        .iter()
        .map(|reject| (reject.record_key.as_deref(), reject.source_rows))
        .collect();
    assert_eq!(rows, [(Some("a"), 1), (Some("b"), 1)]);
    assert_eq!(whole.output.units.len(), 0);
    let counts = whole.summary.counts.values().next().unwrap();
    assert_eq!(
        (
            counts.source_rows,
            counts.rows_quarantined,
            counts.rows_skipped
        ),
        (3, 2, 1)
    );
    let known = ROWS.replace(",note,till", ",shop,state");
    let whole = deliver(
        &with("sales_orders = \"quarantine\""),
        "sales.csv",
        known.replace(",,", ",S1,"),
    );
    assert_eq!(problems(&whole), [""; 0]);
}

#[test]
fn a_contract_quarantines_records_with_unknown_keys_and_no_others() {
    let quarantine = with("products = \"quarantine\"");
    let records = r#"[{"external_id": "P", "name": "p"},
        {"external_id": "Q", "name": "q", "weight": 1.50, "category": {"external_id": "K", "depth": {"cm": 2}},
         "images": [{"s3_key": "a", "alt": "x"}, {"s3_key": "b", "alt": "y"}]},
        {"external_id": "R", "name": "r", "attributes": {"any": "name"}}]"#;
    let whole = deliver(&quarantine, "products.json", records);
    let refusal = r#"is a field that the mapping does not use, and contracts.products = "quarantine" refuses such: map it, or set that to "evolve""#;
    let told = ["weight \"1.50\"", "category.depth -", "images[].alt \"x\""];
    assert_eq!(
        problems(&whole),
        told.map(|field| format!("contract {field} {refusal}"))
    );
    assert_eq!(whole.output.units.len(), 2);
    // The refused product is there all the same: nobody takes it for gone.
    assert_eq!(whole.output.rejects[0].record_key.as_deref(), Some("Q"));
    let told = ["category.depth", "images[].alt", "weight"];
    assert_eq!(
        drifted(&whole),
        told.map(|path| format!("products unknown {path} 0:1 1"))
    );
}

#[test]
fn each_entity_of_a_dataset_has_its_own_contract() {
    let records = r#"[{"product_external_id": "P", "market_data_source": "m", "mood": "good"},
        {"category_external_id": "K", "market_data_source": "m", "mood": "bad"}]"#;
    let one = with("category_market_observations = \"quarantine\"");
    let whole = deliver(&one, "market_data.json", records);
    assert_eq!(whole.output.units.len(), 1);
    let told = problems(&whole);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(
        told[0].starts_with("contract mood \"bad\" is a field"),
        "{told:?}"
    );
    let told = [
        "category_market_observations",
        "product_market_observations",
    ];
    assert_eq!(
        drifted(&whole),
        told.map(|entity| format!("{entity} unknown mood 0:0 2"))
    );
}

#[test]
fn missing_fields_are_those_that_no_record_has_and_nothing_stands_in_for() {
    // `shop` and `state` have something else in their place; `price` is renamed.
    let renamed = "doc,sku,pieces,cost\na,X,1,2\n";
    let whole = deliver(&with(""), "sales.csv", renamed);
    let told = [
        "sales_orders missing price 0:0 1",
        "sales_orders unknown cost 0:0 1",
    ];
    assert_eq!(drifted(&whole), told);

    let order = r#"{"no": "1", "when": {"day": "2026-02-24"}, "shop": "S1", "items": []}"#;
    let line = r#"{"no": "2", "when": {"day": "2026-02-24"}, "shop": "S1", "items": [{"sku": "X", "pieces": 1, "price": null}]}"#;
    // Nobody can say what the lines of documents without lines would have had.
    assert_eq!(drifted(&deliver(&with(""), "orders.json", order)), [""; 0]);
    assert_eq!(
        drifted(&deliver(
            &with(""),
            "orders.json",
            format!("{order}\n{line}")
        )),
        [""; 0]
    );
    let other = line
        .replace("\"price\"", "\"cost\"")
        .replace("\"day\"", "\"date\"");
    let told = [
        "sales_orders missing items.price 0:0 2",
        "sales_orders missing when.day 0:0 2",
        "sales_orders unknown items[].cost 0:1 1",
        "sales_orders unknown when.date 0:0 2",
    ];
    let both = format!("{}\n{other}", order.replace("\"day\"", "\"date\""));
    assert_eq!(drifted(&deliver(&with(""), "orders.json", both)), told);
    // Canonical records say themselves what they leave out, and an empty delivery says nothing.
    let product = r#"[{"external_id": "P", "name": "p"}]"#;
    assert_eq!(
        drifted(&deliver(&with(""), "products.json", product)),
        [""; 0]
    );
    assert_eq!(drifted(&deliver(&with(""), "orders.json", "")), [""; 0]);
}

#[test]
fn contracts_of_no_entity_are_mistakes() {
    let mistakes = |contracts: &str| {
        let text = tenant(&format!(
            "[contracts]\n{contracts}\n[datasets.products]\nnumber = 1\n"
        ));
        let file = TenantFile::parse(&text).map_err(|error| error.to_string())?;
        let compiled = Mapping::compile(&file);
        compiled.map_err(|mistakes| mistakes.iter().map(ToString::to_string).collect::<String>())
    };
    assert_eq!(
        mistakes("product = \"freeze\"").unwrap_err(),
        "contracts.product: unknown entity \"product\": did you mean \"products\"?"
    );
    let unknown = mistakes("products = \"frozen\"").unwrap_err();
    assert!(
        unknown.contains("frozen") && unknown.contains("`freeze`"),
        "{unknown}"
    );
    let mapping = mistakes("products = \"freeze\"\nsales_orders = \"evolve\"").unwrap();
    let contract = |entity| mapping.contract(entity);
    assert_eq!(contract(Entity::Products), Contract::Freeze);
    assert_eq!(contract(Entity::SalesOrders), Contract::Evolve);
    assert_eq!(contract(Entity::Customers), Contract::Evolve);
}
