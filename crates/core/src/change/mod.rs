//! Changes of the systems: deployments, flags, migrations, as the tools that make them report them.
//!
//! "What changed?" is the first question of a diagnosis. What was changed shortly before users were hurt is shown where
//! people look, and never called a cause: that it came close in time is all that is known of it.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::alert::{digest_of, safe_line};
use crate::incident::{Incident, MilestoneName};

/// How long before the impact a change is worth a look.
pub const LOOKED_BACK_MINUTES: i64 = 120;

/// What kind of change it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ChangeKind {
    /// A version was rolled out.
    Deployment,
    /// A feature flag was turned.
    Flag,
    /// A database was migrated.
    Migration,
    /// A setting was changed.
    Config,
    /// Anything else.
    Other,
}

impl ChangeKind {
    /// Every kind.
    pub const ALL: [Self; 5] = [
        Self::Deployment,
        Self::Flag,
        Self::Migration,
        Self::Config,
        Self::Other,
    ];

    /// The word that is sent and stored.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::Deployment => "deployment",
            Self::Flag => "flag",
            Self::Migration => "migration",
            Self::Config => "config",
            Self::Other => "other",
        }
    }

    /// The kind of a word.
    #[must_use]
    pub fn of(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.id() == id)
    }

    /// The word for people.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Deployment => "deployment",
            Self::Flag => "flag",
            Self::Migration => "migration",
            Self::Config => "configuration",
            Self::Other => "change",
        }
    }
}

/// A change as its sender describes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewChange {
    /// The sender's name for it; told again under the same name, it is the same change.
    pub id: Option<String>,
    /// What was changed.
    pub service: String,
    /// To what: a version, a flag and its state, the name of a migration.
    pub version: String,
    /// What kind of change it was.
    pub kind: ChangeKind,
    /// Who or what made it.
    pub who: Option<String>,
    /// Where more is said about it.
    pub link: Option<String>,
    /// When; `None`: just now.
    pub at: Option<DateTime<Utc>>,
}

impl NewChange {
    /// The change as it is kept. Without a name and a time of its own each report is a change of its own.
    #[must_use]
    pub fn reported(self, receipt: &str, received_at: DateTime<Utc>) -> ReportedChange {
        let id = match (self.id, self.at) {
            (Some(id), _) => format!("id:{id}"),
            // No word of it: what is redacted later would stay here.
            (None, Some(at)) => {
                let at_us = at.timestamp_micros().to_string();
                let said = [at_us.as_str(), self.kind.id(), &self.service, &self.version];
                format!("at:{}", digest_of(said))
            }
            (None, None) => format!("receipt:{receipt}"),
        };
        ReportedChange {
            id,
            service: self.service,
            version: self.version,
            kind: self.kind,
            who: self.who,
            link: self.link,
            // A clock that is ahead must not make a change of the past one of the future.
            at: self.at.map_or(received_at, |at| at.min(received_at)),
        }
    }
}

/// A change that was reported. Its texts are those of strangers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportedChange {
    /// The same for the same change, however often it is reported.
    pub id: String,
    /// What was changed.
    pub service: String,
    /// To what.
    pub version: String,
    /// What kind of change it was.
    pub kind: ChangeKind,
    /// Who or what made it.
    pub who: Option<String>,
    /// Where more is said about it.
    pub link: Option<String>,
    /// When.
    pub at: DateTime<Utc>,
}

impl ReportedChange {
    /// What stands for an id that said too much. The same id gives the same, and no two share one.
    #[must_use]
    pub fn wordless(id: &str) -> String {
        let kind = id.split_once(':').map_or("id", |(kind, _)| kind);
        format!("{kind}:was-{}", digest_of([id]))
    }

    /// The same of a sender's own name for a change, as it stands in the report.
    #[must_use]
    pub fn wordless_name(name: &str) -> String {
        let id = Self::wordless(&format!("id:{name}"));
        id.trim_start_matches("id:").to_owned()
    }

    fn is_of(&self, incident: &Incident) -> bool {
        let service = safe_line(&self.service, 60);
        incident
            .services
            .iter()
            .any(|hurt| hurt.eq_ignore_ascii_case(&service))
    }
}

/// When users began to be hurt, as far as is known.
#[must_use]
pub fn impact_of(incident: &Incident) -> DateTime<Utc> {
    let milestone = |name| incident.milestones.at(name);
    milestone(MilestoneName::ImpactStart)
        .or_else(|| milestone(MilestoneName::Detected))
        .unwrap_or_else(|| incident.declared_at())
}

/// From when until when changes are worth a look: two hours before the impact until now, or until it was over.
#[must_use]
pub fn window(incident: &Incident, now: DateTime<Utc>) -> (DateTime<Utc>, DateTime<Utc>) {
    let from = impact_of(incident) - TimeDelta::minutes(LOOKED_BACK_MINUTES);
    (from, incident.ended_at().unwrap_or(now).max(from))
}

/// Of `changes`, those within the window that ends with `until`, most suspicious first: those of a service that is hurt,
/// then those nearest to the impact.
#[must_use]
pub fn nearest<'a>(incident: &Incident, changes: &'a [ReportedChange]) -> Vec<&'a ReportedChange> {
    let impact = impact_of(incident);
    let from = impact - TimeDelta::minutes(LOOKED_BACK_MINUTES);
    let until = incident.ended_at().unwrap_or(DateTime::<Utc>::MAX_UTC);
    let mut near: Vec<_> = changes
        .iter()
        .filter(|change| (from..=until).contains(&change.at))
        .collect();
    near.sort_by_key(|change| {
        (
            !change.is_of(incident),
            (change.at - impact).abs(),
            change.id.as_str(),
        )
    });
    near
}

/// Of `changes`, what could be rolled back: what was there when it began, newest first, those of a service that is hurt
/// before all others.
#[must_use]
pub fn to_roll_back<'a>(
    incident: &Incident,
    changes: &'a [ReportedChange],
) -> Vec<&'a ReportedChange> {
    let impact = impact_of(incident);
    let mut candidates = nearest(incident, changes);
    candidates.retain(|change| change.at <= impact && change.kind != ChangeKind::Other);
    // Sorted by distance already: before the impact the nearest is the newest.
    candidates
}

#[cfg(test)]
mod tests;
