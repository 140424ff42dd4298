//! How a request ends: what the sender is told, and what is counted.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::payload::PayloadError;
use super::{Forged, Stored};
use crate::http::retry_later;
use crate::telemetry::{INTAKE_DURATION, INTAKE_REQUESTS, Stopwatch};

/// How a request ended.
#[derive(Debug)]
pub(super) enum Outcome {
    Accepted { id: String, stored: Stored },
    Unparsable { id: String, problem: PayloadError },
    Unauthorized,
    Forged(Forged),
    TooLarge { max_body_bytes: usize },
    Slow,
    Cut,
    Overloaded,
    Broken,
}

/// Every value of the metrics' `result` label.
pub(super) const RESULTS: [&str; 9] = [
    "accepted",
    "repeated",
    "unparsable",
    "unauthorized",
    "too_large",
    "slow",
    "hung_up",
    "overloaded",
    "broken",
];

impl Outcome {
    /// One of [`RESULTS`].
    pub(super) fn result(&self) -> &'static str {
        match self {
            Self::Accepted {
                stored: Stored::New,
                ..
            } => "accepted",
            Self::Accepted {
                stored: Stored::Repeat,
                ..
            } => "repeated",
            Self::Unparsable { .. } => "unparsable",
            Self::Unauthorized | Self::Forged(_) => "unauthorized",
            Self::TooLarge { .. } => "too_large",
            Self::Slow => "slow",
            Self::Cut => "hung_up",
            Self::Overloaded => "overloaded",
            Self::Broken => "broken",
        }
    }
}

impl IntoResponse for Outcome {
    fn into_response(self) -> Response {
        match self {
            Self::Accepted { id, .. } => {
                (StatusCode::ACCEPTED, Json(json!({ "receipt": id }))).into_response()
            }
            Self::Unparsable { id, problem } => (
                StatusCode::BAD_REQUEST,
                Json(json!({
                    "error": problem.to_string(),
                    "field": problem.path,
                    "mend": problem.mend,
                    "receipt": id,
                })),
            )
                .into_response(),
            Self::Unauthorized => {
                let mut response = refusal(
                    StatusCode::UNAUTHORIZED,
                    "the token is missing or wrong",
                    "send an intake.token as bearer token, or as the password of basic authentication",
                );
                let challenges = response.headers_mut();
                for challenge in ["Bearer realm=\"intake\"", "Basic realm=\"intake\""] {
                    challenges.append(
                        header::WWW_AUTHENTICATE,
                        HeaderValue::from_static(challenge),
                    );
                }
                response
            }
            Self::Forged(forged) => refusal(
                StatusCode::UNAUTHORIZED,
                &forged.to_string(),
                match forged {
                    Forged::Missing | Forged::Wrong => {
                        "sign the body with HMAC-SHA256 and the secret that is configured here"
                    }
                    Forged::Undated => {
                        "let the sender write the time into the header that is configured here"
                    }
                    Forged::Stale => "compare the clocks of both machines",
                },
            ),
            Self::TooLarge { max_body_bytes } => refusal(
                StatusCode::PAYLOAD_TOO_LARGE,
                &format!("the body is larger than {max_body_bytes} bytes"),
                "raise http.max_body_bytes, or set max_alerts in Alertmanager's webhook_config",
            ),
            Self::Slow => refusal(
                StatusCode::REQUEST_TIMEOUT,
                "the body did not arrive in time",
                "look at the network between the sender and here",
            ),
            Self::Cut => refusal(
                StatusCode::BAD_REQUEST,
                "the body ended before it was complete",
                "send it again",
            ),
            Self::Overloaded => retry_later("too much is coming in at once"),
            Self::Broken => retry_later("the alert could not be stored"),
        }
    }
}

fn refusal(status: StatusCode, error: &str, mend: &str) -> Response {
    (status, Json(json!({ "error": error, "mend": mend }))).into_response()
}

/// Counts a request when it ends, also when it ends because the client hung up.
pub(super) struct Tally {
    source: &'static str,
    pub(super) result: &'static str,
    watch: Stopwatch,
}

impl Tally {
    pub(super) fn begin(source: &'static str) -> Self {
        Self {
            source,
            result: "hung_up",
            watch: Stopwatch::start(),
        }
    }
}

impl Drop for Tally {
    fn drop(&mut self) {
        metrics::counter!(INTAKE_REQUESTS, "source" => self.source, "result" => self.result)
            .increment(1);
        metrics::histogram!(INTAKE_DURATION).record(self.watch.seconds());
    }
}
