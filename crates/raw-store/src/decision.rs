//! Decisions: entries that bring no objects in, and decide what of others is in the database.

use catwing_domain::{
    BusinessDay, RawPosition, TenantId,
    failpoint::{RAW_AFTER_SEAL, RAW_BEFORE_SEAL, failpoint},
    manifest::{Body, Entry, EntryNumber, Fix, Remap, Sha256Hash, Verdict},
};
use futures_util::TryStreamExt;

use crate::{Author, Manifest, RawStoreError, SealedEntry, Store, manifest::APPENDS_MAX};

/// A corrected record, before it is sealed under the next number of corrections of its record.
#[derive(Clone, Debug)]
pub struct Correction {
    /// The raw object of the bad record.
    pub object: String,
    /// The bad record's position in it.
    pub ordinal: u64,
    /// SHA-256 of the bad record's bytes.
    pub sha256: Sha256Hash,
    /// The corrected record, in the source's own form.
    pub record: String,
    /// Who corrected it.
    pub by: String,
}

impl Store {
    /// Seals a verdict on an entry that is loaded: a delivery, a correction, a write of the UI. It is
    /// in force once this returns.
    ///
    /// # Errors
    /// [`RawStoreError::Decision`] where there is no such entry; else what the manifest reports.
    pub async fn seal_verdict(
        &self,
        tenant: TenantId,
        verdict: Verdict,
        author: Author<'_>,
    ) -> Result<SealedEntry, RawStoreError> {
        let judged = Judged { verdict, day: None };
        self.seal(tenant, judged, author).await
    }

    /// Seals a correction under the number after the greatest of its record. Its object must be
    /// sealed; what lies in it is not looked at.
    ///
    /// # Errors
    /// [`RawStoreError::Decision`] where no entry has the object, or the record was corrected
    /// [`RawPosition::FIXES_MAX`] times; else what the manifest reports.
    pub async fn seal_fix(
        &self,
        tenant: TenantId,
        correction: Correction,
        author: Author<'_>,
    ) -> Result<SealedEntry, RawStoreError> {
        let corrected = Corrected {
            correction,
            day: None,
            fixes: 0,
        };
        self.seal(tenant, corrected, author).await
    }

    /// Seals a remap. Whether its mapping can be used is the caller's to find out before.
    ///
    /// # Errors
    /// [`RawStoreError::Decision`] where there is no entry that it begins with, or the mapping is not
    /// kept; else what the manifest reports.
    pub async fn seal_remap(
        &self,
        tenant: TenantId,
        remap: Remap,
        author: Author<'_>,
    ) -> Result<SealedEntry, RawStoreError> {
        self.config(tenant, remap.mapping).await?;
        self.seal(tenant, Remapped { remap, day: None }, author)
            .await
    }

    /// Appends a decision that knows all entries before it.
    async fn seal(
        &self,
        tenant: TenantId,
        mut decision: impl Decision,
        author: Author<'_>,
    ) -> Result<SealedEntry, RawStoreError> {
        let manifest = Manifest::of(self, tenant);
        let mut head = None;
        for _ in 0..APPENDS_MAX {
            let mut entries = std::pin::pin!(manifest.entries_after(head));
            while let Some(sealed) = entries.try_next().await? {
                head = Some(sealed.head());
                decision.take(&sealed.entry);
            }
            let (body, day) = decision
                .body()
                .map_err(|problem| RawStoreError::Decision { tenant, problem })?;
            failpoint(RAW_BEFORE_SEAL);
            if let Some(sealed) = manifest.try_append(head, &body, day, author).await? {
                failpoint(RAW_AFTER_SEAL);
                return Ok(sealed);
            }
            // Another entry took the number: it may be a decision on the same.
        }
        Err(manifest.contention())
    }
}

/// A decision on its way into the manifest.
trait Decision {
    /// Takes in an entry before it.
    fn take(&mut self, entry: &Entry);

    /// What is sealed after all that was taken in, and the day that it belongs to.
    fn body(&self) -> Result<(Body, BusinessDay), String>;
}

struct Judged {
    verdict: Verdict,
    /// That of the entry that is judged.
    day: Option<BusinessDay>,
}

impl Decision for Judged {
    fn take(&mut self, entry: &Entry) {
        let loaded = matches!(
            entry.body,
            Body::Delivery(_) | Body::UiEvent(_) | Body::Fix(_) | Body::Derived(_)
        );
        if entry.number == self.verdict.delivery && loaded {
            self.day = Some(entry.business_day);
        }
    }

    fn body(&self) -> Result<(Body, BusinessDay), String> {
        let number = self.verdict.delivery;
        let day = self.day.ok_or_else(|| {
            format!(
                "entry {number} is not there, or is nothing that is loaded: see `catwing raw ls`"
            )
        })?;
        Ok((Body::Verdict(self.verdict.clone()), day))
    }
}

struct Corrected {
    correction: Correction,
    /// That of the delivery.
    day: Option<BusinessDay>,
    /// The greatest number of the record's corrections.
    fixes: u8,
}

impl Decision for Corrected {
    fn take(&mut self, entry: &Entry) {
        let Correction {
            object, ordinal, ..
        } = &self.correction;
        match &entry.body {
            Body::Fix(fix) if fix.object == *object && fix.ordinal == *ordinal => {
                self.fixes = self.fixes.max(fix.number);
            }
            body if body.objects().iter().any(|of| of.key == *object) => {
                self.day = Some(entry.business_day);
            }
            _ => {}
        }
    }

    fn body(&self) -> Result<(Body, BusinessDay), String> {
        let correction = self.correction.clone();
        let Some(day) = self.day else {
            return Err(format!("no entry has {}", correction.object));
        };
        if self.fixes >= RawPosition::FIXES_MAX {
            return Err(format!(
                "record {} of {} was corrected {} times, and no more fit: have the source deliver it again",
                correction.ordinal, correction.object, self.fixes
            ));
        }
        let fix = Fix {
            object: correction.object,
            ordinal: correction.ordinal,
            sha256: correction.sha256,
            number: self.fixes + 1,
            record: correction.record,
            by: correction.by,
        };
        Ok((Body::Fix(fix), day))
    }
}

struct Remapped {
    remap: Remap,
    /// That of the first entry that it holds for.
    day: Option<BusinessDay>,
}

impl Decision for Remapped {
    fn take(&mut self, entry: &Entry) {
        if entry.number == self.remap.from {
            self.day = Some(entry.business_day);
        }
    }

    fn body(&self) -> Result<(Body, BusinessDay), String> {
        let EntryNumber(from) = self.remap.from;
        let day = self.day.ok_or_else(|| {
            format!("there is no entry {from} that it could begin with: see `catwing raw ls`")
        })?;
        Ok((Body::Remap(self.remap.clone()), day))
    }
}
