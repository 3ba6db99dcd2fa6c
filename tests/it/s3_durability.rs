//! What our S3 server asks of the kernel before it answers, as a tracer sees it, and what holds
//! when the tracer holds those calls up.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, ensure};
use aws_sdk_s3::primitives::ByteStream;
use futures_util::future;

use crate::s3_client::{Endpoint, get, status};
use crate::s3_processes::example;

const CALLS: &str = "trace=fsync,fdatasync,link,linkat,rename,renameat,renameat2,mkdir,mkdirat,\
                     write,writev,sendto,sendmsg";

const NO_STRACE: &str = "no strace that works: apt-get install strace brings it";
/// Every publication takes 30 ms from the decision to the deed, so that whoever looks first and
/// acts then is too late.
const SLOW: &str = "inject=link,linkat,rename,renameat,renameat2:delay_enter=30000";
const SERVERS: usize = 2;
const RACERS_EACH: usize = 8;
const RACES: usize = 3;

/// One system call, with the lines of the trace where it began and had ended.
struct Call {
    text: String,
    begun: usize,
    ended: usize,
}

/// A server whose system calls are traced, or tampered with.
struct Traced {
    tracer: Child,
    endpoint: Endpoint,
}

impl Traced {
    fn start(folder: &Path, options: &[&str], output: &Path) -> Result<Self> {
        let mut tracer = Command::new("strace")
            .args(["-f", "-o"])
            .arg(output)
            .args(options)
            .arg(example()?)
            .arg("s3")
            .arg(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut lines = BufReader::new(tracer.stdout.take().context("no stdout")?).lines();
        let mut line = || lines.next().context("the server ended")?.context("read");
        let endpoint = Endpoint {
            url: line()?,
            access_key: line()?,
            secret_key: line()?,
        };
        Ok(Self { tracer, endpoint })
    }

    /// The server ends with its input, and the tracer with the server.
    fn end(&mut self) -> Result<()> {
        drop(self.tracer.stdin.take());
        let status = self.tracer.wait()?;
        ensure!(status.success(), "{status}");
        Ok(())
    }
}

impl Drop for Traced {
    fn drop(&mut self) {
        if let Err(error) = self.end() {
            eprintln!("a traced S3 server did not end well: {error:#}");
        }
    }
}

fn calls(trace: &str) -> Vec<Call> {
    let lines: Vec<(&str, &str)> = trace
        .lines()
        .filter_map(|line| line.split_once(' '))
        .collect();
    let mut calls = Vec::new();
    for (begun, (thread, text)) in lines.iter().enumerate() {
        if text.trim_start().starts_with("<...") {
            continue;
        }
        // A call that another thread's calls interrupt is shown in two lines.
        let ended = if text.contains("<unfinished") {
            let rest = lines.iter().enumerate().skip(begun + 1);
            rest.filter(|(_, (other, text))| other == thread && text.contains("resumed>"))
                .map(|(line, _)| line)
                .next()
        } else {
            Some(begun)
        };
        calls.extend(ended.map(|ended| Call {
            text: (*text).to_owned(),
            begun,
            ended,
        }));
    }
    calls
}

/// The first of these calls that began after line `after`, by a word of its name and all of
/// `parts`.
fn next<'a>(calls: &'a [Call], after: usize, name: &str, parts: &[&str]) -> Result<&'a Call> {
    calls
        .iter()
        .find(|call| {
            call.begun > after
                && call.text.trim_start().starts_with(name)
                && parts.iter().all(|part| call.text.contains(part))
        })
        .with_context(|| format!("no {name} of {parts:?} after line {after} of the trace"))
}

fn has_strace() -> bool {
    let probe = Command::new("strace")
        .args(["-o", "/dev/null", "true"])
        .stderr(Stdio::null())
        .status();
    probe.is_ok_and(|status| status.success())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answered_put_is_on_disk() -> Result<()> {
    if !has_strace() {
        return catwing_tests::skip(NO_STRACE);
    }
    let folder = tempfile::tempdir()?;
    let output = tempfile::NamedTempFile::new()?;
    // With descriptors as paths, and enough of an answer to know one by.
    let options = ["-y", "-s", "40", "-e", CALLS];
    let mut server = Traced::start(folder.path(), &options, output.path())?;
    let client = server.endpoint.client();
    client.create_bucket().bucket("ledger").send().await?;
    let put = client.put_object().bucket("ledger").key("day/k");
    let body = ByteStream::from_static(b"body");
    put.if_none_match("*").body(body).send().await?;
    server.end()?;
    let calls = calls(&std::fs::read_to_string(output.path())?);
    let root = folder.path().canonicalize()?;
    let bucket = root.join("ledger");
    let (bucket, day) = (bucket.display(), bucket.join("day"));
    let (in_bucket, in_day) = (format!("<{bucket}>"), format!("<{}>", day.display()));
    let object = format!("\"{}\"", day.join("k").display());

    let published = next(&calls, 0, "link", &[".body\"", &object])?;
    let body = next(&calls, 0, "fsync(", &["/desks/", ".body>"])?;
    ensure!(body.ended < published.begun, "published before it was kept");
    let record = next(&calls, 0, "fsync(", &["/records/ledger/", ".json>"])?;
    ensure!(
        record.ended < published.begun,
        "published before its record"
    );
    let made = next(&calls, 0, "mkdir", &[&format!("\"{}\"", day.display())])?;
    let folder_kept = next(&calls, made.ended, "fsync(", &[&in_bucket])?;
    let name_kept = next(&calls, published.ended, "fsync(", &[&in_day])?;
    let answer = calls
        .iter()
        .find(|call| call.begun > published.ended && call.text.contains("HTTP/1.1 200"))
        .context("no answer")?;
    ensure!(folder_kept.ended < answer.begun, "the folder may be lost");
    ensure!(name_kept.ended < answer.begun, "the name may be lost");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn create_only_has_one_winner_when_publishing_is_slow() -> Result<()> {
    if !has_strace() {
        return catwing_tests::skip(NO_STRACE);
    }
    let folder = tempfile::tempdir()?;
    let servers: Vec<Traced> = (0..SERVERS)
        .map(|_| Traced::start(folder.path(), &["-e", SLOW], Path::new("/dev/null")))
        .collect::<Result<_>>()?;
    let clients: Vec<_> = servers
        .iter()
        .map(|server| server.endpoint.client())
        .collect();
    let first = clients.first().context("no server")?;
    first.create_bucket().bucket("ledger").send().await?;
    for race in 0..RACES {
        let key = format!("{race:010}.json");
        let racers = (0..RACERS_EACH).flat_map(|racer| {
            clients.iter().enumerate().map(move |(server, client)| {
                let body = format!("racer {racer} of {server}");
                (client, body)
            })
        });
        let answers = future::try_join_all(racers.map(|(client, body)| {
            let put = client.put_object().bucket("ledger").key(&key);
            let put = put
                .if_none_match("*")
                .body(body.clone().into_bytes().into());
            async move { status(put.send().await).map(|answer| (answer, body)) }
        }))
        .await?;
        let mut winners = answers.iter().filter(|(answer, _)| *answer == 200);
        let (_, winner) = winners.next().context("no winner")?;
        ensure!(winners.next().is_none(), "race {race}: {answers:?}");
        ensure!(
            answers
                .iter()
                .all(|(answer, _)| [200, 412].contains(answer)),
            "race {race}: {answers:?}"
        );
        ensure!(get(first, "ledger", &key).await? == winner.as_bytes());
    }
    Ok(())
}
