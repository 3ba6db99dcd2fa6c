//! Datasets of REST sources: what is in the archive and in the manifest after every course that a
//! fetch can take.

mod fake;
mod faults;
mod paging;
mod resume;
mod simulated;

use std::{path::Path, sync::Arc, time::Duration};

use anyhow::{Context, Result, ensure};
use catwing_domain::{
    ErrorClass,
    tenant_file::{SourceFile, TenantFile},
};
use catwing_ingest::{
    DayReport, Destination, ImportPlan, IngestError, RestSettings, RestSource, ingest_day,
};
use catwing_raw_store::{Author, Landing};
use tempfile::TempDir;

use super::{Archive, Still, day, tenant};
use fake::Fake;

/// What must never be seen anywhere but in the Authorization header.
const CANARY: &str = "canary-token-5f2a";
const PAGED: &str = r#"fetch = { path = "/v1/sales_orders", query = { date = "{date}", page_size = "2" }, page = "page", total = "total", pages = "pages", next = "next" }"#;

/// A source, an archive, and what a tenant's file says of them.
struct Stand {
    archive: Archive,
    source: Fake,
    spool: TempDir,
    file: TenantFile,
}

impl Stand {
    /// One dataset, sales_orders, with this `fetch`.
    async fn new(source: Fake, fetch: &str) -> Result<Self> {
        Self::with(source, "", &[("sales_orders", fetch)]).await
    }

    /// Datasets of the source, which has these further settings.
    async fn with(source: Fake, settings: &str, datasets: &[(&str, &str)]) -> Result<Self> {
        let mut text = format!(
            "client = \"CW-000200\"\nname = \"Shop\"\ntime_zone = \"Europe/Berlin\"\n\
             base_currency = \"EUR\"\n[sources.erp]\nkind = \"rest\"\nbase_url_env = \"ERP_URL\"\n\
             token_env = \"ERP_TOKEN\"\n{settings}\n"
        );
        for (at, (name, fetch)) in datasets.iter().enumerate() {
            let records = "format = { type = \"json\", records = \"records\" }";
            let format = if fetch.contains("format") {
                ""
            } else {
                records
            };
            text.push_str(&format!(
                "[datasets.{name}]\nnumber = {}\nsource = \"erp\"\n{format}\n{fetch}\n",
                at + 1
            ));
        }
        let file = TenantFile::parse(&text)?;
        if let Err(mistakes) = catwing_transform::Mapping::compile(&file) {
            let told: Vec<_> = mistakes.iter().map(ToString::to_string).collect();
            // What lands need not be mapped; only the grammar of sources matters here.
            ensure!(
                told.iter()
                    .all(|told| !told.contains("fetch") && !told.contains("sources")),
                "{told:?}"
            );
        }
        Ok(Self {
            archive: Archive::create().await?,
            source,
            spool: tempfile::tempdir()?,
            file,
        })
    }

    fn rest_source(&self) -> Result<RestSource> {
        let source = self.file.sources.get("erp").context("a source")?;
        let SourceFile::Rest(rest) = source else {
            anyhow::bail!("no REST source");
        };
        let variable = |name: &str| match name {
            "ERP_URL" => Some(self.source.url()),
            "ERP_TOKEN" => Some(CANARY.to_owned()),
            _ => None,
        };
        let mut settings = RestSettings::of("erp", rest, &variable)?;
        settings.first_pause = Duration::from_millis(1);
        Ok(RestSource::new(&settings, Arc::new(Still))?)
    }

    /// Brings the day in.
    async fn ingest(&self) -> Result<std::result::Result<DayReport, IngestError>> {
        self.ingest_with(&[], self.spool.path()).await
    }

    async fn ingest_with(
        &self,
        plans: &[ImportPlan],
        spool: &Path,
    ) -> Result<std::result::Result<DayReport, IngestError>> {
        let source = self.rest_source()?;
        let orders: Vec<_> = source.orders(&self.file).collect();
        let store = &self.archive.store;
        let destination = Destination {
            store,
            tenant: tenant(),
            mapping: store.put_config(tenant(), "mapping").await?,
            author: Author {
                run_id: "run",
                clock: &Still,
            },
        };
        let mut landing = Landing::new(store, tenant(), [day()]);
        let work = (plans, orders.as_slice());
        Ok(ingest_day(&mut landing, destination, day(), work, spool, &|_| {}).await)
    }

    /// Brings the day in, which must fail; returns the error's class and all that it tells.
    async fn fails(&self) -> Result<(ErrorClass, String)> {
        let error = self.ingest().await?.err().context("it must fail")?;
        let class = error.class();
        let error = anyhow::Error::from(error);
        let told = format!("{error:#}");
        ensure!(
            !format!("{told}{error:?}").contains(CANARY),
            "a secret in {told}"
        );
        Ok((class, told))
    }

    /// The names of the day's objects in the archive, sealed or not.
    async fn stored(&self) -> Result<Vec<String>> {
        let keys = self.archive.keys("raw-data/CW-000200/2026-02-24/").await?;
        let name = |key: &String| key.rsplit('/').next().map(str::to_owned);
        Ok(keys.iter().filter_map(name).collect())
    }

    /// The names of the objects that the manifest has, in its order.
    async fn sealed(&self) -> Result<Vec<String>> {
        let objects = self.archive.sealed().await?;
        let name = |key: &str| key.rsplit('/').next().map(str::to_owned);
        Ok(objects
            .iter()
            .filter_map(|object| name(&object.key))
            .collect())
    }

    /// The archive is whole: nothing but orphans is ever found in it.
    async fn check(&self) -> Result<()> {
        let options = catwing_raw_store::VerifyOptions {
            deep: true,
            expected: Vec::new(),
            known_head: None,
        };
        let findings = self.archive.findings(&options).await?;
        ensure!(
            findings.iter().all(|finding| finding.starts_with("orphan")),
            "{findings:?}"
        );
        for sealed in self.archive.entries().await? {
            let text = String::from_utf8(sealed.entry.to_bytes()?)?;
            ensure!(!text.contains(CANARY), "a secret in {text}");
        }
        Ok(())
    }
}

/// The names of so many pages of sales_orders, `infix` being empty or a revision such as `.r2`.
fn pages(infix: &str, count: usize) -> Vec<String> {
    (1..=count)
        .map(|page| format!("sales_orders{infix}.p{page:06}.json"))
        .collect()
}
