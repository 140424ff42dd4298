//! A line that is edited, corrected or loses its message says what it said before.

use super::*;

#[test]
fn a_prefix_that_was_forgotten_can_be_edited_in() {
    let mut channel = Channel::at("03:10");
    assert_eq!(
        channel.hears(&Signal::Message(said("03:10", "5xx at 38 %"))),
        Captured::Nothing,
        "unmarked messages are not kept"
    );
    channel.hears(&Signal::Edited(said("03:10", "obs: 5xx at 38 %")));
    assert_eq!(channel.entry().kind, Kind::Observation);
    assert_eq!(channel.entry().text, "5xx at 38 %");
}

#[test]
fn an_edit_follows_a_changed_prefix_but_not_a_later_choice() {
    let mut channel = Channel::at("03:10");
    channel.hears(&Signal::Message(said("03:10", "obs: AI features off")));
    channel.at_clock("03:11");
    channel.hears(&Signal::Edited(said("03:10", "act: AI features off")));
    assert_eq!(channel.entry().kind, Kind::Action);
    let heard = said("03:10", "act: AI features off");
    channel.at_clock("03:12").hears(&reacted(&heard, KIM, "⚖️"));
    channel
        .at_clock("03:13")
        .hears(&Signal::Edited(said("03:10", "act: AI features are off")));
    assert_eq!(
        channel.entry().kind,
        Kind::Decision,
        "a typo mended is no choice"
    );
    assert_eq!(channel.entry().text, "AI features are off");
    assert_eq!(channel.entry().revisions.len(), 2);
}

#[test]
fn an_edit_that_only_names_another_time_is_followed() {
    let mut channel = Channel::at("03:10");
    channel.hears(&Signal::Message(said("03:10", "obs: first 500s")));
    channel.hears(&Signal::Edited(said("03:10", "@02:47 obs: first 500s")));
    assert_eq!(channel.entry().event_at, at("02:47"));
}

#[test]
fn whatever_is_changed_the_line_says_what_it_said_before() {
    let mut channel = Channel::at("03:10");
    channel.hears(&Signal::Message(said("03:10", "obs: first 500s")));
    let first = channel.entry().clone();
    for (change, kind, text, event_at, importance) in [
        (
            EntryChange {
                text: Some("first 502s".to_owned()),
                ..EntryChange::default()
            },
            Kind::Observation,
            "first 502s",
            at("03:10"),
            Importance::Normal,
        ),
        (
            EntryChange {
                at: Some("02:47".to_owned()),
                ..EntryChange::default()
            },
            Kind::Observation,
            "first 502s",
            at("02:47"),
            Importance::Normal,
        ),
        (
            EntryChange {
                kind: Some(Kind::Impact),
                ..EntryChange::default()
            },
            Kind::Impact,
            "first 502s",
            at("02:47"),
            Importance::Key,
        ),
        (
            EntryChange {
                importance: Some(Importance::Detail),
                ..EntryChange::default()
            },
            Kind::Impact,
            "first 502s",
            at("02:47"),
            Importance::Detail,
        ),
        (
            EntryChange {
                kind: Some(Kind::Decision),
                ..EntryChange::default()
            },
            Kind::Decision,
            "first 502s",
            at("02:47"),
            // A person chose it: it does not follow the kind.
            Importance::Detail,
        ),
    ] {
        let revisions = channel.entry().revisions.len();
        channel.hears(&changed(KIM, change, Some("read the log")));
        let entry = channel.entry();
        assert_eq!(
            (
                entry.kind,
                entry.text.as_str(),
                entry.event_at,
                entry.importance
            ),
            (kind, text, event_at, importance)
        );
        assert_eq!(entry.revisions.len(), revisions + 1);
        let last = entry.revisions.last().expect("just changed");
        assert_eq!(last.why.as_deref(), Some("read the log"));
        assert!(matches!(last.changed_by, Who::Person { id, .. } if id == KIM));
    }
    assert_eq!(channel.entry().revisions[0].text, first.text);
    assert_eq!(channel.entry().revisions[1].event_at, first.event_at);
    assert_eq!(channel.entry().revisions[2].kind, first.kind);
    assert_eq!(
        channel.entry().revisions[3].importance,
        Some(Importance::Key)
    );
    let untouched = EntryChange {
        text: Some("first 502s".to_owned()),
        at: Some(typed_time(at("02:47"), ZONE)),
        ..EntryChange::default()
    };
    assert_eq!(
        channel.hears(&changed(KIM, untouched, None)),
        Captured::Nothing,
        "a form sent as it opened changes nothing"
    );
}

#[test]
fn an_untouched_time_keeps_its_seconds() {
    let mut channel = Channel::at("03:10");
    channel.now += TimeDelta::seconds(42);
    channel.hears(&Signal::Typed {
        by: SAM,
        kind: None,
        text: "restarted".to_owned(),
        at: None,
        choice: None,
    });
    let noted = channel.entry().event_at;
    let only_the_words = EntryChange {
        text: Some("restarted it".to_owned()),
        at: Some(typed_time(noted, ZONE)),
        ..EntryChange::default()
    };
    channel.hears(&changed(SAM, only_the_words, None));
    assert_eq!(channel.entry().text, "restarted it");
    assert_eq!(channel.entry().event_at, noted);
}

#[test]
fn once_it_is_closed_only_the_owner_changes_it_and_says_why() {
    let mut channel = Channel::at("03:10");
    channel.hears(&Signal::Message(said("03:10", "obs: first 500s")));
    channel.keeper = Keeper::Owner(Some(KIM));
    let other_words = || EntryChange {
        text: Some("first 502s".to_owned()),
        ..EntryChange::default()
    };
    let refused = |captured: Captured| match captured {
        Captured::Refused(sentence) => readable(&sentence),
        other => panic!("not refused: {other:?}"),
    };
    let by_sam = channel.hears(&changed(SAM, other_words(), Some("typo")));
    assert_snapshot!(refused(by_sam), @"The incident is closed: only @Kim, who owns the postmortem, can change its timeline. Ask them.");
    let without_reason = channel.hears(&changed(KIM, other_words(), None));
    assert_snapshot!(refused(without_reason), @"The incident is closed: say why it is changed. *Edit…* asks for it.");
    let taken_back = channel.hears(&Signal::Retracted {
        number: EntryNumber(1),
        by: SAM,
    });
    assert!(matches!(taken_back, Captured::Refused(_)));
    channel.hears(&changed(KIM, other_words(), Some("typo")));
    assert_eq!(channel.entry().text, "first 502s");
}

#[test]
fn emptying_a_message_leaves_its_line() {
    let mut channel = Channel::at("03:10");
    channel.hears(&Signal::Message(said("03:10", "obs: first 500s")));
    assert_eq!(
        channel.hears(&Signal::Edited(said("03:10", ""))),
        Captured::Nothing
    );
}

/// Somebody takes a picture off their message: the record has it, and what was added besides.
#[test]
fn an_edit_adds_files_and_takes_none_away() {
    let mut channel = Channel::at("03:10");
    let mut heard = said("03:10", "obs: look");
    heard.attachments = vec![graph()];
    channel.hears(&Signal::Message(heard.clone()));
    heard.attachments.clear();
    heard.text = "obs: look here".to_owned();
    channel.hears(&Signal::Edited(heard.clone()));
    assert_eq!(channel.entry().files, [graph()]);
    let log = AttachedFile::heard(
        FileId(8),
        "pool.log",
        12,
        None,
        "https://cdn.example/pool.log",
    );
    heard.attachments = vec![log.clone()];
    channel.hears(&Signal::Edited(heard.clone()));
    assert_eq!(channel.entry().files, [graph(), log]);
    assert_eq!(
        channel.hears(&Signal::Edited(heard)),
        Captured::Nothing,
        "heard again, it is no news"
    );
}

#[test]
fn attachments_are_named() {
    let mut channel = Channel::at("03:10");
    let mut heard = said("03:10", "");
    heard.attachments = vec![graph()];
    channel.hears(&reacted(&heard, KIM, "🔎"));
    assert_eq!(channel.entry().text, "[attached: graph.png]");
    assert_eq!(channel.entry().files, [graph()]);
    let nothing = Channel::at("03:10").hears(&reacted(&said("03:09", ""), KIM, "🔎"));
    assert!(matches!(nothing, Captured::Refused(_)));
}
