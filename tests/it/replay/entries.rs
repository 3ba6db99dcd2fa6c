//! Verdicts, corrections and remaps that come when a database holds something already, and what only a
//! rebuild brings.

use anyhow::Result;
use catwing_domain::{
    TenantId,
    manifest::{EntryNumber, Remap, Sha256Hash},
    tenant_file::TenantFile,
};
use catwing_raw_store::{Author, Correction, RawStoreError};
use catwing_recovery::{
    RecoveryError,
    apply::{Grouping, RebuildReason, propose_remap},
};
use catwing_transform::TRANSFORM_VERSION;

use super::{
    STATUS_IN_CAPITALS, deliveries,
    deliveries::{Arrival, Dataset, Object, TENANT},
    history::{Decision, History, judge},
    record::{Key, Master, Record},
};
use crate::warehouse::{AUTHOR, Warehouse};

const STATUSES: &str = "select external_id, name from sales_orders as o \
     join sales_order_statuses as s on s.id = sales_order_status_id order by 1";

fn tenant() -> Result<TenantId> {
    Ok(TenantFile::parse(TENANT)?.client)
}

/// An archive with open orders 0 and 1 of two days, as entries 1 and 2.
async fn with_two_orders() -> Result<Warehouse> {
    let warehouse = Warehouse::create(TENANT).await?;
    let orders = [Arrival::of_order(0, 0), Arrival::of_order(1, 1)];
    deliveries::land(&warehouse, &orders).await?;
    Ok(warehouse)
}

async fn apply_all(warehouse: &Warehouse) -> Result<usize> {
    let pending = warehouse.pending().await?;
    let report = warehouse.apply(&pending, Grouping::default()).await?;
    Ok(report.deliveries)
}

async fn rebuild_due(warehouse: &Warehouse) -> Result<Vec<RebuildReason>> {
    Ok(warehouse
        .applier(Grouping::default())
        .plan()
        .await?
        .rebuild_due)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_verdict_holds_and_what_is_loaded_stays_until_a_rebuild() -> Result<()> {
    let warehouse = with_two_orders().await?;
    let (first, second) = (EntryNumber(1), EntryNumber(2));
    // Entries 3 to 5: refused, admitted, refused.
    for accepted in [false, true, false] {
        judge(&warehouse, second, accepted).await?;
    }
    assert_eq!(apply_all(&warehouse).await?, 1);
    assert_eq!(warehouse.rows(STATUSES).await?, ["0|open"]);
    assert_eq!(rebuild_due(&warehouse).await?, []);
    judge(&warehouse, second, true).await?;
    assert_eq!(apply_all(&warehouse).await?, 1);
    assert_eq!(rebuild_due(&warehouse).await?, []);

    judge(&warehouse, first, false).await?;
    let due = RebuildReason::Refused {
        entry: first,
        verdict: EntryNumber(7),
    };
    assert_eq!(rebuild_due(&warehouse).await?, [due]);
    // Loading goes on meanwhile.
    deliveries::land(&warehouse, &[Arrival::of_order(2, 2)]).await?;
    assert_eq!(apply_all(&warehouse).await?, 1);
    assert_eq!(
        warehouse.rows(STATUSES).await?,
        ["0|open", "1|open", "2|open"]
    );
    warehouse.clear().await?;
    assert_eq!(apply_all(&warehouse).await?, 2);
    assert_eq!(warehouse.rows(STATUSES).await?, ["1|open", "2|open"]);
    assert_eq!(rebuild_due(&warehouse).await?, []);

    let nothing = judge(&warehouse, EntryNumber(3), false).await.unwrap_err();
    assert!(format!("{nothing:#}").contains("entry 3 is not there, or is nothing that is loaded"));
    Ok(())
}

/// A product whose record is refused, of the second day.
pub fn refused_product() -> Arrival {
    let product = Master {
        key: Key::Refused(0),
        ..Master::default()
    };
    let object = Object {
        dataset: Dataset::Products,
        complete: true,
        records: vec![Record::Master(product)],
    };
    Arrival {
        day: 1,
        objects: vec![object],
    }
}

/// A correction of the only record of a delivery.
fn correction(object: &str, bad: &str, record: &str) -> Correction {
    Correction {
        object: object.to_owned(),
        ordinal: 0,
        sha256: Sha256Hash::of(bad.as_bytes()),
        record: record.to_owned(),
        by: "ana@shop.example".to_owned(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_correction_goes_through_the_ledger_and_closes_what_was_refused() -> Result<()> {
    let warehouse = Warehouse::create(TENANT).await?;
    let refused = refused_product();
    let bad = refused.objects[0].bytes();
    let landed = deliveries::land(&warehouse, &[refused]).await?;
    let (key, bad) = (
        landed[0].objects[0].key.clone(),
        bad.trim_matches(['[', ']']),
    );
    assert_eq!(apply_all(&warehouse).await?, 1);
    let store = &warehouse.archive.store;
    let seal = async |record: &str| {
        let correction = correction(&key, bad, record);
        store.seal_fix(warehouse.tenant(), correction, AUTHOR).await
    };
    // Refused again, then good.
    seal(r#"{"external_id": "0"}"#).await?;
    assert_eq!(
        apply_all(&warehouse).await?,
        1,
        "the delivery is held already"
    );
    let quarantine = "select raw_position & 15 as fix, rule, record from quarantine order by 1";
    let rows = warehouse.rows(quarantine).await?;
    assert_eq!(rows.len(), 2);
    assert_eq!(rows[1], r#"1|missing|{"external_id": "0"}"#);
    seal(r#"{"external_id": "0", "name": "Zero"}"#).await?;
    assert_eq!(apply_all(&warehouse).await?, 1);
    assert_eq!(
        warehouse
            .rows("select product_name, raw_position & 15 as fix from products")
            .await?,
        ["Zero|2"]
    );
    let ledger = "select l.entry_number, kind, business_day, records_read, records_won, records_quarantined \
         from load_ledger as l join load_counts using (entry_number) order by 1";
    assert_eq!(
        warehouse.rows(ledger).await?,
        [
            "1|delivery|2011-01-11|1|0|1",
            "2|fix|2011-01-11|1|0|1",
            "3|fix|2011-01-11|1|1|0"
        ]
    );
    let closed = "select raw_position & 15 as fix, entity, business_day, ordinal, fixed_by from record_fixes order by 1";
    assert_eq!(
        warehouse.rows(closed).await?,
        [
            "1|products|2011-01-11|0|ana@shop.example",
            "2|products|2011-01-11|0|ana@shop.example"
        ]
    );
    warehouse.check_books().await?;
    let before = warehouse.digest().await?;
    warehouse.clear().await?;
    assert_eq!(apply_all(&warehouse).await?, 3);
    assert_eq!(warehouse.digest().await?, before);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_correction_of_something_else_stops_loading_until_it_is_refused() -> Result<()> {
    let warehouse = with_two_orders().await?;
    let store = &warehouse.archive.store;
    let landed = warehouse.pending().await?;
    let key = &landed[0].delivery.objects[0].key;
    let sealed = store
        .seal_fix(tenant()?, correction(key, "other", "{}"), AUTHOR)
        .await?;
    let pending = warehouse.pending().await?;
    assert_eq!(pending.len(), 3);
    let error = warehouse
        .apply(&pending, Grouping::default())
        .await
        .unwrap_err();
    let told = format!("{error:#}");
    assert!(told.contains("the record there has the SHA-256"), "{told}");
    assert!(told.contains("failed to transform entry 3"), "{told}");
    judge(&warehouse, sealed.entry.number, false).await?;
    assert_eq!(apply_all(&warehouse).await?, 2);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn corrections_are_numbered_as_they_are_sealed() -> Result<()> {
    let warehouse = with_two_orders().await?;
    let store = &warehouse.archive.store;
    let key = warehouse.pending().await?[0].delivery.objects[0]
        .key
        .clone();
    let seal = |ordinal: u64| {
        let of = Correction {
            ordinal,
            ..correction(&key, "bad", "{}")
        };
        store.seal_fix(tenant().expect("a tenant"), of, AUTHOR)
    };
    let number = |sealed: catwing_raw_store::SealedEntry| match sealed.entry.body {
        catwing_domain::manifest::Body::Fix(fix) => fix.number,
        body => panic!("{body:?}"),
    };
    // Two runs at once never get the same.
    let at_once = |run_id: &'static str| {
        let author = Author { run_id, ..AUTHOR };
        store.seal_fix(
            tenant().expect("a tenant"),
            correction(&key, "bad", "{}"),
            author,
        )
    };
    let (one, other) = tokio::join!(at_once("one"), at_once("other"));
    let mut both = [number(one?), number(other?)];
    both.sort_unstable();
    assert_eq!(both, [1, 2]);
    assert_eq!(number(seal(1).await?), 1);
    for expected in 3..=15 {
        assert_eq!(number(seal(0).await?), expected);
    }
    let error = seal(0).await.unwrap_err().to_string();
    assert!(
        error.contains("was corrected 15 times, and no more fit"),
        "{error}"
    );
    let nowhere = correction("raw-data/CW-000320/2011-01-11/none.json", "bad", "{}");
    let error = store
        .seal_fix(tenant()?, nowhere, AUTHOR)
        .await
        .unwrap_err();
    assert!(matches!(error, RawStoreError::Decision { .. }), "{error}");
    Ok(())
}

/// Seals a remap of orders from an entry on to the mapping that writes statuses in capitals.
async fn remap_orders(warehouse: &Warehouse, from: u64) -> Result<EntryNumber> {
    let file = format!("{TENANT}{STATUS_IN_CAPITALS}");
    let store = &warehouse.archive.store;
    let mapping = store.put_config(warehouse.tenant(), file.clone()).await?;
    let remap = Remap {
        entity: "sales_orders".to_owned(),
        from: EntryNumber(from),
        mapping,
    };
    let proposed = propose_remap(store, warehouse.tenant(), &remap, TenantFile::parse(&file)?);
    assert!(proposed.await?.deliveries > 0);
    let sealed = store.seal_remap(warehouse.tenant(), remap, AUTHOR).await?;
    Ok(sealed.entry.number)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_remap_takes_effect_by_a_rebuild_and_gives_what_its_mapping_gives() -> Result<()> {
    let mut warehouse = with_two_orders().await?;
    let pending = warehouse.pending().await?;
    warehouse.apply(&pending[..1], Grouping::default()).await?;
    let remap = remap_orders(&warehouse, 1).await?;
    deliveries::land(&warehouse, &[Arrival::of_order(2, 2)]).await?;
    // What is loaded in place is loaded as what is there was: nothing is mixed.
    let due = [RebuildReason::Remapped {
        remap,
        entity: "sales_orders".to_owned(),
    }];
    assert_eq!(rebuild_due(&warehouse).await?, due);
    assert_eq!(apply_all(&warehouse).await?, 2);
    assert_eq!(
        warehouse.rows(STATUSES).await?,
        ["0|open", "1|open", "2|open"]
    );
    assert_eq!(rebuild_due(&warehouse).await?, due);

    // A rebuild that is killed in the middle goes on as it began.
    warehouse.clear().await?;
    let pending = warehouse.pending().await?;
    warehouse.apply(&pending[1..2], Grouping::default()).await?;
    assert_eq!(rebuild_due(&warehouse).await?, []);
    assert_eq!(apply_all(&warehouse).await?, 2);
    assert_eq!(
        warehouse.rows(STATUSES).await?,
        ["0|OPEN", "1|OPEN", "2|open"]
    );
    assert_eq!(rebuild_due(&warehouse).await?, []);
    let rebuilt = warehouse.digest().await?;
    let mappings = warehouse
        .rows("select entry_number, mapping_sha256 = (select mapping_sha256 from load_ledger where entry_number = 4) as own from load_ledger order by 1")
        .await?;
    assert_eq!(mappings, ["1|false", "2|false", "4|true"]);

    // The same as if they had been landed under the other mapping.
    let file = format!("{TENANT}{STATUS_IN_CAPITALS}");
    warehouse.new_archive(&file).await?;
    let orders = [Arrival::of_order(0, 0), Arrival::of_order(1, 1)];
    deliveries::land(&warehouse, &orders).await?;
    let store = &warehouse.archive.store;
    warehouse.archive.mapping = store.put_config(tenant()?, TENANT).await?;
    deliveries::land(&warehouse, &[Arrival::of_order(2, 2)]).await?;
    warehouse.clear().await?;
    assert_eq!(apply_all(&warehouse).await?, 3);
    assert_eq!(warehouse.digest().await?.tables, rebuilt.tables);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_remap_that_can_not_be_composed_is_refused_before_it_is_sealed_and_after() -> Result<()> {
    let warehouse = with_two_orders().await?;
    let store = &warehouse.archive.store;
    let propose = async |file: &str, entity: &str| {
        let remap = Remap {
            entity: entity.to_owned(),
            from: EntryNumber(1),
            mapping: store.put_config(tenant()?, file.to_owned()).await?,
        };
        let proposed = propose_remap(store, tenant()?, &remap, TenantFile::parse(file)?).await;
        Ok::<_, anyhow::Error>((remap, proposed))
    };
    let (_, unknown) = propose(TENANT, "orders").await?;
    assert!(
        unknown
            .unwrap_err()
            .to_string()
            .contains("there is no such entity: there is products")
    );
    let (_, same) = propose(TENANT, "sales_orders").await?;
    assert_eq!(same?.deliveries, 0, "they are read by it anyway");
    let other_zone = TENANT.replace("Asia/Tokyo", "Asia/Seoul");
    let (remap, refused) = propose(&other_zone, "sales_orders").await?;
    let told = refused.unwrap_err().to_string();
    assert!(
        told.contains("can't have sales_orders read by the mapping"),
        "{told}"
    );
    assert!(
        told.contains("time_zone is not the same in both files"),
        "{told}"
    );
    // Sealed all the same, by someone who did not ask: nothing is loaded by half.
    store.seal_remap(tenant()?, remap, AUTHOR).await?;
    let error = apply_all(&warehouse).await.unwrap_err();
    assert!(
        error
            .downcast_ref::<RecoveryError>()
            .is_some_and(|error| matches!(error, RecoveryError::Remap { .. }))
    );
    assert_eq!(warehouse.rows(STATUSES).await?, [""; 0]);
    Ok(())
}

/// A correction is read as its delivery is.
#[tokio::test(flavor = "multi_thread")]
async fn a_correction_is_read_by_the_remap_of_its_delivery() -> Result<()> {
    let warehouse = Warehouse::create(TENANT).await?;
    let order = Arrival::of_order(0, 0);
    let object = &order.objects[0];
    let history = History {
        decisions: vec![Decision::Fix {
            arrival: 0,
            object: 0,
            ordinal: 0,
            record: object.records[0].clone(),
        }],
        arrivals: vec![order.clone()],
    };
    history.seal(&warehouse).await?;
    remap_orders(&warehouse, 1).await?;
    assert_eq!(apply_all(&warehouse).await?, 2);
    assert_eq!(warehouse.rows(STATUSES).await?, ["0|OPEN"]);
    let names = "select count(distinct mapping_sha256) from load_ledger";
    assert_eq!(warehouse.row(names).await?, "1");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn versions_of_transform_are_never_mixed_in_place() -> Result<()> {
    let warehouse = with_two_orders().await?;
    let pending = warehouse.pending().await?;
    warehouse.apply(&pending[..1], Grouping::default()).await?;
    let older = TRANSFORM_VERSION - 1;
    warehouse
        .execute(format!(
            "update cw_320.load_ledger set transform_version = {older}"
        ))
        .await?;
    let due = RebuildReason::Transform {
        loaded: older,
        current: TRANSFORM_VERSION,
    };
    assert_eq!(rebuild_due(&warehouse).await?, [due]);
    let error = warehouse
        .apply(&pending[1..], Grouping::default())
        .await
        .unwrap_err();
    let error = error.downcast::<RecoveryError>()?;
    assert_eq!(error.class(), catwing_domain::ErrorClass::Operator);
    assert_eq!(
        error.to_string(),
        format!(
            "the database of CW-000320 was loaded with transform version {older}, and this is version \
             {TRANSFORM_VERSION}: run `catwing recovery rebuild --client CW-000320`"
        )
    );
    assert_eq!(warehouse.rows(STATUSES).await?, ["0|open"]);
    warehouse.clear().await?;
    assert_eq!(apply_all(&warehouse).await?, 2);
    Ok(())
}
