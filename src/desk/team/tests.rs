//! Who is asked, and what a next-step card links to.

use bridgewatch_core::alert::{Alert, AlertStatus, Pairs, merge};
use bridgewatch_core::runbook::Library;

use super::*;

const SAM: PersonId = PersonId(1);
const ADA: PersonId = PersonId(2);
const MO: PersonId = PersonId(4);

/// Sam is on call around the clock. Mo coordinates in office hours, and at night only for the worst. Ada knows the backend.
fn team() -> Team {
    let rota = oncall::parse(
        "rota.toml",
        r#"
timezone = "UTC"
[people]
sam = "1"
ada = "2"
mo = "4"
[[schedule]]
role = "oncall"
people = ["@sam"]
[[schedule]]
role = "bridge"
people = ["@mo"]
hours = "Mon-Fri 09:00-18:00"
outside = "page-only-sev1"
[[schedule]]
role = "backend"
people = ["@ada"]
"#,
    );
    Team {
        roster: Roster::holding(rota.expect("the test writes a good rota").value),
        shelf: Shelf::holding(Library::embedded()),
        zone: chrono_tz::UTC,
        prefixes: Default::default(),
    }
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("the test writes an instant")
}

fn asked(severity: Severity, category: Category, when: &str) -> Vec<(Role, PersonId)> {
    let proposals = team().proposals(severity, category, at(when));
    proposals.into_iter().collect()
}

const MONDAY_NOON: &str = "2026-11-23T12:00:00Z";
const MONDAY_NIGHT: &str = "2026-11-23T03:00:00Z";

#[test]
fn whoever_is_only_for_sev1_at_night_sleeps_through_a_sev2() {
    assert_eq!(
        asked(Severity::Sev2, Category::Other, MONDAY_NIGHT),
        [(Role::OnCall, SAM)]
    );
    assert_eq!(
        asked(Severity::Sev2, Category::Other, MONDAY_NOON),
        [(Role::OnCall, SAM), (Role::Bridge, MO)]
    );
    assert_eq!(
        asked(Severity::Sev1, Category::Other, MONDAY_NIGHT),
        [
            (Role::OnCall, SAM),
            (Role::Backend, ADA),
            (Role::Bridge, MO)
        ]
    );
}

#[test]
fn a_sev2_asks_the_engineer_whom_its_category_needs() {
    let backend_is_asked =
        |category| asked(Severity::Sev2, category, MONDAY_NIGHT).contains(&(Role::Backend, ADA));
    for (category, expected) in [
        (Category::Backend, true),
        (Category::Integration, true),
        (Category::Ai, true),
        (Category::Performance, true),
        (Category::Frontend, false),
        (Category::Security, false),
        (Category::Unknown, false),
    ] {
        assert_eq!(backend_is_asked(category), expected, "{category}");
    }
    assert_eq!(
        asked(Severity::Sev3, Category::Backend, MONDAY_NOON),
        [(Role::OnCall, SAM)]
    );
}

#[test]
fn a_link_too_long_for_a_button_is_left_out_and_never_cut() {
    let whole = format!("https://grafana.example/d/{}", "a".repeat(486));
    assert_eq!(whole.len(), Link::MAX_URL_BYTES);
    let too_long = format!("{whole}b");
    let alert = Alert {
        source: "alertmanager".to_owned(),
        receiver: "bridgewatch".to_owned(),
        group_key: "{}".to_owned(),
        fingerprint: "f".to_owned(),
        status: AlertStatus::Firing,
        labels: Pairs::new(),
        annotations: Pairs::from([
            ("dashboard_url".to_owned(), whole.clone()),
            ("logs_url".to_owned(), too_long),
            (
                "runbook_url".to_owned(),
                "https://wiki.example/db".to_owned(),
            ),
        ]),
        starts_at: at(MONDAY_NIGHT),
        ends_at: None,
        generator_url: None,
    };
    let episode = merge(None, &alert, at(MONDAY_NIGHT)).episode;
    let links: Vec<String> = team()
        .links(&[episode], None)
        .into_iter()
        .map(|link| link.url)
        .collect();
    assert_eq!(links, ["https://wiki.example/db".to_owned(), whole]);
}
