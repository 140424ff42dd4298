//! Hours that nobody covers, found before they come.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;

use super::resolve::{FURTHEST, next_change};
use super::rota::{Outside, Rota};
use crate::role::Role;

/// A stretch in which a role that is on the rota has neither an override nor a turn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// The role.
    pub role: Role,
    /// From when, inclusive.
    pub from: DateTime<Utc>,
    /// Until when, exclusive; at the latest the end of the asked-for stretch.
    pub until: DateTime<Utc>,
    /// Why nobody is there.
    pub reason: GapReason,
}

/// Why nobody is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GapReason {
    /// It lies outside the hours of every schedule of the role.
    OutsideHours,
    /// The first turn has not begun; the team is asked in order meanwhile.
    NotStarted,
}

/// The gaps of every role that has a schedule, in order of time, from `from` to `to` but no further than 400 days.
/// Hours that the rota leaves out on purpose (`outside`) are no gap.
#[must_use]
pub fn gaps(rota: &Rota, from: DateTime<Utc>, to: DateTime<Utc>) -> Vec<Gap> {
    let to = to.min(from + FURTHEST);
    let mut found = Vec::new();
    for role in Role::ALL {
        if rota.schedules_of(role).next().is_none() {
            continue;
        }
        let mut moment = from;
        while moment < to {
            let until = next_change(rota, role, moment).map_or(to, |change| change.min(to));
            if let Some(reason) = gap_at(rota, role, moment) {
                extend(&mut found, role, reason, moment, until);
            }
            moment = until;
        }
    }
    found.sort_by_key(|gap: &Gap| (gap.from, gap.role));
    found
}

fn gap_at(rota: &Rota, role: Role, at: DateTime<Utc>) -> Option<GapReason> {
    if rota.overrides_of(role).any(|swap| swap.is_active(at)) {
        return None;
    }
    let mut reason = GapReason::OutsideHours;
    for schedule in rota.schedules_of(role) {
        let has_begun = schedule.turn_of(at).is_some();
        match (schedule.is_staffed(at), schedule.outside) {
            (true, _) if has_begun => return None,
            (true, _) => reason = GapReason::NotStarted,
            (false, Outside::Nobody) => return None,
            (false, Outside::PageOnlySev1) if has_begun => return None,
            (false, Outside::PageOnlySev1) => reason = GapReason::NotStarted,
            (false, Outside::Gap) => {}
        }
    }
    Some(reason)
}

fn extend(
    found: &mut Vec<Gap>,
    role: Role,
    reason: GapReason,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
) {
    match found.last_mut() {
        Some(last) if last.role == role && last.reason == reason && last.until == from => {
            last.until = until;
        }
        _ => found.push(Gap {
            role,
            from,
            until,
            reason,
        }),
    }
}

impl Gap {
    /// `bridge, Sat 22:00–Sun 09:00`, on the wall clock of `zone`; with the date when it is longer than six days.
    #[must_use]
    pub fn text(&self, zone: Tz) -> String {
        let format = if self.until - self.from > TimeDelta::days(6) {
            "%a %-d %b %H:%M"
        } else {
            "%a %H:%M"
        };
        let [from, until] =
            [self.from, self.until].map(|at| at.with_timezone(&zone).format(format).to_string());
        let why = match self.reason {
            GapReason::OutsideHours => "",
            GapReason::NotStarted => ", before the first turn",
        };
        format!("{}, {from}–{until}{why}", self.role.id())
    }
}

/// `Next 14 days: 1 gap (bridge, Sat 22:00–Sun 09:00)`, naming at most ten gaps.
#[must_use]
pub fn gaps_text(gaps: &[Gap], days: u32, zone: Tz) -> String {
    const SHOWN: usize = 10;
    if gaps.is_empty() {
        return format!("Next {days} days: no gap");
    }
    let mut texts: Vec<String> = gaps.iter().take(SHOWN).map(|gap| gap.text(zone)).collect();
    if gaps.len() > SHOWN {
        texts.push(format!("and {} more", gaps.len() - SHOWN));
    }
    let word = if gaps.len() == 1 { "gap" } else { "gaps" };
    format!(
        "Next {days} days: {} {word} ({})",
        gaps.len(),
        texts.join("; ")
    )
}
