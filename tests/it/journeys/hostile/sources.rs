//! Hostile names of people and files, changes that a pipeline reports, and alerts of the other sources.

use serde_json::json;

use super::{board_of, nobody_is_pinged_by_it, texts, the_board_still_reads, typed};
use crate::world::{Span as _, World};

#[tokio::test]
async fn hostile_names_of_people_stay_names() {
    let world = World::new().await;
    world.everything_burns().await;
    world.sam().takes_it().await;
    let room = world.channel("inc-0001-");
    let sam = world.sam().in_channel(&room);
    let ada = world.ada().id().to_string();
    for (number, text) in texts().iter().enumerate().step_by(3) {
        let name = typed(&text.replace(['\n', '\r'], " "), 32);
        for one in [&sam, &world.ada()] {
            let renamed = one.in_discord().takes_nickname(&name);
            renamed.expect("a member may take another name");
        }
        sam.says(&format!("obs: looked {number}")).await;
        match number % 4 {
            0 => {
                let whom = sam.types("/inc more what:ask").await;
                let form = whom.chooses("Ask somebody to do something…", &[&ada]).await;
                let what = format!("task {number}");
                form.fills_in(&[("What should they do?", &what)]).await;
            }
            1 => {
                sam.types("/inc phase to:mitigation").await;
            }
            2 => {
                let form = sam.types("/inc more what:decision").await;
                form.fills_in(&[("What was decided", "roll back")]).await;
            }
            _ => {
                sam.types("/inc phase to:diagnosis").await;
            }
        }
        world.advance(1.minutes()).await;
    }
    the_board_still_reads(&board_of(&world, &room));
    for view in ["roles", "timeline", "by-person", "tasks", "catch-up"] {
        let shown = sam.types(&format!("/inc more what:{view}")).await;
        shown.is_answered();
    }
    sam.types("/inc resolve")
        .await
        .clicks("Resolve anyway")
        .await;
    world.postmortem(1).await;
    nobody_is_pinged_by_it(&world);
    world.ends().await;
}

#[tokio::test]
async fn hostile_names_of_files_stay_names() {
    let world = World::new().await;
    world.everything_burns().await;
    world.sam().takes_it().await;
    let room = world.channel("inc-0001-");
    let sam = world.sam().in_channel(&room);
    let mut kept = 0;
    for (number, text) in texts().iter().enumerate().step_by(4) {
        let name = format!("{}.png", typed(&text.replace(['\n', '\r', '/'], " "), 120));
        sam.attaches(&format!("obs: picture {number}"), &name, b"png")
            .await;
        kept += 1;
    }
    let lines = world.timeline(1).await;
    let with_files = lines.iter().filter(|line| !line.files.is_empty());
    assert_eq!(with_files.count(), kept);
    the_board_still_reads(&board_of(&world, &room));
    for view in ["timeline", "everything"] {
        sam.types(&format!("/inc more what:{view}"))
            .await
            .is_answered();
    }
    let number = lines
        .iter()
        .find(|line| !line.files.is_empty())
        .and_then(|line| line.number);
    let number = number.expect("a stored line has its number");
    sam.types(&format!("/inc more what:{number}"))
        .await
        .expect("picture 0");
    nobody_is_pinged_by_it(&world);
    world.ends().await;
}

#[tokio::test]
async fn hostile_changes_and_alerts_of_the_other_sources_do_no_harm() {
    let world = World::new().await;
    for (number, text) in texts().iter().enumerate() {
        let change = json!({
            "service": "orders-api",
            "version": typed(text, 100),
            "kind": "deployment",
            "who": typed(text, 100),
            "link": format!("https://ci.example.com/{number}"),
            "at": (world.now() - 5.minutes()).to_rfc3339(),
            "id": format!("run {number}"),
        });
        let bytes = change.to_string().into_bytes();
        let (status, answer) = world.alertmanager().posts_to("change", bytes, &[]).await;
        assert!(status.is_success(), "{answer}");
    }
    world.everything_burns().await;
    world.sam().takes_it().await;
    let room = world.channel("inc-0001-");
    let sam = world.sam().in_channel(&room);
    for (number, text) in texts().iter().enumerate() {
        let alert = json!({
            "status": "firing",
            "title": typed(text, 200),
            "description": text,
            "severity": "critical",
            "service": "orders-api",
            "id": format!("generic {number}"),
            "starts_at": world.now().to_rfc3339(),
            "labels": {"team": typed(text, 200), "alertname": typed(text, 100)},
            "links": {"Logs": format!("https://logs.example.com/{}", typed(text, 100)), typed(text, 40): typed(text, 200)},
        });
        let bytes = alert.to_string().into_bytes();
        let (status, answer) = world.alertmanager().posts_to("generic", bytes, &[]).await;
        assert!(status.is_success(), "{answer}");
    }
    world.settle().await;
    world.advance(1.minutes()).await;
    for number in 0..world.incident_channels().len() {
        let room = world.channel(&format!("inc-{:04}-", number + 1));
        the_board_still_reads(&board_of(&world, &room));
    }
    for view in ["changes", "alerts", "why"] {
        sam.types(&format!("/inc more what:{view}"))
            .await
            .is_answered();
    }
    let found = sam
        .types("/runbook find words:``` @everyone <@1> **x")
        .await;
    found.is_answered();
    let listed = sam.types("/inc list text:``` @everyone **x||").await;
    listed.is_answered();
    nobody_is_pinged_by_it(&world);
    world.ends().await;
}
