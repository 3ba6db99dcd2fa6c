//! Conservation: what became of every record, counted after the merge by predicates of its own.

use std::collections::BTreeMap;

use catwing_domain::{Entity, Merge, ObjectCounts, Table, TableId, manifest::EntryNumber};
use sea_orm::sqlx::{self, PgConnection, Row};

use crate::{
    LoadError,
    stage::{Stage, Staged},
    statement::fetch,
};

/// A kind of record in a raw object, by the object's index in its delivery.
pub type ObjectEntity = (usize, Entity);

/// What became of the records of a kind in a raw object.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RecordCounts {
    /// What transform read.
    pub source: ObjectCounts,
    /// Records whose version stands in the database now.
    pub won: u64,
    /// Records that another record of the same key is newer than.
    pub superseded: u64,
    /// Records that the same delivery repeats in whole.
    pub duplicate: u64,
}

/// What the database knows of the records of a kind in a raw object.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Found {
    won: u64,
    superseded: u64,
    duplicate: u64,
    quarantined: u64,
    rows_quarantined: u64,
}

/// What was found, by delivery, object and entity.
pub(crate) type Accounts = BTreeMap<(EntryNumber, ObjectEntity), Found>;

const REJECTS_SQL: &str = "select entry_number, object, entity, count(*), sum(source_rows)::bigint \
     from (select distinct on (raw_position, entity) s.entry_number, s.object, s.entity, q.source_rows \
     from stage_rejects as s join quarantine as q using (raw_position, entity) \
     order by raw_position, entity, s.entry_number, s.object) as kept group by 1, 2, 3";

/// Counts every staged unit and reject by what the database holds after the merge.
pub(crate) async fn count(
    connection: &mut PgConnection,
    stage: &Stage,
) -> Result<Accounts, LoadError> {
    let mut accounts = Accounts::new();
    for &entity in Entity::ALL {
        let table = entity.table();
        if stage.has(Staged::units_of(table)) {
            count_units(connection, entity, &mut accounts)
                .await
                .map_err(|source| failed(entity.name(), source))?;
        }
    }
    if stage.has(Staged::Rejects) {
        count_rejects(connection, &mut accounts)
            .await
            .map_err(|source| failed("rejects", source))?;
    }
    Ok(accounts)
}

/// Compares what transform read with what was found, object by object and kind by kind. Source rows
/// of refused records are compared over the delivery, since a document's rows may be in several
/// objects.
pub(crate) fn settle(
    entry: EntryNumber,
    objects: &[String],
    counts: &BTreeMap<ObjectEntity, ObjectCounts>,
    accounts: &Accounts,
) -> Result<BTreeMap<ObjectEntity, RecordCounts>, LoadError> {
    let first = (entry, (0, Entity::Products));
    let found = accounts
        .range(first..)
        .take_while(|((of, _), _)| *of == entry);
    let mut settled: BTreeMap<_, _> = counts
        .keys()
        .chain(found.map(|((_, key), _)| key))
        .map(|key| (*key, RecordCounts::default()))
        .collect();
    let mut refused_rows = BTreeMap::<Entity, (u64, u64, usize)>::new();
    for (key, settled) in &mut settled {
        let source = counts.get(key).copied().unwrap_or_default();
        let found = accounts.get(&(entry, *key)).copied().unwrap_or_default();
        if let Some(difference) = difference(source, found) {
            return Err(broken(entry, objects, *key, difference));
        }
        let (object, entity) = *key;
        let (read, kept, _) = refused_rows.entry(entity).or_insert((0, 0, object));
        *read += source.rows_quarantined;
        *kept += found.rows_quarantined;
        *settled = RecordCounts {
            source,
            won: found.won,
            superseded: found.superseded,
            duplicate: found.duplicate,
        };
    }
    for (entity, (read, kept, object)) in refused_rows {
        if read != kept {
            let difference =
                format!("{read} source rows were refused, but quarantine stands for {kept}");
            return Err(broken(entry, objects, (object, entity), difference));
        }
    }
    Ok(settled)
}

fn broken(
    entry: EntryNumber,
    objects: &[String],
    (object, entity): ObjectEntity,
    difference: String,
) -> LoadError {
    LoadError::Conservation {
        entry,
        object: objects.get(object).cloned().unwrap_or_default(),
        entity,
        difference,
    }
}

fn difference(source: ObjectCounts, found: Found) -> Option<String> {
    let Found {
        won,
        superseded,
        duplicate,
        quarantined,
        ..
    } = found;
    let read = source.records_read;
    if read != won + superseded + duplicate + quarantined {
        return Some(format!(
            "{read} records were read, but {won} won, {superseded} are superseded, \
             {duplicate} are repeated and {quarantined} are in quarantine"
        ));
    }
    let refused = source.records_quarantined;
    if refused != quarantined {
        return Some(format!(
            "{refused} records were refused, but quarantine has {quarantined}"
        ));
    }
    None
}

async fn count_units(
    connection: &mut PgConnection,
    entity: Entity,
    accounts: &mut Accounts,
) -> Result<(), sqlx::Error> {
    for row in fetch(connection, units_sql(entity.table().table())).await? {
        let found = accounts.entry(key_of(&row, entity)?).or_default();
        found.won = count_at(&row, 2)?;
        found.duplicate = count_at(&row, 3)?;
        found.superseded = count_at(&row, 4)?;
    }
    Ok(())
}

async fn count_rejects(
    connection: &mut PgConnection,
    accounts: &mut Accounts,
) -> Result<(), sqlx::Error> {
    for row in fetch(connection, REJECTS_SQL.to_owned()).await? {
        let entity: &str = row.try_get(2)?;
        let entity = Entity::named(entity).ok_or(sqlx::Error::RowNotFound)?;
        let found = accounts.entry(key_of(&row, entity)?).or_default();
        found.quarantined = count_at(&row, 3)?;
        found.rows_quarantined = count_at(&row, 4)?;
    }
    Ok(())
}

/// Each unit is one of: the version that stands in the table; a repetition, of which the same
/// delivery has an equal one with a greater version; or older than what stands in the table. Most stand
/// there: what does not is looked at alone.
fn units_sql(table: &Table) -> String {
    let own = match table.merge {
        Merge::Parent => " and t.source_rank = 3",
        _ => "",
    };
    // Of the same write of the UI the earliest is kept, of all else the greatest version.
    let greater = if table.holds_events() { "<" } else { ">" };
    // A row of stock that a complete delivery has replaced is gone, unless it came again.
    let gone = match table.id {
        TableId::InventoryQuantities => "t.id is null or ",
        _ => "",
    };
    format!(
        "with lost as materialized (select u.entry_number, u.object, u.id, u.source_version, u.raw_position, \
         u.content, \
         {gone}(t.source_version, t.raw_position) {greater} (u.source_version, u.raw_position){own} as older \
         from {units} as u left join {name} as t on t.id = u.id \
         where ((t.source_version, t.raw_position) = (u.source_version, u.raw_position){own}) is not true), \
         again as (select distinct l.raw_position, l.source_version, l.id from lost as l \
         join {units} as u using (entry_number, id, content) \
         where (u.source_version, u.raw_position) {greater} (l.source_version, l.raw_position)), \
         counted as (select l.entry_number, l.object, count(*) as lost, count(a.id) as repeated, \
         count(*) filter (where a.id is null and l.older) as superseded \
         from lost as l left join again as a using (raw_position, source_version, id) group by 1, 2) \
         select u.entry_number, u.object, u.units - coalesce(c.lost, 0), coalesce(c.repeated, 0), \
         coalesce(c.superseded, 0) \
         from (select entry_number, object, count(*) as units from {units} group by 1, 2) as u \
         left join counted as c using (entry_number, object)",
        units = Staged::units_of(table.id).name(),
        name = table.name,
    )
}

fn key_of(
    row: &sqlx::postgres::PgRow,
    entity: Entity,
) -> Result<(EntryNumber, ObjectEntity), sqlx::Error> {
    let entry = count_at(row, 0)?;
    let object = usize::try_from(count_at(row, 1)?).unwrap_or(usize::MAX);
    Ok((EntryNumber(entry), (object, entity)))
}

/// A count, a number or an index: none of them is negative.
fn count_at(row: &sqlx::postgres::PgRow, column: usize) -> Result<u64, sqlx::Error> {
    let value: i64 = row.try_get(column)?;
    u64::try_from(value).map_err(|error| sqlx::Error::Decode(error.into()))
}

fn failed(entity: &'static str, source: sqlx::Error) -> LoadError {
    LoadError::Account { entity, source }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use catwing_domain::{Entity, ObjectCounts, manifest::EntryNumber};

    use super::{Accounts, Found, settle};

    fn counts(read: u64, quarantined: u64) -> ObjectCounts {
        ObjectCounts {
            source_rows: read,
            records_read: read,
            records_quarantined: quarantined,
            rows_quarantined: quarantined,
            ..ObjectCounts::default()
        }
    }

    #[test]
    fn only_equal_books_are_settled() {
        let entry = EntryNumber(3);
        let objects = ["a.csv".to_owned(), "b.csv".to_owned()];
        let key = (1, Entity::SalesOrders);
        let found = Found {
            won: 4,
            superseded: 2,
            duplicate: 1,
            quarantined: 3,
            rows_quarantined: 3,
        };
        // What belongs to another delivery is not counted here.
        let accounts = Accounts::from([((entry, key), found), ((entry.next(), key), found)]);
        let settle = |counts| settle(entry, &objects, &BTreeMap::from([(key, counts)]), &accounts);

        let settled = settle(counts(10, 3)).unwrap();
        assert_eq!((settled[&key].won, settled[&key].superseded), (4, 2));
        let error = settle(counts(11, 3)).unwrap_err().to_string();
        assert!(
            error.contains("entry 3, b.csv") && error.contains("11 records were read, but 4 won")
        );
        let error = settle(counts(10, 2)).unwrap_err().to_string();
        assert!(error.contains("2 records were refused, but quarantine has 3"));
        let mut rows = counts(10, 3);
        rows.rows_quarantined = 4;
        let error = settle(rows).unwrap_err().to_string();
        assert!(error.contains("4 source rows were refused, but quarantine stands for 3"));
    }

    #[test]
    fn records_that_nobody_announced_are_missed_too() {
        let entry = EntryNumber(3);
        let found = Found {
            won: 1,
            ..Found::default()
        };
        let accounts = Accounts::from([((entry, (0, Entity::Products)), found)]);
        assert!(settle(entry, &[], &BTreeMap::new(), &accounts).is_err());
        assert!(settle(entry, &[], &BTreeMap::new(), &Accounts::new()).is_ok());
    }
}
