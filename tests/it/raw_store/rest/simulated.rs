//! The simulated ERP over HTTP: all that it has to tell arrives, day by day.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use anyhow::{Context, Result, ensure};
use catwing_domain::{
    BusinessDay,
    tenant_file::{SourceFile, TenantFile},
};
use catwing_ingest::{Destination, RestSettings, RestSource, ingest_day};
use catwing_raw_store::{Author, Landing};
use catwing_simulator::{Erp, History, Server, Settings};
use tokio::net::TcpListener;

use super::{CANARY, Still};
use crate::raw_store::{Archive, tenant};

const DAYS: u16 = 4;

/// The tenant's file, with all datasets that the ERP tells of.
fn file(erp: &Erp, url: &str) -> Result<TenantFile> {
    let mut text = format!(
        "client = \"CW-000200\"\nname = \"Shop\"\ntime_zone = \"Europe/Berlin\"\n\
         base_currency = \"EUR\"\n[sources.erp]\nkind = \"rest\"\nbase_url = \"{url}\"\n"
    );
    for (at, dataset) in erp.records().keys().enumerate() {
        let number = at + 1;
        text.push_str(&format!(
            "[datasets.{dataset}]\nnumber = {number}\nsource = \"erp\"\n\
             format = {{ type = \"json\", records = \"records\" }}\n\
             fetch = {{ path = \"/v1/{dataset}\", query = {{ date = \"{{date}}\", page_size = \"40\" }}, \
             page = \"page\", total = \"total\", pages = \"pages\", next = \"next\" }}\n"
        ));
    }
    Ok(TenantFile::parse(&text)?)
}

#[tokio::test]
async fn all_that_the_simulated_erp_tells_arrives() -> Result<()> {
    let mut settings = Settings::demo(tenant(), 7);
    settings.days = DAYS;
    let erp = tokio::task::spawn_blocking(|| Erp::new(History::new(settings))).await??;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let server = Server::start(Arc::new(erp), listener, Some(CANARY.to_owned()))?;
    let (erp, archive) = (Arc::clone(server.erp()), Archive::create().await?);
    let file = file(&erp, server.url())?;
    let Some(SourceFile::Rest(rest)) = file.sources.get("erp") else {
        anyhow::bail!("no REST source");
    };
    let mut settings = RestSettings::of("erp", rest, &|_| None)?;
    settings.token = Some(CANARY.to_owned().into());
    settings.first_pause = Duration::from_millis(1);
    let source = RestSource::new(&settings, Arc::new(Still))?;
    let orders: Vec<_> = source.orders(&file).collect();
    let destination = Destination {
        store: &archive.store,
        tenant: tenant(),
        mapping: archive.store.put_config(tenant(), "mapping").await?,
        author: Author {
            run_id: "run",
            clock: &Still,
        },
    };
    let first = erp.settings().first_day.number();
    let days: Vec<_> = (first..first + DAYS)
        .map(BusinessDay::from_number)
        .collect();
    let mut landing = Landing::new(&archive.store, tenant(), days.iter().copied());
    let spool = tempfile::tempdir()?;
    let mut came: BTreeMap<String, u64> = BTreeMap::new();
    let mut pages = 0;
    for day in days {
        let work = (&[][..], orders.as_slice());
        let report =
            ingest_day(&mut landing, destination, day, work, spool.path(), &|_| {}).await?;
        ensure!(report.entries.len() == 1, "{day}: not one delivery");
        for fetched in report.fetched {
            pages = pages.max(fetched.pages);
            let records = fetched.records.context("a count")?;
            *came.entry(fetched.dataset.to_string()).or_default() += records;
        }
    }
    let told = erp.records();
    let told: BTreeMap<_, _> = told
        .into_iter()
        .map(|(name, count)| (name.to_owned(), count))
        .collect();
    ensure!(came == told, "{came:?} of {told:?}");
    ensure!(pages > 2, "no dataset came in pages");
    server.stop().await?;
    Ok(())
}
