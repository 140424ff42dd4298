//! What must be done outside, in order within each stream, at least once.
//!
//! An effect is `open` until somebody claims it and `claimed` until its lease ends, which makes it claimable again. Only
//! the head of a stream can be claimed: the oldest effect of it that is not settled. A dead effect is settled, so it does
//! not block what stands behind it.
//!
//! An effect can be claimed when its time (`due_at_us`) has come. Times are wall clock, and wall clocks are set back; so
//! that no effect waits for a time that was never meant, two more are due:
//! * one that was never begun and was not to wait at all, and
//! * one whose wait or lease would last longer than [`LONGEST_WAIT`] from now.

use bridgewatch_core::effect::{EffectId, Lane, NewEffect};
use bridgewatch_core::ids::IncidentId;
use bridgewatch_core::ports::{Claim, Claimed, OutboxDepth, Outcome};
use chrono::{DateTime, TimeDelta, Utc};
use sqlx::{query, query_scalar};

use super::rows::{ReadError, Unreadable, from_json, json, micros, text, time};
use super::{Connection, Failure, Write};
use crate::TheStore;

/// No wait between two attempts and no lease is longer: what seems to be was made by a clock that has been set back.
pub(crate) const LONGEST_WAIT: TimeDelta = TimeDelta::hours(1);

/// How long an effect that this version cannot read is left to a version that can.
const UNREADABLE_WAIT: TimeDelta = TimeDelta::minutes(1);

/// Adds effects.
#[derive(Debug)]
pub(crate) struct Enqueue {
    pub(crate) effects: Vec<NewEffect>,
    pub(crate) at: DateTime<Utc>,
}

impl Write for Enqueue {
    type Made = ();

    async fn perform(&self, connection: &mut Connection) -> Result<(), Failure> {
        for effect in &self.effects {
            add(connection, effect, self.at).await?;
        }
        Ok(())
    }
}

/// Adds an effect unless it is known. Only an effect that was really added replaces older ones: a repeated one would
/// replace itself.
pub(crate) async fn add(
    connection: &mut Connection,
    new: &NewEffect,
    at: DateTime<Utc>,
) -> Result<(), Failure> {
    // Taken first, so that on PostgreSQL the order in a stream is the order of the commits.
    let seq = query_scalar!(
        "insert into outbox_stream (stream, last_seq) values ($1, 1)
         on conflict (stream) do update set last_seq = outbox_stream.last_seq + 1
         returning last_seq",
        new.stream
    )
    .fetch_one(&mut *connection)
    .await?;
    let effect = json(&new.effect, "an effect")?;
    let inserted = query!(
        "insert into outbox (id, incident, stream, seq, lane, kind, effect, coalesce_key, state, created_at_us, due_at_us)
         values ($1, $2, $3, $4, $5, $6, $7, $8, 'open', $9, $10)
         on conflict (id) do nothing",
        new.id.0,
        new.incident.map(|incident| incident.0),
        new.stream,
        seq,
        new.lane.number(),
        new.effect.kind(),
        effect,
        new.coalesce_key,
        micros(at),
        micros(new.not_before.unwrap_or(at)),
    )
    .execute(&mut *connection)
    .await?;
    if inserted.rows_affected() == 0 {
        return Ok(());
    }
    if let Some(key) = &new.coalesce_key {
        // An older one from which a byte may have left must be finished: only it knows to look before it sends again.
        query!(
            "update outbox set state = 'superseded', settled_at_us = $3
             where coalesce_key = $1 and id <> $2 and settled_at_us is null
               and state = 'open' and maybe_sent_at_us is null",
            key,
            new.id.0,
            micros(at)
        )
        .execute(connection)
        .await?;
    }
    Ok(())
}

/// Claims what is due.
#[derive(Debug)]
pub(crate) struct ClaimDue {
    pub(crate) now: DateTime<Utc>,
    pub(crate) owner: String,
    pub(crate) lease_seconds: i64,
    pub(crate) most: i64,
}

impl Write for ClaimDue {
    type Made = Vec<Claimed>;

    async fn perform(&self, connection: &mut Connection) -> Result<Vec<Claimed>, Failure> {
        let now_us = micros(self.now);
        let longest_us = micros(self.now + LONGEST_WAIT);
        let lease = TimeDelta::seconds(self.lease_seconds.max(1)).min(LONGEST_WAIT);
        // The outer conditions repeat the inner ones: PostgreSQL looks at them again when another replica was faster.
        let rows = query!(
            "update outbox
             set state = 'claimed', owner = $3, epoch = epoch + 1, attempts = attempts + 1, due_at_us = $4
             where settled_at_us is null
               and (due_at_us <= $1 or (attempts = 0 and due_at_us <= created_at_us) or (attempts > 0 and due_at_us > $2))
               and id in (
                 select candidate.id from outbox candidate
                 where candidate.settled_at_us is null
                   and (candidate.due_at_us <= $1
                        or (candidate.attempts = 0 and candidate.due_at_us <= candidate.created_at_us)
                        or (candidate.attempts > 0 and candidate.due_at_us > $2))
                   and not exists (
                     select 1 from outbox earlier
                     where earlier.stream = candidate.stream and earlier.seq < candidate.seq
                       and earlier.settled_at_us is null)
                 order by candidate.lane, candidate.due_at_us, candidate.id
                 limit $5)
             returning id, incident, stream, seq, lane, effect, attempts, epoch, maybe_sent_at_us, created_at_us",
            now_us,
            longest_us,
            self.owner,
            micros(self.now + lease),
            self.most,
        )
        .fetch_all(&mut *connection)
        .await?;
        let mut claimed = Vec::with_capacity(rows.len());
        for row in rows {
            let claim = Claim {
                id: EffectId(row.id),
                epoch: row.epoch,
            };
            let effect = from_json(&row.effect, || format!("effect {}", claim.id.0));
            match (effect, lane(row.lane)) {
                (Ok(effect), Ok(lane)) => claimed.push((
                    (row.lane, row.created_at_us, row.seq),
                    Claimed {
                        claim,
                        incident: row.incident.map(IncidentId),
                        stream: row.stream,
                        lane,
                        effect,
                        attempts: row.attempts - 1,
                        maybe_sent_at: row.maybe_sent_at_us.map(time).transpose()?,
                        created_at: time(row.created_at_us)?,
                    },
                )),
                (Err(error), _) | (_, Err(error)) => {
                    leave_to_a_newer_version(connection, &claim, &error, self.now).await?;
                }
            }
        }
        claimed.sort_by_key(|(place, _)| *place);
        Ok(claimed.into_iter().map(|(_, effect)| effect).collect())
    }
}

fn lane(number: i64) -> Result<Lane, Unreadable> {
    Lane::ALL
        .into_iter()
        .find(|lane| lane.number() == number)
        .ok_or_else(|| Unreadable(format!("there is no lane {number}")))
}

async fn leave_to_a_newer_version(
    connection: &mut Connection,
    claim: &Claim,
    error: &Unreadable,
    now: DateTime<Utc>,
) -> Result<(), Failure> {
    tracing::error!(effect.id = claim.id.0, %error, "an effect waits for a version that can read it");
    let outcome = Outcome::Retry {
        not_before: now + UNREADABLE_WAIT,
        why: error.to_string(),
    };
    settle(connection, claim, &outcome, now).await?;
    Ok(())
}

/// Notes that a first byte may leave.
#[derive(Debug)]
pub(crate) struct MarkSending {
    pub(crate) claim: Claim,
    pub(crate) now: DateTime<Utc>,
}

impl Write for MarkSending {
    type Made = bool;

    async fn perform(&self, connection: &mut Connection) -> Result<bool, Failure> {
        // The first time stays: what was sent then is looked for from then on.
        let updated = query!(
            "update outbox set maybe_sent_at_us = coalesce(maybe_sent_at_us, $3)
             where id = $1 and epoch = $2 and state = 'claimed'",
            self.claim.id.0,
            self.claim.epoch,
            micros(self.now)
        )
        .execute(connection)
        .await?;
        Ok(updated.rows_affected() > 0)
    }
}

/// Settles a claimed effect.
#[derive(Debug)]
pub(crate) struct Settle {
    pub(crate) claim: Claim,
    pub(crate) outcome: Outcome,
    pub(crate) now: DateTime<Utc>,
}

impl Write for Settle {
    type Made = bool;

    async fn perform(&self, connection: &mut Connection) -> Result<bool, Failure> {
        settle(connection, &self.claim, &self.outcome, self.now).await
    }
}

async fn settle(
    connection: &mut Connection,
    claim: &Claim,
    outcome: &Outcome,
    now: DateTime<Utc>,
) -> Result<bool, Failure> {
    let updated = match outcome {
        Outcome::Done => return finish(connection, claim, now).await,
        Outcome::Retry { not_before, why } => {
            let due_at = (*not_before).min(now + LONGEST_WAIT);
            query!(
                "update outbox set state = 'open', owner = null, due_at_us = $3, last_error = $4
                 where id = $1 and epoch = $2 and state = 'claimed'",
                claim.id.0,
                claim.epoch,
                micros(due_at),
                text(why)
            )
            .execute(connection)
            .await?
        }
        Outcome::Dead { why } => {
            query!(
                "update outbox set state = 'dead', owner = null, settled_at_us = $3, last_error = $4
                 where id = $1 and epoch = $2 and state = 'claimed'",
                claim.id.0,
                claim.epoch,
                micros(now),
                text(why)
            )
            .execute(connection)
            .await?
        }
    };
    Ok(updated.rows_affected() > 0)
}

/// Marks a claimed effect as done; `false` when the claim was lost.
pub(crate) async fn finish(
    connection: &mut Connection,
    claim: &Claim,
    now: DateTime<Utc>,
) -> Result<bool, Failure> {
    let updated = query!(
        "update outbox set state = 'done', owner = null, settled_at_us = $3
         where id = $1 and epoch = $2 and state = 'claimed'",
        claim.id.0,
        claim.epoch,
        micros(now)
    )
    .execute(connection)
    .await?;
    Ok(updated.rows_affected() > 0)
}

/// Gives back what others have claimed.
#[derive(Debug)]
pub(crate) struct RecoverClaims {
    pub(crate) owner: String,
}

impl Write for RecoverClaims {
    type Made = i64;

    async fn perform(&self, connection: &mut Connection) -> Result<i64, Failure> {
        let updated = query!(
            "update outbox set state = 'open', owner = null, due_at_us = created_at_us
             where settled_at_us is null and state = 'claimed' and owner is distinct from $1",
            self.owner
        )
        .execute(connection)
        .await?;
        Ok(i64::try_from(updated.rows_affected()).unwrap_or(i64::MAX))
    }
}

pub(crate) async fn depth(store: &TheStore, now: DateTime<Utc>) -> Result<OutboxDepth, ReadError> {
    let open = query!(
        r#"select lane, count(*) as "effects!: i64" from outbox where settled_at_us is null group by lane"#
    )
    .fetch_all(store.readers())
    .await?;
    let dead = query_scalar!(r#"select count(*) as "dead!: i64" from outbox where state = 'dead'"#)
        .fetch_one(store.readers())
        .await?;
    let dead_lately = query_scalar!(
        r#"select count(*) as "dead!: i64" from outbox where state = 'dead' and settled_at_us > $1"#,
        micros(now - TimeDelta::days(1))
    )
    .fetch_one(store.readers())
    .await?;
    let oldest = query_scalar!(
        r#"select min(due_at_us) as "oldest: i64" from outbox
           where settled_at_us is null and state = 'open' and due_at_us <= $1"#,
        micros(now)
    )
    .fetch_one(store.readers())
    .await?;
    Ok(OutboxDepth {
        open: open
            .into_iter()
            .map(|row| (row.lane, row.effects))
            .collect(),
        dead,
        dead_lately,
        oldest_due_at: oldest.map(time).transpose()?,
    })
}

pub(crate) async fn next_due(store: &TheStore) -> Result<Option<DateTime<Utc>>, ReadError> {
    let next = query_scalar!(
        "select candidate.due_at_us from outbox candidate
         where candidate.settled_at_us is null and not exists (
             select 1 from outbox earlier
             where earlier.stream = candidate.stream and earlier.seq < candidate.seq and earlier.settled_at_us is null)
         order by candidate.due_at_us limit 1"
    )
    .fetch_optional(store.readers())
    .await?;
    Ok(next.map(time).transpose()?)
}
