//! Whose marks count: those of people who may act. Whoever only reads writes chat.

use super::*;
use crate::timeline::{Prefixes, markers};

/// A channel in which Sam only reads.
fn where_sam_only_reads() -> Channel {
    let mut channel = Channel::at("03:20");
    channel.readers.insert(SAM);
    channel
}

fn pinned(heard: &MessageHeard, by: PersonId) -> Signal {
    Signal::Pinned {
        message: heard.clone(),
        by,
    }
}

#[test]
fn a_prefix_a_reaction_and_a_pin_of_somebody_who_only_reads_write_nothing() {
    let mut channel = where_sam_only_reads();
    let theirs = said("03:19", "obs: 5xx 38 %");
    let adas = message(at("03:18"), ADA, "rolling back");
    for signal in [
        Signal::Message(theirs.clone()),
        Signal::Edited(theirs.clone()),
        Signal::Message(said("03:19", "@02:47 obs: first 500s")),
        Signal::Message(said("03:19", "@29:99 obs: no time at all")),
        reacted(&adas, SAM, "⚖️"),
        reacted(&theirs, SAM, "📌"),
        pinned(&adas, SAM),
    ] {
        assert_eq!(channel.hears(&signal), Captured::NotTheirs, "{signal:?}");
    }
    assert_eq!(channel.writes, 0);
}

#[test]
fn what_would_write_nothing_anyway_is_not_called_a_mark() {
    let mut channel = where_sam_only_reads();
    let chat = said("03:19", "is it the database?");
    assert_eq!(
        channel.hears(&Signal::Message(chat.clone())),
        Captured::Nothing
    );
    assert_eq!(channel.hears(&reacted(&chat, SAM, "🎉")), Captured::Nothing);
}

#[test]
fn whoever_may_act_marks_the_words_of_somebody_who_only_reads() {
    let mut channel = where_sam_only_reads();
    let theirs = said("03:19", "obs: 5xx 38 %");
    assert_eq!(
        channel.hears(&Signal::Message(theirs.clone())),
        Captured::NotTheirs
    );
    channel.hears(&reacted(&theirs, KIM, "🔎"));
    assert_eq!(channel.entry().text, "5xx 38 %");
    assert_eq!(channel.entry().marks.len(), 1, "Kim's alone");
    channel.hears(&unreacted(&theirs, KIM, "🔎"));
    assert!(
        !channel.entry().is_active(),
        "the prefix of somebody who only reads holds nothing"
    );
}

#[test]
fn a_line_follows_its_message_whoever_wrote_it_and_no_prefix_changes_its_kind() {
    let mut channel = where_sam_only_reads();
    let theirs = said("03:19", "5xx 38 %");
    channel.hears(&reacted(&theirs, KIM, "🔎"));
    channel.hears(&Signal::Edited(said("03:19", "5xx 83 %")));
    assert_eq!(channel.entry().text, "5xx 83 %");
    let decided = channel.hears(&Signal::Edited(said("03:19", "dec: 5xx 83 %")));
    assert_eq!(decided, Captured::NotTheirs);
    assert_eq!(channel.entry().kind, Kind::Observation);
}

#[test]
fn taking_back_touches_nobody_elses_mark() {
    let mut channel = where_sam_only_reads();
    let heard = message(at("03:18"), ADA, "rolling back");
    channel.hears(&reacted(&heard, KIM, "🛠️"));
    assert_eq!(
        channel.hears(&unreacted(&heard, SAM, "🛠️")),
        Captured::Nothing
    );
    assert!(channel.entry().is_active());
}

#[test]
fn a_team_that_keeps_everything_keeps_it_as_chat() {
    let mut channel = where_sam_only_reads().keeping_everything();
    channel.hears(&Signal::Message(said("03:19", "obs: 5xx 38 %")));
    assert_eq!(channel.entry().kind, Kind::Chat);
}

#[test]
fn only_marks_are_looked_up() {
    let prefixes = Prefixes::default();
    let who = |signal: &Signal| Vec::from_iter(markers(signal, &prefixes));
    let chat = said("03:19", "is it the database?");
    let marked = said("03:19", "@02:47 obs: first 500s");
    assert_eq!(who(&Signal::Message(chat.clone())), []);
    assert_eq!(who(&Signal::Message(marked.clone())), [SAM]);
    assert_eq!(who(&reacted(&chat, KIM, "🔎")), [KIM]);
    assert!(who(&pinned(&marked, KIM)).contains(&SAM));
    assert_eq!(who(&unreacted(&marked, KIM, "🔎")), []);
    assert_eq!(
        who(&Signal::Deleted {
            message: chat.message
        }),
        []
    );
}
