//! Interactions: a person presses, types or submits something, the bot answers in time or not.

use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::messages::{Author, MessageEdit, NewMessage};
use super::{InvokedBy, World, flag, kind, views};
use crate::clock::monotonic;
use crate::error::{ApiError, refusal};
use crate::gateway::{Event, intent};
use crate::settings::TokenClock;
use crate::snowflake::{parse_id, random_text};
use crate::view::{Form, Reply};

/// How long, in real time, an interaction is kept for late answers and forms.
const KEPT_FOR: Duration = Duration::from_secs(3600);

/// Interaction types, by Discord's numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum InteractionKind {
    Command = 2,
    Component = 3,
    Autocomplete = 4,
    ModalSubmit = 5,
}

/// What a person did.
#[derive(Debug)]
pub(crate) struct NewInteraction {
    pub kind: InteractionKind,
    pub user_id: u64,
    pub channel_id: u64,
    pub data: Value,
    /// For a component, and for a form opened from one: the message it sits on.
    pub source_message: Option<u64>,
    /// The command's full name and type.
    pub command: Option<(String, u8)>,
}

/// The bot's first answer.
#[derive(Debug, Clone)]
pub(crate) enum Answer {
    /// Type 4.
    Message(Box<NewMessage>),
    /// Type 5.
    Deferred { ephemeral: bool },
    /// Type 6.
    DeferredUpdate,
    /// Type 7.
    Update(Box<MessageEdit>),
    /// Type 8: names and values as they came.
    Choices(Vec<Value>),
    /// Type 9: the form as it came.
    Form(Value),
}

#[derive(Debug)]
pub(crate) struct Interaction {
    pub id: u64,
    pub token: String,
    pub kind: InteractionKind,
    pub user_id: u64,
    pub channel_id: u64,
    pub source_message: Option<u64>,
    pub command: Option<(String, u8)>,
    created: Instant,
    created_wall: DateTime<Utc>,
    answer: Option<Given>,
    /// The message that `@original` names.
    original: Option<u64>,
    form_submitted: bool,
}

#[derive(Debug)]
enum Given {
    Message,
    Deferred,
    DeferredUpdate,
    Update,
    Choices(Vec<Value>),
    Form(Value),
}

/// How far the bot has come with its answer.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// No answer yet, and still time for one.
    Waiting,
    /// Deferred; the text is to come.
    Thinking,
    Reply(Box<Reply>),
    Choices(Vec<(String, String)>),
}

impl World {
    /// Makes the interaction, sends it to the bot and answers its id.
    pub(crate) fn interact(&mut self, new: NewInteraction) -> u64 {
        self.forget_old_interactions();
        let id = self.next_id();
        let token = token_of(id);
        let now = self.now();
        let direct = self
            .channels
            .get(&new.channel_id)
            .is_some_and(|channel| channel.kind == kind::DM);
        let guild_id = self.guild.id.to_string();
        let mut payload = json!({
            "id": id.to_string(), "application_id": self.bot_id.to_string(), "type": new.kind as u8, "data": new.data,
            "channel_id": new.channel_id.to_string(), "token": token, "version": 1, "locale": "en-US", "entitlements": [],
            "authorizing_integration_owners": {"0": if direct { "0" } else { guild_id.as_str() }},
            "context": u8::from(direct), "attachment_size_limit": 10_485_760,
            "app_permissions": self.app_permissions(new.channel_id),
        });
        if let Some(channel) = self.channels.get(&new.channel_id) {
            payload["channel"] = self.interaction_channel_json(channel, new.user_id);
        }
        if direct {
            payload["user"] = self.user_json(new.user_id);
        } else {
            payload["guild_id"] = json!(guild_id);
            payload["guild"] = json!({"id": guild_id, "locale": "en-US", "features": []});
            payload["guild_locale"] = json!("en-US");
            if let Some(mut member) = self.member_json(new.user_id) {
                member["permissions"] =
                    json!(self.permissions(new.user_id, new.channel_id).to_string());
                payload["member"] = member;
            }
        }
        if let Some(message) = new
            .source_message
            .and_then(|id| self.message(new.channel_id, id).ok())
        {
            payload["message"] = self.message_json(message);
        }
        self.interactions.insert(
            id,
            Interaction {
                id,
                token,
                kind: new.kind,
                user_id: new.user_id,
                channel_id: new.channel_id,
                source_message: new.source_message,
                command: new.command,
                created: monotonic(),
                created_wall: now,
                answer: None,
                original: None,
                form_submitted: false,
            },
        );
        self.hub.dispatch(Event {
            name: "INTERACTION_CREATE",
            data: payload,
            intents: intent::NONE_NEEDED,
            without_content: None,
        });
        self.touch(None);
        id
    }

    /// Forgets interactions whose token is dead and whose form nobody will send any more.
    fn forget_old_interactions(&mut self) {
        let mut all = std::mem::take(&mut self.interactions);
        all.retain(|_, one| one.created.elapsed() < KEPT_FOR || self.token_lives(one));
        self.interactions = all;
    }

    fn expired_unanswered(&self, interaction: &Interaction) -> bool {
        interaction.answer.is_none()
            && interaction.created.elapsed() > self.settings.interaction_deadline
    }

    pub(crate) fn pending_interactions(&self) -> usize {
        let pending = |one: &&Interaction| one.answer.is_none() && !self.expired_unanswered(one);
        self.interactions.values().filter(pending).count()
    }

    /// Whether an interaction's token still works.
    fn token_lives(&self, interaction: &Interaction) -> bool {
        let life = self.settings.interaction_token_life;
        match self.settings.interaction_token_clock {
            TokenClock::Monotonic => interaction.created.elapsed() <= life,
            TokenClock::Wall => {
                self.now() - interaction.created_wall
                    <= TimeDelta::from_std(life).unwrap_or(TimeDelta::MAX)
            }
        }
    }

    pub(crate) fn interaction_for_callback(
        &self,
        id: u64,
        token: &str,
    ) -> Result<&Interaction, ApiError> {
        let interaction = self
            .interactions
            .get(&id)
            .filter(|one| one.token == token)
            .ok_or_else(refusal::unknown_interaction)?;
        if interaction.answer.is_some() {
            return Err(refusal::already_acknowledged());
        }
        if self.expired_unanswered(interaction) {
            return Err(refusal::unknown_interaction());
        }
        Ok(interaction)
    }

    /// The answered interaction behind a webhook token.
    pub(crate) fn interaction_for_follow_up(&self, token: &str) -> Result<&Interaction, ApiError> {
        let interaction = id_in(token)
            .and_then(|id| self.interactions.get(&id))
            .filter(|interaction| interaction.token == token)
            .ok_or_else(refusal::unknown_webhook)?;
        if !self.token_lives(interaction) {
            return Err(refusal::invalid_webhook_token());
        }
        if interaction.answer.is_none() {
            return Err(refusal::unknown_webhook());
        }
        Ok(interaction)
    }

    /// Takes the bot's first answer and returns the message it made or changed.
    pub(crate) fn answer(&mut self, id: u64, answer: Answer) -> Result<Option<u64>, ApiError> {
        let interaction = self
            .interactions
            .get(&id)
            .ok_or_else(refusal::unknown_interaction)?;
        let (user_id, channel_id, source) = (
            interaction.user_id,
            interaction.channel_id,
            interaction.source_message,
        );
        let by = interaction.invoked_by(None);
        let (given, original) = match answer {
            Answer::Message(mut new) => {
                let only_for = (new.flags & flag::EPHEMERAL != 0).then_some(user_id);
                new.flags &= !flag::EPHEMERAL;
                let message = self.post(Author::Answer { by, only_for }, channel_id, *new)?;
                (Given::Message, Some(message))
            }
            Answer::Deferred { ephemeral } => {
                let message = self.post_thinking(
                    Author::Answer {
                        by,
                        only_for: ephemeral.then_some(user_id),
                    },
                    channel_id,
                );
                (Given::Deferred, Some(message))
            }
            Answer::DeferredUpdate => (Given::DeferredUpdate, source),
            Answer::Update(edit) => {
                let source = source.ok_or_else(refusal::unknown_message)?;
                self.apply_edit(channel_id, source, *edit)?;
                (Given::Update, Some(source))
            }
            Answer::Choices(choices) => (Given::Choices(choices), None),
            Answer::Form(form) => (Given::Form(form), None),
        };
        if let Some(interaction) = self.interactions.get_mut(&id) {
            interaction.answer = Some(given);
            interaction.original = original;
        }
        self.touch(None);
        Ok(original)
    }

    /// The message that `@original` names.
    pub(crate) fn original_of(&self, token: &str) -> Result<(u64, u64), ApiError> {
        let interaction = self.interaction_for_follow_up(token)?;
        let message = interaction.original.ok_or_else(refusal::unknown_message)?;
        self.message(interaction.channel_id, message)?;
        Ok((interaction.channel_id, message))
    }

    /// A message that the token may change: the original, or a follow-up of the same interaction.
    pub(crate) fn follow_up_message(
        &self,
        token: &str,
        message_id: u64,
    ) -> Result<(u64, u64), ApiError> {
        let interaction = self.interaction_for_follow_up(token)?;
        let message = self.message(interaction.channel_id, message_id)?;
        let own = message
            .invoked_by
            .as_ref()
            .is_some_and(|by| by.interaction_id == interaction.id);
        if own || interaction.original == Some(message_id) {
            Ok((interaction.channel_id, message_id))
        } else {
            Err(refusal::unknown_message())
        }
    }

    /// Writes a follow-up. While the first answer is still "thinking" it becomes that answer, as Discord does it.
    pub(crate) fn follow_up(
        &mut self,
        token: &str,
        mut new: NewMessage,
    ) -> Result<(u64, u64), ApiError> {
        let interaction = self.interaction_for_follow_up(token)?;
        let (channel_id, user_id, original) = (
            interaction.channel_id,
            interaction.user_id,
            interaction.original,
        );
        let by = interaction.invoked_by(original.or(Some(interaction.id)));
        let ephemeral = new.flags & flag::EPHEMERAL != 0;
        new.flags &= !flag::EPHEMERAL;
        if let Some(thinking) = original.filter(|id| {
            self.message(channel_id, *id)
                .is_ok_and(|one| one.has(flag::LOADING))
        }) {
            let edit = MessageEdit {
                content: Some(new.content),
                embeds: Some(new.embeds),
                components: Some(new.components),
                files: new.files,
                allowed_mentions: Some(new.allowed_mentions),
                ..MessageEdit::default()
            };
            self.apply_edit(channel_id, thinking, edit)?;
            return Ok((channel_id, thinking));
        }
        let only_for = ephemeral.then_some(user_id);
        let message = self.post(Author::Answer { by, only_for }, channel_id, new)?;
        Ok((channel_id, message))
    }

    /// What the person who waits sees by now.
    pub(crate) fn outcome(&self, id: u64) -> Outcome {
        let Some(interaction) = self.interactions.get(&id) else {
            return Outcome::Reply(Box::new(Reply::NoAnswer));
        };
        let original = interaction
            .original
            .and_then(|id| self.message(interaction.channel_id, id).ok());
        let view = original.map(|message| self.message_view(message));
        let reply = match &interaction.answer {
            None if self.expired_unanswered(interaction) => Reply::NoAnswer,
            None => return Outcome::Waiting,
            Some(Given::Deferred) if view.as_ref().is_some_and(|view| view.thinking) => {
                return Outcome::Thinking;
            }
            Some(Given::Message | Given::Deferred) => view.map_or(Reply::Nothing, Reply::Message),
            Some(Given::Update) => view.map_or(Reply::Nothing, Reply::Updated),
            Some(Given::DeferredUpdate) => Reply::Nothing,
            Some(Given::Form(form)) => Reply::Form(interaction.form_view(form)),
            Some(Given::Choices(choices)) => {
                return Outcome::Choices(choices.iter().map(choice_text).collect());
            }
        };
        Outcome::Reply(Box::new(reply))
    }

    /// The message a person looks at while the bot is thinking.
    pub(crate) fn thinking_view(&self, id: u64) -> Option<Reply> {
        let interaction = self.interactions.get(&id)?;
        let message = self
            .message(interaction.channel_id, interaction.original?)
            .ok()?;
        Some(Reply::Message(self.message_view(message)))
    }

    /// The form that an interaction opened for this person, if it can still be submitted.
    pub(crate) fn open_form(
        &self,
        user_id: u64,
        interaction_id: u64,
    ) -> Option<(&Interaction, &Value)> {
        let interaction = self
            .interactions
            .get(&interaction_id)
            .filter(|one| one.user_id == user_id)?;
        match &interaction.answer {
            Some(Given::Form(form)) if !interaction.form_submitted => Some((interaction, form)),
            _ => None,
        }
    }

    pub(crate) fn close_form(&mut self, interaction_id: u64) {
        if let Some(interaction) = self.interactions.get_mut(&interaction_id) {
            interaction.form_submitted = true;
        }
    }

    pub(crate) fn reopen_form(&mut self, interaction_id: u64) {
        if let Some(interaction) = self.interactions.get_mut(&interaction_id) {
            interaction.form_submitted = false;
        }
    }

    /// What the callback's body tells about the interaction, when it was asked for.
    pub(crate) fn callback_json(&self, id: u64, answer_type: u64, message: Option<u64>) -> Value {
        let Some(interaction) = self.interactions.get(&id) else {
            return Value::Null;
        };
        let mut told = json!({"id": id.to_string(), "type": interaction.kind as u8,
            "channel_id": interaction.channel_id.to_string()});
        let message =
            message.and_then(|message| self.message(interaction.channel_id, message).ok());
        let mut body = json!({});
        if let Some(message) = message
            && answer_type != 6
        {
            told["response_message_id"] = json!(message.id.to_string());
            told["response_message_loading"] = json!(message.has(flag::LOADING));
            told["response_message_ephemeral"] = json!(message.has(flag::EPHEMERAL));
            // A deferred answer is a message that was made, too; Discord's schema knows no other number for it.
            let made = if answer_type == 5 { 4 } else { answer_type };
            body["resource"] = json!({"type": made, "message": self.message_json(message)});
        }
        body["interaction"] = told;
        body
    }

    fn post_thinking(&mut self, author: Author, channel_id: u64) -> u64 {
        let mut new = NewMessage::text("");
        new.flags = flag::LOADING;
        let message = self.build_message(author, channel_id, new, None);
        let id = message.id;
        self.insert_message(message);
        id
    }
}

impl Interaction {
    fn invoked_by(&self, original: Option<u64>) -> InvokedBy {
        InvokedBy {
            interaction_id: self.id,
            interaction_type: self.kind as u8,
            user_id: self.user_id,
            command: self.command.as_ref().map(|(name, _)| name.clone()),
            command_type: self.command.as_ref().map(|(_, kind)| *kind),
            original_message_id: original,
            interacted_message_id: self.source_message,
        }
    }

    /// The form this interaction opened, as the person sees it.
    pub(crate) fn form_view(&self, form: &Value) -> Form {
        let components = form["components"]
            .as_array()
            .map(Vec::as_slice)
            .unwrap_or_default();
        Form {
            form_id: self.id.to_string(),
            custom_id: form["custom_id"].as_str().unwrap_or_default().to_owned(),
            title: form["title"].as_str().unwrap_or_default().to_owned(),
            channel_id: self.channel_id,
            fields: views::form_fields(components),
        }
    }
}

/// A choice's name and its value as text.
fn choice_text(choice: &Value) -> (String, String) {
    let value = &choice["value"];
    let name = choice["name"].as_str().unwrap_or_default().to_owned();
    (
        name,
        value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned),
    )
}

/// A token as Discord makes them: it names its interaction, and nobody guesses the rest.
fn token_of(id: u64) -> String {
    URL_SAFE_NO_PAD.encode(format!("interaction:{id}:{}", random_text(48)))
}

/// The interaction that a token names.
fn id_in(token: &str) -> Option<u64> {
    let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    parse_id(text.strip_prefix("interaction:")?.split(':').next()?)
}
