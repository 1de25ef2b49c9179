//! What an S3 error means: by the status first, since every service gets that right, then by the code.

use std::error::Error;

use aws_sdk_s3::config::http::HttpResponse;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};

use crate::StoreError;

/// Codes that mean "later" although their status says otherwise: a clock or a connection that was slow.
const LATER: [&str; 3] = ["RequestTimeout", "SlowDown", "OperationAborted"];

/// How the SDK names a 404 that does not say what is missing: that of a HEAD, or one that the store never sent.
const UNEXPLAINED: [&str; 2] = ["", "NotFound"];
/// On every answer of Amazon's service, and of most that are compatible.
const REQUEST_ID: &str = "x-amz-request-id";

/// A call that failed.
#[derive(Debug)]
pub(super) struct Failure {
    /// `None` when there was no answer.
    status: Option<u16>,
    code: Option<String>,
    /// Whether the answer is marked as the store's own.
    is_marked: bool,
    cause: Box<dyn Error + Send + Sync>,
}

impl<E> From<SdkError<E, HttpResponse>> for Failure
where
    E: ProvideErrorMetadata + Error + Send + Sync + 'static,
{
    fn from(error: SdkError<E, HttpResponse>) -> Self {
        let answer = error.raw_response();
        Self {
            status: answer.map(|answer| answer.status().as_u16()),
            is_marked: answer.is_some_and(|answer| answer.headers().contains_key(REQUEST_ID)),
            code: error.code().map(str::to_owned),
            cause: Box::new(error),
        }
    }
}

impl Failure {
    /// Whether the store says that there is no such object. A missing bucket is not that: it would turn every object of
    /// a misconfigured service into "never existed". (The answer to a HEAD has no code, so there it cannot be told.)
    pub(super) fn is_missing_object(&self) -> bool {
        self.status == Some(404) && self.code() != "NoSuchBucket" && !self.is_strangers_404()
    }

    /// Whether it is a 404 that nothing shows to be the store's. Whatever stands before it answers so while it starts
    /// or is set up wrong, and that says nothing of an object.
    pub(super) fn is_strangers_404(&self) -> bool {
        self.status == Some(404) && !self.is_marked && UNEXPLAINED.contains(&self.code())
    }

    pub(super) fn into_error(self, key: &str, bucket: &str) -> StoreError {
        let key = key.to_owned();
        let later = LATER.contains(&self.code()) || self.is_strangers_404();
        match self.status {
            Some(401 | 403) if !later => StoreError::Denied { key, source: self.cause },
            Some(404) if self.code() == "NoSuchBucket" => StoreError::NoBucket { bucket: bucket.to_owned() },
            Some(300..=499) if !later && self.status != Some(408) && self.status != Some(429) => {
                StoreError::Refused { key, source: self.cause }
            }
            _ => StoreError::Unavailable { key, source: self.cause },
        }
    }

    fn code(&self) -> &str {
        self.code.as_deref().unwrap_or_default()
    }
}
