use bridgewatch_core::alert::{Alert, AlertStatus, Pairs};
use chrono::DateTime;

use super::*;

const GOOD: &str = "---\nid: db-down\ntitle: Database down\ncategory: backend\nmatch: [['alertname=\"DbDown\"']]\n---\n\
                    # Database down\n\nNobody can order.\n\n## Diagnosis\n\n- [ ] Look at the replicas of ${db_host}\n";

fn day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 22).expect("a day")
}

fn linting(files: &[(&str, &str)], strict: bool) -> (String, bool) {
    let files: Vec<(String, String)> = files
        .iter()
        .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
        .collect();
    let (report, verdict) = linted(Some(files.into()), day(), strict);
    (report, verdict.is_ok())
}

fn delivery(labels: &[(&str, &str)]) -> Delivery {
    let labels: Pairs = labels
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    let alert = Alert {
        source: "alertmanager".to_owned(),
        receiver: "bridgewatch".to_owned(),
        group_key: "{}".to_owned(),
        fingerprint: "f1".to_owned(),
        status: AlertStatus::Firing,
        labels,
        annotations: Pairs::new(),
        starts_at: DateTime::UNIX_EPOCH,
        ends_at: None,
        generator_url: None,
    };
    Delivery {
        source: alert.source.clone(),
        receiver: alert.receiver.clone(),
        group_key: alert.group_key.clone(),
        external_url: None,
        truncated_alerts: 0,
        notification_reason: None,
        common_labels: Pairs::new(),
        alerts: vec![alert],
    }
}

#[test]
fn the_shipped_runbooks_pass_in_the_strictest_way() {
    let (report, verdict) = linted(None, day(), true);
    assert!(verdict.is_ok(), "{report}");
    insta::assert_snapshot!(report, @"runbooks: 8, errors: 0, warnings: 0");
}

#[test]
fn the_shipped_runbooks_pass_also_as_the_files_they_are() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("playbooks/runbooks");
    let files = files_of(None, Some(&folder)).expect("the folder can be read");
    let (report, verdict) = linted(files, day(), true);
    assert!(verdict.is_ok(), "{report}");
}

#[test]
fn a_warning_fails_only_when_asked_to_and_an_error_always() {
    let without_value = linting(&[("db.md", GOOD)], false);
    insta::assert_snapshot!(without_value.0, @r#"
    db.md:1:1: warning: no step under ## Validation. Say how somebody can see that it is over.
    db.md:1:1: warning: no step is critical. Mark what must be true before anybody resolves: <!-- critical:yes -->.
    db.md:1:1: warning: no runbook has the id `first-minutes`: when nothing fits, nothing is attached. Add one with id: first-minutes and category: general to the folder.
    db.md:13:31: warning: `${db_host}` is declared nowhere. Add under variables: db_host: { from: labels.db_host, default: "<db_host>" }.
    runbooks: 1, errors: 0, warnings: 4
    "#);
    assert!(without_value.1);
    assert!(!linting(&[("db.md", GOOD)], true).1);
    let (report, is_fine) = linting(&[("db.md", "no front matter")], false);
    insta::assert_snapshot!(report, @"
    db.md:1:1: error: the front matter is missing or not closed. Begin the file with a line ---, then id, title and category, then a line ---.
    db.md:1:1: error: the runbook has no step. Write under ## Diagnosis a line such as - [ ] **On-Call Engineer:** Is the database up?.
    runbooks: 1, errors: 2, warnings: 0
    ");
    assert!(!is_fine);
}

#[test]
fn a_runbook_is_shown_as_the_checklist_it_becomes() {
    let files = vec![("db.md".to_owned(), GOOD.to_owned())];
    let library = Library::parse(files).expect("a good file");
    insta::assert_snapshot!(list(&library), @"db-down                  Database down");
    insta::assert_snapshot!(shown(library.get("db-down").expect("it is there")), @"
    Database down (db-down)

    Nobody can order.

    Diagnosis
      [ ] On-Call: Look at the replicas of ${db_host}
    ");
}

#[test]
fn an_alert_is_told_its_runbook_and_why() {
    let files = vec![("db.md".to_owned(), GOOD.to_owned())];
    let library = Library::parse(files).expect("a good file");
    let fits = delivery(&[("alertname", "DbDown"), ("db_host", "db-7")]);
    insta::assert_snapshot!(tried(&library, &fits, false), @r#"
    attached: db-down (10.00): Alert DbDown matches alertname="DbDown".
    first in Diagnosis: Look at the replicas of db-7
    "#);
    let fits_nothing = delivery(&[("alertname", "Other")]);
    insta::assert_snapshot!(tried(&library, &fits_nothing, false), @"no runbook fits, and there is no first-minutes for any incident");
    insta::assert_snapshot!(tried(&Library::embedded(), &fits_nothing, false), @"
    attached: first-minutes (0.00): No runbook fits these alerts; this is the list for any incident.
    first in Diagnosis: Say in one line what users cannot do
    first in Mitigation: Decision: which is the safest step that can be undone?
    first in Communication: Check that the first internal note is correct
    first in Resolution: List the temporary measures, each with an owner and a day of removal
    first in Validation: Check that all health checks are green
    first in Learning: Confirm when the impact on users began and ended
    ");
}
