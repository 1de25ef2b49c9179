//! Traces to an OpenTelemetry collector: OTLP over HTTP, as JSON (`http/json`), under the feature `otlp`.
//!
//! Written by hand: a deployment has some ten spans, and the SDK with its generated protocol would be heavier than
//! everything else in this crate. Only spans of [`crate::TRACE_TARGET`] go out. Nothing waits for the collector: what it does not take
//! in time is dropped and counted in the log, and a process that ends tries for some seconds to send what is left.

mod encode;
mod open_span;
mod send;
mod spans;

use crate::telemetry::{Options, TelemetryError};
use send::Collector;
use spans::Spans;
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::{Layer as _, Registry};

/// Spans that wait for the collector at most: some hundred deployments.
const WAITING: usize = 4096;
/// How long the end of a process is held up by a collector at most.
const FLUSH: Duration = Duration::from_secs(3);

type Layer = Box<dyn tracing_subscriber::Layer<Registry> + Send + Sync>;

/// The thread that exports. Dropping it sends what is left.
#[derive(Debug)]
pub(crate) struct Exporter {
    stop: CancellationToken,
    ended: Receiver<()>,
}

impl Drop for Exporter {
    fn drop(&mut self) {
        self.stop.cancel();
        // A collector that takes longer is not waited for; a thread that panicked has ended as well.
        let _ = self.ended.recv_timeout(FLUSH);
    }
}

/// Starts to export to this collector.
pub(crate) fn start(endpoint: &str, options: &Options<'_>) -> Result<(Layer, Exporter), TelemetryError> {
    let collector = Collector::new(endpoint, options)?;
    let (sender, waiting) = mpsc::channel(WAITING);
    let (stop, (end, ended)) = (CancellationToken::new(), sync_channel(1));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|source| TelemetryError::Thread { source })?;
    let until = stop.clone();
    let work = move || {
        runtime.block_on(collector.carry(waiting, until));
        // Nobody has to be listening.
        let _ = end.send(());
    };
    thread::Builder::new()
        .name("traces".to_owned())
        .spawn(work)
        .map_err(|source| TelemetryError::Thread { source })?;
    let ours = filter_fn(|metadata| metadata.is_span() && metadata.target() == crate::TRACE_TARGET);
    Ok((Spans::new(sender).with_filter(ours).boxed(), Exporter { stop, ended }))
}

#[cfg(test)]
mod tests;
