//! The conversation: what people type, click and read in Discord.
//!
//! Nothing here decides anything. A press, a form or a slash command is translated into a request to the desk, and the
//! desk's answer into a card that only the asker sees; what everybody sees follows from the desk's effects.

pub mod buttons;
pub mod card;
pub mod forms;
