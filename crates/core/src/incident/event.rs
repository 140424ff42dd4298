//! What happened: facts in the past tense, kept for ever.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::command::{Actor, Declaration};
use super::description::Description;
use super::facts::{Estimate, HypothesisState, MilestoneName};
use super::links::{Linked, Tie};
use super::mitigations::{Mitigation, Outcome};
use super::quiet::Prompt;
use super::relations::Attached;
use super::state::{
    ActionItem, AlertPicture, CancelReason, Cause, DirectMessage, Handover, HandoverSubject, Link,
    UpdateKind, Visibility,
};
use super::statements::Said;
use super::tasks::{Task, TaskAnswer};
use crate::alert::GroupKey;
use crate::card::Act;
use crate::ids::{ChannelId, EntryNumber, IncidentId, MessageId, Seq};
use crate::oncall::ShiftEnd;
use crate::person::PersonId;
use crate::phase::Phase;
use crate::role::Role;
use crate::runbook::{Checklist, RunbookId, StepId, StepState};
use crate::severity::Severity;
use crate::timeline::Precision;

/// An event with its place in history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recorded {
    /// Its position.
    pub seq: Seq,
    /// When it happened.
    pub at: DateTime<Utc>,
    /// Who made it happen.
    pub actor: Actor,
    /// What happened.
    pub event: Event,
}

/// Something that happened to an incident.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum Event {
    /// It began.
    Declared(Box<Declaration>),
    /// The change that follows, by the same person at the same instant, can be taken back for a minute.
    UndoOffered {
        /// The change in words.
        what: String,
    },
    /// A person accepted responsibility.
    Acknowledged {
        /// Who.
        by: PersonId,
    },
    /// The work moved on, or back.
    PhaseChanged {
        /// From.
        from: Phase,
        /// To.
        to: Phase,
        /// What was said about it, for example what did not hold.
        note: Option<String>,
    },
    /// Users began to be hurt (again).
    ImpactStarted {
        /// Since when.
        at: DateTime<Utc>,
        /// How exactly that is known.
        precision: Precision,
    },
    /// Users are no longer hurt.
    ImpactEnded {
        /// Since when.
        at: DateTime<Utc>,
        /// How exactly that is known.
        precision: Precision,
    },
    /// Somebody said who is hurt and how.
    ImpactDescribed {
        /// In their words.
        text: String,
    },
    /// The newest line of the timeline that says who is hurt and how is this one, or there is none; the line is its own
    /// record.
    ImpactNoted {
        /// That line.
        said: Option<Said>,
    },
    /// A person corrected a milestone.
    MilestoneCorrected {
        /// Which.
        name: MilestoneName,
        /// The time they gave.
        at: DateTime<Utc>,
        /// How exactly they know it.
        precision: Precision,
        /// The entry of the timeline that shows it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        evidence: Option<EntryNumber>,
    },
    /// The severity changed.
    SeverityChanged {
        /// From.
        from: Severity,
        /// To.
        to: Severity,
        /// Why.
        reason: Option<String>,
    },
    /// It was hidden from everybody but its circle, or shown again.
    VisibilityChanged {
        /// Who may see it from now on.
        to: Visibility,
    },
    /// Somebody was let into a restricted incident.
    PersonAdmitted {
        /// Who.
        person: PersonId,
    },
    /// People were reminded to keep the evidence before they contain anything.
    EvidenceReminded,
    /// Somebody was asked to take a role.
    RoleProposed {
        /// Which.
        role: Role,
        /// Whom.
        to: PersonId,
    },
    /// Somebody was called for a role.
    RolePaged {
        /// Which.
        role: Role,
        /// Whom.
        to: PersonId,
        /// Whether a pager was to ring; otherwise they were written to, and that was all.
        #[serde(default = "by_pager")]
        rang: bool,
    },
    /// Somebody took a role.
    RoleAccepted {
        /// Which.
        role: Role,
        /// Who.
        by: PersonId,
    },
    /// Somebody cannot take a role.
    RoleDeclined {
        /// Which.
        role: Role,
        /// Who.
        by: PersonId,
    },
    /// Somebody gave a role back.
    RoleReleased {
        /// Which.
        role: Role,
        /// Who.
        by: PersonId,
    },
    /// Command changed hands.
    CommandMoved {
        /// From.
        from: Option<PersonId>,
        /// To.
        to: PersonId,
        /// Why.
        reason: Option<String>,
    },
    /// A hand-over was offered.
    HandoverOffered(Handover),
    /// A hand-over was accepted: what was offered is the receiver's.
    HandoverAccepted {
        /// What.
        subjects: BTreeSet<HandoverSubject>,
        /// From.
        from: PersonId,
        /// To.
        to: PersonId,
        /// The briefing the receiver had before them.
        briefing: String,
        /// Why, if the giver said so.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// A hand-over was declined, or nobody answered.
    HandoverEnded {
        /// From.
        from: PersonId,
        /// To.
        to: PersonId,
        /// Whether the receiver said no; otherwise the time ran out.
        declined: bool,
    },
    /// Somebody was told that they command and repair alone.
    LoneHinted {
        /// Who.
        person: PersonId,
    },
    /// Somebody said what it is.
    Described(Box<Description>),
    /// Somebody who has held command for hours was told that another could.
    FatigueHinted {
        /// Who.
        person: PersonId,
    },
    /// The rota says when the turn of whoever holds a role ends, or that nothing ends it.
    ShiftNoted {
        /// Which role.
        role: Role,
        /// Whose turn.
        person: PersonId,
        /// When it ends, and who is next.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ends: Option<ShiftEnd>,
    },
    /// Somebody was told that their shift ends soon.
    ShiftEndTold {
        /// Who.
        person: PersonId,
        /// In which role.
        role: Role,
        /// When it ends.
        ends_at: DateTime<Utc>,
        /// Whose turn it is then, if it is somebody's.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        next: Option<PersonId>,
    },
    /// Nobody but this person has been there for a while.
    WentSolo {
        /// Who.
        person: PersonId,
    },
    /// Somebody wrote into the timeline of an incident in which another seemed to be alone.
    SeenAtWork {
        /// Who.
        person: PersonId,
    },
    /// A runbook step was claimed, done, skipped or opened again.
    StepChanged {
        /// Which.
        step: StepId,
        /// What it is now.
        state: StepState,
    },
    /// Somebody was asked to look at a risky step before it is ticked.
    SecondLookAsked {
        /// Which.
        step: StepId,
        /// Who asked.
        by: PersonId,
        /// Whom.
        of: PersonId,
    },
    /// Somebody looked at a risky step that another does.
    SecondLookAnswered {
        /// Which.
        step: StepId,
        /// Who looked.
        by: PersonId,
        /// Whether they say that it is right; otherwise they say wait.
        confirmed: bool,
    },
    /// A claimed step takes longer than twice the time it was meant to.
    StepOverdue {
        /// Which.
        step: StepId,
        /// Who is on it.
        by: PersonId,
        /// Since when.
        since: DateTime<Utc>,
    },
    /// A runbook was pinned to the incident, instead of any other.
    RunbookAttached {
        /// Its steps, as they are now.
        checklist: Checklist,
        /// Why this one.
        reason: String,
    },
    /// A runbook was pinned to the incident beside the others.
    RunbookAdded {
        /// Its steps, as they are now.
        checklist: Checklist,
        /// Why this one.
        reason: String,
    },
    /// A newer version of a pinned runbook took the place of the older.
    RunbookRenewed {
        /// Its steps, as they are now.
        checklist: Checklist,
        /// What is different, in one sentence.
        summary: String,
    },
    /// The team's folder holds another version of a pinned runbook, or the pinned one again.
    RunbookVersionSeen {
        /// Which runbook.
        runbook: RunbookId,
        /// The hash of the version that is not the pinned one, if there is such a version.
        newer: Option<String>,
    },
    /// Monitoring sent news.
    AlertsChanged {
        /// What it says now.
        picture: AlertPicture,
        /// What is new, in lines for the timeline.
        news: Vec<AlertNews>,
        /// Links that came with the alerts.
        links: Vec<Link>,
        /// Services that came with the alerts.
        services: BTreeSet<String>,
        /// Whether they make it the incident of a storm.
        #[serde(default)]
        storm: bool,
    },
    /// The bot asked whether to go to validation, since all alerts are clear.
    AllClearAsked,
    /// Somebody said what they think it is.
    HypothesisStated {
        /// In one line.
        text: String,
    },
    /// A line of the timeline says what somebody thinks it is; the line is its own record.
    HypothesisNoted(Said),
    /// The line that said so was taken back, or may not be repeated.
    HypothesisWithdrawn {
        /// Which line.
        line: EntryNumber,
        /// Whether it may not be repeated.
        kept_inside: bool,
    },
    /// Evidence spoke for a guess, against it, or settled it.
    HypothesisJudged {
        /// Which, counted from 1.
        number: u32,
        /// What it is now.
        state: HypothesisState,
        /// Why, if said.
        because: Option<String>,
    },
    /// One person was asked for one thing by one time.
    TaskAsked(Task),
    /// Somebody said something to a task.
    TaskAnswered {
        /// Which.
        number: u32,
        /// Who.
        by: PersonId,
        /// What.
        answer: TaskAnswer,
    },
    /// The time of a task is over, and whoever asked was told.
    TaskLate {
        /// Which.
        number: u32,
    },
    /// Somebody noted that they did something against the impact.
    MitigationNoted(Mitigation),
    /// The line of an action says something else now, or is not for everybody any more.
    MitigationReworded {
        /// The line.
        line: EntryNumber,
        /// What is said of it from now on.
        what: String,
    },
    /// Whoever did something was asked what it changed.
    EffectAsked {
        /// The number of the question.
        number: u32,
        /// What was done.
        about: Mitigation,
    },
    /// Somebody said what it changed.
    EffectAnswered {
        /// Which question.
        number: u32,
        /// What they said.
        outcome: Outcome,
    },
    /// What made it worse is taken back by hand.
    MitigationTakenBack {
        /// The question that was answered so.
        number: u32,
    },
    /// The bot asks a person for something that the timeline lacks.
    Prompted {
        /// Whom.
        person: PersonId,
        /// What for.
        about: Prompt,
        /// Up to when what they are asked about was looked through; the event's own time where it is not said.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<DateTime<Utc>>,
    },
    /// What the timeline lacks is not asked yet: it is night, and the person was asked for something a moment ago.
    PromptHeld(Prompt),
    /// What was held back is not worth asking any more.
    PromptDropped(Prompt),
    /// A person is left alone, because another incident has just asked them for something.
    LeftAlone {
        /// Whom.
        person: PersonId,
        /// Since when.
        since: DateTime<Utc>,
    },
    /// Somebody estimated how long it will take.
    EstimateGiven(Estimate),
    /// Word went out to the stakeholders.
    UpdateSent {
        /// What kind.
        kind: UpdateKind,
        /// The text.
        text: String,
        /// When they were told to expect the next one.
        next_due: Option<DateTime<Utc>>,
        /// Whom it goes to: names of configured targets.
        #[serde(default)]
        targets: Vec<String>,
    },
    /// An update reached a target, or could not.
    UpdateDelivered {
        /// Which update.
        number: u32,
        /// Which target.
        target: String,
        /// Why not, if not.
        problem: Option<String>,
    },
    /// Something was taken out of a line of the timeline, and out of everything that repeated it.
    EntryRedacted {
        /// Which line.
        number: EntryNumber,
        /// Whether it waits for somebody who may redact it for good; what it said is sealed until then.
        sealed: bool,
        /// The message it was taken from.
        message: Option<(ChannelId, MessageId)>,
        /// Who wrote it, if a person did.
        author: Option<PersonId>,
    },
    /// A line that was hidden is shown again.
    EntryShownAgain {
        /// Which.
        number: EntryNumber,
    },
    /// The keeper of a promise was reminded.
    PromiseReminded {
        /// The promise.
        due: DateTime<Utc>,
        /// Whether the time has come; otherwise it was the reminder ahead of it.
        at_due: bool,
    },
    /// Whoever keeps the stakeholders informed was reminded that nobody has told them anything yet.
    FirstUpdateReminded {
        /// When they are to have heard.
        due: DateTime<Utc>,
        /// Whether the time has come; otherwise it was the reminder ahead of it.
        at_due: bool,
    },
    /// Somebody without command asked to resolve.
    ResolveAsked {
        /// Who.
        by: PersonId,
    },
    /// Somebody who would resolve waits a little first.
    ResolvePutOff {
        /// Who.
        by: PersonId,
        /// When they are asked again.
        until: DateTime<Utc>,
    },
    /// The time they waited is over.
    ResolveCameUp {
        /// Who waited.
        by: PersonId,
    },
    /// Somebody asked the holder for command.
    CommandAsked {
        /// Who.
        by: PersonId,
    },
    /// Somebody asked whoever may do something to do it.
    AskedToDo {
        /// Who asked.
        by: PersonId,
        /// Whom: nobody in particular where nobody may more than they.
        whom: Option<PersonId>,
        /// What.
        act: Box<Act>,
        /// Whether they may only read.
        #[serde(default)]
        reads_only: bool,
    },
    /// What takes command was done while nobody held it, by somebody who may act.
    DoneWithoutCommand {
        /// What.
        what: String,
    },
    /// The holder of command answered the question that waited with no.
    NotYetSaid {
        /// Who.
        by: PersonId,
    },
    /// It is over.
    Resolved {
        /// The findings that were passed over.
        despite: Vec<String>,
    },
    /// Another incident goes on in its place.
    MergedInto {
        /// Which.
        into: IncidentId,
        /// Whether the other is restricted, so that nobody here is told which it is.
        #[serde(default)]
        hidden: bool,
    },
    /// It was tied to another.
    Linked {
        /// The other.
        other: IncidentId,
        /// What the other is to this one.
        link: Linked,
    },
    /// It was untied from another.
    Unlinked {
        /// The other.
        other: IncidentId,
        /// What the other was to this one.
        tie: Tie,
        /// Whether nothing is said of it.
        #[serde(default)]
        quietly: bool,
    },
    /// An incident it is tied to has moved on.
    LinkedMoved {
        /// The other.
        other: IncidentId,
        /// How far it is now.
        phase: Option<Phase>,
    },
    /// It took over what a duplicate had.
    Absorbed {
        /// The duplicate.
        from: IncidentId,
        /// Its title.
        title: String,
        /// Its channel.
        channel: Option<ChannelId>,
        /// How many lines its timeline has.
        entries: u32,
        /// The groups that are this incident's now.
        #[serde(default)]
        groups: BTreeSet<GroupKey>,
    },
    /// A group joined because of a likeness, or brought more after it had.
    GroupAttached(Attached),
    /// A group that had joined was split off: it gets an incident of its own.
    GroupSplit(Attached),
    /// Its alerts fire again, though it was resolved.
    RelapseSuspected(Suspicion),
    /// What fires again is another incident: somebody said so, or nobody said anything in time.
    RelapseAnswered,
    /// It was not an incident.
    Cancelled {
        /// Why not.
        reason: CancelReason,
    },
    /// It was not over, or real after all.
    Reopened {
        /// The phase it was in.
        from: Phase,
    },
    /// The duties are done.
    Closed,
    /// The last change was taken back.
    Undone {
        /// Its first event.
        of: Seq,
        /// What it was.
        what: String,
    },
    /// Its channel exists.
    ChannelLinked {
        /// Which.
        channel: ChannelId,
    },
    /// Its channel was deleted, and with it everything the bot keeps up in it.
    ChannelLost {
        /// Which.
        channel: ChannelId,
    },
    /// Somebody asked for another channel in place of the deleted one.
    ChannelAskedAgain,
    /// Somebody wants to join the call, and there is none yet.
    CallAsked {
        /// Who.
        by: PersonId,
    },
    /// Its voice channel exists.
    CallOpened {
        /// Which.
        channel: ChannelId,
        /// Where it is joined.
        url: String,
    },
    /// Its voice channel could not be opened.
    CallFailed {
        /// Why, and how to mend it.
        why: String,
    },
    /// Its voice channel is gone.
    CallEnded {
        /// Which.
        channel: ChannelId,
    },
    /// Its board exists.
    BoardPosted {
        /// Which message.
        message: MessageId,
    },
    /// Its next-step card exists.
    StepsPosted {
        /// Which message.
        message: MessageId,
    },
    /// Its line in the digest channel exists.
    DigestPosted {
        /// Where.
        channel: ChannelId,
        /// Which message.
        message: MessageId,
    },
    /// A person was written to directly.
    DirectPosted {
        /// Whom.
        person: PersonId,
        /// Where and which message.
        direct: DirectMessage,
    },
    /// The pager webhook took the page.
    Paged {
        /// Whom; `None` where the pager's own schedule decided.
        person: Option<PersonId>,
    },
    /// A postmortem version was stored.
    PostmortemDrafted {
        /// Which.
        version: u32,
    },
    /// Cause and factors were written.
    CauseRecorded(Cause),
    /// An action was decided.
    ActionAdded(ActionItem),
    /// It was decided that no learning action is needed.
    LearningWaived {
        /// Why.
        because: String,
    },
    /// A person said how bad it was, all in all.
    SeverityConfirmed {
        /// How bad.
        severity: Severity,
        /// Who said so.
        by: PersonId,
    },
    /// The postmortem was reviewed.
    Reviewed {
        /// By whom.
        by: PersonId,
    },
}

/// Alerts of a resolved incident that fire again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suspicion {
    /// Their group.
    pub group: GroupKey,
    /// The webhook that told of them.
    pub receipt: String,
    /// What fires, in a few harmless words.
    pub what: String,
    /// Since when, by the sender's own time.
    pub began_at: DateTime<Utc>,
    /// Who is on call now.
    pub on_call: Option<PersonId>,
}

/// News of one alert, grouped by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlertNews {
    /// The line for the timeline.
    pub text: String,
    /// When it happened, by the sender's own time.
    pub at: DateTime<Utc>,
    /// Whether it is the first or the last of its kind, and so belongs in the key view.
    pub key: bool,
}

/// A call that an earlier version noted: it did not tell whether a pager was there.
fn by_pager() -> bool {
    true
}
