//! The numbers a team may want to change: when alerts belong together, how often to speak, when quiet is quiet enough.

use std::collections::BTreeSet;
use std::time::Duration;

use bridgewatch_core::alert::SeverityRules;
use bridgewatch_core::role::Role;
use bridgewatch_core::routing::CorrelationKey;

use super::problem::Wrong;
use super::reader::Reader;
use super::severity;
use super::values::{cadence, correlation_key, duration, duration_above_zero, whole_number};

/// The `[policy]` section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// The labels by which alerts belong together, in the order in which they are asked.
    pub correlate_by: Vec<CorrelationKey>,
    /// From an alert's labels to a severity.
    pub severity: SeverityRules,
    /// An alert joins an active incident that shares a label with it and had its last alert at most this long ago.
    pub correlate_window: Duration,
    /// This many different critical alert names within `storm_window` make an incident SEV1.
    pub storm_alertnames: u32,
    /// See `storm_alertnames`.
    pub storm_window: Duration,
    /// A critical alert this soon after the last one of an incident that alerts opened belongs to it; zero switches the
    /// rule off.
    pub burst_window: Duration,
    /// At most one new channel per this time; what comes in between goes to one umbrella incident.
    pub new_channel_min_gap: Duration,
    /// With this many active incidents, further alerts go to one umbrella incident.
    pub max_active_incidents: u32,
    /// An umbrella incident takes in whatever would need a channel for this long after it was opened.
    pub umbrella_absorbs: Duration,
    /// Two edits of one incident's board are at least this far apart; zero draws it anew at each change.
    pub board_min_interval: Duration,
    /// The roles that the team has beside the five.
    pub optional_roles: BTreeSet<Role>,
    /// An alert of an incident resolved at most this long ago is taken for a relapse.
    pub reopen_window: Duration,
    /// All alerts clear for this long: the bot asks whether to go to validation.
    pub all_clear_quiet: Duration,
    /// The alerts of a SEV3 or SEV4 that nobody touched are clear for this long: it ends by itself.
    pub self_clear_after: Duration,
    /// The question whether something is a relapse waits this long for its answer.
    pub relapse_answer_timeout: Duration,
    /// An offered hand-over waits this long for its answer.
    pub handover_expiry: Duration,
    /// Whoever changed something can take it back for this long.
    pub undo_window: Duration,
    /// A channel becomes read-only this long after its incident was closed or cancelled.
    pub archive_after_close: Duration,
    /// What is written down more than this after it happened is late.
    pub late_threshold: Duration,
    /// A silence in the timeline longer than this is asked about.
    pub gap_question_after: Duration,
    /// An update this much after the promised minute still keeps the promise.
    pub promise_grace: Duration,
    /// One person is called for one role so often at most.
    pub max_nudges: u32,
    /// How often stakeholders hear something while users are hurt.
    pub cadence_before_mitigated: Cadence,
    /// How often stakeholders hear something once users are no longer hurt.
    pub cadence_after_mitigated: Cadence,
    /// How long things must stay good before an incident can be resolved.
    pub stability_window: StabilityWindow,
    /// The latest moment after declaring for the automatic first note.
    pub holding_note: HoldingNote,
    /// The latest moment for the first update of a SEV3, which a person writes.
    pub first_update: Duration,
}

/// Time between two updates, by severity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cadence {
    pub sev1: Duration,
    pub sev2: Duration,
    pub sev3: Duration,
}

/// Time without trouble before resolving, by severity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StabilityWindow {
    pub sev1: Duration,
    pub sev2: Duration,
    pub sev3: Duration,
    pub sev4: Duration,
}

/// Time from declaring to the automatic first note, for the severities that have one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HoldingNote {
    pub sev1: Duration,
    pub sev2: Duration,
}

impl Policy {
    pub(super) fn read(reader: &mut Reader) -> Self {
        Self {
            correlate_by: correlate_by(reader),
            severity: severity::read(reader),
            correlate_window: reader.value("policy.correlate_window", "30m", duration_above_zero),
            storm_alertnames: reader.value("policy.storm_alertnames", "3", whole_number(2)),
            storm_window: reader.value("policy.storm_window", "10m", duration_above_zero),
            burst_window: reader.value("policy.burst_window", "60s", duration),
            new_channel_min_gap: reader.value("policy.new_channel_min_gap", "60s", duration),
            max_active_incidents: reader.value("policy.max_active_incidents", "5", whole_number(1)),
            umbrella_absorbs: reader.value("policy.umbrella_absorbs", "10m", duration),
            board_min_interval: reader.value("policy.board_min_interval", "5s", duration),
            optional_roles: optional_roles(reader),
            reopen_window: reader.value("policy.reopen_window", "24h", duration),
            all_clear_quiet: reader.value("policy.all_clear_quiet", "5m", duration),
            self_clear_after: reader.value("policy.self_clear_after", "30m", duration),
            relapse_answer_timeout: reader.value(
                "policy.relapse_answer_timeout",
                "5m",
                duration_above_zero,
            ),
            handover_expiry: reader.value("policy.handover_expiry", "5m", duration_above_zero),
            undo_window: reader.value("policy.undo_window", "60s", duration_above_zero),
            archive_after_close: reader.value("policy.archive_after_close", "7d", duration),
            late_threshold: reader.value("policy.late_threshold", "120s", duration),
            gap_question_after: reader.value(
                "policy.gap_question_after",
                "15m",
                duration_above_zero,
            ),
            promise_grace: reader.value("policy.promise_grace", "2m", duration),
            max_nudges: reader.value("policy.max_nudges", "3", whole_number(1)),
            cadence_before_mitigated: Cadence {
                sev1: reader.value("policy.cadence_before_mitigated.sev1", "20m", cadence),
                sev2: reader.value("policy.cadence_before_mitigated.sev2", "30m", cadence),
                sev3: reader.value("policy.cadence_before_mitigated.sev3", "60m", cadence),
            },
            cadence_after_mitigated: Cadence {
                sev1: reader.value("policy.cadence_after_mitigated.sev1", "30m", cadence),
                sev2: reader.value("policy.cadence_after_mitigated.sev2", "60m", cadence),
                sev3: reader.value("policy.cadence_after_mitigated.sev3", "120m", cadence),
            },
            stability_window: StabilityWindow {
                sev1: reader.value("policy.stability_window.sev1", "15m", duration),
                sev2: reader.value("policy.stability_window.sev2", "10m", duration),
                sev3: reader.value("policy.stability_window.sev3", "5m", duration),
                sev4: reader.value("policy.stability_window.sev4", "0s", duration),
            },
            holding_note: HoldingNote {
                sev1: reader.value("policy.holding_note.sev1", "2m", duration_above_zero),
                sev2: reader.value("policy.holding_note.sev2", "5m", duration_above_zero),
            },
            first_update: reader.value("policy.first_update", "30m", cadence),
        }
    }
}

/// The labels by which alerts belong together. Without any, only their groups and the burst rule bring them together.
fn correlate_by(reader: &mut Reader) -> Vec<CorrelationKey> {
    const KEY: &str = "policy.correlate_by";
    const USUAL: [&str; 4] = ["incident", "service", "namespace+job", "category"];
    let mut keys = Vec::new();
    for (text, place) in reader.list_or(KEY, &USUAL) {
        match correlation_key(&text) {
            Ok(key) if keys.contains(&key) => {
                let what = format!("`{key}` stands there twice");
                reader.complain(place, KEY, Wrong::new(what, "name each once"));
            }
            Ok(key) => keys.push(key),
            Err(wrong) => reader.complain(place, KEY, wrong),
        }
    }
    keys
}

/// The roles beside the five that every team has.
fn optional_roles(reader: &mut Reader) -> BTreeSet<Role> {
    const KEY: &str = "policy.optional_roles";
    let mut roles = BTreeSet::new();
    for (text, place) in reader.list(KEY) {
        match text.parse::<Role>() {
            Ok(role) if role.is_optional() => {
                roles.insert(role);
            }
            Ok(role) => {
                let wrong = Wrong::new(
                    format!("{role} is a role of every team"),
                    format!("leave `{}` out", role.id()),
                );
                reader.complain(place, KEY, wrong);
            }
            Err(_) => {
                let optional = Role::ALL.into_iter().filter(|role| role.is_optional());
                let wrong = Wrong::new(
                    format!("`{text}` is not a role that can be switched on"),
                    format!("use {}", Role::ids(optional)),
                );
                reader.complain(place, KEY, wrong);
            }
        }
    }
    roles
}
