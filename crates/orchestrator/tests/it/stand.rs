//! What a command stands on in these tests: a private cluster, databases that are copies of one
//! another, and archives in homes of their own.

use std::{
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use anyhow::{Context, Result, ensure};
use catwing_embedded::Scratch;
use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use sea_orm::sqlx::{self, AssertSqlSafe, Connection, PgConnection};
use serde_json::Value;
use tempfile::TempDir;

use crate::{
    retailer,
    sales::{self, CLIENT, PATTERN, SCHEMA, TENANT},
};

/// Variables that point the command elsewhere.
const POINTERS: [&str; 3] = ["CATWING_", "AWS_", "DATABASE_URL"];
const POLL: std::time::Duration = std::time::Duration::from_millis(10);
/// A database with the tenant and nothing else.
const ADDED: &str = "added";

/// A cluster with the tenant in it, and the sales of some days in an archive.
pub struct Stand {
    /// A home whose archive has all sales.
    pub home: PathBuf,
    /// The folder of the files.
    pub files: PathBuf,
    folder: TempDir,
    cluster: Scratch,
}

/// A database of its own beside an archive: what one command sees.
#[derive(Clone, Debug)]
pub struct Place {
    pub home: PathBuf,
    database: String,
    url: String,
}

impl Stand {
    /// The tenant is added and the files of its sales are imported, each by the command itself.
    pub async fn build() -> Result<Self> {
        let stand = Self::bare()?;
        let place = stand.empty_database(ADDED).await?;
        stand.add(&place, TENANT)?;
        sales::write(&stand.files)?;
        succeeded(place.command().args(stand.import()).output()?)?;
        Ok(stand)
    }

    /// The same with all kinds of records, and with the rates of exchange that statistics need.
    pub async fn build_whole() -> Result<Self> {
        let stand = Self::bare()?;
        let place = stand.empty_database(ADDED).await?;
        stand.add(&place, &retailer::tenant()?)?;
        stand.tell_rates(&place)?;
        retailer::write(&stand.files)?;
        succeeded(place.command().args(stand.import()).output()?)?;
        Ok(stand)
    }

    /// A cluster, and a home with nothing in it.
    pub fn bare() -> Result<Self> {
        let cluster = Scratch::start(std::env::var_os("CATWING_PG_BIN").map(PathBuf::from))?;
        let folder = tempfile::tempdir()?;
        let (home, files) = (folder.path().join("home"), folder.path().join("files"));
        std::fs::create_dir(&files)?;
        Ok(Self {
            home,
            files,
            folder,
            cluster,
        })
    }

    /// A database with nothing in it, beside the archive of all sales.
    pub async fn empty_database(&self, name: &str) -> Result<Place> {
        self.create(name, "template1").await
    }

    /// A database in which the tenant was added, beside the archive of all sales.
    pub async fn database(&self, name: &str) -> Result<Place> {
        self.create(name, ADDED).await
    }

    /// A copy of a place: its database, which nobody is connected to, and its archive.
    pub async fn copy_of(&self, place: &Place, name: &str) -> Result<Place> {
        let home = self.new_home(name);
        copy_folder(&place.home, &home)?;
        Ok(self.create(name, &place.database).await?.beside(&home))
    }

    /// The arguments of an import of all files.
    pub fn import(&self) -> Vec<String> {
        import_of(&self.files, CLIENT)
    }

    /// The arguments that add the tenant again.
    pub fn adding(&self) -> Vec<String> {
        let file = self.folder.path().join("tenant.toml");
        vec!["tenant".into(), "add".into(), file.display().to_string()]
    }

    pub fn add_tenant(&self, place: &Place) -> Result<()> {
        succeeded(place.command().args(self.adding()).output()?)?;
        Ok(())
    }

    /// Adds the tenant, whose file this is from now on.
    pub fn add(&self, place: &Place, toml: &str) -> Result<()> {
        std::fs::write(self.folder.path().join("tenant.toml"), toml)?;
        self.add_tenant(place)
    }

    /// Adds the shared tenant with the rates that the simulated retailer tells.
    pub fn tell_rates(&self, place: &Place) -> Result<()> {
        let (file, rates) = (self.new_home("shared.toml"), self.new_home("rates"));
        std::fs::write(&file, retailer::SHARED)?;
        std::fs::create_dir(&rates)?;
        retailer::write_rates(&rates)?;
        let shared = "CW-GLOBAL";
        succeeded(
            place
                .command()
                .args(["tenant", "add"])
                .arg(&file)
                .output()?,
        )?;
        succeeded(place.command().args(import_of(&rates, shared)).output()?)?;
        let load = ["backfill", "--client", shared];
        succeeded(place.command().args(load).output()?)?;
        Ok(())
    }

    /// A home that holds nothing yet.
    pub fn new_home(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Stops the server as a crash does, and waits until it is gone.
    pub async fn crash(&self) -> Result<()> {
        let data = self.cluster.address().data_dir.clone();
        let file = std::fs::read_to_string(data.join("postmaster.pid"))?;
        let pid = file.lines().next().context("a pid")?.trim().parse()?;
        let pid = Pid::from_raw(pid).context("a pid")?;
        kill_process(pid, Signal::QUIT)?;
        while test_kill_process(pid).is_ok() {
            tokio::time::sleep(POLL).await;
        }
        Ok(())
    }

    /// Starts the server again, at the same address.
    pub async fn restart(&self) -> Result<()> {
        let postgres = self.cluster.postgres().clone();
        let started = tokio::task::spawn_blocking(move || postgres.ensure_running()).await??;
        ensure!(started == *self.cluster.address(), "another address");
        Ok(())
    }

    /// The socket of the server.
    pub fn socket(&self) -> PathBuf {
        self.cluster.address().socket_dir.join(".s.PGSQL.5432")
    }

    /// Where the server's files are, and whose they are.
    pub fn data_dir(&self) -> PathBuf {
        self.cluster.address().data_dir.clone()
    }

    async fn create(&self, name: &str, template: &str) -> Result<Place> {
        let statement = format!("create database {name} template {template}");
        self.administer(statement).await?;
        let url = &self.cluster.address().url;
        Ok(Place {
            home: self.home.clone(),
            database: name.to_owned(),
            url: url.replacen("/postgres?", &format!("/{name}?"), 1),
        })
    }

    /// Drops a place's database, with whoever is still connected to it.
    pub async fn drop(&self, place: &Place) -> Result<()> {
        self.administer(format!("drop database {} with (force)", place.database))
            .await
    }

    async fn administer(&self, statement: String) -> Result<()> {
        let mut connection = PgConnection::connect(&self.cluster.address().url).await?;
        sqlx::raw_sql(AssertSqlSafe(statement))
            .execute(&mut connection)
            .await?;
        connection.close().await?;
        Ok(())
    }
}

/// The arguments of an import of a folder.
pub fn import_of(folder: &Path, client: &str) -> Vec<String> {
    let folder = folder.display().to_string();
    let words = [
        "raw",
        "import",
        &folder,
        "--client",
        client,
        "--date-from-name",
        PATTERN,
    ];
    words.map(str::to_owned).to_vec()
}

impl Place {
    /// The same database beside another archive.
    pub fn beside(&self, home: &Path) -> Self {
        Self {
            home: home.to_owned(),
            ..self.clone()
        }
    }

    /// The same place for who logs in by another role.
    pub fn as_login(&self, role: &str) -> Self {
        Self {
            url: self.url.replacen("//postgres@", &format!("//{role}@"), 1),
            ..self.clone()
        }
    }

    /// The same place, its database reached another way.
    pub fn reached_at(&self, address: std::net::SocketAddr) -> Self {
        Self {
            url: format!(
                "postgres://postgres@{address}/{}?sslmode=disable",
                self.database
            ),
            ..self.clone()
        }
    }

    /// Does what an administrator does with SQL.
    pub async fn administer(&self, statements: &str) -> Result<()> {
        let mut connection = self.connect().await?;
        sqlx::raw_sql(AssertSqlSafe(statements.to_owned()))
            .execute(&mut connection)
            .await?;
        connection.close().await?;
        Ok(())
    }

    /// Where the database is.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The command, with this place and nothing else of its environment.
    pub fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_catwing"));
        for (name, _) in std::env::vars_os() {
            if POINTERS
                .iter()
                .any(|pointer| name.to_string_lossy().starts_with(pointer))
            {
                command.env_remove(name);
            }
        }
        command
            .args(["--json", "--home"])
            .arg(&self.home)
            .env("DATABASE_URL", &self.url)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// A backfill in several transactions.
    pub fn backfill(&self) -> Command {
        let mut command = self.command();
        command.args([
            "backfill",
            "--client",
            CLIENT,
            "--order",
            "shuffled",
            "--per-transaction",
            "2",
        ]);
        command
    }

    /// What the tables hold.
    pub fn digest(&self) -> Result<String> {
        self.digest_of(CLIENT)
    }

    /// What those of a tenant hold.
    pub fn digest_of(&self, client: &str) -> Result<String> {
        let output = self
            .command()
            .args(["digest", "--client", client])
            .output()?;
        let digest: Value = serde_json::from_slice(&succeeded(output)?)?;
        Ok(digest["digest"].as_str().context("a digest")?.to_owned())
    }

    pub async fn connect(&self) -> Result<PgConnection> {
        Ok(PgConnection::connect(&self.url).await?)
    }

    /// A number that a query in the tenant's schema gives.
    pub async fn number(&self, query: &str) -> Result<i64> {
        let mut connection = self.connect().await?;
        sqlx::query(AssertSqlSafe(format!("set search_path to {SCHEMA}")))
            .execute(&mut connection)
            .await?;
        let number = sqlx::query_scalar(AssertSqlSafe(query.to_owned()))
            .fetch_one(&mut connection)
            .await?;
        connection.close().await?;
        Ok(number)
    }

    /// Deliveries in the database.
    pub async fn applied(&self) -> Result<i64> {
        self.number("select count(*) from load_ledger").await
    }

    /// Every relation of tenants, with its schema and kind.
    pub async fn relations(&self) -> Result<Vec<String>> {
        let query = "select format('%s.%s %s %s', n.nspname, c.relname, c.relkind, c.relpersistence) \
             from pg_class as c join pg_namespace as n on n.oid = c.relnamespace \
             where n.nspname like 'cw\\_%' order by 1";
        let mut connection = self.connect().await?;
        let relations = sqlx::query_scalar(query).fetch_all(&mut connection).await?;
        connection.close().await?;
        Ok(relations)
    }

    /// Whole deliveries are there and nothing else, each with balanced books.
    pub async fn check_whole(&self) -> Result<()> {
        for (what, query) in [
            (
                "documents of no delivery",
                "select count(*) from (select raw_position from sales_orders \
                 union all select raw_position from purchase_orders \
                 union all select raw_position from receiving_orders \
                 union all select raw_position from transfer_orders \
                 union all select raw_position from inventory_quantities) as told \
                 where date '1970-01-01' + (raw_position >> 47)::int \
                 not in (select business_day from load_ledger)",
            ),
            (
                "refused records of no delivery",
                "select count(*) from quarantine where business_day not in (select business_day from load_ledger)",
            ),
            (
                "deliveries without counts",
                "select count(*) from load_ledger where entry_number not in (select entry_number from load_counts)",
            ),
            (
                "unbalanced books",
                "select count(*) from load_counts where records_read <> records_won + records_superseded \
                 + records_duplicate + records_quarantined",
            ),
            (
                "refused records that quarantine lacks",
                "select (select coalesce(sum(records_quarantined), 0) from load_counts)::bigint \
                 - (select count(*) from quarantine)",
            ),
        ] {
            let found = self.number(query).await?;
            ensure!(found == 0, "{found} {what}");
        }
        Ok(())
    }
}

fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let to = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &to)?;
        } else if entry.file_type()?.is_file() {
            std::fs::copy(entry.path(), to)?;
        }
    }
    Ok(())
}

/// What a command that succeeded printed.
pub fn succeeded(output: Output) -> Result<Vec<u8>> {
    ensure!(
        output.status.success(),
        "{}: {}",
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(output.stdout)
}
