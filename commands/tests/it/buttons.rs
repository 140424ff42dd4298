//! Component ids survive restarts, versions and the longest names.

use std::collections::BTreeSet;

use bridgewatch_commands::buttons::{MAX_ID_CHARACTERS, UnknownButton, decode, encode};
use bridgewatch_commands::forms::{FormAsks, FormId};
use bridgewatch_core::card::{
    Act, DataLoss, HandoverReason, HandoverSet, ListOf, LowerReason, Press,
};
use bridgewatch_core::cards::HelpTopic;
use bridgewatch_core::ids::{EntryNumber, IncidentId, Seq};
use bridgewatch_core::incident::{ActionKind, CancelReason};
use bridgewatch_core::person::PersonId;
use bridgewatch_core::phase::Phase;
use bridgewatch_core::role::Role;
use bridgewatch_core::runbook::{RunbookId, SkipReason, StepId, StepPhase};
use bridgewatch_core::severity::Severity;

use crate::acts::{every_act, every_form};

/// Every act with every argument it can have, and the largest of those that are open-ended.
fn every_act_with_every_argument() -> Vec<Act> {
    let longest_runbook = RunbookId::new(&"r".repeat(48)).expect("48 letters are an identifier");
    let longest = StepId::new(&"s".repeat(48)).expect("48 letters are an identifier");
    let mut acts = Vec::new();
    for act in every_act() {
        match act {
            Act::Cancel(_) => acts.extend(CancelReason::ALL.map(Act::Cancel)),
            Act::Move(_) => acts.extend(Phase::ALL.map(Act::Move)),
            Act::CameBackHurting(_) => acts.extend(Phase::ALL.map(Act::CameBackHurting)),
            Act::CameBackHarmless(_) => acts.extend(Phase::ALL.map(Act::CameBackHarmless)),
            Act::Undo(_) => acts.push(Act::Undo(Seq(i64::MAX))),
            Act::Incidents(_) => acts.extend(ListOf::ALL.map(Act::Incidents)),
            Act::HelpAbout(_) => acts.extend(HelpTopic::ALL.map(Act::HelpAbout)),
            Act::SetSeverity(_) => acts.extend(Severity::ALL.map(Act::SetSeverity)),
            Act::LowerSeverity(..) => {
                for severity in Severity::ALL {
                    acts.extend(
                        LowerReason::ALL.map(|reason| Act::LowerSeverity(severity, reason)),
                    );
                }
            }
            Act::Accept(_) => acts.extend(Role::ALL.map(Act::Accept)),
            Act::Decline(_) => acts.extend(Role::ALL.map(Act::Decline)),
            Act::Release(_) => acts.extend(Role::ALL.map(Act::Release)),
            Act::AskPropose(_) => acts.extend(Role::ALL.map(Act::AskPropose)),
            Act::OfferHandoverTo(_) => acts.push(Act::OfferHandoverTo(PersonId(u64::MAX))),
            Act::GiveCommand(_) => acts.push(Act::GiveCommand(PersonId(u64::MAX))),
            Act::OfferHandover(_) => {
                acts.extend(
                    [HandoverSet::Everything, HandoverSet::Command].map(Act::OfferHandover),
                );
                acts.extend(Role::ALL.map(|role| Act::OfferHandover(HandoverSet::Role(role))));
                let why = [HandoverReason::Fatigue, HandoverReason::ShiftEnd];
                acts.extend(why.map(|why| Act::OfferHandoverBecause(HandoverSet::Command, why)))
            }
            Act::ClaimStep(_) => acts.push(Act::ClaimStep(longest.clone())),
            Act::FinishStep(_) => acts.push(Act::FinishStep(longest.clone())),
            Act::ConfirmStep(_) => acts.push(Act::ConfirmStep(longest.clone())),
            Act::DecideStep(_) => acts.push(Act::DecideStep(longest.clone())),
            Act::AskSkip(_) => acts.push(Act::AskSkip(longest.clone())),
            Act::SkipStep(..) => {
                acts.extend(SkipReason::ALL.map(|reason| Act::SkipStep(longest.clone(), reason)));
            }
            Act::StepMore(_) => acts.push(Act::StepMore(longest.clone())),
            Act::AddRunbook(_) => acts.push(Act::AddRunbook(longest_runbook.clone())),
            Act::CompareRunbook(_) => acts.push(Act::CompareRunbook(longest_runbook.clone())),
            Act::RenewRunbook(_, version) => {
                acts.push(Act::RenewRunbook(longest_runbook.clone(), version));
            }
            Act::AskSecondLook(_) => acts.push(Act::AskSecondLook(longest.clone())),
            Act::ConfirmSecondLook(_) => acts.push(Act::ConfirmSecondLook(longest.clone())),
            Act::WaitSecondLook(_) => acts.push(Act::WaitSecondLook(longest.clone())),
            Act::PageRole(_) => acts.extend(Role::ALL.map(Act::PageRole)),
            Act::StepHelp(_) => acts.push(Act::StepHelp(longest.clone())),
            Act::TickSteps(_) => acts.extend(StepPhase::ALL.map(Act::TickSteps)),
            Act::SendUpdate(_) => {
                acts.extend([Act::SendUpdate(None), Act::SendUpdate(Some(u32::MAX))])
            }
            Act::SendShown(_, mark) => acts.extend([
                Act::SendShown(None, mark.clone()),
                Act::SendShown(Some(u32::MAX), mark),
            ]),
            Act::SendAllClear(_) => {
                acts.extend([DataLoss::No, DataLoss::Yes, DataLoss::Unknown].map(Act::SendAllClear))
            }
            Act::RetractEntry(_) => acts.push(Act::RetractEntry(EntryNumber(i64::MAX))),
            Act::RestoreEntry(_) => acts.push(Act::RestoreEntry(EntryNumber(i64::MAX))),
            Act::Action(_) => acts.extend(ActionKind::ALL.map(Act::Action)),
            other => acts.push(other),
        }
    }
    acts
}

#[test]
fn every_press_comes_back_as_it_was_and_fits_into_an_id() {
    let mut ids = BTreeSet::new();
    for act in every_act_with_every_argument() {
        for incident in [None, Some(IncidentId(1)), Some(IncidentId(i64::MAX))] {
            for phase in Phase::ALL.into_iter().map(Some).chain([None]) {
                let press = Press {
                    incident,
                    phase,
                    act: act.clone(),
                };
                let id = encode(&press);
                assert!(id.chars().count() <= MAX_ID_CHARACTERS, "{id} is too long");
                assert_eq!(decode(&id), Ok(press), "{id}");
                assert!(ids.insert(id.clone()), "{id} has two meanings");
            }
        }
    }
}

#[test]
fn the_id_of_a_button_is_a_promise_to_cards_already_posted() {
    let step = StepId::new("db-up").expect("the literal is an identifier");
    let press = Press::in_phase(IncidentId(142), Phase::Diagnosis, Act::FinishStep(step));
    assert_eq!(encode(&press), "bw1|142|diagnosis|finish-step|db-up");
    let press = Press::any_time(IncidentId(7), Act::Take);
    assert_eq!(encode(&press), "bw1|7|-|take");
}

#[test]
fn an_id_that_nobody_here_made_is_unknown() {
    for id in [
        "",
        "bw1",
        "bw1|142",
        "bw1|142|diagnosis",
        "bw1|142|diagnosis|",
        "bw1|142|diagnosis|dance",
        "bw1|142|diagnosis|take|twice",
        "bw1|142|tea-time|take",
        "bw1|-5|-|take",
        "bw1|0|-|take",
        "bw1|abc|-|take",
        "bw1|142|-|finish-step|DB UP",
        "bw1|142|-|sev|sev5",
        "bw2|142|-|take",
        "bw1f|142|-|take",
        "v1:declare:7",
        "😀|😀|😀|😀",
    ] {
        assert_eq!(decode(id), Err(UnknownButton(id.to_owned())), "{id}");
    }
    let long = "x".repeat(5_000);
    let Err(UnknownButton(shown)) = decode(&long) else {
        panic!("a made-up id was understood")
    };
    assert_eq!(shown.len(), 100);
}

#[test]
fn every_form_comes_back_as_it_was_and_fits_into_an_id() {
    let mut asks = every_form();
    asks.extend(ActionKind::ALL.map(FormAsks::Action));
    for asks in asks {
        for phase in [None, Some(Phase::Mitigation), Some(Phase::Validation)] {
            let form = FormId {
                incident: Some(IncidentId(i64::MAX)),
                phase,
                asks: asks.clone(),
            };
            let id = form.encode();
            assert!(id.chars().count() <= MAX_ID_CHARACTERS, "{id} is too long");
            assert_eq!(FormId::decode(&id), Ok(form), "{id}");
        }
    }
}

#[test]
fn only_a_form_that_is_about_none_comes_back_without_an_incident() {
    for asks in every_form() {
        let form = FormId {
            incident: None,
            phase: None,
            asks: asks.clone(),
        };
        let alone = matches!(
            asks,
            FormAsks::NewIncident
                | FormAsks::FindIncidents
                | FormAsks::FindRunbooks
                | FormAsks::Maintenance
        );
        let id = form.encode();
        assert_eq!(FormId::decode(&id).is_ok(), alone, "{id}");
        if alone {
            assert_eq!(FormId::decode(&id), Ok(form));
        }
    }
}

#[test]
fn a_form_without_an_incident_or_with_a_broken_id_is_unknown() {
    for id in [
        "bw1f|-|-|think",
        "bw1f|5|-|add|1|2",
        "bw1f|5|-|add|1|2|zz!",
        "bw1f|5|-|action|poetry",
        "bw1|5|-|think",
        "",
    ] {
        assert!(FormId::decode(id).is_err(), "{id}");
    }
}
