//! Reading what people typed at night: kindly, and with an example where it cannot be understood.

use bridgewatch_core::incident::Confidence;
use bridgewatch_core::person::PersonId;
use bridgewatch_core::severity::Severity;
use bridgewatch_core::timeline::{Kind, Prefixes};
use chrono::{Days, NaiveDate};

use crate::card::cut;

/// The longest span of days that a due date may lie ahead.
const MAX_DAYS: u64 = 730;

/// A severity as it is typed or chosen: a suggestion reads `sev1 – Most users …`, and its first word is enough.
pub(crate) fn severity_of(text: &str) -> Result<Severity, String> {
    text.split_whitespace()
        .next()
        .unwrap_or_default()
        .parse()
        .map_err(|problem| format!("{problem}."))
}

fn shown(text: &str) -> String {
    cut(text, 30).replace('`', "'")
}

/// The kind of an entry, by its name or by the prefix people write in the channel. Nothing typed means nothing said.
pub(crate) fn kind_of(text: &str, prefixes: &Prefixes) -> Result<Option<Kind>, String> {
    let word = text.trim().trim_end_matches(':').to_lowercase();
    if word.is_empty() {
        return Ok(None);
    }
    Kind::WRITTEN
        .into_iter()
        .find(|kind| kind.id() == word)
        .or_else(|| prefixes.kind_of(&word))
        .map(Some)
        .ok_or_else(|| {
            format!(
                "`{}` is no kind of entry: use obs, act, dec, hyp, imp, todo, ask or note.",
                shown(text)
            )
        })
}

/// Minutes such as `20`, `20 min` or `1h`. Nothing typed means the usual.
pub(crate) fn minutes(text: &str) -> Result<Option<u32>, String> {
    let word = text.trim().to_lowercase();
    if word.is_empty() {
        return Ok(None);
    }
    let (number, unit) = split_number(&word);
    let factor = match unit {
        "" | "m" | "min" | "mins" | "minute" | "minutes" => Some(1),
        "h" | "hour" | "hours" => Some(60),
        _ => None,
    };
    number
        .zip(factor)
        .and_then(|(number, factor)| number.checked_mul(factor))
        .map(Some)
        .ok_or_else(|| {
            format!(
                "`{}` is no number of minutes: write it like 20 or 1h.",
                shown(text)
            )
        })
}

/// A range of minutes such as `15-30`, `15–30 min` or `20`.
pub(crate) fn range(text: &str) -> Result<(u32, u32), String> {
    let problem = || {
        format!(
            "`{}` is no range of minutes: write it like 15–30.",
            shown(text)
        )
    };
    let numbers: Vec<u32> = text
        .split(|character: char| !character.is_ascii_digit())
        .filter(|digits| !digits.is_empty())
        .map(str::parse)
        .collect::<Result<_, _>>()
        .map_err(|_| problem())?;
    match numbers.as_slice() {
        [only] => Ok((*only, *only)),
        [one, other] => Ok((*one.min(other), *one.max(other))),
        _ => Err(problem()),
    }
}

/// How sure somebody is: a word, or how it begins. Nothing typed is a guess.
pub(crate) fn confidence(text: &str) -> Result<Confidence, String> {
    let word = text.trim().to_lowercase();
    if word.is_empty() {
        return Ok(Confidence::Guess);
    }
    [Confidence::Guess, Confidence::Likely, Confidence::Firm]
        .into_iter()
        .find(|confidence| confidence.id().starts_with(&word))
        .ok_or_else(|| {
            format!(
                "`{}` is not how sure you are: write guess, likely or firm.",
                shown(text)
            )
        })
}

/// A person: `me`, a mention or a Discord user id. Nothing typed is nobody.
pub(crate) fn person(text: &str, asker: PersonId) -> Result<Option<PersonId>, String> {
    let word = text.trim();
    if word.is_empty() {
        return Ok(None);
    }
    if word.eq_ignore_ascii_case("me") {
        return Ok(Some(asker));
    }
    let digits = word
        .strip_prefix("<@")
        .and_then(|rest| rest.strip_suffix('>'))
        .map_or(word, |inner| inner.trim_start_matches('!'));
    digits
        .parse()
        .ok()
        // Ids younger than Discord itself have 17 digits and more; a shorter number is a slip.
        .filter(|id: &u64| *id >= 10_u64.pow(15))
        .map(|id| Some(PersonId(id)))
        .ok_or_else(|| {
            format!(
                "`{}` is nobody I can name: write `me`, or a Discord user id (right-click a person → *Copy User ID*).",
                shown(text)
            )
        })
}

/// A day: `2027-01-31`, `10d`, `4w`, `today` or `tomorrow`. Nothing typed is no day.
pub(crate) fn day(text: &str, today: NaiveDate) -> Result<Option<NaiveDate>, String> {
    let word = text.trim().to_lowercase();
    let problem = || {
        format!(
            "`{}` is no day: write it like 2027-01-31, 10d or 4w.",
            shown(text)
        )
    };
    let ahead = |days: u64| {
        today
            .checked_add_days(Days::new(days))
            .filter(|_| days <= MAX_DAYS)
            .ok_or_else(problem)
    };
    let day = match word.as_str() {
        "" => return Ok(None),
        "today" => today,
        "tomorrow" => ahead(1)?,
        _ => match NaiveDate::parse_from_str(&word, "%Y-%m-%d") {
            Ok(day) => day,
            Err(_) => {
                let (number, unit) = split_number(&word);
                let factor = match unit {
                    "d" | "day" | "days" => 1,
                    "w" | "week" | "weeks" => 7,
                    _ => return Err(problem()),
                };
                let number = u64::from(number.ok_or_else(problem)?);
                ahead(number.checked_mul(factor).ok_or_else(problem)?)?
            }
        },
    };
    if day < today {
        return Err(format!(
            "{day} has passed already: name a day from today on."
        ));
    }
    Ok(Some(day))
}

/// `4w` as 4 and `w`.
fn split_number(word: &str) -> (Option<u32>, &str) {
    let end = word
        .find(|character: char| !character.is_ascii_digit())
        .unwrap_or(word.len());
    (word[..end].parse().ok(), word[end..].trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal<Read: std::fmt::Debug>(read: Result<Read, String>) -> String {
        read.expect_err("it cannot be read")
    }

    #[test]
    fn a_kind_is_its_name_or_its_prefix() {
        for (text, kind) in [
            ("obs", Some(Kind::Observation)),
            ("Action", Some(Kind::Action)),
            ("dec:", Some(Kind::Decision)),
            ("todo", Some(Kind::Todo)),
            ("ask", Some(Kind::Question)),
            (" ", None),
        ] {
            assert_eq!(kind_of(text, &Prefixes::default()), Ok(kind), "{text}");
        }
        insta::assert_snapshot!(
            refusal(kind_of("`gossip`", &Prefixes::default())),
            @"`'gossip'` is no kind of entry: use obs, act, dec, hyp, imp, todo, ask or note."
        );
    }

    #[test]
    fn minutes_are_read_as_people_type_them() {
        for (text, minutes_meant) in [
            ("20", Some(20)),
            ("20 min", Some(20)),
            ("1h", Some(60)),
            ("", None),
        ] {
            assert_eq!(minutes(text), Ok(minutes_meant), "{text}");
        }
        for text in ["soon", "-5", "99999999999", "100000000h", "5 days"] {
            assert!(minutes(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_range_has_one_or_two_numbers_in_any_order() {
        for (text, meant) in [
            ("15-30", (15, 30)),
            ("30–15 min", (15, 30)),
            ("about 20", (20, 20)),
        ] {
            assert_eq!(range(text), Ok(meant), "{text}");
        }
        for text in ["", "a while", "1-2-3", "99999999999"] {
            assert!(range(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_person_is_me_or_an_id_and_never_a_name_that_is_guessed() {
        let me = PersonId(5);
        let sam = PersonId(175_928_847_299_117_063);
        for (text, meant) in [
            ("me", Some(me)),
            ("Me ", Some(me)),
            ("<@175928847299117063>", Some(sam)),
            ("<@!175928847299117063>", Some(sam)),
            ("175928847299117063", Some(sam)),
            ("", None),
        ] {
            assert_eq!(person(text, me), Ok(meant), "{text}");
        }
        for text in ["Sam", "@sam", "42", "<@&175928847299117063>"] {
            assert!(person(text, me).is_err(), "{text}");
        }
    }

    #[test]
    fn a_day_is_a_date_or_a_span_and_never_in_the_past() {
        let today = NaiveDate::from_ymd_opt(2026, 11, 20).expect("a real day");
        let on = |year, month, day| NaiveDate::from_ymd_opt(year, month, day);
        for (text, meant) in [
            ("2026-12-24", on(2026, 12, 24)),
            ("10d", on(2026, 11, 30)),
            ("4w", on(2026, 12, 18)),
            ("tomorrow", on(2026, 11, 21)),
            ("", None),
        ] {
            assert_eq!(day(text, today), Ok(meant), "{text}");
        }
        for text in ["someday", "2026-13-01", "9999w", "4x", "w", "99999999999d"] {
            assert!(day(text, today).is_err(), "{text}");
        }
        insta::assert_snapshot!(
            refusal(day("2026-11-19", today)),
            @"2026-11-19 has passed already: name a day from today on."
        );
    }

    #[test]
    fn how_sure_somebody_is_needs_one_letter() {
        assert_eq!(confidence("l"), Ok(Confidence::Likely));
        assert_eq!(confidence(""), Ok(Confidence::Guess));
        assert_eq!(confidence("FIRM"), Ok(Confidence::Firm));
        assert!(confidence("certain").is_err());
    }
}
