//! What can go wrong with an export, and what to do about it.

use arrow::error::ArrowError;
use catwing_domain::{BusinessDay, ErrorClass, TenantId};
use catwing_raw_store::RawStoreError;
use parquet::errors::ParquetError;
use sea_orm::sqlx;
use thiserror::Error;

/// A failed export. What was exported before is still there, unless the variant says otherwise.
#[derive(Debug, Error)]
pub enum ExportError {
    /// The shared tenant has no facts.
    #[error("CW-GLOBAL has no facts to export: name a tenant")]
    Global,
    /// The first day is after the last.
    #[error("there are no days from {from} to {run_date}: choose an earlier first day")]
    Window {
        /// The first day.
        from: BusinessDay,
        /// The last day.
        run_date: BusinessDay,
    },
    /// Somebody else exports the same tenant.
    #[error("another export of {tenant} is under way: wait for its end")]
    Locked {
        /// Whose facts.
        tenant: TenantId,
    },
    /// The shared schema does not say which currency values are to be in.
    #[error(
        "{tenant} has no base currency in cw_global.client_config: run `catwing tenant add FILE.toml`"
    )]
    Unregistered {
        /// Whose facts.
        tenant: TenantId,
    },
    /// A value can't be converted.
    #[error(
        "{tenant} has values of {day} in {currency}, and no rate from {currency} to {base} on or before \
         that day is known; deliver one in currency_rates to CW-GLOBAL, then export again"
    )]
    MissingRate {
        /// Whose facts.
        tenant: TenantId,
        /// A day of such a value, `2026-02-24`; no other row before it in the file lacks a rate.
        day: String,
        /// The currency that can't be converted.
        currency: String,
        /// The tenant's base currency.
        base: String,
    },
    /// The database could not be read.
    #[error(
        "failed to read {what} of {tenant}: check the database, run `catwing migrate` if a table is missing"
    )]
    Read {
        /// Whose facts.
        tenant: TenantId,
        /// What was read.
        what: &'static str,
        /// What the server said.
        #[source]
        source: sqlx::Error,
    },
    /// The database sent a row that is none.
    #[error("failed to read a row of {file}, {problem}: report this as a fault of catwing")]
    Row {
        /// The file that it was for.
        file: &'static str,
        /// What is wrong with it.
        problem: String,
    },
    /// The database has a value that the file's column can't hold.
    #[error("{column} of row {row} of {file} can't be exported, {problem}: correct the record")]
    Value {
        /// The file.
        file: &'static str,
        /// The column.
        column: &'static str,
        /// The row of the file, from 1.
        row: u64,
        /// What is wrong with the value.
        problem: String,
    },
    /// Rows do not fit the schema of their file.
    #[error("failed to put rows of {file} together: report this as a fault of catwing")]
    Batch {
        /// The file.
        file: &'static str,
        /// What Arrow said.
        #[source]
        source: ArrowError,
    },
    /// Rows could not be encoded.
    #[error("failed to encode {file}: report this as a fault of catwing")]
    Encode {
        /// The file.
        file: &'static str,
        /// What Parquet said.
        #[source]
        source: ParquetError,
    },
    /// The store refused or did not answer. Once the old manifest is gone, only a whole export brings a
    /// new one.
    #[error("failed to store the export of {tenant}: mend the cause, then export again")]
    Store {
        /// Whose facts.
        tenant: TenantId,
        /// What the store said.
        #[source]
        source: RawStoreError,
    },
    /// The manifest could not be written down.
    #[error("failed to write the manifest of the export: report this as a fault of catwing")]
    Manifest {
        /// Why.
        #[source]
        source: serde_json::Error,
    },
}

impl ExportError {
    /// What the caller should do; the exit code follows from it.
    #[must_use]
    pub fn class(&self) -> ErrorClass {
        match self {
            Self::Global | Self::Window { .. } | Self::Unregistered { .. } => ErrorClass::Operator,
            Self::Locked { .. } => ErrorClass::Locked,
            Self::MissingRate { .. } | Self::Value { .. } => ErrorClass::Data,
            Self::Read { source, .. } => class_of(source),
            Self::Store { source, .. } => source.class(),
            Self::Row { .. } | Self::Batch { .. } | Self::Encode { .. } | Self::Manifest { .. } => {
                ErrorClass::Bug
            }
        }
    }
}

fn class_of(error: &sqlx::Error) -> ErrorClass {
    let Some(error) = error.as_database_error() else {
        return ErrorClass::Transient;
    };
    let state = error.code().unwrap_or_default();
    match state.as_ref() {
        // A table, a role or a right is missing: not migrated, or not ours.
        "42P01" | "42703" | "42704" | "42501" | "3F000" | "22023" => ErrorClass::Operator,
        _ => match state.get(..2) {
            // Connection, rollback, resources, intervention, system.
            Some("08" | "40" | "53" | "57" | "58") => ErrorClass::Transient,
            Some("28") => ErrorClass::Operator,
            _ => ErrorClass::Bug,
        },
    }
}

#[cfg(test)]
mod tests {
    use std::error::Error;

    use catwing_domain::ErrorClass;
    use sea_orm::sqlx;

    use super::ExportError;

    #[test]
    fn the_cause_is_in_the_chain_and_not_in_the_text() {
        let error = ExportError::Read {
            tenant: "CW-000200".parse().unwrap(),
            what: "features",
            source: sqlx::Error::PoolTimedOut,
        };
        assert!(!error.to_string().contains("pool"));
        assert!(error.source().is_some());
        assert_eq!(error.class(), ErrorClass::Transient);
    }
}
