//! People, as Discord knows them.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A Discord user id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PersonId(pub u64);

impl fmt::Display for PersonId {
    /// The form Discord renders as the person's name. It pings nobody unless the message says so separately.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "<@{}>", self.0)
    }
}
