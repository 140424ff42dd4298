//! What must not happen whatever the clock and the machines do.

use chrono::TimeDelta;

use super::{ADA, Night, SAM};
use crate::incident::{Command, MilestoneName};
use crate::phase::Phase;
use crate::role::Role::{Bridge, OnCall};
use crate::severity::Severity::{Sev1, Sev2};

#[test]
fn nobody_has_it_because_they_were_asked() {
    let mut night = Night::at("03:02")
        .on_duty(OnCall, SAM)
        .on_duty(Bridge, ADA)
        .fires("orders-api 5xx", Sev1);
    night.channel_opens();
    for _ in 0..12 {
        night.after_minutes(10).clock_rings();
    }
    let incident = night.incident();
    assert_eq!(incident.phase, Phase::Open);
    assert_eq!(incident.holder(OnCall), None);
    assert_eq!(incident.holder(Bridge), None);
    assert_eq!(incident.command, None);
    assert_eq!(incident.milestones.at(MilestoneName::Acknowledged), None);
}

/// A day of silence, with all alerts clear: the bot asks, and decides nothing.
#[test]
fn the_clock_ends_and_lowers_nothing_that_hurts() {
    for severity in [Sev1, Sev2] {
        for taken in [false, true] {
            let mut night = Night::at("03:02")
                .on_duty(OnCall, SAM)
                .fires("orders-api 5xx", severity);
            night.channel_opens();
            if taken {
                night.by(SAM).takes_it();
            }
            night.all_alerts_clear();
            let end = night.now + TimeDelta::hours(24);
            while let Some(next) = night.rings_next_at().filter(|next| *next < end) {
                night.now = next.max(night.now + TimeDelta::seconds(1));
                night.bot(Command::Tick);
            }
            assert!(night.incident().is_active(), "{severity}, taken: {taken}");
            assert_eq!(night.incident().severity, severity);
        }
    }
}
