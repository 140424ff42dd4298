//! What people do with messages, and what the timeline makes of it.

mod audience;
mod changes;
mod marks;
mod readers;
mod words;

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use insta::assert_snapshot;
use proptest::prelude::*;

use super::{Captured, MessageHeard, Room, Signal, capture, looks_like_a_fact};
use crate::ids::{EntryNumber, FileId, IncidentId};
use crate::incident::tests::night::{ADA, CHANNEL, KIM, SAM, ZONE, at, message};
use crate::incident::tests::readable;
use crate::person::PersonId;
use crate::phase::Phase;
use crate::ports::{EntryWrite, StoredEntry};
use crate::timeline::{
    AttachedFile, Entry, EntryChange, EntryState, Importance, Keeper, Kind, MarkedBy, Precision,
    Source, Who, said_already, typed_time,
};

/// A channel with at most one line that matters.
pub(super) struct Channel {
    now: DateTime<Utc>,
    keep_everything: bool,
    keeper: Keeper,
    phase: Phase,
    readers: BTreeSet<PersonId>,
    known: Option<StoredEntry>,
    writes: usize,
}

impl Channel {
    pub(super) fn at(clock: &str) -> Self {
        Self {
            now: at(clock),
            keep_everything: false,
            keeper: Keeper::Everybody,
            phase: Phase::Open,
            readers: BTreeSet::new(),
            known: None,
            writes: 0,
        }
    }

    pub(super) fn keeping_everything(mut self) -> Self {
        self.keep_everything = true;
        self
    }

    pub(super) fn at_clock(&mut self, clock: &str) -> &mut Self {
        self.now = at(clock);
        self
    }

    pub(super) fn hears(&mut self, signal: &Signal) -> Captured {
        let room = Room {
            keep_everything: self.keep_everything,
            keeper: self.keeper,
            phase: self.phase,
            readers: self.readers.clone(),
            ..Room::plain(self.now, ZONE)
        };
        let captured = capture(self.known.as_ref(), signal, &room);
        if let Captured::Write { write, .. } = &captured {
            self.writes += 1;
            self.known = Some(match &**write {
                EntryWrite::Add(entry) => StoredEntry {
                    incident: IncidentId(1),
                    entry: Entry {
                        number: Some(EntryNumber(1)),
                        ..entry.clone()
                    },
                    revision: 0,
                },
                EntryWrite::Rewrite { entry, revision } => StoredEntry {
                    incident: IncidentId(1),
                    entry: entry.clone(),
                    revision: revision + 1,
                },
            });
        }
        captured
    }

    pub(super) fn entry(&self) -> &Entry {
        &self.known.as_ref().expect("a line was written").entry
    }

    pub(super) fn is_marked(captured: &Captured) -> Option<bool> {
        match captured {
            Captured::Write { marked, .. } => *marked,
            other => panic!("nothing was written: {other:?}"),
        }
    }
}

pub(super) fn said(clock: &str, text: &str) -> MessageHeard {
    message(at(clock), SAM, text)
}

pub(super) fn reacted(heard: &MessageHeard, by: PersonId, emoji: &str) -> Signal {
    Signal::Reacted {
        message: heard.clone(),
        by,
        emoji: emoji.to_owned(),
    }
}

pub(super) fn unreacted(heard: &MessageHeard, by: PersonId, emoji: &str) -> Signal {
    Signal::Unreacted {
        message: heard.message,
        by,
        emoji: emoji.to_owned(),
    }
}

pub(super) fn chosen(heard: &MessageHeard, by: PersonId, kind: Kind, text: Option<&str>) -> Signal {
    Signal::Chosen {
        message: heard.clone(),
        by,
        kind,
        text: text.map(str::to_owned),
        at: None,
        with: MarkedBy::Menu,
    }
}

/// A change of the only line.
pub(super) fn changed(by: PersonId, change: EntryChange, why: Option<&str>) -> Signal {
    Signal::Changed {
        number: EntryNumber(1),
        by,
        change,
        why: why.map(str::to_owned),
    }
}

pub(super) fn graph() -> AttachedFile {
    let link = "https://cdn.example/graph.png";
    AttachedFile::heard(FileId(7), "graph.png", 46_100, Some("image/png"), link)
}
