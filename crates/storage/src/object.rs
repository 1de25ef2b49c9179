//! What comes out of the store.

use std::pin::Pin;
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream::{self, Stream, StreamExt};
use shipstack_types::{DeploymentId, Timestamp};

use crate::StoreError;

/// The bytes of an object. An error is the end: what came before it is incomplete and must not be used as a whole.
pub type ObjectBody = Pin<Box<dyn Stream<Item = Result<Bytes, StoreError>> + Send>>;

/// An object that is being read.
pub struct Object {
    /// Its length in bytes; the body yields exactly so many, or an error.
    pub length: u64,
    /// Its content type, where the backend keeps one (S3 and memory).
    pub content_type: Option<String>,
    /// Its bytes.
    pub body: ObjectBody,
}

impl std::fmt::Debug for Object {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Object").field("length", &self.length).finish_non_exhaustive()
    }
}

impl Object {
    /// The same object with a body that cannot be silently short, run over, or stand still for longer than `pause`.
    pub(crate) fn checked(self, key: &str, pause: Duration) -> Self {
        let state = Some((self.body, self.length, key.to_owned()));
        let expected = self.length;
        let body = stream::unfold(state, move |state| async move {
            let (mut body, left, key) = state?;
            match checked_next(&mut body, left, (&key, expected), pause).await? {
                Ok((chunk, left)) => Some((Ok(chunk), Some((body, left, key)))),
                Err(error) => Some((Err(error), None)),
            }
        });
        Self { body: body.boxed(), ..self }
    }
}

/// The next chunk and how many bytes must follow it; `None` at an end that is where it should be.
async fn checked_next(
    body: &mut ObjectBody,
    left: u64,
    (key, expected): (&str, u64),
    pause: Duration,
) -> Option<Result<(Bytes, u64), StoreError>> {
    let wrong = || StoreError::WrongLength { key: key.to_owned(), expected };
    match tokio::time::timeout(pause, body.next()).await {
        Err(_) => Some(Err(StoreError::stalled(key))),
        Ok(None) => (left > 0).then(|| Err(wrong())),
        Ok(Some(Err(error))) => Some(Err(error)),
        Ok(Some(Ok(chunk))) => {
            let length = u64::try_from(chunk.len()).unwrap_or(u64::MAX);
            Some(left.checked_sub(length).map(|left| (chunk, left)).ok_or_else(wrong))
        }
    }
}

/// One object of a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its key.
    pub key: String,
    /// What follows the listed prefix in its key, as it stands there: text from the store, not yet a checked path.
    pub path: String,
    /// Its length.
    pub bytes: u64,
    /// When it was stored, by the store's clock; `None` where the store does not say.
    pub stored_at: Option<Timestamp>,
}

/// A page of a listing. The order is the backend's own and need not be that of the keys.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListPage {
    /// The objects; a page that is not the last may hold none.
    pub entries: Vec<Listed>,
    /// What to ask the next page with; `None` on the last.
    pub next: Option<String>,
}

/// A page of the deployments that have any object at all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeploymentPage {
    /// Their ids; folders whose name is no id are left out.
    pub ids: Vec<DeploymentId>,
    /// What to ask the next page with; `None` on the last.
    pub next: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::TryStreamExt;

    const PAUSE: Duration = Duration::from_millis(50);

    async fn read(length: u64, chunks: &[&'static str]) -> Result<Vec<u8>, StoreError> {
        let chunks: Vec<_> = chunks.iter().map(|chunk| Ok(Bytes::from_static(chunk.as_bytes()))).collect();
        let object = Object { length, content_type: None, body: stream::iter(chunks).boxed() };
        object.checked("k", PAUSE).body.try_collect::<Vec<_>>().await.map(|chunks| chunks.concat())
    }

    #[tokio::test]
    async fn a_body_of_the_announced_length_is_passed_on() {
        assert_eq!(read(5, &["ab", "cde"]).await.unwrap(), b"abcde");
        assert_eq!(read(0, &[]).await.unwrap(), b"");
    }

    #[tokio::test]
    async fn a_short_body_is_an_error_and_never_an_end() {
        assert!(matches!(read(6, &["ab", "cde"]).await, Err(StoreError::WrongLength { expected: 6, .. })));
    }

    #[tokio::test]
    async fn a_long_body_is_an_error() {
        assert!(matches!(read(4, &["ab", "cde"]).await, Err(StoreError::WrongLength { .. })));
    }

    #[tokio::test]
    async fn a_body_that_stands_still_is_given_up_and_then_over() {
        let object = Object { length: 1, content_type: None, body: stream::pending().boxed() };
        let mut body = object.checked("k", PAUSE).body;
        assert!(matches!(body.next().await, Some(Err(StoreError::Unavailable { .. }))));
        assert!(body.next().await.is_none());
    }
}
