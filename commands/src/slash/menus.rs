//! The menus of messages and people: what is reached by a long touch on a phone.

use bridgewatch_core::card::Act;
use bridgewatch_core::cards;
use bridgewatch_core::ids::{ChannelId, FileId, MessageId};
use bridgewatch_core::person::PersonId;
use bridgewatch_core::ports::LineOf;
use bridgewatch_core::timeline::{AttachedFile, Kind, MarkedBy, MessageHeard, Signal};
use poise::serenity_prelude as serenity;

use super::call::answer;
use crate::reply::Reply;
use crate::words;
use crate::{Context, Error};

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
        asker.may(&Act::Log).await?;
        let id = MessageId(message.id.get());
        call.data.chosen_files.remember(id, files_of(&message));
        Ok(words::add_message(
            &asker,
            ChannelId(message.channel_id.get()),
            id,
            PersonId(message.author.id.get()),
            &with_file_names(readable(&message), &message),
        ))
    })
    .await
}

/// This message is a decision: it goes into the timeline as one, at once.
#[poise::command(
    context_menu_command = "Mark as decision",
    interaction_context = "Guild",
    category = "responders"
)]
pub(super) async fn mark_as_decision(
    context: Context<'_>,
    message: serenity::Message,
) -> Result<(), Error> {
    answer(context, false, |call| async move {
        let asker = call.about(None).await?;
        asker.may(&Act::Log).await?;
        let decided = Signal::Chosen {
            message: MessageHeard {
                channel: ChannelId(message.channel_id.get()),
                message: MessageId(message.id.get()),
                author: PersonId(message.author.id.get()),
                text: readable(&message),
                attachments: files_of(&message),
            },
            by: call.who.id,
            kind: Kind::Decision,
            text: None,
            at: None,
            with: MarkedBy::Menu,
        };
        words::write_down(&asker, decided).await
    })
    .await
}

/// Take what this message said out of everything that was stored, and delete it.
#[poise::command(
    context_menu_command = "Redact",
    interaction_context = "Guild",
    category = "responders"
)]
pub(super) async fn redact(context: Context<'_>, message: serenity::Message) -> Result<(), Error> {
    answer(context, false, |call| async move {
        let asker = call.about(None).await?;
        asker.may(&Act::AskRedact).await?;
        let line = LineOf::Message(MessageId(message.id.get()));
        crate::press::redact(&asker, line, None).await
    })
    .await
}

/// Ask this person to take a role in the channel's incident.
#[poise::command(
    context_menu_command = "Propose for a role…",
    interaction_context = "Guild",
    category = "responders"
)]
pub(super) async fn propose_for_a_role(
    context: Context<'_>,
    user: serenity::User,
) -> Result<(), Error> {
    answer(context, false, |call| async move {
        let asker = call.about(None).await?;
        asker.may(&Act::AskRole).await?;
        if user.bot {
            let bot = user.id;
            return Err(crate::reply::say(format!(
                "<@{bot}> is a bot: choose a person."
            )));
        }
        let view = asker.view().await?;
        let person = PersonId(user.id.get());
        Ok(Reply::Private(cards::ask_role_for(&view.incident, person)))
    })
    .await
}

/// The files of a message: what the platform shows of it in an interaction needs no further permission.
fn files_of(message: &serenity::Message) -> Vec<AttachedFile> {
    message.attachments.iter().map(attached).collect()
}

/// A file as the platform tells of it.
pub(super) fn attached(file: &serenity::Attachment) -> AttachedFile {
    AttachedFile::heard(
        FileId(file.id.get()),
        &file.filename,
        file.size.into(),
        file.content_type.as_deref(),
        &file.url,
    )
}

/// The text of a message with names for mentions, since an entry never pings.
fn readable(message: &serenity::Message) -> String {
    let mut text = message.content.clone();
    for user in &message.mentions {
        let name = format!("@{}", user.display_name());
        for mention in [format!("<@{}>", user.id), format!("<@!{}>", user.id)] {
            text = text.replace(&mention, &name);
        }
    }
    text
}

/// A message's text with the names of what was attached, as it stands in an entry.
fn with_file_names(mut text: String, message: &serenity::Message) -> String {
    for attachment in &message.attachments {
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(&format!("[attached: {}]", attachment.filename));
    }
    text
}
