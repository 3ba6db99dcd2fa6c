//! What people have set is only added to.

use anyhow::Result;

use crate::refused::{
    catalogue::{Catalogue, Column, Table},
    probe::Prober,
    row::{Row, Stored},
};

/// The tables of settings; of the last one, only the rows that came from the UI.
const APPEND_ONLY: &[&str] = &[
    "category_settings",
    "client_settings",
    "inventory_strategies",
    "location_relationships",
    "location_settings",
    "product_settings",
    "supplier_settings",
];
/// SQLSTATE of a change that breaks the integrity of settings.
const REFUSED: &str = "23000";
/// The one update that is admitted: the same write was read earlier.
const READ_EARLIER: &[&str] = &[
    "source_version = source_version - interval '1 day'",
    "raw_position = raw_position - 1",
    "source_version = source_version - interval '1 day', raw_position = raw_position + 1",
];
const READ_LATER: &[&str] = &[
    "source_version = source_version + interval '1 day'",
    "raw_position = raw_position + 1",
    "source_version = source_version, raw_position = raw_position",
    "source_version = source_version + interval '1 day', raw_position = raw_position - 1",
];

pub async fn try_changes(
    catalogue: &Catalogue,
    stored: &Stored,
    prober: &mut Prober<'_>,
) -> Result<()> {
    let watched = catalogue.tables.iter().filter(|table| table.append_only);
    let watched: Vec<_> = watched.collect();
    let names: Vec<_> = watched.iter().map(|table| table.bare()).collect();
    assert_eq!(names, APPEND_ONLY);
    for table in watched {
        let id = &stored.full(table)["id"];
        let update = |set: &str| format!("update {} set {set} where id = {id}", table.name);
        let mut changes: Vec<_> = READ_LATER.iter().map(|set| update(set)).collect();
        for column in &table.columns {
            if let Some(other) = other_value(column) {
                let set = format!("{} = {other}", column.name);
                changes.push(update(&set));
                // Having been read earlier excuses no change.
                changes.push(update(&format!("{}, {set}", READ_EARLIER[0])));
            }
        }
        changes.push(format!("delete from {} where id = {id}", table.name));
        changes.push(format!("truncate {} cascade", table.name));
        for change in changes {
            refuse(&change, prober).await?;
        }
        for set in READ_EARLIER {
            admit(&update(set), prober).await?;
        }
        if table.bare() == "location_relationships" {
            change_what_the_source_says(table, &stored.rows(&table.name)[0], prober).await?;
        }
    }
    Ok(())
}

/// The source's own rows change with its records.
async fn change_what_the_source_says(
    table: &Table,
    row: &Row,
    prober: &mut Prober<'_>,
) -> Result<()> {
    let (name, id) = (&table.name, &row["id"]);
    assert!(row["event_id"].is_null());
    admit(
        &format!("update {name} set priority = 7 where id = {id}"),
        prober,
    )
    .await?;
    admit(&format!("delete from {name} where id = {id}"), prober).await
}

/// Another value than the column has, as SQL; the version is looked at apart.
fn other_value(column: &Column) -> Option<String> {
    if ["source_version", "raw_position"].contains(&column.name.as_str()) {
        return None;
    }
    let name = &column.name;
    Some(match column.ty.as_str() {
        "boolean" => format!("not {name}"),
        "text" => format!("{name} || 'x'"),
        "jsonb" => "'{\"other\": 1}'".to_owned(),
        "timestamp with time zone" => format!("{name} + interval '1 second'"),
        _ => format!("{name} + 1"),
    })
}

async fn refuse(change: &str, prober: &mut Prober<'_>) -> Result<()> {
    // Loads may switch the triggers of foreign keys off, and with them no guard.
    for triggers in ["origin", "replica"] {
        let role = format!("savepoint change; set local session_replication_role to {triggers}");
        prober.run(&role).await?;
        let answer = prober.attempt(change).await?;
        prober.run("rollback to savepoint change").await?;
        let sqlstate = answer.map_err(|refusal| refusal.sqlstate);
        assert_eq!(sqlstate, Err(REFUSED.to_owned()), "{change}, {triggers}");
        *prober.refused.entry("changes of settings").or_default() += 1;
    }
    Ok(())
}

async fn admit(change: &str, prober: &mut Prober<'_>) -> Result<()> {
    prober.run("savepoint change").await?;
    let answer = prober.attempt(change).await?;
    prober.run("rollback to savepoint change").await?;
    assert_eq!(answer, Ok(()), "{change}");
    prober.admitted += 1;
    Ok(())
}
