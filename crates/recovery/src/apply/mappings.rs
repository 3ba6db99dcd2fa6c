//! Mappings of deliveries.

use std::{collections::BTreeMap, sync::Arc};

use catwing_domain::{
    Entity, TenantId,
    manifest::{EntryNumber, Sha256Hash},
    tenant_file::TenantFile,
};
use catwing_raw_store::Store;
use catwing_transform::Mapping;

use super::remap::{self, ReadBy};
use crate::RecoveryError;

/// Mappings, each fetched and compiled once.
#[derive(Default)]
pub(super) struct Mappings {
    files: BTreeMap<Sha256Hash, Arc<TenantFile>>,
    compiled: BTreeMap<Sha256Hash, Arc<Mapping>>,
}

/// The entry that a mapping is wanted for.
#[derive(Clone, Copy)]
pub(super) struct Wanted<'w> {
    pub(super) store: &'w Store,
    pub(super) client: TenantId,
    pub(super) number: EntryNumber,
}

impl Mappings {
    /// Knows a file that is not archived yet.
    pub(super) fn with(hash: Sha256Hash, file: TenantFile) -> Self {
        Self {
            files: BTreeMap::from([(hash, Arc::new(file))]),
            compiled: BTreeMap::new(),
        }
    }

    /// What an entry is read by, compiled.
    pub(super) async fn get(
        &mut self,
        wanted: Wanted<'_>,
        read_by: &ReadBy,
    ) -> Result<Arc<Mapping>, RecoveryError> {
        let identity = read_by.identity();
        if let Some(mapping) = self.compiled.get(&identity) {
            return Ok(Arc::clone(mapping));
        }
        let mut file = self.file(wanted, read_by.own).await?;
        for (entity, hash) in &read_by.remapped {
            let other = self.file(wanted, *hash).await?;
            let refused = |reason: String| RecoveryError::Remap {
                client: wanted.client,
                number: wanted.number,
                entity: entity.clone(),
                hash: *hash,
                reason,
            };
            let known = Entity::named(entity)
                .ok_or_else(|| refused("there is no such entity".to_owned()))?;
            file = Arc::new(remap::compose(&file, &other, known).map_err(refused)?);
        }
        let mapping = Mapping::compile(&file).map_err(|mistakes| {
            let told: Vec<_> = mistakes.iter().map(ToString::to_string).collect();
            refused(wanted, read_by.own, told.join("; "))
        })?;
        let mapping = Arc::new(mapping);
        self.compiled.insert(identity, Arc::clone(&mapping));
        Ok(mapping)
    }

    async fn file(
        &mut self,
        wanted: Wanted<'_>,
        hash: Sha256Hash,
    ) -> Result<Arc<TenantFile>, RecoveryError> {
        if let Some(file) = self.files.get(&hash) {
            return Ok(Arc::clone(file));
        }
        let client = wanted.client;
        let bytes = wanted.store.config(client, hash).await;
        let bytes = bytes.map_err(|source| RecoveryError::ReadArchive {
            client,
            source: Box::new(source),
        })?;
        let text = std::str::from_utf8(&bytes);
        let text = text.map_err(|error| refused(wanted, hash, error.to_string()))?;
        let file = TenantFile::parse(text);
        let file = file.map_err(|error| refused(wanted, hash, error.to_string()))?;
        let file = Arc::new(file);
        self.files.insert(hash, Arc::clone(&file));
        Ok(file)
    }
}

fn refused(wanted: Wanted<'_>, hash: Sha256Hash, reason: String) -> RecoveryError {
    RecoveryError::Mapping {
        client: wanted.client,
        number: wanted.number,
        hash,
        reason,
    }
}
