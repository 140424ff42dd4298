//! The timeline is written by people talking, and nothing of it changes silently.

use bridgewatch_core::timeline::{Entry, Kind};
use chrono::{DateTime, Utc};

use crate::world::{Setup, Span as _, World};

async fn the_line(world: &World, part: &str) -> Entry {
    let lines = world.timeline(1).await;
    let mut found: Vec<Entry> = lines
        .into_iter()
        .filter(|line| line.text.contains(part))
        .collect();
    match (found.pop(), found.len()) {
        (Some(line), 0) => line,
        (_, more) => world.fail(&format!("{more} lines say `{part}`, not one")),
    }
}

fn utc(text: &str) -> DateTime<Utc> {
    text.parse().expect("a test names a time there is")
}

/// Acceptance scenario 11: a marked message becomes a late entry that is edited and outlives its message.
#[tokio::test]
async fn timeline_by_message() {
    let world = World::new().await;
    world.everything_burns().await;
    world.sam().takes_it().await;
    let channel = world.channel("inc-0001-");
    let written_at = world.now();

    let said = world.sam().says("@02:47 obs: first 500s").await;

    let line = the_line(&world, "first 500s").await;
    assert_eq!(line.kind, Kind::Observation);
    assert_eq!(
        line.event_at,
        utc("2026-11-21T01:47:00Z"),
        "02:47 in Berlin"
    );
    assert_eq!(
        line.recorded_at.timestamp_millis(),
        written_at.timestamp_millis()
    );
    assert!(line.is_late(bridgewatch_core::incident::Policy::default().late_after));
    assert!(channel.saying("@02:47 obs: first 500s").has_reaction("📌"));
    channel.expect_once("🕓 added late");

    world.advance(1.minutes()).await;
    world.sam().edits(said, "@02:47 obs: first 502s").await;
    let line = the_line(&world, "first 502s").await;
    let before: Vec<&str> = line
        .revisions
        .iter()
        .map(|revision| revision.text.as_str())
        .collect();
    assert_eq!(before, ["first 500s"]);
    assert_eq!(line.event_at, utc("2026-11-21T01:47:00Z"));

    world.advance(1.minutes()).await;
    world.sam().deletes(said).await;
    let line = the_line(&world, "first 502s").await;
    assert_eq!(line.source_deleted_at, Some(world.now()));
    assert!(
        line.is_active(),
        "deleting the message does not delete the fact"
    );
    world
        .sam()
        .clicks("More…")
        .await
        .clicks("Timeline")
        .await
        .expect("source message deleted");
    world.ends().await;
}

/// A team writes in its own language: its words mark as everybody's do, also when they are added by an edit.
#[tokio::test]
async fn words_of_the_teams_own_mark_messages() {
    let world = Setup::default()
        .with("timeline.prefixes.observation", "beob, !b")
        .with("timeline.prefixes.action", "getan")
        .start()
        .await;
    world.everything_burns().await;
    world.sam().takes_it().await;

    world.sam().says("@02:47 Beob: 5xx bei 38 %").await;
    let line = the_line(&world, "5xx bei 38 %").await;
    assert_eq!(
        (line.kind, line.text.as_str()),
        (Kind::Observation, "5xx bei 38 %")
    );
    world.sam().says("!b Verbindungen 100/100").await;
    assert_eq!(
        the_line(&world, "Verbindungen").await.kind,
        Kind::Observation
    );
    let said = world.ada().says("Flag ist aus").await;
    world.ada().edits(said, "getan: Flag ist aus").await;
    assert_eq!(the_line(&world, "Flag ist aus").await.kind, Kind::Action);
    world
        .kim()
        .types("/inc log text:\"neuer Graph\" kind:beob")
        .await;
    assert_eq!(
        the_line(&world, "neuer Graph").await.kind,
        Kind::Observation
    );
    world.sam().says("obs: und weiter").await;
    the_line(&world, "und weiter").await;
    world.ends().await;
}

/// What nobody marked stays chat.
#[tokio::test]
async fn ordinary_talk_is_not_stored() {
    let world = World::new().await;
    world.everything_burns().await;
    let before = world.timeline(1).await;

    let said = world.sam().says("anybody awake?").await;
    world.sam().edits(said, "is anybody awake?").await;
    world.sam().deletes(said).await;

    assert_eq!(world.timeline(1).await, before);
    world.ends().await;
}

/// Acceptance scenario 12: a reaction that is removed retracts the entry and a new one restores it.
#[tokio::test]
async fn reaction_removed() {
    let world = World::new().await;
    world.everything_burns().await;
    world.sam().takes_it().await;
    let said = world.sam().says("we roll back, it correlates").await;

    world.kim().reacts(said, "⚖️").await;
    let line = the_line(&world, "we roll back").await;
    assert_eq!(line.kind, Kind::Decision);
    assert!(
        world
            .channel("inc-0001-")
            .saying("we roll back")
            .has_reaction("📌")
    );

    world.kim().unreacts(said, "⚖️").await;
    let retracted = the_line(&world, "we roll back").await;
    assert!(!retracted.is_active());
    assert_eq!(retracted.number, line.number, "retracted, not deleted");
    assert!(
        !world
            .channel("inc-0001-")
            .saying("we roll back")
            .has_reaction("📌")
    );

    world.kim().reacts(said, "⚖️").await;
    let restored = the_line(&world, "we roll back").await;
    assert!(restored.is_active());
    assert_eq!(restored.number, line.number, "it is the same line again");
    world.ends().await;
}

/// Two people mark the same message: the entry stands until the last of them takes the mark back.
#[tokio::test]
async fn an_entry_stands_as_long_as_one_mark_does() {
    let world = World::new().await;
    world.everything_burns().await;
    let said = world.sam().says("connections at 100/100").await;
    world.kim().reacts(said, "🔎").await;
    world.mo().reacts(said, "🔎").await;

    world.kim().unreacts(said, "🔎").await;
    assert!(the_line(&world, "connections at").await.is_active());

    world.mo().unreacts(said, "🔎").await;
    assert!(!the_line(&world, "connections at").await.is_active());
    world.ends().await;
}

/// A marked message with a time that cannot be read is answered: its author must know that it is not in the timeline.
#[tokio::test]
async fn a_time_that_cannot_be_read_is_answered_under_the_message() {
    let world = World::new().await;
    world.everything_burns().await;

    world.sam().says("@25:99 obs: strange").await;

    world
        .channel("inc-0001-")
        .expect_once("Not in the timeline:");
    world.ends().await;
}

/// A line that was typed can be taken back and put back, by its buttons.
#[tokio::test]
async fn an_entry_that_was_typed_is_taken_back_and_put_back() {
    let world = World::new().await;
    world.everything_burns().await;
    let typed = world
        .kim()
        .types("/inc log text:@02:55 imp: many users cannot order")
        .await;
    typed.expect("many users cannot order").expect_private();

    let taken_back = typed.clicks("Take it back").await;
    assert!(
        !the_line(&world, "many users cannot order")
            .await
            .is_active()
    );

    taken_back.clicks("Put it back").await;
    let line = the_line(&world, "many users cannot order").await;
    assert!(line.is_active());
    assert_eq!(line.kind, Kind::Impact);
    world.ends().await;
}

/// Whoever looks at the board alone knows what is being done.
#[tokio::test]
async fn what_was_done_stands_on_the_board_until_it_is_taken_back() {
    let world = World::new().await;
    world.everything_burns().await;
    world.sam().takes_it().await;
    let channel = world.channel("inc-0001-");
    let typed = world
        .sam()
        .types("/inc log text:act: AI features off")
        .await;
    channel.expect_board("**DOING** AI features off (@sam, 03:02)");

    let taken_back = typed.clicks("Take it back").await;
    assert!(!channel.board().text.contains("**DOING**"));
    taken_back.clicks("Put it back").await;
    channel.expect_board("**DOING** AI features off");

    let said = world.sam().says("act: rolled back").await;
    channel.expect_board("rolled back");
    world.sam().edits(said, "obs: rolled back").await;
    assert!(!channel.board().text.contains("rolled back"));
    world.ends().await;
}

/// What people wrote while the bot was away is found when it comes back.
#[tokio::test]
async fn a_line_written_while_the_bot_was_down_reaches_the_timeline_with_its_true_time() {
    let world = World::new().await;
    world.everything_burns().await;
    world.sam().takes_it().await;
    let channel = world.channel("inc-0001-");
    world.sam().says("obs: before the gap").await;
    world.stops_the_bot().await;

    world.advance(2.minutes()).await;
    let written_at = world.now();
    world.sam().says("obs: workers hang since 02:41").await;
    world.sam().says("nothing to keep").await;
    world.advance(3.minutes()).await;
    world.starts_the_bot().await;

    let line = the_line(&world, "workers hang").await;
    assert_eq!(
        line.recorded_at.timestamp_millis(),
        written_at.timestamp_millis()
    );
    assert!(channel.saying("workers hang").has_reaction("📌"));
    the_line(&world, "before the gap").await;
    assert!(
        !world
            .timeline(1)
            .await
            .iter()
            .any(|line| line.text.contains("nothing to keep"))
    );
    world.ends().await;
}

/// A connection that breaks loses nothing, whether the session can be resumed or not.
#[tokio::test]
async fn a_line_written_while_the_connection_was_broken_is_heard_once() {
    for session_is_forgotten in [false, true] {
        let world = World::new().await;
        world.everything_burns().await;
        let sessions = world.discord().faults().gateway();
        if session_is_forgotten {
            // The client waits for its old session in vain before it begins a new one.
            world.expects_warning("Failed to cleanly shutdown shard");
            sessions.forget_sessions();
        }
        sessions.drop_connections();
        let channel = world.channel("inc-0001-").id;
        world
            .sam()
            .in_discord()
            .say(channel, "obs: in the gap")
            .expect("sam may write here");

        world.settle().await;

        the_line(&world, "in the gap").await;
        world.ends().await;
    }
}

/// What is written in passing is what the board says: nobody has to say it twice.
#[tokio::test]
async fn a_line_about_the_impact_or_the_cause_reaches_the_board_and_leaves_it_again() {
    let world = World::new().await;
    world.everything_burns().await;
    world.sam().takes_it().await;
    let channel = world.channel("inc-0001-");
    let sam = world.sam().in_channel(&channel);
    channel.expect_board("**IMPACT** not confirmed");

    let impact = sam.says("imp: some users cannot order").await;
    channel.expect_board("**IMPACT** some users cannot order");
    sam.edits(impact, "imp: many users cannot order").await;
    channel.expect_board("**IMPACT** many users cannot order");
    sam.says("hyp: the 02:41 release").await;
    channel.expect_board("**BELIEF** the 02:41 release – a guess");

    let draft = sam.clicks("Update").await;
    draft.expect("many users cannot order");
    let ada = world.ada().in_channel(&channel);
    let seen = ada.says("nobody can log in").await;
    ada.reacts(seen, "❗").await;
    channel.expect_board("**IMPACT** nobody can log in");
    ada.unreacts(seen, "❗").await;
    channel.expect_board("**IMPACT** many users cannot order");

    let lines = world.timeline(1).await;
    let number = lines
        .iter()
        .find(|line| line.text == "the 02:41 release")
        .and_then(|line| line.number)
        .expect("the guess is a line");
    sam.types(&format!("/inc more what:{number}"))
        .await
        .clicks("Take it back")
        .await;
    channel.expect_board_without("**BELIEF**");
    let of_the_guess = world.timeline(1).await;
    let twice = of_the_guess
        .iter()
        .filter(|line| line.text.contains("02:41 release"));
    assert_eq!(twice.count(), 1, "the line is its own record");
    world.ends().await;
}

/// What responders keep among themselves is nobody else's to read, on the board least of all; what was hidden by mistake
/// comes back.
#[tokio::test]
async fn a_line_for_responders_only_or_one_that_is_hidden_says_nothing_on_the_board() {
    let world = World::new().await;
    world.everything_burns().await;
    world.sam().takes_it().await;
    let channel = world.channel("inc-0001-");
    let sam = world.sam().in_channel(&channel);

    sam.says("imp!: 400 card numbers were read").await;
    sam.says("hyp!: the backup of Meier").await;
    channel
        .expect_board("**IMPACT** not confirmed")
        .expect_board_without("**BELIEF**");

    sam.says("imp: nobody can pay").await;
    sam.says("hyp: customer Meier\nsees foreign orders").await;
    channel
        .expect_board("**IMPACT** nobody can pay")
        .expect_board("**BELIEF** customer Meier sees foreign orders");
    let number = async |words: &str| {
        let lines = world.timeline(1).await;
        let line = lines.iter().find(|line| line.text.contains(words));
        line.and_then(|line| line.number).expect("it was stored")
    };
    let (impact, guess) = (
        number("nobody can pay").await,
        number("customer Meier").await,
    );

    sam.types(&format!("/inc more what:{guess}"))
        .await
        .clicks("Responders only")
        .await;
    channel.expect_board_without("Meier");

    let hidden = sam
        .types(&format!("/inc more what:{impact}"))
        .await
        .clicks("Redact")
        .await;
    hidden.is_answered();
    channel.expect_board_without("nobody can pay");
    world.ends().await;
}

/// A screenshot, or a graph behind a link, that somebody pins: it is evidence without anybody saying so.
#[tokio::test]
async fn a_link_that_is_pinned_is_evidence_and_what_was_called_something_stays_that() {
    let world = World::new().await;
    world.alertmanager().fires("api-latency", "critical").await;
    world.sam().takes_it().await;
    let sam = world.sam();
    let graph = sam.says("https://grafana.example/d/orders").await;
    world.kim().reacts(graph, "📌").await;
    sam.says("obs: 5xx, see https://grafana.example/d/5xx")
        .await;
    world.settle().await;
    let lines = world.timeline(1).await;
    let kind_of = |part: &str| {
        let line = lines.iter().find(|line| line.text.contains(part));
        line.expect("it was stored").kind
    };
    assert_eq!(kind_of("d/orders"), Kind::Evidence);
    assert_eq!(kind_of("d/5xx"), Kind::Observation);
    world.ends().await;
}

/// What somebody did, and kept among the responders afterwards, is asked about without its words.
#[tokio::test]
async fn an_action_kept_among_the_responders_leaves_the_question_what_it_changed() {
    let world = World::new().await;
    world.everything_burns().await;
    world.sam().takes_it().await;
    let channel = world.channel("inc-0001-");
    let sam = world.sam().in_channel(&channel);
    sam.clicks("Start mitigating").await;
    sam.says("act: amber otter revoked").await;
    world.settle().await;
    let noted = |incident: &bridgewatch_core::incident::Incident| {
        incident
            .mitigations
            .noted
            .first()
            .map(|done| done.what.clone())
    };
    assert_eq!(
        noted(&world.incident(1).await).as_deref(),
        Some("amber otter revoked")
    );
    let lines = world.timeline(1).await;
    let line = lines.iter().find(|line| line.text.contains("otter"));
    let number = line.and_then(|line| line.number).expect("it was stored");
    sam.types(&format!("/inc more what:{number}"))
        .await
        .clicks("Responders only")
        .await;
    world.settle().await;
    let stored = format!("{:?}", world.incident(1).await.mitigations);
    assert!(!stored.contains("otter"), "{stored}");
    world.advance(6.minutes()).await;
    channel.expect_once("Effect of what you did?");
    world.ends().await;
}
