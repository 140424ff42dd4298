//! From a label to a severity.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Pairs;
use crate::severity::Severity;

/// How much an alert matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlertSeverity {
    /// It asks for an incident of this severity.
    Incident(Severity),
    /// It is kept and shown beside an incident, and never makes one.
    RecordOnly,
}

impl AlertSeverity {
    /// The severity, if it asks for an incident.
    #[must_use]
    pub fn incident(self) -> Option<Severity> {
        match self {
            Self::Incident(severity) => Some(severity),
            Self::RecordOnly => None,
        }
    }

    /// Whether the storm rule counts it: SEV1 and SEV2.
    #[must_use]
    pub fn is_critical(self) -> bool {
        self.incident().is_some_and(Severity::is_major)
    }
}

/// A severity and the reason for it, as half a sentence: "because severity=critical".
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeverityVerdict {
    /// How much the alert matters.
    pub severity: AlertSeverity,
    /// Why, in words that follow "because".
    pub why: String,
}

/// How labels become severities. The order of questions is fixed; what the answers mean is the team's.
///
/// 1. `incident_label` (`incident_severity`) with a value `sev1` to `sev4` wins.
/// 2. `global_label` (`scope`) with the value `global_value` (`global`) means SEV1.
/// 3. `severity_label` (`severity`) is looked up in `values`, in any case of letters.
/// 4. Everything else is `otherwise`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SeverityRules {
    /// The label by which a rule's author names a severity outright.
    pub incident_label: String,
    /// The label that says how far an alert reaches.
    pub global_label: String,
    /// Its value for "everybody".
    pub global_value: String,
    /// The label that monitoring rules use for urgency.
    pub severity_label: String,
    /// What its values mean. Keys in lower case.
    pub values: BTreeMap<String, AlertSeverity>,
    /// What a missing or unknown value means.
    pub otherwise: AlertSeverity,
}

impl Default for SeverityRules {
    fn default() -> Self {
        Self {
            incident_label: "incident_severity".to_owned(),
            global_label: "scope".to_owned(),
            global_value: "global".to_owned(),
            severity_label: "severity".to_owned(),
            values: BTreeMap::from([
                (
                    "critical".to_owned(),
                    AlertSeverity::Incident(Severity::Sev2),
                ),
                (
                    "warning".to_owned(),
                    AlertSeverity::Incident(Severity::Sev3),
                ),
                ("info".to_owned(), AlertSeverity::RecordOnly),
                ("none".to_owned(), AlertSeverity::RecordOnly),
            ]),
            otherwise: AlertSeverity::Incident(Severity::Sev3),
        }
    }
}

impl SeverityRules {
    /// What `labels` ask for, and why.
    #[must_use]
    pub fn severity_of(&self, labels: &Pairs) -> SeverityVerdict {
        let mut misread = String::new();
        if let Some(text) = labels.get(&self.incident_label) {
            match text.parse::<Severity>() {
                Ok(severity) => {
                    return SeverityVerdict {
                        severity: AlertSeverity::Incident(severity),
                        why: format!("{}={}", self.incident_label, severity.id()),
                    };
                }
                Err(_) => {
                    misread = format!(
                        " ({}={} is none of sev1 to sev4)",
                        self.incident_label,
                        super::safe_line(text, 40)
                    );
                }
            }
        }
        if labels
            .get(&self.global_label)
            .is_some_and(|scope| scope.trim().eq_ignore_ascii_case(&self.global_value))
        {
            return SeverityVerdict {
                severity: AlertSeverity::Incident(Severity::Sev1),
                why: format!("{}={}{misread}", self.global_label, self.global_value),
            };
        }
        let value = labels
            .get(&self.severity_label)
            .map(|value| value.trim().to_lowercase())
            .filter(|value| !value.is_empty());
        let Some(value) = value else {
            return SeverityVerdict {
                severity: self.otherwise,
                why: format!("it has no label {}{misread}", self.severity_label),
            };
        };
        let shown = super::safe_line(&value, 40);
        match self.values.get(&value) {
            Some(severity) => SeverityVerdict {
                severity: *severity,
                why: format!("{}={shown}{misread}", self.severity_label),
            },
            None => SeverityVerdict {
                severity: self.otherwise,
                why: format!(
                    "{}={shown} is none of {}{misread}",
                    self.severity_label,
                    self.values
                        .keys()
                        .map(String::as_str)
                        .collect::<Vec<_>>()
                        .join(", ")
                ),
            },
        }
    }
}

/// What `labels` ask for by the default rules.
#[must_use]
pub fn severity_of(labels: &Pairs) -> SeverityVerdict {
    SeverityRules::default().severity_of(labels)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alert::tests::pairs;

    fn verdict(labels: &[(&str, &str)]) -> (AlertSeverity, String) {
        let verdict = severity_of(&pairs(labels));
        (verdict.severity, verdict.why)
    }

    #[test]
    fn labels_become_severities_by_the_default_rules() {
        use AlertSeverity::{Incident, RecordOnly};
        use Severity::{Sev1, Sev2, Sev3, Sev4};
        type Row = (
            &'static [(&'static str, &'static str)],
            AlertSeverity,
            &'static str,
        );
        let table: [Row; 11] = [
            (
                &[("severity", "critical")],
                Incident(Sev2),
                "severity=critical",
            ),
            (
                &[("severity", " Critical ")],
                Incident(Sev2),
                "severity=critical",
            ),
            (
                &[("severity", "warning")],
                Incident(Sev3),
                "severity=warning",
            ),
            (&[("severity", "info")], RecordOnly, "severity=info"),
            (&[("severity", "none")], RecordOnly, "severity=none"),
            (
                &[("severity", "warning"), ("incident_severity", "sev1")],
                Incident(Sev1),
                "incident_severity=sev1",
            ),
            (
                &[("scope", "global"), ("incident_severity", "SEV4")],
                Incident(Sev4),
                "incident_severity=sev4",
            ),
            (
                &[("severity", "warning"), ("scope", "global")],
                Incident(Sev1),
                "scope=global",
            ),
            (
                &[("alertname", "X")],
                Incident(Sev3),
                "it has no label severity",
            ),
            (
                &[("severity", "page")],
                Incident(Sev3),
                "severity=page is none of critical, info, none, warning",
            ),
            (
                &[("severity", "critical"), ("incident_severity", "huge")],
                Incident(Sev2),
                "severity=critical (incident_severity=huge is none of sev1 to sev4)",
            ),
        ];
        for (labels, severity, why) in table {
            assert_eq!(verdict(labels), (severity, why.to_owned()), "{labels:?}");
        }
    }

    #[test]
    fn a_team_may_give_its_own_words_a_meaning() {
        let rules: SeverityRules = toml::from_str(
            r#"
            severity_label = "urgency"
            otherwise = "record_only"
            [values]
            page = { incident = "sev1" }
            ticket = { incident = "sev4" }
            "#,
        )
        .expect("the text above is valid");
        let severity = |urgency| rules.severity_of(&pairs(&[("urgency", urgency)])).severity;
        assert_eq!(severity("page"), AlertSeverity::Incident(Severity::Sev1));
        assert_eq!(severity("ticket"), AlertSeverity::Incident(Severity::Sev4));
        assert_eq!(severity("critical"), AlertSeverity::RecordOnly);
    }

    #[test]
    fn a_misspelt_setting_is_named() {
        let error = toml::from_str::<SeverityRules>("serverity_label = \"x\"")
            .expect_err("there is no such setting");
        assert!(error.to_string().contains("serverity_label"), "{error}");
    }
}
