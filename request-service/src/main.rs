//! Entry point of `request-service`.

use request_service::{Service, Standalone};
use shipstack_service::{Shutdown, telemetry};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let settings: Standalone = shipstack_settings::load_or_exit();
    let config = settings.checked().unwrap_or_else(|error| shipstack_settings::stop(&error));
    let _telemetry = telemetry::init(&telemetry::Options {
        service: "request-service",
        filter: &config.log.log,
        format: config.log.log_format,
        otlp_endpoint: config.log.otlp_endpoint(),
        otlp_headers: config.log.otlp_headers(),
    })?;
    let shutdown = Shutdown::new();
    shutdown.on_signals()?;
    Service::build(&config).await?.run(shutdown).await
}
