//! What an operator types: each subcommand of the binary is a function here.

pub mod attachments;
pub mod audit;
mod fallback;
mod kept;
pub mod runbook;

use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, anyhow};
use bridgewatch_core::ports::Store;
use bridgewatch_store_sqlite::SqliteStore;

pub use fallback::fallback_sheet;
pub use kept::{explain, export, replay};

use crate::app::{App, read_drills, read_team, who_sleeps_on};
use crate::clock::Clock;
use crate::config::Config;
pub use crate::discord::check::Exercise;
use crate::output::outln;
use crate::telemetry;

/// Reads the configuration from the named file, or from `bridgewatch.toml` here if there is one.
fn load(path: Option<&Path>) -> anyhow::Result<Config> {
    let usual = Path::new("bridgewatch.toml");
    let path = path.or_else(|| usual.exists().then_some(usual));
    Config::load(path, std::env::vars()).map_err(|errors| anyhow!("{errors}"))
}

/// Runs the bot until it is told to stop. A Discord that refuses it does not end it: alerts are still taken in.
///
/// # Errors
/// What cannot be started, or which part has ended.
pub async fn serve(path: Option<&Path>) -> anyhow::Result<()> {
    let config = load(path)?;
    telemetry::install(&config.log)?;
    let metrics = telemetry::metrics_handle()?;
    tokio::spawn(telemetry::keep_metrics_small(metrics.clone()));
    let app = App::start(&config, Clock::real(), metrics).await?;
    // Nobody may be reading: that is no reason to stop.
    let _ = writeln!(
        std::io::stdout(),
        "bridgewatch takes alerts in at http://{}/hooks/alertmanager",
        app.address()
    );
    let ending = tokio::select! {
        signal = told_to_stop() => signal,
        why = app.failed() => Err(anyhow!("{why}")),
    };
    app.stop().await;
    ending
}

/// Waits for SIGTERM or Ctrl-C.
pub(crate) async fn told_to_stop() -> anyhow::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate()).context("SIGTERM cannot be listened to")?;
    tokio::select! {
        _ = terminate.recv() => {}
        interrupted = tokio::signal::ctrl_c() => interrupted.context("Ctrl-C cannot be listened to")?,
    }
    Ok(())
}

/// Checks what can be checked without Discord, and with `online` what only Discord knows.
///
/// # Errors
/// Every mistake found, each with its place and its mend.
pub async fn check(
    path: Option<&Path>,
    online: bool,
    exercise: Option<Exercise>,
) -> anyhow::Result<()> {
    let config = load(path)?;
    outln!("{}", config.describe());
    let team = read_team(&config)?;
    let library = team.shelf.library();
    outln!("runbooks: {} read", library.runbooks().len());
    for findings in library.lint(Clock::real().now().date_naive()) {
        outln!("{findings}");
    }
    let rota = team.roster.rota();
    outln!(
        "rota: {} schedules, {} overrides",
        rota.schedules.len(),
        rota.overrides.len()
    );
    if let Some(warning) = who_sleeps_on(config.pager.url.is_some(), &rota) {
        outln!("{warning}");
    }
    let drills = read_drills(&config, &rota)?;
    outln!("drills: {} schedules", drills.schedules.len());
    let missing = config.credentials().err().filter(|_| !online);
    if let Some(missing) = &missing {
        outln!("warning: `bridgewatch serve` cannot start yet: {missing}");
    }
    if online {
        crate::discord::check::online(&config, exercise).await?;
    }
    outln!(
        "{}",
        match missing {
            None => "what was checked is in order",
            Some(_) =>
                "what is written is in order; `bridgewatch serve` still needs what the warning names",
        }
    );
    Ok(())
}

/// Brings the database up to date.
///
/// # Errors
/// When it cannot be opened or migrated.
pub async fn migrate(path: Option<&Path>) -> anyhow::Result<()> {
    let store = open(&load(path)?).await?;
    store.check().await?;
    store.close().await;
    outln!("the database is up to date");
    Ok(())
}

async fn open(config: &Config) -> anyhow::Result<Arc<SqliteStore>> {
    Ok(Arc::new(
        SqliteStore::open(&config.database.url)
            .await
            .context("the database")?,
    ))
}

/// Opens the database beside a running bot: looking must never need it to be stopped.
async fn open_for_reading(config: &Config) -> anyhow::Result<Arc<SqliteStore>> {
    Ok(Arc::new(
        SqliteStore::open_for_reading(&config.database.url)
            .await
            .context("the database")?,
    ))
}

#[cfg(test)]
mod tests {
    use bridgewatch_core::oncall::Rota;

    use super::*;

    fn rota_with(role: &str) -> Rota {
        let file = format!(
            "timezone = \"Europe/Berlin\"\n[people]\nsam = \"1\"\n\
             [[schedule]]\nrole = \"{role}\"\npeople = [\"@sam\"]\n"
        );
        let rota = bridgewatch_core::oncall::parse("rota.toml", &file);
        rota.expect("the rota is right").value
    }

    #[test]
    fn the_check_says_what_is_missing_for_somebody_to_be_woken() {
        let on_call = rota_with("oncall");
        let bridge_only = rota_with("bridge");
        assert_eq!(who_sleeps_on(true, &on_call), None);
        for (has_pager, rota, part) in [
            (true, &bridge_only, "calls the pager without a person"),
            (false, &on_call, "warning: pager.url is not set"),
            (false, &bridge_only, "nobody is woken or asked by name"),
        ] {
            let warning = who_sleeps_on(has_pager, rota).unwrap_or_default();
            assert!(warning.contains(part), "{warning}");
        }
    }
}
