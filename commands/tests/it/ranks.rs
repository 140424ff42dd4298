//! In direct messages a press says who, and nothing of what they may.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use bridgewatch_commands::on_component;
use bridgewatch_core::ports::{Membership, Standing};
use poise::serenity_prelude::UserId;

use crate::discord::{Discord, From, press_on};
use crate::world::{SAM, Server, World, viewers_are_told};

/// The role of those who respond, by its id.
const RESPONDERS: u64 = 7;

/// What person 5 is told who presses *Take it* in a direct message, where the server says this of them.
async fn takes_it(world: &mut World, from: From, says: Membership) -> (String, Arc<Server>) {
    somebody_takes_it(world, 5, from, says).await
}

async fn somebody_takes_it(
    world: &mut World,
    person: u64,
    from: From,
    says: Membership,
) -> (String, Arc<Server>) {
    let server = Arc::new(Server::of(says));
    world.data.members = Arc::clone(&server) as Arc<dyn bridgewatch_core::ports::Members>;
    let mut discord = Discord::listening().await;
    let mut press = press_on("bw1|142|-|take", from);
    press.user.id = UserId::new(person);
    on_component(&discord.http, &press, &world.data).await;
    let told = discord.hears().await.json["data"]["content"].clone();
    (told.as_str().unwrap_or_default().to_owned(), server)
}

fn world_with_responders() -> World {
    let mut world = World::with_open_incident();
    world.data.guard.responder_role = Some(RESPONDERS);
    world
}

fn responder() -> Standing {
    Standing {
        roles: vec![RESPONDERS],
        administrator: false,
    }
}

const TAKEN: &str = "You have it.";

#[tokio::test]
async fn what_somebody_may_in_a_direct_message_is_what_their_roles_say() {
    for (standing, takes) in [
        (Standing::default(), false),
        (responder(), true),
        (
            Standing {
                roles: Vec::new(),
                administrator: true,
            },
            true,
        ),
    ] {
        let mut world = world_with_responders();
        let says = Membership::Member(standing.clone());
        let (told, _) = takes_it(&mut world, From::Direct, says).await;
        assert_eq!(told.starts_with(TAKEN), takes, "{standing:?}: {told}");
        assert_eq!(told.starts_with(&viewers_are_told()), !takes, "{told}");
        assert_eq!(world.incident().command.is_some(), takes);
    }
}

#[tokio::test]
async fn whoever_left_the_server_is_told_so_and_does_nothing() {
    let mut world = World::with_open_incident();
    let (told, _) = takes_it(&mut world, From::Direct, Membership::Left).await;
    insta::assert_snapshot!(told, @"You are not in the server any more, so nothing was done. Whoever invites you again lets you act again.");
    assert_eq!(world.incident().command, None);
}

#[tokio::test]
async fn where_discord_is_silent_what_it_said_last_counts() {
    for (last, takes) in [(Standing::default(), false), (responder(), true)] {
        let mut world = world_with_responders();
        let says = Membership::Unknown { last: Some(last) };
        let (told, _) = takes_it(&mut world, From::Direct, says).await;
        assert_eq!(told.starts_with(TAKEN), takes, "{told}");
    }
}

#[tokio::test]
async fn where_discord_never_said_anything_whoever_was_called_may_answer_the_call() {
    let silent = || Membership::Unknown { last: None };
    let mut stranger = world_with_responders();
    let (told, _) = somebody_takes_it(&mut stranger, 8, From::Direct, silent()).await;
    assert!(told.starts_with(&viewers_are_told()), "{told}");

    let mut called = world_with_responders();
    assert!(called.incident().circle().contains(&SAM));
    let (told, _) = takes_it(&mut called, From::Direct, silent()).await;
    assert!(told.starts_with(TAKEN), "{told}");

    let mut everybody_may = World::with_open_incident();
    let (told, _) = takes_it(&mut everybody_may, From::Direct, silent()).await;
    assert!(told.starts_with(TAKEN), "{told}");
}

#[tokio::test]
async fn in_the_server_nobody_is_asked_for_and_what_was_seen_is_remembered() {
    let mut world = World::with_open_incident();
    let (told, server) = takes_it(&mut world, From::Channel, Membership::Left).await;
    assert!(told.starts_with(TAKEN), "{told}");
    assert_eq!(server.asked.load(Ordering::SeqCst), 0);
    assert_eq!(server.told.lock().expect("one test").len(), 1);
}
