//! A Discord on one's own machine: REST and gateway v10, people who talk and click, and faults on purpose.
//!
//! A bot runs its own, unchanged Discord client against it. A test starts one in its process and acts as the people around the bot:
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use discord_sim::{LocalDiscord, Settings};
//!
//! let discord = LocalDiscord::start(Settings::default()).await?;
//! let general = discord.channel_named("general").expect("the default guild has #general").id;
//! let sam = discord.person("sam").expect("sam is in the default guild");
//! sam.say(general, "hello")?;
//! // ... the bot connects to discord.url() and registers /ping ...
//! let reply = sam.slash(general, "/ping text:hello").await?;
//! println!("{reply:?}");
//! # Ok(())
//! # }
//! ```
//!
//! It is strict: lengths, permissions, the three-second rule and rate limits are Discord's, with Discord's error codes and bodies. What it
//! does not know it refuses and remembers ([`LocalDiscord::unknown_routes`]). It knows nothing about any particular bot.

mod attachments;
mod clock;
mod control;
mod error;
mod faults;
mod gateway;
mod local;
mod model;
pub mod permissions;
mod person;
mod rate_limits;
mod request_log;
mod rest;
mod server;
mod settings;
mod snowflake;
mod validate;
mod view;

pub use error::{Refused, StartError};
pub use faults::{FaultBuilder, Faults, GatewayFaults, Scope};
pub use local::LocalDiscord;
pub use person::Person;
pub use request_log::RequestRecord;
pub use settings::{Page, PageButton, PrivilegedIntents, RateLimits, Settings, TokenClock};
pub use view::{
    AttachmentView, AuthorView, ButtonStyle, ButtonView, ChannelKind, ChannelView, ComponentView,
    EmbedFieldView, EmbedView, Form, FormField, InvokedByView, MessageView, OverwriteView,
    ReactionView, Reply, ReplyView, SelectKind, SelectOptionView, SelectView, TextStyle,
};
