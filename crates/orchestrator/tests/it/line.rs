//! The line between the command and PostgreSQL, which may be held or cut at a chosen message.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use anyhow::{Context, Result, ensure};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream, UnixStream},
    sync::Notify,
    task::JoinHandle,
};

/// What becomes of the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// From so many messages with rows on, nothing more is passed on.
    HoldAtRows(usize),
    /// COMMIT of so many transactions with rows is answered as ever; then the answer of the next is lost,
    /// and the line with it.
    LoseCommit(usize),
}

/// What all connections of a line know.
#[derive(Default)]
struct Shared {
    armed: Mutex<Option<Cut>>,
    /// Transactions with rows that were committed since, on whichever connection.
    commits: AtomicUsize,
    struck: Notify,
}

/// The line; it ends when it is dropped.
pub struct Line {
    address: SocketAddr,
    shared: Arc<Shared>,
    serving: JoinHandle<()>,
}

impl Drop for Line {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Line {
    /// A line to the server behind a socket.
    pub async fn to(socket: PathBuf) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared::default());
        let known = Arc::clone(&shared);
        let serving = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (socket, known) = (socket.clone(), Arc::clone(&known));
                tokio::spawn(async move { converse(client, &socket, &known).await });
            }
        });
        Ok(Self {
            address,
            shared,
            serving,
        })
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Cuts the line once.
    pub fn arm(&self, cut: Cut) {
        self.shared.commits.store(0, Ordering::SeqCst);
        *self.shared.armed.lock().expect("nobody panics") = Some(cut);
    }

    /// Waits until it is cut.
    pub async fn struck(&self) {
        self.shared.struck.notified().await;
    }

    /// Whether it was cut since it was armed.
    pub fn is_spent(&self) -> bool {
        self.shared.armed.lock().expect("nobody panics").is_none()
    }
}

/// Passes messages on until one side ends or the line is cut.
async fn converse(client: TcpStream, socket: &Path, shared: &Shared) -> Result<()> {
    // Small messages must not wait for each other.
    client.set_nodelay(true)?;
    let server = UnixStream::connect(socket).await?;
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let answers = async {
        tokio::io::copy(&mut from_server, &mut to_client).await?;
        anyhow::Ok(())
    };
    let asks = async {
        let mut messages = Messages::default();
        while let Some(message) = messages.next(&mut from_client).await? {
            match shared.strikes(&message, &mut messages) {
                None => to_server.write_all(&message.bytes).await?,
                Some(Cut::HoldAtRows(_)) => {
                    shared.struck.notify_one();
                    std::future::pending::<()>().await;
                }
                Some(Cut::LoseCommit(_)) => return Ok(Some(message)),
            }
        }
        anyhow::Ok(None)
    };
    let lost = tokio::select! {
        answered = answers => return answered,
        asked = asks => asked?,
    };
    if let Some(commit) = lost {
        // The answers before it were passed on: sqlx waits for each before it asks again.
        to_server.write_all(&commit.bytes).await?;
        let mut answer = [0; 1024];
        ensure!(
            from_server.read(&mut answer).await? > 0,
            "no answer to COMMIT"
        );
        shared.struck.notify_one();
    }
    Ok(())
}

struct Message {
    kind: u8,
    bytes: Vec<u8>,
}

/// Messages as they come, and what was seen of them.
#[derive(Default)]
struct Messages {
    is_begun: bool,
    rows: usize,
    is_writing: bool,
}

impl Messages {
    /// The next whole message; the first has no kind.
    async fn next(&mut self, from: &mut (impl AsyncReadExt + Unpin)) -> Result<Option<Message>> {
        let head_bytes = if self.is_begun { 5 } else { 4 };
        let mut bytes = vec![0; head_bytes];
        if from.read_exact(&mut bytes).await.is_err() {
            return Ok(None);
        }
        let kind = if self.is_begun { bytes[0] } else { 0 };
        self.is_begun = true;
        let size = u32::from_be_bytes(bytes[head_bytes - 4..].try_into()?);
        let rest = usize::try_from(size)?.checked_sub(4).context("a size")?;
        bytes.resize(head_bytes + rest, 0);
        from.read_exact(&mut bytes[head_bytes..]).await?;
        Ok(Some(Message { kind, bytes }))
    }
}

impl Shared {
    /// Whether the line is to be cut at this message; then it is disarmed.
    fn strikes(&self, message: &Message, seen: &mut Messages) -> Option<Cut> {
        let is_rows = message.kind == b'd';
        let is_commit = message.kind == b'Q' && message.bytes[5..].starts_with(b"COMMIT");
        seen.rows += usize::from(is_rows);
        seen.is_writing |= is_rows;
        let commits_rows = is_commit && seen.is_writing;
        if is_commit {
            seen.is_writing = false;
        }
        let mut armed = self.armed.lock().expect("nobody panics");
        let strikes = match *armed {
            Some(Cut::HoldAtRows(rows)) => is_rows && seen.rows >= rows,
            Some(Cut::LoseCommit(before)) => {
                commits_rows && self.commits.load(Ordering::SeqCst) >= before
            }
            None => false,
        };
        self.commits
            .fetch_add(usize::from(commits_rows), Ordering::SeqCst);
        if strikes { armed.take() } else { None }
    }
}
