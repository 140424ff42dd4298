//! The numbers a team may change, with the defaults it gets without changing any.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;

use super::call::CallPolicy;
use super::quiet::NightHours;
use crate::person::PersonId;
use crate::role::Role;
use crate::secrets::SecretRules;
use crate::severity::Severity;

/// What whoever was up reads where a team has written nothing else.
pub const LATE_START: &str = "Start late if you can.";

/// How a team runs its incidents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Minutes between updates to stakeholders before the impact is mitigated, for SEV1 to SEV3. Of a SEV4 they hear when
    /// something changes.
    pub cadence_minutes: [u32; 3],
    /// The same after the impact is mitigated.
    pub cadence_after_minutes: [u32; 3],
    /// How long validation must hold before an incident should be resolved, for SEV1 to SEV4.
    pub stability: [TimeDelta; 4],
    /// How long after its declaration the automatic first note goes out, for SEV1 and SEV2.
    pub holding_note_after: [TimeDelta; 2],
    /// How long after the beginning of a SEV3 a person is to have written to the stakeholders.
    pub first_update_within: TimeDelta,
    /// How long all alerts must be clear before the bot asks whether to go to validation.
    pub all_clear_quiet: TimeDelta,
    /// How long all alerts of a minor incident that nobody has touched must be clear before it ends by itself.
    pub self_clear_after: TimeDelta,
    /// How far two edits of one board are apart at least.
    pub board_min_interval: TimeDelta,
    /// How long after its end an incident can be reopened.
    pub reopen_window: TimeDelta,
    /// How long the question whether something is a relapse waits for its answer.
    pub relapse_answer: TimeDelta,
    /// How long an offered hand-over waits for its answer.
    pub handover_expiry: TimeDelta,
    /// How often one person is called for one role.
    pub most_calls: u32,
    /// Written down more than this after it happened, a line is late and shows both times.
    pub late_after: TimeDelta,
    /// A silence in the timeline longer than this is asked about.
    pub gap_after: TimeDelta,
    /// An update at most this long after the promised minute keeps the promise.
    pub promise_grace: TimeDelta,
    /// When it is night.
    pub night: NightHours,
    /// How long the author of a change can take it back.
    pub undo_window: TimeDelta,
    /// How long before a promised update its keeper is reminded.
    pub remind_before: TimeDelta,
    /// How long a request to resolve waits for the person in command.
    pub resolve_answer: TimeDelta,
    /// How long *Wait 5 min* on the resolve card waits before it asks again.
    pub resolve_wait: TimeDelta,
    /// How long a request for command waits for the person who holds it.
    pub command_answer: TimeDelta,
    /// The roles that the team has beside the five.
    pub optional_roles: BTreeSet<Role>,
    /// How long somebody commands and repairs alone before they are told.
    pub lone_hint_after: TimeDelta,
    /// Two presses of the same button within this time are one.
    pub double_press: TimeDelta,
    /// Where updates go: names of configured targets.
    pub update_targets: Vec<String>,
    /// Whether a generic pager webhook is configured.
    pub has_pager: bool,
    /// What whoever was up reads when an incident is resolved in the small hours.
    pub late_start: Option<String>,
    /// Where people talk.
    pub call: CallPolicy,
    /// The zone in which it is night for the team.
    pub zone: Tz,
    /// The zones of those who live in another one.
    pub zones: BTreeMap<PersonId, Tz>,
    /// How long after its end a channel becomes read-only.
    pub archive_after: TimeDelta,
    /// What is asked about before it is kept or sent.
    pub secrets: SecretRules,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            cadence_minutes: [20, 30, 60],
            cadence_after_minutes: [30, 60, 120],
            stability: [
                TimeDelta::minutes(15),
                TimeDelta::minutes(10),
                TimeDelta::minutes(5),
                TimeDelta::zero(),
            ],
            holding_note_after: [TimeDelta::minutes(1), TimeDelta::minutes(4)],
            first_update_within: TimeDelta::minutes(30),
            all_clear_quiet: TimeDelta::minutes(5),
            self_clear_after: TimeDelta::minutes(30),
            board_min_interval: TimeDelta::seconds(5),
            reopen_window: TimeDelta::hours(24),
            relapse_answer: TimeDelta::minutes(5),
            handover_expiry: TimeDelta::minutes(5),
            most_calls: 3,
            late_after: TimeDelta::seconds(120),
            gap_after: TimeDelta::minutes(15),
            promise_grace: TimeDelta::minutes(2),
            night: NightHours::default(),
            undo_window: TimeDelta::seconds(60),
            remind_before: TimeDelta::minutes(5),
            resolve_answer: TimeDelta::minutes(5),
            resolve_wait: TimeDelta::minutes(5),
            command_answer: TimeDelta::minutes(2),
            optional_roles: BTreeSet::new(),
            lone_hint_after: TimeDelta::minutes(6),
            double_press: TimeDelta::seconds(10),
            update_targets: vec!["discord".to_owned()],
            has_pager: false,
            late_start: Some(LATE_START.to_owned()),
            call: CallPolicy::default(),
            zone: Tz::UTC,
            zones: BTreeMap::new(),
            archive_after: TimeDelta::days(7),
            secrets: SecretRules::default(),
        }
    }
}

impl Policy {
    /// How many minutes the next update may take; `None` where there is one when something changes, and no sooner.
    #[must_use]
    pub fn cadence(&self, severity: Severity, mitigated: bool) -> Option<u32> {
        let minutes = if mitigated {
            &self.cadence_after_minutes
        } else {
            &self.cadence_minutes
        };
        minutes.get(severity as usize).copied()
    }

    /// The zone in which it is night for a person.
    #[must_use]
    pub fn zone_of(&self, person: PersonId) -> Tz {
        self.zones.get(&person).copied().unwrap_or(self.zone)
    }

    /// Whether it is night where a person lives.
    #[must_use]
    pub fn is_night_for(&self, person: PersonId, at: DateTime<Utc>) -> bool {
        self.night.cover(at, self.zone_of(person))
    }

    /// How long validation must hold.
    #[must_use]
    pub fn stability_window(&self, severity: Severity) -> TimeDelta {
        self.stability[severity as usize]
    }

    /// When the automatic first note goes out, if this severity has one.
    #[must_use]
    pub fn holding_note_delay(&self, severity: Severity) -> Option<TimeDelta> {
        self.holding_note_after.get(severity as usize).copied()
    }
}
