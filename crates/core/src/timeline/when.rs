//! Times as people type them at night: `@02:47`, `-15m`, `yesterday 23:50`.

use chrono::{
    DateTime, Datelike as _, Days, LocalResult, NaiveDate, NaiveTime, TimeDelta, TimeZone, Utc,
};
use chrono_tz::Tz;

use super::Precision;

/// A time that stood in front of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// The instant.
    pub at: DateTime<Utc>,
    /// How exactly it was said.
    pub precision: Precision,
}

/// Why a text that looks like a time is not usable.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotATime {
    /// It names no time of day.
    #[error("`{0}` is not a time: write it like @02:47, -15m or yesterday 23:50")]
    Unreadable(String),
    /// The clocks skipped it.
    #[error("{0} did not exist that day: the clocks were put forward over it")]
    Skipped(String),
    /// It lies ahead.
    #[error("{word} lies in the future")]
    Future {
        /// What was typed.
        word: String,
        /// What it says.
        said: Said,
    },
    /// It names no time that is still to come.
    #[error(
        "`{0}` is no time to come: write it like 04:30, tomorrow 04:30, 2026-11-22 04:30 or 90m"
    )]
    NotToCome(String),
    /// It lies too far back to be about this incident.
    #[error("{word} lies more than seven days back")]
    TooOld {
        /// What was typed.
        word: String,
        /// What it says.
        said: Said,
    },
}

/// Reads a time at the start of a text, in the zone people think in. Gives the time and the rest of the text; a text
/// without a time gives `None` and itself.
///
/// # Errors
/// When the text starts like a time and is none.
pub fn said_at(text: &str, zone: Tz, now: DateTime<Utc>) -> Result<(Option<Said>, &str), NotATime> {
    let text = text.trim_start();
    if let Some(rest) = text.strip_prefix('@') {
        // `@here` and `@sam` are names, not times.
        if !rest.starts_with(|character: char| character.is_ascii_digit()) {
            return Ok((None, text));
        }
        let (word, rest) = first_word(rest);
        if let Ok(day) = NaiveDate::parse_from_str(word, "%Y-%m-%d") {
            let (time, rest) = first_word(rest);
            return on_day(day, time, zone, now).map(|said| (Some(said), rest));
        }
        return time_of_day(word, 0, zone, now).map(|said| (Some(said), rest));
    }
    if let Some(rest) = text.strip_prefix('-')
        && rest.starts_with(|character: char| character.is_ascii_digit())
    {
        let (word, rest) = first_word(rest);
        return match length(word) {
            Some(delta) => {
                let said = Said {
                    at: now - delta,
                    precision: Precision::Minute,
                };
                within(said, &format!("-{word}"), now).map(|said| (Some(said), rest))
            }
            // `-5 % errors` is a number, not a time.
            None => Ok((None, text)),
        };
    }
    if text
        .get(..9)
        .is_some_and(|word| word.eq_ignore_ascii_case("yesterday"))
    {
        let (word, rest) = first_word(text[9..].trim_start());
        if word.starts_with(|character: char| character.is_ascii_digit()) && word.contains(':') {
            return time_of_day(word, 1, zone, now).map(|said| (Some(said), rest));
        }
    }
    Ok((None, text))
}

/// Reads a text that is nothing but a time: `02:47`, `@02:47`, `-15m`, `yesterday 23:50`.
///
/// # Errors
/// When it is none, or something else stands beside it.
pub fn said_alone(text: &str, zone: Tz, now: DateTime<Utc>) -> Result<Said, NotATime> {
    let text = text.trim();
    let with_sign = if text.starts_with(|character: char| character.is_ascii_digit()) {
        format!("@{text}")
    } else {
        text.to_owned()
    };
    match said_at(&with_sign, zone, now)? {
        (Some(said), "") => Ok(said),
        _ => Err(NotATime::Unreadable(text.chars().take(20).collect())),
    }
}

/// Reads a text that is nothing but a time to come, in the zone people think in: `now`, `04:30`, which is the next time
/// that clocks show it, `tomorrow 04:30`, `2026-11-22 04:30`, or `90m`, `2h` and `1d`. What follows another time counts its
/// hours from that, `since`, and its days from `now`: of a night that begins `tomorrow 22:00`, `tomorrow 23:30` is the same
/// evening, and `04:30` the next morning.
///
/// # Errors
/// When it is none, or one that the clocks skip.
pub fn coming(
    text: &str,
    zone: Tz,
    now: DateTime<Utc>,
    since: DateTime<Utc>,
) -> Result<DateTime<Utc>, NotATime> {
    let text = text.trim().trim_start_matches(['@', '+']).to_lowercase();
    let unreadable = || NotATime::NotToCome(text.chars().take(20).collect());
    let (word, rest) = first_word(&text);
    if word == "now" && rest.is_empty() {
        return Ok(since);
    }
    if rest.is_empty()
        && let Some(length) = length(word)
    {
        return Ok(since + length);
    }
    let day_of = |at: DateTime<Utc>| at.with_timezone(&zone).date_naive();
    let on = |day: NaiveDate, word: &str| {
        let (time, _) = clock_time(word).map_err(|_| unreadable())?;
        instant(zone, day.and_time(time), word)
    };
    if rest.is_empty() {
        let is_over = |at: &DateTime<Utc>| *at <= since;
        let that_day = day_of(since);
        return match on(that_day, word) {
            Ok(at) if !is_over(&at) => Ok(at),
            Err(error @ NotATime::NotToCome(_)) => Err(error),
            // Over today, or skipped by the clocks today.
            Ok(_) | Err(_) => on(that_day + Days::new(1), word),
        };
    }
    let day = match word {
        "today" => day_of(now),
        "tomorrow" => day_of(now) + Days::new(1),
        // At the far ends of the calendar no zone knows what time it is.
        day => NaiveDate::parse_from_str(day, "%Y-%m-%d")
            .ok()
            .filter(|day| (1..=9_999).contains(&day.year()))
            .ok_or_else(unreadable)?,
    };
    on(day, rest)
}

fn first_word(text: &str) -> (&str, &str) {
    match text.find(char::is_whitespace) {
        Some(end) => (&text[..end], text[end..].trim_start()),
        None => (text, ""),
    }
}

/// `90m`, `2h`: never less than nothing, and no more than the calendar holds.
fn length(word: &str) -> Option<TimeDelta> {
    let unit = word.chars().last()?;
    let number: i64 = word[..word.len() - unit.len_utf8()]
        .parse()
        .ok()
        .filter(|number| (0..=100_000).contains(number))?;
    match unit.to_ascii_lowercase() {
        's' => Some(TimeDelta::seconds(number)),
        'm' => Some(TimeDelta::minutes(number)),
        'h' => Some(TimeDelta::hours(number)),
        'd' => Some(TimeDelta::days(number)),
        _ => None,
    }
}

fn clock_time(word: &str) -> Result<(NaiveTime, Precision), NotATime> {
    let word = word.trim_end_matches([':', ',', '.']);
    match NaiveTime::parse_from_str(word, "%H:%M:%S") {
        Ok(time) => Ok((time, Precision::Exact)),
        Err(_) => NaiveTime::parse_from_str(word, "%H:%M")
            .map(|time| (time, Precision::Minute))
            .map_err(|_| NotATime::Unreadable(word.chars().take(20).collect())),
    }
}

fn on_day(day: NaiveDate, word: &str, zone: Tz, now: DateTime<Utc>) -> Result<Said, NotATime> {
    let (time, precision) = clock_time(word)?;
    let at = instant(zone, day.and_time(time), word)?;
    within(Said { at, precision }, &format!("{day} {word}"), now)
}

fn time_of_day(word: &str, days_back: u64, zone: Tz, now: DateTime<Utc>) -> Result<Said, NotATime> {
    let (time, precision) = clock_time(word)?;
    let word = word.trim_end_matches([':', ',', '.']);
    let today = now.with_timezone(&zone).date_naive();
    let day = today
        .checked_sub_days(Days::new(days_back))
        .unwrap_or(today);
    let at = instant(zone, day.and_time(time), word)?;
    // Shortly after midnight, 23:50 means the evening before; a slip of a minute ahead is a clock's, not a person's.
    let at = if days_back == 0 && at > now + TimeDelta::hours(1) {
        let evening_before = day.pred_opt().unwrap_or(day).and_time(time);
        let earlier = instant(zone, evening_before, word)?;
        if now - earlier > TimeDelta::hours(12) {
            at
        } else {
            earlier
        }
    } else {
        at
    };
    within(Said { at, precision }, word, now)
}

fn instant(zone: Tz, local: chrono::NaiveDateTime, word: &str) -> Result<DateTime<Utc>, NotATime> {
    match zone.from_local_datetime(&local) {
        // An hour that came twice: the first, as people mean it before the clocks went back.
        LocalResult::Single(at) | LocalResult::Ambiguous(at, _) => Ok(at.with_timezone(&Utc)),
        LocalResult::None => Err(NotATime::Skipped(word.to_owned())),
    }
}

fn within(said: Said, word: &str, now: DateTime<Utc>) -> Result<Said, NotATime> {
    let word = word.to_owned();
    if said.at > now + TimeDelta::minutes(1) {
        Err(NotATime::Future { word, said })
    } else if now - said.at > TimeDelta::days(7) {
        Err(NotATime::TooOld { word, said })
    } else {
        Ok(Said {
            at: said.at.min(now),
            ..said
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().expect("a literal time")
    }

    fn berlin(text: &str, now: &str) -> Result<(Option<DateTime<Utc>>, String), NotATime> {
        said_at(text, chrono_tz::Europe::Berlin, at(now))
            .map(|(said, rest)| (said.map(|said| said.at), rest.to_owned()))
    }

    #[test]
    fn a_time_in_front_is_read_in_the_zone_people_think_in() {
        let now = "2026-11-21T02:05:00Z";
        assert_eq!(
            berlin("@02:47 obs: first 500s", now),
            Ok((
                Some(at("2026-11-21T01:47:00Z")),
                "obs: first 500s".to_owned()
            ))
        );
        assert_eq!(
            berlin("-15m act: rollback", now),
            Ok((Some(at("2026-11-21T01:50:00Z")), "act: rollback".to_owned()))
        );
        assert_eq!(
            berlin("yesterday 23:50 deploy", now),
            Ok((Some(at("2026-11-20T22:50:00Z")), "deploy".to_owned()))
        );
    }

    #[test]
    fn a_day_may_stand_before_the_time() {
        let now = "2026-11-21T02:05:00Z";
        assert_eq!(
            berlin("@2026-11-20 23:50 obs: x", now),
            Ok((Some(at("2026-11-20T22:50:00Z")), "obs: x".to_owned()))
        );
        let said = said_alone("2026-11-20 23:50", chrono_tz::Europe::Berlin, at(now));
        assert_eq!(said.map(|said| said.at), Ok(at("2026-11-20T22:50:00Z")));
        assert_eq!(
            berlin("@2026-11-20 obs: x", now),
            Err(NotATime::Unreadable("obs".to_owned()))
        );
    }

    #[test]
    fn shortly_after_midnight_an_evening_time_means_the_evening_before() {
        assert_eq!(
            berlin("@23:50 obs: x", "2026-11-20T23:10:00Z"),
            Ok((Some(at("2026-11-20T22:50:00Z")), "obs: x".to_owned()))
        );
    }

    #[test]
    fn names_numbers_and_chat_are_not_times() {
        for text in [
            "@here look",
            "-5 % errors",
            "yesterday was fine",
            "obs: 5xx",
            "- a list",
            "",
        ] {
            let (said, rest) = berlin(text, "2026-11-21T02:05:00Z").expect("no time, no complaint");
            assert_eq!((said, rest.as_str()), (None, text.trim_start()));
        }
    }

    #[test]
    fn impossible_times_say_what_is_wrong() {
        let now = "2026-03-29T10:00:00Z";
        assert_eq!(
            berlin("@25:99 obs: x", now),
            Err(NotATime::Unreadable("25:99".to_owned()))
        );
        assert_eq!(
            berlin("@02:30 obs: x", now),
            Err(NotATime::Skipped("02:30".to_owned()))
        );
        assert!(matches!(
            berlin("@12:45 obs: x", now),
            Err(NotATime::Future { word, said }) if word == "12:45" && said.at == at("2026-03-29T10:45:00Z")
        ));
        assert!(matches!(
            berlin("-9d obs: x", now),
            Err(NotATime::TooOld { word, said }) if word == "-9d" && said.at == at("2026-03-20T10:00:00Z")
        ));
    }

    #[test]
    fn a_time_to_come_is_the_next_time_that_clocks_show_it() {
        let now = "2026-11-21T02:05:00Z";
        let said = |text| coming(text, chrono_tz::Europe::Berlin, at(now), at(now));
        for (text, instant) in [
            ("now", now),
            ("04:30", "2026-11-21T03:30:00Z"),
            ("@03:05", "2026-11-22T02:05:00Z"),
            ("02:00", "2026-11-22T01:00:00Z"),
            ("tomorrow 04:30", "2026-11-22T03:30:00Z"),
            ("2026-11-25 22:00", "2026-11-25T21:00:00Z"),
            ("+90m", "2026-11-21T03:35:00Z"),
            ("2h", "2026-11-21T04:05:00Z"),
        ] {
            assert_eq!(said(text), Ok(at(instant)), "{text}");
        }
        for text in [
            "",
            "soon",
            "-5m",
            "25:00",
            "tomorrow",
            "04:30 sharp",
            "9999-99-99 04:30",
            "-999999999999d",
            "999999999999d",
            "-9223372036854775808s",
            "-262143-01-01 00:00",
        ] {
            assert!(matches!(said(text), Err(NotATime::NotToCome(_))), "{text}");
        }
        let spring = at("2026-03-28T12:00:00Z");
        assert_eq!(
            coming("tomorrow 02:30", chrono_tz::Europe::Berlin, spring, spring),
            Err(NotATime::Skipped("02:30".to_owned()))
        );
    }

    #[test]
    fn what_follows_a_time_counts_its_days_from_now_and_its_hours_from_that_time() {
        let (now, since) = ("2026-11-21T02:05:00Z", "2026-11-22T21:00:00Z");
        for (text, instant) in [
            ("now", since),
            ("90m", "2026-11-22T22:30:00Z"),
            ("23:30", "2026-11-22T22:30:00Z"),
            ("04:30", "2026-11-23T03:30:00Z"),
            ("tomorrow 23:30", "2026-11-22T22:30:00Z"),
            ("today 23:30", "2026-11-21T22:30:00Z"),
            ("2026-11-23 04:30", "2026-11-23T03:30:00Z"),
        ] {
            let said = coming(text, chrono_tz::Europe::Berlin, at(now), at(since));
            assert_eq!(said, Ok(at(instant)), "{text}");
        }
    }
}
