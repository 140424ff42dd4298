//! Who may do what, over the wire: marks in a channel, and presses in direct messages.

use bridgewatch_core::timeline::Kind;
use discord_sim::permissions::{EVERYONE, PIN_MESSAGES};

use crate::world::{Setup, Span as _, World};

/// Priya reads; Sam, Ada, Fay, Mo and Kim respond.
async fn with_responders() -> World {
    let world = Setup::default()
        .with("discord.responder_role", "responder")
        .start()
        .await;
    world
        .discord()
        .set_role_permissions("@everyone", EVERYONE | PIN_MESSAGES);
    world.alertmanager().fires("api-latency", "critical").await;
    world.sam().takes_it().await;
    world
}

async fn lines_saying(world: &World, part: &str) -> usize {
    let lines = world.timeline(1).await;
    lines.iter().filter(|line| line.text.contains(part)).count()
}

/// How often Discord was asked about members and roles.
fn looked_up(world: &World) -> usize {
    let requests = world.discord().requests();
    let about = |path: &str| path.contains("/members/") || path.ends_with("/roles");
    requests
        .iter()
        .filter(|request| request.method == "GET" && about(&request.path))
        .count()
}

#[tokio::test]
async fn what_a_reader_marks_stays_chat_and_is_quietly_shown_to_be() {
    let world = with_responders().await;
    let channel = world.channel("inc-0001-");
    let adas = world.ada().says("rolling back to 4.1").await;

    let theirs = world.priya().says("obs: my cart is empty").await;
    world.priya().reacts(adas, "⚖️").await;
    world.priya().pins(adas).await;

    assert_eq!(lines_saying(&world, "cart").await, 0);
    assert_eq!(lines_saying(&world, "rolling back").await, 0);
    assert!(channel.saying("obs: my cart").has_reaction("🚫"));
    assert!(!channel.saying("obs: my cart").has_reaction("📌"));
    assert!(!channel.saying("rolling back").has_reaction("🚫"));

    // Whoever responds marks what a reader said, and nothing a reader takes back touches that.
    world.kim().reacts(theirs, "🔎").await;
    assert_eq!(lines_saying(&world, "my cart is empty").await, 1);
    world.ada().reacts(adas, "⚖️").await;
    world.priya().unreacts(adas, "⚖️").await;
    let lines = world.timeline(1).await;
    let decided = lines.iter().find(|line| line.text.contains("rolling back"));
    assert!(decided.is_some_and(|line| line.is_active() && line.kind == Kind::Decision));

    // An edit marks no more than a message does.
    world.priya().edits(theirs, "dec: my cart is full").await;
    let lines = world.timeline(1).await;
    let line = lines.iter().find(|line| line.text.contains("cart is"));
    assert!(line.is_some_and(|line| line.kind == Kind::Observation));
    world.ends().await;
}

/// The channel is open to everybody; what the bot makes of it is not.
#[tokio::test]
async fn a_line_for_responders_only_stays_out_of_what_readers_and_stakeholders_get() {
    let world = with_responders().await;
    world.sam().says("act!: amber otter revoked").await;
    world.sam().says("act: flag checkout-v2 off").await;

    let all = "/inc show view:timeline";
    world
        .sam()
        .types(all)
        .await
        .expect("🔐")
        .expect("amber otter");
    let reader = world.priya().types(all).await;
    reader.expect("checkout-v2");
    assert!(!reader.text().contains("otter"), "{}", reader.text());
    let draft = world.sam().clicks("Update").await;
    assert!(!draft.text().contains("otter"), "{}", draft.text());
    let board = world.channel("inc-0001-");
    board.expect_board("checkout-v2");
    let asked = world.sam().types("/inc resolve").await;
    asked.clicks("Resolve anyway").await;
    world.everything_gets_through().await;
    let postmortem = world.postmortem(1).await;
    assert!(postmortem.contains("checkout-v2"));
    assert!(!postmortem.contains("otter"));
    world.ends().await;
}

/// Who may do everything need not have the role.
#[tokio::test]
async fn an_administrator_marks_without_the_role() {
    let world = with_responders().await;
    world.nora().says("obs: the pager woke me").await;
    assert_eq!(lines_saying(&world, "the pager woke me").await, 1);
    world.ends().await;
}

#[tokio::test]
async fn without_a_role_for_responders_everybody_marks_and_nobody_is_looked_up() {
    let world = World::new().await;
    world.alertmanager().fires("api-latency", "critical").await;
    world.sam().takes_it().await;
    world.discord().clear_requests();
    world.priya().says("obs: my cart is empty").await;
    assert_eq!(lines_saying(&world, "my cart").await, 1);
    assert_eq!(looked_up(&world), 0);
    world.ends().await;
}

/// Read again after a gap, a message says nothing about its author: Discord is asked, once for each person.
#[tokio::test]
async fn marks_made_while_the_bot_was_away_are_judged_by_the_roles_of_whoever_made_them() {
    let world = with_responders().await;
    let channel = world.channel("inc-0001-");
    world.stops_the_bot().await;
    world.priya().says("obs: my cart is empty").await;
    world.priya().says("obs: and so is my basket").await;
    world.ada().says("act: flag checkout-v2 off").await;
    world.ada().says("act: queue drained").await;
    world.discord().clear_requests();
    world.starts_the_bot().await;
    world.settle().await;

    assert_eq!(lines_saying(&world, "cart").await, 0);
    assert_eq!(lines_saying(&world, "basket").await, 0);
    assert_eq!(lines_saying(&world, "checkout-v2").await, 1);
    assert_eq!(lines_saying(&world, "queue drained").await, 1);
    assert!(channel.saying("obs: my cart").has_reaction("🚫"));
    let requests = world.discord().requests();
    let members = requests
        .iter()
        .filter(|request| request.path.contains("/members/"));
    assert_eq!(members.count(), 2, "one question for each person");
    world.ends().await;
}

#[tokio::test]
async fn where_discord_does_not_say_who_somebody_is_their_mark_is_kept() {
    let world = with_responders().await;
    world.stops_the_bot().await;
    world.priya().says("obs: my cart is empty").await;
    world.tolerates_warning("a member of the server could not be asked for");
    world.tolerates_warning("the roles of the server could not be asked for");
    world.expects_warning("a mark is kept although it is not known");
    let members = "/guilds/*/members/*";
    world
        .discord()
        .faults()
        .on("GET", members)
        .always()
        .status(503);
    world.starts_the_bot().await;
    world
        .until("the channel is read again", async || {
            lines_saying(&world, "my cart").await == 1
        })
        .await;
    world.settle().await;
    world.discord().faults().clear();
    world.ends().await;
}

#[tokio::test]
async fn in_a_direct_message_the_roles_of_the_server_decide() {
    let world = with_responders().await;
    let kim = world.kim().in_dm();
    world.kim().is_given("responder", false).await;

    kim.clicks("Accept").await.expect("You can read here");
    world.kim().is_given("responder", true).await;
    world.advance(59.seconds()).await;
    kim.clicks("Accept").await.expect("You can read here");
    world.advance(1.seconds()).await;
    kim.clicks("Accept")
        .await
        .expect("You are Documentation Lead");
    world.ends().await;
}

#[tokio::test]
async fn whoever_left_the_server_does_nothing_from_their_direct_messages() {
    let world = World::new().await;
    world.alertmanager().fires("api-latency", "critical").await;
    world.sam().takes_it().await;
    let kim = world.kim().in_dm();
    world.kim().leaves().await;
    world.discord().clear_requests();

    kim.clicks("Accept")
        .await
        .expect("not in the server any more");
    kim.clicks("Accept")
        .await
        .expect("not in the server any more");
    assert_eq!(looked_up(&world), 1, "asked once for two presses");
    world.ends().await;
}
