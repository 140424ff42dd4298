//! What the board shows beside the incident itself: it is kept elsewhere and can change while the incident does not.

use crate::change::ReportedChange;
use crate::timeline::{Entry, Kind, Source};

/// The most lines of work that a board names.
pub const MOST_WORK: usize = 3;

/// What stands around an incident.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Around {
    /// What was changed around the time it began.
    pub changes: Vec<ReportedChange>,
    /// The actions and decisions that were noted last, newest first, at most [`MOST_WORK`].
    pub work: Vec<Entry>,
}

/// Whether a line says what is being done: then the board names it. What was asked, answered or decided with a button, or
/// by the bot, stands on the board already or is about the incident and no work on it. What is for responders only does not.
#[must_use]
pub fn is_work(entry: &Entry) -> bool {
    matches!(entry.kind, Kind::Action | Kind::Decision)
        && entry.is_for_everybody()
        && !matches!(entry.source, Source::Button | Source::Timer)
}
