//! Looks after the message that stands in the announcement channel: after every READY and RESUMED, every five minutes, and
//! when a message or a channel is deleted. What has to be done about it, the runner does.

use bridgewatch_core::effect::Lane;
use bridgewatch_core::front_desk::{FRONT_DESK_FACT, Standing, front_desk_effect};
use bridgewatch_core::ids::{ChannelId, MessageId};
use bridgewatch_core::ports::{Broken, Chat as _, Failure, Place, Store};
use chrono::{DateTime, Utc};

use super::chat::{DiscordChat, failure};
use super::error::code;
use super::ids;

/// Sees to it that the message stands.
pub(super) async fn look_after(store: &dyn Store, chat: &DiscordChat, now: DateTime<Utc>) {
    if !chat.places().front_desk {
        return;
    }
    let looked = async {
        let fact = remembered(store)
            .await
            .map_err(|trouble| trouble.to_string())?;
        let is_there = match standing(fact.as_deref()) {
            Some(known) => chat
                .stands_in(Place::Digest, known.channel, known.message)
                .await
                .map_err(|failure| failure.to_string())?,
            None => false,
        };
        mend(store, fact.as_deref(), is_there, now)
            .await
            .map_err(|trouble| trouble.to_string())
    };
    if let Err(why) = looked.await {
        tracing::info!(
            why,
            "whether the front desk stands is not known; it is looked at again"
        );
    }
}

/// Somebody deleted these messages: if it was one of them, it comes back.
pub(super) async fn deleted(
    store: &dyn Store,
    chat: &DiscordChat,
    messages: &[MessageId],
    now: DateTime<Utc>,
) {
    lost(store, chat, now, |known| messages.contains(&known.message)).await;
}

/// Somebody deleted a channel: if it stood there, it comes back where its place is then.
pub(super) async fn channel_deleted(
    store: &dyn Store,
    chat: &DiscordChat,
    channel: ChannelId,
    now: DateTime<Utc>,
) {
    lost(store, chat, now, |known| known.channel == channel).await;
}

async fn lost(
    store: &dyn Store,
    chat: &DiscordChat,
    now: DateTime<Utc>,
    is_it: impl Fn(&Standing) -> bool,
) {
    if !chat.places().front_desk {
        return;
    }
    let mended = async {
        let fact = remembered(store).await?;
        match standing(fact.as_deref()) {
            Some(known) if is_it(&known) => mend(store, fact.as_deref(), false, now).await,
            _ => Ok(()),
        }
    };
    if let Err(trouble) = mended.await {
        tracing::error!(error = %trouble, "the front desk is not mended; it is looked at again");
    }
}

async fn remembered(store: &dyn Store) -> Result<Option<String>, Broken> {
    store.fact(FRONT_DESK_FACT).await
}

fn standing(fact: Option<&str>) -> Option<Standing> {
    fact.and_then(Standing::decode)
}

async fn mend(
    store: &dyn Store,
    fact: Option<&str>,
    is_there: bool,
    now: DateTime<Utc>,
) -> Result<(), Broken> {
    match front_desk_effect(fact, is_there, now) {
        Some(effect) => store.enqueue(vec![effect], now).await,
        None => Ok(()),
    }
}

impl DiscordChat {
    /// Whether a message of this bot stands in a place, as that place is now. What cannot be read may well stand there. One
    /// that another application wrote, under an earlier token, is not ours: its buttons answer there.
    pub(super) async fn still_stands(
        &self,
        place: Place,
        channel: ChannelId,
        message: MessageId,
    ) -> Result<bool, Failure> {
        if self.place(place).await? != channel {
            return Ok(false);
        }
        let (what, _) = self.named(place);
        let asked = self
            .rest()
            .on(Lane::Background)
            .get_message(
                ids::channel(channel).map_err(failure)?,
                ids::message(message).map_err(failure)?,
            )
            .await;
        match asked {
            Ok(found) => Ok(found.author.id == self.bot_id().await.map_err(failure)?),
            Err(error) if error.code() == Some(code::UNKNOWN_CHANNEL) => {
                self.forget(what).await;
                Ok(false)
            }
            Err(error) if error.is_gone() => Ok(false),
            Err(error) => Err(failure(error)),
        }
    }
}
