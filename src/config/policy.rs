//! The numbers a team may want to change: when alerts belong together, how often to speak, when quiet is quiet enough.

use std::time::Duration;

use super::reader::Reader;
use super::values::{cadence, duration, duration_above_zero, whole_number};

/// The `[policy]` section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
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
    /// An alert of an incident resolved at most this long ago is taken for a relapse.
    pub reopen_window: Duration,
    /// All alerts clear for this long: the bot asks whether to go to validation.
    pub all_clear_quiet: Duration,
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
            correlate_window: reader.value("policy.correlate_window", "30m", duration_above_zero),
            storm_alertnames: reader.value("policy.storm_alertnames", "3", whole_number(2)),
            storm_window: reader.value("policy.storm_window", "10m", duration_above_zero),
            burst_window: reader.value("policy.burst_window", "60s", duration),
            new_channel_min_gap: reader.value("policy.new_channel_min_gap", "60s", duration),
            max_active_incidents: reader.value("policy.max_active_incidents", "5", whole_number(1)),
            umbrella_absorbs: reader.value("policy.umbrella_absorbs", "10m", duration),
            board_min_interval: reader.value("policy.board_min_interval", "5s", duration),
            reopen_window: reader.value("policy.reopen_window", "24h", duration),
            all_clear_quiet: reader.value("policy.all_clear_quiet", "5m", duration),
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
