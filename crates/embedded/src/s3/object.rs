//! Objects: put, get, head, copy.

use std::io::{self, Read, Seek, SeekFrom};
use std::sync::Arc;
use std::time::SystemTime;

use bytes::Bytes;
use futures_util::stream;
use s3s::dto::{
    CopyObjectInput, CopyObjectOutput, CopyObjectResult, CopySource, ETag, ETagCondition,
    GetObjectInput, GetObjectOutput, HeadObjectInput, HeadObjectOutput, MetadataDirective,
    PutObjectInput, PutObjectOutput, Range, StreamingBlob, Timestamp,
};
use s3s::{S3Error, S3Request, S3Result, s3_error};

use super::attributes::{self, Attributes, Checksum, Opened};
use super::precondition::Conditions;
use super::publish::{self, Condition};
use super::receive::{self, Claims, Received};
use super::service::blocking;
use super::store::Store;

/// How much of a body is in memory at a time.
const CHUNK_BYTES: usize = 256 * 1024;
/// The content type of an object whose client named none, as S3 has it.
const UNKNOWN_TYPE: &str = "binary/octet-stream";

/// Takes a body in and publishes it.
pub(crate) async fn put(
    store: &Arc<Store>,
    request: S3Request<PutObjectInput>,
) -> S3Result<PutObjectOutput> {
    let S3Request {
        input,
        headers,
        trailing_headers,
        ..
    } = request;
    refuse_unknown_features(&input)?;
    let condition = Condition::new(input.if_match, input.if_none_match)?;
    let claimed = Checksum {
        crc32: input.checksum_crc32,
        crc32c: input.checksum_crc32c,
        crc64nvme: input.checksum_crc64nvme,
        sha1: input.checksum_sha1,
        sha256: input.checksum_sha256,
    };
    let (bucket, key) = (input.bucket, input.key);
    // A request that can't succeed is refused before its body is taken in.
    super::key::object_path(&store.bucket_dir(&bucket)?, &key)?;
    let claims = Claims::new(
        input.content_length,
        input.content_md5,
        claimed,
        &headers,
        trailing_headers,
    )?;
    let Received {
        temp,
        size,
        md5,
        checksum,
    } = receive::receive(store, input.body, claims).await?;
    let attributes = Attributes {
        etag: md5,
        content_type: input.content_type,
        cache_control: input.cache_control,
        content_disposition: input.content_disposition,
        content_encoding: input.content_encoding.and_then(own_encoding),
        content_language: input.content_language,
        expires: input.expires,
        user: input.metadata.unwrap_or_default(),
        checksum,
    };
    let sums = s3s::dto::Checksum::from(attributes.checksum.clone());
    let etag = attributes.etag.clone();
    let shared = Arc::clone(store);
    blocking(move || publish::publish(&shared, &bucket, &key, &temp, &attributes, &condition))
        .await?;
    Ok(PutObjectOutput {
        e_tag: Some(ETag::Strong(etag)),
        checksum_crc32: sums.checksum_crc32,
        checksum_crc32c: sums.checksum_crc32c,
        checksum_crc64nvme: sums.checksum_crc64nvme,
        checksum_sha1: sums.checksum_sha1,
        checksum_sha256: sums.checksum_sha256,
        checksum_type: sums.checksum_type,
        size: i64::try_from(size).ok(),
        ..PutObjectOutput::default()
    })
}

/// What would be lost silently is refused aloud.
fn refuse_unknown_features(input: &PutObjectInput) -> S3Result<()> {
    if input.sse_customer_key.is_some() || input.server_side_encryption.is_some() {
        return Err(s3_error!(NotImplemented, "this server does not encrypt"));
    }
    if input.object_lock_mode.is_some() || input.object_lock_legal_hold_status.is_some() {
        return Err(s3_error!(NotImplemented, "this server has no object lock"));
    }
    if input.tagging.is_some()
        || input.website_redirect_location.is_some()
        || input.write_offset_bytes.is_some()
    {
        return Err(s3_error!(
            NotImplemented,
            "this server has no tags, redirects or appends"
        ));
    }
    Ok(())
}

/// The body's encoding without that of its transport.
pub(crate) fn own_encoding(encoding: String) -> Option<String> {
    let own: Vec<&str> = encoding
        .split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty() && *part != "aws-chunked")
        .collect();
    (!own.is_empty()).then(|| own.join(","))
}

/// Opens an object and streams it, or the range of it.
pub(crate) async fn get(store: &Arc<Store>, input: GetObjectInput) -> S3Result<GetObjectOutput> {
    refuse_versions(input.version_id.as_deref())?;
    let conditions = Conditions {
        if_match: input.if_match,
        if_none_match: input.if_none_match,
        if_modified_since: input.if_modified_since,
        if_unmodified_since: input.if_unmodified_since,
    };
    let shared = Arc::clone(store);
    let Opened {
        mut file,
        size,
        modified,
        attributes,
    } = blocking(move || attributes::open(&shared, &input.bucket, &input.key)).await?;
    conditions.check(&attributes.etag, modified)?;
    let (first, length) = span(input.range, size)?;
    if first > 0 {
        file = blocking(move || {
            file.seek(SeekFrom::Start(first))
                .map_err(S3Error::internal_error)?;
            Ok(file)
        })
        .await?;
    }
    let is_whole = length == size;
    // A checksum is of the whole body, so a range can't carry it.
    let is_summed = is_whole && input.checksum_mode.is_some();
    let sums = s3s::dto::Checksum::from(if is_summed {
        attributes.checksum
    } else {
        Checksum::default()
    });
    Ok(GetObjectOutput {
        accept_ranges: Some("bytes".into()),
        body: Some(StreamingBlob::wrap(chunks(file, length))),
        content_length: i64::try_from(length).ok(),
        content_range: input.range.map(|_| content_range(first, length, size)),
        e_tag: Some(ETag::Strong(attributes.etag)),
        last_modified: Some(Timestamp::from(modified)),
        content_type: attributes
            .content_type
            .or_else(|| Some(UNKNOWN_TYPE.into())),
        cache_control: attributes.cache_control,
        content_disposition: attributes.content_disposition,
        content_encoding: attributes.content_encoding,
        content_language: attributes.content_language,
        expires: attributes.expires,
        metadata: Some(attributes.user),
        checksum_crc32: sums.checksum_crc32,
        checksum_crc32c: sums.checksum_crc32c,
        checksum_crc64nvme: sums.checksum_crc64nvme,
        checksum_sha1: sums.checksum_sha1,
        checksum_sha256: sums.checksum_sha256,
        checksum_type: sums.checksum_type,
        ..GetObjectOutput::default()
    })
}

/// What `get` says, without the body.
pub(crate) async fn head(store: &Arc<Store>, input: HeadObjectInput) -> S3Result<HeadObjectOutput> {
    let output = get(
        store,
        GetObjectInput {
            bucket: input.bucket,
            key: input.key,
            checksum_mode: input.checksum_mode,
            if_match: input.if_match,
            if_none_match: input.if_none_match,
            if_modified_since: input.if_modified_since,
            if_unmodified_since: input.if_unmodified_since,
            range: input.range,
            version_id: input.version_id,
            ..GetObjectInput::default()
        },
    )
    .await?;
    Ok(HeadObjectOutput {
        accept_ranges: output.accept_ranges,
        content_length: output.content_length,
        content_range: output.content_range,
        e_tag: output.e_tag,
        last_modified: output.last_modified,
        content_type: output.content_type,
        cache_control: output.cache_control,
        content_disposition: output.content_disposition,
        content_encoding: output.content_encoding,
        content_language: output.content_language,
        expires: output.expires,
        metadata: output.metadata,
        checksum_crc32: output.checksum_crc32,
        checksum_crc32c: output.checksum_crc32c,
        checksum_crc64nvme: output.checksum_crc64nvme,
        checksum_sha1: output.checksum_sha1,
        checksum_sha256: output.checksum_sha256,
        checksum_type: output.checksum_type,
        ..HeadObjectOutput::default()
    })
}

/// First byte and length of what a range asks for.
fn span(range: Option<Range>, size: u64) -> S3Result<(u64, u64)> {
    let Some(range) = range else {
        return Ok((0, size));
    };
    let unsatisfiable = || s3_error!(InvalidRange, "the object has {} bytes", size);
    let bytes = range.check(size).map_err(|_| unsatisfiable())?;
    if bytes.is_empty() {
        return Err(unsatisfiable());
    }
    Ok((bytes.start, bytes.end - bytes.start))
}

fn content_range(first: u64, length: u64, size: u64) -> String {
    format!(
        "bytes {first}-{}/{size}",
        (first + length).saturating_sub(1)
    )
}

/// The next `length` bytes of a file. A file that is cut short meanwhile (by
/// hand: nothing here does it) ends in an error, never in a short success.
fn chunks(
    file: std::fs::File,
    length: u64,
) -> impl futures_util::Stream<Item = io::Result<Bytes>> + Send + Sync + 'static {
    stream::unfold(Some((file, length)), |state| async move {
        let (mut file, left) = state.filter(|(_, left)| *left > 0)?;
        let wanted = usize::try_from(left).unwrap_or(usize::MAX).min(CHUNK_BYTES);
        let read = tokio::task::spawn_blocking(move || {
            let mut buffer = vec![0; wanted];
            file.read_exact(&mut buffer)
                .map(|()| (file, Bytes::from(buffer)))
        })
        .await;
        match read {
            Ok(Ok((file, bytes))) => Some((Ok(bytes), Some((file, left - wanted as u64)))),
            Ok(Err(error)) => Some((Err(error), None)),
            Err(error) => Some((Err(error.into()), None)),
        }
    })
}

/// Copies an object inside of the store.
pub(crate) async fn copy(store: &Arc<Store>, input: CopyObjectInput) -> S3Result<CopyObjectOutput> {
    let (bucket, key, replaces) = copy_source(&input)?;
    let conditions = Conditions {
        if_match: input.copy_source_if_match,
        if_none_match: input.copy_source_if_none_match,
        if_modified_since: input.copy_source_if_modified_since,
        if_unmodified_since: input.copy_source_if_unmodified_since,
    };
    let shared = Arc::clone(store);
    let source = blocking(move || attributes::open(&shared, &bucket, &key)).await?;
    conditions.check_copy(&source.attributes.etag, source.modified)?;
    let old = source.attributes;
    let given = Attributes {
        content_type: input.content_type,
        cache_control: input.cache_control,
        content_disposition: input.content_disposition,
        content_encoding: input.content_encoding.and_then(own_encoding),
        content_language: input.content_language,
        expires: input.expires,
        user: input.metadata.unwrap_or_default(),
        ..Attributes::default()
    };
    let body = StreamingBlob::wrap(chunks(source.file, source.size));
    let claims = Claims::new(
        i64::try_from(source.size).ok(),
        None,
        old.checksum.clone(),
        &http::HeaderMap::new(),
        None,
    )?;
    let received = receive::receive(store, Some(body), claims).await?;
    let described = if replaces { given } else { old };
    let attributes = Attributes {
        etag: received.md5,
        checksum: received.checksum,
        ..described
    };
    let answer = attributes.clone();
    let (shared, temp) = (Arc::clone(store), received.temp);
    let modified = temp
        .file
        .metadata()
        .and_then(|metadata| metadata.modified())
        .map_err(S3Error::internal_error)?;
    blocking(move || {
        publish::publish(
            &shared,
            &input.bucket,
            &input.key,
            &temp,
            &attributes,
            &Condition::None,
        )
    })
    .await?;
    Ok(copied(answer, modified))
}

/// The bucket and key that are copied, and whether new metadata replaces the old.
fn copy_source(input: &CopyObjectInput) -> S3Result<(String, String, bool)> {
    let CopySource::Bucket {
        bucket,
        key,
        version_id,
    } = &input.copy_source
    else {
        return Err(s3_error!(
            NotImplemented,
            "this server has no access points"
        ));
    };
    refuse_versions(version_id.as_deref())?;
    let (bucket, key) = (bucket.to_string(), key.to_string());
    let replaces = input
        .metadata_directive
        .as_ref()
        .is_some_and(|d| d.as_str() == MetadataDirective::REPLACE);
    if !replaces && bucket == input.bucket && key == input.key {
        return Err(s3_error!(
            InvalidRequest,
            "a copy onto itself must replace the metadata"
        ));
    }
    Ok((bucket, key, replaces))
}

/// The answer to a copy.
fn copied(attributes: Attributes, modified: SystemTime) -> CopyObjectOutput {
    let sums = s3s::dto::Checksum::from(attributes.checksum);
    CopyObjectOutput {
        copy_object_result: Some(CopyObjectResult {
            e_tag: Some(ETag::Strong(attributes.etag)),
            last_modified: Some(Timestamp::from(modified)),
            checksum_crc32: sums.checksum_crc32,
            checksum_crc32c: sums.checksum_crc32c,
            checksum_crc64nvme: sums.checksum_crc64nvme,
            checksum_sha1: sums.checksum_sha1,
            checksum_sha256: sums.checksum_sha256,
            checksum_type: sums.checksum_type,
        }),
        ..CopyObjectOutput::default()
    }
}

/// Deletes one object if its tag is the wanted one.
pub(crate) fn delete(
    store: &Store,
    bucket: &str,
    key: &str,
    if_match: Option<ETagCondition>,
) -> S3Result<()> {
    publish::delete(store, bucket, key, &Condition::new(if_match, None)?)
}

/// Objects have one version here, and asking for another is no mistake to pass over.
pub(crate) fn refuse_versions(version: Option<&str>) -> S3Result<()> {
    match version {
        None | Some("null") => Ok(()),
        Some(_) => Err(s3_error!(NoSuchVersion, "this server keeps no versions")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_cut_to_the_body_or_refused() {
        let int = |first, last| Some(Range::Int { first, last });
        assert_eq!(span(None, 0).unwrap(), (0, 0));
        assert_eq!(span(int(0, Some(0)), 10).unwrap(), (0, 1));
        assert_eq!(span(int(3, None), 10).unwrap(), (3, 7));
        assert_eq!(span(int(3, Some(99)), 10).unwrap(), (3, 7));
        assert_eq!(span(Some(Range::Suffix { length: 4 }), 10).unwrap(), (6, 4));
        assert_eq!(
            span(Some(Range::Suffix { length: 40 }), 10).unwrap(),
            (0, 10)
        );
        assert!(span(int(10, None), 10).is_err());
        assert!(span(Some(Range::Suffix { length: 1 }), 0).is_err());
        assert_eq!(content_range(6, 4, 10), "bytes 6-9/10");
    }

    #[test]
    fn the_encoding_of_the_transport_is_not_stored() {
        assert_eq!(own_encoding("aws-chunked".into()), None);
        assert_eq!(own_encoding("aws-chunked,gzip".into()), Some("gzip".into()));
        assert_eq!(own_encoding("gzip".into()), Some("gzip".into()));
    }
}
