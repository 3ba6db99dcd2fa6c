//! A try to store something, in a savepoint of its own, and what the database says.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use sea_orm::sqlx::{self, AssertSqlSafe, PgConnection, postgres::PgDatabaseError};

use crate::{
    database::execute,
    refused::{
        catalogue::{Constraint, Kind, Table},
        row::Row,
    },
};

/// Why the database refused a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub sqlstate: String,
    /// With its schema.
    pub table: String,
    /// Name of the constraint, or of the column that is null.
    pub by: String,
}

/// Tries one thing after another in one transaction, and keeps none.
pub struct Prober<'c> {
    connection: &'c mut PgConnection,
    /// How many tries were refused, by reason.
    pub refused: BTreeMap<&'static str, usize>,
    /// How many tries at a limit were admitted.
    pub admitted: usize,
}

impl<'c> Prober<'c> {
    pub async fn begin(connection: &'c mut PgConnection) -> Result<Self> {
        execute(connection, "begin").await?;
        let (refused, admitted) = (BTreeMap::new(), 0);
        Ok(Self {
            connection,
            refused,
            admitted,
        })
    }

    /// Runs what belongs to a try and must succeed.
    pub async fn run(&mut self, sql: &str) -> Result<()> {
        let done = execute(self.connection, sql).await;
        done.with_context(|| sql.to_owned())
    }

    /// Counts rows.
    pub async fn count(&mut self, sql: &str) -> Result<i64> {
        let count = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(&mut *self.connection);
        Ok(count.await?)
    }

    /// From here the table is empty, so that nothing is refused for being there already. No trigger and
    /// no foreign key is asked.
    pub async fn begin_empty(&mut self, table: &Table) -> Result<()> {
        let empty = format!(
            "savepoint empty; alter table {name} disable trigger all; delete from {name};
             alter table {name} enable trigger all",
            name = table.name
        );
        self.run(&empty).await
    }

    pub async fn end_empty(&mut self) -> Result<()> {
        self.run("rollback to savepoint empty").await
    }

    /// Stores a row that stays.
    pub async fn store(&mut self, table: &Table, row: &Row) -> Result<()> {
        let stored = self.insert(table, row).await?;
        assert_eq!(stored, Ok(()), "{}: {row:?}", table.name);
        Ok(())
    }

    /// Tries a row that the database must refuse for the reason that is given. Where another constraint
    /// of a kind that is asked earlier answers first, it is taken away and the row tried again: it
    /// must be refused by each that should refuse it.
    pub async fn refuse(
        &mut self,
        (table, row): (&Table, &Row),
        expected: &Refusal,
        why: &'static str,
    ) -> Result<()> {
        let answer = self.last_answer(table, row, Some(expected)).await?;
        assert_eq!(
            answer.as_ref(),
            Err(expected),
            "{} by {} of {row:?}",
            table.name,
            expected.by
        );
        *self.refused.entry(why).or_default() += 1;
        Ok(())
    }

    /// Tries a row that a check must admit, whatever others say.
    pub async fn admit(&mut self, table: &Table, row: &Row, check: &Constraint) -> Result<()> {
        // Foreign keys are not asked: the row is about its check.
        self.run("savepoint admitted; set local session_replication_role = replica")
            .await?;
        let answer = self
            .last_answer(table, row, Some(&table.refusal(check)))
            .await?;
        self.run("rollback to savepoint admitted").await?;
        assert_eq!(
            answer,
            Ok(()),
            "{} of {} has to admit {row:?}",
            check.name,
            table.name
        );
        self.admitted += 1;
        Ok(())
    }

    /// Tries a row with a number that its column's type can't hold.
    pub async fn overflow(&mut self, table: &Table, row: &Row) -> Result<()> {
        self.run("savepoint probe").await?;
        let answer = self.insert(table, row).await?;
        self.run("rollback to savepoint probe").await?;
        let sqlstate = answer.map_err(|refusal| refusal.sqlstate);
        assert_eq!(sqlstate, Err("22003".to_owned()), "{}: {row:?}", table.name);
        *self
            .refused
            .entry("numbers that no type holds")
            .or_default() += 1;
        Ok(())
    }

    /// What the database says of a row once all other constraints of the table that refuse it are gone.
    async fn last_answer(
        &mut self,
        table: &Table,
        row: &Row,
        meant: Option<&Refusal>,
    ) -> Result<Result<(), Refusal>> {
        self.run("savepoint probe").await?;
        let mut others: Vec<_> = table.constraints.iter().collect();
        others.retain(|constraint| meant != Some(&table.refusal(constraint)));
        let answer = loop {
            self.run("savepoint attempt").await?;
            let answer = self.insert(table, row).await?;
            self.run("rollback to savepoint attempt").await?;
            let Err(refusal) = &answer else { break answer };
            let answered = |other: &&Constraint| {
                // A check that can't even be worked out names nobody: then all of them go.
                let unnamed = refusal.by.is_empty() && other.kind == Kind::Check;
                unnamed || table.refusal(other) == *refusal
            };
            let (gone, left): (Vec<_>, Vec<_>) = others.into_iter().partition(answered);
            if gone.is_empty() {
                break answer;
            }
            for constraint in gone {
                self.take_away(&table.name, &constraint.name).await?;
            }
            others = left;
        };
        self.run("rollback to savepoint probe").await?;
        Ok(answer)
    }

    /// Drops a constraint until the try is over.
    pub async fn take_away(&mut self, table: &str, constraint: &str) -> Result<()> {
        self.run(&format!(
            "alter table {table} drop constraint \"{constraint}\" cascade"
        ))
        .await
    }

    async fn insert(&mut self, table: &Table, row: &Row) -> Result<Result<(), Refusal>> {
        let name = &table.name;
        let sql = format!(
            "insert into {name} overriding system value
             select * from jsonb_populate_record(null::{name}, $1::text::jsonb)"
        );
        let json = serde_json::Value::Object(row.clone()).to_string();
        let done = sqlx::query(AssertSqlSafe(sql))
            .bind(json)
            .persistent(false)
            .execute(&mut *self.connection)
            .await;
        told(done.map(|_| ()))
    }

    /// Runs a statement that the database may refuse; afterwards the caller rolls back.
    pub async fn attempt(&mut self, sql: &str) -> Result<Result<(), Refusal>> {
        told(execute(self.connection, sql).await)
    }
}

impl Table {
    /// What the database says where the constraint refuses a row of the table.
    pub fn refusal(&self, constraint: &Constraint) -> Refusal {
        let sqlstate = match constraint.kind {
            Kind::PrimaryKey | Kind::Unique => "23505",
            Kind::ForeignKey => "23503",
            Kind::Check => "23514",
        };
        Refusal {
            sqlstate: sqlstate.to_owned(),
            table: self.name.clone(),
            by: constraint.name.clone(),
        }
    }
}

/// A refusal of the database; any other error is the test's own.
fn told(done: Result<(), sqlx::Error>) -> Result<Result<(), Refusal>> {
    let Err(error) = done else { return Ok(Ok(())) };
    let database = error.as_database_error();
    let Some(refused) = database.and_then(|error| error.try_downcast_ref::<PgDatabaseError>())
    else {
        return Err(error.into());
    };
    let table = match (refused.schema(), refused.table()) {
        (Some(schema), Some(table)) => format!("{schema}.{table}"),
        _ => refused.message().to_owned(),
    };
    let by = refused.constraint().or(refused.column());
    Ok(Err(Refusal {
        sqlstate: refused.code().to_owned(),
        table,
        by: by.unwrap_or_default().to_owned(),
    }))
}
