//! What joined because of a likeness and is something else.

use std::collections::BTreeSet;

use super::{ADA, Night, SAM};
use crate::alert::GroupKey;
use crate::effect::Effect;
use crate::ids::IncidentId;
use crate::incident::{Absorption, Actor, AlertPicture, Attached, Command, Expectation};
use crate::severity::Severity::Sev2;

fn group(name: &str) -> GroupKey {
    GroupKey {
        source: "alertmanager".to_owned(),
        receiver: "bridgewatch".to_owned(),
        group_key: name.to_owned(),
    }
}

/// A group joins, or brings more with another webhook.
fn joins(night: &mut Night, name: &str, because: Option<&str>, receipt: &str) {
    let attached = Attached {
        group: group(name),
        what: name.to_owned(),
        because: because.map(str::to_owned),
        receipts: BTreeSet::from([receipt.to_owned()]),
    };
    let command = Command::AlertsChanged {
        picture: Box::new(night.incident().alerts.clone()),
        attached: vec![attached],
        news: Vec::new(),
        links: Vec::new(),
        services: BTreeSet::new(),
        severity: None,
        storm: false,
        runbook: None,
    };
    night.ask(Actor::Alerts, Expectation::default(), command);
}

fn split(name: &str) -> Command {
    Command::SplitOff {
        group: group(name).digest(),
        rest: Box::new(AlertPicture {
            firing: 1,
            ..AlertPicture::default()
        }),
    }
}

const SERVICE: Option<&str> = Some("because service=orders-api");

#[test]
fn the_channel_hears_once_why_a_group_is_here_and_can_split_it_off() {
    let mut night = Night::alert_fires("orders-api slow", Sev2);
    let mut opening = night.fork();
    joins(&mut opening, "DiskFull", SERVICE, "r-0");
    assert!(
        opening.said().is_empty(),
        "while it opens the board tells it"
    );
    night.after_minutes(2);
    joins(&mut night, "MailStuck", SERVICE, "r-1");
    let said = &night.said()[0];
    assert!(
        said.content
            .contains("MailStuck attached because service=orders-api"),
        "{}",
        said.content
    );
    assert!(said.quiet);
    joins(&mut night, "MailStuck", SERVICE, "r-1");
    assert!(night.happened().is_empty(), "heard twice");
    joins(&mut night, "MailStuck", None, "r-2");
    assert_eq!(night.happened(), ["group_attached"]);
    assert!(night.said().is_empty(), "it is here already");

    night.by(SAM).asks(split("MailStuck"));

    assert_eq!(night.happened(), ["group_split", "alerts_changed"]);
    let again = Effect::RouteAgain {
        receipts: vec!["r-1".to_owned(), "r-2".to_owned()],
    };
    assert!(night.last_effects().contains(&again));
    assert_eq!(night.incident().alerts.firing, 1);
    assert!(night.incident().relations.attached.is_empty());
    night.by(ADA).asks(split("MailStuck"));
    assert!(night.happened().is_empty(), "it is so already");
}

#[test]
fn only_what_joined_because_of_a_likeness_can_be_split_off() {
    let mut night = Night::alert_fires("orders-api slow", Sev2);
    joins(&mut night, "MailStuck", None, "r-1");
    night.by(SAM).asks(split("MailStuck"));
    assert!(night.refusal().contains("not attached here"));
}

#[test]
fn a_flood_of_groups_makes_no_flood_of_lines() {
    let mut night = Night::alert_fires("orders-api slow", Sev2);
    night.after_minutes(2);
    let mut lines = 0;
    for number in 0..300 {
        joins(&mut night, &format!("Group{number}"), SERVICE, "r");
        lines += night.said().len();
    }
    assert_eq!(lines, 10);
    assert_eq!(night.incident().relations.attached.len(), 25);
}

#[test]
fn a_merger_takes_a_split_back() {
    let mut night = Night::alert_fires("orders-api slow", Sev2);
    joins(&mut night, "MailStuck", SERVICE, "r-1");
    night.by(SAM).asks(split("MailStuck"));
    let absorption = Absorption {
        from: IncidentId(7),
        title: "mail is stuck".to_owned(),
        channel: None,
        entries: 1,
        picture: night.incident().alerts.clone(),
        services: BTreeSet::new(),
        severity: Sev2,
        groups: BTreeSet::from([group("MailStuck")]),
    };
    night.bot(Command::Absorb(Box::new(absorption)));
    assert!(night.incident().relations.split.is_empty());
}
