//! Which runbook is attached, and why.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use proptest::prelude::*;

use super::{
    AlertFacts, Library, Runbook, RunbookId, Score, Selection, agreed_labels, parse, select,
};

static EMBEDDED: LazyLock<Library> = LazyLock::new(Library::embedded);

/// An alert with these labels and annotations.
#[derive(Clone, Debug, Default)]
struct Fired {
    labels: BTreeMap<String, String>,
    annotations: BTreeMap<String, String>,
}

fn alert(name: &str) -> Fired {
    Fired::default().label("alertname", name)
}

impl Fired {
    fn label(mut self, name: &str, value: &str) -> Fired {
        self.labels.insert(name.to_owned(), value.to_owned());
        self
    }

    fn annotation(mut self, name: &str, value: &str) -> Fired {
        self.annotations.insert(name.to_owned(), value.to_owned());
        self
    }
}

fn runbook(id: &str, blocks: &str, priority: u8) -> Runbook {
    let text = format!(
        "---\nid: {id}\ntitle: T\ncategory: backend\npriority: {priority}\nmatch: {blocks}\n---\n# T\n\nMeaning.\n\n## Diagnosis\n- [ ] Look\n"
    );
    parse(&text)
        .runbook
        .unwrap_or_else(|| panic!("{:?}", parse(&text).findings))
}

fn choose(runbooks: &[Runbook], alerts: &[Fired]) -> Selection {
    choose_in(runbooks, alerts, false)
}

fn choose_in(runbooks: &[Runbook], alerts: &[Fired], storm: bool) -> Selection {
    let facts: Vec<AlertFacts<'_>> = alerts
        .iter()
        .map(|alert| AlertFacts {
            labels: &alert.labels,
            annotations: &alert.annotations,
        })
        .collect();
    select(runbooks, &facts, storm)
}

fn attached(selection: &Selection) -> (&str, String) {
    let choice = selection.attached.as_ref().expect("something is attached");
    (choice.id.as_str(), choice.score.to_string())
}

fn also(selection: &Selection) -> Vec<&str> {
    selection
        .also
        .iter()
        .map(|choice| choice.id.as_str())
        .collect()
}

fn reason(selection: &Selection) -> &str {
    &selection
        .attached
        .as_ref()
        .expect("something is attached")
        .reason
}

#[test]
fn a_comparison_counts_ten_a_regular_expression_five_and_priority_a_hundredth() {
    let runbooks = [
        runbook(
            "by-two",
            "[['category=\"backend\"', 'service=~\"orders.*\"']]",
            7,
        ),
        runbook("by-one", "[['category=\"backend\"']]", 99),
        runbook("by-regex", "[['alertname=~\"Db.*\"']]", 100),
    ];
    let down = alert("DbDown")
        .label("category", "backend")
        .label("service", "orders-api");
    let selection = choose(&runbooks, &[down]);
    assert_eq!(attached(&selection), ("by-two", "15.07".to_owned()));
    assert_eq!(also(&selection), ["by-one", "by-regex"]);
    assert_eq!(selection.also[0].score, Score(1099));
    assert_eq!(selection.also[1].score, Score(600));
    assert_eq!(
        reason(&selection),
        "Alert DbDown matches category=\"backend\" and service=~\"orders.*\"."
    );
}

#[test]
fn the_best_block_of_a_runbook_counts_over_any_alert() {
    let runbooks = [runbook(
        "db-down",
        "[['alertname=~\"Db.*\"'], ['category=\"backend\"']]",
        0,
    )];
    let selection = choose(
        &runbooks,
        &[alert("DbDown"), alert("Other").label("category", "backend")],
    );
    assert_eq!(attached(&selection), ("db-down", "10.00".to_owned()));
    assert_eq!(
        reason(&selection),
        "Alert Other matches category=\"backend\"."
    );
}

#[test]
fn a_block_must_match_one_alert_and_not_two_halves() {
    let runbooks = [runbook(
        "db-down",
        "[['alertname=\"DbDown\"', 'category=\"backend\"']]",
        0,
    )];
    let selection = choose(
        &runbooks,
        &[alert("DbDown"), alert("Other").label("category", "backend")],
    );
    assert_eq!(selection.attached, None);
}

#[test]
fn an_annotation_that_names_a_runbook_adds_five() {
    let runbooks = [
        runbook("one", "[['alertname=~\"D.*\"']]", 0),
        runbook("two", "[['alertname=~\".*Down\"']]", 0),
    ];
    let selection = choose(&runbooks, &[alert("DbDown").annotation("runbook", "two")]);
    assert_eq!(attached(&selection), ("two", "10.00".to_owned()));
    assert_eq!(
        reason(&selection),
        "Alert DbDown matches alertname=~\".*Down\", and an alert names this runbook."
    );
}

#[test]
fn an_annotation_alone_beats_the_general_list() {
    let runbooks = [
        runbook("first-minutes", "[]", 0),
        runbook("two", "[['a=\"b\"']]", 0),
    ];
    let selection = choose(&runbooks, &[alert("DbDown").annotation("runbook", "two")]);
    assert_eq!(attached(&selection), ("two", "5.00".to_owned()));
    assert_eq!(reason(&selection), "Alert DbDown names this runbook.");
}

#[test]
fn nothing_that_fits_means_the_first_minutes_and_the_links_are_shown_all_the_same() {
    let selection = choose(
        EMBEDDED.runbooks(),
        &[
            alert("Odd").annotation("runbook_url", "https://wiki.example/odd"),
            alert("Odder").annotation("runbook_url", "javascript:alert(1)"),
            alert("Oddest").annotation("runbook_url", " https://wiki.example/odd "),
        ],
    );
    assert_eq!(attached(&selection), ("first-minutes", "0.00".to_owned()));
    assert_eq!(
        reason(&selection),
        "No runbook fits these alerts; this is the list for any incident."
    );
    assert_eq!(selection.also, []);
    assert_eq!(selection.runbook_urls, ["https://wiki.example/odd"]);
}

#[test]
fn without_alerts_the_first_minutes_are_attached() {
    assert_eq!(
        attached(&choose(EMBEDDED.runbooks(), &[])).0,
        "first-minutes"
    );
}

#[test]
fn at_most_four_more_are_offered_and_equal_scores_go_by_name() {
    let runbooks: Vec<Runbook> = ["f-f", "b-b", "d-d", "a-a", "e-e", "c-c"]
        .iter()
        .map(|id| runbook(&format!("{id}-x"), "[['a=\"b\"']]", 50))
        .collect();
    let selection = choose(&runbooks, &[alert("X").label("a", "b")]);
    assert_eq!(attached(&selection).0, "a-a-x");
    assert_eq!(also(&selection), ["b-b-x", "c-c-x", "d-d-x", "e-e-x"]);
}

/// The opening of the night in which everything fails at once.
fn the_night() -> Vec<Fired> {
    vec![
        alert("ApiErrorRateHigh").label("severity", "critical"),
        alert("DbConnectionsSaturated").label("severity", "critical"),
        alert("AiTaskQueueStalled").label("severity", "critical"),
    ]
}

#[test]
fn a_storm_over_api_database_and_ai_attaches_the_3_am_scenario() {
    let selection = choose_in(EMBEDDED.runbooks(), &the_night(), true);
    assert_eq!(attached(&selection).0, "scenario-3am");
    assert_eq!(
        reason(&selection),
        "Alert storm over the API (ApiErrorRateHigh), the database (DbConnectionsSaturated) and AI (AiTaskQueueStalled) together."
    );
}

#[test]
fn a_storm_wins_over_a_better_match_which_is_still_offered() {
    let mut runbooks = EMBEDDED.runbooks().to_vec();
    runbooks.push(runbook(
        "db-full",
        "[['alertname=\"DbConnectionsSaturated\"', 'severity=\"critical\"']]",
        100,
    ));
    let selection = choose_in(&runbooks, &the_night(), true);
    assert_eq!(attached(&selection).0, "scenario-3am");
    assert_eq!(also(&selection)[0], "db-full");
}

#[test]
fn without_a_storm_or_without_one_of_the_three_the_scenario_is_not_attached() {
    assert_ne!(
        attached(&choose_in(EMBEDDED.runbooks(), &the_night(), false)).0,
        "scenario-3am"
    );
    for missing in 0..3 {
        let mut alerts = the_night();
        alerts.remove(missing);
        alerts.push(alert("AirflowEmailFailing"));
        assert_ne!(
            attached(&choose_in(EMBEDDED.runbooks(), &alerts, true)).0,
            "scenario-3am",
            "without {missing}"
        );
    }
}

#[test]
fn a_category_tells_the_part_when_the_name_does_not() {
    let alerts = [
        alert("SystemDown").label("category", "backend"),
        alert("postgres_connections"),
        alert("Stalled").label("category", "ai"),
    ];
    let selection = choose_in(EMBEDDED.runbooks(), &alerts, true);
    assert_eq!(attached(&selection).0, "scenario-3am");
}

#[test]
fn the_embedded_runbooks_answer_to_their_category_and_to_common_alert_names() {
    for (name, id) in [
        ("DBDown", "backend"),
        ("PostgresqlTooManyConnections", "backend"),
        ("ApiErrorRateHigh", "backend"),
        ("api_timeouts", "backend"),
        ("JSErrors", "frontend"),
        ("JsonDecodeSlow", "performance"),
        ("frontend_crash_rate", "frontend"),
        ("WebhookFailing", "integration"),
        ("SerializationErrors", "integration"),
        ("AiTaskQueueStalled", "ai"),
        ("AIErrors", "ai"),
        ("LLMTimeout", "ai"),
        ("AirflowDagFailed", "first-minutes"),
        ("UnauthorizedSpike", "security"),
        ("WAFBlocks", "security"),
        ("HighRequestLatency", "performance"),
        ("MemoryLeak", "performance"),
        ("InferenceLatencyHigh", "ai"),
        ("Watchdog", "first-minutes"),
    ] {
        assert_eq!(
            attached(&choose(EMBEDDED.runbooks(), &[alert(name)])).0,
            id,
            "{name}"
        );
    }
    for category in [
        "backend",
        "frontend",
        "integration",
        "ai",
        "security",
        "performance",
        "scenario-3am",
    ] {
        let unnamed = Fired::default().label("category", category);
        let selection = choose(EMBEDDED.runbooks(), &[unnamed]);
        assert_eq!(attached(&selection).0, category);
        assert_eq!(
            reason(&selection),
            format!("An alert matches category=\"{category}\".")
        );
    }
}

#[test]
fn labels_that_alerts_disagree_on_fill_nothing() {
    let alerts = [
        alert("A").label("zone", "z1").label("host", "h1"),
        alert("B").label("zone", "z1").label("host", "h2"),
        alert("B").label("host", "h1").label("pod", "p"),
    ];
    let facts: Vec<AlertFacts<'_>> = alerts
        .iter()
        .map(|alert| AlertFacts {
            labels: &alert.labels,
            annotations: &alert.annotations,
        })
        .collect();
    let agreed: Vec<String> = agreed_labels(&facts)
        .into_iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    assert_eq!(agreed, ["pod=p", "zone=z1"]);
}

#[test]
fn a_name_in_a_reason_is_one_short_line() {
    let runbooks = [runbook("any", "[['alertname=~\"(?s).+\"']]", 0)];
    let selection = choose(&runbooks, &[alert(&format!("A\nB{}", "x".repeat(100)))]);
    assert_eq!(
        reason(&selection),
        format!(
            "Alert A B{}… matches alertname=~\"(?s).+\".",
            "x".repeat(56)
        )
    );
}

proptest! {
    // Every case compiles the regular expressions of all runbooks twice.
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn the_order_of_runbooks_and_alerts_changes_nothing(
        names in prop::collection::vec("(Db|Api|Ai|X)(Down|Slow)?", 0..6), storm in any::<bool>(), turn in 0usize..6,
    ) {
        let mut runbooks = EMBEDDED.runbooks().to_vec();
        runbooks.push(runbook("db-any", "[['alertname=~\"Db.*\"'], ['alertname=\"DbDown\"']]", 3));
        runbooks.push(runbook("any-down", "[['alertname=~\".*Down\"']]", 3));
        let alerts: Vec<Fired> = names.iter().map(|name| alert(name)).collect();
        let expected = choose_in(&runbooks, &alerts, storm);

        let turned_by = turn % runbooks.len();
        runbooks.rotate_left(turned_by);
        let turned: Vec<Fired> = alerts.iter().rev().cloned().collect();
        prop_assert_eq!(choose_in(&runbooks, &turned, storm), expected.clone());
        let all: Vec<&RunbookId> = expected.attached.iter().chain(&expected.also).map(|choice| &choice.id).collect();
        prop_assert!(all.iter().all(|id| all.iter().filter(|other| other == &id).count() == 1));
    }
}
