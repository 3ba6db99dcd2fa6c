//! How an export takes the place of the one before.

use anyhow::{Context, Result};
use catwing_domain::ErrorClass;
use catwing_ml_export::{ExportError, FEATURES, TARGETS};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use sea_orm::sqlx;

use super::place::{Place, RUN_DATE};

#[tokio::test]
async fn the_same_database_gives_the_same_bytes() -> Result<()> {
    let place = Place::shop().await?;
    place.export().await?;
    let first = place.objects(RUN_DATE).await?;
    let names: Vec<_> = first.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        ["_manifest.json", "features.parquet", "targets.parquet"]
    );
    place.export().await?;
    assert_eq!(place.objects(RUN_DATE).await?, first);
    // Another day's export is another.
    place.export_days(None, "2026-02-16").await?;
    assert_eq!(place.objects(RUN_DATE).await?, first);
    Ok(())
}

#[tokio::test]
async fn an_export_replaces_the_one_before_and_a_failed_one_does_not() -> Result<()> {
    let place = Place::shop().await?;
    place.export().await?;
    let before = place.objects(RUN_DATE).await?;
    place
        .execute("update sales_orders set currency_id = 3 where id = 3")
        .await?;
    place.export().await.unwrap_err();
    assert_eq!(place.objects(RUN_DATE).await?, before);
    place
        .execute("update sales_orders set currency_id = 1 where id = 3")
        .await?;
    place.export().await?;
    place.manifest(RUN_DATE).await?;
    let after = place.objects(RUN_DATE).await?;
    assert_ne!(after["features.parquet"], before["features.parquet"]);
    assert_eq!(after["targets.parquet"], before["targets.parquet"]);
    Ok(())
}

#[tokio::test]
async fn the_manifest_tells_the_position_and_no_secret() -> Result<()> {
    let place = Place::shop().await?;
    place
        .execute(
            "insert into load_ledger (entry_number, entry_sha256, business_day, mapping_sha256, transform_version, \
             run_id, applied_at) values (1, repeat('a', 64), '2026-02-16', repeat('c', 64), 1, 'run', now()), \
             (7, repeat('b', 64), '2026-02-15', repeat('b', 64), 2, 'run', now()); \
             insert into cw_global.load_ledger (entry_number, entry_sha256, business_day, mapping_sha256, \
             transform_version, run_id, applied_at) \
             values (3, repeat('a', 64), '2026-02-14', repeat('d', 64), 1, 'run', now())",
        )
        .await?;
    let report = place.export().await?;
    let manifest = place.manifest(RUN_DATE).await?;
    assert_eq!(manifest.position.entries, 2);
    assert_eq!(manifest.position.greatest_entry, Some(7));
    assert_eq!(
        manifest.position.newest_business_day.as_deref(),
        Some("2026-02-16")
    );
    assert_eq!(manifest.position.transform_versions, [1, 2]);
    assert_eq!(manifest.position.mappings, ["b".repeat(64), "c".repeat(64)]);
    assert_eq!(manifest.shared_position.greatest_entry, Some(3));
    assert_eq!(
        manifest.created_by,
        format!("catwing {}", env!("CARGO_PKG_VERSION"))
    );
    let told: Vec<_> = manifest
        .files
        .iter()
        .map(|file| (file.key.as_str(), file.rows, file.columns.len()))
        .collect();
    assert_eq!(
        told,
        [
            (
                "ml-output/CW-000200/2026-02-17/features.parquet",
                12,
                FEATURES.len()
            ),
            (
                "ml-output/CW-000200/2026-02-17/targets.parquet",
                11,
                TARGETS.len()
            ),
        ]
    );
    let reported: Vec<_> = report
        .files
        .iter()
        .map(|file| (&file.key, file.size_bytes))
        .collect();
    let sealed = manifest.files.iter();
    assert_eq!(
        reported,
        sealed
            .map(|file| (&file.key, file.size_bytes))
            .collect::<Vec<_>>()
    );
    Ok(())
}

#[tokio::test]
async fn files_describe_their_columns() -> Result<()> {
    let place = Place::shop().await?;
    place.export().await?;
    let objects = place.objects(RUN_DATE).await?;
    for (name, columns) in [("features.parquet", FEATURES), ("targets.parquet", TARGETS)] {
        let file = ParquetRecordBatchReaderBuilder::try_new(objects[name].clone())?;
        assert_eq!(
            file.schema().fields(),
            catwing_ml_export::schema(columns).fields()
        );
        let metadata = file.metadata().file_metadata();
        let about = |key: &str| {
            let pairs = metadata.key_value_metadata().into_iter().flatten();
            pairs
                .filter(|pair| pair.key == key)
                .find_map(|pair| pair.value.clone())
                .with_context(|| key.to_owned())
        };
        assert_eq!(about("catwing.client")?, "CW-000200");
        assert_eq!(about("catwing.base_currency")?, "EUR");
        assert_eq!(about("catwing.run_date")?, RUN_DATE);
        let described: Vec<catwing_ml_export::ColumnEntry> =
            serde_json::from_str(&about("catwing.columns")?)?;
        assert_eq!(described.len(), columns.len());
        assert!(described.iter().all(|column| !column.meaning.is_empty()));
    }
    Ok(())
}

#[tokio::test]
async fn one_export_of_a_tenant_at_a_time() -> Result<()> {
    let place = Place::shop().await?;
    let (one, other) = tokio::join!(place.export(), place.export());
    let locked = [&one, &other]
        .into_iter()
        .filter_map(|result| result.as_ref().err())
        .collect::<Vec<_>>();
    // They may also have come one after the other.
    assert!(locked.len() < 2, "{one:?} {other:?}");
    for error in locked {
        assert_eq!(error.class(), ErrorClass::Locked);
    }
    place.manifest(RUN_DATE).await?;

    let mut holder = place.warehouse.pool.begin().await?;
    sqlx::query("select pg_advisory_xact_lock($1, 200)")
        .bind(0x6578_7074)
        .execute(&mut *holder)
        .await?;
    let error = place.export().await.unwrap_err();
    assert!(matches!(error, ExportError::Locked { .. }), "{error}");
    holder.rollback().await?;
    place.export().await?;
    Ok(())
}

#[tokio::test]
async fn what_a_killed_export_left_is_cleared_away() -> Result<()> {
    let place = Place::shop().await?;
    let store = &place.warehouse.archive.store;
    let key = "ml-output/CW-000200/2026-02-17/features.parquet";
    let mut abandoned = store.upload(key);
    abandoned.write(&vec![7; 9 << 20]).await?;
    drop(abandoned);
    place.export().await?;
    assert_eq!(store.abandon_uploads("ml-output/").await?, 0);
    place.manifest(RUN_DATE).await?;
    Ok(())
}
