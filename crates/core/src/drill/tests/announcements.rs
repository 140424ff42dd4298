//! What is said before a drill, when, and what is missed.

use super::*;

const QUARTERLY: &str = "0 14 * 2,5,8,11 TUE#1";

fn quarterly() -> Drills {
    drills(&drills_at("quarterly-3am-day", QUARTERLY, "Europe/Berlin"))
}

fn sent(due: &DueAnnouncements) -> Vec<&str> {
    due.send
        .iter()
        .map(|announcement| announcement.id.as_str())
        .collect()
}

/// What a bot would send that looks every `minutes` from `from` to `to`.
fn announced(
    drills: &Drills,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    minutes: i64,
) -> Vec<(DateTime<Utc>, Announcement)> {
    let mut said = Vec::new();
    let mut after = from;
    while after < to {
        let now = after + TimeDelta::minutes(minutes);
        let due = due_announcements(drills, after, now);
        assert_eq!(due.missed, []);
        said.extend(due.send.into_iter().map(|announcement| (now, announcement)));
        after = now;
    }
    said
}

/// Scenario 22, its first part.
#[test]
fn drill_day_announcements_go_at_the_four_times_and_the_wall_time_stays_across_the_clock_change() {
    let plan = drills(&drills_at("monthly", "0 14 * * TUE#1", "Europe/Berlin"));
    let fires: Vec<_> = next_fires(&plan.schedules[0], berlin("2026-03-01 00:00"))
        .take(9)
        .collect();
    assert_eq!(
        on_the_wall(&fires, Tz::Europe__Berlin),
        "Tue 2026-03-03 14:00, Tue 2026-04-07 14:00, Tue 2026-05-05 14:00, Tue 2026-06-02 14:00, \
         Tue 2026-07-07 14:00, Tue 2026-08-04 14:00, Tue 2026-09-01 14:00, Tue 2026-10-06 14:00, \
         Tue 2026-11-03 14:00"
    );
    assert_eq!(
        on_the_wall(&fires[..2], Tz::UTC),
        "Tue 2026-03-03 13:00, Tue 2026-04-07 12:00"
    );

    // A drill two days after the clocks changed: the week and the day before are counted on the wall.
    let plan = drills(&drills_at(
        "after-the-change",
        "0 14 31 3 *",
        "Europe/Berlin",
    ));
    let said = announced(
        &plan,
        berlin("2026-03-20 00:00"),
        berlin("2026-04-01 00:00"),
        5,
    );
    let times: Vec<_> = said.iter().map(|(now, _)| *now).collect();
    assert_eq!(
        on_the_wall(&times, Tz::Europe__Berlin),
        "Tue 2026-03-24 14:00, Mon 2026-03-30 14:00, Tue 2026-03-31 13:00, Tue 2026-03-31 13:50"
    );
    let leads: Vec<_> = said
        .iter()
        .map(|(_, announcement)| announcement.lead.to_string())
        .collect();
    assert_eq!(leads, ["7d", "1d", "1h", "10m"]);
}

#[test]
fn the_announcements_say_what_when_who_and_that_nothing_is_real() {
    let said = announced(
        &quarterly(),
        berlin("2026-10-26 00:00"),
        berlin("2026-11-04 00:00"),
        10,
    );
    let texts: Vec<_> = said
        .iter()
        .map(|(_, announcement)| {
            format!(
                "{:?} {}\n{}",
                announcement.kind, announcement.id, announcement.text
            )
        })
        .collect();
    insta::assert_snapshot!(texts.join("\n"), @r#"
    Invitation drill/quarterly-3am-day/1793710800/7d
    📅 Drill "3 AM outage" on <t:1793710800:F> for the on-call team. Facilitator: Mo. Length about 75 min. Nothing real will be touched.
    Invitation drill/quarterly-3am-day/1793710800/1d
    📅 Drill "3 AM outage" on <t:1793710800:F> for the on-call team. Facilitator: Mo. Length about 75 min. Nothing real will be touched.
    Reminder drill/quarterly-3am-day/1793710800/1h
    📅 Drill "3 AM outage" starts <t:1793710800:R>, at <t:1793710800:t>, for the on-call team. Facilitator: Mo. Length about 75 min. Nothing real will be touched.
    Reminder drill/quarterly-3am-day/1793710800/10m
    📅 Drill "3 AM outage" starts <t:1793710800:R>, at <t:1793710800:t>, for the on-call team. Facilitator: Mo. Length about 75 min. Nothing real will be touched.
    "#);
}

#[test]
fn a_drill_without_title_and_length_names_its_scenario() {
    let plan = drills(
        "[[schedule]]\nid = \"a\"\nscenario = \"3am-outage\"\ncron = \"0 14 * * MON\"\ntimezone = \"UTC\"\nplayers = [\"@sam\", \"role:docs\", 77]\nfacilitator = 78\n",
    );
    let start = at("2026-11-02T14:00:00Z");
    insta::assert_snapshot!(
        announcement_of(&plan.schedules[0], start, plan.schedules[0].announce[0]).text,
        @r#"📅 Drill "3am-outage" on <t:1793628000:F> for Sam, the documentation team and <@77>. Facilitator: <@78>. Nothing real will be touched."#
    );
}

#[test]
fn an_announcement_is_due_once() {
    let plan = quarterly();
    let due = berlin("2026-10-27 14:00");
    let before = due - TimeDelta::seconds(1);
    assert_eq!(sent(&due_announcements(&plan, before, before)), [""; 0]);
    assert_eq!(
        sent(&due_announcements(&plan, before, due)),
        ["drill/quarterly-3am-day/1793710800/7d"]
    );
    assert_eq!(
        due_announcements(&plan, due, due + TimeDelta::minutes(1)),
        DueAnnouncements::default()
    );
}

#[test]
fn an_announcement_more_than_ten_minutes_late_is_missed_instead_of_sent() {
    let plan = quarterly();
    let due = berlin("2026-10-27 14:00");
    let down_since = due - TimeDelta::hours(1);
    let in_time = due_announcements(&plan, down_since, due + TimeDelta::minutes(10));
    assert_eq!((in_time.send.len(), in_time.missed.len()), (1, 0));
    let late = due_announcements(&plan, down_since, due + TimeDelta::seconds(601));
    assert_eq!((late.send.len(), late.missed.len()), (0, 1));
    let patient = due_announcements_within(
        &plan,
        down_since,
        due + TimeDelta::seconds(601),
        TimeDelta::minutes(15),
    );
    assert_eq!((patient.send.len(), patient.missed.len()), (1, 0));
}

#[test]
fn a_drill_that_has_begun_is_not_announced_any_more() {
    let plan = quarterly();
    let start = berlin("2026-11-03 14:00");
    let back = due_announcements(&plan, start - TimeDelta::minutes(11), start);
    assert_eq!(sent(&back), [""; 0]);
    assert_eq!(back.missed.len(), 1);
}

#[test]
fn after_a_week_away_everything_missed_is_reported_and_the_next_still_comes() {
    let plan = quarterly();
    let gone = berlin("2026-10-26 00:00");
    let back = berlin("2026-11-03 13:05");
    let due = due_announcements(&plan, gone, back);
    assert_eq!(sent(&due), ["drill/quarterly-3am-day/1793710800/1h"]);
    let missed: Vec<_> = due
        .missed
        .iter()
        .map(|announcement| announcement.lead.to_string())
        .collect();
    assert_eq!(missed, ["7d", "1d"]);
}

#[test]
fn a_drill_starts_within_ten_minutes_or_not_at_all() {
    let plan = quarterly();
    let start = berlin("2026-11-03 14:00");
    let before = start - TimeDelta::hours(1);
    assert_eq!(
        due_starts(&plan, before, start - TimeDelta::seconds(1)),
        DueStarts::default()
    );
    let on_time = due_starts(&plan, before, start);
    assert_eq!(on_time.start[0].id, "drill/quarterly-3am-day/1793710800");
    assert_eq!(
        due_starts(&plan, before, start + TimeDelta::minutes(10)),
        on_time
    );
    let late = due_starts(&plan, before, start + TimeDelta::minutes(40));
    assert_eq!((late.start.len(), late.missed.len()), (0, 1));
    assert_eq!(
        due_starts(&plan, start, start + TimeDelta::minutes(1)),
        DueStarts::default()
    );
}

#[test]
fn drills_within_three_hours_of_each_other_clash() {
    let plan = |second: &str| {
        drills(&format!(
            "{}{}",
            drills_at("one", "0 14 * * TUE#1", "Europe/Berlin"),
            drills_at("two", second, "Europe/Berlin")
        ))
    };
    let from = berlin("2026-11-01 00:00");
    let to = from + TimeDelta::days(40);
    // The first lasts until 15:15.
    let close = clashes(&plan("14 18 3 * *"), from, to);
    assert_eq!(close.len(), 1);
    assert_eq!(close[0].first.schedule_id, "one");
    assert_eq!(close[0].second.starts_at, berlin("2026-11-03 18:14"));
    assert_eq!(clashes(&plan("15 18 3 * *"), from, to), []);
    assert_eq!(clashes(&plan("0 14 * * TUE#1"), from, to).len(), 2);
}
