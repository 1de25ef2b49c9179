//! What is logged, and how health is asked for.

use std::net::SocketAddr;

use clap::Args;
use shipstack_types::LogFormat;
use url::Url;

use super::api::web_url;
use crate::{ExposeSecret, Secret};

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

    /// OpenTelemetry collector that traces go to over HTTP; needs a program built with the feature otlp
    #[arg(long, env = "OTEL_EXPORTER_OTLP_ENDPOINT", value_parser = web_url, value_name = "URL")]
    pub otlp_endpoint: Option<Url>,

    /// Headers that the collector wants, as name=value, separated by commas
    #[arg(long, env = "OTEL_EXPORTER_OTLP_HEADERS", hide_env_values = true, value_name = "HEADERS")]
    pub otlp_headers: Option<Secret>,
}

impl LogSettings {
    /// The collector's address, as text.
    pub fn otlp_endpoint(&self) -> Option<&str> {
        self.otlp_endpoint.as_ref().map(Url::as_str)
    }

    /// What the collector wants to be shown.
    pub fn otlp_headers(&self) -> Option<&str> {
        self.otlp_headers.as_ref().map(ExposeSecret::expose_secret)
    }
}

/// Where services that have no API answer health checks.
#[derive(Args, Debug, Clone, Copy, Default)]
#[command(next_help_heading = "Health")]
pub struct HealthSettings {
    /// Address for /livez, /readyz and /metrics of services without an API; off by default
    #[arg(long, env = "SHIPSTACK_HEALTH_ADDR", value_name = "ADDR")]
    pub health_addr: Option<SocketAddr>,
}
