//! Buckets: folders below the root.

use std::fs;
use std::io;

use s3s::dto::{Bucket, Timestamp};
use s3s::{S3Error, S3Result, s3_error};

use super::store::{Store, make_private_dir, sync_dir};

/// Makes a bucket.
pub(crate) fn create(store: &Store, bucket: &str) -> S3Result<()> {
    let dir = store.bucket_path(bucket)?;
    match fs::create_dir(&dir) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            return Err(s3_error!(BucketAlreadyOwnedByYou, "the bucket exists"));
        }
        Err(error) => return Err(S3Error::internal_error(error)),
    }
    for books in [store.records(bucket), store.uploads(bucket)] {
        make_private_dir(&books).map_err(S3Error::internal_error)?;
    }
    sync_dir(store.root()).map_err(S3Error::internal_error)
}

/// All buckets by name.
pub(crate) fn list(store: &Store) -> S3Result<Vec<Bucket>> {
    let mut buckets = Vec::new();
    for entry in fs::read_dir(store.root()).map_err(S3Error::internal_error)? {
        let entry = entry.map_err(S3Error::internal_error)?;
        let Ok(name) = entry.file_name().into_string() else {
            continue;
        };
        if store.bucket_path(&name).is_err() || !entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            continue;
        }
        // A folder put by hand is a bucket too; some file systems know no birth time.
        let metadata = entry.metadata().map_err(S3Error::internal_error)?;
        let made = metadata
            .created()
            .or_else(|_| metadata.modified())
            .ok()
            .map(Timestamp::from);
        buckets.push(Bucket {
            name: Some(name),
            creation_date: made,
            ..Bucket::default()
        });
    }
    buckets.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(buckets)
}

/// Deletes a bucket without objects; its unfinished uploads go with it.
pub(crate) fn delete(store: &Store, bucket: &str) -> S3Result<()> {
    let dir = store.bucket_dir(bucket)?;
    match fs::remove_dir(&dir) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty => {
            return Err(s3_error!(BucketNotEmpty, "the bucket still has objects"));
        }
        Err(error) => return Err(S3Error::internal_error(error)),
    }
    sync_dir(store.root()).map_err(S3Error::internal_error)?;
    for books in [store.records(bucket), store.uploads(bucket)] {
        match fs::remove_dir_all(&books) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(S3Error::internal_error(error));
            }
            _ => {}
        }
    }
    Ok(())
}
