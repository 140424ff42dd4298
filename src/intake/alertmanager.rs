//! What Prometheus Alertmanager posts to a webhook: version 4 of its format, as 0.25 to 0.34 send it.
//!
//! Fields that we do not know are skipped, and fields that an older version lacks are left empty. The `status` of the
//! whole notification is never read: it is computed after alerts have been cut off (`max_alerts`) and can say "resolved"
//! while three of five still fire.
//!
//! Grafana speaks a dialect of the same format: what differs is in its `Dialect`.

use bridgewatch_core::alert::{Alert, AlertStatus, Delivery, Pairs, fingerprint_of};

pub use super::payload::PayloadError;
use super::payload::{Object, body_object, quoted};

/// The name under which deliveries come in, unless the configuration gives the intake another.
pub const SOURCE: &str = "alertmanager";

/// The most alerts in one notification. Groups of 20,000 have been seen.
pub const MAX_ALERTS: usize = 50_000;

const MAX_RECEIVER_BYTES: usize = 1_024;
/// A group by all labels (`group_by: ['...']`) repeats every label in its key.
const MAX_GROUP_KEY_BYTES: usize = 64 * 1_024;
const MAX_FINGERPRINT_BYTES: usize = 128;
const MAX_LABEL_BYTES: usize = 8 * 1_024;
const MAX_ANNOTATION_BYTES: usize = 64 * 1_024;
/// The link to a rule holds its whole expression.
const MAX_URL_BYTES: usize = 64 * 1_024;
const MAX_REASON_BYTES: usize = 1_024;

/// What senders of this format do each in their own way.
pub(super) struct Dialect {
    pub(super) source: &'static str,
    /// Refuses the body of another sender, and says where that one belongs.
    pub(super) check: fn(&Object<'_>) -> Result<(), PayloadError>,
    /// Adds to the annotations of an alert what stands beside them. The labels are the alert's.
    pub(super) annotate: fn(&Object<'_>, &Pairs, &mut Pairs) -> Result<(), PayloadError>,
    /// What to do when the sender's own fields are missing.
    pub(super) mend: &'static str,
}

const DIALECT: Dialect = Dialect {
    source: SOURCE,
    check: check_version,
    annotate: |_, _, _| Ok(()),
    mend: "Let Alertmanager send its own body: remove `payload` from the webhook receiver",
};

/// Reads one notification.
///
/// # Errors
/// Names the first field that cannot be taken, and how to mend it. The whole notification is refused then: a sender that
/// is answered 400 counts a failure of its own and sends the notification again later.
pub fn parse(body: &[u8]) -> Result<Delivery, PayloadError> {
    read(body, &DIALECT)
}

/// Reads one notification in a dialect.
///
/// # Errors
/// Names the first field that cannot be taken, and how to mend it.
pub(super) fn read(body: &[u8], dialect: &Dialect) -> Result<Delivery, PayloadError> {
    let notification = body_object(body)?;
    (dialect.check)(&notification)?;
    let receiver = notification
        .text("receiver", MAX_RECEIVER_BYTES)?
        .map(|name| without_quote_meta(&name))
        .unwrap_or_default();
    let group_key = notification.required_text("groupKey", MAX_GROUP_KEY_BYTES, dialect.mend)?;
    let alerts = notification
        .objects(
            "alerts",
            MAX_ALERTS,
            "A notification tells of at least one alert",
        )?
        .iter()
        .map(|alert| read_alert(alert, &receiver, &group_key, dialect))
        .collect::<Result<Vec<_>, _>>()?;
    Ok(Delivery {
        source: dialect.source.to_owned(),
        external_url: notification.text("externalURL", MAX_URL_BYTES)?,
        truncated_alerts: notification.count("truncatedAlerts")?,
        notification_reason: notification.text("notification_reason", MAX_REASON_BYTES)?,
        common_labels: notification.pairs("commonLabels", MAX_LABEL_BYTES)?,
        receiver,
        group_key,
        alerts,
    })
}

fn check_version(notification: &Object<'_>) -> Result<(), PayloadError> {
    let version = notification.required_text(
        "version",
        64,
        "This address takes Alertmanager's webhook format; it says \"version\": \"4\"",
    )?;
    if version == "4" {
        return Ok(());
    }
    let mend = if notification.has("orgId") {
        "This looks like Grafana: point its contact point to /hooks/grafana"
    } else {
        "Use a `webhook_configs` receiver of Alertmanager 0.25 or later, without `payload`"
    };
    Err(PayloadError::new(
        "version",
        format!("`{}` is not \"4\"", quoted(&version)),
        mend,
    ))
}

fn read_alert(
    alert: &Object<'_>,
    receiver: &str,
    group_key: &str,
    dialect: &Dialect,
) -> Result<Alert, PayloadError> {
    let status = match alert
        .required_text("status", 64, "Say `firing` or `resolved`")?
        .as_str()
    {
        "firing" => AlertStatus::Firing,
        "resolved" => AlertStatus::Resolved,
        other => {
            return Err(PayloadError::new(
                alert.place("status"),
                format!("`{}` is neither `firing` nor `resolved`", quoted(other)),
                "Say `firing` or `resolved`",
            ));
        }
    };
    let labels = alert.pairs("labels", MAX_LABEL_BYTES)?;
    if labels.is_empty() {
        return Err(PayloadError::new(
            alert.place("labels"),
            "there are none",
            "An alert is known by its labels: give it at least `alertname`",
        ));
    }
    let starts_at = alert.time("startsAt")?.ok_or_else(|| {
        PayloadError::new(
            alert.place("startsAt"),
            "it is missing",
            "Say when the alert began to fire, like 2026-11-21T03:02:10Z",
        )
    })?;
    // The end of a firing alert is no forecast: Alertmanager writes the year 1, others write when it will be forgotten.
    let ends_at = match status {
        AlertStatus::Firing => None,
        AlertStatus::Resolved => alert.time("endsAt")?,
    };
    if ends_at.is_some_and(|end| end < starts_at) {
        return Err(PayloadError::new(
            alert.place("endsAt"),
            "the alert ends before it starts",
            "Check the clock of the sender",
        ));
    }
    // Of what was sent: alerts that differ only behind the cut are still two.
    let fingerprint = match alert.text("fingerprint", MAX_FINGERPRINT_BYTES)? {
        Some(fingerprint) => fingerprint,
        None => fingerprint_of(&alert.pairs_as_sent("labels")?.into_iter().collect()),
    };
    let mut annotations = alert.pairs("annotations", MAX_ANNOTATION_BYTES)?;
    (dialect.annotate)(alert, &labels, &mut annotations)?;
    Ok(Alert {
        source: dialect.source.to_owned(),
        receiver: receiver.to_owned(),
        group_key: group_key.to_owned(),
        fingerprint,
        status,
        annotations,
        starts_at,
        ends_at,
        generator_url: alert.text("generatorURL", MAX_URL_BYTES)?,
        labels,
    })
}

/// The receiver as its owner wrote it: Alertmanager puts a backslash before every character that means something in a
/// regular expression (`bot.prod` arrives as `bot\.prod`).
fn without_quote_meta(name: &str) -> String {
    let mut plain = String::with_capacity(name.len());
    let mut characters = name.chars().peekable();
    while let Some(character) = characters.next() {
        if character == '\\'
            && let Some(quoted) = characters.next_if(|next| r"\.+*?()|[]{}^$".contains(*next))
        {
            plain.push(quoted);
        } else {
            plain.push(character);
        }
    }
    plain
}

#[cfg(test)]
mod tests;
