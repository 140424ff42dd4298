//! Bridgewatch, the service: everything that touches the outside world.

pub mod config;
pub mod discord;
pub mod intake;
