//! Imports a directory as a process of its own, so that tests can kill it or run several at once:
//! `import_files DIRECTORY RUN_ID`, with the server in `AWS_*` and the bucket in `CATWING_BUCKET`.
//! The names of the files are `{dataset}_%Y-%m-%d`. Prints how many files it landed.
#![allow(clippy::print_stdout)]

use std::env;

use anyhow::{Context, Result};
use catwing_domain::{SystemClock, tenant_file::TenantFile};
use catwing_ingest::{Datasets, DateRule, Destination, import, plan_import};
use catwing_raw_store::{Author, Store, StoreSettings};

/// The tenant whose files are imported.
const TENANT: &str = include_str!("../../mappings/raw-store.toml");

#[tokio::main]
async fn main() -> Result<()> {
    let mut arguments = env::args().skip(1);
    let directory = arguments.next().context("which directory?")?;
    let run_id = arguments.next().context("which run?")?;
    let secret = env::var("AWS_SECRET_ACCESS_KEY")?;
    let mut settings = StoreSettings::at(
        env::var("AWS_ENDPOINT_URL")?,
        &env::var("AWS_ACCESS_KEY_ID")?,
        secret.into(),
    );
    settings.bucket = env::var("CATWING_BUCKET")?;
    let store = Store::connect(settings).await?;

    let tenant = TenantFile::parse(TENANT)?;
    let datasets = Datasets {
        only: None,
        tenant: &tenant,
    };
    let dates = DateRule::FromName("{dataset}_%Y-%m-%d".parse()?);
    let plan = plan_import(directory.as_ref(), &datasets, &dates)?;
    let destination = Destination {
        store: &store,
        tenant: tenant.client,
        mapping: store.put_config(tenant.client, TENANT).await?,
        author: Author {
            run_id: &run_id,
            clock: &SystemClock,
        },
    };
    let report = import(destination, &plan, &|_| {}).await?;
    println!("{}", report.landed());
    Ok(())
}
