//! After it is over: thanks, the all-clear, the facts that would otherwise be lost, and what closing needs.

use super::{buttons, clock, line, text_card};
use crate::card::{Act, Button, Card, DataLoss, Menu, MenuOption, Press, Row, Tone};
use crate::ids::MessageId;
use crate::incident::{ActionKind, CloseGap, Incident, MilestoneName, Visibility, cut};
use crate::person::PersonId;
use crate::severity::Severity;

/// It is over: nothing is needed from anybody tonight, but a word to those who were told that it had begun.
#[must_use]
pub fn resolved(incident: &Incident) -> Card {
    let lasted = incident
        .impact_start()
        .zip(incident.milestones.at(MilestoneName::Resolved))
        .map(|(start, end)| {
            format!(
                ", {} minutes after it began",
                (end - start).num_minutes().max(0)
            )
        })
        .unwrap_or_default();
    let despite = if incident.resolved_despite.is_empty() {
        String::new()
    } else {
        format!(
            "\nNot met, and noted: {}.",
            incident.resolved_despite.join("; ")
        )
    };
    let nobody_waits = incident.updates.is_empty() || incident.visibility == Visibility::Restricted;
    let left = if nobody_waits {
        "Nothing is needed from you tonight."
    } else {
        "Stakeholders wait to hear that it is over: *All-clear*, then *Send*."
    };
    Card {
        content: format!(
            "✅ **Resolved**{lasted}. Thank you. The postmortem draft follows here. {left}{despite}"
        ),
        rows: vec![buttons([
            Button::primary("All-clear", Press::any_time(incident.id, Act::AllClear)),
            Button::plain(
                "Reopen",
                Press::in_phase(incident.id, incident.phase, Act::Reopen),
            ),
        ])],
        quiet: true,
        ..Card::default()
    }
}

/// The all-clear, with the one question that only a person can answer. First stands what the text says.
#[must_use]
pub fn all_clear_draft(incident: &Incident, draft: &str) -> Card {
    let send = |loss| Press::in_phase(incident.id, incident.phase, Act::SendAllClear(loss));
    let stays = match incident.visibility {
        Visibility::Normal => "",
        Visibility::Restricted => " It stays in the incident's channel: it is restricted.",
    };
    Card {
        footer: format!("Was data lost? The button you press is what they read.{stays}"),
        rows: vec![buttons([
            Button::good("Send: not known yet", send(DataLoss::Unknown)),
            Button::plain("Send: nothing lost", send(DataLoss::No)),
            Button::risky("Send: data was lost", send(DataLoss::Yes)),
        ])],
        ..text_card("All-clear", draft, Tone::Good)
    }
}

/// Messages that look like facts and that nobody marked. What is not picked is not stored.
#[must_use]
pub fn facts_offer(incident: &Incident, messages: &[(MessageId, PersonId, String)]) -> Card {
    let options: Vec<MenuOption> = messages
        .iter()
        .take(25)
        .map(|(id, _, text)| MenuOption {
            value: id.0.to_string(),
            label: cut(&crate::incident::one_line(text, 90), 90),
            description: format!("{} UTC", id.written_at().format("%H:%M")),
        })
        .collect();
    Card {
        content: match options.len() {
            1 => "A message looks like a fact and is not in the timeline. Does it belong there? If not, I forget it; in \
                 the channel it stays."
                .to_owned(),
            many => format!(
                "{many} messages look like facts and are not in the timeline. Pick what belongs there; I forget the \
                 rest, in the channel it stays."
            ),
        },
        rows: vec![Row::Menu(Menu {
            hint: "Add to the timeline…".to_owned(),
            most: u8::try_from(options.len()).unwrap_or(25),
            options,
            press: Press::any_time(incident.id, Act::PickFacts),
        })],
        quiet: true,
        ..Card::default()
    }
}

/// The postmortem as a file.
#[must_use]
pub fn posted_postmortem(incident: &Incident, last: bool) -> Card {
    if last {
        return line(format!(
            "📘 {} is closed. The final postmortem is attached.",
            incident.id
        ));
    }
    let owner = incident
        .postmortem
        .owner
        .map(|owner| format!(" {owner} owns it."))
        .unwrap_or_default();
    let mut card = line(format!(
        "📘 Postmortem draft.{owner} What the bot knows is filled in; what only people know is asked in it. It is made \
         again whenever something is added."
    ));
    card.rows = vec![buttons([
        Button::primary(
            "Cause and factors",
            Press::any_time(incident.id, Act::Cause),
        ),
        Button::plain("Add action", Press::any_time(incident.id, Act::AskAction)),
        Button::plain(
            "Show the newest",
            Press::any_time(incident.id, Act::Postmortem),
        ),
        Button::plain("Times", Press::any_time(incident.id, Act::Milestones)),
    ])];
    card
}

/// What kind of action?
#[must_use]
pub fn ask_action(incident: &Incident) -> Card {
    let button = |kind: ActionKind| {
        let label = kind.id().to_owned();
        let press = Press::any_time(incident.id, Act::Action(kind));
        if kind.is_learning() {
            Button::primary(label, press)
        } else {
            Button::plain(label, press)
        }
    };
    let mut card = line("What kind of action? A review needs at least one of the first three.");
    card.rows = vec![
        buttons(ActionKind::ALL.into_iter().take(3).map(button)),
        buttons(ActionKind::ALL.into_iter().skip(3).map(button)),
    ];
    card
}

/// How bad was it, all in all?
#[must_use]
pub fn ask_final_severity(incident: &Incident) -> Card {
    let known = incident.postmortem.severity_final;
    let said = match known {
        Some((severity, by, at)) => format!("{by} said {severity} at {}.", clock(at)),
        None => "Nobody has said it yet.".to_owned(),
    };
    let body = format!(
        "Reported {}, worst {}, at the end {}. {said}",
        incident.severity_reported(),
        incident.severity_peak(),
        incident.severity
    );
    let mut card = text_card("How bad was it, all in all?", body, Tone::Plain);
    card.rows = vec![buttons(Severity::ALL.into_iter().map(|severity| {
        let press = Press::any_time(incident.id, Act::FinalSeverity(Some(severity)));
        // What it was at its worst is what it usually was.
        if severity == incident.severity_peak() {
            Button::primary(severity.to_string(), press)
        } else {
            Button::plain(severity.to_string(), press)
        }
    }))];
    card
}

/// What is missing before it can be closed, each with the button that mends it.
#[must_use]
pub fn close_gaps_card(incident: &Incident, gaps: &[CloseGap]) -> Card {
    let body = gaps
        .iter()
        .map(|gap| format!("✗ {gap}"))
        .collect::<Vec<_>>()
        .join("\n");
    let mut mends: Vec<Button> = Vec::new();
    for gap in gaps {
        match gap {
            CloseGap::Cause => mends.push(Button::primary(
                "Cause and factors",
                Press::any_time(incident.id, Act::Cause),
            )),
            CloseGap::LearningAction => {
                mends.push(Button::primary(
                    "Add action",
                    Press::any_time(incident.id, Act::AskAction),
                ));
                mends.push(Button::plain(
                    "None needed…",
                    Press::any_time(incident.id, Act::WaiveLearning),
                ));
            }
            CloseGap::Unowned(_) => {}
            CloseGap::Review => {
                mends.push(Button::plain(
                    "Reviewed",
                    Press::any_time(incident.id, Act::Reviewed),
                ));
            }
        }
    }
    let mut card = text_card(
        format!("Before {} can be closed", incident.id),
        body,
        Tone::Minor,
    );
    if !mends.is_empty() {
        card.rows = vec![buttons(mends)];
    }
    card
}

/// Somebody reviewed the postmortem.
#[must_use]
pub fn reviewed_line(by: PersonId) -> Card {
    line(format!("Postmortem reviewed by {by}."))
}
