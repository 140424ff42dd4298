//! The private questions on the way: one question, a default button, never a block.

use super::{buttons, clock, line, text_card};
use crate::card::{Act, ActGroup, ActMenu, Button, Card, LowerReason, Press, Row, Tone};
use crate::incident::{CancelReason, Finding, Incident};
use crate::person::PersonId;
use crate::phase::Phase;
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
    let worse: Vec<Button> = Severity::ALL
        .into_iter()
        .filter(|severity| severity.is_worse_than(incident.severity))
        .map(|severity| {
            Button::plain(
                severity.to_string(),
                Press::any_time(incident.id, Act::SetSeverity(severity)),
            )
        })
        .collect();
    if !worse.is_empty() {
        card.rows.push(buttons(worse));
    }
    // With its reason in the same tap: nobody debates a severity at night.
    let better: Vec<(String, Press)> = Severity::ALL
        .into_iter()
        .filter(|severity| incident.severity.is_worse_than(*severity))
        .flat_map(|to| LowerReason::ALL.into_iter().map(move |reason| (to, reason)))
        .map(|(to, reason)| {
            let press = Press::any_time(incident.id, Act::LowerSeverity(to, reason));
            (format!("{to} – {}", reason.words()), press)
        })
        .collect();
    if !better.is_empty() {
        card.rows.push(Row::Acts(ActMenu {
            incident: incident.id,
            group: ActGroup::Lower,
            options: better,
        }));
    }
    card
}

/// The ten-second card, for whoever began an incident without saying how bad it is. It is SEV2 until they do.
#[must_use]
pub fn ten_seconds(incident: &Incident) -> Card {
    let answers = [
        (Severity::Sev1, Severity::Sev1.meaning()),
        (Severity::Sev2, Severity::Sev2.meaning()),
        (Severity::Sev3, "Some users, workaround"),
    ];
    Card {
        title: "How bad is it?".to_owned(),
        footer: "Not sure? Take the higher one. We lower it later.".to_owned(),
        tone: Tone::of(incident.severity),
        // One above the other: a thumb finds them.
        rows: answers
            .into_iter()
            .map(|(severity, words)| {
                let press = Press::any_time(incident.id, Act::RateFirst(severity));
                buttons([Button::plain(words, press)])
            })
            .collect(),
        ..Card::default()
    }
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
