use super::*;
use crate::incident::tests::at;
use crate::incident::tests::seed_night::the_night_at;

fn change(id: &str, service: &str, kind: ChangeKind, clock: &str) -> ReportedChange {
    ReportedChange {
        id: id.to_owned(),
        service: service.to_owned(),
        version: "2026.11.3".to_owned(),
        kind,
        who: None,
        link: None,
        at: at(clock),
    }
}

fn ids<'a>(changes: &[&'a ReportedChange]) -> Vec<&'a str> {
    changes.iter().map(|change| change.id.as_str()).collect()
}

/// Users were hurt from 02:55 on.
fn the_night() -> Incident {
    let mut incident = the_night_at("03:11").incident().clone();
    incident.services = ["orders-api".to_owned()].into();
    assert_eq!(impact_of(&incident), at("02:55"));
    incident
}

#[test]
fn the_nearest_of_a_hurt_service_come_first_and_what_is_too_old_not_at_all() {
    use ChangeKind::{Deployment, Flag, Migration};
    let changes = [
        change("too old", "orders-api", Deployment, "00:54"),
        change("just in time", "orders-api", Deployment, "00:55"),
        change("elsewhere, near", "search", Flag, "02:54"),
        change("here, nearest", "Orders-API", Migration, "02:41"),
        change("here, after", "orders-api", Flag, "03:10"),
        change("elsewhere, far", "search", Deployment, "01:30"),
    ];
    assert_eq!(
        ids(&nearest(&the_night(), &changes)),
        [
            "here, nearest",
            "here, after",
            "just in time",
            "elsewhere, near",
            "elsewhere, far"
        ]
    );
    assert_eq!(
        window(&the_night(), at("03:11")),
        (at("00:55"), at("03:11"))
    );
}

#[test]
fn what_came_after_the_impact_cannot_be_rolled_back_to_end_it() {
    use ChangeKind::{Deployment, Other};
    let changes = [
        change("after", "orders-api", Deployment, "02:56"),
        change("older", "orders-api", Deployment, "02:10"),
        change("newest", "orders-api", Deployment, "02:41"),
        change("a reboot", "orders-api", Other, "02:50"),
    ];
    assert_eq!(
        ids(&to_roll_back(&the_night(), &changes)),
        ["newest", "older"]
    );
}

#[test]
fn after_its_end_nothing_is_looked_at_any_more() {
    let mut incident = the_night_at("04:10").incident().clone();
    incident.services.clear();
    let Some(end) = incident.ended_at() else {
        panic!("the night is over by then: {:?}", incident.phase)
    };
    let mut late = change("late", "orders-api", ChangeKind::Deployment, "02:41");
    late.at = end + TimeDelta::seconds(1);
    assert_eq!(ids(&nearest(&incident, &[late])), [""; 0]);
    assert_eq!(window(&incident, end + TimeDelta::hours(5)).1, end);
}

#[test]
fn a_change_told_twice_is_one_and_a_clock_that_is_ahead_is_not_believed() {
    let new = |id: Option<&str>, clock: Option<&str>| NewChange {
        id: id.map(str::to_owned),
        service: "orders-api".to_owned(),
        version: "1".to_owned(),
        kind: ChangeKind::Deployment,
        who: None,
        link: None,
        at: clock.map(at),
    };
    let reported = |change: NewChange, receipt: &str| change.reported(receipt, at("03:00"));
    for change in [new(Some("run-7"), None), new(None, Some("02:41"))] {
        let first = reported(change.clone(), "first");
        assert_eq!(first.id, reported(change, "second").id);
    }
    let unnamed = new(None, None);
    assert_ne!(
        reported(unnamed.clone(), "first").id,
        reported(unnamed, "second").id
    );
    let ahead = reported(new(None, Some("03:20")), "first");
    assert_eq!(ahead.at, at("03:00"));
}

#[test]
fn what_was_reported_without_a_name_is_the_same_when_told_again_and_its_id_repeats_no_word() {
    let told = |version: &str| {
        let new = NewChange {
            id: None,
            service: "orders-api".to_owned(),
            version: version.to_owned(),
            kind: ChangeKind::Deployment,
            who: None,
            link: None,
            at: Some(at("02:41")),
        };
        new.reported("receipt", at("02:42")).id
    };
    assert_eq!(told("amberOtter4711"), told("amberOtter4711"));
    assert_ne!(told("amberOtter4711"), told("amberOtter4712"));
    assert!(!told("amberOtter4711").contains("amberOtter"));
    assert!(!told("amberOtter4711").contains("orders"));
}

#[test]
fn a_name_that_said_too_much_is_the_same_change_when_its_report_is_read_again() {
    let wordless = ReportedChange::wordless("id:amberOtter4711");
    let again = format!("id:{}", ReportedChange::wordless_name("amberOtter4711"));
    assert_eq!(wordless, again);
    assert!(!wordless.contains("amberOtter"));
    assert_ne!(wordless, ReportedChange::wordless("id:amberOtter4712"));
}
