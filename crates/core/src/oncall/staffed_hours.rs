//! The hours of the week in which a role is staffed: `"Mon-Fri 09:00-18:00"`.

use chrono::{DateTime, Datelike, NaiveDateTime, NaiveTime, TimeDelta, Utc, Weekday};
use chrono_tz::Tz;

use crate::wall_clock;

const MINUTES_OF_DAY: u32 = 24 * 60;
const MINUTES_OF_WEEK: u32 = 7 * MINUTES_OF_DAY;

/// Windows of the week on the wall clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StaffedHours {
    /// `[from, until)` in minutes since Monday 00:00; in order, apart from one another, never empty.
    windows: Vec<(u32, u32)>,
}

/// Why a text is not hours.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NotHours(pub String);

impl NotHours {
    /// What can be written instead.
    pub const MEND: &str = "Write days and times, such as \"Mon-Fri 09:00-18:00\", \"Sat,Sun 10:00-16:00\" or, over midnight, \"21:00-09:00\"";
}

impl StaffedHours {
    /// Windows such as `Mon-Fri 09:00-18:00`. Without days every day is meant; an end at or before the start lies on the
    /// next day; `24:00` is the end of a day.
    ///
    /// # Errors
    /// When a text is no such window, naming the part that is not understood.
    pub fn new<'a>(texts: impl IntoIterator<Item = &'a str>) -> Result<Self, NotHours> {
        let mut windows = Vec::new();
        for text in texts {
            let (days, times) = match text.trim().rsplit_once(char::is_whitespace) {
                Some((days, times)) => (days_of(days)?, times),
                None => (vec![0, 1, 2, 3, 4, 5, 6], text.trim()),
            };
            let (from, length) = times_of(times)?;
            for day in days {
                let from = day * MINUTES_OF_DAY + from;
                let until = from + length;
                windows.push((from, until.min(MINUTES_OF_WEEK)));
                if until > MINUTES_OF_WEEK {
                    windows.push((0, until - MINUTES_OF_WEEK));
                }
            }
        }
        if windows.is_empty() {
            return Err(NotHours("no hours are given".to_owned()));
        }
        Ok(Self {
            windows: merged(windows),
        })
    }

    /// Whether the windows leave nothing of the week out.
    #[must_use]
    pub fn are_always(&self) -> bool {
        self.windows == [(0, MINUTES_OF_WEEK)]
    }

    /// Whether both have a minute of the week in common.
    #[must_use]
    pub fn overlap(&self, other: &Self) -> bool {
        self.windows.iter().any(|one| {
            other
                .windows
                .iter()
                .any(|two| one.0 < two.1 && two.0 < one.1)
        })
    }

    /// Whether `at` lies in a window.
    #[must_use]
    pub fn contain(&self, zone: Tz, at: DateTime<Utc>) -> bool {
        self.around(zone, at)
            .any(|(from, until)| from <= at && at < until)
    }

    /// The next moment after `at` at which a window opens or closes.
    #[must_use]
    pub fn next_edge(&self, zone: Tz, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.around(zone, at)
            .filter(|(from, until)| from < until)
            .flat_map(|(from, until)| [from, until])
            .filter(|edge| *edge > at)
            .min()
    }

    /// The windows of this week and its neighbours as instants.
    fn around(
        &self,
        zone: Tz,
        at: DateTime<Utc>,
    ) -> impl Iterator<Item = (DateTime<Utc>, DateTime<Utc>)> + '_ {
        let today = wall_clock::local_of(zone, at).date();
        let days_since_monday = i64::from(today.weekday().num_days_from_monday());
        let monday = NaiveDateTime::new(today, NaiveTime::MIN) - TimeDelta::days(days_since_monday);
        [-1, 0, 1].into_iter().flat_map(move |week| {
            let monday = monday + TimeDelta::weeks(week);
            let instant = move |minute: u32| {
                wall_clock::instant_of(zone, monday + TimeDelta::minutes(i64::from(minute)))
            };
            self.windows
                .iter()
                .map(move |&(from, until)| (instant(from), instant(until)))
        })
    }
}

fn merged(mut windows: Vec<(u32, u32)>) -> Vec<(u32, u32)> {
    windows.sort_unstable();
    let mut merged: Vec<(u32, u32)> = Vec::new();
    for (from, until) in windows {
        match merged.last_mut() {
            Some(last) if from <= last.1 => last.1 = last.1.max(until),
            _ => merged.push((from, until)),
        }
    }
    merged
}

/// Days since Monday, from `Mon`, `Mon-Fri`, `Sat,Sun`, `Fri-Mon`.
fn days_of(text: &str) -> Result<Vec<u32>, NotHours> {
    let mut days = Vec::new();
    for item in text.split(',') {
        match item.split_once('-') {
            Some((first, last)) => {
                let (first, last) = (day_of(first)?, day_of(last)?);
                let count = (last + 7 - first) % 7;
                days.extend((0..=count).map(|step| (first + step) % 7));
            }
            None => days.push(day_of(item)?),
        }
    }
    Ok(days)
}

fn day_of(text: &str) -> Result<u32, NotHours> {
    text.trim()
        .parse::<Weekday>()
        .map(|day| day.num_days_from_monday())
        .map_err(|_| NotHours(format!("`{}` is not a day of the week", shown(text.trim()))))
}

/// The minute of the day and the length in minutes, from `09:00-18:00`.
fn times_of(text: &str) -> Result<(u32, u32), NotHours> {
    let not_times = || NotHours(format!("`{}` is not a stretch of hours", shown(text)));
    let (from, until) = text.split_once('-').ok_or_else(not_times)?;
    let (from, until) = (
        minute_of_day(from).ok_or_else(not_times)?,
        minute_of_day(until).ok_or_else(not_times)?,
    );
    if from == until || from == MINUTES_OF_DAY {
        return Err(NotHours(format!(
            "`{}` holds no time; the whole day is 00:00-24:00",
            shown(text)
        )));
    }
    Ok((
        from,
        (until + MINUTES_OF_DAY - from - 1) % MINUTES_OF_DAY + 1,
    ))
}

fn minute_of_day(text: &str) -> Option<u32> {
    let (hour, minute) = text.trim().split_once(':')?;
    let number = |digits: &str| -> Option<u32> {
        ((1..=2).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit()))
            .then(|| digits.parse().ok())?
    };
    let (hour, minute) = (number(hour)?, number(minute)?);
    (minute < 60 && hour * 60 + minute <= MINUTES_OF_DAY).then_some(hour * 60 + minute)
}

fn shown(text: &str) -> String {
    crate::team_file::reader::shown(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn windows(text: &str) -> Vec<(u32, u32)> {
        StaffedHours::new([text])
            .expect("the test writes hours")
            .windows
    }

    #[test]
    fn office_hours_are_five_windows() {
        let week = windows("Mon-Fri 09:00-18:00");
        assert_eq!(week.len(), 5);
        assert_eq!(week[0], (540, 1080));
        assert_eq!(week[4], (4 * 1440 + 540, 4 * 1440 + 1080));
    }

    #[test]
    fn a_window_over_sunday_midnight_continues_on_monday() {
        assert_eq!(
            windows("Sun 21:00-09:00"),
            vec![(0, 540), (6 * 1440 + 1260, MINUTES_OF_WEEK)]
        );
    }

    #[test]
    fn days_may_run_over_the_weekend_and_be_listed() {
        assert_eq!(
            windows("Sat-Mon 10:00-11:00"),
            windows("Mon,Sat,sunday 10:00-11:00")
        );
    }

    #[test]
    fn windows_that_touch_become_one() {
        let both = StaffedHours::new(["09:00-21:00", "21:00-09:00"]).expect("both are hours");
        assert!(both.are_always());
        assert!(
            StaffedHours::new(["00:00-24:00"])
                .expect("a day is hours")
                .are_always()
        );
    }

    #[test]
    fn what_is_not_hours_is_said() {
        for (text, what) in [
            ("Mon-Fri", "`Mon-Fri` is not a stretch of hours"),
            ("Mon-Fry 09:00-18:00", "`Fry` is not a day of the week"),
            ("Mon 9-18", "`9-18` is not a stretch of hours"),
            ("Mon 09:00-24:01", "`09:00-24:01` is not a stretch of hours"),
            (
                "Mon 09:00-09:00",
                "`09:00-09:00` holds no time; the whole day is 00:00-24:00",
            ),
            (
                "24:00-06:00",
                "`24:00-06:00` holds no time; the whole day is 00:00-24:00",
            ),
            ("", "`` is not a stretch of hours"),
            ("Mon +9:00-18:00", "`+9:00-18:00` is not a stretch of hours"),
        ] {
            let refused = StaffedHours::new([text]).expect_err(text);
            assert_eq!(refused.to_string(), what);
        }
    }

    #[test]
    fn hours_of_day_and_night_do_not_overlap() {
        let hours = |text| StaffedHours::new([text]).expect("the test writes hours");
        assert!(!hours("09:00-21:00").overlap(&hours("21:00-09:00")));
        assert!(hours("09:00-21:01").overlap(&hours("21:00-09:00")));
    }
}
