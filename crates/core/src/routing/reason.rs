//! The questions of routing and their answers, as data and as sentences.

use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::alert::AlertSeverity;
use crate::ids::IncidentId;
use crate::severity::Severity;

/// One step of a decision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// What an alert asks for. Alerts of one name that ask for the same are told once.
    Weighed {
        /// The name.
        alert: String,
        /// How many of them.
        count: u32,
        /// What they ask for.
        severity: AlertSeverity,
        /// Why, in words that follow "because".
        why: String,
    },
    /// Alerts about which the delivery says nothing new.
    Quiet {
        /// Said before.
        repeated: u32,
        /// Overtaken by what is known.
        stale: u32,
    },
    /// Alerts that cleared or changed, without asking for anything.
    Changed {
        /// How many cleared.
        cleared: u32,
        /// How many changed otherwise.
        otherwise: u32,
    },
    /// An active incident holds the group.
    SameGroup {
        /// Which.
        incident: IncidentId,
    },
    /// A person split the group off from an active incident.
    SplitOff {
        /// From which.
        incident: IncidentId,
    },
    /// An active incident holds one of the alerts, though under another group.
    SameAlert {
        /// Which.
        incident: IncidentId,
        /// The name of the alert.
        alert: String,
    },
    /// No active incident holds the group or one of the alerts.
    NewGroup,
    /// A person said a short time ago that what these alerts had opened was no incident.
    Hushed {
        /// Which.
        incident: IncidentId,
        /// Minutes since then.
        minutes: i64,
        /// Until when its alerts open nothing.
        until: DateTime<Utc>,
    },
    /// An active incident shares a label.
    Correlated {
        /// Which.
        incident: IncidentId,
        /// The shared labels: `service=orders-api`.
        shared: String,
        /// When that incident had its last alert.
        last_alert_at: DateTime<Utc>,
    },
    /// No active incident that had an alert lately shares this label.
    NotCorrelated {
        /// The labels with their values, at most three.
        asked: Vec<String>,
        /// How many more values were asked for.
        more: u32,
    },
    /// An incident would have matched, but one side is security and the other is not.
    Fenced {
        /// Which.
        incident: IncidentId,
        /// Whether the alerts are the secret side.
        alerts_are_security: bool,
    },
    /// Critical alerts follow one another closely.
    Burst {
        /// The incident of the burst.
        incident: IncidentId,
        /// Seconds since its last alert.
        seconds: i64,
        /// Seconds that make a burst.
        window_seconds: u64,
    },
    /// A critical alert on its own.
    NoBurst {
        /// Seconds that make a burst.
        window_seconds: u64,
    },
    /// An incident with this group or alert ended a short time ago.
    Relapse {
        /// Which.
        incident: IncidentId,
        /// When it ended.
        resolved_at: DateTime<Utc>,
    },
    /// A maintenance window covers all of them.
    Maintenance {
        /// Which window.
        window: u32,
        /// What it is about.
        what: String,
        /// When it is over.
        until: DateTime<Utc>,
    },
    /// People are asked whether it came back.
    RelapseAsked {
        /// Which.
        incident: IncidentId,
    },
    /// It is another one: somebody said so, or nobody answered.
    RelapseIsNew {
        /// Which.
        incident: IncidentId,
    },
    /// The incident that held it was merged into another.
    Merged {
        /// The duplicate.
        from: IncidentId,
        /// The other.
        into: IncidentId,
    },
    /// Enough critical names came together.
    Storm {
        /// The names.
        names: Vec<String>,
        /// Within so many seconds.
        window_seconds: u64,
    },
    /// The severity of the incident rises.
    Rises {
        /// From.
        from: Severity,
        /// To.
        to: Severity,
    },
    /// The brake holds.
    Braked(Brake),
    /// An umbrella takes it in.
    UmbrellaTakesIn {
        /// Which.
        incident: IncidentId,
        /// When it was declared.
        declared_at: DateTime<Utc>,
    },
    /// Though the brake holds, a security alert is not shown to everybody.
    BrakeSparesSecurity,
    /// Nothing stands against an incident of its own.
    Free,
}

/// Why no further channel may be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Brake {
    /// Alerts opened a channel a moment ago.
    TooSoon {
        /// Seconds ago.
        seconds: i64,
        /// Seconds that must lie between two channels.
        gap_seconds: u64,
    },
    /// Too many incidents are active.
    TooMany {
        /// How many are.
        active: u32,
        /// How many may be.
        most: u32,
    },
}

impl fmt::Display for Brake {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooSoon {
                seconds,
                gap_seconds,
            } => write!(
                formatter,
                "alerts opened a channel {seconds} s ago, and may open one every {gap_seconds} s"
            ),
            Self::TooMany { active, most } => write!(
                formatter,
                "{active} incidents are active, and alerts open no further one from {most} on"
            ),
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Weighed {
                alert,
                count,
                severity,
                why,
            } => {
                formatter.write_str(alert)?;
                if *count > 1 {
                    write!(formatter, " ({count} alerts)")?;
                }
                match severity {
                    AlertSeverity::Incident(severity) => {
                        write!(formatter, " asks for {severity} because {why}")
                    }
                    AlertSeverity::RecordOnly => {
                        write!(formatter, " is only recorded because {why}")
                    }
                }
            }
            Self::Quiet { repeated, stale } => {
                let mut parts = Vec::new();
                if *repeated > 0 {
                    parts.push(format!("{} said before", alerts(*repeated)));
                }
                if *stale > 0 {
                    parts.push(format!("{} older than what is known", alerts(*stale)));
                }
                formatter.write_str(&parts.join(", "))
            }
            Self::Changed { cleared, otherwise } => {
                let mut parts = Vec::new();
                if *cleared > 0 {
                    parts.push(format!("{} cleared", alerts(*cleared)));
                }
                if *otherwise > 0 {
                    parts.push(format!("{} changed", alerts(*otherwise)));
                }
                formatter.write_str(&parts.join(", "))
            }
            Self::SameGroup { incident } => write!(formatter, "{incident} holds this group"),
            Self::SplitOff { incident } => write!(
                formatter,
                "a person split the group off from {incident}: it goes its own way"
            ),
            Self::SameAlert { incident, alert } => {
                write!(formatter, "{incident} holds {alert}, sent in another group")
            }
            Self::NewGroup => {
                formatter.write_str("no active incident holds this group or one of its alerts")
            }
            Self::Hushed {
                incident,
                minutes,
                until,
            } => write!(
                formatter,
                "{incident} was cancelled {minutes} min ago: its alerts are quiet until {}",
                clock(*until)
            ),
            Self::Correlated {
                incident,
                shared,
                last_alert_at,
            } => write!(
                formatter,
                "{incident} has {shared} too and had its last alert at {}",
                clock(*last_alert_at)
            ),
            Self::NotCorrelated { asked, more } => {
                write!(
                    formatter,
                    "no active incident with a recent alert has {}",
                    asked.join(" or ")
                )?;
                if *more > 0 {
                    write!(formatter, " or one of {more} more values")?;
                }
                Ok(())
            }
            Self::Fenced {
                incident,
                alerts_are_security: true,
            } => write!(
                formatter,
                "{incident} would match, but it is not restricted and these are security alerts"
            ),
            Self::Fenced { incident, .. } => write!(
                formatter,
                "{incident} would match, but it is restricted and these are no security alerts"
            ),
            Self::Burst {
                incident,
                seconds,
                window_seconds,
            } => write!(
                formatter,
                "{incident} had its last alert {seconds} s ago; critical alerts within {window_seconds} s are one burst"
            ),
            Self::NoBurst { window_seconds } => write!(
                formatter,
                "no incident opened by alerts had one in the last {window_seconds} s, so this is no burst"
            ),
            Self::Relapse {
                incident,
                resolved_at,
            } => write!(
                formatter,
                "{incident} had it before and was resolved at {}",
                clock(*resolved_at)
            ),
            Self::Maintenance {
                window,
                what,
                until,
            } => write!(
                formatter,
                "maintenance {window} covers {what} until {}: held, and routed again then",
                clock(*until)
            ),
            Self::RelapseAsked { incident } => {
                write!(
                    formatter,
                    "people are asked whether {incident} has come back"
                )
            }
            Self::RelapseIsNew { incident } => write!(
                formatter,
                "people were asked whether {incident} has come back, and it is another one"
            ),
            Self::Merged { from, into } => write!(formatter, "{from} was merged into {into}"),
            Self::Storm {
                names,
                window_seconds,
            } => write!(
                formatter,
                "{} critical alert names within {} make a storm: {}",
                names.len(),
                span(*window_seconds),
                names.join(", ")
            ),
            Self::Rises { from, to } => write!(formatter, "its severity rises from {from} to {to}"),
            Self::Braked(brake) => write!(formatter, "the storm brake holds: {brake}"),
            Self::UmbrellaTakesIn {
                incident,
                declared_at,
            } => write!(
                formatter,
                "{incident} gathers the alert storm since {}",
                clock(*declared_at)
            ),
            Self::BrakeSparesSecurity => formatter
                .write_str("a security alert does not go into an umbrella that everybody sees"),
            Self::Free => formatter.write_str("the storm brake is off"),
        }
    }
}

fn alerts(count: u32) -> String {
    match count {
        1 => "1 alert".to_owned(),
        many => format!("{many} alerts"),
    }
}

fn clock(at: DateTime<Utc>) -> String {
    at.format("%H:%M:%S UTC").to_string()
}

fn span(seconds: u64) -> String {
    if seconds >= 60 && seconds.is_multiple_of(60) {
        format!("{} min", seconds / 60)
    } else {
        format!("{seconds} s")
    }
}

/// Whole seconds from `then` to `now`, never negative.
pub(super) fn seconds_since(now: DateTime<Utc>, then: DateTime<Utc>) -> i64 {
    (now - then).max(TimeDelta::zero()).num_seconds()
}
