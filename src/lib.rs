//! Bridgewatch, the service: everything that touches the outside world.

pub mod clock;
pub mod config;
pub mod desk;
pub mod discord;
pub mod http;
pub mod intake;
pub mod notify;
pub mod runner;
pub mod telemetry;
