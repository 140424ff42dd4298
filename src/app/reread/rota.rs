//! The rota, read again: who is asked from now on, and where they live. Who was asked already stays asked. A file with a
//! mistake, or one that cannot be read, is refused, and the rota before holds.

use std::path::Path;

use bridgewatch_core::oncall;

use super::{LONGEST_TOLD, Looks, Reread, named};

/// What is known of the rota between two looks.
#[derive(Default)]
pub(super) struct Known {
    looks: Looks<Found>,
    /// What the operators were told last, so that they are told once.
    told: Option<Trouble>,
}

/// The text of the file, or why it cannot be read.
type Found = Result<String, String>;

/// Why the file is not in use.
#[derive(Clone, Debug, PartialEq)]
enum Trouble {
    /// It cannot be read.
    Unreadable(String),
    /// It has mistakes, each with its place.
    Refused(Vec<String>),
}

impl Reread {
    /// One look at the rota.
    pub(super) async fn look_at_rota(&self, file: &Path, known: &mut Known, at_once: bool) {
        let found = tokio::fs::read_to_string(file)
            .await
            .map_err(|trouble| trouble.to_string());
        if !known.looks.settle(&found, at_once) {
            return;
        }
        let trouble = self.take_rota(file, &found);
        if trouble == known.told {
            return;
        }
        match &trouble {
            None => tracing::info!("the rota can be used again"),
            Some(Trouble::Unreadable(why)) => {
                tracing::error!(error = why, "the rota cannot be read; the one before holds");
            }
            Some(Trouble::Refused(findings)) => {
                for finding in findings {
                    tracing::error!(error = finding, "the rota is refused; the one before holds");
                }
            }
        }
        match self.tell_operators("rota", words(trouble.as_ref())).await {
            Ok(()) => known.told = trouble,
            Err(trouble) => {
                tracing::error!(error = %trouble, "nobody could be told about the rota");
            }
        }
    }

    /// Takes a rota that can be used; what is wrong with one that cannot.
    fn take_rota(&self, file: &Path, found: &Found) -> Option<Trouble> {
        let text = match found {
            Ok(text) => text,
            Err(why) => return Some(Trouble::Unreadable(why.clone())),
        };
        let checked = match oncall::parse(&file.display().to_string(), text) {
            Ok(checked) => checked,
            Err(rejected) => {
                let findings = rejected.0.iter().map(ToString::to_string);
                return Some(Trouble::Refused(findings.collect()));
            }
        };
        let schedules = checked.value.schedules.len();
        if self.desk.take_rota(checked.value) {
            tracing::info!(schedules, "the rota was read again");
            for warning in &checked.warnings {
                tracing::warn!("{warning}");
            }
        }
        None
    }
}

/// What the operators read.
fn words(trouble: Option<&Trouble>) -> String {
    match trouble {
        None => "✅ The rota can be used again.".to_owned(),
        Some(Trouble::Unreadable(why)) => {
            let why: String = why.chars().take(LONGEST_TOLD).collect();
            format!("⚠ The rota cannot be read; the one before holds. {why}")
        }
        Some(Trouble::Refused(findings)) => format!(
            "⚠ The rota cannot be used; the one before holds. `bridgewatch check` shows everything.{}",
            named(findings.iter().cloned())
        ),
    }
}
