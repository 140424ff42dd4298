//! The port of the core, answered.

use std::collections::BTreeMap;

use async_trait::async_trait;
use bridgewatch_core::alert::{AlertKey, Episode, GroupKey};
use bridgewatch_core::audit::Trail;
use bridgewatch_core::change::ReportedChange;
use bridgewatch_core::effect::NewEffect;
use bridgewatch_core::ids::{ChannelId, EntryNumber, IncidentId, MessageId};
use bridgewatch_core::incident::{Incident, Recorded};
use bridgewatch_core::maintenance::{Window, Windows};
use bridgewatch_core::person::PersonId;
use bridgewatch_core::ports::{
    Broken, Change, Claim, Claimed, CommitError, Committed, Cutoff, KeptBody, KeptReceipt, Listed,
    OutboxDepth, Outcome, Receipt, Store, StoredEntry, StoredPostmortem,
};
use bridgewatch_core::timeline::Entry;
use chrono::{DateTime, Utc};

use super::{
    Write, audit, changes, entries, episodes, files, groups, incidents, intake, maintenance,
    memory, outbox, prompts, retention, scrub,
};
use crate::TheStore;

/// Writes something that nobody can be faster at.
async fn write<W: Write>(store: &TheStore, write: W) -> Result<W::Made, Broken> {
    store.write(write).await.map_err(only_trouble)
}

fn only_trouble(error: CommitError) -> Broken {
    match error {
        CommitError::Broken(why) => Broken(why),
        CommitError::Conflict | CommitError::ClaimLost | CommitError::Duplicate => {
            Broken(error.to_string())
        }
    }
}

#[async_trait]
impl Store for TheStore {
    async fn commit(&self, change: Change) -> Result<Committed, CommitError> {
        self.write(change).await
    }

    async fn next_incident(&self) -> Result<IncidentId, Broken> {
        write(self, incidents::NextIncident).await
    }

    async fn incident(&self, id: IncidentId) -> Result<Option<Incident>, Broken> {
        Ok(incidents::one(self, id).await?)
    }

    async fn incident_of_channel(&self, channel: ChannelId) -> Result<Option<IncidentId>, Broken> {
        Ok(incidents::of_channel(self, channel).await?)
    }

    async fn recent_incidents(&self, ended_after: DateTime<Utc>) -> Result<Vec<Incident>, Broken> {
        Ok(incidents::recent(self, ended_after).await?)
    }

    async fn list(&self, only_live: bool, most: i64) -> Result<Vec<Listed>, Broken> {
        Ok(incidents::list(self, only_live, most).await?)
    }

    async fn due_incidents(&self, now: DateTime<Utc>) -> Result<Vec<IncidentId>, Broken> {
        Ok(incidents::due(self, now).await?)
    }

    async fn events(&self, id: IncidentId) -> Result<Vec<Recorded>, Broken> {
        Ok(incidents::events(self, id).await?)
    }

    async fn timeline(&self, id: IncidentId) -> Result<Vec<StoredEntry>, Broken> {
        Ok(entries::timeline(self, id).await?)
    }

    async fn newest_work(&self, id: IncidentId) -> Result<Vec<Entry>, Broken> {
        Ok(entries::newest_work(self, id).await?)
    }

    async fn recorded_within(
        &self,
        id: IncidentId,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
    ) -> Result<Vec<StoredEntry>, Broken> {
        Ok(entries::recorded_within(self, id, (from, to)).await?)
    }

    async fn entry(
        &self,
        id: IncidentId,
        number: EntryNumber,
    ) -> Result<Option<StoredEntry>, Broken> {
        Ok(entries::one(self, id, number).await?)
    }

    async fn sealed(&self, id: IncidentId, number: EntryNumber) -> Result<Option<Entry>, Broken> {
        Ok(scrub::sealed(self, id, number).await?)
    }

    async fn entry_of_message(&self, message: MessageId) -> Result<Option<StoredEntry>, Broken> {
        Ok(entries::of_message(self, message).await?)
    }

    async fn files(&self, id: IncidentId) -> Result<BTreeMap<String, u64>, Broken> {
        Ok(files::sizes(self, id).await?)
    }

    async fn file(&self, id: IncidentId, sha256: &str) -> Result<Option<Vec<u8>>, Broken> {
        Ok(files::one(self, id, sha256).await?)
    }

    async fn audited(&self) -> Result<Vec<IncidentId>, Broken> {
        Ok(audit::incidents(self).await?)
    }

    async fn audit_trail(&self, id: IncidentId) -> Result<Trail, Broken> {
        Ok(audit::trail(self, id).await?)
    }

    async fn groups(&self, id: IncidentId) -> Result<Vec<GroupKey>, Broken> {
        Ok(groups::of(self, id).await?)
    }

    async fn episodes(&self, id: IncidentId) -> Result<Vec<Episode>, Broken> {
        Ok(episodes::of(self, id).await?)
    }

    async fn newest_episodes(
        &self,
        alerts: &[AlertKey],
    ) -> Result<Vec<(Option<IncidentId>, Episode)>, Broken> {
        Ok(episodes::newest(self, alerts).await?)
    }

    async fn postmortem(
        &self,
        id: IncidentId,
        version: Option<u32>,
    ) -> Result<Option<StoredPostmortem>, Broken> {
        Ok(memory::postmortem(self, id, version).await?)
    }

    async fn changes(
        &self,
        from: DateTime<Utc>,
        until: DateTime<Utc>,
        most: i64,
    ) -> Result<Vec<ReportedChange>, Broken> {
        Ok(changes::between(self, from, until, most).await?)
    }

    async fn keep_receipt(&self, receipt: Receipt) -> Result<KeptBody, Broken> {
        self.keep(receipt).await.map_err(only_trouble)
    }

    async fn pending_receipts(&self, most: i64) -> Result<Vec<Receipt>, Broken> {
        Ok(intake::pending(self, most).await?)
    }

    async fn oldest_pending_receipt(&self) -> Result<Option<DateTime<Utc>>, Broken> {
        Ok(intake::oldest_pending(self).await?)
    }

    async fn finish_receipt(
        &self,
        id: &str,
        trace: &str,
        incident: Option<IncidentId>,
    ) -> Result<(), Broken> {
        let finish = intake::FinishReceipt {
            id: id.to_owned(),
            trace: trace.to_owned(),
            incident,
        };
        write(self, finish).await
    }

    async fn kept_receipt(
        &self,
        id_or_hash: &str,
    ) -> Result<Option<(KeptReceipt, Vec<u8>)>, Broken> {
        Ok(intake::kept(self, id_or_hash).await?)
    }

    async fn receipts(
        &self,
        of: Option<IncidentId>,
        most: i64,
    ) -> Result<Vec<KeptReceipt>, Broken> {
        Ok(intake::newest(self, of, most).await?)
    }

    async fn enqueue(&self, effects: Vec<NewEffect>, at: DateTime<Utc>) -> Result<(), Broken> {
        write(self, outbox::Enqueue { effects, at }).await
    }

    async fn claim(
        &self,
        now: DateTime<Utc>,
        owner: &str,
        lease_seconds: i64,
        most: i64,
    ) -> Result<Vec<Claimed>, Broken> {
        write(
            self,
            outbox::ClaimDue {
                now,
                owner: owner.to_owned(),
                lease_seconds,
                most,
            },
        )
        .await
    }

    async fn mark_sending(&self, claim: &Claim, now: DateTime<Utc>) -> Result<bool, Broken> {
        write(
            self,
            outbox::MarkSending {
                claim: claim.clone(),
                now,
            },
        )
        .await
    }

    async fn settle(
        &self,
        claim: &Claim,
        outcome: Outcome,
        now: DateTime<Utc>,
    ) -> Result<bool, Broken> {
        write(
            self,
            outbox::Settle {
                claim: claim.clone(),
                outcome,
                now,
            },
        )
        .await
    }

    async fn recover_claims(&self, owner: &str) -> Result<i64, Broken> {
        write(
            self,
            outbox::RecoverClaims {
                owner: owner.to_owned(),
            },
        )
        .await
    }

    async fn outbox_depth(&self, now: DateTime<Utc>) -> Result<OutboxDepth, Broken> {
        Ok(outbox::depth(self, now).await?)
    }

    async fn next_effect_due(&self) -> Result<Option<DateTime<Utc>>, Broken> {
        Ok(outbox::next_due(self).await?)
    }

    async fn next_wake(&self) -> Result<Option<DateTime<Utc>>, Broken> {
        Ok(incidents::next_wake(self).await?)
    }

    async fn cursor(&self, channel: ChannelId) -> Result<Option<MessageId>, Broken> {
        Ok(memory::cursor(self, channel).await?)
    }

    async fn move_cursor(&self, channel: ChannelId, message: MessageId) -> Result<(), Broken> {
        write(self, memory::MoveCursor { channel, message }).await
    }

    async fn windows(&self) -> Result<Windows, Broken> {
        Ok(maintenance::windows(self).await?)
    }

    async fn keep_window(&self, window: &Window, at: DateTime<Utc>) -> Result<(), Broken> {
        let window = window.clone();
        write(self, maintenance::KeepWindow { window, at }).await
    }

    async fn hold_notice(
        &self,
        window: u32,
        group: &str,
        receipt: &str,
        first: Option<(NewEffect, DateTime<Utc>)>,
    ) -> Result<bool, Broken> {
        let held = maintenance::HoldNotice {
            window,
            group: group.to_owned(),
            receipt: receipt.to_owned(),
            first,
        };
        write(self, held).await
    }

    async fn last_prompts(
        &self,
        since: DateTime<Utc>,
    ) -> Result<BTreeMap<PersonId, DateTime<Utc>>, Broken> {
        Ok(prompts::since(self, since).await?)
    }

    async fn fact(&self, key: &str) -> Result<Option<String>, Broken> {
        Ok(memory::fact(self, key).await?)
    }

    async fn remember(&self, key: &str, value: &str) -> Result<(), Broken> {
        write(
            self,
            memory::Remember {
                name: key.to_owned(),
                value: value.to_owned(),
                kept_at: None,
            },
        )
        .await
    }

    async fn remember_notes(
        &self,
        key: &str,
        notes: &str,
        at: DateTime<Utc>,
    ) -> Result<(), Broken> {
        write(
            self,
            memory::Remember {
                name: key.to_owned(),
                value: notes.to_owned(),
                kept_at: Some(at),
            },
        )
        .await
    }

    async fn forget(&self, cutoff: Cutoff, most: i64) -> Result<u64, Broken> {
        write(self, retention::Forget { cutoff, most }).await
    }

    async fn meet(&self, person: PersonId, name: &str) -> Result<(), Broken> {
        write(
            self,
            memory::Meet {
                person,
                name: name.to_owned(),
            },
        )
        .await
    }

    async fn names(&self) -> Result<BTreeMap<PersonId, String>, Broken> {
        Ok(memory::names(self).await?)
    }

    async fn check(&self) -> Result<(), Broken> {
        let written = write(self, memory::Beat).await?;
        let seen = memory::last_beat(self).await?;
        if seen < written {
            return Err(Broken(format!(
                "beat {written} was acknowledged, but another connection sees only {seen}: acknowledged writes are lost"
            )));
        }
        Ok(())
    }
}
