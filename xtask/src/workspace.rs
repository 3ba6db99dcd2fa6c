//! Where the workspace lies, and how cargo is called in it.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use cargo_metadata::{Metadata, MetadataCommand};

/// The flags that every build shares: another selection of packages or targets unifies features
/// differently, and then hundreds of dependencies are compiled a second time.
pub const SHAPE: [&str; 2] = ["--workspace", "--all-targets"];

/// The checkout that this task runner belongs to.
pub struct Workspace {
    root: PathBuf,
    target: PathBuf,
}

impl Workspace {
    /// Finds the checkout from where cargo says that xtask's own manifest is.
    pub fn find() -> Result<Self> {
        let own_manifest = env::var_os("CARGO_MANIFEST_DIR")
            .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
        let root = own_manifest
            .parent()
            .context("xtask's folder has no parent: run it as `cargo xtask` in the checkout")?
            .to_path_buf();
        let metadata = metadata_command(&root).no_deps().exec().context(
            "cargo metadata failed: run `cargo metadata --no-deps` to see what is wrong",
        )?;
        Ok(Self {
            target: metadata.target_directory.into_std_path_buf(),
            root,
        })
    }

    /// The folder of the workspace's `Cargo.toml`.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// A folder below the build folder for what tests leave to read after they ran.
    pub fn scratch(&self) -> PathBuf {
        self.target.join("tmp")
    }

    /// The built `catwing`.
    pub fn catwing(&self) -> PathBuf {
        self.target.join("debug").join("catwing")
    }

    /// A call of another built binary of ours.
    pub fn built(&self, name: &str) -> Command {
        let mut command = Command::new(self.target.join("debug").join(name));
        command.current_dir(&self.root).stdin(Stdio::null());
        command
    }

    /// A cargo call in the workspace's root.
    pub fn cargo(&self) -> Command {
        let mut command = Command::new(cargo());
        command.current_dir(&self.root).stdin(Stdio::null());
        for name in inherited_from_cargo() {
            command.env_remove(name);
        }
        command
    }

    /// The whole dependency graph as cargo resolved it.
    pub fn metadata(&self) -> Result<Metadata> {
        metadata_command(&self.root)
            .exec()
            .context("cargo metadata failed: run `cargo metadata` to see what is wrong")
    }

    /// Builds everything that the demo and the tests run.
    pub fn build(&self) -> Result<()> {
        require_c_compiler()?;
        execute(self.cargo().arg("build").args(SHAPE))
    }

    /// Builds `catwing` as it is shipped, and says where it is.
    pub fn release(&self) -> Result<PathBuf> {
        require_c_compiler()?;
        let mut build = self.cargo();
        build.args(["build", "--release", "--workspace", "--bin", "catwing"]);
        execute(&mut build)?;
        Ok(self.target.join("release").join("catwing"))
    }
}

/// Runs a command to its end; a failure names the command.
pub fn execute(command: &mut Command) -> Result<()> {
    let shown = show(command);
    let status = command
        .status()
        .with_context(|| format!("cannot start `{shown}`: is it installed and on the PATH?"))?;
    if !status.success() {
        bail!("`{shown}` failed ({status})");
    }
    Ok(())
}

/// A command as one would type it.
pub fn show(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let mut shown = program
        .file_name()
        .unwrap_or(program.as_os_str())
        .to_string_lossy()
        .into_owned();
    for argument in command.get_args() {
        shown.push(' ');
        shown.push_str(&argument.to_string_lossy());
    }
    shown
}

fn cargo() -> PathBuf {
    env::var_os("CARGO").map_or_else(|| PathBuf::from("cargo"), PathBuf::from)
}

fn metadata_command(root: &Path) -> MetadataCommand {
    let mut command = MetadataCommand::new();
    command.cargo_path(cargo()).current_dir(root);
    for name in inherited_from_cargo() {
        command.env_remove(name);
    }
    command
}

/// `cargo run` describes xtask to its child in the environment. Build scripts that watch these
/// variables (ring's does) would see other values than under a plain `cargo build` and run again,
/// and all that depends on them would be compiled again.
fn inherited_from_cargo() -> Vec<String> {
    env::vars_os()
        .filter_map(|(name, _)| name.into_string().ok())
        .filter(|name| describes_a_package(name))
        .collect()
}

fn describes_a_package(variable: &str) -> bool {
    variable.starts_with("CARGO_PKG_")
        || variable.starts_with("CARGO_MANIFEST_")
        || variable.starts_with("CARGO_BIN_")
        || matches!(
            variable,
            "CARGO_CRATE_NAME" | "CARGO_PRIMARY_PACKAGE" | "OUT_DIR"
        )
}

/// Some dependencies compile C. Cargo's own message comes late, between hundreds of lines.
fn require_c_compiler() -> Result<()> {
    let compiler = env::var("CC").unwrap_or_else(|_| "cc".to_owned());
    let answers = Command::new(&compiler)
        .arg("--version")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    if !answers {
        bail!(
            "no C compiler answers as `{compiler}`, and some dependencies need one; as root: \
             apt-get update && apt-get install -y gcc libc6-dev pkg-config"
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cargo_says_of_xtask_is_kept_from_nested_builds() {
        for name in [
            "CARGO_PKG_NAME",
            "CARGO_MANIFEST_DIR",
            "CARGO_MANIFEST_PATH",
            "OUT_DIR",
        ] {
            assert!(describes_a_package(name), "{name}");
        }
        for name in ["CARGO_HOME", "CARGO_TARGET_DIR", "CARGO", "PATH"] {
            assert!(!describes_a_package(name), "{name}");
        }
    }

    #[test]
    fn a_command_is_shown_as_typed() {
        let mut command = Command::new("/usr/bin/cargo");
        command.args(["build", "--workspace"]);
        assert_eq!(show(&command), "cargo build --workspace");
    }

    #[test]
    fn a_failed_command_is_named() {
        let error = execute(Command::new("sh").args(["-c", "exit 3"])).expect_err("it exits 3");
        assert!(
            error.to_string().contains("`sh -c exit 3` failed"),
            "{error}"
        );
    }
}
