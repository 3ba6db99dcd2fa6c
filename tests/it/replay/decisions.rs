//! The same verdicts and corrections early, late and twice: what counts is what they say, not when they
//! came.

use anyhow::Result;
use catwing_domain::manifest::{EntryNumber, Sha256Hash};
use catwing_raw_store::Correction;
use catwing_recovery::{apply::Grouping, digest::TenantDigest};

use super::{
    assert_same, deliveries,
    deliveries::{Arrival, TENANT},
    entries::refused_product,
    history::judge,
};
use crate::warehouse::{AUTHOR, Warehouse};

/// What is decided of three deliveries: the first is refused and admitted again, of the second a record is
/// corrected, the third is refused.
const FIRST: EntryNumber = EntryNumber(1);
const THIRD: EntryNumber = EntryNumber(3);

/// A tenant whose three deliveries are landed.
struct Case {
    warehouse: Warehouse,
    correction: Correction,
}

impl Case {
    async fn landed() -> Result<Self> {
        let warehouse = Warehouse::create(TENANT).await?;
        let refused = refused_product();
        let bytes = refused.objects[0].bytes();
        let bad = bytes.trim_matches(['[', ']']);
        let arrivals = [
            Arrival::of_order(0, 0),
            refused.clone(),
            Arrival::of_order(1, 2),
        ];
        let landed = deliveries::land(&warehouse, &arrivals).await?;
        let correction = Correction {
            object: landed[1].objects[0].key.clone(),
            ordinal: 0,
            sha256: Sha256Hash::of(bad.as_bytes()),
            record: r#"{"external_id": "0", "name": "Zero"}"#.to_owned(),
            by: "ana@shop.example".to_owned(),
        };
        Ok(Self {
            warehouse,
            correction,
        })
    }

    async fn fix(&self) -> Result<()> {
        let store = &self.warehouse.archive.store;
        let correction = self.correction.clone();
        store
            .seal_fix(self.warehouse.tenant(), correction, AUTHOR)
            .await?;
        Ok(())
    }

    /// Applies all that is pending, each delivery in a transaction of its own.
    async fn apply(&self) -> Result<()> {
        let pending = self.warehouse.pending().await?;
        let each = Grouping {
            deliveries_max: 1,
            ..Grouping::default()
        };
        self.warehouse.apply(&pending, each).await?;
        Ok(())
    }

    async fn rebuilt(&self) -> Result<TenantDigest> {
        self.warehouse.check_books().await?;
        Ok(self.warehouse.rebuild().await?.digest)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn decisions_say_the_same_early_late_and_twice() -> Result<()> {
    // Before anything is loaded.
    let early = Case::landed().await?;
    judge(&early.warehouse, FIRST, false).await?;
    judge(&early.warehouse, FIRST, true).await?;
    early.fix().await?;
    judge(&early.warehouse, THIRD, false).await?;
    early.apply().await?;
    let said = early
        .warehouse
        .rows("select product_name from products")
        .await?;
    assert_eq!(said, ["Zero"]);
    let orders = early
        .warehouse
        .rows("select external_id from sales_orders")
        .await?;
    assert_eq!(orders, ["0"]);

    // When everything is loaded, and in another order; the refusal of what is loaded makes a rebuild due.
    let late = Case::landed().await?;
    late.apply().await?;
    judge(&late.warehouse, THIRD, false).await?;
    late.fix().await?;
    late.apply().await?;
    judge(&late.warehouse, FIRST, false).await?;
    late.apply().await?;
    judge(&late.warehouse, FIRST, true).await?;
    late.apply().await?;

    // Said twice, contradicted in between, and applied again and again.
    let twice = Case::landed().await?;
    for accepted in [false, false, true, false, true, true] {
        judge(&twice.warehouse, FIRST, accepted).await?;
        judge(&twice.warehouse, THIRD, !accepted).await?;
        if accepted {
            twice.apply().await?;
        }
    }
    twice.fix().await?;
    for _ in 0..2 {
        twice.apply().await?;
    }

    let expected = early.rebuilt().await?;
    assert_same(&expected, &late.rebuilt().await?, "late");
    assert_same(&expected, &twice.rebuilt().await?, "twice");
    Ok(())
}
