//! The one write of the domain: everything that one decision changes, or nothing.

use bridgewatch_core::incident::{Incident, Recorded};
use bridgewatch_core::ports::{Change, Claim, Committed, Expected};

use super::incidents::Before;
use super::{
    Connection, Failure, Write, audit, changes, entries, episodes, files, groups, incidents,
    intake, memory, outbox, prompts, rows, scrub,
};

impl Write for Change {
    type Made = Committed;

    async fn perform(&self, connection: &mut Connection) -> Result<Committed, Failure> {
        match &self.scrub {
            Some(scrub) => {
                let change = Self {
                    after: scrub::state(scrub, self.after.as_ref())?,
                    ..self.clone()
                };
                write(&change, connection).await
            }
            None => write(self, connection).await,
        }
    }
}

/// Writes in the order in which one thing refers to another.
async fn write(change: &Change, connection: &mut Connection) -> Result<Committed, Failure> {
    refuse_what_does_not_fit(change)?;
    if let Some(delivery) = &change.delivery {
        intake::handle_delivery_once(connection, delivery, change.at).await?;
    }
    if let Some(claim) = &change.settles {
        finish_claim(connection, claim, change).await?;
    }
    write_incident(connection, change).await?;
    let events = incidents::append_events(connection, change.incident, &change.events).await?;
    groups::detach(connection, change.incident, &change.released).await?;
    groups::attach(connection, change.incident, &change.groups, change.at).await?;
    if change
        .after
        .as_ref()
        .is_some_and(|after| !after.is_active())
    {
        groups::release(connection, change.incident, change.at).await?;
    }
    episodes::hear_again(connection, &change.heard_again).await?;
    episodes::keep(connection, change.incident, &change.episodes).await?;
    changes::keep(connection, &change.reported, change.at).await?;
    prompts::note(connection, &change.prompts, change.at).await?;
    let written = entries::write(connection, change.incident, &change.entries).await?;
    files::destroy(connection, change.incident, &change.files_gone).await?;
    files::keep(connection, change.incident, &change.files, change.at).await?;
    if let Some(postmortem) = &change.postmortem {
        memory::keep_postmortem(connection, postmortem).await?;
    }
    let redacted = scrub::stored(connection, change).await?;
    audit::record(connection, change, &events, &written.texts, redacted).await?;
    for effect in &change.effects {
        outbox::add(connection, effect, change.at).await?;
    }
    if let Some((channel, message)) = change.cursor {
        memory::move_cursor(connection, channel, message).await?;
    }
    intake::finish(
        connection,
        &change.receipts,
        rows::reference(change.incident),
    )
    .await?;
    Ok(Committed {
        entries: written.numbers,
    })
}

async fn finish_claim(
    connection: &mut Connection,
    claim: &Claim,
    change: &Change,
) -> Result<(), Failure> {
    if outbox::finish(connection, claim, change.at).await? {
        Ok(())
    } else {
        Err(Failure::ClaimLost)
    }
}

async fn write_incident(connection: &mut Connection, change: &Change) -> Result<(), Failure> {
    match (change.expected, &change.after) {
        (Expected::Any, _) => Ok(()),
        (Expected::New, None) => incidents::expect_none(connection, change.incident).await,
        (Expected::New, Some(after)) => {
            incidents::insert(connection, after, change.wake_at, change.at).await
        }
        (Expected::At(seq), after) => {
            let before = incidents::expect_at(connection, change.incident, seq).await?;
            let Some(after) = after else { return Ok(()) };
            incidents::update(connection, seq, after, &before, change.wake_at, change.at).await?;
            if before == Before::Ended && after.is_active() {
                groups::take_back(connection, change.incident).await?;
            }
            Ok(())
        }
    }
}

/// A change that contradicts itself is a mistake of the program: it is refused before it can make a history that lies.
fn refuse_what_does_not_fit(change: &Change) -> Result<(), Failure> {
    let wrong = |what: String| {
        Err(Failure::Wrong(format!(
            "a change of {}: {what}",
            change.incident
        )))
    };
    let Some(after) = &change.after else {
        if change.events.is_empty() {
            return Ok(());
        }
        return wrong("it has events, but no state after them".to_owned());
    };
    if after.id != change.incident {
        return wrong(format!("the state after it is that of {}", after.id));
    }
    let base = match change.expected {
        Expected::New => 0,
        Expected::At(seq) => seq.0,
        Expected::Any => {
            return wrong(
                "it changes the state and does not say what it was decided from".to_owned(),
            );
        }
    };
    if !follows_on(base, &change.events, after) {
        return wrong(format!(
            "its events {:?} do not lead from {base} to {}",
            change
                .events
                .iter()
                .map(|event| event.seq.0)
                .collect::<Vec<_>>(),
            after.seq.0
        ));
    }
    Ok(())
}

fn follows_on(base: i64, events: &[Recorded], after: &Incident) -> bool {
    let last = (base..)
        .zip(events)
        .try_fold(base, |last, (before, event)| {
            (event.seq.0 == before + 1).then_some(last + 1)
        });
    last == Some(after.seq.0)
}
