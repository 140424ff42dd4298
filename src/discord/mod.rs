//! Discord, transport only: what leaves the bot and how it is kept within Discord's rules.

pub mod answers;
pub mod calls;
pub mod error;
pub mod gate;
pub mod ids;
pub mod message;
mod meter;
mod pace;
pub mod rest;
pub mod route;
