//! What a careful reviewer would say about a runbook that can be read but may fail somebody at night.

use std::collections::BTreeMap;

use super::RunbookCategory;
use super::fill::{path_start, placeholders};
use super::finding::{Findings, Place};
use super::front_matter::FrontMatter;
use super::markdown::Body;
use super::step::StepPhase;
use crate::secrets;

/// More steps than this in one phase are too many for a tired reader.
const COMFORTABLE_STEPS_PER_PHASE: usize = 9;

/// Looks at one file on its own.
pub(crate) fn look_at_file(
    text: &str,
    front_matter: &FrontMatter,
    body: &Body,
    findings: &mut Findings,
) {
    titles_agree(front_matter, body, findings);
    matchers_say_something(front_matter, findings);
    phases_are_usable(body, findings);
    steps_ask_or_tell(body, findings);
    placeholders_have_values(text, front_matter, findings);
    links_know_their_host(front_matter, findings);
    nothing_looks_secret(text, findings);
}

fn titles_agree(front_matter: &FrontMatter, body: &Body, findings: &mut Findings) {
    let Some(title) = &front_matter.title else {
        return;
    };
    match &body.title {
        None => findings.warning(
            Place::START,
            "the Markdown has no title",
            format!("Begin it with # {title}, so that it reads well without Bridgewatch"),
        ),
        Some((heading, place)) if heading != title => findings.warning(
            *place,
            format!("the title here is `{heading}`, in the front matter `{title}`"),
            "Use the same words in both places",
        ),
        Some(_) => {}
    }
}

fn matchers_say_something(front_matter: &FrontMatter, findings: &mut Findings) {
    let without_labels = BTreeMap::new();
    for (block, place) in &front_matter.match_blocks {
        if block.matches(&without_labels) {
            findings.warning(
                *place,
                "this block fits alerts that carry none of its labels",
                "Add a matcher that demands a value, for example category=\"backend\"",
            );
        }
    }
    let is_general = front_matter.category == Some(RunbookCategory::General);
    if front_matter.match_blocks.is_empty() && !is_general && !findings.has_errors() {
        findings.warning(
            Place::START,
            "no alert leads to this runbook",
            "Add match: to the front matter, or use category: general",
        );
    }
}

fn phases_are_usable(body: &Body, findings: &mut Findings) {
    for phase in StepPhase::ALL {
        let mut steps = body
            .steps
            .iter()
            .filter(|placed| placed.step.phase == phase);
        let count = steps.clone().count();
        if let Some(placed) = steps.nth(COMFORTABLE_STEPS_PER_PHASE) {
            findings.warning(
                placed.place,
                format!(
                    "{} has {count} steps: too long for a night",
                    phase.heading()
                ),
                format!("Keep it to {COMFORTABLE_STEPS_PER_PHASE}; join or drop steps"),
            );
        }
    }
    if body.steps.is_empty() {
        return;
    }
    if !body
        .steps
        .iter()
        .any(|placed| placed.step.phase == StepPhase::Validation)
    {
        findings.warning(
            Place::START,
            "no step under ## Validation",
            "Say how somebody can see that it is over",
        );
    }
    if !body.steps.iter().any(|placed| placed.step.critical) {
        findings.warning(
            Place::START,
            "no step is critical",
            "Mark what must be true before anybody resolves: <!-- critical:yes -->",
        );
    }
}

fn steps_ask_or_tell(body: &Body, findings: &mut Findings) {
    for placed in &body.steps {
        let text = &placed.step.text;
        if !text.contains('?') && placed.step.decision.is_none() && !has_verb(text) {
            findings.warning(
                placed.place,
                format!("`{text}` neither asks nor tells what to do"),
                "Begin with a verb, or end with a question mark",
            );
        }
    }
}

/// Verbs of the trade. A step in other words can always be a question.
const VERBS: &str = "accept add agree allow analyse analyze announce answer apply ask assign attach avoid back \
    backfill be begin block bring buy bump cache call cancel capture change check choose clear close collect come \
    compare complete confirm contact continue copy correct count cut deactivate decide delete deploy describe \
    disable disconnect do document drain drop enable end escalate evict examine expect export extend fail file fill \
    find finish fix flush follow force freeze get give go halt have help hide hold identify increase inform inspect \
    invalidate investigate isolate join keep kill know leave limit link list listen load lock log look lower make \
    mark match measure mend migrate mitigate monitor move mute name narrow note notify observe offer open page park \
    pass patch pause pick pin point post prepare preserve prevent print process promise protect prove publish pull \
    purge push put raise reach read rebuild reconcile reconnect record recover recreate redact redeploy reduce \
    refresh release reload remove render renew repair repeat replace replay report reproduce reset resize resolve \
    restart restore resume retry return revert review revoke rewind roll rollback rotate run save say scale search \
    see send serve set share shed ship show shut sign skip snapshot start state stop store switch take tell \
    terminate test throttle track treat trigger trim trip try turn unblock undo unlock unpin update upgrade use \
    validate verify wait wake warm warn watch widen write";

fn has_verb(text: &str) -> bool {
    text.split(|c: char| !c.is_ascii_alphabetic())
        .map(str::to_ascii_lowercase)
        .any(|word| {
            let forms = [
                word.as_str(),
                word.trim_end_matches('s'),
                word.trim_end_matches("es"),
            ];
            matches!(
                word.as_str(),
                "is" | "are" | "was" | "were" | "has" | "does" | "did" | "fully"
            ) || VERBS.split_whitespace().any(|verb| forms.contains(&verb))
        })
}

fn placeholders_have_values(text: &str, front_matter: &FrontMatter, findings: &mut Findings) {
    for placeholder in placeholders(text) {
        let name = placeholder.name;
        let place = findings.place(placeholder.start);
        match front_matter.variables.get(name) {
            None => findings.warning(
                place,
                format!("`${{{name}}}` is declared nowhere"),
                format!(
                    "Add under variables: {name}: {{ from: labels.{name}, default: \"<{name}>\" }}"
                ),
            ),
            Some(variable) if variable.default.is_none() => findings.warning(
                place,
                format!("`${{{name}}}` has no default and stays unfilled when the alerts lack it"),
                format!("Add a default such as \"<{name}>\" to the variable"),
            ),
            Some(_) => {}
        }
    }
}

/// An alert is text by strangers: it must not decide where a button leads.
fn links_know_their_host(front_matter: &FrontMatter, findings: &mut Findings) {
    for (link, place) in &front_matter.links {
        let host_end = path_start(&link.url);
        if placeholders(&link.url).any(|placeholder| placeholder.start < host_end) {
            findings.warning(
                *place,
                "a placeholder stands in the host of this link, which is therefore never shown",
                "Write the host out, and keep placeholders behind it",
            );
        }
    }
}

/// The finding names the line and never repeats the text.
fn nothing_looks_secret(text: &str, findings: &mut Findings) {
    for found in secrets::find(text) {
        findings.warning(
            findings.place(found.place.start),
            "this looks like a password, token or key",
            "Remove it and rotate it; write a placeholder such as <token>",
        );
    }
}
