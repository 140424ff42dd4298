//! `/pm`, `/admin` and the message menu.

use bridgewatch_core::card::Act;
use bridgewatch_core::ids::{ChannelId, MessageId};
use bridgewatch_core::person::PersonId;
use poise::serenity_prelude as serenity;

use super::call::answer;
use super::suggest;
use crate::words;
use crate::{Context, Error};

/// The postmortem.
#[poise::command(
    slash_command,
    subcommand_required,
    interaction_context = "Guild",
    subcommands("show")
)]
pub(super) async fn pm(_context: Context<'_>) -> Result<(), Error> {
    Ok(())
}

/// The newest postmortem of an incident as a file, for you alone.
#[poise::command(slash_command, category = "everybody")]
async fn show(
    context: Context<'_>,
    #[description = "Which incident; this channel's if you do not say"]
    #[autocomplete = "suggest::past_incidents"]
    incident: Option<String>,
) -> Result<(), Error> {
    answer(context, false, |call| async move {
        call.press(incident.as_deref(), Act::Postmortem).await
    })
    .await
}

/// For those who keep me running.
#[poise::command(
    slash_command,
    subcommand_required,
    interaction_context = "Guild",
    subcommands("why")
)]
pub(super) async fn admin(_context: Context<'_>) -> Result<(), Error> {
    Ok(())
}

/// Why an incident exists, with this severity and this runbook: the trace of its decisions.
#[poise::command(slash_command, category = "everybody")]
async fn why(
    context: Context<'_>,
    #[description = "Which incident; this channel's if you do not say"]
    #[autocomplete = "suggest::past_incidents"]
    incident: Option<String>,
) -> Result<(), Error> {
    answer(context, false, |call| async move {
        call.press(incident.as_deref(), Act::Why).await
    })
    .await
}

/// Put a message into the timeline: a form opens with its text, to choose the kind and correct the time.
#[poise::command(
    context_menu_command = "Add to timeline…",
    interaction_context = "Guild",
    category = "responders"
)]
pub(super) async fn add_to_timeline(
    context: Context<'_>,
    message: serenity::Message,
) -> Result<(), Error> {
    answer(context, true, |call| async move {
        let asker = call.about(None).await?;
        if let Some(refusal) = crate::guard::refuses(&call.who, &Act::Log) {
            return Err(refusal);
        }
        Ok(words::add_message(
            &asker,
            ChannelId(message.channel_id.get()),
            MessageId(message.id.get()),
            PersonId(message.author.id.get()),
            &readable(&message),
        ))
    })
    .await
}

/// The text of a message with names for mentions, since an entry never pings, and the names of what was attached.
fn readable(message: &serenity::Message) -> String {
    let mut text = message.content.clone();
    for user in &message.mentions {
        let name = format!("@{}", user.display_name());
        for mention in [format!("<@{}>", user.id), format!("<@!{}>", user.id)] {
            text = text.replace(&mention, &name);
        }
    }
    for attachment in &message.attachments {
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(&format!("[attached: {}]", attachment.filename));
    }
    text
}
