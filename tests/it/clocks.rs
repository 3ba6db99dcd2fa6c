//! Clocks that are wrong, jump and go back decide nothing that is in a digest.

use std::sync::atomic::{AtomicI64, Ordering};

use anyhow::{Context, Result, ensure};
use catwing_domain::{Clock, Site};
use catwing_recovery::{
    apply::{Applier, Grouping},
    rebuild::Rebuild,
    site::drop_site,
};
use catwing_tests::faults::fault;
use jiff::{SignedDuration, Timestamp};

use crate::{rebuild::loaded, warehouse::Warehouse};

/// Each look at it is hours before or after the one before.
struct Wandering {
    first: Timestamp,
    step_hours: i64,
    looks: AtomicI64,
}

impl Wandering {
    fn new(first: &str, step_hours: i64) -> Result<Self> {
        Ok(Self {
            first: first.parse()?,
            step_hours,
            looks: AtomicI64::new(0),
        })
    }
}

impl Clock for Wandering {
    fn now(&self) -> Timestamp {
        let looks = self.looks.fetch_add(1, Ordering::SeqCst);
        // Forth and back by turns, and back on the whole where the step is negative.
        let swing = if looks % 2 == 0 { 0 } else { 30 };
        let away = SignedDuration::from_hours(looks % 1_000 * self.step_hours + swing);
        self.first.checked_add(away).unwrap_or(self.first)
    }
}

/// Loads everything anew by a clock, and rebuilds it by the same.
async fn digests(warehouse: &Warehouse, clock: &Wandering) -> Result<[String; 2]> {
    drop_site(&warehouse.pool, warehouse.tenant(), Site::Beside).await?;
    warehouse.clear().await?;
    let grouping = Grouping {
        deliveries_max: 1,
        ..Grouping::default()
    };
    let applier = Applier {
        clock,
        ..warehouse.applier(grouping)
    };
    let pending = applier.pending().await?;
    applier.apply(&pending, &|_| {}).await?;
    warehouse.refresh_statistics().await?;
    let live = warehouse.digest().await?;
    let rebuild = Rebuild {
        clock,
        ..warehouse.rebuilding()
    };
    let rebuilt = rebuild.run(&|_| {}).await?;
    ensure!(
        clock.looks.load(Ordering::SeqCst) > 1,
        "nobody asked the time"
    );
    Ok([live.digest, rebuilt.digest.digest])
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_clocks_change_no_digest() -> Result<()> {
    let warehouse = loaded().await?;
    let expected = warehouse.digest().await?.digest;
    let mut counted = fault("F7").faults(4);
    for (first, step_hours) in [
        // Years ago and years ahead, standing still and running away.
        ("1999-12-31T23:59:59Z", 0),
        ("2099-01-01T00:00:00Z", 1),
        // Over the hour that London has twice, backwards, and over a leap day.
        ("2026-10-25T01:30:00Z", -1),
        ("2028-02-29T23:30:00Z", 13),
    ] {
        let clock = Wandering::new(first, step_hours)?;
        let found = digests(&warehouse, &clock).await.context(first)?;
        for digest in found {
            counted.compare(&digest, &expected).context(first)?;
        }
    }
    Ok(())
}
