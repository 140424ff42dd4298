//! A refusal is not the end: under its words stand the buttons that lead on. Whoever may is asked with one tap, and what
//! does the same in another way is one tap away.

use super::authority::{act_behind, asked_instead_of};
use crate::card::{Act, Button, HandoverSet, Press};
use crate::incident::{Before, Command, Incident, NoUndo, Refusal, Undo};
use crate::person::PersonId;
use crate::phase::Phase;
use crate::runbook::StepRefusal;

/// The buttons under the words of a refusal, for whoever asked. Some refusals are answered by a card of their own; what
/// stands here for them leads to the same.
#[must_use]
pub fn ways_out(
    incident: &Incident,
    asker: PersonId,
    refusal: &Refusal,
    command: &Command,
) -> Vec<Button> {
    let button = |label: &str, act: Act| Button::plain(label, Press::any_time(incident.id, act));
    let here = |label: &str, act: Act| {
        Button::plain(label, Press::in_phase(incident.id, incident.phase, act))
    };
    let board = || button("Show current board", Act::ShowBoard);
    let roles = || button("Roles", Act::Roles);
    match refusal {
        Refusal::Stale { .. } | Refusal::JustSent { .. } => vec![board()],
        Refusal::Taken { .. } | Refusal::NotHeld { .. } | Refusal::RoleFree { .. } => {
            vec![roles()]
        }
        Refusal::NotLive { phase } => match phase {
            Phase::Learning | Phase::Cancelled => vec![here("Reopen", Act::Reopen), board()],
            Phase::Closed => vec![button("Open a new one", Act::OpenRelapse), board()],
            _ => vec![board()],
        },
        Refusal::WrongPhase { .. } => vec![board(), button("More…", Act::More)],
        Refusal::NeedsCommand { .. }
        | Refusal::NotSender { .. }
        | Refusal::NobodyCommands { .. }
        | Refusal::NotYours { .. }
        | Refusal::NotDecider { .. } => act_behind(command)
            .map(|act| ask_them(incident, act))
            .into_iter()
            .collect(),
        Refusal::ViewerOnly { .. } => {
            let act = act_behind(command).unwrap_or(Act::ShowBoard);
            vec![ask_them(incident, act)]
        }
        Refusal::CommandAsked { .. } => vec![roles()],
        Refusal::RoleTaken { role, by } => {
            let hand_over = Act::AskHandoverOf(HandoverSet::Role(*role));
            if *by == asker {
                vec![button("Hand over", hand_over), roles()]
            } else if incident.is_active() {
                vec![ask_them(incident, hand_over), roles()]
            } else {
                vec![roles()]
            }
        }
        Refusal::NothingToHandOver | Refusal::NoHandover | Refusal::HandoverPending { .. } => {
            vec![roles()]
        }
        Refusal::ToYourself => vec![button("Hand over", Act::AskHandover)],
        Refusal::Step(step) => match step {
            StepRefusal::ClaimedByAnother { .. } => vec![
                button("Ask somebody…", Act::AskTask),
                button("Next step", Act::NextStep),
            ],
            StepRefusal::UnknownStep(_)
            | StepRefusal::AlreadyDone { .. }
            | StepRefusal::AlreadySkipped { .. }
            | StepRefusal::NeedsChoice { .. }
            | StepRefusal::NothingToChoose
            | StepRefusal::NeedsConfirmation => vec![button("Next step", Act::NextStep)],
        },
        Refusal::NoRunbook => vec![button("Runbooks", Act::AttachRunbook)],
        Refusal::NeedsReason => vec![button("Severity", Act::AskSeverity)],
        Refusal::NoUndo(why) => opposite(incident, asker, *why)
            .into_iter()
            .chain([board()])
            .collect(),
        Refusal::Findings(_) => vec![here("Resolve anyway", Act::ResolveAnyway)],
        Refusal::NotReadyToClose(_) => vec![button("Postmortem", Act::Postmortem)],
        Refusal::TooLateToReopen { .. } => vec![button("Open a new one", Act::OpenRelapse)],
        // What is to be typed differently says so itself.
        Refusal::LooksSecret { .. } | Refusal::Unusable(_) => Vec::new(),
    }
}

/// The button that asks those who may.
#[must_use]
pub fn ask_them(incident: &Incident, act: Act) -> Button {
    let wanted = Act::PleaseDo(Box::new(asked_instead_of(&act)));
    Button::plain("Ask them", Press::any_time(incident.id, wanted))
}

/// What brings about what was true before the last change, now that it cannot be taken back.
fn opposite(incident: &Incident, asker: PersonId, why: NoUndo) -> Option<Button> {
    if why == NoUndo::ChangedSince {
        return None;
    }
    let Undo { before, .. } = incident.undo.as_deref()?;
    let (label, press) = opposite_of(incident, before, asker)?;
    Some(Button::plain(label, press))
}

fn opposite_of(incident: &Incident, before: &Before, asker: PersonId) -> Option<(String, Press)> {
    let any = |act| Press::any_time(incident.id, act);
    let here = |act| Press::in_phase(incident.id, incident.phase, act);
    if before.phase == Phase::Open && incident.phase != Phase::Open {
        // Nobody can make it unseen: whoever took it gives it to somebody else.
        return Some(("Hand over".to_owned(), any(Act::AskHandover)))
            .filter(|_| incident.command == Some(asker));
    }
    if before.phase != incident.phase && incident.is_active() {
        let back = Act::Move(before.phase);
        return Some((format!("Back to {}", before.phase), here(back)));
    }
    if before.severity != incident.severity {
        let back = Act::SetSeverity(before.severity);
        return Some((format!("Set it to {}", before.severity), any(back)));
    }
    if before.roles != incident.roles || before.command != incident.command {
        return Some(("Roles".to_owned(), any(Act::Roles)));
    }
    if before.checklist != incident.checklist {
        return Some(("Steps".to_owned(), any(Act::StepList)));
    }
    before
        .link
        .is_some()
        .then(|| ("Part of, related…".to_owned(), any(Act::AskLink)))
}
