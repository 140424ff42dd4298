//! What reaches people outside the channel: the direct message that wakes somebody, and the greeting of a fresh install.

use super::visibility::hidden_direct;
use super::{board, buttons, clock};
use crate::card::{Act, Button, Card, Press, Tone};
use crate::effect::DirectTopic;
use crate::incident::{Incident, RoleState, Visibility};
use crate::person::PersonId;
use crate::phase::Phase;
use crate::role::Role;

/// The direct message of a person, as it should be now.
#[must_use]
pub fn direct(incident: &Incident, person: PersonId, about: &DirectTopic) -> Card {
    let outside =
        incident.visibility == Visibility::Restricted && !incident.circle().contains(&person);
    if outside {
        return hidden_direct(incident);
    }
    match about {
        DirectTopic::Page => page(incident, person),
        DirectTopic::Proposal { role } => proposal(incident, person, *role),
    }
}

/// The way there, for whoever reads it elsewhere.
pub(super) fn open_channel(incident: &Incident) -> String {
    incident
        .surface
        .channel
        .map(|channel| format!(" → <#{}>", channel.0))
        .unwrap_or_default()
}

fn page(incident: &Incident, person: PersonId) -> Card {
    let mut body: Vec<String> = incident
        .alerts
        .summaries
        .iter()
        .map(|summary| format!("• {summary}"))
        .collect();
    if let Some(start) = incident.alerts.earliest_start {
        body.push(format!(
            "Since about {} ({} UTC).",
            clock(start),
            start.format("%H:%M")
        ));
    }
    let base = Card {
        tone: Tone::of(incident.severity),
        ..Card::default()
    };
    if !incident.is_active() {
        return Card {
            content: format!(
                "{} {} – {}.",
                incident.phase.mark(),
                incident.id,
                incident.phase
            ),
            body: String::new(),
            tone: Tone::Over,
            ..base
        };
    }
    let asked = match incident.roles.get(&Role::OnCall) {
        Some(RoleState::Accepted { .. }) => None,
        Some(RoleState::Proposed { to, .. }) => Some(*to),
        _ => Some(person),
    };
    if asked.is_some() && (incident.phase == Phase::Open || asked == Some(person)) {
        let declined = matches!(
            incident.roles.get(&Role::OnCall),
            Some(RoleState::Declined { by, .. }) if *by == person
        );
        let mut answers = vec![Button::primary(
            "Take it",
            Press::any_time(incident.id, Act::Take),
        )];
        if asked == Some(person) && !declined {
            answers.push(Button::plain(
                "Can't",
                Press::any_time(incident.id, Act::Decline(Role::OnCall)),
            ));
        }
        // The line that wakes people holds the summaries already, unless there are too many.
        let line = board::opening_line(incident);
        let summaries = &incident.alerts.summaries;
        if !declined && summaries.iter().all(|summary| line.contains(summary)) {
            body.drain(..summaries.len());
        }
        if !declined && let Some(since) = body.last_mut() {
            since.push_str(&open_channel(incident));
        }
        let content = if declined {
            format!(
                "You said that you cannot take {}. If you can after all: it is still open.{}",
                incident.id,
                open_channel(incident)
            )
        } else {
            line
        };
        return Card {
            content,
            title: format!("{} · {}", incident.id, incident.title),
            body: body.join("\n"),
            rows: vec![buttons(answers)],
            ..base
        };
    }
    let mut content = match incident.roles.get(&Role::OnCall) {
        Some(RoleState::Accepted { by, .. }) if *by == person => "You have it.".to_owned(),
        Some(RoleState::Accepted { by, at }) => {
            let was_up = incident.activity.contains_key(&person);
            let sleep = if was_up { "" } else { " You can sleep on." };
            format!("{by} has it since {}.{sleep}", clock(*at))
        }
        _ => "Nothing is needed from you now.".to_owned(),
    };
    if incident.command == Some(person) {
        content.push_str(" You hold command 👑.");
    }
    if let Some(promise) = &incident.promise {
        content.push_str(&format!(" Next update promised by {}.", clock(promise.due)));
    }
    content.push_str(&open_channel(incident));
    Card {
        content,
        title: format!(
            "{} · {} · {}",
            incident.id, incident.severity, incident.title
        ),
        body: body.join("\n"),
        ..base
    }
}

fn proposal(incident: &Incident, person: PersonId, role: Role) -> Card {
    let base = Card {
        tone: Tone::of(incident.severity),
        ..Card::default()
    };
    if !incident.is_active() {
        return Card {
            content: format!(
                "{} {} – {}.",
                incident.phase.mark(),
                incident.id,
                incident.phase
            ),
            tone: Tone::Over,
            ..base
        };
    }
    match incident.holder(role) {
        Some(holder) if holder == person => Card {
            content: format!(
                "You are {role} of {}.{}",
                incident.id,
                open_channel(incident)
            ),
            rows: vec![buttons([Button::plain(
                "My role",
                Press::any_time(incident.id, Act::MyRole),
            )])],
            ..base
        },
        Some(holder) => Card {
            content: format!(
                "{holder} is {role} of {}. Nothing is needed from you.",
                incident.id
            ),
            ..base
        },
        None if matches!(
            incident.roles.get(&role),
            Some(RoleState::Declined { by, .. }) if *by == person
        ) =>
        {
            Card {
                content: format!(
                    "You said that you cannot be {role} of {}. If you can after all:",
                    incident.id
                ),
                rows: vec![buttons([Button::plain(
                    "Accept",
                    Press::any_time(incident.id, Act::Accept(role)),
                )])],
                ..base
            }
        }
        None => Card {
            content: format!(
                "🔴 {} {} — \"{}\". You are proposed as {role}.{}",
                incident.id,
                incident.severity,
                incident.title,
                open_channel(incident)
            ),
            rows: vec![buttons([
                Button::primary("Accept", Press::any_time(incident.id, Act::Accept(role))),
                Button::plain("Can't", Press::any_time(incident.id, Act::Decline(role))),
            ])],
            ..base
        },
    }
}

/// The first message of a fresh install.
#[must_use]
pub fn greeting() -> Card {
    Card {
        title: "Bridgewatch is on watch".to_owned(),
        body: "When an alert fires, its incident gets a channel and a line here. Try the whole way once, before the \
               night does: the button fires a test alert through the same door that Alertmanager uses. Or declare one by \
               hand: `/inc new`."
            .to_owned(),
        rows: vec![buttons([Button::primary(
            "Fire a test alert",
            Press { incident: None, phase: None, act: Act::FireTestAlert },
        )])],
        tone: Tone::Good,
        quiet: true,
        ..Card::default()
    }
}

/// The answer to the press on the greeting.
#[must_use]
pub fn test_alert_fired() -> Card {
    Card {
        content: "A test alert went through the front door. Its channel opens within seconds; end it with *Not an \
                  incident → A test*."
            .to_owned(),
        ..Card::default()
    }
}
