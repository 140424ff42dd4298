//! Who may post alerts: `[intake]` for all senders, and a section for each source that wants something of its own.

use std::collections::BTreeMap;

use secrecy::SecretString;

use super::Http;
use super::problem::{Place, Wrong};
use super::reader::{Reader, environment_variable};
use super::values;

/// The sources that can ask their senders for a token of their own, by the last part of their address.
pub const SOURCES: [&str; 4] = ["alertmanager", "grafana", "generic", "change"];

/// Who may post alerts.
#[derive(Debug, Clone)]
pub struct Intake {
    /// Every token accepted at the moment, at each source that has none of its own; empty: no authentication, which is
    /// allowed on loopback only.
    pub tokens: Vec<SecretString>,
    /// The tokens of sources that have their own, by the source; the shared ones are worth nothing there.
    pub own_tokens: BTreeMap<&'static str, Vec<SecretString>>,
    /// How Grafana signs its bodies, if it is to. Then the signature is enough, unless it has a token of its own too.
    pub grafana_signature: Option<Signature>,
}

/// How a sender signs its bodies with HMAC-SHA256.
#[derive(Debug, Clone)]
pub struct Signature {
    pub secret: SecretString,
    /// The header with the signature.
    pub header: String,
    /// The header with the time that is signed with the body; `None`: the body alone is signed.
    pub timestamp_header: Option<String>,
}

impl Intake {
    /// Reads the section. Whatever can be reached from outside must ask for something.
    pub(super) fn read(reader: &mut Reader, http: &Http, listen_place: Place) -> Self {
        let is_shared = reader.is_written(&["intake.token", "intake.token_file"]);
        let tokens = reader.secret_list("intake.token", values::token);
        let is_signed = reader.is_written(&[
            "intake.grafana.hmac_secret",
            "intake.grafana.hmac_secret_file",
        ]);
        let mut open = Vec::new();
        let mut own_tokens = BTreeMap::new();
        for source in SOURCES {
            let key = format!("intake.{source}.token");
            let is_own = reader.is_written(&[&key, &format!("{key}_file")]);
            let own = reader.secret_list(&key, values::token);
            if is_own {
                own_tokens.insert(source, own);
            } else if !(source == "grafana" && is_signed) {
                open.push(source);
            }
        }
        if !is_shared && !open.is_empty() && !http.listen.ip().is_loopback() {
            let whom = if open.len() == SOURCES.len() {
                String::new()
            } else {
                format!(" for {}", open.join(", "))
            };
            let wrong = Wrong::new(
                format!(
                    "{} can be reached from outside this machine, and no intake.token protects it{whom}",
                    http.listen
                ),
                format!(
                    "set intake.token (or {}), or listen on 127.0.0.1",
                    environment_variable("intake.token")
                ),
            );
            reader.complain(listen_place, "http.listen", wrong);
        }
        let secret = reader.secret("intake.grafana.hmac_secret", |_| Ok(()));
        let header = reader.value(
            "intake.grafana.signature_header",
            "X-Grafana-Alerting-Signature",
            values::header_name,
        );
        let timestamp_header =
            reader.optional("intake.grafana.timestamp_header", values::header_name);
        Self {
            tokens,
            own_tokens,
            grafana_signature: secret.map(|secret| Signature {
                secret,
                header,
                timestamp_header,
            }),
        }
    }

    /// The first token that a source accepts, for whoever posts to it from here.
    #[must_use]
    pub fn token_for(&self, source: &str) -> Option<&SecretString> {
        match self.own_tokens.get(source) {
            Some(own) => own.first(),
            None if source == "grafana" && self.grafana_signature.is_some() => None,
            None => self.tokens.first(),
        }
    }
}
