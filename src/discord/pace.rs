//! The stop-watch of the protocol: how long to wait before the next call, never what time it is.
//!
//! Rate limits, time-outs and the circuit breaker count elapsed time, so they use a clock that no operator, no time
//! server and no test can step. The time of day comes from elsewhere; nothing here may be stored or shown as a date.

use std::time::Instant;

/// The reading of the stop-watch.
pub(super) fn now() -> Instant {
    crate::clock::monotonic()
}

/// Sleeps until the stop-watch shows `at`; returns at once when that is past.
pub(super) async fn sleep_until(at: Instant) {
    crate::clock::pause_until(at).await;
}

/// A number in `0.0..1.0`, to keep several replicas from knocking at the same moment.
#[expect(
    clippy::disallowed_methods,
    reason = "the circuit breaker needs a bare number to stay a pure function of it"
)]
pub(super) fn jitter() -> f64 {
    rand::random()
}
