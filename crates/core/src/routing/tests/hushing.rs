//! What a person called off stays quiet for half an hour, and not longer.

use super::*;

fn at_again(began: i64) -> Alert {
    Alert {
        starts_at: at(began),
        ..api()
    }
}

/// The API fires at 0, and a minute later somebody says that it is no incident.
fn called_off() -> Night {
    let mut night = Night::begins();
    night.hears(0, &[api()]);
    night.is_cancelled(1, 60);
    night
}

const HALF_AN_HOUR: i64 = 30 * 60;

#[test]
fn what_was_called_off_opens_nothing_for_half_an_hour_though_it_fires_anew() {
    let mut night = called_off();
    let routing = night.hears(300, &[at_again(290)]);
    insta::assert_snapshot!(routing.explain(), @r#"
    Ignore: INC-0001 was no incident, and its alerts are quiet.
      - ApiErrorRateHigh asks for SEV2 because severity=critical
      - no active incident holds this group or one of its alerts
      - INC-0001 was cancelled 4 min ago: its alerts are quiet until 03:31:00 UTC
    "#);
    // Also when it is heard of again, and when it clears and comes back.
    let last = 60 + HALF_AN_HOUR - 1;
    for (second, alert) in [
        (600, at_again(290)),
        (700, cleared_at(290, 690)),
        (last, at_again(last - 10)),
    ] {
        let routing = night.hears(second, &[alert]);
        assert!(is_ignored(&routing), "{second}: {}", routing.explain());
    }
}

fn cleared_at(began: i64, ended: i64) -> Alert {
    Alert {
        status: AlertStatus::Resolved,
        ends_at: Some(at(ended)),
        ..at_again(began)
    }
}

#[test]
fn after_that_it_opens_an_incident_as_usual() {
    let over = 60 + HALF_AN_HOUR;
    let mut night = called_off();
    let routing = night.hears(over, &[at_again(over - 10)]);
    assert!(matches!(routing.decision, Decision::Open { .. }));

    // What began in the quiet and still fires is an outage that nobody has looked at.
    let mut night = called_off();
    assert!(is_ignored(&night.hears(300, &[at_again(290)])));
    let routing = night.hears(over, &[at_again(290)]);
    assert!(
        matches!(routing.decision, Decision::Open { .. }),
        "{}",
        routing.explain()
    );
    // What fires on since before is what they looked at.
    let mut night = called_off();
    assert!(is_ignored(&night.hears(over, &[api()])));
}

#[test]
fn one_alert_that_was_no_part_of_it_is_enough() {
    let of_the_same_group = with(api(), &[("alertname", "ApiDown")]);
    assert_eq!(of_the_same_group.group(), api().group());
    for delivery in [
        vec![of_the_same_group.clone()],
        vec![at_again(290), of_the_same_group],
    ] {
        let mut night = called_off();
        let routing = night.hears(300, &delivery);
        assert!(
            matches!(routing.decision, Decision::Open { .. }),
            "{}",
            routing.explain()
        );
    }
}

#[test]
fn what_was_real_after_all_takes_its_alerts_back_at_once() {
    let mut night = called_off();
    let incident = night.incident_mut(1);
    incident.active = true;
    incident.cancelled_at = None;
    incident.hushed.clear();
    let routing = night.hears(300, &[at_again(290)]);
    assert!(matches!(
        routing.decision,
        Decision::Join {
            incident: IncidentId(1),
            ..
        }
    ));
}
