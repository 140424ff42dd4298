//! Whom a message pings.

use std::sync::LazyLock;

use regex::Regex;

use super::World;
use crate::permissions as p;

/// Who may be pinged by a message, after reading `allowed_mentions`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AllowedMentions {
    pub users: Allowed,
    pub roles: Allowed,
    pub everyone: bool,
    pub replied_user: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Allowed {
    All,
    Only(Vec<u64>),
}

impl Allowed {
    fn has(&self, id: u64) -> bool {
        match self {
            Allowed::All => true,
            Allowed::Only(ids) => ids.contains(&id),
        }
    }
}

impl AllowedMentions {
    /// What an ordinary message may ping when it does not say.
    pub(crate) fn everything() -> Self {
        AllowedMentions {
            users: Allowed::All,
            roles: Allowed::All,
            everyone: true,
            replied_user: true,
        }
    }

    /// What an interaction's answer or a webhook may ping when it does not say.
    pub(crate) fn users_only() -> Self {
        AllowedMentions {
            users: Allowed::All,
            roles: Allowed::Only(Vec::new()),
            everyone: false,
            replied_user: true,
        }
    }
}

static USER_MENTION: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"<@!?(\d{1,20})>").expect("the pattern is a literal"));
static ROLE_MENTION: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"<@&(\d{1,20})>").expect("the pattern is a literal"));
static EVERYONE_MENTION: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"@(everyone|here)\b").expect("the pattern is a literal"));

/// What a text pings.
pub(super) struct Mentions {
    pub users: Vec<u64>,
    pub roles: Vec<u64>,
    pub everyone: bool,
}

impl World {
    /// The users and roles that a text pings, as far as the author may and `allowed` lets it.
    pub(super) fn mentions(
        &self,
        author: u64,
        channel_id: u64,
        content: &str,
        allowed: &AllowedMentions,
    ) -> Mentions {
        let ids = |pattern: &Regex| {
            let mut ids: Vec<u64> = Vec::new();
            for found in pattern.captures_iter(content) {
                if let Ok(id) = found[1].parse()
                    && !ids.contains(&id)
                {
                    ids.push(id);
                }
            }
            ids
        };
        let may_ping_all = self.permissions(author, channel_id) & p::MENTION_EVERYONE != 0;
        let pingable = |id: &u64| {
            self.guild
                .roles
                .get(id)
                .is_some_and(|role| role.mentionable || may_ping_all)
        };
        Mentions {
            users: ids(&USER_MENTION)
                .into_iter()
                .filter(|id| self.users.contains_key(id) && allowed.users.has(*id))
                .collect(),
            roles: ids(&ROLE_MENTION)
                .into_iter()
                .filter(|id| pingable(id) && allowed.roles.has(*id))
                .collect(),
            everyone: allowed.everyone && may_ping_all && EVERYONE_MENTION.is_match(content),
        }
    }
}
