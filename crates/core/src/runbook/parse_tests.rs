//! What a file says, and what is said about a file.

use std::collections::BTreeMap;

use insta::assert_snapshot;

use super::{FileFindings, MAXIMUM_FILE_BYTES, Parsed, Runbook, StepPhase, VariableSource, parse};
use crate::role::Role;
use crate::severity::Severity;

const COMPLETE: &str = include_str!("complete_example.md");

fn runbook(text: &str) -> Runbook {
    let parsed = parse(text);
    let findings = listed(&parsed);
    parsed
        .runbook
        .unwrap_or_else(|| panic!("no runbook:\n{findings}"))
}

fn listed(parsed: &Parsed) -> String {
    FileFindings {
        file: "db.md".to_owned(),
        findings: parsed.findings.clone(),
    }
    .to_string()
}

/// Findings of a runbook that is fine but for these lines under `## Diagnosis`.
fn findings_of_steps(lines: &str) -> String {
    let parsed = parse(&with_steps(lines));
    listed(&parsed)
}

pub(super) fn with_steps(lines: &str) -> String {
    format!(
        "---\nid: db-down\ntitle: DB down\ncategory: backend\nmatch: [['a=\"b\"']]\n---\n# DB down\n\nIt is down.\n\n\
         ## Diagnosis\n{lines}\n## Validation\n\n- [ ] Check it <!-- id:check critical:yes -->\n"
    )
}

/// Findings of a runbook that is fine but for these lines of front matter.
fn findings_of_front_matter(lines: &str) -> String {
    let body =
        "# DB down\n\nIt is down.\n\n## Validation\n\n- [ ] Check it <!-- critical:yes -->\n";
    listed(&parse(&format!("---\n{lines}\n---\n{body}")))
}

#[test]
fn a_complete_file_has_no_findings() {
    assert_eq!(listed(&parse(COMPLETE)), "");
}

#[test]
fn the_front_matter_is_read() {
    let runbook = runbook(COMPLETE);
    assert_eq!(runbook.id.as_str(), "backend-database");
    assert_eq!(
        runbook.title,
        "Database unreachable or refusing connections"
    );
    assert_eq!(runbook.category.id(), "backend");
    assert_eq!(runbook.severity_hint, Some(Severity::Sev2));
    let blocks: Vec<String> = runbook
        .match_blocks
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        blocks,
        [
            "alertname=~\"Postgres.*|DB.*\"",
            "category=\"backend\" and service=~\"orders-api|users-api\""
        ]
    );
    assert_eq!(runbook.priority, 50);
    assert_eq!(runbook.owners, ["team-data"]);
    assert_eq!(
        runbook.review_by.map(|day| day.to_string()).as_deref(),
        Some("2027-03-01")
    );
    assert_eq!(
        runbook.variables["instance"].from,
        Some(VariableSource::Label("instance".to_owned()))
    );
    assert_eq!(
        runbook.variables["instance"].default.as_deref(),
        Some("<db-primary>")
    );
    assert_eq!(
        runbook.links[0].url,
        "https://grafana.example/d/db?var-instance=${instance}"
    );
}

#[test]
fn a_link_is_offered_once_its_placeholders_are_filled() {
    let runbook = runbook(COMPLETE);
    let links_with = |host: &str| {
        runbook.filled_links(&BTreeMap::from([("instance".to_owned(), host.to_owned())]))
    };
    assert_eq!(
        links_with("db-1")[0].url,
        "https://grafana.example/d/db?var-instance=db-1"
    );
    assert_eq!(links_with("db 1"), []);
    assert_eq!(runbook.filled_links(&BTreeMap::new()), []);
}

#[test]
fn the_meaning_is_the_text_under_the_title() {
    assert_eq!(
        runbook(COMPLETE).meaning,
        "The API cannot get a database connection.\n\nUsers see 500s or very slow pages."
    );
}

#[test]
fn a_step_carries_its_owner_attributes_and_commands() {
    let runbook = runbook(COMPLETE);
    let step = runbook.step("db-up").expect("the file has this step");
    assert_eq!(step.phase, StepPhase::Diagnosis);
    assert_eq!(step.owner, Role::OnCall);
    assert_eq!(step.text, "Is the primary up and accepting connections?");
    assert_eq!(step.time_limit_seconds, Some(120));
    assert_eq!(step.commands.len(), 1);
    assert_eq!(
        (
            step.commands[0].language.as_str(),
            step.commands[0].text.as_str()
        ),
        ("sh", "pg_isready -h ${instance}\npg_isready -h other")
    );
    assert_snapshot!(step.body, @r#"
    ```sh
    pg_isready -h ${instance}
    pg_isready -h other
    ```
    Expect `accepting connections`. If not → *Mitigation, step "failover"*.
    "#);
}

#[test]
fn a_high_risk_step_asks_for_a_second_tap_unless_the_file_says_no() {
    let runbook = runbook(COMPLETE);
    let failover = runbook.step("failover").expect("the file has this step");
    assert!(failover.high_risk && failover.confirm && !failover.critical);
    assert_eq!(failover.owner, Role::Backend);
    assert_eq!(
        failover.body,
        "> [!WARNING]\n> Writes of the last seconds may be lost. Tell the Bridge Engineer first."
    );
    let restart = runbook.step("restart").expect("the file has this step");
    assert!(restart.high_risk && !restart.confirm && restart.skip_in_drill);
    assert_eq!(restart.condition.as_deref(), Some("no-replica"));
}

#[test]
fn a_decision_step_lists_its_choices() {
    let runbook = runbook(COMPLETE);
    let step = runbook.step("which-way").expect("the file has this step");
    assert_eq!(step.text, "Decision: which way back?");
    assert_eq!(
        step.decision.as_deref(),
        Some(["roll back".to_owned(), "serve cached pages".to_owned()].as_slice())
    );
}

#[test]
fn a_step_without_role_is_for_on_call_and_without_id_is_named_by_its_words() {
    let runbook = runbook(COMPLETE);
    let step = runbook
        .step("check-the-disk-of-db-1")
        .expect("the id is made from the words");
    assert_eq!(step.owner, Role::OnCall);
    assert_eq!(step.text, "Check the disk of `db-1`");
}

#[test]
fn other_headings_are_reference_text() {
    let runbook = runbook(COMPLETE);
    assert_eq!(runbook.reference.len(), 1);
    assert_eq!(runbook.reference[0].title, "Background");
    assert_eq!(
        runbook.reference[0].text,
        "The primary lives in `fra1`.\n\n- plain list"
    );
}

#[test]
fn the_hash_is_the_sha256_of_the_bytes() {
    let runbook = runbook(&with_steps("- [ ] Look"));
    assert_eq!(runbook.content_hash.len(), 64);
    assert_ne!(
        runbook.content_hash,
        self::runbook(&with_steps("- [ ] Look ")).content_hash
    );
}

#[test]
fn a_file_from_windows_reads_the_same() {
    let (unix, windows) = (
        runbook(COMPLETE),
        runbook(&format!("\u{feff}{}", COMPLETE.replace('\n', "\r\n"))),
    );
    assert_eq!(unix.steps, windows.steps);
    assert_eq!(unix.match_blocks, windows.match_blocks);
    assert_ne!(unix.content_hash, windows.content_hash);
}

#[test]
fn a_runbook_survives_being_stored() {
    let runbook = runbook(COMPLETE);
    let stored = serde_json::to_string(&runbook).expect("a runbook has only string keys");
    assert_eq!(
        serde_json::from_str::<Runbook>(&stored).expect("what was written can be read"),
        runbook
    );
}

#[test]
fn everything_wrong_with_a_front_matter_is_said_at_once() {
    assert_snapshot!(findings_of_front_matter(
        "id: DB\ntitel: DB down\ncategory: databse\nseverity_hint: critical\nmatch:\n  - ['alertname~\"x\"', 'a=~\"(\"']\n  - alertname=\"x\"\n\
         priority: 500\nreview_by: soon\nvariables:\n  Instance: { from: labels.instance }\n  zone: { from: zone, default: \"a; b\" }\n\
         links:\n  - { label: x }"
    ), @r#"
    db.md:1:1: error: the front matter has no `title`. Add a line `title: …` between the two --- lines.
    db.md:2:5: error: `DB` cannot be the id of a runbook. Use 2 to 48 lower-case letters, digits and hyphens, and keep it for ever.
    db.md:3:1: error: the front matter knows no key `titel`. Remove it or use one of id, title, category, severity_hint, match, priority, owners, review_by, variables, links.
    db.md:4:11: error: `databse` is no category. Use one of backend, frontend, integration, ai, security, performance, scenario, general.
    db.md:5:16: error: `critical` is no severity_hint. Use one of sev1, sev2, sev3, sev4.
    db.md:7:6: error: `alertname~"x"` is no matcher: after `alertname` one of = != =~ !~ is missing. Write it like alertname=~"Db.*", one matcher per list item.
    db.md:7:23: error: `a=~"("` is no matcher: the regular expression of `a` does not compile: unclosed group. Alertmanager uses RE2 syntax: no look-around and no back-references.
    db.md:8:5: error: `match` must be a list. Write a list of blocks, each block a list of matchers: - ['alertname=~"Db.*"'].
    db.md:9:11: error: `priority` is not a whole number from 0 to 100. Write for example `priority: 50`; the higher one wins.
    db.md:10:12: error: `review_by` is not a day: `soon`. Write year-month-day, for example 2027-03-01.
    db.md:12:3: error: `Instance` cannot be the name of a variable. Use lower-case letters, digits and _ (upper case is left to the shell).
    db.md:13:17: error: `from: zone` names nothing that alerts have. Write labels.instance, annotations.region (with the names that yours have), or service.
    db.md:13:32: error: the default of `zone` holds a character that a shell could act on. Use letters, digits and . _ : / @ - only, or a hint in angle brackets such as <db-primary>.
    db.md:15:5: error: a link needs a label and a url. Write it like - { label: "DB dashboard", url: "https://grafana.example/d/db" }.
    "#);
}

#[test]
fn yaml_that_cannot_be_read_names_its_line() {
    assert_snapshot!(findings_of_front_matter("id: db-down\ntitle: DB: down\ncategory: backend"), @"db.md:3:10: error: the front matter is not valid YAML: mapping values are not allowed in this context. Mend the YAML; quote a value that holds : # { } [ ] or starts with a symbol.");
}

#[test]
fn a_key_given_twice_is_an_error() {
    assert_snapshot!(findings_of_front_matter("id: db-down\nid: db-up\ntitle: DB down\ncategory: backend"), @"db.md:3:1: error: the front matter is not valid YAML: duplicate mapping key `id` is not allowed here. Mend the YAML; quote a value that holds : # { } [ ] or starts with a symbol.");
}

#[test]
fn a_file_without_front_matter_is_told_how_to_begin() {
    assert_snapshot!(listed(&parse("# Title\n\nText.\n\n## Diagnosis\n- [ ] **Boss:** Look\n")), @"
    db.md:1:1: error: the front matter is missing or not closed. Begin the file with a line ---, then id, title and category, then a line ---.
    db.md:1:1: warning: no step under ## Validation. Say how somebody can see that it is over.
    db.md:1:1: warning: no step is critical. Mark what must be true before anybody resolves: <!-- critical:yes -->.
    db.md:6:7: error: `Boss` is no role. Use one of Bridge Engineer, On-Call Engineer, Backend Engineer, Frontend Engineer, Documentation Lead, Deputy, Communications Lead, Customer Liaison, Security Engineer, AI Engineer, Observer, or write the word without bold.
    ");
}

#[test]
fn an_empty_file_has_findings_and_no_runbook() {
    let parsed = parse("");
    assert_eq!(parsed.runbook, None);
    assert!(!parsed.findings.is_empty());
}

#[test]
fn what_is_wrong_with_steps_is_said_with_its_place() {
    assert_snapshot!(findings_of_steps(
        "- [ ] **Database Person:** Look at it <!-- id:look -->\n\
         - [ ] Look again <!-- id:look -->\n\
         - [ ] Look there <!-- time:soon risk:medium color:red id:Nö confirm:maybe nonsense critical:yes critical:no -->\n\
         - [ ] Look up\n  <!-- id:up -->\n\
         - [ ] Decision: which way?\n  - only one\n\
         - [ ] ???\n\
         - [x] Look back\n\
         - Look aside\n\
         - [ ] The pool of connections\n  - [ ] Look inside\n\n\
         A remark.\n\n### More\n"
    ), @"
    db.md:12:7: error: `Database Person` is no role. Use one of Bridge Engineer, On-Call Engineer, Backend Engineer, Frontend Engineer, Documentation Lead, Deputy, Communications Lead, Customer Liaison, Security Engineer, AI Engineer, Observer, or write the word without bold.
    db.md:13:1: error: the step id `look` is taken by line 12. Give one of them <!-- id:another-name --> at the end of the line.
    db.md:14:23: error: `soon` is no value for the attribute `time`. Write minutes, seconds or hours up to a day: 2m, 30s, 1h30m.
    db.md:14:33: error: `medium` is no value for the attribute `risk`. Write risk:high or risk:low.
    db.md:14:45: error: a step knows no attribute `color`. Use one of id, time, risk, confirm, critical, if, drill.
    db.md:14:55: error: `Nö` is no value for the attribute `id`. Use 1 to 48 lower-case letters, digits and hyphens.
    db.md:14:61: error: `maybe` is no value for the attribute `confirm`. Write yes or no.
    db.md:14:75: error: `nonsense` in the comment of a step is no attribute. Write key:value with a key of id, time, risk, confirm, critical, if, drill; put remarks into the text.
    db.md:14:97: error: the attribute `critical` is given twice. Keep one of them.
    db.md:16:3: error: the attributes of a step stand below its first line. Move the comment to the end of the line with the box.
    db.md:17:1: error: a decision step needs 2 to 25 choices of at most 100 characters. Indent a plain list under the step, one choice per item.
    db.md:19:1: error: no id can be made from the words of this step. Add <!-- id:short-name --> at the end of the line.
    db.md:20:1: warning: a step is ticked in the file. Write - [ ]; ticks belong to an incident.
    db.md:21:1: warning: a list item without a box is not a step and is not shown. Write - [ ] in front of it, or indent it under a step.
    db.md:22:1: warning: `The pool of connections` neither asks nor tells what to do. Begin with a verb, or end with a question mark.
    db.md:23:5: warning: a box inside a step is not a step. Make it a step of its own, or a plain list.
    db.md:25:1: warning: text under Diagnosis that belongs to no step is not shown. Indent it under a step, or move it to a ## section of its own.
    db.md:27:1: warning: the heading `More` inside a phase is not shown. Remove it, or make it a ## section of its own.
    ");
}

#[test]
fn a_heading_that_comes_twice_is_an_error() {
    assert_snapshot!(findings_of_steps("- [ ] Look\n\n## Diagnosis\n\n# Again\n"), @r#"
    db.md:14:1: error: the heading Diagnosis stands here a second time. Move its steps under the first one.
    db.md:16:1: error: a second title. Use ## for a section; one # title is enough.
    "#);
}

#[test]
fn a_task_under_an_unknown_heading_is_pointed_out() {
    assert_snapshot!(findings_of_steps("- [ ] Look\n\n## Diagnostics\n\n- [ ] Look there\n"), @"db.md:16:3: warning: a task under a heading that is no phase is not a step. Move it under one of ## Diagnosis, Mitigation, Communication, Resolution, Validation, Learning.");
}

#[test]
fn a_meaning_of_400_characters_is_the_longest() {
    let with_meaning = |length: usize| with_steps("").replace("It is down.", &"x".repeat(length));
    assert_eq!(listed(&parse(&with_meaning(400))), "");
    assert!(listed(&parse(&with_meaning(401))).contains("has 401 characters, the limit is 400"));
    assert!(listed(&parse(&with_meaning(0))).contains("nothing says what this failure means"));
}

#[test]
fn nine_steps_in_a_phase_are_comfortable_fifteen_the_most() {
    let steps = |count: usize| {
        (0..count)
            .map(|n| format!("- [ ] Look at {n}\n"))
            .collect::<String>()
    };
    assert_eq!(findings_of_steps(&steps(9)), "");
    assert_snapshot!(findings_of_steps(&steps(10)), @"db.md:21:1: warning: Diagnosis has 10 steps: too long for a night. Keep it to 9; join or drop steps.");
    assert!(parse(&with_steps(&steps(15))).runbook.is_some());
    assert_snapshot!(findings_of_steps(&steps(16)), @r#"
    db.md:21:1: warning: Diagnosis has 16 steps: too long for a night. Keep it to 9; join or drop steps.
    db.md:27:1: error: Diagnosis has 16 steps, the limit is 15. Join or drop steps.
    "#);
}

#[test]
fn sixty_steps_are_the_most() {
    let phases = ["Mitigation", "Communication", "Resolution", "Learning"];
    let section = |phase: &str, count: usize| {
        let steps = (0..count)
            .map(|n| format!("- [ ] Look at {phase} {n}\n"))
            .collect::<String>();
        format!("## {phase}\n\n{steps}\n")
    };
    let file = |last: usize| {
        let lines: String = phases
            .iter()
            .map(|phase| section(phase, if *phase == "Learning" { last } else { 15 }))
            .collect();
        with_steps(&format!("\n{lines}"))
    };
    assert_eq!(runbook(&file(14)).steps.len(), 60);
    assert!(listed(&parse(&file(15))).contains("the runbook has 61 steps, the limit is 60"));
}

#[test]
fn a_file_of_64_kib_is_the_largest() {
    let text = with_steps("- [ ] Look\n");
    let padded = |bytes: usize| {
        format!(
            "{text}\n## Background\n\n{}",
            "x".repeat(bytes - text.len() - 16)
        )
    };
    assert_eq!(padded(MAXIMUM_FILE_BYTES).len(), MAXIMUM_FILE_BYTES);
    assert!(parse(&padded(MAXIMUM_FILE_BYTES)).runbook.is_some());
    let too_large = parse(&padded(MAXIMUM_FILE_BYTES + 1));
    assert_eq!(too_large.runbook, None);
    assert!(listed(&too_large).contains("the file has 65537 bytes, the limit is 65536"));
}

#[test]
fn a_reviewer_points_out_what_may_fail_somebody_at_night() {
    assert_snapshot!(listed(&parse(
        "---\nid: db-down\ntitle: DB down\ncategory: backend\nmatch: [['a!=\"b\"']]\nvariables: { pod: { from: labels.pod } }\n---\n\
         # Other title\n\nIt is down.\n\n## Diagnosis\n\n- [ ] Look at ${pod} in ${zone} of ${HOME}\n  ```sh\n  PGPASSWORD=hunter2hunter2 psql\n  ```\n"
    )), @r#"
    db.md:1:1: warning: no step under ## Validation. Say how somebody can see that it is over.
    db.md:1:1: warning: no step is critical. Mark what must be true before anybody resolves: <!-- critical:yes -->.
    db.md:5:9: warning: this block fits alerts that carry none of its labels. Add a matcher that demands a value, for example category="backend".
    db.md:8:1: warning: the title here is `Other title`, in the front matter `DB down`. Use the same words in both places.
    db.md:14:15: warning: `${pod}` has no default and stays unfilled when the alerts lack it. Add a default such as "<pod>" to the variable.
    db.md:14:25: warning: `${zone}` is declared nowhere. Add under variables: zone: { from: labels.zone, default: "<zone>" }.
    "#);
}

#[test]
fn a_finding_never_repeats_a_secret() {
    for secret in [
        "AKIAIOSFODNN7EXAMPLE",
        "password: correcthorse",
        "https://admin:hunter22@db.example",
        "ghp_0123456789abcdefghijklmnopqrstuvwxyz01",
    ] {
        let findings = findings_of_steps(&format!("- [ ] Look\n\n  Then {secret} helps\n"));
        assert!(
            findings.contains("this looks like a password"),
            "{secret}: {findings}"
        );
        assert!(!findings.contains(secret), "{findings}");
    }
    for harmless in [
        "${password}",
        "password=<password>",
        "token bucket",
        "a secret: none",
        "user@host:5432",
    ] {
        let text = with_steps(&format!("- [ ] Look\n\n  Then {harmless} helps\n"));
        let found = parse(&text)
            .findings
            .iter()
            .any(|finding| finding.message.contains("looks like a password"));
        assert!(!found, "{harmless}");
    }
}

#[test]
fn a_first_line_of_300_characters_is_the_longest() {
    let step = |length: usize| format!("- [ ] Look {}?\n", "x".repeat(length - 6));
    assert_eq!(findings_of_steps(&step(300)), "");
    assert!(
        findings_of_steps(&step(301))
            .contains("the first line of this step has 301 characters, the limit is 300")
    );
}
