//! Mappings of entries.

use std::{collections::BTreeMap, sync::Arc};

use catwing_domain::{
    TenantId,
    manifest::{EntryNumber, Sha256Hash},
    tenant_file::TenantFile,
};
use catwing_raw_store::Store;
use catwing_transform::Mapping;

use crate::RecoveryError;

/// Mappings by hash, fetched and compiled once.
#[derive(Default)]
pub(super) struct Mappings {
    compiled: BTreeMap<Sha256Hash, Arc<Mapping>>,
}

impl Mappings {
    pub(super) async fn get(
        &mut self,
        store: &Store,
        client: TenantId,
        number: EntryNumber,
        hash: Sha256Hash,
    ) -> Result<Arc<Mapping>, RecoveryError> {
        if let Some(mapping) = self.compiled.get(&hash) {
            return Ok(Arc::clone(mapping));
        }
        let bytes = store.config(client, hash).await;
        let bytes = bytes.map_err(|source| RecoveryError::ReadArchive {
            client,
            source: Box::new(source),
        })?;
        let refused = |reason: String| RecoveryError::Mapping {
            client,
            number,
            hash,
            reason,
        };
        let text = std::str::from_utf8(&bytes).map_err(|error| refused(error.to_string()))?;
        let file = TenantFile::parse(text).map_err(|error| refused(error.to_string()))?;
        let mapping = Mapping::compile(&file).map_err(|mistakes| {
            let told: Vec<_> = mistakes.iter().map(ToString::to_string).collect();
            refused(told.join("; "))
        })?;
        let mapping = Arc::new(mapping);
        self.compiled.insert(hash, Arc::clone(&mapping));
        Ok(mapping)
    }
}
