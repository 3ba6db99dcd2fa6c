//! What lies in an imported directory.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::{IngestError, plan::Ignored};

/// Directories that are entered below the imported one.
const DEPTH_MAX: usize = 16;
/// The archive's own records; an import writes new ones.
const MANIFEST_DIRECTORY: &str = "_manifest";

/// A file of the directory.
pub(crate) struct Found {
    pub path: PathBuf,
    /// Below the directory.
    pub relative: PathBuf,
    pub size_bytes: u64,
}

/// Everything below a directory, sorted by path.
pub(crate) struct Walk {
    root: PathBuf,
    pub files: Vec<Found>,
    pub ignored: Vec<Ignored>,
}

impl Walk {
    pub fn of(start: &Path) -> Result<Self, IngestError> {
        let read = |source| IngestError::ReadDirectory {
            path: start.to_owned(),
            source,
        };
        let root = start.canonicalize().map_err(read)?;
        let mut walk = Self {
            root: root.clone(),
            files: Vec::new(),
            ignored: Vec::new(),
        };
        let facts = fs::metadata(&root).map_err(read)?;
        if facts.is_file() {
            walk.root = root.parent().unwrap_or(&root).to_owned();
            walk.add(root, facts.len());
        } else {
            walk.enter(&root, 0)?;
        }
        walk.files.sort_by(|a, b| a.relative.cmp(&b.relative));
        walk.ignored.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(walk)
    }

    fn enter(&mut self, directory: &Path, depth: usize) -> Result<(), IngestError> {
        let read = |source| IngestError::ReadDirectory {
            path: directory.to_owned(),
            source,
        };
        for entry in fs::read_dir(directory).map_err(read)? {
            let entry = entry.map_err(read)?;
            let path = entry.path();
            let kind = entry.file_type().map_err(read)?;
            let name = entry.file_name();
            if name.as_encoded_bytes().starts_with(b".") {
                self.ignore(&path, "hidden");
            } else if kind.is_dir() {
                if name == MANIFEST_DIRECTORY {
                    self.ignore(
                        &path,
                        "an archive's own manifest; the import writes a new one",
                    );
                } else if depth == DEPTH_MAX {
                    self.ignore(&path, "too many directories deep");
                } else {
                    self.enter(&path, depth + 1)?;
                }
            } else if kind.is_symlink() {
                self.follow(path);
            } else if kind.is_file() {
                let facts = entry.metadata().map_err(read)?;
                self.add(path, facts.len());
            } else {
                self.ignore(&path, "not a file");
            }
        }
        Ok(())
    }

    /// Links are followed to files of the same directory tree and no further.
    fn follow(&mut self, path: PathBuf) {
        let target = path
            .canonicalize()
            .ok()
            .and_then(|target| Some((fs::metadata(&target).ok()?, target)));
        match target {
            None => self.ignore(&path, "a link that leads nowhere"),
            Some((_, target)) if !target.starts_with(&self.root) => {
                self.ignore(&path, "a link that leads out of the directory");
            }
            Some((facts, _)) if facts.is_file() => self.add(path, facts.len()),
            Some(_) => self.ignore(&path, "a link to a directory"),
        }
    }

    fn add(&mut self, path: PathBuf, size_bytes: u64) {
        let relative = self.relative(&path);
        self.files.push(Found {
            path,
            relative,
            size_bytes,
        });
    }

    fn ignore(&mut self, path: &Path, why: &'static str) {
        let path = self.relative(path);
        self.ignored.push(Ignored { path, why });
    }

    fn relative(&self, path: &Path) -> PathBuf {
        path.strip_prefix(&self.root).unwrap_or(path).to_owned()
    }
}
