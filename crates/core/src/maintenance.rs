//! Maintenance: for a while, what fires for a service is expected.
//!
//! Alerts that a window covers open no channel and wake nobody. They are not lost: the newest notice of each of their groups
//! waits, and is routed as soon as the window is over, by its end or because somebody ended it. What still fires then opens
//! its incident, with the times at which it really began. An alert of an incident that is live goes there, window or not.

use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::alert::{Pairs, safe_line};
use crate::person::PersonId;

/// The longest window, in minutes: a week.
pub const LONGEST_MINUTES: i64 = 7 * 24 * 60;

/// How far ahead one can be planned, in minutes: a month.
pub const FARTHEST_MINUTES: i64 = 30 * 24 * 60;

/// How many can be planned or on at once.
pub const MOST_WINDOWS: usize = 50;

/// How many that are over are remembered.
const MOST_REMEMBERED: usize = 20;

/// What a window is about: labels with their values, all of which an alert must have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Covered(BTreeMap<String, String>);

impl Covered {
    /// Reads `orders-api`, which is short for `service=orders-api`, or `label=value,label=value`.
    ///
    /// # Errors
    /// A sentence that says what is wrong and how to write it.
    pub fn read(text: &str) -> Result<Self, String> {
        let wrong = || {
            Err(format!(
                "`{}` names no service: write `orders-api`, or labels like `service=orders-api,namespace=shop`.",
                safe_line(text, 60)
            ))
        };
        let mut labels = BTreeMap::new();
        for part in text.split(',').map(str::trim) {
            let (label, value) = part.split_once('=').unwrap_or(("service", part));
            let (label, value) = (label.trim(), value.trim());
            if label.is_empty() || value.is_empty() || value.chars().count() > 200 {
                return wrong();
            }
            labels.insert(label.to_owned(), value.to_owned());
        }
        if labels.is_empty() || labels.len() > 5 {
            return wrong();
        }
        Ok(Self(labels))
    }

    /// Whether an alert with these labels is expected.
    #[must_use]
    pub fn covers(&self, labels: &Pairs) -> bool {
        self.0
            .iter()
            .all(|(label, value)| labels.get(label) == Some(value))
    }
}

impl fmt::Display for Covered {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words: Vec<String> = self
            .0
            .iter()
            .map(|(label, value)| format!("{}={}", safe_line(label, 40), safe_line(value, 60)))
            .collect();
        formatter.write_str(&words.join(" and "))
    }
}

/// A window somebody asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewWindow {
    /// What it is about, as typed.
    pub what: String,
    /// In how many minutes it begins.
    pub starts_in_minutes: i64,
    /// How many minutes it lasts.
    pub minutes: i64,
    /// Why.
    pub reason: String,
    /// Who asks.
    pub by: PersonId,
}

/// A stretch of time in which alerts are expected.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// Its number.
    pub id: u32,
    /// Which alerts.
    pub what: Covered,
    /// When it begins.
    pub from: DateTime<Utc>,
    /// When it is over: as planned, or when somebody ended it.
    pub until: DateTime<Utc>,
    /// Why.
    pub reason: String,
    /// Who planned it.
    pub by: PersonId,
    /// The newest notice of each group that it held, by the group's digest.
    #[serde(default)]
    pub held: BTreeMap<String, String>,
    /// Whether what it held has been routed after its end.
    #[serde(default)]
    pub is_settled: bool,
}

impl Window {
    /// Whether it is on.
    #[must_use]
    pub fn is_on(&self, now: DateTime<Utc>) -> bool {
        self.from <= now && now < self.until
    }
}

/// Every window that is planned or on, and the newest that are over.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Windows(pub Vec<Window>);

impl Windows {
    /// Plans a window.
    ///
    /// # Errors
    /// A sentence that says which limit it breaks.
    pub fn plan(&mut self, new: &NewWindow, now: DateTime<Utc>) -> Result<Window, String> {
        let what = Covered::read(&new.what)?;
        if !(1..=LONGEST_MINUTES).contains(&new.minutes) {
            return Err("A window lasts between 1 minute and 7 days (10080 minutes).".to_owned());
        }
        if !(0..=FARTHEST_MINUTES).contains(&new.starts_in_minutes) {
            return Err("A window begins now or within 30 days (43200 minutes).".to_owned());
        }
        let reason = crate::incident::one_line(&new.reason, 200);
        if reason.is_empty() {
            return Err("Say in a few words why: whoever is awake then reads it.".to_owned());
        }
        if self.0.iter().filter(|window| now < window.until).count() >= MOST_WINDOWS {
            return Err(format!(
                "{MOST_WINDOWS} windows are planned already: end one first."
            ));
        }
        let from = now + TimeDelta::minutes(new.starts_in_minutes);
        let window = Window {
            id: self.0.iter().map(|window| window.id).max().unwrap_or(0) + 1,
            what,
            from,
            until: from + TimeDelta::minutes(new.minutes),
            reason,
            by: new.by,
            held: BTreeMap::new(),
            is_settled: false,
        };
        self.0.push(window.clone());
        self.forget_old();
        Ok(window)
    }

    /// Ends a window now; `None` if there is none of that number, or it is over.
    pub fn end(&mut self, id: u32, now: DateTime<Utc>) -> Option<Window> {
        let window = self
            .0
            .iter_mut()
            .find(|window| window.id == id && now < window.until)?;
        window.until = now;
        window.from = window.from.min(now);
        Some(window.clone())
    }

    /// The window that covers all of these, if one does: what is expected is expected as a whole.
    pub fn covering<'labels>(
        &self,
        alerts: impl Iterator<Item = &'labels Pairs> + Clone,
        now: DateTime<Utc>,
    ) -> Option<&Window> {
        self.0
            .iter()
            .filter(|window| window.is_on(now))
            .find(|window| alerts.clone().all(|labels| window.what.covers(labels)))
    }

    /// A window holds the newest notice of a group. Whether it is the first that it holds.
    pub fn hold(&mut self, id: u32, group: String, receipt: String) -> bool {
        let Some(window) = self.0.iter_mut().find(|window| window.id == id) else {
            return false;
        };
        let is_first = window.held.is_empty();
        window.held.insert(group, receipt);
        is_first
    }

    /// Windows that are over and hold something that has not been routed.
    pub fn due(&self, now: DateTime<Utc>) -> impl Iterator<Item = &Window> {
        self.0
            .iter()
            .filter(move |window| !window.is_settled && window.until <= now)
    }

    /// When the next one is over.
    #[must_use]
    pub fn next_end(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.0
            .iter()
            .map(|window| window.until)
            .filter(|until| *until > now)
            .min()
    }

    /// What a window held has been routed.
    pub fn settle(&mut self, id: u32) {
        if let Some(window) = self.0.iter_mut().find(|window| window.id == id) {
            window.is_settled = true;
        }
    }

    fn forget_old(&mut self) {
        let settled = self.0.iter().filter(|window| window.is_settled).count();
        let mut surplus = settled.saturating_sub(MOST_REMEMBERED);
        self.0.retain(|window| {
            let goes = window.is_settled && surplus > 0;
            surplus -= usize::from(goes);
            !goes
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alert::tests::{at, pairs};

    fn asked(what: &str) -> NewWindow {
        NewWindow {
            what: what.to_owned(),
            starts_in_minutes: 0,
            minutes: 60,
            reason: "new database".to_owned(),
            by: PersonId(1),
        }
    }

    #[test]
    fn a_service_is_a_label_like_any_other() {
        let service = Covered::read("orders-api").expect("a service");
        assert_eq!(service.to_string(), "service=orders-api");
        let both = Covered::read("service=orders-api, namespace=shop").expect("two labels");
        let labels = pairs(&[("service", "orders-api"), ("namespace", "other")]);
        assert!(service.covers(&labels) && !both.covers(&labels));
        assert!(Covered::read("=x").is_err() && Covered::read("").is_err());
    }

    #[test]
    fn a_window_has_limits_and_each_says_which() {
        let mut windows = Windows::default();
        let mut said = |new: NewWindow| windows.plan(&new, at(0)).expect_err("beyond a limit");
        assert!(
            said(NewWindow {
                minutes: LONGEST_MINUTES + 1,
                ..asked("a")
            })
            .contains("7 days")
        );
        assert!(
            said(NewWindow {
                minutes: 0,
                ..asked("a")
            })
            .contains("1 minute")
        );
        assert!(
            said(NewWindow {
                starts_in_minutes: FARTHEST_MINUTES + 1,
                ..asked("a")
            })
            .contains("30 days")
        );
        assert!(
            said(NewWindow {
                reason: " ".to_owned(),
                ..asked("a")
            })
            .contains("why")
        );
        for _ in 0..MOST_WINDOWS {
            windows.plan(&asked("a"), at(0)).expect("within the limits");
        }
        assert!(windows.plan(&asked("a"), at(0)).is_err(), "one too many");
        assert!(
            windows.plan(&asked("a"), at(3_600)).is_ok(),
            "they are over"
        );
    }

    #[test]
    fn a_window_covers_until_it_is_over_and_then_lets_go_of_what_it_held() {
        let mut windows = Windows::default();
        let id = windows
            .plan(&asked("orders-api"), at(0))
            .expect("a window")
            .id;
        let labels = pairs(&[("service", "orders-api")]);
        let other = pairs(&[("service", "mail")]);
        assert!(windows.covering([&labels].into_iter(), at(3_599)).is_some());
        assert!(windows.covering([&labels].into_iter(), at(3_600)).is_none());
        assert!(
            windows
                .covering([&labels, &other].into_iter(), at(10))
                .is_none()
        );
        assert!(windows.hold(id, "g".to_owned(), "r-1".to_owned()));
        assert!(
            !windows.hold(id, "g".to_owned(), "r-2".to_owned()),
            "one line is enough"
        );
        assert_eq!(windows.due(at(100)).count(), 0);
        windows.end(id, at(100)).expect("it is on");
        let due: Vec<_> = windows.due(at(100)).collect();
        assert_eq!(due[0].held["g"], "r-2", "the newest notice");
        windows.settle(id);
        assert_eq!(windows.due(at(100)).count(), 0);
    }
}
