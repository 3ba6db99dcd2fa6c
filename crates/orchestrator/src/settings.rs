//! Settings: a flag goes before the environment, that before the file, that before the default;
//! each value knows where it came from.

use std::path::PathBuf;

use anyhow::{Context, Result};
use catwing_raw_store::BUCKET_DEFAULT;
use secrecy::SecretString;
use serde::Deserialize;

use crate::{Global, failure::Usage};

/// The file that is read where none is named.
const FILE_DEFAULT: &str = "catwing.toml";

/// A value and its origin.
#[derive(Clone, Debug)]
pub struct Setting<T> {
    /// The value in force.
    pub value: T,
    /// The flag, variable or file that it came from, or `default`.
    pub origin: String,
}

/// All settings in force.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The folder of the embedded servers and of logs.
    pub home: Setting<PathBuf>,
    /// PostgreSQL; embedded where absent.
    pub database_url: Setting<Option<SecretString>>,
    /// The S3 server; embedded where neither it nor an access key is given.
    pub s3_endpoint: Setting<Option<String>>,
    /// The bucket.
    pub bucket: Setting<String>,
    /// The region.
    pub region: Setting<String>,
    /// The access key.
    pub access_key: Setting<Option<String>>,
    /// The secret key.
    pub secret_key: Setting<Option<SecretString>>,
    /// The session token of temporary credentials.
    pub session_token: Setting<Option<SecretString>>,
    /// The folder of PostgreSQL's server programs.
    pub postgres_bin: Setting<Option<PathBuf>>,
    /// What goes to the log, as `tracing` filters are written.
    pub log: Setting<String>,
}

/// The settings file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    home: Option<PathBuf>,
    database_url: Option<Hidden>,
    s3_endpoint: Option<String>,
    bucket: Option<String>,
    region: Option<String>,
    access_key: Option<String>,
    secret_key: Option<Hidden>,
    session_token: Option<Hidden>,
    postgres_bin: Option<PathBuf>,
    log: Option<String>,
}

/// A secret of the file, which no message shows.
#[derive(Deserialize)]
#[serde(transparent)]
struct Hidden(String);

impl std::fmt::Debug for Hidden {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("(not shown)")
    }
}

/// Looks a variable of the environment up.
pub type Environment<'e> = &'e dyn Fn(&str) -> Option<String>;

impl Settings {
    /// Puts flags, environment, file and defaults together.
    ///
    /// # Errors
    /// A settings file that is named and can't be read, or that has unknown settings.
    pub fn resolve(flags: &Global, environment: Environment<'_>) -> Result<Self> {
        let (file, name) = read_file(flags, environment)?;
        let pick = Pick {
            environment,
            file_name: &name,
        };
        let home = pick.value(
            flags.home.clone(),
            &["CATWING_HOME"],
            file.home.as_deref().map(path_text),
        );
        Ok(Self {
            home: home.or_default(PathBuf::from(".catwing")),
            database_url: pick
                .value(
                    None::<String>,
                    &["CATWING_DATABASE_URL", "DATABASE_URL"],
                    revealed(file.database_url.as_ref()),
                )
                .map(SecretString::from),
            s3_endpoint: pick.value(
                None,
                &[
                    "CATWING_S3_ENDPOINT",
                    "AWS_ENDPOINT_URL_S3",
                    "AWS_ENDPOINT_URL",
                ],
                file.s3_endpoint,
            ),
            bucket: pick
                .value(None, &["CATWING_BUCKET"], file.bucket)
                .or_default(BUCKET_DEFAULT.to_owned()),
            region: pick
                .value(
                    None,
                    &["CATWING_REGION", "AWS_REGION", "AWS_DEFAULT_REGION"],
                    file.region,
                )
                .or_default("us-east-1".to_owned()),
            access_key: pick.value(
                None,
                &["CATWING_ACCESS_KEY", "AWS_ACCESS_KEY_ID"],
                file.access_key,
            ),
            secret_key: pick
                .value(
                    None::<String>,
                    &["CATWING_SECRET_KEY", "AWS_SECRET_ACCESS_KEY"],
                    revealed(file.secret_key.as_ref()),
                )
                .map(SecretString::from),
            session_token: pick
                .value(
                    None::<String>,
                    &["CATWING_SESSION_TOKEN", "AWS_SESSION_TOKEN"],
                    revealed(file.session_token.as_ref()),
                )
                .map(SecretString::from),
            postgres_bin: pick
                .value(
                    None::<String>,
                    &["CATWING_PG_BIN"],
                    file.postgres_bin.as_deref().map(path_text),
                )
                .map(PathBuf::from),
            log: pick
                .value(None, &["CATWING_LOG"], file.log)
                .or_default("info".to_owned()),
        })
    }

    /// Every setting with its value and origin; secrets are only said to be there.
    #[must_use]
    pub fn rows(&self) -> Vec<[String; 3]> {
        let path = |path: &PathBuf| path.display().to_string();
        let text =
            |name: &str, value: String, origin: &str| [name.to_owned(), value, origin.to_owned()];
        let optional = |name: &str, setting: &Setting<Option<String>>| {
            text(
                name,
                setting
                    .value
                    .clone()
                    .unwrap_or_else(|| "embedded".to_owned()),
                &setting.origin,
            )
        };
        let secret = |name: &str, setting: &Setting<Option<SecretString>>| {
            let shown = if setting.value.is_some() {
                "(set, not shown)"
            } else {
                "embedded"
            };
            text(name, shown.to_owned(), &setting.origin)
        };
        let bin = self
            .postgres_bin
            .value
            .as_ref()
            .map_or_else(|| "found by itself".to_owned(), path);
        vec![
            text("home", path(&self.home.value), &self.home.origin),
            secret("database_url", &self.database_url),
            optional("s3_endpoint", &self.s3_endpoint),
            text("bucket", self.bucket.value.clone(), &self.bucket.origin),
            text("region", self.region.value.clone(), &self.region.origin),
            optional("access_key", &self.access_key),
            secret("secret_key", &self.secret_key),
            secret("session_token", &self.session_token),
            text("postgres_bin", bin, &self.postgres_bin.origin),
            text("log", self.log.value.clone(), &self.log.origin),
        ]
    }
}

/// A value that may be absent, with its origin.
struct Pick<'p> {
    environment: Environment<'p>,
    file_name: &'p str,
}

impl Pick<'_> {
    fn value<T: FromText>(
        &self,
        flag: Option<T>,
        variables: &[&str],
        file: Option<String>,
    ) -> Setting<Option<T>> {
        if let Some(value) = flag {
            return Setting {
                value: Some(value),
                origin: "flag".to_owned(),
            };
        }
        let set = |name: &&&str| (self.environment)(name).filter(|value| !value.is_empty());
        if let Some((name, value)) = variables.iter().find_map(|name| Some((name, set(&name)?))) {
            return Setting {
                value: Some(T::from_text(value)),
                origin: format!("environment {name}"),
            };
        }
        match file {
            Some(value) => Setting {
                value: Some(T::from_text(value)),
                origin: format!("file {}", self.file_name),
            },
            None => Setting {
                value: None,
                origin: "default".to_owned(),
            },
        }
    }
}

trait FromText {
    fn from_text(text: String) -> Self;
}

impl FromText for String {
    fn from_text(text: String) -> Self {
        text
    }
}

impl FromText for PathBuf {
    fn from_text(text: String) -> Self {
        text.into()
    }
}

impl<T> Setting<Option<T>> {
    fn or_default(self, default: T) -> Setting<T> {
        Setting {
            value: self.value.unwrap_or(default),
            origin: self.origin,
        }
    }

    fn map<U>(self, convert: impl FnOnce(T) -> U) -> Setting<Option<U>> {
        Setting {
            value: self.value.map(convert),
            origin: self.origin,
        }
    }
}

fn path_text(path: &std::path::Path) -> String {
    path.to_string_lossy().into_owned()
}

fn revealed(secret: Option<&Hidden>) -> Option<String> {
    secret.map(|secret| secret.0.clone())
}

fn read_file(flags: &Global, environment: Environment<'_>) -> Result<(File, String)> {
    let named = flags
        .config
        .clone()
        .or_else(|| environment("CATWING_CONFIG").map(PathBuf::from));
    let path = match named {
        Some(path) => path,
        None if std::path::Path::new(FILE_DEFAULT).exists() => PathBuf::from(FILE_DEFAULT),
        None => return Ok((File::default(), String::new())),
    };
    let text = std::fs::read_to_string(&path).with_context(|| {
        Usage(format!(
            "failed to read the settings file {}",
            path.display()
        ))
    })?;
    let file = toml::from_str(&text)
        .with_context(|| Usage(format!("the settings file {} is not valid", path.display())))?;
    Ok((file, path.display().to_string()))
}

#[cfg(test)]
mod tests {
    use super::Settings;
    use crate::Global;

    #[test]
    fn a_flag_goes_before_the_environment_and_that_before_the_file() {
        let file =
            std::env::temp_dir().join(format!("catwing-settings-{}.toml", std::process::id()));
        std::fs::write(
            &file,
            "home = \"from-file\"\nbucket = \"from-file\"\nregion = \"from-file\"\n",
        )
        .unwrap();
        let environment = |name: &str| match name {
            "CATWING_HOME" | "CATWING_BUCKET" => Some("from-environment".to_owned()),
            _ => None,
        };
        let flags = Global {
            home: Some("from-flag".into()),
            config: Some(file.clone()),
            ..Global::default()
        };
        let settings = Settings::resolve(&flags, &environment).unwrap();
        std::fs::remove_file(&file).unwrap();
        assert_eq!(
            (settings.home.value.to_str(), settings.home.origin.as_str()),
            (Some("from-flag"), "flag")
        );
        assert_eq!(settings.bucket.origin, "environment CATWING_BUCKET");
        assert_eq!(
            (
                settings.region.value.as_str(),
                settings.region.origin.starts_with("file ")
            ),
            ("from-file", true)
        );
        assert_eq!(
            (settings.log.value.as_str(), settings.log.origin.as_str()),
            ("info", "default")
        );
    }

    #[test]
    fn secrets_are_never_shown() {
        let canary = "canary-8f2e";
        let environment = |name: &str| match name {
            "DATABASE_URL" => Some(format!("postgres://u:{canary}@h/d")),
            "AWS_SECRET_ACCESS_KEY" => Some(canary.to_owned()),
            _ => None,
        };
        let settings = Settings::resolve(&Global::default(), &environment).unwrap();
        let shown = format!("{:?} {settings:?}", settings.rows());
        assert!(!shown.contains(canary), "{shown}");
    }
}
