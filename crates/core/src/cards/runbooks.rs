//! Which runbooks an incident works by: the attached ones, those that fit as well, and what a newer version would change.

use super::{buttons, line, plain, text_card};
use crate::card::{Act, Button, Card, Menu, MenuOption, Press, Row, Tone};
use crate::incident::{Incident, cut};
use crate::runbook::{Checklist, Choice, RunbookId, StepPhase};

/// How many characters of a version's hash stand for it on a button.
const VERSION_CHARACTERS: usize = 8;

/// The attached runbooks with their meaning and progress. `also` are runbooks that fit the alerts as well, best first;
/// `others` is every other runbook, as id and title. One press attaches one of either.
#[must_use]
pub fn runbooks(incident: &Incident, also: &[Choice], others: &[(RunbookId, String)]) -> Card {
    let any = |act| Press::any_time(incident.id, act);
    let attached = incident
        .checklist
        .as_ref()
        .map(Checklist::runbooks)
        .unwrap_or_default();
    let is_attached = |id: &RunbookId| attached.iter().any(|pinned| pinned.runbook_id == *id);
    let mut lines: Vec<String> = attached
        .iter()
        .map(|pinned| {
            let newer = if incident.newer_runbooks.contains_key(&pinned.runbook_id) {
                " · a newer version exists"
            } else {
                ""
            };
            format!(
                "📋 **{}** (`{}`{newer})\n{}",
                cut(&pinned.title, 120),
                pinned.runbook_id,
                cut(&pinned.meaning, 400)
            )
        })
        .collect();
    if lines.is_empty() {
        lines.push("No runbook is attached.".to_owned());
    }
    let mut rows = Vec::new();
    let also: Vec<&Choice> = also
        .iter()
        .filter(|choice| !is_attached(&choice.id))
        .take(4)
        .collect();
    if incident.is_active() && !also.is_empty() {
        let reasons = also
            .iter()
            .map(|choice| format!("`{}`: {}", choice.id, cut(&choice.reason, 200)));
        lines.push(format!(
            "**Also relevant**\n{}",
            reasons.collect::<Vec<_>>().join("\n")
        ));
        rows.push(buttons(also.iter().map(|choice| {
            let label = format!("＋ {}", choice.id);
            Button::plain(label, any(Act::AddRunbook(choice.id.clone())))
        })));
    }
    let outdated = attached
        .iter()
        .filter(|pinned| incident.newer_runbooks.contains_key(&pinned.runbook_id));
    let renewals: Vec<Button> = outdated
        .map(|pinned| newer_button(incident, &pinned.runbook_id, attached.len() > 1))
        .collect();
    if !renewals.is_empty() && StepPhase::during(incident.phase).is_some() {
        rows.push(buttons(renewals));
    }
    let options: Vec<MenuOption> = others
        .iter()
        .filter(|(id, _)| !is_attached(id))
        .take(25)
        .map(|(id, title)| MenuOption {
            value: id.to_string(),
            label: cut(&plain(title), 90),
            description: id.to_string(),
        })
        .collect();
    if incident.is_active() && !options.is_empty() {
        rows.push(Row::Menu(Menu {
            hint: "Attach another runbook…".to_owned(),
            options,
            most: 1,
            press: any(Act::AttachRunbook),
        }));
    }
    rows.push(buttons([Button::plain("All steps", any(Act::StepList))]));
    Card {
        rows,
        ..text_card("Runbooks", cut(&lines.join("\n\n"), 3_900), Tone::Plain)
    }
}

/// The button that shows what a newer version would change.
pub(super) fn newer_button(incident: &Incident, runbook: &RunbookId, one_of_many: bool) -> Button {
    let which = if one_of_many {
        format!(" of {runbook}")
    } else {
        String::new()
    };
    Button::plain(
        format!("Use the newer version{which}…"),
        Press::any_time(incident.id, Act::CompareRunbook(runbook.clone())),
    )
}

/// What the newer version of a runbook would change, with the choice to use it. `newer` is a fresh copy of it.
#[must_use]
pub fn newer_runbook(incident: &Incident, newer: &Checklist) -> Card {
    let pinned = incident
        .checklist
        .as_ref()
        .and_then(|checklist| Some((checklist, checklist.pinned(&newer.runbook_id)?)));
    let Some((checklist, pinned)) = pinned else {
        return line(format!("{} is not attached here.", newer.runbook_id));
    };
    if pinned.content_hash == newer.content_hash {
        return line(format!("{} is the newest version.", newer.runbook_id));
    }
    let version: String = newer
        .content_hash
        .chars()
        .take(VERSION_CHARACTERS)
        .collect();
    let any = |act| Press::any_time(incident.id, act);
    Card {
        rows: vec![buttons([
            Button::primary(
                "Use it",
                any(Act::RenewRunbook(newer.runbook_id.clone(), version)),
            ),
            Button::plain("Keep", any(Act::Dismiss)),
        ])],
        footer: "Ticks stay where a step asks for the same as before.".to_owned(),
        ..text_card(
            format!("Newer version of {}", newer.runbook_id),
            checklist.difference(newer).words(),
            Tone::Plain,
        )
    }
}
