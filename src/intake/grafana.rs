//! What Grafana Alerting posts to the contact point *Webhook*: Alertmanager's format with more in it.
//!
//! Like the status of an Alertmanager's whole notification, Grafana's `state`, `title` and `message` are made after alerts
//! were cut off, and are not read. What each alert adds is kept beside its annotations, so that it reaches people: the
//! dashboard and the panel, the address at which it can be silenced, and what was measured. They are links only on their
//! way to a card, where a link that hides where it leads becomes text.
//!
//! A custom payload template is refused with its missing field: nothing here guesses what a team has made of it.

use bridgewatch_core::alert::{Delivery, Pairs, UNNAMED, alert_name};

use super::alertmanager::{self, Dialect};
use super::payload::{MAX_PAIRS, Object, PayloadError, quoted};

/// The name under which deliveries come in.
pub const SOURCE: &str = "grafana";

const MAX_URL_BYTES: usize = 64 * 1_024;

/// How many measurements are told.
const MOST_VALUES: usize = 5;

/// Where each address of an alert is kept among its annotations. What the rule's owner wrote there stays.
const LINKS: [(&str, &str); 3] = [
    ("dashboardURL", "dashboard_url"),
    ("panelURL", "panel_url"),
    ("silenceURL", "silence_url"),
];

const DIALECT: Dialect = Dialect {
    source: SOURCE,
    check: check_version,
    annotate,
    mend: "Let Grafana send its own body: remove the custom payload from the contact point",
};

/// Reads one notification.
///
/// # Errors
/// Names the first field that cannot be taken, and how to mend it.
pub fn parse(body: &[u8]) -> Result<Delivery, PayloadError> {
    alertmanager::read(body, &DIALECT)
}

fn check_version(notification: &Object<'_>) -> Result<(), PayloadError> {
    let version = notification.required_text("version", 64, DIALECT.mend)?;
    if version == "1" {
        return Ok(());
    }
    let mend = if version == "4" && !notification.has("orgId") {
        "This looks like Alertmanager: point its receiver to /hooks/alertmanager"
    } else {
        "Use Grafana's contact point `Webhook`, of Grafana 9 or later"
    };
    Err(PayloadError::new(
        "version",
        format!("`{}` is not \"1\"", quoted(&version)),
        mend,
    ))
}

fn annotate(
    alert: &Object<'_>,
    labels: &Pairs,
    annotations: &mut Pairs,
) -> Result<(), PayloadError> {
    let mut add = |name: &str, text: String| {
        if annotations.len() < MAX_PAIRS && annotations.get(name).is_none() {
            annotations.insert(name.to_owned(), text);
        }
    };
    for (field, annotation) in LINKS {
        if let Some(url) = alert.text(field, MAX_URL_BYTES)? {
            add(annotation, url);
        }
    }
    let mut measured = alert.numbers("values")?;
    measured.sort_by(|(one, _), (other, _)| one.cmp(other));
    let measured: Vec<String> = measured
        .into_iter()
        .take(MOST_VALUES)
        .map(|(name, number)| format!("{name}={}", rounded(number)))
        .collect();
    if !measured.is_empty() {
        let measured = measured.join(", ");
        // Without a summary of the rule's owner, the number is the most that can be said.
        let name = alert_name(labels).unwrap_or(UNNAMED);
        add("summary", format!("{name}: {measured}"));
        add("values", measured);
    }
    Ok(())
}

/// A measurement as people read it: `38.2`, not `38.199999999999996`.
fn rounded(number: f64) -> String {
    if number == 0.0 || (0.01..1e9).contains(&number.abs()) {
        let text = format!("{number:.2}");
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        format!("{number:.2e}")
    }
}

#[cfg(test)]
mod tests;
