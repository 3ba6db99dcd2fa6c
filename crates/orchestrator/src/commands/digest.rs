//! `catwing digest`.

use std::path::Path;

use anyhow::{Context, Result, bail};
use catwing_domain::TenantId;
use catwing_recovery::digest::{Comparison, TableDifference, TenantDigest, compare, digest};
use secrecy::SecretString;

use crate::{
    Console, Session, Settings,
    cli::{DigestArgs, DigestCommand},
    console::{grouped, table},
    failure::{FAILED, Usage},
    registry,
    session::{connect, database_url},
};

/// Days of a table that a comparison names for a person.
const DAYS_SHOWN: usize = 5;

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

pub(super) async fn diff(args: &DigestArgs, settings: &Settings, console: &Console) -> Result<u8> {
    let Some(DigestCommand::Diff {
        left,
        right,
        client,
    }) = &args.compare
    else {
        return Ok(0);
    };
    let left = side(left, *client, settings, console).await?;
    let right = side(right, *client, settings, console).await?;
    let tables = match compare(&left, &right)? {
        Comparison::Equal => Vec::new(),
        Comparison::Different(tables) => tables,
    };
    let json: Vec<_> = tables
        .iter()
        .map(|table| {
            let days: Vec<_> = table.days.iter().map(|day| &day.day).collect();
            serde_json::json!({ "table": table.table, "days": days })
        })
        .collect();
    let whole = serde_json::json!({ "equal": tables.is_empty(), "tables": json });
    console.result(&whole, || {
        if tables.is_empty() {
            return "equal".to_owned();
        }
        let row = |table: &TableDifference| {
            let days: Vec<_> = table
                .days
                .iter()
                .take(DAYS_SHOWN)
                .map(|day| day.day.to_string())
                .collect();
            let more = table.days.len().saturating_sub(DAYS_SHOWN);
            let more = if more > 0 {
                format!(" and {more} more")
            } else {
                String::new()
            };
            [table.table.clone(), format!("{}{more}", days.join(" "))]
        };
        table(["different", "business days"], tables.iter().map(row))
    })?;
    Ok(if tables.is_empty() { 0 } else { FAILED })
}

/// One side of a comparison: a saved digest, or a database's.
async fn side(
    text: &str,
    client: Option<TenantId>,
    settings: &Settings,
    console: &Console,
) -> Result<TenantDigest> {
    let url = match text.strip_prefix("env:") {
        Some(name) => Some(SecretString::from(std::env::var(name).map_err(|_| {
            Usage(format!("the variable {name} is not set, or is no text"))
        })?)),
        None if text == "live" => Some(database_url(settings, console).await?),
        None if text.starts_with("postgres://") || text.starts_with("postgresql://") => {
            if has_password(text) {
                bail!(Usage(
                    "a password among arguments is seen by every user of the machine: put the URL \
                     into a variable and say env:NAME"
                        .to_owned()
                ));
            }
            Some(SecretString::from(text))
        }
        None => None,
    };
    let Some(url) = url else {
        return read(Path::new(text));
    };
    let Some(client) = client else {
        bail!(Usage(
            "name the tenant with --client: a side is a database".to_owned()
        ))
    };
    Ok(digest(&connect(&url).await?, client).await?)
}

/// Whether a URL holds a password: `user:password@` before its first path.
fn has_password(url: &str) -> bool {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    let in_query = url
        .split_once('?')
        .is_some_and(|(_, query)| query.contains("password="));
    let named = authority
        .rsplit_once('@')
        .is_some_and(|(user, _)| user.contains(':'));
    named || in_query
}

fn read(path: &Path) -> Result<TenantDigest> {
    let text = std::fs::read_to_string(path)
        .with_context(|| Usage(format!("failed to read {}", path.display())))?;
    serde_json::from_str(&text)
        .with_context(|| Usage(format!("{} is no saved digest", path.display())))
}

#[cfg(test)]
mod tests {
    use super::has_password;

    #[test]
    fn passwords_are_seen_wherever_they_stand() {
        assert!(has_password("postgres://me:secret@db/x"));
        assert!(has_password("postgres:///x?host=/run&password=secret"));
        assert!(!has_password("postgres://me@db:5432/x"));
        assert!(!has_password("postgres:///x?host=/run/a@b:c"));
    }
}
