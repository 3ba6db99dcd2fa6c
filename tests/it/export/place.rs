//! Where exports are made, and how they are read here.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use arrow::{
    array::RecordBatch,
    util::display::{ArrayFormatter, FormatOptions},
};
use bytes::Bytes;
use catwing_domain::manifest::Sha256Hash;
use catwing_ml_export::{
    ExportError, ExportManifest, ExportReport, Window, export, export_prefix, manifest_key,
};
use futures_util::TryStreamExt;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use sea_orm::sqlx::{self, AssertSqlSafe};

use crate::warehouse::Warehouse;

pub const RUN_DATE: &str = "2026-02-17";
const FILE_BYTES_MAX: u64 = 64 << 20;
const TENANT: &str = r#"
client = "CW-000200"
name = "Shop"
time_zone = "UTC"
base_currency = "EUR"
[datasets.products]
number = 1
completeness = "snapshot"
"#;

/// A tenant with a database and a bucket.
pub struct Place {
    pub warehouse: Warehouse,
}

impl Place {
    /// An empty one.
    pub async fn empty() -> Result<Self> {
        let place = Self {
            warehouse: Warehouse::create(TENANT).await?,
        };
        // The shop below has currencies of its own.
        place
            .execute("delete from cw_global.client_config; delete from cw_global.currencies")
            .await?;
        Ok(place)
    }

    /// The shop whose facts are worked out by hand.
    pub async fn shop() -> Result<Self> {
        let place = Self::empty().await?;
        place.execute(include_str!("shop.sql")).await?;
        Ok(place)
    }

    pub async fn execute(&self, sql: &str) -> Result<()> {
        let mut connection = self.warehouse.pool.acquire().await?;
        let statements = format!("set search_path to cw_200; {sql}; reset search_path");
        sqlx::raw_sql(AssertSqlSafe(statements))
            .execute(&mut *connection)
            .await?;
        Ok(())
    }

    pub async fn export(&self) -> Result<ExportReport, ExportError> {
        self.export_days(None, RUN_DATE).await
    }

    pub async fn export_days(
        &self,
        from: Option<&str>,
        run_date: &str,
    ) -> Result<ExportReport, ExportError> {
        let day = |text: &str| text.parse().expect("a day");
        let window = Window {
            from: from.map(day),
            run_date: day(run_date),
        };
        let store = &self.warehouse.archive.store;
        export(&self.warehouse.pool, store, self.warehouse.tenant(), window).await
    }

    /// Every object of the export of a day, by its name.
    pub async fn objects(&self, run_date: &str) -> Result<BTreeMap<String, Bytes>> {
        let prefix = export_prefix(self.warehouse.tenant(), run_date.parse()?);
        let store = &self.warehouse.archive.store;
        let listed: Vec<_> = store.list(&prefix, None).try_collect().await?;
        let mut objects = BTreeMap::new();
        for object in listed {
            let name = object.key.strip_prefix(&prefix).context("a name")?;
            let bytes = store.get_small(&object.key, FILE_BYTES_MAX).await?;
            objects.insert(name.to_owned(), bytes);
        }
        Ok(objects)
    }

    /// The manifest of an export, after making sure that every file is what it says.
    pub async fn manifest(&self, run_date: &str) -> Result<ExportManifest> {
        let key = manifest_key(self.warehouse.tenant(), run_date.parse()?);
        let store = &self.warehouse.archive.store;
        let bytes = store.get_small(&key, FILE_BYTES_MAX).await?;
        let manifest: ExportManifest = serde_json::from_slice(&bytes)?;
        for file in &manifest.files {
            let bytes = store.get_small(&file.key, FILE_BYTES_MAX).await?;
            ensure!(bytes.len() as u64 == file.size_bytes, "{}", file.key);
            ensure!(Sha256Hash::of(&bytes) == file.sha256, "{}", file.key);
            ensure!(read(&bytes)?.len() as u64 == file.rows, "{}", file.key);
        }
        Ok(manifest)
    }

    /// The rows of a file of the export, a row's columns as text with bars between them.
    pub async fn rows(&self, name: &str, columns: &[&str]) -> Result<Vec<String>> {
        let objects = self.objects(RUN_DATE).await?;
        let rows = read(&objects[name])?;
        let line = |row: &BTreeMap<String, String>| {
            let values: Vec<_> = columns.iter().map(|name| row[*name].as_str()).collect();
            values.join("|")
        };
        Ok(rows.iter().map(line).collect())
    }
}

/// The rows of a Parquet file, each value as text and null as nothing.
pub fn read(bytes: &Bytes) -> Result<Vec<BTreeMap<String, String>>> {
    let reader = ParquetRecordBatchReaderBuilder::try_new(bytes.clone())?.build()?;
    let mut rows = Vec::new();
    for batch in reader {
        read_batch(&batch?, &mut rows)?;
    }
    Ok(rows)
}

fn read_batch(batch: &RecordBatch, rows: &mut Vec<BTreeMap<String, String>>) -> Result<()> {
    let schema = batch.schema();
    let options = FormatOptions::new();
    let columns = batch.columns().iter().zip(schema.fields());
    let columns: Vec<_> = columns
        .map(|(array, field)| Ok((field.name(), ArrayFormatter::try_new(array, &options)?)))
        .collect::<Result<_>>()?;
    for row in 0..batch.num_rows() {
        let value = |(name, array): &(&String, ArrayFormatter<'_>)| {
            ((*name).clone(), array.value(row).to_string())
        };
        rows.push(columns.iter().map(value).collect());
    }
    Ok(())
}
