//! A shop whose facts a test writes itself, each with the notes that a load would leave.

use anyhow::Result;
use catwing_domain::TenantId;
use catwing_migrations::migrate_tenant;
use catwing_recovery::digest::{TenantDigest, digest};
use catwing_stats::{StatsError, StatsReport, rebuild, refresh};
use sea_orm::sqlx::{self, AssertSqlSafe};

use crate::database::{TwoTenants, a, execute, names_of};

/// The base currency; the others are USD and GBP.
pub const EUR: i64 = 1;
pub const USD: i64 = 2;
pub const GBP: i64 = 3;

/// A sales document. Lines are numbered from 1.
#[derive(Clone, Debug)]
pub struct Sale {
    pub id: i64,
    pub kind: &'static str,
    pub status: Option<&'static str>,
    pub location: i64,
    pub day: String,
    pub currency: i64,
    /// Product, quantity, value.
    pub lines: Vec<(i64, String, String)>,
    /// Line, day, difference of quantity, difference of value.
    pub updates: Vec<(usize, String, String, String)>,
}

impl Sale {
    pub fn of(id: i64, location: i64, day: &str) -> Self {
        Self {
            id,
            kind: "sale",
            status: None,
            location,
            day: day.into(),
            currency: EUR,
            lines: Vec::new(),
            updates: Vec::new(),
        }
    }

    pub fn line(mut self, product: i64, qty: &str, value: &str) -> Self {
        self.lines.push((product, qty.into(), value.into()));
        self
    }

    pub fn update(mut self, line: usize, day: &str, qty: &str, value: &str) -> Self {
        self.updates
            .push((line, day.into(), qty.into(), value.into()));
        self
    }
}

/// A purchase order. Lines are numbered from 1.
#[derive(Clone, Debug)]
pub struct Purchase {
    pub id: i64,
    pub status: Option<&'static str>,
    pub location: i64,
    pub day: String,
    pub closed: Option<String>,
    /// The business day of its record.
    pub record_day: String,
    pub currency: i64,
    /// Product, quantity, cost of one.
    pub lines: Vec<(i64, String, String)>,
}

impl Purchase {
    pub fn of(id: i64, location: i64, day: &str) -> Self {
        Self {
            id,
            status: Some("ordered"),
            location,
            day: day.into(),
            closed: None,
            record_day: day.into(),
            currency: EUR,
            lines: Vec::new(),
        }
    }

    pub fn line(mut self, product: i64, qty: &str, cost: &str) -> Self {
        self.lines.push((product, qty.into(), cost.into()));
        self
    }
}

/// A receipt of a purchase order, which may not be known yet.
#[derive(Clone, Debug)]
pub struct Receipt {
    pub id: i64,
    pub purchase: i64,
    pub status: Option<&'static str>,
    pub day: String,
    /// Line of the purchase order, product, quantity.
    pub lines: Vec<(usize, i64, String)>,
}

impl Receipt {
    pub fn of(id: i64, purchase: i64, day: &str, lines: &[(usize, i64, &str)]) -> Self {
        let line = |(no, product, qty): &(usize, i64, &str)| (*no, *product, (*qty).to_owned());
        Self {
            id,
            purchase,
            status: None,
            day: day.into(),
            lines: lines.iter().map(line).collect(),
        }
    }
}

/// The tenant `CW-000200` with places 1 to 3 and products 1 to 5, and no facts yet.
pub struct Shop {
    pub two: TwoTenants,
}

impl Shop {
    pub async fn open() -> Result<Self> {
        let shop = Self {
            two: TwoTenants::create().await?,
        };
        shop.sql(
            "delete from cw_global.currencies;
             select cw_global.infer_currencies(array[1, 2, 3], array['EUR', 'USD', 'GBP']);
             insert into cw_global.client_config (id, client_id, client_name, base_currency_id, config) values
                 (200, 'CW-000200', 'First', 1, '{}'), (201, 'CW-000201', 'Second', 1, '{}');
             insert into locations (id, external_id, location_name, is_active, declared_active, source_rank, source_version, raw_position)
                 select n, 'l' || n, 'Place ' || n, true, true, 3, '2026-01-01Z', 1 from generate_series(1, 3) as n;
             insert into products (id, external_id, product_name, product_kind, is_active, declared_active, source_rank, source_version, raw_position)
                 select n, 'p' || n, 'Product ' || n, 'goods', true, true, 3, '2026-01-01Z', 1 from generate_series(1, 5) as n;
             insert into suppliers (id, external_id, supplier_name, direct_shipment, is_active, declared_active, source_rank, source_version, raw_position)
                 values (1, 's', 'Supplier', false, true, true, 3, '2026-01-01Z', 1);
             insert into sales_order_line_update_types values (1, 'return', '2026-01-01Z', 1);",
        )
        .await?;
        Ok(shop)
    }

    /// Statements in the tenant's schema, in one transaction.
    pub async fn sql(&self, statements: &str) -> Result<()> {
        let mut transaction = self.two.pool.begin().await?;
        let whole = format!("set local search_path to cw_200, pg_temp; {statements}");
        execute(&mut transaction, &whole).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Writes a document in place of the one with its id.
    pub async fn sale(&self, sale: &Sale) -> Result<()> {
        let id = sale.id;
        // A load names the documents where they are few, else their days; every other one is named here.
        let by_document = format!(
            "insert into statistics_sales_documents (sales_order, facts)
             select {id}, jsonb_agg(jsonb_build_array(d.day, o.location_id, o.currency_id, o.sales_order_type_id,
                 o.sales_order_status_id, d.product_id, d.qty, d.value))
             from sales_orders as o
             cross join lateral (
                 select o.order_date as day, product_id, qty, line_value as value
                 from sales_order_lines where sales_order_id = o.id
                 union all
                 select u.update_date, l.product_id, u.qty_delta, u.value_delta
                 from sales_order_line_updates as u join sales_order_lines as l on l.id = u.sales_order_line_id
                 where u.sales_order_id = o.id) as d
             where o.id = {id} on conflict do nothing;"
        );
        let by_day = format!(
            "insert into statistics_touched (subject, location_id, from_day, thru_day)
             select 'sales', o.location_id, d.day, d.day from sales_orders as o
             cross join lateral (select o.order_date as day union
                 select update_date from sales_order_line_updates where sales_order_id = o.id) as d
             where o.id = {id} on conflict do nothing;"
        );
        let note = if id % 2 == 0 { by_day } else { by_document };
        let mut sql = format!(
            "{note}
             delete from sales_order_line_updates where sales_order_id = {id};
             delete from sales_order_lines where sales_order_id = {id};
             delete from sales_orders where id = {id};
             {kind} {status}
             insert into sales_orders (id, external_id, sales_order_type_id, location_id, sales_order_status_id,
                 order_date, total_value, currency_id, source_version, raw_position)
             values ({id}, '{id}', {kind_id}, {location}, {status_id}, '{day}', 0, {currency}, '2026-01-01Z', 1);",
            kind = word("sales_order_types", Some(sale.kind)),
            status = word("sales_order_statuses", sale.status),
            kind_id = word_id(Some(sale.kind)),
            status_id = word_id(sale.status),
            location = sale.location,
            day = sale.day,
            currency = sale.currency,
        );
        for (index, (product, qty, value)) in sale.lines.iter().enumerate() {
            let no = index + 1;
            sql.push_str(&format!(
                "insert into sales_order_lines (id, sales_order_id, line_no, product_id, qty, unit_price,
                     discount_value, line_value, source_version, raw_position)
                 values ({id} * 100 + {no}, {id}, {no}, {product}, {qty}, 0, 0, {value}, '2026-01-01Z', 1);"
            ));
        }
        for (no, (line, day, qty, value)) in sale.updates.iter().enumerate() {
            sql.push_str(&format!(
                "insert into sales_order_line_updates (id, sales_order_id, sales_order_line_id, update_no,
                     sales_order_line_update_type_id, update_date, qty_delta, value_delta, source_version, raw_position)
                 values ({id} * 100 + {no}, {id}, {id} * 100 + {line}, {no}, 1, '{day}', {qty}, {value}, '2026-01-01Z', 1);"
            ));
        }
        self.sql(&format!("{sql} {note}")).await
    }

    /// Writes a purchase order in place of the one with its id; its receipts stay.
    pub async fn purchase(&self, purchase: &Purchase) -> Result<()> {
        let id = purchase.id;
        let note = format!(
            "insert into statistics_touched (subject, location_id, from_day, thru_day)
             select 'purchases', location_id, order_date, null from purchase_orders
             where id = {id} and order_date is not null on conflict do nothing;"
        );
        let closed = quoted(purchase.closed.as_deref());
        let mut sql = format!(
            "{note}
             delete from purchase_order_lines where purchase_order_id = {id};
             {status}
             insert into purchase_orders as o (id, external_id, supplier_id, location_id, purchase_order_status_id,
                 order_date, closed_date, total_value, currency_id, source_rank, source_version, raw_position)
             values ({id}, '{id}', 1, {location}, {status_id}, '{day}', {closed}, 0, {currency}, 3, '2026-01-01Z',
                 ((date '{record_day}' - date '1970-01-01')::bigint << 47) + 1)
             on conflict (id) do update set location_id = excluded.location_id,
                 purchase_order_status_id = excluded.purchase_order_status_id, order_date = excluded.order_date,
                 closed_date = excluded.closed_date, currency_id = excluded.currency_id,
                 supplier_id = excluded.supplier_id, total_value = excluded.total_value, source_rank = 3,
                 raw_position = excluded.raw_position;",
            status = word("purchase_order_statuses", purchase.status),
            status_id = word_id(purchase.status),
            location = purchase.location,
            day = purchase.day,
            currency = purchase.currency,
            record_day = purchase.record_day,
        );
        for (index, (product, qty, cost)) in purchase.lines.iter().enumerate() {
            let no = index + 1;
            sql.push_str(&format!(
                "insert into purchase_order_lines (id, purchase_order_id, line_no, product_id, ordered_qty, unit_cost,
                     source_version, raw_position)
                 values ({id} * 100 + {no}, {id}, {no}, {product}, {qty}, {cost}, '2026-01-01Z', 1);"
            ));
        }
        sql.push_str(&format!(
            "update receiving_order_lines as l set purchase_order_line_id = p.id
             from receiving_orders as r, purchase_order_lines as p
             where r.id = l.receiving_order_id and p.purchase_order_id = r.purchase_order_id
                 and p.line_no = l.purchase_order_line_no and r.purchase_order_id = {id};"
        ));
        self.sql(&format!("{sql} {note}")).await
    }

    /// Writes a receipt in place of the one with its id.
    pub async fn receipt(&self, receipt: &Receipt) -> Result<()> {
        let id = receipt.id;
        let note = format!(
            "insert into statistics_touched (subject, location_id, from_day, thru_day)
             select 'purchases', p.location_id, least(p.order_date, r.received_date), null
             from receiving_orders as r join purchase_orders as p on p.id = r.purchase_order_id
             where r.id = {id} and p.order_date is not null on conflict do nothing;"
        );
        let mut sql = format!(
            "{note}
             delete from receiving_order_lines where receiving_order_id = {id};
             delete from receiving_orders where id = {id};
             {status}
             insert into purchase_orders (id, external_id, source_rank, source_version, raw_position)
                 values ({purchase}, '{purchase}', 0, '2026-01-01Z', 1) on conflict do nothing;
             insert into receiving_orders (id, external_id, purchase_order_id, location_id, receiving_order_status_id,
                 received_date, source_version, raw_position)
             values ({id}, '{id}', {purchase}, 1, {status_id}, '{day}', '2026-01-01Z', 1);",
            status = word("receiving_order_statuses", receipt.status),
            status_id = word_id(receipt.status),
            day = receipt.day,
            purchase = receipt.purchase,
        );
        for (index, (line, product, qty)) in receipt.lines.iter().enumerate() {
            let no = index + 1;
            sql.push_str(&format!(
                "insert into receiving_order_lines (id, receiving_order_id, line_no, purchase_order_line_no, product_id,
                     received_qty, source_version, raw_position, purchase_order_line_id)
                 values ({id} * 100 + {no}, {id}, {no}, {line}, {product}, {qty}, '2026-01-01Z', 1,
                     (select id from purchase_order_lines where purchase_order_id = {purchase} and line_no = {line}));",
                purchase = receipt.purchase,
            ));
        }
        self.sql(&format!("{sql} {note}")).await
    }

    /// Notes that purchase orders were delivered on these days.
    pub async fn purchases_delivered(&self, days: &[&str]) -> Result<()> {
        for day in days {
            self.sql(&format!(
                "insert into statistics_touched (subject, location_id, from_day, thru_day)
                 select 'purchases', null, '{day}', '{day}' where not exists (
                     select from delivered_days where entity = 'purchase_orders' and business_day = '{day}')
                 on conflict do nothing;
                 insert into delivered_days values ('purchase_orders', '{day}') on conflict do nothing;"
            ))
            .await?;
        }
        Ok(())
    }

    /// Writes the whole stock of a place and day: product, quantity.
    pub async fn stock(&self, location: i64, day: &str, quantities: &[(i64, &str)]) -> Result<()> {
        let mut sql = format!(
            "delete from inventory_quantities where location_id = {location} and snapshot_date = '{day}';
             insert into inventory_sets values ('{day}', 'l{location}', 1) on conflict do nothing;
             insert into statistics_touched (subject, location_id, from_day, thru_day)
             values ('inventory', {location}, '{day}', '{day}'), ('inventory', null, '{day}', '{day}') on conflict do nothing;"
        );
        for (product, qty) in quantities {
            sql.push_str(&format!(
                "insert into inventory_quantities (id, product_id, location_id, snapshot_date, scope, on_hand_qty,
                     source_version, raw_position)
                 values ((date '{day}' - date '2000-01-01') * 1000 + {location} * 100 + {product}, {product}, {location},
                     '{day}', 'l{location}', {qty}, '2026-01-01Z', 1);"
            ));
        }
        self.sql(&sql).await
    }

    /// Writes the whole history of a product's cost: first day, cost of one in a currency, or none.
    pub async fn costs(&self, product: i64, history: &[(&str, Option<&str>, i64)]) -> Result<()> {
        let note = format!(
            "insert into statistics_touched (subject, location_id, from_day, thru_day)
             select 'costs', null, from_date, thru_date from product_costs where product_id = {product}
             on conflict do nothing;"
        );
        let mut sql = format!("{note} delete from product_costs where product_id = {product};");
        for (index, (from, cost, currency)) in history.iter().enumerate() {
            let thru = match history.get(index + 1) {
                Some((next, ..)) => format!("date '{next}' - 1"),
                None => "null".to_owned(),
            };
            let (cost, currency) = match cost {
                Some(cost) => ((*cost).to_owned(), currency.to_string()),
                None => ("null".to_owned(), "null".to_owned()),
            };
            sql.push_str(&format!(
                "insert into product_costs values ({product}, '{from}', {thru}, {cost}, {currency});"
            ));
        }
        self.sql(&format!("{sql} {note}")).await
    }

    /// The rate from a currency to EUR from a day on, in the shared schema, which notes nothing here.
    pub async fn rate(&self, currency: i64, day: &str, rate: &str) -> Result<()> {
        self.sql(&format!(
            "insert into cw_global.currency_rates values
                 ((date '{day}' - date '2000-01-01') * 10 + {currency}, {currency}, 1, '{day}', {rate}, '2026-01-01Z', 1)
             on conflict (id) do update set rate = excluded.rate"
        ))
        .await
    }

    pub async fn refresh(&self) -> Result<StatsReport, StatsError> {
        refresh(&self.two.pool, a()).await
    }

    /// The rows of a statistics table: place, first and last day, quantity, value, products.
    pub async fn rows(&self, table: &str) -> Result<Vec<String>> {
        let query = format!(
            "select concat_ws(' ', coalesce(location_id::text, 'all'), period_start, period_end,
                 trim_scale(total_qty), coalesce(trim_scale(total_value)::text, 'none'), product_count)
             from cw_200_stats.{table} order by period_start, location_id nulls first"
        );
        Ok(sqlx::query_scalar(AssertSqlSafe(query))
            .fetch_all(&self.two.pool)
            .await?)
    }

    /// The digest of everything that the tenant has.
    pub async fn digest(&self) -> Result<TenantDigest> {
        Ok(digest(&self.two.pool, a()).await?)
    }

    /// A rebuild must find nothing to change, and neither may one into a new schema.
    pub async fn is_as_rebuilt(&self) -> Result<()> {
        let refreshed = self.digest().await?;
        let report = rebuild(&self.two.pool, a()).await?;
        assert_eq!(report.rows_changed(), 0, "{:?}", report.tables);
        assert_eq!(self.digest().await?, refreshed);

        self.sql("drop schema cw_200_stats cascade").await?;
        migrate_tenant(&self.two.pool, &names_of(a())).await?;
        let report = self.refresh().await?;
        assert!(report.is_whole, "the tables are new");
        assert_eq!(self.digest().await?, refreshed);
        Ok(())
    }

    /// Rows that differ from what the definitions say, read plainly from the facts.
    pub async fn differences(&self) -> Result<Vec<String>> {
        let mut connection = self.two.pool.acquire().await?;
        execute(&mut connection, include_str!("plainly.sql")).await?;
        let tables: Vec<String> = sqlx::query_scalar(
            "select relname::text from pg_class where relnamespace = 'cw_200_stats'::regnamespace
                 and relkind = 'r' and relname <> 'seaql_migrations' order by 1",
        )
        .fetch_all(&mut *connection)
        .await?;
        let mut found = Vec::new();
        for table in &tables {
            let columns =
                "location_id, period_start, period_end, total_qty, total_value, product_count";
            let query = format!(
                "with stored as (select {columns} from cw_200_stats.{table}),
                     plain as (select {columns} from plain_rows where table_name = '{table}')
                 select 'stored ' || w::text from (select * from stored except all select * from plain) as w
                 union all
                 select 'plain ' || w::text from (select * from plain except all select * from stored) as w"
            );
            let rows: Vec<String> = sqlx::query_scalar(AssertSqlSafe(query))
                .fetch_all(&mut *connection)
                .await?;
            found.extend(rows.into_iter().map(|row| format!("{table}: {row}")));
        }
        // What it made is gone with its connection.
        connection.close().await?;
        Ok(found)
    }

    pub fn tenant(&self) -> TenantId {
        a()
    }
}

/// A lookup row for a word.
fn word(table: &str, word: Option<&str>) -> String {
    let Some(word) = word else {
        return String::new();
    };
    format!(
        "insert into {table} values ({}, '{word}', '2026-01-01Z', 1) on conflict do nothing;",
        word_id(Some(word))
    )
}

fn word_id(word: Option<&str>) -> String {
    word.map_or("null".into(), |word| format!("abs(hashtext('{word}'))"))
}

fn quoted(text: Option<&str>) -> String {
    text.map_or("null".into(), |text| format!("'{text}'"))
}
