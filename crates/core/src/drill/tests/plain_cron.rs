//! A second reader of cron expressions that knows nothing of the first: it asks of every minute of every day whether the
//! expression names it, and finds the instant of a wall-clock time by watching the clock.

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveDateTime, TimeDelta, Timelike, Utc};
use chrono_tz::Tz;

/// The first `count` fires strictly after `after`, looking at most `days` ahead.
pub(super) fn fires(
    expression: &str,
    zone: Tz,
    after: DateTime<Utc>,
    count: usize,
    days: u64,
) -> Vec<DateTime<Utc>> {
    let showing = after.with_timezone(&zone).naive_local();
    // No clock goes back by more than that.
    let long_before = showing - TimeDelta::hours(3);
    let first_day = long_before.date();
    let mut found: Vec<DateTime<Utc>> = Vec::new();
    for day in (0..days).map(|distance| first_day + Days::new(distance)) {
        if !names_day(expression, day) {
            continue;
        }
        for minute in 0..24 * 60 {
            let local = day
                .and_hms_opt(minute / 60, minute % 60, 0)
                .expect("a minute of a day");
            if local < long_before || !names_time(expression, local) {
                continue;
            }
            let fire = first_showing(zone, local);
            if fire > after && found.last() != Some(&fire) {
                found.push(fire);
            }
            if found.len() == count {
                return found;
            }
        }
    }
    found
}

/// The first minute at which the clock of `zone` shows `local`, or has jumped past it.
fn first_showing(zone: Tz, local: NaiveDateTime) -> DateTime<Utc> {
    let mut moment = local.and_utc() - TimeDelta::hours(15);
    while moment.with_timezone(&zone).naive_local() < local {
        moment += TimeDelta::minutes(1);
    }
    moment
}

fn names_time(expression: &str, local: NaiveDateTime) -> bool {
    let fields: Vec<&str> = expression.split(' ').collect();
    names(fields[0], local.minute(), 0, 59, "") && names(fields[1], local.hour(), 0, 23, "")
}

fn names_day(expression: &str, day: NaiveDate) -> bool {
    let fields: Vec<&str> = expression.split(' ').collect();
    let months = "JAN=1 FEB=2 MAR=3 APR=4 MAY=5 JUN=6 JUL=7 AUG=8 SEP=9 OCT=10 NOV=11 DEC=12";
    if !names(fields[3], day.month(), 1, 12, months) {
        return false;
    }
    match (fields[2], fields[4]) {
        ("*", "*") => true,
        (of_month, "*") => names_day_of_month(of_month, day),
        ("*", of_week) => names_day_of_week(of_week, day),
        (of_month, of_week) => names_day_of_month(of_month, day) || names_day_of_week(of_week, day),
    }
}

fn names_day_of_month(field: &str, day: NaiveDate) -> bool {
    let is_last = (day + Days::new(1)).day() == 1;
    field
        .split(',')
        .any(|item| (item == "L" && is_last) || (item != "L" && names(item, day.day(), 1, 31, "")))
}

fn names_day_of_week(field: &str, day: NaiveDate) -> bool {
    let weekday = day.weekday().num_days_from_sunday();
    let is = |text: &str| {
        ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"][weekday as usize] == text
            || text == weekday.to_string()
            || (text == "7" && weekday == 0)
    };
    field.split(',').any(|item| {
        if let Some((name, which)) = item.split_once('#') {
            is(name) && (day.day() - 1) / 7 + 1 == which.parse::<u32>().expect("a digit")
        } else if let Some(name) = item.strip_suffix('L') {
            is(name) && (day + Days::new(7)).month() != day.month()
        } else {
            let days = "SUN=0 MON=1 TUE=2 WED=3 THU=4 FRI=5 SAT=6";
            // Sunday is 0 at the start of a range and 7 at its end.
            let item = item.replace("-SUN", "-7");
            names(&item, weekday, 0, 6, days)
                || (weekday == 0 && !item.starts_with('*') && names(&item, 7, 0, 7, days))
        }
    })
}

fn names(field: &str, value: u32, first: u32, last: u32, translations: &str) -> bool {
    let number = |text: &str| -> u32 {
        translations
            .split(' ')
            .find_map(|pair| pair.strip_prefix(text)?.strip_prefix('='))
            .unwrap_or(text)
            .parse()
            .unwrap_or_else(|_| panic!("{text} in {field}"))
    };
    field.split(',').any(|item| {
        let (range, step) = item.split_once('/').unwrap_or((item, "1"));
        let (from, to) = match range.split_once('-') {
            Some((from, to)) => (number(from), number(to)),
            None if range == "*" => (first, last),
            None => (number(range), number(range)),
        };
        from <= value && value <= to && (value - from).is_multiple_of(number(step))
    })
}
