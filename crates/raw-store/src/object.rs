//! Objects: put once and never changed, read as streams that prove what they are.

use std::time::Duration;

use aws_sdk_s3::{
    config::http::HttpResponse,
    error::{ProvideErrorMetadata, SdkError},
    primitives::ByteStream,
};
use aws_smithy_types::base64;
use bytes::{Bytes, BytesMut};
use catwing_domain::{
    ErrorClass,
    failpoint::{RAW_BEFORE_PUT, failpoint},
    manifest::{RawObject, Sha256Hash},
};
use futures_util::{Stream, stream};
use sha2::{Digest, Sha256};

use crate::{
    Payload, RawStoreError, Store,
    error::status,
    payload::{Opened, Part},
};

/// Objects larger than this are sent in parts; one put may carry 5 GiB.
pub const SINGLE_PUT_BYTES_MAX: u64 = 4 << 30;
/// The slowest line that an upload is given time for.
pub const UPLOAD_BYTES_PER_SECOND_MIN: u64 = 256 << 10;
/// How often a put is begun again after a failure that left its outcome open.
const PUTS_MAX: u32 = 4;
/// The wait before a put is begun again; it doubles each time.
const PUT_PAUSE: Duration = Duration::from_millis(100);
/// How often a body that broke off is taken up again where it broke off.
const RESUMES_MAX: u32 = 4;
/// The header in which every object carries its own SHA-256, in hex, as user metadata.
pub(crate) const SHA256_METADATA: &str = "sha256";

/// What a create-only put found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Put {
    /// The key was free; the object is stored and durable.
    Created {
        /// Its version, where the bucket keeps versions.
        version_id: Option<String>,
    },
    /// The key held exactly these bytes.
    AlreadyThere {
        /// Its version, where the bucket keeps versions.
        version_id: Option<String>,
    },
    /// The key holds other bytes, which stay.
    Taken,
}

/// What the server tells of an object without its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// Bytes as stored.
    pub size_bytes: u64,
    /// The SHA-256 that whoever put the object noted beside it.
    pub noted_sha256: Option<Sha256Hash>,
    /// Its version, where the bucket keeps versions.
    pub version_id: Option<String>,
}

/// The bytes of an object that are read: from one, up to another or to the end.
#[derive(Clone, Copy, Debug, Default)]
struct Span {
    from_byte: u64,
    until_byte: Option<u64>,
}

/// How one attempt at a put ended, other than well.
pub(crate) enum Refused {
    /// The key is not free.
    Exists,
    /// Nothing was stored, and another attempt would end the same.
    Final(RawStoreError),
    /// The server failed; whether the object is stored is not known.
    Open(RawStoreError),
}

impl Store {
    /// Stores an object under a key that must be free. After an answer that leaves the outcome
    /// open (a time-out, a lost connection, a conflict), the key is looked at: the same bytes are
    /// success, other bytes are [`Put::Taken`]. A put that returned is durable.
    ///
    /// # Errors
    /// [`RawStoreError::FileChanged`] where the file is no longer what was measured,
    /// [`RawStoreError::Request`] where the server refuses or fails again and again.
    pub async fn put_new(&self, key: &str, payload: &Payload) -> Result<Put, RawStoreError> {
        let mut pause = PUT_PAUSE;
        let mut attempt = 1;
        loop {
            failpoint(RAW_BEFORE_PUT);
            let open = match self.put_once(key, payload).await {
                Ok(version_id) => return Ok(Put::Created { version_id }),
                Err(Refused::Final(error)) => return Err(error),
                Err(Refused::Exists) => None,
                Err(Refused::Open(error)) => Some(error),
            };
            if let Some(found) = self.look(key, payload).await? {
                return Ok(found);
            }
            if attempt == PUTS_MAX {
                return Err(open.unwrap_or_else(|| RawStoreError::Missing {
                    key: key.to_owned(),
                }));
            }
            tracing::warn!(key, attempt, "the outcome of a put is open; trying again");
            attempt += 1;
            tokio::time::sleep(pause).await;
            pause *= 2;
        }
    }

    /// What the server knows of an object; none where there is none.
    ///
    /// # Errors
    /// [`RawStoreError::Request`] where the server does not say.
    pub async fn head(&self, key: &str) -> Result<Option<Head>, RawStoreError> {
        let request = self.client.head_object().bucket(&self.bucket).key(key);
        match Box::pin(request.send()).await {
            Ok(answer) => Ok(Some(Head {
                size_bytes: length(answer.content_length),
                noted_sha256: noted(answer.metadata.as_ref()),
                version_id: answer.version_id,
            })),
            Err(error) if status(&error) == Some(404) => Ok(None),
            Err(error) => Err(RawStoreError::request("look at", key, error)),
        }
    }

    /// Opens an object for reading.
    ///
    /// # Errors
    /// [`RawStoreError::Missing`] where there is none, [`RawStoreError::Request`] where the
    /// server fails.
    pub async fn get_stream(&self, key: &str) -> Result<ObjectBody, RawStoreError> {
        self.get_span(key, Span::default()).await
    }

    /// Opens `size_bytes` bytes of an object from `offset_bytes` on. The body is shorter where the
    /// object ends before, and its head tells how long it is.
    ///
    /// # Errors
    /// As [`Self::get_stream`]; [`RawStoreError::Request`] also where the object ends before the range
    /// begins.
    pub async fn get_range(
        &self,
        key: &str,
        offset_bytes: u64,
        size_bytes: u64,
    ) -> Result<ObjectBody, RawStoreError> {
        let span = Span {
            from_byte: offset_bytes,
            until_byte: Some(offset_bytes.saturating_add(size_bytes)),
        };
        self.get_span(key, span).await
    }

    async fn get_span(&self, key: &str, span: Span) -> Result<ObjectBody, RawStoreError> {
        let (body, head) = self.get_from(key, span).await?;
        Ok(ObjectBody {
            store: self.clone(),
            key: key.to_owned(),
            span,
            head,
            body,
            read_bytes: 0,
            resumes: 0,
            sha256: Sha256::new(),
        })
    }

    /// Opens an object whose size and SHA-256 the manifest tells: reading it to its end succeeds
    /// only if they are so.
    ///
    /// # Errors
    /// As [`Self::get_stream`].
    pub async fn get_verified(
        &self,
        key: &str,
        size_bytes: u64,
        sha256: Sha256Hash,
    ) -> Result<VerifiedBody, RawStoreError> {
        Ok(VerifiedBody {
            body: self.get_stream(key).await?,
            size_bytes,
            sha256,
        })
    }

    /// Reads a small object whole.
    ///
    /// # Errors
    /// [`RawStoreError::TooLarge`] over the limit; else as [`Self::get_stream`].
    pub async fn get_small(&self, key: &str, limit_bytes: u64) -> Result<Bytes, RawStoreError> {
        self.get_stream(key).await?.collect(limit_bytes).await
    }

    /// Looks whether the bucket still has a sealed object, and puts it back where it has lost it;
    /// then this is true.
    pub(crate) async fn make_sure(
        &self,
        object: &RawObject,
        payload: &Payload,
    ) -> Result<bool, RawStoreError> {
        match self.head(&object.key).await? {
            Some(head) if head.size_bytes == object.size_bytes => Ok(false),
            Some(head) => Err(RawStoreError::Corrupt {
                key: object.key.clone(),
                detail: format!(
                    "it has {} bytes where the manifest has {}",
                    head.size_bytes, object.size_bytes
                ),
            }),
            None => match self.put_new(&object.key, payload).await? {
                Put::Taken => Err(RawStoreError::Taken {
                    key: object.key.clone(),
                }),
                Put::Created { .. } | Put::AlreadyThere { .. } => {
                    tracing::warn!(key = object.key, "put back an object that was lost");
                    Ok(true)
                }
            },
        }
    }

    /// A body from a byte of an object on, and its head, whose size is that of the body.
    async fn get_from(&self, key: &str, span: Span) -> Result<(ByteStream, Head), RawStoreError> {
        let range = match (span.from_byte, span.until_byte) {
            (0, None) => None,
            (from, None) => Some(format!("bytes={from}-")),
            (from, Some(until)) => Some(format!("bytes={from}-{}", until.saturating_sub(1))),
        };
        let request = self
            .client
            .get_object()
            .bucket(&self.bucket)
            .key(key)
            .set_range(range);
        match Box::pin(request.send()).await {
            Ok(answer) => {
                let head = Head {
                    size_bytes: length(answer.content_length),
                    noted_sha256: noted(answer.metadata.as_ref()),
                    version_id: answer.version_id,
                };
                Ok((answer.body, head))
            }
            Err(error) if status(&error) == Some(404) => Err(RawStoreError::Missing {
                key: key.to_owned(),
            }),
            Err(error) => Err(RawStoreError::request("read", key, error)),
        }
    }

    async fn put_once(&self, key: &str, payload: &Payload) -> Result<Option<String>, Refused> {
        if payload.size_bytes() > self.single_put_bytes_max {
            return self.put_in_parts(key, payload).await;
        }
        let part = payload.whole();
        let (body, changed) = open(payload, part).await?;
        let request = self
            .client
            .put_object()
            .bucket(&self.bucket)
            .key(key)
            .if_none_match("*")
            .content_length(part.size_bytes.cast_signed())
            .checksum_sha256(base64::encode(part.sha256.0))
            .metadata(SHA256_METADATA, part.sha256.to_string())
            .body(body)
            .customize()
            .config_override(self.upload_settings(part.size_bytes));
        match Box::pin(request.send()).await {
            Ok(answer) => Ok(answer.version_id),
            Err(_) if changed() => Err(Refused::Final(payload.changed())),
            Err(error) => Err(refused(key, error)),
        }
    }

    /// What is under a key, compared with what should be; none where nothing is.
    async fn look(&self, key: &str, payload: &Payload) -> Result<Option<Put>, RawStoreError> {
        let Some(head) = self.head(key).await? else {
            return Ok(None);
        };
        if head.size_bytes != payload.size_bytes() {
            return Ok(Some(Put::Taken));
        }
        let mut body = match self.get_stream(key).await {
            Ok(body) => body,
            Err(RawStoreError::Missing { .. }) => return Ok(None),
            Err(error) => return Err(error),
        };
        while body.chunk().await?.is_some() {}
        if body.sha256() != payload.sha256() {
            return Ok(Some(Put::Taken));
        }
        Ok(Some(Put::AlreadyThere {
            version_id: head.version_id,
        }))
    }
}

/// Opens a part of a payload for sending.
pub(crate) async fn open(
    payload: &Payload,
    part: Part,
) -> Result<(ByteStream, impl Fn() -> bool), Refused> {
    payload
        .open(part)
        .await
        .map(Opened::into_parts)
        .map_err(Refused::Final)
}

/// Sorts the failure of a request that would have created an object.
pub(crate) fn refused<E>(key: &str, error: SdkError<E, HttpResponse>) -> Refused
where
    E: std::error::Error + ProvideErrorMetadata + Send + Sync + 'static,
{
    if status(&error) == Some(412) {
        return Refused::Exists;
    }
    let error = RawStoreError::request("store", key, error);
    if error.class() == ErrorClass::Transient {
        return Refused::Open(error);
    }
    Refused::Final(error)
}

/// The bytes of an object as they come. A body that breaks off is taken up again where it broke
/// off.
pub struct ObjectBody {
    store: Store,
    key: String,
    span: Span,
    head: Head,
    body: ByteStream,
    read_bytes: u64,
    resumes: u32,
    sha256: Sha256,
}

impl ObjectBody {
    /// What the server told of the object.
    #[must_use]
    pub fn head(&self) -> &Head {
        &self.head
    }

    /// How many bytes were read so far.
    #[must_use]
    pub fn read_bytes(&self) -> u64 {
        self.read_bytes
    }

    /// SHA-256 of the bytes that were read so far.
    #[must_use]
    pub fn sha256(&self) -> Sha256Hash {
        Sha256Hash(self.sha256.clone().finalize().into())
    }

    /// The next bytes; none at the end.
    ///
    /// # Errors
    /// [`RawStoreError::Request`] where the body broke off too often.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, RawStoreError> {
        loop {
            let source = match self.body.try_next().await {
                Ok(Some(chunk)) => {
                    self.sha256.update(&chunk);
                    self.read_bytes += chunk.len() as u64;
                    return Ok(Some(chunk));
                }
                Ok(None) => return Ok(None),
                Err(source) => source,
            };
            if self.resumes == RESUMES_MAX {
                return Err(RawStoreError::Request {
                    operation: "read",
                    target: self.key.clone(),
                    advice: "its body broke off again and again; try again later",
                    class: ErrorClass::Transient,
                    source: source.into(),
                });
            }
            self.resumes += 1;
            tracing::warn!(key = self.key, at = self.read_bytes, "a body broke off");
            if self.read_bytes >= self.head.size_bytes {
                return Ok(None);
            }
            let rest = Span {
                from_byte: self.span.from_byte + self.read_bytes,
                ..self.span
            };
            (self.body, _) = self.store.get_from(&self.key, rest).await?;
        }
    }

    /// Reads to the end.
    ///
    /// # Errors
    /// [`RawStoreError::TooLarge`] over the limit; else as [`Self::chunk`].
    pub async fn collect(&mut self, limit_bytes: u64) -> Result<Bytes, RawStoreError> {
        let mut whole = BytesMut::new();
        while let Some(chunk) = self.chunk().await? {
            whole.extend_from_slice(&chunk);
            if whole.len() as u64 > limit_bytes {
                return Err(RawStoreError::TooLarge {
                    key: self.key.clone(),
                    limit_bytes,
                });
            }
        }
        Ok(whole.freeze())
    }
}

/// The bytes of an object that must be what the manifest says: the end comes as an error of class
/// [`ErrorClass::Raw`] where size or SHA-256 differ, so use nothing of it before the end.
pub struct VerifiedBody {
    body: ObjectBody,
    size_bytes: u64,
    sha256: Sha256Hash,
}

impl VerifiedBody {
    /// The next bytes; none at the end of an object that is whole and right.
    ///
    /// # Errors
    /// [`RawStoreError::Corrupt`] at the end of one that is not; else as [`ObjectBody::chunk`].
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, RawStoreError> {
        if let Some(chunk) = self.body.chunk().await? {
            return Ok(Some(chunk));
        }
        let detail = if self.body.read_bytes() != self.size_bytes {
            format!(
                "it has {} bytes where the manifest has {}",
                self.body.read_bytes(),
                self.size_bytes
            )
        } else if self.body.sha256() != self.sha256 {
            format!("its SHA-256 is not {} as in the manifest", self.sha256)
        } else {
            return Ok(None);
        };
        Err(RawStoreError::Corrupt {
            key: self.body.key.clone(),
            detail,
        })
    }

    /// The same as a stream.
    pub fn into_stream(self) -> impl Stream<Item = Result<Bytes, RawStoreError>> + Send {
        stream::try_unfold(self, |mut body| async move {
            Ok(body.chunk().await?.map(|chunk| (chunk, body)))
        })
    }
}

fn length(content_length: Option<i64>) -> u64 {
    content_length.map_or(0, |bytes| u64::try_from(bytes).unwrap_or(0))
}

fn noted(metadata: Option<&std::collections::HashMap<String, String>>) -> Option<Sha256Hash> {
    metadata?
        .get(SHA256_METADATA)
        .and_then(|text| Sha256Hash::try_from(text.clone()).ok())
}
