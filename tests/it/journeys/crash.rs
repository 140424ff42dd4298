//! The bot dies in the middle of something and is started again on the same database: the same end, nothing lost, nothing twice.

use reqwest::StatusCode;

use crate::world::{Alert, Span as _, World};

/// How many requests change something in Discord while an alert opens its incident.
async fn changes_of_an_opening() -> u64 {
    let world = World::new().await;
    world.discord().clear_requests();
    world.alertmanager().fires("api-latency", "critical").await;
    let requests = world.discord().requests();
    let changes = requests.iter().filter(|request| request.method != "GET");
    let count = changes.count() as u64;
    world.ends().await;
    assert!(count > 5, "an opening of {count} changes is none");
    count
}

/// Where in a request the bot dies.
#[derive(Clone, Copy)]
enum Dies {
    /// Discord has not done anything yet.
    Before,
    /// Discord has done it, and the bot never learns.
    After,
}

/// Fires an alert, kills the bot at its n-th change to Discord, and starts it again.
async fn dies_at(nth: u64, dies: Dies) {
    let world = World::new().await;
    for method in ["POST", "PUT", "PATCH"] {
        // Whichever comes as the n-th change of its kind; the kinds are walked through one after the other.
        let fault = world.discord().faults().on(method, "**").after(nth);
        match dies {
            Dies::Before => fault.hang(),
            Dies::After => fault.answer_lost(),
        };
    }
    let armed = world.discord().faults().armed();
    let alert = Alert::named("api-latency").severity("critical");
    assert_eq!(
        world.alertmanager().posts_alert(alert).await,
        StatusCode::ACCEPTED
    );
    world
        .until(
            "the bot is at the step it dies in, or past its last",
            async || world.discord().faults().armed() < armed || world.is_quiet().await,
        )
        .await;

    world.kills_the_bot().await;
    world.discord().faults().clear();
    world.tolerates_warning("the effect waits for another attempt");
    world.starts_the_bot().await;
    world.advance(20.seconds()).await;

    world.expect_one_opening("api-latency");
    world.sam().takes_it().await;
    world.channel("inc-0001-").expect_board("👑 On-Call @sam");
    world.ends().await;
}

#[tokio::test]
async fn an_opening_that_is_cut_before_any_of_its_steps_ends_the_same() {
    for nth in 0..changes_of_an_opening().await {
        dies_at(nth, Dies::Before).await;
    }
}

#[tokio::test]
async fn an_opening_that_is_cut_after_any_of_its_steps_ends_the_same() {
    for nth in 0..changes_of_an_opening().await {
        dies_at(nth, Dies::After).await;
    }
}

/// Accepted means stored: the very next moment may be the last.
#[tokio::test]
async fn an_alert_that_was_accepted_right_before_the_crash_opens_its_incident_afterwards() {
    let world = World::new().await;
    let alert = Alert::named("api-latency").severity("critical");
    assert_eq!(
        world.alertmanager().posts_alert(alert).await,
        StatusCode::ACCEPTED
    );
    world.kills_the_bot().await;

    world.tolerates_warning("the effect waits for another attempt");
    world.starts_the_bot().await;
    world.advance(20.seconds()).await;

    world.expect_one_opening("api-latency");
    world.ends().await;
}

/// A stop in order in the middle of a storm loses nothing either.
#[tokio::test]
async fn a_restart_in_the_middle_of_the_night_goes_on_where_it_was() {
    let world = World::new().await;
    world.everything_burns().await;
    world.sam().takes_it().await;
    world.sam().says("obs: 100/100 connections").await;
    world.advance(2.minutes()).await;
    let before = world.channel("inc-0001-").board().text;
    let lines = world.timeline(1).await;
    let messages = world.channel("inc-0001-").messages().len();

    world.stops_the_bot().await;
    world.starts_the_bot().await;

    assert_eq!(world.timeline(1).await, lines);
    assert_eq!(world.channel("inc-0001-").messages().len(), messages);
    assert_eq!(world.channel("inc-0001-").board().text, before);
    world.sam().clicks("Start mitigating").await;
    world
        .channel("inc-0001-")
        .expect_board("Mitigation & Containment");
    world.ends().await;
}

/// What became due while the bot was away is done once, now: a reminder that came too late is not repeated for each missed one.
#[tokio::test]
async fn a_promise_that_fell_due_while_the_bot_was_down_is_told_once() {
    let world = World::new().await;
    world.everything_burns().await;
    world.sam().takes_it().await;
    world.sam().clicks("Update").await.clicks("Send").await;
    world.stops_the_bot().await;
    world.sleeps(45.minutes()).await;
    world.starts_the_bot().await;
    world.settle().await;

    world
        .channel("inc-0001-")
        .expect_once("the stakeholder update was due at");
    world.sam().dm().expect_no_line("A draft is ready");
    world.ends().await;
}

/// What was done is asked about, though the bot dies as soon as the line is written down.
#[tokio::test]
async fn an_action_that_was_noted_right_before_the_crash_is_asked_about() {
    let world = World::new().await;
    world.everything_burns().await;
    world.sam().takes_it().await;
    world.sam().types("/inc phase to:mitigation").await;
    let channel = world.channel("inc-0001-");
    let sam = world.sam().in_channel(&channel);
    sam.in_discord()
        .say(channel.id, "act: AI features off")
        .expect("sam may write here");
    world
        .until("the line is stored", async || {
            let lines = world.timeline(1).await;
            lines.iter().any(|line| line.text == "AI features off")
        })
        .await;
    world.kills_the_bot().await;
    world.starts_the_bot().await;
    world.advance(6.minutes()).await;
    channel.expect_once("Effect of \"AI features off\"?");
    world.ends().await;
}
