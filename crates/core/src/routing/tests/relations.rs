//! Alerts of incidents that came back, or were merged into others.

use super::*;

fn again(second: i64) -> Alert {
    Alert {
        starts_at: at(second),
        ..api()
    }
}

/// It was resolved at second 1,000, and people have said this about a relapse.
fn resolved_with(answer: RelapseAnswer) -> Night {
    let mut night = Night::begins();
    night.hears(0, &[api()]);
    night.is_resolved(1, 1_000);
    night.incidents[0].relapse = answer;
    night
}

#[test]
fn people_are_asked_before_a_relapse_opens_anything() {
    let mut night = resolved_with(RelapseAnswer::Unasked);
    let routing = night.hears(2_830, &[again(2_800)]);
    assert_eq!(
        routing.decision,
        Decision::AskRelapse {
            incident: IncidentId(1)
        }
    );
    assert!(routing.is_hushed(), "its alerts belong to nobody yet");
    assert!(
        routing
            .explain()
            .contains("people are asked whether INC-0001 has come back"),
        "{}",
        routing.explain()
    );
}

#[test]
fn while_they_think_nothing_opens_and_when_the_time_is_over_it_does() {
    let mut night = resolved_with(RelapseAnswer::Waits(at(3_100)));
    let waits = night.hears(2_830, &[again(2_800)]);
    assert_eq!(
        waits.decision,
        Decision::AskRelapse {
            incident: IncidentId(1)
        }
    );
    // The same notice once more, after the silence: also if the clock that should have rung did not.
    let opened = night.hears(3_100, &[again(2_800)]);
    let Decision::Open { relapse_of, .. } = opened.decision else {
        panic!("silence is not the end of an alert: {}", opened.decision);
    };
    assert_eq!(relapse_of, Some(IncidentId(1)));
}

#[test]
fn what_people_call_another_one_opens_and_names_the_old() {
    let mut night = resolved_with(RelapseAnswer::New);
    let routing = night.hears(2_830, &[again(2_800)]);
    assert!(
        routing.explain().contains("it is another one"),
        "{}",
        routing.explain()
    );
    let Decision::Open { relapse_of, .. } = routing.decision else {
        panic!("{}", routing.decision);
    };
    assert_eq!(relapse_of, Some(IncidentId(1)));
}

#[test]
fn the_groups_of_a_duplicate_are_those_of_the_incident_that_goes_on() {
    let mut night = Night::begins();
    night.rules.burst_window = std::time::Duration::ZERO;
    night.hears(0, &[api()]);
    let mail = |second| Alert {
        starts_at: at(second),
        ..critical("MailStuck", "mail")
    };
    night.hears(120, &[mail(100)]);
    assert_eq!(night.incidents.len(), 2);
    night.incidents[1].active = false;
    night.incidents[1].merged_into = Some(IncidentId(1));

    // It cleared and begins anew, before anybody has moved the group.
    let routing = night.hears(700, &[mail(680)]);
    let Decision::Join {
        incident, because, ..
    } = &routing.decision
    else {
        panic!("{}", routing.decision);
    };
    assert_eq!(*incident, IncidentId(1));
    assert_eq!(because, "joined because INC-0002 was merged into it");
}

fn windows_for(what: &str) -> crate::maintenance::Windows {
    let mut windows = crate::maintenance::Windows::default();
    let new = crate::maintenance::NewWindow {
        what: what.to_owned(),
        from: String::new(),
        until: String::new(),
        zone: chrono_tz::Tz::UTC,
        reason: "new database".to_owned(),
        by: crate::person::PersonId(1),
    };
    windows.plan(&new, at(0)).expect("within the limits");
    windows
}

fn heard(alert: &Alert, second: i64) -> Vec<MergedAlert> {
    vec![MergedAlert::hear(None, alert, at(second))]
}

#[test]
fn a_maintenance_window_holds_what_it_covers_until_it_is_over() {
    let windows = windows_for("orders-api");
    let night = Night::begins();
    let route_at = |alert: &Alert, second| {
        let storm = StormState::default();
        route_within(
            &windows,
            &heard(alert, second),
            &[],
            &storm,
            &night.rules,
            at(second),
        )
    };
    let held = route_at(&api(), 10);
    assert!(matches!(held.decision, Decision::Hold { window: 1, .. }));
    assert!(held.is_hushed(), "its alerts belong to nobody yet");
    assert!(
        held.explain()
            .contains("maintenance 1 covers service=orders-api"),
        "{}",
        held.explain()
    );
    for (alert, second) in [(database(), 10), (api(), 3_600)] {
        let routing = route_at(&alert, second);
        assert!(
            matches!(routing.decision, Decision::Open { .. }),
            "{}",
            routing.explain()
        );
    }
    let breach = with(api(), &[("category", "security")]);
    assert!(matches!(
        route_at(&breach, 10).decision,
        Decision::Open { .. }
    ));
}

#[test]
fn what_a_live_incident_holds_already_goes_there_during_maintenance_too() {
    let mut night = Night::begins();
    night.hears(0, &[api()]);
    let instance = with(api(), &[("instance", "b")]);
    let storm = StormState::of(&night.incidents);
    let windows = windows_for("orders-api");
    let routing = route_within(
        &windows,
        &heard(&instance, 30),
        &night.incidents,
        &storm,
        &night.rules,
        at(30),
    );
    assert!(
        matches!(routing.decision, Decision::Join { .. }),
        "{}",
        routing.explain()
    );
}

#[test]
fn what_was_split_off_goes_its_own_way() {
    let split = |forgets_why: bool| {
        let mut night = Night::begins();
        night.hears(0, &[api()]);
        let other = critical("CheckoutSlow", "orders-api");
        let joins = night.hears(20, std::slice::from_ref(&other));
        assert_eq!(joined(&joins).0, 1, "the same service");
        // A person says that it is something else; its alerts have no home until they are routed.
        let (home, episode) = night
            .episodes
            .get_mut(&other.key())
            .expect("it was heard of");
        *home = None;
        let group = episode.group.clone();
        let incident = night.incident_mut(1);
        incident.groups.remove(&group);
        if !forgets_why {
            incident.split.insert(group);
        }
        night.hears(30, &[other])
    };
    let routing = split(false);
    // Neither the likeness nor the burst nor the brake for channels holds it.
    assert!(is_opened(&routing), "{}", routing.explain());
    assert!(
        routing
            .explain()
            .contains("split the group off from INC-0001")
    );
    assert_eq!(
        joined(&split(true)).0,
        1,
        "without that word it joins again"
    );
}
