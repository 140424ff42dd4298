//! Roles: who has which, what each does, and the offer of a hand-over.

use std::collections::BTreeSet;

use super::briefing::briefing;
use super::handover::subject_words;
use super::night::open_channel;
use super::paging::{is_missing, page_row};
use super::spoken::spoken;
use super::{buttons, clock, line, text_card};
use crate::card::{Act, ActGroup, ActMenu, Button, Card, Press, Row, Tone};
use crate::incident::{Handover, Incident, Policy, RoleState, length_words};
use crate::person::PersonId;
use crate::phase::Phase;
use crate::role::Role;

/// Who has which role, and the buttons to change it; for one reader.
#[must_use]
pub fn roles(incident: &Incident, reader: PersonId) -> Card {
    let mut body = String::new();
    if let Some(holder) = incident.command {
        body.push_str(&format!("👑 {holder} holds command.\n"));
    }
    let mut take = Vec::new();
    for role in incident.roles_here() {
        let state = match incident.roles.get(&role) {
            Some(RoleState::Accepted { by, at }) => format!("{by} since {}", clock(*at)),
            Some(RoleState::Proposed { to, at }) => {
                format!("{to}, asked {}", clock(*at))
            }
            Some(RoleState::Declined { by, .. }) => format!("unfilled, {by} cannot"),
            Some(RoleState::Released { .. }) => "unfilled, given back".to_owned(),
            None if incident.required_roles().contains(&role) => "unfilled, needed".to_owned(),
            None if incident.is_solo() => "not asked for while one works alone".to_owned(),
            None => "not needed so far".to_owned(),
        };
        body.push_str(&format!("**{}** {state}\n", role.short()));
        if incident.holder(role).is_none() && !role.is_optional() {
            take.push(Button::plain(
                format!("I'll be {}", role.short()),
                Press::any_time(incident.id, Act::Accept(role)),
            ));
        }
    }
    let mut rows = Vec::new();
    if matches!(incident.phase, Phase::Closed | Phase::Cancelled) {
        return Card {
            rows,
            ..text_card("Roles", body, Tone::Over)
        };
    }
    let take = (!take.is_empty()).then(|| buttons(take)).into_iter();
    let page = page_row(incident).into_iter();
    // Whoever fights alone needs somebody, and no second role.
    if incident.is_solo() {
        rows.extend(page.chain(take));
    } else {
        rows.extend(take.chain(page));
    }
    let mut own = Vec::new();
    if incident.is_active() && incident.command != Some(reader) {
        own.push(if incident.command.is_none() {
            Button::primary(
                "Take command",
                Press::any_time(incident.id, Act::TakeCommand),
            )
        } else {
            Button::plain(
                "Ask for command",
                Press::any_time(incident.id, Act::TakeCommand),
            )
        });
    }
    let has_something = incident.command == Some(reader) || !incident.roles_of(reader).is_empty();
    if incident.is_active() && has_something {
        own.push(Button::plain(
            "Hand over",
            Press::any_time(incident.id, Act::AskHandover),
        ));
    }
    own.push(Button::plain(
        "My role",
        Press::any_time(incident.id, Act::MyRole),
    ));
    rows.push(buttons(own));
    let give_back: Vec<Button> = incident
        .roles_of(reader)
        .into_iter()
        .map(|role| {
            Button::plain(
                format!("Give back {}", role.short()),
                Press::any_time(incident.id, Act::Release(role)),
            )
        })
        .collect();
    if !give_back.is_empty() {
        rows.push(buttons(give_back));
    }
    rows.extend(others(incident));
    Card {
        rows,
        ..text_card("Roles", body, Tone::of(incident.severity))
    }
}

/// Asking for a role that nobody has: a button for each of the five; a menu where the team has more, which can be taken
/// there, too.
fn others(incident: &Incident) -> Option<Row> {
    if !incident.is_active() {
        return None;
    }
    let unfilled: Vec<Role> = incident
        .roles_here()
        .into_iter()
        .filter(|role| incident.holder(*role).is_none())
        .collect();
    let ask = |role: Role| {
        let press = Press::any_time(incident.id, Act::AskPropose(role));
        (format!("Ask for {}…", role.short()), press)
    };
    let take = |role: Role| {
        let press = Press::any_time(incident.id, Act::Accept(role));
        (format!("I'll be {}", role.short()), press)
    };
    let optional: Vec<Role> = unfilled
        .iter()
        .copied()
        .filter(|role| role.is_optional())
        .collect();
    if unfilled.is_empty() {
        None
    } else if optional.is_empty() {
        let asks = unfilled.into_iter().map(ask);
        Some(buttons(
            asks.map(|(label, press)| Button::plain(label, press)),
        ))
    } else {
        let options = optional
            .into_iter()
            .map(take)
            .chain(unfilled.into_iter().map(ask));
        Some(Row::Acts(ActMenu {
            incident: incident.id,
            group: ActGroup::Roles,
            options: options.collect(),
        }))
    }
}

/// Whom to ask for a role.
#[must_use]
pub fn ask_person_for(incident: &Incident, role: Role) -> Card {
    let mut card = super::line(format!(
        "Who should be {role}? They are asked; nothing is assigned."
    ));
    card.rows = vec![Row::People {
        hint: format!("Ask somebody to be {}", role.short()),
        press: Press::any_time(incident.id, Act::AskPropose(role)),
    }];
    card
}

/// Whom to ask for a role.
#[must_use]
pub fn ask_whom(incident: &Incident) -> Card {
    let mut card = super::line("Whom do you need? They are asked; nothing is assigned.");
    card.rows = vec![Row::People {
        hint: "Ask somebody…".to_owned(),
        press: Press::any_time(incident.id, Act::AskRole),
    }];
    card
}

/// For which role to ask a person.
#[must_use]
pub fn ask_role_for(incident: &Incident, person: PersonId) -> Card {
    let open: Vec<Button> = incident
        .roles_here()
        .into_iter()
        .filter(|role| incident.holder(*role).is_none())
        .map(|role| {
            Button::plain(
                role.to_string(),
                Press::any_time(incident.id, Act::Propose(role, person)),
            )
        })
        .collect();
    if open.is_empty() {
        return super::line("Every role is taken. *Hand over* is for roles that somebody has.");
    }
    let mut card = super::line(format!(
        "Ask {person} to be… They are asked; nothing is assigned."
    ));
    card.rows = open.chunks(5).map(|row| buttons(row.to_vec())).collect();
    card
}

/// What the receiver of a hand-over reads.
#[must_use]
pub fn handover_offer(incident: &Incident, handover: &Handover, policy: &Policy) -> Card {
    let what: Vec<String> = handover.subjects.iter().map(subject_words).collect();
    let reason = handover
        .reason
        .as_ref()
        .map(|reason| format!(" Reason: {}.", spoken(reason, 200)))
        .unwrap_or_default();
    Card {
        content: format!(
            "{} {}: {} asks you to take over {}.{reason}",
            incident.severity.mark(),
            incident.id,
            handover.from,
            what.join(" and ")
        ),
        title: "Briefing".to_owned(),
        body: if handover.briefing.is_empty() {
            briefing(incident, &[], handover.at)
        } else {
            handover.briefing.clone()
        },
        footer: format!(
            "The offer lapses after {}.",
            length_words(policy.handover_expiry)
        ),
        tone: Tone::of(incident.severity),
        rows: vec![buttons([
            Button::primary(
                "I have it",
                Press::any_time(incident.id, Act::AcceptHandover),
            ),
            Button::plain(
                "Not now",
                Press::any_time(incident.id, Act::DeclineHandover),
            ),
        ])],
        ..Card::default()
    }
}

/// What the holder of a role does: first, meanwhile, at the end, and what is not their job.
#[must_use]
pub fn responsibilities(role: Role) -> Card {
    let (first, meanwhile, end, not_yours) = match role {
        Role::OnCall => (
            "Press *Take it*. Say in one line what you see. Open the first step. Look for what changed – deploys, \
             flags, config – before asking why. Review logs, metrics and monitors.",
            "Try the safest reversible thing first: roll back, AI features off, cached data, restart a service. Say it \
             before you do it. Ask for help early.",
            "Run the validation list. Leave notes while they are fresh.",
            "Writing to stakeholders once a Bridge Engineer is here. Finding the whole cause tonight.",
        ),
        Role::Backend => (
            "Connections, errors, slow queries, queue depth, the last migration. Report what is, what you will do, what \
             you need: three lines.",
            "Database and API changes, one at a time, each announced with a time limit. Watch the AI tasks when models \
             are involved.",
            "Check data integrity, endpoints and draining queues. Say what you checked.",
            "Deciding alone on risky steps: ask whoever holds command.",
        ),
        Role::Frontend => (
            "Reproduce as a user: logged out, logged in, on a phone. Collect the error that users see.",
            "Make the product tell the truth: banner, friendly error, disabled buttons. Check caches and old bundles.",
            "Confirm in a clean browser and on a phone. Take the banner down after the all-clear.",
            "Posting on the status page.",
        ),
        Role::Bridge => (
            "Say “I am Bridge”. Take command if it is offered. Confirm the severity, higher if unsure. Who does what, by \
             when?",
            "One task, one person, one time limit. Ask for strong objections, then decide. Keep the promised update. \
             Keep teams talking to each other; let people go who are not needed.",
            "All-clear, thanks, and the owner of the postmortem.",
            "Debugging. If only you can fix it, hand over command first.",
        ),
        Role::Documentation => (
            "Check start and detection times. Note who has what.",
            "Note decisions with their reason, actions with who and what came of it, observations with numbers and \
             links. Mark follow-ups with `todo:`. Leave the chatter out. Ask “is that decided?”",
            "Correct times, fill gaps, start the postmortem the same day: a clear cause analysis, no blame.",
            "Investigating, changing systems, judging people.",
        ),
        Role::Deputy => (
            "Read the board and the briefing. Tell whoever commands that you stand by.",
            "Follow every decision, so that you could take command with one sentence. Watch the clock and the promises \
             for them; say when they are tired.",
            "Take command if they must rest. Tell them what you saw that they did not.",
            "Commanding beside them. One person decides.",
        ),
        Role::Communications => (
            "Read *IMPACT* and the last update. Tell the Bridge Engineer that updates come from you now.",
            "Keep each promised time, also when there is nothing new. Say what users see and what they can do; no guesses \
             about the cause.",
            "Send the all-clear. Answer who is still waiting.",
            "Deciding what is done about it.",
        ),
        Role::Customer => (
            "Ask support what customers report, since when, and how many. Put numbers into the channel.",
            "Tell support what to answer and when there will be more. Bring back what contradicts the board.",
            "Say when reports stop. List who must be called back.",
            "Promising a time that nobody here has given.",
        ),
        Role::Security => (
            "Is somebody attacking, or was data reached? If so: make it restricted, and preserve logs before anything is \
             changed.",
            "Note every access you find, with its time in UTC. Contain one thing at a time; say what it will break.",
            "Say what was reached and what was not, and how you know. Rotate what was exposed.",
            "Accusing anybody. Telling the public.",
        ),
        Role::Ai => (
            "Queue depth, errors and latency of the models, the last rollout, the provider's status. Say whether AI can be \
             switched off.",
            "Switch features off before tuning them. Retry in small batches; watch cost and the database behind.",
            "Work off the backlog in small batches. Check answers, not only errors.",
            "Changing models while users are hurt.",
        ),
        Role::Observer => (
            "Read the board. Ask in private what you do not understand.",
            "Write down what you would ask in the review.",
            "Bring it to the review.",
            "Everything else: you have no duty, and nobody waits for you.",
        ),
    };
    text_card(
        role.to_string(),
        format!(
            "**First five minutes** {first}\n\n**While it runs** {meanwhile}\n\n**When it ends** {end}\n\n**Not your job** \
             {not_yours}"
        ),
        Tone::Plain,
    )
}

/// The cards of several roles in one, for whoever works alone.
#[must_use]
pub fn solo_role(roles: &BTreeSet<Role>) -> Card {
    let has = |role| roles.contains(&role);
    let mut blocks = vec![
        "**Now** The safest thing that can be undone first: roll back, AI features off, cached data, restart a service. \
         Say it before you do it.",
    ];
    if has(Role::Backend) || has(Role::Frontend) {
        blocks.push("**Your part** One change at a time; look at it as a user would.");
    }
    if has(Role::Bridge) {
        blocks.push("**Bridge** You decide. The update that is due comes to you drafted: *Send*, or *Nothing new*.");
    }
    if has(Role::Documentation) {
        blocks.push(
            "**Docs** Nothing is asked until users are no longer hurt. Buttons and `obs:` lines keep the times.",
        );
    }
    blocks.push("**Too much for one?** *Roles → Page …* calls somebody with two taps. Nobody minds being called early.");
    blocks.push("**When it ends** The validation list, then sleep. The draft is made from what you pressed.");
    let names: Vec<&str> = roles.iter().map(|role| role.short()).collect();
    text_card(
        format!("{} (solo)", names.join(" + ")),
        blocks.join("\n\n"),
        Tone::Plain,
    )
}

/// Whoever commands and repairs alone is told so, once. Nothing has to be done about it.
#[must_use]
pub fn lone_hint(incident: &Incident, now: chrono::DateTime<chrono::Utc>) -> Card {
    let bridge = match incident.roles.get(&Role::Bridge) {
        Some(RoleState::Proposed { to, at }) => format!(
            "{to} (Bridge) was asked {} min ago.",
            (now - *at).num_minutes()
        ),
        Some(RoleState::Declined { by, .. }) => format!("{by} cannot be Bridge."),
        Some(RoleState::Released { by, .. }) => format!("{by} gave Bridge back."),
        Some(RoleState::Accepted { .. }) | None => "Nobody was asked to be Bridge.".to_owned(),
    };
    let place = open_channel(incident);
    let mut card = line(format!(
        "You hold command and fix alone in a {}: {}. {bridge} *Roles* asks somebody else.{place}",
        incident.severity, incident.id
    ));
    let page = is_missing(incident, Role::Bridge).then(|| {
        Button::primary(
            "Page Bridge",
            Press::any_time(incident.id, Act::PageRole(Role::Bridge)),
        )
    });
    let hand_over = Button::plain("Hand over", Press::any_time(incident.id, Act::AskHandover));
    card.rows = vec![buttons(page.into_iter().chain([hand_over]))];
    card
}
