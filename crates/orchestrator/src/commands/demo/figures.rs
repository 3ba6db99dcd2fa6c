//! The simulated retailer's totals beside those that SQL finds, kind by kind and day by day.

use std::collections::BTreeMap;

use anyhow::Result;
use catwing_domain::TenantId;
use catwing_simulator::{Dataset, DocumentTotals, Erp, Pending, Sold, StockTotals, Totals};
use sea_orm::{DatabaseTransaction, DbBackend, FromQueryResult, Statement};
use serde::Serialize;

use crate::{Session, journal};

/// Values by what they are values of.
type Values = BTreeMap<String, String>;

/// One figure from both sides, as text; a side that has none is absent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Figure {
    pub what: String,
    pub simulated: Option<String>,
    pub database: Option<String>,
}

impl Figure {
    pub(super) fn agrees(&self) -> bool {
        self.simulated == self.database
    }
}

/// All figures of one subject.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Subject {
    pub what: &'static str,
    pub figures: Vec<Figure>,
}

impl Subject {
    fn of(what: &'static str, simulated: Values, mut database: Values) -> Self {
        let mut figures: Vec<_> = simulated
            .into_iter()
            .map(|(what, value)| Figure {
                database: database.remove(&what),
                simulated: Some(value),
                what,
            })
            .collect();
        figures.extend(database.into_iter().map(|(what, value)| Figure {
            what,
            simulated: None,
            database: Some(value),
        }));
        Self { what, figures }
    }

    /// Figures that differ.
    pub(super) fn differing(&self) -> impl Iterator<Item = &Figure> {
        self.figures.iter().filter(|figure| !figure.agrees())
    }
}

/// Records that were refused for one reason.
#[derive(Clone, Debug, FromQueryResult, Serialize)]
pub(super) struct Refused {
    pub entity: String,
    pub records: i64,
    pub field: Option<String>,
    pub message: String,
}

#[derive(FromQueryResult)]
struct Pair {
    what: String,
    value: String,
}

const ACTIVE: &str = "
    select 'products on sale' as what, count(*) filter (where is_active)::text as value from products
    union all select 'products retired', count(*) filter (where not is_active)::text from products
    union all select 'suppliers', count(*) filter (where is_active)::text from suppliers
    union all select 'prices', count(*) filter (where is_active)::text from pricing_lists";
const READ: &str = "
    select entity as what, sum(records_read)::text as value from load_counts group by entity";
const REFUSED: &str = "
    select entity, count(*) as records, field, message from quarantine
    group by entity, field, message order by records desc, entity, field, message";
const DOCUMENTS: &str = include_str!("documents.sql");
const STOCK: &str = "
    select snapshot_date::text as what,
        format('%s rows, %s products, %s on hand, %s reserved, %s in transit',
            count(*), count(distinct product_id), sum(on_hand_qty)::numeric(20,3),
            coalesce(sum(reserved_qty), 0)::numeric(20,3),
            coalesce(sum(in_transit_qty), 0)::numeric(20,3)) as value
    from inventory_quantities group by snapshot_date";

/// Every total of the retailer, and what the database and its statistics say of the same thing.
pub(super) async fn compare(
    session: &Session,
    client: TenantId,
    erp: &Erp,
) -> Result<Vec<Subject>> {
    let simulated = erp.totals();
    let transaction = journal::as_loader(session, client).await?;
    let found = async |query: &str| values(&transaction, query).await;
    let all_of = |counts: &BTreeMap<&str, u64>| -> Values {
        let all = counts.iter();
        all.map(|(what, count)| ((*what).to_owned(), count.to_string()))
            .collect()
    };
    let counted = |counts: &BTreeMap<&str, u64>| -> Values {
        let some = counts.iter().filter(|(_, count)| **count > 0);
        some.map(|(what, count)| ((*what).to_owned(), count.to_string()))
            .collect()
    };
    let active = [
        ("products on sale", simulated.products_active),
        ("products retired", simulated.products_retired),
        ("suppliers", simulated.suppliers_active),
        ("prices", simulated.prices_active),
    ];
    let rows = rows_query(simulated.rows.keys());
    let stats = client.stats_schema();
    Ok(vec![
        Subject::of(
            "what is active",
            all_of(&active.into_iter().collect()),
            found(ACTIVE).await?,
        ),
        Subject::of(
            "rows, by table",
            all_of(&simulated.rows),
            found(&rows).await?,
        ),
        Subject::of(
            "records read, by kind",
            counted(&shareless(erp.records_as_they_come())),
            found(READ).await?,
        ),
        Subject::of(
            "records refused, by kind",
            counted(&simulated.refused_by_dataset),
            found(&refused_query()).await?,
        ),
        Subject::of(
            "documents, by kind and day",
            documents(simulated),
            found(DOCUMENTS).await?,
        ),
        Subject::of("stock, by day", stock(simulated), found(STOCK).await?),
        Subject::of(
            "statistics of sales, by day and place",
            sales(simulated),
            found(&sales_query(&stats.to_string())).await?,
        ),
        Subject::of(
            "statistics of stock on the newest day, by place",
            stock_at_end(simulated),
            found(&stock_query(&stats.to_string(), simulated)).await?,
        ),
        Subject::of(
            "statistics of open purchase orders on the last day, by place",
            open_purchases(simulated),
            found(&purchases_query(&stats.to_string(), simulated)).await?,
        ),
    ])
}

/// Why records were refused, the most frequent reason first.
pub(super) async fn refused(session: &Session, client: TenantId) -> Result<Vec<Refused>> {
    let transaction = journal::as_loader(session, client).await?;
    let statement = Statement::from_string(DbBackend::Postgres, REFUSED);
    Ok(Refused::find_by_statement(statement)
        .all(&transaction)
        .await?)
}

async fn values(transaction: &DatabaseTransaction, query: &str) -> Result<Values> {
    let statement = Statement::from_string(DbBackend::Postgres, query);
    let pairs = Pair::find_by_statement(statement).all(transaction).await?;
    let pairs = pairs.into_iter().map(|pair| (pair.what, pair.value));
    Ok(pairs.collect())
}

/// Records of the retailer's own archive: rates go to that of the shared tenant.
fn shareless(mut records: BTreeMap<&'static str, u64>) -> BTreeMap<&'static str, u64> {
    let shared = Dataset::ALL.iter().filter(|dataset| dataset.is_shared());
    for dataset in shared {
        records.remove(dataset.name());
    }
    records
}

/// An ERP that is asked again for a day tells its wrong documents again: each counts once.
fn refused_query() -> String {
    let snapshots: Vec<_> = Dataset::ALL
        .iter()
        .filter(|dataset| dataset.is_snapshot())
        .map(|dataset| format!("'{dataset}'"))
        .collect();
    format!(
        "select entity as what, count(distinct case when entity in ({}) then raw_position::text \
         else business_day || record end)::text as value from quarantine group by entity",
        snapshots.join(", ")
    )
}

/// The tables' names are the simulator's own, which names those of the catalogue.
fn rows_query<'a>(tables: impl Iterator<Item = &'a &'static str>) -> String {
    let counts: Vec<_> = tables
        .map(|table| format!("select '{table}' as what, count(*)::text as value from {table}"))
        .collect();
    counts.join(" union all ")
}

fn documents(simulated: &Totals) -> Values {
    let of_kind = |(kind, days): (&&'static str, &BTreeMap<_, DocumentTotals>)| {
        let kind = *kind;
        let of_day = |(day, totals): (&catwing_domain::BusinessDay, &DocumentTotals)| {
            let value = format!(
                "{} documents, {} lines, {} pieces, {} other pieces, value {}, {} changes of value {}",
                totals.documents,
                totals.lines,
                totals.qty,
                totals.other_qty,
                totals.value,
                totals.updates,
                totals.updates_value
            );
            (format!("{kind} {day}"), value)
        };
        let some = days.iter().filter(|(_, totals)| totals.documents > 0);
        some.map(of_day).collect::<Vec<_>>()
    };
    simulated.by_day.iter().flat_map(of_kind).collect()
}

fn stock(simulated: &Totals) -> Values {
    let of_day = |(day, totals): (&catwing_domain::BusinessDay, &StockTotals)| {
        let value = format!(
            "{} rows, {} products, {} on hand, {} reserved, {} in transit",
            totals.rows, totals.products, totals.on_hand, totals.reserved, totals.in_transit
        );
        (day.to_string(), value)
    };
    simulated.inventory.iter().map(of_day).collect()
}

const EVERYWHERE: &str = "everywhere";

fn sold(sold: &Sold) -> String {
    format!(
        "{} pieces of {} products for {}",
        sold.qty, sold.products, sold.value
    )
}

fn sales(simulated: &Totals) -> Values {
    let mut values = Values::new();
    for (day, of_day) in &simulated.sales {
        if of_day.all.rows > 0 {
            values.insert(format!("{day} {EVERYWHERE}"), sold(&of_day.all));
        }
        for (place, here) in of_day.locations.iter().filter(|(_, here)| here.rows > 0) {
            values.insert(format!("{day} {place}"), sold(here));
        }
    }
    values
}

fn stock_at_end(simulated: &Totals) -> Values {
    let places = simulated.stock.locations.iter();
    places
        .filter(|(_, stock)| stock.rows > 0)
        .map(|(place, stock)| {
            let value = format!("{} pieces of {} products", stock.on_hand, stock.products);
            (place.clone(), value)
        })
        .collect()
}

fn pending(pending: &Pending) -> String {
    format!(
        "{} pieces of {} products for {}",
        pending.qty, pending.products, pending.value
    )
}

fn open_purchases(simulated: &Totals) -> Values {
    let open = &simulated.open_purchases;
    let everywhere = std::iter::once((EVERYWHERE.to_owned(), &open.all));
    let places = open
        .locations
        .iter()
        .map(|(place, here)| (place.clone(), here));
    everywhere
        .chain(places)
        .filter(|(_, here)| here.products > 0)
        .map(|(place, here)| (place, pending(here)))
        .collect()
}

/// Quantity, products and value of a statistic, by place.
fn by_place(stats: &str, table: &str, key: &str, value: &str) -> String {
    format!(
        "select {key} as what, {value} as value from {stats}.{table} as s \
         left join locations as l on l.id = s.location_id"
    )
}

const QTY_PRODUCTS_VALUE: &str = "format('%s pieces of %s products for %s', total_qty::numeric(20,3), product_count, \
     total_value::numeric(20,4))";
const PLACE: &str = "coalesce(l.external_id, 'everywhere')";

fn sales_query(stats: &str) -> String {
    let key = format!("s.period_start || ' ' || {PLACE}");
    by_place(stats, "daily_sales_values", &key, QTY_PRODUCTS_VALUE)
}

fn stock_query(stats: &str, simulated: &Totals) -> String {
    let value = "format('%s pieces of %s products', total_qty::numeric(20,3), product_count)";
    let all = by_place(stats, "daily_inventory_values", "l.external_id", value);
    let day = simulated
        .stock
        .day
        .map_or_else(String::new, |day| day.to_string());
    format!("{all} where s.location_id is not null and s.period_start::text = '{day}'")
}

fn purchases_query(stats: &str, simulated: &Totals) -> String {
    let all = by_place(stats, "daily_pending_po_values", PLACE, QTY_PRODUCTS_VALUE);
    let day = simulated.open_purchases.day;
    let day = day.map_or_else(String::new, |day| day.to_string());
    format!("{all} where s.period_start::text = '{day}'")
}

#[cfg(test)]
mod tests {
    use super::{Subject, Values};

    #[test]
    fn figures_that_differ_or_are_on_one_side_are_told() {
        let values = |pairs: &[(&str, &str)]| -> Values {
            let pairs = pairs.iter();
            pairs
                .map(|(what, value)| ((*what).to_owned(), (*value).to_owned()))
                .collect()
        };
        let subject = Subject::of(
            "x",
            values(&[("a", "1"), ("b", "2"), ("c", "3")]),
            values(&[("a", "1"), ("b", "3"), ("d", "4")]),
        );
        let differing: Vec<_> = subject.differing().map(|figure| &*figure.what).collect();
        assert_eq!(differing, ["b", "c", "d"]);
        assert_eq!(subject.figures.len(), 4);
    }
}
