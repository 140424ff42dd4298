//! Help by situation: what to do now, here, for this reader. Never a list of commands.

use serde::{Deserialize, Serialize};

use super::front_desk::desk_rows;
use super::spoken::spoken;
use super::{buttons, text_card};
use crate::card::{Act, Button, Card, Press, Row, Tone};
use crate::incident::Incident;
use crate::person::PersonId;
use crate::phase::Phase;
use crate::role::Role;

/// What help is asked about, where somebody wants to know more than what to do now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum HelpTopic {
    /// What belongs in the timeline, and as what.
    Timeline,
    /// Who does what.
    Roles,
    /// Word to the stakeholders.
    Updates,
}

impl HelpTopic {
    /// Every topic, in the order of the buttons.
    pub const ALL: [Self; 3] = [Self::Timeline, Self::Roles, Self::Updates];

    /// The stable id.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::Timeline => "timeline",
            Self::Roles => "roles",
            Self::Updates => "updates",
        }
    }

    /// The words on its button.
    fn words(self) -> &'static str {
        match self {
            Self::Timeline => "About the timeline",
            Self::Roles => "About roles",
            Self::Updates => "About updates",
        }
    }
}

/// The buttons that tell more.
fn topics() -> Row {
    buttons(HelpTopic::ALL.into_iter().map(|topic| {
        let press = Press::of_none(Act::HelpAbout(topic));
        Button::plain(topic.words(), press)
    }))
}

/// What to do now, for a reader in front of an incident, or of none.
#[must_use]
pub fn help(situation: Option<(&Incident, PersonId)>) -> Card {
    let Some((incident, reader)) = situation else {
        let mut card = text_card(
            "Help",
            "**Something is broken:** *New incident…* or `/inc new`, and a few words. A channel opens, you have it.\n\
             **Which incidents are there?** *Open incidents* or `/inc list`.\n\
             **You are in an incident's channel:** press the first button of the pinned board.",
            Tone::Plain,
        );
        card.rows = desk_rows(|act| *act != Act::Help);
        card.rows.push(topics());
        return card;
    };
    let mut lines = vec![phase_line(incident)];
    lines.extend(reader_line(incident, reader));
    lines.extend(waiting(incident, reader));
    lines.push(
        "**Did or saw something?** Write it with a prefix: `act:` did · `obs:` saw · `dec:` decided · `imp:` impact."
            .to_owned(),
    );
    lines.push(
        "**Lost?** The pinned board says what is broken, who commands and what is next. *More…* has the rest, and \
         the buttons tell of the timeline, roles and updates."
            .to_owned(),
    );
    let mut card = text_card("Help", lines.join("\n"), Tone::Plain);
    card.rows = vec![topics()];
    card
}

fn phase_line(incident: &Incident) -> String {
    match incident.phase {
        Phase::Open => "**Nobody has it:** press *Take it*.",
        Phase::Diagnosis => {
            "**What is it?** *Next step* leads through the runbook. Stopping the damage needs no cause: *Start mitigating*."
        }
        Phase::Mitigation => {
            "**Stop the damage:** the safest step that can be undone first. Users are fine again? *Impact over*."
        }
        Phase::Fix => "**Mend it properly**, then *Fix applied*.",
        Phase::Validation => "**Is it really well?** Tick the checks, then *Resolve*. It came back? Say so.",
        Phase::Learning => "**It is over.** Write the cause, add an action, review it, *Close*. Nothing of it is due tonight.",
        Phase::Closed => "**It is closed.** *Postmortem* and *Timeline* can be read.",
        Phase::Cancelled => "**It was cancelled.** It was real after all? The button on the board opens it again.",
    }
    .to_owned()
}

fn reader_line(incident: &Incident, reader: PersonId) -> Option<String> {
    if !incident.is_active() {
        return None;
    }
    if incident.command == Some(reader) {
        return Some(
            "**You hold command 👑:** you decide, others do. One task, one person, one time: *More… → Ask somebody*. \
             Cannot go on? *Hand over*."
                .to_owned(),
        );
    }
    if !incident.roles_of(reader).is_empty() {
        return Some("**You have a role:** *More… → My role* says what it asks of you.".to_owned());
    }
    // Whoever works alone is asked for no more; whoever comes is.
    let empty: Vec<&str> = Role::required(incident.severity, incident.category)
        .into_iter()
        .filter(|role| incident.holder(*role).is_none())
        .map(Role::short)
        .collect();
    (!empty.is_empty()).then(|| format!("**You can help:** *Roles*. Empty: {}.", empty.join(", ")))
}

/// What waits for this reader.
fn waiting(incident: &Incident, reader: PersonId) -> Vec<String> {
    let mut lines: Vec<String> = incident
        .open_tasks()
        .filter(|task| task.to == reader)
        .map(|task| {
            format!(
                "**You were asked:** {}, by <t:{}:t>.",
                spoken(&task.what, 200),
                task.due.timestamp()
            )
        })
        .take(3)
        .collect();
    if let Some(due) = incident.next_update_due()
        && (incident.command == Some(reader) || incident.writes_to_stakeholders(reader))
    {
        lines.push(format!(
            "**You owe an update** by <t:{}:t>: *Update*, then *Send*.",
            due.timestamp()
        ));
    }
    lines
}

/// More about one topic.
#[must_use]
pub fn help_topic(topic: HelpTopic) -> Card {
    let (title, body) = match topic {
        HelpTopic::Timeline => (
            "Help: the timeline",
            "**Three tests.** *Saw* `obs:` you could photograph it. *Did* `act:` the system is different now. *Decided* \
             `dec:` there was another option.\n\
             **Also** `hyp:` a guess · `imp:` who is hurt · `todo:` later · `note:` anything else.\n\
             **Late?** A time in front: `@02:47 obs: …`, `-15m act: …`.\n\
             **Somebody else wrote it?** React: 📌 note · 🔎 saw · 🛠️ did · ⚖️ decided · ❗ impact · 📝 later.\n\
             📌 or a pin on a link or a file: evidence.\n\
             Everything unmarked stays chat.",
        ),
        HelpTopic::Roles => (
            "Help: roles",
            "**On-Call** finds out and mends. **Backend** and **Frontend** know their part. **Bridge** coordinates, keeps \
             the promised updates and usually commands. **Docs** keeps the timeline.\n\
             **Command 👑** is one person at a time. Take a role under *Roles*; whoever is asked is not yet there: a role \
             counts once they say yes. *Hand over* keeps it with you until the other says *I have it*.",
        ),
        HelpTopic::Updates => (
            "Help: updates",
            "**Update** shows a draft of what is known: *Send* is one tap. Each names the time of the next; whoever owes \
             it is reminded five minutes before.\n\
             **Nothing new** is an update too. Say who is hurt under *Impact*: the draft uses your words.\n\
             **All-clear** goes out after *Resolve*, and only a person says whether data was lost.",
        ),
    };
    text_card(title, body, Tone::Plain)
}
