//! Maintenance: what is expected wakes nobody, and what is left of it afterwards is an incident.

use bridgewatch_core::incident::MilestoneName;

use crate::world::{Alert, Setup, Sink, Span as _, World};

fn orders_fail() -> Alert {
    Alert::named("OrdersDown")
        .severity("critical")
        .service("orders-api")
}

async fn an_hour_is_planned(world: &World) {
    world
        .sam()
        .types("/admin maintenance service:orders-api minutes:60 reason:\"new database\"")
        .await
        .expect("Maintenance 1 of service=orders-api")
        .expect_private();
}

#[tokio::test]
async fn what_fires_during_maintenance_waits_and_opens_afterwards_with_its_true_times() {
    let pager = Sink::start().await;
    let world = Setup::default().pager(&pager).start().await;
    an_hour_is_planned(&world).await;
    world.advance(10.minutes()).await;
    let began_at = world.now();

    world.alertmanager().sends(orders_fail()).await;
    world.advance(20.minutes()).await;
    world.alertmanager().repeats().await;

    assert_eq!(world.incidents().await, 0);
    assert!(pager.taken().is_empty(), "nobody is woken");
    world
        .channel("incidents")
        .expect_once("Maintenance of service=orders-api until 04:02");
    let listed = world.sam().types("/admin maintenance").await;
    listed.expect("1 group held").expect("new database");

    // The bot is away when the window ends.
    world.stops_the_bot().await;
    world.advance(40.minutes()).await;
    world.starts_the_bot().await;
    world
        .until("what still fires opens its incident", async || {
            world.incidents().await == 1
        })
        .await;
    world.settle().await;
    assert_eq!(
        world.milestone(1, MilestoneName::Detected).await,
        Some(began_at)
    );
    assert_eq!(pager.taken().len(), 1, "now somebody is woken");
    world.ends().await;
}

#[tokio::test]
async fn what_cleared_during_maintenance_leaves_nothing_behind() {
    let world = World::new().await;
    an_hour_is_planned(&world).await;
    world.alertmanager().sends(orders_fail()).await;
    world.advance(10.minutes()).await;
    world
        .alertmanager()
        .resolves_late("OrdersDown", 1.minutes())
        .await;

    world
        .sam()
        .types("/admin maintenance")
        .await
        .clicks("End 1")
        .await
        .expect("is over");
    world.advance(70.minutes()).await;

    assert_eq!(world.incidents().await, 0);
    world.ends().await;
}

#[tokio::test]
async fn maintenance_of_one_service_holds_no_other_and_nothing_about_security() {
    let world = Setup::default()
        .with("policy.burst_window", "0s")
        .start()
        .await;
    an_hour_is_planned(&world).await;
    world
        .alertmanager()
        .sends(
            Alert::named("MailStuck")
                .severity("critical")
                .service("mail"),
        )
        .await;
    assert_eq!(world.incidents().await, 1);
    world.advance(2.minutes()).await;
    world
        .alertmanager()
        .sends(
            Alert::named("TokenInLog")
                .severity("critical")
                .service("orders-api")
                .category("security"),
        )
        .await;
    assert_eq!(world.incidents().await, 2);
    world
        .sam()
        .types("/admin maintenance service:orders-api minutes:20000 reason:x")
        .await
        .expect("between 1 minute and 7 days");
    world.ends().await;
}
