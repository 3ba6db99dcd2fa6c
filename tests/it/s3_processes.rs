//! Our S3 server in several processes over one folder, and killed.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use aws_sdk_s3::primitives::{ByteStream, SdkBody};
use catwing_embedded::S3Server;
use futures_util::future;

use crate::s3_client::{Endpoint, exists, get, put, status};

const RACES: usize = 20;
const RACERS_EACH: usize = 8;
const KILLS: u64 = 12;

/// The program of `crates/embedded/examples`, which is built with the tests.
pub fn example() -> Result<PathBuf> {
    let test = std::env::current_exe()?;
    let target = test
        .parent()
        .and_then(Path::parent)
        .context("no target folder")?;
    let program = target.join("examples/embedded");
    ensure!(
        program.is_file(),
        "{} is missing: build with --all-targets",
        program.display()
    );
    Ok(program)
}

/// An S3 server in a process of its own, killed when dropped.
struct Process {
    child: Child,
    endpoint: Endpoint,
}

impl Process {
    fn start(folder: &Path) -> Result<Self> {
        let mut command = Command::new(example()?);
        let mut child = command
            .arg("s3")
            .arg(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut lines = BufReader::new(child.stdout.take().context("no stdout")?).lines();
        let mut line = || {
            lines
                .next()
                .context("the server ended")?
                .context("read its answer")
        };
        let endpoint = Endpoint {
            url: line()?,
            access_key: line()?,
            secret_key: line()?,
        };
        Ok(Self { child, endpoint })
    }

    fn kill(&mut self) -> Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if let Err(error) = self.kill() {
            eprintln!("can't kill an S3 server: {error}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn create_only_has_one_winner_across_processes() {
    let folder = tempfile::tempdir().unwrap();
    let processes = [
        Process::start(folder.path()).unwrap(),
        Process::start(folder.path()).unwrap(),
    ];
    let here = S3Server::start(folder.path()).await.unwrap();
    let mut clients: Vec<_> = processes
        .iter()
        .map(|process| process.endpoint.client())
        .collect();
    clients.push(Endpoint::of(&here).client());
    clients[0]
        .create_bucket()
        .bucket("ledger")
        .send()
        .await
        .unwrap();
    for race in 0..RACES {
        let key = format!("_manifest/{race:010}.json");
        let put = |racer: usize| {
            let body = format!("racer {racer} ").repeat(racer + 1);
            let request = clients[racer % clients.len()]
                .put_object()
                .bucket("ledger")
                .key(&key)
                .if_none_match("*");
            async move {
                status(
                    request
                        .body(ByteStream::from(body.into_bytes()))
                        .send()
                        .await,
                )
            }
        };
        let answers = future::try_join_all((0..RACERS_EACH * clients.len()).map(put))
            .await
            .unwrap();
        let winners: Vec<_> = (0..answers.len())
            .filter(|racer| answers[*racer] == 200)
            .collect();
        assert_eq!(winners.len(), 1, "race {race}: {answers:?}");
        assert!(
            answers.iter().all(|answer| [200, 412].contains(answer)),
            "{answers:?}"
        );
        let expected = format!("racer {} ", winners[0]).repeat(winners[0] + 1);
        for client in &clients {
            assert_eq!(
                get(client, "ledger", &key).await.unwrap(),
                expected.as_bytes()
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_leaves_whole_objects_or_none_and_no_rubbish() {
    let folder = tempfile::tempdir().unwrap();
    let body = |number: u64| format!("{number:09}\n").repeat(20_000).into_bytes();
    {
        let server = S3Server::start(folder.path()).await.unwrap();
        Endpoint::of(&server)
            .client()
            .create_bucket()
            .bucket("ledger")
            .send()
            .await
            .unwrap();
    }
    let mut answered = Vec::new();
    for kill in 0..KILLS {
        let mut process = Process::start(folder.path()).unwrap();
        let client = process.endpoint.client();
        let writer = tokio::spawn(async move {
            let mut done = Vec::new();
            for number in (kill * 1000).. {
                let key = format!("k/{number:09}");
                let request = client
                    .put_object()
                    .bucket("ledger")
                    .key(&key)
                    .if_none_match("*")
                    .metadata("number", key);
                let text = format!("{number:09}\n").repeat(20_000).into_bytes();
                if request.body(ByteStream::from(text)).send().await.is_err() {
                    break;
                }
                done.push(number);
            }
            done
        });
        // Not a wait for something to be ready: the moment of the kill is what varies.
        tokio::time::sleep(Duration::from_millis(40 + 23 * kill)).await;
        process.kill().unwrap();
        answered.extend(writer.await.unwrap());
    }
    assert!(!answered.is_empty());

    let server = S3Server::start(folder.path()).await.unwrap();
    let client = Endpoint::of(&server).client();
    let mut found = Vec::new();
    let mut pages = client
        .list_objects_v2()
        .bucket("ledger")
        .into_paginator()
        .send();
    while let Some(page) = pages.next().await {
        found.extend(
            page.unwrap()
                .contents()
                .iter()
                .filter_map(|object| object.key().map(String::from)),
        );
    }
    for number in &answered {
        assert!(
            found.contains(&format!("k/{number:09}")),
            "answered and lost: {number}"
        );
    }
    for key in &found {
        let number = key.trim_start_matches("k/").parse().unwrap();
        assert_eq!(
            get(&client, "ledger", key).await.unwrap(),
            body(number),
            "half an object: {key}"
        );
        let head = client
            .head_object()
            .bucket("ledger")
            .key(key)
            .send()
            .await
            .unwrap();
        assert_eq!(head.metadata().unwrap()["number"], *key);
    }
    let books = folder.path().join(".catwing-s3");
    assert_eq!(
        count_files(&books.join("records")),
        found.len(),
        "a record without an object"
    );
    // The gate, and the lock of the server that runs now.
    assert_eq!(count_files(&books.join("desks")), 2);
}

fn count_files(dir: &Path) -> usize {
    sizes(dir).len()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_goes_away_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let server = S3Server::start(folder.path()).await.unwrap();
    let client = Endpoint::of(&server).client();
    client
        .create_bucket()
        .bucket("ledger")
        .send()
        .await
        .unwrap();
    let begun = client.create_multipart_upload().bucket("ledger").key("m");
    let id = begun.send().await.unwrap().upload_id.unwrap();
    let put = client
        .put_object()
        .bucket("ledger")
        .key("k")
        .content_length(2000)
        .body(half_of_2000());
    let part = client
        .upload_part()
        .bucket("ledger")
        .key("m")
        .upload_id(&id)
        .part_number(1)
        .content_length(2000)
        .body(half_of_2000());
    let books = folder.path().join(".catwing-s3");
    goes_away(&books, async move { put.send().await.is_ok() }).await;
    goes_away(&books, async move { part.send().await.is_ok() }).await;

    assert!(!exists(&client, "ledger", "k").await.unwrap());
    assert_eq!(count_files(&books.join("records")), 0);
    let listing = client.list_parts().bucket("ledger").key("m").upload_id(id);
    assert!(listing.send().await.unwrap().parts().is_empty());
}

/// A body that ends before it has all that the request announces; the client
/// then waits for an answer, and the server for the rest.
fn half_of_2000() -> ByteStream {
    ByteStream::new(SdkBody::from(vec![0u8; 1000]))
}

/// Breaks the request's connection once the server has half of its body, and
/// waits until nothing of it is left.
async fn goes_away(books: &Path, request: impl Future<Output = bool> + Send + 'static) {
    let desks = books.join("desks");
    let request = tokio::spawn(request);
    until("no body came in", || sizes(&desks).contains(&1000)).await;
    assert!(!request.is_finished(), "answered before the body was whole");
    request.abort();
    // The gate, and the lock of the server.
    until("a body that nobody sends is still there", || {
        count_files(&desks) == 2
    })
    .await;
}

/// Waits for a condition, and fails with `what` once ten seconds have passed.
async fn until(what: &str, is_so: impl Fn() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < Duration::from_secs(10), "{what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// The sizes of all files below a folder. One that vanishes meanwhile is left out.
fn sizes(dir: &Path) -> Vec<u64> {
    let mut sizes = Vec::new();
    for entry in fs::read_dir(dir).unwrap().flatten() {
        match entry.metadata() {
            Ok(metadata) if metadata.is_dir() => sizes.append(&mut self::sizes(&entry.path())),
            Ok(metadata) => sizes.push(metadata.len()),
            Err(_) => {}
        }
    }
    sizes
}

#[tokio::test(flavor = "multi_thread")]
async fn files_and_objects_are_the_same_thing() {
    let folder = tempfile::tempdir().unwrap();
    let server = S3Server::start(folder.path()).await.unwrap();
    let client = Endpoint::of(&server).client();
    client.create_bucket().bucket("plain").send().await.unwrap();
    let tag = put(&client, "plain", "a/by-client", b"hello world")
        .await
        .unwrap();
    assert_eq!(
        fs::read(folder.path().join("plain/a/by-client")).unwrap(),
        b"hello world"
    );

    fs::create_dir_all(folder.path().join("plain/b")).unwrap();
    fs::write(folder.path().join("plain/b/by-hand"), "hello world").unwrap();
    let head = client
        .head_object()
        .bucket("plain")
        .key("b/by-hand")
        .send()
        .await
        .unwrap();
    assert_eq!(head.e_tag(), Some(tag.as_str()));
    assert_eq!(
        get(&client, "plain", "b/by-hand").await.unwrap(),
        b"hello world"
    );

    // Changed by hand: the recorded tag and checksum are those of other bytes.
    fs::write(folder.path().join("plain/a/by-client"), "hello World").unwrap();
    let head = client
        .head_object()
        .bucket("plain")
        .key("a/by-client")
        .send()
        .await
        .unwrap();
    assert_ne!(head.e_tag(), Some(tag.as_str()));
    assert_eq!(
        get(&client, "plain", "a/by-client").await.unwrap(),
        b"hello World"
    );

    let outside = tempfile::NamedTempFile::new().unwrap();
    std::os::unix::fs::symlink(outside.path(), folder.path().join("plain/link")).unwrap();
    assert!(
        !exists(&client, "plain", "link").await.unwrap(),
        "a link leads out of the folder"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_linked_folder_leads_nowhere() {
    let folder = tempfile::tempdir().unwrap();
    let outside = tempfile::tempdir().unwrap();
    fs::create_dir(outside.path().join("deep")).unwrap();
    fs::write(outside.path().join("deep/secret"), "secret").unwrap();
    let server = S3Server::start(folder.path()).await.unwrap();
    let client = Endpoint::of(&server).client();
    client.create_bucket().bucket("plain").send().await.unwrap();
    std::os::unix::fs::symlink(outside.path(), folder.path().join("plain/link")).unwrap();

    assert!(!exists(&client, "plain", "link/deep/secret").await.unwrap());
    assert!(put(&client, "plain", "link/deep/new", b"x").await.is_err());
    assert!(put(&client, "plain", "link/new", b"x").await.is_err());
    let deletion = client
        .delete_object()
        .bucket("plain")
        .key("link/deep/secret");
    assert!((400..500).contains(&status(deletion.send().await).unwrap()));
    let copy = client
        .copy_object()
        .bucket("plain")
        .key("copied")
        .copy_source("plain/link/deep/secret");
    assert!((400..500).contains(&status(copy.send().await).unwrap()));
    let listed = client.list_objects_v2().bucket("plain").send().await;
    assert!(listed.unwrap().contents().is_empty());
    assert_eq!(
        fs::read(outside.path().join("deep/secret")).unwrap(),
        b"secret"
    );
    assert_eq!(sizes(outside.path()).len(), 1);
}
