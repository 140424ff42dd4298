//! Every call against the local Discord, which refuses what Discord refuses.

use std::time::Duration;

use discord_sim::{LocalDiscord, Scope, Settings};
use serenity::builder::CreateCommand;
use serenity::model::id::RoleId;

use super::super::answers::{OverwriteFor, PermissionBits};
use super::super::gate::{Circuit, GateSettings, Lane};
use super::super::message::Ping;
use super::super::rest::RestSettings;
use super::*;

/// A local Discord and the bot's client on it.
struct Bench {
    discord: LocalDiscord,
    rest: Rest,
    general: ChannelId,
    guild: GuildId,
}

impl Bench {
    async fn set_up() -> Self {
        let discord = LocalDiscord::start(Settings::default())
            .await
            .expect("a free port");
        let mut settings = RestSettings::new(discord.url(), discord.token().into());
        settings.request_timeout = Duration::from_secs(1);
        let rest = Rest::new(settings, GateSettings::default()).expect("good settings");
        let general = discord.channel_named("general").expect("it is there").id;
        Self {
            general: ChannelId::new(general),
            guild: GuildId::new(discord.guild_id()),
            rest,
            discord,
        }
    }

    fn person(&self, login: &str) -> discord_sim::Person {
        self.discord.person(login).expect("a default person")
    }

    async fn post(&self, text: &str, nonce: &str) -> Result<Message, ApiError> {
        let nonce = Nonce::new(nonce).expect("short");
        let body = MessageBody::text(text);
        self.rest
            .create_message(self.general, &body, &nonce, &[])
            .await
    }

    fn refusals(&self) -> Vec<String> {
        self.discord
            .requests()
            .into_iter()
            .filter(|request| request.status >= 400)
            .map(|request| format!("{} {} {}", request.method, request.path, request.status))
            .collect()
    }

    fn expect_no_surprises(&self) {
        assert_eq!(self.refusals(), Vec::<String>::new());
        assert_eq!(self.discord.unknown_routes(), Vec::<String>::new());
    }
}

#[tokio::test]
async fn the_bot_learns_who_and_where_it_is() {
    let bench = Bench::set_up().await;
    let me = bench.rest.current_user().await.expect("a user");
    assert!(me.bot);
    let application = bench.rest.application().await.expect("an application");
    assert!(application.may_read_messages());
    let gateway = bench.rest.gateway_url().await.expect("an address");
    assert!(gateway.starts_with("ws://127.0.0.1:"), "{gateway}");
    let guild = bench.rest.guild(bench.guild).await.expect("a guild");
    assert_eq!(guild.name, "Northwind");
    let roles = bench.rest.guild_roles(bench.guild).await.expect("roles");
    assert!(roles.iter().any(|role| role.name == "responder"));
    let member = bench.rest.guild_member(bench.guild, me.id).await;
    assert_eq!(member.expect("a member").user.id, me.id);
    let commands = [CreateCommand::new("inc").description("Incidents")];
    let registered = bench
        .rest
        .register_guild_commands(application.id, bench.guild, &commands)
        .await
        .expect("registered");
    assert_eq!(registered[0].name, "inc");
    bench.expect_no_surprises();
}

#[tokio::test]
async fn a_private_channel_is_seen_only_by_those_it_is_for() {
    let bench = Bench::set_up().await;
    let responders = bench.discord.role_named("responder").expect("a role");
    let seeing = PermissionBits::VIEW_CHANNEL.and(PermissionBits::SEND_MESSAGES);
    let overwrite = |of, allow, deny| Overwrite { of, allow, deny };
    let channel = NewChannel {
        name: "inc-7-orders".to_owned(),
        kind: ChannelKind::Text,
        topic: Some("[ir:inc-7/open]".to_owned()),
        parent: None,
        overwrites: vec![
            overwrite(
                OverwriteFor::Role(RoleId::new(bench.guild.get())),
                PermissionBits::default(),
                PermissionBits::VIEW_CHANNEL,
            ),
            overwrite(
                OverwriteFor::Role(RoleId::new(responders)),
                seeing,
                PermissionBits::default(),
            ),
            overwrite(
                OverwriteFor::Member(UserId::new(bench.discord.bot_id())),
                seeing
                    .and(PermissionBits::MANAGE_CHANNELS)
                    .and(PermissionBits::READ_MESSAGE_HISTORY),
                PermissionBits::default(),
            ),
        ],
        position: None,
    };
    let rest = bench.rest.on(Lane::Opening).because("INC-7 declared");
    let made = rest
        .create_channel(bench.guild, &channel)
        .await
        .expect("made");
    assert_eq!(made.name.as_deref(), Some("inc-7-orders"));
    let listed = rest.guild_channels(bench.guild).await.expect("a list");
    let found = listed
        .iter()
        .find(|channel| channel.topic.as_deref() == Some("[ir:inc-7/open]"))
        .expect("the marker is found");
    assert_eq!(found.permission_overwrites.len(), 3);
    assert!(!bench.person("priya").sees(made.id.get()));
    let everything = ChannelEdit {
        overwrites: Some(channel.overwrites[1..].to_vec()),
        ..ChannelEdit::default()
    };
    rest.edit_channel(made.id, &everything)
        .await
        .expect("edited");
    assert!(bench.person("priya").sees(made.id.get()));
    rest.delete_channel(made.id).await.expect("deleted");
    bench.expect_no_surprises();
    rest.delete_channel(made.id).await.expect("gone already");
}

#[tokio::test]
async fn a_message_lives_from_post_to_deletion() {
    let bench = Bench::set_up().await;
    let rest = &bench.rest;
    let sam = bench.person("sam");
    let said = sam.say(bench.general.get(), "db is slow").expect("said");
    let file = File {
        name: "notes.md".to_owned(),
        content_type: "text/markdown; charset=utf-8",
        bytes: b"# Notes".to_vec(),
    };
    let body = MessageBody {
        content: format!("<@{}> noted", sam.id()),
        embeds: vec![json!({ "title": "INC-7", "url": "https://ir.example/i/7#inc-7/1" })],
        components: vec![json!({ "type": 1, "components": [
            { "type": 2, "style": 1, "label": "Ack", "custom_id": "v1:ack:7" }
        ] })],
        reply_to: Some(MessageId::new(said)),
        silent: true,
        ..MessageBody::default()
    }
    .ping(Ping::Person(UserId::new(sam.id())));
    let nonce = Nonce::new("inc-7/1").expect("short");
    let posted = rest
        .create_message(bench.general, &body, &nonce, &[file])
        .await
        .expect("posted");
    assert_eq!(posted.attachments[0].filename, "notes.md");
    assert_eq!(posted.embeds[0]["url"], "https://ir.example/i/7#inc-7/1");
    let edited = rest
        .edit_message(bench.general, posted.id, &MessageBody::text("over"))
        .await
        .expect("edited");
    assert_eq!((edited.embeds.len(), edited.components.len()), (0, 0));

    rest.pin(bench.general, posted.id).await.expect("pinned");
    let pins = rest.pins(bench.general).await.expect("pins");
    assert_eq!(pins[0].message.id, posted.id);
    rest.unpin(bench.general, posted.id).await.expect("off");

    rest.react(bench.general, posted.id, "📌")
        .await
        .expect("reacted");
    let people = rest.reaction_users(bench.general, posted.id, "📌").await;
    assert_eq!(people.expect("people")[0].id.get(), bench.discord.bot_id());
    rest.unreact(bench.general, posted.id, "📌")
        .await
        .expect("taken back");

    let seen = rest.get_message(bench.general, posted.id).await;
    assert_eq!(seen.expect("it is there").content, "over");
    rest.delete_message(bench.general, posted.id)
        .await
        .expect("deleted");
    bench.expect_no_surprises();
    rest.delete_message(bench.general, posted.id)
        .await
        .expect("gone already");
    let error = rest.get_message(bench.general, posted.id).await;
    assert!(error.expect_err("it is gone").is_gone());
}

#[tokio::test]
async fn history_is_read_page_by_page_without_gap_or_repeat() {
    let bench = Bench::set_up().await;
    let sam = bench.person("sam");
    let said: Vec<u64> = (0..7)
        .map(|number| {
            sam.say(bench.general.get(), &format!("line {number}"))
                .expect("said")
        })
        .collect();
    let mut cursor = Some(MessageId::new(said[0]));
    let mut read = Vec::new();
    loop {
        let page = bench
            .rest
            .on(Lane::Background)
            .messages_after(bench.general, cursor, 4)
            .await
            .expect("a page");
        read.extend(page.messages.iter().map(|message| message.id.get()));
        cursor = page.messages.last().map(|message| message.id).or(cursor);
        if !page.is_full {
            break;
        }
    }
    assert_eq!(read, said[1..]);
    bench.expect_no_surprises();
}

#[tokio::test]
async fn a_person_is_written_to_directly() {
    let bench = Bench::set_up().await;
    let priya = bench.person("priya");
    let dm = bench.rest.open_dm(UserId::new(priya.id())).await;
    let dm = dm.expect("opened");
    let nonce = Nonce::new("inc-7/2").expect("short");
    let body = MessageBody::text("It is over.");
    bench
        .rest
        .create_message(dm.id, &body, &nonce, &[])
        .await
        .expect("sent");
    assert_eq!(
        bench.discord.messages(dm.id.get())[0].content,
        "It is over."
    );
    bench.expect_no_surprises();
}

#[tokio::test]
async fn twelve_parallel_calls_into_a_small_bucket_meet_no_429() {
    let bench = Bench::set_up().await;
    let sam = bench.person("sam");
    let mut calls = tokio::task::JoinSet::new();
    for number in 0..12 {
        let said = sam.say(bench.general.get(), &format!("line {number}"));
        let message = MessageId::new(said.expect("said"));
        let (rest, channel) = (bench.rest.clone(), bench.general);
        calls.spawn(async move { rest.react(channel, message, "📌").await });
    }
    for result in calls.join_all().await {
        result.expect("each is done");
    }
    bench.expect_no_surprises();
}

#[tokio::test]
async fn the_same_nonce_after_a_lost_answer_posts_once() {
    let bench = Bench::set_up().await;
    let faults = bench.discord.faults();
    faults.on("POST", "/channels/*/messages").answer_lost();
    let lost = bench.post("declared", "inc-7/open").await;
    assert!(matches!(lost, Err(ApiError::Maybe { .. })), "{lost:?}");
    bench
        .post("declared", "inc-7/open")
        .await
        .expect("answered");
    let posted = bench.discord.messages(bench.general.get());
    assert_eq!(posted.len(), 1);
}

#[tokio::test]
async fn a_missing_permission_is_refused_with_its_mend() {
    let bench = Bench::set_up().await;
    let faults = bench.discord.faults();
    faults
        .on("PUT", "/channels/*/permissions/*")
        .forbidden(50_013);
    let overwrite = Overwrite {
        of: OverwriteFor::Member(UserId::new(bench.person("sam").id())),
        allow: PermissionBits::VIEW_CHANNEL,
        deny: PermissionBits::default(),
    };
    let refused = bench
        .rest
        .set_channel_permission(bench.general, &overwrite)
        .await
        .expect_err("refused");
    assert!(matches!(refused, ApiError::Refused(_)), "{refused}");
    assert!(
        refused.to_string().contains("Give the bot's role"),
        "{refused}"
    );
    assert_eq!(bench.rest.status().invalid_requests, 1);
}

#[tokio::test]
async fn after_a_global_429_nothing_is_sent_before_its_end() {
    let bench = Bench::set_up().await;
    let faults = bench.discord.faults();
    let pause = Duration::from_millis(400);
    faults
        .on("POST", "/channels/*/messages")
        .rate_limited(Scope::Global, pause);
    let started = super::super::pace::now();
    let posted = bench.post("after the pause", "inc-7/3").await;
    posted.expect("the second try is taken");
    assert!(started.elapsed() >= pause);
    assert_eq!(bench.refusals().len(), 1);
}

#[tokio::test]
async fn while_discord_is_down_the_circuit_opens_and_later_callers_are_told_at_once() {
    let bench = Bench::set_up().await;
    bench.discord.faults().on("*", "/**").always().status(503);
    let now_or_never = bench.rest.patience(Duration::from_millis(100));
    for _ in 0..5 {
        now_or_never.guild(bench.guild).await.expect_err("down");
    }
    assert!(matches!(bench.rest.status().circuit, Circuit::Open { .. }));
    let sent = bench.discord.requests().len();
    let error = now_or_never.guild(bench.guild).await.expect_err("down");
    assert!(
        error
            .retry_after()
            .is_some_and(|after| after > Duration::from_secs(4))
    );
    assert_eq!(bench.discord.requests().len(), sent);
}
