//! The local Discord as a bot and its people meet it: over HTTP and the gateway, and as a person.

mod answers;
mod bot;
mod components;
mod control_api;
mod faults;
mod gateway;
mod guild;
mod interactions;
mod libraries;
mod limits;
mod marks;
mod messages;
mod people;
mod permissions;
mod rate_limits;
