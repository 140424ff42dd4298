//! One alert: a new incident, one that exists, or none.

use std::collections::BTreeSet;

use super::*;
use crate::alert::tests::cleared;

#[test]
fn the_first_critical_alert_opens_an_incident() {
    let mut night = Night::begins();
    let routing = night.hears(10, &[api()]);
    assert_eq!(
        routing.decision,
        Decision::Open {
            severity: Severity::Sev2,
            title: "orders-api: ApiErrorRateHigh".to_owned(),
            category: Category::Backend,
            services: BTreeSet::from(["orders-api".to_owned()]),
            storm: false,
            relapse_of: None,
        }
    );
}

#[test]
fn a_repeat_changes_nothing_and_a_cleared_alert_redraws_the_board() {
    let mut night = Night::begins();
    night.hears(0, &[api(), database()]);
    assert!(is_ignored(&night.hears(300, &[api(), database()])));
    let over = Alert {
        status: AlertStatus::Resolved,
        ends_at: Some(at(310)),
        ..api()
    };
    let routing = night.hears(320, &[over.clone(), database()]);
    assert_eq!(joined(&routing), (1, "joined because it is the same group"));
    assert!(is_ignored(&night.hears(321, &[over, database()])));
    assert!(night.incidents[0].active);
    assert_eq!(night.severities(), [Severity::Sev2]);
}

#[test]
fn a_new_alert_of_a_known_group_joins_and_can_only_raise_the_severity() {
    let mut night = Night::begins();
    let in_group = |alert: Alert| Alert {
        group_key: "{}:{cluster=\"eu-west\"}".to_owned(),
        ..alert
    };
    night.hears(0, &[in_group(warning("DiskFilling", "orders-db"))]);
    let routing = night.hears(90, &[in_group(api())]);
    assert!(matches!(
        routing.decision,
        Decision::Join {
            severity_raised_to: Some(Severity::Sev2),
            ..
        }
    ));
    let routing = night.hears(500, &[in_group(warning("DiskFull", "orders-db"))]);
    assert!(matches!(
        routing.decision,
        Decision::Join {
            severity_raised_to: None,
            ..
        }
    ));
    assert_eq!(night.severities(), [Severity::Sev2]);
}

#[test]
fn an_alert_that_reaches_everybody_is_a_sev1() {
    let mut night = Night::begins();
    night.hears(
        0,
        &[with(warning("DnsFails", "dns"), &[("scope", "global")])],
    );
    assert_eq!(night.severities(), [Severity::Sev1]);
}

#[test]
fn an_alert_joins_by_the_first_key_it_shares() {
    let labels = [
        ("incident", "black-friday"),
        ("namespace", "shop"),
        ("job", "orders"),
        ("category", "backend"),
    ];
    let first = with(warning("DiskFilling", "orders-api"), &labels);
    let other = |labels: &[(&str, &str)]| with(warning("QueueLong", "other"), labels);
    for (alert, because) in [
        (other(&labels), "joined because incident=black-friday"),
        (
            warning("QueueLong", "orders-api"),
            "joined because service=orders-api",
        ),
        (
            other(&labels[1..3]),
            "joined because namespace=shop and job=orders",
        ),
        (other(&labels[3..]), "joined because category=backend"),
    ] {
        let mut night = Night::begins();
        night.hears(0, std::slice::from_ref(&first));
        assert_eq!(joined(&night.hears(900, &[alert])), (1, because));
    }
    let mut night = Night::begins();
    night.hears(0, &[first]);
    assert!(is_opened(&night.hears(900, &[other(&labels[1..2])])));
}

#[test]
fn alerts_belong_together_until_the_last_is_half_an_hour_old() {
    let mut night = Night::begins();
    night.hears(0, &[api()]);
    let later = |name| warning(name, "orders-api");
    assert_eq!(joined(&night.hears(1_800, &[later("A")])).0, 1);
    assert_eq!(joined(&night.hears(3_600, &[later("B")])).0, 1);
    assert!(is_opened(&night.hears(5_401, &[later("C")])));
}

#[test]
fn of_two_incidents_that_share_a_label_the_one_with_the_later_alert_is_joined() {
    let mut night = Night::begins();
    night.hears(0, &[warning("A", "orders")]);
    assert!(is_opened(&night.hears(1_801, &[warning("B", "orders")])));
    // Another pod of the first group.
    let same_group = with(warning("A", "orders"), &[("pod", "orders-1")]);
    assert_eq!(joined(&night.hears(1_900, &[same_group])).0, 1);
    assert_eq!(joined(&night.hears(2_000, &[warning("C", "orders")])).0, 1);
}

#[test]
fn an_alert_whose_group_was_renamed_stays_where_it_is() {
    let mut night = Night::begins();
    night.hears(0, &[api()]);
    let moved = |alert: Alert| Alert {
        group_key: "{}/{team=\"shop\"}:{}".to_owned(),
        ..alert
    };
    assert!(is_ignored(&night.hears(900, &[moved(api())])));
    let companion = moved(warning("DiskFilling", "disk"));
    assert_eq!(
        joined(&night.hears(7_200, &[moved(api()), companion])),
        (1, "joined because ApiErrorRateHigh belongs to it")
    );
}

#[test]
fn an_alert_that_was_written_down_but_never_routed_is_routed_when_it_repeats() {
    let mut night = Night::begins();
    let episode = merge(None, &api(), at(0)).episode;
    night.episodes.insert(api().key(), (None, episode));
    assert!(is_opened(&night.hears(20, &[api()])));
}

#[test]
fn what_is_only_recorded_opens_nothing_and_shows_beside_its_group() {
    let mut night = Night::begins();
    let info = with(api(), &[("severity", "info")]);
    assert!(is_ignored(&night.hears(0, std::slice::from_ref(&info))));
    night.hears(10, &[api()]);
    let other = with(info, &[("pod", "orders-api-1")]);
    assert!(matches!(
        night.hears(20, &[other]).decision,
        Decision::Join {
            severity_raised_to: None,
            ..
        }
    ));
}

#[test]
fn an_alert_that_cleared_before_we_heard_of_it_opens_nothing() {
    let routing = Night::begins().hears(100, &[cleared("ApiErrorRateHigh", 0, 50)]);
    assert_eq!(
        routing.decision.to_string(),
        "Ignore: nothing fires, and no active incident holds these alerts."
    );
}

#[test]
fn security_and_everything_else_are_kept_apart() {
    let breach =
        |name: &str, service: &str| with(critical(name, service), &[("category", "security")]);
    let mut night = Night::begins();
    night.hears(0, &[api()]);
    let routing = night.hears(10, &[breach("AdminCallsFromNewNetwork", "orders-api")]);
    let Decision::Open { category, .. } = &routing.decision else {
        panic!("a breach was shown to everybody: {}", routing.decision);
    };
    assert_eq!(*category, Category::Security);
    assert!(routing.trace.contains(&Reason::Fenced {
        incident: IncidentId(1),
        alerts_are_security: true
    }));

    let routing = night.hears(20, &[warning("SlowSearch", "orders-api")]);
    assert_eq!(joined(&routing).0, 1);
    // A second breach gets no second channel within a minute.
    let routing = night.hears(30, &[critical("InjectionTried", "search")]);
    assert_eq!(
        joined(&routing),
        (
            2,
            "joined because it is about security and no further channel may be opened"
        )
    );
    // What a rule's author put together stays together.
    let on_purpose = [("incident", "breach"), ("service", "mail")];
    let mut night = Night::begins();
    night.hears(0, &[with(breach("LeakFound", "logs"), &on_purpose)]);
    assert_eq!(
        joined(&night.hears(10, &[with(warning("MailSlow", "mail"), &on_purpose)])).1,
        "joined because incident=breach"
    );
}

#[test]
fn an_alert_of_a_resolved_incident_is_a_relapse_for_a_day() {
    let day = 24 * 60 * 60;
    for (second, relapse_of) in [(1_000 + day, Some(IncidentId(1))), (1_001 + day, None)] {
        let mut night = Night::begins();
        night.hears(0, &[api()]);
        night.hears(
            900,
            &[Alert {
                status: AlertStatus::Resolved,
                ends_at: Some(at(890)),
                ..api()
            }],
        );
        night.is_resolved(1, 1_000);
        let again = Alert {
            starts_at: at(second - 30),
            ..api()
        };
        let routing = night.hears(second, &[again]);
        let Decision::Open {
            relapse_of: found, ..
        } = routing.decision
        else {
            panic!("it opened nothing");
        };
        assert_eq!(found, relapse_of);
    }
}

#[test]
fn an_alert_that_fires_on_after_its_incident_ended_opens_nothing() {
    let mut night = Night::begins();
    night.hears(0, &[api()]);
    night.is_resolved(1, 1_000);
    let routing = night.hears(14_400, &[api()]);
    assert_eq!(
        routing.decision.to_string(),
        "Ignore: what fires belongs to an incident that is over, and has not fired anew."
    );
}

#[test]
fn an_alert_that_begins_anew_after_its_incident_ended_is_a_new_outage() {
    let day = 24 * 60 * 60;
    for (began, relapse_of) in [(1_100, Some(IncidentId(1))), (1_100 + 2 * day, None)] {
        let mut night = Night::begins();
        night.hears(0, &[api()]);
        // It still fires, and somebody resolves anyway.
        night.is_resolved(1, 1_000);
        // It cleared and fired again between two notices: only its start has moved.
        let again = Alert {
            starts_at: at(began),
            ..api()
        };
        let routing = night.hears(began + 30, std::slice::from_ref(&again));
        let Decision::Open {
            relapse_of: found, ..
        } = routing.decision
        else {
            panic!("a new outage was ignored: {}", routing.decision);
        };
        assert_eq!(found, relapse_of);
        let (home, episode) = &night.episodes[&api().key()];
        assert_eq!(*home, Some(IncidentId(2)));
        assert_eq!(episode.starts_at, at(began), "it is no older than that");

        // What its pair, or a retry, still says of the time before changes nothing.
        for late in [
            api(),
            cleared("ApiErrorRateHigh", 0, 900),
            again.clone(),
            api(),
        ] {
            let late = with(late, &[("service", "orders-api")]);
            let routing = night.hears(began + 60, &[late]);
            assert!(is_ignored(&routing), "{}", routing.explain());
        }
        let (_, episode) = &night.episodes[&api().key()];
        assert_eq!(episode.state, AlertStatus::Firing);
    }
}

#[test]
fn an_alert_that_began_anew_before_the_end_of_its_incident_was_known_to_those_who_ended_it() {
    let mut night = Night::begins();
    night.hears(0, &[api()]);
    night.is_resolved(1, 1_000);
    for began in [900, 1_000] {
        let again = Alert {
            starts_at: at(began),
            ..api()
        };
        assert!(is_ignored(&night.hears(1_100, &[again])));
    }
}

#[test]
fn an_alert_that_begins_anew_while_people_work_on_it_stays_where_it_is() {
    let mut night = Night::begins();
    night.hears(0, &[api()]);
    let again = Alert {
        starts_at: at(600),
        ..api()
    };
    let routing = night.hears(630, &[again]);
    assert_eq!(joined(&routing), (1, "joined because it is the same group"));
    let (_, episode) = &night.episodes[&api().key()];
    assert_eq!(episode.starts_at, at(0), "one outage, as far as we saw");
}

#[test]
fn an_alert_that_fires_anew_decides_before_one_that_only_repeats() {
    let mut night = Night::begins();
    night.hears(0, &[warning("A", "a")]);
    night.hears(100, &[warning("B", "b")]);
    let clear = Alert {
        status: AlertStatus::Resolved,
        ends_at: Some(at(150)),
        ..warning("A", "a")
    };
    night.hears(200, &[clear]);
    // The groups were merged at the sender.
    let moved = |alert: Alert| Alert {
        group_key: "{}:{}".to_owned(),
        ..alert
    };
    let again = moved(Alert {
        starts_at: at(290),
        ..warning("A", "a")
    });
    let routing = night.hears(300, &[moved(warning("B", "b")), again]);
    assert_eq!(joined(&routing), (1, "joined because A belongs to it"));
}

#[test]
fn an_alert_that_its_sender_makes_more_urgent_raises_the_severity() {
    let mut night = Night::begins();
    let mild = warning("DiskFilling", "orders-db");
    night.hears(0, std::slice::from_ref(&mild));
    let mut urgent = mild;
    urgent
        .labels
        .insert("severity".to_owned(), "critical".to_owned());
    let routing = night.hears(300, &[urgent]);
    assert_eq!(
        routing.decision.to_string(),
        "Join INC-0001: joined because it is the same group; it rises to SEV2."
    );
}

#[test]
fn a_severity_that_a_person_lowered_stays_until_something_new_fires() {
    let mut night = Night::begins();
    night.hears(0, &[api(), database()]);
    night.incident_mut(1).severity = Severity::Sev3;
    let clear = Alert {
        status: AlertStatus::Resolved,
        ends_at: Some(at(150)),
        ..database()
    };
    night.hears(300, &[api(), clear]);
    assert_eq!(night.severities(), [Severity::Sev3]);
    night.hears(600, &[with(api(), &[("pod", "orders-1")])]);
    assert_eq!(night.severities(), [Severity::Sev2]);
}
