//! How little each act may cost: the upper bounds, one by one, counted where Discord counts a tap. What is typed is counted
//! in characters before the words themselves.

use bridgewatch_core::phase::Phase;
use bridgewatch_core::role::Role;
use bridgewatch_core::severity::Severity;
use bridgewatch_core::timeline::Kind;

use super::runbook::the_risky_step_is_next;
use crate::world::{Effort, Message, Setup, Sink, Span as _, World};

/// A night in which Sam has it and the others have been asked.
async fn sam_has_it() -> World {
    let world = World::new().await;
    world.everything_burns().await;
    world.sam().takes_it().await;
    world
}

#[tokio::test]
async fn a_role_is_declined_with_one_tap() {
    let world = sam_has_it().await;
    let kim = world.kim().in_dm();
    let taps = world.effort(async || {
        kim.clicks("Can't").await;
    });
    assert_eq!(taps.await, Effort::taps(1));
    assert_eq!(world.incident(1).await.holder(Role::Documentation), None);
    world.ends().await;
}

#[tokio::test]
async fn a_person_is_asked_for_a_role_with_three_taps() {
    let world = sam_has_it().await;
    let fay = world.fay().id().to_string();
    let taps = world.effort(async || {
        let roles = world.sam().clicks("Roles").await;
        let whom = roles.clicks("Ask for Docs…").await;
        whom.chooses("Ask somebody to be Docs", &[&fay]).await;
    });
    assert_eq!(taps.await, Effort::taps(3));
    assert!(world.fay().was_written_to());
    world.ends().await;
}

#[tokio::test]
async fn a_role_is_paged_with_two_taps() {
    let pager = Sink::start().await;
    let world = Setup::default().pager(&pager).start().await;
    world.everything_burns().await;
    world.sam().takes_it().await;
    let (pages, messages) = (pager.taken().len(), world.mo().dm().messages());
    let taps = world.effort(async || {
        let roles = world.sam().clicks("Roles").await;
        roles
            .clicks("Page Bridge")
            .await
            .expect("@mo is paged: Bridge Engineer.");
    });
    assert_eq!(taps.await, Effort::taps(2));
    let rung = pager.taken();
    assert_eq!(rung.len(), pages + 1, "the pager rings");
    assert_eq!(
        rung[pages]["message"],
        "🔴 SEV1 AI queue stalled · DB 100/100 · orders-api 5xx 38% — Bridge Engineer wanted"
    );
    let now = world.mo().dm().messages();
    assert_eq!(now.len(), messages.len(), "the new one replaces the old");
    let heard = |message: &&Message| messages.iter().all(|old| old.view.id != message.view.id);
    assert_eq!(
        now.iter().filter(heard).count(),
        1,
        "an edit makes no sound"
    );
    assert_eq!(world.mo().dm().count("proposed as Bridge"), 1);
    // The message that rang is enough to answer.
    world.mo().in_dm().clicks("Accept").await;
    assert!(world.incident(1).await.holder(Role::Bridge).is_some());
    assert_eq!(world.mo().dm().count("proposed as Bridge"), 0);
    world.ends().await;
}

#[tokio::test]
async fn whom_the_rota_does_not_name_is_paged_by_name_with_three_taps() {
    let world = Setup::default().without_a_rota().start().await;
    world.everything_burns().await;
    world.sam().takes_it().await;
    let fay = world.fay().id().to_string();
    let taps = world.effort(async || {
        let roles = world.sam().clicks("Roles").await;
        let whom = roles.clicks("Page Docs").await;
        whom.expect("The rota has nobody to page for Documentation Lead now.");
        whom.chooses("Page as Docs…", &[&fay]).await;
    });
    assert_eq!(taps.await, Effort::taps(3));
    world.fay().in_dm().clicks("Accept").await;
    assert!(
        world
            .incident(1)
            .await
            .holder(Role::Documentation)
            .is_some()
    );
    world.ends().await;
}

#[tokio::test]
async fn another_phase_than_the_usual_next_one_takes_two_taps() {
    let world = sam_has_it().await;
    let taps = world.effort(async || {
        let more = world.sam().clicks("More…").await;
        more.chooses("Incident…", &["🧪 Validation"]).await;
    });
    assert_eq!(taps.await, Effort::taps(2));
    assert_eq!(world.incident(1).await.phase, Phase::Validation);
    world.ends().await;
}

#[tokio::test]
async fn that_impact_is_over_is_said_with_one_tap() {
    let world = sam_has_it().await;
    world.sam().clicks("Start mitigating").await;
    let taps = world.effort(async || {
        world.sam().clicks("Impact over → fix it properly").await;
    });
    assert_eq!(taps.await, Effort::taps(1));
    assert!(world.incident(1).await.is_mitigated());
    world.ends().await;
}

#[tokio::test]
async fn severity_is_raised_with_two_taps_and_lowered_with_three() {
    let world = World::new().await;
    world.alertmanager().fires("api-latency", "critical").await;
    world.sam().takes_it().await;
    let raised = world.effort(async || {
        world
            .sam()
            .clicks("More…")
            .await
            .clicks("Raise to SEV1")
            .await;
    });
    assert_eq!(raised.await, Effort::taps(2));
    assert_eq!(world.incident(1).await.severity, Severity::Sev1);
    let lowered = world.effort(async || {
        let severities = world.sam().clicks("More…").await.clicks("Severity").await;
        severities
            .chooses(
                "Not as bad: lower it…",
                &["SEV3 – scope smaller than feared"],
            )
            .await;
    });
    assert_eq!(lowered.await, Effort::taps(3));
    assert_eq!(world.incident(1).await.severity, Severity::Sev3);
    world.ends().await;
}

#[tokio::test]
async fn a_fact_costs_five_characters_before_its_words_or_one_reaction() {
    let world = sam_has_it().await;
    let sam = world.sam();
    for (number, prefix) in ["obs: ", "act: ", "dec: "].into_iter().enumerate() {
        let words = format!("fact {number}");
        let noted = world.effort(async || {
            sam.says(&format!("{prefix}{words}")).await;
        });
        let noted = noted.await;
        assert_eq!(noted.taps, 0);
        assert!(noted.keystrokes - words.len() <= 5, "{noted:?}");
    }
    let short = world.effort(async || {
        sam.says("o: fact 3").await;
    });
    assert_eq!(short.await.keystrokes - "fact 3".len(), 3);
    let said = world
        .ada()
        .in_channel(&world.channel("inc-0001-"))
        .says("5xx is at 9 % now")
        .await;
    world
        .kim()
        .in_channel(&world.channel("inc-0001-"))
        .reacts(said, "🔎")
        .await;
    for (prefix, words) in [
        ("-15m obs: ", "the first of them"),
        ("@02:47 obs: ", "first 500s"),
    ] {
        let late = world.effort(async || {
            sam.says(&format!("{prefix}{words}")).await;
        });
        assert_eq!(late.await.keystrokes - words.len(), prefix.len());
    }
    let lines = world.timeline(1).await;
    for words in [
        "fact 0",
        "fact 1",
        "fact 2",
        "fact 3",
        "5xx is at 9 %",
        "the first of them",
        "first 500s",
    ] {
        assert!(
            lines.iter().any(|line| line.text.contains(words)),
            "{words}"
        );
    }
    world.ends().await;
}

#[tokio::test]
async fn a_due_update_goes_out_with_one_tap_and_nothing_new_with_one() {
    let world = sam_has_it().await;
    world.advance(16.minutes()).await;
    let due = world.effort(async || {
        world.sam().in_dm().clicks("Send").await;
    });
    assert_eq!(due.await, Effort::taps(1));
    world.advance(17.minutes()).await;
    let nothing_new = world.effort(async || {
        world.sam().in_dm().clicks("Nothing new").await;
    });
    assert_eq!(nothing_new.await, Effort::taps(1));
    assert_eq!(world.channel("status-internal").messages().len(), 3);
    world.ends().await;
}

#[tokio::test]
async fn a_risky_step_is_ticked_with_two_taps() {
    let world = the_risky_step_is_next().await;
    let taps = world.effort(async || {
        let asked = world.sam().clicks("Done").await;
        asked.clicks("Confirm").await;
    });
    assert_eq!(taps.await, Effort::taps(2));
    let actions = world.timeline(1).await;
    let risky = actions.iter().filter(|line| line.kind == Kind::Action);
    assert_eq!(risky.count(), 1);
    world.ends().await;
}

#[tokio::test]
async fn a_change_is_taken_back_with_one_tap() {
    let world = sam_has_it().await;
    let moved = world.sam().clicks("Start mitigating").await;
    let taps = world.effort(async || {
        moved.clicks("Undo").await;
    });
    assert_eq!(taps.await, Effort::taps(1));
    assert_eq!(world.incident(1).await.phase, Phase::Diagnosis);
    world.ends().await;
}

#[tokio::test]
async fn whoever_comes_in_catches_up_with_one_tap() {
    let world = sam_has_it().await;
    let role = world.kim().in_dm().clicks("Accept").await;
    let taps = world.effort(async || {
        role.clicks("Catch up").await.expect("orders-api 5xx 38%");
    });
    assert_eq!(taps.await, Effort::taps(1));
    world.ends().await;
}

/// From the board, in every phase, and no button that was there has moved.
#[tokio::test]
async fn what_happened_so_far_is_one_tap_from_the_board() {
    let world = World::new().await;
    world.everything_burns().await;
    let channel = world.channel("inc-0001-");
    let ada = world.ada().in_channel(&channel);
    for taken in [false, true] {
        if taken {
            world.sam().takes_it().await;
            world.advance(6.seconds()).await;
        }
        let taps = world.effort(async || {
            ada.clicks("Catch up").await.expect("Key moments");
        });
        assert_eq!(taps.await, Effort::taps(1));
        let board = channel.board();
        let labels = board.buttons();
        let place = |label: &str| labels.iter().position(|known| *known == label);
        assert!(place("Catch up") > place("More…"), "{labels:?}");
    }
    world.ends().await;
}

#[tokio::test]
async fn the_call_is_opened_with_one_tap_and_is_a_link_from_then_on() {
    let world = sam_has_it().await;
    let opened = world.effort(async || {
        world.sam().clicks("Join call").await;
    });
    assert_eq!(opened.await, Effort::taps(1));
    let board = world.channel("inc-0001-").board();
    let join = board
        .view
        .buttons()
        .find(|button| button.label == "Join call");
    assert!(
        join.is_some_and(|join| join.url.is_some()),
        "{:?}",
        board.buttons()
    );
    world.ends().await;
}

#[tokio::test]
async fn a_secret_is_hidden_with_one_choice_of_the_messages_menu() {
    let world = sam_has_it().await;
    let said = world
        .sam()
        .says("obs: the password is hunter22hunter")
        .await;
    let taps = world.effort(async || {
        world.sam().uses("Redact", said).await;
    });
    assert_eq!(taps.await, Effort::taps(1));
    let lines = world.timeline(1).await;
    assert!(
        !lines
            .iter()
            .any(|line| line.text.contains("hunter22hunter") && !line.is_redacted())
    );
    world.ends().await;
}

#[tokio::test]
async fn a_role_is_taken_with_one_tap_wherever_it_stands() {
    let world = sam_has_it().await;
    let from_the_message = world.effort(async || {
        world.mo().in_dm().clicks("Accept").await;
    });
    assert_eq!(from_the_message.await, Effort::taps(1));
    assert!(world.incident(1).await.holder(Role::Bridge).is_some());
    world.ends().await;
}

/// The command, the words, Enter: no other field, and nothing to press.
#[tokio::test]
async fn an_incident_is_declared_with_one_command_and_its_words() {
    let world = World::new().await;
    let declared = world.effort(async || {
        world.nora().types("/inc new Checkout is down").await;
    });
    let declared = declared.await;
    assert_eq!(declared.taps, 1, "sending it");
    assert_eq!(
        declared.keystrokes,
        "/inc new ".len() + "Checkout is down".len()
    );
    world.channel("inc-0001-checkout-is-down");
    world.ends().await;
}

/// All is well and was well for long enough: nothing is asked any more.
#[tokio::test]
async fn what_is_validated_is_resolved_with_one_tap() {
    let world = World::new().await;
    world.alertmanager().fires("api-latency", "critical").await;
    world.sam().takes_it().await;
    let sam = world.sam().in_channel(&world.channel("inc-0001-"));
    sam.says("imp: every tenth answer takes ten seconds").await;
    sam.clicks("Start mitigating").await;
    sam.clicks("Impact over → fix it properly").await;
    world
        .alertmanager()
        .resolves_late("api-latency", 0.minutes())
        .await;
    sam.clicks("Fix applied").await;
    while sam
        .sees()
        .iter()
        .any(|message| message.buttons().contains(&"Done"))
    {
        sam.clicks("Done").await;
    }
    world.advance(11.minutes()).await;
    let resolved = world.effort(async || {
        sam.clicks("Resolve").await;
    });
    assert_eq!(resolved.await, Effort::taps(1));
    assert_eq!(world.incident(1).await.phase, Phase::Learning);
    world.ends().await;
}

/// Going back is one tap; what did not hold can be said, and need not.
#[tokio::test]
async fn going_back_to_the_diagnosis_asks_what_did_not_hold_and_does_not_insist() {
    let world = sam_has_it().await;
    world.sam().clicks("Start mitigating").await;
    let back = world.sam().types("/inc phase to:diagnosis").await;
    assert_eq!(world.incident(1).await.phase, Phase::Diagnosis);
    let form = back.clicks("What did not hold…").await;
    form.fills_in(&[("What was decided", "the rollback changed nothing")])
        .await;
    let lines = world.timeline(1).await;
    let why = lines
        .iter()
        .find(|line| line.text.contains("the rollback changed nothing"));
    assert_eq!(why.map(|line| line.kind), Some(Kind::Decision));
    world.ends().await;
}
