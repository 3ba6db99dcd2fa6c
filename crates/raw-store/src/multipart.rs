//! Objects that one put can't carry: sent in parts, published by one create-only request.

use aws_sdk_s3::types::{ChecksumAlgorithm, CompletedMultipartUpload, CompletedPart};
use aws_smithy_types::base64;

use crate::{
    Payload, RawStoreError, Store,
    object::{Refused, SHA256_METADATA, open, refused},
    payload::Part,
};

/// Bytes of one part at most. An upload may have 10,000 parts.
const PART_BYTES_MAX: u64 = 256 << 20;

impl Store {
    /// Sends a payload in parts. Nothing is visible under the key before the last request, which
    /// is create-only; an upload that failed is given up, so that its parts take no room.
    pub(crate) async fn put_in_parts(
        &self,
        key: &str,
        payload: &Payload,
    ) -> Result<Option<String>, Refused> {
        let part_bytes = self.single_put_bytes_max.min(PART_BYTES_MAX);
        let parts = payload.parts(part_bytes).await.map_err(Refused::Final)?;
        let create = self
            .client
            .create_multipart_upload()
            .bucket(&self.bucket)
            .key(key)
            .checksum_algorithm(ChecksumAlgorithm::Sha256)
            .metadata(SHA256_METADATA, payload.sha256().to_string());
        let created = Box::pin(create.send())
            .await
            .map_err(|error| refused(key, error))?;
        let upload = created.upload_id.unwrap_or_default();
        let result = self.send_parts(key, &upload, payload, &parts).await;
        if result.is_err() {
            self.give_up(key, &upload).await;
        }
        result
    }

    async fn send_parts(
        &self,
        key: &str,
        upload: &str,
        payload: &Payload,
        parts: &[Part],
    ) -> Result<Option<String>, Refused> {
        let mut completed = Vec::with_capacity(parts.len());
        for (number, part) in (1..).zip(parts) {
            completed.push(self.send_part(key, upload, payload, *part, number).await?);
        }
        let request = self
            .client
            .complete_multipart_upload()
            .bucket(&self.bucket)
            .key(key)
            .upload_id(upload)
            .if_none_match("*")
            .multipart_upload(
                CompletedMultipartUpload::builder()
                    .set_parts(Some(completed))
                    .build(),
            )
            // The server may have to copy all parts before it answers.
            .customize()
            .config_override(self.upload_settings(payload.size_bytes()));
        let answer = Box::pin(request.send())
            .await
            .map_err(|error| refused(key, error))?;
        Ok(answer.version_id)
    }

    pub(crate) async fn send_part(
        &self,
        key: &str,
        upload: &str,
        payload: &Payload,
        part: Part,
        number: i32,
    ) -> Result<CompletedPart, Refused> {
        let (body, changed) = open(payload, part).await?;
        let checksum = base64::encode(part.sha256.0);
        let request = self
            .client
            .upload_part()
            .bucket(&self.bucket)
            .key(key)
            .upload_id(upload)
            .part_number(number)
            .content_length(part.size_bytes.cast_signed())
            .checksum_sha256(&checksum)
            .body(body)
            .customize()
            .config_override(self.upload_settings(part.size_bytes));
        match Box::pin(request.send()).await {
            Ok(answer) => Ok(CompletedPart::builder()
                .part_number(number)
                .set_e_tag(answer.e_tag)
                .checksum_sha256(checksum)
                .build()),
            Err(_) if changed() => Err(Refused::Final(payload.changed())),
            Err(error) => Err(refused(key, error)),
        }
    }

    /// Gives an upload up; false where the server does not let go of it.
    pub(crate) async fn give_up(&self, key: &str, upload: &str) -> bool {
        let request = self
            .client
            .abort_multipart_upload()
            .bucket(&self.bucket)
            .key(key)
            .upload_id(upload);
        if let Err(source) = Box::pin(request.send()).await {
            let error = RawStoreError::request("give up the upload of", key, source);
            tracing::warn!(%error, "parts of an upload stay in the bucket");
            return false;
        }
        true
    }
}
