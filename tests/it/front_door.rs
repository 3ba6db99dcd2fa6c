//! What a newcomer meets first: the compose file, and the servers that tests choose.

use std::fs::File;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use catwing_tests::servers::{TestBucket, TestDatabase};
use sea_orm::sqlx::{self, Connection, PgConnection};
use serde_json::Value;

const COMPOSE_FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docker-compose.yml");

/// PostgreSQL before 15 lacks what the migrations use.
const POSTGRES_OLDEST_MAJOR: u32 = 15;

/// Reads YAML on standard input, writes it as JSON.
const YAML_TO_JSON: &str =
    "import json, sys, yaml; json.dump(yaml.safe_load(sys.stdin), sys.stdout)";

#[test]
fn the_compose_file_gives_both_servers_to_this_machine_alone() -> Result<()> {
    let Some(compose) = read_compose()? else {
        return catwing_tests::skip(
            "nothing here reads YAML: neither `docker compose` nor Python's yaml module",
        );
    };
    for (service, image) in [("postgres", "postgres:"), ("s3", "chrislusf/seaweedfs:")] {
        let service = &compose["services"][service];
        let named = service["image"].as_str().context("an image")?;
        ensure!(named.starts_with(image), "unexpected image {named}");
        ensure!(
            !service["healthcheck"]["test"].is_null(),
            "{named} has no health check"
        );
        let ports = service["ports"].as_array().context("ports")?;
        ensure!(!ports.is_empty(), "{named} publishes nothing");
        ensure!(
            ports.iter().all(is_loopback_only),
            "{named} is reachable from elsewhere: {ports:?}"
        );
        let volumes = service["volumes"].as_array().context("volumes")?;
        ensure!(
            !volumes.is_empty(),
            "{named} forgets its data with its container"
        );
    }
    let tag = default_tag(&compose["services"]["postgres"]["image"])?;
    ensure!(tag >= POSTGRES_OLDEST_MAJOR, "PostgreSQL {tag} is too old");
    Ok(())
}

#[test]
fn the_compose_file_says_how_to_point_catwing_at_it() -> Result<()> {
    let text = std::fs::read_to_string(COMPOSE_FILE)?;
    for variable in [
        "DATABASE_URL",
        "AWS_ENDPOINT_URL",
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_REGION",
    ] {
        let shown = text
            .lines()
            .any(|line| line.starts_with('#') && line.contains(&format!("{variable}=")));
        ensure!(shown, "the header does not set {variable}");
    }
    Ok(())
}

#[tokio::test]
async fn a_test_database_is_its_own_and_goes_with_the_test() -> Result<()> {
    let one = TestDatabase::create().await?;
    let other = TestDatabase::create().await?;
    let mut connection = one.connect().await?;
    sqlx::query("create table t (x int)")
        .execute(&mut connection)
        .await?;
    let mut beside = other.connect().await?;
    let tables: i64 = sqlx::query_scalar("select count(*) from pg_tables where tablename = 't'")
        .fetch_one(&mut beside)
        .await?;
    assert_eq!(tables, 0, "two tests share a database");

    let (name, url) = (one.name().to_owned(), one.url().to_owned());
    // Dropped while a connection is open, as after a failed assertion.
    drop(one);
    let left: i64 = sqlx::query_scalar("select count(*) from pg_database where datname = $1")
        .bind(name)
        .fetch_one(&mut beside)
        .await?;
    assert_eq!(left, 0, "the database outlives its test");
    assert!(PgConnection::connect(&url).await.is_err());
    Ok(())
}

#[tokio::test]
async fn a_test_bucket_is_its_own() -> Result<()> {
    let one = TestBucket::create().await?;
    let other = TestBucket::create().await?;
    let body = b"a,b\n".to_vec();
    one.client()
        .put_object()
        .bucket(one.name())
        .key("raw-data/x.csv")
        .body(body.clone().into())
        .send()
        .await?;
    let answer = one
        .client()
        .get_object()
        .bucket(one.name())
        .key("raw-data/x.csv")
        .send()
        .await?;
    assert_eq!(answer.body.collect().await?.to_vec(), body);
    let listed = other
        .client()
        .list_objects_v2()
        .bucket(other.name())
        .send()
        .await?;
    assert_eq!(listed.key_count().unwrap_or_default(), 0);
    Ok(())
}

/// The compose file by whichever reader of YAML is here; one that is here and refuses it is an
/// error.
fn read_compose() -> Result<Option<Value>> {
    let docker = ["docker", "compose"];
    if answers(&docker, &["version"]) {
        let config = ["config", "--no-interpolate", "--format", "json"];
        let mut arguments = vec!["--file", COMPOSE_FILE];
        arguments.extend(config);
        return parse(&docker, &arguments).map(Some);
    }
    // A Python that a developer installed need not have the module that Debian's has.
    for python in ["python3", "/usr/bin/python3"] {
        if answers(&[python], &["-c", "import yaml"]) {
            return parse(&[python], &["-c", YAML_TO_JSON]).map(Some);
        }
    }
    Ok(None)
}

fn answers(program: &[&str], arguments: &[&str]) -> bool {
    command(program, arguments)
        .stdin(Stdio::null())
        .output()
        .is_ok_and(|output| output.status.success())
}

fn parse(program: &[&str], arguments: &[&str]) -> Result<Value> {
    let output = command(program, arguments)
        .stdin(File::open(COMPOSE_FILE).context(COMPOSE_FILE)?)
        .output()?;
    ensure!(
        output.status.success(),
        "{program:?} refuses {COMPOSE_FILE}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(serde_json::from_slice(&output.stdout)?)
}

fn command(program: &[&str], arguments: &[&str]) -> Command {
    let mut command = Command::new(program[0]);
    command.args(&program[1..]).args(arguments);
    command
}

/// As it is written, `127.0.0.1:outside:inside`, or as Docker spells it out.
fn is_loopback_only(port: &Value) -> bool {
    match port.as_str() {
        Some(written) => written.starts_with("127.0.0.1:"),
        None => port["host_ip"] == "127.0.0.1",
    }
}

/// The major version of `name:${VARIABLE:-15}`.
fn default_tag(image: &Value) -> Result<u32> {
    let image = image.as_str().context("an image")?;
    let (_, default) = image.split_once(":-").context("a tag with a default")?;
    Ok(default.trim_end_matches('}').parse()?)
}
