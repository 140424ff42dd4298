//! How each call and the state of the gate are recorded; the names live with all others in [`crate::telemetry`].

use std::time::Duration;

use super::gate::{Circuit, GateStatus, Lane};
use super::route::RouteName;
use crate::telemetry::{
    DISCORD_CIRCUIT, DISCORD_GATE_WAIT, DISCORD_GATE_WAITING, DISCORD_IN_FLIGHT,
    DISCORD_INVALID_REQUESTS, DISCORD_REQUEST_DURATION, DISCORD_TOKEN_REFUSED,
};

/// `status` is the answer's, or `timeout`, `lost` or `refused` where none came.
pub(super) fn request(route: RouteName, status: &str, took: Duration) {
    let labels = [
        ("route", route.template.to_owned()),
        ("method", route.method.to_owned()),
        ("status", status.to_owned()),
    ];
    metrics::histogram!(DISCORD_REQUEST_DURATION, &labels).record(took.as_secs_f64());
}

pub(super) fn waited(lane: Lane, took: Duration) {
    metrics::histogram!(DISCORD_GATE_WAIT, "lane" => lane.name()).record(took.as_secs_f64());
}

pub(super) fn gate(status: &GateStatus) {
    for (lane, waiting) in Lane::ALL.into_iter().zip(status.waiting) {
        metrics::gauge!(DISCORD_GATE_WAITING, "lane" => lane.name()).set(as_gauge(waiting));
    }
    metrics::gauge!(DISCORD_IN_FLIGHT).set(as_gauge(status.in_flight));
    metrics::gauge!(DISCORD_INVALID_REQUESTS).set(as_gauge(status.invalid_requests));
    metrics::gauge!(DISCORD_TOKEN_REFUSED).set(f64::from(u8::from(status.token_refused)));
    metrics::gauge!(DISCORD_CIRCUIT).set(match status.circuit {
        Circuit::Closed => 0.0,
        Circuit::HalfOpen => 1.0,
        Circuit::Open { .. } => 2.0,
    });
}

fn as_gauge(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::from(u32::MAX), f64::from)
}
