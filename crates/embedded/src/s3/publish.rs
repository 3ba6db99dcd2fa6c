//! The one moment when a body becomes an object.
//!
//! Before it the body is whole, verified and on disk. The moment itself is one
//! system call: a hard link, which the kernel refuses if the name exists
//! (create-only, for all processes that serve the folder), or a rename. After
//! it the folder is synced, so that an answered put survives a power failure.

use std::fs;
use std::io;
use std::path::Path;

use s3s::dto::{ETag, ETagCondition};
use s3s::{S3Error, S3Result, s3_error};

use super::attributes::{self, Attributes, Stamp, is_absent};
use super::key;
use super::store::{Store, Temp, remove_if_present, sync_dir};

/// How often folders are made again that a delete has just taken away.
const MAKE_DIRS_MAX: usize = 32;

/// What must hold of the key for a publication to happen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Condition {
    /// Replaces what is there.
    None,
    /// Nothing is there (`If-None-Match: *`).
    Absent,
    /// The object there has this entity tag, or any (`If-Match`).
    Is(ETagCondition),
}

impl Condition {
    pub fn new(
        if_match: Option<ETagCondition>,
        if_none_match: Option<ETagCondition>,
    ) -> S3Result<Self> {
        match (if_match, if_none_match) {
            (None, None) => Ok(Self::None),
            (Some(condition), None) => Ok(Self::Is(condition)),
            (None, Some(ETagCondition::Any)) => Ok(Self::Absent),
            (None, Some(ETagCondition::ETag(_))) => Err(s3_error!(
                NotImplemented,
                "If-None-Match of a write can only be '*'"
            )),
            (Some(_), Some(_)) => Err(s3_error!(
                InvalidRequest,
                "If-Match and If-None-Match exclude each other"
            )),
        }
    }
}

/// Publishes a body, already synced, as `key`.
pub(crate) fn publish(
    store: &Store,
    bucket: &str,
    key: &str,
    temp: &Temp,
    attributes: &Attributes,
    condition: &Condition,
) -> S3Result<()> {
    let bucket_dir = store.bucket_dir(bucket)?;
    let path = key::object_path(&bucket_dir, key)?;
    let (record, _note) = attributes::record(store, (bucket, key), &path, &temp.file, attributes)
        .map_err(S3Error::internal_error)?;
    let published = place(store, (bucket, key), &bucket_dir, &path, temp, condition);
    if published.is_err() {
        remove_if_present(&record);
    }
    published
}

fn place(
    store: &Store,
    (bucket, key): (&str, &str),
    bucket_dir: &Path,
    path: &Path,
    temp: &Temp,
    condition: &Condition,
) -> S3Result<()> {
    // The lock orders replacing and deleting; create-only would hold without it.
    let _lock = store.lock(bucket, key).map_err(S3Error::internal_error)?;
    if let Condition::Is(wanted) = condition {
        let current = attributes::open(store, bucket, key)?;
        if !is_match(wanted, &current.attributes.etag) {
            return Err(s3_error!(
                PreconditionFailed,
                "the object has another entity tag"
            ));
        }
    }
    for _ in 0..MAKE_DIRS_MAX {
        make_parents(bucket_dir, path)?;
        let placed = match condition {
            Condition::Absent => create(&temp.path, path),
            Condition::None | Condition::Is(_) => replace(store, (bucket, key), &temp.path, path),
        };
        match placed {
            Ok(()) => return sync_parent(path).map_err(S3Error::internal_error),
            // A delete took an empty folder away between the two calls.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(refusal(error, path)),
        }
    }
    Err(s3_error!(
        SlowDown,
        "folders of the key are being deleted all the time; try again"
    ))
}

fn create(temp: &Path, path: &Path) -> io::Result<()> {
    match fs::hard_link(temp, path) {
        // Some file systems have no hard links, but an exclusive rename.
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::PermissionDenied | io::ErrorKind::Unsupported
            ) =>
        {
            use rustix::fs::{CWD, RenameFlags, renameat_with};
            Ok(renameat_with(CWD, temp, CWD, path, RenameFlags::NOREPLACE)?)
        }
        linked => linked,
    }
}

fn replace(store: &Store, (bucket, key): (&str, &str), temp: &Path, path: &Path) -> io::Result<()> {
    let replaced = match fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_dir() => return Err(io::ErrorKind::IsADirectory.into()),
        Ok(metadata) => Some(Stamp::of(&metadata)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    fs::rename(temp, path)?;
    if let Some(stamp) = replaced {
        remove_if_present(&stamp.record(&store.records(bucket), key));
    }
    Ok(())
}

/// Makes the folders between the bucket and the object; the bucket itself must
/// be there, so that a put can't bring a deleted bucket back.
fn make_parents(bucket_dir: &Path, path: &Path) -> S3Result<()> {
    let mut missing = Vec::new();
    for dir in path
        .ancestors()
        .skip(1)
        .take_while(|dir| *dir != bucket_dir)
    {
        match fs::symlink_metadata(dir) {
            Ok(metadata) if metadata.is_dir() => break,
            Ok(_) => return Err(refusal(io::ErrorKind::NotADirectory.into(), path)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => missing.push(dir),
            Err(error) => return Err(refusal(error, path)),
        }
    }
    for dir in missing.into_iter().rev() {
        match fs::create_dir(dir) {
            Ok(()) => sync_parent(dir).map_err(S3Error::internal_error)?,
            // Another writer was faster, or a delete was: the caller goes round again.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => break,
            Err(error) => return Err(refusal(error, path)),
        }
    }
    if bucket_dir.is_dir() {
        Ok(())
    } else {
        Err(s3_error!(NoSuchBucket, "there is no bucket of this name"))
    }
}

fn refusal(error: io::Error, path: &Path) -> S3Error {
    match error.kind() {
        io::ErrorKind::AlreadyExists if path.is_dir() => in_the_way(),
        io::ErrorKind::AlreadyExists => {
            // The winner may not have synced yet, and may never come to it: who
            // is told "it exists" may rely on it, so it is made durable first.
            let synced = fs::File::open(path)
                .and_then(|file| file.sync_all())
                .and_then(|()| sync_parent(path));
            match synced {
                Ok(()) => s3_error!(PreconditionFailed, "an object with this key exists"),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    s3_error!(
                        ConditionalRequestConflict,
                        "the object is being deleted; try again"
                    )
                }
                Err(error) => S3Error::internal_error(error),
            }
        }
        io::ErrorKind::NotADirectory
        | io::ErrorKind::IsADirectory
        | io::ErrorKind::DirectoryNotEmpty => in_the_way(),
        io::ErrorKind::InvalidFilename => s3_error!(
            KeyTooLongError,
            "the file system has no room for so long a name"
        ),
        _ => S3Error::internal_error(error),
    }
}

fn in_the_way() -> S3Error {
    s3_error!(
        InvalidArgument,
        "this server keeps objects as plain files: a key can't also be the folder of other keys"
    )
}

fn sync_parent(path: &Path) -> io::Result<()> {
    path.parent().map_or(Ok(()), sync_dir)
}

/// Deletes an object, if it is there, and the folders that it leaves empty.
pub(crate) fn delete(
    store: &Store,
    bucket: &str,
    key: &str,
    condition: &Condition,
) -> S3Result<()> {
    let bucket_dir = store.bucket_dir(bucket)?;
    let path = key::object_path(&bucket_dir, key)?;
    let _lock = store.lock(bucket, key).map_err(S3Error::internal_error)?;
    if let Condition::Is(wanted) = condition {
        let current = attributes::open(store, bucket, key)?;
        if !is_match(wanted, &current.attributes.etag) {
            return Err(s3_error!(
                PreconditionFailed,
                "the object has another entity tag"
            ));
        }
    }
    let metadata = match fs::symlink_metadata(&path) {
        Ok(metadata) if metadata.is_dir() => return Ok(()),
        Ok(metadata) => metadata,
        Err(error) if is_absent(&error) => return Ok(()),
        Err(error) => return Err(S3Error::internal_error(error)),
    };
    fs::remove_file(&path).map_err(S3Error::internal_error)?;
    sync_parent(&path).map_err(S3Error::internal_error)?;
    remove_if_present(&Stamp::of(&metadata).record(&store.records(bucket), key));
    for dir in path
        .ancestors()
        .skip(1)
        .take_while(|dir| *dir != bucket_dir)
    {
        // Fails, as it should, once a folder has something in it.
        if fs::remove_dir(dir).is_err() {
            break;
        }
    }
    Ok(())
}

fn is_match(wanted: &ETagCondition, etag: &str) -> bool {
    match wanted {
        ETagCondition::Any => true,
        ETagCondition::ETag(ETag::Strong(wanted)) => wanted == etag,
        // A weak tag never matches where bytes matter (RFC 9110, 13.1.1).
        ETagCondition::ETag(ETag::Weak(_)) => false,
    }
}
