//! The one place that keeps the counts.

use super::{Metric, MetricKind};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use std::sync::OnceLock;
use std::thread;
use std::time::Duration;

/// How often distributions are folded, so that they stay small where nobody scrapes.
const FOLD_EVERY: Duration = Duration::from_secs(5);

static RECORDER: OnceLock<PrometheusHandle> = OnceLock::new();

/// Counts from now on, for the rest of the process's life. Asked again, it does nothing.
pub fn enable() {
    RECORDER.get_or_init(|| {
        let recorder = builder().build_recorder();
        let handle = recorder.handle();
        // Where something else in the process counts already, ours stays empty.
        let _ = metrics::set_global_recorder(recorder);
        for metric in Metric::ALL {
            describe(*metric);
        }
        fold_forever(handle.clone());
        handle
    });
}

/// Everything counted so far, in Prometheus's text format; nothing before [`enable`].
#[must_use]
pub fn render() -> String {
    RECORDER.get().map(PrometheusHandle::render).unwrap_or_default()
}

fn builder() -> PrometheusBuilder {
    Metric::ALL.iter().fold(PrometheusBuilder::new(), |builder, metric| match metric.info().kind {
        MetricKind::Histogram(bounds) => buckets(builder, metric.info().name, bounds),
        MetricKind::Counter | MetricKind::Gauge => builder,
    })
}

#[expect(clippy::expect_used, reason = "the only error is an empty list, and the table has none")]
fn buckets(builder: PrometheusBuilder, name: &str, bounds: &[f64]) -> PrometheusBuilder {
    builder.set_buckets_for_metric(Matcher::Full(name.to_owned()), bounds).expect("bounds")
}

fn describe(metric: Metric) {
    let info = metric.info();
    match info.kind {
        MetricKind::Counter => metrics::describe_counter!(info.name, info.help),
        MetricKind::Gauge => metrics::describe_gauge!(info.name, info.help),
        MetricKind::Histogram(_) => metrics::describe_histogram!(info.name, info.help),
    }
}

/// On a thread of its own, which ends with the process: it belongs to no runtime, and there may be several.
fn fold_forever(handle: PrometheusHandle) {
    let fold = move || {
        loop {
            thread::sleep(FOLD_EVERY);
            handle.run_upkeep();
        }
    };
    // Without it a distribution grows until the next scrape, which folds it as well.
    let _ = thread::Builder::new().name("metrics".to_owned()).spawn(fold);
}
