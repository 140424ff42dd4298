//! What people can do, and what a client would not let them.

use discord_sim::ChannelKind;

use crate::bot::{connected, started};

#[tokio::test]
async fn the_default_guild_has_its_people() {
    let bot = started().await;
    for (login, name) in [
        ("sam", "Sam"),
        ("ada", "Ada"),
        ("fay", "Fay"),
        ("mo", "Mo"),
        ("kim", "Kim"),
        ("priya", "Priya"),
    ] {
        assert_eq!(bot.person(login).name(), name);
    }
    assert!(bot.discord.person("nobody").is_none());
    for role in ["responder", "commander", "stakeholder"] {
        assert!(bot.discord.role_named(role).is_some(), "{role}");
    }
}

#[tokio::test]
async fn people_talk_reply_edit_react_and_delete() {
    let bot = started().await;
    let (sam, ada) = (bot.person("sam"), bot.person("ada"));
    let asked = sam
        .say(bot.general, "who looks at checkout?")
        .expect("sam may write");
    let answered = ada.reply(bot.general, asked, "me").expect("ada may reply");
    ada.edit(bot.general, answered, "me, now")
        .expect("ada may edit her words");
    assert!(sam.edit(bot.general, answered, "not me").is_err());
    sam.react(bot.general, answered, "❤️")
        .expect("sam may react");
    ada.react(bot.general, answered, "❤")
        .expect("ada may react");
    let seen = ada.visible_messages(bot.general);
    assert_eq!(seen[1].content, "me, now");
    assert!(seen[1].edited_at.is_some());
    assert_eq!(seen[1].reactions[0].user_ids, [sam.id(), ada.id()]);
    let reply_to = seen[1].reply_to.as_ref().expect("it is a reply");
    assert_eq!(
        (reply_to.author.as_str(), reply_to.excerpt.as_str()),
        ("Sam", "who looks at checkout?")
    );
    sam.unreact(bot.general, answered, "❤️")
        .expect("sam may take it back");
    assert!(sam.delete(bot.general, answered).is_err());
    ada.delete(bot.general, answered)
        .expect("ada may delete her words");
    assert_eq!(bot.general_texts(), ["who looks at checkout?"]);
}

#[tokio::test]
async fn a_client_counts_characters_before_it_sends() {
    let bot = started().await;
    let refused = bot
        .person("sam")
        .say(bot.general, &"x".repeat(2001))
        .expect_err("that is too long");
    assert_eq!(
        refused.to_string(),
        "your message is too long: 2001 of 2000 characters"
    );
    assert_eq!(
        bot.person("sam")
            .say(bot.general, " ")
            .map_err(|refused| refused.0),
        Err("Cannot send an empty message".into())
    );
}

#[tokio::test]
async fn people_send_files() {
    let (bot, mut gateway) = connected().await;
    bot.person("sam")
        .attach(bot.general, "the graph", "graph.png", b"png")
        .expect("sam may attach");
    let heard = gateway.expect("MESSAGE_CREATE").await;
    assert_eq!(heard["attachments"][0]["content_type"], "image/png");
    assert_eq!(
        bot.discord.messages(bot.general)[0].attachments[0].filename,
        "graph.png"
    );
}

/// A link to a file is a secret that tells itself: good for a day, and only as it was given out.
#[tokio::test]
async fn a_link_to_a_file_expires_and_the_message_has_a_fresh_one() {
    let bot = started().await;
    let said = bot
        .person("sam")
        .attach(bot.general, "the graph", "graph.png", b"png")
        .expect("sam may attach");
    let read = async || {
        let path = format!("/channels/{}/messages/{said}", bot.general);
        let message = bot.get(&path).await.body;
        let link = message["attachments"][0]["url"].as_str();
        link.expect("a file has a link").to_owned()
    };
    let status = async |link: &str| bot.http.get(link).send().await.expect("an answer").status();
    let first = read().await;
    assert_eq!(status(&first).await, 200);
    for forged in [
        first.replace("ex=", "ex=f"),
        first.split('?').next().unwrap_or_default().to_owned(),
        first.replace("graph", "other"),
    ] {
        assert_eq!(status(&forged).await, 404, "{forged}");
    }

    bot.passes(chrono::TimeDelta::hours(25));

    assert_eq!(status(&first).await, 404);
    let second = read().await;
    assert_eq!(status(&second).await, 200);
    bot.discord.expire_attachment_links();
    assert_eq!(status(&second).await, 404);
    assert_eq!(status(&read().await).await, 200);
}

#[tokio::test]
async fn channels_are_listed_as_a_client_lists_them() {
    let bot = started().await;
    let added = bot.discord.add_channel("Status Updates");
    assert_eq!(
        bot.discord
            .channel_named("status-updates")
            .map(|view| view.id),
        Some(added)
    );
    bot.person("priya")
        .open_dm()
        .expect("anybody may write to the bot");
    let listed: Vec<(String, ChannelKind)> = bot
        .discord
        .channels()
        .into_iter()
        .map(|view| (view.name, view.kind))
        .collect();
    let expected = [
        ("general", ChannelKind::Text),
        ("status-updates", ChannelKind::Text),
        ("Priya", ChannelKind::Dm),
    ];
    assert_eq!(listed, expected.map(|(name, kind)| (name.to_owned(), kind)));
}

#[tokio::test]
async fn a_stopped_discord_frees_its_port() {
    let bot = started().await;
    let url = bot.discord.url();
    let listen = url
        .trim_start_matches("http://")
        .parse()
        .expect("the url ends in an address");
    bot.discord.clone().stop().await;
    let again = discord_sim::LocalDiscord::start(discord_sim::Settings {
        listen,
        ..crate::bot::quiet()
    })
    .await;
    assert_eq!(again.map(|discord| discord.url()).ok(), Some(url));
}

#[tokio::test]
async fn a_taken_port_is_named_in_the_error() {
    let bot = started().await;
    let listen = bot
        .discord
        .url()
        .trim_start_matches("http://")
        .parse()
        .expect("the url ends in an address");
    let error = discord_sim::LocalDiscord::start(discord_sim::Settings {
        listen,
        ..crate::bot::quiet()
    })
    .await;
    let told = error
        .err()
        .map(|error| error.to_string())
        .unwrap_or_default();
    assert!(
        told.starts_with(&format!("cannot listen on {listen}: ")),
        "{told}"
    );
}
