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
        .types("/admin maintenance service:orders-api until:60m reason:\"new database\"")
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
    world
        .sam()
        .types("/inc list")
        .await
        .expect("service=orders-api held by maintenance until 04:02 (1 group)");

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
        .types("/admin maintenance service:orders-api until:20000m reason:x")
        .await
        .expect("between 1 minute and 7 days");
    world.ends().await;
}

/// Whoever fights the one alert that a deployment causes plans the window from the incident, and types the time they mean.
#[tokio::test]
async fn a_window_is_planned_from_the_incident_with_a_time_on_the_wall() {
    let world = World::new().await;
    world.alertmanager().sends(orders_fail()).await;
    world.sam().takes_it().await;
    let shown = world.sam().types("/inc show view:alerts").await;
    shown.expect("1 firing").expect_private();

    let form = shown.clicks("Maintenance…").await;
    form.fills_in(&[
        ("Until, or how long", "04:30"),
        ("Why, in a few words", "new database"),
    ])
    .await
    .expect("Maintenance 1 of service=orders-api")
    .expect("04:30");

    world
        .sam()
        .types("/inc show view:alerts")
        .await
        .expect("held by maintenance until 04:30 (nothing yet)");
    world
        .sam()
        .types("/inc more what:maintenance")
        .await
        .fills_in(&[
            ("Which service, or labels", "mail"),
            ("Until, or how long", "soon"),
            ("Why, in a few words", "x"),
        ])
        .await
        .expect("is no time to come");
    world
        .sam()
        .types("/admin maintenance end:1")
        .await
        .expect("is over");
    world.ends().await;
}

/// What an earlier version remembered as one value is there after the first start of this one, with what it held.
#[tokio::test]
async fn the_windows_of_an_earlier_version_are_taken_over() {
    let world = World::new().await;
    an_hour_is_planned(&world).await;
    world.alertmanager().sends(orders_fail()).await;
    let windows = world.store().windows().await.expect("the store answers");
    let mut remembered = windows.clone();
    for window in &mut remembered.0 {
        window.id += 1;
    }
    let text = serde_json::to_string(&remembered).expect("windows are JSON");
    let fact = "maintenance-windows";
    world
        .store()
        .remember(fact, &text)
        .await
        .expect("remembered");
    for _ in 0..2 {
        world.stops_the_bot().await;
        world.starts_the_bot().await;
    }
    let taken_over = world.store().windows().await.expect("the store answers");
    assert_eq!(taken_over.0, [windows.0, remembered.0].concat());
    let left = world.store().fact(fact).await.expect("the store answers");
    assert_eq!(left.as_deref(), Some(""));
    world.ends().await;
}
