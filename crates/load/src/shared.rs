//! What a tenant's records add to the shared schema, through the one function of each table that a tenant
//! may call for it. Nothing is locked where all of it is known, as it nearly always is.

use std::collections::BTreeMap;

use catwing_domain::{City, RowKey, TenantId};
use sea_orm::sqlx::{self, AssertSqlSafe, PgConnection};

use crate::LoadError;

/// Adds codes, by the function of their table.
pub(crate) async fn codes(
    connection: &mut PgConnection,
    function: &'static str,
    codes: &BTreeMap<String, i64>,
) -> Result<(), LoadError> {
    if codes.is_empty() {
        return Ok(());
    }
    let ids: Vec<i64> = codes.values().copied().collect();
    let codes: Vec<&str> = codes.keys().map(String::as_str).collect();
    let sql = format!("select cw_global.{function}($1, $2)");
    let query = sqlx::query(AssertSqlSafe(sql)).bind(ids).bind(codes);
    let done = query.execute(connection).await;
    done.map_err(|source| LoadError::Shared { function, source })?;
    Ok(())
}

/// Adds cities.
pub(crate) async fn cities(
    connection: &mut PgConnection,
    cities: &BTreeMap<City, i64>,
) -> Result<(), LoadError> {
    if cities.is_empty() {
        return Ok(());
    }
    let ids: Vec<i64> = cities.values().copied().collect();
    let names: Vec<&str> = cities.keys().map(|city| city.name.as_str()).collect();
    let countries: Vec<_> = cities.keys().map(|city| city.country.as_deref()).collect();
    let function = "infer_cities";
    let query = sqlx::query("select cw_global.infer_cities($1, $2, $3)");
    let query = query.bind(ids).bind(names).bind(countries);
    let done = query.execute(connection).await;
    done.map_err(|source| LoadError::Shared { function, source })?;
    Ok(())
}

/// Adds people, and that they work for the tenant, without which it would not see them.
pub(crate) async fn users(
    connection: &mut PgConnection,
    tenant: TenantId,
    users: &BTreeMap<String, i64>,
) -> Result<(), LoadError> {
    if users.is_empty() {
        return Ok(());
    }
    let function = "infer_users";
    let client = tenant.to_string();
    let ids: Vec<i64> = users.values().copied().collect();
    let emails: Vec<&str> = users.keys().map(String::as_str).collect();
    let link = |email: &&str| {
        let key = RowKey::of_shared("x_user_clients", &[Some(email), Some(&client)]);
        key.map(RowKey::bits)
    };
    let links = emails.iter().map(link).collect::<Result<Vec<i64>, _>>();
    let links = links.map_err(|error| LoadError::Shared {
        function,
        source: sqlx::Error::Encode(error.into()),
    })?;
    let query = sqlx::query("select cw_global.infer_users($1, $2, $3)");
    let query = query.bind(ids).bind(emails).bind(links);
    let done = query.execute(connection).await;
    done.map_err(|source| LoadError::Shared { function, source })?;
    Ok(())
}
