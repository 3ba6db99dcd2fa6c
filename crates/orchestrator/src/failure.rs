//! Errors as people and schedulers see them: one chain of sentences, one exit code.

use anyhow::Error;
use catwing_domain::{DomainError, ErrorClass};
use catwing_ingest::IngestError;
use catwing_load::LoadError;
use catwing_ml_export::ExportError;
use catwing_quality::QualityError;
use catwing_raw_store::RawStoreError;
use catwing_recovery::RecoveryError;
use catwing_settings::SettingsError;
use catwing_stats::StatsError;

/// Finished, but not all went well.
pub const FAILED: u8 = 1;
/// Wrong usage or configuration.
pub const USAGE: u8 = 2;
/// The quality gate refused.
pub const REFUSED: u8 = 3;
/// Another run holds the tenant.
pub const LOCKED: u8 = 4;
/// A raw object is missing or corrupt.
pub const RAW: u8 = 5;

/// Something that the caller asked for in a wrong way.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Usage(pub String);

/// Another run of the same tenant is under way.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Locked(pub String);

/// The quality gate refused a delivery: the line stops.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Halted(pub String);

/// The exit code that an error means.
#[must_use]
pub fn exit_code(error: &Error) -> u8 {
    // What was added as context stands in no chain by its own type: only a downcast finds it.
    if error.is::<Usage>() {
        return USAGE;
    }
    if error.is::<Locked>() {
        return LOCKED;
    }
    if error.is::<Halted>() {
        return REFUSED;
    }
    let class = error.chain().find_map(|cause| {
        let of = |class: ErrorClass| Some(class);
        if let Some(error) = cause.downcast_ref::<SettingsError>() {
            return of(error.class());
        }
        if let Some(error) = cause.downcast_ref::<RecoveryError>() {
            return of(error.class());
        }
        if let Some(error) = cause.downcast_ref::<LoadError>() {
            return of(error.class());
        }
        if let Some(error) = cause.downcast_ref::<QualityError>() {
            return of(error.class());
        }
        if let Some(error) = cause.downcast_ref::<StatsError>() {
            return of(error.class());
        }
        if let Some(error) = cause.downcast_ref::<ExportError>() {
            return of(error.class());
        }
        if let Some(error) = cause.downcast_ref::<RawStoreError>() {
            return of(error.class());
        }
        if let Some(error) = cause.downcast_ref::<IngestError>() {
            return of(error.class());
        }
        (cause.is::<DomainError>() || cause.is::<catwing_embedded::Error>())
            .then_some(ErrorClass::Operator)
    });
    match class {
        Some(ErrorClass::Operator) => USAGE,
        Some(ErrorClass::Locked) => LOCKED,
        Some(ErrorClass::Raw) => RAW,
        Some(ErrorClass::Transient | ErrorClass::Data | ErrorClass::Bug) | None => FAILED,
    }
}

/// The whole chain, each cause once.
#[must_use]
pub fn told(error: &Error) -> String {
    let mut told = String::new();
    for cause in error.chain() {
        let sentence = cause.to_string();
        if told.contains(&sentence) {
            continue;
        }
        if !told.is_empty() {
            told.push_str("\n  because: ");
        }
        told.push_str(&sentence);
    }
    told
}

#[cfg(test)]
mod tests {
    use anyhow::{Context, anyhow};
    use catwing_domain::DomainError;

    use super::{FAILED, Halted, LOCKED, Locked, REFUSED, USAGE, Usage, exit_code, told};

    #[test]
    fn schedulers_can_branch_on_the_exit_code() {
        assert_eq!(exit_code(&anyhow!("anything")), FAILED);
        assert_eq!(
            exit_code(&anyhow!(Locked("held".into())).context("failed to run")),
            LOCKED
        );
        assert_eq!(exit_code(&anyhow!(Usage("no".into()))), USAGE);
        assert_eq!(
            exit_code(&anyhow!(Halted("refused".into())).context("the day")),
            REFUSED
        );
        let beneath = anyhow!("io")
            .context(Usage("read".into()))
            .context("failed");
        assert_eq!(exit_code(&beneath), USAGE);
        assert_eq!(exit_code(&anyhow!(DomainError::Tenant("x".into()))), USAGE);
        let load = catwing_load::LoadError::Locked {
            tenant: "CW-000200".parse().unwrap(),
        };
        assert_eq!(exit_code(&anyhow!(load)), LOCKED);
    }

    #[test]
    fn every_cause_is_told_once() {
        let error: anyhow::Error = Err::<(), _>(anyhow!("root"))
            .context("middle")
            .context("root")
            .unwrap_err();
        assert_eq!(told(&error), "root\n  because: middle");
    }
}
