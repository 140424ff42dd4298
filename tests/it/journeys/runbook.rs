//! The runbook in the channel: pinned, ticked by people, and never a way to run anything.

use bridgewatch_core::runbook::StepState;
use bridgewatch_core::timeline::{Entry, Importance, Kind};

use crate::world::{Alert, Setup, Span as _, World};

/// A runbook of a team's own, with one risky step and one command with a placeholder.
fn own_runbook(third_step: &str) -> String {
    format!(
        "---\nid: orders\ntitle: Orders fail\ncategory: backend\nmatch:\n  - ['alertname=\"OrdersFail\"']\npriority: 50\n\
         owners: [orders]\nreview_by: 2027-06-30\nvariables:\n  service: {{ from: labels.service, default: \"<service>\" }}\n---\n\n\
         # Orders fail\n\nOrders answer errors.\n\n## Diagnosis\n\n\
         - [ ] **On-Call Engineer:** Look at the log <!-- id:log time:2m -->\n  ```sh\n  journalctl -u ${{service}} -n 50\n  ```\n\
         - [ ] **On-Call Engineer:** Kill the longest query <!-- id:kill-query risk:high -->\n\
         - [ ] **On-Call Engineer:** {third_step} <!-- id:third critical:yes -->\n\n\
         ## Mitigation\n\n- [ ] **On-Call Engineer:** Restart it <!-- id:restart critical:yes -->\n\n\
         ## Resolution\n\n- [ ] **On-Call Engineer:** Mend it <!-- id:mend -->\n\n\
         ## Validation\n\n- [ ] **On-Call Engineer:** Orders go through again <!-- id:orders-work critical:yes -->\n\n\
         ## Communication\n\n- [ ] **Bridge Engineer:** Say it <!-- id:say -->\n\n\
         ## Learning\n\n- [ ] **Documentation Lead:** Write it down <!-- id:write -->\n"
    )
}

fn orders_fail() -> Alert {
    Alert::named("OrdersFail")
        .severity("critical")
        .service("orders-api")
}

async fn lines_of(world: &World, kind: Kind) -> Vec<Entry> {
    let is_kind = |line: &Entry| line.kind == kind;
    world
        .timeline(1)
        .await
        .into_iter()
        .filter(is_kind)
        .collect()
}

/// Acceptance scenario 9: a runbook stays as it was pinned with its ticks when its file changes;
/// [`runbook_pinned_never_takes_a_hostile_label_into_a_command`] is its other half.
#[tokio::test]
async fn runbook_pinned() {
    let world = Setup::default()
        .runbook("orders.md", own_runbook("Ask the team"))
        .start()
        .await;
    world.alertmanager().sends(orders_fail()).await;
    world.sam().takes_it().await;
    world.sam().clicks("Done").await;
    let pinned = world.incident(1).await.checklist;

    world.stops_the_bot().await;
    let file = world.folder().join("playbooks/runbooks/orders.md");
    let changed = own_runbook("Something else altogether");
    std::fs::write(&file, changed).expect("the team's folder can be written");
    world.starts_the_bot().await;

    assert_eq!(world.incident(1).await.checklist, pinned);
    let checklist = pinned.expect("it is attached");
    assert!(
        checklist
            .steps
            .iter()
            .any(|step| step.text == "Ask the team")
    );
    let channel = world.channel("inc-0001-");
    channel.expect_board("Diagnosis 1/3");
    world.sam().clicks("All steps").await.expect("Ask the team");
    world.ends().await;
}

/// Acceptance scenario 9: its other half.
#[tokio::test]
async fn runbook_pinned_never_takes_a_hostile_label_into_a_command() {
    for hostile in [
        "x; rm -rf /",
        "x; rm -rf / #`$(reboot)`\n@everyone <@&1> [a](http://b)",
    ] {
        is_kept_out_of_commands(hostile).await;
    }
}

async fn is_kept_out_of_commands(hostile: &str) {
    let world = Setup::default()
        .runbook("orders.md", own_runbook("Ask the team"))
        .start()
        .await;
    world
        .alertmanager()
        .sends(orders_fail().label("service", hostile))
        .await;
    world.sam().takes_it().await;

    let channel = world.channel("inc-0001-");
    channel.expect_line("journalctl -u ${service} -n 50");
    channel.expect_line("⚠ ${service} not filled: unusual characters");
    for message in channel.messages() {
        let commands = message.text.split("```").skip(1).step_by(2);
        for command in commands {
            assert!(!command.contains("rm -rf"), "{command}");
        }
        assert!(!message.view.mention_everyone);
        assert!(message.view.mention_role_ids.is_empty());
    }
    world.ends().await;
}

/// A harmless label is.
#[tokio::test]
async fn a_plain_label_fills_the_command_it_belongs_to() {
    let world = Setup::default()
        .runbook("orders.md", own_runbook("Ask the team"))
        .start()
        .await;
    world.alertmanager().sends(orders_fail()).await;
    world.sam().takes_it().await;

    world
        .channel("inc-0001-")
        .expect_line("journalctl -u orders-api -n 50");
    world.ends().await;
}

/// Acceptance scenario 10: a risky step wants a second tap and a skipped one a reason.
#[tokio::test]
async fn checklist_and_risk() {
    let world = Setup::default()
        .runbook("orders.md", own_runbook("Ask the team"))
        .start()
        .await;
    world.alertmanager().sends(orders_fail()).await;
    world.sam().takes_it().await;
    world.sam().clicks("Done").await;
    let channel = world.channel("inc-0001-");
    channel.expect_line("Kill the longest query");

    let asked = world.sam().clicks("Done").await;
    asked
        .expect("This step is risky. Is it really done?")
        .expect_private();
    channel.expect_board("Diagnosis 1/3");
    asked.clicks("Confirm").await;

    channel.expect_board("Diagnosis 2/3");
    let actions = lines_of(&world, Kind::Action).await;
    assert_eq!(actions.len(), 1);
    assert_eq!(actions[0].importance, Importance::Key);
    assert!(actions[0].text.contains("Kill the longest query"));

    let reasons = world.sam().clicks("Skip").await;
    assert_eq!(reasons.buttons().len(), 3, "{:?}", reasons.buttons());
    reasons.clicks("already done").await;
    let checklist = world.incident(1).await.checklist.expect("it is attached");
    let third = bridgewatch_core::runbook::StepId::new("third").expect("a valid id");
    assert!(matches!(checklist.state(&third), StepState::Skipped { .. }));
    let skipped = lines_of(&world, Kind::Checklist).await;
    assert!(
        skipped
            .iter()
            .any(|line| line.text.contains("Ask the team – already done")),
        "{skipped:?}"
    );
    channel.expect_line("Every step of this phase is done or skipped");

    world.advance(3.minutes()).await;
    let folded = "Diagnosis: 2 of 3 steps done; skipped: Ask the team (critical, already done)";
    let key_view = world.sam().clicks("More…").await.clicks("Timeline").await;
    key_view
        .expect("**action** @sam ☑ Kill the longest query")
        .expect(&format!("☑ 03:02 {folded}"));
    assert!(
        !key_view.text().contains("Look at the log"),
        "an ordinary tick is in the folded line alone: {}",
        key_view.text()
    );
    world
        .sam()
        .types("/inc resolve")
        .await
        .clicks("Resolve anyway")
        .await;
    let postmortem = world.postmortem(1).await;
    let (_, timeline) = postmortem.split_once("## 4. Timeline").expect("section 4");
    let (timeline, _) = timeline.split_once("## 5. ").expect("section 5");
    assert_eq!(timeline.matches(folded).count(), 1, "{timeline}");
    assert!(!timeline.contains("Look at the log"), "{timeline}");
    world.ends().await;
}

/// A tick can be taken back for a minute, by the one who made it.
#[tokio::test]
async fn a_tick_is_taken_back_within_its_minute() {
    let world = Setup::default()
        .runbook("orders.md", own_runbook("Ask the team"))
        .start()
        .await;
    world.alertmanager().sends(orders_fail()).await;
    world.sam().takes_it().await;
    let private = world.sam().clicks("Next step").await;
    let ticked = private.clicks("Done").await;
    world.channel("inc-0001-").expect_board("Diagnosis 1/3");

    world.advance(30.seconds()).await;
    ticked.clicks("Undo").await.expect("Undone");

    world.channel("inc-0001-").expect_board("Diagnosis 0/3");
    world.ends().await;
}
