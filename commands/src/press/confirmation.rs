//! One line about what has just happened, for the person who did it. Everybody else reads the channel.

use bridgewatch_core::category::Category;
use bridgewatch_core::incident::{
    Command, Event, HypothesisState, Incident, Outcome, Recorded, RoleState, TaskAnswer,
    UpdateKind, Visibility,
};
use bridgewatch_core::person::PersonId;
use bridgewatch_core::phase::Phase;
use bridgewatch_core::role::Role;
use bridgewatch_core::runbook::StepState;
use bridgewatch_core::timeline::Precision;

use super::asker::happened;

/// What happened, in the reader's own terms.
pub(crate) fn confirmation(incident: &Incident, events: &[Recorded], reader: PersonId) -> String {
    let taken = happened(events, |event| matches!(event, Event::Acknowledged { .. }));
    let paged = happened(events, |event| matches!(event, Event::RolePaged { .. }));
    let sentences: Vec<String> = events
        .iter()
        .filter(|recorded| !(paged && matches!(recorded.event, Event::RoleProposed { .. })))
        .filter(|recorded| {
            // Taking it says these two by itself.
            !(taken
                && matches!(
                    recorded.event,
                    Event::RoleAccepted {
                        role: Role::OnCall,
                        ..
                    } | Event::PhaseChanged {
                        to: Phase::Diagnosis,
                        ..
                    }
                ))
        })
        .filter_map(|recorded| sentence_of(incident, &recorded.event, reader))
        .collect();
    if sentences.is_empty() {
        "Done.".to_owned()
    } else {
        sentences.join(" ")
    }
}

fn sentence_of(incident: &Incident, event: &Event, reader: PersonId) -> Option<String> {
    Some(match event {
        Event::Acknowledged { .. } => "You have it.".to_owned(),
        Event::CommandMoved { to, .. } if *to == reader => "You hold command 👑.".to_owned(),
        Event::CommandMoved { to, .. } => format!("{to} holds command 👑."),
        Event::PhaseChanged { to, .. } => format!("Now in *{to}*."),
        Event::ImpactEnded {
            precision: Precision::Approximate,
            ..
        } => "User impact is counted as over from now: nobody said when it ended.".to_owned(),
        Event::ImpactEnded { .. } => "User impact is over.".to_owned(),
        Event::ImpactStarted { .. } => "User impact is noted as back.".to_owned(),
        Event::Described(described) => {
            let hint = if described.category == Category::Security
                && incident.visibility == Visibility::Normal
            {
                " If only few should see it: *More…*, *🔒 Restricted*."
            } else {
                ""
            };
            format!("It is on the board.{hint}")
        }
        Event::ImpactDescribed { .. } => "Who is hurt is on the board.".to_owned(),
        Event::MilestoneCorrected { name, .. } => format!("{} is corrected.", name.title()),
        Event::SeverityChanged { to, .. } => format!("Severity is {to} now."),
        Event::MergedInto { into, .. } => {
            format!("Merged into {into}, which takes over its alerts.")
        }
        Event::Linked { other, link } => {
            format!("Linked. {}: {}.", incident.id, link.tie.says(*other))
        }
        Event::Unlinked { other, .. } => format!("{other} is not linked any more."),
        Event::GroupSplit(attached) => format!(
            "{} was split off. While it fires it has an incident of its own.",
            attached.what
        ),
        Event::RelapseAnswered => "Noted: a new incident opens and pages.".to_owned(),
        Event::VisibilityChanged {
            to: Visibility::Restricted,
        } => "Only its circle sees it now; its channel gets another name.".to_owned(),
        Event::VisibilityChanged {
            to: Visibility::Normal,
        } => "Everybody in the server sees it again.".to_owned(),
        Event::PersonAdmitted { person } => format!("{person} is let in."),
        Event::RoleProposed { role, to } => format!("{to} is asked to be {role}."),
        Event::RolePaged {
            role,
            to,
            rang: true,
        } => format!("{to} is paged: {role}."),
        Event::RolePaged {
            role,
            to,
            rang: false,
        } => format!("{to} was written to; no pager rang: {role}. No answer? Call them."),
        Event::RoleAccepted { role, by } if *by == reader => format!("You are {role}."),
        Event::RoleAccepted { role, by } => format!("{by} is {role}."),
        Event::RoleDeclined { role, .. } => {
            format!("Noted: you cannot be {role} now. The channel sees it.")
        }
        Event::RoleReleased { role, .. } => format!("You gave back {role}; it is unfilled now."),
        Event::HandoverOffered(handover) => format!(
            "{} is asked. You still have it until they say *I have it*.",
            handover.to
        ),
        Event::HandoverAccepted { from, .. } => format!("It is yours. {from} is told."),
        Event::HandoverEnded { from, .. } => format!("Noted. {from} still has it."),
        Event::StepChanged { state, .. } => match state {
            StepState::Open => "The step is open again.",
            StepState::Claimed { .. } => "You are on it.",
            StepState::Done { .. } => "Ticked.",
            StepState::Skipped { .. } => "Skipped.",
        }
        .to_owned(),
        Event::SecondLookAsked { of, .. } => format!("{of} is asked."),
        Event::SecondLookAnswered {
            confirmed: true, ..
        } => "You confirmed it.".to_owned(),
        Event::SecondLookAnswered {
            confirmed: false, ..
        } => "Noted: wait. Say why in the channel.".to_owned(),
        Event::RunbookAttached { checklist, .. } => {
            format!("Runbook **{}** is attached.", checklist.runbook_id)
        }
        Event::RunbookAdded { checklist, .. } => format!(
            "Runbook **{}** is attached as well; its steps stand behind the others of their phase.",
            checklist.runbook_id
        ),
        Event::RunbookRenewed { checklist, summary } => format!(
            "Runbook **{}**: the newer version is in use. {summary}",
            checklist.runbook_id
        ),
        Event::HypothesisStated { .. } => {
            "Noted as a guess; the board says that it is not confirmed.".to_owned()
        }
        Event::HypothesisJudged { state, .. } => match state {
            HypothesisState::Refuted => "Refuted; it leaves the board.".to_owned(),
            other => format!("{}; the board says so.", other.title()),
        },
        Event::TaskAsked(task) => format!(
            "{} is asked; an answer is due <t:{}:t>. You are told if it is late.",
            task.to,
            task.due.timestamp()
        ),
        Event::TaskAnswered { answer, .. } => match answer {
            TaskAnswer::OnIt => "You are on it.",
            TaskAnswer::Done { .. } => "Noted as done.",
            TaskAnswer::Cannot => "Noted: whoever asked is told.",
        }
        .to_owned(),
        Event::EffectAnswered { outcome, .. } => match outcome {
            Outcome::Better | Outcome::NoChange => "Noted.",
            Outcome::Worse => "Noted: worse. Undo it by hand first, or look again.",
        }
        .to_owned(),
        Event::MitigationTakenBack { .. } => "Noted as taken back; undo it by hand now.".to_owned(),
        Event::EstimateGiven(_) => "Noted; the next update carries it.".to_owned(),
        Event::UpdateSent { kind, next_due, .. } => {
            let goes = match (incident.visibility, kind) {
                (Visibility::Restricted, _) => {
                    "It stands in the incident's channel; nobody outside is told."
                }
                (Visibility::Normal, UpdateKind::AllClear) => "The all-clear goes out.",
                (Visibility::Normal, _) => "It goes out.",
            };
            match (kind, next_due) {
                (UpdateKind::AllClear, _) => goes.to_owned(),
                (_, Some(due)) => format!(
                    "{goes} The next one is promised by <t:{}:t>.",
                    due.timestamp()
                ),
                (_, None) => format!("{goes} No time is promised for the next one."),
            }
        }
        Event::ResolveAsked { .. } => match incident.command {
            Some(holder) => format!(
                "{holder} holds command and is asked. With no answer in five minutes, press *Resolve* again."
            ),
            None => "The channel is asked.".to_owned(),
        },
        Event::ResolvePutOff { until, .. } => {
            format!("You are asked again at <t:{}:t>.", until.timestamp())
        }
        Event::CommandAsked { .. } => match incident.command {
            Some(holder) => format!(
                "{holder} holds command and is asked. If they show no sign for two minutes, press *Ask for command* again."
            ),
            None => "The channel is asked.".to_owned(),
        },
        Event::CallAsked { .. } => {
            "The call opens within seconds: then *Join call* on the board leads there.".to_owned()
        }
        Event::ChannelAskedAgain => "A new channel opens within seconds.".to_owned(),
        Event::AskedToDo { whom, .. } => match whom {
            Some(whom) => format!("{whom} is asked, in the channel."),
            None => "The channel is asked.".to_owned(),
        },
        Event::DoneWithoutCommand { .. } => {
            "Nobody held command, so it is noted that you did it.".to_owned()
        }
        Event::NotYetSaid { .. } => "Noted: not yet.".to_owned(),
        Event::Resolved { .. } => "Resolved. Thank you.".to_owned(),
        Event::Cancelled { reason } => format!("Cancelled: {}.", reason.words()),
        Event::Reopened { .. } => "It is live again.".to_owned(),
        Event::Closed => "Closed.".to_owned(),
        Event::Undone { what, .. } => format!("Undone: {what}."),
        Event::CauseRecorded(_) => "Cause and factors are in the postmortem.".to_owned(),
        Event::ActionAdded(action) => {
            format!("Action {} is in the postmortem.", action.number)
        }
        Event::LearningWaived { .. } => "Noted, with your reason.".to_owned(),
        Event::EntryRedacted { number, sealed, .. } => {
            let done = if *sealed { "hidden" } else { "redacted" };
            format!("{number} is {done}.")
        }
        Event::EntryShownAgain { number } => format!("{number} is shown again."),
        Event::SeverityConfirmed { severity, .. } => {
            format!("{severity} stands in the postmortem as the final severity.")
        }
        Event::Reviewed { .. } => "Marked as reviewed by you.".to_owned(),
        Event::Declared(_)
        | Event::TaskLate { .. }
        | Event::MitigationNoted(_)
        | Event::MitigationReworded { .. }
        | Event::EffectAsked { .. }
        | Event::Prompted { .. }
        | Event::PromptHeld(_)
        | Event::PromptDropped(_)
        | Event::LeftAlone { .. }
        | Event::UndoOffered { .. }
        | Event::RunbookVersionSeen { .. }
        | Event::StepOverdue { .. }
        | Event::AlertsChanged { .. }
        | Event::Absorbed { .. }
        | Event::LinkedMoved { .. }
        | Event::GroupAttached(_)
        | Event::RelapseSuspected(_)
        | Event::EvidenceReminded
        | Event::AllClearAsked
        | Event::LoneHinted { .. }
        | Event::FatigueHinted { .. }
        | Event::ShiftNoted { .. }
        | Event::ShiftEndTold { .. }
        | Event::WentSolo { .. }
        | Event::SeenAtWork { .. }
        | Event::ResolveCameUp { .. }
        | Event::UpdateDelivered { .. }
        | Event::PromiseReminded { .. }
        | Event::FirstUpdateReminded { .. }
        | Event::ChannelLinked { .. }
        | Event::ChannelLost { .. }
        | Event::CallOpened { .. }
        | Event::CallFailed { .. }
        | Event::CallEnded { .. }
        | Event::BoardPosted { .. }
        | Event::StepsPosted { .. }
        | Event::DigestPosted { .. }
        | Event::DirectPosted { .. }
        | Event::Paged { .. }
        | Event::ImpactNoted { .. }
        | Event::HypothesisNoted(_)
        | Event::HypothesisWithdrawn { .. }
        | Event::PostmortemDrafted { .. } => return None,
    })
}

/// The answer to a request that changed nothing: it was done before.
pub(crate) fn nothing_happened(incident: &Incident, command: &Command) -> String {
    match command {
        Command::Move { to, .. } if incident.phase == *to => format!("It is in *{to}* already."),
        Command::Resolve { .. } if incident.is_active() => match incident.command {
            Some(holder) => format!("{holder} holds command and has been asked already."),
            None => "It has been asked already.".to_owned(),
        },
        Command::SetSeverity { to, .. } => format!("Severity is {to} already."),
        Command::Propose { role, .. } => match incident.roles.get(role) {
            Some(RoleState::Proposed { to, .. }) => format!("{to} has been asked already."),
            _ => "That is done already.".to_owned(),
        },
        Command::Page { to, .. } => format!("{to} has been paged already."),
        Command::SetVisibility {
            to: Visibility::Restricted,
        } => "It is restricted already.".to_owned(),
        Command::SetVisibility {
            to: Visibility::Normal,
        } => "Everybody sees it already.".to_owned(),
        Command::Admit { person } => format!("{person} sees it already."),
        Command::SendUpdate { .. } => "That went out already.".to_owned(),
        Command::OpenCall => {
            "The call is being opened already: the board shows the way in a moment.".to_owned()
        }
        Command::AskSecondLook { .. } => "They are asked already.".to_owned(),
        _ => "That is done already.".to_owned(),
    }
}
