mod always;
mod reading;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;

use super::*;
use crate::person::PersonId;
use crate::role::Role;

const SAM: PersonId = PersonId(1);
const ADA: PersonId = PersonId(2);
const LIN: PersonId = PersonId(3);
const MO: PersonId = PersonId(4);

const PEOPLE: &str = r#"
timezone = "Europe/Berlin"
[people]
sam = { id = "1", timezone = "Europe/Berlin" }
ada = { id = 2, timezone = "Europe/Lisbon" }
lin = { id = "3", timezone = "Asia/Singapore" }
mo = 4
"#;

fn rota(rest: &str) -> Rota {
    let checked = parse("rota.toml", &format!("{PEOPLE}{rest}"))
        .unwrap_or_else(|refused| panic!("the test writes a good rota: {refused}"));
    assert_eq!(checked.warnings, []);
    checked.value
}

fn findings(rest: &str) -> String {
    parse("rota.toml", &format!("{PEOPLE}{rest}"))
        .expect_err("the test writes a bad rota")
        .to_string()
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("the test writes an instant")
}

fn berlin(text: &str) -> DateTime<Utc> {
    let local = chrono::NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M")
        .expect("the test writes a time");
    crate::wall_clock::instant_of(Tz::Europe__Berlin, local)
}

fn on_call(rota: &Rota, moment: DateTime<Utc>) -> OnDuty {
    who_is_on(rota, Role::OnCall, moment).expect("somebody is on call")
}

fn asked(rota: &Rota, role: Role, moment: DateTime<Utc>) -> Vec<(PersonId, Because)> {
    candidates(rota, role, moment)
        .into_iter()
        .map(|candidate| (candidate.person, candidate.because))
        .collect()
}

const WEEKLY: &str = r#"
[[schedule]]
role = "oncall"
people = ["@sam", "@ada", "@lin"]
pattern = { every = "1w", start = "2026-11-02T09:00" }
backup = "previous"
[[override]]
role = "oncall"
person = "@lin"
from = "2026-12-24T18:00"
to = "2026-12-27T09:00"
reason = "holiday swap"
"#;

const DAY_AND_NIGHT: &str = r#"
[[schedule]]
role = "oncall"
people = ["@sam", "@ada"]
pattern = { every = "12h", start = "2026-01-05T09:00" }
"#;

#[test]
fn turns_change_every_week_at_nine_on_the_wall() {
    let rota = rota(WEEKLY);
    let last_minute = on_call(&rota, berlin("2026-11-09 08:59"));
    assert_eq!(
        (last_minute.person, last_minute.because, last_minute.until),
        (SAM, Because::Slot, Some(berlin("2026-11-09 09:00")))
    );
    assert_eq!(on_call(&rota, berlin("2026-11-09 09:00")).person, ADA);
    assert_eq!(on_call(&rota, berlin("2026-11-22 00:00")).person, LIN);
    assert_eq!(on_call(&rota, berlin("2026-11-23 09:00")).person, SAM);
}

#[test]
fn the_order_is_override_then_slot_then_backup_then_team() {
    let rota = rota(WEEKLY);
    let christmas = berlin("2026-12-25 03:00");
    assert_eq!(
        asked(&rota, Role::OnCall, christmas),
        [
            (
                LIN,
                Because::Override {
                    reason: Some("holiday swap".to_owned())
                }
            ),
            (ADA, Because::Slot),
            (SAM, Because::Backup),
        ]
    );
    let after = berlin("2026-12-27 09:00");
    assert_eq!(
        asked(&rota, Role::OnCall, after),
        [
            (ADA, Because::Slot),
            (SAM, Because::Backup),
            (LIN, Because::TeamOrder),
        ]
    );
}

#[test]
fn an_override_ends_a_turn_early_and_hands_back() {
    let rota = rota(WEEKLY);
    assert_eq!(
        on_call(&rota, berlin("2026-12-24 12:00")).until,
        Some(berlin("2026-12-24 18:00"))
    );
    assert_eq!(
        on_call(&rota, berlin("2026-12-24 18:00")).until,
        Some(berlin("2026-12-27 09:00"))
    );
}

#[test]
fn the_first_week_is_backed_up_by_the_last_of_the_list() {
    let rota = rota(WEEKLY);
    assert_eq!(
        asked(&rota, Role::OnCall, berlin("2026-11-03 12:00")),
        [
            (SAM, Because::Slot),
            (LIN, Because::Backup),
            (ADA, Because::TeamOrder),
        ]
    );
}

#[test]
fn before_the_first_turn_the_team_is_asked_in_order() {
    let rota = rota(WEEKLY);
    let early = berlin("2026-11-02 08:59");
    assert_eq!(
        asked(&rota, Role::OnCall, early),
        [
            (SAM, Because::TeamOrder),
            (ADA, Because::TeamOrder),
            (LIN, Because::TeamOrder),
        ]
    );
    assert_eq!(
        gaps(
            &rota,
            berlin("2026-11-01 09:00"),
            berlin("2026-11-15 09:00")
        ),
        [Gap {
            role: Role::OnCall,
            from: berlin("2026-11-01 09:00"),
            until: berlin("2026-11-02 09:00"),
            reason: GapReason::NotStarted,
        }]
    );
}

#[test]
fn everybody_reads_the_time_of_the_one_on_duty() {
    let rota = rota(WEEKLY);
    // 21:12 in Berlin is 04:12 the next day in Singapore.
    assert_eq!(
        on_call(&rota, berlin("2026-11-17 21:12")).local_time_text,
        "Wed 04:12 there"
    );
    assert_eq!(
        on_call(&rota, berlin("2026-11-10 12:00")).local_time_text,
        "11:00 there"
    );
}

#[test]
fn the_night_shift_of_the_spring_change_lasts_eleven_hours() {
    let rota = rota(DAY_AND_NIGHT);
    let begin = berlin("2026-03-28 21:00");
    let night = on_call(&rota, begin);
    assert_eq!(night.person, ADA);
    assert_eq!(
        night.until.map(|end| end - begin),
        Some(TimeDelta::hours(11))
    );
    assert_eq!(night.until, Some(berlin("2026-03-29 09:00")));
    assert_eq!(on_call(&rota, berlin("2026-03-29 08:59")).person, ADA);
    assert_eq!(on_call(&rota, berlin("2026-03-29 09:00")).person, SAM);
}

#[test]
fn the_night_shift_of_the_autumn_change_lasts_thirteen_hours() {
    let rota = rota(DAY_AND_NIGHT);
    let begin = berlin("2026-10-24 21:00");
    let night = on_call(&rota, begin);
    assert_eq!(night.person, ADA);
    assert_eq!(
        night.until.map(|end| end - begin),
        Some(TimeDelta::hours(13))
    );
    assert_eq!(night.until, Some(berlin("2026-10-25 09:00")));
}

#[test]
fn a_hand_over_in_the_skipped_hour_comes_right_after_the_jump() {
    let rota = rota(
        r#"
[[schedule]]
role = "oncall"
people = ["@sam", "@ada"]
pattern = { every = "1d", start = "2026-03-27T02:30" }
"#,
    );
    assert_eq!(
        on_call(&rota, berlin("2026-03-29 01:59")).until,
        Some(at("2026-03-29T01:00:00Z"))
    );
    assert_eq!(on_call(&rota, at("2026-03-29T01:00:00Z")).person, SAM);
    assert_eq!(
        on_call(&rota, at("2026-03-29T01:00:00Z")).until,
        Some(berlin("2026-03-30 02:30"))
    );
}

#[test]
fn a_hand_over_in_the_repeated_hour_happens_once() {
    let rota = rota(
        r#"
[[schedule]]
role = "oncall"
people = ["@sam", "@ada"]
pattern = { every = "1d", start = "2026-10-24T02:30" }
"#,
    );
    let first_half_past_two = at("2026-10-25T00:30:00Z");
    assert_eq!(
        on_call(&rota, first_half_past_two - TimeDelta::minutes(1)).person,
        SAM
    );
    // The wall says 02:15 for the second time: the hand-over is behind us.
    for minutes in [0, 45, 60, 61, 120] {
        let later = first_half_past_two + TimeDelta::minutes(minutes);
        assert_eq!(on_call(&rota, later).person, ADA, "{minutes} minutes after");
    }
}

#[test]
fn hours_over_a_clock_change_open_and_close_on_the_wall() {
    let rota = rota(
        r#"
[[schedule]]
role = "oncall"
people = ["@sam"]
hours = "21:00-09:00"
[[schedule]]
role = "oncall"
people = ["@ada"]
hours = "09:00-21:00"
"#,
    );
    for (evening, hours) in [
        ("2026-03-28 21:00", 11),
        ("2026-10-24 21:00", 13),
        ("2026-06-01 21:00", 12),
    ] {
        let begin = berlin(evening);
        let night = on_call(&rota, begin);
        assert_eq!(night.person, SAM);
        assert_eq!(night.until, Some(begin + TimeDelta::hours(hours)));
    }
    assert_eq!(
        gaps(
            &rota,
            berlin("2026-03-20 00:00"),
            berlin("2026-04-03 00:00")
        ),
        []
    );
}

#[test]
fn outside_its_hours_a_role_is_a_gap_unless_that_is_wanted() {
    let schedule = |outside: &str| {
        rota(&format!(
            r#"
[[schedule]]
role = "bridge"
people = ["@mo", "@ada"]
hours = ["Mon-Fri 00:00-24:00", "Sat 00:00-22:00", "Sun 09:00-24:00"]
{outside}
"#
        ))
    };
    let from = berlin("2026-11-02 12:00");
    let to = from + TimeDelta::days(7);
    let night = berlin("2026-11-08 03:00");

    let reported = schedule("");
    let found = gaps(&reported, from, to);
    assert_eq!(
        gaps_text(&found, 7, Tz::Europe__Berlin),
        "Next 7 days: 1 gap (bridge, Sat 22:00–Sun 09:00)"
    );
    assert_eq!(who_is_on(&reported, Role::Bridge, night), None);

    let wanted = schedule("outside = \"nobody\"");
    assert_eq!(gaps(&wanted, from, to), []);
    assert_eq!(who_is_on(&wanted, Role::Bridge, night), None);

    let for_sev1 = schedule("outside = \"page-only-sev1\"");
    assert_eq!(gaps(&for_sev1, from, to), []);
    let asleep = who_is_on(&for_sev1, Role::Bridge, night).expect("the turn goes on");
    assert_eq!(
        (asleep.person, asleep.reach, asleep.until),
        (MO, Reach::OnlySev1, Some(berlin("2026-11-08 09:00")))
    );
    assert_eq!(
        who_is_on(&for_sev1, Role::Bridge, from).map(|duty| duty.reach),
        Some(Reach::Always)
    );
}

#[test]
fn an_override_closes_a_gap() {
    let rota = rota(
        r#"
[[schedule]]
role = "bridge"
people = ["@mo"]
hours = "Mon-Fri 09:00-18:00"
[[override]]
role = "bridge"
person = "@sam"
from = "2026-11-02T18:00"
to = "2026-11-03T09:00"
"#,
    );
    let found = gaps(
        &rota,
        berlin("2026-11-02 09:00"),
        berlin("2026-11-04 09:00"),
    );
    assert_eq!(found.len(), 1);
    assert_eq!(
        found[0].text(Tz::Europe__Berlin),
        "bridge, Tue 18:00–Wed 09:00"
    );
}

#[test]
fn many_gaps_are_counted_and_ten_are_named() {
    let rota = rota("[[schedule]]\nrole = \"docs\"\npeople = [4]\nhours = \"09:00-10:00\"\n");
    let from = berlin("2026-11-02 09:00");
    let text = gaps_text(
        &gaps(&rota, from, from + TimeDelta::days(14)),
        14,
        Tz::Europe__Berlin,
    );
    assert!(text.starts_with("Next 14 days: 14 gaps (docs, Mon 10:00–Tue 09:00; "));
    assert!(text.ends_with("; and 4 more)"), "{text}");
    assert_eq!(gaps_text(&[], 14, Tz::UTC), "Next 14 days: no gap");
}

#[test]
fn a_role_without_a_schedule_has_nobody_and_no_gap() {
    let rota = rota(WEEKLY);
    assert_eq!(
        who_is_on(&rota, Role::Frontend, berlin("2026-11-10 12:00")),
        None
    );
    assert_eq!(rota.team(Role::Frontend), []);
    assert_eq!(rota.team(Role::OnCall), [SAM, ADA, LIN]);
}

#[test]
fn without_a_pattern_the_first_person_always_has_the_turn() {
    let rota =
        rota("[[schedule]]\nrole = \"oncall\"\npeople = [\"@mo\", \"77\"]\nbackup = \"@ada\"\n");
    let now = berlin("2026-11-10 12:00");
    assert_eq!(on_call(&rota, now).until, None);
    assert_eq!(
        asked(&rota, Role::OnCall, now),
        [
            (MO, Because::Slot),
            (ADA, Because::Backup),
            (PersonId(77), Because::TeamOrder),
        ]
    );
    assert_eq!(rota.people.name_of(PersonId(77)), "<@77>");
    assert_eq!(rota.people.name_of(MO), "Mo");
}

#[test]
fn a_turn_ends_where_somebody_else_is_on_and_not_where_a_swap_goes_on_as_the_next_turn() {
    let rota = rota(
        r#"
[[schedule]]
role = "oncall"
people = ["sam", "ada"]
pattern = { every = "1w", start = "2026-11-02T09:00" }
[[override]]
role = "oncall"
person = "ada"
from = "2026-11-08T12:00"
to = "2026-11-09T09:00"
reason = "swap"
[[schedule]]
role = "bridge"
people = ["mo"]
hours = "Mon-Fri 09:00-18:00"
"#,
    );
    let monday = berlin("2026-11-02 10:00");
    let sams = shift_end(&rota, Role::OnCall, SAM, monday).expect("his week ends");
    assert_eq!(
        (sams.at, sams.next),
        (berlin("2026-11-08 12:00"), Some(ADA))
    );
    // Her swap ends where her own week begins: that is one turn.
    let adas = shift_end(&rota, Role::OnCall, ADA, sams.at).expect("her week ends");
    assert_eq!(
        (adas.at, adas.next),
        (berlin("2026-11-16 09:00"), Some(SAM))
    );
    assert_eq!(
        shift_end(&rota, Role::OnCall, ADA, monday),
        None,
        "it is Sam's turn"
    );
    let bridge = shift_end(&rota, Role::Bridge, MO, monday).expect("the day ends");
    assert_eq!((bridge.at, bridge.next), (berlin("2026-11-02 18:00"), None));
    assert_eq!(shift_end(&rota, Role::Backend, SAM, monday), None);
}

#[test]
fn a_turn_that_only_changes_its_reason_between_staffed_hours_has_no_end() {
    let rota = rota(
        r#"
[[schedule]]
role = "bridge"
people = ["mo", "ada"]
hours = "Mon-Fri 09:00-18:00"
outside = "page-only-sev1"
"#,
    );
    for moment in [berlin("2026-11-02 10:00"), berlin("2026-11-02 22:00")] {
        assert_eq!(shift_end(&rota, Role::Bridge, MO, moment), None);
    }
}
