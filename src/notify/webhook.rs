//! A webhook: plain JSON for machines, or the form that Slack and its many imitators read.

use async_trait::async_trait;
use bridgewatch_core::ports::{Failure, Notice, Notifier};
use reqwest::Client;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use super::judge;
use super::plain::plain_text;

/// The form of the body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WebhookKind {
    /// Everything as fields.
    Generic,
    /// `{"text": …}`.
    Slack,
}

/// Sends updates to a webhook.
#[derive(Debug)]
pub struct WebhookNotifier {
    name: String,
    kind: WebhookKind,
    url: SecretString,
    client: Client,
}

impl WebhookNotifier {
    /// A target of this name.
    #[must_use]
    pub fn new(name: String, kind: WebhookKind, url: SecretString, client: Client) -> Self {
        Self {
            name,
            kind,
            url,
            client,
        }
    }
}

#[async_trait]
impl Notifier for WebhookNotifier {
    fn name(&self) -> &str {
        &self.name
    }

    async fn notify(&self, notice: &Notice) -> Result<(), Failure> {
        let request = self
            .client
            .post(self.url.expose_secret())
            .header("Idempotency-Key", &notice.id)
            .json(&body(self.kind, notice));
        judge(&self.name, request.send().await)
    }
}

fn body(kind: WebhookKind, notice: &Notice) -> Value {
    let text = plain_text(&notice.text);
    match kind {
        WebhookKind::Generic => json!({
            "id": notice.id,
            "incident": notice.incident.to_string(),
            "title": notice.title,
            "severity": notice.severity.id(),
            "status": notice.status,
            "text": text,
            "sent_at": notice.at.to_rfc3339(),
            "next_update_by": notice.next_due.map(|due| due.to_rfc3339()),
        }),
        // Slack marks bold with one star, and reads `&`, `<` and `>` as its own signs.
        WebhookKind::Slack => json!({
            "text": text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace("**", "*"),
        }),
    }
}

#[cfg(test)]
mod tests {
    use bridgewatch_core::ids::IncidentId;
    use bridgewatch_core::severity::Severity;

    use super::*;

    fn notice() -> Notice {
        Notice {
            id: "inc-7/12/update.board".to_owned(),
            incident: IncidentId(7),
            title: "orders-api errors".to_owned(),
            severity: Severity::Sev1,
            status: "investigating",
            text: "**🟥 SEV1** a < b & c. **Next update by <t:1763690520:t>.**".to_owned(),
            at: "2026-11-21T02:02:00Z".parse().expect("a literal time"),
            next_due: Some("2026-11-21T02:22:00Z".parse().expect("a literal time")),
        }
    }

    #[test]
    fn a_generic_body_says_everything_in_fields_and_times_in_words() {
        let body = body(WebhookKind::Generic, &notice());
        assert_eq!(body["incident"], "INC-0007");
        assert_eq!(body["severity"], "sev1");
        assert_eq!(
            body["text"],
            "**🟥 SEV1** a < b & c. **Next update by 02:02 UTC.**"
        );
        assert_eq!(body["next_update_by"], "2026-11-21T02:22:00+00:00");
    }

    #[test]
    fn a_slack_body_escapes_what_slack_would_read_as_signs() {
        let body = body(WebhookKind::Slack, &notice());
        assert_eq!(
            body["text"],
            "*🟥 SEV1* a &lt; b &amp; c. *Next update by 02:02 UTC.*"
        );
    }
}
