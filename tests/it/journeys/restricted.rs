//! What only few may know. A word is hidden in everything that belongs to the incident, and then looked for in everything
//! that leaves the bot: what it asked of Discord, other people's screens, webhooks, log, metrics, lists, suggestions.

use crate::world::{Alert, Inside, Setup, Sink, Span as _, World};

/// The word that must not be found outside.
const CANARY: &str = "quagga";

/// What people write and press inside; the word is in all of it.
async fn a_night_inside(world: &World) {
    let sam = world.sam();
    sam.says("obs: the quagga token is in the access log").await;
    sam.types("/inc log text:\"quagga key revoked\" kind:action")
        .await;
    sam.attaches("obs: a quagga trace", "quagga.log", b"quagga")
        .await;
    sam.attaches("obs: all quaggas", "quaggas.log", &b"quagga ".repeat(200))
        .await;
    sam.clicks("Update").await.clicks("Send").await;
    sam.clicks("More…")
        .await
        .clicks("We think it is…")
        .await
        .fills_in(&[(
            "In one line; a guess is enough",
            "quagga leaked by the new logger",
        )])
        .await;
    world.advance(40.minutes()).await;
}

/// Those outside look everywhere, and press whatever they have.
async fn outsiders_look_everywhere(world: &World) {
    let general = world.channel("general");
    for person in [world.fay(), world.nora()] {
        let person = person.in_channel(&general);
        for line in [
            "/inc list all:True",
            "/inc show incident:INC-0001",
            "/inc take incident:1",
            "/inc resolve incident:INC-0001",
            "/admin why incident:INC-0001",
            "/pm show incident:INC-0001",
        ] {
            person.types(line).await.expect_private();
        }
        for line in [
            "/inc take incident:",
            "/inc show incident:",
            "/pm show incident:I",
        ] {
            let offered = world.is_offered(&person, line).await;
            assert!(!offered.contains("INC-0001"), "{line}: {offered}");
        }
    }
}

#[tokio::test]
async fn a_restricted_night_that_an_alert_opened_leaves_no_trace_outside() {
    let (pager, stakeholders) = (Sink::start().await, Sink::start().await);
    let world = Setup::default()
        .pager(&pager)
        .tells("company", "generic", &stakeholders)
        .with("timeline.max_file_bytes", "1000")
        .start()
        .await;
    let secret = Alert::named("QuaggaInLog")
        .severity("critical")
        .category("security")
        .service("quagga-payments")
        .summary("quagga token in a log");
    world.alertmanager().sends(secret).await;
    let channel = world.channel("inc-0001-");
    channel
        .expect_members(&["sam", "mo", "kim"])
        .expect_line("keep the evidence");
    world.sam().takes_it().await;
    a_night_inside(&world).await;
    let asked = world.sam().types("/inc resolve").await;
    asked.clicks("Resolve anyway").await;
    world.advance(2.hours()).await;
    let mut inside = Inside::of(&world, &channel).since_the_beginning();
    for person in [world.sam(), world.mo(), world.kim()] {
        inside = inside.and_with(person.in_discord().dm_channel());
    }

    inside.outsiders_come(&world);
    outsiders_look_everywhere(&world).await;

    world
        .expect_no_trace(&[CANARY], &inside, &[&pager, &stakeholders])
        .await;
    assert_eq!(pager.taken().len(), 1, "who is on call was woken");
    assert!(stakeholders.posted().is_empty(), "nobody else was told");
    world.ends().await;
}

#[tokio::test]
async fn a_night_that_somebody_hides_leaves_no_trace_outside_from_then_on() {
    let stakeholders = Sink::start().await;
    let world = Setup::default()
        .tells("company", "generic", &stakeholders)
        .start()
        .await;
    let alert = Alert::named("QuaggaErrors")
        .severity("critical")
        .category("backend")
        .service("quagga")
        .summary("quagga 5xx");
    world.alertmanager().sends(alert).await;
    let channel = world.channel("inc-0001-");
    assert!(channel.name.contains(CANARY), "{}", channel.name);
    channel.expect_members(&["sam", "ada", "fay", "mo", "kim", "priya"]);
    let digest = world.channel("incidents");
    digest.expect_line(CANARY);
    world.sam().takes_it().await;
    world.advance(20.seconds()).await;
    let told_before = stakeholders.posted().len();

    world.sam().types("/inc more what:restricted").await;
    world.everything_gets_through().await;

    let mut inside = Inside::of(&world, &channel);
    for person in [world.sam(), world.mo(), world.kim(), world.ada()] {
        inside = inside.and_with(person.in_discord().dm_channel());
    }
    a_night_inside(&world).await;
    let channel = world.channel("inc-0001-");
    assert!(!channel.name.contains(CANARY), "{}", channel.name);
    channel
        .expect_members(&["sam", "ada", "mo", "kim"])
        .expect_line("made this restricted")
        .expect_line("keep the evidence");
    digest.expect_line("restricted").expect_no_line(CANARY);

    inside.outsiders_come(&world);
    outsiders_look_everywhere(&world).await;

    assert_eq!(
        stakeholders.posted().len(),
        told_before,
        "nothing more is told"
    );
    world.expect_no_trace(&[CANARY], &inside, &[]).await;
    world.ends().await;
}

#[tokio::test]
async fn a_hidden_incident_that_came_back_is_not_named_to_those_outside_who_open_their_own() {
    let world = World::new().await;
    let alert = Alert::named("api-slow").severity("critical");
    world.alertmanager().sends(alert).await;
    world.sam().takes_it().await;
    let asked = world.sam().types("/inc resolve").await;
    asked.clicks("Resolve anyway").await;
    world.advance(25.hours()).await;
    let first = world.channel("inc-0001-");
    let ada = world.ada().in_channel(&first);
    ada.types("/inc more what:relapse").await.expect("INC-0002");
    world.everything_gets_through().await;
    let second = world.channel("inc-0002-");
    let hers = world.ada().in_channel(&second);
    hers.types("/inc more what:restricted").await;
    world.everything_gets_through().await;

    let outsider = world.fay().in_channel(&first);
    let told = outsider.types("/inc more what:relapse").await;
    assert!(!told.text().contains("INC-0002"), "{}", told.text());
    told.expect("INC-0003").expect("You have it");
    ada.types("/inc more what:relapse")
        .await
        .expect("is live for it already");
    world.ends().await;
}

#[tokio::test]
async fn somebody_who_is_let_in_sees_it_and_only_command_shows_it_to_everybody_again() {
    let world = World::new().await;
    let secret = Alert::named("SecretInLog")
        .severity("critical")
        .category("security");
    world.alertmanager().sends(secret).await;
    let channel = world.channel("inc-0001-");
    world.sam().takes_it().await;

    let asked = world.sam().types("/inc more what:who-sees").await;
    let fay = world.fay().id().to_string();
    asked.chooses("Somebody…", &[&fay]).await;
    channel
        .expect_members(&["sam", "fay", "mo", "kim"])
        .expect_line("@sam let @fay in");

    let refused = world.fay().types("/inc more what:who-sees").await;
    refused
        .clicks("🔓 Show it to everybody again")
        .await
        .expect("Only @sam, who holds command, can show it to everybody again");
    let asked = world.sam().types("/inc more what:who-sees").await;
    let really = asked.clicks("🔓 Show it to everybody again").await;
    really.expect("What was read cannot be taken back");
    channel.expect_members(&["sam", "fay", "mo", "kim"]);
    really.clicks("Show it to everybody").await;
    world.everything_gets_through().await;
    channel.expect_members(&["sam", "ada", "fay", "mo", "kim", "priya"]);
    world.channel("inc-0001-secretinlog");
    world.channel("incidents").expect_line("SecretInLog");
    world.ends().await;
}
