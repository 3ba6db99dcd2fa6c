//! What our S3 server has told the kernel to keep before it answers, as seen by a tracer.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, ensure};
use aws_sdk_s3::primitives::ByteStream;

use crate::s3_client::Endpoint;
use crate::s3_processes::example;

const CALLS: &str = "trace=fsync,fdatasync,link,linkat,rename,renameat,renameat2,mkdir,mkdirat,\
                     write,writev,sendto,sendmsg";

/// One system call, with the lines of the trace where it began and had ended.
struct Call {
    text: String,
    begun: usize,
    ended: usize,
}

/// The server's calls from its start to its end, while `requests` are made.
async fn trace<Requests>(
    folder: &Path,
    requests: impl FnOnce(Endpoint) -> Requests,
) -> Result<Vec<Call>>
where
    Requests: Future<Output = Result<()>>,
{
    let output = tempfile::NamedTempFile::new()?;
    // With descriptors as paths, and enough of an answer to know one by.
    let mut tracer = Command::new("strace")
        .args(["-f", "-y", "-s", "40", "-e", CALLS, "-o"])
        .arg(output.path())
        .arg(example()?)
        .arg("s3")
        .arg(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let outcome = match endpoint(&mut tracer) {
        Ok(endpoint) => requests(endpoint).await,
        Err(error) => Err(error),
    };
    // The server ends with its input, and the tracer with the server.
    drop(tracer.stdin.take());
    let status = tracer.wait()?;
    outcome?;
    ensure!(status.success(), "{status}");
    Ok(calls(&std::fs::read_to_string(output.path())?))
}

fn endpoint(server: &mut Child) -> Result<Endpoint> {
    let mut lines = BufReader::new(server.stdout.take().context("no stdout")?).lines();
    let mut line = || lines.next().context("the server ended")?.context("read");
    Ok(Endpoint {
        url: line()?,
        access_key: line()?,
        secret_key: line()?,
    })
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
        return catwing_tests::skip("no strace that works: apt-get install strace brings it");
    }
    let folder = tempfile::tempdir()?;
    let calls = trace(folder.path(), |endpoint| async move {
        let client = endpoint.client();
        client.create_bucket().bucket("ledger").send().await?;
        let put = client.put_object().bucket("ledger").key("day/k");
        let body = ByteStream::from_static(b"body");
        put.if_none_match("*").body(body).send().await?;
        Ok(())
    })
    .await?;
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
