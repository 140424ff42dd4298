//! What people get for a form.

use bridgewatch_commands::Reply;
use bridgewatch_commands::forms::{FormAsks, FormId};
use bridgewatch_core::card::Act;
use bridgewatch_core::ids::{ChannelId, MessageId};
use bridgewatch_core::phase::Phase;

use crate::world::{
    ADA, INCIDENT, SAM, World, form_of, in_channel, in_private, said, viewer, viewers_are_told,
};

fn form(asks: FormAsks) -> FormId {
    FormId {
        incident: Some(INCIDENT),
        phase: None,
        asks,
    }
}

#[tokio::test]
async fn a_guess_and_who_is_hurt_are_one_line_each() {
    let world = World::in_phase(Phase::Diagnosis);
    let sam = in_private(SAM);
    let guess = world
        .fill(
            &sam,
            form(FormAsks::Think),
            &[("text", "workers hold connections")],
        )
        .await;
    insta::assert_snapshot!(said(&guess), @"Noted as a guess; the board says that it is not confirmed.");
    let hurt = world
        .fill(
            &sam,
            form(FormAsks::Impact),
            &[("text", "many users cannot order")],
        )
        .await;
    insta::assert_snapshot!(said(&hurt), @"Who is hurt is on the board.");
    let known = world.press(&sam, Act::Impact).await;
    assert_eq!(form_of(&known).fields[0].value, "many users cannot order");
    let described = world
        .fill(
            &sam,
            form(FormAsks::Describe),
            &[
                ("title", "tokens used by strangers"),
                ("category", "Security"),
                ("services", "login, web"),
            ],
        )
        .await;
    insta::assert_snapshot!(said(&described), @"It is on the board. If only few should see it: *More…*, *🔒 Restricted*.");
    let unknown = world
        .fill(
            &sam,
            form(FormAsks::Describe),
            &[("title", "x"), ("category", "network")],
        )
        .await;
    assert!(said(&unknown).starts_with("`network` is not a category: use backend"));
    let empty = world
        .fill(&sam, form(FormAsks::Think), &[("text", "  ")])
        .await;
    insta::assert_snapshot!(said(&empty), @"The guess is empty: write a few words.");
}

#[tokio::test]
async fn an_estimate_is_a_range_with_what_it_rests_on() {
    let world = World::in_phase(Phase::Mitigation);
    let sam = in_private(SAM);
    let given = world
        .fill(
            &sam,
            form(FormAsks::Estimate),
            &[
                ("range", "30–15 min"),
                ("basis", "the rollback"),
                ("confidence", "likely"),
            ],
        )
        .await;
    insta::assert_snapshot!(said(&given), @"Noted; the next update carries it.");
    let estimate = &world.incident().estimates[0];
    assert_eq!((estimate.low_minutes, estimate.high_minutes), (15, 30));
    let unclear = world
        .fill(
            &sam,
            form(FormAsks::Estimate),
            &[
                ("range", "a while"),
                ("basis", "the rollback of the release"),
            ],
        )
        .await;
    insta::assert_snapshot!(said(&unclear), @r"
    `a while` is no range of minutes: write it like 15–30.
    Your words, to copy
    the rollback of the release
    ");
}

#[tokio::test]
async fn a_message_is_added_once_with_the_time_it_was_written() {
    let world = World::in_phase(Phase::Diagnosis);
    // Written at 02:03 UTC on the night of the incident.
    let message = MessageId(((1_795_140_180_000_u64 - 1_420_070_400_000) << 22) | 5);
    let id = form(FormAsks::AddMessage {
        channel: ChannelId(900),
        message,
        author: ADA,
    });
    let words = [("text", "pool at 100/100"), ("kind", "obs"), ("at", "")];
    let added = world.fill(&in_channel(SAM), id.clone(), &words).await;
    assert!(said(&added).contains("(02:03 UTC) **observation** pool at 100/100"));
    assert!(
        world
            .timeline()
            .contains(&"02:03 observation pool at 100/100".to_owned())
    );
    let again = world.fill(&in_channel(SAM), id.clone(), &words).await;
    insta::assert_snapshot!(said(&again), @"That is in the timeline already.");
    let future = [
        ("text", "pool at 100/100"),
        ("kind", "obs"),
        ("at", "tomorrow"),
    ];
    let refused = world.fill(&in_channel(SAM), id, &future).await;
    assert!(said(&refused).starts_with("`tomorrow` is not a time"));
}

#[tokio::test]
async fn a_form_of_a_reader_is_given_back_with_its_words() {
    let world = World::in_phase(Phase::Diagnosis);
    let before = world.incident();
    let reply = world
        .fill(
            &viewer(ADA),
            form(FormAsks::Think),
            &[("text", "the moon is in the wrong house")],
        )
        .await;
    assert!(said(&reply).starts_with(&viewers_are_told()));
    assert!(said(&reply).contains("the moon is in the wrong house"));
    assert_eq!(world.incident(), before);
}

#[tokio::test]
async fn a_form_sent_to_a_broken_store_comes_back_whole() {
    let world = World::in_phase(Phase::Learning);
    world.breaks();
    let reply = world
        .fill(
            &in_channel(SAM),
            form(FormAsks::Cause),
            &[
                ("trigger", "the release of 02:41"),
                ("cause", "workers held connections"),
            ],
        )
        .await;
    assert!(matches!(reply, Reply::Private(_)));
    let said = said(&reply);
    assert!(said.contains("to the people"), "{said}");
    assert!(said.contains("the release of 02:41") && said.contains("workers held connections"));
}
