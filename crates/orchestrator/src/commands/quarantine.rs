//! `catwing quarantine`: records that were refused, why, and how they come back.

mod correction;
mod counts;

use anyhow::{Result, bail};
use catwing_domain::TenantId;
use catwing_entity::{quarantine, record_fixes};
use sea_orm::{
    ColumnTrait, DatabaseTransaction, EntityTrait, FromQueryResult, Order, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait, Select,
    prelude::{Date, Expr},
};
use serde::Serialize;

use correction::Refused;

use crate::{
    Console, Session,
    cli::{QuarantineCommand, QuarantineFilter},
    console::{grouped, table},
    failure::Usage,
    journal, registry,
};

/// The bits of a position that number corrections.
const NUMBER_BITS: i64 = 15;

/// Records that were refused for one reason.
#[derive(Debug, FromQueryResult, Serialize)]
struct Reason {
    entity: String,
    rule: String,
    field: Option<String>,
    records: i64,
    source_rows: i64,
    first_day: Date,
    last_day: Date,
}

pub(super) async fn run(
    session: &Session,
    command: &QuarantineCommand,
    console: &Console,
) -> Result<u8> {
    match command {
        QuarantineCommand::List(filter) => list(session, filter, console).await,
        QuarantineCommand::Show {
            client,
            position,
            raw: true,
            entity,
        } => raw(session, (*client, *position), entity.as_deref(), console).await,
        QuarantineCommand::Show {
            client, position, ..
        } => show(session, *client, *position, console).await,
        QuarantineCommand::Fix(args) => correction::fix(session, args, console).await,
        QuarantineCommand::Replay { client, dry_run } => {
            correction::replay(session, *client, *dry_run, console).await
        }
        QuarantineCommand::Counts { filter, per } => {
            counts::counts(session, (filter, *per), console).await
        }
    }
}

/// A refused record is open until it, or an earlier correction of it, is corrected: the position of a
/// correction is that of the record with a number in the last four bits.
const IS_OPEN: &str = "not exists (select from record_fixes as fix \
     where fix.entity = quarantine.entity and fix.raw_position > quarantine.raw_position \
     and fix.raw_position <= (quarantine.raw_position | 15))";

/// How many records of a tenant are refused, and were not corrected since.
pub(super) async fn count(session: &Session, client: TenantId) -> Result<u64> {
    use sea_orm::PaginatorTrait;
    let transaction = journal::as_loader(session, client).await?;
    Ok(quarantine::Entity::find()
        .filter(Expr::cust(IS_OPEN))
        .count(&transaction)
        .await?)
}

async fn list(session: &Session, filter: &QuarantineFilter, console: &Console) -> Result<u8> {
    let client = filter.client;
    registry::get(session, client).await?;
    let transaction = journal::as_loader(session, client).await?;
    let reasons = reasons(&transaction, filter).await?;
    let newest = matching(filter)
        .order_by_desc(quarantine::Column::RawPosition)
        .order_by_asc(quarantine::Column::Entity)
        .limit(filter.limit)
        .all(&transaction)
        .await?;
    let total: i64 = reasons.iter().map(|reason| reason.records).sum();
    let json = serde_json::json!({
        "client": client, "total": total, "reasons": reasons,
        "records": newest.iter().map(as_json).collect::<Vec<_>>(),
    });
    console.result(&json, || {
        if reasons.is_empty() {
            let open = if filter.all { "" } else { " that is not corrected" };
            return format!("{client}: nothing{open} is in quarantine");
        }
        let reason = |one: &Reason| {
            [
                one.entity.clone(),
                one.rule.clone(),
                one.field.clone().unwrap_or_default(),
                grouped(one.records),
                one.first_day.to_string(),
                one.last_day.to_string(),
            ]
        };
        let header = ["entity", "rule", "field", "records", "first day", "last day"];
        let record = |row: &quarantine::Model| {
            let field = row.field.as_ref().map(|field| format!("{field}: "));
            let value = row.value.as_ref().map(|value| format!("{value:?} "));
            [
                row.raw_position.to_string(),
                format!("{} record {}", short_key(&row.object_key), row.ordinal),
                format!(
                    "{}{}{}",
                    field.unwrap_or_default(),
                    value.unwrap_or_default(),
                    row.message
                ),
            ]
        };
        format!(
            "{}\n\n{}\n\n{} of {} shown; one whole: catwing quarantine show --client {client} POSITION; to correct it: catwing quarantine fix --help",
            table(header, reasons.iter().map(reason)),
            table(["position", "where", "why"], newest.iter().map(record)),
            newest.len(),
            grouped(total)
        )
    })?;
    Ok(0)
}

async fn show(session: &Session, client: TenantId, position: i64, console: &Console) -> Result<u8> {
    registry::get(session, client).await?;
    let transaction = journal::as_loader(session, client).await?;
    let rows = quarantine::Entity::find()
        .filter(quarantine::Column::RawPosition.eq(position))
        .order_by_asc(quarantine::Column::Entity)
        .all(&transaction)
        .await?;
    if rows.is_empty() {
        bail!(Usage(format!(
            "no record with the position {position} is in quarantine: see `catwing quarantine list --client {client}`"
        )));
    }
    let fixes = record_fixes::Entity::find()
        .filter(record_fixes::Column::RawPosition.gt(position))
        .filter(record_fixes::Column::RawPosition.lte(position | NUMBER_BITS))
        .order_by_asc(record_fixes::Column::RawPosition)
        .all(&transaction)
        .await?;
    let corrected_by = |row: &quarantine::Model| -> Vec<String> {
        let of = fixes.iter().filter(|fix| fix.entity == row.entity);
        of.map(|fix| fix.fixed_by.clone()).collect()
    };
    let json = rows.iter().map(|row| {
        let mut json = as_json(row);
        json["corrected_by"] = corrected_by(row).into();
        json
    });
    let json: Vec<_> = json.collect();
    console.result(&json, || {
        let text = |row: &quarantine::Model| {
            let by = corrected_by(row).into_iter();
            let by: String = by.map(|by| format!("corrected: by {by}\n")).collect();
            format!("{by}{}", shown(row))
        };
        let mut told = rows.iter().map(text).collect::<Vec<_>>().join("\n\n");
        if rows.iter().any(|row| corrected_by(row).is_empty()) {
            told.push_str(&format!(
                "\n\ncorrect it: catwing quarantine show --client {client} --raw {position} > record\n            catwing quarantine fix --client {client} {position} --with record --by WHO"
            ));
        }
        told
    })?;
    Ok(0)
}

/// The record alone, as it lies in the archive.
async fn raw(
    session: &Session,
    at: (TenantId, i64),
    entity: Option<&str>,
    console: &Console,
) -> Result<u8> {
    registry::get(session, at.0).await?;
    let refused = Refused::find(session, at, entity).await?;
    let mut json = as_json(&refused.row);
    json["sha256"] = refused.record.sha256.to_string().into();
    json["record"] = String::from_utf8_lossy(&refused.record.bytes).into();
    console.result(&json, || {
        String::from_utf8_lossy(&refused.record.bytes).into_owned()
    })?;
    Ok(0)
}

fn shown(row: &quarantine::Model) -> String {
    let mut text = format!(
        "{} {}\nday:      {}\nobject:   {}\nrecord:   {} ({} of the source)\n",
        row.entity,
        row.record_key
            .as_deref()
            .unwrap_or("without a readable key"),
        row.business_day,
        row.object_key,
        row.ordinal,
        registry::count_of(usize::try_from(row.source_rows).unwrap_or_default(), "row"),
    );
    for problem in row.problems.as_array().into_iter().flatten() {
        let part = |name: &str| problem.get(name).and_then(|part| part.as_str());
        let field = part("field").map(|field| format!("{field}: "));
        let value = part("value").map(|value| format!("{value:?} "));
        text.push_str(&format!(
            "problem:  {}{}{} ({})\n",
            field.unwrap_or_default(),
            value.unwrap_or_default(),
            part("message").unwrap_or_default(),
            part("rule").unwrap_or_default(),
        ));
    }
    text.push_str(&format!("as delivered:\n{}", row.record));
    text
}

async fn reasons(
    transaction: &DatabaseTransaction,
    filter: &QuarantineFilter,
) -> Result<Vec<Reason>> {
    use quarantine::Column::{BusinessDay, Entity, Field, Rule, SourceRows};
    let query = matching(filter)
        .select_only()
        .columns([Entity, Rule, Field])
        .column_as(Expr::cust("count(*)"), "records")
        .column_as(SourceRows.sum(), "source_rows")
        .column_as(BusinessDay.min(), "first_day")
        .column_as(BusinessDay.max(), "last_day")
        .group_by(Entity)
        .group_by(Rule)
        .group_by(Field)
        .order_by(Expr::cust("count(*)"), Order::Desc)
        .order_by_asc(Entity)
        .order_by_asc(Rule)
        .order_by_asc(Field);
    Ok(query.into_model::<Reason>().all(transaction).await?)
}

fn matching(filter: &QuarantineFilter) -> Select<quarantine::Entity> {
    quarantine::Entity::find()
        .apply_if((!filter.all).then_some(IS_OPEN), |query, is_open| {
            query.filter(Expr::cust(is_open))
        })
        .apply_if(filter.date, |query, day| {
            query.filter(quarantine::Column::BusinessDay.eq(journal::date(day)))
        })
        .apply_if(filter.entity.as_ref(), |query, entity| {
            query.filter(quarantine::Column::Entity.eq(entity))
        })
        .apply_if(filter.rule.as_ref(), |query, rule| {
            query.filter(quarantine::Column::Rule.eq(rule))
        })
}

/// A key below the tenant's prefix: `2026-01-05/sales_orders.json`.
fn short_key(key: &str) -> &str {
    key.splitn(3, '/').last().unwrap_or(key)
}

fn as_json(row: &quarantine::Model) -> serde_json::Value {
    serde_json::json!({
        "position": row.raw_position, "entity": row.entity, "date": row.business_day.to_string(),
        "object": row.object_key, "ordinal": row.ordinal, "record_key": row.record_key,
        "source_rows": row.source_rows, "rule": row.rule, "field": row.field, "value": row.value,
        "message": row.message, "problems": row.problems, "record": row.record,
    })
}

#[cfg(test)]
mod tests {
    use super::short_key;

    #[test]
    fn a_key_is_shown_from_its_day_on() {
        assert_eq!(
            short_key("raw-data/CW-000200/2026-01-05/sales_orders.json"),
            "2026-01-05/sales_orders.json"
        );
        assert_eq!(short_key("odd"), "odd");
    }
}
