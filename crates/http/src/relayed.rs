//! Bytes of the store on their way to a client.

use actix_web::body::SizedStream;
use bytes::Bytes;
use futures_util::{Stream, TryStreamExt as _};
use shipstack_service::causes;
use std::error::Error;
use tracing::warn;

/// A body of `length` bytes that are passed on as they come. An error in them breaks the connection off, which is all that
/// the client can be told, and is said here: what actix says of it is not logged, with what strangers do to connections.
pub fn relayed<E: Error + 'static>(
    length: u64,
    bytes: impl Stream<Item = Result<Bytes, E>>,
) -> SizedStream<impl Stream<Item = Result<Bytes, E>>> {
    SizedStream::new(length, bytes.inspect_err(|error| warn!(cause = %causes(error), "an answer broke off")))
}
