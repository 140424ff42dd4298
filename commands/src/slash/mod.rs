//! Slash commands and the menus of messages and people: the typed way to what the buttons do.
//!
//! Every command goes through [`call::answer`], which keeps Discord's three seconds. An incident need not be named in its
//! own channel.

mod admin;
mod call;
mod incident;
mod look;
mod maintenance;
mod menus;
mod postmortem;
mod runbook;
mod suggest;
mod trouble;

pub(crate) use suggest::is_listed_for;

use poise::serenity_prelude as serenity;

use crate::{Data, Error};

/// Every command, in the order of the documentation.
#[must_use]
pub fn all() -> Vec<poise::Command<Data, Error>> {
    vec![
        incident::inc(),
        postmortem::pm(),
        runbook::runbook(),
        admin::admin(),
        menus::add_to_timeline(),
        menus::mark_as_decision(),
        menus::redact(),
        menus::propose_for_a_role(),
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
