//! Who is on call, as the team's file says it now: a swap holds from the next incident on, and a mistake changes nothing.

use bridgewatch_core::incident::RoleState;
use bridgewatch_core::person::PersonId;
use bridgewatch_core::role::Role;

use crate::world::{Alert, Setup, Span as _, World};

/// Who was asked to be On-Call Engineer.
async fn asked_on_call(world: &World, number: i64) -> Option<PersonId> {
    match world.incident(number).await.roles.get(&Role::OnCall) {
        Some(RoleState::Proposed { to, .. }) => Some(*to),
        _ => None,
    }
}

#[tokio::test]
async fn a_swap_in_the_rota_holds_from_the_next_incident_on() {
    let world = World::new().await;
    world.everything_burns().await;
    let sam = PersonId(world.sam().id());
    let ada = PersonId(world.ada().id());
    assert_eq!(asked_on_call(&world, 1).await, Some(sam));

    world.writes_rota(&[("oncall", "ada")]).await;
    assert_eq!(
        asked_on_call(&world, 1).await,
        Some(sam),
        "who was asked stays asked"
    );
    world.advance(20.minutes()).await;
    world.alertmanager().sends(another_failure()).await;

    assert_eq!(asked_on_call(&world, 2).await, Some(ada));
    world.ada().dm().expect_line("mail-api");
    world.ends().await;
}

/// A file with a mistake is told of once, however often it is looked at, and whoever was on call stays it.
#[tokio::test]
async fn a_rota_with_a_mistake_is_refused_and_the_one_before_holds() {
    let world = World::new().await;
    world.expects_warning("the rota is refused");
    let broken =
        "timezone = \"Europe/Berlin\"\n[[schedule]]\nrole = \"oncal\"\npeople = [\"@ada\"]\n";
    world.writes_rota_as(broken).await;
    let digest = world.channel("incidents");
    digest
        .expect_once("⚠ The rota cannot be used; the one before holds.")
        .expect_once("rota.toml:3:");
    world.folder_is_looked_at().await;
    digest.expect_once("⚠ The rota cannot be used");

    world.alertmanager().sends(another_failure()).await;
    let sam = PersonId(world.sam().id());
    assert_eq!(asked_on_call(&world, 1).await, Some(sam));

    world.writes_rota(&[("oncall", "ada")]).await;
    digest.expect_once("✅ The rota can be used again.");
    world.advance(20.minutes()).await;
    world
        .alertmanager()
        .sends(
            Alert::named("SearchFails")
                .severity("critical")
                .service("search"),
        )
        .await;
    let ada = PersonId(world.ada().id());
    assert_eq!(asked_on_call(&world, 2).await, Some(ada));
    world.ends().await;
}

/// A file that has gone, as when a disk is not mounted, sends nobody off call.
#[tokio::test]
async fn a_rota_that_has_gone_sends_nobody_off_call() {
    let world = Setup::default().start().await;
    world.expects_warning("the rota cannot be read");
    std::fs::remove_file(world.folder().join("rota.toml")).expect("the file is there");
    world.folder_is_looked_at().await;
    world
        .channel("incidents")
        .expect_once("⚠ The rota cannot be read; the one before holds.");

    world.alertmanager().sends(another_failure()).await;
    let sam = PersonId(world.sam().id());
    assert_eq!(asked_on_call(&world, 1).await, Some(sam));
    world.ends().await;
}

fn another_failure() -> Alert {
    Alert::named("MailFails")
        .severity("critical")
        .service("mail-api")
}
