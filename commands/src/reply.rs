//! What comes back to the person who asked.

use bridgewatch_core::card::{Act, Button, Card, Press, Row};
use bridgewatch_core::ids::IncidentId;
use bridgewatch_core::incident::Recorded;

use crate::forms::Form;

/// What comes back to the person who asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// A message that only they see.
    Private(Card),
    /// The card they pressed becomes this one, if it is theirs alone; otherwise a message that only they see.
    Update(Card),
    /// A message that the whole channel sees.
    Public(Card),
    /// A form opens.
    Form(Form),
    /// Heard; what changes is seen elsewhere.
    Quiet,
    /// A message that only they see, with a text file.
    File {
        /// The words beside it.
        card: Card,
        /// Its name: `inc-0142-postmortem-v2.md`.
        name: String,
        /// Its text.
        text: String,
    },
}

/// An answer, or why there is none. Both are shown to the person; what they typed is given back only with the second.
pub(crate) type Told = Result<Reply, Reply>;

/// A card of one sentence.
pub(crate) fn sentence(text: impl Into<String>) -> Card {
    Card {
        content: text.into(),
        quiet: true,
        ..Card::default()
    }
}

/// A sentence that only they see.
pub(crate) fn say(text: impl Into<String>) -> Reply {
    Reply::Private(sentence(text))
}

/// A sentence that says why not is an answer as it stands.
impl From<String> for Reply {
    fn from(text: String) -> Self {
        say(text)
    }
}

/// A card with one more row of buttons.
pub(crate) fn with_buttons(mut card: Card, buttons: impl IntoIterator<Item = Button>) -> Card {
    let buttons: Vec<Button> = buttons.into_iter().collect();
    if !buttons.is_empty() {
        card.rows.push(Row::Buttons(buttons));
    }
    card
}

/// The button that takes back what has just happened, if it can be taken back.
pub(crate) fn undo_button(incident: IncidentId, events: &[Recorded]) -> Option<Button> {
    events
        .iter()
        .find(|recorded| {
            matches!(
                recorded.event,
                bridgewatch_core::incident::Event::UndoOffered { .. }
            )
        })
        .map(|recorded| Button::plain("Undo", Press::any_time(incident, Act::Undo(recorded.seq))))
}

/// The apology for what broke, with the id that leads to the log.
pub(crate) fn apology(error_id: &str) -> Reply {
    say(format!(
        "Something broke on my side and nothing was changed. Try again; if it stays broken, give `{error_id}` to the \
         people who keep me running."
    ))
}

/// The answer where there is no such incident.
pub(crate) fn no_incident() -> Reply {
    say("I know no such incident. `/inc list` shows those there are.")
}
