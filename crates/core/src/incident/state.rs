//! What is known of an incident right now: the small state that every decision is made from.

mod before;
mod learning;
mod roles;
mod updates;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::activity::Activity;
use super::call::CallState;
use super::endurance::{CommandHeld, Shift};
use super::facts::{
    Estimate, Hypothesis, HypothesisState, ImpactInterval, MilestoneName, Milestones,
};
use super::mitigations::Mitigations;
use super::paging::Calls;
use super::quiet::Prompt;
use super::relations::Relations;
use super::second_look::SecondLook;
use super::solo::Solo;
use super::statements::{Described, Said};
use super::tasks::Task;
use crate::alert::Flapping;
use crate::category::Category;
use crate::ids::{ChannelId, EntryNumber, IncidentId, MessageId, Seq};
use crate::person::PersonId;
use crate::phase::Phase;
use crate::role::Role;
use crate::runbook::{Checklist, RunbookId, StepId};
use crate::severity::Severity;

pub use before::{Before, Undo};
pub use learning::{ActionItem, ActionKind, Cause, PostmortemState};
pub use roles::{Handover, HandoverSubject, RoleState};
pub use updates::{FirstUpdateReminder, Promise, UpdateKind, UpdateRecord};

/// The most links a next-step card shows.
pub(super) const MAX_LINKS: usize = 3;

/// An incident as it is now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Incident {
    /// Its number.
    pub id: IncidentId,
    /// How many events it has seen.
    pub seq: Seq,
    /// What is broken, in at most 100 characters.
    pub title: String,
    /// What people are doing.
    pub phase: Phase,
    /// Since when.
    pub phase_since: DateTime<Utc>,
    /// Since when it is live: declared, or last reopened.
    pub live_since: DateTime<Utc>,
    /// How bad it is.
    pub severity: Severity,
    /// Every severity it had, oldest first. Never empty.
    pub severities: Vec<SeveritySpan>,
    /// Who may see it.
    pub visibility: Visibility,
    /// Who was let in, and how it stands to other incidents.
    #[serde(default)]
    pub relations: Relations,
    /// The failure mode.
    pub category: Category,
    /// The services concerned.
    pub services: BTreeSet<String>,
    /// What happened, for somebody who was not there; people write it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
    /// Who is hurt and how, in a person's words.
    pub impact_text: Option<String>,
    /// What was said of it by the button.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub impact_described: Option<Described>,
    /// What the newest line of the timeline says of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub impact_line: Option<Said>,
    /// The lines that something was taken out of.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub redacted: BTreeSet<EntryNumber>,
    /// The event with which something was last taken out of a line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub redacted_last: Option<Seq>,
    /// When something stopped being readable last: a board that was drawn before that is drawn again at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vanished_at: Option<DateTime<Utc>>,
    /// When users were hurt.
    pub impact: Vec<ImpactInterval>,
    /// What people think it is.
    pub hypotheses: Vec<Hypothesis>,
    /// What people were asked to do, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tasks: Vec<Task>,
    /// What was done against the impact, and what came of it.
    #[serde(default, skip_serializing_if = "Mitigations::is_empty")]
    pub mitigations: Mitigations,
    /// When the bot last asked a person for something by itself.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub last_prompt: BTreeMap<PersonId, DateTime<Utc>>,
    /// What is not asked yet because it is night.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub held_prompts: BTreeSet<Prompt>,
    /// From when on they were shown in the last hint, where there was one before it: a hint that did not leave is made again
    /// over the same time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub facts_shown_from: Option<DateTime<Utc>>,
    /// Up to when messages that look like facts were shown to whoever keeps the timeline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub facts_shown_until: Option<DateTime<Utc>>,
    /// When somebody was told that they command and repair alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lone_told_at: Option<DateTime<Utc>>,
    /// How long whoever holds command has held it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command_held: Option<CommandHeld>,
    /// The roles that the team has beside the five.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub optional_roles: BTreeSet<Role>,
    /// The turns of those who hold roles, as the rota last said.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub shifts: BTreeMap<Role, Shift>,
    /// The ends of shifts that people were told of.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub shift_ends_told: BTreeSet<(PersonId, DateTime<Utc>)>,
    /// The points metrics are made of.
    pub milestones: Milestones,
    /// Why it was cancelled, if it was.
    pub cancelled: Option<CancelReason>,
    /// The one person in command.
    pub command: Option<PersonId>,
    /// Somebody asked the holder for command, and when. An act of the holder answers it.
    pub command_asked: Option<(PersonId, DateTime<Utc>)>,
    /// Who last asked somebody to do what they may not do themselves, and when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked_to_do: Option<(PersonId, DateTime<Utc>)>,
    /// Who is proposed for or holds which role.
    pub roles: BTreeMap<Role, RoleState>,
    /// Who was called for a role by somebody's press.
    #[serde(
        default,
        deserialize_with = "super::paging::everybody_called",
        skip_serializing_if = "BTreeMap::is_empty"
    )]
    pub calls: BTreeMap<Role, Vec<Calls>>,
    /// Who said that they cannot have a role, or gave it back, and was followed by somebody else.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub refused: BTreeMap<Role, BTreeSet<PersonId>>,
    /// An offered hand-over that waits for its answer.
    pub handover: Option<Handover>,
    /// Who accepted the last hand-over, and when.
    pub received: Option<(PersonId, DateTime<Utc>)>,
    /// Everybody who did something here.
    pub participants: BTreeSet<PersonId>,
    /// Since when and until when each of them worked on it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub activity: BTreeMap<PersonId, Activity>,
    /// Who works on it alone, if that is so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub solo: Option<Solo>,
    /// The pinned runbooks with their ticks.
    pub checklist: Option<Checklist>,
    /// Pinned runbooks of which the team's folder holds another version: its hash.
    #[serde(default)]
    pub newer_runbooks: BTreeMap<RunbookId, String>,
    /// Claimed steps that took long, and since when they were claimed: each claim is told once.
    #[serde(default)]
    pub overdue_told: BTreeMap<StepId, DateTime<Utc>>,
    /// Risky steps that somebody was asked to look at, the last question about each.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub second_looks: BTreeMap<StepId, SecondLook>,
    /// Whether the storm rule made this the incident of a storm.
    pub storm: bool,
    /// Links for the next-step card: at most three, safe ones only.
    pub links: Vec<Link>,
    /// What monitoring says.
    pub alerts: AlertPicture,
    /// When the bot asked whether to go to validation because all alerts are clear.
    pub all_clear_asked_at: Option<DateTime<Utc>>,
    /// When stakeholders were told to expect the next update.
    pub promise: Option<Promise>,
    /// The last reminder that nobody has written to the stakeholders yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_update_reminded: Option<FirstUpdateReminder>,
    /// Every promise that has come to an end, kept or not, oldest first.
    pub past_promises: Vec<Promise>,
    /// What went out to stakeholders, oldest first.
    pub updates: Vec<UpdateRecord>,
    /// Every estimate given, oldest first.
    pub estimates: Vec<Estimate>,
    /// Somebody without command asked to resolve, and when.
    pub resolve_asked: Option<(PersonId, DateTime<Utc>)>,
    /// Somebody looked at what speaks against resolving and waits: who, and until when.
    #[serde(default)]
    pub resolve_put_off: Option<(PersonId, DateTime<Utc>)>,
    /// The soft findings that were passed over when it was resolved.
    pub resolved_despite: Vec<String>,
    /// What exists of it in Discord.
    pub surface: Surface,
    /// The last change that its author can take back.
    pub undo: Option<Box<Undo>>,
    /// The change that was taken back last, so that a second press of *Undo* is the first one, heard twice.
    pub undone: Option<Seq>,
    /// How far the postmortem is.
    pub postmortem: PostmortemState,
    /// Lines that were hidden and wait for somebody to decide about them.
    #[serde(default)]
    pub sealed: BTreeSet<EntryNumber>,
    /// How often the phase went backward.
    pub turn_backs: u32,
    /// How often command or a role changed hands.
    pub handovers: u32,
}

impl Incident {
    /// Whether it went away before anybody acted: it hurt nobody for long, and could have.
    #[must_use]
    pub fn is_near_miss(&self) -> bool {
        self.cancelled == Some(CancelReason::SelfCleared)
    }

    /// Whether it is live.
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.phase.is_active()
    }

    /// The worst severity it ever had.
    #[must_use]
    pub fn severity_peak(&self) -> Severity {
        self.severities
            .iter()
            .fold(self.severity, |worst, span| worst.worse(span.severity))
    }

    /// How long it had each severity until `until`, or until it ended; the worst first, those it never had left out.
    #[must_use]
    pub fn severity_times(&self, until: DateTime<Utc>) -> Vec<(Severity, TimeDelta)> {
        let end = self.ended_at().map_or(until, |ended| ended.min(until));
        let mut times: BTreeMap<Severity, TimeDelta> = BTreeMap::new();
        for (place, span) in self.severities.iter().enumerate() {
            let next = self.severities.get(place + 1);
            let over = next.map_or(end, |next| next.since.min(end));
            let time = (over - span.since).max(TimeDelta::zero());
            *times.entry(span.severity).or_insert(TimeDelta::zero()) += time;
        }
        times.into_iter().collect()
    }

    /// The severity it was declared with.
    #[must_use]
    pub fn severity_reported(&self) -> Severity {
        self.severities
            .first()
            .map_or(self.severity, |span| span.severity)
    }

    /// When it was declared.
    #[must_use]
    pub fn declared_at(&self) -> DateTime<Utc> {
        self.milestones
            .at(MilestoneName::Declared)
            .unwrap_or(self.phase_since)
    }

    /// When it ended: was resolved, also if it has been closed since, or cancelled. `None` while it is live.
    #[must_use]
    pub fn ended_at(&self) -> Option<DateTime<Utc>> {
        match self.phase {
            Phase::Learning | Phase::Closed => Some(
                self.milestones
                    .at(MilestoneName::Resolved)
                    .unwrap_or(self.phase_since),
            ),
            Phase::Cancelled => Some(self.phase_since),
            Phase::Open | Phase::Diagnosis | Phase::Mitigation | Phase::Fix | Phase::Validation => {
                None
            }
        }
    }

    /// The person who holds a role, if it is filled.
    #[must_use]
    pub fn holder(&self, role: Role) -> Option<PersonId> {
        match self.roles.get(&role) {
            Some(RoleState::Accepted { by, .. }) => Some(*by),
            _ => None,
        }
    }

    /// Every role that somebody holds, with its holder.
    pub fn holders(&self) -> impl Iterator<Item = (Role, PersonId)> + '_ {
        Role::ALL
            .into_iter()
            .filter_map(|role| self.holder(role).map(|person| (role, person)))
    }

    /// The roles that people can have in it: the five, those that the team had switched on when it began, and whatever
    /// somebody has.
    #[must_use]
    pub fn roles_here(&self) -> Vec<Role> {
        let is_here = |role: &Role| {
            !role.is_optional()
                || self.optional_roles.contains(role)
                || self.holder(*role).is_some()
        };
        Role::ALL.into_iter().filter(is_here).collect()
    }

    /// Whoever writes to the stakeholders beside whoever commands: the Communications Lead, where there is one, and the
    /// Bridge Engineer.
    #[must_use]
    pub fn writes_to_stakeholders(&self, person: PersonId) -> bool {
        [Role::Communications, Role::Bridge]
            .into_iter()
            .any(|role| self.holder(role) == Some(person))
    }

    /// Who keeps the promise to the stakeholders: the Communications Lead, the Bridge, or whoever commands.
    #[must_use]
    pub fn promise_keeper(&self) -> Option<PersonId> {
        self.holder(Role::Communications)
            .or_else(|| self.holder(Role::Bridge))
            .or(self.command)
    }

    /// Whether a person is to tell the stakeholders that there is something: no note goes out by itself, and nobody was
    /// told yet, or only that it was over. Of what few may know, and of what hurts nobody, they need not hear.
    #[must_use]
    pub fn owes_first_update(&self) -> bool {
        self.is_active()
            && self.severity == Severity::Sev3
            && self.visibility == Visibility::Normal
            && self.promise.is_none()
    }

    /// When the stakeholders are to hear next: as they were promised, or, once somebody was reminded of it, for the first
    /// time.
    #[must_use]
    pub fn next_update_due(&self) -> Option<DateTime<Utc>> {
        let promised = self.promise.as_ref().map(|promise| promise.due);
        promised.or_else(|| {
            self.first_update_reminded
                .as_ref()
                .filter(|_| self.owes_first_update())
                .map(|reminder| reminder.due)
        })
    }

    /// The roles a person holds.
    #[must_use]
    pub fn roles_of(&self, person: PersonId) -> BTreeSet<Role> {
        Role::ALL
            .into_iter()
            .filter(|role| self.holder(*role) == Some(person))
            .collect()
    }

    /// Everybody it concerns: who did something, holds something, was asked to, or was let in. These are the people a
    /// restricted incident is open to.
    #[must_use]
    pub fn circle(&self) -> BTreeSet<PersonId> {
        let mut circle = self.participants.clone();
        circle.extend(&self.relations.admitted);
        circle.extend(self.command);
        circle.extend(self.handover.as_ref().map(|handover| handover.to));
        circle.extend(self.tasks.iter().map(|task| task.to));
        circle.extend(self.roles.values().filter_map(|state| match state {
            RoleState::Proposed { to, .. } => Some(*to),
            RoleState::Accepted { by, .. } => Some(*by),
            RoleState::Declined { .. } | RoleState::Released { .. } => None,
        }));
        circle
    }

    /// The roles that are asked for: those that this severity and category call for, and of whoever works solo no more than
    /// the first.
    #[must_use]
    pub fn required_roles(&self) -> BTreeSet<Role> {
        if self.is_solo() {
            BTreeSet::from([Role::OnCall])
        } else {
            Role::required(self.severity, self.category)
        }
    }

    /// When users began to be hurt, as far as is known.
    #[must_use]
    pub fn impact_start(&self) -> Option<DateTime<Utc>> {
        self.milestones
            .at(MilestoneName::ImpactStart)
            .or_else(|| self.impact.first().map(|interval| interval.start))
    }

    /// Whether users are still being hurt, as far as is known.
    #[must_use]
    pub fn impact_is_open(&self) -> bool {
        self.impact.iter().any(|interval| interval.end.is_none())
    }

    /// When users stopped being hurt, if they have and are not hurt again.
    #[must_use]
    pub fn impact_ended_at(&self) -> Option<DateTime<Utc>> {
        self.impact.last().and_then(|interval| interval.end)
    }

    /// Whether user impact has ended, or shrunk to what the owner accepts, and has not come back since.
    #[must_use]
    pub fn is_mitigated(&self) -> bool {
        self.milestones.at(MilestoneName::Mitigated).is_some() && !self.impact_is_open()
    }

    /// How long users were hurt until `until`; what overlaps counts once.
    #[must_use]
    pub fn impact_total(&self, until: DateTime<Utc>) -> TimeDelta {
        let mut stretches: Vec<(DateTime<Utc>, DateTime<Utc>)> = self
            .impact
            .iter()
            .map(|interval| (interval.start, interval.end.unwrap_or(until)))
            .collect();
        stretches.sort_unstable();
        let mut total = TimeDelta::zero();
        let mut counted_until = DateTime::<Utc>::MIN_UTC;
        for (start, end) in stretches {
            let start = start.max(counted_until);
            if end > start {
                total += end - start;
                counted_until = end;
            }
        }
        total
    }

    /// The guess that counts: the newest confirmed one, else the newest that evidence speaks for, else the newest that
    /// still stands.
    #[must_use]
    pub fn leading_hypothesis(&self) -> Option<&Hypothesis> {
        [
            HypothesisState::Confirmed,
            HypothesisState::Supported,
            HypothesisState::Open,
        ]
        .into_iter()
        .find_map(|state| {
            self.hypotheses
                .iter()
                .rev()
                .find(|hypothesis| hypothesis.state == state)
        })
    }

    /// A guess by its number, counted from 1.
    #[must_use]
    pub fn hypothesis(&self, number: u32) -> Option<&Hypothesis> {
        let place = usize::try_from(number).ok()?.checked_sub(1)?;
        self.hypotheses.get(place)
    }
}

/// A stretch of time with one severity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeveritySpan {
    /// The severity.
    pub severity: Severity,
    /// Since when.
    pub since: DateTime<Utc>,
}

/// Who may see an incident.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Visibility {
    /// Everybody in the server.
    #[default]
    Normal,
    /// Only the people named: security, privacy, people matters. The channel is private from its first second.
    Restricted,
}

/// Why something was not an incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CancelReason {
    /// Nothing was wrong.
    FalseAlarm,
    /// Another incident covers it.
    Duplicate,
    /// It went away before anybody acted.
    SelfCleared,
    /// Somebody was testing.
    Test,
}

impl CancelReason {
    /// Every reason, in the order the card offers them.
    pub const ALL: [Self; 4] = [
        Self::FalseAlarm,
        Self::Duplicate,
        Self::SelfCleared,
        Self::Test,
    ];

    /// The stable id.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::FalseAlarm => "false_alarm",
            Self::Duplicate => "duplicate",
            Self::SelfCleared => "self_cleared",
            Self::Test => "test",
        }
    }

    /// Whether it says that the alerts meant nothing, so that nobody is to be woken by them again at once. What another
    /// incident covers goes on there.
    #[must_use]
    pub fn hushes_alerts(self) -> bool {
        match self {
            Self::FalseAlarm | Self::SelfCleared | Self::Test => true,
            Self::Duplicate => false,
        }
    }

    /// The words people read.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::FalseAlarm => "False alarm",
            Self::Duplicate => "Duplicate",
            Self::SelfCleared => "Cleared by itself",
            Self::Test => "A test",
        }
    }
}

/// A link shown on the next-step card.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// What it leads to, for example "Dashboard".
    pub label: String,
    /// Where: https or http, at most [`Self::MAX_URL_BYTES`], and whole: a link that was cut leads elsewhere.
    pub url: String,
}

impl Link {
    /// The longest address that fits behind a button.
    /// Source: Discord's reference, "Button Structure".
    pub const MAX_URL_BYTES: usize = 512;
}

/// What monitoring says, in a few numbers; the episodes themselves are kept beside the incident, since a group may hold
/// thousands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlertPicture {
    /// How many alerts fire.
    pub firing: u32,
    /// How many have cleared.
    pub cleared: u32,
    /// How many the senders left out of the newest notices of all groups together.
    pub truncated: u64,
    /// The same for each group from which something was left out, by [`crate::alert::GroupKey::digest`].
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub truncated_by_group: BTreeMap<String, u64>,
    /// The names, most frequent first, at most ten.
    pub names: Vec<String>,
    /// The newest one-line summaries, at most three.
    pub summaries: Vec<String>,
    /// The earliest start of any of them.
    pub earliest_start: Option<DateTime<Utc>>,
    /// The newest end of a cleared one, by the sender's own time.
    pub last_cleared_at: Option<DateTime<Utc>>,
    /// Those that fire and clear again and again, one for each name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub flapping: Vec<Flapping>,
}

impl AlertPicture {
    /// Whether there were alerts and none fires any more.
    #[must_use]
    pub fn all_clear(&self) -> bool {
        self.firing == 0 && self.cleared > 0 && self.truncated == 0
    }
}

/// What exists of an incident in Discord.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Surface {
    /// Its channel.
    pub channel: Option<ChannelId>,
    /// The channel that was deleted under it, as long as nobody asked for another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lost_channel: Option<ChannelId>,
    /// The voice channel beside it.
    #[serde(default, skip_serializing_if = "CallState::is_none")]
    pub call: CallState,
    /// The pinned board in it.
    pub board: Option<MessageId>,
    /// The next-step card in it.
    pub steps: Option<MessageId>,
    /// Its line in the digest channel.
    pub digest: Option<(ChannelId, MessageId)>,
    /// The direct messages that are edited in place: one per person and topic, since an edit makes no sound and each
    /// topic needs one.
    pub direct: BTreeMap<PersonId, Vec<DirectMessage>>,
}

/// A direct message that is edited in place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DirectMessage {
    /// The conversation.
    pub channel: ChannelId,
    /// The message.
    pub message: MessageId,
    /// What it is about.
    pub about: crate::effect::DirectTopic,
}
