//! The team's own files: rota, runbooks, drill schedules. Read at start; a mistake in one of them stops the start. Rota and
//! runbooks are read again while the bot runs.

use std::path::Path;

use anyhow::{Context as _, anyhow};
use bridgewatch_core::drill::{self, Drills};
use bridgewatch_core::oncall::{self, Rota};
use bridgewatch_core::runbook::Library;

use super::folder::read_folder;
use crate::config::Config;
use crate::desk::{Roster, Shelf, Team};

/// Reads the rota and the runbooks.
///
/// # Errors
/// Every mistake in them, with its place.
pub fn read_team(config: &Config) -> anyhow::Result<Team> {
    let zone = config.server.timezone;
    let rota = match &config.rota.file {
        None => Rota::empty(zone),
        Some(path) => {
            let text = read_file(path, "rota.file")?;
            let checked = oncall::parse(&path.display().to_string(), &text)
                .map_err(|rejected| anyhow!("{rejected}"))?;
            for warning in &checked.warnings {
                tracing::warn!("{warning}");
            }
            checked.value
        }
    };
    Ok(Team {
        roster: Roster::holding(rota),
        shelf: Shelf::holding(read_library(config)?),
        zone,
        prefixes: config.timeline.prefixes.clone(),
    })
}

fn read_file(path: &Path, key: &str) -> anyhow::Result<String> {
    std::fs::read_to_string(path)
        .with_context(|| format!("{key} names {}, which cannot be read", path.display()))
}

/// Reads the runbooks: those of `playbooks.dir`, or those that come with Bridgewatch.
///
/// # Errors
/// Every mistake in them, with its place.
pub fn read_library(config: &Config) -> anyhow::Result<Library> {
    match &config.playbooks.dir {
        None => Ok(Library::embedded()),
        Some(dir) => Library::parse(read_folder(&dir.join("runbooks"))?).map_err(|findings| {
            let lines: Vec<String> = findings.iter().map(ToString::to_string).collect();
            anyhow!("{}", lines.join("\n"))
        }),
    }
}

/// Reads the drill schedules.
///
/// # Errors
/// Every mistake in them, with its place.
pub fn read_drills(config: &Config, rota: &Rota) -> anyhow::Result<Drills> {
    let Some(path) = &config.drills.file else {
        return Ok(Drills::default());
    };
    let text = read_file(path, "drills.file")?;
    let checked = drill::parse(&path.display().to_string(), &text, &rota.people)
        .map_err(|rejected| anyhow!("{rejected}"))?;
    for warning in &checked.warnings {
        tracing::warn!("{warning}");
    }
    Ok(checked.value)
}
