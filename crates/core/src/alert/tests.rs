//! What the tests of this module say alerts with.

use chrono::{DateTime, TimeDelta, Utc};

use super::{Alert, AlertStatus, Pairs, fingerprint_of};

/// So many seconds after three o'clock in the night of the tests.
pub(crate) fn at(seconds: i64) -> DateTime<Utc> {
    let three_o_clock = DateTime::parse_from_rfc3339("2026-11-21T03:00:00Z")
        .expect("the time is a literal")
        .to_utc();
    three_o_clock + TimeDelta::seconds(seconds)
}

pub(crate) fn pairs(of: &[(&str, &str)]) -> Pairs {
    of.iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

/// A critical alert that began at a second of the night and fires.
pub(crate) fn firing(name: &str, start: i64) -> Alert {
    let labels = pairs(&[("alertname", name), ("severity", "critical")]);
    Alert {
        source: "alertmanager".to_owned(),
        receiver: "bridgewatch".to_owned(),
        group_key: format!("{{}}:{{alertname=\"{name}\"}}"),
        fingerprint: fingerprint_of(&labels),
        status: AlertStatus::Firing,
        labels,
        annotations: Pairs::new(),
        starts_at: at(start),
        ends_at: None,
        generator_url: None,
    }
}

/// The same alert, cleared at a later second.
pub(crate) fn cleared(name: &str, start: i64, end: i64) -> Alert {
    Alert {
        status: AlertStatus::Resolved,
        ends_at: Some(at(end)),
        ..firing(name, start)
    }
}
