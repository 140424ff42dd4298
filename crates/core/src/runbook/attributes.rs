//! The attributes of a step: `<!-- id:db-up time:2m risk:high -->`, invisible when the file is rendered.

use super::finding::Findings;
use super::is_identifier;
use super::step::StepId;

const KEYS: &str = "id, time, risk, confirm, critical, if, drill";

/// What the comment of one step says. Absent keys keep their defaults.
#[derive(Debug, Default)]
pub(crate) struct Attributes {
    pub(crate) id: Option<StepId>,
    pub(crate) time_limit_seconds: Option<u32>,
    pub(crate) high_risk: bool,
    pub(crate) confirm: Option<bool>,
    pub(crate) critical: bool,
    pub(crate) condition: Option<String>,
    pub(crate) skip_in_drill: bool,
    seen: Vec<&'static str>,
}

/// What opens a comment.
pub(crate) const COMMENT_START: &str = "<!--";

/// The text between `<!--` and `-->`, when the whole of `html` is one comment.
pub(crate) fn comment_text(html: &str) -> Option<&str> {
    html.trim().strip_prefix(COMMENT_START)?.strip_suffix("-->")
}

/// Whether a comment is meant for us: its first word is one of our keys with a colon.
pub(crate) fn looks_like_attributes(comment: &str) -> bool {
    let first = comment.trim_start();
    let key = first.split(':').next().unwrap_or_default().trim_end();
    first.contains(':') && KEYS.split(", ").any(|known| known == key)
}

/// The file a comment asks to include, as in `<!-- include: common/communication.md -->`.
pub(crate) fn include_target(comment: &str) -> Option<&str> {
    comment
        .trim()
        .strip_prefix("include")?
        .trim_start()
        .strip_prefix(':')
        .map(str::trim)
}

impl Attributes {
    /// Reads `key:value` pairs; a space after the colon is allowed. The text of the comment begins at byte `start` of the
    /// file.
    pub(crate) fn read(&mut self, comment: &str, start: usize, findings: &mut Findings) {
        let mut words = words_with_offsets(comment);
        while let Some((offset, word)) = words.next() {
            let place = findings.place(start + offset);
            let Some((key, value)) = word.split_once(':') else {
                findings.error(
                    place,
                    format!("`{word}` in the comment of a step is no attribute"),
                    format!("Write key:value with a key of {KEYS}; put remarks into the text"),
                );
                continue;
            };
            let value = if value.is_empty() {
                words.next().map_or("", |(_, next)| next)
            } else {
                value
            };
            let Some(key) = KEYS.split(", ").find(|known| *known == key) else {
                findings.error(
                    place,
                    format!("a step knows no attribute `{key}`"),
                    format!("Use one of {KEYS}"),
                );
                continue;
            };
            if self.seen.contains(&key) {
                findings.error(
                    place,
                    format!("the attribute `{key}` is given twice"),
                    "Keep one of them",
                );
                continue;
            }
            self.seen.push(key);
            if let Err(mend) = self.set(key, value) {
                findings.error(
                    place,
                    format!("`{value}` is no value for the attribute `{key}`"),
                    mend,
                );
            }
        }
    }

    fn set(&mut self, key: &str, value: &str) -> Result<(), &'static str> {
        match key {
            "id" => {
                let mend = "Use 1 to 48 lower-case letters, digits and hyphens";
                self.id = Some(StepId::new(value).ok_or(mend)?);
            }
            "time" => {
                let mend = "Write minutes, seconds or hours up to a day: 2m, 30s, 1h30m";
                self.time_limit_seconds = Some(seconds(value).ok_or(mend)?);
            }
            "risk" => {
                self.high_risk = match value {
                    "high" => true,
                    "low" => false,
                    _ => return Err("Write risk:high or risk:low"),
                };
            }
            "confirm" => self.confirm = Some(yes_or_no(value)?),
            "critical" => self.critical = yes_or_no(value)?,
            "if" => {
                let mend = "Name one phase or tag in lower-case letters, digits and hyphens";
                self.condition = Some(is_identifier(value).then(|| value.to_owned()).ok_or(mend)?);
            }
            "drill" => {
                self.skip_in_drill = match value {
                    "skip" => true,
                    _ => return Err("Write drill:skip or remove it"),
                };
            }
            _ => return Err("Remove it"),
        }
        Ok(())
    }
}

fn words_with_offsets(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.split_whitespace()
        .map(|word| (word.as_ptr() as usize - text.as_ptr() as usize, word))
}

fn yes_or_no(value: &str) -> Result<bool, &'static str> {
    match value {
        "yes" => Ok(true),
        "no" => Ok(false),
        _ => Err("Write yes or no"),
    }
}

/// `90s`, `2m`, `1h30m`: one second to one day.
fn seconds(text: &str) -> Option<u32> {
    let mut total: u32 = 0;
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let amount: u32 = rest[..digits].parse().ok()?;
        let unit = match rest.as_bytes()[digits] {
            b's' => 1,
            b'm' => 60,
            b'h' => 3600,
            _ => return None,
        };
        total = total.checked_add(amount.checked_mul(unit)?)?;
        rest = &rest[digits + 1..];
    }
    (1..=24 * 3600).contains(&total).then_some(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_limit_is_read_in_hours_minutes_and_seconds() {
        assert_eq!(seconds("90s"), Some(90));
        assert_eq!(seconds("2m"), Some(120));
        assert_eq!(seconds("1h30m"), Some(5400));
        for wrong in [
            "",
            "2",
            "m",
            "0m",
            "2d",
            "25h",
            "99999999999s",
            "2 m",
            "２m",
            "-2m",
        ] {
            assert_eq!(seconds(wrong), None, "{wrong:?}");
        }
    }
}
