//! `If-*` headers of reads, in the order that RFC 9110 section 13.2.2 gives.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use s3s::dto::{ETagCondition, Timestamp};
use s3s::{S3Error, S3Result, s3_error};

/// The conditions of one read.
#[derive(Debug, Default)]
pub(crate) struct Conditions {
    pub if_match: Option<ETagCondition>,
    pub if_none_match: Option<ETagCondition>,
    pub if_modified_since: Option<Timestamp>,
    pub if_unmodified_since: Option<Timestamp>,
}

impl Conditions {
    /// Whether a read of an object with this tag and time may go on.
    pub fn check(&self, etag: &str, modified: SystemTime) -> S3Result<()> {
        let modified = whole_seconds(modified);
        match (&self.if_match, &self.if_unmodified_since) {
            (Some(wanted), _) if !is_same(wanted, etag) => return Err(failed()),
            (None, Some(since)) if modified > *since => return Err(failed()),
            _ => {}
        }
        match (&self.if_none_match, &self.if_modified_since) {
            (Some(known), _) if is_same(known, etag) => Err(not_modified(etag)),
            (None, Some(since)) if modified <= *since => Err(not_modified(etag)),
            _ => Ok(()),
        }
    }

    /// The same for the source of a copy, where "not modified" is a failure.
    pub fn check_copy(&self, etag: &str, modified: SystemTime) -> S3Result<()> {
        self.check(etag, modified).map_err(|_| failed())
    }
}

fn is_same(condition: &ETagCondition, etag: &str) -> bool {
    match condition {
        ETagCondition::Any => true,
        ETagCondition::ETag(tag) => tag.value() == etag,
    }
}

/// Dates in headers have whole seconds, so that is what they are compared with.
fn whole_seconds(time: SystemTime) -> Timestamp {
    let since_epoch = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from(UNIX_EPOCH + Duration::from_secs(since_epoch.as_secs()))
}

fn failed() -> S3Error {
    s3_error!(
        PreconditionFailed,
        "a precondition of the request does not hold"
    )
}

fn not_modified(etag: &str) -> S3Error {
    let mut error = s3_error!(NotModified);
    if let Ok(value) = http::HeaderValue::try_from(format!("\"{etag}\"")) {
        error.set_headers([(http::header::ETAG, value)].into_iter().collect());
    }
    error
}

#[cfg(test)]
mod tests {
    use super::*;
    use s3s::dto::ETag;

    fn tag(value: &str) -> Option<ETagCondition> {
        Some(ETagCondition::ETag(ETag::Strong(value.into())))
    }

    #[test]
    fn tags_outrank_dates() {
        let modified = UNIX_EPOCH + Duration::from_millis(10_500);
        let before = Some(Timestamp::from(UNIX_EPOCH + Duration::from_secs(5)));
        let same = Some(Timestamp::from(UNIX_EPOCH + Duration::from_secs(10)));

        let conditions = Conditions {
            if_match: tag("a"),
            if_unmodified_since: before.clone(),
            ..Default::default()
        };
        assert!(conditions.check("a", modified).is_ok());
        let conditions = Conditions {
            if_none_match: tag("b"),
            if_modified_since: same.clone(),
            ..Default::default()
        };
        assert!(conditions.check("a", modified).is_ok());
        let conditions = Conditions {
            if_modified_since: same.clone(),
            ..Default::default()
        };
        assert_eq!(
            conditions.check("a", modified).unwrap_err().code(),
            &s3s::S3ErrorCode::NotModified
        );
        let conditions = Conditions {
            if_modified_since: before.clone(),
            ..Default::default()
        };
        assert!(conditions.check("a", modified).is_ok());
        let conditions = Conditions {
            if_unmodified_since: before,
            ..Default::default()
        };
        assert_eq!(
            conditions.check("a", modified).unwrap_err().code(),
            &s3s::S3ErrorCode::PreconditionFailed
        );
        let conditions = Conditions {
            if_unmodified_since: same,
            ..Default::default()
        };
        assert!(conditions.check("a", modified).is_ok());
    }

    #[test]
    fn a_copy_never_answers_not_modified() {
        let conditions = Conditions {
            if_none_match: tag("a"),
            ..Default::default()
        };
        let error = conditions.check_copy("a", UNIX_EPOCH).unwrap_err();
        assert_eq!(error.code(), &s3s::S3ErrorCode::PreconditionFailed);
    }
}
