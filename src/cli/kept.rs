//! Looking at what was kept: why a decision was made, a webhook once more, a postmortem on paper.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, anyhow, bail};
use bridgewatch_core::ids::IncidentId;
use bridgewatch_core::incident::Policy;
use bridgewatch_core::ports::{Receipt, Store};
use tokio::sync::Notify;

use super::{load, open};
use crate::app::read_team;
use crate::clock::{Clock, new_id};
use crate::desk::{CorrelatorSettings, DeskParts, IncidentDesk};
use crate::intake;

/// A desk for an operator: it decides like the running one, and carries nothing out.
async fn desk(
    path: Option<&Path>,
) -> anyhow::Result<(Arc<bridgewatch_store_sqlite::SqliteStore>, IncidentDesk)> {
    let config = load(path)?;
    let team = read_team(&config)?;
    let store = open(&config).await?;
    let shared: Arc<dyn Store> = Arc::clone(&store) as Arc<dyn Store>;
    let desk = IncidentDesk::open(DeskParts {
        store: shared,
        clock: Clock::real(),
        policy: Policy::default(),
        team,
        correlator: CorrelatorSettings::default(),
        understand: intake::understand,
        keep_everything: false,
        effects_waiting: Arc::new(Notify::new()),
        receipts_waiting: Arc::new(Notify::new()),
    });
    Ok((store, desk))
}

/// Prints what would come of a webhook body, and why.
///
/// # Errors
/// When the file or the database cannot be read, or the body cannot be understood.
pub async fn explain(path: Option<&Path>, file: &Path, source: &str) -> anyhow::Result<()> {
    let body = std::fs::read(file).with_context(|| format!("{} cannot be read", file.display()))?;
    let (store, desk) = desk(path).await?;
    let explained = desk.explain(source, &body).await;
    store.close().await;
    println!(
        "{}",
        explained.map_err(|problem| anyhow!("{}: {problem}", file.display()))?
    );
    Ok(())
}

/// Feeds a kept body through the intake again, or lists what is kept.
///
/// # Errors
/// When nothing of that name is kept, or the database cannot be written.
pub async fn replay(path: Option<&Path>, wanted: Option<&str>) -> anyhow::Result<()> {
    let (store, desk) = desk(path).await?;
    let result = match wanted {
        None => list(store.as_ref()).await,
        Some(wanted) => again(store.as_ref(), &desk, wanted).await,
    };
    store.close().await;
    result
}

async fn list(store: &dyn Store) -> anyhow::Result<()> {
    for receipt in store.receipts(None, 50).await? {
        println!(
            "{}  {}  {}  {}  {:?}  {}",
            receipt.id,
            receipt.received_at.format("%Y-%m-%d %H:%M:%S UTC"),
            receipt.source,
            &receipt.body_hash[..12.min(receipt.body_hash.len())],
            receipt.state,
            receipt
                .incident
                .map(|incident| incident.to_string())
                .unwrap_or_default()
        );
    }
    Ok(())
}

async fn again(store: &dyn Store, desk: &IncidentDesk, wanted: &str) -> anyhow::Result<()> {
    let Some((kept, body)) = store.kept_receipt(wanted).await? else {
        bail!(
            "no receipt is called `{wanted}`: run `bridgewatch replay` without a name to list them"
        );
    };
    let receipt = Receipt {
        id: new_id(),
        source: kept.source,
        received_at: desk.clock().now(),
        body,
        body_hash: kept.body_hash,
        problem: None,
    };
    store.keep_receipt(receipt.clone()).await?;
    let worked = desk.work_off(&receipt).await?;
    println!("{}", worked.trace);
    Ok(())
}

/// Prints the newest postmortem of an incident.
///
/// # Errors
/// When there is no such incident, or it has none yet.
pub async fn export(path: Option<&Path>, incident: &str) -> anyhow::Result<()> {
    let id: IncidentId = incident.parse()?;
    let store = open(&load(path)?).await?;
    let found = store.postmortem(id, None).await;
    store.close().await;
    match found? {
        Some(postmortem) => {
            print!("{}", postmortem.markdown);
            Ok(())
        }
        None => bail!("{id} has no postmortem yet: it is drafted when the incident is resolved"),
    }
}
