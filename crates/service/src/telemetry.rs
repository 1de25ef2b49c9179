//! Logs: on standard error, one event a line. Traces: to a collector, under the feature `otlp`.

use std::io::{IsTerminal as _, stderr};
use std::panic;

use shipstack_types::LogFormat;
use tracing::error;
#[cfg(not(feature = "otlp"))]
use tracing::warn;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::fmt::format::JsonFields;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::{EnvFilter, Layer as _, Registry};

use crate::json_lines::JsonLines;

/// Logging could not be set up.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TelemetryError {
    /// The filter does not parse.
    #[error(
        "SHIPSTACK_LOG: “{filter}” is not acceptable: it has to be a level or directives such as info,shipstack_state=debug"
    )]
    Filter {
        /// What was given.
        filter: String,
        /// What the parser says.
        source: tracing_subscriber::filter::ParseError,
    },
    /// Something else in this process logs already.
    #[error("logging is set up already")]
    Twice,
    /// What the collector wants is not readable. The text may hold a secret, so it is not repeated.
    #[error("OTEL_EXPORTER_OTLP_HEADERS: it has to be name=value, several separated by commas")]
    Headers,
    /// The collector cannot be spoken to at all.
    #[error("OTEL_EXPORTER_OTLP_ENDPOINT: no traces can be sent")]
    Collector {
        /// What the HTTP client says.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The thread that exports could not be started.
    #[error("no thread for traces")]
    Thread {
        /// What the system says.
        source: std::io::Error,
    },
}

/// What a process says of itself, and to whom.
#[derive(Clone, Copy, Default)]
pub struct Options<'a> {
    /// The process, as traces name it: `upload-service`.
    pub service: &'a str,
    /// What is logged: a level or directives.
    pub filter: &'a str,
    /// Without one: pretty when standard error is a terminal, else JSON.
    pub format: Option<LogFormat>,
    /// The collector that traces go to, if any.
    pub otlp_endpoint: Option<&'a str>,
    /// What it wants beside them, as `name=value,name=value`. May hold secrets.
    pub otlp_headers: Option<&'a str>,
}

/// What has to last as long as the process: dropping it sends the traces that are left.
#[derive(Debug)]
#[must_use]
pub struct Telemetry {
    #[cfg(feature = "otlp")]
    _exporter: Option<crate::otlp::Exporter>,
}

/// Says as an error whatever is wrong with a connection: lines that strangers can cause by the million.
const CONNECTIONS: &str = "actix_http::h1::dispatcher";

type Layer = Box<dyn tracing_subscriber::Layer<Registry> + Send + Sync>;

/// Logs for the rest of the process's life, panics included, and exports traces where there is a collector for them.
pub fn init(options: &Options<'_>) -> Result<Telemetry, TelemetryError> {
    let fitting = if stderr().is_terminal() { LogFormat::Pretty } else { LogFormat::Json };
    let logs = logs(parse(options.filter)?, options.format.unwrap_or(fitting), stderr);
    let (layers, telemetry) = with_traces(vec![logs], options)?;
    let subscriber = tracing_subscriber::registry().with(layers);
    tracing::subscriber::set_global_default(subscriber).map_err(|_| TelemetryError::Twice)?;
    panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        let text = panic.payload_as_str().unwrap_or("something that is no text");
        error!(place, "panicked: {text}");
    }));
    #[cfg(not(feature = "otlp"))]
    if options.otlp_endpoint.is_some() {
        warn!(
            "OTEL_EXPORTER_OTLP_ENDPOINT is set, and this program was built without the feature otlp: no traces go out"
        );
    }
    Ok(telemetry)
}

#[cfg(feature = "otlp")]
fn with_traces(
    mut layers: Vec<Layer>,
    options: &Options<'_>,
) -> Result<(Vec<Layer>, Telemetry), TelemetryError> {
    let started = options.otlp_endpoint.map(|endpoint| crate::otlp::start(endpoint, options)).transpose()?;
    let (layer, exporter) = started.unzip();
    layers.extend(layer);
    Ok((layers, Telemetry { _exporter: exporter }))
}

#[cfg(not(feature = "otlp"))]
#[expect(clippy::unnecessary_wraps, reason = "with the feature there is what can fail")]
fn with_traces(layers: Vec<Layer>, _: &Options<'_>) -> Result<(Vec<Layer>, Telemetry), TelemetryError> {
    Ok((layers, Telemetry {}))
}

fn parse(filter: &str) -> Result<EnvFilter, TelemetryError> {
    let wrong = |source| TelemetryError::Filter { filter: filter.to_owned(), source };
    // The spans of deployments are let through whatever is logged, so that a warning within one names it.
    let spans = format!("{}=info", crate::TRACE_TARGET).parse().map_err(wrong)?;
    // First, so that the given filter may say otherwise.
    let quiet = format!("{CONNECTIONS}=off,{filter}");
    Ok(EnvFilter::builder().parse(quiet).map_err(wrong)?.add_directive(spans))
}

fn logs<W>(filter: EnvFilter, format: LogFormat, writer: W) -> Layer
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let base = tracing_subscriber::fmt::layer().with_writer(writer);
    match format {
        LogFormat::Pretty => {
            base.with_target(false).with_ansi(stderr().is_terminal()).with_filter(filter).boxed()
        }
        LogFormat::Json => {
            base.fmt_fields(JsonFields::new()).event_format(JsonLines).with_filter(filter).boxed()
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Memory(Arc<Mutex<Vec<u8>>>);

    impl Write for Memory {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    fn logged(filter: &str, format: LogFormat) -> String {
        let memory = Memory::default();
        let writer = memory.clone();
        let logs = logs(parse(filter).unwrap(), format, move || writer.clone());
        let subscriber = tracing_subscriber::registry().with(logs);
        tracing::subscriber::with_default(subscriber, || {
            tracing::info!(worker.id = "w-1", "took {}", "a job\nand more");
            tracing::debug!("detail");
            tracing::error!(target: CONNECTIONS, "junk");
            let id: shipstack_types::DeploymentId = "k3v9x2m7q4tzb8wd".parse().unwrap();
            let trace = crate::DeploymentTrace::new(&id, None);
            trace.span("build").in_scope(|| {
                tracing::debug!("within");
                tracing::warn!("bad");
                let below = tracing::info_span!("below", work = "deep");
                below.in_scope(|| tracing::debug!(deployment.id = "another", "of another"));
                below.in_scope(|| tracing::debug!("below \"it\""));
            });
            let claim = crate::claim_span("intake", &id);
            tracing::info_span!("loop", work = "index").in_scope(|| tracing::debug!("in a loop"));
            claim.in_scope(|| {
                trace.goes_on_in(&tracing::Span::current());
                tracing::debug!("in a claim");
            });
        });
        let bytes = memory.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    /// The lines as who collects them reads them.
    fn parsed(filter: &str) -> Vec<serde_json::Value> {
        logged(filter, LogFormat::Json).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    fn saying<'a>(lines: &'a [serde_json::Value], message: &str) -> &'a serde_json::Value {
        lines.iter().find(|line| line["message"] == message).unwrap_or_else(|| panic!("{message}: {lines:?}"))
    }

    #[test]
    fn json_is_one_object_a_line_with_fields_at_the_top() {
        let lines = parsed("info");
        assert_eq!(lines.len(), 2, "{lines:?}");
        let line = saying(&lines, "took a job\nand more");
        assert_eq!((&line["worker.id"], &line["level"]), (&"w-1".into(), &"INFO".into()));
        assert!(line["timestamp"].as_str().unwrap().ends_with('Z'), "{line}");
        assert!(line["target"].as_str().unwrap().starts_with("shipstack_service::"), "{line}");
    }

    #[test]
    fn a_line_within_a_deployment_names_it_and_its_trace_at_the_top() {
        let lines = parsed("debug");
        let (within, claim) = (saying(&lines, "within"), saying(&lines, "in a claim"));
        for line in [within, saying(&lines, "below \"it\""), claim] {
            assert_eq!(line["deployment.id"], "k3v9x2m7q4tzb8wd", "{line}");
            assert_eq!(line["trace.id"].as_str().unwrap().len(), 32, "{line}");
            assert_eq!(line["trace.id"], within["trace.id"], "known as soon as the birth was read: {line}");
        }
        assert_eq!((&within["step"], &claim["step"]), (&"build".into(), &"intake".into()));
        assert_eq!(saying(&lines, "of another")["deployment.id"], "another", "an event says it better");
        assert!(saying(&lines, "detail").get("deployment.id").is_none());
    }

    #[test]
    fn a_warning_within_a_deployment_names_it_where_nothing_less_is_logged() {
        let lines = parsed("warn");
        assert_eq!((lines.len(), &lines[0]["deployment.id"]), (1, &"k3v9x2m7q4tzb8wd".into()), "{lines:?}");
    }

    #[test]
    fn a_line_for_a_person_names_its_deployment_too() {
        let text = logged("debug", LogFormat::Pretty);
        for message in ["within", "below \"it\"", "in a claim"] {
            let line = text.lines().find(|line| line.contains(message)).unwrap();
            assert!(line.contains("deployment.id=k3v9x2m7q4tzb8wd"), "{line}");
        }
    }

    #[test]
    fn the_filter_decides_what_is_logged() {
        assert!(logged("debug", LogFormat::Pretty).contains("detail"));
        assert!(logged("off", LogFormat::Pretty).is_empty());
        assert!(logged("error", LogFormat::Pretty).is_empty(), "of connections only who asks for it is told");
        assert!(logged(&format!("off,{CONNECTIONS}=error"), LogFormat::Pretty).contains("junk"));
        let error = parse("info,=").unwrap_err().to_string();
        assert!(error.starts_with("SHIPSTACK_LOG: ") && error.lines().count() == 1, "{error}");
    }
}
