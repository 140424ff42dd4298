//! What is understood; `refusals` holds what is not, `night` what becomes of it.

mod night;
mod refusals;

use std::fs;
use std::path::Path;

use bridgewatch_core::alert::{Episode, EpisodeChange, merge};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::*;

fn fixture(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures/alerts/alertmanager")
        .join(name);
    fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn delivery(name: &str) -> Delivery {
    parse(&fixture(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn time(text: &str) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339(text)
        .expect("the time is a literal")
        .to_utc()
}

/// A body that is right in every respect.
fn body() -> Value {
    serde_json::from_slice(&fixture("firing.json")).expect("the fixture is JSON")
}

/// The body with one place changed; `pointer` as in RFC 6901.
fn body_with(pointer: &str, value: Value) -> Vec<u8> {
    let mut body = body();
    *body
        .pointer_mut(pointer)
        .unwrap_or_else(|| panic!("the body has no {pointer}")) = value;
    body.to_string().into_bytes()
}

/// The body without one place.
fn body_without(pointer: &str) -> Vec<u8> {
    let mut body = body();
    let (parent, name) = pointer.rsplit_once('/').expect("a pointer has a slash");
    body.pointer_mut(parent)
        .and_then(Value::as_object_mut)
        .and_then(|parent| parent.remove(name))
        .unwrap_or_else(|| panic!("the body has no {pointer}"));
    body.to_string().into_bytes()
}

fn refusal(body: &[u8]) -> String {
    parse(body)
        .map(|delivery| panic!("it was taken: {delivery:?}"))
        .unwrap_or_else(|error| error.to_string())
}

#[test]
fn a_notification_is_understood() {
    let delivery = delivery("firing.json");
    assert_eq!(delivery.source, "alertmanager");
    assert_eq!(delivery.receiver, "bridgewatch.prod");
    assert_eq!(
        delivery.group_key,
        r#"{}/{team="shop"}:{alertname="OrdersLatencyHigh", cluster="eu-west", service="orders-api"}"#
    );
    assert_eq!(
        delivery.external_url.as_deref(),
        Some("https://alertmanager.example.com")
    );
    assert_eq!(
        delivery.notification_reason.as_deref(),
        Some("first notification")
    );
    assert_eq!(delivery.truncated_alerts, 0);
    assert_eq!(delivery.common_labels["service"], "orders-api");

    let [alert] = delivery.alerts.as_slice() else {
        panic!("the fixture has one alert");
    };
    assert_eq!(alert.group(), delivery.group());
    assert_eq!(alert.fingerprint, "c4c282ba3e6775cd");
    assert_eq!(alert.status, AlertStatus::Firing);
    assert_eq!(alert.labels["severity"], "critical");
    assert_eq!(
        alert.annotations["summary"],
        "slow answers from orders-api-0"
    );
    assert_eq!(alert.starts_at, time("2026-11-21T23:20:22.583317Z"));
    assert_eq!(alert.ends_at, None);
    assert!(alert.generator_url.is_some());
}

#[test]
fn every_captured_notification_but_the_malformed_one_is_taken() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/alerts/alertmanager");
    let mut taken = 0;
    for entry in fs::read_dir(folder).expect("the folder of fixtures exists") {
        let name = entry.expect("the folder can be read").file_name();
        let name = name.to_string_lossy();
        if name != "malformed.json" {
            delivery(&name);
            taken += 1;
        }
    }
    assert!(taken >= 16, "only {taken} fixtures");
}

#[test]
fn an_older_alertmanager_says_the_same_without_a_reason() {
    let older = delivery("firing-0.25.json");
    let newer = delivery("firing.json");
    assert_eq!(older.notification_reason, None);
    assert_eq!(older.alerts[0].key(), newer.alerts[0].key());
    assert_eq!(older.group(), newer.group());
}

#[test]
fn a_resolved_alert_has_an_end_and_a_firing_one_has_none() {
    let delivery = delivery("group-3-some-resolved.json");
    let ends: Vec<_> = delivery
        .alerts
        .iter()
        .map(|alert| (alert.status, alert.ends_at))
        .collect();
    assert_eq!(
        ends[0],
        (
            AlertStatus::Resolved,
            Some(time("2026-11-21T23:20:43.488245Z"))
        )
    );
    assert!(
        ends[1..]
            .iter()
            .all(|end| *end == (AlertStatus::Firing, None))
    );
}

#[test]
fn a_notification_that_says_resolved_may_leave_out_alerts_that_fire() {
    let delivery = delivery("cut-off-2-resolved.json");
    assert_eq!(delivery.truncated_alerts, 3);
    assert!(
        delivery
            .alerts
            .iter()
            .all(|alert| alert.status == AlertStatus::Resolved)
    );
}

#[test]
fn a_group_seen_from_first_firing_to_firing_again() {
    let mut known: Vec<Episode> = Vec::new();
    let mut story = Vec::new();
    for (minute, name) in [
        "group-1-first.json",
        "group-2-new-alert.json",
        "group-3-some-resolved.json",
        "group-4-all-resolved.json",
        "group-5-fires-again.json",
    ]
    .into_iter()
    .enumerate()
    {
        let received_at = time("2026-11-21T23:21:00Z")
            + TimeDelta::minutes(i64::try_from(minute).expect("a small number"));
        let mut changes = Vec::new();
        for alert in delivery(name).alerts {
            let place = known.iter().position(|episode| episode.key == alert.key());
            let merged = merge(place.map(|place| &known[place]), &alert, received_at);
            changes.push(merged.change);
            match place {
                Some(place) => known[place] = merged.episode,
                None => known.push(merged.episode),
            }
        }
        story.push(changes);
    }
    use EpisodeChange::{Cleared, EndMovedLater, Opened, Refired, Repeated};
    assert_eq!(
        story,
        [
            vec![Opened, Opened, Opened],
            vec![Repeated, Repeated, Repeated, Opened],
            vec![Cleared, Repeated, Repeated, Repeated],
            vec![EndMovedLater, Cleared, Cleared, Cleared],
            vec![Refired, Refired, Refired],
        ]
    );
}

#[test]
fn an_alert_that_restarted_unseen_keeps_its_episode() {
    let received_at = time("2026-11-21T23:21:00Z");
    let first = merge(None, &delivery("restart-1.json").alerts[0], received_at);
    let second = merge(
        Some(&first.episode),
        &delivery("restart-2.json").alerts[0],
        received_at,
    );
    assert_eq!(second.change, EpisodeChange::Restarted);
}

#[test]
fn a_receiver_is_called_what_its_owner_called_it() {
    for (sent, owners) in [
        (r"discord-bot\.prod", "discord-bot.prod"),
        (r"a\\b", r"a\b"),
        (r"\[team\]\ \(night\)", r"[team]\ (night)"),
        ("plain", "plain"),
        (r"trailing\", r"trailing\"),
    ] {
        assert_eq!(without_quote_meta(sent), owners);
    }
}

#[test]
fn what_an_older_or_newer_version_lacks_or_adds_does_no_harm() {
    for name in [
        "receiver",
        "status",
        "externalURL",
        "truncatedAlerts",
        "commonLabels",
        "notification_reason",
        "alerts/0/annotations",
        "alerts/0/generatorURL",
        "alerts/0/endsAt",
    ] {
        let pointer = format!("/{name}");
        parse(&body_without(&pointer)).unwrap_or_else(|error| panic!("without {name}: {error}"));
        parse(&body_with(&pointer, Value::Null))
            .unwrap_or_else(|error| panic!("{name} null: {error}"));
    }
    let mut newer = body();
    newer["routeLabels"] = json!({"team": ["shop", {"deep": [[[]]]}]});
    newer["alerts"][0]["silencedBy"] = json!(7);
    assert_eq!(
        parse(newer.to_string().as_bytes()),
        parse(body().to_string().as_bytes())
    );
}

#[test]
fn an_alert_without_a_name_is_still_an_alert() {
    let delivery = parse(&body_without("/alerts/0/labels/alertname")).expect("it has other labels");
    assert!(!delivery.alerts[0].labels.contains_key("alertname"));
}

/// Somebody's night does not hang on the length of a label.
#[test]
fn a_text_that_is_too_long_or_not_storable_is_cut_or_cleaned_and_the_alert_is_taken() {
    let read = |pointer: &str, text: String| {
        let delivery = parse(&body_with(pointer, json!(text))).expect("it is taken");
        delivery.alerts[0].clone()
    };
    let pod = |text: String| read("/alerts/0/labels/pod", text).labels["pod"].clone();
    let cut = pod("\u{e4}".repeat(4_906));
    assert!(cut.ends_with("\u{e4}… (cut, 9,812 bytes)"), "{cut}");
    assert!(cut.len() <= MAX_LABEL_BYTES && cut.len() > MAX_LABEL_BYTES - 4);
    assert_eq!(
        pod("x".repeat(MAX_LABEL_BYTES)),
        "x".repeat(MAX_LABEL_BYTES)
    );
    assert_eq!(pod("a\u{0}b".to_owned()), "a\u{fffd}b");
    let grown = pod("\u{0}".repeat(8_000));
    assert!(grown.ends_with("… (cut, 8,000 bytes)") && grown.len() <= MAX_LABEL_BYTES);
    let summary = read("/alerts/0/annotations/summary", "x".repeat(70_000));
    assert!(summary.annotations["summary"].ends_with("… (cut, 70,000 bytes)"));
    let delivery = parse(&body_with("/commonLabels/alertname", json!("a\u{0}b")));
    assert_eq!(
        delivery.expect("it is taken").common_labels["alertname"],
        "a\u{fffd}b"
    );
}

/// What identifies an alert is what was sent: those that differ behind the cut are two, and a repeat is the same.
#[test]
fn a_cut_label_makes_one_alert_of_no_two() {
    let named = |end: &str| {
        let mut body = body();
        body["alerts"][0]["labels"]["pod"] = json!(format!("{}{end}", "x".repeat(9_000)));
        let with = parse(body.to_string().as_bytes()).expect("it is taken");
        body["alerts"][0]
            .as_object_mut()
            .expect("an alert is an object")
            .remove("fingerprint");
        let without = parse(body.to_string().as_bytes()).expect("it is taken");
        (with.alerts[0].key(), without.alerts[0].key())
    };
    let (one, other, again) = (named("a"), named("b"), named("a"));
    assert_eq!(one, again);
    assert_eq!(one.0, other.0, "the sender's fingerprint is used as it is");
    assert_ne!(one.1, other.1, "ours is of all that was sent");
}

#[test]
fn an_alert_without_a_fingerprint_is_given_one_by_its_labels() {
    let fingerprint = |body: Vec<u8>| {
        parse(&body)
            .expect("a fingerprint is not needed")
            .alerts
            .remove(0)
            .fingerprint
    };
    let missing = fingerprint(body_without("/alerts/0/fingerprint"));
    let empty = fingerprint(body_with("/alerts/0/fingerprint", json!("")));
    assert_eq!(missing.len(), 16);
    assert_eq!(missing, empty);
}

#[test]
fn a_time_may_have_any_offset_and_is_cut_to_microseconds() {
    let start = |text: &str| {
        parse(&body_with("/alerts/0/startsAt", json!(text)))
            .unwrap_or_else(|error| panic!("{error}"))
            .alerts[0]
            .starts_at
    };
    let expected = time("2026-11-21T23:20:22.583317Z");
    assert_eq!(start("2026-11-21T23:20:22.583317966Z"), expected);
    assert_eq!(start("2026-11-22T04:50:22.583317999+05:30"), expected);
    assert_eq!(start("2026-11-21T19:20:22.583317-04:00"), expected);
}

#[test]
fn a_renamed_intake_renames_all_it_brings() {
    let delivery = delivery("firing.json").named("alertmanager-eu");
    assert_eq!(delivery.group().source, "alertmanager-eu");
    assert_eq!(delivery.alerts[0].group(), delivery.group());
    assert_eq!(delivery.alerts[0].key().source, "alertmanager-eu");
}
