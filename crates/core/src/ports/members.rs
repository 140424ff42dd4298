//! Who somebody is in the server, where a press does not say so itself: in direct messages.

use async_trait::async_trait;

use crate::person::PersonId;

/// What the server says of one of its members.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// The ids of their roles.
    pub roles: Vec<u64>,
    /// Whether they administer the server: by a role, or as its owner.
    pub administrator: bool,
}

/// Whether somebody is in the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Membership {
    /// They are.
    Member(Standing),
    /// They are not, or not any more.
    Left,
    /// The server could not be asked in time.
    Unknown {
        /// What was known of them when it last could, if that is not longer ago than an hour.
        last: Option<Standing>,
    },
}

/// Knows the members of the server.
#[async_trait]
pub trait Members: Send + Sync {
    /// What somebody is, at most a minute old. Answers within a second, whatever the server does.
    async fn membership(&self, person: PersonId) -> Membership;
    /// Somebody was just seen with this standing: what is known need not be asked.
    fn seen(&self, person: PersonId, standing: Standing);
}
