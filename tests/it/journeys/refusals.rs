//! Discord says no: what a person can mend waits for that person, who is told once.

use crate::world::{Alert, Setup, Sink, Span as _, World};

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

/// Discord refuses whatever the bot asks to hear, with the text of messages and without. What needs no session goes on, and
/// the session comes by itself when it may.
#[tokio::test]
async fn a_bot_whose_intent_is_off_opens_channels_and_pages_and_hears_as_soon_as_it_may() {
    let pager = Sink::start().await;
    let world = Setup::default().pager(&pager).start().await;
    world.stops_the_bot().await;
    world.expects_warning("Discord refuses the message content intent");
    world.expects_warning("Discord refuses the bot; alerts are still taken in and kept");
    world.tolerates_warning("serenity::gateway");
    world.discord().faults().gateway().refuse_sessions(4014);
    world.starts_the_bot().await;
    world
        .until("the refusal is told", async || {
            world.readiness().await.contains("Message Content")
        })
        .await;

    world.alertmanager().fires("api-latency", "critical").await;

    assert_eq!(world.incidents().await, 1);
    assert_eq!(pager.taken().len(), 1);
    world.expect_one_opening("api-latency");
    world.expect_that_the_bot_goes_on().await;

    world.discord().faults().clear();
    world.sleeps(5.minutes()).await;

    world.sam().takes_it().await;
    world.channel("inc-0001-").expect_board("👑 On-Call @sam");
    assert_eq!(pager.taken().len(), 1);
    world.ends().await;
}

/// A token that is not the bot's: nothing can be asked of Discord at all.
#[tokio::test]
async fn an_alert_is_kept_and_pages_while_the_token_is_refused_and_opens_when_it_is_good() {
    let pager = Sink::start().await;
    let world = Setup::default().pager(&pager).start().await;
    world.stops_the_bot().await;
    world.expects_warning("Discord refuses the bot; alerts are still taken in and kept");
    world.tolerates_warning("serenity::gateway");
    world.tolerates_warning("token");
    world.tolerates_warning("the effect waits for another attempt");
    let faults = world.discord().faults();
    // Everybody may ask where the gateway is.
    for route in [
        "/guilds/**",
        "/channels/**",
        "/users/**",
        "/applications/**",
    ] {
        let refusing = faults.on("*", route).always();
        refusing.refused(401, 0, "401: Unauthorized");
    }
    faults.gateway().refuse_sessions(4004);
    world.starts_the_bot().await;
    world
        .until("the refusal is told", async || {
            world.readiness().await.contains("Reset Token")
        })
        .await;

    world.alertmanager().fires("api-latency", "critical").await;

    assert_eq!(world.incidents().await, 1);
    assert_eq!(pager.taken().len(), 1);
    assert!(world.incident_channels().is_empty());
    world.expect_that_the_bot_goes_on().await;

    world.discord().faults().clear();
    world.everything_gets_through().await;

    world.expect_one_opening("api-latency");
    assert_eq!(pager.taken().len(), 1);
    world.sam().takes_it().await;
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

/// Somebody throws the bot out while an incident runs, and invites it again: what happened meanwhile is caught up with.
#[tokio::test]
async fn a_bot_thrown_out_of_the_server_goes_on_when_it_is_invited_again() {
    let world = Setup::default()
        .with("policy.burst_window", "0s")
        .start()
        .await;
    for words in [
        "the bot is not in its server",
        "the effect waits until a person has mended the cause",
        "the effect waits for another attempt",
        "the channel cannot be read again",
        "the slash commands cannot be registered",
    ] {
        world.tolerates_warning(words);
    }
    let api = Alert::named("ApiSlow").severity("critical").service("api");
    world.alertmanager().sends(api).await;
    world.sam().takes_it().await;
    world.advance(90.seconds()).await;
    let channel = world.channel("inc-0001-");

    world.discord().remove_bot();
    world.settle().await;
    assert!(world.readiness().await.contains("invite it again"));
    world
        .sam()
        .in_channel(&channel)
        .says("obs: 5xx 9 % since the rollback")
        .await;
    let mail = Alert::named("MailStuck")
        .severity("critical")
        .service("mail");
    world.alertmanager().sends(mail).await;
    world.advance(3.minutes()).await;
    assert_eq!(
        world.incidents().await,
        2,
        "alerts are taken in all the same"
    );
    assert_eq!(world.incident_channels().len(), 1);

    world.discord().invite_bot();
    world.settle().await;
    world.advance(5.minutes()).await;
    world.everything_gets_through().await;

    assert_eq!(world.incident_channels().len(), 2);
    world.channel("inc-0002-").expect_board("MailStuck");
    let lines = world.timeline(1).await;
    assert!(
        lines
            .iter()
            .any(|line| line.text.contains("since the rollback"))
    );
    assert!(!world.readiness().await.contains("invite it again"));
    world.sam().in_channel(&channel).types("/inc list").await;
    world.ends().await;
}
