//! Word to the stakeholders: promised, drafted, sent with one tap to everybody, and visible when it fails.

use bridgewatch_core::incident::MilestoneName;

use crate::world::{Setup, Sink, Span as _};

/// Acceptance scenario 14: a promise is kept with one tap and every sink gets equal facts.
#[tokio::test]
async fn update_on_time() {
    let (plain, slack) = (Sink::start().await, Sink::start().await);
    let world = Setup::default()
        .tells("status-page", "generic", &plain)
        .tells("team-chat", "slack", &slack)
        .start()
        .await;
    world.everything_burns().await;
    world.sam().takes_it().await;
    world.mo().in_dm().clicks("Accept").await;
    let channel = world.channel("inc-0001-");
    channel.expect_line("@mo is **Bridge Engineer**");
    world.sam().clicks("Yes, hand it over").await;
    world.advance_to("2026-11-21T02:02:50Z").await;
    world
        .mo()
        .clicks("Update")
        .await
        .clicks("Send")
        .await
        .expect("promised by 03:22");
    channel.expect_board("due 03:22");
    assert_eq!((plain.taken().len(), slack.taken().len()), (1, 1));

    world.advance_to("2026-11-21T02:17:40Z").await;
    world
        .mo()
        .dm()
        .expect_no_line("the stakeholder update is due");
    world.advance_to("2026-11-21T02:17:50Z").await;
    world
        .mo()
        .dm()
        .expect_once("the stakeholder update is due by 03:22. A draft is ready.");
    world.sam().says("act: AI features off").await;

    world
        .mo()
        .in_dm()
        .clicks("Send")
        .await
        .expect("It goes out");

    let (told, chat) = (plain.taken(), slack.taken());
    assert_eq!((told.len(), chat.len()), (2, 2));
    let words = told[1]["text"].as_str().expect("text").replace("**", "");
    let slack_words = chat[1]["text"].as_str().expect("text").replace('*', "");
    assert_eq!(words, slack_words, "equal facts");
    assert!(words.contains("AI features off"), "{words}");
    assert!(words.contains("02:37 UTC"), "the next promise: {words}");
    assert_eq!(told[1]["severity"], "sev1");
    assert_eq!(told[1]["next_update_by"], "2026-11-21T02:37:50+00:00");
    let room = world.channel("status-internal").messages();
    assert_eq!(room.len(), 2);
    assert!(room[1].text.contains("AI features off"));
    assert!(room[1].text.contains("03:37"));
    channel
        .expect_board("2 sent, last 03:17 · reached discord, status-page, team-chat")
        .expect_board_without("on its way")
        .expect_board_without("not delivered");
    assert!(
        world
            .milestone(1, MilestoneName::FirstInternalUpdate)
            .await
            .is_some()
    );
    world.ends().await;
}

/// What was shown is what goes out: facts that came meanwhile are shown first, and one more tap sends them.
#[tokio::test]
async fn a_draft_that_has_changed_is_shown_again_before_stakeholders_read_it() {
    let world = Setup::default().start().await;
    world.everything_burns().await;
    world.sam().takes_it().await;
    let draft = world.sam().clicks("Update").await;
    draft.expect("Not confirmed yet");
    world.sam().says("imp: nobody can order").await;

    let again = draft.clicks("Send").await;

    again
        .expect("The draft has changed: this goes out")
        .expect("nobody can order");
    assert!(world.channel("status-internal").messages().is_empty());
    again.clicks("Send").await.expect("It goes out.");
    let told = world.channel("status-internal").messages();
    assert_eq!(told.len(), 1);
    assert!(told[0].text.contains("nobody can order"));
    world.ends().await;
}

/// Acceptance scenario 14: a delivery that fails for a moment is shown as such, is tried again under the same name, and is
/// read once.
#[tokio::test]
async fn update_on_time_is_tried_again_where_it_failed_and_nobody_reads_it_twice() {
    let (plain, slack) = (Sink::start().await, Sink::start().await);
    let world = Setup::default()
        .tells("status-page", "generic", &plain)
        .tells("team-chat", "slack", &slack)
        .start()
        .await;
    world.everything_burns().await;
    world.sam().takes_it().await;
    plain.answers_next(&[503, 429]);
    world.expects_warning("the effect waits for another attempt");

    world.sam().clicks("Update").await.clicks("Send").await;
    let channel = world.channel("inc-0001-");
    channel.expect_board(
        "1 sent, last 03:02 · reached discord, team-chat · on its way to status-page",
    );
    world.advance(20.seconds()).await;

    channel
        .expect_board("1 sent, last 03:02 · reached discord, status-page, team-chat")
        .expect_board_without("on its way")
        .expect_board_without("not delivered");
    let posted = plain.posted();
    let statuses: Vec<u16> = posted.iter().map(|posted| posted.status).collect();
    assert_eq!(statuses, [503, 429, 200]);
    let names: std::collections::BTreeSet<&str> = posted
        .iter()
        .map(|posted| posted.idempotency_key.as_str())
        .collect();
    assert_eq!(names.len(), 1, "{names:?}");
    assert_eq!(world.channel("status-internal").messages().len(), 1);
    assert_eq!(slack.posted().len(), 1);
    world.ends().await;
}

/// Acceptance scenario 14: a sink that says no for good is named on the board. Whoever sent the update must know whom it did
/// not reach.
#[tokio::test]
async fn update_on_time_names_the_sink_that_refuses_it() {
    let plain = Sink::start().await;
    let world = Setup::default()
        .tells("status-page", "generic", &plain)
        .start()
        .await;
    world.everything_burns().await;
    world.sam().takes_it().await;
    plain.answers_next(&[403]);

    world.sam().clicks("Update").await.clicks("Send").await;

    world
        .channel("inc-0001-")
        .expect_board("1 sent, last 03:02 · reached discord ⚠ not delivered to status-page");
    assert_eq!(plain.posted().len(), 1);
    world.ends().await;
}

/// Nobody has to type for the first note, and it says that no person wrote it.
#[tokio::test]
async fn the_first_note_goes_out_by_itself_within_two_minutes_and_promises_the_next() {
    let plain = Sink::start().await;
    let world = Setup::default()
        .tells("status-page", "generic", &plain)
        .start()
        .await;
    world.everything_burns().await;

    world.advance(2.minutes()).await;

    let told = plain.taken();
    assert_eq!(told.len(), 1, "{told:?}");
    let words = told[0]["text"].as_str().expect("text");
    assert!(words.contains("Automatic message"), "{words}");
    assert!(words.contains("ApiErrorRateHigh"), "{words}");
    world
        .channel("inc-0001-")
        .expect_line("The automatic first note went out");
    world.ends().await;
}
