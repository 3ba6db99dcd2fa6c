//! What is known of an object beside its bytes: entity tag, headers, checksum.
//!
//! Bodies are plain files, so this lives in a record of its own outside of
//! every bucket. A record names the body that it describes by the body's size
//! and modification time and is written, under a name that includes both, before
//! the body is published. Hence a reader that has opened a body finds that
//! body's record or none, never another's; and a file that somebody put or
//! changed by hand has none, so that its entity tag is computed from its bytes.

use std::collections::HashMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use s3s::crypto::{Checksum as _, Md5};
use s3s::dto::{self, Timestamp};
use s3s::{S3Error, S3Result, s3_error};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::key;
use super::store::{Note, Store};

/// A file that was changed this recently may change again without its
/// modification time showing it, so nothing is recorded of it yet.
const SETTLED_AFTER: Duration = Duration::from_secs(3);
/// How often a reader begins again because the object was replaced meanwhile.
const REOPEN_MAX: usize = 16;
/// How often a body's modification time is moved to one that is still free.
const STAMP_MAX: u32 = 32;
const COPY_BYTES: usize = 256 * 1024;

/// The stored headers and digests of one object.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Attributes {
    pub etag: String,
    pub content_type: Option<String>,
    pub cache_control: Option<String>,
    pub content_disposition: Option<String>,
    pub content_encoding: Option<String>,
    pub content_language: Option<String>,
    pub expires: Option<Timestamp>,
    pub user: HashMap<String, String>,
    pub checksum: Checksum,
}

/// The checksums of the whole body that a client gave, in base64.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Checksum {
    pub crc32: Option<String>,
    pub crc32c: Option<String>,
    pub crc64nvme: Option<String>,
    pub sha1: Option<String>,
    pub sha256: Option<String>,
}

impl Checksum {
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl From<dto::Checksum> for Checksum {
    fn from(sums: dto::Checksum) -> Self {
        Self {
            crc32: sums.checksum_crc32,
            crc32c: sums.checksum_crc32c,
            crc64nvme: sums.checksum_crc64nvme,
            sha1: sums.checksum_sha1,
            sha256: sums.checksum_sha256,
        }
    }
}

/// Which body a record is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stamp {
    pub size: u64,
    modified_ns: i128,
}

impl Stamp {
    pub fn of(metadata: &fs::Metadata) -> Self {
        let modified_ns =
            i128::from(metadata.mtime()) * 1_000_000_000 + i128::from(metadata.mtime_nsec());
        Self {
            size: metadata.len(),
            modified_ns,
        }
    }

    /// The record's file. The key is hashed because a key may be longer than a
    /// file name can be.
    pub fn record(self, records: &Path, key: &str) -> PathBuf {
        let hash = hex::encode(Sha256::digest(key.as_bytes()));
        let (shelf, _) = hash.split_at(2);
        records.join(shelf).join(format!("{hash}{}", self.suffix()))
    }

    /// Whether the record's name says that it is about this body.
    pub fn is_named_by(self, record: &Path) -> bool {
        record
            .to_str()
            .is_some_and(|name| name.ends_with(&self.suffix()))
    }

    fn suffix(self) -> String {
        format!("-{}-{}.json", self.size, self.modified_ns)
    }
}

/// An object's open body with what is known of it.
#[derive(Debug)]
pub(crate) struct Opened {
    pub file: File,
    pub size: u64,
    pub modified: SystemTime,
    pub attributes: Attributes,
}

/// Opens the current body of `key`. The bytes and the attributes are of the
/// same version, whoever replaces the object meanwhile.
pub(crate) fn open(store: &Store, bucket: &str, key: &str) -> S3Result<Opened> {
    let path = key::object_path(&store.bucket_dir(bucket)?, key)?;
    let records = store.records(bucket);
    for _ in 0..REOPEN_MAX {
        let (mut file, metadata) = open_body(&path)?;
        let stamp = Stamp::of(&metadata);
        let attributes = match read(&stamp.record(&records, key)) {
            Some(attributes) => attributes,
            None if is_replaced(&path, &metadata) => continue,
            None => adopt(&mut file, &metadata, &stamp.record(&records, key))?,
        };
        let modified = metadata.modified().map_err(S3Error::internal_error)?;
        return Ok(Opened {
            file,
            size: stamp.size,
            modified,
            attributes,
        });
    }
    Err(s3_error!(
        SlowDown,
        "the object is being replaced all the time; try again"
    ))
}

/// Records `attributes` for the body `temp`, which no other process knows yet,
/// and returns the record's file, noted at the desk. If a record of that name
/// exists (another version of the key with the same size and time), the body
/// gets another time.
pub(crate) fn record(
    store: &Store,
    (bucket, key): (&str, &str),
    object: &Path,
    temp: &File,
    attributes: &Attributes,
) -> io::Result<(PathBuf, Note)> {
    let records = store.records(bucket);
    for attempt in 0..STAMP_MAX {
        let metadata = temp.metadata()?;
        let path = Stamp::of(&metadata).record(&records, key);
        let note = store.desk().note(object, &path)?;
        match write(&path, attributes) {
            Ok(()) => return Ok((path, note)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                // Doubling steps get past any granularity of the file system's clock.
                drop(note);
                temp.set_modified(metadata.modified()? + Duration::from_nanos(1 << attempt))?;
            }
            Err(error) => return Err(error),
        }
    }
    Err(io::Error::other("no free time stamp for the object"))
}

fn open_body(path: &Path) -> S3Result<(File, fs::Metadata)> {
    // No link is followed out of the folder, and no named pipe blocks the open.
    let flags = rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK;
    let file = match OpenOptions::new()
        .read(true)
        .custom_flags(flags.bits().cast_signed())
        .open(path)
    {
        Ok(file) => file,
        Err(error) if is_absent(&error) => {
            return Err(s3_error!(NoSuchKey, "there is no object with this key"));
        }
        Err(error) => return Err(S3Error::internal_error(error)),
    };
    let metadata = file.metadata().map_err(S3Error::internal_error)?;
    if !metadata.is_file() {
        return Err(s3_error!(NoSuchKey, "there is no object with this key"));
    }
    Ok((file, metadata))
}

/// Whether an error says that nothing is stored at a path: it is missing, a
/// part of it is a file, or it is a symbolic link.
pub(crate) fn is_absent(error: &io::Error) -> bool {
    let is_link = error.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error());
    is_link
        || matches!(
            error.kind(),
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
        )
}

fn is_replaced(path: &Path, opened: &fs::Metadata) -> bool {
    !fs::symlink_metadata(path)
        .is_ok_and(|now| now.ino() == opened.ino() && now.dev() == opened.dev())
}

/// A record that can't be read (cut short by a power failure) is as good as none.
fn read(path: &Path) -> Option<Attributes> {
    serde_json::from_slice(&fs::read(path).ok()?).ok()
}

fn write(path: &Path, attributes: &Attributes) -> io::Result<()> {
    if let Some(shelf) = path.parent() {
        fs::create_dir_all(shelf)?;
    }
    let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
    file.write_all(&serde_json::to_vec(attributes)?)?;
    file.sync_all()?;
    path.parent().map_or(Ok(()), super::store::sync_dir)
}

/// Computes what a file that was put by hand has no record of, and keeps it if
/// the file has settled.
#[expect(
    clippy::disallowed_methods,
    reason = "a file's age is about the machine's own clock"
)]
fn adopt(file: &mut File, metadata: &fs::Metadata, record: &Path) -> S3Result<Attributes> {
    let etag = md5_of(file).map_err(S3Error::internal_error)?;
    let attributes = Attributes {
        etag,
        ..Attributes::default()
    };
    let age = metadata
        .modified()
        .ok()
        .and_then(|modified| modified.elapsed().ok());
    if age.is_some_and(|age| age > SETTLED_AFTER)
        && let Err(error) = write(record, &attributes)
    {
        tracing::debug!(%error, "can't keep a computed entity tag");
    }
    Ok(attributes)
}

fn md5_of(file: &mut File) -> io::Result<String> {
    let mut md5 = Md5::new();
    let mut buffer = vec![0; COPY_BYTES];
    loop {
        let count = file.read(&mut buffer)?;
        if count == 0 {
            break;
        }
        md5.update(buffer.get(..count).unwrap_or_default());
    }
    file.rewind()?;
    Ok(hex::encode(md5.finalize()))
}
