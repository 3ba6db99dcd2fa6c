//! Servers for tests, and which of those that could serve are taken.
//!
//! PostgreSQL: `DATABASE_URL`, else a container where a Docker engine answers, else the private
//! cluster of this machine's binaries. S3: `CATWING_TEST_S3_ENDPOINT`, else the server of the
//! embedded crate, in this process over a temporary folder. What is missing fails the test.

mod bucket;
mod container;
mod database;
mod private;

pub use bucket::TestBucket;
pub use database::TestDatabase;

/// Names the PostgreSQL server to test on, as a role that may create databases.
pub const DATABASE_URL: &str = "DATABASE_URL";

/// Names the S3 server to test on; its credentials are those of `AWS_ACCESS_KEY_ID` and
/// `AWS_SECRET_ACCESS_KEY`.
pub const S3_ENDPOINT: &str = "CATWING_TEST_S3_ENDPOINT";

/// What the names of test databases and buckets begin with.
const NAME_PREFIX: &str = "catwing-test-";

/// What this machine offers to a test that needs PostgreSQL.
#[derive(Debug, Clone)]
pub struct Offers {
    /// The value of `DATABASE_URL`, if it is set.
    pub database_url: Option<String>,
    /// Whether a Docker engine answers, and else why it does not.
    pub engine: Result<(), String>,
    /// Whether the machine has PostgreSQL binaries, and else what is missing.
    pub binaries: Result<(), String>,
}

/// Where a test's PostgreSQL comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// The server of this URL; somebody else starts and stops it.
    Given(String),
    /// A container, through testcontainers.
    Container,
    /// The private cluster that all test processes share.
    Private,
    /// None of them, with all reasons.
    Nowhere(String),
}

/// The first of the sources that is on offer.
///
/// ```
/// use catwing_tests::servers::{Offers, Source, choose};
///
/// let offers = Offers {
///     database_url: None,
///     engine: Err("no socket".into()),
///     binaries: Ok(()),
/// };
/// assert_eq!(choose(&offers), Source::Private);
/// ```
pub fn choose(offers: &Offers) -> Source {
    // A variable that is set to nothing is how shells and CI unset one.
    if let Some(url) = offers.database_url.as_deref().filter(|url| !url.is_empty()) {
        return Source::Given(url.to_owned());
    }
    match (&offers.engine, &offers.binaries) {
        (Ok(()), _) => Source::Container,
        (Err(_), Ok(())) => Source::Private,
        (Err(engine), Err(binaries)) => Source::Nowhere(format!(
            "no PostgreSQL to test on: {DATABASE_URL} is not set; Docker: {engine}; binaries: \
             {binaries}. Set one up with `cargo xtask test` as root, or name a server in \
             {DATABASE_URL}"
        )),
    }
}

/// Asks the environment, the Docker engine and the file system what is on offer.
pub async fn look_around() -> Offers {
    Offers {
        database_url: std::env::var(DATABASE_URL).ok(),
        engine: container::engine_answers().await,
        binaries: private::binaries_found(),
    }
}

/// A name that no other test has, on this machine or another that shares the server.
fn unique_name() -> String {
    use std::hash::{BuildHasher, Hasher, RandomState};

    // The standard library seeds this from the system's randomness.
    let random = RandomState::new().build_hasher().finish();
    format!("{NAME_PREFIX}{}-{random:016x}", std::process::id())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offers(url: Option<&str>, engine: bool, binaries: bool) -> Offers {
        let on_offer = |there: bool, why: &str| there.then_some(()).ok_or(why.to_owned());
        Offers {
            database_url: url.map(str::to_owned),
            engine: on_offer(engine, "no engine"),
            binaries: on_offer(binaries, "no initdb"),
        }
    }

    #[test]
    fn a_named_server_comes_first() {
        let url = "postgres://u@h/d";
        for (engine, binaries) in [(true, true), (true, false), (false, true), (false, false)] {
            assert_eq!(
                choose(&offers(Some(url), engine, binaries)),
                Source::Given(url.to_owned())
            );
        }
    }

    #[test]
    fn docker_comes_before_the_private_cluster() {
        assert_eq!(choose(&offers(None, true, true)), Source::Container);
        assert_eq!(choose(&offers(None, true, false)), Source::Container);
        assert_eq!(choose(&offers(None, false, true)), Source::Private);
    }

    #[test]
    fn an_empty_variable_names_no_server() {
        assert_eq!(choose(&offers(Some(""), false, true)), Source::Private);
    }

    #[test]
    fn nothing_on_offer_says_everything_that_was_tried() {
        let Source::Nowhere(why) = choose(&offers(None, false, false)) else {
            panic!("nothing was on offer");
        };
        for part in ["DATABASE_URL", "no engine", "no initdb"] {
            assert!(why.contains(part), "{why}");
        }
    }

    #[test]
    fn names_differ_and_fit_a_bucket() {
        let (one, other) = (unique_name(), unique_name());
        assert_ne!(one, other);
        assert!(one.len() <= 63, "{one}");
        assert!(
            one.bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'),
            "{one}"
        );
    }
}
