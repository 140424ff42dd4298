//! Reading channels again: after every READY and on a timer, since the gateway loses events and does not say so.
//!
//! Each live incident's channel is read from where the last back-fill ended. A message heard twice is stored once, so
//! back-fill and gateway need not know of each other. What happened meanwhile to messages older than that (an edit, a
//! deletion, a reaction taken back) is not found here.

use bridgewatch_core::effect::Lane;
use bridgewatch_core::ids::{ChannelId, IncidentId};
use bridgewatch_core::incident::Report;
use bridgewatch_core::ports::{Broken, Failure, Heard};
use bridgewatch_core::timeline::{Signal, emoji_kind};

use super::answers::{Message, ReactionCount};
use super::calls::LARGEST_PAGE;
use super::chat::{DiscordChat, failure, heard};
use super::ids;
use super::marks::{Marks, NOT_TAKEN, Told, show_not_taken};
use crate::desk::IncidentDesk;

/// Reads every live incident's channel again.
///
/// # Errors
/// When Discord or the store is in trouble; what was read so far is stored.
pub(super) async fn read_again(
    desk: &IncidentDesk,
    chat: &DiscordChat,
    marks: &Marks,
) -> Result<(), Failure> {
    for incident in desk
        .store()
        .recent_incidents(desk.clock().now())
        .await
        .map_err(trouble)?
    {
        if !incident.is_active() {
            continue;
        }
        if let Some(call) = incident.surface.call.channel() {
            look_for_call(desk, chat, incident.id, call).await?;
        }
        let Some(channel) = incident.surface.channel else {
            continue;
        };
        match read_channel((desk, chat, marks), incident.id, channel).await {
            Ok(()) => {}
            // What concerns this channel alone does not hold up the others.
            Err(
                failure @ (Failure::ChannelGone { .. }
                | Failure::Gone { .. }
                | Failure::TooOld { .. }
                | Failure::Waits { .. }
                | Failure::Refused { .. }),
            ) => {
                tracing::warn!(incident.id = %incident.id, %failure, "the channel cannot be read again");
            }
            Err(failure @ Failure::Retry { .. }) => return Err(failure),
        }
    }
    Ok(())
}

/// A voice channel that was deleted while nobody heard of it must not be what *Join call* leads to.
async fn look_for_call(
    desk: &IncidentDesk,
    chat: &DiscordChat,
    id: IncidentId,
    call: ChannelId,
) -> Result<(), Failure> {
    let known = ids::channel(call).map_err(failure)?;
    match chat.rest().on(Lane::Background).channel(known).await {
        Err(error) if error.is_gone() => desk
            .learn(id, Report::CallGone(call))
            .await
            .map_err(trouble),
        _ => Ok(()),
    }
}

async fn read_channel(
    (desk, chat, marks): (&IncidentDesk, &DiscordChat, &Marks),
    id: IncidentId,
    channel: ChannelId,
) -> Result<(), Failure> {
    let store = desk.store();
    let mut after = store.cursor(channel).await.map_err(trouble)?;
    loop {
        let from = after.map(ids::message).transpose().map_err(failure)?;
        let page = chat
            .rest()
            .on(Lane::Background)
            .messages_after(ids::channel(channel).map_err(failure)?, from, LARGEST_PAGE)
            .await
            .map_err(failure)?;
        for message in &page.messages {
            take_down((desk, chat, marks), id, message).await?;
        }
        let Some(last) = page.messages.last() else {
            return Ok(());
        };
        let last = ids::to_core_message(last.id);
        store.move_cursor(channel, last).await.map_err(trouble)?;
        if !page.is_full {
            return Ok(());
        }
        after = Some(last);
    }
}

/// A message with everything that marks it.
async fn take_down(
    (desk, chat, marks): (&IncidentDesk, &DiscordChat, &Marks),
    id: IncidentId,
    message: &Message,
) -> Result<(), Failure> {
    let Some(heard) = heard(message) else {
        return Ok(());
    };
    let mut signals = vec![Signal::Message(heard.clone())];
    if message.edited_timestamp.is_some() {
        signals.push(Signal::Edited(heard.clone()));
    }
    for reaction in &message.reactions {
        let Some(emoji) = reaction
            .emoji
            .name
            .clone()
            .filter(|emoji| emoji_kind(emoji).is_some())
        else {
            continue;
        };
        // Our own mark says that it is stored; what counts is who else marked it.
        if reaction.me && reaction.count == 1 {
            continue;
        }
        let people = chat
            .rest()
            .on(Lane::Background)
            .reaction_users(message.channel_id, message.id, &emoji)
            .await
            .map_err(failure)?;
        for person in people.iter().filter(|person| !person.bot) {
            signals.push(Signal::Reacted {
                message: chat.for_a_mark(heard.clone()),
                by: ids::to_core_person(person.id),
                emoji: emoji.clone(),
            });
        }
    }
    for signal in signals {
        let prefixes = &desk.team().prefixes;
        let readers = marks.readers(&signal, prefixes, &Told::new()).await;
        let heard = desk
            .take_down_among(id, &signal, &readers)
            .await
            .map_err(trouble)?;
        let is_shown = || {
            let shown = |reaction: &ReactionCount| {
                reaction.me && reaction.emoji.name.as_deref() == Some(NOT_TAKEN)
            };
            message.reactions.iter().any(shown)
        };
        if let (Heard::NotTheirs, Signal::Message(heard)) = (heard, &signal)
            && !is_shown()
        {
            show_not_taken(chat, heard.channel, heard.message).await;
        }
    }
    Ok(())
}

fn trouble(trouble: Broken) -> Failure {
    Failure::Retry {
        after: None,
        why: trouble.to_string(),
    }
}
