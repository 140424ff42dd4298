//! Files of marked messages: Discord forgets its links to them, the record does not, unless it is to.

use std::time::Duration;

use bridgewatch::cli::attachments::{files_of, listed, write_attachments};
use bridgewatch_core::ids::IncidentId;
use bridgewatch_core::timeline::Entry;

use crate::world::{Setup, World};

/// The incident of the night.
const NIGHT: IncidentId = IncidentId(1);

/// SHA-256 of `5xx: 38 %`, as `sha256sum` prints it.
const HASH: &str = "f0dffab28bb64c901efea46c443193878355b82591aa55a5a39d170e3b9f9880";
const GRAPH: &[u8] = b"5xx: 38 %";

async fn the_line(world: &World, part: &str) -> Entry {
    let lines = world.timeline(1).await;
    let found = lines.into_iter().find(|line| line.text.contains(part));
    found.unwrap_or_else(|| world.fail(&format!("no line says `{part}`")))
}

/// What an export lists of the files of the night.
async fn list(world: &World) -> String {
    let files = files_of(world.store().as_ref(), NIGHT, true).await;
    listed(&files.expect("the store answers"))
}

/// Writes the files of the night into a folder; the names, or why not.
async fn export_to(world: &World, folder: &std::path::Path) -> Result<Vec<String>, String> {
    let store = world.store();
    let files = files_of(store.as_ref(), NIGHT, true).await;
    let files = files.expect("the store answers");
    let written = write_attachments(store.as_ref(), NIGHT, &files, folder).await;
    written.map_err(|error| format!("{error:#}"))
}

/// How many contents are kept, and how many bytes they have together.
async fn kept(world: &World) -> (usize, u64) {
    let sizes = world.store().files(NIGHT).await;
    let sizes = sizes.expect("the store answers");
    (sizes.len(), sizes.values().sum())
}

/// Everything in the folder of the database, byte for byte: the database itself, and what lies beside it.
fn on_disk(world: &World) -> Vec<u8> {
    let files = std::fs::read_dir(world.folder()).expect("the folder is there");
    files
        .flat_map(|file| std::fs::read(file.expect("a file").path()).unwrap_or_default())
        .collect()
}

fn holds(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|part| part == needle)
}

/// A picture hangs on a marked message; next week Discord's link to it is dead, and the export has it.
#[tokio::test]
async fn the_file_of_a_marked_message_outlives_its_link() {
    let world = World::new().await;
    world.everything_burns().await;
    world.sam().takes_it().await;

    world
        .sam()
        .attaches("obs: the pool", "graph.png", GRAPH)
        .await;

    let line = the_line(&world, "the pool [attached: graph.png]").await;
    assert_eq!(line.files.len(), 1);
    assert_eq!(line.files[0].sha256(), Some(HASH));
    let list = list(&world).await;
    assert!(
        list.ends_with("  graph.png  9 bytes, image/png, sha256 f0dffab28bb6\n"),
        "{list}"
    );
    world.discord().expire_attachment_links();
    world
        .sam()
        .types("/inc resolve")
        .await
        .clicks("Resolve anyway")
        .await;
    let draft = world.postmortem(1).await;
    assert!(
        draft.contains("| graph.png | 9 bytes | `f0dffab28bb6` |"),
        "{draft}"
    );

    let folder = tempfile::tempdir().expect("a temporary folder");
    let paper = folder.path().join("paper");
    let written = export_to(&world, &paper).await.expect("an empty folder");
    assert_eq!(written.len(), 1);
    let path = paper.join(&written[0]);
    assert!(written[0].ends_with("-graph.png"), "{written:?}");
    assert_eq!(std::fs::read(&path).expect("it was written"), GRAPH);

    std::fs::write(&path, "mine").expect("the folder can be written");
    let refused = export_to(&world, &paper)
        .await
        .expect_err("it is there already");
    assert!(refused.contains("nothing is overwritten"), "{refused}");
    assert_eq!(std::fs::read(&path).expect("it is there"), b"mine");
    world.ends().await;
}

/// Whichever way the message came into the timeline; what is the same is kept once.
#[tokio::test]
async fn every_way_into_the_timeline_brings_the_files_along() {
    let world = World::new().await;
    world.everything_burns().await;
    world.sam().takes_it().await;
    let chat = world
        .sam()
        .attaches("nothing to see", "cat.png", b"a cat")
        .await;
    let reacted = world.sam().attaches("by reaction", "one.png", GRAPH).await;
    let chosen = world.sam().attaches("by menu", "two.png", GRAPH).await;
    let decided = world
        .ada()
        .attaches("by decision", "three.txt", b"plan B")
        .await;
    assert_eq!(kept(&world).await, (0, 0), "nobody marked any of it");

    world.kim().reacts(reacted, "🔎").await;
    let form = world.kim().uses("Add to timeline…", chosen).await;
    form.fills_in(&[("Kind: obs act dec hyp imp todo ask note", "obs")])
        .await;
    world.kim().uses("Mark as decision", decided).await;
    world.sam().edits(chat, "still nothing to see").await;

    for (part, hash) in [
        ("by reaction [attached: one.png]", Some(HASH)),
        ("by menu [attached: two.png]", Some(HASH)),
        ("by decision [attached: three.txt]", None),
    ] {
        let line = the_line(&world, part).await;
        assert_eq!(line.files.len(), 1, "{part}");
        let found = line.files[0].sha256();
        assert!(
            found.is_some() && (hash.is_none() || found == hash),
            "{part}: {found:?}"
        );
    }
    assert_eq!(kept(&world).await, (2, 9 + 6), "equal content is kept once");
    world.ends().await;
}

/// What is too much is named, said once, and costs nothing else.
#[tokio::test]
async fn what_is_over_the_budget_is_named_and_said_once() {
    let world = Setup::default()
        .with("timeline.max_file_bytes", "10")
        .with("timeline.max_incident_files_bytes", "15")
        .start()
        .await;
    world.everything_burns().await;
    world.sam().takes_it().await;
    let channel = world.channel("inc-0001-");

    let large = world
        .sam()
        .attaches("obs: all of it", "dump_*.log", b"eleven byte")
        .await;
    world
        .sam()
        .attaches("obs: the graph", "graph.png", GRAPH)
        .await;
    world
        .sam()
        .attaches("obs: too", "more.txt", b"seven b")
        .await;
    world.sam().attaches("obs: again", "again.png", GRAPH).await;
    world
        .sam()
        .attaches("obs: fits", "fits.txt", b"six by")
        .await;
    world.kim().reacts(large, "🔎").await;

    channel
        .expect_once("dump\\_\\*.log (11 bytes) is not copied: it is larger than 10 bytes. Discord's link to it expires")
        .expect_once("more.txt (7 bytes) is not copied: with it, the files of this incident would be more than 15 bytes");
    let names: Vec<String> = list(&world)
        .await
        .lines()
        .filter_map(|line| line.split_once("  ").map(|(_, rest)| rest.to_owned()))
        .collect();
    assert_eq!(
        names,
        [
            "dump_*.log  11 bytes, text/plain, not copied: it is larger than 10 bytes",
            "graph.png  9 bytes, image/png, sha256 f0dffab28bb6",
            "more.txt  7 bytes, text/plain, not copied: with it, the files of this incident would be more than 15 bytes",
            "again.png  9 bytes, image/png, not copied: with it, the files of this incident would be more than 15 bytes",
            "fits.txt  6 bytes, text/plain, sha256 5a1d1d9c0ff1",
        ]
    );
    assert_eq!(kept(&world).await, (2, 15));
    let left = the_line(&world, "all of it").await;
    let left = serde_json::to_string(&left.files).expect("JSON");
    assert!(
        left.contains("\"link\":\"http"),
        "the link is kept while it works: {left}"
    );
    world.ends().await;
}

/// A secret in a picture goes with its line: from the table, from under every other line, and from the disk.
#[tokio::test]
async fn redacting_a_line_destroys_its_files() {
    let world = World::new().await;
    world.everything_burns().await;
    world.sam().takes_it().await;
    let secret = b"amber-otter-4711-in-a-picture".as_slice();
    world
        .sam()
        .attaches("obs: the env", "env.png", secret)
        .await;
    world
        .ada()
        .attaches("note: once more", "copy.png", secret)
        .await;
    world
        .ada()
        .attaches("note: the graph", "graph.png", GRAPH)
        .await;
    assert_eq!(kept(&world).await.0, 2);
    let number = the_line(&world, "the env").await.number.expect("stored");

    let typed = format!("/inc more what:redact {number}");
    world
        .sam()
        .types(&typed)
        .await
        .expect("is redacted everywhere");

    assert_eq!(the_line(&world, "[redacted: ").await.files, []);
    let other = the_line(&world, "once more").await;
    assert_eq!(
        other.files[0].words(),
        format!("29 bytes, image/png, not copied: redacted with {number}")
    );
    assert_eq!(kept(&world).await, (1, 9), "the graph stays");
    world.stops_the_bot().await;
    assert!(!holds(&on_disk(&world), secret), "not even on the disk");
    // It would be there otherwise.
    assert!(holds(&on_disk(&world), GRAPH));
    world.ends().await;
}

/// The line is redacted while its file is on its way: what arrives is not kept.
#[tokio::test]
async fn a_file_that_arrives_after_its_line_was_redacted_is_not_kept() {
    let world = World::new().await;
    world.everything_burns().await;
    world.sam().takes_it().await;
    let faults = world.discord().faults();
    let slow = faults
        .on("GET", "/attachments/**")
        .slow(Duration::from_secs(2));
    let said = world
        .sam()
        .attaches_at_once("obs: the env", "env.png", GRAPH);
    world
        .until("the file is being read", async || {
            world.discord().faults().struck(slow) == 1
        })
        .await;
    assert_eq!(the_line(&world, "the env").await.files.len(), 1);

    world.sam().uses("Redact", said).await;
    world.settle().await;

    assert_eq!(the_line(&world, "[redacted: ").await.files, []);
    assert_eq!(kept(&world).await, (0, 0));
    world.ends().await;
}

/// In a hurry anybody hides anything, and the picture is gone at once. Shown again, the line says that it could not be had
/// once more: the message went with it.
#[tokio::test]
async fn what_is_hidden_in_a_hurry_keeps_no_file() {
    let world = World::new().await;
    world.everything_burns().await;
    world.sam().takes_it().await;
    let said = world.sam().attaches("obs: the env", "env.png", GRAPH).await;
    assert_eq!(kept(&world).await, (1, 9));

    world.kim().uses("Redact", said).await;

    assert_eq!(kept(&world).await, (0, 0));
    world
        .sam()
        .clicks("Show it again")
        .await
        .expect("is shown again");
    assert_eq!(kept(&world).await, (0, 0));
    let line = the_line(&world, "the env").await;
    assert_eq!(
        line.files[0].words(),
        "9 bytes, image/png, not copied: its message is gone from Discord"
    );
    world
        .channel("inc-0001-")
        .expect_once("env.png (9 bytes) is not copied: its message is gone");
    world.ends().await;
}

/// The bot dies with the file half read: it is copied once, afterwards.
#[tokio::test]
async fn a_crash_between_the_line_and_the_copy_costs_no_file() {
    let world = World::new().await;
    world.everything_burns().await;
    world.sam().takes_it().await;
    let fault = world.discord().faults().on("GET", "/attachments/**").hang();
    world
        .sam()
        .attaches_at_once("obs: the pool", "graph.png", GRAPH);
    world
        .until("the file is being read", async || {
            world.discord().faults().struck(fault) == 1
        })
        .await;
    world.kills_the_bot().await;
    world.discord().faults().clear();

    world.starts_the_bot().await;

    let line = the_line(&world, "the pool").await;
    assert_eq!(line.files[0].sha256(), Some(HASH));
    assert_eq!(kept(&world).await, (1, 9));
    let store = world.store();
    let trail = store.audit_trail(NIGHT).await.expect("the store answers");
    let number = line.number.expect("stored").0;
    let written = trail
        .rows
        .iter()
        .filter(|row| row.what.is_of_a_line() && row.subject == number);
    assert_eq!(written.count(), 2, "the line, and its copy once");
    world.ends().await;
}

/// Discord is away until the link has expired: the message has a fresh one.
#[tokio::test]
async fn a_link_that_expired_meanwhile_is_had_anew_from_the_message() {
    let world = World::new().await;
    world.everything_burns().await;
    world.sam().takes_it().await;
    world.expects_warning("the effect waits for another attempt");
    world
        .discord()
        .faults()
        .on("GET", "/attachments/**")
        .status(503);
    world
        .sam()
        .attaches("obs: the pool", "graph.png", GRAPH)
        .await;
    assert_eq!(kept(&world).await, (0, 0));
    assert!(list(&world).await.contains("not copied yet"));
    world.discord().expire_attachment_links();

    world.everything_gets_through().await;

    assert_eq!(
        the_line(&world, "the pool").await.files[0].sha256(),
        Some(HASH)
    );
    world.ends().await;
}
