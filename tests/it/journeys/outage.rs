//! Discord is down, slow or forgets to answer: the alert waits for Discord, and nothing happens twice.

use bridgewatch_core::incident::MilestoneName;

use crate::world::{Alert, Setup, Sink, Span as _, World};

/// Acceptance scenario 4.
#[tokio::test]
async fn an_alert_that_arrives_while_discord_is_down_is_kept_pages_and_opens_once_with_its_true_times()
 {
    let pager = Sink::start().await;
    let world = Setup::default().pager(&pager).start().await;
    world.expects_warning("the effect waits for another attempt");
    world.discord().faults().anywhere().always().status(503);
    let (fired_at, arrived_at) = (world.now() - 3.minutes(), world.now());

    world
        .alertmanager()
        .sends(
            Alert::named("api-latency")
                .severity("critical")
                .started(3.minutes()),
        )
        .await;

    assert_eq!(world.incidents().await, 1, "it is stored");
    assert_eq!(pager.taken().len(), 1, "the pager needs no Discord");
    assert!(world.incident_channels().is_empty());
    world.sleeps(10.minutes()).await;
    assert!(world.incident_channels().is_empty());

    world.discord().faults().clear();
    world.everything_gets_through().await;

    assert_eq!(world.incident_channels().len(), 1);
    let channel = world.channel("inc-0001-api-latency");
    channel.expect_board("declared 03:02");
    assert_eq!(
        world.milestone(1, MilestoneName::Detected).await,
        Some(fired_at)
    );
    assert_eq!(
        world.milestone(1, MilestoneName::Declared).await,
        Some(arrived_at)
    );
    assert_eq!(pager.taken().len(), 1, "nobody is paged again");
    world.sam().dm().expect_once("Take it");
    world.ends().await;
}

/// A channel whose making was carried out and never answered is found again by its mark, not made twice.
#[tokio::test]
async fn a_channel_whose_answer_was_lost_is_not_made_twice() {
    let world = World::new().await;
    world.expects_warning("the effect waits for another attempt");
    world
        .discord()
        .faults()
        .on("POST", "/guilds/*/channels")
        .answer_lost();

    world.alertmanager().fires("api-latency", "critical").await;
    world.advance(20.seconds()).await;

    assert_eq!(world.incident_channels(), ["inc-0001-api-latency"]);
    world.channel("inc-0001-").expect_board("SEV2");
    world.ends().await;
}

/// A message that was posted and never answered is the same message when it is posted again.
#[tokio::test]
async fn a_message_whose_answer_was_lost_is_not_posted_twice() {
    // The third is the board, the others are direct messages and the digest, in whatever order they leave.
    for earlier in 0..4 {
        let world = World::new().await;
        world.expects_warning("the effect waits for another attempt");
        world
            .discord()
            .faults()
            .on("POST", "/channels/*/messages")
            .after(earlier)
            .answer_lost();

        world.alertmanager().fires("api-latency", "critical").await;
        world.advance(20.seconds()).await;

        world.expect_one_opening("api-latency");
        world.ends().await;
    }
}

/// A Discord that answers late costs time and nothing else.
#[tokio::test]
async fn a_rate_limit_is_waited_for() {
    let world = World::new().await;
    world
        .discord()
        .faults()
        .on("POST", "/channels/*/messages")
        .times(2)
        .rate_limited(
            discord_sim::Scope::User,
            std::time::Duration::from_millis(300),
        );

    world.alertmanager().fires("api-latency", "critical").await;
    world.advance(20.seconds()).await;

    world.expect_one_opening("api-latency");
    world.ends().await;
}

/// A lease is told in wall time. A clock that jumps while a call is out ends it, and the call is still the only one.
#[tokio::test]
async fn a_clock_that_jumps_while_discord_answers_late_makes_nobody_say_it_twice() {
    let world = World::new().await;
    world.expects_warning("the clock jumped over a lease");
    let slow = world
        .discord()
        .faults()
        .on("POST", "/channels/*/messages")
        .slow(std::time::Duration::from_millis(600));

    let alertmanager = world.alertmanager();
    tokio::join!(
        alertmanager.fires("api-latency", "critical"),
        world.clock_jumps_when_it_strikes(slow, 10.minutes()),
    );
    world.advance(2.minutes()).await;

    world.expect_one_opening("api-latency");
    world.ends().await;
}
