//! Writing, changing and deleting messages.

use std::sync::Arc;

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::links::name_in_link;
use super::mentions::AllowedMentions;
use super::{Attachment, InvokedBy, Message, Nonce, Reference, World, flag, kind, message_kind};
use crate::error::{ApiError, refusal};
use crate::gateway::{Event, intent};
use crate::permissions as p;
use crate::snowflake::time_of;

/// Who writes, and by what right.
#[derive(Debug, Clone)]
pub(crate) enum Author {
    /// Somebody in the channel, with the permissions they have there.
    Member(u64),
    /// An incoming webhook; its token is its permission.
    Webhook { id: u64, name: String },
    /// The bot in answer to an interaction; the token is its permission.
    Answer {
        by: InvokedBy,
        only_for: Option<u64>,
    },
}

/// A file that comes with a message.
#[derive(Debug, Clone)]
pub(crate) struct NewFile {
    pub filename: String,
    pub description: Option<String>,
    pub content_type: Option<String>,
    pub bytes: Arc<Vec<u8>>,
}

/// A message that passed validation.
#[derive(Debug, Clone)]
pub(crate) struct NewMessage {
    pub content: String,
    pub embeds: Vec<Value>,
    pub components: Vec<Value>,
    pub files: Vec<NewFile>,
    pub tts: bool,
    pub flags: u64,
    pub nonce: Option<Value>,
    pub enforce_nonce: bool,
    pub allowed_mentions: AllowedMentions,
    /// The message replied to, and whether its absence is an error.
    pub reply_to: Option<(u64, bool)>,
}

impl NewMessage {
    pub(crate) fn text(content: impl Into<String>) -> Self {
        NewMessage {
            content: content.into(),
            embeds: Vec::new(),
            components: Vec::new(),
            files: Vec::new(),
            tts: false,
            flags: 0,
            nonce: None,
            enforce_nonce: false,
            allowed_mentions: AllowedMentions::everything(),
            reply_to: None,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.content.trim().is_empty()
            && self.embeds.is_empty()
            && self.components.is_empty()
            && self.files.is_empty()
    }
}

/// What an edit changes; `None` leaves a part as it is.
#[derive(Debug, Clone, Default)]
pub(crate) struct MessageEdit {
    pub content: Option<String>,
    pub embeds: Option<Vec<Value>>,
    pub components: Option<Vec<Value>>,
    pub flags: Option<u64>,
    /// The attachments that stay.
    pub keep_attachments: Option<Vec<u64>>,
    pub files: Vec<NewFile>,
    pub allowed_mentions: Option<AllowedMentions>,
}

impl World {
    /// Writes a message and answers its id. With `enforce_nonce`, a repeat answers the message that is already there.
    pub(crate) fn post(
        &mut self,
        author: Author,
        channel_id: u64,
        new: NewMessage,
    ) -> Result<u64, ApiError> {
        let channel = self.channel(channel_id)?;
        if let Author::Member(user_id) = author {
            let mut needed = p::SEND_MESSAGES;
            if !new.files.is_empty() {
                needed |= p::ATTACH_FILES;
            }
            if !new.embeds.is_empty() {
                needed |= p::EMBED_LINKS;
            }
            self.require(user_id, channel_id, needed)?;
            self.require_open_direct_messages(user_id, channel_id)?;
        }
        if !channel.holds_messages() {
            return Err(refusal::not_a_text_channel());
        }
        if channel.thread.as_ref().is_some_and(|thread| thread.locked) {
            return Err(refusal::archived_thread());
        }
        if new.is_empty() {
            return Err(refusal::empty_message());
        }
        let nonce_key = match (&author, &new.nonce) {
            (Author::Member(user_id), Some(nonce)) if new.enforce_nonce => {
                Some((*user_id, nonce_text(nonce)))
            }
            _ => None,
        };
        if let Some(known) = nonce_key.as_ref().and_then(|key| self.known_nonce(key)) {
            self.message(known.channel_id, known.message_id)?;
            return Ok(known.message_id);
        }
        let reference = self.reply_reference(&author, channel_id, new.reply_to)?;
        let message = self.build_message(author, channel_id, new, reference);
        let id = message.id;
        if let Some(key) = nonce_key {
            self.nonces.insert(
                key,
                Nonce {
                    channel_id,
                    message_id: id,
                    at: self.now(),
                },
            );
        }
        self.insert_message(message);
        Ok(id)
    }

    fn known_nonce(&self, key: &(u64, String)) -> Option<Nonce> {
        let known = self.nonces.get(key)?;
        let window = TimeDelta::from_std(self.settings.nonce_window).unwrap_or(TimeDelta::MAX);
        (self.now() - known.at <= window).then_some(*known)
    }

    fn require_open_direct_messages(&self, sender: u64, channel_id: u64) -> Result<(), ApiError> {
        let channel = self.channel(channel_id)?;
        let closed = channel.recipients.iter().any(|id| {
            *id != sender
                && self
                    .users
                    .get(id)
                    .is_some_and(|user| user.refuses_direct_messages)
        });
        if closed {
            Err(refusal::cannot_message_user())
        } else {
            Ok(())
        }
    }

    fn reply_reference(
        &self,
        author: &Author,
        channel_id: u64,
        reply_to: Option<(u64, bool)>,
    ) -> Result<Option<Reference>, ApiError> {
        let Some((message_id, must_exist)) = reply_to else {
            return Ok(None);
        };
        if let Author::Member(user_id) = author
            && self.permissions(*user_id, channel_id) & p::READ_MESSAGE_HISTORY == 0
        {
            return Err(ApiError::new(
                400,
                160_002,
                "Cannot reply without permission to read message history",
            ));
        }
        match self.message(channel_id, message_id) {
            Ok(target) if target.only_for.is_none() => Ok(Some(Reference {
                channel_id,
                message_id: Some(message_id),
            })),
            _ if must_exist => Err(ApiError::field(
                "message_reference",
                "REPLIES_UNKNOWN_MESSAGE",
                "Unknown message",
            )),
            _ => Ok(None),
        }
    }

    pub(super) fn build_message(
        &mut self,
        author: Author,
        channel_id: u64,
        new: NewMessage,
        reference: Option<Reference>,
    ) -> Message {
        let id = self.next_id();
        let timestamp = time_of(id);
        let (author_id, webhook_name, invoked_by, only_for) = match author {
            Author::Member(user_id) => (user_id, None, None, None),
            Author::Webhook { id, name } => (id, Some(name), None, None),
            Author::Answer { by, only_for } => (self.bot_id, None, Some(by), only_for),
        };
        let mut mentions =
            self.mentions(author_id, channel_id, &new.content, &new.allowed_mentions);
        if new.allowed_mentions.replied_user
            && let Some(replied) =
                reference.and_then(|reference| self.find_message(reference.message_id?))
            && self.users.contains_key(&replied.author_id)
            && !mentions.users.contains(&replied.author_id)
        {
            mentions.users.push(replied.author_id);
        }
        let kind = match &invoked_by {
            Some(by) if by.original_message_id.is_none() && by.command_type == Some(1) => {
                message_kind::CHAT_INPUT_COMMAND
            }
            Some(by) if by.original_message_id.is_none() && by.command_type.is_some() => {
                message_kind::CONTEXT_MENU_COMMAND
            }
            _ if reference.is_some() => message_kind::REPLY,
            _ => message_kind::DEFAULT,
        };
        let attachments = self.attach(new.files);
        let ephemeral = if only_for.is_some() {
            flag::EPHEMERAL
        } else {
            0
        };
        Message {
            id,
            channel_id,
            author_id,
            webhook_name,
            kind,
            content: new.content.trim().to_owned(),
            embeds: resolve_attachment_urls(new.embeds, &self.base_url, channel_id, &attachments),
            components: new.components,
            attachments,
            reactions: Vec::new(),
            mentions: mentions.users,
            mention_roles: mentions.roles,
            mention_everyone: mentions.everyone,
            tts: new.tts,
            pinned_at: None,
            timestamp,
            edited_at: None,
            flags: new.flags | ephemeral,
            nonce: new.nonce,
            reference,
            only_for,
            invoked_by,
            thread_id: None,
        }
    }

    pub(super) fn attach(&mut self, files: Vec<NewFile>) -> Vec<Attachment> {
        files
            .into_iter()
            .map(|file| Attachment {
                id: self.next_id(),
                filename: file.filename,
                description: file.description,
                content_type: file.content_type,
                bytes: file.bytes,
            })
            .collect()
    }

    /// Puts a finished message into its channel and tells everybody.
    pub(super) fn insert_message(&mut self, message: Message) {
        let channel_id = message.channel_id;
        let mut unarchived = false;
        if message.only_for.is_none()
            && let Some(channel) = self.channels.get_mut(&channel_id)
        {
            channel.last_message_id = Some(message.id);
            if let Some(thread) = &mut channel.thread {
                thread.message_count += 1;
                unarchived = std::mem::replace(&mut thread.archived, false);
                if self.users.contains_key(&message.author_id) {
                    thread
                        .members
                        .entry(message.author_id)
                        .or_insert(message.timestamp);
                }
            }
        }
        let id = message.id;
        self.messages
            .entry(channel_id)
            .or_default()
            .insert(id, message);
        if unarchived {
            self.emit_channel("THREAD_UPDATE", channel_id);
        }
        self.emit_message("MESSAGE_CREATE", channel_id, id);
        self.touch(Some(channel_id));
    }

    pub(super) fn emit_message(&mut self, name: &'static str, channel_id: u64, id: u64) {
        let Ok(message) = self.message(channel_id, id) else {
            return;
        };
        let mut data = self.message_json(message);
        let direct = self
            .channels
            .get(&channel_id)
            .is_some_and(|channel| channel.kind == kind::DM);
        let only_for_one = message.only_for.is_some();
        if !direct && !only_for_one {
            data["guild_id"] = json!(self.guild.id.to_string());
            if let Some(member) = self.partial_member_json(message.author_id) {
                data["member"] = member;
            }
            for (mention, id) in data["mentions"]
                .as_array_mut()
                .into_iter()
                .flatten()
                .zip(&message.mentions)
            {
                if let Some(member) = self.partial_member_json(*id) {
                    mention["member"] = member;
                }
            }
        }
        data["channel_type"] = json!(self.channels.get(&channel_id).map(|channel| channel.kind));
        let mut blanked = data.clone();
        self.hide_content(message, &mut blanked);
        let without_content = (blanked != data).then_some(blanked);
        // An ephemeral message reaches the bot as a direct one.
        let intents = if direct || only_for_one {
            intent::DIRECT_MESSAGES
        } else {
            intent::GUILD_MESSAGES
        };
        if only_for_one || self.sees(self.bot_id, channel_id) {
            self.hub.dispatch(Event {
                name,
                data,
                intents,
                without_content,
            });
        }
    }
}

fn nonce_text(nonce: &Value) -> String {
    nonce
        .as_str()
        .map_or_else(|| nonce.to_string(), str::to_owned)
}

/// Replaces `attachment://name` in embeds by the URL of the file that came along.
pub(super) fn resolve_attachment_urls(
    mut embeds: Vec<Value>,
    base_url: &str,
    channel_id: u64,
    attachments: &[Attachment],
) -> Vec<Value> {
    for embed in &mut embeds {
        for part in ["image", "thumbnail"] {
            let Some(url) = embed.get(part).and_then(|image| image["url"].as_str()) else {
                continue;
            };
            let Some(name) = url.strip_prefix("attachment://") else {
                continue;
            };
            if let Some(file) = attachments.iter().find(|file| file.filename == name) {
                let name = name_in_link(name);
                let url = format!("{base_url}/attachments/{channel_id}/{}/{name}", file.id);
                embed[part]["url"] = json!(url);
                embed[part]["proxy_url"] = json!(url);
            }
        }
    }
    embeds
}
