//! Who runs PostgreSQL. It refuses to run as root, so root drops to an
//! unprivileged account that exists; everybody else runs it as themselves.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use rustix::process::{Gid, Uid, getegid, geteuid};

use crate::Error;

/// Accounts that root may drop to, best first.
const CANDIDATES: [&str; 3] = ["postgres", "_postgres", "nobody"];
const ACCOUNTS_FILE: &str = "/etc/passwd";

/// The identity of the server's processes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Account {
    pub name: String,
    pub uid: u32,
    pub gid: u32,
    is_dropped_to: bool,
}

impl Account {
    /// The account to use; `owner` is the user id that an existing cluster has.
    pub fn choose(owner: Option<u32>) -> Result<Self, Error> {
        let uid = geteuid().as_raw();
        if uid != 0 {
            return Ok(Self {
                name: uid.to_string(),
                uid,
                gid: getegid().as_raw(),
                is_dropped_to: false,
            });
        }
        let accounts =
            fs::read_to_string(ACCOUNTS_FILE).map_err(Error::files("read", ACCOUNTS_FILE))?;
        pick(&accounts, owner).ok_or(Error::NoAccount)
    }

    /// A command that runs as this account, with nothing of our environment
    /// that would change what PostgreSQL does.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        // The account may not be able to enter the current folder.
        command
            .current_dir("/")
            .stdin(Stdio::null())
            .env("LC_ALL", "C")
            .env_remove("LANGUAGE");
        for (name, _) in std::env::vars_os() {
            if name.as_encoded_bytes().starts_with(b"PG") {
                command.env_remove(name);
            }
        }
        if self.is_dropped_to {
            // Setting the user as root also clears the supplementary groups.
            command.uid(self.uid).gid(self.gid);
        }
        command
    }

    /// Whether the processes run as somebody else than we do.
    pub fn is_dropped_to(&self) -> bool {
        self.is_dropped_to
    }

    /// Whether the account can enter a folder. It is tried, not computed:
    /// access lists and mounts count too.
    pub fn can_enter(&self, dir: &Path) -> bool {
        let mut command = self.command("/bin/sh");
        command
            .args(["-c", "cd -- \"$1\"", "sh"])
            .arg(dir)
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    }

    /// Gives a file or folder to the account.
    pub fn own(&self, path: &Path) -> Result<(), Error> {
        if !self.is_dropped_to {
            return Ok(());
        }
        let flags = rustix::fs::AtFlags::SYMLINK_NOFOLLOW;
        let (uid, gid) = (Uid::from_raw(self.uid), Gid::from_raw(self.gid));
        rustix::fs::chownat(rustix::fs::CWD, path, Some(uid), Some(gid), flags)
            .map_err(|errno| Error::files("change the owner of", path)(errno.into()))
    }
}

fn pick(accounts: &str, owner: Option<u32>) -> Option<Account> {
    let all: Vec<Account> = accounts
        .lines()
        .filter_map(parse)
        .filter(|account| account.uid != 0)
        .collect();
    let found = match owner {
        Some(owner) if owner != 0 => all.iter().find(|account| account.uid == owner),
        _ => CANDIDATES
            .iter()
            .find_map(|name| all.iter().find(|account| account.name == *name)),
    };
    found.cloned()
}

fn parse(line: &str) -> Option<Account> {
    let mut fields = line.split(':');
    let name = fields.next()?.to_string();
    let uid = fields.nth(1)?.parse().ok()?;
    let gid = fields.next()?.parse().ok()?;
    Some(Account {
        name,
        uid,
        gid,
        is_dropped_to: true,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACCOUNTS: &str = "root:x:0:0:root:/root:/bin/bash\nbroken\nnobody:x:65534:65534::/:/bin/false\n\
                            postgres:x:101:104::/var/lib/postgresql:/bin/bash\n";

    #[test]
    fn root_drops_to_the_best_account_or_the_owner_of_the_cluster() {
        assert_eq!(pick(ACCOUNTS, None).unwrap().uid, 101);
        assert_eq!(pick(ACCOUNTS, Some(0)).unwrap().uid, 101);
        let nobody = pick(ACCOUNTS, Some(65534)).unwrap();
        assert_eq!((nobody.name.as_str(), nobody.gid), ("nobody", 65534));
        assert_eq!(
            pick("root:x:0:0::/:/bin/sh\npostgres:x:0:0::/:/bin/sh\n", None),
            None
        );
        assert_eq!(pick(ACCOUNTS, Some(4711)), None);
    }
}
