//! The message that stands in the announcement channel, for whoever finds something broken: one button begins an incident,
//! one shows everything else. There is one of it. It is remembered where it stands and what it shows, so that a restart
//! finds it again, and one that was deleted comes back.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::card::Card;
use crate::cards;
use crate::effect::{Effect, EffectId, Lane, NewEffect};
use crate::ids::{ChannelId, MessageId};

/// The fact under which the store remembers it.
pub const FRONT_DESK_FACT: &str = "front-desk";

/// The message as it was posted or edited last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// Where it stands.
    pub channel: ChannelId,
    /// Which it is.
    pub message: MessageId,
    /// A digest of what it shows.
    pub shows: String,
    /// Whether it was pinned. Who takes the pin off again is left alone.
    pub pinned: bool,
}

impl Standing {
    /// The message, as it shows the card of today.
    #[must_use]
    pub fn today(channel: ChannelId, message: MessageId) -> Self {
        Self {
            channel,
            message,
            shows: digest_of(&cards::standing_desk()),
            pinned: false,
        }
    }

    /// Whether it shows the card of today.
    #[must_use]
    pub fn is_of_today(&self) -> bool {
        self.shows == digest_of(&cards::standing_desk())
    }

    /// As the store remembers it.
    #[must_use]
    pub fn encode(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// The reverse; `None` for what no version wrote.
    #[must_use]
    pub fn decode(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }
}

/// What has to be done so that the message stands, if anything: `is_there` says whether the known one still does. The same
/// loss has the same name, however often it is noticed.
#[must_use]
pub fn front_desk_effect(known: Option<&Standing>, is_there: bool) -> Option<NewEffect> {
    let cause = match known {
        None => "first".to_owned(),
        Some(known) if !is_there => format!("after-{}", known.message.0),
        Some(known) if known.is_of_today() => return None,
        Some(known) => format!(
            "{}/shows-{}",
            known.message.0,
            digest_of(&cards::standing_desk())
        ),
    };
    Some(NewEffect {
        id: EffectId(format!("front-desk/{cause}")),
        incident: None,
        stream: "front-desk".to_owned(),
        lane: Lane::Background,
        coalesce_key: None,
        not_before: None,
        effect: Effect::SyncFrontDesk,
    })
}

/// Eight bytes of its hash: enough to tell two versions of one card apart.
fn digest_of(card: &Card) -> String {
    let text = serde_json::to_string(card).unwrap_or_default();
    let hash = Sha256::digest(text.as_bytes());
    hash.iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id_of(known: Option<&Standing>, is_there: bool) -> Option<String> {
        front_desk_effect(known, is_there).map(|effect| effect.id.0)
    }

    #[test]
    fn one_that_stands_and_shows_what_it_should_is_left_alone() {
        let standing = Standing::today(ChannelId(1), MessageId(7));
        assert_eq!(id_of(Some(&standing), true), None);
    }

    #[test]
    fn the_same_loss_is_mended_once_however_often_it_is_noticed() {
        let standing = Standing::today(ChannelId(1), MessageId(7));
        assert_eq!(id_of(None, false).as_deref(), Some("front-desk/first"));
        let again = [id_of(Some(&standing), false), id_of(Some(&standing), false)];
        assert_eq!(
            again,
            [Some("front-desk/after-7".to_owned()), again[1].clone()]
        );
        let next = Standing::today(ChannelId(1), MessageId(8));
        assert_ne!(id_of(Some(&next), false), again[0]);
    }

    #[test]
    fn one_that_an_older_version_posted_is_brought_up_to_date_once() {
        let old = Standing {
            shows: "0123456789abcdef".to_owned(),
            ..Standing::today(ChannelId(1), MessageId(7))
        };
        let id = id_of(Some(&old), true);
        assert!(id.is_some_and(|id| id.starts_with("front-desk/7/shows-")));
    }

    #[test]
    fn what_the_store_remembers_comes_back_and_nonsense_is_nothing() {
        let standing = Standing::today(ChannelId(1), MessageId(7));
        assert_eq!(Standing::decode(&standing.encode()), Some(standing));
        assert_eq!(Standing::decode("12345"), None);
        assert_eq!(Standing::decode(""), None);
    }
}
