//! Reads a backup back: every byte of it, and every row against the digest of the same snapshot.

use catwing_domain::{Class, TableId, TenantId};
use catwing_raw_store::Store;

use super::{Flaw, Member, Part, Sidecar, TenantState, member::unpack};
use crate::RecoveryError;

/// Reads the members of these tenants, or all where none is named, and holds them against the sidecar:
/// ranges, SHA-256, the checksums of gzip, the last line of pg_dump, and the rows of each table against
/// the digest of the snapshot. `watch` hears how many bytes of the file were read.
///
/// # Errors
/// [`RecoveryError::BackupFlawed`] says what is wrong, [`RecoveryError::BackupStore`].
pub async fn verify(
    store: &Store,
    sidecar: &Sidecar,
    clients: &[TenantId],
    watch: &(dyn Fn(u64) + Send + Sync),
) -> Result<(), RecoveryError> {
    let flawed = |flaw| RecoveryError::flawed(&sidecar.key, flaw);
    let head = store.head(&sidecar.key).await;
    match head.map_err(RecoveryError::backup_store)? {
        None => return Err(flawed(Flaw::Missing)),
        Some(head) if head.size_bytes != sidecar.size_bytes => {
            return Err(flawed(Flaw::Size {
                found_bytes: head.size_bytes,
                expected_bytes: sidecar.size_bytes,
            }));
        }
        Some(_) => {}
    }
    check_members(sidecar).map_err(flawed)?;
    let mut read_bytes = 0;
    for member in &sidecar.members {
        if clients.is_empty() || clients.contains(&member.client) {
            unpack(store, &sidecar.key, member, |_| {}).await?;
            read_bytes += member.size_bytes;
            watch(read_bytes);
        }
    }
    Ok(())
}

/// Whether the members follow each other from the first byte to the last, and each tenant has its own,
/// with the rows that its digest has.
fn check_members(sidecar: &Sidecar) -> Result<(), Flaw> {
    let mut end_bytes = 0_u64;
    for member in &sidecar.members {
        if member.offset_bytes != end_bytes || member.size_bytes == 0 {
            return Err(Flaw::Members);
        }
        end_bytes = end_bytes.saturating_add(member.size_bytes);
    }
    if end_bytes != sidecar.size_bytes || sidecar.members.len() != 2 * sidecar.tenants.len() {
        return Err(Flaw::Members);
    }
    for state in &sidecar.tenants {
        let ground = sidecar.member(state.client, Part::Ground);
        let schemas = sidecar.member(state.client, Part::Schemas);
        let (Some(_), Some(schemas)) = (ground, schemas) else {
            return Err(Flaw::Members);
        };
        check_rows(state, schemas)?;
    }
    Ok(())
}

/// Whether a dump has the rows that the digest of the same snapshot counted, table by table. The sidecar's
/// counts are those of the dump's own lines, which reading it back counts again.
fn check_rows(state: &TenantState, schemas: &Member) -> Result<(), Flaw> {
    let client = state.client;
    let compared = TableId::ALL.iter().chain(TableId::STATISTICS);
    for id in compared.filter(|id| id.is_of(client) && id.table().class != Class::Journal) {
        let table = format!("{}.{}", id.schema(client).name(), id.name());
        let expected = state.digest.tables.get(id.name()).map(|table| table.rows);
        let found = schemas.rows.get(&table).copied();
        if found.is_none() || found != expected {
            return Err(Flaw::Rows {
                client,
                table,
                found: found.map_or_else(|| "no".to_owned(), |rows| rows.to_string()),
                expected: expected.unwrap_or_default(),
            });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use catwing_domain::manifest::Sha256Hash;

    use super::{Class, Flaw, Member, Part, TableId, TenantState, check_rows};
    use crate::digest::{TableDigest, TenantDigest};

    /// A tenant whose every table has two rows, and the dump of it.
    fn tenant() -> (TenantState, Member) {
        let client = "CW-000200".parse().unwrap();
        let compared: Vec<_> = TableId::ALL
            .iter()
            .chain(TableId::STATISTICS)
            .filter(|id| id.is_of(client) && id.table().class != Class::Journal)
            .collect();
        let digest = TableDigest {
            rows: 2,
            digest: Default::default(),
            days: BTreeMap::new(),
        };
        let tables = compared
            .iter()
            .map(|id| (id.name().to_owned(), digest.clone()));
        let rows = compared
            .iter()
            .map(|id| (format!("{}.{}", id.schema(client).name(), id.name()), 2));
        let state = TenantState {
            client,
            schemas: Vec::new(),
            newest_day: None,
            ledger: BTreeMap::new(),
            running: Vec::new(),
            digest: TenantDigest {
                client,
                digest: String::new(),
                encoding_version: 1,
                transform_versions: Vec::new(),
                mappings: Vec::new(),
                tables: tables.collect(),
            },
        };
        let member = Member {
            client,
            part: Part::Schemas,
            offset_bytes: 0,
            size_bytes: 1,
            sha256: Sha256Hash::of(b""),
            sql_bytes: 1,
            sql_sha256: Sha256Hash::of(b""),
            rows: rows.collect(),
        };
        (state, member)
    }

    #[test]
    fn a_dump_with_other_rows_than_its_digest_is_refused() {
        let (state, good) = tenant();
        assert_eq!(check_rows(&state, &good), Ok(()));
        let refused = |table: &str, rows: Option<u64>| {
            let mut member = good.clone();
            member.rows.remove(table);
            member
                .rows
                .extend(rows.map(|rows| (table.to_owned(), rows)));
            let told = check_rows(&state, &member).unwrap_err();
            assert!(matches!(told, Flaw::Rows { .. }));
            told.to_string()
        };
        let told = refused("cw_200.sales_orders", Some(1));
        assert_eq!(
            told,
            "cw_200.sales_orders of CW-000200 has 1 rows in it where the snapshot had 2"
        );
        let told = refused("cw_200_stats.daily_sales_values", None);
        assert!(told.contains("has no rows in it"), "{told}");
    }
}
