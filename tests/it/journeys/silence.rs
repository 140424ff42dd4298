//! What it means when nothing comes: a watchdog that stays away, and an incident that went away unseen.

use bridgewatch_core::incident::CancelReason;
use bridgewatch_core::phase::Phase;

use crate::world::{Alert, Setup, Span as _, World};

const AWAY: &str = "The watchdog alert has not come since";
const BACK: &str = "The watchdog alert is back";

async fn barks(world: &World) {
    let alert = Alert::named("Watchdog").severity("critical");
    world.alertmanager().sends(alert).await;
}

fn waits_for_it() -> Setup {
    Setup::default()
        .with("watchdog.alertname", "Watchdog")
        .with("watchdog.interval", "5m")
}

async fn is_told(world: &World, line: &str, times: usize) {
    let incidents = world.channel("incidents");
    world
        .until(line, async || incidents.count(line) >= times)
        .await;
    world.settle().await;
    assert_eq!(incidents.count(line), times, "{line}");
}

#[tokio::test]
async fn a_watchdog_that_stays_away_is_told_once_and_once_when_it_is_back() {
    let world = waits_for_it().start().await;
    world.advance(2.hours()).await;
    assert_eq!(world.channel("incidents").count(AWAY), 0, "it never came");
    barks(&world).await;
    assert_eq!(world.incidents().await, 0, "it opens no incident");

    world.advance(14.minutes()).await;
    assert_eq!(world.channel("incidents").count(AWAY), 0);
    world.advance(1.minutes()).await;
    is_told(&world, AWAY, 1).await;
    world.advance(1.hours()).await;
    world.stops_the_bot().await;
    world.starts_the_bot().await;
    world.advance(1.hours()).await;
    is_told(&world, AWAY, 1).await;

    barks(&world).await;
    world.advance(1.minutes()).await;
    is_told(&world, BACK, 1).await;
    world.advance(15.minutes()).await;
    is_told(&world, AWAY, 2).await;
    world.ends().await;
}

#[tokio::test]
async fn a_bot_that_was_away_itself_waits_before_it_complains() {
    let world = waits_for_it().start().await;
    barks(&world).await;
    world.stops_the_bot().await;
    world.sleeps(8.hours()).await;
    world.starts_the_bot().await;
    world.advance(4.minutes()).await;
    barks(&world).await;
    world.advance(10.minutes()).await;
    assert_eq!(world.channel("incidents").count(AWAY), 0);
    world.ends().await;
}

#[tokio::test]
async fn a_minor_incident_that_cleared_untouched_ends_by_itself() {
    let world = World::new().await;
    world.alertmanager().fires("DiskFilling", "warning").await;
    world.advance(2.minutes()).await;
    world
        .alertmanager()
        .resolves_late("DiskFilling", 0.seconds())
        .await;
    world.advance(29.minutes()).await;
    assert_eq!(world.incident(1).await.phase, Phase::Open);
    world.advance(2.minutes()).await;
    let incident = world.incident(1).await;
    assert_eq!(incident.cancelled, Some(CancelReason::SelfCleared));
    world
        .newest_incident_channel()
        .expect_once("Cleared by itself");
    world.ends().await;
}
