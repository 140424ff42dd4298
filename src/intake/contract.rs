//! What every source must bring along, whatever it is: fixtures of an alert that fires, is repeated and is over, of a body
//! that is wrong, and of one that is right and comes from a stranger.

use std::fs;
use std::path::{Path, PathBuf};

use bridgewatch_core::alert::{Alert, AlertKey, AlertStatus, Delivery, merge};
use secrecy::SecretString;

use super::tests::{Doorstep, Sink, doorstep_of, patient, post_to, status};
use super::*;

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures");

/// What a source of alerts needs.
const NEEDED: [&str; 5] = [
    "firing.json",
    "repeat.json",
    "resolved.json",
    "malformed.json",
    "forged.json",
];

/// A change neither lasts nor ends.
const NEEDED_OF_CHANGES: [&str; 3] = ["reported.json", "malformed.json", "forged.json"];

fn tells_of_changes(source: &Source) -> bool {
    source.name == change::SOURCE
}

fn sources_of_alerts() -> impl Iterator<Item = &'static Source> {
    SOURCES.iter().filter(|source| !tells_of_changes(source))
}

fn folder(source: &Source) -> PathBuf {
    if tells_of_changes(source) {
        return Path::new(FIXTURES).join("changes");
    }
    Path::new(FIXTURES).join("alerts").join(source.name)
}

fn fixture(source: &Source, name: &str) -> Vec<u8> {
    let path = folder(source).join(name);
    fs::read(&path).unwrap_or_else(|error| {
        panic!(
            "the source {} needs the fixture {}: {error}",
            source.name,
            path.display()
        )
    })
}

fn delivery(source: &Source, name: &str) -> Delivery {
    match (source.parse)(&fixture(source, name)) {
        Ok(Webhook::Alerts(delivery)) => delivery,
        other => panic!("{} of {}: {other:?}", name, source.name),
    }
}

fn keys(delivery: &Delivery) -> Vec<AlertKey> {
    delivery.alerts.iter().map(Alert::key).collect()
}

#[test]
fn every_source_brings_its_fixtures_and_no_folder_is_left_over() {
    for source in SOURCES {
        let needed: &[&str] = if tells_of_changes(source) {
            &NEEDED_OF_CHANGES
        } else {
            &NEEDED
        };
        for name in needed {
            assert!(!fixture(source, name).is_empty(), "{name}");
        }
    }
    let folders = fs::read_dir(Path::new(FIXTURES).join("alerts"));
    for entry in folders.expect("the folder of fixtures exists") {
        let name = entry.expect("an entry can be read").file_name();
        assert!(
            sources_of_alerts().any(|source| name == source.name),
            "{name:?} belongs to no source"
        );
    }
}

#[test]
fn what_fires_is_repeated_quietly_and_is_over_under_the_same_name() {
    let received_at = |delivery: &Delivery| delivery.alerts[0].starts_at;
    for source in sources_of_alerts() {
        let name = source.name;
        let firing = delivery(source, "firing.json");
        let repeat = delivery(source, "repeat.json");
        let resolved = delivery(source, "resolved.json");
        let all = |delivery: &Delivery, status| {
            !delivery.alerts.is_empty()
                && delivery.alerts.iter().all(|alert| alert.status == status)
        };
        assert!(all(&firing, AlertStatus::Firing), "{name}");
        assert!(all(&resolved, AlertStatus::Resolved), "{name}");
        for later in [&repeat, &resolved] {
            assert_eq!(later.group(), firing.group(), "{name}");
            assert_eq!(keys(later), keys(&firing), "{name}");
        }
        for ((first, again), end) in firing
            .alerts
            .iter()
            .zip(&repeat.alerts)
            .zip(&resolved.alerts)
        {
            assert_eq!(first.source, name);
            let known = merge(None, first, received_at(&firing)).episode;
            let change = merge(Some(&known), again, received_at(&firing)).change;
            assert!(!change.is_new_episode(), "{name}: {change:?}");
            let over = merge(Some(&known), end, received_at(&firing)).episode;
            assert_eq!(over.state, AlertStatus::Resolved, "{name}");
            assert!(over.ends_at > Some(over.starts_at), "{name}");
        }
    }
}

#[test]
fn what_is_malformed_is_refused_with_its_place_and_its_mend() {
    for source in SOURCES {
        let problem = (source.parse)(&fixture(source, "malformed.json"))
            .expect_err("the fixture is malformed");
        assert!(
            !problem.path.is_empty() && problem.path != "body" && !problem.mend.is_empty(),
            "{}: {problem}",
            source.name
        );
    }
}

/// Nothing is wrong with the body of a forger: only the sender is.
#[tokio::test]
async fn what_is_forged_is_refused_at_the_door_and_not_kept() {
    let secret = || SecretString::from("the secret of both sides");
    let signing = || {
        Signing::new(
            secret(),
            "X-Signature".to_owned(),
            Some("X-Time".to_owned()),
        )
    };
    for source in SOURCES {
        let body = String::from_utf8(fixture(source, "forged.json")).expect("it is text");
        (source.parse)(body.as_bytes()).expect("nothing is wrong with the body");
        for admission in [None, Some(signing())] {
            let limits = IntakeLimits {
                max_body_bytes: 64 * 1024,
                ..patient()
            };
            let door = doorstep_of(Sink::Keeps, limits, *source, admission.clone()).await;
            let other = Signing::new(
                SecretString::from("a guess"),
                "X-Signature".to_owned(),
                Some("X-Time".to_owned()),
            );
            let signed = |signing: &Signing, at| {
                let headers = signing.headers(body.as_bytes(), at);
                let lines = headers
                    .iter()
                    .map(|(name, value)| format!("{name}: {value}\r\n"));
                lines.collect::<String>()
            };
            let now = super::tests::three_in_the_morning();
            let hour_ago = now - chrono::TimeDelta::hours(1);
            let forgeries = [
                String::new(),
                "Authorization: Bearer guessed\r\n".to_owned(),
                "Authorization: Basic Z3Vlc3NlZDpndWVzc2Vk\r\n".to_owned(),
                format!("Authorization: Bearer guessed\r\n{}", signed(&other, now)),
                format!(
                    "Authorization: Bearer guessed\r\n{}",
                    signed(&signing(), hour_ago)
                ),
            ];
            for headers in &forgeries {
                refused(&door, source, headers, &body).await;
            }
            if admission.is_some() {
                // The right token is not enough where bodies are signed.
                for headers in [
                    String::new(),
                    signed(&other, now),
                    signed(&signing(), hour_ago),
                ] {
                    let headers = format!("Authorization: Bearer old\r\n{headers}");
                    refused(&door, source, &headers, &body).await;
                }
            }
            assert_eq!(door.receipts(), [], "{}", source.name);
            let headers = format!("Authorization: Bearer old\r\n{}", signed(&signing(), now));
            let answer = door.request(&post_to(source.path, &headers, &body)).await;
            assert_eq!(status(&answer), "202", "{}: {answer}", source.name);
        }
    }
}

async fn refused(door: &Doorstep, source: &Source, headers: &str, body: &str) {
    let answer = door.request(&post_to(source.path, headers, body)).await;
    assert_eq!(
        status(&answer),
        "401",
        "{} {headers}: {answer}",
        source.name
    );
}

#[test]
fn a_source_that_does_not_exist_is_answered_with_those_that_do() {
    let problem = understand("alertmanger", b"{}").expect_err("there is no such source");
    for source in SOURCES {
        assert!(problem.contains(source.name), "{problem}");
    }
}
