//! What the reader says to good and bad files.

use super::*;

#[test]
fn every_mistake_is_named_with_its_place_and_its_cure() {
    insta::assert_snapshot!(
        findings(
            r#"
[[schedule]]
role = "opps"
poeple = ["@sam"]
people = ["@sma", "@sam"]
pattern = { every = "5h", start = "soon", ends = "never" }
backup = "next"
[[schedule]]
role = "bridge"
people = []
hours = "Mon-Fri 9-18"
outside = "sometimes"
timezone = "Europe/Berln"
[[override]]
person = "@nobody"
from = "2026-12-24T18:00+01:00"
to = 2026-12-24
"#
        ),
        @r#"
    rota.toml:10:8: error: unknown role `opps`. Use bridge, oncall, backend, frontend, docs, deputy, comms, customer, security, ai or observer.
    rota.toml:11:1: error: unknown key `poeple` in [[schedule]]. Allowed here: role, people, pattern, timezone, hours, outside, backup.
    rota.toml:12:11: error: unknown person `@sma`. Add them to [people] or use one of @ada, @lin, @mo, @sam, or a Discord user id.
    rota.toml:13:21: error: `5h` is not the length of a turn. Write 1d to 365d or 1w to 52w, or a part of a day that hands over at the same times every day: 1h, 2h, 3h, 4h, 6h, 8h or 12h.
    rota.toml:13:35: error: `start` is not a time: `soon`. Write a wall-clock time without an offset, such as "2026-11-02T09:00"; the zone is the schedule's.
    rota.toml:13:43: error: unknown key `ends` in the pattern. Allowed here: every, start.
    rota.toml:17:10: error: `people` is empty. Write who takes turns, as in people = ["@sam", "@ada"].
    rota.toml:18:9: error: `9-18` is not a stretch of hours. Write days and times, such as "Mon-Fri 09:00-18:00", "Sat,Sun 10:00-16:00" or, over midnight, "21:00-09:00".
    rota.toml:19:11: error: unknown `outside`: `sometimes`. Write outside = "page-only-sev1" or "nobody", or leave it out to have those hours reported as gaps.
    rota.toml:20:12: error: unknown time zone `Europe/Berln`. Use a name from the IANA list, such as Europe/Berlin, America/New_York or UTC.
    rota.toml:21:1: error: [[override]] has no `role`. Add role = "oncall".
    rota.toml:22:10: error: unknown person `@nobody`. Add them to [people] or use one of @ada, @lin, @mo, @sam, or a Discord user id.
    rota.toml:23:8: error: `from` is not a time: `2026-12-24T18:00+01:00`. Write a wall-clock time without an offset, such as "2026-11-02T09:00"; the zone is the schedule's.
    rota.toml:24:6: error: `to` is a date or time, not a wall-clock time. Write a wall-clock time without an offset, such as "2026-11-02T09:00"; the zone is the schedule's.
    "#
    );
}

#[test]
fn overlaps_are_found_when_the_file_is_read() {
    insta::assert_snapshot!(
        findings(
            r#"
[[schedule]]
role = "oncall"
people = ["@sam"]
hours = "09:00-21:00"
[[schedule]]
role = "oncall"
people = ["@ada"]
hours = "20:00-09:00"
[[override]]
role = "oncall"
person = "@lin"
from = "2026-12-24T18:00"
to = "2026-12-27T09:00"
[[override]]
role = "oncall"
person = "@mo"
from = 2026-12-27T08:00:00
to = "2026-12-28T09:00"
[[override]]
role = "bridge"
person = "@mo"
from = "2026-12-27T08:00"
to = "2026-12-27T08:00"
"#
        ),
        @r#"
        rota.toml:13:1: error: this schedule and the one in line 9 staff oncall at the same time. Give each its own hours, or make them one schedule.
        rota.toml:22:1: error: this override and the one in line 17 overlap for oncall. Let one end before the other begins.
        rota.toml:31:6: error: the override ends at or before its start. Put `to` after `from`.
        "#
    );
}

#[test]
fn mistakes_among_people_are_found() {
    insta::assert_snapshot!(
        parse(
            "rota.toml",
            r#"
[people]
sam = { id = "sam#1234" }
ada = { id = 1, timezone = "Lisbon", name = "" }
lin = 1
"@mo" = 2
12 = 3
kim = { timezone = "UTC" }
eve = "0"
"#
        )
        .expect_err("there is hardly anything right"),
        @r#"
        rota.toml:1:1: error: the file has no `timezone`. Add timezone = "Europe/Berlin".
        rota.toml:3:14: error: this is not a Discord user id. Write the number from Discord's Copy User ID, such as "100000000000000001".
        rota.toml:4:28: error: unknown time zone `Lisbon`. Use a name from the IANA list, such as Europe/Berlin, America/New_York or UTC.
        rota.toml:4:45: error: `name` is empty. Write name = "Sam".
        rota.toml:5:7: error: `lin` has the same id as `ada`. Give each person one line with their own id.
        rota.toml:6:1: error: `@mo` cannot be a name. Use a word without @ and spaces that is not a number, such as sam.
        rota.toml:7:1: error: `12` cannot be a name. Use a word without @ and spaces that is not a number, such as sam.
        rota.toml:8:7: error: the person has no `id`. Add id = "100000000000000001".
        rota.toml:9:7: error: this is not a Discord user id. Write the number from Discord's Copy User ID, such as "100000000000000001".
        "#
    );
}

#[test]
fn what_is_not_toml_is_said_with_its_place() {
    insta::assert_snapshot!(
        parse("rota.toml", "timezone = Europe/Berlin\n[people\n").expect_err("this is no TOML"),
        @r#"
        rota.toml:1:12: error: this is not TOML: string values must be quoted, expected literal string. Correct it here; texts stand in quotes, as in key = "value".
        rota.toml:2:8: error: this is not TOML: unclosed table, expected `]`. Correct it here; texts stand in quotes, as in key = "value".
        "#
    );
}

#[test]
fn tables_and_lists_in_the_wrong_shape_are_said() {
    insta::assert_snapshot!(
        parse(
            "rota.toml",
            "timezone = 1\npeople = [1]\nschedule = { role = \"oncall\" }\noverride = [1]\n"
        )
        .expect_err("nothing has the right shape"),
        @r#"
        rota.toml:1:12: error: `timezone` is a number, but must be a text. Write timezone = "Europe/Berlin".
        rota.toml:2:10: error: `people` is a list, but must be a table. Write [people] above lines such as sam = { id = "100000000000000001", timezone = "Europe/Berlin" }.
        rota.toml:3:12: error: `schedule` is a table, but must be a list. Write [[schedule]] above its keys.
        rota.toml:4:13: error: [[override]] is a number, but must be a table. Write [[override]] above its keys.
        "#
    );
}

#[test]
fn a_time_that_does_not_exist_is_only_a_warning() {
    let checked = parse(
        "rota.toml",
        &format!(
            "{PEOPLE}[[override]]\nrole = \"oncall\"\nperson = \"@lin\"\nfrom = \"2026-03-29T02:30\"\nto = \"2026-03-30T09:00\"\n"
        ),
    )
    .expect("the file can be used");
    insta::assert_snapshot!(checked.warnings[0], @r#"rota.toml:11:8: warning: 2026-03-29 02:30 does not exist in Europe/Berlin: the clocks jump over it. The first moment after the jump is used; write that one to be clear."#);
    assert_eq!(checked.value.overrides[0].from, at("2026-03-29T01:00:00Z"));
}

#[test]
fn the_example_file_is_a_good_rota() {
    let example = include_str!("../../../../../playbooks/rota.example.toml");
    let checked = parse("rota.example.toml", example).expect("the example is good");
    assert_eq!(checked.warnings, []);
    let rota = checked.value;
    let christmas = on_call(&rota, berlin("2026-12-25 03:00"));
    assert_eq!(rota.people.name_of(christmas.person), "Lin");
    assert_eq!(
        who_is_on(&rota, Role::Bridge, berlin("2026-11-03 03:00")).map(|duty| duty.reach),
        Some(Reach::OnlySev1)
    );
    let from = berlin("2026-11-02 09:00");
    assert_eq!(
        gaps_text(
            &gaps(&rota, from, from + TimeDelta::days(14)),
            14,
            rota.zone
        ),
        "Next 14 days: no gap"
    );
}
