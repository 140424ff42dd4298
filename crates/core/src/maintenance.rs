//! Maintenance: for a while, what fires for a service is expected.
//!
//! Alerts that a window covers open no channel and wake nobody. They are not lost: the newest notice of each of their groups
//! waits, and is routed as soon as the window is over, by its end or because somebody ended it. What still fires then opens
//! its incident, with the times at which it really began. An alert of an incident that is live goes there, window or not.

use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use crate::alert::{Pairs, safe_line};
use crate::person::PersonId;
use crate::timeline::coming;

/// The longest window, in minutes: a week.
pub const LONGEST_MINUTES: i64 = 7 * 24 * 60;

/// How far ahead one can be planned, in minutes: a month.
pub const FARTHEST_MINUTES: i64 = 30 * 24 * 60;

/// How long a window lasts if nobody says.
const USUALLY: &str = "60m";

/// How many can be planned or on at once.
pub const MOST_WINDOWS: usize = 50;

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
    /// When it begins, as typed; empty for now.
    pub from: String,
    /// When it is over, as typed, a time or how long it lasts; empty for an hour.
    pub until: String,
    /// The zone that typed times are meant in.
    pub zone: Tz,
    /// Why.
    pub reason: String,
    /// Who asks.
    pub by: PersonId,
}

impl NewWindow {
    /// From when until when it lasts.
    fn times(&self, now: DateTime<Utc>) -> Result<(DateTime<Utc>, DateTime<Utc>), String> {
        let read = |typed: &str, usual: &str, since: DateTime<Utc>| {
            let typed = match typed.trim() {
                "" => usual,
                typed => typed,
            };
            coming(typed, self.zone, now, since).map_err(|error| safe_line(&error.to_string(), 200))
        };
        let from = read(&self.from, "now", now)?;
        let until = read(&self.until, USUALLY, from)?;
        if !(now..=now + TimeDelta::minutes(FARTHEST_MINUTES)).contains(&from) {
            return Err("A window begins now or within 30 days.".to_owned());
        }
        if !(1..=LONGEST_MINUTES).contains(&(until - from).num_minutes()) {
            return Err(
                "A window lasts between 1 minute and 7 days: `until` is a time such as 04:30, or how long, such as \
                 90m."
                    .to_owned(),
            );
        }
        Ok((from, until))
    }
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

/// Every window that is planned or on, or over and holds something still, and the newest of all.
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
        let (from, until) = new.times(now)?;
        let reason = crate::incident::one_line(&new.reason, 200);
        if reason.is_empty() {
            return Err("Say in a few words why: whoever is awake then reads it.".to_owned());
        }
        if self.0.iter().filter(|window| now < window.until).count() >= MOST_WINDOWS {
            return Err(format!(
                "{MOST_WINDOWS} windows are planned already: end one first."
            ));
        }
        let window = Window {
            id: self.0.iter().map(|window| window.id).max().unwrap_or(0) + 1,
            what,
            from,
            until,
            reason,
            by: new.by,
            held: BTreeMap::new(),
            is_settled: false,
        };
        self.0.push(window.clone());
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
        self.on(now)
            .find(|window| alerts.clone().all(|labels| window.what.covers(labels)))
    }

    /// The windows that are on.
    pub fn on(&self, now: DateTime<Utc>) -> impl Iterator<Item = &Window> {
        self.0.iter().filter(move |window| window.is_on(now))
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
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alert::tests::{at, pairs};

    fn asked(what: &str) -> NewWindow {
        NewWindow {
            what: what.to_owned(),
            from: String::new(),
            until: String::new(),
            zone: Tz::Europe__Berlin,
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
    fn times_are_typed_as_people_think_of_them() {
        let times = |from: &str, until: &str| {
            let new = NewWindow {
                from: from.to_owned(),
                until: until.to_owned(),
                ..asked("a")
            };
            let window = Windows::default().plan(&new, at(0))?;
            Ok::<_, String>((window.from - at(0), window.until - window.from))
        };
        let minutes = TimeDelta::minutes;
        assert_eq!(times("", ""), Ok((minutes(0), minutes(60))));
        assert_eq!(times("30m", "90m"), Ok((minutes(30), minutes(90))));
        let clock = |ahead: i64| {
            let at = (at(0) + minutes(ahead)).with_timezone(&Tz::Europe__Berlin);
            at.format("%H:%M").to_string()
        };
        let (from, length) = times(&clock(60), &clock(150)).expect("two times of day");
        assert!((minutes(59)..=minutes(60)).contains(&from));
        assert_eq!(length, minutes(90), "`until` follows `from`");
        let said = times("soon", "").expect_err("no time");
        assert!(said.contains("is no time to come"), "{said}");
        assert!(
            times("", "2020-01-01 04:30").is_err(),
            "it is over before it begins"
        );
        assert!(times("2020-01-01 04:30", "").is_err());
    }

    #[test]
    fn a_window_of_tomorrow_evening_is_over_tomorrow_evening() {
        let new = NewWindow {
            from: "tomorrow 22:00".to_owned(),
            until: "tomorrow 23:30".to_owned(),
            ..asked("a")
        };
        let window = Windows::default().plan(&new, at(0)).expect("an evening");
        assert_eq!(window.until - window.from, TimeDelta::minutes(90));
        let said = Windows::default().plan(
            &NewWindow {
                until: "-999999999999d".to_owned(),
                ..asked("a")
            },
            at(0),
        );
        let said = said.expect_err("no length");
        assert!(said.contains("is no time to come"), "{said}");
    }

    #[test]
    fn a_window_has_limits_and_each_says_which() {
        let mut windows = Windows::default();
        let mut said = |new: NewWindow| windows.plan(&new, at(0)).expect_err("beyond a limit");
        assert!(
            said(NewWindow {
                until: "8d".to_owned(),
                ..asked("a")
            })
            .contains("7 days")
        );
        assert!(
            said(NewWindow {
                until: "0m".to_owned(),
                ..asked("a")
            })
            .contains("1 minute")
        );
        assert!(
            said(NewWindow {
                from: "31d".to_owned(),
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
        assert_eq!(windows.due(at(100)).count(), 0);
        windows.end(id, at(100)).expect("it is on");
        assert_eq!(windows.due(at(100)).count(), 1);
        assert!(windows.end(id, at(101)).is_none(), "it is over");
        windows.0[0].is_settled = true;
        assert_eq!(windows.due(at(100)).count(), 0);
    }
}
