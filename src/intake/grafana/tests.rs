use std::fs;
use std::path::Path;

use bridgewatch_core::alert::AlertStatus;
use serde_json::{Value, json};

use super::*;

fn fixture(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures/alerts/grafana")
        .join(name);
    let text = fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_slice(&text).expect("the fixture is JSON")
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
fn a_notification_is_understood_with_what_grafana_adds() {
    let delivery = understood(&fixture("firing.json"));
    assert_eq!(delivery.source, "grafana");
    assert_eq!(delivery.receiver, "bridgewatch.prod");
    let [alert] = &delivery.alerts[..] else {
        panic!("{delivery:?}")
    };
    assert_eq!(
        (
            alert.source.as_str(),
            alert.status,
            alert.fingerprint.as_str()
        ),
        ("grafana", AlertStatus::Firing, "5f3c9ab8e2d14c70")
    );
    let annotation = |name: &str| alert.annotations.get(name).map(String::as_str);
    assert_eq!(
        annotation("dashboard_url"),
        Some("https://grafana.example.com/d/shop?orgId=1")
    );
    assert_eq!(
        annotation("panel_url"),
        Some("https://grafana.example.com/d/shop?orgId=1&viewPanel=4")
    );
    assert!(annotation("silence_url").is_some_and(|url| url.contains("/alerting/silence/new")));
    assert_eq!(annotation("values"), Some("B=38.2, C=1"));
    assert_eq!(annotation("summary"), Some("checkout fails for 1 in 10"));
}

#[test]
fn without_a_summary_the_numbers_are_told() {
    let mut body = fixture("firing.json");
    body["alerts"][0]["annotations"] = json!({"dashboard_url": "https://own.example/"});
    body["alerts"][0]["values"] = json!({"B": 0.00012, "A": -3, "C": 12_345_678_901.0, "D": "NaN"});
    let delivery = understood(&body);
    let annotations = &delivery.alerts[0].annotations;
    assert_eq!(
        annotations.get("summary").map(String::as_str),
        Some("CheckoutErrorsHigh: A=-3, B=1.20e-4, C=1.23e10")
    );
    // What the rule's owner wrote stays.
    assert_eq!(
        annotations.get("dashboard_url").map(String::as_str),
        Some("https://own.example/")
    );
}

#[test]
fn what_grafana_leaves_out_is_no_mistake() {
    let mut body = fixture("firing.json");
    for field in ["dashboardURL", "panelURL", "silenceURL"] {
        body["alerts"][0][field] = json!("");
    }
    body["alerts"][0]["values"] = Value::Null;
    body["alerts"][0]["annotations"] = Value::Null;
    assert!(understood(&body).alerts[0].annotations.is_empty());
}

#[test]
fn another_senders_body_is_sent_to_its_own_address() {
    let mut body = fixture("firing.json");
    body["version"] = json!("4");
    let refused = refusal(&body);
    assert!(refused.contains("Grafana 9 or later"), "{refused}");
    body.as_object_mut().expect("an object").remove("orgId");
    let refused = refusal(&body);
    assert!(refused.contains("/hooks/alertmanager"), "{refused}");
    let refused = refusal(&json!({"message": "a template of our own"}));
    assert!(refused.contains("version: it is missing"), "{refused}");
    assert!(refused.contains("custom payload"), "{refused}");
    let mut body = fixture("firing.json");
    body["alerts"][0]["values"] = json!([1, 2]);
    let refused = refusal(&body);
    assert!(refused.contains("alerts[0].values"), "{refused}");
}
