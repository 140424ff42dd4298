//! Stakeholders out: one file per kind of channel.
//!
//! A notifier delivers at least once, with an id that stays the same over retries. To add a kind: a file here, a line in
//! the function `notifiers` of `src/app.rs`, its keys in the configuration.

mod discord;
mod pager;
mod plain;
mod webhook;

pub use discord::DiscordNotifier;
pub use pager::WebhookPager;
pub use webhook::{WebhookKind, WebhookNotifier};

use std::time::Duration;

use bridgewatch_core::ports::Failure;

/// How long a webhook may take in all.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);

/// The client for everything that is not Discord: no redirects, so that an address is where it says.
///
/// # Errors
/// When TLS cannot be set up.
pub fn http_client() -> Result<reqwest::Client, reqwest::Error> {
    reqwest::Client::builder()
        .user_agent(concat!("Bridgewatch/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(Duration::from_secs(3))
        .timeout(REQUEST_TIMEOUT)
        .redirect(reqwest::redirect::Policy::none())
        .build()
}

/// What an answer means. The address never appears: it often holds a secret.
fn judge(name: &str, answer: Result<reqwest::Response, reqwest::Error>) -> Result<(), Failure> {
    let answer = answer.map_err(|error| Failure::Retry {
        after: None,
        why: format!("{name} did not answer: {}", error.without_url()),
    })?;
    let status = answer.status();
    if status.is_success() {
        return Ok(());
    }
    let after = answer
        .headers()
        .get(reqwest::header::RETRY_AFTER)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.parse().ok())
        .map(Duration::from_secs);
    if status.is_server_error() || matches!(status.as_u16(), 408 | 425 | 429) {
        Err(Failure::Retry {
            after,
            why: format!("{name} answered {status}"),
        })
    } else {
        Err(Failure::Refused {
            why: format!(
                "{name} answered {status}: check its address and its token in the configuration"
            ),
        })
    }
}
