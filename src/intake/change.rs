//! Changes of the systems, as the tools that make them report them: `docs/sources.md` has the fields, and a line of `curl`
//! for a pipeline.

use bridgewatch_core::change::{ChangeKind, NewChange};

use super::payload::{PayloadError, body_object, quoted};

/// The name under which changes come in.
pub const SOURCE: &str = "change";

const MAX_ID_BYTES: usize = 256;
const MAX_WORD_BYTES: usize = 1_024;
const MAX_URL_BYTES: usize = 8 * 1_024;

/// Reads one change.
///
/// # Errors
/// Names the first field that cannot be taken, and how to mend it.
pub fn parse(body: &[u8]) -> Result<NewChange, PayloadError> {
    let change = body_object(body)?;
    let word = change.required_text(
        "kind",
        MAX_WORD_BYTES,
        "Say `deployment`, `flag`, `migration`, `config` or `other`",
    )?;
    let kind = ChangeKind::of(&word.trim().to_lowercase()).ok_or_else(|| {
        let kinds = ChangeKind::ALL.map(ChangeKind::id).join("`, `");
        PayloadError::new(
            "kind",
            format!("`{}` is none we know", quoted(&word)),
            format!("Say one of `{kinds}`"),
        )
    })?;
    Ok(NewChange {
        id: change.text("id", MAX_ID_BYTES)?,
        service: change.required_text(
            "service",
            MAX_WORD_BYTES,
            "Name what was changed, as the alerts name it in their label `service`",
        )?,
        version: change.required_text(
            "version",
            MAX_WORD_BYTES,
            "Say to what: a version, a flag and its state, the name of a migration",
        )?,
        kind,
        who: change.text("who", MAX_WORD_BYTES)?,
        link: change.text("link", MAX_URL_BYTES)?,
        at: change.time_or_number("at")?,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const PAGE: &str = include_str!("../../docs/sources.md");

    fn change() -> Value {
        json!({
            "service": "orders-api", "version": "2026.11.3", "kind": "deployment",
            "who": "release-bot", "link": "https://ci.example.com/7", "at": "2026-11-21T02:41:00Z",
        })
    }

    fn read(body: &Value) -> Result<NewChange, PayloadError> {
        parse(body.to_string().as_bytes())
    }

    #[test]
    fn a_change_is_understood() {
        let known = read(&change()).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(known.kind, ChangeKind::Deployment);
        assert_eq!(known.at.map(|at| at.timestamp()), Some(1_795_228_860));
        for kind in ChangeKind::ALL {
            let body = json!({"service": "a", "version": "b", "kind": kind.id()});
            assert_eq!(read(&body).map(|change| change.kind), Ok(kind));
        }
    }

    #[test]
    fn every_mistake_names_its_field_and_its_mend() {
        for (field, value, words) in [
            ("service", Value::Null, "service: it is missing"),
            ("version", json!(7), "version: it is a number"),
            ("kind", Value::Null, "kind: it is missing"),
            ("kind", json!("magic"), "kind: `magic` is none we know"),
            ("at", json!("just now"), "at: `just now`"),
            ("link", json!(["https://a.example"]), "link: it is a list"),
        ] {
            let mut body = change();
            body[field] = value;
            let refused = read(&body).expect_err("it is wrong").to_string();
            assert!(refused.contains(words), "{refused}");
        }
    }

    #[test]
    fn what_the_page_shows_is_understood() {
        let bodies: Vec<&str> = PAGE
            .split("<!-- read by the parser of `change` -->")
            .skip(1)
            .filter_map(|marked| marked.split_once("```json")?.1.split("```").next())
            .collect();
        assert_eq!(bodies.len(), 1);
        for body in bodies {
            parse(body.as_bytes()).unwrap_or_else(|error| panic!("{error}"));
        }
    }
}
