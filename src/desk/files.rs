//! Files on their way into the record: one line, one file, one commit, which is also the end of the effect that brought it.

use std::time::Duration;

use bridgewatch_core::cards;
use bridgewatch_core::effect::{Effect, EffectId, Lane, NewEffect};
use bridgewatch_core::ids::{FileId, IncidentId, MessageId};
use bridgewatch_core::incident::Incident;
use bridgewatch_core::phase::Phase;
use bridgewatch_core::ports::{
    Broken, Change, Claim, CommitError, EntryWrite, Expected, FileContent, Outcome,
};
use bridgewatch_core::timeline::{AttachedFile, Entry, FileCopy, MarkedBy};

use super::{IncidentDesk, MAX_TRIES};
use crate::clock::{jittered, pause};

/// What came of copying a file.
#[derive(Clone, Debug)]
pub enum Copied {
    /// It is here.
    Here(FileContent),
    /// It is not, and will not be.
    Left {
        /// Why, to stand behind "not copied: ".
        why: String,
    },
    /// The message has these files, of which the line knows nothing yet.
    Found(Vec<AttachedFile>),
}

impl IncidentDesk {
    /// Writes down what came of copying a file of the line that was taken from a message. The effect is settled in the same
    /// transaction, and the next one stored if more is to be copied. `false` when the claim was lost.
    ///
    /// # Errors
    /// When the store is in trouble: the effect stays claimed and is tried again after its lease.
    pub async fn keep_file(
        &self,
        id: IncidentId,
        (message, file, round): (MessageId, Option<FileId>, u32),
        copied: &Copied,
        claim: &Claim,
    ) -> Result<bool, Broken> {
        for attempt in 0..MAX_TRIES {
            let now = self.clock.now();
            let incident = self.store.incident(id).await?;
            let stored = self.store.entry_of_message(message).await?;
            let written = stored
                .filter(|stored| stored.incident == id && !stored.entry.is_redacted())
                .and_then(|stored| {
                    let after = after(&stored.entry, file, copied)?;
                    Some((after, stored.revision))
                });
            // Redacted meanwhile, or known already: nothing of it is kept.
            let (Some((entry, revision)), Some(incident)) = (written, incident) else {
                return self.store.settle(claim, Outcome::Done, now).await;
            };
            let mut change = Change::of(id, Expected::Any, now);
            change.settles = Some(claim.clone());
            if let Copied::Here(content) = copied {
                change.files.push(content.clone());
            }
            change.effects = follow_ups(&incident, &entry, (message, file, round), copied, claim);
            change.entries = vec![EntryWrite::Rewrite { entry, revision }];
            match self.store.commit(change).await {
                Ok(_) | Err(CommitError::Duplicate) => {
                    self.effects_waiting.notify_one();
                    return Ok(true);
                }
                Err(CommitError::ClaimLost) => return Ok(false),
                Err(CommitError::Conflict) => {
                    pause(jittered(Duration::from_millis(2 << attempt.min(6)))).await;
                }
                Err(CommitError::Broken(why)) => return Err(Broken(why)),
            }
        }
        Err(Broken(format!(
            "the timeline of {id} is changed by others all the time"
        )))
    }
}

/// The line with what came of its file; `None` when that is no news.
fn after(entry: &Entry, file: Option<FileId>, copied: &Copied) -> Option<Entry> {
    let mut after = entry.clone();
    let waiting = after
        .files
        .iter_mut()
        .find(|known| Some(known.file) == file && known.waits_at().is_some());
    match (copied, waiting) {
        (Copied::Found(files), _) => return after.add_files(files).then_some(after),
        (_, None) => return None,
        (Copied::Here(content), Some(file)) => {
            file.size_bytes = content.bytes.len() as u64;
            file.copy = FileCopy::Kept {
                sha256: content.sha256.clone(),
            };
        }
        (Copied::Left { why }, Some(file)) => {
            let link = file.waits_at().filter(|link| !link.is_empty());
            file.copy = FileCopy::Left {
                link: link.map(str::to_owned),
                why: why.clone(),
            };
        }
    }
    Some(after)
}

fn follow_ups(
    incident: &Incident,
    entry: &Entry,
    (message, file, round): (MessageId, Option<FileId>, u32),
    copied: &Copied,
    claim: &Claim,
) -> Vec<NewEffect> {
    let id = incident.id;
    let mut effects = Vec::new();
    if let (Copied::Left { why }, Some(number)) = (copied, entry.number)
        && let Some(file) = entry.files.iter().find(|known| Some(known.file) == file)
    {
        effects.push(NewEffect {
            id: EffectId(format!("inc-{}/file-left/{}", id.0, file.file.0)),
            incident: Some(id),
            stream: format!("inc-{}", id.0),
            lane: Lane::Mirror,
            coalesce_key: None,
            not_before: None,
            effect: Effect::Say {
                card: cards::file_left(number, file, why),
            },
        });
    }
    if entry.next_to_copy().is_some() {
        let begun_as = claim.id.0.split('#').next().unwrap_or_default();
        effects.push(copy_effect(id, message, begun_as, round + 1));
    } else if incident.postmortem.version > 0 && incident.phase != Phase::Closed {
        // The draft lists the files.
        let stream = format!("inc-{}/postmortem", id.0);
        effects.push(NewEffect {
            id: EffectId(format!("{}/redraft", claim.id.0)),
            incident: Some(id),
            stream: stream.clone(),
            lane: Lane::Background,
            coalesce_key: Some(stream),
            not_before: None,
            effect: Effect::DraftPostmortem,
        });
    }
    effects
}

/// Has the files of a line copied: those it knows of, or, when it was chosen from the menu of its message, those the message
/// turns out to have. `revision` is that of the line when this was decided.
pub(super) fn files_to_copy(id: IncidentId, entry: &Entry, revision: i64) -> Option<NewEffect> {
    let (_, message) = entry.message?;
    let may_have_some = revision == 0
        && entry.files.is_empty()
        && entry.marks.iter().any(|mark| mark.with == MarkedBy::Menu);
    let has_some = entry.next_to_copy().is_some();
    if entry.is_redacted() || !(has_some || may_have_some) {
        return None;
    }
    let begun_as = format!("inc-{}/file/{}/{revision}", id.0, message.0);
    Some(copy_effect(id, message, &begun_as, 0))
}

fn copy_effect(id: IncidentId, message: MessageId, begun_as: &str, round: u32) -> NewEffect {
    NewEffect {
        id: EffectId(format!("{begun_as}#{round}")),
        incident: Some(id),
        // One after the other, so that the budget of the incident is kept to the byte.
        stream: format!("inc-{}/files", id.0),
        lane: Lane::Background,
        coalesce_key: None,
        not_before: None,
        effect: Effect::CopyFile { message, round },
    }
}
