//! The handle of a running local Discord.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use tokio::sync::watch;

use crate::error::{Refused, StartError};
use crate::faults::Faults;
use crate::model::{Channel, kind};
use crate::person::Person;
use crate::request_log::RequestRecord;
use crate::server::{self, Shared};
use crate::settings::Settings;
use crate::view::{ChannelView, MessageView};

/// A running local Discord. Cheap to clone; everything acts on the same guild as REST and the gateway do.
#[derive(Debug, Clone)]
pub struct LocalDiscord {
    shared: Arc<Shared>,
}

impl LocalDiscord {
    /// Starts one on the address of the settings. It runs until [`LocalDiscord::stop`] or the end of the runtime.
    pub async fn start(settings: Settings) -> Result<LocalDiscord, StartError> {
        Ok(LocalDiscord {
            shared: server::start(settings).await?,
        })
    }

    /// `http://127.0.0.1:PORT`, without a slash at the end; REST is below `/api/v10`.
    pub fn url(&self) -> String {
        format!("http://{}", self.shared.address)
    }

    /// The bot's token.
    pub fn token(&self) -> String {
        self.shared.settings.token.clone()
    }

    pub fn guild_id(&self) -> u64 {
        self.shared.world().guild.id
    }

    /// The bot's user id, which is its application id too.
    pub fn bot_id(&self) -> u64 {
        self.shared.world().bot_id
    }

    /// A role's id by its name.
    pub fn role_named(&self, name: &str) -> Option<u64> {
        self.shared.world().role_named(name).map(|role| role.id)
    }

    /// Somebody by login: `sam`, `ada`, `fay`, `mo`, `kim`, `priya`, `nora`, or whom [`LocalDiscord::add_person`] added.
    pub fn person(&self, login: &str) -> Option<Person> {
        let id = self.shared.world().user_by_login(login)?.id;
        Some(Person {
            shared: Arc::clone(&self.shared),
            id,
        })
    }

    /// Lets somebody join the guild with the roles named; a role that does not exist is made.
    pub fn add_person(&self, login: &str, name: &str, roles: &[&str]) -> Person {
        let id = self.shared.world().add_person(login, name, roles);
        Person {
            shared: Arc::clone(&self.shared),
            id,
        }
    }

    /// Gives somebody a role, or takes it away, as the owner of the guild does.
    pub fn set_member_role(&self, login: &str, role: &str, has: bool) -> Result<(), Refused> {
        let mut world = self.shared.world();
        let person = world.user_by_login(login).map(|user| user.id);
        let role = world.role_named(role).map(|role| role.id);
        let owner = world.guild.owner_id;
        let (person, role) = (person.unwrap_or_default(), role.unwrap_or_default());
        Ok(world.set_member_role(owner, person, role, has)?)
    }

    /// Throws the bot out of the guild; its commands go with it.
    pub fn remove_bot(&self) {
        self.shared.world().remove_bot();
    }

    /// Whether the bot is in the guild.
    pub fn bot_is_member(&self) -> bool {
        let world = self.shared.world();
        world.guild.members.contains_key(&world.bot_id)
    }

    /// Invites the bot again, with the permissions of the settings.
    pub fn invite_bot(&self) {
        self.shared.world().invite_bot();
    }

    /// Makes a text channel that everybody sees, and answers its id.
    pub fn add_channel(&self, name: &str) -> u64 {
        self.shared.world().add_text_channel(name)
    }

    /// Sets what a role may do in the whole guild, the bot's own role (named as the bot) too. Whether there is such a role.
    pub fn set_role_permissions(&self, role: &str, permissions: u64) -> bool {
        let mut world = self.shared.world();
        let Some(id) = world.role_named(role).map(|role| role.id) else {
            return false;
        };
        world.set_role_permissions(id, permissions);
        true
    }

    /// The guild's channels and threads and the direct channels, in the order of a client's list.
    pub fn channels(&self) -> Vec<ChannelView> {
        let world = self.shared.world();
        world
            .channels_in_order()
            .into_iter()
            .map(|channel| world.channel_view(channel))
            .collect()
    }

    /// A channel or thread of the guild by its name.
    pub fn channel_named(&self, name: &str) -> Option<ChannelView> {
        let world = self.shared.world();
        let named = |channel: &&Channel| channel.kind != kind::DM && channel.name == name;
        world
            .channels
            .values()
            .find(named)
            .map(|channel| world.channel_view(channel))
    }

    /// What everybody in a channel sees, oldest first; ephemeral messages are in [`Person::visible_messages`].
    pub fn messages(&self, channel_id: u64) -> Vec<MessageView> {
        self.shared.world().public_messages(channel_id)
    }

    /// Ticks at every change.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.shared.world().changes()
    }

    /// The REST requests since the start or the last [`LocalDiscord::clear_requests`]; the newest 20,000 of them.
    pub fn requests(&self) -> Vec<RequestRecord> {
        self.shared.log.since(0)
    }

    /// How many REST requests were answered or dropped since the start; forgetting them does not lower it.
    pub fn request_count(&self) -> u64 {
        self.shared.log.count()
    }

    /// Forgets requests and unknown routes.
    pub fn clear_requests(&self) {
        self.shared.log.clear();
    }

    /// Requests to routes that this local Discord does not know: a test should find none.
    pub fn unknown_routes(&self) -> Vec<String> {
        self.shared.log.unknown_routes()
    }

    /// Interactions that are not answered yet and still can be.
    pub fn pending_interactions(&self) -> usize {
        self.shared.world().pending_interactions()
    }

    /// Switches MESSAGE_CONTENT on or off in the developer portal: asked for while it is off, IDENTIFY is answered 4014, and REST
    /// reads are stripped. A session that has it keeps it.
    pub fn allow_message_content(&self, allowed: bool) {
        self.shared.world().privileged_intents.message_content = allowed;
    }

    /// Lets every link to an attached file that was given out so far expire, as it would within a day.
    pub fn expire_attachment_links(&self) {
        self.shared.world().expire_links();
    }

    /// Things to go wrong on purpose.
    pub fn faults(&self) -> Faults {
        Faults {
            shared: Arc::clone(&self.shared),
        }
    }

    /// Sets the wall clock, from which messages and ids are stamped.
    pub fn set_time(&self, now: DateTime<Utc>) {
        let mut world = self.shared.world();
        world.clock.set(now);
        world.touch(None);
    }

    /// Sets how fast wall time runs; 0 stops it.
    pub fn set_speed(&self, speed: f64) {
        let mut world = self.shared.world();
        world.clock.set_speed(speed);
        world.touch(None);
    }

    /// Wall time.
    pub fn now(&self) -> DateTime<Utc> {
        self.shared.world().now()
    }

    /// Gateway sessions that are connected now.
    pub fn gateway_sessions(&self) -> usize {
        self.shared.world().hub.live_sessions()
    }

    /// Gateway dispatches handed to a connection since the start, replayed ones too: what a bot that counts what it hears has to
    /// have heard.
    pub fn gateway_dispatches(&self) -> u64 {
        self.shared.world().hub.delivered
    }

    /// Ends all connections and frees the port.
    pub async fn stop(self) {
        self.shared.stop().await;
    }
}
