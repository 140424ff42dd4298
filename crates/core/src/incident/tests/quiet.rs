//! Quiet: at night each person is asked for one thing in five minutes, by whatever incident.

use insta::assert_snapshot;

use super::mitigations::{answered, mitigating};
use super::{ADA, KIM, Night, SAM, at, readable};
use crate::effect::Effect;
use crate::incident::{
    Command, Event, FactsToShow, NightHours, Outcome, Prompt, facts_to_show, held_for,
};
use crate::person::PersonId;
use crate::timeline::{Importance, Kind, Line, Reading};

fn asks_kim_about(night: &mut Night, about: Prompt) -> Vec<String> {
    night.bot(Command::Prompt {
        person: KIM,
        about,
        until: None,
    });
    night.happened()
}

fn is_asked(happened: &[String]) -> bool {
    happened.iter().any(|event| event.contains("prompted"))
}

/// How often Sam is asked for something until then.
fn sam_is_asked_until(night: &mut Night, clock: &str) -> usize {
    let before = night.effects.len();
    night.runs_until(clock);
    night.effects[before..]
        .iter()
        .filter(|effect| match &effect.effect {
            Effect::Tell { person, card } => {
                *person == SAM && card.content.contains("has not answered")
            }
            Effect::Say { card } => card.content.contains("Effect of"),
            _ => false,
        })
        .count()
}

#[test]
fn at_night_the_second_question_to_the_same_person_waits_its_five_minutes() {
    let mut night = mitigating();
    night.by(SAM).finishes("ai-off");
    night.at_clock("03:17").clock_rings();
    night.by(SAM).asks(answered(Outcome::NoChange));
    night.incident_mut().last_prompt.insert(SAM, at("03:20"));
    night.incident_mut().mitigations.asked.clear();
    night.incident_mut().lone_told_at = Some(at("03:09"));
    assert!(
        crate::incident::wake_at(night.incident(), &night.policy) >= Some(at("03:25")),
        "left alone until 03:25"
    );
    night.incident_mut().last_prompt.clear();
    assert_eq!(
        crate::incident::wake_at(night.incident(), &night.policy),
        Some(at("03:17"))
    );
}

#[test]
fn at_night_each_person_gets_one_prompt_in_five_minutes_and_the_rest_comes_later() {
    let mut night = mitigating();
    night.by(SAM).finishes("ai-off");
    for what in ["look at the edge log", "call the provider"] {
        night.by(SAM).asks(Command::AskFor {
            what: what.to_owned(),
            to: ADA,
            minutes: 5,
        });
    }
    assert_eq!(sam_is_asked_until(&mut night, "03:16"), 0);
    let mut by_day = night.fork();
    by_day.policy.zone = chrono_tz::Asia::Tokyo;
    assert_eq!(sam_is_asked_until(&mut night, "03:21"), 1);
    assert_eq!(sam_is_asked_until(&mut night, "03:26"), 1);
    assert_eq!(sam_is_asked_until(&mut night, "03:31"), 1);
    assert_eq!(
        sam_is_asked_until(&mut night, "04:00"),
        0,
        "each is told once"
    );
    assert_eq!(
        sam_is_asked_until(&mut by_day, "03:17"),
        3,
        "by day nothing is held"
    );
}

#[test]
fn it_is_night_from_ten_to_seven_on_the_wall() {
    let zone = super::night::ZONE;
    for (clock, night) in [
        ("21:59", false),
        ("22:00", true),
        ("03:00", true),
        ("06:59", true),
        ("07:00", false),
    ] {
        assert_eq!(
            NightHours::default().cover(at(clock), zone),
            night,
            "{clock}"
        );
    }
}

#[test]
fn a_team_says_when_its_night_is() {
    let time = |text: &str| text.parse().expect("a time of day");
    let hours = |from, until| NightHours {
        from: time(from),
        until: time(until),
    };
    for (hours, clock, night) in [
        (hours("23:30:00", "06:15:00"), "23:29", false),
        (hours("23:30:00", "06:15:00"), "23:30", true),
        (hours("23:30:00", "06:15:00"), "06:15", false),
        (hours("00:30:00", "05:00:00"), "00:10", false),
        (hours("00:30:00", "05:00:00"), "04:59", true),
        (hours("00:30:00", "05:00:00"), "23:00", false),
        (hours("03:00:00", "03:00:00"), "03:00", false),
    ] {
        let covered = hours.cover(at(clock), super::night::ZONE);
        assert_eq!(covered, night, "{clock} of {hours}");
    }
    // At a quarter past two, on the clock of the team, nobody is left alone any more.
    let mut night = mitigating();
    night.policy.night = hours("22:00:00", "02:00:00");
    assert!(is_asked(&asks_kim_about(&mut night, Prompt::Gap)));
    assert!(is_asked(&asks_kim_about(&mut night, Prompt::Facts)));
}

#[test]
fn it_is_night_where_the_person_lives() {
    let mut night = mitigating();
    night.policy.zones.insert(KIM, chrono_tz::Asia::Tokyo);
    assert!(is_asked(&asks_kim_about(&mut night, Prompt::Gap)));
    assert!(is_asked(&asks_kim_about(&mut night, Prompt::Facts)));
    night.policy.zones.insert(KIM, super::night::ZONE);
    assert!(!is_asked(&asks_kim_about(&mut night, Prompt::Facts)));
    // By day for the team, at night for Kim.
    night.policy.zone = chrono_tz::Asia::Tokyo;
    assert!(!is_asked(&asks_kim_about(&mut night, Prompt::Gap)));
}

#[test]
fn what_the_timeline_lacks_counts_like_any_question() {
    let mut night = mitigating();
    night.at_clock("03:20");
    assert!(is_asked(&asks_kim_about(&mut night, Prompt::Gap)));
    night.at_clock("03:24");
    assert!(!is_asked(&asks_kim_about(&mut night, Prompt::Facts)));
    assert!(
        asks_kim_about(&mut night, Prompt::Facts).is_empty(),
        "it is known to be held"
    );
    night.at_clock("03:25");
    assert!(is_asked(&asks_kim_about(&mut night, Prompt::Facts)));
    assert!(night.incident().held_prompts.is_empty());
}

#[test]
fn what_is_held_back_waits_in_more_until_it_is_asked_or_pointless() {
    let mut night = mitigating();
    let more = |night: &Night| in_more(night, KIM);
    asks_kim_about(&mut night, Prompt::Facts);
    assert_eq!(more(&night), "");
    for about in [Prompt::Gap, Prompt::Facts] {
        asks_kim_about(&mut night, about);
    }
    assert_eq!(
        more(&night),
        "**Held back for a few minutes**, because it is night: a silence in the timeline and messages that look like facts."
    );
    night.bot(Command::DropPrompt(Prompt::Gap));
    night.after_minutes(5);
    asks_kim_about(&mut night, Prompt::Facts);
    assert_eq!(more(&night), "");
    night.bot(Command::DropPrompt(Prompt::Gap));
    assert!(night.happened().is_empty());
}

#[test]
fn whom_another_incident_has_just_asked_is_left_alone() {
    let mut night = mitigating();
    night.by(SAM).finishes("ai-off");
    night.elsewhere.insert(SAM, at("03:15"));
    assert_eq!(sam_is_asked_until(&mut night, "03:19"), 0);
    assert_eq!(
        night.rings_next_at(),
        Some(at("03:20")),
        "it wakes when they may be asked"
    );
    assert_eq!(sam_is_asked_until(&mut night, "03:20"), 1);
    assert_eq!(night.incident().last_prompt.get(&SAM), Some(&at("03:20")));
}

#[test]
fn by_day_nobody_is_left_alone() {
    let mut night = mitigating();
    night.policy.zone = chrono_tz::Asia::Tokyo;
    night.by(SAM).finishes("ai-off");
    night.elsewhere.insert(SAM, at("03:15"));
    assert_eq!(sam_is_asked_until(&mut night, "03:17"), 1);
}

#[test]
fn a_page_and_an_update_that_is_due_are_not_held_back() {
    let mut night = mitigating();
    for person in [SAM, ADA, KIM] {
        night.elsewhere.insert(person, at("03:26"));
    }
    night.runs_until("03:28");
    let reminded = |event: &Event| matches!(event, Event::PromiseReminded { .. });
    assert!(
        night
            .history
            .iter()
            .any(|recorded| reminded(&recorded.event))
    );
    night.by(SAM).proposes(crate::role::Role::Bridge, KIM);
    assert!(
        night
            .last_effects()
            .iter()
            .any(|effect| matches!(effect, Effect::SyncDirect { .. }))
    );
}

#[test]
fn a_reminder_is_a_line_of_the_timeline_that_is_folded_away() {
    let mut night = mitigating();
    night.by(SAM).asks(Command::AskFor {
        what: "look at the edge log".to_owned(),
        to: ADA,
        minutes: 5,
    });
    night.runs_until("03:40");
    let nudges: Vec<String> = night
        .entries()
        .into_iter()
        .filter(|entry| entry.kind == Kind::Nudge)
        .inspect(|entry| assert_eq!(entry.importance, Importance::Detail))
        .map(|entry| readable(&entry.text))
        .collect();
    assert_snapshot!(nudges.join("\n"), @"
    told @Sam that there is no answer yet: look at the edge log
    reminded @Sam of the update due 02:32 UTC
    reminded everybody here of the update due 02:32 UTC
    ");
    let timeline = night.entries();
    let key = crate::timeline::lines(
        Reading::Key,
        night.incident(),
        &timeline,
        night.now,
        &night.policy,
    );
    assert!(!key.iter().any(|line| matches!(line, Line::Calls { .. })));
}

/// The hint for 03:10 to 03:11, as it is to be shown at a time.
fn hint_of_ten_past(night: &Night, tried_before: bool, clock: &str) -> Option<FactsToShow> {
    let minute = (at("03:10"), at("03:11"));
    facts_to_show(night.incident(), minute, tried_before, at(clock))
}

#[test]
fn a_hint_that_was_let_through_and_did_not_leave_shows_the_same_stretch_again() {
    let mut night = mitigating();
    let first = hint_of_ten_past(&night, false, "03:16").expect("nothing was shown");
    assert_eq!(
        (first.from, first.to),
        (at("03:10"), at("03:16")),
        "what was held back is shown together"
    );
    night.bot(Command::Prompt {
        person: KIM,
        about: Prompt::Facts,
        until: Some(first.to),
    });
    let again = hint_of_ten_past(&night, true, "03:20").expect("it did not leave");
    assert_eq!((again.from, again.to), (first.from, first.to));
    assert!(again.is_let_through, "nobody is asked twice for one hint");

    let next = facts_to_show(
        night.incident(),
        (at("03:12"), at("03:13")),
        false,
        at("03:20"),
    );
    assert_eq!(next, None, "that minute was shown with the first");
    let later = facts_to_show(
        night.incident(),
        (at("03:15"), at("03:17")),
        false,
        at("03:17"),
    );
    assert_eq!(
        later.map(|shown| shown.from),
        Some(first.to),
        "no gap and nothing twice"
    );
}

/// What somebody reads above the buttons of *More…*.
fn in_more(night: &Night, reader: PersonId) -> String {
    let held = held_for(night.incident(), reader, night.now, &night.policy);
    crate::cards::more(night.incident(), &held).body
}

#[test]
fn a_late_task_that_is_held_back_waits_in_more_for_whoever_asked() {
    let mut night = mitigating();
    night.by(SAM).asks(Command::AskFor {
        what: "roll **back**".to_owned(),
        to: ADA,
        minutes: 5,
    });
    night.at_clock("03:16");
    night.bot(Command::Prompt {
        person: SAM,
        about: Prompt::Gap,
        until: None,
    });
    night.at_clock("03:17").clock_rings();
    let is_told = |night: &Night| {
        let happened = night.happened();
        happened.iter().any(|event| event.contains("late"))
    };
    assert!(!is_told(&night), "he was asked a minute ago");
    assert_eq!(
        in_more(&night, SAM),
        "**Held back for a few minutes**, because it is night: <@2> has not answered *roll \\*\\*back\\*\\** and you command and repair alone."
    );
    assert_eq!(in_more(&night, KIM), "", "it concerns nobody else");
    night.runs_until("03:30");
    assert_eq!(in_more(&night, SAM), "", "both were said");
}
