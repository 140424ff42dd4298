//! Kinds of values that several files share: zones, wall-clock times, lengths of time, ids.

use chrono::{NaiveDate, NaiveDateTime};
use chrono_tz::Tz;
use toml::de::DeValue;

use super::reader::{Findings, Placed, Section, Value, kind_of, shown, text_of};
use crate::wall_clock;

const ZONE_EXAMPLE: &str = "timezone = \"Europe/Berlin\"";

/// The `timezone` of a table, if it names one.
pub(crate) fn zone(section: &Section<'_, '_>, findings: &mut Findings<'_>) -> Option<Tz> {
    let text = section.text("timezone", ZONE_EXAMPLE, findings)?;
    zone_of(&text, findings)
}

/// The `timezone` of a table that must name one.
pub(crate) fn required_zone(section: &Section<'_, '_>, findings: &mut Findings<'_>) -> Option<Tz> {
    let text = section.required_text("timezone", ZONE_EXAMPLE, findings)?;
    zone_of(&text, findings)
}

fn zone_of(text: &Placed<&str>, findings: &mut Findings<'_>) -> Option<Tz> {
    let zone = text.value.parse().ok();
    if zone.is_none() {
        findings.error(
            &text.span,
            format!("unknown time zone `{}`", shown(text.value)),
            "Use a name from the IANA list, such as Europe/Berlin, America/New_York or UTC",
        );
    }
    zone
}

/// A wall-clock time, written `"2026-11-02T09:00"` or as TOML's own local date-time. A time that the clocks of `zone`
/// skip earns a warning.
pub(crate) fn wall_time(
    value: Value<'_, '_>,
    key: &str,
    zone: Tz,
    findings: &mut Findings<'_>,
) -> Option<Placed<NaiveDateTime>> {
    const MEND: &str = "Write a wall-clock time without an offset, such as \"2026-11-02T09:00\"; the zone is the schedule's";
    let local = match value.get_ref() {
        DeValue::String(text) => ["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S"]
            .iter()
            .find_map(|format| NaiveDateTime::parse_from_str(text.trim(), format).ok()),
        DeValue::Datetime(moment) if moment.offset.is_none() => {
            moment.date.zip(moment.time).and_then(|(date, time)| {
                NaiveDate::from_ymd_opt(date.year.into(), date.month.into(), date.day.into())?
                    .and_hms_opt(
                        time.hour.into(),
                        time.minute.into(),
                        time.second.unwrap_or(0).into(),
                    )
            })
        }
        _ => None,
    }
    .filter(|local| (MIN_YEAR..=MAX_YEAR).contains(&chrono::Datelike::year(local)));
    let Some(local) = local else {
        let written = match value.get_ref() {
            DeValue::String(text) => format!("`{key}` is not a time: `{}`", shown(text)),
            other => format!("`{key}` is {}, not a wall-clock time", kind_of(other)),
        };
        findings.error(&value.span(), written, MEND);
        return None;
    };
    if wall_clock::is_skipped(zone, local) {
        findings.warning(
            &value.span(),
            format!(
                "{} does not exist in {zone}: the clocks jump over it",
                local.format("%Y-%m-%d %H:%M")
            ),
            "The first moment after the jump is used; write that one to be clear",
        );
    }
    Some(Placed {
        value: local,
        span: value.span(),
    })
}

const MIN_YEAR: i32 = 1970;
const MAX_YEAR: i32 = 2200;

/// A unit of a written length of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    Minutes,
    Hours,
    Days,
    Weeks,
}

/// A number with a unit, such as `10m`, `12h`, `7d`, `1w`; the number is between 1 and 9999.
pub(crate) fn length(text: &str) -> Option<(u32, Unit)> {
    let unit = match text.chars().last()? {
        'm' => Unit::Minutes,
        'h' => Unit::Hours,
        'd' => Unit::Days,
        'w' => Unit::Weeks,
        _ => return None,
    };
    // The unit just matched is one byte long.
    let digits = &text[..text.len() - 1];
    if digits.is_empty() || digits.len() > 4 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let count = digits.parse().ok()?;
    (count > 0).then_some((count, unit))
}

/// An id that may stand in file names, buttons and keys: small letters, digits and hyphens.
pub(crate) fn id(
    section: &Section<'_, '_>,
    key: &str,
    example: &str,
    findings: &mut Findings<'_>,
) -> Option<Placed<String>> {
    const LONGEST: usize = 48;
    let text = section.required_text(key, example, findings)?;
    let fits = text.value.len() <= LONGEST
        && text
            .value
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    if !fits {
        findings.error(
            &text.span,
            format!("`{key}` is not an id: `{}`", shown(text.value)),
            format!("Use at most {LONGEST} small letters, digits and hyphens, as in {example}"),
        );
        return None;
    }
    Some(Placed {
        value: text.value.to_owned(),
        span: text.span,
    })
}

/// A text shown to people: one line of at most `longest` characters.
pub(crate) fn line_of_text(
    value: Value<'_, '_>,
    key: &str,
    longest: usize,
    example: &str,
    findings: &mut Findings<'_>,
) -> Option<String> {
    let text = text_of(value, key, example, findings)?;
    if text.value.chars().count() > longest || text.value.chars().any(char::is_control) {
        findings.error(
            &text.span,
            format!("`{key}` is longer than {longest} characters or than one line"),
            format!("Shorten it, as in {example}"),
        );
        return None;
    }
    Some(text.value.to_owned())
}
