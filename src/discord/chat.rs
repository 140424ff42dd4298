//! Discord as the runner's chat platform: goals in, REST calls out.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use bridgewatch_commands::card::render;
use bridgewatch_core::card::Card;
use bridgewatch_core::cards::UNREADABLE;
use bridgewatch_core::effect::{EffectId, Lane};
use bridgewatch_core::ids::{ChannelId, FileId, MessageId};
use bridgewatch_core::person::PersonId;
use bridgewatch_core::ports::{CallSpec, ChannelSpec, Chat, Failure, Place};
use bridgewatch_core::timeline::{AttachedFile, MessageHeard};
use serenity::model::id::{GuildId, RoleId, UserId};
use sha2::{Digest, Sha256};
use tokio::sync::Mutex;

use super::answers::{Channel, ChannelKind, Message, Overwrite, OverwriteFor, PermissionBits};
use super::calls::{ChannelEdit, LARGEST_PAGE, NewChannel};
use super::error::{ApiError, code};
use super::ids;
use super::message::{File, MessageBody, Nonce, Ping};
use super::rest::Rest;

/// The mark under a message that is in the timeline.
const STORED: &str = "📌";

/// The longest topic Discord takes.
const LONGEST_TOPIC_CHARACTERS: usize = 1_024;

/// How long an effect waits for its turn inside a call; longer waits go back to the outbox.
const PATIENCE: Duration = Duration::from_secs(5);

/// What a responder may do in a restricted channel.
const RESPONDER: PermissionBits = PermissionBits(
    PermissionBits::VIEW_CHANNEL.0
        | PermissionBits::SEND_MESSAGES.0
        | PermissionBits::READ_MESSAGE_HISTORY.0
        | PermissionBits::ATTACH_FILES.0
        | PermissionBits::ADD_REACTIONS.0
        | PermissionBits::USE_APPLICATION_COMMANDS.0,
);

/// What the bot keeps for itself in a channel it makes private: without it, it would lock itself out.
pub(super) const BOT: PermissionBits = PermissionBits(
    RESPONDER.0
        | PermissionBits::EMBED_LINKS.0
        | PermissionBits::MANAGE_CHANNELS.0
        | PermissionBits::PIN_MESSAGES.0,
);

/// What nobody may do in a channel whose incident is closed.
pub(super) const LOCKED: PermissionBits = PermissionBits::SEND_MESSAGES
    .and(PermissionBits::ADD_REACTIONS)
    .and(PermissionBits::CREATE_PUBLIC_THREADS)
    .and(PermissionBits::SEND_MESSAGES_IN_THREADS);

/// A channel or category as the configuration names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Named {
    /// By its name; created if it is absent.
    Name(String),
    /// By its id.
    Id(u64),
}

/// Where things are in the server.
#[derive(Clone, Debug)]
pub struct Places {
    /// The server.
    pub guild_id: u64,
    /// The category of the incident channels.
    pub incident_category: Named,
    /// The channel with one line per incident.
    pub digest: Named,
    /// The channel of the stakeholders.
    pub stakeholders: Named,
    /// Whether a message stands in the digest channel with the way to everything that needs no incident.
    pub front_desk: bool,
}

/// Discord as a chat platform.
pub struct DiscordChat {
    rest: Rest,
    places: Places,
    /// Ids that were looked up or created, by what they are for.
    found: Mutex<BTreeMap<String, ChannelId>>,
    bot: Mutex<Option<UserId>>,
    /// Whether messages arrive with their text.
    reads_messages: AtomicBool,
}

impl std::fmt::Debug for DiscordChat {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("DiscordChat")
            .field("places", &self.places)
            .finish_non_exhaustive()
    }
}

impl DiscordChat {
    /// Speaks through this client.
    #[must_use]
    pub fn new(rest: Rest, places: Places) -> Self {
        Self {
            rest: rest.patience(PATIENCE),
            places,
            found: Mutex::new(BTreeMap::new()),
            bot: Mutex::new(None),
            reads_messages: AtomicBool::new(true),
        }
    }

    /// Says whether messages arrive with their text: what the session asks for.
    pub(super) fn reads_messages(&self, reads: bool) {
        self.reads_messages.store(reads, Ordering::SeqCst);
    }

    /// Whether messages arrive with their text.
    pub(super) fn can_read_messages(&self) -> bool {
        self.reads_messages.load(Ordering::SeqCst)
    }

    /// A message that somebody marks: where its text may not be read, words stand for it, so that the mark is not lost.
    pub(super) fn for_a_mark(&self, mut heard: MessageHeard) -> MessageHeard {
        if !self.can_read_messages() && heard.text.is_empty() && heard.attachments.is_empty() {
            UNREADABLE.clone_into(&mut heard.text);
        }
        heard
    }

    /// The client, for what only an operator asks.
    #[must_use]
    pub fn rest(&self) -> &Rest {
        &self.rest
    }

    /// The server.
    ///
    /// # Errors
    /// When the configured id is zero.
    pub fn guild(&self) -> Result<GuildId, ApiError> {
        ids::checked("server", self.places.guild_id)
    }

    /// How the configuration names the category of the incident channels, and the places beside it.
    pub(super) fn places(&self) -> &Places {
        &self.places
    }

    pub(super) async fn bot_id(&self) -> Result<UserId, ApiError> {
        let mut bot = self.bot.lock().await;
        match *bot {
            Some(id) => Ok(id),
            None => {
                let id = self.rest.current_user().await?.id;
                *bot = Some(id);
                Ok(id)
            }
        }
    }

    /// The category of the incident channels; created if it is absent.
    async fn category(&self) -> Result<ChannelId, ApiError> {
        self.find_or_create(
            "category",
            &self.places.incident_category,
            ChannelKind::Category,
        )
        .await
    }

    /// Finds, or creates, every place the bot needs, so that none is missing in the night.
    ///
    /// # Errors
    /// When Discord refuses or cannot be asked.
    pub async fn ready_places(&self) -> Result<(), Failure> {
        self.category().await.map_err(failure)?;
        self.place(Place::Digest).await?;
        self.place(Place::Stakeholders).await.map(|_| ())
    }

    /// The same, when what was found before may no longer be true.
    ///
    /// # Errors
    /// When Discord refuses or cannot be asked.
    pub async fn find_places_anew(&self) -> Result<(), Failure> {
        self.found.lock().await.clear();
        self.ready_places().await
    }

    /// What a place is called here, and in the configuration.
    pub(super) fn named(&self, place: Place) -> (&'static str, &Named) {
        match place {
            Place::Digest => ("digest", &self.places.digest),
            Place::Stakeholders => ("stakeholders", &self.places.stakeholders),
        }
    }

    pub(super) async fn place(&self, place: Place) -> Result<ChannelId, Failure> {
        let (what, named) = self.named(place);
        self.find_or_create(what, named, ChannelKind::Text)
            .await
            .map_err(failure)
    }

    async fn find_or_create(
        &self,
        what: &str,
        named: &Named,
        kind: ChannelKind,
    ) -> Result<ChannelId, ApiError> {
        // The lock is held over the look-up, so that two effects never create the same place twice.
        let mut found = self.found.lock().await;
        if let Some(id) = found.get(what) {
            return Ok(*id);
        }
        let id = match named {
            Named::Id(id) => ChannelId(*id),
            Named::Name(name) => {
                let guild = self.guild()?;
                let wanted = |channel: &&Channel| {
                    channel.kind == kind
                        && channel
                            .name
                            .as_deref()
                            .is_some_and(|known| known.eq_ignore_ascii_case(name))
                };
                let known = self.rest.guild_channels(guild).await?;
                match known.iter().filter(wanted).min_by_key(|channel| channel.id) {
                    Some(channel) => ids::to_core_channel(channel.id),
                    None => {
                        let new = NewChannel {
                            name: name.clone(),
                            kind,
                            topic: None,
                            parent: None,
                            overwrites: Vec::new(),
                            position: None,
                        };
                        let rest = self.rest.because("Bridgewatch needs this place");
                        ids::to_core_channel(rest.create_channel(guild, &new).await?.id)
                    }
                }
            }
        };
        found.insert(what.to_owned(), id);
        Ok(id)
    }

    /// Forgets where a place was, since it is gone.
    pub(super) async fn forget(&self, what: &str) {
        self.found.lock().await.remove(what);
    }

    async fn find_by_marker(&self, marker: &str) -> Result<Option<ChannelId>, ApiError> {
        let channels = self.rest.guild_channels(self.guild()?).await?;
        Ok(channels
            .iter()
            .filter(|channel| {
                channel
                    .topic
                    .as_deref()
                    .is_some_and(|topic| topic.contains(marker))
            })
            .min_by_key(|channel| channel.id)
            .map(|channel| ids::to_core_channel(channel.id)))
    }

    /// The voice channel of this name. It must be the bot's own, made in the category of the incidents: another may be called
    /// the same.
    async fn find_call(&self, name: &str) -> Result<Option<ChannelId>, ApiError> {
        let parent = ids::channel(self.category().await?)?;
        let channels = self.rest.guild_channels(self.guild()?).await?;
        Ok(channels
            .iter()
            .filter(|channel| {
                channel.kind == ChannelKind::Voice
                    && channel.parent_id == Some(parent)
                    && channel.name.as_deref() == Some(name)
            })
            .max_by_key(|channel| channel.id)
            .map(|channel| ids::to_core_channel(channel.id)))
    }

    async fn overwrites(&self, only_for: Option<&[PersonId]>) -> Result<Vec<Overwrite>, ApiError> {
        let Some(people) = only_for else {
            return Ok(Vec::new());
        };
        let everybody = RoleId::new(self.guild()?.get());
        let mut overwrites = vec![
            Overwrite {
                of: OverwriteFor::Role(everybody),
                allow: PermissionBits::default(),
                deny: PermissionBits::VIEW_CHANNEL,
            },
            Overwrite {
                of: OverwriteFor::Member(self.bot_id().await?),
                allow: BOT,
                deny: PermissionBits::default(),
            },
        ];
        for person in people {
            overwrites.push(Overwrite {
                of: OverwriteFor::Member(ids::user(*person)?),
                allow: RESPONDER,
                deny: PermissionBits::default(),
            });
        }
        Ok(overwrites)
    }

    async fn create(
        &self,
        channel: ChannelId,
        card: &Card,
        once: &EffectId,
        lane: Lane,
        files: &[File],
    ) -> Result<MessageId, ApiError> {
        let body = body_of(card)?;
        let nonce = nonce_of(once)?;
        let posted = self
            .rest
            .on(lane)
            .create_message(ids::channel(channel)?, &body, &nonce, files)
            .await?;
        Ok(ids::to_core_message(posted.id))
    }

    /// Creates a channel in the incidents' category; the reason stands in the server's own audit log.
    async fn create_in_category(
        &self,
        new: &NewChannel,
        (lane, reason): (Lane, &str),
    ) -> Result<ChannelId, Failure> {
        let guild = self.guild().map_err(failure)?;
        let rest = self.rest.on(lane).because(reason);
        match rest.create_channel(guild, new).await {
            Ok(channel) => Ok(ids::to_core_channel(channel.id)),
            Err(error) => {
                if error.is_gone() || error.code() == Some(50_035) {
                    // The category may have been deleted: it is looked up, or created, anew.
                    self.forget("category").await;
                }
                Err(failure(error))
            }
        }
    }
}

#[async_trait]
impl Chat for DiscordChat {
    async fn open_channel(&self, spec: &ChannelSpec) -> Result<ChannelId, Failure> {
        if spec.look_first
            && let Some(channel) = self.find_by_marker(&spec.marker).await.map_err(failure)?
        {
            tracing::info!(
                channel.id = channel.0,
                "found the channel that an earlier attempt opened"
            );
            return Ok(channel);
        }
        let parent = self.category().await.map_err(failure)?;
        let topic = fitting(&spec.topic, &spec.marker);
        let new = NewChannel {
            name: spec.name.clone(),
            kind: ChannelKind::Text,
            topic: Some(topic),
            parent: Some(ids::channel(parent).map_err(failure)?),
            overwrites: self
                .overwrites(spec.only_for.as_deref())
                .await
                .map_err(failure)?,
            position: None,
        };
        let declared = (Lane::Opening, "An incident was declared");
        self.create_in_category(&new, declared).await
    }

    async fn open_call(&self, spec: &CallSpec) -> Result<ChannelId, Failure> {
        if spec.look_first
            && let Some(channel) = self.find_call(&spec.name).await.map_err(failure)?
        {
            tracing::info!(
                channel.id = channel.0,
                "found the voice channel that an earlier attempt opened"
            );
            return Ok(channel);
        }
        let parent = self.category().await.map_err(failure)?;
        let new = NewChannel {
            name: spec.name.clone(),
            kind: ChannelKind::Voice,
            topic: None,
            parent: Some(ids::channel(parent).map_err(failure)?),
            overwrites: self
                .overwrites(spec.only_for.as_deref())
                .await
                .map_err(failure)?,
            position: None,
        };
        let joined = (
            Lane::Interactive,
            "Somebody joins the call of this incident",
        );
        self.create_in_category(&new, joined).await
    }

    async fn delete_channel(&self, channel: ChannelId) -> Result<(), Failure> {
        self.rest
            .on(Lane::Background)
            .because("The incident is over")
            .delete_channel(ids::channel(channel).map_err(failure)?)
            .await
            .map_err(failure)
    }

    async fn post(
        &self,
        channel: ChannelId,
        card: &Card,
        once: &EffectId,
        lane: Lane,
    ) -> Result<MessageId, Failure> {
        self.create(channel, card, once, lane, &[])
            .await
            .map_err(failure_in(channel))
    }

    async fn post_file(
        &self,
        channel: ChannelId,
        card: &Card,
        file_name: &str,
        text: &str,
        once: &EffectId,
    ) -> Result<MessageId, Failure> {
        let file = File {
            name: file_name.to_owned(),
            content_type: "text/markdown; charset=utf-8",
            bytes: text.as_bytes().to_vec(),
        };
        self.create(channel, card, once, Lane::Background, &[file])
            .await
            .map_err(failure_in(channel))
    }

    async fn edit(
        &self,
        channel: ChannelId,
        message: MessageId,
        card: &Card,
        lane: Lane,
    ) -> Result<(), Failure> {
        let failed = failure_in(channel);
        let channel = ids::channel(channel).map_err(failure)?;
        let message = ids::message(message).map_err(failure)?;
        let body = body_of(card).map_err(failure)?;
        self.rest
            .on(lane)
            .edit_message(channel, message, &body)
            .await
            .map(|_| ())
            .map_err(&failed)
    }

    async fn delete(
        &self,
        channel: ChannelId,
        message: MessageId,
        lane: Lane,
        reason: Option<&str>,
    ) -> Result<(), Failure> {
        let failed = failure_in(channel);
        let channel = ids::channel(channel).map_err(failure)?;
        let message = ids::message(message).map_err(failure)?;
        let rest = self.rest.on(lane);
        let rest = reason.map_or_else(|| rest.clone(), |reason| rest.because(reason));
        match rest.delete_message(channel, message).await {
            Err(error) if error.is_gone() => Ok(()),
            result => result.map_err(&failed),
        }
    }

    async fn pin(&self, channel: ChannelId, message: MessageId) -> Result<(), Failure> {
        let failed = failure_in(channel);
        let channel = ids::channel(channel).map_err(failure)?;
        let message = ids::message(message).map_err(failure)?;
        self.rest
            .on(Lane::Mirror)
            .pin(channel, message)
            .await
            .map_err(&failed)
    }

    async fn mark(
        &self,
        channel: ChannelId,
        message: MessageId,
        present: bool,
    ) -> Result<(), Failure> {
        let failed = failure_in(channel);
        let channel = ids::channel(channel).map_err(failure)?;
        let message = ids::message(message).map_err(failure)?;
        let rest = self.rest.on(Lane::Mirror);
        let result = if present {
            rest.react(channel, message, STORED).await
        } else {
            rest.unreact(channel, message, STORED).await
        };
        result.map_err(&failed)
    }

    async fn direct_channel(&self, person: PersonId) -> Result<ChannelId, Failure> {
        let user = ids::user(person).map_err(failure)?;
        let channel = self
            .rest
            .on(Lane::Opening)
            .open_dm(user)
            .await
            .map_err(failure)?;
        Ok(ids::to_core_channel(channel.id))
    }

    async fn post_in(
        &self,
        place: Place,
        card: &Card,
        once: &EffectId,
        lane: Lane,
    ) -> Result<(ChannelId, MessageId), Failure> {
        let channel = self.place(place).await?;
        let (what, named) = self.named(place);
        match self.create(channel, card, once, lane, &[]).await {
            Ok(message) => Ok((channel, message)),
            Err(error) if error.code() == Some(code::UNKNOWN_CHANNEL) => {
                // Somebody deleted it. By its name it is found, or made, anew; an id must be corrected by a person.
                self.forget(what).await;
                let why = error.to_string();
                Err(match named {
                    Named::Name(_) => Failure::Retry {
                        after: Some(Duration::from_secs(1)),
                        why,
                    },
                    Named::Id(_) => Failure::Waits { why },
                })
            }
            Err(error) => Err(failure(error)),
        }
    }

    async fn stands_in(
        &self,
        place: Place,
        channel: ChannelId,
        message: MessageId,
    ) -> Result<bool, Failure> {
        self.still_stands(place, channel, message).await
    }

    async fn message(
        &self,
        channel: ChannelId,
        message: MessageId,
    ) -> Result<Option<MessageHeard>, Failure> {
        let failed = failure_in(channel);
        let channel = ids::channel(channel).map_err(failure)?;
        let message = ids::message(message).map_err(failure)?;
        match self
            .rest
            .on(Lane::Interactive)
            .get_message(channel, message)
            .await
        {
            Ok(message) => Ok(heard(&message)),
            Err(error) if error.is_gone() => Ok(None),
            Err(error) => Err(failed(error)),
        }
    }

    async fn messages_after(
        &self,
        channel: ChannelId,
        after: Option<MessageId>,
    ) -> Result<(Vec<MessageHeard>, Option<MessageId>, bool), Failure> {
        let failed = failure_in(channel);
        let channel = ids::channel(channel).map_err(failure)?;
        let after = after.map(ids::message).transpose().map_err(failure)?;
        let page = self
            .rest
            .on(Lane::Background)
            .messages_after(channel, after, LARGEST_PAGE)
            .await
            .map_err(&failed)?;
        let last = page
            .messages
            .last()
            .map(|message| ids::to_core_message(message.id));
        Ok((
            page.messages.iter().filter_map(heard).collect(),
            last,
            page.is_full,
        ))
    }

    async fn admit(&self, channel: ChannelId, person: PersonId) -> Result<(), Failure> {
        let let_in = Overwrite {
            of: OverwriteFor::Member(ids::user(person).map_err(failure)?),
            allow: RESPONDER,
            deny: PermissionBits::default(),
        };
        let failed = failure_in(channel);
        let channel = ids::channel(channel).map_err(failure)?;
        self.rest
            .on(Lane::Interactive)
            .because("They were called to this incident")
            .set_channel_permission(channel, &let_in)
            .await
            .map_err(&failed)
    }

    fn link_to(&self, channel: ChannelId) -> String {
        format!(
            "https://discord.com/channels/{}/{}",
            self.places.guild_id, channel.0
        )
    }

    async fn restrict(
        &self,
        channel: ChannelId,
        only_for: Option<&[PersonId]>,
    ) -> Result<(), Failure> {
        let everybody = OverwriteFor::Role(RoleId::new(self.guild().map_err(failure)?.get()));
        let mut overwrites = self.overwrites(only_for).await.map_err(failure)?;
        let channel = ids::channel(channel).map_err(failure)?;
        let rest = self
            .rest
            .on(Lane::Opening)
            .because("Who may see this incident was changed");
        let now = rest.channel(channel).await.map_err(failure)?;
        if is_locked(&now.permission_overwrites, everybody) {
            let bot = OverwriteFor::Member(self.bot_id().await.map_err(failure)?);
            for changed in read_only(&overwrites, everybody, bot) {
                overwrites.retain(|overwrite| overwrite.of != changed.of);
                overwrites.push(changed);
            }
        }
        let edit = ChannelEdit {
            overwrites: Some(overwrites),
            ..ChannelEdit::default()
        };
        rest.edit_channel(channel, &edit)
            .await
            .map(drop)
            .map_err(failure)
    }

    async fn rename(&self, channel: ChannelId, name: &str, topic: &str) -> Result<(), Failure> {
        let channel = ids::channel(channel).map_err(failure)?;
        let rest = self
            .rest
            .on(Lane::Interactive)
            .because("Who may see this incident was changed");
        let edit = ChannelEdit {
            name: Some(name.to_owned()),
            topic: Some(fitting(topic, "")),
            ..ChannelEdit::default()
        };
        rest.edit_channel(channel, &edit)
            .await
            .map(drop)
            .map_err(failure)
    }

    async fn lock(&self, channel: ChannelId) -> Result<(), Failure> {
        let everybody = OverwriteFor::Role(RoleId::new(self.guild().map_err(failure)?.get()));
        let bot = OverwriteFor::Member(self.bot_id().await.map_err(failure)?);
        let failed = failure_in(channel);
        let channel = ids::channel(channel).map_err(failure)?;
        let rest = self
            .rest
            .on(Lane::Background)
            .because("The incident was closed");
        let now = rest.channel(channel).await.map_err(&failed)?;
        for overwrite in read_only(&now.permission_overwrites, everybody, bot) {
            rest.set_channel_permission(channel, &overwrite)
                .await
                .map_err(&failed)?;
        }
        Ok(())
    }
}

/// A topic that Discord takes, with its marker.
fn fitting(topic: &str, marker: &str) -> String {
    if topic.chars().count() <= LONGEST_TOPIC_CHARACTERS {
        return topic.to_owned();
    }
    let room = LONGEST_TOPIC_CHARACTERS.saturating_sub(marker.chars().count() + 1);
    let kept: String = topic.chars().take(room).collect();
    format!("{kept} {marker}")
}

/// Whether a channel is read-only for everybody.
fn is_locked(now: &[Overwrite], everybody: OverwriteFor) -> bool {
    now.iter()
        .any(|overwrite| overwrite.of == everybody && overwrite.deny.and(LOCKED) == overwrite.deny)
}

/// What must change in a channel so that those who see it can only read it, all but the bot. Setting an overwrite replaces
/// it: whoever could not see the channel must not see it because it was locked. The bot's own comes first, since the others
/// would shut it out.
fn read_only(now: &[Overwrite], everybody: OverwriteFor, bot: OverwriteFor) -> Vec<Overwrite> {
    let of = |of| {
        now.iter()
            .copied()
            .find(|overwrite| overwrite.of == of)
            .unwrap_or(Overwrite {
                of,
                allow: PermissionBits::default(),
                deny: PermissionBits::default(),
            })
    };
    let others = now
        .iter()
        .copied()
        .filter(|overwrite| overwrite.of != everybody && overwrite.of != bot);
    let mut wanted = vec![Overwrite {
        allow: of(bot).allow.and(BOT),
        ..of(bot)
    }];
    wanted.extend(others.chain([of(everybody)]).map(|overwrite| Overwrite {
        allow: overwrite.allow.without(LOCKED),
        deny: overwrite.deny.and(LOCKED),
        ..overwrite
    }));
    wanted.retain(|overwrite| !now.contains(overwrite));
    wanted
}

/// A message a person wrote; `None` for bots, webhooks and Discord's own announcements.
#[must_use]
pub fn heard(message: &Message) -> Option<MessageHeard> {
    let by_a_person = !message.author.bot && message.webhook_id.is_none();
    let written = matches!(message.kind, 0 | 19);
    (by_a_person && written).then(|| MessageHeard {
        channel: ids::to_core_channel(message.channel_id),
        message: ids::to_core_message(message.id),
        author: ids::to_core_person(message.author.id),
        text: message.content.clone(),
        attachments: message
            .attachments
            .iter()
            .map(|file| {
                AttachedFile::heard(
                    FileId(file.id.get()),
                    &file.filename,
                    file.size,
                    file.content_type.as_deref(),
                    &file.url,
                )
            })
            .collect(),
    })
}

/// A card as a message's body. Whom it pings was decided by the core.
fn body_of(card: &Card) -> Result<MessageBody, ApiError> {
    let rendered = render(card);
    let mut body = MessageBody {
        content: rendered.content,
        embeds: rendered.embeds,
        components: rendered.components,
        silent: rendered.quiet,
        ..MessageBody::default()
    };
    for person in rendered.ping {
        body = body.ping(Ping::Person(ids::checked("person", person)?));
    }
    Ok(body)
}

/// A nonce from an effect's id: 24 hexadecimal digits of its hash, since a nonce has at most 25 characters.
fn nonce_of(once: &EffectId) -> Result<Nonce, ApiError> {
    let hash = Sha256::digest(once.0.as_bytes());
    let text: String = hash
        .iter()
        .take(12)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    Nonce::new(text).map_err(|error| ApiError::NotSent {
        why: error.to_string(),
    })
}

/// What an error of a call about this channel means for an effect.
fn failure_in(channel: ChannelId) -> impl Fn(ApiError) -> Failure {
    move |error| match failure(error) {
        Failure::ChannelGone { why, .. } => Failure::ChannelGone {
            channel: Some(channel),
            why,
        },
        other => other,
    }
}

/// What an error means for an effect. A lost answer is tried again: nonce and marker make that harmless.
pub(super) fn failure(error: ApiError) -> Failure {
    let why = error.to_string();
    match error {
        ApiError::Refused(refused) => match (refused.status, refused.code) {
            (404, code::UNKNOWN_CHANNEL) => Failure::ChannelGone { channel: None, why },
            (_, code::TOO_MANY_EDITS_OF_OLD_MESSAGE) => Failure::TooOld { why },
            // The bot, its token or its place in the server: everything waits until a person has mended it.
            (401, _) | (404, code::UNKNOWN_GUILD) => Failure::Waits { why },
            (403, code::MISSING_ACCESS | code::MISSING_PERMISSIONS) => Failure::Waits { why },
            (404, code) if code != 0 => Failure::Gone { why },
            _ => Failure::Refused { why },
        },
        ApiError::Retry { after, .. } => Failure::Retry {
            after: Some(after),
            why,
        },
        ApiError::Maybe { .. } | ApiError::NotSent { .. } => Failure::Retry { after: None, why },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nonce_fits_discord_and_differs_between_effects() {
        let nonce = |id: &str| nonce_of(&EffectId(id.to_owned())).expect("24 digits fit");
        assert_eq!(nonce("inc-1/3/say"), nonce("inc-1/3/say"));
        assert_ne!(nonce("inc-1/3/say"), nonce("inc-1/4/say"));
    }
}
