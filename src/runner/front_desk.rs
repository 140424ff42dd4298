//! The message that stands in the announcement channel: posted once, found again, brought up to date, pinned where the bot
//! may pin.

use bridgewatch_core::cards;
use bridgewatch_core::front_desk::{FRONT_DESK_FACT, Standing};
use bridgewatch_core::ports::{Claimed, Failure, Place};

use super::{Performed, Runner, trouble_of};

impl Runner {
    /// The message stands in the channel that has a line for each incident, and shows what it should.
    pub(super) async fn sync_front_desk(&self, claimed: &Claimed) -> Result<Performed, Failure> {
        if !self.front_desk {
            // It was wanted when this was stored.
            return Ok(Performed::Done);
        }
        let known = self.store.fact(FRONT_DESK_FACT).await;
        let known = known.map_err(|trouble| trouble_of(&trouble))?;
        let known = known.as_deref().and_then(Standing::decode);
        if let Some(known) = &known
            && let Some(standing) = self.brought_up(claimed, known).await?
        {
            return self.pinned(standing).await;
        }
        let (channel, message) = self
            .post_in_digest(claimed, &cards::standing_desk())
            .await?;
        let standing = Standing::today(channel, message);
        self.remember_desk(&standing).await?;
        // One in another channel, or that cannot be brought up to date, may be there still.
        if let Some(old) = known.filter(|old| old.message != message) {
            let lane = claimed.lane;
            let taken_away = self.chat.delete(old.channel, old.message, lane, None).await;
            if let Err(failure) = taken_away {
                tracing::info!(%failure, "the old front desk is not taken away; its buttons still work");
            }
        }
        self.pinned(standing).await
    }

    /// The message as it stands now, showing what it should; `None`: another has to take its place.
    async fn brought_up(
        &self,
        claimed: &Claimed,
        known: &Standing,
    ) -> Result<Option<Standing>, Failure> {
        let (channel, message) = (known.channel, known.message);
        if !self.chat.stands_in(Place::Digest, channel, message).await? {
            return Ok(None);
        }
        if known.is_of_today() {
            return Ok(Some(known.clone()));
        }
        let card = cards::standing_desk();
        match self.chat.edit(channel, message, &card, claimed.lane).await {
            Ok(()) => {
                let standing = Standing {
                    pinned: known.pinned,
                    ..Standing::today(channel, message)
                };
                self.remember_desk(&standing).await?;
                Ok(Some(standing))
            }
            Err(Failure::Gone { .. } | Failure::TooOld { .. }) => Ok(None),
            // What cannot be edited, for whatever reason, is replaced: nobody would mend it otherwise.
            Err(Failure::Refused { why }) => {
                tracing::info!(why, "the front desk cannot be edited and is posted anew");
                Ok(None)
            }
            Err(other) => Err(other),
        }
    }

    /// Pins it once. Where the bot may not pin, it stands there unpinned.
    async fn pinned(&self, standing: Standing) -> Result<Performed, Failure> {
        if standing.pinned {
            return Ok(Performed::Done);
        }
        match self.chat.pin(standing.channel, standing.message).await {
            Ok(()) => {
                let pinned = Standing {
                    pinned: true,
                    ..standing
                };
                self.remember_desk(&pinned).await?;
            }
            Err(retry @ Failure::Retry { .. }) => return Err(retry),
            Err(failure) => tracing::info!(%failure, "the front desk stands unpinned"),
        }
        Ok(Performed::Done)
    }

    async fn remember_desk(&self, standing: &Standing) -> Result<(), Failure> {
        let text = standing.encode();
        let remembered = self.store.remember(FRONT_DESK_FACT, &text).await;
        remembered.map_err(|trouble| trouble_of(&trouble))
    }
}
