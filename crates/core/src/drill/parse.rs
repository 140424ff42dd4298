//! `drills.toml` -> [`Drills`]. The format is shown, key by key, in `deploy/drills.example.toml`.

use chrono::{DateTime, TimeDelta, Utc};
use toml::de::DeValue;

use super::cron_expression::CronExpression;
use super::schedule::{DrillSchedule, Drills, Lead, NotALead, Player, SHORTEST_PAUSE};
use crate::oncall::{People, person_of};
use crate::role::Role;
use crate::team_file::reader::{Findings, Section, Value, kind_of, parse_document, shown, text_of};
use crate::team_file::values::{id, line_of_text, required_zone};
use crate::team_file::{Checked, Rejected};

const CRON_EXAMPLE: &str = "cron = \"0 14 * 2,5,8,11 TUE#1\"";
const PLAYERS_EXAMPLE: &str = "players = [\"role:oncall-team\", \"@sam\"]";
const ANNOUNCE_EXAMPLE: &str = "announce = [\"7d\", \"1d\", \"1h\", \"10m\"]";
const FACILITATOR_EXAMPLE: &str = "facilitator = \"@mo\"";
const LENGTH_EXAMPLE: &str = "length_minutes = 75";

/// When a schedule does not say it.
const USUAL_LEADS: [&str; 4] = ["7d", "1d", "1h", "10m"];

/// Reads a drill plan. `file` is the name to show in findings; `people` are those of the rota, so that `@mo` means the
/// same person in both files.
///
/// # Errors
/// Every mistake of the file, if it has one that is more than a warning.
pub fn parse(file: &str, text: &str, people: &People) -> Result<Checked<Drills>, Rejected> {
    let mut findings = Findings::of(file, text);
    let Some(document) = parse_document(text, &mut findings) else {
        return Err(findings.reject());
    };
    let top = Section::open(
        "the file",
        0..0,
        document.get_ref(),
        &["schedule"],
        &mut findings,
    );
    let keys = [
        "id",
        "scenario",
        "title",
        "cron",
        "timezone",
        "players",
        "facilitator",
        "announce",
        "length_minutes",
    ];
    let mut drills = Drills::default();
    for section in top.tables("schedule", "[[schedule]]", &keys, &mut findings) {
        let Some(schedule) = read_schedule(&section, people, &mut findings) else {
            continue;
        };
        if drills.schedules.iter().any(|other| other.id == schedule.id) {
            let span = section.value("id").map_or(0..0, |value| value.span());
            findings.error(
                &span,
                format!("there is another schedule `{}`", schedule.id),
                "Give each schedule an id of its own",
            );
        }
        drills.schedules.push(schedule);
    }
    findings.conclude(drills)
}

fn read_schedule(
    section: &Section<'_, '_>,
    people: &People,
    findings: &mut Findings<'_>,
) -> Option<DrillSchedule> {
    let schedule_id = id(section, "id", "id = \"quarterly-3am-day\"", findings);
    let scenario = id(section, "scenario", "scenario = \"3am-outage\"", findings);
    let title = section
        .value("title")
        .and_then(|value| line_of_text(value, "title", 80, "title = \"3 AM outage\"", findings));
    let cron = read_cron(section, findings);
    let zone = required_zone(section, findings);
    let players = read_players(section, people, findings);
    let facilitator = section
        .required("facilitator", FACILITATOR_EXAMPLE, findings)
        .and_then(|value| person_of(value, "facilitator", FACILITATOR_EXAMPLE, people, findings));
    let announce = read_announce(section, findings);
    let length_minutes = section
        .value("length_minutes")
        .and_then(|value| read_length(value, findings));
    let facilitator = facilitator?;
    let schedule = DrillSchedule {
        id: schedule_id?.value,
        scenario: scenario?.value,
        cron: cron?,
        zone: zone?,
        players: players?,
        announce: announce?,
        facilitator,
        facilitator_name: people.name_of(facilitator),
        title,
        length_minutes,
    };
    refuse_too_often(&schedule, section, findings);
    Some(schedule)
}

fn read_cron(section: &Section<'_, '_>, findings: &mut Findings<'_>) -> Option<CronExpression> {
    let text = section.required_text("cron", CRON_EXAMPLE, findings)?;
    match CronExpression::new(text.value) {
        Ok(cron) => {
            if cron.fires_on_either_day() {
                findings.warning(
                    &text.span,
                    format!("`{cron}` fires on its days of month and also on its days of week"),
                    "For the first Tuesday write TUE#1 with * as the day of month",
                );
            }
            Some(cron)
        }
        Err(refused) => {
            findings.error(&text.span, refused.what, refused.mend);
            None
        }
    }
}

/// Looks at the first drills from a fixed day on, in a leap year: enough to meet every distance within a day.
fn refuse_too_often(
    schedule: &DrillSchedule,
    section: &Section<'_, '_>,
    findings: &mut Findings<'_>,
) {
    const LOOKED_AT: usize = 200;
    const NEW_YEAR_2024: i64 = 1_704_067_200;
    let from = DateTime::<Utc>::from_timestamp(NEW_YEAR_2024, 0).unwrap_or_default();
    let fires: Vec<_> = schedule
        .cron
        .fires_after(schedule.zone, from)
        .take(LOOKED_AT)
        .collect();
    let length = TimeDelta::minutes(i64::from(schedule.length_minutes.unwrap_or(0)));
    let closest = fires
        .windows(2)
        .map(|two| two[1] - two[0])
        .min()
        .filter(|distance| *distance < SHORTEST_PAUSE + length);
    if let (Some(distance), Some(value)) = (closest, section.value("cron")) {
        findings.error(
            &value.span(),
            format!(
                "`{}` starts drills only {} minutes apart",
                schedule.cron,
                distance.num_minutes()
            ),
            format!(
                "Leave {} hours between the end of one and the start of the next",
                SHORTEST_PAUSE.num_hours()
            ),
        );
    }
}

fn read_players(
    section: &Section<'_, '_>,
    people: &People,
    findings: &mut Findings<'_>,
) -> Option<Vec<Player>> {
    let value = section.required("players", PLAYERS_EXAMPLE, findings)?;
    let items = section.list("players", PLAYERS_EXAMPLE, findings);
    if items.is_empty() && matches!(value.get_ref(), DeValue::Array(_)) {
        findings.error(
            &value.span(),
            "`players` is empty",
            format!("Write who plays, as in {PLAYERS_EXAMPLE}"),
        );
    }
    let mut players = Vec::new();
    for item in items {
        let Some(player) = read_player(item, people, findings) else {
            continue;
        };
        if players.contains(&player) {
            findings.error(
                &item.span(),
                format!("{player} is named twice"),
                "Name everybody once",
            );
            continue;
        }
        players.push(player);
    }
    (!players.is_empty()).then_some(players)
}

fn read_player(
    value: Value<'_, '_>,
    people: &People,
    findings: &mut Findings<'_>,
) -> Option<Player> {
    if let Some(team) = value
        .get_ref()
        .as_str()
        .and_then(|text| text.trim().strip_prefix("role:"))
    {
        let id = team.strip_suffix("-team").unwrap_or(team);
        let role = Role::ALL.into_iter().find(|role| role.id() == id);
        if role.is_none() {
            findings.error(
                &value.span(),
                format!("unknown team `role:{}`", shown(team)),
                "Use role:oncall-team, role:backend-team, role:frontend-team, role:bridge-team or role:docs-team",
            );
        }
        return role.map(Player::Team);
    }
    let person = person_of(value, "players", PLAYERS_EXAMPLE, people, findings)?;
    Some(Player::Person(person, people.name_of(person)))
}

fn read_announce(section: &Section<'_, '_>, findings: &mut Findings<'_>) -> Option<Vec<Lead>> {
    let Some(value) = section.value("announce") else {
        return USUAL_LEADS.iter().map(|lead| lead.parse().ok()).collect();
    };
    let items = section.list("announce", ANNOUNCE_EXAMPLE, findings);
    if items.is_empty() && matches!(value.get_ref(), DeValue::Array(_)) {
        findings.error(
            &value.span(),
            "`announce` is empty: a drill that nobody knows of is taken for real",
            format!("Write {ANNOUNCE_EXAMPLE}, or leave the key out for just that"),
        );
    }
    let mut leads: Vec<Lead> = Vec::new();
    for item in items {
        let Some(text) = text_of(item, "announce", ANNOUNCE_EXAMPLE, findings) else {
            continue;
        };
        match text.value.parse::<Lead>() {
            Ok(lead) if leads.iter().any(|other| other.minutes() == lead.minutes()) => {
                findings.error(
                    &text.span,
                    format!("`{lead}` stands here twice"),
                    "Write each time before the drill once",
                );
            }
            Ok(lead) => leads.push(lead),
            Err(refused) => findings.error(&text.span, refused.to_string(), NotALead::MEND),
        }
    }
    leads.sort_by_key(|lead| std::cmp::Reverse(lead.minutes()));
    (!leads.is_empty()).then_some(leads)
}

fn read_length(value: Value<'_, '_>, findings: &mut Findings<'_>) -> Option<u32> {
    const LONGEST: u32 = 8 * 60;
    let minutes = match value.get_ref() {
        DeValue::Integer(number) if number.radix() == 10 => number.as_str().parse().ok(),
        _ => None,
    }
    .filter(|minutes| (1..=LONGEST).contains(minutes));
    if minutes.is_none() {
        let written = match value.get_ref() {
            DeValue::Integer(number) => number.to_string(),
            other => kind_of(other).to_owned(),
        };
        findings.error(
            &value.span(),
            format!("`length_minutes` is {}, not a length", shown(&written)),
            format!("Write a number from 1 to {LONGEST}, as in {LENGTH_EXAMPLE}"),
        );
    }
    minutes
}
