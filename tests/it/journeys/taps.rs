//! How little a person in the night has to do: each tap is counted where Discord counts it.

use bridgewatch_core::phase::Phase;
use bridgewatch_core::role::Role;

use crate::world::{Effort, Span as _, World};

/// The upper bounds: take 1, tick 1, the update at most 2, a role 1, the usual next phase 1, the end of the impact
/// 1, resolving 1, and 1 more where not all is well.
#[tokio::test]
async fn the_night_is_fought_with_few_taps() {
    let world = World::new().await;
    world.everything_burns().await;
    let (sam, mo) = (world.sam(), world.mo());
    let channel = world.channel("inc-0001-");

    let take = world.effort(async || {
        sam.clone().in_dm().clicks("Take it").await;
    });
    assert_eq!(take.await, Effort::taps(1));
    channel.expect_board("👑 On-Call @sam");

    let tick = world.effort(async || {
        sam.clicks("Done").await;
    });
    assert_eq!(tick.await, Effort::taps(1));
    channel.expect_board("Diagnosis 1/");

    let accept = world.effort(async || {
        mo.clone().in_dm().clicks("Accept").await;
    });
    assert_eq!(accept.await, Effort::taps(1));
    assert!(world.incident(1).await.holder(Role::Bridge).is_some());

    let update = world.effort(async || {
        let draft = mo.clicks("Update").await;
        draft.expect("orders-api 5xx 38%").expect_private();
        draft.clicks("Send").await;
    });
    assert_eq!(update.await, Effort::taps(2));
    world.channel("status-internal").expect_once("SEV1");

    let onward = world.effort(async || {
        sam.clicks("Start mitigating").await;
    });
    assert_eq!(onward.await, Effort::taps(1));
    assert_eq!(world.incident(1).await.phase, Phase::Mitigation);

    world.advance(16.minutes()).await;
    let due_update = world.effort(async || {
        mo.clone().in_dm().clicks("Send").await;
    });
    assert_eq!(
        due_update.await,
        Effort::taps(1),
        "the draft came to the one who owes it"
    );
    assert_eq!(world.channel("status-internal").messages().len(), 2);

    world.advance(1.minutes()).await;
    let note = world.effort(async || {
        sam.says("obs: connections 62, 5xx 9 %").await;
    });
    assert_eq!(note.await.taps, 0, "words are enough");
    let lines = world.timeline(1).await;
    assert!(
        lines
            .iter()
            .any(|line| line.text.contains("connections 62"))
    );

    let over = world.effort(async || {
        sam.clicks("Impact over → fix it properly").await;
    });
    assert_eq!(over.await, Effort::taps(1));
    assert!(world.incident(1).await.is_mitigated());

    assert_eq!(world.incident(1).await.phase, Phase::Fix);
    sam.clicks("Fix applied").await;
    let resolve = world.effort(async || {
        sam.clicks("Resolve").await.clicks("Resolve anyway").await;
    });
    assert_eq!(
        resolve.await,
        Effort::taps(2),
        "one, and one more since not all is well"
    );
    assert_eq!(world.incident(1).await.phase, Phase::Learning);
    world.ends().await;
}

/// Handing over with its reason, or one role of several, costs no tap more.
#[tokio::test]
async fn a_hand_over_says_why_in_the_tap_that_chooses_whom() {
    let world = World::new().await;
    world.everything_burns().await;
    let (sam, ada) = (world.sam(), world.ada());
    sam.takes_it().await;
    let room = world.channel("inc-0001-");

    let offer = world.effort(async || {
        let roles = sam.clicks("Roles").await;
        let to = roles.clicks("Hand over").await;
        to.chooses(
            "I am tired: hand everything over to…",
            &[&ada.id().to_string()],
        )
        .await;
    });
    assert_eq!(offer.await, Effort::taps(3));
    ada.dm().expect_line("Reason: fatigue.");
    ada.clone().in_dm().clicks("I have it").await;
    room.expect_once("👑 Command: @sam → @ada at 03:02 (02:02 UTC). Reason: fatigue.");
    room.expect_once("With it: On-Call Engineer.");

    let back = world.ada().in_channel(&room).clicks("Roles").await;
    let whole = back.clicks("Hand over").await;
    let part = whole.clicks("Only On-Call…").await;
    part.chooses(
        "My shift ends: hand only On-Call over to…",
        &[&sam.id().to_string()],
    )
    .await;
    sam.clone().in_dm().clicks("I have it").await;
    room.expect_once(
        "🤝 On-Call Engineer: @ada → @sam at 03:02 (02:02 UTC). Reason: end of shift.",
    );
    room.expect_board("👑 @ada");
    world.ends().await;
}

/// Handing over: three taps, and one by whoever takes it.
#[tokio::test]
async fn command_changes_hands_with_three_taps_and_one() {
    let world = World::new().await;
    world.everything_burns().await;
    let (sam, ada) = (world.sam(), world.ada());
    sam.takes_it().await;

    let offer = world.effort(async || {
        let roles = sam.clicks("Roles").await;
        let to = roles.clicks("Hand over").await;
        to.chooses("Hand everything over to…", &[&ada.id().to_string()])
            .await;
    });
    assert_eq!(offer.await, Effort::taps(3));
    let accept = world.effort(async || {
        ada.clone().in_dm().clicks("I have it").await;
    });
    assert_eq!(accept.await, Effort::taps(1));
    world.channel("inc-0001-").expect_board("👑 On-Call @ada");
    world.ends().await;
}
