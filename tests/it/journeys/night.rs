//! What a night costs those who are in it: fought alone, with a second pair of eyes, and slept off.

use super::runbook::the_risky_step_is_next;
use crate::world::{Setup, Span as _, World};

/// Sam has it, and Ada is there.
async fn sam_and_ada() -> World {
    let world = the_risky_step_is_next().await;
    let ada = world.ada().in_channel(&world.channel("inc-0001-"));
    ada.types("/inc roles")
        .await
        .clicks("I'll be Backend")
        .await;
    world
}

/// Acceptance scenario 8: nobody else comes. The board asks for no more than there is, word goes out, and nothing is asked
/// about the timeline while users are hurt.
#[tokio::test]
async fn solo_night() {
    let world = World::new().await;
    world.everything_burns().await;
    world.sam().takes_it().await;
    let room = world.channel("inc-0001-");
    for role in ["I'll be Bridge", "I'll be Docs"] {
        let roles = world.sam().clicks("Roles").await;
        roles.clicks(role).await;
    }
    world.advance(9.minutes()).await;
    room.expect_board_without("(solo)");
    world.advance(1.minutes()).await;
    room.expect_board("👑 @sam: On-Call + Bridge + Docs (solo)");
    world
        .sam()
        .types("/inc more what:my-role")
        .await
        .expect("On-Call + Bridge + Docs (solo)");
    let before = world.fay().dm().messages().len();

    let ada = world.ada().in_channel(&room);
    ada.says("rolling back to the last release").await;
    world.advance(20.minutes()).await;
    room.expect_board("(solo)");
    world.channel("status-internal").expect_once("SEV1");
    let sam = world.sam().dm();
    sam.expect_no_line("log this?");
    sam.expect_no_line("nothing noted. What happened?");
    assert_eq!(
        world.fay().dm().messages().len(),
        before,
        "nobody is nagged"
    );

    world.sam().clicks("Start mitigating").await;
    world.sam().clicks("Impact over → fix it properly").await;
    ada.says("rolled back, 5xx is at 0.2 %").await;
    world.advance(5.minutes()).await;
    world.sam().dm().expect_line("log this?");

    // Somebody writes what they see, and is there.
    room.expect_board("(solo)");
    ada.says("obs: the queue drains").await;
    room.expect_board_without("(solo)");
    world.advance(10.minutes()).await;
    room.expect_board("(solo)");

    // Somebody comes after all.
    world.fay().in_dm().clicks("Accept").await;
    room.expect_board_without("(solo)");
    world.ends().await;
}

/// A risky step in the first half hour: one tap asks who else is there, one tap of theirs ticks it.
#[tokio::test]
async fn a_second_pair_of_eyes_confirms_a_risky_step() {
    let world = sam_and_ada().await;
    let room = world.channel("inc-0001-");
    let asked = world.sam().clicks("Done").await;
    asked
        .expect("@ada is here – ask them to confirm?")
        .expect_private();
    asked
        .clicks("Ask")
        .await
        .expect(
            "@ada is asked in the channel; their *Confirm* ticks it. You can go on at any time.",
        )
        .expect_private();
    room.expect_once("@ada, @sam says that this risky step is done");
    let taps = world.taps(async || {
        world.ada().in_channel(&room).clicks("Confirm").await;
    });
    assert_eq!(taps.await, 1);
    room.expect_board("Diagnosis 2/3")
        .expect_once("@ada confirmed what @sam did");
    let lines = world.timeline(1).await;
    assert!(
        lines.iter().any(|line| line.text.contains("confirmed by")),
        "the line names both"
    );
    world.ends().await;
}

/// Going on alone costs the tap that it always cost, also after somebody was asked.
#[tokio::test]
async fn going_on_alone_stays_one_tap() {
    let world = sam_and_ada().await;
    let room = world.channel("inc-0001-");
    let taps = world.taps(async || {
        let asked = world.sam().clicks("Done").await;
        asked.clicks("Go on alone").await;
    });
    assert_eq!(taps.await, 2);
    room.expect_board("Diagnosis 2/3");
    world.ends().await;
}

/// Whoever is asked says wait: whoever asked is called, and is not held up.
#[tokio::test]
async fn a_wait_is_heard_and_holds_nobody_up() {
    let world = sam_and_ada().await;
    let room = world.channel("inc-0001-");
    let waits = world.sam().clicks("Done").await.clicks("Ask").await;
    world.ada().in_channel(&room).clicks("Wait").await;
    room.expect_once("✋ @sam, @ada asks you to wait with this");
    room.expect_board("Diagnosis 1/3");
    waits.clicks("Go on alone").await;
    room.expect_board("Diagnosis 2/3");
    world.ends().await;
}

/// Once half an hour is over, the second tap is the only question.
#[tokio::test]
async fn whoever_is_awake_is_asked_only_whether_it_is_done() {
    let world = sam_and_ada().await;
    world.advance(31.minutes()).await;
    let asked = world.sam().clicks("Done").await;
    assert!(!asked.text().contains("is here"), "{}", asked.text());
    asked.clicks("Confirm").await;
    world.channel("inc-0001-").expect_board("Diagnosis 2/3");
    world.ends().await;
}

/// Resolved at five: whoever did it, and whoever was called, reads from when until when they were up; no phone sounds for it.
#[tokio::test]
async fn whoever_was_up_reads_that_they_may_sleep() {
    let world = World::new().await;
    world.everything_burns().await;
    world.sam().takes_it().await;
    let room = world.channel("inc-0001-");
    world.mo().in_dm().clicks("Accept").await;
    world.advance(116.minutes()).await;
    world.sam().says("obs: all is well").await;
    let before = world.sam().dm().messages().len();
    let mo = world.mo().in_channel(&room);
    world.sam().clicks("Yes, hand it over").await;
    let asked = mo.types("/inc resolve").await;
    asked
        .clicks("Resolve anyway")
        .await
        .expect("You were up from 03:02 to 04:58. Start late if you can.")
        .expect_private();
    world.sam().dm().expect_line("You were up from 03:02 to");
    assert_eq!(
        world.sam().dm().messages().len(),
        before,
        "an edit is silent"
    );
    room.expect_no_line("You were up from");
    let written = world.postmortem(1).await;
    let burden = "| Night burden, 22:00 to 07:00 where each lives | 5 pages, ";
    assert!(written.contains(burden), "{written}");
    world.ends().await;
}

#[tokio::test]
async fn a_team_may_say_nothing_about_the_night() {
    let world = Setup::default()
        .with("night.late_start", "off")
        .start()
        .await;
    world.everything_burns().await;
    world.sam().takes_it().await;
    let asked = world.sam().types("/inc resolve").await;
    let resolved = asked.clicks("Resolve anyway").await;
    assert!(
        !resolved.text().contains("You were up"),
        "{}",
        resolved.text()
    );
    world.ends().await;
}

/// Whoever ticks a step against the impact reads that they may wait.
#[tokio::test]
async fn a_tick_against_the_impact_says_when_its_effect_is_asked() {
    let world = sam_and_ada().await;
    world.sam().clicks("Start mitigating").await;
    world
        .sam()
        .clicks("Done")
        .await
        .expect("Effect? In 5 min I ask again.")
        .expect_private();
    world.advance(5.minutes()).await;
    world.channel("inc-0001-").expect_once("Restart it\"?");
    world.ends().await;
}

/// Whoever's shift ends in the middle of it is told half an hour before, and sends their hand-over with one tap.
#[tokio::test]
async fn a_shift_that_ends_is_handed_over_with_one_tap() {
    let world = Setup::default()
        .with_swaps(
            r#"
[[override]]
role = "oncall"
person = "@ada"
from = "2026-11-21T04:00"
to = "2026-11-21T09:00"
reason = "early shift"
"#,
        )
        .start()
        .await;
    world.everything_burns().await;
    world.sam().takes_it().await;
    world.advance(27.minutes()).await;
    world.sam().dm().expect_no_line("Your shift");
    world.advance(2.minutes()).await;
    world
        .sam()
        .dm()
        .expect_line("Your shift as On-Call Engineer ends at 04:00");
    world.sam().dm().expect_line("@ada is next.");
    let said = world.sam().in_dm().clicks("Prepare hand-over").await;
    said.expect("@ada");
    world.ada().in_dm().clicks("I have it").await;
    let room = world.channel("inc-0001-");
    room.expect_line("Reason: end of shift.");
    room.expect_board("👑 On-Call @ada");
    world.advance(40.minutes()).await;
    world.sam().dm().expect_no_line("Your shift");
    world.ends().await;
}
