//! A small trading company, from files to SQL: its tables are delivered together on the last day of
//! its books, and every figure that the data's SOURCE.md states is in the database, to the cent.

use std::{env, fs, path::PathBuf};

use anyhow::Result;
use catwing_domain::Entity;
use catwing_recovery::apply::{ApplyReport, Grouping};

use crate::warehouse::Warehouse;

/// Names the folder that holds real data, in folders by name.
const DATASETS: &str = "CATWING_DATASETS";
pub const MAPPING: &str = include_str!("../mappings/northwind.toml");
/// The last day of the company's books.
pub const LAST_DAY: &str = "1998-05-06";

/// The folder of the files, where this machine has them.
pub fn folder() -> Option<PathBuf> {
    let folder = PathBuf::from(env::var_os(DATASETS)?).join("northwind");
    folder.is_dir().then_some(folder)
}

/// What a test says that runs on them and has none.
pub fn say_absent() -> Result<()> {
    catwing_tests::skip(&format!(
        "{DATASETS} names no folder that has northwind in it"
    ))
}

/// The files without the remarks beside them.
pub fn files_of(folder: &PathBuf) -> Result<tempfile::TempDir> {
    let files = tempfile::tempdir()?;
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if let Some(name) = path
            .file_name()
            .filter(|name| name.to_string_lossy().ends_with(".csv"))
        {
            fs::copy(&path, files.path().join(name))?;
        }
    }
    Ok(files)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_company_is_in_the_database_to_the_cent() -> Result<()> {
    let Some(folder) = folder() else {
        return say_absent();
    };
    let files = files_of(&folder)?;
    let warehouse = Warehouse::create(MAPPING).await?;
    let imported = warehouse.import_day(files.path(), LAST_DAY).await?;
    assert_eq!((imported.landed(), imported.entries.len()), (12, 1));
    let pending = warehouse.pending().await?;
    let report = warehouse.apply(&pending, Grouping::default()).await?;
    check_report(&report);
    assert!(warehouse.pending().await?.is_empty());
    warehouse.check_books().await?;
    for (query, expected) in FIGURES {
        let found = warehouse.rows(query).await?;
        assert_eq!(found, *expected, "{query}");
    }
    Ok(())
}

fn check_report(report: &ApplyReport) {
    let counted = |entity| {
        let counts = report.of(entity);
        assert_eq!(
            (counts.superseded, counts.duplicate, counts.quarantined),
            (0, 0, 0)
        );
        (counts.source_rows, counts.read, counts.won)
    };
    assert_eq!(counted(Entity::SalesOrders), (830 + 2_155, 830, 830));
    assert_eq!(counted(Entity::Products), (77, 77, 77));
    assert_eq!(counted(Entity::Inventory), (77, 77, 77));
    assert_eq!(counted(Entity::Suppliers), (29, 29, 29));
    assert_eq!(counted(Entity::Customers), (91, 91, 91));
    assert!(report.refused.is_empty());
    // Employees, territories, regions, states and shippers have no entity.
    assert_eq!(report.unmapped.len(), 6);
    assert_eq!(report.rows_written["sales_order_lines"], 2_155);
}

/// Queries with the rows that they must give: what SOURCE.md says, in its order.
const FIGURES: &[(&str, &[&str])] = &[
    (
        "select (select count(*) from sales_orders) as orders, (select count(*) from sales_order_lines) as lines, \
         (select count(*) from products) as products, (select count(*) from suppliers) as suppliers, \
         (select count(*) from customers) as customers, (select count(*) from product_categories) as categories, \
         (select count(*) from locations) as locations, (select count(*) from quarantine) as refused",
        &["830|2155|77|29|91|8|1|0"],
    ),
    (
        "select min(order_date) as first, max(order_date) as last, count(distinct order_date) as days, \
         count(*) filter (where shipped_date is null) as open, \
         count(*) filter (where shipped_date > requested_date) as late, sum(freight_value) as freight from sales_orders",
        &["1996-07-04|1998-05-06|480|21|37|64942.6900"],
    ),
    (
        "select s.name, count(*) from sales_orders as o join sales_order_statuses as s on s.id = o.sales_order_status_id group by 1 order by 1",
        &["open|21", "shipped|809"],
    ),
    (
        "select sum(qty) as quantity, sum(round(qty * unit_price, 4)) as gross, sum(discount_value) as discounts, \
         sum(line_value) as net, min(discount_rate) as least, max(discount_rate) as most from sales_order_lines",
        &["51317.000|1354458.5900|88665.5505|1265793.0395|0.000000|0.250000"],
    ),
    (
        "select extract(year from order_date) as year, sum(total_value) as net from sales_orders group by 1 order by 1",
        &["1996|208083.9700", "1997|617085.2035", "1998|440623.8660"],
    ),
    (
        "select external_id, customer_name, country from customers as c where is_active and not exists \
         (select from sales_orders where customer_id = c.id) order by 1",
        &[
            "FISSA|FISSA Fabrica Inter. Salchichas S.A.|Spain",
            "PARIS|Paris sp\u{e9}cialit\u{e9}s|France",
        ],
    ),
    (
        "select snapshot_date, count(*) as products, sum(on_hand_qty) as stock, sum(on_hand_qty * declared_price) as at_list_price \
         from inventory_quantities as i join products as p on p.id = i.product_id group by 1",
        &["1998-05-06|77|3119.000|73953.3500000"],
    ),
    (
        "select s.name, is_active, count(*) from products as p join product_statuses as s on s.id = p.product_status_id group by 1, 2 order by 1",
        &["active|true|67", "discontinued|false|10"],
    ),
    // There is no cost: what stock is worth is unknown. The list price counts where no other is in force.
    (
        "select count(declared_cost) as costs, count(cost) as derived_costs, count(*) filter (where price = declared_price) as prices, \
         count(supplier_id) as suppliers from products",
        &["0|0|77|77"],
    ),
    (
        "select c.name, count(*) from products as p join product_categories as c on c.id = p.product_category_id group by 1 order by c.name collate \"C\"",
        &[
            "Beverages|12",
            "Condiments|12",
            "Confections|13",
            "Dairy Products|10",
            "Grains/Cereals|7",
            "Meat/Poultry|6",
            "Produce|5",
            "Seafood|12",
        ],
    ),
    (
        "select external_id, supplier_name, country, source_rank from suppliers where external_id in ('1', '29') order by 1",
        &[
            "1|Exotic Liquids|UK|3",
            "29|For\u{ea}ts d'\u{e9}rables|Canada|3",
        ],
    ),
    // A line's key is its order and its place in the file; its own row is in its own file.
    (
        "select o.external_id, l.line_no, p.product_name, l.qty, l.unit_price, l.line_value from sales_orders as o \
         join sales_order_lines as l on l.sales_order_id = o.id join products as p on p.id = l.product_id \
         where o.external_id = '10248' order by 2",
        &[
            "10248|1|Queso Cabrales|12.000|14.0000|168.0000",
            "10248|2|Singaporean Hokkien Fried Mee|10.000|9.8000|98.0000",
            "10248|3|Mozzarella di Giovanni|5.000|34.8000|174.0000",
        ],
    ),
    (
        "select code from cw_global.currencies where id in (select currency_id from sales_orders)",
        &["USD"],
    ),
    (
        "select snapshot_date, scope from inventory_sets",
        &["1998-05-06|"],
    ),
];
