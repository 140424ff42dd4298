//! What the timeline says about an event. Surfaces and reminders are plumbing and leave no line.

use chrono::TimeDelta;

use crate::incident::command::Actor;
use crate::incident::description;
use crate::incident::event::{Event, Recorded};
use crate::incident::facts::MilestoneName;
use crate::incident::relations::Origin;
use crate::incident::state::{HandoverSubject, Incident, UpdateKind, Visibility};
use crate::incident::tasks::TaskAnswer;
use crate::person::PersonId;
use crate::phase::Phase;
use crate::runbook::StepState;
use crate::timeline::{Entry, EntryState, Importance, Kind, Precision, Source, Who};

/// The lines an event adds to the timeline; `after` is the incident as the event left it.
#[must_use]
pub fn entries_of(after: &Incident, recorded: &Recorded) -> Vec<Entry> {
    let line = |kind: Kind, text: String| vec![entry(after, recorded, kind, text)];
    // A line is read after the name or the role of whoever did it: what people did themselves does not name them again.
    let own = |by: PersonId, did: &str| {
        if recorded.actor.person() == Some(by) {
            did.to_owned()
        } else {
            format!("{by} {did}")
        }
    };
    match &recorded.event {
        Event::Declared(declaration) => {
            let mut lines: Vec<Entry> = declaration
                .news
                .iter()
                .map(|news| alert_entry(after, recorded, news))
                .collect();
            let mut declared = entry(
                after,
                recorded,
                Kind::Milestone,
                format!(
                    "{} declared as {}: {}",
                    after.id, declaration.severity, declaration.title
                ),
            );
            declared.importance = Importance::Key;
            lines.push(declared);
            let origin = declaration.origin.map(|origin| match origin {
                Origin::RelapseOf(before) => format!("Perhaps a relapse of {before}"),
                Origin::SplitFrom(other) => format!("Split off from {other}"),
            });
            lines.extend(origin.map(|text| entry(after, recorded, Kind::Note, text)));
            if let Some((checklist, reason)) = &declaration.runbook {
                lines.push(entry(
                    after,
                    recorded,
                    Kind::Checklist,
                    format!("Runbook {} attached: {reason}", checklist.runbook_id),
                ));
            }
            lines
        }
        Event::Acknowledged { by } => {
            vec![entry(after, recorded, Kind::Ack, own(*by, "took it"))]
        }
        Event::PhaseChanged { from, to, note } => {
            let why = note
                .as_ref()
                .map(|note| format!(" – {note}"))
                .unwrap_or_default();
            let moved = if to < from {
                "moved back to"
            } else {
                "moved on to"
            };
            line(Kind::Phase, format!("{moved} {to}{why}"))
        }
        Event::ImpactStarted { .. } => line(Kind::Impact, "Users are hurt again".to_owned()),
        Event::ImpactEnded { at, precision } => {
            let words = match precision {
                Precision::Exact | Precision::Minute => "User impact is over",
                Precision::Approximate => {
                    "User impact is counted as over from here: nobody said when it ended"
                }
            };
            let mut entry = entry(after, recorded, Kind::Milestone, words.to_owned());
            entry.event_at = *at;
            entry.precision = *precision;
            vec![entry]
        }
        Event::ImpactDescribed { text } => line(Kind::Impact, text.clone()),
        Event::Described(described) => line(Kind::Note, description::words(described)),
        Event::MilestoneCorrected {
            name,
            at,
            precision,
            evidence,
        } => {
            let shown_by = evidence
                .map(|number| format!(", see {number}"))
                .unwrap_or_default();
            let mut entry = entry(
                after,
                recorded,
                Kind::Milestone,
                format!(
                    "{} corrected to {} UTC{shown_by}",
                    name.title(),
                    at.format("%H:%M")
                ),
            );
            entry.event_at = *at;
            entry.precision = *precision;
            vec![entry]
        }
        Event::SeverityChanged { from, to, reason } => {
            let why = reason
                .as_ref()
                .map(|reason| format!(": {reason}"))
                .unwrap_or_default();
            line(Kind::Severity, format!("{from} → {to}{why}"))
        }
        Event::MergedInto { into, hidden } => line(
            Kind::Decision,
            if *hidden {
                "merged into a restricted incident".to_owned()
            } else {
                format!("merged into {into}: it goes on there")
            },
        ),
        Event::Absorbed {
            from,
            title,
            entries,
            ..
        } => {
            let mut entry = entry(
                after,
                recorded,
                Kind::Decision,
                format!(
                    "{from} \"{title}\" was merged into this; its {entries} entries stay there"
                ),
            );
            entry.importance = Importance::Key;
            vec![entry]
        }
        Event::Linked { other, link } => {
            line(Kind::Note, format!("linked: {}", link.tie.says(*other)))
        }
        Event::Unlinked {
            other,
            quietly: false,
            ..
        } => line(Kind::Note, format!("no longer linked to {other}")),
        Event::Unlinked { quietly: true, .. } | Event::LinkedMoved { .. } => Vec::new(),
        Event::GroupSplit(attached) => {
            line(Kind::Decision, format!("split off: {}", attached.what))
        }
        Event::RelapseSuspected(suspicion) => {
            let mut entry = entry(
                after,
                recorded,
                Kind::Alert,
                format!("{} fires again: a relapse?", suspicion.what),
            );
            entry.event_at = suspicion.began_at.min(recorded.at);
            vec![entry]
        }
        Event::RelapseAnswered => line(
            Kind::Decision,
            match recorded.actor.person() {
                Some(_) => "not a relapse: a new incident opens",
                None => "nobody said whether it is a relapse: a new incident opens",
            }
            .to_owned(),
        ),
        Event::VisibilityChanged { to } => line(
            Kind::Decision,
            match to {
                Visibility::Restricted => "made it restricted: only its circle sees it",
                Visibility::Normal => "made it visible to everybody again",
            }
            .to_owned(),
        ),
        Event::PersonAdmitted { person } => line(Kind::Role, format!("let {person} in")),
        Event::RoleProposed { role, to } => line(Kind::Page, format!("asked {to} to be {role}")),
        Event::RolePaged { role, to, rang } => line(
            Kind::Page,
            if *rang {
                format!("paged {to}: {role}")
            } else {
                format!("{to} was written to, no pager rang: {role}")
            },
        ),
        Event::RoleAccepted { role, by } => {
            line(Kind::Role, own(*by, &format!("took the role {role}")))
        }
        Event::RoleDeclined { role, by } => {
            line(Kind::Role, own(*by, &format!("cannot be {role}")))
        }
        Event::RoleReleased { role, by } => {
            line(Kind::Role, own(*by, &format!("gave back the role {role}")))
        }
        Event::CommandMoved { from, to, reason } => {
            let why = reason
                .as_ref()
                .map(|reason| format!(" – {reason}"))
                .unwrap_or_default();
            let actor = recorded.actor.person();
            let text = match from {
                Some(from) if actor == Some(*from) => format!("gave command to {to}{why}"),
                Some(from) => own(*to, &format!("took command from {from}{why}")),
                None => own(*to, &format!("took command{why}")),
            };
            let mut entry = entry(after, recorded, Kind::Handover, text);
            entry.importance = Importance::Key;
            vec![entry]
        }
        Event::HandoverAccepted {
            subjects,
            from,
            to,
            briefing,
            reason,
        } => {
            let why = reason
                .as_ref()
                .map(|reason| format!(" – {reason}"))
                .unwrap_or_default();
            let what: Vec<String> = subjects
                .iter()
                .map(|subject| match subject {
                    HandoverSubject::Command => "command".to_owned(),
                    HandoverSubject::Role(role) => role.to_string(),
                })
                .collect();
            let did = format!(
                "took over from {from}: {}{why}. Briefing: {briefing}",
                what.join(", ")
            );
            line(Kind::Handover, own(*to, &did))
        }
        Event::WentSolo { person } => detail(
            after,
            recorded,
            format!("{person} works alone: no other role is asked for until somebody comes"),
        ),
        Event::StepChanged { step, state } => step_entry(after, recorded, step, state),
        Event::SecondLookAsked { step, of, .. } => detail(
            after,
            recorded,
            format!(
                "asked {of} to look at a risky step: {}",
                words_of(after, step)
            ),
        ),
        // A yes stands in the line of the tick.
        Event::SecondLookAnswered {
            confirmed: true, ..
        } => Vec::new(),
        Event::SecondLookAnswered {
            step,
            confirmed: false,
            ..
        } => {
            let objection = if after.is_ticked(step) {
                "objects to what is ticked"
            } else {
                "wait with"
            };
            line(
                Kind::Decision,
                format!("{objection}: {}", words_of(after, step)),
            )
        }
        Event::RunbookAttached { checklist, reason } => line(
            Kind::Checklist,
            format!("Runbook {} attached: {reason}", checklist.runbook_id),
        ),
        Event::RunbookAdded { checklist, reason } => line(
            Kind::Checklist,
            format!(
                "Runbook {} attached as well: {reason}",
                checklist.runbook_id
            ),
        ),
        Event::RunbookRenewed { checklist, summary } => line(
            Kind::Checklist,
            format!(
                "Runbook {}: the newer version is in use. {summary}",
                checklist.runbook_id
            ),
        ),
        Event::AlertsChanged { news, .. } => news
            .iter()
            .map(|news| alert_entry(after, recorded, news))
            .collect(),
        Event::HypothesisStated { text } => {
            line(Kind::Hypothesis, format!("We think it is: {text}"))
        }
        Event::HypothesisJudged {
            number,
            state,
            because,
        } => {
            let guess = after
                .hypothesis(*number)
                .map_or("", |guess| guess.text.as_str());
            let why = because
                .as_ref()
                .map(|because| format!(", because {because}"))
                .unwrap_or_default();
            let mut entry = entry(
                after,
                recorded,
                Kind::Hypothesis,
                format!("{}: {guess}{why}", state.title()),
            );
            entry.importance = Importance::Key;
            vec![entry]
        }
        Event::TaskAsked(task) => line(
            Kind::Note,
            format!(
                "asked {} by {} UTC: {}",
                task.to,
                task.due.format("%H:%M"),
                task.what
            ),
        ),
        Event::TaskAnswered { number, by, answer } => {
            let what = after.task(*number).map_or("", |task| task.what.as_str());
            let did = match answer {
                TaskAnswer::OnIt => format!("is on it: {what}"),
                TaskAnswer::Done { result: None } => format!("done: {what}"),
                TaskAnswer::Done {
                    result: Some(result),
                } => format!("done: {what} → {result}"),
                TaskAnswer::Cannot => format!("cannot: {what}"),
            };
            line(Kind::Note, own(*by, &did))
        }
        Event::EffectAnswered { number, outcome } => {
            let Some(question) = after.mitigations.question(*number) else {
                return Vec::new();
            };
            let shown_by = question.about.entry.map_or_else(
                || question.about.at.format("%H:%M UTC").to_string(),
                |number| format!("see {number}"),
            );
            line(
                Kind::Observation,
                format!(
                    "Effect of \"{}\" ({shown_by}): {}",
                    question.about.what,
                    outcome.words().to_lowercase()
                ),
            )
        }
        Event::MitigationTakenBack { number } => {
            let what = after
                .mitigations
                .question(*number)
                .map_or("", |question| question.about.what.as_str());
            let mut entry = entry(after, recorded, Kind::Action, format!("took back: {what}"));
            entry.importance = Importance::Key;
            vec![entry]
        }
        Event::EstimateGiven(estimate) => line(
            Kind::Note,
            format!(
                "Estimate: {}–{} minutes, because {} ({})",
                estimate.low_minutes,
                estimate.high_minutes,
                estimate.basis,
                estimate.confidence.id()
            ),
        ),
        Event::UpdateSent { kind, text, .. } => {
            let what = match kind {
                UpdateKind::Holding => "Automatic first note",
                UpdateKind::Update => "Update",
                UpdateKind::NothingNew => "Update, nothing new",
                UpdateKind::AllClear => "All-clear",
            };
            line(Kind::Update, format!("{what}: {text}"))
        }
        Event::UpdateDelivered {
            target,
            problem: Some(problem),
            number,
        } => line(
            Kind::Update,
            format!("Update {number} did not reach {target}: {problem}"),
        ),
        Event::PromiseReminded { due, at_due } | Event::FirstUpdateReminded { due, at_due } => {
            let what = match &recorded.event {
                Event::FirstUpdateReminded { .. } => "first update",
                _ => "update",
            };
            let when = due.format("%H:%M");
            let text = match after.promise_keeper().filter(|_| !at_due) {
                Some(keeper) => format!("reminded {keeper} of the {what} due {when} UTC"),
                None => format!("reminded everybody here of the {what} due {when} UTC"),
            };
            line(Kind::Nudge, text)
        }
        Event::StepOverdue { step, by, .. } => {
            let checklist = after.checklist.as_ref();
            let known = checklist.and_then(|checklist| checklist.step(step));
            let what = known.map_or_else(|| step.to_string(), |step| step.text.clone());
            line(
                Kind::Nudge,
                format!("reminded {by} of the step they are on: {what}"),
            )
        }
        Event::TaskLate { number } => after
            .task(*number)
            .map(|task| {
                let text = format!(
                    "told {} that there is no answer yet: {}",
                    task.by, task.what
                );
                line(Kind::Nudge, text)
            })
            .unwrap_or_default(),
        Event::Resolved { despite } => {
            let mut lines = line(Kind::Phase, format!("moved on to {}", Phase::Learning));
            lines.extend(line(
                Kind::Milestone,
                MilestoneName::Resolved.title().to_owned(),
            ));
            if !despite.is_empty() {
                lines.extend(line(
                    Kind::Decision,
                    format!("Resolved anyway, although: {}", despite.join("; ")),
                ));
            }
            lines
        }
        Event::ResolveAsked { by } => line(Kind::Question, own(*by, "asked to resolve")),
        Event::CommandAsked { by } => line(Kind::Question, own(*by, "asked for command")),
        Event::AskedToDo { by, whom, act, .. } => {
            let whom = whom.map(|whom| format!(" {whom}")).unwrap_or_default();
            let what = crate::cards::asked_words(act);
            line(Kind::Question, own(*by, &format!("asked{whom}: {what}")))
        }
        Event::DoneWithoutCommand { what } => line(
            Kind::Note,
            format!("done by a responder, nobody held command: {what}"),
        ),
        Event::NotYetSaid { by } => line(Kind::Question, own(*by, "said: not yet")),
        Event::Cancelled { reason } => {
            let counted = if after.is_near_miss() {
                ", counted as a near miss"
            } else {
                ""
            };
            let text = format!("Cancelled: {}{counted}", reason.words());
            line(Kind::Phase, text)
        }
        Event::Reopened { .. } => line(Kind::Phase, "Reopened: it was not over".to_owned()),
        Event::Closed => line(Kind::Phase, Phase::Closed.to_string()),
        Event::Undone { what, .. } => line(Kind::Note, format!("Undone: {what}")),
        Event::Paged {
            person: Some(person),
        } => line(Kind::Page, format!("{person} was paged")),
        Event::Paged { person: None } => line(
            Kind::Page,
            "the pager was called: nobody is on call by name, its own schedule decides".to_owned(),
        ),
        Event::EntryRedacted { number, sealed, .. } => detail(
            after,
            recorded,
            if *sealed {
                format!("hid {number}: whoever decides about it is asked")
            } else {
                format!("redacted {number}")
            },
        ),
        Event::EntryShownAgain { number } => {
            detail(after, recorded, format!("showed {number} again"))
        }
        Event::SeverityConfirmed { severity, .. } => {
            line(Kind::Severity, format!("Final severity: {severity}"))
        }
        Event::Reviewed { by } => line(Kind::Note, own(*by, "reviewed the postmortem")),
        Event::ChannelLost { .. } => line(
            Kind::Note,
            "the incident's channel was deleted in Discord; what was marked in it is kept here"
                .to_owned(),
        ),
        Event::ChannelAskedAgain => line(Kind::Note, "another channel was asked for".to_owned()),
        Event::CallOpened { .. } => line(Kind::Note, "call opened".to_owned()),
        Event::CallFailed { why } => detail(
            after,
            recorded,
            format!("the call could not be opened: {why}"),
        ),
        Event::CallEnded { .. } => detail(after, recorded, "call closed".to_owned()),
        Event::UndoOffered { .. }
        | Event::LoneHinted { .. }
        | Event::FatigueHinted { .. }
        | Event::ShiftNoted { .. }
        | Event::ShiftEndTold { .. }
        | Event::SeenAtWork { .. }
        | Event::CallAsked { .. }
        | Event::GroupAttached(_)
        | Event::EvidenceReminded
        | Event::RunbookVersionSeen { .. }
        | Event::MitigationNoted(_)
        | Event::MitigationReworded { .. }
        | Event::ImpactNoted { .. }
        | Event::HypothesisNoted(_)
        | Event::HypothesisWithdrawn { .. }
        | Event::EffectAsked { .. }
        | Event::Prompted { .. }
        | Event::PromptHeld(_)
        | Event::PromptDropped(_)
        | Event::LeftAlone { .. }
        | Event::HandoverOffered(_)
        | Event::HandoverEnded { .. }
        | Event::AllClearAsked
        | Event::ResolvePutOff { .. }
        | Event::ResolveCameUp { .. }
        | Event::UpdateDelivered { problem: None, .. }
        | Event::ChannelLinked { .. }
        | Event::BoardPosted { .. }
        | Event::StepsPosted { .. }
        | Event::DigestPosted { .. }
        | Event::DirectPosted { .. }
        | Event::PostmortemDrafted { .. }
        | Event::CauseRecorded(_)
        | Event::ActionAdded(_)
        | Event::LearningWaived { .. } => Vec::new(),
    }
}

fn entry(after: &Incident, recorded: &Recorded, kind: Kind, text: String) -> Entry {
    let (who, source) = match recorded.actor {
        Actor::Person { id, .. } => (
            Who::Person {
                id,
                roles: after.roles_of(id),
            },
            Source::Button,
        ),
        Actor::Alerts => (Who::Alert, Source::Alert),
        Actor::Bot => (Who::Bot, Source::Timer),
    };
    Entry {
        number: None,
        kind,
        event_at: recorded.at,
        precision: Precision::Exact,
        recorded_at: recorded.at,
        who,
        text: super::decide::cut(&text, 2_000),
        source,
        importance: kind.default_importance(),
        message: None,
        files: Vec::new(),
        marks: Vec::new(),
        choice: None,
        revisions: Vec::new(),
        state: EntryState::Active,
        audience: Default::default(),
        source_deleted_at: None,
    }
}

/// Clocks of two machines differ by less than this.
const CLOCKS_MAY_DIFFER_BY: TimeDelta = TimeDelta::minutes(1);
/// News older than this shows when it was received, too.
const OLD_NEWS_AFTER: TimeDelta = TimeDelta::minutes(15);
/// A note that is folded away unless somebody asks for everything.
fn detail(after: &Incident, recorded: &Recorded, text: String) -> Vec<Entry> {
    let mut entry = entry(after, recorded, Kind::Note, text);
    entry.importance = Importance::Detail;
    vec![entry]
}

fn alert_entry(after: &Incident, recorded: &Recorded, news: &super::event::AlertNews) -> Entry {
    let mut text = news.text.clone();
    let is_ahead = news.at - recorded.at > CLOCKS_MAY_DIFFER_BY;
    let is_old = recorded.at - news.at > OLD_NEWS_AFTER;
    if is_ahead || is_old {
        // Whose clock is wrong is not for us to say: both times stand.
        text.push_str(&format!(
            " (its own time {} UTC, received {} UTC)",
            news.at.format("%Y-%m-%d %H:%M:%S"),
            recorded.at.format("%H:%M:%S")
        ));
    }
    let mut entry = entry(after, recorded, Kind::Alert, text);
    entry.event_at = news.at.min(recorded.at);
    entry.who = Who::Alert;
    entry.source = Source::Alert;
    if news.key {
        entry.importance = Importance::Key;
    }
    entry
}

/// What a step asks for.
fn words_of(incident: &Incident, step: &crate::runbook::StepId) -> String {
    let checklist = incident.checklist.as_ref();
    let known = checklist.and_then(|checklist| checklist.step(step));
    known.map_or_else(|| step.to_string(), |step| step.text.clone())
}

fn step_entry(
    after: &Incident,
    recorded: &Recorded,
    step: &crate::runbook::StepId,
    state: &StepState,
) -> Vec<Entry> {
    let known = after
        .checklist
        .as_ref()
        .and_then(|checklist| checklist.step(step));
    let words = known.map_or_else(|| step.to_string(), |step| step.text.clone());
    let risky = known.is_some_and(|step| step.high_risk);
    let (kind, text) = match state {
        StepState::Open => (Kind::Checklist, format!("▢ open again: {words}")),
        StepState::Claimed { .. } => (Kind::Checklist, format!("On it: {words}")),
        StepState::Done {
            for_role, choice, ..
        } => {
            let instead = for_role
                .map(|role| format!(" (for the {role})"))
                .unwrap_or_default();
            let instead = match after.done_and_confirmed(step, recorded.at) {
                Some((by, second)) => format!("{instead} – done by {by}, confirmed by {second}"),
                None => match after.done_against(step, recorded.actor.person()) {
                    Some(second) => format!("{instead} – although {second} said wait"),
                    None => instead,
                },
            };
            match choice {
                Some(choice) => (Kind::Decision, format!("{words} → {choice}{instead}")),
                None if risky => (Kind::Action, format!("☑ {words}{instead}")),
                None => (Kind::Checklist, format!("☑ {words}{instead}")),
            }
        }
        StepState::Skipped { reason, .. } => {
            (Kind::Checklist, format!("⊘ {words} – {}", reason.words()))
        }
    };
    let mut entry = entry(after, recorded, kind, text);
    entry.source = Source::Checklist;
    if risky && kind == Kind::Action {
        entry.importance = Importance::Key;
    }
    vec![entry]
}
