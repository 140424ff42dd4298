//! An incident: one small state machine with many doors.
//!
//! `decide` says whether something may happen, `apply` what is true afterwards, `react` what must follow outside. Alerts,
//! people and clocks all come through the same three functions, so that there is one place to read why something
//! happened, and one place to be wrong.

mod activity;
mod apply;
mod around;
mod call;
mod codename;
mod command;
mod decide;
mod description;
mod endurance;
mod entries;
mod event;
mod facts;
mod held;
mod links;
mod lone;
mod metrics;
mod mitigations;
mod paging;
mod plan;
mod policy;
mod quiet;
mod react;
mod redraw;
mod refusal;
mod relations;
mod second_look;
mod solo;
mod state;
mod statements;
mod tasks;
#[cfg(test)]
pub(crate) mod tests;
mod wake;

pub use activity::{Activity, is_work_on_it};
pub use apply::{apply, fold};
pub use around::{Around, MOST_WORK, is_work};
pub use call::{CALL_ENDS_AFTER, CallPolicy, CallState, call_link, call_name_of, incident_of_call};
pub use codename::{channel_marker_of, channel_name_of, channel_topic_of, codename, public_title};
pub use command::{
    Absorption, Actor, Command, Declaration, Expectation, ImpactAnswer, Other, Rank, Report,
    Request,
};
pub use decide::{
    CloseGap, Finding, MAX_TEXT_CHARACTERS, MAX_TITLE_CHARACTERS, RedactedLine, channel_name,
    close_gaps, cut, decide, declare, findings, may_show, one_line,
};
pub use description::{Description, MAX_SUMMARY_CHARACTERS};
pub use endurance::{CommandHeld, Shift};
pub use entries::entries_of;
pub use event::{AlertNews, Event, Recorded, Suspicion};
pub use facts::{
    Confidence, Estimate, Hypothesis, HypothesisState, ImpactInterval, Milestone, MilestoneName,
    MilestoneSource, Milestones,
};
pub use held::{Held, held_for};
pub use links::{Linked, MOST_LINKS, Neighbour, Tie, told_to_linked};
pub use metrics::{
    EXPECTED_ORDER, Effects, MEASURES, Measure, Measured, contradictions, effects, length_words,
    previewed,
};
pub use mitigations::{
    EFFECT_ASKED_AFTER, EffectQuestion, Mitigation, Mitigations, NOT_SHOWN, Outcome,
    effect_asked_at,
};
pub use paging::{Calls, WhomToPage, is_still_called, waits_for_answer, whom_to_page};
pub use plan::{Plan, plan};
pub use policy::{LATE_START, Policy};
pub use quiet::{
    FactsToShow, NightHours, Prompt, QUIET_FOR, facts_to_show, may_prompt, may_prompt_from,
};
pub use react::react;
pub use redraw::{redraw, redraw_board};
pub use refusal::{NoUndo, Refusal};
pub use relations::{Attached, Origin, Relapse, RelapseState, Relations};
pub use second_look::{SecondAnswer, SecondLook, second_pair, second_pair_worth_asking};
pub use solo::{ALONE_FOR, Solo};
pub use state::{
    ActionItem, ActionKind, AlertPicture, Before, CancelReason, Cause, DirectMessage,
    FirstUpdateReminder, Handover, HandoverSubject, Incident, Link, PostmortemState, Promise,
    RoleState, SeveritySpan, Surface, Undo, UpdateKind, UpdateRecord, Visibility,
};
pub use statements::{Described, Said, Statements, statements_in};
pub use tasks::{MAX_TASK_MINUTES, Task, TaskAnswer, TaskState};
pub use wake::wake_at;
