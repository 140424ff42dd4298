//! Who is in the server and with which roles, asked of Discord when a message of it does not say so.
//!
//! A press in a direct message names a person and none of their roles, and neither does a message that is read again after
//! a gap. So the server is asked, once a minute for each person, whoever else waits for the same answer. What a press in
//! the server tells by itself is kept too, so that mostly nobody has to be asked.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use bridgewatch_core::effect::Lane;
use bridgewatch_core::person::PersonId;
use bridgewatch_core::ports::{Members, Membership, Standing};
use chrono::{DateTime, TimeDelta, Utc};
use serenity::model::id::{RoleId, UserId};

use super::answers::PermissionBits;
use super::chat::DiscordChat;
use super::error::{ApiError, code};
use super::ids;
use crate::clock::Clock;

/// How long what Discord said counts.
const COUNTS_FOR: TimeDelta = TimeDelta::seconds(60);

/// How long what was known still counts where Discord does not answer: somebody may have lost a role since.
const LAST_KNOWN_COUNTS_FOR: TimeDelta = TimeDelta::hours(1);

/// How long Discord may take to say it: somebody waits for the answer to a press.
const PATIENCE: Duration = Duration::from_millis(900);

/// How many people are remembered at most; beyond that whoever was seen longest ago is forgotten.
const MOST_PEOPLE: usize = 5_000;

/// What is known of one person.
#[derive(Clone, Debug)]
struct Known {
    /// `None`: they are not in the server.
    standing: Option<Standing>,
    at: DateTime<Utc>,
}

/// Who administers the server.
#[derive(Clone, Debug)]
struct Administrators {
    owner: UserId,
    roles: Vec<RoleId>,
    at: DateTime<Utc>,
}

/// The members of the server, as far as anybody asked.
pub struct MemberBook {
    chat: Arc<DiscordChat>,
    clock: Clock,
    known: Mutex<BTreeMap<PersonId, Known>>,
    /// Held by whoever asks about a person, so that the others wait for the same answer.
    asking: Mutex<BTreeMap<PersonId, Arc<tokio::sync::Mutex<()>>>>,
    administrators: tokio::sync::Mutex<Option<Administrators>>,
}

impl MemberBook {
    /// An empty book that asks through this chat.
    #[must_use]
    pub fn new(chat: Arc<DiscordChat>, clock: Clock) -> Self {
        Self {
            chat,
            clock,
            known: Mutex::default(),
            asking: Mutex::default(),
            administrators: tokio::sync::Mutex::default(),
        }
    }

    /// Whether somebody with these roles administers the server; `None` when Discord does not say in time.
    pub(super) async fn administers(&self, person: PersonId, roles: &[u64]) -> Option<bool> {
        let answer = tokio::time::timeout(PATIENCE, self.administrators()).await;
        match answer {
            Ok(Ok(administrators)) => Some(administrators.include(person, roles)),
            Ok(Err(error)) => {
                tracing::warn!(%error, "the roles of the server could not be asked for");
                None
            }
            Err(_) => None,
        }
    }

    fn remembered(&self, person: PersonId) -> Option<Known> {
        locked(&self.known).get(&person).cloned()
    }

    fn fresh(&self, person: PersonId) -> Option<Membership> {
        let known = self.remembered(person)?;
        is_within(COUNTS_FOR, known.at, self.clock.now())
            .then(|| known.standing.map_or(Membership::Left, Membership::Member))
    }

    fn note(&self, person: PersonId, standing: Option<Standing>) {
        let at = self.clock.now();
        let mut known = locked(&self.known);
        known.insert(person, Known { standing, at });
        if known.len() > MOST_PEOPLE
            && let Some(oldest) = known
                .iter()
                .min_by_key(|(_, known)| known.at)
                .map(|(person, _)| *person)
        {
            known.remove(&oldest);
        }
    }

    async fn administrators(&self) -> Result<Administrators, ApiError> {
        // Held over the look-up: whoever else needs it waits for the same answer.
        let mut kept = self.administrators.lock().await;
        if let Some(known) = &*kept
            && is_within(COUNTS_FOR, known.at, self.clock.now())
        {
            return Ok(known.clone());
        }
        let guild = self.chat.guild()?;
        let rest = self.chat.rest().on(Lane::Interactive).patience(PATIENCE);
        let (server, roles) = tokio::try_join!(rest.guild(guild), rest.guild_roles(guild))?;
        let found = Administrators {
            owner: server.owner_id,
            roles: roles
                .iter()
                .filter(|role| role.permissions.contains(PermissionBits::ADMINISTRATOR))
                .map(|role| role.id)
                .collect(),
            at: self.clock.now(),
        };
        *kept = Some(found.clone());
        Ok(found)
    }

    /// Asks Discord; `None`: they are not in the server.
    async fn ask(&self, person: PersonId) -> Result<Option<Standing>, ApiError> {
        let guild = self.chat.guild()?;
        let user = ids::user(person)?;
        let rest = self.chat.rest().on(Lane::Interactive).patience(PATIENCE);
        let (member, administrators) =
            tokio::join!(rest.guild_member(guild, user), self.administrators());
        let member = match member {
            Err(ApiError::Refused(refused))
                if matches!(refused.code, code::UNKNOWN_MEMBER | code::UNKNOWN_USER) =>
            {
                return Ok(None);
            }
            answer => answer?,
        };
        let roles: Vec<u64> = member.roles.iter().map(|role| role.get()).collect();
        let administrator = administrators?.include(person, &roles);
        Ok(Some(Standing {
            roles,
            administrator,
        }))
    }

    async fn ask_once(&self, person: PersonId) -> Membership {
        let turn = Arc::clone(locked(&self.asking).entry(person).or_default());
        let held = turn.lock().await;
        let answer = match self.fresh(person) {
            Some(answer) => answer,
            None => match self.ask(person).await {
                Ok(standing) => {
                    self.note(person, standing.clone());
                    standing.map_or(Membership::Left, Membership::Member)
                }
                Err(error) => {
                    tracing::warn!(%error, "a member of the server could not be asked for");
                    self.unanswered(person)
                }
            },
        };
        drop(held);
        answer
    }

    /// What is known of somebody while Discord says nothing.
    fn unanswered(&self, person: PersonId) -> Membership {
        last_known(self.remembered(person), self.clock.now())
    }
}

/// What somebody counts as while Discord says nothing.
fn last_known(known: Option<Known>, now: DateTime<Utc>) -> Membership {
    match known {
        // Somebody who had left then is not let in because Discord is silent now.
        Some(Known { standing: None, .. }) => Membership::Left,
        known => Membership::Unknown {
            last: known
                .filter(|known| is_within(LAST_KNOWN_COUNTS_FOR, known.at, now))
                .and_then(|known| known.standing),
        },
    }
}

/// Whether what was learned `at` is no older than this. A clock that was set back makes nothing young again: what was
/// learned in its future is as old as can be.
fn is_within(age: TimeDelta, at: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    (TimeDelta::zero()..age).contains(&(now - at))
}

#[async_trait]
impl Members for MemberBook {
    async fn membership(&self, person: PersonId) -> Membership {
        if let Some(answer) = self.fresh(person) {
            return answer;
        }
        let answer = tokio::time::timeout(PATIENCE, self.ask_once(person)).await;
        let mut asking = locked(&self.asking);
        // Nobody else waits: the map holds one, and nobody gets another while it is locked.
        if asking
            .get(&person)
            .is_some_and(|turn| Arc::strong_count(turn) == 1)
        {
            asking.remove(&person);
        }
        drop(asking);
        answer.unwrap_or_else(|_| {
            tracing::warn!("a member of the server was not told of in time");
            self.unanswered(person)
        })
    }

    fn seen(&self, person: PersonId, standing: Standing) {
        self.note(person, Some(standing));
    }
}

impl Administrators {
    fn include(&self, person: PersonId, roles: &[u64]) -> bool {
        self.owner.get() == person.0 || self.roles.iter().any(|role| roles.contains(&role.get()))
    }
}

/// A map whose holder panicked is still a map: every change of it is one insertion or removal.
fn locked<T>(map: &Mutex<T>) -> MutexGuard<'_, T> {
    map.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(clock: &str) -> DateTime<Utc> {
        let text = format!("2026-11-21T{clock}Z");
        text.parse().expect("a literal time")
    }

    fn known(standing: Option<Standing>) -> Known {
        let at = at("02:00:00");
        Known { standing, at }
    }

    fn last(clock: &str) -> Membership {
        last_known(Some(known(Some(Standing::default()))), at(clock))
    }

    #[test]
    fn what_was_said_counts_for_a_minute_and_not_longer_because_a_clock_was_set_back() {
        let counts = |clock: &str| is_within(COUNTS_FOR, at("02:00:00"), at(clock));
        assert!(counts("02:00:00") && counts("02:00:59"));
        assert!(!counts("02:01:00"));
        assert!(!counts("01:59:59"));
        assert!(!counts("01:00:00"));
    }

    #[test]
    fn while_discord_is_silent_what_was_known_counts_for_an_hour() {
        let still = Membership::Unknown {
            last: Some(Standing::default()),
        };
        assert_eq!(last("02:59:59"), still);
        let nothing = Membership::Unknown { last: None };
        assert_eq!(last("03:00:00"), nothing);
        assert_eq!(last("01:59:00"), nothing, "the clock was set back");
        assert_eq!(last_known(None, at("02:00:00")), nothing);
    }

    #[test]
    fn whoever_had_left_is_not_let_in_because_discord_is_silent() {
        assert_eq!(
            last_known(Some(known(None)), at("23:00:00")),
            Membership::Left
        );
    }
}
