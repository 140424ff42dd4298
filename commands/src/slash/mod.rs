//! Slash commands and the message menu: the typed way to what the buttons do.
//!
//! Every command goes through [`call::answer`], which keeps Discord's three seconds. An incident need not be named in its
//! own channel.

mod call;
mod incident;
mod lookups;
mod suggest;
mod trouble;

use poise::serenity_prelude as serenity;

use crate::{Data, Error};

/// Every command, in the order of the documentation.
#[must_use]
pub fn all() -> Vec<poise::Command<Data, Error>> {
    vec![
        incident::inc(),
        lookups::pm(),
        lookups::admin(),
        lookups::add_to_timeline(),
    ]
}

/// What poise needs to know: our commands, no mention that pings by accident, no question to Discord at start, and one
/// place where failures end.
#[must_use]
pub fn framework_options() -> poise::FrameworkOptions<Data, Error> {
    poise::FrameworkOptions {
        commands: all(),
        on_error: |error| Box::pin(trouble::on_error(error)),
        allowed_mentions: Some(serenity::CreateAllowedMentions::new()),
        initialize_owners: false,
        prefix_options: poise::PrefixFrameworkOptions {
            mention_as_prefix: false,
            ..poise::PrefixFrameworkOptions::default()
        },
        ..poise::FrameworkOptions::default()
    }
}
