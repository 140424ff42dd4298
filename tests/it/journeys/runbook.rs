//! The runbook in the channel: pinned, ticked by people, and never a way to run anything.

use bridgewatch_core::runbook::StepState;
use bridgewatch_core::timeline::{Entry, Importance, Kind};

use crate::world::{Alert, Setup, Span as _, World};

/// A runbook of a team's own, with one risky step and one command with a placeholder.
pub(super) fn own_runbook(third_step: &str) -> String {
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

pub(super) fn orders_fail() -> Alert {
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

/// Whoever has never seen this runbook is told what it is about, and finds what stands beside its steps.
#[tokio::test]
async fn what_a_runbook_is_about_and_what_it_says_besides_is_read_in_the_channel() {
    let history: Vec<String> = (0..400)
        .map(|number| format!("- in week {number} @everyone restarted it"))
        .collect();
    let text = format!(
        "{}\n## Owners\n\nTeam *orders*, `${{service}}`.\n\n## History\n\n{}\n",
        own_runbook("Ask the team"),
        history.join("\n")
    );
    let world = Setup::default().runbook("orders.md", text).start().await;
    world.alertmanager().sends(orders_fail()).await;
    world.sam().takes_it().await;
    let channel = world.channel("inc-0001-");
    let first = channel.saying("Look at the log");
    assert!(
        first.text.contains("> Orders answer errors."),
        "{}",
        first.text
    );

    let more = world.sam().clicks("More").await;
    more.expect("Look at the log").expect_private();
    let owners = more.clicks("Reference").await;
    owners
        .expect("Team *orders*, `orders-api`.")
        .expect_private();
    let mut page = owners.chooses("Read another part…", &["1"]).await;
    page.expect("in week 0 ");
    while page.buttons().contains(&"Next ▶".to_owned()) {
        page = page.clicks("Next ▶").await;
    }
    page.expect("in week 399 ").expect_private();
    let list = page.clicks("All steps").await;
    list.expect("> Orders answer errors.");
    list.clicks("Reference").await.expect("Team *orders*");
    let named = world.sam().types("/inc more what:reference").await;
    named.expect("Owners").expect_private();
    let shown = world.sam().types("/runbook show runbook:orders").await;
    shown.expect("Orders fail");
    for message in channel.messages() {
        assert!(!message.view.mention_everyone);
    }
    world.sam().clicks("Done").await;
    channel.expect_no_line("> Orders answer errors.");
    world.ends().await;
}

/// Acceptance scenario 9: a runbook stays as it was pinned, with its ticks, when its file changes; a button leads to the
/// newer version. [`runbook_pinned_never_takes_a_hostile_label_into_a_command`] is its other half.
#[tokio::test]
async fn runbook_pinned() {
    let world = the_risky_step_is_next().await;
    let pinned = world.incident(1).await.checklist;
    let channel = world.channel("inc-0001-");
    channel.expect_no_line("has a newer version");

    let changed = own_runbook("Ask who deployed");
    world.writes_runbook("orders.md", &changed).await;

    assert_eq!(world.incident(1).await.checklist, pinned);
    channel
        .expect_board("Diagnosis 1/3")
        .expect_line("📄 *orders* has a newer version.");
    world.sam().clicks("All steps").await.expect("Ask the team");
    let difference = world.sam().clicks("Use the newer version…").await;
    difference
        .expect_private()
        .expect("Steps: 1 changed; 1 tick stays.")
        .expect("✏ Diagnosis: Ask who deployed – words");
    difference
        .clicks("Keep")
        .await
        .expect("Nothing was changed.");
    assert_eq!(world.incident(1).await.checklist, pinned);

    let difference = world.sam().clicks("Use the newer version…").await;
    difference.clicks("Use it").await;
    channel
        .expect_board("Diagnosis 1/3")
        .expect_line("the newer version is in use. Steps: 1 changed; 1 tick stays.")
        .expect_no_line("has a newer version");
    world
        .sam()
        .clicks("All steps")
        .await
        .expect("☑ Look at the log")
        .expect("▢ On-Call – Ask who deployed");
    world.ends().await;
}

/// Files that changed while the bot was down.
#[tokio::test]
async fn a_newer_version_is_noticed_at_the_start() {
    let world = Setup::default()
        .runbook("orders.md", own_runbook("Ask the team"))
        .start()
        .await;
    world.alertmanager().sends(orders_fail()).await;
    world.sam().takes_it().await;
    let pinned = world.incident(1).await.checklist;

    world.stops_the_bot().await;
    let file = world.folder().join("playbooks/runbooks/orders.md");
    std::fs::write(&file, own_runbook("Ask who deployed")).expect("the folder can be written");
    world.starts_the_bot().await;
    world
        .until("the incident knows it", async || {
            !world.incident(1).await.newer_runbooks.is_empty()
        })
        .await;
    world.settle().await;

    assert_eq!(world.incident(1).await.checklist, pinned);
    world
        .channel("inc-0001-")
        .expect_line("📄 *orders* has a newer version.");
    world.ends().await;
}

/// A mistake in a file costs nobody their runbook: the version before stays, and the people who keep the bot running hear
/// of it once.
#[tokio::test]
async fn a_file_with_a_mistake_is_refused_and_the_one_before_stays() {
    let world = Setup::default()
        .runbook("orders.md", own_runbook("Ask the team"))
        .start()
        .await;
    world.expects_warning("a runbook file is refused");
    let broken = own_runbook("Ask the team").replace("priority: 50", "priority: high");
    world.writes_runbook("orders.md", &broken).await;
    let digest = world.channel("incidents");
    digest
        .expect_once("⚠ 1 runbook file cannot be used; what was in use before stays in use.")
        .expect_once("orders.md:7:11: error: 'priority' is not a whole number from 0 to 100.");
    world.folder_is_looked_at().await;
    digest.expect_once("⚠ 1 runbook file cannot be used");

    world.alertmanager().sends(orders_fail()).await;
    world.sam().takes_it().await;
    world
        .channel("inc-0001-")
        .expect_line("Look at the log")
        .expect_no_line("has a newer version");

    let mended = own_runbook("Ask who deployed");
    world.writes_runbook("orders.md", &mended).await;
    digest.expect_once("✅ Every runbook file can be used again.");
    world
        .channel("inc-0001-")
        .expect_line("📄 *orders* has a newer version.");
    world.ends().await;
}

/// A folder that has gone, as when a disk is not mounted, empties no library.
#[tokio::test]
async fn a_folder_that_is_empty_empties_no_library() {
    let world = Setup::default()
        .runbook("orders.md", own_runbook("Ask the team"))
        .start()
        .await;
    world.expects_warning("the runbooks cannot be read");
    let file = world.folder().join("playbooks/runbooks/orders.md");
    std::fs::remove_file(&file).expect("the file is there");
    world.folder_is_looked_at().await;
    world
        .channel("incidents")
        .expect_once("⚠ The runbooks cannot be read; those before stay in use.");

    world.alertmanager().sends(orders_fail()).await;
    world.sam().takes_it().await;
    world.channel("inc-0001-").expect_line("Look at the log");
    world.ends().await;
}

/// A runbook that has lain about for half a year says so before anybody trusts it.
#[tokio::test]
async fn a_runbook_that_nobody_used_or_changed_for_long_says_so_first() {
    let world = Setup::default()
        .runbook("orders.md", own_runbook("Ask the team"))
        .start()
        .await;
    world
        .until("its age is known", async || {
            world
                .store()
                .fact("runbook/orders")
                .await
                .is_ok_and(|fact| fact.is_some())
        })
        .await;
    world.sleeps((181 * 24).hours()).await;
    world.alertmanager().sends(orders_fail()).await;
    world.sam().takes_it().await;
    let unused = "🕸 Nobody used or reviewed *orders* for 181 days: look twice.";
    let channel = world.channel("inc-0001-");
    assert!(channel.saying("Look at the log").text.contains(unused));
    world.sam().clicks("Done").await;

    // A tick is a sign of life, also for the bot that is started next.
    let remembered = world.store().fact("runbook/orders").await;
    let remembered = remembered.expect("the store answers").unwrap_or_default();
    assert!(remembered.contains(" 2027-05-21T"), "{remembered}");
    world.ends().await;
}

/// The next incident has what was written at noon.
#[tokio::test]
async fn a_new_file_is_used_by_the_next_incident() {
    let world = Setup::default()
        .runbook("orders.md", own_runbook("Ask the team"))
        .start()
        .await;
    let payments = own_runbook("Ask the bank")
        .replace("id: orders", "id: payments")
        .replace("OrdersFail", "PaymentsFail");
    world.writes_runbook("payments.md", &payments).await;
    let alert = Alert::named("PaymentsFail")
        .severity("critical")
        .service("payments");
    world.alertmanager().sends(alert).await;
    let checklist = world.incident(1).await.checklist.expect("it is attached");
    assert_eq!(checklist.names(), "payments");
    world.ends().await;
}

/// The night turns out to be about something else as well.
#[tokio::test]
async fn a_second_runbook_is_one_tap_and_ticks_stay() {
    let payments = own_runbook("Ask the bank")
        .replace("id: orders", "id: payments")
        .replace("priority: 50", "priority: 10");
    let world = Setup::default()
        .runbook("orders.md", own_runbook("Ask the team"))
        .runbook("payments.md", payments)
        .start()
        .await;
    world.alertmanager().sends(orders_fail()).await;
    world.sam().takes_it().await;
    world.sam().clicks("Done").await;
    let runbooks = world
        .sam()
        .clicks("All steps")
        .await
        .clicks("Runbooks…")
        .await;
    runbooks.expect("Also relevant");
    let taps = world
        .taps(async || {
            runbooks.clicks("＋ payments").await;
        })
        .await;
    assert_eq!(taps, 1);
    let channel = world.channel("inc-0001-");
    channel
        .expect_line("Runbook **payments** attached as well")
        .expect_board("Diagnosis 1/4");
    let steps = world.sam().clicks("All steps").await;
    steps
        .expect("☑ Look at the log")
        .expect("Ask the bank ❗ · `payments`");
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

/// A night in which Sam has it, and the next step is the risky one.
pub async fn the_risky_step_is_next() -> World {
    let world = Setup::default()
        .runbook("orders.md", own_runbook("Ask the team"))
        .start()
        .await;
    world.alertmanager().sends(orders_fail()).await;
    world.sam().takes_it().await;
    world.sam().clicks("Done").await;
    world
}

/// Acceptance scenario 10: a risky step wants a second tap and a skipped one a reason.
#[tokio::test]
async fn checklist_and_risk() {
    let world = the_risky_step_is_next().await;
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
        .expect(&format!("📋 03:02 {folded}"));
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

/// A decision is a menu, and the timeline keeps what was chosen as a decision.
#[tokio::test]
async fn a_decision_step_asks_for_the_choice_and_keeps_it() {
    let with_a_decision = own_runbook("Ask the team").replace(
        "- [ ] **On-Call Engineer:** Kill the longest query <!-- id:kill-query risk:high -->\n",
        "- [ ] **On-Call Engineer:** Decision: which is the safest way back? <!-- id:way-back -->\n  - roll back\n  - serve cached pages\n",
    );
    let world = Setup::default()
        .runbook("orders.md", with_a_decision)
        .start()
        .await;
    world.alertmanager().sends(orders_fail()).await;
    world.sam().takes_it().await;
    world.sam().clicks("Done").await;
    let channel = world.channel("inc-0001-");
    channel.expect_line("Decision: which is the safest way back?");

    let asked = world.sam().clicks("Decide…").await;
    asked
        .expect_private()
        .chooses("Choose…", &["serve cached pages"])
        .await;

    channel.expect_board("Diagnosis 2/3");
    let decisions = lines_of(&world, Kind::Decision).await;
    assert_eq!(decisions.len(), 1);
    assert_eq!(
        decisions[0].text,
        "Decision: which is the safest way back? → serve cached pages"
    );
    world
        .sam()
        .clicks("All steps")
        .await
        .expect("☑ Decision: which is the safest way back? → **serve cached pages**");
    world.ends().await;
}

/// `log` is meant to take two minutes.
#[tokio::test]
async fn whoever_is_on_a_step_for_long_gets_one_line_that_rings_nobody() {
    let world = Setup::default()
        .runbook("orders.md", own_runbook("Ask the team"))
        .start()
        .await;
    world.alertmanager().sends(orders_fail()).await;
    world.sam().takes_it().await;
    world.sam().clicks("I'm on it").await;
    let channel = world.channel("inc-0001-");
    world.advance(230.seconds()).await;
    channel.expect_no_line("takes longer than");
    world.advance(20.minutes()).await;
    channel.expect_once("⏱ @sam, this takes longer than the 2 min it was meant to");
    let line = channel.saying("⏱ @sam");
    assert!(line.view.mention_ids.is_empty(), "it rings nobody");
    world.sam().clicks_on(&line, "Done").await;
    channel.expect_board("Diagnosis 1/3");
    world.ends().await;
}

/// What several runbooks share is written once, and an edit of it is a new version of each.
#[tokio::test]
async fn a_common_part_is_included_and_read_again_with_the_others() {
    let include = "## Communication\n\n<!-- include: common/tell.md -->\n";
    let own = own_runbook("Ask the team").replace(
        "## Communication\n\n- [ ] **Bridge Engineer:** Say it <!-- id:say -->\n",
        include,
    );
    let world = Setup::default()
        .runbook(
            "common/tell.md",
            "- [ ] **Bridge Engineer:** Tell support <!-- id:tell -->\n",
        )
        .runbook("orders.md", own)
        .start()
        .await;
    world.alertmanager().sends(orders_fail()).await;
    world.sam().takes_it().await;
    let tell = bridgewatch_core::runbook::StepId::new("tell").expect("a valid id");
    let checklist = world.incident(1).await.checklist.expect("it is attached");
    assert!(checklist.step(&tell).is_some());

    let changed = "- [ ] **Bridge Engineer:** Tell support and sales <!-- id:tell -->\n";
    world.writes_runbook("common/tell.md", changed).await;
    world
        .channel("inc-0001-")
        .expect_line("📄 *orders* has a newer version.");
    world
        .sam()
        .clicks("Use the newer version…")
        .await
        .expect("✏ Communication: Tell support and sales – words");
    world.ends().await;
}
