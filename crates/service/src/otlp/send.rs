//! The way to the collector.

use super::encode;
use super::open_span::EndedSpan;
use crate::telemetry::{Options, TelemetryError};
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, redirect};
use std::time::Duration;
use tokio::sync::mpsc::Receiver;
use tokio_util::sync::CancellationToken;
use tracing::{debug, warn};

/// Where traces go, below the endpoint (OTLP/HTTP).
const PATH: &str = "v1/traces";
/// Spans of one request.
const BATCH: usize = 512;
/// Spans are gathered for so long, so that a deployment is a few requests and not ten.
const GATHER: Duration = Duration::from_millis(500);
/// The standard's own default.
const PATIENCE: Duration = Duration::from_secs(10);

/// A collector.
pub(super) struct Collector {
    client: Client,
    url: String,
    service: String,
    is_away: bool,
}

impl Collector {
    pub(super) fn new(endpoint: &str, options: &Options<'_>) -> Result<Self, TelemetryError> {
        let client = Client::builder()
            .default_headers(headers(options.otlp_headers.unwrap_or_default())?)
            .redirect(redirect::Policy::none())
            .timeout(PATIENCE)
            .build()
            .map_err(|source| TelemetryError::Collector { source: source.into() })?;
        let url = format!("{}/{PATH}", endpoint.trim_end_matches('/'));
        Ok(Self { client, url, service: options.service.to_owned(), is_away: false })
    }

    /// Sends what comes, until `stop` and everything that was there by then is sent.
    pub(super) async fn carry(mut self, mut waiting: Receiver<EndedSpan>, stop: CancellationToken) {
        let mut batch = Vec::new();
        while let Some(1..) = stop.run_until_cancelled(waiting.recv_many(&mut batch, BATCH)).await {
            // The end of the process cuts the gathering short.
            let _ = tokio::time::timeout(GATHER, stop.cancelled()).await;
            gather(&mut waiting, &mut batch);
            self.send(&batch).await;
            batch.clear();
        }
        while gather(&mut waiting, &mut batch) {
            self.send(&batch).await;
            batch.clear();
        }
    }

    /// A collector that is away is told of once, and once when it is back. What it did not take is not sent again.
    async fn send(&mut self, spans: &[EndedSpan]) {
        let body = encode::request(&self.service, spans).to_string();
        let request = self.client.post(&self.url).header(CONTENT_TYPE, "application/json").body(body);
        let sent = request.send().await.and_then(reqwest::Response::error_for_status);
        match (sent, self.is_away) {
            (Ok(_), true) => warn!("the collector takes traces again"),
            (Err(error), false) => {
                let error = error.without_url();
                warn!(%error, "the collector of OTEL_EXPORTER_OTLP_ENDPOINT takes no traces; they are lost meanwhile");
                self.is_away = true;
                return;
            }
            (Err(error), true) => {
                debug!(error = %error.without_url(), "traces are lost");
                return;
            }
            (Ok(_), false) => {}
        }
        self.is_away = false;
    }
}

/// Takes what is there; whether there is anything to send.
fn gather(waiting: &mut Receiver<EndedSpan>, batch: &mut Vec<EndedSpan>) -> bool {
    while batch.len() < BATCH {
        let Ok(span) = waiting.try_recv() else { break };
        batch.push(span);
    }
    !batch.is_empty()
}

/// `name=value,name=value`, as `OTEL_EXPORTER_OTLP_HEADERS` has them.
fn headers(text: &str) -> Result<HeaderMap, TelemetryError> {
    let mut headers = HeaderMap::new();
    for pair in text.split(',').map(str::trim).filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').ok_or(TelemetryError::Headers)?;
        let name = HeaderName::try_from(name.trim()).map_err(|_| TelemetryError::Headers)?;
        let mut value = HeaderValue::try_from(value.trim()).map_err(|_| TelemetryError::Headers)?;
        value.set_sensitive(true);
        headers.insert(name, value);
    }
    Ok(headers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_pairs_and_their_values_are_secret() {
        let headers = headers("authorization=Bearer a=b , x-team=7,").unwrap();
        assert!(headers["authorization"] == "Bearer a=b" && headers["x-team"] == "7", "{headers:?}");
        assert!(!format!("{headers:?}").contains("Bearer"));
        for wrong in ["authorization", "a b=c", "x=\u{7}"] {
            assert!(super::headers(wrong).is_err(), "{wrong}");
        }
    }
}
