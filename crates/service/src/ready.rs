//! The line that says a service is ready.

use std::fmt::Display;

use tracing::info;

/// Says in one log line that the service is ready and where it listens.
pub fn say_ready(service: &'static str, address: &dyn Display) {
    info!(service, address = %address, "{service} is ready on {address}");
}
