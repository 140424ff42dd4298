//! What holds for every rota at every moment.

use proptest::prelude::*;

use super::*;

/// Rotas of one role with every ingredient, in zones whose clocks change.
fn any_rota() -> impl Strategy<Value = Rota> {
    let zone = prop::sample::select(vec![
        "Europe/Berlin",
        "America/New_York",
        "Australia/Lord_Howe",
        "UTC",
    ]);
    let every = prop::sample::select(vec!["1h", "3h", "12h", "1d", "1w", "2w"]);
    let start = prop::sample::select(vec![
        "2026-01-05T09:00",
        "2026-03-20T02:30",
        "2026-10-20T02:00",
    ]);
    let hours = prop::sample::select(vec![
        "",
        "hours = \"Mon-Fri 09:00-18:00\"",
        "hours = \"21:00-02:30\"",
        "hours = [\"Sun 02:15-02:45\", \"Mon-Sat 00:00-24:00\"]\noutside = \"page-only-sev1\"",
        "hours = \"Sat,Sun 00:00-24:00\"\noutside = \"nobody\"",
    ]);
    let backup = prop::sample::select(vec!["", "backup = \"previous\"", "backup = \"@mo\""]);
    let swap = prop::sample::select(vec![
        "",
        "[[override]]\nrole = \"oncall\"\nperson = \"@mo\"\nfrom = \"2026-03-28T12:00\"\nto = \"2026-03-29T02:30\"\n",
        "[[override]]\nrole = \"oncall\"\nperson = \"@sam\"\nfrom = \"2026-10-25T02:30\"\nto = \"2026-10-26T12:00\"\n",
    ]);
    (zone, every, start, hours, backup, swap).prop_map(
        |(zone, every, start, hours, backup, swap)| {
            let text = format!(
                "timezone = \"{zone}\"\n[people]\nsam = 1\nada = 2\nlin = 3\nmo = 4\n[[schedule]]\nrole = \"oncall\"\npeople = [\"@sam\", \"@ada\", \"@lin\"]\npattern = {{ every = \"{every}\", start = \"{start}\" }}\n{hours}\n{backup}\n{swap}"
            );
            parse("rota.toml", &text)
                .unwrap_or_else(|refused| panic!("{text}\n{refused}"))
                .value
        },
    )
}

/// Moments of 2026, many of them near a clock change.
fn any_moment() -> impl Strategy<Value = DateTime<Utc>> {
    let days = |first: &str, count: i64| {
        let first = at(first);
        (0..count * 1440).prop_map(move |minute| first + TimeDelta::minutes(minute))
    };
    prop_oneof![
        days("2026-01-01T00:00:00Z", 365),
        days("2026-03-28T00:00:00Z", 3),
        days("2026-10-24T00:00:00Z", 3),
        days("2026-10-31T00:00:00Z", 3),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn somebody_is_on_whenever_there_is_somebody_to_ask(rota in any_rota(), moment in any_moment()) {
        let first = candidates(&rota, Role::OnCall, moment).into_iter().next();
        let duty = who_is_on(&rota, Role::OnCall, moment);
        prop_assert_eq!(duty.as_ref().map(|duty| duty.person), first.map(|first| first.person));
        let is_gap = !gaps(&rota, moment, moment + TimeDelta::minutes(1)).is_empty();
        if let Some(duty) = duty {
            prop_assert!(duty.until.is_some_and(|until| until > moment));
            let has_a_turn = matches!(duty.because, Because::Override { .. } | Because::Slot);
            prop_assert_eq!(is_gap, !has_a_turn);
        }
    }

    #[test]
    fn the_answer_holds_until_the_end_that_was_named(rota in any_rota(), moment in any_moment(), part in 0.0..1.0) {
        if let Some(duty) = who_is_on(&rota, Role::OnCall, moment) {
            let until = duty.until.expect("three people take turns");
            let length = (until - moment).num_seconds() as f64;
            let between = moment + TimeDelta::seconds((length * part) as i64);
            let still = on_call(&rota, between);
            prop_assert_eq!((still.person, still.until), (duty.person, Some(until)));
            let next = who_is_on(&rota, Role::OnCall, until);
            prop_assert_ne!(
                next.map(|next| (next.person, next.because, next.reach)),
                Some((duty.person, duty.because, duty.reach))
            );
        }
    }

    #[test]
    fn everybody_is_asked_at_most_once(rota in any_rota(), moment in any_moment()) {
        let mut people: Vec<_> = candidates(&rota, Role::OnCall, moment)
            .into_iter()
            .map(|candidate| candidate.person)
            .collect();
        let asked = people.len();
        people.sort();
        people.dedup();
        prop_assert_eq!(people.len(), asked);
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in r#"(timezone|people|schedule|\[\[|\]\]|\[|\]|=|"|'|\{|\}|,|\.|[0-9:TZ+-]{1,8}|\n| |é|role|hours|pattern|every|[[:any:]]){0,40}"#) {
        let _ = parse("rota.toml", &text);
        let _ = parse("rota.toml", &format!("{PEOPLE}{text}"));
    }

    #[test]
    fn no_value_makes_the_reader_panic(value in r#"[0-9a-zA-Z:@#<>,. +é-]{0,20}"#, key in 0usize..8) {
        let keys = ["role", "people", "pattern", "timezone", "hours", "outside", "backup", "x"];
        for written in [format!("\"{value}\""), format!("[\"{value}\"]"), value.clone(), format!("{{ every = \"{value}\", start = \"{value}\" }}")] {
            let _ = parse("rota.toml", &format!("{PEOPLE}[[schedule]]\n{} = {written}\n", keys[key]));
        }
    }
}
