//! Word to the stakeholders: the automatic first note, the promise clock, and who sends.

use insta::assert_snapshot;

use super::{ADA, MO, Night, SAM, at, readable};
use crate::card::Ping;
use crate::effect::Effect;
use crate::incident::{Command, ImpactAnswer, UpdateKind, Visibility};
use crate::phase::Phase::{Fix, Mitigation, Validation};
use crate::role::Role::{Bridge, OnCall};
use crate::severity::Severity::{Sev1, Sev2, Sev3, Sev4};

fn update(kind: UpdateKind, text: &str, minutes: Option<u32>) -> Command {
    Command::SendUpdate {
        kind,
        text: text.to_owned(),
        next_in_minutes: minutes,
    }
}

/// A SEV1 that Sam has; Mo is Bridge Engineer and commands; the first note went out at 03:03.
fn with_bridge() -> Night {
    let mut night = Night::alert_fires("orders-api 5xx", Sev1);
    night.by(SAM).takes_it();
    night.by(MO).accepts(Bridge);
    night.by(SAM).asks(Command::GiveCommand { to: MO });
    night.runs_until("03:03");
    assert_eq!(night.incident().updates.len(), 1);
    night
}

#[test]
fn the_first_note_goes_out_by_itself_once_in_major_incidents() {
    for (severity, expected) in [
        (Sev1, Some("03:03")),
        (Sev2, Some("03:06")),
        (Sev3, None),
        (Sev4, None),
    ] {
        let mut night = Night::alert_fires("orders-api 5xx", severity);
        if let Some(expected) = expected {
            assert_eq!(night.rings_next_at(), Some(at(expected)), "{severity}");
        }
        night.runs_until("03:12");
        let sent = &night.incident().updates;
        assert_eq!(sent.len(), usize::from(expected.is_some()), "{severity}");
        if let Some(note) = sent.first() {
            assert_eq!(note.kind, UpdateKind::Holding);
            assert_eq!(note.by, None);
        }
    }
}

#[test]
fn the_first_note_also_follows_a_persons_declaration() {
    let mut night = Night::at("03:02");
    night.by(SAM).declares("checkout is slow", Sev1);
    night.runs_until("03:03");
    let note = &night.incident().updates[0];
    assert!(
        !note.text.contains("Monitoring"),
        "a person said so, not monitoring"
    );
}

#[test]
fn people_count_the_promise_of_the_first_note_from_the_beginning() {
    let night = with_bridge();
    let promise = night.incident().promise.as_ref().expect("it promised");
    assert_eq!(promise.due, at("03:22"));

    let mut raised = Night::alert_fires("orders-api 5xx", Sev3);
    raised.at_clock("04:10").by(SAM).rates(Sev1);
    raised.runs_until("04:10");
    assert_eq!(
        raised
            .incident()
            .promise
            .as_ref()
            .map(|promise| promise.due),
        Some(at("04:30")),
        "a note that comes late counts from now"
    );
}

#[test]
fn a_restricted_incident_sends_nothing_by_itself() {
    let mut night = Night::at("03:02")
        .restricted()
        .fires("token in a log", Sev1);
    night.by(SAM).takes_it();
    night.runs_until("04:00");
    assert_eq!(night.incident().visibility, Visibility::Restricted);
    assert!(night.incident().updates.is_empty());
    assert!(!night.effects.iter().any(|effect| {
        matches!(
            effect.effect,
            Effect::DeliverUpdate { .. } | Effect::SyncDigest
        )
    }));
}

#[test]
fn a_person_who_was_faster_makes_the_first_note_needless() {
    let mut night = Night::alert_fires("orders-api 5xx", Sev1);
    night.by(SAM).takes_it();
    night.after_seconds(30).by(SAM).sends("We see errors.");
    night.runs_until("03:20");
    assert_eq!(night.incident().updates.len(), 1);
}

/// Acceptance scenario 14, by the rules alone.
///
/// Given SEV1 with a promise for 03:22; when it is 03:17 the Bridge Engineer is told in private; one press sends.
#[test]
fn update_on_time() {
    let mut night = with_bridge();
    night.runs_until("03:17");
    let effects = night.last_effects();
    let Some(Effect::Tell { person, card }) = effects.first() else {
        panic!("nobody was told: {effects:?}");
    };
    assert_eq!(*person, MO);
    assert_snapshot!(readable(&card.content), @"⏰ INC-0001 SEV1: the stakeholder update is due by 03:22. A draft is ready.");
    night.by(MO).sends("Checkout fails for some users.");
    let incident = night.incident();
    assert_eq!(
        incident.past_promises[0].kept_at,
        Some(at("03:17")),
        "a person kept it"
    );
    assert_eq!(
        incident.promise.as_ref().map(|promise| promise.due),
        Some(at("03:37"))
    );
    assert!(night.followed().contains(&"deliver_update"));
}

#[test]
fn when_the_time_has_come_the_channel_is_told_once() {
    let mut night = with_bridge();
    night.runs_until("03:22");
    let said = night.said();
    assert_eq!(said.len(), 1);
    assert_eq!(said[0].ping, Ping::People(vec![MO]));
    assert_snapshot!(readable(&said[0].content), @"⏰ INC-0001 SEV1: the stakeholder update was due at 03:22. A draft is ready.");
    assert_eq!(night.rings_next_at(), Some(at("05:02")));
}

#[test]
fn where_nobody_commands_the_channel_is_told_before_the_time_too() {
    let mut night = Night::alert_fires("orders-api 5xx", Sev1);
    night.runs_until("03:17");
    assert_eq!(night.said().len(), 1);
    assert_eq!(night.said()[0].ping, Ping::Nobody);
}

#[test]
fn after_downtime_only_the_newest_due_reminder_fires() {
    let mut night = with_bridge();
    night.at_clock("04:45").clock_rings();
    assert_eq!(night.happened(), ["promise_reminded"]);
    assert!(
        !night.followed().contains(&"tell"),
        "the reminder ahead is no news now"
    );
    assert_eq!(night.said().len(), 1);
    night.clock_rings();
    assert!(night.happened().is_empty());
}

#[test]
fn nobody_is_reminded_after_the_end() {
    let mut night = with_bridge();
    night.runs_until("03:10").by(MO).resolves_anyway();
    assert_eq!(night.rings_next_at(), None);
    night.at_clock("03:30").clock_rings();
    assert!(night.happened().is_empty());
    assert!(
        night.incident().past_promises.is_empty(),
        "neither kept nor broken"
    );
}

#[test]
fn a_promise_whose_time_had_come_is_remembered_at_the_end() {
    let mut night = with_bridge();
    night.runs_until("03:40").by(MO).resolves_anyway();
    let past = &night.incident().past_promises;
    assert_eq!(past.len(), 1);
    assert_eq!((past[0].due, past[0].kept_at), (at("03:22"), None));
}

#[test]
fn a_promise_shorter_than_the_warning_is_reminded_of_at_its_time_only() {
    let mut night = with_bridge();
    night.by(MO).asks(update(UpdateKind::Update, "x", Some(4)));
    assert_eq!(night.rings_next_at(), Some(at("03:07")));
    night.runs_until("03:07");
    assert_eq!(night.said().len(), 1);
}

#[test]
fn the_usual_promise_follows_severity_and_impact() {
    let mut night = with_bridge();
    let due_in = |night: &Night| {
        let promise = night.incident().promise.as_ref().expect("it was promised");
        (promise.due - promise.given_at).num_minutes()
    };
    night.by(MO).sends("hurting");
    assert_eq!(due_in(&night), 20);
    night.by(SAM).moves_to(Mitigation);
    night.by(SAM).moves_to_saying(Fix, ImpactAnswer::OverNow);
    night.after_minutes(1).by(MO).sends("over");
    assert_eq!(due_in(&night), 30);
    night.by(SAM).moves_to(Validation);
    night
        .by(SAM)
        .moves_to_saying(Mitigation, ImpactAnswer::Back);
    night.after_minutes(1).by(MO).sends("back");
    assert_eq!(due_in(&night), 20, "what came back hurts as before");
}

#[test]
fn another_promise_may_be_given_within_reason() {
    let mut night = with_bridge();
    night
        .by(MO)
        .asks(update(UpdateKind::NothingNew, "x", Some(60)));
    assert_eq!(
        night.incident().promise.as_ref().map(|promise| promise.due),
        Some(at("04:03"))
    );
    night.after_minutes(1);
    let mut sentences = Vec::new();
    for command in [
        update(UpdateKind::Update, "x", Some(0)),
        update(UpdateKind::Update, "x", Some(24 * 60 + 1)),
        update(UpdateKind::Update, " \n ", None),
        update(UpdateKind::Holding, "x", None),
        update(UpdateKind::AllClear, "x", None),
    ] {
        night.by(MO).asks(command);
        sentences.push(night.refusal());
    }
    assert_snapshot!(sentences.join("\n"), @"
    Promise the next update within 1 minute to 24 hours.
    Promise the next update within 1 minute to 24 hours.
    The update is empty: write what is broken and what is being done.
    The first note goes out by itself. Send an update instead.
    This does not work in *Rapid Diagnosis*. The all-clear goes out after *Resolve*.
    ");
}

#[test]
fn the_bridge_engineer_and_command_send() {
    let mut night = Night::alert_fires("orders-api 5xx", Sev2);
    night.by(SAM).takes_it();
    night.by(MO).accepts(Bridge);
    night.by(ADA).sends("x");
    assert_snapshot!(night.refusal(), @"@Sam (command) or the Bridge Engineer sends updates.");
    night.by(MO).sends("from the bridge");
    night.after_minutes(1).by(SAM).sends("from command");
    assert_eq!(night.incident().updates.len(), 2);
}

#[test]
fn a_double_send_is_one_update_whoever_presses() {
    let mut night = with_bridge();
    night.by(MO).sends("Checkout fails.");
    night.after_seconds(4).by(MO).sends("Checkout fails.");
    assert!(night.happened().is_empty());
    night.by(ADA).commanding().sends("Checkout fails!");
    assert_snapshot!(night.refusal(), @"@Mo sent an update at 03:03:00. Look at it first, and send yours if it adds something.");
    night
        .after_seconds(6)
        .by(ADA)
        .commanding()
        .sends("It adds something.");
    assert_eq!(night.incident().updates.len(), 3);
}

#[test]
fn the_all_clear_goes_out_once_after_the_end_by_whoever_sends() {
    let mut night = with_bridge();
    night.by(MO).resolves_anyway();
    night.by(MO).sends("x");
    assert_snapshot!(night.refusal(), @"The incident is *Postmortem & Learning*: this works only while it is live. If it is not over, reopen it.");
    night
        .by(ADA)
        .asks(update(UpdateKind::AllClear, "Over.", None));
    assert_snapshot!(night.refusal(), @"@Mo (command) or the Bridge Engineer sends updates.");
    night
        .by(MO)
        .asks(update(UpdateKind::AllClear, "Over.", None));
    assert_eq!(
        night.incident().promise,
        None,
        "nothing is promised after it"
    );
    night
        .after_minutes(5)
        .by(MO)
        .asks(update(UpdateKind::AllClear, "Over.", None));
    assert!(night.happened().is_empty());
    assert_eq!(night.incident().updates.len(), 2);
}

#[test]
fn stakeholders_who_were_told_that_it_is_over_hear_by_themselves_that_it_is_not() {
    let mut night = with_bridge();
    night.at_clock("03:20").by(MO).resolves_anyway();
    night
        .by(MO)
        .asks(update(UpdateKind::AllClear, "Over.", None));
    night.at_clock("04:00").by(SAM).reopens();
    assert_eq!(night.rings_next_at(), Some(at("04:01")));
    night.runs_until("04:01");
    let note = night.incident().updates.last().expect("it went out");
    assert_eq!(note.kind, UpdateKind::Holding);
    assert_eq!(note.next_due, Some(at("04:20")));
    assert_snapshot!(readable(&note.text), @"**🟥 INC-0001 is open again since 04:00 – severity SEV1 (automatic).** We said this was resolved at 03:20. It has returned. Monitoring reports: OrdersApi5xx, DatabaseConnections. The on-call engineer has it. Impact on users is not confirmed yet. A person will update by 04:20. *(Automatic message.)*");
}

#[test]
fn what_a_target_reports_is_kept_and_failures_are_noted() {
    let mut night = with_bridge();
    let delivered = |problem: Option<&str>| {
        Command::Report(crate::incident::Report::UpdateDelivered {
            number: 1,
            target: "discord".to_owned(),
            problem: problem.map(str::to_owned),
        })
    };
    night.bot(delivered(Some("the webhook is gone")));
    assert_snapshot!(night.noted().join("\n"), @"update: Update 1 did not reach discord: the webhook is gone");
    let board = |night: &Night| crate::cards::board(night.incident()).body;
    assert!(board(&night).contains("not delivered to discord"));
    night.bot(delivered(None));
    assert!(!board(&night).contains("not delivered"));
    night.bot(delivered(None));
    assert!(night.happened().is_empty(), "a report heard twice");
    night.bot(delivered(Some("too late")));
    assert!(night.happened().is_empty(), "it has arrived");
}

#[test]
fn the_question_for_validation_comes_once_per_calm() {
    let mut night = Night::alert_fires("orders-api 5xx", Sev3);
    night.by(SAM).takes_it();
    night.at_clock("03:10").all_alerts_clear();
    night.runs_until("03:14");
    assert!(night.incident().all_clear_asked_at.is_none());
    night.runs_until("03:15");
    assert_eq!(night.happened(), ["all_clear_asked"]);
    assert_snapshot!(readable(&night.said()[0].content), @"All alerts are clear since 03:10. Go to validation?");
    night.runs_until("03:40");
    assert_eq!(night.incident().all_clear_asked_at, Some(at("03:15")));

    night.alerts_say(|picture| {
        picture.firing = 1;
        picture.cleared = 2;
    });
    night.at_clock("03:50").all_alerts_clear();
    night.by(SAM).moves_to(Validation);
    night.runs_until("04:30");
    assert!(
        night.incident().all_clear_asked_at.is_none(),
        "people are validating"
    );
}

#[test]
fn nobody_is_asked_for_validation_before_somebody_has_it() {
    let mut night = Night::alert_fires("orders-api 5xx", Sev2);
    night.all_alerts_clear();
    night.runs_until("04:00");
    assert!(night.incident().all_clear_asked_at.is_none());
    night.by(SAM).takes_it();
    night.runs_until("04:04");
    assert!(
        night.incident().all_clear_asked_at.is_none(),
        "who has just taken it knows"
    );
    night.runs_until("04:05");
    assert_eq!(night.incident().all_clear_asked_at, Some(at("04:05")));
}

/// Acceptance scenario 8, as far as the bot goes.
///
/// One responder for half an hour: the automatic note goes out, and at the end a draft of the postmortem is made.
#[test]
fn solo_night() {
    let mut night = Night::at("03:02")
        .on_duty(OnCall, SAM)
        .fires("orders-api 5xx", Sev1);
    night.by(SAM).takes_it();
    for role in [Bridge, crate::role::Role::Documentation] {
        night.by(SAM).accepts(role);
    }
    night.runs_until("03:32");
    assert_eq!(night.incident().updates[0].kind, UpdateKind::Holding);
    night.by(SAM).resolves_anyway();
    assert!(night.followed().contains(&"draft_postmortem"));
    assert_eq!(night.incident().postmortem.owner, Some(SAM));
}

#[test]
fn of_a_minor_incident_a_person_writes_within_half_an_hour_and_is_reminded() {
    let mut night = Night::alert_fires("one report fails", Sev3);
    night.by(SAM).takes_it();
    night.runs_until("03:27");
    assert_eq!(night.happened(), ["first_update_reminded"]);
    let effects = night.last_effects();
    let Some(Effect::Tell { person, card }) = effects.first() else {
        panic!("nobody was told: {effects:?}");
    };
    assert_eq!(*person, SAM);
    assert_snapshot!(readable(&card.content), @"⏰ INC-0001 SEV3: the first stakeholder update is due by 03:32. A draft is ready.");
    assert_snapshot!(night.noted().join("\n"), @"nudge: reminded @Sam of the first update due 02:32 UTC");
    let board = readable(&crate::cards::board(night.incident()).body);
    assert!(board.contains("due 03:32"), "{board}");

    night.runs_until("03:32");
    let said = night.said();
    assert_eq!(said.len(), 1);
    assert_eq!(said[0].ping, Ping::People(vec![SAM]));
    assert_snapshot!(readable(&said[0].content), @"⏰ INC-0001 SEV3: the first stakeholder update was due at 03:32. A draft is ready.");
    let board = readable(&crate::cards::board(night.incident()).body);
    assert!(board.contains("⏰ was due at 03:32, "), "{board}");
    assert_eq!(night.rings_next_at(), Some(at("05:02")), "twice is enough");

    night.by(SAM).sends("One report fails; the others run.");
    let incident = night.incident();
    let promise = incident.promise.as_ref().expect("an hour is promised");
    assert_eq!(promise.due, at("04:32"));
    assert!(incident.past_promises.is_empty(), "nothing was promised");
}

/// When people were reminded that the stakeholders have heard nothing, up to five o'clock.
fn reminded_of_the_first_word(night: &mut Night) -> Vec<String> {
    night.runs_until("05:00");
    let reminded = night.history.iter().filter(|recorded| {
        matches!(
            recorded.event,
            crate::incident::Event::FirstUpdateReminded { .. }
        )
    });
    reminded
        .map(|recorded| {
            let at = recorded.at.with_timezone(&super::night::ZONE);
            at.format("%H:%M").to_string()
        })
        .collect()
}

#[test]
fn whoever_has_written_about_a_minor_incident_is_not_reminded_of_the_first_word() {
    let mut night = Night::alert_fires("one report fails", Sev3);
    night.by(SAM).takes_it();
    night.at_clock("03:10").by(SAM).sends("One report fails.");
    assert!(reminded_of_the_first_word(&mut night).is_empty());
    let promise = night.incident().promise.as_ref();
    assert!(
        promise.is_some_and(|promise| promise.reminded_at),
        "of the second it is"
    );
}

#[test]
fn the_half_hour_counts_from_when_stakeholders_had_to_hear_of_it() {
    let mut raised = Night::alert_fires("one job failed", Sev4);
    raised.by(SAM).takes_it();
    raised.runs_until("04:00").by(SAM).rates(Sev3);
    assert_eq!(reminded_of_the_first_word(&mut raised), ["04:25", "04:30"]);

    let mut lowered = Night::alert_fires("one report fails", Sev2);
    lowered.by(SAM).takes_it();
    lowered
        .at_clock("03:04")
        .by(SAM)
        .rates_because(Sev3, "smaller than feared");
    assert_eq!(reminded_of_the_first_word(&mut lowered), ["03:27", "03:32"]);
}

#[test]
fn after_downtime_the_reminder_of_the_first_word_comes_once() {
    let mut night = Night::alert_fires("one report fails", Sev3);
    night.at_clock("04:45").clock_rings();
    assert_eq!(night.happened(), ["first_update_reminded"]);
    assert_eq!(night.said().len(), 1);
    assert_eq!(night.rings_next_at(), None);
}

#[test]
fn of_what_few_may_know_nobody_has_to_write() {
    let mut night = Night::at("03:02").restricted().fires("token", Sev3);
    night.by(SAM).takes_it();
    assert!(reminded_of_the_first_word(&mut night).is_empty());
}

#[test]
fn of_a_low_incident_stakeholders_hear_when_something_changes() {
    let mut night = Night::alert_fires("one job failed", Sev4);
    night.by(SAM).takes_it();
    night
        .by(SAM)
        .sends("One job failed; it runs again tonight.");
    assert_eq!(night.incident().promise, None, "no time was named");
    let mut hours_later = night.fork();
    assert!(reminded_of_the_first_word(&mut hours_later).is_empty());
    assert_snapshot!(
        night.incident().updates[0].text.lines().last().unwrap_or_default(),
        @"**Next update: when something changes.** Questions? Ask here."
    );
    let card = crate::cards::update_card(night.incident(), "draft", night.now, &night.policy);
    assert_snapshot!(card.footer, @"goes to the stakeholder channel · the next one when something changes");

    night
        .after_minutes(1)
        .by(SAM)
        .asks(update(UpdateKind::Update, "Tonight at ten.", Some(60)));
    let promise = night.incident().promise.as_ref();
    assert_eq!(
        promise.map(|promise| promise.due),
        Some(at("04:03")),
        "whoever names a time keeps it"
    );
}

#[test]
fn an_update_names_the_time_that_it_promises_though_its_draft_named_another() {
    let mut night = with_bridge();
    let due = crate::update::usual_promise(night.incident(), night.now, &night.policy);
    let draft = crate::update::draft(night.incident(), &night.entries());
    let draft = crate::update::with_promise(&draft, due);
    assert!(
        readable(&draft).contains("**Next update by 03:23.**"),
        "{draft}"
    );
    night.after_minutes(4);
    night
        .by(MO)
        .asks(update(UpdateKind::Update, &draft, Some(45)));
    let sent = night.incident().updates.last().expect("it went out");
    let last = readable(&sent.text);
    assert!(
        last.ends_with("**Next update by 03:52.** Questions? Ask here."),
        "{last}"
    );

    night.after_minutes(1);
    let own = "**Next update** at breakfast.";
    night.by(MO).asks(update(UpdateKind::Update, own, Some(60)));
    let sent = night.incident().updates.last().expect("it went out");
    assert_eq!(sent.text, own, "what people write stays");
}
