//! The bot's REST client: every call to Discord but the first answer to an interaction leaves here.
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use bridgewatch::discord::gate::{GateSettings, Lane};
//! use bridgewatch::discord::message::{MessageBody, Nonce};
//! use bridgewatch::discord::rest::{Rest, RestSettings};
//! use serenity::model::id::ChannelId;
//!
//! let settings = RestSettings::new("https://discord.com", "the bot token".into());
//! let rest = Rest::new(settings, GateSettings::default())?;
//! let nonce = Nonce::new("effect-42")?;
//! rest.on(Lane::Opening)
//!     .create_message(ChannelId::new(7), &MessageBody::text("INC-7 declared"), &nonce, &[])
//!     .await?;
//! # Ok(())
//! # }
//! ```
//!
//! A call waits for its turn at the gate, never longer than the patience of its handle, and ends in the answer or
//! in one of the four ends of [`ApiError`]. A 429 whose wait fits into the patience is repeated here; everything
//! else is the caller's decision. No error, log line or `Debug` output holds a token.

mod understand;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue, USER_AGENT};
use reqwest::multipart::{Form, Part};
use reqwest::{Client, Url};
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::error::{ApiError, quote};
use super::gate::{Gate, GateSettings, GateStatus, Lane, Outcome, Peer};
use super::message::File;
use super::route::Route;
use super::{meter, pace};
use understand::{RawAnswer, SERVER_TROUBLE, understand};

/// The real Discord.
pub const DISCORD: &str = "https://discord.com";
/// How long a call waits for its turn unless its handle says otherwise.
pub const DEFAULT_PATIENCE: Duration = Duration::from_secs(10);
/// More than any answer Discord gives; a longer one is not read to its end.
const LONGEST_ANSWER_BYTES: usize = 16 * 1024 * 1024;
/// How often one call may meet a 429 before its caller hears of it.
const RATE_LIMITED_AT_MOST: u32 = 4;
/// Discord cuts the reason in its audit log here.
const LONGEST_REASON_CHARS: usize = 512;

/// How to reach Discord.
#[derive(Clone, Debug)]
pub struct RestSettings {
    /// `https://discord.com`, or a local one at `http://127.0.0.1:PORT`.
    pub api_url: String,
    pub token: SecretString,
    /// `DiscordBot (address, version)`; Discord refuses other forms.
    pub user_agent: String,
    pub connect_timeout: Duration,
    /// From departure to the last byte of the answer.
    pub request_timeout: Duration,
}

impl RestSettings {
    /// The usual time-outs (3 s to connect, 10 s in all) and this build's name.
    pub fn new(api_url: impl Into<String>, token: SecretString) -> Self {
        Self {
            api_url: api_url.into(),
            token,
            user_agent: concat!(
                "DiscordBot (https://bridgewatch.example, ",
                env!("CARGO_PKG_VERSION"),
                ")"
            )
            .to_owned(),
            connect_timeout: Duration::from_secs(3),
            request_timeout: Duration::from_secs(10),
        }
    }
}

/// Why the client cannot be built; each says what to mend in the configuration.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    #[error(
        "`discord.api_url` is not an address of scheme, host and port: write https://discord.com"
    )]
    NoAddress,
    #[error(
        "`discord.api_url` is unencrypted: the bot token may travel so only inside this machine (http://127.0.0.1:PORT)"
    )]
    Unencrypted,
    #[error(
        "the bot token is empty or holds characters no token has: copy it again from the developer portal"
    )]
    BadToken,
    #[error(
        "the user agent {0:?} is not of the form `DiscordBot (https://…, version)` that Discord asks for"
    )]
    BadUserAgent(String),
    #[error("the HTTP client cannot be set up: {0}")]
    Client(String),
}

/// A handle on Discord's REST interface. Cheap to clone; handles made from one another share one gate.
#[derive(Clone)]
pub struct Rest {
    line: Arc<Line>,
    lane: Lane,
    patience: Duration,
    /// What Discord's audit log will say about changes, encoded as it travels.
    reason: Option<HeaderValue>,
}

struct Line {
    client: Client,
    base: Url,
    authorization: HeaderValue,
    gate: Gate,
    /// Set once Discord did not know the newer routes of pins.
    only_old_pins: AtomicBool,
}

impl fmt::Debug for Rest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rest")
            .field("base", &self.line.base.as_str())
            .field("lane", &self.lane)
            .field("patience", &self.patience)
            .finish_non_exhaustive()
    }
}

/// What a call carries.
pub(super) enum Payload<'a> {
    Nothing,
    Json(Value),
    WithFiles(Value, &'a [File]),
}

impl Rest {
    /// Builds the client and opens its gate; must be called inside a tokio runtime.
    pub fn new(settings: RestSettings, gate: GateSettings) -> Result<Self, SetupError> {
        let base = check_address(&settings.api_url)?;
        let token = settings.token.expose_secret();
        if token.is_empty() || token.chars().any(|c| !c.is_ascii_graphic()) {
            return Err(SetupError::BadToken);
        }
        let mut authorization =
            HeaderValue::from_str(&format!("Bot {token}")).map_err(|_| SetupError::BadToken)?;
        authorization.set_sensitive(true);
        let bad_agent = || SetupError::BadUserAgent(settings.user_agent.clone());
        if !settings.user_agent.starts_with("DiscordBot (") {
            return Err(bad_agent());
        }
        let agent = HeaderValue::from_str(&settings.user_agent).map_err(|_| bad_agent())?;
        let mut builder = Client::builder()
            .default_headers(HeaderMap::from_iter([(USER_AGENT, agent)]))
            .connect_timeout(settings.connect_timeout)
            .timeout(settings.request_timeout)
            .redirect(reqwest::redirect::Policy::none());
        if settings.api_url.trim_end_matches('/') != DISCORD {
            // A local Discord is never behind the proxy that leads outside.
            builder = builder.no_proxy();
        }
        let client = builder
            .build()
            .map_err(|error| SetupError::Client(error.without_url().to_string()))?;
        let line = Line {
            client,
            base,
            authorization,
            gate: Gate::new(gate),
            only_old_pins: AtomicBool::new(false),
        };
        Ok(Self {
            line: Arc::new(line),
            lane: Lane::Interactive,
            patience: DEFAULT_PATIENCE,
            reason: None,
        })
    }

    /// The same client for calls of this urgency.
    #[must_use]
    pub fn on(&self, lane: Lane) -> Self {
        Self {
            lane,
            ..self.clone()
        }
    }

    /// The same client for callers who wait this long for their turn. Zero means: now or never.
    #[must_use]
    pub fn patience(&self, patience: Duration) -> Self {
        Self {
            patience,
            ..self.clone()
        }
    }

    /// The same client, naming a reason in Discord's audit log.
    #[must_use]
    pub fn because(&self, reason: &str) -> Self {
        let cut: String = reason.chars().take(LONGEST_REASON_CHARS).collect();
        let encoded = utf8_percent_encode(&cut, NON_ALPHANUMERIC).to_string();
        Self {
            reason: HeaderValue::from_str(&encoded).ok(),
            ..self.clone()
        }
    }

    /// The state of the gate, for `/readyz` and the operators' view.
    pub fn status(&self) -> GateStatus {
        self.line.gate.status()
    }

    pub(super) fn only_old_pins(&self) -> &AtomicBool {
        &self.line.only_old_pins
    }

    /// A call whose answer is read as `T`.
    pub(super) async fn call<T: DeserializeOwned>(
        &self,
        route: Route,
        payload: Payload<'_>,
    ) -> Result<T, ApiError> {
        let body = self.send(&route, payload).await?;
        serde_json::from_slice(&body).map_err(|error| unreadable(&route, &error))
    }

    /// A call whose answer does not matter beyond its success.
    pub(super) async fn tell(&self, route: Route, payload: Payload<'_>) -> Result<(), ApiError> {
        self.send(&route, payload).await.map(drop)
    }

    async fn send(&self, route: &Route, payload: Payload<'_>) -> Result<Vec<u8>, ApiError> {
        let deadline = pace::now() + self.patience;
        let mut turn = 1;
        loop {
            let permit = self
                .line
                .gate
                .admit(route, self.lane, deadline)
                .await
                .map_err(|turned_away| turned_away.into_error(route))?;
            let departed = pace::now();
            let (outcome, result) = match self.exchange(route, &payload).await {
                Ok(answer) => {
                    meter::request(route.name(), &answer.status.to_string(), departed.elapsed());
                    understand(route, answer)
                }
                Err(failure) => {
                    meter::request(route.name(), failure.label(), departed.elapsed());
                    let outcome = Outcome::without_answer(Peer::Failed);
                    (outcome, Err(failure.into_error(route)))
                }
            };
            permit.settle(&outcome);
            let again = outcome.rate_limited.is_some()
                && turn < RATE_LIMITED_AT_MOST
                && result
                    .as_ref()
                    .is_err_and(|error| error.retry_after().is_some());
            if !again {
                return result;
            }
            turn += 1;
        }
    }

    /// One request and its whole answer.
    async fn exchange(&self, route: &Route, payload: &Payload<'_>) -> Result<RawAnswer, Failure> {
        let line = &self.line;
        let url = route
            .url(&line.base)
            .ok_or_else(|| Failure::NotSent("the address takes no path".to_owned()))?;
        let mut request = line.client.request(route.method(), url);
        if route.with_bot_token() {
            request = request.header(AUTHORIZATION, line.authorization.clone());
        }
        if let Some(reason) = &self.reason {
            request = request.header("X-Audit-Log-Reason", reason.clone());
        }
        request = match payload {
            Payload::Nothing => request,
            Payload::Json(body) => request.json(body),
            Payload::WithFiles(body, files) => request.multipart(form(body, files)?),
        };
        let mut response = request.send().await.map_err(Failure::from_reqwest)?;
        let status = response.status().as_u16();
        let headers = std::mem::take(response.headers_mut());
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(Failure::from_reqwest)? {
            if body.len() + chunk.len() > LONGEST_ANSWER_BYTES {
                return Err(Failure::Lost("the answer is longer than 16 MiB".to_owned()));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(RawAnswer {
            status,
            headers,
            body,
        })
    }
}

fn check_address(api_url: &str) -> Result<Url, SetupError> {
    let base = Url::parse(api_url).map_err(|_| SetupError::NoAddress)?;
    let host = base.host_str().ok_or(SetupError::NoAddress)?;
    if !base.username().is_empty() || base.password().is_some() {
        return Err(SetupError::NoAddress);
    }
    let this_machine = host == "localhost"
        || host
            .trim_matches(['[', ']'])
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback());
    match base.scheme() {
        "https" => Ok(base),
        "http" if this_machine => Ok(base),
        "http" => Err(SetupError::Unencrypted),
        _ => Err(SetupError::NoAddress),
    }
}

fn form(body: &Value, files: &[File]) -> Result<Form, Failure> {
    let mut form = Form::new().text("payload_json", body.to_string());
    for (index, file) in files.iter().enumerate() {
        let part = Part::bytes(file.bytes.clone())
            .file_name(file.name.clone())
            .mime_str(file.content_type)
            .map_err(|_| Failure::NotSent(format!("{:?} is no content type", file.content_type)))?;
        form = form.part(format!("files[{index}]"), part);
    }
    Ok(form)
}

/// A call without a complete answer. The texts hold no address: it may hold a token.
enum Failure {
    NotSent(String),
    TimedOut,
    Lost(String),
}

impl Failure {
    fn from_reqwest(error: reqwest::Error) -> Self {
        let not_sent = error.is_connect() || error.is_builder();
        let timed_out = error.is_timeout();
        let text = innermost(&error.without_url());
        if not_sent {
            Self::NotSent(text)
        } else if timed_out {
            Self::TimedOut
        } else {
            Self::Lost(text)
        }
    }

    fn label(&self) -> &'static str {
        match self {
            Self::NotSent(_) => "refused",
            Self::TimedOut => "timeout",
            Self::Lost(_) => "lost",
        }
    }

    fn into_error(self, route: &Route) -> ApiError {
        let why = match self {
            Self::NotSent(why) => {
                return ApiError::NotSent {
                    why: format!("{route}: no connection to Discord ({why})"),
                };
            }
            Self::TimedOut => format!("Discord did not answer {route} in time"),
            Self::Lost(why) => format!("the connection was lost during {route} ({why})"),
        };
        if route.only_reads() {
            ApiError::Retry {
                after: SERVER_TROUBLE,
                why,
            }
        } else {
            ApiError::Maybe { why }
        }
    }
}

/// The cause at the bottom, which says most: "Connection refused (os error 111)".
fn innermost(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    quote(&cause.to_string())
}

/// A success whose body is not what it should be: a write has happened, a read has brought nothing.
fn unreadable(route: &Route, error: &serde_json::Error) -> ApiError {
    let why = format!("Discord's answer to {route} cannot be read: {error}");
    if route.only_reads() {
        ApiError::Retry {
            after: SERVER_TROUBLE,
            why,
        }
    } else {
        ApiError::Maybe { why }
    }
}

#[cfg(test)]
mod stand_in;
#[cfg(test)]
mod tests;
