//! What the bot posts: a message that cannot ping anybody by accident.
//!
//! Discord's default lets the text of a message notify everyone it names. So the text has no say here: every body
//! that leaves carries `allowed_mentions` with nothing to parse, and only a typed [`Ping`] adds one person or role.

use std::fmt;

use serde_json::{Map, Value, json};
use serenity::model::id::{MessageId, RoleId, UserId};

/// Message flag: visible only to the person who gave the command.
const EPHEMERAL: u64 = 1 << 6;
/// Message flag: no push and no desktop notification.
const SUPPRESS_NOTIFICATIONS: u64 = 1 << 12;
/// The longest nonce Discord takes.
const LONGEST_NONCE: usize = 25;

/// Who is notified by a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ping {
    Nobody,
    Person(UserId),
    Role(RoleId),
}

/// Marks a message so that sending it twice within some minutes posts it once. Unique per bot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Nonce(String);

/// A nonce Discord would refuse.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a nonce has 1 to 25 characters, this one has {length}")]
pub struct BadNonce {
    length: usize,
}

impl Nonce {
    pub fn new(text: impl Into<String>) -> Result<Self, BadNonce> {
        let text = text.into();
        match text.chars().count() {
            1..=LONGEST_NONCE => Ok(Self(text)),
            length => Err(BadNonce { length }),
        }
    }
}

/// The whole content of a message. An edit replaces all of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MessageBody {
    /// Discord's Markdown, up to 2,000 characters.
    pub content: String,
    /// Embeds as Discord's JSON, up to 10.
    pub embeds: Vec<Value>,
    /// Action rows as Discord's JSON, up to 5.
    pub components: Vec<Value>,
    /// Who is notified; the text must name them as well (`<@id>`, `<@&id>`).
    pub pings: Vec<Ping>,
    /// Posts without a push notification.
    pub silent: bool,
    /// Shows the message as an answer to this one of the same channel, should it still exist.
    pub reply_to: Option<MessageId>,
}

impl MessageBody {
    /// A message of text only that notifies nobody.
    pub fn text(content: impl Into<String>) -> Self {
        Self {
            content: content.into(),
            ..Self::default()
        }
    }

    /// Notifies one more.
    #[must_use]
    pub fn ping(mut self, ping: Ping) -> Self {
        self.pings.push(ping);
        self
    }

    pub(super) fn to_create(&self, nonce: &Nonce) -> Value {
        let mut body = self.visible_parts();
        body.insert("nonce".to_owned(), json!(nonce.0));
        body.insert("enforce_nonce".to_owned(), json!(true));
        if self.silent {
            body.insert("flags".to_owned(), json!(SUPPRESS_NOTIFICATIONS));
        }
        if let Some(message) = self.reply_to {
            let reference = json!({ "message_id": message, "fail_if_not_exists": false });
            body.insert("message_reference".to_owned(), reference);
        }
        Value::Object(body)
    }

    pub(super) fn to_edit(&self) -> Value {
        Value::Object(self.visible_parts())
    }

    pub(super) fn to_follow_up(&self, audience: Audience) -> Value {
        let mut body = self.visible_parts();
        let mut flags = 0;
        if audience == Audience::OnlyAsker {
            flags |= EPHEMERAL;
        }
        if self.silent {
            flags |= SUPPRESS_NOTIFICATIONS;
        }
        if flags != 0 {
            body.insert("flags".to_owned(), json!(flags));
        }
        Value::Object(body)
    }

    fn visible_parts(&self) -> Map<String, Value> {
        let mut users = Vec::new();
        let mut roles = Vec::new();
        for ping in &self.pings {
            match ping {
                Ping::Nobody => {}
                Ping::Person(user) if !users.contains(user) => users.push(*user),
                Ping::Role(role) if !roles.contains(role) => roles.push(*role),
                Ping::Person(_) | Ping::Role(_) => {}
            }
        }
        let mut mentions = json!({ "parse": [], "replied_user": false });
        if !users.is_empty() {
            mentions["users"] = json!(users);
        }
        if !roles.is_empty() {
            mentions["roles"] = json!(roles);
        }
        let mut body = Map::new();
        body.insert("content".to_owned(), json!(self.content));
        body.insert("embeds".to_owned(), json!(self.embeds));
        body.insert("components".to_owned(), json!(self.components));
        body.insert("allowed_mentions".to_owned(), mentions);
        body
    }
}

/// Who sees the answer to a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    Everybody,
    OnlyAsker,
}

/// A file to attach, up to 10 MiB.
#[derive(Clone, PartialEq, Eq)]
pub struct File {
    /// The name shown, `postmortem.md`.
    pub name: String,
    /// `text/markdown; charset=utf-8`
    pub content_type: &'static str,
    pub bytes: Vec<u8>,
}

impl fmt::Debug for File {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "File({}, {} bytes)", self.name, self.bytes.len())
    }
}

/// Tells Discord which part of the form is which attachment.
pub(super) fn name_attachments(body: &mut Value, files: &[File]) {
    let list: Vec<Value> = files
        .iter()
        .enumerate()
        .map(|(index, file)| json!({ "id": index.to_string(), "filename": file.name }))
        .collect();
    body["attachments"] = Value::Array(list);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nonce() -> Nonce {
        Nonce::new("effect-42").expect("nine characters fit")
    }

    #[test]
    fn text_alone_notifies_nobody_whatever_it_says() {
        let body = MessageBody::text("@everyone <@&1> look");
        for sent in [
            body.to_create(&nonce()),
            body.to_edit(),
            body.to_follow_up(Audience::Everybody),
        ] {
            assert_eq!(
                sent["allowed_mentions"],
                json!({ "parse": [], "replied_user": false })
            );
        }
    }

    #[test]
    fn a_ping_names_exactly_whom_it_means_once() {
        let body = MessageBody::text("<@5> <@&6>")
            .ping(Ping::Person(UserId::new(5)))
            .ping(Ping::Person(UserId::new(5)))
            .ping(Ping::Role(RoleId::new(6)))
            .ping(Ping::Nobody);
        assert_eq!(
            body.to_edit()["allowed_mentions"],
            json!({ "parse": [], "replied_user": false, "users": ["5"], "roles": ["6"] })
        );
    }

    #[test]
    fn a_new_message_enforces_its_nonce_and_answers_even_if_the_question_was_deleted() {
        let body = MessageBody {
            reply_to: Some(MessageId::new(9)),
            silent: true,
            ..MessageBody::text("noted")
        };
        let sent = body.to_create(&nonce());
        assert_eq!(sent["nonce"], "effect-42");
        assert_eq!(sent["enforce_nonce"], true);
        assert_eq!(sent["flags"], 4096);
        assert_eq!(
            sent["message_reference"],
            json!({ "message_id": "9", "fail_if_not_exists": false })
        );
    }

    #[test]
    fn an_edit_replaces_everything_so_that_old_buttons_disappear() {
        let sent = MessageBody::text("closed").to_edit();
        assert_eq!(sent["embeds"], json!([]));
        assert_eq!(sent["components"], json!([]));
    }

    #[test]
    fn a_whisper_is_flagged_as_seen_only_by_the_asker() {
        let sent = MessageBody::text("only you").to_follow_up(Audience::OnlyAsker);
        assert_eq!(sent["flags"], 64);
    }

    #[test]
    fn a_nonce_of_26_characters_is_refused_before_discord_refuses_it() {
        assert!(Nonce::new("a".repeat(25)).is_ok());
        let error = Nonce::new("a".repeat(26)).expect_err("one too many");
        assert_eq!(
            error.to_string(),
            "a nonce has 1 to 25 characters, this one has 26"
        );
        assert!(Nonce::new("").is_err());
    }
}
