//! Refused records by rule over time.

use anyhow::Result;
use catwing_entity::quarantine::Column::{Entity, Rule};
use sea_orm::{
    FromQueryResult, Order, QueryOrder, QuerySelect,
    prelude::{Date, Expr},
};
use serde::Serialize;

use super::{IS_OPEN, matching};
use crate::{
    Console, Session,
    cli::{Period, QuarantineFilter},
    console::{grouped, table},
    journal, registry,
};

/// Refused records of one period, kind and rule.
#[derive(Debug, FromQueryResult, Serialize)]
struct Count {
    /// The first day of the period.
    period: Date,
    entity: String,
    rule: String,
    records: i64,
    corrected: i64,
}

pub(super) async fn counts(
    session: &Session,
    (filter, per): (&QuarantineFilter, Period),
    console: &Console,
) -> Result<u8> {
    let client = filter.client;
    registry::get(session, client).await?;
    let transaction = journal::as_loader(session, client).await?;
    let unit = match per {
        Period::Day => "day",
        Period::Week => "week",
        Period::Month => "month",
    };
    let period = Expr::cust(format!(
        "date_trunc('{unit}', business_day::timestamp)::date"
    ));
    let counts = matching(&QuarantineFilter {
        all: true,
        ..filter.clone()
    })
    .select_only()
    .column_as(period.clone(), "period")
    .columns([Entity, Rule])
    .column_as(Expr::cust("count(*)"), "records")
    .column_as(
        Expr::cust(format!("count(*) filter (where not {IS_OPEN})")),
        "corrected",
    )
    .group_by(period.clone())
    .group_by(Entity)
    .group_by(Rule)
    .order_by(period.clone(), Order::Desc)
    .order_by(Expr::cust("count(*)"), Order::Desc)
    .order_by_asc(Entity)
    .order_by_asc(Rule)
    .limit(filter.limit)
    .into_model::<Count>()
    .all(&transaction)
    .await?;
    let json = serde_json::json!({ "client": client, "per": unit, "counts": counts });
    console.result(&json, || {
        if counts.is_empty() {
            return format!("{client}: nothing was refused");
        }
        let row = |one: &Count| {
            [
                one.period.to_string(),
                one.entity.clone(),
                one.rule.clone(),
                grouped(one.records),
                grouped(one.corrected),
            ]
        };
        let header = [unit, "entity", "rule", "refused", "corrected"];
        table(header, counts.iter().map(row))
    })?;
    Ok(0)
}
