//! What the bot reads of Discord's answers: the fields it uses and no others.
//!
//! Discord adds fields and kinds all the time. Reading few keeps a new one from making an answer unreadable, and
//! keeping permission bits as the number Discord sent keeps the newest ones.

mod posted;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serenity::model::id::{ApplicationId, ChannelId, CommandId, GuildId, RoleId, UserId};

pub use posted::{Attachment, Message, MessageReference, Pin, ReactionCount, ReactionEmoji};

/// A person or a bot.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Person {
    pub id: UserId,
    pub username: String,
    /// The name people chose to be shown by.
    #[serde(default)]
    pub global_name: Option<String>,
    #[serde(default)]
    pub bot: bool,
}

/// The bot's own application.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Application {
    pub id: ApplicationId,
    pub name: String,
    #[serde(default)]
    flags: u64,
}

impl Application {
    /// Whether the developer portal lets the bot read what people write (MESSAGE CONTENT INTENT). Without it every
    /// foreign message arrives empty.
    pub fn may_read_messages(&self) -> bool {
        const MESSAGE_CONTENT: u64 = 1 << 18;
        const MESSAGE_CONTENT_LIMITED: u64 = 1 << 19;
        self.flags & (MESSAGE_CONTENT | MESSAGE_CONTENT_LIMITED) != 0
    }
}

/// Where the gateway listens.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct GatewayAddress {
    pub url: String,
}

/// The server the bot works on.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Guild {
    pub id: GuildId,
    pub name: String,
    pub owner_id: UserId,
}

/// A set of Discord permissions, newest bits included. Travels as a decimal string.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PermissionBits(pub u64);

impl PermissionBits {
    pub const ADMINISTRATOR: Self = Self(1 << 3);
    pub const MANAGE_CHANNELS: Self = Self(1 << 4);
    pub const ADD_REACTIONS: Self = Self(1 << 6);
    pub const VIEW_CHANNEL: Self = Self(1 << 10);
    pub const CONNECT: Self = Self(1 << 20);
    pub const SEND_MESSAGES: Self = Self(1 << 11);
    pub const MANAGE_MESSAGES: Self = Self(1 << 13);
    pub const EMBED_LINKS: Self = Self(1 << 14);
    pub const ATTACH_FILES: Self = Self(1 << 15);
    pub const READ_MESSAGE_HISTORY: Self = Self(1 << 16);
    pub const MENTION_EVERYONE: Self = Self(1 << 17);
    pub const MANAGE_ROLES: Self = Self(1 << 28);
    pub const USE_APPLICATION_COMMANDS: Self = Self(1 << 31);
    pub const CREATE_PUBLIC_THREADS: Self = Self(1 << 35);
    pub const SEND_MESSAGES_IN_THREADS: Self = Self(1 << 38);
    /// Needed to pin since February 2026.
    pub const PIN_MESSAGES: Self = Self(1 << 51);

    /// Both sets together.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// This set without the other's members.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// True when nothing of `wanted` is missing.
    pub const fn contains(self, wanted: Self) -> bool {
        self.0 & wanted.0 == wanted.0
    }
}

impl Serialize for PermissionBits {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for PermissionBits {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map(Self).map_err(|_| {
            serde::de::Error::custom(format!("permissions are a decimal number, not {text:?}"))
        })
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Role {
    pub id: RoleId,
    pub name: String,
    pub permissions: PermissionBits,
    /// Higher stands above lower.
    pub position: i64,
    /// Belongs to a bot or an integration and cannot be given by hand.
    #[serde(default)]
    pub managed: bool,
}

/// A person as a member of the server.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Member {
    pub user: Person,
    #[serde(default)]
    pub nick: Option<String>,
    pub roles: Vec<RoleId>,
}

/// What an overwrite is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OverwriteFor {
    /// The role whose id is the guild's stands for everybody.
    Role(RoleId),
    Member(UserId),
}

/// Who may do what in one channel, differing from the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "WireOverwrite", into = "WireOverwrite")]
pub struct Overwrite {
    pub of: OverwriteFor,
    pub allow: PermissionBits,
    pub deny: PermissionBits,
}

impl Overwrite {
    pub(super) fn target(&self) -> u64 {
        match self.of {
            OverwriteFor::Role(role) => role.get(),
            OverwriteFor::Member(user) => user.get(),
        }
    }

    /// Discord's number for the kind of target.
    pub(super) fn target_kind(&self) -> u8 {
        match self.of {
            OverwriteFor::Role(_) => 0,
            OverwriteFor::Member(_) => 1,
        }
    }
}

#[derive(Deserialize, Serialize)]
struct WireOverwrite {
    /// A role or a member, by `kind`; both are snowflakes.
    id: UserId,
    #[serde(rename = "type")]
    kind: u8,
    allow: PermissionBits,
    deny: PermissionBits,
}

impl TryFrom<WireOverwrite> for Overwrite {
    type Error = String;

    fn try_from(wire: WireOverwrite) -> Result<Self, Self::Error> {
        let of = match wire.kind {
            0 => OverwriteFor::Role(RoleId::new(wire.id.get())),
            1 => OverwriteFor::Member(wire.id),
            other => return Err(format!("an overwrite of the unknown kind {other}")),
        };
        Ok(Self {
            of,
            allow: wire.allow,
            deny: wire.deny,
        })
    }
}

impl From<Overwrite> for WireOverwrite {
    fn from(overwrite: Overwrite) -> Self {
        Self {
            id: UserId::new(overwrite.target()),
            kind: overwrite.target_kind(),
            allow: overwrite.allow,
            deny: overwrite.deny,
        }
    }
}

/// The kinds of channel the bot tells apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChannelKind {
    Text,
    DirectMessage,
    Voice,
    Category,
    Announcement,
    Other(u8),
}

impl From<u8> for ChannelKind {
    fn from(number: u8) -> Self {
        match number {
            0 => Self::Text,
            1 => Self::DirectMessage,
            2 => Self::Voice,
            4 => Self::Category,
            5 => Self::Announcement,
            other => Self::Other(other),
        }
    }
}

impl From<ChannelKind> for u8 {
    fn from(kind: ChannelKind) -> Self {
        match kind {
            ChannelKind::Text => 0,
            ChannelKind::DirectMessage => 1,
            ChannelKind::Voice => 2,
            ChannelKind::Category => 4,
            ChannelKind::Announcement => 5,
            ChannelKind::Other(number) => number,
        }
    }
}

impl<'de> Deserialize<'de> for ChannelKind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        u8::deserialize(deserializer).map(Self::from)
    }
}

impl Serialize for ChannelKind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u8((*self).into())
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Channel {
    pub id: ChannelId,
    #[serde(rename = "type")]
    pub kind: ChannelKind,
    #[serde(default)]
    pub guild_id: Option<GuildId>,
    /// As Discord keeps it, which may differ from what was asked for. Direct messages have none.
    #[serde(default)]
    pub name: Option<String>,
    #[serde(default)]
    pub topic: Option<String>,
    /// The category it stands in.
    #[serde(default)]
    pub parent_id: Option<ChannelId>,
    #[serde(default)]
    pub position: i64,
    #[serde(default)]
    pub permission_overwrites: Vec<Overwrite>,
}

#[derive(Debug, Deserialize)]
pub(super) struct PinPage {
    pub(super) items: Vec<Pin>,
    pub(super) has_more: bool,
}

/// A slash command or menu entry as Discord knows it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct RegisteredCommand {
    pub id: CommandId,
    pub name: String,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_newest_permission_bits_survive_reading_and_writing() {
        let role: Role = serde_json::from_value(json!({
            "id": "1", "name": "bot", "position": 3, "permissions": "4503599627371520", "colors": {}
        }))
        .expect("a role");
        assert!(role.permissions.contains(PermissionBits(1 << 52)));
        let written = serde_json::to_value(role.permissions).expect("a string");
        assert_eq!(written, "4503599627371520");
    }

    #[test]
    fn an_overwrite_reads_back_as_it_was_written() {
        let everybody = Overwrite {
            of: OverwriteFor::Role(RoleId::new(900)),
            allow: PermissionBits::default(),
            deny: PermissionBits::VIEW_CHANNEL,
        };
        let wire = serde_json::to_value(everybody).expect("JSON");
        assert_eq!(
            wire,
            json!({ "id": "900", "type": 0, "allow": "0", "deny": "1024" })
        );
        let read: Overwrite = serde_json::from_value(wire).expect("an overwrite");
        assert_eq!(read, everybody);
    }

    #[test]
    fn the_intents_of_the_portal_are_read_from_the_application() {
        let application = |flags: u64| -> Application {
            serde_json::from_value(json!({ "id": "5", "name": "Bridgewatch", "flags": flags }))
                .expect("an application")
        };
        assert!(application(1 << 19).may_read_messages());
        assert!(!application(1 << 15).may_read_messages());
    }
}
