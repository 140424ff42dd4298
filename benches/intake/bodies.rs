//! The webhooks that are sent: a captured notification of five alerts, under many group keys in turn.

use chrono::{DateTime, TimeDelta, Utc};
use clap::ValueEnum;
use serde_json::Value;

/// A notification of Alertmanager with four alerts, as it was captured; a fifth is made from the last of them.
const CAPTURED: &str =
    include_str!("../../tests/fixtures/alerts/alertmanager/group-2-new-alert.json");

/// How many alerts a notification tells of.
pub const ALERTS_EACH: u64 = 5;

/// How Alertmanager says that an alert has not ended.
const NO_TIME: &str = "0001-01-01T00:00:00Z";

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
    groups: u64,
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
    /// So many groups take turns; their alerts began to fire at `begin`.
    pub fn new(kind: Kind, groups: u64, begin: DateTime<Utc>) -> anyhow::Result<Self> {
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
            groups,
            pieces,
            begin,
        })
    }

    /// Writes the body of a request, by the request's number.
    pub fn write(&self, number: u64, body: &mut Vec<u8>) {
        let turn = number / self.groups;
        let clears = self.kind == Kind::Changes && turn % 2 == 1;
        let time = |turns: u64| {
            let seconds = i64::try_from(turns).unwrap_or(i64::MAX / 2);
            let time = self.begin + TimeDelta::seconds(seconds);
            time.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
        };
        // Each is written many times below, and what the sender costs is taken from the server on a small machine.
        let group = format!("{:05}", number % self.groups);
        let (start, end) = match self.kind {
            Kind::Changes if clears => (time(turn - 1), time(turn)),
            Kind::Changes => (time(turn), NO_TIME.to_owned()),
            Kind::Repeats | Kind::Distinct => (time(0), NO_TIME.to_owned()),
        };
        let different = if self.kind == Kind::Distinct {
            number
        } else {
            0
        };
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => body.extend_from_slice(text.as_bytes()),
                Piece::Group => body.extend_from_slice(group.as_bytes()),
                Piece::Status if clears => body.extend_from_slice(b"resolved"),
                Piece::Status => body.extend_from_slice(b"firing"),
                Piece::Start => body.extend_from_slice(start.as_bytes()),
                Piece::End => body.extend_from_slice(end.as_bytes()),
                Piece::Number => body.extend_from_slice(format!("{different:010}").as_bytes()),
            }
        }
    }
}
