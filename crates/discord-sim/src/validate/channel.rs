//! Channels, overwrites, threads and scheduled events.

use chrono::DateTime;
use serde_json::{Value, json};

use super::{Fields, Form};
use crate::error::ApiError;
use crate::model::{ChannelEdit, NewChannel, NewThread, Overwrite, OverwriteKind, kind, timestamp};

const LONGEST_TOPIC: usize = 1024;
const LONGEST_FORUM_TOPIC: usize = 4096;
const LONGEST_SLOW_MODE_SECONDS: i64 = 21_600;
const MOST_OVERWRITES_AT_ONCE: usize = 100;
const LOWEST_BITRATE: i64 = 8_000;
const HIGHEST_BITRATE: i64 = 96_000;
const MOST_TALKERS: i64 = 99;
const ARCHIVE_MINUTES: [i64; 4] = [60, 1440, 4320, 10080];

/// Reads the body of a new channel.
pub(crate) fn new_channel(body: &Value) -> Result<NewChannel, ApiError> {
    let form = Form::default();
    let fields = form.fields(body);
    let channel_kind = fields
        .choice("type", &[0, 2, 4, 5, 13, 15, 16])
        .and_then(|number| u8::try_from(number).ok())
        .unwrap_or(kind::TEXT);
    let longest_topic = if channel_kind == kind::FORUM {
        LONGEST_FORUM_TOPIC
    } else {
        LONGEST_TOPIC
    };
    if channel_kind == kind::VOICE {
        voice(&fields);
    }
    let new = NewChannel {
        name: fields.required_text("name", 1, 100).to_owned(),
        kind: channel_kind,
        topic: fields
            .text("topic", 0, longest_topic)
            // A voice channel has none; what is sent is not kept.
            .filter(|topic| !topic.is_empty() && channel_kind != kind::VOICE)
            .map(str::to_owned),
        parent_id: fields.id("parent_id"),
        position: fields.integer("position", 0, i64::from(i32::MAX)),
        // An empty list is as good as none: the channel then takes those of its category.
        overwrites: overwrites(&fields).filter(|list| !list.is_empty()),
        nsfw: fields.boolean("nsfw").unwrap_or(false),
        rate_limit_per_user: seconds(&fields).unwrap_or(0),
        default_auto_archive_minutes: minutes(&fields, "default_auto_archive_duration"),
    };
    form.check()?;
    Ok(new)
}

/// Reads the body of a channel edit; what was not sent stays.
pub(crate) fn channel_edit(body: &Value, channel_kind: u8) -> Result<ChannelEdit, ApiError> {
    let form = Form::default();
    let fields = form.fields(body);
    let longest_topic = if channel_kind == kind::FORUM {
        LONGEST_FORUM_TOPIC
    } else {
        LONGEST_TOPIC
    };
    let topic = fields
        .text("topic", 0, longest_topic)
        .filter(|topic| !topic.is_empty() && channel_kind != kind::VOICE)
        .map(str::to_owned);
    if channel_kind == kind::VOICE {
        voice(&fields);
    }
    let edit = ChannelEdit {
        name: fields.text("name", 1, 100).map(str::to_owned),
        topic: fields.sent("topic").then_some(topic),
        parent_id: fields.sent("parent_id").then(|| fields.id("parent_id")),
        position: fields.integer("position", 0, i64::from(i32::MAX)),
        overwrites: overwrites(&fields),
        nsfw: fields.boolean("nsfw"),
        rate_limit_per_user: seconds(&fields),
        default_auto_archive_minutes: minutes(&fields, "default_auto_archive_duration"),
        archived: fields.boolean("archived"),
        locked: fields.boolean("locked"),
        invitable: fields.boolean("invitable"),
        auto_archive_minutes: minutes(&fields, "auto_archive_duration"),
    };
    form.check()?;
    Ok(edit)
}

/// What only voice channels have. A server without boosts sends at most 96 kbit/s.
fn voice(fields: &Fields) {
    fields.integer("bitrate", LOWEST_BITRATE, HIGHEST_BITRATE);
    fields.integer("user_limit", 0, MOST_TALKERS);
}

fn seconds(fields: &Fields) -> Option<u64> {
    fields
        .integer("rate_limit_per_user", 0, LONGEST_SLOW_MODE_SECONDS)
        .map(i64::unsigned_abs)
}

fn minutes(fields: &Fields, name: &str) -> Option<u64> {
    fields.choice(name, &ARCHIVE_MINUTES).map(i64::unsigned_abs)
}

fn overwrites(fields: &Fields) -> Option<Vec<Overwrite>> {
    let list = fields.objects("permission_overwrites", 0, MOST_OVERWRITES_AT_ONCE)?;
    let read = list.iter().filter_map(|one| {
        let id = one.id("id");
        if id.is_none() && one.raw("id").is_none() {
            one.missing("id");
        }
        read_overwrite(one, id.unwrap_or_default())
    });
    Some(read.collect())
}

fn read_overwrite(fields: &Fields, id: u64) -> Option<Overwrite> {
    let kind = match fields.choice("type", &[0, 1]) {
        Some(0) => OverwriteKind::Role,
        Some(_) => OverwriteKind::Member,
        None => {
            if fields.raw("type").is_none() {
                fields.missing("type");
            }
            return None;
        }
    };
    let (allow, deny) = (
        fields.bits("allow").unwrap_or(0),
        fields.bits("deny").unwrap_or(0),
    );
    Some(Overwrite {
        id,
        kind,
        allow,
        deny: deny & !allow,
    })
}

/// Reads the body of PUT /channels/{channel}/permissions/{id}.
pub(crate) fn overwrite(body: &Value, id: u64) -> Result<Overwrite, ApiError> {
    let form = Form::default();
    let fields = form.fields(body);
    let overwrite = read_overwrite(&fields, id);
    form.check()?;
    overwrite.ok_or_else(|| ApiError::field("type", "BASE_TYPE_REQUIRED", "This field is required"))
}

/// Reads the body of PATCH /guilds/{guild}/channels.
pub(crate) fn positions(body: &Value) -> Result<Vec<(u64, ChannelEdit)>, ApiError> {
    let wrapped = json!({"channels": body});
    let form = Form::default();
    let fields = form.fields(&wrapped);
    let list = fields.objects("channels", 0, 500).unwrap_or_default();
    let read = list.iter().filter_map(|one| {
        let edit = ChannelEdit {
            position: one.integer("position", 0, i64::from(i32::MAX)),
            parent_id: one.sent("parent_id").then(|| one.id("parent_id")),
            ..ChannelEdit::default()
        };
        Some((one.id("id")?, edit))
    });
    let moves = read.collect();
    form.check()?;
    Ok(moves)
}

/// Reads the body of a new thread; `from_message` when it grows from one.
pub(crate) fn thread(body: &Value, from_message: Option<u64>) -> Result<NewThread, ApiError> {
    let form = Form::default();
    let fields = form.fields(body);
    let told = fields.choice("type", &[10, 11, 12]);
    let thread_kind = match (from_message, told) {
        (Some(_), _) => kind::PUBLIC_THREAD,
        (None, told) => told
            .and_then(|number| u8::try_from(number).ok())
            .unwrap_or(kind::PRIVATE_THREAD),
    };
    let new = NewThread {
        name: fields.required_text("name", 1, 100).to_owned(),
        kind: thread_kind,
        auto_archive_minutes: minutes(&fields, "auto_archive_duration").unwrap_or(4320),
        invitable: fields.boolean("invitable").unwrap_or(true),
        rate_limit_per_user: seconds(&fields).unwrap_or(0),
        from_message,
    };
    form.check()?;
    Ok(new)
}

/// Reads the body of a scheduled event held elsewhere (EXTERNAL) and answers it without id and creator. With `before`, it is an edit.
pub(crate) fn scheduled_event(body: &Value, before: Option<&Value>) -> Result<Value, ApiError> {
    let form = Form::default();
    let fields = form.fields(body);
    let mut event = before.cloned().unwrap_or_else(|| {
        json!({"description": null, "channel_id": null, "image": null, "status": 1, "entity_id": null,
            "recurrence_rule": null, "guild_scheduled_event_exceptions": [], "scheduled_end_time": null, "user_count": 0})
    });
    if before.is_none() {
        for name in [
            "name",
            "privacy_level",
            "scheduled_start_time",
            "entity_type",
        ] {
            if fields.raw(name).is_none() {
                fields.missing(name);
            }
        }
    }
    if let Some(name) = fields.text("name", 1, 100) {
        event["name"] = json!(name);
    }
    if let Some(description) = fields.text("description", 1, 1000) {
        event["description"] = json!(description);
    }
    if let Some(level) = fields.choice("privacy_level", &[2]) {
        event["privacy_level"] = json!(level);
    }
    if let Some(kind) = fields.choice("entity_type", &[1, 2, 3]) {
        event["entity_type"] = json!(kind);
    }
    if let Some(status) = fields.choice("status", &[1, 2, 3, 4]) {
        event["status"] = json!(status);
    }
    for name in ["scheduled_start_time", "scheduled_end_time"] {
        let Some(at) = fields.text(name, 0, 64) else {
            continue;
        };
        match DateTime::parse_from_rfc3339(at) {
            Ok(at) => event[name] = json!(timestamp(at.to_utc())),
            Err(_) => fields.error(
                name,
                "DATE_TIME_TYPE_PARSE",
                format!("Could not parse {at}. Should be ISO8601."),
            ),
        }
    }
    if let Some(channel) = fields.id("channel_id") {
        event["channel_id"] = json!(channel.to_string());
    }
    if let Some(place) = fields.object("entity_metadata") {
        event["entity_metadata"] = json!({"location": place.required_text("location", 1, 100)});
    }
    if event["entity_type"] == 3 {
        if event["entity_metadata"].is_null() {
            fields.missing("entity_metadata");
        }
        if event["scheduled_end_time"].is_null() {
            fields.missing("scheduled_end_time");
        }
    } else {
        event["entity_metadata"] = Value::Null;
    }
    form.check()?;
    Ok(event)
}
