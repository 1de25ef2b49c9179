//! Entry point of `deploy-worker`.

use deploy_worker::{Service, Standalone};
use shipstack_records::{ConnectError, Records};
use shipstack_service::{Shutdown, telemetry};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let Standalone { config, once } = shipstack_settings::load_or_exit();
    let _telemetry = telemetry::init(&telemetry::Options {
        service: "deploy-worker",
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
    let service = if once { service.for_one_build() } else { service };
    service.run(shutdown).await
}
