//! The staging tables: their names, columns and how they are made.

use catwing_domain::{ColumnType, Entity, Identifier, Merge, PresenceScope, TableId};

use crate::statement::list;

/// The staging tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Staged {
    /// Rows of a table of the catalogue.
    Rows(TableId),
    /// Accepted units of a table whose rows do not hold them, to account for.
    Units(TableId),
    /// Keys that are present, by group.
    Marks,
    /// What each group of marks says of presence.
    Scopes,
    /// Refused records.
    Rejects,
    /// Days of which a delivery holds the whole stock.
    InventorySets,
}

/// What a group of marks says of presence.
#[derive(Clone, Debug)]
pub(crate) struct StagedScope {
    /// The group.
    pub(crate) group: i32,
    /// What it says.
    pub(crate) scope: PresenceScope,
}

impl Staged {
    /// Where the units of a table are staged.
    pub(crate) fn units_of(table: TableId) -> Self {
        if holds_units(table) {
            Self::Rows(table)
        } else {
            Self::Units(table)
        }
    }

    /// All that are of no table of the catalogue.
    pub(super) const OTHERS: [Self; 4] = [
        Self::Marks,
        Self::Scopes,
        Self::Rejects,
        Self::InventorySets,
    ];

    /// The staging table's name.
    pub(crate) fn name(self) -> String {
        match self {
            Self::Units(table) => format!("stage_units_of_{}", table.name()),
            _ => format!("stage_{}", self.what()),
        }
    }

    /// Its columns and their types, in order.
    pub(crate) fn columns(self) -> Vec<(&'static str, ColumnType)> {
        use ColumnType::{Bool, Date, Instant, Int, Key, Small, Text};
        match self {
            Self::Rows(table) => {
                let mut columns = catalogued(table);
                if is_part(table) {
                    columns.push(("unit_position", Key));
                }
                if holds_units(table) {
                    columns.extend([("entry_number", Key), ("object", Key), ("content", Key)]);
                }
                columns
            }
            Self::Units(_) => vec![
                ("entry_number", Key),
                ("object", Key),
                ("id", Key),
                ("source_version", Instant),
                ("raw_position", Key),
                ("content", Key),
            ],
            Self::Marks => vec![("mark_group", Int), ("table_no", Small), ("row_id", Key)],
            Self::Scopes => vec![
                ("mark_group", Int),
                ("table_no", Small),
                ("table_name", Text),
                ("dataset_number", Small),
                ("scope", Text),
                ("newest_position", Key),
                ("retires", Bool),
            ],
            Self::InventorySets => vec![
                ("snapshot_date", Date),
                ("scope", Text),
                ("newest_position", Key),
            ],
            Self::Rejects => {
                let mut columns = catalogued(TableId::Quarantine);
                columns.extend([("entry_number", Key), ("object", Key)]);
                columns
            }
        }
    }

    pub(super) fn what(self) -> &'static str {
        match self {
            Self::Rows(table) | Self::Units(table) => table.name(),
            Self::Marks => "marks",
            Self::Scopes => "scopes",
            Self::Rejects => "rejects",
            Self::InventorySets => "inventory_sets",
        }
    }

    pub(super) fn create_sql(self, keep: Option<&Keep>) -> String {
        let columns: Vec<_> = self
            .columns()
            .into_iter()
            .map(|(name, ty)| format!("{name} {}", sql_type(ty)))
            .collect();
        let (name, columns) = (self.name(), columns.join(", "));
        match keep {
            None => format!("create temp table {name} ({columns}) on commit drop"),
            Some(Keep {
                schema,
                owner,
                loader,
            }) => format!(
                "set local role {owner}; create unlogged table {schema}.{name} ({columns}); \
                 set local role {loader}"
            ),
        }
    }

    pub(super) fn copy_sql(self) -> String {
        format!(
            "copy {} ({}) from stdin (format binary)",
            self.name(),
            list(self.columns().into_iter().map(|(name, _)| name), "")
        )
    }
}

/// A table's number in staging.
pub(crate) fn number_of(table: TableId) -> i16 {
    table as i16
}

/// Where the staging tables of a bulk load are kept, who owns them and who fills them.
#[derive(Clone, Debug)]
pub(crate) struct Keep {
    pub(crate) schema: Identifier,
    pub(crate) owner: Identifier,
    pub(crate) loader: Identifier,
}

/// Whether each staged row of a table is a record of its own, and so the unit to account for. Of a parent
/// only the best of many records is staged, and references to it are rows too.
pub(super) fn holds_units(table: TableId) -> bool {
    let own = matches!(table.table().merge, Merge::Document | Merge::Observation);
    own && Entity::ALL.iter().any(|entity| entity.table() == table)
}

pub(super) fn is_part(table: TableId) -> bool {
    matches!(table.table().merge, Merge::Part { .. })
}

fn catalogued(table: TableId) -> Vec<(&'static str, ColumnType)> {
    let columns = table.table().columns.iter();
    columns.map(|column| (column.name, column.ty)).collect()
}

fn sql_type(ty: ColumnType) -> &'static str {
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
        ColumnType::Instant => "timestamptz",
        ColumnType::Bool => "boolean",
        ColumnType::Json => "jsonb",
    }
}

#[cfg(test)]
mod tests {
    use catwing_domain::TableId;

    use super::Staged;

    #[test]
    fn staging_tables_have_the_columns_of_their_table() {
        assert_eq!(
            Staged::Rows(TableId::Genders).create_sql(None),
            "create temp table stage_genders (id bigint, name text, source_version timestamptz, \
             raw_position bigint) on commit drop"
        );
        assert!(
            Staged::Rows(TableId::SalesOrderLines)
                .copy_sql()
                .ends_with("raw_position, unit_position) from stdin (format binary)")
        );
    }
}
