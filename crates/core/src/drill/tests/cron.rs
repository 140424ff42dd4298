//! When expressions fire.

use proptest::prelude::*;

use super::*;

fn cron(text: &str) -> CronExpression {
    CronExpression::new(text).unwrap_or_else(|refused| panic!("{refused}"))
}

fn five_fires(text: &str, zone: Tz, after: DateTime<Utc>) -> Vec<DateTime<Utc>> {
    cron(text).fires_after(zone, after).take(5).collect()
}

#[test]
fn expressions_fire_when_a_calendar_says() {
    let after = at("2026-01-01T00:00:00Z");
    let rows: Vec<String> = [
        "0 14 * 2,5,8,11 TUE#1",
        "0 9 * * MON",
        "30 9 * * 1-5",
        "0 9 * * 0",
        "0 9 * * 7",
        "0 9 * * FRI-SUN",
        "0 9 * * 5-7",
        "*/20 3 1 * *",
        "15,45 8-10/2 * JAN-MAR,DEC SAT",
        "0 12 L * *",
        "0 12 L 2 *",
        "0 16 * * FRIL",
        "0 16 * * 0L",
        "0 16 * * SUN#5",
        "0 0 29 2 *",
        "0 14 13 * FRI",
        "0 14 1,L * MON#2",
        "0 6 */10 * *",
        "59 23 31 12 *",
    ]
    .iter()
    .map(|text| {
        let fires = five_fires(text, Tz::UTC, after);
        format!("{text} -> {}", on_the_wall(&fires, Tz::UTC))
    })
    .collect();
    insta::assert_snapshot!(rows.join("\n"), @r#"
    0 14 * 2,5,8,11 TUE#1 -> Tue 2026-02-03 14:00, Tue 2026-05-05 14:00, Tue 2026-08-04 14:00, Tue 2026-11-03 14:00, Tue 2027-02-02 14:00
    0 9 * * MON -> Mon 2026-01-05 09:00, Mon 2026-01-12 09:00, Mon 2026-01-19 09:00, Mon 2026-01-26 09:00, Mon 2026-02-02 09:00
    30 9 * * 1-5 -> Thu 2026-01-01 09:30, Fri 2026-01-02 09:30, Mon 2026-01-05 09:30, Tue 2026-01-06 09:30, Wed 2026-01-07 09:30
    0 9 * * 0 -> Sun 2026-01-04 09:00, Sun 2026-01-11 09:00, Sun 2026-01-18 09:00, Sun 2026-01-25 09:00, Sun 2026-02-01 09:00
    0 9 * * 7 -> Sun 2026-01-04 09:00, Sun 2026-01-11 09:00, Sun 2026-01-18 09:00, Sun 2026-01-25 09:00, Sun 2026-02-01 09:00
    0 9 * * FRI-SUN -> Fri 2026-01-02 09:00, Sat 2026-01-03 09:00, Sun 2026-01-04 09:00, Fri 2026-01-09 09:00, Sat 2026-01-10 09:00
    0 9 * * 5-7 -> Fri 2026-01-02 09:00, Sat 2026-01-03 09:00, Sun 2026-01-04 09:00, Fri 2026-01-09 09:00, Sat 2026-01-10 09:00
    */20 3 1 * * -> Thu 2026-01-01 03:00, Thu 2026-01-01 03:20, Thu 2026-01-01 03:40, Sun 2026-02-01 03:00, Sun 2026-02-01 03:20
    15,45 8-10/2 * JAN-MAR,DEC SAT -> Sat 2026-01-03 08:15, Sat 2026-01-03 08:45, Sat 2026-01-03 10:15, Sat 2026-01-03 10:45, Sat 2026-01-10 08:15
    0 12 L * * -> Sat 2026-01-31 12:00, Sat 2026-02-28 12:00, Tue 2026-03-31 12:00, Thu 2026-04-30 12:00, Sun 2026-05-31 12:00
    0 12 L 2 * -> Sat 2026-02-28 12:00, Sun 2027-02-28 12:00, Tue 2028-02-29 12:00, Wed 2029-02-28 12:00, Thu 2030-02-28 12:00
    0 16 * * FRIL -> Fri 2026-01-30 16:00, Fri 2026-02-27 16:00, Fri 2026-03-27 16:00, Fri 2026-04-24 16:00, Fri 2026-05-29 16:00
    0 16 * * 0L -> Sun 2026-01-25 16:00, Sun 2026-02-22 16:00, Sun 2026-03-29 16:00, Sun 2026-04-26 16:00, Sun 2026-05-31 16:00
    0 16 * * SUN#5 -> Sun 2026-03-29 16:00, Sun 2026-05-31 16:00, Sun 2026-08-30 16:00, Sun 2026-11-29 16:00, Sun 2027-01-31 16:00
    0 0 29 2 * -> Tue 2028-02-29 00:00, Sun 2032-02-29 00:00, Fri 2036-02-29 00:00, Wed 2040-02-29 00:00, Mon 2044-02-29 00:00
    0 14 13 * FRI -> Fri 2026-01-02 14:00, Fri 2026-01-09 14:00, Tue 2026-01-13 14:00, Fri 2026-01-16 14:00, Fri 2026-01-23 14:00
    0 14 1,L * MON#2 -> Thu 2026-01-01 14:00, Mon 2026-01-12 14:00, Sat 2026-01-31 14:00, Sun 2026-02-01 14:00, Mon 2026-02-09 14:00
    0 6 */10 * * -> Thu 2026-01-01 06:00, Sun 2026-01-11 06:00, Wed 2026-01-21 06:00, Sat 2026-01-31 06:00, Sun 2026-02-01 06:00
    59 23 31 12 * -> Thu 2026-12-31 23:59, Fri 2027-12-31 23:59, Sun 2028-12-31 23:59, Mon 2029-12-31 23:59, Tue 2030-12-31 23:59
    "#);
}

#[test]
fn both_readers_agree_on_many_expressions_and_zones() {
    for text in [
        "0 14 * 2,5,8,11 TUE#1",
        "* * * * *",
        "*/15 * * * *",
        "*/15 2 * * *",
        "30 2 * * *",
        "0 0 * * *",
        "0 3 * * 0",
        "5 0 * 8 *",
        "15 14 1 * *",
        "0 22 * * 1-5",
        "23 0-20/2 * * *",
        "5 4 * * sun",
        "0 0,12 1 */2 *",
        "0 4 8-14 * *",
        "0 14 13 * FRI",
        "0 14 L * MON#2,WEDL",
        "0 9 31 * *",
        "0 9 * * SAT-SUN",
        "0 9 * * 6-7",
        "0 9 * * */2",
        "10-40/10 1 * * SUN#1,TUE#4",
    ] {
        for (zone, after) in [
            (Tz::UTC, "2026-01-31T23:59:59Z"),
            (Tz::Europe__Berlin, "2026-03-28T12:00:00Z"),
            (Tz::Europe__Berlin, "2026-10-24T23:50:30Z"),
            (Tz::America__New_York, "2026-10-31T12:00:00Z"),
            (Tz::Australia__Lord_Howe, "2026-10-03T02:00:00Z"),
            (Tz::Australia__Lord_Howe, "2027-04-03T02:00:00Z"),
            (Tz::Pacific__Kiritimati, "2027-12-31T10:00:00Z"),
            (Tz::Pacific__Apia, "2011-12-29T00:00:00Z"),
        ] {
            let after = at(after);
            let plain = plain_cron::fires(&text.to_uppercase(), zone, after, 5, 3000);
            assert_eq!(
                five_fires(text, zone, after),
                plain,
                "{text} in {zone} after {after}"
            );
        }
    }
}

#[test]
fn a_fire_in_the_skipped_hour_comes_right_after_the_jump() {
    assert_eq!(
        five_fires("30 2 * * *", Tz::Europe__Berlin, berlin("2026-03-28 12:00"))[..2],
        [at("2026-03-29T01:00:00Z"), berlin("2026-03-30 02:30")]
    );
}

#[test]
fn several_fires_in_the_skipped_hour_are_one() {
    assert_eq!(
        five_fires(
            "*/15 2,3 * * *",
            Tz::Europe__Berlin,
            berlin("2026-03-29 00:00")
        )[..3],
        [
            berlin("2026-03-29 03:00"),
            berlin("2026-03-29 03:15"),
            berlin("2026-03-29 03:30")
        ]
    );
}

#[test]
fn a_fire_in_the_repeated_hour_comes_once() {
    assert_eq!(
        five_fires("30 2 * * *", Tz::Europe__Berlin, berlin("2026-10-24 12:00"))[..2],
        [at("2026-10-25T00:30:00Z"), at("2026-10-26T01:30:00Z")]
    );
    // Asked while the wall shows 02:10 for the second time.
    assert_eq!(
        five_fires("30 2 * * *", Tz::Europe__Berlin, at("2026-10-25T01:10:00Z"))[0],
        at("2026-10-26T01:30:00Z")
    );
}

#[test]
fn what_is_not_cron_is_said_with_its_cure() {
    let rows: Vec<String> = [
        "",
        "@daily",
        "0 14 * *",
        "0 0 14 * * *",
        "60 14 * * *",
        "0 24 * * *",
        "0 14 0 * *",
        "0 14 32 * *",
        "0 14 * 13 *",
        "0 14 * FEBRUARY *",
        "0 14 * * 8",
        "0 14 * * TUE#6",
        "0 14 * * TUE#",
        "0 14 * * TUE#+1",
        "0 14 * * L",
        "0 14 15W * *",
        "0 14 ? * *",
        "0 14 * * FRI-MON",
        "22-2 14 * * *",
        "5/10 14 * * *",
        "*/0 14 * * *",
        "*/60 14 * * *",
        "+5 14 * * *",
        ",5 14 * * *",
        "0 14 */2 * MON",
        "0 14 30 2 *",
        "0 14 31 4,6,9,11 *",
    ]
    .iter()
    .map(|text| {
        let refused = CronExpression::new(text).expect_err(text);
        format!("{text:<20} {refused}")
    })
    .collect();
    insta::assert_snapshot!(rows.join("\n"), @r#"
                         `` has 0 fields instead of five. Write minute, hour, day of month, month and day of week, as in "0 14 * 2,5,8,11 TUE#1".
    @daily               `@daily` is a shortcut. Write the five fields, as in "0 14 * * MON" for every Monday at 14:00.
    0 14 * *             `0 14 * *` has 4 fields instead of five. Write minute, hour, day of month, month and day of week, as in "0 14 * 2,5,8,11 TUE#1".
    0 0 14 * * *         `0 0 14 * * *` has 6 fields instead of five. Write minute, hour, day of month, month and day of week, as in "0 14 * 2,5,8,11 TUE#1".
    60 14 * * *          `60` does not fit the minute field. Use 0 to 59.
    0 24 * * *           `24` does not fit the hour field. Use 0 to 23.
    0 14 0 * *           `0` does not fit the day-of-month field. Use 1 to 31.
    0 14 32 * *          `32` does not fit the day-of-month field. Use 1 to 31.
    0 14 * 13 *          `13` does not fit the month field. Use 1 to 12 or JAN to DEC.
    0 14 * FEBRUARY *    `FEBRUARY` does not fit the month field. Use 1 to 12 or JAN to DEC.
    0 14 * * 8           `8` does not fit the day-of-week field. Use 0 to 7 or SUN to SAT.
    0 14 * * TUE#6       `TUE#6` is not an n-th day of the month. Write 1 to 5 after the #, as in TUE#1, or FRIL for the last Friday.
    0 14 * * TUE#        `TUE#` is not an n-th day of the month. Write 1 to 5 after the #, as in TUE#1, or FRIL for the last Friday.
    0 14 * * TUE#+1      `TUE#+1` is not an n-th day of the month. Write 1 to 5 after the #, as in TUE#1, or FRIL for the last Friday.
    0 14 * * L           `L` alone is not a day of the week. Write FRIL for the last Friday of the month, or L as the day of month for its last day.
    0 14 15W * *         `15W` does not fit the day-of-month field. Use 1 to 31.
    0 14 ? * *           `?` does not fit the day-of-month field. Use 1 to 31.
    0 14 * * FRI-MON     `FRI-MON` runs backwards. Write it as two ranges joined by a comma, as in FRI-SUN,MON or 22-23,0-2.
    22-2 14 * * *        `22-2` runs backwards. Write it as two ranges joined by a comma, as in FRI-SUN,MON or 22-23,0-2.
    5/10 14 * * *        `5/10` steps from a single minute. Write a range before the /, as in 0-59/2.
    */0 14 * * *         `*/0` has no usable step for the minute. Write a number from 1 to 59 after the /.
    */60 14 * * *        `*/60` has no usable step for the minute. Write a number from 1 to 59 after the /.
    +5 14 * * *          `+5` does not fit the minute field. Use 0 to 59.
    ,5 14 * * *          `` does not fit the minute field. Use 0 to 59.
    0 14 */2 * MON       `*/2` and `MON` together mean different days to different crons. Restrict only the day of month or only the day of week, or write the days out.
    0 14 30 2 *          `0 14 30 2 *` never fires. Choose a day that its months have.
    0 14 31 4,6,9,11 *   `0 14 31 4,6,9,11 *` never fires. Choose a day that its months have.
    "#);
}

#[test]
fn either_day_is_noticed() {
    assert!(cron("0 14 13 * FRI").fires_on_either_day());
    assert!(!cron("0 14 * * FRI#2").fires_on_either_day());
    assert!(!cron("0 14 13 * *").fires_on_either_day());
}

#[test]
fn the_plan_ends_with_its_century() {
    assert_eq!(
        five_fires("0 14 * * *", Tz::UTC, at("2100-12-30T14:00:00Z")).len(),
        1
    );
    assert_eq!(
        five_fires("0 14 * * *", Tz::UTC, at("1912-01-01T00:00:00Z"))[0],
        at("1970-01-01T14:00:00Z")
    );
}

fn any_expression() -> impl Strategy<Value = String> {
    let minute = prop_oneof![
        Just("0".to_owned()),
        (0u32..60).prop_map(|minute| minute.to_string()),
        (1u32..60).prop_map(|step| format!("*/{step}")),
        (0u32..30, 30u32..60).prop_map(|(first, last)| format!("{first}-{last}/7")),
    ];
    let hour = prop_oneof![
        (0u32..24).prop_map(|hour| hour.to_string()),
        (0u32..12, 12u32..24).prop_map(|(first, last)| format!("{first}-{last}/3")),
        Just("1-3".to_owned()),
        Just("*".to_owned()),
    ];
    let month = prop_oneof![
        Just("*".to_owned()),
        Just("*/3".to_owned()),
        prop::sample::select(vec!["MAR", "OCT", "NOV-DEC", "2,FEB,8"]).prop_map(str::to_owned),
    ];
    let days = prop_oneof![
        Just(("*".to_owned(), "*".to_owned())),
        (1u32..29).prop_map(|day| (day.to_string(), "*".to_owned())),
        (1u32..15, 15u32..32)
            .prop_map(|(first, last)| (format!("{first}-{last}/2,L"), "*".to_owned())),
        (0u32..8).prop_map(|day| ("*".to_owned(), day.to_string())),
        (0u32..8, 1u32..5).prop_map(|(day, nth)| ("*".to_owned(), format!("{day}#{nth}"))),
        (0u32..8).prop_map(|day| ("*".to_owned(), format!("{day}L"))),
        (1u32..29, 0u32..8)
            .prop_map(|(day, weekday)| (day.to_string(), format!("{weekday},MON#1"))),
        (0u32..5, 5u32..8).prop_map(|(first, last)| ("*".to_owned(), format!("{first}-{last}"))),
    ];
    (minute, hour, month, days).prop_map(|(minute, hour, month, (of_month, of_week))| {
        format!("{minute} {hour} {of_month} {month} {of_week}")
    })
}

fn any_zone() -> impl Strategy<Value = Tz> {
    prop::sample::select(vec![
        Tz::UTC,
        Tz::Europe__Berlin,
        Tz::America__New_York,
        Tz::Australia__Lord_Howe,
        Tz::Africa__Casablanca,
        Tz::Asia__Kathmandu,
    ])
}

fn any_moment() -> impl Strategy<Value = DateTime<Utc>> {
    let from = |text: &str, days: i64| {
        let first = at(text);
        (0..days * 86_400).prop_map(move |second| first + TimeDelta::seconds(second))
    };
    prop_oneof![
        from("2024-01-01T00:00:00Z", 1500),
        from("2026-03-28T00:00:00Z", 2),
        from("2026-10-24T00:00:00Z", 2),
        from("2026-10-31T00:00:00Z", 2),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn both_readers_always_agree(text in any_expression(), zone in any_zone(), after in any_moment()) {
        let plain = plain_cron::fires(&text, zone, after, 5, 4000);
        prop_assert_eq!(five_fires(&text, zone, after), plain);
    }

    #[test]
    fn the_next_fire_is_strictly_later(text in any_expression(), zone in any_zone(), after in any_moment()) {
        let mut last = after;
        for fire in five_fires(&text, zone, after) {
            prop_assert!(fire > last);
            last = fire;
        }
    }

    #[test]
    fn no_text_makes_cron_panic(text in r"([0-9*/,#LW?-]{1,6}|MON|SUN|JAN|[[:any:]]| ){0,12}") {
        if let Ok(expression) = CronExpression::new(&text) {
            prop_assert!(expression.fires_after(Tz::Europe__Berlin, at("2026-01-01T00:00:00Z")).take(3).count() <= 3);
        }
    }

    #[test]
    fn no_five_fields_make_cron_panic(fields in prop::collection::vec(r"[0-9*/,#LSUNMO-]{1,5}", 5)) {
        let _ = CronExpression::new(&fields.join(" "));
    }
}
