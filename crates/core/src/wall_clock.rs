//! From what the clock on the wall says to the one instant that is meant.
//!
//! Rotas and drills are written in wall-clock time. Twice a year that is ambiguous, and the rule is the same everywhere
//! in Bridgewatch:
//!
//! * a time that the spring change skips means the first valid instant after the gap;
//! * a time that the autumn change repeats means its first occurrence.
//!
//! The mapping therefore never runs backwards: a later wall-clock time is never an earlier instant.

use chrono::{DateTime, LocalResult, NaiveDateTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

/// Longer than any zone's distance from UTC plus any skipped stretch (Samoa once skipped a whole day).
const WIDEST_DISTANCE: TimeDelta = TimeDelta::hours(50);

/// The instant that `local` means in `zone`.
#[must_use]
pub fn instant_of(zone: Tz, local: NaiveDateTime) -> DateTime<Utc> {
    match zone.from_local_datetime(&local) {
        LocalResult::Single(instant) => instant.to_utc(),
        LocalResult::Ambiguous(one, other) => one.min(other).to_utc(),
        LocalResult::None => end_of_gap(zone, local),
    }
}

/// Whether the clocks of `zone` jump over `local`.
#[must_use]
pub fn is_skipped(zone: Tz, local: NaiveDateTime) -> bool {
    matches!(zone.from_local_datetime(&local), LocalResult::None)
}

/// What the clock on the wall of `zone` says at `instant`.
#[must_use]
pub fn local_of(zone: Tz, instant: DateTime<Utc>) -> NaiveDateTime {
    instant.with_timezone(&zone).naive_local()
}

/// The first instant, to the second, at which the wall clock has passed `local`.
fn end_of_gap(zone: Tz, local: NaiveDateTime) -> DateTime<Utc> {
    let near = local.and_utc();
    let mut before = near - WIDEST_DISTANCE;
    let mut reached = near + WIDEST_DISTANCE;
    while reached - before > TimeDelta::seconds(1) {
        let middle = before + TimeDelta::seconds((reached - before).num_seconds() / 2);
        if local_of(zone, middle) >= local {
            reached = middle;
        } else {
            before = middle;
        }
    }
    reached
}

/// A moment for people who read it outside of Discord: `03:12 CET (02:12 UTC)`. In the hour that autumn repeats the offset
/// stands instead of the zone's name, and the day stands before it where it is not that of `near`.
#[must_use]
pub fn zoned(instant: DateTime<Utc>, zone: Tz, near: DateTime<Utc>) -> String {
    let local = instant.with_timezone(&zone);
    let repeated = matches!(
        zone.from_local_datetime(&local.naive_local()),
        LocalResult::Ambiguous(_, _)
    );
    let day = if local.date_naive() == near.with_timezone(&zone).date_naive() {
        ""
    } else {
        "%Y-%m-%d "
    };
    let clock = if repeated { "%H:%M%:z" } else { "%H:%M %Z" };
    let shown = local.format(&format!("{day}{clock}")).to_string();
    if zone == Tz::UTC {
        shown
    } else {
        format!("{shown} ({} UTC)", instant.format("%H:%M"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wall(text: &str) -> NaiveDateTime {
        NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M").expect("the test writes a time")
    }

    fn utc(zone: Tz, text: &str) -> String {
        instant_of(zone, wall(text))
            .format("%Y-%m-%dT%H:%M:%SZ")
            .to_string()
    }

    #[test]
    fn an_ordinary_time_is_what_it_says() {
        assert_eq!(
            utc(Tz::Europe__Berlin, "2026-01-05T09:00"),
            "2026-01-05T08:00:00Z"
        );
        assert_eq!(
            utc(Tz::Europe__Berlin, "2026-07-06T09:00"),
            "2026-07-06T07:00:00Z"
        );
    }

    #[test]
    fn a_skipped_time_is_the_first_instant_after_the_gap() {
        for skipped in ["2026-03-29T02:00", "2026-03-29T02:30", "2026-03-29T02:59"] {
            assert!(is_skipped(Tz::Europe__Berlin, wall(skipped)));
            assert_eq!(utc(Tz::Europe__Berlin, skipped), "2026-03-29T01:00:00Z");
        }
        assert!(!is_skipped(Tz::Europe__Berlin, wall("2026-03-29T03:00")));
        assert_eq!(
            utc(Tz::Pacific__Apia, "2011-12-30T12:00"),
            "2011-12-30T10:00:00Z"
        );
        assert_eq!(
            utc(Tz::Australia__Lord_Howe, "2026-10-04T02:10"),
            "2026-10-03T15:30:00Z"
        );
    }

    #[test]
    fn a_time_is_told_with_its_zone_and_in_utc() {
        let at = |text: &str| {
            text.parse::<DateTime<Utc>>()
                .expect("the test writes a time")
        };
        for (instant, zone, told) in [
            (
                "2026-11-21T02:12:00Z",
                Tz::Europe__Berlin,
                "03:12 CET (02:12 UTC)",
            ),
            ("2026-11-21T02:12:00Z", Tz::UTC, "02:12 UTC"),
            (
                "2026-11-20T22:50:00Z",
                Tz::Europe__Berlin,
                "2026-11-20 23:50 CET (22:50 UTC)",
            ),
        ] {
            assert_eq!(zoned(at(instant), zone, at("2026-11-21T03:00:00Z")), told);
        }
        // 02:30 comes twice: only the offset says which is meant.
        let near = at("2026-10-25T01:00:00Z");
        for (instant, told) in [
            ("2026-10-25T00:30:00Z", "02:30+02:00 (00:30 UTC)"),
            ("2026-10-25T01:30:00Z", "02:30+01:00 (01:30 UTC)"),
        ] {
            assert_eq!(zoned(at(instant), Tz::Europe__Berlin, near), told);
        }
    }

    #[test]
    fn a_repeated_time_is_its_first_occurrence() {
        assert_eq!(
            utc(Tz::Europe__Berlin, "2026-10-25T02:30"),
            "2026-10-25T00:30:00Z"
        );
        assert_eq!(
            utc(Tz::America__New_York, "2026-11-01T01:30"),
            "2026-11-01T05:30:00Z"
        );
    }
}
