//! Keys, indexes and foreign keys that a bulk load takes away from empty tables and builds when the
//! rows are there. What they were is kept in a table, so that a killed load finds what is missing.

use catwing_domain::TenantSchemas;
use sea_orm::sqlx::{self, PgConnection, Row};

use crate::statement::{execute, fetch};

/// Made by the owner of the schema that its search path ends with.
pub(super) const TABLES: &str = "create table bulk_tables (name text primary key); \
     create table bulk_objects (seq integer generated always as identity primary key, \
         kind text not null, owner text not null, table_name text not null, name text not null, \
         definition text not null, comment text, done boolean not null default false)";

/// Constraints of the bare tables, foreign keys that lead to or from them, and their other indexes.
const NOTE: &str = "insert into bulk_objects (kind, owner, table_name, name, definition, comment) \
     select case when c.contype in ('p', 'u') then 'key' \
             when f.relnamespace = 'cw_global'::regnamespace then 'shared' else 'foreign' end, \
         r.relnamespace::regnamespace::text, quote_ident(r.relname), quote_ident(c.conname), \
         pg_get_constraintdef(c.oid), obj_description(c.oid, 'pg_constraint') \
     from pg_constraint as c join pg_class as r on r.oid = c.conrelid \
     left join pg_class as f on f.oid = c.confrelid \
     where r.relnamespace in ('$main'::regnamespace, '$staging'::regnamespace) and ( \
         c.contype in ('p', 'u') and r.relnamespace = '$main'::regnamespace \
             and r.relname in (select name from bulk_tables) \
         or c.contype = 'f' and ( \
             r.relnamespace = '$main'::regnamespace and r.relname in (select name from bulk_tables) \
             or f.relnamespace = '$main'::regnamespace and f.relname in (select name from bulk_tables))) \
     order by c.contype = 'p' desc, r.relname, c.conname; \
     insert into bulk_objects (kind, owner, table_name, name, definition, comment) \
     select 'index', '$main', quote_ident(r.relname), quote_ident(i.relname), pg_get_indexdef(i.oid), \
         obj_description(i.oid, 'pg_class') \
     from pg_index as x join pg_class as i on i.oid = x.indexrelid join pg_class as r on r.oid = x.indrelid \
     where r.relnamespace = '$main'::regnamespace and r.relname in (select name from bulk_tables) \
         and not exists (select from pg_constraint as c where c.conindid = i.oid and c.contype in ('p', 'u', 'x')) \
     order by r.relname, i.relname";

/// What was taken away, or is to be built.
#[derive(Clone, Debug)]
pub(super) struct Object {
    pub seq: i32,
    pub kind: Kind,
    owner: String,
    table: String,
    pub name: String,
    definition: String,
    comment: Option<String>,
}

/// The kinds of objects, in the order in which they are built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Primary keys and unique constraints.
    Key,
    /// Other indexes.
    Index,
    /// Foreign keys within the tenant.
    Foreign,
    /// Foreign keys to what all tenants share.
    Shared,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Key => "key",
            Self::Index => "index",
            Self::Foreign => "foreign",
            Self::Shared => "shared",
        }
    }

    fn named(name: &str) -> Option<Self> {
        [Self::Key, Self::Index, Self::Foreign, Self::Shared]
            .into_iter()
            .find(|kind| kind.name() == name)
    }
}

/// Notes what the bare tables have, and takes it away.
pub(super) async fn take_away(
    connection: &mut PgConnection,
    schemas: &TenantSchemas,
) -> Result<(), sqlx::Error> {
    let note = NOTE
        .replace("$main", &schemas.main.to_string())
        .replace("$staging", &schemas.staging.to_string());
    execute(connection, note).await?;
    let mut objects = all(connection).await?;
    // Foreign keys rest on keys.
    objects.reverse();
    let (foreign, others): (Vec<_>, Vec<_>) = objects
        .into_iter()
        .partition(|object| matches!(object.kind, Kind::Foreign | Kind::Shared));
    for object in foreign.into_iter().chain(others) {
        let Object {
            owner, table, name, ..
        } = &object;
        let statement = match object.kind {
            Kind::Index => format!("drop index {owner}.{name}"),
            Kind::Key | Kind::Foreign | Kind::Shared => {
                format!("alter table {owner}.{table} drop constraint {name}")
            }
        };
        execute(connection, statement).await?;
    }
    Ok(())
}

/// All that was taken away and is not built yet, in the order in which it was noted.
pub(super) async fn all(connection: &mut PgConnection) -> Result<Vec<Object>, sqlx::Error> {
    let query = "select seq, kind, owner, table_name, name, definition, comment \
         from bulk_objects where not done order by seq";
    let rows = fetch(connection, query.to_owned()).await?;
    let object = |row: &sqlx::postgres::PgRow| -> Result<Object, sqlx::Error> {
        let kind: &str = row.try_get(1)?;
        Ok(Object {
            seq: row.try_get(0)?,
            kind: Kind::named(kind).ok_or(sqlx::Error::RowNotFound)?,
            owner: row.try_get(2)?,
            table: row.try_get(3)?,
            name: row.try_get(4)?,
            definition: row.try_get(5)?,
            comment: row.try_get(6)?,
        })
    };
    rows.iter().map(object).collect()
}

impl Object {
    /// What builds the object, each statement in a transaction of its own. A key into what all share is
    /// added unchecked, so that its table is locked for a moment only, and checked after.
    pub fn statements(&self) -> Vec<String> {
        let Self {
            owner,
            table,
            name,
            definition,
            ..
        } = self;
        let add = format!("alter table {owner}.{table} add constraint {name} {definition}");
        let mut statements = match self.kind {
            Kind::Index => vec![definition.clone()],
            Kind::Key | Kind::Foreign => vec![add],
            Kind::Shared => vec![
                format!("{add} not valid"),
                format!("alter table {owner}.{table} validate constraint {name}"),
            ],
        };
        if let (Some(comment), Some(last)) = (&self.comment, statements.last_mut()) {
            let text = comment.replace('\'', "''");
            match self.kind {
                Kind::Index => {
                    last.push_str(&format!("; comment on index {owner}.{name} is '{text}'"))
                }
                _ => last.push_str(&format!(
                    "; comment on constraint {name} on {owner}.{table} is '{text}'"
                )),
            }
        }
        statements
    }

    /// Whether the constraint is there, checked or not.
    pub async fn stands(&self, connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
        let query = format!(
            "select from pg_constraint where conrelid = '{}.{}'::regclass and quote_ident(conname) = '{}'",
            self.owner,
            self.table,
            self.name.replace('\'', "''")
        );
        Ok(!fetch(connection, query).await?.is_empty())
    }

    /// The name of the table whose primary key this is.
    pub fn primary_key_of(&self) -> Option<&str> {
        let primary = self.kind == Kind::Key && self.definition.starts_with("PRIMARY KEY");
        primary.then_some(self.table.as_str())
    }
}
