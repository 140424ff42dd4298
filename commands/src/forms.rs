//! Forms: the few questions that need words. Each is one screen of at most five fields, prefilled with what is known, and
//! its id says everything needed to understand the answer after a restart.

use bridgewatch_core::ids::{ChannelId, EntryNumber, IncidentId, MessageId};
use bridgewatch_core::incident::{ActionKind, HypothesisState, MilestoneName, Tie};
use bridgewatch_core::person::PersonId;
use bridgewatch_core::phase::Phase;

use crate::buttons::{
    MAX_ID_CHARACTERS, UnknownButton, action_kind, head, hypothesis_state, milestone, parts, tie,
};

/// The version of the ids of forms.
const FORM_VERSION: &str = "bw1f";

/// A screen of text fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Form {
    /// The heading: 45 characters are shown.
    pub title: String,
    /// What the answer belongs to.
    pub id: FormId,
    /// One to five fields.
    pub fields: Vec<Field>,
}

/// One text field of a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// The name under which the answer comes back.
    pub id: &'static str,
    /// What people read above it: 45 characters are shown.
    pub label: String,
    /// What stands in it already.
    pub value: String,
    /// What it shows while empty: 100 characters.
    pub placeholder: String,
    /// Whether it has several lines.
    pub paragraph: bool,
    /// Whether it may stay empty.
    pub required: bool,
    /// The fewest characters.
    pub min: u16,
    /// The most characters; at most 4,000.
    pub max: u16,
}

impl Field {
    /// A required line of at most `max` characters.
    pub(crate) fn line(id: &'static str, label: &str, max: u16) -> Self {
        Self {
            id,
            label: label.to_owned(),
            value: String::new(),
            placeholder: String::new(),
            paragraph: false,
            required: true,
            min: 1,
            max,
        }
    }

    /// A required text of several lines.
    pub(crate) fn text(id: &'static str, label: &str, max: u16) -> Self {
        Self {
            paragraph: true,
            ..Self::line(id, label, max)
        }
    }

    /// The same, prefilled.
    pub(crate) fn with(mut self, value: impl Into<String>) -> Self {
        self.value = value.into();
        self
    }

    /// The same, with a hint while it is empty.
    pub(crate) fn hint(mut self, placeholder: &str) -> Self {
        placeholder.clone_into(&mut self.placeholder);
        self
    }

    /// The same, but it may stay empty.
    pub(crate) fn optional(mut self) -> Self {
        self.required = false;
        self.min = 0;
        self
    }
}

/// What the answers of a form belong to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormId {
    /// The incident; `None` where it asks about none.
    pub incident: Option<IncidentId>,
    /// The phase the form was opened in, where it matters.
    pub phase: Option<Phase>,
    /// What is asked.
    pub asks: FormAsks,
}

/// What a form asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FormAsks {
    /// What people think it is.
    Think,
    /// Why a guess, by its number, is what it is.
    WhyBelief(u32, HypothesisState),
    /// What somebody is asked to do, and by when.
    Task {
        /// Whom.
        to: PersonId,
    },
    /// What came of a task, by its number.
    TaskResult(u32),
    /// To which incident it is tied.
    Link(Tie),
    /// Who is hurt and how.
    Impact,
    /// What the incident is.
    Describe,
    /// A timeline entry.
    Log,
    /// A timeline entry about this instant, in seconds since 1970.
    LogAt(i64),
    /// A decision, with what it was made from.
    Decision,
    /// What is to be different about an entry.
    EditEntry(EntryNumber),
    /// What a decision was made from.
    EditChoice(EntryNumber),
    /// Notes that were taken elsewhere.
    Import,
    /// What is wrong: an incident begins.
    NewIncident,
    /// Which incidents are looked for.
    FindIncidents,
    /// Words that a runbook speaks of.
    FindRunbooks,
    /// A maintenance window.
    Maintenance,
    /// The right time of a milestone.
    Milestone(MilestoneName),
    /// The changed draft of an update.
    EditUpdate,
    /// How long it will take.
    Estimate,
    /// Cause and contributing factors.
    Cause,
    /// An action of this kind.
    Action(ActionKind),
    /// Why no learning action is needed.
    WaiveLearning,
    /// Since when users are no longer hurt.
    ImpactOverEarlier,
    /// A message as a timeline entry.
    AddMessage {
        /// Where it stands.
        channel: ChannelId,
        /// Which it is.
        message: MessageId,
        /// Who wrote it.
        author: PersonId,
    },
}

impl FormAsks {
    /// Whether it can be asked where there is no incident.
    fn needs_no_incident(&self) -> bool {
        matches!(
            self,
            Self::NewIncident | Self::FindIncidents | Self::FindRunbooks | Self::Maintenance
        )
    }
}

impl FormId {
    /// A form that is about no incident.
    pub(crate) fn of_none(asks: FormAsks) -> Self {
        Self {
            incident: None,
            phase: None,
            asks,
        }
    }

    /// The component id: at most 100 characters.
    #[must_use]
    pub fn encode(&self) -> String {
        let mut id = head(FORM_VERSION, self.incident, self.phase);
        match &self.asks {
            FormAsks::Think => id.push_str("think"),
            FormAsks::WhyBelief(number, state) => {
                id.push_str(&format!("why-belief|{number}|{}", state.id()));
            }
            FormAsks::Task { to } => id.push_str(&format!("task|{}", short(to.0))),
            FormAsks::TaskResult(number) => id.push_str(&format!("task-result|{number}")),
            FormAsks::Link(tie) => id.push_str(&format!("link|{}", tie.id())),
            FormAsks::Impact => id.push_str("impact"),
            FormAsks::Describe => id.push_str("describe"),
            FormAsks::Log => id.push_str("log"),
            FormAsks::LogAt(seconds) => id.push_str(&format!("log-at|{seconds}")),
            FormAsks::Decision => id.push_str("decision"),
            FormAsks::EditEntry(number) => id.push_str(&format!("edit-entry|{}", number.0)),
            FormAsks::EditChoice(number) => id.push_str(&format!("edit-choice|{}", number.0)),
            FormAsks::Import => id.push_str("import"),
            FormAsks::NewIncident => id.push_str("new-incident"),
            FormAsks::FindIncidents => id.push_str("find-incidents"),
            FormAsks::FindRunbooks => id.push_str("find-runbooks"),
            FormAsks::Maintenance => id.push_str("maintenance"),
            FormAsks::Milestone(name) => id.push_str(&format!("time|{}", name.id())),
            FormAsks::EditUpdate => id.push_str("update"),
            FormAsks::Estimate => id.push_str("estimate"),
            FormAsks::Cause => id.push_str("cause"),
            FormAsks::Action(kind) => {
                id.push_str("action|");
                id.push_str(kind.id());
            }
            FormAsks::WaiveLearning => id.push_str("waive"),
            FormAsks::ImpactOverEarlier => id.push_str("over-earlier"),
            // In base 36 three snowflakes leave room for everything else.
            FormAsks::AddMessage {
                channel,
                message,
                author,
            } => id.push_str(&format!(
                "add|{}|{}|{}",
                short(channel.0),
                short(message.0),
                short(author.0)
            )),
        }
        id
    }

    /// What a form's component id means.
    ///
    /// # Errors
    /// When no form of this version has such an id.
    pub fn decode(id: &str) -> Result<Self, UnknownButton> {
        let unknown = || UnknownButton(id.chars().take(MAX_ID_CHARACTERS).collect());
        let (incident, phase, words) = parts(FORM_VERSION, id).ok_or_else(unknown)?;
        let asks = match words.as_slice() {
            ["think"] => FormAsks::Think,
            ["why-belief", number, state] => FormAsks::WhyBelief(
                number.parse().map_err(|_| unknown())?,
                hypothesis_state(state).ok_or_else(unknown)?,
            ),
            ["task", to] => FormAsks::Task {
                to: PersonId(long(to).ok_or_else(unknown)?),
            },
            ["task-result", number] => FormAsks::TaskResult(number.parse().map_err(|_| unknown())?),
            ["link", which] => FormAsks::Link(tie(which).ok_or_else(unknown)?),
            ["impact"] => FormAsks::Impact,
            ["describe"] => FormAsks::Describe,
            ["log"] => FormAsks::Log,
            ["log-at", seconds] => FormAsks::LogAt(seconds.parse().map_err(|_| unknown())?),
            ["decision"] => FormAsks::Decision,
            ["edit-entry", number] => FormAsks::EditEntry(entry(number).ok_or_else(unknown)?),
            ["edit-choice", number] => FormAsks::EditChoice(entry(number).ok_or_else(unknown)?),
            ["import"] => FormAsks::Import,
            ["new-incident"] => FormAsks::NewIncident,
            ["find-incidents"] => FormAsks::FindIncidents,
            ["find-runbooks"] => FormAsks::FindRunbooks,
            ["maintenance"] => FormAsks::Maintenance,
            ["time", name] => FormAsks::Milestone(milestone(name).ok_or_else(unknown)?),
            ["update"] => FormAsks::EditUpdate,
            ["estimate"] => FormAsks::Estimate,
            ["cause"] => FormAsks::Cause,
            ["action", kind] => FormAsks::Action(action_kind(kind).ok_or_else(unknown)?),
            ["waive"] => FormAsks::WaiveLearning,
            ["over-earlier"] => FormAsks::ImpactOverEarlier,
            ["add", channel, message, author] => FormAsks::AddMessage {
                channel: ChannelId(long(channel).ok_or_else(unknown)?),
                message: MessageId(long(message).ok_or_else(unknown)?),
                author: PersonId(long(author).ok_or_else(unknown)?),
            },
            _ => return Err(unknown()),
        };
        if incident.is_none() && !asks.needs_no_incident() {
            return Err(unknown());
        }
        Ok(Self {
            incident,
            phase,
            asks,
        })
    }
}

fn entry(number: &str) -> Option<EntryNumber> {
    number.parse().ok().map(EntryNumber)
}

fn short(mut number: u64) -> String {
    let mut digits = Vec::new();
    loop {
        let digit = u32::try_from(number % 36).unwrap_or(0);
        digits.push(char::from_digit(digit, 36).unwrap_or('0'));
        number /= 36;
        if number == 0 {
            return digits.into_iter().rev().collect();
        }
    }
}

fn long(digits: &str) -> Option<u64> {
    u64::from_str_radix(digits, 36).ok()
}
