//! PostgreSQL's own programs and how they reach a database: by variables of their environment alone,
//! so that no list of processes shows a password.

use std::{path::PathBuf, process::Stdio};

use secrecy::{ExposeSecret, SecretString};
use tokio::process::Command;
use url::Url;

use crate::RecoveryError;

/// Variables that would lead a program elsewhere than the address says.
const MISLEADING: [&str; 5] = [
    "PGSERVICE",
    "PGHOSTADDR",
    "PGTARGETSESSIONATTRS",
    "PGCLIENTENCODING",
    "PGOPTIONS",
];
/// What the programs are called in `pg_stat_activity`.
const APPLICATION: &str = "catwing-backup";

/// The programs of one version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientTools {
    /// `pg_dump`.
    pub pg_dump: PathBuf,
    /// `psql`.
    pub psql: PathBuf,
    /// Their version, `15.18`.
    pub version: String,
    /// The major one of it.
    pub major: u32,
}

/// A database as PostgreSQL's programs are told of it.
#[derive(Clone, Debug)]
pub struct DatabaseAddress {
    variables: Vec<(&'static str, SecretString)>,
}

impl DatabaseAddress {
    /// Reads an address as `DATABASE_URL` holds it. What it does not say, the programs take from
    /// variables such as `PGPASSWORD` of their own environment, as all clients do.
    ///
    /// # Errors
    /// [`RecoveryError::Address`] for what is no URL.
    pub fn from_url(url: &SecretString) -> Result<Self, RecoveryError> {
        let url: Url = url
            .expose_secret()
            .parse()
            .map_err(|source| RecoveryError::Address { source })?;
        let mut address = Self {
            variables: Vec::new(),
        };
        if let Some(host) = url.host_str().filter(|host| !host.is_empty()) {
            address.set("PGHOST", decoded(host));
        }
        if let Some(port) = url.port() {
            address.set("PGPORT", port.to_string());
        }
        if !url.username().is_empty() {
            address.set("PGUSER", decoded(url.username()));
        }
        if let Some(password) = url.password() {
            address.set("PGPASSWORD", decoded(password));
        }
        let database = url.path().trim_start_matches('/');
        if !database.is_empty() {
            address.set("PGDATABASE", decoded(database));
        }
        for (name, value) in url.query_pairs() {
            let variable = match &*name {
                "host" | "hostaddr" => "PGHOST",
                "port" => "PGPORT",
                "dbname" => "PGDATABASE",
                "user" => "PGUSER",
                "password" => "PGPASSWORD",
                "sslmode" | "ssl-mode" => "PGSSLMODE",
                "sslrootcert" | "ssl-root-cert" | "ssl-ca" => "PGSSLROOTCERT",
                "sslcert" | "ssl-cert" => "PGSSLCERT",
                "sslkey" | "ssl-key" => "PGSSLKEY",
                _ => continue,
            };
            address.set(variable, value.into_owned());
        }
        Ok(address)
    }

    /// A program that reaches the database, in messages of one language, and dies with its handle.
    pub(super) fn command(&self, program: &PathBuf) -> Command {
        let mut command = Command::new(program);
        for name in MISLEADING {
            command.env_remove(name);
        }
        for (name, value) in &self.variables {
            command.env(name, value.expose_secret());
        }
        command
            .env("PGAPPNAME", APPLICATION)
            .env("LC_ALL", "C")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        command
    }

    /// The same server, another database of it.
    #[must_use]
    pub fn with_database(mut self, name: &str) -> Self {
        self.variables
            .retain(|(variable, _)| *variable != "PGDATABASE");
        self.set("PGDATABASE", name.to_owned());
        self
    }

    fn set(&mut self, variable: &'static str, value: String) {
        self.variables.retain(|(name, _)| *name != variable);
        self.variables.push((variable, value.into()));
    }
}

/// A part of a URL without its percent signs.
fn decoded(text: &str) -> String {
    // Of a pair without a name, the one value is the text; a plus sign stands for itself in a URL's parts.
    let escaped = text
        .replace('+', "%2B")
        .replace('&', "%26")
        .replace('=', "%3D");
    let mut pairs = url::form_urlencoded::parse(escaped.as_bytes());
    pairs
        .next()
        .map(|(name, _)| name.into_owned())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::DatabaseAddress;

    fn variables(url: &str) -> Vec<(&'static str, String)> {
        let address = DatabaseAddress::from_url(&url.to_owned().into()).unwrap();
        let mut told: Vec<_> = address
            .variables
            .iter()
            .map(|(name, value)| (*name, value.expose_secret().to_owned()))
            .collect();
        told.sort();
        told
    }

    #[test]
    fn every_part_of_an_address_is_told_by_its_variable() {
        let told = variables("postgres://me:p%40ss+%26=w@db:6432/shop?sslmode=require");
        let expected = [
            ("PGDATABASE", "shop"),
            ("PGHOST", "db"),
            ("PGPASSWORD", "p@ss+&=w"),
            ("PGPORT", "6432"),
            ("PGSSLMODE", "require"),
            ("PGUSER", "me"),
        ];
        assert_eq!(told, expected.map(|(name, value)| (name, value.to_owned())));
        // The folder of a socket is a host.
        let told = variables("postgres://postgres@localhost/postgres?host=/run/a%20b");
        assert!(
            told.contains(&("PGHOST", "/run/a b".to_owned())),
            "{told:?}"
        );
        assert_eq!(told.iter().filter(|(name, _)| *name == "PGHOST").count(), 1);
        assert!(DatabaseAddress::from_url(&"host=x".to_owned().into()).is_err());
    }

    #[test]
    fn a_password_is_never_shown() {
        let url = "postgres://me:canary@db/shop".to_owned().into();
        let address = DatabaseAddress::from_url(&url).unwrap();
        let command = address.command(&"pg_dump".into());
        assert!(!format!("{address:?}").contains("canary"));
        assert!(command.as_std().get_args().next().is_none());
        let password = command
            .as_std()
            .get_envs()
            .find(|(name, _)| *name == "PGPASSWORD");
        assert!(password.is_some_and(|(_, value)| value == Some("canary".as_ref())));
    }
}
