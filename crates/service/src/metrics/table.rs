//! Every metric there is, in one table; `deploy/docs/operations.md` is the same table for people, and a test holds them
//! equal.

/// How a metric is counted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum MetricKind {
    /// Only grows, from the start of the process.
    Counter,
    /// Goes up and down.
    Gauge,
    /// A distribution over these upper bounds.
    Histogram(&'static [f64]),
}

/// What is fixed about a metric.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MetricInfo {
    /// Its name: `shipstack_<area>_<what>_<unit>`.
    pub name: &'static str,
    /// How it is counted.
    pub kind: MetricKind,
    /// Its labels, each with few values: never an id, a path or a name of a user's.
    pub labels: &'static [&'static str],
    /// Which process has it.
    pub process: &'static str,
    /// What it says.
    pub help: &'static str,
}

/// Seconds of builds: from a phase that is nothing to the longest that is allowed.
const BUILD_SECONDS: &[f64] = &[0.1, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0, 900.0];
/// Seconds of answers.
const ANSWER_SECONDS: &[f64] = &[0.001, 0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

macro_rules! metrics {
    ($($variant:ident $name:literal, $kind:expr, $labels:expr, $process:literal, $help:literal;)+) => {
        /// A metric.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum Metric {
            $(#[doc = $help] $variant,)+
        }

        impl Metric {
            /// All metrics, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// What is fixed about this metric.
            #[must_use]
            pub fn info(self) -> &'static MetricInfo {
                use MetricKind::{Counter, Gauge, Histogram};
                match self {
                    $(Self::$variant => &MetricInfo {
                        name: $name, kind: $kind, labels: $labels, process: $process, help: $help,
                    },)+
                }
            }
        }
    };
}

metrics! {
    DeploymentsEnded "shipstack_deployments_ended_total", Counter, &["status", "code"], "any",
        "Deployments that ended, by final status and failure code (none without one), counted by the process that settled them.";
    PhaseDuration "shipstack_deployments_phase_seconds", Histogram(BUILD_SECONDS), &["phase"], "any",
        "How long each phase of ended deployments took, waiting included.";
    QueueWaiting "shipstack_queue_waiting_jobs", Gauge, &["queue"], "upload-service",
        "Jobs that wait in a queue, measured at each scrape; the same in every process.";
    SlotsBusy "shipstack_worker_busy_slots", Gauge, &["queue"], "upload-service, deploy-worker",
        "Jobs in the hands of this process.";
    SlotsOffered "shipstack_worker_offered_slots", Gauge, &["queue"], "upload-service, deploy-worker",
        "Jobs that this process takes at once.";
    ClaimsStopped "shipstack_worker_stopped_claims", Gauge, &["code"], "deploy-worker",
        "1 while this process claims nothing, by the code of what keeps it from it: the engine, its image, a full disk.";
    LogLines "shipstack_log_appended_lines_total", Counter, &["queue"], "upload-service, deploy-worker",
        "Log lines that reached the state.";
    HttpRequests "shipstack_http_answered_requests_total", Counter, &["route", "status"], "upload-service",
        "API requests that were answered, by route and class of status.";
    HttpDuration "shipstack_http_answer_seconds", Histogram(ANSWER_SECONDS), &["route"], "upload-service",
        "From the head of a request to the head of its answer.";
    StreamsOpen "shipstack_http_open_streams", Gauge, &["kind"], "upload-service",
        "Logs and event streams that are being sent.";
    SitesAnswered "shipstack_sites_answered_requests_total", Counter, &["status"], "request-service",
        "Visitors' requests that were answered, by class of status.";
    SitesBytes "shipstack_sites_answered_bytes_total", Counter, &[], "request-service",
        "Bytes of the bodies of these answers; a download that a visitor breaks off counts whole.";
    SitesDropped "shipstack_sites_dropped_connections_total", Counter, &["why"], "request-service",
        "Visitors' connections that were closed on them: crowd, their client held too many already; slow, they took too little of an answer.";
    StateErrors "shipstack_state_failed_calls_total", Counter, &["operation"], "any",
        "Calls to Redis that failed for good, after their repeats.";
    StoreErrors "shipstack_store_failed_calls_total", Counter, &["operation"], "any",
        "Calls to the object store that failed for good, after their repeats.";
}
