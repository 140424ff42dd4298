//! Embeds.

use chrono::DateTime;
use serde_json::{Value, json};

use super::Fields;
use crate::model::timestamp;

const MOST_EMBEDS: usize = 10;
const MOST_CHARACTERS_TOGETHER: usize = 6000;
const MOST_FIELDS: usize = 25;

/// Reads `embeds` and answers them as Discord stores them.
pub(super) fn embeds(fields: &Fields) -> Option<Vec<Value>> {
    let list = fields.objects("embeds", 0, MOST_EMBEDS)?;
    let mut together = 0;
    let embeds = list.iter().map(|one| embed(one, &mut together)).collect();
    if together > MOST_CHARACTERS_TOGETHER {
        fields.error(
            "embeds",
            "MAX_EMBED_SIZE_EXCEEDED",
            "Embed size exceeds maximum size of 6000",
        );
    }
    Some(embeds)
}

fn embed(fields: &Fields, together: &mut usize) -> Value {
    let mut embed = json!({"type": "rich"});
    let mut shows_something = false;
    let mut text = |holder: &Fields, name: &str, longest: usize, counted: bool| {
        let text = holder
            .text(name, 0, longest)
            .map(str::trim)
            .filter(|text| !text.is_empty())?;
        if counted {
            *together += text.chars().count();
        }
        Some(Value::String(text.to_owned()))
    };
    for (name, longest) in [("title", 256), ("description", 4096)] {
        if let Some(value) = text(fields, name, longest, true) {
            embed[name] = value;
            shows_something = true;
        }
    }
    if let Some(url) = fields.url("url", 2048, false).filter(|url| !url.is_empty()) {
        embed["url"] = json!(url);
    }
    if let Some(color) = fields.integer("color", 0, 0xff_ffff) {
        embed["color"] = json!(color);
    }
    if let Some(at) = fields.text("timestamp", 0, 64) {
        match DateTime::parse_from_rfc3339(at) {
            Ok(at) => embed["timestamp"] = json!(timestamp(at.to_utc())),
            Err(_) => fields.error(
                "timestamp",
                "DATE_TIME_TYPE_PARSE",
                format!("Could not parse {at}. Should be ISO8601."),
            ),
        }
    }
    if let Some(footer) = fields.object("footer") {
        match text(&footer, "text", 2048, true) {
            Some(value) => {
                embed["footer"] = json!({"text": value});
                if let Some(icon) = footer.url("icon_url", 2048, true) {
                    embed["footer"]["icon_url"] = json!(icon);
                }
                shows_something = true;
            }
            None => footer.missing("text"),
        }
    }
    if let Some(author) = fields.object("author") {
        match text(&author, "name", 256, true) {
            Some(value) => {
                embed["author"] = json!({"name": value});
                for name in ["url", "icon_url"] {
                    if let Some(url) = author.url(name, 2048, name == "icon_url") {
                        embed["author"][name] = json!(url);
                    }
                }
                shows_something = true;
            }
            None => author.missing("name"),
        }
    }
    for name in ["image", "thumbnail"] {
        let Some(image) = fields.object(name) else {
            continue;
        };
        match image.url("url", 2048, true) {
            Some(url) => {
                embed[name] = json!({"url": url, "proxy_url": url, "width": 0, "height": 0});
                shows_something = true;
            }
            None => image.missing("url"),
        }
    }
    if let Some(list) = fields.objects("fields", 0, MOST_FIELDS) {
        let read = list.iter().map(|field| {
            let name = text(field, "name", 256, true);
            let value = text(field, "value", 1024, true);
            for (key, value) in [("name", &name), ("value", &value)] {
                if value.is_none() {
                    field.missing(key);
                }
            }
            json!({"name": name, "value": value, "inline": field.boolean("inline").unwrap_or(false)})
        });
        let read: Vec<Value> = read.collect();
        if !read.is_empty() {
            shows_something = true;
            embed["fields"] = Value::Array(read);
        }
    }
    if !shows_something {
        fields.missing("description");
    }
    embed
}
