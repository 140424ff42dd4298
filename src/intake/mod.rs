//! Alerts and changes in: one route per source, and one promise. When we answer 202, what was sent is stored and cannot be lost; until
//! then the sender keeps it and tries again.
//!
//! What a request meets, in this order: authentication, the size limit, the load limits, the signature of the body where
//! the sender signs, the parser (so that the sender can be told what is wrong), the store. A body that cannot be parsed is stored all the same, and answered 400: it can be
//! replayed when the parser has learned it. Overload and a broken store answer 503, which Alertmanager retries within
//! seconds; any 4xx costs it a whole `group_interval`.

pub mod alertmanager;
mod auth;
pub mod change;
pub mod generic;
pub mod grafana;
mod outcome;
pub mod payload;
mod signature;

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use bridgewatch_core::webhook::Webhook;
use chrono::{DateTime, Utc};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use sha2::{Digest as _, Sha256};
use tokio::sync::Semaphore;
use tokio::time::timeout;

pub use auth::Tokens;
use outcome::{Outcome, RESULTS, Tally};
use payload::PayloadError;
pub use signature::{Forged, Signing, TIMESTAMP_TOLERANCE_SECONDS};

use crate::clock::{Clock, new_id};
use crate::http::Peer;
use crate::telemetry::INTAKE_REQUESTS;

/// One body as it came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// A UUID version 7: unique, and later ones sort after earlier ones.
    pub id: String,
    /// The source's name, such as `alertmanager`.
    pub source: &'static str,
    pub received_at: DateTime<Utc>,
    pub body: Bytes,
    /// Of the body, in hexadecimal.
    pub sha256: String,
    /// The sender's IP address.
    pub remote: String,
    /// What the parser made of it, or a sentence that names the field.
    pub parse: Result<Webhook, String>,
}

/// The store kept the receipt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stored {
    /// This body was not known before.
    New,
    /// The same body came before; the repeat was noted.
    Repeat,
}

/// The store did not keep the receipt, or cannot say.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SinkError {
    /// Too much is waiting already.
    #[error("too many receipts are waiting to be stored")]
    Overloaded,
    /// The store failed; the text is for the log, never for the sender.
    #[error("the store failed: {0}")]
    Broken(String),
}

/// Reads a kept body by the name of its source.
///
/// # Errors
/// A sentence that names the field and the mend; also when no such source exists.
pub fn understand(source: &str, body: &[u8]) -> Result<Webhook, String> {
    match SOURCES.iter().find(|known| known.name == source) {
        Some(known) => (known.parse)(body).map_err(|problem| problem.to_string()),
        None => {
            let names: Vec<&str> = SOURCES.iter().map(|known| known.name).collect();
            Err(format!(
                "no source is called `{source}`: write one of {}",
                names.join(", ")
            ))
        }
    }
}

/// Where receipts go.
#[async_trait]
pub trait ReceiptSink: Send + Sync {
    /// Returns once the receipt is on disk.
    async fn store(&self, receipt: Receipt) -> Result<Stored, SinkError>;
}

/// Reads a body, or names what is wrong with it.
type Parse = fn(&[u8]) -> Result<Webhook, PayloadError>;

/// A kind of sender.
#[derive(Debug, Clone, Copy)]
pub struct Source {
    /// Also the value of the metrics' `source` label.
    pub name: &'static str,
    pub path: &'static str,
    /// Reads a body. Pure.
    pub parse: Parse,
}

/// Every source there is. A new one needs a module of its own, and its line here.
pub const SOURCES: &[Source] = &[
    Source {
        name: alertmanager::SOURCE,
        path: "/hooks/alertmanager",
        parse: |body| alertmanager::parse(body).map(Webhook::Alerts),
    },
    Source {
        name: grafana::SOURCE,
        path: "/hooks/grafana",
        parse: |body| grafana::parse(body).map(Webhook::Alerts),
    },
    Source {
        name: generic::SOURCE,
        path: "/hooks/generic",
        parse: |body| generic::parse(body).map(Webhook::Alerts),
    },
    Source {
        name: change::SOURCE,
        path: "/hooks/change",
        parse: |body| change::parse(body).map(Webhook::Change),
    },
];

/// A body up to this size is read within its request: handing it to another thread would take longer. Megabytes take long
/// enough to hold up every other request of the thread.
const READ_AT_ONCE_BYTES: usize = 64 * 1024;

/// How much is taken in at once, and how long it may take.
#[derive(Debug, Clone)]
pub struct IntakeLimits {
    /// A larger body is answered 413.
    pub max_body_bytes: usize,
    /// Requests being read or stored; one more is answered 503.
    pub in_flight: usize,
    /// All bodies being read or stored together; what would exceed it is answered 503.
    pub in_flight_bytes: usize,
    /// For the body to arrive (408), and again for the store (503).
    pub patience: Duration,
}

impl IntakeLimits {
    /// The limits for bodies up to this size.
    #[must_use]
    pub fn for_bodies_up_to(max_body_bytes: usize) -> Self {
        Self {
            max_body_bytes,
            in_flight: 256,
            in_flight_bytes: (64 * 1024 * 1024).max(4 * max_body_bytes),
            patience: Duration::from_secs(10),
        }
    }
}

/// What a sender must show.
#[derive(Debug, Clone)]
pub struct Admission {
    /// Tokens, of which it shows one; none: no token is asked for.
    pub tokens: Tokens,
    /// How it signs its bodies, if it does.
    pub signing: Option<Signing>,
}

/// Everything the intake routes need.
#[derive(Clone)]
pub struct Intake {
    /// For every source that has none of its own.
    tokens: Tokens,
    own: BTreeMap<&'static str, Admission>,
    limits: IntakeLimits,
    requests: Arc<Semaphore>,
    /// One permit per KiB.
    body_room: Arc<Semaphore>,
    sink: Arc<dyn ReceiptSink>,
    clock: Clock,
}

impl fmt::Debug for Intake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Intake")
            .field("tokens", &self.tokens)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

impl Intake {
    /// Admits `tokens` and gives what comes in to `sink`.
    pub fn new(
        tokens: Tokens,
        limits: IntakeLimits,
        sink: Arc<dyn ReceiptSink>,
        clock: Clock,
    ) -> Self {
        Self {
            tokens,
            own: BTreeMap::new(),
            requests: Arc::new(Semaphore::new(limits.in_flight)),
            body_room: Arc::new(Semaphore::new(limits.in_flight_bytes.div_ceil(1024))),
            limits,
            sink,
            clock,
        }
    }

    /// Asks the senders of one source for something of their own.
    #[must_use]
    pub fn asking(mut self, source: &'static str, admission: Admission) -> Self {
        self.own.insert(source, admission);
        self
    }

    /// The route of each source. Its counters begin at 0 here, so that the first refusal already shows as an increase:
    /// the metrics recorder must be installed before.
    pub fn routes(&self, sources: &[Source]) -> Router {
        sources.iter().fold(Router::new(), |routes, source| {
            for result in RESULTS {
                metrics::counter!(INTAKE_REQUESTS, "source" => source.name, "result" => result)
                    .increment(0);
            }
            let shared = || Admission {
                tokens: self.tokens.clone(),
                signing: None,
            };
            let door = Door {
                admission: self.own.get(source.name).cloned().unwrap_or_else(shared),
                intake: self.clone(),
                source: *source,
            };
            // Grafana can be told to use either.
            routes.route(source.path, post(answer).put(answer).with_state(door))
        })
    }
}

#[derive(Clone)]
struct Door {
    intake: Intake,
    admission: Admission,
    source: Source,
}

async fn answer(State(door): State<Door>, request: Request) -> Response {
    let mut tally = Tally::begin(door.source.name);
    let outcome = door.take_in(request).await;
    tally.result = outcome.result();
    outcome.into_response()
}

impl Door {
    async fn take_in(&self, request: Request) -> Outcome {
        let Intake { limits, .. } = &self.intake;
        let Admission { tokens, signing } = &self.admission;
        let remote = request.extensions().get::<Peer>().map_or_else(
            || "unknown".to_owned(),
            |Peer(address)| address.ip().to_string(),
        );
        if !tokens.admit(request.headers()) {
            tracing::warn!(
                source = self.source.name,
                remote,
                "intake: wrong or missing token"
            );
            return Outcome::Unauthorized;
        }
        if let Some(forged) = signing
            .as_ref()
            .and_then(|signing| signing.is_shown(request.headers()).err())
        {
            return self.forged(forged, &remote);
        }
        let announced = announced_length(request.headers());
        if announced.is_some_and(|length| length > limits.max_body_bytes) {
            return self.too_large(&remote);
        }
        let expected_kib = announced.unwrap_or(limits.max_body_bytes).div_ceil(1024);
        let seat = Arc::clone(&self.intake.requests).try_acquire_owned();
        let room = Arc::clone(&self.intake.body_room)
            .try_acquire_many_owned(u32::try_from(expected_kib).unwrap_or(u32::MAX));
        let (Ok(seat), Ok(room)) = (seat, room) else {
            tracing::warn!(
                source = self.source.name,
                "intake: overloaded, asked the sender to retry"
            );
            return Outcome::Overloaded;
        };
        let (parts, body) = request.into_parts();
        let body = match timeout(limits.patience, self.read(body)).await {
            Err(_) => return Outcome::Slow,
            Ok(Err(BodyError::TooLarge)) => return self.too_large(&remote),
            Ok(Err(BodyError::Cut)) => return Outcome::Cut,
            Ok(Ok(body)) => body,
        };
        if let Some(forged) = signing.as_ref().and_then(|signing| {
            let now = self.intake.clock.now();
            signing.verify(&parts.headers, &body, now).err()
        }) {
            return self.forged(forged, &remote);
        }
        // A task of its own: when the client hangs up, this request is dropped, but the store is never stopped half-way.
        let door = self.clone();
        let storing = tokio::spawn(async move {
            let outcome = door.keep(body, remote).await;
            drop((seat, room));
            outcome
        });
        match timeout(limits.patience, storing).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(error)) => {
                tracing::error!(%error, "intake: the storing task ended unexpectedly");
                Outcome::Broken
            }
            Err(_) => {
                tracing::error!("intake: the store did not answer in time");
                Outcome::Broken
            }
        }
    }

    fn forged(&self, forged: Forged, remote: &str) -> Outcome {
        tracing::warn!(
            source = self.source.name,
            remote,
            why = %forged,
            "intake: wrong or missing signature"
        );
        Outcome::Forged(forged)
    }

    fn too_large(&self, remote: &str) -> Outcome {
        let max_body_bytes = self.intake.limits.max_body_bytes;
        tracing::error!(
            source = self.source.name,
            remote,
            max_body_bytes,
            "intake: a body over the limit was refused, its alerts are NOT stored; raise http.max_body_bytes"
        );
        Outcome::TooLarge { max_body_bytes }
    }

    async fn read(&self, body: Body) -> Result<Bytes, BodyError> {
        match Limited::new(body, self.intake.limits.max_body_bytes)
            .collect()
            .await
        {
            Ok(collected) => Ok(collected.to_bytes()),
            Err(error) if error.is::<LengthLimitError>() => Err(BodyError::TooLarge),
            Err(_) => Err(BodyError::Cut),
        }
    }

    #[tracing::instrument(
        name = "intake",
        skip_all,
        fields(source = self.source.name, receipt.id = tracing::field::Empty)
    )]
    async fn keep(&self, body: Bytes, remote: String) -> Outcome {
        let received_at = self.intake.clock.now();
        let parse = self.source.parse;
        let (sha256, parsed) = if body.len() <= READ_AT_ONCE_BYTES {
            examine(parse, &body)
        } else {
            let read = tokio::task::spawn_blocking({
                let body = body.clone();
                move || examine(parse, &body)
            });
            let Ok(read) = read.await else {
                tracing::warn!(
                    "intake: stopped while a body was being read, asked the sender to retry"
                );
                return Outcome::Broken;
            };
            read
        };
        let problem = parsed.as_ref().err().cloned();
        let receipt = Receipt {
            id: new_id(),
            source: self.source.name,
            received_at,
            sha256,
            body,
            remote,
            parse: parsed.map_err(|problem| problem.to_string()),
        };
        let id = receipt.id.clone();
        tracing::Span::current().record("receipt.id", &id);
        match (self.intake.sink.store(receipt).await, problem) {
            (Ok(stored), None) => {
                tracing::debug!(?stored, "intake: accepted");
                Outcome::Accepted { id, stored }
            }
            (Ok(_), Some(problem)) => {
                tracing::error!(
                    field = problem.path,
                    "intake: a body could not be understood; it is stored and can be replayed"
                );
                Outcome::Unparsable { id, problem }
            }
            (Err(SinkError::Overloaded), _) => Outcome::Overloaded,
            (Err(SinkError::Broken(error)), _) => {
                tracing::error!(error, "intake: the store failed, asked the sender to retry");
                Outcome::Broken
            }
        }
    }
}

/// The digest of a body, and what it says.
fn examine(parse: Parse, body: &[u8]) -> (String, Result<Webhook, PayloadError>) {
    (
        hexadecimal(&Sha256::digest(body)),
        parse_safely(parse, body),
    )
}

/// A parser that panics must not cost the alert: the body is stored, and the bug is named.
fn parse_safely(parse: Parse, body: &[u8]) -> Result<Webhook, PayloadError> {
    catch_unwind(AssertUnwindSafe(|| parse(body))).unwrap_or_else(|_| {
        Err(PayloadError {
            path: "body".into(),
            problem: "our parser failed on it, which is a bug of ours".into(),
            mend: "the body is stored; replay it after an update".into(),
        })
    })
}

enum BodyError {
    TooLarge,
    /// The client hung up or spoke nonsense.
    Cut,
}

fn announced_length(headers: &HeaderMap) -> Option<usize> {
    headers
        .get(header::CONTENT_LENGTH)?
        .to_str()
        .ok()?
        .parse()
        .ok()
}

fn hexadecimal(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        write!(text, "{byte:02x}").expect("writing to a String cannot fail");
    }
    text
}

#[cfg(test)]
mod contract;
#[cfg(test)]
mod tests;
