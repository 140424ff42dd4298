//! The record can be trusted, and a secret can be taken out of it.

use bridgewatch_core::audit::verify;
use bridgewatch_core::ids::IncidentId;
use bridgewatch_core::timeline::Entry;

use crate::world::{Setup, Sink, Span as _, World};

/// A key as a cloud hands it out, put together here so that none stands in this file.
fn key() -> String {
    format!("AKIA{}", "Q7ZR2MXVB9TLPW4S")
}

/// What shows the lines of an incident to whoever asks.
const EVERYWHERE_IT_IS_READ: [&str; 6] = [
    "board",
    "text",
    "timeline",
    "everything",
    "decisions",
    "catch-up",
];

/// The line whose text begins like this.
async fn the_line(world: &World, beginning: &str) -> Entry {
    let lines = world.timeline(1).await;
    let found = lines
        .into_iter()
        .find(|line| line.text.starts_with(beginning));
    found.unwrap_or_else(|| world.fail(&format!("no line begins with `{beginning}`")))
}

/// The timeline, the state and the history of the incident, as they are stored.
async fn stored(world: &World) -> String {
    let timeline = world.timeline(1).await;
    let incident = world.incident(1).await;
    let events = world.store().events(IncidentId(1)).await;
    let events = events.expect("the store answers");
    format!("{timeline:?}\n{incident:?}\n{events:?}")
}

/// Acceptance scenario 13: one tap, and what should not be read is nowhere.
#[tokio::test]
async fn redaction() {
    let world = World::new().await;
    world.everything_burns().await;
    world.sam().takes_it().await;
    let channel = world.channel("inc-0001-");
    let said = world
        .sam()
        .says(&format!("obs: found {} in the log", key()))
        .await;
    for (words, kind) in [("revoke", "decision"), ("used it once:", "action")] {
        let line = format!("/inc log text:{words} {} kind:{kind}", key());
        world.sam().types(&line).await;
    }
    world.sam().clicks("Update").await;
    assert!(stored(&world).await.contains(&key()));
    channel.expect_board(&key());
    for view in EVERYWHERE_IT_IS_READ {
        let typed = format!("/inc more what:{view}");
        world.sam().types(&typed).await.expect(&key());
    }
    let began = world.now();

    // Somebody who neither wrote it nor decides: it is hidden everywhere at once.
    let hidden = world.kim().uses("Redact", said).await;

    hidden.expect_private().expect("is hidden everywhere");
    assert_eq!(world.now(), began, "no moment later");
    channel.expect_board_without(&key());
    for view in EVERYWHERE_IT_IS_READ {
        let read = world.sam().types(&format!("/inc more what:{view}")).await;
        assert!(!read.text().contains(&key()), "{view}: {}", read.text());
    }
    let line = the_line(&world, "[redacted: credential, by ").await;
    assert!(line.is_redacted());
    assert!(!stored(&world).await.contains(&key()));
    channel.expect_no_line(&key());
    channel.expect_once("🙈 @kim hid ");
    world
        .sam()
        .dm()
        .expect_once("which you wrote, was redacted");
    let number = line.number.expect("it is stored");
    let sealed = world.store().sealed(IncidentId(1), number).await;
    let sealed = sealed.expect("the store answers").expect("it is sealed");
    assert!(sealed.text.contains(&key()), "until somebody decides");

    // Its author, who also holds command, ends it.
    let gone = world.sam().clicks("Redact for good").await;

    gone.expect("is redacted everywhere");
    let sealed = world.store().sealed(IncidentId(1), number).await;
    assert_eq!(sealed.expect("the store answers"), None);
    let trail = world.store().audit_trail(IncidentId(1)).await;
    assert_eq!(verify(&trail.expect("the store answers")).breaks, []);
    let draft = world.sam().clicks("Update").await;
    assert!(!draft.text().contains(&key()));
    world.ends().await;
}

/// Acceptance scenario 13: what is searched, and the update that waits to be sent, forget it in the same moment.
#[tokio::test]
async fn redaction_reaches_the_search_and_the_update_that_waits() {
    let plain = Sink::start().await;
    let world = Setup::default()
        .tells("status-page", "generic", &plain)
        .start()
        .await;
    let title = format!("orders are refused with {}", key());
    world.sam().types(&format!("/inc new {title}")).await;
    let search = format!("/inc list text:{}", key());
    world.sam().types(&search).await.expect("INC-0001");
    let said = world.sam().says(&format!("obs: it is {}", key())).await;
    plain.answers_next(&[503]);
    world.expects_warning("the effect waits for another attempt");
    let form = world.sam().clicks("Update").await.clicks("Edit…").await;
    let words = format!("anyway: do not order with {}", key());
    form.fills_in(&[("What they read, above the next promise", &words)])
        .await;
    assert_eq!(plain.posted().len(), 1);
    assert!(plain.posted()[0].body.to_string().contains(&key()));
    let began = world.now();

    world.kim().uses("Redact", said).await;

    assert_eq!(world.now(), began, "no moment later");
    let found = world.sam().types(&search).await;
    assert!(!found.text().contains("INC-0001"), "{}", found.text());
    assert!(!stored(&world).await.contains(&key()));
    world.advance(1.minutes()).await;
    let sent = plain.taken();
    assert_eq!(sent.len(), 1);
    let sent = sent[0].to_string();
    assert!(sent.contains("do not order with [redacted"), "{sent}");
    assert!(!sent.contains(&key()), "{sent}");
    world.ends().await;
}

/// The invite link of the README asks for no *Manage Messages*: what the bot cannot delete is said, with the way there.
#[tokio::test]
async fn a_message_that_the_bot_may_not_delete_is_pointed_at() {
    const INVITE_OF_THE_README: u64 = 2_251_802_229_722_192;
    let readme = include_str!("../../../README.md");
    assert!(readme.contains(&format!("permissions={INVITE_OF_THE_README}")));
    let world = Setup::default()
        .invited_with(INVITE_OF_THE_README)
        .start()
        .await;
    world.everything_burns().await;
    world.sam().takes_it().await;
    let channel = world.channel("inc-0001-");
    let said = world.sam().says(&format!("obs: {} leaked", key())).await;
    world
        .kim()
        .uses("Redact", said)
        .await
        .expect("is hidden everywhere");

    assert!(
        !stored(&world).await.contains(&key()),
        "nothing that is shown says it"
    );
    let told = channel.saying("still stands");
    assert!(
        told.text
            .contains("copies are hidden until somebody decides"),
        "{}",
        told.text
    );
    channel.expect_line(&key());
    assert!(
        told.text.contains(&format!("/{}", said.message)),
        "{}",
        told.text
    );
    world.sam().deletes(said).await;
    channel.expect_no_line(&key());
    channel.expect_once("still stands");
    world.ends().await;
}

/// A wrong guess in a hurry costs nothing: whoever decides shows the line again.
#[tokio::test]
async fn what_was_hidden_by_mistake_is_shown_again() {
    let world = World::new().await;
    world.everything_burns().await;
    world.sam().takes_it().await;
    let said = world.sam().says("imp: the replica is db-3.internal").await;
    let channel = world.channel("inc-0001-");
    channel.expect_board("db-3.internal");
    world.kim().uses("Redact", said).await;
    the_line(&world, "[redacted: by ").await;
    channel.expect_board("**IMPACT** not confirmed");

    world
        .sam()
        .clicks("Show it again")
        .await
        .expect("is shown again");

    let line = the_line(&world, "the replica is db-3.internal").await;
    assert!(!line.is_redacted());
    channel.expect_board("**IMPACT** the replica is db-3.internal");
    world.ends().await;
}

/// Whoever pastes a secret is asked, alone, and ends it with one tap.
#[tokio::test]
async fn what_looks_like_a_secret_is_asked_about_in_private() {
    let world = World::new().await;
    world.everything_burns().await;
    world.sam().takes_it().await;
    world
        .ada()
        .says("obs: env has DB_PASSWORD=correct-horse")
        .await;
    let channel = world.channel("inc-0001-");

    let dm = world.ada().dm();
    dm.expect_once("this looks like a credential (password)");
    dm.expect_no_line("correct-horse");
    world
        .ada()
        .in_dm()
        .clicks("Redact it")
        .await
        .expect("is redacted everywhere");

    the_line(&world, "[redacted: credential, by ").await;
    channel.expect_no_line("correct-horse");
    assert!(!stored(&world).await.contains("correct-horse"));
    world.ends().await;
}

/// What is about people is called so, and a team names more that it keeps out.
#[tokio::test]
async fn personal_data_and_what_a_team_keeps_out_are_asked_about_by_their_own_names() {
    let world = Setup::default()
        .with("timeline.secrets.patterns", r"\bKD-[0-9]{2,6}\b")
        .start()
        .await;
    world.everything_burns().await;
    world.sam().takes_it().await;
    world
        .ada()
        .says("obs: bob.miller@shop.com cannot log in")
        .await;
    world.kim().says("obs: KD-004711 waits for 10.2.0.17").await;

    let dm = world.ada().dm();
    dm.expect_once("this looks like personal data (e-mail address)");
    dm.expect_no_line("bob.miller");
    world
        .kim()
        .dm()
        .expect_once("this looks like what your team keeps out (pattern of your team)");
    world
        .ada()
        .in_dm()
        .clicks("Redact it")
        .await
        .expect("is redacted everywhere");
    world
        .kim()
        .in_dm()
        .clicks("Redact it")
        .await
        .expect("is redacted everywhere");

    the_line(&world, "[redacted: personal data, by ").await;
    the_line(&world, "[redacted: team pattern, by ").await;
    assert!(!stored(&world).await.contains("bob.miller"));
    world.ends().await;
}

#[tokio::test]
async fn what_is_no_secret_stays() {
    let world = World::new().await;
    world.everything_burns().await;
    world.sam().takes_it().await;
    world
        .ada()
        .says("obs: env has DB_PASSWORD=correct-horse")
        .await;
    world
        .ada()
        .in_dm()
        .clicks("It is not")
        .await
        .expect("stays as it is");
    the_line(&world, "env has DB_PASSWORD=correct-horse").await;
    world.ends().await;
}

/// A part of a line, typed: the rest is still worth reading.
#[tokio::test]
async fn a_part_of_a_line_is_redacted_by_its_number() {
    let world = World::new().await;
    world.everything_burns().await;
    world.sam().takes_it().await;
    world
        .sam()
        .types("/inc log text:rang Bob at 0171-5550123 about it")
        .await;
    let number = the_line(&world, "rang Bob").await.number.expect("stored");

    let typed = format!("/inc more what:redact {number} 0171-5550123");
    world
        .sam()
        .types(&typed)
        .await
        .expect("is redacted everywhere");

    let line = the_line(&world, "rang Bob at [redacted: personal data, by ").await;
    assert!(line.text.ends_with("] about it"), "{}", line.text);
    world.ends().await;
}

/// What is left of a line still says what is being done, and who is hurt.
#[tokio::test]
async fn of_a_line_that_lost_a_part_the_board_says_what_is_left() {
    let world = World::new().await;
    world.everything_burns().await;
    world.sam().takes_it().await;
    let channel = world.channel("inc-0001-");
    let sam = world.sam().in_channel(&channel);
    sam.says("act: rang Bob at 0171-5550123 about it").await;
    sam.says("imp: nobody at hunter22 Ltd can order").await;
    world.advance(6.seconds()).await;
    channel.expect_board("hunter22 Ltd can order");
    for (beginning, words) in [("rang Bob", "0171-5550123"), ("nobody at", "hunter22")] {
        let number = the_line(&world, beginning).await.number.expect("stored");
        let typed = format!("/inc more what:redact {number} {words}");
        sam.types(&typed).await.expect("is redacted everywhere");
    }
    world.advance(6.seconds()).await;
    channel.expect_board(r"rang Bob at \[redacted\] about it");
    channel.expect_board(r"nobody at \[redacted\] Ltd can order");
    let board = format!("{:?}", channel.board().view);
    assert!(!board.contains("hunter22"), "{board}");
    assert!(!board.contains("0171"), "{board}");
    world.ends().await;
}

/// Word to people outside is asked about before it goes.
#[tokio::test]
async fn an_update_with_a_secret_is_not_sent_before_somebody_says_so() {
    let world = World::new().await;
    world.everything_burns().await;
    world.sam().takes_it().await;
    let refused = world
        .sam()
        .clicks("Update")
        .await
        .clicks("Edit…")
        .await
        .fills_in(&[("text", "Logins fail, use password=hunter2222 meanwhile")])
        .await;
    refused.expect("It was not sent: it looks like it holds a credential (password)");
    assert_eq!(world.incident(1).await.updates.len(), 0);
    world.ends().await;
}
