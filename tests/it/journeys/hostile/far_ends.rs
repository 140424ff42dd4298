//! Where the words leave Discord: the pager, the webhooks of the stakeholders, the postmortem and the export.

use std::process::Command;

use serde_json::Value;

use super::{hides_nothing, nobody_is_pinged_by_it, pings_nobody, texts, typed};
use crate::world::{Alert, Setup, Sink, Span as _, World};

/// The fields of a body that a webhook took; what is no JSON is none.
#[track_caller]
fn field<'body>(body: &'body Value, name: &str) -> &'body str {
    body[name]
        .as_str()
        .unwrap_or_else(|| panic!("no {name} in {body}"))
}

#[tokio::test]
async fn what_the_pager_is_told_of_hostile_alerts_is_one_plain_line() {
    let pager = Sink::start().await;
    let world = Setup::default()
        .with("policy.burst_window", "0s")
        .with("policy.max_active_incidents", "100")
        .pager(&pager)
        .start()
        .await;
    let texts = texts();
    for (number, text) in texts.iter().enumerate().step_by(9) {
        let alert = Alert::named(&format!("{} {number}", typed(text, 100)))
            .severity("critical")
            .service(&format!("service-{number}"))
            .label("team", &typed(text, 60))
            .summary(&typed(text, 2_000));
        world.alertmanager().sends(alert).await;
        world.advance(11.minutes()).await;
    }

    let told = pager.taken();
    let opened = world.incidents().await;
    assert_eq!(told.len(), opened, "each is paged, once");
    assert_eq!(opened, texts.len().div_ceil(9));
    for page in told {
        for name in ["title", "message"] {
            let said = field(&page, name);
            hides_nothing("a page", said);
            assert!(!said.contains(['@', '<', '>', '\n', '`']), "{said:?}");
        }
        assert!(field(&page, "message").chars().count() <= 100, "{page}");
    }
    nobody_is_pinged_by_it(&world);
    world.ends().await;
}

#[tokio::test]
async fn what_stakeholders_are_sent_of_hostile_words_is_valid_and_pings_nobody() {
    let (plain, slack) = (Sink::start().await, Sink::start().await);
    let world = Setup::default()
        .tells("status-page", "generic", &plain)
        .tells("team-chat", "slack", &slack)
        .start()
        .await;
    let title = format!("orders <!channel> \u{202e}fail {}", texts()[9]);
    let title = typed(&title.replace(['\n', '\r'], " "), 100);
    world.sam().types(&format!("/inc new {title}")).await;
    let sam = world.sam();
    let mut said: Vec<String> = texts().into_iter().step_by(7).collect();
    said.extend(
        [
            "<!channel> <!here> <!everyone> <@U012AB3CD> <!subteam^S012> <#C012>",
            "&lt;!channel&gt; <https://evil.example|our status page> \" \\ \u{7}",
        ]
        .map(str::to_owned),
    );
    for text in &said {
        world.advance(2.minutes()).await;
        let form = sam.clicks("Update").await.clicks("Edit…").await;
        // Whoever means a text that looks like a secret says so.
        let text = format!("anyway: {text}");
        form.fills_in(&[(
            "What they read, above the next promise",
            &typed(&text, 1_500),
        )])
        .await;
    }

    let (told, chat) = (plain.taken(), slack.taken());
    assert!(told.len() >= said.len(), "{} of {}", told.len(), said.len());
    assert_eq!(told.len(), chat.len());
    for update in told {
        hides_nothing("a title", field(&update, "title"));
        assert!(!field(&update, "text").is_empty());
    }
    for update in chat {
        // Without `link_names` and `parse`, only what stands in angle brackets pings.
        let keys: Vec<&String> = update.as_object().expect("an object").keys().collect();
        assert_eq!(keys, ["text"]);
        let text = field(&update, "text");
        assert!(!text.contains(['<', '>']), "{text}");
        let signs = text.matches('&').count();
        let escaped = ["&lt;", "&gt;", "&amp;"].map(|sign| text.matches(sign).count());
        assert_eq!(signs, escaped.iter().sum::<usize>(), "{text}");
    }
    // In Discord the words are a message of their own: a fence there swallows nobody else's line.
    pings_nobody(&world);
    world.ends().await;
}

/// An incident whose title, guesses, entries, cause and actions are these, from its beginning to its postmortem.
async fn night_with(words: &[String]) -> World {
    let world = World::new().await;
    let next = |number: usize, most: usize| typed(&words[number % words.len()], most);
    let title = next(0, 100).replace(['\n', '\r'], " ");
    world.sam().types(&format!("/inc new {title}")).await;
    let sam = world.sam();
    for number in 0..words.len() {
        sam.says(&format!("obs: {number} {}", next(number, 1_000)))
            .await;
    }
    for guess in (0..6).map(|number| next(number * 5 + 1, 300)) {
        world.advance(1.minutes()).await;
        let form = sam.types("/inc more what:think").await;
        form.fills_in(&[("In one line; a guess is enough", &guess)])
            .await;
    }
    sam.types("/inc more what:resolve")
        .await
        .clicks("Resolve anyway")
        .await;
    for number in 0..3 {
        let form = sam.types("/inc more what:cause").await;
        let labels: Vec<String> = form
            .form()
            .fields
            .iter()
            .filter_map(|field| match field {
                discord_sim::FormField::Text { label, .. } => Some(label.clone()),
                _ => None,
            })
            .collect();
        let filled: Vec<(String, String)> = labels
            .into_iter()
            .enumerate()
            .map(|(at, label)| (label, next(number * 4 + at, 500)))
            .collect();
        let filled: Vec<(&str, &str)> = filled
            .iter()
            .map(|(label, words)| (label.as_str(), words.as_str()))
            .collect();
        form.fills_in(&filled).await;
    }
    world.advance(1.minutes()).await;
    world
}

/// What the page is divided by. Its first line says which incident it is about, and its last section is there only where
/// somebody's words judge.
fn headings(markdown: &str) -> Vec<&str> {
    let lines = markdown.lines().skip(1);
    let headings = lines.filter(|line| line.starts_with('#'));
    headings.filter(|line| *line != WORDING).collect()
}

const WORDING: &str = "## Wording, for the owner";

#[tokio::test]
async fn hostile_words_put_no_heading_and_no_fence_into_a_postmortem_or_an_export() {
    let texts: Vec<String> = texts().into_iter().step_by(3).collect();
    let world = night_with(&texts).await;
    let page = world.postmortem(1).await;
    hides_nothing("a postmortem", &page);
    // Within a line these are letters, and in a list a fence ends with its item.
    let fence = page
        .lines()
        .find(|line| line.trim_start().starts_with("```"));
    assert_eq!(fence, None);

    let folder = world.folder();
    let exported = Command::new(env!("CARGO_BIN_EXE_bridgewatch"))
        .args(["export", "INC-0001", "--config"])
        .arg(folder.join("bridgewatch.toml"))
        .env(
            "BRIDGEWATCH__DATABASE__URL",
            format!("sqlite:{}", folder.join("bridgewatch.db").display()),
        )
        .output()
        .expect("the program starts");
    let (told, trouble) = (
        String::from_utf8(exported.stdout).expect("an export is text"),
        String::from_utf8_lossy(&exported.stderr).into_owned(),
    );
    assert!(exported.status.success(), "{trouble}");
    assert!(told.ends_with(&page), "the page stands at its end");
    hides_nothing("the board of an export", &told[..told.len() - page.len()]);

    let harmless = vec!["it is slow".to_owned()];
    let other = night_with(&harmless).await;
    let expected = other.postmortem(1).await;
    assert_eq!(headings(&page), headings(&expected));
    other.ends().await;
    world.ends().await;
}
