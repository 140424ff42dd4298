//! The rules of an incident, told as nights.

mod ending;
mod learning;
mod life;
pub(crate) mod night;
mod people;
pub(crate) mod rules;
mod severity;
mod word;

pub(crate) use night::{ADA, KIM, MO, Night, PRIYA, SAM, at, readable};
