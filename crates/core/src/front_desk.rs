//! The message that stands in the announcement channel, for whoever finds something broken: one button begins an incident,
//! one shows everything else. There is one of it. It is remembered where it stands and what it shows, so that a restart
//! finds it again, and one that was deleted comes back.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

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
            shows: shown_today(),
            pinned: false,
        }
    }

    /// Whether it shows the card of today.
    #[must_use]
    pub fn is_of_today(&self) -> bool {
        self.shows == shown_today()
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

/// What has to be done so that the message stands, if anything: `fact` is what the store remembers of it, and `is_there`
/// says whether it still stands. The same loss has the same name for a day, however often it is noticed; what was given up
/// is tried again on the next.
#[must_use]
pub fn front_desk_effect(
    fact: Option<&str>,
    is_there: bool,
    now: DateTime<Utc>,
) -> Option<NewEffect> {
    let known = fact.and_then(Standing::decode);
    let cause = match (&known, fact) {
        (None, None) => "first".to_owned(),
        (None, Some(unread)) => format!("unread-{}", digest_of(unread.as_bytes())),
        (Some(known), _) if !is_there => format!("after-{}", known.message.0),
        (Some(known), _) if known.is_of_today() => return None,
        (Some(known), _) => format!("{}/shows-{}", known.message.0, shown_today()),
    };
    Some(NewEffect {
        id: EffectId(format!("front-desk/{cause}/{}", now.format("%Y-%m-%d"))),
        incident: None,
        stream: "front-desk".to_owned(),
        lane: Lane::Background,
        coalesce_key: None,
        not_before: None,
        effect: Effect::SyncFrontDesk,
    })
}

fn shown_today() -> String {
    let text = serde_json::to_string(&cards::standing_desk()).unwrap_or_default();
    digest_of(text.as_bytes())
}

/// Eight bytes of its hash: enough to tell two versions of one card apart.
fn digest_of(bytes: &[u8]) -> String {
    let hash = Sha256::digest(bytes);
    hash.iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on(day: &str) -> DateTime<Utc> {
        let text = format!("{day}T02:00:00Z");
        text.parse().expect("a literal time")
    }

    fn id_of(known: Option<&Standing>, is_there: bool) -> Option<String> {
        let fact = known.map(Standing::encode);
        id_of_fact(fact.as_deref(), is_there)
    }

    fn id_of_fact(fact: Option<&str>, is_there: bool) -> Option<String> {
        front_desk_effect(fact, is_there, on("2026-11-21")).map(|effect| effect.id.0)
    }

    #[test]
    fn one_that_stands_and_shows_what_it_should_is_left_alone() {
        let standing = Standing::today(ChannelId(1), MessageId(7));
        assert_eq!(id_of(Some(&standing), true), None);
    }

    #[test]
    fn the_same_loss_is_mended_once_however_often_it_is_noticed() {
        let standing = Standing::today(ChannelId(1), MessageId(7));
        assert_eq!(
            id_of(None, false).as_deref(),
            Some("front-desk/first/2026-11-21")
        );
        let again = [id_of(Some(&standing), false), id_of(Some(&standing), false)];
        assert_eq!(
            again,
            [
                Some("front-desk/after-7/2026-11-21".to_owned()),
                again[1].clone()
            ]
        );
        let next = Standing::today(ChannelId(1), MessageId(8));
        assert_ne!(id_of(Some(&next), false), again[0]);
    }

    #[test]
    fn what_was_given_up_is_tried_again_on_the_next_day() {
        let today = front_desk_effect(None, false, on("2026-11-21"));
        let tomorrow = front_desk_effect(None, false, on("2026-11-22"));
        assert_ne!(
            today.map(|effect| effect.id),
            tomorrow.map(|effect| effect.id)
        );
    }

    #[test]
    fn a_memory_that_cannot_be_read_does_not_take_the_name_of_what_was_done_long_ago() {
        let unread = id_of_fact(Some("12345"), false);
        assert!(unread.is_some());
        assert_ne!(unread, id_of_fact(None, false));
        assert_ne!(unread, id_of_fact(Some("{}"), false));
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
