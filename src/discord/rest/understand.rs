//! What an answer of Discord means: for the caller, and for the gate.

use std::time::Duration;

use reqwest::header::HeaderMap;
use serde::Deserialize;

use super::super::error::{ApiError, Refused, code};
use super::super::gate::{LimitHeaders, Outcome, Peer, RateLimited, Scope};
use super::super::route::Route;

/// How long to wait after a 429 that does not say.
const UNSAID_RATE_LIMIT: Duration = Duration::from_secs(5);
/// How long to wait after a block by Discord's edge that does not say.
const EDGE_BLOCK: Duration = Duration::from_secs(60);
/// How long to wait after a server error that does not say.
pub(super) const SERVER_TROUBLE: Duration = Duration::from_secs(1);
/// A longer pause than this is taken for a mistake.
const LONGEST_PAUSE: Duration = Duration::from_secs(24 * 3_600);

/// An answer, completely read.
#[derive(Debug)]
pub(super) struct RawAnswer {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

/// The body of a 429. One without JSON was not written by Discord's API.
#[derive(Deserialize)]
struct RateLimitBody {
    #[serde(default)]
    retry_after: Option<f64>,
    #[serde(default)]
    global: bool,
}

/// Tells apart what an answer can be. `Ok` is the body of a success.
pub(super) fn understand(route: &Route, answer: RawAnswer) -> (Outcome, Result<Vec<u8>, ApiError>) {
    let mut outcome = Outcome {
        peer: Peer::Answered,
        limits: limit_headers(&answer.headers),
        rate_limited: None,
        invalid: false,
        token: None,
    };
    let result = match answer.status {
        200..300 => {
            outcome.token = route.with_bot_token().then_some(true);
            Ok(answer.body)
        }
        429 => {
            let (limited, error) = too_many(route, &answer);
            outcome.rate_limited = limited;
            outcome.invalid = !matches!(
                limited,
                Some(RateLimited {
                    scope: Scope::Shared,
                    ..
                })
            );
            Err(error)
        }
        500.. => {
            outcome.peer = Peer::Failed;
            Err(server_trouble(route, &answer))
        }
        status => {
            outcome.invalid = matches!(status, 401 | 403);
            if status == 401 && route.with_bot_token() {
                outcome.token = Some(false);
            }
            if status == 403 && serde_json::from_slice::<serde_json::Value>(&answer.body).is_err() {
                Err(ApiError::Retry {
                    after: header_seconds(&answer.headers, "retry-after").unwrap_or(EDGE_BLOCK),
                    why: format!(
                        "Discord's edge blocks this address ({route} was answered 403 without JSON)"
                    ),
                })
            } else {
                Err(ApiError::Refused(Refused::understand(
                    status,
                    &answer.body,
                    route.to_string(),
                )))
            }
        }
    };
    (outcome, result)
}

fn too_many(route: &Route, answer: &RawAnswer) -> (Option<RateLimited>, ApiError) {
    let header_pause = || {
        header_seconds(&answer.headers, "retry-after")
            .or_else(|| header_seconds(&answer.headers, "x-ratelimit-reset-after"))
    };
    let refused = Refused::understand(429, &answer.body, route.to_string());
    let body = serde_json::from_slice::<RateLimitBody>(&answer.body).ok();
    let said_global = answer.headers.contains_key("x-ratelimit-global");
    let said_scope = answer
        .headers
        .get("x-ratelimit-scope")
        .and_then(|scope| scope.to_str().ok());
    let scope = match (said_scope, &body) {
        (Some("shared"), _) => Scope::Shared,
        (Some("global"), _) => Scope::Global,
        _ if said_global => Scope::Global,
        (_, Some(body)) if body.global => Scope::Global,
        (Some(_), _) | (None, Some(_)) => Scope::Bucket,
        // Discord's API always sends JSON: this came from the edge in front of it, and is about the address.
        (None, None) => Scope::Global,
    };
    let said_after = body
        .and_then(|body| seconds(body.retry_after?))
        .or_else(header_pause);
    let after = said_after.unwrap_or(match scope {
        Scope::Global => EDGE_BLOCK,
        Scope::Bucket | Scope::Shared => UNSAID_RATE_LIMIT,
    });
    let limited = RateLimited { after, scope };
    if refused.code == code::TOO_MANY_EDITS_OF_OLD_MESSAGE {
        // About one message, not about the route, unless Discord names a wait.
        return (said_after.map(|_| limited), ApiError::Refused(refused));
    }
    let whose = match scope {
        Scope::Bucket => "the limit of this route",
        Scope::Shared => "a limit shared with others",
        Scope::Global => "the global limit",
    };
    let why = format!("Discord answered {route} with 429: {whose} is used up");
    (Some(limited), ApiError::Retry { after, why })
}

/// 503 says that nothing was done; any other server error may come after the deed.
fn server_trouble(route: &Route, answer: &RawAnswer) -> ApiError {
    let why = format!("Discord answered {route} with status {}", answer.status);
    if answer.status == 503 || route.only_reads() {
        let after = header_seconds(&answer.headers, "retry-after").unwrap_or(SERVER_TROUBLE);
        ApiError::Retry { after, why }
    } else {
        ApiError::Maybe { why }
    }
}

fn limit_headers(headers: &HeaderMap) -> Option<LimitHeaders> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    Some(LimitHeaders {
        bucket: text("x-ratelimit-bucket").map(str::to_owned),
        limit: text("x-ratelimit-limit")?.parse().ok()?,
        remaining: text("x-ratelimit-remaining")?.parse().ok()?,
        reset_after: header_seconds(headers, "x-ratelimit-reset-after")?,
        reset_stamp_ms: text("x-ratelimit-reset").and_then(milliseconds),
    })
}

/// `"1470173023.123"` as milliseconds, without the rounding of a float.
fn milliseconds(text: &str) -> Option<u64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let whole: u64 = whole.parse().ok()?;
    let digits: String = fraction.chars().chain("000".chars()).take(3).collect();
    let fraction: u64 = digits.parse().ok()?;
    whole.checked_mul(1_000)?.checked_add(fraction)
}

fn header_seconds(headers: &HeaderMap, name: &str) -> Option<Duration> {
    seconds(headers.get(name)?.to_str().ok()?.parse().ok()?)
}

fn seconds(count: f64) -> Option<Duration> {
    Duration::try_from_secs_f64(count)
        .ok()
        .map(|pause| pause.min(LONGEST_PAUSE))
}

#[cfg(test)]
#[path = "understand_tests.rs"]
mod tests;
