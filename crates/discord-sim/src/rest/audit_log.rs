//! The audit log: what the bot changed, and the reason it gave in `X-Audit-Log-Reason`.

use std::collections::BTreeSet;

use axum::http::HeaderMap;
use serde_json::{Value, json};

use super::call::{Call, Reply};
use super::guild;
use crate::error::ApiError;
use crate::gateway::{Event, intent};
use crate::model::{World, kind};
use crate::permissions as p;
use crate::snowflake::read_id;

/// Longest reason, in characters after decoding.
const LONGEST_REASON: usize = 512;

/// The reason that came with a request.
pub(super) fn reason_in(headers: &HeaderMap) -> Result<Option<String>, ApiError> {
    let Some(header) = headers.get("x-audit-log-reason") else {
        return Ok(None);
    };
    let decoded = percent_encoding::percent_decode(header.as_bytes()).decode_utf8_lossy();
    let reason = decoded.trim();
    if reason.chars().count() > LONGEST_REASON {
        let message = format!("Must be {LONGEST_REASON} or fewer in length.");
        return Err(ApiError::field(
            "X-Audit-Log-Reason",
            "BASE_TYPE_MAX_LENGTH",
            message,
        ));
    }
    Ok((!reason.is_empty()).then(|| reason.to_owned()))
}

/// What changed, and what it was changed on: a parameter of the path, or the id that was answered.
enum Target {
    Path(&'static str),
    Made,
    /// Whoever wrote the message of the path.
    Author,
}

/// The number Discord has for a change through this route; `None` for what it keeps no record of.
fn action_of(world: &World, method: &str, template: &str, call: &Call) -> Option<(u64, Target)> {
    use Target::{Author, Made, Path};
    let channel = call
        .channel()
        .ok()
        .and_then(|id| world.channels.get(&id))
        .filter(|channel| channel.kind != kind::DM);
    let in_thread = channel.is_some_and(|channel| channel.is_thread());
    Some(match (method, template) {
        ("POST", "/guilds/{guild_id}/channels") => (10, Made),
        ("PATCH", "/channels/{channel_id}") if in_thread => (111, Path("channel_id")),
        ("DELETE", "/channels/{channel_id}") if in_thread => (112, Path("channel_id")),
        ("PATCH", "/channels/{channel_id}") => (11, Path("channel_id")),
        ("DELETE", "/channels/{channel_id}") => (12, Path("channel_id")),
        ("PUT", "/channels/{channel_id}/permissions/{overwrite_id}") => {
            let id = call.id("overwrite_id").ok()?;
            let known = channel.is_some_and(|one| one.overwrites.iter().any(|one| one.id == id));
            (if known { 14 } else { 13 }, Path("channel_id"))
        }
        ("DELETE", "/channels/{channel_id}/permissions/{overwrite_id}") => (15, Path("channel_id")),
        ("DELETE", "/guilds/{guild_id}/members/{user_id}") => (20, Path("user_id")),
        ("PATCH", "/guilds/{guild_id}/members/{user_id}") => (24, Path("user_id")),
        (_, "/guilds/{guild_id}/members/{user_id}/roles/{role_id}") => (25, Path("user_id")),
        ("POST", "/guilds/{guild_id}/roles") => (30, Made),
        ("PATCH", "/guilds/{guild_id}/roles/{role_id}") => (31, Path("role_id")),
        ("DELETE", "/guilds/{guild_id}/roles/{role_id}") => (32, Path("role_id")),
        ("POST", "/channels/{channel_id}/webhooks") => (50, Made),
        ("PATCH", "/webhooks/{webhook_id}") => (51, Path("webhook_id")),
        ("DELETE", "/webhooks/{webhook_id}") => (52, Path("webhook_id")),
        ("POST", "/channels/{channel_id}/messages/bulk-delete") => (73, Path("channel_id")),
        ("PUT", template) if template.contains("/pins/") && channel.is_some() => (74, Author),
        ("DELETE", template) if template.contains("/pins/") && channel.is_some() => (75, Author),
        ("POST", "/guilds/{guild_id}/scheduled-events") => (100, Made),
        ("PATCH", "/guilds/{guild_id}/scheduled-events/{event_id}") => (101, Path("event_id")),
        ("DELETE", "/guilds/{guild_id}/scheduled-events/{event_id}") => (102, Path("event_id")),
        ("POST", template) if template.ends_with("/threads") => (110, Made),
        _ => return None,
    })
}

/// An entry that is written once the change went through.
pub(super) struct Draft {
    action: u64,
    target: Target,
    options: Option<Value>,
}

/// What an entry tells beyond its target; libraries take it for granted.
fn options_of(world: &World, action: u64, call: &Call) -> Option<Value> {
    match action {
        13..=15 => {
            let id = call.id("overwrite_id").ok()?;
            let role = world.guild.roles.get(&id);
            let mut options =
                json!({"id": id.to_string(), "type": u8::from(role.is_none()).to_string()});
            if let Some(role) = role {
                options["role_name"] = json!(role.name);
            }
            Some(options)
        }
        73 => {
            let count = call.body["messages"].as_array().map_or(0, Vec::len);
            Some(json!({"count": count.to_string()}))
        }
        74 | 75 => Some(
            json!({"channel_id": call.parameter("channel_id"), "message_id": call.parameter("message_id")}),
        ),
        _ => None,
    }
}

/// Looks at a request before it changes anything.
pub(super) fn draft(world: &World, method: &str, template: &str, call: &Call) -> Option<Draft> {
    let (action, target) = action_of(world, method, template, call)?;
    let options = options_of(world, action, call);
    Some(Draft {
        action,
        target,
        options,
    })
}

impl Draft {
    /// Writes the entry, and tells whoever may read the log.
    pub(super) fn write(self, world: &mut World, call: &Call, reply: &Reply) {
        let target = match self.target {
            Target::Path(name) => call.id(name).ok(),
            Target::Made => reply.body.as_ref().and_then(|body| read_id(&body["id"])),
            Target::Author => {
                let message = call.message().ok().and_then(|id| world.find_message(id));
                message.map(|message| message.author_id)
            }
        };
        let mut entry = json!({
            "id": world.next_id().to_string(), "user_id": world.bot_id.to_string(), "action_type": self.action,
            "target_id": target.map(|id| id.to_string()), "changes": [],
        });
        if let Some(options) = self.options {
            entry["options"] = options;
        }
        if let Some(reason) = &call.reason {
            entry["reason"] = json!(reason);
        }
        world.audit_log.push(entry.clone());
        if world.guild_permissions(world.bot_id) & p::VIEW_AUDIT_LOG != 0 {
            entry["guild_id"] = json!(world.guild.id.to_string());
            world.hub.dispatch(Event {
                name: "GUILD_AUDIT_LOG_ENTRY_CREATE",
                data: entry,
                intents: intent::GUILD_MODERATION,
                without_content: None,
            });
        }
    }
}

/// The entries, newest first (oldest first with `after`), with the users they name.
pub(super) fn list(world: &mut World, call: &Call) -> Result<Reply, ApiError> {
    guild::known(world, call)?;
    world.require_in_guild(world.bot_id, p::VIEW_AUDIT_LOG)?;
    let limit = call.query_number("limit", 1, 100, 50)?;
    let (before, after) = (call.query_id("before")?, call.query_id("after")?);
    let by = call.query_id("user_id")?;
    let action = call.query_number("action_type", 0, 1000, 0)?;
    let wanted = |entry: &&Value| {
        let id = read_id(&entry["id"]).unwrap_or_default();
        before.is_none_or(|before| id < before)
            && after.is_none_or(|after| id > after)
            && by.is_none_or(|by| read_id(&entry["user_id"]) == Some(by))
            && (!call.query.contains_key("action_type") || entry["action_type"] == json!(action))
    };
    let mut entries: Vec<&Value> = world.audit_log.iter().filter(wanted).collect();
    if after.is_none() {
        entries.reverse();
    }
    entries.truncate(limit);
    let named: BTreeSet<u64> = entries
        .iter()
        .flat_map(|entry| [read_id(&entry["user_id"]), read_id(&entry["target_id"])])
        .flatten()
        .filter(|id| world.users.contains_key(id))
        .collect();
    let users: Vec<Value> = named.into_iter().map(|id| world.user_json(id)).collect();
    Reply::ok(json!({
        "audit_log_entries": entries, "users": users, "application_commands": [], "auto_moderation_rules": [],
        "guild_scheduled_events": [], "integrations": [], "threads": [], "webhooks": [],
    }))
}
