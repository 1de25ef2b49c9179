//! Metrics: counted anywhere by the names of one enum, rendered as Prometheus text wherever a service answers `/metrics`.
//!
//! Guarantees: a name, its kind and its labels are fixed in one table; counting never waits and never fails; what nobody
//! scrapes does not grow. What it is not: a listener. A process where nobody asked for metrics counts nothing.

mod recorder;
#[cfg(test)]
mod reference;
mod table;

pub use recorder::{enable, render};
pub use table::{Metric, MetricInfo, MetricKind};

use metrics::Label;

impl Metric {
    /// Adds to a counter. The values are those of the metric's labels, in their order.
    pub fn add(self, count: u64, values: &[&str]) {
        metrics::counter!(self.info().name, self.labels(values)).increment(count);
    }

    /// Changes a gauge by so much.
    pub fn shift(self, by: f64, values: &[&str]) {
        metrics::gauge!(self.info().name, self.labels(values)).increment(by);
    }

    /// Sets a gauge.
    pub fn set(self, to: f64, values: &[&str]) {
        metrics::gauge!(self.info().name, self.labels(values)).set(to);
    }

    /// Notes one value of a distribution.
    pub fn note(self, value: f64, values: &[&str]) {
        metrics::histogram!(self.info().name, self.labels(values)).record(value);
    }

    fn labels(self, values: &[&str]) -> Vec<Label> {
        let names = self.info().labels;
        debug_assert_eq!(names.len(), values.len(), "{self:?} has the labels {names:?}");
        names.iter().zip(values).map(|(name, value)| Label::new(*name, (*value).to_owned())).collect()
    }
}

/// The class of an HTTP status as a label: `2xx`.
#[must_use]
pub fn status_class(status: u16) -> &'static str {
    match status {
        100..=199 => "1xx",
        200..=299 => "2xx",
        300..=399 => "3xx",
        400..=499 => "4xx",
        _ => "5xx",
    }
}

/// Something that is counted in a gauge while it lasts.
#[derive(Debug)]
pub struct Counted {
    metric: Metric,
    value: &'static str,
}

impl Counted {
    /// One more, until it is dropped. The metric is a gauge with one label.
    #[must_use]
    pub fn one(metric: Metric, value: &'static str) -> Self {
        metric.shift(1.0, &[value]);
        Self { metric, value }
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.metric.shift(-1.0, &[self.value]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn names_say_area_what_and_unit_and_are_unique() {
        let names: BTreeSet<&str> = Metric::ALL.iter().map(|metric| metric.info().name).collect();
        assert_eq!(names.len(), Metric::ALL.len());
        for metric in Metric::ALL {
            let info = metric.info();
            let parts: Vec<&str> = info.name.split('_').collect();
            assert!(parts.len() >= 4 && parts[0] == "shipstack", "{}", info.name);
            assert_eq!(info.kind == MetricKind::Counter, info.name.ends_with("_total"), "{}", info.name);
            assert!(info.help.ends_with('.'), "{}", info.name);
        }
    }

    #[test]
    fn what_is_counted_is_rendered_with_its_help_and_its_type() {
        enable();
        Metric::StoreErrors.add(2, &["get"]);
        Metric::PhaseDuration.note(3.0, &["building"]);
        let one = Counted::one(Metric::StreamsOpen, "tests");
        let text = render();
        assert!(text.contains("shipstack_store_failed_calls_total{operation=\"get\"} 2"), "{text}");
        assert!(text.contains("# TYPE shipstack_store_failed_calls_total counter"), "{text}");
        assert!(text.contains("# HELP shipstack_deployments_phase_seconds How long"), "{text}");
        assert!(
            text.contains("shipstack_deployments_phase_seconds_bucket{phase=\"building\",le=\"5\"} 1"),
            "{text}"
        );
        assert!(text.contains("shipstack_http_open_streams{kind=\"tests\"} 1"), "{text}");
        drop(one);
        assert!(render().contains("shipstack_http_open_streams{kind=\"tests\"} 0"));
    }
}
