//! What must never happen, and the tests that turn red when it could: one list, so that nobody has to wonder whether a
//! promise is held by anything.
//!
//! What belongs to parts that do not exist yet (public posts, drills, drafts by a model, being watched from outside) is not
//! in it. The names are looked up in the sources. A test that was renamed or removed is missed here.

use std::collections::BTreeSet;
use std::path::Path;

/// What must never happen, and what holds it.
const NEVERS: &[(&str, &[&str])] = &[
    (
        "an alert is accepted and then lost",
        &[
            "alert_opens_an_incident_only_after_it_is_written_and_is_not_accepted_before",
            "an_alert_that_was_accepted_right_before_the_crash_opens_its_incident_afterwards",
            "an_alert_that_arrives_while_discord_is_down_is_kept_pages_and_opens_once_with_its_true_times",
        ],
    ),
    (
        "a second page or channel for the same group, or ten channels in a storm",
        &[
            "repeat_and_late_alerts",
            "storm_becomes_one_sev1",
            "no_night_breaks_the_promises",
            "an_opening_that_is_cut_after_any_of_its_steps_ends_the_same",
        ],
    ),
    (
        "somebody who was asked counts as having accepted",
        &["nobody_has_it_because_they_were_asked"],
    ),
    (
        "the bot resolves, lowers or closes a SEV1 or SEV2 by itself",
        &[
            "the_clock_ends_and_lowers_nothing_that_hurts",
            "monitoring_raises_but_never_lowers",
            "alerts_never_resolve_and_their_news_after_the_end_only_redraw",
        ],
    ),
    (
        "everyone is pinged, or somebody again after a restart",
        &[
            "only_the_one_on_call_is_pinged_and_nobody_by_a_changed_message",
            "nothing_pings_by_default_and_discord_is_asked_nothing_at_start",
            "a_restart_in_the_middle_of_the_night_goes_on_where_it_was",
            "two_hundred_hostile_texts_go_in_by_every_door_and_nobody_is_hurt",
        ],
    ),
    (
        "an old button changes something",
        &["a_press_on_an_old_card_changes_nothing_and_shows_the_way_to_the_new_one"],
    ),
    (
        "a promise runs on after the end",
        &["nobody_is_reminded_of_anything_in_the_night_after_the_end"],
    ),
    (
        "a typed update or entry is lost because Discord failed",
        &[
            "update_on_time_is_tried_again_where_it_failed_and_nobody_reads_it_twice",
            "a_line_written_while_the_bot_was_down_reaches_the_timeline_with_its_true_time",
        ],
    ),
    (
        "a secret that was taken out is repeated anywhere",
        &["redaction"],
    ),
    (
        "the bot runs a command",
        &["nothing_here_can_run_a_command"],
    ),
    (
        "a label reaches a line that somebody pastes",
        &[
            "runbook_pinned_never_takes_a_hostile_label_into_a_command",
            "a_label_that_is_a_command_never_reaches_the_command",
        ],
    ),
    (
        "somebody is held up because a field is empty",
        &["one_command_and_a_title_declare_an_incident"],
    ),
    (
        "a line of the timeline is changed or deleted in silence",
        &[
            "timeline_by_message",
            "reaction_removed",
            "an_entry_that_was_typed_is_taken_back_and_put_back",
        ],
    ),
    (
        "what few may know is read by others",
        &[
            "a_restricted_night_that_an_alert_opened_leaves_no_trace_outside",
            "a_night_that_somebody_hides_leaves_no_trace_outside_from_then_on",
        ],
    ),
    (
        "paperwork is asked for in the night",
        &["nobody_is_reminded_of_anything_in_the_night_after_the_end"],
    ),
    (
        "a time without its zone leaves Discord",
        &[
            "postmortem_draft",
            "the_board_in_plain_lines_says_everything_in_words_with_zone_and_utc",
        ],
    ),
    (
        "people are ranked, or measured one by one",
        &["people_appear_by_their_roles_and_their_names_stand_once"],
    ),
    (
        "a night without the bot leaves people without a way to go on",
        &["the_readme_shows_the_sheet_that_is_printed"],
    ),
    (
        "a form loses its text because Discord did not wait",
        &["a_form_sent_to_a_broken_store_comes_back_whole"],
    ),
];

/// What makes a function a test, at the beginning of a line; inside of `proptest!` as well.
const MARKS: [&str; 2] = ["#[test]", "#[tokio::test"];

/// The names of the tests in a source: of a function the first one behind each mark. A helper proves nothing by itself.
fn tests_in(source: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = source;
    while let Some(line) = rest.lines().next() {
        let is_marked = MARKS.iter().any(|mark| line.trim_start().starts_with(mark));
        if is_marked && let Some((_, name)) = rest.split_once("fn ") {
            let letter = |one: &char| one.is_alphanumeric() || *one == '_';
            found.push(name.chars().take_while(letter).collect());
        }
        rest = rest.split_once('\n').map_or("", |(_, below)| below);
    }
    found
}

/// The names of all tests in the sources of the workspace.
fn tests() -> BTreeSet<String> {
    fn walk(folder: &Path, found: &mut BTreeSet<String>) {
        let entries = std::fs::read_dir(folder).expect("the folder can be read");
        for entry in entries {
            let path = entry.expect("the folder can be read").path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = std::fs::read_to_string(&path).expect("a source can be read");
                found.extend(tests_in(&text));
            }
        }
    }
    let mut found = BTreeSet::new();
    for folder in ["src", "crates", "commands", "tests"] {
        walk(
            &Path::new(env!("CARGO_MANIFEST_DIR")).join(folder),
            &mut found,
        );
    }
    found
}

#[test]
fn a_helper_is_no_test() {
    let source = [
        "fn helper() {}",
        "    #[test]",
        "    #[expect(clippy::unwrap_used, reason = \"short\")]",
        "    fn holds() { helper() }",
        "#[tokio::test(start_paused = true)]",
        "async fn holds_as_well() {}",
        "async fn another() { let text = \"#[test]\"; }",
        "fn last() {}",
    ];
    assert_eq!(tests_in(&source.join("\n")), ["holds", "holds_as_well"]);
}

#[test]
fn whatever_must_never_happen_is_held_by_tests_that_exist() {
    let known = tests();
    let missing: Vec<_> = NEVERS
        .iter()
        .flat_map(|(what, tests)| tests.iter().map(move |test| (*what, *test)))
        .filter(|(_, test)| !known.contains(*test))
        .collect();
    assert!(missing.is_empty(), "no such test: {missing:#?}");
}

/// The bot shows commands and runs none: the service has no way to start another program.
#[test]
fn nothing_here_can_run_a_command() {
    fn walk(folder: &Path, found: &mut Vec<String>) {
        let entries = std::fs::read_dir(folder).expect("the folder can be read");
        for entry in entries {
            let path = entry.expect("the folder can be read").path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = std::fs::read_to_string(&path).expect("a source can be read");
                let starts = [
                    "process::Command",
                    " Command::new(",
                    "(Command::new(",
                    "posix_spawn",
                    "execve(",
                ];
                if starts.iter().any(|start| text.contains(start)) {
                    found.push(path.display().to_string());
                }
            }
        }
    }
    let mut found = Vec::new();
    for folder in [
        "src",
        "commands/src",
        "crates/core/src",
        "crates/store/queries",
    ] {
        walk(
            &Path::new(env!("CARGO_MANIFEST_DIR")).join(folder),
            &mut found,
        );
    }
    assert_eq!(found, Vec::<String>::new(), "starts other programs");
}
