//! The migrated database, the catalogue and the entities say the same.

use std::collections::BTreeMap;

use anyhow::Result;
use catwing_domain::{ColumnType, TableId, TenantId};
use catwing_entity as entity;
use sea_orm::sqlx::{self, PgPool};
use sea_orm::{ColumnTrait, EntityTrait, IdenStatic, Iterable, PrimaryKeyToColumn, sea_query};

use crate::database::{TwoTenants, a, connect, execute, lines, options};

/// Columns of a table in order: name, type, whether null is admitted.
type Columns = Vec<(String, String, bool)>;

/// All tables of the migrated schemas but the migrators' own.
async fn tables(pool: &PgPool) -> Result<BTreeMap<String, Columns>> {
    let found: Vec<(String, String, String, bool)> = sqlx::query_as(
        "select n.nspname || '.' || c.relname, a.attname::text, format_type(a.atttypid, a.atttypmod), not a.attnotnull
         from pg_class as c
         join pg_namespace as n on n.oid = c.relnamespace
         join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
         where c.relkind = 'r' and n.nspname in ('cw_global', 'cw_200', 'cw_200_staging', 'cw_200_stats') and c.relname <> 'seaql_migrations'
         order by c.oid, a.attnum",
    )
    .fetch_all(pool)
    .await?;
    let mut tables = BTreeMap::<String, Columns>::new();
    for (table, column, ty, nullable) in found {
        tables
            .entry(table)
            .or_default()
            .push((column, ty, nullable));
    }
    Ok(tables)
}

fn catalogue_type(ty: ColumnType) -> &'static str {
    match ty {
        ColumnType::Key => "bigint",
        ColumnType::Text => "text",
        ColumnType::Money => "numeric(19,4)",
        ColumnType::Quantity => "numeric(15,3)",
        ColumnType::Rate => "numeric(9,6)",
        ColumnType::Factor => "numeric(20,10)",
        ColumnType::Total => "numeric(38,4)",
        ColumnType::Real => "double precision",
        ColumnType::Int => "integer",
        ColumnType::Small => "smallint",
        ColumnType::Date => "date",
        ColumnType::Instant => "timestamp with time zone",
        ColumnType::Bool => "boolean",
        ColumnType::Json => "jsonb",
    }
}

fn entity_type(ty: &sea_query::ColumnType) -> String {
    use sea_query::ColumnType as T;
    match ty {
        T::BigInteger => "bigint".into(),
        T::Text => "text".into(),
        T::Decimal(Some((precision, scale))) => format!("numeric({precision},{scale})"),
        T::Double => "double precision".into(),
        T::Integer => "integer".into(),
        T::SmallInteger => "smallint".into(),
        T::Date => "date".into(),
        T::TimestampWithTimeZone => "timestamp with time zone".into(),
        T::Boolean => "boolean".into(),
        T::JsonBinary => "jsonb".into(),
        other => format!("{other:?}"),
    }
}

/// Which of a tenant's schemas has the table.
fn schema_of(table: &str) -> &'static str {
    let named = |ids: &[TableId]| ids.iter().any(|id| id.name() == table);
    if named(TableId::STAGING) {
        "cw_200_staging"
    } else if named(TableId::STATISTICS) {
        "cw_200_stats"
    } else {
        "cw_200"
    }
}

/// What an entity says: its table, columns and primary key.
fn described<E: EntityTrait>() -> (String, Columns, Vec<String>)
where
    E::Column: Iterable,
{
    let entity = E::default();
    let schema = entity
        .schema_name()
        .unwrap_or_else(|| schema_of(entity.table_name()));
    let columns = E::Column::iter()
        .map(|column| {
            let def = column.def();
            (
                column.as_str().to_owned(),
                entity_type(def.get_column_type()),
                def.is_null(),
            )
        })
        .collect();
    let key = E::PrimaryKey::iter()
        .map(|key| key.into_column().as_str().to_owned())
        .collect();
    (format!("{schema}.{}", entity.table_name()), columns, key)
}

macro_rules! entities {
    ($($module:ident)*) => { vec![$(described::<entity::$module::Entity>()),*] };
}

fn all_entities() -> Vec<(String, Columns, Vec<String>)> {
    entities! {
        abc_classes assortment_recommendation_statuses assortment_recommendations
        assortment_statuses assortments brands category_behaviors category_market_observations
        category_settings category_social_ad_daily cities client_config client_settings
        countries currencies currency_rates customer_types customers daily_expected_demand
        daily_inventory_values daily_pending_po_values daily_sales_values data_health_reports
        data_health_severities data_quality_check_reports data_quality_check_types
        data_quality_checks data_quality_gate_decisions data_quality_runs
        data_quality_severities delivered_days demand_forecast_products demand_forecasts
        embedding_models fmr_classes forecast_horizons freq_classes genders image_types
        inventory_quantities inventory_sets inventory_strategies inventory_strategy_simulations
        inventory_strategy_types inventory_targets languages load_counts load_ledger
        location_behaviors location_relationship_types location_relationships location_settings
        location_statuses location_translations location_types location_web_analytics_daily
        locations market_data_sources match_methods ml_model_runs monthly_expected_demand
        monthly_inventory_values monthly_pending_po_values monthly_sales_values municipalities
        pipeline_runs pipeline_step_runs po_recommendation_statuses po_recommendations
        presence_keys presence_snapshots price_kinds price_tiers pricing_lists
        product_attributes product_behaviors product_categories product_category_translations
        product_category_types product_cost_records product_costs product_embeddings
        product_images product_market_observations product_settings product_social_ad_daily
        product_statuses product_translations product_web_analytics_daily products
        purchase_order_lines purchase_order_statuses purchase_orders quarantine
        quarterly_expected_demand quarterly_inventory_values quarterly_pending_po_values
        quarterly_sales_values receiving_order_lines receiving_order_statuses receiving_orders
        recommendation_outcomes record_fixes regions roles sales_channels sales_order_line_update_types
        sales_order_line_updates sales_order_lines sales_order_statuses sales_order_types
        sales_orders schema_drift social_ad_platforms staging_batches staging_column_profiles
        staging_entity_types staging_files staging_records statistics_products statistics_rates
        statistics_sales_documents statistics_sales_products statistics_state statistics_touched store_order_lines store_order_statuses store_orders
        supplier_available_products supplier_behaviors supplier_price_list_lines
        supplier_price_lists supplier_settings supplier_statuses supplier_translations suppliers
        to_recommendation_statuses to_recommendations transfer_order_lines
        transfer_order_statuses transfer_orders uplift_measurements users weather_observations
        weekly_expected_demand weekly_inventory_values weekly_pending_po_values
        weekly_sales_values x_assortment_products x_supplier_brands x_supplier_products
        x_user_clients x_user_roles xyz_classes
    }
}

#[tokio::test]
async fn the_catalogue_is_what_migrations_make() -> Result<()> {
    let two = TwoTenants::create().await?;
    let mut found = tables(&two.pool).await?;
    for tenant in [a(), TenantId::GLOBAL] {
        let every = TableId::ALL
            .iter()
            .chain(TableId::STAGING)
            .chain(TableId::STATISTICS);
        for id in every.filter(|id| id.is_of(tenant)) {
            let table = format!("{}.{}", id.schema(tenant).name(), id.name());
            let mut expected: Columns = id
                .table()
                .all_columns()
                .map(|column| {
                    (
                        column.name.to_owned(),
                        catalogue_type(column.ty).to_owned(),
                        column.nullable,
                    )
                })
                .collect();
            // Columns that came with a later migration stand behind the older ones there.
            let mut columns = found.remove(&table).unwrap_or_default();
            columns.sort();
            expected.sort();
            assert_eq!(columns, expected, "{table}");
        }
    }
    let left: Vec<_> = found
        .into_keys()
        .filter(|table| table.starts_with("cw_200"))
        .collect();
    assert!(left.is_empty(), "the catalogue lacks {left:?}");
    Ok(())
}

#[tokio::test]
async fn entities_are_what_migrations_make() -> Result<()> {
    let two = TwoTenants::create().await?;
    let mut found = tables(&two.pool).await?;
    // The shared tenant's journals are the same tables as each tenant's, in another schema.
    let journals = |id: &&TableId| id.is_of(a()) && id.is_of(TenantId::GLOBAL);
    for id in TableId::ALL.iter().filter(journals) {
        let shared = found.remove(&format!("cw_global.{}", id.name()));
        assert_eq!(shared.as_ref(), found.get(&format!("cw_200.{}", id.name())));
    }
    for (table, columns, key) in all_entities() {
        assert_eq!(found.remove(&table), Some(columns), "{table}");
        let stored: Vec<String> = sqlx::query_scalar(
            "select a.attname::text from pg_index as i
             cross join unnest(i.indkey) with ordinality as k (attnum, place)
             join pg_attribute as a on a.attrelid = i.indrelid and a.attnum = k.attnum
             where i.indrelid = $1::regclass
                 and (i.indisprimary or i.indisunique and $1 like 'cw_200_stats.%') order by k.place",
        )
        .bind(&table)
        .fetch_all(&two.pool)
        .await?;
        if table.starts_with("cw_200_stats.") {
            // Their key has a place, which may be null, and SeaORM's keys admit no null.
            assert_eq!(stored, ["location_id", "period_start"], "{table}");
            assert_eq!(key, ["period_start"], "{table}");
            continue;
        }
        assert_eq!(stored, key, "{table}");
    }
    assert!(found.is_empty(), "no entity for {:?}", found.keys());
    Ok(())
}

#[tokio::test]
async fn relations_of_entities_can_be_walked() -> Result<()> {
    use entity::{customers, product_categories, products, sales_order_lines, sales_orders};
    use sea_orm::{
        ActiveModelTrait, ActiveValue::Set, IntoIdentity, ModelTrait, QueryFilter, RelationTrait,
        SqlxPostgresConnector,
    };

    let two = TwoTenants::create().await?;
    let pool = connect(options(&two.database)?.options([("search_path", "cw_200")])).await?;
    let mut connection = pool.acquire().await?;
    let lineage = "'2011-01-18Z', 1";
    execute(
        &mut connection,
        &format!(
            "select cw_global.infer_currencies(array[1], array['XQA']);
             insert into product_categories values (1, 'gifts', 'Gifts', null, null, true, true, 3, {lineage});
             insert into product_categories values (2, 'bags', 'Bags', 1, null, true, true, 3, {lineage});
             insert into products values (7, '85123A', null, null, 'Holder', 'goods', null, 2, null, null, null, null, true, true, 3, {lineage});
             insert into locations values (1, 'UK', 'UK', null, null, null, null, null, true, true, 0, {lineage});
             insert into sales_order_types values (1, 'sale', {lineage});
             insert into sales_orders values (1, '536365', 1, null, 1, null, null, '2011-01-18', null, null, null, 5.1, 1, {lineage});
             insert into sales_order_lines values (1, 1, 0, null, 7, 2, 2.55, null, 0, 5.1, {lineage});"
        ),
    )
    .await?;
    drop(connection);
    let db = SqlxPostgresConnector::from_sqlx_postgres_pool(pool);

    let order = sales_orders::Entity::find()
        .filter(sales_orders::COLUMN.external_id.eq("536365"))
        .one(&db)
        .await?
        .expect("the order");
    assert!(
        order
            .find_related(customers::Entity)
            .one(&db)
            .await?
            .is_none()
    );
    let found = order
        .find_related(sales_order_lines::Entity)
        .find_also_related(products::Entity)
        .all(&db)
        .await?;
    let (line, product) = found.into_iter().next().expect("a line");
    assert_eq!(line.line_value, "5.1000".parse()?);
    let category = product
        .expect("its product")
        .find_related(product_categories::Entity)
        .one(&db)
        .await?
        .expect("its category");
    let to_parent = product_categories::Relation::ParentCategory.def();
    assert_eq!(to_parent.from_col, "parent_category_id".into_identity());
    assert_eq!(category.parent_category_id, Some(1));

    let currency = order
        .find_related(entity::currencies::Entity)
        .one(&db)
        .await?
        .expect("its currency");
    assert_eq!((currency.code.as_str(), currency.symbol), ("XQA", None));
    let run = entity::pipeline_runs::ActiveModel {
        run_key: Set("run 1".into()),
        kind: Set("run".into()),
        from_day: Set("2011-01-18".parse()?),
        thru_day: Set("2011-01-18".parse()?),
        status: Set("running".into()),
        started_at: Set("2011-01-19T00:00:00Z".parse()?),
        ..Default::default()
    };
    assert_eq!(run.insert(&db).await?.id, 1);
    db.close().await?;
    Ok(())
}

#[tokio::test]
async fn natural_keys_are_unique_and_nothing_else_that_raw_feeds() -> Result<()> {
    let two = TwoTenants::create().await?;
    let every = TableId::ALL
        .iter()
        .chain(TableId::STAGING)
        .chain(TableId::STATISTICS);
    for id in every.filter(|id| id.is_of(a())) {
        let table = id.table();
        let name = format!("{}.{}", id.schema(a()).name(), table.name);
        let mut unique: Vec<Vec<String>> = sqlx::query_scalar(
            "select array_agg(a.attname::text order by k.place) from pg_index as i
             cross join unnest(i.indkey) with ordinality as k (attnum, place)
             join pg_attribute as a on a.attrelid = i.indrelid and a.attnum = k.attnum
             where i.indrelid = $1::regclass and i.indisunique group by i.indexrelid",
        )
        .bind(&name)
        .fetch_all(&two.pool)
        .await?;
        unique.retain(|columns| columns != &["id"]);
        // Nothing feeds the kinds of staged files but their migration.
        if *id == TableId::StagingEntityTypes {
            unique.retain(|columns| columns != &["file_name"]);
        }
        assert_eq!(unique, [table.natural_key], "{name}");
    }
    Ok(())
}

#[tokio::test]
async fn every_reference_is_a_foreign_key_with_an_index() -> Result<()> {
    let two = TwoTenants::create().await?;
    let without_key = lines(
        &two.pool,
        "select c.table_schema || '.' || c.table_name || '.' || c.column_name
         from information_schema.columns as c
         where c.table_schema in ('cw_global', 'cw_200') and c.column_name like '%\\_id' and c.data_type = 'bigint'
             and not exists (
                 select from pg_constraint as f
                 join pg_attribute as a on a.attrelid = f.conrelid and a.attnum = f.conkey[1]
                 where f.contype = 'f' and f.conrelid = format('%I.%I', c.table_schema, c.table_name)::regclass
                     and a.attname = c.column_name and f.convalidated
             )
         order by 1",
    )
    .await?;
    assert_eq!(
        without_key,
        [
            "cw_200.presence_keys.row_id",
            "cw_global.presence_keys.row_id"
        ],
        "its comment says why"
    );

    let without_index = lines(
        &two.pool,
        "select f.conrelid::regclass || ' ' || f.conname from pg_constraint as f
         where f.contype = 'f' and not exists (
             select from pg_index as i where i.indrelid = f.conrelid and i.indkey[0] = f.conkey[1] and i.indisvalid
         )",
    )
    .await?;
    assert!(without_index.is_empty(), "{without_index:?}");

    let between_tenants = lines(
        &two.pool,
        "select f.conname::text from pg_constraint as f
         join pg_class as c on c.oid = f.conrelid join pg_class as p on p.oid = f.confrelid
         where f.contype = 'f' and p.relnamespace not in (c.relnamespace, 'cw_global'::regnamespace)
             and split_part(c.relnamespace::regnamespace::text, '_', 2)
                 <> split_part(p.relnamespace::regnamespace::text, '_', 2)",
    )
    .await?;
    assert!(between_tenants.is_empty(), "{between_tenants:?}");
    Ok(())
}

#[tokio::test]
async fn versions_are_in_no_index_and_pages_that_snapshots_touch_have_room() -> Result<()> {
    let two = TwoTenants::create().await?;
    let indexed = lines(
        &two.pool,
        "select c.relname || '.' || a.attname from pg_index as i
         join pg_class as c on c.oid = i.indrelid
         join pg_attribute as a on a.attrelid = c.oid and a.attnum = any (i.indkey)
         where c.relnamespace = 'cw_200'::regnamespace
             and a.attname in ('source_version', 'raw_position', 'newest_position', 'source_rank')",
    )
    .await?;
    assert_eq!(
        indexed,
        ["quarantine.raw_position", "record_fixes.raw_position"],
        "there it is the key"
    );
    let roomy = lines(
        &two.pool,
        "select relname::text from pg_class where relnamespace = 'cw_200'::regnamespace
             and reloptions::text like '%fillfactor=50%' order by 1",
    )
    .await?;
    assert_eq!(
        roomy,
        [
            "brands",
            "customers",
            "location_relationships",
            "location_translations",
            "locations",
            "presence_keys",
            "price_kinds",
            "pricing_lists",
            "product_attributes",
            "product_categories",
            "product_category_translations",
            "product_cost_records",
            "product_images",
            "product_translations",
            "products",
            "supplier_translations",
            "suppliers",
            "x_supplier_brands",
            "x_supplier_products"
        ]
    );
    Ok(())
}

#[tokio::test]
async fn everything_has_a_comment() -> Result<()> {
    let two = TwoTenants::create().await?;
    let silent = lines(
        &two.pool,
        "select n.nspname::text from pg_namespace as n
         where n.nspname like 'cw\\_%' and obj_description(n.oid, 'pg_namespace') is null
         union all
         select c.oid::regclass || coalesce('.' || a.attname, '') from pg_class as c
         join pg_namespace as n on n.oid = c.relnamespace
         left join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
         where n.nspname like 'cw\\_%' and c.relkind = 'r'
             and (col_description(c.oid, a.attnum) is null or obj_description(c.oid, 'pg_class') is null)
         union all
         select p.proname::text from pg_proc as p join pg_namespace as n on n.oid = p.pronamespace
         where n.nspname like 'cw\\_%' and obj_description(p.oid, 'pg_proc') is null",
    )
    .await?;
    assert!(silent.is_empty(), "{silent:?}");
    Ok(())
}
