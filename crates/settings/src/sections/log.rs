//! What is logged, and how health is asked for.

use std::net::SocketAddr;

use clap::Args;
use shipstack_types::LogFormat;

/// What is logged and in which form.
#[derive(Args, Debug, Clone)]
#[command(next_help_heading = "Logging")]
pub struct LogSettings {
    /// What is logged: a level, or directives such as `info,shipstack_state=debug`
    #[arg(long, env = "SHIPSTACK_LOG", default_value = "info", value_name = "FILTER")]
    pub log: String,

    /// Form of log lines, pretty or json; by default pretty on a terminal, else json
    #[arg(long, env = "SHIPSTACK_LOG_FORMAT", value_name = "FORMAT")]
    pub log_format: Option<LogFormat>,
}

/// Where services that have no API answer health checks.
#[derive(Args, Debug, Clone, Copy, Default)]
#[command(next_help_heading = "Health")]
pub struct HealthSettings {
    /// Address for /livez, /readyz and /metrics of services without an API; off by default
    #[arg(long, env = "SHIPSTACK_HEALTH_ADDR", value_name = "ADDR")]
    pub health_addr: Option<SocketAddr>,
}
