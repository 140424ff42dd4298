//! What it took of people, as sums.

use std::collections::BTreeMap;

use chrono_tz::Tz;

use super::Material;
use super::people::rows;
use crate::effect::DirectTopic;
use crate::incident::Command;
use crate::incident::tests::{ADA, KIM, MO, Night, SAM};
use crate::role::Role::{Backend, Bridge, Documentation, Frontend, OnCall};
use crate::severity::Severity::{Sev1, Sev3};

fn material(night: &Night) -> Material {
    Material {
        incident: night.incident().clone(),
        timeline: night.entries(),
        episodes: Vec::new(),
        events: night.history.clone(),
        names: BTreeMap::new(),
        policy: night.policy.clone(),
        zone: Tz::Europe__Berlin,
        now: night.now,
    }
}

fn value(material: &Material, title: &str) -> String {
    let rows = rows(material);
    let row = rows.iter().find(|row| row.title.starts_with(title));
    row.unwrap_or_else(|| panic!("no measure `{title}`"))
        .value
        .clone()
}

/// Sam takes it at 03:03; Mo is there from 03:10 to 04:10.
fn a_night() -> Night {
    let mut night = Night::at("03:02")
        .on_duty(OnCall, SAM)
        .on_duty(Bridge, MO)
        .fires("orders-api 5xx", Sev1);
    night.was_written_to(SAM, DirectTopic::Page);
    night.was_written_to(MO, DirectTopic::Proposal { role: Bridge });
    night.at_clock("03:03").by(SAM).takes_it();
    night.at_clock("03:10").by(MO).accepts(Bridge);
    night.at_clock("04:10").by(MO).gives_back(Bridge);
    night.at_clock("04:30").by(MO).thinks("it was the release");
    night.at_clock("05:03").by(SAM).resolves_anyway();
    night
}

#[test]
fn a_role_is_filled_so_long_after_it_was_called_for() {
    let night = material(&a_night());
    assert_eq!(value(&night, "Time to fill On-Call"), "1 min");
    assert_eq!(value(&night, "Time to fill Bridge"), "8 min");
    assert_eq!(value(&night, "Time to fill Docs"), "– (nobody took it)");
    assert_eq!(
        value(&night, "Time to fill every role"),
        "– (never filled: Backend, Frontend, Docs)"
    );
}

#[test]
fn a_role_counts_from_the_severity_that_calls_for_it() {
    let mut night = Night::at("03:02").fires("orders-api slow", Sev3);
    night.by(SAM).takes_it();
    night.at_clock("03:05").by(MO).accepts(Bridge);
    night.at_clock("03:20").by(SAM).rates(Sev1);
    for (clock, role) in [
        ("03:24", Backend),
        ("03:25", Frontend),
        ("03:31", Documentation),
    ] {
        night.at_clock(clock).by(KIM).accepts(role);
    }
    let night = material(&night);
    assert_eq!(value(&night, "Time to fill Docs"), "11 min");
    assert_eq!(
        value(&night, "Time to fill Bridge"),
        "– (taken before it was called for)"
    );
    assert_eq!(value(&night, "Time to fill every role"), "11 min");
}

#[test]
fn a_small_incident_calls_for_one_role_and_has_no_measure_of_all() {
    let mut night = Night::at("03:02").fires("orders-api slow", Sev3);
    night.by(SAM).takes_it();
    let titles: Vec<String> = rows(&material(&night))
        .into_iter()
        .map(|row| row.title)
        .collect();
    let fills = titles
        .iter()
        .filter(|title| title.starts_with("Time to fill"));
    assert_eq!(fills.count(), 1);
}

#[test]
fn responders_are_summed_up_until_they_left() {
    let night = material(&a_night());
    // Sam two hours, Mo one: what Mo says at 04:30 is said in passing.
    assert_eq!(value(&night, "Responder minutes"), "180 min");
}

#[test]
fn what_somebody_writes_afterwards_is_no_part_of_the_night() {
    let mut night = a_night();
    night
        .at_clock("11:00")
        .by(SAM)
        .writes("obs: it was the release");
    assert_eq!(value(&material(&night), "Responder minutes"), "180 min");
}

#[test]
fn nobody_who_did_nothing_is_nought() {
    let night = Night::at("03:02").fires("orders-api 5xx", Sev1);
    assert_eq!(
        value(&material(&night), "Responder minutes"),
        "– (nobody did anything)"
    );
}

#[test]
fn the_night_is_that_of_each_person() {
    let mut night = material(&a_night());
    assert_eq!(value(&night, "Night burden"), "2 pages, 180 min");
    night.policy.zones.insert(SAM, Tz::Asia__Tokyo);
    assert_eq!(
        value(&night, "Night burden"),
        "1 page, 60 min",
        "it is noon where Sam lives"
    );
}

#[test]
fn a_call_by_two_ways_at_once_is_one_page() {
    let mut night = Night::at("03:02")
        .on_duty(OnCall, SAM)
        .with_pager()
        .fires("orders-api 5xx", Sev1);
    night.bot(Command::Report(crate::incident::Report::Paged(Some(SAM))));
    night.was_written_to(SAM, DirectTopic::Page);
    assert_eq!(value(&material(&night), "Night burden"), "1 page, 0 min");
    night.by(ADA).takes_it();
    night.after_minutes(5).by(ADA).asks(Command::Page {
        role: Bridge,
        to: SAM,
    });
    assert_eq!(value(&material(&night), "Night burden"), "2 pages, 5 min");
}

#[test]
fn alerts_are_counted_with_those_left_out() {
    let mut night = a_night();
    assert_eq!(value(&material(&night), "Alerts"), "3");
    night.incident_mut().alerts.truncated = 12;
    assert_eq!(
        value(&material(&night), "Alerts"),
        "3 (and 12 that the sender left out)"
    );
}
