//! A proxy before the S3 server that breaks chosen requests.

use std::{
    collections::VecDeque,
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use anyhow::{Context, Result};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

/// How a request is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It gets this status line instead of an answer, and never reaches the server.
    Status(&'static str),
    /// It never reaches the server, and no answer comes.
    NoRequest,
    /// The server does what it is asked, and no answer comes.
    NoAnswer,
    /// The answer breaks off after so many bytes of its body.
    Cut(usize),
    /// The answer stands still after so many bytes of its body.
    Stall(usize),
    /// The first byte of the answer's body has one bit flipped.
    Flip,
    /// None: it is answered as ever, and the next fault waits for the next request.
    Pass,
}

type Faults = Arc<Mutex<VecDeque<(&'static str, Fault)>>>;

/// The proxy; it ends when it is dropped.
pub struct FaultProxy {
    address: SocketAddr,
    faults: Faults,
    serving: JoinHandle<()>,
}

impl Drop for FaultProxy {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl FaultProxy {
    pub async fn before(endpoint: &str) -> Result<Self> {
        let upstream = endpoint.strip_prefix("http://").context("plain http")?;
        let upstream = upstream.trim_end_matches('/').to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let faults = Faults::default();
        let armed = Arc::clone(&faults);
        Ok(Self {
            address: listener.local_addr()?,
            faults,
            serving: tokio::spawn(async move {
                while let Ok((client, _)) = listener.accept().await {
                    let (upstream, armed) = (upstream.clone(), Arc::clone(&armed));
                    tokio::spawn(async move { converse(client, &upstream, &armed).await });
                }
            }),
        })
    }

    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Breaks the next request that begins with `method`; several wait in line.
    pub fn arm(&self, method: &'static str, fault: Fault) {
        self.faults.lock().unwrap().push_back((method, fault));
    }

    /// Whether every fault has struck.
    pub fn is_spent(&self) -> bool {
        self.faults.lock().unwrap().is_empty()
    }
}

fn strike(faults: &Faults, request: &[u8]) -> Option<Fault> {
    let mut faults = faults.lock().unwrap();
    let (method, _) = faults.front()?;
    if !request.starts_with(method.as_bytes()) {
        return None;
    }
    faults.pop_front().map(|(_, fault)| fault)
}

async fn converse(mut client: TcpStream, upstream: &str, faults: &Faults) -> Result<()> {
    let mut server = TcpStream::connect(upstream).await?;
    let (mut from_client, mut from_server) = (vec![0; 64 * 1024], vec![0; 64 * 1024]);
    let mut active = None;
    loop {
        tokio::select! {
            read = client.read(&mut from_client) => {
                let chunk = &from_client[..read?];
                if chunk.is_empty() {
                    return Ok(());
                }
                active = strike(faults, chunk).or(active);
                match active {
                    Some(Fault::Status(line)) => {
                        let answer = format!("HTTP/1.1 {line}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
                        client.write_all(answer.as_bytes()).await?;
                        return Ok(client.shutdown().await?);
                    }
                    Some(Fault::NoRequest) => {}
                    _ => server.write_all(chunk).await?,
                }
            }
            read = server.read(&mut from_server) => {
                let size = read?;
                let chunk = &mut from_server[..size];
                let body = chunk.windows(4).position(|end| end == b"\r\n\r\n").map(|at| at + 4);
                match (active, body) {
                    _ if size == 0 => return Ok(()),
                    (Some(Fault::NoAnswer), _) => {}
                    (Some(Fault::Cut(bytes)), Some(body)) => {
                        client.write_all(&chunk[..(body + bytes).min(size)]).await?;
                        return Ok(client.shutdown().await?);
                    }
                    (Some(Fault::Stall(bytes)), Some(body)) => {
                        client.write_all(&chunk[..(body + bytes).min(size)]).await?;
                        active = Some(Fault::NoAnswer);
                    }
                    (Some(Fault::Flip), Some(body)) if body < size => {
                        chunk[body] ^= 1;
                        client.write_all(chunk).await?;
                        active = None;
                    }
                    (Some(Fault::Flip), None) => {
                        chunk[0] ^= 1;
                        client.write_all(chunk).await?;
                        active = None;
                    }
                    _ => client.write_all(chunk).await?,
                }
            }
        }
    }
}
