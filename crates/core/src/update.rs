//! Word for the stakeholders, drafted from what is known. Where nothing is known, the text says so instead of guessing.

use chrono::{DateTime, Utc};

use crate::card::DataLoss;
use crate::incident::{
    HypothesisState, Incident, MilestoneName, Policy, RoleState, UpdateKind, cut, one_line,
};
use crate::phase::Phase;
use crate::role::Role;
use crate::timeline::{Entry, Kind, Precision};

/// The longest draft, in characters: the limit that readers put up with.
pub const MAX_DRAFT_CHARACTERS: usize = 900;

/// The status that the outside world understands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PublicStatus {
    /// Nobody knows yet.
    Investigating,
    /// The cause is known well enough to act on it.
    Identified,
    /// A remedy is in place and being watched.
    Monitoring,
    /// It is over.
    Resolved,
}

impl PublicStatus {
    /// The word people read.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Investigating => "investigating",
            Self::Identified => "identified",
            Self::Monitoring => "monitoring",
            Self::Resolved => "resolved",
        }
    }
}

/// What the work words mean to an audience.
#[must_use]
pub fn public_status(incident: &Incident) -> PublicStatus {
    let known = incident.leading_hypothesis().is_some_and(|guess| {
        matches!(
            guess.state,
            HypothesisState::Supported | HypothesisState::Confirmed
        )
    });
    match incident.phase {
        Phase::Learning | Phase::Closed | Phase::Cancelled => PublicStatus::Resolved,
        Phase::Validation => PublicStatus::Monitoring,
        _ if incident.is_mitigated() => PublicStatus::Monitoring,
        Phase::Mitigation | Phase::Fix if known => PublicStatus::Identified,
        _ => PublicStatus::Investigating,
    }
}

/// The draft of the next internal update. `timeline` is the incident's, in its order; `next_due` is what it promises, if it
/// names a time.
///
/// What must be said always fits: long words of people are shortened, each to its share.
#[must_use]
pub fn draft(incident: &Incident, timeline: &[Entry], next_due: Option<DateTime<Utc>>) -> String {
    let number = incident.updates.len() + 1;
    let mut lines = vec![fixed(format!(
        "{} (update {number})",
        headline(incident, "")
    ))];
    lines.extend(returned(incident).map(fixed));
    lines.push(impact(incident));
    lines.push(belief(incident));
    lines.push(doing("What we are doing", incident, timeline));
    lines.extend(estimate(incident));
    lines.push(fixed(next_update(next_due)));
    fitted(lines)
}

/// "No news" is an update too: the impact and the work unchanged, with a new promise.
#[must_use]
pub fn nothing_new(
    incident: &Incident,
    timeline: &[Entry],
    next_due: Option<DateTime<Utc>>,
) -> String {
    let mut lines = vec![fixed(headline(incident, ": nothing new"))];
    lines.extend(returned(incident).map(fixed));
    lines.push(impact(incident));
    lines.push(doing("Still at work", incident, timeline));
    lines.push(fixed(next_update(next_due)));
    fitted(lines)
}

/// The automatic first note: it claims nothing beyond the symptoms.
#[must_use]
pub fn holding_note(incident: &Incident, next_due: DateTime<Utc>) -> String {
    let names = &incident.alerts.names;
    let reports = if names.is_empty() {
        format!("Reported by a person: {}.", incident.title)
    } else {
        let shown: Vec<String> = names.iter().take(5).map(|name| cut(name, 60)).collect();
        format!("Monitoring reports: {}.", shown.join(", "))
    };
    let on_call = incident.roles.get(&Role::OnCall);
    let paged = match on_call {
        Some(RoleState::Accepted { .. }) => "The on-call engineer has it.",
        _ if incident.phase != Phase::Open => "Somebody is working on it.",
        Some(RoleState::Proposed { .. }) => "On-call has been paged.",
        _ => "Nobody is on call by the rota; the incident waits to be taken.",
    };
    let began = if incident.live_since > incident.declared_at() {
        format!("is open again since {}", clock(incident.live_since))
    } else {
        format!("opened at {}", clock(incident.declared_at()))
    };
    let by_whom = if incident.severities.len() == 1 && !names.is_empty() {
        " (automatic)"
    } else {
        ""
    };
    let returned = returned(incident)
        .map(|sentence| format!("{sentence} "))
        .unwrap_or_default();
    format!(
        "**{} {} {began} – severity {}{by_whom}.** {returned}{reports} {paged} Impact on users is not confirmed yet. A \
         person will update by {}. *(Automatic message.)*",
        incident.severity.mark(),
        incident.id,
        incident.severity,
        clock(next_due)
    )
}

/// The all-clear. What was lost is unknown until a person says otherwise.
#[must_use]
pub fn all_clear(incident: &Incident, data_loss: DataLoss) -> String {
    let resolved = incident
        .milestones
        .at(MilestoneName::Resolved)
        .unwrap_or(incident.phase_since);
    let fixed_since = incident
        .milestones
        .at(MilestoneName::FixApplied)
        .map(|at| format!("; the fix has been in place since {}", clock(at)))
        .unwrap_or_default();
    let stretches: Vec<String> = incident
        .impact
        .iter()
        .filter_map(|interval| {
            let about = if interval.start_precision == Precision::Approximate {
                "about "
            } else {
                ""
            };
            let end = interval.end?;
            Some(format!(
                "from {about}{} to {}",
                clock(interval.start),
                clock(end)
            ))
        })
        .collect();
    let window = if stretches.is_empty() {
        "How long is not established".to_owned()
    } else {
        stretches.join(" and ")
    };
    let hurt = match &incident.impact_text {
        Some(text) => format!(
            "Users were hurt {window} (“{}”).",
            one_line(text, 300).trim_end_matches('.')
        ),
        None => format!("Users may have been hurt {window}."),
    };
    let lost = match data_loss {
        DataLoss::No => "Nothing was lost.",
        DataLoss::Yes => "Some data was lost; those concerned will hear from us.",
        DataLoss::Unknown => "Whether data was lost is not known yet; we will say.",
    };
    let cause = incident
        .hypotheses
        .iter()
        .rev()
        .find(|guess| guess.state == HypothesisState::Confirmed)
        .map_or_else(
            || "We are still establishing the cause.".to_owned(),
            |guess| format!("Cause: {}", with_full_stop(&cut(&guess.text, 200))),
        );
    format!(
        "**✅ Resolved – {}.** Resolved at {}{fixed_since}. {hurt} {lost} {cause} A review follows.",
        incident.title,
        clock(resolved)
    )
}

/// When the next update is due if it goes out now and promises the usual; `None` where the usual is no time.
#[must_use]
pub fn usual_promise(
    incident: &Incident,
    now: DateTime<Utc>,
    policy: &Policy,
) -> Option<DateTime<Utc>> {
    let minutes = policy.cadence(incident.severity, incident.is_mitigated())?;
    Some(now + chrono::TimeDelta::minutes(i64::from(minutes)))
}

/// A line of a draft: what must stand there, around words of people that can be shortened.
struct Line {
    before: String,
    words: String,
    after: String,
}

fn fixed(text: String) -> Line {
    Line {
        before: text,
        words: String::new(),
        after: String::new(),
    }
}

/// Puts the lines together within the limit. Words that are short keep their length; the long ones share what is left.
fn fitted(lines: Vec<Line>) -> String {
    let characters = |text: &str| text.chars().count();
    let needed: usize = lines
        .iter()
        .map(|line| characters(&line.before) + characters(&line.after) + 1)
        .sum();
    let mut room = MAX_DRAFT_CHARACTERS.saturating_sub(needed);
    let mut lengths: Vec<usize> = lines.iter().map(|line| characters(&line.words)).collect();
    lengths.retain(|length| *length > 0);
    lengths.sort_unstable();
    let mut share = room;
    let mut left = lengths.len();
    for length in lengths {
        share = room / left;
        if length > share {
            break;
        }
        room -= length;
        left -= 1;
        share = room;
    }
    let texts: Vec<String> = lines
        .into_iter()
        .map(|line| format!("{}{}{}", line.before, cut(&line.words, share), line.after))
        .collect();
    texts.join("\n")
}

fn headline(incident: &Incident, addition: &str) -> String {
    format!(
        "**{} {} – {} – {}{addition}**",
        incident.severity.mark(),
        incident.severity,
        incident.title,
        public_status(incident).word()
    )
}

/// What stakeholders who heard that it was over must hear first.
fn returned(incident: &Incident) -> Option<String> {
    let told_over = incident
        .updates
        .iter()
        .rposition(|update| update.kind == UpdateKind::AllClear)?;
    let told_since = incident.updates[told_over + 1..]
        .iter()
        .any(|update| update.by.is_some());
    if told_since || !incident.is_active() {
        return None;
    }
    let resolved = incident
        .milestones
        .0
        .iter()
        .rev()
        .find(|statement| statement.name == MilestoneName::Resolved)?;
    Some(format!(
        "We said this was resolved at {}. It has returned.",
        clock(resolved.at)
    ))
}

fn impact(incident: &Incident) -> Line {
    let about = incident
        .milestones
        .current(MilestoneName::ImpactStart)
        .is_none_or(|start| start.precision == Precision::Approximate);
    let about = if about { "about " } else { "" };
    let since = incident.impact_start().map_or_else(String::new, |start| {
        format!(" Since {about}{}.", clock(start))
    });
    let over = if incident.impact_is_open() {
        ""
    } else {
        " User impact is over as far as we know."
    };
    let what = incident.impact_text.as_deref().map_or_else(
        || "Not confirmed yet: nobody has said who is hurt and how.".to_owned(),
        |text| with_full_stop(&one_line(text, 300)),
    );
    Line {
        before: "**Impact:** ".to_owned(),
        words: what,
        after: format!("{since}{over}"),
    }
}

fn belief(incident: &Incident) -> Line {
    let before = "**What we know:** ".to_owned();
    match incident.leading_hypothesis() {
        Some(guess) if guess.state == HypothesisState::Confirmed => Line {
            before,
            words: with_full_stop(&guess.text),
            after: String::new(),
        },
        Some(guess) => Line {
            before: format!("{before}We believe: "),
            words: guess.text.trim_end_matches('.').to_owned(),
            after: " – not confirmed.".to_owned(),
        },
        None => fixed(format!("{before}The cause is not known yet.")),
    }
}

/// How long it may take: a range with what it rests on.
fn estimate(incident: &Incident) -> Option<Line> {
    let estimate = incident.estimates.last()?;
    let range = if estimate.low_minutes == estimate.high_minutes {
        estimate.high_minutes.to_string()
    } else {
        format!("{}–{}", estimate.low_minutes, estimate.high_minutes)
    };
    Some(Line {
        before: format!(
            "**Estimate:** {range} minutes from {} – ",
            clock(estimate.given_at)
        ),
        words: estimate.basis.trim_end_matches('.').to_owned(),
        after: format!(" ({}).", estimate.confidence.id()),
    })
}

/// The newest three actions and decisions since the last word that went out.
fn doing(title: &str, incident: &Incident, timeline: &[Entry]) -> Line {
    let since = incident.updates.last().map(|update| update.at);
    let told: Vec<&Entry> = timeline
        .iter()
        .filter(|entry| entry.is_active() && matches!(entry.kind, Kind::Action | Kind::Decision))
        .collect();
    let fresh: Vec<&Entry> = told
        .iter()
        .copied()
        .filter(|entry| since.is_none_or(|since| entry.recorded_at > since))
        .collect();
    let shown = if fresh.is_empty() {
        &told[told.len().saturating_sub(1)..]
    } else {
        &fresh[fresh.len().saturating_sub(3)..]
    };
    let words = if shown.is_empty() {
        match incident.phase {
            Phase::Open => "On-call is being called.",
            Phase::Diagnosis => "We are looking for the cause.",
            Phase::Mitigation => "We are limiting the damage.",
            Phase::Fix => "We are applying the fix.",
            Phase::Validation => "The fix is in place; we are checking that it holds.",
            Phase::Learning | Phase::Closed | Phase::Cancelled => "The work is over.",
        }
        .to_owned()
    } else {
        shown
            .iter()
            .map(|entry| {
                format!(
                    "{} {}.",
                    clock(entry.event_at),
                    one_line(&entry.text, 160).trim_end_matches('.')
                )
            })
            .collect::<Vec<_>>()
            .join(" ")
    };
    Line {
        before: format!("**{title}:** "),
        words,
        after: String::new(),
    }
}

/// How the line begins that says when the next update comes, and how it ends.
const NEXT_UPDATE: (&str, &str) = ("**Next update", ".** Questions? Ask here.");

fn next_update(next_due: Option<DateTime<Utc>>) -> String {
    let when = match next_due {
        Some(due) => format!(" by {}", clock(due)),
        None => ": when something changes".to_owned(),
    };
    format!("{}{when}{}", NEXT_UPDATE.0, NEXT_UPDATE.1)
}

/// A text as it goes out: the line of a draft that says when the next update comes says what is promised now, though the
/// draft was made a while ago, or another time was chosen since. What people wrote in its place stays.
#[must_use]
pub fn promising(text: &str, next_due: Option<DateTime<Utc>>) -> String {
    let lines = text.split('\n').map(|line| {
        if line.starts_with(NEXT_UPDATE.0) && line.ends_with(NEXT_UPDATE.1) {
            next_update(next_due)
        } else {
            line.to_owned()
        }
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// A moment as each reader's own clock shows it; a target that knows no such thing gets it in words.
fn clock(at: DateTime<Utc>) -> String {
    format!("<t:{}:t>", at.timestamp())
}

fn with_full_stop(text: &str) -> String {
    let text = text.trim();
    if text.ends_with(['.', '!', '?']) {
        text.to_owned()
    } else {
        format!("{text}.")
    }
}
