//! The journal of drift: each field that a mapping does not use, or misses, told once.

use catwing_domain::{
    BusinessDay, Clock, DriftField, DriftSeen, TenantId,
    manifest::{EntryNumber, Sha256Hash},
};
use sea_orm::sqlx;

use crate::{LoadError, Loader};

/// A field as a delivery showed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DriftNote {
    /// The field.
    pub field: DriftField,
    /// Where it showed.
    pub seen: DriftSeen,
    /// The tenant's file that the delivery was read by.
    pub mapping_sha256: Sha256Hash,
    /// The delivery.
    pub entry: EntryNumber,
    /// Its business day.
    pub business_day: BusinessDay,
    /// The key of the object.
    pub object_key: String,
}

/// One row; nothing where the field is told of already.
const INSERT: &str = "insert into schema_drift (entity, kind, field, mapping_sha256, entry_number, \
     business_day, object_key, ordinal, records, found_at) \
     values ($1, $2, $3, $4, $5, $6::date, $7, $8, $9, $10::timestamptz) on conflict do nothing";

impl Loader {
    /// Writes fields to the journal of the tenant's live tables, and returns those that it did not have.
    /// What all tenants share has no such journal.
    ///
    /// # Errors
    /// [`LoadError::Drift`]; nothing is written then.
    pub async fn note_drift(
        &self,
        tenant: TenantId,
        notes: &[DriftNote],
        clock: &dyn Clock,
    ) -> Result<Vec<DriftNote>, LoadError> {
        if notes.is_empty() || tenant == TenantId::GLOBAL {
            return Ok(Vec::new());
        }
        let failed = |source| LoadError::Drift { tenant, source };
        let mut transaction = self.live().open(tenant).await.map_err(failed)?;
        let mut new = Vec::new();
        for note in notes {
            let number = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
            let written = sqlx::query(INSERT)
                .persistent(false)
                .bind(note.field.entity.name())
                .bind(note.field.kind.name())
                .bind(note.field.path.as_str())
                .bind(note.mapping_sha256.to_string())
                .bind(number(note.entry.0))
                .bind(note.business_day.to_string())
                .bind(note.object_key.as_str())
                .bind(number(note.seen.ordinal))
                .bind(number(note.seen.records))
                .bind(clock.now().to_string())
                .execute(&mut *transaction)
                .await
                .map_err(failed)?;
            if written.rows_affected() > 0 {
                new.push(note.clone());
            }
        }
        transaction.commit().await.map_err(failed)?;
        Ok(new)
    }
}
