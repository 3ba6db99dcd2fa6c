//! The tenants that the database knows, and which version of their file is in force.

use anyhow::{Context, Error, Result, bail};
use catwing_domain::{
    Identifier, RowKey, Site, TenantId,
    manifest::{Body, EntryNumber, Sha256Hash},
    tenant_file::TenantFile,
};
use catwing_entity::client_config;
use catwing_migrations::{TenantNames, migrate_global, migrate_tenant};
use catwing_raw_store::{Manifest, RawStoreError};
use catwing_transform::{Mapping, Mistake};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter,
    TransactionTrait, sea_query::OnConflict, sqlx,
};
use serde::{Deserialize, Serialize};

use crate::{Session, failure::Usage};

/// A tenant and its file in force.
#[derive(Clone, Debug)]
pub struct Registered {
    /// The tenant.
    pub client: TenantId,
    /// Its name.
    pub name: String,
    /// The file in force.
    pub mapping: Sha256Hash,
}

/// What `client_config.config` holds.
#[derive(Debug, Serialize, Deserialize)]
struct Config {
    time_zone: String,
    mapping_sha256: Sha256Hash,
}

/// A tenant's file that has no mistakes.
pub struct CheckedFile {
    /// The bytes, as they are archived.
    pub bytes: Vec<u8>,
    /// What they say.
    pub file: TenantFile,
    /// The mapping in them.
    pub mapping: Mapping,
}

/// Reads and compiles a tenant's file.
///
/// # Errors
/// A usage error that tells every mistake.
pub fn check_file(path: &std::path::Path) -> Result<CheckedFile> {
    compile_file(path)?.map_err(|mistakes| {
        let told = mistakes
            .iter()
            .map(|mistake| format!("\n  {mistake}"))
            .collect::<String>();
        Usage(format!(
            "{} has {}:{told}",
            path.display(),
            count_of(mistakes.len(), "mistake")
        ))
        .into()
    })
}

/// Reads and compiles a tenant's file, or says all that is wrong with it.
///
/// # Errors
/// A usage error where the file can't be read.
pub fn compile_file(path: &std::path::Path) -> Result<Result<CheckedFile, Vec<Mistake>>> {
    let bytes =
        std::fs::read(path).with_context(|| Usage(format!("failed to read {}", path.display())))?;
    Ok(checked(bytes))
}

/// Compiles the bytes of a tenant's file.
///
/// # Errors
/// Every mistake.
pub fn checked(bytes: Vec<u8>) -> Result<CheckedFile, Vec<Mistake>> {
    let whole = |message: String| {
        vec![Mistake {
            at: "file".to_owned(),
            message,
        }]
    };
    let text = std::str::from_utf8(&bytes).map_err(|error| whole(format!("not UTF-8: {error}")))?;
    let file = TenantFile::parse(text).map_err(|error| whole(error.to_string()))?;
    let compiled = Mapping::compile(&file);
    let of_checks = catwing_quality::mistakes(&file.quality).into_iter();
    let of_checks: Vec<_> = of_checks
        .map(|mistake| Mistake {
            at: format!("quality.checks.{:?}", mistake.name),
            message: mistake.message,
        })
        .collect();
    let mapping = match compiled {
        Ok(mapping) if of_checks.is_empty() => mapping,
        Ok(_) => return Err(of_checks),
        Err(mistakes) => return Err(mistakes.into_iter().chain(of_checks).collect()),
    };
    Ok(CheckedFile {
        bytes,
        file,
        mapping,
    })
}

/// Adds a tenant, or puts a new version of its file in force: archives the file first, then
/// migrates, then registers. Repeated, it changes nothing.
///
/// # Errors
/// A file that changes what deliveries in the archive rest on; servers that fail.
pub async fn add(session: &Session, checked: &CheckedFile) -> Result<Registered> {
    let client = checked.file.client;
    migrate_global(&session.pool).await?;
    // The same file once more needs no look at the archive, which may have lost it.
    let other = |before: &Registered| before.mapping != Sha256Hash::of(&checked.bytes);
    if let Some(before) = find(session, client).await?.filter(other) {
        let bytes = session.store.config(client, before.mapping).await?;
        let before = TenantFile::parse(std::str::from_utf8(&bytes)?)?;
        refuse_changed_ground(&before, &checked.file)?;
    }
    let mapping = session
        .store
        .put_config(client, checked.bytes.clone())
        .await?;
    // The shared tenant's schema is the one that was migrated first.
    if client != TenantId::GLOBAL {
        migrate_tenant(&session.pool, &names(client)).await?;
    }
    register(session, &checked.file, mapping).await?;
    Ok(Registered {
        client,
        name: checked.file.name.clone(),
        mapping,
    })
}

/// Enters a tenant in the list of tenants, or its file's newer version.
///
/// # Errors
/// Who may not assume the shared loader role.
pub async fn register(session: &Session, file: &TenantFile, mapping: Sha256Hash) -> Result<()> {
    let client = file.client;
    let currency = &file.base_currency;
    let currency_id = RowKey::of_shared("currencies", &[Some(currency)])?.bits();
    let config = Config {
        time_zone: file.time_zone.clone(),
        mapping_sha256: mapping,
    };
    let row = client_config::ActiveModel {
        id: Set(RowKey::of_shared("client_config", &[Some(&client.to_string())])?.bits()),
        client_id: Set(client.to_string()),
        client_name: Set(file.name.clone()),
        base_currency_id: Set(currency_id),
        config: Set(serde_json::to_value(config)?),
    };
    let transaction = as_role(session, &TenantId::GLOBAL.loader_role()).await?;
    let infer = "select cw_global.infer_currencies($1, $2)";
    let values = [vec![currency_id].into(), vec![currency.clone()].into()];
    transaction
        .execute_raw(sea_orm::Statement::from_sql_and_values(
            sea_orm::DbBackend::Postgres,
            infer,
            values,
        ))
        .await?;
    use client_config::Column::{BaseCurrencyId, ClientId, ClientName, Config as ConfigColumn};
    let conflict = OnConflict::column(ClientId)
        .update_columns([ClientName, BaseCurrencyId, ConfigColumn])
        .to_owned();
    client_config::Entity::insert(row)
        .on_conflict(conflict)
        .exec_without_returning(&transaction)
        .await?;
    transaction.commit().await?;
    Ok(())
}

/// Makes sure that whoever is connected may register tenants, before anything is done that would be
/// half without it.
///
/// # Errors
/// A usage error that says what to grant.
pub async fn check_registrar(session: &Session) -> Result<()> {
    let transaction = as_role(session, &TenantId::GLOBAL.loader_role()).await?;
    Ok(transaction.rollback().await?)
}

/// Takes a tenant's registration out of the database.
///
/// # Errors
/// Who may not assume the shared loader role.
pub async fn forget(session: &Session, client: TenantId) -> Result<()> {
    let transaction = as_role(session, &TenantId::GLOBAL.loader_role()).await?;
    client_config::Entity::delete_many()
        .filter(client_config::Column::ClientId.eq(client.to_string()))
        .exec(&transaction)
        .await?;
    transaction.commit().await?;
    Ok(())
}

/// Every tenant of the database that whoever is connected may see, by id; none where nothing was
/// migrated yet.
///
/// # Errors
/// A database that does not answer.
pub async fn list(session: &Session) -> Result<Vec<Registered>> {
    rows(session).await?.into_iter().map(registered).collect()
}

/// Ids of the same tenants, also of those whose settings can't be read.
///
/// # Errors
/// A database that does not answer.
pub async fn clients(session: &Session) -> Result<Vec<TenantId>> {
    let rows = rows(session).await?.into_iter();
    rows.map(|row| Ok(row.client_id.parse()?)).collect()
}

/// The tenant.
///
/// # Errors
/// A usage error where the database does not know it.
pub async fn get(session: &Session, client: TenantId) -> Result<Registered> {
    match find(session, client).await? {
        Some(found) => Ok(found),
        None => bail!(Usage(format!(
            "{client} is not in this database: add it with `catwing tenant add FILE.toml`"
        ))),
    }
}

/// The tenant's file in force.
///
/// # Errors
/// An archive that does not have it.
pub async fn file_in_force(session: &Session, registered: &Registered) -> Result<CheckedFile> {
    let bytes = session
        .store
        .config(registered.client, registered.mapping)
        .await?;
    checked(bytes.to_vec()).map_err(|mistakes| {
        let told: Vec<_> = mistakes.iter().map(ToString::to_string).collect();
        Usage(format!(
            "the file of {} in force is not valid: {}",
            registered.client,
            told.join("; ")
        ))
        .into()
    })
}

/// The names of a tenant's live schemas and of its roles, as migrations take them.
#[must_use]
pub fn names(client: TenantId) -> TenantNames {
    catwing_recovery::site::names(client, Site::Live)
}

/// Enters a tenant whose registration is lost, with the file that its newest delivery names. One that is
/// registered is left as it is. `cw_global` is migrated here.
///
/// # Errors
/// A usage error where the archive has no delivery of the tenant. An entry that can't be read where no
/// newer one names a file.
pub async fn recover(session: &Session, client: TenantId) -> Result<()> {
    let transaction = as_role(session, &TenantId::GLOBAL.reader_role()).await?;
    let known = client_config::Entity::find()
        .filter(client_config::Column::ClientId.eq(client.to_string()))
        .one(&transaction)
        .await?;
    transaction.rollback().await?;
    if known.is_some() {
        return Ok(());
    }
    let Some(mapping) = newest_mapping(session, client).await? else {
        bail!(Usage(format!(
            "the archive has no delivery of {client}: see `catwing raw ls --client {client}`, or add it with `catwing tenant add FILE.toml`"
        )))
    };
    let bytes = session.store.config(client, mapping).await?;
    let file = TenantFile::parse(std::str::from_utf8(&bytes)?)?;
    register(session, &file, mapping).await
}

/// The file that the newest delivery or write of the UI names. Older entries are not read: a rebuild has
/// to begin where they are lost. A lost one above may have named another file, so that it can't be skipped.
async fn newest_mapping(session: &Session, client: TenantId) -> Result<Option<Sha256Hash>> {
    let manifest = Manifest::of(&session.store, client);
    let unreadable = |error: RawStoreError| {
        match error {
        RawStoreError::Chain { .. } => Error::new(error).context(format!(
            "the newest entries of {client} do not say which file is in force: add it with `catwing tenant add FILE.toml`, then try again"
        )),
        other => other.into(),
    }
    };
    let newest = manifest.head(None).await.map_err(unreadable)?;
    let numbers = 1..=newest.map_or(0, |head| head.number.0);
    for number in numbers.rev().map(EntryNumber) {
        let sealed = manifest.entry(number).await.map_err(unreadable)?;
        match sealed.entry.body {
            Body::Delivery(delivery) => return Ok(Some(delivery.mapping)),
            Body::UiEvent(event) => return Ok(Some(event.mapping)),
            Body::Verdict(_) | Body::Fix(_) | Body::Remap(_) | Body::Derived(_) => {}
        }
    }
    Ok(None)
}

/// The tenant, seen as its own reader: a row of another tenant can't come back. None where the database
/// does not know it.
///
/// # Errors
/// A database that does not answer.
pub async fn find(session: &Session, client: TenantId) -> Result<Option<Registered>> {
    let reader = client.reader_role();
    if !is_migrated(session, client).await? {
        return Ok(None);
    }
    let transaction = as_role(session, &reader).await?;
    let row = client_config::Entity::find()
        .filter(client_config::Column::ClientId.eq(client.to_string()))
        .one(&transaction)
        .await?;
    transaction.rollback().await?;
    row.map(registered).transpose()
}

/// The rows of all tenants, by id: as the shared tenant's reader, who sees them all, or as the reader
/// of one tenant after the other where whoever is connected may assume no more than those.
async fn rows(session: &Session) -> Result<Vec<client_config::Model>> {
    // The catalog is open to everybody, so this needs no role.
    let query = "select role.rolname::text from pg_roles as role
        join pg_namespace as schema on schema.nspname || '_reader' = role.rolname
        where schema.nspname ~ '^cw_(global|[0-9]+)$' and pg_has_role(session_user, role.oid,
            case when current_setting('server_version_num')::integer >= 160000 then 'set' else 'member' end)
        order by role.rolname";
    let mut readers: Vec<String> = sqlx::query_scalar(query).fetch_all(&session.pool).await?;
    let sees_all = TenantId::GLOBAL.reader_role();
    if !is_migrated(session, TenantId::GLOBAL).await? {
        return Ok(Vec::new());
    }
    if readers.iter().any(|reader| reader == sees_all.name()) {
        readers = vec![sees_all.name().to_owned()];
    }
    let mut rows = Vec::new();
    for reader in readers {
        let transaction = as_role(session, &Identifier::new(reader)).await?;
        rows.extend(client_config::Entity::find().all(&transaction).await?);
        transaction.rollback().await?;
    }
    rows.sort_by(|one, other| one.client_id.cmp(&other.client_id));
    Ok(rows)
}

/// Whether the tenant's schema and the list of tenants are there; asked of the catalog, which is open
/// to everybody.
async fn is_migrated(session: &Session, client: TenantId) -> Result<bool> {
    let query = "select exists (select from pg_namespace where nspname = $1) and exists (
        select from pg_class join pg_namespace as schema on schema.oid = relnamespace
        where schema.nspname = 'cw_global' and relname = 'client_config')";
    Ok(sqlx::query_scalar(query)
        .bind(client.schema().name())
        .fetch_one(&session.pool)
        .await?)
}

/// A transaction that does nothing outside of a role.
async fn as_role(session: &Session, role: &Identifier) -> Result<DatabaseTransaction> {
    let transaction = session.orm().begin().await?;
    let assumed = transaction
        .execute_unprepared(&format!("set local role {role}"))
        .await;
    assumed.with_context(|| {
        Usage(format!(
            "who connects to the database may not act as {role}: grant {role} to that login, or connect as another"
        ))
    })?;
    Ok(transaction)
}

fn registered(row: client_config::Model) -> Result<Registered> {
    let config: Config = serde_json::from_value(row.config).with_context(|| {
        format!(
            "the settings of {} in cw_global.client_config can't be read",
            row.client_id
        )
    })?;
    Ok(Registered {
        client: row.client_id.parse()?,
        name: row.client_name,
        mapping: config.mapping_sha256,
    })
}

/// Numbers of datasets and the salt of keys are in every row that was loaded: with others, the same
/// raw records would be other rows. Such a change is a remap and a rebuild, never an edit.
fn refuse_changed_ground(before: &TenantFile, after: &TenantFile) -> Result<()> {
    let mut told = Vec::new();
    if before.key_salt != after.key_salt {
        told.push("key_salt can't change once rows exist".to_owned());
    }
    for (name, dataset) in &after.datasets {
        if let Some(old) = before
            .datasets
            .get(name)
            .filter(|old| old.number != dataset.number)
        {
            let (was, is) = (old.number.number(), dataset.number.number());
            told.push(format!(
                "datasets.{name}.number was {was} and can't become {is}"
            ));
        }
        let number = dataset.number;
        let taken = before
            .datasets
            .iter()
            .find(|(other, old)| *other != name && old.number == number);
        if let Some((other, _)) = taken {
            told.push(format!(
                "datasets.{name}.number is that of the earlier dataset {other}: take a free one"
            ));
        }
    }
    if told.is_empty() {
        return Ok(());
    }
    bail!(Usage(format!(
        "the file changes what stored rows rest on: {}",
        told.join("; ")
    )))
}

/// `1 mistake`, `2 mistakes`.
#[must_use]
pub fn count_of(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use catwing_domain::tenant_file::TenantFile;

    use super::refuse_changed_ground;

    #[test]
    fn what_stored_rows_rest_on_never_changes() {
        let file = |salt: &str, datasets: &str| {
            let head = "client = \"CW-000200\"\nname = \"x\"\ntime_zone = \"UTC\"\nbase_currency = \"EUR\"\n";
            TenantFile::parse(&format!("{head}key_salt = \"{salt}\"\n{datasets}")).unwrap()
        };
        let before = file("", "[datasets.a]\nnumber = 1\n[datasets.b]\nnumber = 2\n");
        let refused = |after: &TenantFile| {
            refuse_changed_ground(&before, after)
                .unwrap_err()
                .to_string()
        };
        assert!(refused(&file("s", "")).contains("key_salt can't change"));
        assert!(
            refused(&file("", "[datasets.a]\nnumber = 3\n")).contains("datasets.a.number was 1")
        );
        assert!(refused(&file("", "[datasets.c]\nnumber = 2\n")).contains("earlier dataset b"));
        assert!(
            refuse_changed_ground(
                &before,
                &file("", "[datasets.a]\nnumber = 1\n[datasets.c]\nnumber = 3\n")
            )
            .is_ok()
        );
    }
}
