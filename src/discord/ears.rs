//! What is heard in the server, turned into requests to the desk.
//!
//! Events come in no order and some are lost, so nothing here trusts them alone: after every READY, and on a timer, each
//! live incident's channel is read again from where the last back-fill ended. A message heard twice is stored once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bridgewatch_commands as commands;
use bridgewatch_core::card::Card;
use bridgewatch_core::cards;
use bridgewatch_core::effect::{Effect, EffectId, Lane, NewEffect};
use bridgewatch_core::ids::{ChannelId, IncidentId, MessageId};
use bridgewatch_core::incident::{Report, incident_of_call};
use bridgewatch_core::person::PersonId;
use bridgewatch_core::ports::{Broken, Chat, Heard, Store};
use bridgewatch_core::timeline::{MarkedBy, Signal, emoji_kind};
use serenity::all::{
    ApplicationId, ChannelPinsUpdateEvent, Context, EventHandler, Guild, GuildId, Interaction,
    Message as GatewayMessage, MessageType, MessageUpdateEvent, Reaction, ReactionType, Ready,
    RoleId, UnavailableGuild,
};
use tokio::sync::watch;

use super::answers::Message;
use super::backfill::read_again;
use super::chat::{DiscordChat, heard};
use super::front_desk;
use super::gateway::SessionState;
use super::hearing::Hearing;
use super::ids;
use super::marks::{Marks, Told, show_not_taken};
use super::members::MemberBook;
use crate::clock::{jittered, pause};
use crate::desk::IncidentDesk;
use crate::telemetry;

/// How often live channels are read again although nothing seems to be missing.
const BACKFILL_EVERY: Duration = Duration::from_secs(300);

/// How soon commands that Discord refused are registered again, at first.
const REGISTER_AGAIN: Duration = Duration::from_secs(2);

/// The longest wait between two attempts.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// The fact that says whether it was told that messages are not read.
const CONTENT_FACT: &str = "message-content";

/// What whoever looks at the health of the bot reads while it is not in its server.
const ABSENT: &str =
    "the bot is not in the server that `discord.guild_id` names: invite it again (README, step 5)";

/// Listens to the session.
pub(super) struct Ears {
    desk: Arc<IncidentDesk>,
    chat: Arc<DiscordChat>,
    data: commands::Data,
    state: watch::Sender<SessionState>,
    hearing: Hearing,
    /// Whose marks count.
    marks: Marks,
    /// Whether a back-fill is under way.
    filling: AtomicBool,
    /// Whether the bot is not in the server.
    absent: AtomicBool,
    /// The application's id, if its commands were not registered at READY.
    unregistered: watch::Sender<Option<ApplicationId>>,
    /// The application's id, once READY has told it.
    application: std::sync::OnceLock<ApplicationId>,
}

impl Ears {
    pub(super) fn new(
        desk: Arc<IncidentDesk>,
        chat: Arc<DiscordChat>,
        data: commands::Data,
        state: watch::Sender<SessionState>,
        hearing: Hearing,
        members: Arc<MemberBook>,
    ) -> Self {
        Self {
            marks: Marks {
                guard: data.guard.clone(),
                members,
            },
            desk,
            chat,
            data,
            state,
            hearing,
            filling: AtomicBool::new(false),
            absent: AtomicBool::new(false),
            application: std::sync::OnceLock::new(),
            unregistered: watch::Sender::new(None),
        }
    }

    pub(super) fn hearing(&self) -> &Hearing {
        &self.hearing
    }

    /// Registers the slash commands again until Discord takes them: a bot that was not in the server at READY, or may not,
    /// gets them as soon as a person has mended that.
    pub(super) async fn register_until_it_is_done(
        self: Arc<Self>,
        mut stop: watch::Receiver<bool>,
    ) {
        let mut waiting = self.unregistered.subscribe();
        let mut wait = REGISTER_AGAIN;
        while !*stop.borrow() {
            let application = *waiting.borrow_and_update();
            tokio::select! {
                changed = waiting.changed() => {
                    if changed.is_err() {
                        return;
                    }
                    wait = REGISTER_AGAIN;
                    continue;
                }
                () = pause(jittered(wait)), if application.is_some() => {}
                _ = stop.changed() => return,
            }
            wait = (wait * 2).min(LONGEST_WAIT);
            if let Some(application) = application
                && self.register(application).await
            {
                self.unregistered.send_replace(None);
            }
        }
    }

    async fn register(&self, application: ApplicationId) -> bool {
        let guild = match self.chat.guild() {
            Ok(guild) => guild,
            Err(error) => {
                tracing::error!(%error, "the slash commands cannot be registered");
                return false;
            }
        };
        let commands = poise::builtins::create_application_commands(&commands::all());
        let rest = self.chat.rest();
        match rest
            .register_guild_commands(application, guild, &commands)
            .await
        {
            Ok(_) => true,
            Err(error) => {
                tracing::error!(%error, "the slash commands cannot be registered; it is tried again");
                false
            }
        }
    }

    fn is_connected(&self) {
        let _ = self.state.send(if self.chat.can_read_messages() {
            SessionState::Connected
        } else {
            SessionState::ConnectedWithoutContent
        });
    }

    /// Tells the digest channel that prefixes are not heard, or are again: once, however often the bot is started.
    async fn say_whether_messages_are_read(&self) {
        let store = self.desk.store();
        let said = async {
            let before = store.fact(CONTENT_FACT).await?.unwrap_or_default();
            // `off/3`: switched off, for the third time.
            let (state, count) = before.split_once('/').unwrap_or(("on", "0"));
            let count: u64 = count.parse().unwrap_or(0);
            let (now, count, text) = match (self.chat.can_read_messages(), state) {
                (true, "off") => ("on", count, cards::CONTENT_ON),
                (false, "on") => ("off", count + 1, cards::CONTENT_OFF),
                _ => return Ok(()),
            };
            let note = NewEffect {
                id: EffectId(format!("message-content/{now}/{count}")),
                incident: None,
                stream: "operators".to_owned(),
                lane: Lane::Interactive,
                coalesce_key: None,
                not_before: None,
                effect: Effect::NoteInDigest {
                    text: text.to_owned(),
                },
            };
            // Stored first: said twice under one name is said once.
            store.enqueue(vec![note], self.desk.clock().now()).await?;
            store
                .remember(CONTENT_FACT, &format!("{now}/{count}"))
                .await
        };
        let said: Result<(), Broken> = said.await;
        if let Err(trouble) = said {
            tracing::error!(error = %trouble, "it is not told whether messages are read; the next session tells it");
        }
    }

    /// The bot is not in the server: what waits for Discord goes on waiting, and whoever looks is told why.
    fn is_absent(&self) {
        self.absent.store(true, Ordering::SeqCst);
        tracing::error!(
            guild.id = self.data.guard.guild_id,
            "the bot is not in its server; alerts are still taken in and kept. Invite it again: everything goes on by itself"
        );
        let _ = self.state.send(SessionState::Refused(ABSENT.to_owned()));
    }

    /// Somebody invited it (again): commands went with it, places may have changed, messages were missed.
    async fn is_back(&self) {
        tracing::info!("the bot is in its server again");
        self.is_connected();
        if let Err(failure) = self.chat.find_places_anew().await {
            tracing::error!(%failure, "a place of the bot cannot be made; it is tried again when it is needed");
        }
        if let Some(application) = self.application.get().copied()
            && !self.register(application).await
        {
            self.unregistered.send_replace(Some(application));
        }
        self.fill().await;
    }

    pub(super) async fn fill_regularly(self: Arc<Self>, mut stop: watch::Receiver<bool>) {
        while !*stop.borrow() {
            tokio::select! {
                () = pause(BACKFILL_EVERY) => self.fill().await,
                _ = stop.changed() => return,
            }
        }
    }

    fn store(&self) -> &dyn Store {
        self.desk.store().as_ref()
    }

    /// Reads every live incident's channel from where the last back-fill ended, and looks whether the front desk stands.
    async fn fill(&self) {
        if self.filling.swap(true, Ordering::SeqCst) {
            return;
        }
        if let Err(failure) = read_again(&self.desk, &self.chat, &self.marks).await {
            tracing::warn!(%failure, "the back-fill stopped; it is tried again");
        }
        front_desk::look_after(self.store(), &self.chat, self.desk.clock().now()).await;
        self.filling.store(false, Ordering::SeqCst);
    }

    /// The incident of a channel, if it is one's.
    async fn incident_of(&self, channel: ChannelId) -> Option<IncidentId> {
        match self.desk.store().incident_of_channel(channel).await {
            Ok(found) => found,
            Err(trouble) => {
                tracing::error!(error = %trouble, "an event cannot be placed; the back-fill will find it");
                None
            }
        }
    }

    async fn take_down(&self, id: IncidentId, signal: Signal) {
        self.take_down_from(id, signal, &Told::new()).await;
    }

    /// The same, where the event told what roles somebody has.
    async fn take_down_from(&self, id: IncidentId, signal: Signal, told: &Told) {
        let prefixes = &self.desk.team().prefixes;
        let readers = self.marks.readers(&signal, prefixes, told).await;
        match self.desk.take_down_among(id, &signal, &readers).await {
            Ok(Heard::NotTheirs) => {
                if let Signal::Message(heard) | Signal::Edited(heard) = &signal {
                    show_not_taken(&self.chat, heard.channel, heard.message).await;
                }
            }
            Ok(Heard::Refused(sentence)) => {
                let card = line(format!("Not in the timeline: {sentence}"));
                self.answer_quietly(&signal, "not-stored", card).await;
            }
            Ok(Heard::Doubted { stored, said }) => {
                let card = cards::doubted_time(id, &stored.entry, said);
                self.answer_quietly(&signal, "doubted", card).await;
            }
            Ok(_) => {}
            Err(trouble) => {
                tracing::error!(incident.id = %id, error = %trouble, "an entry is not stored; the back-fill will find it");
            }
        }
    }

    /// A marked message that cannot be stored is answered under it, without a ping: its author must know.
    async fn answer_quietly(&self, signal: &Signal, why: &str, card: Card) {
        let (Signal::Message(heard) | Signal::Edited(heard)) = signal else {
            return;
        };
        let once = bridgewatch_core::effect::EffectId(format!("{why}/{}", heard.message.0));
        let lane = bridgewatch_core::effect::Lane::Interactive;
        if let Err(failure) = self.chat.post(heard.channel, &card, &once, lane).await {
            tracing::warn!(%failure, "a refused entry could not be answered");
        }
    }

    /// A message as it is now; `None` when it is gone or not a person's.
    async fn read(
        &self,
        channel: ChannelId,
        message: MessageId,
    ) -> Option<bridgewatch_core::timeline::MessageHeard> {
        match self.chat.message(channel, message).await {
            Ok(found) => found,
            Err(failure) => {
                tracing::warn!(%failure, "a marked message cannot be read");
                None
            }
        }
    }

    /// Somebody pinned a message: Discord says which only in the announcement that follows.
    async fn pinned(&self, id: IncidentId, announcement: &GatewayMessage) {
        let Some(message) = announcement
            .message_reference
            .as_ref()
            .and_then(|reference| reference.message_id)
        else {
            return;
        };
        let channel = ids::to_core_channel(announcement.channel_id);
        if let Some(heard) = self.read(channel, ids::to_core_message(message)).await {
            let by = ids::to_core_person(announcement.author.id);
            let message = self.chat.for_a_mark(heard);
            let told = told_by(
                by,
                announcement.member.as_deref().map(|member| &member.roles),
            );
            let signal = Signal::Pinned { message, by };
            self.take_down_from(id, signal, &told).await;
        }
    }

    /// Pins changed: entries whose message is no longer pinned lose that mark.
    async fn pins_changed(&self, id: IncidentId, channel: ChannelId) {
        let Ok(discord_channel) = ids::channel(channel) else {
            return;
        };
        let (Ok(timeline), Ok(pins)) = (
            self.desk.store().timeline(id).await,
            self.chat.rest().pins(discord_channel).await,
        ) else {
            tracing::warn!(incident.id = %id, "changed pins cannot be read");
            return;
        };
        for stored in timeline {
            let was_pinned = stored
                .entry
                .marks
                .iter()
                .any(|mark| mark.with == MarkedBy::Pin);
            if let Some((_, message)) = stored.entry.message.filter(|_| was_pinned)
                && !pins
                    .iter()
                    .any(|pin| ids::to_core_message(pin.message.id) == message)
            {
                self.take_down(id, Signal::Unpinned { message }).await;
            }
        }
    }
}

fn line(content: String) -> Card {
    Card {
        content,
        quiet: true,
        ..Card::default()
    }
}

/// What an event told of somebody's roles.
fn told_by(person: PersonId, roles: Option<&Vec<RoleId>>) -> Told {
    let ids = |roles: &Vec<RoleId>| roles.iter().map(|role| role.get()).collect();
    roles
        .map(|roles| (person, ids(roles)))
        .into_iter()
        .collect()
}

/// The emoji of a reaction, if it is none of a server's own.
fn unicode(reaction: &Reaction) -> Option<String> {
    match &reaction.emoji {
        ReactionType::Unicode(emoji) => Some(emoji.clone()),
        _ => None,
    }
}

#[serenity::async_trait]
impl EventHandler for Ears {
    async fn ready(&self, ctx: Context, ready: Ready) {
        let _handling = self.hearing.handling();
        tracing::info!(bot = ready.user.name, "the session is open");
        metrics::gauge!(telemetry::GATEWAY_CONNECTED).set(1.0);
        self.is_connected();
        drop(ctx);
        let _ = self.application.set(ready.application.id);
        let ours = self.data.guard.guild_id;
        if !ready.guilds.iter().any(|guild| guild.id.get() == ours) {
            self.is_absent();
        }
        if !self.register(ready.application.id).await {
            self.unregistered.send_replace(Some(ready.application.id));
        }
        self.say_whether_messages_are_read().await;
        self.fill().await;
    }

    /// Somebody threw the bot out. `unavailable` is an outage, after which the server comes back by itself.
    async fn guild_delete(&self, _: Context, guild: UnavailableGuild, _: Option<Guild>) {
        let _handling = self.hearing.handling();
        if guild.id.get() == self.data.guard.guild_id && !guild.unavailable {
            self.is_absent();
        }
    }

    /// The bot is in the server: at the start of a session, after an outage, or because somebody invited it again.
    async fn guild_create(&self, _: Context, guild: Guild, _: Option<bool>) {
        let _handling = self.hearing.handling();
        if guild.id.get() == self.data.guard.guild_id && self.absent.swap(false, Ordering::SeqCst) {
            self.is_back().await;
        }
    }

    async fn resume(&self, _: Context, _: serenity::all::ResumedEvent) {
        let _handling = self.hearing.handling();
        metrics::gauge!(telemetry::GATEWAY_CONNECTED).set(1.0);
        self.fill().await;
    }

    async fn message(&self, _: Context, message: GatewayMessage) {
        let _handling = self.hearing.handling();
        if message.author.bot {
            return;
        }
        let Some(id) = self
            .incident_of(ids::to_core_channel(message.channel_id))
            .await
        else {
            return;
        };
        if message.kind == MessageType::PinsAdd {
            self.pinned(id, &message).await;
        } else if let Some(heard) = heard(&Message::from(&message)) {
            let roles = message.member.as_deref().map(|member| &member.roles);
            let told = told_by(heard.author, roles);
            self.take_down_from(id, Signal::Message(heard), &told).await;
        }
    }

    async fn message_update(
        &self,
        _: Context,
        _: Option<GatewayMessage>,
        _: Option<GatewayMessage>,
        event: MessageUpdateEvent,
    ) {
        let _handling = self.hearing.handling();
        let by_a_bot = event.author.as_ref().is_some_and(|author| author.bot);
        if by_a_bot || event.edited_timestamp.is_none() {
            return;
        }
        let channel = ids::to_core_channel(event.channel_id);
        let Some(id) = self.incident_of(channel).await else {
            return;
        };
        let message = ids::to_core_message(event.id);
        let known = matches!(
            self.desk.store().entry_of_message(message).await,
            Ok(Some(_))
        );
        // An edit of plain chat that stays plain chat concerns nobody.
        let marked_now = event.content.as_deref().is_none_or(|text| {
            self.desk.team().prefixes.read(text).is_some()
                || text.trim_start().starts_with(['@', '-', 'y', 'Y'])
        });
        if (known || marked_now)
            && let Some(heard) = self.read(channel, message).await
        {
            let member = event.member.as_ref().and_then(Option::as_deref);
            let told = told_by(heard.author, member.map(|member| &member.roles));
            self.take_down_from(id, Signal::Edited(heard), &told).await;
        }
    }

    async fn message_delete(
        &self,
        _: Context,
        channel: serenity::all::ChannelId,
        message: serenity::all::MessageId,
        _: Option<GuildId>,
    ) {
        let _handling = self.hearing.handling();
        if let Some(id) = self.incident_of(ids::to_core_channel(channel)).await {
            self.take_down(
                id,
                Signal::Deleted {
                    message: ids::to_core_message(message),
                },
            )
            .await;
        } else {
            let deleted = [ids::to_core_message(message)];
            let now = self.desk.clock().now();
            front_desk::deleted(self.store(), &self.chat, &deleted, now).await;
        }
    }

    async fn message_delete_bulk(
        &self,
        _: Context,
        channel: serenity::all::ChannelId,
        messages: Vec<serenity::all::MessageId>,
        _: Option<GuildId>,
    ) {
        let _handling = self.hearing.handling();
        if let Some(id) = self.incident_of(ids::to_core_channel(channel)).await {
            for message in messages {
                self.take_down(
                    id,
                    Signal::Deleted {
                        message: ids::to_core_message(message),
                    },
                )
                .await;
            }
        } else {
            let deleted: Vec<MessageId> = messages.into_iter().map(ids::to_core_message).collect();
            let now = self.desk.clock().now();
            front_desk::deleted(self.store(), &self.chat, &deleted, now).await;
        }
    }

    async fn reaction_add(&self, _: Context, reaction: Reaction) {
        let _handling = self.hearing.handling();
        let (Some(emoji), Some(by)) = (unicode(&reaction), reaction.user_id) else {
            return;
        };
        let by_a_bot = reaction
            .member
            .as_ref()
            .is_some_and(|member| member.user.bot);
        if by_a_bot || emoji_kind(&emoji).is_none() {
            return;
        }
        let channel = ids::to_core_channel(reaction.channel_id);
        let Some(id) = self.incident_of(channel).await else {
            return;
        };
        if let Some(message) = self
            .read(channel, ids::to_core_message(reaction.message_id))
            .await
        {
            let by = ids::to_core_person(by);
            let told = told_by(by, reaction.member.as_ref().map(|member| &member.roles));
            let message = self.chat.for_a_mark(message);
            let signal = Signal::Reacted { message, by, emoji };
            self.take_down_from(id, signal, &told).await;
        }
    }

    async fn reaction_remove(&self, _: Context, reaction: Reaction) {
        let _handling = self.hearing.handling();
        let (Some(emoji), Some(by)) = (unicode(&reaction), reaction.user_id) else {
            return;
        };
        if emoji_kind(&emoji).is_none() {
            return;
        }
        if let Some(id) = self
            .incident_of(ids::to_core_channel(reaction.channel_id))
            .await
        {
            let signal = Signal::Unreacted {
                message: ids::to_core_message(reaction.message_id),
                by: ids::to_core_person(by),
                emoji,
            };
            self.take_down(id, signal).await;
        }
    }

    async fn channel_delete(
        &self,
        _: Context,
        channel: serenity::all::GuildChannel,
        _: Option<Vec<GatewayMessage>>,
    ) {
        let _handling = self.hearing.handling();
        let of_call = incident_of_call(&channel.name);
        let channel = ids::to_core_channel(channel.id);
        let gone = match of_call {
            // Whether it really is that incident's, the incident knows.
            Some(id) => Some((id, Report::CallGone(channel))),
            None => self
                .incident_of(channel)
                .await
                .map(|id| (id, Report::ChannelGone(channel))),
        };
        let Some((id, gone)) = gone else {
            let now = self.desk.clock().now();
            front_desk::channel_deleted(self.store(), &self.chat, channel, now).await;
            return;
        };
        if let Err(trouble) = self.desk.learn(id, gone).await {
            tracing::error!(incident.id = %id, error = %trouble, "a deleted channel is not noted; the next call there will find it gone");
        }
    }

    async fn channel_pins_update(&self, _: Context, event: ChannelPinsUpdateEvent) {
        let _handling = self.hearing.handling();
        let channel = ids::to_core_channel(event.channel_id);
        if let Some(id) = self.incident_of(channel).await {
            self.pins_changed(id, channel).await;
        }
    }

    async fn interaction_create(&self, ctx: Context, interaction: Interaction) {
        let _handling = self.hearing.handling();
        commands::on_interaction(&ctx, &interaction, &self.data).await;
    }
}
