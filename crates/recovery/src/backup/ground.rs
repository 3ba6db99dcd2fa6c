//! What must be there before a tenant's schemas are: its roles, and the rows of `cw_global` that its own
//! rows refer to. Written as SQL that changes nothing where all of it is there.

use std::collections::{BTreeMap, BTreeSet};

use catwing_domain::{Identifier, TenantId};
use sea_orm::sqlx::{self, AssertSqlSafe, PgConnection};

use super::snapshot::{Snapshot, schemas_of};
use crate::RecoveryError;

/// What the names of roles of all tenants begin with.
const OF_ALL_TENANTS: &str = "cw_global_tenant_";

/// A foreign key of one column into a table of `cw_global`.
#[derive(Clone, Debug)]
struct Reference {
    schema: String,
    table: String,
    column: String,
    /// The table of `cw_global` that it points to.
    parent: String,
}

/// A role and whether it has its rights at once.
#[derive(Clone, Debug)]
struct Role {
    name: String,
    inherits: bool,
}

/// Ids of rows by table of `cw_global`.
type Ids = BTreeMap<String, BTreeSet<i64>>;

impl Snapshot {
    /// The SQL that lays the ground of a tenant.
    ///
    /// # Errors
    /// [`RecoveryError::BackupRead`].
    pub(super) async fn ground(&mut self, client: TenantId) -> Result<String, RecoveryError> {
        let failed = |source| RecoveryError::BackupRead { client, source };
        let mut sql = format!("-- What must be there before the schemas of {client}.\n\n");
        let connection = self.act_as(client, &client.reader_role()).await?;
        sql.push_str(&roles(connection, client).await.map_err(failed)?);
        if client == TenantId::GLOBAL {
            sql.push_str(DATABASE_RIGHTS);
            return Ok(sql);
        }
        let (own, shared) = references(connection, client).await.map_err(failed)?;
        let mut ids = Ids::new();
        collect(connection, &own, None, &mut ids)
            .await
            .map_err(failed)?;
        // All else that is read belongs to everybody.
        let connection = self.act_as(client, &TenantId::GLOBAL.reader_role()).await?;
        of_client(connection, client, &mut ids)
            .await
            .map_err(failed)?;
        let order = close(connection, &shared, &mut ids).await.map_err(failed)?;
        // Who restores may not be admitted to write there, and a dump before this may have turned policies off.
        sql.push_str("set role cw_global_owner;\n");
        for table in order {
            let rows = inserts(connection, &table, &ids).await.map_err(failed)?;
            for row in rows {
                sql.push_str(&row);
                sql.push('\n');
            }
        }
        sql.push_str("reset role;\n");
        Ok(sql)
    }
}

/// What a database that others made does not have of itself, as `catwing migrate` grants it.
const DATABASE_RIGHTS: &str = "
do $rights$
begin
    revoke all on schema public from public;
    execute format(
        'grant temporary on database %I to cw_global_loader, cw_global_tenant_loader', current_database()
    );
end
$rights$;
";

/// Makes the roles of a tenant, and who is a member of which, where they are missing.
async fn roles(connection: &mut PgConnection, client: TenantId) -> Result<String, sqlx::Error> {
    let loader = client.loader_role();
    let own = [
        client.owner_role().name().to_owned(),
        loader.name().to_owned(),
        client.reader_role().name().to_owned(),
        format!("{}_as_owner", loader.name()),
    ];
    let shared = client == TenantId::GLOBAL;
    let roles: Vec<(String, bool)> = sqlx::query_as(
        "select rolname::text, rolinherit from pg_roles \
         where rolname = any($1) or ($2 and starts_with(rolname, $3)) order by rolname",
    )
    .bind(&own[..])
    .bind(shared)
    .bind(OF_ALL_TENANTS)
    .fetch_all(&mut *connection)
    .await?;
    let roles = roles
        .into_iter()
        .map(|(name, inherits)| Role { name, inherits });
    let roles: Vec<_> = roles.collect();
    let names: Vec<_> = roles.iter().map(|role| role.name.clone()).collect();
    let memberships: Vec<(String, String)> = sqlx::query_as(
        "select role.rolname::text, member.rolname::text from pg_auth_members as link \
         join pg_roles as role on role.oid = link.roleid \
         join pg_roles as member on member.oid = link.member \
         where member.rolname = any($1) and (role.rolname = any($1) or starts_with(role.rolname, $2)) \
         order by 1, 2",
    )
    .bind(&names)
    .bind(OF_ALL_TENANTS)
    .fetch_all(connection)
    .await?;
    let mut sql = "do $roles$\nbegin\n".to_owned();
    for role in &roles {
        sql.push_str(&make_role(role));
    }
    for (role, member) in &memberships {
        let (granted, grantee) = (Identifier::new(role), Identifier::new(member));
        sql.push_str(&format!(
            "    if not exists (select from pg_catalog.pg_auth_members where roleid = '{granted}'::regrole \
             and member = '{grantee}'::regrole) then\n        grant {granted} to {grantee};\n    end if;\n"
        ));
    }
    sql.push_str("end\n$roles$;\n");
    Ok(sql)
}

/// Who restores must be able to become the role, to give it what it owns; a superuser is already.
fn make_role(role: &Role) -> String {
    let name = Identifier::new(&role.name);
    let inherit = if role.inherits {
        "inherit"
    } else {
        "noinherit"
    };
    format!(
        "    if not exists (select from pg_catalog.pg_roles where rolname = '{name}') then\n        \
         create role {name} nologin {inherit};\n    end if;\n    \
         if not pg_catalog.pg_has_role(session_user, '{name}', \
         case when current_setting('server_version_num')::integer >= 160000 then 'SET' else 'MEMBER' end) \
         then\n        execute format('grant {name} to %I', session_user);\n    end if;\n"
    )
}

/// Foreign keys of the tenant into `cw_global`, and those within `cw_global`.
async fn references(
    connection: &mut PgConnection,
    client: TenantId,
) -> Result<(Vec<Reference>, Vec<Reference>), sqlx::Error> {
    let shared = TenantId::GLOBAL.schema();
    let mut schemas = schemas_of(client);
    schemas.push(shared.name().to_owned());
    let found: Vec<(String, String, String, String)> = sqlx::query_as(
        "select n.nspname::text, child.relname::text, a.attname::text, parent.relname::text \
         from pg_constraint as c \
         join pg_class as child on child.oid = c.conrelid \
         join pg_namespace as n on n.oid = child.relnamespace \
         join pg_class as parent on parent.oid = c.confrelid \
         join pg_namespace as of_parent on of_parent.oid = parent.relnamespace \
         join pg_attribute as a on a.attrelid = c.conrelid and a.attnum = c.conkey[1] \
         where c.contype = 'f' and cardinality(c.conkey) = 1 and of_parent.nspname = $1 \
             and n.nspname = any($2) \
         order by 1, 2, 3, 4",
    )
    .bind(shared.name())
    .bind(&schemas)
    .fetch_all(connection)
    .await?;
    let reference = |(schema, table, column, parent)| Reference {
        schema,
        table,
        column,
        parent,
    };
    Ok(found
        .into_iter()
        .map(reference)
        .partition(|reference: &Reference| reference.schema != shared.name()))
}

/// Adds the ids that references hold: of all rows, or of those with these ids. Says whether any is new.
async fn collect(
    connection: &mut PgConnection,
    references: &[Reference],
    of: Option<&[i64]>,
    ids: &mut Ids,
) -> Result<bool, sqlx::Error> {
    let mut is_new = false;
    for reference in references {
        let [schema, table, column] =
            [&reference.schema, &reference.table, &reference.column].map(Identifier::new);
        let query = format!(
            "select distinct {column} from {schema}.{table} \
             where {column} is not null and ($1::bigint[] is null or id = any($1))"
        );
        let query = match of {
            Some(_) => query,
            // Not every table has an id.
            None => query.replace(" and ($1::bigint[] is null or id = any($1))", ""),
        };
        let query = sqlx::query_scalar::<_, i64>(AssertSqlSafe(query));
        let query = match of {
            Some(of) => query.bind(of.to_vec()),
            None => query,
        };
        let found = query.fetch_all(&mut *connection).await?;
        let known = ids.entry(reference.parent.clone()).or_default();
        for id in found {
            is_new |= known.insert(id);
        }
    }
    Ok(is_new)
}

/// Adds what belongs to the tenant though no row of it points there: its registration, and who works for
/// it, without which it does not see them.
async fn of_client(
    connection: &mut PgConnection,
    client: TenantId,
    ids: &mut Ids,
) -> Result<(), sqlx::Error> {
    for table in ["client_config", "x_user_clients"] {
        let query = format!("select id from cw_global.{table} where client_id = $1");
        let found: Vec<i64> = sqlx::query_scalar(AssertSqlSafe(query))
            .bind(client.to_string())
            .fetch_all(&mut *connection)
            .await?;
        ids.entry(table.to_owned()).or_default().extend(found);
    }
    Ok(())
}

/// Adds the parents of all rows, and theirs, and returns the tables in an order in which parents come
/// before children.
async fn close(
    connection: &mut PgConnection,
    shared: &[Reference],
    ids: &mut Ids,
) -> Result<Vec<String>, sqlx::Error> {
    let mut order: Vec<String> = Vec::new();
    let mut waiting: Vec<String> = ids.keys().cloned().collect();
    while let Some(table) = waiting.pop() {
        // A table that is met again stands before all that were met until now.
        order.retain(|met| *met != table);
        order.insert(0, table.clone());
        let of: Vec<i64> = ids.get(&table).into_iter().flatten().copied().collect();
        let own: Vec<Reference> = shared
            .iter()
            .filter(|reference| reference.table == table && reference.parent != table)
            .cloned()
            .collect();
        collect(connection, &own, Some(&of), ids).await?;
        waiting.extend(own.into_iter().map(|reference| reference.parent));
    }
    Ok(order)
}

/// A statement for each row, which does nothing where the row is there.
async fn inserts(
    connection: &mut PgConnection,
    table: &str,
    ids: &Ids,
) -> Result<Vec<String>, sqlx::Error> {
    let of: Vec<i64> = ids.get(table).into_iter().flatten().copied().collect();
    if of.is_empty() {
        return Ok(Vec::new());
    }
    let columns: Vec<String> = sqlx::query_scalar(
        "select attname::text from pg_attribute \
         where attrelid = ('cw_global.' || quote_ident($1))::regclass and attnum > 0 \
             and not attisdropped and attgenerated = '' order by attnum",
    )
    .bind(table)
    .fetch_all(&mut *connection)
    .await?;
    let names: Vec<_> = columns.iter().map(Identifier::new).collect();
    let list: Vec<_> = names.iter().map(ToString::to_string).collect();
    let values: Vec<_> = names
        .iter()
        .map(|name| format!("quote_nullable({name}::text)"))
        .collect();
    let query = format!(
        "select $1 || concat_ws(', ', {}) || ') on conflict do nothing;' \
         from cw_global.{} where id = any($2) order by id",
        values.join(", "),
        Identifier::new(table)
    );
    let head = format!(
        "insert into cw_global.{} ({}) values (",
        Identifier::new(table),
        list.join(", ")
    );
    sqlx::query_scalar(AssertSqlSafe(query))
        .bind(head)
        .bind(of)
        .fetch_all(connection)
        .await
}
