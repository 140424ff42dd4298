//! Nights told as webhooks, against a real store.

mod incidents;
mod memory;

use std::sync::Arc;

use bridgewatch_core::alert::{AlertKey, Episode};
use bridgewatch_core::category::Category;
use bridgewatch_core::ids::IncidentId;
use bridgewatch_core::incident::{
    Actor, CancelReason, Command, Declaration, Event, Expectation, Incident, Policy, Rank,
    Visibility,
};
use bridgewatch_core::oncall::Rota;
use bridgewatch_core::person::PersonId;
use bridgewatch_core::ports::{Answer, Ask, Desk as _, Receipt, ReceiptState, Store, TestAlert};
use bridgewatch_core::runbook::Library;
use bridgewatch_core::severity::Severity;
use bridgewatch_store_sqlite::SqliteStore;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tokio::sync::Notify;

use super::{AtHand, CorrelatorSettings, Worked, hex};
use crate::clock::{Clock, new_id};
use crate::desk::{Begun, DeskParts, IncidentDesk, Roster, Shelf, Team};
use crate::intake;

const SAM_COMMANDS: Actor = Actor::Person {
    id: PersonId(175_928_847_299_117_063),
    rank: Rank::Commander,
};

/// A desk on a store of its own, and a clock that stands still.
struct Night {
    store: Arc<SqliteStore>,
    desk: IncidentDesk,
    clock: Clock,
    at_hand: Arc<AtHand>,
    _folder: tempfile::TempDir,
}

/// This many seconds after 03:00.
fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_230_000, 0).expect("a constant in range")
        + TimeDelta::seconds(seconds)
}

/// One alert of a webhook. It fires from `starts` until `ends`, if that is known.
#[derive(Clone)]
struct Said {
    name: &'static str,
    severity: &'static str,
    service: &'static str,
    starts: i64,
    ends: Option<i64>,
}

impl Said {
    fn fires(name: &'static str, starts: i64) -> Self {
        Self {
            name,
            severity: "critical",
            service: "",
            starts,
            ends: None,
        }
    }

    fn clears(name: &'static str, starts: i64, ends: i64) -> Self {
        Self {
            ends: Some(ends),
            ..Self::fires(name, starts)
        }
    }

    fn severity(self, severity: &'static str) -> Self {
        Self { severity, ..self }
    }

    fn service(self, service: &'static str) -> Self {
        Self { service, ..self }
    }

    fn fingerprint(&self) -> String {
        let text = format!("{}/{}", self.name, self.severity);
        hex(&Sha256::digest(text))[..16].to_owned()
    }

    fn key(&self) -> AlertKey {
        AlertKey {
            source: "alertmanager".to_owned(),
            fingerprint: self.fingerprint(),
        }
    }

    fn as_json(&self) -> Value {
        let mut labels = json!({"alertname": self.name, "severity": self.severity});
        if !self.service.is_empty() {
            labels["service"] = json!(self.service);
        }
        json!({
            "status": if self.ends.is_some() { "resolved" } else { "firing" },
            "labels": labels,
            "annotations": {"summary": format!("{} is unwell", self.name)},
            "startsAt": at(self.starts).to_rfc3339(),
            "endsAt": self.ends.map_or("0001-01-01T00:00:00Z".to_owned(), |ends| at(ends).to_rfc3339()),
            "generatorURL": "",
            "fingerprint": self.fingerprint(),
        })
    }
}

/// A webhook about a group, which leaves so many alerts out.
fn cut_notice(group: &str, alerts: &[Said], left_out: u64) -> Vec<u8> {
    json!({
        "version": "4",
        "groupKey": format!("{{}}:{{group=\"{group}\"}}"),
        "truncatedAlerts": left_out,
        "status": "firing",
        "receiver": "bridgewatch",
        "groupLabels": {},
        "commonLabels": {},
        "commonAnnotations": {},
        "externalURL": "",
        "alerts": alerts.iter().map(Said::as_json).collect::<Vec<_>>(),
    })
    .to_string()
    .into_bytes()
}

fn notice(group: &str, alerts: &[Said]) -> Vec<u8> {
    cut_notice(group, alerts, 0)
}

impl Night {
    async fn begin() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("night.db");
        let store = SqliteStore::open(path.to_str().expect("a plain path"))
            .await
            .expect("a new store");
        let store = Arc::new(store);
        let clock = Clock::starting_at(at(0), 0.0);
        let at_hand = Arc::default();
        let desk = open_desk(&store, &clock, &at_hand);
        Self {
            store,
            desk,
            clock,
            at_hand,
            _folder: folder,
        }
    }

    /// The bot is started anew: nothing is known but what is stored.
    fn restart(&mut self) {
        self.desk = open_desk(&self.store, &self.clock, &self.at_hand);
    }

    /// Moves the clock to so many seconds after 03:00.
    fn now_at(&self, seconds: i64) {
        self.clock.advance(at(seconds) - self.clock.now());
        assert_eq!(self.clock.now(), at(seconds), "the night only goes on");
    }

    /// Takes a webhook in, without working on it.
    async fn keep(&self, body: Vec<u8>) -> Receipt {
        let receipt = Receipt {
            id: new_id(),
            source: "alertmanager".to_owned(),
            received_at: self.clock.now(),
            body_hash: hex(&Sha256::digest(&body)),
            body,
            problem: None,
        };
        self.store
            .keep_receipt(receipt.clone())
            .await
            .expect("the store writes");
        receipt
    }

    /// Works off everything that waits.
    async fn work_off(&self) -> Vec<Worked> {
        let waiting = self
            .store
            .pending_receipts(1_000)
            .await
            .expect("the store reads");
        let worked = self
            .desk
            .work_off_all(&waiting)
            .await
            .expect("the store writes");
        let pending = self.store.pending_receipts(1).await;
        assert_eq!(pending.expect("the store reads"), [], "all of it is done");
        worked
    }

    /// Takes a webhook in and works it off.
    async fn receive(&self, body: Vec<u8>) -> Worked {
        self.keep(body).await;
        self.work_off().await.pop().expect("one webhook waited")
    }

    async fn incident(&self, id: IncidentId) -> Incident {
        self.store
            .incident(id)
            .await
            .expect("the store reads")
            .expect("it exists")
    }

    async fn episodes(&self, id: IncidentId) -> Vec<Episode> {
        self.store.episodes(id).await.expect("the store reads")
    }

    async fn incidents(&self) -> usize {
        let listed = self.store.list(false, 100).await;
        listed.expect("the store reads").len()
    }

    /// How often the incident was told about alerts, the declaration left out.
    async fn told(&self, id: IncidentId) -> usize {
        let events = self.store.events(id).await.expect("the store reads");
        events
            .iter()
            .filter(|event| matches!(event.event, Event::AlertsChanged { .. }))
            .count()
    }

    /// Sam declares an incident about some services.
    async fn sam_declares(&self, services: &[&str]) -> IncidentId {
        let declaration = Declaration {
            title: "Something is wrong".to_owned(),
            severity: Severity::Sev3,
            category: Category::Unknown,
            visibility: Visibility::Normal,
            services: services
                .iter()
                .map(|service| (*service).to_owned())
                .collect(),
            alerts: None,
            news: Vec::new(),
            alert_received_at: None,
            storm: false,
            runbook: None,
            links: Vec::new(),
            origin: None,
            optional_roles: std::collections::BTreeSet::new(),
            proposals: std::collections::BTreeMap::new(),
        };
        let begun = self
            .desk
            .begin(SAM_COMMANDS, None, declaration, |_| {})
            .await;
        match begun.expect("the store writes") {
            Begun::Done { incident, .. } => incident.id,
            Begun::Refused(refusal) => panic!("{refusal}"),
            Begun::Duplicate | Begun::Conflict => panic!("nobody else declares"),
        }
    }

    /// Sam calls an incident off: a false alarm.
    async fn sam_cancels(&self, id: IncidentId) {
        self.sam_cancels_as(id, CancelReason::FalseAlarm).await;
    }

    async fn sam_cancels_as(&self, id: IncidentId, reason: CancelReason) {
        let ask = Ask {
            actor: SAM_COMMANDS,
            delivery: None,
            expects: Expectation::default(),
            command: Command::Cancel { reason },
        };
        let answer = self.desk.ask(id, ask).await;
        assert!(matches!(answer, Answer::Done { .. }), "{answer:?}");
        assert!(!self.incident(id).await.is_active());
    }
}

fn open_desk(store: &Arc<SqliteStore>, clock: &Clock, at_hand: &Arc<AtHand>) -> IncidentDesk {
    let shared: Arc<dyn Store> = Arc::clone(store) as Arc<dyn Store>;
    IncidentDesk::open(DeskParts {
        store: shared,
        clock: clock.clone(),
        policy: Policy::default(),
        team: Team {
            roster: Roster::holding(Rota::empty(chrono_tz::UTC)),
            shelf: Shelf::holding(Library::embedded()),
            zone: chrono_tz::UTC,
            prefixes: Default::default(),
        },
        correlator: CorrelatorSettings::default(),
        understand: intake::understand,
        at_hand: Arc::clone(at_hand),
        keep_everything: false,
        effects_waiting: Arc::new(Notify::new()),
        receipts_waiting: Arc::new(Notify::new()),
    })
}

#[tokio::test]
async fn another_rota_says_at_once_where_people_live() {
    let night = Night::begin().await;
    let text =
        "timezone = \"Europe/Berlin\"\n[people]\nada = { id = \"7\", timezone = \"Asia/Tokyo\" }\n";
    let rota = bridgewatch_core::oncall::parse("rota.toml", text)
        .expect("the test writes a good rota")
        .value;
    let ada = bridgewatch_core::person::PersonId(7);
    assert_eq!(night.desk.policy().zone_of(ada), chrono_tz::UTC);
    assert!(night.desk.take_rota(rota.clone()));
    assert_eq!(night.desk.policy().zone_of(ada), chrono_tz::Asia::Tokyo);
    assert_eq!(*night.desk.team().roster.rota(), rota);
    assert!(!night.desk.take_rota(rota), "it is so already");
}
