//! `rota.toml` -> [`Rota`]. The format is shown, key by key, in `playbooks/rota.example.toml`.

use chrono_tz::Tz;
use toml::de::DeValue;

use super::people::{People, Person};
use super::rota::{Backup, Outside, Override, Rota, Schedule};
use super::rotation::{NotARotation, Rotation, hours_of_a_turn};
use super::staffed_hours::{NotHours, StaffedHours};
use crate::person::PersonId;
use crate::role::Role;
use crate::team_file::reader::{
    Findings, Placed, Section, Span, Value, kind_of, parse_document, shown, text_of,
};
use crate::team_file::values::{line_of_text, required_zone, wall_time, zone};
use crate::team_file::{Checked, Rejected};
use crate::wall_clock;

const ROLE_EXAMPLE: &str = "role = \"oncall\"";
const PEOPLE_EXAMPLE: &str = "people = [\"@sam\", \"@ada\"]";
const PATTERN_EXAMPLE: &str = "pattern = { every = \"1w\", start = \"2026-11-02T09:00\" }";
const HOURS_EXAMPLE: &str = "hours = \"Mon-Fri 09:00-18:00\"";
const BACKUP_EXAMPLE: &str = "backup = \"previous\", \"next\" or a person such as \"@ada\"";
const OUTSIDE_EXAMPLE: &str = "outside = \"page-only-sev1\" or \"nobody\"";
const PERSON_EXAMPLE: &str = "person = \"@lin\"";

/// Reads a rota. `file` is the name to show in findings.
///
/// # Errors
/// Every mistake of the file, if it has one that is more than a warning.
pub fn parse(file: &str, text: &str) -> Result<Checked<Rota>, Rejected> {
    let mut findings = Findings::of(file, text);
    let Some(document) = parse_document(text, &mut findings) else {
        return Err(findings.reject());
    };
    let top = Section::open(
        "the file",
        0..0,
        document.get_ref(),
        &["timezone", "people", "schedule", "override"],
        &mut findings,
    );
    let zone = required_zone(&top, &mut findings).unwrap_or(Tz::UTC);
    let people = read_people(&top, &mut findings);
    let schedules = read_schedules(&top, zone, &people, &mut findings);
    let overrides = read_overrides(&top, zone, &people, &mut findings);
    findings.conclude(Rota {
        zone,
        people,
        schedules,
        overrides,
    })
}

fn read_people(top: &Section<'_, '_>, findings: &mut Findings<'_>) -> People {
    const EXAMPLE: &str = "[people] above lines such as sam = { id = \"100000000000000001\", timezone = \"Europe/Berlin\" }";
    let mut people = People::default();
    let Some(value) = top.value("people") else {
        return people;
    };
    let DeValue::Table(rows) = value.get_ref() else {
        findings.error(
            &value.span(),
            format!(
                "`people` is {}, but must be a table",
                kind_of(value.get_ref())
            ),
            format!("Write {EXAMPLE}"),
        );
        return people;
    };
    for (key, row) in rows {
        let name = key.get_ref();
        let looks_like_an_id = name.bytes().all(|byte| byte.is_ascii_digit());
        if looks_like_an_id || name.starts_with(['@', '<']) || name.chars().any(char::is_whitespace)
        {
            findings.error(
                &key.span(),
                format!("`{}` cannot be a name", shown(name)),
                "Use a word without @ and spaces that is not a number, such as sam",
            );
            continue;
        }
        let Some(person) = read_person(name, row, findings) else {
            continue;
        };
        if let Some((other, _)) = people.iter().find(|(_, known)| known.id == person.id) {
            let other = shown(other);
            findings.error(
                &row.span(),
                format!("`{}` has the same id as `{other}`", shown(name)),
                "Give each person one line with their own id",
            );
            continue;
        }
        people.insert(name.as_ref(), person);
    }
    people
}

fn read_person(key: &str, row: Value<'_, '_>, findings: &mut Findings<'_>) -> Option<Person> {
    const EXAMPLE: &str = "id = \"100000000000000001\"";
    let (id, name, timezone) = match row.get_ref() {
        DeValue::Table(_) => {
            let section = Section::open_value(
                "the person",
                row,
                &["id", "timezone", "name"],
                EXAMPLE,
                findings,
            )?;
            let name = section
                .value("name")
                .and_then(|value| line_of_text(value, "name", 60, "name = \"Sam\"", findings));
            let timezone = zone(&section, findings);
            (section.required("id", EXAMPLE, findings)?, name, timezone)
        }
        _ => (row, None, None),
    };
    Some(Person {
        id: id_of(id, findings)?,
        name: name.unwrap_or_else(|| capitalised(key)),
        timezone,
    })
}

fn capitalised(key: &str) -> String {
    let mut letters = key.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => String::new(),
    }
}

/// A literal Discord id, as text or number.
fn id_of(value: Value<'_, '_>, findings: &mut Findings<'_>) -> Option<PersonId> {
    let id = match value.get_ref() {
        DeValue::String(text) if text.trim().bytes().all(|byte| byte.is_ascii_digit()) => {
            text.trim().parse().ok()
        }
        DeValue::Integer(number) if number.radix() == 10 => number.as_str().parse().ok(),
        _ => None,
    }
    .filter(|id| *id > 0);
    if id.is_none() {
        findings.error(
            &value.span(),
            "this is not a Discord user id",
            "Write the number from Discord's Copy User ID, such as \"100000000000000001\"",
        );
    }
    id.map(PersonId)
}

/// A reference to somebody: `"@sam"`, `"1234"` or `1234`.
pub(crate) fn person_of(
    value: Value<'_, '_>,
    key: &str,
    example: &str,
    people: &People,
    findings: &mut Findings<'_>,
) -> Option<PersonId> {
    if let DeValue::Integer(_) = value.get_ref() {
        return id_of(value, findings);
    }
    let text = text_of(value, key, example, findings)?;
    match people.find(text.value) {
        Ok(person) => Some(person),
        Err(unknown) => {
            findings.error(&text.span, unknown.what, unknown.mend);
            None
        }
    }
}

fn role_of(section: &Section<'_, '_>, findings: &mut Findings<'_>) -> Option<Role> {
    let text = section.required_text("role", ROLE_EXAMPLE, findings)?;
    let role = Role::ALL.into_iter().find(|role| role.id() == text.value);
    if role.is_none() {
        findings.error(
            &text.span,
            format!("unknown role `{}`", shown(text.value)),
            format!("Use {}", Role::ids(Role::ALL)),
        );
    }
    role
}

fn read_schedules(
    top: &Section<'_, '_>,
    rota_zone: Tz,
    people: &People,
    findings: &mut Findings<'_>,
) -> Vec<Schedule> {
    let keys = [
        "role", "people", "pattern", "timezone", "hours", "outside", "backup",
    ];
    let mut schedules: Vec<Placed<Schedule>> = Vec::new();
    for section in top.tables("schedule", "[[schedule]]", &keys, findings) {
        let Some(schedule) = read_schedule(&section, rota_zone, people, findings) else {
            continue;
        };
        if let Some(other) = schedules
            .iter()
            .find(|other| staff_the_same_time(&other.value, &schedule))
        {
            let line = findings.line(&other.span);
            findings.error(
                section.span(),
                format!(
                    "this schedule and the one in line {line} staff {} at the same time",
                    schedule.role.id()
                ),
                "Give each its own hours, or make them one schedule",
            );
        }
        schedules.push(Placed {
            value: schedule,
            span: section.span().clone(),
        });
    }
    schedules.into_iter().map(|placed| placed.value).collect()
}

/// Hours in different zones drift against each other with the clock changes, so only the same zone is compared.
fn staff_the_same_time(one: &Schedule, other: &Schedule) -> bool {
    one.role == other.role
        && match (&one.hours, &other.hours) {
            (Some(one_hours), Some(other_hours)) => {
                one.zone == other.zone && one_hours.overlap(other_hours)
            }
            _ => true,
        }
}

fn read_schedule(
    section: &Section<'_, '_>,
    rota_zone: Tz,
    people: &People,
    findings: &mut Findings<'_>,
) -> Option<Schedule> {
    let role = role_of(section, findings);
    let zone = zone(section, findings).unwrap_or(rota_zone);
    let team = read_team(section, people, findings);
    let rotation = section
        .value("pattern")
        .and_then(|value| read_pattern(value, zone, findings));
    let hours = read_hours(section, findings);
    let outside = read_outside(section, findings);
    let backup = read_backup(section, people, findings);
    Some(Schedule {
        role: role?,
        zone,
        people: team?,
        rotation,
        hours: hours.filter(|hours| !hours.are_always()),
        outside,
        backup,
    })
}

fn read_team(
    section: &Section<'_, '_>,
    people: &People,
    findings: &mut Findings<'_>,
) -> Option<Vec<PersonId>> {
    let value = section.required("people", PEOPLE_EXAMPLE, findings)?;
    let items = section.list("people", PEOPLE_EXAMPLE, findings);
    if items.is_empty() && matches!(value.get_ref(), DeValue::Array(_)) {
        findings.error(
            &value.span(),
            "`people` is empty",
            format!("Write who takes turns, as in {PEOPLE_EXAMPLE}"),
        );
    }
    let team: Vec<_> = items
        .into_iter()
        .filter_map(|item| person_of(item, "people", PEOPLE_EXAMPLE, people, findings))
        .collect();
    (!team.is_empty()).then_some(team)
}

fn read_pattern(value: Value<'_, '_>, zone: Tz, findings: &mut Findings<'_>) -> Option<Rotation> {
    let section = Section::open_value(
        "the pattern",
        value,
        &["every", "start"],
        PATTERN_EXAMPLE,
        findings,
    )?;
    let every = section.required_text("every", "every = \"1w\"", findings);
    let start = section
        .required("start", "start = \"2026-11-02T09:00\"", findings)
        .and_then(|value| wall_time(value, "start", zone, findings));
    let every = every?;
    if let Err(refused) = hours_of_a_turn(every.value) {
        findings.error(&every.span, refused.to_string(), NotARotation::MEND);
    }
    Rotation::new(every.value, start?.value).ok()
}

fn read_hours(section: &Section<'_, '_>, findings: &mut Findings<'_>) -> Option<StaffedHours> {
    let value = section.value("hours")?;
    let items = match value.get_ref() {
        DeValue::Array(items) if !items.is_empty() => items.iter().collect(),
        _ => vec![value],
    };
    let texts: Vec<Placed<&str>> = items
        .iter()
        .filter_map(|item| text_of(item, "hours", HOURS_EXAMPLE, findings))
        .collect();
    for text in &texts {
        if let Err(refused) = StaffedHours::new([text.value]) {
            findings.error(&text.span, refused.to_string(), NotHours::MEND);
        }
    }
    StaffedHours::new(texts.iter().map(|text| text.value)).ok()
}

fn read_outside(section: &Section<'_, '_>, findings: &mut Findings<'_>) -> Outside {
    let Some(text) = section.text("outside", OUTSIDE_EXAMPLE, findings) else {
        return Outside::default();
    };
    if section.value("hours").is_none() {
        findings.error(
            &text.span,
            "`outside` needs `hours`: without them the role is always staffed",
            format!("Add {HOURS_EXAMPLE} or remove `outside`"),
        );
    }
    match text.value {
        "page-only-sev1" => Outside::PageOnlySev1,
        "nobody" => Outside::Nobody,
        other => {
            findings.error(
                &text.span,
                format!("unknown `outside`: `{}`", shown(other)),
                format!(
                    "Write {OUTSIDE_EXAMPLE}, or leave it out to have those hours reported as gaps"
                ),
            );
            Outside::default()
        }
    }
}

fn read_backup(
    section: &Section<'_, '_>,
    people: &People,
    findings: &mut Findings<'_>,
) -> Option<Backup> {
    let value = section.value("backup")?;
    let backup = match value.get_ref().as_str().map(str::trim) {
        Some("previous") => Backup::Previous,
        Some("next") => Backup::Next,
        _ => {
            let person = person_of(value, "backup", BACKUP_EXAMPLE, people, findings)?;
            return Some(Backup::Person(person));
        }
    };
    if section.value("pattern").is_none() {
        findings.error(
            &value.span(),
            "this `backup` needs turns, but the schedule has no `pattern`",
            format!("Add {PATTERN_EXAMPLE}, or name a person such as \"@ada\""),
        );
    }
    Some(backup)
}

fn read_overrides(
    top: &Section<'_, '_>,
    rota_zone: Tz,
    people: &People,
    findings: &mut Findings<'_>,
) -> Vec<Override> {
    let keys = ["role", "person", "from", "to", "timezone", "reason"];
    let mut overrides: Vec<(Override, Span)> = Vec::new();
    for section in top.tables("override", "[[override]]", &keys, findings) {
        let Some(swap) = read_override(&section, rota_zone, people, findings) else {
            continue;
        };
        if let Some((_, other)) = overrides.iter().find(|(other, _)| other.overlaps(&swap)) {
            let line = findings.line(other);
            findings.error(
                section.span(),
                format!(
                    "this override and the one in line {line} overlap for {}",
                    swap.role.id()
                ),
                "Let one end before the other begins",
            );
        }
        overrides.push((swap, section.span().clone()));
    }
    overrides.into_iter().map(|(swap, _)| swap).collect()
}

fn read_override(
    section: &Section<'_, '_>,
    rota_zone: Tz,
    people: &People,
    findings: &mut Findings<'_>,
) -> Option<Override> {
    let role = role_of(section, findings);
    let zone = zone(section, findings).unwrap_or(rota_zone);
    let person = section
        .required("person", PERSON_EXAMPLE, findings)
        .and_then(|value| person_of(value, "person", PERSON_EXAMPLE, people, findings));
    let from = section
        .required("from", "from = \"2026-12-24T18:00\"", findings)
        .and_then(|value| wall_time(value, "from", zone, findings));
    let to = section
        .required("to", "to = \"2026-12-27T09:00\"", findings)
        .and_then(|value| wall_time(value, "to", zone, findings));
    let reason = section.value("reason").and_then(|value| {
        line_of_text(value, "reason", 200, "reason = \"holiday swap\"", findings)
    });
    let (from, to) = (from?, to?);
    let swap = Override {
        role: role?,
        person: person?,
        from: wall_clock::instant_of(zone, from.value),
        to: wall_clock::instant_of(zone, to.value),
        reason,
    };
    if swap.from >= swap.to {
        findings.error(
            &to.span,
            "the override ends at or before its start",
            "Put `to` after `from`",
        );
        return None;
    }
    Some(swap)
}
