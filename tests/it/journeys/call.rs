//! *Join call*, over the wire: a voice channel that is opened once, for exactly those who see the incident.

use discord_sim::{ChannelKind, ChannelView, permissions as p};

use super::ending::is_closed_with_its_lessons;
use crate::world::{Alert, Message, Setup, Span as _, World};

const MEET: &str = "https://meet.example/war-room";

/// The voice channels that were opened.
fn calls(world: &World) -> Vec<ChannelView> {
    let channels = world.discord().channels().into_iter();
    channels
        .filter(|channel| channel.kind == ChannelKind::Voice && channel.name.starts_with("call-"))
        .collect()
}

fn the_call(world: &World) -> ChannelView {
    let mut calls = calls(world);
    assert_eq!(calls.len(), 1, "{calls:?}");
    calls.remove(0)
}

/// Where the button *Join call* of a message leads, if it is a link.
fn leads_to(message: &Message) -> Option<String> {
    let join = message
        .view
        .buttons()
        .find(|button| button.label == "Join call");
    join.expect("there is a way to the call").url.clone()
}

async fn sam_has_it() -> World {
    let world = World::new().await;
    world.alertmanager().fires("api-latency", "critical").await;
    world.sam().takes_it().await;
    world
}

#[tokio::test]
async fn two_who_join_at_the_same_time_meet_in_one_call() {
    let world = sam_has_it().await;
    let channel = world.channel("inc-0001-");
    let (sam, ada) = (
        world.sam().in_channel(&channel),
        world.ada().in_channel(&channel),
    );

    let (first, second) = tokio::join!(sam.clicks("Join call"), ada.clicks("Join call"));
    for answer in [first, second] {
        answer.expect_private();
    }

    let call = the_call(&world);
    assert_eq!(call.name, "call-inc-0001");
    let category = world.discord().channel_named(&channel.name);
    assert_eq!(call.parent_id, category.expect("it is there").parent_id);
    let way = format!(
        "https://discord.com/channels/{}/{}",
        world.discord().guild_id(),
        call.id
    );
    assert_eq!(leads_to(&channel.board()), Some(way.clone()));
    assert_eq!(
        leads_to(&channel.saying("The call is open")),
        Some(way.clone())
    );
    let page = world.sam().dm().saying("You have it");
    assert_eq!(leads_to(&page), Some(way));
    channel.expect_once("The call is open");
    let lines = world.timeline(1).await;
    let opened = lines.iter().filter(|line| line.text == "call opened");
    assert_eq!(opened.count(), 1);
    sam.types("/inc more what:call")
        .await
        .expect("The call is open");
    world.ends().await;
}

#[tokio::test]
async fn the_call_of_a_restricted_incident_is_private_from_its_first_second() {
    let world = World::new().await;
    let secret = Alert::named("SecretInLog")
        .severity("critical")
        .category("security");
    world.alertmanager().sends(secret).await;
    world.sam().takes_it().await;
    world.discord().clear_requests();
    world.sam().clicks("Join call").await;

    let call = the_call(&world);
    let made = world
        .discord()
        .requests()
        .into_iter()
        .find(|request| request.method == "POST" && request.route.ends_with("/channels"))
        .expect("it was made");
    let overwrites = made.request["permission_overwrites"].as_array().cloned();
    assert!(
        overwrites.is_some_and(|list| list.len() >= 4),
        "everybody, the bot and the circle: {}",
        made.request
    );
    let sees = |person: &crate::world::Person<'_>| person.in_discord().sees(call.id);
    assert!(sees(&world.sam()) && sees(&world.mo()));
    assert!(!sees(&world.fay()) && !sees(&world.ada()));

    let fay = world.fay().id().to_string();
    let who = world.sam().types("/inc more what:who-sees").await;
    who.chooses("Somebody…", &[&fay]).await;
    assert!(sees(&world.fay()), "whoever is let in may talk too");
    assert!(!sees(&world.ada()));
    world.ends().await;
}

#[tokio::test]
async fn a_call_is_hidden_together_with_its_incident() {
    let world = sam_has_it().await;
    world.sam().clicks("Join call").await;
    let call = the_call(&world);
    assert!(world.fay().in_discord().sees(call.id));

    world.sam().types("/inc more what:restricted").await;
    world.everything_gets_through().await;

    assert!(world.sam().in_discord().sees(call.id));
    assert!(!world.fay().in_discord().sees(call.id));
    world.ends().await;
}

/// Discord refuses the change of the channel; the call beside it is hidden all the same.
#[tokio::test]
async fn a_call_is_hidden_even_while_its_channel_cannot_be() {
    let world = sam_has_it().await;
    world.sam().clicks("Join call").await;
    let call = the_call(&world);
    let text = world.channel("inc-0001-").id;
    world.expects_warning("Missing Permissions");
    world
        .discord()
        .faults()
        .on("PATCH", &format!("/channels/{text}"))
        .always()
        .forbidden(50013);

    world.sam().types("/inc more what:restricted").await;
    world.advance(20.seconds()).await;

    assert!(world.fay().in_discord().sees(text), "this is refused");
    assert!(!world.fay().in_discord().sees(call.id));
    world.discord().faults().clear();
    world.ends().await;
}

#[tokio::test]
async fn a_bot_that_may_not_open_channels_says_so_and_leads_to_the_other_address() {
    let world = Setup::default().with("call.link", MEET).start().await;
    world.alertmanager().fires("api-latency", "critical").await;
    world.sam().takes_it().await;
    let usual = p::USUAL_INVITE;
    assert!(
        world
            .discord()
            .set_role_permissions("Bridgewatch", usual & !p::MANAGE_CHANNELS)
    );

    world.sam().clicks("Join call").await;

    let channel = world.channel("inc-0001-");
    assert!(calls(&world).is_empty());
    let said = channel.saying("The call could not be opened");
    assert!(said.text.contains("Manage Channels"), "{}", said.text);
    assert_eq!(leads_to(&said).as_deref(), Some(MEET));
    assert_eq!(leads_to(&channel.board()).as_deref(), Some(MEET));

    world.discord().set_role_permissions("Bridgewatch", usual);
    world.sam().types("/inc more what:call").await;
    the_call(&world);
    world.ends().await;
}

#[tokio::test]
async fn a_call_goes_ten_minutes_after_its_incident_is_closed() {
    let world = sam_has_it().await;
    world.sam().clicks("Join call").await;
    let asked = world.sam().types("/inc resolve").await;
    asked.clicks("Resolve anyway").await;
    world.advance(10.hours()).await;
    the_call(&world);
    is_closed_with_its_lessons(&world).await;
    world.advance(9.minutes()).await;
    the_call(&world);
    world.advance(2.minutes()).await;
    assert!(calls(&world).is_empty());
    let board = world.channel("inc-0001-").board();
    assert!(
        !board.buttons().contains(&"Join call"),
        "{:?}",
        board.buttons()
    );
    world.ends().await;
}

#[tokio::test]
async fn a_call_that_a_crash_interrupts_is_opened_once() {
    for lost in [false, true] {
        let world = sam_has_it().await;
        let fault = world
            .discord()
            .faults()
            .on("POST", "/guilds/{guild_id}/channels");
        let fault = if lost {
            fault.answer_lost()
        } else {
            fault.hang()
        };
        let who = world.sam().in_channel(&world.channel("inc-0001-"));
        who.in_discord()
            .click(world.channel("inc-0001-").board().view.id, "Join call")
            .await
            .expect("it can be pressed");
        world
            .until("the bot is in the middle of it", async || {
                world.discord().faults().struck(fault) > 0
            })
            .await;

        world.kills_the_bot().await;
        world.discord().faults().clear();
        world.tolerates_warning("the effect waits for another attempt");
        world.starts_the_bot().await;
        world.advance(20.seconds()).await;

        let call = the_call(&world);
        let board = leads_to(&world.channel("inc-0001-").board());
        assert!(board.is_some_and(|url| url.ends_with(&call.id.to_string())));
        world.ends().await;
    }
}

#[tokio::test]
async fn a_call_that_somebody_deleted_is_opened_anew() {
    let world = sam_has_it().await;
    world.sam().clicks("Join call").await;
    let first = the_call(&world);
    world
        .nora()
        .in_discord()
        .delete_channel(first.id)
        .expect("Nora may");
    world.settle().await;
    let channel = world.channel("inc-0001-");
    assert_eq!(
        leads_to(&channel.board()),
        None,
        "it leads nowhere any more"
    );
    world
        .sam()
        .in_channel(&channel)
        .clicks_on(&channel.board(), "Join call")
        .await;
    assert_ne!(the_call(&world).id, first.id);

    // The next one is deleted while nobody hears of it.
    world.stops_the_bot().await;
    let second = the_call(&world);
    world
        .nora()
        .in_discord()
        .delete_channel(second.id)
        .expect("Nora may");
    world.starts_the_bot().await;
    world.advance(6.minutes()).await;
    assert_eq!(leads_to(&channel.board()), None);
    world.ends().await;
}

#[tokio::test]
async fn a_call_stays_when_its_incident_was_real_after_all() {
    let world = sam_has_it().await;
    world.sam().clicks("Join call").await;
    let call = the_call(&world);
    let why = world.sam().types("/inc more what:cancel").await;
    why.clicks("False alarm").await;
    world.advance(3.minutes()).await;

    world.sam().clicks("It was real after all").await;
    world.advance(15.minutes()).await;

    assert_eq!(the_call(&world).id, call.id);
    world.ends().await;
}
