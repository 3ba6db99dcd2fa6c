//! The schemas in which a tenant is rebuilt or restored beside its live ones.

use catwing_domain::{Site, TenantId};
use catwing_migrations::{TenantNames, migrate_tenant, ready, remove_tenant};
use sea_orm::sqlx::{self, AssertSqlSafe, PgConnection, PgPool};

use crate::RecoveryError;

/// The names of a tenant's schemas at a site, and of its roles, as migrations take them.
#[must_use]
pub fn names(tenant: TenantId, site: Site) -> TenantNames {
    let schemas = tenant.schemas(site);
    TenantNames {
        schema: schemas.main.name().to_owned(),
        staging_schema: schemas.staging.name().to_owned(),
        stats_schema: schemas.stats.name().to_owned(),
        owner_role: tenant.owner_role().name().to_owned(),
        loader_role: tenant.loader_role().name().to_owned(),
        reader_role: tenant.reader_role().name().to_owned(),
    }
}

/// Whether the tenant has tables at the site.
///
/// # Errors
/// [`RecoveryError::Site`].
pub async fn stands(pool: &PgPool, tenant: TenantId, site: Site) -> Result<bool, RecoveryError> {
    sqlx::query_scalar("select to_regnamespace(quote_ident($1)) is not null")
        .bind(tenant.schemas(site).main.name())
        .fetch_one(pool)
        .await
        .map_err(failed(tenant, "look for"))
}

/// Whether the login may make and drop the schemas of tenants.
///
/// # Errors
/// The server's.
pub async fn may_make_schemas(pool: &PgPool) -> Result<bool, sqlx::Error> {
    let query = "select rolsuper or rolcreaterole and has_database_privilege(current_database(), 'create') \
         from pg_roles where rolname = current_user";
    sqlx::query_scalar(query).fetch_one(pool).await
}

/// Drops the tenant's schemas at a site, whatever is in them. Never the live ones.
///
/// # Errors
/// [`RecoveryError::Schemas`], also where a transaction still uses them.
pub async fn drop_site(pool: &PgPool, tenant: TenantId, site: Site) -> Result<(), RecoveryError> {
    if site == Site::Live || !stands(pool, tenant, site).await? {
        return Ok(());
    }
    let done = remove_tenant(pool, &names(tenant, site)).await;
    done.map_err(|source| RecoveryError::Schemas {
        client: tenant,
        source,
    })
}

/// Makes the schemas beside, empty and for these terms; or keeps those that are there, where they were
/// made for the same terms and by the same migrations. True where they were kept.
///
/// # Errors
/// [`RecoveryError::Schemas`], [`RecoveryError::Site`].
pub(crate) async fn make_beside(
    pool: &PgPool,
    tenant: TenantId,
    terms: &str,
) -> Result<bool, RecoveryError> {
    let schemas = |source| RecoveryError::Schemas {
        client: tenant,
        source,
    };
    let beside = names(tenant, Site::Beside);
    if stands(pool, tenant, Site::Beside).await? {
        let same = terms_of(pool, tenant).await?.as_deref() == Some(terms);
        let newest = ready(pool, std::slice::from_ref(&beside)).await;
        if same && newest.map_err(schemas)? == [true] {
            return Ok(true);
        }
        drop_site(pool, tenant, Site::Beside).await?;
    }
    migrate_tenant(pool, &beside).await.map_err(schemas)?;
    note_terms(pool, tenant, terms).await?;
    Ok(false)
}

/// Notes what the schemas beside were made for, in the comment of the first.
///
/// # Errors
/// [`RecoveryError::Site`].
pub async fn note_terms(pool: &PgPool, tenant: TenantId, terms: &str) -> Result<(), RecoveryError> {
    let noted = || failed(tenant, "note the terms of");
    let mut transaction = pool.begin().await.map_err(noted())?;
    note(&mut transaction, tenant, terms)
        .await
        .map_err(noted())?;
    transaction.commit().await.map_err(noted())
}

/// What the schemas beside were made for; none where they are not there or say nothing.
///
/// # Errors
/// [`RecoveryError::Site`].
pub async fn terms_of(pool: &PgPool, tenant: TenantId) -> Result<Option<String>, RecoveryError> {
    sqlx::query_scalar("select obj_description(to_regnamespace(quote_ident($1)), 'pg_namespace')")
        .bind(tenant.schemas(Site::Beside).main.name())
        .fetch_one(pool)
        .await
        .map_err(failed(tenant, "look for"))
}

async fn note(
    connection: &mut PgConnection,
    tenant: TenantId,
    terms: &str,
) -> Result<(), sqlx::Error> {
    let statement = format!(
        "set local role {}; comment on schema {} is '{}'",
        tenant.owner_role(),
        tenant.schemas(Site::Beside).main,
        terms.replace('\'', "''")
    );
    sqlx::raw_sql(AssertSqlSafe(statement))
        .execute(connection)
        .await?;
    Ok(())
}

pub(crate) fn failed(
    client: TenantId,
    what: &'static str,
) -> impl FnOnce(sqlx::Error) -> RecoveryError {
    move |source| RecoveryError::Site {
        client,
        what,
        source,
    }
}
