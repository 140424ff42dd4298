//! What can carry a line of the founding documents, and where it is looked up.

use bridgewatch_core::cards;
use bridgewatch_core::phase;
use bridgewatch_core::role::Role;
use bridgewatch_core::runbook::Library;

use crate::night::{Words, words_of_a_night};

/// What makes a quoted line real.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Carrier {
    /// A step of an embedded runbook: runbook id, step id.
    Step(&'static str, &'static str),
    /// A phase of the incident, by id.
    Phase(&'static str),
    /// A runbook as a whole, by id.
    Runbook(&'static str),
    /// What the holder of a role is told: role id, words.
    RoleCard(&'static str, &'static str),
    /// A section of the postmortem, by its heading.
    PostmortemSection(&'static str),
    /// A line of the board in the incident's channel, by its label.
    Board(&'static str),
    /// A line of the update that stakeholders read, by its label.
    Update(&'static str),
    /// Nothing yet: what a later version brings.
    Open(&'static str),
}

/// One line of a founding document and everything that carries it.
pub(crate) type Line = (&'static str, &'static [Carrier]);

/// The product, as far as it can carry a line.
pub(crate) struct Product {
    library: Library,
    words: Words,
}

impl Product {
    pub(crate) fn as_it_is() -> Self {
        Self {
            library: Library::embedded(),
            words: words_of_a_night(),
        }
    }

    /// Whether a carrier exists. What is open does not.
    pub(crate) fn has(&self, carrier: Carrier) -> bool {
        let labelled =
            |text: &str, label: String| text.lines().any(|line| line.starts_with(&label));
        match carrier {
            Carrier::Step(runbook, step) => self
                .library
                .get(runbook)
                .is_some_and(|runbook| runbook.step(step).is_some()),
            Carrier::Phase(phase) => phase.parse::<phase::Phase>().is_ok(),
            Carrier::Runbook(runbook) => self.library.get(runbook).is_some(),
            Carrier::RoleCard(id, words) => Role::ALL
                .into_iter()
                .filter(|role| role.id() == id)
                .any(|role| cards::responsibilities(role).body.contains(words)),
            Carrier::PostmortemSection(section) => {
                let heading = format!(". {section}");
                let mut headings = self.words.postmortem.lines();
                headings.any(|line| line.starts_with("## ") && line.ends_with(&heading))
            }
            Carrier::Board(label) => labelled(&self.words.board, format!("**{label}** ")),
            Carrier::Update(label) => labelled(&self.words.update, format!("**{label}:** ")),
            Carrier::Open(_) => false,
        }
    }
}
