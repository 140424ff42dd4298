//! The private questions on the way: one question, a default button, never a block.

use super::{buttons, clock, line, text_card};
use crate::card::{Act, Button, Card, LowerReason, Menu, MenuOption, Press, Row, Tone};
use crate::incident::{CancelReason, Finding, Incident, Visibility};
use crate::person::PersonId;
use crate::phase::Phase;
use crate::runbook::{Checklist, RunbookId};
use crate::severity::Severity;

/// Why is it no incident?
#[must_use]
pub fn ask_cancel(incident: &Incident) -> Card {
    let mut card = line("Why is it not an incident?");
    card.rows = vec![buttons(CancelReason::ALL.into_iter().map(|reason| {
        Button::plain(
            reason.words(),
            Press::in_phase(incident.id, incident.phase, Act::Cancel(reason)),
        )
    }))];
    card
}

/// Is user impact over?
#[must_use]
pub fn ask_impact_over(incident: &Incident) -> Card {
    let here = |act| Press::in_phase(incident.id, incident.phase, act);
    let mut card = line("Is user impact over?");
    card.rows = vec![buttons([
        Button::good("Yes, just now", here(Act::ImpactOverNow)),
        Button::plain("Yes, earlier…", here(Act::ImpactOverEarlier)),
        Button::plain("Not yet", here(Act::ImpactNotOver)),
    ])];
    card
}

/// It came back: are users hurt, and where does the work go?
#[must_use]
pub fn ask_came_back(incident: &Incident) -> Card {
    let here = |act| Press::in_phase(incident.id, incident.phase, act);
    let mut card = line("Is user impact back?");
    card.rows = vec![
        buttons([
            Button::risky(
                "Yes → mitigate",
                here(Act::CameBackHurting(Phase::Mitigation)),
            ),
            Button::plain(
                "Yes → diagnose",
                here(Act::CameBackHurting(Phase::Diagnosis)),
            ),
        ]),
        buttons([
            Button::plain("No → fix again", here(Act::CameBackHarmless(Phase::Fix))),
            Button::plain(
                "No → diagnose",
                here(Act::CameBackHarmless(Phase::Diagnosis)),
            ),
        ]),
    ];
    card
}

/// How bad is it?
#[must_use]
pub fn ask_severity(incident: &Incident) -> Card {
    let mut body = String::new();
    for severity in Severity::ALL {
        body.push_str(&format!(
            "{} **{severity}** {}\n",
            severity.mark(),
            severity.meaning()
        ));
    }
    let mut card = text_card(
        format!("Now {}. How bad is it?", incident.severity),
        body,
        Tone::of(incident.severity),
    );
    card.footer = "Not sure? Take the higher one. We lower it later.".to_owned();
    card.rows = vec![buttons(
        Severity::ALL
            .into_iter()
            .filter(|severity| *severity != incident.severity)
            .map(|severity| {
                Button::plain(
                    severity.to_string(),
                    Press::any_time(incident.id, Act::SetSeverity(severity)),
                )
            }),
    )];
    card
}

/// Why is it not as bad?
#[must_use]
pub fn ask_lower_reason(incident: &Incident, to: Severity) -> Card {
    let mut card = line(format!("Why {to}?"));
    card.rows = vec![buttons(LowerReason::ALL.into_iter().map(|reason| {
        Button::plain(
            reason.words(),
            Press::any_time(incident.id, Act::LowerSeverity(to, reason)),
        )
    }))];
    card
}

/// What speaks for and against resolving.
#[must_use]
pub fn resolve_card(incident: &Incident, findings: &[Finding]) -> Card {
    let body = findings
        .iter()
        .map(|finding| format!("{} {}", if finding.met { "✓" } else { "✗" }, finding.text))
        .collect::<Vec<_>>()
        .join("\n");
    let all_met = findings.iter().all(|finding| finding.met);
    let here = |act| Press::in_phase(incident.id, incident.phase, act);
    let mut card = text_card(
        format!("Resolve {}?", incident.id),
        body,
        if all_met { Tone::Good } else { Tone::Minor },
    );
    card.rows = vec![buttons([
        if all_met {
            Button::good("Resolve", here(Act::Resolve))
        } else {
            Button::risky("Resolve anyway", here(Act::ResolveAnyway))
        },
        Button::plain("Wait 5 min", here(Act::WaitToResolve)),
        Button::plain("Not yet", Press::any_time(incident.id, Act::Dismiss)),
    ])];
    card
}

/// Whoever wanted to wait before resolving has waited.
#[must_use]
pub fn resolve_again(incident: &Incident, by: PersonId) -> Card {
    Card {
        content: format!(
            "{by}, you wanted to wait: can {} be resolved now?",
            incident.id
        ),
        ping: crate::card::Ping::People(vec![by]),
        rows: vec![buttons([Button::good(
            "Resolve",
            Press::in_phase(incident.id, incident.phase, Act::Resolve),
        )])],
        ..Card::default()
    }
}

/// Somebody without command wants to resolve.
#[must_use]
pub fn resolve_question(incident: &Incident, by: PersonId, holder: PersonId) -> Card {
    Card {
        content: format!("{by} wants to resolve this. {holder}, you hold command:"),
        ping: crate::card::Ping::People(vec![holder]),
        rows: vec![buttons([
            Button::good(
                "Resolve",
                Press::in_phase(incident.id, incident.phase, Act::Resolve),
            ),
            Button::plain("Not yet", Press::any_time(incident.id, Act::NotYet)),
        ])],
        ..Card::default()
    }
}

/// Somebody wants to take command.
#[must_use]
pub fn command_question(incident: &Incident, by: PersonId, holder: PersonId) -> Card {
    Card {
        content: format!(
            "{by} asks for command 👑. {holder}, give it? Without a sign from you, they can take it in two minutes."
        ),
        ping: crate::card::Ping::People(vec![holder]),
        rows: vec![buttons([
            Button::primary(
                "Give command",
                Press::any_time(incident.id, Act::GiveCommand(by)),
            ),
            Button::plain("Not yet", Press::any_time(incident.id, Act::NotYet)),
        ])],
        ..Card::default()
    }
}

/// All alerts are clear. The bot asks; it never resolves alone.
#[must_use]
pub fn all_clear_question(incident: &Incident) -> Card {
    let since = incident
        .alerts
        .last_cleared_at
        .map(|at| format!(" since {}", clock(at)))
        .unwrap_or_default();
    let mut card = line(format!("All alerts are clear{since}. Go to validation?"));
    card.rows = vec![buttons([
        Button::primary(
            "Go to validation",
            Press::in_phase(incident.id, incident.phase, Act::Move(Phase::Validation)),
        ),
        Button::plain("Not yet", Press::any_time(incident.id, Act::ShowBoard)),
    ])];
    card
}

/// Everything that is not on the board. `others` are runbooks that could be attached instead, as long as nobody has
/// touched a step of the attached one.
#[must_use]
pub fn more(incident: &Incident, others: &[(RunbookId, String)]) -> Card {
    let any = |act| Press::any_time(incident.id, act);
    let here = |act| Press::in_phase(incident.id, incident.phase, act);
    let raise = Severity::ALL
        .into_iter()
        .rev()
        .find(|worse| incident.is_active() && worse.is_worse_than(incident.severity))
        .map(|worse| Button::plain(format!("Raise to {worse}"), any(Act::SetSeverity(worse))));
    let impact = Button::plain("Impact", any(Act::Impact));
    let think = Button::plain("We think it is…", any(Act::Think));
    let log = Button::plain("Log", any(Act::Log));
    let timeline = Button::plain("Timeline", any(Act::Timeline));
    let roles = Button::plain("Roles", any(Act::Roles));
    let why = Button::plain("Why?", any(Act::Why));
    let hide = match incident.visibility {
        Visibility::Normal => Button::plain("🔒 Restricted", any(Act::Restrict)),
        Visibility::Restricted => Button::plain("🔒 Who sees it", any(Act::AskAdmit)),
    };
    // What cannot be done any more is not offered.
    let mut rows = match incident.phase {
        Phase::Learning => vec![
            buttons([impact, think, log, timeline]),
            buttons([roles, why, hide.clone()]),
        ],
        Phase::Closed | Phase::Cancelled => vec![buttons([log, timeline, why, hide.clone()])],
        _ => vec![
            buttons([
                Button::plain("Severity", any(Act::AskSeverity)),
                impact,
                think,
                log,
                timeline,
            ]),
            buttons(raise.into_iter().chain([
                roles,
                Button::plain("Hand over", any(Act::AskHandover)),
                Button::plain("Estimate", any(Act::Estimate)),
                why,
            ])),
        ],
    };
    let moves = moves(incident);
    if !moves.is_empty() {
        rows.push(buttons(moves));
    }
    let end = match incident.phase {
        Phase::Open | Phase::Diagnosis => vec![
            Button::plain("Steps", any(Act::StepList)),
            Button::plain("Not an incident", here(Act::AskCancel)),
            hide,
            Button::plain("Resolve", here(Act::Resolve)),
            Button::plain("Help", any(Act::Help)),
        ],
        Phase::Learning => vec![
            Button::plain("Steps", any(Act::StepList)),
            Button::plain("All-clear", any(Act::AllClear)),
            Button::plain("Postmortem", any(Act::Postmortem)),
            Button::plain("Reopen", here(Act::Reopen)),
            Button::plain("No learning action…", any(Act::WaiveLearning)),
        ],
        Phase::Closed => vec![Button::plain("Postmortem", any(Act::Postmortem))],
        Phase::Cancelled => vec![Button::plain("It was real after all", here(Act::Reopen))],
        Phase::Mitigation | Phase::Fix | Phase::Validation => vec![
            Button::plain("Steps", any(Act::StepList)),
            Button::plain("Nothing new", any(Act::NothingNew)),
            hide,
            Button::plain("Resolve", here(Act::Resolve)),
            Button::plain("Help", any(Act::Help)),
        ],
    };
    rows.push(buttons(end));
    // Another runbook replaces the attached one, and somebody's ticks are not thrown away.
    let replaceable = incident
        .checklist
        .as_ref()
        .is_none_or(Checklist::is_untouched);
    if !others.is_empty() && incident.is_active() && replaceable {
        rows.push(Row::Menu(Menu {
            hint: "Another runbook…".to_owned(),
            options: others
                .iter()
                .take(25)
                .map(|(id, title)| MenuOption {
                    value: id.to_string(),
                    label: crate::incident::cut(title, 90),
                    description: id.to_string(),
                })
                .collect(),
            most: 1,
            press: any(Act::AttachRunbook),
        }));
    }
    Card {
        title: format!("{} – more", incident.id),
        rows,
        tone: Tone::of(incident.severity),
        ..Card::default()
    }
}

/// The ways to other phases. Two of them begin with a question about the users.
fn moves(incident: &Incident) -> Vec<Button> {
    if !incident.is_active() {
        return Vec::new();
    }
    let here = |act| Press::in_phase(incident.id, incident.phase, act);
    if incident.phase == Phase::Validation {
        return vec![Button::plain("It came back", here(Act::AskCameBack))];
    }
    Phase::ACTIVE
        .into_iter()
        .filter(|phase| *phase != Phase::Open && *phase != incident.phase)
        .map(|phase| {
            let act = if phase == Phase::Fix && incident.impact_is_open() {
                Act::AskImpactOver
            } else {
                Act::Move(phase)
            };
            Button::plain(format!("{} {}", phase.mark(), short(phase)), here(act))
        })
        .collect()
}

fn short(phase: Phase) -> &'static str {
    match phase {
        Phase::Open => "Open",
        Phase::Diagnosis => "Diagnosis",
        Phase::Mitigation => "Mitigation",
        Phase::Fix => "Fix",
        Phase::Validation => "Validation",
        Phase::Learning => "Learning",
        Phase::Closed => "Closed",
        Phase::Cancelled => "Cancelled",
    }
}

/// What to do now, by situation.
#[must_use]
pub fn help(incident: Option<&Incident>) -> Card {
    let body = match incident {
        None => {
            "**Something is broken** `/inc new` and a few words. A channel opens, you have it.\n\
                 **Which incidents are there?** `/inc list`\n\
                 **You are in an incident's channel** press the first button of the pinned board."
                .to_owned()
        }
        Some(incident) => format!(
            "**Lost?** The pinned board says what is broken, who commands and what is next.\n\
             **Just did or saw something?** Write it with a prefix: `act:` did · `obs:` saw · `dec:` decided · \
             `hyp:` guess · `imp:` impact · `todo:` later. A time in front makes it late: `@02:47 obs: …`, \
             `-15m act: …`.\n\
             **Somebody wrote a fact?** React: 📌 note · 🔎 saw · 🛠️ did · ⚖️ decided · ❗ impact · 📝 later.\n\
             **Which is it?** *Saw*: you could photograph it. *Did*: the system is different now. *Decided*: there \
             was another option.\n\
             **Worse or better than {}?** *Severity*. **Cannot go on?** *Hand over*.",
            incident.severity
        ),
    };
    text_card("Help", body, Tone::Plain)
}
