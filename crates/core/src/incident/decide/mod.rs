//! May it happen? Yes gives events, no gives a refusal with the reason. An empty list means that it has happened already.

mod authority;
mod belief;
mod call;
mod comms;
mod learning;
mod life;
mod links;
mod merge;
mod mitigations;
mod paging;
mod record;
mod relapse;
mod resolve;
mod roles;
mod runbooks;
mod second_look;
mod split;
mod steps;
mod tasks;
mod tick;
mod times;
mod visibility;

pub(super) use comms::still_told;

use super::command::{Actor, Command, Declaration, Rank, Report, Request};
use super::description;
use super::endurance;
use super::event::Event;
use super::policy::Policy;
use super::quiet;
use super::refusal::Refusal;
use super::relations::RelapseState;
use super::solo;
use super::state::{Incident, Visibility};
use super::statements;
use crate::alert::safe_line;
use crate::ids::IncidentId;
use crate::person::PersonId;
use crate::phase::Phase;
use crate::role::Role;

pub use learning::{CloseGap, close_gaps};
pub use record::RedactedLine;
pub use resolve::{Finding, findings};
pub use visibility::may_show;

/// The longest title an incident can have, in characters.
pub const MAX_TITLE_CHARACTERS: usize = 100;

/// The longest free text a person can give in one field, in characters.
pub const MAX_TEXT_CHARACTERS: usize = 1000;

/// Begins an incident.
///
/// # Errors
/// A [`Refusal::Unusable`] when the title is empty. Anybody may say that something is wrong, also those who may only
/// read; but responsibility can be taken only by people who may act.
pub fn declare(request: &Request, declaration: Declaration) -> Result<Vec<Event>, Refusal> {
    let mut declaration = declaration;
    declaration.title = safe_line(&declaration.title, MAX_TITLE_CHARACTERS);
    if declaration.title.is_empty() {
        return Err(Refusal::Unusable(
            "An incident needs a title: say in a few words what is wrong.".to_owned(),
        ));
    }
    let proposals = declaration.proposals.clone();
    let mut events = vec![Event::Declared(Box::new(declaration))];
    let awake = request.actor.responder();
    let on_duty = proposals.get(&Role::OnCall).copied();
    if let Some(person) = awake {
        // Whoever declares is awake and has it, and stands in as On-Call Engineer where nobody is on duty.
        events.push(Event::Acknowledged { by: person });
        if on_duty.is_none_or(|on_duty| on_duty == person) {
            events.push(Event::RoleAccepted {
                role: Role::OnCall,
                by: person,
            });
        }
        events.push(Event::CommandMoved {
            from: None,
            to: person,
            reason: None,
        });
        events.push(Event::PhaseChanged {
            from: Phase::Open,
            to: Phase::Diagnosis,
            note: None,
        });
    }
    for (role, to) in proposals {
        let declarer_has_it = role == Role::OnCall && awake == Some(to);
        if !declarer_has_it {
            events.push(Event::RoleProposed { role, to });
        }
    }
    Ok(events)
}

/// Decides a request to an incident that exists.
///
/// # Errors
/// A [`Refusal`]: the sentence for the person who asked.
pub fn decide(
    incident: &Incident,
    request: &Request,
    policy: &Policy,
) -> Result<Vec<Event>, Refusal> {
    let mut events = judged(incident, request, policy)?;
    events.extend(authority::recorded_not_refused(incident, request, &events));
    Ok(events)
}

fn judged(incident: &Incident, request: &Request, policy: &Policy) -> Result<Vec<Event>, Refusal> {
    if let Actor::Person {
        rank: Rank::Viewer, ..
    } = request.actor
        && !matches!(request.command, Command::AskToDo { .. })
    {
        return Err(Refusal::ViewerOnly {
            holder: incident.command.filter(|_| incident.is_active()),
        });
    }
    if life::is_repeat(incident, request, policy) {
        return Ok(Vec::new());
    }
    if let Some(expected) = request.expects.phase
        && expected != incident.phase
    {
        return Err(Refusal::Stale {
            phase: incident.phase,
            since: incident.phase_since,
        });
    }
    match &request.command {
        Command::Take => life::take(incident, request),
        Command::Move { to, impact, note } => {
            life::move_to(incident, request, *to, *impact, note.as_deref())
        }
        Command::Cancel { reason } => life::cancel(incident, request, *reason),
        Command::Merge { into } => merge::merge(incident, request, into),
        Command::LinkTo { other, tie } => links::link(incident, request, other, *tie),
        Command::Unlink { other } => links::unlink(incident, request, *other),
        Command::MirrorLink {
            other,
            link,
            quietly,
        } => Ok(links::mirror(incident, *other, *link, *quietly)),
        Command::HearOfLinked { other, phase } => Ok(links::hear(incident, *other, *phase)),
        Command::Absorb(absorption) => Ok(merge::absorb(incident, absorption)),
        Command::SplitOff { group, rest } => split::split_off(incident, request, group, rest),
        Command::SuspectRelapse(suspicion) => Ok(relapse::suspect(incident, suspicion)),
        Command::RelapseIsNew => relapse::is_new(incident, request),
        Command::Resolve { anyway } => resolve::resolve(incident, request, policy, *anyway),
        Command::AskToDo { act } => authority::ask_to_do(incident, request, act),
        Command::OpenChannelAgain => Ok(open_channel_again(incident)),
        Command::OpenCall => call::open(incident, request, policy),
        Command::WaitToResolve => resolve::wait(incident, request, policy),
        Command::Reopen => life::reopen(incident, request, policy),
        Command::SetSeverity { to, reason } => {
            life::set_severity(incident, request, *to, reason.as_deref())
        }
        Command::SetVisibility { to } => visibility::set(incident, request, *to),
        Command::Admit { person } => visibility::admit(incident, request, *person),
        Command::Undo { seq } => life::undo(incident, request, policy, *seq),
        Command::Close => learning::close(incident, request),
        Command::Propose { role, to } => roles::propose(incident, *role, *to),
        Command::Page { role, to } => paging::page(incident, request, policy, *role, *to),
        Command::Accept { role } => roles::accept(incident, request, *role),
        Command::Decline { role } => roles::decline(incident, request, *role),
        Command::Release { role } => roles::release(incident, request, policy, *role),
        Command::TakeCommand => roles::take_command(incident, request, policy),
        Command::NotYet => roles::not_yet(incident, request),
        Command::GiveCommand { to } => roles::give_command(incident, request, *to),
        Command::OfferHandover {
            subjects,
            to,
            reason,
            briefing,
        } => {
            let words = (reason.as_deref(), briefing.as_str());
            roles::offer_handover(incident, request, policy, subjects, *to, words)
        }
        Command::AcceptHandover { briefing } => {
            roles::accept_handover(incident, request, policy, briefing)
        }
        Command::DeclineHandover => roles::decline_handover(incident, request),
        Command::Step { step, action } => steps::change(incident, request, step, action),
        Command::AskSecondLook { step } => second_look::ask(incident, request, step),
        Command::AnswerSecondLook { step, confirmed } => {
            second_look::answer(incident, request, step, *confirmed)
        }
        Command::AttachRunbook { checklist, reason } => {
            runbooks::attach(incident, request, checklist, reason)
        }
        Command::RenewRunbook { checklist } => runbooks::renew(incident, request, checklist),
        Command::RunbooksRead { versions } => Ok(runbooks::read(incident, versions)),
        Command::DescribeImpact(text) => comms::describe_impact(incident, text),
        Command::Describe(wanted) => description::describe(incident, wanted),
        Command::CorrectMilestone {
            name,
            at,
            precision,
            evidence,
        } => times::correct_milestone(incident, request, *name, *at, *precision, *evidence),
        Command::StateHypothesis(text) => comms::state_hypothesis(incident, text),
        Command::JudgeHypothesis {
            number,
            state,
            because,
        } => belief::judge(incident, request, *number, *state, because.as_deref()),
        Command::NoteStatements(said) => Ok(statements::note(incident, said)),
        Command::SeeAtWork(person) => Ok(solo::seen(incident, *person, request.at)),
        Command::NoteMitigation(done) => Ok(mitigations::note(incident, done)),
        Command::BringUpEffect => mitigations::bring_up(incident, request),
        Command::AnswerEffect { number, outcome } => {
            mitigations::answer(incident, request, *number, *outcome)
        }
        Command::TakeBackMitigation { number } => {
            mitigations::take_back(incident, request, *number)
        }
        Command::AskFor { what, to, minutes } => {
            tasks::ask_for(incident, request, what, *to, *minutes)
        }
        Command::AnswerTask { number, answer } => tasks::answer(incident, request, *number, answer),
        Command::GiveEstimate {
            low_minutes,
            high_minutes,
            basis,
            confidence,
        } => comms::give_estimate(
            incident,
            request,
            *low_minutes,
            *high_minutes,
            basis,
            *confidence,
        ),
        Command::SendUpdate {
            kind,
            text,
            next_in_minutes,
        } => comms::send_update(incident, request, policy, *kind, text, *next_in_minutes),
        Command::RedactEntry(line) => record::redact(incident, request, line),
        Command::ShowEntryAgain { number } => record::show_again(incident, request, *number),
        Command::AlertsChanged { .. } => life::alerts_changed(incident, request),
        Command::RecordCause { .. } | Command::AddAction { .. } | Command::WaiveLearning { .. } => {
            learning::record(incident, request)
        }
        Command::ConfirmSeverity { severity } => {
            learning::confirm_severity(incident, request, *severity)
        }
        Command::MarkReviewed => learning::mark_reviewed(incident, request),
        Command::Prompt {
            person,
            about,
            until,
        } => {
            let asked = (*person, *about, *until);
            Ok(quiet::prompt(incident, request, policy, asked))
        }
        Command::NoteShift { role, person, ends } => {
            Ok(endurance::shift_noted(incident, *role, *person, *ends))
        }
        Command::DropPrompt(about) => Ok(quiet::drop_prompt(incident, *about)),
        Command::Tick => Ok(tick::due(incident, request, policy)),
        Command::Report(report) => Ok(reported(incident, report)),
    }
}

/// An effect reports what it learned. A report that repeats what is known changes nothing: an effect may run twice.
fn reported(incident: &Incident, report: &Report) -> Vec<Event> {
    let surface = &incident.surface;
    let event = match report {
        Report::ChannelReady(channel) if surface.channel.is_none() => {
            let mut events = vec![Event::ChannelLinked { channel: *channel }];
            let is_restricted = incident.visibility == Visibility::Restricted;
            if is_restricted && incident.is_active() && !incident.relations.evidence_reminded {
                events.push(Event::EvidenceReminded);
            }
            return events;
        }
        Report::ChannelGone(channel) if surface.channel == Some(*channel) => {
            Event::ChannelLost { channel: *channel }
        }
        Report::BoardPosted(message) if surface.board != Some(*message) => {
            Event::BoardPosted { message: *message }
        }
        Report::StepsPosted(message) if surface.steps != Some(*message) => {
            Event::StepsPosted { message: *message }
        }
        Report::DigestPosted(channel, message) if surface.digest != Some((*channel, *message)) => {
            Event::DigestPosted {
                channel: *channel,
                message: *message,
            }
        }
        Report::DirectPosted(person, direct)
            if !surface
                .direct
                .get(person)
                .is_some_and(|known| known.contains(direct)) =>
        {
            Event::DirectPosted {
                person: *person,
                direct: direct.clone(),
            }
        }
        Report::Paged(person) => Event::Paged { person: *person },
        Report::UpdateDelivered {
            number,
            target,
            problem,
        } if !has_arrived(incident, *number, target) => Event::UpdateDelivered {
            number: *number,
            target: target.clone(),
            problem: problem.clone(),
        },
        Report::PostmortemDrafted(version) if *version > incident.postmortem.version => {
            Event::PostmortemDrafted { version: *version }
        }
        other => return call::reported(incident, other).into_iter().collect(),
    };
    vec![event]
}

/// A channel in place of the deleted one. Where none is missing, or one is on its way, nothing is left to ask.
fn open_channel_again(incident: &Incident) -> Vec<Event> {
    incident
        .surface
        .lost_channel
        .map(|_| Event::ChannelAskedAgain)
        .into_iter()
        .collect()
}

/// Whether a target is known to have an update. An update that exists nowhere needs no report either.
fn has_arrived(incident: &Incident, number: u32, target: &str) -> bool {
    incident
        .updates
        .iter()
        .find(|update| update.number == number)
        .is_none_or(|update| update.deliveries.get(target).is_some_and(Result::is_ok))
}

/// The person who asks. Requests that only people can make go through this.
fn person_of(request: &Request) -> Result<PersonId, Refusal> {
    request
        .actor
        .person()
        .ok_or_else(|| Refusal::Unusable("Only a person can do this.".to_owned()))
}

/// Refuses unless the incident is live.
fn must_be_live(incident: &Incident) -> Result<(), Refusal> {
    if incident.is_active() {
        Ok(())
    } else {
        Err(Refusal::NotLive {
            phase: incident.phase,
        })
    }
}

/// What was answered to the question whether it is a relapse.
fn must_be_relapse(incident: &Incident) -> Result<RelapseState, Refusal> {
    incident
        .relations
        .relapse
        .as_ref()
        .map(|relapse| relapse.state)
        .ok_or_else(|| Refusal::Unusable("Nobody was asked whether this is a relapse.".to_owned()))
}

/// Whether a person may do what command may: they hold it, nobody does, or the server says so.
fn may_command(incident: &Incident, request: &Request) -> bool {
    match request.actor {
        Actor::Person { id, rank } => {
            incident.command.is_none_or(|holder| holder == id) || rank >= Rank::Commander
        }
        Actor::Alerts | Actor::Bot => false,
    }
}

/// Refuses unless the person may do what command may.
fn needs_command(
    incident: &Incident,
    request: &Request,
    what: &'static str,
) -> Result<(), Refusal> {
    match incident.command {
        Some(holder) if !may_command(incident, request) => {
            Err(Refusal::NeedsCommand { holder, what })
        }
        _ => Ok(()),
    }
}

/// The event that makes what follows it undoable.
fn undoable(what: impl Into<String>) -> Event {
    Event::UndoOffered { what: what.into() }
}

/// A text as one trimmed line without control characters, cut to a length in characters.
#[must_use]
pub fn one_line(text: &str, max_characters: usize) -> String {
    let cleaned: String = text
        .split(|character: char| character.is_whitespace() || character.is_control())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ");
    cut(&cleaned, max_characters)
}

/// A text cut to a length in characters, with a mark where something is missing.
#[must_use]
pub fn cut(text: &str, max_characters: usize) -> String {
    if text.chars().count() <= max_characters {
        return text.to_owned();
    }
    let mut kept: String = text
        .chars()
        .take(max_characters.saturating_sub(1))
        .collect();
    kept.push('…');
    kept
}

/// A text that a person must have written something into.
fn written(text: &str, what: &str) -> Result<String, Refusal> {
    let text = cut(text.trim(), MAX_TEXT_CHARACTERS);
    if text.is_empty() {
        Err(Refusal::Unusable(format!(
            "{what} is empty: write a few words."
        )))
    } else {
        Ok(text)
    }
}

/// Names an incident the way its channel is named: `inc-0142-orders-api-5xx`, at most 60 characters, decided once.
#[must_use]
pub fn channel_name(id: IncidentId, title: &str) -> String {
    let mut slug = String::new();
    for character in title.chars().flat_map(char::to_lowercase) {
        if character.is_ascii_alphanumeric() {
            slug.push(character);
        } else if !slug.ends_with('-') && !slug.is_empty() {
            slug.push('-');
        }
        if slug.len() >= 48 {
            break;
        }
    }
    let slug = slug.trim_end_matches('-');
    if slug.is_empty() {
        format!("inc-{:04}", id.0)
    } else {
        format!("inc-{:04}-{slug}", id.0)
    }
}
