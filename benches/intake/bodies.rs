//! The webhooks that are sent: a captured notification of five alerts, under a thousand group keys in turn.

use chrono::{DateTime, TimeDelta, Utc};
use clap::ValueEnum;
use serde_json::Value;

/// How many groups take turns.
pub const GROUPS: u64 = 1_000;

/// A notification of Alertmanager with four alerts, as it was captured; a fifth is made from the last of them.
const CAPTURED: &str =
    include_str!("../../tests/fixtures/alerts/alertmanager/group-2-new-alert.json");

/// What one request's body says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// The same as the last time this group had its turn: what Alertmanager repeats.
    Repeats,
    /// As `Repeats`, but no two bodies are equal to the byte.
    Distinct,
    /// Every group clears at one turn and fires anew at the next.
    Changes,
}

/// A body with places to fill in.
pub struct Bodies {
    kind: Kind,
    pieces: Vec<Piece>,
    begin: DateTime<Utc>,
}

enum Piece {
    Text(String),
    Group,
    Status,
    Start,
    End,
    Number,
}

impl Bodies {
    pub fn new(kind: Kind, begin: DateTime<Utc>) -> anyhow::Result<Self> {
        let mut body: Value = serde_json::from_str(CAPTURED)?;
        body["groupKey"] =
            Value::from("{}/{team=\"shop\"}:{alertname=\"OrdersLatencyHigh\", shard=\"@G@\"}");
        body["externalURL"] = Value::from("http://alertmanager.example.com/@N@");
        body["status"] = Value::from("@T@");
        if let Some(alerts) = body["alerts"].as_array_mut() {
            if let Some(last) = alerts.last().cloned() {
                alerts.push(last);
            }
            for (number, alert) in alerts.iter_mut().enumerate() {
                alert["status"] = Value::from("@T@");
                alert["startsAt"] = Value::from("@S@");
                alert["endsAt"] = Value::from("@E@");
                alert["labels"]["pod"] = Value::from(format!("orders-api-@G@-{number}"));
                alert["fingerprint"] = Value::from(format!("c4c282ba3e{number}@G@"));
            }
        }
        let text = serde_json::to_string(&body)?;
        let mut pieces = Vec::new();
        // A mark is one letter between two at-signs, so every second part is one.
        for (index, part) in text.split('@').enumerate() {
            pieces.push(match (index % 2, part) {
                (1, "G") => Piece::Group,
                (1, "T") => Piece::Status,
                (1, "S") => Piece::Start,
                (1, "E") => Piece::End,
                (1, "N") => Piece::Number,
                (1, other) => anyhow::bail!("the captured body holds @{other}@"),
                (_, text) => Piece::Text(text.to_owned()),
            });
        }
        Ok(Self {
            kind,
            pieces,
            begin,
        })
    }

    /// Writes the body of a request, by the request's number.
    pub fn write(&self, number: u64, body: &mut Vec<u8>) {
        let (group, turn) = (number % GROUPS, number / GROUPS);
        let clears = self.kind == Kind::Changes && turn % 2 == 1;
        let started = match self.kind {
            Kind::Changes => turn - turn % 2,
            Kind::Repeats | Kind::Distinct => 0,
        };
        let time = |turns: u64| {
            let seconds = i64::try_from(turns).unwrap_or(i64::MAX / 2);
            let time = self.begin + TimeDelta::seconds(seconds);
            time.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
        };
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => body.extend_from_slice(text.as_bytes()),
                Piece::Group => body.extend_from_slice(format!("{group:05}").as_bytes()),
                Piece::Status if clears => body.extend_from_slice(b"resolved"),
                Piece::Status => body.extend_from_slice(b"firing"),
                Piece::Start => body.extend_from_slice(time(started).as_bytes()),
                Piece::End if clears => body.extend_from_slice(time(turn).as_bytes()),
                Piece::End => body.extend_from_slice(b"0001-01-01T00:00:00Z"),
                Piece::Number if self.kind == Kind::Distinct => {
                    body.extend_from_slice(format!("{number:010}").as_bytes());
                }
                Piece::Number => body.extend_from_slice(b"0000000000"),
            }
        }
    }
}
