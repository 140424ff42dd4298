//! A night lived through with the product, to look at what people read in it.

use std::collections::{BTreeMap, BTreeSet};

use bridgewatch_core::cards;
use bridgewatch_core::category::Category;
use bridgewatch_core::ids::IncidentId;
use bridgewatch_core::incident::{
    Actor, AlertPicture, Command, Confidence, Declaration, Expectation, Incident, Policy, Rank,
    Recorded, Request, Visibility, decide, declare, plan,
};
use bridgewatch_core::person::PersonId;
use bridgewatch_core::postmortem::{self, Material};
use bridgewatch_core::severity::Severity;
use bridgewatch_core::timeline::Entry;
use bridgewatch_core::update;
use chrono::{DateTime, TimeDelta, Utc};

const SAM: PersonId = PersonId(1);

/// What people read.
pub(crate) struct Words {
    /// On the board, while they work.
    pub(crate) board: String,
    /// In the update to stakeholders, while others work.
    pub(crate) update: String,
    /// In the postmortem, when it is over.
    pub(crate) postmortem: String,
}

/// An incident with its history.
struct Night {
    now: DateTime<Utc>,
    policy: Policy,
    incident: Option<Incident>,
    events: Vec<Recorded>,
    timeline: Vec<Entry>,
}

impl Night {
    /// What happened is carried out, and a minute passes.
    fn goes_on(&mut self, actor: Actor, events: Vec<bridgewatch_core::incident::Event>) {
        let before = self.incident.take();
        let plan = plan(IncidentId(1), before, actor, self.now, events, &self.policy)
            .expect("something happened");
        self.events.extend(plan.events);
        self.timeline.extend(plan.entries);
        self.incident = Some(plan.after);
        self.now += TimeDelta::minutes(1);
    }

    fn request(&self, actor: Actor, command: Command) -> Request {
        Request {
            actor,
            at: self.now,
            expects: Expectation::default(),
            command,
            last_prompts: BTreeMap::new(),
        }
    }

    fn incident(&self) -> &Incident {
        self.incident.as_ref().expect("it was declared")
    }

    fn sam(&mut self, command: Command) {
        let actor = Actor::Person {
            id: SAM,
            rank: Rank::Commander,
        };
        let request = self.request(actor, command);
        let events = decide(self.incident(), &request, &self.policy).expect("Sam may do that");
        self.goes_on(actor, events);
    }
}

/// Alerts fire; Sam takes the incident, says what hurts, what they think and how long it may take, and resolves it.
pub(crate) fn words_of_a_night() -> Words {
    let mut night = Night {
        now: DateTime::UNIX_EPOCH,
        policy: Policy::default(),
        incident: None,
        events: Vec::new(),
        timeline: Vec::new(),
    };
    let declaration = Declaration {
        title: "orders-api 5xx".to_owned(),
        severity: Severity::Sev1,
        category: Category::Backend,
        visibility: Visibility::Normal,
        services: BTreeSet::new(),
        alerts: Some(AlertPicture {
            firing: 3,
            names: vec!["ApiErrorRateHigh".to_owned()],
            ..AlertPicture::default()
        }),
        news: Vec::new(),
        alert_received_at: Some(night.now),
        storm: true,
        runbook: None,
        links: Vec::new(),
        origin: None,
        optional_roles: std::collections::BTreeSet::new(),
        proposals: BTreeMap::new(),
    };
    let request = night.request(Actor::Alerts, Command::Tick);
    let declared = declare(&request, declaration).expect("it may be declared");
    night.goes_on(Actor::Alerts, declared);
    night.sam(Command::Take);
    night.sam(Command::DescribeImpact("Nobody can order".to_owned()));
    night.sam(Command::StateHypothesis(
        "workers hold connections".to_owned(),
    ));
    night.sam(Command::GiveEstimate {
        low_minutes: 15,
        high_minutes: 30,
        basis: "the roll-back takes ten".to_owned(),
        confidence: Confidence::Guess,
    });
    let board = cards::board(night.incident()).body;
    let update = update::draft(night.incident(), &night.timeline);
    night.sam(Command::Resolve { anyway: true });
    let postmortem = postmortem::draft(&Material {
        incident: night.incident().clone(),
        timeline: night.timeline,
        episodes: Vec::new(),
        events: night.events,
        names: BTreeMap::new(),
        policy: bridgewatch_core::incident::Policy::default(),
        zone: chrono_tz::UTC,
        now: night.now,
    });
    Words {
        board,
        update,
        postmortem,
    }
}
