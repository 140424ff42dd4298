//! Links to attached files: signed, and good for about a day. Whoever wants the file later reads the message again, which has a
//! fresh link, or has kept a copy.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use chrono::{DurationRound as _, TimeDelta};
use serde_json::{Value, json};

use super::{Attachment, NewFile, World};

/// How long a link works at most.
const LIFE: TimeDelta = TimeDelta::hours(24);

/// A file's name as it stands in a link: what an address would have to encode is an underscore.
pub(super) fn name_in_link(filename: &str) -> String {
    filename
        .chars()
        .map(|character| match character {
            '.' | '_' | '-' => character,
            character if character.is_ascii_alphanumeric() => character,
            _ => '_',
        })
        .collect()
}

impl World {
    /// An address of this Discord's as a link that works from now on: `?ex=..&is=..&hm=..`, the times in hexadecimal seconds.
    pub(crate) fn signed(&self, address: &str) -> String {
        // Whole hours, so that what is shown twice within a moment has the same link.
        let now = self.now();
        let issued = now.duration_trunc(TimeDelta::hours(1)).unwrap_or(now);
        let (expires, issued) = ((issued + LIFE).timestamp(), issued.timestamp());
        let path = address.strip_prefix(&self.base_url).unwrap_or(address);
        let signature = self.signature(path, expires, issued);
        format!("{address}?ex={expires:x}&is={issued:x}&hm={signature:016x}")
    }

    /// Whether a link is one that was given out and whose time is not over.
    pub(crate) fn honours(&self, path: &str, expires: &str, issued: &str, signature: &str) -> bool {
        let number = |text: &str| i64::from_str_radix(text, 16).ok();
        let (Some(expires), Some(issued)) = (number(expires), number(issued)) else {
            return false;
        };
        let expected = self.signature(path, expires, issued);
        u64::from_str_radix(signature, 16) == Ok(expected) && self.now().timestamp() < expires
    }

    /// Every link that was given out so far is over.
    pub(crate) fn expire_links(&mut self) {
        self.link_key += 1;
    }

    fn signature(&self, path: &str, expires: i64, issued: i64) -> u64 {
        let mut hasher = DefaultHasher::new();
        (self.link_key, path, expires, issued).hash(&mut hasher);
        hasher.finish()
    }

    /// A file that comes with a command; answers its id.
    pub(crate) fn upload(&mut self, file: NewFile) -> Option<u64> {
        let attached = self.attach(vec![file]).pop()?;
        let id = attached.id;
        self.uploads.insert(id, attached);
        Some(id)
    }

    /// Such a file as an interaction tells of it, and its id: the newest of this name.
    pub(crate) fn uploaded(&self, filename: &str) -> Option<(u64, Value)> {
        let named = |file: &&Attachment| file.filename == filename;
        let file = self.uploads.values().rev().find(named)?;
        let link = self.signed(&format!(
            "{}/ephemeral-attachments/{}/{}/{}",
            self.base_url,
            self.bot_id,
            file.id,
            name_in_link(&file.filename)
        ));
        let mut json = json!({
            "id": file.id.to_string(), "filename": file.filename, "size": file.bytes.len(), "url": link, "proxy_url": link,
            "ephemeral": true,
        });
        if let Some(content_type) = &file.content_type {
            json["content_type"] = json!(content_type);
        }
        Some((file.id, json))
    }

    /// Embeds with fresh links to files that came along with them.
    pub(super) fn with_fresh_links(&self, embeds: &[Value]) -> Vec<Value> {
        let ours = format!("{}/attachments/", self.base_url);
        let mut embeds = embeds.to_vec();
        for embed in &mut embeds {
            for part in ["image", "thumbnail"] {
                for field in ["url", "proxy_url"] {
                    let link = embed
                        .get(part)
                        .and_then(|image| image.get(field))
                        .and_then(Value::as_str)
                        .filter(|link| link.starts_with(&ours))
                        .map(|link| self.signed(link));
                    if let Some(link) = link {
                        embed[part][field] = json!(link);
                    }
                }
            }
        }
        embeds
    }
}
