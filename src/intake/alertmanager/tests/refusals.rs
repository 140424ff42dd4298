//! What is refused, in which words, and that nothing makes the parser panic.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

#[test]
fn a_mistake_is_named_by_its_place_with_the_way_to_mend_it() {
    let two_alerts = {
        let mut body = body();
        let alert = body["alerts"][0].clone();
        body["alerts"] = json!([alert, alert]);
        body["alerts"][1]["labels"]["pod"] = json!(17);
        body.to_string().into_bytes()
    };
    let many_labels: Value = (0..300)
        .map(|number| (format!("label_{number}"), json!("x")))
        .collect::<serde_json::Map<_, _>>()
        .into();
    let refusals = [
        refusal(&fixture("malformed.json")),
        refusal(&two_alerts),
        refusal(&body_with("/version", json!("5"))),
        refusal(&body_with("/version", json!(4))),
        refusal(&body_without("/version")),
        refusal(&body_without("/groupKey")),
        refusal(&body_with("/groupKey", json!(""))),
        refusal(&body_without("/alerts")),
        refusal(&body_with("/alerts", json!([]))),
        refusal(&body_with("/alerts", json!({}))),
        refusal(&body_with("/alerts", json!([1]))),
        refusal(&body_with("/alerts/0/status", json!("pending"))),
        refusal(&body_without("/alerts/0/status")),
        refusal(&body_without("/alerts/0/labels")),
        refusal(&body_with("/alerts/0/labels", json!({}))),
        refusal(&body_with("/alerts/0/labels", json!(["alertname"]))),
        refusal(&body_with("/alerts/0/labels", many_labels)),
        refusal(&body_without("/alerts/0/startsAt")),
        refusal(&body_with(
            "/alerts/0/startsAt",
            json!("0001-01-01T00:00:00Z"),
        )),
        refusal(&body_with(
            "/alerts/0/startsAt",
            json!("1970-01-01T00:00:00Z"),
        )),
        refusal(&body_with(
            "/alerts/0/startsAt",
            json!("9999-12-31T23:59:59Z"),
        )),
        refusal(&body_with("/alerts/0/startsAt", json!(1_795_000_000))),
        refusal(&body_with("/truncatedAlerts", json!(-1))),
        refusal(&body_with("/truncatedAlerts", json!(1.5))),
        refusal(&body_with("/receiver", json!(["bridgewatch"]))),
    ];
    insta::assert_snapshot!(refusals.join("\n"), @r#"
    alerts[0].startsAt: `yesterday` is not an RFC 3339 time. Write it like 2026-11-21T03:02:10Z.
    alerts[1].labels.pod: it is a number, not a text. Send a text.
    version: `5` is not "4". Use a `webhook_configs` receiver of Alertmanager 0.25 or later, without `payload`.
    version: it is a number, not a text. Send a text.
    version: it is missing. This address takes Alertmanager's webhook format; it says "version": "4".
    groupKey: it is missing. Let Alertmanager send its own body: remove `payload` from the webhook receiver.
    groupKey: it is empty. Let Alertmanager send its own body: remove `payload` from the webhook receiver.
    alerts: it is missing. A notification tells of at least one alert.
    alerts: it is empty. A notification tells of at least one alert.
    alerts: it is an object, not a list of objects. Send a list of objects.
    alerts[0]: it is a number, not an object. Send an object.
    alerts[0].status: `pending` is neither `firing` nor `resolved`. Say `firing` or `resolved`.
    alerts[0].status: it is missing. Say `firing` or `resolved`.
    alerts[0].labels: there are none. An alert is known by its labels: give it at least `alertname`.
    alerts[0].labels: there are none. An alert is known by its labels: give it at least `alertname`.
    alerts[0].labels: it is a list, not an object of texts. Send an object of texts.
    alerts[0].labels: it has 300 entries, more than 256. Drop the ones nobody reads in the alerting rule.
    alerts[0].startsAt: it is missing. Say when the alert began to fire, like 2026-11-21T03:02:10Z.
    alerts[0].startsAt: it is missing. Say when the alert began to fire, like 2026-11-21T03:02:10Z.
    alerts[0].startsAt: it lies in the year 1970. Check the clock of the sender.
    alerts[0].startsAt: it lies in the year 9999. Check the clock of the sender.
    alerts[0].startsAt: it is a number, not an RFC 3339 time. Send an RFC 3339 time.
    truncatedAlerts: it is a number, not a whole number from 0 up. Send a whole number from 0 up.
    truncatedAlerts: it is a number, not a whole number from 0 up. Send a whole number from 0 up.
    receiver: it is a list, not a text. Send a text.
    "#);
}

#[test]
fn a_body_that_is_no_notification_is_refused_in_plain_words() {
    let deep = "[".repeat(200_000);
    let deep_label = format!(
        r#"{{"version":"4","groupKey":"g","alerts":[{{"status":"firing","labels":{{"a":{}1{}}}}}]}}"#,
        "[".repeat(200_000),
        "]".repeat(200_000)
    );
    let grafana = {
        let mut body = body();
        body["version"] = json!("1");
        body["orgId"] = json!(1);
        body.to_string().into_bytes()
    };
    let ends_first = String::from_utf8(fixture("resolved.json"))
        .expect("the fixture is text")
        .replace("2026-11-21T23:21:22", "2026-11-21T23:00:00");
    let half = &fixture("firing.json")[..700];
    let refusals = [
        refusal(b""),
        refusal(b" \r\n"),
        refusal(b"alertname=DBDown"),
        refusal(b"null"),
        refusal(b"[]"),
        refusal(b"{\"version\": \"4\xff\"}"),
        refusal(br#"{"version": "\ud800"}"#),
        refusal(half),
        refusal(deep.as_bytes()),
        refusal(deep_label.as_bytes()),
        refusal(&grafana),
        refusal(ends_first.as_bytes()),
    ];
    insta::assert_snapshot!(refusals.join("\n"), @r#"
    body: it is empty. Send the notification as a JSON object.
    body: it is empty. Send the notification as a JSON object.
    body: it is not a JSON object (it cannot be read on at line 1, column 1). Send the notification as a JSON object.
    body: it is not a JSON object (it is other JSON). Send the notification as a JSON object.
    body: it is not a JSON object (it is other JSON). Send the notification as a JSON object.
    body: it is not UTF-8 from byte 14 on. Send JSON encoded as UTF-8, uncompressed.
    version: `"∖ud800"` is not a text. Send a text.
    body: it is not a JSON object (it ends too early, at line 21, column 46). Send the notification as a JSON object.
    body: it is not a JSON object (it is other JSON). Send the notification as a JSON object.
    alerts[0].labels.a: it is a list, not a text. Send a text.
    version: `1` is not "4". This looks like Grafana: point its contact point to /hooks/grafana.
    alerts[0].endsAt: the alert ends before it starts. Check the clock of the sender.
    "#);
}

#[test]
fn a_body_that_would_fill_the_memory_is_refused_by_its_numbers() {
    let many_items = format!(
        r#"{{"version":"4","groupKey":"g","alerts":[{}]}}"#,
        [r#"{"":0}"#; 60_000].join(",")
    );
    let many_fields = format!(
        r#"{{"version":"4","groupKey":"g","alerts":[{{{}}}]}}"#,
        (0..300)
            .map(|number| format!(r#""{number}":0"#))
            .collect::<Vec<_>>()
            .join(",")
    );
    let all_of_it = format!("{{{}}}", [r#""":0"#; 300].join(","));
    let many_labels = format!(
        r#"{{"version":"4","groupKey":"g","alerts":[{{"status":"firing","labels":{{{}}}}}]}}"#,
        [r#""":0"#; 300].join(",")
    );
    let refusals =
        [many_items, many_fields, all_of_it, many_labels].map(|body| refusal(body.as_bytes()));
    insta::assert_snapshot!(refusals.join("\n"), @"
    alerts: it has 60000 items, more than 50000. Group by more labels, or limit the group at the sender (max_alerts).
    alerts[0]: it has more than 256 fields, or one whose name cannot be read. Send the fields of the format, and no others.
    body: it has more than 256 fields, or one whose name cannot be read. Send the fields of the format, and no others.
    alerts[0].labels: it has more than 256 fields, or one whose name cannot be read. Send the fields of the format, and no others.
    ");
}

#[test]
fn a_group_of_twenty_thousand_alerts_is_taken() {
    let mut body = body();
    let alert = body["alerts"][0].clone();
    body["alerts"] = (0..20_000)
        .map(|number| {
            let mut alert = alert.clone();
            alert["labels"]["pod"] = json!(format!("orders-api-{number}"));
            alert
        })
        .collect();
    let delivery = parse(body.to_string().as_bytes()).expect("such groups exist");
    assert_eq!(delivery.alerts.len(), 20_000);
}

/// Any JSON, a few levels deep.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        Just(json!("firing")),
        Just(json!("2026-11-21T23:20:22Z")),
        Just(json!("-262143-01-01T00:00:00Z")),
        Just(json!("2016-12-31T23:59:60.999999999Z")),
    ];
    leaf.prop_recursive(3, 24, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::btree_map(".{0,6}", inner, 0..5)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _outcome = parse(&bytes);
    }

    #[test]
    fn no_damage_to_a_notification_makes_it_panic(
        damages in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        end in any::<prop::sample::Index>(),
        cut in any::<bool>(),
    ) {
        let mut bytes = fixture("group-3-some-resolved.json");
        for (place, byte) in damages {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        if cut {
            bytes.truncate(end.index(bytes.len()));
        }
        let _outcome = parse(&bytes);
    }

    #[test]
    fn whatever_stands_in_a_field_the_answer_is_a_delivery_or_a_place(
        pointer in prop::sample::select(vec![
            "/version", "/groupKey", "/receiver", "/alerts", "/alerts/0", "/truncatedAlerts", "/externalURL",
            "/commonLabels", "/notification_reason", "/alerts/0/status", "/alerts/0/labels", "/alerts/0/labels/pod",
            "/alerts/0/annotations", "/alerts/0/startsAt", "/alerts/0/fingerprint", "/alerts/0/generatorURL",
        ]),
        value in any_json(),
    ) {
        match parse(&body_with(pointer, value)) {
            Ok(delivery) => {
                prop_assert!(!delivery.alerts.is_empty());
                prop_assert!(delivery.alerts.iter().all(|alert| !alert.labels.is_empty()));
            }
            Err(error) => {
                // The place that is named is the one that was changed, or lies within it.
                let place = pointer[1..].replace("/0", "[0]").replace('/', ".");
                prop_assert!(error.path.starts_with(&place), "{error}");
                prop_assert!(error.to_string().len() < 600, "{error}");
            }
        }
    }
}
