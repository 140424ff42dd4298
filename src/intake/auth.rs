//! Who may post alerts.

use axum::http::{HeaderMap, header};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest, Sha256};
use subtle::{Choice, ConstantTimeEq};

/// The tokens accepted at the moment, as hashes: equal lengths make the comparison's time independent of the content.
#[derive(Clone)]
pub struct Tokens {
    hashes: Vec<[u8; 32]>,
}

impl std::fmt::Debug for Tokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Tokens({})", self.hashes.len())
    }
}

impl Tokens {
    /// No token at all admits everybody; the configuration allows that on loopback only.
    #[must_use]
    pub fn new(tokens: &[SecretString]) -> Self {
        Self {
            hashes: tokens
                .iter()
                .map(|token| hash(token.expose_secret().as_bytes()))
                .collect(),
        }
    }

    /// Whether the request shows one of the tokens: as a bearer token, or as the password of basic authentication.
    pub(super) fn admit(&self, headers: &HeaderMap) -> bool {
        if self.hashes.is_empty() {
            return true;
        }
        let Some(shown) = shown_token(headers) else {
            return false;
        };
        let shown = hash(&shown);
        // Every hash is compared: the time must not tell which one matched.
        let found = self
            .hashes
            .iter()
            .fold(Choice::from(0), |found, hash| found | hash.ct_eq(&shown));
        bool::from(found)
    }
}

fn hash(token: &[u8]) -> [u8; 32] {
    Sha256::digest(token).into()
}

fn shown_token(headers: &HeaderMap) -> Option<Vec<u8>> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, credentials) = value.split_once(' ')?;
    let credentials = credentials.trim();
    if scheme.eq_ignore_ascii_case("bearer") {
        return Some(credentials.as_bytes().to_vec());
    }
    if scheme.eq_ignore_ascii_case("basic") {
        let pair = BASE64_STANDARD.decode(credentials).ok()?;
        let colon = pair.iter().position(|byte| *byte == b':')?;
        return Some(pair[colon + 1..].to_vec());
    }
    None
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn tokens() -> Tokens {
        Tokens::new(&[
            SecretString::from("new-token"),
            SecretString::from("old-token"),
        ])
    }

    fn admits(authorization: &str) -> bool {
        let mut headers = HeaderMap::new();
        let value = HeaderValue::from_str(authorization).expect("the header is valid");
        headers.insert(header::AUTHORIZATION, value);
        tokens().admit(&headers)
    }

    fn basic(pair: &str) -> String {
        format!("Basic {}", BASE64_STANDARD.encode(pair))
    }

    #[test]
    fn every_active_token_is_admitted_in_every_form() {
        for authorization in [
            "Bearer new-token",
            "Bearer old-token",
            "bearer  new-token",
            &basic("alertmanager:new-token"),
            &basic(":old-token"),
        ] {
            assert!(admits(authorization), "{authorization}");
        }
    }

    #[test]
    fn everything_else_is_refused() {
        for authorization in [
            "",
            "Bearer",
            "Bearer ",
            "Bearer new-toke",
            "Bearer new-token2",
            "Bearer NEW-TOKEN",
            "Bearer new-token,old-token",
            "new-token",
            "Digest new-token",
            "Basic new-token",
            "Basic !!!",
            &basic("new-token:"),
            &basic("new-token"),
            &basic("user:pass:new-token"),
        ] {
            assert!(!admits(authorization), "{authorization}");
        }
        assert!(!tokens().admit(&HeaderMap::new()));
    }

    #[test]
    fn without_tokens_everybody_is_admitted() {
        assert!(Tokens::new(&[]).admit(&HeaderMap::new()));
    }

    #[test]
    fn tokens_are_never_shown() {
        assert_eq!(format!("{:?}", tokens()), "Tokens(2)");
    }
}
