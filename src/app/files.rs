//! The team's own files: rota, runbooks, drill schedules. Read at start; a mistake in one of them stops the start.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, anyhow};
use bridgewatch_core::drill::{self, Drills};
use bridgewatch_core::oncall::{self, Rota};
use bridgewatch_core::runbook::Library;

use crate::config::Config;
use crate::desk::Team;

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
        rota: Arc::new(rota),
        library: Arc::new(read_library(config)?),
        zone,
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
        Some(dir) => Library::parse(read_runbooks(&dir.join("runbooks"))?).map_err(|findings| {
            let lines: Vec<String> = findings.iter().map(ToString::to_string).collect();
            anyhow!("{}", lines.join("\n"))
        }),
    }
}

/// The runbook files of a folder, by their names.
///
/// # Errors
/// When the folder or one of its files cannot be read.
pub fn read_runbooks(dir: &Path) -> anyhow::Result<Vec<(String, String)>> {
    let mut files = Vec::new();
    let listing = std::fs::read_dir(dir).with_context(|| {
        format!(
            "playbooks.dir needs a folder {}, which cannot be read",
            dir.display()
        )
    })?;
    for entry in listing {
        let path = entry
            .with_context(|| format!("the folder {} cannot be read", dir.display()))?
            .path();
        if path.extension().is_some_and(|extension| extension == "md") {
            files.push((
                path.display().to_string(),
                read_file(&path, "playbooks.dir")?,
            ));
        }
    }
    files.sort();
    Ok(files)
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
