//! What holds in every night.

use chrono::TimeDelta;
use proptest::prelude::*;

use super::*;

/// Alerts over some minutes: which, how bad, how long after the one before.
fn any_night() -> impl Strategy<Value = Vec<(i64, Alert)>> {
    let alert = (
        0..12_usize,
        0..6_usize,
        0..4_usize,
        any::<bool>(),
        0_i64..120,
    );
    prop::collection::vec(alert, 1..40).prop_map(|alerts| {
        let mut clock = 0;
        alerts
            .into_iter()
            .map(|(name, service, urgency, fires, pause)| {
                clock += pause;
                let urgency = ["critical", "warning", "info", "page"][urgency];
                let alert = with(
                    critical(&format!("Name{name}"), &format!("service-{service}-{name}")),
                    &[("severity", urgency)],
                );
                let alert = Alert {
                    starts_at: at(clock - 10),
                    ..alert
                };
                let alert = if fires {
                    alert
                } else {
                    Alert {
                        status: AlertStatus::Resolved,
                        ends_at: Some(at(clock - 5)),
                        ..alert
                    }
                };
                (clock, alert)
            })
            .collect()
    })
}

proptest! {
    #[test]
    fn no_night_breaks_the_promises(alerts in any_night()) {
        let mut night = Night::begins();
        for (second, alert) in alerts {
            let before = night.severities();
            let routing = night.hears(second, std::slice::from_ref(&alert));

            // A severity never sinks by itself.
            for (before, after) in before.iter().zip(night.severities()) {
                prop_assert!(!before.is_worse_than(after));
            }
            // Nothing that asks for an incident is left without one.
            let (home, episode) = &night.episodes[&alert.key()];
            let asks = night.rules.severity.severity_of(&episode.labels).severity.incident();
            if let (AlertStatus::Firing, Some(asks)) = (episode.state, asks) {
                let home = home.expect("a firing alert has an incident");
                let incident = &night.incidents[usize::try_from(home.0).expect("positive") - 1];
                prop_assert!(!asks.is_worse_than(incident.severity));
            }
            // The brake: no two channels of their own within a minute, no more than five at once.
            let declared: Vec<_> = night
                .incidents
                .iter()
                .filter(|incident| !incident.umbrella)
                .map(|incident| incident.declared_at)
                .collect();
            prop_assert!(declared.len() <= 5);
            prop_assert!(declared.windows(2).all(|pair| pair[1] - pair[0] >= TimeDelta::seconds(60)));
            // Umbrellas are at least ten minutes apart.
            let umbrellas: Vec<_> = night
                .incidents
                .iter()
                .filter(|incident| incident.umbrella)
                .map(|incident| incident.declared_at)
                .collect();
            prop_assert!(umbrellas.windows(2).all(|pair| pair[1] - pair[0] > TimeDelta::seconds(600)));
            // Hearing it again at once decides nothing.
            let incidents = night.incidents.len();
            let again = night.hears(second, &[alert]);
            prop_assert!(is_ignored(&again), "{}\n{}", routing.explain(), again.explain());
            prop_assert_eq!(night.incidents.len(), incidents);
        }
    }
}
