//! One of every act, so that no test can forget a new one.

use bridgewatch_commands::forms::FormAsks;
use bridgewatch_core::card::{
    Act, ActGroup, DataLoss, HandoverReason, HandoverSet, ListOf, LowerReason,
};
use bridgewatch_core::cards::HelpTopic;
use bridgewatch_core::ids::{ChannelId, EntryNumber, MessageId, Seq};
use bridgewatch_core::incident::{
    ActionKind, CancelReason, HypothesisState, MilestoneName, Outcome, Tie,
};
use bridgewatch_core::person::PersonId;
use bridgewatch_core::phase::Phase;
use bridgewatch_core::role::Role;
use bridgewatch_core::runbook::{RunbookId, SkipReason, StepId, StepPhase};
use bridgewatch_core::severity::Severity;
use bridgewatch_core::timeline::{Audience, Importance, Kind, Precision, Reading};

/// A step that the test runbook has.
pub fn step() -> StepId {
    StepId::new("db-up").expect("the literal is an identifier")
}

/// A runbook that the team has.
pub fn frontend() -> RunbookId {
    RunbookId::new("frontend").expect("the literal is an identifier")
}

/// A person who is a stranger to the incident.
pub const MO: PersonId = PersonId(77);

/// Every kind of act, with sensible arguments.
pub fn every_act() -> Vec<Act> {
    let mut acts = vec![Act::Take];
    while let Some(next) = after(&acts[acts.len() - 1]) {
        acts.push(next);
    }
    acts
}

/// A chain through every variant. A new one does not compile until it has its place here.
fn after(act: &Act) -> Option<Act> {
    Some(match act {
        Act::Take => Act::AskCancel,
        Act::AskCancel => Act::Cancel(CancelReason::FalseAlarm),
        Act::Cancel(_) => Act::Move(Phase::Mitigation),
        Act::Move(_) => Act::AskImpactOver,
        Act::AskImpactOver => Act::ImpactOverNow,
        Act::ImpactOverNow => Act::ImpactOverEarlier,
        Act::ImpactOverEarlier => Act::ImpactNotOver,
        Act::ImpactNotOver => Act::AskCameBack,
        Act::AskCameBack => Act::CameBackHurting(Phase::Mitigation),
        Act::CameBackHurting(_) => Act::CameBackHarmless(Phase::Fix),
        Act::CameBackHarmless(_) => Act::Resolve,
        Act::Resolve => Act::ResolveAnyway,
        Act::ResolveAnyway => Act::WaitToResolve,
        Act::WaitToResolve => Act::Dismiss,
        Act::Dismiss => Act::NotYet,
        Act::NotYet => Act::Reopen,
        Act::Reopen => Act::OpenRelapse,
        Act::OpenRelapse => Act::Close,
        Act::Close => Act::AskMerge,
        Act::AskMerge => Act::AskLink,
        Act::AskLink => Act::LinkAs(Tie::HasPart),
        Act::LinkAs(_) => Act::Unlink,
        Act::Unlink => Act::AskSplit,
        Act::AskSplit => Act::SplitOff("0123456789abcdef".to_owned()),
        Act::SplitOff(_) => Act::RelapseIsNew,
        Act::RelapseIsNew => Act::FrontDesk,
        Act::FrontDesk => Act::NewIncident,
        Act::NewIncident => Act::Incidents(ListOf::Mine),
        Act::Incidents(_) => Act::OpenBoard,
        Act::OpenBoard => Act::FindIncidents,
        Act::FindIncidents => Act::Library,
        Act::Library => Act::ReadRunbook,
        Act::ReadRunbook => Act::FindRunbooks,
        Act::FindRunbooks => Act::LintRunbooks,
        Act::LintRunbooks => Act::CheckSetup,
        Act::CheckSetup => Act::Maintenance,
        Act::Maintenance => Act::EndMaintenance(3),
        Act::EndMaintenance(_) => Act::PlanMaintenance,
        Act::PlanMaintenance => Act::Restrict,
        Act::Restrict => Act::Unrestrict,
        Act::Unrestrict => Act::UnrestrictNow,
        Act::UnrestrictNow => Act::AskAdmit,
        Act::AskAdmit => Act::OpenChannelAgain,
        Act::OpenChannelAgain => Act::JoinCall,
        Act::JoinCall => Act::Undo(Seq(7)),
        Act::Undo(_) => Act::ShowBoard,
        Act::ShowBoard => Act::TextBoard,
        Act::TextBoard => Act::Alerts,
        Act::Alerts => Act::Changes,
        Act::Changes => Act::More,
        Act::More => Act::Choose(ActGroup::Facts),
        Act::Choose(_) => Act::AskSeverity,
        Act::AskSeverity => Act::SetSeverity(Severity::Sev1),
        Act::SetSeverity(_) => Act::LowerSeverity(Severity::Sev3, LowerReason::Workaround),
        Act::LowerSeverity(..) => Act::RateFirst(Severity::Sev3),
        Act::RateFirst(_) => Act::Roles,
        Act::Roles => Act::Accept(Role::Bridge),
        Act::Accept(_) => Act::Decline(Role::Backend),
        Act::Decline(_) => Act::Release(Role::OnCall),
        Act::Release(_) => Act::AskPropose(Role::Frontend),
        Act::AskPropose(_) => Act::PageRole(Role::Backend),
        Act::PageRole(_) => Act::Tasks,
        Act::Tasks => Act::AskTask,
        Act::AskTask => Act::TaskOnIt(1),
        Act::TaskOnIt(_) => Act::TaskDone(1),
        Act::TaskDone(_) => Act::TaskCannot(1),
        Act::TaskCannot(_) => Act::FinishTask,
        Act::FinishTask => Act::TaskResult(1),
        Act::TaskResult(_) => Act::AskRole,
        Act::AskRole => Act::Propose(Role::Frontend, MO),
        Act::Propose(..) => Act::MyRole,
        Act::MyRole => Act::PleaseDo(Box::new(Act::Resolve)),
        Act::PleaseDo(_) => Act::TakeCommand,
        Act::TakeCommand => Act::GiveCommand(MO),
        Act::GiveCommand(_) => Act::AskHandover,
        Act::AskHandover => Act::AskHandoverOf(HandoverSet::Command),
        Act::AskHandoverOf(_) => Act::OfferHandover(HandoverSet::Everything),
        Act::OfferHandover(_) => {
            Act::OfferHandoverBecause(HandoverSet::Role(Role::OnCall), HandoverReason::Fatigue)
        }
        Act::OfferHandoverBecause(..) => Act::OfferHandoverTo(MO),
        Act::OfferHandoverTo(_) => Act::AcceptHandover,
        Act::AcceptHandover => Act::DeclineHandover,
        Act::DeclineHandover => Act::NextStep,
        Act::NextStep => Act::StepList,
        Act::StepList => Act::ClaimStep(step()),
        Act::ClaimStep(_) => Act::FinishStep(step()),
        Act::FinishStep(_) => Act::ConfirmStep(step()),
        Act::ConfirmStep(_) => Act::AskSecondLook(step()),
        Act::AskSecondLook(_) => Act::ConfirmSecondLook(step()),
        Act::ConfirmSecondLook(_) => Act::WaitSecondLook(step()),
        Act::WaitSecondLook(_) => Act::DecideStep(step()),
        Act::DecideStep(_) => Act::AskSkip(step()),
        Act::AskSkip(_) => Act::SkipStep(step(), SkipReason::NotApplicable),
        Act::SkipStep(..) => Act::StepMore(step()),
        Act::StepMore(_) => Act::Reference(u16::MAX, u16::MAX),
        Act::Reference(..) => Act::ChooseReference,
        Act::ChooseReference => Act::StepHelp(step()),
        Act::StepHelp(_) => Act::TickSteps(StepPhase::Diagnosis),
        Act::TickSteps(_) => Act::AttachRunbook,
        Act::AttachRunbook => Act::AddRunbook(frontend()),
        Act::AddRunbook(_) => Act::CompareRunbook(frontend()),
        Act::CompareRunbook(_) => Act::RenewRunbook(frontend(), "01234567".to_owned()),
        Act::RenewRunbook(..) => Act::Think,
        Act::Think => Act::Beliefs,
        Act::Beliefs => Act::JudgeBelief(1, HypothesisState::Supported),
        Act::JudgeBelief(..) => Act::WhyBelief(1, HypothesisState::Refuted),
        Act::WhyBelief(..) => Act::Effect,
        Act::Effect => Act::EffectIs(1, Outcome::Worse),
        Act::EffectIs(..) => Act::TakeBack(1),
        Act::TakeBack(_) => Act::Impact,
        Act::Impact => Act::Describe,
        Act::Describe => Act::Log,
        Act::Log => Act::Update,
        Act::Update => Act::SendUpdate(Some(20)),
        Act::SendUpdate(_) => Act::SendShown(Some(20), "01234567".to_owned()),
        Act::SendShown(..) => Act::EditUpdate,
        Act::EditUpdate => Act::Estimate,
        Act::Estimate => Act::NothingNew,
        Act::NothingNew => Act::AllClear,
        Act::AllClear => Act::SendAllClear(DataLoss::Unknown),
        Act::SendAllClear(_) => Act::CatchUp,
        Act::CatchUp => Act::Timeline,
        Act::Timeline => Act::Read(Reading::Decisions, 2),
        Act::Read(..) => Act::ChooseReading,
        Act::ChooseReading => Act::Entry(EntryNumber(3)),
        Act::Entry(_) => Act::ChooseEntry,
        Act::ChooseEntry => Act::EditEntry(EntryNumber(3)),
        Act::EditEntry(_) => Act::EditChoice(EntryNumber(3)),
        Act::EditChoice(_) => Act::SetImportance(EntryNumber(3), Importance::Key),
        Act::SetImportance(..) => Act::SetAudience(EntryNumber(3), Audience::RespondersOnly),
        Act::SetAudience(..) => Act::SetTime(EntryNumber(3), 1_795_226_460),
        Act::SetTime(..) => Act::LogAt(1_795_226_460),
        Act::LogAt(_) => Act::Decision,
        Act::Decision => Act::Milestones,
        Act::Milestones => Act::ChooseMilestone,
        Act::ChooseMilestone => Act::SaveMilestone {
            name: MilestoneName::FirstInternalUpdate,
            seconds: 1_795_226_460,
            precision: Precision::Approximate,
            evidence: Some(EntryNumber(i64::MAX)),
        },
        Act::SaveMilestone { .. } => Act::RetractEntry(EntryNumber(3)),
        Act::RetractEntry(_) => Act::RestoreEntry(EntryNumber(3)),
        Act::RestoreEntry(_) => Act::KeepMessage(MessageId(u64::MAX), Kind::Hypothesis),
        Act::KeepMessage(..) => Act::Import,
        Act::Import => Act::SaveImport("0123456789abcdef".to_owned()),
        Act::SaveImport(_) => Act::AskRedact,
        Act::AskRedact => Act::Redact(EntryNumber(3)),
        Act::Redact(_) => Act::RedactForGood(EntryNumber(3)),
        Act::RedactForGood(_) => Act::ShowEntryAgain(EntryNumber(3)),
        Act::ShowEntryAgain(_) => Act::NotSecret(EntryNumber(3)),
        Act::NotSecret(_) => Act::PickFacts,
        Act::PickFacts => Act::Cause,
        Act::Cause => Act::Action(ActionKind::Playbook),
        Act::Action(_) => Act::AskAction,
        Act::AskAction => Act::WaiveLearning,
        Act::WaiveLearning => Act::FinalSeverity(None),
        Act::FinalSeverity(None) => Act::FinalSeverity(Some(Severity::Sev2)),
        Act::FinalSeverity(Some(_)) => Act::Reviewed,
        Act::Reviewed => Act::Postmortem,
        Act::Postmortem => Act::Why,
        Act::Why => Act::Help,
        Act::Help => Act::HelpAbout(HelpTopic::Roles),
        Act::HelpAbout(_) => Act::FireTestAlert,
        Act::FireTestAlert => return None,
    })
}

/// Every kind of form, with the largest arguments.
pub fn every_form() -> Vec<FormAsks> {
    let mut forms = vec![FormAsks::Think];
    while let Some(next) = form_after(&forms[forms.len() - 1]) {
        forms.push(next);
    }
    forms
}

/// A chain through every variant. A new one does not compile until it has its place here.
fn form_after(asks: &FormAsks) -> Option<FormAsks> {
    Some(match asks {
        FormAsks::Think => FormAsks::WhyBelief(u32::MAX, HypothesisState::Supported),
        FormAsks::WhyBelief(..) => FormAsks::Task {
            to: PersonId(u64::MAX),
        },
        FormAsks::Task { .. } => FormAsks::TaskResult(u32::MAX),
        FormAsks::TaskResult(_) => FormAsks::Link(Tie::PartOf),
        FormAsks::Link(_) => FormAsks::Impact,
        FormAsks::Impact => FormAsks::Describe,
        FormAsks::Describe => FormAsks::Log,
        FormAsks::Log => FormAsks::LogAt(1_795_226_460),
        FormAsks::LogAt(_) => FormAsks::Decision,
        FormAsks::Decision => FormAsks::EditEntry(EntryNumber(i64::MAX)),
        FormAsks::EditEntry(_) => FormAsks::EditChoice(EntryNumber(i64::MAX)),
        FormAsks::EditChoice(_) => FormAsks::Import,
        FormAsks::Import => FormAsks::NewIncident,
        FormAsks::NewIncident => FormAsks::FindIncidents,
        FormAsks::FindIncidents => FormAsks::FindRunbooks,
        FormAsks::FindRunbooks => FormAsks::Maintenance,
        FormAsks::Maintenance => FormAsks::Milestone(MilestoneName::FirstInternalUpdate),
        FormAsks::Milestone(_) => FormAsks::EditUpdate,
        FormAsks::EditUpdate => FormAsks::Estimate,
        FormAsks::Estimate => FormAsks::Cause,
        FormAsks::Cause => FormAsks::Action(ActionKind::Playbook),
        FormAsks::Action(_) => FormAsks::WaiveLearning,
        FormAsks::WaiveLearning => FormAsks::ImpactOverEarlier,
        FormAsks::ImpactOverEarlier => FormAsks::AddMessage {
            channel: ChannelId(u64::MAX),
            message: MessageId(u64::MAX - 1),
            author: PersonId(0),
        },
        FormAsks::AddMessage { .. } => return None,
    })
}
