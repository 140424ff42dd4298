//! Why something may not happen: a sentence for the person who asked, saying why and who can.

use chrono::{DateTime, Utc};

use super::decide::{CloseGap, Finding};
use crate::ids::EntryNumber;
use crate::person::PersonId;
use crate::phase::Phase;
use crate::role::Role;
use crate::runbook::StepRefusal;

/// Why the last change stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoUndo {
    /// Somebody else made it.
    #[error("Only {0}, who did it, can undo it. You can do the opposite instead.")]
    NotTheirs(PersonId),
    /// It can be undone for a while only.
    #[error("This can no longer be undone: its time is over. Do the opposite instead.")]
    TooLate,
    /// It is not the last change any more.
    #[error(
        "This can no longer be undone: something else has changed since, or it is undone already. The board shows how it \
         stands."
    )]
    ChangedSince,
}

/// What can be done where it is over.
fn after_the_end(phase: Phase) -> &'static str {
    match phase {
        Phase::Closed => "What is closed stays as it is; if it came back, open a new one.",
        _ => "If it is not over, reopen it.",
    }
}

/// Why something may not happen. The `Display` form is shown to the person, and to nobody else.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The card was made in another phase.
    #[error("This card is old. The incident is in *{phase}* since <t:{}:t>.", .since.timestamp())]
    Stale {
        /// The phase now.
        phase: Phase,
        /// Since when.
        since: DateTime<Utc>,
    },
    /// Somebody has it already.
    #[error("{by} has it since <t:{}:t>.", .at.timestamp())]
    Taken {
        /// Who.
        by: PersonId,
        /// Since when.
        at: DateTime<Utc>,
    },
    /// The incident is not live.
    #[error("The incident is *{phase}*: this works only while it is live. {}", after_the_end(*.phase))]
    NotLive {
        /// The phase now.
        phase: Phase,
    },
    /// The phase does not allow it.
    #[error("This does not work in *{phase}*. {instead}")]
    WrongPhase {
        /// The phase now.
        phase: Phase,
        /// What works instead.
        instead: &'static str,
    },
    /// Only the person in command may.
    #[error("Only {holder}, who holds command, can {what}.")]
    NeedsCommand {
        /// Who can.
        holder: PersonId,
        /// What.
        what: &'static str,
    },
    /// Only whoever holds command and the Bridge Engineer tell the stakeholders.
    #[error("{holder} (command) or the {also} sends updates.")]
    NotSender {
        /// Who holds command.
        holder: PersonId,
        /// Whose role it is to write to them.
        also: Role,
    },
    /// Only whoever holds command may, and nobody does.
    #[error(
        "Only whoever holds command can {what}, and nobody does: ask a commander or an administrator."
    )]
    NobodyCommands {
        /// What.
        what: &'static str,
    },
    /// The holder of command was asked for it and may still answer.
    #[error(
        "{holder} was asked for command. If they do nothing meanwhile, you can take it at <t:{}:T>.",
        .free_at.timestamp()
    )]
    CommandAsked {
        /// Who holds it.
        holder: PersonId,
        /// When their silence has lasted long enough.
        free_at: DateTime<Utc>,
    },
    /// Somebody else sent word a moment ago.
    #[error(
        "{by} sent an update at <t:{}:T>. Look at it first, and send yours if it adds something.",
        .at.timestamp()
    )]
    JustSent {
        /// Who.
        by: PersonId,
        /// When.
        at: DateTime<Utc>,
    },
    /// Word to the stakeholders that looks like it holds a secret.
    #[error(
        "It was not sent: it looks like it holds {what} ({name}). Take it out, or begin the text with `anyway:` to \
         send it as it is."
    )]
    LooksSecret {
        /// What kind of thing.
        what: &'static str,
        /// What sort.
        name: &'static str,
    },
    /// Only the owner of the postmortem, or command, may.
    #[error("Only {who} can {what}.")]
    NotYours {
        /// Who can.
        who: PersonId,
        /// What.
        what: &'static str,
    },
    /// The person may only read.
    #[error(
        "You can read here. To act you need the responder role: ask an administrator of the server.{}",
        .holder.map(|holder| format!(" {holder}, who holds command, can do it for you.")).unwrap_or_default()
    )]
    ViewerOnly {
        /// Who commands the incident it is about, if somebody does.
        holder: Option<PersonId>,
    },
    /// What somebody else wrote is for those to decide about who command, and for admins.
    #[error(
        "{number} is hidden. {} can {what}.",
        .holder.map_or_else(|| "An admin".to_owned(), |holder| format!("{holder}, who holds command, or an admin"))
    )]
    NotDecider {
        /// The line.
        number: EntryNumber,
        /// Who holds command, while there is something to command.
        holder: Option<PersonId>,
        /// What.
        what: &'static str,
    },
    /// Nobody has the role that somebody is asked to hand over.
    #[error("Nobody is {role} any more: *Roles* lets you take it.")]
    RoleFree {
        /// Which.
        role: Role,
    },
    /// Somebody else holds the role.
    #[error("{by} is {role}. They can hand it over to you.")]
    RoleTaken {
        /// Which.
        role: Role,
        /// Who holds it.
        by: PersonId,
    },
    /// The person does not hold the role.
    #[error("You are not {role}, so there is nothing to give back. *Roles* shows who is.")]
    NotHeld {
        /// Which.
        role: Role,
    },
    /// Nothing to hand over.
    #[error(
        "You hold neither command nor a role here, so there is nothing to hand over. *Roles* shows who does."
    )]
    NothingToHandOver,
    /// To oneself.
    #[error("You already have it. Choose somebody else.")]
    ToYourself,
    /// No hand-over waits.
    #[error(
        "No hand-over waits for you. It was answered, or its time ran out: ask whoever has it to offer it again."
    )]
    NoHandover,
    /// Another hand-over waits.
    #[error("A hand-over to {to} waits for its answer. It lapses by itself if none comes.")]
    HandoverPending {
        /// Who is asked.
        to: PersonId,
    },
    /// The step cannot be changed like this.
    #[error(transparent)]
    Step(#[from] StepRefusal),
    /// No runbook.
    #[error("No runbook is attached: attach one first.")]
    NoRunbook,
    /// Lowering needs a reason.
    #[error("Lowering the severity needs a reason: choose one.")]
    NeedsReason,
    /// The last change cannot be taken back.
    #[error(transparent)]
    NoUndo(#[from] NoUndo),
    /// Something speaks against resolving.
    #[error("{} of the resolve checks are not met.", .0.iter().filter(|finding| !finding.met).count())]
    Findings(Vec<Finding>),
    /// Something is missing before it can be closed.
    #[error("Before it can be closed: {}.", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    NotReadyToClose(Vec<CloseGap>),
    /// Too late to reopen.
    #[error(
        "It ended more than {hours} hours ago: too late to go on with it. *Open a new one* begins an incident that names it."
    )]
    TooLateToReopen {
        /// The window.
        hours: i64,
    },
    /// A field is not usable.
    #[error("{0}")]
    Unusable(String),
}
