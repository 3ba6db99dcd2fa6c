//! Tables, columns and constraints as the database's catalogue has them.

use std::collections::BTreeMap;

use anyhow::Result;
use sea_orm::sqlx::{self, PgConnection};

/// All tables of a tenant's schemas and the shared one, but the migrators' own.
pub struct Catalogue {
    pub tables: Vec<Table>,
}

pub struct Table {
    /// With its schema, quoted where it must be.
    pub name: String,
    pub columns: Vec<Column>,
    pub constraints: Vec<Constraint>,
    /// Whether the trigger that refuses changes of settings watches it.
    pub append_only: bool,
}

pub struct Column {
    pub name: String,
    pub ty: String,
    pub not_null: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    PrimaryKey,
    Unique,
    ForeignKey,
    Check,
}

pub struct Constraint {
    pub name: String,
    pub kind: Kind,
    pub columns: Vec<String>,
    /// The condition of a check, as the database writes it.
    pub condition: String,
    /// Of a foreign key: the table and column that it points at.
    pub parent: Option<(String, String)>,
    /// Of a foreign key: whether a parent's deletion empties it, where else it is refused.
    pub set_null: bool,
}

const TABLES: &str = "
    select c.oid::regclass::text, exists (
        select from pg_trigger as t where t.tgrelid = c.oid and t.tgfoid = 'cw_global.refuse_change_of_setting'::regproc
    )
    from pg_class as c
    where c.relkind = 'r' and c.relname <> 'seaql_migrations'
        and c.relnamespace::regnamespace::text in ('cw_global', 'cw_200', 'cw_200_staging', 'cw_200_stats')
    order by 1";
const COLUMNS: &str = "
    select a.attname::text, format_type(a.atttypid, a.atttypmod), a.attnotnull
    from pg_attribute as a
    where a.attrelid = $1::regclass and a.attnum > 0 and not a.attisdropped
    order by a.attnum";
const CONSTRAINTS: &str = "
    select c.conname::text, c.contype::text,
        array(
            select a.attname::text from unnest(c.conkey) with ordinality as k (attnum, place)
            join pg_attribute as a on a.attrelid = c.conrelid and a.attnum = k.attnum
            order by k.place
        ),
        coalesce(pg_get_expr(c.conbin, c.conrelid), ''),
        case when c.contype = 'f' then c.confrelid::regclass::text end,
        (select a.attname::text from pg_attribute as a where a.attrelid = c.confrelid and a.attnum = c.confkey[1]),
        c.confdeltype::text
    from pg_constraint as c
    where c.conrelid = $1::regclass and c.contype in ('p', 'u', 'f', 'c')
    order by c.conname";

/// What refuses rows beside the constraints that are tried.
const OTHERS: &str = "
    select c.conname::text from pg_constraint as c
    where c.connamespace::regnamespace::text in ('cw_global', 'cw_200', 'cw_200_staging', 'cw_200_stats')
        and c.contype not in ('p', 'u', 'f', 'c', 'n')
    union all
    select i.indexrelid::regclass::text from pg_index as i
    join pg_class as t on t.oid = i.indrelid
    where t.relnamespace::regnamespace::text in ('cw_global', 'cw_200', 'cw_200_staging', 'cw_200_stats')
        and i.indisunique and not exists (select from pg_constraint as c where c.conindid = i.indexrelid)";

type ConstraintRow = (
    String,
    String,
    Vec<String>,
    String,
    Option<String>,
    Option<String>,
    String,
);

impl Catalogue {
    pub async fn read(connection: &mut PgConnection) -> Result<Self> {
        let names: Vec<(String, bool)> = sqlx::query_as(TABLES).fetch_all(&mut *connection).await?;
        let mut tables = Vec::with_capacity(names.len());
        for (name, append_only) in names {
            let columns: Vec<(String, String, bool)> = sqlx::query_as(COLUMNS)
                .bind(&name)
                .fetch_all(&mut *connection)
                .await?;
            let constraints: Vec<ConstraintRow> = sqlx::query_as(CONSTRAINTS)
                .bind(&name)
                .fetch_all(&mut *connection)
                .await?;
            let column = |(name, ty, not_null)| Column { name, ty, not_null };
            tables.push(Table {
                name,
                columns: columns.into_iter().map(column).collect(),
                constraints: constraints.into_iter().map(Constraint::of).collect(),
                append_only,
            });
        }
        let others: Vec<String> = sqlx::query_scalar(OTHERS).fetch_all(connection).await?;
        assert!(others.is_empty(), "nobody tries {others:?}");
        Ok(Self { tables })
    }

    /// Parents before the tables that point at them.
    pub fn in_order(&self) -> Vec<&Table> {
        let mut ordered: Vec<&Table> = Vec::new();
        while ordered.len() < self.tables.len() {
            let before = ordered.len();
            for table in &self.tables {
                let is_there = |name: &str| ordered.iter().any(|other| other.name == name);
                let mut parents = table.of_kind(Kind::ForeignKey).filter_map(|key| {
                    let (parent, _) = key.parent.as_ref()?;
                    (*parent != table.name).then_some(parent)
                });
                if !is_there(&table.name) && parents.all(|parent| is_there(parent)) {
                    ordered.push(table);
                }
            }
            assert!(ordered.len() > before, "tables point at each other");
        }
        ordered
    }

    /// Constraints by kind.
    pub fn counts(&self) -> BTreeMap<&'static str, usize> {
        let mut counts = BTreeMap::new();
        for table in &self.tables {
            let not_null = table.columns.iter().filter(|column| column.not_null);
            *counts.entry("columns that are never null").or_default() += not_null.count();
            *counts.entry("columns").or_default() += table.columns.len();
            for constraint in &table.constraints {
                *counts.entry(constraint.kind.called()).or_default() += 1;
            }
        }
        counts
    }
}

impl Table {
    pub fn of_kind(&self, kind: Kind) -> impl Iterator<Item = &Constraint> {
        let of_kind = move |constraint: &&Constraint| constraint.kind == kind;
        self.constraints.iter().filter(of_kind)
    }

    pub fn column(&self, name: &str) -> &Column {
        let mut columns = self.columns.iter();
        columns
            .find(|column| column.name == name)
            .unwrap_or_else(|| panic!("{} has no column {name}", self.name))
    }

    pub fn primary_key(&self) -> &[String] {
        let key = self.of_kind(Kind::PrimaryKey).next();
        key.map_or(&[], |key| &key.columns)
    }

    /// The name alone.
    pub fn bare(&self) -> &str {
        self.name
            .split_once('.')
            .map_or(&self.name, |(_, name)| name)
    }
}

impl Constraint {
    fn of(
        (name, kind, columns, condition, parent, parent_column, on_delete): ConstraintRow,
    ) -> Self {
        Self {
            kind: match kind.as_str() {
                "p" => Kind::PrimaryKey,
                "u" => Kind::Unique,
                "f" => Kind::ForeignKey,
                _ => Kind::Check,
            },
            parent: parent.zip(parent_column),
            set_null: on_delete == "n",
            name,
            columns,
            condition,
        }
    }
}

impl Constraint {
    /// The words that a check admits, where it is a list of them.
    pub fn words(&self) -> Option<Vec<&str>> {
        let (_, words) = self.condition.split_once(" = ANY (ARRAY[")?;
        Some(words.split('\'').skip(1).step_by(2).collect())
    }
}

impl Kind {
    pub fn called(self) -> &'static str {
        match self {
            Self::PrimaryKey => "primary keys",
            Self::Unique => "unique constraints",
            Self::ForeignKey => "foreign keys",
            Self::Check => "checks",
        }
    }
}
