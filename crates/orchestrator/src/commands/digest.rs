//! `catwing digest`.

use std::path::Path;

use anyhow::{Context, Result, bail};
use catwing_domain::{Site, TableId, TenantId};
use catwing_recovery::{
    digest::{
        Comparison, HeldBy, RowDifference, RowsOf, TableDifference, TenantDigest, compare,
        differing_rows, digest, digest_at,
    },
    site::stands,
};
use sea_orm::sqlx::PgPool;
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
        rows,
    }) = &args.compare
    else {
        return Ok(0);
    };
    let left = side(left, *client, settings, console).await?;
    let right = side(right, *client, settings, console).await?;
    let tables = match compare(&left.digest, &right.digest)? {
        Comparison::Equal => Vec::new(),
        Comparison::Different(tables) => tables,
    };
    let mut different = Vec::new();
    for table in tables {
        let rows = rows_of(&left, &right, &table, *rows).await?;
        different.push((table, rows));
    }
    let json: Vec<_> = different
        .iter()
        .map(|(table, rows)| {
            let days: Vec<_> = table.days.iter().map(|day| &day.day).collect();
            serde_json::json!({ "table": table.table, "days": days, "rows": rows })
        })
        .collect();
    let whole = serde_json::json!({ "equal": different.is_empty(), "tables": json });
    console.result(&whole, || shown(&different))?;
    Ok(if different.is_empty() { 0 } else { FAILED })
}

fn shown(different: &[(TableDifference, Vec<RowDifference>)]) -> String {
    if different.is_empty() {
        return "equal".to_owned();
    }
    let row = |(table, _): &(TableDifference, Vec<RowDifference>)| {
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
        let rows = |rows: Option<u64>| rows.map_or("-".to_owned(), grouped);
        [
            table.table.clone(),
            rows(table.left_rows),
            rows(table.right_rows),
            format!("{}{more}", days.join(" ")),
        ]
    };
    let header = ["different", "rows left", "rows right", "business days"];
    let mut text = table(header, different.iter().map(row));
    for (table, rows) in different {
        for row in rows {
            let value = |value: &Option<String>| value.clone().unwrap_or_else(|| "null".to_owned());
            let key: Vec<_> = row.key.iter().map(value).collect();
            text.push_str(&format!("\n{} {}: ", table.table, key.join(" / ")));
            match row.held_by {
                HeldBy::Left => text.push_str("only left"),
                HeldBy::Right => text.push_str("only right"),
                HeldBy::Both => {
                    let columns: Vec<_> = row
                        .columns
                        .iter()
                        .map(|one| {
                            format!(
                                "{} {} | {}",
                                one.column,
                                value(&one.left),
                                value(&one.right)
                            )
                        })
                        .collect();
                    text.push_str(&columns.join(", "));
                }
            }
        }
    }
    text
}

/// One side of a comparison.
struct Side {
    digest: TenantDigest,
    /// Where its rows are; a saved digest has none.
    rows: Option<(PgPool, Site)>,
}

/// The first rows that differ in a table, of its first day that does.
async fn rows_of(
    left: &Side,
    right: &Side,
    table: &TableDifference,
    limit: usize,
) -> Result<Vec<RowDifference>> {
    let id = TableId::ALL
        .iter()
        .chain(TableId::STATISTICS)
        .find(|id| id.name() == table.table);
    let (Some(id), Some(left_rows), Some(right_rows)) = (id, &left.rows, &right.rows) else {
        return Ok(Vec::new());
    };
    let sides = (
        RowsOf {
            pool: &left_rows.0,
            site: left_rows.1,
        },
        RowsOf {
            pool: &right_rows.0,
            site: right_rows.1,
        },
    );
    let day = table.days.first().map(|day| day.day);
    Ok(differing_rows(sides, left.digest.client, *id, day, limit).await?)
}

/// One side of a comparison: a saved digest, or a database's.
async fn side(
    text: &str,
    client: Option<TenantId>,
    settings: &Settings,
    console: &Console,
) -> Result<Side> {
    let url = match text.strip_prefix("env:") {
        Some(name) => Some(SecretString::from(std::env::var(name).map_err(|_| {
            Usage(format!("the variable {name} is not set, or is no text"))
        })?)),
        None if matches!(text, "live" | "beside") => Some(database_url(settings, console).await?),
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
        let digest = read(Path::new(text))?;
        return Ok(Side { digest, rows: None });
    };
    let Some(client) = client else {
        bail!(Usage(
            "name the tenant with --client: a side is a database".to_owned()
        ))
    };
    let site = if text == "beside" {
        Site::Beside
    } else {
        Site::Live
    };
    let pool = connect(&url).await?;
    if site == Site::Beside && !stands(&pool, client, site).await? {
        bail!(Usage(format!(
            "nothing stands beside {client}: `catwing recovery rebuild --client {client} --no-switch` makes it"
        )));
    }
    Ok(Side {
        digest: digest_at(&pool, client, site).await?,
        rows: Some((pool, site)),
    })
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
