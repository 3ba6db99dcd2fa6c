//! The deliveries that a bulk load has staged, and what transform counted of each: kept beside the
//! staged rows and, like them, unlogged, so that after a crash of the server both are gone together.

use std::collections::BTreeMap;

use catwing_domain::{
    BusinessDay, Entity, ObjectCounts, PresenceScope, RawPosition, TableId,
    manifest::{EntryNumber, Sha256Hash},
};
use sea_orm::sqlx::{self, PgConnection, Row, postgres::PgRow};

use crate::{
    DeliveryHead, RecordFix,
    load::Delivery,
    stage::{Stage, Staged, StagedScope, number_of},
    statement::fetch,
};

/// The tables of a bulk load beside those of staged rows, made by the owner of the schema that its
/// search path ends with.
pub(super) const TABLES: &str = "create unlogged table bulk_deliveries ( \
         entry_number bigint primary key, entry_sha256 text not null, business_day date not null, \
         mapping_sha256 text not null, transform_version integer not null, run_id text not null, \
         kind text not null, objects text[] not null, \
         fix_position bigint, fix_object text, fix_ordinal bigint, fix_by text); \
     create unlogged table bulk_counts (entry_number bigint not null, object bigint not null, \
         entity text not null, counts bigint[] not null)";

/// Kinds of entries that a ledger names.
const KINDS: [&str; 6] = ["delivery", "verdict", "fix", "remap", "ui_event", "derived"];

/// Writes the deliveries of a transaction.
pub(crate) async fn write(
    connection: &mut PgConnection,
    deliveries: &[Delivery],
) -> Result<(), sqlx::Error> {
    for Delivery { head, counts } in deliveries {
        let insert = "insert into bulk_deliveries \
             values ($1, $2, $3::date, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
        let fix = head.fix.as_ref();
        let ordinal = |fix: &RecordFix| i64::try_from(fix.ordinal).unwrap_or(i64::MAX);
        sqlx::query(insert)
            .persistent(false)
            .bind(head.entry.0 as i64)
            .bind(head.entry_sha256.to_string())
            .bind(head.business_day.to_string())
            .bind(head.mapping_sha256.to_string())
            .bind(head.transform_version)
            .bind(&head.run_id)
            .bind(head.kind)
            .bind(&head.objects)
            .bind(fix.map(|fix| fix.position.bits()))
            .bind(fix.map(|fix| fix.object_key.as_str()))
            .bind(fix.map(ordinal))
            .bind(fix.map(RecordFix::author))
            .execute(&mut *connection)
            .await?;
        for ((object, entity), counts) in counts {
            sqlx::query("insert into bulk_counts values ($1, $2, $3, $4)")
                .persistent(false)
                .bind(head.entry.0 as i64)
                .bind(*object as i64)
                .bind(entity.name())
                .bind(numbers(counts))
                .execute(&mut *connection)
                .await?;
        }
    }
    Ok(())
}

/// Reads all of them.
pub(super) async fn read(connection: &mut PgConnection) -> Result<Vec<Delivery>, sqlx::Error> {
    let heads = "select entry_number, entry_sha256, business_day::text, mapping_sha256, \
         transform_version, run_id, kind, objects, fix_position, fix_object, fix_ordinal, fix_by \
         from bulk_deliveries order by entry_number";
    let mut deliveries = BTreeMap::new();
    for row in fetch(connection, heads.to_owned()).await? {
        let head = head(&row)?;
        let counts = BTreeMap::new();
        deliveries.insert(head.entry, Delivery { head, counts });
    }
    let counts = "select entry_number, object, entity, counts from bulk_counts";
    for row in fetch(connection, counts.to_owned()).await? {
        let entry = EntryNumber(count(row.try_get(0)?)?);
        let object = usize::try_from(count(row.try_get(1)?)?).unwrap_or(usize::MAX);
        let name: &str = row.try_get(2)?;
        let entity = Entity::named(name).ok_or(sqlx::Error::RowNotFound)?;
        if let Some(delivery) = deliveries.get_mut(&entry) {
            let read = counted(&row.try_get::<Vec<i64>, _>(3)?)?;
            delivery.counts.insert((object, entity), read);
        }
    }
    Ok(deliveries.into_values().collect())
}

/// What all groups of marks say of presence.
pub(super) async fn scopes(
    connection: &mut PgConnection,
    stage: &Stage,
) -> Result<Vec<StagedScope>, sqlx::Error> {
    if !stage.has(Staged::Scopes) {
        return Ok(Vec::new());
    }
    let query = "select mark_group, table_no, dataset_number, scope, newest_position, retires \
         from stage_scopes order by mark_group";
    let mut scopes = Vec::new();
    for row in fetch(connection, query.to_owned()).await? {
        let number: i16 = row.try_get(1)?;
        let table = TableId::ALL.iter().find(|id| number_of(**id) == number);
        let dataset: i16 = row.try_get(2)?;
        scopes.push(StagedScope {
            group: row.try_get(0)?,
            scope: PresenceScope {
                table: *table.ok_or(sqlx::Error::RowNotFound)?,
                dataset: u8::try_from(dataset)
                    .map_err(|error| sqlx::Error::Decode(error.into()))?,
                scope: row.try_get(3)?,
                position: RawPosition::from_bits(row.try_get(4)?),
                retires: row.try_get(5)?,
            },
        });
    }
    Ok(scopes)
}

/// The first group of marks that is not taken.
pub(crate) async fn next_group(
    connection: &mut PgConnection,
    stage: &Stage,
) -> Result<i32, sqlx::Error> {
    if !stage.has(Staged::Scopes) && !stage.has(Staged::Marks) {
        return Ok(0);
    }
    let of = |staged: Staged| {
        format!(
            "select max(mark_group) as mark_group from {}",
            staged.name()
        )
    };
    let known: Vec<_> = [Staged::Scopes, Staged::Marks]
        .into_iter()
        .filter(|staged| stage.has(*staged))
        .map(of)
        .collect();
    let query = format!(
        "select coalesce(max(mark_group), -1) + 1 from ({}) as known",
        known.join(" union all ")
    );
    let rows = fetch(connection, query).await?;
    rows.first().ok_or(sqlx::Error::RowNotFound)?.try_get(0)
}

fn head(row: &PgRow) -> Result<DeliveryHead, sqlx::Error> {
    let unreadable = |error: catwing_domain::DomainError| sqlx::Error::Decode(error.into());
    let hash = |column: usize| -> Result<Sha256Hash, sqlx::Error> {
        Sha256Hash::try_from(row.try_get::<String, _>(column)?).map_err(unreadable)
    };
    let day: String = row.try_get(2)?;
    let day: BusinessDay = day.parse().map_err(unreadable)?;
    let kind: &str = row.try_get(6)?;
    let kind = KINDS.into_iter().find(|known| *known == kind);
    Ok(DeliveryHead {
        entry: EntryNumber(count(row.try_get(0)?)?),
        kind: kind.ok_or(sqlx::Error::RowNotFound)?,
        entry_sha256: hash(1)?,
        business_day: day,
        mapping_sha256: hash(3)?,
        transform_version: row.try_get(4)?,
        run_id: row.try_get(5)?,
        objects: row.try_get(7)?,
        fix: fix(row)?,
    })
}

fn fix(row: &PgRow) -> Result<Option<RecordFix>, sqlx::Error> {
    let Some(position) = row.try_get::<Option<i64>, _>(8)? else {
        return Ok(None);
    };
    Ok(Some(RecordFix {
        position: RawPosition::from_bits(position),
        object_key: row.try_get(9)?,
        ordinal: count(row.try_get(10)?)?,
        by: row.try_get(11)?,
    }))
}

fn numbers(counts: &ObjectCounts) -> Vec<i64> {
    let ObjectCounts {
        source_rows,
        records_read,
        records_quarantined,
        rows_quarantined,
        rows_skipped,
        versions_cut,
    } = *counts;
    [
        source_rows,
        records_read,
        records_quarantined,
        rows_quarantined,
        rows_skipped,
        versions_cut,
    ]
    .map(|number| i64::try_from(number).unwrap_or(i64::MAX))
    .to_vec()
}

fn counted(numbers: &[i64]) -> Result<ObjectCounts, sqlx::Error> {
    let &[
        source_rows,
        records_read,
        records_quarantined,
        rows_quarantined,
        rows_skipped,
        versions_cut,
    ] = numbers
    else {
        return Err(sqlx::Error::RowNotFound);
    };
    Ok(ObjectCounts {
        source_rows: count(source_rows)?,
        records_read: count(records_read)?,
        records_quarantined: count(records_quarantined)?,
        rows_quarantined: count(rows_quarantined)?,
        rows_skipped: count(rows_skipped)?,
        versions_cut: count(versions_cut)?,
    })
}

/// A count or a number: none of them is negative.
fn count(value: i64) -> Result<u64, sqlx::Error> {
    u64::try_from(value).map_err(|error| sqlx::Error::Decode(error.into()))
}

#[cfg(test)]
mod tests {
    use catwing_domain::ObjectCounts;

    use super::{counted, numbers};

    #[test]
    fn counts_are_read_back_as_they_were_written() {
        let counts = ObjectCounts {
            source_rows: 1,
            records_read: 2,
            records_quarantined: 3,
            rows_quarantined: 4,
            rows_skipped: 5,
            versions_cut: 6,
        };
        let written = numbers(&counts);
        assert_eq!(written, [1, 2, 3, 4, 5, 6]);
        let read = counted(&written).unwrap();
        assert_eq!(numbers(&read), written);
        assert!(counted(&written[1..]).is_err());
        assert!(counted(&[-1, 0, 0, 0, 0, 0]).is_err());
    }
}
