//! Which label of an alert says how bad it is, and what its values mean.

use std::collections::BTreeMap;

use bridgewatch_core::alert::{AlertSeverity, SeverityRules};
use bridgewatch_core::severity::Severity;

use super::problem::{Place, Wrong};
use super::reader::Reader;
use super::values::{label, label_value};

/// What a value may ask for, and the values that ask for it unless a team says otherwise.
const LISTS: [(&str, AlertSeverity, &[&str]); 5] = [
    ("sev1", AlertSeverity::Incident(Severity::Sev1), &[]),
    (
        "sev2",
        AlertSeverity::Incident(Severity::Sev2),
        &["critical"],
    ),
    (
        "sev3",
        AlertSeverity::Incident(Severity::Sev3),
        &["warning"],
    ),
    ("sev4", AlertSeverity::Incident(Severity::Sev4), &[]),
    ("record_only", AlertSeverity::RecordOnly, &["info", "none"]),
];

/// Reads `[policy.severity]`. A value that two lists name is a mistake: nobody could say how bad it is.
pub(super) fn read(reader: &mut Reader) -> SeverityRules {
    let key = |name: &str| format!("policy.severity.{name}");
    let mut values = BTreeMap::new();
    let mut named: BTreeMap<String, (&str, Place)> = BTreeMap::new();
    for (name, severity, usual) in LISTS {
        for (written, place) in reader.list_or(&key(name), usual) {
            let value = match label_value(&written) {
                Ok(value) => value,
                Err(wrong) => {
                    reader.complain(place, &key(name), wrong);
                    continue;
                }
            };
            let Some((other, other_place)) = named.get(&value).cloned() else {
                named.insert(value.clone(), (name, place));
                values.insert(value, severity);
                continue;
            };
            if other == name {
                continue;
            }
            // A default has no place. Of two lists at least one was written.
            let is_usual = place == Place::Nowhere || other_place == Place::Nowhere;
            let (name, other, place) = match place {
                Place::Nowhere => (other, name, other_place),
                _ => (name, other, place),
            };
            let mend = if is_usual {
                format!(
                    "write {other} without it as well: where it is not written it has its default"
                )
            } else {
                "give each value one meaning".to_owned()
            };
            let wrong = Wrong::new(format!("`{value}` stands in {other}, too"), mend);
            reader.complain(place, &key(name), wrong);
        }
    }
    SeverityRules {
        incident_label: reader.value(&key("incident_label"), "incident_severity", label),
        global_label: reader.value(&key("global_label"), "scope", label),
        global_value: reader.value(&key("global_value"), "global", label_value),
        severity_label: reader.value(&key("label"), "severity", label),
        values,
        otherwise: reader.value(&key("otherwise"), "sev3", meaning),
    }
}

fn meaning(text: &str) -> Result<AlertSeverity, Wrong> {
    LISTS
        .into_iter()
        .find(|(name, ..)| *name == text)
        .map(|(_, severity, _)| severity)
        .ok_or_else(|| {
            Wrong::new(
                format!("`{text}` is none of sev1, sev2, sev3, sev4 and record_only"),
                "write one of them, such as \"sev3\"",
            )
        })
}
