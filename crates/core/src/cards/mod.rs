//! What people read and press. Pure: the same state gives the same card.
//!
//! The rules of every card: the first button is the most likely next act; text is short; colour never speaks without a
//! word; nobody is pinged who need not be.

mod authority;
mod board;
mod board_text;
mod briefing;
mod call;
mod catch_up;
mod changes;
mod checkup;
mod content;
mod do_not;
mod effects;
mod endurance;
mod entry;
mod files;
mod front_desk;
mod handover;
mod help;
mod import;
mod incident_list;
mod late_start;
mod learning;
mod life;
mod lines;
mod links;
mod maintenance;
mod merging;
mod milestones;
mod more;
mod night;
mod paging;
mod record;
mod reference;
mod relapse;
mod roles;
mod runbooks;
mod second_look;
mod split;
mod spoken;
mod steps;
#[cfg(test)]
mod tests;
mod timeline;
mod updates;
mod visibility;
mod way_out;
mod work;

pub use authority::{
    act_behind, asked_instead_of, asked_to_do, asked_words, can_be_asked_for, is_for_an_admin,
};
pub use board::{
    board, board_among, channel_again_line, channel_lost, channel_lost_openly, digest,
    opening_board, opening_board_among, opening_line, pager_line, pager_title,
};
pub use board_text::{board_lines, board_text};
pub use briefing::briefing;
pub use call::{call_failed, call_is_there, call_opened, direct_with_call, with_call};
pub use catch_up::catch_up;
pub use changes::changes;
pub use checkup::checkup;
pub use content::{CONTENT_OFF, CONTENT_ON, UNREADABLE};
pub use effects::{effect_announced, effect_answered, effect_question, taken_back_line, ways_on};
pub use endurance::{fatigue_hint, shift_end};
pub use entry::{doubted_time, entry_card};
pub use files::file_left;
pub use front_desk::{DeskOffer, desk_offer, desk_offers, front_desk, standing_desk};
pub use handover::{ask_handover, handed_over};
pub use help::{HelpTopic, help, help_topic};
pub use import::import_preview;
pub use incident_list::incident_list;
pub use late_start::{direct_with_late_start, late_start, late_start_alone};
pub use learning::{
    all_clear_draft, ask_action, ask_final_severity, close_gaps_card, facts_offer,
    posted_postmortem, resolved, reviewed_line,
};
pub use life::{
    all_clear_question, ask_came_back, ask_cancel, ask_impact_over, ask_lower_reason, ask_severity,
    command_question, resolve_again, resolve_card, resolve_question, ten_seconds,
};
pub use lines::{
    cancelled_line, command_line, handover_ended, handover_line, late_line, not_yet_line,
    noted_line, phase_line, released_line, reopened_line, role_line, runbook_added_line,
    runbook_line, runbook_renewed_line, severity_line, undone_line,
};
pub use links::{ask_link, linked_line, tie_words, unlinked_line};
pub use maintenance::{
    alerts, held_lines, maintenance, maintenance_ended, maintenance_line, maintenance_planned,
    over_at,
};
pub use merging::{absorbed_line, ask_merge, signpost};
pub use milestones::{Correction, correction, milestones};
pub use more::{Offer, more, offer, offers};
pub use night::{direct, greeting, test_alert_fired};
pub use paging::{ask_whom_to_page, not_on_the_rota};
pub use record::{ask_redact, hidden_line, may_not_delete, redacted_line, rotate_it, secret_offer};
pub use reference::reference;
pub use relapse::{relapse_answered, relapse_question};
pub use roles::{
    ask_person_for, ask_role_for, ask_whom, handover_offer, lone_hint, responsibilities, roles,
    solo_role,
};
pub use runbooks::{newer_runbook, runbooks};
pub use second_look::{
    confirm_step_with, second_look_answered, second_look_question, second_look_waits,
};
pub use split::{ask_split, attached_line, split_line};
pub use steps::{
    ask_choice, ask_skip, claimed_step, confirm_step, help_wanted, next_step, next_step_among,
    next_step_for, overdue_step, step_list, step_text,
};
pub use timeline::{gap_question, log_hint, timeline_view};
pub use updates::{changed_draft, update_card, update_line, update_reminder};
pub use visibility::{
    admitted_line, ask_admit, ask_unrestrict, evidence_reminder, visibility_line,
};
pub use way_out::{ask_them, ways_out};
pub use work::{ask_whom_for_a_task, beliefs, task_answered, task_asked, task_late, tasks};

use crate::card::{Button, Card, Row, Tone};

/// A line that is said once and stays silent on phones.
fn line(text: impl Into<String>) -> Card {
    Card {
        content: text.into(),
        quiet: true,
        ..Card::default()
    }
}

/// A card of text.
fn text_card(title: impl Into<String>, body: impl Into<String>, tone: Tone) -> Card {
    Card {
        title: title.into(),
        body: body.into(),
        tone,
        ..Card::default()
    }
}

/// A row of at most five buttons.
fn buttons(buttons: impl IntoIterator<Item = Button>) -> Row {
    Row::Buttons(buttons.into_iter().take(5).collect())
}

/// A sentence without its emphasis: what is cut off, or stands in a menu, would show the marks.
fn plain(text: &str) -> String {
    text.replace(['*', '`'], "")
}

/// A moment as each reader's own clock shows it.
fn clock(at: chrono::DateTime<chrono::Utc>) -> String {
    format!("<t:{}:t>", at.timestamp())
}

/// A moment as the time since or until it.
fn relative(at: chrono::DateTime<chrono::Utc>) -> String {
    format!("<t:{}:R>", at.timestamp())
}
