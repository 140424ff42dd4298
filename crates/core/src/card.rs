//! A message without a platform: what is said, and what can be pressed.
//!
//! The core decides what a card says; the conversation crate turns it into embeds, rows and component ids, and is the
//! only place that knows Discord's limits.

mod act;

use serde::{Deserialize, Serialize};

pub use act::{Act, DataLoss, HandoverReason, HandoverSet, ListOf, LowerReason, Press};

use crate::ids::IncidentId;
use crate::person::PersonId;
use crate::severity::Severity;

/// A message.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Card {
    /// Plain lines above the embed; what a phone shows in its notification.
    #[serde(default)]
    pub content: String,
    /// The embed's first line.
    #[serde(default)]
    pub title: String,
    /// The embed's text.
    #[serde(default)]
    pub body: String,
    /// A small last line.
    #[serde(default)]
    pub footer: String,
    /// The colour of the edge; always beside a word that says the same.
    #[serde(default)]
    pub tone: Tone,
    /// Rows of buttons and menus, the most likely button first.
    #[serde(default)]
    pub rows: Vec<Row>,
    /// Whom it pings. Everybody else it merely names.
    #[serde(default)]
    pub ping: Ping,
    /// Whether phones stay silent.
    #[serde(default)]
    pub quiet: bool,
}

/// Whom a message pings. Only the core can make one, and only from people it decided to call.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Ping {
    /// Nobody.
    #[default]
    Nobody,
    /// These people.
    People(Vec<PersonId>),
}

/// What the colour of a card says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tone {
    /// Nothing in particular.
    #[default]
    Plain,
    /// It burns.
    Critical,
    /// It hurts.
    Major,
    /// It itches.
    Minor,
    /// It is fine.
    Good,
    /// It is over.
    Over,
}

impl Tone {
    /// The tone of a live incident.
    #[must_use]
    pub fn of(severity: Severity) -> Self {
        match severity {
            Severity::Sev1 => Self::Critical,
            Severity::Sev2 => Self::Major,
            Severity::Sev3 | Severity::Sev4 => Self::Minor,
        }
    }
}

/// A row of a card.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Row {
    /// At most five buttons.
    Buttons(Vec<Button>),
    /// A menu of at most 25 options.
    Menu(Menu),
    /// A menu whose options are acts: choosing one is pressing its button.
    Acts(ActMenu),
    /// A menu of people.
    People {
        /// What is shown while nobody is chosen.
        hint: String,
        /// What choosing means.
        press: Press,
    },
}

/// A button.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Button {
    /// The words on it.
    pub label: String,
    /// How it looks.
    pub look: Look,
    /// What it does.
    pub does: Does,
}

impl Button {
    /// The most likely next act.
    #[must_use]
    pub fn primary(label: impl Into<String>, press: Press) -> Self {
        Self {
            label: label.into(),
            look: Look::Primary,
            does: Does::Press(press),
        }
    }

    /// Another act.
    #[must_use]
    pub fn plain(label: impl Into<String>, press: Press) -> Self {
        Self {
            label: label.into(),
            look: Look::Plain,
            does: Does::Press(press),
        }
    }

    /// An act that ends something well.
    #[must_use]
    pub fn good(label: impl Into<String>, press: Press) -> Self {
        Self {
            label: label.into(),
            look: Look::Good,
            does: Does::Press(press),
        }
    }

    /// An act that is risky or hard to take back.
    #[must_use]
    pub fn risky(label: impl Into<String>, press: Press) -> Self {
        Self {
            label: label.into(),
            look: Look::Risky,
            does: Does::Press(press),
        }
    }

    /// A way out of Discord.
    #[must_use]
    pub fn link(label: impl Into<String>, url: impl Into<String>) -> Self {
        Self {
            label: label.into(),
            look: Look::Plain,
            does: Does::Open(url.into()),
        }
    }
}

/// How a button looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Look {
    /// The most likely one.
    Primary,
    /// One among others.
    Plain,
    /// It ends something well.
    Good,
    /// It is risky.
    Risky,
}

/// What a button does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Does {
    /// It asks us something.
    Press(Press),
    /// It opens a link.
    Open(String),
}

/// A menu of options.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Menu {
    /// What is shown while nothing is chosen.
    pub hint: String,
    /// The options: value, label, description.
    pub options: Vec<MenuOption>,
    /// The most that can be chosen at once.
    pub most: u8,
    /// What choosing means.
    pub press: Press,
}

/// One option of a menu.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MenuOption {
    /// What comes back.
    pub value: String,
    /// What people read.
    pub label: String,
    /// A second line.
    pub description: String,
}

/// A menu of at most 25 acts: what does not fit on buttons a phone can show.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActMenu {
    /// The incident.
    pub incident: IncidentId,
    /// Which of the menus of its card it is; its words are what is shown while nothing is chosen.
    pub group: ActGroup,
    /// What can be chosen: the words, and what choosing them presses.
    pub options: Vec<(String, Press)>,
}

/// The menus whose options are acts: those of the *More…* card, and that of the severity card.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ActGroup {
    /// Who does what.
    People,
    /// What is known and written down.
    Facts,
    /// What the incident is, and where it goes.
    Incident,
    /// What can be read.
    Look,
    /// To which severity it is lowered, and why.
    Lower,
    /// Which role somebody takes, or is asked for.
    Roles,
}

impl ActGroup {
    /// Every menu.
    pub const ALL: [Self; 6] = [
        Self::People,
        Self::Facts,
        Self::Incident,
        Self::Look,
        Self::Lower,
        Self::Roles,
    ];

    /// Those of the *More…* card, in its order.
    pub const MORE: [Self; 4] = [Self::People, Self::Facts, Self::Incident, Self::Look];

    /// The stable id.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::People => "people",
            Self::Facts => "facts",
            Self::Incident => "incident",
            Self::Look => "look",
            Self::Lower => "lower",
            Self::Roles => "roles",
        }
    }

    /// The words people read.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::People => "People…",
            Self::Facts => "Facts and timeline…",
            Self::Incident => "Incident…",
            Self::Look => "Look…",
            Self::Lower => "Not as bad: lower it…",
            Self::Roles => "Other roles, and asking for one…",
        }
    }
}
