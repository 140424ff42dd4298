//! Ways to reach people outside the chat.

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::Failure;
use crate::ids::IncidentId;
use crate::incident::Incident;
use crate::person::PersonId;
use crate::severity::Severity;

/// An update on its way to one target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Stable over retries, so that a receiver can tell a repeat.
    pub id: String,
    /// The incident.
    pub incident: IncidentId,
    /// Its title.
    pub title: String,
    /// Its severity.
    pub severity: Severity,
    /// The status in an audience's words.
    pub status: &'static str,
    /// The text, Markdown as Discord reads it.
    pub text: String,
    /// When it was sent.
    pub at: DateTime<Utc>,
    /// When the next one is promised.
    pub next_due: Option<DateTime<Utc>>,
}

/// A way to reach stakeholders.
#[async_trait]
pub trait Notifier: Send + Sync {
    /// The configured name.
    fn name(&self) -> &str;
    /// Delivers a notice: at least once, with a stable id.
    async fn notify(&self, notice: &Notice) -> Result<(), Failure>;
}

/// Whom a pager is to wake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Called<'name> {
    /// Their Discord id.
    pub person: PersonId,
    /// Their name as people know it.
    pub name: &'name str,
}

/// A way to wake people that is not Discord.
#[async_trait]
pub trait Pager: Send + Sync {
    /// Calls somebody for an incident; with nobody named, whoever the pager itself has on call. The id is stable over
    /// retries.
    async fn page(
        &self,
        id: &str,
        incident: &Incident,
        called: Option<Called<'_>>,
    ) -> Result<(), Failure>;
}
