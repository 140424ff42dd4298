//! What the session has heard, and what of it is still being handled.
//!
//! A session can be connected and deaf; that shows as a number that does not rise. And whoever stops the service lets
//! what was heard be written down first.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serenity::all::{ChannelType, Context, Event, RawEventHandler};

use crate::activity::{InHand, Piece};

/// Counts what a session hears. Cheap to clone; every clone counts the same.
#[derive(Clone, Debug, Default)]
pub struct Hearing {
    dispatches: Arc<AtomicU64>,
    in_hand: InHand,
}

impl Hearing {
    /// Dispatches heard since the start, replayed ones too.
    #[must_use]
    pub fn dispatches(&self) -> u64 {
        self.dispatches.load(Ordering::Acquire)
    }

    /// Events that are being handled.
    #[must_use]
    pub fn in_hand(&self) -> &InHand {
        &self.in_hand
    }

    /// A handler takes its event over; the event is handled when what comes back is dropped.
    pub(super) fn handling(&self) -> Piece {
        self.in_hand.finishing_one()
    }
}

#[serenity::async_trait]
impl RawEventHandler for Hearing {
    async fn raw_event(&self, _: Context, event: Event) {
        // First what is to be handled, then that it was heard: whoever sees it counted sees the work too.
        if has_handler(&event) {
            self.in_hand.expect_one();
        }
        self.dispatches.fetch_add(1, Ordering::Release);
    }
}

/// Whether [`super::gateway`] has a handler for it, each of which calls [`Hearing::handling`].
fn has_handler(event: &Event) -> bool {
    if let Event::ChannelDelete(deleted) = event {
        // Categories have a handler of their own, which is not ours.
        return deleted.channel.kind != ChannelType::Category;
    }
    matches!(
        event,
        Event::Ready(_)
            | Event::Resumed(_)
            | Event::MessageCreate(_)
            | Event::MessageUpdate(_)
            | Event::MessageDelete(_)
            | Event::MessageDeleteBulk(_)
            | Event::ReactionAdd(_)
            | Event::ReactionRemove(_)
            | Event::ChannelPinsUpdate(_)
            | Event::InteractionCreate(_)
            | Event::GuildCreate(_)
            | Event::GuildDelete(_)
    )
}
