//! REST sources: the records of a business day, asked for page by page.
//!
//! A pass over a dataset asks for its pages in order and stores each as it comes. What the pages
//! announce must agree from the first to the last; else the source changed meanwhile, and the dataset
//! is fetched anew under the next revision. Nothing exists before the caller seals it. A process that
//! is killed leaves its pages behind: the next one asks for the first page, and where that is what it
//! was, goes on with the first page that is missing.

mod address;
mod client;
mod course;
mod fetching;
mod page;
mod scan;
mod wait;

use std::{sync::Arc, time::Duration};

use catwing_domain::{
    BusinessDay, Clock, DatasetName,
    tenant_file::{DatasetFile, FetchFile, RestFile, TenantFile},
};
use catwing_raw_store::Draft;
use reqwest::Url;
use secrecy::SecretString;

use self::client::Client;
pub(crate) use self::client::quoted;
pub use self::wait::FIRST_PAUSE;
use crate::IngestError;

/// What a source is and how it is reached.
#[derive(Clone, Debug)]
pub struct RestSettings {
    /// The source's name in the tenant's file.
    pub name: String,
    /// Where it is.
    pub base_url: String,
    /// The bearer token, where it wants one.
    pub token: Option<SecretString>,
    /// Time-outs and limits.
    pub file: RestFile,
    /// The wait before a request is sent again, the first time; it doubles.
    pub first_pause: Duration,
    /// What the jitter of waits follows from.
    pub jitter_seed: u64,
}

/// A REST source. It may be shared by the fetches of many datasets and days.
pub struct RestSource {
    name: String,
    base: Url,
    limits: RestFile,
    client: Client,
}

/// A dataset of a business day that is to be fetched.
#[derive(Clone, Copy)]
pub struct FetchOrder<'a> {
    /// Where from.
    pub source: &'a RestSource,
    /// The dataset.
    pub dataset: &'a DatasetName,
    /// What the tenant's file says of it.
    pub file: &'a DatasetFile,
    /// What of that is asked of the source.
    pub fetch: &'a FetchFile,
}

/// How far a fetch is, after each page.
#[derive(Clone, Copy, Debug)]
pub struct FetchProgress<'a> {
    /// The dataset.
    pub dataset: &'a DatasetName,
    /// The business day.
    pub day: BusinessDay,
    /// The page, from 1.
    pub page: u32,
    /// Records of the pages so far.
    pub records: u64,
    /// Bytes of the pages so far.
    pub size_bytes: u64,
    /// Records of all pages, where the source announces them.
    pub announced_total: Option<u64>,
}

/// Who wants to know how far a fetch is.
pub type FetchWatch<'w> = &'w (dyn Fn(FetchProgress<'_>) + Send + Sync);

/// What was fetched of a dataset. Nothing of it exists before its draft is sealed.
#[derive(Debug)]
pub struct Fetched {
    /// Its pages in the archive; none where the source has nothing for the day.
    pub draft: Option<Draft>,
    /// Records that were counted; none where the format is not looked into.
    pub records: Option<u64>,
    /// Bytes of all pages.
    pub size_bytes: u64,
    /// Pages that an earlier fetch had left behind.
    pub taken_over: u32,
    /// Requests that were sent.
    pub requests: u32,
}

impl RestSettings {
    /// Settings as the tenant's file has them, with what it leaves to the environment.
    ///
    /// # Errors
    /// [`IngestError::Source`] for settings that can't be used and variables that are not set.
    pub fn of(
        name: &str,
        file: &RestFile,
        environment: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, IngestError> {
        let refuse = |setting: &'static str, problem: String| IngestError::Source {
            source_name: name.to_owned(),
            setting,
            problem,
        };
        if let Some((setting, problem)) = file.mistakes().into_iter().next() {
            return Err(refuse(setting, problem));
        }
        let variable = |setting, variable: &String| {
            let value = environment(variable).filter(|value| !value.trim().is_empty());
            value.ok_or_else(|| {
                let problem = format!("the environment variable {variable} is not set: set it");
                refuse(setting, problem)
            })
        };
        let base_url = match (&file.base_url, &file.base_url_env) {
            (Some(address), _) => address.clone(),
            (None, Some(name)) => variable("base_url_env", name)?,
            (None, None) => return Err(refuse("base_url", "it is missing".to_owned())),
        };
        let token = match &file.token_env {
            Some(name) => Some(SecretString::from(variable("token_env", name)?)),
            None => None,
        };
        Ok(Self {
            name: name.to_owned(),
            base_url,
            token,
            file: file.clone(),
            first_pause: FIRST_PAUSE,
            jitter_seed: 0,
        })
    }
}

impl RestSource {
    /// A source. Nothing is asked yet. `clock` is what `Retry-After` dates are held against where an
    /// answer does not tell the time.
    ///
    /// # Errors
    /// [`IngestError::Source`] for an address or a token that can't be used.
    pub fn new(settings: &RestSettings, clock: Arc<dyn Clock>) -> Result<Self, IngestError> {
        let refuse = |setting, problem| IngestError::Source {
            source_name: settings.name.clone(),
            setting,
            problem,
        };
        let base =
            address::base(&settings.base_url).map_err(|problem| refuse("base_url", problem))?;
        let client =
            Client::new(settings, &base, clock).map_err(|problem| refuse("token_env", problem))?;
        Ok(Self {
            name: settings.name.clone(),
            base,
            limits: settings.file.clone(),
            client,
        })
    }

    /// What a tenant's file asks of this source, in the order of datasets.
    pub fn orders<'a>(&'a self, file: &'a TenantFile) -> impl Iterator<Item = FetchOrder<'a>> {
        file.datasets.iter().filter_map(|(dataset, file)| {
            let of_this = file.source.as_ref().is_some_and(|name| *name == self.name);
            Some(FetchOrder {
                source: self,
                dataset,
                file,
                fetch: file.fetch.as_ref().filter(|_| of_this)?,
            })
        })
    }

    /// The source's name in the tenant's file.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}
