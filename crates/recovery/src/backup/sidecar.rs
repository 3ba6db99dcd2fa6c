//! The sidecar of a backup: what it holds, byte range by byte range, and where each tenant stood.
//! `docs/BACKUP.md` explains it for people.

use std::collections::BTreeMap;

use catwing_domain::{
    BusinessDay, TenantId,
    manifest::{EntryNumber, Sha256Hash},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Flaw;
use crate::digest::TenantDigest;

/// The version of the format of backups and sidecars.
pub const BACKUP_FORMAT: u32 = 1;
/// Bytes of a sidecar at the most: some hundred thousand entries of ledgers.
pub const SIDECAR_BYTES_MAX: u64 = 64 << 20;

/// A backup and what it holds. A backup without a sidecar does not exist.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sidecar {
    /// The key of the object that this sidecar is of.
    pub key: String,
    /// The run that took it.
    pub run_id: String,
    /// When its snapshot was taken.
    pub taken_at: Timestamp,
    /// The UTC day of that.
    pub day: BusinessDay,
    /// The database's name.
    pub database: String,
    /// The server's version, as it says it: `15.18`.
    pub server_version: String,
    /// The major version of the server; an older one can't be restored to.
    pub server_major: u32,
    /// The version of the pg_dump that was used.
    pub client_version: String,
    /// The version of catwing.
    pub catwing_version: String,
    /// Bytes of the object.
    pub size_bytes: u64,
    /// SHA-256 of the object.
    pub sha256: Sha256Hash,
    /// Its members, in their order, without gaps: the shared tenant's first.
    pub members: Vec<Member>,
    /// Where each tenant stood, the shared one first.
    pub tenants: Vec<TenantState>,
}

/// One gzip member of a backup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Member {
    /// Whose it is.
    pub client: TenantId,
    /// What it is.
    pub part: Part,
    /// Where it begins in the object.
    pub offset_bytes: u64,
    /// Its bytes in the object.
    pub size_bytes: u64,
    /// SHA-256 of those.
    pub sha256: Sha256Hash,
    /// Bytes of the SQL in it.
    pub sql_bytes: u64,
    /// SHA-256 of the SQL.
    pub sql_sha256: Sha256Hash,
    /// Rows by table, `schema.table`; every table of a dump is there.
    pub rows: BTreeMap<String, u64>,
}

/// What a member is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// What must be there before the tenant's schemas: its roles, and the rows of `cw_global` that its
    /// rows refer to, which are only added where they are missing.
    Ground,
    /// The tenant's schemas with their rows, as pg_dump writes them.
    Schemas,
}

/// Where a tenant stood in the snapshot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TenantState {
    /// The tenant.
    pub client: TenantId,
    /// The schemas that were dumped.
    pub schemas: Vec<SchemaState>,
    /// The newest business day of an applied delivery; none before the first.
    pub newest_day: Option<BusinessDay>,
    /// Every applied entry of the manifest with its SHA-256: the position, exactly.
    pub ledger: BTreeMap<EntryNumber, Sha256Hash>,
    /// Runs that were under way. What they had not committed is not in the backup.
    pub running: Vec<String>,
    /// The digest of the same snapshot, without days.
    pub digest: TenantDigest,
}

/// Which version a schema was at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SchemaState {
    /// Its name.
    pub schema: String,
    /// Names of its migrations, in order.
    pub migrations: Vec<String>,
    /// The hash of all migrations and rights that it was migrated by; none where it does not say.
    pub version: Option<String>,
}

/// A sidecar as it is stored: a changed byte of it is seen.
#[derive(Serialize, Deserialize)]
struct Stored {
    format: u32,
    sha256: Sha256Hash,
    backup: Sidecar,
}

/// What is read of one of any version.
#[derive(Deserialize)]
struct Format {
    format: u32,
}

impl Sidecar {
    /// The bytes of it as they are stored.
    ///
    /// # Errors
    /// None that can be met: every key of every map in it is text.
    pub(super) fn to_bytes(&self) -> Result<Vec<u8>, serde_json::Error> {
        serde_json::to_vec_pretty(&Stored {
            format: BACKUP_FORMAT,
            sha256: self.hash()?,
            backup: self.clone(),
        })
    }

    /// Reads one back that was stored beside `key`.
    pub(super) fn from_bytes(bytes: &[u8], key: &str) -> Result<Self, Flaw> {
        let unreadable = |error: serde_json::Error| Flaw::SidecarUnreadable(error.to_string());
        let Format { format } = serde_json::from_slice(bytes).map_err(unreadable)?;
        if format != BACKUP_FORMAT {
            return Err(Flaw::Format(format));
        }
        let stored: Stored = serde_json::from_slice(bytes).map_err(unreadable)?;
        if stored.backup.hash().map_err(unreadable)? != stored.sha256 {
            return Err(Flaw::SidecarChanged);
        }
        if stored.backup.key != key {
            return Err(Flaw::Stale(stored.backup.key));
        }
        Ok(stored.backup)
    }

    /// The state of a tenant in it.
    #[must_use]
    pub fn tenant(&self, client: TenantId) -> Option<&TenantState> {
        self.tenants.iter().find(|state| state.client == client)
    }

    /// A member of it.
    #[must_use]
    pub fn member(&self, client: TenantId, part: Part) -> Option<&Member> {
        let mut members = self.members.iter();
        members.find(|member| member.client == client && member.part == part)
    }

    /// The same backup under another key.
    pub(super) fn at(&self, key: String) -> Self {
        Self {
            key,
            ..self.clone()
        }
    }

    fn hash(&self) -> Result<Sha256Hash, serde_json::Error> {
        Ok(Sha256Hash::of(&serde_json::to_vec(self)?))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use catwing_domain::manifest::{EntryNumber, Sha256Hash};

    use super::{Flaw, Member, Part, Sidecar};

    fn sidecar() -> Sidecar {
        Sidecar {
            key: "db-backups/daily/2026-02-24.sql.gz".into(),
            run_id: "backup-1".into(),
            taken_at: "2026-02-24T03:00:00Z".parse().unwrap(),
            day: "2026-02-24".parse().unwrap(),
            database: "catwing".into(),
            server_version: "15.18".into(),
            server_major: 15,
            client_version: "15.18".into(),
            catwing_version: "0.1.0".into(),
            size_bytes: 3,
            sha256: Sha256Hash::of(b"abc"),
            members: vec![Member {
                client: "CW-000200".parse().unwrap(),
                part: Part::Schemas,
                offset_bytes: 0,
                size_bytes: 3,
                sha256: Sha256Hash::of(b"abc"),
                sql_bytes: 9,
                sql_sha256: Sha256Hash::of(b"sql"),
                rows: BTreeMap::from([("cw_200.products".into(), 2)]),
            }],
            tenants: Vec::new(),
        }
    }

    #[test]
    fn a_changed_sidecar_and_one_of_another_file_are_refused() {
        let sidecar = sidecar();
        let bytes = sidecar.to_bytes().unwrap();
        assert_eq!(
            Sidecar::from_bytes(&bytes, &sidecar.key),
            Ok(sidecar.clone())
        );
        assert_eq!(
            Sidecar::from_bytes(&bytes, "db-backups/daily/2026-02-25.sql.gz"),
            Err(Flaw::Stale(sidecar.key.clone()))
        );
        let changed = |from: &str, to: &str| {
            let text = String::from_utf8(bytes.clone()).unwrap();
            assert!(text.contains(from), "{text}");
            Sidecar::from_bytes(text.replacen(from, to, 1).as_bytes(), &sidecar.key)
        };
        assert_eq!(changed("\"15.18\"", "\"15.19\""), Err(Flaw::SidecarChanged));
        assert_eq!(
            changed("\"format\": 1", "\"format\": 2"),
            Err(Flaw::Format(2))
        );
        for cut in [0, 1, bytes.len() / 2, bytes.len() - 1] {
            let read = Sidecar::from_bytes(&bytes[..cut], &sidecar.key);
            assert!(matches!(read, Err(Flaw::SidecarUnreadable(_))), "{cut}");
        }
    }

    #[test]
    fn numbers_of_entries_are_keys_of_the_ledger() {
        let ledger = BTreeMap::from([(EntryNumber(12), Sha256Hash::of(b"entry"))]);
        let text = serde_json::to_string(&ledger).unwrap();
        assert!(text.starts_with("{\"12\":"), "{text}");
        let read: BTreeMap<EntryNumber, Sha256Hash> = serde_json::from_str(&text).unwrap();
        assert_eq!(read, ledger);
    }
}
