//! A database of a test's own.

use std::thread;

use anyhow::{Context, Result, bail};
use sea_orm::sqlx::{self, AssertSqlSafe, Connection, PgConnection};

use super::{NAME_PREFIX, Source, choose, container, look_around, private, unique_name};

/// An empty database that nobody else uses, dropped with this value.
pub struct TestDatabase {
    name: String,
    url: String,
    server: Server,
}

/// The server below the database, held for as long as the database lives.
struct Server {
    administrator_url: String,
    hold: Hold,
}

enum Hold {
    /// Somebody else's.
    Given,
    /// Removed with its last holder.
    Container { _shared: container::Shared },
    /// Stopped by its last holder.
    Private(private::Share),
}

impl TestDatabase {
    /// Creates it on the first server that is on offer.
    ///
    /// # Errors
    /// When no server is on offer, or the one that is refuses to create a database.
    pub async fn create() -> Result<Self> {
        let server = Server::find().await?;
        let name = unique_name();
        let url = with_database(&server.administrator_url, &name)?;
        administer(
            &server.administrator_url,
            format!("create database \"{name}\""),
        )
        .await
        .with_context(|| {
            format!("cannot create the database {name}: may the role of the URL do so?")
        })?;
        Ok(Self { name, url, server })
    }

    /// Where the database is, for `sqlx`, SeaORM, libpq's tools and `DATABASE_URL` of a process
    /// under test.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Its name, for messages and `pg_stat_activity`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// A connection of its own.
    ///
    /// # Errors
    /// When the server went away.
    pub async fn connect(&self) -> Result<PgConnection> {
        PgConnection::connect(&self.url)
            .await
            .with_context(|| format!("cannot connect to the test database {}", self.name))
    }
}

impl Drop for TestDatabase {
    /// Drops the database, with whoever is still connected, before its server is let go. A test's
    /// runtime may be a single thread, which must not wait for itself, so another thread does it.
    fn drop(&mut self) {
        let statement = drop_statement(&self.name);
        let url = self.server.administrator_url.clone();
        let dropped = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()?;
            runtime.block_on(administer(&url, statement))
        })
        .join();
        match dropped {
            Ok(Ok(())) => {}
            Ok(Err(error)) => eprintln!("cannot drop the test database {}: {error:#}", self.name),
            Err(_) => eprintln!("dropping the test database {} panicked", self.name),
        }
        if let Hold::Private(share) = &mut self.server.hold
            && let Err(error) = share.release()
        {
            eprintln!("cannot stop the private test cluster: {error:#}");
        }
    }
}

impl Server {
    async fn find() -> Result<Self> {
        let (administrator_url, hold) = match choose(&look_around().await) {
            Source::Given(url) => (url, Hold::Given),
            Source::Container => {
                let (shared, url) = container::start().await?;
                (url, Hold::Container { _shared: shared })
            }
            Source::Private => {
                // Locks and initdb block, which must not hold up the test's other tasks.
                let (share, url) = tokio::task::spawn_blocking(private::Share::take).await??;
                (url, Hold::Private(share))
            }
            Source::Nowhere(why) => bail!(why),
        };
        Ok(Self {
            administrator_url,
            hold,
        })
    }
}

/// Drops every test database of a server that no test uses.
pub async fn drop_all(administrator_url: &str) -> Result<()> {
    let mut connection = PgConnection::connect(administrator_url).await?;
    let left: Vec<String> =
        sqlx::query_scalar("select datname from pg_database where starts_with(datname, $1)")
            .bind(NAME_PREFIX)
            .fetch_all(&mut connection)
            .await?;
    connection.close().await?;
    for name in left {
        administer(administrator_url, drop_statement(&name)).await?;
    }
    Ok(())
}

fn drop_statement(name: &str) -> String {
    format!("drop database \"{name}\" with (force)")
}

async fn administer(url: &str, statement: String) -> Result<()> {
    let mut connection = PgConnection::connect(url)
        .await
        .context("cannot connect to the test server as its administrator")?;
    sqlx::raw_sql(AssertSqlSafe(statement))
        .execute(&mut connection)
        .await?;
    connection.close().await?;
    Ok(())
}

/// The same server and role, another database.
fn with_database(url: &str, database: &str) -> Result<String> {
    let (scheme, rest) = url
        .split_once("://")
        .context("the server's URL must begin with postgres://")?;
    let (place, parameters) = match rest.split_once('?') {
        Some((place, parameters)) => (place, format!("?{parameters}")),
        None => (rest, String::new()),
    };
    let authority = place.split_once('/').map_or(place, |(before, _)| before);
    Ok(format!("{scheme}://{authority}/{database}{parameters}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_database_of_a_url_changes() {
        for (url, expected) in [
            ("postgres://u:p@h:1/old", "postgres://u:p@h:1/new"),
            ("postgres://u@h", "postgres://u@h/new"),
            (
                "postgres://postgres@localhost/postgres?host=/run/x&a=b",
                "postgres://postgres@localhost/new?host=/run/x&a=b",
            ),
            ("postgresql://h/?host=/a/b", "postgresql://h/new?host=/a/b"),
        ] {
            assert_eq!(with_database(url, "new").expect("a URL"), expected);
        }
        assert!(with_database("host=localhost dbname=x", "new").is_err());
    }
}
