//! What can be chosen when a local Discord is started.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::permissions as p;

/// A token as Discord makes them, which some libraries take apart: first the bot's id in base64. It is too short to be mistaken for a
/// real one by whatever looks for secrets.
const DEFAULT_TOKEN: &str = "MTAwMDAwMDAwMDAwMDAwMDAwMg.local.discord";

/// How a local Discord is to be. `Settings::default()` is a complete, strict one on a free port.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The bot token that `Authorization: Bot <token>` and IDENTIFY must carry.
    pub token: String,
    /// Whether Discord's rate limits are enforced and announced in headers.
    pub rate_limits: RateLimits,
    /// Wall time at the start; `None` takes the machine's.
    pub start_time: Option<DateTime<Utc>>,
    /// Seconds of wall time per real second; 0 is a clock that only [`crate::LocalDiscord::set_time`] moves.
    pub speed: f64,
    /// A file that gets one JSON line per REST request.
    pub request_log: Option<PathBuf>,
    /// The permission integer of the invite: what the bot's own role may do in the guild.
    pub bot_permissions: u64,
    /// How long `enforce_nonce` remembers a nonce, in wall time.
    pub nonce_window: Duration,
    /// Real time an interaction may wait for its first answer.
    pub interaction_deadline: Duration,
    /// How long an interaction's token works after the interaction.
    pub interaction_token_life: Duration,
    /// Which clock [`Settings::interaction_token_life`] is measured on.
    pub interaction_token_clock: TokenClock,
    /// Real time a person waits for the final text behind a deferred answer.
    pub patience: Duration,
    /// Privileged intents the application has switched on in the portal.
    pub privileged_intents: PrivilegedIntents,
    /// Real time between two heartbeats, as told in HELLO.
    pub heartbeat_interval: Duration,
    /// The bot's user name.
    pub bot_name: String,
    /// The guild's name.
    pub guild_name: String,
    /// What the page at `/` shows in its top bar.
    pub page: Page,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            token: DEFAULT_TOKEN.to_owned(),
            rate_limits: RateLimits::Real,
            start_time: None,
            speed: 1.0,
            request_log: None,
            bot_permissions: p::USUAL_INVITE,
            nonce_window: Duration::from_secs(300),
            interaction_deadline: Duration::from_secs(3),
            interaction_token_life: Duration::from_secs(15 * 60),
            interaction_token_clock: TokenClock::Wall,
            patience: Duration::from_secs(15),
            privileged_intents: PrivilegedIntents::default(),
            heartbeat_interval: Duration::from_millis(41_250),
            bot_name: "Northwind Bot".to_owned(),
            guild_name: "Northwind".to_owned(),
            page: Page::default(),
        }
    }
}

/// Whether rate limits are enforced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RateLimits {
    /// Buckets, the global 50 per second and their headers, on real time.
    Real,
    /// No limit and no headers; 429 only by [`crate::Faults`].
    Off,
}

/// The clock that an interaction token's fifteen minutes are measured on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenClock {
    /// The local Discord's own wall clock, so that a stepped test can let tokens expire.
    Wall,
    /// Real time.
    Monotonic,
}

/// The switches of the developer portal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PrivilegedIntents {
    /// GUILD_MEMBERS.
    pub members: bool,
    /// GUILD_PRESENCES.
    pub presences: bool,
    /// MESSAGE_CONTENT; without it REST reads are stripped too.
    pub message_content: bool,
}

impl Default for PrivilegedIntents {
    fn default() -> Self {
        PrivilegedIntents {
            members: true,
            presences: true,
            message_content: true,
        }
    }
}

/// The top bar of the page at `/`.
#[derive(Debug, Clone, Default)]
pub struct Page {
    /// Title of the window; empty for "Local Discord".
    pub title: String,
    /// A line for whoever looks, for instance where the bot's own pages are.
    pub banner: String,
    /// Buttons of the program that started this Discord.
    pub buttons: Vec<PageButton>,
}

/// A button in the page's top bar: pressing it sends a POST without a body to `url`.
#[derive(Debug, Clone)]
pub struct PageButton {
    /// What the button says.
    pub label: String,
    /// Where the POST goes.
    pub url: String,
    /// The tooltip.
    pub hint: String,
}
