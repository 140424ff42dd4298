//! The names of the Discord client's metrics, and how each is recorded.

use std::time::Duration;

use super::gate::{Circuit, GateStatus, Lane};
use super::route::RouteName;

/// Histogram, seconds from departure to the end of the answer; labels `route`, `method`, `status`.
pub const REQUEST_DURATION_SECONDS: &str = "discord_request_duration_seconds";
/// Counter of finished calls; labels `route`, `method`, `status`. A call without an answer has the status `timeout`,
/// `lost` or `refused`.
pub const REQUESTS_TOTAL: &str = "discord_requests_total";
/// Histogram, seconds a call waited for its turn; label `lane`.
pub const GATE_WAIT_SECONDS: &str = "discord_gate_wait_seconds";
/// Gauge of calls waiting for their turn; label `lane`.
pub const GATE_WAITING: &str = "discord_gate_waiting";
/// Gauge of calls that are out.
pub const GATE_IN_FLIGHT: &str = "discord_gate_in_flight";
/// Gauge of the circuit breaker: 0 closed, 1 half open, 2 open.
pub const CIRCUIT_STATE: &str = "discord_circuit_state";
/// Gauge of calls answered 401, 403 or 429 in the last ten minutes.
pub const INVALID_REQUESTS: &str = "discord_invalid_requests";
/// Gauge: 1 while Discord refuses the bot token.
pub const TOKEN_REFUSED: &str = "discord_token_refused";

pub(super) fn request(route: RouteName, status: &str, took: Duration) {
    let labels = [
        ("route", route.template.to_owned()),
        ("method", route.method.to_owned()),
        ("status", status.to_owned()),
    ];
    metrics::histogram!(REQUEST_DURATION_SECONDS, &labels).record(took.as_secs_f64());
    metrics::counter!(REQUESTS_TOTAL, &labels).increment(1);
}

pub(super) fn waited(lane: Lane, took: Duration) {
    metrics::histogram!(GATE_WAIT_SECONDS, "lane" => lane_name(lane)).record(took.as_secs_f64());
}

pub(super) fn gate(status: &GateStatus) {
    for (lane, waiting) in Lane::ALL.into_iter().zip(status.waiting) {
        metrics::gauge!(GATE_WAITING, "lane" => lane_name(lane)).set(as_gauge(waiting));
    }
    metrics::gauge!(GATE_IN_FLIGHT).set(as_gauge(status.in_flight));
    metrics::gauge!(INVALID_REQUESTS).set(as_gauge(status.invalid_requests));
    metrics::gauge!(TOKEN_REFUSED).set(f64::from(u8::from(status.token_refused)));
    metrics::gauge!(CIRCUIT_STATE).set(match status.circuit {
        Circuit::Closed => 0.0,
        Circuit::HalfOpen => 1.0,
        Circuit::Open { .. } => 2.0,
    });
}

fn as_gauge(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::from(u32::MAX), f64::from)
}

fn lane_name(lane: Lane) -> &'static str {
    match lane {
        Lane::Opening => "opening",
        Lane::Interactive => "interactive",
        Lane::Mirror => "mirror",
        Lane::Background => "background",
    }
}
