//! Names of schemas and roles, checked before they reach the server.

use crate::MigrationError;

/// Bytes that PostgreSQL keeps of a name.
const NAME_BYTES_MAX: usize = 63;
/// Ends the name of the role through which a loader may assume its owner.
const AS_OWNER: &str = "_as_owner";
/// What the owners, loaders and readers of all tenants are members of: it holds their rights in
/// `cw_global`.
const OF_ALL_TENANTS: [&str; 3] = [
    "cw_global_tenant_owner",
    "cw_global_tenant_loader",
    "cw_global_tenant_reader",
];

/// The schemas and roles of one tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TenantNames {
    /// The schema of its tables.
    pub schema: String,
    /// The schema of what is checked before it is loaded.
    pub staging_schema: String,
    /// The schema of its statistics.
    pub stats_schema: String,
    /// The role that owns all three and can't log in.
    pub owner_role: String,
    /// The role that writes rows.
    pub loader_role: String,
    /// The role that reads rows.
    pub reader_role: String,
}

/// What is migrated together.
#[derive(Clone, Copy, Debug)]
pub enum Scope<'a> {
    /// The schema that all tenants share.
    Global,
    /// The schema of one tenant's tables.
    Tenant(&'a TenantNames),
    /// The schema of what is checked before it is loaded. Its tables refer to the tenant's.
    Staging(&'a TenantNames),
    /// The schema of one tenant's statistics.
    Stats(&'a TenantNames),
}

impl Scope<'_> {
    /// The schema whose tables are migrated.
    pub(crate) fn schema(&self) -> &str {
        match self {
            Self::Global => "cw_global",
            Self::Tenant(names) => &names.schema,
            Self::Staging(names) => &names.staging_schema,
            Self::Stats(names) => &names.stats_schema,
        }
    }

    /// Where names are looked up, the scope's own schema first.
    pub(crate) fn search_path(&self) -> Vec<&str> {
        match self {
            Self::Staging(names) => vec![&names.staging_schema, &names.schema],
            Self::Global | Self::Tenant(_) | Self::Stats(_) => vec![self.schema()],
        }
    }

    /// The role that owns them.
    pub(crate) fn owner_role(&self) -> &str {
        match self {
            Self::Global => "cw_global_owner",
            Self::Tenant(names) | Self::Staging(names) | Self::Stats(names) => &names.owner_role,
        }
    }

    /// The settings that the SQL of roles and rights reads.
    pub(crate) fn settings(&self) -> Vec<(&'static str, String)> {
        let mut settings: Vec<_> = self
            .names()
            .into_iter()
            .map(|(setting, name)| (setting, name.to_owned()))
            .collect();
        settings.push(("catwing.roles", self.roles().join(",")));
        settings.push(("catwing.memberships", self.memberships().join(",")));
        settings
    }

    /// Refuses names that are not a tenant's own.
    pub(crate) fn check(&self) -> Result<(), MigrationError> {
        if matches!(self, Self::Global) {
            return Ok(());
        }
        for (_, name) in self.names() {
            let rest = name.strip_prefix("cw_").unwrap_or_default();
            let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
            let shared = rest == "global" || rest.starts_with("global_");
            let is_long = name.len() > NAME_BYTES_MAX - AS_OWNER.len();
            if rest.is_empty() || shared || is_long || !rest.bytes().all(plain) {
                return Err(MigrationError::Name(name.to_owned()));
            }
        }
        Ok(())
    }

    /// Names of schemas and roles by the setting that tells each.
    fn names(&self) -> Vec<(&'static str, &str)> {
        match self {
            Self::Global => vec![
                ("catwing.owner_role", "cw_global_owner"),
                ("catwing.loader_role", "cw_global_loader"),
                ("catwing.reader_role", "cw_global_reader"),
            ],
            Self::Tenant(names) | Self::Staging(names) | Self::Stats(names) => vec![
                ("catwing.schema", names.schema.as_str()),
                ("catwing.staging_schema", &names.staging_schema),
                ("catwing.stats_schema", &names.stats_schema),
                ("catwing.owner_role", &names.owner_role),
                ("catwing.loader_role", &names.loader_role),
                ("catwing.reader_role", &names.reader_role),
            ],
        }
    }

    /// The scope's three roles and the way from its loader to its owner; of the shared scope also the
    /// roles of which all tenants' roles are members.
    fn roles(&self) -> Vec<String> {
        let [owner, loader, reader] = self.own_roles();
        let mut roles = vec![
            owner.to_owned(),
            loader.to_owned(),
            reader.to_owned(),
            format!("{loader}{AS_OWNER}"),
        ];
        if matches!(self, Self::Global) {
            roles.extend(OF_ALL_TENANTS.map(str::to_owned));
        }
        roles
    }

    /// Who is a member of what, as `role>member`.
    fn memberships(&self) -> Vec<String> {
        let [owner, loader, reader] = self.own_roles();
        let mut memberships = vec![
            format!("{owner}>{loader}{AS_OWNER}"),
            format!("{loader}{AS_OWNER}>{loader}"),
        ];
        if !matches!(self, Self::Global) {
            let members = OF_ALL_TENANTS.into_iter().zip([owner, loader, reader]);
            memberships.extend(members.map(|(role, member)| format!("{role}>{member}")));
        }
        memberships
    }

    fn own_roles(&self) -> [&str; 3] {
        match self {
            Self::Global => ["cw_global_owner", "cw_global_loader", "cw_global_reader"],
            Self::Tenant(names) | Self::Staging(names) | Self::Stats(names) => {
                [&names.owner_role, &names.loader_role, &names.reader_role]
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Scope, TenantNames};

    #[test]
    fn only_names_of_a_tenant_are_taken() {
        let names = TenantNames {
            schema: "cw_200".into(),
            staging_schema: "cw_200_staging".into(),
            stats_schema: "cw_200_stats".into(),
            owner_role: "cw_200_owner".into(),
            loader_role: "cw_200_loader".into(),
            reader_role: "cw_200_reader".into(),
        };
        assert!(Scope::Tenant(&names).check().is_ok());
        let long = format!("cw_{}", "x".repeat(52));
        for hostile in [
            "",
            "cw_",
            "public",
            "postgres",
            "cw_global",
            "cw_global_loader",
            "cw_global_tenant_loader",
            "select",
            "cw_200/../cw_201",
            "cw_\u{0662}\u{0660}\u{0660}",
            "cw_200; drop schema cw_201",
            "cw_200\"",
            "cw_200\0",
            "CW_200",
            "cw_\u{fc}",
            &long,
        ] {
            let mut hostile_names = names.clone();
            hostile_names.reader_role = hostile.to_owned();
            assert!(
                Scope::Tenant(&hostile_names).check().is_err(),
                "{hostile:?}"
            );
        }
    }
}
