//! Everything that can be done and is not on the board: one table, from which the *More…* card, `/inc more` and its
//! suggestions are made, so that nothing can be pressed that cannot be typed.
//!
//! The card fits a phone: a row of what is most likely wanted in this phase, then four menus. The menus always offer the
//! same in the same order, and only what still works.

use super::paging::is_missing;
use super::spoken::spoken;
use super::{buttons, plain};
use crate::card::{Act, ActGroup, ActMenu, Button, Card, Press, Row, Tone};
use crate::incident::{Held, Incident, Prompt, Visibility, cut};
use crate::phase::Phase;
use crate::role::Role;
use crate::severity::Severity;
use crate::timeline::Reading;

/// Something that can be asked of an incident.
#[derive(Clone, Copy, Debug)]
pub struct Offer {
    /// The word for it, for ever: what is typed after `/inc more`.
    pub name: &'static str,
    /// What people read.
    pub label: &'static str,
    /// In which menu it stands.
    pub group: ActGroup,
    press: fn(&Incident) -> Option<Press>,
}

impl Offer {
    /// What it presses, if the incident is where it can be done.
    #[must_use]
    pub fn press(&self, incident: &Incident) -> Option<Press> {
        (self.press)(incident)
    }
}

const fn of(
    group: ActGroup,
    name: &'static str,
    label: &'static str,
    press: fn(&Incident) -> Option<Press>,
) -> Offer {
    Offer {
        name,
        label,
        group,
        press,
    }
}

/// Every offer, in the order of the menus.
const OFFERS: &[Offer] = &[
    of(ActGroup::People, "roles", "Roles", |incident| {
        (!is_over(incident)).then(|| any(incident, Act::Roles))
    }),
    of(
        ActGroup::People,
        "page",
        "Ask somebody for a role",
        |incident| live(incident, Act::AskRole),
    ),
    of(
        ActGroup::People,
        "page-oncall",
        "Page On-Call",
        |incident| page(incident, Role::OnCall),
    ),
    of(ActGroup::People, "page-bridge", "Page Bridge", |incident| {
        page(incident, Role::Bridge)
    }),
    of(
        ActGroup::People,
        "page-backend",
        "Page Backend",
        |incident| page(incident, Role::Backend),
    ),
    of(
        ActGroup::People,
        "page-frontend",
        "Page Frontend",
        |incident| page(incident, Role::Frontend),
    ),
    of(ActGroup::People, "page-docs", "Page Docs", |incident| {
        page(incident, Role::Documentation)
    }),
    of(
        ActGroup::People,
        "ask",
        "Ask somebody to do something",
        |incident| live(incident, Act::AskTask),
    ),
    of(ActGroup::People, "hand-over", "Hand over", |incident| {
        live(incident, Act::AskHandover)
    }),
    of(
        ActGroup::People,
        "command",
        "Take or ask for command",
        |incident| live(incident, Act::TakeCommand),
    ),
    of(ActGroup::People, "call", "Join call", |incident| {
        (!is_over(incident)).then(|| any(incident, Act::JoinCall))
    }),
    of(ActGroup::People, "my-role", "My role", |incident| {
        Some(any(incident, Act::MyRole))
    }),
    of(ActGroup::Facts, "impact", "Impact", |incident| {
        (!is_over(incident)).then(|| any(incident, Act::Impact))
    }),
    of(ActGroup::Facts, "think", "We think it is…", |incident| {
        (!is_over(incident)).then(|| any(incident, Act::Think))
    }),
    of(
        ActGroup::Facts,
        "beliefs",
        "Guesses and their fate",
        |incident| {
            (!is_over(incident) && !incident.hypotheses.is_empty())
                .then(|| any(incident, Act::Beliefs))
        },
    ),
    of(
        ActGroup::Facts,
        "effect",
        "Effect of the last action",
        |incident| {
            let waits = incident.mitigations.open_question().is_some()
                || !incident.untold_effects().is_empty();
            live(incident, Act::Effect).filter(|_| waits)
        },
    ),
    of(ActGroup::Facts, "log", "Log", |incident| {
        Some(any(incident, Act::Log))
    }),
    of(ActGroup::Facts, "redact", "Redact", |incident| {
        Some(any(incident, Act::AskRedact))
    }),
    of(ActGroup::Facts, "decision", "Decision…", |incident| {
        Some(any(incident, Act::Decision))
    }),
    of(ActGroup::Facts, "import", "Import notes…", |incident| {
        Some(any(incident, Act::Import))
    }),
    of(ActGroup::Facts, "times", "Times and measures", |incident| {
        Some(any(incident, Act::Milestones))
    }),
    of(ActGroup::Facts, "estimate", "Estimate", |incident| {
        live(incident, Act::Estimate)
    }),
    of(ActGroup::Facts, "cause", "Cause and factors", |incident| {
        learning(incident, Act::Cause)
    }),
    of(ActGroup::Facts, "action", "Add action", |incident| {
        learning(incident, Act::AskAction)
    }),
    of(
        ActGroup::Facts,
        "no-action",
        "No learning action…",
        |incident| learning(incident, Act::WaiveLearning),
    ),
    of(
        ActGroup::Facts,
        "final-severity",
        "Final severity…",
        |incident| learning(incident, Act::FinalSeverity(None)),
    ),
    of(ActGroup::Incident, "take", "Take it", |incident| {
        (incident.phase == Phase::Open).then(|| any(incident, Act::Take))
    }),
    of(ActGroup::Incident, "severity", "Severity", |incident| {
        live(incident, Act::AskSeverity)
    }),
    of(ActGroup::Incident, "describe", "What it is…", |incident| {
        (!is_over(incident)).then(|| any(incident, Act::Describe))
    }),
    of(
        ActGroup::Incident,
        "diagnosis",
        "🔎 Diagnosis",
        |incident| to(incident, Phase::Diagnosis),
    ),
    of(
        ActGroup::Incident,
        "mitigation",
        "🧯 Mitigation",
        |incident| to(incident, Phase::Mitigation),
    ),
    of(ActGroup::Incident, "fix", "🔧 Fix", |incident| {
        to(incident, Phase::Fix)
    }),
    of(
        ActGroup::Incident,
        "validation",
        "🧪 Validation",
        |incident| to(incident, Phase::Validation),
    ),
    of(
        ActGroup::Incident,
        "came-back",
        "It came back",
        |incident| (incident.phase == Phase::Validation).then(|| here(incident, Act::AskCameBack)),
    ),
    of(ActGroup::Incident, "update", "Update", |incident| {
        live(incident, Act::Update)
    }),
    of(
        ActGroup::Incident,
        "nothing-new",
        "Nothing new",
        |incident| live(incident, Act::NothingNew),
    ),
    of(ActGroup::Incident, "all-clear", "All-clear", |incident| {
        (incident.phase == Phase::Learning).then(|| any(incident, Act::AllClear))
    }),
    of(ActGroup::Incident, "runbooks", "Runbooks", |incident| {
        live(incident, Act::AttachRunbook)
    }),
    of(
        ActGroup::Incident,
        "open-channel",
        "Open a new channel",
        |incident| {
            live(incident, Act::OpenChannelAgain)
                .filter(|_| incident.surface.lost_channel.is_some())
        },
    ),
    of(
        ActGroup::Incident,
        "restricted",
        "🔒 Restricted",
        |incident| {
            (incident.visibility == Visibility::Normal).then(|| any(incident, Act::Restrict))
        },
    ),
    of(
        ActGroup::Incident,
        "who-sees",
        "🔒 Who sees it",
        |incident| {
            (incident.visibility == Visibility::Restricted).then(|| any(incident, Act::AskAdmit))
        },
    ),
    of(ActGroup::Incident, "merge", "Duplicate of…", |incident| {
        live(incident, Act::AskMerge)
    }),
    of(
        ActGroup::Incident,
        "link",
        "Part of, related…",
        |incident| (incident.phase != Phase::Closed).then(|| any(incident, Act::AskLink)),
    ),
    of(ActGroup::Incident, "split-off", "Split off…", |incident| {
        (!incident.relations.attached.is_empty())
            .then(|| live(incident, Act::AskSplit))
            .flatten()
    }),
    of(ActGroup::Incident, "resolve", "Resolve", |incident| {
        incident.is_active().then(|| here(incident, Act::Resolve))
    }),
    of(
        ActGroup::Incident,
        "cancel",
        "Not an incident",
        |incident| incident.is_active().then(|| here(incident, Act::AskCancel)),
    ),
    of(ActGroup::Incident, "reopen", "Reopen", |incident| {
        matches!(incident.phase, Phase::Learning | Phase::Cancelled)
            .then(|| here(incident, Act::Reopen))
    }),
    of(
        ActGroup::Incident,
        "relapse",
        "It came back: open a new one",
        |incident| {
            matches!(incident.phase, Phase::Learning | Phase::Closed)
                .then(|| any(incident, Act::OpenRelapse))
        },
    ),
    of(ActGroup::Incident, "reviewed", "Reviewed", |incident| {
        learning(incident, Act::Reviewed)
    }),
    of(ActGroup::Incident, "close", "Close", |incident| {
        (incident.phase == Phase::Learning).then(|| here(incident, Act::Close))
    }),
    of(ActGroup::Look, "board", "Board", |incident| {
        Some(any(incident, Act::ShowBoard))
    }),
    of(ActGroup::Look, "text", "Board as plain text", |incident| {
        Some(any(incident, Act::TextBoard))
    }),
    of(ActGroup::Look, "catch-up", "Catch up", |incident| {
        Some(any(incident, Act::CatchUp))
    }),
    of(ActGroup::Look, "timeline", "Timeline", |incident| {
        Some(any(incident, Act::Timeline))
    }),
    of(
        ActGroup::Look,
        "everything",
        "Timeline: everything",
        |incident| Some(any(incident, Act::Read(Reading::All, 0))),
    ),
    of(
        ActGroup::Look,
        "decisions",
        "Timeline: decisions",
        |incident| Some(any(incident, Act::Read(Reading::Decisions, 0))),
    ),
    of(ActGroup::Look, "actions", "Timeline: actions", |incident| {
        Some(any(incident, Act::Read(Reading::Actions, 0)))
    }),
    of(
        ActGroup::Look,
        "by-person",
        "Timeline: by person",
        |incident| Some(any(incident, Act::Read(Reading::People, 0))),
    ),
    of(ActGroup::Look, "gaps", "Timeline: gaps", |incident| {
        Some(any(incident, Act::Read(Reading::Gaps, 0)))
    }),
    of(ActGroup::Look, "alerts", "Alerts", |incident| {
        Some(any(incident, Act::Alerts))
    }),
    of(ActGroup::Look, "maintenance", "Maintenance…", |incident| {
        Some(any(incident, Act::PlanMaintenance))
    }),
    of(ActGroup::Look, "changes", "What was changed", |incident| {
        Some(any(incident, Act::Changes))
    }),
    of(ActGroup::Look, "tasks", "Tasks", |incident| {
        (!is_over(incident)).then(|| any(incident, Act::Tasks))
    }),
    of(ActGroup::Look, "steps", "Steps", |incident| {
        (incident.checklist.is_some() && !is_over(incident)).then(|| any(incident, Act::StepList))
    }),
    of(
        ActGroup::Look,
        "reference",
        "Runbook reference",
        |incident| {
            let checklist = incident.checklist.as_ref()?;
            (!checklist.reference_sections().is_empty())
                .then(|| any(incident, Act::Reference(0, 0)))
        },
    ),
    of(ActGroup::Look, "postmortem", "Postmortem", |incident| {
        matches!(incident.phase, Phase::Learning | Phase::Closed)
            .then(|| any(incident, Act::Postmortem))
    }),
    of(
        ActGroup::Look,
        "front-desk",
        "Front desk: new, list, runbooks",
        |incident| Some(any(incident, Act::FrontDesk)),
    ),
    of(ActGroup::Look, "why", "Why?", |incident| {
        Some(any(incident, Act::Why))
    }),
    of(ActGroup::Look, "help", "Help", |incident| {
        Some(any(incident, Act::Help))
    }),
];

fn any(incident: &Incident, act: Act) -> Press {
    Press::any_time(incident.id, act)
}

fn here(incident: &Incident, act: Act) -> Press {
    Press::in_phase(incident.id, incident.phase, act)
}

fn live(incident: &Incident, act: Act) -> Option<Press> {
    incident.is_active().then(|| any(incident, act))
}

fn page(incident: &Incident, role: Role) -> Option<Press> {
    is_missing(incident, role).then(|| any(incident, Act::PageRole(role)))
}

fn learning(incident: &Incident, act: Act) -> Option<Press> {
    (incident.phase == Phase::Learning).then(|| any(incident, act))
}

fn is_over(incident: &Incident) -> bool {
    matches!(incident.phase, Phase::Closed | Phase::Cancelled)
}

/// The way to another phase. Two of them begin with a question about the users.
fn to(incident: &Incident, phase: Phase) -> Option<Press> {
    if !incident.is_active() || incident.phase == phase {
        return None;
    }
    if incident.phase == Phase::Validation {
        return None;
    }
    Some(here(
        incident,
        if phase == Phase::Fix && incident.impact_is_open() {
            Act::AskImpactOver
        } else {
            Act::Move(phase)
        },
    ))
}

/// Everything that can be asked of some incident.
#[must_use]
pub fn offers() -> &'static [Offer] {
    OFFERS
}

/// The offer of this name, or with these words.
#[must_use]
pub fn offer(named: &str) -> Option<&'static Offer> {
    let named = named.trim();
    let same = |text: &str| text.eq_ignore_ascii_case(named);
    OFFERS
        .iter()
        .find(|offer| same(offer.name))
        .or_else(|| OFFERS.iter().find(|offer| same(offer.label)))
}

/// What is most likely wanted besides what the board has.
fn likely(phase: Phase) -> &'static [&'static str] {
    match phase {
        Phase::Open | Phase::Diagnosis | Phase::Mitigation => {
            &["severity", "think", "impact", "catch-up", "timeline"]
        }
        Phase::Fix | Phase::Validation => {
            &["severity", "steps", "nothing-new", "catch-up", "timeline"]
        }
        Phase::Learning => &["all-clear", "postmortem", "log", "timeline", "reopen"],
        Phase::Closed => &["postmortem", "timeline", "log"],
        Phase::Cancelled => &["reopen", "timeline", "log"],
    }
}

/// The first row. Raising the severity is two taps from the board, so while it can be raised the button does it at once;
/// the menu has the rest.
fn first_row(incident: &Incident) -> Vec<Button> {
    likely(incident.phase)
        .iter()
        .filter_map(|name| {
            let offer = offer(name)?;
            let press = offer.press(incident)?;
            if press.act == Act::AskSeverity
                && let Some(worse) = next_worse(incident)
            {
                return Some(Button::plain(
                    format!("Raise to {worse}"),
                    any(incident, Act::SetSeverity(worse)),
                ));
            }
            let label = if incident.phase == Phase::Cancelled && press.act == Act::Reopen {
                "It was real after all"
            } else {
                offer.label
            };
            Some(Button::plain(label, press))
        })
        .collect()
}

fn next_worse(incident: &Incident) -> Option<Severity> {
    Severity::ALL
        .into_iter()
        .rev()
        .find(|worse| worse.is_worse_than(incident.severity))
}

/// What is not asked yet because it is night.
fn held_back(incident: &Incident, held: &[Held]) -> Option<String> {
    let words: Vec<String> = held
        .iter()
        .filter_map(|held| match held {
            Held::Timeline(prompt) => Some(prompt.words().to_owned()),
            Held::LateTask(number) => {
                let task = incident.task(*number)?;
                let what = spoken(&task.what, 80);
                Some(format!("{} has not answered *{what}*", task.to))
            }
            Held::LongStep(step) => {
                let step = incident.checklist.as_ref()?.step(step)?;
                Some(format!("*{}* takes long", cut(&plain(&step.text), 80)))
            }
            Held::Alone => Some("you command and repair alone".to_owned()),
        })
        .collect();
    (!words.is_empty()).then(|| {
        format!(
            "**Held back for a few minutes**, because it is night: {}.",
            words.join(" and ")
        )
    })
}

/// Everything that is not on the board, and what is `held` back for whoever reads it.
#[must_use]
pub fn more(incident: &Incident, held: &[Held]) -> Card {
    let mut rows = vec![buttons(first_row(incident))];
    for group in ActGroup::MORE {
        let options: Vec<(String, Press)> = OFFERS
            .iter()
            .filter(|offer| offer.group == group)
            .filter_map(|offer| Some((offer.label.to_owned(), offer.press(incident)?)))
            .collect();
        if !options.is_empty() {
            rows.push(Row::Acts(ActMenu {
                incident: incident.id,
                group,
                options,
            }));
        }
    }
    // What was held back at night, or asked and not answered, does not get lost.
    let waits = offer("effect").and_then(|effect| effect.press(incident));
    let mut body: Vec<String> = waits
        .iter()
        .map(|_| "**1 question waits:** what did the last action change?".to_owned())
        .collect();
    body.extend(held_back(incident, held));
    if let Some(Row::Buttons(first)) = rows.first_mut() {
        let answer = waits.map(|press| Button::primary("Answer it", press));
        let gaps = offer("gaps")
            .filter(|_| held.contains(&Held::Timeline(Prompt::Gap)))
            .and_then(|gaps| Some(Button::plain(gaps.label, gaps.press(incident)?)));
        first.splice(0..0, answer.into_iter().chain(gaps));
        first.truncate(5);
    }
    Card {
        title: format!("{} – more", incident.id),
        body: body.join("\n"),
        rows,
        tone: Tone::of(incident.severity),
        ..Card::default()
    }
}
