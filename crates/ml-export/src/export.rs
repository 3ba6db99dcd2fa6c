//! An export from start to end: both files are written out of sight, then take the place of those
//! before, and the manifest comes last.

use std::time::Instant;

use catwing_domain::{
    BusinessDay, TenantId,
    failpoint::{
        EXPORT_AFTER_FILE, EXPORT_AFTER_REMOVE, EXPORT_AFTER_SEAL, EXPORT_BEFORE_PUBLISH, failpoint,
    },
};
use catwing_raw_store::{Store, Upload};
use sea_orm::sqlx::PgPool;
use serde::Serialize;

use crate::{
    ExportError,
    column::{Column, DATE_POSITION, FEATURES, TARGETS},
    copy::{self, CopyRow},
    manifest::{ColumnEntry, ExportManifest, FileEntry, MANIFEST_VERSION},
    parquet_file::ParquetFile,
    snapshot::{Snapshot, currency_code},
};

/// Which days are exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// The first day; the first of all facts where none is given.
    pub from: Option<BusinessDay>,
    /// The last day: the business day of the run, which the export is named after.
    pub run_date: BusinessDay,
}

/// What was exported.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ExportReport {
    /// The tenant.
    pub client: TenantId,
    /// The business day of the run.
    pub run_date: BusinessDay,
    /// First day of the facts, `2026-02-24`.
    pub from_date: String,
    /// Code of the currency of all values.
    pub base_currency: String,
    /// The files.
    pub files: Vec<ExportedFile>,
    /// Key of the manifest.
    pub manifest_key: String,
    /// How long all of it took.
    pub seconds: f64,
}

/// A file that was exported.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ExportedFile {
    /// Its name: `features.parquet`.
    pub name: String,
    /// Its key in the bucket.
    pub key: String,
    /// Its rows.
    pub rows: u64,
    /// Its bytes.
    pub size_bytes: u64,
    /// How long it took to read and write.
    pub seconds: f64,
}

/// What a file is made of.
struct FileKind {
    name: &'static str,
    columns: &'static [Column],
    select: &'static str,
    /// Whether a column follows that names a currency without a rate.
    tells_missing_rates: bool,
}

const FILES: [FileKind; 2] = [
    FileKind {
        name: "features.parquet",
        columns: FEATURES,
        select: include_str!("sql/features.sql"),
        tells_missing_rates: true,
    },
    FileKind {
        name: "targets.parquet",
        columns: TARGETS,
        select: include_str!("sql/targets.sql"),
        tells_missing_rates: false,
    },
];
const MANIFEST: &str = "_manifest.json";

/// A file that is written and not published.
struct WrittenFile {
    kind: &'static FileKind,
    upload: Upload,
    rows: u64,
    seconds: f64,
}

/// Where the export of a run is: all keys of it begin so.
#[must_use]
pub fn export_prefix(tenant: TenantId, run_date: BusinessDay) -> String {
    format!("ml-output/{tenant}/{run_date}/")
}

/// The key of an export's manifest.
#[must_use]
pub fn manifest_key(tenant: TenantId, run_date: BusinessDay) -> String {
    format!("{}{MANIFEST}", export_prefix(tenant, run_date))
}

/// Exports the facts of a tenant, all of one moment of its database, read as its reader role. An export
/// of the same run date is replaced: whoever sees a manifest sees the files that it names.
///
/// Memory does not grow with the facts.
///
/// # Errors
/// [`ExportError`]; until both files are whole, what was exported before stays as it is.
pub async fn export(
    pool: &PgPool,
    store: &Store,
    tenant: TenantId,
    window: Window,
) -> Result<ExportReport, ExportError> {
    let started = Instant::now();
    if tenant == TenantId::GLOBAL {
        return Err(ExportError::Global);
    }
    if let Some(from) = window.from.filter(|from| *from > window.run_date) {
        let run_date = window.run_date;
        return Err(ExportError::Window { from, run_date });
    }
    let mut snapshot = Snapshot::open(pool, tenant, window).await?;
    let job = Job {
        pool,
        store,
        tenant,
        run_date: window.run_date,
    };
    // With the lock, what others began is what killed ones left.
    let prefix = export_prefix(tenant, window.run_date);
    let given_up = store.abandon_uploads(&prefix).await;
    given_up.map_err(|source| job.store_error(source))?;

    let mut written = Vec::new();
    let done = async {
        job.write(&mut snapshot, &mut written).await?;
        job.publish(&mut snapshot, &mut written).await
    };
    let files = match done.await {
        Ok(files) => files,
        Err(error) => {
            for file in written {
                file.upload.abandon().await;
            }
            return Err(error);
        }
    };
    let report = ExportReport {
        client: tenant,
        run_date: window.run_date,
        from_date: snapshot.from_date.clone(),
        base_currency: snapshot.base_currency.clone(),
        files,
        manifest_key: manifest_key(tenant, window.run_date),
        seconds: started.elapsed().as_secs_f64(),
    };
    snapshot.close().await;
    Ok(report)
}

/// Whose facts go where.
struct Job<'a> {
    pool: &'a PgPool,
    store: &'a Store,
    tenant: TenantId,
    run_date: BusinessDay,
}

impl Job<'_> {
    /// Writes all files, and keeps those that are whole even where a later one fails.
    async fn write(
        &self,
        snapshot: &mut Snapshot,
        written: &mut Vec<WrittenFile>,
    ) -> Result<(), ExportError> {
        for kind in &FILES {
            let started = Instant::now();
            let (upload, rows) = self.write_file(snapshot, kind).await?;
            let seconds = started.elapsed().as_secs_f64();
            tracing::debug!(tenant = %self.tenant, file = kind.name, rows, seconds, "written");
            written.push(WrittenFile {
                kind,
                upload,
                rows,
                seconds,
            });
        }
        Ok(())
    }

    async fn write_file(
        &self,
        snapshot: &mut Snapshot,
        kind: &'static FileKind,
    ) -> Result<(Upload, u64), ExportError> {
        let key = self.key(kind);
        let about = self.about(snapshot, kind)?;
        let place = (kind.name, key.as_str());
        let mut file = ParquetFile::begin(self.store, self.tenant, place, kind.columns, about)?;
        if let Err(error) = self.fill(snapshot, kind, &mut file).await {
            file.into_upload().abandon().await;
            return Err(error);
        }
        match file.end().await {
            Ok(whole) => Ok(whole),
            Err((upload, error)) => {
                upload.abandon().await;
                Err(error)
            }
        }
    }

    async fn fill(
        &self,
        snapshot: &mut Snapshot,
        kind: &FileKind,
        file: &mut ParquetFile,
    ) -> Result<(), ExportError> {
        let base = snapshot.base_currency.clone();
        let mut rows = snapshot.rows(kind.name, kind.select).await?;
        while let Some(row) = rows.next().await? {
            if kind.tells_missing_rates
                && let Some(Some(currency)) = row.fields().nth(kind.columns.len())
            {
                return Err(self.missing_rate(kind, &row, currency, base).await?);
            }
            file.add(&row).await?;
        }
        Ok(())
    }

    /// The error of a row with a value in a currency without a rate.
    async fn missing_rate(
        &self,
        kind: &FileKind,
        row: &CopyRow,
        currency: &[u8],
        base: String,
    ) -> Result<ExportError, ExportError> {
        let malformed = |problem: copy::Malformed| ExportError::Row {
            file: kind.name,
            problem: problem.to_string(),
        };
        let id = copy::int8(currency).map_err(malformed)?;
        let date = row.fields().nth(DATE_POSITION).flatten();
        let days = date.map_or(Ok(0), copy::date).map_err(malformed)?;
        let day = jiff::civil::Date::constant(1970, 1, 1)
            .saturating_add(jiff::Span::new().days(days))
            .to_string();
        let code = currency_code(self.pool, self.tenant, id).await;
        let currency = code.map_err(|source| ExportError::Read {
            tenant: self.tenant,
            what: "currencies",
            source,
        })?;
        Ok(ExportError::MissingRate {
            tenant: self.tenant,
            day,
            currency,
            base,
        })
    }

    /// Puts the files in place, each of which is then no longer among those written. The manifest goes first and comes back last, so that none is there
    /// while files of two exports stand beside each other.
    async fn publish(
        &self,
        snapshot: &mut Snapshot,
        written: &mut Vec<WrittenFile>,
    ) -> Result<Vec<ExportedFile>, ExportError> {
        // Whoever lost the lock must not touch what the next one writes.
        snapshot.hold().await?;
        failpoint(EXPORT_BEFORE_PUBLISH);
        let manifest_key = manifest_key(self.tenant, self.run_date);
        let removed = self.store.remove_output(&manifest_key).await;
        removed.map_err(|source| self.store_error(source))?;
        failpoint(EXPORT_AFTER_REMOVE);

        let (mut entries, mut exported) = (Vec::new(), Vec::new());
        while !written.is_empty() {
            let file = written.remove(0);
            let published = file.upload.publish().await;
            let published = published.map_err(|source| self.store_error(source))?;
            failpoint(EXPORT_AFTER_FILE);
            let (name, key) = (file.kind.name.to_owned(), self.key(file.kind));
            exported.push(ExportedFile {
                name: name.clone(),
                key: key.clone(),
                rows: file.rows,
                size_bytes: published.size_bytes,
                seconds: file.seconds,
            });
            entries.push(FileEntry {
                name,
                key,
                rows: file.rows,
                size_bytes: published.size_bytes,
                sha256: published.sha256,
                columns: file.kind.columns.iter().map(ColumnEntry::from).collect(),
            });
        }

        snapshot.hold().await?;
        let manifest = self.manifest(snapshot, entries)?;
        let mut upload = self.store.upload(&manifest_key);
        let sent = upload.write(&manifest).await;
        sent.map_err(|source| self.store_error(source))?;
        let sealed = upload.publish().await;
        sealed.map_err(|source| self.store_error(source))?;
        failpoint(EXPORT_AFTER_SEAL);
        Ok(exported)
    }

    fn manifest(&self, snapshot: &Snapshot, files: Vec<FileEntry>) -> Result<Vec<u8>, ExportError> {
        let manifest = ExportManifest {
            manifest_version: MANIFEST_VERSION,
            client: self.tenant,
            run_date: self.run_date,
            from_date: snapshot.from_date.clone(),
            base_currency: snapshot.base_currency.clone(),
            created_by: concat!("catwing ", env!("CARGO_PKG_VERSION")).to_owned(),
            position: snapshot.position.clone(),
            shared_position: snapshot.shared_position.clone(),
            files,
        };
        let written = serde_json::to_vec_pretty(&manifest);
        let mut bytes = written.map_err(|source| ExportError::Manifest { source })?;
        bytes.push(b'\n');
        Ok(bytes)
    }

    /// What a file's own metadata tells, for readers that look at nothing else.
    fn about(
        &self,
        snapshot: &Snapshot,
        kind: &FileKind,
    ) -> Result<Vec<(String, String)>, ExportError> {
        let columns: Vec<_> = kind.columns.iter().map(ColumnEntry::from).collect();
        let columns = serde_json::to_string(&columns);
        let columns = columns.map_err(|source| ExportError::Manifest { source })?;
        let told = [
            ("catwing.client", self.tenant.to_string()),
            ("catwing.run_date", self.run_date.to_string()),
            ("catwing.from_date", snapshot.from_date.clone()),
            ("catwing.base_currency", snapshot.base_currency.clone()),
            ("catwing.columns", columns),
        ];
        Ok(told.map(|(key, value)| (key.to_owned(), value)).to_vec())
    }

    fn key(&self, kind: &FileKind) -> String {
        format!("{}{}", export_prefix(self.tenant, self.run_date), kind.name)
    }

    fn store_error(&self, source: catwing_raw_store::RawStoreError) -> ExportError {
        ExportError::Store {
            tenant: self.tenant,
            source,
        }
    }
}
