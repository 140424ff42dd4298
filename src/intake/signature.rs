//! Bodies that are signed: an HMAC-SHA256 with a secret that both sides know, in hexadecimal, in a header.
//!
//! This is Grafana's form. It signs the body alone, or, where a header for the time is agreed on, `<seconds since
//! 1970>:<body>`; then a body that somebody has recorded is worth nothing a few minutes later.

use axum::http::HeaderMap;
use chrono::{DateTime, TimeDelta, Utc};
use hmac::{Hmac, KeyInit as _, Mac as _};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::Sha256;

/// How far the time that was signed may lie from ours, in either direction.
pub const TIMESTAMP_TOLERANCE_SECONDS: i64 = 300;

/// How a sender signs.
#[derive(Debug, Clone)]
pub struct Signing {
    secret: SecretString,
    /// The header with the signature.
    header: String,
    /// The header with the time, if it is signed with the body.
    timestamp_header: Option<String>,
}

/// Why a body is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Forged {
    /// There is no signature.
    #[error("the signature is missing")]
    Missing,
    /// It is another secret's, or another body's.
    #[error("the signature is wrong")]
    Wrong,
    /// The time that should be signed with it is missing, or is none.
    #[error("the time that should be signed with the body is missing")]
    Undated,
    /// It was signed too long ago, or in the future.
    #[error("the signature is too old, or from the future")]
    Stale,
}

impl Signing {
    /// A body is signed with `secret`; the headers say where the signature stands, and the time.
    #[must_use]
    pub fn new(secret: SecretString, header: String, timestamp_header: Option<String>) -> Self {
        Self {
            secret,
            header,
            timestamp_header,
        }
    }

    /// Whether a request is signed at all: what can be known before its body is there.
    pub(super) fn is_shown(&self, headers: &HeaderMap) -> Result<(), Forged> {
        let shown = |name: &str| headers.contains_key(name);
        if !shown(&self.header) {
            return Err(Forged::Missing);
        }
        match &self.timestamp_header {
            Some(name) if !shown(name) => Err(Forged::Undated),
            _ => Ok(()),
        }
    }

    /// Believes a body, or says why not. The comparison takes as long for every wrong signature.
    pub(super) fn verify(
        &self,
        headers: &HeaderMap,
        body: &[u8],
        now: DateTime<Utc>,
    ) -> Result<(), Forged> {
        let text = |name: &str| headers.get(name)?.to_str().ok();
        let shown = text(&self.header).ok_or(Forged::Missing)?;
        let shown = bytes_of(shown.trim()).ok_or(Forged::Wrong)?;
        let timestamp = match &self.timestamp_header {
            Some(name) => Some(text(name).ok_or(Forged::Undated)?.trim()),
            None => None,
        };
        // First whether it is theirs: a stranger learns nothing about our clock.
        self.mac(timestamp, body)
            .verify_slice(&shown)
            .map_err(|_| Forged::Wrong)?;
        if let Some(timestamp) = timestamp {
            let signed_at = timestamp
                .parse()
                .ok()
                .and_then(|seconds| DateTime::from_timestamp(seconds, 0))
                .ok_or(Forged::Undated)?;
            if (now - signed_at).abs() > TimeDelta::seconds(TIMESTAMP_TOLERANCE_SECONDS) {
                return Err(Forged::Stale);
            }
        }
        Ok(())
    }

    /// The headers with which a body is believed at `now`.
    #[must_use]
    pub fn headers(&self, body: &[u8], now: DateTime<Utc>) -> Vec<(String, String)> {
        let timestamp = now.timestamp().to_string();
        let signed = self.timestamp_header.as_ref().map(|_| timestamp.as_str());
        let signature = super::hexadecimal(&self.mac(signed, body).finalize().into_bytes());
        let mut headers = vec![(self.header.clone(), signature)];
        if let Some(name) = &self.timestamp_header {
            headers.push((name.clone(), timestamp));
        }
        headers
    }

    fn mac(&self, timestamp: Option<&str>, body: &[u8]) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.secret.expose_secret().as_bytes())
            .expect("HMAC takes a key of any length");
        if let Some(timestamp) = timestamp {
            mac.update(timestamp.as_bytes());
            mac.update(b":");
        }
        mac.update(body);
        mac
    }
}

/// What a hexadecimal text says.
fn bytes_of(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderName, HeaderValue};

    use super::*;

    const BODY: &[u8] = br#"{"status":"firing"}"#;

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_767_582_000, 0).expect("a constant in range")
    }

    fn signing(timestamp_header: Option<&str>) -> Signing {
        Signing::new(
            SecretString::from("a secret of the team"),
            "X-Grafana-Alerting-Signature".to_owned(),
            timestamp_header.map(str::to_owned),
        )
    }

    fn request(headers: &[(String, String)]) -> HeaderMap {
        headers
            .iter()
            .map(|(name, value)| {
                (
                    HeaderName::try_from(name).expect("a header's name"),
                    HeaderValue::try_from(value).expect("a header's value"),
                )
            })
            .collect()
    }

    /// What `openssl dgst -sha256 -hmac` says.
    #[test]
    fn the_signature_is_that_of_everybody_else() {
        let alone = signing(None).headers(BODY, now());
        assert_eq!(
            alone[0].1,
            "a5b220f7ddc78faf82a439f131abfd0ec5c3d9ed1c176c725ba597c201c68f0c"
        );
        let dated = signing(Some("X-Time")).headers(BODY, now());
        assert_eq!(
            dated[0].1,
            "cf3e9c68966a6f1bf7080108b537d03c2c366d7fb2ab61c5da3daa0d008a6903"
        );
        assert_eq!(dated[1], ("X-Time".to_owned(), "1767582000".to_owned()));
    }

    #[test]
    fn a_signed_body_is_believed_and_nothing_else() {
        for form in [signing(None), signing(Some("X-Time"))] {
            let headers = request(&form.headers(BODY, now()));
            assert_eq!(form.is_shown(&headers), Ok(()));
            assert_eq!(form.verify(&headers, BODY, now()), Ok(()));
            let other = br#"{"status":"resolved"}"#;
            assert_eq!(form.verify(&headers, other, now()), Err(Forged::Wrong));
            let unsigned = HeaderMap::new();
            assert_eq!(form.is_shown(&unsigned), Err(Forged::Missing));
            assert_eq!(form.verify(&unsigned, BODY, now()), Err(Forged::Missing));
        }
        let form = signing(None);
        for wrong in ["", "zz", "abc", "00", "é"] {
            let headers = request(&[("X-Grafana-Alerting-Signature".to_owned(), wrong.to_owned())]);
            let verdict = form.verify(&headers, BODY, now());
            assert!(
                matches!(verdict, Err(Forged::Wrong | Forged::Missing)),
                "{wrong}: {verdict:?}"
            );
        }
    }

    #[test]
    fn a_recorded_body_is_worth_nothing_five_minutes_later() {
        let form = signing(Some("X-Time"));
        let headers = request(&form.headers(BODY, now()));
        let later = |seconds| form.verify(&headers, BODY, now() + TimeDelta::seconds(seconds));
        assert_eq!(later(300), Ok(()));
        assert_eq!(later(-300), Ok(()));
        assert_eq!(later(301), Err(Forged::Stale));
        assert_eq!(later(-301), Err(Forged::Stale));
    }

    #[test]
    fn a_new_time_does_not_renew_an_old_signature() {
        let form = signing(Some("X-Time"));
        let mut shown = form.headers(BODY, now() - TimeDelta::hours(1));
        shown[1].1 = now().timestamp().to_string();
        assert_eq!(
            form.verify(&request(&shown), BODY, now()),
            Err(Forged::Wrong)
        );
        shown.pop();
        let undated = request(&shown);
        assert_eq!(form.is_shown(&undated), Err(Forged::Undated));
        assert_eq!(form.verify(&undated, BODY, now()), Err(Forged::Undated));
    }

    #[test]
    fn the_secret_is_never_shown() {
        let shown = format!("{:?}", signing(None));
        assert!(!shown.contains("secret of the team"), "{shown}");
    }
}
