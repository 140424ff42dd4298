//! Who has it: one tap, one holder, and command that never moves by itself.

use bridgewatch_core::incident::MilestoneName;
use bridgewatch_core::person::PersonId;
use bridgewatch_core::phase::Phase;
use bridgewatch_core::timeline::Kind;

use crate::world::{Setup, Sink, Span as _, World};

/// Acceptance scenario 5: one tap in the direct message takes it and a second tap shows who has it.
#[tokio::test]
async fn one_tap_ack() {
    let pager = Sink::start().await;
    let world = Setup::default().pager(&pager).start().await;
    world.everything_burns().await;
    let pages = pager.taken().len();
    let taken_at = world.now();
    let before = world.channel("inc-0001-").board();

    world
        .sam()
        .takes_it()
        .await
        .expect("You have it. You hold command 👑");

    let incident = world.incident(1).await;
    assert_eq!(incident.phase, Phase::Diagnosis);
    assert_eq!(incident.command, Some(PersonId(world.sam().id())));
    assert_eq!(
        world.milestone(1, MilestoneName::Acknowledged).await,
        Some(taken_at)
    );
    world.sam().dm().expect_line("You have it.");
    world
        .channel("inc-0001-")
        .expect_board("🔎 INC-0001 · SEV1 · Rapid Diagnosis")
        .expect_board("👑 On-Call @sam");

    world.advance(1.minutes()).await;
    // The board that Ada looks at is from before: her client has not drawn the new one yet.
    let ada = world.ada().in_channel(&world.channel("inc-0001-"));
    ada.clicks_as_drawn(&before, "Take it")
        .await
        .expect("@sam has it since 03:02")
        .expect_private();
    ada.types("/inc take")
        .await
        .expect("@sam has it since 03:02");
    assert_eq!(
        world.incident(1).await.command,
        Some(PersonId(world.sam().id()))
    );

    assert_eq!(
        world.milestone(1, MilestoneName::Acknowledged).await,
        Some(taken_at),
        "set once"
    );
    assert_eq!(pager.taken().len(), pages, "nobody is paged any more");
    world.ends().await;
}

/// Acceptance scenario 5: the same in the channel.
#[tokio::test]
async fn one_tap_ack_in_the_channel_takes_it_and_whoever_was_woken_reads_that_they_may_sleep() {
    let world = World::new().await;
    world.everything_burns().await;

    let channel = world.channel("inc-0001-");
    world
        .nora()
        .in_channel(&channel)
        .clicks("Take it")
        .await
        .expect("You have it.")
        .expect("You are not on the rota for On-Call now; @sam is, and is told that you have it.")
        .expect_private();

    channel.expect_board("👑 On-Call @nora");
    world
        .sam()
        .dm()
        .expect_line("@nora has it since 03:02. You can sleep on.");
    world.ends().await;
}

/// Acceptance scenario 5: two who tap at the same moment: one has it, the other is told who.
#[tokio::test]
async fn one_tap_ack_by_two_at_once_makes_one_of_them_the_holder() {
    let world = World::new().await;
    world.everything_burns().await;
    let channel = world.channel("inc-0001-");
    let board = channel.board();
    let (sam, nora) = (world.sam(), world.nora());

    let (first, second) = tokio::join!(
        sam.clicks_on(&board, "Take it"),
        nora.clicks_on(&board, "Take it"),
    );

    let has_it = |answer: &str| answer.contains("You have it.");
    let (winner, loser, told) = match (first.text(), second.text()) {
        (won, told) if has_it(&won) => ("@sam", "@nora", told),
        (told, won) if has_it(&won) => ("@nora", "@sam", told),
        neither => world.fail(&format!("nobody has it: {neither:?}")),
    };
    assert!(
        told.contains(&format!("{winner} has it since 03:02")),
        "{loser} is told: {told}"
    );
    channel.expect_board(&format!("👑 On-Call {winner}"));
    let taken = world
        .timeline(1)
        .await
        .into_iter()
        .filter(|line| line.kind == Kind::Ack && line.text.contains("took it"));
    assert_eq!(taken.count(), 1);
    world.ends().await;
}

/// A press that is heard twice, or pressed twice in the dark, is one.
#[tokio::test]
async fn a_tap_that_discord_delivers_twice_counts_once() {
    let world = World::new().await;
    world.alertmanager().fires("api-latency", "critical").await;
    world.discord().faults().gateway().duplicate_dispatch(true);

    world.sam().takes_it().await;

    world.discord().faults().clear();
    let taken = world
        .timeline(1)
        .await
        .into_iter()
        .filter(|line| line.kind == Kind::Ack && line.text.contains("took it"));
    assert_eq!(taken.count(), 1);
    world.ends().await;
}

/// Acceptance scenario 7: a hand-over that nobody answers lapses and the next one is accepted with its briefing.
#[tokio::test]
async fn role_hand_over() {
    let world = World::new().await;
    world.everything_burns().await;
    world.sam().takes_it().await;
    let channel = world.channel("inc-0001-");
    let (sam, ada) = (world.sam(), world.ada());
    let ada_id = ada.id().to_string();

    let roles = sam.clicks("Roles").await;
    roles
        .clicks("Hand over")
        .await
        .chooses("Hand everything over to…", &[&ada_id])
        .await
        .expect(
            "@ada is asked. You still have it until they say I have it"
                .replace("I have it", "*I have it*")
                .as_str(),
        );
    channel.expect_line("@sam offers to hand over");
    world.advance(5.minutes()).await;

    assert_eq!(
        world.incident(1).await.command,
        Some(PersonId(sam.id())),
        "command never moves by itself"
    );
    sam.dm()
        .expect_line("@ada did not answer in time. You still have it.");

    sam.says("dec: roll back, it correlates and is reversible")
        .await;
    world.advance(1.minutes()).await;
    sam.clone()
        .in_dm()
        .clicks("Ask somebody else")
        .await
        .expect("Choose somebody in the incident's channel");
    let again = sam.clicks("Roles").await.clicks("Hand over").await;
    again.chooses("Hand everything over to…", &[&ada_id]).await;
    ada.dm()
        .expect_line("roll back, it correlates and is reversible");
    world.advance(1.minutes()).await;
    ada.clone()
        .in_dm()
        .clicks("I have it")
        .await
        .expect("It is yours");

    let incident = world.incident(1).await;
    assert_eq!(incident.command, Some(PersonId(ada.id())));
    channel
        .expect_line("👑 Command: @sam → @ada at 03:09 (02:09 UTC)")
        .expect_board("👑 On-Call @ada");
    let briefings: Vec<String> = world
        .timeline(1)
        .await
        .into_iter()
        .filter(|line| line.text.contains("Briefing:"))
        .map(|line| line.text)
        .collect();
    assert_eq!(briefings.len(), 1, "{briefings:?}");
    assert!(
        briefings[0].contains("roll back, it correlates"),
        "the briefing knows the decision: {briefings:?}"
    );
    world.ends().await;
}
