//! Versions of a tenant's file, kept by hash, and the tenants that the bucket knows.

use std::collections::BTreeSet;

use bytes::Bytes;
use catwing_domain::{
    TenantId,
    failpoint::{CONFIG_AFTER_PUT, failpoint},
    manifest::Sha256Hash,
};

use crate::{Payload, Put, RawStoreError, Store};

/// Bytes of a tenant's file at most.
pub const CONFIG_BYTES_MAX: u64 = 4 << 20;

/// The key of one version of a tenant's file.
#[must_use]
pub fn config_key(tenant: TenantId, sha256: Sha256Hash) -> String {
    format!("client-data/{tenant}/config/{sha256}.toml")
}

impl Store {
    /// Keeps a version of a tenant's file, byte for byte, and returns its name: its SHA-256.
    ///
    /// # Errors
    /// [`RawStoreError::TooLarge`] over [`CONFIG_BYTES_MAX`], [`RawStoreError::Taken`] where the
    /// version that is kept is damaged, [`RawStoreError::Request`] where the server fails.
    pub async fn put_config(
        &self,
        tenant: TenantId,
        file: impl Into<Bytes>,
    ) -> Result<Sha256Hash, RawStoreError> {
        let payload = Payload::from_bytes(file);
        let key = config_key(tenant, payload.sha256());
        if payload.size_bytes() > CONFIG_BYTES_MAX {
            return Err(RawStoreError::TooLarge {
                key,
                limit_bytes: CONFIG_BYTES_MAX,
            });
        }
        if self.put_new(&key, &payload).await? == Put::Taken {
            return Err(RawStoreError::Taken { key });
        }
        failpoint(CONFIG_AFTER_PUT);
        Ok(payload.sha256())
    }

    /// Reads a version of a tenant's file.
    ///
    /// # Errors
    /// [`RawStoreError::Missing`] or [`RawStoreError::Corrupt`] where it is not there as it was
    /// kept, [`RawStoreError::Request`] where the server fails.
    pub async fn config(
        &self,
        tenant: TenantId,
        sha256: Sha256Hash,
    ) -> Result<Bytes, RawStoreError> {
        let key = config_key(tenant, sha256);
        let bytes = self.get_small(&key, CONFIG_BYTES_MAX).await?;
        if Sha256Hash::of(&bytes) != sha256 {
            return Err(RawStoreError::Corrupt {
                key,
                detail: "its SHA-256 is not that of its name".to_owned(),
            });
        }
        Ok(bytes)
    }

    /// The tenants that have anything in the archive, by name.
    ///
    /// # Errors
    /// [`RawStoreError::Request`] where the server fails.
    pub async fn tenants(&self) -> Result<BTreeSet<TenantId>, RawStoreError> {
        let mut tenants = BTreeSet::new();
        for prefix in ["raw-data/", "client-data/"] {
            let folders = self.folders(prefix).await?;
            let named = folders.iter().filter_map(|folder| folder.strip_suffix('/'));
            tenants.extend(named.filter_map(|name| name.parse::<TenantId>().ok()));
        }
        Ok(tenants)
    }
}
