//! What people read about a decision.

use super::*;
use crate::alert::AlertSeverity;

#[test]
fn an_explanation_tells_every_question_and_answer() {
    let mut night = Night::begins();
    let mut told = Vec::new();
    for (second, alert) in [
        (0, api()),
        (
            20,
            with(database(), &[("namespace", "shop"), ("job", "db")]),
        ),
        (40, ai()),
        (50, warning("SlowSearch", "ai-worker")),
        (60, warning("DiskFilling", "backup")),
        (
            70,
            with(warning("DiskFilling", "logs"), &[("severity", "page")]),
        ),
        (80, warning("CertificateExpires", "cdn")),
        (85, warning("BackupLate", "vault")),
        (90, api()),
    ] {
        told.push(format!(
            "[+{second} s] {}",
            night.hears(second, &[alert]).explain()
        ));
    }
    insta::assert_snapshot!(told.join("\n"), @r#"
    [+0 s] Open a SEV2 incident "orders-api: ApiErrorRateHigh" (category backend).
      - ApiErrorRateHigh asks for SEV2 because severity=critical
      - no active incident holds this group or one of its alerts
      - no active incident with a recent alert has service=orders-api
      - no incident opened by alerts had one in the last 60 s, so this is no burst
      - the storm brake is off
    [+20 s] Join INC-0001: joined because it is critical and came 20 s after the last alert.
      - DbConnectionsSaturated asks for SEV2 because severity=critical
      - no active incident holds this group or one of its alerts
      - no active incident with a recent alert has service=orders-db
      - no active incident with a recent alert has namespace=shop and job=db
      - INC-0001 had its last alert 20 s ago; critical alerts within 60 s are one burst
    [+40 s] Join INC-0001: joined because it is critical and came 20 s after the last alert; it rises to SEV1.
      - AiTaskQueueStalled asks for SEV2 because severity=critical
      - no active incident holds this group or one of its alerts
      - no active incident with a recent alert has service=ai-worker
      - INC-0001 had its last alert 20 s ago; critical alerts within 60 s are one burst
      - 3 critical alert names within 10 min make a storm: AiTaskQueueStalled, ApiErrorRateHigh, DbConnectionsSaturated
      - its severity rises from SEV2 to SEV1
    [+50 s] Join INC-0001: joined because service=ai-worker.
      - SlowSearch asks for SEV3 because severity=warning
      - no active incident holds this group or one of its alerts
      - INC-0001 has service=ai-worker too and had its last alert at 03:00:40 UTC
    [+60 s] Open a SEV3 incident "backup: DiskFilling" (category unknown).
      - DiskFilling asks for SEV3 because severity=warning
      - no active incident holds this group or one of its alerts
      - no active incident with a recent alert has service=backup
      - the storm brake is off
    [+70 s] Join INC-0002: joined because it is the same group.
      - DiskFilling asks for SEV3 because severity=page is none of critical, info, none, warning
      - INC-0002 holds this group
    [+80 s] Open a SEV3 umbrella incident "Alert storm 03:01": alerts opened a channel 20 s ago, and may open one every 60 s.
      - CertificateExpires asks for SEV3 because severity=warning
      - no active incident holds this group or one of its alerts
      - no active incident with a recent alert has service=cdn
      - the storm brake holds: alerts opened a channel 20 s ago, and may open one every 60 s
    [+85 s] Join INC-0003: joined because it gathers the alert storm.
      - BackupLate asks for SEV3 because severity=warning
      - no active incident holds this group or one of its alerts
      - no active incident with a recent alert has service=vault
      - INC-0003 gathers the alert storm since 03:01:20 UTC
    [+90 s] Ignore: nothing is new for INC-0001.
      - 1 alert said before
      - INC-0001 holds this group
    "#);
}

#[test]
fn every_reason_is_a_sentence_about_something() {
    let reasons = [
        Reason::Changed {
            cleared: 2,
            otherwise: 1,
        },
        Reason::Quiet {
            repeated: 1,
            stale: 4,
        },
        Reason::SameAlert {
            incident: IncidentId(7),
            alert: "DbDown".to_owned(),
        },
        Reason::NotCorrelated {
            asked: vec!["service=a".to_owned(), "service=b".to_owned()],
            more: 5,
        },
        Reason::Fenced {
            incident: IncidentId(7),
            alerts_are_security: true,
        },
        Reason::Fenced {
            incident: IncidentId(7),
            alerts_are_security: false,
        },
        Reason::Relapse {
            incident: IncidentId(7),
            resolved_at: at(61),
        },
        Reason::Hushed {
            incident: IncidentId(7),
            minutes: 4,
            until: at(1_800),
        },
        Reason::Braked(Brake::TooMany { active: 5, most: 5 }),
        Reason::BrakeSparesSecurity,
        Reason::Weighed {
            alert: "Heartbeat".to_owned(),
            count: 3,
            severity: AlertSeverity::RecordOnly,
            why: "severity=none".to_owned(),
        },
    ];
    let sentences: Vec<_> = reasons.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(sentences.join("\n"), @r#"
    2 alerts cleared, 1 alert changed
    1 alert said before, 4 alerts older than what is known
    INC-0007 holds DbDown, sent in another group
    no active incident with a recent alert has service=a or service=b or one of 5 more values
    INC-0007 would match, but it is not restricted and these are security alerts
    INC-0007 would match, but it is restricted and these are no security alerts
    INC-0007 had it before and was resolved at 03:01:01 UTC
    INC-0007 was cancelled 4 min ago: its alerts are quiet until 03:30:00 UTC
    the storm brake holds: 5 incidents are active, and alerts open no further one from 5 on
    a security alert does not go into an umbrella that everybody sees
    Heartbeat (3 alerts) is only recorded because severity=none
    "#);
}

#[test]
fn labels_from_outside_are_harmless_in_an_explanation() {
    let mut night = Night::begins();
    let hostile = "@everyone\n**now**";
    night.hears(0, &[warning(hostile, hostile)]);
    let text = night.hears(100, &[warning("Other", hostile)]).explain();
    assert!(!text.contains('@') && !text.contains("**"), "{text}");
}

#[test]
fn correlation_keys_are_written_as_labels_joined_by_plus() {
    let keys: Vec<_> = RoutingRules::default()
        .correlation_keys
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(keys, ["incident", "service", "namespace+job", "category"]);
    for key in keys {
        assert_eq!(key.parse::<CorrelationKey>().map(String::from), Ok(key));
    }
    for wrong in ["", "a++b", "+", "service+"] {
        assert!(wrong.parse::<CorrelationKey>().is_err(), "{wrong}");
    }
}

#[test]
fn a_routing_can_be_stored_and_read_back() {
    let mut night = Night::begins();
    for (second, alert) in [(0, api()), (10, database()), (20, warning("A", "a"))] {
        let routing = night.hears(second, &[alert]);
        let text = serde_json::to_string(&routing).expect("it has no odd keys");
        assert_eq!(serde_json::from_str::<Routing>(&text).ok(), Some(routing));
    }
    let text = serde_json::to_string(&night.incidents).expect("it has no odd keys");
    let read: Vec<OpenIncident> = serde_json::from_str(&text).expect("it was just written");
    assert_eq!(read, night.incidents);
}
