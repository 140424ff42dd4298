//! Taking a line out of the record: what it says is taken out of everything that was stored, in one commit.

use std::collections::BTreeMap;
use std::time::Duration;

use bridgewatch_core::ids::{EntryNumber, IncidentId};
use bridgewatch_core::incident::{
    self, Command, Event, Expectation, Incident, RedactedLine, Request,
};
use bridgewatch_core::person::PersonId;
use bridgewatch_core::ports::{
    Broken, Change, CommitError, EntryWrite, Expected, LineOf, RedactAsk, RedactTask, Redacted,
    StoredEntry,
};
use bridgewatch_core::redaction::{Scrub, files_taken_out};
use bridgewatch_core::timeline::{EntryState, Who};
use chrono::{DateTime, Utc};

use super::files::files_to_copy;
use super::timeline::statement_of;
use super::{IncidentDesk, MAX_TRIES};
use crate::clock::{jittered, pause};

/// The longest name that a redaction carries, in characters.
const LONGEST_NAME_CHARACTERS: usize = 32;

impl IncidentDesk {
    /// Redacts a line, hides it, or shows it again.
    ///
    /// # Errors
    /// When the store is in trouble.
    pub(super) async fn take_out(
        &self,
        id: IncidentId,
        ask: &RedactAsk,
    ) -> Result<Redacted, Broken> {
        for attempt in 0..MAX_TRIES {
            let Some(before) = self.store.incident(id).await? else {
                return Ok(Redacted::Refused("I know no such incident.".to_owned()));
            };
            let timeline = self.store.timeline(id).await?;
            let line = timeline.iter().find(|stored| match ask.line {
                LineOf::Number(number) => stored.entry.number == Some(number),
                LineOf::Message(message) => stored
                    .entry
                    .message
                    .is_some_and(|(_, known)| known == message),
            });
            let Some((line, number)) = line.and_then(|line| Some((line, line.entry.number?)))
            else {
                return Ok(Redacted::Refused(match ask.line {
                    LineOf::Number(number) => format!(
                        "There is no {number} in {id}: *More…*, then *Redact* lists the newest lines."
                    ),
                    LineOf::Message(_) => {
                        "Nothing of this message is stored. Delete it in Discord, and replace the \
                                           secret."
                            .to_owned()
                    }
                }));
            };
            let at = self.clock.now();
            let request = Request {
                actor: ask.actor,
                at,
                expects: Expectation::default(),
                command: command_of(ask, line, number),
                last_prompts: BTreeMap::new(),
            };
            let events = match incident::decide(&before, &request, &self.policy()) {
                Ok(events) => events,
                Err(refusal) => return Ok(Redacted::Denied(refusal)),
            };
            let seq = before.seq;
            let done = |incident: Incident| Redacted::Done {
                incident: Box::new(incident),
                number,
            };
            let Some(plan) = incident::plan(
                id,
                Some(before.clone()),
                ask.actor,
                at,
                events,
                &self.policy(),
            ) else {
                return Ok(done(before));
            };
            let mut change = self.change_of(plan, Expected::At(seq), at);
            change.delivery.clone_from(&ask.delivery);
            change.by = ask.actor.person();
            if let Err(sentence) = self.complete(&mut change, ask, line, &timeline, at).await? {
                return Ok(Redacted::Refused(sentence));
            }
            match self.store.commit(change).await {
                Ok(_) | Err(CommitError::Duplicate) => {
                    self.effects_waiting.notify_one();
                    // Read again: the words are gone from the state, too.
                    let after = self.store.incident(id).await?.unwrap_or(before);
                    return Ok(done(after));
                }
                Err(CommitError::Conflict | CommitError::ClaimLost) => {
                    metrics::counter!(crate::telemetry::COMMIT_CONFLICTS).increment(1);
                    pause(jittered(Duration::from_millis(2 << attempt.min(6)))).await;
                }
                Err(CommitError::Broken(why)) => return Err(Broken(why)),
            }
        }
        Err(Broken(format!(
            "{id} is changed by others all the time: gave up after {MAX_TRIES} tries"
        )))
    }

    /// Adds to a change what happens to the lines. A sentence when the words are not there.
    async fn complete(
        &self,
        change: &mut Change,
        ask: &RedactAsk,
        line: &StoredEntry,
        timeline: &[StoredEntry],
        at: DateTime<Utc>,
    ) -> Result<Result<(), String>, Broken> {
        let id = change.incident;
        let selection = match &ask.task {
            RedactTask::Redact { selection, .. } => selection.as_deref(),
            RedactTask::ShowAgain => {
                let Some(number) = line.entry.number else {
                    return Ok(Ok(()));
                };
                if let Some(mut entry) = self.store.sealed(id, number).await? {
                    // What its files held was destroyed when it was hidden: the message may still have them.
                    for file in &mut entry.files {
                        file.copy_again();
                    }
                    let copying = files_to_copy(id, &entry, line.revision + 1);
                    change.effects.extend(copying);
                    change.effects.extend(statement_of(id, &entry, None));
                    change.entries.push(EntryWrite::Rewrite {
                        entry,
                        revision: line.revision,
                    });
                }
                change.seal = Some((number, None));
                return Ok(Ok(()));
            }
        };
        let (Some(number), Some(by)) = (line.entry.number, ask.actor.person()) else {
            return Ok(Ok(()));
        };
        let sealed = change
            .events
            .iter()
            .any(|recorded| matches!(recorded.event, Event::EntryRedacted { sealed: true, .. }));
        let state = EntryState::Redacted { at, by, sealed };
        // What was sealed says what has to go; the line itself says it no more.
        let kept = self.store.sealed(id, number).await?;
        let whole = StoredEntry {
            entry: kept.unwrap_or_else(|| line.entry.clone()),
            ..line.clone()
        };
        let replacement = self.stands_instead(&whole, by, at).await?;
        let history = self.store.events(id).await?;
        let scrub = match Scrub::of(&whole, selection, &history, replacement) {
            Ok(scrub) => scrub,
            Err(sentence) => return Ok(Err(sentence)),
        };
        let scrub = scrub.with_what_was_hidden(&whole.entry, &line.entry);
        change.entries.extend(scrub.lines(timeline, &state));
        change.files_gone = files_taken_out(number, timeline, &mut change.entries);
        change.seal = Some((number, sealed.then_some(whole.entry)));
        change.scrub = Some(scrub);
        // What an earlier line says counts again.
        change.effects.extend(statement_of(id, &line.entry, None));
        Ok(Ok(()))
    }

    /// What people read in the place of what is gone: `[redacted: credential, by Kim 04:10 UTC]`.
    async fn stands_instead(
        &self,
        line: &StoredEntry,
        by: PersonId,
        at: DateTime<Utc>,
    ) -> Result<String, Broken> {
        let names = self.store.names().await?;
        // A name may say anything; what stands in every copy says only a name.
        let name: String = names
            .get(&by)
            .map(String::as_str)
            .unwrap_or_default()
            .chars()
            .filter(|character| character.is_alphanumeric() || *character == ' ')
            .take(LONGEST_NAME_CHARACTERS)
            .collect();
        let name = match name.trim() {
            "" => by.to_string(),
            name => name.to_owned(),
        };
        let what = match self.policy().secrets.first(&line.entry.text) {
            Some((class, _)) => format!("{}, ", class.noun()),
            None => String::new(),
        };
        Ok(format!(
            "[redacted: {what}by {name} {} UTC]",
            at.format("%H:%M")
        ))
    }
}

/// Whether no word of a line is left.
fn says_nothing(line: &StoredEntry) -> bool {
    let text = &line.entry.text;
    matches!(line.entry.state, EntryState::Redacted { sealed: false, .. })
        && text.starts_with("[redacted: ")
        && text.find(']') == text.len().checked_sub(1)
}

fn command_of(ask: &RedactAsk, line: &StoredEntry, number: EntryNumber) -> Command {
    match ask.task {
        RedactTask::ShowAgain => Command::ShowEntryAgain { number },
        RedactTask::Redact { for_good, .. } => Command::RedactEntry(RedactedLine {
            for_good,
            number,
            author: match line.entry.who {
                Who::Person { id, .. } => Some(id),
                Who::Alert | Who::Bot => None,
            },
            message: line.entry.message,
            is_gone: says_nothing(line),
        }),
    }
}
