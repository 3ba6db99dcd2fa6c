//! Listings: keys in the order of their bytes, page by page.
//!
//! A folder's names are sorted with a '/' after each folder's name. That makes
//! a walk in depth give full keys in byte order (`a.b` before `a/c`, as '.' is
//! before '/'), so a page needs in memory the names of the folders on its way
//! and nothing else.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use s3s::{S3Error, S3Result};

use super::attributes;
use super::store::Store;

/// The largest page, as S3 has it.
pub(crate) const PAGE_KEYS_MAX: usize = 1000;

/// What to list.
#[derive(Debug, Default)]
pub(crate) struct Query {
    pub prefix: String,
    /// Keys that go on with it after the prefix are rolled up.
    pub delimiter: Option<String>,
    /// Only what sorts after this; a rolled-up entry sorts as its prefix does.
    pub after: Option<String>,
    pub keys_max: usize,
}

/// One line of a listing.
#[derive(Debug)]
pub(crate) enum Entry {
    Object {
        key: String,
        size: u64,
        modified: SystemTime,
        etag: String,
    },
    Prefix(String),
}

/// A page, and what to ask for the next one with.
#[derive(Debug, Default)]
pub(crate) struct Page {
    pub entries: Vec<Entry>,
    pub next_after: Option<String>,
}

/// Lists one page of a bucket.
pub(crate) fn list(store: &Store, bucket: &str, query: &Query) -> S3Result<Page> {
    let mut walk = Walk::new(store.bucket_dir(bucket)?, query);
    let mut page = Page::default();
    let mut last = None;
    if query.keys_max == 0 {
        return Ok(page);
    }
    while let Some(key) = walk.next().map_err(S3Error::internal_error)? {
        let rolled = rolled_up(query, &key);
        if let Some(prefix) = &rolled {
            walk.skip = Some(prefix.clone());
            if query.after.as_ref().is_some_and(|after| prefix <= after) {
                continue;
            }
        }
        if page.entries.len() == query.keys_max {
            page.next_after = last;
            break;
        }
        let entry = match rolled {
            Some(prefix) => Entry::Prefix(prefix),
            None => match object(store, bucket, &key)? {
                Some(entry) => entry,
                // Deleted since its name was read.
                None => continue,
            },
        };
        last = Some(match &entry {
            Entry::Object { key, .. } => key.clone(),
            Entry::Prefix(prefix) => prefix.clone(),
        });
        page.entries.push(entry);
    }
    Ok(page)
}

/// The common prefix that stands for the key, if the delimiter asks for one.
fn rolled_up(query: &Query, key: &str) -> Option<String> {
    let delimiter = query
        .delimiter
        .as_deref()
        .filter(|delimiter| !delimiter.is_empty())?;
    let rest = key.strip_prefix(query.prefix.as_str())?;
    let (head, _) = rest.split_once(delimiter)?;
    Some(format!("{}{head}{delimiter}", query.prefix))
}

fn object(store: &Store, bucket: &str, key: &str) -> S3Result<Option<Entry>> {
    match attributes::open(store, bucket, key) {
        Ok(opened) => Ok(Some(Entry::Object {
            key: key.into(),
            size: opened.size,
            modified: opened.modified,
            etag: opened.attributes.etag,
        })),
        // Deleted meanwhile, or put by hand under a name that is no key of ours.
        Err(error)
            if matches!(
                error.code(),
                s3s::S3ErrorCode::NoSuchKey | s3s::S3ErrorCode::InvalidArgument
            ) =>
        {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

struct Walk<'a> {
    root: PathBuf,
    query: &'a Query,
    /// Keys that begin with this are done with.
    skip: Option<String>,
    levels: Vec<Level>,
    started: bool,
}

/// The rest of one folder: its key with a '/' at the end ("" for the bucket),
/// and the names that are still to come, in order; those of folders end in '/'.
struct Level {
    folder: String,
    names: std::vec::IntoIter<String>,
}

impl<'a> Walk<'a> {
    fn new(root: PathBuf, query: &'a Query) -> Self {
        Self {
            root,
            query,
            skip: None,
            levels: Vec::new(),
            started: false,
        }
    }

    fn next(&mut self) -> io::Result<Option<String>> {
        if !self.started {
            self.started = true;
            self.enter(String::new())?;
        }
        while let Some(level) = self.levels.last_mut() {
            let Some(name) = level.names.next() else {
                self.levels.pop();
                continue;
            };
            let key = format!("{}{name}", level.folder);
            if self
                .skip
                .as_ref()
                .is_some_and(|skip| key.starts_with(skip.as_str()))
            {
                continue;
            }
            if key.ends_with('/') {
                self.enter(key)?;
            } else {
                return Ok(Some(key));
            }
        }
        Ok(None)
    }

    fn enter(&mut self, folder: String) -> io::Result<()> {
        let mut names = names(&self.root.join(&folder))?;
        names.retain(|name| is_wanted(self.query, &folder, name));
        names.sort_unstable();
        self.levels.push(Level {
            folder,
            names: names.into_iter(),
        });
        Ok(())
    }
}

/// Whether the key, or anything below the folder, can be in the listing.
fn is_wanted(query: &Query, folder: &str, name: &str) -> bool {
    let key = format!("{folder}{name}");
    let prefix = query.prefix.as_str();
    let is_folder = name.ends_with('/');
    let has_prefix = key.starts_with(prefix) || (is_folder && prefix.starts_with(&key));
    let is_after = match query.after.as_deref() {
        None => true,
        Some(after) => key.as_str() > after || (is_folder && after.starts_with(&key)),
    };
    has_prefix && is_after
}

fn names(dir: &Path) -> io::Result<Vec<String>> {
    let entries = match fs::read_dir(dir) {
        Ok(entries) => entries,
        // Deleted since its name was read.
        Err(error) if attributes::is_absent(&error) => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry?;
        // What is no UTF-8 can't be a key; links and devices are not ours.
        let Ok(mut name) = entry.file_name().into_string() else {
            continue;
        };
        let kind = entry.file_type()?;
        if kind.is_dir() {
            name.push('/');
        } else if !kind.is_file() {
            continue;
        }
        names.push(name);
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(files: &[&str], query: &Query) -> Vec<String> {
        let root = tempfile::tempdir().unwrap();
        for file in files {
            let path = root.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "x").unwrap();
        }
        let mut walk = Walk::new(root.path().into(), query);
        std::iter::from_fn(|| walk.next().unwrap()).collect()
    }

    #[test]
    fn keys_come_in_the_order_of_their_bytes_across_folders() {
        let files = ["a/z", "a.b", "a-b", "a0", "b/c/d", "b/c.d", "B/x", "é/1"];
        let mut expected: Vec<String> = files.iter().map(ToString::to_string).collect();
        expected.sort_unstable();
        assert_eq!(keys(&files, &Query::default()), expected);
    }

    #[test]
    fn folders_outside_of_prefix_and_marker_are_not_entered() {
        let files = ["a/1", "a/2", "ab/1", "b/1"];
        let query = Query {
            prefix: "a".into(),
            after: Some("a/1".into()),
            ..Query::default()
        };
        assert_eq!(keys(&files, &query), ["a/2", "ab/1"]);
        assert!(!is_wanted(&query, "", "b/"));
        assert!(is_wanted(&query, "", "a/"));
        assert!(!is_wanted(&query, "", "a!/"), "sorts before the marker");
    }

    #[test]
    fn a_key_is_rolled_up_to_the_first_delimiter_after_the_prefix() {
        let query = Query {
            prefix: "x/".into(),
            delimiter: Some("/".into()),
            ..Query::default()
        };
        assert_eq!(rolled_up(&query, "x/y/z/w"), Some("x/y/".into()));
        assert_eq!(rolled_up(&query, "x/y"), None);
        let query = Query {
            delimiter: Some("--".into()),
            ..Query::default()
        };
        assert_eq!(rolled_up(&query, "a--b--c"), Some("a--".into()));
    }
}
