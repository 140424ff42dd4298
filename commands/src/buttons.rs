//! Component ids: what a press means, written into the button itself.
//!
//! A button must work years after the process that posted it is gone, so nothing is remembered in memory: the id says
//! everything, `bw1|142|diagnosis|finish-step|db-up` (version, incident, phase the card was made in, act, arguments).
//! A form's id looks the same with the version `bw1f`. Discord allows 100 characters; the longest id here has 99.

use bridgewatch_core::card::{
    Act, ActGroup, DataLoss, HandoverReason, HandoverSet, ListOf, LowerReason, Press,
};
use bridgewatch_core::cards::HelpTopic;
use bridgewatch_core::ids::{EntryNumber, IncidentId, MessageId, Seq};
use bridgewatch_core::incident::{
    ActionKind, CancelReason, HypothesisState, MilestoneName, Outcome, Tie,
};
use bridgewatch_core::person::PersonId;
use bridgewatch_core::phase::Phase;
use bridgewatch_core::role::Role;
use bridgewatch_core::runbook::{RunbookId, SkipReason, StepId, StepPhase};
use bridgewatch_core::severity::Severity;
use bridgewatch_core::timeline::{Audience, Importance, Kind, Precision, Reading};

/// The longest component id that Discord takes, in characters.
pub const MAX_ID_CHARACTERS: usize = 100;

/// The version of the ids of buttons and menus. An id of another version is answered as an old card.
const BUTTON_VERSION: &str = "bw1";

/// The mark of an incident or phase that does not matter.
const NONE: &str = "-";

/// The promise that is usual when the update is sent.
const USUAL: &str = "usual";

/// An id that means nothing to this version.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the component id `{0}` means nothing to this version")]
pub struct UnknownButton(pub String);

/// The component id of a press: at most [`MAX_ID_CHARACTERS`].
#[must_use]
pub fn encode(press: &Press) -> String {
    let mut id = head(BUTTON_VERSION, press.incident, press.phase);
    let (name, arguments) = act_words(&press.act);
    id.push_str(name);
    for argument in arguments {
        id.push('|');
        id.push_str(&argument);
    }
    id
}

/// What a component id means.
///
/// # Errors
/// When no card of this version has such an id.
pub fn decode(id: &str) -> Result<Press, UnknownButton> {
    let unknown = || UnknownButton(id.chars().take(MAX_ID_CHARACTERS).collect());
    let (incident, phase, words) = parts(BUTTON_VERSION, id).ok_or_else(unknown)?;
    let act = act_of(&words).ok_or_else(unknown)?;
    Ok(Press {
        incident,
        phase,
        act,
    })
}

/// The part before the act or form: version, incident, phase.
pub(crate) fn head(version: &str, incident: Option<IncidentId>, phase: Option<Phase>) -> String {
    format!(
        "{version}|{}|{}|",
        incident.map_or_else(|| NONE.to_owned(), |incident| incident.0.to_string()),
        phase.map_or(NONE, Phase::id)
    )
}

/// An id taken apart: incident, phase and the words after them, of which there is at least one.
pub(crate) fn parts<'id>(
    version: &str,
    id: &'id str,
) -> Option<(Option<IncidentId>, Option<Phase>, Vec<&'id str>)> {
    let mut words = id.split('|');
    if words.next() != Some(version) {
        return None;
    }
    let incident = match words.next()? {
        NONE => None,
        number => Some(IncidentId(
            number.parse().ok().filter(|number| *number > 0)?,
        )),
    };
    let phase = match words.next()? {
        NONE => None,
        phase => Some(
            Phase::ALL
                .into_iter()
                .find(|candidate| candidate.id() == phase)?,
        ),
    };
    let rest: Vec<&str> = words.collect();
    (!rest.is_empty()).then_some((incident, phase, rest))
}

/// An act as its stable word and arguments.
fn act_words(act: &Act) -> (&'static str, Vec<String>) {
    let bare = |name| (name, Vec::new());
    let with = |name, argument: &str| (name, vec![argument.to_owned()]);
    match act {
        Act::Take => bare("take"),
        Act::AskCancel => bare("ask-cancel"),
        Act::Cancel(reason) => with("cancel", reason.id()),
        Act::Move(phase) => with("move", phase.id()),
        Act::AskImpactOver => bare("ask-over"),
        Act::ImpactOverNow => bare("over-now"),
        Act::ImpactOverEarlier => bare("over-earlier"),
        Act::ImpactNotOver => bare("not-over"),
        Act::AskCameBack => bare("ask-back"),
        Act::CameBackHurting(phase) => with("back-hurting", phase.id()),
        Act::CameBackHarmless(phase) => with("back-harmless", phase.id()),
        Act::Resolve => bare("resolve"),
        Act::ResolveAnyway => bare("resolve-anyway"),
        Act::WaitToResolve => bare("wait-resolve"),
        Act::Dismiss => bare("dismiss"),
        Act::NotYet => bare("not-yet"),
        Act::Reopen => bare("reopen"),
        Act::OpenRelapse => bare("open-relapse"),
        Act::Close => bare("close"),
        Act::AskMerge => bare("merge"),
        Act::AskLink => bare("link"),
        Act::LinkAs(tie) => with("link-as", tie.id()),
        Act::Unlink => bare("unlink"),
        Act::AskSplit => bare("split"),
        Act::SplitOff(group) => with("split-off", group),
        Act::RelapseIsNew => bare("not-relapse"),
        Act::FrontDesk => bare("front-desk"),
        Act::NewIncident => bare("new-incident"),
        Act::Incidents(list) => with("incidents", list.id()),
        Act::OpenBoard => bare("board-of"),
        Act::FindIncidents => bare("find-incidents"),
        Act::Library => bare("library"),
        Act::ReadRunbook => bare("read-runbook"),
        Act::FindRunbooks => bare("find-runbooks"),
        Act::LintRunbooks => bare("lint-runbooks"),
        Act::CheckSetup => bare("check-setup"),
        Act::Maintenance => bare("maintenance"),
        Act::EndMaintenance(id) => with("end-maintenance", &id.to_string()),
        Act::PlanMaintenance => bare("plan-maintenance"),
        Act::Restrict => bare("restrict"),
        Act::Unrestrict => bare("unrestrict"),
        Act::UnrestrictNow => bare("unrestrict-now"),
        Act::AskAdmit => bare("admit"),
        Act::OpenChannelAgain => bare("open-channel"),
        Act::JoinCall => bare("join-call"),
        Act::Undo(seq) => with("undo", &seq.0.to_string()),
        Act::ShowBoard => bare("board"),
        Act::TextBoard => bare("text-board"),
        Act::Alerts => bare("alerts"),
        Act::Changes => bare("changes"),
        Act::More => bare("more"),
        Act::Choose(group) => with("choose", group.id()),
        Act::AskSeverity => bare("ask-sev"),
        Act::SetSeverity(severity) => with("sev", severity.id()),
        Act::LowerSeverity(severity, reason) => (
            "lower-sev",
            vec![severity.id().to_owned(), reason.id().to_owned()],
        ),
        Act::RateFirst(severity) => with("sev-first", severity.id()),
        Act::Roles => bare("roles"),
        Act::Accept(role) => with("accept", role.id()),
        Act::Decline(role) => with("decline", role.id()),
        Act::Release(role) => with("release", role.id()),
        Act::AskPropose(role) => with("propose", role.id()),
        Act::PageRole(role) => with("page-role", role.id()),
        Act::Tasks => bare("tasks"),
        Act::AskTask => bare("ask-task"),
        Act::TaskOnIt(number) => with("task-on-it", &number.to_string()),
        Act::TaskDone(number) => with("task-done", &number.to_string()),
        Act::TaskCannot(number) => with("task-cannot", &number.to_string()),
        Act::FinishTask => bare("finish-task"),
        Act::TaskResult(number) => with("task-result", &number.to_string()),
        Act::AskRole => bare("ask-role"),
        Act::Propose(role, person) => (
            "propose-to",
            vec![role.id().to_owned(), person.0.to_string()],
        ),
        Act::MyRole => bare("my-role"),
        Act::PleaseDo(wanted) => {
            let (name, arguments) = act_words(wanted);
            let words = std::iter::once(name.to_owned()).chain(arguments);
            ("please", words.collect())
        }
        Act::TakeCommand => bare("take-command"),
        Act::GiveCommand(person) => with("give-command", &person.0.to_string()),
        Act::AskHandover => bare("ask-handover"),
        Act::AskHandoverOf(set) => with("handover-of", handover_set_id(*set)),
        Act::OfferHandover(set) => with("handover", handover_set_id(*set)),
        Act::OfferHandoverBecause(set, reason) => (
            "handover",
            vec![handover_set_id(*set).to_owned(), reason.id().to_owned()],
        ),
        Act::OfferHandoverTo(person) => with("handover-to", &person.0.to_string()),
        Act::AcceptHandover => bare("i-have-it"),
        Act::DeclineHandover => bare("not-now"),
        Act::NextStep => bare("next-step"),
        Act::StepList => bare("steps"),
        Act::ClaimStep(step) => with("claim-step", step.as_str()),
        Act::FinishStep(step) => with("finish-step", step.as_str()),
        Act::ConfirmStep(step) => with("confirm-step", step.as_str()),
        Act::AskSecondLook(step) => with("ask-look", step.as_str()),
        Act::ConfirmSecondLook(step) => with("look-yes", step.as_str()),
        Act::WaitSecondLook(step) => with("look-wait", step.as_str()),
        Act::DecideStep(step) => with("decide-step", step.as_str()),
        Act::AskSkip(step) => with("ask-skip", step.as_str()),
        Act::SkipStep(step, reason) => (
            "skip-step",
            vec![step.as_str().to_owned(), skip_reason_id(*reason).to_owned()],
        ),
        Act::StepMore(step) => with("step-more", step.as_str()),
        Act::Reference(section, page) => ("reference", vec![section.to_string(), page.to_string()]),
        Act::ChooseReference => bare("reference-which"),
        Act::StepHelp(step) => with("step-help", step.as_str()),
        Act::TickSteps(phase) => with("tick-steps", phase.id()),
        Act::AttachRunbook => bare("runbook"),
        Act::AddRunbook(runbook) => with("add-runbook", runbook.as_str()),
        Act::CompareRunbook(runbook) => with("compare-runbook", runbook.as_str()),
        Act::RenewRunbook(runbook, version) => {
            ("renew", vec![runbook.as_str().to_owned(), version.clone()])
        }
        Act::Think => bare("think"),
        Act::Beliefs => bare("beliefs"),
        Act::JudgeBelief(number, state) => {
            ("judge", vec![number.to_string(), state.id().to_owned()])
        }
        Act::WhyBelief(number, state) => (
            "why-belief",
            vec![number.to_string(), state.id().to_owned()],
        ),
        Act::Effect => bare("effect"),
        Act::EffectIs(number, outcome) => (
            "effect-is",
            vec![number.to_string(), outcome.id().to_owned()],
        ),
        Act::TakeBack(number) => with("take-back", &number.to_string()),
        Act::Impact => bare("impact"),
        Act::Describe => bare("describe"),
        Act::Log => bare("log"),
        Act::Update => bare("update"),
        Act::SendUpdate(Some(minutes)) => with("send-update", &minutes.to_string()),
        Act::SendUpdate(None) => with("send-update", USUAL),
        Act::SendShown(minutes, mark) => {
            let minutes = minutes.map_or_else(|| USUAL.to_owned(), |minutes| minutes.to_string());
            ("send-shown", vec![minutes, mark.clone()])
        }
        Act::EditUpdate => bare("edit-update"),
        Act::Estimate => bare("estimate"),
        Act::NothingNew => bare("nothing-new"),
        Act::AllClear => bare("all-clear"),
        Act::SendAllClear(loss) => with("send-all-clear", loss.id()),
        Act::CatchUp => bare("catch-up"),
        Act::Timeline => bare("timeline"),
        Act::Read(reading, page) => ("read", vec![reading.id().to_owned(), page.to_string()]),
        Act::ChooseReading => bare("read-what"),
        Act::Entry(number) => with("entry", &number.0.to_string()),
        Act::ChooseEntry => bare("entry-which"),
        Act::EditEntry(number) => with("edit-entry", &number.0.to_string()),
        Act::EditChoice(number) => with("edit-choice", &number.0.to_string()),
        Act::SetImportance(number, importance) => (
            "importance",
            vec![number.0.to_string(), importance.id().to_owned()],
        ),
        Act::SetAudience(number, audience) => (
            "audience",
            vec![number.0.to_string(), audience.id().to_owned()],
        ),
        Act::SetTime(number, seconds) => (
            "entry-time",
            vec![number.0.to_string(), seconds.to_string()],
        ),
        Act::LogAt(seconds) => with("log-at", &seconds.to_string()),
        Act::Decision => bare("decision"),
        Act::Milestones => bare("times"),
        Act::ChooseMilestone => bare("time-which"),
        Act::SaveMilestone {
            name,
            seconds,
            precision,
            evidence,
        } => (
            "save-time",
            vec![
                name.id().to_owned(),
                seconds.to_string(),
                precision_id(*precision).to_owned(),
                evidence.map_or_else(|| NONE.to_owned(), |number| number.0.to_string()),
            ],
        ),
        Act::RetractEntry(number) => with("retract", &number.0.to_string()),
        Act::RestoreEntry(number) => with("restore", &number.0.to_string()),
        Act::KeepMessage(message, kind) => {
            ("keep", vec![message.0.to_string(), kind.id().to_owned()])
        }
        Act::Import => bare("import"),
        Act::SaveImport(key) => with("save-import", key),
        Act::AskRedact => bare("ask-redact"),
        Act::Redact(number) => with("redact", &number.0.to_string()),
        Act::RedactForGood(number) => with("redact-for-good", &number.0.to_string()),
        Act::ShowEntryAgain(number) => with("show-again", &number.0.to_string()),
        Act::NotSecret(number) => with("no-secret", &number.0.to_string()),
        Act::PickFacts => bare("pick-facts"),
        Act::Cause => bare("cause"),
        Act::Action(kind) => with("action", kind.id()),
        Act::AskAction => bare("ask-action"),
        Act::WaiveLearning => bare("waive"),
        Act::FinalSeverity(None) => bare("sev-final"),
        Act::FinalSeverity(Some(severity)) => with("sev-final", severity.id()),
        Act::Reviewed => bare("reviewed"),
        Act::Postmortem => bare("postmortem"),
        Act::Why => bare("why"),
        Act::Help => bare("help"),
        Act::HelpAbout(topic) => with("help-about", topic.id()),
        Act::FireTestAlert => bare("test-alert"),
    }
}

/// Sixteen hexadecimal digits.
fn digest_of(text: &str) -> Option<String> {
    let is_one = text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_one.then(|| text.to_owned())
}

/// The act that these words name; the reverse of [`act_words`], which a test walks through every act.
fn act_of(words: &[&str]) -> Option<Act> {
    Some(match words {
        ["take"] => Act::Take,
        ["ask-cancel"] => Act::AskCancel,
        ["cancel", reason] => Act::Cancel(cancel_reason(reason)?),
        ["move", to] => Act::Move(phase(to)?),
        ["ask-over"] => Act::AskImpactOver,
        ["over-now"] => Act::ImpactOverNow,
        ["over-earlier"] => Act::ImpactOverEarlier,
        ["not-over"] => Act::ImpactNotOver,
        ["ask-back"] => Act::AskCameBack,
        ["back-hurting", to] => Act::CameBackHurting(phase(to)?),
        ["back-harmless", to] => Act::CameBackHarmless(phase(to)?),
        ["resolve"] => Act::Resolve,
        ["resolve-anyway"] => Act::ResolveAnyway,
        ["wait-resolve"] => Act::WaitToResolve,
        ["dismiss"] => Act::Dismiss,
        ["not-yet"] => Act::NotYet,
        ["reopen"] => Act::Reopen,
        ["open-relapse"] => Act::OpenRelapse,
        ["close"] => Act::Close,
        ["merge"] => Act::AskMerge,
        ["link"] => Act::AskLink,
        ["link-as", which] => Act::LinkAs(tie(which)?),
        ["unlink"] => Act::Unlink,
        ["split"] => Act::AskSplit,
        ["split-off", group] => Act::SplitOff(digest_of(group)?),
        ["not-relapse"] => Act::RelapseIsNew,
        ["front-desk"] => Act::FrontDesk,
        ["new-incident"] => Act::NewIncident,
        ["incidents", list] => Act::Incidents(list_of(list)?),
        ["board-of"] => Act::OpenBoard,
        ["find-incidents"] => Act::FindIncidents,
        ["library"] => Act::Library,
        ["read-runbook"] => Act::ReadRunbook,
        ["find-runbooks"] => Act::FindRunbooks,
        ["lint-runbooks"] => Act::LintRunbooks,
        ["check-setup"] => Act::CheckSetup,
        ["maintenance"] => Act::Maintenance,
        ["plan-maintenance"] => Act::PlanMaintenance,
        ["end-maintenance", id] => Act::EndMaintenance(id.parse().ok()?),
        ["restrict"] => Act::Restrict,
        ["unrestrict"] => Act::Unrestrict,
        ["unrestrict-now"] => Act::UnrestrictNow,
        ["admit"] => Act::AskAdmit,
        ["open-channel"] => Act::OpenChannelAgain,
        ["join-call"] => Act::JoinCall,
        ["undo", seq] => Act::Undo(Seq(seq.parse().ok()?)),
        ["board"] => Act::ShowBoard,
        ["text-board"] => Act::TextBoard,
        ["alerts"] => Act::Alerts,
        ["changes"] => Act::Changes,
        ["more"] => Act::More,
        ["choose", group] => Act::Choose(act_group(group)?),
        ["ask-sev"] => Act::AskSeverity,
        ["sev", to] => Act::SetSeverity(severity(to)?),
        ["lower-sev", to, reason] => Act::LowerSeverity(severity(to)?, lower_reason(reason)?),
        ["sev-first", to] => Act::RateFirst(severity(to)?),
        ["roles"] => Act::Roles,
        ["accept", which] => Act::Accept(role(which)?),
        ["decline", which] => Act::Decline(role(which)?),
        ["release", which] => Act::Release(role(which)?),
        ["propose", which] => Act::AskPropose(role(which)?),
        ["page-role", which] => Act::PageRole(role(which)?),
        ["tasks"] => Act::Tasks,
        ["ask-task"] => Act::AskTask,
        ["task-on-it", number] => Act::TaskOnIt(number.parse().ok()?),
        ["task-done", number] => Act::TaskDone(number.parse().ok()?),
        ["task-cannot", number] => Act::TaskCannot(number.parse().ok()?),
        ["finish-task"] => Act::FinishTask,
        ["task-result", number] => Act::TaskResult(number.parse().ok()?),
        ["ask-role"] => Act::AskRole,
        ["propose-to", which, person] => Act::Propose(role(which)?, PersonId(person.parse().ok()?)),
        ["my-role"] => Act::MyRole,
        ["please", "please", ..] => return None,
        ["please", wanted @ ..] => Act::PleaseDo(Box::new(act_of(wanted)?)),
        ["take-command"] => Act::TakeCommand,
        ["give-command", person] => Act::GiveCommand(PersonId(person.parse().ok()?)),
        ["ask-handover"] => Act::AskHandover,
        ["handover-of", set] => Act::AskHandoverOf(handover_set(set)?),
        ["handover", set] => Act::OfferHandover(handover_set(set)?),
        ["handover", set, reason] => {
            Act::OfferHandoverBecause(handover_set(set)?, handover_reason(reason)?)
        }
        ["handover-to", person] => Act::OfferHandoverTo(PersonId(person.parse().ok()?)),
        ["i-have-it"] => Act::AcceptHandover,
        ["not-now"] => Act::DeclineHandover,
        ["next-step"] => Act::NextStep,
        ["steps"] => Act::StepList,
        ["claim-step", step] => Act::ClaimStep(StepId::new(step)?),
        ["finish-step", step] => Act::FinishStep(StepId::new(step)?),
        ["confirm-step", step] => Act::ConfirmStep(StepId::new(step)?),
        ["ask-look", which] => Act::AskSecondLook(StepId::new(which)?),
        ["look-yes", which] => Act::ConfirmSecondLook(StepId::new(which)?),
        ["look-wait", which] => Act::WaitSecondLook(StepId::new(which)?),
        ["decide-step", step] => Act::DecideStep(StepId::new(step)?),
        ["ask-skip", step] => Act::AskSkip(StepId::new(step)?),
        ["skip-step", step, reason] => Act::SkipStep(StepId::new(step)?, skip_reason(reason)?),
        ["step-more", step] => Act::StepMore(StepId::new(step)?),
        ["reference", section, page] => Act::Reference(section.parse().ok()?, page.parse().ok()?),
        ["reference-which"] => Act::ChooseReference,
        ["step-help", step] => Act::StepHelp(StepId::new(step)?),
        ["tick-steps", phase] => Act::TickSteps(step_phase(phase)?),
        ["runbook"] => Act::AttachRunbook,
        ["add-runbook", runbook] => Act::AddRunbook(RunbookId::new(runbook)?),
        ["compare-runbook", runbook] => Act::CompareRunbook(RunbookId::new(runbook)?),
        ["renew", runbook, version] => {
            Act::RenewRunbook(RunbookId::new(runbook)?, short_version(version)?)
        }
        ["think"] => Act::Think,
        ["beliefs"] => Act::Beliefs,
        ["judge", number, state] => {
            Act::JudgeBelief(number.parse().ok()?, hypothesis_state(state)?)
        }
        ["why-belief", number, state] => {
            Act::WhyBelief(number.parse().ok()?, hypothesis_state(state)?)
        }
        ["effect"] => Act::Effect,
        ["effect-is", number, outcome] => {
            Act::EffectIs(number.parse().ok()?, self::outcome(outcome)?)
        }
        ["take-back", number] => Act::TakeBack(number.parse().ok()?),
        ["impact"] => Act::Impact,
        ["describe"] => Act::Describe,
        ["log"] => Act::Log,
        ["update"] => Act::Update,
        ["send-update", USUAL] => Act::SendUpdate(None),
        ["send-shown", USUAL, mark] => Act::SendShown(None, short_version(mark)?),
        ["send-shown", minutes, mark] => {
            Act::SendShown(Some(minutes.parse().ok()?), short_version(mark)?)
        }
        ["send-update", minutes] => Act::SendUpdate(Some(minutes.parse().ok()?)),
        ["edit-update"] => Act::EditUpdate,
        ["estimate"] => Act::Estimate,
        ["nothing-new"] => Act::NothingNew,
        ["all-clear"] => Act::AllClear,
        ["send-all-clear", loss] => Act::SendAllClear(data_loss(loss)?),
        ["catch-up"] => Act::CatchUp,
        ["timeline"] => Act::Timeline,
        ["read", reading, page] => Act::Read(self::reading(reading)?, page.parse().ok()?),
        ["read-what"] => Act::ChooseReading,
        ["entry", number] => Act::Entry(EntryNumber(number.parse().ok()?)),
        ["entry-which"] => Act::ChooseEntry,
        ["edit-entry", number] => Act::EditEntry(EntryNumber(number.parse().ok()?)),
        ["edit-choice", number] => Act::EditChoice(EntryNumber(number.parse().ok()?)),
        ["importance", number, importance] => Act::SetImportance(
            EntryNumber(number.parse().ok()?),
            self::importance(importance)?,
        ),
        ["audience", number, "everybody"] => {
            Act::SetAudience(EntryNumber(number.parse().ok()?), Audience::Everybody)
        }
        ["audience", number, "responders"] => {
            Act::SetAudience(EntryNumber(number.parse().ok()?), Audience::RespondersOnly)
        }
        ["entry-time", number, seconds] => {
            Act::SetTime(EntryNumber(number.parse().ok()?), seconds.parse().ok()?)
        }
        ["log-at", seconds] => Act::LogAt(seconds.parse().ok()?),
        ["decision"] => Act::Decision,
        ["keep", message, kind] => {
            Act::KeepMessage(MessageId(message.parse().ok()?), written(kind)?)
        }
        ["import"] => Act::Import,
        ["save-import", key] if is_key(key) => Act::SaveImport((*key).to_owned()),
        ["times"] => Act::Milestones,
        ["time-which"] => Act::ChooseMilestone,
        ["save-time", name, seconds, precision, evidence] => Act::SaveMilestone {
            name: milestone(name)?,
            seconds: seconds.parse().ok()?,
            precision: self::precision(precision)?,
            evidence: match *evidence {
                NONE => None,
                number => Some(EntryNumber(number.parse().ok()?)),
            },
        },
        ["retract", number] => Act::RetractEntry(EntryNumber(number.parse().ok()?)),
        ["restore", number] => Act::RestoreEntry(EntryNumber(number.parse().ok()?)),
        ["ask-redact"] => Act::AskRedact,
        ["redact", number] => Act::Redact(EntryNumber(number.parse().ok()?)),
        ["redact-for-good", number] => Act::RedactForGood(EntryNumber(number.parse().ok()?)),
        ["show-again", number] => Act::ShowEntryAgain(EntryNumber(number.parse().ok()?)),
        ["no-secret", number] => Act::NotSecret(EntryNumber(number.parse().ok()?)),
        ["pick-facts"] => Act::PickFacts,
        ["cause"] => Act::Cause,
        ["action", kind] => Act::Action(action_kind(kind)?),
        ["ask-action"] => Act::AskAction,
        ["waive"] => Act::WaiveLearning,
        ["sev-final"] => Act::FinalSeverity(None),
        ["sev-final", which] => Act::FinalSeverity(Some(severity(which)?)),
        ["reviewed"] => Act::Reviewed,
        ["postmortem"] => Act::Postmortem,
        ["why"] => Act::Why,
        ["help"] => Act::Help,
        ["help-about", topic] => Act::HelpAbout(help_topic(topic)?),
        ["test-alert"] => Act::FireTestAlert,
        _ => return None,
    })
}

fn phase(id: &str) -> Option<Phase> {
    Phase::ALL.into_iter().find(|phase| phase.id() == id)
}

fn severity(id: &str) -> Option<Severity> {
    Severity::ALL
        .into_iter()
        .find(|severity| severity.id() == id)
}

fn list_of(id: &str) -> Option<ListOf> {
    ListOf::ALL.into_iter().find(|list| list.id() == id)
}

fn help_topic(id: &str) -> Option<HelpTopic> {
    HelpTopic::ALL.into_iter().find(|topic| topic.id() == id)
}

fn role(id: &str) -> Option<Role> {
    Role::ALL.into_iter().find(|role| role.id() == id)
}

pub(crate) fn reading(id: &str) -> Option<Reading> {
    Reading::ALL.into_iter().find(|reading| reading.id() == id)
}

fn importance(id: &str) -> Option<Importance> {
    Importance::ALL
        .into_iter()
        .find(|importance| importance.id() == id)
}

/// Whether this names notes: sixteen hexadecimal digits.
fn is_key(text: &str) -> bool {
    text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn written(id: &str) -> Option<Kind> {
    Kind::WRITTEN.into_iter().find(|kind| kind.id() == id)
}

pub(crate) fn milestone(id: &str) -> Option<MilestoneName> {
    MilestoneName::ALL.into_iter().find(|name| name.id() == id)
}

/// Short, because the longest milestone and the longest number leave little room.
fn precision_id(precision: Precision) -> &'static str {
    match precision {
        Precision::Exact => "e",
        Precision::Minute => "m",
        Precision::Approximate => "a",
    }
}

fn precision(id: &str) -> Option<Precision> {
    [Precision::Exact, Precision::Minute, Precision::Approximate]
        .into_iter()
        .find(|precision| precision_id(*precision) == id)
}

fn cancel_reason(id: &str) -> Option<CancelReason> {
    CancelReason::ALL
        .into_iter()
        .find(|reason| reason.id() == id)
}

fn lower_reason(id: &str) -> Option<LowerReason> {
    LowerReason::ALL
        .into_iter()
        .find(|reason| reason.id() == id)
}

pub(crate) fn hypothesis_state(id: &str) -> Option<HypothesisState> {
    HypothesisState::ALL
        .into_iter()
        .find(|state| state.id() == id)
}

pub(crate) fn tie(id: &str) -> Option<Tie> {
    Tie::ALL.into_iter().find(|tie| tie.id() == id)
}

fn outcome(id: &str) -> Option<Outcome> {
    Outcome::ALL.into_iter().find(|outcome| outcome.id() == id)
}

fn act_group(id: &str) -> Option<ActGroup> {
    ActGroup::ALL.into_iter().find(|group| group.id() == id)
}

/// The beginning of a content hash: short, because a runbook's name may take half of the 100 characters.
fn short_version(text: &str) -> Option<String> {
    let hexadecimal = text.bytes().all(|byte| byte.is_ascii_hexdigit());
    (text.len() == 8 && hexadecimal).then(|| text.to_owned())
}

fn step_phase(id: &str) -> Option<StepPhase> {
    StepPhase::ALL.into_iter().find(|phase| phase.id() == id)
}

pub(crate) fn action_kind(id: &str) -> Option<ActionKind> {
    ActionKind::ALL.into_iter().find(|kind| kind.id() == id)
}

fn data_loss(id: &str) -> Option<DataLoss> {
    [DataLoss::No, DataLoss::Yes, DataLoss::Unknown]
        .into_iter()
        .find(|loss| loss.id() == id)
}

fn handover_set_id(set: HandoverSet) -> &'static str {
    match set {
        HandoverSet::Everything => "all",
        HandoverSet::Command => "command",
        HandoverSet::Role(role) => role.id(),
    }
}

fn handover_set(id: &str) -> Option<HandoverSet> {
    [HandoverSet::Everything, HandoverSet::Command]
        .into_iter()
        .chain(Role::ALL.into_iter().map(HandoverSet::Role))
        .find(|set| handover_set_id(*set) == id)
}

fn handover_reason(id: &str) -> Option<HandoverReason> {
    HandoverReason::ALL
        .into_iter()
        .find(|reason| reason.id() == id)
}

/// Short, because a step's name may take half of the 100 characters.
fn skip_reason_id(reason: SkipReason) -> &'static str {
    match reason {
        SkipReason::NotApplicable => "na",
        SkipReason::AlreadyDone => "done",
        SkipReason::TooRiskyNow => "risky",
    }
}

fn skip_reason(id: &str) -> Option<SkipReason> {
    SkipReason::ALL
        .into_iter()
        .find(|reason| skip_reason_id(*reason) == id)
}
