//! What looks like a secret.
//!
//! People paste at night what they would not paste by day. Whatever is typed is looked at before it is stored, and its
//! author is asked; nothing is refused, since a wrong guess must not cost a line of the timeline. Every pattern is a
//! regular expression of a kind that takes time in proportion to the text, however hostile it is. Nothing here, and no
//! caller, ever prints what was found.

mod personal;
mod rules;

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

pub use rules::{BadPattern, MOST_PATTERNS, SecretRules};

/// A sort of secret: what people read, and how it looks. The first that matches names it, so the telling come first.
struct Pattern {
    /// In the words of the offer: "This looks like a credential (AWS key)."
    name: &'static str,
    /// What it looks like. The group `secret`, where there is one, is the secret alone.
    shape: &'static str,
}

/// Every sort that is known.
const PATTERNS: &[Pattern] = &[
    Pattern {
        name: "private key",
        shape: r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----[A-Za-z0-9+/=\s]*(?:-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----)?",
    },
    Pattern {
        name: "AWS key",
        shape: r"\b(?:AKIA|ASIA|ABIA|ACCA)[0-9A-Z]{16}\b",
    },
    Pattern {
        name: "Google key",
        shape: r"\bAIza[0-9A-Za-z_-]{35}",
    },
    Pattern {
        name: "Google token",
        shape: r"\bya29\.[0-9A-Za-z_-]{20,}",
    },
    Pattern {
        name: "GitHub token",
        shape: r"\b(?:gh[pousr]_[A-Za-z0-9]{30,}|github_pat_[A-Za-z0-9_]{30,})",
    },
    Pattern {
        name: "GitLab token",
        shape: r"\bgl(?:pat|dt|rt|ptt|cbt|soat|ft|agent)-[A-Za-z0-9_-]{20,}",
    },
    Pattern {
        name: "Slack token",
        shape: r"\bxox[abeoprs]-[A-Za-z0-9-]{10,}|\bxapp-[0-9]-[A-Za-z0-9-]{20,}",
    },
    Pattern {
        name: "webhook address",
        shape: r"https://(?:hooks\.slack\.com/(?:services|workflows|triggers)/[A-Za-z0-9/_-]{15,}|(?:[a-z]+\.)?discord(?:app)?\.com/api/(?:v[0-9]+/)?webhooks/[0-9]+/[A-Za-z0-9_-]{10,}|[a-z0-9-]+\.webhook\.office\.com/[A-Za-z0-9@/_-]{20,})",
    },
    Pattern {
        name: "Discord token",
        shape: r"\b[MNO][A-Za-z0-9_-]{22,27}\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{25,}",
    },
    Pattern {
        name: "OpenAI or Anthropic key",
        shape: r"\bsk-(?:ant-|proj-|svcacct-)?[A-Za-z0-9_-]{20,}",
    },
    Pattern {
        name: "Stripe key",
        shape: r"\b[rs]k_(?:live|test)_[A-Za-z0-9]{16,}|\bwhsec_[A-Za-z0-9+/=]{20,}",
    },
    Pattern {
        name: "package registry token",
        shape: r"\b(?:npm_[A-Za-z0-9]{36}|pypi-AgE[A-Za-z0-9_-]{40,}|cio[A-Za-z0-9]{32}|dckr_pat_[A-Za-z0-9_-]{20,})",
    },
    Pattern {
        name: "service key",
        shape: r"\b(?:SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}|dop_v1_[a-f0-9]{64}|hvs\.[A-Za-z0-9_-]{24,}|shpat_[a-fA-F0-9]{32}|SK[a-f0-9]{32}|key-[a-f0-9]{32}|dapi[a-f0-9]{32}|glsa_[A-Za-z0-9]{32}_[a-f0-9]{8}|PMAK-[a-f0-9]{24}-[a-f0-9]{34}|hf_[A-Za-z0-9]{30,}|AGE-SECRET-KEY-1[0-9A-Z]{58})",
    },
    Pattern {
        name: "JSON web token",
        shape: r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*",
    },
    Pattern {
        name: "password in an address",
        shape: r"\b[A-Za-z][A-Za-z0-9+.-]{1,20}://[^\s/:@<$]*:(?P<secret>[^\s/@<$]{3,})@",
    },
    Pattern {
        name: "authorization header",
        shape: r"(?i)\b(?:bearer|basic)\s+(?P<secret>[A-Za-z0-9+/_.=-]{16,})",
    },
    Pattern {
        name: "password",
        shape: r#"(?i)\b(?:[a-z0-9]+[_-])*(?:password|passwd|passphrase|pwd|secret|token|api[_-]?key|access[_-]?key|client[_-]?secret|credentials?)["']?\s*(?:=|:|:=)\s*["']?(?P<secret>[^\s"'<>$,;]{6,})"#,
    },
    Pattern {
        name: "password",
        shape: r#"(?i)\b(?:password|passwd|passphrase)\s+(?:is|was)\s+["'`]?(?P<secret>[^\s"'`<>$,;]{6,})"#,
    },
    Pattern {
        name: "password on a command line",
        shape: r#"(?i)(?:^|\s)(?:--?(?:password|pass|token|secret)[= ]|-u\s+[^\s:]{1,40}:)["']?(?P<secret>[^\s"'<>$]{6,})"#,
    },
];

/// A run of characters that may be a random one: no path, no word, no address.
const RANDOM_LOOKING: &str = r"[A-Za-z0-9+/_=-]{24,200}";
/// From this many bits for each character, a long run of mixed characters is no word.
const RANDOM_BITS: f64 = 4.0;

static SHAPES: LazyLock<Vec<(&'static str, Regex)>> = LazyLock::new(|| {
    PATTERNS
        .iter()
        .map(|pattern| {
            let shape = Regex::new(pattern.shape)
                .expect("the patterns are literals, compiled by every test of this module");
            (pattern.name, shape)
        })
        .collect()
});

static RUNS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(RANDOM_LOOKING).expect("the pattern is a literal, compiled by every test")
});

/// What kind of thing should not be read by everybody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Whoever has it, may: it has to be replaced.
    Credential,
    /// It is about somebody.
    PersonalData,
    /// A team's own pattern matches.
    Own,
}

impl Class {
    /// What it looks like: "this looks like …".
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Credential => "a credential",
            Self::PersonalData => "personal data",
            Self::Own => "what your team keeps out",
        }
    }

    /// What stands in the place of it: `[redacted: …, by Kim 04:10 UTC]`.
    #[must_use]
    pub fn noun(self) -> &'static str {
        match self {
            Self::Credential => "credential",
            Self::PersonalData => "personal data",
            Self::Own => "team pattern",
        }
    }
}

/// Something that looks like a secret.
#[derive(Clone, PartialEq, Eq)]
pub struct Found<'text> {
    /// What kind.
    pub class: Class,
    /// What sort, for people.
    pub name: &'static str,
    /// The secret itself: never to be printed.
    pub text: &'text str,
    /// Where it stands, in bytes.
    pub place: Range<usize>,
}

impl std::fmt::Debug for Found<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Found")
            .field("name", &self.name)
            .field("place", &self.place)
            .finish_non_exhaustive()
    }
}

/// Every credential in a text, in the order of the text; where two overlap, the more telling one. A team's rules find more:
/// [`SecretRules::find`].
pub fn find(text: &str) -> impl Iterator<Item = Found<'_>> {
    let mut found: Vec<Found<'_>> = Vec::new();
    let mut keep = |name, place: Range<usize>| {
        let overlaps = found.iter().any(|other: &Found<'_>| {
            place.start < other.place.end && other.place.start < place.end
        });
        if !overlaps {
            found.push(Found {
                class: Class::Credential,
                name,
                text: &text[place.clone()],
                place,
            });
        }
    };
    for (name, shape) in SHAPES.iter() {
        for captures in shape.captures_iter(text) {
            let whole = captures.get(0);
            if let Some(secret) = captures.name("secret").or(whole)
                && !is_a_placeholder(secret.as_str())
            {
                keep(*name, secret.range());
            }
        }
    }
    for run in RUNS.find_iter(text) {
        if looks_random(run.as_str()) && !is_in_an_address(text, run.start()) {
            keep("random characters", run.range());
        }
    }
    found.sort_by_key(|one| one.place.start);
    found.into_iter()
}

/// What the first credential is called; `None` where there is none.
#[must_use]
pub fn name_of_first(text: &str) -> Option<&'static str> {
    find(text).next().map(|found| found.name)
}

/// Words that stand where a secret would: `<token>`, `xxxxxx`, `changeme`.
fn is_a_placeholder(text: &str) -> bool {
    let same = text
        .chars()
        .next()
        .is_some_and(|first| text.chars().all(|character| character == first));
    let lower = text.to_lowercase();
    same || [
        "redacted",
        "example",
        "placeholder",
        "changeme",
        "your-",
        "your_",
        "expired",
        "invalid",
        "missing",
        "rotated",
        "unknown",
        "required",
    ]
    .iter()
    .any(|word| lower.starts_with(word))
}

/// Whether a run is too mixed for anything that people write: upper and lower case, digits, and hardly a repeat.
fn looks_random(run: &str) -> bool {
    let has = |is: fn(&u8) -> bool| run.as_bytes().iter().any(is);
    has(u8::is_ascii_uppercase)
        && has(u8::is_ascii_lowercase)
        && has(u8::is_ascii_digit)
        && run
            .bytes()
            .filter(|byte| matches!(byte, b'/' | b'-' | b'_'))
            .count()
            * 8
            < run.len()
        && bits_per_character(run) >= RANDOM_BITS
}

/// Shannon's entropy over the characters of a text.
fn bits_per_character(text: &str) -> f64 {
    let mut counts = [0_u32; 256];
    for byte in text.bytes() {
        counts[usize::from(byte)] += 1;
    }
    let length = text.len() as f64;
    counts
        .iter()
        .filter(|count| **count > 0)
        .map(|count| {
            let share = f64::from(*count) / length;
            -share * share.log2()
        })
        .sum()
}

/// Dashboards and documents have long names in their addresses.
fn is_in_an_address(text: &str, start: usize) -> bool {
    let word = text[..start]
        .rfind(char::is_whitespace)
        .map_or(0, |space| space + 1);
    text[word..start].contains("://")
}

#[cfg(test)]
mod tests;
