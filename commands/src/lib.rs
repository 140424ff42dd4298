//! The conversation: what people type, click and read in Discord.
//!
//! Nothing here decides anything. A press, a form or a slash command is translated into a request to the desk, and the
//! desk's answer into a card that only the asker sees; what everybody sees follows from the desk's effects.

pub mod buttons;
pub mod card;
pub mod forms;
#[derive(Clone)]
pub struct GuardSettings { pub guild_id: u64, pub responder_role: Option<u64>, pub commander_role: Option<u64> }
#[derive(Clone)]
pub struct Data { pub desk: std::sync::Arc<dyn bridgewatch_core::ports::Desk>, pub guard: GuardSettings }
pub type Error = Box<dyn std::error::Error + Send + Sync>;
pub fn all() -> Vec<poise::Command<Data, Error>> { vec![] }
pub fn framework_options() -> poise::FrameworkOptions<Data, Error> { Default::default() }
pub async fn on_interaction(_: &poise::serenity_prelude::Context, _: &poise::serenity_prelude::Interaction, _: &Data) {}
