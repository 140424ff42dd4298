//! A JSON of our own, for whatever has no parser here: Sentry, Datadog, a job of CI, a script. `docs/sources.md` has its
//! fields and shows how those three fill them.
//!
//! One alert is an object; several are a list under `alerts`, which then share the `group` beside it. The words for the
//! two states are those that the templates of other programs write: what is neither is refused, since an alert that is
//! taken for over by mistake wakes nobody.

use bridgewatch_core::alert::{Alert, AlertStatus, Delivery, Pairs, alert_name};

use super::payload::{MAX_PAIRS, Object, PayloadError, body_object, quoted, was_cut};

/// The name under which deliveries come in.
pub const SOURCE: &str = "generic";

/// The most alerts in one list.
pub const MAX_ALERTS: usize = 1_000;

const MAX_ID_BYTES: usize = 128;
const MAX_WORD_BYTES: usize = 256;
const MAX_TITLE_BYTES: usize = 8 * 1_024;
const MAX_TEXT_BYTES: usize = 64 * 1_024;
const MAX_URL_BYTES: usize = 8 * 1_024;

/// The words that say that it fires, and those that say that it is over, in small letters.
const FIRING: [&str; 9] = [
    "firing",
    "triggered",
    "re-triggered",
    "renotify",
    "alerting",
    "alert",
    "warn",
    "no data",
    "open",
];
const RESOLVED: [&str; 4] = ["resolved", "recovered", "ok", "closed"];

const SAY_STATUS: &str = "Say `firing` or `resolved`";

/// Reads one alert, or a list.
///
/// # Errors
/// Names the first field that cannot be taken, and how to mend it.
pub fn parse(body: &[u8]) -> Result<Delivery, PayloadError> {
    let request = body_object(body)?;
    let group = request.text("group", MAX_TITLE_BYTES)?;
    let (group_key, alerts) = if request.has("alerts") {
        let group = group.ok_or_else(|| {
            PayloadError::new(
                "group",
                "it is missing",
                "Name what the alerts of a list have in common; it stays the same from one request to the next",
            )
        })?;
        let alerts = request
            .objects("alerts", MAX_ALERTS, "A list has at least one alert")?
            .iter()
            .map(|alert| read_alert(alert, &group))
            .collect::<Result<Vec<_>, _>>()?;
        (group, alerts)
    } else {
        let group = match group {
            Some(group) => group,
            None => id_of(&request)?,
        };
        let alert = read_alert(&request, &group)?;
        (group, vec![alert])
    };
    Ok(Delivery {
        source: SOURCE.to_owned(),
        receiver: String::new(),
        group_key,
        external_url: None,
        truncated_alerts: 0,
        notification_reason: None,
        common_labels: shared_labels(&alerts),
        alerts,
    })
}

/// `id`, or `fingerprint`, as others call it.
fn id_of(alert: &Object<'_>) -> Result<String, PayloadError> {
    let field = if alert.has("fingerprint") && !alert.has("id") {
        "fingerprint"
    } else {
        "id"
    };
    alert.required_text(
        field,
        MAX_ID_BYTES,
        "Send what stays the same while this alert fires, is repeated and is over, such as the id of the issue",
    )
}

fn read_alert(alert: &Object<'_>, group_key: &str) -> Result<Alert, PayloadError> {
    let fingerprint = id_of(alert)?;
    let status = status_of(alert)?;
    let title = alert.required_words(
        "title",
        MAX_TITLE_BYTES,
        "Say in a line what is wrong; people read it first",
    )?;
    let mut labels = alert.pairs("labels", MAX_TITLE_BYTES)?;
    for field in ["severity", "service"] {
        if let Some(word) = alert.text(field, MAX_WORD_BYTES)? {
            labels.insert(field.to_owned(), word);
        }
    }
    if alert_name(&labels).is_none() {
        labels.insert("alertname".to_owned(), title.clone());
    }
    let mut annotations = Pairs::new();
    annotations.insert("summary".to_owned(), title);
    if let Some(text) = alert.words("description", MAX_TEXT_BYTES)? {
        annotations.insert("description".to_owned(), text);
    }
    for (name, url) in &alert.pairs("links", MAX_URL_BYTES)? {
        if annotations.len() < MAX_PAIRS && !url.is_empty() && !was_cut(url) {
            annotations.insert(annotation_of_link(name), url.clone());
        }
    }
    let ends_at = match status {
        AlertStatus::Firing => None,
        AlertStatus::Resolved => alert.time_or_number("ends_at")?,
    };
    let starts_at = match (alert.time_or_number("starts_at")?, ends_at) {
        (Some(start), _) => start,
        // The end alone is enough: what it ends is known by its id.
        (None, Some(end)) => end,
        (None, None) => {
            let (field, what) = match status {
                AlertStatus::Firing => ("starts_at", "began to fire"),
                AlertStatus::Resolved => ("ends_at", "was over"),
            };
            return Err(PayloadError::new(
                alert.place(field),
                "it is missing",
                format!("Say when the alert {what}, like 2026-11-21T03:02:10Z"),
            ));
        }
    };
    if ends_at.is_some_and(|end| end < starts_at) {
        return Err(PayloadError::new(
            alert.place("ends_at"),
            "the alert ends before it starts",
            "Check the clock of the sender",
        ));
    }
    Ok(Alert {
        source: SOURCE.to_owned(),
        receiver: String::new(),
        group_key: group_key.to_owned(),
        fingerprint,
        status,
        labels,
        annotations,
        starts_at,
        ends_at,
        generator_url: None,
    })
}

fn status_of(alert: &Object<'_>) -> Result<AlertStatus, PayloadError> {
    let word = alert.required_text("status", MAX_WORD_BYTES, SAY_STATUS)?;
    let lower = word.trim().to_lowercase();
    if FIRING.contains(&lower.as_str()) {
        Ok(AlertStatus::Firing)
    } else if RESOLVED.contains(&lower.as_str()) {
        Ok(AlertStatus::Resolved)
    } else {
        Err(PayloadError::new(
            alert.place("status"),
            format!("`{}` is neither `firing` nor `resolved`", quoted(&word)),
            SAY_STATUS,
        ))
    }
}

/// `Error page` becomes `error_page_url`: how the annotations of an alert name their links.
fn annotation_of_link(name: &str) -> String {
    let word: String = name
        .trim()
        .to_lowercase()
        .chars()
        .map(|character| {
            if character.is_alphanumeric() {
                character
            } else {
                '_'
            }
        })
        .collect();
    format!("{}_url", word.strip_suffix("_url").unwrap_or(&word))
}

fn shared_labels(alerts: &[Alert]) -> Pairs {
    let Some((first, others)) = alerts.split_first() else {
        return Pairs::new();
    };
    first
        .labels
        .iter()
        .filter(|(name, value)| {
            others
                .iter()
                .all(|other| other.labels.get(*name) == Some(*value))
        })
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

#[cfg(test)]
mod tests;
