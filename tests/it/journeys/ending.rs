//! The end: asked, not enforced; and a postmortem that is there before anybody thinks of it.

use std::time::Duration;

use bridgewatch::clock::monotonic;
use bridgewatch_core::phase::Phase;
use bridgewatch_core::postmortem::SECTIONS;
use bridgewatch_core::timeline::Kind;

use crate::world::{Span as _, World};

/// A section of a postmortem, without its heading.
fn section_of(postmortem: &str, number: usize) -> &str {
    let heading = format!("\n## {number}. ");
    let (_, section) = postmortem
        .split_once(&heading)
        .unwrap_or_else(|| panic!("no section {number}:\n{postmortem}"));
    let section = section.split("\n## ").next().unwrap_or_default();
    let (_, text) = section.split_once('\n').unwrap_or_default();
    text.trim()
}

async fn fought_for(world: &World) {
    world.everything_burns().await;
    world.sam().takes_it().await;
    world
        .sam()
        .says("obs: 100/100 connections, most from ai-worker")
        .await;
    world
        .sam()
        .clicks("More…")
        .await
        .clicks("We think it is…")
        .await
        .fills_in(&[(
            "In one line; a guess is enough",
            "AI workers hold connections since 02:41",
        )])
        .await;
    world.advance(10.minutes()).await;
    world.sam().clicks("Start mitigating").await;
    world.sam().says("act: AI features off").await;
    world.advance(30.minutes()).await;
}

/// Acceptance scenario 17: resolving against the checks is asked, noted and never blocked.
#[tokio::test]
async fn all_clear_guard() {
    let world = World::new().await;
    fought_for(&world).await;
    let channel = world.channel("inc-0001-");

    let asked = world.sam().types("/inc resolve").await;
    asked
        .expect("✗ 3 attached alerts still fire")
        .expect("critical validation checks are not ticked")
        .expect("✗ Nobody has said that user impact is over")
        .expect_private();
    assert!(world.incident(1).await.is_active(), "nothing is done yet");

    asked
        .clicks("Resolve anyway")
        .await
        .expect("Resolved. Thank you.");

    let incident = world.incident(1).await;
    assert_eq!(incident.phase, Phase::Learning);
    let decisions: Vec<String> = world
        .timeline(1)
        .await
        .into_iter()
        .filter(|line| line.kind == Kind::Decision)
        .map(|line| line.text)
        .collect();
    assert_eq!(decisions.len(), 1, "{decisions:?}");
    assert!(
        decisions[0].starts_with("Resolved anyway, although: 3 attached alerts still fire; ")
            && decisions[0].contains("Nobody has said that user impact is over")
            && decisions[0].ends_with("nobody has said who was hurt"),
        "{decisions:?}"
    );
    channel.expect_line("Not met, and noted: 3 attached alerts still fire");

    let draft = world.sam().clicks("All-clear").await;
    draft.expect("Whether data was lost is not known yet");
    draft.clicks("Send: nothing lost").await;
    world
        .channel("status-internal")
        .expect_once("Nothing was lost.");
    channel.expect_line("The all-clear went out");
    world.ends().await;
}

/// Acceptance scenario 20: a postmortem draft follows within ten seconds filled from what is stored.
#[tokio::test]
async fn postmortem_draft() {
    let world = World::new().await;
    fought_for(&world).await;
    let started = monotonic();

    world
        .sam()
        .types("/inc resolve")
        .await
        .clicks("Resolve anyway")
        .await;

    assert!(started.elapsed() < Duration::from_secs(10));
    let draft = world.postmortem(1).await;
    assert!(
        draft.starts_with("# INC-0001 – "),
        "section 0 is the head:\n{draft}"
    );
    assert!(
        draft.contains("CET (Europe/Berlin); all times below are UTC"),
        "{draft}"
    );
    let lines: Vec<&str> = draft.lines().collect();
    let heads: Vec<&str> = lines
        .windows(2)
        .filter(|pair| pair[1].starts_with("|---"))
        .map(|pair| pair[0])
        .filter(|head| head.contains("Time") || head.contains("Began"))
        .collect();
    assert!(heads.len() >= 4, "{heads:?}");
    assert!(heads.iter().all(|head| head.contains("(UTC)")), "{heads:?}");
    let titles: Vec<&str> = draft
        .lines()
        .filter_map(|line| line.strip_prefix("## ")?.split_once(". "))
        .map(|(_, title)| title)
        .collect();
    assert_eq!(
        titles[..SECTIONS.len()],
        SECTIONS,
        "every section, in its place"
    );
    for (section, fact) in [
        (1, "AI workers hold connections since 02:41"),
        (
            2,
            "| 2026-11-21 01:55:00 (estimate) | 2026-11-21 02:42:45 | 47 min | SEV1 |",
        ),
        (3, "| Acknowledged | 2026-11-21 02:02:45 | exact |"),
        (4, "| On-Call Engineer | AI features off |"),
        (
            5,
            "| ApiErrorRateHigh | 2026-11-21 01:55:00 | still firing |",
        ),
        (
            6,
            "02:02 AI workers hold connections since 02:41 – **open**",
        ),
        (6, "seen: 100/100 connections, most from ai-worker"),
        (7, "| 02:12 | AI features off | On-Call Engineer |"),
        (7, "It was resolved although: 3 attached alerts still fire"),
        (11, "| On-Call Engineer accepted after | 45 s |"),
        (12, "Runbook `scenario-3am`"),
    ] {
        let text = section_of(&draft, section);
        assert!(
            text.contains(fact),
            "section {section} does not say `{fact}`:\n{text}"
        );
    }
    let cause = section_of(&draft, 8);
    let lines: Vec<&str> = cause.lines().filter(|line| !line.is_empty()).collect();
    assert!(
        lines
            .iter()
            .all(|line| line.starts_with("> **To be answered:**")),
        "what only people know is asked, and nothing is answered for them: {cause}"
    );
    for asked in [
        "**Trigger:** what started it?",
        "**Root cause:** as established, with the evidence.",
        "**Contributing factors:**",
    ] {
        assert!(cause.contains(asked), "`{asked}` is not asked: {cause}");
    }
    let posted = world.channel("inc-0001-");
    let file = posted
        .messages()
        .into_iter()
        .flat_map(|message| message.view.attachments)
        .next()
        .expect("the draft is posted as a file");
    assert_eq!(file.filename, "INC-0001-postmortem-v1.md");
    assert_eq!(String::from_utf8_lossy(&file.bytes), draft);

    world.advance(10.hours()).await;
    let refused = world.sam().clicks("Close").await;
    refused
        .expect("write cause and contributing factors")
        .expect("decide at least one action of kind threshold, playbook or observability");
    assert_eq!(world.incident(1).await.phase, Phase::Learning);
    world.ends().await;
}

/// What closing asks for can all be given by buttons and forms, and then it closes.
#[tokio::test]
async fn an_incident_closes_once_its_lessons_are_written() {
    let world = World::new().await;
    fought_for(&world).await;
    world
        .sam()
        .types("/inc resolve")
        .await
        .clicks("Resolve anyway")
        .await;
    world.advance(10.hours()).await;
    is_closed_with_its_lessons(&world).await;

    let incident = world.incident(1).await;
    assert_eq!(incident.phase, Phase::Closed);
    let last = world.postmortem(1).await;
    assert!(last.contains("no limit per worker"), "{last}");
    assert!(
        last.contains("Alert on the age of the oldest task"),
        "{last}"
    );
    world.ends().await;
}

/// Kim and the others write what closing asks for, and Sam closes.
pub(super) async fn is_closed_with_its_lessons(world: &World) {
    world
        .kim()
        .clicks("Cause and factors")
        .await
        .fills_in(&[
            ("Trigger: what started it", "Release 2026.11.3 at 02:41"),
            (
                "Cause, as established",
                "AI workers kept their connections while inference hung",
            ),
            (
                "Contributing factors, one per line",
                "- no limit per worker\n- the alert watched length, not age",
            ),
        ])
        .await
        .expect("Cause and factors are in the postmortem");
    world
        .kim()
        .clicks("Add action")
        .await
        .clicks("threshold")
        .await
        .fills_in(&[
            (
                "Do what? Start with a verb",
                "Alert on the age of the oldest task",
            ),
            ("Who: me, or a Discord user id", "me"),
            ("By when: 2027-01-31, 10d or 4w", "4w"),
        ])
        .await
        .expect("Action 1 is in the postmortem");
    world
        .mo()
        .clicks("Reviewed")
        .await
        .expect("Marked as reviewed by you");
    world.sam().clicks("Close").await.expect("Closed.");
    let room = world.channel("inc-0001-");
    room.expect_once("The runbook ended with the incident.");
    room.expect_board("**CAUSE** ");
}

/// It is over at a quarter past three. Nobody hears of drafts, reviews or promises before the morning, and the promise that
/// was out does not ring after the end.
#[tokio::test]
async fn nobody_is_reminded_of_anything_in_the_night_after_the_end() {
    let world = World::new().await;
    fought_for(&world).await;
    world.mo().in_dm().clicks("Accept").await;
    // Whoever writes the timeline is whom the gaps in it would be asked about.
    world.kim().in_dm().clicks("Accept").await;
    world
        .sam()
        .types("/inc resolve")
        .await
        .clicks("Resolve anyway")
        .await;
    world.advance(2.minutes()).await;
    let heard = || {
        let people = [
            world.sam(),
            world.mo(),
            world.kim(),
            world.ada(),
            world.fay(),
        ];
        let direct = people.into_iter().filter(|person| person.was_written_to());
        let rooms = direct.map(|person| person.dm());
        let pinging = rooms
            .chain([world.channel("inc-0001-"), world.channel("incidents")])
            .flat_map(|room| room.messages())
            .map(|message| message.view.id);
        pinging.collect::<Vec<_>>()
    };
    let before = heard();
    world.advance(4.hours()).await;
    assert_eq!(heard(), before, "somebody was written to in the night");
    world.ends().await;
}
