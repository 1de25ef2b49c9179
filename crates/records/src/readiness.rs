//! Whether state and store can be worked with, as `/readyz` of every service says it.

use crate::Records;
use shipstack_service::causes;
use shipstack_state::Warning;
use shipstack_types::Check;
use std::time::Duration;
use tokio::time::timeout;

/// A neighbour that takes longer than this to say that it is well is not.
const PATIENCE: Duration = Duration::from_secs(2);
const TOO_SLOW: &str = "no answer in 2 s";
const ANSWERS: &str = "answers";

impl Records {
    /// Asks both at once; never takes much longer than two seconds.
    pub async fn readiness(&self) -> Vec<Check> {
        let (mut state, store) = tokio::join!(self.state_readiness(), self.store_readiness());
        state.push(store);
        state
    }

    /// One entry, or one for each thing that an operator has to change at the server.
    async fn state_readiness(&self) -> Vec<Check> {
        let broken = |why: String| vec![Check::broken("state", why, "Look at REDIS_URL and at Redis.")];
        match timeout(PATIENCE, self.state.check()).await {
            Err(_) => broken(TOO_SLOW.to_owned()),
            Ok(Err(error)) => broken(causes(&error)),
            Ok(Ok(warnings)) if warnings.is_empty() => vec![Check::ok("state", ANSWERS)],
            Ok(Ok(warnings)) => {
                let broken =
                    |warning: &Warning| Check::broken("state", warning.to_string(), warning.remedy());
                warnings.iter().map(broken).collect()
            }
        }
    }

    async fn store_readiness(&self) -> Check {
        let remedy = "Look at AWS_BUCKET and AWS_ENDPOINT_URL, or at the data folder.";
        match timeout(PATIENCE, self.store.check()).await {
            Err(_) => Check::broken("store", TOO_SLOW.to_owned(), remedy),
            Ok(Err(error)) => Check::broken("store", causes(&error), remedy),
            Ok(Ok(())) => Check::ok("store", ANSWERS),
        }
    }
}
