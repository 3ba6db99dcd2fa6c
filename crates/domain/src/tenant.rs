//! Tenants and the schemas and roles that are theirs.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{DomainError, Identifier, manifest::Sha256Hash};

/// Where a tenant's tables stand in a database.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Site {
    /// Where runs, readers and the UI find them: `cw_200`.
    #[default]
    Live,
    /// Where a rebuild or a restore makes them before it is switched to: `cw_200_next`.
    Beside,
    /// Where those stay that a switch has replaced, until they are dropped: `cw_200_before`.
    Before,
}

/// The schemas of a tenant at one place. Its roles are the same everywhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TenantSchemas {
    /// The tenant's tables.
    pub main: Identifier,
    /// What is checked before it is loaded.
    pub staging: Identifier,
    /// Statistics.
    pub stats: Identifier,
}

impl TenantSchemas {
    /// All three: tables, staging, statistics.
    #[must_use]
    pub fn all(&self) -> [&Identifier; 3] {
        [&self.main, &self.staging, &self.stats]
    }
}

/// One retailer, `CW-000200`, or the shared tenant `CW-GLOBAL` (number 0).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TenantId(u32);

impl TenantId {
    /// The tenant that holds what all share.
    pub const GLOBAL: Self = Self(0);

    /// The number in the name; 0 for `CW-GLOBAL`.
    #[must_use]
    pub fn number(self) -> u32 {
        self.0
    }

    /// The schema of the tenant's tables: `cw_200`, or `cw_global`.
    #[must_use]
    pub fn schema(self) -> Identifier {
        self.named("")
    }

    /// The schema of what is checked before it is loaded: `cw_200_staging`.
    #[must_use]
    pub fn staging_schema(self) -> Identifier {
        self.named("_staging")
    }

    /// The schema of the tenant's statistics: `cw_200_stats`.
    #[must_use]
    pub fn stats_schema(self) -> Identifier {
        self.named("_stats")
    }

    /// The tenant's three schemas at a site.
    #[must_use]
    pub fn schemas(self, site: Site) -> TenantSchemas {
        let at = match site {
            Site::Live => "",
            Site::Beside => "_next",
            Site::Before => "_before",
        };
        TenantSchemas {
            main: self.named(at),
            staging: self.named(&format!("{at}_staging")),
            stats: self.named(&format!("{at}_stats")),
        }
    }

    /// The role that loads this tenant and no other.
    #[must_use]
    pub fn loader_role(self) -> Identifier {
        self.named("_loader")
    }

    /// The role that reads this tenant and no other.
    #[must_use]
    pub fn reader_role(self) -> Identifier {
        self.named("_reader")
    }

    /// The role that owns the tenant's tables; it can't log in.
    #[must_use]
    pub fn owner_role(self) -> Identifier {
        self.named("_owner")
    }

    /// The key of the advisory lock of whoever changes what the tenant's raw archive determines: loads
    /// and statistics take turns by it.
    #[must_use]
    pub fn apply_lock(self) -> i64 {
        self.lock("apply")
    }

    /// The key of the advisory lock of whoever changes the tables at a site, which for [`Site::Live`] is
    /// [`TenantId::apply_lock`]: who builds beside is in nobody's way.
    #[must_use]
    pub fn lock_at(self, site: Site) -> i64 {
        match site {
            Site::Live => self.apply_lock(),
            Site::Beside => self.lock("apply beside"),
            Site::Before => self.lock("apply before"),
        }
    }

    /// The key of the advisory lock of the tenant's run: one at a time, from its first step to its last.
    #[must_use]
    pub fn run_lock(self) -> i64 {
        const RUNS: i64 = 0x6361_7472_756e << 16;
        RUNS ^ i64::from(self.0)
    }

    /// The key of the advisory lock of whoever rebuilds or restores the tenant, from its first row to
    /// the switch.
    #[must_use]
    pub fn rebuild_lock(self) -> i64 {
        self.lock("rebuild")
    }

    /// The key of the advisory lock of whoever writes settings: what one read is what it changes.
    #[must_use]
    pub fn settings_lock(self) -> i64 {
        self.lock("settings")
    }

    fn lock(self, of: &str) -> i64 {
        let hash = Sha256Hash::of(format!("catwing.{of} {self}").as_bytes());
        let mut first = [0; 8];
        first.copy_from_slice(&hash.0[..8]);
        i64::from_be_bytes(first)
    }

    fn named(self, suffix: &str) -> Identifier {
        if self == Self::GLOBAL {
            return Identifier::new(format!("cw_global{suffix}"));
        }
        Identifier::new(format!("cw_{}{suffix}", self.0))
    }
}

impl FromStr for TenantId {
    type Err = DomainError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "CW-GLOBAL" {
            return Ok(Self::GLOBAL);
        }
        text.strip_prefix("CW-")
            .filter(|digits| digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_digit()))
            .and_then(|digits| digits.parse().ok())
            .filter(|number| *number > 0)
            .map(Self)
            .ok_or_else(|| DomainError::Tenant(text.to_owned()))
    }
}

impl TryFrom<String> for TenantId {
    type Error = DomainError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<TenantId> for String {
    fn from(tenant: TenantId) -> Self {
        tenant.to_string()
    }
}

impl fmt::Display for TenantId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Self::GLOBAL {
            return f.write_str("CW-GLOBAL");
        }
        write!(f, "CW-{:06}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::{Site, TenantId};

    #[test]
    fn names_schemas_and_roles_follow_from_the_number() {
        let tenant: TenantId = "CW-000200".parse().unwrap();
        assert_eq!(tenant.to_string(), "CW-000200");
        assert_eq!(tenant.schema().name(), "cw_200");
        assert_eq!(tenant.loader_role().name(), "cw_200_loader");
        assert_eq!(TenantId::GLOBAL.schema().name(), "cw_global");
        let beside = tenant.schemas(Site::Beside);
        let names = beside.all().map(|schema| schema.name().to_owned());
        assert_eq!(
            names,
            ["cw_200_next", "cw_200_next_staging", "cw_200_next_stats"]
        );
        assert_eq!(tenant.schemas(Site::Live).stats, tenant.stats_schema());
        assert_ne!(tenant.lock_at(Site::Beside), tenant.lock_at(Site::Live));
        // Processes of different versions must take the same lock.
        assert_eq!(tenant.apply_lock(), -6_322_201_842_516_598_059);
    }

    #[test]
    fn hostile_names_are_refused() {
        for name in [
            "",
            "CW-",
            "CW-000000",
            "CW-00020",
            "CW-0002000",
            "cw-000200",
            "CW-00020\0",
            "CW-000200;",
            "CW-+00200",
            "CW-\u{0661}\u{0661}\u{0661}\u{0661}\u{0661}\u{0661}",
        ] {
            assert!(name.parse::<TenantId>().is_err(), "{name:?} was taken");
        }
    }
}
