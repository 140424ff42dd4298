//! Whose prefixes, reactions and pins count: those of people who may act. Everybody else reads.
//!
//! A live event says what roles somebody has, so nobody has to be asked. A message that is read again says nothing, and
//! then the server is. Where it does not answer the mark counts: a line too many is taken back with one press, a line too
//! few is lost.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use bridgewatch_commands::{GuardSettings, rank_of};
use bridgewatch_core::effect::Lane;
use bridgewatch_core::ids::{ChannelId, MessageId};
use bridgewatch_core::incident::Rank;
use bridgewatch_core::person::PersonId;
use bridgewatch_core::ports::{Members as _, Membership};
use bridgewatch_core::timeline::{Prefixes, Signal, markers};

use super::chat::{DiscordChat, failure};
use super::ids;
use super::members::MemberBook;

/// What stands under a message whose prefix was not taken, for its author alone to wonder at: nobody is notified.
pub(super) const NOT_TAKEN: &str = "🚫";

/// The roles that an event told, by person.
pub(super) type Told = BTreeMap<PersonId, Vec<u64>>;

/// Knows whose marks count.
pub(super) struct Marks {
    pub(super) guard: GuardSettings,
    pub(super) members: Arc<MemberBook>,
}

impl Marks {
    /// Those concerned by a signal whose marks do not count.
    pub(super) async fn readers(
        &self,
        signal: &Signal,
        prefixes: &Prefixes,
        told: &Told,
    ) -> BTreeSet<PersonId> {
        let mut readers = BTreeSet::new();
        if self.guard.responder_role.is_none() {
            return readers;
        }
        for person in markers(signal, prefixes) {
            if self.only_reads(person, told.get(&person)).await {
                readers.insert(person);
            }
        }
        readers
    }

    async fn only_reads(&self, person: PersonId, told: Option<&Vec<u64>>) -> bool {
        let reads = |roles: &[u64], administrator| {
            rank_of(&self.guard, roles, administrator) == Rank::Viewer
        };
        let known = match told {
            Some(roles) if !reads(roles, false) => return false,
            Some(roles) => self
                .members
                .administers(person, roles)
                .await
                .map(|administrator| reads(roles, administrator)),
            None => match self.members.membership(person).await {
                Membership::Member(standing) => {
                    Some(reads(&standing.roles, standing.administrator))
                }
                // They could write here when they wrote it; what they were then nobody can say.
                Membership::Left | Membership::Unknown { .. } => None,
            },
        };
        known.unwrap_or_else(|| {
            tracing::warn!(
                person.id = person.0,
                "a mark is kept although it is not known whether its author may act"
            );
            false
        })
    }
}

/// Tells the author of a message, without a word, that its prefix was not taken.
pub(super) async fn show_not_taken(chat: &DiscordChat, channel: ChannelId, message: MessageId) {
    let shown = async {
        let channel = ids::channel(channel).map_err(failure)?;
        let message = ids::message(message).map_err(failure)?;
        let rest = chat.rest().on(Lane::Mirror);
        rest.react(channel, message, NOT_TAKEN)
            .await
            .map_err(failure)
    };
    if let Err(failure) = shown.await {
        tracing::warn!(%failure, "the author of a message was not shown that it is not in the timeline");
    }
}
