//! Channels have lives of their own: they are closed, and people delete them.

use crate::world::{Alert, Room, Setup, Span as _, World};

use super::ending::is_closed_with_its_lessons;

/// Somebody takes it, resolves it and closes it; then a week passes.
async fn is_over_for_a_week(world: &World) {
    world.sam().takes_it().await;
    let asked = world.sam().types("/inc resolve").await;
    asked.clicks("Resolve anyway").await;
    world.advance(10.hours()).await;
    is_closed_with_its_lessons(world).await;
    world.advance((7 * 24).hours()).await;
}

async fn only_the_bot_writes_in(world: &World, channel: &Room<'_>) {
    for person in [world.sam(), world.mo(), world.kim(), world.ada()] {
        person.cannot_write_in(channel);
    }
    assert_eq!(world.lets_the_bot_write_in(channel).await, 200);
}

#[tokio::test]
async fn a_closed_incident_is_read_by_everybody_and_written_by_nobody() {
    let world = World::new().await;
    world.alertmanager().fires("api-latency", "critical").await;
    let channel = world.channel("inc-0001-");
    world.sam().says("anybody may talk while it is open").await;

    is_over_for_a_week(&world).await;

    channel.expect_members(&["sam", "ada", "fay", "mo", "kim", "priya"]);
    only_the_bot_writes_in(&world, &channel).await;
    world.ends().await;
}

/// What was private stays private when it is closed: read-only for those who were let in, invisible for everybody else.
#[tokio::test]
async fn a_closed_restricted_incident_stays_hidden_from_strangers() {
    let world = World::new().await;
    let secret = Alert::named("SecretInLog")
        .severity("critical")
        .category("security");
    world.alertmanager().sends(secret).await;
    let channel = world.channel("inc-0001-");
    channel.expect_members(&["sam", "mo", "kim"]);

    is_over_for_a_week(&world).await;

    channel.expect_members(&["sam", "mo", "kim"]);
    only_the_bot_writes_in(&world, &channel).await;
    world.ends().await;
}

/// Somebody tidies up too much: the line of the next incident finds its place again.
#[tokio::test]
async fn a_digest_channel_that_was_deleted_is_made_again_with_the_next_line() {
    let world = World::new().await;
    world.tolerates_warning("Unknown Channel");
    let digest = world.channel("incidents");
    world.nora().deletes_channel(&digest).await;

    world.alertmanager().fires("api-latency", "critical").await;
    world.everything_gets_through().await;

    let again = world.channel("incidents");
    assert_ne!(again.id, digest.id);
    again.expect_once("**INC-0001**");
    world.sam().takes_it().await;
    again.expect_once("👑 @sam");
    world.ends().await;
}

/// Whoever commands gets a new room with one tap; the incident goes on in it where it was.
#[tokio::test]
async fn an_incident_whose_channel_was_deleted_gets_another_with_one_tap() {
    let world = World::new().await;
    world.everything_burns().await;
    world.sam().takes_it().await;
    world.sam().clicks("Done").await;
    let first = world.channel("inc-0001-");

    world.nora().deletes_channel(&first).await;
    world
        .channel("incidents")
        .expect_once("its channel was deleted");
    let sam = world.sam().in_dm();
    let tap = world.taps(async || {
        sam.clicks("Open a new channel").await;
    });
    assert_eq!(tap.await, 1);

    let second = world.channel("inc-0001-");
    assert_ne!(second.id, first.id);
    second.expect_board("👑 On-Call @sam");
    second.expect_board("Diagnosis 1/");
    second.expect_once("takes the place of the deleted one");
    world.sam().in_channel(&second).says("obs: 5xx 9 %").await;
    assert!(
        world
            .timeline(1)
            .await
            .iter()
            .any(|line| line.text.contains("5xx 9 %"))
    );
    world.channel("incidents").expect_once("👑 @sam #inc-0001-");
    world.ends().await;
}

/// Discord lets a message be edited only so often once it is an hour old. Then a new one takes its place.
#[tokio::test]
async fn a_board_too_old_to_be_edited_is_posted_anew_and_the_old_one_taken_away() {
    let world = World::new().await;
    world.everything_burns().await;
    world.sam().takes_it().await;
    world.advance(61.minutes()).await;
    let channel = world.channel("inc-0001-");
    world
        .discord()
        .faults()
        .on("PATCH", "/channels/*/messages/*")
        .times(2)
        .refused(
            429,
            30_046,
            "Maximum number of edits to messages older than 1 hour reached",
        );

    world.sam().clicks("Start mitigating").await;

    let boards = channel
        .messages()
        .into_iter()
        .filter(|message| message.text.contains("**ROLES**"))
        .collect::<Vec<_>>();
    assert_eq!(boards.len(), 1, "the old board is gone");
    channel.expect_board("Mitigation & Containment");
    assert!(boards.iter().all(|board| board.view.pinned));
    world.channel("incidents").expect_once("**INC-0001**");
    world.ends().await;
}

/// An incident whose channel is gone: operators hear of it once, and the bot does not run into the wall again and again.
#[tokio::test]
async fn an_incident_channel_that_was_deleted_is_told_to_operators_once() {
    let world = World::new().await;
    world.everything_burns().await;
    world.sam().takes_it().await;
    let channel = world.channel("inc-0001-");
    world.tolerates_warning("Unknown Channel");

    world.nora().deletes_channel(&channel).await;
    world.mo().in_dm().clicks("Accept").await;
    world.advance(30.minutes()).await;

    let operators = world.channel("incidents");
    let told = operators
        .messages()
        .into_iter()
        .filter(|message| message.text.contains("INC-0001") && message.text.contains("⚠"));
    assert_eq!(told.count(), 1);
    let gone = channel.id.to_string();
    world.discord().clear_requests();
    world.advance(1.hours()).await;
    let in_vain = world
        .discord()
        .requests()
        .into_iter()
        .filter(|request| request.major_id.as_deref() == Some(&gone));
    assert!(
        in_vain.count() <= 6,
        "what changes is tried there at most once"
    );
    world.ends().await;
}

/// One channel that is gone does not keep the bot from reading the others again.
#[tokio::test]
async fn a_channel_deleted_while_the_bot_was_down_holds_up_no_back_fill() {
    for gone in ["inc-0001-", "inc-0002-"] {
        let world = Setup::default()
            .with("policy.burst_window", "0s")
            .start()
            .await;
        for (name, service) in [("ApiSlow", "api"), ("MailStuck", "mail")] {
            let alert = Alert::named(name).severity("critical").service(service);
            world.alertmanager().sends(alert).await;
            world.advance(90.seconds()).await;
        }
        let other = if gone == "inc-0001-" { 2 } else { 1 };
        let room = world.channel(&format!("inc-000{other}-"));
        world.tolerates_warning("Unknown Channel");

        world.stops_the_bot().await;
        world.nora().deletes_channel(&world.channel(gone)).await;
        world
            .sam()
            .in_channel(&room)
            .says("obs: workers hang since 02:41")
            .await;
        world.advance(2.minutes()).await;
        world.starts_the_bot().await;

        let lines = world.timeline(other).await;
        assert!(lines.iter().any(|line| line.text.contains("workers hang")));
        world.ends().await;
    }
}

/// Many things happen at once: the first shows at once, the others together a little later.
#[tokio::test]
async fn a_board_is_drawn_at_most_every_five_seconds_and_ends_up_true() {
    let world = Setup::default()
        .with("policy.board_min_interval", "5s")
        .start()
        .await;
    world.alertmanager().fires("api-latency", "critical").await;
    world.advance(10.seconds()).await;
    let channel = world.channel("inc-0001-");
    world.sam().takes_it().await;
    channel.expect_board("👑 On-Call @sam");
    let board = channel.board().view.id;
    let edits = || {
        let requests = world.discord().requests();
        let of_the_board = requests.iter().filter(|request| {
            request.method == "PATCH" && request.path.ends_with(&board.to_string())
        });
        of_the_board.count()
    };
    let before = edits();
    for number in 1..=7 {
        let impact = format!("imp: {number} of 10 users cannot order");
        world.sam().in_channel(&channel).says(&impact).await;
    }
    assert_eq!(edits(), before, "it was drawn just now");
    world.advance(1.seconds()).await;
    world.sam().clicks("Start mitigating").await;
    channel.expect_board("Mitigation & Containment");
    let before = edits();
    world.sam().says("imp: 8 of 10 users cannot order").await;
    assert_eq!(edits(), before, "it was drawn just now");
    world.advance(5.seconds()).await;
    channel.expect_board("8 of 10 users cannot order");
    assert_eq!(edits(), before + 1, "the last state was drawn once");

    let secret = world
        .sam()
        .in_channel(&channel)
        .says("imp: log in with hunter22hunter22")
        .await;
    channel.expect_board("8 of 10 users cannot order");
    world.advance(5.seconds()).await;
    channel.expect_board("hunter22hunter22");
    world.sam().says("imp: 9 of 10 users cannot order").await;
    world
        .sam()
        .in_channel(&channel)
        .uses("Redact", secret)
        .await;
    channel.expect_board_without("hunter22hunter22");
    world.ends().await;
}
