//! Entry point of `upload-service`.

use shipstack_records::{ConnectError, Records};
use shipstack_service::{Shutdown, telemetry};
use upload_service::{Config, Service};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let config: Config = shipstack_settings::load_or_exit();
    let _telemetry = telemetry::init(&telemetry::Options {
        service: "upload-service",
        filter: &config.log.log,
        format: config.log.log_format,
        otlp_endpoint: config.log.otlp_endpoint(),
        otlp_headers: config.log.otlp_headers(),
    })?;
    let records = match Records::connect(config.records()).await {
        Err(ConnectError::Settings(error)) => shipstack_settings::stop(&error),
        connected => connected?,
    };
    let shutdown = Shutdown::new();
    shutdown.on_signals()?;
    let service = Service::build(config, records).await?;
    service.run(shutdown).await
}
