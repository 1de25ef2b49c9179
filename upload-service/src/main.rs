//! Entry point of `upload-service`.

use shipstack_records::Records;
use shipstack_service::{Shutdown, telemetry};
use upload_service::{Config, Service};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let config: Config = shipstack_settings::load_or_exit();
    telemetry::init(&config.log.log, config.log.log_format)?;
    let records = Records::connect(config.records()).await?;
    let shutdown = Shutdown::new();
    shutdown.on_signals()?;
    let service = Service::build(config, records).await?;
    service.run(shutdown).await
}
