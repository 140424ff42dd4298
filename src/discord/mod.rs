//! Discord, transport only: what leaves the bot and how it is kept within Discord's rules.

pub mod answers;
mod backfill;
pub mod calls;
pub mod chat;
pub mod check;
pub mod checkup;
mod ears;
pub mod error;
pub mod exercise;
pub mod files;
mod front_desk;
pub mod gate;
pub mod gateway;
pub mod hearing;
pub mod ids;
mod marks;
pub mod members;
pub mod message;
mod meter;
mod pace;
mod registration;
pub mod rest;
pub mod route;
