//! Whether everything the bot needs is there: permissions, intents, places.

use async_trait::async_trait;

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// What, and how it is.
    pub what: String,
    /// How to mend it; `None` where nothing has to be.
    pub mend: Option<String>,
}

impl Checked {
    /// Nothing has to be done.
    #[must_use]
    pub fn fine(what: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            mend: None,
        }
    }

    /// Somebody has to do something.
    #[must_use]
    pub fn wrong(what: impl Into<String>, mend: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            mend: Some(mend.into()),
        }
    }
}

/// Looks at everything the bot needs.
#[async_trait]
pub trait Checkup: Send + Sync {
    /// Looks now. Never fails: what cannot be asked is a line of its own.
    async fn look(&self) -> Vec<Checked>;
}
