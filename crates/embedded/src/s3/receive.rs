//! A body on its way in: written aside while it is measured, compared with all
//! that the client claimed about it, and synced. Nothing here is readable yet.

use std::time::Duration;

use futures_util::StreamExt;
use http::HeaderMap;
use s3s::checksum::ChecksumHasher;
use s3s::crypto::{Checksum as _, Crc32, Crc32c, Crc64Nvme, Md5, Sha1, Sha256};
use s3s::dto::{self, StreamingBlob};
use s3s::{S3Error, S3ErrorCode, S3Result, TrailingHeaders, s3_error};
use tokio::io::AsyncWriteExt;

use super::attributes::Checksum;
use super::store::{Store, Temp};
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;

/// The longest body of one request, as S3 has it: 5 GiB.
const BODY_BYTES_MAX: u64 = 5 * 1024 * 1024 * 1024;
/// How long a client may send nothing before its upload is given up. Without an
/// end a client that stays connected and silent would keep its file for ever.
const SILENCE_MAX: Duration = Duration::from_secs(30);
const CHECKSUM_PREFIX: &str = "x-amz-checksum-";

/// What a client says about the body that it sends.
#[derive(Debug, Default)]
pub(crate) struct Claims {
    size: Option<u64>,
    md5: Option<String>,
    checksum: Checksum,
    trailers: Option<TrailingHeaders>,
    trailer_names: Vec<String>,
}

impl Claims {
    /// From a request's parsed fields and raw headers. `size` is the body's own
    /// length, without the framing of a chunked upload.
    pub fn new(
        content_length: Option<i64>,
        content_md5: Option<String>,
        checksum: Checksum,
        headers: &HeaderMap,
        trailers: Option<TrailingHeaders>,
    ) -> S3Result<Self> {
        let decoded = headers
            .get("x-amz-decoded-content-length")
            .and_then(|value| value.to_str().ok()?.parse().ok());
        let size = match decoded {
            Some(size) => Some(size),
            None => content_length.and_then(|size| u64::try_from(size).ok()),
        };
        if size.is_some_and(|size| size > BODY_BYTES_MAX) {
            return Err(s3_error!(
                EntityTooLarge,
                "one request can carry {} bytes at most",
                BODY_BYTES_MAX
            ));
        }
        let trailer_names = headers
            .get_all("x-amz-trailer")
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .map(|name| name.trim().to_ascii_lowercase())
            .filter(|name| name.starts_with(CHECKSUM_PREFIX))
            .collect();
        Ok(Self {
            size,
            md5: content_md5,
            checksum,
            trailers,
            trailer_names,
        })
    }

    fn hasher(&self) -> ChecksumHasher {
        let is_wanted = |value: &Option<String>, name: &str| {
            value.is_some()
                || self
                    .trailer_names
                    .iter()
                    .any(|trailer| trailer.strip_prefix(CHECKSUM_PREFIX) == Some(name))
        };
        hasher(|name| match name {
            "crc32" => is_wanted(&self.checksum.crc32, name),
            "crc32c" => is_wanted(&self.checksum.crc32c, name),
            "crc64nvme" => is_wanted(&self.checksum.crc64nvme, name),
            "sha1" => is_wanted(&self.checksum.sha1, name),
            _ => is_wanted(&self.checksum.sha256, name),
        })
    }

    /// Compares all claims, those of the trailer included, with what came.
    fn verify(&self, size: u64, md5: &str, found: &Checksum) -> S3Result<()> {
        if self.size.is_some_and(|claimed| claimed != size) {
            return Err(s3_error!(
                IncompleteBody,
                "the body has {} bytes, not as many as announced",
                size
            ));
        }
        if let Some(claimed) = &self.md5 {
            let claimed = BASE64
                .decode(claimed)
                .ok()
                .filter(|digest| digest.len() == 16);
            match claimed {
                None => return Err(s3_error!(InvalidDigest, "Content-MD5 is no MD5 in base64")),
                Some(claimed) if hex::encode(&claimed) != md5 => {
                    return Err(s3_error!(
                        BadDigest,
                        "the body does not have the MD5 of Content-MD5"
                    ));
                }
                Some(_) => {}
            }
        }
        verify_checksum(&self.checksum, found)?;
        for name in &self.trailer_names {
            let trailer = |headers: &HeaderMap| {
                headers
                    .get(name.as_str())
                    .and_then(|value| value.to_str().ok().map(String::from))
            };
            let claimed = self
                .trailers
                .as_ref()
                .and_then(|trailers| trailers.read(trailer).flatten());
            let Some(claimed) = claimed else {
                return Err(s3_error!(
                    InvalidRequest,
                    "the announced trailer {} did not come",
                    name
                ));
            };
            verify_checksum(&named(name, claimed)?, found)?;
        }
        Ok(())
    }
}

/// A body that is whole, as claimed, and on disk, but not published.
#[derive(Debug)]
pub(crate) struct Received {
    pub temp: Temp,
    pub size: u64,
    /// In lower-case hexadecimal digits.
    pub md5: String,
    /// What the client claimed, now known to be true.
    pub checksum: Checksum,
}

/// Takes a body in.
pub(crate) async fn receive(
    store: &Store,
    body: Option<StreamingBlob>,
    claims: Claims,
) -> S3Result<Received> {
    receive_within(store, body, claims, SILENCE_MAX).await
}

async fn receive_within(
    store: &Store,
    body: Option<StreamingBlob>,
    claims: Claims,
    silence_max: Duration,
) -> S3Result<Received> {
    let temp = store.desk().temp().map_err(S3Error::internal_error)?;
    let handle = temp.file.try_clone().map_err(S3Error::internal_error)?;
    let mut file = tokio::fs::File::from_std(handle);
    let mut hasher = claims.hasher();
    let mut md5 = Md5::new();
    let mut size = 0u64;
    if let Some(mut body) = body {
        loop {
            let Ok(next) = tokio::time::timeout(silence_max, body.next()).await else {
                return Err(s3_error!(
                    RequestTimeout,
                    "nothing came for {} seconds; send the body again",
                    silence_max.as_secs()
                ));
            };
            let Some(chunk) = next else { break };
            let chunk = chunk.map_err(|error| broken_body(error.as_ref()))?;
            size = size.saturating_add(chunk.len() as u64);
            if size > BODY_BYTES_MAX {
                return Err(s3_error!(
                    EntityTooLarge,
                    "one request can carry {} bytes at most",
                    BODY_BYTES_MAX
                ));
            }
            md5.update(&chunk);
            hasher.update(&chunk);
            file.write_all(&chunk)
                .await
                .map_err(S3Error::internal_error)?;
        }
    }
    file.flush().await.map_err(S3Error::internal_error)?;
    let md5 = hex::encode(md5.finalize());
    let checksum = Checksum::from(hasher.finalize());
    claims.verify(size, &md5, &checksum)?;
    file.sync_all().await.map_err(S3Error::internal_error)?;
    Ok(Received {
        temp,
        size,
        md5,
        checksum,
    })
}

/// A hasher of the algorithms whose lower-case names `is_wanted` accepts.
pub(crate) fn hasher(is_wanted: impl Fn(&str) -> bool) -> ChecksumHasher {
    ChecksumHasher {
        crc32: is_wanted("crc32").then(Crc32::new),
        crc32c: is_wanted("crc32c").then(Crc32c::new),
        crc64nvme: is_wanted("crc64nvme").then(Crc64Nvme::new),
        sha1: is_wanted("sha1").then(Sha1::new),
        sha256: is_wanted("sha256").then(Sha256::new),
    }
}

/// Whether every claimed checksum is the one that was found.
pub(crate) fn verify_checksum(claimed: &Checksum, found: &Checksum) -> S3Result<()> {
    let pairs = [
        ("CRC32", &claimed.crc32, &found.crc32),
        ("CRC32C", &claimed.crc32c, &found.crc32c),
        ("CRC64NVME", &claimed.crc64nvme, &found.crc64nvme),
        ("SHA1", &claimed.sha1, &found.sha1),
        ("SHA256", &claimed.sha256, &found.sha256),
    ];
    for (name, claimed, found) in pairs {
        if claimed.is_some() && claimed != found {
            return Err(s3_error!(
                BadDigest,
                "the body does not have the {} that the request says",
                name
            ));
        }
    }
    Ok(())
}

fn named(trailer: &str, value: String) -> S3Result<Checksum> {
    let mut checksum = Checksum::default();
    match trailer.strip_prefix(CHECKSUM_PREFIX) {
        Some("crc32") => checksum.crc32 = Some(value),
        Some("crc32c") => checksum.crc32c = Some(value),
        Some("crc64nvme") => checksum.crc64nvme = Some(value),
        Some("sha1") => checksum.sha1 = Some(value),
        Some("sha256") => checksum.sha256 = Some(value),
        _ => {
            return Err(s3_error!(
                InvalidRequest,
                "{} is no checksum that this server knows",
                trailer
            ));
        }
    }
    Ok(checksum)
}

/// What the client did wrong when its body breaks off. The stream's error types
/// are private to s3s (pinned to one version), their words are not.
fn broken_body(error: &(dyn std::error::Error + 'static)) -> S3Error {
    let text = error.to_string();
    if text.contains("Sha256Mismatch") {
        let mut refusal = S3Error::with_message(
            S3ErrorCode::Custom("XAmzContentSHA256Mismatch".into()),
            "the body does not have the SHA-256 of x-amz-content-sha256",
        );
        refusal.set_status_code(http::StatusCode::BAD_REQUEST);
        return refusal;
    }
    if text.contains("SignatureMismatch") {
        return s3_error!(
            SignatureDoesNotMatch,
            "a chunk of the body has a wrong signature"
        );
    }
    s3_error!(IncompleteBody, "the body broke off: {}", text)
}

impl From<Checksum> for dto::Checksum {
    fn from(sums: Checksum) -> Self {
        let checksum_type = (!sums.is_empty())
            .then(|| dto::ChecksumType::from_static(dto::ChecksumType::FULL_OBJECT));
        Self {
            checksum_crc32: sums.crc32,
            checksum_crc32c: sums.crc32c,
            checksum_crc64nvme: sums.crc64nvme,
            checksum_sha1: sums.sha1,
            checksum_sha256: sums.sha256,
            checksum_type,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use bytes::Bytes;
    use futures_util::stream;

    use super::*;

    type Chunk = io::Result<Bytes>;

    /// What comes of a body, and how many files it leaves behind.
    async fn take(
        body: impl futures_util::Stream<Item = Chunk> + Send + Sync + 'static,
        size: u64,
    ) -> (S3Result<u64>, usize) {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let claims = Claims {
            size: Some(size),
            ..Claims::default()
        };
        let body = Some(StreamingBlob::wrap(body));
        let received = receive_within(&store, body, claims, Duration::from_millis(50)).await;
        let outcome = received.map(|received| received.size);
        let desks = folder.path().join(".catwing-s3/desks");
        let desk = std::fs::read_dir(desks)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .find(|path| path.is_dir())
            .unwrap();
        // The desk's lock is always there.
        (outcome, std::fs::read_dir(desk).unwrap().count() - 1)
    }

    fn some(bytes: usize) -> Chunk {
        Ok(Bytes::from(vec![b'x'; bytes]))
    }

    #[tokio::test]
    async fn a_whole_body_is_taken_in() {
        let (size, _) = take(stream::iter([some(3), some(4)]), 7).await;
        assert_eq!(size.unwrap(), 7);
    }

    #[tokio::test]
    async fn a_silent_client_is_given_up_and_leaves_nothing() {
        let silent = stream::iter([some(3)]).chain(stream::pending());
        let (size, left) = take(silent, 7).await;
        assert_eq!(*size.unwrap_err().code(), S3ErrorCode::RequestTimeout);
        assert_eq!(left, 0);
    }

    #[tokio::test]
    async fn a_broken_or_short_body_leaves_nothing() {
        let broken = stream::iter([some(3), Err(io::ErrorKind::ConnectionReset.into())]);
        for (size, left) in [
            take(broken, 7).await,
            take(stream::iter([some(3)]), 7).await,
        ] {
            assert_eq!(*size.unwrap_err().code(), S3ErrorCode::IncompleteBody);
            assert_eq!(left, 0);
        }
    }
}
