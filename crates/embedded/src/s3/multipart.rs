//! Multipart uploads.
//!
//! An upload is a folder beside the buckets: `upload.json`, a lock, and a file
//! per part whose name has the part's number and entity tag. Nothing of it is
//! an object before it is completed: then the parts are written, one after the
//! other, to one body (`assembly`) that is published like any other.

mod assembly;

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use s3s::dto::{
    CompleteMultipartUploadInput, CompleteMultipartUploadOutput, CreateMultipartUploadInput, ETag,
    MultipartUpload, Part, Timestamp, UploadPartInput, UploadPartOutput,
};
use s3s::{S3Error, S3Request, S3Result, s3_error};
use serde::{Deserialize, Serialize};

use super::attributes::{Attributes, Checksum};
use super::object::own_encoding;
use super::publish::{self, Condition};
use super::receive::{self, Claims};
use super::service::blocking;
use super::store::{Store, make_private_dir, remove_if_present, sync_dir};

/// The highest part number, as S3 has it.
pub(crate) const PART_NUMBER_MAX: i32 = 10_000;
const UPLOAD_FILE: &str = "upload.json";
const LOCK_FILE: &str = "lock";
const PART_EXTENSION: &str = "part";

#[derive(Debug, Serialize, Deserialize)]
struct Upload {
    key: String,
    attributes: Attributes,
}

/// One part as its file's name tells it.
#[derive(Debug, Clone, PartialEq)]
struct StoredPart {
    number: i32,
    etag: String,
    path: PathBuf,
}

/// Begins an upload and returns its id.
pub(crate) fn create(store: &Store, input: CreateMultipartUploadInput) -> S3Result<String> {
    super::key::object_path(&store.bucket_dir(&input.bucket)?, &input.key)?;
    let upload = Upload {
        key: input.key,
        attributes: Attributes {
            content_type: input.content_type,
            cache_control: input.cache_control,
            content_disposition: input.content_disposition,
            content_encoding: input.content_encoding.and_then(own_encoding),
            content_language: input.content_language,
            expires: input.expires,
            user: input.metadata.unwrap_or_default(),
            ..Attributes::default()
        },
    };
    let uploads = store.uploads(&input.bucket);
    begin(&uploads, &upload).map_err(S3Error::internal_error)
}

fn begin(uploads: &Path, upload: &Upload) -> io::Result<String> {
    make_private_dir(uploads)?;
    let dir = tempfile::Builder::new()
        .prefix("")
        .rand_bytes(32)
        .tempdir_in(uploads)?;
    let mut file = File::create_new(dir.path().join(UPLOAD_FILE))?;
    file.write_all(&serde_json::to_vec(upload)?)?;
    file.sync_all()?;
    File::create_new(dir.path().join(LOCK_FILE))?;
    sync_dir(dir.path())?;
    sync_dir(uploads)?;
    let path = dir.keep();
    let id = path
        .file_name()
        .and_then(|name| name.to_str())
        .ok_or_else(|| io::Error::other("no name for an upload"))?;
    Ok(id.into())
}

/// Takes one part in; a part sent again replaces the earlier one.
pub(crate) async fn upload_part(
    store: &Arc<Store>,
    request: S3Request<UploadPartInput>,
) -> S3Result<UploadPartOutput> {
    let S3Request {
        input,
        headers,
        trailing_headers,
        ..
    } = request;
    let number = input.part_number;
    if !(1..=PART_NUMBER_MAX).contains(&number) {
        return Err(s3_error!(
            InvalidArgument,
            "part numbers go from 1 to {}",
            PART_NUMBER_MAX
        ));
    }
    let (dir, _) = find(store, &input.bucket, &input.key, &input.upload_id)?;
    let claimed = Checksum {
        crc32: input.checksum_crc32,
        crc32c: input.checksum_crc32c,
        crc64nvme: input.checksum_crc64nvme,
        sha1: input.checksum_sha1,
        sha256: input.checksum_sha256,
    };
    let claims = Claims::new(
        input.content_length,
        input.content_md5,
        claimed,
        &headers,
        trailing_headers,
    )?;
    let received = receive::receive(store, input.body, claims).await?;
    let sums = s3s::dto::Checksum::from(received.checksum);
    let (etag, temp) = (received.md5, received.temp);
    let kept = etag.clone();
    blocking(move || {
        let _lock = lock(&dir)?;
        let path = dir.join(format!("{number:05}-{kept}.{PART_EXTENSION}"));
        fs::rename(&temp.path, &path).map_err(gone_or_internal)?;
        for part in parts(&dir)?
            .into_iter()
            .filter(|part| part.number == number && part.path != path)
        {
            remove_if_present(&part.path);
        }
        sync_dir(&dir).map_err(gone_or_internal)
    })
    .await?;
    Ok(UploadPartOutput {
        e_tag: Some(ETag::Strong(etag)),
        checksum_crc32: sums.checksum_crc32,
        checksum_crc32c: sums.checksum_crc32c,
        checksum_crc64nvme: sums.checksum_crc64nvme,
        checksum_sha1: sums.checksum_sha1,
        checksum_sha256: sums.checksum_sha256,
        ..UploadPartOutput::default()
    })
}

/// Joins the parts into one body and publishes it.
pub(crate) fn complete(
    store: &Store,
    input: CompleteMultipartUploadInput,
) -> S3Result<CompleteMultipartUploadOutput> {
    let condition = Condition::new(input.if_match, input.if_none_match)?;
    let (dir, upload) = find(store, &input.bucket, &input.key, &input.upload_id)?;
    let _lock = lock(&dir)?;
    // The upload may have been completed or aborted while the lock was waited for.
    find(store, &input.bucket, &input.key, &input.upload_id)?;
    let wanted = input
        .multipart_upload
        .and_then(|upload| upload.parts)
        .unwrap_or_default();
    let chosen = assembly::choose(&wanted, &parts(&dir)?)?;
    let mut claimed = Checksum {
        crc32: input.checksum_crc32,
        crc32c: input.checksum_crc32c,
        crc64nvme: input.checksum_crc64nvme,
        sha1: input.checksum_sha1,
        sha256: input.checksum_sha256,
    };
    // A checksum of checksums adds nothing: each part's own is verified below.
    if input
        .checksum_type
        .as_ref()
        .is_some_and(|kind| kind.as_str() == s3s::dto::ChecksumType::COMPOSITE)
    {
        claimed = Checksum::default();
    }
    let joined = assembly::join(store, &wanted, &chosen, &claimed)?;
    if input
        .mpu_object_size
        .is_some_and(|size| u64::try_from(size).ok() != Some(joined.size))
    {
        return Err(s3_error!(
            InvalidRequest,
            "the parts have {} bytes, not as many as announced",
            joined.size
        ));
    }
    receive::verify_checksum(&claimed, &joined.checksum)?;
    let attributes = Attributes {
        etag: joined.etag.clone(),
        checksum: claimed,
        ..upload.attributes
    };
    let sums = s3s::dto::Checksum::from(attributes.checksum.clone());
    publish::publish(
        store,
        &input.bucket,
        &input.key,
        &joined.temp,
        &attributes,
        &condition,
    )?;
    discard(&dir)?;
    Ok(CompleteMultipartUploadOutput {
        bucket: Some(input.bucket),
        key: Some(input.key),
        e_tag: Some(ETag::Strong(joined.etag)),
        checksum_crc32: sums.checksum_crc32,
        checksum_crc32c: sums.checksum_crc32c,
        checksum_crc64nvme: sums.checksum_crc64nvme,
        checksum_sha1: sums.checksum_sha1,
        checksum_sha256: sums.checksum_sha256,
        checksum_type: sums.checksum_type,
        ..CompleteMultipartUploadOutput::default()
    })
}

/// Gives an upload up.
pub(crate) fn abort(store: &Store, bucket: &str, key: &str, id: &str) -> S3Result<()> {
    let (dir, _) = find(store, bucket, key, id)?;
    let _lock = lock(&dir)?;
    discard(&dir)
}

/// The parts of an upload by number, after `after`.
pub(crate) fn list_parts(
    store: &Store,
    bucket: &str,
    key: &str,
    id: &str,
    after: i32,
) -> S3Result<Vec<Part>> {
    let (dir, _) = find(store, bucket, key, id)?;
    let mut listed = Vec::new();
    for part in parts(&dir)?.into_iter().filter(|part| part.number > after) {
        let metadata = fs::metadata(&part.path).map_err(gone_or_internal)?;
        listed.push(Part {
            part_number: Some(part.number),
            e_tag: Some(ETag::Strong(part.etag)),
            size: i64::try_from(metadata.len()).ok(),
            last_modified: metadata.modified().ok().map(Timestamp::from),
            ..Part::default()
        });
    }
    Ok(listed)
}

/// The uploads under way in a bucket, by key and id.
pub(crate) fn list(store: &Store, bucket: &str, prefix: &str) -> S3Result<Vec<MultipartUpload>> {
    store.bucket_dir(bucket)?;
    let entries = match fs::read_dir(store.uploads(bucket)) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(S3Error::internal_error(error)),
    };
    let mut uploads = Vec::new();
    for entry in entries {
        let entry = entry.map_err(S3Error::internal_error)?;
        // One that ends meanwhile, or that its maker's death cut short, is none.
        let Ok(upload) = read(&entry.path()) else {
            continue;
        };
        if upload.key.starts_with(prefix) {
            uploads.push(MultipartUpload {
                key: Some(upload.key),
                upload_id: entry.file_name().into_string().ok(),
                initiated: entry
                    .metadata()
                    .and_then(|metadata| metadata.modified())
                    .ok()
                    .map(Timestamp::from),
                ..MultipartUpload::default()
            });
        }
    }
    uploads.sort_by(|a, b| (&a.key, &a.upload_id).cmp(&(&b.key, &b.upload_id)));
    Ok(uploads)
}

fn find(store: &Store, bucket: &str, key: &str, id: &str) -> S3Result<(PathBuf, Upload)> {
    store.bucket_dir(bucket)?;
    // The id comes from outside and becomes a path.
    if id.is_empty() || !id.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Err(no_upload());
    }
    let dir = store.uploads(bucket).join(id);
    let upload = read(&dir).map_err(gone_or_internal)?;
    if upload.key == key {
        Ok((dir, upload))
    } else {
        Err(no_upload())
    }
}

fn read(dir: &Path) -> io::Result<Upload> {
    Ok(serde_json::from_slice(&fs::read(dir.join(UPLOAD_FILE))?)?)
}

fn lock(dir: &Path) -> S3Result<File> {
    let file = OpenOptions::new()
        .write(true)
        .open(dir.join(LOCK_FILE))
        .map_err(gone_or_internal)?;
    file.lock().map_err(S3Error::internal_error)?;
    Ok(file)
}

fn discard(dir: &Path) -> S3Result<()> {
    // First what makes it an upload, so that a kill in between leaves none.
    fs::remove_file(dir.join(UPLOAD_FILE)).map_err(gone_or_internal)?;
    fs::remove_dir_all(dir).map_err(S3Error::internal_error)
}

fn parts(dir: &Path) -> S3Result<Vec<StoredPart>> {
    let mut parts = Vec::new();
    for entry in fs::read_dir(dir).map_err(gone_or_internal)? {
        let path = entry.map_err(S3Error::internal_error)?.path();
        if path
            .extension()
            .is_none_or(|extension| extension != PART_EXTENSION)
        {
            continue;
        }
        let name = path
            .file_stem()
            .and_then(|stem| stem.to_str())
            .and_then(|stem| stem.split_once('-'));
        if let Some((number, etag)) = name
            && let Ok(number) = number.parse()
        {
            parts.push(StoredPart {
                number,
                etag: etag.into(),
                path: path.clone(),
            });
        }
    }
    parts.sort_by_key(|part| part.number);
    Ok(parts)
}

fn no_upload() -> S3Error {
    s3_error!(NoSuchUpload, "there is no upload with this id for this key")
}

fn gone_or_internal(error: io::Error) -> S3Error {
    if error.kind() == io::ErrorKind::NotFound {
        no_upload()
    } else {
        S3Error::internal_error(error)
    }
}
