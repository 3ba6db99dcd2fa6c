//! `catwing schema`: JSON Schema of canonical records.

use std::{fs, path::Path};

use anyhow::{Context, Result, bail};
use catwing_domain::Entity;
use serde_json::{Map, Value};

use crate::{Console, failure::Usage, registry::count_of};

pub(super) fn run(entity: Option<&str>, into: Option<&Path>, console: &Console) -> Result<u8> {
    let delivered: Vec<_> = Entity::ALL
        .iter()
        .copied()
        .filter(|entity| entity.is_delivered())
        .collect();
    if let Some(folder) = into {
        return write(&delivered, folder, console);
    }
    let schema = match entity {
        Some(name) => {
            let Some(entity) = delivered.iter().find(|entity| entity.name() == name) else {
                let known: Vec<_> = delivered.iter().map(|entity| entity.name()).collect();
                bail!(Usage(format!(
                    "no source delivers an entity {name:?}: there is {}",
                    known.join(", ")
                )));
            };
            entity.json_schema()
        }
        None => {
            let all = delivered
                .iter()
                .map(|entity| (entity.name().to_owned(), entity.json_schema()));
            all.collect::<Map<_, _>>().into()
        }
    };
    let text = pretty(&schema)?;
    console.result(&schema, || text.trim_end().to_owned())?;
    Ok(0)
}

fn write(entities: &[Entity], folder: &Path, console: &Console) -> Result<u8> {
    fs::create_dir_all(folder)
        .with_context(|| Usage(format!("failed to make the folder {}", folder.display())))?;
    let mut files = Vec::new();
    for entity in entities {
        let path = folder.join(format!("{}.json", entity.name()));
        fs::write(&path, pretty(&entity.json_schema())?)
            .with_context(|| Usage(format!("failed to write {}", path.display())))?;
        files.push(path.display().to_string());
    }
    console.result(&serde_json::json!({ "written": &files }), || {
        format!(
            "wrote {} into {}",
            count_of(files.len(), "schema"),
            folder.display()
        )
    })?;
    Ok(0)
}

fn pretty(schema: &Value) -> Result<String> {
    Ok(serde_json::to_string_pretty(schema)? + "\n")
}
