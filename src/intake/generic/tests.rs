use bridgewatch_core::alert::AlertStatus;
use serde_json::{Value, json};

use super::*;

fn alert() -> Value {
    json!({
        "id": "nightly-export",
        "status": "firing",
        "title": "The nightly export did not finish",
        "severity": "critical",
        "service": "export",
        "starts_at": "2026-11-21T03:02:10Z",
    })
}

/// The alert with one field changed; `null` takes it away.
fn with(field: &str, value: Value) -> Value {
    let mut alert = alert();
    alert[field] = value;
    alert
}

fn read(body: &Value) -> Result<Delivery, PayloadError> {
    parse(body.to_string().as_bytes())
}

fn understood(body: &Value) -> Delivery {
    read(body).unwrap_or_else(|error| panic!("{error}"))
}

fn refusal(body: &Value) -> String {
    match read(body) {
        Ok(delivery) => panic!("it was taken: {delivery:?}"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn one_alert_is_understood() {
    let mut body = alert();
    body["links"] =
        json!({"Logs": "https://logs.example/", "Error page": "https://e.example/", "empty": ""});
    body["labels"] = json!({"team": "data", "service": "overruled"});
    let delivery = understood(&body);
    assert_eq!(delivery.group_key, "nightly-export");
    let alert = &delivery.alerts[0];
    assert_eq!(alert.fingerprint, "nightly-export");
    assert_eq!(alert.status, AlertStatus::Firing);
    let pairs = |pairs: &Pairs| {
        pairs
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect::<Vec<_>>()
            .join(" | ")
    };
    assert_eq!(
        pairs(&alert.labels),
        "alertname=The nightly export did not finish | service=export | severity=critical | team=data"
    );
    assert_eq!(
        pairs(&alert.annotations),
        "error_page_url=https://e.example/ | logs_url=https://logs.example/ | summary=The nightly export did not finish"
    );
    assert_eq!(delivery.common_labels, alert.labels);
}

#[test]
fn a_list_shares_its_group() {
    let body = include_bytes!("../../../tests/fixtures/alerts/generic/list.json");
    let delivery = parse(body).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(delivery.group_key, "disks");
    let told: Vec<_> = delivery
        .alerts
        .iter()
        .map(|alert| {
            (
                alert.fingerprint.as_str(),
                alert.status,
                alert.ends_at.is_some(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            ("disk-eu-1", AlertStatus::Firing, false),
            ("disk-eu-2", AlertStatus::Resolved, true)
        ]
    );
    assert_eq!(delivery.alerts[0].starts_at, delivery.alerts[1].starts_at);
    let shared: Vec<_> = delivery.common_labels.keys().collect();
    assert_eq!(shared, ["severity"]);
    let refused = refusal(&json!({"alerts": [alert()]}));
    assert!(refused.contains("group: it is missing"), "{refused}");
}

#[test]
fn the_words_of_other_programs_for_the_two_states_are_known() {
    for word in [
        "firing",
        "Triggered",
        "Re-Triggered",
        "No Data",
        "Warn",
        "OPEN",
    ] {
        let delivery = understood(&with("status", json!(word)));
        assert_eq!(delivery.alerts[0].status, AlertStatus::Firing, "{word}");
    }
    for word in ["resolved", "Recovered", "OK", "closed"] {
        let delivery = understood(&with("status", json!(word)));
        assert_eq!(delivery.alerts[0].status, AlertStatus::Resolved, "{word}");
    }
}

#[test]
fn every_mistake_names_its_field_and_its_mend() {
    for (body, words) in [
        (with("id", Value::Null), "id: it is missing"),
        (with("title", json!("")), "title: it is empty"),
        (with("status", json!("meh")), "status: `meh` is neither"),
        (with("starts_at", Value::Null), "starts_at: it is missing"),
        (
            with("starts_at", json!("yesterday")),
            "starts_at: `yesterday`",
        ),
        (with("starts_at", json!(17)), "starts_at: `17` is no time"),
        (with("starts_at", json!(1.5)), "starts_at: it is a number"),
        (
            with("links", json!("https://x.example")),
            "links: it is a text",
        ),
        (
            with("labels", json!({"pods": 3})),
            "labels.pods: it is a number",
        ),
        (with("severity", json!(1)), "severity: it is a number"),
    ] {
        let refused = refusal(&body);
        assert!(refused.contains(words), "{refused}");
    }
    let mut ended = with("status", json!("resolved"));
    ended["ends_at"] = json!("2026-11-21T03:00:00Z");
    let refused = refusal(&ended);
    assert!(refused.contains("ends before it starts"), "{refused}");
    ended["starts_at"] = Value::Null;
    ended["ends_at"] = Value::Null;
    let refused = refusal(&ended);
    assert!(refused.contains("ends_at: it is missing"), "{refused}");
}

const PAGE: &str = include_str!("../../../docs/sources.md");

/// The bodies that the page shows, with the heading each stands under.
fn shown() -> Vec<(String, String)> {
    let mut bodies = Vec::new();
    let mut heading = String::new();
    for part in PAGE.split("\n#") {
        heading.clear();
        heading.push_str(
            part.lines()
                .next()
                .unwrap_or_default()
                .trim_matches(['#', ' ']),
        );
        for marked in part
            .split("<!-- read by the parser of `generic` -->")
            .skip(1)
        {
            let body = marked
                .split_once("```json")
                .and_then(|(_, rest)| rest.split_once("```"))
                .map(|(body, _)| body.to_owned());
            bodies.push((
                heading.clone(),
                body.expect("the mark stands before a body"),
            ));
        }
    }
    bodies
}

/// As Datadog fills its template in.
fn filled_in(body: &str, transition: &str) -> String {
    [
        ("$ALERT_CYCLE_KEY", "7301250018417265823"),
        ("$ALERT_TRANSITION", transition),
        ("$ALERT_TITLE", "Orders are slow on {service:orders}"),
        ("$ALERT_SCOPE", "service:orders"),
        ("$ALERT_ID", "1234567"),
        ("$DATE", "1795230130000"),
        ("$LINK", "https://app.datadoghq.com/monitors/1234567"),
    ]
    .into_iter()
    .fold(body.to_owned(), |body, (name, value)| {
        body.replace(name, value)
    })
}

#[test]
fn what_the_page_shows_is_understood() {
    let shown = shown();
    let headings: Vec<&str> = shown.iter().map(|(heading, _)| heading.as_str()).collect();
    assert_eq!(
        headings,
        ["Generic JSON", "Generic JSON", "Sentry", "Datadog", "CI"]
    );
    for (heading, body) in &shown {
        let body = filled_in(body, "Triggered");
        let delivery = parse(body.as_bytes()).unwrap_or_else(|error| panic!("{heading}: {error}"));
        assert_eq!(delivery.alerts[0].status, AlertStatus::Firing, "{heading}");
        if heading != "Generic JSON" {
            let source = delivery.alerts[0].annotations.get("source_url");
            assert!(
                source.is_some_and(|url| url.starts_with("https://")),
                "{heading}"
            );
        }
    }
}

#[test]
fn what_datadog_says_at_the_end_ends_what_it_said_at_the_beginning() {
    use bridgewatch_core::alert::merge;
    let shown = shown();
    let (_, template) = shown
        .iter()
        .find(|(heading, _)| heading == "Datadog")
        .expect("the page has a recipe");
    let hear = |transition: &str, date: &str| {
        let body = filled_in(template, transition).replace("1795230130000", date);
        let delivery = parse(body.as_bytes()).unwrap_or_else(|error| panic!("{error}"));
        delivery.alerts[0].clone()
    };
    let begins = hear("Triggered", "1795230130000");
    let ends = hear("Recovered", "1795232430000");
    let known = merge(None, &begins, begins.starts_at).episode;
    let over = merge(Some(&known), &ends, ends.starts_at).episode;
    assert_eq!(over.state, AlertStatus::Resolved);
    assert_eq!(
        (over.starts_at, over.ends_at),
        (begins.starts_at, ends.ends_at)
    );
}
