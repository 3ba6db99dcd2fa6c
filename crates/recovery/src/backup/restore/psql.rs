//! A psql that is given SQL as it comes.

use std::process::Stdio;

use catwing_domain::TenantId;
use tokio::{
    io::{AsyncWriteExt, BufWriter},
    process::{Child, ChildStdin},
    task::JoinHandle,
};

use crate::{
    RecoveryError,
    backup::{ClientTools, DatabaseAddress, take::said},
};

/// Bytes that are gathered before psql gets them.
const GATHERED_BYTES: usize = 128 << 10;

/// A psql under way. Dropped, it is killed, and the server rolls back what it had not committed.
pub(super) struct Psql {
    child: Child,
    input: BufWriter<ChildStdin>,
    said: JoinHandle<String>,
    client: TenantId,
}

impl Psql {
    /// Starts it. It stops at the first error. Its input ends when we do, even when we are killed; so
    /// transactions are begun and committed aloud, since `--single-transaction` would commit at that end.
    pub(super) fn start(
        address: &DatabaseAddress,
        tools: &ClientTools,
        client: TenantId,
    ) -> Result<Self, RecoveryError> {
        let not_started = |source| RecoveryError::StartProgram {
            program: tools.psql.clone(),
            source,
        };
        let mut child = address
            .command(&tools.psql)
            .args([
                "-X",
                "-q",
                "--no-password",
                "-v",
                "ON_ERROR_STOP=1",
                "-f",
                "-",
            ])
            .stdin(Stdio::piped())
            .spawn()
            .map_err(not_started)?;
        let (Some(input), Some(stderr)) = (child.stdin.take(), child.stderr.take()) else {
            return Err(not_started(std::io::Error::other("it has no input")));
        };
        Ok(Self {
            child,
            input: BufWriter::with_capacity(GATHERED_BYTES, input),
            said: tokio::spawn(said(stderr)),
            client,
        })
    }

    /// Gives it SQL.
    pub(super) async fn write(&mut self, sql: &[u8]) -> Result<(), RecoveryError> {
        match self.input.write_all(sql).await {
            Ok(()) => Ok(()),
            Err(_) => Err(self.failure().await),
        }
    }

    /// Waits until it has done all that it was given.
    pub(super) async fn finish(mut self) -> Result<(), RecoveryError> {
        let client = self.client;
        if self.input.flush().await.is_err() {
            return Err(self.failure().await);
        }
        let Self {
            mut child,
            input,
            said,
            ..
        } = self;
        drop(input);
        let status = child.wait().await;
        let status = status.map_err(|source| RecoveryError::Pipe { client, source })?;
        if status.success() {
            return Ok(());
        }
        let said = said.await.unwrap_or_default();
        Err(RecoveryError::RestoreSql { client, said })
    }

    /// Why it takes no more: it has ended, and said why.
    async fn failure(&mut self) -> RecoveryError {
        let client = self.client;
        if let Err(source) = self.child.wait().await {
            return RecoveryError::Pipe { client, source };
        }
        let said = (&mut self.said).await.unwrap_or_default();
        RecoveryError::RestoreSql { client, said }
    }
}
