//! `catwing config`.

use anyhow::Result;

use crate::{Console, Settings, console::table};

pub(super) fn show(settings: &Settings, console: &Console) -> Result<u8> {
    let rows = settings.rows();
    let json: Vec<_> = rows
        .iter()
        .map(|[name, value, origin]| serde_json::json!({ "name": name, "value": value, "origin": origin }))
        .collect();
    console.result(&json, || table(["setting", "value", "from"], rows.clone()))?;
    Ok(0)
}
