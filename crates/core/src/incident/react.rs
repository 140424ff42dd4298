//! What must follow outside, and what the timeline says about it.

use chrono::TimeDelta;

use crate::card::Card;
use crate::cards;
use crate::effect::{DirectTopic, Effect, EffectId, Lane, NewEffect};
use crate::ids::IncidentId;
use crate::incident::call::{CALL_ENDS_AFTER, CallPolicy};
use crate::incident::command::Actor;
use crate::incident::event::{Event, Recorded, Suspicion};
use crate::incident::policy::Policy;
use crate::incident::state::{Incident, RoleState, Visibility};
use crate::person::PersonId;
use crate::phase::Phase;
use crate::role::Role;
use crate::timeline::GAP_AFTER;

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
                queue.sync_link(*other);
            }
            queue.digest();
        }
        Event::RoleProposed { role, to } => queue.call(*role, *to, policy),
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
            queue.watch_for_gaps();
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
        | Event::MilestoneCorrected { .. }
        | Event::AlertsChanged { .. }
        | Event::HypothesisStated { .. }
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
        }
        Event::MitigationTakenBack { number } => {
            if let Some(question) = after.mitigations.question(*number) {
                queue.say(cards::taken_back_line(question, recorded.actor.person()));
            }
        }
        Event::RoleDeclined { .. } => {
            queue.refresh_direct();
            queue.board();
        }
        Event::RoleAccepted { role, by } => {
            queue.refresh_direct();
            // Whoever takes the incident is announced by the board; the rest is said once.
            if after.phase != Phase::Open {
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
            if let Some(from) = from {
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
        Event::HandoverOffered(handover) => {
            queue.tell(handover.to, cards::handover_offer(after, handover));
            queue.say(cards::handover_line(handover));
        }
        Event::HandoverEnded { from, to, declined } => {
            queue.tell(*from, cards::handover_ended(after, *to, *declined));
        }
        Event::LoneHinted { person } => {
            queue.tell(*person, cards::lone_hint(after, recorded.at));
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
        Event::PromiseReminded { due, at_due } => {
            let keeper = after.promise_keeper();
            match keeper.filter(|_| !at_due) {
                Some(keeper) => queue.tell(keeper, cards::update_reminder(after, *due, policy)),
                None => queue.say(cards::update_reminder(after, *due, policy)),
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
        Event::AskedToDo { by, whom, act } => {
            queue.say(cards::asked_to_do(after, *by, *whom, act));
        }
        Event::NotYetSaid { by } => queue.say(cards::not_yet_line(*by)),
        Event::Resolved { .. } => {
            queue.say(cards::resolved(after));
            queue.mainstream(Lane::Background, "facts", Effect::OfferFacts);
            queue.postmortem();
            queue.refresh_direct();
            queue.everything();
        }
        Event::Cancelled { .. } => {
            queue.say(cards::cancelled_line(after, recorded.actor.person()));
            queue.end_call(policy);
            queue.refresh_direct();
            queue.everything();
        }
        Event::Reopened { from } => {
            queue.watch_for_gaps();
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
        Event::CauseRecorded(_) | Event::ActionAdded(_) | Event::LearningWaived { .. } => {
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
        | Event::HandoverAccepted { .. }
        | Event::MitigationNoted(_)
        | Event::Prompted { .. }
        | Event::PromptHeld(_)
        | Event::PromptDropped(_)
        | Event::LeftAlone { .. }
        | Event::DoneWithoutCommand { .. }
        | Event::StepsPosted { .. }
        | Event::Paged { .. } => {}
    }
    queue.tell_the_linked();
    queue.admit_newcomers();
    queue.effects
}

/// Collects the effects of one event and names them.
struct Queue<'a> {
    after: &'a Incident,
    recorded: &'a Recorded,
    effects: Vec<NewEffect>,
}

impl Queue<'_> {
    fn effect(
        &self,
        stream: String,
        lane: Lane,
        what: &str,
        coalesce_key: Option<String>,
        effect: Effect,
    ) -> NewEffect {
        NewEffect {
            id: EffectId::of(self.after.id, self.recorded.seq, what),
            incident: Some(self.after.id),
            stream,
            lane,
            coalesce_key,
            not_before: None,
            effect,
        }
    }

    fn push(
        &mut self,
        stream: String,
        lane: Lane,
        what: &str,
        coalesce_key: Option<String>,
        effect: Effect,
    ) {
        let effect = self.effect(stream, lane, what, coalesce_key, effect);
        self.effects.push(effect);
    }

    /// Into the stream of things that happened, which keeps their order.
    fn mainstream(&mut self, lane: Lane, what: &str, effect: Effect) {
        self.push(format!("inc-{}", self.after.id.0), lane, what, None, effect);
    }

    /// Into a stream of its own, where a newer one replaces an older one: a mirror of the state.
    fn mirror(&mut self, name: &str, lane: Lane, effect: Effect) {
        let stream = format!("inc-{}/{name}", self.after.id.0);
        self.push(stream.clone(), lane, name, Some(stream), effect);
    }

    /// A restricted channel was opened for those known then; whoever is called later is let in when they are called.
    fn admit_newcomers(&mut self) {
        if self.after.visibility != Visibility::Restricted || self.after.surface.channel.is_none() {
            return;
        }
        let newcomers: Vec<PersonId> = match &self.recorded.event {
            // Some may have been called while the channel was being opened.
            Event::ChannelLinked { .. } | Event::CallOpened { .. } => {
                self.after.circle().into_iter().collect()
            }
            Event::RoleProposed { to, .. } | Event::CommandMoved { to, .. } => vec![*to],
            Event::RoleAccepted { by, .. } | Event::Acknowledged { by } => vec![*by],
            Event::HandoverOffered(handover) => vec![handover.to],
            Event::TaskAsked(task) => vec![task.to],
            Event::PersonAdmitted { person } => vec![*person],
            _ => Vec::new(),
        };
        for person in newcomers {
            self.mirror(
                &format!("admit/{}", person.0),
                Lane::Interactive,
                Effect::Admit { person },
            );
        }
    }

    /// What a person did to a tie is done on its other side too. What comes from there is not sent back.
    fn other_side(&mut self, other: IncidentId) {
        if self.recorded.actor.person().is_some() {
            self.sync_link(other);
        }
    }

    fn sync_link(&mut self, other: IncidentId) {
        self.mirror(
            &format!("link/{}", other.0),
            Lane::Mirror,
            Effect::SyncLink { other },
        );
    }

    /// How far it is, and whether it may be known of, stands on the boards of those it is tied to.
    fn tell_the_linked(&mut self) {
        let tells = matches!(
            self.recorded.event,
            Event::PhaseChanged { .. }
                | Event::Resolved { .. }
                | Event::Cancelled { .. }
                | Event::Reopened { .. }
                | Event::Closed
                | Event::Undone { .. }
                | Event::VisibilityChanged { .. }
        );
        if tells {
            for other in self
                .after
                .relations
                .links
                .keys()
                .copied()
                .collect::<Vec<_>>()
            {
                self.sync_link(other);
            }
        }
    }

    /// From now on somebody notes what happens, or is asked.
    fn watch_for_gaps(&mut self) {
        let stream = format!("inc-{}/gaps", self.after.id.0);
        let mut ask = self.effect(
            stream.clone(),
            Lane::Background,
            "gaps",
            Some(stream),
            Effect::AskAboutGap {
                asked: None,
                round: 0,
            },
        );
        ask.not_before = Some(self.recorded.at + GAP_AFTER + TimeDelta::seconds(1));
        self.effects.push(ask);
    }

    fn board(&mut self) {
        if self.after.surface.channel.is_some() {
            // The first board is part of the opening; later ones can wait for what people are waiting for.
            let lane = if self.after.surface.board.is_none() {
                Lane::Opening
            } else {
                Lane::Mirror
            };
            self.mirror("board", lane, Effect::SyncBoard);
        }
    }

    /// Who sees the channel, at once; what it is called, when Discord lets us: two changes in ten minutes.
    fn access(&mut self) {
        if self.after.surface.channel.is_some() {
            self.mirror("access", Lane::Opening, Effect::SyncAccess);
            self.mirror("name", Lane::Interactive, Effect::SyncChannelName);
        }
    }

    /// The call is wanted, is there, is not to be had, or is gone.
    fn call_changed(&mut self, policy: &Policy) {
        let recorded = self.recorded;
        let stream = format!("inc-{}/call", self.after.id.0);
        match &recorded.event {
            Event::CallAsked { .. } => {
                self.push(stream, Lane::Interactive, "call", None, Effect::OpenCall);
                return;
            }
            Event::CallOpened { channel, url } => {
                self.say(cards::call_opened(*channel, url));
                // It was being opened for everybody when somebody hid the incident, or when it ended.
                if self.after.visibility == Visibility::Restricted && self.after.relations.was_open
                {
                    self.mirror("access", Lane::Opening, Effect::SyncAccess);
                }
                if matches!(self.after.phase, Phase::Closed | Phase::Cancelled) {
                    self.end_call(policy);
                }
            }
            Event::CallFailed { why } => {
                self.say(cards::call_failed(self.after, why, &policy.call))
            }
            _ => {}
        }
        self.refresh_direct();
        self.board();
    }

    /// A voice channel whose incident is over goes after a while, unless it is kept.
    fn end_call(&mut self, policy: &Policy) {
        let Some(channel) = self.after.surface.call.channel() else {
            return;
        };
        if matches!(policy.call, CallPolicy::Voice { keep: true, .. }) {
            return;
        }
        let stream = format!("inc-{}/call", self.after.id.0);
        let mut end = self.effect(
            stream,
            Lane::Background,
            "end-call",
            None,
            Effect::EndCall { channel },
        );
        end.not_before = Some(self.recorded.at + CALL_ENDS_AFTER);
        self.effects.push(end);
    }

    fn digest_as_it_may_be(&mut self) {
        self.mirror("digest", Lane::Opening, Effect::SyncDigest);
    }

    /// Asked once; who is on call also gets it where phones ring.
    fn ask_about_relapse(&mut self, suspicion: &Suspicion, policy: &Policy) {
        let is_first = self
            .after
            .relations
            .relapse
            .as_ref()
            .is_some_and(|relapse| relapse.receipts.len() == 1);
        if !is_first {
            return;
        }
        let card = cards::relapse_question(self.after, suspicion, self.recorded.at, policy);
        if let Some(person) = suspicion.on_call.filter(|_| self.after.severity.is_major()) {
            self.tell(person, card.clone());
        }
        self.say(card);
    }

    /// What waited for the answer is decided now.
    fn route_again(&mut self) {
        let Some(relapse) = &self.after.relations.relapse else {
            return;
        };
        let receipts: Vec<String> = relapse.receipts.iter().cloned().collect();
        self.push(
            format!("inc-{}/relapse", self.after.id.0),
            Lane::Opening,
            "route-again",
            None,
            Effect::RouteAgain { receipts },
        );
    }

    fn steps(&mut self) {
        if self.after.surface.channel.is_some()
            && self.after.checklist.is_some()
            && self.after.phase != Phase::Open
        {
            self.mirror("steps", Lane::Mirror, Effect::SyncSteps);
        }
    }

    fn digest(&mut self) {
        if self.after.visibility == Visibility::Normal {
            self.mirror("digest", Lane::Mirror, Effect::SyncDigest);
        }
    }

    fn everything(&mut self) {
        self.board();
        self.steps();
        self.digest();
    }

    fn say(&mut self, card: Card) {
        self.mainstream(Lane::Interactive, "say", Effect::Say { card });
    }

    fn tell(&mut self, person: PersonId, card: Card) {
        self.push(
            format!("inc-{}/person/{}", self.after.id.0, person.0),
            Lane::Interactive,
            "tell",
            None,
            Effect::Tell { person, card },
        );
    }

    fn postmortem(&mut self) {
        self.mirror("postmortem", Lane::Background, Effect::DraftPostmortem);
    }

    /// Asks a proposed person. Only major incidents write directly or ring: the others mention them on the board.
    fn call(&mut self, role: Role, person: PersonId, policy: &Policy) {
        if !self.after.severity.is_major() || !self.after.is_active() {
            self.board();
            return;
        }
        let about = if role == Role::OnCall {
            DirectTopic::Page
        } else {
            DirectTopic::Proposal { role }
        };
        self.direct(person, about, Lane::Opening);
        if role == Role::OnCall {
            self.page(Some(person), policy);
        }
        self.board();
    }

    fn call_everybody_proposed(&mut self, policy: &Policy) {
        for (role, to) in proposed(self.after) {
            self.call(role, to, policy);
        }
        if self.after.holder(Role::OnCall).is_none() {
            self.page(None, policy);
        }
    }

    /// Rings. Without a person the pager's own schedule decides whom it wakes: better than nobody. The plan drops that call
    /// where the same moment also makes one by name.
    fn page(&mut self, person: Option<PersonId>, policy: &Policy) {
        if !policy.has_pager || !self.after.severity.is_major() || !self.after.is_active() {
            return;
        }
        let whom = person.map_or_else(|| "schedule".to_owned(), |person| person.0.to_string());
        self.push(
            format!("inc-{}/page/{whom}", self.after.id.0),
            Lane::Opening,
            &format!("page.{whom}"),
            None,
            Effect::Page { person },
        );
    }

    fn direct(&mut self, person: PersonId, about: DirectTopic, lane: Lane) {
        let topic = match about {
            DirectTopic::Page => "page",
            DirectTopic::Proposal { role } => role.id(),
        };
        self.mirror(
            &format!("direct/{}/{topic}", person.0),
            lane,
            Effect::SyncDirect { person, about },
        );
    }

    /// Brings every direct message that is out there up to date.
    fn refresh_direct(&mut self) {
        let people: Vec<(PersonId, DirectTopic)> = self
            .after
            .surface
            .direct
            .iter()
            .flat_map(|(person, messages)| {
                messages
                    .iter()
                    .map(|direct| (*person, direct.about.clone()))
            })
            .collect();
        for (person, about) in people {
            self.direct(person, about, Lane::Opening);
        }
    }
}

fn proposed(incident: &Incident) -> Vec<(Role, PersonId)> {
    incident
        .roles
        .iter()
        .filter_map(|(role, state)| match state {
            RoleState::Proposed { to, .. } => Some((*role, *to)),
            _ => None,
        })
        .collect()
}
