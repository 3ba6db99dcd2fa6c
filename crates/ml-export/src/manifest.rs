//! `_manifest.json`: what an export consists of, and of which moment of the database it is.

use catwing_domain::{BusinessDay, TenantId, manifest::Sha256Hash};
use serde::{Deserialize, Serialize};

use crate::column::{Column, ColumnType};

/// Version of the manifest's form.
pub const MANIFEST_VERSION: u32 = 1;

/// The last object of an export to be written: where it is, all files are whole and are those that it
/// names. The same database and version of catwing give the same bytes, so it tells no time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportManifest {
    /// [`MANIFEST_VERSION`].
    pub manifest_version: u32,
    /// The tenant.
    pub client: TenantId,
    /// Last day of the facts: the business day of the run.
    pub run_date: BusinessDay,
    /// First day of the facts, `2026-02-24`.
    pub from_date: String,
    /// Code of the currency of all values.
    pub base_currency: String,
    /// What made it: `catwing 0.1.0`.
    pub created_by: String,
    /// What the tenant's database held.
    pub position: Position,
    /// What the shared schema held: rates of exchange.
    pub shared_position: Position,
    /// The files.
    pub files: Vec<FileEntry>,
}

/// A file of an export.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileEntry {
    /// Its name: `features.parquet`.
    pub name: String,
    /// Its key in the bucket.
    pub key: String,
    /// Its rows.
    pub rows: u64,
    /// Its bytes.
    pub size_bytes: u64,
    /// Their SHA-256.
    pub sha256: Sha256Hash,
    /// Its columns, in order.
    pub columns: Vec<ColumnEntry>,
}

/// A column of a file, as the file's own metadata describes it too.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ColumnEntry {
    /// Its name.
    pub name: String,
    /// What it holds.
    #[serde(rename = "type")]
    pub ty: ColumnType,
    /// The type in Arrow.
    pub arrow_type: String,
    /// What it counts in; empty where that makes no sense.
    pub unit: String,
    /// What it means.
    pub meaning: String,
    /// What null means; none where it is never null.
    pub null: Option<String>,
}

/// A database's position: which deliveries are applied, and through what.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// Manifest entries that are applied.
    pub entries: i64,
    /// The greatest number of them; none where nothing is applied.
    pub greatest_entry: Option<i64>,
    /// The newest business day of them.
    pub newest_business_day: Option<String>,
    /// Versions of transform that they went through.
    pub transform_versions: Vec<i32>,
    /// SHA-256 of each mapping that they went through.
    pub mappings: Vec<String>,
}

impl From<&Column> for ColumnEntry {
    fn from(column: &Column) -> Self {
        Self {
            name: column.name.to_owned(),
            ty: column.ty,
            arrow_type: column.ty.data_type().to_string(),
            unit: column.unit.to_owned(),
            meaning: column.meaning.to_owned(),
            null: column.null.map(str::to_owned),
        }
    }
}
