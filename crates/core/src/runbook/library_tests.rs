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
