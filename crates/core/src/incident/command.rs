//! What is asked of an incident, by whom, and what they believed when they asked.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::decide::RedactedLine;
use super::description::Description;
use super::event::{AlertNews, Suspicion};
use super::facts::{Confidence, HypothesisState, MilestoneName};
use super::links::{Linked, Neighbour, Tie};
use super::mitigations::{Mitigation, Outcome};
use super::quiet::Prompt;
use super::relations::{Attached, Origin};
use super::state::{
    ActionKind, AlertPicture, CancelReason, DirectMessage, HandoverSubject, Link, UpdateKind,
    Visibility,
};
use super::statements::Statements;
use super::tasks::TaskAnswer;
use crate::alert::GroupKey;
use crate::card::Act;
use crate::category::Category;
use crate::ids::{ChannelId, EntryNumber, IncidentId, MessageId, Seq};
use crate::oncall::ShiftEnd;
use crate::person::PersonId;
use crate::phase::Phase;
use crate::role::Role;
use crate::runbook::{Checklist, RunbookId, StepAction, StepId};
use crate::severity::Severity;
use crate::timeline::Precision;

/// A command with everything that is needed to judge it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Who asks.
    pub actor: Actor,
    /// When.
    pub at: DateTime<Utc>,
    /// What the card they pressed was showing.
    pub expects: Expectation,
    /// What they ask.
    pub command: Command,
    /// When the bot last asked each person for something by itself, in whatever incident. Needed by what asks people:
    /// [`Command::Tick`] and [`Command::Prompt`].
    pub last_prompts: BTreeMap<PersonId, DateTime<Utc>>,
}

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", tag = "is")]
pub enum Actor {
    /// A person.
    Person {
        /// Their Discord id.
        id: PersonId,
        /// What the server lets them do.
        rank: Rank,
    },
    /// Monitoring.
    Alerts,
    /// The bot by itself: a clock ran out, or an effect reports what became of it.
    Bot,
}

impl Actor {
    /// The person, if it is one.
    #[must_use]
    pub fn person(&self) -> Option<PersonId> {
        match self {
            Self::Person { id, .. } => Some(*id),
            Self::Alerts | Self::Bot => None,
        }
    }

    /// The person, if it is one who may act in an incident.
    #[must_use]
    pub fn responder(&self) -> Option<PersonId> {
        match self {
            Self::Person { id, rank } if *rank > Rank::Viewer => Some(*id),
            Self::Person { .. } | Self::Alerts | Self::Bot => None,
        }
    }
}

/// What a person may do, by their roles in the Discord server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Rank {
    /// Read.
    Viewer,
    /// Everything in a live incident.
    Responder,
    /// Also lower the severity, resolve, cancel.
    Commander,
    /// Also decide for good about what others wrote.
    Admin,
}

/// What the card that was pressed was showing. A press on a card that no longer tells the truth changes nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Expectation {
    /// The phase it was made in; `None` for commands that are typed.
    pub phase: Option<Phase>,
}

/// How an incident begins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Declaration {
    /// What is broken: one line, at most 100 characters.
    pub title: String,
    /// How bad it is.
    pub severity: Severity,
    /// The failure mode.
    pub category: Category,
    /// Who may see it.
    pub visibility: Visibility,
    /// The services concerned.
    pub services: BTreeSet<String>,
    /// What monitoring says; `None` when a person declares.
    pub alerts: Option<AlertPicture>,
    /// The first lines of the timeline.
    pub news: Vec<AlertNews>,
    /// When the webhook arrived, if one did.
    pub alert_received_at: Option<DateTime<Utc>>,
    /// Whether the storm rule raised it.
    pub storm: bool,
    /// The pinned runbook, and why this one.
    pub runbook: Option<(Checklist, String)>,
    /// Links for the next-step card.
    pub links: Vec<Link>,
    /// Which incident it comes from, if from one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<Origin>,
    /// Whom the rota proposes for which role.
    pub proposals: BTreeMap<Role, PersonId>,
    /// The roles that the team has beside the five.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub optional_roles: BTreeSet<Role>,
}

/// What people say about the impact when the work moves on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImpactAnswer {
    /// It ended just now.
    OverNow,
    /// It ended earlier.
    OverSince(DateTime<Utc>),
    /// It goes on.
    NotYet,
    /// It has come back.
    Back,
}

/// What the rules must know of another incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Other {
    /// Which.
    pub id: IncidentId,
    /// Whether it is live.
    pub active: bool,
    /// Whether only few may see it.
    pub restricted: bool,
}

/// What an incident takes over from its duplicate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Absorption {
    /// The duplicate.
    pub from: IncidentId,
    /// Its title.
    pub title: String,
    /// Its channel.
    pub channel: Option<ChannelId>,
    /// How many lines its timeline has.
    pub entries: u32,
    /// What monitoring says of both together.
    pub picture: AlertPicture,
    /// The services of the duplicate.
    pub services: BTreeSet<String>,
    /// How bad the duplicate was.
    pub severity: Severity,
    /// The groups it held.
    pub groups: BTreeSet<GroupKey>,
}

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// "I have it."
    Take,
    /// The work moves on, or back.
    Move {
        /// To which phase.
        to: Phase,
        /// What is said about the impact.
        impact: Option<ImpactAnswer>,
        /// What is said about it.
        note: Option<String>,
    },
    /// It is no incident.
    Cancel {
        /// Why not.
        reason: CancelReason,
    },
    /// It is a duplicate: end it, and let another go on in its place.
    Merge {
        /// The other.
        into: Other,
    },
    /// Tie it to another.
    LinkTo {
        /// The other.
        other: Neighbour,
        /// What the other is to this one.
        tie: Tie,
    },
    /// Untie it from another.
    Unlink {
        /// Which.
        other: IncidentId,
    },
    /// The other side of a tie has changed.
    MirrorLink {
        /// The other side.
        other: IncidentId,
        /// The tie as it is now, seen from here.
        link: Option<Linked>,
        /// Whether nothing is said of it: the other side was hidden.
        quietly: bool,
    },
    /// How far an incident is that it is tied to.
    HearOfLinked {
        /// Which.
        other: IncidentId,
        /// How far it is now.
        phase: Phase,
    },
    /// Take over what a duplicate had.
    Absorb(Box<Absorption>),
    /// A group that joined because of a likeness is something else: it gets an incident of its own.
    SplitOff {
        /// The group's digest.
        group: String,
        /// What monitoring says of the rest.
        rest: Box<AlertPicture>,
    },
    /// Its alerts fire again, though it was resolved.
    SuspectRelapse(Suspicion),
    /// What fires again is another incident.
    RelapseIsNew,
    /// It is over.
    Resolve {
        /// Although the findings say otherwise.
        anyway: bool,
    },
    /// It is not over, or was real after all.
    Reopen,
    /// The duties are done.
    Close,
    /// It is worse, or not as bad.
    SetSeverity {
        /// As bad as this.
        to: Severity,
        /// Why; needed to lower it.
        reason: Option<String>,
    },
    /// Hide it from everybody but its circle, or show it again.
    SetVisibility {
        /// Who may see it.
        to: Visibility,
    },
    /// Let somebody into a restricted incident.
    Admit {
        /// Whom.
        person: PersonId,
    },
    /// Take the last change back.
    Undo {
        /// The change that the button belonged to.
        seq: Seq,
    },
    /// Ask somebody to take a role.
    Propose {
        /// Which.
        role: Role,
        /// Whom.
        to: PersonId,
    },
    /// Call somebody for a role, with a sound.
    Page {
        /// Which.
        role: Role,
        /// Whom.
        to: PersonId,
    },
    /// Take a role.
    Accept {
        /// Which.
        role: Role,
    },
    /// Say no to a proposed role.
    Decline {
        /// Which.
        role: Role,
    },
    /// Give a role back.
    Release {
        /// Which.
        role: Role,
    },
    /// Take command: at once if nobody holds it, else after the holder was asked and stayed silent.
    TakeCommand,
    /// Ask whoever may do something to do it.
    AskToDo {
        /// What.
        act: Box<Act>,
    },
    /// Open a channel in place of the one that was deleted.
    OpenChannelAgain,
    /// Open the call, if there is none to join.
    OpenCall,
    /// The rota says when the shift of whoever holds a role ends, or that nothing ends it.
    NoteShift {
        /// Which role.
        role: Role,
        /// Whose shift.
        person: PersonId,
        /// When, and who is next.
        ends: Option<ShiftEnd>,
    },
    /// Look again at resolving in a few minutes.
    WaitToResolve,
    /// The holder of command answers the question that waits - resolve? give command away? - with no.
    NotYet,
    /// The holder of command gives it to the Bridge Engineer, or to whoever asked for it.
    GiveCommand {
        /// To whom.
        to: PersonId,
    },
    /// Offer command or roles to somebody.
    OfferHandover {
        /// What.
        subjects: BTreeSet<HandoverSubject>,
        /// To whom.
        to: PersonId,
        /// Why.
        reason: Option<String>,
        /// What they must know to say yes.
        briefing: String,
    },
    /// "I have it."
    AcceptHandover {
        /// The briefing that the receiver saw.
        briefing: String,
    },
    /// "Not now."
    DeclineHandover,
    /// Claim, finish, skip or reopen a runbook step.
    Step {
        /// Which.
        step: StepId,
        /// What.
        action: StepAction,
    },
    /// Ask somebody to look at a risky step before it is ticked.
    AskSecondLook {
        /// Which.
        step: StepId,
    },
    /// What somebody says who was asked to look.
    AnswerSecondLook {
        /// Which step.
        step: StepId,
        /// Whether it is right; otherwise it should wait.
        confirmed: bool,
    },
    /// Attach a runbook: beside the others, or instead of the general one while nobody has touched that.
    AttachRunbook {
        /// Its steps.
        checklist: Checklist,
        /// Why this one.
        reason: String,
    },
    /// Put a newer version of an attached runbook in the place of the older.
    RenewRunbook {
        /// Its steps as they are now.
        checklist: Checklist,
    },
    /// The team's runbooks have been read: which versions there are.
    RunbooksRead {
        /// The content hash of each.
        versions: BTreeMap<RunbookId, String>,
    },
    /// Who is hurt, and how.
    DescribeImpact(String),
    /// Say what it is: title, category, services, summary.
    Describe(Description),
    /// When it really began, or another corrected time.
    CorrectMilestone {
        /// Which.
        name: MilestoneName,
        /// When.
        at: DateTime<Utc>,
        /// How exactly they know it.
        precision: Precision,
        /// The entry of the timeline that shows it.
        evidence: Option<EntryNumber>,
    },
    /// "We think it is…"
    StateHypothesis(String),
    /// What became of a guess.
    JudgeHypothesis {
        /// Which, counted from 1.
        number: u32,
        /// What it is now.
        state: HypothesisState,
        /// Why, if said.
        because: Option<String>,
    },
    /// What the lines say now of who is hurt, and of what it could be.
    NoteStatements(Statements),
    /// Somebody wrote a line of the timeline: whoever seemed to be alone is not.
    SeeAtWork(PersonId),
    /// Somebody wrote that they did something: its effect will be asked about.
    NoteMitigation(Mitigation),
    /// Ask now what the last thing that was done has changed.
    BringUpEffect,
    /// What something changed.
    AnswerEffect {
        /// The number of the question.
        number: u32,
        /// What it changed.
        outcome: Outcome,
    },
    /// What made it worse is taken back by hand.
    TakeBackMitigation {
        /// The number of the question.
        number: u32,
    },
    /// Ask one person for one thing by one time.
    AskFor {
        /// What.
        what: String,
        /// Whom.
        to: PersonId,
        /// By when, in minutes from now.
        minutes: u32,
    },
    /// Say something to a task.
    AnswerTask {
        /// Which.
        number: u32,
        /// What.
        answer: TaskAnswer,
    },
    /// How long it will take.
    GiveEstimate {
        /// The short end.
        low_minutes: u32,
        /// The long end.
        high_minutes: u32,
        /// What it rests on.
        basis: String,
        /// How sure.
        confidence: Confidence,
    },
    /// Send word to the stakeholders.
    SendUpdate {
        /// What kind.
        kind: UpdateKind,
        /// The text.
        text: String,
        /// Minutes until the next update; `None` for the usual cadence, which may be no time at all.
        next_in_minutes: Option<u32>,
    },
    /// Take a line of the timeline out of sight, for good where the person may.
    RedactEntry(RedactedLine),
    /// Show a line again that was hidden.
    ShowEntryAgain {
        /// Which.
        number: EntryNumber,
    },
    /// Monitoring has news.
    AlertsChanged {
        /// What it says now.
        picture: Box<AlertPicture>,
        /// Groups that joined because of a likeness, or brought more after they had.
        attached: Vec<Attached>,
        /// What is new.
        news: Vec<AlertNews>,
        /// Links that came along.
        links: Vec<Link>,
        /// Services that came along.
        services: BTreeSet<String>,
        /// The severity the alerts call for, if it is worse.
        severity: Option<(Severity, String)>,
        /// Whether they make it a storm.
        storm: bool,
        /// A runbook that fits better, with the reason.
        runbook: Option<(Checklist, String)>,
    },
    /// Write cause and contributing factors.
    RecordCause {
        /// What started it.
        trigger: String,
        /// The cause, as established.
        cause: String,
        /// Contributing factors.
        factors: Vec<String>,
        /// What kept it from being worse.
        kept_from_worse: String,
    },
    /// Decide an action.
    AddAction {
        /// What, starting with a verb.
        title: String,
        /// What kind of improvement.
        kind: ActionKind,
        /// Who does it.
        owner: Option<PersonId>,
        /// By when.
        due: Option<NaiveDate>,
    },
    /// Decide that no learning action is needed.
    WaiveLearning {
        /// Why.
        because: String,
    },
    /// This bad it was, all in all.
    ConfirmSeverity {
        /// How bad.
        severity: Severity,
    },
    /// The postmortem was reviewed.
    MarkReviewed,
    /// A person is about to be asked for something that the timeline lacks.
    Prompt {
        /// Whom.
        person: PersonId,
        /// What for.
        about: Prompt,
        /// Up to when what they are asked about was looked through; now where it is not said.
        until: Option<DateTime<Utc>>,
    },
    /// What was held back is not worth asking any more.
    DropPrompt(Prompt),
    /// The clock: whatever is due, is due.
    Tick,
    /// An effect reports what became of it.
    Report(Report),
}

/// What an effect learned outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Report {
    /// The channel exists.
    ChannelReady(ChannelId),
    /// The channel does not exist any more.
    ChannelGone(ChannelId),
    /// The voice channel exists.
    CallOpened {
        /// Which.
        channel: ChannelId,
        /// Where it is joined.
        url: String,
    },
    /// The voice channel cannot be opened.
    CallFailed {
        /// Why, and how to mend it.
        why: String,
    },
    /// The voice channel does not exist any more.
    CallGone(ChannelId),
    /// The board exists.
    BoardPosted(MessageId),
    /// The next-step card exists.
    StepsPosted(MessageId),
    /// The digest line exists.
    DigestPosted(ChannelId, MessageId),
    /// A person was written to.
    DirectPosted(PersonId, DirectMessage),
    /// The pager took the page; for whom, unless its own schedule decides.
    Paged(Option<PersonId>),
    /// An update reached a target, or could not.
    UpdateDelivered {
        /// Which update.
        number: u32,
        /// Which target.
        target: String,
        /// Why not, if not.
        problem: Option<String>,
    },
    /// A postmortem version is stored.
    PostmortemDrafted(u32),
}
