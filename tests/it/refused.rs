//! Each kind of wrong fact is stored, and the database refuses it.
//!
//! What to try is read from the database's own catalogue, so that no constraint can be forgotten. One row
//! with a value in every column and one with as few as are admitted are stored in every table first: what is
//! refused afterwards is refused for its own reason.

mod append_only;
mod catalogue;
mod check;
mod key;
mod probe;
mod row;
mod written;

use std::time::Instant;

use anyhow::Result;
use catwing_migrations::{migrate_global, migrate_tenant};
use catwing_tests::servers::TestDatabase;

use crate::{
    database::{a, connect, names_of, options},
    refused::{catalogue::Catalogue, probe::Prober, row::Stored},
};

#[tokio::test]
async fn each_kind_of_wrong_fact_is_refused() -> Result<()> {
    let database = TestDatabase::create().await?;
    let pool = connect(options(&database)?).await?;
    migrate_global(&pool).await?;
    migrate_tenant(&pool, &names_of(a())).await?;
    let mut connection = pool.acquire().await?;
    let catalogue = Catalogue::read(&mut connection).await?;

    let begun = Instant::now();
    let mut prober = Prober::begin(&mut connection).await?;
    let stored = Stored::fill(&catalogue, &mut prober).await?;
    for table in &catalogue.tables {
        key::try_unique(table, &stored, &mut prober).await?;
        prober.begin_empty(table).await?;
        check::try_not_null(table, &stored, &mut prober).await?;
        check::try_checks(table, &stored, &mut prober).await?;
        check::try_unusual(table, &stored, &mut prober).await?;
        key::try_orphans(table, &stored, &mut prober).await?;
        prober.end_empty().await?;
    }
    key::try_deletes(&catalogue, &stored, &mut prober).await?;
    append_only::try_changes(&catalogue, &stored, &mut prober).await?;
    let unused = written::unused(&catalogue);
    assert!(unused.is_empty(), "probes of what is not there: {unused:?}");
    tell(&catalogue, &prober, begun);
    drop(connection);
    pool.close().await;
    Ok(())
}

/// The figures, for whoever asks for them with `--no-capture`.
fn tell(catalogue: &Catalogue, prober: &Prober<'_>, begun: Instant) {
    eprintln!("{} tables", catalogue.tables.len());
    for (what, count) in catalogue.counts() {
        eprintln!("{count} {what}");
    }
    let refused: usize = prober.refused.values().sum();
    eprintln!("{refused} wrong facts refused:");
    for (why, count) in &prober.refused {
        eprintln!("  {count} {why}");
    }
    eprintln!(
        "{} facts at a limit, or only unusual, admitted",
        prober.admitted
    );
    eprintln!("{:.1} s", begun.elapsed().as_secs_f64());
}
