//! Objects of one delivery that are joined by key: lines that are rows of another dataset, and values
//! that are looked up in one.

use catwing_domain::{Entity, TableId};
use catwing_transform::{Mapping, Transform, TransformError, Whole, preview, transform};

use crate::fixture::{DAY, cases, column, described, mapping, problems};

/// Orders and their lines in two datasets, and the names of sales channels in a third.
pub fn shop() -> Mapping {
    mapping(
        r#"
        [datasets.orders]
        number = 20
        format = { type = "csv" }
        [datasets.orders.feeds.sales_orders]
        document = "no"
        where = { path = "state", ne = "draft" }
        [datasets.orders.feeds.sales_orders.fields]
        external_id = "no"
        order_date = "day"
        location_external_id = { value = "S1" }
        channel = { lookup = { dataset = "channels", key = { path = "code", case = "upper" }, equals = { path = "channel", case = "upper" }, path = "title" }, trim = true }
        type = { first_of = [{ value = "return", when = { every_line = { path = "pieces", lt = 0 } } }, { value = "sale" }] }
        [datasets.orders.feeds.sales_orders.fields.lines]
        dataset = "items"
        on = "order_no"
        [datasets.orders.feeds.sales_orders.fields.lines.fields]
        product_external_id = "sku"
        qty = "pieces"
        unit_price = "price"
        external_id = { join = ["^no", "id"], separator = "/" }
        [datasets.items]
        number = 21
        format = { type = "ndjson" }
        [datasets.channels]
        number = 22
        format = { type = "csv", delimiter = ";" }
        "#,
    )
}

const ORDERS: &str =
    "no,day,channel,state\n1,2026-02-24,w,open\n2,2026-02-24,,open\n3,2026-02-24,s,draft\n";
const ITEMS: &str = r#"{"order_no": 2, "id": 1, "sku": "A", "pieces": 2, "price": "1.50"}
{"order_no": "1", "id": 1, "sku": "B", "pieces": 1, "price": 3}
{"order_no": 3, "id": 1, "sku": "C", "pieces": 1, "price": 3}
{"order_no": "1", "id": 2, "sku": "A", "pieces": 4, "price": 2}
"#;
const CHANNELS: &str = "code;title\nW; Web \ns;Store\n";

fn delivered(mapping: &Mapping, files: &[(&str, &str)]) -> Result<Whole, TransformError> {
    let files: Vec<_> = files
        .iter()
        .map(|(name, bytes)| (name.parse().unwrap(), bytes.as_bytes()))
        .collect();
    transform(mapping, DAY.parse().unwrap(), &files)
}

/// The shop's delivery with some files replaced; an empty name takes one away.
fn shop_with(changes: &[(&str, &str)]) -> Whole {
    let mut files = vec![
        ("orders.csv", ORDERS),
        ("items.ndjson", ITEMS),
        ("channels.csv", CHANNELS),
    ];
    for (name, bytes) in changes {
        files.retain(|(other, _)| other != name);
        if *bytes != "absent" {
            files.push((name, bytes));
        }
    }
    delivered(&shop(), &files).unwrap()
}

/// Rows of each object, of its records, of its rejects, and left out.
fn counts(whole: &Whole) -> Vec<(usize, u64, u64, u64, u64)> {
    let counts = whole.summary.counts.iter();
    let one = |((object, entity), counts): (&(usize, Entity), &catwing_domain::ObjectCounts)| {
        assert_eq!(*entity, Entity::SalesOrders);
        let (rows, records) = (counts.source_rows, counts.records_read);
        (
            *object,
            rows,
            records,
            counts.rows_quarantined,
            counts.rows_skipped,
        )
    };
    counts.map(one).collect()
}

#[test]
fn lines_are_rows_of_another_dataset() {
    let whole = shop_with(&[]);
    assert_eq!(problems(&whole), [""; 0]);
    assert!(whole.summary.drift.is_empty(), "{:?}", whole.summary.drift);
    assert!(whole.summary.unmapped.is_empty());
    let order = |name| column(&whole, TableId::SalesOrders, name);
    assert_eq!(
        (order("external_id"), order("total_value")),
        (
            vec!["1".to_owned(), "2".to_owned()],
            vec!["11.0000".to_owned(), "3.0000".to_owned()]
        )
    );
    let line = |name| column(&whole, TableId::SalesOrderLines, name);
    assert_eq!(line("external_id"), ["1/1", "1/2", "2/1"]);
    assert_eq!(line("line_no"), ["1", "2", "1"]);
    // A line lies in its own dataset's object, and its unit in its header's.
    let places: Vec<_> = line("raw_position")
        .iter()
        .map(|bits| catwing_domain::RawPosition::from_bits(bits.parse().unwrap()))
        .map(|position| (position.dataset(), position.place(false).ordinal))
        .collect();
    assert_eq!(places, [(21, 1), (21, 3), (21, 0)]);
    let units = &whole.output.part_units[&TableId::SalesOrderLines];
    let units: Vec<_> = units
        .iter()
        .map(|unit| (unit.dataset(), unit.place(false).ordinal))
        .collect();
    assert_eq!(units, [(20, 0), (20, 0), (20, 1)]);
    // What the mapping leaves out takes its lines with it.
    assert_eq!(counts(&whole), [(0, 3, 2, 0, 1), (1, 4, 0, 0, 1)]);
    // A channel's name is looked up; where none is said, there is none.
    assert_eq!(column(&whole, TableId::SalesChannels, "name"), ["Web"]);
    assert_eq!(order("sales_channel_id")[1], "-");
}

#[test]
fn conditions_ask_of_all_joined_lines() {
    let items = r#"{"order_no": 1, "id": 1, "sku": "A", "pieces": -2, "price": "1.50"}"#;
    let whole = shop_with(&[("items.ndjson", items)]);
    assert_eq!(problems(&whole), [""; 0]);
    // A record without lines is whole too, and of no lines every one is as asked.
    assert_eq!(column(&whole, TableId::SalesOrderTypes, "name"), ["return"]);
    assert_eq!(
        column(&whole, TableId::SalesOrders, "total_value"),
        ["-3.0000", "0.0000"]
    );
}

/// What is changed in a delivery, what is said of it, and the rows of orders and of items that are
/// refused.
const REFUSED: &str = r##"
items.ndjson | absent | missing lines - are rows of items, which the delivery does not have; missing lines - are rows of items, which the delivery does not have | 2 | 0
orders.csv | absent | consistency document "2" is a key of orders, which the delivery does not have, of its lines in items; consistency document "1" is a key of orders, which the delivery does not have, of its lines in items; consistency document "3" is a key of orders, which the delivery does not have, of its lines in items | 0 | 4
orders.csv | no,day,channel,state~1,2026-02-24,w,open~3,2026-02-24,,draft | consistency document "2" is the key of no row of orders, whose lines the rows of items are | 0 | 1
orders.csv | no,day,channel,state~1,2026-02-24,,open~1,2026-02-24,,open~2,2026-02-24,,open~3,,,draft~3,,,draft | repeated document - 2 rows of orders have this key: a record has one | 2 | 2
orders.csv | no,day,channel,state~1,2026-02-24,,open~2,2026-02-24,open~3,,,draft | format - - the row has 3 fields where the header has 4 | 1 | 1
orders.csv | no,day,channel,state~1,2026-02-24,x,open~2,2026-02-24,,open~3,,,draft | consistency channel "X" is the key of no row of channels: where that may be, say optional = true | 1 | 2
channels.csv | absent | consistency channel "W" is looked up in channels, which the delivery does not have | 1 | 2
channels.csv | code;title~w;Web~W;Web~ | consistency channel "W" is the key of 2 rows of channels: nobody can say which is meant | 1 | 2
"##;

#[test]
fn what_is_not_there_is_told() {
    for [file, bytes, expected, orders, items] in cases(REFUSED) {
        let whole = shop_with(&[(file, &bytes.replace('~', "\n"))]);
        assert_eq!(problems(&whole).join("; "), expected, "{file} {bytes}");
        let refused = |dataset: u8| {
            let names = ["orders.csv", "items.ndjson", "channels.csv"];
            let mut order: Vec<_> = names.into_iter().filter(|name| *name != file).collect();
            if bytes != "absent" {
                order.push(file);
            }
            let wanted = names[usize::from(dataset)];
            let object = order.iter().position(|name| *name == wanted);
            let all = counts(&whole);
            let found = all.iter().find(|(index, ..)| Some(*index) == object);
            found.map_or(0, |(_, _, _, rows, _)| *rows).to_string()
        };
        assert_eq!(
            (refused(0), refused(1)),
            (orders.to_owned(), items.to_owned()),
            "{file} {bytes}"
        );
    }
}

#[test]
fn a_line_that_says_not_whose_it_is_is_refused_by_itself() {
    let items = format!("{ITEMS}{{\"id\": 9}}\nnonsense\n{{\"order_no\": 1, \"order_no\": 1}}\n");
    let whole = shop_with(&[("items.ndjson", &items)]);
    let told = problems(&whole);
    assert_eq!(told.len(), 3, "{told:?}");
    assert!(
        told[0]
            .starts_with("missing document - is required, and the record has no key \"order_no\""),
        "{told:?}"
    );
    assert!(told[1].starts_with("format - - not JSON: "), "{told:?}");
    assert!(
        told[2].starts_with("format - - the key \"order_no\" is there twice"),
        "{told:?}"
    );
    assert_eq!(whole.output.units.len(), 2);
    // A bad line that says whose it is takes its order with it.
    let items = ITEMS.replace("\"pieces\": 4", "\"pieces\": \"x\"");
    let whole = shop_with(&[("items.ndjson", &items)]);
    assert_eq!(whole.output.rejects.len(), 1);
    assert_eq!(whole.output.rejects[0].source_rows, 3);
    assert_eq!(whole.output.units.len(), 1);
}

#[test]
fn rows_that_nothing_can_be_looked_up_in_are_refused_once() {
    let whole = shop_with(&[("channels.csv", "code;title\nW;Web\n;Nobody\nX;Y;Z\n")]);
    let expected = [
        "missing lookup \"\" the row has no key to be looked up by",
        "format - - the row has 3 fields where the header has 2",
    ];
    assert_eq!(problems(&whole), expected);
    assert_eq!(whole.output.units.len(), 2);
    assert_eq!(counts(&whole)[2], (2, 2, 2, 2, 0));
    let whole = shop_with(&[("channels.csv", "")]);
    let told = problems(&whole);
    assert!(
        told[0].starts_with("format - - the file is empty"),
        "{told:?}"
    );
    assert!(
        told[1]
            .ends_with("is the key of no row of channels: where that may be, say optional = true"),
        "{told:?}"
    );
}

#[test]
fn a_key_that_may_lead_nowhere_gives_no_value() {
    let mapping = mapping(
        r#"
        [datasets.items]
        number = 1
        [datasets.items.feeds.products.fields]
        external_id = "id"
        name = { lookup = { dataset = "names", key = "id", equals = "id", path = "name", optional = true }, default = "unnamed" }
        price = { lookup = { dataset = "names", key = "id", equals = "id", path = "price" } }
        [datasets.names]
        number = 2
        "#,
    );
    let told = |names: &str| {
        let whole = delivered(
            &mapping,
            &[("items.json", r#"[{"id": 1}]"#), ("names.json", names)],
        );
        let whole = whole.unwrap();
        let names = column(&whole, TableId::Products, "product_name");
        let prices = column(&whole, TableId::Products, "declared_price");
        (names.concat(), prices.concat(), problems(&whole).concat())
    };
    // The key of one is a number and of the other a text: both are written alike.
    let expected = ("Chai".to_owned(), "2.5000".to_owned(), String::new());
    assert_eq!(
        told(r#"[{"id": "1", "name": "Chai", "price": 2.50}]"#),
        expected
    );
    let (name, _, problem) = told("[]");
    assert_eq!(
        (name.as_str(), problem.as_str()),
        (
            "",
            "consistency price \"1\" is the key of no row of names: where that may be, say optional = true"
        )
    );
    let (_, _, problem) = told(r#"[{"id": "1", "name": ["Chai"]}]"#);
    assert_eq!(problem, "type name \"a list or record\" is not a text");
}

#[test]
fn what_values_are_looked_up_in_has_a_limit() {
    let row = |n: usize| format!("{{\"id\": {n}, \"name\": \"{}\"}}\n", "n".repeat(900));
    let names: String = (0..18_000).map(row).collect();
    let mapping = mapping(
        r#"
        [datasets.items]
        number = 1
        [datasets.items.feeds.products.fields]
        external_id = "id"
        name = { lookup = { dataset = "names", key = "id", equals = "id", path = "name" } }
        [datasets.names]
        number = 2
        format = { type = "ndjson" }
        "#,
    );
    let error = delivered(&mapping, &[("items.json", "[]"), ("names.ndjson", &names)]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "failed to look values up in names: its rows take more than 16777216 bytes; make them lines of their records instead, or leave columns out"
    );
}

#[test]
fn any_partitions_of_joined_rows_come_to_the_same() {
    let mapping = shop();
    let order = |n| format!("{n},2026-02-24,w,open\n");
    let item = |n: usize| {
        let no = n % 300;
        format!(
            "{{\"order_no\": {no}, \"id\": {n}, \"sku\": \"A\", \"pieces\": 1, \"price\": 1}}\n"
        )
    };
    let orders: String = (0..250).map(order).collect();
    let orders = format!("no,day,channel,state\n{orders}");
    let items: String = (0..1_200).map(item).collect();
    let files = [
        ("orders.csv", orders.as_str()),
        ("items.ndjson", items.as_str()),
        ("channels.csv", CHANNELS),
    ];
    let whole = delivered(&mapping, &files).unwrap();
    assert_eq!(
        (whole.output.units.len(), whole.output.rejects.len()),
        (250, 50)
    );
    let sorted = |table: TableId, output: &catwing_domain::Output| {
        let mut rows: Vec<_> = output.rows[&table]
            .iter()
            .map(|row| format!("{:?}", row.collect::<Vec<_>>()))
            .collect();
        rows.sort();
        rows
    };
    for bytes in [1_000, 20_000, 60_000] {
        let objects = described(&mapping, &files);
        let mut transform =
            Transform::new(&mapping, DAY.parse().unwrap(), objects).with_partition_bytes(bytes);
        let (mut output, mut readings) = (catwing_domain::Output::default(), 0);
        while let Some(stretch) = transform.next_stretch() {
            readings += 1;
            for index in &stretch.objects {
                transform.begin_object(&stretch, *index);
                transform
                    .feed(files[*index].1.as_bytes(), true, &mut output)
                    .unwrap();
            }
            while transform.assemble(&stretch, &mut output).unwrap() {}
        }
        let summary = transform.finish(&mut output).unwrap();
        assert!(readings > 1, "{readings}");
        for table in [
            TableId::SalesOrders,
            TableId::SalesOrderLines,
            TableId::SalesChannels,
        ] {
            assert_eq!(
                sorted(table, &output),
                sorted(table, &whole.output),
                "{bytes}"
            );
        }
        assert_eq!(summary.counts, whole.summary.counts, "{bytes}");
        assert_eq!(output.rejects.len(), 50, "{bytes}");
    }
}

#[test]
fn a_preview_shows_joined_records() {
    let files: Vec<_> = [
        ("orders.csv", ORDERS),
        ("items.ndjson", ITEMS),
        ("channels.csv", CHANNELS),
    ]
    .iter()
    .map(|(name, bytes)| (name.parse().unwrap(), bytes.as_bytes()))
    .collect();
    let previews = preview(&shop(), DAY.parse().unwrap(), &files, 1).unwrap();
    assert_eq!(previews.len(), 1);
    assert_eq!(previews[0].record["lines"][1]["external_id"], "1/2");
    assert_eq!(previews[0].record["channel"], "Web");
}

/// Settings of the shop's lines or channel, and what is wrong with them.
const MISTAKES: &str = r##"
lines = { dataset = "items", fields = {} } | fields.lines: lines of another dataset are { dataset = "name", on = EXPRESSION, fields = { ... } }, on being the key in their rows
lines = { dataset = "itms", on = "no", fields = { product_external_id = "s", qty = "n", unit_price = "p" } } | fields.lines.dataset: unknown dataset "itms": did you mean "items"?
lines = { dataset = "orders", on = "no", fields = { product_external_id = "s", qty = "n", unit_price = "p" } } | fields.lines.dataset: is this dataset itself: name another one
lines = { dataset = "items", on = "no", rows = true, fields = {} } | fields.lines: a list is { each = "path", fields = { ... } }, { rows = true, fields = { ... } }, or { dataset = "name", on = EXPRESSION, fields = { ... } }
lines = { dataset = "items", on = "^no", fields = { product_external_id = "s", qty = "n", unit_price = "p" } } | fields.lines.on: "^no" leads out of the record: there is no record around it
lines = { dataset = "items", on = "no", fields = { product_external_id = "s", qty = "n", unit_price = "p", updates = { dataset = "channels", on = "no", fields = {} } } } | fields.lines.fields.updates: rows of another dataset are lines of a record, not of one of its lines
status = { path = "state", pick = "greatest" } | fields.status.pick: pick goes with fields of a document's header whose lines are rows
channel = { lookup = "channels" } | fields.channel.lookup: lookup is { dataset = "name", key = EXPRESSION over its rows, equals = EXPRESSION, path = "what is wanted" }
channel = { lookup = { dataset = "channels", key = "code", equals = "c", path = "t", optional = 1 } } | fields.channel.lookup.optional: optional is true or false
channel = { lookup = { dataset = "channels", key = "code", equals = "c", path = "t", of = 1 } } | fields.channel.lookup: unknown setting "of": there is dataset, key, equals, path, optional
channel = { lookup = { dataset = "items", key = "code", equals = "c", path = "t" } } | feed: items is asked of already, by orders: a dataset gives either lines to another or values to be looked up
channel = { lookup = { dataset = "sales_orders", key = "code", equals = "c", path = "t" } } | feed: sales_orders feeds sales_orders itself, so it can't be asked of by another one's sales_orders
"##;

#[test]
fn mistakes_of_joins() {
    const FEED: &str = "datasets.orders.feeds.sales_orders";
    let lines = r#"lines = { dataset = "items", on = "no", fields = { product_external_id = "s", qty = "n", unit_price = "p" } }"#;
    for [setting, expected] in cases(MISTAKES) {
        let lines = if setting.starts_with("lines") {
            ""
        } else {
            lines
        };

        let told = crate::mistakes::in_datasets(&format!(
            r#"
            [datasets.orders]
            number = 20
            [{FEED}]
            document = "no"
            [{FEED}.fields]
            external_id = "no"
            order_date = "day"
            location_external_id = "place"
            {lines}
            {setting}
            [datasets.items]
            number = 21
            [datasets.channels]
            number = 22
            feeds = {{ customers = {{}} }}
            [datasets.sales_orders]
            number = 23

            "#
        ));
        let short = |told: &String| told.replace(&format!("{FEED}."), "").replace(FEED, "feed");
        let told: Vec<_> = told.iter().map(short).collect();
        assert_eq!(told, [expected], "{setting}");
    }
    let feed = "datasets.things.feeds.products";
    let told = crate::mistakes::in_datasets(&format!(
        r#"
        [datasets.things]
        number = 1
        [{feed}]
        document = "id"
        [{feed}.fields]
        external_id = "id"
        name = "name"
        images = {{ rows = true, fields = {{ s3_key = "image" }} }}
        translations = {{ dataset = "texts", on = "id", fields = {{ language = "l", field = "f", value = "v" }} }}
        [datasets.texts]
        number = 2
        "#
    ));
    let expected = format!(
        "{feed}: a record has one list of another dataset's rows, and no other list of rows beside it"
    );
    assert_eq!(told, [expected]);
    // Nobody asks of it and it is no entity.
    let told = crate::mistakes::in_datasets("[datasets.prodcts]\nnumber = 1");
    assert_eq!(
        told,
        [r#"datasets.prodcts: unknown entity "prodcts": did you mean "products"?"#]
    );
}
