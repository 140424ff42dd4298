//! Somebody who is in no incident finds something broken, and everything they need is two taps away.

use bridgewatch_core::front_desk::{FRONT_DESK_FACT, Standing, front_desk_effect};

use crate::world::{Message, Setup, Span as _, World};

/// The messages that stand in the announcement channel for whoever finds something broken.
fn standing(world: &World) -> Vec<Message> {
    let messages = world.channel("incidents").messages();
    let stands = |message: &Message| message.text.contains("Something wrong?");
    messages.into_iter().filter(stands).collect()
}

fn the_one(world: &World) -> Message {
    let mut standing = standing(world);
    match (standing.pop(), standing.len()) {
        (Some(one), 0) => one,
        (found, more) => world.fail(&format!(
            "{more} and {} stand",
            usize::from(found.is_some())
        )),
    }
}

/// Discord's flag of a message for which no phone rings.
const SILENT: u64 = 1 << 12;

#[tokio::test]
async fn one_message_stands_over_restarts_silent_and_pinned() {
    let world = World::new().await;
    let first = the_one(&world);
    assert_eq!(first.buttons(), ["New incident…", "More…"]);
    assert_eq!(first.view.flags & SILENT, SILENT, "no phone rings");
    assert!(first.view.mention_ids.is_empty() && !first.view.mention_everyone);
    assert!(first.view.pinned);

    world.stops_the_bot().await;
    world.starts_the_bot().await;
    world.kills_the_bot().await;
    world.starts_the_bot().await;

    let now = the_one(&world);
    assert_eq!(now.view.id, first.view.id);
    assert!(now.view.edited_at.is_none(), "it is left alone");
    world.ends().await;
}

#[tokio::test]
async fn one_that_was_deleted_comes_back_and_one_that_was_deleted_meanwhile_as_well() {
    let world = World::new().await;
    let first = the_one(&world);
    let incidents = world.channel("incidents");
    world.somebody_deletes(&incidents, first.view.id).await;
    let second = the_one(&world);
    assert_ne!(second.view.id, first.view.id);
    assert!(second.view.pinned);

    world.stops_the_bot().await;
    world.somebody_deletes(&incidents, second.view.id).await;
    assert!(standing(&world).is_empty());
    world.starts_the_bot().await;
    let third = the_one(&world);
    assert_eq!(third.buttons(), ["New incident…", "More…"]);
    world.ends().await;
}

#[tokio::test]
async fn where_the_bot_may_not_pin_it_stands_all_the_same() {
    let usual = discord_sim::Settings::default().bot_permissions;
    let setup = Setup::default().invited_with(usual & !discord_sim::permissions::PIN_MESSAGES);
    let world = setup.start().await;
    assert!(!the_one(&world).view.pinned);
    world.stops_the_bot().await;
    world.starts_the_bot().await;
    assert_eq!(the_one(&world).buttons(), ["New incident…", "More…"]);
    world.ends().await;
}

#[tokio::test]
async fn a_team_that_wants_none_gets_none_and_has_the_desk_by_name() {
    let setup = Setup::default().with("discord.front_desk", "off");
    let world = setup.start().await;
    assert!(standing(&world).is_empty());
    let desk = world.priya().types("/inc more").await;
    desk.expect("Front desk").expect_private();
    desk.clicks("Open incidents")
        .await
        .expect("No incident is live");
    world.ends().await;
}

#[tokio::test]
async fn one_that_discord_does_not_let_it_edit_is_replaced() {
    let world = World::new().await;
    let first = the_one(&world);
    let store = world.store();
    let known = store.fact(FRONT_DESK_FACT).await.expect("a read");
    let known = known.as_deref().and_then(Standing::decode);
    let of_yesterday = Standing {
        shows: "of an older version".to_owned(),
        ..known.expect("it is remembered where it stands")
    };
    let fact = of_yesterday.encode();
    let remembered = store.remember(FRONT_DESK_FACT, &fact).await;
    remembered.expect("the store writes");
    world.stops_the_bot().await;
    let faults = world.discord().faults();
    faults
        .on("PATCH", "/channels/*/messages/*")
        .always()
        .refused(403, 50005, "Cannot edit a message authored by another user");
    world.starts_the_bot().await;
    world
        .until("another takes its place", async || {
            let ids = standing(&world).into_iter().map(|one| one.view.id);
            ids.into_iter().any(|id| id != first.view.id)
        })
        .await;
    world.settle().await;
    let second = the_one(&world);
    assert_ne!(second.view.id, first.view.id);
    assert!(second.view.pinned);
    faults.clear();
    world.ends().await;
}

#[tokio::test]
async fn one_of_which_nothing_is_remembered_that_can_be_read_is_posted_anew() {
    let world = World::new().await;
    let first = the_one(&world);
    let remembered = world.store().remember(FRONT_DESK_FACT, "nonsense").await;
    remembered.expect("the store writes");
    world.stops_the_bot().await;
    world.starts_the_bot().await;
    world
        .until("it is posted anew", async || standing(&world).len() == 2)
        .await;
    let stand = standing(&world);
    assert_ne!(stand[1].view.id, first.view.id);
    world.ends().await;
}

#[tokio::test]
async fn what_waits_is_not_posted_after_a_team_wants_none() {
    let setup = Setup::default().with("discord.front_desk", "off");
    let world = setup.start().await;
    let waits = front_desk_effect(None, false, world.now());
    let waits = waits.expect("it is wanted where nothing stands");
    let stored = world.store().enqueue(vec![waits], world.now()).await;
    stored.expect("the store writes");
    world.settle().await;
    assert!(standing(&world).is_empty());
    world.ends().await;
}

/// Two taps and a few words, and whatever Discord does meanwhile, they are not lost.
#[tokio::test]
async fn from_the_form_to_the_channel() {
    let world = World::new().await;
    let ada = world.ada().in_channel(&world.channel("incidents"));
    let form = ada.clicks("New incident…").await;
    let empty = form
        .fills_in(&[("What is wrong, in a few words", "\u{200b}\u{2060}")])
        .await;
    empty.expect("An incident needs a title").expect_private();
    assert_eq!(world.incidents().await, 0);

    let form = ada.clicks("New incident…").await;
    let begun = form
        .fills_in(&[(
            "What is wrong, in a few words",
            "orders fail @everyone <@&1>",
        )])
        .await;
    begun
        .expect("INC-0001")
        .expect("You have it")
        .expect_private();
    world.channel("inc-0001-orders-fail").expect_board("SEV2");
    for channel in ["incidents", "inc-0001-orders-fail"] {
        for message in world.channel(channel).messages() {
            assert!(!message.view.mention_everyone, "{}", message.text);
            assert!(message.view.mention_role_ids.is_empty(), "{}", message.text);
        }
    }
    let desk = ada.clicks("More…").await;
    let list = desk.clicks("Open incidents").await;
    list.expect("INC-0001");
    let board = list.chooses("Open the board of…", &["INC-0001"]).await;
    board.expect("**ROLES**").expect_private();
    board.clicks("Roles").await.expect("On-Call");
    world.ends().await;
}

/// Whoever may only read, reads; where they may not go on, they are told who can.
#[tokio::test]
async fn a_reader_finds_everything_and_is_refused_in_words() {
    let setup = Setup::default().with("discord.responder_role", "responder");
    let world = setup.start().await;
    let priya = world.priya().in_channel(&world.channel("incidents"));
    let desk = priya.clicks("More…").await;
    desk.clicks("Check the setup")
        .await
        .expect("responder")
        .expect_private();
    let runbooks = desk.clicks("Runbooks…").await;
    runbooks
        .chooses("Read one…", &["backend"])
        .await
        .expect("Diagnosis");
    // The card is one: what is asked next takes its place.
    let desk = runbooks.clicks("Front desk").await;
    let maintenance = desk.clicks("Maintenance…").await;
    maintenance.expect("No maintenance is planned");
    maintenance
        .clicks("Plan…")
        .await
        .expect("responder")
        .expect_private();
    let told = priya.clicks("New incident…").await;
    let told = told
        .fills_in(&[("What is wrong, in a few words", "I cannot order")])
        .await;
    told.expect("INC-0001");
    assert!(!told.text().contains("You have it"));
    world.ends().await;
}

/// A responder without *Manage Server* never sees `/admin`, and plans all the same.
#[tokio::test]
async fn maintenance_is_planned_and_ended_from_the_desk_without_an_incident() {
    let world = World::new().await;
    let sam = world.sam().in_channel(&world.channel("incidents"));
    let card = sam.types("/inc more what:maintenance").await;
    let form = card.clicks("Plan…").await;
    let planned = form
        .fills_in(&[
            ("Which service, or labels", "orders-api"),
            ("Until, or how long", "90m"),
            ("Why, in a few words", "new database"),
        ])
        .await;
    planned.expect("Maintenance 1 of").expect_private();
    assert_eq!(
        world
            .store()
            .windows()
            .await
            .expect("the store answers")
            .0
            .len(),
        1
    );
    let card = sam.types("/inc more what:Maintenance…").await;
    card.expect("orders-api");
    card.clicks("End 1").await.expect("is over");
    world.advance(1.minutes()).await;
    world.ends().await;
}

#[tokio::test]
async fn the_desk_says_what_is_asked_of_an_incident_and_what_it_does_not_know() {
    let world = World::new().await;
    let sam = world.sam();
    sam.types("/inc more what:impact")
        .await
        .expect("name it with the option");
    sam.types("/inc more what:soup")
        .await
        .expect("nothing called `soup` here");
    sam.types("/inc more what:check")
        .await
        .expect("connected to Discord");
    sam.types("/inc help")
        .await
        .clicks("About roles")
        .await
        .expect("Help: roles");
    let form = sam.types("/inc more what:new").await;
    form.fills_in(&[
        ("What is wrong, in a few words", "mail is stuck"),
        ("How bad: sev1 to sev4 (empty: sev2)", "sev3"),
    ])
    .await
    .expect("SEV3");
    let desk = sam.types("/inc more what:front-desk").await;
    desk.expect("Front desk");
    world.ends().await;
}
