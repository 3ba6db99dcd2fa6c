//! The folder's layout, its locks, and what a dead process left behind.
//!
//! ```text
//! ROOT/<bucket>/<key>                    bodies, plain files
//! ROOT/.catwing-s3/records/<bucket>/     attributes (no bucket begins with '.')
//! ROOT/.catwing-s3/uploads/<bucket>/<id>/  multipart uploads under way
//! ROOT/.catwing-s3/locks/<nn>            one lock for 1/256 of the keys
//! ROOT/.catwing-s3/desks/<id>/           one process's bodies on their way in
//! ```

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use s3s::{S3Error, S3Result, s3_error};
use sha2::{Digest, Sha256};

use super::attributes::Stamp;

const BOOKS: &str = ".catwing-s3";
const DESK_LOCK: &str = "lock";
/// What marks the note of a publication that has begun.
const NOTE_EXTENSION: &str = "note";
const PRIVATE: u32 = 0o700;

/// A served folder.
#[derive(Debug)]
pub(crate) struct Store {
    root: PathBuf,
    books: PathBuf,
    desk: Desk,
}

impl Store {
    /// Opens the folder, creating it if needed, and clears away what processes
    /// that are surely dead left unfinished.
    pub fn open(root: &Path) -> io::Result<Self> {
        make_private_dir(root)?;
        let root = root.canonicalize()?;
        let books = root.join(BOOKS);
        for part in ["records", "uploads", "locks", "desks"] {
            make_private_dir(&books.join(part))?;
        }
        let desk = Desk::open(&root, &books.join("desks"))?;
        Ok(Self { root, books, desk })
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The bucket's folder, which exists.
    pub fn bucket_dir(&self, bucket: &str) -> S3Result<PathBuf> {
        let dir = self.bucket_path(bucket)?;
        match fs::symlink_metadata(&dir) {
            Ok(metadata) if metadata.is_dir() => Ok(dir),
            Ok(_) => Err(s3_error!(NoSuchBucket, "there is no bucket of this name")),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Err(s3_error!(NoSuchBucket, "there is no bucket of this name"))
            }
            Err(error) => Err(S3Error::internal_error(error)),
        }
    }

    /// Where the bucket's folder is or would be.
    pub fn bucket_path(&self, bucket: &str) -> S3Result<PathBuf> {
        // The address of a request is checked before it comes here, the source
        // of a copy is not: one rule for both keeps every name inside the root.
        if !s3s::path::check_bucket_name(bucket) {
            return Err(s3_error!(InvalidBucketName, "this is no valid bucket name"));
        }
        Ok(self.root.join(bucket))
    }

    /// Where the attributes of the bucket's objects are.
    pub fn records(&self, bucket: &str) -> PathBuf {
        self.books.join("records").join(bucket)
    }

    /// Where the bucket's multipart uploads are.
    pub fn uploads(&self, bucket: &str) -> PathBuf {
        self.books.join("uploads").join(bucket)
    }

    /// Waits for the lock of `name` (a key in a bucket, an upload) against all
    /// threads and processes; it is held until the file is dropped.
    pub fn lock(&self, bucket: &str, name: &str) -> io::Result<File> {
        let mut hash = Sha256::new();
        hash.update(bucket.as_bytes());
        hash.update(b"/");
        hash.update(name.as_bytes());
        let shard: String = hex::encode(hash.finalize()).chars().take(2).collect();
        let path = self.books.join("locks").join(shard);
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(path)?;
        file.lock()?;
        Ok(file)
    }

    pub fn desk(&self) -> &Desk {
        &self.desk
    }
}

/// This process's own folder for what is not published yet. It is locked while
/// the process lives, so another process knows when it may clear it away.
#[derive(Debug)]
pub(crate) struct Desk {
    root: PathBuf,
    dir: PathBuf,
    next: AtomicU64,
    _lock: File,
}

impl Desk {
    fn open(root: &Path, desks: &Path) -> io::Result<Self> {
        // Held while a desk is made or cleared away: without it a desk whose
        // lock is not taken yet would look like that of a dead process.
        let gate = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(desks.join("gate"))?;
        gate.lock()?;
        clear_dead_desks(root, desks)?;
        let dir = tempfile::Builder::new()
            .prefix("desk-")
            .tempdir_in(desks)?
            .keep();
        let lock = OpenOptions::new()
            .create_new(true)
            .write(true)
            .open(dir.join(DESK_LOCK))?;
        lock.lock()?;
        Ok(Self {
            root: root.into(),
            dir,
            next: AtomicU64::new(0),
            _lock: lock,
        })
    }

    /// A new empty file that disappears unless it is published.
    pub fn temp(&self) -> io::Result<Temp> {
        let path = self.dir.join(format!(
            "{}.body",
            self.next.fetch_add(1, Ordering::Relaxed)
        ));
        let file = OpenOptions::new()
            .create_new(true)
            .read(true)
            .write(true)
            .open(&path)?;
        Ok(Temp { file, path })
    }

    /// Notes that a publication is about to leave `record`, so that a record
    /// whose body never came is cleared away with the desk.
    pub fn note(&self, object: &Path, record: &Path) -> io::Result<Note> {
        // Relative names are UTF-8 whatever the folder itself is called.
        let names = (
            object.strip_prefix(&self.root),
            record.strip_prefix(&self.root),
        );
        let (Ok(object), Ok(record)) = names else {
            return Err(io::Error::other("an object outside of the folder"));
        };
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let path = self.dir.join(format!("{number}.{NOTE_EXTENSION}"));
        fs::write(&path, serde_json::to_vec(&(object, record))?)?;
        Ok(Note { path })
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        if let Err(error) = clear_desk(&self.root, &self.dir) {
            tracing::debug!(%error, "can't clear this server's temporary folder; the next start will");
        }
    }
}

/// A body on its way in.
#[derive(Debug)]
pub(crate) struct Temp {
    pub file: File,
    pub path: PathBuf,
}

impl Drop for Temp {
    fn drop(&mut self) {
        remove_if_present(&self.path);
    }
}

/// See [`Desk::note`]. Dropping it says that the publication was completed or undone.
#[derive(Debug)]
pub(crate) struct Note {
    path: PathBuf,
}

impl Drop for Note {
    fn drop(&mut self) {
        remove_if_present(&self.path);
    }
}

/// Removes a file that may be gone; what can't be removed costs disk only.
pub(crate) fn remove_if_present(path: &Path) {
    if let Err(error) = fs::remove_file(path)
        && error.kind() != io::ErrorKind::NotFound
    {
        tracing::debug!(%error, path = %path.display(), "can't remove a file");
    }
}

/// Makes the entries of a folder durable.
pub(crate) fn sync_dir(dir: &Path) -> io::Result<()> {
    File::open(dir)?.sync_all()
}

pub(crate) fn make_private_dir(dir: &Path) -> io::Result<()> {
    fs::DirBuilder::new()
        .recursive(true)
        .mode(PRIVATE)
        .create(dir)
}

fn clear_dead_desks(root: &Path, desks: &Path) -> io::Result<()> {
    for entry in fs::read_dir(desks)? {
        let entry = entry?;
        if !entry.file_type()?.is_dir() {
            continue;
        }
        let is_dead = match OpenOptions::new()
            .write(true)
            .open(entry.path().join(DESK_LOCK))
        {
            Ok(lock) => match lock.try_lock() {
                Ok(()) => true,
                Err(TryLockError::WouldBlock) => false,
                Err(TryLockError::Error(error)) => return Err(error),
            },
            // Its maker died before it could lock it: the gate is ours.
            Err(error) if error.kind() == io::ErrorKind::NotFound => true,
            Err(error) => return Err(error),
        };
        if is_dead {
            tracing::info!(desk = %entry.path().display(), "clearing away what a stopped S3 server left unfinished");
            clear_desk(root, &entry.path())?;
        }
    }
    Ok(())
}

fn clear_desk(root: &Path, dir: &Path) -> io::Result<()> {
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        if path
            .extension()
            .is_some_and(|extension| extension == NOTE_EXTENSION)
        {
            undo_unpublished(root, &path);
        }
    }
    fs::remove_dir_all(dir)
}

/// Removes the record of a publication unless its body was published.
fn undo_unpublished(root: &Path, note: &Path) {
    // A note that was cut short names a record that was not written yet.
    let Ok(bytes) = fs::read(note) else { return };
    let Ok((object, record)) = serde_json::from_slice::<(PathBuf, PathBuf)>(&bytes) else {
        return;
    };
    let is_published = fs::symlink_metadata(root.join(object))
        .is_ok_and(|metadata| Stamp::of(&metadata).is_named_by(&record));
    if !is_published {
        remove_if_present(&root.join(record));
    }
}
