//! `catwing tenant`: tenants and the files that describe them.

mod drift;
mod remap;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use catwing_domain::{BusinessDay, DatasetName, ObjectName, Revision, Site, TenantId};
use catwing_migrations::remove_tenant;
use catwing_recovery::site::{drop_site, stands};
use catwing_transform::{Preview, preview as preview_objects};
use sea_orm::sqlx;

use super::holdings;
use crate::{
    Console, Session,
    cli::TenantCommand,
    console::{mebibytes, table},
    failure::{USAGE, Usage},
    registry::{self, CheckedFile, check_file, count_of},
};

/// Bytes of a file that a preview reads at the most.
const PREVIEW_BYTES_MAX: u64 = 256 << 20;

/// Whether a command needs servers.
pub(super) fn needs_session(command: &TenantCommand) -> bool {
    !matches!(
        command,
        TenantCommand::Check { .. } | TenantCommand::Preview { .. }
    )
}

pub(super) fn offline(command: &TenantCommand, console: &Console) -> Result<u8> {
    match command {
        TenantCommand::Check { file } => check(file, console),
        TenantCommand::Preview {
            file,
            data,
            limit,
            dataset,
        } => preview(&check_file(file)?, data, *limit, dataset.as_ref(), console),
        _ => Ok(0),
    }
}

pub(super) async fn run(
    session: &Session,
    command: &TenantCommand,
    console: &Console,
) -> Result<u8> {
    match command {
        TenantCommand::Add { file } => {
            let added = registry::add(session, &check_file(file)?).await?;
            let json = serde_json::json!({ "client": added.client, "name": added.name, "mapping": added.mapping });
            console.result(&json, || {
                format!(
                    "{} {} is ready; its file is {}",
                    added.client, added.name, added.mapping
                )
            })?;
        }
        TenantCommand::List => {
            let tenants = registry::list(session).await?;
            let json: Vec<_> = tenants
                .iter()
                .map(|one| serde_json::json!({ "client": one.client, "name": one.name, "mapping": one.mapping }))
                .collect();
            let row = |one: &registry::Registered| {
                [
                    one.client.to_string(),
                    one.name.clone(),
                    one.mapping.to_string(),
                ]
            };
            console.result(&json, || {
                table(["client", "name", "file"], tenants.iter().map(row))
            })?;
        }
        TenantCommand::Show { client } => {
            let found = registry::get(session, *client).await?;
            let checked = registry::file_in_force(session, &found).await?;
            let text = String::from_utf8_lossy(&checked.bytes).into_owned();
            let json =
                serde_json::json!({ "client": client, "mapping": found.mapping, "file": text });
            console.result(&json, || text.clone())?;
        }
        TenantCommand::Drift { client } => drift::list(session, *client, console).await?,
        TenantCommand::Remap {
            file,
            entity,
            from,
            yes,
        } => remap::run(session, (file, entity, *from), *yes, console).await?,
        TenantCommand::Remove { client, yes } => remove(session, *client, *yes, console).await?,
        TenantCommand::Check { .. } | TenantCommand::Preview { .. } => {}
    }
    Ok(0)
}

/// Removes a tenant's schemas, after saying what goes and what stays; an archive is never removed.
async fn remove(session: &Session, client: TenantId, yes: bool, console: &Console) -> Result<()> {
    registry::get(session, client).await?;
    if client == TenantId::GLOBAL {
        bail!(Usage(
            "CW-GLOBAL is what all tenants share: it can't be removed".to_owned()
        ));
    }
    // What a rebuild or a restore has left beside goes with it.
    let mut schemas = Vec::new();
    for site in [Site::Live, Site::Beside, Site::Before] {
        if site == Site::Live || stands(&session.pool, client, site).await? {
            let named = client.schemas(site);
            schemas.extend(named.all().map(|schema| schema.name().to_owned()));
        }
    }
    let (tables, size_bytes): (i64, i64) = sqlx::query_as(
        "select count(*), coalesce(sum(pg_total_relation_size(oid)), 0)::bigint from pg_class \
         where relkind = 'r' and relnamespace in (select oid from pg_namespace where nspname = any ($1))",
    )
    .bind(&schemas)
    .fetch_one(&session.pool)
    .await?;
    let kept = holdings::of(session, client).await?;
    let size = mebibytes(u64::try_from(size_bytes)?);
    let removes = format!(
        "the schemas {} with {tables} tables, {size}, and its registration",
        schemas.join(", ")
    );
    let keeps = format!("the archive keeps {kept}, and every version of its file");
    if !yes {
        bail!(Usage(format!(
            "this removes {removes}; {keeps}: repeat with --yes"
        )));
    }
    registry::check_registrar(session).await?;
    for site in [Site::Beside, Site::Before] {
        drop_site(&session.pool, client, site).await?;
    }
    remove_tenant(&session.pool, &registry::names(client)).await?;
    registry::forget(session, client).await?;
    let json = serde_json::json!({
        "client": client,
        "removed": { "schemas": schemas, "tables": tables, "size_bytes": size_bytes },
        "kept": kept,
    });
    console.result(&json, || {
        format!(
            "{client}: removed {removes}\n{keeps}; to have it back: \
             catwing tenant add FILE.toml, then catwing backfill --client {client}"
        )
    })
}

/// Mistakes are the result of a check, so in JSON they stand on stdout.
fn check(file: &Path, console: &Console) -> Result<u8> {
    if console.is_json()
        && let Err(mistakes) = registry::compile_file(file)?
    {
        let told: Vec<_> = mistakes
            .iter()
            .map(|mistake| serde_json::json!({ "at": mistake.at, "message": mistake.message }))
            .collect();
        let json = serde_json::json!({ "client": null, "datasets": [], "mistakes": told });
        console.result(&json, String::new)?;
        return Ok(USAGE);
    }
    let checked = check_file(file)?;
    let datasets: Vec<_> = checked
        .file
        .datasets
        .keys()
        .map(ToString::to_string)
        .collect();
    let client = checked.file.client;
    let json = serde_json::json!({ "client": client, "datasets": datasets, "mistakes": [] });
    console.result(&json, || {
        format!(
            "{client}: no mistakes; {}: {}",
            count_of(datasets.len(), "dataset"),
            datasets.join(", ")
        )
    })?;
    Ok(0)
}

fn preview(
    checked: &CheckedFile,
    data: &Path,
    limit: usize,
    dataset: Option<&DatasetName>,
    console: &Console,
) -> Result<u8> {
    let mut files = if data.is_dir() {
        std::fs::read_dir(data)?
            .map(|entry| Ok(entry?.path()))
            .collect::<Result<Vec<_>>>()?
    } else {
        vec![data.to_owned()]
    };
    files.sort();
    files.retain(|path| path.is_file());
    let partners = asked_of(checked, &files, dataset);
    let mut previews: Vec<Preview> = Vec::new();
    for path in &files {
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let Some(dataset) = dataset.or_else(|| checked.file.dataset_of_file(&name)) else {
            console.say(&format!("{name}: no dataset takes it"));
            continue;
        };
        if partners.contains(dataset) {
            continue;
        }
        let mut delivery = vec![(dataset, path)];
        delivery.extend(partners_of(checked, dataset, &files));
        for found in preview_files(checked, &delivery, limit)? {
            let alike = |other: &&Preview| {
                other.entity == found.entity
                    && other.problems.is_empty() == found.problems.is_empty()
            };
            if previews.iter().filter(alike).count() < limit {
                previews.push(found);
            }
        }
    }
    console.result(&previews, || {
        let one = |preview: &Preview| {
            let problems: String = preview
                .problems
                .iter()
                .map(|problem| format!("\n  refused: {problem}"))
                .collect();
            format!(
                "{} record {} {}: {}{problems}\n",
                preview.object,
                preview.ordinal,
                preview.entity.name(),
                preview.record
            )
        };
        if previews.is_empty() {
            "no records".to_owned()
        } else {
            previews.iter().map(one).collect()
        }
    })?;
    Ok(0)
}

/// The datasets that those of some files ask of: what lies there is previewed with these.
fn asked_of(
    checked: &CheckedFile,
    files: &[PathBuf],
    dataset: Option<&DatasetName>,
) -> BTreeSet<DatasetName> {
    let of_file = |path: &PathBuf| {
        let name = path.file_name()?.to_string_lossy().into_owned();
        let dataset = dataset.or_else(|| checked.file.dataset_of_file(&name))?;
        Some(checked.mapping.partners(dataset))
    };
    files.iter().filter_map(of_file).flatten().collect()
}

/// Of each dataset that another one asks of, the first file of the folder: what is delivered together
/// is previewed together.
fn partners_of<'a>(
    checked: &'a CheckedFile,
    dataset: &DatasetName,
    files: &'a [PathBuf],
) -> Vec<(&'a DatasetName, &'a PathBuf)> {
    let file_of = |partner: &DatasetName| {
        files.iter().find_map(|path| {
            let name = path.file_name()?.to_string_lossy();
            let found = checked.file.dataset_of_file(&name)?;
            (found == partner).then_some((found, path))
        })
    };
    let partners = checked.mapping.partners(dataset);
    partners.iter().filter_map(file_of).collect()
}

fn preview_files(
    checked: &CheckedFile,
    delivery: &[(&DatasetName, &PathBuf)],
    limit: usize,
) -> Result<Vec<Preview>> {
    // Rows are not shown, so the last day does: nothing is of a later one.
    let day = BusinessDay::from_number(u16::MAX);
    let (mut objects, mut names) = (Vec::new(), BTreeMap::new());
    for (dataset, path) in delivery {
        let size = std::fs::metadata(path)?.len();
        if size > PREVIEW_BYTES_MAX {
            bail!(Usage(format!(
                "{} is larger than a preview reads: give its first part",
                path.display()
            )));
        }
        let bytes = std::fs::read(path)
            .with_context(|| Usage(format!("failed to read {}", path.display())))?;
        let object = ObjectName {
            dataset: (*dataset).clone(),
            revision: Revision::FIRST,
            page: None,
            extension: "data".to_owned(),
        };
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        names.insert(object.key(checked.file.client, day), name.into_owned());
        objects.push((object, bytes));
    }
    let objects: Vec<_> = objects
        .iter()
        .map(|(object, bytes)| (object.clone(), bytes.as_slice()))
        .collect();
    let mut previews = preview_objects(&checked.mapping, day, &objects, limit)?;
    for preview in &mut previews {
        if let Some(name) = names.get(&preview.object) {
            preview.object.clone_from(name);
        }
    }
    Ok(previews)
}
