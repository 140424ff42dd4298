//! Incidents that belong together, over the wire: both sides say it, and nobody learns of a hidden one by it.

use bridgewatch_core::ids::IncidentId;
use bridgewatch_core::incident::Tie;
use bridgewatch_core::phase::Phase;

use crate::world::{Alert, Setup, Span as _, World};

/// Two incidents, a minute apart; Sam has both.
async fn two_incidents(second: Alert) -> World {
    let world = Setup::default()
        .with("policy.burst_window", "0s")
        .start()
        .await;
    let first = Alert::named("ApiSlow").severity("critical").service("api");
    world.alertmanager().sends(first).await;
    world.advance(90.seconds()).await;
    world.alertmanager().sends(second).await;
    world.advance(90.seconds()).await;
    for number in ["inc-0001-", "inc-0002-"] {
        let channel = world.channel(number);
        world.sam().in_channel(&channel).clicks("Take it").await;
    }
    world
}

fn mail_stuck() -> Alert {
    Alert::named("MailStuck")
        .severity("critical")
        .service("mail")
}

fn a_secret() -> Alert {
    Alert::named("SecretInLog")
        .severity("critical")
        .category("security")
}

#[tokio::test]
async fn a_part_is_named_on_the_board_of_the_whole_until_somebody_takes_it_back() {
    let world = two_incidents(mail_stuck()).await;
    let (whole, part) = (world.channel("inc-0001-"), world.channel("inc-0002-"));
    let sam = world.sam().in_channel(&part);

    let how = sam.types("/inc more what:link").await;
    let form = how.clicks("It is part of…").await;
    let linked = form.fills_in(&[("Which incident?", "1")]).await;
    linked.expect("part of INC-0001").expect_private();

    part.expect_board("Part of INC-0001 (Rapid Diagnosis)");
    whole.expect_board("Parts: INC-0002 (Rapid Diagnosis)");
    whole.expect_once("INC-0002 is a part of INC-0001 now");
    for number in [1, 2] {
        let lines = world.timeline(number).await;
        let linked = lines.iter().filter(|line| line.text.starts_with("linked:"));
        assert_eq!(linked.count(), 1, "INC-{number:04}");
    }

    linked.clicks("Undo").await;
    part.expect_board_without("Part of");
    whole.expect_board_without("Parts:");
    sam.types("/inc more what:part of INC-0001").await;

    // How far it is, is told.
    sam.clicks("Start mitigating").await;
    whole.expect_board("Parts: INC-0002 (Mitigation & Containment)");
    let asked = world.sam().in_channel(&whole).types("/inc resolve").await;
    asked.expect("1 part is not over: INC-0002");

    let how = world
        .sam()
        .in_channel(&whole)
        .types("/inc more what:link")
        .await;
    how.chooses("Unlink…", &["INC-0002"]).await;
    part.expect_board_without("Part of");
    world.ends().await;
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_with_the_reason() {
    let world = two_incidents(mail_stuck()).await;
    let part = world.channel("inc-0002-");
    let sam = world.sam().in_channel(&part);
    for (typed, why) in [
        ("part of INC-0002", "cannot be linked to itself"),
        ("part of INC-0999", "no such incident"),
        ("part of elsewhere", "elsewhere"),
        ("unlink 1", "are not linked"),
    ] {
        let refused = sam.types(&format!("/inc more what:{typed}")).await;
        let said = refused.text().to_lowercase();
        assert!(said.contains(why), "{typed}: {said}");
    }
    sam.types("/inc more what:part of 1").await;
    let whole = world.sam().in_channel(&world.channel("inc-0001-"));
    let circle = whole.types("/inc more what:part of 2").await;
    circle.expect("They are linked already");
    world.ends().await;
}

/// The whole is large and open; one of its parts is nobody else's business.
#[tokio::test]
async fn a_hidden_part_shows_on_its_own_side_alone() {
    let world = two_incidents(a_secret()).await;
    let (open, hidden) = (world.channel("inc-0001-"), world.channel("inc-0002-"));

    // Fay is not in the circle: for her there is no such incident.
    let fay = world.fay().in_channel(&open);
    let unknown = fay.types("/inc more what:has part 2").await;
    let nothing = fay.types("/inc more what:has part 999").await;
    assert_eq!(unknown.text(), nothing.text());

    // Sam is, and says it in the open channel, for himself alone.
    let said = world
        .sam()
        .in_channel(&open)
        .types("/inc more what:has part 2")
        .await;
    said.expect_private();

    hidden.expect_board("Part of INC-0001");
    open.expect_board_without("Parts:")
        .expect_no_line("INC-0002");
    assert!(world.incident(1).await.relations.links.is_empty());
    let lines = world.timeline(1).await;
    assert!(lines.iter().all(|line| !line.text.contains("INC-0002")));
    world
        .sam()
        .in_channel(&open)
        .clicks("Start mitigating")
        .await;
    world.everything_gets_through().await;
    assert!(world.incident(1).await.relations.links.is_empty());
    world.ends().await;
}

#[tokio::test]
async fn a_part_that_is_hidden_later_leaves_the_board_of_the_whole_and_comes_back() {
    let world = two_incidents(mail_stuck()).await;
    let (whole, part) = (world.channel("inc-0001-"), world.channel("inc-0002-"));
    let sam = world.sam().in_channel(&part);
    sam.types("/inc more what:part of 1").await;
    whole.expect_board("Parts: INC-0002");

    sam.types("/inc more what:restricted").await;
    world.everything_gets_through().await;

    whole.expect_board_without("INC-0002");
    let link = world.incident(2).await.relations.links[&IncidentId(1)];
    assert_eq!(link.tie, Tie::PartOf);
    let who = sam.types("/inc more what:who-sees").await;
    let sure = who.clicks("🔓 Show it to everybody again").await;
    sure.clicks("Show it to everybody").await;
    world.everything_gets_through().await;
    whole.expect_board("Parts: INC-0002 (Rapid Diagnosis)");
    world.ends().await;
}

#[tokio::test]
async fn a_tie_that_a_crash_cuts_in_half_is_whole_after_the_start() {
    let world = two_incidents(mail_stuck()).await;
    for warning in [
        "the effect waits for another attempt",
        "the effect cannot be settled",
        "the outbox cannot be read",
    ] {
        world.tolerates_warning(warning);
    }
    let mut database = world.database().await;
    database
        .runs(
            "create trigger half before insert on event when new.incident = 1 and new.event like '%\"linked\"%' \
             begin select raise(abort, 'not yet'); end",
        )
        .await;
    let sam = world.sam().in_channel(&world.channel("inc-0002-"));
    sam.types("/inc more what:part of 1").await;
    assert!(
        world.incident(1).await.relations.links.is_empty(),
        "half way"
    );

    world.kills_the_bot().await;
    database.runs("drop trigger half").await;
    database.close().await;
    world.starts_the_bot().await;
    world.advance(30.seconds()).await;

    let links = world.incident(1).await.relations.links;
    assert_eq!(links[&IncidentId(2)].phase, Some(Phase::Diagnosis));
    world.ends().await;
}
