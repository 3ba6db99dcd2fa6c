//! Keys: the same thing twice, what points at nothing, and parents that go.

use std::collections::BTreeSet;

use anyhow::Result;
use serde_json::{Value, json};

use crate::refused::{
    catalogue::{Catalogue, Constraint, Kind, Table},
    probe::Prober,
    row::{Row, Stored},
};

/// A key that no row has.
const NOBODY: i64 = 998;

/// Tries each row of the table again under another key, with the same values in one unique constraint.
/// That of the row which is null where it may be shows that two nulls are one.
pub async fn try_unique(table: &Table, stored: &Stored, prober: &mut Prober<'_>) -> Result<()> {
    for kind in [Kind::PrimaryKey, Kind::Unique] {
        for constraint in table.of_kind(kind) {
            let why = match kind {
                Kind::PrimaryKey => "keys that another row has",
                _ => "facts that are there already",
            };
            for row in stored.rows(&table.name) {
                let again = under_another_key(table, constraint, row);
                let refusal = table.refusal(constraint);
                prober.refuse((table, &again), &refusal, why).await?;
            }
        }
    }
    Ok(())
}

/// The row with other values in the primary key, as far as the constraint leaves it free.
fn under_another_key(table: &Table, constraint: &Constraint, row: &Row) -> Row {
    let mut row = row.clone();
    for column in table.primary_key() {
        if !constraint.columns.contains(column) {
            assert_eq!(table.column(column).ty, "bigint", "{}", table.name);
            row.insert(column.clone(), json!(NOBODY));
        }
    }
    row
}

/// Tries a row that points at nothing, once for each foreign key.
pub async fn try_orphans(table: &Table, stored: &Stored, prober: &mut Prober<'_>) -> Result<()> {
    for key in table.of_kind(Kind::ForeignKey) {
        assert_eq!(key.columns.len(), 1, "{}", key.name);
        let mut row = stored.with(table, &key.columns).clone();
        row.insert(key.columns[0].clone(), json!(NOBODY));
        let why = "references to what is not there";
        prober
            .refuse((table, &row), &table.refusal(key), why)
            .await?;
    }
    Ok(())
}

/// Deletes each row that others point at. Each foreign key has to answer; one that has is taken away, so
/// that the next one is asked.
pub async fn try_deletes(
    catalogue: &Catalogue,
    stored: &Stored,
    prober: &mut Prober<'_>,
) -> Result<()> {
    for parent in &catalogue.tables {
        let children = children_of(catalogue, parent);
        let Some((_, first)) = children.first() else {
            continue;
        };
        let (_, column) = first.parent.as_ref().expect("a parent");
        let mut answered = BTreeSet::new();
        for row in stored.rows(&parent.name) {
            let told = delete(parent, (column, &row[column]), &children, prober).await?;
            answered.extend(told);
        }
        let refusing = children.iter().filter(|(_, key)| !key.set_null);
        let refusing: BTreeSet<_> = refusing
            .map(|(table, key)| (table.name.clone(), key.name.clone()))
            .collect();
        assert_eq!(answered, refusing, "foreign keys at {}", parent.name);
        let count = prober.refused.entry("deletions of what others point at");
        *count.or_default() += answered.len();
    }
    Ok(())
}

fn children_of<'c>(catalogue: &'c Catalogue, parent: &Table) -> Vec<(&'c Table, &'c Constraint)> {
    let mut children = Vec::new();
    for table in &catalogue.tables {
        for key in table.of_kind(Kind::ForeignKey) {
            if key
                .parent
                .as_ref()
                .is_some_and(|(name, _)| *name == parent.name)
            {
                children.push((table, key));
            }
        }
    }
    children
}

/// The foreign keys that refuse the deletion of a row, by table and name.
async fn delete(
    parent: &Table,
    (column, key): (&String, &Value),
    children: &[(&Table, &Constraint)],
    prober: &mut Prober<'_>,
) -> Result<BTreeSet<(String, String)>> {
    let mut answered = BTreeSet::new();
    prober.run("savepoint parent").await?;
    if parent.append_only {
        // Another refusal than the one that is meant.
        let off = format!("alter table {} disable trigger user", parent.name);
        prober.run(&off).await?;
    }
    loop {
        prober.run("savepoint deletion").await?;
        let sql = format!("delete from {} where {column} = {key}", parent.name);
        let Err(refusal) = prober.attempt(&sql).await? else {
            break;
        };
        prober.run("rollback to savepoint deletion").await?;
        let told = children
            .iter()
            .find(|(table, key)| table.refusal(key) == refusal);
        let (table, key) = told.unwrap_or_else(|| panic!("{sql}: {refusal:?}"));
        assert!(!key.set_null, "{}", key.name);
        prober.take_away(&table.name, &key.name).await?;
        answered.insert((table.name.clone(), key.name.clone()));
    }
    for (table, emptied) in children.iter().filter(|(_, key)| key.set_null) {
        let left = format!(
            "select count(*) from {} where {} = {key}",
            table.name, emptied.columns[0]
        );
        assert_eq!(prober.count(&left).await?, 0, "{}", emptied.name);
    }
    prober.run("rollback to savepoint parent").await?;
    Ok(answered)
}
