//! The timeline's way through the desk: a signal, the line it concerns, what the core makes of it, a commit.

use std::collections::BTreeSet;
use std::time::Duration;

use bridgewatch_core::effect::{Effect, EffectId, Lane, NewEffect};
use bridgewatch_core::ids::{ChannelId, EntryNumber, IncidentId, MessageId};
use bridgewatch_core::incident::{
    Command, Incident, Mitigation, Statements, is_work, redraw_board,
};
use bridgewatch_core::person::PersonId;
use bridgewatch_core::phase::Phase;
use bridgewatch_core::ports::{
    Broken, Change, CommitError, Committed, EntryWrite, Expected, Heard, StoredEntry, entries,
};
use bridgewatch_core::secrets::SecretRules;
use bridgewatch_core::timeline::{
    Captured, Entry, EntryState, Kind, MessageHeard, Room, Signal, Who, capture, hinted_at_facts,
    imported, looks_like_a_fact, may_repeat_since, read_notes, said_already,
};
use chrono::{DateTime, TimeDelta, Utc};

use super::files::files_to_copy;
use super::{IncidentDesk, MAX_TRIES};
use crate::clock::{jittered, new_id, pause};

/// A message that is found later than this is left to the offer at the end.
const HINTS_ARE_NEWS_FOR: TimeDelta = TimeDelta::minutes(10);

impl IncidentDesk {
    /// Tells the timeline of a signal. `cursor` is moved in the same transaction, so that a message is never skipped.
    ///
    /// # Errors
    /// When the store is in trouble.
    pub async fn take_down(
        &self,
        id: IncidentId,
        signal: &Signal,
        delivery: Option<String>,
        cursor: Option<(ChannelId, MessageId)>,
    ) -> Result<Heard, Broken> {
        let nobody = BTreeSet::new();
        self.write_down(id, signal, delivery, cursor, &nobody).await
    }

    /// The same for what was heard in a channel, where `readers` are those concerned whose marks do not count.
    ///
    /// # Errors
    /// When the store is in trouble.
    pub async fn take_down_among(
        &self,
        id: IncidentId,
        signal: &Signal,
        readers: &BTreeSet<PersonId>,
    ) -> Result<Heard, Broken> {
        self.write_down(id, signal, None, None, readers).await
    }

    async fn write_down(
        &self,
        id: IncidentId,
        signal: &Signal,
        delivery: Option<String>,
        cursor: Option<(ChannelId, MessageId)>,
        readers: &BTreeSet<PersonId>,
    ) -> Result<Heard, Broken> {
        for attempt in 0..MAX_TRIES {
            let Some(incident) = self.store.incident(id).await? else {
                return Ok(Heard::Nothing);
            };
            let known = self.known(id, signal).await?;
            if known.as_ref().is_some_and(|known| known.incident != id) {
                return Ok(Heard::Nothing);
            }
            let room = Room {
                readers: readers.clone(),
                ..self.room(&incident, signal)
            };
            let captured = capture(known.as_ref(), signal, &room);
            let is_readers = captured == Captured::NotTheirs;
            let (mut write, marked, mut announce_late, doubted) = match captured {
                Captured::Write {
                    write,
                    marked,
                    announce_late,
                    doubted,
                } => (*write, marked, announce_late, doubted),
                Captured::Nothing | Captured::NotTheirs => {
                    if let Some((channel, message)) = cursor {
                        self.store.move_cursor(channel, message).await?;
                    }
                    if let Some(hint) = hint_at(&incident, signal, room.now) {
                        self.store.enqueue(vec![hint], room.now).await?;
                        self.effects_waiting.notify_one();
                    }
                    return Ok(if is_readers {
                        Heard::NotTheirs
                    } else {
                        Heard::Nothing
                    });
                }
                Captured::Refused(sentence) => {
                    if let Some((channel, message)) = cursor {
                        self.store.move_cursor(channel, message).await?;
                    }
                    return Ok(Heard::Refused(sentence));
                }
            };
            if let EntryWrite::Add(entry) = &mut write {
                let (from, to) = may_repeat_since(entry);
                let near = entries(self.store.recorded_within(id, from, to).await?);
                if let Some(into) = said_already(entry, &near) {
                    entry.state = EntryState::Merged { into, at: room.now };
                    announce_late = false;
                }
            }
            let mut change = Change::of(id, Expected::Any, room.now);
            change.delivery.clone_from(&delivery);
            change.cursor = cursor;
            change.by = doer(signal);
            let (entry, revision) = match &write {
                EntryWrite::Add(entry) => (entry.clone(), 0),
                EntryWrite::Rewrite { entry, revision } => (entry.clone(), revision + 1),
            };
            let cause = delivery.as_deref();
            change.effects = follow_ups(id, &entry, revision, cause, marked, announce_late);
            let rules = &self.policy().secrets;
            change
                .effects
                .extend(secret_offer(id, &entry, revision, rules));
            change
                .effects
                .extend(on_the_board(&incident, known.as_ref(), &entry, revision));
            let before = known.as_ref().map(|known| known.entry.kind);
            change.effects.extend(statement_of(id, &entry, before));
            change.effects.extend(if revision == 0 {
                mitigation_of(&incident, &entry, self.policy().late_after)
            } else {
                mitigation_again(&incident, &entry)
            });
            change.entries = vec![write];
            match self.store.commit(change).await {
                Ok(committed) => {
                    self.effects_waiting.notify_one();
                    if revision == 0 {
                        self.see_at_work(&incident, &entry).await;
                    }
                    let stored = Box::new(stored(id, entry, revision, &committed));
                    return Ok(match doubted {
                        Some(said) => Heard::Doubted { stored, said },
                        None => Heard::Stored(stored),
                    });
                }
                Err(CommitError::Duplicate) => return Ok(Heard::Nothing),
                // Only the report of an effect has a claim to lose.
                Err(CommitError::Conflict | CommitError::ClaimLost) => {
                    pause(jittered(Duration::from_millis(2 << attempt.min(6)))).await;
                }
                Err(CommitError::Broken(why)) => return Err(Broken(why)),
            }
        }
        Err(Broken(format!(
            "the timeline of {id} is changed by others all the time"
        )))
    }

    /// Whoever writes a line is there: nobody else is called alone then. Lost, it is noted with their next line.
    async fn see_at_work(&self, incident: &Incident, entry: &Entry) {
        let Who::Person { id: person, .. } = entry.who else {
            return;
        };
        if incident.alone().is_none_or(|alone| alone == person) {
            return;
        }
        let seen = super::by_the_bot(Command::SeeAtWork(person));
        if let Err(trouble) = self
            .decide_and_commit(incident.id, &seen, None, |_| {})
            .await
        {
            tracing::warn!(incident.id = incident.id.0, error = %trouble, "company was not noted");
        }
    }

    /// What was written as done against the impact is asked about later. Heard twice, it is noted once.
    ///
    /// # Errors
    /// When the store is in trouble.
    pub async fn note_mitigation(&self, id: IncidentId, done: Mitigation) -> Result<(), Broken> {
        let ask = super::by_the_bot(Command::NoteMitigation(done));
        self.decide_and_commit(id, &ask, None, |_| {})
            .await
            .map(|_| ())
    }

    /// What the lines say of who is hurt, and of what it could be, becomes known to the incident.
    ///
    /// # Errors
    /// When the store is in trouble.
    pub async fn note_statements(&self, id: IncidentId, said: Statements) -> Result<(), Broken> {
        let said = super::by_the_bot(Command::NoteStatements(said));
        self.decide_and_commit(id, &said, None, |_| {})
            .await
            .map(|_| ())
    }

    /// Writes down notes that were taken elsewhere; how many lines were new.
    pub(super) async fn import_notes(
        &self,
        id: IncidentId,
        notes: &str,
        by: PersonId,
        delivery: Option<String>,
    ) -> Result<usize, Broken> {
        let Some(incident) = self.store.incident(id).await? else {
            return Ok(0);
        };
        let now = self.clock.now();
        let lines = read_notes(
            notes,
            &incident,
            (self.policy().zone_of(by), &self.team.prefixes),
            now,
        );
        let new = imported(
            &lines,
            &entries(self.store.timeline(id).await?),
            &incident,
            by,
            now,
        );
        let count = new.len();
        if count == 0 {
            return Ok(0);
        }
        let mut change = Change::of(id, Expected::Any, now);
        change.delivery = delivery;
        change.by = Some(by);
        let drawn = new.iter().rev();
        change.effects = drawn
            .filter_map(|entry| on_the_board(&incident, None, entry, 0))
            .take(1)
            .collect();
        let said = new.iter().find_map(|entry| statement_of(id, entry, None));
        change.effects.extend(said);
        change.entries = new.into_iter().map(EntryWrite::Add).collect();
        match self.store.commit(change).await {
            Ok(_) => Ok(count),
            Err(CommitError::Duplicate) => Ok(0),
            Err(CommitError::Conflict | CommitError::ClaimLost) => Err(Broken(format!(
                "the timeline of {id} was changed meanwhile"
            ))),
            Err(CommitError::Broken(why)) => Err(Broken(why)),
        }
    }

    async fn known(&self, id: IncidentId, signal: &Signal) -> Result<Option<StoredEntry>, Broken> {
        match signal {
            Signal::Message(heard) | Signal::Edited(heard) => {
                self.store.entry_of_message(heard.message).await
            }
            Signal::Reacted { message, .. }
            | Signal::Pinned { message, .. }
            | Signal::Chosen { message, .. } => self.store.entry_of_message(message.message).await,
            Signal::Deleted { message }
            | Signal::Unreacted { message, .. }
            | Signal::Unpinned { message } => self.store.entry_of_message(*message).await,
            Signal::Retracted { number, .. }
            | Signal::Restored { number, .. }
            | Signal::Changed { number, .. } => self.store.entry(id, *number).await,
            Signal::Typed { .. } => Ok(None),
        }
    }

    fn room(&self, incident: &Incident, signal: &Signal) -> Room {
        let actor: Option<PersonId> = match signal {
            Signal::Message(MessageHeard { author, .. })
            | Signal::Edited(MessageHeard { author, .. }) => Some(*author),
            // The entry speaks in the name of the message's author, whoever marked it.
            Signal::Reacted { message, .. }
            | Signal::Pinned { message, .. }
            | Signal::Chosen { message, .. } => Some(message.author),
            Signal::Typed { by, .. }
            | Signal::Retracted { by, .. }
            | Signal::Restored { by, .. }
            | Signal::Changed { by, .. } => Some(*by),
            Signal::Deleted { .. } | Signal::Unreacted { .. } | Signal::Unpinned { .. } => None,
        };
        let zone = actor.map_or(self.team.zone, |actor| self.policy().zone_of(actor));
        Room {
            prefixes: self.team.prefixes.clone(),
            keep_everything: self.keep_everything,
            roles: actor.map_or_else(BTreeSet::new, |actor| incident.roles_of(actor)),
            late_after: self.policy().late_after,
            ..Room::of(incident, self.clock.now(), zone)
        }
    }
}

/// Whoever wrote something that looks like a secret is asked whether it is one.
fn secret_offer(
    id: IncidentId,
    entry: &Entry,
    revision: i64,
    rules: &SecretRules,
) -> Option<NewEffect> {
    let Who::Person { id: person, .. } = entry.who else {
        return None;
    };
    let new_in = |text: &str| rules.first(text).is_some();
    // What an edit did not bring in was asked about before.
    let asked_before = revision > 0
        && entry
            .revisions
            .iter()
            .any(|before| rules.find(&before.text) == rules.find(&entry.text));
    if !new_in(&entry.text) || entry.is_redacted() || asked_before {
        return None;
    }
    let message = entry.message.map(|(_, message)| message);
    let what = message.map_or_else(
        || entry.recorded_at.timestamp_micros().to_string(),
        |message| format!("{}/{revision}", message.0),
    );
    Some(NewEffect {
        id: EffectId(format!("inc-{}/secret/{what}", id.0)),
        incident: Some(id),
        stream: format!("inc-{}/person/{}", id.0, person.0),
        lane: Lane::Interactive,
        coalesce_key: None,
        not_before: None,
        effect: Effect::OfferRedaction {
            person,
            message,
            recorded_at: entry.recorded_at,
        },
    })
}

/// An action that was just written down while people work against the impact becomes known to the incident: with the line
/// or not at all, so that no crash loses the question whether it helped.
fn mitigation_of(incident: &Incident, entry: &Entry, late_after: TimeDelta) -> Option<NewEffect> {
    let is_news = entry.kind == Kind::Action && entry.is_active() && !entry.is_late(late_after);
    // What becomes known is asked about in the channel, in its own words.
    let by_a_person = matches!(entry.who, Who::Person { .. }) && entry.is_for_everybody();
    if incident.phase != Phase::Mitigation || !is_news || !by_a_person {
        return None;
    }
    Some(note_mitigation(incident, entry, ""))
}

/// What is known of an action follows its line. Each writing has an effect of its own.
fn mitigation_again(incident: &Incident, entry: &Entry) -> Option<NewEffect> {
    let mitigations = &incident.mitigations;
    let is_known = mitigations
        .noted
        .iter()
        .chain(mitigations.asked.iter().map(|question| &question.about))
        .any(|done| done.entry.is_some() && done.entry == entry.number);
    is_known.then(|| note_mitigation(incident, entry, &format!("/{}", new_id())))
}

fn note_mitigation(incident: &Incident, entry: &Entry, writing: &str) -> NewEffect {
    let message = entry.message.map(|(_, message)| message);
    let what = message.map_or_else(
        || entry.recorded_at.timestamp_micros().to_string(),
        |message| message.0.to_string(),
    );
    let stream = format!("inc-{}/mitigations", incident.id.0);
    NewEffect {
        id: EffectId(format!("{stream}/{what}{writing}")),
        incident: Some(incident.id),
        stream,
        lane: Lane::Interactive,
        coalesce_key: None,
        not_before: None,
        effect: Effect::NoteMitigation {
            message,
            recorded_at: entry.recorded_at,
        },
    }
}

/// A line that says who is hurt, or what it could be, becomes known to the incident with the line or not at all; so does
/// that it was changed or taken back. Each writing has one of its own; of those that wait the newest is enough.
pub(super) fn statement_of(
    id: IncidentId,
    entry: &Entry,
    before: Option<Kind>,
) -> Option<NewEffect> {
    let says = |kind: Kind| matches!(kind, Kind::Impact | Kind::Hypothesis);
    if !says(entry.kind) && !before.is_some_and(says) {
        return None;
    }
    let stream = format!("inc-{}/statements", id.0);
    Some(NewEffect {
        id: EffectId(format!("{stream}/{}", new_id())),
        incident: Some(id),
        coalesce_key: Some(stream.clone()),
        stream,
        lane: Lane::Interactive,
        not_before: None,
        effect: Effect::NoteStatements,
    })
}

/// Whose doing a signal is, as far as Discord says so.
fn doer(signal: &Signal) -> Option<PersonId> {
    match signal {
        Signal::Message(heard) | Signal::Edited(heard) => Some(heard.author),
        Signal::Reacted { by, .. }
        | Signal::Unreacted { by, .. }
        | Signal::Pinned { by, .. }
        | Signal::Chosen { by, .. }
        | Signal::Typed { by, .. }
        | Signal::Retracted { by, .. }
        | Signal::Restored { by, .. }
        | Signal::Changed { by, .. } => Some(*by),
        Signal::Deleted { .. } | Signal::Unpinned { .. } => None,
    }
}

/// Our mark under the message, and a word to the channel when a line enters the past. Each is named after what made it,
/// never after the time: two may happen at the same instant.
fn follow_ups(
    id: IncidentId,
    entry: &Entry,
    revision: i64,
    cause: Option<&str>,
    marked: Option<bool>,
    announce_late: bool,
) -> Vec<NewEffect> {
    let mut effects = Vec::new();
    if let (Some(present), Some((channel, message))) = (marked, entry.message) {
        let stream = format!("inc-{}/mark/{}", id.0, message.0);
        effects.push(NewEffect {
            id: EffectId(format!("{stream}/{revision}")),
            incident: Some(id),
            stream: stream.clone(),
            lane: Lane::Mirror,
            coalesce_key: Some(stream),
            not_before: None,
            effect: Effect::MarkStored {
                channel,
                message,
                present,
            },
        });
    }
    effects.extend(files_to_copy(id, entry, revision));
    if announce_late {
        let what = match (entry.message, cause) {
            (Some((_, message)), _) => message.0.to_string(),
            (None, Some(cause)) => cause.to_owned(),
            (None, None) => new_id(),
        };
        effects.push(NewEffect {
            id: EffectId(format!("inc-{}/late/{what}", id.0)),
            incident: Some(id),
            stream: format!("inc-{}", id.0),
            lane: Lane::Mirror,
            coalesce_key: None,
            not_before: None,
            effect: Effect::SayLate {
                message: entry.message.map(|(_, message)| message),
                recorded_at: entry.recorded_at,
            },
        });
    }
    effects
}

/// What is being done stands on the board; so does that it is something else now.
fn on_the_board(
    incident: &Incident,
    known: Option<&StoredEntry>,
    entry: &Entry,
    revision: i64,
) -> Option<NewEffect> {
    if !is_work(entry) && !known.is_some_and(|known| is_work(&known.entry)) {
        return None;
    }
    let line = match (entry.number, entry.message) {
        (Some(number), _) => number.to_string(),
        (None, Some((_, message))) => message.0.to_string(),
        (None, None) => new_id(),
    };
    redraw_board(incident, &format!("work/{line}/{revision}"))
}

/// A hint at what was said in this minute, if this is a message that looks like a fact. It names the minute and not the
/// words: what nobody marks is not kept.
fn hint_at(incident: &Incident, signal: &Signal, now: DateTime<Utc>) -> Option<NewEffect> {
    let Signal::Message(heard) = signal else {
        return None;
    };
    let lead = hinted_at_facts(incident)?;
    let written_at = heard.message.written_at();
    let is_news = now - written_at < HINTS_ARE_NEWS_FOR;
    if lead == heard.author || !is_news || !looks_like_a_fact(&heard.text) {
        return None;
    }
    let minute = written_at.timestamp().div_euclid(60);
    let from = DateTime::from_timestamp(minute * 60, 0)?;
    let to = from + TimeDelta::minutes(1);
    Some(NewEffect {
        // One for each minute, however many messages it has.
        id: EffectId(format!("inc-{}/hint/{minute}", incident.id.0)),
        incident: Some(incident.id),
        stream: format!("inc-{}/hints", incident.id.0),
        lane: Lane::Background,
        coalesce_key: None,
        not_before: Some(to),
        effect: Effect::HintAtFacts { from, to },
    })
}

fn stored(id: IncidentId, mut entry: Entry, revision: i64, committed: &Committed) -> StoredEntry {
    let number: Option<EntryNumber> = committed.entries.first().copied();
    entry.number = entry.number.or(number);
    StoredEntry {
        incident: id,
        entry,
        revision,
    }
}
