//! The first seconds of an incident: how fast the channel is there, what a phone shows, and who may see it.

use discord_sim::RequestRecord;
use serde_json::Value;

use crate::world::{Alert, Setup, Sink, Span as _, World};

/// Until people can work in the channel, Discord is asked two things, one after the other: make the channel, post the board.
/// The direct messages and the digest go their own ways meanwhile.
#[tokio::test]
async fn a_channel_is_usable_after_two_calls_to_discord() {
    let world = World::new().await;
    world.discord().clear_requests();

    world.alertmanager().fires("api-latency", "critical").await;

    let channel = world.channel("inc-0001-").id.to_string();
    let guild = world.discord().guild_id().to_string();
    let requests = world.discord().requests();
    let is_on_the_way = |request: &&RequestRecord| {
        let major = request.major_id.as_deref();
        major == Some(&guild) || major == Some(&channel)
    };
    let on_the_way: Vec<String> = requests
        .iter()
        .filter(is_on_the_way)
        .map(|request| format!("{} {}", request.method, request.route))
        .collect();
    assert_eq!(
        on_the_way[..2],
        [
            "POST /guilds/{guild_id}/channels",
            "POST /channels/{channel_id}/messages"
        ],
        "{on_the_way:?}"
    );
    assert!(
        requests[0].method != "GET",
        "nothing is looked up first: {requests:?}"
    );
    world.ends().await;
}

/// The first hundred characters decide whether somebody gets up: they are always the severity, the numbers and the act.
#[tokio::test]
async fn a_phone_shows_severity_numbers_and_the_one_act_in_a_hundred_characters() {
    let pager = Sink::start().await;
    let world = Setup::default().pager(&pager).start().await;
    world.everything_burns().await;

    let words = "🔴 SEV1 AI queue stalled · DB 100/100 · orders-api 5xx 38% — Take it";
    let dm = world.sam().dm().messages();
    assert_eq!(dm[0].view.content, words);
    assert_eq!(
        pager.taken()[0]["message"]
            .as_str()
            .map(|text| text.starts_with("🔴 SEV")),
        Some(true)
    );

    let world_of_words = World::new().await;
    let endless =
        "every request of every customer in every region fails since the release ".repeat(5);
    world_of_words
        .alertmanager()
        .sends(
            Alert::named("Endless")
                .severity("critical")
                .summary(&endless),
        )
        .await;
    let dm = world_of_words.sam().dm().messages();
    let shown = &dm[0].view.content;
    assert!(shown.chars().count() <= 100, "{shown}");
    assert!(shown.starts_with("🔴 SEV2 every request"), "{shown}");
    assert!(shown.ends_with("… — Take it"), "{shown}");
    world.ends().await;
    world_of_words.ends().await;
}

/// Only whoever is called is pinged, once, by the board; nothing else makes a phone ring.
#[tokio::test]
async fn only_the_one_on_call_is_pinged_and_nobody_by_a_changed_message() {
    let world = World::new().await;
    world.everything_burns().await;
    world.sam().takes_it().await;
    world.advance(2.minutes()).await;

    let sam = world.sam().id();
    let pinging: Vec<_> = world
        .channel("inc-0001-")
        .messages()
        .into_iter()
        .filter(|message| !message.view.mention_ids.is_empty() || message.view.mention_everyone)
        .collect();
    assert!(
        pinging.len() <= 1
            && pinging
                .iter()
                .all(|message| message.view.mention_ids == [sam]),
        "{pinging:?}"
    );
    for request in world.discord().requests() {
        let allowed = &request.request["allowed_mentions"];
        if request.route == "/channels/{channel_id}/messages" && request.method == "POST" {
            assert!(
                allowed["parse"].as_array().is_some_and(Vec::is_empty),
                "{request:?}"
            );
            assert_eq!(allowed["roles"].as_array().map_or(0, Vec::len), 0);
        }
    }
    world.ends().await;
}

/// What is about security is private from the first second, and no word of it stands in a place that everybody reads.
#[tokio::test]
async fn a_security_incident_is_private_from_its_first_second() {
    let world = World::new().await;
    world.discord().clear_requests();
    let secret = "token of the payment provider in the log";

    world
        .alertmanager()
        .sends(
            Alert::named("SecretInLog")
                .severity("critical")
                .category("security")
                .summary(secret),
        )
        .await;
    world.advance(6.minutes()).await;

    let channel = world.channel("inc-0001");
    channel.expect_members(&["sam", "mo", "kim"]);
    assert_eq!(channel.name, "inc-0001-jade-lark");
    let requests = world.discord().requests();
    let made = requests
        .iter()
        .find(|request| request.method == "POST" && request.route == "/guilds/{guild_id}/channels")
        .expect("the channel was made");
    let everybody = world.discord().guild_id().to_string();
    let denies_everybody = |overwrite: &Value| {
        overwrite["id"] == everybody.as_str()
            && overwrite["deny"]
                .as_str()
                .and_then(|bits| bits.parse::<u64>().ok())
                .is_some_and(|bits| bits & (1 << 10) != 0)
    };
    assert!(
        made.request["permission_overwrites"]
            .as_array()
            .is_some_and(|list| list.iter().any(denies_everybody)),
        "it is made private, not made private later: {:?}",
        made.request
    );
    for room in ["incidents", "general"] {
        world
            .channel(room)
            .expect_no_line("INC-0001")
            .expect_no_line("SecretInLog");
    }
    assert!(
        !world.ada().was_written_to() && !world.fay().was_written_to(),
        "who is not called does not hear of it"
    );

    world.sam().takes_it().await;
    let roles = world.sam().clicks("Roles").await;
    roles
        .clicks("Ask for Backend…")
        .await
        .chooses(
            "Ask somebody to be Backend",
            &[&world.ada().id().to_string()],
        )
        .await;

    channel.expect_members(&["sam", "mo", "kim", "ada"]);
    world
        .ada()
        .in_dm()
        .clicks("Accept")
        .await
        .expect("You are Backend Engineer.");
    world.ends().await;
}

/// A person declares with one command and a title, and has it.
#[tokio::test]
async fn one_command_and_a_title_declare_an_incident() {
    let world = World::new().await;

    world
        .sam()
        .types("/inc new Checkout is down")
        .await
        .expect("INC-0001");

    let channel = world.channel("inc-0001-checkout-is-down");
    channel
        .expect_board("SEV2")
        .expect_board("Rapid Diagnosis")
        .expect_board("👑 On-Call @sam");
    world
        .sam()
        .types("/inc list")
        .await
        .expect("Checkout is down");
    world.ends().await;
}

/// A fresh installation is tried with the button of the greeting: the test alert takes the way of every alert.
#[tokio::test]
async fn the_test_alert_of_the_greeting_opens_an_incident() {
    let world = World::new().await;
    let greeting = world.channel("incidents");

    world
        .nora()
        .in_channel(&greeting)
        .clicks("Fire a test alert")
        .await;

    world
        .channel("inc-0001-")
        .expect_board("A test alert: nothing is wrong");
    world.ends().await;
}
