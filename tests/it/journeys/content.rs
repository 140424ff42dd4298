//! The message content intent is off: the bot runs, says once what it cannot hear, and hears it when it may.

use bridgewatch_core::timeline::{Entry, Kind};

use crate::world::World;

const SAID: &str = "I can't read messages here: prefixes are off; buttons, reactions, the menu";

async fn the_line(world: &World, part: &str) -> Entry {
    let lines = world.timeline(1).await;
    let found = lines.into_iter().find(|line| line.text.contains(part));
    found.unwrap_or_else(|| world.fail(&format!("no line says `{part}`")))
}

/// Starts the bot anew, as the portal has its switch now.
async fn starts_anew(world: &World, message_content: bool) {
    world.stops_the_bot().await;
    world.discord().allow_message_content(message_content);
    world.starts_the_bot().await;
    world.settle().await;
}

#[tokio::test]
async fn a_bot_that_may_not_read_messages_runs_and_says_so_once() {
    let world = World::new().await;
    world.expects_warning("Discord refuses the message content intent");
    world.tolerates_warning("serenity::gateway");
    let digest = world.channel("incidents");
    digest.expect_no_line(SAID);

    starts_anew(&world, false).await;

    digest.expect_once(SAID).expect_line("then start me again");
    let readiness = world.readiness().await;
    assert!(readiness.contains("prefixes are off"), "{readiness}");
    starts_anew(&world, false).await;
    digest.expect_once(SAID);

    starts_anew(&world, true).await;

    digest
        .expect_once(SAID)
        .expect_once("I can read messages again");
    assert!(!world.readiness().await.contains("prefixes"));
    world.everything_burns().await;
    world.sam().takes_it().await;
    world.sam().says("obs: heard again").await;
    the_line(&world, "heard again").await;
    // Switched off once more, it is news once more.
    starts_anew(&world, false).await;
    assert_eq!(digest.count(SAID), 2);
    world.ends().await;
}

/// Whatever needs no text works, and what a person opens with the menu brings its text and files along.
#[tokio::test]
async fn without_the_text_of_messages_marks_menus_and_commands_still_make_lines() {
    let world = World::new().await;
    world.expects_warning("Discord refuses the message content intent");
    world.tolerates_warning("serenity::gateway");
    starts_anew(&world, false).await;
    world.everything_burns().await;
    world.sam().takes_it().await;
    let before = world.timeline(1).await.len();

    let said = world.sam().says("obs: 100/100 connections").await;
    assert_eq!(world.timeline(1).await.len(), before, "nobody heard it");
    world.kim().reacts(said, "🔎").await;
    let line = the_line(&world, "I cannot read its text").await;
    assert_eq!(line.kind, Kind::Observation);

    let form = world.kim().uses("Add to timeline…", said).await;
    form.fills_in(&[("Kind: obs act dec hyp imp todo ask note", "obs")])
        .await;
    let read = the_line(&world, "100/100 connections").await;
    assert_eq!(read.number, line.number, "the same line, with its text");
    let pictured = world
        .ada()
        .attaches("the pool is full", "pool.txt", b"100/100")
        .await;
    let form = world.kim().uses("Add to timeline…", pictured).await;
    form.fills_in(&[("Kind: obs act dec hyp imp todo ask note", "obs")])
        .await;
    world.everything_gets_through().await;
    let observed = the_line(&world, "the pool is full").await;
    assert!(observed.files[0].sha256().is_some(), "its file comes along");
    let decided = world
        .ada()
        .attaches("we roll back", "plan.txt", b"plan B")
        .await;
    world.kim().uses("Mark as decision", decided).await;
    let decision = the_line(&world, "we roll back [attached: plan.txt]").await;
    assert!(decision.files[0].sha256().is_some());
    world
        .sam()
        .types("/inc log text:flag off kind:action")
        .await;
    the_line(&world, "flag off").await;
    // An edit that arrives without its text takes no word away.
    world.sam().edits(said, "obs: 99/100 connections").await;
    the_line(&world, "100/100 connections").await;
    world.ends().await;
}
