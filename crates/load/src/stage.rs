//! Staging: tables with the columns of the catalogue, filled by binary COPY. Those of a daily load are
//! temporary and gone with its transaction; those of a bulk load are kept until it is finished.

mod staged;

use std::collections::{BTreeMap, BTreeSet};

use catwing_domain::{Cell, Merge, Output, TableId, manifest::EntryNumber};
use sea_orm::sqlx::{self, PgConnection, Row};

use crate::{
    LoadError,
    copy::{CopyFailure, copy_in},
    quarantine,
    statement::{execute, fetch},
};
use staged::{holds_units, is_part};

pub(crate) use staged::{Keep, Staged, StagedScope, number_of};

/// Rows of a staging table from which on the planner is told what is in it.
pub(crate) const ANALYZE_ROWS_MIN: u64 = 2_000;

/// The staging tables that there are, with the rows that were copied to each.
#[derive(Debug, Default)]
pub(crate) struct Stage {
    keep: Option<Keep>,
    rows: BTreeMap<Staged, u64>,
}

impl Stage {
    #[cfg(test)]
    pub(crate) fn of(staged: impl IntoIterator<Item = Staged>) -> Self {
        Self {
            rows: staged.into_iter().map(|staged| (staged, 0)).collect(),
            ..Self::default()
        }
    }

    /// The staging tables of a bulk load that transactions before have filled.
    pub(crate) async fn kept(
        connection: &mut PgConnection,
        keep: Keep,
    ) -> Result<Self, sqlx::Error> {
        let query = format!(
            "select relname::text from pg_class where relnamespace = '{}'::regnamespace \
             and relname like 'stage\\_%'",
            keep.schema
        );
        let mut names = BTreeSet::new();
        for row in fetch(connection, query).await? {
            names.insert(row.try_get::<String, _>(0)?);
        }
        let all = TableId::ALL
            .iter()
            .flat_map(|table| [Staged::Rows(*table), Staged::Units(*table)]);
        let rows = all
            .chain(Staged::OTHERS)
            .filter(|staged| names.contains(&staged.name()))
            .map(|staged| (staged, ANALYZE_ROWS_MIN));
        Ok(Self {
            keep: Some(keep),
            rows: rows.collect(),
        })
    }

    /// The names of all staging tables that there are.
    pub(crate) fn names(&self) -> Vec<String> {
        self.rows.keys().map(|staged| staged.name()).collect()
    }

    /// The tables of the catalogue of which rows are staged.
    pub(crate) fn tables(&self) -> impl Iterator<Item = TableId> {
        self.rows.keys().filter_map(|staged| match staged {
            Staged::Rows(table) => Some(*table),
            _ => None,
        })
    }

    /// All rows that were copied.
    pub(crate) fn rows(&self) -> u64 {
        self.rows.values().sum()
    }

    /// Whether there is such a staging table.
    pub(crate) fn has(&self, staged: Staged) -> bool {
        self.rows.contains_key(&staged)
    }

    /// Copies all that transform found into staging; `group` is that of its marks, `objects` are
    /// the keys of the delivery's raw objects.
    pub(crate) async fn take(
        &mut self,
        connection: &mut PgConnection,
        entry: EntryNumber,
        objects: &[String],
        group: i32,
        output: &Output,
    ) -> Result<(), LoadError> {
        check(entry, objects.len(), output)?;
        for (&table, rows) in output.rows.iter().filter(|(_, rows)| !rows.is_empty()) {
            let staged = Staged::Rows(table);
            if is_part(table) {
                let units = output.part_units.get(&table).into_iter().flatten();
                let cells = rows
                    .iter()
                    .zip(units)
                    .map(|(row, unit)| row.chain([Cell::Key(unit.bits())]));
                self.copy(connection, entry, staged, cells).await?;
            } else if holds_units(table) {
                let units = output.units.iter().filter(|unit| unit.table == table);
                let cells = rows.iter().zip(units).map(|(row, unit)| {
                    row.chain([
                        entry_cell(entry),
                        Cell::Key(unit.object as i64),
                        Cell::Key(unit.content),
                    ])
                });
                self.copy(connection, entry, staged, cells).await?;
            } else {
                self.copy(connection, entry, staged, rows.iter()).await?;
            }
        }
        self.units(connection, entry, output).await?;
        if !output.present.is_empty() {
            self.marks(connection, entry, group, output).await?;
        }
        if !output.inventory_sets.is_empty() {
            let cells = output.inventory_sets.iter().map(|set| {
                let cells = [
                    Cell::date(set.day),
                    Cell::Text(&set.scope),
                    Cell::Key(set.position.bits()),
                ];
                cells.into_iter()
            });
            self.copy(connection, entry, Staged::InventorySets, cells)
                .await?;
        }
        if !output.rejects.is_empty() {
            let rejects = quarantine::rows(objects, &output.rejects);
            let cells = rows_with_objects(entry, &rejects, output);
            self.copy(connection, entry, Staged::Rejects, cells).await?;
        }
        Ok(())
    }

    /// Copies what all groups of marks say of presence.
    pub(crate) async fn scopes(
        &mut self,
        connection: &mut PgConnection,
        scopes: &[StagedScope],
    ) -> Result<(), LoadError> {
        if scopes.is_empty() {
            return Ok(());
        }
        let cells = scopes.iter().map(|staged| {
            let scope = &staged.scope;
            let cells = [
                Cell::Int(staged.group),
                Cell::Small(number_of(scope.table)),
                Cell::Text(scope.table.name()),
                Cell::Small(scope.dataset.into()),
                Cell::Text(&scope.scope),
                Cell::Key(scope.position.bits()),
                Cell::Bool(scope.retires),
            ];
            cells.into_iter()
        });
        self.copy(connection, EntryNumber(0), Staged::Scopes, cells)
            .await
    }

    /// Tells the planner what is in the larger staging tables.
    pub(crate) async fn analyze(&self, connection: &mut PgConnection) -> Result<(), LoadError> {
        let names: Vec<String> = self
            .rows
            .iter()
            .filter(|(_, rows)| **rows >= ANALYZE_ROWS_MIN)
            .map(|(staged, _)| staged.name())
            .collect();
        if names.is_empty() {
            return Ok(());
        }
        let failed = |source| LoadError::Stage {
            what: "all tables",
            source,
        };
        execute(connection, format!("analyze {}", names.join(", ")))
            .await
            .map_err(failed)?;
        Ok(())
    }

    async fn units(
        &mut self,
        connection: &mut PgConnection,
        entry: EntryNumber,
        output: &Output,
    ) -> Result<(), LoadError> {
        let tables: BTreeSet<TableId> = output.units.iter().map(|unit| unit.table).collect();
        for table in tables.into_iter().filter(|table| !holds_units(*table)) {
            let of_table = output.units.iter().filter(|unit| unit.table == table);
            let cells = of_table.map(|unit| {
                let cells = [
                    entry_cell(entry),
                    Cell::Key(unit.object as i64),
                    Cell::Key(unit.id.bits()),
                    Cell::Instant(unit.version.source_version.as_microsecond()),
                    Cell::Key(unit.version.raw_position.bits()),
                    Cell::Key(unit.content),
                ];
                cells.into_iter()
            });
            self.copy(connection, entry, Staged::Units(table), cells)
                .await?;
        }
        Ok(())
    }

    async fn marks(
        &mut self,
        connection: &mut PgConnection,
        entry: EntryNumber,
        group: i32,
        output: &Output,
    ) -> Result<(), LoadError> {
        let cells = output.present.iter().map(|mark| {
            let cells = [
                Cell::Int(group),
                Cell::Small(number_of(mark.table)),
                Cell::Key(mark.id.bits()),
            ];
            cells.into_iter()
        });
        self.copy(connection, entry, Staged::Marks, cells).await
    }

    /// Copies rows to a staging table, which is made with its first rows.
    async fn copy<'a, R>(
        &mut self,
        connection: &mut PgConnection,
        entry: EntryNumber,
        staged: Staged,
        rows: impl Iterator<Item = R>,
    ) -> Result<(), LoadError>
    where
        R: Iterator<Item = Cell<'a>>,
    {
        let what = staged.what();
        if !self.has(staged) {
            execute(connection, staged.create_sql(self.keep.as_ref()))
                .await
                .map_err(|source| LoadError::Stage { what, source })?;
            self.rows.insert(staged, 0);
        }
        let columns = staged.columns();
        let types: Vec<_> = columns.iter().map(|(_, ty)| *ty).collect();
        let copied = copy_in(connection, &staged.copy_sql(), &types, rows)
            .await
            .map_err(|failure| match failure {
                CopyFailure::Server(source) => LoadError::Stage { what, source },
                CopyFailure::Cell(position) => {
                    let column = columns.get(position).map_or("its end", |(name, _)| name);
                    let what = format!("a row of {what} does not fit its columns at {column}");
                    LoadError::Output { entry, what }
                }
            })?;
        *self.rows.entry(staged).or_default() += copied;
        Ok(())
    }
}

/// Refuses what could be staged but never be merged or accounted for.
fn check(entry: EntryNumber, objects: usize, output: &Output) -> Result<(), LoadError> {
    let refused = |what: String| Err(LoadError::Output { entry, what });
    for (table, rows) in &output.rows {
        let written_elsewhere = matches!(table.table().merge, Merge::Register | Merge::Seeded);
        if written_elsewhere && !rows.is_empty() {
            return refused(format!("rows of {} are not for transform", table.name()));
        }
        let units = output.units.iter().filter(|unit| unit.table == *table);
        if holds_units(*table) && units.count() != rows.len() {
            let what = format!("rows of {} are not one for each unit", table.name());
            return refused(what);
        }
        let units = output.part_units.get(table).map_or(0, Vec::len);
        if is_part(*table) && units != rows.len() {
            let rows = rows.len();
            return refused(format!(
                "{rows} rows of {} have {units} documents",
                table.name()
            ));
        }
    }
    let of_units = output.units.iter().map(|unit| unit.object);
    let of_rejects = output.rejects.iter().map(|reject| reject.object);
    if let Some(object) = of_units.chain(of_rejects).find(|object| *object >= objects) {
        return refused(format!(
            "object {object} is not one of the delivery's {objects}"
        ));
    }
    if output
        .rejects
        .iter()
        .any(|reject| reject.problems.is_empty())
    {
        return refused("a reject has no problem".to_owned());
    }
    Ok(())
}

fn rows_with_objects<'a>(
    entry: EntryNumber,
    rejects: &'a catwing_domain::Rows,
    output: &'a Output,
) -> impl Iterator<Item = impl Iterator<Item = Cell<'a>>> {
    rejects
        .iter()
        .zip(&output.rejects)
        .map(move |(row, reject)| row.chain([entry_cell(entry), Cell::Key(reject.object as i64)]))
}

fn entry_cell(entry: EntryNumber) -> Cell<'static> {
    Cell::Key(entry.0 as i64)
}

#[cfg(test)]
mod tests {
    use catwing_domain::{Entity, Output, RawPosition, RowKey, TableId, Unit, Version};

    use super::check;
    use crate::LoadError;
    use catwing_domain::manifest::EntryNumber;

    #[test]
    fn what_can_not_be_accounted_for_is_refused() {
        let entry = EntryNumber(7);
        let mut output = Output::default();
        output.units.push(Unit {
            table: Entity::Products.table(),
            id: RowKey::of(TableId::Products, "", &[Some("a")]).unwrap(),
            version: Version {
                source_version: "2011-01-31T23:59:59Z".parse().unwrap(),
                raw_position: RawPosition::from_bits(1),
            },
            content: 0,
            object: 1,
        });
        let error = check(entry, 1, &output).unwrap_err();
        assert!(matches!(error, LoadError::Output { .. }));
        assert!(error.to_string().contains("object 1 is not one of"));
        assert!(check(entry, 2, &output).is_ok());
    }
}
