//! The migration's folder: its SQL, and whether it is what the source gives.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::{ReferenceTable, tables};

/// What the names of migrations with reference rows end with.
const SUFFIX: &str = "_reference_rows";
/// Where migrations of `cw_global` lie, below the folder of all migrations.
const GLOBAL: &str = "src/global";
/// Bytes after which a line of codes in `down.sql` is broken.
const LINE_BYTES: usize = 96;

const UP_HEAD: &str = "\
-- Countries of ISO 3166-1, currencies of ISO 4217 and languages of ISO 639-1, written by
-- `cargo xtask reference-data`. Ids are those that transform computes. A row that a record had
-- named before, and that was inferred, gets its name here; rows that no standard lists stay.
";
/// Which rows of a table stay when its other rows are taken away.
const DOWN_KEEPS: [(&str, &str); 1] = [(
    "currencies",
    "and not exists (
    select from cw_global.client_config as client where client.base_currency_id = currencies.id
)
and not exists (
    select from cw_global.currency_rates as rate
    where currencies.id in (rate.from_currency_id, rate.to_currency_id)
)",
)];
const DOWN_HEAD: &str = "\
-- Fails, and changes nothing, where a row of a tenant refers to one of these: what it points to
-- can't be taken away. Currencies that rows of cw_global itself refer to stay, since the tables of
-- both go together, and so do rows that no standard lists.
";

/// What [`write()`] did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The migration was already what the source gives.
    Same(String),
    /// This migration was written.
    Written(String),
}

/// Proves that the newest migration with reference rows is what the source gives, and runs.
///
/// # Errors
/// Where it is not, with what to do.
pub fn check(migrations: &Path) -> Result<String> {
    let Some(name) = newest(migrations)? else {
        bail!("no migration has reference rows: run `cargo xtask reference-data --into NAME`");
    };
    if !is_current(migrations, &name)? {
        bail!(
            "{name} is not what the source gives: {}",
            remedy(migrations, &name)?
        );
    }
    let list = fs::read_to_string(migrations.join("src/global.rs"))?;
    if !list.contains(&format!("{name}::MIGRATION")) {
        bail!("{name} never runs: name it in migrations/src/global.rs");
    }
    Ok(name)
}

/// Writes the migration `into`, or the newest one again while nobody has it.
///
/// # Errors
/// For a migration that is shipped, whose rows databases have: a newer source is a new migration.
pub fn write(migrations: &Path, into: Option<&str>) -> Result<Outcome> {
    let newest = newest(migrations)?;
    let name = match (into, &newest) {
        (Some(into), Some(newest)) if into < newest.as_str() => {
            bail!("{into} would run before {newest}: give it a later date or number")
        }
        (Some(into), _) if !into.ends_with(SUFFIX) => bail!("{into} does not end with {SUFFIX}"),
        (Some(into), _) => into.to_owned(),
        (None, Some(newest)) => newest.clone(),
        (None, None) => bail!("no migration has reference rows yet: name one with --into"),
    };
    if is_current(migrations, &name)? {
        return Ok(Outcome::Same(name));
    }
    if is_shipped(migrations, &name)? {
        bail!("{name} is shipped: {}", remedy(migrations, &name)?);
    }
    let folder = folder_of(migrations, &name);
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    for (file, text) in files(&name)? {
        let path = folder.join(file);
        fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(Outcome::Written(name))
}

fn remedy(migrations: &Path, name: &str) -> Result<&'static str> {
    Ok(if is_shipped(migrations, name)? {
        "databases have its rows, so it is never edited; write a new migration with \
         `cargo xtask reference-data --into mYYYYMMDD_NNNNNN_reference_rows`, whose upsert also \
         renames; a country with a new name has a new id and needs a statement of its own first"
    } else {
        "nobody has it yet, run `cargo xtask reference-data`"
    })
}

fn newest(migrations: &Path) -> Result<Option<String>> {
    let global = migrations.join(GLOBAL);
    let mut newest = None;
    let entries =
        fs::read_dir(&global).with_context(|| format!("cannot list {}", global.display()))?;
    for entry in entries {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if name.ends_with(SUFFIX) {
            newest = newest.max(Some(name));
        }
    }
    Ok(newest)
}

fn is_current(migrations: &Path, name: &str) -> Result<bool> {
    let folder = folder_of(migrations, name);
    Ok(files(name)?
        .iter()
        .all(|(file, text)| fs::read_to_string(folder.join(file)).is_ok_and(|now| now == *text)))
}

fn is_shipped(migrations: &Path, name: &str) -> Result<bool> {
    let list = migrations.join("hashes.txt");
    let listed =
        fs::read_to_string(&list).with_context(|| format!("cannot read {}", list.display()))?;
    Ok(listed.contains(&format!("  {GLOBAL}/{name}/")))
}

fn folder_of(migrations: &Path, name: &str) -> PathBuf {
    migrations.join(GLOBAL).join(name)
}

fn files(name: &str) -> Result<[(&'static str, String); 3]> {
    let tables = tables()?;
    Ok([
        ("up.sql", up_sql(&tables)?),
        ("down.sql", down_sql(&tables)?),
        ("mod.rs", module(name)),
    ])
}

fn up_sql(tables: &[ReferenceTable]) -> Result<String> {
    let mut sql = UP_HEAD.to_owned();
    for table in tables {
        let columns = table.columns.join(", ");
        let (name, key) = (table.name, table.key_column);
        writeln!(
            sql,
            "\ninsert into cw_global.{name} (id, {key}, {columns}) values"
        )?;
        let mut rows = Vec::with_capacity(table.rows.len());
        for (natural_key, values) in &table.rows {
            let mut row = vec![table.id(natural_key)?.to_string(), literal(natural_key)];
            row.extend(values.iter().map(|value| match value {
                Some(value) => literal(value),
                None => "null".to_owned(),
            }));
            rows.push(format!("    ({})", row.join(", ")));
        }
        let sets = table.columns.iter();
        let sets: Vec<_> = sets
            .map(|column| format!("{column} = excluded.{column}"))
            .collect();
        writeln!(
            sql,
            "{}\non conflict (id) do update set {};",
            rows.join(",\n"),
            sets.join(", ")
        )?;
    }
    Ok(sql)
}

fn down_sql(tables: &[ReferenceTable]) -> Result<String> {
    let mut sql = DOWN_HEAD.to_owned();
    for table in tables {
        writeln!(
            sql,
            "\ndelete from cw_global.{} where {} in (",
            table.name, table.key_column
        )?;
        let mut line = String::from("   ");
        let mut keys = table.rows.keys().peekable();
        while let Some(key) = keys.next() {
            let separator = if keys.peek().is_some() { "," } else { "" };
            let item = format!(" {}{separator}", literal(key));
            if line.len() + item.len() > LINE_BYTES {
                writeln!(sql, "{line}")?;
                line = String::from("   ");
            }
            line.push_str(&item);
        }
        write!(sql, "{line}\n)")?;
        for (_, keeps) in DOWN_KEEPS.iter().filter(|(name, _)| *name == table.name) {
            write!(sql, "\n{keeps}")?;
        }
        writeln!(sql, ";")?;
    }
    Ok(sql)
}

fn module(name: &str) -> String {
    format!(
        "//! See `up.sql`.\n\nuse crate::migration::SqlMigration;\n\n\
         pub(super) const MIGRATION: SqlMigration = SqlMigration {{\n    \
         name: \"{name}\",\n    up: include_str!(\"up.sql\"),\n    \
         down: include_str!(\"down.sql\"),\n}};\n"
    )
}

/// A text as SQL writes it; no backslash means anything in it.
fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: &str = "m20270101_000001_reference_rows";
    const SECOND: &str = "m20270101_000002_reference_rows";

    fn migrations() -> Result<tempfile::TempDir> {
        let folder = tempfile::tempdir()?;
        fs::create_dir_all(folder.path().join(GLOBAL))?;
        fs::write(folder.path().join("hashes.txt"), "")?;
        fs::write(folder.path().join("src/global.rs"), "")?;
        Ok(folder)
    }

    fn refused<T: std::fmt::Debug>(result: Result<T>, part: &str) {
        let error = format!("{:#}", result.expect_err(part));
        assert!(error.contains(part), "{error}");
    }

    #[test]
    fn a_migration_is_written_again_until_it_is_shipped() -> Result<()> {
        let folder = migrations()?;
        let path = folder.path();
        refused(write(path, None), "--into");
        refused(check(path), "--into");
        refused(write(path, Some("m1_rows")), "does not end with");
        assert_eq!(write(path, Some(FIRST))?, Outcome::Written(FIRST.into()));
        assert_eq!(write(path, None)?, Outcome::Same(FIRST.into()));
        refused(check(path), "never runs");
        fs::write(path.join("src/global.rs"), format!("{FIRST}::MIGRATION"))?;
        assert_eq!(check(path)?, FIRST);

        // As if the source had changed: what is there is not what it gives now.
        let up = folder_of(path, FIRST).join("up.sql");
        fs::write(&up, "select 1;")?;
        refused(check(path), "nobody has it yet");
        assert_eq!(write(path, None)?, Outcome::Written(FIRST.into()));

        fs::write(&up, "select 1;")?;
        fs::write(
            path.join("hashes.txt"),
            format!("0  {GLOBAL}/{FIRST}/up.sql\n"),
        )?;
        refused(check(path), "--into mYYYYMMDD");
        refused(write(path, None), "is shipped");
        assert_eq!(fs::read_to_string(&up)?, "select 1;");
        refused(
            write(path, Some("m2026_reference_rows")),
            "would run before",
        );
        assert_eq!(write(path, Some(SECOND))?, Outcome::Written(SECOND.into()));
        assert_eq!(fs::read_to_string(&up)?, "select 1;");
        Ok(())
    }

    #[test]
    fn quotes_stay_inside_of_texts() {
        assert_eq!(literal("C\u{f4}te d'Ivoire"), "'C\u{f4}te d''Ivoire'");
    }
}
