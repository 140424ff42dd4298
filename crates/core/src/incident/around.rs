//! What the board shows beside the incident itself: it is kept elsewhere and can change while the incident does not.

use crate::change::ReportedChange;
use crate::timeline::{Entry, Kind};

/// The most lines of work that a board names.
pub const MOST_WORK: usize = 2;

/// What stands around an incident.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Around {
    /// What was changed around the time it began.
    pub changes: Vec<ReportedChange>,
    /// The actions and decisions that were noted last, newest first, at most [`MOST_WORK`].
    pub work: Vec<Entry>,
}

/// Whether a line says what is being done: then the board names it.
#[must_use]
pub fn is_work(kind: Kind) -> bool {
    matches!(kind, Kind::Action | Kind::Decision)
}
