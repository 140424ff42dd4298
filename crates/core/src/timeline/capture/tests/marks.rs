//! Reactions, pins and the menu: who marked a message, and what stays when a mark goes.

use super::*;

/// Acceptance scenario 12, by the rules alone.
///
/// A message tagged ⚖️ by one person: when the reaction is removed, the entry is retracted, not deleted, and can be
/// restored.
#[test]
fn reaction_removed() {
    let mut channel = Channel::at("03:20");
    let heard = said("03:19", "let's roll back, it is reversible");
    let tagged = channel.hears(&reacted(&heard, KIM, "⚖️"));
    assert_eq!(Channel::is_marked(&tagged), Some(true));
    let entry = channel.entry().clone();
    assert_eq!(entry.kind, Kind::Decision);
    assert_eq!(entry.importance, Importance::Key);
    assert_eq!(entry.event_at, at("03:19"), "the message's time");
    assert_eq!(entry.recorded_at, at("03:20"), "the reaction's time");
    assert_eq!(entry.source, Source::Reaction);

    channel.at_clock("03:25");
    // Discord sends the same emoji with and without its colour mark.
    let removed = channel.hears(&unreacted(&heard, KIM, "⚖"));
    assert_eq!(
        Channel::is_marked(&removed),
        Some(false),
        "our mark goes too"
    );
    assert_eq!(
        channel.entry().state,
        EntryState::Retracted {
            at: at("03:25"),
            reason: "the reaction was removed".to_owned()
        }
    );
    assert_eq!(channel.entry().text, "let's roll back, it is reversible");
    assert_eq!(
        channel.hears(&unreacted(&heard, KIM, "⚖️")),
        Captured::Nothing
    );

    channel.hears(&Signal::Restored {
        number: EntryNumber(1),
        by: KIM,
    });
    assert!(channel.entry().is_active());
}

#[test]
fn the_line_stays_while_anybodys_mark_stands() {
    let mut channel = Channel::at("03:20");
    let heard = said("03:19", "rolling back");
    channel.hears(&reacted(&heard, KIM, "⚖️"));
    channel.at_clock("03:21").hears(&reacted(&heard, ADA, "🛠️"));
    assert_eq!(channel.entry().kind, Kind::Action, "the kind chosen last");
    assert_eq!(channel.entry().marks.len(), 2, "both are kept");
    channel
        .at_clock("03:22")
        .hears(&unreacted(&heard, ADA, "🛠️"));
    assert_eq!(channel.entry().kind, Kind::Decision);
    assert!(channel.entry().is_active());
    assert_eq!(
        channel.entry().revisions.len(),
        1,
        "a kind taken back is not forgotten"
    );
    channel.hears(&unreacted(&heard, KIM, "⚖️"));
    assert!(!channel.entry().is_active());
}

#[test]
fn a_pin_makes_a_note_and_unpinning_takes_it_back() {
    let mut channel = Channel::at("03:10");
    let heard = said("03:09", "the vendor's number is on page two");
    channel.hears(&Signal::Pinned {
        message: heard.clone(),
        by: ADA,
    });
    assert_eq!(channel.entry().kind, Kind::Note);
    assert_eq!(channel.entry().source, Source::Pin);
    assert_eq!(channel.entry().marks[0].by, ADA);
    channel.hears(&Signal::Unpinned {
        message: heard.message,
    });
    assert!(!channel.entry().is_active());
    channel.hears(&Signal::Pinned {
        message: heard,
        by: KIM,
    });
    assert!(channel.entry().is_active(), "pinned again");
}

#[test]
fn the_menu_gives_kind_words_and_time_also_to_what_is_known() {
    let mut channel = Channel::at("03:30");
    let heard = said("03:14", "off now");
    channel.hears(&chosen(
        &heard,
        KIM,
        Kind::Action,
        Some("AI features switched off"),
    ));
    assert_eq!(channel.entry().text, "AI features switched off");
    assert_eq!(channel.entry().event_at, at("03:14"));
    assert!(
        channel
            .entry()
            .is_late(crate::incident::Policy::default().late_after)
    );

    channel.at_clock("03:31");
    let again = Signal::Chosen {
        message: heard.clone(),
        by: ADA,
        kind: Kind::Decision,
        text: Some("Switch AI features off".to_owned()),
        at: Some("03:12".to_owned()),
        with: MarkedBy::Menu,
    };
    channel.hears(&again);
    let entry = channel.entry().clone();
    assert_eq!(
        (entry.kind, entry.text.as_str(), entry.event_at),
        (Kind::Decision, "Switch AI features off", at("03:12"))
    );
    assert_eq!(entry.revisions.len(), 1);
    channel.at_clock("03:32");
    assert_eq!(channel.hears(&again), Captured::Nothing);
    let nonsense = Signal::Chosen {
        message: heard,
        by: ADA,
        kind: Kind::Decision,
        text: None,
        at: Some("soon".to_owned()),
        with: MarkedBy::Menu,
    };
    assert!(matches!(channel.hears(&nonsense), Captured::Refused(_)));
}

#[test]
fn what_is_picked_from_the_offer_carries_no_mark_of_ours() {
    let mut channel = Channel::at("04:10");
    let picked = channel.hears(&Signal::Chosen {
        message: said("03:14", "restarted the workers"),
        by: KIM,
        kind: Kind::Note,
        text: None,
        at: None,
        with: MarkedBy::Offer,
    });
    assert_eq!(Channel::is_marked(&picked), None);
    assert_eq!(channel.entry().event_at, at("03:14"));
}

#[test]
fn other_emojis_mean_nothing() {
    let mut channel = Channel::at("03:10");
    for emoji in ["👍", "🎉", "❤️", ":custom:", ""] {
        assert_eq!(
            channel.hears(&reacted(&said("03:09", "rolled back"), ADA, emoji)),
            Captured::Nothing
        );
    }
}

#[test]
fn what_a_person_took_back_stays_so_when_an_old_reaction_is_heard_again() {
    let mut channel = Channel::at("03:10");
    let heard = said("03:09", "rolled back");
    let tagged = reacted(&heard, ADA, "🛠️");
    channel.hears(&tagged);
    channel.hears(&Signal::Retracted {
        number: EntryNumber(1),
        by: KIM,
    });
    assert_eq!(channel.hears(&tagged), Captured::Nothing);
    assert!(!channel.entry().is_active());
    channel.at_clock("03:12").hears(&reacted(&heard, SAM, "🛠️"));
    assert!(channel.entry().is_active(), "somebody else marks it now");
}

/// What may be done to one message without taking anything back, each with its own time.
fn additions() -> Vec<(DateTime<Utc>, Signal)> {
    let heard = said("03:10", "@02:50 obs: first 500s");
    let minute = |minutes: i64| at("03:10") + TimeDelta::minutes(minutes);
    vec![
        (minute(0), Signal::Message(heard.clone())),
        (minute(1), reacted(&heard, KIM, "⚖️")),
        (minute(2), reacted(&heard, ADA, "🔎")),
        (minute(3), reacted(&heard, KIM, "🛠️")),
        (
            minute(4),
            Signal::Pinned {
                message: heard.clone(),
                by: ADA,
            },
        ),
        (minute(5), chosen(&heard, ADA, Kind::Impact, None)),
        (
            minute(6),
            Signal::Deleted {
                message: heard.message,
            },
        ),
    ]
}

proptest! {
    #[test]
    fn in_whichever_order_and_however_often_marks_come_to_the_same_line(
        order in Just(additions()).prop_shuffle(),
        repeated in proptest::collection::vec(0_usize..7, 0..10),
    ) {
        let mut orderly = Channel::at("03:10");
        for (now, signal) in additions() {
            orderly.now = now;
            orderly.hears(&signal);
        }
        let mut shuffled = Channel::at("03:10");
        // A deletion of what is not known says nothing; it is heard after the rest.
        for (now, signal) in order.iter().chain(additions().last()) {
            shuffled.now = *now;
            shuffled.hears(signal);
        }
        let comparable = |channel: &Channel| Entry {
            source_deleted_at: None,
            ..channel.entry().clone()
        };
        prop_assert_eq!(comparable(&orderly), comparable(&shuffled));
        prop_assert!(shuffled.entry().source_deleted_at.is_some());
        let writes = shuffled.writes;
        for index in repeated {
            let (now, signal) = &order[index];
            shuffled.now = *now;
            prop_assert_eq!(shuffled.hears(signal), Captured::Nothing);
        }
        prop_assert_eq!(shuffled.writes, writes);
    }

    #[test]
    fn whatever_is_written_is_kept_within_bounds_and_never_panics(
        text in "[ -~äöü@:\\-0-9\n]{0,60}",
        edited in "[ -~äöü@:\\-0-9\n]{0,60}",
        emoji in prop_oneof![Just("⚖️"), Just("🔎"), Just("👍")],
        keep_everything in any::<bool>(),
    ) {
        let mut channel = Channel::at("03:10");
        channel.keep_everything = keep_everything;
        let heard = said("03:09", &text);
        channel.hears(&Signal::Message(heard.clone()));
        channel.hears(&reacted(&heard, KIM, emoji));
        channel.hears(&Signal::Edited(said("03:09", &edited)));
        channel.hears(&unreacted(&heard, KIM, emoji));
        if let Some(stored) = &channel.known {
            prop_assert!(!stored.entry.text.is_empty());
            prop_assert!(stored.entry.event_at <= channel.now);
            prop_assert!(stored.entry.text.chars().count() <= 1_000);
            prop_assert_eq!(stored.entry.message.map(|(channel, _)| channel), Some(CHANNEL));
        }
    }
}

fn pinned(heard: &MessageHeard) -> Signal {
    Signal::Pinned {
        message: heard.clone(),
        by: KIM,
    }
}

#[test]
fn what_shows_something_is_evidence_when_it_is_marked_without_a_kind() {
    let with_file = MessageHeard {
        attachments: vec![graph()],
        ..said("03:09", "")
    };
    let with_link = said("03:09", "look: HTTPS://grafana.example/d/orders");
    for heard in [&with_file, &with_link] {
        for signal in [pinned(heard), reacted(heard, KIM, "📌")] {
            let mut channel = Channel::at("03:10");
            channel.hears(&signal);
            assert_eq!(channel.entry().kind, Kind::Evidence, "{signal:?}");
            assert_eq!(channel.entry().importance, Importance::Normal);
        }
        let mut channel = Channel::at("03:10");
        channel.hears(&reacted(heard, KIM, "🔎"));
        assert_eq!(channel.entry().kind, Kind::Observation, "it was said");
        channel.at_clock("03:11").hears(&pinned(heard));
        assert_eq!(channel.entry().kind, Kind::Evidence, "the newest mark");
        let mut channel = Channel::at("03:10");
        channel.hears(&chosen(heard, KIM, Kind::Note, None));
        assert_eq!(channel.entry().kind, Kind::Note, "a note was chosen");
    }
}

#[test]
fn what_its_author_called_something_stays_that() {
    for (text, kind) in [
        ("note: see https://status.example/incidents/7", Kind::Note),
        (
            "obs: 5xx https://grafana.example/d/orders",
            Kind::Observation,
        ),
    ] {
        let mut channel = Channel::at("03:10");
        let heard = said("03:09", text);
        channel.hears(&Signal::Message(heard.clone()));
        assert_eq!(channel.entry().kind, kind);
        channel.hears(&pinned(&heard));
        assert_ne!(channel.entry().kind, Kind::Evidence, "{text}");
    }
    for text in ["see http:// and https://", "the number is on page two"] {
        let mut channel = Channel::at("03:10");
        channel.hears(&pinned(&said("03:09", text)));
        assert_eq!(channel.entry().kind, Kind::Note, "{text}");
    }
}
