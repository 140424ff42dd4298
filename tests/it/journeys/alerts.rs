//! From an alert to a channel: one incident for one trouble, however often and in how many pieces it is reported.

use bridgewatch::clock::monotonic;
use bridgewatch_core::incident::MilestoneName;
use std::time::Duration;

use crate::world::{Alert, Setup, Sink, Span as _, World};

/// Acceptance scenario 1: an alert opens an incident with channel, board, runbook and a page.
#[tokio::test]
async fn alert_opens_an_incident() {
    let pager = Sink::start().await;
    let world = Setup::default().pager(&pager).start().await;
    let fired_at = world.now() - 7.minutes();
    let started = monotonic();

    let orders_fail = Alert::named("ApiErrorRateHigh")
        .severity("critical")
        .service("orders-api")
        .category("backend")
        .summary("orders-api 5xx 38%")
        .started(7.minutes());
    world.alertmanager().sends(orders_fail).await;

    assert!(started.elapsed() < Duration::from_secs(5), "within 5 s");
    let channel = world.channel("inc-0001-");
    channel
        .expect_board("INC-0001 · SEV2")
        .expect_board("1 firing")
        .expect_buttons(&["Take it", "Not an incident", "Severity", "More…"]);
    let incident = world.incident(1).await;
    assert_eq!(
        incident.milestones.at(MilestoneName::Detected),
        Some(fired_at)
    );
    assert_eq!(
        incident.milestones.at(MilestoneName::Declared),
        Some(world.now())
    );
    assert!(incident.checklist.is_some(), "a runbook is attached");
    let pages = pager.taken();
    assert_eq!(pages.len(), 1, "{pages:?}");
    assert_eq!(
        pages[0]["person"]["discord_id"],
        world.sam().id().to_string()
    );
    world.sam().dm().expect_line("Take it");
    world.ends().await;
}

/// Acceptance scenario 2: a storm of three groups becomes one SEV1 with one page for each person.
#[tokio::test]
async fn storm_becomes_one_sev1() {
    let pager = Sink::start().await;
    let world = Setup::default().pager(&pager).start().await;

    world.everything_burns().await;

    assert_eq!(world.incident_channels().len(), 1);
    let channel = world.channel("inc-0001-");
    channel
        .expect_board("SEV1")
        .expect_board("3 firing")
        .expect_once("SEV2 → **SEV1**: 3 critical alert names within 10 min make a storm");
    let incident = world.incident(1).await;
    let runbook = incident.checklist.expect("a runbook is attached");
    assert_eq!(runbook.runbook_id.as_str(), "scenario-3am");
    let paged: Vec<String> = pager
        .taken()
        .iter()
        .map(|page| page["person"]["discord_id"].to_string())
        .collect();
    let mut once = paged.clone();
    once.dedup();
    assert_eq!(paged, once, "nobody is paged twice");
    for person in [
        world.sam(),
        world.ada(),
        world.fay(),
        world.mo(),
        world.kim(),
    ] {
        assert_eq!(
            person.dm().messages().len(),
            1,
            "one message for each person"
        );
    }
    world.ends().await;
}

/// Acceptance scenario 3: a repeat changes nothing and a late resolve clears its part.
#[tokio::test]
async fn repeat_and_late_alerts() {
    let world = World::new().await;
    world.everything_burns().await;
    world.sam().takes_it().await;
    world.advance(27.minutes()).await;
    let lines = world.timeline(1).await;
    let messages = world.channel("inc-0001-").messages().len();
    let asked_of_discord = world.discord().request_count();

    world.alertmanager().repeats().await;

    assert_eq!(world.incident_channels().len(), 1);
    assert_eq!(world.timeline(1).await, lines, "no new line");
    assert_eq!(world.channel("inc-0001-").messages().len(), messages);
    assert_eq!(
        world.discord().request_count(),
        asked_of_discord,
        "a repeat is no reason to speak to Discord"
    );

    // It is 03:29; both have been over for some minutes when we are told.
    for (name, since) in [
        ("DbConnectionsSaturated", 5.minutes()),
        ("AiTaskQueueStalled", 4.minutes()),
    ] {
        world.alertmanager().resolves_late(name, since).await;
    }

    world
        .channel("inc-0001-")
        .expect_board("2 of 3 clear since 03:25");
    assert!(world.incident(1).await.is_active());
    world.ends().await;
}
