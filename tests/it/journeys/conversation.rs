//! What people say to each other through the bot, over the wire: tasks, guesses, who may do what, and the quiet of a night.

use std::collections::BTreeSet;

use bridgewatch_commands::{Needs, all, needs_of_command};
use bridgewatch_core::incident::HypothesisState;
use bridgewatch_core::phase::Phase;
use bridgewatch_core::severity::Severity;
use bridgewatch_core::timeline::Kind;

use crate::world::{Person, Setup, Span as _, World};

/// What somebody is told who may only read.
const ONLY_READ: &str = "You can read here. To act you need the responder role";

/// A night in which Sam has it.
async fn sam_has_it() -> World {
    let world = World::new().await;
    world.alertmanager().fires("api-latency", "critical").await;
    world.sam().takes_it().await;
    world
}

/// Sam asks somebody for something within some minutes.
async fn asks(world: &World, whom: &Person<'_>, what: &str, minutes: &str) {
    let sam = world.sam().in_channel(&world.channel("inc-0001-"));
    let card = sam.types("/inc more what:ask").await;
    let whom = whom.id().to_string();
    let form = card
        .chooses("Ask somebody to do something…", &[&whom])
        .await;
    form.fills_in(&[
        ("What should they do?", what),
        ("Answer in how many minutes?", minutes),
    ])
    .await
    .expect_private();
}

/// Discord's menu of people has the bots of the server among them.
#[tokio::test]
async fn a_bot_is_asked_for_nothing() {
    let world = sam_has_it().await;
    let room = world.channel("inc-0001-");
    let bot = world.discord().bot_id().to_string();
    let sam = world.sam().in_channel(&room);
    let card = sam.types("/inc more what:ask").await;
    card.chooses("Ask somebody to do something…", &[&bot])
        .await
        .expect("is a bot: choose a person.");
    let roles = sam.clicks("Roles").await;
    let whom = roles.clicks("Ask for Docs…").await;
    whom.chooses("Ask somebody to be Docs", &[&bot])
        .await
        .expect("is a bot: choose a person.");
    room.expect_board("Docs @kim");
    world.ends().await;
}

#[tokio::test]
async fn somebody_is_asked_for_one_thing_is_late_once_and_answers() {
    let world = sam_has_it().await;
    let channel = world.channel("inc-0001-");
    asks(&world, &world.ada(), "roll back the 02:41 release", "10").await;
    channel
        .expect_once("asks you: **roll back the 02:41 release**")
        .expect_board("roll back the 02:41 release");

    world.advance(30.minutes()).await;
    let told = world.sam().dm().count("has not answered");
    assert_eq!(told, 1, "whoever asked is told once");

    let ada = world.ada().in_channel(&channel);
    ada.clicks("On it").await.expect("You are on it.");
    channel.expect_once("@ada is on it");
    let board = channel.board().text;
    assert_eq!(
        board.matches("roll back the 02:41 release").count(),
        1,
        "{board}"
    );
    world.advance(30.minutes()).await;
    assert_eq!(world.sam().dm().count("has not answered"), 1);
    let result = ada.clicks("Done").await;
    result.expect("Noted as done.");
    channel.expect_once("☑ @ada: roll back the 02:41 release");
    assert_eq!(world.incident(1).await.open_tasks().count(), 0);
    let lines = world.timeline(1).await;
    let of_the_task = lines.iter().filter(|line| {
        line.kind == Kind::Note && line.text.contains("roll back the 02:41 release")
    });
    assert_eq!(of_the_task.count(), 3, "asked, on it, done");
    world.ends().await;
}

#[tokio::test]
async fn who_cannot_says_so_and_somebody_else_is_asked() {
    let world = sam_has_it().await;
    let channel = world.channel("inc-0001-");
    asks(&world, &world.ada(), "read the slow query log", "5").await;
    world.ada().in_channel(&channel).clicks("Can't").await;
    channel.expect_once("✋ @ada can't: **read the slow query log**");
    let again = world
        .sam()
        .in_channel(&channel)
        .clicks("Ask somebody else")
        .await;
    let fay = world.fay().id().to_string();
    let form = again
        .chooses("Ask somebody to do something…", &[&fay])
        .await;
    form.fills_in(&[("What should they do?", "read the slow query log")])
        .await;
    world.fay().in_channel(&channel).clicks("Done").await;
    world.advance(30.minutes()).await;
    let late = world
        .sam()
        .in_discord()
        .dm_channel()
        .map_or(0, |_| world.sam().dm().count("has not answered"));
    assert_eq!(late, 0, "nothing is left to be late");
    world.ends().await;
}

#[tokio::test]
async fn guesses_stand_on_the_board_until_their_fate_is_known() {
    let world = sam_has_it().await;
    let channel = world.channel("inc-0001-");
    let sam = world.sam().in_channel(&channel);
    for guess in ["the 02:41 release", "a full disk"] {
        let form = sam.types("/inc more what:think").await;
        form.fills_in(&[("In one line; a guess is enough", guess)])
            .await;
    }
    channel.expect_board("**BELIEF** a full disk – a guess");

    let guesses = sam.types("/inc more what:beliefs").await;
    guesses.clicks("Refuted").await;
    channel.expect_board("**BELIEF** the 02:41 release – a guess");
    let guesses = sam.types("/inc more what:beliefs").await;
    guesses.clicks("Supported").await;
    channel.expect_board("**BELIEF** the 02:41 release – supported, not confirmed");

    let states: Vec<HypothesisState> = world
        .incident(1)
        .await
        .hypotheses
        .iter()
        .map(|guess| guess.state)
        .collect();
    assert_eq!(
        states,
        [HypothesisState::Supported, HypothesisState::Refuted]
    );
    let lines = world.timeline(1).await;
    for words in ["We think it is: a full disk", "Refuted: a full disk"] {
        assert!(
            lines.iter().any(|line| line.text.contains(words)),
            "{words}"
        );
    }
    world.ends().await;
}

/// Priya reads, Sam responds, Mo may command.
async fn with_ranks() -> World {
    let world = Setup::default()
        .with("discord.responder_role", "responder")
        .with("discord.commander_role", "commander")
        .start()
        .await;
    world.discord().set_role_permissions(
        "@everyone",
        discord_sim::permissions::EVERYONE | discord_sim::permissions::MANAGE_GUILD,
    );
    world.alertmanager().fires("api-latency", "critical").await;
    world
}

/// Every command as somebody types it; those that end something come last.
const TYPED: &[(&str, &str)] = &[
    ("inc list", ""),
    ("inc show", ""),
    ("inc roles", ""),
    ("inc help", ""),
    ("inc more", ""),
    ("pm show", ""),
    ("runbook find", " words:database"),
    ("runbook show", " runbook:frontend"),
    ("runbook lint", ""),
    ("admin why", ""),
    ("admin maintenance", ""),
    ("admin check", ""),
    ("admin import", ""),
    ("runbook attach", " runbook:frontend"),
    ("inc log", " text:obs: looked"),
    ("inc update", ""),
    ("inc take", ""),
    ("inc phase", " to:mitigation"),
    ("inc sev", " level:sev1"),
    ("inc resolve", ""),
    ("pm close", ""),
    ("inc new", " title:something else"),
];

/// Types every command; its name, what it needs, and what was answered.
async fn types_everything(person: &Person<'_>) -> Vec<(&'static str, Needs, String)> {
    let mut answers = Vec::new();
    for (name, options) in TYPED {
        let needs = needs_of_command(name).expect("it is in the table");
        let answer = person.types(&format!("/{name}{options}")).await;
        answers.push((*name, needs, answer.text()));
    }
    answers
}

#[test]
fn every_command_is_walked_through() {
    let walked: BTreeSet<String> = TYPED.iter().map(|(name, _)| (*name).to_owned()).collect();
    let there: BTreeSet<String> = all()
        .iter()
        .flat_map(|command| {
            command
                .subcommands
                .iter()
                .map(move |verb| format!("{} {}", command.name, verb.name))
        })
        .collect();
    assert_eq!(walked, there);
}

#[tokio::test]
async fn whoever_may_only_read_is_refused_where_the_table_says_so_and_changes_nothing() {
    let world = with_ranks().await;
    let before = world.incident(1).await;
    let channel = world.channel("inc-0001-");
    let priya = world.priya().in_channel(&channel);
    for (name, needs, answer) in types_everything(&priya).await {
        let is_refused = answer.contains(ONLY_READ);
        assert_eq!(is_refused, needs > Needs::Viewer, "{name}: {answer}");
    }
    let after = world.incident(1).await;
    assert_eq!(
        (after.phase, after.severity),
        (before.phase, before.severity)
    );
    assert_eq!(after.command, None);
    priya.clicks("Take it").await.expect(ONLY_READ);
    world.ends().await;
}

#[tokio::test]
async fn neither_a_responder_nor_a_commander_is_kept_out_of_any_command() {
    for rank in ["sam", "mo"] {
        let world = with_ranks().await;
        let channel = world.channel("inc-0001-");
        let person = if rank == "sam" {
            world.sam()
        } else {
            world.mo()
        };
        for (name, _, answer) in types_everything(&person.in_channel(&channel)).await {
            assert!(!answer.contains(ONLY_READ), "{rank}, {name}: {answer}");
        }
        world.advance(1.minutes()).await;
        world.ends().await;
    }
}

/// Sam holds command: Ada is refused with his name, and asks him by one tap; Mo, whom the server lets command, is not.
#[tokio::test]
async fn what_takes_command_is_refused_to_a_responder_and_done_by_a_commander() {
    let world = with_ranks().await;
    let channel = world.channel("inc-0001-");
    world.sam().in_channel(&channel).clicks("Take it").await;
    let ada = world.ada().in_channel(&channel);
    let refused = ada.types("/inc sev level:sev3 reason:it is small").await;
    refused.expect("Only @sam, who holds command, can lower the severity");
    refused.clicks("Ask them").await;
    assert_eq!(world.incident(1).await.severity, Severity::Sev2);

    let mo = world.mo().in_channel(&channel);
    mo.types("/inc sev level:sev3 reason:it is small")
        .await
        .expect("Severity is SEV3 now.");
    assert_eq!(world.incident(1).await.severity, Severity::Sev3);
    world.ends().await;
}

/// Priya may only read. What she may not do, she asks of Sam, who does it with the button under her words.
#[tokio::test]
async fn whoever_may_only_read_asks_whoever_commands_with_one_tap() {
    let world = with_ranks().await;
    let channel = world.channel("inc-0001-");
    let sam = world.sam().in_channel(&channel);
    sam.clicks("Take it").await;
    let priya = world.priya().in_channel(&channel);
    let refused = priya.types("/inc log text:I see it too").await;
    refused.expect("@sam, who holds command, can do it for you.");
    refused.clicks("Ask them").await;
    channel.expect_once("🙋 @priya, who may only read, asks @sam: *Log*");
    let again = priya.types("/inc log text:I see it too").await;
    again.clicks("Ask them").await;
    channel.expect_once("who may only read");
    sam.clicks("Log").await.form();
    world.ends().await;
}

/// Nobody commands: a responder does it, and the timeline says that nobody did.
#[tokio::test]
async fn where_nobody_commands_it_is_recorded_and_not_refused() {
    let world = with_ranks().await;
    let channel = world.channel("inc-0001-");
    let ada = world.ada().in_channel(&channel);
    let why = ada.clicks("Not an incident").await;
    why.clicks("False alarm")
        .await
        .expect("Nobody held command, so it is noted that you did it.");
    assert_eq!(world.incident(1).await.phase, Phase::Cancelled);
    let lines = world.timeline(1).await;
    let noted = lines
        .iter()
        .filter(|line| line.text.contains("nobody held command"));
    assert_eq!(noted.count(), 1);
    world.ends().await;
}

/// At 03:02 two things fall due for Sam in the same minute. One is asked; the other waits for its five minutes.
#[tokio::test]
async fn at_night_one_person_is_asked_one_thing_in_five_minutes() {
    let world = sam_has_it().await;
    let channel = world.channel("inc-0001-");
    world
        .sam()
        .in_channel(&channel)
        .clicks("Start mitigating")
        .await;
    asks(&world, &world.ada(), "read the log", "5").await;
    world
        .sam()
        .in_channel(&channel)
        .says("act: AI features off")
        .await;
    let asked = || {
        let effect = channel.count("Effect of \"AI features off\"?");
        let late = match world.sam().in_discord().dm_channel() {
            Some(_) => world.sam().dm().count("has not answered"),
            None => 0,
        };
        effect + late
    };
    world.advance(4.minutes()).await;
    assert_eq!(asked(), 0);
    world.advance(2.minutes()).await;
    assert_eq!(asked(), 1, "one of the two");
    world.advance(3.minutes()).await;
    assert_eq!(asked(), 1, "the other waits");
    world.advance(3.minutes()).await;
    assert_eq!(asked(), 2, "and is not lost");
    world.ends().await;
}
