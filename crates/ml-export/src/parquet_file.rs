//! One Parquet file on its way: rows become batches, batches row groups, and what of the file is
//! finished goes to the store.

use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use catwing_domain::TenantId;
use catwing_raw_store::{Store, Upload};
use parquet::{
    arrow::ArrowWriter,
    basic::{Compression, ZstdLevel},
    errors::ParquetError,
    file::{
        metadata::{KeyValue, SortingColumn},
        properties::WriterProperties,
    },
};

use crate::{
    ExportError,
    batch::{BatchBuilder, Misfit},
    column::{Column, SORTED_BY, schema},
    copy::CopyRow,
};

/// Rows that are handed to the encoder at a time.
pub const BATCH_ROWS: usize = 8 << 10;
/// Rows of a row group at most.
pub const ROW_GROUP_ROWS: usize = 128 << 10;
/// Encoded bytes of a row group at most, for rows with long texts.
pub const ROW_GROUP_BYTES: usize = 16 << 20;
/// How hard it is compressed.
const ZSTD_LEVEL: i32 = 3;
/// What says of the file who made it; it holds no version of a library, so that bytes change only
/// where ours does.
const CREATED_BY: &str = concat!("catwing version ", env!("CARGO_PKG_VERSION"));

pub(crate) struct ParquetFile {
    name: &'static str,
    tenant: TenantId,
    batch: BatchBuilder,
    writer: ArrowWriter<Vec<u8>>,
    upload: Upload,
    rows: u64,
}

impl ParquetFile {
    /// A file without rows so far; `about` is told in its metadata.
    pub(crate) fn begin(
        store: &Store,
        tenant: TenantId,
        (name, key): (&'static str, &str),
        columns: &'static [Column],
        about: Vec<(String, String)>,
    ) -> Result<Self, ExportError> {
        let failed = |source| ExportError::Encode { file: name, source };
        let schema: SchemaRef = schema(columns);
        let properties = properties(about).map_err(failed)?;
        let writer = ArrowWriter::try_new(Vec::new(), Arc::clone(&schema), Some(properties));
        Ok(Self {
            name,
            tenant,
            batch: BatchBuilder::new(columns, schema),
            writer: writer.map_err(failed)?,
            upload: store.upload(key),
            rows: 0,
        })
    }

    pub(crate) async fn add(&mut self, row: &CopyRow) -> Result<(), ExportError> {
        self.rows += 1;
        let (file, row_number) = (self.name, self.rows);
        let misfit = |Misfit { column, problem }| ExportError::Value {
            file,
            column,
            row: row_number,
            problem: problem.to_string(),
        };
        self.batch.add(row).map_err(misfit)?;
        if self.batch.rows() == BATCH_ROWS {
            self.encode_batch()?;
            self.send_encoded().await?;
        }
        Ok(())
    }

    /// Writes what is left and the footer, and returns the file, which nobody sees yet, with its rows.
    pub(crate) async fn end(mut self) -> Result<(Upload, u64), (Upload, ExportError)> {
        match self.finish().await {
            Ok(()) => Ok((self.upload, self.rows)),
            Err(error) => Err((self.upload, error)),
        }
    }

    /// Leaves the file unfinished.
    pub(crate) fn into_upload(self) -> Upload {
        self.upload
    }

    async fn finish(&mut self) -> Result<(), ExportError> {
        if self.batch.rows() > 0 {
            self.encode_batch()?;
        }
        let file = self.name;
        let finished = self.writer.finish();
        finished.map_err(|source| ExportError::Encode { file, source })?;
        self.send_encoded().await
    }

    fn encode_batch(&mut self) -> Result<(), ExportError> {
        let file = self.name;
        let batch = self.batch.take();
        let batch = batch.map_err(|source| ExportError::Batch { file, source })?;
        let written = self.writer.write(&batch);
        written.map_err(|source| ExportError::Encode { file, source })
    }

    /// Sends whole row groups on: the writer keeps nothing that is behind it.
    async fn send_encoded(&mut self) -> Result<(), ExportError> {
        let encoded = std::mem::take(self.writer.inner_mut());
        let sent = self.upload.write(&encoded).await;
        sent.map_err(|source| ExportError::Store {
            tenant: self.tenant,
            source,
        })
    }
}

fn properties(about: Vec<(String, String)>) -> Result<WriterProperties, ParquetError> {
    let about = about
        .into_iter()
        .map(|(key, value)| KeyValue::new(key, value));
    let sorted = SORTED_BY.map(|position| SortingColumn {
        column_idx: i32::try_from(position).unwrap_or_default(),
        descending: false,
        nulls_first: false,
    });
    Ok(WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(ZSTD_LEVEL)?))
        .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
        .set_max_row_group_bytes(Some(ROW_GROUP_BYTES))
        .set_created_by(CREATED_BY.to_owned())
        .set_key_value_metadata(Some(about.collect()))
        .set_sorting_columns(Some(sorted.to_vec()))
        .build())
}
