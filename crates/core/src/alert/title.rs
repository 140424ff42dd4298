//! Titles: what people read in a channel list at three in the morning.
//!
//! Labels and annotations are text from outside: whoever can raise an alert can write them. A title is therefore made of
//! one line that mentions nobody, formats nothing and hides nothing.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::{Episode, UNNAMED, alert_name};

/// The longest title, in characters.
pub const MAX_TITLE_CHARS: usize = 100;

/// How many names a title lists before it says "and 2 more".
const LISTED: usize = 3;

/// A title for an incident that `episodes` open, most important first: the services, then what is wrong with them. The
/// summary that a rule's author wrote is used if all alerts agree on it, else the names of the alerts.
#[must_use]
pub fn title_of(episodes: &[&Episode]) -> String {
    let services = distinct(episodes.iter().filter_map(|episode| {
        episode
            .labels
            .get("service")
            .map(|service| safe_line(service, 40))
    }));
    let summaries = distinct(episodes.iter().map(|episode| {
        episode
            .annotations
            .get("summary")
            .map(|summary| safe_line(summary, MAX_TITLE_CHARS))
            .unwrap_or_default()
    }));
    let what = match summaries.as_slice() {
        [only]
            if episodes
                .iter()
                .all(|episode| episode.annotations.contains_key("summary")) =>
        {
            only.clone()
        }
        _ => listed(&distinct(episodes.iter().map(|episode| {
            safe_line(alert_name(&episode.labels).unwrap_or(UNNAMED), 60)
        }))),
    };
    let names_its_service = services
        .iter()
        .all(|service| what.to_lowercase().contains(&service.to_lowercase()));
    let title = match (services.is_empty() || names_its_service, what.is_empty()) {
        (true, false) => what,
        (true, true) => UNNAMED.to_owned(),
        (false, true) => listed(&services),
        (false, false) => format!("{}: {what}", listed(&services)),
    };
    safe_line(&title, MAX_TITLE_CHARS)
}

/// The title of the incident that gathers what a storm leaves over.
#[must_use]
pub fn storm_title(now: DateTime<Utc>) -> String {
    format!("Alert storm {}", now.format("%H:%M"))
}

/// The distinct non-empty texts, in the order in which they first appear.
fn distinct(texts: impl Iterator<Item = String>) -> Vec<String> {
    let mut seen = BTreeSet::new();
    texts
        .filter(|text| !text.is_empty() && seen.insert(text.clone()))
        .collect()
}

fn listed(names: &[String]) -> String {
    let shown = names[..names.len().min(LISTED)].join(", ");
    match names.len() - names.len().min(LISTED) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// Text from outside as one harmless line of at most `max_chars` characters: no line breaks, no control or invisible
/// characters, no mentions, no Markdown, no links. Empty if nothing is left.
#[must_use]
pub fn safe_line(text: &str, max_chars: usize) -> String {
    // For the eye; that no link survives is the work of the doubled slash below.
    let without_links = text.replace("https://", "").replace("http://", "");
    let characters: Vec<char> = without_links
        .chars()
        .filter(|character| !is_invisible(*character))
        .map(harmless)
        .collect();

    let mut line = String::new();
    let mut kept = 0_usize;
    let mut cut = false;
    for (index, character) in characters.iter().copied().enumerate() {
        let previous = line.chars().next_back();
        let skip = match character {
            ' ' => previous.is_none_or(|previous| previous == ' '),
            // Doubled, these strike out, hide and link; at the start of a line these make headings and lists.
            '~' | '|' | '/' => previous == Some(character),
            '#' | '-' => previous.is_none(),
            // Within a word an underscore is a letter; anywhere else it makes italics.
            '_' => {
                !(previous.is_some_and(char::is_alphanumeric)
                    && characters
                        .get(index + 1)
                        .is_some_and(|next| next.is_alphanumeric()))
            }
            _ => false,
        };
        if skip {
            continue;
        }
        if kept == max_chars {
            cut = character != ' ' || characters[index..].iter().any(|rest| *rest != ' ');
            break;
        }
        line.push(character);
        kept += 1;
    }
    if cut {
        line.pop();
        line.truncate(line.trim_end_matches([' ', '_']).len());
        line.push('…');
    }
    line.truncate(line.trim_end().len());
    line
}

/// The look-alike of a character that Discord would act upon.
fn harmless(character: char) -> char {
    match character {
        '@' => '＠',
        '<' => '‹',
        '>' => '›',
        '[' => '(',
        ']' => ')',
        '`' => '\'',
        '*' => '∗',
        '\\' => '∖',
        other if other.is_whitespace() => ' ',
        other => other,
    }
}

/// Whether a character takes no room on the screen, or moves what does.
pub(crate) fn is_invisible(character: char) -> bool {
    // Line breaks and tabs are spaces, not nothing.
    (character.is_control() && !character.is_whitespace())
        || matches!(character,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alert::tests::{at, firing};
    use crate::alert::{Alert, merge};

    fn title(alerts: &[Alert]) -> String {
        let episodes: Vec<_> = alerts
            .iter()
            .map(|alert| merge(None, alert, at(1_000)).episode)
            .collect();
        title_of(&episodes.iter().collect::<Vec<_>>())
    }

    fn alert(name: &str, service: Option<&str>, summary: Option<&str>) -> Alert {
        let mut alert = firing(name, 10);
        if let Some(service) = service {
            alert
                .labels
                .insert("service".to_owned(), service.to_owned());
        }
        if let Some(summary) = summary {
            alert
                .annotations
                .insert("summary".to_owned(), summary.to_owned());
        }
        alert
    }

    #[test]
    fn a_title_says_which_service_and_what() {
        assert_eq!(
            title(&[alert(
                "ApiErrorRateHigh",
                Some("orders-api"),
                Some("5xx at 38 %")
            )]),
            "orders-api: 5xx at 38 %"
        );
        assert_eq!(
            title(&[alert(
                "ApiErrorRateHigh",
                Some("orders-api"),
                Some("Orders-API fails")
            )]),
            "Orders-API fails"
        );
        assert_eq!(
            title(&[alert("ApiErrorRateHigh", Some("orders-api"), None)]),
            "orders-api: ApiErrorRateHigh"
        );
        assert_eq!(title(&[alert("DBDown", None, None)]), "DBDown");
    }

    #[test]
    fn a_title_of_many_alerts_claims_no_detail_of_one() {
        let three = [
            alert("LatencyHigh", Some("checkout"), Some("checkout-0 is slow")),
            alert("LatencyHigh", Some("checkout"), Some("checkout-1 is slow")),
            alert("PodDown", Some("checkout"), None),
        ];
        assert_eq!(title(&three), "checkout: LatencyHigh, PodDown");
        let many: Vec<_> = ["A", "B", "C", "D", "E"]
            .into_iter()
            .map(|name| alert(name, None, None))
            .collect();
        assert_eq!(title(&many), "A, B, C and 2 more");
    }

    #[test]
    fn a_title_exists_even_for_an_alert_without_a_name() {
        let mut nameless = alert("", None, None);
        nameless.labels.remove("alertname");
        assert_eq!(title(&[nameless]), "alert without a name");
        assert_eq!(
            title(&[alert("\u{200b}", None, Some("\n"))]),
            "alert without a name"
        );
    }

    #[test]
    fn text_from_outside_can_neither_ping_nor_format_nor_hide() {
        for (outside, harmless) in [
            ("@everyone look", "＠everyone look"),
            ("<@&1234> <#5>", "‹＠&1234› ‹#5›"),
            ("**bold** __under__ _it_", "∗∗bold∗∗ under it"),
            ("disk_full on node_1", "disk_full on node_1"),
            ("||secret|| ~~gone~~", "|secret| ~gone~"),
            ("# Heading", "Heading"),
            ("- > list", "› list"),
            ("two\r\n\tlines", "two lines"),
            ("[click](https://evil.example)", "(click)(evil.example)"),
            ("hthttps://tps://evil.example", "https:/evil.example"),
            ("`rm -rf`", "'rm -rf'"),
            ("ev\u{200b}ery\u{202e}one\0\u{7}", "everyone"),
            ("  ", ""),
        ] {
            assert_eq!(safe_line(outside, 100), harmless, "{outside:?}");
        }
    }

    #[test]
    fn long_text_is_cut_at_the_limit_and_says_so() {
        assert_eq!(safe_line("abcdef", 6), "abcdef");
        assert_eq!(safe_line("abcdef  ", 6), "abcdef");
        assert_eq!(safe_line("abcdefg", 6), "abcde…");
        assert_eq!(safe_line("abcd efg", 6), "abcd…");
        assert_eq!(
            safe_line(&"ü".repeat(500), MAX_TITLE_CHARS).chars().count(),
            100
        );
    }

    proptest::proptest! {
        #[test]
        fn no_text_gets_past_the_line(text in "\\PC*|[@#*_~|/:`<>\\[\\]\\\\ \\-\n\r\t\u{200b}\u{202e}a-c]{0,200}") {
            let line = safe_line(&text, 60);
            proptest::prop_assert!(line.chars().count() <= 60);
            proptest::prop_assert!(!line.contains(['@', '<', '>', '`', '*', '\\', '\n', '\r', '\t', '[', ']']));
            proptest::prop_assert!(!line.contains("||") && !line.contains("~~") && !line.contains("__"));
            proptest::prop_assert!(!line.starts_with(['#', '-', ' ', '_']) && !line.ends_with(' '));
            proptest::prop_assert!(!line.chars().any(is_invisible));
            proptest::prop_assert!(!line.contains("//"));
            proptest::prop_assert_eq!(safe_line(&line, 60), line);
        }
    }
}
