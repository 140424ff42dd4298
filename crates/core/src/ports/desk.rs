//! The one door in.

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::{Broken, ListFilter, Listed, StoredEntry, StoredPostmortem};
use crate::ids::{ChannelId, EntryNumber, IncidentId, MessageId};
use crate::incident::{Around, Incident, Recorded};
use crate::person::PersonId;
use crate::severity::Severity;
use crate::timeline::{Entry, Looked};

/// Something a person, an alert or a clock asks of an incident.
#[derive(Clone, Debug)]
pub struct Ask {
    /// Who asks.
    pub actor: crate::incident::Actor,
    /// The outside cause, so that hearing it twice does it once.
    pub delivery: Option<String>,
    /// What the card they pressed was showing.
    pub expects: crate::incident::Expectation,
    /// What they ask.
    pub command: crate::incident::Command,
}

/// What the desk answers.
#[derive(Clone, Debug)]
pub enum Answer {
    /// It is done; the incident as it is now, and what happened. Nothing happened if it was done already.
    Done {
        /// The incident.
        incident: Box<Incident>,
        /// What happened.
        events: Vec<Recorded>,
    },
    /// It may not happen. The sentence is for the person who asked.
    Refused(crate::incident::Refusal),
    /// There is no such incident.
    Unknown,
    /// Something broke. The id leads to the log; nothing was changed.
    Broken {
        /// What to quote to the people who keep the bot running.
        error_id: String,
    },
}

/// What the cards of an incident show. Its timeline is longer than the rest together and is asked for by those who read it.
#[derive(Clone, Debug)]
pub struct View {
    /// The incident.
    pub incident: Incident,
    /// What the board shows beside it.
    pub around: Around,
}

/// What came of asking for a test alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TestAlert {
    /// It was sent.
    Fired,
    /// One was sent a moment ago, and a second would only confuse.
    OnItsWay,
}

/// The one door in. Everything that changes an incident goes through here.
#[async_trait]
pub trait Desk: Send + Sync {
    /// Asks something of an incident.
    async fn ask(&self, id: IncidentId, ask: Ask) -> Answer;
    /// Begins an incident; the rota and the runbooks are consulted by the desk.
    async fn declare(&self, ask: DeclareAsk) -> Answer;
    /// Begins an incident in which one that is over came back: its title, severity and services, and its name. Where one
    /// that is live names it already, that one is the answer, with no events.
    async fn declare_relapse(&self, of: IncidentId, ask: Ask) -> Answer;
    /// Tells the timeline of a message, a reaction, a pin or a typed entry.
    async fn hear(
        &self,
        id: IncidentId,
        signal: crate::timeline::Signal,
        delivery: Option<String>,
    ) -> Heard;
    /// An incident as it is.
    async fn incident(&self, id: IncidentId) -> Result<Option<Incident>, Broken>;
    /// Takes a line of the timeline out of everything that was stored, or shows one again that was hidden.
    async fn redact(&self, id: IncidentId, ask: RedactAsk) -> Redacted;
    /// The lines of an incident's timeline, in the order of [`Entry::order`].
    async fn timeline(&self, id: IncidentId) -> Result<Vec<Entry>, Broken>;
    /// An incident and what was changed around it.
    async fn view(&self, id: IncidentId) -> Result<Option<View>, Broken>;
    /// The incident of a channel.
    async fn incident_of_channel(&self, channel: ChannelId) -> Result<Option<IncidentId>, Broken>;
    /// Remembers that a person has read the timeline up to `now_read`, and says how far they had read it before.
    async fn look(
        &self,
        id: IncidentId,
        person: PersonId,
        now_read: Looked,
    ) -> Result<Option<Looked>, Broken>;
    /// Incidents, newest first.
    async fn list(&self, only_live: bool) -> Result<Vec<Listed>, Broken>;
    /// Incidents that somebody looks for and may see, newest first, at most 25.
    async fn find(&self, filter: &ListFilter) -> Result<Vec<Listed>, Broken>;
    /// The newest postmortem of an incident.
    async fn postmortem(&self, id: IncidentId) -> Result<Option<StoredPostmortem>, Broken>;
    /// Whom the rota names for a role now, in its order.
    fn candidates(&self, role: crate::role::Role) -> Vec<crate::oncall::Candidate>;
    /// Why an incident is what it is: the trace of the decisions that made it.
    async fn why(&self, id: IncidentId) -> Result<String, Broken>;
    /// The team's runbooks as they are now.
    fn library(&self) -> std::sync::Arc<crate::runbook::Library>;
    /// Every runbook of the team, as id and title.
    async fn runbooks(&self) -> Vec<(crate::runbook::RunbookId, String)>;
    /// Runbooks that fit the alerts of an incident besides the attached ones, best first, at most four.
    async fn also_relevant(&self, id: IncidentId) -> Result<Vec<crate::runbook::Choice>, Broken>;
    /// A fresh copy of a runbook as the team's folder holds it now, filled in for an incident; `None` when there is none.
    async fn fresh_runbook(
        &self,
        id: IncidentId,
        runbook: &crate::runbook::RunbookId,
    ) -> Result<Option<crate::runbook::Checklist>, Broken>;
    /// Attaches a runbook by its id.
    async fn attach_runbook(
        &self,
        id: IncidentId,
        runbook: &crate::runbook::RunbookId,
        ask: Ask,
    ) -> Answer;
    /// The maintenance windows there are.
    async fn maintenance(&self) -> Result<crate::maintenance::Windows, Broken>;
    /// Plans one; the sentence says which limit it breaks.
    async fn plan_maintenance(
        &self,
        new: &crate::maintenance::NewWindow,
    ) -> Result<Result<crate::maintenance::Window, String>, Broken>;
    /// Ends one now: what it held is routed. `None` if it is over already.
    async fn end_maintenance(&self, id: u32) -> Result<Option<crate::maintenance::Window>, Broken>;
    /// Merges an incident into another, which goes on with its alerts.
    async fn merge(&self, id: IncidentId, into: IncidentId, ask: Ask) -> Answer;
    /// Ties an incident to another; the desk looks up what the rules must know of the other.
    async fn link(
        &self,
        id: IncidentId,
        other: IncidentId,
        tie: crate::incident::Tie,
        ask: Ask,
    ) -> Answer;
    /// Takes the alert group of this digest out of an incident: it gets one of its own.
    async fn split_off(&self, id: IncidentId, group: &str, ask: Ask) -> Answer;
    /// Stores messages that were offered as facts and picked, as entries of this kind.
    async fn pick_facts(
        &self,
        id: IncidentId,
        messages: Vec<MessageId>,
        kind: crate::timeline::Kind,
        by: PersonId,
        delivery: Option<String>,
    ) -> Heard;
    /// Keeps notes, under a key, between looking at them and importing them.
    async fn keep_notes(&self, id: IncidentId, key: &str, text: &str) -> Result<(), Broken>;
    /// Imports kept notes and forgets them; how many lines were new. `None` when no such notes are kept.
    async fn import(
        &self,
        id: IncidentId,
        key: &str,
        by: PersonId,
        delivery: Option<String>,
    ) -> Result<Option<usize>, Broken>;
    /// Sends a test alert through the front door, unless one went through a moment ago.
    async fn fire_test_alert(&self) -> Result<TestAlert, Broken>;
    /// Remembers what a person is called.
    async fn meet(&self, person: PersonId, name: &str);
    /// Now.
    fn now(&self) -> DateTime<Utc>;
    /// How the team runs its incidents.
    fn policy(&self) -> std::sync::Arc<crate::incident::Policy>;
    /// The zone in which times are typed.
    fn zone(&self) -> chrono_tz::Tz;
    /// The words that mark, the team's own among them.
    fn prefixes(&self) -> &crate::timeline::Prefixes;
}

/// What a person says when they declare an incident.
#[derive(Clone, Debug)]
pub struct DeclareAsk {
    /// Who.
    pub actor: crate::incident::Actor,
    /// The outside cause.
    pub delivery: Option<String>,
    /// What is wrong.
    pub title: String,
    /// How bad it is, if they say.
    pub severity: Option<Severity>,
}

/// What a person asks about a line that should not be read.
#[derive(Clone, Debug)]
pub struct RedactAsk {
    /// Who.
    pub actor: crate::incident::Actor,
    /// The outside cause.
    pub delivery: Option<String>,
    /// Which line.
    pub line: LineOf,
    /// What.
    pub task: RedactTask,
}

/// How a line is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineOf {
    /// By its number.
    Number(EntryNumber),
    /// By the message it was taken from.
    Message(MessageId),
}

/// What is to become of a line that should not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RedactTask {
    /// It goes: for good where the person may, else until somebody decides.
    Redact {
        /// The part that goes; all of it without one.
        selection: Option<String>,
        /// Whether a hidden line is to go for good, by whoever may.
        for_good: bool,
    },
    /// It is shown again.
    ShowAgain,
}

/// What became of a line that should not be read.
#[derive(Clone, Debug)]
pub enum Redacted {
    /// It is done, or was done before.
    Done {
        /// The incident as it is now.
        incident: Box<Incident>,
        /// Which line.
        number: EntryNumber,
    },
    /// There is nothing to take out. The sentence is for the person.
    Refused(String),
    /// It is not for this person to decide.
    Denied(crate::incident::Refusal),
    /// Something broke.
    Broken {
        /// What to quote.
        error_id: String,
    },
}

/// What became of something the timeline was told.
#[derive(Clone, Debug)]
pub enum Heard {
    /// It is in the timeline.
    Stored(Box<StoredEntry>),
    /// It is in the timeline, with the time at which it was written: the one that was given is hardly meant.
    Doubted {
        /// The line.
        stored: Box<StoredEntry>,
        /// The time that was given.
        said: DateTime<Utc>,
    },
    /// It changed nothing.
    Nothing,
    /// It is a mark by somebody who only reads: nothing was written.
    NotTheirs,
    /// It cannot be stored. The sentence is for the person.
    Refused(String),
    /// Something broke.
    Broken {
        /// What to quote.
        error_id: String,
    },
}
