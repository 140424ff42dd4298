//! The conversation: what people type, click and read in Discord.
//!
//! Nothing here decides anything. A press, a form or a slash command is translated into a request to the desk, and the
//! desk's answer into a card that only the asker sees; what everybody sees follows from the desk's effects.
//!
//! * [`card`] turns a card into Discord's JSON and is the only place that knows Discord's size limits.
//! * [`buttons`] and [`forms`] write what a press means into the component itself, so that it works after any restart.
//! * [`press()`] and [`submit()`] answer a press and a form; [`all()`] lists the slash commands.
//! * [`on_interaction`] takes presses and forms from the gateway and gives the answer within Discord's three seconds.

mod answer;
pub mod buttons;
pub mod card;
pub mod docs;
pub mod forms;
mod guard;
mod permissions;
mod press;
mod reply;
mod slash;
mod words;

use std::fmt;
use std::sync::Arc;

use bridgewatch_core::ports::{Checkup, Desk, FileReader, Members};

pub use answer::{on_component, on_interaction, on_modal};
pub use guard::{GuardSettings, Place, Who, may_see, rank_of, works_in_direct_messages};
pub use permissions::{Needs, needs_of_act, needs_of_command, needs_of_form};
pub use press::{opens_form, opens_form_for, press};
pub use reply::Reply;
pub use slash::{all, framework_options};
pub use words::chosen::ChosenFiles;
pub use words::submit;

/// What every command has at hand.
#[derive(Clone)]
pub struct Data {
    /// The one door to the incidents.
    pub desk: Arc<dyn Desk>,
    /// Reads the files that people bring along.
    pub files: Arc<dyn FileReader>,
    /// The files of the messages that are being brought into a timeline.
    pub chosen_files: ChosenFiles,
    /// Which server this is and who may do what in it.
    pub guard: GuardSettings,
    /// Who is in the server, for what is pressed outside it.
    pub members: Arc<dyn Members>,
    /// Whether everything the bot needs is there.
    pub checkup: Arc<dyn Checkup>,
}

impl fmt::Debug for Data {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Data")
            .field("guard", &self.guard)
            .finish_non_exhaustive()
    }
}

/// What poise reports as failed. The commands of this crate answer every failure themselves.
pub type Error = Box<dyn std::error::Error + Send + Sync>;

/// What poise hands to a command.
pub type Context<'call> = poise::ApplicationContext<'call, Data, Error>;
