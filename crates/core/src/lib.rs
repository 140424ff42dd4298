//! The domain of Bridgewatch: what an incident is, what may happen to it, and what must follow.
//!
//! Everything here is pure. Nothing reads a clock, rolls a die or opens a socket: time is an argument, and what must be
//! done outside is returned as data. The three functions at the heart:
//!
//! * `decide`: may this happen? Yes gives events, no gives a refusal, a sentence for the person.
//! * `apply`: what is true after an event?
//! * `react`: what must follow outside?

pub mod alert;
pub mod audit;
pub mod card;
pub mod cards;
pub mod category;
pub mod change;
pub mod drill;
pub mod effect;
pub mod front_desk;
pub mod ids;
pub mod incident;
pub mod maintenance;
pub mod oncall;
pub mod person;
pub mod phase;
pub mod ports;
pub mod postmortem;
pub mod redaction;
pub mod role;
pub mod routing;
pub mod runbook;
pub mod secrets;
pub mod severity;
pub mod team_file;
pub mod timeline;
pub mod update;
#[cfg(test)]
mod update_tests;
pub mod wall_clock;
pub mod watchdog;
pub mod webhook;
