//! Who may do what: one table for every button, form and command.
//!
//! Three levels. Reading is everybody's; acting is a responder's; a few things end, hide or announce, and are for whoever
//! holds command. The guard keeps readers from acting. Who holds command, or may instead of them (the Bridge Engineer sends
//! updates, the owner closes the postmortem), only the core knows: it asks them, refuses with their name, or, where nobody
//! holds command, lets a responder do it and writes that down.

use bridgewatch_core::card::Act;

use crate::forms::FormAsks;

/// The least somebody has to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Needs {
    /// In the server.
    Viewer,
    /// A responder.
    Responder,
    /// The holder of command, or somebody the server lets command.
    Command,
}

/// What a button needs.
#[must_use]
pub fn needs_of_act(act: &Act) -> Needs {
    match act {
        // What changes nothing and tells nobody.
        Act::ShowBoard
        | Act::TextBoard
        | Act::Alerts
        | Act::Changes
        | Act::More
        | Act::Choose(_)
        | Act::AskSeverity
        | Act::Roles
        | Act::Tasks
        | Act::Beliefs
        | Act::MyRole
        | Act::NextStep
        | Act::StepList
        | Act::StepMore(_)
        | Act::Reference(..)
        | Act::ChooseReference
        | Act::CompareRunbook(_)
        | Act::CatchUp
        | Act::Timeline
        | Act::Read(..)
        | Act::ChooseReading
        | Act::Entry(_)
        | Act::ChooseEntry
        | Act::Milestones
        | Act::NotSecret(_)
        | Act::Postmortem
        | Act::Why
        | Act::Help
        | Act::HelpAbout(_)
        // Whoever may not do something asks whoever may.
        | Act::PleaseDo(_)
        // Whoever may only read tells of what is broken, and carries nothing.
        | Act::FrontDesk
        | Act::NewIncident
        | Act::Incidents(_)
        | Act::OpenBoard
        | Act::FindIncidents
        | Act::Library
        | Act::ReadRunbook
        | Act::FindRunbooks
        | Act::LintRunbooks
        | Act::Maintenance
        | Act::Dismiss => Needs::Viewer,
        // What ends it, makes it small, shows it or tells the stakeholders.
        Act::Cancel(_)
        | Act::Resolve
        | Act::ResolveAnyway
        | Act::NotYet
        | Act::Close
        | Act::AskMerge
        | Act::Unrestrict
        | Act::UnrestrictNow
        | Act::LowerSeverity(..)
        | Act::GiveCommand(_)
        | Act::SendUpdate(_)
        | Act::SendShown(..)
        | Act::NothingNew
        | Act::SendAllClear(_) => Needs::Command,
        // Everything else.
        Act::AskRedact
        | Act::Redact(_)
        | Act::RedactForGood(_)
        | Act::ShowEntryAgain(_)
        | Act::Take
        | Act::AskCancel
        | Act::Move(_)
        | Act::AskImpactOver
        | Act::ImpactOverNow
        | Act::ImpactOverEarlier
        | Act::ImpactNotOver
        | Act::AskCameBack
        | Act::CameBackHurting(_)
        | Act::CameBackHarmless(_)
        | Act::WaitToResolve
        | Act::Reopen
        | Act::OpenRelapse
        | Act::AskLink
        | Act::LinkAs(_)
        | Act::Unlink
        | Act::AskSplit
        | Act::SplitOff(_)
        | Act::RelapseIsNew
        | Act::CheckSetup
        | Act::EndMaintenance(_)
        | Act::PlanMaintenance
        | Act::Restrict
        | Act::AskAdmit
        | Act::OpenChannelAgain
        | Act::JoinCall
        | Act::Undo(_)
        | Act::SetSeverity(_)
        | Act::RateFirst(_)
        | Act::Accept(_)
        | Act::Decline(_)
        | Act::Release(_)
        | Act::AskPropose(_)
        | Act::PageRole(_)
        | Act::AskTask
        | Act::TaskOnIt(_)
        | Act::TaskDone(_)
        | Act::TaskCannot(_)
        | Act::FinishTask
        | Act::TaskResult(_)
        | Act::AskRole
        | Act::Propose(..)
        | Act::TakeCommand
        | Act::AskHandover
        | Act::AskHandoverOf(_)
        | Act::OfferHandover(_)
        | Act::OfferHandoverBecause(..)
        | Act::OfferHandoverTo(_)
        | Act::AcceptHandover
        | Act::DeclineHandover
        | Act::ClaimStep(_)
        | Act::FinishStep(_)
        | Act::ConfirmStep(_)
        | Act::AskSecondLook(_)
        | Act::ConfirmSecondLook(_)
        | Act::WaitSecondLook(_)
        | Act::DecideStep(_)
        | Act::AskSkip(_)
        | Act::SkipStep(..)
        | Act::StepHelp(_)
        | Act::TickSteps(_)
        | Act::AttachRunbook
        | Act::AddRunbook(_)
        | Act::RenewRunbook(..)
        | Act::Think
        | Act::JudgeBelief(..)
        | Act::Effect
        | Act::EffectIs(..)
        | Act::TakeBack(_)
        | Act::WhyBelief(..)
        | Act::Impact
        | Act::Describe
        | Act::Log
        | Act::Update
        | Act::EditUpdate
        | Act::Estimate
        | Act::AllClear
        | Act::EditEntry(_)
        | Act::EditChoice(_)
        | Act::SetImportance(..)
        | Act::SetAudience(..)
        | Act::SetTime(..)
        | Act::LogAt(_)
        | Act::Decision
        | Act::ChooseMilestone
        | Act::SaveMilestone { .. }
        | Act::RetractEntry(_)
        | Act::RestoreEntry(_)
        | Act::KeepMessage(..)
        | Act::Import
        | Act::SaveImport(_)
        | Act::PickFacts
        | Act::Cause
        | Act::Action(_)
        | Act::AskAction
        | Act::WaiveLearning
        | Act::FinalSeverity(_)
        | Act::Reviewed
        | Act::FireTestAlert => Needs::Responder,
    }
}

/// What a form needs.
#[must_use]
pub fn needs_of_form(asks: &FormAsks) -> Needs {
    match asks {
        FormAsks::EditUpdate => Needs::Command,
        FormAsks::NewIncident | FormAsks::FindIncidents | FormAsks::FindRunbooks => Needs::Viewer,
        FormAsks::Think
        | FormAsks::WhyBelief(..)
        | FormAsks::Task { .. }
        | FormAsks::TaskResult(_)
        | FormAsks::Link(_)
        | FormAsks::Impact
        | FormAsks::Describe
        | FormAsks::Log
        | FormAsks::LogAt(_)
        | FormAsks::Decision
        | FormAsks::EditEntry(_)
        | FormAsks::EditChoice(_)
        | FormAsks::Import
        | FormAsks::Maintenance
        | FormAsks::Milestone(_)
        | FormAsks::Estimate
        | FormAsks::Cause
        | FormAsks::Action(_)
        | FormAsks::WaiveLearning
        | FormAsks::ImpactOverEarlier
        | FormAsks::AddMessage { .. } => Needs::Responder,
    }
}

/// What a command needs, by what is typed or chosen; `None` for what is no command. Where a part of it needs more, that
/// part's button says so.
#[must_use]
pub fn needs_of_command(name: &str) -> Option<Needs> {
    Some(match name {
        "inc new" | "inc roles" | "inc list" | "inc show" | "inc more" | "inc help" | "pm show"
        | "runbook find" | "runbook show" | "runbook lint" | "admin why" | "admin maintenance" => {
            Needs::Viewer
        }
        "inc take"
        | "inc phase"
        | "inc sev"
        | "inc log"
        | "inc update"
        | "runbook attach"
        | "admin check"
        | "admin import"
        | "Redact"
        | "Add to timeline…"
        | "Mark as decision"
        | "Propose for a role…" => Needs::Responder,
        "inc resolve" | "pm close" => Needs::Command,
        _ => return None,
    })
}
