//! What Discord hears, in time and late.

use std::io::Write;
use std::sync::{Arc, Mutex};

use bridgewatch_commands::{on_component, on_modal};
use bridgewatch_core::phase::Phase;
use bridgewatch_core::role::Role;
use serde_json::json;
use tracing_subscriber::fmt::MakeWriter;

use crate::discord::{Discord, From, TOKEN, choice_of, form_with, press_on};
use crate::world::World;

const CALLBACK: &str = "POST /api/v10/interactions/70/TOKEN/callback";
const ORIGINAL: &str = "PATCH /api/v10/webhooks/4/TOKEN/messages/@original";
const FOLLOW_UP: &str = "POST /api/v10/webhooks/4/TOKEN";

#[tokio::test]
async fn a_press_on_a_shared_card_is_answered_to_the_presser_alone() {
    let world = World::with_open_incident();
    let mut discord = Discord::listening().await;
    let press = press_on("bw1|142|-|take", From::Channel);
    on_component(&discord.http, &press, &world.data).await;
    let heard = discord.hears().await;
    assert!(heard.line.starts_with(CALLBACK), "{}", heard.line);
    assert_eq!(heard.json["type"], 4);
    assert_eq!(heard.json["data"]["flags"], 64);
    assert_eq!(
        heard.json["data"]["content"],
        "You have it. You hold command 👑."
    );
    assert_eq!(
        heard.json["data"]["allowed_mentions"],
        json!({ "parse": [], "replied_user": false })
    );
    assert!(discord.hears_nothing_more());
    assert_eq!(world.names().into_values().collect::<Vec<_>>(), ["Sam"]);
}

#[tokio::test]
async fn a_private_card_becomes_the_answer() {
    let world = World::in_phase(Phase::Diagnosis);
    let mut discord = Discord::listening().await;
    for from in [From::Private, From::Direct] {
        let press = press_on("bw1|142|-|update", from);
        on_component(&discord.http, &press, &world.data).await;
        let heard = discord.hears().await;
        assert_eq!(heard.json["type"], 7);
        assert_eq!(
            heard.json["data"]["embeds"][0]["title"],
            "Draft for the stakeholders"
        );
    }
}

#[tokio::test]
async fn a_tick_on_the_shared_card_is_only_acknowledged() {
    let world = World::in_phase(Phase::Diagnosis);
    let mut discord = Discord::listening().await;
    let press = press_on("bw1|142|diagnosis|finish-step|db-up", From::Channel);
    on_component(&discord.http, &press, &world.data).await;
    assert_eq!(discord.hears().await.json, json!({ "type": 6 }));
}

#[tokio::test]
async fn a_call_for_help_is_heard_by_the_channel() {
    let world = World::in_phase(Phase::Diagnosis);
    let mut discord = Discord::listening().await;
    let press = press_on("bw1|142|diagnosis|step-help|db-up", From::Channel);
    on_component(&discord.http, &press, &world.data).await;
    let heard = discord.hears().await;
    assert_eq!(heard.json["type"], 4);
    assert_eq!(heard.json["data"]["flags"], 0);
}

#[tokio::test]
async fn a_form_opens_and_its_answer_comes_back() {
    let world = World::in_phase(Phase::Diagnosis);
    let mut discord = Discord::listening().await;
    let press = press_on("bw1|142|-|think", From::Private);
    on_component(&discord.http, &press, &world.data).await;
    let opened = discord.hears().await.json;
    assert_eq!(opened["type"], 9);
    assert_eq!(opened["data"]["custom_id"], "bw1f|142|-|think");
    assert_eq!(opened["data"]["components"][0]["type"], 1);
    assert_eq!(opened["data"]["components"][0]["components"][0]["type"], 4);
    let form = form_with("bw1f|142|-|think", "text", "a leak", From::Private);
    on_modal(&discord.http, &form, &world.data).await;
    let answered = discord.hears().await.json;
    assert_eq!(answered["type"], 7, "the card that led to the form says it");
    assert_eq!(world.incident().hypotheses[0].text, "a leak");
}

#[tokio::test]
async fn a_person_chosen_in_a_menu_is_asked() {
    let world = World::in_phase(Phase::Diagnosis);
    let mut discord = Discord::listening().await;
    let choice = choice_of("bw1|142|-|propose|bridge", "6", From::Private);
    on_component(&discord.http, &choice, &world.data).await;
    let heard = discord.hears().await.json;
    assert_eq!(
        heard["data"]["content"],
        "<@6> is asked to be Bridge Engineer."
    );
    assert!(world.incident().roles.contains_key(&Role::Bridge));
}

#[tokio::test]
async fn a_file_comes_with_its_name_and_text() {
    let world = World::in_phase(Phase::Learning);
    world.has_postmortem("# What happened\n");
    let mut discord = Discord::listening().await;
    let press = press_on("bw1|142|-|postmortem", From::Channel);
    on_component(&discord.http, &press, &world.data).await;
    let heard = discord.hears().await;
    assert!(
        heard
            .text
            .contains("filename=\"inc-0142-postmortem-v2.md\"")
    );
    assert!(heard.text.contains("# What happened"));
    assert!(heard.text.contains("\"flags\":64"));
}

#[tokio::test]
async fn slow_work_on_a_shared_card_asks_for_patience_and_answers_later() {
    let world = World::with_open_incident();
    let released = world.is_slow();
    let mut discord = Discord::listening().await;
    let http = std::mem::replace(&mut discord.http, poise::serenity_prelude::Http::new(""));
    let press = press_on("bw1|142|-|take", From::Channel);
    let watching = async {
        let first = discord.hears().await;
        assert!(first.line.starts_with(CALLBACK));
        assert_eq!(first.json, json!({ "type": 5, "data": { "flags": 64 } }));
        released.notify_one();
        let second = discord.hears().await;
        assert!(second.line.starts_with(ORIGINAL), "{}", second.line);
        assert_eq!(second.json["content"], "You have it. You hold command 👑.");
    };
    tokio::join!(on_component(&http, &press, &world.data), watching);
    assert_eq!(world.incident().phase, Phase::Diagnosis);
}

#[tokio::test]
async fn slow_work_on_a_private_card_leaves_it_in_peace_until_the_answer() {
    for (id, second_line) in [
        ("bw1|142|-|roles", ORIGINAL),
        ("bw1|142|-|timeline", FOLLOW_UP),
    ] {
        let world = World::in_phase(Phase::Diagnosis);
        let released = world.is_slow();
        let mut discord = Discord::listening().await;
        let http = std::mem::replace(&mut discord.http, poise::serenity_prelude::Http::new(""));
        let press = press_on(id, From::Private);
        let watching = async {
            assert_eq!(discord.hears().await.json, json!({ "type": 6 }));
            released.notify_one();
            let second = discord.hears().await;
            assert!(second.line.starts_with(second_line), "{}", second.line);
            if second_line == FOLLOW_UP {
                assert_eq!(second.json["flags"], 64);
            }
        };
        tokio::join!(on_component(&http, &press, &world.data), watching);
    }
}

#[tokio::test]
async fn a_form_that_takes_too_long_asks_for_another_press() {
    let world = World::in_phase(Phase::Diagnosis);
    let _never_released = world.is_slow();
    let mut discord = Discord::listening().await;
    let press = press_on("bw1|142|-|think", From::Channel);
    on_component(&discord.http, &press, &world.data).await;
    let heard = discord.hears().await.json;
    assert_eq!(
        heard["data"]["content"],
        "That took too long. Press once more."
    );
    assert!(discord.hears_nothing_more());
}

#[tokio::test]
async fn another_server_and_another_version_are_told_so_and_change_nothing() {
    let world = World::with_open_incident();
    let mut discord = Discord::listening().await;
    let press = press_on("bw1|142|-|take", From::Elsewhere);
    on_component(&discord.http, &press, &world.data).await;
    let heard = discord.hears().await.json;
    assert_eq!(
        heard["data"]["content"],
        "I keep watch over another server, not this one."
    );
    let press = press_on("bw0:take:142", From::Channel);
    on_component(&discord.http, &press, &world.data).await;
    let heard = discord.hears().await.json;
    let words = heard["data"]["content"].as_str().unwrap_or_default();
    assert!(
        words.starts_with("This card is of another version of me"),
        "{words}"
    );
    assert_eq!(world.incident().phase, Phase::Open);
}

/// What was logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0
            .lock()
            .expect("nobody panics with it")
            .extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'writer> MakeWriter<'writer> for Log {
    type Writer = Self;

    fn make_writer(&'writer self) -> Self {
        self.clone()
    }
}

#[tokio::test]
async fn a_failed_answer_is_logged_once_and_without_the_token() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_writer(log.clone())
        .with_max_level(tracing_subscriber::filter::LevelFilter::WARN)
        .finish();
    let world = World::with_open_incident();
    let discord = Discord::answering("404 Not Found").await;
    let press = press_on("bw1|142|-|take", From::Channel);
    {
        let _guard = tracing::subscriber::set_default(subscriber);
        on_component(&discord.http, &press, &world.data).await;
        let nobody = poise::serenity_prelude::HttpBuilder::new("Bot token")
            .proxy("http://127.0.0.1:1")
            .ratelimiter_disabled(true)
            .build();
        on_component(&nobody, &press, &world.data).await;
    }
    let written = log.0.lock().expect("nobody panics with it").clone();
    let written = String::from_utf8_lossy(&written);
    assert_eq!(
        written.matches("an interaction was not answered").count(),
        2,
        "{written}"
    );
    assert!(written.contains("Discord answered 404"), "{written}");
    assert!(written.contains("no connection"), "{written}");
    assert!(!written.contains(TOKEN), "{written}");
    assert!(!written.contains("Bot token"), "{written}");
}
