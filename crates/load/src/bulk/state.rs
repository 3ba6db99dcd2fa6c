//! What a bulk load notes of itself beside what it stages: how far it is, and which tables it fills.

use std::collections::BTreeSet;

use catwing_domain::{TableId, TenantId};
use sea_orm::sqlx::{self, PgConnection, Row};

use super::BulkStep;
use crate::statement::{execute, fetch};

/// How far a bulk load is.
pub(super) const TABLES: &str = "create table bulk_state (step text not null); \
     insert into bulk_state values ('stage'); \
     create unlogged table bulk_alive (alive boolean not null); insert into bulk_alive values (true)";
/// What says after a crash of the server, which empties unlogged tables, that staged rows are there.
pub(super) const ALIVE: &str = "select exists (select from bulk_alive)";

/// The last step that was done; none where no bulk load was begun.
pub(super) async fn step_of(connection: &mut PgConnection) -> Result<Option<String>, sqlx::Error> {
    let there = "select to_regclass('bulk_state') is not null".to_owned();
    let rows = fetch(connection, there).await?;
    let there: bool = rows.first().ok_or(sqlx::Error::RowNotFound)?.try_get(0)?;
    if !there {
        return Ok(None);
    }
    let rows = fetch(connection, "select step from bulk_state".to_owned()).await?;
    rows.first().map(|row| row.try_get(0)).transpose()
}

pub(super) async fn advance(
    connection: &mut PgConnection,
    tenant: TenantId,
    step: BulkStep,
) -> Result<(), sqlx::Error> {
    let statement = format!(
        "set local role {}; update bulk_state set step = '{}'",
        tenant.owner_role(),
        step.name()
    );
    execute(connection, statement).await?;
    Ok(())
}

pub(super) async fn bare_tables(
    connection: &mut PgConnection,
) -> Result<BTreeSet<TableId>, sqlx::Error> {
    let mut bare = BTreeSet::new();
    for row in fetch(connection, "select name from bulk_tables".to_owned()).await? {
        let name: &str = row.try_get(0)?;
        bare.extend(TableId::ALL.iter().find(|id| id.name() == name));
    }
    Ok(bare)
}
