//! When a cron expression fires.
//!
//! Expressions are standard five-field cron ([`super::cron_fields`]), evaluated on the wall clock of a zone. The search
//! through the calendar is the `cron` crate's, which writes expressions its own way: seconds first, Sunday as 1, and both
//! day fields as *and*. So an expression becomes one or several of the crate's schedules, which fire together:
//!
//! * day of month and day of week both restricted: one schedule for each, the classic *or*;
//! * `TUE#1`: Tuesdays among the days 1 to 7;
//! * `L` and `FRIL`: the days that can be the last, of which only the last is kept.
//!
//! A fire in an hour that the spring change skips comes at the first instant after the gap; one in the hour that the
//! autumn change repeats comes at its first occurrence only.

use std::collections::BTreeSet;
use std::fmt;

use chrono::{DateTime, Datelike, Days, NaiveDateTime, SubsecRound, Utc};
use chrono_tz::Tz;

use super::cron_fields::{self, Fields};
use crate::wall_clock;

/// A cron expression that fires at least once in this century.
#[derive(Clone, Debug)]
pub struct CronExpression {
    text: String,
    both_days_restricted: bool,
    alternatives: Vec<Alternative>,
}

impl PartialEq for CronExpression {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for CronExpression {}

/// What the `cron` crate can say, and which of its days are kept.
#[derive(Clone, Debug)]
struct Alternative {
    schedule: cron::Schedule,
    kept: Kept,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kept {
    EveryDay,
    /// The last day of the month.
    LastDay,
    /// A weekday that does not come again in the month.
    LastWeek,
}

/// Why a text is not a cron expression, and how to mend it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what}. {mend}.")]
pub struct NotCron {
    /// What is wrong, without a full stop.
    pub what: String,
    /// How to mend it, without a full stop.
    pub mend: String,
}

impl NotCron {
    pub(super) fn new(what: impl Into<String>, mend: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            mend: mend.into(),
        }
    }
}

impl CronExpression {
    /// Understands five fields such as `0 14 * 2,5,8,11 TUE#1`.
    ///
    /// # Errors
    /// When it is no such expression, has more meanings than one, or never fires (`0 0 30 2 *`).
    pub fn new(text: &str) -> Result<Self, NotCron> {
        let fields = cron_fields::parse(text)?;
        let expression = Self {
            text: text.split_whitespace().collect::<Vec<_>>().join(" "),
            both_days_restricted: fields.days_of_month.is_some() && fields.days_of_week.is_some(),
            alternatives: alternatives_of(&fields)?,
        };
        if expression.next_on_the_wall(EARLIEST).is_none() {
            return Err(NotCron::new(
                format!("`{}` never fires", expression.text),
                "Choose a day that its months have",
            ));
        }
        Ok(expression)
    }

    /// Whether the days of month and the days of week are both restricted, so that a day of *either* kind fires. Hardly
    /// anybody means that.
    #[must_use]
    pub fn fires_on_either_day(&self) -> bool {
        self.both_days_restricted
    }

    /// The instants after `after` at which it fires on the wall clock of `zone`, in order, each once.
    pub fn fires_after(
        &self,
        zone: Tz,
        after: DateTime<Utc>,
    ) -> impl Iterator<Item = DateTime<Utc>> + '_ {
        let mut on_the_wall = wall_clock::local_of(zone, after).max(EARLIEST);
        let mut last = after;
        std::iter::from_fn(move || {
            loop {
                on_the_wall = self.next_on_the_wall(on_the_wall)?;
                let fire = wall_clock::instant_of(zone, on_the_wall);
                // The first half of a repeated hour may be over, and skipped times all mean one instant.
                if fire > last {
                    last = fire;
                    return Some(fire);
                }
            }
        })
    }

    fn next_on_the_wall(&self, after: NaiveDateTime) -> Option<NaiveDateTime> {
        // As if the wall clock were UTC: the crate then meets no clock change.
        let after = after.trunc_subsecs(0).and_utc();
        self.alternatives
            .iter()
            .filter_map(|alternative| {
                alternative
                    .schedule
                    .after(&after)
                    .map(|fire| fire.naive_utc())
                    .find(|fire| alternative.kept.keeps(*fire))
            })
            .min()
    }
}

/// The crate's years begin in 1970.
const EARLIEST: NaiveDateTime = DateTime::UNIX_EPOCH.naive_utc();

impl fmt::Display for CronExpression {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

impl Kept {
    fn keeps(self, fire: NaiveDateTime) -> bool {
        let leaves_the_month = |days| {
            fire.date()
                .checked_add_days(Days::new(days))
                .is_none_or(|later| later.month() != fire.month())
        };
        match self {
            Self::EveryDay => true,
            Self::LastDay => leaves_the_month(1),
            Self::LastWeek => leaves_the_month(7),
        }
    }
}

fn alternatives_of(fields: &Fields) -> Result<Vec<Alternative>, NotCron> {
    let mut wanted: Vec<(String, String, Kept)> = Vec::new();
    if let Some(of_month) = &fields.days_of_month {
        if !of_month.days.is_empty() {
            wanted.push((list(&of_month.days), "*".to_owned(), Kept::EveryDay));
        }
        if of_month.last {
            wanted.push(("28-31".to_owned(), "*".to_owned(), Kept::LastDay));
        }
    }
    if let Some(of_week) = &fields.days_of_week {
        if !of_week.days.is_empty() {
            let days = of_week.days.iter().map(|day| day + 1).collect();
            wanted.push(("*".to_owned(), list(&days), Kept::EveryDay));
        }
        for &(day, nth) in &of_week.nth {
            let week: BTreeSet<u32> = (7 * nth - 6..=(7 * nth).min(31)).collect();
            wanted.push((list(&week), (day + 1).to_string(), Kept::EveryDay));
        }
        for day in &of_week.last {
            wanted.push(("22-31".to_owned(), (day + 1).to_string(), Kept::LastWeek));
        }
    }
    if fields.days_of_month.is_none() && fields.days_of_week.is_none() {
        wanted.push(("*".to_owned(), "*".to_owned(), Kept::EveryDay));
    }
    let [minutes, hours, months] = [&fields.minutes, &fields.hours, &fields.months].map(list);
    wanted
        .into_iter()
        .map(|(days, weekdays, kept)| {
            let text = format!("0 {minutes} {hours} {days} {months} {weekdays}");
            match text.parse() {
                Ok(schedule) => Ok(Alternative { schedule, kept }),
                Err(refused) => Err(NotCron::new(
                    format!("the calendar search refuses it: {refused}"),
                    "Write simpler fields, as in \"0 14 * * MON\"",
                )),
            }
        })
        .collect()
}

fn list(numbers: &BTreeSet<u32>) -> String {
    let texts: Vec<String> = numbers.iter().map(u32::to_string).collect();
    texts.join(",")
}
