//! The SDK's client, set up.

use std::time::Duration;

use aws_config::BehaviorVersion;
use aws_config::meta::region::RegionProviderChain;
use aws_sdk_s3::Client;
use aws_sdk_s3::config::retry::RetryConfig;
use aws_sdk_s3::config::timeout::TimeoutConfig;
use aws_sdk_s3::config::{
    Builder, Credentials, Region, RequestChecksumCalculation, ResponseChecksumValidation,
    StalledStreamProtectionConfig,
};
use secrecy::ExposeSecret;

use crate::S3Config;

/// What compatible services call their only region.
const DEFAULT_REGION: &str = "us-east-1";
/// A service that is there answers a connection at once; one that is away should be known to be away soon.
const CONNECT: Duration = Duration::from_secs(3);
/// How long an upload may stand still: the deadline of a large one alone would notice only after hours.
const STALL: Duration = Duration::from_secs(20);

/// A client as `config` says, with the SDK's chain for what it does not say.
pub(super) async fn of(config: &S3Config) -> Client {
    let mut loader = aws_config::defaults(BehaviorVersion::v2026_01_12()).region(region(config));
    if let Some(key) = &config.key {
        let secret = key.secret.expose_secret();
        loader = loader.credentials_provider(Credentials::new(&key.id, secret, None, None, "settings"));
    }
    if let Some(endpoint) = &config.endpoint {
        loader = loader.endpoint_url(endpoint);
    }
    let shared = loader.load().await;
    let builder = Builder::from(&shared).force_path_style(config.endpoint.is_some());
    Client::from_conf(with_policy(builder).build())
}

/// The configured region, else the SDK's chain, except that a custom endpoint is not Amazon's: there, nothing asks
/// the metadata service of a cloud.
fn region(config: &S3Config) -> RegionProviderChain {
    let configured = config.region.clone().map(Region::new);
    match config.endpoint {
        Some(_) => RegionProviderChain::first_try(configured).or_else(Region::new(DEFAULT_REGION)),
        None => RegionProviderChain::first_try(configured).or_default_provider(),
    }
}

fn with_policy(builder: Builder) -> Builder {
    let stalls = StalledStreamProtectionConfig::enabled().download_enabled(false).grace_period(STALL);
    builder
        .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
        .response_checksum_validation(ResponseChecksumValidation::WhenRequired)
        .retry_config(RetryConfig::disabled())
        .timeout_config(TimeoutConfig::builder().connect_timeout(CONNECT).build())
        .stalled_stream_protection(stalls.build())
}
