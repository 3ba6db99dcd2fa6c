//! Outputs: objects that are written as they come and replace what their key holds. They can be made
//! again at any time; raw objects never go this way.

use aws_sdk_s3::types::{ChecksumAlgorithm, CompletedMultipartUpload, CompletedPart};
use aws_smithy_types::base64;
use bytes::{Bytes, BytesMut};
use catwing_domain::manifest::Sha256Hash;
use sha2::{Digest, Sha256};

use crate::{
    Payload, RawStoreError, Store,
    error::status,
    object::{Refused, refused},
};

/// Bytes that are held before they are sent as a part; 10,000 parts may make an object.
pub const UPLOAD_PART_BYTES: usize = 8 << 20;

/// An object in the making: nothing of it is seen under its key before it is published. One that is
/// neither published nor abandoned leaves its parts to [`Store::abandon_uploads`].
pub struct Upload {
    store: Store,
    key: String,
    /// The server's name of an upload in parts, once there is more than one part.
    id: Option<String>,
    parts: Vec<CompletedPart>,
    pending: BytesMut,
    sha256: Sha256,
    size_bytes: u64,
}

/// What stands under a key now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Published {
    /// Its bytes.
    pub size_bytes: u64,
    /// Their SHA-256.
    pub sha256: Sha256Hash,
}

impl Store {
    /// Begins an object that replaces what the key holds, if anything.
    #[must_use]
    pub fn upload(&self, key: &str) -> Upload {
        Upload {
            store: self.clone(),
            key: key.to_owned(),
            id: None,
            parts: Vec::new(),
            pending: BytesMut::new(),
            sha256: Sha256::new(),
            size_bytes: 0,
        }
    }

    /// Removes an output; one that is not there is removed already.
    ///
    /// # Errors
    /// [`RawStoreError::Request`] where the server fails.
    pub async fn remove_output(&self, key: &str) -> Result<(), RawStoreError> {
        let request = self.client.delete_object().bucket(&self.bucket).key(key);
        match Box::pin(request.send()).await {
            Ok(_) => Ok(()),
            Err(error) if status(&error) == Some(404) => Ok(()),
            Err(error) => Err(RawStoreError::request("remove", key, error)),
        }
    }

    /// Puts the bytes of one output in place of what another key holds: by the server itself, or, where
    /// they are too many for that, read and written again.
    ///
    /// # Errors
    /// [`RawStoreError::Missing`] where there is nothing to copy, [`RawStoreError::Corrupt`] where fewer
    /// or more bytes arrived than were there, [`RawStoreError::Request`] where the server fails.
    pub async fn copy_output(&self, from: &str, to: &str) -> Result<(), RawStoreError> {
        let missing = || RawStoreError::Missing {
            key: from.to_owned(),
        };
        let size_bytes = self.head(from).await?.ok_or_else(missing)?.size_bytes;
        // What one put can't carry, one copy can't either.
        if size_bytes <= self.single_put_bytes_max {
            self.copy_at_once(from, to, size_bytes).await?;
        } else {
            self.copy_by_reading(from, to).await?;
        }
        match self.head(to).await? {
            Some(head) if head.size_bytes == size_bytes => Ok(()),
            found => Err(RawStoreError::Corrupt {
                key: to.to_owned(),
                detail: format!(
                    "it has {} bytes after a copy of {size_bytes}",
                    found.map_or(0, |head| head.size_bytes)
                ),
            }),
        }
    }

    async fn copy_at_once(&self, from: &str, to: &str, bytes: u64) -> Result<(), RawStoreError> {
        let request = self
            .client
            .copy_object()
            .bucket(&self.bucket)
            .key(to)
            // Keys of outputs have no character that a URL would write otherwise.
            .copy_source(format!("{}/{from}", self.bucket))
            .customize()
            .config_override(self.upload_settings(bytes));
        Box::pin(request.send())
            .await
            .map_err(|error| RawStoreError::request("copy", to, error))?;
        Ok(())
    }

    async fn copy_by_reading(&self, from: &str, to: &str) -> Result<(), RawStoreError> {
        let mut body = self.get_stream(from).await?;
        let mut upload = self.upload(to);
        let written = loop {
            match body.chunk().await {
                Ok(None) => break Ok(()),
                Ok(Some(chunk)) => {
                    if let Err(error) = upload.write(&chunk).await {
                        break Err(error);
                    }
                }
                Err(error) => break Err(error),
            }
        };
        match written {
            Ok(()) => upload.publish().await.map(|_| ()),
            Err(error) => {
                upload.abandon().await;
                Err(error)
            }
        }
    }

    /// Gives up all uploads below a prefix that somebody began and did not end, and returns how many
    /// there were. Whoever calls it makes sure that none of them is still under way.
    ///
    /// # Errors
    /// [`RawStoreError::Request`] where the server fails.
    pub async fn abandon_uploads(&self, prefix: &str) -> Result<usize, RawStoreError> {
        let mut given_up = 0;
        loop {
            let request = self
                .client
                .list_multipart_uploads()
                .bucket(&self.bucket)
                .prefix(prefix);
            let page = Box::pin(request.send())
                .await
                .map_err(|error| RawStoreError::request("list the uploads of", prefix, error))?;
            let before = given_up;
            for upload in page.uploads() {
                let (Some(key), Some(id)) = (upload.key(), upload.upload_id()) else {
                    continue;
                };
                if self.give_up(key, id).await {
                    given_up += 1;
                }
            }
            // What could not be given up would be listed for ever.
            if page.is_truncated != Some(true) || given_up == before {
                return Ok(given_up);
            }
        }
    }
}

impl Upload {
    /// Adds bytes at the end. At most [`UPLOAD_PART_BYTES`] and what is given are held.
    ///
    /// # Errors
    /// [`RawStoreError::Request`] where the server fails; abandon the upload then.
    pub async fn write(&mut self, mut bytes: &[u8]) -> Result<(), RawStoreError> {
        while !bytes.is_empty() {
            if self.pending.len() == UPLOAD_PART_BYTES {
                self.send_pending().await?;
            }
            let room = UPLOAD_PART_BYTES - self.pending.len();
            let (now, later) = bytes.split_at(room.min(bytes.len()));
            self.pending.extend_from_slice(now);
            self.sha256.update(now);
            self.size_bytes += now.len() as u64;
            bytes = later;
        }
        Ok(())
    }

    /// Puts the object in place of what the key holds. It is durable when this returns.
    ///
    /// # Errors
    /// [`RawStoreError::Request`] where the server fails; whether the object is in place is not known
    /// then.
    pub async fn publish(mut self) -> Result<Published, RawStoreError> {
        let result = self.put_in_place().await;
        if let (Err(_), Some(id)) = (&result, &self.id) {
            self.store.give_up(&self.key, id).await;
        }
        result?;
        Ok(Published {
            size_bytes: self.size_bytes,
            sha256: Sha256Hash(self.sha256.finalize().into()),
        })
    }

    /// Drops what was sent; the key holds what it held before.
    pub async fn abandon(self) {
        if let Some(id) = &self.id {
            self.store.give_up(&self.key, id).await;
        }
    }

    async fn put_in_place(&mut self) -> Result<(), RawStoreError> {
        let Some(id) = self.id.clone() else {
            let bytes = self.pending.split().freeze();
            return self.put_at_once(bytes).await;
        };
        self.send_pending().await?;
        let parts = CompletedMultipartUpload::builder()
            .set_parts(Some(std::mem::take(&mut self.parts)))
            .build();
        let request = self
            .store
            .client
            .complete_multipart_upload()
            .bucket(&self.store.bucket)
            .key(&self.key)
            .upload_id(id)
            .multipart_upload(parts)
            // The server may have to copy all parts before it answers.
            .customize()
            .config_override(self.store.upload_settings(self.size_bytes));
        Box::pin(request.send())
            .await
            .map_err(|error| RawStoreError::request("publish", &self.key, error))?;
        Ok(())
    }

    async fn put_at_once(&self, bytes: Bytes) -> Result<(), RawStoreError> {
        let size_bytes = bytes.len() as u64;
        let request = self
            .store
            .client
            .put_object()
            .bucket(&self.store.bucket)
            .key(&self.key)
            .checksum_sha256(base64::encode(Sha256Hash::of(&bytes).0))
            .body(bytes.into())
            .customize()
            .config_override(self.store.upload_settings(size_bytes));
        Box::pin(request.send())
            .await
            .map_err(|error| RawStoreError::request("publish", &self.key, error))?;
        Ok(())
    }

    /// Sends what is held as the next part; the first one begins the upload.
    async fn send_pending(&mut self) -> Result<(), RawStoreError> {
        if self.pending.is_empty() {
            return Ok(());
        }
        let id = match &self.id {
            Some(id) => id.clone(),
            None => self.begin().await?,
        };
        let payload = Payload::from_bytes(self.pending.split().freeze());
        let number = i32::try_from(self.parts.len() + 1).unwrap_or(i32::MAX);
        let sent = self
            .store
            .send_part(&self.key, &id, &payload, payload.whole(), number)
            .await;
        self.parts.push(sent.map_err(|error| self.failed(error))?);
        Ok(())
    }

    async fn begin(&mut self) -> Result<String, RawStoreError> {
        let request = self
            .store
            .client
            .create_multipart_upload()
            .bucket(&self.store.bucket)
            .key(&self.key)
            .checksum_algorithm(ChecksumAlgorithm::Sha256);
        let created = Box::pin(request.send())
            .await
            .map_err(|error| self.failed(refused(&self.key, error)))?;
        let id = created.upload_id.unwrap_or_default();
        self.id = Some(id.clone());
        Ok(id)
    }

    fn failed(&self, refused: Refused) -> RawStoreError {
        match refused {
            Refused::Final(error) | Refused::Open(error) => error,
            // No part is sent under a condition.
            Refused::Exists => RawStoreError::Taken {
                key: self.key.clone(),
            },
        }
    }
}
