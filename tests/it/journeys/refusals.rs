//! Discord says no: what a person can mend waits for that person, who is told once.

use crate::world::{Span as _, World};

/// A wrong server in the configuration, or a bot that was not invited: every answer about the server is a no.
#[tokio::test]
async fn alerts_wait_for_a_server_that_the_bot_cannot_enter_yet() {
    for (status, code, message) in [
        (404, 10_004, "Unknown Guild"),
        (403, 50_001, "Missing Access"),
    ] {
        let world = World::new().await;
        world.stops_the_bot().await;
        world.tolerates_warning(message);
        world
            .discord()
            .faults()
            .on("*", "/guilds/**")
            .always()
            .refused(status, code, message);
        world.starts_the_bot().await;

        world.alertmanager().fires("api-latency", "critical").await;
        world.advance(20.minutes()).await;
        assert_eq!(world.incidents().await, 1);
        assert!(world.incident_channels().is_empty());

        world.discord().faults().clear();
        world.advance(2.minutes()).await;

        world.expect_one_opening("api-latency");
        world.sam().takes_it().await;
        world.channel("inc-0001-").expect_board("👑 On-Call @sam");
        world.ends().await;
    }
}

/// The first answer was an outage, the next ones are a no that a person has to mend: they hear of it, once.
#[tokio::test]
async fn a_refusal_after_an_outage_is_told_to_operators_once() {
    let world = World::new().await;
    world.tolerates_warning("the effect waits for another attempt");
    world.tolerates_warning("Missing Permissions");
    let pinning = "/channels/*/messages/pins/*";
    world.discord().faults().on("PUT", pinning).status(503);
    let forbidden = world
        .discord()
        .faults()
        .on("PUT", pinning)
        .always()
        .forbidden(50_013);

    world.alertmanager().fires("api-latency", "critical").await;
    world.advance(30.minutes()).await;

    assert!(world.discord().faults().struck(forbidden) > 0);
    world
        .channel("incidents")
        .expect_once("⚠ INC-0001")
        .expect_once("Missing Permissions");
    world.discord().faults().clear();
    world.everything_gets_through().await;
    world.channel("inc-0001-").expect_board("SEV2");
    world.ends().await;
}

/// Whoever mends a permission at night does not wait for a bot that has given up hope.
#[tokio::test]
async fn what_waited_long_for_a_permission_gets_through_two_minutes_after_it_was_given() {
    let world = World::new().await;
    world.tolerates_warning("Missing Permissions");
    world.tolerates_warning("the effect waits for another attempt");
    world
        .discord()
        .faults()
        .on("PUT", "/channels/*/messages/pins/*")
        .always()
        .forbidden(50_013);
    world.alertmanager().fires("api-latency", "critical").await;
    world.advance(33.minutes()).await;
    assert_ne!(world.effects_waiting().await, 0);

    world.discord().faults().clear();
    world.advance(2.minutes()).await;

    assert_eq!(world.effects_waiting().await, 0);
    world.ends().await;
}

/// A bot that was not in the server at its start, or may not register commands there yet: nobody has to start it again.
#[tokio::test]
async fn commands_that_discord_refused_are_registered_as_soon_as_it_takes_them() {
    let world = World::new().await;
    world.stops_the_bot().await;
    world.tolerates_warning("the slash commands cannot be registered");
    let commands = "/applications/*/guilds/*/commands";
    let faults = world.discord().faults();
    faults
        .on("PUT", commands)
        .refused(403, 50_001, "Missing Access");
    world.discord().clear_requests();
    world.starts_the_bot().await;

    world
        .until("the commands are registered", async || {
            world
                .discord()
                .requests()
                .iter()
                .any(|request| request.path.ends_with("/commands") && request.status == 200)
        })
        .await;
    world.settle().await;
    world.sam().types("/inc list").await;
    world.ends().await;
}
