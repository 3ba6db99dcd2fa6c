//! The demo's retailers: each an ERP of its own behind HTTP, and the tenants' files that say so.

use std::{path::Path, sync::Arc};

use anyhow::{Context, Result, bail};
use catwing_domain::{BusinessDay, TenantId};
use catwing_simulator::{Clock, Dataset, Erp, History, Server, Settings as HistorySettings};
use tokio::net::TcpListener;

use crate::{Session, cli::SimulationArgs, failure::Usage, registry};

/// The tenants of the demo.
pub(super) const TENANTS: [&str; 2] = ["CW-000200", "CW-000201"];
/// Records of a page: the ERP's own usual size.
const PAGE_SIZE: u32 = 500;

/// A simulated retailer whose ERP is serving.
pub(super) struct Retailer {
    pub client: TenantId,
    pub name: String,
    pub server: Server,
    /// The variable that the tenant's file names for the server's address.
    variable: String,
}

impl Retailer {
    /// Simulates a history and serves it on a free port of this machine.
    pub(super) async fn open(client: TenantId, args: &SimulationArgs) -> Result<Self> {
        let settings = history_of(client, args);
        let name = format!(
            "Demo retailer, seed {}, {} days, {} products, {} places, {} orders a day",
            args.seed,
            settings.days,
            settings.products,
            settings.locations,
            settings.documents_a_day
        );
        let erp = simulate(settings).await?;
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        Ok(Self {
            client,
            name,
            server: Server::start(Arc::new(erp), listener, None)?,
            variable: format!("CATWING_DEMO_ERP_{}", client.number()),
        })
    }

    pub(super) fn erp(&self) -> &Erp {
        self.server.erp()
    }

    /// Lets the ERP's time be a day, and so many deliveries of it.
    pub(super) fn set_clock(&self, day: BusinessDay, delivery: u8) {
        self.erp().set_clock(Some(Clock { day, delivery }));
    }
}

/// Walks a history to its end, which takes a while for a large one.
pub(in super::super) async fn simulate(settings: HistorySettings) -> Result<Erp> {
    let walk = move || Erp::new(History::new(settings));
    Ok(tokio::task::spawn_blocking(walk).await??)
}

/// What the flags describe.
pub(in super::super) fn history_settings(
    client: TenantId,
    args: &SimulationArgs,
) -> HistorySettings {
    HistorySettings {
        days: args.days,
        products: args.products,
        locations: args.locations,
        documents_a_day: args.orders,
        ..HistorySettings::demo(client, args.seed)
    }
}

/// The second retailer sells more products to fewer customers, in pounds.
fn history_of(client: TenantId, args: &SimulationArgs) -> HistorySettings {
    let mut history = history_settings(client, args);
    if client.to_string() != TENANTS[0] {
        history.currency = "GBP".to_owned();
        history.products = args.products * 5 / 3;
        history.documents_a_day = args.orders * 3 / 4;
    }
    history
}

/// Registers the retailers and the shared tenant, which takes the rates that they tell.
pub(super) async fn register(session: &mut Session, retailers: &[Retailer]) -> Result<()> {
    let shared = "Rates of exchange that the demo's retailers tell";
    let names = retailers
        .iter()
        .map(|retailer| (retailer.client, retailer.name.as_str()));
    for (client, name) in names.chain([(TenantId::GLOBAL, shared)]) {
        refuse_another(session, client, name).await?;
    }
    let folder = session.settings.home.value.join("demo");
    std::fs::create_dir_all(&folder)
        .with_context(|| Usage(format!("failed to make {}", folder.display())))?;
    for retailer in retailers {
        let url = retailer.server.url().to_owned();
        session.variables.insert(retailer.variable.clone(), url);
    }
    add(
        session,
        &folder,
        TenantId::GLOBAL,
        &shared_file(shared, retailers),
    )
    .await?;
    for retailer in retailers {
        let settings = retailer.erp().settings();
        let file = tenant_file(
            settings,
            &retailer.name,
            &Address::Variable(&retailer.variable),
        );
        add(session, &folder, retailer.client, &file).await?;
    }
    Ok(())
}

async fn add(session: &Session, folder: &Path, client: TenantId, toml: &str) -> Result<()> {
    let file = folder.join(format!("{client}.toml"));
    std::fs::write(&file, toml)
        .with_context(|| Usage(format!("failed to write {}", file.display())))?;
    registry::add(session, &registry::check_file(&file)?).await?;
    Ok(())
}

/// A tenant of this number that is none of the demo's, or the demo of another history, stays alone.
async fn refuse_another(session: &Session, client: TenantId, name: &str) -> Result<()> {
    let known = registry::list(session).await?;
    match known.iter().find(|tenant| tenant.client == client) {
        Some(other) if other.name != name => bail!(Usage(format!(
            "{client} is \"{}\" in this home: give the demo one of its own with --home DIR",
            other.name
        ))),
        _ => Ok(()),
    }
}

/// How a tenant's file says where the ERP is.
pub(in super::super) enum Address<'a> {
    /// By the variable that holds it.
    Variable(&'a str),
    /// As it is.
    Url(&'a str),
}

impl Address<'_> {
    fn toml(&self) -> String {
        match self {
            Self::Variable(name) => format!("base_url_env = \"{name}\""),
            Self::Url(url) => format!("base_url = \"{url}\""),
        }
    }
}

/// The file of a retailer whose ERP speaks the canonical records, so that nothing is mapped.
pub(in super::super) fn tenant_file(
    settings: &HistorySettings,
    name: &str,
    address: &Address<'_>,
) -> String {
    let (client, currency) = (settings.tenant, &settings.currency);
    let mut file = format!(
        "# A simulated retailer, whose ERP speaks the canonical records.\n\
         client = \"{client}\"\nname = \"{name}\"\ntime_zone = \"Europe/Berlin\"\n\
         base_currency = \"{currency}\"\n\n[sources.erp]\nkind = \"rest\"\n{}\n",
        address.toml()
    );
    for (number, dataset) in (1..).zip(Dataset::ALL) {
        if settings.datasets.contains(&dataset) && !dataset.is_shared() {
            let completeness = if dataset.is_snapshot() {
                "snapshot"
            } else {
                "delta"
            };
            file.push_str(&format!("\n[datasets.{dataset}]\nnumber = {number}\n"));
            file.push_str(&fetched("erp", dataset, completeness));
        }
    }
    file
}

fn fetched(source: &str, dataset: Dataset, completeness: &str) -> String {
    format!(
        "source = \"{source}\"\ncompleteness = \"{completeness}\"\n\
         format = {{ type = \"json\", records = \"records\" }}\n\
         fetch = {{ path = \"/v1/{dataset}\", query = {{ date = \"{{date}}\", page_size = \"{PAGE_SIZE}\" }}, \
         page = \"page\", total = \"total\", next = \"next\" }}\n"
    )
}

/// The shared tenant's file: rates of each retailer's currency.
fn shared_file(name: &str, retailers: &[Retailer]) -> String {
    let mut file = format!(
        "# What all tenants share: rates of exchange.\nclient = \"CW-GLOBAL\"\nname = \"{name}\"\n\
         time_zone = \"Europe/Berlin\"\nbase_currency = \"EUR\"\n"
    );
    for retailer in retailers {
        let source = format!("erp_{}", retailer.client.number());
        let address = Address::Variable(&retailer.variable).toml();
        file.push_str(&format!(
            "\n[sources.{source}]\nkind = \"rest\"\n{address}\n"
        ));
    }
    for (number, retailer) in (1..).zip(retailers) {
        let id = retailer.client.number();
        file.push_str(&format!("\n[datasets.rates_{id}]\nnumber = {number}\n"));
        file.push_str(&fetched(
            &format!("erp_{id}"),
            Dataset::CurrencyRates,
            "delta",
        ));
        file.push_str(&format!("[datasets.rates_{id}.feeds.currency_rates]\n"));
    }
    file
}
