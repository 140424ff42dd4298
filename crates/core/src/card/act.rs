//! What a press asks for.

use serde::{Deserialize, Serialize};

use super::ActGroup;
use crate::cards::HelpTopic;
use crate::ids::{EntryNumber, IncidentId, MessageId, Seq};
use crate::incident::{
    ActionKind, CancelReason, HandoverSubject, HypothesisState, MilestoneName, Outcome, Tie,
};
use crate::person::PersonId;
use crate::phase::Phase;
use crate::role::Role;
use crate::runbook::{RunbookId, SkipReason, StepId, StepPhase};
use crate::severity::Severity;
use crate::timeline::{Audience, Importance, Kind, Precision, Reading};

/// What a press asks, and what the card was showing when it was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Press {
    /// The incident; `None` for what concerns none, such as the test alert.
    pub incident: Option<IncidentId>,
    /// The phase the card was made in, where it matters.
    pub phase: Option<Phase>,
    /// What is asked.
    pub act: Act,
}

impl Press {
    /// A press that means the same in every phase.
    #[must_use]
    pub fn any_time(incident: IncidentId, act: Act) -> Self {
        Self {
            incident: Some(incident),
            phase: None,
            act,
        }
    }

    /// A press that concerns no incident.
    #[must_use]
    pub fn of_none(act: Act) -> Self {
        Self {
            incident: None,
            phase: None,
            act,
        }
    }

    /// A press that is stale once the phase has changed.
    #[must_use]
    pub fn in_phase(incident: IncidentId, phase: Phase, act: Act) -> Self {
        Self {
            incident: Some(incident),
            phase: Some(phase),
            act,
        }
    }
}

/// Everything that can be pressed, chosen or filled in. Each has a component id that survives restarts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// Take the incident.
    Take,
    /// Ask why it is no incident.
    AskCancel,
    /// It is no incident.
    Cancel(CancelReason),
    /// Move to a phase.
    Move(Phase),
    /// Ask whether user impact is over, on the way to the fix.
    AskImpactOver,
    /// Impact is over just now; on to the fix. The answer offers to say that it ended earlier.
    ImpactOverNow,
    /// Impact was over earlier: ask when.
    ImpactOverEarlier,
    /// Impact goes on; on to the fix all the same.
    ImpactNotOver,
    /// It came back: ask whether users are hurt and where to go.
    AskCameBack,
    /// Users are hurt again; back to this phase.
    CameBackHurting(Phase),
    /// Users are not hurt; back to this phase.
    CameBackHarmless(Phase),
    /// Show the resolve card, or resolve if nothing speaks against it.
    Resolve,
    /// Resolve although something speaks against it.
    ResolveAnyway,
    /// Look again in five minutes whether it can be resolved.
    WaitToResolve,
    /// Put a private card away.
    Dismiss,
    /// Whoever holds command says no to what was asked of them.
    NotYet,
    /// Open it again.
    Reopen,
    /// It came back too late to be opened again: begin a new one that names it.
    OpenRelapse,
    /// Close it.
    Close,
    /// Ask of which incident it is a duplicate, or merge it into the chosen one.
    AskMerge,
    /// Ask how it belongs to another incident.
    AskLink,
    /// Fill in to which incident it is tied like this.
    LinkAs(Tie),
    /// Untie it from the chosen incident.
    Unlink,
    /// Ask which alert group is something else, or split off the chosen one.
    AskSplit,
    /// The alert group of this digest is something else: it gets an incident of its own.
    SplitOff(String),
    /// What fires again is another incident.
    RelapseIsNew,
    /// Show what can be done where there is no incident.
    FrontDesk,
    /// Fill in what is wrong: an incident begins.
    NewIncident,
    /// Show a list of incidents.
    Incidents(ListOf),
    /// Show the board of the chosen incident.
    OpenBoard,
    /// Fill in which incidents are looked for.
    FindIncidents,
    /// Show the team's runbooks.
    Library,
    /// Read the chosen runbook.
    ReadRunbook,
    /// Fill in words that a runbook speaks of.
    FindRunbooks,
    /// Show what is to be mended in the team's runbooks.
    LintRunbooks,
    /// Show what I need and do not have.
    CheckSetup,
    /// Show the maintenance that is planned and on.
    Maintenance,
    /// End the maintenance window of this number.
    EndMaintenance(u32),
    /// Plan a maintenance window; where there is an incident, for what it concerns.
    PlanMaintenance,
    /// Only its circle sees it from now on.
    Restrict,
    /// Ask whether everybody shall see it again, and say what they would see.
    Unrestrict,
    /// Everybody sees it again.
    UnrestrictNow,
    /// Ask whom to let into a restricted incident, or let the chosen person in.
    AskAdmit,
    /// Open a channel in place of the one that was deleted.
    OpenChannelAgain,
    /// Join the call; whoever is first opens it.
    JoinCall,
    /// Take the last change back.
    Undo(Seq),
    /// Show the board.
    ShowBoard,
    /// Show the board as plain lines, for screen readers.
    TextBoard,
    /// Show what monitoring says, and what maintenance holds.
    Alerts,
    /// What was changed around the time it began.
    Changes,
    /// Show everything else.
    More,
    /// Press what was chosen in one of the menus of everything else.
    Choose(ActGroup),
    /// Show the severities.
    AskSeverity,
    /// Set a worse severity, or ask for the reason of a better one.
    SetSeverity(Severity),
    /// Lower the severity for this reason.
    LowerSeverity(Severity, LowerReason),
    /// Say for the first time how bad it is.
    RateFirst(Severity),
    /// Show the roles.
    Roles,
    /// Take a role.
    Accept(Role),
    /// Say no to a role.
    Decline(Role),
    /// Give a role back.
    Release(Role),
    /// Ask somebody to take a role.
    AskPropose(Role),
    /// Call whoever the rota names for a role, or the chosen person.
    PageRole(Role),
    /// Show who was asked for what.
    Tasks,
    /// Choose somebody to do something; with a choice, fill in what and by when.
    AskTask,
    /// "On it", to a task by its number.
    TaskOnIt(u32),
    /// "Done."
    TaskDone(u32),
    /// "Can't."
    TaskCannot(u32),
    /// The chosen task is done.
    FinishTask,
    /// Fill in what came of a task.
    TaskResult(u32),
    /// Choose somebody to ask for a role.
    AskRole,
    /// Ask this person to take a role.
    Propose(Role, PersonId),
    /// Show what the holder of a role does.
    MyRole,
    /// Ask whoever may do this to do it.
    PleaseDo(Box<Act>),
    /// Take command.
    TakeCommand,
    /// Give command to the Bridge Engineer.
    GiveCommand(PersonId),
    /// Ask to whom to hand over everything one holds.
    AskHandover,
    /// Ask to whom to hand over one thing of several.
    AskHandoverOf(HandoverSet),
    /// Offer it to the chosen person.
    OfferHandover(HandoverSet),
    /// Offer it to the chosen person, and say why.
    OfferHandoverBecause(HandoverSet, HandoverReason),
    /// Offers everything to whoever's turn is next, since the shift ends.
    OfferHandoverTo(PersonId),
    /// "I have it."
    AcceptHandover,
    /// "Not now."
    DeclineHandover,
    /// Show the next step.
    NextStep,
    /// Show the steps of the phase.
    StepList,
    /// "I'm on it."
    ClaimStep(StepId),
    /// Done.
    FinishStep(StepId),
    /// Done, really.
    ConfirmStep(StepId),
    /// Ask somebody to look at a risky step before it is ticked.
    AskSecondLook(StepId),
    /// Whoever looked says that it is right: it is ticked.
    ConfirmSecondLook(StepId),
    /// Whoever looked says wait.
    WaitSecondLook(StepId),
    /// Done, with the chosen option of a decision step.
    DecideStep(StepId),
    /// Ask why it is skipped.
    AskSkip(StepId),
    /// Skip it for this reason.
    SkipStep(StepId, SkipReason),
    /// Show the rest of a long step.
    StepMore(StepId),
    /// Show a page of a section of the runbooks' reference text: section and page, both from 0.
    Reference(u16, u16),
    /// Show the chosen section of it.
    ChooseReference,
    /// Ask for help with a step.
    StepHelp(StepId),
    /// Tick the chosen steps of a phase.
    TickSteps(StepPhase),
    /// Attach the chosen runbook; without a choice, show which are attached and which could be as well.
    AttachRunbook,
    /// Attach this runbook as well.
    AddRunbook(RunbookId),
    /// Show what the newer version of this runbook would change.
    CompareRunbook(RunbookId),
    /// Use the version of this runbook whose content hash begins so.
    RenewRunbook(RunbookId, String),
    /// Fill in what people think it is.
    Think,
    /// Show what people think it is, and what became of each guess; with a choice, of that one.
    Beliefs,
    /// What became of a guess, by its number.
    JudgeBelief(u32, HypothesisState),
    /// Show the question what the last action changed.
    Effect,
    /// What something changed, by the number of the question.
    EffectIs(u32, Outcome),
    /// Take back by hand what made it worse.
    TakeBack(u32),
    /// Fill in why a guess is what it is.
    WhyBelief(u32, HypothesisState),
    /// Say what the incident is: title, category, services, summary.
    Describe,
    /// Fill in who is hurt and how.
    Impact,
    /// Fill in a timeline entry.
    Log,
    /// Show the update draft.
    Update,
    /// Send the draft as it is, promising the next within these minutes; `None` for what is usual then.
    SendUpdate(Option<u32>),
    /// The same, if the draft is still the one that was shown: its mark.
    SendShown(Option<u32>, String),
    /// Change the draft before it is sent.
    EditUpdate,
    /// Fill in an estimate.
    Estimate,
    /// Tell the stakeholders that nothing is new.
    NothingNew,
    /// Show the all-clear draft.
    AllClear,
    /// Send the all-clear, with what is known about lost data.
    SendAllClear(DataLoss),
    /// Show how things stand, and what is new since the reader last looked.
    CatchUp,
    /// Show the key view of the timeline.
    Timeline,
    /// Show a page of a view of the timeline; page 0 has the newest lines.
    Read(Reading, u16),
    /// Show the chosen view of the timeline.
    ChooseReading,
    /// Show an entry with everything that is known of it.
    Entry(EntryNumber),
    /// Show the chosen entry.
    ChooseEntry,
    /// Change an entry.
    EditEntry(EntryNumber),
    /// Fill in what a decision was made from.
    EditChoice(EntryNumber),
    /// Say how important an entry is.
    SetImportance(EntryNumber, Importance),
    /// Say who reads an entry.
    SetAudience(EntryNumber, Audience),
    /// An entry happened at this instant after all, in seconds since 1970.
    SetTime(EntryNumber, i64),
    /// Fill in an entry about this instant, in seconds since 1970.
    LogAt(i64),
    /// Fill in a decision with what it was made from.
    Decision,
    /// Show the times that metrics are made of.
    Milestones,
    /// Fill in the right time of the chosen milestone.
    ChooseMilestone,
    /// Save a corrected time whose effects were shown.
    SaveMilestone {
        /// Which milestone.
        name: MilestoneName,
        /// The time, in seconds since 1970.
        seconds: i64,
        /// How exactly it is known.
        precision: Precision,
        /// The entry that shows it.
        evidence: Option<EntryNumber>,
    },
    /// Take an entry back.
    RetractEntry(EntryNumber),
    /// Put an entry back.
    RestoreEntry(EntryNumber),
    /// Store a message that looked like a fact, as this kind of entry.
    KeepMessage(MessageId, Kind),
    /// Fill in notes that were taken elsewhere.
    Import,
    /// Import the notes that were looked at, by their key.
    SaveImport(String),
    /// Show the newest lines, to choose the one that has to go.
    AskRedact,
    /// Take an entry out of sight, for good where the person may.
    Redact(EntryNumber),
    /// Redact a hidden line for good.
    RedactForGood(EntryNumber),
    /// Show an entry again that was hidden.
    ShowEntryAgain(EntryNumber),
    /// What looked like a secret is none.
    NotSecret(EntryNumber),
    /// Store the chosen messages.
    PickFacts,
    /// Fill in cause and factors.
    Cause,
    /// Fill in an action of this kind.
    Action(ActionKind),
    /// Ask what kind of action.
    AskAction,
    /// Fill in why no learning action is needed.
    WaiveLearning,
    /// Ask how bad it was, all in all; with a severity, that is what it was.
    FinalSeverity(Option<Severity>),
    /// It is reviewed.
    Reviewed,
    /// Show the newest postmortem.
    Postmortem,
    /// Why is this an incident, with this severity and this runbook?
    Why,
    /// What to do now.
    Help,
    /// More about one topic.
    HelpAbout(HelpTopic),
    /// Fire a test alert.
    FireTestAlert,
}

/// Which incidents a list shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ListOf {
    /// Those that are live.
    Live,
    /// Those that are over as well.
    All,
    /// The live ones that the reader takes part in.
    Mine,
}

impl ListOf {
    /// Every list, in the order of the buttons.
    pub const ALL: [Self; 3] = [Self::Live, Self::Mine, Self::All];

    /// The stable id.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::All => "all",
            Self::Mine => "mine",
        }
    }

    /// The words on its button.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Live => "Live ones",
            Self::All => "All of them",
            Self::Mine => "Mine",
        }
    }
}

/// Why a severity is lowered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LowerReason {
    /// Fewer are hurt than feared.
    Scope,
    /// A workaround works.
    Workaround,
    /// It is another service.
    Service,
    /// Something else.
    Other,
}

impl LowerReason {
    /// Every reason, in the order the card offers them.
    pub const ALL: [Self; 4] = [Self::Scope, Self::Workaround, Self::Service, Self::Other];

    /// The words people read.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Scope => "scope smaller than feared",
            Self::Workaround => "workaround works",
            Self::Service => "wrong service",
            Self::Other => "other",
        }
    }

    /// The stable id.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::Scope => "scope",
            Self::Workaround => "workaround",
            Self::Service => "service",
            Self::Other => "other",
        }
    }
}

/// What is handed over when a person hands over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum HandoverSet {
    /// Command and every role they hold.
    Everything,
    /// Only command.
    Command,
    /// Only this role.
    Role(Role),
}

/// Why somebody hands over, where they say so. To be tired is a reason like any other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HandoverReason {
    /// They cannot go on well.
    Fatigue,
    /// Their shift ends.
    ShiftEnd,
}

impl HandoverReason {
    /// Every reason, in the order the card offers them.
    pub const ALL: [Self; 2] = [Self::Fatigue, Self::ShiftEnd];

    /// The words the channel reads.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Fatigue => "fatigue",
            Self::ShiftEnd => "end of shift",
        }
    }

    /// The stable id.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::Fatigue => "fatigue",
            Self::ShiftEnd => "shift",
        }
    }
}

impl HandoverSet {
    /// The subjects it stands for, for a person who holds these roles.
    #[must_use]
    pub fn subjects(
        self,
        roles: &std::collections::BTreeSet<Role>,
    ) -> std::collections::BTreeSet<HandoverSubject> {
        let held = roles.iter().copied().map(HandoverSubject::Role);
        let command = std::iter::once(HandoverSubject::Command);
        match self {
            Self::Everything => command.chain(held).collect(),
            Self::Command => command.collect(),
            Self::Role(role) => std::collections::BTreeSet::from([HandoverSubject::Role(role)]),
        }
    }
}

/// What a person knows about lost data. Unknown until a person says otherwise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DataLoss {
    /// Nothing was lost.
    No,
    /// Something was lost.
    Yes,
    /// Nobody knows yet.
    #[default]
    Unknown,
}

impl DataLoss {
    /// The stable id, which is also the word people read.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::No => "no",
            Self::Yes => "yes",
            Self::Unknown => "unknown",
        }
    }
}
