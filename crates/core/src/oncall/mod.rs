//! Who is on duty.
//!
//! A team writes its rota in `rota.toml`; [`parse()`] reads it or names every mistake in it. When an incident needs a role,
//! [`who_is_on`] says who holds it now, until when and why, and [`candidates`] whom to ask next if they do not answer:
//! an active override, then the schedule's slot, then its backup, then the rest of the team in order. [`gaps()`] finds the
//! hours that nobody covers before they come.
//!
//! Hand-overs happen on the wall clock of the schedule's zone, so a night shift over a clock change lasts 11 or 13 hours
//! and still ends at 09:00.

mod gaps;
mod parse;
mod people;
mod resolve;
mod rota;
mod rotation;
mod shift;
mod staffed_hours;

pub use gaps::{Gap, GapReason, gaps, gaps_text};
pub use parse::parse;
pub(crate) use parse::person_of;
pub use people::{People, Person, UnknownPerson};
pub use resolve::{Because, Candidate, OnDuty, Reach, candidates, who_is_on};
pub use rota::{Backup, Outside, Override, Rota, Schedule};
pub use rotation::{NotARotation, Rotation, Slot};
pub use shift::{ShiftEnd, shift_end};
pub use staffed_hours::{NotHours, StaffedHours};

#[cfg(test)]
mod tests;
