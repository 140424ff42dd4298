//! The gateway: what happens in the server, turned into requests to the desk.
//!
//! Events come in no order and some are lost, so nothing here trusts them alone: after every READY, and on a timer, each
//! live incident's channel is read again from where the last back-fill ended. A message heard twice is stored once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bridgewatch_commands as commands;
use bridgewatch_core::ids::{ChannelId, IncidentId, MessageId};
use bridgewatch_core::ports::{Chat, Heard};
use bridgewatch_core::timeline::{MarkedBy, Signal, emoji_kind, prefixed};
use serenity::all::{
    ChannelPinsUpdateEvent, Client, Context, EventHandler, GatewayIntents, GuildId, Http,
    HttpBuilder, Interaction, Message as GatewayMessage, MessageType, MessageUpdateEvent, Reaction,
    ReactionType, Ready,
};
use tokio::sync::watch;

use super::answers::Message;
use super::backfill::read_again;
use super::chat::{DiscordChat, Named, heard};
use super::hearing::Hearing;
use super::ids;
use crate::clock::{jittered, monotonic, pause};
use crate::desk::IncidentDesk;
use crate::telemetry;

/// What the bot asks to hear: its server, messages with their text, reactions, and direct messages with buttons.
pub const INTENTS: GatewayIntents = GatewayIntents::GUILDS
    .union(GatewayIntents::GUILD_MESSAGES)
    .union(GatewayIntents::GUILD_MESSAGE_REACTIONS)
    .union(GatewayIntents::MESSAGE_CONTENT);

/// How often live channels are read again although nothing seems to be missing.
const BACKFILL_EVERY: Duration = Duration::from_secs(300);

/// How the session is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SessionState {
    /// Not connected yet, or trying again.
    Connecting,
    /// Events arrive.
    Connected,
    /// Discord said no for good; the sentence says why and how to mend it.
    Refused(String),
}

/// The roles of the server that the configuration names; `None` where it names none.
#[derive(Clone, Debug, Default)]
pub struct Roles {
    /// Who may respond.
    pub responder: Option<Named>,
    /// Who may command.
    pub commander: Option<Named>,
}

/// What the gateway is made from.
pub struct GatewayParts {
    /// `https://discord.com`, or a local Discord.
    pub api_url: String,
    /// The bot's token.
    pub token: secrecy::SecretString,
    /// Where requests go.
    pub desk: Arc<IncidentDesk>,
    /// For reading channels again.
    pub chat: Arc<DiscordChat>,
    /// The conversation.
    pub data: commands::Data,
    /// The roles that say who may respond and who may command.
    pub roles: Roles,
    /// Tells how the session is.
    pub state: watch::Sender<SessionState>,
    /// Counts what is heard.
    pub hearing: Hearing,
}

/// Keeps a session until told to stop. Ends early only when Discord refuses for good.
///
/// # Errors
/// Why Discord refuses: a bad token, a missing intent.
pub async fn keep_session(
    parts: GatewayParts,
    mut stop: watch::Receiver<bool>,
) -> Result<(), String> {
    let mut wait = Duration::from_secs(1);
    while !*stop.borrow() {
        let (mut client, ears) = match open_session(&parts).await {
            Ok(opened) => opened,
            Err(why) => {
                tracing::warn!(why, "the session cannot be opened yet");
                tokio::select! {
                    () = pause(jittered(wait)) => {}
                    _ = stop.changed() => return Ok(()),
                }
                wait = (wait * 2).min(Duration::from_secs(60));
                continue;
            }
        };
        let opened_at = monotonic();
        let shards = Arc::clone(&client.shard_manager);
        let filler = tokio::spawn(Arc::clone(&ears).fill_regularly(stop.clone()));
        let ended = tokio::select! {
            ended = client.start() => Some(ended),
            _ = stop.changed() => None,
        };
        filler.abort();
        metrics::gauge!(telemetry::GATEWAY_CONNECTED).set(0.0);
        match ended {
            None => {
                // A client that is reconnecting never ends by itself: it gets a moment, and is then left behind.
                let _ = tokio::time::timeout(Duration::from_secs(2), shards.shutdown_all()).await;
                return Ok(());
            }
            Some(Err(error)) => {
                if let Some(mend) = refused_for_good(&error) {
                    let _ = parts.state.send(SessionState::Refused(mend.to_owned()));
                    return Err(mend.to_owned());
                }
                tracing::warn!(
                    error = plain(&error),
                    "the session ended; a new one is opened"
                );
            }
            Some(Ok(())) => tracing::warn!("the session ended; a new one is opened"),
        }
        let _ = parts.state.send(SessionState::Connecting);
        // Discord counts how often a bot identifies in a day: one that is thrown out again and again comes back slowly.
        wait = if opened_at.elapsed() > GOOD_SESSION {
            Duration::from_secs(3)
        } else {
            (wait * 2).min(Duration::from_secs(60))
        };
        tokio::select! {
            () = pause(jittered(wait)) => {}
            _ = stop.changed() => return Ok(()),
        }
    }
    Ok(())
}

/// A session that held so long was a good one.
const GOOD_SESSION: Duration = Duration::from_secs(120);

/// Everything a session needs of the server, asked before the first event can arrive.
async fn open_session(parts: &GatewayParts) -> Result<(Client, Arc<Ears>), String> {
    // The client would fall back to the real Discord if this failed inside it, so it is asked here first.
    parts
        .chat
        .rest()
        .gateway_url()
        .await
        .map_err(|error| error.to_string())?;
    let mut data = parts.data.clone();
    data.guard.responder_role = role_id(
        &parts.chat,
        parts.roles.responder.as_ref(),
        "discord.responder_role",
    )
    .await?;
    data.guard.commander_role = role_id(
        &parts.chat,
        parts.roles.commander.as_ref(),
        "discord.commander_role",
    )
    .await?;
    // Found or made now, so that an incident's channel needs no other call before it.
    if let Err(failure) = parts.chat.ready_places().await {
        tracing::error!(%failure, "a place of the bot cannot be made; it is tried again when it is needed");
    }
    let ears = Arc::new(Ears {
        desk: Arc::clone(&parts.desk),
        chat: Arc::clone(&parts.chat),
        data: data.clone(),
        state: parts.state.clone(),
        hearing: parts.hearing.clone(),
        filling: AtomicBool::new(false),
    });
    let client = build_client(&parts.api_url, &parts.token, data, Arc::clone(&ears)).await?;
    Ok((client, ears))
}

/// The id of a role. A name that the server does not know opens no session: guessing would let everybody in.
async fn role_id(
    chat: &DiscordChat,
    named: Option<&Named>,
    key: &str,
) -> Result<Option<u64>, String> {
    match named {
        None => Ok(None),
        Some(Named::Id(id)) => Ok(Some(*id)),
        Some(Named::Name(name)) => {
            let guild = chat.guild().map_err(|error| error.to_string())?;
            let roles = chat
                .rest()
                .guild_roles(guild)
                .await
                .map_err(|error| error.to_string())?;
            let found = roles
                .iter()
                .find(|role| role.name.eq_ignore_ascii_case(name))
                .map(|role| role.id.get());
            found.map(Some).ok_or_else(|| {
                format!("{key} names a role that the server does not have: create the role, or correct the name")
            })
        }
    }
}

async fn build_client(
    api_url: &str,
    token: &secrecy::SecretString,
    data: commands::Data,
    ears: Arc<Ears>,
) -> Result<Client, String> {
    use secrecy::ExposeSecret as _;
    // A client that never waits for ever.
    let bounded_client = reqwest::Client::builder()
        .connect_timeout(Duration::from_secs(3))
        .timeout(Duration::from_secs(10))
        .build()
        .map_err(|error| format!("the client for answers cannot be built: {error}"))?;
    // One code path for the real and the local Discord: our own gate keeps the limits, and interaction answers, all that
    // leaves through this client, are not counted by Discord.
    let http: Http = HttpBuilder::new(token.expose_secret())
        .proxy(api_url)
        .ratelimiter_disabled(true)
        .client(bounded_client)
        .build();
    let framework = poise::Framework::builder()
        .options(commands::framework_options())
        .initialize_owners(false)
        .setup(move |_, _, _| Box::pin(async move { Ok(data) }))
        .build();
    serenity::client::ClientBuilder::new_with_http(http, INTENTS)
        .framework(framework)
        .raw_event_handler(ears.hearing.clone())
        .event_handler_arc(ears)
        .await
        .map_err(|error| plain(&error))
}

/// The close codes after which trying again only makes it worse, in words.
fn refused_for_good(error: &serenity::Error) -> Option<&'static str> {
    use serenity::gateway::GatewayError;
    match error {
        serenity::Error::Gateway(GatewayError::InvalidAuthentication) => Some(
            "Discord refuses the bot's token: copy it again from the developer portal (Bot → Reset Token)",
        ),
        serenity::Error::Gateway(GatewayError::DisallowedGatewayIntents) => Some(
            "Discord refuses the message content intent: switch it on in the developer portal (Bot → Privileged Gateway \
             Intents → Message Content)",
        ),
        serenity::Error::Gateway(GatewayError::InvalidGatewayIntents) => {
            Some("Discord does not know the intents this build asks for: update the bot")
        }
        _ => None,
    }
}

/// An error of the client without the addresses in it: those of interactions hold a token.
fn plain(error: &serenity::Error) -> String {
    match error {
        serenity::Error::Http(_) => "a request to Discord failed".to_owned(),
        other => other.to_string(),
    }
}

/// Listens to the session.
struct Ears {
    desk: Arc<IncidentDesk>,
    chat: Arc<DiscordChat>,
    data: commands::Data,
    state: watch::Sender<SessionState>,
    hearing: Hearing,
    /// Whether a back-fill is under way.
    filling: AtomicBool,
}

impl Ears {
    async fn fill_regularly(self: Arc<Self>, mut stop: watch::Receiver<bool>) {
        while !*stop.borrow() {
            tokio::select! {
                () = pause(BACKFILL_EVERY) => self.fill().await,
                _ = stop.changed() => return,
            }
        }
    }

    /// Reads every live incident's channel from where the last back-fill ended.
    async fn fill(&self) {
        if self.filling.swap(true, Ordering::SeqCst) {
            return;
        }
        if let Err(failure) = read_again(&self.desk, &self.chat).await {
            tracing::warn!(%failure, "the back-fill stopped; it is tried again");
        }
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
        match self.desk.take_down(id, &signal, None, None).await {
            Ok(Heard::Refused(sentence)) => self.answer_quietly(&signal, &sentence).await,
            Ok(_) => {}
            Err(trouble) => {
                tracing::error!(incident.id = %id, error = %trouble, "an entry is not stored; the back-fill will find it");
            }
        }
    }

    /// A marked message that cannot be stored is answered under it, without a ping: its author must know.
    async fn answer_quietly(&self, signal: &Signal, sentence: &str) {
        let (Signal::Message(heard) | Signal::Edited(heard)) = signal else {
            return;
        };
        let card = bridgewatch_core::card::Card {
            content: format!("Not in the timeline: {sentence}"),
            quiet: true,
            ..bridgewatch_core::card::Card::default()
        };
        let once = bridgewatch_core::effect::EffectId(format!("not-stored/{}", heard.message.0));
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
            self.take_down(id, Signal::Pinned { message: heard, by })
                .await;
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
        let _ = self.state.send(SessionState::Connected);
        drop(ctx);
        if let Ok(guild) = self.chat.guild() {
            let registered = self
                .chat
                .rest()
                .register_guild_commands(
                    ready.application.id,
                    guild,
                    &poise::builtins::create_application_commands(&commands::all()),
                )
                .await;
            if let Err(error) = registered {
                tracing::error!(%error, "the slash commands cannot be registered");
            }
        }
        self.fill().await;
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
            self.take_down(id, Signal::Message(heard)).await;
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
            prefixed(text).is_some() || text.trim_start().starts_with(['@', '-', 'y', 'Y'])
        });
        if (known || marked_now)
            && let Some(heard) = self.read(channel, message).await
        {
            self.take_down(id, Signal::Edited(heard)).await;
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
            self.take_down(
                id,
                Signal::Reacted {
                    message,
                    by: ids::to_core_person(by),
                    emoji,
                },
            )
            .await;
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
