//! The table from S3's operations to ours. What is not here is answered with
//! `NotImplemented`.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as TOKEN;
use s3s::dto::*;
use s3s::{S3, S3Error, S3Request, S3Response, S3Result, s3_error};

use super::listing::{self, Entry, PAGE_KEYS_MAX, Page, Query};
use super::store::Store;
use super::{bucket, multipart, object};

/// How many keys one request may delete, as S3 has it.
const DELETE_KEYS_MAX: usize = 1000;
const PAGE_PARTS_MAX: usize = 1000;

/// S3 over a store.
#[derive(Debug)]
pub(crate) struct Service {
    store: Arc<Store>,
    region: &'static str,
}

impl Service {
    pub fn new(store: Arc<Store>, region: &'static str) -> Self {
        Self { store, region }
    }

    async fn on_disk<T, F>(&self, work: F) -> S3Result<S3Response<T>>
    where
        T: Send + 'static,
        F: FnOnce(&Store) -> S3Result<T> + Send + 'static,
    {
        let store = Arc::clone(&self.store);
        blocking(move || work(&store)).await.map(S3Response::new)
    }
}

/// Runs what waits for the disk or a lock away from the async workers. A started
/// piece of work is always finished, also when the client has gone away.
pub(crate) async fn blocking<T, F>(work: F) -> S3Result<T>
where
    T: Send + 'static,
    F: FnOnce() -> S3Result<T> + Send + 'static,
{
    tokio::task::spawn_blocking(work)
        .await
        .map_err(S3Error::internal_error)?
}

#[async_trait::async_trait]
impl S3 for Service {
    async fn create_bucket(
        &self,
        req: S3Request<CreateBucketInput>,
    ) -> S3Result<S3Response<CreateBucketOutput>> {
        self.on_disk(move |store| {
            bucket::create(store, &req.input.bucket)?;
            Ok(CreateBucketOutput {
                location: Some(format!("/{}", req.input.bucket)),
            })
        })
        .await
    }

    async fn head_bucket(
        &self,
        req: S3Request<HeadBucketInput>,
    ) -> S3Result<S3Response<HeadBucketOutput>> {
        let region = self.region.to_string();
        self.on_disk(move |store| {
            store.bucket_dir(&req.input.bucket)?;
            Ok(HeadBucketOutput {
                bucket_region: Some(region),
                ..HeadBucketOutput::default()
            })
        })
        .await
    }

    async fn delete_bucket(
        &self,
        req: S3Request<DeleteBucketInput>,
    ) -> S3Result<S3Response<DeleteBucketOutput>> {
        self.on_disk(move |store| {
            bucket::delete(store, &req.input.bucket)?;
            Ok(DeleteBucketOutput::default())
        })
        .await
    }

    async fn list_buckets(
        &self,
        _: S3Request<ListBucketsInput>,
    ) -> S3Result<S3Response<ListBucketsOutput>> {
        self.on_disk(|store| {
            Ok(ListBucketsOutput {
                buckets: Some(bucket::list(store)?),
                ..ListBucketsOutput::default()
            })
        })
        .await
    }

    async fn get_bucket_location(
        &self,
        req: S3Request<GetBucketLocationInput>,
    ) -> S3Result<S3Response<GetBucketLocationOutput>> {
        self.on_disk(move |store| {
            store.bucket_dir(&req.input.bucket)?;
            // S3 says nothing for us-east-1.
            Ok(GetBucketLocationOutput::default())
        })
        .await
    }

    async fn get_bucket_versioning(
        &self,
        req: S3Request<GetBucketVersioningInput>,
    ) -> S3Result<S3Response<GetBucketVersioningOutput>> {
        self.on_disk(move |store| {
            store.bucket_dir(&req.input.bucket)?;
            Ok(GetBucketVersioningOutput::default())
        })
        .await
    }

    async fn put_object(
        &self,
        req: S3Request<PutObjectInput>,
    ) -> S3Result<S3Response<PutObjectOutput>> {
        object::put(&self.store, req).await.map(S3Response::new)
    }

    async fn get_object(
        &self,
        req: S3Request<GetObjectInput>,
    ) -> S3Result<S3Response<GetObjectOutput>> {
        object::get(&self.store, req.input)
            .await
            .map(S3Response::new)
    }

    async fn head_object(
        &self,
        req: S3Request<HeadObjectInput>,
    ) -> S3Result<S3Response<HeadObjectOutput>> {
        object::head(&self.store, req.input)
            .await
            .map(S3Response::new)
    }

    async fn copy_object(
        &self,
        req: S3Request<CopyObjectInput>,
    ) -> S3Result<S3Response<CopyObjectOutput>> {
        object::copy(&self.store, req.input)
            .await
            .map(S3Response::new)
    }

    async fn delete_object(
        &self,
        req: S3Request<DeleteObjectInput>,
    ) -> S3Result<S3Response<DeleteObjectOutput>> {
        self.on_disk(move |store| {
            object::refuse_versions(req.input.version_id.as_deref())?;
            object::delete(store, &req.input.bucket, &req.input.key, req.input.if_match)?;
            Ok(DeleteObjectOutput::default())
        })
        .await
    }

    async fn delete_objects(
        &self,
        req: S3Request<DeleteObjectsInput>,
    ) -> S3Result<S3Response<DeleteObjectsOutput>> {
        self.on_disk(move |store| delete_objects(store, req.input))
            .await
    }

    async fn list_objects_v2(
        &self,
        req: S3Request<ListObjectsV2Input>,
    ) -> S3Result<S3Response<ListObjectsV2Output>> {
        self.on_disk(move |store| list_v2(store, req.input)).await
    }

    async fn list_objects(
        &self,
        req: S3Request<ListObjectsInput>,
    ) -> S3Result<S3Response<ListObjectsOutput>> {
        self.on_disk(move |store| list_v1(store, req.input)).await
    }

    async fn create_multipart_upload(
        &self,
        req: S3Request<CreateMultipartUploadInput>,
    ) -> S3Result<S3Response<CreateMultipartUploadOutput>> {
        self.on_disk(move |store| {
            let input = req.input;
            let output = CreateMultipartUploadOutput {
                bucket: Some(input.bucket.clone()),
                key: Some(input.key.clone()),
                checksum_algorithm: input.checksum_algorithm.clone(),
                checksum_type: input.checksum_type.clone(),
                ..CreateMultipartUploadOutput::default()
            };
            let upload_id = Some(multipart::create(store, input)?);
            Ok(CreateMultipartUploadOutput {
                upload_id,
                ..output
            })
        })
        .await
    }

    async fn upload_part(
        &self,
        req: S3Request<UploadPartInput>,
    ) -> S3Result<S3Response<UploadPartOutput>> {
        multipart::upload_part(&self.store, req)
            .await
            .map(S3Response::new)
    }

    async fn complete_multipart_upload(
        &self,
        req: S3Request<CompleteMultipartUploadInput>,
    ) -> S3Result<S3Response<CompleteMultipartUploadOutput>> {
        self.on_disk(move |store| multipart::complete(store, req.input))
            .await
    }

    async fn abort_multipart_upload(
        &self,
        req: S3Request<AbortMultipartUploadInput>,
    ) -> S3Result<S3Response<AbortMultipartUploadOutput>> {
        self.on_disk(move |store| {
            multipart::abort(
                store,
                &req.input.bucket,
                &req.input.key,
                &req.input.upload_id,
            )?;
            Ok(AbortMultipartUploadOutput::default())
        })
        .await
    }

    async fn list_parts(
        &self,
        req: S3Request<ListPartsInput>,
    ) -> S3Result<S3Response<ListPartsOutput>> {
        self.on_disk(move |store| list_parts(store, req.input))
            .await
    }

    async fn list_multipart_uploads(
        &self,
        req: S3Request<ListMultipartUploadsInput>,
    ) -> S3Result<S3Response<ListMultipartUploadsOutput>> {
        self.on_disk(move |store| {
            let input = req.input;
            let uploads = multipart::list(
                store,
                &input.bucket,
                input.prefix.as_deref().unwrap_or_default(),
            )?;
            Ok(ListMultipartUploadsOutput {
                bucket: Some(input.bucket),
                prefix: input.prefix,
                uploads: Some(uploads),
                is_truncated: Some(false),
                ..ListMultipartUploadsOutput::default()
            })
        })
        .await
    }
}

fn delete_objects(store: &Store, input: DeleteObjectsInput) -> S3Result<DeleteObjectsOutput> {
    store.bucket_dir(&input.bucket)?;
    if input.delete.objects.len() > DELETE_KEYS_MAX {
        return Err(s3_error!(
            MalformedXML,
            "one request can delete {} keys at most",
            DELETE_KEYS_MAX
        ));
    }
    let is_quiet = input.delete.quiet.unwrap_or(false);
    let (mut deleted, mut errors) = (Vec::new(), Vec::new());
    for object in input.delete.objects {
        let outcome = object::refuse_versions(object.version_id.as_deref()).and_then(|()| {
            object::delete(
                store,
                &input.bucket,
                &object.key,
                object.e_tag.map(ETagCondition::ETag),
            )
        });
        match outcome {
            Ok(()) if is_quiet => {}
            Ok(()) => deleted.push(DeletedObject {
                key: Some(object.key),
                ..DeletedObject::default()
            }),
            Err(error) => errors.push(Error {
                code: Some(error.code().as_str().into()),
                key: Some(object.key),
                message: error.message().map(Into::into),
                version_id: None,
            }),
        }
    }
    Ok(DeleteObjectsOutput {
        deleted: Some(deleted),
        errors: Some(errors),
        ..DeleteObjectsOutput::default()
    })
}

fn list_v2(store: &Store, input: ListObjectsV2Input) -> S3Result<ListObjectsV2Output> {
    let resumed = input
        .continuation_token
        .as_deref()
        .map(read_token)
        .transpose()?;
    let query = Query {
        prefix: input.prefix.clone().unwrap_or_default(),
        delimiter: input.delimiter.clone(),
        after: resumed.or_else(|| input.start_after.clone()),
        keys_max: page_size(input.max_keys)?,
    };
    let page = listing::list(store, &input.bucket, &query)?;
    let encode = encoder(input.encoding_type.as_ref());
    let next = page.next_after.as_ref().map(|after| TOKEN.encode(after));
    let key_count = i32::try_from(page.entries.len()).ok();
    let (contents, common_prefixes) = lines(page, encode);
    Ok(ListObjectsV2Output {
        name: Some(input.bucket),
        prefix: input.prefix.map(|text| encode(&text)),
        delimiter: input.delimiter.map(|text| encode(&text)),
        start_after: input.start_after.map(|text| encode(&text)),
        max_keys: i32::try_from(query.keys_max).ok(),
        key_count,
        is_truncated: Some(next.is_some()),
        continuation_token: input.continuation_token,
        next_continuation_token: next,
        contents: Some(contents),
        common_prefixes: Some(common_prefixes),
        encoding_type: input.encoding_type,
        ..ListObjectsV2Output::default()
    })
}

fn list_v1(store: &Store, input: ListObjectsInput) -> S3Result<ListObjectsOutput> {
    let query = Query {
        prefix: input.prefix.clone().unwrap_or_default(),
        delimiter: input.delimiter.clone(),
        after: input.marker.clone(),
        keys_max: page_size(input.max_keys)?,
    };
    let page = listing::list(store, &input.bucket, &query)?;
    let encode = encoder(input.encoding_type.as_ref());
    let next = page.next_after.as_deref().map(encode);
    let (contents, common_prefixes) = lines(page, encode);
    Ok(ListObjectsOutput {
        name: Some(input.bucket),
        prefix: Some(encode(&query.prefix)),
        delimiter: input.delimiter.map(|text| encode(&text)),
        marker: Some(encode(&input.marker.unwrap_or_default())),
        max_keys: i32::try_from(query.keys_max).ok(),
        is_truncated: Some(next.is_some()),
        next_marker: next,
        contents: Some(contents),
        common_prefixes: Some(common_prefixes),
        encoding_type: input.encoding_type,
        ..ListObjectsOutput::default()
    })
}

fn lines(page: Page, encode: fn(&str) -> String) -> (Vec<Object>, Vec<CommonPrefix>) {
    let (mut objects, mut prefixes) = (Vec::new(), Vec::new());
    for entry in page.entries {
        match entry {
            Entry::Object {
                key,
                size,
                modified,
                etag,
            } => objects.push(Object {
                key: Some(encode(&key)),
                size: i64::try_from(size).ok(),
                last_modified: Some(Timestamp::from(modified)),
                e_tag: Some(ETag::Strong(etag)),
                storage_class: Some(ObjectStorageClass::from_static(
                    ObjectStorageClass::STANDARD,
                )),
                ..Object::default()
            }),
            Entry::Prefix(prefix) => prefixes.push(CommonPrefix {
                prefix: Some(encode(&prefix)),
            }),
        }
    }
    (objects, prefixes)
}

fn list_parts(store: &Store, input: ListPartsInput) -> S3Result<ListPartsOutput> {
    let after = input.part_number_marker.unwrap_or(0);
    let mut parts =
        multipart::list_parts(store, &input.bucket, &input.key, &input.upload_id, after)?;
    let parts_max = input
        .max_parts
        .and_then(|max| usize::try_from(max).ok())
        .unwrap_or(PAGE_PARTS_MAX)
        .min(PAGE_PARTS_MAX);
    let is_truncated = parts.len() > parts_max;
    parts.truncate(parts_max);
    Ok(ListPartsOutput {
        bucket: Some(input.bucket),
        key: Some(input.key),
        upload_id: Some(input.upload_id),
        part_number_marker: input.part_number_marker,
        next_part_number_marker: parts.last().and_then(|part| part.part_number),
        max_parts: i32::try_from(parts_max).ok(),
        is_truncated: Some(is_truncated),
        parts: Some(parts),
        ..ListPartsOutput::default()
    })
}

fn page_size(keys_max: Option<i32>) -> S3Result<usize> {
    match keys_max.map(usize::try_from) {
        None => Ok(PAGE_KEYS_MAX),
        Some(Ok(max)) => Ok(max.min(PAGE_KEYS_MAX)),
        Some(Err(_)) => Err(s3_error!(InvalidArgument, "max-keys can't be negative")),
    }
}

fn read_token(token: &str) -> S3Result<String> {
    let bytes = TOKEN.decode(token).ok();
    bytes
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .ok_or_else(|| {
            s3_error!(
                InvalidArgument,
                "this is no continuation token of this server"
            )
        })
}

fn encoder(encoding: Option<&EncodingType>) -> fn(&str) -> String {
    if encoding.is_some_and(|encoding| encoding.as_str() == EncodingType::URL) {
        percent_encoded
    } else {
        str::to_owned
    }
}

fn percent_encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~/*".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_encoded_byte_by_byte() {
        assert_eq!(percent_encoded("a b/é+%"), "a%20b/%C3%A9%2B%25");
    }

    #[test]
    fn a_token_that_is_not_ours_is_refused() {
        assert_eq!(read_token(&TOKEN.encode("a/ü")).unwrap(), "a/ü");
        assert!(read_token("!").is_err());
        assert!(read_token(&TOKEN.encode([0xff])).is_err());
    }
}
