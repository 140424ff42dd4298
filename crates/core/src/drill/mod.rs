//! Practice.
//!
//! A team plans its drills in `drills.toml`; [`parse()`] reads it or names every mistake in it. [`next_fires`] tells when
//! the drills of a schedule begin, [`due_announcements`] what is to be said beforehand, [`due_starts`] which drill begins
//! now. What was missed while the bot was away is reported and never caught up: a drill that starts 40 minutes late is
//! worse than none.

mod announcement;
mod cron_expression;
mod cron_fields;
mod parse;
mod schedule;

pub use announcement::{
    Announcement, AnnouncementKind, DueAnnouncements, GRACE, announcement_of, due_announcements,
    due_announcements_within,
};
pub use cron_expression::{CronExpression, NotCron};
pub use parse::parse;
pub use schedule::{
    Clash, DrillSchedule, Drills, DueStarts, Lead, NotALead, Occurrence, Player, clashes,
    due_starts, due_starts_within, next_fires,
};

#[cfg(test)]
mod tests;
