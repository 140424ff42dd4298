//! The rules of an incident, told as nights.

mod always;
mod briefing;
mod call;
pub(crate) mod cards;
mod ending;
mod late_start;
mod learning;
mod life;
mod links;
mod lone;
mod mitigations;
mod never;
pub(crate) mod night;
mod paging;
mod people;
mod quiet;
mod ranks;
mod refused;
mod relations;
mod restricted;
mod role_times;
pub(crate) mod rules;
mod runbooks;
mod second_look;
pub(crate) mod seed_night;
mod self_clear;
mod severity;
mod solo;
mod split;
mod statements;
mod steps;
mod times;
mod waking;
mod word;
mod work;

pub(crate) use night::{ADA, KIM, MO, Night, PRIYA, SAM, at, readable};
