//! What an S3 error means: by the status first, since every service gets that right, then by the code.

use std::error::Error;

use aws_sdk_s3::config::http::HttpResponse;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};

use crate::StoreError;

/// Codes that mean "later" although their status says otherwise: a clock or a connection that was slow.
const LATER: [&str; 3] = ["RequestTimeout", "SlowDown", "OperationAborted"];

/// A call that failed.
#[derive(Debug)]
pub(super) struct Failure {
    /// `None` when there was no answer.
    status: Option<u16>,
    code: Option<String>,
    cause: Box<dyn Error + Send + Sync>,
}

impl<E> From<SdkError<E, HttpResponse>> for Failure
where
    E: ProvideErrorMetadata + Error + Send + Sync + 'static,
{
    fn from(error: SdkError<E, HttpResponse>) -> Self {
        Self {
            status: error.raw_response().map(|answer| answer.status().as_u16()),
            code: error.code().map(str::to_owned),
            cause: Box::new(error),
        }
    }
}

impl Failure {
    /// Whether there simply is no such object. A missing bucket is not that: it would turn every object of a
    /// misconfigured service into "never existed". (The answer to a HEAD has no code, so there it cannot be told.)
    pub(super) fn is_missing_object(&self) -> bool {
        self.status == Some(404) && self.code() != "NoSuchBucket"
    }

    pub(super) fn into_error(self, key: &str, bucket: &str) -> StoreError {
        let key = key.to_owned();
        let later = LATER.contains(&self.code());
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
