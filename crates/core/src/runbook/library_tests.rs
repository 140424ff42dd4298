//! The runbooks that come with Bridgewatch, and folders of a team's own.

use std::path::Path;

use chrono::NaiveDate;
use insta::assert_snapshot;

use super::library::EMBEDDED;
use super::{FileFindings, Library, parse};

fn file(id: &str, front_matter: &str, text: &str) -> (String, String) {
    let file = format!(
        "---\nid: {id}\ntitle: T\ncategory: backend\n{front_matter}\n---\n# T\n\nMeaning.\n\n## Validation\n- [ ] Check it <!-- critical:yes -->\n{text}"
    );
    (format!("{id}.md"), file)
}

fn general() -> (String, String) {
    let (name, text) = file("first-minutes", "", "");
    (name, text.replace("category: backend", "category: general"))
}

fn listed(findings: &[FileFindings]) -> String {
    findings
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn every_file_in_the_folder_is_embedded() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../playbooks/runbooks");
    let entries =
        std::fs::read_dir(&folder).expect("the folder of runbooks is part of the repository");
    let mut names: Vec<String> = entries
        .map(|entry| {
            entry
                .expect("the folder can be listed")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    names.sort();
    let embedded: Vec<&str> = EMBEDDED.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, embedded);
}

#[test]
fn the_embedded_runbooks_have_no_findings_and_are_named_by_their_id() {
    for (name, text) in EMBEDDED {
        let parsed = parse(text);
        assert_eq!(
            FileFindings {
                file: name.to_owned(),
                findings: parsed.findings
            }
            .to_string(),
            ""
        );
        assert_eq!(
            parsed
                .runbook
                .map(|runbook| format!("{}.md", runbook.id))
                .as_deref(),
            Some(name)
        );
    }
    assert_eq!(listed(Library::embedded().warnings()), "");
}

#[test]
fn the_body_of_each_embedded_step_fits_its_card() {
    for runbook in Library::embedded().runbooks() {
        for step in &runbook.steps {
            let length = step.text.chars().count() + step.body.chars().count();
            assert!(
                length <= 900,
                "{}/{} has {length} characters",
                runbook.id,
                step.id
            );
        }
    }
}

/// One line per step: the phase's letter, the owner, the id, `!` critical, `^` high risk.
fn outline() -> String {
    let mut outline = String::new();
    for runbook in Library::embedded().runbooks() {
        outline.push_str(&format!("{}\n", runbook.id));
        for step in &runbook.steps {
            let marks = [(step.critical, " !"), (step.high_risk, " ^")];
            let marks: String = marks
                .iter()
                .filter(|(set, _)| *set)
                .map(|(_, mark)| *mark)
                .collect();
            outline.push_str(&format!(
                "  {:.1} {} {}{marks}\n",
                step.phase.heading(),
                step.owner.id(),
                step.id
            ));
        }
    }
    outline
}

#[test]
fn the_ids_owners_and_marks_of_embedded_steps_are_a_promise() {
    assert_snapshot!(outline(), @r#"
    ai
      D oncall which-kind !
      D oncall ai-metrics
      D oncall what-changed
      D backend hung-workers
      D oncall provider-status
      D docs collect-examples !
      D oncall harmful-content
      M oncall feature-off !
      M oncall breaker-and-timeout
      M oncall pin-model
      M oncall validation-layer
      M backend retry-tasks ^
      M bridge hide-content
      C bridge say-plainly
      C bridge ethical-oversight
      R backend restart-services
      R backend fix-and-evaluate
      V backend fresh-tasks !
      V backend evaluation-passes !
      V oncall metrics-baseline !
      V oncall fallback-state !
      V backend backlog-age
      L docs ai-observability !
      L docs breaker-values
      L docs audit-ai-code
      L docs human-review
    backend
      D oncall database-up !
      D oncall connection-count
      D backend locks
      D backend lag-disk-memory
      D oncall last-change
      D backend api-log
      D oncall connection-holder
      M oncall roll-back
      M oncall serve-cached
      M backend stop-jobs
      M backend terminate-sessions ^
      M backend fail-over ^
      M oncall rate-limit
      M backend retries-back-off
      C bridge what-still-works
      R backend restore-settings
      R backend migration
      R backend enable-jobs
      V backend write-and-read !
      V backend connections-normal !
      V backend no-lock-queue
      V backend data-checked !
      V oncall api-baseline !
      V oncall alert-delay
      L docs pool-threshold
      L docs cache-and-retries
      L docs playbook-change
    first-minutes
      D oncall say-it !
      D oncall what-changed
      D oncall error-dashboard
      D oncall database-and-ai
      D oncall severity
      D oncall page-owner
      M oncall safest-step
      M oncall announce-first
      M oncall effect
      C bridge first-note
      C bridge promise
      C bridge product-truth
      R oncall temporary-measures
      V oncall health-checks !
      V frontend main-journey !
      V oncall alerts-clear !
      L docs impact-times !
      L docs earlier-warning
      L docs missing-step
    frontend
      D frontend reproduce !
      D frontend bundle-version
      D frontend error-tracker
      D frontend without-api-error
      D frontend stale-state
      D oncall flag-change
      M frontend roll-back-bundle
      M frontend flag-off
      M frontend purge-cdn ^
      M frontend recover-clients
      M frontend error-boundary
      C frontend banner
      C bridge tell-support
      R frontend fix-with-test
      R frontend migrate-state
      R frontend ship-to-few
      V frontend main-journey !
      V frontend client-errors-normal !
      V frontend old-tabs-recover !
      V oncall api-load-normal
      L docs missing-boundary
      L docs test-gap
      L docs roll-back-time
    integration
      D oncall which-pair !
      D backend failing-payload
      D oncall who-changed
      D backend backlog
      D backend retry-load
      D oncall partner-status
      M oncall open-breaker
      M backend pause-consumer
      M backend pin-version
      M backend tolerant-reader
      M backend park-messages
      C bridge contact-partner
      C bridge features-cut-off
      R backend fix-contract
      R backend replay-messages ^
      V backend contract-tests !
      V backend backlog-drains !
      V backend counts-match !
      V frontend feature-works
      L docs contract-test-in-ci
      L docs parse-error-ratio
      L docs announce-changes
    performance
      D oncall who-is-slow !
      D oncall demand-or-capacity
      D backend memory-over-days
      D backend cache-state
      D backend slow-queries
      D frontend page-weight
      D oncall what-changed
      M oncall scale-out
      M oncall shed-load
      M backend restart-workers ^
      M backend warm-cache
      M frontend assets-to-cdn
      M oncall roll-back
      C bridge slow-not-down
      R backend profile-and-fix
      R backend cache-policy
      V oncall latency-at-target !
      V backend memory-flat !
      V backend hit-ratio-back
      V oncall headroom
      L docs slope-alert
      L docs load-test-in-ci
      L docs capacity-forecast
    scenario-3am
      D oncall take-it !
      D oncall newest-deploy
      D oncall logs
      D oncall dashboards
      D oncall ai-pipeline
      D backend database-connections
      D oncall leading-suspect !
      D frontend users-see
      D oncall page-people
      M oncall ai-off !
      M oncall roll-back
      M backend free-connections
      M oncall non-essential-off
      M oncall say-effect !
      C bridge internal-update !
      C frontend banner
      C bridge public-post
      R backend reconnect-database
      R backend retry-batches ^
      R oncall bring-back
      V oncall health-checks !
      V backend fresh-ai-results !
      V oncall endpoints-normal !
      V frontend main-journey !
      V backend no-lost-work
      L docs timeline-complete !
      L docs cause-and-factors
      L docs communication-review
      L docs one-action !
    security
      D oncall restricted !
      D oncall security-contact
      D oncall what-we-know
      D docs preserve !
      D oncall still-going-on
      D backend data-reached
      D oncall ask-privately
      M backend stop-access !
      M backend rotate-secrets
      M backend isolate-host ^
      M oncall narrow-roles
      M backend input-validation
      C bridge no-automatic-notes !
      C bridge reporting-clock !
      R backend close-hole
      R backend new-credentials
      V backend exploit-fails !
      V oncall no-more-access !
      V backend access-list !
      L docs how-detected
      L docs penetration-test
      L docs what-is-published
    "#);
}

#[test]
fn an_id_in_two_files_is_an_error_and_nothing_is_used() {
    let (_, twin) = file("db-down", "match: [['a=\"b\"']]", "");
    let files = vec![
        file("db-down", "match: [['a=\"c\"']]", ""),
        ("twin.md".to_owned(), twin),
        general(),
    ];
    let findings = Library::parse(files).expect_err("two files have the same id");
    assert_snapshot!(listed(&findings), @"twin.md:1:1: error: the runbook id `db-down` is taken by db-down.md. Give one of the two files another id.");
}

#[test]
fn the_errors_of_all_files_come_at_once() {
    let files = vec![
        file("one", "colour: red", ""),
        file("two", "match: [['x']]", ""),
        general(),
    ];
    let findings = Library::parse(files).expect_err("two files are wrong");
    assert_eq!(
        findings
            .iter()
            .map(|findings| findings.file.as_str())
            .collect::<Vec<_>>(),
        ["one.md", "two.md"]
    );
}

#[test]
fn a_block_that_never_decides_is_pointed_out() {
    let files = vec![
        general(),
        file(
            "regex-low",
            "match: [['alertname=~\"Db.*\"']]\npriority: 10",
            "",
        ),
        file(
            "regex-high",
            "match: [['alertname=~\"Db.*\"']]\npriority: 20",
            "",
        ),
        file(
            "narrow",
            "match: [['alertname=\"DbDown\"', 'zone=~\".+\"']]",
            "",
        ),
        file(
            "wide",
            "match: [['alertname=\"DbDown\"']]\npriority: 100",
            "",
        ),
        file(
            "wider",
            "match: [['alertname=~\"DbDown|X\"', 'alertname!=\"Y\"']]\npriority: 100",
            "",
        ),
    ];
    let library = Library::parse(files).expect("these are warnings");
    assert_snapshot!(listed(library.warnings()), @r#"
    narrow.md:5:9: warning: `alertname="DbDown" and zone=~".+"` never decides: whenever it fits, `wider` fits better. Remove the block, add a matcher to it, or raise priority.
    regex-low.md:5:9: warning: `alertname=~"Db.*"` never decides: whenever it fits, `regex-high` fits better. Remove the block, add a matcher to it, or raise priority.
    wide.md:5:9: warning: `alertname="DbDown"` never decides: whenever it fits, `wider` fits better. Remove the block, add a matcher to it, or raise priority.
    "#);
}

#[test]
fn a_link_to_a_missing_neighbour_is_pointed_out() {
    let text = "  See [one](two.md), [gone](./gone.md#x), [up](../up.md), [web](https://example.org), [here](#top)\n";
    let files = vec![
        general(),
        file("one", "match: [['a=\"b\"']]", text),
        file("two", "match: [['a=\"c\"']]", ""),
    ];
    let elsewhere: Vec<_> = files
        .iter()
        .map(|(name, text)| (format!("/etc/bridgewatch/runbooks/{name}"), text.clone()))
        .collect();
    let library = Library::parse(elsewhere).expect("these are warnings");
    assert_eq!(library.warnings().len(), 1, "wherever the folder is");
    let library = Library::parse(files).expect("these are warnings");
    assert_snapshot!(listed(library.warnings()), @"one.md:13:22: warning: the link `./gone.md#x` leads to no file in this folder. Correct the name, or link to a full https:// address.");
}

#[test]
fn a_review_that_is_due_is_pointed_out_on_the_day_after() {
    let day = |day: u32| NaiveDate::from_ymd_opt(2027, 3, day).expect("March has this day");
    let files = vec![
        general(),
        file("one", "match: [['a=\"b\"']]\nreview_by: 2027-03-01", ""),
    ];
    let library = Library::parse(files).expect("nothing is wrong");
    assert_eq!(listed(&library.lint(day(1))), "");
    assert_snapshot!(listed(&library.lint(day(2))), @"one.md:6:12: warning: the review was due on 2027-03-01. Read the runbook once, correct it, and set review_by to a later day.");
}

#[test]
fn a_folder_without_first_minutes_is_warned() {
    let library =
        Library::parse(vec![file("one", "match: [['a=\"b\"']]", "")]).expect("this is a warning");
    assert_snapshot!(listed(library.warnings()), @"one.md:1:1: warning: no runbook has the id `first-minutes`: when nothing fits, nothing is attached. Add one with id: first-minutes and category: general to the folder.");
}

#[test]
fn an_empty_folder_is_an_empty_library() {
    let library = Library::parse(vec![]).expect("nothing is wrong");
    assert!(library.runbooks().is_empty() && library.warnings().is_empty());
}
