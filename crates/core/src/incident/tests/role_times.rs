//! When the first role was filled, and when the last.

use super::{KIM, MO, Night, SAM, at};
use crate::incident::MilestoneName::{AllRolesFilled, FirstRoleFilled};
use crate::incident::{Command, MilestoneName, MilestoneSource};
use crate::role::Role::{Backend, Bridge, Documentation, Frontend};
use crate::severity::Severity::{Sev1, Sev2, Sev3};

fn reached(night: &Night, name: MilestoneName) -> Option<chrono::DateTime<chrono::Utc>> {
    night.incident().milestones.at(name)
}

#[test]
fn the_first_role_and_the_last_leave_their_times() {
    let mut night = Night::at("03:02").fires("orders-api 5xx", Sev2);
    night.at_clock("03:04").by(SAM).takes_it();
    assert_eq!(reached(&night, FirstRoleFilled), Some(at("03:04")));
    night.at_clock("03:08").by(MO).accepts(Bridge);
    night.at_clock("03:09").by(KIM).accepts(Documentation);
    assert_eq!(reached(&night, AllRolesFilled), None, "Backend is missing");
    night.at_clock("03:11").by(KIM).accepts(Backend);
    assert_eq!(reached(&night, AllRolesFilled), Some(at("03:11")));
    assert_eq!(reached(&night, FirstRoleFilled), Some(at("03:04")));
    let all = night.incident().milestones.current(AllRolesFilled);
    assert_eq!(all.map(|all| all.source), Some(MilestoneSource::System));
    night.at_clock("03:20").by(KIM).gives_back(Backend);
    assert_eq!(
        reached(&night, AllRolesFilled),
        Some(at("03:11")),
        "that it was so stays true"
    );
}

#[test]
fn a_worse_severity_calls_for_more_and_the_last_is_awaited_anew() {
    let mut night = Night::at("03:02").fires("orders-api slow", Sev3);
    night.by(SAM).takes_it();
    assert_eq!(reached(&night, AllRolesFilled), Some(at("03:02")));
    night.at_clock("03:10").by(SAM).rates(Sev1);
    assert_eq!(reached(&night, AllRolesFilled), None);
    for role in [Bridge, Backend, Frontend] {
        night.by(MO).accepts(role);
    }
    night.at_clock("03:12").by(KIM).accepts(Documentation);
    assert_eq!(reached(&night, AllRolesFilled), Some(at("03:12")));
}

#[test]
fn a_milder_severity_that_calls_for_none_that_is_missing_is_the_last() {
    let mut night = Night::at("03:02").fires("orders-api slow", Sev1);
    night.by(SAM).takes_it();
    assert_eq!(reached(&night, AllRolesFilled), None);
    night
        .at_clock("03:10")
        .by(SAM)
        .rates_because(Sev2, "one shop only");
    assert_eq!(reached(&night, AllRolesFilled), None, "Bridge is missing");
    night
        .at_clock("03:12")
        .by(SAM)
        .rates_because(Sev3, "slow, and works");
    assert_eq!(reached(&night, AllRolesFilled), Some(at("03:12")));
    let nobody = Night::at("03:02").fires("orders-api slow", Sev3);
    assert_eq!(reached(&nobody, AllRolesFilled), None);
}

#[test]
fn what_is_taken_back_was_not_filled() {
    let mut night = Night::at("03:02").fires("orders-api slow", Sev3);
    night.by(SAM).takes_it();
    night.by(SAM).undoes();
    assert_eq!(reached(&night, FirstRoleFilled), None);
    assert_eq!(reached(&night, AllRolesFilled), None);
}

#[test]
fn nobody_corrects_what_follows_from_the_buttons() {
    let mut night = Night::at("03:02").fires("orders-api slow", Sev3);
    night.by(SAM).takes_it();
    night
        .after_minutes(5)
        .by(SAM)
        .asks(Command::CorrectMilestone {
            name: FirstRoleFilled,
            at: at("03:01"),
            precision: crate::timeline::Precision::Minute,
            evidence: None,
        });
    assert!(night.was_refused());
}
