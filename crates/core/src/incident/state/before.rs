//! What was true before the last change, so that it can be taken back.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{RoleState, SeveritySpan};
use crate::ids::{IncidentId, Seq};
use crate::incident::endurance::CommandHeld;
use crate::incident::facts::ImpactInterval;
use crate::incident::links::Linked;
use crate::person::PersonId;
use crate::phase::Phase;
use crate::role::Role;
use crate::runbook::{Checklist, RunbookId};
use crate::severity::Severity;

/// The last change that its author can take back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Undo {
    /// The position of the change's first event.
    pub seq: Seq,
    /// Who made it.
    pub by: PersonId,
    /// When.
    pub at: DateTime<Utc>,
    /// What it was, in words: "the move to Mitigation & Containment".
    pub what: String,
    /// What was true before.
    pub before: Before,
}

/// What an undo restores.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Before {
    /// The phase.
    pub phase: Phase,
    /// Since when it was.
    pub phase_since: DateTime<Utc>,
    /// The severity.
    pub severity: Severity,
    /// The severities until then.
    pub severities: Vec<SeveritySpan>,
    /// The roles.
    pub roles: BTreeMap<Role, RoleState>,
    /// Who had said that they cannot have a role.
    #[serde(default)]
    pub refused: BTreeMap<Role, BTreeSet<PersonId>>,
    /// Who commanded.
    pub command: Option<PersonId>,
    /// How long they had.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command_held: Option<CommandHeld>,
    /// The ticks.
    pub checklist: Option<Checklist>,
    /// Which pinned runbooks have a newer version.
    #[serde(default)]
    pub newer_runbooks: BTreeMap<RunbookId, String>,
    /// The impact.
    pub impact: Vec<ImpactInterval>,
    /// Which milestone statements were withdrawn.
    pub withdrawn: Vec<usize>,
    /// How many milestone statements there were.
    #[serde(default)]
    pub statements: usize,
    /// How often the phase had gone backward.
    pub turn_backs: u32,
    /// Who had asked to resolve.
    pub resolve_asked: Option<(PersonId, DateTime<Utc>)>,
    /// Who waited before resolving.
    #[serde(default)]
    pub resolve_put_off: Option<(PersonId, DateTime<Utc>)>,
    /// Who had asked for command.
    pub command_asked: Option<(PersonId, DateTime<Utc>)>,
    /// The tie that was changed, and what it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<(IncidentId, Option<Linked>)>,
}
