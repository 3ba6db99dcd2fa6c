//! Copies of a stopped cluster, for tests that need a cluster each.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::place::Place;
use super::postmaster::PID_FILE;
use crate::Error;
use crate::account::Account;

const PRIVATE: u32 = 0o700;

/// Copies the data directory of a stopped cluster to `template`.
pub(crate) fn save(data_dir: &Path, template: &Path) -> Result<(), Error> {
    if data_dir.join(PID_FILE).exists() {
        return Err(Error::TemplateInUse {
            data_dir: data_dir.into(),
        });
    }
    let parent = template.parent().unwrap_or(Path::new("/"));
    let save = || -> io::Result<()> {
        fs::create_dir_all(parent)?;
        let copy = tempfile::Builder::new()
            .prefix("template.new-")
            .permissions(fs::Permissions::from_mode(PRIVATE))
            .tempdir_in(parent)?;
        copy_tree(data_dir, copy.path(), &mut |_| Ok(()))?;
        match fs::rename(copy.path(), template) {
            // Somebody else's is as good.
            Err(_) if template.is_dir() => Ok(()),
            renamed => renamed.map(|()| drop(copy.keep())),
        }
    };
    save().map_err(Error::files("write", template))
}

/// Makes the cluster of `place` as a copy of `template`.
pub(crate) fn restore(template: &Path, place: &Place, account: &Account) -> Result<(), Error> {
    if template.join(PID_FILE).exists() {
        return Err(Error::TemplateInUse {
            data_dir: template.into(),
        });
    }
    let dir = place.new_data_dir(account)?;
    let mut own = |path: &Path| account.own(path).map_err(io::Error::other);
    copy_tree(template, dir.path(), &mut own).map_err(Error::files("copy", template))?;
    place.adopt(dir)
}

fn copy_tree(
    from: &Path,
    to: &Path,
    own: &mut dyn FnMut(&Path) -> io::Result<()>,
) -> io::Result<()> {
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            fs::create_dir(&target)?;
            fs::set_permissions(&target, entry.metadata()?.permissions())?;
            copy_tree(&entry.path(), &target, own)?;
        } else {
            fs::copy(entry.path(), &target)?;
        }
        own(&target)?;
    }
    Ok(())
}
