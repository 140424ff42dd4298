//! What must follow outside, and what the timeline says about it.

mod queue;

use crate::cards;
use crate::effect::{Effect, Lane, NewEffect};
use crate::incident::command::Actor;
use crate::incident::event::{Event, Recorded};
use crate::incident::policy::Policy;
use crate::incident::state::{Incident, Visibility};
use crate::person::PersonId;
use crate::phase::Phase;

use queue::Queue;

/// How long an incident is opening: what joins it until then is seen on its board, and split off by *More…*.
const OPENING: chrono::TimeDelta = chrono::TimeDelta::seconds(60);

/// How many groups of one incident are told of; the others can be chosen from a menu.
const MOST_ATTACHED_TOLD: usize = 10;

/// What must follow outside after an event; `after` is the incident as the event left it.
#[must_use]
pub fn react(after: &Incident, recorded: &Recorded, policy: &Policy) -> Vec<NewEffect> {
    let mut queue = Queue {
        after,
        recorded,
        effects: Vec::new(),
    };
    match &recorded.event {
        Event::Declared(_) => {
            queue.mainstream(Lane::Opening, "open", Effect::OpenChannel);
            // Whoever declared and may act is awake.
            if recorded.actor.responder().is_none() {
                queue.page(None, policy);
            }
            for other in after.relations.links.keys() {
                queue.sync_link(*other, false);
            }
            queue.digest();
        }
        Event::RoleProposed { role, to } => queue.call(*role, *to, policy),
        Event::RolePaged { role, to, .. } => queue.ring(*role, *to, policy),
        Event::SeverityChanged { from, to, reason } => {
            queue.say(cards::severity_line(
                after,
                *from,
                *to,
                reason.as_deref(),
                recorded.actor.person(),
            ));
            if to.is_major() && !from.is_major() {
                queue.call_everybody_proposed(policy);
            }
            queue.refresh_direct();
            queue.everything();
        }
        Event::Described(_) => {
            queue.access();
            queue.refresh_direct();
            queue.everything();
        }
        Event::VisibilityChanged { to } => {
            queue.access();
            if *to == Visibility::Restricted || after.surface.digest.is_some() {
                queue.digest_as_it_may_be();
            }
            queue.say(cards::visibility_line(after, recorded.actor.person()));
            queue.refresh_direct();
            queue.everything();
        }
        Event::PersonAdmitted { person } => {
            queue.say(cards::admitted_line(*person, recorded.actor.person()));
            queue.board();
        }
        Event::MergedInto { into, hidden } => {
            queue.push(
                format!("inc-{}/merge", after.id.0),
                Lane::Opening,
                "absorb",
                None,
                Effect::Absorb { into: *into },
            );
            queue.mainstream(
                Lane::Interactive,
                "signpost",
                Effect::Signpost {
                    into: *into,
                    hidden: *hidden,
                },
            );
        }
        Event::Linked { other, link } => {
            queue.say(cards::linked_line(
                after,
                *other,
                link.tie,
                recorded.actor.person(),
            ));
            queue.other_side(*other);
            queue.board();
        }
        Event::Unlinked { other, quietly, .. } => {
            if !quietly {
                let by = recorded.actor.person();
                queue.say(cards::unlinked_line(after, *other, by));
            }
            queue.other_side(*other);
            queue.board();
        }
        Event::LinkedMoved { .. } => queue.board(),
        Event::GroupAttached(attached) => {
            // What it brings later is no news about why it is here, and in a flood nobody reads such lines.
            // While an outage unfolds the board says what belongs to it; a line for each would push that away.
            let is_opening = recorded.at - after.declared_at() < OPENING;
            let is_told = !is_opening && after.relations.attached.len() <= MOST_ATTACHED_TOLD;
            if attached.because.is_some() && is_told {
                queue.say(cards::attached_line(after, attached));
            }
        }
        Event::GroupSplit(attached) => {
            queue.say(cards::split_line(attached, recorded.actor.person()));
            queue.push(
                format!("inc-{}/split", after.id.0),
                Lane::Opening,
                "route-again",
                None,
                Effect::RouteAgain {
                    receipts: attached.receipts.iter().cloned().collect(),
                },
            );
            queue.board();
        }
        Event::Absorbed {
            from,
            title,
            channel,
            entries,
            ..
        } => {
            queue.say(cards::absorbed_line(*from, title, *channel, *entries));
            queue.board();
        }
        Event::RelapseSuspected(suspicion) => queue.ask_about_relapse(suspicion, policy),
        Event::RelapseAnswered => {
            queue.say(cards::relapse_answered(after, recorded.actor.person()));
            queue.route_again();
        }
        Event::EvidenceReminded => queue.say(cards::evidence_reminder(after)),
        Event::ChannelLinked { .. } => {
            // It was being opened for everybody when somebody hid it.
            if after.visibility == Visibility::Restricted && after.relations.was_open {
                queue.access();
            }
            queue.refresh_direct();
            queue.everything();
        }
        Event::DigestPosted { .. } => {
            // It was on its way when somebody hid the incident.
            if after.visibility == Visibility::Restricted {
                queue.digest_as_it_may_be();
            }
        }
        Event::Acknowledged { .. } => {
            queue.watch_for_gaps(policy);
            queue.refresh_direct();
            queue.everything();
        }
        Event::ChannelLost { .. } => {
            queue.mirror(
                "operators",
                Lane::Interactive,
                Effect::TellOperators {
                    text: cards::channel_lost_openly(after),
                },
            );
            // A restricted incident is named to its own people only; the others find the button on its line.
            if let Some(holder) = after.command.filter(|_| after.is_active()) {
                queue.tell(holder, cards::channel_lost(after));
            }
            queue.refresh_direct();
            queue.digest();
        }
        Event::ChannelAskedAgain => {
            queue.mainstream(Lane::Opening, "open", Effect::OpenChannel);
            queue.say(cards::channel_again_line());
            queue.digest();
        }
        Event::CallAsked { .. }
        | Event::CallOpened { .. }
        | Event::CallFailed { .. }
        | Event::CallEnded { .. } => queue.call_changed(policy),
        Event::BoardPosted { message } => queue.push(
            format!("inc-{}/board", after.id.0),
            Lane::Mirror,
            "pin",
            None,
            Effect::PinBoard { message: *message },
        ),
        Event::PhaseChanged { from, to, note } => {
            if *from != Phase::Open {
                queue.say(cards::phase_line(
                    after,
                    *from,
                    *to,
                    note.as_deref(),
                    recorded.actor.person(),
                ));
            }
            queue.everything();
        }
        Event::StepChanged { .. } => {
            queue.steps();
            queue.board();
        }
        Event::WentSolo { .. } | Event::SeenAtWork { .. } => queue.board(),
        Event::SecondLookAsked { step, by, of } => {
            if let Some(step) = step_of(after, step) {
                queue.say(cards::second_look_question(after, step, *by, *of));
            }
        }
        Event::SecondLookAnswered {
            step,
            by,
            confirmed,
        } => {
            if let (Some(known), Some(look)) = (step_of(after, step), after.second_look(step)) {
                queue.say(cards::second_look_answered(
                    after,
                    known,
                    (*by, look.by),
                    *confirmed,
                ));
            }
        }
        Event::StepOverdue { step, by, since } => {
            if let Some(card) = cards::overdue_step(after, step, *by, *since) {
                queue.say(card);
            }
        }
        Event::RunbookAttached { checklist, reason } => {
            queue.say(cards::runbook_line(checklist, reason));
            queue.steps();
            queue.board();
        }
        Event::RunbookAdded { checklist, reason } => {
            queue.say(cards::runbook_added_line(checklist, reason));
            queue.steps();
            queue.board();
        }
        Event::RunbookRenewed { checklist, summary } => {
            queue.say(cards::runbook_renewed_line(checklist, summary));
            queue.steps();
            queue.board();
        }
        Event::RunbookVersionSeen { .. } => queue.steps(),
        Event::ImpactStarted { .. }
        | Event::ImpactEnded { .. }
        | Event::ImpactDescribed { .. }
        | Event::ImpactNoted { .. }
        | Event::MilestoneCorrected { .. }
        | Event::AlertsChanged { .. }
        | Event::HypothesisStated { .. }
        | Event::HypothesisNoted(_)
        | Event::HypothesisWithdrawn { .. }
        | Event::HypothesisJudged { .. }
        | Event::EstimateGiven(_)
        | Event::UpdateDelivered { .. } => queue.board(),
        Event::TaskAsked(task) => {
            queue.say(cards::task_asked(after, task));
            queue.board();
        }
        Event::TaskAnswered { number, by, answer } => {
            if let Some(task) = after.task(*number) {
                queue.say(cards::task_answered(after, task, *by, answer));
            }
            queue.board();
        }
        Event::TaskLate { number } => {
            if let Some(task) = after.task(*number) {
                queue.push(
                    format!("inc-{}/person/{}", after.id.0, task.by.0),
                    Lane::Interactive,
                    &format!("late.{number}"),
                    None,
                    Effect::Tell {
                        person: task.by,
                        card: cards::task_late(after, task),
                    },
                );
            }
            queue.board();
        }
        // Whoever brought it up has the question before them.
        Event::EffectAsked { number, .. } => {
            if recorded.actor == Actor::Bot
                && let Some(question) = after.mitigations.question(*number)
            {
                queue.say(cards::effect_question(after, question));
            }
        }
        Event::EffectAnswered { number, outcome } => {
            if let Some(question) = after.mitigations.question(*number) {
                let by = recorded.actor.person();
                queue.say(cards::effect_answered(after, question, *outcome, by));
            }
            queue.board();
        }
        Event::MitigationTakenBack { number } => {
            if let Some(question) = after.mitigations.question(*number) {
                queue.say(cards::taken_back_line(question, recorded.actor.person()));
            }
            queue.board();
        }
        Event::RoleDeclined { .. } => {
            queue.refresh_direct();
            queue.board();
        }
        Event::RoleAccepted { role, by } => {
            queue.refresh_direct();
            // Whoever takes the incident is announced by the board; the rest is said once.
            if after.phase != Phase::Open && !is_handed_over(after, *by, recorded) {
                queue.say(cards::role_line(after, *role, *by));
            }
            queue.board();
        }
        Event::RoleReleased { role, by } => {
            queue.refresh_direct();
            queue.say(cards::released_line(*role, *by));
            queue.board();
        }
        Event::CommandMoved { from, to, reason } => {
            if let Some(from) = from
                && !is_handed_over(after, *to, recorded)
            {
                queue.say(cards::command_line(
                    after,
                    *from,
                    *to,
                    reason.as_deref(),
                    recorded.at,
                ));
            }
            queue.board();
        }
        Event::HandoverAccepted {
            subjects,
            from,
            to,
            reason,
            ..
        } => queue.say(cards::handed_over(
            after,
            subjects,
            (*from, *to),
            reason.as_deref(),
            recorded.at,
        )),
        Event::HandoverOffered(handover) => {
            queue.tell(handover.to, cards::handover_offer(after, handover, policy));
            queue.say(cards::handover_line(handover));
        }
        Event::HandoverEnded { from, to, declined } => {
            queue.tell(*from, cards::handover_ended(after, *to, *declined));
        }
        Event::LoneHinted { person } => {
            queue.tell(*person, cards::lone_hint(after, recorded.at));
        }
        Event::FatigueHinted { person } => {
            queue.tell(*person, cards::fatigue_hint(after, recorded.at));
        }
        Event::ShiftEndTold {
            person,
            role,
            ends_at,
            next,
        } => {
            let ends = (*role, *ends_at, *next);
            queue.tell(*person, cards::shift_end(after, ends, recorded.at));
        }
        Event::AllClearAsked => queue.say(cards::all_clear_question(after)),
        Event::UpdateSent { .. } => {
            if let Some(update) = after.updates.last() {
                for target in &update.targets {
                    queue.push(
                        format!("inc-{}/update/{target}", after.id.0),
                        Lane::Interactive,
                        &format!("update.{target}"),
                        None,
                        Effect::DeliverUpdate {
                            number: update.number,
                            target: target.clone(),
                        },
                    );
                }
                queue.say(cards::update_line(after, update));
            }
            queue.board();
        }
        Event::EntryRedacted {
            number,
            sealed,
            message,
            author,
        } => {
            if let Some((channel, message)) = message {
                queue.push(
                    format!("inc-{}/unsay/{}", after.id.0, message.0),
                    Lane::Interactive,
                    "unsay",
                    None,
                    Effect::DeleteMessage {
                        channel: *channel,
                        message: *message,
                        number: *number,
                    },
                );
            }
            let by = recorded.actor.person();
            if let Some(author) = author.filter(|author| by != Some(*author)) {
                queue.tell(author, cards::rotate_it(after, *number));
            }
            if *sealed {
                queue.say(cards::hidden_line(after, *number, by));
            }
            if after.postmortem.version > 0 {
                queue.postmortem();
            }
            queue.refresh_direct();
            queue.everything();
        }
        Event::EntryShownAgain { .. } => {
            if after.postmortem.version > 0 {
                queue.postmortem();
            }
            queue.board();
        }
        Event::PromiseReminded { due, at_due } | Event::FirstUpdateReminded { due, at_due } => {
            let reminder = cards::update_reminder(after, *due, policy);
            match after.promise_keeper().filter(|_| !at_due) {
                Some(keeper) => queue.tell(keeper, reminder),
                None => queue.say(reminder),
            }
            queue.board();
        }
        Event::ResolveAsked { by } => {
            if let Some(holder) = after.command {
                queue.say(cards::resolve_question(after, *by, holder));
            }
        }
        Event::ResolveCameUp { by } => queue.say(cards::resolve_again(after, *by)),
        Event::CommandAsked { by } => {
            if let Some(holder) = after.command {
                queue.say(cards::command_question(after, *by, holder));
            }
        }
        Event::AskedToDo {
            by,
            whom,
            act,
            reads_only,
        } => {
            queue.say(cards::asked_to_do(after, (*by, *reads_only), *whom, act));
        }
        Event::NotYetSaid { by } => queue.say(cards::not_yet_line(*by)),
        Event::Resolved { .. } => {
            queue.say(cards::resolved(after));
            queue.mainstream(Lane::Background, "facts", Effect::OfferFacts);
            queue.postmortem();
            queue.refresh_direct();
            queue.let_them_sleep(policy);
            queue.everything();
        }
        Event::Cancelled { .. } => {
            queue.say(cards::cancelled_line(after, recorded.actor.person()));
            queue.end_call(policy);
            queue.refresh_direct();
            queue.everything();
        }
        Event::Reopened { from } => {
            queue.watch_for_gaps(policy);
            queue.say(cards::reopened_line(after, *from, recorded.actor.person()));
            queue.route_again();
            queue.refresh_direct();
            queue.call_everybody_proposed(policy);
            queue.everything();
        }
        Event::Undone { what, .. } => {
            queue.say(cards::undone_line(what, recorded.actor.person()));
            queue.refresh_direct();
            if after.phase == Phase::Open {
                // It was taken for a moment and is nobody's again: whoever was let sleep is called anew.
                queue.call_everybody_proposed(policy);
            }
            queue.everything();
        }
        Event::Closed => {
            queue.postmortem();
            let mut lock = queue.effect(
                format!("inc-{}/lock", after.id.0),
                Lane::Background,
                "lock",
                None,
                Effect::LockChannel,
            );
            lock.not_before = Some(recorded.at + policy.archive_after);
            queue.effects.push(lock);
            queue.end_call(policy);
            queue.everything();
        }
        Event::CauseRecorded(_)
        | Event::ActionAdded(_)
        | Event::LearningWaived { .. }
        | Event::SeverityConfirmed { .. } => {
            queue.postmortem();
            queue.board();
        }
        Event::Reviewed { by } => {
            queue.say(cards::reviewed_line(*by));
            queue.postmortem();
            queue.board();
        }
        Event::PostmortemDrafted { version } => {
            let last = after.phase == Phase::Closed;
            // Each *Resolve* promises a draft. What is written later is there for whoever asks.
            let promised = after.phase == Phase::Learning
                && *version == after.postmortem.version_at_resolve + 1;
            if promised || last {
                queue.mainstream(
                    Lane::Background,
                    "postmortem",
                    Effect::PostPostmortem {
                        version: *version,
                        last,
                    },
                );
            }
            queue.board();
        }
        // What happened while it was on its way is not in it: the alert that made it worse, or somebody who took it.
        Event::DirectPosted { person, direct } => {
            queue.direct(*person, direct.about.clone(), Lane::Mirror);
        }
        Event::UndoOffered { .. }
        | Event::ResolvePutOff { .. }
        | Event::MitigationNoted(_)
        | Event::MitigationReworded { .. }
        | Event::Prompted { .. }
        | Event::PromptHeld(_)
        | Event::PromptDropped(_)
        | Event::LeftAlone { .. }
        | Event::DoneWithoutCommand { .. }
        | Event::StepsPosted { .. }
        | Event::ShiftNoted { .. }
        | Event::Paged { .. } => {}
    }
    queue.tell_the_linked();
    queue.admit_newcomers();
    queue.effects
}

/// Whether somebody receives this by a hand-over, which is said in one line.
fn is_handed_over(after: &Incident, to: PersonId, recorded: &Recorded) -> bool {
    after.received == Some((to, recorded.at)) && recorded.actor.person() == Some(to)
}

fn step_of<'incident>(
    incident: &'incident Incident,
    step: &crate::runbook::StepId,
) -> Option<&'incident crate::runbook::Step> {
    incident.checklist.as_ref()?.step(step)
}
