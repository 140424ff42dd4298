//! Messages: posted once, edited, marked, pinned, with files, read again, and refused.

use std::sync::atomic::Ordering;

use bridgewatch_core::ports::Chat as _;
use reqwest::Method;
use serde_json::{Value, json};
use serenity::model::id::{ChannelId, MessageId};

use super::super::answers::Message;
use super::super::error::{ApiError, code};
use super::super::ids;
use super::super::message::{File, MessageBody, Nonce, Ping};
use super::super::rest::Payload;
use super::super::route::Route;
use super::{Exercise, Verdict};

/// More characters than a message may have.
const TOO_LONG: usize = 2_001;

/// A message with everything the bot's cards have.
fn card(text: &str) -> MessageBody {
    MessageBody {
        content: text.to_owned(),
        embeds: vec![json!({
            "title": "INC-0000 · Exercise",
            "description": "**Nothing** has happened",
            "color": 0x00e6_7e22,
            "fields": [{"name": "Phase", "value": "Open", "inline": true}],
        })],
        components: vec![json!({
            "type": 1,
            "components": [{
                "type": 2, "style": 2, "label": "Does nothing", "custom_id": "v1:exercise", "disabled": true,
            }],
        })],
        pings: vec![Ping::Nobody],
        silent: true,
        reply_to: None,
    }
}

/// What of a message's JSON a reader sees: its text, its embed, its button.
fn visible(message: &Value) -> Value {
    let embed = &message["embeds"][0];
    let button = &message["components"][0]["components"][0];
    json!({
        "content": message["content"],
        "title": embed["title"],
        "description": embed["description"],
        "color": embed["color"],
        "field": embed["fields"][0]["value"],
        "button": button["custom_id"],
    })
}

impl Exercise<'_> {
    /// Unique among exercises, since a nonce is remembered for some minutes.
    fn nonce(&self, name: &str, channel: ChannelId) -> Result<Nonce, ApiError> {
        // The last digits of the channel's id differ from one exercise to the next.
        let number = channel.get() % 1_000_000_000;
        Nonce::new(format!("ex-{name}-{number}")).map_err(|error| ApiError::NotSent {
            why: error.to_string(),
        })
    }

    /// Posts and gives Discord's own JSON.
    async fn post(
        &self,
        channel: ChannelId,
        body: &MessageBody,
        nonce: &str,
    ) -> Result<Value, ApiError> {
        let body = body.to_create(&self.nonce(nonce, channel)?);
        let route = Route::messages(Method::POST, channel);
        self.rest.call(route, Payload::Json(body)).await
    }

    async fn get(&self, channel: ChannelId, message: MessageId) -> Result<Value, ApiError> {
        let route = Route::message(Method::GET, channel, message);
        self.rest.call(route, Payload::Nothing).await
    }

    async fn say(&self, channel: ChannelId, text: &str) -> Result<MessageId, ApiError> {
        let nonce = self.nonce(text, channel)?;
        let body = MessageBody::text(text);
        let posted = self.rest.create_message(channel, &body, &nonce, &[]).await;
        posted.map(|message| message.id)
    }

    pub(super) async fn exercise_messages(&mut self, channel: ChannelId) {
        let body = card("Hello @everyone, this is only an exercise");
        let posted = self.post(channel, &body, "card").await;
        let Some(posted) = self.worked("post a message with embed and button", posted) else {
            return;
        };
        let Ok(message) = serde_json::from_value::<Message>(posted.clone()) else {
            let unreadable = Verdict::Failed("the bot cannot read it".to_owned());
            self.note("read the answer to a post", unreadable);
            return;
        };
        let wanted = visible(&body.to_edit());
        self.compare("the message is as it was sent", visible(&posted), wanted);
        self.compare(
            "nobody is pinged by its text",
            posted["mention_everyone"].as_bool(),
            Some(false),
        );
        self.compare("it is silent", posted["flags"].as_u64(), Some(4096));
        let nonce = self.nonce("card", channel).ok();
        let echoed = posted["nonce"].as_str();
        let echoed = echoed.and_then(|text| Nonce::new(text).ok());
        self.compare("the answer repeats the nonce", echoed, nonce.clone());

        let again = self.post(channel, &card("said otherwise"), "card").await;
        if let Some(again) = self.worked("post again with the same nonce", again) {
            self.compare(
                "the same nonce gives the first message",
                (&again["id"], &again["content"]),
                (&posted["id"], &posted["content"]),
            );
        }
        let read = self.get(channel, message.id).await;
        if let Some(read) = self.worked("read a message", read) {
            self.compare(
                "it reads as it was posted",
                visible(&read),
                visible(&posted),
            );
            let shown = read["nonce"]
                .as_str()
                .and_then(|text| Nonce::new(text).ok());
            self.compare("the nonce is shown to who reads it later", shown, nonce);
        }
        let edited = self
            .rest
            .edit_message(channel, message.id, &MessageBody::text("It is over"))
            .await;
        if let Some(edited) = self.worked("edit a message", edited) {
            self.compare(
                "an edit replaces text, embeds and buttons",
                (edited.content.as_str(), edited.embeds, edited.components),
                ("It is over", Vec::new(), Vec::new()),
            );
            self.compare("an edit is dated", edited.edited_timestamp.is_some(), true);
        }
    }

    pub(super) async fn exercise_marks(&mut self, channel: ChannelId) {
        let said = self.say(channel, "mark").await;
        let Some(message) = self.worked("post a message to mark", said) else {
            return;
        };
        let (core_channel, core_message) =
            (ids::to_core_channel(channel), ids::to_core_message(message));
        let marked = self.chat.mark(core_channel, core_message, true).await;
        self.worked("react", marked);
        if let Ok(read) = self.rest.get_message(channel, message).await {
            let reactions: Vec<_> = read
                .reactions
                .iter()
                .map(|reaction| (reaction.emoji.name.as_deref(), reaction.count, reaction.me))
                .collect();
            self.compare(
                "the reaction stands under the message",
                reactions,
                vec![(Some("📌"), 1, true)],
            );
        }
        let unmarked = self.chat.mark(core_channel, core_message, false).await;
        self.worked("take the reaction away", unmarked);
        let again = self.chat.mark(core_channel, core_message, false).await;
        self.worked("take away a reaction that is gone", again);

        let pinned = self.chat.pin(core_channel, core_message).await;
        self.worked("pin", pinned);
        let pinned_again = self.chat.pin(core_channel, core_message).await;
        self.worked("pin what is pinned", pinned_again);
        let pins = self.rest.pins(channel).await;
        if let Some(pins) = self.worked("list the pins", pins) {
            let pins: Vec<_> = pins.iter().map(|pin| pin.message.id).collect();
            self.compare("the pin is among them", pins, vec![message]);
        }
        self.compare(
            "pins go by the newer route",
            self.rest.only_old_pins().load(Ordering::Relaxed),
            false,
        );
        let history = self.rest.messages_after(channel, Some(message), 10).await;
        if let Some(history) = self.worked("read the history after a message", history) {
            let announced: Vec<_> = history
                .messages
                .iter()
                .map(|message| {
                    let reference = message.message_reference.as_ref();
                    (
                        message.kind,
                        reference.and_then(|reference| reference.message_id),
                    )
                })
                .collect();
            self.compare(
                "a pin is announced once, with its message",
                announced,
                vec![(6, Some(message))],
            );
        }
    }

    pub(super) async fn exercise_files(&mut self, channel: ChannelId) {
        let file = File {
            name: "exercise-postmortem.md".to_owned(),
            content_type: "text/markdown; charset=utf-8",
            bytes: "# Exercise\n\nNothing has happened: ä, 漢, 📌.\n"
                .repeat(50)
                .into_bytes(),
        };
        let size = file.bytes.len() as u64;
        let body = MessageBody::text("The postmortem of an exercise");
        let posted = match self.nonce("file", channel) {
            Ok(nonce) => {
                let rest = self.rest;
                rest.create_message(channel, &body, &nonce, &[file]).await
            }
            Err(error) => Err(error),
        };
        if let Some(posted) = self.worked("post a file", posted) {
            let files: Vec<_> = posted
                .attachments
                .iter()
                .map(|file| (file.filename.as_str(), file.size))
                .collect();
            self.compare(
                "the file has its name and size",
                files,
                vec![("exercise-postmortem.md", size)],
            );
        }
    }

    pub(super) async fn exercise_history(&mut self, channel: ChannelId) {
        let mut said = Vec::new();
        for text in ["one", "two", "three", "four"] {
            match self.say(channel, text).await {
                Ok(message) => said.push(message),
                Err(error) => {
                    let why = Verdict::Failed(error.to_string());
                    self.note("post messages to read again", why);
                    return;
                }
            }
        }
        let route = Route::messages_page(channel, said[0].get(), 2);
        let page: Result<Vec<Value>, _> = self.rest.call(route, Payload::Nothing).await;
        if let Some(page) = self.worked("read a page of history", page) {
            let ids: Vec<_> = page.iter().map(|message| message["id"].as_str()).collect();
            let (two, three) = (said[1].to_string(), said[2].to_string());
            self.compare(
                "`after` gives the next messages, the newest of them first",
                ids,
                vec![Some(three.as_str()), Some(two.as_str())],
            );
        }
        let first = self.rest.messages_after(channel, None, 2).await;
        if let Some(first) = self.worked("read the first page of a channel", first) {
            self.compare(
                "it is full",
                (first.messages.len(), first.is_full),
                (2, true),
            );
            let before_all = first.messages.iter().all(|message| message.id < said[0]);
            self.compare("it begins at the beginning", before_all, true);
        }
        let all = self.rest.messages_after(channel, None, 100).await;
        if let Some(all) = self.worked("read a whole channel", all) {
            let last: Vec<_> = all
                .messages
                .iter()
                .rev()
                .take(4)
                .map(|one| one.id)
                .collect();
            said.reverse();
            self.compare("everything is in it, in its order", last, said);
            self.compare("the bot can read all of it", all.unreadable, 0);
        }
    }

    pub(super) async fn exercise_refusals(&mut self, channel: ChannelId) {
        let said = self.say(channel, "gone").await;
        let Some(gone) = self.worked("post a message to delete", said) else {
            return;
        };
        let deleted = self.rest.delete_message(channel, gone).await;
        self.worked("delete a message", deleted);
        let unknown = (404, code::UNKNOWN_MESSAGE);
        let read = self.get(channel, gone).await;
        self.refused("read a message that is gone", read, unknown);
        let edited = self
            .rest
            .edit_message(channel, gone, &MessageBody::text("late"))
            .await;
        self.refused("edit a message that is gone", edited, unknown);
        let route = Route::message(Method::DELETE, channel, gone);
        let again = self.rest.tell(route, Payload::Nothing).await;
        self.refused("delete a message that is gone", again, unknown);
        let revived = self.say(channel, "gone").await;
        self.refused(
            "post with the nonce of a message that is gone",
            revived,
            unknown,
        );
        let nowhere = self.rest.channel(ChannelId::new(1)).await;
        self.refused(
            "read a channel that never was",
            nowhere,
            (404, code::UNKNOWN_CHANNEL),
        );
        let long = MessageBody::text("x".repeat(TOO_LONG));
        let posted = self.post(channel, &long, "long").await;
        self.refused(
            "post 2,001 characters",
            posted,
            (400, code::INVALID_FORM_BODY),
        );
    }
}
