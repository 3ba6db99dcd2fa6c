//! `catwing tenant drift`: fields that sources have and mappings do not use, and the other way around.

use anyhow::{Result, bail};
use catwing_domain::TenantId;
use catwing_entity::schema_drift::{Column, Entity, Model};
use sea_orm::{EntityTrait, QueryOrder};

use crate::{Console, Session, console::table, failure::Usage, journal, registry};

pub(super) async fn list(session: &Session, client: TenantId, console: &Console) -> Result<()> {
    let found = registry::get(session, client).await?;
    if client == TenantId::GLOBAL {
        bail!(Usage(
            "no journal of drift is kept of CW-GLOBAL, which is what all tenants share".to_owned()
        ));
    }
    let checked = registry::file_in_force(session, &found).await?;
    let transaction = journal::as_loader(session, client).await?;
    let rows = Entity::find()
        .order_by_asc(Column::Entity)
        .order_by_asc(Column::Kind)
        .order_by_asc(Column::Field)
        .order_by_asc(Column::EntryNumber)
        .all(&transaction)
        .await?;
    let in_force = found.mapping.to_string();
    let contract = |row: &Model| {
        let contract = checked.file.contracts.get(&row.entity);
        contract.copied().unwrap_or_default().name()
    };
    let json: Vec<_> = rows
        .iter()
        .map(|row| {
            serde_json::json!({
                "entity": row.entity, "kind": row.kind, "field": row.field,
                "contract": contract(row), "in_force": row.mapping_sha256 == in_force,
                "mapping": row.mapping_sha256, "entry": row.entry_number,
                "date": row.business_day.to_string(), "object": row.object_key,
                "ordinal": row.ordinal, "records": row.records, "found_at": row.found_at,
            })
        })
        .collect();
    console.result(&json, || {
        if rows.is_empty() {
            return format!("{client}: every field that sources have is used, and none is missed");
        }
        let line = |row: &Model| {
            let of_file = if row.mapping_sha256 == in_force {
                ""
            } else {
                " (an earlier file)"
            };
            [
                row.entity.clone(),
                format!("{}{of_file}", row.kind),
                row.field.clone(),
                contract(row).to_owned(),
                format!("{} record {}", row.object_key, row.ordinal),
                row.records.to_string(),
            ]
        };
        let header = [
            "entity", "field is", "field", "contract", "first in", "records",
        ];
        table(header, rows.iter().map(line))
    })
}
