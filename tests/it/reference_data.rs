//! Countries, currencies and languages of `cw_global`: complete, right, and the same in databases
//! that had inferred some of them before.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use catwing_domain::RowKey;
use catwing_migrations::{MigrationError, Scope, down, migrate_global, status};
use catwing_tests::reference::tables;
use catwing_tests::servers::TestDatabase;
use sea_orm::sqlx::PgPool;

use crate::database::{TwoTenants, connect, execute, lines, options};

/// Every row of the three tables, a line each.
const ROWS: &str = "\
    select concat_ws('|', 'countries', id, name, iso_code_2, iso_code_3) from cw_global.countries
    union all
    select concat_ws('|', 'currencies', id, code, name, coalesce(symbol, '-')) from cw_global.currencies
    union all
    select concat_ws('|', 'languages', id, code, name) from cw_global.languages
    order by 1";

async fn migrated() -> Result<(TestDatabase, PgPool)> {
    let database = TestDatabase::create().await?;
    let pool = connect(options(&database)?).await?;
    migrate_global(&pool).await?;
    Ok((database, pool))
}

/// Takes the newest migrations back, thru the one with the rows.
async fn take_back(pool: &PgPool) -> Result<Result<(), MigrationError>> {
    let states = status(pool, Scope::Global).await?;
    let place = states
        .iter()
        .position(|state| state.name.ends_with("_reference_rows"))
        .context("a migration with reference rows")?;
    let steps = u32::try_from(states.len() - place)?;
    Ok(down(pool, Scope::Global, Some(steps)).await.map(|_| ()))
}

fn id(table: &str, natural_key: &str) -> Result<i64> {
    Ok(RowKey::of_shared(table, &[Some(natural_key)])?.bits())
}

#[tokio::test]
async fn the_rows_are_those_of_the_standards_with_the_ids_of_transform() -> Result<()> {
    let (_database, pool) = migrated().await?;
    let mut expected = Vec::new();
    let mut counts = BTreeMap::new();
    for table in tables()? {
        counts.insert(table.name, table.rows.len());
        for (key, values) in &table.rows {
            let values = values.iter().map(|value| value.as_deref().unwrap_or("-"));
            let line: Vec<_> = values.collect();
            expected.push(format!(
                "{}|{}|{key}|{}",
                table.name,
                id(table.name, key)?,
                line.join("|")
            ));
        }
    }
    let found = lines(&pool, ROWS).await?;
    let mut sorted = found.clone();
    sorted.sort();
    expected.sort();
    assert_eq!(sorted, expected);
    assert_eq!(
        counts,
        [("countries", 249), ("currencies", 169), ("languages", 184)].into()
    );

    for known in [
        "countries|6080785967753823546|Bulgaria|BG|BGR",
        "countries|7656163756113865334|Côte d'Ivoire|CI|CIV",
        "currencies|3193237506340688618|EUR|Euro|€",
        "currencies|8664079710456879603|GBP|Pound Sterling|£",
        "currencies|9180941506865518146|BGN|Bulgarian Lev|лв.",
        "currencies|2397747426862199574|CHE|WIR Euro|-",
        "languages|8253175876489566966|bg|Bulgarian",
    ] {
        assert!(found.iter().any(|line| line == known), "{known}");
    }
    // Gold, no currency at all, and a currency that went long before any delivery.
    for code in ["XAU", "XXX", "DEM"] {
        assert!(!found.iter().any(|line| line.contains(&format!("|{code}|"))));
    }
    pool.close().await;
    Ok(())
}

#[tokio::test]
async fn rows_that_were_inferred_before_get_their_names_and_others_stay() -> Result<()> {
    let (_database, pool) = migrated().await?;
    let fresh = lines(&pool, ROWS).await?;
    take_back(&pool).await??;
    assert_eq!(lines(&pool, ROWS).await?, Vec::<String>::new());

    let (euro, none, bulgarian, brazilian) = (
        id("currencies", "EUR")?,
        id("currencies", "XQA")?,
        id("languages", "bg")?,
        id("languages", "pt-BR")?,
    );
    let infer = format!(
        "select cw_global.infer_currencies(array[{euro}, {none}], array['EUR', 'XQA']);
         select cw_global.infer_languages(array[{bulgarian}, {brazilian}], array['bg', 'pt-BR'])"
    );
    let mut connection = pool.acquire().await?;
    execute(&mut connection, &infer).await?;
    let inferred = lines(&pool, ROWS).await?;
    assert!(inferred.contains(&format!("currencies|{euro}|EUR|EUR|-")));

    // The currency of a registered tenant is referred to, before and after.
    let register = format!(
        "insert into cw_global.client_config values (1, 'CW-GLOBAL', 'Shared data', {euro}, '{{}}')"
    );
    execute(&mut connection, &register).await?;
    migrate_global(&pool).await?;
    let mut expected = fresh.clone();
    expected.push(format!("currencies|{none}|XQA|XQA|-"));
    expected.push(format!("languages|{brazilian}|pt-BR|pt-BR"));
    expected.sort();
    let sorted = async || -> Result<Vec<String>> {
        let mut found = lines(&pool, ROWS).await?;
        found.sort();
        Ok(found)
    };
    assert_eq!(sorted().await?, expected);

    // Who names them later finds them, and changes nothing.
    execute(&mut connection, &infer).await?;
    assert_eq!(sorted().await?, expected);

    take_back(&pool).await??;
    let kept = sorted().await?;
    assert_eq!(kept.len(), 3, "{kept:?}");
    assert!(kept.contains(&format!("currencies|{euro}|EUR|Euro|€")));
    drop(connection);
    pool.close().await;
    Ok(())
}

#[tokio::test]
async fn what_rows_of_a_tenant_refer_to_is_not_taken_away() -> Result<()> {
    let two = TwoTenants::create().await?;
    let fresh = lines(&two.pool, ROWS).await?;
    let euro = id("currencies", "EUR")?;
    execute(
        &mut *two.pool.acquire().await?,
        &format!(
            "insert into cw_200.suppliers (id, external_id, supplier_name, direct_shipment, currency_id,
                 is_active, declared_active, source_rank, source_version, raw_position)
             values (1, 's', 'Supplier', false, {euro}, true, true, 3, now(), 1)"
        ),
    )
    .await?;
    let error = take_back(&two.pool)
        .await?
        .expect_err("a supplier's currency");
    assert!(matches!(error, MigrationError::Revert { .. }), "{error:?}");
    assert_eq!(lines(&two.pool, ROWS).await?, fresh);
    Ok(())
}
