//! The pager: Discord is none. A plain JSON webhook that PagerDuty gateways, ntfy, SMS senders and scripts can read.

use async_trait::async_trait;
use bridgewatch_core::cards;
use bridgewatch_core::incident::Incident;
use bridgewatch_core::person::PersonId;
use bridgewatch_core::ports::{Failure, Pager};
use reqwest::Client;
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

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
        person: PersonId,
        name: &str,
    ) -> Result<(), Failure> {
        let body = json!({
            "id": id,
            "event": "page",
            "incident": incident.id.to_string(),
            "severity": incident.severity.id(),
            "title": incident.title,
            "message": cards::opening_line(incident),
            "person": { "discord_id": person.0.to_string(), "name": name },
            "declared_at": incident.declared_at().to_rfc3339(),
        });
        let request = self
            .client
            .post(self.url.expose_secret())
            .header("Idempotency-Key", id)
            .json(&body);
        judge("the pager webhook", request.send().await)
    }
}
