//! Which keys have a place of their own below a bucket's folder.
//!
//! A key is the path of a plain file, so a key that no path can say, or that
//! two paths could say, is refused by name instead of being bent into one.

use std::path::{Path, PathBuf};

use s3s::{S3Result, s3_error};

/// The longest name of a file or folder, in bytes, on every usual file system.
pub(crate) const SEGMENT_BYTES_MAX: usize = 255;

/// The file of `key` below `bucket_dir`. Never outside of it.
pub(crate) fn object_path(bucket_dir: &Path, key: &str) -> S3Result<PathBuf> {
    check(key)?;
    let path = bucket_dir.join(key);
    refuse_links(bucket_dir, &path)?;
    Ok(path)
}

/// No client can make a link, but a person with the folder at hand can, and a
/// folder that is one would lead a key out of the bucket. The object itself is
/// not looked at here: what opens or replaces it does not follow links.
fn refuse_links(bucket_dir: &Path, path: &Path) -> S3Result<()> {
    let folders = path
        .ancestors()
        .skip(1)
        .take_while(|dir| *dir != bucket_dir);
    for dir in folders {
        if dir.is_symlink() {
            return Err(s3_error!(
                InvalidArgument,
                "a folder on the key's way is a link, which this server does not follow"
            ));
        }
    }
    Ok(())
}

fn check(key: &str) -> S3Result<()> {
    if key.is_empty() {
        return Err(s3_error!(InvalidArgument, "a key can't be empty"));
    }
    if key.chars().any(char::is_control) {
        return Err(s3_error!(
            InvalidArgument,
            "this server keeps no key with control characters"
        ));
    }
    for segment in key.split('/') {
        match segment {
            "" => {
                return Err(s3_error!(
                    InvalidArgument,
                    "this server keeps no key with an empty segment (a leading, trailing or double '/')"
                ));
            }
            "." | ".." => {
                return Err(s3_error!(
                    InvalidArgument,
                    "this server keeps no key with a segment '{}'",
                    segment
                ));
            }
            _ if segment.len() > SEGMENT_BYTES_MAX => {
                return Err(s3_error!(
                    KeyTooLongError,
                    "a segment of a key can have {} bytes at most",
                    SEGMENT_BYTES_MAX
                ));
            }
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_and_odd_keys_are_paths_below_the_bucket() {
        for key in [
            "a",
            "a/b.json",
            "ключ/日本",
            "a b+c%20",
            "...",
            ".hidden/..x",
            "a\\b",
        ] {
            let path = object_path(Path::new("/root/bucket"), key).unwrap();
            assert_eq!(path, Path::new("/root/bucket").join(key));
            assert!(path.starts_with("/root/bucket"));
        }
    }

    #[test]
    fn a_linked_folder_is_no_way_at_any_depth() {
        let root = tempfile::tempdir().unwrap();
        let (bucket, outside) = (root.path().join("bucket"), root.path().join("outside"));
        std::fs::create_dir_all(outside.join("deep/er")).unwrap();
        std::fs::create_dir(&bucket).unwrap();
        std::os::unix::fs::symlink(&outside, bucket.join("link")).unwrap();
        for key in ["link/k", "link/deep/k", "link/deep/er/k", "link/new/k"] {
            assert!(object_path(&bucket, key).is_err(), "{key}");
        }
        assert!(object_path(&bucket, "deep/er/k").is_ok());
    }

    #[test]
    fn keys_that_no_path_can_say_are_refused() {
        let long = "x".repeat(SEGMENT_BYTES_MAX + 1);
        for key in [
            "",
            "/",
            "/a",
            "a/",
            "a//b",
            ".",
            "..",
            "../a",
            "a/../../b",
            "a/./b",
            "a\0b",
            "a\nb",
            &long,
        ] {
            assert!(
                object_path(Path::new("/root/bucket"), key).is_err(),
                "{key:?}"
            );
        }
    }
}
