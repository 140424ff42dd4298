//! Messages: content, embeds, components, files, mentions, nonce.

use std::sync::Arc;

use serde_json::Value;

use super::{Fields, Form, components, embeds};
use crate::error::{ApiError, refusal};
use crate::model::{Allowed, AllowedMentions, MessageEdit, NewFile, NewMessage, flag};
use crate::rest::Upload;
use crate::snowflake::read_id;

const MOST_CONTENT: usize = 2000;
const MOST_FILES: usize = 10;
/// Bytes of one file.
const LARGEST_FILE: usize = 10 * 1024 * 1024;

/// Where a message is going, which decides what it pings by default and which flags it may carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    Channel,
    Webhook,
    Answer,
}

/// Reads the body of a new message.
pub(crate) fn new_message(
    body: &Value,
    uploads: &[Upload],
    purpose: Purpose,
) -> Result<NewMessage, ApiError> {
    let form = Form::default();
    let fields = form.fields(body);
    let content = fields
        .text("content", 0, MOST_CONTENT)
        .unwrap_or_default()
        .to_owned();
    let embeds = embeds::embeds(&fields).unwrap_or_default();
    let components = components::components(&fields).unwrap_or_default();
    let flags = flags(&fields, purpose);
    let files = files(&fields, uploads);
    check_not_known_here(&fields);
    let allowed_mentions = allowed_mentions(&fields).unwrap_or(match purpose {
        Purpose::Channel => AllowedMentions::everything(),
        Purpose::Webhook | Purpose::Answer => AllowedMentions::users_only(),
    });
    let nonce = nonce(&fields);
    let reply_to = fields.object("message_reference").and_then(|reference| {
        if reference.integer("type", 0, 1).unwrap_or(0) == 1 {
            reference.error("type", "BASE_TYPE_CHOICES", "Forwarding is not known here");
        }
        let id = reference.id("message_id");
        if id.is_none() && reference.raw("message_id").is_none() {
            reference.missing("message_id");
        }
        let must_exist = reference.boolean("fail_if_not_exists").unwrap_or(true);
        id.map(|id| (id, must_exist))
    });
    let new = NewMessage {
        content,
        embeds,
        components,
        files,
        tts: fields.boolean("tts").unwrap_or(false),
        flags,
        nonce,
        enforce_nonce: fields.boolean("enforce_nonce").unwrap_or(false),
        allowed_mentions,
        reply_to,
    };
    form.check()?;
    check_file_sizes(&new.files)?;
    Ok(new)
}

/// Reads the body of an edit; what was not sent stays.
pub(crate) fn message_edit(body: &Value, uploads: &[Upload]) -> Result<MessageEdit, ApiError> {
    let form = Form::default();
    let fields = form.fields(body);
    let content = fields.text("content", 0, MOST_CONTENT).map(str::to_owned);
    let keep = fields.list("attachments", 0, MOST_FILES).map(|list| {
        let old = list
            .iter()
            .filter_map(|one| one.get("id").and_then(read_id));
        old.filter(|id| *id > MOST_FILES as u64).collect()
    });
    check_not_known_here(&fields);
    let edit = MessageEdit {
        content: content.or_else(|| fields.sent("content").then(String::new)),
        embeds: embeds::embeds(&fields).or_else(|| fields.sent("embeds").then(Vec::new)),
        components: components::components(&fields)
            .or_else(|| fields.sent("components").then(Vec::new)),
        flags: fields.raw("flags").map(|_| flags(&fields, Purpose::Answer)),
        keep_attachments: keep.or_else(|| fields.sent("attachments").then(Vec::new)),
        files: files(&fields, uploads),
        allowed_mentions: allowed_mentions(&fields),
    };
    form.check()?;
    check_file_sizes(&edit.files)?;
    Ok(edit)
}

fn flags(fields: &Fields, purpose: Purpose) -> u64 {
    let flags = fields
        .integer("flags", 0, i64::from(i32::MAX))
        .unwrap_or(0)
        .unsigned_abs();
    if flags & flag::IS_COMPONENTS_V2 != 0 {
        fields.error(
            "flags",
            "MESSAGE_FLAGS_INVALID",
            "Components V2 (1 << 15) are not known here; use action rows",
        );
    }
    let known = flag::SUPPRESS_EMBEDS | flag::SUPPRESS_NOTIFICATIONS;
    match purpose {
        Purpose::Channel | Purpose::Webhook => flags & known,
        Purpose::Answer => flags & (known | flag::EPHEMERAL),
    }
}

/// Parts of a message that this local Discord refuses rather than loses.
fn check_not_known_here(fields: &Fields) {
    for name in ["poll", "sticker_ids", "shared_client_theme"] {
        let empty = |value: &Value| value.as_array().is_some_and(Vec::is_empty);
        if fields.raw(name).is_some_and(|value| !empty(value)) {
            fields.error(
                name,
                "BASE_TYPE_NOT_SUPPORTED",
                format!("{name} is not known to this local Discord"),
            );
        }
    }
}

fn nonce(fields: &Fields) -> Option<Value> {
    let nonce = fields.raw("nonce")?;
    match nonce {
        Value::String(text) if text.chars().count() > 25 => {
            fields.error(
                "nonce",
                "NONCE_TYPE_TOO_LONG",
                "Nonce must be 25 or fewer in length.",
            );
        }
        Value::String(_) => {}
        Value::Number(number) if number.is_i64() || number.is_u64() => {}
        _ => fields.error(
            "nonce",
            "NONCE_TYPE_INVALID",
            "Nonce must be a string or an integer.",
        ),
    }
    Some(nonce.clone())
}

fn allowed_mentions(fields: &Fields) -> Option<AllowedMentions> {
    let told = fields.object("allowed_mentions")?;
    let mut parse = Vec::new();
    for (index, kind) in told
        .list("parse", 0, 3)
        .unwrap_or_default()
        .iter()
        .enumerate()
    {
        match kind.as_str() {
            Some(kind @ ("users" | "roles" | "everyone")) => parse.push(kind),
            _ => told.error(
                &format!("parse.{index}"),
                "BASE_TYPE_CHOICES",
                "Value must be one of ('everyone', 'roles', 'users').",
            ),
        }
    }
    let read = |name: &str| {
        let ids = told.ids(name, 100);
        let all = parse.contains(&name);
        if all && ids.as_ref().is_some_and(|ids| !ids.is_empty()) {
            told.error(
                "",
                "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE",
                format!("parse:[\"{name}\"] and {name}: [ids...] are mutually exclusive."),
            );
        }
        if all {
            Allowed::All
        } else {
            Allowed::Only(ids.unwrap_or_default())
        }
    };
    Some(AllowedMentions {
        users: read("users"),
        roles: read("roles"),
        everyone: parse.contains(&"everyone"),
        replied_user: told.boolean("replied_user").unwrap_or(false),
    })
}

/// Pairs the uploaded files with what `attachments` says of them.
fn files(fields: &Fields, uploads: &[Upload]) -> Vec<NewFile> {
    let described = fields
        .list("attachments", 0, MOST_FILES)
        .unwrap_or_default();
    for (index, one) in described.iter().enumerate() {
        let Some(id) = one.get("id").and_then(read_id) else {
            fields.error(
                &format!("attachments.{index}.id"),
                "BASE_TYPE_REQUIRED",
                "This field is required",
            );
            continue;
        };
        // Small ids name files of this request, snowflakes name files that are there already.
        if id < MOST_FILES as u64 && !uploads.iter().any(|upload| upload.index == id) {
            let path = format!("attachments.{index}");
            fields.error(
                &path,
                "ATTACHMENT_NOT_FOUND",
                format!("Attachment data for ID {id} not found"),
            );
        }
    }
    if uploads.len() > MOST_FILES {
        fields.error(
            "files",
            "BASE_TYPE_MAX_LENGTH",
            "Must be 10 or fewer in length.",
        );
    }
    let mut made = Vec::new();
    for upload in uploads {
        let told = described
            .iter()
            .find(|one| one.get("id").and_then(read_id) == Some(upload.index));
        let text = |name: &str| told.and_then(|told| told[name].as_str()).map(str::to_owned);
        if text("description").is_some_and(|text| text.chars().count() > 1024) {
            fields.error(
                "attachments",
                "BASE_TYPE_MAX_LENGTH",
                "Must be 1024 or fewer in length.",
            );
        }
        made.push(NewFile {
            filename: clean_filename(&text("filename").unwrap_or_else(|| upload.filename.clone())),
            description: text("description"),
            content_type: upload
                .content_type
                .clone()
                .or_else(|| content_type(&upload.filename)),
            bytes: Arc::clone(&upload.bytes),
        });
    }
    made
}

fn check_file_sizes(files: &[NewFile]) -> Result<(), ApiError> {
    if files.iter().any(|file| file.bytes.len() > LARGEST_FILE) {
        Err(refusal::request_too_large())
    } else {
        Ok(())
    }
}

fn clean_filename(name: &str) -> String {
    let kept = name.chars().map(|letter| {
        if letter.is_alphanumeric() || "._-".contains(letter) {
            letter
        } else {
            '_'
        }
    });
    let name: String = kept.take(255).collect();
    if name.is_empty() {
        "unknown".to_owned()
    } else {
        name
    }
}

/// The media type that a file's name suggests.
pub(crate) fn content_type(filename: &str) -> Option<String> {
    let (_, ending) = filename.rsplit_once('.')?;
    let known = match ending.to_ascii_lowercase().as_str() {
        "md" => "text/markdown; charset=utf-8",
        "txt" | "log" => "text/plain; charset=utf-8",
        "json" => "application/json",
        "csv" => "text/csv; charset=utf-8",
        "html" => "text/html; charset=utf-8",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "gif" => "image/gif",
        "pdf" => "application/pdf",
        "zip" => "application/zip",
        _ => return None,
    };
    Some(known.to_owned())
}
