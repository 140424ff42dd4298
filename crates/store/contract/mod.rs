//! What every store must do, written once and run on each database.
//!
//! This folder is a module of two test binaries. Each gives it `crate::Home`: a fresh, empty place for one test, in which
//! a store can be opened again and again. `Home::new` gives `None` when the database is not there, and says so.

mod alerts;
mod audit;
mod changes;
mod files;
mod history;
mod intake;
mod maintenance;
mod memory;
mod outbox;
mod outbox_model;
mod prompts;
mod redaction;
mod timeline;

use std::collections::{BTreeMap, BTreeSet};

use bridgewatch_core::category::Category;
use bridgewatch_core::ids::{IncidentId, Seq};
use bridgewatch_core::incident::{
    Actor, CancelReason, Declaration, Event, Incident, Recorded, Visibility, apply, fold,
};
use bridgewatch_core::person::PersonId;
use bridgewatch_core::ports::{Change, CommitError, Expected, Store};
use bridgewatch_core::severity::Severity;
use chrono::{DateTime, TimeDelta, Utc};

/// The night everything happens in: this many seconds after 03:00.
pub(crate) fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_767_582_000, 123_456_000).expect("a constant in range")
        + TimeDelta::seconds(seconds)
}

pub(crate) const SAM: PersonId = PersonId(175_928_847_299_117_063);

fn declaration(title: &str) -> Declaration {
    Declaration {
        title: title.to_owned(),
        severity: Severity::Sev2,
        category: Category::Backend,
        visibility: Visibility::Normal,
        services: BTreeSet::from(["orders".to_owned()]),
        alerts: None,
        news: Vec::new(),
        alert_received_at: None,
        storm: false,
        runbook: None,
        links: Vec::new(),
        origin: None,
        optional_roles: std::collections::BTreeSet::new(),
        proposals: BTreeMap::new(),
    }
}

/// The declaration of an incident, as a change.
pub(crate) fn declared(id: IncidentId, title: &str) -> Change {
    let events = vec![Recorded {
        seq: Seq(1),
        at: at(0),
        actor: Actor::Alerts,
        event: Event::Declared(Box::new(declaration(title))),
    }];
    let after = fold(id, &events).expect("the first event declares");
    Change {
        after: Some(after),
        events,
        ..Change::of(id, Expected::New, at(0))
    }
}

/// A further event of an incident, as a change.
pub(crate) fn continued(before: &Incident, event: Event, when: DateTime<Utc>) -> Change {
    let recorded = Recorded {
        seq: before.seq.next(),
        at: when,
        actor: Actor::Bot,
        event,
    };
    Change {
        after: Some(apply(before.clone(), &recorded)),
        events: vec![recorded],
        ..Change::of(before.id, Expected::At(before.seq), when)
    }
}

pub(crate) fn described(before: &Incident, text: &str, when: DateTime<Utc>) -> Change {
    continued(
        before,
        Event::ImpactDescribed {
            text: text.to_owned(),
        },
        when,
    )
}

pub(crate) fn cancelled(before: &Incident, when: DateTime<Utc>) -> Change {
    continued(
        before,
        Event::Cancelled {
            reason: CancelReason::FalseAlarm,
        },
        when,
    )
}

/// Declares an incident with the next number.
pub(crate) async fn declare(store: &dyn Store, title: &str) -> Incident {
    let id = store.next_incident().await.expect("a number");
    store
        .commit(declared(id, title))
        .await
        .expect("nobody else declares it");
    load(store, id).await
}

pub(crate) async fn load(store: &dyn Store, id: IncidentId) -> Incident {
    store
        .incident(id)
        .await
        .expect("the store reads")
        .expect("the incident exists")
}

#[track_caller]
pub(crate) fn assert_conflict<T: std::fmt::Debug>(outcome: Result<T, CommitError>) {
    assert!(matches!(outcome, Err(CommitError::Conflict)), "{outcome:?}");
}

#[track_caller]
pub(crate) fn assert_broken<T: std::fmt::Debug>(outcome: Result<T, CommitError>, why: &str) {
    let Err(CommitError::Broken(said)) = &outcome else {
        panic!("{outcome:?}")
    };
    assert!(said.contains(why), "{said}");
}
