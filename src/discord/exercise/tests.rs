//! Against the local Discord everything is as expected, and nothing stays, whatever goes wrong.

use std::time::Duration;

use discord_sim::{LocalDiscord, RateLimits, Settings};

use super::super::gate::GateSettings;
use super::super::rest::RestSettings;
use super::*;

/// A local Discord, and what the bot must know of it.
struct Stage {
    discord: LocalDiscord,
    rest: Rest,
    setting: Setting,
}

impl Stage {
    async fn set_up() -> Self {
        Self::with(Settings::default()).await
    }

    async fn with(settings: Settings) -> Self {
        let discord = LocalDiscord::start(Settings {
            rate_limits: RateLimits::Off,
            ..settings
        })
        .await
        .expect("a free port");
        let mut settings = RestSettings::new(discord.url(), discord.token().into());
        settings.request_timeout = Duration::from_secs(1);
        let rest = Rest::new(settings, GateSettings::default()).expect("good settings");
        let setting = Setting {
            guild: GuildId::new(discord.guild_id()),
            application: ApplicationId::new(discord.bot_id()),
            bot: UserId::new(discord.bot_id()),
            person: None,
        };
        Self {
            discord,
            rest,
            setting,
        }
    }

    /// The names of the server's channels, and how many messages each of them holds.
    fn server(&self) -> Vec<(String, usize)> {
        let channels = self.discord.channels();
        let channels = channels.iter();
        channels
            .map(|channel| {
                (
                    channel.name.clone(),
                    self.discord.messages(channel.id).len(),
                )
            })
            .collect()
    }

    async fn exercise(&self) -> Vec<Finding> {
        let mut exercise = Exercise::new(&self.rest, self.setting, |_| {});
        exercise.make_every_call().await;
        exercise.clean_up().await;
        exercise.findings
    }
}

fn not_ok(findings: &[Finding]) -> Vec<String> {
    let findings = findings.iter();
    findings
        .filter(|finding| !matches!(finding.verdict, Verdict::Ok | Verdict::Skipped(_)))
        .map(ToString::to_string)
        .collect()
}

#[tokio::test]
async fn the_local_discord_answers_as_expected_and_is_left_as_it_was() {
    let mut stage = Stage::set_up().await;
    let before = stage.server();
    let sam = stage.discord.person("sam").expect("a default person");
    stage.setting.person = Some(UserId::new(sam.id()));
    let findings = stage.exercise().await;
    assert_eq!(not_ok(&findings), Vec::<String>::new());
    assert!(findings.len() > 50, "{} looks", findings.len());
    assert_eq!(stage.discord.unknown_routes(), Vec::<String>::new());

    let direct_is_empty = |(name, messages): &(String, usize)| {
        !before.contains(&(name.clone(), *messages)) && *messages == 0
    };
    let mut after = stage.server();
    after.retain(|channel| !direct_is_empty(channel));
    assert_eq!(after, before, "only an empty direct channel may be new");
    let commands = stage
        .rest
        .guild_commands(stage.setting.application, stage.setting.guild)
        .await;
    assert_eq!(commands.expect("a list"), []);
}

#[tokio::test]
async fn a_server_that_answers_otherwise_is_told_apart_from_one_that_fails() {
    let stage = Stage::with(Settings {
        nonce_window: Duration::ZERO,
        ..Settings::default()
    })
    .await;
    let before = stage.server();
    let findings = stage.exercise().await;
    let told = not_ok(&findings);
    assert_eq!(told.len(), 2, "{told:#?}");
    assert!(
        told[0].starts_with("exercise: otherwise  the same nonce gives the first message: "),
        "{told:#?}"
    );
    assert!(
        told[1].starts_with(
            "exercise: otherwise  post with the nonce of a message that is gone: it worked"
        ),
        "{told:#?}"
    );
    assert_eq!(stage.server(), before);
}

#[tokio::test]
async fn nothing_is_left_when_calls_fail() {
    for (method, route) in [
        ("POST", "/channels/*/messages"),
        ("GET", "/channels/*/messages/*"),
        ("PUT", "/channels/*/messages/pins/*"),
        ("PUT", "/channels/*/permissions/*"),
        ("PUT", "/applications/*/guilds/*/commands"),
    ] {
        let stage = Stage::set_up().await;
        let before = stage.server();
        stage
            .discord
            .faults()
            .on(method, route)
            .always()
            .forbidden(50013);
        let findings = stage.exercise().await;
        let failed = findings
            .iter()
            .any(|finding| matches!(finding.verdict, Verdict::Failed(_)));
        assert!(failed, "{method} {route}: {:?}", not_ok(&findings));
        assert_eq!(stage.server(), before, "{method} {route}");
    }
}

#[tokio::test]
async fn an_exercise_that_was_killed_is_cleaned_up_by_the_next() {
    let stage = Stage::set_up().await;
    let before = stage.server();
    let mut killed = Exercise::new(&stage.rest, stage.setting, |_| {});
    killed.open_channels().await.expect("a channel");
    assert_ne!(stage.server(), before);
    let findings = stage.exercise().await;
    assert_eq!(not_ok(&findings), Vec::<String>::new());
    assert_eq!(stage.server(), before);
}

#[tokio::test]
async fn what_cannot_be_removed_is_named() {
    let stage = Stage::set_up().await;
    stage
        .discord
        .faults()
        .on("DELETE", "/channels/*")
        .always()
        .forbidden(50013);
    let findings = stage.exercise().await;
    let last = findings.last().expect("the cleaning").to_string();
    assert!(last.starts_with("exercise: FAILED"), "{last}");
    assert!(
        last.ends_with("delete the category bridgewatch-exercise by hand"),
        "{last}"
    );
}

#[tokio::test]
async fn a_channel_that_somebody_put_into_the_category_stays() {
    let stage = Stage::set_up().await;
    let exercise = Exercise::new(&stage.rest, stage.setting, |_| {});
    let mut exercise = exercise;
    exercise.open_channels().await.expect("a channel");
    let channels = stage.rest.guild_channels(stage.setting.guild).await;
    let channels = channels.expect("a list");
    let category = channels
        .iter()
        .find(|channel| channel.name.as_deref() == Some(CATEGORY))
        .expect("the category");
    let theirs = super::super::calls::NewChannel {
        name: "theirs".to_owned(),
        kind: super::super::answers::ChannelKind::Text,
        topic: None,
        parent: Some(category.id),
        overwrites: Vec::new(),
        position: None,
    };
    let made = stage
        .rest
        .create_channel(stage.setting.guild, &theirs)
        .await;
    made.expect("a channel");
    exercise.clean_up().await;
    let names: Vec<String> = stage.server().into_iter().map(|(name, _)| name).collect();
    assert!(names.contains(&"theirs".to_owned()), "{names:?}");
    assert!(
        !names.iter().any(|name| name.starts_with("exercise")),
        "{names:?}"
    );
    let told = exercise.findings.last().expect("the cleaning").to_string();
    assert!(
        told.contains("left behind, delete by hand: bridgewatch-exercise"),
        "{told}"
    );
}
