//! Messages as they stand in a channel, read from its history or received over the gateway.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serenity::model::Timestamp;
use serenity::model::channel::ReactionType;
use serenity::model::id::{AttachmentId, ChannelId, MessageId, WebhookId};

use super::Person;

/// A file somebody attached. Its address is signed and expires within a day.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Attachment {
    pub id: AttachmentId,
    pub filename: String,
    pub url: String,
    /// In bytes.
    #[serde(default)]
    pub size: u64,
    #[serde(default)]
    pub content_type: Option<String>,
}

/// How often one emoji stands under a message.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct ReactionCount {
    pub emoji: ReactionEmoji,
    pub count: u64,
    /// The bot is among them.
    #[serde(default)]
    pub me: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct ReactionEmoji {
    /// The character itself, or the name of a guild's own emoji.
    #[serde(default)]
    pub name: Option<String>,
}

/// A message as it stands in a channel.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Message {
    pub id: MessageId,
    pub channel_id: ChannelId,
    pub author: Person,
    /// Discord's number: 0 and 19 are what people write, the others announce something (a pin, a join).
    #[serde(rename = "type", default)]
    pub kind: u8,
    #[serde(default)]
    pub content: String,
    /// When it was sent, by Discord's clock.
    pub timestamp: DateTime<Utc>,
    #[serde(default)]
    pub edited_timestamp: Option<DateTime<Utc>>,
    #[serde(default)]
    pub pinned: bool,
    /// Set when a webhook posted it.
    #[serde(default)]
    pub webhook_id: Option<WebhookId>,
    #[serde(default)]
    pub attachments: Vec<Attachment>,
    #[serde(default)]
    pub reactions: Vec<ReactionCount>,
    /// Discord's JSON, unknown parts included.
    #[serde(default)]
    pub embeds: Vec<Value>,
    #[serde(default)]
    pub components: Vec<Value>,
    #[serde(default)]
    pub message_reference: Option<MessageReference>,
}

/// A message that came over the gateway, in the shape in which history is read: both doors lead to one place.
impl From<&serenity::model::channel::Message> for Message {
    fn from(message: &serenity::model::channel::Message) -> Self {
        let name_of = |emoji: &ReactionType| match emoji {
            ReactionType::Unicode(character) => Some(character.clone()),
            ReactionType::Custom { name, .. } => name.clone(),
            _ => None,
        };
        let attachment = |file: &serenity::model::channel::Attachment| Attachment {
            id: file.id,
            filename: file.filename.clone(),
            url: file.url.clone(),
            size: file.size.into(),
            content_type: file.content_type.clone(),
        };
        let reaction = |reaction: &serenity::model::channel::MessageReaction| ReactionCount {
            emoji: ReactionEmoji {
                name: name_of(&reaction.reaction_type),
            },
            count: reaction.count,
            me: reaction.me,
        };
        let reference = |reference: &serenity::model::channel::MessageReference| MessageReference {
            message_id: reference.message_id,
        };
        Self {
            id: message.id,
            channel_id: message.channel_id,
            author: Person::from(&message.author),
            kind: message.kind.into(),
            content: message.content.clone(),
            timestamp: moment(&message.timestamp),
            edited_timestamp: message.edited_timestamp.as_ref().map(moment),
            pinned: message.pinned,
            webhook_id: message.webhook_id,
            attachments: message.attachments.iter().map(attachment).collect(),
            reactions: message.reactions.iter().map(reaction).collect(),
            embeds: as_json(&message.embeds),
            components: as_json(&message.components),
            message_reference: message.message_reference.as_ref().map(reference),
        }
    }
}

impl From<&serenity::model::user::User> for Person {
    fn from(user: &serenity::model::user::User) -> Self {
        Self {
            id: user.id,
            username: user.name.clone(),
            global_name: user.global_name.clone(),
            bot: user.bot,
        }
    }
}

fn moment(time: &Timestamp) -> DateTime<Utc> {
    DateTime::from_timestamp(time.unix_timestamp(), time.nanosecond())
        .expect("a four-digit year fits into chrono's range")
}

/// Parts that cannot be written as JSON are left out.
fn as_json(parts: &[impl Serialize]) -> Vec<Value> {
    parts
        .iter()
        .filter_map(|part| serde_json::to_value(part).ok())
        .collect()
}

/// What a message answers, forwards or announces.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct MessageReference {
    #[serde(default)]
    pub message_id: Option<MessageId>,
}

/// One pinned message.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Pin {
    /// Unknown where only the old route exists.
    #[serde(default)]
    pub pinned_at: Option<DateTime<Utc>>,
    pub message: Message,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_message_with_unknown_parts_is_still_read() {
        let message: Message = serde_json::from_value(json!({
            "id": "11", "channel_id": "7", "type": 0, "content": "", "flags": 32768,
            "timestamp": "2026-11-22T03:04:05.678000+00:00", "edited_timestamp": null, "pinned": false,
            "author": { "id": "3", "username": "kim", "global_name": null, "collectibles": { "new": true } },
            "attachments": [], "embeds": [], "mentions": [],
            "components": [{ "type": 99, "content": "inside a container" }]
        }))
        .expect("a message");
        assert_eq!(message.components[0]["content"], "inside a container");
        assert_eq!(message.timestamp.timestamp_subsec_millis(), 678);
    }

    #[test]
    fn a_message_reads_the_same_through_gateway_and_history() {
        let wire = json!({
            "id": "11", "channel_id": "7", "type": 19, "content": "db is fine", "tts": false, "flags": 0,
            "timestamp": "2026-11-22T03:04:05.678000+00:00", "edited_timestamp": "2026-11-22T03:05:00.000000+00:00",
            "pinned": true, "mention_everyone": false, "mentions": [], "mention_roles": [],
            "author": {
                "id": "3", "username": "kim", "global_name": "Kim", "discriminator": "0", "avatar": null, "bot": false
            },
            "attachments": [{
                "id": "21", "filename": "trace.png", "url": "https://cdn.example/trace.png", "size": 512,
                "proxy_url": "https://cdn.example/trace.png", "content_type": "image/png"
            }],
            "reactions": [{
                "emoji": { "id": null, "name": "📌" }, "count": 2, "me": true, "me_burst": false,
                "count_details": { "burst": 0, "normal": 2 }, "burst_colors": []
            }],
            "embeds": [], "components": [],
            "message_reference": { "type": 0, "message_id": "10", "channel_id": "7", "guild_id": "900" }
        });
        let history: Message = serde_json::from_value(wire.clone()).expect("history reads it");
        let gateway: serenity::model::channel::Message =
            serde_json::from_value(wire).expect("the gateway reads it");
        assert_eq!(Message::from(&gateway), history);
    }
}
