//! The raw store, the import of files and the fetch from REST sources, on an S3 server.

mod faults;
mod import;
mod landing;
mod manifest;
mod object;
mod proxy;
mod rest;
mod upload;
mod verify;

use std::fs;

use anyhow::{Context, Result};
use catwing_domain::{
    BusinessDay, Clock, DatasetName, TenantId,
    manifest::{Body, Completeness, Delivery, RawObject, Sha256Hash, SourceFacts},
};
use catwing_raw_store::{
    Author, Incoming, Landed, Landing, Manifest, Outcome, Payload, SealedEntry, State, Store,
    StoreSettings, VerifyOptions, verify as verify_archive,
};
use catwing_tests::servers::TestBucket;
use futures_util::TryStreamExt;

/// A clock that stands still.
struct Still;

impl Clock for Still {
    fn now(&self) -> jiff::Timestamp {
        jiff::Timestamp::UNIX_EPOCH
    }
}

/// A bucket of its own and a store on it.
struct Archive {
    bucket: TestBucket,
    store: Store,
}

impl Archive {
    async fn create() -> Result<Self> {
        let bucket = TestBucket::create().await?;
        let store = Store::connect(settings(&bucket, bucket.endpoint())?).await?;
        Ok(Self { bucket, store })
    }

    fn manifest(&self) -> Manifest {
        Manifest::of(&self.store, tenant())
    }

    async fn entries(&self) -> Result<Vec<SealedEntry>> {
        Ok(self.manifest().entries(None).try_collect().await?)
    }

    /// Objects that deliveries seal, in the order of the manifest.
    async fn sealed(&self) -> Result<Vec<RawObject>> {
        let entries = self.entries().await?;
        let objects = entries
            .into_iter()
            .flat_map(|sealed| match sealed.entry.body {
                Body::Delivery(delivery) => delivery.objects,
                _ => Vec::new(),
            });
        Ok(objects.collect())
    }

    async fn keys(&self, prefix: &str) -> Result<Vec<String>> {
        let listed: Vec<_> = self.store.list(prefix, None).try_collect().await?;
        Ok(listed.into_iter().map(|object| object.key).collect())
    }

    async fn land(&self, run_id: &str, incoming: &[Incoming]) -> Result<Landed> {
        let mapping = self.store.put_config(tenant(), "mapping").await?;
        let author = Author {
            run_id,
            clock: &Still,
        };
        let mut landing = Landing::new(&self.store, tenant(), [day()]);
        Ok(landing.land(day(), mapping, author, incoming).await?)
    }

    /// Changes a stored object behind the store's back.
    async fn overwrite(&self, key: &str, bytes: Vec<u8>) -> Result<()> {
        match self.bucket.folder() {
            Some(folder) => fs::write(folder.join(key), bytes)?,
            None => {
                let put = self.bucket.client().put_object();
                let put = put.bucket(self.bucket.name()).key(key);
                put.body(bytes.into()).send().await?;
            }
        }
        Ok(())
    }

    async fn delete(&self, key: &str) -> Result<()> {
        let delete = self.bucket.client().delete_object();
        delete.bucket(self.bucket.name()).key(key).send().await?;
        Ok(())
    }

    async fn read(&self, key: &str) -> Result<Vec<u8>> {
        Ok(self.store.get_small(key, 1 << 20).await?.to_vec())
    }

    /// What a verification finds, as `state key`.
    async fn findings(&self, options: &VerifyOptions) -> Result<Vec<String>> {
        let report = verify_archive(&self.store, tenant(), options, &|_| {}).await?;
        let named = report.findings.iter().map(|finding| {
            assert!(!finding.detail.is_empty(), "{finding:?} says nothing");
            assert_ne!(finding.state, State::Ok);
            let state = format!("{:?}", finding.state).to_lowercase();
            format!("{state} {}", finding.key)
        });
        Ok(named.collect())
    }
}

fn settings(bucket: &TestBucket, endpoint: &str) -> Result<StoreSettings> {
    let variables = bucket.variables();
    let variable = |name: &str| {
        let found = variables.iter().find(|(variable, _)| *variable == name);
        found.map(|(_, value)| *value).context("a variable")
    };
    let secret = variable("AWS_SECRET_ACCESS_KEY")?.to_owned();
    let mut settings = StoreSettings::at(endpoint, variable("AWS_ACCESS_KEY_ID")?, secret.into());
    bucket.name().clone_into(&mut settings.bucket);
    Ok(settings)
}

fn tenant() -> TenantId {
    "CW-000200".parse().unwrap()
}

fn day() -> BusinessDay {
    "2026-02-24".parse().unwrap()
}

fn key(name: &str) -> String {
    format!("raw-data/CW-000200/2026-02-24/{name}")
}

fn entry_key(number: u64) -> String {
    format!("raw-data/CW-000200/_manifest/{number:010}.json")
}

fn dataset(name: &str) -> DatasetName {
    name.parse().unwrap()
}

fn incoming(name: &str, page: Option<u32>, bytes: &str) -> Incoming {
    Incoming {
        dataset: dataset(name),
        page,
        extension: "csv".into(),
        payload: Payload::from_bytes(bytes.to_owned()),
        completeness: Completeness::Delta,
        source: SourceFacts {
            name: "tests".into(),
            ..SourceFacts::default()
        },
        record_count: None,
    }
}

fn outcomes(landed: &Landed) -> Vec<(u16, Outcome)> {
    let objects = landed.objects.iter();
    objects
        .map(|object| (object.revision.number(), object.outcome))
        .collect()
}

/// An entry that seals nothing, told apart by its mapping.
fn empty_delivery(name: &str) -> Body {
    Body::Delivery(Delivery {
        mapping: Sha256Hash::of(name.as_bytes()),
        objects: Vec::new(),
    })
}
