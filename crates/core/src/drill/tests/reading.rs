//! What the reader says to good and bad plans.

use proptest::prelude::*;

use super::*;

fn findings(text: &str) -> String {
    parse("drills.toml", text, &people())
        .expect_err("the test writes a bad plan")
        .to_string()
}

#[test]
fn every_mistake_is_named_with_its_place_and_its_cure() {
    insta::assert_snapshot!(
        findings(
            r#"
[blackout]
dates = ["2026-12-18..2027-01-06"]
[[schedule]]
id = "Surprise Night"
kind = "surprise"
scenario = { any_of = ["3am-outage"] }
cron = "0 14 * * TUE#9"
timezone = "Berlin"
players = ["role:ops-team", "@nobody", "@sam", 1]
announce = ["7d", "168h", "soon", "61d"]
facilitator = 0
length_minutes = "75"
[[schedule]]
id = "a"
players = []
announce = []
length_minutes = 900
title = """
two
lines"""
"#
        ),
        @r#"
        drills.toml:2:2: error: unknown key `blackout` in the file. Allowed here: schedule.
        drills.toml:5:6: error: `id` is not an id: `Surprise Night`. Use at most 48 small letters, digits and hyphens, as in id = "quarterly-3am-day".
        drills.toml:6:1: error: unknown key `kind` in [[schedule]]. Allowed here: id, scenario, title, cron, timezone, players, facilitator, announce, length_minutes.
        drills.toml:7:12: error: `scenario` is a table, but must be a text. Write scenario = "3am-outage".
        drills.toml:8:8: error: `TUE#9` is not an n-th day of the month. Write 1 to 5 after the #, as in TUE#1, or FRIL for the last Friday.
        drills.toml:9:12: error: unknown time zone `Berlin`. Use a name from the IANA list, such as Europe/Berlin, America/New_York or UTC.
        drills.toml:10:12: error: unknown team `role:ops-team`. Use role:oncall-team, role:backend-team, role:frontend-team, role:bridge-team or role:docs-team.
        drills.toml:10:29: error: unknown person `@nobody`. Add them to [people] or use one of @mo, @sam, or a Discord user id.
        drills.toml:10:48: error: Sam is named twice. Name everybody once.
        drills.toml:11:19: error: `168h` stands here twice. Write each time before the drill once.
        drills.toml:11:27: error: `soon` is not a time before the drill. Write 1m to 60d, as in "7d", "1h" or "10m".
        drills.toml:11:35: error: `61d` is not a time before the drill. Write 1m to 60d, as in "7d", "1h" or "10m".
        drills.toml:12:15: error: this is not a Discord user id. Write the number from Discord's Copy User ID, such as "100000000000000001".
        drills.toml:13:18: error: `length_minutes` is a text, not a length. Write a number from 1 to 480, as in length_minutes = 75.
        drills.toml:14:1: error: [[schedule]] has no `scenario`. Add scenario = "3am-outage".
        drills.toml:14:1: error: [[schedule]] has no `cron`. Add cron = "0 14 * 2,5,8,11 TUE#1".
        drills.toml:14:1: error: [[schedule]] has no `timezone`. Add timezone = "Europe/Berlin".
        drills.toml:14:1: error: [[schedule]] has no `facilitator`. Add facilitator = "@mo".
        drills.toml:16:11: error: `players` is empty. Write who plays, as in players = ["role:oncall-team", "@sam"].
        drills.toml:17:12: error: `announce` is empty: a drill that nobody knows of is taken for real. Write announce = ["7d", "1d", "1h", "10m"], or leave the key out for just that.
        drills.toml:18:18: error: `length_minutes` is 900, not a length. Write a number from 1 to 480, as in length_minutes = 75.
        drills.toml:19:9: error: `title` is longer than 80 characters or than one line. Shorten it, as in title = "3 AM outage".
        "#
    );
}

#[test]
fn an_id_stands_once() {
    let twice = format!(
        "{}{}",
        drills_at("a", "0 14 1 * *", "UTC"),
        drills_at("a", "0 14 2 * *", "UTC")
    );
    insta::assert_snapshot!(findings(&twice), @r#"drills.toml:11:6: error: there is another schedule `a`. Give each schedule an id of its own."#);
}

#[test]
fn drills_of_a_schedule_leave_three_hours_between_them() {
    insta::assert_snapshot!(findings(&drills_at("a", "0 10,14 * * *", "UTC")), @r#"drills.toml:5:8: error: `0 10,14 * * *` starts drills only 240 minutes apart. Leave 3 hours between the end of one and the start of the next."#);
    assert_eq!(
        drills(&drills_at("a", "15 10,14 * * *", "UTC").replace("75", "60"))
            .schedules
            .len(),
        1
    );
}

#[test]
fn both_days_restricted_is_only_a_warning() {
    let checked = parse(
        "drills.toml",
        &drills_at("a", "0 14 13 * FRI", "UTC"),
        &people(),
    )
    .expect("the plan can be used");
    assert_eq!(checked.warnings[0].weight, Weight::Warning);
    insta::assert_snapshot!(checked.warnings[0], @r#"drills.toml:5:8: warning: `0 14 13 * FRI` fires on its days of month and also on its days of week. For the first Tuesday write TUE#1 with * as the day of month."#);
}

#[test]
fn an_empty_plan_is_a_plan() {
    assert_eq!(drills(""), Drills::default());
    assert_eq!(
        due_announcements(
            &Drills::default(),
            at("2026-01-01T00:00:00Z"),
            at("2027-01-01T00:00:00Z")
        ),
        DueAnnouncements::default()
    );
}

#[test]
fn the_example_file_is_a_good_plan() {
    let example = include_str!("../../../../../deploy/drills.example.toml");
    let plan =
        parse("drills.example.toml", example, &People::default()).expect("the example is good");
    assert_eq!(plan.warnings, []);
    let from = berlin("2026-11-01 00:00");
    let starts: Vec<_> = plan
        .value
        .schedules
        .iter()
        .map(|schedule| {
            let fires: Vec<_> = next_fires(schedule, from).take(2).collect();
            on_the_wall(&fires, schedule.zone)
        })
        .collect();
    assert_eq!(
        starts,
        [
            "Tue 2026-11-03 14:00, Tue 2027-02-02 14:00",
            "Thu 2026-11-26 10:30, Thu 2026-12-31 10:30",
        ]
    );
    assert_eq!(clashes(&plan.value, from, from + TimeDelta::days(366)), []);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_makes_the_reader_panic(text in r#"(schedule|\[\[|\]\]|\[|\]|=|"|'|\{|\}|,|\.|[0-9:TZ+-]{1,8}|\n| |é|id|cron|players|announce|[[:any:]]){0,40}"#) {
        let _ = parse("drills.toml", &text, &people());
    }

    #[test]
    fn no_value_makes_the_reader_panic(value in r#"[0-9a-zA-Z:@#<>,. */+é-]{0,20}"#, key in 0usize..9) {
        let keys = ["id", "scenario", "title", "cron", "timezone", "players", "facilitator", "announce", "length_minutes"];
        let good = drills_at("a", "0 14 * * MON", "UTC");
        for written in [format!("\"{value}\""), format!("[\"{value}\"]"), value.clone()] {
            let start = format!("{} = ", keys[key]);
            let others: Vec<_> = good.lines().filter(|line| !line.starts_with(&start)).collect();
            let text = format!("{}\n{start}{written}\n", others.join("\n"));
            if let Ok(plan) = parse("drills.toml", &text, &people()) {
                let from = at("2026-01-01T00:00:00Z");
                let _ = due_announcements(&plan.value, from, from + TimeDelta::days(30));
            }
        }
    }
}
