//! What is said before a drill, and when.

use chrono::{DateTime, TimeDelta, Utc};

use super::schedule::{DrillSchedule, Drills, Lead, Occurrence, next_fires};

/// How late something planned may still happen. What is later than that was missed.
pub const GRACE: TimeDelta = TimeDelta::minutes(10);

/// One announcement of one drill.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Announcement {
    /// Stable and unique: `drill/<schedule>/<start, Unix seconds>/<lead>`. Whoever has sent it never sends it again.
    pub id: String,
    /// Which schedule.
    pub schedule_id: String,
    /// When the drill begins.
    pub starts_at: DateTime<Utc>,
    /// How long before the drill it is due.
    pub lead: Lead,
    /// To whom it speaks.
    pub kind: AnnouncementKind,
    /// What it says, as Discord renders it; pings nobody by itself.
    pub text: String,
}

/// To whom an announcement speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnnouncementKind {
    /// A day or more ahead, to everybody, with the buttons *I'm in* and *Can't*.
    Invitation,
    /// Less than a day ahead, to the players.
    Reminder,
}

/// The announcements that fell due in a stretch of time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DueAnnouncements {
    /// To be sent now, in order of their due time.
    pub send: Vec<Announcement>,
    /// Too late to be sent, to be reported; in order of their due time.
    pub missed: Vec<Announcement>,
}

/// The announcements due after `after` and not later than `now`. Those due more than ten minutes ago, and those of
/// drills that have begun, are missed.
#[must_use]
pub fn due_announcements(
    drills: &Drills,
    after: DateTime<Utc>,
    now: DateTime<Utc>,
) -> DueAnnouncements {
    due_announcements_within(drills, after, now, GRACE)
}

/// [`due_announcements`] with another patience than ten minutes.
#[must_use]
pub fn due_announcements_within(
    drills: &Drills,
    after: DateTime<Utc>,
    now: DateTime<Utc>,
    grace: TimeDelta,
) -> DueAnnouncements {
    let mut found: Vec<(DateTime<Utc>, Announcement)> = Vec::new();
    for schedule in &drills.schedules {
        let Some(longest) = schedule.announce.iter().map(|lead| lead.minutes()).max() else {
            continue;
        };
        // A clock change moves an announcement that is days ahead by less than a day.
        let horizon = now + TimeDelta::minutes(i64::from(longest)) + TimeDelta::days(1);
        // No announcement comes after its drill, so no earlier drill matters.
        for starts_at in next_fires(schedule, after).take_while(|fire| *fire <= horizon) {
            for lead in &schedule.announce {
                let due = lead.before(schedule.zone, starts_at);
                if after < due && due <= now {
                    found.push((due, announcement_of(schedule, starts_at, *lead)));
                }
            }
        }
    }
    found.sort_by(|(one_due, one), (other_due, other)| {
        (one_due, &one.id).cmp(&(other_due, &other.id))
    });
    let mut due_announcements = DueAnnouncements::default();
    for (due, announcement) in found {
        if due >= now - grace && announcement.starts_at > now {
            due_announcements.send.push(announcement);
        } else {
            due_announcements.missed.push(announcement);
        }
    }
    due_announcements
}

/// What is said `lead` before the drill of `schedule` that begins at `starts_at`.
#[must_use]
pub fn announcement_of(
    schedule: &DrillSchedule,
    starts_at: DateTime<Utc>,
    lead: Lead,
) -> Announcement {
    const MINUTES_OF_DAY: u32 = 24 * 60;
    let kind = if lead.minutes() >= MINUTES_OF_DAY {
        AnnouncementKind::Invitation
    } else {
        AnnouncementKind::Reminder
    };
    Announcement {
        id: format!("{}/{lead}", Occurrence::of(schedule, starts_at).id),
        schedule_id: schedule.id.clone(),
        starts_at,
        lead,
        kind,
        text: text_of(schedule, starts_at, kind),
    }
}

fn text_of(schedule: &DrillSchedule, starts_at: DateTime<Utc>, kind: AnnouncementKind) -> String {
    let title = schedule.shown_title();
    let unix = starts_at.timestamp();
    let players = listed(schedule.players.iter().map(ToString::to_string).collect());
    let facilitator = &schedule.facilitator_name;
    let length = schedule.length_minutes.map_or_else(String::new, |minutes| {
        format!(" Length about {minutes} min.")
    });
    let opening = match kind {
        AnnouncementKind::Invitation => {
            format!("📅 Drill \"{title}\" on <t:{unix}:F> for {players}.")
        }
        AnnouncementKind::Reminder => {
            format!("📅 Drill \"{title}\" starts <t:{unix}:R>, at <t:{unix}:t>, for {players}.")
        }
    };
    format!("{opening} Facilitator: {facilitator}.{length} Nothing real will be touched.")
}

fn listed(mut names: Vec<String>) -> String {
    match names.pop() {
        None => String::new(),
        Some(last) if names.is_empty() => last,
        Some(last) => format!("{} and {last}", names.join(", ")),
    }
}
