//! The chat platform, as the runner needs it.

use async_trait::async_trait;

use crate::effect::{EffectId, Lane};
use crate::ids::{ChannelId, MessageId};
use crate::person::PersonId;

/// Why something outside did not happen.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// Not now. It did not happen, or happening twice does no harm.
    #[error("{why}")]
    Retry {
        /// When it makes sense again, if the other side said so.
        after: Option<std::time::Duration>,
        /// Why, without secrets.
        why: String,
    },
    /// What it was about is gone: a deleted message.
    #[error("{why}")]
    Gone {
        /// What, without secrets.
        why: String,
    },
    /// The message is too old to be changed now: a new one must take its place.
    #[error("{why}")]
    TooOld {
        /// Which, without secrets.
        why: String,
    },
    /// The channel it was to happen in is gone.
    #[error("{why}")]
    ChannelGone {
        /// Which, if the call was about one channel.
        channel: Option<ChannelId>,
        /// Which, without secrets.
        why: String,
    },
    /// A person can mend the cause, and then it makes sense again: a missing permission, a bot that is not in the server.
    #[error("{why}")]
    Waits {
        /// What is wrong, and how to mend it, without secrets.
        why: String,
    },
    /// It will be refused every time.
    #[error("{why}")]
    Refused {
        /// Why, and how to mend it, without secrets.
        why: String,
    },
}

/// A channel to be opened for an incident.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelSpec {
    /// The name: decided once.
    pub name: String,
    /// The topic, with the marker by which a second attempt finds the first.
    pub topic: String,
    /// The marker alone.
    pub marker: String,
    /// Who may see it: `None` for everybody in the server.
    pub only_for: Option<Vec<PersonId>>,
    /// Whether an earlier attempt may have opened it already.
    pub look_first: bool,
}

/// A voice channel to be opened for an incident.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallSpec {
    /// The name, which is its marker too: a voice channel has no topic.
    pub name: String,
    /// Who may see it: `None` for everybody in the server.
    pub only_for: Option<Vec<PersonId>>,
    /// Whether an earlier attempt may have opened it already.
    pub look_first: bool,
}

/// A place that belongs to the deployment, not to an incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// One line per incident; words to the people who keep the bot running.
    Digest,
    /// Updates for the stakeholders.
    Stakeholders,
}

/// The chat platform, as the runner needs it.
#[async_trait]
pub trait Chat: Send + Sync {
    /// Opens a channel, or finds the one an earlier attempt opened.
    async fn open_channel(&self, spec: &ChannelSpec) -> Result<ChannelId, Failure>;
    /// Opens a voice channel beside the incidents' channels, or finds the one an earlier attempt opened.
    async fn open_call(&self, spec: &CallSpec) -> Result<ChannelId, Failure>;
    /// Deletes a channel. One that is gone already is deleted.
    async fn delete_channel(&self, channel: ChannelId) -> Result<(), Failure>;
    /// Posts a message. The same `once` within some minutes posts it once.
    async fn post(
        &self,
        channel: ChannelId,
        card: &crate::card::Card,
        once: &EffectId,
        lane: Lane,
    ) -> Result<MessageId, Failure>;
    /// Posts a message with a text file.
    async fn post_file(
        &self,
        channel: ChannelId,
        card: &crate::card::Card,
        file_name: &str,
        text: &str,
        once: &EffectId,
    ) -> Result<MessageId, Failure>;
    /// Replaces what a message says.
    async fn edit(
        &self,
        channel: ChannelId,
        message: MessageId,
        card: &crate::card::Card,
        lane: Lane,
    ) -> Result<(), Failure>;
    /// Deletes a message, whoever wrote it. One that is gone already is deleted. The reason stands in the server's own
    /// audit log.
    async fn delete(
        &self,
        channel: ChannelId,
        message: MessageId,
        lane: Lane,
        reason: Option<&str>,
    ) -> Result<(), Failure>;
    /// Pins a message.
    async fn pin(&self, channel: ChannelId, message: MessageId) -> Result<(), Failure>;
    /// Puts our mark under a message, or takes it away.
    async fn mark(
        &self,
        channel: ChannelId,
        message: MessageId,
        present: bool,
    ) -> Result<(), Failure>;
    /// The conversation with a person.
    async fn direct_channel(&self, person: PersonId) -> Result<ChannelId, Failure>;
    /// Posts a message in a place, which is created if it is absent. Says where it stands.
    async fn post_in(
        &self,
        place: Place,
        card: &crate::card::Card,
        once: &EffectId,
        lane: Lane,
    ) -> Result<(ChannelId, MessageId), Failure>;
    /// Whether this message, of this bot, stands in a place, as that place is now.
    async fn stands_in(
        &self,
        place: Place,
        channel: ChannelId,
        message: MessageId,
    ) -> Result<bool, Failure>;
    /// A message people wrote; `None` when it is gone or not a person's.
    async fn message(
        &self,
        channel: ChannelId,
        message: MessageId,
    ) -> Result<Option<crate::timeline::MessageHeard>, Failure>;
    /// Messages people wrote after one, oldest first, a page at a time, and whether there may be more. The last element
    /// is the id to go on from.
    async fn messages_after(
        &self,
        channel: ChannelId,
        after: Option<MessageId>,
    ) -> Result<(Vec<crate::timeline::MessageHeard>, Option<MessageId>, bool), Failure>;
    /// Lets a person see a channel that is not for everybody, and write in it.
    async fn admit(&self, channel: ChannelId, person: PersonId) -> Result<(), Failure>;
    /// The address under which people open a channel.
    fn link_to(&self, channel: ChannelId) -> String;
    /// Lets exactly these people see a channel; with `None`, everybody in the server. What made it read-only stays.
    async fn restrict(
        &self,
        channel: ChannelId,
        only_for: Option<&[PersonId]>,
    ) -> Result<(), Failure>;
    /// Gives a channel another name and topic. Discord allows this about twice in ten minutes.
    async fn rename(&self, channel: ChannelId, name: &str, topic: &str) -> Result<(), Failure>;
    /// Makes a channel read-only for everybody but the bot.
    async fn lock(&self, channel: ChannelId) -> Result<(), Failure>;
}
