//! What several runbooks share.

use std::collections::{BTreeMap, BTreeSet};

use insta::assert_snapshot;

use super::parse_tests::with_steps;
use super::{FileFindings, Folder, Library, Runbook, StepPhase};

const SHARED: &str = "- [ ] **Bridge Engineer:** Tell support <!-- id:tell -->\n- [ ] **Bridge Engineer:** Name the next time <!-- id:next -->\n";

fn folder(steps: &str, shared: &str) -> Folder {
    let file = (
        "common/communication.md",
        (
            "runbooks/common/communication.md".to_owned(),
            shared.to_owned(),
        ),
    );
    Folder {
        runbooks: vec![("runbooks/db.md".to_owned(), with_steps(steps)), general()],
        includable: BTreeMap::from([(file.0.to_owned(), Ok(file.1))]),
        paths: BTreeSet::from(
            ["db.md", "general.md", "common/communication.md"].map(str::to_owned),
        ),
    }
}

fn general() -> (String, String) {
    let text = with_steps("- [ ] Look\n")
        .replace("id: db-down", "id: first-minutes")
        .replace(
            "category: backend\nmatch: [['a=\"b\"']]",
            "category: general",
        );
    ("runbooks/general.md".to_owned(), text)
}

fn read(folder: Folder) -> Runbook {
    let library = Library::parse(folder).unwrap_or_else(|findings| panic!("{}", listed(&findings)));
    library.get("db-down").expect("it is there").clone()
}

fn findings_of(folder: Folder) -> String {
    match Library::parse(folder) {
        Ok(library) => listed(library.warnings()),
        Err(findings) => listed(&findings),
    }
}

fn listed(findings: &[FileFindings]) -> String {
    let lines: Vec<String> = findings.iter().map(ToString::to_string).collect();
    lines.join("\n")
}

const INCLUDES: &str =
    "- [ ] Look\n\n## Communication\n\n<!-- include: common/communication.md -->\n";

#[test]
fn what_is_included_stands_where_the_comment_stood() {
    let runbook = read(folder(INCLUDES, SHARED));
    let told: Vec<String> = runbook
        .steps
        .iter()
        .filter(|step| step.phase == StepPhase::Communication)
        .map(|step| format!("{}: {}", step.owner.short(), step.text))
        .collect();
    assert_snapshot!(told.join("\n"), @"
    Bridge: Tell support
    Bridge: Name the next time
    ");
}

#[test]
fn an_edit_of_what_is_included_makes_a_new_version_of_the_runbook() {
    let before = read(folder(INCLUDES, SHARED)).content_hash;
    let after = read(folder(INCLUDES, &SHARED.replace("support", "everybody"))).content_hash;
    assert_ne!(before, after);
    let alone = |shared| read(folder("- [ ] Look\n", shared)).content_hash;
    assert_eq!(
        alone(SHARED),
        alone(""),
        "one that does not include it stays what it was"
    );
}

#[test]
fn a_finding_names_the_included_file_and_its_own_line_there() {
    let shared = "- [ ] **Bridge Engineer:** Tell support\n- [ ] **Chief:** Say it\n";
    assert_snapshot!(findings_of(folder(INCLUDES, shared)), @"runbooks/common/communication.md:2:7: error: `Chief` is no role. Use one of Bridge Engineer, On-Call Engineer, Backend Engineer, Frontend Engineer, Documentation Lead, Deputy, Communications Lead, Customer Liaison, Security Engineer, AI Engineer, Observer, or write the word without bold.");
    let after = format!("{INCLUDES}- [ ] **Chief:** Say it\n");
    assert_snapshot!(findings_of(folder(&after, SHARED)), @"runbooks/db.md:17:7: error: `Chief` is no role. Use one of Bridge Engineer, On-Call Engineer, Backend Engineer, Frontend Engineer, Documentation Lead, Deputy, Communications Lead, Customer Liaison, Security Engineer, AI Engineer, Observer, or write the word without bold.");
}

#[test]
fn a_finding_in_a_file_that_two_runbooks_include_is_said_once() {
    let shared = "- [ ] **Chief:** Say it\n";
    let mut both = folder(INCLUDES, shared);
    let second = with_steps(INCLUDES).replace("id: db-down", "id: cache");
    both.runbooks.push(("runbooks/cache.md".to_owned(), second));
    assert_eq!(findings_of(both).matches("`Chief` is no role").count(), 1);
}

#[test]
fn no_include_leads_out_of_the_folder() {
    for target in [
        "../secrets.md",
        "common/../../secrets.md",
        "/etc/passwd",
        "/etc/motd.md",
        "C:\\secrets.md",
        "common\\communication.md",
        "./common/communication.md",
        ".git/config.md",
        "common//communication.md",
        "common/communication.txt",
        "https://example.org/x.md",
        "",
    ] {
        let mut folder = folder(&INCLUDES.replace("common/communication.md", target), SHARED);
        // Even if a reader of folders were careless.
        folder.includable.insert(
            target.to_owned(),
            Ok((target.to_owned(), SHARED.to_owned())),
        );
        let findings = findings_of(folder);
        assert!(
            findings.contains("is no file that a runbook may include"),
            "{target}: {findings}"
        );
    }
}

#[test]
fn what_cannot_be_included_says_why() {
    assert_snapshot!(findings_of(folder(&INCLUDES.replace("communication", "comunication"), SHARED)), @"runbooks/db.md:16:1: error: there is no `common/comunication.md` to include. Correct the name. Name a file in a folder below the runbooks, such as common/communication.md.");
    let mut linked = folder(INCLUDES, SHARED);
    let why = Err("it is a link out of the team's folder".to_owned());
    linked
        .includable
        .insert("common/communication.md".to_owned(), why);
    assert_snapshot!(findings_of(linked), @"runbooks/db.md:16:1: error: `common/communication.md` cannot be included: it is a link out of the team's folder. Name a file in a folder below the runbooks, such as common/communication.md.");
}

#[test]
fn an_included_file_has_no_head() {
    let shared = format!("---\nid: shared\n---\n{SHARED}");
    assert_snapshot!(findings_of(folder(INCLUDES, &shared)), @"runbooks/common/communication.md:1:1: error: an included file has no head between two --- lines. Remove it: what is included is only text.");
}

#[test]
fn an_included_file_includes_nothing_further() {
    let shared = format!("{SHARED}\n<!-- include: common/communication.md -->\n");
    assert_snapshot!(findings_of(folder(INCLUDES, &shared)), @"runbooks/common/communication.md:4:1: error: `common/communication.md` is not included: an included file includes nothing further. Include it from the runbook itself.");
}

#[test]
fn an_include_that_belongs_to_something_else_is_not_ignored() {
    assert_snapshot!(findings_of(folder("- [ ] Look\n  <!-- include: common/communication.md -->\n", SHARED)), @"runbooks/db.md:13:3: error: `common/communication.md` is not included: the comment belongs to something else. Put the comment on a line of its own, at the left margin.");
    assert_snapshot!(findings_of(folder("- [ ] Look <!-- include: common/communication.md -->\n", SHARED)), @"runbooks/db.md:12:12: error: `common/communication.md` is not included: the comment belongs to something else. Put the comment on a line of its own, at the left margin.");
    let in_a_fence = "- [ ] Look\n  ```md\n  <!-- include: common/communication.md -->\n  ```\n";
    assert_eq!(findings_of(folder(in_a_fence, SHARED)), "");
}

#[test]
fn limits_count_the_whole() {
    let long = format!("## Notes\n\n{}\n", "words ".repeat(5_500));
    let steps = |half: &str| {
        folder(
            &format!("- [ ] Look\n\n{half}\n<!-- include: common/communication.md -->\n"),
            &long,
        )
    };
    assert_eq!(findings_of(steps("")), "");
    let findings = findings_of(steps(&long.replace("Notes", "More notes")));
    assert!(
        findings.contains("the file with what it includes has 66"),
        "{findings}"
    );
    let many: String = (0..15)
        .map(|n| format!("- [ ] Look at {n} <!-- id:n{n} -->\n"))
        .collect();
    let findings = findings_of(folder(
        "- [ ] Look\n\n<!-- include: common/communication.md -->\n",
        &many,
    ));
    assert!(
        findings.contains("Diagnosis has 16 steps, the limit is 15"),
        "{findings}"
    );
}

#[test]
fn a_link_to_a_file_below_the_folder_is_looked_for_there() {
    let steps = "- [ ] Look\n  [there](common/communication.md) [gone](common/gone.md) [above](../README.md)\n";
    assert_snapshot!(findings_of(folder(steps, SHARED)), @"runbooks/db.md:13:36: warning: the link `common/gone.md` leads to no file in this folder. Correct the name, or link to a full https:// address.");
    let shared =
        format!("{SHARED}  [beside](communication.md) [at the top](db.md) [gone](gone.md)\n");
    assert_snapshot!(findings_of(folder(INCLUDES, &shared)), @"runbooks/common/communication.md:3:50: warning: the link `gone.md` leads to no file in this folder. Correct the name, or link to a full https:// address.");
}
