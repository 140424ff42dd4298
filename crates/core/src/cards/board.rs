//! The board: the one pinned message that says how things stand, and the line per incident in the digest channel.

use chrono::{DateTime, Utc};

use super::changes::change_lines;
use super::spoken::spoken;
use super::updates::due_words;
use super::visibility::hidden_digest;
use super::{buttons, clock, line, plain, relative};
use crate::alert::safe_line;
use crate::card::{Act, Button, Card, Ping, Press, Row, Tone};
use crate::incident::{
    Around, CallState, HypothesisState, Incident, MilestoneName, Origin, RoleState, UpdateRecord,
    Visibility, cut,
};
use crate::person::PersonId;
use crate::phase::Phase;
use crate::role::Role;
use crate::runbook::StepPhase;
use crate::severity::Severity;
use crate::timeline::Precision;

/// What a phone shows when an incident opens: the first 100 characters decide whether somebody gets up.
#[must_use]
pub fn opening_line(incident: &Incident) -> String {
    line_that_wakes(incident, &what_is_broken(incident), TAKE_IT)
}

/// What whoever is woken is to do.
const TAKE_IT: &str = "Take it";

fn what_is_broken(incident: &Incident) -> String {
    if incident.alerts.summaries.is_empty() {
        incident.title.clone()
    } else {
        incident.alerts.summaries.join(" · ")
    }
}

/// The same for whatever lies outside Discord, where everybody may read a restricted incident's words. Whoever is called for
/// a role, while somebody has the incident, reads for which.
#[must_use]
pub fn pager_line(incident: &Incident, called: Option<PersonId>) -> String {
    let what = match incident.visibility {
        Visibility::Normal => what_is_broken(incident),
        Visibility::Restricted => RESTRICTED_TITLE.to_owned(),
    };
    match called.and_then(|person| incident.wanted_as(person)) {
        Some(role) => line_that_wakes(incident, &what, &format!("{role} wanted")),
        None => line_that_wakes(incident, &what, TAKE_IT),
    }
}

/// What an incident is called outside Discord.
#[must_use]
pub fn pager_title(incident: &Incident) -> &str {
    match incident.visibility {
        Visibility::Normal => &incident.title,
        Visibility::Restricted => RESTRICTED_TITLE,
    }
}

/// All that is told of a restricted incident outside Discord.
const RESTRICTED_TITLE: &str = "restricted incident";

fn line_that_wakes(incident: &Incident, what: &str, wanted: &str) -> String {
    let what = safe_line(what, 100);
    let head = format!("🔴 {} ", incident.severity);
    let tail = format!(" — {wanted}");
    let room = 100_usize.saturating_sub(head.chars().count() + tail.chars().count());
    format!("{head}{}{tail}", cut(&what, room))
}

/// The board as it is first posted: with the line that wakes people, and a ping for whoever is on call.
#[must_use]
pub fn opening_board(incident: &Incident) -> Card {
    opening_board_among(incident, &Around::default())
}

/// The same, with what stands around it.
#[must_use]
pub fn opening_board_among(incident: &Incident, around: &Around) -> Card {
    let mut card = board_among(incident, around);
    if incident.phase == Phase::Open {
        card.content = opening_line(incident);
        card.quiet = false;
        if let Some(RoleState::Proposed { to, .. }) = incident.roles.get(&Role::OnCall) {
            card.content = format!("{} {to}", card.content);
            card.ping = Ping::People(vec![*to]);
        }
    }
    card
}

/// The board.
#[must_use]
pub fn board(incident: &Incident) -> Card {
    board_among(incident, &Around::default())
}

/// The board, with what stands around it.
#[must_use]
pub fn board_among(incident: &Incident, around: &Around) -> Card {
    let mut lines = vec![format!("**{}**", incident.title)];
    lines.push(impact_window(incident));
    lines.extend(incident.relations.origin.map(|origin| match origin {
        Origin::RelapseOf(before) => format!("🔁 perhaps a relapse of {before}"),
        Origin::SplitFrom(other) => format!("✂ split off from {other}"),
    }));
    lines.extend(super::links::link_lines(incident));
    lines.push(String::new());
    lines.push(format!("**IMPACT** {}", impact(incident)));
    let cause = incident.postmortem.cause.as_ref();
    if let Some(cause) = cause.filter(|_| !incident.is_active()) {
        lines.push(format!("**CAUSE** {}", spoken(&cause.cause, 300)));
    } else if let Some(guess) = incident.leading_hypothesis() {
        let state = match guess.state {
            HypothesisState::Confirmed => "confirmed",
            HypothesisState::Supported => "supported, not confirmed",
            HypothesisState::Open | HypothesisState::Refuted => "a guess",
        };
        lines.push(format!("**BELIEF** {} – {state}", spoken(&guess.text, 300)));
    }
    if let Some(doing) = super::work::doing(incident, &around.work) {
        lines.push(format!("**DOING** {doing}"));
    }
    lines.push(format!("**ALERTS** {}", alerts(incident)));
    lines.extend(change_lines(incident, &around.changes));
    if let Some(step) = step(incident) {
        lines.push(format!("**STEP** {step}"));
    }
    lines.push(format!("**ROLES** {}", roles(incident)));
    if let CallState::Failed { why } = &incident.surface.call {
        lines.push(format!(
            "**CALL** could not be opened: {}",
            spoken(why, 300)
        ));
    }
    if incident.is_active() || !incident.updates.is_empty() {
        lines.push(format!("**UPDATE** {}", update(incident)));
    }
    if incident.phase == Phase::Learning || incident.phase == Phase::Closed {
        lines.push(format!("**POSTMORTEM** {}", postmortem(incident)));
    }
    Card {
        content: String::new(),
        title: format!(
            "{} {} · {} · {}{}",
            incident.phase.mark(),
            incident.id,
            incident.severity,
            incident.phase,
            near_miss(incident)
        ),
        body: cut(&lines.join("\n"), 4_000),
        footer: String::new(),
        tone: match incident.phase {
            Phase::Learning => Tone::Good,
            Phase::Closed | Phase::Cancelled => Tone::Over,
            _ => Tone::of(incident.severity),
        },
        rows: rows(incident),
        ping: Ping::Nobody,
        quiet: true,
    }
}

/// What cleared by itself counts as a near miss, and is said to be one.
fn near_miss(incident: &Incident) -> &'static str {
    if incident.is_near_miss() {
        " (near miss)"
    } else {
        ""
    }
}

/// Since when, and until when. That users are hurt is said only once somebody has said so.
fn impact_window(incident: &Incident) -> String {
    let declared = format!("declared {}", clock(incident.declared_at()));
    match since_when(incident) {
        Some(since) => format!("{since} · {declared}"),
        None => declared,
    }
}

fn since_when(incident: &Incident) -> Option<String> {
    let start = incident.milestones.current(MilestoneName::ImpactStart)?;
    let known = incident.impact_text.is_some();
    let estimate = if start.precision == Precision::Approximate {
        "about "
    } else {
        ""
    };
    let began = format!("{estimate}{}", clock(start.at));
    Some(match incident.impact_ended_at() {
        Some(end) if known => format!("Users hurt from {began} until {}", clock(end)),
        Some(end) => format!("From {began} until {}", clock(end)),
        None if known => format!("Users hurt since {began} ({})", relative(start.at)),
        None => format!("Began {began} ({})", relative(start.at)),
    })
}

/// Who is hurt, or where to say so as long as it can be said.
fn impact(incident: &Incident) -> String {
    // What is over is not told as if it went on.
    match &incident.impact_text {
        Some(text) => match incident.impact_ended_at() {
            Some(end) => format!("(until {}) {}", clock(end), spoken(text, 300)),
            None => spoken(text, 300),
        },
        None if matches!(incident.phase, Phase::Closed | Phase::Cancelled) => {
            "never confirmed".to_owned()
        }
        None => "not confirmed – say who is hurt: *More… → Impact*".to_owned(),
    }
}

fn alerts(incident: &Incident) -> String {
    let alerts = &incident.alerts;
    if alerts.firing + alerts.cleared == 0 {
        return "none attached".to_owned();
    }
    let mut text = if alerts.cleared == 0 {
        format!("{} firing", alerts.firing)
    } else {
        let since = alerts
            .last_cleared_at
            .map(|at| format!(" since {}", clock(at)))
            .unwrap_or_default();
        format!(
            "{} of {} clear{since}",
            alerts.cleared,
            alerts.firing + alerts.cleared
        )
    };
    if !alerts.names.is_empty() {
        text.push_str(&format!(": {}", cut(&alerts.names.join(", "), 200)));
    }
    if let Some(restless) = flapping_words(incident) {
        text.push_str(&format!(" · {restless}"));
    }
    if alerts.truncated > 0 {
        text.push_str(&format!(
            " (+{} alerts not included by the sender)",
            alerts.truncated
        ));
    }
    text
}

/// What fires and clears again and again: how often, and when it last did, since a board is read long afterwards.
fn flapping_words(incident: &Incident) -> Option<String> {
    let names: Vec<String> = incident
        .alerts
        .flapping
        .iter()
        .take(3)
        .map(|alert| {
            format!(
                "{} ({}×, last cleared {})",
                cut(&alert.name, 60),
                alert.cycles,
                clock(alert.last_end)
            )
        })
        .collect();
    (!names.is_empty()).then(|| format!("flapping: {}", names.join(", ")))
}

fn step(incident: &Incident) -> Option<String> {
    let checklist = incident.checklist.as_ref()?;
    let phase = StepPhase::during(incident.phase)?;
    let (done, total) = checklist.progress(phase);
    let next = checklist
        .next_step(phase)
        .map(|step| format!(" · next: {}", cut(&plain(&step.text), 80)))
        .unwrap_or_default();
    Some(format!("{} {done}/{total}{next}", phase.heading()))
}

/// Who has which role; then who was asked, and what nobody has.
fn roles(incident: &Incident) -> String {
    let (mut held, mut asked, mut empty) = (Vec::new(), Vec::new(), Vec::new());
    for role in Role::ALL {
        match incident.roles.get(&role) {
            Some(RoleState::Accepted { by, .. }) => {
                let crown = if incident.command == Some(*by) {
                    "👑 "
                } else {
                    ""
                };
                held.push(format!("{crown}{} {by}", role.short()));
            }
            Some(RoleState::Proposed { to, .. }) => asked.push(format!("{} {to}", role.short())),
            // Of somebody who works alone no more is asked.
            Some(RoleState::Declined { .. } | RoleState::Released { .. })
                if incident.is_solo()
                    && incident.is_active()
                    && !incident.required_roles().contains(&role) => {}
            Some(RoleState::Declined { .. } | RoleState::Released { .. }) => {
                empty.push(role.short());
            }
            None if incident.is_active() && incident.required_roles().contains(&role) => {
                empty.push(role.short());
            }
            None => {}
        }
    }
    if let Some(holder) = incident
        .command
        .filter(|holder| incident.roles_of(*holder).is_empty())
    {
        held.insert(0, format!("👑 {holder}"));
    }
    let mut parts = vec![
        if let Some(solo) = incident.solo.filter(|_| incident.is_active()) {
            let roles: Vec<&str> = incident
                .roles_of(solo.person)
                .into_iter()
                .map(Role::short)
                .collect();
            let crown = if incident.command == Some(solo.person) {
                "👑 "
            } else {
                ""
            };
            let roles = if roles.is_empty() {
                String::new()
            } else {
                format!(": {}", roles.join(" + "))
            };
            format!("{crown}{}{roles} (solo)", solo.person)
        } else if held.is_empty() {
            "nobody yet".to_owned()
        } else {
            held.join(" · ")
        },
    ];
    if !asked.is_empty() {
        parts.push(format!("asked: {}", asked.join(", ")));
    }
    if !empty.is_empty() {
        parts.push(format!("empty: {}", empty.join(", ")));
    }
    parts.join(" · ")
}

fn update(incident: &Incident) -> String {
    let sent = match incident.updates.last() {
        Some(last) => format!(
            "{} sent, last {}{}",
            incident.updates.len(),
            clock(last.at),
            deliveries(last)
        ),
        None => "none sent yet".to_owned(),
    };
    match due_words(incident) {
        Some(overdue) if overdue.starts_with("was") => format!("⏰ {overdue} · {sent}"),
        Some(due) => format!("{due} · {sent}"),
        None => sent,
    }
}

/// Whom an update has reached, whom it is still on its way to, and whom it could not reach.
fn deliveries(update: &UpdateRecord) -> String {
    type Delivery = Result<DateTime<Utc>, String>;
    let told = |wanted: fn(Option<&Delivery>) -> bool| {
        let targets = update.targets.iter().map(String::as_str);
        targets
            .filter(|target| wanted(update.deliveries.get(*target)))
            .collect::<Vec<_>>()
            .join(", ")
    };
    let parts = [
        (" · reached ", told(|result| matches!(result, Some(Ok(_))))),
        (" · on its way to ", told(|result| result.is_none())),
        (
            " ⚠ not delivered to ",
            told(|result| matches!(result, Some(Err(_)))),
        ),
    ];
    parts
        .into_iter()
        .filter(|(_, targets)| !targets.is_empty())
        .map(|(words, targets)| format!("{words}{targets}"))
        .collect()
}

fn postmortem(incident: &Incident) -> String {
    let postmortem = &incident.postmortem;
    let tick = |done: bool| if done { "☑" } else { "▢" };
    format!(
        "{} draft · {} cause · {} actions ({}) · {} reviewed{}",
        tick(postmortem.version > 0),
        tick(postmortem.cause.is_some()),
        tick(!postmortem.actions.is_empty()),
        postmortem.actions.len(),
        tick(postmortem.reviewed.is_some()),
        postmortem
            .owner
            .map(|owner| format!(" · owner {owner}"))
            .unwrap_or_default()
    )
}

fn rows(incident: &Incident) -> Vec<Row> {
    let id = incident.id;
    let phase = incident.phase;
    let here = |act: Act| Press::in_phase(id, phase, act);
    let any = |act: Act| Press::any_time(id, act);
    let next_step = ("Next step", any(Act::NextStep));
    // As long as the runbook has a step for this phase, it is what most likely comes next; then it is the way onward.
    let work_first = |onward: (&'static str, Press)| {
        let (first, second) = if has_open_step(incident) {
            (next_step.clone(), onward)
        } else {
            (onward, next_step.clone())
        };
        vec![
            Button::primary(first.0, first.1),
            Button::plain(second.0, second.1),
            Button::plain("Update", any(Act::Update)),
            Button::plain("Roles", any(Act::Roles)),
            Button::plain("More…", any(Act::More)),
        ]
    };
    let row = match phase {
        Phase::Open => vec![
            Button::primary("Take it", any(Act::Take)),
            Button::plain("Not an incident", here(Act::AskCancel)),
            Button::plain("Severity", any(Act::AskSeverity)),
            Button::plain("More…", any(Act::More)),
        ],
        Phase::Diagnosis => work_first(("Start mitigating", here(Act::Move(Phase::Mitigation)))),
        Phase::Mitigation if incident.impact_is_open() => {
            work_first(("Impact over → fix it properly", here(Act::ImpactOverNow)))
        }
        Phase::Mitigation => work_first(("Fix it properly", here(Act::Move(Phase::Fix)))),
        Phase::Fix => vec![
            Button::primary("Fix applied", here(Act::Move(Phase::Validation))),
            Button::plain("Next step", any(Act::NextStep)),
            Button::plain("Update", any(Act::Update)),
            Button::plain("Roles", any(Act::Roles)),
            Button::plain("More…", any(Act::More)),
        ],
        Phase::Validation => {
            let resolve = Button::good("Resolve", here(Act::Resolve));
            // What is not checked yet comes first.
            let [first, second] = if has_open_checks(incident) {
                [Button::primary("Next step", any(Act::NextStep)), resolve]
            } else {
                [resolve, Button::plain("Next step", any(Act::NextStep))]
            };
            vec![
                first,
                second,
                Button::plain("It came back", here(Act::AskCameBack)),
                Button::plain("Update", any(Act::Update)),
                Button::plain("More…", any(Act::More)),
            ]
        }
        Phase::Learning => vec![
            if all_clear_is_owed(incident) {
                Button::plain("Cause and factors", any(Act::Cause))
            } else {
                Button::primary("Cause and factors", any(Act::Cause))
            },
            Button::plain("Add action", any(Act::AskAction)),
            Button::plain("Reviewed", any(Act::Reviewed)),
            Button::good("Close", here(Act::Close)),
            Button::plain("More…", any(Act::More)),
        ],
        Phase::Closed => vec![
            Button::plain("Postmortem", any(Act::Postmortem)),
            Button::plain("Timeline", any(Act::Timeline)),
        ],
        Phase::Cancelled => vec![
            Button::plain("It was real after all", here(Act::Reopen)),
            Button::plain("Timeline", any(Act::Timeline)),
        ],
    };
    // Below what changes something: whoever comes in finds it without a search, and pushes no other button away.
    let mut rows = vec![
        buttons(row),
        buttons([Button::plain("Catch up", any(Act::CatchUp))]),
    ];
    if incident.surface.lost_channel.is_some() && incident.is_active() {
        rows.insert(0, buttons([open_again(incident)]));
    }
    if all_clear_is_owed(incident) {
        let all_clear = Button::primary("All-clear", any(Act::AllClear));
        rows.insert(0, buttons([all_clear]));
    }
    rows
}

/// Whoever was told that something is wrong waits to hear that it is over.
fn all_clear_is_owed(incident: &Incident) -> bool {
    incident.phase == Phase::Learning
        && !incident.updates.is_empty()
        && incident
            .milestones
            .at(MilestoneName::AllClearSent)
            .is_none()
}

fn has_open_step(incident: &Incident) -> bool {
    StepPhase::during(incident.phase)
        .zip(incident.checklist.as_ref())
        .is_some_and(|(phase, checklist)| checklist.next_step(phase).is_some())
}

/// The line of an incident in the digest channel.
#[must_use]
pub fn digest(incident: &Incident) -> Card {
    if incident.visibility == Visibility::Restricted {
        return hidden_digest(incident);
    }
    let place = incident
        .surface
        .channel
        .map(|channel| format!(" <#{}>", channel.0))
        .unwrap_or_default();
    let who = match incident.command {
        Some(holder) => format!(" · 👑 {holder}"),
        // The phase *Open* says it already.
        None if incident.is_active() && incident.phase != Phase::Open => {
            " · nobody holds command".to_owned()
        }
        None => String::new(),
    };
    let lost = incident.surface.lost_channel.is_some() && incident.is_active();
    let place = if lost {
        " · its channel was deleted".to_owned()
    } else {
        place
    };
    let live_mark = if incident.is_active() && incident.severity <= Severity::Sev2 {
        "**"
    } else {
        ""
    };
    Card {
        content: format!(
            "{} {live_mark}{}{live_mark} {} · {} · {}{} · since {}{who}{place}",
            incident.phase.mark(),
            incident.id,
            incident.severity,
            incident.title,
            incident.phase,
            near_miss(incident),
            clock(incident.declared_at()),
        ),
        rows: if lost {
            vec![buttons([open_again(incident)])]
        } else {
            Vec::new()
        },
        quiet: true,
        ..Card::default()
    }
}

/// The button of an incident whose channel was deleted.
fn open_again(incident: &Incident) -> Button {
    Button::primary(
        "Open a new channel",
        Press::any_time(incident.id, Act::OpenChannelAgain),
    )
}

/// Whoever commands learns that the room is gone, and how to get another.
#[must_use]
pub fn channel_lost(incident: &Incident) -> Card {
    Card {
        content: format!(
            "⚠ The channel of {} {} was deleted. Alerts, roles, timeline and updates go on without it.",
            incident.id, incident.severity
        ),
        rows: vec![buttons([open_again(incident)])],
        tone: Tone::of(incident.severity),
        ..Card::default()
    }
}

/// The same in a place that everybody reads, where a restricted incident leaves no trace.
#[must_use]
pub fn channel_lost_openly(incident: &Incident) -> String {
    let (which, way_back) = match incident.visibility {
        Visibility::Normal => (
            incident.id.to_string(),
            "*Open a new channel* on its line gives it another",
        ),
        Visibility::Restricted => (
            "a restricted incident".to_owned(),
            "`/inc more what:open-channel` gives it another",
        ),
    };
    format!(
        "⚠ {which}: somebody deleted its channel. Monitoring, roles and updates go on; `/inc show` has the board, and \
         {way_back}."
    )
}

/// The first line in the channel that took the deleted one's place.
#[must_use]
pub fn channel_again_line() -> Card {
    line(
        "This channel takes the place of the deleted one. What was said there is gone; what was marked is kept: \
         *More… → Timeline*.",
    )
}

/// Whether the runbook has checks left for the validation.
fn has_open_checks(incident: &Incident) -> bool {
    let checklist = incident.checklist.as_ref();
    checklist.is_some_and(|checklist| checklist.next_step(StepPhase::Validation).is_some())
}
