//! Whom the intake admits: what the configuration says, as the intake wants it.

use std::sync::Arc;

use crate::clock::Clock;
use crate::config::{self, Config};
use crate::intake::{Admission, Intake, IntakeLimits, ReceiptSink, Signing, Tokens};

/// The intake with everything its senders are asked for.
pub(super) fn intake_of(config: &Config, sink: Arc<dyn ReceiptSink>, clock: Clock) -> Intake {
    let settings = &config.intake;
    let shared = Intake::new(
        Tokens::new(&settings.tokens),
        IntakeLimits::for_bodies_up_to(config.http.max_body_bytes),
        sink,
        clock,
    );
    config::SOURCES.into_iter().fold(shared, |intake, source| {
        let signing = signing_of(config, source);
        let own = settings.own_tokens.get(source);
        if own.is_none() && signing.is_none() {
            return intake;
        }
        let tokens = Tokens::new(own.map(Vec::as_slice).unwrap_or_default());
        intake.asking(source, Admission { tokens, signing })
    })
}

/// How the senders of a source sign, if they are to.
#[must_use]
pub fn signing_of(config: &Config, source: &str) -> Option<Signing> {
    let signature = config
        .intake
        .grafana_signature
        .as_ref()
        .filter(|_| source == crate::intake::grafana::SOURCE)?;
    Some(Signing::new(
        signature.secret.clone(),
        signature.header.clone(),
        signature.timestamp_header.clone(),
    ))
}

#[cfg(test)]
mod tests {
    use crate::{config, intake};

    #[test]
    fn every_source_can_be_configured() {
        for source in intake::SOURCES {
            assert!(config::SOURCES.contains(&source.name), "{}", source.name);
        }
        assert_eq!(config::SOURCES.len(), intake::SOURCES.len());
    }
}
