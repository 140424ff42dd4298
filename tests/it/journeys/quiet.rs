//! At night the bot asks a person once in five minutes, in however many incidents they are.

use crate::world::{Alert, Span as _, World};

/// How many questions about the timeline Kim was sent.
fn asked(world: &World) -> usize {
    let direct = world.kim().dm();
    direct.count("nothing noted. What happened?") + direct.count("log this?")
}

async fn keeps_the_timeline(world: &World, channel: &str) {
    let room = world.channel(channel);
    world
        .kim()
        .in_channel(&room)
        .types("/inc roles")
        .await
        .clicks("I'll be Docs")
        .await;
}

async fn two_incidents() -> World {
    let world = World::new().await;
    world.alertmanager().fires("DbDown", "critical").await;
    world.sam().takes_it().await;
    keeps_the_timeline(&world, "inc-0001-").await;
    world.advance(2.minutes()).await;
    let other = Alert::named("EdgeDown")
        .severity("critical")
        .service("edge");
    world.alertmanager().sends(other).await;
    let room = world.channel("inc-0002-");
    world.ada().in_channel(&room).types("/inc take").await;
    keeps_the_timeline(&world, "inc-0002-").await;
    world
}

/// A silence of one incident and a likely fact of another fall into the same minutes: the second waits in *More…* and is
/// asked afterwards.
#[tokio::test]
async fn one_person_in_two_incidents_is_asked_once_in_five_minutes() {
    let world = two_incidents().await;
    let other = world.channel("inc-0002-");
    world.advance(6.minutes()).await;
    let ada = world.ada().in_channel(&other);
    ada.says("obs: the edge answers 502").await;
    world.advance(8.minutes()).await;
    assert_eq!(asked(&world), 1, "the first incident is silent for long");

    ada.says("rolling back to the last release").await;
    world.advance(2.minutes()).await;
    assert_eq!(asked(&world), 1, "Kim is left alone");
    let more = world.kim().in_channel(&other).types("/inc more").await;
    more.expect("Held back for a few minutes");
    more.expect("messages that look like facts");

    world.stops_the_bot().await;
    world.starts_the_bot().await;
    world.advance(1.minutes()).await;
    assert_eq!(asked(&world), 1, "a restart forgets nobody's rest");
    world.advance(3.minutes()).await;
    assert_eq!(asked(&world), 2);
    world.kim().dm().expect_line("rolling back");
    let more = world.kim().in_channel(&other).types("/inc more").await;
    assert!(!more.text().contains("messages that look like facts"));
    world.ends().await;
}

/// It is night where Kim lives, wherever the server stands.
#[tokio::test]
async fn it_is_night_where_the_person_lives() {
    let world = crate::world::Setup::default()
        .with("server.timezone", "Asia/Tokyo")
        .start()
        .await;
    world.everything_burns().await;
    world.sam().takes_it().await;
    keeps_the_timeline(&world, "inc-0001-").await;
    let hints = |world: &World| world.kim().dm().count("log this?");
    world.sam().says("rolling back to the last release").await;
    world.advance(2.minutes()).await;
    world.sam().says("5xx down to 9 %").await;
    world.advance(2.minutes()).await;
    assert_eq!(hints(&world), 1);
    world.advance(3.minutes()).await;
    assert_eq!(
        hints(&world),
        2,
        "the second came when the five minutes were over"
    );
    world.ends().await;
}
