//! The five fields of a standard cron expression.
//!
//! `minute hour day-of-month month day-of-week`, with lists, ranges, steps and English names. Days of the week count from
//! 0 (Sunday) to 6, and 7 is Sunday again. Two things go beyond Vixie cron: `TUE#1`, the first Tuesday of the month, and
//! `L`, the last day of the month, or `FRIL`, its last Friday.

use std::collections::BTreeSet;

use super::cron_expression::NotCron;
use crate::team_file::reader::shown;

/// What one field may hold.
struct Field {
    name: &'static str,
    first: u32,
    last: u32,
    /// Names of the values from `first` on.
    names: &'static [&'static str],
}

const MINUTE: Field = Field {
    name: "minute",
    first: 0,
    last: 59,
    names: &[],
};
const HOUR: Field = Field {
    name: "hour",
    first: 0,
    last: 23,
    names: &[],
};
const DAY_OF_MONTH: Field = Field {
    name: "day-of-month",
    first: 1,
    last: 31,
    names: &[],
};
const MONTH: Field = Field {
    name: "month",
    first: 1,
    last: 12,
    names: &[
        "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC",
    ],
};
const DAY_OF_WEEK: Field = Field {
    name: "day-of-week",
    first: 0,
    last: 7,
    names: &["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"],
};

/// An expression taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fields {
    pub(super) minutes: BTreeSet<u32>,
    pub(super) hours: BTreeSet<u32>,
    pub(super) months: BTreeSet<u32>,
    /// `None` is `*`.
    pub(super) days_of_month: Option<DaysOfMonth>,
    /// `None` is `*`.
    pub(super) days_of_week: Option<DaysOfWeek>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct DaysOfMonth {
    pub(super) days: BTreeSet<u32>,
    /// `L`.
    pub(super) last: bool,
}

/// Days count from 0, Sunday, to 6.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct DaysOfWeek {
    pub(super) days: BTreeSet<u32>,
    /// `TUE#1`: the day and which of the month, 1 to 5.
    pub(super) nth: BTreeSet<(u32, u32)>,
    /// `FRIL`.
    pub(super) last: BTreeSet<u32>,
}

pub(super) fn parse(text: &str) -> Result<Fields, NotCron> {
    let parts: Vec<&str> = text.split_whitespace().collect();
    if text.trim_start().starts_with('@') {
        return Err(NotCron::new(
            format!("`{}` is a shortcut", shown(text)),
            "Write the five fields, as in \"0 14 * * MON\" for every Monday at 14:00",
        ));
    }
    let [minute, hour, day_of_month, month, day_of_week] = parts[..] else {
        return Err(NotCron::new(
            format!(
                "`{}` has {} fields instead of five",
                shown(text),
                parts.len()
            ),
            "Write minute, hour, day of month, month and day of week, as in \"0 14 * 2,5,8,11 TUE#1\"",
        ));
    };
    let fields = Fields {
        minutes: MINUTE.set(minute)?,
        hours: HOUR.set(hour)?,
        months: MONTH.set(month)?,
        days_of_month: days_of_month(day_of_month)?,
        days_of_week: days_of_week(day_of_week)?,
    };
    let steps_through_all = |field: &str| field.starts_with("*/");
    let both = fields.days_of_month.is_some() && fields.days_of_week.is_some();
    if both && (steps_through_all(day_of_month) || steps_through_all(day_of_week)) {
        return Err(NotCron::new(
            format!(
                "`{day_of_month}` and `{day_of_week}` together mean different days to different crons"
            ),
            "Restrict only the day of month or only the day of week, or write the days out",
        ));
    }
    Ok(fields)
}

fn days_of_month(text: &str) -> Result<Option<DaysOfMonth>, NotCron> {
    if text == "*" {
        return Ok(None);
    }
    let mut found = DaysOfMonth::default();
    for item in text.split(',') {
        if item.eq_ignore_ascii_case("L") {
            found.last = true;
        } else {
            found.days.extend(DAY_OF_MONTH.item(item)?);
        }
    }
    Ok(Some(found))
}

fn days_of_week(text: &str) -> Result<Option<DaysOfWeek>, NotCron> {
    if text == "*" {
        return Ok(None);
    }
    let mut found = DaysOfWeek::default();
    for item in text.split(',') {
        if let Some((day, nth)) = item.split_once('#') {
            let which = match nth.parse() {
                Ok(which @ 1..=5) if nth.len() == 1 => which,
                _ => {
                    return Err(NotCron::new(
                        format!("`{}` is not an n-th day of the month", shown(item)),
                        "Write 1 to 5 after the #, as in TUE#1, or FRIL for the last Friday",
                    ));
                }
            };
            found.nth.insert((DAY_OF_WEEK.value(day)? % 7, which));
        } else if let Some(day) = item.strip_suffix(['L', 'l']).filter(|day| !day.is_empty()) {
            found.last.insert(DAY_OF_WEEK.value(day)? % 7);
        } else if item.eq_ignore_ascii_case("L") {
            return Err(NotCron::new(
                "`L` alone is not a day of the week",
                "Write FRIL for the last Friday of the month, or L as the day of month for its last day",
            ));
        } else {
            found
                .days
                .extend(DAY_OF_WEEK.item(item)?.into_iter().map(|day| day % 7));
        }
    }
    Ok(Some(found))
}

impl Field {
    fn set(&self, text: &str) -> Result<BTreeSet<u32>, NotCron> {
        let mut set = BTreeSet::new();
        for item in text.split(',') {
            set.extend(self.item(item)?);
        }
        Ok(set)
    }

    /// The values of `*`, `5`, `1-5`, `*/10` or `8-18/2`.
    fn item(&self, item: &str) -> Result<BTreeSet<u32>, NotCron> {
        let (range, step) = match item.split_once('/') {
            Some((range, step)) => (range, Some(self.step(item, step)?)),
            None => (item, None),
        };
        let (first, last) = if range == "*" {
            (self.first, self.highest_of_all())
        } else if let Some((first, last)) = range.split_once('-') {
            self.range(item, first, last)?
        } else if step.is_some() {
            return Err(NotCron::new(
                format!("`{}` steps from a single {}", shown(item), self.name),
                format!(
                    "Write a range before the /, as in {}-{}/2",
                    self.first, self.last
                ),
            ));
        } else {
            let value = self.value(range)?;
            (value, value)
        };
        let step = usize::try_from(step.unwrap_or(1)).unwrap_or(usize::MAX);
        Ok((first..=last).step_by(step).collect())
    }

    /// `*` means each day of the week once.
    fn highest_of_all(&self) -> u32 {
        if self.name == DAY_OF_WEEK.name {
            6
        } else {
            self.last
        }
    }

    fn range(&self, item: &str, first: &str, last: &str) -> Result<(u32, u32), NotCron> {
        let first = self.value(first)?;
        let mut last_value = self.value(last)?;
        // A week that ends on a Sunday by name ends on day 7.
        let ends_on_sunday = self.name == DAY_OF_WEEK.name && last.eq_ignore_ascii_case("SUN");
        if ends_on_sunday && first > 0 {
            last_value = 7;
        }
        if first > last_value {
            return Err(NotCron::new(
                format!("`{}` runs backwards", shown(item)),
                "Write it as two ranges joined by a comma, as in FRI-SUN,MON or 22-23,0-2",
            ));
        }
        Ok((first, last_value))
    }

    fn step(&self, item: &str, text: &str) -> Result<u32, NotCron> {
        match text.parse() {
            Ok(step) if (1..=self.last).contains(&step) && is_number(text) => Ok(step),
            _ => Err(NotCron::new(
                format!("`{}` has no usable step for the {}", shown(item), self.name),
                format!("Write a number from 1 to {} after the /", self.last),
            )),
        }
    }

    fn value(&self, text: &str) -> Result<u32, NotCron> {
        let named = self
            .names
            .iter()
            .position(|name| name.eq_ignore_ascii_case(text))
            .and_then(|place| u32::try_from(place).ok())
            .map(|place| place + self.first);
        let numbered = || {
            is_number(text)
                .then(|| text.parse().ok())
                .flatten()
                .filter(|number| (self.first..=self.last).contains(number))
        };
        named.or_else(numbered).ok_or_else(|| {
            let names = match self.names {
                [first, .., last] => format!(" or {first} to {last}"),
                _ => String::new(),
            };
            NotCron::new(
                format!("`{}` does not fit the {} field", shown(text), self.name),
                format!("Use {} to {}{names}", self.first, self.last),
            )
        })
    }
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}
