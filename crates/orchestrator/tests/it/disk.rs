//! Full disks: what is told, and that the same command finishes once there is room.

use std::{
    fs,
    io::{ErrorKind, Write},
    os::unix::fs::{MetadataExt, chown},
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail, ensure};

use crate::{
    faults::fault,
    sales::CLIENT,
    skips::skip,
    stand::{Stand, succeeded},
    together::{message, output},
};

const BALLAST: &str = "ballast";
const CHUNK_BYTES: usize = 16 << 10;

/// A small file system in memory, unmounted when it is dropped.
struct Disk {
    path: PathBuf,
}

impl Disk {
    /// None, with why, where this process may not mount one.
    fn mount(path: PathBuf, mebibytes: u32) -> Result<Result<Self, String>> {
        fs::create_dir_all(&path)?;
        let size = format!("size={mebibytes}m");
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(&path);
        let mounted = match mount.output() {
            Ok(mounted) => mounted,
            Err(error) => return Ok(Err(format!("no mount: {error}"))),
        };
        if mounted.status.success() {
            return Ok(Ok(Self { path }));
        }
        let why = String::from_utf8_lossy(&mounted.stderr).into_owned();
        Ok(Err(format!("may not mount a small file system: {why}")))
    }

    /// Takes all room but so many bytes.
    fn fill(&self, left_bytes: usize) -> Result<()> {
        let mut file = fs::File::create(self.path.join(BALLAST))?;
        let chunk = vec![1; CHUNK_BYTES];
        let mut written = 0_u64;
        loop {
            match file.write(&chunk) {
                Ok(bytes) => written += u64::try_from(bytes)?,
                Err(error) if error.kind() == ErrorKind::StorageFull => break,
                Err(error) => bail!(error),
            }
        }
        file.set_len(written.saturating_sub(u64::try_from(left_bytes)?))?;
        Ok(())
    }

    /// Gives it back.
    fn make_room(&self) -> Result<()> {
        Ok(fs::remove_file(self.path.join(BALLAST))?)
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let unmounted = |how: &[&str]| {
            let status = Command::new("umount").args(how).arg(&self.path).status();
            status.is_ok_and(|status| status.success())
        };
        // A server that still has files open there keeps them; the name goes.
        if !unmounted(&[]) && !unmounted(&["-l"]) {
            eprintln!("{} stays mounted", self.path.display());
        }
    }
}

/// Gives a folder to the account that owns another.
fn give(folder: &Path, like: &Path) -> Result<()> {
    let owner = fs::metadata(like)?;
    Ok(chown(folder, Some(owner.uid()), Some(owner.gid()))?)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_fails_clearly_and_the_same_command_finishes_once_there_is_room() -> Result<()>
{
    let stand = Stand::build_whole().await?;
    let place = stand.database("undisturbed").await?;
    succeeded(output(place.backfill()).await?)?;
    let expected = place.digest()?;

    // The disk of the archive.
    let home = stand.new_home("narrow");
    let disk = match Disk::mount(home.join("s3"), 64)? {
        Ok(disk) => disk,
        Err(why) => return skip(&why),
    };
    let mut counted = fault("F10").faults(2);
    let narrow = stand.database("narrow").await?.beside(&home);
    stand.add_tenant(&narrow)?;
    disk.fill(3 * CHUNK_BYTES)?;
    let import = || {
        let mut command = narrow.command();
        command.args(stand.import());
        command
    };
    let said = output(import()).await?;
    let told = message(&said);
    ensure!(!said.status.success() && told.contains("error: "), "{told}");
    ensure!(!told.contains("panicked"), "{told}");
    disk.make_room()?;
    succeeded(output(import()).await?)?;
    let mut verify = narrow.command();
    verify.args(["raw", "verify", "--deep", "--client", CLIENT]);
    succeeded(output(verify).await?)?;
    succeeded(output(narrow.backfill()).await?)?;
    narrow.check_whole().await?;
    counted.compare(&narrow.digest()?, &expected)?;
    drop(disk);

    // The disk of the database; its log of writes is on another.
    let data = stand.data_dir();
    let folder = data.parent().context("a parent")?.join("small");
    let disk = match Disk::mount(folder.clone(), 256)? {
        Ok(disk) => disk,
        Err(why) => return skip(&why),
    };
    give(&folder, &data)?;
    let location = folder.display();
    place
        .administer(&format!("create tablespace small location '{location}'"))
        .await?;
    let full = stand.database("filled").await?;
    place
        .administer("alter database filled set tablespace small")
        .await?;
    // The first connection writes a file of its own there.
    full.check_whole().await?;
    disk.fill(8 * CHUNK_BYTES)?;
    let said = output(full.backfill()).await?;
    let told = message(&said);
    ensure!(!said.status.success(), "the disk was large enough");
    ensure!(told.contains("No space left on device"), "{told}");
    disk.make_room()?;
    full.check_whole().await?;
    succeeded(output(full.backfill()).await?)?;
    full.check_whole().await?;
    counted.compare(&full.digest()?, &expected)?;
    // A tablespace that is gone would keep the server from stopping in good order.
    stand.drop(&full).await?;
    place.administer("drop tablespace small").await
}
