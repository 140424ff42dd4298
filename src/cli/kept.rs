//! Looking at what was kept: why a decision was made, a webhook once more, a postmortem on paper.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, anyhow, bail};
use bridgewatch_core::cards;
use bridgewatch_core::ids::IncidentId;
use bridgewatch_core::incident::Around;
use bridgewatch_core::person::PersonId;
use bridgewatch_core::ports::{Receipt, Store};
use bridgewatch_store_sqlite::SqliteStore;
use secrecy::ExposeSecret as _;
use tokio::sync::Notify;

use super::attachments::{files_of, listed, write_attachments};
use super::{load, open, open_for_reading};
use crate::app::{correlator_of, policy_of, read_team, signing_of};
use crate::clock::{Clock, new_id};
use crate::config::{Capture, Config};
use crate::desk::{DeskParts, IncidentDesk};
use crate::intake;
use crate::output::{out, outln};

/// A desk for an operator: it decides like the running one, and carries nothing out.
fn desk(config: &Config, store: &Arc<SqliteStore>) -> anyhow::Result<IncidentDesk> {
    let team = read_team(config)?;
    Ok(IncidentDesk::open(DeskParts {
        store: Arc::clone(store) as Arc<dyn Store>,
        clock: Clock::real(),
        policy: policy_of(config, &team.roster.rota()),
        team,
        correlator: correlator_of(config),
        understand: intake::understand,
        at_hand: Arc::default(),
        keep_everything: config.timeline.capture == Capture::All,
        effects_waiting: Arc::new(Notify::new()),
        receipts_waiting: Arc::new(Notify::new()),
    }))
}

/// Prints what would come of a webhook body, and why. Before the first start, when there is no database yet, it is
/// explained as the first webhook ever.
///
/// # Errors
/// When the file or the database cannot be read, or the body cannot be understood.
pub async fn explain(path: Option<&Path>, file: &Path, source: &str) -> anyhow::Result<()> {
    let body = std::fs::read(file).with_context(|| format!("{} cannot be read", file.display()))?;
    let config = load(path)?;
    let explained = if SqliteStore::exists(&config.database.url) {
        explained(&config, open_for_reading(&config).await?, source, &body).await
    } else {
        eprintln!("there is no database yet: this is what the first webhook ever would do");
        let folder = std::env::temp_dir().join(format!("bridgewatch-explain-{}", new_id()));
        std::fs::create_dir(&folder)
            .with_context(|| format!("the folder {} cannot be made", folder.display()))?;
        let explained = explained_as_the_first(&config, &folder, source, &body).await;
        // What cannot be removed is left to the machine: it is in the folder for temporary files.
        let _ = std::fs::remove_dir_all(&folder);
        explained
    };
    let explained = explained.with_context(|| file.display().to_string())?;
    outln!("{explained}");
    Ok(())
}

async fn explained(
    config: &Config,
    store: Arc<SqliteStore>,
    source: &str,
    body: &[u8],
) -> anyhow::Result<String> {
    let explained = desk(config, &store)?.explain(source, body).await;
    store.close().await;
    explained.map_err(|problem| anyhow!(problem))
}

async fn explained_as_the_first(
    config: &Config,
    folder: &Path,
    source: &str,
    body: &[u8],
) -> anyhow::Result<String> {
    let database = folder.join("empty.db").display().to_string();
    let empty = SqliteStore::open(&database).await.context("the database")?;
    explained(config, Arc::new(empty), source, body).await
}

/// Feeds a kept body through the intake again, or lists what is kept. A running bot takes it in by its own door;
/// otherwise it is put into the database and worked off at the next start.
///
/// # Errors
/// When nothing of that name is kept, or it can neither be sent nor stored.
pub async fn replay(path: Option<&Path>, wanted: Option<&str>) -> anyhow::Result<()> {
    let config = load(path)?;
    let store = open_for_reading(&config).await?;
    let found = match wanted {
        None => {
            let listed = list(store.as_ref()).await;
            store.close().await;
            return listed;
        }
        Some(wanted) => store.kept_receipt(wanted).await,
    };
    store.close().await;
    let Some((kept, body)) = found? else {
        bail!(
            "no receipt of that name is kept: run `bridgewatch replay` without a name to list them"
        );
    };
    if send_again(&config, &kept.source, &body).await? {
        outln!(
            "the running bot has taken it in; `/admin why` in its incident says what came of it"
        );
        return Ok(());
    }
    let store = open(&config).await?;
    let receipt = Receipt {
        id: new_id(),
        source: kept.source,
        received_at: Clock::real().now(),
        body,
        body_hash: kept.body_hash,
        problem: None,
    };
    let stored = store.keep_receipt(receipt).await;
    store.close().await;
    stored?;
    outln!("no bot is running here: it is worked off at the next start");
    Ok(())
}

/// Sends a body to the bot that listens here; `false` when none does.
async fn send_again(config: &Config, source: &str, body: &[u8]) -> anyhow::Result<bool> {
    let client = crate::notify::http_client()?;
    let mut request = client
        .post(format!("http://{}/hooks/{source}", config.http.listen))
        .header(reqwest::header::CONTENT_TYPE, "application/json")
        .body(body.to_vec());
    if let Some(signing) = signing_of(config, source) {
        for (name, value) in signing.headers(body, Clock::real().now()) {
            request = request.header(name, value);
        }
    }
    if let Some(token) = config.intake.token_for(source) {
        request = request.bearer_auth(token.expose_secret());
    }
    match request.send().await {
        Ok(answer) if answer.status().is_success() => Ok(true),
        Ok(answer) => {
            let status = answer.status();
            let why = answer.text().await.unwrap_or_default();
            bail!("the running bot answered {status}: {why}")
        }
        Err(error) if error.is_connect() => Ok(false),
        Err(error) => bail!("the running bot did not answer: {}", error.without_url()),
    }
}

async fn list(store: &dyn Store) -> anyhow::Result<()> {
    for receipt in store.receipts(None, 50).await? {
        outln!(
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

/// Prints how an incident stands, in plain lines, its files, and then its newest postmortem. With a folder, the files that
/// were copied are written into it.
///
/// # Errors
/// When there is no such incident, a file cannot be written, or there is no postmortem yet.
pub async fn export(
    path: Option<&Path>,
    incident: &str,
    attachments: Option<&Path>,
) -> anyhow::Result<()> {
    let id: IncidentId = incident.parse()?;
    let config = load(path)?;
    let store = open_for_reading(&config).await?;
    let postmortem = store.postmortem(id, None).await;
    let found = store.incident(id).await;
    let names = store.names().await;
    let files = files_of(store.as_ref(), id, false).await;
    let written = match (files_of(store.as_ref(), id, true).await, attachments) {
        (Ok(files), Some(folder)) => write_attachments(store.as_ref(), id, &files, folder).await,
        _ => Ok(Vec::new()),
    };
    let work = store.newest_work(id).await;
    store.close().await;
    let Some(incident) = found? else {
        bail!("there is no {id}; `/inc list` shows those there are");
    };
    let files = files?;
    let names = names?;
    let around = Around {
        work: work?,
        ..Around::default()
    };
    let zone = read_team(&config)?.zone;
    let now = Clock::real().now();
    let called = |person: PersonId| match names.get(&person) {
        Some(name) => name.clone(),
        None => format!("person {}", person.0),
    };
    outln!(
        "{}\n",
        cards::board_lines(&incident, &around, zone, now, &called)
    );
    if !files.is_empty() {
        outln!("FILES\n{}", listed(&files));
    }
    if let Some(folder) = attachments {
        // To the other stream: the export itself may go into a file.
        eprintln!("{} files written to {}", written?.len(), folder.display());
    }
    match postmortem? {
        Some(postmortem) => {
            out!("{}", postmortem.markdown);
            Ok(())
        }
        None => bail!("{id} has no postmortem yet: it is drafted when the incident is resolved"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_explanation_goes_by_the_rules_that_the_team_has_set() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let file = folder.path().join("bridgewatch.toml");
        let database = folder.path().join("bridgewatch.db");
        let settings = format!(
            "[database]\nurl = \"sqlite:{}\"\n[policy]\nburst_window = \"17s\"\n",
            database.display()
        );
        std::fs::write(&file, settings).expect("a new file");
        let config = load(Some(&file)).expect("the settings are right");
        let body = include_bytes!("../../tests/fixtures/alerts/alertmanager/firing.json");
        let of_the_first = explained_as_the_first(&config, folder.path(), "alertmanager", body)
            .await
            .expect("it needs no database");
        let new = open(&config).await.expect("a new database");
        new.close().await;
        let store = open_for_reading(&config)
            .await
            .expect("the database is there");
        let explained = explained(&config, store, "alertmanager", body)
            .await
            .expect("a captured body is understood");
        assert_eq!(of_the_first, explained);
        assert!(explained.contains("in the last 17 s"), "{explained}");
    }
}
