//! Reading the timeline, mending it, and being asked about what it does not say.

use bridgewatch_core::incident::MilestoneName;
use bridgewatch_core::timeline::{Entry, EntryState, Importance, Kind};

use crate::world::{Span as _, World};

async fn the_line(world: &World, part: &str) -> Entry {
    let lines = world.timeline(1).await;
    let mut found: Vec<Entry> = lines
        .into_iter()
        .filter(|line| line.text.contains(part))
        .collect();
    match (found.pop(), found.len()) {
        (Some(line), 0) => line,
        (_, more) => world.fail(&format!("{more} lines say `{part}`, not one")),
    }
}

/// Whoever sits up in bed reads in one card how things stand, and the next time only what is new to them.
#[tokio::test]
async fn catching_up_says_how_things_stand_and_then_what_is_new() {
    let world = World::new().await;
    world.everything_burns().await;
    world.sam().takes_it().await;
    world.sam().says("act: AI features off").await;

    let first = world.kim().types("/inc show view:catch-up").await;
    first
        .expect_private()
        .expect("commands")
        .expect("last done: AI features off")
        .expect("Key moments");
    assert!(
        !first.text().contains("since you looked"),
        "it is the first look"
    );

    world.advance(3.minutes()).await;
    world.sam().says("obs: 5xx at 9 %").await;
    let second = world.kim().types("/inc show view:catch-up").await;
    second.expect("2 new since you looked").expect("5xx at 9 %");
    let third = world.kim().types("/inc show view:catch-up").await;
    third.expect("Nothing new since you looked");
    let by_sam = world.sam().types("/inc show view:catch-up").await;
    assert!(
        !by_sam.text().contains("since you looked"),
        "what somebody has read is remembered for each"
    );
    world.ends().await;
}

/// A line is opened from the view, mended with a reason, and still says what it said before.
#[tokio::test]
async fn a_line_is_mended_and_says_what_it_said_before() {
    let world = World::new().await;
    world.everything_burns().await;
    world.sam().takes_it().await;
    world.sam().says("obs: first 500s").await;
    let before = the_line(&world, "first 500s").await;
    let number = before.number.expect("a stored line has its number");

    let opened = world.kim().types(&format!("/inc more what:{number}")).await;
    opened.expect("first 500s").expect("importance: normal");
    let saved = opened
        .clicks("Edit…")
        .await
        .fills_in(&[
            ("What happened", "first 502s"),
            ("When", "02:47"),
            ("Why (needed once it is closed)", "read the edge log"),
        ])
        .await;
    saved.expect("first 502s").expect("read the edge log");
    let after = the_line(&world, "first 502s").await;
    assert_eq!(after.number, before.number);
    assert_eq!(after.event_at.format("%H:%M").to_string(), "01:47");
    assert_eq!(after.revisions[0].text, "first 500s");

    saved.clicks("Make it key").await.expect("importance: key");
    let after = the_line(&world, "first 502s").await;
    assert_eq!(after.importance, Importance::Key);
    assert_eq!(after.revisions.len(), 2);
    world
        .kim()
        .types("/inc show view:timeline")
        .await
        .expect("first 502s")
        .expect("✎");
    world.ends().await;
}

/// A correction shows what it does to the measures, and nothing is saved before somebody says so.
#[tokio::test]
async fn a_corrected_time_shows_what_it_changes_before_it_is_saved() {
    let world = World::new().await;
    world.everything_burns().await;
    world.sam().takes_it().await;
    world.sam().says("obs: first 500s in the edge log").await;
    let number = the_line(&world, "first 500s")
        .await
        .number
        .expect("a stored line has its number");
    let start = async || {
        let incident = world.incident(1).await;
        incident
            .milestones
            .current(MilestoneName::ImpactStart)
            .cloned()
            .expect("an alert gives an estimate")
    };
    let estimated = start().await;

    let form = world
        .kim()
        .types("/inc show view:times")
        .await
        .chooses("Correct a time…", &["impact_start"])
        .await;
    let preview = form
        .fills_in(&[
            ("Time (Europe/Berlin)", "02:47"),
            ("What shows it: T-14 or a link", &number.to_string()),
        ])
        .await;
    preview.expect("Time to detect").expect("→");
    assert_eq!(start().await, estimated, "looking changes nothing");

    preview.clicks("Save").await;
    let corrected = start().await;
    assert_eq!(corrected.at.format("%H:%M").to_string(), "01:47");
    assert_eq!(corrected.evidence, Some(number));
    world.ends().await;
}

/// The same noted twice in a row is one line, and whoever meant both keeps both.
#[tokio::test]
async fn a_slip_that_notes_the_same_twice_is_one_line() {
    let world = World::new().await;
    world.everything_burns().await;
    world.sam().takes_it().await;
    let log = "/inc log text:obs: the AI workers hold all the connections";
    world.sam().types(log).await.expect("observation");

    let again = world.sam().types(log).await;
    again.expect("You said so a moment ago");
    let lines = world.timeline(1).await;
    let same: Vec<&Entry> = lines
        .iter()
        .filter(|line| line.text.contains("AI workers"))
        .collect();
    assert_eq!(same.len(), 2, "nothing is thrown away");
    assert!(matches!(same[1].state, EntryState::Merged { .. }));
    again.clicks("Keep both").await;
    let lines = world.timeline(1).await;
    let standing = lines
        .iter()
        .filter(|line| line.text.contains("AI workers") && line.is_active());
    assert_eq!(standing.count(), 2);
    world.ends().await;
}

/// A time in the future costs no line: it is noted as written, and one tap says that it was meant.
#[tokio::test]
async fn a_time_that_is_hardly_meant_is_asked_about() {
    let world = World::new().await;
    world.everything_burns().await;
    world.sam().takes_it().await;
    world
        .sam()
        .says("@2026-11-10 02:47 obs: the certificate was changed")
        .await;
    let line = the_line(&world, "the certificate").await;
    assert_eq!(line.event_at.date_naive(), world.now().date_naive());

    world
        .channel("inc-0001-")
        .expect_once("lies long before the incident");
    world.kim().clicks("It is 2026-11-10 01:47 UTC").await;
    let line = the_line(&world, "the certificate").await;
    assert_eq!(
        line.event_at.format("%Y-%m-%d %H:%M").to_string(),
        "2026-11-10 01:47"
    );
    world.ends().await;
}

/// A decision is noted with what it was made from.
#[tokio::test]
async fn a_decision_says_what_it_was_made_from() {
    let world = World::new().await;
    world.everything_burns().await;
    world.sam().takes_it().await;
    world
        .sam()
        .types("/inc more what:decision")
        .await
        .fills_in(&[
            ("What was decided", "roll back"),
            ("Why", "failing over may lose writes"),
            ("What else was considered", "fail over"),
        ])
        .await;
    let line = the_line(&world, "roll back").await;
    assert_eq!(line.kind, Kind::Decision);
    world
        .kim()
        .types("/inc show view:decisions")
        .await
        .expect("because failing over may lose writes; instead of fail over");
    world.ends().await;
}

/// A long silence is asked about once, of the Documentation Lead alone, and one tap answers it.
#[tokio::test]
async fn a_long_silence_is_asked_about_once() {
    let world = World::new().await;
    world.everything_burns().await;
    world.sam().takes_it().await;
    world
        .kim()
        .types("/inc roles")
        .await
        .clicks("I'll be Docs")
        .await;
    world.advance(2.minutes()).await;
    world.sam().says("obs: 5xx at 38 %").await;

    world.advance(14.minutes()).await;
    let asked = |world: &World| world.kim().dm().count("nothing noted. What happened?");
    assert_eq!(asked(&world), 0, "14 minutes are no silence");
    world.advance(3.minutes()).await;
    assert_eq!(asked(&world), 1);
    world.advance(20.minutes()).await;
    assert_eq!(asked(&world), 1, "one silence, one question");

    let form = world.kim().in_dm().clicks("Add").await;
    form.fills_in(&[("What happened", "the rollback ran")])
        .await;
    let line = the_line(&world, "the rollback ran").await;
    let noted = the_line(&world, "5xx at 38 %").await;
    assert_eq!(
        line.event_at.timestamp() / 60,
        noted.event_at.timestamp() / 60,
        "the form knows when the silence began"
    );
    world.ends().await;
}

/// Discord does not take the hint at once; what had gathered for it until then is in it when it is taken.
#[tokio::test]
async fn a_hint_that_did_not_leave_is_made_again_with_all_it_had() {
    let world = World::new().await;
    world.everything_burns().await;
    world.sam().takes_it().await;
    let roles = world.kim().types("/inc roles").await;
    roles.clicks("I'll be Docs").await;
    let hints = |world: &World| -> Vec<String> {
        let messages = world.kim().dm().messages();
        let texts = messages.iter().map(|message| message.text.clone());
        texts.filter(|text| text.contains("log this?")).collect()
    };
    world.sam().says("rolling back to the last release").await;
    world.advance(2.minutes()).await;
    assert_eq!(hints(&world).len(), 1);

    // The night's five minutes hold these two back, so that one hint shows the messages of both minutes.
    world.sam().says("5xx down to 9 %").await;
    world.advance(1.minutes()).await;
    world.sam().says("connections at 40 %").await;
    let dm = world.kim().in_discord().dm_channel();
    world.expects_warning("with status 500");
    let dm = dm.expect("the first hint opened it");
    world
        .discord()
        .faults()
        .on("POST", &format!("/channels/{dm}/messages"))
        .times(3)
        .status(500);
    world.advance(15.minutes()).await;

    let shown = hints(&world);
    assert_eq!(shown.len(), 2, "{shown:?}");
    assert!(
        shown[1].contains("5xx down to 9 %") && shown[1].contains("connections at 40 %"),
        "{shown:?}"
    );
    world.ends().await;
}

/// Messages that look like facts are shown to the Documentation Lead, those of a minute together, and one tap keeps one.
#[tokio::test]
async fn what_looks_like_a_fact_is_hinted_at_once_a_minute() {
    let world = World::new().await;
    world.everything_burns().await;
    world.sam().takes_it().await;
    world
        .kim()
        .types("/inc roles")
        .await
        .clicks("I'll be Docs")
        .await;
    world.sam().says("rolling back to the last release").await;
    world.sam().says("anybody else awake?").await;
    world.sam().says("5xx down to 9 %").await;
    world.advance(2.minutes()).await;

    let hints: Vec<String> = world
        .kim()
        .dm()
        .messages()
        .iter()
        .map(|message| message.text.clone())
        .filter(|text| text.contains("log this?"))
        .collect();
    assert_eq!(hints.len(), 1, "{hints:?}");
    assert!(hints[0].contains("rolling back") && hints[0].contains("5xx down to 9 %"));
    assert!(!hints[0].contains("awake"));
    let kept = world.timeline(1).await;
    assert!(
        !kept.iter().any(|line| line.text.contains("9 %")),
        "nothing is kept unasked"
    );

    world.kim().in_dm().clicks("1 did").await;
    let line = the_line(&world, "rolling back").await;
    assert_eq!(line.kind, Kind::Action);
    assert!(
        world
            .channel("inc-0001-")
            .saying("rolling back")
            .has_reaction("📌")
    );
    world.ends().await;
}

/// A whole file of notes, without a word pasted; what is no text is told with its mend, and nothing of it is written.
#[tokio::test]
async fn notes_are_imported_from_a_file() {
    let world = World::new().await;
    world.everything_burns().await;
    world.sam().takes_it().await;
    let before = world.timeline(1).await.len();
    let bring = async |name: &str, bytes: &[u8]| {
        let line = format!("/admin import file:{name}");
        world.kim().types_with_file(&line, name, bytes).await
    };
    for (name, bytes, problem) in [
        (
            "notes.xlsx",
            b"PK\x03\x04\0\0".as_slice(),
            "`notes.xlsx` is no text. Save it as text or CSV",
        ),
        (
            "latin1.csv",
            b"02:47 gr\xfcn",
            "its line 1 holds other bytes",
        ),
        ("empty.txt", b"\n", "`empty.txt` is empty"),
        (
            "large.log",
            &[b'x'; 300_000],
            "`large.log` has more than 256 KiB: import it in parts.",
        ),
    ] {
        bring(name, bytes).await.expect(problem).expect_private();
    }
    assert_eq!(world.timeline(1).await.len(), before);

    let lines: Vec<String> = (10..60)
        .map(|minute| format!("02:{minute} obs: sample {minute}"))
        .collect();
    let preview = bring(
        "notes.csv",
        format!("\u{feff}{}", lines.join("\r\n")).as_bytes(),
    )
    .await;
    preview
        .expect("50 understood, 50 of them new")
        .expect_private();
    preview.clicks("Import 50").await.expect("50 lines are");
    assert_eq!(world.timeline(1).await.len(), before + 50);
    world.ends().await;
}

/// Notes on paper come in afterwards: what is understood is shown first, and twice is once.
#[tokio::test]
async fn notes_are_imported_once() {
    let world = World::new().await;
    world.everything_burns().await;
    world.sam().takes_it().await;
    let notes = "time,kind,text\n02:47,obs,first 500s\n02:50,act,called the vendor\nno time";
    let paste = async || {
        world
            .kim()
            .types("/admin import")
            .await
            .fills_in(&[("A line each, with its time in front", notes)])
            .await
    };
    let preview = paste().await;
    preview
        .expect("2 understood, 2 of them new")
        .expect("line 4: no time in front");
    let before = world.timeline(1).await.len();
    preview.clicks("Import 2").await.expect("2 lines are");
    assert_eq!(world.timeline(1).await.len(), before + 2);
    let line = the_line(&world, "called the vendor").await;
    assert_eq!(line.source, bridgewatch_core::timeline::Source::Import);

    paste().await.expect("2 understood, 0 of them new");
    assert_eq!(world.timeline(1).await.len(), before + 2);
    world.ends().await;
}
