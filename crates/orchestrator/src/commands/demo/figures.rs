//! The simulated retailer's totals beside those that SQL finds.

use anyhow::Result;
use catwing_domain::TenantId;
use catwing_simulator::Totals;
use sea_orm::{DatabaseTransaction, DbBackend, FromQueryResult, Statement};
use serde::Serialize;

use crate::{Session, journal};

const MASTERS: &str = "
    select (select count(*) from products where is_active) as products_active,
           (select count(*) from products where not is_active) as products_retired,
           (select count(*) from locations) as locations,
           (select count(*) from customers) as customers,
           (select count(*) from quarantine) as refused";
const RECORDS: &str = "
    select entity, sum(records_read)::bigint as records from load_counts group by entity";
const DOCUMENTS: &str = "
    with line as (
        select sales_order_id, count(*) as lines, sum(qty) as qty, sum(line_value) as value
        from sales_order_lines group by sales_order_id
    ), change as (
        select sales_order_id, count(*) as changes, sum(value_delta) as value
        from sales_order_line_updates group by sales_order_id
    )
    select kind.name as kind, count(*) as documents,
           coalesce(sum(line.lines), 0)::bigint as lines,
           coalesce(sum(line.qty), 0)::numeric(20,3)::text as qty,
           coalesce(sum(line.value), 0)::numeric(20,4)::text as value,
           coalesce(sum(change.changes), 0)::bigint as changes,
           coalesce(sum(change.value), 0)::numeric(20,4)::text as changes_value
    from sales_orders as document
    join sales_order_types as kind on kind.id = document.sales_order_type_id
    left join line on line.sales_order_id = document.id
    left join change on change.sales_order_id = document.id
    group by kind.name";
const REFUSED: &str = "
    select count(*) as records, field, message from quarantine
    group by field, message order by records desc, field, message";

/// One figure from both sides, as text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Figure {
    pub what: String,
    pub simulated: String,
    pub database: String,
}

impl Figure {
    pub(super) fn agrees(&self) -> bool {
        self.simulated == self.database
    }
}

/// Records that were refused for one reason.
#[derive(Clone, Debug, FromQueryResult, Serialize)]
pub(super) struct Refused {
    pub records: i64,
    pub field: Option<String>,
    pub message: String,
}

#[derive(FromQueryResult)]
struct Masters {
    products_active: i64,
    products_retired: i64,
    locations: i64,
    customers: i64,
    refused: i64,
}

#[derive(FromQueryResult)]
struct Records {
    entity: String,
    records: i64,
}

#[derive(FromQueryResult)]
struct Documents {
    kind: String,
    documents: i64,
    lines: i64,
    qty: String,
    value: String,
    changes: i64,
    changes_value: String,
}

/// Every total of the retailer, and what the database says of the same thing.
pub(super) async fn compare(
    session: &Session,
    client: TenantId,
    simulated: &Totals,
) -> Result<Vec<Figure>> {
    let transaction = journal::as_loader(session, client).await?;
    let mut figures = Vec::new();
    for found in all::<Masters>(&transaction, MASTERS).await? {
        let refused: u64 = simulated.refused.values().sum();
        figures.extend([
            figure(
                "products on sale",
                simulated.products_active,
                found.products_active,
            ),
            figure(
                "products retired",
                simulated.products_retired,
                found.products_retired,
            ),
            figure("locations", simulated.locations, found.locations),
            figure("customers", simulated.customers, found.customers),
            figure("records refused", refused, found.refused),
        ]);
    }
    let read = all::<Records>(&transaction, RECORDS).await?;
    for (entity, count) in &simulated.records {
        let found = read.iter().find(|one| one.entity == *entity);
        let found = found.map_or(0, |one| one.records);
        figures.push(figure(&format!("records read, {entity}"), *count, found));
    }
    figures.extend(documents(
        simulated,
        &all::<Documents>(&transaction, DOCUMENTS).await?,
    ));
    Ok(figures)
}

fn documents(simulated: &Totals, found: &[Documents]) -> Vec<Figure> {
    let mut figures = Vec::new();
    for (kind, totals) in &simulated.documents {
        let own = found.iter().find(|one| one.kind == *kind);
        let mut push = |what: &str, simulated: String, database: Option<String>| {
            figures.push(Figure {
                what: format!("{kind}: {what}"),
                simulated,
                database: database.unwrap_or_else(|| "none".to_owned()),
            });
        };
        let count = |count: i64| count.to_string();
        push(
            "documents",
            totals.documents.to_string(),
            own.map(|one| count(one.documents)),
        );
        push(
            "lines",
            totals.lines.to_string(),
            own.map(|one| count(one.lines)),
        );
        push(
            "pieces",
            totals.qty.to_string(),
            own.map(|one| one.qty.clone()),
        );
        push(
            "value",
            totals.value.to_string(),
            own.map(|one| one.value.clone()),
        );
        let changes = own.map_or(0, |one| one.changes);
        if totals.updates > 0 || changes > 0 {
            push(
                "changes of lines",
                totals.updates.to_string(),
                Some(count(changes)),
            );
            let value = own.map(|one| one.changes_value.clone());
            push("value of changes", totals.updates_value.to_string(), value);
        }
    }
    figures
}

/// Why records were refused, the most frequent reason first.
pub(super) async fn refused(session: &Session, client: TenantId) -> Result<Vec<Refused>> {
    let transaction = journal::as_loader(session, client).await?;
    all(&transaction, REFUSED).await
}

async fn all<T: FromQueryResult>(transaction: &DatabaseTransaction, query: &str) -> Result<Vec<T>> {
    let statement = Statement::from_string(DbBackend::Postgres, query);
    Ok(T::find_by_statement(statement).all(transaction).await?)
}

fn figure(what: &str, simulated: u64, database: i64) -> Figure {
    Figure {
        what: what.to_owned(),
        simulated: simulated.to_string(),
        database: database.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::figure;

    #[test]
    fn figures_that_differ_are_told_apart() {
        assert!(figure("x", 2, 2).agrees());
        assert!(!figure("x", 2, 3).agrees());
    }
}
