//! The whole service, driven from outside: alerts over HTTP, people in a local Discord, a clock that is stepped.
//!
//! A journey reads like the night it is about. It begins with [`world::World::new`], says what happens, expects what people
//! see, and ends with [`world::World::ends`], which holds the whole world to what must be true at the end of every night.

mod architecture;
mod command_line;
mod documents;
mod journeys;
mod migrations;
mod nevers;
mod world;
