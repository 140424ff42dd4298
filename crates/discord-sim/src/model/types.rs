//! The nouns of the model.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde_json::Value;

/// Channel types, by Discord's numbers.
pub(crate) mod kind {
    pub(crate) const TEXT: u8 = 0;
    pub(crate) const DM: u8 = 1;
    pub(crate) const VOICE: u8 = 2;
    pub(crate) const CATEGORY: u8 = 4;
    pub(crate) const ANNOUNCEMENT: u8 = 5;
    pub(crate) const ANNOUNCEMENT_THREAD: u8 = 10;
    pub(crate) const PUBLIC_THREAD: u8 = 11;
    pub(crate) const PRIVATE_THREAD: u8 = 12;
    pub(crate) const FORUM: u8 = 15;
}

/// Message types, by Discord's numbers.
pub(crate) mod message_kind {
    pub(crate) const DEFAULT: u8 = 0;
    pub(crate) const CHANNEL_PINNED_MESSAGE: u8 = 6;
    pub(crate) const THREAD_CREATED: u8 = 18;
    pub(crate) const REPLY: u8 = 19;
    pub(crate) const CHAT_INPUT_COMMAND: u8 = 20;
    pub(crate) const THREAD_STARTER_MESSAGE: u8 = 21;
    pub(crate) const CONTEXT_MENU_COMMAND: u8 = 23;
}

/// Message flags.
pub(crate) mod flag {
    pub(crate) const SUPPRESS_EMBEDS: u64 = 1 << 2;
    pub(crate) const HAS_THREAD: u64 = 1 << 5;
    pub(crate) const EPHEMERAL: u64 = 1 << 6;
    pub(crate) const LOADING: u64 = 1 << 7;
    pub(crate) const SUPPRESS_NOTIFICATIONS: u64 = 1 << 12;
    pub(crate) const IS_COMPONENTS_V2: u64 = 1 << 15;
}

#[derive(Debug, Clone)]
pub(crate) struct Guild {
    pub id: u64,
    pub name: String,
    pub owner_id: u64,
    pub roles: BTreeMap<u64, Role>,
    pub members: BTreeMap<u64, Member>,
}

#[derive(Debug, Clone)]
pub(crate) struct User {
    pub id: u64,
    pub username: String,
    pub global_name: String,
    pub bot: bool,
    /// How tests and the page name a person; `None` for the bot.
    pub login: Option<String>,
    /// What the person does, for the page.
    pub title: String,
    /// Whether direct messages from the bot are refused (50007).
    pub refuses_direct_messages: bool,
}

#[derive(Debug, Clone)]
pub(crate) struct Member {
    pub nick: Option<String>,
    pub roles: Vec<u64>,
    pub joined_at: DateTime<Utc>,
}

#[derive(Debug, Clone)]
pub(crate) struct Role {
    pub id: u64,
    pub name: String,
    pub permissions: u64,
    pub position: i64,
    pub color: u32,
    pub hoist: bool,
    pub mentionable: bool,
    /// Belongs to a bot and cannot be given away.
    pub bot_id: Option<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OverwriteKind {
    Role,
    Member,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Overwrite {
    pub id: u64,
    pub kind: OverwriteKind,
    pub allow: u64,
    pub deny: u64,
}

#[derive(Debug, Clone)]
pub(crate) struct Channel {
    pub id: u64,
    pub kind: u8,
    pub name: String,
    pub topic: Option<String>,
    pub parent_id: Option<u64>,
    pub position: i64,
    pub overwrites: Vec<Overwrite>,
    pub nsfw: bool,
    /// Slow mode in seconds.
    pub rate_limit_per_user: u64,
    pub default_auto_archive_minutes: Option<u64>,
    pub last_message_id: Option<u64>,
    pub last_pin_at: Option<DateTime<Utc>>,
    /// The two people of a DM.
    pub recipients: Vec<u64>,
    pub thread: Option<Thread>,
}

impl Channel {
    pub(crate) fn is_thread(&self) -> bool {
        self.thread.is_some()
    }

    /// Whether messages can stand in it.
    pub(crate) fn holds_messages(&self) -> bool {
        !matches!(self.kind, kind::CATEGORY | kind::FORUM)
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Thread {
    pub owner_id: u64,
    pub archived: bool,
    pub locked: bool,
    pub invitable: bool,
    pub auto_archive_minutes: u64,
    pub archive_timestamp: DateTime<Utc>,
    pub created_at: DateTime<Utc>,
    /// Members and when they joined.
    pub members: BTreeMap<u64, DateTime<Utc>>,
    pub message_count: u64,
}

#[derive(Debug, Clone)]
pub(crate) struct Message {
    pub id: u64,
    pub channel_id: u64,
    pub author_id: u64,
    /// Set when a webhook wrote it: then `author_id` is the webhook's id and this its name.
    pub webhook_name: Option<String>,
    pub kind: u8,
    pub content: String,
    /// Embeds as Discord answers them.
    pub embeds: Vec<Value>,
    /// Action rows as Discord answers them.
    pub components: Vec<Value>,
    pub attachments: Vec<Attachment>,
    pub reactions: Vec<Reaction>,
    pub mentions: Vec<u64>,
    pub mention_roles: Vec<u64>,
    pub mention_everyone: bool,
    pub tts: bool,
    pub pinned_at: Option<DateTime<Utc>>,
    pub timestamp: DateTime<Utc>,
    pub edited_at: Option<DateTime<Utc>>,
    pub flags: u64,
    pub nonce: Option<Value>,
    pub reference: Option<Reference>,
    /// Ephemeral: only this person sees it.
    pub only_for: Option<u64>,
    pub invoked_by: Option<InvokedBy>,
    pub thread_id: Option<u64>,
}

impl Message {
    pub(crate) fn has(&self, flag: u64) -> bool {
        self.flags & flag != 0
    }
}

/// The message that another one replies to or tells of.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reference {
    pub channel_id: u64,
    pub message_id: Option<u64>,
}

/// The interaction a message answers.
#[derive(Debug, Clone)]
pub(crate) struct InvokedBy {
    pub interaction_id: u64,
    /// The interaction's type number.
    pub interaction_type: u8,
    pub user_id: u64,
    /// `inc new`, or a menu's name.
    pub command: Option<String>,
    /// The command's own type: 1 slash, 2 user menu, 3 message menu.
    pub command_type: Option<u8>,
    /// For a follow-up: the first answer.
    pub original_message_id: Option<u64>,
    /// For a component: the message it sits on.
    pub interacted_message_id: Option<u64>,
}

#[derive(Debug, Clone)]
pub(crate) struct Attachment {
    pub id: u64,
    pub filename: String,
    pub description: Option<String>,
    pub content_type: Option<String>,
    pub bytes: Arc<Vec<u8>>,
}

#[derive(Debug, Clone)]
pub(crate) struct Reaction {
    pub emoji: Emoji,
    pub users: Vec<u64>,
}

/// A standard emoji (no id) or a guild's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Emoji {
    pub id: Option<u64>,
    pub name: String,
}

#[derive(Debug, Clone)]
pub(crate) struct Webhook {
    pub id: u64,
    pub token: String,
    pub channel_id: u64,
    pub name: String,
    pub creator_id: u64,
}
