//! Lines for responders only: how they begin, and how they become what they are.

use super::*;
use crate::incident::is_work;
use crate::timeline::Audience;

#[test]
fn an_exclamation_mark_behind_the_prefix_leaves_readers_out() {
    let mut channel = Channel::at("03:20");
    channel.hears(&Signal::Message(said(
        "03:20",
        "@03:05 act!: reset the admin's second factor",
    )));
    let entry = channel.entry();
    assert_eq!(entry.audience, Audience::RespondersOnly);
    assert_eq!(entry.text, "reset the admin's second factor");
    assert_eq!(entry.event_at, at("03:05"));
    assert!(!is_work(entry), "no board names it");
}

#[test]
fn what_was_noted_late_for_responders_only_is_not_said_aloud() {
    let mut channel = Channel::at("03:20");
    let written = channel.hears(&Signal::Message(said("03:20", "@03:05 act!: reset it")));
    assert!(matches!(
        written,
        Captured::Write {
            announce_late: false,
            ..
        }
    ));
    let mut channel = Channel::at("03:20");
    let written = channel.hears(&Signal::Message(said("03:20", "@03:05 act: reset it")));
    assert!(matches!(
        written,
        Captured::Write {
            announce_late: true,
            ..
        }
    ));
}

#[test]
fn an_edit_hides_a_line_and_never_shows_it() {
    let mut channel = Channel::at("03:20");
    channel.hears(&Signal::Message(said("03:20", "obs: two accounts")));
    assert!(channel.entry().is_for_everybody());
    channel.hears(&Signal::Edited(said("03:20", "obs!: two accounts")));
    assert!(!channel.entry().is_for_everybody());
    channel.hears(&Signal::Edited(said("03:20", "obs: two accounts")));
    assert!(!channel.entry().is_for_everybody());
    channel.hears(&changed(
        KIM,
        EntryChange {
            audience: Some(Audience::Everybody),
            ..EntryChange::default()
        },
        None,
    ));
    assert!(channel.entry().is_for_everybody());
}

#[test]
fn whoever_marks_somebodys_sentence_keeps_it_for_whom_it_was_meant() {
    let mut channel = Channel::at("03:20");
    channel.hears(&reacted(&said("03:19", "obs!: two accounts"), KIM, "📌"));
    assert!(!channel.entry().is_for_everybody());
    let mut typed = Channel::at("03:20");
    typed.hears(&Signal::Typed {
        by: KIM,
        kind: None,
        text: "obs!: two accounts".to_owned(),
        at: None,
        choice: None,
    });
    assert!(!typed.entry().is_for_everybody());
}

#[test]
fn a_line_of_the_version_before_is_for_everybody_and_is_stored_as_it_was() {
    let mut channel = Channel::at("03:20");
    channel.hears(&Signal::Message(said("03:20", "obs: x y")));
    let stored = serde_json::to_value(channel.entry()).expect("JSON");
    assert_eq!(stored.get("audience"), None);
    let read: Entry = serde_json::from_value(stored).expect("an entry");
    assert!(read.is_for_everybody());
}
