//! The store in an S3-compatible service.
//!
//! Made to work with more than Amazon's: no checksums that were not asked for (with the SDK's defaults a streamed
//! PUT to `SeaweedFS` succeeds and stores `Content-Encoding: aws-chunked`), buckets by path with a custom endpoint,
//! always a content length, no conditional writes. The SDK's own retries are off: `store` retries, the same way for
//! every backend.

mod client;
mod failure;

use aws_sdk_s3::Client;
use aws_sdk_s3::operation::list_objects_v2::ListObjectsV2Output;
use aws_sdk_s3::primitives::{ByteStream, SdkBody};
use futures_util::future::try_join_all;
use futures_util::{StreamExt, TryStreamExt, stream};
use http_body::Frame;
use http_body_util::StreamBody;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use shipstack_types::Timestamp;

use crate::backend::{Backend, Cursor, FolderPage, RawEntry, RawPage};
use crate::body::file_chunks;
use crate::{Object, ObjectBody, PutBody, S3Config, StoreError};
use failure::Failure;

/// Everything but what is unreserved in a path.
const KEY_IN_HEADER: AsciiSet =
    NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// A bucket.
#[derive(Debug)]
pub(crate) struct S3 {
    client: Client,
    bucket: String,
}

impl S3 {
    pub(crate) async fn connect(config: &S3Config) -> Self {
        Self { client: client::of(config).await, bucket: config.bucket.clone() }
    }

    /// What the caller is told; `None` for an object that is not there.
    fn found<T>(&self, key: &str, result: Result<T, Failure>) -> Result<Option<T>, StoreError> {
        match result {
            Ok(value) => Ok(Some(value)),
            Err(failure) if failure.is_missing_object() => Ok(None),
            Err(failure) => Err(failure.into_error(key, &self.bucket)),
        }
    }

    async fn page(
        &self,
        prefix: &str,
        delimiter: Option<&str>,
        cursor: Cursor<'_>,
    ) -> Result<ListObjectsV2Output, StoreError> {
        let request = self.client.list_objects_v2().bucket(&self.bucket).prefix(prefix);
        let request = request.set_delimiter(delimiter.map(str::to_owned));
        let request = request.set_continuation_token(cursor.after.map(str::to_owned));
        let request = request.max_keys(i32::try_from(cursor.limit).unwrap_or(i32::MAX));
        request.send().await.map_err(|error| Failure::from(error).into_error(prefix, &self.bucket))
    }
}

impl Backend for S3 {
    async fn check(&self) -> Result<(), StoreError> {
        // A listing and not HeadBucket: its answer has a body, which tells a missing bucket from a forbidden one.
        self.page(crate::key::DEPLOYMENTS, None, Cursor { after: None, limit: 1 }).await.map(drop)
    }

    async fn put(&self, key: &str, body: PutBody, content_type: Option<&str>) -> Result<(), StoreError> {
        let length = i64::try_from(body.length()).unwrap_or(i64::MAX);
        let request = self.client.put_object().bucket(&self.bucket).key(key);
        let request = request.content_length(length).body(byte_stream(body));
        let request = request.set_content_type(content_type.map(str::to_owned));
        request.send().await.map(drop).map_err(|error| Failure::from(error).into_error(key, &self.bucket))
    }

    async fn copy(&self, from: &str, to: &str) -> Result<bool, StoreError> {
        // Our keys hold what a URL may not: the source is a path in a header.
        let source = utf8_percent_encode(from, &KEY_IN_HEADER);
        let request = self.client.copy_object().bucket(&self.bucket).key(to);
        let sent = request.copy_source(format!("{}/{source}", self.bucket)).send().await;
        self.found(from, sent.map_err(Failure::from)).map(|copied| copied.is_some())
    }

    async fn get(&self, key: &str) -> Result<Option<Object>, StoreError> {
        let sent = self.client.get_object().bucket(&self.bucket).key(key).send().await;
        let Some(output) = self.found(key, sent.map_err(Failure::from))? else { return Ok(None) };
        let length = length_of(key, output.content_length)?;
        Ok(Some(Object { length, content_type: output.content_type, body: object_body(key, output.body) }))
    }

    async fn get_each(&self, keys: &[String]) -> Result<Vec<Option<Object>>, StoreError> {
        try_join_all(keys.iter().map(|key| self.get(key))).await
    }

    async fn length(&self, key: &str) -> Result<Option<u64>, StoreError> {
        let sent =
            self.client.head_object().bucket(&self.bucket).key(key).send().await.map_err(Failure::from);
        if sent.as_ref().is_err_and(Failure::is_strangers_404) {
            // Not every store marks its answers. That to a GET has a body, which says whose it is.
            return Ok(self.get(key).await?.map(|object| object.length));
        }
        let found = self.found(key, sent)?;
        found.map(|output| length_of(key, output.content_length)).transpose()
    }

    async fn delete(&self, key: &str) -> Result<(), StoreError> {
        let sent = self.client.delete_object().bucket(&self.bucket).key(key).send().await;
        self.found(key, sent.map_err(Failure::from)).map(drop)
    }

    async fn list(&self, prefix: &str, cursor: Cursor<'_>) -> Result<RawPage, StoreError> {
        let page = self.page(prefix, None, cursor).await?;
        let next = next_of(&page);
        let listed = |object: aws_sdk_s3::types::Object| {
            let bytes = object.size.and_then(|size| u64::try_from(size).ok())?;
            let at = object.last_modified.and_then(|at| u64::try_from(at.to_millis().ok()?).ok());
            Some(RawEntry { key: object.key?, bytes, stored_at: at.map(Timestamp::from_millis) })
        };
        let entries = page.contents.unwrap_or_default().into_iter().filter_map(listed).collect();
        Ok(RawPage { entries, next })
    }

    async fn folders(&self, prefix: &str, cursor: Cursor<'_>) -> Result<FolderPage, StoreError> {
        let page = self.page(prefix, Some("/"), cursor).await?;
        let name = |found: &aws_sdk_s3::types::CommonPrefix| {
            Some(found.prefix()?.strip_prefix(prefix)?.trim_end_matches('/').to_owned())
        };
        Ok(FolderPage {
            names: page.common_prefixes().iter().filter_map(name).collect(),
            next: next_of(&page),
        })
    }
}

/// Where the next page goes on. A page that says it is cut but not where would be read for ever.
fn next_of(page: &ListObjectsV2Output) -> Option<String> {
    page.next_continuation_token().filter(|_| page.is_truncated() == Some(true)).map(str::to_owned)
}

/// An answer without a length cannot be told from a cut one.
fn length_of(key: &str, length: Option<i64>) -> Result<u64, StoreError> {
    let length = length.and_then(|length| u64::try_from(length).ok());
    length.ok_or_else(|| StoreError::Unavailable {
        key: key.to_owned(),
        source: "an answer without a length".into(),
    })
}

fn byte_stream(body: PutBody) -> ByteStream {
    match body {
        PutBody::Bytes(bytes) => ByteStream::from(bytes),
        PutBody::File { file, length } => {
            let frames = file_chunks(file, length).map_ok(Frame::data);
            ByteStream::new(SdkBody::from_body_1_x(StreamBody::new(frames)))
        }
    }
}

fn object_body(key: &str, body: ByteStream) -> ObjectBody {
    let state = Some((body, key.to_owned()));
    let chunks = stream::unfold(state, |state| async {
        let (mut body, key) = state?;
        match body.next().await? {
            Ok(chunk) => Some((Ok(chunk), Some((body, key)))),
            Err(source) => Some((Err(StoreError::Unavailable { key, source: source.into() }), None)),
        }
    });
    chunks.boxed()
}
