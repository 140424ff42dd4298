use std::collections::BTreeSet;
use std::io::Write;
use std::sync::{Arc, Mutex};

use secrecy::SecretString;
use serde_json::Value;

use super::*;

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("no panic while locked").write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// What is logged while `work` runs.
fn logged(format: LogFormat, filter: &str, work: impl FnOnce()) -> String {
    let lines = Lines::default();
    let writer = lines.clone();
    let log = Log {
        format,
        filter: filter.into(),
    };
    let subscriber = subscriber(&log, false, move || writer.clone()).expect("the filter is valid");
    tracing::subscriber::with_default(subscriber, work);
    let bytes = lines.0.lock().expect("no panic while locked").clone();
    String::from_utf8(bytes).expect("lines are text")
}

#[test]
fn a_json_line_carries_its_fields_and_its_span() {
    let line = logged(LogFormat::Json, "info", || {
        let _span = tracing::info_span!("effect", incident.id = 7).entered();
        tracing::info!(attempt = 2, "carried out");
    });
    let line: Value = serde_json::from_str(&line).expect("one line of JSON");
    assert_eq!(line["message"], "carried out");
    assert_eq!(line["attempt"], 2);
    assert_eq!(line["span"]["incident.id"], 7);
    assert_eq!(line["level"], "INFO");
}

#[test]
fn text_without_colours_holds_no_control_characters() {
    let line = logged(LogFormat::Text, "info", || tracing::info!("carried out"));
    assert!(line.trim_end().chars().all(|c| !c.is_control()), "{line:?}");
}

#[test]
fn the_filter_decides_what_is_logged() {
    let lines = logged(LogFormat::Text, "warn,bridgewatch=debug", || {
        tracing::debug!(target: "bridgewatch::desk", "ours");
        tracing::info!(target: "hyper", "theirs");
    });
    assert!(lines.contains("ours"));
    assert!(!lines.contains("theirs"));
}

#[test]
fn a_secret_in_a_log_line_is_hidden() {
    let token = SecretString::from("canary");
    let lines = logged(LogFormat::Json, "trace", || {
        tracing::info!(?token, "started")
    });
    assert!(lines.contains("REDACTED"), "{lines}");
    assert!(!lines.contains("canary"), "{lines}");
}

#[test]
fn a_panic_is_logged_with_its_place() {
    let before = std::panic::take_hook();
    let line = logged(LogFormat::Text, "error", || {
        std::panic::set_hook(Box::new(log_panic));
        let _ = std::panic::catch_unwind(|| panic!("the bridge is out"));
    });
    std::panic::set_hook(before);
    assert!(line.contains("bug: the bridge is out"), "{line}");
    assert!(line.contains("src/telemetry/tests.rs:"), "{line}");
}

#[test]
fn every_metric_is_described_and_has_the_shape_its_name_promises() {
    metrics_handle().expect("nobody else installs a recorder");
    for Metric {
        name, kind, unit, ..
    } in METRICS
    {
        assert!(name.starts_with("bridgewatch_"), "{name}");
        assert_eq!(name.ends_with("_total"), kind == Kind::Counter, "{name}");
        assert_eq!(name.ends_with("_seconds"), unit == Unit::Seconds, "{name}");
    }
    let shared = metrics_handle().expect("the second call gives the same handle");
    metrics::counter!(COMMIT_CONFLICTS).increment(1);
    assert!(
        shared
            .render()
            .contains("# HELP bridgewatch_commit_conflicts_total")
    );
}

/// Every name of ours in a text, without the endings that Prometheus adds to a histogram's.
fn names_in(text: &str) -> BTreeSet<String> {
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .filter(|word| word.starts_with("bridgewatch_"))
        .map(|word| {
            ["_bucket", "_count", "_sum"]
                .iter()
                .find_map(|ending| word.strip_suffix(ending))
                .unwrap_or(word)
                .to_owned()
        })
        .collect()
}

#[test]
fn the_page_on_logging_and_the_dashboard_show_every_metric_and_no_other() {
    let emitted: BTreeSet<String> = METRICS
        .iter()
        .map(|metric| metric.name.to_owned())
        .collect();
    for (file, text) in [
        ("docs/LOGGING.md", include_str!("../../docs/LOGGING.md")),
        (
            "deploy/grafana/bridgewatch.json",
            include_str!("../../deploy/grafana/bridgewatch.json"),
        ),
    ] {
        assert_eq!(names_in(text), emitted, "{file}");
    }
}

#[test]
fn the_alert_rules_and_their_tests_know_only_our_metrics() {
    let emitted: BTreeSet<String> = METRICS
        .iter()
        .map(|metric| metric.name.to_owned())
        .collect();
    for text in [
        include_str!("../../deploy/prometheus/rules.yml"),
        include_str!("../../deploy/prometheus/rules_test.yml"),
        include_str!("../../docs/operating.md"),
    ] {
        let unknown: Vec<_> = names_in(text).difference(&emitted).cloned().collect();
        assert_eq!(unknown, Vec::<String>::new());
    }
}
