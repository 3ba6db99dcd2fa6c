//! What can fail in statistics, and what to do about it.

use catwing_domain::{ErrorClass, TenantId};
use sea_orm::sqlx;
use thiserror::Error;

/// Why statistics were not computed. Nothing of the transaction is in the database then.
#[derive(Debug, Error)]
pub enum StatsError {
    /// The shared tenant has no statistics.
    #[error("CW-GLOBAL has no statistics: name a tenant, as in CW-000200")]
    Global,
    /// No transaction could be opened in the tenant's schemas and role.
    #[error(
        "failed to begin statistics of {tenant}; check that the server answers, and run `catwing migrate`"
    )]
    Begin {
        /// Whose statistics.
        tenant: TenantId,
        /// What the server said.
        #[source]
        source: sqlx::Error,
    },
    /// Another process applies deliveries of the tenant, or computes its statistics.
    #[error("{tenant} is being loaded by another process; wait until it has ended, then try again")]
    Locked {
        /// Whose statistics.
        tenant: TenantId,
    },
    /// The shared schema does not say which currency the values are to be in.
    #[error(
        "{tenant} has no base currency in cw_global.client_config: run `catwing tenant add FILE.toml`"
    )]
    Unregistered {
        /// Whose statistics.
        tenant: TenantId,
    },
    /// The statistics schema was dropped, or never made.
    #[error(
        "{tenant} has no tables of statistics: run `catwing stats rebuild --client {tenant}`, which makes them"
    )]
    NoTables {
        /// Whose statistics.
        tenant: TenantId,
    },
    /// Facts of a day are in a currency without a rate.
    #[error(
        "{tenant} has values of {day} in {currency}, and no rate from {currency} to {base} on or before \
         that day is known{}; deliver one in currency_rates to CW-GLOBAL, then run `catwing stats refresh`",
        others_told(*.others)
    )]
    MissingRate {
        /// Whose statistics.
        tenant: TenantId,
        /// The earliest such day, `2026-02-24`.
        day: String,
        /// The currency that can't be converted.
        currency: String,
        /// The tenant's base currency.
        base: String,
        /// How many other pairs of day and currency are known to lack a rate too.
        others: u64,
    },
    /// A statement failed.
    #[error(
        "failed to compute statistics of {tenant} ({phase}); they are as they were: see the cause, then \
         run `catwing stats refresh` again"
    )]
    Compute {
        /// Whose statistics.
        tenant: TenantId,
        /// What was being computed.
        phase: &'static str,
        /// What the server said.
        #[source]
        source: sqlx::Error,
    },
    /// The transaction could not be ended, or it is not known whether it was. A refresh is right in
    /// both cases.
    #[error("failed to commit statistics of {tenant}; run `catwing stats refresh` again")]
    Commit {
        /// Whose statistics.
        tenant: TenantId,
        /// What the server said.
        #[source]
        source: sqlx::Error,
    },
}

impl StatsError {
    /// Who has to do something about it.
    #[must_use]
    pub fn class(&self) -> ErrorClass {
        match self {
            Self::Global | Self::Unregistered { .. } | Self::NoTables { .. } => {
                ErrorClass::Operator
            }
            Self::Locked { .. } => ErrorClass::Locked,
            Self::MissingRate { .. } => ErrorClass::Data,
            Self::Commit { .. } => ErrorClass::Transient,
            Self::Begin { source, .. } | Self::Compute { source, .. } => class_of(source),
        }
    }
}

fn class_of(error: &sqlx::Error) -> ErrorClass {
    let Some(error) = error.as_database_error() else {
        return ErrorClass::Transient;
    };
    let code = error.code().unwrap_or_default();
    match code.as_ref() {
        "55P03" => ErrorClass::Transient,
        // A table or right is missing: the schema is behind.
        "42P01" | "42501" | "3F000" | "42704" => ErrorClass::Operator,
        _ => match code.get(..2) {
            Some("08" | "40" | "53" | "57" | "58") => ErrorClass::Transient,
            Some("28") => ErrorClass::Operator,
            _ => ErrorClass::Bug,
        },
    }
}

fn others_told(others: u64) -> String {
    match others {
        0 => String::new(),
        1 => " (nor for one more day or currency)".to_owned(),
        more => format!(" (nor for {more} more days or currencies)"),
    }
}
