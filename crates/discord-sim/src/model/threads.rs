//! Threads.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{
    Author, Channel, ChannelEdit, Message, NewMessage, Reference, Thread, World, flag, kind,
    message_kind, wire,
};
use crate::error::{ApiError, refusal};
use crate::gateway::{Event, intent};
use crate::permissions as p;
use crate::snowflake::time_of;

/// A thread that passed validation.
#[derive(Debug, Clone)]
pub(crate) struct NewThread {
    pub name: String,
    pub kind: u8,
    pub auto_archive_minutes: u64,
    pub invitable: bool,
    pub rate_limit_per_user: u64,
    /// The message it grows from.
    pub from_message: Option<u64>,
}

impl World {
    pub(crate) fn create_thread(
        &mut self,
        by: u64,
        parent_id: u64,
        new: NewThread,
    ) -> Result<u64, ApiError> {
        let private = new.kind == kind::PRIVATE_THREAD;
        let parent = self.channel(parent_id)?;
        let in_forum = parent.kind == kind::FORUM;
        let needed = match (in_forum, private) {
            (true, _) => p::SEND_MESSAGES,
            (false, true) => p::CREATE_PRIVATE_THREADS,
            (false, false) => p::CREATE_PUBLIC_THREADS,
        };
        self.require(by, parent_id, needed)?;
        if !matches!(parent.kind, kind::TEXT | kind::ANNOUNCEMENT | kind::FORUM) {
            return Err(refusal::wrong_channel_kind());
        }
        if let Some(message_id) = new.from_message {
            let message = self.message(parent_id, message_id)?;
            if message.thread_id.is_some() {
                return Err(refusal::thread_exists());
            }
        }
        let now = self.now();
        let id = new.from_message.unwrap_or_else(|| self.next_id());
        let mut thread = Channel::new(id, new.kind, new.name.clone());
        thread.parent_id = Some(parent_id);
        thread.rate_limit_per_user = new.rate_limit_per_user;
        thread.thread = Some(Thread {
            owner_id: by,
            archived: false,
            locked: false,
            invitable: new.invitable,
            auto_archive_minutes: new.auto_archive_minutes,
            archive_timestamp: now,
            created_at: now,
            members: BTreeMap::from([(by, now)]),
            message_count: 0,
        });
        self.channels.insert(id, thread);
        self.emit_channel("THREAD_CREATE", id);
        if let Some(message_id) = new.from_message {
            let message = self.message_mut(parent_id, message_id)?;
            message.thread_id = Some(id);
            message.flags |= flag::HAS_THREAD;
            self.emit_message("MESSAGE_UPDATE", parent_id, message_id);
            let mut starter =
                self.system_message(by, id, message_kind::THREAD_STARTER_MESSAGE, String::new());
            starter.reference = Some(Reference {
                channel_id: parent_id,
                message_id: Some(message_id),
            });
            self.insert_message(starter);
        } else if !private && !in_forum {
            let mut line =
                self.system_message(by, parent_id, message_kind::THREAD_CREATED, new.name);
            line.reference = Some(Reference {
                channel_id: id,
                message_id: None,
            });
            line.thread_id = Some(id);
            self.insert_message(line);
        }
        self.touch(None);
        Ok(id)
    }

    /// A post in a forum: a thread and its first message, which carry the same id.
    pub(crate) fn create_post(
        &mut self,
        by: u64,
        forum_id: u64,
        mut new: NewThread,
        first: NewMessage,
    ) -> Result<u64, ApiError> {
        if first.is_empty() {
            return Err(refusal::empty_message());
        }
        new.kind = kind::PUBLIC_THREAD;
        let id = self.create_thread(by, forum_id, new)?;
        let mut message = self.build_message(Author::Member(by), id, first, None);
        message.id = id;
        message.timestamp = time_of(id);
        self.insert_message(message);
        Ok(id)
    }

    pub(super) fn system_message(
        &mut self,
        author_id: u64,
        channel_id: u64,
        kind: u8,
        content: String,
    ) -> Message {
        let id = self.next_id();
        Message {
            id,
            channel_id,
            author_id,
            webhook_name: None,
            kind,
            content,
            embeds: Vec::new(),
            components: Vec::new(),
            attachments: Vec::new(),
            reactions: Vec::new(),
            mentions: Vec::new(),
            mention_roles: Vec::new(),
            mention_everyone: false,
            tts: false,
            pinned_at: None,
            timestamp: time_of(id),
            edited_at: None,
            flags: 0,
            nonce: None,
            reference: None,
            only_for: None,
            invoked_by: None,
            thread_id: None,
        }
    }

    pub(super) fn edit_thread(
        &mut self,
        by: u64,
        id: u64,
        edit: ChannelEdit,
    ) -> Result<(), ApiError> {
        self.require(by, id, 0)?;
        let now = self.now();
        let manages = self.permissions(by, id) & p::MANAGE_THREADS != 0;
        let state = self
            .channel(id)?
            .thread
            .clone()
            .ok_or_else(refusal::wrong_channel_kind)?;
        let only_unarchives =
            edit.archived == Some(false) && edit.name.is_none() && edit.locked.is_none();
        if !manages && state.owner_id != by && (state.locked || !only_unarchives) {
            return Err(refusal::missing_permissions());
        }
        if edit.locked.is_some() && !manages {
            return Err(refusal::missing_permissions());
        }
        if state.archived && edit.archived != Some(false) {
            return Err(refusal::archived_thread());
        }
        let channel = self.channel_mut(id)?;
        if let Some(name) = edit.name {
            channel.name = name;
        }
        if let Some(seconds) = edit.rate_limit_per_user {
            channel.rate_limit_per_user = seconds;
        }
        if let Some(thread) = &mut channel.thread {
            if let Some(archived) = edit.archived {
                thread.archived = archived;
                thread.archive_timestamp = now;
            }
            thread.locked = edit.locked.unwrap_or(thread.locked);
            thread.invitable = edit.invitable.unwrap_or(thread.invitable);
            thread.auto_archive_minutes = edit
                .auto_archive_minutes
                .unwrap_or(thread.auto_archive_minutes);
        }
        self.emit_channel("THREAD_UPDATE", id);
        self.touch(None);
        Ok(())
    }

    /// Somebody enters a thread or is added to it.
    pub(crate) fn join_thread(&mut self, by: u64, user_id: u64, id: u64) -> Result<(), ApiError> {
        self.require(by, id, if by == user_id { 0 } else { p::SEND_MESSAGES })?;
        if !self.guild.members.contains_key(&user_id) {
            return Err(refusal::unknown_member());
        }
        let now = self.now();
        let thread = self.open_thread(id)?;
        thread.members.entry(user_id).or_insert(now);
        let joined = wire::thread_member_json(id, user_id, now);
        self.emit_thread_members(id, json!([joined]), json!([]));
        Ok(())
    }

    pub(crate) fn leave_thread(&mut self, by: u64, user_id: u64, id: u64) -> Result<(), ApiError> {
        self.require(by, id, if by == user_id { 0 } else { p::MANAGE_THREADS })?;
        let thread = self.open_thread(id)?;
        thread.members.remove(&user_id);
        self.emit_thread_members(id, json!([]), json!([user_id.to_string()]));
        Ok(())
    }

    fn open_thread(&mut self, id: u64) -> Result<&mut Thread, ApiError> {
        let thread = self
            .channel_mut(id)?
            .thread
            .as_mut()
            .ok_or_else(refusal::wrong_channel_kind)?;
        if thread.archived {
            Err(refusal::archived_thread())
        } else {
            Ok(thread)
        }
    }

    fn emit_thread_members(&mut self, id: u64, added: Value, removed: Value) {
        let count = self
            .channels
            .get(&id)
            .and_then(|channel| channel.thread.as_ref())
            .map_or(0, |one| one.members.len());
        let data = json!({"id": id.to_string(), "guild_id": self.guild.id.to_string(), "member_count": count.min(50),
            "added_members": added, "removed_member_ids": removed});
        // Without GUILD_MEMBERS a bot hears only of itself; the bot's own coming and going is all it needs here.
        self.hub.dispatch(Event {
            name: "THREAD_MEMBERS_UPDATE",
            data,
            intents: intent::GUILDS | intent::GUILD_MEMBERS,
            without_content: None,
        });
        self.touch(None);
    }
}
