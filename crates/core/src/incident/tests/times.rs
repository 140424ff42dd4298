//! The times that metrics are made of, corrected with open eyes.

use insta::assert_snapshot;

use super::cards::shown;
use super::seed_night::the_night_at;
use super::{ADA, KIM, Night, at, readable};
use crate::cards::{self, Correction};
use crate::incident::{
    Actor, Command, Expectation, MilestoneName, Rank, Request, contradictions, effects, previewed,
};
use crate::timeline::Precision;

/// What a correction would show before it is saved.
fn preview(night: &Night, name: MilestoneName, clock: &str) -> String {
    let correction = Correction {
        name,
        at: at(clock),
        precision: Precision::Minute,
        evidence: None,
    };
    let request = Request {
        actor: Actor::Person {
            id: KIM,
            rank: Rank::Responder,
        },
        at: night.now,
        expects: Expectation::default(),
        command: Command::CorrectMilestone {
            name,
            at: correction.at,
            precision: correction.precision,
            evidence: None,
        },
        last_prompts: std::collections::BTreeMap::new(),
    };
    let incident = night.incident();
    match previewed(incident, &request, &night.policy) {
        Err(refusal) => readable(&refusal.to_string()),
        Ok(None) => "nothing changes".to_owned(),
        Ok(Some(after)) => {
            let effects = effects(incident, &after, night.now);
            shown(&cards::correction(incident, &correction, &effects))
        }
    }
}

#[test]
fn a_correction_shows_what_it_does_to_each_measure_before_it_is_saved() {
    let night = the_night_at("05:00");
    let before = night.incident().clone();
    assert_snapshot!(preview(&night, MilestoneName::ImpactStart, "02:41"), @"
    INC-0001 – save this time?
    **Impact start** 02:53 → **02:41** (2026-11-21 01:41 UTC, in/ago 02:41)
    Time to detect 2 min → **14 min**
    Time to mitigate, as users felt it 54 min → **1 h 06 min**
    Time to resolve 1 h 14 min → **1 h 26 min**
    Users hurt for 54 min → **1 h 06 min**
    [*Save*] [Back]
    ");
    assert_snapshot!(preview(&night, MilestoneName::Mitigated, "02:30"), @"
    INC-0001 – save this time?
    **Mitigated** 03:47 → **02:30** (2026-11-21 01:30 UTC, in/ago 02:30)
    Time to mitigate, as users felt it 54 min → **– (impact start lies after mitigated)**
    Time to mitigate, from the answer 44 min → **– (acknowledged lies after mitigated)**
    Users hurt for 54 min → **0 s**
    ⚠ Acknowledged lies after Mitigated: what is measured between them has no value.
    [*Save*] [Back]
    ");
    assert_snapshot!(preview(&night, MilestoneName::Declared, "02:41"), @"The bot's own clock set this time; it is not corrected.");
    assert_eq!(night.incident(), &before, "looking changes nothing");
}

#[test]
fn times_that_contradict_each_other_give_no_measure_and_say_which_they_are() {
    let mut night = the_night_at("05:00");
    assert_eq!(contradictions(night.incident()), []);
    night.by(ADA).asks(Command::CorrectMilestone {
        name: MilestoneName::Detected,
        at: at("02:40"),
        precision: Precision::Exact,
        evidence: None,
    });
    assert!(!night.was_refused(), "a person may know better");
    assert_eq!(
        contradictions(night.incident()),
        [(MilestoneName::ImpactStart, MilestoneName::Detected)]
    );
    assert_snapshot!(shown(&cards::milestones(night.incident())), @"
    INC-0001 – times
    02:40 **Detected** – a correction by @Ada
    02:53 **Impact start**, to the minute – a correction by @Kim
    03:02 **Alert received** – my clock
    03:02 **Declared** – my clock
    03:02 **Acknowledged** – a button by @Sam
    03:02 **First role filled** – my clock by @Sam
    03:10 **Cause suspected** – a button by @Sam
    03:12 **Mitigation started** – a button by @Sam
    03:18 **First update by a person** – a button by @Mo
    03:47 **Mitigated** – a button by @Sam
    03:49 **Fix applied** – a button by @Sam
    04:07 **Resolved** – a button by @Mo
    04:08 **All-clear sent** – a button by @Mo
    04:09 **Postmortem drafted** – my clock

    ⚠ Impact start lies after Detected: what is measured between them has no value.

    Time to detect: **– (impact start lies after detected)**
    Time to declare: **22 min**
    Time to acknowledge: **– (not noted: first page)**
    Time to mitigate, as users felt it: **54 min**
    Time to mitigate, from the answer: **44 min**
    Time to resolve: **1 h 14 min**
    (“≥” stands where impact start is an estimate)
    <Correct a time…>
    [Timeline]
    ");
}

#[test]
fn confirming_an_estimate_is_news_though_its_time_stays() {
    let mut night = Night::alert_fires("orders-api 5xx", crate::severity::Severity::Sev2);
    let milestone = |night: &Night| {
        let milestones = &night.incident().milestones;
        milestones
            .current(MilestoneName::ImpactStart)
            .expect("an alert gives an estimate")
            .clone()
    };
    let estimated = milestone(&night);
    assert_eq!(estimated.precision, Precision::Approximate);
    night.by(KIM).asks(Command::CorrectMilestone {
        name: MilestoneName::ImpactStart,
        at: estimated.at,
        precision: Precision::Minute,
        evidence: Some(crate::ids::EntryNumber(1)),
    });
    let confirmed = milestone(&night);
    assert_eq!(confirmed.precision, Precision::Minute);
    assert_eq!(confirmed.evidence, Some(crate::ids::EntryNumber(1)));
    assert_eq!(confirmed.set_by, Some(KIM));
}

#[test]
fn an_alert_whose_clock_differs_shows_both_times() {
    for (minutes, both) in [(0, false), (-14, false), (-16, true), (2, true)] {
        let mut night = Night::alert_fires("orders-api 5xx", crate::severity::Severity::Sev2);
        let own = night.now + chrono::TimeDelta::minutes(minutes);
        night.alerts_bring(crate::incident::AlertNews {
            text: "Disk is full".to_owned(),
            at: own,
            key: false,
        });
        let lines = night.entries();
        let line = lines
            .iter()
            .find(|line| line.text.starts_with("Disk is full"))
            .expect("it is news");
        assert_eq!(line.text.contains("its own time"), both, "{minutes} min");
        assert!(line.event_at <= night.now, "nothing happens in the future");
    }
}
