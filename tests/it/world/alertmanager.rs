//! Alertmanager, as the intake sees it: version 4 webhooks, one per group, repeated and resolved as it would.

use std::collections::BTreeMap;

use bridgewatch_core::incident::MilestoneName;
use chrono::{DateTime, TimeDelta, Utc};
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::World;

/// What was sent last for each group.
pub(super) type Memory = BTreeMap<String, Alert>;

/// An alert of monitoring.
#[derive(Clone, Debug)]
pub struct Alert {
    labels: BTreeMap<String, String>,
    annotations: BTreeMap<String, String>,
    starts_at: Option<DateTime<Utc>>,
    started_ago: TimeDelta,
    ends_at: Option<DateTime<Utc>>,
}

impl Alert {
    /// An alert with this name and nothing else.
    pub fn named(name: &str) -> Self {
        Self {
            labels: BTreeMap::from([("alertname".to_owned(), name.to_owned())]),
            annotations: BTreeMap::new(),
            starts_at: None,
            started_ago: TimeDelta::zero(),
            ends_at: None,
        }
    }

    pub fn severity(self, severity: &str) -> Self {
        self.label("severity", severity)
    }

    pub fn service(self, service: &str) -> Self {
        self.label("service", service)
    }

    pub fn category(self, category: &str) -> Self {
        self.label("category", category)
    }

    pub fn label(mut self, name: &str, value: &str) -> Self {
        self.labels.insert(name.to_owned(), value.to_owned());
        self
    }

    /// The line that people read.
    pub fn summary(mut self, summary: &str) -> Self {
        self.annotations
            .insert("summary".to_owned(), summary.to_owned());
        self
    }

    /// It fires since this long already when it is sent.
    pub fn started(mut self, ago: TimeDelta) -> Self {
        self.started_ago = ago;
        self
    }

    fn name(&self) -> &str {
        &self.labels["alertname"]
    }

    fn group_key(&self) -> String {
        format!("{{}}:{{alertname=\"{}\"}}", self.name())
    }

    /// Alertmanager's fingerprint changes with the labels; so does this.
    fn fingerprint(&self) -> String {
        let hash = format!("{:?}", self.labels)
            .bytes()
            .fold(14_695_981_039_346_656_037_u64, |hash, byte| {
                (hash ^ u64::from(byte)).wrapping_mul(1_099_511_628_211)
            });
        format!("{hash:016x}")
    }

    /// The webhook with this one alert.
    pub fn webhook(&self, now: DateTime<Utc>) -> Value {
        let status = if self.ends_at.is_some() {
            "resolved"
        } else {
            "firing"
        };
        let never = || "0001-01-01T00:00:00Z".to_owned();
        json!({
            "version": "4",
            "groupKey": self.group_key(),
            "truncatedAlerts": 0,
            "status": status,
            "receiver": "bridgewatch",
            "groupLabels": {"alertname": self.name()},
            "commonLabels": self.labels,
            "commonAnnotations": self.annotations,
            "externalURL": "http://alertmanager.example:9093",
            "alerts": [{
                "status": status,
                "labels": self.labels,
                "annotations": self.annotations,
                "startsAt": self.starts_at.unwrap_or(now - self.started_ago).to_rfc3339(),
                "endsAt": self.ends_at.map_or_else(never, |end| end.to_rfc3339()),
                "generatorURL": "http://prometheus.example:9090/graph",
                "fingerprint": self.fingerprint(),
            }],
        })
    }
}

/// The three alerts of the night: orders fail, the database is full, the AI queue stands still.
pub fn the_three_of_the_night() -> [Alert; 3] {
    let critical = |name: &str, category: &str, service: &str| {
        Alert::named(name)
            .severity("critical")
            .category(category)
            .service(service)
    };
    [
        critical("ApiErrorRateHigh", "backend", "orders-api")
            .summary("orders-api 5xx 38%")
            .started(TimeDelta::minutes(7)),
        critical("DbConnectionsSaturated", "backend", "orders-db")
            .summary("DB 100/100")
            .started(TimeDelta::minutes(6)),
        critical("AiTaskQueueStalled", "ai", "ai-worker")
            .summary("AI queue stalled")
            .started(TimeDelta::minutes(5)),
    ]
}

/// The one who posts alerts.
pub struct Alertmanager<'world> {
    world: &'world World,
}

impl World {
    pub fn alertmanager(&self) -> Alertmanager<'_> {
        Alertmanager { world: self }
    }

    /// The night of the scenario: three critical alerts within a minute.
    pub async fn everything_burns(&self) {
        for alert in the_three_of_the_night() {
            self.alertmanager().sends(alert).await;
            self.advance(TimeDelta::seconds(15)).await;
        }
    }

    /// When a milestone of an incident was reached.
    pub async fn milestone(&self, number: i64, name: MilestoneName) -> Option<DateTime<Utc>> {
        self.incident(number).await.milestones.at(name)
    }
}

impl Alertmanager<'_> {
    /// An alert begins to fire.
    pub async fn fires(&self, name: &str, severity: &str) {
        self.sends(Alert::named(name).severity(severity)).await;
    }

    /// An alert begins to fire, or changes.
    pub async fn sends(&self, mut alert: Alert) {
        let now = self.world.now();
        alert.starts_at.get_or_insert(now - alert.started_ago);
        self.remembers(alert).await;
    }

    /// Nothing has changed, and `repeat_interval` is over: everything that fires is sent again.
    pub async fn repeats(&self) {
        let firing: Vec<Alert> = self
            .world
            .alerts
            .borrow()
            .values()
            .filter(|alert| alert.ends_at.is_none())
            .cloned()
            .collect();
        assert!(!firing.is_empty(), "nothing fires that could be repeated");
        for alert in firing {
            self.remembers(alert).await;
        }
    }

    /// An alert has been over for a while: it is told only now, with the next notice of its group.
    pub async fn resolves_late(&self, name: &str, since: TimeDelta) {
        let mut alert = self.known(name);
        alert.ends_at = Some(self.world.now() - since);
        self.remembers(alert).await;
    }

    fn known(&self, name: &str) -> Alert {
        let alerts = self.world.alerts.borrow();
        alerts
            .values()
            .find(|alert| alert.name() == name)
            .cloned()
            .unwrap_or_else(|| self.world.fail(&format!("no alert {name} was sent")))
    }

    async fn remembers(&self, alert: Alert) {
        self.posts_and_forgets_nothing(&alert).await;
        self.world
            .alerts
            .borrow_mut()
            .insert(alert.group_key(), alert);
        self.world.settle().await;
    }

    async fn posts_and_forgets_nothing(&self, alert: &Alert) {
        let status = self.posts(&alert.webhook(self.world.now())).await;
        if status != StatusCode::ACCEPTED {
            self.world
                .fail(&format!("{} was answered {status}", alert.name()));
        }
    }

    /// Posts an alert and does not wait for what comes of it: only for the answer.
    pub async fn posts_alert(&self, mut alert: Alert) -> StatusCode {
        let now = self.world.now();
        alert.starts_at.get_or_insert(now - alert.started_ago);
        let status = self.posts(&alert.webhook(now)).await;
        self.world
            .alerts
            .borrow_mut()
            .insert(alert.group_key(), alert);
        status
    }

    /// Posts a body as it is.
    pub async fn posts(&self, body: &Value) -> StatusCode {
        self.posts_bytes(body.to_string().into_bytes(), &[]).await.0
    }

    /// Posts bytes with headers; the status and the body of the answer.
    pub async fn posts_bytes(
        &self,
        bytes: Vec<u8>,
        headers: &[(&str, &str)],
    ) -> (StatusCode, Value) {
        self.posts_to("alertmanager", bytes, headers).await
    }

    /// The same, to the address of another source.
    pub async fn posts_to(
        &self,
        source: &str,
        bytes: Vec<u8>,
        headers: &[(&str, &str)],
    ) -> (StatusCode, Value) {
        let client = reqwest::Client::builder()
            .no_proxy()
            .build()
            .expect("a client without TLS settings can be built");
        let url = format!("{}/hooks/{source}", self.world.intake());
        let mut request = client
            .post(url)
            .header("content-type", "application/json")
            .body(bytes);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        match request.send().await {
            Ok(answer) => {
                let status = answer.status();
                let body = answer.bytes().await.unwrap_or_default();
                (status, serde_json::from_slice(&body).unwrap_or(Value::Null))
            }
            Err(error) => self
                .world
                .fail(&format!("the intake did not answer: {error}")),
        }
    }
}
