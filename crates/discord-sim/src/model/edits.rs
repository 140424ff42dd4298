//! Changing and deleting messages.

use chrono::TimeDelta;
use serde_json::json;

use super::mentions::AllowedMentions;
use super::messages::{MessageEdit, resolve_attachment_urls};
use super::{World, flag, kind, message_kind, wire};
use crate::error::{ApiError, refusal};
use crate::gateway::{Event, intent};
use crate::permissions as p;

impl World {
    /// Changes a message. Only its author changes more than the flag that hides its embeds.
    pub(crate) fn edit_message(
        &mut self,
        editor: u64,
        channel_id: u64,
        id: u64,
        edit: MessageEdit,
    ) -> Result<(), ApiError> {
        self.require(editor, channel_id, 0)?;
        let message = self.message(channel_id, id)?;
        if message.author_id != editor {
            let only_flags = edit.content.is_none()
                && edit.embeds.is_none()
                && edit.components.is_none()
                && edit.files.is_empty();
            if !only_flags || edit.flags.is_none() {
                return Err(refusal::not_ones_own_message());
            }
            self.require(editor, channel_id, p::MANAGE_MESSAGES)?;
        }
        if !edit.files.is_empty() {
            self.require(editor, channel_id, p::ATTACH_FILES)?;
        }
        self.apply_edit(channel_id, id, edit)
    }

    /// Changes a message whose editor has already been found entitled.
    pub(crate) fn apply_edit(
        &mut self,
        channel_id: u64,
        id: u64,
        edit: MessageEdit,
    ) -> Result<(), ApiError> {
        let message = self.message(channel_id, id)?;
        if matches!(
            message.kind,
            message_kind::CHANNEL_PINNED_MESSAGE | message_kind::THREAD_CREATED
        ) {
            return Err(refusal::system_message());
        }
        let author = message.author_id;
        let allowed = edit
            .allowed_mentions
            .unwrap_or_else(AllowedMentions::everything);
        let new_mentions = edit
            .content
            .as_deref()
            .map(|content| self.mentions(author, channel_id, content, &allowed));
        let added = self.attach(edit.files);
        let now = self.now();
        let base_url = self.base_url.clone();
        let message = self.message_mut(channel_id, id)?;
        let mut changed = message.clone();
        if let Some(content) = edit.content {
            changed.content = content.trim().to_owned();
        }
        if let Some(mentions) = new_mentions {
            changed.mentions = mentions.users;
            changed.mention_roles = mentions.roles;
            changed.mention_everyone = mentions.everyone;
        }
        if let Some(keep) = &edit.keep_attachments {
            changed.attachments.retain(|one| keep.contains(&one.id));
        }
        changed.attachments.extend(added);
        if changed.attachments.len() > 10 {
            return Err(ApiError::field(
                "attachments",
                "BASE_TYPE_BAD_LENGTH",
                "Must be between 0 and 10 in length.",
            ));
        }
        if let Some(embeds) = edit.embeds {
            changed.embeds =
                resolve_attachment_urls(embeds, &base_url, channel_id, &changed.attachments);
        }
        if let Some(components) = edit.components {
            changed.components = components;
        }
        if let Some(flags) = edit.flags {
            changed.flags =
                (changed.flags & !flag::SUPPRESS_EMBEDS) | (flags & flag::SUPPRESS_EMBEDS);
        }
        let was_thinking = changed.has(flag::LOADING);
        changed.flags &= !flag::LOADING;
        if changed.content.is_empty()
            && changed.embeds.is_empty()
            && changed.components.is_empty()
            && changed.attachments.is_empty()
        {
            return Err(refusal::empty_message());
        }
        // The first text of a deferred answer is no edit that a person would see as one.
        changed.edited_at = if was_thinking { None } else { Some(now) };
        *message = changed;
        self.emit_message("MESSAGE_UPDATE", channel_id, id);
        self.touch(Some(channel_id));
        Ok(())
    }

    /// Deletes a message: one's own, or anybody's with MANAGE_MESSAGES.
    pub(crate) fn delete_message(
        &mut self,
        by: u64,
        channel_id: u64,
        id: u64,
    ) -> Result<(), ApiError> {
        self.require(by, channel_id, 0)?;
        let message = self.message(channel_id, id)?;
        if message.only_for.is_some() && message.only_for != Some(by) {
            return Err(refusal::unknown_message());
        }
        if message.author_id != by {
            let direct = self.channel(channel_id)?.kind == kind::DM;
            if direct {
                return Err(refusal::not_in_a_dm());
            }
            self.require(by, channel_id, p::MANAGE_MESSAGES)?;
        }
        self.remove_messages(channel_id, &[id]);
        Ok(())
    }

    /// Deletes 2 to 100 messages that are younger than two weeks.
    pub(crate) fn delete_messages(
        &mut self,
        by: u64,
        channel_id: u64,
        ids: &[u64],
    ) -> Result<(), ApiError> {
        self.require(by, channel_id, p::MANAGE_MESSAGES)?;
        let oldest = self.now() - TimeDelta::days(14);
        if ids.iter().any(|id| crate::snowflake::time_of(*id) < oldest) {
            return Err(refusal::message_too_old());
        }
        self.remove_messages(channel_id, ids);
        Ok(())
    }

    /// Deletes a message whose token entitles to it.
    pub(crate) fn delete_by_token(&mut self, channel_id: u64, id: u64) {
        self.remove_messages(channel_id, &[id]);
    }

    fn remove_messages(&mut self, channel_id: u64, ids: &[u64]) {
        let Some(messages) = self.messages.get_mut(&channel_id) else {
            return;
        };
        let gone: Vec<_> = ids.iter().filter_map(|id| messages.remove(id)).collect();
        let ids: Vec<u64> = gone
            .iter()
            .filter(|message| message.only_for.is_none())
            .map(|message| message.id)
            .collect();
        let mut data = json!({"channel_id": channel_id.to_string()});
        let direct = self
            .channels
            .get(&channel_id)
            .is_some_and(|channel| channel.kind == kind::DM);
        if !direct {
            data["guild_id"] = json!(self.guild.id.to_string());
        }
        let intents = if direct {
            intent::DIRECT_MESSAGES
        } else {
            intent::GUILD_MESSAGES
        };
        if !ids.is_empty() && self.sees(self.bot_id, channel_id) {
            let name = if let [one] = ids[..] {
                data["id"] = json!(one.to_string());
                "MESSAGE_DELETE"
            } else {
                data["ids"] = json!(wire::id_texts(&ids));
                "MESSAGE_DELETE_BULK"
            };
            self.hub.dispatch(Event {
                name,
                data,
                intents,
                without_content: None,
            });
        }
        if gone.iter().any(|message| message.pinned_at.is_some()) {
            self.emit_pins(channel_id);
        }
        self.touch(Some(channel_id));
    }
}
