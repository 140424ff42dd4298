//! What looks like personal data: how to reach somebody, what they pay with, and, where a team asks for it, addresses of
//! machines.
//!
//! At night people write numbers all the time: ports, ids, times, counts, versions. A guess that is wrong every tenth time
//! is ignored by the third night, so each sort asks for more than digits: a shape that only it has, and a check.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

static E_MAIL: LazyLock<Regex> = LazyLock::new(|| {
    literal(
        r"[A-Za-z0-9._%+-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.){1,8}[A-Za-z]{2,24}",
    )
});

static PHONE: LazyLock<Regex> = LazyLock::new(|| {
    literal(concat!(
        // +49 171 5550123, +44 (0)20 7946 0958, +14155552671
        r"\+[1-9][0-9]{0,3}(?:[ ./-]?\(0?[0-9]{0,5}\))?(?:[ ./-]?[0-9]{2,12}){1,5}",
        // 0171-5550123, 030 / 1234567, (030) 1234567
        r"|\(?0[1-9][0-9]{1,4}\)?(?: ?[/-] ?| |\.)[0-9]{2,8}(?:[ -][0-9]{2,5}){0,3}",
        // (415) 555-2671, 415-555-2671
        r"|(?:\([2-9][0-9]{2}\) ?|[2-9][0-9]{2}-)[2-9][0-9]{2}-[0-9]{4}",
    ))
});

static CARD: LazyLock<Regex> = LazyLock::new(|| {
    literal(
        r"[0-9]{4}[ -][0-9]{4}[ -][0-9]{4}[ -][0-9]{4}|[0-9]{4}[ -][0-9]{6}[ -][0-9]{5}|[0-9]{14,16}",
    )
});

static ADDRESS: LazyLock<Regex> = LazyLock::new(|| {
    literal(r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}|[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7}")
});

fn literal(shape: &str) -> Regex {
    Regex::new(shape).expect("the patterns are literals, compiled by every test of this module")
}

/// Endings of names that are looked up inside, where no mail goes: `ssh deploy@db-3.internal`.
const INSIDE: [&str; 14] = [
    "internal",
    "local",
    "lan",
    "localhost",
    "localdomain",
    "svc",
    "cluster",
    "home",
    "corp",
    "test",
    "invalid",
    "example",
    "prod",
    "staging",
];

/// Those who log in to machines, and have no mail there.
const ACCOUNTS: [&str; 8] = [
    "git", "root", "ubuntu", "debian", "ec2-user", "hg", "postgres", "noreply",
];

/// Everything in a text that looks like personal data.
pub(super) fn find(text: &str) -> Vec<(&'static str, Range<usize>)> {
    let mut found = Vec::new();
    let mut keep = |name, shape: &Regex, is_one: fn(&str, Range<usize>) -> bool| {
        let places = shape.find_iter(text).map(|one| one.range());
        found.extend(
            places
                .filter(|place| is_one(text, place.clone()))
                .map(|place| (name, place)),
        );
    };
    keep("e-mail address", &E_MAIL, is_a_mailbox);
    keep("card number", &CARD, is_a_card);
    keep("phone number", &PHONE, is_a_phone);
    found
}

/// Everything in a text that is an address of a machine beyond this one.
pub(super) fn find_addresses(text: &str) -> Vec<(&'static str, Range<usize>)> {
    ADDRESS
        .find_iter(text)
        .map(|one| one.range())
        .filter(|place| stands_alone(text, place, ".:") && is_an_address(&text[place.clone()]))
        .map(|place| ("IP address", place))
        .collect()
}

/// Whether no letter, digit or other sign that continues a word stands on either side.
fn stands_alone(text: &str, place: &Range<usize>, also: &str) -> bool {
    let continues = |character: char| {
        character.is_alphanumeric()
            || matches!(character, '_' | '#' | '$')
            || also.contains(character)
    };
    let before = text[..place.start].chars().next_back();
    let mut behind = text[place.end..].chars();
    let next = behind.next();
    // A full stop or a colon that ends the sentence continues nothing.
    let ends = next.is_some_and(|next| matches!(next, '.' | ':' | '-' | '/'))
        && !behind.next().is_some_and(char::is_alphanumeric);
    !before.is_some_and(continues) && (ends || !next.is_some_and(continues))
}

/// The word, from space to space, that a place stands in.
fn word_around<'text>(text: &'text str, place: &Range<usize>) -> &'text str {
    let start = text[..place.start]
        .rfind(char::is_whitespace)
        .map_or(0, |space| space + 1);
    let end = text[place.end..]
        .find(char::is_whitespace)
        .map_or(text.len(), |space| place.end + space);
    text[start..end].trim_start_matches(char::is_whitespace)
}

fn is_a_mailbox(text: &str, place: Range<usize>) -> bool {
    let Some((account, domain)) = text[place.clone()].split_once('@') else {
        return false;
    };
    let ending = domain.rsplit('.').next().unwrap_or_default().to_lowercase();
    let domain = domain.to_lowercase();
    let documented = ["example.com", "example.org", "example.net"]
        .iter()
        .any(|known| domain == *known || domain.ends_with(&format!(".{known}")));
    let word = word_around(text, &place);
    // `https://user@host`, `git@host:path`: the way to a machine.
    let leads_somewhere = word.contains("://")
        || text[place.end..].starts_with([':', '/']) && !text[place.end..].starts_with(": ");
    !documented
        && !leads_somewhere
        && !INSIDE.contains(&ending.as_str())
        && !ACCOUNTS.contains(&account.to_lowercase().as_str())
}

fn is_a_phone(text: &str, place: Range<usize>) -> bool {
    let written = &text[place.clone()];
    let digits = digits_of(written);
    let groups: Vec<usize> = written
        .split(|character: char| !character.is_ascii_digit())
        .map(str::len)
        .filter(|length| *length > 0)
        .collect();
    let least = match (written.starts_with('+'), groups.len()) {
        // A plus before one long number is mostly a difference.
        (true, 1) => 11,
        _ => 9,
    };
    // 0142 0143 0144: a list of numbers.
    let is_a_list = !written.starts_with(['+', '('])
        && groups.len() > 2
        && groups.iter().all(|length| *length == groups[0]);
    let is_round = digits.ends_with("00000");
    (least..=15).contains(&digits.len())
        && !is_a_list
        && !is_round
        && stands_alone(text, &place, ".:-/+=%")
        && !is_counted(text, place.end)
}

/// Whether a unit follows: what is counted is no phone.
fn is_counted(text: &str, end: usize) -> bool {
    let behind = text[end..].trim_start();
    let word: String = behind
        .chars()
        .take_while(|character| character.is_alphabetic() || *character == '%')
        .collect();
    [
        "%",
        "ms",
        "s",
        "b",
        "kb",
        "mb",
        "gb",
        "kib",
        "mib",
        "gib",
        "bytes",
        "rows",
        "requests",
        "req",
        "rps",
        "messages",
        "connections",
        "users",
        "errors",
        "events",
        "records",
        "items",
        "times",
    ]
    .contains(&word.to_lowercase().as_str())
}

fn is_a_card(text: &str, place: Range<usize>) -> bool {
    let written = &text[place.clone()];
    let digits = digits_of(written);
    stands_alone(text, &place, ".:-/+=@")
        && is_of_an_issuer(&digits)
        && passes_luhn(&digits)
        && !is_counted(text, place.end)
}

/// By the first digits and the length, as they are handed out.
fn is_of_an_issuer(digits: &str) -> bool {
    let first = |count: usize| {
        digits
            .get(..count)
            .and_then(|first| first.parse::<u32>().ok())
            .unwrap_or_default()
    };
    match digits.len() {
        16 => {
            first(1) == 4
                || (51..=55).contains(&first(2))
                || (2_221..=2_720).contains(&first(4))
                || first(4) == 6_011
                || matches!(first(2), 65 | 35 | 62)
        }
        15 => matches!(first(2), 34 | 37),
        14 => matches!(first(2), 36 | 38) || (300..=305).contains(&first(3)),
        _ => false,
    }
}

/// The sum over digits, every second one from the right doubled, that makes a mistyped card known.
fn passes_luhn(digits: &str) -> bool {
    let values = digits.bytes().rev().map(|digit| u32::from(digit - b'0'));
    let sum: u32 = values
        .enumerate()
        .map(|(place, value)| match (place % 2, value * 2) {
            (0, _) => value,
            (_, doubled) => doubled / 10 + doubled % 10,
        })
        .sum();
    let all_the_same = digits
        .bytes()
        .all(|digit| Some(digit) == digits.bytes().next());
    sum.is_multiple_of(10) && !all_the_same
}

fn is_an_address(written: &str) -> bool {
    if let Ok(address) = written.parse::<Ipv4Addr>() {
        return !address.is_loopback() && !address.is_unspecified() && !address.is_broadcast();
    }
    written
        .parse::<Ipv6Addr>()
        .is_ok_and(|address| !address.is_loopback() && !address.is_unspecified())
}

fn digits_of(written: &str) -> String {
    written.chars().filter(char::is_ascii_digit).collect()
}

#[cfg(test)]
mod tests;
