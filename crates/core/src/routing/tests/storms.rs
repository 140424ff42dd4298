//! Many alerts at once: bursts, the storm rule, the brake, umbrellas.

use std::time::Duration;

use super::*;

#[test]
fn three_critical_alerts_in_three_groups_within_a_minute_are_one_sev1() {
    let seed = [api(), database(), ai()];
    for order in [
        [0, 1, 2],
        [0, 2, 1],
        [1, 0, 2],
        [1, 2, 0],
        [2, 0, 1],
        [2, 1, 0],
    ] {
        for seconds in [[0, 0, 0], [0, 1, 2], [0, 30, 60], [0, 60, 60], [0, 0, 59]] {
            let mut night = Night::begins();
            for (alert, second) in order.into_iter().zip(seconds) {
                night.hears(second, &[seed[alert].clone()]);
            }
            assert_eq!(
                night.severities(),
                [Severity::Sev1],
                "{order:?} {seconds:?}"
            );
            assert_eq!(night.incidents[0].groups.len(), 3);
        }
    }
}

#[test]
fn three_critical_alerts_in_one_delivery_open_a_sev1() {
    let routing = Night::begins().hears(10, &[api(), database(), ai()]);
    let Decision::Open {
        severity,
        storm,
        title,
        ..
    } = routing.decision
    else {
        panic!("it opened nothing");
    };
    assert_eq!((severity, storm), (Severity::Sev1, true));
    assert_eq!(
        title,
        "orders-api, orders-db, ai-worker: ApiErrorRateHigh, DbConnectionsSaturated, AiTaskQueueStalled"
    );
}

#[test]
fn three_alerts_of_one_name_are_no_storm() {
    let mut night = Night::begins();
    for (second, pod) in [(0, "a"), (5, "b"), (9, "c")] {
        night.hears(second, &[with(api(), &[("pod", pod)])]);
    }
    assert_eq!(night.severities(), [Severity::Sev2]);
}

#[test]
fn critical_names_more_than_ten_minutes_apart_are_no_storm() {
    let mut night = Night::begins();
    let same = [("incident", "orders")];
    night.hears(0, &[with(api(), &same)]);
    night.hears(300, &[with(database(), &same)]);
    night.hears(601, &[with(ai(), &same)]);
    assert_eq!(night.severities(), [Severity::Sev2]);
    night.hears(900, &[with(critical("CacheDown", "cache"), &same)]);
    assert_eq!(night.severities(), [Severity::Sev1]);
}

#[test]
fn a_burst_is_followed_for_a_minute_after_its_last_alert_and_ten_in_all() {
    let mut night = Night::begins();
    night.hears(0, &[api()]);
    assert_eq!(
        joined(&night.hears(60, &[database()])),
        (
            1,
            "joined because it is critical and came 60 s after the last alert"
        )
    );
    assert!(is_opened(&night.hears(121, &[ai()])));

    let mut endless = Night::begins();
    for step in 0..13 {
        let name = format!("Alert{step}");
        endless.hears(step * 55, &[critical(&name, &name)]);
    }
    assert_eq!(endless.incidents.len(), 2, "55 s apart, over ten minutes");
}

#[test]
fn a_burst_can_be_switched_off() {
    let mut night = Night::begins();
    night.rules.burst_window = Duration::ZERO;
    night.hears(0, &[api()]);
    assert!(is_umbrella(&night.hears(0, &[database()])));
}

#[test]
fn what_alerts_open_too_soon_goes_under_an_umbrella_for_ten_minutes() {
    let mut night = Night::begins();
    night.hears(0, &[warning("A", "a")]);
    let routing = night.hears(30, &[warning("B", "b")]);
    let Decision::Umbrella {
        title, severity, ..
    } = &routing.decision
    else {
        panic!("no umbrella: {}", routing.decision);
    };
    assert_eq!(
        (title.as_str(), *severity),
        ("Alert storm 03:00", Severity::Sev3)
    );
    for (second, name) in [(31, "C"), (300, "D"), (630, "E")] {
        let routing = night.hears(second, &[warning(name, name)]);
        assert_eq!(
            joined(&routing),
            (2, "joined because it gathers the alert storm"),
            "{name}"
        );
    }
    assert!(is_opened(&night.hears(631, &[warning("F", "f")])));
}

#[test]
fn a_minute_after_the_last_channel_alerts_may_open_another() {
    let mut night = Night::begins();
    night.hears(0, &[warning("A", "a")]);
    assert!(is_opened(&night.hears(60, &[warning("B", "b")])));
}

#[test]
fn five_active_incidents_are_enough() {
    let mut night = Night::begins();
    for number in 0..5 {
        let name = format!("A{number}");
        assert!(is_opened(
            &night.hears(number * 100, &[warning(&name, &name)])
        ));
    }
    assert!(is_umbrella(&night.hears(600, &[warning("F", "f")])));
    // Long after its ten minutes the umbrella is still better than a second one.
    assert_eq!(joined(&night.hears(5_000, &[warning("G", "g")])).0, 6);
    night.is_resolved(1, 5_010);
    assert!(is_opened(&night.hears(5_020, &[warning("H", "h")])));
}

#[test]
fn what_belongs_together_joins_before_any_umbrella() {
    let mut night = Night::begins();
    night.hears(0, &[warning("A", "a")]);
    night.hears(10, &[warning("B", "b")]);
    assert_eq!(joined(&night.hears(20, &[warning("C", "a")])).0, 1);
}

#[test]
fn warnings_are_no_part_of_a_storm() {
    let mut night = Night::begins();
    night.hears(0, &[warning("QueueLong", "orders-api")]);
    night.hears(10, &[warning("SlowSearch", "orders-api")]);
    night.hears(20, &[api()]);
    assert_eq!(night.severities(), [Severity::Sev2]);
}

#[test]
fn an_incident_of_its_own_is_a_better_home_than_an_umbrella() {
    let mut night = Night::begins();
    let same = [("incident", "x")];
    night.hears(0, &[with(warning("A", "a"), &same)]);
    night.hears(10, &[warning("B", "b")]);
    // A person moved an alert of the first incident under the umbrella, too.
    let rules = night.rules.clone();
    let episode = merge(None, &with(warning("C", "c"), &same), at(20)).episode;
    night.incident_mut(2).remember(&episode, at(20), &rules);
    assert_eq!(
        joined(&night.hears(30, &[with(warning("D", "d"), &same)])).0,
        1
    );
}

#[test]
fn an_umbrella_that_everybody_sees_takes_in_no_security_alert() {
    let mut night = Night::begins();
    night.hears(0, &[warning("A", "a")]);
    assert!(is_umbrella(&night.hears(10, &[warning("B", "b")])));
    let routing = night.hears(20, &[warning("AuthFailures", "login")]);
    assert!(is_opened(&routing), "{}", routing.explain());
    assert!(routing.trace.contains(&Reason::BrakeSparesSecurity));
}
