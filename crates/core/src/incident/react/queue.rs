//! The effects of one event, collected and named after it.

use chrono::TimeDelta;

use crate::card::Card;
use crate::cards;
use crate::effect::{DirectTopic, Effect, EffectId, Lane, NewEffect};
use crate::ids::IncidentId;
use crate::incident::call::{CALL_ENDS_AFTER, CallPolicy};
use crate::incident::event::{Event, Recorded, Suspicion};
use crate::incident::policy::Policy;
use crate::incident::state::{Incident, RoleState, Visibility};
use crate::person::PersonId;
use crate::phase::Phase;
use crate::role::Role;

/// Collects the effects of one event and names them.
pub(super) struct Queue<'a> {
    pub(super) after: &'a Incident,
    pub(super) recorded: &'a Recorded,
    pub(super) effects: Vec<NewEffect>,
}

impl Queue<'_> {
    pub(super) fn effect(
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

    pub(super) fn push(
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
    pub(super) fn mainstream(&mut self, lane: Lane, what: &str, effect: Effect) {
        self.push(format!("inc-{}", self.after.id.0), lane, what, None, effect);
    }

    /// Into a stream of its own, where a newer one replaces an older one: a mirror of the state.
    pub(super) fn mirror(&mut self, name: &str, lane: Lane, effect: Effect) {
        let stream = format!("inc-{}/{name}", self.after.id.0);
        self.push(stream.clone(), lane, name, Some(stream), effect);
    }

    /// A restricted channel was opened for those known then; whoever is called later is let in when they are called.
    pub(super) fn admit_newcomers(&mut self) {
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
    pub(super) fn other_side(&mut self, other: IncidentId) {
        if self.recorded.actor.person().is_some() {
            self.sync_link(other, false);
        }
    }

    /// What is told of the phase has a stream of its own: it must not take the place of a tie that is still to be made.
    pub(super) fn sync_link(&mut self, other: IncidentId, only_phase: bool) {
        let what = if only_phase { "linked-phase" } else { "link" };
        self.mirror(
            &format!("{what}/{}", other.0),
            Lane::Mirror,
            Effect::SyncLink { other, only_phase },
        );
    }

    /// How far it is, and whether it may be known of, stands on the boards of those it is tied to.
    pub(super) fn tell_the_linked(&mut self) {
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
            let only_phase = !matches!(self.recorded.event, Event::VisibilityChanged { .. });
            for other in self
                .after
                .relations
                .links
                .keys()
                .copied()
                .collect::<Vec<_>>()
            {
                self.sync_link(other, only_phase);
            }
        }
    }

    /// From now on somebody notes what happens, or is asked.
    pub(super) fn watch_for_gaps(&mut self, policy: &Policy) {
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
        ask.not_before = Some(self.recorded.at + policy.gap_after + TimeDelta::seconds(1));
        self.effects.push(ask);
    }

    pub(super) fn board(&mut self) {
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
    pub(super) fn access(&mut self) {
        if self.after.surface.channel.is_some() {
            self.mirror("access", Lane::Opening, Effect::SyncAccess);
            self.mirror("name", Lane::Interactive, Effect::SyncChannelName);
        }
    }

    /// The call is wanted, is there, is not to be had, or is gone.
    pub(super) fn call_changed(&mut self, policy: &Policy) {
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
    pub(super) fn end_call(&mut self, policy: &Policy) {
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

    pub(super) fn digest_as_it_may_be(&mut self) {
        self.mirror("digest", Lane::Opening, Effect::SyncDigest);
    }

    /// Asked once; who is on call also gets it where phones ring.
    pub(super) fn ask_about_relapse(&mut self, suspicion: &Suspicion, policy: &Policy) {
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
    pub(super) fn route_again(&mut self) {
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

    pub(super) fn steps(&mut self) {
        if self.after.surface.channel.is_some()
            && self.after.checklist.is_some()
            && self.after.phase != Phase::Open
        {
            self.mirror("steps", Lane::Mirror, Effect::SyncSteps);
        }
    }

    pub(super) fn digest(&mut self) {
        if self.after.visibility == Visibility::Normal {
            self.mirror("digest", Lane::Mirror, Effect::SyncDigest);
        }
    }

    pub(super) fn everything(&mut self) {
        self.board();
        self.steps();
        self.digest();
    }

    pub(super) fn say(&mut self, card: Card) {
        self.mainstream(Lane::Interactive, "say", Effect::Say { card });
    }

    pub(super) fn tell(&mut self, person: PersonId, card: Card) {
        self.push(
            format!("inc-{}/person/{}", self.after.id.0, person.0),
            Lane::Interactive,
            "tell",
            None,
            Effect::Tell { person, card },
        );
    }

    /// Whoever was up and has no direct message. Whoever resolved it reads it in the answer.
    pub(super) fn let_them_sleep(&mut self, policy: &Policy) {
        for person in self.after.activity.keys().copied() {
            if self.recorded.actor.person() == Some(person) {
                continue;
            }
            if let Some(card) = cards::late_start_alone(self.after, person, policy) {
                self.push(
                    format!("inc-{}/person/{}", self.after.id.0, person.0),
                    Lane::Background,
                    &format!("late-start/{}", person.0),
                    None,
                    Effect::Tell { person, card },
                );
            }
        }
    }

    pub(super) fn postmortem(&mut self) {
        self.mirror("postmortem", Lane::Background, Effect::DraftPostmortem);
    }

    /// Asks a proposed person. Only major incidents write directly or ring: the others mention them on the board.
    pub(super) fn call(&mut self, role: Role, person: PersonId, policy: &Policy) {
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

    /// Somebody wants this person now. They are written to whatever the severity; the pager rings in a SEV1 or SEV2, if
    /// there is one. An edit makes no sound, so for whoever was written to before a new message takes the old one's place.
    pub(super) fn ring(&mut self, role: Role, person: PersonId, policy: &Policy) {
        let is_new = matches!(
            self.after.roles.get(&role),
            Some(RoleState::Proposed { at, .. }) if *at == self.recorded.at
        );
        let about = if role == Role::OnCall {
            DirectTopic::Page
        } else {
            DirectTopic::Proposal { role }
        };
        let direct = self.after.surface.direct.get(&person);
        let was_written_to =
            direct.is_some_and(|messages| messages.iter().any(|known| known.about == about));
        if was_written_to {
            self.direct_anew(person, about);
        } else {
            self.direct(person, about, Lane::Opening);
        }
        // Asking the On-Call Engineer of a major incident rings by itself.
        if !(is_new && role == Role::OnCall) {
            self.page(Some(person), policy);
        }
        self.board();
    }

    pub(super) fn call_everybody_proposed(&mut self, policy: &Policy) {
        for (role, to) in proposed(self.after) {
            self.call(role, to, policy);
        }
        if self.after.holder(Role::OnCall).is_none() {
            self.page(None, policy);
        }
    }

    /// Rings, if there is a pager and it is a SEV1 or SEV2. Without a person the pager's own schedule decides whom it wakes: better than nobody. The plan drops that call
    /// where the same moment also makes one by name.
    pub(super) fn page(&mut self, person: Option<PersonId>, policy: &Policy) {
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

    pub(super) fn direct(&mut self, person: PersonId, about: DirectTopic, lane: Lane) {
        self.mirror(
            &direct_name(person, &about),
            lane,
            Effect::SyncDirect {
                person,
                about,
                anew: false,
            },
        );
    }

    /// In the stream of that message, under a key of its own: an edit that follows must not take the place of the sound.
    fn direct_anew(&mut self, person: PersonId, about: DirectTopic) {
        let name = direct_name(person, &about);
        let stream = format!("inc-{}/{name}", self.after.id.0);
        self.push(
            stream.clone(),
            Lane::Opening,
            &format!("{name}/anew"),
            Some(format!("{stream}/anew")),
            Effect::SyncDirect {
                person,
                about,
                anew: true,
            },
        );
    }

    /// Brings every direct message that is out there up to date.
    pub(super) fn refresh_direct(&mut self) {
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

fn direct_name(person: PersonId, about: &DirectTopic) -> String {
    let topic = match about {
        DirectTopic::Page => "page",
        DirectTopic::Proposal { role } => role.id(),
    };
    format!("direct/{}/{topic}", person.0)
}

pub(super) fn proposed(incident: &Incident) -> Vec<(Role, PersonId)> {
    incident
        .roles
        .iter()
        .filter_map(|(role, state)| match state {
            RoleState::Proposed { to, .. } => Some((*role, *to)),
            _ => None,
        })
        .collect()
}
