//! What went away before anybody acted.

use super::{Night, SAM};
use crate::cards;
use crate::incident::{CancelReason, MilestoneName};
use crate::phase::Phase;
use crate::severity::Severity::{self, Sev1, Sev2, Sev3, Sev4};

fn all_is_clear(severity: Severity) -> Night {
    let mut night = Night::alert_fires("orders-api slow", severity);
    night.after_minutes(10).all_alerts_clear();
    night
}

#[test]
fn a_minor_incident_that_cleared_untouched_ends_by_itself_after_half_an_hour() {
    for severity in [Sev3, Sev4] {
        let mut night = all_is_clear(severity);
        night.after_minutes(29).clock_rings();
        assert_eq!(night.phase(), Phase::Open, "{severity}");
        night.after_minutes(1).clock_rings();
        assert_eq!(night.phase(), Phase::Cancelled, "{severity}");
        assert_eq!(night.incident().cancelled, Some(CancelReason::SelfCleared));
        assert!(
            night
                .incident()
                .milestones
                .at(MilestoneName::AlertReceived)
                .is_some()
        );
    }
}

#[test]
fn it_counts_as_a_near_miss_wherever_it_is_named() {
    let mut night = all_is_clear(Sev3);
    night.after_minutes(30).clock_rings();
    let incident = night.incident();
    assert!(incident.is_near_miss());
    assert_eq!(
        cards::board(incident).title,
        "⚪ INC-0001 · SEV3 · Cancelled (near miss)"
    );
    assert!(
        cards::digest(incident)
            .content
            .contains("Cancelled (near miss)")
    );
    let said = night.said().pop().expect("the channel is told");
    assert!(
        said.content
            .starts_with("⚪ **Cancelled**: Cleared by itself (near miss)")
    );
    assert_eq!(
        night.noted(),
        ["phase: Cancelled: Cleared by itself, counted as a near miss"]
    );

    let mut nothing = Night::alert_fires("orders-api slow", Sev3);
    nothing.by(SAM).cancels(CancelReason::FalseAlarm);
    assert!(!nothing.incident().is_near_miss());
    assert!(!cards::board(nothing.incident()).title.contains("near miss"));
}

#[test]
fn the_clock_is_asked_for_that_moment() {
    let night = all_is_clear(Sev4);
    let due = night.now + chrono::TimeDelta::minutes(30);
    assert_eq!(night.rings_next_at(), Some(due));
}

#[test]
fn a_major_incident_never_ends_by_itself() {
    for severity in [Sev1, Sev2] {
        let mut night = all_is_clear(severity);
        night.after_minutes(600).clock_rings();
        assert_eq!(night.phase(), Phase::Open, "{severity}");
    }
}

#[test]
fn what_a_person_has_touched_is_theirs_to_end() {
    let touches: [fn(&mut Night); 4] = [
        |night| {
            night.by(SAM).takes_it();
        },
        |night| {
            night.by(SAM).describes_impact("nobody can order");
        },
        |night| {
            night.by(SAM).thinks("the cache");
        },
        |night| {
            night.by(SAM).cancels(CancelReason::FalseAlarm);
            night.by(SAM).commanding().reopens();
        },
    ];
    for (index, touch) in touches.into_iter().enumerate() {
        let mut night = Night::alert_fires("orders-api slow", Sev3);
        night.after_minutes(1);
        touch(&mut night);
        night.after_minutes(9).all_alerts_clear();
        night.after_minutes(600).clock_rings();
        assert_ne!(
            night.incident().cancelled,
            Some(CancelReason::SelfCleared),
            "touch {index}"
        );
    }
}

#[test]
fn an_alert_that_fires_again_begins_the_wait_anew() {
    let mut night = all_is_clear(Sev3);
    night.after_minutes(20).alerts_say(|picture| {
        picture.firing = 1;
        picture.cleared = 2;
    });
    night.after_minutes(20).clock_rings();
    assert_eq!(night.phase(), Phase::Open);
    night.all_alerts_clear();
    night.after_minutes(29).clock_rings();
    assert_eq!(night.phase(), Phase::Open);
    night.after_minutes(1).clock_rings();
    assert_eq!(night.phase(), Phase::Cancelled);
}

#[test]
fn what_the_sender_left_out_may_still_fire() {
    let mut night = all_is_clear(Sev3);
    night.alerts_say(|picture| picture.truncated = 3);
    night.after_minutes(600).clock_rings();
    assert_eq!(night.phase(), Phase::Open);
}
