//! One person fights the night alone, and nothing asks them to be five.

use super::{ADA, KIM, MO, Night, SAM, at};
use crate::cards;
use crate::effect::Effect;
use crate::incident::{Command, ImpactAnswer, UpdateKind};
use crate::phase::Phase;
use crate::role::Role::{Bridge, Documentation, OnCall};
use crate::severity::Severity::{Sev1, Sev2};
use crate::timeline::{hinted_at_facts, may_ask_about_gaps};

/// Sam takes it at 03:03; Mo and Kim were asked at 03:02 and sleep.
fn sam_takes_it() -> Night {
    let mut night = Night::at("03:02")
        .on_duty(OnCall, SAM)
        .on_duty(Bridge, MO)
        .on_duty(Documentation, KIM)
        .fires("orders-api 5xx", Sev2);
    night.at_clock("03:03").by(SAM).takes_it();
    night
}

/// The line of the board that says who does what.
fn roles_line(night: &Night) -> String {
    let board = cards::board(night.incident());
    let line = board
        .body
        .lines()
        .find(|line| line.starts_with("**ROLES**"));
    line.expect("every board has it").to_owned()
}

#[test]
fn ten_minutes_without_company_make_a_solo_night_and_not_a_moment_less() {
    let mut night = sam_takes_it();
    night.runs_until("03:12");
    assert!(!night.incident().is_solo());
    night.at_clock("03:12:59").clock_rings();
    assert!(!night.incident().is_solo());
    night.runs_until("03:13");
    let solo = night.incident().solo.expect("ten minutes alone");
    assert_eq!((solo.person, solo.since), (SAM, at("03:13")));
    assert_eq!(
        roles_line(&night),
        "**ROLES** 👑 <@1>: On-Call (solo) · asked: Bridge <@3>, Docs <@4>"
    );
}

#[test]
fn all_that_one_person_does_stands_in_one_line_and_one_card() {
    let mut night = sam_takes_it();
    night.by(SAM).accepts(Bridge);
    night.by(SAM).accepts(Documentation);
    night.runs_until("03:30");
    assert_eq!(
        roles_line(&night),
        "**ROLES** 👑 <@1>: On-Call + Bridge + Docs (solo)"
    );
    let card = cards::solo_role(&night.incident().roles_of(SAM));
    assert_eq!(card.title, "On-Call + Bridge + Docs (solo)");
    assert!(card.body.chars().count() <= 900, "{}", card.body);
}

#[test]
fn a_second_person_who_accepts_ends_it_at_once_and_it_begins_anew_when_they_leave() {
    let mut night = sam_takes_it();
    night.runs_until("03:20");
    night.by(MO).accepts(Bridge);
    assert!(!night.incident().is_solo());
    assert!(roles_line(&night).contains("Bridge <@3> · 👑 On-Call <@1>"));
    night.at_clock("03:25").by(MO).gives_back(Bridge);
    night.runs_until("03:34");
    assert!(!night.incident().is_solo(), "Mo was here until 03:25");
    night.runs_until("03:35");
    assert!(night.incident().is_solo());
}

#[test]
fn whoever_does_something_without_a_role_is_company() {
    let mut night = sam_takes_it();
    night
        .at_clock("03:08")
        .by(ADA)
        .asks(Command::StateHypothesis("the release".to_owned()));
    night.runs_until("03:17");
    assert!(!night.incident().is_solo());
    night.runs_until("03:18");
    assert!(night.incident().is_solo());
    night
        .at_clock("03:19")
        .by(ADA)
        .asks(Command::DescribeImpact("nobody can order".to_owned()));
    assert!(!night.incident().is_solo());
}

#[test]
fn whoever_writes_a_line_is_company_and_is_noted_once_a_minute() {
    let mut night = sam_takes_it();
    night.runs_until("03:20");
    assert!(night.incident().is_solo());
    night.bot(Command::SeeAtWork(SAM));
    assert!(night.incident().is_solo(), "one's own lines are none");
    night.bot(Command::SeeAtWork(ADA));
    assert!(!night.incident().is_solo());
    night.after_seconds(59).bot(Command::SeeAtWork(ADA));
    assert!(night.happened().is_empty());
    night.after_seconds(1).bot(Command::SeeAtWork(ADA));
    assert_eq!(night.happened(), ["seen_at_work"]);
    night.runs_until("03:31");
    assert!(night.incident().is_solo(), "Ada was last seen at 03:21");
    night.by(MO).accepts(Bridge);
    night.after_minutes(5).bot(Command::SeeAtWork(ADA));
    assert!(night.happened().is_empty(), "nobody seems to be alone");
}

#[test]
fn the_first_role_is_asked_for_of_whoever_gave_it_back() {
    let mut night = sam_takes_it();
    night.by(SAM).accepts(Bridge);
    night.by(SAM).gives_back(OnCall);
    night.runs_until("03:30");
    assert!(night.incident().is_solo());
    assert!(
        roles_line(&night).ends_with("empty: On-Call"),
        "{}",
        roles_line(&night)
    );
}

#[test]
fn whoever_comes_to_one_who_works_alone_reads_where_they_can_help() {
    let mut night = sam_takes_it();
    night.runs_until("03:13");
    let help = cards::help(Some((night.incident(), ADA)));
    assert!(help.body.contains("You can help"), "{}", help.body);
}

#[test]
fn a_row_that_knows_nothing_of_this_is_read() {
    let mut night = sam_takes_it();
    night.by(SAM).asks(Command::Page {
        role: Bridge,
        to: MO,
    });
    night.runs_until("03:13");
    let mut row = serde_json::to_value(night.incident()).expect("an incident can be stored");
    let fields = row.as_object_mut().expect("an incident has fields");
    for name in ["solo", "activity", "calls"] {
        assert!(fields.remove(name).is_some(), "{name} was stored");
    }
    fields.remove("second_looks");
    let read: crate::incident::Incident = serde_json::from_value(row).expect("an older row");
    assert!(!read.is_solo() && read.activity.is_empty() && read.calls.is_empty());
    let handed = r#"{"is":"handover_accepted","subjects":[],"from":1,"to":2,"briefing":""}"#;
    let event: Result<crate::incident::Event, _> = serde_json::from_str(handed);
    assert!(event.is_ok(), "{event:?}");
}

#[test]
fn saying_no_is_no_company() {
    let mut night = sam_takes_it();
    night
        .at_clock("03:05")
        .by(MO)
        .asks(Command::Decline { role: Bridge });
    night.runs_until("03:13");
    assert!(night.incident().is_solo());
    night.at_clock("03:14").by(KIM).asks(Command::Decline {
        role: Documentation,
    });
    assert!(night.incident().is_solo());
    assert_eq!(roles_line(&night), "**ROLES** 👑 <@1>: On-Call (solo)");
}

#[test]
fn no_role_but_the_first_is_asked_for_and_others_can_still_be_called() {
    let mut night = sam_takes_it();
    night.runs_until("03:13");
    let required = night.incident().required_roles();
    assert_eq!(required.into_iter().collect::<Vec<_>>(), [OnCall]);
    let roles = format!("{:?}", cards::roles(night.incident(), SAM).rows);
    assert!(roles.contains("Page Bridge"), "{roles}");
    night.by(SAM).asks(Command::Page {
        role: Bridge,
        to: MO,
    });
    assert!(night.incident().is_solo(), "called is not here");
}

#[test]
fn what_the_timeline_lacks_is_asked_when_users_are_no_longer_hurt() {
    let mut night = sam_takes_it();
    night.by(SAM).accepts(Documentation);
    assert_eq!(hinted_at_facts(night.incident()), None);
    night.runs_until("03:40");
    assert_eq!(hinted_at_facts(night.incident()), None);
    assert!(!may_ask_about_gaps(night.incident()));
    night.by(SAM).moves_to(Phase::Mitigation);
    night
        .by(SAM)
        .moves_to_saying(Phase::Fix, ImpactAnswer::OverNow);
    assert!(night.incident().is_mitigated() && night.incident().is_solo());
    assert_eq!(hinted_at_facts(night.incident()), Some(SAM));
    assert!(may_ask_about_gaps(night.incident()));
}

/// Acceptance scenario 8: what others were asked stays asked, word goes out all the same, and the end has its draft.
#[test]
fn solo_night() {
    let mut night = Night::at("03:02")
        .on_duty(OnCall, SAM)
        .on_duty(Bridge, MO)
        .fires("orders-api 5xx", Sev1);
    night.at_clock("03:03").by(SAM).takes_it();
    let asked_at_first = calls_of(&night, MO);
    night.runs_until("03:40");
    assert!(night.incident().is_solo());
    assert_eq!(calls_of(&night, MO), asked_at_first, "nobody is nagged");
    let kinds: Vec<UpdateKind> = night
        .incident()
        .updates
        .iter()
        .map(|sent| sent.kind)
        .collect();
    assert_eq!(kinds, [UpdateKind::Holding], "the first note went out");
    let reminded = night.effects.iter().any(
        |effect| matches!(&effect.effect, Effect::Tell { person: SAM, card } if card.content.contains("update")),
    );
    assert!(reminded, "the drafted update came to Sam");
    night.by(SAM).asks(Command::Resolve { anyway: true });
    assert!(
        night
            .effects
            .iter()
            .any(|effect| effect.effect == Effect::DraftPostmortem)
    );
}

fn calls_of(night: &Night, person: crate::person::PersonId) -> usize {
    let calls = night.effects.iter().filter(|effect| {
        matches!(&effect.effect, Effect::SyncDirect { person: to, .. } | Effect::Tell { person: to, .. } if *to == person)
    });
    calls.count()
}
