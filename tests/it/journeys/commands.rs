//! Every command, typed into the local Discord: what poise, the conversation and the desk make of it together.

use bridgewatch_core::phase::Phase;
use bridgewatch_core::severity::Severity;

use crate::world::{Alert, Span as _, World};

#[tokio::test]
async fn an_incident_is_typed_from_its_beginning_to_its_end() {
    let world = World::new().await;
    let sam = world.sam();

    sam.types("/inc list").await.expect("No incident is live");
    sam.types("/inc help")
        .await
        .expect("Something is broken")
        .expect_private();
    sam.types("/inc new title:checkout is broken")
        .await
        .expect("You have it and hold command")
        .expect_private();
    let channel = world.channel("inc-0001-checkout-is-broken");
    channel.expect_board("INC-0001 · SEV2");

    sam.types("/inc show")
        .await
        .expect("INC-0001")
        .expect_private();
    sam.types("/inc list").await.expect("checkout is broken");
    sam.types("/inc help").await.expect("Lost?");
    sam.types("/inc sev level:sev1")
        .await
        .expect("Severity is SEV1 now.");
    sam.types("/inc sev level:3").await.expect("Why SEV3?");
    sam.types("/inc phase to:mitigation note:roll back first")
        .await
        .expect("Mitigation");
    assert_eq!(world.incident(1).await.phase, Phase::Mitigation);
    sam.types("/inc phase to:tea")
        .await
        .expect("`tea` is not a phase");
    sam.types("/inc roles")
        .await
        .expect("**On-Call** @sam since");
    sam.types("/inc log text:-1m act: rolled back kind:act")
        .await
        .expect("rolled back");
    let form = sam.types("/inc log").await;
    form.fills_in(&[("What happened", "orders work again")])
        .await
        .expect("orders work again");
    let draft = sam.types("/inc update").await;
    draft.expect("checkout is broken").expect_private();
    draft.clicks("Send").await.expect("It goes out.");
    sam.types("/inc phase to:fix")
        .await
        .expect("Is user impact over?");
    sam.types("/pm close")
        .await
        .expect("closed after it was resolved");
    let card = sam.types("/inc resolve").await;
    card.expect("Resolve INC-0001?");
    card.clicks("Resolve anyway").await.expect("Resolved.");
    assert_eq!(world.incident(1).await.phase, Phase::Learning);
    sam.types("/pm show").await.expect("INC-0001, version");
    sam.types("/admin why")
        .await
        .expect("Why INC-0001 is what it is");
    sam.types("/pm close")
        .await
        .expect("Before INC-0001 can be closed");
    assert_eq!(world.incident(1).await.severity, Severity::Sev1);
    world.advance(1.minutes()).await;
    world.ends().await;
}

/// Whoever says why they move on is asked about the impact first; their words are in the timeline whatever they answer.
#[tokio::test]
async fn what_is_said_with_a_phase_is_kept_also_when_a_question_comes_first() {
    let world = World::new().await;
    let sam = world.sam();
    sam.types("/inc new title:checkout is broken severity:sev2")
        .await;
    let asked = sam.types("/inc phase to:fix note:rolled back").await;
    asked
        .expect("Is user impact over?")
        .expect("rolled back")
        .expect_private();
    assert!(asked.buttons().contains(&"Take it back".to_owned()));
    let kept = async || {
        let timeline = world.timeline(1).await;
        timeline
            .into_iter()
            .filter(|line| line.text == "rolled back")
            .count()
    };
    assert_eq!(kept().await, 1);
    asked.clicks("Not yet").await;
    assert_eq!(world.incident(1).await.phase, Phase::Fix);
    assert_eq!(kept().await, 1);
    world.ends().await;
}

#[tokio::test]
async fn elsewhere_an_incident_is_named_and_what_is_none_is_said() {
    let world = World::new().await;
    let ada = world.ada();
    let general = world.channel("general");
    ada.clone()
        .in_channel(&general)
        .types("/inc take")
        .await
        .expect("This channel belongs to no incident.");
    world.alertmanager().fires("DBDown", "critical").await;
    let ada = ada.in_channel(&general);
    ada.types("/inc take incident:INC-0001")
        .await
        .expect("You have it.")
        .expect_private();
    ada.types("/inc show incident:7")
        .await
        .expect("I know no such incident.");
    ada.types("/inc show incident:soup")
        .await
        .expect("`soup` is not an incident");
    world.ends().await;
}

#[tokio::test]
async fn a_message_goes_into_the_timeline_by_its_menu() {
    let world = World::new().await;
    world.alertmanager().fires("DBDown", "critical").await;
    world.sam().takes_it().await;
    let said = world.sam().says("pool is at 100/100").await;
    let form = world.ada().uses("Add to timeline…", said).await;
    form.fills_in(&[("Kind: obs act dec hyp imp todo ask note", "obs")])
        .await
        .expect("**observation** pool is at 100/100")
        .expect_private();
    let entries = world.timeline(1).await;
    assert!(
        entries
            .iter()
            .any(|entry| entry.text == "pool is at 100/100")
    );
    world.ends().await;
}

#[tokio::test]
async fn the_list_shows_what_is_asked_for_and_only_to_those_who_may_see_it() {
    let world = World::new().await;
    let general = world.channel("general");
    let mail = Alert::named("MailStuck")
        .severity("warning")
        .service("mail");
    world.sam().types("/inc new title:checkout is broken").await;
    world.alertmanager().sends(mail).await;
    assert_eq!(world.incidents().await, 2);
    let shows = async |line: &str| {
        let text = world.sam().in_channel(&general).types(line).await.text();
        (text.contains("checkout"), text.contains("MailStuck"))
    };

    assert_eq!(shows("/inc list").await, (true, true));
    // Whoever was asked is concerned as well.
    assert_eq!(shows("/inc list mine:True").await, (true, true));
    assert_eq!(shows("/inc list severity:sev3").await, (false, true));
    assert_eq!(shows("/inc list service:MAIL").await, (false, true));
    assert_eq!(shows("/inc list text:Check").await, (true, false));
    let nothing = "No incident fits";
    let fay = world.fay().in_channel(&general);
    fay.types("/inc list mine:True").await.expect(nothing);
    let ada = world.ada().in_channel(&general);
    ada.types("/inc list text:invoices").await.expect(nothing);
    ada.types("/inc list severity:sev9").await.expect("sev9");

    let first = world.channel("inc-0001-");
    let sam = world.sam().in_channel(&first);
    sam.types("/inc more what:restricted").await;
    ada.types("/inc list text:checkout").await.expect(nothing);
    ada.types("/inc list all:True severity:sev2")
        .await
        .expect(nothing);
    assert_eq!(shows("/inc list text:checkout").await, (true, false));
    world.ends().await;
}
