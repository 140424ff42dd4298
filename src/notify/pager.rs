//! The pager: Discord is none. A plain JSON webhook that PagerDuty gateways, ntfy, SMS senders and scripts can read.

use async_trait::async_trait;
use bridgewatch_core::cards;
use bridgewatch_core::incident::Incident;
use bridgewatch_core::ports::{Called, Failure, Pager};
use reqwest::Client;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use super::judge;

/// Calls the configured webhook.
#[derive(Debug)]
pub struct WebhookPager {
    url: SecretString,
    client: Client,
}

impl WebhookPager {
    /// A pager at this address.
    #[must_use]
    pub fn new(url: SecretString, client: Client) -> Self {
        Self { url, client }
    }
}

#[async_trait]
impl Pager for WebhookPager {
    async fn page(
        &self,
        id: &str,
        incident: &Incident,
        called: Option<Called<'_>>,
    ) -> Result<(), Failure> {
        let body = body(id, incident, called);
        let request = self
            .client
            .post(self.url.expose_secret())
            .header("Idempotency-Key", id)
            .json(&body);
        judge("the pager webhook", request.send().await)
    }
}

/// What the pager is told. Whatever reads it lies outside Discord, so a restricted incident is only that.
/// Where nobody is on call by name, `person` is null, and its own schedule says whom it wakes.
fn body(id: &str, incident: &Incident, called: Option<Called<'_>>) -> Value {
    let person = called
        .map(|called| json!({ "discord_id": called.person.0.to_string(), "name": called.name }));
    json!({
        "id": id,
        "event": "page",
        "incident": incident.id.to_string(),
        "severity": incident.severity.id(),
        "title": cards::pager_title(incident),
        "message": cards::pager_line(incident, called.map(|called| called.person)),
        "person": person,
        "declared_at": incident.declared_at().to_rfc3339(),
    })
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use bridgewatch_core::category::Category;
    use bridgewatch_core::ids::IncidentId;
    use bridgewatch_core::incident::{
        Actor, AlertPicture, Command, Declaration, Expectation, Policy, Request, Visibility,
        declare, plan,
    };
    use bridgewatch_core::person::PersonId;
    use bridgewatch_core::severity::Severity;

    use super::*;

    const SAM: Called<'_> = Called {
        person: PersonId(1),
        name: "Sam",
    };

    fn told(visibility: Visibility, called: Option<Called<'_>>) -> Value {
        let at = chrono::DateTime::UNIX_EPOCH;
        let declaration = Declaration {
            title: "Admin calls from a new network".to_owned(),
            severity: Severity::Sev1,
            category: Category::Security,
            visibility,
            services: BTreeSet::from(["admin-api".to_owned()]),
            alerts: Some(AlertPicture {
                firing: 1,
                summaries: vec!["Somebody reads all orders".to_owned()],
                ..AlertPicture::default()
            }),
            news: Vec::new(),
            alert_received_at: Some(at),
            storm: false,
            runbook: None,
            links: Vec::new(),
            origin: None,
            optional_roles: std::collections::BTreeSet::new(),
            proposals: BTreeMap::new(),
        };
        let request = Request {
            actor: Actor::Alerts,
            at,
            expects: Expectation::default(),
            command: Command::Tick,
            last_prompts: std::collections::BTreeMap::new(),
        };
        let events = declare(&request, declaration).expect("it may be declared");
        let policy = Policy::default();
        let plan = plan(IncidentId(7), None, Actor::Alerts, at, events, &policy);
        let incident = plan.expect("something happened").after;
        body("page-1", &incident, called)
    }

    #[test]
    fn a_pager_is_told_what_is_broken() {
        let told = told(Visibility::Normal, Some(SAM));
        assert_eq!(told["title"], "Admin calls from a new network");
        assert_eq!(
            told["message"],
            "🔴 SEV1 Somebody reads all orders — Take it"
        );
        assert_eq!(told["person"], json!({"discord_id": "1", "name": "Sam"}));
    }

    #[test]
    fn a_pager_is_told_the_same_where_nobody_is_on_call_by_name() {
        let named = told(Visibility::Normal, Some(SAM));
        let mut unnamed = told(Visibility::Normal, None);
        assert_eq!(unnamed["person"], Value::Null);
        unnamed["person"] = named["person"].clone();
        assert_eq!(unnamed, named, "nothing else differs");
    }

    #[test]
    fn a_pager_learns_no_word_of_a_restricted_incident() {
        let told = told(Visibility::Restricted, Some(SAM));
        assert_eq!(told["title"], "restricted incident");
        assert_eq!(told["message"], "🔴 SEV1 restricted incident — Take it");
        let all = told.to_string();
        for secret in ["Admin", "admin-api", "orders"] {
            assert!(!all.contains(secret), "{all}");
        }
    }
}
