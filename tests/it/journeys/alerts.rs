//! From an alert to a channel: one incident for one trouble, however often and in how many pieces it is reported.

use bridgewatch::clock::monotonic;
use bridgewatch_core::ids::IncidentId;
use bridgewatch_core::incident::MilestoneName;
use bridgewatch_core::person::PersonId;
use reqwest::StatusCode;
use std::cell::Cell;
use std::collections::BTreeMap;
use std::time::Duration;

use crate::world::{Alert, Message, Setup, Sink, Span as _, World};

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
        .expect_buttons(&[
            "Take it",
            "Not an incident",
            "Severity",
            "More…",
            "Join call",
            "Catch up",
        ]);
    let incident = world.incident(1).await;
    assert_eq!(
        incident.milestones.at(MilestoneName::Detected),
        Some(fired_at)
    );
    assert_eq!(
        incident.milestones.at(MilestoneName::Declared),
        Some(world.now())
    );
    let runbook = incident.checklist.expect("a runbook is attached");
    assert_eq!(runbook.runbook_id.as_str(), "backend");
    let pages = pager.taken();
    assert_eq!(pages.len(), 1, "{pages:?}");
    assert_eq!(
        pages[0]["person"]["discord_id"],
        world.sam().id().to_string()
    );
    world.sam().dm().expect_line("Take it");
    world.ends().await;
}

/// The default of a new installation: no rota. The pager has a schedule of its own, and is called without a name.
#[tokio::test]
async fn a_major_alert_rings_the_pager_also_where_no_rota_names_anybody() {
    let pager = Sink::start().await;
    let world = Setup::default()
        .pager(&pager)
        .without_a_rota()
        .start()
        .await;

    world.alertmanager().fires("api-latency", "critical").await;

    let pages = pager.taken();
    assert_eq!(pages.len(), 1, "{pages:?}");
    assert_eq!(pages[0]["person"], serde_json::Value::Null);
    assert_eq!(pages[0]["incident"], "INC-0001");
    let incident = world.incident(1).await;
    assert_eq!(
        incident.milestones.at(MilestoneName::PagedFirst),
        Some(world.now())
    );
    let timeline = world.timeline(1).await;
    let told = timeline
        .iter()
        .filter(|line| line.text.contains("the pager was called"));
    assert_eq!(told.count(), 1);
    world.ends().await;
}

/// Acceptance scenario 1: what was not written was not accepted, and what was accepted outlives the bot.
#[tokio::test]
async fn alert_opens_an_incident_only_after_it_is_written_and_is_not_accepted_before() {
    let world = World::new().await;
    world.expects_warning("the store failed, asked the sender to retry");
    let mut database = world.database().await;
    let alert = Alert::named("api-latency").severity("critical");

    database
        .runs(
            "create trigger full before insert on intake_receipt \
             begin select raise(abort, 'the disk is full'); end",
        )
        .await;
    let answer = world.alertmanager().posts_alert(alert.clone()).await;
    assert_eq!(answer, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(database.receipts().await, 0);
    database.runs("drop trigger full").await;
    world.settle().await;
    assert_eq!(world.incidents().await, 0, "the sender has to come again");

    let answer = world.alertmanager().posts_alert(alert).await;
    let receipts = database.receipts().await;
    database.close().await;
    world.kills_the_bot().await;
    assert_eq!(answer, StatusCode::ACCEPTED);
    assert_eq!(receipts, 1, "on disk at the moment of the answer");
    world.tolerates_warning("the effect waits for another attempt");
    world.starts_the_bot().await;
    world.advance(20.seconds()).await;
    world.expect_one_opening("api-latency");
    world.ends().await;
}

/// Acceptance scenario 2: a storm of three groups becomes one SEV1 with one page for each person.
#[tokio::test]
async fn storm_becomes_one_sev1() {
    let pager = Sink::start().await;
    let world = Setup::default().pager(&pager).start().await;

    world.everything_burns().await;

    assert_eq!(
        (world.incidents().await, world.incident_channels().len()),
        (1, 1)
    );
    let channel = world.channel("inc-0001-");
    channel
        .expect_board("SEV1")
        .expect_board("3 firing")
        .expect_once("SEV2 → **SEV1**: 3 critical alert names within 10 min make a storm");
    let incident = world.incident(1).await;
    let runbook = incident.checklist.expect("a runbook is attached");
    assert_eq!(runbook.runbook_id.as_str(), "scenario-3am");
    let mut pages: BTreeMap<String, usize> = BTreeMap::new();
    for page in pager.taken() {
        let person = page["person"]["discord_id"].as_str().unwrap_or_default();
        *pages.entry(person.to_owned()).or_default() += 1;
    }
    assert_eq!(
        pages,
        BTreeMap::from([(world.sam().id().to_string(), 1)]),
        "whoever is on call is woken, once"
    );
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
    let pager = Sink::start().await;
    let world = Setup::default().pager(&pager).start().await;
    world.everything_burns().await;
    world.sam().takes_it().await;
    world.advance(27.minutes()).await;
    let pages = pager.taken().len();
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

    // It is 03:29 now; what counts is when they ended, in whatever order they tell it.
    world
        .alertmanager()
        .resolves_late("DbConnectionsSaturated", 2.minutes())
        .await;
    world
        .channel("inc-0001-")
        .expect_board("1 of 3 clear since 03:27");
    world
        .alertmanager()
        .resolves_late("AiTaskQueueStalled", 5.minutes())
        .await;

    world
        .channel("inc-0001-")
        .expect_board("2 of 3 clear since 03:27");
    assert!(world.incident(1).await.is_active());
    assert_eq!(world.incident_channels().len(), 1);
    assert_eq!(pager.taken().len(), pages, "nobody is paged for it");
    world.ends().await;
}

#[tokio::test]
async fn an_alert_that_flaps_has_one_line_whose_number_grows() {
    let world = World::new().await;
    world.alertmanager().fires("ApiSlow", "critical").await;
    world.sam().takes_it().await;
    let restless = || Alert::named("QueueLong").severity("critical");
    let turn = async || {
        world.alertmanager().sends(restless()).await;
        world.advance(1.minutes()).await;
        world
            .alertmanager()
            .resolves_late("QueueLong", 10.seconds())
            .await;
        world.advance(1.minutes()).await;
    };
    let said = async |word: &str| {
        let timeline = world.timeline(1).await;
        let lines = timeline.into_iter().filter(|line| line.text.contains(word));
        lines.map(|line| line.text).collect::<Vec<String>>()
    };

    for _ in 0..3 {
        turn().await;
    }
    let before = said("QueueLong").await;
    assert_eq!(said("flapping").await, ["QueueLong flapping (3×)"]);
    for _ in 3..7 {
        turn().await;
    }

    assert_eq!(said("flapping").await, ["QueueLong flapping (7×)"]);
    assert_eq!(said("QueueLong").await.len(), before.len(), "{before:?}");
    world
        .channel("inc-0001-")
        .expect_board("flapping: QueueLong (7×, last cleared");
    world.ends().await;
}

/// A storm is no reason to wait: the button is answered while most of it has not been worked off.
#[tokio::test]
async fn a_press_is_answered_in_the_middle_of_a_storm_of_three_hundred_groups() {
    const GROUPS: usize = 300;
    let world = World::new().await;
    world.alertmanager().fires("api-latency", "critical").await;
    let sam = world.sam();
    let has_it = |message: &Message| message.buttons().contains(&"Take it");
    let board = sam.sees().into_iter().rfind(has_it).expect("a board");
    let mut database = world.database().await;

    let sent = Cell::new(0);
    let storm = async {
        for number in 0..GROUPS {
            let alert = Alert::named(&format!("Storm{number}")).severity("critical");
            world.alertmanager().posts_alert(alert).await;
            sent.set(number + 1);
        }
    };
    let press = async {
        while sent.get() < GROUPS / 3 {
            tokio::task::yield_now().await;
        }
        let reply = sam.in_discord().click(board.view.id, "Take it").await;
        assert!(reply.is_ok(), "{reply:?}");
        (sent.get(), database.pending().await)
    };
    let ((), (sent_then, pending_then)) = tokio::join!(storm, press);

    let is_over = sent_then == GROUPS && pending_then == 0;
    assert!(!is_over, "the press waited for the whole storm");
    database.close().await;
    world.everything_gets_through().await;
    assert_eq!(world.incident(1).await.command, Some(PersonId(sam.id())));
    world.ends().await;
}

/// A label that nobody could read, and one that no database keeps: the incident opens, repeats meet it, and it clears.
#[tokio::test]
async fn an_alert_with_a_label_that_is_too_long_opens_its_incident() {
    let world = World::new().await;
    let alert = Alert::named("PoolExhausted")
        .severity("critical")
        .label("query", &"select * from orders where ".repeat(363))
        .label("pod", "api\u{0}7")
        .summary("The pool is ex\u{0}hausted");

    world.alertmanager().sends(alert.clone()).await;
    world.advance(1.minutes()).await;
    world.alertmanager().sends(alert).await;

    assert_eq!(world.incidents().await, 1);
    let episodes = world.store().episodes(IncidentId(1)).await;
    let episodes = episodes.expect("the store answers");
    assert_eq!(episodes.len(), 1);
    let stored = serde_json::to_string(&episodes).expect("JSON");
    assert!(stored.contains("… (cut, 9,801 bytes)"), "{stored}");
    assert!(
        stored.contains("api\u{fffd}7") && !stored.contains("\\u0000"),
        "{stored}"
    );
    world.ends().await;
}
