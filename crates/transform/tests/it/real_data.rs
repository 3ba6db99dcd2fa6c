//! Real data, where this machine has it.

use std::{
    collections::BTreeMap,
    fs::{self, OpenOptions},
    io::Write,
    path::{Path, PathBuf},
};

use catwing_domain::{Cell, Rows, TableId, tenant_file::TenantFile};
use catwing_transform::{Mapping, Whole};

/// The CSV files of a folder of real data, by name; where it is absent, the task runner is told that
/// the test could not run.
pub fn csv_files(folder: &str) -> Option<Vec<PathBuf>> {
    let datasets = std::env::var_os("CATWING_DATASETS").map(PathBuf::from);
    let path = datasets.map(|datasets| datasets.join(folder));
    let entries = path.as_ref().and_then(|path| fs::read_dir(path).ok());
    let Some(entries) = entries else {
        skip(folder);
        return None;
    };
    let files = entries.map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = files
        .filter(|file| file.extension().is_some_and(|extension| extension == "csv"))
        .collect();
    files.sort();
    Some(files)
}

fn skip(folder: &str) {
    let current = std::thread::current();
    let test = current.name().unwrap_or(folder);
    let why = format!("CATWING_DATASETS names no folder with {folder}");
    eprintln!("skipped: {test}: {why}");
    if let Some(path) = std::env::var_os("CATWING_TEST_SKIPS") {
        let file = OpenOptions::new().append(true).create(true).open(path);
        writeln!(file.unwrap(), "{test}\t{why}").unwrap();
    }
}

/// A mapping of the project by its name.
pub fn mapping(name: &str) -> Mapping {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/mappings");
    let text = fs::read_to_string(folder.join(format!("{name}.toml"))).unwrap();
    Mapping::compile(&TenantFile::parse(&text).unwrap()).unwrap()
}

/// A table's rows by the names of their columns.
pub fn rows(
    whole: &Whole,
    table: TableId,
) -> impl Iterator<Item = BTreeMap<&'static str, Cell<'_>>> {
    let rows = whole.output.rows.get(&table);
    let rows = rows.into_iter().flat_map(Rows::iter);
    let names = table.table().columns.iter().map(|column| column.name);
    rows.map(move |cells| names.clone().zip(cells).collect())
}
