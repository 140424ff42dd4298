//! Somebody is wanted now: whom a page calls, how, and how often.

use super::{ADA, KIM, MO, Night, SAM};
use crate::cards;
use crate::effect::{DirectTopic, Effect, NewEffect};
use crate::incident::{
    Command, Event, Incident, Visibility, WhomToPage, is_still_called, waits_for_answer,
    whom_to_page,
};
use crate::oncall::{Because, Candidate, Reach};
use crate::person::PersonId;
use crate::role::Role::{self, Bridge, Documentation, OnCall};
use crate::severity::Severity::{self, Sev1, Sev2, Sev3};

fn on_call(person: PersonId, reach: Reach) -> Candidate {
    Candidate {
        person,
        because: Because::Slot,
        reach,
    }
}

fn always(people: &[PersonId]) -> Vec<Candidate> {
    people
        .iter()
        .map(|person| on_call(*person, Reach::Always))
        .collect()
}

/// Sam has it since 03:02; Mo was asked to be Bridge Engineer and written to.
fn taken(severity: Severity) -> Night {
    let mut night = Night::at("03:02")
        .on_duty(OnCall, SAM)
        .on_duty(Bridge, MO)
        .with_pager()
        .fires("orders-api 5xx", severity);
    night.was_written_to(MO, DirectTopic::Proposal { role: Bridge });
    night.by(SAM).takes_it();
    night.after_minutes(1);
    night.effects.clear();
    night
}

fn page(night: &mut Night, role: Role, to: PersonId) {
    night.by(SAM).asks(Command::Page { role, to });
}

/// How often somebody's phone made a sound: a message of its own, and a call of the pager.
fn sounds(night: &Night, person: PersonId) -> (usize, usize) {
    let count = |wanted: &dyn Fn(&Effect) -> bool| {
        let effects = night.effects.iter();
        effects.filter(|effect| wanted(&effect.effect)).count()
    };
    (
        count(
            &|effect| matches!(effect, Effect::Tell { person: to, .. } | Effect::SyncDirect { person: to, .. } if *to == person),
        ),
        count(&|effect| {
            *effect
                == Effect::Page {
                    person: Some(person),
                }
        }),
    )
}

#[test]
fn whoever_was_asked_and_has_not_answered_is_rung_again() {
    let mut night = taken(Sev1);
    page(&mut night, Bridge, MO);
    assert_eq!(sounds(&night, MO), (1, 1));
    let anew = |effect: &&NewEffect| {
        let about = DirectTopic::Proposal { role: Bridge };
        effect.effect
            == Effect::SyncDirect {
                person: MO,
                about,
                anew: true,
            }
    };
    let rings = night.effects.iter().find(anew).cloned();
    let rings = rings.expect("an edit of the old message would make no sound");
    night.effects.clear();
    night.by(SAM).asks(Command::SetVisibility {
        to: Visibility::Restricted,
    });
    let edit = night.effects.iter().find(|effect| {
        matches!(effect.effect, Effect::SyncDirect { person: MO, .. }) && !anew(effect)
    });
    let edit = edit.expect("the message follows what becomes of the incident");
    assert_eq!(edit.stream, rings.stream, "in their order");
    assert_ne!(
        edit.coalesce_key, rings.coalesce_key,
        "an edit does not take the place of the sound"
    );
}

#[test]
fn nobody_is_rung_anew_who_has_answered_meanwhile() {
    let mut night = taken(Sev1);
    let about = DirectTopic::Proposal { role: Bridge };
    page(&mut night, Bridge, MO);
    assert!(waits_for_answer(night.incident(), MO, &about));
    assert!(!waits_for_answer(night.incident(), ADA, &about));
    assert!(!waits_for_answer(night.incident(), MO, &DirectTopic::Page));
    night.by(MO).asks(Command::Decline { role: Bridge });
    assert!(!waits_for_answer(night.incident(), MO, &about));
}

#[test]
fn the_pager_says_as_what_somebody_is_wanted() {
    let mut night = taken(Sev1);
    page(&mut night, Bridge, MO);
    let line = |person| cards::pager_line(night.incident(), person);
    assert_eq!(
        line(Some(MO)),
        "🔴 SEV1 orders-api 5xx 38 % · DB 100/100 — Bridge Engineer wanted"
    );
    assert_eq!(
        line(None),
        "🔴 SEV1 orders-api 5xx 38 % · DB 100/100 — Take it"
    );
    let mut open = Night::at("03:02").fires("orders-api 5xx", Sev1);
    page(&mut open, Bridge, MO);
    let first = cards::pager_line(open.incident(), Some(MO));
    assert!(first.ends_with("Take it"), "nobody has it yet: {first}");
}

#[test]
fn a_call_on_its_way_is_dropped_once_it_is_answered() {
    let mut night = taken(Sev1);
    assert!(!is_still_called(night.incident(), Some(MO)), "only asked");
    page(&mut night, Bridge, MO);
    assert!(is_still_called(night.incident(), Some(MO)));
    assert!(!is_still_called(night.incident(), Some(ADA)));
    assert!(!is_still_called(night.incident(), None), "Sam has it");
    night.by(MO).accepts(Bridge);
    assert!(!is_still_called(night.incident(), Some(MO)));
}

#[test]
fn a_page_writes_to_them_whatever_the_severity_and_says_where_no_pager_rang() {
    let mut night = taken(Sev3);
    page(&mut night, Documentation, KIM);
    assert_eq!(sounds(&night, KIM), (1, 0), "no pager for a SEV3");
    assert!(night.incident().holder(Documentation).is_none());
    let line = night.noted().pop().expect("it is noted");
    assert!(
        line.ends_with("@Kim was written to, no pager rang: Documentation Lead"),
        "{line}"
    );
    let mut night = taken(Sev1);
    page(&mut night, Bridge, MO);
    let line = night.noted().pop().expect("it is noted");
    assert!(line.ends_with("paged @Mo: Bridge Engineer"), "{line}");
    let mut night = taken(Sev1);
    night.policy.has_pager = false;
    page(&mut night, Bridge, MO);
    let line = night.noted().pop().expect("it is noted");
    assert!(line.contains("no pager rang"), "{line}");
}

#[test]
fn two_presses_ring_once_and_the_third_call_is_the_last() {
    let mut night = taken(Sev1);
    page(&mut night, Bridge, MO);
    page(&mut night, Bridge, MO);
    assert_eq!(sounds(&night, MO).1, 1);
    night.after_minutes(1);
    page(&mut night, Bridge, MO);
    assert!(night.was_refused(), "two minutes to answer");
    for _ in 0..4 {
        night.after_minutes(2);
        page(&mut night, Bridge, MO);
    }
    assert_eq!(sounds(&night, MO).1, 3);
    assert!(night.was_refused());
    page(&mut night, Bridge, ADA);
    assert_eq!(sounds(&night, ADA).1, 1, "somebody else is called at once");
}

#[test]
fn whoever_had_the_role_and_is_asked_again_is_called_anew() {
    let mut night = taken(Sev1);
    for _ in 0..3 {
        page(&mut night, Bridge, MO);
        night.after_minutes(2);
    }
    night.by(MO).accepts(Bridge);
    night.after_minutes(1).by(MO).gives_back(Bridge);
    page(&mut night, Bridge, MO);
    assert_eq!(sounds(&night, MO).1, 4);
    let calls = night.incident().calls_of(Bridge, MO);
    assert_eq!(calls.map(|calls| calls.times), Some(1));
}

#[test]
fn who_gave_a_role_back_is_known_at_once_and_after_what_came_then_is_undone() {
    let mut night = taken(Sev1);
    night.by(MO).accepts(Bridge);
    night.after_minutes(1).by(MO).gives_back(Bridge);
    let refused = night.incident().refused.clone();
    assert!(refused[&Bridge].contains(&MO));
    night.after_minutes(1).by(ADA).accepts(Documentation);
    let taken = night.incident().undo.clone();
    let taken = taken.expect("what was just done can be undone");
    night.by(ADA).asks(Command::Undo { seq: taken.seq });
    assert_eq!(night.incident().refused, refused);
}

#[test]
fn a_role_that_somebody_has_is_not_called_for() {
    let mut night = taken(Sev1);
    night.by(MO).accepts(Bridge);
    page(&mut night, Bridge, ADA);
    assert!(night.was_refused());
}

#[test]
fn the_rota_is_followed_in_its_order_past_those_who_said_no_and_those_called_enough() {
    let mut night = taken(Sev1);
    let rota = always(&[MO, ADA, KIM]);
    let whom = |night: &Night| whom_to_page(night.incident(), Bridge, &rota, SAM, &night.policy);
    assert_eq!(whom(&night), WhomToPage::Person(MO));
    for _ in 0..3 {
        page(&mut night, Bridge, MO);
        night.after_minutes(2);
    }
    assert_eq!(whom(&night), WhomToPage::Person(ADA));
    page(&mut night, Bridge, ADA);
    assert_eq!(
        whom(&night),
        WhomToPage::Person(ADA),
        "she may be rung again"
    );
    night.by(ADA).asks(Command::Decline { role: Bridge });
    assert_eq!(
        whom(&night),
        WhomToPage::Person(KIM),
        "Mo was called enough"
    );
    page(&mut night, Bridge, KIM);
    night.by(KIM).asks(Command::Decline { role: Bridge });
    assert_eq!(whom(&night), WhomToPage::Nobody);
    page(&mut night, Bridge, MO);
    assert!(night.refusal().contains("paged 3 times"));
}

#[test]
fn whoever_said_that_they_cannot_sleeps_on_while_the_others_are_asked() {
    let mut night = taken(Sev1);
    let rota = always(&[MO, ADA, KIM]);
    let whom = |night: &Night| whom_to_page(night.incident(), Bridge, &rota, SAM, &night.policy);
    night.by(MO).asks(Command::Decline { role: Bridge });
    assert_eq!(whom(&night), WhomToPage::Person(ADA));
    page(&mut night, Bridge, ADA);
    night.by(ADA).asks(Command::Decline { role: Bridge });
    assert_eq!(whom(&night), WhomToPage::Person(KIM));
    page(&mut night, Bridge, KIM);
    // Mo took it after all, and takes that back with *Undo*: it is as it was.
    night.by(MO).accepts(Bridge);
    night.by(MO).undoes();
    assert_eq!(whom(&night), WhomToPage::Person(KIM));
    // Who takes it after all can be asked again.
    night.by(ADA).accepts(Bridge);
    night.after_minutes(5).by(ADA).gives_back(Bridge);
    assert_eq!(whom(&night), WhomToPage::Person(KIM));
}

#[test]
fn what_an_earlier_version_stored_is_still_read() {
    let mut night = taken(Sev1);
    page(&mut night, Bridge, MO);
    let mut row = serde_json::to_value(night.incident()).expect("a state is JSON");
    let one = row["calls"]["bridge"][0].take();
    assert_eq!(one["times"], 1);
    row["calls"]["bridge"] = one;
    let read: Incident = serde_json::from_value(row).expect("it is read");
    assert_eq!(read, *night.incident());
    let event = Event::RolePaged {
        role: Bridge,
        to: MO,
        rang: false,
    };
    let mut stored = serde_json::to_value(event).expect("an event is JSON");
    let fields = stored.as_object_mut().expect("an event has fields");
    fields.remove("rang").expect("it is stored");
    let read: Event = serde_json::from_value(stored).expect("it is read");
    assert!(matches!(read, Event::RolePaged { rang: true, .. }));
}

#[test]
fn nobody_is_woken_outside_their_hours_for_less_than_a_sev1_unless_somebody_chooses_them() {
    let sleeping = [on_call(MO, Reach::OnlySev1)];
    let night = taken(Sev2);
    let found = whom_to_page(
        night.incident(),
        Documentation,
        &sleeping,
        SAM,
        &night.policy,
    );
    assert_eq!(found, WhomToPage::OnlySev1(MO));
    let card = cards::ask_whom_to_page(night.incident(), Documentation, found);
    assert_eq!(
        card.content,
        "At this hour the rota wakes <@3> for Documentation Lead in a SEV1 only. Page somebody else?"
    );
    let night = taken(Sev1);
    let found = whom_to_page(
        night.incident(),
        Documentation,
        &sleeping,
        SAM,
        &night.policy,
    );
    assert_eq!(found, WhomToPage::Person(MO));
}

#[test]
fn nobody_pages_themselves() {
    let night = taken(Sev1);
    let alone = whom_to_page(
        night.incident(),
        Bridge,
        &always(&[SAM]),
        SAM,
        &night.policy,
    );
    assert_eq!(alone, WhomToPage::Yourself);
    let next = whom_to_page(
        night.incident(),
        Bridge,
        &always(&[SAM, ADA]),
        SAM,
        &night.policy,
    );
    assert_eq!(next, WhomToPage::Person(ADA));
    let nobody = whom_to_page(night.incident(), Bridge, &[], SAM, &night.policy);
    assert_eq!(nobody, WhomToPage::Nobody);
}

#[test]
fn whoever_takes_it_off_the_rota_reads_who_is_on_it_and_whether_they_know() {
    let mut night = Night::at("03:02").fires("orders-api 5xx", Sev2);
    night.by(KIM).takes_it();
    let told =
        |night: &Night, rota: &[Candidate]| cards::not_on_the_rota(night.incident(), KIM, rota);
    assert_eq!(
        told(&night, &always(&[SAM])).as_deref(),
        Some("You are not on the rota for On-Call now; <@1> is, and was not called.")
    );
    let mut named = Night::at("03:02")
        .on_duty(OnCall, SAM)
        .fires("orders-api slow", Sev3);
    named.by(KIM).takes_it();
    assert_eq!(
        told(&named, &always(&[SAM])).as_deref(),
        Some("You are not on the rota for On-Call now; <@1> is, and was named on the board.")
    );
    night.was_written_to(SAM, DirectTopic::Page);
    assert_eq!(
        told(&night, &always(&[SAM])).as_deref(),
        Some("You are not on the rota for On-Call now; <@1> is, and is told that you have it.")
    );
    assert_eq!(told(&night, &always(&[KIM, SAM])), None, "their own turn");
    assert_eq!(told(&night, &[]), None, "nobody has written a rota");
    assert_eq!(
        told(&night, &[on_call(SAM, Reach::OnlySev1)]),
        None,
        "nobody is on at this hour"
    );
}
