//! Bridgewatch, the service: everything that touches the outside world.

pub mod activity;
pub mod app;
pub mod cli;
pub mod clock;
pub mod config;
#[cfg(feature = "demo")]
pub mod demo;
pub mod desk;
pub mod discord;
pub mod http;
pub mod intake;
pub mod notify;
mod output;
pub mod runner;
pub mod telemetry;
