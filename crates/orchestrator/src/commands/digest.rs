//! `catwing digest`.

use std::path::Path;

use anyhow::{Context, Result, bail};
use catwing_recovery::digest::{Comparison, TenantDigest, compare, digest};

use crate::{
    Console, Session,
    cli::{DigestArgs, DigestCommand},
    console::{grouped, table},
    failure::{FAILED, Usage},
    registry,
};

pub(super) async fn run(session: &Session, args: &DigestArgs, console: &Console) -> Result<u8> {
    let Some(client) = args.client else {
        bail!(Usage("name the tenant with --client".to_owned()))
    };
    registry::get(session, client).await?;
    let found = digest(&session.pool, client).await?;
    let found = if args.days {
        found
    } else {
        found.without_days()
    };
    console.result(&found, || {
        let row = |(name, table): (&String, &catwing_recovery::digest::TableDigest)| {
            [name.clone(), grouped(table.rows), table.digest.to_string()]
        };
        format!(
            "{client} {}\n{}",
            found.digest,
            table(["table", "rows", "digest"], found.tables.iter().map(row))
        )
    })?;
    Ok(0)
}

pub(super) fn diff(args: &DigestArgs, console: &Console) -> Result<u8> {
    let Some(DigestCommand::Diff { left, right }) = &args.compare else {
        return Ok(0);
    };
    let comparison = compare(&read(left)?, &read(right)?)?;
    let (equal, tables) = match &comparison {
        Comparison::Equal => (true, Vec::new()),
        Comparison::Different(tables) => (
            false,
            tables.iter().map(|table| table.table.clone()).collect(),
        ),
    };
    console.result(
        &serde_json::json!({ "equal": equal, "tables": tables }),
        || {
            if equal {
                "equal".to_owned()
            } else {
                format!("different: {}", tables.join(", "))
            }
        },
    )?;
    Ok(if equal { 0 } else { FAILED })
}

fn read(path: &Path) -> Result<TenantDigest> {
    let text = std::fs::read_to_string(path)
        .with_context(|| Usage(format!("failed to read {}", path.display())))?;
    serde_json::from_str(&text)
        .with_context(|| Usage(format!("{} is no saved digest", path.display())))
}
