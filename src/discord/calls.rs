//! What the bot asks of Discord, one function per intention.
//!
//! All of them fail as [`ApiError`] describes. Pages of messages come oldest first.

use std::sync::atomic::Ordering;

use reqwest::Method;
use secrecy::SecretString;
use serde::Serialize;
use serde_json::{Value, json};
use serenity::model::id::{ApplicationId, ChannelId, GuildId, MessageId, UserId};

use super::answers::{
    Application, Channel, ChannelKind, GatewayAddress, Guild, Member, Message, Overwrite, Person,
    Pin, PinPage, RegisteredCommand, Role,
};
use super::error::ApiError;
use super::message::{Audience, File, MessageBody, Nonce, name_attachments};
use super::registration;
use super::rest::{Payload, Rest};
use super::route::Route;

/// The largest page of messages Discord gives.
pub const LARGEST_PAGE: u8 = 100;
/// Fewer than this many people fit on a page of reactions, so a full one asks for the next.
const REACTIONS_PER_PAGE: usize = 100;
/// Pages of people under one emoji that are read at most.
const REACTION_PAGES: usize = 20;
/// Discord allows 250 pins and gives 50 at a time.
const PIN_PAGES: usize = 5;

/// A channel to be made; everything it needs travels in one call, so it never exists half private.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NewChannel {
    /// 1 to 100 characters; Discord changes it to its own form, so read it back.
    pub name: String,
    #[serde(rename = "type")]
    pub kind: ChannelKind,
    /// Up to 1,024 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub topic: Option<String>,
    /// The category it shall stand in; one holds 50.
    #[serde(rename = "parent_id", skip_serializing_if = "Option::is_none")]
    pub parent: Option<ChannelId>,
    #[serde(rename = "permission_overwrites")]
    pub overwrites: Vec<Overwrite>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<u16>,
}

/// What shall change about a channel; what is `None` stays.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct ChannelEdit {
    /// Together with `topic` about two edits per ten minutes: prefer none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub topic: Option<String>,
    #[serde(rename = "parent_id", skip_serializing_if = "Option::is_none")]
    pub parent: Option<ChannelId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<u16>,
    /// Replaces all of them.
    #[serde(
        rename = "permission_overwrites",
        skip_serializing_if = "Option::is_none"
    )]
    pub overwrites: Option<Vec<Overwrite>>,
}

/// Who and where the bot is.
impl Rest {
    /// The bot's own user. Also finds out whether a refused token is good again.
    pub async fn current_user(&self) -> Result<Person, ApiError> {
        self.call(Route::current_user(), Payload::Nothing).await
    }

    /// The bot's application, with the intents its portal page allows.
    pub async fn application(&self) -> Result<Application, ApiError> {
        self.call(Route::application(), Payload::Nothing).await
    }

    /// Where the gateway listens, `wss://gateway.discord.gg`.
    pub async fn gateway_url(&self) -> Result<String, ApiError> {
        let address: GatewayAddress = self.call(Route::gateway(), Payload::Nothing).await?;
        Ok(address.url)
    }

    pub async fn guild(&self, guild: GuildId) -> Result<Guild, ApiError> {
        self.call(Route::guild(guild), Payload::Nothing).await
    }

    /// All channels of the server, threads excepted.
    pub async fn guild_channels(&self, guild: GuildId) -> Result<Vec<Channel>, ApiError> {
        let route = Route::guild_channels(Method::GET, guild);
        self.call(route, Payload::Nothing).await
    }

    pub async fn guild_roles(&self, guild: GuildId) -> Result<Vec<Role>, ApiError> {
        self.call(Route::guild_roles(guild), Payload::Nothing).await
    }

    pub async fn guild_member(&self, guild: GuildId, user: UserId) -> Result<Member, ApiError> {
        let route = Route::guild_member(guild, user);
        self.call(route, Payload::Nothing).await
    }

    /// The commands of the application on this server.
    pub async fn guild_commands(
        &self,
        application: ApplicationId,
        guild: GuildId,
    ) -> Result<Vec<RegisteredCommand>, ApiError> {
        let route = Route::guild_commands(Method::GET, application, guild);
        self.call(route, Payload::Nothing).await
    }

    /// Replaces all commands of the application on this server; one that has no namesake counts towards 200 a day.
    pub async fn register_guild_commands<C: Serialize + Sync>(
        &self,
        application: ApplicationId,
        guild: GuildId,
        commands: &[C],
    ) -> Result<Vec<RegisteredCommand>, ApiError> {
        let route = Route::guild_commands(Method::PUT, application, guild);
        let body = registration::without_defaults(as_json(&route, &commands)?);
        self.call(route, Payload::Json(body)).await
    }
}

/// Channels.
impl Rest {
    /// Makes a channel. There is no protection against making it twice: search for your marker first.
    pub async fn create_channel(
        &self,
        guild: GuildId,
        channel: &NewChannel,
    ) -> Result<Channel, ApiError> {
        let route = Route::guild_channels(Method::POST, guild);
        let body = as_json(&route, channel)?;
        self.call(route, Payload::Json(body)).await
    }

    pub async fn channel(&self, channel: ChannelId) -> Result<Channel, ApiError> {
        let route = Route::channel(Method::GET, channel);
        self.call(route, Payload::Nothing).await
    }

    pub async fn edit_channel(
        &self,
        channel: ChannelId,
        edit: &ChannelEdit,
    ) -> Result<Channel, ApiError> {
        let route = if edit.name.is_some() || edit.topic.is_some() {
            Route::channel_name_or_topic(channel)
        } else {
            Route::channel(Method::PATCH, channel)
        };
        let body = as_json(&route, edit)?;
        self.call(route, Payload::Json(body)).await
    }

    /// Cannot be undone. A channel that is gone already is a success.
    pub async fn delete_channel(&self, channel: ChannelId) -> Result<(), ApiError> {
        let route = Route::channel(Method::DELETE, channel);
        done_if_gone(self.tell(route, Payload::Nothing).await)
    }

    /// Sets what one role or person may do in the channel; needs Manage Roles.
    pub async fn set_channel_permission(
        &self,
        channel: ChannelId,
        overwrite: &Overwrite,
    ) -> Result<(), ApiError> {
        let route = Route::channel_permission(channel, overwrite.target());
        let body = json!({
            "type": overwrite.target_kind(),
            "allow": overwrite.allow,
            "deny": overwrite.deny,
        });
        self.tell(route, Payload::Json(body)).await
    }

    /// The channel of direct messages with this person, made if there is none.
    pub async fn open_dm(&self, user: UserId) -> Result<Channel, ApiError> {
        let body = json!({ "recipient_id": user });
        self.call(Route::direct_messages(), Payload::Json(body))
            .await
    }
}

/// Messages.
impl Rest {
    /// Posts a message. The same nonce within some minutes gives the message posted before.
    pub async fn create_message(
        &self,
        channel: ChannelId,
        body: &MessageBody,
        nonce: &Nonce,
        files: &[File],
    ) -> Result<Message, ApiError> {
        let route = Route::messages(Method::POST, channel);
        let payload = with_files(body.to_create(nonce), files);
        self.call(route, payload).await
    }

    /// Replaces text, embeds and buttons; files stay.
    pub async fn edit_message(
        &self,
        channel: ChannelId,
        message: MessageId,
        body: &MessageBody,
    ) -> Result<Message, ApiError> {
        let route = Route::message(Method::PATCH, channel, message);
        self.call(route, Payload::Json(body.to_edit())).await
    }

    /// A message that is gone already is a success.
    pub async fn delete_message(
        &self,
        channel: ChannelId,
        message: MessageId,
    ) -> Result<(), ApiError> {
        let route = Route::message(Method::DELETE, channel, message);
        done_if_gone(self.tell(route, Payload::Nothing).await)
    }

    pub async fn get_message(
        &self,
        channel: ChannelId,
        message: MessageId,
    ) -> Result<Message, ApiError> {
        let route = Route::message(Method::GET, channel, message);
        self.call(route, Payload::Nothing).await
    }

    /// The next messages after `after`, or the first of the channel; `limit` up to [`LARGEST_PAGE`].
    ///
    /// Without Read Message History Discord gives an empty page instead of an error: check the permission before
    /// concluding that there is nothing.
    pub async fn messages_after(
        &self,
        channel: ChannelId,
        after: Option<MessageId>,
        limit: u8,
    ) -> Result<Page, ApiError> {
        let limit = limit.clamp(1, LARGEST_PAGE);
        let after = after.map_or(0, MessageId::get);
        let route = Route::messages_page(channel, after, limit);
        let raw: Vec<Value> = self.call(route, Payload::Nothing).await?;
        Ok(Page::read(raw, limit))
    }
}

/// A page of messages, oldest first.
#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    pub messages: Vec<Message>,
    /// Entries nobody could read; they are logged, and must not stop the others.
    pub unreadable: usize,
    /// The page was full: there may be more behind it.
    pub is_full: bool,
}

impl Page {
    fn read(raw: Vec<Value>, limit: u8) -> Self {
        let is_full = raw.len() >= usize::from(limit);
        let mut unreadable = 0;
        let mut messages: Vec<Message> = Vec::with_capacity(raw.len());
        for entry in raw {
            let id = entry.get("id").cloned().unwrap_or(Value::Null);
            match serde_json::from_value(entry) {
                Ok(message) => messages.push(message),
                Err(error) => {
                    unreadable += 1;
                    tracing::warn!(message.id = %id, %error, "a message of Discord's history cannot be read");
                }
            }
        }
        messages.sort_by_key(|message| message.id);
        Self {
            messages,
            unreadable,
            is_full,
        }
    }
}

/// Pins and reactions.
impl Rest {
    /// Pins a message; pinning twice changes nothing. Needs Pin Messages.
    pub async fn pin(&self, channel: ChannelId, message: MessageId) -> Result<(), ApiError> {
        self.pin_or_unpin(Method::PUT, channel, message).await
    }

    /// Takes a pin off; one that is off already is a success.
    pub async fn unpin(&self, channel: ChannelId, message: MessageId) -> Result<(), ApiError> {
        done_if_gone(self.pin_or_unpin(Method::DELETE, channel, message).await)
    }

    async fn pin_or_unpin(
        &self,
        method: Method,
        channel: ChannelId,
        message: MessageId,
    ) -> Result<(), ApiError> {
        if !self.only_old_pins().load(Ordering::Relaxed) {
            let route = Route::pin(method.clone(), channel, message);
            match self.tell(route, Payload::Nothing).await {
                Err(error) if error.is_unknown_route() => self.note_old_pins(),
                result => return result,
            }
        }
        let route = Route::old_pin(method, channel, message);
        self.tell(route, Payload::Nothing).await
    }

    /// All pins of the channel, newest first.
    pub async fn pins(&self, channel: ChannelId) -> Result<Vec<Pin>, ApiError> {
        if !self.only_old_pins().load(Ordering::Relaxed) {
            match self.pins_by_page(channel).await {
                Err(error) if error.is_unknown_route() => self.note_old_pins(),
                result => return result,
            }
        }
        let messages: Vec<Message> = self
            .call(Route::old_pins(channel), Payload::Nothing)
            .await?;
        let pin = |message| Pin {
            pinned_at: None,
            message,
        };
        Ok(messages.into_iter().map(pin).collect())
    }

    async fn pins_by_page(&self, channel: ChannelId) -> Result<Vec<Pin>, ApiError> {
        let mut pins: Vec<Pin> = Vec::new();
        for _ in 0..PIN_PAGES {
            let before = pins
                .last()
                .and_then(|pin| pin.pinned_at)
                .map(|time| time.to_rfc3339());
            let route = Route::pins(channel, before.as_deref());
            let page: PinPage = self.call(route, Payload::Nothing).await?;
            let finished = page.items.is_empty() || !page.has_more;
            pins.extend(page.items);
            if finished {
                break;
            }
        }
        Ok(pins)
    }

    fn note_old_pins(&self) {
        self.only_old_pins().store(true, Ordering::Relaxed);
        tracing::info!("this Discord has only the older routes of pins; using them from now on");
    }

    /// Puts the bot's own reaction under a message; `emoji` is the character, or `name:id` of a server's own.
    pub async fn react(
        &self,
        channel: ChannelId,
        message: MessageId,
        emoji: &str,
    ) -> Result<(), ApiError> {
        let route = Route::own_reaction(Method::PUT, channel, message, emoji);
        self.tell(route, Payload::Nothing).await
    }

    /// Takes the bot's own reaction away; one that is gone already is a success.
    pub async fn unreact(
        &self,
        channel: ChannelId,
        message: MessageId,
        emoji: &str,
    ) -> Result<(), ApiError> {
        let route = Route::own_reaction(Method::DELETE, channel, message, emoji);
        done_if_gone(self.tell(route, Payload::Nothing).await)
    }

    /// Who put this emoji under the message, up to 2,000 people.
    pub async fn reaction_users(
        &self,
        channel: ChannelId,
        message: MessageId,
        emoji: &str,
    ) -> Result<Vec<Person>, ApiError> {
        let mut people: Vec<Person> = Vec::new();
        for _ in 0..REACTION_PAGES {
            let after = people.last().map(|person| person.id);
            let route = Route::reactions(channel, message, emoji, after);
            let page: Vec<Person> = self.call(route, Payload::Nothing).await?;
            let finished = page.len() < REACTIONS_PER_PAGE;
            people.extend(page);
            if finished {
                break;
            }
        }
        Ok(people)
    }
}

/// Answers to commands after the first one. The token lives 15 minutes.
impl Rest {
    /// Replaces the first answer, or the "thinking" of a deferred one.
    pub async fn edit_original_interaction_response(
        &self,
        application: ApplicationId,
        token: &SecretString,
        body: &MessageBody,
        files: &[File],
    ) -> Result<Message, ApiError> {
        let route = Route::interaction_original(application, token);
        let payload = with_files(body.to_edit(), files);
        self.call(route, payload).await
    }

    /// Says something more. There is no nonce here: a repeat posts twice.
    pub async fn follow_up(
        &self,
        application: ApplicationId,
        token: &SecretString,
        body: &MessageBody,
        audience: Audience,
        files: &[File],
    ) -> Result<Message, ApiError> {
        let route = Route::interaction_follow_up(application, token);
        let payload = with_files(body.to_follow_up(audience), files);
        self.call(route, payload).await
    }
}

fn with_files(mut body: Value, files: &[File]) -> Payload<'_> {
    if files.is_empty() {
        return Payload::Json(body);
    }
    name_attachments(&mut body, files);
    Payload::WithFiles(body, files)
}

fn as_json(route: &Route, body: &impl Serialize) -> Result<Value, ApiError> {
    serde_json::to_value(body).map_err(|error| ApiError::NotSent {
        why: format!("{route}: the body cannot be written as JSON ({error})"),
    })
}

fn done_if_gone(result: Result<(), ApiError>) -> Result<(), ApiError> {
    match result {
        Err(error) if error.is_gone() => Ok(()),
        other => other,
    }
}

#[cfg(test)]
#[path = "calls_tests.rs"]
mod tests;
