//! What `check --online` says when a step of the setup is missing, asked of a local Discord where it is.

use discord_sim::{LocalDiscord, PrivilegedIntents, Settings};

use super::*;

/// The settings of somebody who followed every step, changed in one place.
async fn checked(
    discord: &LocalDiscord,
    changed: &[(&str, String)],
    exercise: Option<Exercise>,
) -> Result<(), String> {
    let mut settings = vec![
        ("BRIDGEWATCH__DISCORD__TOKEN", discord.token()),
        (
            "BRIDGEWATCH__DISCORD__GUILD_ID",
            discord.guild_id().to_string(),
        ),
        ("BRIDGEWATCH__DISCORD__API_URL", discord.url()),
    ];
    for (key, value) in changed {
        settings.retain(|(known, _)| known != key);
        settings.push((key, value.clone()));
    }
    let settings = settings
        .into_iter()
        .map(|(key, value)| (key.to_owned(), value));
    let config = Config::load(None, settings).expect("the settings are right");
    online(&config, exercise)
        .await
        .map_err(|error| format!("{error:#}"))
}

async fn started(settings: Settings) -> LocalDiscord {
    LocalDiscord::start(settings).await.expect("a free port")
}

#[tokio::test]
async fn a_complete_setup_is_in_order_and_every_call_works() {
    let discord = started(Settings {
        rate_limits: discord_sim::RateLimits::Off,
        ..Settings::default()
    })
    .await;
    let before = discord.channels().len();
    let exercise = Exercise { person: None };
    assert_eq!(checked(&discord, &[], Some(exercise)).await, Ok(()));
    assert_eq!(discord.channels().len(), before);
}

#[tokio::test]
async fn a_wrong_token_is_named_with_where_to_get_a_new_one() {
    let discord = started(Settings::default()).await;
    let wrong = [("BRIDGEWATCH__DISCORD__TOKEN", "not.the.token".to_owned())];
    let said = checked(&discord, &wrong, None).await.expect_err("refused");
    assert!(said.starts_with("the token: "), "{said}");
    assert!(said.contains("401"), "{said}");
    assert!(!said.contains("not.the.token"), "{said}");
}

#[tokio::test]
async fn a_missing_intent_is_named_with_its_switch() {
    let discord = started(Settings {
        privileged_intents: PrivilegedIntents {
            message_content: false,
            ..PrivilegedIntents::default()
        },
        ..Settings::default()
    })
    .await;
    let said = checked(&discord, &[], None).await.expect_err("it is off");
    assert_eq!(
        said,
        "the message content intent is off, so prefixes are not read: developer portal → Bot → Privileged Gateway Intents → Message Content"
    );
}

#[tokio::test]
async fn a_server_without_the_bot_is_named_with_the_invitation() {
    let discord = started(Settings::default()).await;
    let elsewhere = [(
        "BRIDGEWATCH__DISCORD__GUILD_ID",
        "123456789012345678".to_owned(),
    )];
    let said = checked(&discord, &elsewhere, None)
        .await
        .expect_err("it is not there");
    assert!(
        said.starts_with("the server 123456789012345678: "),
        "{said}"
    );
    let invitation = format!(
        "https://discord.com/oauth2/authorize?client_id={}&scope=bot+applications.commands&permissions={}",
        discord.bot_id(),
        permission_integer()
    );
    assert!(said.ends_with(&invitation), "{said}");
}

#[tokio::test]
async fn each_missing_permission_is_named_as_discord_names_it() {
    // What everybody has by default is taken away first, or the bot would have it from there.
    for (bits, words) in NEEDED {
        let discord = started(Settings {
            bot_permissions: permission_integer() & !bits.0,
            ..Settings::default()
        })
        .await;
        assert!(discord.set_role_permissions("@everyone", 0));
        let said = checked(&discord, &[], None).await.expect_err(words);
        assert_eq!(
            said,
            format!(
                "the bot's role lacks: {words}. Server Settings → Roles, or invite it again with permissions={}",
                permission_integer()
            )
        );
    }
}

#[tokio::test]
async fn a_discord_that_cannot_be_reached_is_no_wrong_token() {
    let discord = started(Settings::default()).await;
    let nobody = [(
        "BRIDGEWATCH__DISCORD__API_URL",
        "http://127.0.0.1:9".to_owned(),
    )];
    let said = checked(&discord, &nobody, None).await.expect_err("nobody");
    assert!(said.contains("no connection to Discord"), "{said}");
}

#[test]
fn the_readme_invites_with_what_is_needed() {
    let readme = include_str!("../../README.md");
    let number = format!("permissions={}`", permission_integer());
    assert!(readme.contains(&number), "README.md should have {number}");
}

#[test]
fn the_operators_page_lists_what_is_needed() {
    let page = include_str!("../../docs/operating.md").replace("\n   ", " ");
    for (_, words) in NEEDED {
        assert!(
            page.contains(words),
            "docs/operating.md should list {words}"
        );
    }
}
