//! Blocking commands, each on a connection of its own.
//!
//! The client's response deadline would give up while the server goes on waiting, and a shared connection would hold
//! up everybody else. Dropping the wait drops the connection, which is what cancels the command at the server.

use super::link::without_deadlines;
use crate::StateError;
use redis::aio::MultiplexedConnection;
use redis::{Client, Cmd, FromRedisValue, RedisError};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::time::{sleep, timeout};

/// What the server may take over its own deadline.
const GRACE: Duration = Duration::from_secs(2);
/// After an error the caller would be back at once; a server that is away is not asked more often than this.
const PAUSE: Duration = Duration::from_millis(500);
const OPERATION: &str = "wait for work";

/// Connections that wait, or waited and can wait again.
#[derive(Default)]
pub(super) struct Waits {
    idle: Mutex<Vec<MultiplexedConnection>>,
}

impl std::fmt::Debug for Waits {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Waits")
    }
}

impl Waits {
    /// Runs a blocking command that ends at the server within `at_most`.
    pub(super) async fn block<T: FromRedisValue>(
        &self,
        client: &Client,
        cmd: &Cmd,
        at_most: Duration,
    ) -> Result<T, StateError> {
        let waiting = async {
            let mut connection = self.connection(client).await?;
            let answer = cmd.query_async(&mut connection).await?;
            self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
            Ok::<T, RedisError>(answer)
        };
        let error = match timeout(at_most + GRACE, waiting).await {
            Ok(Ok(answer)) => return Ok(answer),
            Ok(Err(error)) => Some(error),
            Err(_) => None,
        };
        sleep(PAUSE).await;
        Err(match error {
            Some(error) if error.code() == Some("WRONGTYPE") => {
                StateError::WrongType { operation: OPERATION, source: error }
            }
            source => StateError::Unavailable { operation: OPERATION, source },
        })
    }

    async fn connection(&self, client: &Client) -> Result<MultiplexedConnection, RedisError> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        match idle {
            Some(connection) => Ok(connection),
            None => client.get_multiplexed_async_connection_with_config(&without_deadlines()).await,
        }
    }
}
