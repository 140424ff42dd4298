//! What the service says about itself: log lines and metrics, each name in one place. `docs/LOGGING.md` describes both.
//!
//! Secrets cannot be logged by accident: they live in `SecretString`, whose `Debug` hides them and which has no
//! `Display`. Bodies and messages are never logged; spans carry ids only.

use std::io::IsTerminal;
use std::panic::PanicHookInfo;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use metrics::Unit;
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};
use tracing::Subscriber;
use tracing_subscriber::filter::ParseError;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::{EnvFilter, Layer, Registry, layer::SubscriberExt as _};

use crate::clock::{monotonic, pause};
use crate::config::{Log, LogFormat};

/// Requests at an intake route, by `source` and `result`.
pub const INTAKE_REQUESTS: &str = "bridgewatch_intake_requests_total";
/// Seconds from a request's headers to our answer, at the intake routes.
pub const INTAKE_DURATION: &str = "bridgewatch_intake_duration_seconds";
/// Seconds from sending a request to Discord to its answer, by `route` (template, never ids), `method` and `status`.
pub const DISCORD_REQUEST_DURATION: &str = "bridgewatch_discord_request_duration_seconds";
/// Seconds a call to Discord waited for its turn, by `lane`.
pub const DISCORD_GATE_WAIT: &str = "bridgewatch_discord_gate_wait_seconds";
/// Calls to Discord waiting for their turn, by `lane`.
pub const DISCORD_GATE_WAITING: &str = "bridgewatch_discord_gate_waiting";
/// Calls to Discord that are out.
pub const DISCORD_IN_FLIGHT: &str = "bridgewatch_discord_in_flight";
/// The circuit breaker towards Discord: 0 closed, 1 half open, 2 open.
pub const DISCORD_CIRCUIT: &str = "bridgewatch_discord_circuit";
/// Calls answered 401, 403 or 429 in the last ten minutes; Discord shuts an address out at 10,000.
pub const DISCORD_INVALID_REQUESTS: &str = "bridgewatch_discord_invalid_requests";
/// 1 while Discord refuses the bot token, else 0.
pub const DISCORD_TOKEN_REFUSED: &str = "bridgewatch_discord_token_refused";
/// Effects waiting, by `lane`.
pub const OUTBOX_DEPTH: &str = "bridgewatch_outbox_depth";
/// Age in seconds of the oldest waiting effect; 0 when none waits.
pub const OUTBOX_OLDEST: &str = "bridgewatch_outbox_oldest_seconds";
/// Age in seconds of the oldest webhook that is kept and not worked off; 0 when none waits.
pub const RECEIPTS_OLDEST: &str = "bridgewatch_receipts_oldest_seconds";
/// Attempts to carry out an effect, by `kind` and `result`.
pub const EFFECT_ATTEMPTS: &str = "bridgewatch_effect_attempts_total";
/// Commits that met a newer state and had to be decided again.
pub const COMMIT_CONFLICTS: &str = "bridgewatch_commit_conflicts_total";
/// Runbook files of the team that cannot be used as they are.
pub const RUNBOOKS_REFUSED: &str = "bridgewatch_runbooks_refused";
/// 1 while the gateway session is up, else 0.
pub const GATEWAY_CONNECTED: &str = "bridgewatch_gateway_connected";
/// Seconds from receiving an alert to its channel being open.
pub const ALERT_TO_CHANNEL: &str = "bridgewatch_alert_to_channel_seconds";
/// Incidents that are live, by `severity`.
pub const INCIDENTS_OPEN: &str = "bridgewatch_incidents_open";
/// 1 while the watchdog alert stays away, else 0.
pub const WATCHDOG_MISSING: &str = "bridgewatch_watchdog_missing";

/// How a metric behaves.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Kind {
    /// Only rises.
    Counter,
    /// Rises and falls.
    Gauge,
    /// Counts observations up to each of these bounds.
    Histogram(&'static [f64]),
}

/// One metric we emit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Metric {
    pub name: &'static str,
    pub kind: Kind,
    pub unit: Unit,
    pub help: &'static str,
}

const INTAKE_BOUNDS: &[f64] = &[
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
];
const DISCORD_BOUNDS: &[f64] = &[0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];
const ALERT_TO_CHANNEL_BOUNDS: &[f64] = &[
    0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 900.0,
];

/// Every metric we emit.
pub const METRICS: [Metric; 19] = [
    Metric {
        name: INTAKE_REQUESTS,
        kind: Kind::Counter,
        unit: Unit::Count,
        help: "Requests at an intake route, by source and result.",
    },
    Metric {
        name: INTAKE_DURATION,
        kind: Kind::Histogram(INTAKE_BOUNDS),
        unit: Unit::Seconds,
        help: "Time from a request's headers to our answer, at the intake routes.",
    },
    Metric {
        name: DISCORD_REQUEST_DURATION,
        kind: Kind::Histogram(DISCORD_BOUNDS),
        unit: Unit::Seconds,
        help: "Time Discord took to answer, by route, method and status.",
    },
    Metric {
        name: DISCORD_GATE_WAIT,
        kind: Kind::Histogram(DISCORD_BOUNDS),
        unit: Unit::Seconds,
        help: "Time a call to Discord waited for its turn, by lane.",
    },
    Metric {
        name: DISCORD_GATE_WAITING,
        kind: Kind::Gauge,
        unit: Unit::Count,
        help: "Calls to Discord waiting for their turn, by lane.",
    },
    Metric {
        name: DISCORD_IN_FLIGHT,
        kind: Kind::Gauge,
        unit: Unit::Count,
        help: "Calls to Discord that are out.",
    },
    Metric {
        name: DISCORD_CIRCUIT,
        kind: Kind::Gauge,
        unit: Unit::Count,
        help: "The circuit breaker towards Discord: 0 closed, 1 half open, 2 open.",
    },
    Metric {
        name: DISCORD_INVALID_REQUESTS,
        kind: Kind::Gauge,
        unit: Unit::Count,
        help: "Calls answered 401, 403 or 429 in the last ten minutes; Discord shuts an address out at 10,000.",
    },
    Metric {
        name: DISCORD_TOKEN_REFUSED,
        kind: Kind::Gauge,
        unit: Unit::Count,
        help: "1 while Discord refuses the bot token, else 0.",
    },
    Metric {
        name: OUTBOX_DEPTH,
        kind: Kind::Gauge,
        unit: Unit::Count,
        help: "Effects waiting to be carried out, by lane.",
    },
    Metric {
        name: OUTBOX_OLDEST,
        kind: Kind::Gauge,
        unit: Unit::Seconds,
        help: "Age of the oldest waiting effect; 0 when none waits.",
    },
    Metric {
        name: RECEIPTS_OLDEST,
        kind: Kind::Gauge,
        unit: Unit::Seconds,
        help: "Age of the oldest webhook that is not worked off; 0 when none waits.",
    },
    Metric {
        name: EFFECT_ATTEMPTS,
        kind: Kind::Counter,
        unit: Unit::Count,
        help: "Attempts to carry out an effect, by kind and result.",
    },
    Metric {
        name: COMMIT_CONFLICTS,
        kind: Kind::Counter,
        unit: Unit::Count,
        help: "Commits that met a newer state and were decided again.",
    },
    Metric {
        name: RUNBOOKS_REFUSED,
        kind: Kind::Gauge,
        unit: Unit::Count,
        help: "Runbook files of the team that cannot be used as they are.",
    },
    Metric {
        name: GATEWAY_CONNECTED,
        kind: Kind::Gauge,
        unit: Unit::Count,
        help: "1 while the gateway session is up, else 0.",
    },
    Metric {
        name: ALERT_TO_CHANNEL,
        kind: Kind::Histogram(ALERT_TO_CHANNEL_BOUNDS),
        unit: Unit::Seconds,
        help: "Time from receiving an alert to its channel being open.",
    },
    Metric {
        name: INCIDENTS_OPEN,
        kind: Kind::Gauge,
        unit: Unit::Count,
        help: "Incidents that are live, by severity.",
    },
    Metric {
        name: WATCHDOG_MISSING,
        kind: Kind::Gauge,
        unit: Unit::Count,
        help: "1 while the watchdog alert stays away, else 0.",
    },
];

/// Registers name, kind, unit and help of every metric with the recorder in force.
pub fn describe() {
    for Metric {
        name,
        kind,
        unit,
        help,
    } in METRICS
    {
        match kind {
            Kind::Counter => metrics::describe_counter!(name, unit, help),
            Kind::Gauge => metrics::describe_gauge!(name, unit, help),
            Kind::Histogram(_) => metrics::describe_histogram!(name, unit, help),
        }
    }
}

/// The metrics of this process, for `/metrics`. The first call installs the recorder; later calls give the same handle.
///
/// # Errors
/// When something else in this process has installed another recorder.
pub fn metrics_handle() -> Result<PrometheusHandle, BuildError> {
    static HANDLE: Mutex<Option<PrometheusHandle>> = Mutex::new(None);
    // Held until the handle is in place, so that nobody finds a recorder without its handle.
    let mut installed = HANDLE.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(handle) = installed.as_ref() {
        return Ok(handle.clone());
    }
    let recorder = prometheus()?.build_recorder();
    let handle = recorder.handle();
    metrics::set_global_recorder(recorder)?;
    describe();
    Ok(installed.insert(handle).clone())
}

fn prometheus() -> Result<PrometheusBuilder, BuildError> {
    let mut builder = PrometheusBuilder::new();
    for metric in METRICS {
        if let Kind::Histogram(bounds) = metric.kind {
            builder = builder.set_buckets_for_metric(Matcher::Full(metric.name.into()), bounds)?;
        }
    }
    Ok(builder)
}

/// Folds collected observations together so that memory stays bounded while nobody scrapes. Runs until dropped.
pub async fn keep_metrics_small(handle: PrometheusHandle) {
    loop {
        pause(Duration::from_secs(5)).await;
        handle.run_upkeep();
    }
}

/// Measures how long something took, for metrics only: nothing is ever decided by it.
#[derive(Debug, Clone, Copy)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts measuring.
    #[must_use]
    pub fn start() -> Self {
        Self(monotonic())
    }

    /// Seconds since the start.
    #[must_use]
    pub fn seconds(&self) -> f64 {
        self.0.elapsed().as_secs_f64()
    }
}

/// Why logging could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// The filter came from somewhere else than a checked configuration.
    #[error("log.filter: {0}; write a level, or levels by part: info,bridgewatch=debug")]
    Filter(#[from] ParseError),
    /// Logging is set up once per process.
    #[error("logging is already set up in this process")]
    AlreadyInstalled(#[from] tracing::subscriber::SetGlobalDefaultError),
}

/// Sends log lines to standard error, and panics to the log.
///
/// # Errors
/// When the filter is invalid or logging was set up before.
pub fn install(log: &Log) -> Result<(), TelemetryError> {
    let subscriber = subscriber(log, std::io::stderr().is_terminal(), std::io::stderr)?;
    tracing::subscriber::set_global_default(subscriber)?;
    std::panic::set_hook(Box::new(log_panic));
    Ok(())
}

fn subscriber<W>(
    log: &Log,
    colours: bool,
    writer: W,
) -> Result<impl Subscriber + Send + Sync, ParseError>
where
    W: for<'writer> MakeWriter<'writer> + Send + Sync + 'static,
{
    let filter = EnvFilter::builder().parse(&log.filter)?;
    let lines = tracing_subscriber::fmt::layer().with_writer(writer);
    let lines: Box<dyn Layer<Registry> + Send + Sync> = match log.format {
        LogFormat::Text => Box::new(lines.with_ansi(colours)),
        LogFormat::Json => Box::new(lines.json().flatten_event(true).with_span_list(false)),
    };
    Ok(Registry::default().with(lines.with_filter(filter)))
}

/// A panic is a bug, and the operator finds bugs in the log.
fn log_panic(panic: &PanicHookInfo<'_>) {
    let message = panic
        .payload_as_str()
        .unwrap_or("a panic without a message");
    let location = panic
        .location()
        .map_or_else(|| "unknown".to_owned(), ToString::to_string);
    let thread = std::thread::current();
    tracing::error!(
        panic.location = location,
        panic.thread = thread.name().unwrap_or("unnamed"),
        "bug: {message}"
    );
}

#[cfg(test)]
mod tests;
