//! Logs: on standard error, one event a line. Traces: to a collector, under the feature `otlp`.

use std::io::{IsTerminal as _, stderr};
use std::panic;

use shipstack_types::LogFormat;
use tracing::error;
#[cfg(not(feature = "otlp"))]
use tracing::warn;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::{EnvFilter, Layer as _, Registry};

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
    EnvFilter::builder().parse(filter).map_err(wrong)
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
        LogFormat::Json => base.json().flatten_event(true).with_span_list(false).with_filter(filter).boxed(),
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
            let id: shipstack_types::DeploymentId = "k3v9x2m7q4tzb8wd".parse().unwrap();
            let trace = crate::DeploymentTrace::new(&id, None);
            trace.span("build").in_scope(|| tracing::debug!("within"));
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

    #[test]
    fn json_is_one_object_a_line_with_fields_at_the_top() {
        let text = logged("info", LogFormat::Json);
        assert_eq!(text.lines().count(), 1, "{text}");
        assert!(
            text.contains(r#""worker.id":"w-1""#) && text.contains(r#""message":"took a job\nand more""#),
            "{text}"
        );
    }

    #[test]
    fn a_line_within_a_deployment_names_it_and_its_trace() {
        let text = logged("debug", LogFormat::Json);
        let line = text.lines().find(|line| line.contains("within")).unwrap();
        assert!(line.contains(r#""deployment.id":"k3v9x2m7q4tzb8wd""#), "{line}");
        assert!(line.contains(r#""trace.id":"#) && line.contains(r#""step":"build""#), "{line}");
        let trace =
            |line: &str| line.split(r#""trace.id":""#).nth(1).unwrap().split('"').next().unwrap().to_owned();
        let claim = text.lines().find(|line| line.contains("in a claim")).unwrap();
        assert_eq!(trace(claim), trace(line), "known as soon as the birth was read");
    }

    #[test]
    fn the_filter_decides_what_is_logged() {
        assert!(logged("debug", LogFormat::Pretty).contains("detail"));
        assert!(logged("off", LogFormat::Pretty).is_empty());
        let error = parse("info,=").unwrap_err().to_string();
        assert!(error.starts_with("SHIPSTACK_LOG: ") && error.lines().count() == 1, "{error}");
    }
}
