//! The model as Discord's JSON.

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};

use super::links::name_in_link;
use super::{Channel, Message, OverwriteKind, Role, World, flag, kind, message_kind};
use crate::permissions as p;
use crate::snowflake::time_of;

/// A time as Discord writes it.
pub(crate) fn timestamp(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Micros, false)
}

pub(crate) fn maybe_id(id: Option<u64>) -> Value {
    id.map_or(Value::Null, |id| Value::String(id.to_string()))
}

pub(crate) fn id_texts(ids: &[u64]) -> Vec<String> {
    ids.iter().map(u64::to_string).collect()
}

impl World {
    pub(crate) fn user_json(&self, id: u64) -> Value {
        let Some(user) = self.users.get(&id) else {
            return json!({"id": id.to_string(), "username": "Deleted User", "avatar": null, "discriminator": "0",
                "public_flags": 0, "flags": 0, "global_name": null, "primary_guild": null});
        };
        let (discriminator, global_name) = if user.bot {
            ("4242", Value::Null)
        } else {
            ("0", json!(user.global_name))
        };
        let mut json = json!({
            "id": id.to_string(), "username": user.username, "avatar": null, "discriminator": discriminator,
            "public_flags": 0, "flags": 0, "global_name": global_name, "primary_guild": null,
            "banner": null, "accent_color": null, "avatar_decoration_data": null, "collectibles": null,
        });
        if user.bot {
            json["bot"] = json!(true);
        }
        json
    }

    /// The bot about itself.
    pub(crate) fn current_user_json(&self) -> Value {
        let mut user = self.user_json(self.bot_id);
        user["mfa_enabled"] = json!(true);
        user["locale"] = json!("en-US");
        user["verified"] = json!(true);
        user["email"] = Value::Null;
        user
    }

    /// A member without its user, as messages and interactions carry it.
    pub(crate) fn partial_member_json(&self, user_id: u64) -> Option<Value> {
        let member = self.guild.members.get(&user_id)?;
        Some(json!({
            "avatar": null, "banner": null, "communication_disabled_until": null, "flags": 0,
            "joined_at": timestamp(member.joined_at), "nick": member.nick, "pending": false, "premium_since": null,
            "roles": id_texts(&member.roles), "mute": false, "deaf": false,
        }))
    }

    pub(crate) fn member_json(&self, user_id: u64) -> Option<Value> {
        let mut member = self.partial_member_json(user_id)?;
        member["user"] = self.user_json(user_id);
        Some(member)
    }

    pub(crate) fn role_json(&self, role: &Role) -> Value {
        let mut json = json!({
            "id": role.id.to_string(), "name": role.name, "permissions": role.permissions.to_string(),
            "position": role.position, "color": role.color, "hoist": role.hoist, "managed": role.bot_id.is_some(),
            "colors": {"primary_color": role.color, "secondary_color": null, "tertiary_color": null},
            "mentionable": role.mentionable, "icon": null, "unicode_emoji": null, "flags": 0,
        });
        if let Some(bot) = role.bot_id {
            json["tags"] = json!({"bot_id": bot.to_string()});
        }
        json
    }

    pub(crate) fn channel_json(&self, channel: &Channel) -> Value {
        let last_pin = channel.last_pin_at.map(timestamp);
        if channel.kind == kind::DM {
            let others = channel.recipients.iter().filter(|id| **id != self.bot_id);
            return json!({
                "id": channel.id.to_string(), "type": kind::DM, "flags": 0,
                "last_message_id": maybe_id(channel.last_message_id), "last_pin_timestamp": last_pin,
                "recipients": others.map(|id| self.user_json(*id)).collect::<Vec<_>>(),
            });
        }
        let mut json = json!({
            "id": channel.id.to_string(), "type": channel.kind, "flags": 0, "guild_id": self.guild.id.to_string(),
            "name": channel.name, "parent_id": maybe_id(channel.parent_id),
            "rate_limit_per_user": channel.rate_limit_per_user,
        });
        if channel.kind != kind::CATEGORY {
            json["last_message_id"] = maybe_id(channel.last_message_id);
        }
        if let Some(thread) = &channel.thread {
            json["last_pin_timestamp"] = json!(last_pin);
            json["owner_id"] = json!(thread.owner_id.to_string());
            json["thread_metadata"] = json!({
                "archived": thread.archived, "archive_timestamp": timestamp(thread.archive_timestamp),
                "auto_archive_duration": thread.auto_archive_minutes, "locked": thread.locked,
                "create_timestamp": timestamp(thread.created_at),
            });
            if channel.kind == kind::PRIVATE_THREAD {
                json["thread_metadata"]["invitable"] = json!(thread.invitable);
            }
            json["message_count"] = json!(thread.message_count);
            json["member_count"] = json!(thread.members.len().min(50));
            json["total_message_sent"] = json!(thread.message_count);
            json["bitrate"] = json!(64000);
            json["user_limit"] = json!(0);
            json["rtc_region"] = Value::Null;
            if let Some(joined) = thread.members.get(&self.bot_id) {
                json["member"] = thread_member_json(channel.id, self.bot_id, *joined);
            }
            return json;
        }
        json["position"] = json!(channel.position);
        json["nsfw"] = json!(channel.nsfw);
        json["permission_overwrites"] = channel
            .overwrites
            .iter()
            .map(|one| {
                json!({"id": one.id.to_string(), "type": u8::from(one.kind == OverwriteKind::Member),
                    "allow": one.allow.to_string(), "deny": one.deny.to_string()})
            })
            .collect();
        match channel.kind {
            kind::VOICE => {
                json["bitrate"] = json!(64000);
                json["user_limit"] = json!(0);
                json["rtc_region"] = Value::Null;
            }
            kind::CATEGORY => {}
            other => {
                json["topic"] = json!(channel.topic);
                json["last_pin_timestamp"] = json!(last_pin);
                if let Some(minutes) = channel.default_auto_archive_minutes {
                    json["default_auto_archive_duration"] = json!(minutes);
                }
                if other == kind::FORUM {
                    json["available_tags"] = json!([]);
                    json["default_reaction_emoji"] = Value::Null;
                    json["default_sort_order"] = Value::Null;
                    json["default_forum_layout"] = json!(0);
                }
            }
        }
        json
    }

    /// A message as the bot receives it.
    pub(crate) fn message_json(&self, message: &Message) -> Value {
        let mut json = self.message_json_without_reference(message);
        if let Some(reference) = message.reference {
            let mut told = json!({"type": 0, "channel_id": reference.channel_id.to_string()});
            if let Some(id) = reference.message_id {
                told["message_id"] = json!(id.to_string());
            }
            if self
                .channels
                .get(&reference.channel_id)
                .is_some_and(|channel| channel.kind != kind::DM)
            {
                told["guild_id"] = json!(self.guild.id.to_string());
            }
            json["message_reference"] = told;
            if matches!(
                message.kind,
                message_kind::REPLY | message_kind::THREAD_STARTER_MESSAGE
            ) && let Some(id) = reference.message_id
            {
                let target = self
                    .messages
                    .get(&reference.channel_id)
                    .and_then(|all| all.get(&id));
                json["referenced_message"] = target.map_or(Value::Null, |target| {
                    self.message_json_without_reference(target)
                });
            }
        }
        json
    }

    fn message_json_without_reference(&self, message: &Message) -> Value {
        let author = match &message.webhook_name {
            None => self.user_json(message.author_id),
            Some(name) => {
                json!({"id": message.author_id.to_string(), "username": name, "avatar": null,
                "discriminator": "0000", "public_flags": 0, "flags": 0, "bot": true, "global_name": null,
                "primary_guild": null})
            }
        };
        let mut json = json!({
            "id": message.id.to_string(), "channel_id": message.channel_id.to_string(), "type": message.kind,
            "content": message.content, "author": author,
            "mentions": message.mentions.iter().map(|id| self.user_json(*id)).collect::<Vec<_>>(),
            "mention_roles": id_texts(&message.mention_roles), "mention_everyone": message.mention_everyone,
            "attachments": message.attachments.iter().map(|one| self.attachment_json(message, one)).collect::<Vec<_>>(),
            "embeds": self.with_fresh_links(&message.embeds), "components": message.components,
            "timestamp": timestamp(message.timestamp), "edited_timestamp": message.edited_at.map(timestamp),
            "flags": message.flags, "pinned": message.pinned_at.is_some(), "tts": message.tts,
        });
        if !message.reactions.is_empty() {
            json["reactions"] = message
                .reactions
                .iter()
                .map(|reaction| {
                    json!({
                        "emoji": reaction.emoji.json(), "count": reaction.users.len(),
                        "count_details": {"burst": 0, "normal": reaction.users.len()}, "burst_colors": [],
                        "me_burst": false, "me": reaction.users.contains(&self.bot_id),
                    })
                })
                .collect();
        }
        if let Some(nonce) = &message.nonce {
            json["nonce"] = nonce.clone();
        }
        if message.webhook_name.is_some() {
            json["webhook_id"] = json!(message.author_id.to_string());
        }
        if let Some(thread) = message.thread_id.and_then(|id| self.channels.get(&id)) {
            json["thread"] = self.channel_json(thread);
        }
        if let Some(by) = &message.invoked_by {
            json["application_id"] = json!(self.bot_id.to_string());
            json["webhook_id"] = json!(self.bot_id.to_string());
            let user = self.user_json(by.user_id);
            let mut told = json!({
                "id": by.interaction_id.to_string(), "type": by.interaction_type, "user": user,
                "authorizing_integration_owners": {"0": self.guild.id.to_string()},
            });
            if let Some(id) = by.original_message_id {
                told["original_response_message_id"] = json!(id.to_string());
            }
            match by.interaction_type {
                2 => {
                    json["interaction"] = json!({"id": by.interaction_id.to_string(), "type": 2,
                        "name": by.command, "user": user});
                }
                3 => {
                    told["interacted_message_id"] =
                        json!(by.interacted_message_id.unwrap_or_default().to_string())
                }
                _ => {
                    // Discord tells here of the command or component that opened the form.
                    let mut trigger = json!({"id": by.interaction_id.to_string(), "type": 2, "user": user,
                        "authorizing_integration_owners": {"0": self.guild.id.to_string()}});
                    if let Some(id) = by.interacted_message_id {
                        trigger["type"] = json!(3);
                        trigger["interacted_message_id"] = json!(id.to_string());
                    }
                    told["triggering_interaction_metadata"] = trigger;
                }
            }
            json["interaction_metadata"] = told;
        }
        json
    }

    fn attachment_json(&self, message: &Message, attachment: &super::Attachment) -> Value {
        let url = self.attachment_url(message, attachment);
        let mut json = json!({
            "id": attachment.id.to_string(), "filename": attachment.filename, "size": attachment.bytes.len(),
            "url": url, "proxy_url": url,
        });
        if let Some(content_type) = &attachment.content_type {
            json["content_type"] = json!(content_type);
        }
        if let Some(description) = &attachment.description {
            json["description"] = json!(description);
        }
        if message.has(flag::EPHEMERAL) {
            json["ephemeral"] = json!(true);
        }
        json
    }

    pub(crate) fn attachment_url(
        &self,
        message: &Message,
        attachment: &super::Attachment,
    ) -> String {
        let name = name_in_link(&attachment.filename);
        self.signed(&format!(
            "{}/attachments/{}/{}/{name}",
            self.base_url, message.channel_id, attachment.id
        ))
    }

    /// A message as REST and the gateway show it to a bot that may not have MESSAGE_CONTENT: its own, a DM's and those that
    /// mention it stay whole.
    pub(crate) fn message_for_bot(&self, message: &Message, message_content: bool) -> Value {
        let mut json = self.message_json(message);
        if !message_content {
            self.hide_content(message, &mut json);
        }
        json
    }

    /// Blanks a message, and the one it replies to, where MESSAGE_CONTENT guards them.
    pub(crate) fn hide_content(&self, message: &Message, json: &mut Value) {
        if self.hides_content_of(message) {
            blank(json);
        }
        let reply_to = message.reference.and_then(|reference| reference.message_id);
        let replied = reply_to.and_then(|id| self.find_message(id));
        if json["referenced_message"].is_object()
            && replied.is_some_and(|replied| self.hides_content_of(replied))
        {
            blank(&mut json["referenced_message"]);
        }
    }

    fn hides_content_of(&self, message: &Message) -> bool {
        message.author_id != self.bot_id
            && !message.mentions.contains(&self.bot_id)
            && self
                .channels
                .get(&message.channel_id)
                .is_some_and(|channel| channel.kind != kind::DM)
    }

    /// The guild as REST answers it.
    pub(crate) fn guild_json(&self) -> Value {
        json!({
            "id": self.guild.id.to_string(), "name": self.guild.name, "icon": null, "description": null,
            "home_header": null, "splash": null, "discovery_splash": null, "features": [], "banner": null,
            "owner_id": self.guild.owner_id.to_string(), "application_id": null, "region": "deprecated",
            "afk_channel_id": null, "afk_timeout": 300, "system_channel_id": null, "system_channel_flags": 0,
            "widget_enabled": false, "widget_channel_id": null, "verification_level": 0,
            "roles": self.guild.roles.values().map(|role| self.role_json(role)).collect::<Vec<_>>(),
            "default_message_notifications": 1, "mfa_level": 0, "explicit_content_filter": 0, "max_presences": null,
            "max_members": 500_000, "max_stage_video_channel_users": 50, "max_video_channel_users": 25,
            "vanity_url_code": null, "premium_tier": 0, "premium_subscription_count": 0, "preferred_locale": "en-US",
            "rules_channel_id": null, "safety_alerts_channel_id": null, "public_updates_channel_id": null,
            "premium_progress_bar_enabled": false, "nsfw": false, "nsfw_level": 0, "emojis": [], "stickers": [],
            "incidents_data": null,
        })
    }

    /// The guild as GUILD_CREATE tells it, with everything in it.
    pub(crate) fn guild_create_json(&self, all_members: bool) -> Value {
        let mut guild = self.guild_json();
        let (threads, channels): (Vec<_>, Vec<_>) = self
            .channels
            .values()
            .filter(|channel| channel.kind != kind::DM)
            .partition(|channel| channel.is_thread());
        let threads = threads.into_iter().filter(|thread| {
            thread.thread.as_ref().is_some_and(|state| !state.archived)
                && self.sees(self.bot_id, thread.id)
        });
        let members: Vec<_> = if all_members {
            self.guild
                .members
                .keys()
                .filter_map(|id| self.member_json(*id))
                .collect()
        } else {
            self.member_json(self.bot_id).into_iter().collect()
        };
        let more = json!({
            "joined_at": timestamp(self.guild.members.get(&self.bot_id).map_or(time_of(self.guild.id), |bot| bot.joined_at)),
            "icon_hash": null, "large": false, "unavailable": false, "member_count": self.guild.members.len(), "voice_states": [],
            "members": members, "presences": [], "stage_instances": [], "soundboard_sounds": [],
            "channels": channels.iter().map(|channel| self.channel_json(channel)).collect::<Vec<_>>(),
            "threads": threads.map(|thread| self.channel_json(thread)).collect::<Vec<_>>(),
            "guild_scheduled_events": self.scheduled_events.values().collect::<Vec<_>>(),
            "activity_instances": [], "embedded_activities": [], "lazy": true, "version": 0,
        });
        if let (Value::Object(guild), Value::Object(more)) = (&mut guild, more) {
            guild.extend(more);
        }
        guild
    }

    /// A channel as interactions carry it, with what the invoking user may do there.
    pub(crate) fn interaction_channel_json(&self, channel: &Channel, user_id: u64) -> Value {
        let mut json = self.channel_json(channel);
        json["permissions"] = json!(self.permissions(user_id, channel.id).to_string());
        json
    }

    /// What the bot may do in a channel, as `app_permissions`.
    pub(crate) fn app_permissions(&self, channel_id: u64) -> String {
        (self.permissions(self.bot_id, channel_id) & p::ALL).to_string()
    }
}

impl super::Emoji {
    pub(crate) fn json(&self) -> Value {
        json!({"id": maybe_id(self.id), "name": self.name})
    }
}

pub(crate) fn thread_member_json(thread_id: u64, user_id: u64, joined: DateTime<Utc>) -> Value {
    json!({"id": thread_id.to_string(), "user_id": user_id.to_string(), "join_timestamp": timestamp(joined), "flags": 0})
}

/// Takes away what MESSAGE_CONTENT guards.
fn blank(message: &mut Value) {
    message["content"] = json!("");
    for list in ["embeds", "attachments", "components"] {
        message[list] = json!([]);
    }
}
