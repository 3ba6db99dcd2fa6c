//! `cargo xtask check-migrations`: a shipped migration is never edited, renamed or removed.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};

use crate::workspace::Workspace;

/// The committed list, in the form of `sha256sum`: `cd migrations && sha256sum -c hashes.txt`.
const LIST: &str = "hashes.txt";

/// What a folder of a migration holds, both or it is none.
const PAIR: [&str; 2] = ["up.sql", "down.sql"];

/// Path below `migrations/` with forward slashes, to the SHA-256 in hex.
type Hashes = BTreeMap<String, String>;

/// Compares the list with the files; `bless` first adds the files that no one has shipped yet.
pub fn run(workspace: &Workspace, bless: bool) -> Result<()> {
    let migrations = workspace.root().join("migrations");
    let list = migrations.join(LIST);
    let present = hash_files(&migrations)?;
    let mut listed = read_list(&list)?;
    if bless {
        let added = add_new(&mut listed, &present);
        write_list(&list, &listed)?;
        println!(
            "check-migrations: added {added} files to {}",
            list.display()
        );
    }
    let problems = violations(&listed, &present);
    if !problems.is_empty() {
        bail!(
            "the migrations are not as shipped:\n  {}",
            problems.join("\n  ")
        );
    }
    println!("check-migrations: {} files as shipped", present.len());
    Ok(())
}

fn violations(listed: &Hashes, present: &Hashes) -> Vec<String> {
    let mut problems = Vec::new();
    for (path, shipped) in listed {
        match present.get(path) {
            None => problems.push(format!("{path} was shipped and is gone: restore it")),
            Some(now) if now != shipped => problems.push(format!(
                "{path} was shipped and is changed: restore it, and write a new migration"
            )),
            Some(_) => {}
        }
    }
    for path in present.keys().filter(|path| !listed.contains_key(*path)) {
        problems.push(format!(
            "{path} is not listed: run `cargo xtask check-migrations --bless`"
        ));
    }
    problems.extend(halves(present));
    problems
}

/// Folders that hold one file of the pair, or other SQL without it.
fn halves(present: &Hashes) -> Vec<String> {
    let folders: BTreeSet<&str> = present
        .keys()
        .filter_map(|path| path.rsplit_once('/'))
        .map(|(folder, _)| folder)
        .collect();
    let mut problems = Vec::new();
    for folder in folders {
        for file in PAIR {
            if !present.contains_key(&format!("{folder}/{file}")) {
                problems.push(format!("{folder} has no {file}"));
            }
        }
    }
    problems
}

fn add_new(listed: &mut Hashes, present: &Hashes) -> usize {
    let before = listed.len();
    for (path, hash) in present {
        listed.entry(path.clone()).or_insert_with(|| hash.clone());
    }
    listed.len() - before
}

fn hash_files(migrations: &Path) -> Result<Hashes> {
    let mut hashes = Hashes::new();
    let mut folders: Vec<PathBuf> = vec![migrations.join("src")];
    while let Some(folder) = folders.pop() {
        let entries =
            fs::read_dir(&folder).with_context(|| format!("cannot list {}", folder.display()))?;
        for entry in entries {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "sql") {
                let bytes =
                    fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
                let name = path
                    .strip_prefix(migrations)?
                    .to_str()
                    .with_context(|| format!("{} is not named in UTF-8", path.display()))?;
                hashes.insert(name.to_owned(), hex::encode(Sha256::digest(&bytes)));
            }
        }
    }
    Ok(hashes)
}

fn read_list(list: &Path) -> Result<Hashes> {
    if !list.exists() {
        return Ok(Hashes::new());
    }
    let text =
        fs::read_to_string(list).with_context(|| format!("cannot read {}", list.display()))?;
    parse_list(&text).with_context(|| format!("{} is damaged", list.display()))
}

fn parse_list(text: &str) -> Result<Hashes> {
    let mut hashes = Hashes::new();
    for (index, line) in text.lines().enumerate() {
        let number = index + 1;
        let (hash, path) = line
            .split_once("  ")
            .with_context(|| format!("line {number} is not `sha256  path`: {line:?}"))?;
        let is_sha256 = hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
        if !is_sha256 {
            bail!("line {number} does not begin with a SHA-256: {line:?}");
        }
        if hashes.insert(path.to_owned(), hash.to_owned()).is_some() {
            bail!("line {number} lists {path} a second time");
        }
    }
    Ok(hashes)
}

fn write_list(list: &Path, hashes: &Hashes) -> Result<()> {
    let text: String = hashes
        .iter()
        .map(|(path, hash)| format!("{hash}  {path}\n"))
        .collect();
    fs::write(list, text).with_context(|| format!("cannot write {}", list.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hashes(files: &[(&str, &str)]) -> Hashes {
        files
            .iter()
            .map(|(path, content)| ((*path).to_owned(), hex::encode(Sha256::digest(content))))
            .collect()
    }

    fn shipped() -> Hashes {
        hashes(&[
            ("src/m1/up.sql", "create table a ();"),
            ("src/m1/down.sql", "drop table a;"),
        ])
    }

    fn refused(listed: &Hashes, present: &Hashes, part: &str) {
        let problems = violations(listed, present);
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert!(problems[0].contains(part), "{problems:?}");
    }

    #[test]
    fn files_as_shipped_are_fine() {
        assert!(violations(&shipped(), &shipped()).is_empty());
    }

    #[test]
    fn an_edited_file_is_refused_and_blessing_does_not_help() {
        let mut edited = shipped();
        edited.extend(hashes(&[("src/m1/up.sql", "create table b ();")]));
        refused(
            &shipped(),
            &edited,
            "src/m1/up.sql was shipped and is changed",
        );

        let mut blessed = shipped();
        assert_eq!(add_new(&mut blessed, &edited), 0);
        assert_eq!(blessed, shipped());
    }

    #[test]
    fn a_removed_migration_is_refused_and_blessing_keeps_it_listed() {
        let problems = violations(&shipped(), &Hashes::new());
        assert_eq!(problems.len(), 2, "{problems:?}");
        let mut blessed = shipped();
        add_new(&mut blessed, &Hashes::new());
        assert_eq!(blessed, shipped());
    }

    #[test]
    fn a_new_migration_must_be_listed_and_whole() {
        let mut present = shipped();
        present.extend(hashes(&[
            ("src/m2/up.sql", "create table c ();"),
            ("src/m2/down.sql", "drop table c;"),
        ]));
        assert_eq!(violations(&shipped(), &present).len(), 2);

        let mut listed = shipped();
        assert_eq!(add_new(&mut listed, &present), 2);
        assert!(violations(&listed, &present).is_empty());

        present.remove("src/m2/down.sql");
        listed.remove("src/m2/down.sql");
        refused(&listed, &present, "src/m2 has no down.sql");
    }

    #[test]
    fn the_list_is_read_as_written_and_damage_is_named() {
        let folder = std::env::temp_dir().join(format!("catwing-list-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("a folder");
        let list = folder.join(LIST);
        assert_eq!(read_list(&list).expect("none yet"), Hashes::new());
        write_list(&list, &shipped()).expect("written");
        assert_eq!(read_list(&list).expect("read"), shipped());
        fs::remove_dir_all(&folder).expect("removed");

        for damaged in ["abc  src/m1/up.sql", "one word"] {
            assert!(parse_list(damaged).is_err(), "{damaged}");
        }
        let line = format!("{}  a.sql\n", hex::encode(Sha256::digest("a")));
        assert!(parse_list(&line.repeat(2)).is_err());
    }
}
