//! What people get for a press: word to the stakeholders, and the end.

use bridgewatch_commands::Reply;
use bridgewatch_core::card::{Act, DataLoss, LowerReason};
use bridgewatch_core::phase::Phase;
use bridgewatch_core::severity::Severity;
use chrono::TimeDelta;

use crate::world::{ADA, SAM, World, card_of, form_of, in_channel, in_private, said};

#[tokio::test]
async fn the_due_update_is_one_tap_and_pressing_twice_sends_once() {
    let world = World::in_phase(Phase::Diagnosis);
    let sam = in_channel(SAM);
    let sent = world
        .press_in(&sam, Phase::Diagnosis, Act::SendUpdate(Some(30)))
        .await;
    insta::assert_snapshot!(said(&sent), @"It goes out. The next one is promised by <t:1795142040:t>.");
    let again = world
        .press_in(&sam, Phase::Diagnosis, Act::SendUpdate(Some(30)))
        .await;
    insta::assert_snapshot!(said(&again), @"That went out already.");
    assert_eq!(world.incident().updates.len(), 1);
    world.after(TimeDelta::minutes(20));
    world.press(&sam, Act::NothingNew).await;
    assert!(world.incident().updates[1].text.contains("nothing new"));
}

#[tokio::test]
async fn an_update_can_be_changed_before_it_goes_out() {
    let world = World::in_phase(Phase::Diagnosis);
    let form = world.press(&in_private(SAM), Act::EditUpdate).await;
    let form = form_of(&form);
    assert!(form.fields[0].value.contains("SEV2"));
    assert_eq!(form.fields[1].value, "30");
    let words = "Orders fail for many users since 03:02.";
    let wrong = world
        .fill(
            &in_private(SAM),
            form.id.clone(),
            &[("text", words), ("minutes", "soon")],
        )
        .await;
    insta::assert_snapshot!(said(&wrong), @r"
    `soon` is no number of minutes: write it like 20 or 1h.
    Your words, to copy
    Orders fail for many users since 03:02.
    ");
    world
        .fill(
            &in_private(SAM),
            form.id.clone(),
            &[("text", words), ("minutes", "45")],
        )
        .await;
    let sent = world.incident().updates[0].clone();
    let due = sent.next_due.expect("a time was named");
    let promise = format!(
        "**Next update by <t:{}:t>.** Questions? Ask here.",
        due.timestamp()
    );
    assert_eq!(sent.text, format!("{words}\n{promise}"));
    assert_eq!(due - sent.at, TimeDelta::minutes(45));
}

#[tokio::test]
async fn a_draft_that_has_changed_since_it_was_shown_is_shown_again_before_it_goes_out() {
    let world = World::in_phase(Phase::Diagnosis);
    let sam = in_private(SAM);
    let shown = world.press(&sam, Act::Update).await;
    let form = world.press_on(&shown, &sam, "Impact…").await;
    let id = form_of(&form).id.clone();
    world.fill(&sam, id, &[("text", "Nobody can order")]).await;

    let again = world.press_on(&shown, &sam, "Send").await;
    let card = card_of(&again);
    insta::assert_snapshot!(card.title, @"The draft has changed: this goes out");
    assert!(card.body.contains("Nobody can order"), "{}", card.body);
    assert!(world.incident().updates.is_empty());

    let sent = world.press_on(&again, &sam, "Send").await;
    insta::assert_snapshot!(said(&sent), @"It goes out. The next one is promised by <t:1795142040:t>.");
    let text = world.incident().updates[0].text.clone();
    assert_eq!(text, card.body, "it is what was shown");
    let twice = world.press_on(&again, &sam, "Send").await;
    insta::assert_snapshot!(said(&twice), @"That went out already.");
}

#[tokio::test]
async fn a_form_shows_times_as_people_write_them_and_no_promise() {
    let world = World::in_phase(Phase::Diagnosis);
    let form = world.press(&in_private(SAM), Act::EditUpdate).await;
    let text = form_of(&form).fields[0].value.clone();
    assert!(!text.contains("<t:"), "{text}");
    assert!(!text.contains("Next update"), "{text}");
    assert!(text.contains("UTC"), "{text}");
}

#[tokio::test]
async fn in_a_restricted_incident_nothing_is_said_to_go_out() {
    let world = World::in_phase(Phase::Diagnosis);
    let sam = in_channel(SAM);
    world.press(&sam, Act::Restrict).await;
    let shown = world.press(&sam, Act::Update).await;
    let sent = world.press_on(&shown, &sam, "Send").await;
    insta::assert_snapshot!(said(&sent), @"It stands in the incident's channel; nobody outside is told. The next one is promised by <t:1795142040:t>.");
}

#[tokio::test]
async fn of_a_low_incident_no_time_is_promised_unless_somebody_names_one() {
    let world = World::in_phase(Phase::Diagnosis);
    let sam = in_private(SAM);
    let lower = Act::LowerSeverity(Severity::Sev4, LowerReason::Scope);
    world.press(&sam, lower).await;
    let sent = world
        .press_in(&sam, Phase::Diagnosis, Act::SendUpdate(None))
        .await;
    insta::assert_snapshot!(said(&sent), @"It goes out. No time is promised for the next one.");
    let text = world.incident().updates[0].text.clone();
    assert!(
        text.contains("Next update: when something changes."),
        "{text}"
    );

    world.after(TimeDelta::minutes(5));
    let form = world.press(&sam, Act::EditUpdate).await;
    let minutes = &form_of(&form).fields[1];
    assert!(minutes.value.is_empty() && !minutes.required);
    let id = form_of(&form).id.clone();
    let filled = [("text", "It runs again tonight."), ("minutes", "60")];
    let sent = world.fill(&sam, id, &filled).await;
    insta::assert_snapshot!(said(&sent), @"It goes out. The next one is promised by <t:1795144140:t>.");
}

#[tokio::test]
async fn resolving_shows_what_speaks_against_it_and_never_blocks() {
    let world = World::in_phase(Phase::Validation);
    let card = world
        .press_in(&in_channel(SAM), Phase::Validation, Act::Resolve)
        .await;
    insta::assert_snapshot!(said(&card), @"
    Resolve INC-0142?
    ✗ 1 critical validation check is not ticked
    ✗ Not yet stable in validation for 10 minutes
    ✗ Nobody has said that user impact is over [Resolve anyway] [Wait 5 min] [Not yet]
    ");
    let resolved = world
        .press_on(&card, &in_private(SAM), "Resolve anyway")
        .await;
    insta::assert_snapshot!(said(&resolved), @"
    User impact is counted as over from now: nobody said when it ended. Resolved. Thank you.
    You were up from <t:1795140180:t> to <t:1795140240:t>. Start late if you can.
    ");
    assert_eq!(world.incident().phase, Phase::Learning);
}

#[tokio::test]
async fn whoever_would_rather_wait_is_asked_again() {
    let world = World::in_phase(Phase::Validation);
    let card = world
        .press_in(&in_channel(SAM), Phase::Validation, Act::Resolve)
        .await;
    let waits = world.press_on(&card, &in_private(SAM), "Wait 5 min").await;
    insta::assert_snapshot!(said(&waits), @"You are asked again at <t:1795140540:t>.");
    assert_eq!(world.incident().phase, Phase::Validation);
    let twice = world.press_on(&card, &in_private(SAM), "Wait 5 min").await;
    insta::assert_snapshot!(said(&twice), @"That is done already.");
}

#[tokio::test]
async fn somebody_without_command_asks_command_to_resolve() {
    let world = World::in_phase(Phase::Validation);
    let asked = world.press(&in_channel(ADA), Act::Resolve).await;
    insta::assert_snapshot!(said(&asked), @"<@5> holds command and is asked. With no answer in five minutes, press *Resolve* again.");
    let again = world.press(&in_channel(ADA), Act::Resolve).await;
    insta::assert_snapshot!(said(&again), @"<@5> holds command and has been asked already.");
}

#[tokio::test]
async fn closing_shows_what_is_missing_with_the_buttons_that_mend_it() {
    let world = World::in_phase(Phase::Learning);
    let sam = in_channel(SAM);
    let gaps = world.press(&sam, Act::Close).await;
    insta::assert_snapshot!(said(&gaps), @r"
    Before INC-0142 can be closed
    ✗ write cause and contributing factors
    ✗ decide at least one action of kind threshold, playbook or observability, or say why none is needed
    ✗ have somebody review the postmortem [Cause and factors] [Add action] [None needed…] [Reviewed]
    ");
    let cause = world
        .press_on(&gaps, &in_private(SAM), "Cause and factors")
        .await;
    let written = world
        .fill(
            &in_private(SAM),
            form_of(&cause).id.clone(),
            &[
                ("trigger", "the 02:41 release"),
                ("cause", "workers hold connections"),
                ("factors", "- no alert on the pool\n\n* reviewed late"),
                ("kept", "the cache"),
            ],
        )
        .await;
    insta::assert_snapshot!(said(&written), @"Cause and factors are in the postmortem.");
    let known = world.incident().postmortem.cause.expect("it was written");
    assert_eq!(known.factors, ["no alert on the pool", "reviewed late"]);
    let prefilled = world.press(&sam, Act::Cause).await;
    assert_eq!(form_of(&prefilled).fields[0].value, "the 02:41 release");
    let kinds = world.press(&sam, Act::AskAction).await;
    let action = world.press_on(&kinds, &in_private(SAM), "threshold").await;
    let action_id = form_of(&action).id.clone();
    let nobody = world
        .fill(
            &in_private(SAM),
            action_id.clone(),
            &[("title", "Alert at 80 %"), ("owner", "Sam"), ("due", "4w")],
        )
        .await;
    insta::assert_snapshot!(said(&nobody), @r"
    `Sam` is nobody I can name: write `me`, or a Discord user id (right-click a person → *Copy User ID*).
    Your words, to copy
    Alert at 80 %
    ");
    world
        .fill(
            &in_private(SAM),
            action_id,
            &[("title", "Alert at 80 %"), ("owner", "me"), ("due", "4w")],
        )
        .await;
    world.press(&in_channel(ADA), Act::Reviewed).await;
    let closed = world.press(&sam, Act::Close).await;
    insta::assert_snapshot!(said(&closed), @"Closed.");
}

#[tokio::test]
async fn the_all_clear_says_what_was_lost_by_the_button_that_is_pressed() {
    let world = World::in_phase(Phase::Learning);
    let draft = world.press(&in_channel(SAM), Act::AllClear).await;
    let sent = world
        .press_on(&draft, &in_private(SAM), "Send: nothing lost")
        .await;
    insta::assert_snapshot!(said(&sent), @"The all-clear goes out.");
    assert!(
        world.incident().updates[0]
            .text
            .contains("Nothing was lost.")
    );
    let live = World::in_phase(Phase::Mitigation);
    let early = live.press(&in_channel(SAM), Act::AllClear).await;
    insta::assert_snapshot!(said(&early), @"This does not work in *Mitigation & Containment*. The all-clear goes out after *Resolve*.");
    let early = live
        .press(&in_channel(SAM), Act::SendAllClear(DataLoss::No))
        .await;
    assert!(said(&early).contains("after *Resolve*"));
}

#[tokio::test]
async fn the_postmortem_comes_as_a_file() {
    let world = World::in_phase(Phase::Learning);
    let none = world.press(&in_channel(SAM), Act::Postmortem).await;
    insta::assert_snapshot!(said(&none), @"INC-0142 has no postmortem yet: the draft is made when it is resolved.");
    world.has_postmortem("# INC-0142\n");
    let Reply::File { name, text, .. } = world.press(&in_channel(SAM), Act::Postmortem).await
    else {
        panic!("no file came")
    };
    assert_eq!(
        (name.as_str(), text.as_str()),
        ("inc-0142-postmortem-v2.md", "# INC-0142\n")
    );
}

#[tokio::test]
async fn how_bad_it_was_is_said_with_two_taps_once_it_is_over() {
    let world = World::in_phase(Phase::Learning);
    let asked = world
        .press(&in_channel(ADA), Act::FinalSeverity(None))
        .await;
    insta::assert_snapshot!(said(&asked), @"
    How bad was it, all in all?
    Reported SEV2, worst SEV2, at the end SEV2. Nobody has said it yet. [SEV1] [SEV2] [SEV3] [SEV4]
    ");
    let told = world.press_on(&asked, &in_private(ADA), "SEV2").await;
    insta::assert_snapshot!(said(&told), @"SEV2 stands in the postmortem as the final severity.");
    let known = world.incident().postmortem.severity_final;
    assert_eq!(
        known.map(|(severity, by, _)| (severity, by)),
        Some((Severity::Sev2, ADA))
    );
}
