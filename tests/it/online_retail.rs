//! A real retailer's sales, from files to SQL: every figure that the data's SOURCE.md states, to the
//! cent. Where a figure is of text that no table keeps, it is counted in the files, beside what the
//! tables make of it.

use std::{
    collections::{BTreeMap, BTreeSet},
    env,
    path::PathBuf,
};

use anyhow::{Result, ensure};
use catwing_domain::Entity;
use catwing_recovery::apply::{ApplyReport, Grouping};

use crate::warehouse::Warehouse;

/// Names the folder that holds real data, in folders by name.
const DATASETS: &str = "CATWING_DATASETS";
pub const MAPPING: &str = include_str!("../mappings/online-retail.toml");
/// How the files are named.
pub const PATTERN: &str = "%Y-%m-%d";

/// The folder of the 44 files, where this machine has them.
pub fn folder() -> Option<PathBuf> {
    let folder = PathBuf::from(env::var_os(DATASETS)?).join("online-retail");
    folder.is_dir().then_some(folder)
}

/// What a test says that runs on them and has none.
pub fn say_absent() -> Result<()> {
    catwing_tests::skip(&format!(
        "{DATASETS} names no folder that has online-retail in it"
    ))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_files_are_in_the_database_to_the_cent() -> Result<()> {
    let Some(folder) = folder() else {
        return say_absent();
    };
    let warehouse = Warehouse::create(MAPPING).await?;
    let imported = warehouse.import(&folder, PATTERN).await?;
    assert_eq!((imported.landed(), imported.entries.len()), (44, 44));
    let pending = warehouse.pending().await?;
    let report = warehouse.apply(&pending, Grouping::default()).await?;
    check_report(&report);
    assert!(warehouse.pending().await?.is_empty());
    warehouse.check_books().await?;
    check_books_of_orders(&warehouse).await?;
    for (query, expected) in FIGURES {
        let found = warehouse.rows(query).await?;
        assert_eq!(found, *expected, "{query}");
    }
    check_names(&warehouse, &Descriptions::read(&folder)?).await
}

fn check_report(report: &ApplyReport) {
    let orders = report.of(Entity::SalesOrders);
    assert_eq!(report.deliveries, 44);
    assert_eq!((orders.source_rows, orders.read), (77_628, 3_501));
    assert_eq!(
        (orders.won, orders.superseded, orders.duplicate),
        (3_501, 0, 0)
    );
    assert_eq!((orders.quarantined, orders.rows_skipped), (0, 0));
    assert!(report.refused.is_empty() && report.unmapped.is_empty());
    assert!(report.unknown_fields.is_empty(), "{report:?}");
    assert_eq!(report.rows_written["sales_order_lines"], 77_628);
}

/// No file feeds another entity, nothing was refused, and each file is a delivery of its own.
async fn check_books_of_orders(warehouse: &Warehouse) -> Result<()> {
    let books = "select entity, count(distinct entry_number) as entries, sum(source_rows) as rows, \
         sum(records_read) as read, sum(records_won) as won, sum(records_superseded) as superseded, \
         sum(records_duplicate) as duplicate, sum(records_quarantined) as quarantined, \
         sum(rows_skipped) as skipped, sum(versions_cut) as cut from load_counts group by entity";
    assert_eq!(
        warehouse.rows(books).await?,
        ["sales_orders|44|77628|3501|3501|0|0|0|0|0"]
    );
    assert_eq!(warehouse.row("select count(*) from quarantine").await?, "0");
    Ok(())
}

/// Descriptions as the files have them, by stock code.
struct Descriptions {
    by_code: BTreeMap<String, BTreeSet<String>>,
    without: usize,
    with_outer_spaces: usize,
    /// Documents that bear more than one minute.
    of_two_minutes: usize,
}

impl Descriptions {
    fn read(folder: &PathBuf) -> Result<Self> {
        let mut by_code = BTreeMap::<_, BTreeSet<_>>::new();
        let mut minutes = BTreeMap::<String, BTreeSet<String>>::new();
        let (mut without, mut with_outer_spaces) = (0, 0);
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            if path.extension().is_none_or(|extension| extension != "csv") {
                continue;
            }
            for row in csv::Reader::from_path(path)?.into_records() {
                let row = row?;
                let text = |column: usize| row.get(column).unwrap_or_default().to_owned();
                let description = text(2);
                without += usize::from(description.trim().is_empty());
                with_outer_spaces += usize::from(description.trim() != description);
                by_code.entry(text(1)).or_default().insert(description);
                minutes.entry(text(0)).or_default().insert(text(4));
            }
        }
        Ok(Self {
            by_code,
            without,
            with_outer_spaces,
            of_two_minutes: minutes.values().filter(|of| of.len() > 1).count(),
        })
    }
}

/// Names are dirty in the files and clean in the table, and who has none is called by the code.
async fn check_names(warehouse: &Warehouse, files: &Descriptions) -> Result<()> {
    let several = files.by_code.values().filter(|names| names.len() > 1);
    assert_eq!((files.without, files.with_outer_spaces), (239, 14_866));
    assert_eq!((several.count(), files.of_two_minutes), (192, 8));
    let found = warehouse
        .rows("select external_id, product_name from products")
        .await?;
    assert_eq!(found.len(), files.by_code.len());
    let mut without_any = 0;
    for row in found {
        let (code, name) = row.split_once('|').unwrap_or_default();
        let delivered = &files.by_code[code];
        if delivered.iter().all(|name| name.trim().is_empty()) {
            without_any += 1;
            ensure!(name == code, "{code} is called {name}");
        }
        let known = delivered.iter().any(|delivered| delivered.trim() == name);
        ensure!(known || name == code, "{code} is called {name}");
    }
    assert_eq!(without_any, 55);
    Ok(())
}

/// Queries with the rows that they must give: what SOURCE.md says, in its order.
const FIGURES: &[(&str, &[&str])] = &[
    (
        "select (select count(*) from sales_order_lines) as rows, \
         (select count(*) from sales_orders) as documents, \
         (select count(*) from products) as products, \
         (select count(distinct lower(external_id)) from products) as folded, \
         (select count(*) from customers) as customers, (select count(*) from locations) as locations",
        &["77628|3501|3051|2982|1369|28"],
    ),
    (
        "select sum(line_value) as value, sum(qty) as quantity, \
         count(*) filter (where qty < 0) as negative, count(*) filter (where unit_price = 0) as free, \
         sum(line_value - round(qty * unit_price, 4)) as difference from sales_order_lines",
        &["1308957.2800|651194.000|1595|413|0.0000"],
    ),
    (
        "select sum(times - 1) as surplus from (select count(*) as times from sales_order_lines \
         group by sales_order_id, product_id, qty, unit_price) as same",
        &["747"],
    ),
    (
        "select t.name, count(distinct o.id) as documents, count(*) as rows, sum(qty) as quantity, \
         sum(line_value) as value, count(distinct customer_id) as customers from sales_orders as o \
         join sales_order_types as t on t.id = o.sales_order_type_id \
         join sales_order_lines as l on l.sales_order_id = o.id group by 1 order by 1",
        &[
            "adjustment|270|270|-272.000|0.0000|0",
            "return|586|1429|-95887.000|-206153.4200|402",
            "sale|2645|75929|747353.000|1515110.7000|1302",
        ],
    ),
    (
        "select count(distinct o.id) as documents, count(*) as rows from sales_orders as o \
         join sales_order_lines as l on l.sales_order_id = o.id where customer_id is null",
        &["557|28866"],
    ),
    (
        "select location_name, count(*) as rows, count(distinct o.id) as documents, \
         sum(line_value) as value from sales_orders as o join locations as p on p.id = o.location_id \
         join sales_order_lines as l on l.sales_order_id = o.id \
         where location_name in ('United Kingdom', 'Germany', 'EIRE') group by 1 order by 2 desc",
        &[
            "United Kingdom|72025|3212|1111050.9200",
            "Germany|1391|83|31014.2700",
            "EIRE|592|31|30686.4700",
        ],
    ),
    (
        "select c.external_id from sales_orders as o join customers as c on c.id = o.customer_id \
         join (select id, external_id as location from locations) as p on p.id = o.location_id \
         group by 1 having count(distinct location) > 1",
        &["12370"],
    ),
    (
        "select p.external_id, count(*) as rows, sum(count(*)) over () as all_rows, \
         sum(sum(line_value)) over () as all_value from sales_order_lines as l \
         join products as p on p.id = l.product_id where product_kind = 'service' \
         group by 1 order by 2 desc, p.external_id collate \"C\"",
        &[
            "POST|151|371|-31909.3300",
            "DOT|116|371|-31909.3300",
            "M|63|371|-31909.3300",
            "C2|15|371|-31909.3300",
            "AMAZONFEE|9|371|-31909.3300",
            "D|9|371|-31909.3300",
            "BANK CHARGES|5|371|-31909.3300",
            "S|2|371|-31909.3300",
            "m|1|371|-31909.3300",
        ],
    ),
    (
        "select order_date, count(*) as rows, count(distinct o.id) as documents, \
         sum(line_value) as value from sales_orders as o \
         join sales_order_lines as l on l.sales_order_id = o.id \
         where order_date in ('2010-12-01', '2011-01-31') group by 1 order by 1",
        &[
            "2010-12-01|3108|143|58635.5600",
            "2011-01-31|1509|85|22364.6500",
        ],
    ),
    (
        "select to_char(order_date, 'YYYY-MM') as month, sum(total_value) as value, \
         count(distinct order_date) as days from sales_orders group by 1 order by 1",
        &["2010-12|748957.0200|20", "2011-01|560000.2600|24"],
    ),
    (
        "select to_char(order_date, 'IYYY-\"W\"IW') as week, sum(total_value) as value \
         from sales_orders group by 1 order by 1",
        &[
            "2010-W48|181847.2500",
            "2010-W49|270287.0300",
            "2010-W50|207052.1700",
            "2010-W51|89770.5700",
            "2011-W01|93720.9300",
            "2011-W02|190994.9600",
            "2011-W03|133782.9100",
            "2011-W04|119136.8100",
            "2011-W05|22364.6500",
        ],
    ),
    (
        "select o.external_id, order_date, sum(qty) as quantity from sales_orders as o \
         join sales_order_lines as l on l.sales_order_id = o.id \
         where o.external_id in ('541431', 'C541433') group by 1, 2 order by 1",
        &[
            "541431|2011-01-18|74215.000",
            "C541433|2011-01-18|-74215.000",
        ],
    ),
    // Each document came from the file of its own day, and its lines are numbered as delivered.
    (
        "select count(*) from sales_orders where order_date <> date '1970-01-01' + (raw_position >> 47)::int",
        &["0"],
    ),
    (
        "select count(*) from (select max(line_no) - count(*) as gaps from sales_order_lines \
         group by sales_order_id) as documents where gaps <> 0",
        &["0"],
    ),
    (
        "select code, name from cw_global.currencies where id in (select currency_id from sales_orders)",
        &["GBP|Pound Sterling"],
    ),
    (
        "select count(*) from products where product_name <> btrim(product_name)",
        &["0"],
    ),
];
