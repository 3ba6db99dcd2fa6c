//! The ledger: which entries of the manifest are in the database, each written with its rows.

use std::collections::{BTreeMap, BTreeSet};

use catwing_domain::{
    BusinessDay, Cell, Clock, ColumnType, Entity, RawPosition, Rows, TableId, TenantId,
    manifest::{EntryNumber, Sha256Hash},
};
use sea_orm::sqlx::{self, AssertSqlSafe, PgConnection, Row, postgres::PgRow};

use crate::{
    LoadError,
    account::{ObjectEntity, RecordCounts},
    copy::{CopyFailure, copy_in},
    statement::{columns, fetch},
};

/// What the ledger says of an entry that was applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AppliedEntry {
    /// The entry's own hash.
    pub entry_sha256: Sha256Hash,
    /// The mapping that was in force.
    pub mapping_sha256: Sha256Hash,
    /// The transform that made its rows.
    pub transform_version: i32,
}

/// A delivery as load knows it.
#[derive(Clone, Debug)]
pub struct DeliveryHead {
    /// Its manifest entry.
    pub entry: EntryNumber,
    /// The entry's kind, by its name: only a delivery moves the tenant's newest day.
    pub kind: &'static str,
    /// The entry's own hash.
    pub entry_sha256: Sha256Hash,
    /// Its business day.
    pub business_day: BusinessDay,
    /// The mapping in force.
    pub mapping_sha256: Sha256Hash,
    /// The transform that makes its rows, from 1.
    pub transform_version: i32,
    /// The run that applies it.
    pub run_id: String,
    /// Keys of its raw objects, in the order that transform counts them.
    pub objects: Vec<String>,
    /// What it corrects, where it is a corrected record.
    pub fix: Option<RecordFix>,
}

/// A corrected record: it closes what quarantine has of the record that it replaces.
#[derive(Clone, Debug)]
pub struct RecordFix {
    /// The record's position, with the correction's number.
    pub position: RawPosition,
    /// Key of the record's object.
    pub object_key: String,
    /// The record's position in its object.
    pub ordinal: u64,
    /// Who corrected it.
    pub by: String,
}

impl RecordFix {
    /// Who corrected it, as it can be stored whatever the entry says.
    pub(crate) fn author(&self) -> String {
        let by = self.by.chars().filter(|character| *character != '\0');
        by.take(AUTHOR_CHARS_MAX).collect()
    }
}

/// A delivery and what became of its records.
pub(crate) type Settled<'a> = (&'a DeliveryHead, BTreeMap<ObjectEntity, RecordCounts>);

/// Characters of a correction's author that are stored.
const AUTHOR_CHARS_MAX: usize = 1_000;

/// What says which deliveries a database has: the ledger, and while a bulk load goes on what it has
/// staged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Book {
    /// Those that are merged.
    Ledger,
    /// Those that are staged for a bulk load.
    Staged,
}

impl Book {
    fn select(self) -> String {
        let table = match self {
            Self::Ledger => "load_ledger",
            Self::Staged => "bulk_deliveries",
        };
        format!("select entry_number, entry_sha256, mapping_sha256, transform_version from {table}")
    }
}

/// Every entry that was applied.
pub(crate) async fn read(
    connection: &mut PgConnection,
    tenant: TenantId,
    book: Book,
) -> Result<BTreeMap<EntryNumber, AppliedEntry>, LoadError> {
    let rows = fetch(connection, book.select())
        .await
        .map_err(|source| LoadError::ReadLedger { tenant, source })?;
    rows.iter().map(|row| applied(row, tenant)).collect()
}

/// Whether an entry was applied before.
///
/// # Errors
/// [`LoadError::OtherManifest`] where something else was applied under its number.
pub(crate) async fn holds(
    connection: &mut PgConnection,
    tenant: TenantId,
    book: Book,
    head: &DeliveryHead,
) -> Result<bool, LoadError> {
    let query = format!("{} where entry_number = $1", book.select());
    // The search path decides whose ledger this is, so no plan of another tenant may serve.
    let row = sqlx::query(AssertSqlSafe(query))
        .bind(head.entry.0 as i64)
        .persistent(false)
        .fetch_optional(connection)
        .await
        .map_err(|source| LoadError::ReadLedger { tenant, source })?;
    let Some(row) = row else { return Ok(false) };
    let (entry, applied) = applied(&row, tenant)?;
    if applied.entry_sha256 != head.entry_sha256 {
        return Err(LoadError::OtherManifest {
            entry,
            ledger: applied.entry_sha256,
            manifest: head.entry_sha256,
        });
    }
    Ok(true)
}

/// Writes the rows of applied deliveries and of their counts.
pub(crate) async fn write(
    connection: &mut PgConnection,
    deliveries: &[Settled<'_>],
    clock: &dyn Clock,
) -> Result<(), LoadError> {
    let applied_at = clock.now();
    let mut ledger = Rows::new(TableId::LoadLedger);
    let mut counts = Rows::new(TableId::LoadCounts);
    let mut fixes = Rows::new(TableId::RecordFixes);
    for (head, settled) in deliveries {
        let _ = ledger
            .row()
            .cell(Cell::Key(head.entry.0 as i64))
            .text(&head.entry_sha256.to_string())
            .date(head.business_day.date())
            .text(&head.mapping_sha256.to_string())
            .int(head.transform_version)
            .text(&head.run_id)
            .instant(applied_at)
            .text(head.kind);
        for (key, record_counts) in settled {
            put_counts(&mut counts, head, *key, record_counts);
        }
        if let Some(fix) = &head.fix {
            let entities: BTreeSet<_> = settled.keys().map(|(_, entity)| *entity).collect();
            put_fix(&mut fixes, fix, entities);
        }
    }
    copy(connection, &ledger).await?;
    copy(connection, &counts).await?;
    if fixes.is_empty() {
        return Ok(());
    }
    copy(connection, &fixes).await
}

/// A row for each kind of record that the correction was read as.
fn put_fix(rows: &mut Rows, fix: &RecordFix, entities: BTreeSet<Entity>) {
    let by = fix.author();
    for entity in entities {
        let _ = rows
            .row()
            .cell(Cell::Key(fix.position.bits()))
            .text(entity.name())
            .date(fix.position.day().date())
            .text(&fix.object_key)
            .cell(Cell::Key(i64::try_from(fix.ordinal).unwrap_or(i64::MAX)))
            .text(&by);
    }
}

fn put_counts(rows: &mut Rows, head: &DeliveryHead, key: ObjectEntity, counts: &RecordCounts) {
    let (object, entity) = key;
    let mut writer = rows
        .row()
        .cell(Cell::Key(head.entry.0 as i64))
        .text(head.objects.get(object).map_or("", String::as_str))
        .text(entity.name());
    for count in [
        counts.source.source_rows,
        counts.source.records_read,
        counts.won,
        counts.superseded,
        counts.duplicate,
        counts.source.records_quarantined,
        counts.source.rows_quarantined,
        counts.source.rows_skipped,
        counts.source.versions_cut,
    ] {
        writer = writer.cell(Cell::Key(i64::try_from(count).unwrap_or(i64::MAX)));
    }
}

async fn copy(connection: &mut PgConnection, rows: &Rows) -> Result<(), LoadError> {
    let table = rows.table().table();
    let statement = format!(
        "copy {} ({}) from stdin (format binary)",
        table.name,
        columns(table, "")
    );
    let types: Vec<ColumnType> = table.columns.iter().map(|column| column.ty).collect();
    match copy_in(connection, &statement, &types, rows.iter()).await {
        Ok(_) => Ok(()),
        Err(CopyFailure::Server(source)) => Err(LoadError::WriteLedger { source }),
        Err(CopyFailure::Cell(_)) => Err(LoadError::OutOfTurn(
            "the ledger's rows are not those of the catalogue",
        )),
    }
}

fn applied(row: &PgRow, tenant: TenantId) -> Result<(EntryNumber, AppliedEntry), LoadError> {
    let failed = |source| LoadError::ReadLedger { tenant, source };
    let entry: i64 = row.try_get(0).map_err(failed)?;
    let hash = |column: usize| -> Result<Sha256Hash, LoadError> {
        let text: String = row.try_get(column).map_err(failed)?;
        Sha256Hash::try_from(text).map_err(|_| LoadError::LedgerRow { tenant, entry })
    };
    let number = u64::try_from(entry).map_err(|_| LoadError::LedgerRow { tenant, entry })?;
    let applied = AppliedEntry {
        entry_sha256: hash(1)?,
        mapping_sha256: hash(2)?,
        transform_version: row.try_get(3).map_err(failed)?,
    };
    Ok((EntryNumber(number), applied))
}
