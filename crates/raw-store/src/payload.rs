//! Bytes to be stored: measured first, and sent only if they are still what was measured.

use std::{
    path::{Path, PathBuf},
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
};

use aws_sdk_s3::primitives::{ByteStream, SdkBody};
use aws_smithy_types::byte_stream::Length;
use bytes::Bytes;
use catwing_domain::manifest::Sha256Hash;
use http_body::{Body, Frame, SizeHint};
use sha2::{Digest, Sha256};
use tokio::io::{AsyncRead, AsyncReadExt};

use crate::RawStoreError;

const READ_BYTES: usize = 128 * 1024;

/// The bytes of one object to be stored, with their size and SHA-256. A file is named, not held:
/// it is read again when it is sent, and refused if it changed meanwhile.
#[derive(Clone, Debug)]
pub struct Payload {
    origin: Origin,
    size_bytes: u64,
    sha256: Sha256Hash,
}

#[derive(Clone, Debug)]
enum Origin {
    Memory(Bytes),
    File(PathBuf),
}

/// A stretch of a payload, with the SHA-256 that its bytes must have when they are sent.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Part {
    pub offset_bytes: u64,
    pub size_bytes: u64,
    pub sha256: Sha256Hash,
}

impl Payload {
    /// Bytes that are in memory anyway.
    #[must_use]
    pub fn from_bytes(bytes: impl Into<Bytes>) -> Self {
        let bytes = bytes.into();
        Self {
            size_bytes: bytes.len() as u64,
            sha256: Sha256Hash::of(&bytes),
            origin: Origin::Memory(bytes),
        }
    }

    /// Reads a file once, to measure it.
    ///
    /// # Errors
    /// [`RawStoreError::ReadFile`] where it can't be read.
    pub async fn from_file(path: impl Into<PathBuf>) -> Result<Self, RawStoreError> {
        let path = path.into();
        let (whole, _) = measure(open(&path).await?, u64::MAX)
            .await
            .map_err(|source| RawStoreError::ReadFile {
                path: path.clone(),
                source,
            })?;
        Ok(Self {
            size_bytes: whole.size_bytes,
            sha256: whole.sha256,
            origin: Origin::File(path),
        })
    }

    /// How many bytes there are.
    #[must_use]
    pub fn size_bytes(&self) -> u64 {
        self.size_bytes
    }

    /// Their SHA-256.
    #[must_use]
    pub fn sha256(&self) -> Sha256Hash {
        self.sha256
    }

    /// The whole payload as one part.
    pub(crate) fn whole(&self) -> Part {
        Part {
            offset_bytes: 0,
            size_bytes: self.size_bytes,
            sha256: self.sha256,
        }
    }

    /// Cuts the payload into parts, each with its own SHA-256, in one pass that also proves that
    /// the whole is still what was measured.
    pub(crate) async fn parts(&self, part_bytes: u64) -> Result<Vec<Part>, RawStoreError> {
        let (whole, parts) = match &self.origin {
            Origin::Memory(bytes) => measure(bytes.as_ref(), part_bytes).await,
            Origin::File(path) => measure(open(path).await?, part_bytes).await,
        }
        .map_err(|source| self.unreadable(source))?;
        if whole.sha256 != self.sha256 {
            return Err(self.changed());
        }
        Ok(parts)
    }

    /// Opens a part for sending. The body can be sent again, and fails before its last bytes
    /// where they are no longer those of the part.
    pub(crate) async fn open(&self, part: Part) -> Result<Opened, RawStoreError> {
        let changed = Arc::new(AtomicBool::new(false));
        let body = match &self.origin {
            Origin::Memory(bytes) => {
                ByteStream::from(slice(bytes, part.offset_bytes, part.size_bytes))
            }
            Origin::File(path) => {
                self.check_length(path).await?;
                let stream = ByteStream::read_from()
                    .path(path)
                    .offset(part.offset_bytes)
                    .length(Length::Exact(part.size_bytes))
                    .build()
                    .await
                    .map_err(|_| self.changed())?;
                let changed = Arc::clone(&changed);
                stream.map(move |inner| {
                    SdkBody::from_body_1_x(Guarded {
                        inner,
                        sha256: Sha256::new(),
                        left_bytes: part.size_bytes,
                        expected: part.sha256,
                        changed: Arc::clone(&changed),
                    })
                })
            }
        };
        Ok(Opened { body, changed })
    }

    /// The error for a body that was refused because the file is no longer what was measured.
    pub(crate) fn changed(&self) -> RawStoreError {
        RawStoreError::FileChanged { path: self.path() }
    }

    fn unreadable(&self, source: std::io::Error) -> RawStoreError {
        RawStoreError::ReadFile {
            path: self.path(),
            source,
        }
    }

    fn path(&self) -> PathBuf {
        match &self.origin {
            Origin::Memory(_) => PathBuf::from("(memory)"),
            Origin::File(path) => path.clone(),
        }
    }

    async fn check_length(&self, path: &Path) -> Result<(), RawStoreError> {
        let now = tokio::fs::metadata(path)
            .await
            .map_err(|source| self.unreadable(source))?;
        if now.len() != self.size_bytes {
            return Err(self.changed());
        }
        Ok(())
    }
}

/// A body that is ready to be sent.
pub(crate) struct Opened {
    pub body: ByteStream,
    changed: Arc<AtomicBool>,
}

impl Opened {
    /// Splits off the body; what remains tells whether it was refused.
    pub fn into_parts(self) -> (ByteStream, impl Fn() -> bool) {
        let changed = self.changed;
        (self.body, move || changed.load(Ordering::Acquire))
    }
}

type BodyError = Box<dyn std::error::Error + Send + Sync>;

/// A file's body that is hashed as it is sent. Its last bytes are held back unless the hash is
/// the one that was measured, so a server never gets a whole body of other bytes.
struct Guarded {
    inner: SdkBody,
    sha256: Sha256,
    left_bytes: u64,
    expected: Sha256Hash,
    changed: Arc<AtomicBool>,
}

impl Body for Guarded {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let this = self.get_mut();
        let polled = Pin::new(&mut this.inner).poll_frame(cx);
        let Poll::Ready(Some(Ok(frame))) = &polled else {
            if matches!(polled, Poll::Ready(None)) && this.left_bytes > 0 {
                return this.refuse();
            }
            return polled;
        };
        if let Some(data) = frame.data_ref() {
            this.sha256.update(data);
            this.left_bytes = this.left_bytes.saturating_sub(data.len() as u64);
            if this.left_bytes == 0
                && Sha256Hash(this.sha256.clone().finalize().into()) != this.expected
            {
                return this.refuse();
            }
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        Body::size_hint(&self.inner)
    }
}

impl Guarded {
    fn refuse(&self) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        self.changed.store(true, Ordering::Release);
        Poll::Ready(Some(Err("the file changed while it was sent".into())))
    }
}

fn slice(bytes: &Bytes, offset_bytes: u64, limit: u64) -> Bytes {
    let clamp = |at: u64| usize::try_from(at).map_or(bytes.len(), |at| at.min(bytes.len()));
    bytes.slice(clamp(offset_bytes)..clamp(offset_bytes.saturating_add(limit)))
}

async fn open(path: &Path) -> Result<tokio::fs::File, RawStoreError> {
    tokio::fs::File::open(path)
        .await
        .map_err(|source| RawStoreError::ReadFile {
            path: path.to_owned(),
            source,
        })
}

/// Reads to the end: the whole, and the parts of at most `part_bytes` that it is made of.
async fn measure(
    mut reader: impl AsyncRead + Unpin,
    part_bytes: u64,
) -> std::io::Result<(Part, Vec<Part>)> {
    let mut whole = Measure::default();
    let mut parts = Vec::new();
    let mut part = Measure::default();
    let mut buffer = vec![0; READ_BYTES];
    loop {
        let room = usize::try_from(part_bytes - part.size_bytes)
            .map_or(READ_BYTES, |room| room.min(READ_BYTES));
        let (room, _) = buffer.split_at_mut(room);
        let read = reader.read(room).await?;
        let Some(chunk) = room.get(..read).filter(|chunk| !chunk.is_empty()) else {
            break;
        };
        whole.add(chunk);
        part.add(chunk);
        if part.size_bytes == part_bytes {
            parts.push(std::mem::take(&mut part).end(whole.size_bytes));
        }
    }
    if part.size_bytes > 0 {
        parts.push(part.end(whole.size_bytes));
    }
    let size_bytes = whole.size_bytes;
    Ok((whole.end(size_bytes), parts))
}

#[derive(Default)]
struct Measure {
    sha256: Sha256,
    size_bytes: u64,
}

impl Measure {
    fn add(&mut self, chunk: &[u8]) {
        self.sha256.update(chunk);
        self.size_bytes += chunk.len() as u64;
    }

    fn end(self, end_bytes: u64) -> Part {
        Part {
            offset_bytes: end_bytes - self.size_bytes,
            size_bytes: self.size_bytes,
            sha256: Sha256Hash(self.sha256.finalize().into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Payload, Sha256Hash};

    #[tokio::test]
    async fn parts_cover_the_payload_in_order() {
        let payload = Payload::from_bytes("0123456789");
        let parts = payload.parts(4).await.unwrap();
        let spans: Vec<_> = parts
            .iter()
            .map(|part| (part.offset_bytes, part.size_bytes))
            .collect();
        assert_eq!(spans, [(0, 4), (4, 4), (8, 2)]);
        assert_eq!(parts[2].sha256, Sha256Hash::of(b"89"));
        assert_eq!(payload.sha256(), Sha256Hash::of(b"0123456789"));
        assert!(Payload::from_bytes("").parts(4).await.unwrap().is_empty());
    }

    #[tokio::test]
    async fn a_file_that_is_not_there_is_named() {
        let error = Payload::from_file("/no/such/file").await.unwrap_err();
        assert!(error.to_string().contains("/no/such/file"), "{error}");
    }
}
